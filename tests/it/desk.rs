//! What staff meet at the desk: a value that cannot be read, a list whose counts must add up, a file that cannot be written.

use serde_json::json;

use crate::world::World;

const RULES: &str = r#"
format = 1
[contest]
name = "测试大赛"
year = 2024
[deadlines]
submission = 2024-07-05
[zones]
list = ["东", "西"]
[[category]]
id = "speech"
name = "演讲"
prefix = "Y"
[[category.round]]
id = "final"
name = "决赛"
minimum_judges = 1
[category.round.judges]
criteria = [ { name = "内容", max = "100" } ]
step = "0.5"
[[category.award]]
id = "first"
name = "一等奖"
round = "final"
quota = { count = 1 }
[[category.award]]
id = "second"
name = "二等奖"
round = "final"
quota = { count = 2 }
[[category.award]]
id = "third"
name = "三等奖"
round = "final"
quota = { count = 3 }
[[category.award]]
id = "part"
name = "参赛证书"
rest = true
[[special_award]]
id = "style"
name = "风采奖"
category = "speech"
by = "criterion:内容"
alongside = true
"#;

/// Seven works in two zones with these marks of one judge.
fn contest() -> World {
    let world = World::new();
    world.write("规则.toml", RULES);
    world.run(["init", "2024.dasai", "--rules", "规则.toml"]).done();
    let rows: String = ["甲", "乙", "丙", "丁", "戊", "己", "庚"]
        .iter()
        .enumerate()
        .map(|(place, unit)| format!("{unit}厂,演讲,作品{unit},{}\n", if place % 2 == 0 { "东" } else { "西" }))
        .collect();
    world.write("works.csv", format!("单位名称,参赛类型,作品名称,赛区\n{rows}"));
    world.run(["import", "works.csv"]).done();
    world.run(["judge", "add", "王芳", "--panel", "speech"]).done();
    let marks = ["92", "90", "90", "90", "85", "85", "84.5"];
    let rows: String = marks.iter().enumerate().map(|(place, mark)| format!("Y{:03},王芳,{mark}\n", place + 1)).collect();
    world.write("marks.csv", format!("作品编号,评委,内容\n{rows}"));
    world.run(["score", "import", "marks.csv", "--category", "speech", "--round", "final"]).done();
    world
}

#[test]
fn a_typed_value_that_cannot_be_read_is_refused() {
    let world = contest();
    for value in ["duration=六分", "submitted_at=7.5", "length=很多"] {
        world.refused(["entry", "set", "Y001", "title=新题", value], 2, &["的值读不懂", value.split_once('=').unwrap().1]);
    }
    world.write("坏行.csv", "单位名称,参赛类型,作品名称,作品时长\n辛厂,朗诵,作品辛,6分\n");
    world.run(["import", "坏行.csv"]).says(3, &["隔离"]);
    world.refused(["quarantine", "retry", "1", "--set", "category=演讲", "--set", "duration=六分"], 2, &["作品时长的值读不懂：六分"]);
    world.run(["quarantine", "retry", "1", "--set", "category=演讲", "--set", "duration=六分钟"]).says(2, &[]);
    world.run(["quarantine", "retry", "1", "--set", "category=演讲", "--set", "duration=5分30秒"]).done();
}

#[test]
fn the_last_minute_of_a_day_may_be_written_as_24() {
    let world = contest();
    world.run(["entry", "set", "Y001", "submitted_at=2024-07-05 24:00"]).says(0, &[]);
    world.run(["check", "Y001", "--only", "D201"]).says(0, &[]);
    world.run(["deadline", "extend", "submission", "--until", "2024-07-08 24:00", "--reason", "停电"]).says(0, &[]);
    world.run(["deadline", "list"]).says(0, &["2024-07-08"]);
}

#[test]
fn a_moment_of_receipt_is_never_called_a_submission() {
    let world = contest();
    world.run(["check", "Y001", "--only", "D201"]).says(3, &["收到于", "表上没有提交时间"]);
    world.run(["entry", "set", "Y001", "submitted_at=2024-07-06 08:00"]).says(0, &[]);
    let said = world.run(["check", "Y001", "--only", "D201"]);
    said.says(3, &["提交于 2024-07-06 08:00:00"]);
    assert!(!said.text().contains("表上没有"), "{}", said.text());
}

#[test]
fn a_part_of_a_ranking_keeps_the_places_of_the_round() {
    let world = contest();
    let ranking = world.run(["rank", "speech", "--zone", "西", "--format", "json"]).json();
    let places: Vec<_> = ranking["ranking"].as_array().unwrap().iter().map(|row| (row["entry"].clone(), row["place"].clone())).collect();
    assert_eq!(places, [(json!("Y002"), json!(2)), (json!("Y004"), json!(2)), (json!("Y006"), json!(5))]);
}

#[test]
fn a_margin_leaves_out_what_waits_for_a_decision() {
    let world = contest();
    let proposal = world.run(["award", "propose", "speech", "--format", "json"]).json();
    let third = proposal["levels"].as_array().unwrap().iter().find(|level| level["award"] == "third").unwrap();
    assert_eq!((&third["last"], &third["next"], &third["margin"]), (&json!("85.00"), &json!("84.50"), &json!("0.50")), "{third}");
    assert_eq!(proposal["questions"][0]["award"], "second");
}

