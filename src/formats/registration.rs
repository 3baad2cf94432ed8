//! Received tables → drafts. Streams: rows are handed to a sink one by one, so memory does not grow with the file.

use std::path::Path;

use crate::domain::entry::{Draft, OrganizationProfile};
use crate::domain::field::Field;
use crate::domain::privacy::{Address, Email, PersonName, Phone};
use crate::domain::problem::{Place, Problem};
use crate::domain::received::ReceivedRow;
use crate::domain::rules::ContestRules;

use super::amounts::Calendar;
use super::categories;
use super::columns::{self, Columns};
use super::container::Content;
use super::drafts::{Repairs, RowReader};
use super::fields::Repair;
use super::form::{self, Form, FormReader};
use super::grid::Grid;
use super::headers::{self, Header};
use super::problems::Fault;
use super::recommendation::{self, RecommendationSheet};
use super::rows::{self, Shape, Skip};
use super::sheet::{self, Damage, Row, SheetInfo, Step};
use super::word::{self, Block};

pub use super::sheet::Unreadable;

/// What a received table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 作品申报, one row a work.
    Entries,
    /// 在线报名表（附件2（一））, one row a unit.
    Registrations,
    /// 参赛作品推荐表（附件3）: read as a [`RecommendationSheet`], never as rows.
    Recommendations,
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
            Self::Entry(draft, _) => draft.received.text_len(),
            Self::Registration(draft, _) => draft.received.len(),
        }
    }

    /// Sets the row as received, a JSON object: a row that is read again keeps what first came.
    pub fn set_received(&mut self, received: &str) {
        match self {
            Self::Entry(draft, _) => draft.received = ReceivedRow::object(received.to_owned()),
            Self::Registration(draft, _) => received.clone_into(&mut draft.received),
        }
    }
}

/// How to read a file.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// Forces the kind.
    pub kind: Option<Kind>,
    /// Column titles that mean a field, given by staff (`--map '列名=field'`) or remembered.
    pub mappings: Vec<(String, Field)>,
}

/// Where a sheet holds a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldPlace {
    /// The field.
    pub field: Field,
    /// The title of its column, or its label.
    pub title: String,
    /// The first and the last row of the drafts that it holds for.
    pub rows: (u32, u32),
    /// The row of its cell, where it is not the draft's own: in a form.
    pub row: Option<u32>,
    /// The column of its cell, from 0.
    pub column: u32,
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
    /// Which cells hold which field.
    pub fields: Vec<FieldPlace>,
    /// What was wrong with the sheet as a whole (header nowhere, ambiguous columns, what was repaired).
    pub problems: Vec<Problem>,
    /// The recommendation sheet, where it is one.
    pub recommendation: Option<Box<RecommendationSheet>>,
}

/// How many rows are held before the header is decided: the rows that may hold it, and a sample of values.
const HELD_ROWS: usize = 120;
/// How many bytes of text at most: rows may have megabytes.
const HELD_BYTES: usize = 32 << 20;

