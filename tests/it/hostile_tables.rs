//! Workbooks that nobody meant well, one trap each: repetitions and dimensions that nothing holds, chains in a circle, tables of texts
//! that cost their file once and each cell anew. Each ends with a word in a moment. And the tables of `fixtures/tables`, mutated.

use std::convert::Infallible;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

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
    let content = format!(
        r#"<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><o:document-content xmlns:o="o" xmlns:table="t" xmlns:office="f" xmlns:text="x"><table:table table:name="一">{table}</table:table></o:document-content>"#
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
}

/// A workbook of one sheet, with texts to share.
fn xlsx(count: &str, shared: &str, rows: &str) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let packages = "http://schemas.openxmlformats.org/package/2006/relationships";
    let book =
        format!(r#"<workbook xmlns="{main}" xmlns:r="{relations}"><sheets><sheet name="一" sheetId="1" r:id="a"/></sheets></workbook>"#);
    let targets = format!(
        r#"<Relationships xmlns="{packages}"><Relationship Id="a" Type="{relations}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="b" Type="{relations}/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#
    );
    zip(&[
        ("[Content_Types].xml", br#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#),
        ("_rels/.rels", format!(r#"<Relationships xmlns="{packages}"><Relationship Id="w" Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#).as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", targets.as_bytes()),
        ("xl/sharedStrings.xml", format!(r#"<sst xmlns="{main}"{count}>{shared}</sst>"#).as_bytes()),
        ("xl/worksheets/sheet1.xml", format!(r#"<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>"#).as_bytes()),
    ])
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
