//! What the log costs: the same rows written through the store and by SQL without the log, and taking them back. `cargo bench --bench log`.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on stops where it stands")]

#[path = "../it/fill.rs"]
mod fill;

use dasai::store::db::Db;
use dasai::store::undo::{Choice, take_back};
use divan::Bencher;
use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};
use tempfile::TempDir;

fn main() {
    divan::main();
}

/// A contest with `works` works in one operation.
fn contest(works: i64) -> (TempDir, Db) {
    let folder = tempfile::tempdir().unwrap();
    let mut db = fill::contest(&folder.path().join("bench.dasai"));
    if works > 0 {
        let tx = db.operation(&fill::header("dasai import")).unwrap();
        fill::works(&tx, 1..=works);
        tx.finish("导入").unwrap();
    }
    (folder, db)
}

/// A contest's file as any program may open it, with the settings of this one, but without guards and log.
fn unlogged(works: i64) -> (TempDir, Connection) {
    let (folder, db) = contest(works);
    let path = db.path().to_owned();
    drop(db);
    let raw = Connection::open(path).unwrap();
    raw.execute_batch("PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; PRAGMA foreign_keys = ON").unwrap();
    let drops = "SELECT group_concat('DROP TRIGGER ' || name, ';') FROM sqlite_schema WHERE type = 'trigger' AND name GLOB 'guard_*'";
    raw.execute_batch(&raw.query_row(drops, [], |row| row.get::<_, String>(0)).unwrap()).unwrap();
    (folder, raw)
}

/// The rows of those works with all their columns, and how many columns that is.
fn rows(works: i64) -> (Vec<Vec<Value>>, usize) {
    let (_folder, raw) = unlogged(works);
    let mut statement = raw.prepare("SELECT * FROM entry ORDER BY id").unwrap();
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| (0..columns).map(|column| row.get(column)).collect()).unwrap();
    (rows.collect::<Result<_, _>>().unwrap(), columns)
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn insert_100_000_works(bencher: Bencher) {
    bencher.with_inputs(|| contest(0)).bench_local_refs(|(_folder, db)| {
        let tx = db.operation(&fill::header("dasai import")).unwrap();
        fill::works(&tx, 1..=100_000);
        tx.finish("导入").unwrap();
    });
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn insert_100_000_works_without_log(bencher: Bencher) {
    let (rows, columns) = rows(100_000);
    let insert = format!("INSERT OR ROLLBACK INTO entry VALUES ({})", vec!["?"; columns].join(", "));
    bencher.with_inputs(|| unlogged(0)).bench_local_refs(|(_folder, raw)| {
        let transaction = raw.transaction().unwrap();
        {
            let mut statement = transaction.prepare(&insert).unwrap();
            for row in &rows {
                statement.execute(params_from_iter(row)).unwrap();
            }
        }
        transaction.commit().unwrap();
    });
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn update_40_000_works(bencher: Bencher) {
    bencher.with_inputs(|| contest(40_000)).bench_local_refs(|(_folder, db)| {
        let tx = db.operation(&fill::header("dasai import --update")).unwrap();
        fill::retell(&tx, 1..=40_000, "绿色");
        tx.finish("更新").unwrap();
    });
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn update_40_000_works_without_log(bencher: Bencher) {
    bencher.with_inputs(|| unlogged(40_000)).bench_local_refs(|(_folder, raw)| {
        let transaction = raw.transaction().unwrap();
        {
            let mut statement = transaction.prepare("UPDATE entry SET title = ?2, title_folded = ?3, theme = ?4 WHERE id = ?1").unwrap();
            for id in 1..=40_000 {
                statement.execute(params![id, fill::declaration(id, "绿色").title, format!("绿色{id}"), "上海制造"]).unwrap();
            }
        }
        transaction.commit().unwrap();
    });
}

#[divan::bench(args = [40_000, 100_000], sample_count = 3, sample_size = 1)]
fn undo_insert(bencher: Bencher, works: i64) {
    bencher.with_inputs(|| contest(works)).bench_local_refs(|(_folder, db)| back(db, Choice::Undo(1)));
}

#[divan::bench(args = [40_000, 100_000], sample_count = 3, sample_size = 1)]
fn redo_insert(bencher: Bencher, works: i64) {
    let undone = || {
        let (folder, mut db) = contest(works);
        back(&mut db, Choice::Undo(1));
        (folder, db)
    };
    bencher.with_inputs(undone).bench_local_refs(|(_folder, db)| back(db, Choice::Redo(1)));
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn undo_update_40_000(bencher: Bencher) {
    let updated = || {
        let (folder, mut db) = contest(40_000);
        let tx = db.operation(&fill::header("dasai import --update")).unwrap();
        fill::retell(&tx, 1..=40_000, "绿色");
        tx.finish("更新").unwrap();
        (folder, db)
    };
    bencher.with_inputs(updated).bench_local_refs(|(_folder, db)| back(db, Choice::Undo(1)));
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn open_100_000_works(bencher: Bencher) {
    let (folder, db) = contest(100_000);
    drop(db);
    let path = folder.path().join("bench.dasai");
    bencher.bench_local(|| Db::open(&path).unwrap());
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn backup_100_000_works(bencher: Bencher) {
    let (folder, db) = contest(100_000);
    let mut number = 0;
    bencher.bench_local(|| {
        number += 1;
        dasai::store::backup::write(&db, &folder.path().join(format!("{number}.bak"))).unwrap()
    });
}

fn back(db: &mut Db, choice: Choice) {
    take_back(db, &fill::header("dasai undo"), choice, |_| "撤销".to_owned()).unwrap().commit().unwrap();
}
