//! Commands that cannot be done: wrong words, wrong places, a contest file that cannot be written. What is said, with which exit code,
//! and that everything stays as it was.

use std::process::Stdio;
use std::time::{Duration, Instant};

use insta::assert_snapshot;

use super::undo::dump;
use super::world::World;

const TABLE: &str = "参赛单位,参赛类型,作品名称\n甲公司,演讲,故事一\n";

fn world() -> World {
    let world = World::init();
    world.write("好.csv", TABLE);
    world.run(["import", "好.csv"]).done();
    world
}

#[test]
fn wrong_words_are_answered_in_chinese() {
    let world = world();
    for (line, words) in [
        ("没有", ["没有命令“没有”", "dasai --help"]),
        ("import --没有", ["没有参数“--没有”", "dasai import --help"]),
        ("status 多余", ["多余", "dasai status --help"]),
        ("import", ["缺少必需的参数", "dasai import --help"]),
        ("rank", ["缺少必需的参数", "dasai rank --help"]),
        ("export awards", ["--out", "dasai export --help"]),
        ("export 什么 --out a.csv", ["什么", "可选：rankings"]),
        ("--format xml status", ["xml", "可选：table"]),
        ("undo 99999999999999999999", ["不是次数", "dasai undo --help"]),
        ("export entries --out 夹", ["没有结尾", ".xlsx"]),
        ("export entries --out a.exe", [".exe", ".xlsx"]),
        ("entry set Y001 没有=1", ["没有", "字段"]),
        ("entry set Y001", ["缺少", "entry set"]),
        ("import 好.csv --map 作品", ["--map", "列名=字段"]),
        ("import 好.csv --received-at 昨天", ["不是时间：昨天", "2024-07-05"]),
    ] {
        world.refused(line.split(' '), 2, &words);
    }
    for (line, words) in [
        ("rank 没有", ["没有类别“没有”", "speech"]),
        ("rank speech --round 没有", ["没有轮次“没有”", "preliminary"]),
        ("entry show Y999", ["没有编号为 Y999 的作品", "dasai entry"]),
        ("entry withdraw Y999 --reason 来函", ["Y999", "dasai entry"]),
        ("org show 没有", ["没有", "dasai org"]),
        ("quarantine show 7", ["7", "dasai quarantine list"]),
        ("undo --operation 77", ["没有第 77 号操作", "dasai log"]),
        ("redo", ["没有可以重做的操作", "dasai log"]),
        ("init 2024.dasai", ["文件已存在，不会覆盖", "换一个文件名"]),
        ("init 没有夹/a.dasai", ["文件夹不存在", "建立这个文件夹"]),
        ("init b.dasai --rules 没有", ["没有", "shanghai-2024"]),
        ("score clear Y001 --judge 没有人 --round preliminary", ["没有人", "dasai judge"]),
        ("advance speech --round final", ["没有晋级规则", "preliminary"]),
    ] {
        world.refused(line.split(' '), 1, &words);
    }
}

#[test]
fn nothing_is_asked_without_a_terminal() {
    let world = world();
    world.refused(["rules", "edit"], 2, &["不在终端中", "dasai rules apply"]);
    world.refused(["import", "-"], 1, &["-", "找不到该文件"]);
}

#[test]
fn an_export_goes_to_a_new_file_in_an_existing_folder_or_nowhere() {
    let world = world();
    world.write("有.csv", "原有内容");
    std::fs::create_dir(world.path("夹.csv")).unwrap();
    for kind in ["entries", "findings", "awards", "rankings", "scores"] {
        world.refused(["export", kind, "--out", "夹.csv"], 2, &["是一个文件夹", "加上文件名"]);
        world.refused(["export", kind, "--out", "没有夹/a.csv"], 1, &["文件夹不存在", "先建好"]);
        world.refused(["export", kind, "--out", "有.csv"], 1, &["文件已存在", "--force"]);
    }
    world.run(["export", "entries", "--out", "有.csv", "--force"]).done();
    assert!(std::fs::read_to_string(world.path("有.csv")).unwrap().contains("故事一"));
}

