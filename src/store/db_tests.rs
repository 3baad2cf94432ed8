//! Tests of the contest file that need its connection: migrations, a full disk, what the triggers log.

use jiff::Timestamp;
use rusqlite::params;

use super::*;
use crate::store::chain::ChainState;
use crate::store::connection::companion;
use crate::store::oplog::{self, ColumnChange, RowEvent, Stored};
use crate::store::undo::{Choice, take_back};

fn header() -> OperationHeader {
    OperationHeader { at: Timestamp::from_second(1_720_227_600).unwrap(), actor: "测试员".into(), command: "dasai test".into() }
}

fn contest() -> (tempfile::TempDir, PathBuf, Db) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.dasai");
    let mut db = Db::create(&path).unwrap();
    run(&mut db, "INSERT INTO rules (text, origin, applied_at) VALUES ('', '', '')");
    (folder, path, db)
}

fn run(db: &mut Db, sql: &str) -> OperationId {
    let tx = db.operation(&header()).unwrap();
    tx.writing_all().execute_batch(sql).unwrap();
    tx.finish("").unwrap()
}

fn undo(db: &mut Db) {
    take_back(db, &header(), Choice::Undo(1), |_| String::new()).unwrap().commit().unwrap();
}

fn redo(db: &mut Db) {
    take_back(db, &header(), Choice::Redo(1), |_| String::new()).unwrap().commit().unwrap();
}

fn settings(db: &Db) -> Vec<(i64, String, String)> {
    let mut statement = db.connection.prepare("SELECT id, key, value FROM setting ORDER BY id").unwrap();
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap().collect::<Result<_, _>>().unwrap()
}

fn events(db: &Db, id: OperationId) -> Vec<(i64, i64, RowEvent)> {
    let changes = oplog::changes(&db.reader().unwrap(), id, usize::MAX).unwrap();
    changes.into_iter().map(|change| (change.row, change.last_row, change.event)).collect()
}

#[test]
fn an_old_file_is_copied_and_migrated_and_its_log_still_goes_back() {
    const NEWER: &[&str] = &[
        MIGRATIONS[0],
        MIGRATIONS[1],
        MIGRATIONS[2],
        "ALTER TABLE setting ADD COLUMN remark TEXT NOT NULL DEFAULT '无'; ALTER TABLE judge DROP COLUMN organization",
    ];
    let (folder, path, mut db) = contest();
    run(
        &mut db,
        "INSERT INTO setting (key, value) VALUES ('a', '1'), ('b', '2'); INSERT INTO judge (name, organization) VALUES ('甲', '乙')",
    );
    run(
        &mut db,
        "UPDATE setting SET value = '9' WHERE key = 'a'; UPDATE judge SET organization = '丙'; DELETE FROM setting WHERE key = 'b'",
    );
    drop(db);
    let mut db = Db::open_at(&path, NEWER).unwrap();
    let copy = folder.path().join("a.dasai.v3.bak");
    assert_eq!(schema::version(Db::open(&copy).unwrap().connection()).unwrap(), 3);
    assert_eq!(settings(&db), [(1, "a".into(), "9".into())]);
    undo(&mut db);
    assert_eq!(settings(&db), [(1, "a".into(), "1".into()), (2, "b".into(), "2".into())]);
    let remark: String = db.connection.query_row("SELECT remark FROM setting WHERE id = 2", [], |row| row.get(0)).unwrap();
    assert_eq!(remark, "无");
    // The triggers know the new column.
    let id = run(&mut db, "UPDATE setting SET remark = '有' WHERE id = 2");
    let changes = oplog::changes(&db.reader().unwrap(), id, 9).unwrap();
    let expected = ColumnChange { column: "remark".into(), old: Stored::Text("无".into()), new: Stored::Text("有".into()) };
    assert_eq!(changes[0].columns, [expected]);
    drop(db);
    assert!(matches!(Db::open(&path), Err(StoreError::TooNew { found: 4, known: 3 })));
    // A second old file beside the first copy: both copies stay.
    std::fs::copy(&copy, &path).unwrap();
    drop(Db::open_at(&path, NEWER).unwrap());
    assert!(folder.path().join("a.dasai.v3-2.bak").exists());
}

