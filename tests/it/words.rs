//! What staff type and what they read back: names in hints, moments, values given twice, dry runs, odd settings.

use crate::recommend;
use crate::world::World;

const HEAD: &str = "参赛单位,参赛类型,参赛作品名称,主创者姓名,提交时间\n";

fn contest() -> World {
    let world = World::init();
    world.write("一.csv", format!("{HEAD}上海甲有限公司,演讲,匠心,刘巍,2024-07-02 01:00\nABC (中国) 有限公司,演讲,远方,王示例,\n"));
    world.run(["import", "一.csv"]).done();
    world
}

#[test]
fn names_and_paths_stand_in_quotes_in_hints() {
    let world = contest();
    world.refused(
        ["org", "rename", "上海甲有限公司", "ABC (中国) 有限公司"],
        1,
        &["dasai org merge 上海甲有限公司 \"ABC (中国) 有限公司\""],
    );
    world.run(["backup", "备 份.bak"]).says(0, &["dasai --db \"备 份.bak\" status"]);
    world.run(["init", "甲 乙.db"]).says(0, &["dasai --db \"甲 乙.db\" rules"]);
    world.write("分.csv", "作品编号,评委,总分\nY001,评委：赵 六,80\nY001,,80\n");
    let said = world.run(["score", "import", "分.csv", "--category", "speech", "--round", "preliminary"]);
    let flat: String = said.text().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("dasai judge add 赵六 --panel speech/preliminary"), "{flat}");
    assert!(flat.contains("没有写评委姓名") && !flat.contains("judge add --panel"), "{flat}");
}

#[test]
fn moments_are_shown_on_the_contests_clock() {
    let world = contest();
    world.write("二.csv", format!("{HEAD}上海甲有限公司,演讲,匠心,刘巍,2024-07-03 02:30\n"));
    world.run(["import", "二.csv"]).says(0, &["2024-07-02 01:00", "2024-07-03 02:30"]);
    let json = world.run(["import", "二.csv", "--format", "json"]).json();
    assert_eq!(json["changes"][0]["now"], "2024-07-02T01:00:00+08:00");
    assert_eq!(json["changes"][0]["new"], "2024-07-03T02:30:00+08:00");
    world.run(["entry", "set", "Y001", "submitted_at=2024-07-04 16:00"]).says(0, &["2024-07-02 01:00 → 2024-07-04 16:00"]);
    world.run(["entry", "show", "Y001"]).says(0, &["提交时间：2024-07-02 01:00 → 2024-07-04 16:00"]);
    let show = world.run(["entry", "show", "Y001", "--format", "json"]).json();
    assert!(show.to_string().contains("2024-07-04T16:00:00+08:00") && !show.to_string().contains("00Z"), "{show:#}");
    world.run(["log", "--operation", "3"]).says(0, &["2024-07-02 01:00", "2024-07-04 16:00"]);
}

#[test]
fn a_thing_named_twice_is_refused() {
    let world = contest();
    world.refused(["entry", "set", "Y001", "title=甲", "作品名称＝乙"], 2, &["写了两次"]);
    world.refused(["entry", "set", "Y001", "award_eligible=no", "可否获奖=yes", "--reason", "x"], 2, &["写了两次"]);
    world.refused(["org", "set", "上海甲有限公司", "nature=国有", "nature=民营"], 2, &["写了两次"]);
    world.refused(["recommender", "set", "黄浦区市场监督管理局", "电话=021-55550000", "contact_phone=021-55550001"], 2, &["写了两次"]);
    world.refused(["import", "一.csv", "--map", "备用=title", "--map", "备用=remark"], 2, &["写了两次"]);
    world.refused(["entry", "set", "Y001", "title=新题", "duration=六分"], 2, &["作品时长的值读不懂：六分", "5分30秒"]);
    world.refused(["entry", "set", "Y001", "没有等号"], 2, &["写法不对：没有等号", "title="]);
}

#[test]
fn a_dry_run_says_what_it_does_not_write() {
    let world = contest();
    world.refused(["check", "--export", "审查.csv", "--dry-run"], 3, &["将另存为 审查.csv"]);
    world.refused(["log", "--exceptions", "--export", "例外.xlsx", "--dry-run"], 0, &["将另存为 例外.xlsx"]);
    world.refused(["backup", "一.csv", "--dry-run"], 1, &["文件已存在"]);
    world.refused(["backup", "没有/备份.bak", "--dry-run"], 1, &["文件夹不存在"]);
    let demo = world.run(["demo", "演示", "--dry-run", "--format", "json"]).done().json();
    assert_eq!(demo["folder"], "演示");
}

#[test]
fn numbers_are_understood_in_full_width_everywhere() {
    let world = contest();
    world.run(["check", "Ｙ００１", "--only", "S404"]).done();
    world.run(["duplicates", "decide", "Ｙ００１", "y002", "different", "--reason", "题同内容不同"]).says(0, &["Y001", "Y002"]);
}

