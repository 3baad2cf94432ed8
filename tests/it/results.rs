//! From marks to awards: what staff see, what scripts read, what is refused and with which words.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::world::{Output, World};

pub(crate) const RULES: &str = r#"
format = 1
[contest]
name = "测试大赛"
year = 2024
[zones]
list = ["东", "西", "北"]
[[category]]
id = "speech"
name = "演讲"
prefix = "Y"
[[category.round]]
id = "pre"
name = "初赛"
by_zone = true
minimum_judges = 2
[category.round.judges]
criteria = [ { name = "内容", max = "60" }, { name = "语言", max = "40" } ]
step = "0.5"
[category.round.advance]
to = "final"
per_zone = { "东" = 2, "西" = 2, "北" = 1 }
[[category.round]]
id = "final"
name = "决赛"
minimum_judges = 2
[category.round.judges]
criteria = [ { name = "内容", max = "60" }, { name = "语言", max = "40" } ]
step = "0.5"
[category.round.score]
parts = [ { from = "judges" }, { from = "given", name = "扣分" } ]
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
id = "part"
name = "参赛证书"
rest = true
[[special_award]]
id = "style"
name = "风采奖"
category = "speech"
by = "criterion:语言"
alongside = false
[commendation]
points = { work = "1", first = "5" }
count = 1
[certificate]
number = "{year}-{category}-{award}-{serial:3}"
"#;

/// Five works in two zones, one without; two judges of one name on every panel.
pub(crate) fn contest(rules: &str) -> World {
    let world = World::new();
    world.write("规则.toml", rules);
    world.run(["init", "2024.dasai", "--rules", "规则.toml"]).done();
    let works = [("甲", "东"), ("乙", "东"), ("丙", "西"), ("丁", "西"), ("戊", "西")];
    let rows = works.iter().enumerate().map(|(place, (unit, zone))| format!("{unit}厂,演讲,作品{unit},{zone},{}局\n", place % 2 + 1));
    world.write("works.csv", format!("单位名称,参赛类型,作品名称,赛区,推荐单位\n{}", rows.collect::<String>()));
    world.run(["import", "works.csv"]).done();
    for name in ["王芳", "王芳（某大学）"] {
        world.run(["judge", "add", name, "--panel", "speech"]).done();
    }
    world
}

pub(crate) fn json(world: &World, arguments: &[&str]) -> Value {
    world.run(arguments.iter().chain(&["--format", "json"])).done().json()
}

/// Lines, each ended.
fn lines(lines: impl Iterator<Item = String>) -> String {
    lines.flat_map(|line| [line, "\n".to_owned()]).collect()
}

/// Imports a table of totals, one column a judge.
pub(crate) fn totals(world: &World, round: &str, rows: &[(&str, &str, &str)]) -> Output {
    let rows = lines(rows.iter().map(|(entry, first, second)| format!("{entry},{first},{second}")));
    world.write("marks.csv", format!("作品编号,王芳,王芳（某大学）\n{rows}"));
    world.run(["score", "import", "marks.csv", "--category", "speech", "--round", round, "--update", "--format", "json"])
}

/// Sheets with both criteria in the final, and the given part.
pub(crate) fn finals(world: &World, rows: &[(&str, &str, &str)]) {
    let sheet = |judge: &str| lines(rows.iter().map(|(entry, content, language)| format!("{entry},{judge},{content},{language}")));
    let marks = format!("作品编号,评委,内容,语言\n{}{}", sheet("王芳"), sheet("王芳（某大学）"));
    let given = format!("作品编号,扣分\n{}", lines(rows.iter().map(|(entry, ..)| format!("{entry},-0.5"))));
    world.write("final.csv", marks);
    world.write("given.csv", given);
    world.run(["score", "import", "final.csv", "given.csv", "--category", "speech", "--round", "final", "--update"]).done();
}

/// A contest whose final is complete: Y001 first, Y002 and Y003 share the second place, Y004 last.
pub(crate) fn judged() -> World {
    let world = contest(RULES);
    totals(&world, "pre", &[("Y001", "90", "90"), ("Y002", "80", "80"), ("Y003", "90", "90"), ("Y004", "80", "80"), ("Y005", "70", "70")])
        .done();
    world.run(["advance", "speech"]).done();
    finals(&world, &[("Y001", "50", "30"), ("Y002", "50", "30"), ("Y003", "40", "30"), ("Y004", "30", "20")]);
    world
}