#[test]
fn a_work_with_two_awards_is_counted_once() {
    let world = contest();
    world.run(["award", "confirm", "speech", "--expand=second"]).done();
    world.run(["export", "awards", "--category", "speech", "--out", "名单.md"]).done();
    let list = std::fs::read_to_string(world.path("名单.md")).unwrap();
    assert!(list.contains("共 7 件作品，获奖 8 项：一等奖 1 件、二等奖 3 件、三等奖 2 件"), "{list}");
}

#[test]
fn a_scan_is_refused_before_it_writes_what_it_cannot_export() {
    let world = contest();
    world.write("材料/甲厂作品甲.pdf", "%PDF-1.7 无");
    world.write("有了.xlsx", "");
    for (target, word) in [("q.csv", ".xlsx 结尾"), ("没有/q.xlsx", "文件夹不存在"), ("有了.xlsx", "已存在")] {
        let code = if target == "q.csv" { 2 } else { 1 };
        world.refused(["attachment", "scan", "材料", "--export", target], code, &[word]);
    }
}

#[test]
fn a_trial_says_that_it_wrote_no_file() {
    let world = contest();
    let said = world.run(["--dry-run", "check", "--export", "问题.xlsx"]);
    said.says(3, &["将另存为", "没有写"]);
    assert!(!world.names().contains(&"问题.xlsx".to_owned()));
}

#[test]
fn a_redo_stops_at_newer_work_and_goes_on_by_number() {
    let world = contest();
    world.run(["entry", "set", "Y001", "title=错误的题目"]).done();
    let log = world.run(["log", "--limit", "1", "--format", "json"]).json();
    let number = log["operations"][0]["id"].to_string();
    world.run(["undo"]).done();
    world.run(["entry", "set", "Y001", "theme=上海服务"]).done();
    world.refused(["redo"], 1, &["撤销之后又有新的操作", &format!("dasai redo --operation {number}")]);
    world.run(["redo", "--operation", &number]).says(0, &["取消了这些撤销"]);
    world.run(["entry", "show", "Y001"]).says(0, &["错误的题目", "上海服务"]);
    world.refused(["redo", "--operation", &number], 1, &["没有被撤销"]);
    world.refused(["redo", "--operation", "99"], 1, &["没有第 99 号操作"]);
}

#[test]
fn a_stray_nul_makes_no_other_encoding() {
    let world = contest();
    let table = "单位名称,作品名称,参赛类型\n壬厂,壬的\0故事,演讲\n";
    world.write("utf8.csv", table);
    world.write("gbk.csv", encoding_rs::GB18030.encode(&table.replace('壬', "癸")).0);
    for (name, encoding, title) in [("utf8.csv", "UTF-8", "壬的故事"), ("gbk.csv", "GB18030", "癸的故事")] {
        let report = world.run(["import", name, "--format", "json"]).json();
        assert_eq!((&report["files"][0]["encoding"], &report["totals"]["added"]), (&json!(encoding), &json!(1)), "{report}");
        world.run(["entry", "search", title]).says(0, &[title]);
    }
}

#[test]
fn a_mark_without_a_judge_asks_for_the_name() {
    let world = contest();
    world.write("分.csv", "作品编号,评委,内容\nY007,,40\n,王芳,40\n");
    let said = world.run(["score", "import", "分.csv", "--category", "speech", "--round", "final", "--dry-run"]);
    said.says(3, &["没有写评委姓名", "写上评委姓名后重新导入", "提醒"]);
    assert!(!said.text().contains("judge add  "), "{}", said.text());
}

#[test]
fn what_is_printed_of_a_work_can_be_typed() {
    let world = contest();
    for (name, value) in [("可否获奖", "no"), ("award_eligible", "yes")] {
        world.run(["entry", "set", "Y001", &format!("{name}={value}"), "--reason", "主办单位"]).says(0, &["可否获奖"]);
    }
}

#[test]
fn an_elimination_without_a_reason_names_both_ways() {
    contest().refused(["screen", "reject", "Y001"], 2, &["--reason", "--code"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_change_that_cannot_be_shown_is_said_to_be_done() {
    let world = contest();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = world.command().args(["entry", "set", "Y001", "remark=一"]).stdout(full).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("改动已写入（第") && said.contains("dasai log --operation"), "{said}");
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = world.command().args(["entry", "list"]).stdout(full).output().unwrap();
    assert!(String::from_utf8(output.stderr).unwrap().contains("无法输出结果"));
}

#[test]
fn a_command_is_suggested_only_where_it_is_meant() {
    let world = World::new();
    for (typed, wanted) in [("restore", "dasai entry restore"), ("verify", "dasai log --verify"), ("imprt", "dasai import")] {
        world.refused([typed], 2, &["您是不是要输入", wanted]);
    }
    for typed in ["man", "purge", "doctor"] {
        let said = world.refused([typed], 2, &["没有命令"]);
        assert!(!said.text().contains("您是不是"), "{}", said.text());
    }
}

#[test]
fn every_key_of_a_ranking_and_of_a_work_on_the_desk_is_there() {
    let world = contest();
    let ranking = world.run(["rank", "speech", "--format", "json"]).json();
    assert_eq!(ranking["ranking"][0]["zone"], "东");
    let work = world.run(["screen", "show", "Y001", "--format", "json"]).json();
    for key in ["returned_at", "due", "return_reason"] {
        assert_eq!(work.get(key), Some(&json!(null)), "{key}");
    }
    assert_eq!((&work["changes"], &work["cure"]), (&json!([]), &json!([])));
}

#[test]
fn a_check_of_some_works_counts_those() {
    contest().run(["check", "Y001", "Y002", "--only", "D201"]).says(3, &["查了 2 件作品，2 件有问题"]);
}
