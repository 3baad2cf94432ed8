//! Two people at one contest: nothing is written on what is no longer so, and whoever waited is told who was first.

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use dasai::store::db::{Db, StoreError};

use super::fill;
use super::screening::row;
use super::world::World;

/// Units and works: 甲厂 with Y001, 乙厂 with Y002.
fn contest() -> World {
    let world = World::init();
    world.write("a.csv", "参赛单位,参赛类型,作品名称\n甲厂,演讲,一\n乙厂,演讲,二\n");
    world.run(["import", "a.csv"]).done();
    world
}

fn write(db: &mut Db) -> Result<(), StoreError> {
    db.operation(&fill::header("dasai test"))?.finish("改了别的").map(|_| ())
}

#[test]
fn a_plan_is_not_written_over_what_others_did_since() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.dasai");
    let mut one = fill::contest(&path);
    let mut other = Db::open(&path).unwrap();
    drop(one.reader().unwrap());
    write(&mut other).unwrap();
    // Of several snapshots the first counts: the second cannot make good what the first was too old for.
    drop(one.reader().unwrap());
    let error = write(&mut one).unwrap_err();
    let StoreError::ChangedMeanwhile { operation, actor, summary } = error else { panic!("{error:?}") };
    assert_eq!((operation.0, actor.as_str(), summary.as_str()), (2, "测试员", "改了别的"));
    // Whoever reads again may write, and again after that: what one wrote oneself is no surprise.
    drop(one.reader().unwrap());
    write(&mut one).unwrap();
    write(&mut one).unwrap();
    // What was left by the own last write counts as seen, too.
    write(&mut other).unwrap_err();
    drop(other.reader().unwrap());
    write(&mut other).unwrap();
    write(&mut one).unwrap_err();
}

#[test]
fn of_two_processes_at_once_none_loses_a_change() {
    let world = contest();
    let sql = rusqlite::Connection::open(world.contest()).unwrap();
    // Held until both have read.
    sql.execute_batch("BEGIN IMMEDIATE").unwrap();
    let start = |value: &str| {
        let mut command = world.command();
        command.args(["org", "set", "甲厂", value]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let children = [start("nature=民营"), start("focus_area=建设工程")];
    std::thread::sleep(Duration::from_secs(2));
    sql.execute_batch("ROLLBACK").unwrap();
    let outputs = children.map(|child| child.wait_with_output().unwrap());
    let unit = world.run(["org", "show", "甲厂", "--format", "json"]).json()["organization"].clone();
    for (output, (key, value)) in outputs.iter().zip([("nature", "民营"), ("focus_area", "建设工程")]) {
        let said = String::from_utf8_lossy(&output.stderr);
        if output.status.success() {
            assert_eq!(unit[key], value, "a change that was reported is gone");
        } else {
            assert!(said.contains("测试员刚刚改过大赛文件（第 3 号操作：更正单位“甲厂”），这一次什么都没有写入"), "{said}");
        }
    }
    assert!(outputs.iter().any(|output| output.status.success()));
}

#[test]
fn an_import_that_waited_goes_by_the_rules_that_it_finds() {
    let world = contest();
    let source = world.run(["rules", "show", "--source"]).done().stdout;
    let path = world.contest();
    let mut db = Db::open(&path).unwrap();
    let tx = db.operation(&fill::header("dasai rules apply")).unwrap();
    let without = source.replace("aliases = [\"演讲\"", "aliases = [\"相声\", \"演讲\"");
    assert_ne!(without, source);
    dasai::store::contest::apply_rules(&tx, &without, "测试", fill::header("").at).unwrap();
    world.write("b.csv", "参赛单位,参赛类型,作品名称\n丙厂,相声,三\n");
    let child = world.command().args(["import", "b.csv"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_secs(1));
    tx.finish("应用规则").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(world.run(["entry", "show", "Y003", "--format", "json"]).json()["entry"]["title"], "三");
}

/// Somebody at a terminal: the program in a pseudo-terminal of `script`.
#[cfg(target_os = "linux")]
struct Person {
    child: std::process::Child,
    said: std::sync::mpsc::Receiver<Vec<u8>>,
    heard: Vec<u8>,
}

#[cfg(target_os = "linux")]
impl Person {
    fn at(world: &World, arguments: &str) -> Self {
        let program = format!("{} {arguments}", env!("CARGO_BIN_EXE_dasai"));
        let mut command: Command = world.command();
        let mut terminal = Command::new("/usr/bin/script");
        terminal.args(["-qec", &program, "/dev/null"]).current_dir(command.get_current_dir().unwrap());
        terminal.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("TERM", "dumb");
        command = terminal;
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        let (sender, said) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let mut bytes = [0_u8; 4096];
            while let Ok(count @ 1..) = stdout.read(&mut bytes) {
                if sender.send(bytes[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self { child, said, heard: Vec::new() }
    }

    /// Reads until the words were said; forgets what stood before their end.
    fn hears(&mut self, words: &str) {
        let began = Instant::now();
        loop {
            let text = String::from_utf8_lossy(&self.heard).into_owned();
            if let Some((_, rest)) = text.split_once(words) {
                self.heard = rest.as_bytes().to_vec();
                return;
            }
            let next = self.said.recv_timeout(Duration::from_mins(1).saturating_sub(began.elapsed()));
            self.heard.extend(next.unwrap_or_else(|_| panic!("“{words}” was not said:\n{text}")));
        }
    }

    fn types(&mut self, text: &str) {
        let stdin = self.child.stdin.as_mut().unwrap();
        stdin.write_all(text.as_bytes()).and_then(|()| stdin.flush()).unwrap();
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_reviewer_decides_on_what_a_work_is_now() {
    let world = World::init();
    let head = "单位名称,参赛类型,作品名称,作品类别,作品时长,主创者姓名,联系人,联系手机,推荐单位,内容简介,提交时间,重点领域,重点产业";
    let rows = (1..=2).map(|serial| row(serial).join(","));
    world.write("a.csv", std::iter::once(head.to_owned()).chain(rows).collect::<Vec<_>>().join("\n"));
    world.run(["import", "a.csv"]).done();
    let status = |number: &str| world.run(["entry", "show", number, "--format", "json"]).json()["entry"]["status"].clone();
    let mut person = Person::at(&world, "screen review");
    person.hears("第 1 件，共 2 件");
    person.hears("Y002");
    person.hears("5 结束");
    // Meanwhile the unit takes its work back.
    world.run(["entry", "withdraw", "Y002", "--reason", "单位来函撤回"]).done();
    person.types("1\r");
    person.hears("单位来函撤回");
    person.hears("作品 Y002 已不在待审之列");
    person.hears("第 2 件，共 2 件");
    person.hears("5 结束");
    // Something else: the same work is shown again, and can then be decided.
    world.run(["entry", "set", "Y001", "remark=补充说明"]).done();
    person.types("1\r");
    person.hears("请重新决定");
    person.hears("第 2 件，共 2 件");
    person.hears("5 结束");
    person.types("1\r");
    person.hears("审查结束：受理 1 件；还有 0 件等待审查");
    assert!(person.child.wait().unwrap().success());
    assert_eq!((status("Y001"), status("Y002")), ("accepted".into(), "withdrawn".into()));
}