/// `award entry computed certificate`, one a line.
pub(crate) fn awards(world: &World) -> Vec<String> {
    let list = json(world, &["award", "list"]);
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let line = |row: &Value| {
        let who = if row["entry"].is_null() { &row["recommender"] } else { &row["entry"] };
        format!("{} {} {} {}", text(&row["award"]), text(who), row["computed"], text(&row["certificate"]))
    };
    list["awards"].as_array().unwrap().iter().map(line).collect()
}

#[test]
fn judges_of_one_name_keep_their_own_columns() {
    let world = contest(RULES);
    totals(&world, "pre", &[("Y001", "90", "80")]).done();
    let marks = json(&world, &["score", "list"])["marks"].clone();
    let found: Vec<_> =
        marks.as_array().unwrap().iter().map(|mark| (mark["judge"].as_str().unwrap(), mark["points"].as_str().unwrap())).collect();
    assert_eq!(found, [("王芳", "90"), ("王芳（某大学）", "80")]);
}

#[test]
fn not_entered_absent_recused_and_zero_stay_four_things_on_every_way_in() {
    let world = contest(RULES);
    world.write(
        "long.csv",
        "作品编号,评委,内容,语言,总分\nY001,王芳,,,0\nY002,王芳,0,0,0\nY003,王芳,缺席,,\nY004,王芳,,,回避\nY005,王芳,缺席,回避,\n",
    );
    let output = world.run(["score", "import", "long.csv", "--category", "speech", "--round", "pre", "--format", "json"]);
    assert_eq!(output.code, 3, "{}", output.text());
    let totals = &output.json()["totals"];
    assert_eq!((&totals["added"], &totals["empty"], &totals["refused"]), (&json!(3), &json!(1), &json!(1)), "{totals}");
    for flags in [["--total", "0"].as_slice(), &["--absent"], &["--recused"]] {
        let entry = ["Y002", "Y003", "Y004"][usize::from(flags[0] == "--absent") + 2 * usize::from(flags[0] == "--recused")];
        world.run(["score", "set", entry, "--judge", "王芳（某大学）", "--round", "pre"].iter().chain(flags)).done();
    }
    let status = json(&world, &["score", "status", "--round", "pre"]);
    let sum = |key: &str| status["status"].as_array().unwrap().iter().map(|row| row[key].as_u64().unwrap()).sum::<u64>();
    assert_eq!(["expected", "entered", "absent", "recused", "missing"].map(sum), [10, 2, 2, 2, 4]);
    let ranking = json(&world, &["rank", "speech"]);
    let zero = ranking["ranking"].as_array().unwrap().iter().find(|row| row["entry"] == "Y002").unwrap();
    assert_eq!((&zero["score"], &zero["place"]), (&json!("0.00"), &json!(1)), "0 is a score, nothing is none: {ranking}");
    let scored = ranking["ranking"].as_array().unwrap().iter().filter(|row| !row["score"].is_null()).count();
    assert_eq!((scored, &ranking["complete"]), (1, &json!(false)));
    // Back to not entered.
    world.run(["score", "clear", "Y002", "--judge", "王芳", "--round", "pre"]).done();
    assert!(json(&world, &["rank", "speech"])["ranking"].as_array().unwrap().iter().all(|row| row["score"].is_null()));
}

#[test]
fn the_ranking_says_the_same_on_screen_in_json_and_in_files() {
    let world = judged();
    let ranking = json(&world, &["rank", "speech"]);
    let keys: Vec<&String> = ranking.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["category", "round", "zone", "complete", "missing", "ranking"]);
    let rows = ranking["ranking"].as_array().unwrap();
    let keys: Vec<&String> = rows[0].as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        ["place", "entry", "title", "organization", "zone", "score", "deduction", "components", "marks", "tied_with", "tie_break"]
    );
    assert_eq!(rows[0]["components"], json!({"judges": "80", "扣分": "-0.5"}));
    assert_eq!(rows[0]["marks"][0], json!({"judge": "王芳", "total": "80", "dropped": false}));
    let places: Vec<_> =
        rows.iter().map(|row| (row["place"].as_u64().unwrap(), row["score"].as_str().unwrap(), row["tied_with"].clone())).collect();
    assert_eq!(places, [(1, "79.50", json!(["Y002"])), (1, "79.50", json!(["Y001"])), (3, "69.50", json!([])), (4, "49.50", json!([]))]);
    world.run(["export", "rankings", "--category", "speech", "--out", "r.json"]).done();
    let file: Value = serde_json::from_slice(&std::fs::read(world.path("r.json")).unwrap()).unwrap();
    assert_eq!(file["tables"][0]["rows"], ranking["ranking"]);
    world.run(["export", "rankings", "--category", "speech", "--out", "r.csv"]).done();
    let csv = std::fs::read_to_string(world.path("r.csv")).unwrap();
    let screen = world.run(["rank", "speech"]).done().stdout;
    for row in rows {
        let (entry, score) = (row["entry"].as_str().unwrap(), row["score"].as_str().unwrap());
        let says = |text: &str| text.lines().any(|line| line.contains(entry) && line.contains(score));
        assert!(says(&csv) && says(&screen), "{csv}\n{screen}");
    }
    let empty = world.run(["rank", "speech", "--round", "pre", "--zone", "北"]).done();
    assert!(empty.stdout.contains("还没有可以排名的作品"), "{}", empty.text());
}

