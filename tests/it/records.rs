//! What a command that records something tells scripts, and what it leaves out aloud.

use serde_json::{Value, json};

use crate::world::World;

fn contest() -> World {
    let world = World::init();
    world.write("a.csv", "参赛单位,参赛类型,作品名称,赛区\n上海甲有限公司,演讲,故事一,浦东\n上海乙有限公司,演讲,故事二,浦东\n");
    world.run(["import", "a.csv"]).done();
    world
}

fn json_of(world: &World, line: &str) -> Value {
    world.run(line.split(' ').chain(["--format", "json"])).done().json()
}

#[test]
fn a_mark_and_a_judge_are_told_as_recorded() {
    let world = contest();
    let panel = json!([{"category": "speech", "round": "preliminary", "zone": "浦东"}]);
    let added = json_of(&world, "judge add 王芳 --panel speech/preliminary/浦东");
    assert_eq!(added, json!({"judge": "王芳", "new": true, "organization": null, "panels": panel}));
    let again = json_of(&world, "judge add 王芳 --panel speech/preliminary/浦东");
    assert_eq!(again, json!({"judge": "王芳", "new": false, "organization": null, "panels": []}));
    let set = "score set Y001 --judge 王芳 --round preliminary --total 90";
    let change = |old: Value, new: Value| json!({"changes": [{"entry": "Y001", "round": "preliminary", "judge": "王芳", "part": null, "old": old, "new": new}]});
    let dry = json_of(&world, &format!("{set} --dry-run"));
    assert_eq!(json_of(&world, set), dry);
    assert_eq!(json_of(&world, set), json!({"changes": []}));
    let told = json_of(&world, "score clear Y001 --judge 王芳 --round preliminary");
    assert_eq!(told, change(dry["changes"][0]["new"].clone(), Value::Null));
    assert_eq!(dry, change(Value::Null, told["changes"][0]["old"].clone()));
}

#[test]
fn a_decision_is_told_as_recorded() {
    let world = contest();
    let told = json_of(&world, "award grant Y001 second --reason 合议");
    let decision = |granted: bool, changed: bool| json!({"entry": "Y001", "title": "故事一", "award": "second", "name": "二等奖", "granted": granted, "reason": "合议", "changed": changed});
    assert_eq!(told, decision(true, true));
    assert_eq!(json_of(&world, "award grant Y001 second --reason 合议"), decision(true, false));
    assert_eq!(json_of(&world, "award revoke Y001 second --reason 合议"), decision(false, true));
}

#[test]
fn a_trial_of_undo_says_that_nothing_was_done_yet() {
    let world = contest();
    assert!(world.run(["undo", "--dry-run"]).done().stdout.starts_with("将撤销这些操作"));
    assert!(world.run(["undo"]).done().stdout.starts_with("撤销了这些操作"));
    assert!(world.run(["redo", "--dry-run"]).done().stdout.starts_with("将取消这些撤销"));
    assert!(world.run(["redo"]).done().stdout.starts_with("取消了这些撤销"));
}

#[test]
fn a_unit_is_found_by_its_other_name() {
    let world = contest();
    world.run(["org", "alias", "上海甲有限公司", "甲厂"]).done();
    let found = json_of(&world, "entry list --organization 甲厂");
    let numbers: Vec<&Value> = found["entries"].as_array().unwrap().iter().map(|work| &work["number"]).collect();
    assert_eq!(numbers, ["Y001"]);
}

#[test]
fn a_deadline_is_a_date_for_scripts() {
    let world = contest();
    let shown = json_of(&world, "rules show");
    assert_eq!(shown["deadlines"][0], json!({"stage": "submission", "date": "2024-07-05", "text": "2024-07-05 24:00 前"}));
    let milestone = shown["deadlines"].as_array().unwrap().last().unwrap();
    assert!(milestone["date"].is_null() && milestone["text"].is_string(), "{milestone}");
}

#[test]
fn a_ranking_that_cannot_be_made_is_named_beside_the_others() {
    let world = World::new();
    let rules = r#"
format = 1
[contest]
name = "试赛"
[[category]]
id = "speech"
name = "演讲"
prefix = "Y"
[[category.round]]
id = "final"
name = "决赛"
[category.round.judges]
criteria = [ { name = "内容", max = "100" } ]
[[category]]
id = "case"
name = "案例"
prefix = "A"
[[category.round]]
id = "final"
name = "复审"
[category.round.judges]
criteria = [ { name = "内容", max = "100" } ]
normalize = "z_score"
"#;
    world.write("r.toml", rules);
    world.run(["init", "2024.dasai", "--rules", "r.toml"]).done();
    world.write("a.csv", "参赛单位,参赛类型,作品名称\n甲公司,演讲,故事一\n乙公司,案例,故事二\n丙公司,案例,故事三\n");
    world.run(["import", "a.csv"]).done();
    for (judge, entry, category) in [("王芳", "Y001", "speech"), ("李明", "A001", "case"), ("赵强", "A002", "case")] {
        world.run(["judge", "add", judge, "--panel", &format!("{category}/final")]).done();
        world.run(["score", "set", entry, "--judge", judge, "--total", "90"]).done();
    }
    assert_eq!(world.run(["export", "rankings", "--category", "case", "--out", "case.json"]).code, 1);
    let all = world.run(["export", "rankings", "--out", "all.json", "--format", "json"]);
    assert_eq!(all.code, 3, "{}", all.text());
    assert!(all.stdout.contains("\"category\": \"case\"") && !all.stdout.contains("\"category\": \"speech\""), "{}", all.text());
    let file: Value = serde_json::from_slice(&std::fs::read(world.path("all.json")).unwrap()).unwrap();
    assert_eq!(file["tables"].as_array().unwrap().len(), 1);
    assert!(world.run(["export", "rankings", "--out", "all.md"]).stdout.contains("没有导出的参赛类型"));
}
