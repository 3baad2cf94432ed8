//! Owns the reading of one sheet: its first rows are held until its header, or the form that it is, is decided; then rows are let
//! through one by one. Refuses to know files and documents: `registration` walks them.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::amounts::Calendar;
use super::categories;
use super::columns::{self, Columns};
use super::drafts::{Repairs, RowReader};
use super::form;
use super::grid::Grid;
use super::headers::{self, Header};
use super::problems::Fault;
use super::recommendation;
use super::registration::{Kind, ReadOptions, ReadRow, SheetReport, read_forms, read_recommendation, repaired};
use super::rows::{self, Shape, Skip};
use super::sheet::{Damage, Row, SheetInfo};
use super::surroundings::{self, Surroundings};
use crate::domain::field::Field;
use crate::domain::problem::{Place, Problem};
use crate::domain::rules::ContestRules;

/// How many rows are held before the header is decided: the rows that may hold it, and a sample of values.
const HELD_ROWS: usize = 120;
/// How many bytes at most: rows may have megabytes.
pub(super) const HELD_BYTES: usize = 32 << 20;
/// A sheet of forms is read to so many rows.
const MOST_FORM_ROWS: usize = 5000;

/// Reads one sheet: holds its first rows until the header is decided, then lets rows through one by one.
pub(super) struct SheetReader<'a> {
    rules: &'a ContestRules,
    options: Cow<'a, ReadOptions>,
    place: Place,
    report: SheetReport,
    calendar: Calendar,
    held: Vec<Row>,
    held_bytes: usize,
    decided: Option<Decided>,
    /// The rows of a sheet that holds forms instead of a table.
    forms: Option<Grid>,
    /// The first row that was too many for forms.
    unread_from: Option<u32>,
    damage: Vec<Problem>,
    hidden_columns: Vec<(u32, u32)>,
    hidden_rows: Vec<u32>,
    /// How many of the report's fields belong to tables that have ended.
    ended_fields: usize,
    /// What was said of headers, by code, place and text; and the titles that no field took.
    told: BTreeSet<(&'static str, Place, String)>,
    unknown: BTreeSet<String>,
}

/// A sheet whose header has been looked for.
#[derive(Default)]
struct Decided {
    /// Empty where the sheet holds no table we know; several where they stand side by side.
    tables: Vec<Table>,
    surroundings: Surroundings,
    repairs: Repairs,
    skipped: [Vec<u32>; Skip::ALL.len()],
}

/// A table of a sheet, by its header.
struct Table {
    header: Header,
    columns: Columns,
    kind: Kind,
    /// First and last column, where it does not have the sheet for itself.
    range: Option<(u32, u32)>,
}

impl<'a> SheetReader<'a> {
    pub(super) fn new(info: &SheetInfo, shown: &str, rules: &'a ContestRules, options: &'a ReadOptions) -> Self {
        let place = Place { file: shown.to_owned(), sheet: info.name.clone(), ..Place::default() };
        let mut report = SheetReport { sheet: info.name.clone(), encoding: info.encoding.to_owned(), ..SheetReport::default() };
        if info.hidden {
            report.problems.push(Fault::HiddenSheet.at(place.clone(), None, "", ""));
        }
        let calendar = Calendar { year: rules.contest.year, timezone: rules.contest.timezone.clone(), from_1904: info.from_1904 };
        let hidden_columns = info.hidden_columns.clone();
        let (held, damage, hidden_rows) = (Vec::new(), Vec::new(), Vec::new());
        Self {
            rules,
            options: Cow::Borrowed(options),
            place,
            report,
            calendar,
            held,
            held_bytes: 0,
            decided: None,
            forms: None,
            unread_from: None,
            damage,
            hidden_columns,
            hidden_rows,
            ended_fields: 0,
            told: BTreeSet::new(),
            unknown: BTreeSet::new(),
        }
    }

