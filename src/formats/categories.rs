//! Owns the division of a row or form that declares several categories: each is a work of its own (通知附件2注1：同时参加多种形式需分别填写).
//! Refuses to know what a category is called: `domain::intake` reads the cell.

use crate::domain::field::Field;
use crate::domain::intake::category::several_categories;
use crate::domain::problem::Place;
use crate::domain::rules::ContestRules;

use super::problems::Fault;
use super::registration::ReadRow;

/// The row itself, or one for each category that it declares. A cell in which anything is no category stays whole.
/// `shown`: the file's name in problems.
pub(super) fn divided(row: ReadRow, shown: &str, rules: &ContestRules) -> Vec<ReadRow> {
    let ReadRow::Entry(draft, mut problems) = row else { return vec![row] };
    // Nearly every cell names one category and nothing else.
    if !draft.category.contains(['、', '，', ',', '；', ';', '/', '／', '|', '+', '＋', '和', '及', ' ', '\u{3000}']) {
        return vec![ReadRow::Entry(draft, problems)];
    }
    let names = several_categories(rules, &draft.category);
    if names.len() < 2 {
        return vec![ReadRow::Entry(draft, problems)];
    }
    // Several ticks are no fault here.
    let several = Fault::SeveralTicked.texts().0;
    problems.retain(|problem| !(problem.code == several && problem.field == Some(Field::Category)));
    let place = Place { file: shown.to_owned(), sheet: draft.sheet.clone(), row: Some(draft.row), column: None };
    let said = Fault::Divided.at(place, Some(Field::Category), &draft.category, &names.join("、"));
    let mut rows = Vec::new();
    for name in names {
        let mut work = draft.clone();
        work.category = name;
        let mut own = std::mem::take(&mut problems);
        if rows.is_empty() {
            own.push(said.clone());
        }
        // A number can be one work's only.
        if !rows.is_empty() {
            work.number = None;
        }
        rows.push(ReadRow::Entry(work, own));
    }
    rows
}