#[test]
fn what_lies_beside_a_contest_is_no_contest_and_no_material() {
    let world = contest();
    world.write("._2024.dasai", b"\0");
    world.run(["status"]).done();
    world.write("材料/2024.dasai.20240706-090000.bak", b"SQLite format 3\0");
    world.write("材料/上海甲有限公司+匠心.txt", "稿");
    let scan = world.run(["attachment", "scan", "材料", "--format", "json"]).json();
    assert_eq!(scan["totals"]["files"], 1, "{scan:#}");
}

#[test]
fn blank_names_and_reasons_are_none() {
    let world = contest();
    world.run(["--actor", " ", "entry", "set", "Y001", "remark=一"]).done();
    world.run(["log", "--limit", "1"]).says(0, &["测试员"]);
    world.refused(["advance", "speech", "--incomplete", "--reason", " "], 2, &["写明理由"]);
    let wrong = ["entry", "set", "Y001", "award_eligible=no", "--reason", "主办单位的作品"];
    world.run(wrong).says(0, &["不参与获奖"]);
    world.refused(wrong, 0, &["已经如此"]);
    world.run(["entry", "set", "Y001", "award_eligible=no", "--reason", "另有理由"]).says(0, &["主办单位的作品 → 另有理由"]);
}

#[test]
fn undo_takes_back_what_there_is_up_to_the_contest_itself() {
    let world = contest();
    world.run(["entry", "set", "Y001", "remark=一"]).done();
    let json = world.run(["undo", "99", "--format", "json"]).done().json();
    assert_eq!(json["operations"].as_array().unwrap().len(), 2, "{json:#}");
    world.refused(["undo", "--operation", "1"], 1, &["没有规则就没有大赛"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_path_in_the_environment_may_have_any_bytes() {
    use std::os::unix::ffi::OsStrExt as _;
    let world = contest();
    let name = std::ffi::OsStr::from_bytes(b"\xB4\xF3\xC8\xFC.dasai");
    std::fs::rename(world.contest(), world.path(name)).unwrap();
    world.finish(world.command().env("DASAI_DB", name).arg("status")).done();
    let missing = std::ffi::OsStr::from_bytes(b"\xB4\xF3.dasai");
    assert_eq!(world.finish(world.command().env("DASAI_DB", missing).arg("status")).code, 1);
}

#[test]
fn a_quarantined_row_takes_only_what_its_kind_has() {
    let world = recommend::contest();
    let sheet = "作品推荐表\n推荐单位：黄浦区市场监督管理局\n排序,申报单位,参赛作品名称,推荐意见\n1,没有公司,没有作品,同意推荐\n";
    world.write("推荐.csv", sheet);
    world.run(["import", "推荐.csv"]).says(3, &["隔离 1"]);
    let id = world.run(["quarantine", "list", "--format", "json"]).json()["quarantine"][0]["id"].to_string();
    world.refused(["quarantine", "retry", &id, "--set", "creators=张三"], 2, &["没有“主创者”这一项", "推荐表", "opinion"]);
    world.refused(["quarantine", "retry", &id, "--set", "order=第一"], 2, &["排序不是数字：第一"]);
    world.write("无.csv", "参赛单位,参赛类型,参赛作品名称\n,演讲,无名\n");
    world.run(["import", "无.csv"]).says(3, &["隔离 1"]);
    let list = world.run(["quarantine", "list", "--format", "json"]).json();
    let id = list["quarantine"].as_array().unwrap().last().unwrap()["id"].to_string();
    world.refused(["quarantine", "retry", &id, "--set", "duration=六分"], 2, &["作品时长的值读不懂：六分"]);
    world.refused(["quarantine", "retry", &id, "--set", "opinion=同意推荐"], 2, &["没有“推荐意见”这一项", "作品申报"]);
}

#[test]
fn a_table_can_be_said_to_be_a_recommendation_sheet() {
    let world = recommend::contest();
    let rows = "推荐单位：黄浦区市场监督管理局\n申报单位,参赛作品名称,推荐意见,主创者姓名,联系手机\n";
    world.write("目录.csv", format!("{rows}上海示例精密机械有限公司,一颗螺丝钉的承诺,同意推荐,张三,\n"));
    let import = world.run(["import", "目录.csv", "--kind", "recommendations", "--format", "json"]).json();
    assert_eq!((&import["files"][0]["kind"], &import["totals"]["added"]), (&"recommendations".into(), &1.into()), "{import:#}");
    world.write("不是.csv", "项目,金额\n甲,1\n");
    world.refused(["import", "不是.csv", "--kind", "recommendations"], 3, &["I201"]);
}

#[test]
fn what_the_rules_say_of_direct_entry_no_table_changes() {
    let world = World::init();
    world.write("名单.csv", "名称,类别\n其它—市质协会员与质量推进部,其他\n");
    world.refused(["recommender", "import", "名单.csv", "--update"], 3, &["I623", "recommenders.direct"]);
}

#[test]
fn rules_come_into_force_only_when_somebody_says_yes() {
    let world = World::init();
    let source = world.run(["rules", "show", "--source"]).done().stdout;
    world.write("改.toml", source.replace("2024年上海市质量品牌故事大赛", "上海市质量品牌故事大赛"));
    world.refused(["rules", "apply", "改.toml"], 2, &["需要确认", "--yes"]);
    world.run(["rules", "apply", "改.toml", "--yes"]).says(0, &["应用规则"]);
}
