//! Owns the checks of written documents that need more than one writer: what was written as a Word document or a workbook is read back by
//! the program's own readers, and the same paper is the same file.

use std::convert::Infallible;

use jiff::civil::date;
use proptest::prelude::*;

use super::paper_workbook::write_paper_workbook;
use super::recommendation::RecommendationSheet;
use super::registration::{self, ReadOptions};
use super::rules_file;
use super::word::{self, Block as WordBlock};
use super::word_writer::write_docx;
use crate::domain::paper::{Alignment, Block, Paper, Paragraph, Span, Table, TableCell, TableColumn, TableRow, is_line_end};
use crate::domain::privacy::{Email, PersonName, Phone};
use crate::domain::recommendation_sheet::{SheetContent, SheetFiller, SheetRow};
use crate::domain::rules::Deadline;

fn sheet(works: u32) -> SheetContent {
    let row = |serial: u32| SheetRow {
        order: Some(serial),
        number: format!("Y{serial:03}"),
        organization: if serial == 2 {
            "上海试样精密制造（集团）有限公司浦东分公司".repeat(4)
        } else {
            format!("上海试样{serial}厂")
        },
        title: if serial == 3 { "槃玥喆龑𠮷与<质量>&“故事”".repeat(4) } else { format!("第{serial}颗螺丝钉") },
        category: "质量品牌故事演讲".to_owned(),
        opinion: if serial == 4 { "主题鲜明，真实具体；\n情节生动。".repeat(20) } else { "同意推荐".to_owned() },
    };
    SheetContent {
        contest: "2024年上海市质量品牌故事大赛".to_owned(),
        recommender: "试样区市场监督管理局".to_owned(),
        rows: (1..=works).map(row).collect(),
        filler: SheetFiller {
            name: PersonName::new("张三"),
            department: "质量发展科".to_owned(),
            position: "科员".to_owned(),
            phone: Phone::new("13800000001"),
            email: Email::new("z@example.com"),
            date: Some(date(2024, 7, 8)),
        },
        deadline: Some(Deadline::end_of(date(2024, 7, 10))),
        ..SheetContent::default()
    }
}

/// What the program reads from a file with this content.
fn read(name: &str, bytes: &[u8]) -> RecommendationSheet {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("written");
    let rules = rules_file::parse(rules_file::preset("shanghai-2024").expect("the preset")).expect("rules");
    let sheets = registration::read(&path, name, &rules, &ReadOptions::default(), &mut |_| Ok::<(), Infallible>(()));
    let sheets = sheets.unwrap_or_else(|never| match never {}).expect("readable");
    *sheets.into_iter().find_map(|sheet| sheet.recommendation).expect("a recommendation sheet")
}

#[test]
fn a_recommendation_sheet_is_read_back_as_it_was_written() {
    for works in [1, 6, 60] {
        let content = sheet(works);
        let paper = content.paper();
        let files = [
            ("推荐表.docx", write_docx(&paper).expect("a document")),
            ("推荐表.xlsx", write_paper_workbook(&paper, date(2024, 7, 8).at(9, 0, 0, 0)).expect("a workbook")),
        ];
        for (name, bytes) in files {
            let read = read(name, &bytes);
            assert_eq!(read.recommender, content.recommender, "{name}");
            let rows = read.rows.iter().map(|row| SheetRow {
                order: row.order,
                number: format!("Y{:03}", row.order.unwrap_or(0)),
                organization: row.organization.clone(),
                title: row.title.clone(),
                category: row.category.clone(),
                opinion: row.opinion.clone(),
            });
            let rows: Vec<SheetRow> = rows.collect();
            let trimmed = content.rows.iter().map(|row| SheetRow { opinion: row.opinion.trim().to_owned(), ..row.clone() });
            assert_eq!(rows, trimmed.collect::<Vec<_>>(), "{name} of {works}");
            let filler = &read.filler;
            assert_eq!(
                (&filler.name, &filler.department, &filler.position, &filler.phone, &filler.email),
                (&content.filler.name, &content.filler.department, &content.filler.position, &content.filler.phone, &content.filler.email),
                "{name}"
            );
            assert_eq!(read.filled_at.map(|at| at.to_string()).as_deref(), Some("2024-07-07T16:00:00Z"), "{name}");
            assert_eq!(read.problems, Vec::new(), "{name}");
        }
    }
}

