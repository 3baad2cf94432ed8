//! The gallery of forms: every file of `fixtures/forms` is read as the JSON beside it says. `UPDATE_FORMS=1` writes what is missing or
//! different, to be read before it is kept.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::domain::entry::OrganizationProfile;
use crate::domain::field::Field;
use crate::domain::problem::Problem;
use crate::formats::registration::{self, ReadOptions, ReadRow, RegistrationDraft};
use crate::formats::rules_file;

/// What a file is read as.
fn read(path: &Path) -> Value {
    let rules = rules_file::parse(rules_file::preset("shanghai-2024").unwrap()).unwrap();
    let mut rows = Vec::new();
    let read = registration::read(path, "表单", &rules, &ReadOptions::default(), &mut |row| {
        rows.push(shown(row));
        Ok::<(), std::convert::Infallible>(())
    });
    match read {
        Ok(Ok(sheets)) => {
            let sheets: Vec<Value> = sheets
                .iter()
                .map(|sheet| {
                    let mut shown = json!({
                        "sheet": sheet.sheet,
                        "kind": sheet.kind.map(|kind| format!("{kind:?}")),
                        "rows": sheet.rows,
                        "problems": sheet.problems.iter().map(problem).collect::<Vec<_>>(),
                    });
                    if let Some(sheet) = &sheet.recommendation {
                        shown["recommendation"] = recommendation(sheet);
                    }
                    shown
                })
                .collect();
            json!({"sheets": sheets, "rows": rows})
        }
        Ok(Err(unreadable)) => json!({"unreadable": unreadable.code}),
        Err(never) => match never {},
    }
}

fn recommendation(sheet: &crate::formats::recommendation::RecommendationSheet) -> Value {
    let rows: Vec<Value> =
        sheet.rows.iter().map(|row| json!([row.row, row.order, row.organization, row.title, row.category, row.opinion])).collect();
    json!({
        "recommender": sheet.recommender,
        "rows": rows,
        "filler": [sheet.filler.name.reveal(), sheet.filler.department, sheet.filler.position, sheet.filler.phone.reveal(), sheet.filler.email.reveal()],
        "filled_at": sheet.filled_at.map(|at| at.to_string()),
        "problems": sheet.problems.iter().map(problem).collect::<Vec<_>>(),
    })
}

fn problem(problem: &Problem) -> Value {
    let place = [problem.place.sheet.clone(), problem.place.cell().or(problem.place.row.map(|row| row.to_string())).unwrap_or_default()];
    json!([problem.code, problem.field.map(Field::key), place.join("!"), problem.message])
}

fn shown(row: ReadRow) -> Value {
    let mut fields = Map::new();
    let mut put = |key: &str, text: &str| {
        if !text.is_empty() {
            fields.insert(key.to_owned(), Value::from(text));
        }
    };
    let profile = |put: &mut dyn FnMut(&str, &str), profile: &OrganizationProfile| {
        for (field, text) in profile.texts() {
            put(field.key(), text);
        }
    };
    let (received, problems) = match row {
        ReadRow::Entry(draft, problems) => {
            put("place", &format!("{}!{}", draft.sheet, draft.row));
            put("organization", &draft.organization);
            put("category", &draft.category);
            for field in Field::ALL {
                put(field.key(), &draft.declaration.text(field).unwrap_or_default());
            }
            profile(&mut put, &draft.profile);
            (draft.received.whole().into_owned(), problems)
        }
        ReadRow::Registration(draft, problems) => {
            let RegistrationDraft { sheet, row, organization, intended, recommender, received, .. } = *draft.clone();
            put("place", &format!("{sheet}!{row}"));
            put("organization", &organization);
            put("intended", &intended.join("、"));
            put("recommender", &recommender);
            put("contact_name", draft.contact_name.reveal());
            put("contact_phone", draft.contact_phone.reveal());
            put("contact_email", draft.contact_email.reveal());
            put("contact_department", &draft.contact_department);
            put("address", draft.address.reveal());
            put("postcode", &draft.postcode);
            profile(&mut put, &draft.profile);
            (received, problems)
        }
    };
    let received: Value = serde_json::from_str(&received).unwrap();
    json!({"fields": fields, "received": received, "problems": problems.iter().map(problem).collect::<Vec<_>>()})
}

#[test]
fn every_form_of_the_gallery_is_read_as_the_file_beside_it_says() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/forms");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| !path.extension().is_some_and(|ending| ending == "json" || ending == "py"));
    paths.sort();
    assert!(paths.len() >= 18, "the gallery has only {} files", paths.len());
    #[expect(clippy::disallowed_methods, reason = "a test's own switch")]
    let updates = std::env::var_os("UPDATE_FORMS").is_some();
    let mut wrong = Vec::new();
    for path in paths {
        let expected_path = path.with_extension(format!("{}.json", path.extension().unwrap().to_string_lossy()));
        let is = format!("{:#}\n", read(&path));
        if std::fs::read_to_string(&expected_path).ok().as_deref() == Some(&is) {
            continue;
        }
        if updates {
            std::fs::write(&expected_path, &is).unwrap();
        } else {
            wrong.push(format!("{}:\n{is}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
