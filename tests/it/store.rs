//! The contest file: what is refused and how it is said, what survives a kill, what a backup is.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use dasai::domain::status::Status;
use dasai::domain::values::EntryId;
use dasai::store::chain::{self, ChainState};
use dasai::store::db::{Db, StoreError};
use dasai::store::{backup, entries, oplog};
use insta::assert_snapshot;

use super::fill;
use super::undo::dump;
use super::world::World;

/// A raw connection, as any other program would have.
fn raw(path: &Path) -> rusqlite::Connection {
    let sql = rusqlite::Connection::open(path).unwrap();
    sql.pragma_update(None, "recursive_triggers", true).unwrap();
    sql
}

#[test]
fn what_is_no_contest_is_refused_untouched_and_said() {
    let world = World::new();
    std::fs::create_dir(world.path("文件夹.dasai")).unwrap();
    world.write("空.dasai", "");
    world.write("文字.dasai", "这不是数据库".repeat(100));
    world.write("短.dasai", "SQLite format 3\0");
    raw(&world.path("别的.dasai")).execute_batch("CREATE TABLE a (b)").unwrap();
    let newer = world.path("新.dasai");
    drop(fill::contest(&newer));
    let sql = raw(&newer);
    sql.pragma_update(None, "user_version", 99).unwrap();
    sql.pragma_update(None, "wal_checkpoint", "TRUNCATE").unwrap();
    sql.close().unwrap();
    drop(Db::create(&world.path("未完.dasai")).unwrap());
    let names = world.names();
    let before: Vec<Option<Vec<u8>>> = names.iter().map(|name| std::fs::read(world.path(name)).ok()).collect();
    let mut text = String::new();
    for name in ["没有.dasai", "文件夹.dasai", "空.dasai", "文字.dasai", "短.dasai", "别的.dasai", "新.dasai", "未完.dasai"] {
        text = format!("{text}# {name}\n{}\n", world.run(["--db", name, "log"]).text());
    }
    assert_snapshot!(text, @r#"
    # 没有.dasai
    --- stderr
    错误：找不到大赛文件：FOLDER/没有.dasai
      → 检查 --db 的路径；新建用 dasai init 文件名
    --- exit 1
    # 文件夹.dasai
    --- stderr
    错误：这是文件夹，不是大赛文件：FOLDER/文件夹.dasai
      → 在路径后面写上文件名，例如 2024.dasai
    --- exit 1
    # 空.dasai
    --- stderr
    错误：这个文件是空的，不是大赛文件：FOLDER/空.dasai
      → 复制或下载可能没有完成，请重新取得；新建大赛请换一个文件名：dasai init 文件名
    --- exit 1
    # 文字.dasai
    --- stderr
    错误：这不是大赛文件：FOLDER/文字.dasai
      → 大赛文件由 dasai init 建立；请检查路径是否写错
    --- exit 1
    # 短.dasai
    --- stderr
    错误：这不是大赛文件：FOLDER/短.dasai
      → 大赛文件由 dasai init 建立；请检查路径是否写错
    --- exit 1
    # 别的.dasai
    --- stderr
    错误：这是其他程序的数据库，不是大赛文件：FOLDER/别的.dasai
      → 大赛文件由 dasai init 建立；请检查路径是否写错
    --- exit 1
    # 新.dasai
    --- stderr
    错误：大赛文件由更新版本的 dasai 建立（文件版本 99，本程序只认到 3）
      → 请升级 dasai 后再打开；文件没有被改动
    --- exit 1
    # 未完.dasai
    --- stderr
    错误：大赛文件没有建完，里面没有任何数据：FOLDER/未完.dasai
      → 建立时可能断电或被中止；删除它，再用 dasai init 重新建立
    --- exit 1
    "#);
    assert_eq!(world.names(), names);
    let after: Vec<Option<Vec<u8>>> = names.iter().map(|name| std::fs::read(world.path(name)).ok()).collect();
    assert_eq!(before, after);
}

#[test]
fn a_newer_version_in_the_write_ahead_log_is_seen_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("a.dasai"), folder.path().join("b.dasai"));
    drop(fill::contest(&path));
    let sql = raw(&path);
    sql.pragma_update(None, "user_version", 99).unwrap();
    // As a power cut leaves it: the main file still says the old version.
    std::fs::copy(&path, &copy).unwrap();
    std::fs::copy(folder.path().join("a.dasai-wal"), folder.path().join("b.dasai-wal")).unwrap();
    let before = std::fs::read(&copy).unwrap();
    assert!(matches!(Db::open(&copy), Err(StoreError::TooNew { found: 99, .. })));
    assert_eq!(std::fs::read(&copy).unwrap(), before);
}

