//! Owns the checks of printed pages: nothing is lost, whatever a text holds, lines break as Chinese wants it, and the same paper is the
//! same file.

use proptest::prelude::*;

use super::*;
use crate::domain::paper::{Alignment, Block, Length, Margins, Orientation, Paragraph, Span, Table, TableColumn, TableRow};

fn laid_out(paper: &Paper) -> (Vec<Sheet>, Vec<MissingGlyph>) {
    let mut missing = Missing::default();
    let sheets = pages::lay_out(paper, &Faces::load().expect("the fonts"), &mut missing);
    (sheets, missing.found)
}

/// The lines of all pages in their order, page numbers included.
fn lines_of(sheets: &[Sheet]) -> Vec<String> {
    let letters = sheets.iter().flat_map(|sheet| &sheet.marks).filter_map(|mark| match mark {
        Mark::Letters { letters, .. } => Some(letters.iter().map(|letter| letter.character).collect::<String>()),
        Mark::Rule { .. } => None,
    });
    letters.collect()
}

/// What a text must leave on the pages: all but white space and what shows nothing, control characters as 〓.
fn expected(text: &str) -> String {
    let shown = text.chars().filter(|character| !character.is_whitespace() && !lines::is_invisible(*character));
    shown.map(|character| if character.is_control() { '〓' } else { character }).collect()
}

fn without_spaces(lines: &[String]) -> String {
    lines.iter().flat_map(|line| line.chars()).filter(|character| !character.is_whitespace()).collect()
}

/// One cell as a table of a single column.
fn table(text: &str, header: &str) -> Table {
    Table {
        columns: vec![TableColumn::new(1, Alignment::Left)],
        header: if header.is_empty() { Vec::new() } else { vec![header.to_owned()] },
        rows: vec![TableRow::of([text]).about("Y001《试样》")],
        ..Table::default()
    }
}

fn paper(block: impl Into<Block>) -> Paper {
    Paper { blocks: vec![block.into()], ..Paper::default() }
}

fn any_text() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        any::<String>(),
        "[a-z]{0,200}",
        "[\u{4e00}-\u{9fff}，。（）《》“”]{0,80}",
        "[\u{0}-\u{1f}\u{7f}-\u{9f}]{0,4}",
        "[\u{590}-\u{6ff}]{0,30}",
        "[\u{1f300}-\u{1faff}\u{fe0f}\u{200d}]{0,10}",
        "[\u{20000}-\u{323af}]{0,10}",
        Just("☐☑☒\r\n\t\u{3000}\u{a0}\u{2028}".to_owned()),
    ];
    proptest::collection::vec(pieces, 0..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Whatever a text holds is on a page, in its order, or is reported; in a paragraph as in a cell.
    #[test]
    fn nothing_is_lost(text in any_text(), is_bold in any::<bool>(), narrow in any::<bool>()) {
        let mut text_paper = paper(Paragraph { spans: vec![Span { text: text.clone(), is_bold }], first_line: 2, ..Paragraph::default() });
        let mut cell_paper = paper(table(&text, ""));
        if narrow {
            let margins = Margins { top: Length::millimetres(120), right: Length::millimetres(80), bottom: Length::millimetres(120), left: Length::millimetres(80) };
            (text_paper.margins, cell_paper.margins) = (margins, margins);
        }
        let faces = Faces::load().expect("the fonts");
        for of in [&text_paper, &cell_paper] {
            let (sheets, missing) = laid_out(of);
            prop_assert_eq!(without_spaces(&lines_of(&sheets)), expected(&text));
            for character in expected(&text).chars().filter(|character| !matches!(character, '☐' | '☑' | '☒' | '〓')) {
                let is_missing = missing.iter().any(|glyph| glyph.character == character);
                prop_assert_eq!(is_missing, faces.shape(character, false).is_none(), "{:?}", character);
            }
        }
        let pdf = write_pdf(&text_paper).expect("a document");
        prop_assert!(pdf.bytes.starts_with(b"%PDF"));
    }

    /// No line begins with closing punctuation or ends with opening, wherever there is room to obey.
    #[test]
    fn punctuation_stands_where_chinese_wants_it(
        pieces in proptest::collection::vec(
            prop_oneof!["[甲乙丙丁]{1,9}", Just("（戊己）".into()), Just("“庚”".into()), Just("《辛》。".into()), Just("，".into()), Just("‘壬’；".into()), Just("98.5%".into())],
            1..60,
        ),
        right in 20_u8..28,
    ) {
        let mut text = String::new();
        for piece in pieces {
            // Two commas in a row are no text.
            if !(piece == "，" && text.ends_with(['，', '。', '；'])) {
                text.push_str(&piece);
            }
        }
        let (sheets, _) = laid_out(&paper(Paragraph { right, ..Paragraph::text(format!("始{text}")) }));
        for line in lines_of(&sheets) {
            prop_assert!(!line.starts_with(['。', '，', '、', '；', '：', '！', '？', '）', '》', '”', '’', '%']), "{}", line);
            prop_assert!(!line.ends_with(['（', '《', '“', '‘']), "{}", line);
        }
    }
}