#[test]
fn the_contest_file_is_the_named_one_or_the_only_one() {
    let world = World::new();
    world.refused(["status"], 2, &["当前文件夹里没有大赛文件", "dasai init"]);
    world.run(["init", "甲.dasai"]).done();
    world.run(["init", "乙.dasai"]).done();
    world.refused(["status"], 2, &["2 个大赛文件", "乙.dasai", "甲.dasai", "--db"]);
    world.run(["--db", "甲.dasai", "status"]).done();
    world.refused(["--db", "", "status"], 2, &["--db", "缺少内容"]);
}

#[test]
fn odd_settings_of_the_environment_are_named() {
    let world = world();
    let with = |name: &str, value: &str| world.finish(world.command().env(name, value).arg("status"));
    with("DASAI_NOW", "昨天").says(2, &["DASAI_NOW 不是时间：昨天", "2024-07-06T09:00:00"]);
    with("DASAI_NOW", "2024-13-01T00:00:00").says(2, &["DASAI_NOW 不是时间"]);
    with("DASAI_WIDTH", "0").says(2, &["DASAI_WIDTH 不是列数：0", "80"]);
    with("DASAI_WIDTH", "宽").says(2, &["DASAI_WIDTH 不是列数：宽", "80"]);
    with("DASAI_DB", "没有.dasai").says(1, &["找不到大赛文件", "没有.dasai", "dasai init"]);
    for name in ["DASAI_NOW", "DASAI_WIDTH", "DASAI_DB", "DASAI_ACTOR"] {
        with(name, "").done();
    }
}

#[test]
fn a_narrow_terminal_gets_blocks_not_a_panic() {
    let world = world();
    for width in ["1", "2", "3", "10"] {
        for line in [
            "status",
            "log",
            "log --operation 2",
            "entry list",
            "entry show Y001",
            "rules show",
            "rank speech",
            "award list",
            "check",
            "import 好.csv",
            "--help",
            "import --help",
            "没有",
        ] {
            let output = world.finish(world.command().env("DASAI_WIDTH", width).args(line.split(' ')));
            assert!((0..=3).contains(&output.code), "{width} {line}: {}", output.text());
            output.says(output.code, &[]);
        }
    }
    let output = world.finish(world.command().env("DASAI_WIDTH", "10").args(["entry", "list"]));
    assert_snapshot!(output.text(), @r"
    参赛作品
    作品编号：
    Y001
    参赛类型：
    质量品牌故
    事演讲
    作品名称：
    故事一
    参赛单位：
    甲公司
    状态：已申
    报

    共 1 件
    --- exit 0
    ");
}

#[test]
#[cfg(unix)]
fn arguments_that_are_no_text_are_refused_or_are_file_names() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let world = world();
    let odd = OsStr::from_bytes(b"\xff\xfe");
    let argument = |text: &'static str| OsStr::new(text);
    world.refused([odd], 2, &["dasai --help"]);
    world.refused([argument("entry"), argument("show"), odd], 2, &["无法识别的文字", "dasai entry show --help"]);
    world.refused([argument("--actor"), odd, argument("status")], 2, &["无法识别的文字"]);
    world.refused([argument("--db"), odd, argument("status")], 1, &["找不到大赛文件"]);
    world.refused([argument("import"), odd], 1, &["找不到该文件"]);
    world.refused([argument("export"), argument("entries"), argument("--out"), odd], 2, &["没有结尾"]);
    // A file with such a name, as archives from elsewhere leave it, is still a file.
    let name = OsStr::from_bytes(b"\xff.csv");
    if std::fs::write(world.path(name), TABLE.replace("故事一", "故事二")).is_ok() {
        world.run([argument("import"), name]).says(0, &["新增 1"]);
        world.run([argument("log"), argument("--verify")]).done();
    }
}