#[test]
fn writing_without_an_operation_fails_for_any_tool() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.dasai");
    drop(fill::contest(&path));
    let sql = raw(&path);
    for write in [
        "INSERT INTO judge (name) VALUES ('某')",
        "UPDATE organization SET name = '改' WHERE id = 1",
        "DELETE FROM organization WHERE id = 1",
        "INSERT OR REPLACE INTO setting (key, value) VALUES ('a', 'b')",
        "UPDATE operation SET actor = '别人'",
        "DELETE FROM operation",
        "UPDATE change SET row = 7",
        "DELETE FROM change",
    ] {
        let error = sql.execute_batch(write).unwrap_err().to_string();
        let reasons = ["no operation is open", "the log only grows"];
        assert!(reasons.iter().any(|reason| error.contains(reason)), "{write}: {error}");
    }
}

#[test]
fn a_second_writer_waits_then_says_so() {
    let world = World::init();
    let sql = raw(&world.contest());
    sql.execute_batch("BEGIN IMMEDIATE").unwrap();
    let began = Instant::now();
    let output = world.run(["undo"]);
    assert!(began.elapsed() >= Duration::from_secs(4), "did not wait");
    assert_snapshot!(output.text(), @r#"
    --- stderr
    错误：大赛文件正被另一个程序写入
      → 等它结束后再试；若确认没有别的程序在用，重启电脑后再试
    --- exit 1
    "#);
    // Reading goes on meanwhile.
    world.run(["log"]).done();
}

#[test]
fn altering_the_log_is_found() {
    for (alter, found) in [
        ("UPDATE operation SET actor = '别人' WHERE id = 2", ChainState::Broken(dasai::domain::values::OperationId(2))),
        (
            "UPDATE change SET before = '{\"status\":\"rejected\"}' WHERE operation = 3",
            ChainState::Broken(dasai::domain::values::OperationId(3)),
        ),
        ("DELETE FROM change WHERE operation = 2", ChainState::Broken(dasai::domain::values::OperationId(2))),
        ("DELETE FROM operation WHERE id = 2", ChainState::Broken(dasai::domain::values::OperationId(3))),
        (
            "DELETE FROM operation WHERE id = 3; DELETE FROM change WHERE operation = 3",
            ChainState::Cut(dasai::domain::values::OperationId(3)),
        ),
        (
            "INSERT INTO change (operation, table_number, row, last_row) VALUES (2, 5, 9, 9)",
            ChainState::Cut(dasai::domain::values::OperationId(4)),
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.dasai");
        let mut db = fill::contest(&path);
        let tx = db.operation(&fill::header("import")).unwrap();
        fill::works(&tx, 1..=5);
        tx.finish("导入").unwrap();
        let tx = db.operation(&fill::header("accept")).unwrap();
        entries::set_status(&tx, EntryId(3), Status::Accepted).unwrap();
        tx.finish("受理").unwrap();
        assert_eq!(chain::verify(&db.reader().unwrap()).unwrap(), ChainState::Intact { operations: 3 });
        let sql = raw(&path);
        let protection = ["operation_sealed", "operation_kept", "change_sealed", "change_kept"].map(|name| format!("DROP TRIGGER {name};"));
        sql.execute_batch(&protection.concat()).unwrap();
        sql.execute_batch(alter).unwrap();
        assert_eq!(chain::verify(&db.reader().unwrap()).unwrap(), found, "{alter}");
    }
}

#[test]
fn inserted_rows_are_one_line_of_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = fill::contest(&folder.path().join("a.dasai"));
    let tx = db.operation(&fill::header("import")).unwrap();
    fill::works(&tx, 1..=100);
    fill::works(&tx, 200..=200);
    // What is changed within its own operation needs no line either.
    fill::retell(&tx, 1..=50, "绿色");
    let id = tx.finish("导入").unwrap();
    let reader = db.reader().unwrap();
    let changes = oplog::changes(&reader, id, usize::MAX).unwrap();
    let ranges: Vec<_> = changes.iter().map(|change| (change.table, change.row, change.last_row)).collect();
    assert_eq!(ranges, [("entry", 1, 100), ("entry", 200, 200)]);
}

#[test]
fn a_backup_is_whole_private_and_never_overwrites() {
    let world = World::init();
    assert_snapshot!(world.run(["backup"]).text().replace(&size(&world.path("2024.dasai.20240706-090000.bak")), "SIZE"), @r#"
    已备份到 2024.dasai.20240706-090000.bak（SIZE 字节，已核对）；查看备份：dasai --db 2024.dasai.20240706-090000.bak status
    --- exit 0
    "#);
    assert_snapshot!(world.run(["backup"]).text(), @r#"
    --- stderr
    错误：文件已存在，不会覆盖：FOLDER/2024.dasai.20240706-090000.bak
      → 换一个文件名，或先把原文件移走
    --- exit 1
    "#);
    assert_eq!(world.names(), ["2024.dasai", "2024.dasai.20240706-090000.bak"]);
    let copy = world.path("2024.dasai.20240706-090000.bak");
    #[cfg(unix)]
    for path in [&copy, &world.contest()] {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(dump(&copy), dump(&world.contest()));
    let json = world.run(["backup", "另存.bak", "--dry-run", "--format", "json"]).json();
    assert_eq!(json["backup"]["size"], serde_json::Value::Null);
    assert_snapshot!(world.run(["backup", "没有/另存.bak"]).text(), @r#"
    --- stderr
    错误：文件夹不存在：FOLDER/没有
      → 先建立这个文件夹，或换一个位置
    --- exit 1
    "#);
}

fn size(path: &Path) -> String {
    std::fs::metadata(path).map_or_else(|_| "?".into(), |metadata| metadata.len().to_string())
}

#[test]
fn a_backup_is_one_moment_while_another_writes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.dasai");
    let mut db = fill::contest(&path);
    let other = Db::open(&path).unwrap();
    let before = dump(&path);
    let tx = db.operation(&fill::header("import")).unwrap();
    fill::works(&tx, 1..=200);
    let copy = folder.path().join("copy.bak");
    backup::write(&other, &copy).unwrap();
    tx.finish("导入").unwrap();
    assert_eq!(dump(&copy), before);
    let copied = Db::open(&copy).unwrap();
    assert_eq!(chain::verify(&copied.reader().unwrap()).unwrap(), ChainState::Intact { operations: 1 });
}

#[test]
fn a_damaged_page_is_said_and_spoils_no_backup() {
    let world = World::init();
    let path = world.contest();
    let mut db = Db::open(&path).unwrap();
    let tx = db.operation(&fill::header("x")).unwrap();
    for unit in 1..=2000_i64 {
        let name = format!("上海第{unit}测试有限公司");
        let profile = dasai::domain::entry::OrganizationProfile::default();
        dasai::store::organizations::insert(&tx, dasai::domain::values::OrganizationId(unit), &name, &name, &profile).unwrap();
    }
    tx.finish("单位").unwrap();
    drop(db);
    let mut bytes = std::fs::read(&path).unwrap();
    let length = bytes.len();
    bytes[length / 2..].fill(0x5a);
    std::fs::write(&path, bytes).unwrap();
    let output = world.run(["backup"]);
    assert_eq!(output.code, 1);
    assert!(output.stderr.contains("大赛文件已损坏"), "{}", output.text());
    assert_eq!(world.names(), ["2024.dasai"]);
}

/// Every file system has its own way to be unwritable; this one works for root too.
#[test]
#[cfg(target_os = "linux")]
fn a_file_that_nobody_can_write_can_be_read() {
    let world = World::init();
    let path = world.contest();
    std::fs::create_dir(world.path("只读")).unwrap();
    let target = world.path("只读/2024.dasai");
    std::fs::copy(&path, &target).unwrap();
    let folder = world.path("只读");
    let mount = |arguments: &[&str]| Command::new("mount").args(arguments).arg(&folder).status().is_ok_and(|status| status.success());
    let bound = Command::new("mount").arg("--bind").arg(&folder).arg(&folder).stderr(Stdio::null()).status().is_ok_and(|s| s.success());
    if bound {
        assert!(mount(&["-o", "remount,ro,bind"]));
    } else {
        // Without the right to mount, permission bits do it (they do nothing for root, who has that right).
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&target, std::fs::Permissions::from_mode(0o400)).unwrap();
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o500)).unwrap();
    }
    let read = world.run(["--db", "只读/2024.dasai", "log", "--format", "json"]);
    let written = world.run(["--db", "只读/2024.dasai", "undo"]);
    if bound {
        Command::new("umount").arg(&folder).status().unwrap();
    } else {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).unwrap();
    }
    assert_eq!(read.json()["operations"].as_array().unwrap().len(), 1);
    assert_snapshot!(written.text(), @r#"
    --- stderr
    错误：大赛文件或所在文件夹不可写
      → 检查文件是否只读、是否有写权限，或把文件复制到本机硬盘再打开
    --- exit 1
    "#);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
}

#[test]
fn a_log_of_another_file_is_never_replayed_into_a_backup() {
    let world = World::init();
    world.run(["backup", "好.bak"]).done();
    // As a power cut leaves it: the last operation only in the log beside.
    let mut db = Db::open(&world.contest()).unwrap();
    db.operation(&fill::header("x")).unwrap().finish("最近的操作").unwrap();
    let log = std::fs::read(world.path("2024.dasai-wal")).unwrap();
    assert!(!log.is_empty());
    world.write("断电.dasai", std::fs::read(world.contest()).unwrap());
    world.write("断电.dasai-wal", &log);
    drop(db);
    assert_eq!(world.run(["--db", "断电.dasai", "log", "--format", "json"]).json()["operations"].as_array().unwrap().len(), 2);
    for name in ["恢复.dasai", "新建.dasai", "再备.bak"] {
        world.write(&format!("{name}-wal"), &log);
    }
    std::fs::copy(world.path("好.bak"), world.path("恢复.dasai")).unwrap();
    let words = ["-wal 文件不是这个大赛文件的", "移到"];
    world.refused(["--db", "恢复.dasai", "status"], 1, &words);
    world.refused(["--db", "2024.dasai", "duplicates", "--against", "恢复.dasai"], 1, &["-wal"]);
    world.refused(["init", "新建.dasai"], 1, &words);
    world.refused(["--db", "2024.dasai", "backup", "再备.bak"], 1, &words);
    std::fs::remove_file(world.path("恢复.dasai-wal")).unwrap();
    assert_eq!(world.run(["--db", "恢复.dasai", "log", "--format", "json"]).json()["operations"].as_array().unwrap().len(), 1);
}

#[test]
fn an_older_file_is_upgraded_neither_by_a_dry_run_nor_as_a_copy() {
    let world = World::init();
    let mut old = std::fs::read(world.contest()).unwrap();
    // Its version, in the header.
    old[60..64].copy_from_slice(&1_u32.to_be_bytes());
    world.write("旧.dasai", &old);
    world.write("旧.dasai.v1.bak", &old);
    world.refused(["--db", "旧.dasai", "status", "--dry-run"], 1, &["由旧版本的 dasai 建立", "dasai status"]);
    world.refused(["--db", "旧.dasai.v1.bak", "status"], 1, &["旧版本大赛文件的备份", "先复制一份"]);
}
