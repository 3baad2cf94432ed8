//! From received files to works: what staff see, what scripts read, what stays in the contest.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::world::World;

const TABLE: &str = "汇总表,,,,,,,
参赛单位名称,参赛类型,参赛作品名称,作品类别,主创者姓名,联系人,联系手机,推荐单位
上海甲乙（集团）有限公司,质量品牌故事演讲,一颗螺丝钉,上海制造,张示例,李示例,13800001234,黄浦区市场监督管理局
上海甲乙(集团)有限公司,☑质量品牌故事演讲 □质量品牌故事微电影,两颗螺丝钉,上海制造,张示例,李示例,13800001234,
,微电影,无单位的作品,上海服务,王示例,,,
丙丁公司,相声,某作品,,,,,
";

fn world() -> World {
    let world = World::init();
    world.write("a.csv", TABLE);
    world
}

fn totals(output: &crate::world::Output) -> Value {
    output.json()["totals"].clone()
}

fn sum(totals: &Value) -> u64 {
    ["added", "updated", "unchanged", "changed", "quarantined"].iter().map(|key| totals[key].as_u64().unwrap()).sum()
}

#[test]
fn a_table_becomes_works_and_quarantine_once() {
    let world = world();
    let output = world.run(["import", "a.csv", "--format", "json"]);
    assert_eq!(output.code, 3, "{}", output.text());
    assert_eq!(totals(&output), json!({"rows": 4, "added": 2, "updated": 0, "unchanged": 0, "changed": 0, "quarantined": 2}));
    let file = &output.json()["files"][0];
    let keys: Vec<&String> = file.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "path",
            "kind",
            "encoding",
            "sheet",
            "rows",
            "added",
            "updated",
            "unchanged",
            "changed",
            "quarantined",
            "problems",
            "outcome",
            "entry"
        ]
    );
    let problem = file["problems"].as_array().unwrap().iter().find(|problem| problem["code"] == "I504").unwrap();
    let keys: Vec<&String> = problem.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["code", "severity", "file", "sheet", "cell", "row", "field", "value", "message", "hint"]);
    assert_eq!((&problem["row"], &problem["field"], &problem["value"]), (&json!(6), &json!("category"), &json!("相声")));

    let log = world.run(["log", "--format", "json"]).stdout;
    let output = world.run(["import", "a.csv", "--format", "json"]);
    assert_eq!(totals(&output), json!({"rows": 4, "added": 0, "updated": 0, "unchanged": 2, "changed": 0, "quarantined": 2}));
    assert_eq!(world.run(["quarantine", "list", "--format", "json"]).json()["quarantine"].as_array().unwrap().len(), 2);
    assert_eq!(world.run(["log", "--format", "json"]).stdout, log, "an import of nothing new leaves no operation");
}

#[test]
fn a_dry_run_says_the_same_and_writes_nothing() {
    let world = world();
    world.write("b.csv", TABLE.replace("张示例", "王示例"));
    let before = std::fs::read(world.contest()).unwrap();
    let dry = world.run(["import", "a.csv", "b.csv", "--update", "--dry-run", "--format", "json"]);
    assert_eq!(std::fs::read(world.contest()).unwrap(), before);
    let wet = world.run(["import", "a.csv", "b.csv", "--update", "--format", "json"]);
    assert_eq!(dry.stdout, wet.stdout);
    assert_eq!(totals(&wet)["updated"], 2);
    assert_eq!(sum(&totals(&wet)), totals(&wet)["rows"].as_u64().unwrap());
}