    pub(super) fn row<E>(&mut self, row: &Row, sink: &mut dyn FnMut(ReadRow) -> Result<(), E>) -> Result<(), E> {
        if row.is_blank() {
            return Ok(());
        }
        if let Some(grid) = &mut self.forms {
            if grid.rows.len() < MOST_FORM_ROWS {
                grid.push_row(row);
            } else if self.unread_from.is_none() {
                self.unread_from = Some(row.number());
                let place = Place { row: self.unread_from, ..self.place.clone() };
                self.damage.push(Fault::UnreadCells.at(place, None, "", "行数太多，从这一行起没有读取"));
            }
            return Ok(());
        }
        if self.decided.is_some() {
            return self.data_row(row, sink);
        }
        self.held_bytes = self.held_bytes.saturating_add(row.cost());
        self.held.push(row.clone());
        if self.held.len() >= HELD_ROWS || self.held_bytes >= HELD_BYTES { self.decide(sink) } else { Ok(()) }
    }

    fn mapped(&self, title: &str) -> Option<Field> {
        mapped(&self.options, self.rules, title)
    }

    /// Finds the header among the held rows and lets the rows after it through.
    fn decide<E>(&mut self, sink: &mut dyn FnMut(ReadRow) -> Result<(), E>) -> Result<(), E> {
        let held = std::mem::take(&mut self.held);
        if self.holds_forms(&held) {
            return Ok(());
        }
        let Some(header) = headers::find(&held, &|title| self.mapped(title)) else {
            if !held.is_empty() {
                self.report.problems.push(Fault::NoHeader.at(self.place.clone(), None, "", ""));
            }
            self.decided = Some(Decided::default());
            return Ok(());
        };
        let header_row = held.get(header.index).map_or(0, Row::number);
        let rest = held.get(header.index + header.height..).unwrap_or_default();
        self.report.header_row = Some(header_row);
        self.report.header_fingerprint = header.fingerprint();
        self.remember();
        let surroundings = Surroundings::above(held.get(..header.index).unwrap_or_default());
        let options = self.options.clone();
        let tables = self.plan(header, header_row, rest, &surroundings, &options);
        self.report.kind = tables.first().map(|table| table.kind);
        self.decided = Some(Decided { tables, surroundings, ..Decided::default() });
        for row in rest {
            self.data_row(row, sink)?;
        }
        Ok(())
    }

    /// From what staff said of earlier tables, takes what they said of this header.
    fn remember(&mut self) {
        if self.options.of_headers.is_empty() {
            return;
        }
        let options = self.options.to_mut();
        for (header, title, field) in std::mem::take(&mut options.of_headers) {
            if header == self.report.header_fingerprint {
                options.remembered.push((title, field));
            }
        }
    }

    /// Whether the sheet holds forms or a recommendation sheet; then they are read when all of it is there.
    fn holds_forms(&mut self, held: &[Row]) -> bool {
        let mut grid = Grid::of_sheet(&self.report.sheet);
        for row in held {
            grid.push_row(row);
        }
        let is_recommendation = recommendation::is_wanted(&self.options) && recommendation::is_one(&grid, &self.options);
        let is_form = is_recommendation || {
            let found = form::find(&grid, &self.options, self.rules);
            found.tables.is_empty() && !found.forms.is_empty() && self.options.kind != Some(Kind::Recommendations)
        };
        self.forms = is_form.then_some(grid);
        is_form
    }

    /// Plans the tables under a header: one, or several side by side.
    fn plan(&mut self, header: Header, header_row: u32, sample: &[Row], around: &Surroundings, options: &ReadOptions) -> Vec<Table> {
        let place = Place { row: Some(header_row), ..self.place.clone() };
        let headers = headers::side_by_side(header);
        if headers.len() > 1 {
            self.report.problems.push(Fault::SideBySide.at(place.clone(), None, "", &format!("{} 张", headers.len())));
        }
        let is_alone = headers.len() == 1;
        let mut tables = Vec::new();
        for header in headers {
            let plan = columns::plan(&header, header_row, sample, self.rules, options, &self.place);
            self.report.fields.extend(plan.columns.fields(header_row));
            let told = |problem: &Problem| problem.code == Fault::NoOrganization.texts().0 && around.names(Field::Organization);
            for problem in plan.problems.into_iter().filter(|problem| !told(problem)) {
                if self.told.insert((problem.code, problem.place.clone(), problem.message.clone())) {
                    self.report.problems.push(problem);
                }
            }
            for column in plan.columns.iter().filter(|column| column.field.is_none() && column.category.is_none()) {
                if self.unknown.insert(column.title.clone()) {
                    self.report.unknown_columns.push(column.title.clone());
                }
            }
            let ends = || Some((header.titles.first()?.0, header.titles.last()?.0));
            let range = if is_alone { None } else { ends() };
            match plan.kind {
                Some(kind) => tables.push(Table { header, columns: plan.columns, kind, range }),
                None => self.report.problems.push(Fault::OtherTable.at(place.clone(), None, "", "")),
            }
        }
        tables
    }

