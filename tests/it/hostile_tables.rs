//! Workbooks that nobody meant well, one trap each: repetitions and dimensions that nothing holds, chains in a circle, tables of texts
//! that cost their file once and each cell anew. Each ends with a word in a moment. And the tables of `fixtures/tables`, mutated.

use std::convert::Infallible;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use dasai::formats::registration::{self, ReadOptions, SheetReport};
use dasai::formats::rules_file;
use dasai::formats::sheet::{Damage, Step, walk};
use proptest::prelude::*;

use super::hostile::{mutated, mutation, repacked};

/// What came out of a file: rows, the longest row number, damage; or the code of its refusal.
#[derive(Debug, PartialEq, Eq)]
enum Told {
    Rows { rows: usize, broken: bool },
    Refused(&'static str),
}

fn told(path: &Path) -> Told {
    let (mut rows, mut broken) = (0, false);
    let walked = walk::<Infallible>(path, &mut |step| {
        match step {
            Step::Row(row) => rows += usize::from(row.number() > 0),
            Step::Damage(Damage::Broken { .. } | Damage::UnclosedQuote { .. }) => broken = true,
            Step::Sheet(_) | Step::End => {}
        }
        Ok(())
    });
    match walked.unwrap() {
        Ok(()) => Told::Rows { rows, broken },
        Err(unreadable) => Told::Refused(unreadable.code),
    }
}

/// Reads bytes as a file, within a time that is generous for a test's build on a busy machine.
fn quickly(bytes: &[u8]) -> Told {
    let mut file = tempfile();
    file.1.write_all(bytes).unwrap();
    let start = Instant::now();
    let told = told(&file.0.path().join("表"));
    assert!(start.elapsed() < Duration::from_secs(20), "{:?} for {} bytes", start.elapsed(), bytes.len());
    told
}

/// What is said of each sheet of a table of works, within the same time.
fn reports(bytes: &[u8]) -> Vec<SheetReport> {
    let mut file = tempfile();
    file.1.write_all(bytes).unwrap();
    let rules = rules_file::parse(rules_file::preset("shanghai-2024").unwrap()).unwrap();
    let start = Instant::now();
    let read = registration::read::<Infallible>(&file.0.path().join("表"), "表", &rules, &ReadOptions::default(), &mut |_| Ok(()));
    assert!(start.elapsed() < Duration::from_secs(20), "{:?} for {} bytes", start.elapsed(), bytes.len());
    read.unwrap().unwrap()
}

fn tempfile() -> (tempfile::TempDir, std::fs::File) {
    let folder = tempfile::tempdir().unwrap();
    let file = std::fs::File::create(folder.path().join("表")).unwrap();
    (folder, file)
}

fn zip(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut packed = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        packed.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        packed.write_all(content).unwrap();
    }
    packed.finish().unwrap().into_inner()
}

