//! Every shape of table in `fixtures/tables`, each with what must be read from it beside it (`NAME.EXT.json`). The expectation was
//! written by looking at the table; a reader that changes its mind fails here.

use std::convert::Infallible;
use std::path::{Path, PathBuf};

use dasai::domain::entry::Draft;
use dasai::domain::field::Field;
use dasai::domain::problem::Problem;
use dasai::domain::rules::ContestRules;
use dasai::formats::registration::{Kind, ReadOptions, ReadRow, SheetReport, questions, read};
use dasai::formats::rules_file;
use serde_json::{Map, Value, json};

use super::world::World;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/tables")
}

fn rules() -> ContestRules {
    rules_file::parse(rules_file::preset("shanghai-2024").unwrap()).unwrap()
}

/// Works as `row unit | category | title`, and what else each says.
fn work(draft: &Draft) -> Value {
    let mut said = Map::new();
    said.insert("at".to_owned(), json!(format!("{} 第{}行", draft.sheet, draft.row)));
    said.insert("organization".to_owned(), json!(draft.organization));
    said.insert("category".to_owned(), json!(draft.category));
    for field in Field::ALL {
        if let Some(text) = draft.declaration.text(field).filter(|text| !text.is_empty()) {
            said.insert(field.key().to_owned(), json!(text));
        }
    }
    let profile = &draft.profile;
    if !profile.credit_code.is_empty() {
        said.insert("credit_code".to_owned(), json!(profile.credit_code));
    }
    if let Some(member) = profile.member {
        said.insert("member".to_owned(), json!(member));
    }
    Value::Object(said)
}

fn problem(problem: &Problem) -> String {
    let place = &problem.place;
    let at = place.cell().or_else(|| place.row.map(|row| format!("第{row}行"))).unwrap_or_default();
    let words = problem.message.split_once('：').map_or("", |(_, detail)| detail);
    [problem.code, &place.sheet, &at, words].into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn sheet(report: &SheetReport) -> Value {
    let kind = report.kind.map(|kind| match kind {
        Kind::Entries => "entries",
        Kind::Registrations => "registrations",
        Kind::Recommendations => "recommendations",
    });
    json!({
        "sheet": report.sheet,
        "encoding": report.encoding,
        "kind": kind,
        "header_row": report.header_row,
        "rows": report.rows,
        "unknown_columns": report.unknown_columns,
    })
}

/// What a file says, in the form of the files beside it.
fn told(path: &Path, rules: &ContestRules) -> Value {
    let (mut works, mut problems) = (Vec::new(), Vec::new());
    let read = read::<Infallible>(path, "", rules, &ReadOptions::default(), &mut |row| {
        let found = match row {
            ReadRow::Entry(draft, found) => {
                works.push(work(&draft));
                found
            }
            ReadRow::Registration(draft, found) => {
                works.push(json!({
                    "at": format!("{} 第{}行", draft.sheet, draft.row),
                    "organization": draft.organization,
                    "intended": draft.intended,
                    "contact_name": draft.contact_name.reveal(),
                    "contact_phone": draft.contact_phone.reveal(),
                }));
                found
            }
        };
        problems.extend(found.iter().map(problem));
        Ok(())
    });
    match read.unwrap() {
        Ok(reports) => {
            problems.extend(reports.iter().flat_map(|report| &report.problems).map(problem));
            json!({ "sheets": reports.iter().map(sheet).collect::<Vec<_>>(), "rows": works, "problems": problems })
        }
        Err(unreadable) => json!({ "refused": unreadable.code }),
    }
}

fn tables() -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut tables: Vec<PathBuf> = files
        .filter(|path| path.extension().is_some_and(|ending| ["xlsx", "xls", "xlsb", "ods"].iter().any(|table| ending == *table)))
        .collect();
    tables.sort();
    tables
}