    /// Begins the table of a header that stands below another one: titles keep what they meant above.
    fn begin_another(&mut self, row: &Row) {
        let titles = row.cells().map(|cell| (cell.column, cell.text.trim().to_owned())).filter(|(_, title)| !title.is_empty()).collect();
        let place = Place { row: Some(row.number()), ..self.place.clone() };
        self.report.problems.push(Fault::SecondTable.at(place, None, "", ""));
        let Some(mut decided) = self.decided.take() else { return };
        let last = row.number().saturating_sub(1);
        self.report.fields.iter_mut().skip(self.ended_fields).for_each(|place| place.rows.1 = place.rows.1.min(last));
        self.ended_fields = self.report.fields.len();
        let mut options = self.options.clone().into_owned();
        let known = decided.tables.iter().flat_map(|table| table.columns.iter());
        options.remembered.splice(0..0, known.filter_map(|column| Some((column.title.clone(), column.field?))));
        // What the table above was told of titles given by staff need not be told again.
        options.remembered.splice(0..0, std::mem::take(&mut options.mappings));
        decided.tables = self.plan(Header { index: 0, height: 1, titles }, row.number(), &[], &decided.surroundings, &options);
        self.decided = Some(decided);
    }

    fn data_row<E>(&mut self, row: &Row, sink: &mut dyn FnMut(ReadRow) -> Result<(), E>) -> Result<(), E> {
        let first = self.decided.as_ref().and_then(|decided| decided.tables.first());
        if first.is_some_and(|table| headers::begins_another(row, &table.header, &|title| self.mapped(title))) {
            self.begin_another(row);
            return Ok(());
        }
        let Some(Decided { tables, surroundings, repairs, skipped }) = &mut self.decided else { return Ok(()) };
        for Table { header, columns, kind, range } in tables {
            let part = range.map(|(first, last)| row.within(first, last));
            let row = part.as_ref().unwrap_or(row);
            if row.is_blank() {
                continue;
            }
            let shape = Shape { header, field: &|column| columns.get(column).and_then(|column| column.field) };
            if let Some(skip) = rows::skip(row, &shape) {
                if let Some(numbers) = Skip::ALL.iter().position(|kind| *kind == skip).and_then(|index| skipped.get_mut(index)) {
                    numbers.push(row.number());
                }
                if skip == Skip::SectionLabel {
                    surroundings.label(row, columns, self.rules);
                }
                continue;
            }
            if row.is_hidden() {
                self.hidden_rows.push(row.number());
            }
            let lists_repairs = self.options.lists_repairs;
            let reader = RowReader { columns, place: &self.place, calendar: &self.calendar, lists_repairs };
            let read = if *kind == Kind::Registrations {
                let (draft, problems) = reader.registration(row, repairs);
                ReadRow::Registration(Box::new(draft), problems)
            } else {
                let (mut draft, problems) = reader.entry(row, repairs);
                surroundings.fill(columns, &mut draft);
                ReadRow::Entry(Box::new(draft), problems)
            };
            for row in categories::divided(read, &self.place.file, self.rules) {
                self.report.rows = self.report.rows.saturating_add(1);
                sink(row)?;
            }
        }
        Ok(())
    }

    pub(super) fn damage(&mut self, damage: Damage) {
        let (fault, row) = match damage {
            Damage::UnclosedQuote { row } => (Fault::UnclosedQuote, row),
            Damage::Broken { after } => (Fault::BrokenSheet, after),
        };
        let place = Place { row: (row > 0).then_some(row), ..self.place.clone() };
        self.damage.push(fault.at(place, None, "", ""));
    }

