//! Tests of reading whole files: the fixtures that `fixtures/make_import_fixtures.py` makes, and bytes that no program wrote.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::problems::{Fault, FileFault};
use super::registration::{Kind, ReadOptions, ReadRow, RegistrationDraft, SheetReport, Unreadable, read};
use super::sheet::{CellKind, Step, read_tables, walk};
use crate::domain::category::Category;
use crate::domain::entry::Draft;
use crate::domain::field::Field;
use crate::domain::problem::Problem;
use crate::domain::rules::{Contest, ContestRules, Deadlines, Form, Recommenders, Similarity};
use crate::domain::values::{CategoryId, Points};

fn category(id: &str, name: &str, alias: &str, prefix: &str) -> Category {
    Category {
        id: CategoryId::new(id),
        name: name.to_owned(),
        aliases: vec![alias.to_owned()],
        prefix: prefix.to_owned(),
        required: Vec::new(),
        duration: None,
        length: None,
        per_organization: None,
        attachments: Vec::new(),
        rounds: Vec::new(),
        awards: Vec::new(),
    }
}

pub(super) fn rules() -> ContestRules {
    let themes = ["上海服务", "上海制造", "上海购物", "上海文化"].map(str::to_owned).to_vec();
    ContestRules {
        contest: Contest {
            name: "测试大赛".to_owned(),
            theme: None,
            organizer: None,
            document: None,
            year: Some(2024),
            timezone: TimeZone::get("Asia/Shanghai").expect("bundled"),
        },
        deadlines: Deadlines::default(),
        milestones: Vec::new(),
        form: Form { options: BTreeMap::from([(Field::Theme, themes)]), ..Form::default() },
        similarity: Similarity { title: Points::ZERO, summary: Points::ZERO },
        recommenders: Recommenders::default(),
        zones: Vec::new(),
        categories: vec![
            category("speech", "质量品牌故事演讲", "演讲", "Y"),
            category("film", "质量品牌故事微电影", "微电影", "W"),
            category("case", "质量品牌创新案例", "案例", "A"),
        ],
        special_awards: Vec::new(),
        commendation: None,
        certificate_number: None,
        contacts_until: None,
    }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/import").join(name)
}

/// All that a file gave.
#[derive(Debug, Default)]
pub(super) struct Got {
    pub(super) entries: Vec<Draft>,
    pub(super) registrations: Vec<RegistrationDraft>,
    pub(super) reports: Vec<SheetReport>,
    pub(super) problems: Vec<Problem>,
}

impl Got {
    /// Every problem as `code cell`, those of sheets after those of rows.
    pub(super) fn codes(&self) -> Vec<String> {
        let sheets = self.reports.iter().flat_map(|report| &report.problems);
        self.problems
            .iter()
            .chain(sheets)
            .map(|problem| match (problem.place.cell(), problem.place.row) {
                (Some(cell), _) => format!("{} {cell}", problem.code),
                (None, Some(row)) => format!("{} 行{row}", problem.code),
                (None, None) => problem.code.to_owned(),
            })
            .collect()
    }

    pub(super) fn titles(&self) -> Vec<(u32, &str)> {
        self.entries.iter().map(|draft| (draft.row, draft.declaration.title.as_str())).collect()
    }
}

fn read_with(path: &Path, options: &ReadOptions) -> Result<Got, Unreadable> {
    let mut got = Got::default();
    let reports = read::<std::convert::Infallible>(path, "文件", &rules(), options, &mut |row| {
        match row {
            ReadRow::Entry(draft, problems) => {
                got.entries.push(*draft);
                got.problems.extend(problems);
            }
            ReadRow::Registration(draft, problems) => {
                got.registrations.push(*draft);
                got.problems.extend(problems);
            }
        }
        Ok(())
    });
    got.reports = match reports {
        Ok(reports) => reports?,
    };
    Ok(got)
}

fn get(name: &str) -> Got {
    read_with(&fixture(name), &ReadOptions::default()).expect("readable")
}