#[test]
fn a_file_of_version_1_keeps_its_rows_as_received() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.dasai");
    let old = Connection::open(&path).unwrap();
    old.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
    old.execute_batch(MIGRATIONS[0]).unwrap();
    old.execute_batch(
        "INSERT INTO operation (at, actor, command, first_change, hash) VALUES ('', '', '', 1, 'x');
         INSERT INTO source (path, kind, encoding, size, sha256, received_at) VALUES ('a.csv', '', '', 0, '', '');
         INSERT INTO organization (name, folded) VALUES ('甲厂', '甲厂');
         INSERT INTO entry (number, category, organization, title, title_folded, summary, received_at, source, row, received)
           VALUES ('Y001', 'speech', 1, '一', '一', '简介', '', 1, 2, '{\"题\":\"一\",\"简介\":\"简介\"}');
         PRAGMA user_version = 1",
    )
    .unwrap();
    old.close().unwrap();
    let db = Db::open(&path).unwrap();
    let received = super::super::entries::received(&db.reader().unwrap(), crate::domain::values::EntryId(1)).unwrap();
    assert_eq!(received.as_deref(), Some(r#"{"题":"一","简介":"简介"}"#));
    assert!(folder.path().join("a.dasai.v1.bak").exists());
    drop(db);
    assert!(!Db::is_older(&path).unwrap());
    assert!(Db::is_older(&folder.path().join("a.dasai.v1.bak")).unwrap());
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_whose_name_is_no_utf_8_is_copied_before_a_migration_too() {
    use std::os::unix::ffi::OsStrExt as _;
    let newer = [MIGRATIONS, &["ALTER TABLE setting ADD COLUMN remark TEXT"]].concat();
    let (folder, path, db) = contest();
    drop(db);
    // 大赛 in GBK.
    let named = folder.path().join(std::ffi::OsStr::from_bytes(b"\xb4\xf3\xc8\xfc.dasai"));
    std::fs::rename(path, &named).unwrap();
    drop(Db::open_at(&named, &newer).unwrap());
    assert!(companion(&named, ".v3.bak").exists());
}

#[test]
fn a_migration_that_fails_leaves_the_file_as_it_was() {
    const BROKEN: &[&str] = &[MIGRATIONS[0], MIGRATIONS[1], MIGRATIONS[2], "ALTER TABLE setting ADD COLUMN remark TEXT; SELECT nonsense"];
    let (_folder, path, db) = contest();
    drop(db);
    assert!(Db::open_at(&path, BROKEN).is_err());
    let mut db = Db::open(&path).unwrap();
    run(&mut db, "INSERT INTO setting (key, value) VALUES ('a', '1')");
    undo(&mut db);
}

#[test]
fn a_full_disk_leaves_the_state_before() {
    let (_folder, path, mut db) = contest();
    let pages: i64 = db.connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    db.connection.pragma_update(None, "max_page_count", pages + 2).unwrap();
    let tx = db.operation(&header()).unwrap();
    let many = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
                INSERT INTO setting (key, value) SELECT 'key ' || i, 'value ' || i FROM n";
    let error = StoreError::from(tx.writing_all().execute_batch(many).unwrap_err());
    assert!(matches!(error, StoreError::Full), "{error:?}");
    drop(tx);
    drop(db);
    let db = Db::open(&path).unwrap();
    assert_eq!(settings(&db), []);
    assert_eq!(chain::verify(&db.reader().unwrap()).unwrap(), ChainState::Intact { operations: 1 });
}

#[test]
fn every_way_of_writing_is_logged_and_taken_back() {
    let (_folder, _path, mut db) = contest();
    run(&mut db, "INSERT INTO setting (id, key, value) VALUES (1, 'a', '1'), (2, 'b', '2'), (5, 'e', '5'), (9, 'i', '9')");
    let cases = [
        // A swap of unique values by way of a third.
        "UPDATE setting SET key = 'x' WHERE id = 1; UPDATE setting SET key = 'a' WHERE id = 2; UPDATE setting SET key = 'b' WHERE id = 1",
        "INSERT OR REPLACE INTO setting (id, key, value) VALUES (7, 'b', 'new')",
        "REPLACE INTO setting (id, key, value) VALUES (2, 'a', 'new')",
        "INSERT INTO setting (key, value) VALUES ('a', 'z') ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        "DELETE FROM setting WHERE id = 5; INSERT INTO setting (id, key, value) VALUES (5, 'e', '6'); UPDATE setting SET value = '7' WHERE id = 5",
        "INSERT INTO setting (id, key, value) VALUES (3, 'c', ''), (-4, 'd', ''), (20, 'f', ''), (22, 'g', '')",
        "INSERT INTO setting (key, value) VALUES ('h', ''); INSERT INTO judge (name) VALUES ('甲'); INSERT INTO setting (key, value) VALUES ('j', '')",
        "INSERT INTO setting (key, value) VALUES ('k', ''); DELETE FROM setting WHERE key = 'k'",
        "DELETE FROM setting",
        "UPDATE setting SET value = 'a \"quoted\" \\ line' || char(10) || char(0) || '𠮷'",
        "UPDATE setting SET value = ''; UPDATE setting SET value = 'twice'",
    ];
    for case in cases {
        let before = settings(&db);
        run(&mut db, case);
        let after = settings(&db);
        for _ in 0..2 {
            undo(&mut db);
            assert_eq!(settings(&db), before, "{case}");
            redo(&mut db);
            assert_eq!(settings(&db), after, "{case}");
        }
        undo(&mut db);
    }
    assert!(matches!(chain::verify(&db.reader().unwrap()).unwrap(), ChainState::Intact { .. }));
}

#[test]
fn ranges_have_gaps_where_rows_are_missing() {
    let (_folder, _path, mut db) = contest();
    let first = "INSERT INTO setting (id, key, value) VALUES (1, 'a', ''), (2, 'b', ''), (3, 'c', ''), (6, 'f', ''), (4, 'd', '');
                 DELETE FROM setting WHERE id = 2; INSERT INTO judge (name) VALUES ('甲')";
    let id = run(&mut db, first);
    let inserted = |first, last| (first, last, RowEvent::Inserted);
    assert_eq!(events(&db, id), [inserted(1, 1), inserted(1, 1), inserted(3, 4), inserted(6, 6)]);
    let id = run(&mut db, "INSERT INTO setting (id, key, value) VALUES (5, 'e', ''), (9, 'i', '')");
    assert_eq!(events(&db, id), [inserted(5, 5), inserted(9, 9)]);
}

#[test]
fn a_row_keeps_its_id() {
    let (_folder, _path, mut db) = contest();
    run(&mut db, "INSERT INTO setting (id, key, value) VALUES (1, 'a', '')");
    let tx = db.operation(&header()).unwrap();
    assert!(tx.writing_all().execute("UPDATE setting SET id = 7", []).unwrap_err().to_string().contains("a row keeps its id"));
    tx.writing_all().execute("INSERT INTO setting (id, key, value) VALUES (8, 'h', '')", []).unwrap();
    assert!(tx.writing_all().execute("UPDATE setting SET id = ?1 WHERE id = 8", params![3]).is_err());
}

#[test]
fn nothing_is_written_outside_an_operation() {
    let (_folder, path, mut db) = contest();
    let writes =
        ["INSERT INTO setting (key, value) VALUES ('b', '1')", "UPDATE rules SET origin = 'b'", "DELETE FROM setting", "DELETE FROM rules"];
    run(&mut db, "INSERT INTO setting (key, value) VALUES ('a', '1')");
    let fresh = Db::open(&path).unwrap();
    let refused = |sql: &Connection, write| sql.execute(write, []).unwrap_err().to_string().contains("no operation is open");
    for write in writes {
        assert!(refused(&fresh.connection, write) && refused(&db.connection, write), "{write}");
        let tx = db.operation(&header()).unwrap();
        assert!(refused(tx.sql(), write), "{write}: no store function said that it writes the table");
    }
    assert_eq!(settings(&db), [(1, "a".into(), "1".into())]);
    let tx = db.operation(&header()).unwrap();
    assert_eq!(tx.writing("setting").unwrap().execute(writes[0], []).unwrap(), 1);
    assert!(refused(tx.sql(), writes[1]), "another table");
}

#[test]
fn a_file_whose_triggers_log_by_themselves_logs_once_when_it_is_brought_up_to_date() {
    let (_folder, path, db) = contest();
    drop(db);
    let old = Connection::open(&path).unwrap();
    old.execute_batch(
        "DROP TRIGGER guard_setting_insert; DROP TRIGGER guard_setting_update; DROP TRIGGER guard_setting_delete;
         CREATE TRIGGER log_setting_update AFTER UPDATE ON setting BEGIN
           INSERT INTO change (operation, table_number, row, last_row, before, after) VALUES (1, 14, OLD.id, OLD.id, '{}', '{}'); END;
         PRAGMA user_version = 2",
    )
    .unwrap();
    old.close().unwrap();
    let mut db = Db::open(&path).unwrap();
    run(&mut db, "INSERT INTO setting (key, value) VALUES ('a', '1')");
    let id = run(&mut db, "UPDATE setting SET value = '2'");
    assert_eq!(events(&db, id), [(1, 1, RowEvent::Updated)]);
}

#[test]
fn every_foreign_key_and_no_odd_type() {
    let (_folder, _path, db) = contest();
    for table in LOGGED_TABLES {
        let odd: i64 = db
            .connection
            .query_row("SELECT count(*) FROM pragma_table_info(?1) WHERE type NOT IN ('TEXT', 'INTEGER')", [table], |row| row.get(0))
            .unwrap();
        assert_eq!(odd, 0, "{table}: JSON would not bring back a float or a BLOB");
        let bare: Vec<String> = db
            .connection
            .prepare(
                "SELECT \"from\" FROM pragma_foreign_key_list(?1) AS key WHERE NOT EXISTS (
                   SELECT 1 FROM pragma_index_list(?1) AS list, pragma_index_info(list.name) AS info
                   WHERE info.seqno = 0 AND info.name = key.\"from\")",
            )
            .unwrap()
            .query_map([table], |row| row.get(0))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        assert_eq!(bare, Vec::<String>::new(), "{table}: a foreign key without an index makes undo quadratic");
    }
}

#[test]
fn two_things_are_read_from_one_state() {
    let count = |reader: &Reader<'_>| Ok(reader.sql().query_row("SELECT count(*) FROM setting", [], |row| row.get::<_, i64>(0))?);
    let (_folder, path, mut db) = contest();
    run(&mut db, "INSERT INTO setting (key, value) VALUES ('a', '1')");
    let beside = std::sync::atomic::AtomicBool::new(false);
    let here = std::thread::current().id();
    let first = |reader: &Reader<'_>| {
        beside.store(std::thread::current().id() != here, std::sync::atomic::Ordering::Relaxed);
        count(reader)
    };
    let reader = db.reader().unwrap();
    assert_eq!(reader.both(first, count).unwrap(), (1, 1));
    assert!(beside.load(std::sync::atomic::Ordering::Relaxed), "nothing was in the way of a second connection");
    // Another process writes after this snapshot was taken: both still see the snapshot.
    let mut other = Db::open(&path).unwrap();
    run(&mut other, "INSERT INTO setting (key, value) VALUES ('b', '2')");
    assert_eq!(reader.both(first, count).unwrap(), (1, 1));
    drop(reader);
    // What an open operation wrote is seen by both.
    let tx = other.operation(&header()).unwrap();
    tx.writing_all().execute("INSERT INTO setting (key, value) VALUES ('c', '3')", []).unwrap();
    assert_eq!(tx.both(first, count).unwrap(), (3, 3));
}

#[test]
fn an_update_is_told_by_its_columns_that_differ() {
    let (_folder, _, mut db) = contest();
    run(&mut db, "INSERT INTO setting (key, value) VALUES ('a', 'x\"\n\u{1}王')");
    let id = run(&mut db, "UPDATE setting SET value = 'y'");
    let logged = |db: &Db, id: OperationId| -> Vec<(String, String)> {
        let mut statement = db.connection.prepare("SELECT before, after FROM change WHERE operation = ?1").unwrap();
        statement.query_map([id.0], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().collect::<Result<_, _>>().unwrap()
    };
    assert_eq!(logged(&db, id), [(r#"{"value":"x\"\n\u0001王"}"#.to_owned(), r#"{"value":"y"}"#.to_owned())]);
    let id = run(&mut db, "UPDATE setting SET value = 'y'");
    let count: i64 = db.connection.query_row("SELECT count(*) FROM change WHERE operation = ?1", [id.0], |row| row.get(0)).unwrap();
    assert_eq!(count, 0, "nothing differs");
}

#[test]
fn a_new_file_needs_none_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("neu");
    std::fs::write(&path, "").unwrap();
    Db::fill(&path).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing waits in a log beside it");
    // Bytes 18 and 19 of the header: 1 is the rollback journal, 2 the write-ahead log.
    assert_eq!(std::fs::read(&path).unwrap().get(18..20), Some([1, 1].as_slice()));
}