#[test]
fn advancing_waits_for_marks_and_for_people() {
    let world = contest(RULES);
    totals(&world, "pre", &[("Y001", "90", "90"), ("Y002", "90", "90"), ("Y003", "90", "90"), ("Y004", "80", "80")]).done();
    assert_snapshot!(world.run(["advance", "speech"]).text(), @r"
    --- stderr
    错误：演讲初赛的分数未齐（缺 3 项），不能确定晋级
      → 查看缺什么：dasai score status --category speech --round pre
      → 确实要按现有分数确定：加 --incomplete --reason 理由
    --- exit 1
    ");
    let output = world.run(["advance", "speech", "--incomplete", "--reason", "戊厂评委未到", "--dry-run"]).done();
    assert!(output.stderr.contains("没有得分、未晋级：Y005"), "{}", output.text());
    totals(&world, "pre", &[("Y005", "80", "80")]).done();
    assert_snapshot!(world.run(["advance", "speech"]).text(), @r"
    --- stderr
    错误：晋级要由工作人员决定：西：并列第 2 名的有 2 件（Y004、Y005），晋级名额只剩 1 个
      → 并列的全部晋级：dasai advance speech --round pre --include-ties
      → 并列的都不晋级：dasai advance speech --round pre --cut
    --- exit 1
    ");
    let cut = json(&world, &["advance", "speech", "--cut"]);
    let through: Vec<_> = cut["advanced"].as_array().unwrap().iter().map(|row| row["entry"].as_str().unwrap().to_owned()).collect();
    assert_eq!(through, ["Y001", "Y002", "Y003"]);
    // A work that leaves frees its seat; the list changes only with --update.
    world.run(["entry", "withdraw", "Y004", "--reason", "单位撤回"]).done();
    let changed = world.run(["advance", "speech"]);
    assert_eq!(changed.code, 1);
    assert!(changed.stderr.contains("新进 Y005"), "{}", changed.text());
    world.run(["advance", "speech", "--update"]).done();
    finals(&world, &[("Y005", "30", "20")]);
    world.run(["entry", "restore", "Y004", "--reason", "恢复参赛"]).done();
    let kept = world.run(["advance", "speech", "--round", "pre", "--cut", "--update"]);
    assert_eq!(kept.code, 1);
    assert!(kept.stderr.contains("Y005 已有决赛的分数"), "{}", kept.text());
    assert!(kept.stderr.contains("--judge"), "the hint is a whole command: {}", kept.text());
}

#[test]
fn a_unit_with_too_many_tied_works_is_settled_by_people() {
    let rules = RULES.replace("per_zone = { \"东\" = 2, \"西\" = 2, \"北\" = 1 }", "count = 3\nmax_per_organization = 1");
    let world = contest(&rules);
    world.write("more.csv", "单位名称,参赛类型,作品名称,赛区,推荐单位\n甲厂,演讲,作品己,东,1局\n");
    world.run(["import", "more.csv"]).done();
    let marks = [("Y001", "90"), ("Y002", "80"), ("Y003", "70"), ("Y004", "60"), ("Y005", "50"), ("Y006", "90")];
    totals(&world, "pre", &marks.map(|(entry, mark)| (entry, mark, mark))).done();
    let asked = world.run(["advance", "speech"]);
    assert!(asked.stderr.contains("同一单位的作品并列第"), "{}", asked.text());
    let through = |flag: &str| {
        let list = json(&world, &["advance", "speech", flag, "--dry-run"]);
        list["advanced"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| (row["place"].as_u64().unwrap(), row["entry"].as_str().unwrap().to_owned()))
            .collect::<Vec<_>>()
    };
    let works = |list: &[(u64, &str)]| list.iter().map(|(place, entry)| (*place, (*entry).to_owned())).collect::<Vec<_>>();
    assert_eq!(through("--include-ties"), works(&[(1, "Y001"), (1, "Y006"), (3, "Y002")]), "places over all, because the quota is");
    assert_eq!(through("--cut"), works(&[(3, "Y002"), (4, "Y003"), (5, "Y004")]));
}

#[test]
fn a_tie_at_a_level_waits_unless_staff_say_how() {
    let world = judged();
    assert_snapshot!(world.run(["award", "confirm", "speech"]).text(), @r"
    --- stderr
    错误：演讲有并列要由工作人员决定：一等奖名额线上第 1 名并列 2 件（Y001、Y002），余下名额 1 个，否则为二等奖
      → 一等奖：并列的全部授予：dasai award confirm speech --expand=first
      → 一等奖：并列的都不授予：dasai award confirm speech --shrink=first
    --- exit 1
    ");
    let proposed = |flags: &[&str]| {
        let document = json(&world, &[["award", "propose", "speech"].as_slice(), flags].concat());
        let levels = document["levels"].as_array().unwrap();
        levels
            .iter()
            .map(|row| format!("{} {}/{}", row["award"].as_str().unwrap(), row["granted"], row["open"]))
            .collect::<Vec<_>>()
            .join(", ")
    };
    assert_eq!(proposed(&[]), "first 0/2, second 1/0, part 2/0, style 1/0");
    assert_eq!(proposed(&["--expand=first"]), "first 2/0, second 1/0, part 2/0, style 1/0");
    assert_eq!(proposed(&["--shrink=一等奖"]), "first 0/0, second 3/0, part 2/0, style 1/0");
    assert_eq!(proposed(&["--expand", "--shrink=first"]), "first 0/0, second 3/0, part 2/0, style 1/0");
    assert_eq!(proposed(&["--vacant", "first"]), "first 0/0, second 2/0, part 3/0, style 1/0");
    assert_eq!(proposed(&["--vacant", "first", "--vacant", "second", "--shrink"]), "first 0/0, second 0/0, part 5/0, style 0/0");
    let unknown = world.run(["award", "propose", "--vacant", "特等奖"]);
    assert_eq!(unknown.code, 1);
    assert!(unknown.stderr.contains("没有奖项“特等奖”"), "{}", unknown.text());
}

#[test]
fn a_flag_for_a_tie_that_is_not_there_settles_nothing() {
    let world = judged();
    finals(&world, &[("Y002", "45", "30")]);
    let output = world.run(["award", "confirm", "speech", "--expand"]).done();
    assert!(output.stderr.contains("没有用到"), "{}", output.text());
    let log = world.run(["log", "--format", "json"]).stdout;
    world.run(["award", "confirm", "speech", "--expand"]).done();
    assert_eq!(world.run(["log", "--format", "json"]).stdout, log);
    // A tie that comes later is asked about.
    finals(&world, &[("Y002", "50", "30")]);
    let later = world.run(["award", "confirm", "speech", "--update"]);
    assert_eq!(later.code, 1);
    assert!(later.stderr.contains("并列"), "{}", later.text());
}

#[test]
fn decisions_stand_beside_the_computation_and_certificates_stay() {
    let world = judged();
    world.run(["award", "confirm", "--expand=first", "--expand=commendation"]).done();
    let confirmed = awards(&world);
    assert_snapshot!(confirmed.join("\n"), @r"
    first Y001 true 2024-Y-first-001
    first Y002 true 2024-Y-first-002
    second Y003 true 2024-Y-second-001
    style Y004 true 2024-Y-style-001
    part Y004 true 2024-Y-part-001
    part Y005 true 2024-Y-part-002
    commendation 1局 true 2024-commendation-001
    ");
    let log = world.run(["log", "--format", "json"]).stdout;
    world.run(["award", "confirm"]).done();
    assert_eq!(world.run(["log", "--format", "json"]).stdout, log, "confirming again changes nothing");
    assert_eq!(awards(&world), confirmed);

    world.run(["award", "revoke", "Y002", "first", "--reason", "署名有误"]).done();
    world.run(["award", "grant", "Y004", "second", "--reason", "合议：内容突出"]).done();
    assert_snapshot!(awards(&world).join("\n"), @r"
    first Y001 true 2024-Y-first-001
    second Y003 true 2024-Y-second-001
    second Y004 false 2024-Y-second-002
    part Y002 false 2024-Y-part-003
    part Y005 true 2024-Y-part-002
    commendation 1局 true 2024-commendation-001
    ");
    let list = json(&world, &["award", "list"]);
    let granted = list["awards"].as_array().unwrap().iter().find(|row| row["entry"] == "Y004" && row["award"] == "second").unwrap();
    assert_eq!((&granted["reason"], &granted["computed_award"]), (&json!("合议：内容突出"), &json!("part")));
    let again = world.run(["award", "revoke", "Y002", "first", "--reason", "再次"]);
    assert_eq!((again.code, again.stderr.contains("无可取消")), (1, true), "{}", again.text());
    // Given back, it has the number that it had.
    world.run(["award", "grant", "Y002", "first", "--reason", "查明无误"]).done();
    assert!(awards(&world).contains(&"first Y002 true 2024-Y-first-002".to_owned()), "{:?}", awards(&world));
    let mut numbers: Vec<String> =
        json(&world, &["award", "list"])["awards"].as_array().unwrap().iter().map(|row| row["certificate"].to_string()).collect();
    let all = numbers.len();
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), all, "no number twice");
}

#[test]
fn a_work_that_leaves_takes_no_award_even_by_decision() {
    let world = judged();
    world.run(["award", "grant", "Y004", "first", "--reason", "合议"]).done();
    assert!(awards(&world).iter().any(|line| line.starts_with("first Y004 false")));
    world.run(["entry", "withdraw", "Y004", "--reason", "单位撤回"]).done();
    assert!(!awards(&world).iter().any(|line| line.contains("Y004")), "{:?}", awards(&world));
    assert!(world.run(["award", "list"]).stderr.contains("Y004 已不参加评奖"));
}

#[test]
fn commended_recommenders_follow_a_changed_list() {
    let world = judged();
    finals(&world, &[("Y002", "45", "30")]);
    world.run(["award", "confirm"]).done();
    assert!(awards(&world).contains(&"commendation 1局 true 2024-commendation-001".to_owned()), "{:?}", awards(&world));
    finals(&world, &[("Y002", "60", "30")]);
    let list = world.run(["award", "list"]);
    assert!(list.stderr.contains("确认以后结果有变"), "{}", list.text());
    assert_eq!(world.run(["award", "confirm"]).code, 1);
    world.run(["award", "confirm", "--update"]).done();
    let after = awards(&world);
    assert!(after.contains(&"commendation 2局 true 2024-commendation-002".to_owned()), "{after:?}");
    assert!(!after.iter().any(|line| line.contains("1局")), "{after:?}");
}

#[test]
fn a_tie_for_a_special_award_waits_too() {
    let world = judged();
    finals(&world, &[("Y002", "45", "30"), ("Y004", "20", "30")]);
    // Without Y001 and those with a level, Y004 and nobody else is left; make two.
    let rules = RULES.replace("alongside = false", "alongside = true");
    world.write("新规则.toml", rules);
    world.run(["rules", "apply", "新规则.toml", "--yes"]).done();
    let refused = world.run(["award", "confirm", "speech"]);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("风采奖并列 4 件（Y001、Y002、Y003、Y004），余下名额 1 个"), "{}", refused.text());
    world.run(["award", "confirm", "speech", "--shrink=style"]).done();
    assert!(!awards(&world).iter().any(|line| line.starts_with("style")));
}

#[test]
fn rules_that_marks_stand_on_are_not_undone() {
    let world = contest(RULES);
    world.write("新规则.toml", RULES.replace("name = \"语言\", max = \"40\"", "name = \"表达\", max = \"40\""));
    // The special award goes by the old criterion.
    let text = std::fs::read_to_string(world.path("新规则.toml")).unwrap().replace("criterion:语言", "criterion:表达");
    world.write("新规则.toml", text);
    world.run(["rules", "apply", "新规则.toml", "--yes"]).done();
    world.run(["score", "set", "Y001", "--judge", "王芳", "--round", "pre", "--mark", "内容=50", "--mark", "表达=30"]).done();
    let log = json(&world, &["log"]);
    let applied = log["operations"]
        .as_array()
        .unwrap()
        .iter()
        .find(|operation| operation["command"].as_str().unwrap().contains("rules apply"))
        .unwrap();
    let id = applied["id"].to_string();
    let refused = world.run(["undo", "--operation", id.trim_matches('"')]);
    assert_eq!(refused.code, 1, "{}", refused.text());
    assert!(refused.stderr.contains("评分表已锁定"), "{}", refused.text());
    world.run(["rank", "speech"]).done();
    // Marks first, then the rules.
    world.run(["undo", "2"]).done();
}

#[test]
fn one_category_that_cannot_be_computed_hides_no_other() {
    let other = r#"
[[category]]
id = "film"
name = "微电影"
prefix = "W"
[[category.round]]
id = "final"
[category.round.judges]
combine = "rank_sum"
[[category.award]]
id = "first"
name = "一等奖"
quota = { count = 1 }
[[special_award]]"#;
    let world = contest(&RULES.replacen("[[special_award]]", other, 1));
    world.write("films.csv", "单位名称,参赛类型,作品名称,推荐单位\n甲厂,微电影,片甲,1局\n乙厂,微电影,片乙,1局\n");
    world.run(["import", "films.csv"]).done();
    world.run(["judge", "add", "王芳", "--panel", "film/final"]).done();
    world.run(["score", "set", "W001", "--judge", "王芳", "--total", "80"]).done();
    let list = world.run(["award", "list"]).done();
    assert!(list.stdout.contains("Y001") && list.stderr.contains("微电影final不能计分"), "{}", list.text());
    world.run(["award", "propose"]).done();
    assert_eq!(world.run(["award", "list", "--category", "film"]).code, 1);
}

#[test]
fn totals_alone_are_refused_where_criteria_are_trimmed() {
    let rules = RULES.replace("step = \"0.5\"", "step = \"0.5\"\ntrim = { highest = 1, by = \"criterion\" }");
    let world = contest(&rules);
    let output = totals(&world, "pre", &[("Y001", "90", "80")]);
    assert_eq!(output.code, 3);
    assert!(output.stdout.contains("J115"), "{}", output.text());
}

#[test]
fn a_given_part_can_be_cleared() {
    let world = judged();
    world.run(["score", "clear", "Y001", "--part", "扣分", "--round", "final"]).done();
    let missing = json(&world, &["rank", "speech"])["missing"].clone();
    assert_eq!(missing.as_array().unwrap().len(), 1, "{missing}");
    assert_eq!(missing[0]["part"], "扣分");
}

#[test]
fn rules_that_scoring_would_refuse_are_refused_at_the_door() {
    let world = World::new();
    let timing = "[category.round.timing]\nmax = \"8:00\"\neach = 10\npoints = \"0.1\"\n";
    let sheets = [
        ("combine = \"rank_sum\"\n", timing, "名次和（rank_sum）上不能扣时间分"),
        ("trim = { highest = 1, by = \"criterion\" }\nnormalize = \"z_score\"\n", "", "标准化（z_score）按评委的总分计"),
        (
            "trim = { highest = 1, by = \"criterion\" }\n",
            "[category.round.timing]\nmax = \"8:00\"\neach = 10\npoints = \"0.1\"\napply = \"before_trim\"\n",
            "按评分项去掉最高最低分时",
        ),
        (
            "combine = \"rank_sum\"\n",
            "[category.round.score]\nparts = [{ from = \"judges\" }, { from = \"given\", name = \"加分\" }]\n",
            "名次和（rank_sum）越小越好",
        ),
    ];
    for (sheet, rest, fault) in sheets {
        let category = "format = 1\n[contest]\nname = \"赛\"\n[[category]]\nid = \"a\"\nname = \"甲\"\nprefix = \"A\"\n[[category.round]]\nid = \"final\"\n";
        world.write("规则.toml", format!("{category}[category.round.judges]\n{sheet}{rest}"));
        let output = world.run(["rules", "check", "规则.toml"]);
        assert_eq!(output.code, 1, "{}", output.text());
        assert!(output.stderr.contains(fault), "{}", output.text());
    }
    let before = timing.replace("points", "apply = \"before_trim\"\npoints");
    let category = "format = 1\n[contest]\nname = \"赛\"\n[[category]]\nid = \"a\"\nname = \"甲\"\nprefix = \"A\"\n[[category.round]]\nid = \"final\"\n";
    world.write("规则.toml", format!("{category}[category.round.judges]\ncombine = \"rank_sum\"\n{before}"));
    world.run(["rules", "check", "规则.toml"]).done();
}

#[test]
fn a_panel_smaller_than_the_round_needs_is_complete_nowhere() {
    let world = contest(&RULES.replace("minimum_judges = 2", "minimum_judges = 3"));
    let rows = ["Y001", "Y002", "Y003", "Y004", "Y005"].map(|entry| (entry, "80", "80"));
    totals(&world, "pre", &rows).done();
    let status = json(&world, &["score", "status", "--round", "pre"]);
    let zones: Vec<_> = status["status"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["missing"].clone(), row["too_few"].clone(), row["complete"].clone()))
        .collect();
    assert_eq!(zones, [(json!(0), json!(2), json!(false)), (json!(0), json!(3), json!(false))]);
    assert_eq!(json(&world, &["rank", "speech"])["complete"], false);
}

#[test]
fn special_awards_without_anything_to_compare_are_named() {
    let world = judged();
    for entry in ["Y001", "Y002", "Y003", "Y004"] {
        for judge in ["王芳", "王芳（某大学）"] {
            world.run(["score", "clear", entry, "--judge", judge, "--round", "final"]).done();
        }
    }
    totals(&world, "final", &[("Y001", "80", "80"), ("Y002", "79", "79"), ("Y003", "78", "78"), ("Y004", "50", "50")]).done();
    let output = world.run(["award", "confirm", "speech"]).done();
    assert!(output.stderr.contains("风采奖没有可以比较的数据"), "{}", output.text());
}

#[test]
fn every_category_of_both_presets_goes_from_marks_to_awards() {
    let contests = [
        ("shanghai-2024", "film", "质量品牌故事微电影", 'W', Some("网络投票得分"), 3),
        ("shanghai-2024", "case", "质量品牌创新案例", 'A', None, 3),
        ("national-2025", "speech", "品牌故事演讲", 'Y', None, 3),
        ("national-2025", "essay", "品牌故事征文", 'Z', None, 3),
        ("national-2025", "film", "品牌故事微电影", 'W', None, 3),
        ("national-2025", "short", "品牌故事短视频", 'D', None, 3),
    ];
    for (preset, category, name, prefix, part, judges) in contests {
        let world = World::new();
        world.run(["init", "2024.dasai", "--rules", preset]).done();
        let works = lines((1..=5).map(|serial| format!("第{serial}厂,{name},作品{serial}")));
        world.write("works.csv", format!("单位名称,参赛类型,作品名称\n{works}"));
        world.run(["import", "works.csv"]).done();
        for judge in 1..=judges {
            world.run(["judge", "add", &format!("评委{judge}号"), "--panel", category]).done();
        }
        for (round, best) in [("preliminary", 5), ("final", 3)] {
            let marks = lines((1..=best).map(|serial| format!("{prefix}{serial:03},{0},{0},{0}", 100 - serial)));
            world.write("marks.csv", format!("作品编号,评委1号,评委2号,评委3号\n{marks}"));
            let import = |file: &str| world.run(["score", "import", file, "--category", category, "--round", round]).done();
            import("marks.csv");
            if let (Some(part), "preliminary") = (part, round) {
                let given = lines((1..=5).map(|serial| format!("{prefix}{serial:03},{}", 50 + serial)));
                world.write("given.csv", format!("作品编号,{part}\n{given}"));
                import("given.csv");
            }
            let ranking = json(&world, &["rank", category]);
            assert_eq!((&ranking["complete"], &ranking["round"]), (&json!(true), &json!(round)), "{preset} {category}: {ranking}");
            if round == "preliminary" {
                let advanced = json(&world, &["advance", category]);
                assert_eq!(advanced["advanced"].as_array().unwrap().len(), 3, "half of five, rounded up");
            }
        }
        world.run(["award", "confirm", category]).done();
        let levels: Vec<String> = awards(&world).iter().map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect();
        let work = |serial: u32| format!("{prefix}{serial:03}");
        for (award, serial) in [("first", 1), ("second", 2), ("third", 3), ("participation", 4), ("participation", 5)] {
            assert!(levels.contains(&format!("{award} {}", work(serial))), "{preset} {category}: {levels:?}");
        }
        if part.is_some() {
            assert!(levels.contains(&format!("popularity {}", work(5))), "the most votes, whatever the judges said: {levels:?}");
        }
    }
}
