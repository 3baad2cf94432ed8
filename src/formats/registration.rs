//! Received tables → drafts. Streams: rows are handed to a sink one by one, so memory does not grow with the file.

use std::path::Path;

use crate::domain::entry::{Draft, OrganizationProfile};
use crate::domain::field::Field;
use crate::domain::privacy::{Address, Email, PersonName, Phone};
use crate::domain::problem::{Place, Problem};
use crate::domain::rules::ContestRules;

use super::amounts::Calendar;
use super::columns::{self, Columns};
use super::drafts::{Repairs, RowReader};
use super::fields::Repair;
use super::headers::{self, Header};
use super::problems::Fault;
use super::rows::{self, Shape, Skip};
use super::sheet::{self, Damage, Row, SheetInfo, Step};
use super::surroundings::{self, Surroundings};

pub use super::sheet::Unreadable;

/// What a received table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 作品申报, one row a work.
    Entries,
    /// 在线报名表（附件2（一））, one row a unit.
    Registrations,
}

/// One row of a registrations table: a unit that takes part; works not yet declared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RegistrationDraft {
    /// Sheet, as in [`Draft`].
    pub sheet: String,
    /// Row, from 1.
    pub row: u32,
    /// 参赛单位名称 as received.
    pub organization: String,
    /// 拟申报作品: the choices as received, split.
    pub intended: Vec<String>,
    /// 推荐单位.
    pub recommender: String,
    /// 联系人.
    pub contact_name: PersonName,
    /// 联系手机.
    pub contact_phone: Phone,
    /// 邮箱.
    pub contact_email: Email,
    /// 部门及职务.
    pub contact_department: String,
    /// 单位地址.
    pub address: Address,
    /// 邮编.
    pub postcode: String,
    /// 报名时间.
    pub registered_at: Option<jiff::Timestamp>,
    /// The unit.
    pub profile: OrganizationProfile,
    /// The row as received: a JSON object, column title → text.
    pub received: String,
}

/// One row read, with what was wrong with its values. Problems of severity error make no difference here: whether a row becomes a
/// work or goes to quarantine is decided by `domain::intake`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadRow {
    /// A work, with the problems of its row.
    Entry(Box<Draft>, Vec<Problem>),
    /// A registering unit, with the problems of its row.
    Registration(Box<RegistrationDraft>, Vec<Problem>),
}

impl ReadRow {
    /// About how many bytes its texts take.
    #[must_use]
    pub fn text_len(&self) -> usize {
        match self {
            Self::Entry(draft, _) => draft.received.len(),
            Self::Registration(draft, _) => draft.received.len(),
        }
    }

    /// Sets the row as received: a row that is read again keeps what first came.
    pub fn set_received(&mut self, received: &str) {
        match self {
            Self::Entry(draft, _) => received.clone_into(&mut draft.received),
            Self::Registration(draft, _) => received.clone_into(&mut draft.received),
        }
    }
}

/// How to read a file.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// Forces the kind.
    pub kind: Option<Kind>,
    /// Column titles that mean a field, given by staff (`--map '列名=field'`): one that no header has is reported.
    pub mappings: Vec<(String, Field)>,
    /// The same, remembered from other tables or asked for one of several files: a header need not have them.
    pub remembered: Vec<(String, Field)>,
    /// Whether each value that was mended is told at its cell, too.
    pub lists_repairs: bool,
}

/// A title that only staff can give a meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The sheet; empty for files without sheets.
    pub sheet: String,
    /// The title as received.
    pub title: String,
    /// What it may mean.
    pub fields: Vec<Field>,
}