#[test]
fn who_writes_waits_for_another_writer_and_who_reads_does_not() {
    let world = world();
    let sql = rusqlite::Connection::open(world.contest()).unwrap();
    sql.execute_batch("BEGIN IMMEDIATE").unwrap();
    world.write("新.csv", TABLE.replace("故事一", "故事二"));
    let before = dump(&world.contest());
    let began = Instant::now();
    for line in ["status", "entry list", "check", "log", "rank speech", "export entries --out a.csv", "import 新.csv --dry-run"] {
        let output = world.run(line.split(' '));
        assert!([0, 3].contains(&output.code), "{line}: {}", output.text());
    }
    let reading = began.elapsed();
    let began = Instant::now();
    // Each waits its five seconds, all at the same time.
    let writers = ["import 新.csv", "judge add 王芳", "entry withdraw Y001 --reason 来函", "undo"];
    let children: Vec<_> = writers
        .iter()
        .map(|line| {
            let mut command = world.command();
            command.args(line.split(' ')).stdout(Stdio::null()).stderr(Stdio::piped());
            (line, command.spawn().unwrap())
        })
        .collect();
    for (line, child) in children {
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{line}: {text}");
        assert!(text.contains("大赛文件正被另一个程序写入") && text.contains("等它结束后再试"), "{line}: {text}");
    }
    assert!(began.elapsed() >= Duration::from_secs(4), "did not wait");
    assert!(reading < Duration::from_secs(30), "readers waited: {reading:?}");
    drop(sql);
    assert_eq!(dump(&world.contest()), before);
    world.run(["import", "新.csv"]).says(0, &["新增 1"]);
}

/// A limit of the size of files stands for a full disk: what is written beyond it fails.
#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_leaves_everything_as_it_was() {
    use std::process::Command;
    let world = world();
    let rows: String = (0..2000).map(|row| format!("第{row}测试公司,演讲,第{row}个故事{}\n", "很长".repeat(40))).collect();
    world.write("大.csv", format!("参赛单位,参赛类型,作品名称\n{rows}"));
    let limited = |blocks: u32, line: &str| {
        let program = world.command();
        let mut command = Command::new("sh");
        command.current_dir(program.get_current_dir().unwrap()).env_clear();
        command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" {line}");
        world.finish(command.arg("-c").arg(script).arg(program.get_program()))
    };
    // SQLite may leave its empty index beside the file when it could not even make that.
    let kept = || {
        let mut files = world.everything();
        files.retain(|path, bytes| {
            let name = path.to_string_lossy();
            !(name.ends_with("-shm") || name.ends_with("-wal") && bytes.is_empty())
        });
        files
    };
    let before = kept();
    for (blocks, line) in [
        (300, "import 大.csv"),
        (8, "export entries --out 新.xlsx"),
        (0, "export entries --out 新.csv"),
        (8, "backup 新.bak"),
        (8, "init 新.dasai"),
    ] {
        let output = limited(blocks, line);
        output.says(1, &["错误：", "→"]);
        assert!(output.stderr.contains("磁盘") || output.stderr.contains("文件太大"), "{line}: {}", output.text());
        assert!(before == kept(), "{line} left something: {:?}", world.names());
    }
    world.run(["log", "--verify"]).done();
    world.run(["import", "大.csv"]).says(0, &["新增 2000"]);
}

#[test]
#[cfg(unix)]
fn a_read_only_contest_can_be_read_and_says_what_to_do() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = world();
    std::fs::set_permissions(world.contest(), std::fs::Permissions::from_mode(0o400)).unwrap();
    let before = world.everything();
    world.run(["status"]).done();
    let output = world.run(["judge", "add", "王芳"]);
    // Permission bits do not bind root.
    if output.code != 0 {
        output.says(1, &["不可写", "检查文件是否只读"]);
        assert!(before == world.everything());
    }
}