/// More tables than this no document has.
const MOST_TABLES: usize = 1000;
/// A sheet of forms is read to so many rows.
const MOST_FORM_ROWS: usize = 5000;

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
    let (file, content) = match sheet::open(path) {
        Ok(opened) => opened,
        Err(unreadable) => return Ok(Err(unreadable)),
    };
    if content == Content::Word {
        return match word::read(file) {
            Ok(blocks) => read_document(&blocks, shown, rules, options, sink).map(Ok),
            Err(unreadable) => Ok(Err(unreadable)),
        };
    }
    let mut reports = Vec::new();
    let mut current: Option<SheetReader<'_>> = None;
    let walked = sheet::walk_opened(file, content, &mut |step| {
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

/// Reads a document: its forms, and its tables of works as sheets.
fn read_document<E>(
    blocks: &[Block],
    shown: &str,
    rules: &ContestRules,
    options: &ReadOptions,
    sink: &mut dyn FnMut(ReadRow) -> Result<(), E>,
) -> Result<Vec<SheetReport>, E> {
    let grid = Grid::of_document(blocks, &form::is_label);
    let info = SheetInfo { encoding: word::ENCODING, ..SheetInfo::default() };
    if let Some(report) = read_recommendation(&grid, &info, shown, rules, options) {
        return Ok(vec![report]);
    }
    let found = form::find(&grid, options);
    let mut reports = Vec::new();
    for part in found.tables.into_iter().take(MOST_TABLES) {
        let name = grid.parts.get(part).map_or_else(String::new, |part| part.name.clone());
        let mut reader = SheetReader::new(&SheetInfo { name, ..info.clone() }, shown, rules, options);
        for row in grid.sheet_rows(part) {
            reader.row(&row, sink)?;
        }
        // A table of something else beside a form (工作人员名单) or in an article is nothing to speak of.
        reports.extend(reader.finish(sink)?.filter(|report| report.kind.is_some()));
    }
    reports.extend(read_forms(&grid, &found.forms, &info, shown, rules, options, sink)?);
    if reports.is_empty() {
        let place = Place { file: shown.to_owned(), ..Place::default() };
        let problems = vec![Fault::NoForm.at(place, None, "", "")];
        reports.push(SheetReport { encoding: word::ENCODING.to_owned(), problems, ..SheetReport::default() });
    }
    Ok(reports)
}

/// Reads the forms of a document or a sheet; one report for each sheet or table in which forms begin.
fn read_forms<E>(
    grid: &Grid,
    forms: &[Form],
    info: &SheetInfo,
    shown: &str,
    rules: &ContestRules,
    options: &ReadOptions,
    sink: &mut dyn FnMut(ReadRow) -> Result<(), E>,
) -> Result<Vec<SheetReport>, E> {
    let calendar = Calendar { year: rules.contest.year, timezone: rules.contest.timezone.clone(), from_1904: info.from_1904 };
    let reader = FormReader { grid, shown, rules, options, calendar: &calendar };
    let mut reports: Vec<SheetReport> = Vec::new();
    let mut repairs: Vec<Repairs> = Vec::new();
    for form in forms {
        let mut mended = Repairs::default();
        let form::Read { sheet, kind, row, fields } = reader.read(form, &mut mended);
        let at = reports.iter().position(|report| report.sheet == sheet).unwrap_or_else(|| {
            let encoding = info.encoding.to_owned();
            reports.push(SheetReport { sheet, kind: Some(kind), encoding, ..SheetReport::default() });
            repairs.push(Repairs::default());
            reports.len() - 1
        });
        if form.is_blank() {
            // A form that was sent along to be filled in.
            let place = Place {
                file: shown.to_owned(),
                sheet: reports.get(at).map_or_else(String::new, |report| report.sheet.clone()),
                ..Place::default()
            };
            let row = grid.rows.get(form.first_row()).map(|row| row.number);
            let problem = Fault::SkippedRows.at(Place { row, ..place }, None, "", "没有填写的空表 1 份");
            reports.get_mut(at).into_iter().for_each(|report| report.problems.push(problem.clone()));
            continue;
        }
        if let (Some(report), Some(sum)) = (reports.get_mut(at), repairs.get_mut(at)) {
            report.fields.extend(fields);
            sum.iter_mut().zip(mended).for_each(|(sum, count)| *sum = sum.saturating_add(count));
            for row in categories::divided(row, shown, rules) {
                report.rows = report.rows.saturating_add(1);
                sink(row)?;
            }
        }
    }
    for (report, repairs) in reports.iter_mut().zip(repairs) {
        let place = Place { file: shown.to_owned(), sheet: report.sheet.clone(), ..Place::default() };
        report.problems.extend(repaired(repairs, &place));
    }
    Ok(reports)
}

/// Reads a recommendation sheet, where the grid is one.
fn read_recommendation(grid: &Grid, info: &SheetInfo, shown: &str, rules: &ContestRules, options: &ReadOptions) -> Option<SheetReport> {
    if !recommendation::is_wanted(options) {
        return None;
    }
    let calendar = Calendar { year: rules.contest.year, timezone: rules.contest.timezone.clone(), from_1904: info.from_1904 };
    let read = recommendation::read(grid, shown, &calendar)?;
    let place = Place { file: shown.to_owned(), sheet: info.name.clone(), ..Place::default() };
    let problems = std::iter::once(recommendation::notice(&read, place)).chain(read.problems.iter().cloned()).collect();
    let (sheet, encoding) = (info.name.clone(), info.encoding.to_owned());
    let recommendation = Some(Box::new(read));
    Some(SheetReport { sheet, encoding, kind: Some(Kind::Recommendations), problems, recommendation, ..SheetReport::default() })
}

/// What was mended, once a kind.
fn repaired(repairs: Repairs, place: &Place) -> Vec<Problem> {
    let done = Repair::ALL.into_iter().zip(repairs).filter(|(_, count)| *count > 0);
    done.map(|(repair, count)| Fault::Repaired(repair).at(place.clone(), None, "", &format!("{count} 处"))).collect()
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
    /// The rows of a sheet that holds forms instead of a table.
    forms: Option<Grid>,
    damage: Vec<Problem>,
}

/// A sheet whose header has been looked for.
struct Decided {
    header: Option<(Header, Columns)>,
    repairs: Repairs,
    skipped: [Vec<u32>; Skip::ALL.len()],
}

impl<'a> SheetReader<'a> {
    fn new(info: &SheetInfo, shown: &str, rules: &'a ContestRules, options: &'a ReadOptions) -> Self {
        let place = Place { file: shown.to_owned(), sheet: info.name.clone(), ..Place::default() };
        let mut report = SheetReport { sheet: info.name.clone(), encoding: info.encoding.to_owned(), ..SheetReport::default() };
        if info.hidden {
            report.problems.push(Fault::HiddenSheet.at(place.clone(), None, "", ""));
        }
        let calendar = Calendar { year: rules.contest.year, timezone: rules.contest.timezone.clone(), from_1904: info.from_1904 };
        Self { rules, options, place, report, calendar, held: Vec::new(), held_bytes: 0, decided: None, forms: None, damage: Vec::new() }
    }

    fn row<E>(&mut self, row: &Row, sink: &mut dyn FnMut(ReadRow) -> Result<(), E>) -> Result<(), E> {
        if row.is_blank() {
            return Ok(());
        }
        if let Some(grid) = &mut self.forms {
            if grid.rows.len() < MOST_FORM_ROWS {
                grid.push_row(row);
            }
            return Ok(());
        }
        if self.decided.is_some() {
            return self.data_row(row, sink);
        }
        self.held_bytes = self.held_bytes.saturating_add(row.text_len());
        self.held.push(row.clone());
        if self.held.len() >= HELD_ROWS || self.held_bytes >= HELD_BYTES { self.decide(sink) } else { Ok(()) }
    }

    /// Finds the header among the held rows and lets the rows after it through.
    fn decide<E>(&mut self, sink: &mut dyn FnMut(ReadRow) -> Result<(), E>) -> Result<(), E> {
        let held = std::mem::take(&mut self.held);
        if self.holds_forms(&held) {
            return Ok(());
        }
        let mut decided = Decided { header: None, repairs: Repairs::default(), skipped: Default::default() };
        let Some(header) = headers::find(&held, &|title| columns::mapped(self.options, title)) else {
            if !held.is_empty() {
                self.report.problems.push(Fault::NoHeader.at(self.place.clone(), None, "", ""));
            }
            self.decided = Some(decided);
            return Ok(());
        };
        let header_row = held.get(header.index).map_or(0, Row::number);
        let rest = held.get(header.index + header.height..).unwrap_or_default();
        let plan = columns::plan(&header, header_row, rest, self.rules, self.options, &self.place);
        self.report.header_row = Some(header_row);
        self.report.header_fingerprint = header.fingerprint();
        self.report.kind = plan.kind;
        self.report.problems.extend(plan.problems);
        self.report.fields = plan.columns.fields(header_row);
        self.report.unknown_columns =
            plan.columns.iter().filter(|column| column.field.is_none()).map(|column| column.title.clone()).collect();
        if plan.kind.is_some() {
            decided.header = Some((header, plan.columns));
        } else {
            let place = Place { row: Some(header_row), ..self.place.clone() };
            self.report.problems.push(Fault::OtherTable.at(place, None, "", ""));
        }
        self.decided = Some(decided);
        for row in rest {
            self.data_row(row, sink)?;
        }
        Ok(())
    }

    /// Whether the sheet holds forms or a recommendation sheet; then they are read when all of it is there.
    fn holds_forms(&mut self, held: &[Row]) -> bool {
        let mut grid = Grid::of_sheet(&self.report.sheet);
        for row in held {
            grid.push_row(row);
        }
        let is_recommendation = recommendation::is_wanted(self.options) && recommendation::is_one(&grid);
        let is_form = is_recommendation || {
            let found = form::find(&grid, self.options);
            found.tables.is_empty() && !found.forms.is_empty()
        };
        self.forms = is_form.then_some(grid);
        is_form
    }

    fn data_row<E>(&mut self, row: &Row, sink: &mut dyn FnMut(ReadRow) -> Result<(), E>) -> Result<(), E> {
        let Some(Decided { header: Some((header, columns)), repairs, skipped }) = &mut self.decided else { return Ok(()) };
        let shape = Shape { header, field: &|column| columns.get(column).and_then(|column| column.field) };
        if let Some(skip) = rows::skip(row, &shape) {
            if let Some(numbers) = Skip::ALL.iter().position(|kind| *kind == skip).and_then(|index| skipped.get_mut(index)) {
                numbers.push(row.number());
            }
            return Ok(());
        }
        let reader = RowReader { columns, place: &self.place, calendar: &self.calendar };
        let read = if self.report.kind == Some(Kind::Registrations) {
            let (draft, problems) = reader.registration(row, repairs);
            ReadRow::Registration(Box::new(draft), problems)
        } else {
            let (draft, problems) = reader.entry(row, repairs);
            ReadRow::Entry(Box::new(draft), problems)
        };
        for row in categories::divided(read, &self.place.file, self.rules) {
            self.report.rows = self.report.rows.saturating_add(1);
            sink(row)?;
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
            if let Some(found) = read_recommendation(&grid, &info, &self.place.file, self.rules, self.options) {
                let problems = [self.report.problems, found.problems, self.damage].concat();
                return Ok(Some(SheetReport { problems, encoding: self.report.encoding, ..found }));
            }
            let found = form::find(&grid, self.options);
            let read = read_forms(&grid, &found.forms, &info, &self.place.file, self.rules, self.options, sink)?;
            let forms = read.into_iter().next().unwrap_or_default();
            let problems = [self.report.problems, forms.problems, self.damage].concat();
            return Ok(Some(SheetReport { kind: forms.kind, rows: forms.rows, problems, ..self.report }));
        }
        let place = Place { row: None, ..self.place };
        let mut problems = self.report.problems;
        if !self.report.unknown_columns.is_empty() && self.report.kind.is_some() {
            problems.push(Fault::UnknownColumns.at(place.clone(), None, "", &self.report.unknown_columns.join("、")));
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

/// The first rows of a list; more than ten are cut.
fn row_list(numbers: &[u32]) -> String {
    let shown: Vec<String> = numbers.iter().take(10).map(u32::to_string).collect();
    let more = if numbers.len() > shown.len() { " 等" } else { "" };
    format!("{}{more}", shown.join("、"))
}