/// The titles of a file's headers that may mean several things and that no mapping decides. A file that cannot be read has none: its
/// reading says why.
#[must_use]
pub fn questions(path: &Path, rules: &ContestRules, options: &ReadOptions) -> Vec<Question> {
    let mut found: Vec<Question> = Vec::new();
    let mut sheet = String::new();
    let mut held: Vec<Row> = Vec::new();
    let mut settle = |sheet: &str, held: &mut Vec<Row>| {
        let mapped =
            |title: &str| columns::mapped(options, title).or_else(|| surroundings::category(title, rules).map(|_| Field::Category));
        for (_, title) in headers::find(held, &mapped).map(|header| header.titles).unwrap_or_default() {
            let is_new = columns::mapped(options, &title).is_none() && found.iter().all(|known| known.title != title);
            if let (headers::Meaning::Ambiguous(fields), true) = (headers::meaning(&title), is_new) {
                found.push(Question { sheet: sheet.to_owned(), title, fields });
            }
        }
        held.clear();
    };
    // The answer is what the closure found; a sheet longer than any header ends the look.
    let _ = sheet::walk::<()>(path, &mut |step| {
        match step {
            Step::Sheet(info) => sheet.clone_from(&info.name),
            Step::Row(row) if row.number() <= headers::LAST_HEADER_ROW + 1 => held.push(row.clone()),
            Step::Row(row) => {
                settle(&sheet, &mut held);
                return if row.number() > 1_000 { Err(()) } else { Ok(()) };
            }
            Step::End => settle(&sheet, &mut held),
            Step::Damage(_) => {}
        }
        Ok(())
    });
    found
}

/// One sheet of a file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SheetReport {
    /// The sheet's name; empty for files without sheets.
    pub sheet: String,
    /// What it held; `None` where it held no table we know.
    pub kind: Option<Kind>,
    /// The encoding (`UTF-8`, `GB18030`, `UTF-16LE`, `xlsx`).
    pub encoding: String,
    /// The row of the header, from 1.
    pub header_row: Option<u32>,
    /// A digest of the header's titles, by which a mapping is remembered.
    pub header_fingerprint: String,
    /// Data rows handed to the sink.
    pub rows: u32,
    /// Column titles that no field took.
    pub unknown_columns: Vec<String>,
    /// What was wrong with the sheet as a whole (header nowhere, ambiguous columns, what was repaired).
    pub problems: Vec<Problem>,
}

/// How many rows are held before the header is decided: the rows that may hold it, and a sample of values.
const HELD_ROWS: usize = 120;
/// How many bytes of text at most: rows may have megabytes.
const HELD_BYTES: usize = 32 << 20;

/// Reads a file sheet by sheet; each row goes to `sink`, which may stop the reading with its own error. `shown` is the file's name in problems.
///
/// # Errors
/// `Ok(Err(_))`: the file is no table we can read. `Err(_)`: the sink's own error.
pub fn read<E>(
    path: &Path,
    shown: &str,
    rules: &ContestRules,
    options: &ReadOptions,
    sink: &mut dyn FnMut(ReadRow) -> Result<(), E>,
) -> Result<Result<Vec<SheetReport>, Unreadable>, E> {
    let mut reports = Vec::new();
    let mut current: Option<SheetReader<'_>> = None;
    let walked = sheet::walk(path, &mut |step| {
        match step {
            Step::Sheet(info) => current = Some(SheetReader::new(info, shown, rules, options)),
            Step::Row(row) => {
                if let Some(reader) = &mut current {
                    reader.row(row, sink)?;
                }
            }
            Step::Damage(damage) => {
                if let Some(reader) = &mut current {
                    reader.damage(damage);
                }
            }
            Step::End => {
                if let Some(reader) = current.take() {
                    reports.extend(reader.finish(sink)?);
                }
            }
        }
        Ok(())
    })?;
    Ok(walked.map(|()| reports))
}

