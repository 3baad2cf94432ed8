//! The real program, killed in the middle of its largest writes: the contest file then holds the state before or the state after, whole.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use dasai::store::chain::{self, ChainState};
use dasai::store::db::Db;
use dasai::store::oplog;
use rusqlite::types::ValueRef;

use super::world::World;

/// How often each of the three commands is killed.
const KILLS: u32 = 18;
/// How many works the killed import brings.
const WORKS: usize = 4_000;

/// The contest as one number (every value of every row outside the log), and how many operations its log has: what a kill must not
/// leave between two states.
fn state(path: &Path) -> (u64, usize) {
    let db = Db::open(path).unwrap();
    let operations = oplog::operations(&db.reader().unwrap()).unwrap().len();
    let sql = rusqlite::Connection::open(path).unwrap();
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*' AND name NOT IN ('operation', 'change') ORDER BY name";
    let tables: Vec<String> = sql.prepare(tables).unwrap().query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    let mut digest = DefaultHasher::new();
    for table in tables {
        table.hash(&mut digest);
        let mut statement = sql.prepare(&format!("SELECT * FROM {table} ORDER BY 1, 2")).unwrap();
        let width = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for column in 0..width {
                match row.get_ref(column).unwrap() {
                    ValueRef::Null => 0_u8.hash(&mut digest),
                    ValueRef::Integer(value) => value.hash(&mut digest),
                    ValueRef::Real(value) => value.to_bits().hash(&mut digest),
                    ValueRef::Text(value) | ValueRef::Blob(value) => value.hash(&mut digest),
                }
            }
        }
    }
    (digest.finish(), operations)
}

/// Kills the command on copies of `original` at moments spread over its whole run and a little beyond; how often nothing was written
/// yet, and how often everything was.
fn kill(world: &World, original: &Path, words: &[&str]) -> (u32, u32) {
    let target = world.path("目标.dasai");
    let command = || -> Command {
        for suffix in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{suffix}", target.display()));
        }
        std::fs::copy(original, &target).unwrap();
        let mut command = world.command();
        command.args(["--db", "目标.dasai"]).args(words).stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let before = state(original);
    let began = Instant::now();
    let code = command().status().unwrap().code();
    let mut whole = began.elapsed();
    assert_eq!(code, Some(0), "{words:?}");
    let after = state(&target);
    assert_eq!(after.1, before.1 + 1, "{words:?}");
    let (mut unchanged, mut changed) = (0, 0);
    for kill in 0..KILLS {
        let mut child = command().spawn().unwrap();
        std::thread::sleep(whole * (kill + 1) / (KILLS - 1));
        // The child may have ended by itself; then this kill came after it.
        let _ = child.kill();
        child.wait().unwrap();
        let now = state(&target);
        assert!(now == before || now == after, "{words:?}, kill {kill}: neither before nor after");
        if now == before {
            unchanged += 1;
            // A busy computer is slower now than it was.
            if kill > KILLS / 2 {
                whole = whole * 5 / 4;
            }
        } else {
            changed += 1;
        }
        let sql = rusqlite::Connection::open(&target).unwrap();
        let integrity: String = sql.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(integrity, "ok", "{words:?}, kill {kill}");
        let verified = chain::verify(&Db::open(&target).unwrap().reader().unwrap()).unwrap();
        assert_eq!(verified, ChainState::Intact { operations: now.1 }, "{words:?}, kill {kill}");
    }
    world.run(["--db", "目标.dasai", "log", "--verify"]).done();
    (unchanged, changed)
}

/// The demonstration's contest as it was before its awards were confirmed.
fn judged(world: &World) -> PathBuf {
    world.run(["demo", "演示"]).done();
    world.run(["--db", "演示/2024演示.dasai", "undo"]).done();
    world.path("演示/2024演示.dasai")
}

#[test]
fn killed_at_any_moment_the_program_leaves_the_state_before_or_after() {
    let world = World::init();
    let rows: String = (0..WORKS).map(|row| format!("上海第{}测试公司,演讲,第{row}个故事,赵示一,第{row}个故事的简介\n", row / 5)).collect();
    world.write("大.csv", format!("参赛单位,参赛类型,作品名称,联系人,内容简介\n{rows}"));
    let (empty, full) = (world.path("空.dasai"), world.path("满.dasai"));
    std::fs::copy(world.contest(), &empty).unwrap();
    std::fs::copy(world.contest(), &full).unwrap();
    world.run(["--db", "满.dasai", "import", "大.csv"]).done();
    let judged = judged(&world);
    let commands: [(&Path, &[&str]); 3] =
        [(&empty, &["import", "大.csv"]), (&full, &["undo"]), (&judged, &["award", "confirm", "--expand"])];
    for (original, words) in commands {
        let began = Instant::now();
        let (unchanged, changed) = kill(&world, original, words);
        assert_eq!(unchanged + changed, KILLS);
        // Shown by `cargo test -- --nocapture`.
        let tally = format!("{words:?}: {KILLS} kills, {unchanged} before and {changed} after the write, {:?}\n", began.elapsed());
        std::io::stderr().write_all(tally.as_bytes()).unwrap();
    }
}
