//! What people read: tables at several widths.

use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;
use crate::domain::listing::{Audience, Cell, Column, Document};
use crate::domain::values::Exact;
use crate::output::render::document;
use crate::output::ui::Format;

fn terminal(width: Option<usize>) -> Terminal {
    Terminal { stdin: false, stdout: false, stderr: false, width, colour: false, ascii: false }
}

fn works() -> Listing {
    let mut listing = Listing::new(
        "entries",
        "参赛作品",
        vec![
            Column::new("number", "作品编号"),
            Column::new("title", "作品名称"),
            Column::new("organization", "参赛单位"),
            Column::new("score", "得分"),
            Column::new("secret", "只给脚本").only(Audience::Scripts),
            Column::new("severity", "程度"),
        ],
    );
    let points = |hundredths: i64| Cell::Points(Exact::ratio(hundredths, 100).expect("not zero"), Some(2));
    listing.push(vec![
        "Y001".into(),
        "一颗螺丝钉的坚守".into(),
        "甲城精密机械有限公司".into(),
        points(9235),
        "x".into(),
        Cell::keyed("error", "错误"),
    ]);
    listing.push(vec![
        "Y002".into(),
        "从“制造”到“智造”：一条产线二十年的品质接力，以及它教会我们的事".into(),
        "乙城（集团）电力工程建设股份有限公司第三分公司".into(),
        points(910),
        Cell::Empty,
        Cell::keyed("warning", "提醒"),
    ]);
    listing.push(vec!["A1000".into(), "👨‍👩‍👧‍👦一家人🇨🇳".into(), "SupercalifragilisticexpialidociousQualityWorks".into(), Cell::Empty]);
    listing.notes.push("共 3 件。".to_owned());
    listing
}

fn text(shown: &Document, terminal: &Terminal) -> String {
    let mut out = Vec::new();
    document(shown, Format::Table, &TimeZone::UTC, terminal, &mut out).expect("memory");
    String::from_utf8(out).expect("UTF-8")
}

fn shown(listing: Listing, width: Option<usize>) -> String {
    text(&Document::of(listing), &terminal(width))
}