/// Reads one sheet: holds its first rows until the header is decided, then lets rows through one by one.
struct SheetReader<'a> {
    rules: &'a ContestRules,
    options: &'a ReadOptions,
    place: Place,
    report: SheetReport,
    calendar: Calendar,
    held: Vec<Row>,
    held_bytes: usize,
    decided: Option<Decided>,
    damage: Vec<Problem>,
    hidden_columns: Vec<(u32, u32)>,
    hidden_rows: Vec<u32>,
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
    fn new(info: &SheetInfo, shown: &str, rules: &'a ContestRules, options: &'a ReadOptions) -> Self {
        let place = Place { file: shown.to_owned(), sheet: info.name.clone(), ..Place::default() };
        let mut report = SheetReport { sheet: info.name.clone(), encoding: info.encoding.to_owned(), ..SheetReport::default() };
        if info.hidden {
            report.problems.push(Fault::HiddenSheet.at(place.clone(), None, "", ""));
        }
        let calendar = Calendar { year: rules.contest.year, timezone: rules.contest.timezone.clone(), from_1904: info.from_1904 };
        let hidden_columns = info.hidden_columns.clone();
        let (held, damage, hidden_rows) = (Vec::new(), Vec::new(), Vec::new());
        Self { rules, options, place, report, calendar, held, held_bytes: 0, decided: None, damage, hidden_columns, hidden_rows }
    }

    fn row<E>(&mut self, row: &Row, sink: &mut dyn FnMut(ReadRow) -> Result<(), E>) -> Result<(), E> {
        if row.is_blank() {
            return Ok(());
        }
        if self.decided.is_some() {
            return self.data_row(row, sink);
        }
        self.held_bytes = self.held_bytes.saturating_add(row.text_len());
        self.held.push(row.clone());
        if self.held.len() >= HELD_ROWS || self.held_bytes >= HELD_BYTES { self.decide(sink) } else { Ok(()) }
    }

    /// What a title means beside the dictionary: staff's word, or a category's name over a column to be ticked.
    fn mapped(&self, title: &str) -> Option<Field> {
        let category = || surroundings::category(title, self.rules).map(|_| Field::Category);
        columns::mapped(self.options, title).or_else(category)
    }

    /// Finds the header among the held rows and lets the rows after it through.
    fn decide<E>(&mut self, sink: &mut dyn FnMut(ReadRow) -> Result<(), E>) -> Result<(), E> {
        let held = std::mem::take(&mut self.held);
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
        let surroundings = Surroundings::above(held.get(..header.index).unwrap_or_default());
        let tables = self.plan(header, header_row, rest, &surroundings, self.options);
        self.report.kind = tables.first().map(|table| table.kind);
        self.decided = Some(Decided { tables, surroundings, ..Decided::default() });
        for row in rest {
            self.data_row(row, sink)?;
        }
        Ok(())
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
            let told = |problem: &Problem| problem.code == Fault::NoOrganization.texts().0 && around.names(Field::Organization);
            for problem in plan.problems.into_iter().filter(|problem| !told(problem)) {
                if !self.report.problems.contains(&problem) {
                    self.report.problems.push(problem);
                }
            }
            for column in plan.columns.iter().filter(|column| column.field.is_none() && column.category.is_none()) {
                if !self.report.unknown_columns.contains(&column.title) {
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
        let mut options = self.options.clone();
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
            self.report.rows = self.report.rows.saturating_add(1);
            if row.is_hidden() {
                self.hidden_rows.push(row.number());
            }
            let lists_repairs = self.options.lists_repairs;
            let reader = RowReader { columns, place: &self.place, calendar: &self.calendar, lists_repairs };
            sink(if *kind == Kind::Registrations {
                let (draft, problems) = reader.registration(row, repairs);
                ReadRow::Registration(Box::new(draft), problems)
            } else {
                let (mut draft, problems) = reader.entry(row, repairs);
                surroundings.fill(columns, &mut draft);
                ReadRow::Entry(Box::new(draft), problems)
            })?;
        }
        Ok(())
    }

    fn damage(&mut self, damage: Damage) {
        let (fault, row) = match damage {
            Damage::UnclosedQuote { row } => (Fault::UnclosedQuote, row),
            Damage::Broken { after } => (Fault::BrokenSheet, after),
        };
        let place = Place { row: (row > 0).then_some(row), ..self.place.clone() };
        self.damage.push(fault.at(place, None, "", ""));
    }

    /// Ends the sheet; `None` for a sheet that has nothing in it and nothing wrong with it.
    fn finish<E>(mut self, sink: &mut dyn FnMut(ReadRow) -> Result<(), E>) -> Result<Option<SheetReport>, E> {
        let is_empty = self.decided.is_none() && self.held.is_empty() && self.damage.is_empty();
        if self.decided.is_none() {
            self.decide(sink)?;
        }
        if is_empty {
            return Ok(None);
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
            for (repair, count) in Repair::ALL.into_iter().zip(decided.repairs).filter(|(_, count)| *count > 0) {
                problems.push(Fault::Repaired(repair).at(place.clone(), None, "", &format!("{count} 处")));
            }
        }
        problems.extend(self.damage);
        Ok(Some(SheetReport { problems, ..self.report }))
    }
}

/// The first rows of a list; more than ten are cut.
fn row_list(numbers: &[u32]) -> String {
    let shown: Vec<String> = numbers.iter().take(10).map(u32::to_string).collect();
    let more = if numbers.len() > shown.len() { " 等" } else { "" };
    format!("{}{more}", shown.join("、"))
}
