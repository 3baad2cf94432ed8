//! Owns turning a form into the row that a table would have had: labels as titles, what was written as cells, places as in the form.
//! Refuses to know how a value is read.

use crate::domain::field::Field;
use crate::domain::problem::{Place, Problem};
use crate::domain::rules::ContestRules;
use crate::formats::amounts::Calendar;
use crate::formats::columns::{self, Column};
use crate::formats::drafts::{Repairs, RowReader};
use crate::formats::grid::Grid;
use crate::formats::headers::Header;
use crate::formats::problems::Fault;
use crate::formats::registration::{FieldPlace, Kind, ReadOptions, ReadRow};
use crate::formats::sheet::Row;

use super::Form;

/// Reads forms.
#[derive(Debug)]
pub(in crate::formats) struct FormReader<'a> {
    /// Where they stand.
    pub(in crate::formats) grid: &'a Grid,
    /// The file's name in problems.
    pub(in crate::formats) shown: &'a str,
    /// The contest.
    pub(in crate::formats) rules: &'a ContestRules,
    /// What staff said.
    pub(in crate::formats) options: &'a ReadOptions,
    /// How dates are read.
    pub(in crate::formats) calendar: &'a Calendar,
}

/// A form that was read.
#[derive(Debug)]
pub(in crate::formats) struct Read {
    /// The sheet or table where it begins.
    pub(in crate::formats) sheet: String,
    /// What it is.
    pub(in crate::formats) kind: Kind,
    /// The draft.
    pub(in crate::formats) row: ReadRow,
    /// Which cells of the form hold which field.
    pub(in crate::formats) fields: Vec<FieldPlace>,
}

impl FormReader<'_> {
    /// Reads one form. What was mended is counted.
    pub(in crate::formats) fn read(&self, form: &Form, repairs: &mut Repairs) -> Read {
        let has = |field: Field| form.pairs.iter().any(|pair| pair.field() == Some(field));
        let guessed = if has(Field::Title) { Kind::Entries } else { Kind::Registrations };
        let kind = self.options.kind.unwrap_or(guessed);
        let first = self.grid.rows.get(form.first_row());
        let sheet = first.and_then(|row| self.grid.part(row)).map_or_else(String::new, |part| part.name.clone());
        let number = first.map_or(1, |row| row.number);
        let place = Place { file: self.shown.to_owned(), sheet: sheet.clone(), ..Place::default() };
        let mut header = Header { index: 0, height: 1, titles: Vec::new() };
        let (mut row, mut received) = (Row::default(), Row::default());
        row.reset(number);
        received.reset(number);
        for (column, pair) in (0_u32..).zip(&form.pairs) {
            header.titles.push((column, pair.label.text.clone()));
            let written = pair.written();
            // As received: whole, but for what nobody wrote into.
            received.push(column, if written.is_empty() { "" } else { pair.text.trim() }, pair.kind);
            row.push(column, &written, pair.kind);
        }
        let options = ReadOptions { kind: Some(kind), ..self.options.clone() };
        let plan = columns::plan(&header, number, std::slice::from_ref(&row), self.rules, &options, &place);
        let reader =
            RowReader { columns: &plan.columns, place: &place, calendar: self.calendar, lists_repairs: self.options.lists_repairs };
        // Labels may come twice in a form, and mappings fit other layouts: only what could not be decided is worth a word.
        let said = [Fault::AmbiguousColumn.texts().0, Fault::NoOrganization.texts().0];
        let of_labels = plan.problems.into_iter().filter(|problem| said.contains(&problem.code));
        let row = if kind == Kind::Registrations {
            let (mut draft, problems) = reader.registration(&row, repairs);
            draft.received = reader.received(&received).whole().into_owned();
            ReadRow::Registration(Box::new(draft), self.placed(form, of_labels.chain(problems)))
        } else {
            let (mut draft, problems) = reader.entry(&row, repairs);
            draft.received = reader.received(&received);
            ReadRow::Entry(Box::new(draft), self.placed(form, of_labels.chain(problems)))
        };
        let field = |column: &Column| {
            let (row, index) = form.pairs.get(usize::try_from(column.index).ok()?)?.value_at;
            let at = self.grid.rows.get(row)?;
            let is_shown = self.grid.part(at).is_some_and(|part| part.is_table);
            let place = FieldPlace {
                field: column.field?,
                title: column.title.clone(),
                rows: (number, number),
                row: Some(at.number),
                column: index,
            };
            is_shown.then_some(place)
        };
        let fields = plan.columns.iter().filter_map(field).collect();
        Read { sheet, kind, row, fields }
    }

    /// Problems with their cell in the form instead of the row that was made of it.
    fn placed(&self, form: &Form, problems: impl Iterator<Item = Problem>) -> Vec<Problem> {
        let mut problems: Vec<Problem> = problems.collect();
        for problem in &mut problems {
            let column = problem.place.column.take().and_then(|column| usize::try_from(column).ok());
            let Some(pair) = column.and_then(|column| form.pairs.get(column)) else { continue };
            let (row, column) = pair.value_at;
            let Some(row) = self.grid.rows.get(row) else { continue };
            let Some(part) = self.grid.part(row) else { continue };
            problem.place.sheet.clone_from(&part.name);
            problem.place.row = Some(row.number);
            problem.place.column = part.is_table.then_some(column);
        }
        problems
    }
}