#[test]
fn every_encoding_and_delimiter_gives_the_same_works() {
    let plain = get("utf8.csv");
    assert_eq!(plain.titles(), [(2, "质量路上的一盏灯"), (3, "匠心制造"), (4, "案例：数字化质量管理")]);
    assert_eq!(plain.entries.iter().map(|draft| draft.declaration.duration).collect::<Vec<_>>(), [Some(330), Some(330), None]);
    assert_eq!(
        plain.entries.iter().map(|draft| draft.declaration.contact_phone.reveal()).collect::<Vec<_>>(),
        ["13800000001", "13800000002", "13800000003"]
    );
    assert_eq!(plain.entries[0].declaration.creators, "刘巍");
    assert_eq!(plain.entries[1].declaration.creators, "王小明、李四");
    assert_eq!(plain.entries[1].declaration.contact_email.reveal(), "b@example.com");
    assert_eq!(plain.entries[0].declaration.submitted_at.expect("a date").to_string(), "2024-07-04T16:00:00Z");
    assert_eq!(plain.entries[2].declaration.length, Some(2000));
    assert_eq!(plain.codes(), ["I421", "I422"]);
    assert!(
        plain.entries[0].received.whole().starts_with(r#"{"序号":"1","参赛单位名称(全称)":"上海甲一有限公司""#)
            || plain.entries[0].received.whole().starts_with(r#"{"序号":"1","参赛单位名称（全称）":"上海甲一有限公司""#)
    );
    for draft in &plain.entries {
        serde_json::from_str::<serde_json::Value>(&draft.received.whole()).expect("JSON");
    }
    for (name, encoding) in [
        ("utf8_bom.csv", "UTF-8"),
        ("utf16le_bom.txt", "UTF-16LE"),
        ("utf16be.txt", "UTF-16BE"),
        ("semicolon.csv", "UTF-8"),
        ("cr_only.csv", "UTF-8"),
    ] {
        let other = get(name);
        assert_eq!(other.entries, plain.entries, "{name}");
        assert_eq!(other.reports[0].encoding, encoding, "{name}");
        assert_eq!(other.reports[0].header_fingerprint, plain.reports[0].header_fingerprint);
    }
    let rare = get("gb18030_rare.csv");
    assert_eq!(rare.reports[0].encoding, "GB18030");
    assert_eq!(rare.entries[1].declaration.creators, "王䶮、李四");
}

#[test]
fn what_is_no_data_is_skipped_and_said() {
    let got = get("gbk_titled.csv");
    assert_eq!(got.reports[0].header_row, Some(4));
    assert_eq!(got.reports[0].rows, 3);
    assert_eq!(got.titles(), [(5, "质量路上的一盏灯"), (7, "匠心制造"), (9, "案例：数字化质量管理")]);
    let said: Vec<&str> =
        got.reports[0].problems.iter().filter(|problem| problem.code == "I301").map(|problem| problem.message.as_str()).collect();
    assert_eq!(
        said,
        [
            "不是数据的行已略过：重复的表头 1 行（第 8 行）",
            "不是数据的行已略过：示例 1 行（第 6 行）",
            "不是数据的行已略过：合计 1 行（第 11 行）",
            "不是数据的行已略过：注释说明 1 行（第 12 行）",
            "不是数据的行已略过：只有序号的空行 1 行（第 10 行）",
            "不是数据的行已略过：签名落款 1 行（第 13 行）",
        ]
    );
}

#[test]
fn rows_are_counted_as_excel_counts_them() {
    let got = get("quoted_breaks.csv");
    assert_eq!(got.titles(), [(2, "质量路上的一盏灯"), (5, "匠心制造"), (6, "案例：数字化质量管理")]);
    assert_eq!(got.entries[0].declaration.summary, "第一段。\n\n第二段，带“引号”和\"双引号\"。");
}

#[test]
fn damage_is_reported_at_its_place() {
    let got = get("undecodable.csv");
    assert_eq!(got.titles()[0].1, "质量\u{FFFD}\u{FFFD}路上的一盏灯");
    assert_eq!(got.codes(), ["I403 C2", "I421", "I422"]);
    assert!(get("unclosed_quote.csv").codes().contains(&"I121 行3".to_owned()));
    assert!(get("lost_digits.csv").codes().contains(&"I401 H2".to_owned()));
    let ragged = get("ragged.csv");
    assert_eq!(ragged.titles(), [(2, "短行"), (3, "长行")]);
    assert_eq!(ragged.codes(), ["I302 D3"]);
    let broken = get("broken_sheet.xlsx");
    assert_eq!(broken.titles()[0].1, "质量路上的一盏灯");
    assert!(broken.codes().iter().any(|code| code.starts_with("I122")));
}

#[test]
fn ambiguous_columns_are_not_guessed() {
    let got = get("ambiguous.csv");
    assert_eq!(got.codes(), ["I410 E3", "I203 A1", "I204 E1", "I205 行1", "I207"]);
    assert_eq!(got.entries[0].category, "质量品牌故事演讲");
    assert_eq!(got.entries[0].organization, "");
    assert_eq!(got.entries[0].declaration.contact_phone.reveal(), "13800000001");
    let options = ReadOptions { mappings: vec![("报送单位".to_owned(), Field::Organization)], ..ReadOptions::default() };
    let mapped = read_with(&fixture("ambiguous.csv"), &options).expect("readable");
    assert_eq!(mapped.entries[0].organization, "某单位");
    assert_eq!(get("marks.csv").reports[0].kind, None);
    assert_eq!(get("marks.csv").entries.len(), 0);
}

#[test]
fn a_workbook_is_read_by_absolute_addresses() {
    let got = get("works.xlsx");
    let first = &got.reports[0];
    assert_eq!((first.sheet.as_str(), first.header_row, first.rows), ("作品汇总", Some(7), 3));
    assert_eq!(got.titles(), [(8, "质量路上的一盏灯"), (9, "第二个作品"), (10, "案例"), (3, "两行表头的作品"), (2, "隐藏的作品")]);
    let [one, two, three, grouped, _] = got.entries.as_slice() else { panic!("five") };
    assert_eq!(one.declaration.contact_phone.reveal(), "13800000001");
    assert_eq!(one.declaration.duration, Some(330));
    assert_eq!(one.declaration.submitted_at.expect("a date").to_string(), "2024-07-05T08:30:00Z");
    assert_eq!(two.organization, "上海甲一有限公司");
    assert_eq!(two.declaration.duration, Some(330));
    assert_eq!(two.declaration.contact_phone.reveal(), "0100");
    assert_eq!(two.declaration.submitted_at.expect("a serial").to_string(), "2024-07-04T16:00:00Z");
    assert_eq!(three.category, "质量品牌创新案例");
    assert_eq!(three.declaration.duration, Some(360));
    assert_eq!(three.declaration.submitted_at.expect("a day").to_string(), "2024-07-02T16:00:00Z");
    assert_eq!(three.declaration.contact_phone.reveal(), "");
    assert_eq!(grouped.declaration.contact_name.reveal(), "孙七");
    assert_eq!(grouped.declaration.contact_phone.reveal(), "13800000004");
    assert_eq!(grouped.profile.member, Some(true));
    assert_eq!(got.codes(), ["I401 J10", "I402 N10", "I301 行11", "I422", "I424", "I425", "I426", "I120"]);
    assert_eq!(got.reports.len(), 3);
    let masked: Vec<&str> = got.problems.iter().map(|problem| problem.value.as_str()).collect();
    assert!(!masked.contains(&"138000000031380000"), "{masked:?}");
}

#[test]
fn the_base_of_1904_is_kept() {
    let got = get("from_1904.xlsx");
    let moments: Vec<String> = got.entries.iter().map(|draft| draft.declaration.submitted_at.expect("a date").to_string()).collect();
    assert_eq!(moments, ["2024-07-05T01:00:00Z", "2024-07-05T01:00:00Z"]);
}

#[test]
fn registrations_are_told_from_works() {
    let got = get("registrations.xlsx");
    assert_eq!(got.reports[0].kind, Some(Kind::Registrations));
    let draft = &got.registrations[0];
    assert_eq!(draft.intended, ["质量品牌故事演讲", "质量品牌创新案例"]);
    assert_eq!((draft.profile.member, draft.profile.nature.as_str()), (Some(true), "民营"));
    assert_eq!((draft.contact_department.as_str(), draft.postcode.as_str()), ("质量部 主管", "200001"));
    assert_eq!(got.registrations[1].postcode, "001234");
    assert_eq!(draft.registered_at.expect("a moment").to_string(), "2024-07-05T08:30:00Z");
}

#[test]
fn what_is_no_table_is_refused_by_name() {
    for (name, code) in [
        ("empty.csv", "I103"),
        ("truncated.xlsx", "I104"),
        ("encrypted.xlsx", "I105"),
        ("old.xls", "I104"),
        ("picture.xlsx", "I115"),
        ("page.xls", "I117"),
        ("none.csv", "I101"),
    ] {
        let refused = read_with(&fixture(name), &ReadOptions::default()).expect_err(name);
        assert_eq!(refused.code, code, "{name}");
        assert!(read_tables(&fixture(name)).is_err());
    }
    assert_eq!(get("huge_dimension.xlsx").entries.len(), 5);
}

#[test]
fn tables_give_typed_cells() {
    let tables = read_tables(&fixture("works.xlsx")).expect("readable");
    let row = tables[0].rows.iter().find(|row| row.number() == 10).expect("row 10");
    let cell = row.cell(13).expect("N10");
    assert_eq!((cell.text, cell.kind), ("#N/A", CellKind::Error));
    assert_eq!(row.cell(11).map(|cell| (cell.text, cell.kind)), Some(("6", CellKind::Number)));
    assert_eq!(row.text(0), "");
}

#[test]
fn every_code_is_documented() {
    let pages = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/problems.md")).expect("docs/problems.md");
    let codes = FileFault::ALL.iter().map(|fault| fault.texts().0).chain(Fault::ALL.iter().map(|fault| fault.texts().0));
    let mut seen = Vec::new();
    for code in codes {
        assert!(pages.contains(&format!("| {code} |")), "{code} is not in docs/problems.md");
        assert!(!seen.contains(&code), "{code} stands twice");
        seen.push(code);
    }
}

fn read_bytes(bytes: &[u8]) {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(bytes).expect("written");
    drop(read_with(file.path(), &ReadOptions::default()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        read_bytes(&bytes);
    }

    #[test]
    fn no_damage_makes_a_reader_panic(
        name in proptest::sample::select(vec![
            "works.xlsx", "gbk_titled.csv", "utf16be.txt", "quoted_breaks.csv", "registrations.xlsx", "../tables/binary.xlsb",
            "../tables/merged_units.xls", "../tables/merged_units.ods", "../tables/page.xls",
        ]),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in any::<prop::sample::Index>(),
        cuts in any::<bool>(),
    ) {
        let mut bytes = std::fs::read(fixture(name)).expect("a fixture");
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if cuts {
            bytes.truncate(cut.index(bytes.len()));
        }
        read_bytes(&bytes);
    }

    #[test]
    fn no_damaged_part_makes_a_reader_panic(
        part in proptest::sample::select(vec!["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels"]),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), proptest::sample::select(b"<>/\"=09A&;:-. rst".to_vec())), 1..8),
    ) {
        let file = std::fs::File::open(fixture("works.xlsx")).expect("a fixture");
        let mut source = zip::ZipArchive::new(file).expect("a zip");
        let mut target = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for index in 0..source.len() {
            let mut member = source.by_index(index).expect("a part");
            let name = member.name().expect("a name").into_owned();
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut member, &mut bytes).expect("inflates");
            if name == part {
                for (place, byte) in &changes {
                    let place = place.index(bytes.len());
                    bytes[place] = *byte;
                }
            }
            target.start_file(name, zip::write::SimpleFileOptions::default()).expect("a part");
            target.write_all(&bytes).expect("written");
        }
        read_bytes(&target.finish().expect("a zip").into_inner());
    }

    #[test]
    fn no_text_makes_a_value_panic(text in "[0-9:.年月日分秒时万千字约+E,，、☑□是否 /a-z-]{0,24}|\\PC{0,24}") {
        prop_assert!(super::amounts::duration(&text, None).map_or(true, |duration| (1..=86_400).contains(&duration.seconds)));
        prop_assert!(super::amounts::length(&text).map_or(true, |length| (1..=10_000_000).contains(&length)));
        let calendar = super::amounts::Calendar { year: Some(2024), timezone: TimeZone::UTC, from_1904: false };
        prop_assert!(super::amounts::moment(&text, &calendar).is_err() || text.chars().any(char::is_numeric));
        prop_assert!(!super::fields::phone(&text).0.contains(' '));
        prop_assert!(super::fields::people(&text).0.chars().count() <= text.chars().count());
        prop_assert!(super::fields::choices(&text).iter().all(|option| !option.is_empty()));
        prop_assert_eq!(super::fields::yes_no(&format!("　{text}\t ")), super::fields::yes_no(&text));
        let cleaned = super::fields::clean(&text, true).text.into_owned();
        let again = super::fields::clean(&cleaned, true).text.into_owned();
        prop_assert_eq!(again, cleaned);
        drop(super::headers::meaning(&text));
    }
}

