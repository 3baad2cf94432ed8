//! Workbooks read back by calamine.

use calamine::{Data, Reader as _, Xlsx, open_workbook};

use super::*;
use crate::domain::listing::{Audience, Column};
use crate::domain::values::Exact;

pub(crate) fn awards() -> Listing {
    let mut listing = Listing::new(
        "awards",
        "获奖名单（质量品牌故事演讲）",
        vec![
            Column::new("serial", "序号"),
            Column::new("level", "奖项").merged(),
            Column::new("title", "作品名称"),
            Column::new("organization", "单位"),
            Column::new("creators", "主创者"),
            Column::new("recommender", "推荐单位"),
            Column::new("entry", "只给脚本").only(Audience::Scripts),
        ],
    );
    for (serial, level) in [(1, "一等奖"), (2, "一等奖"), (3, "二等奖"), (4, "三等奖"), (5, "三等奖"), (6, "三等奖")] {
        let title = if serial == 3 {
            "从“制造”到“智造”：一条产线二十年的品质接力，以及它教会我们的事"
        } else {
            "一颗螺丝钉的坚守"
        };
        listing.push(vec![
            Cell::Integer(serial),
            Cell::keyed("level", level),
            title.into(),
            "甲城精密机械（集团）有限公司".into(),
            "张三、李四".into(),
            "甲城区市场监督管理局".into(),
            "Y001".into(),
        ]);
    }
    listing.notes.push("注：同一奖项内按作品编号排列。".to_owned());
    listing
}

pub(crate) fn ranking(rows: usize) -> Listing {
    let mut listing = Listing::new(
        "ranking",
        "质量品牌故事演讲 初赛 排名",
        vec![
            Column::new("place", "名次"),
            Column::new("title", "作品名称"),
            Column::new("score", "得分"),
            Column::new("phone", "手机"),
            Column::new("at", "提交时间"),
            Column::new("severity", "程度"),
        ],
    );
    for place in 1..=rows {
        let moment = "2024-07-05T15:59:59Z".parse().expect("a moment");
        listing.push(vec![
            Cell::count(place),
            "=cmd|' /C calc'!A0".into(),
            Cell::Points(Exact::ratio(8910, 100).expect("not zero"), Some(2)),
            "13800001234".into(),
            Cell::Moment(moment),
            Cell::keyed("error", "错误"),
        ]);
    }
    listing
}

pub(crate) fn written(listings: &[Listing]) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("名单.xlsx");
    let timezone = TimeZone::get("Asia/Shanghai").expect("bundled");
    let book = Book {
        title: "名单",
        author: "甲城市质量协会",
        now: Timestamp::UNIX_EPOCH,
        timezone: &timezone,
        heading: "甲城大赛",
        mark: "内部资料",
        listings,
    };
    write(&path, false, Reader::Everyone, &book).expect("written");
    (folder, path)
}

fn cells(listings: &[Listing]) -> (Vec<String>, calamine::Range<Data>) {
    let (_folder, path) = written(listings);
    let mut workbook: Xlsx<_> = open_workbook(&path).expect("a workbook");
    let names = workbook.sheet_names();
    let first = workbook.worksheet_range(&names[0]).expect("a sheet");
    (names, first)
}

#[test]
fn values_keep_their_kind() {
    let (_, sheet) = cells(&[ranking(2)]);
    let cell = |row: u32, column: u32| sheet.get_value((row, column)).cloned().unwrap_or_default();
    assert_eq!(cell(0, 0), Data::String("甲城大赛\n质量品牌故事演讲 初赛 排名".to_owned()));
    assert_eq!(cell(1, 2), Data::String("得分".to_owned()));
    assert_eq!(cell(2, 0), Data::Float(1.0));
    assert_eq!(cell(2, 1), Data::String("=cmd|' /C calc'!A0".to_owned()));
    assert_eq!(cell(2, 2), Data::Float(89.1));
    assert_eq!(cell(2, 3), Data::String("13800001234".to_owned()));
    let Data::DateTime(moment) = cell(2, 4) else { panic!("no date") };
    assert_eq!(moment.to_ymd_hms_milli(), (2024, 7, 5, 23, 59, 59, 0));
    let (_folder, path) = written(&[ranking(2)]);
    let mut workbook: Xlsx<_> = open_workbook(&path).expect("a workbook");
    let name = workbook.sheet_names()[0].clone();
    let formulas = workbook.worksheet_formula(&name).expect("a sheet");
    assert!(formulas.used_cells().next().is_none(), "no cell is a formula");
}

#[test]
fn levels_are_merged_and_script_columns_left_out() {
    let (_folder, path) = written(&[awards()]);
    let mut workbook: Xlsx<_> = open_workbook(&path).expect("a workbook");
    let name = workbook.sheet_names()[0].clone();
    let sheet = workbook.worksheet_range(&name).expect("a sheet");
    assert_eq!(sheet.end().map(|(_, column)| column), Some(5));
    let regions = workbook.merge_cells_by_sheet_name(&name).expect("merges");
    let merged: Vec<_> = regions.iter().map(|region| (region.start, region.end)).collect();
    assert!(merged.contains(&((2, 1), (3, 1))), "{merged:?}");
    assert!(merged.contains(&((5, 1), (7, 1))), "{merged:?}");
    assert_eq!(sheet.get_value((5, 1)), Some(&Data::String("三等奖".to_owned())));
}

#[test]
fn sheet_names_are_valid_and_differ() {
    let named = |title: &str| Listing { title: title.to_owned(), ..awards() };
    let long = "一个非常非常长的名字".repeat(5);
    let (sheets, _) = cells(&[named("甲/乙:[丙]"), named(&long), named(&long), named(""), named("'"), named("History")]);
    assert_eq!(sheets[0], "甲_乙__丙_");
    assert!(sheets.iter().all(|name| name.encode_utf16().count() <= 31), "{sheets:?}");
    assert!(sheets[2].ends_with("(2)"), "{sheets:?}");
    assert_eq!(sheets[3..], ["表", "表(2)", "表(3)"]);
}

#[test]
fn too_long_texts_are_cut_and_said() {
    let mut listing = Listing::new("x", "长", vec![Column::new("a", "甲"), Column::new("b", "乙")]);
    listing.push(vec![Cell::text("长".repeat(40_000)), Cell::Points(Exact::integer(1_234_567_890_123_456), None)]);
    let (_, sheet) = cells(&[listing]);
    assert_eq!(sheet.get_value((2, 0)).map(|data| data.to_string().chars().count()), Some(LONGEST));
    assert_eq!(sheet.get_value((2, 1)), Some(&Data::String("1234567890123456".to_owned())), "sixteen digits are no number for Excel");
    assert!(sheet.get_value((4, 0)).is_some_and(|data| data.to_string().contains("已截断")));
}

#[test]
fn big_lists_and_empty_lists_are_written() {
    let big = Listing::new("x", "长", vec![Column::new("a", "甲")]).rows_made(BIG + 1, |_| vec![Cell::Integer(1)]);
    let (_, sheet) = cells(&[big]);
    assert_eq!(sheet.height(), BIG + 3);
    let (_, sheet) = cells(&[ranking(0).when_empty("还没有成绩。")]);
    assert_eq!(sheet.get_value((2, 0)), Some(&Data::String("还没有成绩。".to_owned())));
    let (names, _) = cells(&[]);
    assert_eq!(names, ["空"]);
}
