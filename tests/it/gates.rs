//! What the commands refuse is not done by going back either: `undo` and `redo` against changed rules, marked rounds, confirmed awards.

use insta::assert_snapshot;

use crate::results::{RULES, contest, judged, totals};

#[test]
fn marks_come_back_only_to_the_sheet_that_they_were_given_on() {
    let world = contest(RULES);
    totals(&world, "pre", &[("Y001", "90", "90"), ("Y002", "80", "80")]).done();
    world.run(["undo"]).done();
    // Operation 6 took the marks back; taking that back brings them again.
    let back = ["undo", "--operation", "6"];
    for (old, new) in [("name = \"内容\", max = \"60\"", "name = \"主题\", max = \"60\""), ("max = \"60\"", "max = \"10\"")] {
        world.write("新.toml", RULES.replacen(old, new, 1));
        world.run(["rules", "apply", "新.toml", "--yes"]).done();
        let change = world.run(["log", "--limit", "1", "--format", "json"]).json()["operations"][0]["id"].to_string();
        let refused = world.refused(back, 1, &["后来改过规则", "评分表已锁定，不能改评分项", "先撤销改规则的操作"]);
        assert!(refused.stderr.contains(&format!("dasai undo --operation {change}\n")), "{}", refused.text());
        // The hint leads on: with the rules of that time back, the marks come back too.
        world.run(["undo", "--operation", &change]).done();
        world.run(back.iter().chain(&["--dry-run"])).done();
    }
    // A comment is no other rule.
    world.write("新.toml", format!("# 注释\n{RULES}"));
    world.run(["rules", "apply", "新.toml", "--yes"]).done();
    world.run(back).done();
}

#[test]
fn works_come_back_only_to_rules_that_have_their_zone() {
    let world = contest(RULES);
    // The judges, then the works.
    world.run(["undo", "3"]).done();
    let without = RULES.replace("\"东\", \"西\", \"北\"]", "\"西\", \"北\"]").replace("\"东\" = 2, ", "");
    world.write("新.toml", without);
    world.run(["rules", "apply", "新.toml", "--yes"]).done();
    world.refused(["redo", "--operation", "2"], 1, &["赛区“东”已有作品或评委，不能删去"]);
}

#[test]
fn scores_and_finalists_stay_while_confirmed_awards_stand_on_them() {
    let world = judged();
    assert_snapshot!(world.refused(["undo", "--operation", "6"], 1, &[]).text(), @r"
    --- stderr
    错误：第 6 号操作（确定演讲 4 件作品进入决赛）不能撤销：Y001、Y002、Y003、Y004 已有决赛的分数，不能退出晋级名单
      → 先撤销录入这些分数的操作：dasai undo --operation 7
      → 再撤销：dasai undo --operation 6
    --- exit 1
    ");
    world.run(["award", "confirm", "speech", "--expand"]).done();
    assert_snapshot!(world.refused(["undo", "--operation", "7"], 1, &[]).text(), @r"
    --- stderr
    错误：第 7 号操作（导入演讲决赛的分数 12 份）不能撤销：演讲的奖项已按当时的分数和晋级名单确认（第 8 号操作）
      → 先撤销它：dasai undo --operation 8
      → 再撤销：dasai undo --operation 7
    --- exit 1
    ");
    // What came after the confirmation may go again.
    world.run(["judge", "add", "李丽", "--panel", "speech/final"]).done();
    world.run(["score", "set", "Y001", "--judge", "李丽", "--round", "final", "--mark", "内容=50", "--mark", "语言=30"]).done();
    world.run(["undo"]).done();
    world.run(["redo"]).done();
    world.run(["undo", "2"]).done();
    // Newest first, everything goes, and comes back at once.
    world.run(["undo", "3"]).done();
    world.run(["redo", "3"]).done();
    assert!(world.run(["award", "list"]).done().stdout.contains("一等奖"));
}
