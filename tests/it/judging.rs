//! Marks and awards where something comes twice, contradicts, is taken back or comes back; ties of many works.

use serde_json::Value;

use crate::results::{RULES, awards, contest, finals, json, judged, totals};
use crate::world::World;

/// Rules whose preliminary round has other lines before its `advance`.
fn preliminary(lines: &str) -> String {
    RULES.replacen("[category.round.advance]", &format!("{lines}\n[category.round.advance]"), 1)
}

fn marks(world: &World, arguments: &[&str]) -> Vec<String> {
    let list = json(world, &[["score", "list"].as_slice(), arguments].concat());
    let line =
        |mark: &Value| [&mark["entry"], &mark["criterion"], &mark["points"]].map(|cell| cell.as_str().unwrap_or("-").to_owned()).join(" ");
    list["marks"].as_array().unwrap().iter().map(line).collect()
}

#[test]
fn a_decision_lapses_with_its_work_and_comes_back_with_it() {
    let world = judged();
    world.run(["award", "confirm", "speech", "--expand=first"]).done();
    world.run(["award", "grant", "Y004", "first", "--reason", "合议：内容突出"]).done();
    let granted = "first Y004 false 2024-Y-first-003".to_owned();
    assert!(awards(&world).contains(&granted), "{:?}", awards(&world));
    world.run(["entry", "withdraw", "Y004", "--reason", "误报"]).done();
    world.run(["check", "--only", "E701"]).says(3, &["Y004"]);
    world.run(["award", "confirm", "speech", "--update"]).done();
    assert!(!awards(&world).iter().any(|line| line.contains("Y004")), "{:?}", awards(&world));
    world.run(["check", "--only", "E701"]).done();
    world.run(["award", "list"]).says(0, &["Y004 已不参加评奖，合议授予的一等奖暂不计入"]);
    world.run(["entry", "restore", "Y004"]).done();
    world.run(["award", "list"]).says(0, &["确认以后结果有变"]);
    world.run(["award", "confirm", "speech", "--update"]).done();
    assert!(awards(&world).contains(&granted), "{:?}", awards(&world));
    let list = json(&world, &["award", "list"]);
    let row = list["awards"].as_array().unwrap().iter().find(|row| row["entry"] == "Y004" && row["award"] == "first").unwrap();
    assert_eq!(row["reason"], "合议：内容突出");
    // While it waits it can be taken back for good.
    world.run(["entry", "withdraw", "Y004", "--reason", "误报"]).done();
    world.run(["award", "confirm", "speech", "--update"]).done();
    world.run(["award", "revoke", "Y004", "first", "--reason", "重新合议"]).done();
    world.run(["entry", "restore", "Y004"]).done();
    world.run(["award", "confirm", "speech", "--update"]).done();
    assert!(!awards(&world).iter().any(|line| line.starts_with("first Y004")), "{:?}", awards(&world));
}

#[test]
fn flags_that_contradict_each_other_or_mean_nothing_are_refused() {
    let world = judged();
    for flags in [
        ["--expand=first", "--shrink=first"].as_slice(),
        &["--expand=first", "--shrink=一等奖"],
        &["--expand", "--shrink"],
        &["--expand=commendation", "--shrink=commendation"],
    ] {
        world.run(["award", "propose", "speech"].iter().chain(flags)).says(2, &["不能既全部授予又都不授予"]);
    }
    world.run(["award", "propose", "speech", "--vacant", "commendation"]).says(2, &["表扬名单不能用 --vacant 空缺"]);
    world.run(["award", "propose", "speech", "--vacant", ""]).says(2, &["--vacant 后面没有写奖项"]);
}

#[test]
fn a_changed_list_is_told_by_name_old_and_new() {
    let world = judged();
    world.run(["award", "confirm", "speech", "--shrink=first"]).done();
    finals(&world, &[("Y003", "60", "30")]);
    let changed = world.run(["award", "confirm", "speech"]);
    changed.says(1, &["Y003 二等奖 → 一等奖；Y001 二等奖第 1 名 → 第 2 名；Y002 二等奖第 1 名 → 第 2 名"]);
    assert!(!changed.stderr.contains("second"), "{}", changed.text());
    // The tie of before was settled; there is none now.
    let proposed = world.run(["award", "propose", "speech"]).done();
    assert!(!proposed.text().contains("已按决定处理"), "{}", proposed.text());
}