#[test]
fn other_values_wait_for_update_and_are_masked() {
    let world = world();
    world.run(["import", "a.csv"]);
    world.write("b.csv", TABLE.replace("13800001234", "13800005678"));
    let output = world.run(["import", "b.csv", "--format", "json"]);
    assert_eq!(totals(&output)["changed"], 2);
    assert!(!output.stdout.contains("13800005678"), "{}", output.text());
    assert!(output.stdout.contains("138****1234 → 138****5678"), "{}", output.text());
    let show = |flags: &[&str]| world.run(["entry", "show", "Y001", "--format", "json"].iter().chain(flags)).json()["entry"].clone();
    assert_eq!(show(&["--reveal"])["contact_phone"], "13800001234");
    assert_eq!(totals(&world.run(["import", "b.csv", "--update", "--format", "json"]))["updated"], 2);
    let entry = show(&["--reveal"]);
    assert_eq!((&entry["contact_phone"], &entry["source"]), (&json!("13800005678"), &json!({"file": "b.csv", "sheet": null, "row": 3})));
    assert_eq!(show(&[])["contact_phone"], "138****5678");
    assert_eq!(show(&[])["history"].as_array().unwrap().len(), 2);
    world.run(["undo"]).done();
    assert_eq!(show(&["--reveal"])["contact_phone"], "13800001234");
}

