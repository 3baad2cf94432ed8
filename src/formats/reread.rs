//! Owns reading one row again from its column titles and texts: a quarantined row with today's rules, or values that staff type by
//! hand. Goes through the same door as a received table, so a typed phone is read as a received one.

use super::amounts::Calendar;
use super::columns;
use super::drafts::{Repairs, RowReader};
use super::form;
use super::headers::Header;
use super::registration::{Kind, ReadOptions, ReadRow};
use super::sheet::{CellKind, Row};
use crate::domain::entry::Draft;
use crate::domain::field::Field;
use crate::domain::problem::{Place, Problem};
use crate::domain::rules::ContestRules;

/// Reads a row from its column titles and texts. `typed` values take the place of what the columns say of the same field. The kind is
/// `options.kind`, else entries; `place` names file, sheet and row.
#[must_use]
pub fn reread(
    columns: &[(String, String)],
    typed: &[(Field, String)],
    place: &Place,
    rules: &ContestRules,
    options: &ReadOptions,
) -> ReadRow {
    let number = place.row.unwrap_or_default();
    let mut options = options.clone();
    let mut header = Header { index: 0, height: 1, titles: Vec::new() };
    let mut row = Row::default();
    row.reset(number);
    let typed_titles = typed.iter().map(|(field, text)| (format!("改为：{}", field.label()), text, Some(*field)));
    let titles = columns.iter().map(|(title, text)| (title.clone(), text, None));
    for (index, (title, text, field)) in (0_u32..).zip(typed_titles.chain(titles)) {
        if let Some(field) = field {
            options.mappings.insert(0, (title.clone(), field));
        }
        header.titles.push((index, title));
        row.push(index, text, CellKind::Text);
    }
    let sheet = Place { row: None, column: None, ..place.clone() };
    let plan = columns::plan(&header, number, std::slice::from_ref(&row), rules, &options, &sheet);
    // What a form prints around a value is received with it.
    let mut written = Row::default();
    written.reset(number);
    for cell in row.cells() {
        let field = plan.columns.get(cell.column).and_then(|column| column.field);
        let is_typed = usize::try_from(cell.column).is_ok_and(|column| column < typed.len());
        match field.filter(|_| !is_typed) {
            Some(field) => written.push(cell.column, &form::values::written(Some(field), cell.text), cell.kind),
            None => written.push(cell.column, cell.text, cell.kind),
        }
    }
    let row = written;
    let calendar = Calendar { year: rules.contest.year, timezone: rules.contest.timezone.clone(), from_1904: false };
    let reader = RowReader { columns: &plan.columns, place: &sheet, calendar: &calendar, lists_repairs: false };
    let mut repairs = Repairs::default();
    // A typed value contradicts the received one on purpose; and there are no cells to point at any more.
    let overridden = |field: Option<Field>, column: Option<u32>| {
        let is_received = column.is_some_and(|column| usize::try_from(column).is_ok_and(|column| column >= typed.len()));
        is_received && typed.iter().any(|(typed, _)| Some(*typed) == field)
    };
    let settle = |problems: Vec<Problem>| {
        let mut kept: Vec<_> = problems.into_iter().filter(|problem| !overridden(problem.field, problem.place.column)).collect();
        for problem in &mut kept {
            problem.place.column = None;
        }
        kept
    };
    if options.kind == Some(Kind::Registrations) {
        let (draft, problems) = reader.registration(&row, &mut repairs);
        ReadRow::Registration(Box::new(draft), settle(problems))
    } else {
        let (draft, problems) = reader.entry(&row, &mut repairs);
        ReadRow::Entry(Box::new(draft), settle(problems))
    }
}

/// What is wrong with a typed value that came to nothing: a received one is blank then, a typed one would change nothing without a word.
#[must_use]
pub fn unread<'a>(typed: &[(Field, String)], draft: &Draft, problems: &'a [Problem]) -> Option<&'a Problem> {
    let came_to_nothing = |field: Field| draft.declaration.text(field).is_some_and(|text| text.is_empty());
    let mut lost = typed.iter().filter(|(field, text)| !text.trim().is_empty() && came_to_nothing(*field));
    lost.find_map(|(field, _)| problems.iter().find(|problem| problem.field == Some(*field)))
}
