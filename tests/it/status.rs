//! The dashboard says of marks, awards and lateness what the commands behind it say.

use serde_json::{Value, json};

use crate::results::{RULES, contest, finals, judged};
use crate::world::World;

fn json(world: &World, line: &str) -> Value {
    world.run(line.split(' ').chain(["--format", "json"])).json()
}

/// Of a round: expected, entered and missing by the dashboard.
fn round(world: &World, id: &str) -> (u64, u64, u64) {
    let status = json(world, "status");
    let row = status["rounds"].as_array().unwrap().iter().find(|row| row["round"] == id).unwrap().clone();
    let number = |key: &str| row[key].as_u64().unwrap();
    (number("expected"), number("entered"), number("missing"))
}

/// The same by `score status`.
fn by_score_status(world: &World, id: &str) -> (u64, u64, u64) {
    let status = json(world, &format!("score status --round {id}"));
    let sum = |keys: &[&str]| {
        status["status"].as_array().unwrap().iter().flat_map(|row| keys.iter().map(move |key| row[*key].as_u64().unwrap())).sum()
    };
    (sum(&["expected"]), sum(&["entered", "absent", "recused"]), sum(&["missing"]))
}

fn steps(world: &World) -> String {
    json(world, "status")["next"].as_array().unwrap().iter().map(|step| format!("{}\n", step["reason"].as_str().unwrap())).collect()
}

#[test]
fn a_sheet_counts_once_it_is_whole_and_owed() {
    let world = judged();
    assert_eq!(round(&world, "final"), (8, 8, 0));
    assert!(steps(&world).contains("评分已齐，可以评定奖项"), "{}", steps(&world));
    // One criterion of a sheet is missing.
    world.run(["score", "clear", "Y001", "--round", "final", "--judge", "王芳", "--yes"]).done();
    world.write("半张.csv", "作品编号,评委,内容,语言\nY001,王芳,50,\n");
    world.run(["score", "import", "半张.csv", "--category", "speech", "--round", "final"]);
    assert_eq!(round(&world, "final"), (8, 7, 1));
    assert_eq!(by_score_status(&world, "final"), (8, 7, 1));
    assert!(steps(&world).contains("还差 1 份评分"), "{}", steps(&world));
    // A marked work that left, and a judge who is on both a whole panel and one of its zones.
    world.run(["entry", "disqualify", "Y004", "--reason", "剽窃"]).done();
    world.run(["judge", "add", "李强", "--panel", "speech/pre", "--panel", "speech/pre/东"]).done();
    for id in ["pre", "final"] {
        assert_eq!(round(&world, id), by_score_status(&world, id), "{id}");
    }
    assert_eq!(round(&world, "final"), (6, 5, 1));
}

#[test]
fn given_parts_and_too_few_judges_are_still_to_come() {
    let world = judged();
    world.run(["score", "clear", "Y001", "--round", "final", "--part", "扣分", "--yes"]).done();
    assert!(steps(&world).contains("决赛：还差 1 项给定分"), "{}", steps(&world));
    assert!(!steps(&world).contains("评分已齐"), "{}", steps(&world));
    let world = contest(&RULES.replace("minimum_judges = 2", "minimum_judges = 3"));
    world.write("marks.csv", "作品编号,王芳,王芳（某大学）\nY001,80,80\nY002,80,80\nY003,80,80\nY004,80,80\nY005,80,80\n");
    world.run(["score", "import", "marks.csv", "--category", "speech", "--round", "pre"]).done();
    assert!(steps(&world).contains("初赛：5 件作品有效评分的评委人数不足"), "{}", steps(&world));
}

#[test]
fn awards_stand_once_they_are_confirmed() {
    let world = judged();
    finals(&world, &[("Y001", "50", "30"), ("Y002", "45", "30"), ("Y003", "40", "30"), ("Y004", "30", "20")]);
    world.run(["award", "grant", "Y004", "second", "--reason", "合议"]).done();
    assert!(!steps(&world).contains("奖项都已确认") && steps(&world).contains("可以评定奖项"), "{}", steps(&world));
    world.run(["award", "confirm", "--yes"]).done();
    assert!(steps(&world).contains("奖项都已确认"), "{}", steps(&world));
    world.run(["undo"]).done();
    assert!(!steps(&world).contains("奖项都已确认"), "{}", steps(&world));
}

#[test]
fn works_submitted_late_are_those_that_are_found_late() {
    let mut world = World::init();
    world.write(
        "申报.csv",
        "单位名称,参赛类型,作品名称,提交时间\n上海示例甲有限公司,演讲,螺丝钉,2024-07-06 08:00\n上海示例乙有限公司,演讲,一微米,2024-07-06 08:00\n",
    );
    world.run(["import", "申报.csv"]).done();
    world.now = "2024-07-08T09:00:00".into();
    let late = |world: &World| json(world, "status")["stages"][0]["late"].as_str().unwrap_or_default().to_owned();
    let found = |world: &World| json(world, "check --only D201")["findings"].as_array().unwrap().len();
    assert_eq!((late(&world).as_str(), found(&world)), ("2 件作品在截止后提交", 2));
    world.run(["entry", "withdraw", "Y001", "--reason", "来函"]).done();
    assert_eq!((late(&world).as_str(), found(&world)), ("1 件作品在截止后提交", 1));
    world.run(["deadline", "extend", "submission", "--until", "7月6日", "--entry", "Y002", "--reason", "停电"]).done();
    assert_eq!((late(&world).as_str(), found(&world)), ("另有 1 项单独延期", 0));
    assert_eq!(json!([]), json(&world, "check --only D201")["findings"]);
}