#[test]
fn a_table_without_a_limit_is_one_line_a_row() {
    assert_snapshot!(shown(works(), None), @"
    参赛作品
    作品编号  作品名称                                                        参赛单位                                         得分  程度
    ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
    Y001      一颗螺丝钉的坚守                                                甲城精密机械有限公司                            92.35  错误
    Y002      从“制造”到“智造”：一条产线二十年的品质接力，以及它教会我们的事  乙城（集团）电力工程建设股份有限公司第三分公司   9.10  提醒
    A1000     👨‍👩‍👧‍👦一家人🇨🇳                                                      SupercalifragilisticexpialidociousQualityWorks
    共 3 件。
    ");
}

#[test]
fn at_eighty_columns_long_texts_wrap() {
    assert_snapshot!(shown(works(), Some(80)), @"
    参赛作品
    作品编号  作品名称                      参赛单位                      得分  程度
    ────────────────────────────────────────────────────────────────────────────────
    Y001      一颗螺丝钉的坚守              甲城精密机械有限公司         92.35  错误
    Y002      从“制造”到“智造”：一条产线二  乙城（集团）电力工程建设股    9.10  提醒
              十年的品质接力，以及它教会我  份有限公司第三分公司
              们的事
    A1000     👨‍👩‍👧‍👦一家人🇨🇳                    Supercalifragilisticexpiali
                                            dociousQualityWorks
    共 3 件。
    ");
}

#[test]
fn at_forty_columns_rows_are_still_a_table() {
    assert_snapshot!(shown(works(), Some(40)), @"
    参赛作品
    作品编号  作品名称  参赛单    得分  程度
                        位
    ────────────────────────────────────────
    Y001      一颗螺丝  甲城精   92.35  错误
              钉的坚守  密机械
                        有限公
                        司
    Y002      从“制造”  乙城      9.10  提醒
              到“智     （集
              造”：一   团）电
              条产线二  力工程
              十年的品  建设股
              质接力，  份有限
              以及它教  公司第
              会我们的  三分公
              事        司
    A1000     👨‍👩‍👧‍👦一家人  Superca
              🇨🇳        lifragi
                        listice
                        xpialid
                        ociousQ
                        ualityW
                        orks
    共 3 件。
    ");
}

#[test]
fn at_twenty_columns_each_row_is_a_block() {
    assert_snapshot!(shown(works(), Some(20)), @"
    参赛作品
    作品编号：Y001
    作品名称：一颗螺丝钉
    的坚守
    参赛单位：甲城精密机
    械有限公司
    得分：92.35
    程度：错误

    作品编号：Y002
    作品名称：从“制造”到
    “智造”：一条产线二十
    年的品质接力，以及它
    教会我们的事
    参赛单位：乙城（集
    团）电力工程建设股份
    有限公司第三分公司
    得分：9.10
    程度：提醒

    作品编号：A1000
    作品名称：👨‍👩‍👧‍👦一家人🇨🇳
    参赛单位：
    Supercalifragilistic
    expialidociousQualit
    yWorks

    共 3 件。
    ");
}

#[test]
fn an_empty_table_says_so_or_is_left_out() {
    let empty = Listing::new("entries", "参赛作品", vec![Column::new("a", "甲")]);
    assert_snapshot!(shown(empty.clone().when_empty("还没有作品。"), Some(80)), @"
    参赛作品
    还没有作品。
    ");
    assert_eq!(shown(empty, Some(80)), "");
}

#[test]
fn values_tables_and_notes_stand_apart() {
    let mut listing = Listing::new("a", "", vec![Column::new("a", "甲")]);
    listing.push(vec!["子".into()]);
    let both = Document::default()
        .value("name", "大赛", "质量品牌故事大赛，名字长得一行放不下，所以要折到下一行去")
        .value("x", "空着", Cell::Empty)
        .value("json_only", "", "x")
        .listing(listing.clone())
        .listing(listing)
        .line("下一步：dasai import 报名表.xlsx");
    assert_snapshot!(text(&both, &terminal(Some(40))), @"
    大赛：质量品牌故事大赛，名字长得一行放不
          下，所以要折到下一行去
    空着：—

    甲
    ──
    子

    甲
    ──
    子

    下一步：dasai import 报名表.xlsx
    ");
}

#[test]
fn colour_marks_severities_on_a_terminal_only() {
    let coloured = Terminal { stdout: true, colour: true, ..terminal(Some(80)) };
    let text_coloured = text(&Document::of(works()), &coloured);
    assert!(text_coloured.contains("\u{1b}[38;5;9m错误"), "{text_coloured:?}");
    assert!(text_coloured.contains("\u{1b}[1m参赛作品\u{1b}[0m"), "{text_coloured:?}");
    let ascii = Terminal { ascii: true, ..terminal(Some(80)) };
    let text = text(&Document::of(works()), &ascii);
    assert!(!text.contains(['─', '\u{1b}']), "{text:?}");
}

/// A long table is read in halves and drawn in blocks; nobody sees where they meet.
#[test]
fn a_long_table_looks_like_a_short_one() {
    const ROWS: usize = 2_777;
    let columns = vec![Column::new("a", "甲"), Column::new("b", "乙").heading(), Column::new("c", "丙")];
    let row = |place: usize| vec![Cell::count(place), Cell::text(["子", "丑"][place / 1_900]), Cell::text("长".repeat(place / 900))];
    let long = Listing::new("x", "", columns.clone()).rows_made(ROWS, row);
    let lines: Vec<String> =
        (0..ROWS).map(|place| format!("{place:>4}  {}  {}", ["子", "丑"][place / 1_900], "长".repeat(place / 900))).collect();
    let expected =
        format!("  甲  乙  丙\n{}\n{}\n", "─".repeat(16), lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n"));
    assert_eq!(shown(long.clone(), None), expected);
    let narrow = shown(long, Some(12));
    assert_eq!(narrow.lines().filter(|line| line.starts_with('【')).collect::<Vec<_>>(), ["【子】", "【丑】"]);
    assert_eq!(narrow.lines().count(), ROWS + 4);
    let mut kept = Listing::new("x", "", columns);
    (0..ROWS).for_each(|place| kept.push(row(place)));
    assert_eq!(shown(kept, Some(12)), narrow);
}

#[test]
fn received_texts_cannot_steer_the_terminal() {
    assert_eq!(clean("红\u{1b}[31m色\u{7}\t表\r\n行\u{202e}反"), "红\u{fffd}[31m色\u{fffd} 表\n行反");
}

proptest! {
    #[test]
    fn no_line_is_wider_than_the_terminal(
        cells in prop::collection::vec(prop::collection::vec("[a-z ，。《》（）中文字12\u{301}👍\\n]{0,40}", 4), 1..6),
        width in 4_usize..100,
    ) {
        let columns = (0..4).map(|index| Column::new(format!("c{index}"), "标题字".repeat(index + 1))).collect();
        let mut listing = Listing::new("x", "表", columns);
        for row in cells {
            listing.push(row.into_iter().map(Cell::text).collect());
        }
        for line in shown(listing, Some(width)).lines() {
            prop_assert!(line.width() <= width, "{} > {width}: {line:?}", line.width());
        }
    }

    #[test]
    fn wrapping_loses_nothing_but_blanks(text in "[a-z ，。《》中文\u{301}👍]{0,60}", width in 2_usize..30) {
        let solid = |text: &str| text.replace(' ', "");
        prop_assert_eq!(solid(&wrap(&text, width).concat()), solid(&text));
    }
}
