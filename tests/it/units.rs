//! Units that may be one, later versions against staff's corrections, corrected files against quarantine, and everything twice.

use std::path::Path;

use dasai::domain::status::Status;
use dasai::domain::values::EntryId;
use dasai::store::db::Db;
use dasai::store::entries;
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::fill;
use crate::undo::dump;
use crate::world::{Output, World};

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)).unwrap()
}

fn json(world: &World, arguments: &[&str]) -> Value {
    world.run(arguments.iter().copied().chain(["--format", "json"])).json()
}

fn problems(output: &Output, code: &str) -> Vec<String> {
    let files = output.json()["files"].clone();
    let all = files.as_array().unwrap().iter().flat_map(|file| file["problems"].as_array().unwrap());
    all.filter(|problem| problem["code"] == code).map(|problem| problem["message"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn codes_are_checked_and_speak_for_sameness() {
    let world = World::init();
    world.write("a.xlsx", fixture("units/codes.xlsx"));
    let output = world.run(["import", "a.xlsx", "--format", "json"]);
    assert_eq!(output.json()["totals"]["added"], 6, "{}", output.text());
    assert_eq!(problems(&output, "I514"), ["“甲厂（原名）”与“上海甲厂有限公司”的统一社会信用代码相同，可能是同一单位"]);
    assert_eq!(problems(&output, "I519").len(), 1);
    assert_eq!(problems(&output, "I520").len(), 1);
    assert_eq!(problems(&output, "I401").len(), 1, "{}", output.text());
    let similar = json(&world, &["org", "list", "--similar"]);
    let units: Vec<_> = similar["organizations"].as_array().unwrap().iter().map(|unit| (&unit["name"], &unit["why"])).collect();
    let why = json!(["credit_code"]);
    assert_eq!(units, [(&json!("上海甲厂有限公司"), &why), (&json!("甲厂（原名）"), &why)]);
    // The questions were asked: the same file asks no more of them.
    assert!(problems(&world.run(["import", "a.xlsx", "--format", "json"]), "I514").is_empty());
    world.refused(
        ["org", "rename", "上海乙厂有限公司", "上海甲厂有限公司"],
        1,
        &["已是单位“上海甲厂有限公司”的名称或别名", "dasai org merge"],
    );
    world.refused(["org", "alias", "上海乙厂有限公司", "上海甲厂有限公司"], 1, &["已是单位“上海甲厂有限公司”的名称或别名"]);
    world.refused(["org", "set", "上海乙厂有限公司", "credit_code=91310000MA1FL00011"], 2, &["校验码"]);
    world.refused(["org", "rename", "上海乙厂有限公司", &"质".repeat(501)], 2, &["501 字"]);
    world.refused(["org", "alias", "上海乙厂有限公司", &"质".repeat(501)], 2, &["501 字"]);
    world.refused(["org", "set", "上海乙厂有限公司", &format!("nature={}", "质".repeat(501))], 2, &["501 字"]);
}

#[test]
fn look_alikes_are_asked_about_once_and_branches_never() {
    let world = World::init();
    world.write(
        "a.csv",
        "参赛单位,参赛类型,作品名称\n上海甲乙（集团）有限公司,演讲,一\n上海市甲乙集团有限责任公司,演讲,二\n上海市甲乙集团有限责任公司,演讲,三\n上海甲乙（集团）有限公司无锡分公司,演讲,四\n",
    );
    let output = world.run(["import", "a.csv", "--format", "json"]);
    assert_eq!(problems(&output, "I514"), ["“上海市甲乙集团有限责任公司”是新单位，但可能与已有的“上海甲乙（集团）有限公司”是同一单位"]);
    assert_eq!(json(&world, &["org", "list", "--similar"])["organizations"].as_array().unwrap().len(), 2);
}

#[test]
fn a_merge_makes_one_work_of_two_only_when_told() {
    let world = World::init();
    world.write(
        "a.csv",
        "参赛单位,参赛类型,作品名称,主创者\n甲厂,演讲,故事,张示例\n甲厂（集团）,演讲,《故事》,李示例\n甲厂（集团）,演讲,另一个,李示例\n",
    );
    world.write("r.csv", "参赛单位,拟申报作品,联系人,联系手机\n甲厂,演讲,张示例,13800001234\n甲厂（集团）,演讲,李示例,13800005678\n");
    world.run(["import", "a.csv"]).done();
    world.run(["import", "r.csv", "--kind", "registrations"]).done();
    world.refused(["org", "merge", "甲厂（集团）", "甲厂"], 1, &["Y002 与 Y001", "--join-works"]);
    // Files of both works and of the unit: one left behind would leave a reference to nothing, and the merge could not end.
    for name in ["甲厂（集团）+故事.pdf", "甲厂（集团）+另一个.pdf", "甲厂（集团）单位简介.docx"] {
        world.write(&format!("材料/{name}"), format!("%PDF-1.4 {name}"));
    }
    let scanned = world.run(["attachment", "scan", "材料"]);
    assert!(scanned.stdout.contains("Y002"), "{}", scanned.text());
    let before = dump(&world.contest());
    let merged = world.run(["org", "merge", "甲厂（集团）", "甲厂", "--join-works"]).done();
    assert_snapshot!(merged.stdout, @"
    原单位：甲厂（集团）
    并入单位：甲厂
    转移的作品：Y003
    合为一件的作品：Y002 → Y001
    报名表：两家都有，保留并入单位的
    并入后的别名：甲厂（集团）

    只能保留一个的
    两家都有          项目      保留         不保留
    ────────────────────────────────────────────────────
    作品 Y002 → Y001  作品名称  故事         《故事》
    作品 Y002 → Y001  主创者    张示例       李示例
    报名表            联系人    张**         李**
    报名表            联系手机  138****1234  138****5678
    要保留另一个值：合并后用 dasai org set 或 dasai entry set 更正
    ");
    let works = json(&world, &["entry", "list"])["entries"].clone();
    let works: Vec<_> = works.as_array().unwrap().iter().map(|work| (work["number"].clone(), work["organization"].clone())).collect();
    assert_eq!(works, [(json!("Y001"), json!("甲厂")), (json!("Y003"), json!("甲厂"))]);
    // The old name means the unit that stays: nothing new comes of the file, no number is given twice, and the row
    // of the work that went corrects nothing.
    let again = json(&world, &["import", "a.csv"]);
    assert_eq!((&again["totals"]["added"], &again["totals"]["changed"]), (&json!(0), &json!(0)));
    world.run(["undo"]).done();
    assert_eq!(dump(&world.contest()), before);
}

const HEAD: &str = "参赛单位,参赛类型,作品名称,主创者,曾获相关荣誉,联系手机\n";

/// A work, received, with a creator that staff corrected.
fn corrected() -> World {
    let world = World::init();
    world.write("一.csv", format!("{HEAD}甲厂,演讲,故事,张示列,,13800001234\n"));
    world.run(["import", "一.csv"]).done();
    world.run(["entry", "set", "Y001", "creators=张示例"]).done();
    world.write("二.csv", format!("{HEAD}甲厂,演讲,故事,章示例,市级一等奖,13800005678\n"));
    world
}

fn outcomes(output: &Value) -> Vec<(String, String)> {
    let changes = output["changes"].as_array().unwrap().iter();
    changes.map(|change| (change["field"].as_str().unwrap().to_owned(), change["outcome"].as_str().unwrap().to_owned())).collect()
}

fn creators(world: &World) -> Value {
    json(world, &["entry", "show", "Y001"])["entry"]["creators"].clone()
}

#[test]
fn a_later_version_is_shown_three_ways_and_staff_s_word_stays() {
    let world = corrected();
    let shown = world.run(["import", "二.csv", "--update", "--dry-run"]);
    assert_snapshot!(shown.stdout, @"
    导入结果
    文件    内容      编码   行数  新增  更新  不变  有不同  隔离
    ─────────────────────────────────────────────────────────────
    二.csv  作品申报  UTF-8     1     0     1     0       0     0

    与已有的不同
    作品/单位  项目          最初收到  现有            来件         处理
    ──────────────────────────────────────────────────────────────────────────────
    Y001       主创者        张示列    张示例（更正）  章示例       冲突，保持更正
    Y001       联系手机      同现有    138****1234     138****5678  采用来件
    Y001       曾获相关荣誉  同现有    （空）          市级一等奖   采用来件

    共 1 行：新增 0，更新 1，不变 0，有不同 0，隔离 0
    冲突的各项由工作人员更正过，来件又是另一个值：核对后要采用来件的，加 --update --over-corrections，或用 dasai entry set
    ");
    let pairs = |list: &[(&str, &str)]| -> Vec<(String, String)> { list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect() };
    let waits = pairs(&[("creators", "conflict"), ("contact_phone", "waits"), ("honors", "waits")]);
    let mut found = outcomes(&json(&world, &["import", "二.csv"]));
    let mut expected = waits;
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    let taken = json(&world, &["import", "二.csv", "--update"]);
    assert_eq!((&taken["totals"]["updated"], creators(&world)), (&json!(1), json!("张示例")));
    // Twice changes nothing: the row is the work's own now, and the correction still stands.
    let before = dump(&world.contest());
    for name in ["二.csv", "一.csv"] {
        let again = json(&world, &["import", name, "--update"]);
        assert_eq!(again["totals"]["unchanged"], 1, "{name}: {again}");
    }
    assert_eq!(dump(&world.contest()), before);
    // A third version that repeats the second's word is a conflict still; only the flag gives way.
    world.write("三.csv", format!("{HEAD}甲厂,演讲,故事,章示例,市级二等奖,13800005678\n"));
    assert!(outcomes(&json(&world, &["import", "三.csv", "--dry-run"])).contains(&("creators".to_owned(), "conflict".to_owned())));
    let dry = world.run(["import", "三.csv", "--update", "--over-corrections", "--dry-run", "--format", "json"]);
    let wet = world.run(["import", "三.csv", "--update", "--over-corrections", "--format", "json"]);
    assert_eq!((dry.stdout, creators(&world)), (wet.stdout, json!("章示例")));
    world.run(["undo"]).done();
    assert_eq!(creators(&world), "张示例");
    assert_eq!(world.run(["import", "三.csv", "--over-corrections"]).code, 2);
}

#[test]
fn a_returned_work_comes_back_by_a_new_row_only() {
    let world = corrected();
    let mut db = Db::open(&world.contest()).unwrap();
    let tx = db.operation(&fill::header("退回")).unwrap();
    entries::set_status(&tx, EntryId(1), Status::Returned).unwrap();
    tx.finish("退回").unwrap();
    drop(db);
    let status = |world: &World| json(world, &["entry", "show", "Y001"])["entry"]["status"].clone();
    assert_eq!(json(&world, &["import", "一.csv"])["totals"]["unchanged"], 1);
    assert_eq!(status(&world), "returned");
    assert_eq!(json(&world, &["import", "二.csv"])["totals"]["updated"], 1);
    assert_eq!((status(&world), creators(&world)), (json!("resubmitted"), json!("张示例")));
    let db = Db::open(&world.contest()).unwrap();
    let entry = entries::by_id(&db.reader().unwrap(), EntryId(1)).unwrap().unwrap();
    assert_eq!((entry.declaration.honors.as_str(), entry.resubmitted_at.is_some()), ("市级一等奖", true));
    drop(db);
    assert_eq!(json(&world, &["import", "一.csv", "二.csv"])["totals"]["unchanged"], 2);
}

#[test]
fn a_corrected_file_settles_what_it_corrects_and_nothing_else() {
    let world = World::init();
    let head = "参赛单位,参赛类型,作品名称,主创者\n";
    world.write("收/汇总.csv", format!("{head}甲厂,演讲,故事,张示例\n甲厂,相声,故事,张示例\n,演讲,无单位,李示例\n乙厂,小品,题目,王示例\n"));
    world.run(["import", "收/汇总.csv"]);
    let open = |world: &World| json(world, &["status"])["quarantine_open"].clone();
    assert_eq!(open(&world), 3);
    // The good row beside the bad one says nothing of it, however often it comes.
    world.run(["import", "收/汇总.csv"]);
    assert_eq!(open(&world), 3);
    world.write("再收/汇总.csv", format!("{head}甲厂,演讲,故事,张示例\n丁厂,演讲,别的,张示例\n丙厂,演讲,无单位,李示例\n"));
    let output = world.run(["import", "再收/汇总.csv", "--format", "json"]);
    assert_eq!(problems(&output, "I522"), ["隔离区 2 号（收/汇总.csv 第4行）由这一行更正，不再待处理"]);
    assert_eq!(open(&world), 2);
    world.write("更正.csv", format!("{head}乙厂,案例,题目,王示例\n"));
    assert_eq!(problems(&world.run(["import", "更正.csv", "--format", "json"]), "I522").len(), 1);
    assert_eq!(open(&world), 1);
    let shown = json(&world, &["quarantine", "show", "3"]);
    assert_eq!((&shown["state"], &shown["entry"]), (&json!("accepted"), &json!("A001")));
    let totals = json(&world, &["import", "收/汇总.csv"])["totals"].clone();
    assert_eq!((&totals["unchanged"], &totals["quarantined"]), (&json!(3), &json!(1)));
    world.run(["undo"]).done();
    assert_eq!(open(&world), 2);
    world.run(["quarantine", "discard", "1", "3", "--reason", "说明文字"]).done();
    assert_eq!(open(&world), 0);
    world.run(["undo"]).done();
    assert_eq!(open(&world), 2);
    world.run(["quarantine", "retry", "3", "--set", "category=案例"]).done();
    world.run(["undo"]).done();
    assert_eq!(open(&world), 2);
    // The bad row meets the known work once its category is mended; its values are taken when asked.
    world.run(["quarantine", "retry", "1", "--set", "category=演讲", "--set", "creators=李示例", "--update"]).done();
    assert_eq!((creators(&world), open(&world)), (json!("李示例"), json!(1)));
}

#[test]
fn remembered_titles_are_listed_and_forgotten() {
    let world = World::init();
    world.write("a.csv", "报送单位,参赛单位,参赛类型,作品名称\n某区局,甲厂,演讲,故事\n");
    world.run(["import", "a.csv", "--map", "报送单位=recommender"]).done();
    let listed = json(&world, &["import", "--mappings"])["mappings"].clone();
    assert_eq!((&listed[0]["title"], &listed[0]["field"]), (&json!("报送单位"), &json!("recommender")));
    world.refused(["import", "--forget", "没有这列"], 1, &["没有记住", "--mappings"]);
    let header = listed[0]["header"].as_str().unwrap().get(..8).unwrap().to_owned();
    world.run(["import", "--forget", &header]).done();
    assert_eq!(json(&world, &["import", "--mappings"])["mappings"], json!([]));
    world.run(["undo"]).done();
    world.run(["import", "--forget", "报送单位"]).done();
    assert_eq!(json(&world, &["import", "--mappings"])["mappings"], json!([]));
    world.refused(["import"], 2, &["路径"]);
}

#[test]
fn everything_twice_changes_nothing() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let world = World::init();
    // The harness's own way to print paths would break the JSON of a text with quotation marks.
    let import = || -> Value {
        let output = world.command().args(["import", "--format", "json"]).arg(&fixtures).output().unwrap();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        report["totals"].clone()
    };
    let first = import();
    assert!(first["added"].as_u64().unwrap() > 300, "{first}");
    let (before, log) = (dump(&world.contest()), world.run(["log", "--format", "json"]).stdout);
    let second = import();
    assert_eq!((&second["added"], &second["updated"], &second["rows"]), (&json!(0), &json!(0), &first["rows"]));
    assert!(before == dump(&world.contest()), "the second import wrote something");
    assert_eq!(world.run(["log", "--format", "json"]).stdout, log);
}

#[test]
fn two_versions_in_one_folder_do_not_take_turns() {
    let world = World::init();
    world.write("收/一.csv", format!("{HEAD}甲厂,演讲,故事,张示列,,13800001234\n"));
    world.write("收/二.csv", format!("{HEAD}甲厂,演讲,故事,章示例,市级一等奖,13800005678\n"));
    let first = json(&world, &["import", "收/一.csv", "收/二.csv", "--update"]);
    assert_eq!((&first["totals"]["added"], &first["totals"]["updated"]), (&json!(1), &json!(1)));
    let before = dump(&world.contest());
    let second = world.run(["import", "收/一.csv", "收/二.csv", "--update", "--format", "json"]);
    assert_eq!(second.json()["totals"]["unchanged"], 2);
    assert_eq!(problems(&second, "I523").len(), 1);
    assert_eq!(dump(&world.contest()), before);
}

#[test]
fn a_joined_work_remembers_both_files_and_asks_for_no_verdict() {
    let world = World::init();
    let head = "参赛单位,参赛类型,作品名称,主创者";
    world.write("e1.csv", format!("{head}\n甲厂,演讲,一,张示例\n"));
    world.write("e2.csv", format!("{head}\n乙厂,演讲,一,李示例\n丙厂,演讲,三,王示例\n"));
    for file in ["e1.csv", "e2.csv"] {
        world.run(["import", file]).done();
    }
    world.run(["duplicates", "decide", "Y001", "Y002", "same", "--reason", "同一作品"]).done();
    world.run(["duplicates", "decide", "Y001", "Y003", "different", "--reason", "不同"]).done();
    world.refused(["org", "merge", "甲厂", "乙厂", "--join-works"], 1, &["Y001 已有查重判定，不能并入 Y002", "undecide Y001 Y003"]);
    world.run(["duplicates", "undecide", "Y001", "Y003"]).done();
    let before = dump(&world.contest());
    world.run(["org", "merge", "甲厂", "乙厂", "--join-works"]).done();
    // The file of the work that went is as old as it was: it corrects nothing.
    for arguments in [&["import", "e1.csv"][..], &["import", "e1.csv", "--update"]] {
        world.run(arguments).done().says(0, &["大赛文件没有改动"]);
    }
    assert_eq!(json(&world, &["entry", "show", "Y002"])["entry"]["creators"], "李示例");
    world.run(["undo"]).done();
    assert_eq!(dump(&world.contest()), before);
}

#[test]
fn what_staff_said_of_a_title_holds_for_its_header_only() {
    let world = World::init();
    world.write("a.csv", "报送单位,参赛单位,参赛类型,作品名称\n某区局,甲厂,演讲,故事\n");
    world.write("e.csv", "参赛单位,参赛类型,作品名称\n戊厂,演讲,故事五\n");
    world.run(["import", "a.csv", "e.csv", "--map", "报送单位=recommender"]).done();
    // Not of a header that has no such column.
    assert_eq!(json(&world, &["import", "--mappings"])["mappings"].as_array().unwrap().len(), 1);
    world.write("f.csv", "报送单位,参赛单位,参赛类型,作品名称,备注\n己厂办公室,己厂,演讲,故事六,无\n");
    let output = world.run(["import", "f.csv", "--format", "json"]);
    assert_eq!(problems(&output, "I203").len(), 1, "{}", output.text());
    let work = json(&world, &["entry", "show", "Y003"])["entry"].clone();
    assert_eq!((&work["organization"], &work["recommender"]), (&json!("己厂"), &Value::Null));
    world.write("b.csv", "报送单位,参赛单位,参赛类型,作品名称\n另一局,乙厂,演讲,故事二\n");
    world.run(["import", "b.csv"]).done();
    assert_eq!(json(&world, &["entry", "show", "Y004"])["entry"]["recommender"], "另一局");
}

#[test]
fn what_one_importing_changes_is_seen_by_its_dry_run() {
    let world = World::init();
    let sheet = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/forms/recommendation.docx");
    world.write("收/推荐表.docx", std::fs::read(sheet).unwrap());
    let works = |of_third: &str| {
        format!(
            "单位名称,参赛类型,作品名称,推荐单位\n上海示例一有限公司,演讲,一颗螺丝钉,上海示例（集团）有限公司\n\
             上海示例二研究院,微电影,会说话的机床,上海示例（集团）有限公司\n上海示例三有限公司,创新案例,桥,{of_third}\n"
        )
    };
    world.write("申报.csv", works("黄浦区市场监督管理局"));
    world.run(["import", "申报.csv"]).done();
    // The sheet is of the work's recommender only once the table before it is taken.
    world.write("收/1更正.csv", works("上海示例（集团）有限公司"));
    let dry = world.run(["import", "收", "--update", "--dry-run", "--format", "json"]);
    let wet = world.run(["import", "收", "--update", "--format", "json"]);
    assert!(!wet.stdout.contains("I605"), "{}", wet.text());
    assert_eq!((dry.stdout, dry.code), (wet.stdout, wet.code));
}

#[test]
fn a_correction_that_stays_promises_no_second_update() {
    let world = World::init();
    world.write("a.csv", format!("{HEAD}甲厂,演讲,故事,张示列,,13800001234\n"));
    world.run(["import", "a.csv"]).done();
    world.run(["entry", "set", "Y001", "creators=张示例"]).done();
    world.write("b.csv", format!("{HEAD}甲厂,演讲,故事,章示例,,13800001234\n"));
    let output = world.run(["import", "b.csv", "--update"]);
    assert!(output.text().contains("--over-corrections") && !output.text().contains("加 --update 再导入一次"), "{}", output.text());
}