/// A workbook with one sheet as `fill` writes it.
fn workbook(fill: impl FnOnce(&mut rust_xlsxwriter::Worksheet) -> Result<(), rust_xlsxwriter::XlsxError>) -> tempfile::NamedTempFile {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    fill(workbook.add_worksheet()).expect("a sheet");
    let file = tempfile::NamedTempFile::new().expect("a file");
    workbook.save(file.path()).expect("saved");
    file
}

pub(super) fn text_table(text: &str) -> Got {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(text.as_bytes()).expect("written");
    read_with(file.path(), &ReadOptions::default()).expect("readable")
}

#[test]
fn a_large_workbook_is_read_ahead_in_its_order() {
    const ROWS: u32 = 6_000;
    // Digits that hardly pack.
    let text = |row: u32| {
        let digits = |turn: u64| format!("{:016x}", (u64::from(row) << 8 | turn).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        (0..20).map(digits).collect::<Vec<_>>().concat()
    };
    let file = workbook(|sheet| {
        (0..ROWS).try_for_each(|row| sheet.write(row, 1, text(row)).map(|_| ()))?;
        Ok(())
    });
    assert!(file.as_file().metadata().expect("written").len() > super::workbook_reader::LARGE);
    let mut next = 0;
    let walked = walk(file.path(), &mut |step| {
        if let Step::Row(row) = step {
            assert_eq!((row.number(), row.text(1)), (next + 1, text(next).as_str()));
            next += 1;
        }
        Ok::<(), ()>(())
    });
    assert_eq!((walked, next), (Ok(Ok(())), ROWS));
    let stopped = walk(file.path(), &mut |step| match step {
        Step::Row(row) if row.number() == 1_000 => Err("enough"),
        Step::Row(_) | Step::Sheet(_) | Step::Damage(_) | Step::End => Ok(()),
    });
    assert_eq!(stopped, Err("enough"));
}

#[test]
fn times_of_a_workbook_are_rounded_and_never_wrap_at_a_day() {
    let file = workbook(|sheet| {
        sheet.write_row(0, 0, ["单位名称", "作品名称", "参赛类型", "作品时长", "提交时间"])?;
        let clock = rust_xlsxwriter::Format::new().set_num_format("[h]:mm:ss");
        let moment = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
        for (row, title) in (1_u32..).zip(["一", "二"]) {
            sheet.write_row(row, 0, ["甲公司", title, "微电影"])?;
        }
        // 25:30 as people type it for twenty-five and a half minutes; half a second before 17:00:00.
        sheet.write_number_with_format(1, 3, 1.0625, &clock)?;
        sheet.write_number_with_format(1, 4, 45_478.0 + 61_199.6 / 86_400.0, &moment)?;
        sheet.write_number_with_format(2, 3, 5.5 / 24.0, &clock)?;
        sheet.write_number_with_format(2, 4, 45_478.0 + 86_399.7 / 86_400.0, &moment)?;
        Ok(())
    });
    let got = read_with(file.path(), &ReadOptions::default()).expect("readable");
    let read: Vec<_> = got.entries.iter().map(|draft| (draft.declaration.duration, draft.declaration.submitted_at)).collect();
    let at = |text: &str| Some(text.parse().expect("a moment"));
    assert_eq!(read, [(Some(1530), at("2024-07-05T09:00:00Z")), (Some(330), at("2024-07-05T16:00:00Z"))]);
}

#[test]
fn a_work_under_a_merged_title_or_with_a_label_for_a_title_is_no_lost_row() {
    let file = workbook(|sheet| {
        let plain = rust_xlsxwriter::Format::new();
        sheet.write_row(0, 0, ["单位名称", "作品名称", "参赛类型", "主创者"])?;
        sheet.write_column(1, 0, ["甲公司", "甲公司", "乙公司"])?;
        sheet.write_column(1, 2, ["演讲", "微电影", "演讲"])?;
        sheet.merge_range(1, 1, 2, 1, "同一个故事", &plain)?;
        sheet.write(3, 1, "另一个故事")?;
        Ok(())
    });
    let got = read_with(file.path(), &ReadOptions::default()).expect("readable");
    assert_eq!(got.titles(), [(2, "同一个故事"), (3, "同一个故事"), (4, "另一个故事")]);
    let got = text_table("作品名称,单位名称,参赛类型\n电话：一次投诉的故事,甲公司,演讲\n填表人：某某,,\n日期：2024年,部门：质量部,\n");
    assert_eq!(got.titles(), [(2, "电话：一次投诉的故事")]);
}

#[test]
fn two_columns_that_contradict_each_other_are_reported_for_categories_too() {
    let got = text_table("作品名称,单位名称,参赛类型,比赛形式\n故事,甲公司,演讲,微电影\n故事二,甲公司,演讲,演讲\n");
    assert_eq!(got.problems.iter().map(|problem| problem.place.cell()).collect::<Vec<_>>(), [Some("D2".to_owned())]);
}

#[test]
fn cells_in_any_order_cost_no_square_and_a_shared_text_no_gigabyte() {
    let sheet = |rows: &str| {
        let file = workbook(|sheet| {
            sheet.write(0, 0, "x")?;
            Ok(())
        });
        // The same workbook with another sheet.
        let mut archive = zip::ZipArchive::new(std::fs::File::open(file.path()).expect("there")).expect("a workbook");
        let changed = tempfile::NamedTempFile::new().expect("a file");
        let mut writer = zip::ZipWriter::new(changed.reopen().expect("open"));
        for index in 0..archive.len() {
            let mut part = archive.by_index(index).expect("a part");
            let name = part.name().expect("a name").into_owned();
            let mut text = String::new();
            std::io::Read::read_to_string(&mut part, &mut text).expect("text");
            if name.ends_with("sheet1.xml") {
                let (head, _) = text.split_once("<sheetData>").expect("data");
                text = format!("{head}<sheetData>{rows}</sheetData></worksheet>");
            } else if name.ends_with("sharedStrings.xml") {
                text = text.replace("<t>x</t>", &format!("<t>{}</t>", "质".repeat(1 << 20)));
            }
            writer.start_file(name, zip::write::SimpleFileOptions::default()).expect("started");
            writer.write_all(text.as_bytes()).expect("written");
        }
        writer.finish().expect("finished");
        changed
    };
    let letters = crate::domain::problem::column_letters;
    let cells: Vec<String> = (0..16_384_u32).rev().map(|column| format!(r#"<c r="{}1"><v>{column}</v></c>"#, letters(column))).collect();
    let cells = cells.concat();
    let tables = read_tables(sheet(&format!(r#"<row r="1">{cells}</row>"#)).path()).expect("readable");
    let row = tables.first().and_then(|table| table.rows.first()).expect("a row");
    assert_eq!((row.cells().len(), row.text(0), row.text(16_383)), (16_384, "0", "16383"));
    let cells: Vec<String> = (0..16_384_u32).map(|column| format!(r#"<c r="{}2" t="s"><v>0</v></c>"#, letters(column))).collect();
    let cells = cells.concat();
    let file = sheet(&format!(r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="2">{cells}</row>"#));
    let tables = read_tables(file.path()).expect("readable");
    let table = tables.first().expect("a table");
    assert_eq!((table.rows.len(), table.damage.len()), (1, 1));
}