    /// Ends the sheet; `None` for a sheet that has nothing in it and nothing wrong with it.
    pub(super) fn finish<E>(mut self, sink: &mut dyn FnMut(ReadRow) -> Result<(), E>) -> Result<Option<SheetReport>, E> {
        let is_empty = self.decided.is_none() && self.forms.is_none() && self.held.is_empty() && self.damage.is_empty();
        if self.decided.is_none() && self.forms.is_none() {
            self.decide(sink)?;
        }
        if is_empty {
            return Ok(None);
        }
        if let Some(grid) = self.forms {
            let name = self.report.sheet.clone();
            let info = SheetInfo { name, from_1904: self.calendar.from_1904, ..SheetInfo::default() };
            if let Some(found) = read_recommendation(&grid, &info, &self.place.file, self.rules, &self.options) {
                let problems = [self.report.problems, found.problems, self.damage].concat();
                return Ok(Some(SheetReport { problems, encoding: self.report.encoding, ..found }));
            }
            let found = form::find(&grid, &self.options, self.rules);
            let read = read_forms(&grid, &found, &info, &self.place.file, self.rules, &self.options, sink)?;
            let forms = read.into_iter().next().unwrap_or_default();
            let problems = [self.report.problems, forms.problems, self.damage].concat();
            return Ok(Some(SheetReport { kind: forms.kind, rows: forms.rows, fields: forms.fields, problems, ..self.report }));
        }
        let place = Place { row: None, ..self.place };
        let mut problems = self.report.problems;
        if !self.report.unknown_columns.is_empty() && self.report.kind.is_some() {
            problems.push(Fault::UnknownColumns.at(place.clone(), None, "", &self.report.unknown_columns.join("、")));
        }
        if let Some(first) = self.hidden_rows.first() {
            let place = Place { row: Some(*first), ..place.clone() };
            let detail = format!("{} 行（第 {} 行）", self.hidden_rows.len(), row_list(&self.hidden_rows));
            problems.push(Fault::HiddenRows.at(place, None, "", &detail));
        }
        if let Some(decided) = &self.decided {
            problems.extend(decided.surroundings.problems(&place));
            let is_hidden = |index: u32| self.hidden_columns.iter().any(|(first, last)| (*first..=*last).contains(&index));
            let columns = decided.tables.iter().flat_map(|table| table.columns.iter());
            let hidden: Vec<String> =
                columns.filter(|column| is_hidden(column.index)).map(|column| format!("“{}”", column.title)).collect();
            if !hidden.is_empty() {
                problems.push(Fault::HiddenColumns.at(place.clone(), None, "", &hidden.join("、")));
            }
        }
        if let Some(decided) = self.decided {
            for (kind, numbers) in Skip::ALL.iter().zip(&decided.skipped).filter(|(_, numbers)| !numbers.is_empty()) {
                let place = Place { row: numbers.first().copied(), ..place.clone() };
                let detail = format!("{} {} 行（第 {} 行）", kind.label(), numbers.len(), row_list(numbers));
                let fault = if *kind == Skip::Continuation { Fault::ContinuedRows } else { Fault::SkippedRows };
                problems.push(fault.at(place, None, "", &detail));
            }
            problems.extend(repaired(decided.repairs, &place));
        }
        problems.extend(self.damage);
        Ok(Some(SheetReport { problems, ..self.report }))
    }
}

/// What a title may mean beside the dictionary: staff's word, or a category's name over a column to be ticked.
pub(super) fn mapped(options: &ReadOptions, rules: &ContestRules, title: &str) -> Option<Field> {
    // To find a header it is enough that a title meant something in another; what it means here is looked up when the header is known.
    let elsewhere = || {
        let wanted = (!options.of_headers.is_empty()).then(|| headers::normalise(title))?;
        options.of_headers.iter().find(|(_, known, _)| headers::normalise(known) == wanted).map(|(.., field)| *field)
    };
    columns::mapped(options, title).or_else(|| surroundings::category(title, rules).map(|_| Field::Category)).or_else(elsewhere)
}

/// The first rows of a list; more than ten are cut.
pub(super) fn row_list(numbers: &[u32]) -> String {
    let shown: Vec<String> = numbers.iter().take(10).map(u32::to_string).collect();
    let more = if numbers.len() > shown.len() { " 等" } else { "" };
    format!("{}{more}", shown.join("、"))
}