fn ods(table: &str) -> Vec<u8> {
    ods_of(r#"<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>"#, table)
}

fn ods_of(document_type: &str, table: &str) -> Vec<u8> {
    let content = format!(
        r#"<?xml version="1.0"?>{document_type}<o:document-content xmlns:o="o" xmlns:table="t" xmlns:office="f" xmlns:text="x"><table:table table:name="一">{table}</table:table></o:document-content>"#
    );
    zip(&[("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", content.as_bytes())])
}

#[test]
fn repetitions_of_an_open_document_are_bounded() {
    let cell = |repeated: u32, text: &str| {
        format!(
            r#"<table:table-cell office:value-type="string" table:number-columns-repeated="{repeated}"><text:p>{text}</text:p></table:table-cell>"#
        )
    };
    let row = |repeated: u32, cells: &str| format!(r#"<table:table-row table:number-rows-repeated="{repeated}">{cells}</table:table-row>"#);
    let empty = r#"<table:table-cell table:number-columns-repeated="16384"/>"#;
    let whole = row(1, &cell(1, "一"));
    assert_eq!(quickly(&ods(&format!("{whole}{}", row(1_048_575, empty)))), Told::Rows { rows: 1, broken: false });
    assert_eq!(quickly(&ods(&row(1_048_576, &cell(1, "一")))), Told::Rows { rows: 10_000, broken: true });
    assert!(matches!(quickly(&ods(&row(1_048_576, &cell(16_384, "一二三四五六七八")))), Told::Rows { broken: true, .. }));
    assert_eq!(quickly(&ods(&row(u32::MAX, empty).repeat(1000))), Told::Rows { rows: 0, broken: false });
    assert_eq!(quickly(&ods(&row(1, &cell(1, "&b;&b;&unknown;")))), Told::Rows { rows: 1, broken: false });
    assert!(matches!(quickly(&ods("<table:table-row><table:table-cell><office:annotation>")), Told::Rows { broken: true, .. }));
    assert!(matches!(quickly(&ods(&"<table:table-row><table:table-cell>".repeat(100_000))), Told::Rows { broken: true, .. }));
}

fn record(kind: u16, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap();
    [&kind.to_le_bytes()[..], &length.to_le_bytes(), body].concat()
}

fn shorts(numbers: &[u16]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// A compound file with one stream; `table` changes the chain of sectors.
fn compound(stream: &[u8], table: impl FnOnce(&mut Vec<u32>)) -> Vec<u8> {
    let mut body = stream.to_vec();
    body.resize(body.len().max(4096).next_multiple_of(512), 0);
    let count = u32::try_from(body.len() / 512).unwrap();
    let mut chain: Vec<u32> = (1..count).chain([0xFFFF_FFFE]).collect();
    chain.push(0xFFFF_FFFE);
    let tables = chain.len() / 127 + 1;
    let places: Vec<u32> = (0..u32::try_from(tables).unwrap()).map(|place| count + 1 + place).collect();
    chain.resize(chain.len() + tables, 0xFFFF_FFFD);
    chain.resize(tables * 128, 0xFFFF_FFFF);
    table(&mut chain);
    let entry = |name: &str, kind: u8, start: u32, length: usize| {
        let mut entry: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let size = u16::try_from(entry.len() + 2).unwrap();
        entry.resize(64, 0);
        entry.extend(size.to_le_bytes());
        entry.extend([kind, 1]);
        entry.resize(116, 0xFF);
        entry.extend(start.to_le_bytes());
        entry.extend(u32::try_from(length).unwrap().to_le_bytes());
        entry.resize(128, 0);
        entry
    };
    let mut directory = [entry("Root Entry", 5, 0xFFFF_FFFE, 0), entry("Workbook", 2, 0, body.len())].concat();
    directory.resize(512, 0);
    let mut file = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    file.resize(24, 0);
    file.extend(shorts(&[0x3E, 3, 0xFFFE, 9, 6]));
    file.resize(44, 0);
    for number in [u32::try_from(tables).unwrap(), count, 0, 4096, 0xFFFF_FFFE, 0, 0xFFFF_FFFE, 0] {
        file.extend(number.to_le_bytes());
    }
    for place in 0..109 {
        file.extend(places.get(place).copied().unwrap_or(0xFFFF_FFFF).to_le_bytes());
    }
    let chain: Vec<u8> = chain.into_iter().flat_map(u32::to_le_bytes).collect();
    [file, body, directory, chain].concat()
}

const BOOK: [u16; 4] = [0x0600, 0x0005, 0, 0];
const SHEET: [u16; 4] = [0x0600, 0x0010, 0, 0];

/// A workbook's stream with sheets whose records are given.
fn workbook(globals: &[u8], sheets: &[Vec<u8>]) -> Vec<u8> {
    let bound = |place: usize| record(0x0085, &[&u32::try_from(place).unwrap().to_le_bytes()[..], &[0, 0, 1, 0, b'a']].concat());
    let head = record(0x0809, &shorts(&BOOK)).len() + globals.len() + bound(0).len() * sheets.len() + 4;
    let mut stream = record(0x0809, &shorts(&BOOK));
    stream.extend(globals);
    let mut place = head;
    let whole: Vec<Vec<u8>> =
        sheets.iter().map(|sheet| [record(0x0809, &shorts(&SHEET)), sheet.clone(), record(0x000A, &[])].concat()).collect();
    for sheet in &whole {
        stream.extend(bound(place));
        place += sheet.len();
    }
    stream.extend(record(0x000A, &[]));
    [stream, whole.concat()].concat()
}

#[test]
fn chains_in_a_circle_and_cut_files_end() {
    let cell = record(0x0204, &[&shorts(&[0, 0, 0, 1])[..], &[0, b'x']].concat());
    let stream = workbook(&[], &[cell.repeat(400)]);
    assert_eq!(quickly(&compound(&stream, |_| {})), Told::Rows { rows: 1, broken: false });
    let circle = compound(&stream, |table| table[2] = 1);
    assert!(matches!(quickly(&circle), Told::Rows { broken: true, .. }), "{:?}", quickly(&circle));
    // The table of sectors lies behind the streams: without it there is nothing to follow.
    let whole = compound(&stream, |_| {});
    for length in [8, 100, 512, 600, whole.len() / 2, whole.len() - 600, whole.len() - 1] {
        assert!(matches!(quickly(&whole[..length]), Told::Rows { .. } | Told::Refused("I104" | "I119")), "{length}");
    }
    let mut difat = whole;
    difat[68..72].copy_from_slice(&1_u32.to_le_bytes());
    quickly(&difat);
}

#[test]
fn what_an_old_workbook_declares_costs_nothing() {
    let dimensions = record(0x0200, &[&0_u32.to_le_bytes()[..], &u32::MAX.to_le_bytes(), &shorts(&[0, 0xFFFF, 0])].concat());
    let cell = record(0x0203, &[&shorts(&[65_535, 65_535, 0])[..], &1.0_f64.to_le_bytes()].concat());
    let shared = record(0x00FC, &[&u32::MAX.to_le_bytes()[..], &u32::MAX.to_le_bytes(), &shorts(&[0xFFFF]), &[0xFF, 1, 2]].concat());
    let merged = record(0x00E5, &shorts(&[0xFFFF, 0, 0xFFFF, 0, 0xFFFF]));
    let stream = workbook(&shared, &[[dimensions, merged, cell].concat()]);
    assert_eq!(quickly(&compound(&stream, |_| {})), Told::Rows { rows: 0, broken: false });
    // A thousand sheets that are the same bytes.
    let cells = record(0x0203, &[&shorts(&[0, 0, 0])[..], &1.0_f64.to_le_bytes()].concat()).repeat(100_000);
    let mut same = workbook(&[], &vec![Vec::new(); 1000]);
    let place = u32::try_from(same.len()).unwrap();
    same.extend([record(0x0809, &shorts(&SHEET)), cells, record(0x000A, &[])].concat());
    let bound = record(0x0085, &[]).len();
    for index in 0..1000 {
        let at = 12 + index * (bound + 9) + 4;
        same[at..at + 4].copy_from_slice(&place.to_le_bytes());
    }
    assert!(matches!(quickly(&compound(&same, |_| {})), Told::Rows { .. }));
    // Sheets whose first records lie one before the other and end where the same cells begin.
    let cells = record(0x0203, &[&shorts(&[0, 0, 0])[..], &1.0_f64.to_le_bytes()].concat()).repeat(10_000);
    let mut nested = workbook(&[], &vec![Vec::new(); 300]);
    let start = nested.len();
    let heads: Vec<u8> = (0..300_u16)
        .flat_map(|index| {
            let rest = (299 - index) * 12;
            [&shorts(&[0x0809, 8 + rest])[..], &shorts(&SHEET)].concat()
        })
        .collect();
    nested.extend([&heads[..], &cells, &record(0x000A, &[])].concat());
    for index in 0..300 {
        let at = 12 + index * (bound + 9) + 4;
        nested[at..at + 4].copy_from_slice(&u32::try_from(start + (299 - index) * 12).unwrap().to_le_bytes());
    }
    assert_eq!(quickly(&compound(&nested, |_| {})), Told::Rows { rows: 1, broken: true });
    // As many formats as cells may name, each looked for among as many.
    let formats: Vec<u8> = (0..60_000_u16).flat_map(|index| record(0x041E, &[&shorts(&[index, 1])[..], &[0, b'0']].concat())).collect();
    let used = record(0x00E0, &shorts(&[0, 0])).repeat(100_000);
    let cell = record(0x0203, &[&shorts(&[0, 0, 0])[..], &1.0_f64.to_le_bytes()].concat());
    assert_eq!(quickly(&compound(&workbook(&[formats, used].concat(), &[cell]), |_| {})), Told::Rows { rows: 1, broken: false });
}

#[test]
fn a_shared_text_that_every_cell_repeats_is_bounded() {
    // One text of 60,000 signs, and 600,000 cells that name it.
    let long = [&shorts(&[60_000])[..], &[0]].concat();
    let body: Vec<u8> = [&1_u32.to_le_bytes()[..], &1_u32.to_le_bytes(), &long].concat();
    let mut shared = record(0x00FC, &body);
    let mut left = 60_000_usize;
    while left > 0 {
        let part = left.min(8000);
        shared.extend(record(0x003C, &[&[0_u8][..], &vec![b'x'; part]].concat()));
        left -= part;
    }
    let cells: Vec<u8> = (0..600_000_u32)
        .flat_map(|index| {
            let (row, column) = (u16::try_from(index / 10).unwrap(), u16::try_from(index % 10).unwrap());
            record(0x00FD, &[&shorts(&[row, column, 0])[..], &0_u32.to_le_bytes()].concat())
        })
        .collect();
    let told = quickly(&compound(&workbook(&shared, &[cells]), |_| {}));
    assert!(matches!(told, Told::Rows { rows: 1.., broken: true }), "{told:?}");
}

#[test]
fn records_of_a_binary_workbook_are_bounded() {
    let relations = br#"<R><Relationship Id="r" Target="worksheets/s.bin"/></R>"#;
    let text = |text: &str| {
        [&u32::try_from(text.len()).unwrap().to_le_bytes()[..], &text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()]
            .concat()
    };
    let bound = [&0_u32.to_le_bytes()[..], &1_u32.to_le_bytes(), &text("r"), &text("a")].concat();
    let book = [&[0x9C, 0x01, u8::try_from(bound.len()).unwrap()][..], &bound, &[0x90, 0x01, 0]].concat();
    let with = |sheet: &[u8]| zip(&[("xl/workbook.bin", &book), ("xl/_rels/workbook.bin.rels", relations), ("xl/worksheets/s.bin", sheet)]);
    let begin = [0x91, 0x01, 0];
    // A record of 256 MB, a row beyond all rows, a row that goes back, a part that ends.
    for sheet in [
        [&begin[..], &[0x06, 0xFF, 0xFF, 0xFF, 0x7F]].concat(),
        [&begin[..], &[0x00, 4], &u32::MAX.to_le_bytes(), &[0x06, 14], &[0; 8], &1_u32.to_le_bytes(), b"x\0"].concat(),
        [&begin[..], &[0x00, 0, 0x02, 0]].concat(),
        begin.to_vec(),
    ] {
        assert!(matches!(quickly(&with(&sheet)), Told::Rows { broken: true, .. }));
    }
    assert_eq!(quickly(&zip(&[("xl/workbook.bin", b"")])), Told::Refused("I104"));
    // Merged areas that reach beyond every sheet.
    let cell = [&[0x00, 4, 0, 0, 0, 0][..], &[0x02, 12], &[0; 8], &2_u32.to_le_bytes()].concat();
    let merged = |bounds: [u32; 4]| [&[0xB0, 0x01, 16][..], &bounds.map(u32::to_le_bytes).concat()].concat();
    for bounds in [[0, u32::MAX, 0, u32::MAX], [u32::MAX; 4], [1, 0, 1, 0]] {
        let sheet = [&begin[..], &cell, &[0x92, 0x01, 0], &merged(bounds)].concat();
        assert_eq!(quickly(&with(&sheet)), Told::Rows { rows: 1, broken: false }, "{bounds:?}");
    }
    // Two sheets that are the same part, and formats of cells without end.
    let sheet = [&begin[..], &cell, &[0x92, 0x01, 0]].concat();
    let twice = [&[0x9C, 0x01, u8::try_from(bound.len()).unwrap()][..], &bound].concat().repeat(2);
    let twice = [&twice[..], &[0x90, 0x01, 0]].concat();
    let parts: [(&str, &[u8]); 3] =
        [("xl/workbook.bin", &twice), ("xl/_rels/workbook.bin.rels", relations), ("xl/worksheets/s.bin", &sheet)];
    assert_eq!(quickly(&zip(&parts)), Told::Rows { rows: 1, broken: true });
    let looks = [&[0xE9, 0x04, 0][..], &[0x2F, 0].repeat(10_000_000)].concat();
    let parts = [&parts[1..], &[("xl/workbook.bin", &book[..]), ("xl/styles.bin", &looks)]].concat();
    assert_eq!(quickly(&zip(&parts)), Told::Rows { rows: 1, broken: false });
}

#[test]
fn pages_that_never_close_anything_end() {
    let page = |body: &str| format!("<html><table>{body}").into_bytes();
    assert!(matches!(quickly(&page(&"<tr><td rowspan=9999 colspan=9999>x".repeat(200_000))), Told::Rows { .. }));
    assert!(matches!(quickly(&page(&"<table><tr><td>".repeat(300_000))), Told::Rows { .. }));
    assert!(matches!(quickly(&page(&"<a \"".repeat(1_000_000))), Told::Rows { rows: 0, .. }));
    assert!(matches!(quickly(&page(&"<".repeat(3_000_000))), Told::Rows { rows: 0, .. }));
    assert!(matches!(quickly(&page(&"<td>&#x;&&&;<!--".repeat(300_000))), Told::Rows { .. }));
    assert!(matches!(quickly(&page(&"<script>".repeat(500_000))), Told::Rows { rows: 0, .. }));
    assert!(matches!(quickly(&page(&"<a'>'".repeat(500_000))), Told::Rows { .. }));
}

#[test]
fn a_sign_that_opens_no_tag_is_text() {
    let page = "<table><tr><td>温度<0℃的坚守</td><td>1 < 2</td><td>a<</td></tr><tr><td title='x>乙</td><td b=\">\">丙</td></tr></table>";
    let mut file = tempfile();
    file.1.write_all(page.as_bytes()).unwrap();
    let tables = dasai::formats::sheet::read_tables(&file.0.path().join("表")).unwrap();
    let texts: Vec<Vec<&str>> = tables[0].rows.iter().map(|row| row.cells().map(|cell| cell.text).collect()).collect();
    assert_eq!(texts, [vec!["温度<0℃的坚守", "1 < 2", "a<"], vec!["乙", "丙"]]);
}

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

/// A workbook whose sheets name their parts, with these parts.
fn book(sheets: &[&str], parts: &[(&str, &[u8])]) -> Vec<u8> {
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let packages = "http://schemas.openxmlformats.org/package/2006/relationships";
    let (mut names, mut targets) = (String::new(), String::new());
    for (index, target) in sheets.iter().enumerate() {
        names.push_str(&format!(r#"<sheet name="表{index}" sheetId="{}" r:id="a{index}"/>"#, index + 1));
        targets.push_str(&format!(r#"<Relationship Id="a{index}" Type="{relations}/worksheet" Target="{target}"/>"#));
    }
    let names = format!(r#"<workbook xmlns="{MAIN}" xmlns:r="{relations}"><sheets>{names}</sheets></workbook>"#);
    let targets = format!(r#"<Relationships xmlns="{packages}">{targets}</Relationships>"#);
    let root = format!(
        r#"<Relationships xmlns="{packages}"><Relationship Id="w" Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
    );
    let own: [(&str, &[u8]); 4] = [
        ("[Content_Types].xml", br#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#),
        ("_rels/.rels", root.as_bytes()),
        ("xl/workbook.xml", names.as_bytes()),
        ("xl/_rels/workbook.xml.rels", targets.as_bytes()),
    ];
    zip(&[&own, parts].concat())
}

fn sheet_data(rows: &str) -> String {
    format!(r#"<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>"#)
}

#[test]
fn headers_that_take_turns_end_one_another_and_titles_by_the_thousand_are_none() {
    let both = "作品名称,参赛单位,参赛类型\n参赛单位,作品名称,参赛类型\n";
    let told = reports(both.repeat(300).as_bytes());
    let rows: Vec<(u32, u32)> = told[0].fields.iter().step_by(3).map(|field| field.rows).collect();
    assert_eq!((rows.len(), &rows[..2]), (600, &[(2, 1), (3, 2)][..]));
    assert_eq!(rows.last(), Some(&(601, u32::MAX)));
    assert_eq!(told[0].problems.iter().filter(|problem| problem.code == "I305").count(), 599);
    let wide = format!("{}\n", "作品名称,参赛单位,参赛类型,".repeat(400));
    let told = reports(wide.repeat(5).as_bytes());
    assert_eq!((told[0].kind, told[0].fields.len()), (None, 0));
}

/// A workbook of one sheet, with texts to share.
fn xlsx(count: &str, shared: &str, rows: &str) -> Vec<u8> {
    let shared = format!(r#"<sst xmlns="{MAIN}"{count}>{shared}</sst>"#);
    let sheet = sheet_data(rows);
    book(&["worksheets/sheet1.xml"], &[("xl/sharedStrings.xml", shared.as_bytes()), ("xl/worksheets/sheet1.xml", sheet.as_bytes())])
}

/// A part of one sheet with styles.
fn styled(styles: &str) -> Vec<u8> {
    let sheet = sheet_data(r#"<row r="1"><c r="A1"><v>1</v></c></row>"#);
    book(&["worksheets/sheet1.xml"], &[("xl/styles.xml", styles.as_bytes()), ("xl/worksheets/sheet1.xml", sheet.as_bytes())])
}

#[test]
fn styles_of_a_workbook_are_bounded() {
    let styles = |length: usize, count: usize| {
        let font = format!(r#"<fonts><font><name val="{}"/></font></fonts>"#, "a".repeat(length));
        styled(&format!(r#"<styleSheet xmlns="{MAIN}">{font}<cellXfs>{}</cellXfs></styleSheet>"#, r#"<xf fontId="0"/>"#.repeat(count)))
    };
    assert_eq!(quickly(&styles(30, 65_490)), Told::Rows { rows: 1, broken: false });
    assert_eq!(quickly(&styles(1 << 20, 2_000)), Told::Refused("I106"));
    assert_eq!(quickly(&styles(1, 2_000_000)), Told::Refused("I106"));
}

#[test]
fn a_part_is_read_once_whoever_names_it() {
    let rows: String = (1..=2000).map(|row| format!(r#"<row r="{row}"><c r="A{row}"><v>1</v></c></row>"#)).collect();
    let sheet = sheet_data(&rows);
    let part: (&str, &[u8]) = ("xl/worksheets/sheet1.xml", sheet.as_bytes());
    let same = |target: &str| book(&["worksheets/sheet1.xml", target], &[part]);
    for target in ["worksheets/sheet1.xml", "/xl/worksheets/sheet1.xml", "worksheets/SHEET1.XML"] {
        assert_eq!(quickly(&same(target)), Told::Rows { rows: 2000, broken: true }, "{target}");
    }
    assert_eq!(quickly(&book(&["worksheets/sheet1.xml"; 900], &[part])), Told::Rows { rows: 2000, broken: true });
    assert_eq!(quickly(&book(&["worksheets/sheet1.xml"; 1_001], &[part])), Told::Refused("I106"));
    // Pictures are not measured, so none is read as a sheet.
    let picture = book(&["media/sheet1.xml"], &[("xl/media/sheet1.xml", sheet.as_bytes())]);
    assert_eq!(quickly(&picture), Told::Rows { rows: 0, broken: true });
    let two = book(&["worksheets/sheet1.xml", "worksheets/sheet2.xml"], &[part, ("xl/worksheets/sheet2.xml", sheet.as_bytes())]);
    assert_eq!(quickly(&two), Told::Rows { rows: 4000, broken: false });
    // Two entries of the directory for the same bytes.
    let entry = two.windows(24).rposition(|window| window == b"xl/worksheets/sheet2.xml").unwrap();
    let first = two.windows(24).rposition(|window| window == b"xl/worksheets/sheet1.xml").unwrap();
    let mut shared = two;
    shared.copy_within(first - 4..first, entry - 4);
    assert_eq!(quickly(&shared), Told::Refused("I104"));
}

#[test]
fn rows_of_a_workbook_ascend_and_give_no_more_than_their_file() {
    let row = |number: u32| format!(r#"<row r="{number}"><c r="A{number}" t="s"><v>0</v></c></row>"#);
    let text = |length: usize| format!("<si><t>{}</t></si>", "a".repeat(length));
    let ascending: String = (1..=150).map(row).collect();
    assert_eq!(quickly(&xlsx("", &text(100), &ascending)), Told::Rows { rows: 150, broken: false });
    assert_eq!(quickly(&xlsx("", &text(100), &[row(5), row(3), row(6)].concat())), Told::Rows { rows: 1, broken: true });
    assert!(matches!(quickly(&xlsx("", &text(4_000_000), &ascending)), Told::Rows { rows: 1..=12, broken: true }));
}

#[test]
fn a_picture_hides_nothing_of_a_table() {
    let noise: Vec<u8> = std::iter::successors(Some(1_u32), |last| Some(last.wrapping_mul(1_664_525).wrapping_add(1_013_904_223)))
        .flat_map(u32::to_be_bytes)
        .take(5 << 20)
        .collect();
    let sheet = format!(
        r#"<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="2" hidden="1"><c r="B2"><f>1+1</f></c></row></sheetData><mergeCells><mergeCell ref="A1:A2"/></mergeCells></worksheet>"#
    );
    let bytes = book(&["worksheets/sheet1.xml"], &[("xl/worksheets/sheet1.xml", sheet.as_bytes()), ("xl/media/image1.png", &noise)]);
    assert!(bytes.len() > 4 << 20);
    let mut file = tempfile();
    file.1.write_all(&bytes).unwrap();
    let tables = dasai::formats::sheet::read_tables(&file.0.path().join("表")).unwrap();
    let below = &tables[0].rows[1];
    assert_eq!((below.text(0), below.text(1), below.is_hidden()), ("1", dasai::domain::mark_text::UNCOMPUTED, true));
}

/// Letters without an order, as many as are asked for.
fn letters(count: usize) -> String {
    let next = |last: &u32| Some(last.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
    std::iter::successors(Some(7_u32), next)
        .map(|number| char::from(b'a' + u8::try_from((number >> 24) % 26).unwrap()))
        .take(count)
        .collect()
}

#[test]
fn a_text_that_never_ends_is_not_held() {
    let (long, short) = (letters(9 << 20), letters(1 << 20));
    let cell = |text: &str| format!("<table:table-row><table:table-cell><text:p>{text}</text:p></table:table-cell></table:table-row>");
    assert_eq!(quickly(&ods_of("", &cell(&long))), Told::Refused("I106"));
    assert_eq!(quickly(&ods_of("", &cell(&short))), Told::Rows { rows: 1, broken: false });
    let cell = |text: &str| format!(r#"<row r="1"><c r="A1" t="inlineStr"><is><t>{text}</t></is></c></row>"#);
    assert_eq!(quickly(&xlsx("", "", &cell(&long.replace(|letter| letter > 'd', "a")))), Told::Refused("I106"));
    assert_eq!(quickly(&xlsx("", "", &cell(&short))), Told::Rows { rows: 1, broken: false });
    // A sheet of more than 4 MiB, packed, is measured while it is read.
    let rows = format!("{}{}", cell(&short), cell(&long).replace("1\"", "2\""));
    assert_eq!(quickly(&xlsx("", "", &rows)), Told::Rows { rows: 1, broken: true });
}

#[test]
fn a_row_of_a_text_table_has_no_more_cells_than_a_sheet() {
    let wide = format!("单位,作品\n{}\n甲,乙\n", "a,".repeat(3_900_000));
    let mut file = tempfile();
    file.1.write_all(wide.as_bytes()).unwrap();
    let tables = dasai::formats::sheet::read_tables(&file.0.path().join("表")).unwrap();
    assert_eq!(tables[0].rows.iter().map(|row| row.cells().len()).collect::<Vec<_>>(), [2, 16_384, 2]);
}

#[test]
fn shared_texts_and_addresses_on_no_sheet_are_bounded() {
    let row = r#"<row r="1"><c r="A1" t="s"><v>249999</v></c></row>"#;
    assert_eq!(quickly(&xlsx("", &"<si><t>题目</t></si>".repeat(250_000), row)), Told::Rows { rows: 1, broken: false });
    // Room is made for as many as are said to come.
    for count in ["4000000000", "99999999999999999999"] {
        let shared = xlsx(&format!(" count='1' uniqueCount='{count}'"), "<si><t>题目</t></si>", row);
        assert_eq!(quickly(&shared), Told::Refused("I106"), "{count}");
    }
    for address in ["inlineStr", "XFE1", "AAAAAAAAA1", "A1048577", "A99999999999"] {
        let rows = format!(r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="{address}"><v>1</v></c></row>"#);
        assert_eq!(quickly(&xlsx("", "", &rows)), Told::Rows { rows: 1, broken: true }, "{address}");
    }
}

#[test]
fn a_password_and_an_empty_container_are_said() {
    let locked = [record(0x0809, &shorts(&BOOK)), record(0x002F, &shorts(&[1, 1]))].concat();
    assert_eq!(quickly(&compound(&locked, |_| {})), Told::Refused("I105"));
    assert_eq!(quickly(&compound(&record(0x0009, &[0; 4]), |_| {})), Told::Refused("I119"));
}

fn samples() -> Vec<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/tables");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ["xls", "xlsb", "ods", "xlsx"].iter().any(|table| ending == *table)));
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, max_shrink_iters: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_mutated_table_makes_a_reader_panic(
        bytes in prop::sample::select(samples()), mutations in prop::collection::vec(mutation(), 1..6), inside: bool,
    ) {
        let changed = if inside { repacked(&bytes, &mutations) } else { None }.unwrap_or_else(|| mutated(bytes, &mutations));
        quickly(&changed);
    }
}