#[test]
fn a_bad_file_never_stops_the_others() {
    let world = world();
    world.write("收件/b.csv", "参赛单位,参赛类型,作品名称\n戊己公司,演讲,另一个故事\n");
    world.write("收件/子/c.xlsx", "这不是工作簿");
    world.write("收件/照片.jpg", "图");
    let output = world.run(["import", "收件", "没有.csv", "a.csv", "--format", "json"]);
    assert_eq!(output.code, 3, "{}", output.text());
    let paths: Vec<String> =
        output.json()["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap().replace('\\', "/")).collect();
    assert_eq!(paths, ["收件/b.csv", "收件/子/c.xlsx", "收件/照片.jpg", "没有.csv", "a.csv"]);
    assert_eq!(totals(&output)["added"], 3);
    let output = world.run(["import", "没有.csv", "--format", "json"]);
    assert_eq!(output.code, 1, "{}", output.text());
    assert_eq!(output.json()["files"][0]["problems"][0]["severity"], "error");
}

#[test]
fn quarantined_rows_are_mended_or_put_aside() {
    let world = world();
    world.run(["import", "a.csv"]);
    assert_eq!(world.run(["quarantine", "retry"]).code, 3);
    let output = world.run(["quarantine", "retry", "2", "--set", "category=案例"]).done();
    assert_snapshot!(output.text(), @"
    重新接收
    编号  文件   行  结果    作品编号
    ─────────────────────────────────
       2  a.csv   6  已接收  A001

    接收 1 行，仍不能接收 0 行
    --- exit 0
    ");
    assert_eq!(world.run(["entry", "show", "A001", "--format", "json"]).json()["entry"]["source"]["row"], 6);
    let count = || world.run(["log", "--format", "json"]).json()["operations"].as_array().unwrap().len();
    world.run(["quarantine", "discard", "1", "1", "--reason", "说明文字"]).done();
    let log = world.run(["log"]).done().stdout;
    assert!(log.contains("弃置隔离的 1 行"), "{log}");
    let before = count();
    world.run(["quarantine", "discard", "1", "--reason", "说明文字"]).done().says(0, &["没有改动"]);
    assert_eq!(count(), before, "nothing to change: no operation");
    let output = world.run(["import", "a.csv", "--format", "json"]);
    assert_eq!((output.code, &totals(&output)["unchanged"]), (0, &json!(4)), "{}", output.text());
    assert_eq!(world.run(["quarantine", "retry", "2"]).code, 1);
}

#[test]
fn units_merge_unless_two_works_would_be_one() {
    let world = World::init();
    world.write("a.csv", "参赛单位,参赛类型,作品名称\n上海甲有限公司,演讲,故事\n上海甲有限责任公司,演讲,另一个\n乙公司,演讲,《故事》\n");
    world.run(["import", "a.csv"]).done();
    let output = world.run(["org", "merge", "乙公司", "上海甲有限公司"]);
    assert_snapshot!(output.text(), @r"
    --- stderr
    错误：合并后有同类型、同名的作品：Y003 与 Y001
      → 确是同一件：dasai org merge 乙公司 上海甲有限公司 --join-works，保留后一件
      → 不是同一件：先用 dasai entry set 编号 title=… 区分名称，再合并
    --- exit 1
    ");
    let similar = world.run(["org", "list", "--similar", "--format", "json"]).json();
    assert_eq!(similar["organizations"].as_array().unwrap().len(), 2);
    world.run(["org", "merge", "上海甲有限责任公司", "上海甲有限公司"]).done();
    let works = world.run(["entry", "list", "--organization", "上海甲有限公司", "--format", "json"]).json();
    assert_eq!(works["entries"].as_array().unwrap().len(), 2);
    // The old name is an alias now: the same file brings nothing new.
    assert_eq!(totals(&world.run(["import", "a.csv", "--format", "json"]))["unchanged"], 3);
    world.run(["undo"]).done();
    assert_eq!(world.run(["org", "list", "--format", "json"]).json()["organizations"].as_array().unwrap().len(), 3);
}

#[test]
fn a_work_is_corrected_withdrawn_and_restored() {
    let world = world();
    world.run(["import", "a.csv"]);
    world.run(["entry", "set", "y001", "作品时长=5分30秒", "zone=浦东", "honors="]).done();
    assert_eq!(world.run(["entry", "set", "Y001", "award_eligible=no"]).code, 2);
    world.run(["entry", "set", "Y001", "award_eligible=no", "--reason", "主办单位自己的作品"]).done();
    assert_eq!(world.run(["entry", "set", "Y001", "title=《两颗螺丝钉》"]).code, 1);
    assert_eq!(world.run(["entry", "set", "Y001", "zone=火星"]).code, 2);
    let entry = world.run(["entry", "show", "Y001", "--format", "json"]).json()["entry"].clone();
    assert_eq!(
        (&entry["duration"], &entry["zone"], &entry["award_eligible"], &entry["award_reason"]),
        (&json!(330), &json!("浦东"), &json!(false), &json!("主办单位自己的作品"))
    );
    world.run(["entry", "withdraw", "Y001", "--reason", "来函"]).done();
    assert_eq!(world.run(["entry", "withdraw", "Y001", "--reason", "来函"]).code, 1);
    let listed = |flags: &[&str]| {
        let works = world.run(["entry", "list", "--format", "json"].iter().chain(flags)).json();
        works["entries"].as_array().unwrap().iter().map(|work| work["number"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(listed(&["--status", "已撤回"]), ["Y001"]);
    assert_eq!(listed(&["--category", "演讲", "--zone", "浦东"]), ["Y001"]);
    assert_eq!(listed(&["--recommender", "黄浦"]), ["Y001"]);
    world.run(["entry", "restore", "Y001"]).done();
    assert!(listed(&["--status", "withdrawn"]).is_empty());
    assert_eq!(world.run(["entry", "search", "螺丝钉", "--format", "json"]).json()["entries"].as_array().unwrap().len(), 2);
}

#[test]
fn a_column_that_staff_explained_is_remembered() {
    let world = World::init();
    world.write("a.csv", "报送单位,参赛类型,作品名称\n甲公司,演讲,故事\n");
    assert_eq!(totals(&world.run(["import", "a.csv", "--format", "json"]))["quarantined"], 1);
    let output = world.run(["import", "a.csv", "--map", "报送单位=organization", "--format", "json"]);
    assert_eq!(totals(&output)["added"], 1, "{}", output.text());
    world.write("b.csv", "报送单位,参赛类型,作品名称\n甲公司,演讲,第二个故事\n");
    assert_eq!(totals(&world.run(["import", "b.csv", "--format", "json"]))["added"], 1);
    assert_eq!(world.run(["import", "a.csv", "--map", "报送单位=没有"]).code, 2);
}

#[test]
fn the_dashboard_says_what_to_do_next() {
    let world = world();
    world.run(["import", "a.csv"]);
    let status = world.run(["status", "--format", "json"]).json();
    assert_eq!((&status["entries"], &status["quarantine_open"], &status["organizations"]), (&json!(2), &json!(2), &json!(1)));
    let commands: Vec<&str> = status["next"].as_array().unwrap().iter().map(|step| step["command"].as_str().unwrap()).collect();
    assert!(commands.contains(&"dasai quarantine list"), "{commands:?}");
    assert_eq!(status["stages"][0]["state"], "past");
}

#[test]
fn a_correction_outlives_the_file_that_comes_again() {
    let world = world();
    world.run(["import", "a.csv"]);
    world.run(["entry", "set", "Y001", "title=一颗大螺丝钉", "recommender="]).done();
    for flags in [&[][..], &["--update"]] {
        let output = world.run(["import", "a.csv", "--format", "json"].iter().chain(flags));
        assert_eq!((&totals(&output)["added"], &totals(&output)["unchanged"]), (&json!(0), &json!(2)), "{}", output.text());
        assert!(output.text().contains("I518"));
    }
    let entry = world.run(["entry", "show", "Y001", "--format", "json"]).json()["entry"].clone();
    assert_eq!((&entry["title"], &entry["recommender"]), (&json!("一颗大螺丝钉"), &Value::Null));
    // Another row is news; what it brought is then the work's origin. That it repeats the old title is none.
    world.write("b.csv", TABLE.replace("张示例,李示例,13800001234,黄浦", "张示例,赵示例,13800001234,黄浦"));
    assert_eq!(totals(&world.run(["import", "b.csv", "--format", "json"]))["changed"], 1);
    assert_eq!(totals(&world.run(["import", "b.csv", "--update", "--format", "json"]))["updated"], 1);
    let entry = world.run(["entry", "show", "Y001", "--format", "json"]).json()["entry"].clone();
    assert_eq!((&entry["title"], &entry["source"]["file"]), (&json!("一颗大螺丝钉"), &json!("b.csv")));
    // A correction that was undone is none.
    let world = self::world();
    world.run(["import", "a.csv"]);
    world.run(["entry", "set", "Y001", "title=一颗大螺丝钉"]).done();
    world.run(["undo"]).done();
    world.write("c.csv", "单位名称,参赛类型,作品名称\n上海甲乙（集团）有限公司,演讲,一颗大螺丝钉\n");
    assert_eq!(totals(&world.run(["import", "c.csv", "--format", "json"]))["added"], 1);
}

#[test]
fn a_number_once_given_is_never_another_work_s() {
    let world = world();
    world.run(["import", "a.csv"]);
    world.run(["undo"]).done();
    world.write("b.csv", "单位名称,参赛类型,作品名称\n戊公司,演讲,别的故事\n上海甲乙(集团)有限公司,演讲,《两颗螺丝钉》\n");
    world.run(["import", "b.csv"]).done();
    let works = world.run(["entry", "list", "--format", "json"]).json();
    let works: Vec<_> = works["entries"].as_array().unwrap().iter().map(|work| (work["number"].clone(), work["title"].clone())).collect();
    assert_eq!(works, [(json!("Y002"), json!("《两颗螺丝钉》")), (json!("Y003"), json!("别的故事"))]);
    // Its history is its own, not that of the work whose row was freed.
    let entry = world.run(["entry", "show", "Y003", "--format", "json"]).json()["entry"].clone();
    assert_eq!(entry["history"].as_array().unwrap().len(), 1);
}

#[test]
fn a_quarantined_row_stays_until_it_is_settled_and_shows_no_number() {
    let world = World::init();
    world.write(
        "q.csv",
        "单位名称,作品名称,参赛类型,联系电话,备注,经办微信\n甲公司,故事,演讲,13800001234,,\n甲公司,故事,相声,13800005678,找13800002345,13800003456\n",
    );
    world.run(["import", "q.csv"]);
    for format in ["table", "json"] {
        let shown = world.run(["quarantine", "show", "1", "--format", format]).done();
        assert!(!shown.text().contains("138000"), "{}", shown.text());
    }
    // It means a known work with another phone: neither taken nor put away in silence.
    let output = world.run(["quarantine", "retry", "1", "--set", "category=演讲"]);
    assert_eq!(output.code, 3);
    let open = world.run(["quarantine", "list", "--format", "json"]).json();
    assert_eq!(open["quarantine"].as_array().unwrap().len(), 1);
}

#[test]
fn a_row_that_a_later_import_accepts_waits_no_longer() {
    let world = World::init();
    let source = world.run(["rules", "show", "--source"]).done().stdout;
    world.write("q.csv", "单位名称,作品名称,参赛类型\n甲公司,故事,相声\n乙公司,,演讲\n");
    world.run(["import", "q.csv"]);
    world.write("r.toml", source.replace("aliases = [\"演讲\"", "aliases = [\"相声\", \"演讲\""));
    world.run(["rules", "apply", "r.toml", "--yes"]).done();
    let trial = world.run(["import", "q.csv", "--dry-run"]);
    assert_eq!(world.run(["status", "--format", "json"]).json()["quarantine_open"], 2, "{}", trial.text());
    world.run(["import", "q.csv"]);
    let rows = world.run(["quarantine", "list", "--all", "--format", "json"]).json();
    let states: Vec<_> = rows["quarantine"].as_array().unwrap().iter().map(|row| row["state"].clone()).collect();
    assert_eq!(states, ["accepted", "open"]);
    assert_eq!(world.run(["quarantine", "show", "1", "--format", "json"]).json()["entry"], "Y001");
    // It is part of the import: undone with it.
    world.run(["undo"]).done();
    assert_eq!(world.run(["status", "--format", "json"]).json()["quarantine_open"], 2);
}

#[test]
fn an_absurd_length_goes_to_quarantine_whole() {
    let world = World::init();
    let title = "质".repeat(300_000);
    world.write("q.csv", format!("单位名称,作品名称,参赛类型\n甲公司,{title},演讲\n乙公司,故事,演讲\n"));
    let output = world.run(["import", "q.csv", "--format", "json"]);
    assert_eq!((output.code, &totals(&output)["quarantined"], &totals(&output)["added"]), (3, &json!(1), &json!(1)));
    assert_eq!(output.json()["files"][0]["problems"][0]["code"], "I508");
    let kept = world.run(["quarantine", "show", "1", "--format", "json"]).done().json();
    assert_eq!(kept["received"][1]["text"].as_str().unwrap().len(), title.len());
    let refused = world.run(["entry", "set", "Y001", &format!("title={}", "质".repeat(501))]);
    assert!(refused.code == 2 && refused.stderr.contains("501 字"), "{}", refused.text());
    world.run(["quarantine", "retry", "1", "--set", "title=短题"]).done();
}

#[test]
fn a_title_remembered_with_two_meanings_is_not_decided_by_a_retry_either() {
    let world = World::init();
    world.write("one.csv", "单位名称,作品名称,参赛类型,甲列\n甲公司,故事一,演讲,某某\n");
    world.write("two.csv", "单位名称,作品名称,类型,甲列\n乙公司,故事二,演讲,说明\n");
    world.write("three.csv", "单位名称,作品名称,参赛类型,甲列,乙列\n丙公司,故事三,相声,某某,\n");
    world.run(["import", "one.csv", "--map", "甲列=creators"]).done();
    world.run(["import", "two.csv", "--map", "甲列=remark"]).done();
    world.run(["import", "three.csv"]);
    world.run(["quarantine", "retry", "1", "--set", "category=演讲"]).done();
    let work = world.run(["entry", "show", "Y003", "--format", "json"]).json()["entry"].clone();
    assert_eq!((&work["title"], &work["creators"], &work["remark"]), (&json!("故事三"), &Value::Null, &Value::Null));
}