#[test]
fn a_ranking_that_names_judges_is_for_staff() {
    let world = judged();
    for name in ["r.xlsx", "r.json"] {
        world.run(["export", "rankings", "--category", "speech", "--out", name]).done();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(world.path(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
    }
}

#[test]
fn leaving_warns_of_later_lists_before_it_is_done() {
    let world = judged();
    world.run(["award", "confirm", "speech", "--expand=first"]).done();
    for flags in [["--dry-run"].as_slice(), &[]] {
        let leaving = world.run(["entry", "withdraw", "Y001", "--reason", "单位撤回"].iter().chain(flags));
        leaving.says(0, &["注意：它已在晋级或获奖名单上"]);
    }
}

#[test]
fn a_mark_after_a_recusal_stands_alone() {
    let world = judged();
    let set = |flags: &[&str]| {
        let whose = ["score", "set", "Y001", "--judge", "王芳", "--round", "final", "--update"];
        world.run(whose.iter().chain(flags)).done();
    };
    set(&["--recused"]);
    set(&["--total", "60"]);
    assert_eq!(marks(&world, &["--entry", "Y001", "--judge", "王芳", "--round", "final"]), ["Y001 total 60"]);
}

#[test]
fn one_thing_given_twice_is_refused() {
    let world = judged();
    let twice = |flags: &[&str]| world.run(["score", "set", "Y001", "--round", "final"].iter().chain(flags));
    twice(&["--judge", "王芳", "--mark", "内容=1", "--mark", " 内容 =9"]).says(2, &["内容 写了两次"]);
    twice(&["--part", "扣分=-1", "--part", "扣分=-2"]).says(2, &["扣分 写了两次"]);
}

#[test]
fn missing_votes_are_called_votes() {
    let world = contest(&preliminary(
        "[category.round.score]\nparts = [ { from = \"judges\", weight = \"90\" }, { from = \"votes\", channel = \"online\", weight = \"10\" } ]",
    ));
    let ranking = world.run(["rank", "speech", "--round", "pre"]);
    ranking.says(0, &["尚缺投票 5 项：Y001 投票（online）"]);
    assert!(!ranking.text().contains("尚缺给定分"), "{}", ranking.text());
}

#[test]
fn a_rounds_name_means_each_categorys_own_round() {
    let film = "[[category]]\nid = \"film\"\nname = \"微电影\"\nprefix = \"W\"\n[[category.round]]\nid = \"pre\"\nname = \"初评\"\n";
    let world = contest(&RULES.replacen("[[special_award]]", &format!("{film}[[special_award]]"), 1));
    world.write("film.csv", "单位名称,参赛类型,作品名称\n甲厂,微电影,片\n");
    world.run(["import", "film.csv"]).done();
    world.run(["judge", "add", "李强", "--panel", "film"]).done();
    world.run(["score", "set", "W001", "--judge", "李强", "--round", "pre", "--total", "90"]).done();
    world.run(["score", "set", "Y001", "--judge", "王芳", "--round", "pre", "--total", "80"]).done();
    assert_eq!(marks(&world, &["--round", "初赛"]), ["Y001 total 80"]);
    assert_eq!(marks(&world, &["--round", "初评"]), ["W001 total 90"]);
    assert_eq!(marks(&world, &["--round", "pre"]).len(), 2);
    assert_eq!(marks(&world, &["--round", "pre", "--category", "film"]), ["W001 total 90"]);
    assert_eq!(world.run(["score", "list", "--round", "复赛"]).code, 1);
}

#[test]
fn a_large_tie_is_not_written_out_in_each_row() {
    let world = contest(RULES);
    let more: String = (0..8).map(|serial| format!("第{serial}厂,演讲,第{serial}篇,东,1局\n")).collect();
    world.write("more.csv", format!("单位名称,参赛类型,作品名称,赛区,推荐单位\n{more}"));
    world.run(["import", "more.csv"]).done();
    let numbers: Vec<String> = [1, 2].into_iter().chain(6..=13).map(|serial| format!("Y{serial:03}")).collect();
    let rows: Vec<(&str, &str, &str)> = numbers.iter().map(|number| (number.as_str(), "80", "80")).collect();
    totals(&world, "pre", &rows).done();
    world.run(["rank", "speech", "--round", "pre", "--zone", "东"]).says(0, &["等 9 件"]);
    let ranking = json(&world, &["rank", "speech", "--round", "pre", "--zone", "东"]);
    assert_eq!(ranking["ranking"][0]["tied_with"].as_array().unwrap().len(), 9);
}

#[test]
fn a_recused_judge_is_not_asked_to_mark() {
    let world = contest(&preliminary("").replacen("step = \"0.5\"", "step = \"0.5\"\ncombine = \"rank_sum\"", 1));
    totals(&world, "pre", &[("Y001", "90", "90"), ("Y002", "80", "回避"), ("Y003", "1", "1"), ("Y004", "1", "1"), ("Y005", "1", "1")])
        .done();
    let refused = world.run(["rank", "speech", "--round", "pre"]);
    refused.says(1, &["评委王芳（某大学）缺席或回避 Y002", "换一种合成方式"]);
    assert!(!refused.stderr.contains("dasai score set"), "{}", refused.text());
}