#[test]
fn a_long_word_is_parted_and_a_tall_cell_goes_on() {
    for text in ["a".repeat(10_000), "长".repeat(10_000), "（".repeat(3_000), "1\n".repeat(500)] {
        for header in ["", "推荐意见", &"很高的表头".repeat(900)] {
            let of = paper(table(&text, header));
            let (sheets, missing) = laid_out(&of);
            let printed = without_spaces(&lines_of(&sheets));
            // The header is on every page, or once where it is too tall.
            let rest = if header.chars().count() > 100 {
                printed.strip_prefix(header).expect("the header").to_owned()
            } else {
                printed.replace(header, "")
            };
            assert_eq!(rest, expected(&text));
            assert!(missing.is_empty());
            let bottom = i64::from(of.margins.top.0 + of.room().1.0) * TWENTIETH;
            for mark in sheets.iter().flat_map(|sheet| &sheet.marks) {
                let lowest = match mark {
                    Mark::Letters { at, .. } => at.1,
                    Mark::Rule { to, .. } => to.1,
                };
                assert!(lowest <= bottom, "below the page");
            }
        }
    }
}

#[test]
fn a_header_is_on_every_page_and_a_row_on_one() {
    let rows = (1..=200).map(|serial| TableRow::of([serial.to_string(), format!("作品{serial}\n第二行")])).collect();
    let of = Table {
        columns: vec![TableColumn::new(1, Alignment::Centre), TableColumn::new(3, Alignment::Left)],
        header: vec!["排序".to_owned(), "参赛作品名称".to_owned()],
        rows,
        ..Table::default()
    };
    let (sheets, _) = laid_out(&Paper { is_numbered: true, ..paper(of) });
    assert!(sheets.len() > 5);
    for (serial, sheet) in sheets.iter().enumerate() {
        let lines = lines_of(std::slice::from_ref(sheet));
        assert_eq!(&lines[..2], ["排序", "参赛作品名称"]);
        assert_eq!(lines.last().map(String::as_str), Some(format!("第 {} 页  共 {} 页", serial + 1, sheets.len()).as_str()));
        assert_eq!(lines.iter().filter(|line| line.starts_with("作品")).count(), lines.iter().filter(|line| *line == "第二行").count());
    }
}