#[test]
fn a_blank_sheet_is_read_as_one_without_works() {
    let paper = SheetContent { contest: "试样大赛".to_owned(), ..SheetContent::default() }.paper();
    let read = read("空表.docx", &write_docx(&paper).expect("a document"));
    assert_eq!((read.recommender.as_str(), read.rows.len()), ("", 0));
}

#[test]
fn the_same_paper_is_the_same_file() {
    let (one, other) = (sheet(9).paper(), sheet(9).paper());
    let moment = date(2024, 7, 8).at(9, 0, 0, 0);
    assert_eq!(write_docx(&one).expect("a document"), write_docx(&other).expect("a document"));
    assert_eq!(write_paper_workbook(&one, moment), write_paper_workbook(&other, moment));
}

/// The main document of a `.docx`.
fn main_document(paper: &Paper) -> String {
    let bytes = write_docx(paper).expect("a document");
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("an archive");
    let mut xml = String::new();
    std::io::Read::read_to_string(&mut archive.by_name("word/document.xml").expect("a part"), &mut xml).expect("UTF-8");
    xml
}

#[test]
fn a_word_table_repeats_its_header_and_keeps_its_rows_whole() {
    let xml = main_document(&sheet(4).paper());
    assert_eq!(xml.matches("<w:tblHeader/>").count(), 1);
    assert_eq!(xml.matches("<w:tr>").count(), 5);
    assert_eq!(xml.matches("<w:cantSplit/>").count(), 5);
    assert!(xml.contains(r#"w:eastAsia="宋体""#) && xml.contains(r#"w:eastAsia="黑体""#));
    assert!(xml.contains(r#"<w:pgSz w:w="11906" w:h="16838"/>"#));
}

#[test]
fn what_xml_cannot_hold_is_seen() {
    let paper = Paper { blocks: vec![Paragraph::text("甲\u{1}乙<\u{FFFE}&").into()], ..Paper::default() };
    assert!(main_document(&paper).contains("甲\u{FFFD}乙&lt;\u{FFFD}&amp;"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever a text holds, Word's document is well formed and says it.
    #[test]
    fn any_text_is_read_back_from_word(text in prop_oneof![any::<String>(), "[\u{0}-\u{9f}<&>\"'\u{4e00}-\u{4eff}]{0,200}"]) {
        let paper = Paper { blocks: vec![Paragraph::text(text.as_str()).into()], ..Paper::default() };
        let blocks = word::of_xml(&main_document(&paper)).expect("well formed");
        let Some(WordBlock::Paragraph(read)) = blocks.into_iter().next() else { panic!("no paragraph") };
        let held = text.replace("\r\n", "\n");
        let held = held.chars().map(|character| match character {
            '\t' => '\t',
            line_end if is_line_end(line_end) => '\n',
            '\u{0}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => '\u{FFFD}',
            other => other,
        });
        prop_assert_eq!(read, held.collect::<String>());
    }
}

#[test]
fn a_workbook_takes_tables_with_different_columns() {
    let table = |shares: &[u16]| Table {
        columns: shares.iter().map(|share| TableColumn::new(*share, Alignment::Left)).collect(),
        header: shares.iter().map(u16::to_string).collect(),
        rows: vec![TableRow { cells: vec![TableCell { spans: vec![Span::bold("甲")] }], subject: String::new() }],
        ..Table::default()
    };
    let blocks = vec![table(&[1, 1]).into(), table(&[1, 2, 60_000]).into(), Block::PageBreak, Block::Together(vec![table(&[5]).into()])];
    let paper = Paper { title: "表/格".to_owned(), blocks, ..Paper::default() };
    let bytes = write_paper_workbook(&paper, date(2024, 1, 1).at(0, 0, 0, 0)).expect("a workbook");
    assert!(bytes.starts_with(b"PK"));
    let long = Paper { blocks: vec![Paragraph::text("长".repeat(40_000)).into()], ..Paper::default() };
    assert!(write_paper_workbook(&long, date(2024, 1, 1).at(0, 0, 0, 0)).is_err());
}
