//! Forms from files to works: what is added, that a second time changes nothing, and that what was refused can be mended.

use std::path::PathBuf;

use serde_json::json;

use crate::world::World;

/// A contest, and the files of `fixtures/forms` in a folder beside it.
fn world() -> World {
    let world = World::init();
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/forms");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !path.extension().is_some_and(|ending| ending == "json" || ending == "py") {
            world.write(&format!("收件/{name}"), std::fs::read(&path).unwrap());
        }
    }
    world
}

#[test]
fn every_form_becomes_works_once() {
    let world = world();
    let names: Vec<String> = std::fs::read_dir(world.path("收件"))
        .unwrap()
        .map(|entry| format!("收件/{}", entry.unwrap().file_name().to_string_lossy()))
        .collect();
    assert!(names.len() >= 30);
    let first = world.run(["import", "收件", "--format", "json"]);
    assert_eq!(first.code, 3, "{}", first.text());
    let totals = &first.json()["totals"];
    assert!(totals["added"].as_u64().unwrap() >= 12, "{totals}");
    let log = world.run(["log", "--format", "json"]).stdout;
    let again = world.run(["import", "收件", "--format", "json"]);
    assert_eq!((&again.json()["totals"]["added"], &again.json()["totals"]["updated"]), (&json!(0), &json!(0)));
    assert_eq!(world.run(["log", "--format", "json"]).stdout, log, "an import of nothing new leaves no operation");
}

#[test]
fn a_form_with_two_categories_is_two_works() {
    let world = world();
    let output = world.run(["import", "收件/two_categories.docx", "--format", "json"]);
    assert_eq!(output.json()["totals"]["added"], 2, "{}", output.text());
    let works = world.run(["entry", "list", "--format", "json"]).json();
    let numbers: Vec<&str> = works["entries"].as_array().unwrap().iter().map(|work| work["number"].as_str().unwrap()).collect();
    assert_eq!(numbers, ["W001", "Y001"]);
}

#[test]
fn a_form_without_a_tick_waits_and_is_mended_by_hand() {
    let world = world();
    let output = world.run(["import", "收件/ticks_wrong.docx", "--format", "json"]);
    output.says(3, &["参赛类型一项没有勾选"]);
    assert_eq!(output.json()["totals"]["quarantined"], 1);
    world.run(["quarantine", "retry", "1", "--set", "category=演讲"]).done();
    let entry = world.run(["entry", "show", "Y001", "--format", "json"]).json();
    assert_eq!(entry["entry"]["source"]["sheet"], "表1");
    assert_eq!(entry["entry"]["title"], "一颗螺丝钉");
}

#[test]
fn what_is_no_form_is_said_and_brings_nothing() {
    let world = world();
    let alone = |name: &str| world.run(["import", name]);
    // Its works are not there: its rows wait.
    alone("收件/recommendation.docx").says(3, &["推荐表（附件3）", "上海示例（集团）有限公司", "3 件作品", "隔离 3"]);
    alone("收件/article.docx").says(0, &["不是登记表", "作为附件留存", "没有改动"]);
    alone("收件/declaration.doc").says(1, &["旧版 Word 文档", "需要重新录入", "另存为 docx"]);
    alone("收件/scan.pdf").says(1, &["PDF", "需要重新录入"]);
}