#[test]
fn a_signature_stays_on_one_page_and_a_heading_with_its_text() {
    for filled in 30..60 {
        let mut blocks: Vec<Block> = (0..filled).map(|_| Paragraph::text("行").into()).collect();
        blocks.push(Paragraph::heading("标题").into());
        blocks.push(Paragraph::text("正文").into());
        blocks.push(Block::Together(vec![
            Block::Space(Length::points(30)),
            Paragraph::text("协会").into(),
            Paragraph::text("日期").into(),
        ]));
        let (sheets, _) = laid_out(&Paper { blocks, ..Paper::default() });
        let page_of =
            |wanted: &str| sheets.iter().position(|sheet| lines_of(std::slice::from_ref(sheet)).iter().any(|line| line == wanted));
        assert_eq!(page_of("标题"), page_of("正文"), "{filled}");
        assert_eq!(page_of("协会"), page_of("日期"), "{filled}");
        assert!(page_of("日期").is_some());
    }
}

#[test]
fn what_no_font_has_is_named_with_its_work() {
    let of = paper(table("让𬭎槃玥喆龑𠮷发光，再说一遍𬭎与\u{1}和😀", ""));
    let pdf = write_pdf(&of).expect("a document");
    let missing: Vec<_> =
        pdf.missing_glyphs.iter().map(|glyph| (glyph.code_point(), glyph.subject.as_str(), glyph.excerpt.as_str())).collect();
    assert_eq!(
        missing,
        [("U+0001".to_owned(), "Y001《试样》", "光，再说一遍𬭎与 和😀"), ("U+1F600".to_owned(), "Y001《试样》", "再说一遍𬭎与 和😀")]
    );
}

#[test]
fn bold_falls_back_to_a_thickened_regular() {
    let (sheets, missing) = laid_out(&paper(Paragraph { spans: vec![Span::bold("质槃")], ..Paragraph::default() }));
    let Some(Mark::Letters { letters, .. }) = sheets[0].marks.first() else { panic!("no letters") };
    assert!(missing.is_empty());
    assert_eq!(letters.iter().map(|letter| letter.is_thickened).collect::<Vec<_>>(), [false, true]);
}

/// The texts that glyphs stand for, from the inflated `ToUnicode` maps of a file.
fn mapped(bytes: &[u8]) -> String {
    let mut maps = String::new();
    for start in bytes.windows(7).enumerate().filter(|(_, window)| *window == b"stream\n").map(|(at, _)| at + 7) {
        let mut text = Vec::new();
        let mut inflated = flate2::read::ZlibDecoder::new(&bytes[start..]);
        if std::io::Read::read_to_end(&mut inflated, &mut text).is_ok() {
            maps.push_str(&String::from_utf8_lossy(&text));
        }
    }
    maps
}

#[test]
fn the_text_can_be_taken_out_and_the_file_is_small_and_the_same() {
    let of = paper(Paragraph::body("讲好上海质量品牌故事☑𠮷"));
    let one = write_pdf(&of).expect("a document");
    assert_eq!(one, write_pdf(&of).expect("a document"));
    assert!(one.bytes.len() < 200_000, "{}", one.bytes.len());
    let maps = mapped(&one.bytes);
    for character in "讲好上海质量品牌故事☑𠮷".chars() {
        let unicode: Vec<String> = character.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("{unit:04X}")).collect();
        assert!(maps.contains(&format!("<{}>", unicode.concat())), "{character}");
    }
}

#[test]
fn odd_papers_are_written() {
    let wide = Paper {
        orientation: Orientation::Landscape,
        margins: Margins { top: Length(99_999), right: Length(99_999), bottom: Length(99_999), left: Length(99_999) },
        blocks: vec![
            Block::PageBreak,
            Block::Together(Vec::new()),
            Table::default().into(),
            Block::Space(Length(u32::MAX)),
            Paragraph {
                left: 255, right: 255, first_line: 255, leading: u16::MAX, before: Length(u32::MAX), ..Paragraph::body("字字字")
            }
            .into(),
        ],
        ..Paper::default()
    };
    assert_eq!(without_spaces(&lines_of(&laid_out(&wide).0)), "字字字");
    assert!(write_pdf(&wide).is_ok());
    assert_eq!(write_pdf(&Paper::default()).expect("a document").pages, 1);
}
