//! What the log costs: the same writes with and without its triggers, and taking them back. `cargo bench --bench log`.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on stops where it stands")]

#[path = "../it/fill.rs"]
mod fill;

use dasai::store::db::Db;
use dasai::store::undo::{Choice, take_back};
use divan::Bencher;
use tempfile::TempDir;

fn main() {
    divan::main();
}

/// A contest with `works` works in one operation, its log on or off.
fn contest(works: i64, logged: bool) -> (TempDir, Db) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bench.dasai");
    let mut db = fill::contest(&path);
    if works > 0 {
        let tx = db.operation(&fill::header("dasai import")).unwrap();
        fill::works(&tx, 1..=works);
        tx.finish("导入").unwrap();
    }
    if !logged {
        drop(db);
        let raw = rusqlite::Connection::open(&path).unwrap();
        let drops: String = raw
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name GLOB 'log_*'")
            .unwrap()
            .query_map([], |row| Ok(format!("DROP TRIGGER {};", row.get::<_, String>(0)?)))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        raw.execute_batch(&drops).unwrap();
        raw.close().unwrap();
        db = Db::open(&path).unwrap();
    }
    (folder, db)
}

#[divan::bench(args = [false, true], sample_count = 5, sample_size = 1)]
fn insert_100_000_works_logged(bencher: Bencher, logged: bool) {
    bencher.with_inputs(|| contest(0, logged)).bench_local_refs(|(_folder, db)| {
        let tx = db.operation(&fill::header("dasai import")).unwrap();
        fill::works(&tx, 1..=100_000);
        tx.finish("导入").unwrap();
    });
}

#[divan::bench(args = [false, true], sample_count = 5, sample_size = 1)]
fn update_40_000_works_logged(bencher: Bencher, logged: bool) {
    bencher.with_inputs(|| contest(40_000, logged)).bench_local_refs(|(_folder, db)| {
        let tx = db.operation(&fill::header("dasai import --update")).unwrap();
        fill::retell(&tx, 1..=40_000, "绿色");
        tx.finish("更新").unwrap();
    });
}

#[divan::bench(args = [40_000, 100_000], sample_count = 3, sample_size = 1)]
fn undo_insert(bencher: Bencher, works: i64) {
    bencher.with_inputs(|| contest(works, true)).bench_local_refs(|(_folder, db)| back(db, Choice::Undo(1)));
}

#[divan::bench(args = [40_000, 100_000], sample_count = 3, sample_size = 1)]
fn redo_insert(bencher: Bencher, works: i64) {
    let undone = || {
        let (folder, mut db) = contest(works, true);
        back(&mut db, Choice::Undo(1));
        (folder, db)
    };
    bencher.with_inputs(undone).bench_local_refs(|(_folder, db)| back(db, Choice::Redo(1)));
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn undo_update_40_000(bencher: Bencher) {
    let updated = || {
        let (folder, mut db) = contest(40_000, true);
        let tx = db.operation(&fill::header("dasai import --update")).unwrap();
        fill::retell(&tx, 1..=40_000, "绿色");
        tx.finish("更新").unwrap();
        (folder, db)
    };
    bencher.with_inputs(updated).bench_local_refs(|(_folder, db)| back(db, Choice::Undo(1)));
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn open_100_000_works(bencher: Bencher) {
    let (folder, db) = contest(100_000, true);
    drop(db);
    let path = folder.path().join("bench.dasai");
    bencher.bench_local(|| Db::open(&path).unwrap());
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn backup_100_000_works(bencher: Bencher) {
    let (folder, db) = contest(100_000, true);
    let mut number = 0;
    bencher.bench_local(|| {
        number += 1;
        dasai::store::backup::write(&db, &folder.path().join(format!("{number}.bak"))).unwrap()
    });
}

fn back(db: &mut Db, choice: Choice) {
    take_back(db, &fill::header("dasai undo"), choice, |_| "撤销".to_owned()).unwrap().commit().unwrap();
}