#[test]
fn every_table_is_read_as_its_expectation_says() {
    let rules = rules();
    let tables = tables();
    assert!(tables.len() >= 40, "{} tables", tables.len());
    let mut wrong = Vec::new();
    for path in tables {
        let beside = PathBuf::from(format!("{}.json", path.display()));
        let told = told(&path, &rules);
        let expected: Value = std::fs::read_to_string(&beside).ok().map_or(Value::Null, |text| serde_json::from_str(&text).unwrap());
        if told != expected {
            // Beside the build, to be compared and, where the table says so, taken over by hand.
            let actual = Path::new(env!("CARGO_TARGET_TMPDIR")).join(beside.file_name().unwrap());
            std::fs::write(&actual, format!("{}\n", serde_json::to_string_pretty(&told).unwrap())).unwrap();
            wrong.push(format!("{}: see {}", path.file_name().unwrap().display(), actual.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn one_table_is_the_same_in_every_kind_of_workbook() {
    let rules = rules();
    let rows = |name: &str| {
        let mut told = told(&folder().join(name), &rules);
        for sheet in told["sheets"].as_array_mut().unwrap() {
            sheet["encoding"] = Value::Null;
        }
        told
    };
    for name in ["two_row_header", "merged_units", "hidden", "rich_text", "numbers_and_texts"] {
        let plain = rows(&format!("{name}.xlsx"));
        for kind in ["xls", "ods"] {
            assert_eq!(rows(&format!("{name}.{kind}")), plain, "{name}.{kind}");
        }
    }
}

#[test]
fn what_only_staff_can_say_is_asked_for() {
    let (rules, path) = (rules(), folder().join("ambiguous.xlsx"));
    let asked = questions(&path, &rules, &ReadOptions::default());
    let asked: Vec<_> =
        asked.iter().map(|question| (question.sheet.as_str(), question.title.as_str(), question.fields.as_slice())).collect();
    assert_eq!(asked, [("申报表", "报送单位", [Field::Organization, Field::Recommender].as_slice())]);
    let told = ReadOptions { mappings: vec![("报送单位".to_owned(), Field::Organization)], ..ReadOptions::default() };
    assert_eq!(questions(&path, &rules, &told), []);
    assert_eq!(questions(&folder().join("password.xls"), &rules, &told), []);
}

#[test]
fn all_tables_come_in_and_a_second_time_change_nothing() {
    let world = World::init();
    let folder = folder();
    let folder = folder.to_str().unwrap();
    let first = world.run(["import", folder, "--format", "json"]).json();
    let count = |told: &Value, key: &str| told["totals"][key].as_u64().unwrap();
    let parts = ["added", "updated", "unchanged", "changed", "quarantined"];
    assert_eq!(parts.iter().map(|part| count(&first, part)).sum::<u64>(), count(&first, "rows"));
    assert!(count(&first, "added") > 15 && count(&first, "rows") > 60, "{}", first["totals"]);
    let before = std::fs::read(world.contest()).unwrap();
    let second = world.run(["import", folder, "--format", "json"]).json();
    assert_eq!((count(&second, "rows"), count(&second, "added"), count(&second, "updated")), (count(&first, "rows"), 0, 0));
    assert_eq!(std::fs::read(world.contest()).unwrap(), before);
}

#[test]
fn what_was_mended_can_be_listed() {
    let world = World::init();
    let path = folder().join("spellings.xlsx");
    let path = path.to_str().unwrap();
    let quiet = world.run(["import", path, "--dry-run"]).text();
    assert!(!quiet.contains("整理过的内容") && quiet.contains("联系方式、邮编或编号中的全角、空格等已整理"), "{quiet}");
    let listed = world.run(["import", path, "--dry-run", "--repairs"]).text();
    for words in ["整理过的内容", "D2", "刘  巍", "F2", "两字姓名中间的空格已去掉"] {
        assert!(listed.contains(words), "{words}: {listed}");
    }
    assert!(!listed.contains("00000001"), "a phone is masked: {listed}");
}
