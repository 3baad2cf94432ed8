//! Every refusal, and what is taken.

use jiff::Timestamp;

use super::*;
use crate::domain::category::{Category, Combine, Criterion, JudgeSheet, Normalize, Part, Rounding, ScoreRule};
use crate::domain::judging::{JudgeMarks, Panel, RoundMarks};
use crate::domain::status::{Competition, Status};
use crate::domain::values::{CategoryId, RoundId, RoundingMode};

fn points(text: &str) -> Points {
    Points::parse(text).expect("a decimal")
}

fn criterion(name: &str, max: &str) -> Criterion {
    Criterion { group: None, name: name.to_owned(), min: Points::ZERO, max: points(max), factor: points("1") }
}

fn round() -> Round {
    Round {
        id: RoundId::new("final"),
        name: "决赛".to_owned(),
        by_zone: false,
        minimum_judges: 1,
        judges: Some(JudgeSheet {
            criteria: vec![criterion("主题内容", "60"), criterion("语言表达", "40")],
            step: points("0.5"),
            trim: None,
            combine: Combine::Mean,
            normalize: Normalize::None,
        }),
        timing: None,
        score: ScoreRule {
            parts: vec![
                Part { from: PartSource::Judges, weight: None },
                Part { from: PartSource::Given { name: "加分".to_owned() }, weight: None },
            ],
            rounding: Rounding { mode: RoundingMode::HalfUp, criterion: None, factored: None, judges: None, r#final: Some(2) },
            tie_break: Vec::new(),
        },
        advance: None,
    }
}

fn category() -> Category {
    Category {
        id: CategoryId::new("speech"),
        name: "演讲".to_owned(),
        aliases: Vec::new(),
        prefix: "Y".to_owned(),
        required: Vec::new(),
        duration: None,
        length: None,
        per_organization: None,
        attachments: Vec::new(),
        rounds: vec![round()],
        awards: Vec::new(),
    }
}

fn work(id: i64, number: &str, category: &str, title: &str, status: Status) -> EntrySummary {
    EntrySummary {
        id: EntryId(id),
        number: EntryNumber::new(number),
        category: CategoryId::new(category),
        organization: OrganizationId(id),
        organization_name: format!("单位{id}"),
        title: title.to_owned(),
        theme: String::new(),
        creators: String::new(),
        recommender: String::new(),
        zone: "浦东".to_owned(),
        status,
        award_eligible: true,
        submitted_at: None::<Timestamp>,
    }
}

fn judge(id: i64, name: &str, zone: &str) -> Judge {
    let panel = Panel { category: CategoryId::new("speech"), round: RoundId::new("final"), zone: zone.to_owned() };
    Judge { id: JudgeId(id), name: name.to_owned(), organization: String::new(), panels: vec![panel] }
}

/// A row of the long shape: number, judge, then two criteria and a total.
fn long(row: u32, number: &str, judge: &str, cells: [&str; 3]) -> ReceivedRow {
    let cell = |column: u32, text: &str| ReceivedCell { column, text: text.to_owned() };
    ReceivedRow {
        row,
        work: WorkReference { number: number.to_owned(), ..WorkReference::default() },
        sheets: vec![ReceivedSheet {
            judge: cell(1, judge),
            criteria: vec![cell(2, cells[0]), cell(3, cells[1])],
            total: Some(cell(4, cells[2])),
        }],
        parts: Vec::new(),
    }
}

fn plan_with(marks: &RoundMarks, rows: &[ReceivedRow]) -> MarkPlan {
    let (category, round) = (category(), round());
    let works = [
        work(1, "Y001", "speech", "匠心之路", Status::Accepted),
        work(2, "Y002", "speech", "质量之光", Status::Accepted),
        work(3, "Y003", "speech", "老厂新生", Status::Withdrawn),
        work(4, "Y004", "speech", "百年老店", Status::Accepted),
        work(5, "A001", "case", "案例", Status::Accepted),
    ];
    let judges = [judge(1, "王芳", ""), judge(2, "李强", "黄浦"), Judge { panels: Vec::new(), ..judge(3, "赵敏", "") }];
    let organizations = [("单位1".to_owned(), OrganizationId(1))];
    let mut planner = Planner::new(OnFile {
        category: &category,
        round: &round,
        works: &works,
        competition: Competition::default(),
        organizations: &organizations,
        participants: &[EntryId(1), EntryId(2)],
        judges: &judges,
        marks,
        parts: &[],
    });
    planner.table("分数.csv", "", Vec::new());
    for row in rows {
        planner.row(row);
    }
    planner.finish()
}

fn plan(rows: &[ReceivedRow]) -> MarkPlan {
    plan_with(&RoundMarks::default(), rows)
}

/// The problems in one line each.
fn problems(plan: &MarkPlan) -> Vec<String> {
    plan.tables
        .iter()
        .flat_map(|table| &table.problems)
        .map(|problem| format!("{} {} {} → {}", problem.code, problem.place.cell().unwrap_or_default(), problem.message, problem.hint))
        .collect()
}

fn on_file(marks: Marks) -> RoundMarks {
    RoundMarks { entries: vec![(EntryId(1), vec![JudgeMarks { judge: JudgeId(1), marks }]), (EntryId(2), Vec::new())] }
}

#[test]
fn every_refusal_says_where_what_and_what_next() {
    let rows = [
        long(2, "Y009", "王芳", ["50", "30", ""]),
        long(3, "A001", "王芳", ["50", "30", ""]),
        long(4, "Y003", "王芳", ["50", "30", ""]),
        long(5, "Y004", "王芳", ["50", "30", ""]),
        long(6, "Y001", "王方", ["50", "30", ""]),
        long(7, "Y001", "李强", ["50", "30", ""]),
        long(8, "Y001", "赵敏", ["50", "30", ""]),
        long(9, "Y001", "王芳", ["八十九", "30", ""]),
        long(10, "Y001", "王芳", ["-", "30", ""]),
        long(11, "Y001", "王芳", ["61", "30", ""]),
        long(12, "Y001", "王芳", ["50.3", "30", ""]),
        long(13, "Y001", "王芳", ["50", "30", "81"]),
        long(14, "1", "王芳", ["50", "30", ""]),
        long(15, "Y001", "王芳", ["50", "缺席", ""]),
        long(16, "Y001", "王芳", ["（公式未计算）", "30", ""]),
        long(17, "Y001", "", ["50", "30", ""]),
    ];
    let plan = plan(&rows);
    assert!(plan.sheets.is_empty());
    assert_eq!(plan.tables.first().map(|table| table.counts.refused), Some(16));
    insta::assert_snapshot!(problems(&plan).join("\n"), @r#"
    J101 A2 没有编号为 Y009 的作品 → 查看作品：dasai entry list --category speech
    J104 A3 A001 不是演讲的作品 → 它属于 case；请分开导入：dasai score import 文件 --category case
    J105 A4 Y003 已撤回，不参加评审 → 查看它的状态：dasai entry show Y003
    J105 A5 Y004 没有进入决赛 → 先确定晋级：dasai advance speech；或检查 --round 是否写错
    J106 B6 没有名叫“王方”的评委 → 是不是“王芳”？若确是新评委：dasai judge add 王方 --panel speech/final
    J107 B7 Y001（浦东）不归评委李强评：不是同一赛区 → 核对作品的赛区，或把评委加入：dasai judge add 李强 --panel speech/final/浦东
    J107 B8 评委赵敏不在演讲决赛的评委组 → 加入：dasai judge add 赵敏 --panel speech/final
    J109 C9 “八十九”不是分数 → 写成数字（如 89.5）；未打分留空，评委缺席写“缺席”，回避写“回避”
    J109 C10 “-”不是分数 → 写成数字（如 89.5）；未打分留空，评委缺席写“缺席”，回避写“回避”
    J110 C11 主题内容 61 分，超出范围 0～60 → 核对评分表后改正；分值范围用 dasai rules show 查看
    J111 C12 主题内容 50.3 分，不是 0.5 的倍数 → 打分的最小单位是 0.5 分；核对评分表后改正
    J113 E13 总分 81 与各项之和 80 不符 → 核对评分表：改正总分或分项后再导入
    J101 A14 没有编号为 1 的作品 → 是不是 Y001？
    J114 D15 同一份评分里既有“缺席”又有分数 → 核对评分表：留下其中一种
    J109 C16 公式没有算好的值 → 请用 Excel 或 WPS 打开该文件并保存（保存时会计算），再重新导入
    J106 B17 没有写评委姓名 → 在原表这一行写上评委姓名后重新导入
    "#);
}

#[test]
fn absent_recused_empty_and_zero_are_four_things() {
    let plan =
        plan(&[long(2, "Y001", "王芳", ["缺席", "", ""]), long(3, "Y002", "王芳", ["0", "0", "0"]), long(4, "Y002", "王芳", ["", "", ""])]);
    let marks: Vec<&Marks> = plan.sheets.iter().map(|sheet| &sheet.new).collect();
    assert_eq!(marks, [&Marks::Absent, &Marks::Criteria(vec![Some(Points::ZERO), Some(Points::ZERO)])]);
    assert_eq!(plan.tables.first().map(|table| table.counts.empty), Some(1));
    let recused = plan_with(&RoundMarks::default(), &[long(2, "Y001", "王芳", ["", "", "回避"])]);
    assert_eq!(recused.sheets.first().map(|sheet| &sheet.new), Some(&Marks::Recused));
}

#[test]
fn what_a_sum_formula_makes_of_empty_criteria_is_not_a_mark_of_zero() {
    let plan = plan(&[long(2, "Y001", "王芳", ["", "", "0"]), long(3, "Y002", "王芳", ["", "", "0.00"])]);
    assert!(plan.sheets.is_empty(), "{:?}", plan.sheets);
    assert_eq!(plan.tables.first().map(|table| table.counts.empty), Some(2));
    let absent = plan_with(&RoundMarks::default(), &[long(2, "Y001", "王芳", ["缺席", "缺席", "0"])]);
    assert_eq!(absent.sheets.first().map(|sheet| &sheet.new), Some(&Marks::Absent));
}

#[test]
fn absent_and_recused_in_one_sheet_contradict_each_other() {
    let plan = plan(&[long(2, "Y001", "王芳", ["缺席", "回避", ""]), long(3, "Y002", "王芳", ["缺席", "", "回避"])]);
    assert!(plan.sheets.is_empty());
    insta::assert_snapshot!(problems(&plan).join("\n"), @r#"
    J114 D2 同一份评分里既有“缺席”又有“回避” → 核对评分表：留下其中一种
    J114 E3 同一份评分里既有“缺席”又有“回避” → 核对评分表：留下其中一种
    "#);
}

#[test]
fn the_same_again_is_unchanged_and_another_mark_is_a_change() {
    let row = long(2, "Y001", "王芳", ["50", "30", "80"]);
    let first = plan(std::slice::from_ref(&row));
    let sheet = first.sheets.first().expect("one sheet");
    assert!(!sheet.replaces && sheet.old.is_none());
    let marks = on_file(sheet.new.clone());
    let again = plan_with(&marks, std::slice::from_ref(&row));
    assert!(again.sheets.is_empty());
    assert_eq!(again.tables.first().map(|table| table.counts.unchanged), Some(1));
    let changed = plan_with(&marks, &[long(2, "Y001", "王芳", ["51", "", ""])]);
    let sheet = changed.sheets.first().expect("one sheet");
    assert!(sheet.replaces);
    assert_eq!(sheet.new, Marks::Criteria(vec![Some(points("51")), Some(points("30"))]), "an empty cell says nothing");
}

#[test]
fn totals_and_criteria_never_stand_side_by_side() {
    let plan = plan_with(&on_file(Marks::Total(points("80"))), &[long(2, "Y001", "王芳", ["50", "30", ""])]);
    assert!(plan.sheets.is_empty());
    insta::assert_snapshot!(problems(&plan).join("\n"), @r#"J112 C2 Y001 评委王芳已有总分，不能再记分项分 → 二者只能有一种；要换就先清除：dasai score clear Y001 --judge 王芳 --round final"#);
}

#[test]
fn rows_that_contradict_each_other_are_both_left_out() {
    let plan = plan(&[long(2, "Y001", "王芳", ["50", "30", ""]), long(3, "Y001", "王芳", ["51", "30", ""])]);
    assert!(plan.sheets.is_empty());
    assert_eq!(plan.tables.first().map(|table| (table.counts.added, table.counts.refused)), Some((0, 2)));
    insta::assert_snapshot!(problems(&plan).join("\n"), @r#"J103 C3 Y001 评委王芳的分数与 分数.csv › C2 不同，两处都没有记入 → 删去错的一行后再导入"#);
}

#[test]
fn three_rows_of_which_one_differs_are_all_left_out() {
    let row = |number, mark| long(number, "Y001", "王芳", [mark, "30", ""]);
    let plan = plan(&[row(2, "50"), row(3, "51"), row(4, "50")]);
    assert!(plan.sheets.is_empty());
    assert_eq!(plan.tables.first().map(|table| (table.counts.added, table.counts.unchanged, table.counts.refused)), Some((0, 0, 3)));
    insta::assert_snapshot!(problems(&plan).join("\n"), @r#"
    J103 C3 Y001 评委王芳的分数与 分数.csv › C2 不同，两处都没有记入 → 删去错的一行后再导入
    J103 C4 Y001 评委王芳的分数前面已有两处不同，这一处也没有记入 → 删去错的各行后再导入
    "#);
}

#[test]
fn a_judges_own_total_is_held_against_a_sheet_in_two_pieces() {
    let plan_on = |old: [Option<&str>; 2], cells| {
        let old = on_file(Marks::Criteria(old.map(|mark| mark.map(points)).to_vec()));
        plan_with(&old, &[long(2, "Y001", "王芳", cells)])
    };
    let completed = plan_on([Some("50"), None], ["", "30", "80"]);
    assert_eq!(completed.sheets.len(), 1);
    assert_eq!(problems(&completed), Vec::<String>::new());
    let formula = plan_on([Some("50"), None], ["", "30", "30"]);
    assert_eq!((formula.sheets.len(), problems(&formula).len()), (1, 0), "a formula adds up its own row");
    let other = plan_on([Some("50"), None], ["", "30", "60"]);
    assert!(other.sheets.is_empty());
    let beyond = plan(&[long(2, "Y001", "王芳", ["50", "", "95"])]);
    assert!(beyond.sheets.is_empty());
    let open = plan(&[long(2, "Y001", "王芳", ["50", "", "85"])]);
    assert_eq!(open.sheets.len(), 1);
    let said = [other, beyond, open].iter().flat_map(problems).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(said, @r#"
    J113 E2 总分 60 与各项之和 80 不符 → 核对评分表：改正总分或分项后再导入
    J113 E2 总分 95 与已有的各项不符：补齐后应在 50～90 → 核对评分表：改正总分或分项后再导入
    J113 E2 还缺 语言表达，总分 85 无从核对，没有记下 → 补录所缺的评分项时，连同总分再导入一次，即可核对
    "#);
}

#[test]
fn a_work_is_found_by_unit_and_title_and_a_shifted_row_is_not_taken() {
    let mut by_title = long(2, "", "王芳", ["50", "30", ""]);
    by_title.work =
        WorkReference { organization: "单位１".to_owned(), title: "《匠心之路》".to_owned(), ..WorkReference::default() };
    let mut shifted = long(3, "Y002", "王芳", ["50", "30", ""]);
    shifted.work.title = "匠心之路".to_owned();
    let mut nameless = long(4, "", "王芳", ["50", "30", ""]);
    nameless.work = WorkReference::default();
    let plan = plan(&[by_title, shifted, nameless]);
    assert_eq!(plan.sheets.iter().map(|sheet| sheet.entry).collect::<Vec<_>>(), [EntryId(1)]);
    insta::assert_snapshot!(problems(&plan).join("\n"), @r#"
    J102 A3 Y002 是《质量之光》，表里写的是《匠心之路》 → 《匠心之路》的编号是 Y001；检查各行是否错位
    J101 A4 没有作品编号，也没有单位和作品名称，不知道是哪件作品 → 填写作品编号；查看作品：dasai entry list --category speech
    "#);
}

#[test]
fn given_parts_are_planned_like_marks() {
    let cell = |text: &str| ReceivedCell { column: 1, text: text.to_owned() };
    let row = |row, number: &str, text: &str| ReceivedRow {
        row,
        work: WorkReference { number: number.to_owned(), ..WorkReference::default() },
        sheets: Vec::new(),
        parts: vec![(0, cell(text))],
    };
    let planned = plan(&[row(2, "Y001", "-2.5"), row(3, "Y002", "3")]);
    assert_eq!(planned.parts.iter().map(|part| part.given.points.to_string()).collect::<Vec<_>>(), ["-2.5", "3"]);
    let plan = plan(&[row(2, "Y001", "-2.5"), row(3, "Y002", "缺席"), row(4, "Y001", "3"), row(5, "Y001", "-2.5")]);
    assert!(plan.parts.is_empty(), "the rows contradict each other");
    assert_eq!(plan.tables.first().map(|table| (table.counts.added, table.counts.unchanged, table.counts.refused)), Some((0, 0, 4)));
    insta::assert_snapshot!(problems(&plan).join("\n"), @r#"
    J109 B3 “缺席”不是分数 → 写成数字；没有就留空
    J103 B4 Y001 的加分与 分数.csv › B2 不同，两处都没有记入 → 删去错的一行后再导入
    J103 B5 Y001 的加分前面已有两处不同，这一处也没有记入 → 删去错的各行后再导入
    "#);
}
