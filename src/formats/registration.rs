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
use super::columns;
use super::container::Content;
use super::drafts::Repairs;
use super::fields::Repair;
use super::form::{self, FormReader, Found};
use super::grid::Grid;
use super::headers;
use super::problems::Fault;
use super::recommendation::{self, RecommendationSheet};
use super::sheet::{self, Row, SheetInfo, Step};
use super::sheet_reader::{SheetReader, mapped};
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
    /// Column titles that mean a field, given by staff (`--map '列名=field'`): one that no header has is reported.
    pub mappings: Vec<(String, Field)>,
    /// The same, asked for one of several files: a header need not have them.
    pub remembered: Vec<(String, Field)>,
    /// The same, remembered from earlier tables: a header's fingerprint, a title of it, and its field. They hold for that header only.
    pub of_headers: Vec<(String, String, Field)>,
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
        let header = headers::find(held, &|title| mapped(options, rules, title));
        let fingerprint = header.as_ref().map(headers::Header::fingerprint).unwrap_or_default();
        for (_, title) in header.map(|header| header.titles).unwrap_or_default() {
            let own = options.of_headers.iter().filter(|(header, ..)| *header == fingerprint);
            let is_remembered = own.into_iter().any(|(_, known, _)| headers::normalise(known) == headers::normalise(&title));
            let is_known = is_remembered || columns::mapped(options, &title).is_some();
            let is_new = !is_known && found.iter().all(|known| known.title != title);
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

/// More tables than this no document has.
const MOST_TABLES: usize = 1000;
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
    let mut found = form::find(&grid, options, rules);
    if options.kind == Some(Kind::Recommendations) {
        found.forms.clear();
    }
    let mut reports = Vec::new();
    for part in found.tables.iter().copied().take(MOST_TABLES) {
        let name = grid.parts.get(part).map_or_else(String::new, |part| part.name.clone());
        let mut reader = SheetReader::new(&SheetInfo { name, ..info.clone() }, shown, rules, options);
        for row in grid.sheet_rows(part) {
            reader.row(&row, sink)?;
        }
        // A table of something else beside a form (工作人员名单) or in an article is nothing to speak of.
        reports.extend(reader.finish(sink)?.filter(|report| report.kind.is_some()));
    }
    reports.extend(read_forms(&grid, &found, &info, shown, rules, options, sink)?);
    if reports.is_empty() {
        let place = Place { file: shown.to_owned(), ..Place::default() };
        let problems = vec![Fault::NoForm.at(place, None, "", "")];
        reports.push(SheetReport { encoding: word::ENCODING.to_owned(), problems, ..SheetReport::default() });
    }
    Ok(reports)
}

/// Reads the forms of a document or a sheet; one report for each sheet or table in which forms begin.
pub(super) fn read_forms<E>(
    grid: &Grid,
    found: &Found,
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
    for form in &found.forms {
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
    for problem in unread(grid, found, shown) {
        let at = reports.iter().position(|report| report.sheet == problem.place.sheet).unwrap_or(0);
        reports.get_mut(at).into_iter().for_each(|report| report.problems.push(problem.clone()));
    }
    Ok(reports)
}

/// What of a grid with forms was read in an unusual way, or not at all.
fn unread(grid: &Grid, found: &Found, shown: &str) -> Vec<Problem> {
    let place = |index: usize| {
        let row = grid.rows.get(index)?;
        Some(Place { file: shown.to_owned(), sheet: grid.part(row)?.name.clone(), row: Some(row.number), column: None })
    };
    let mut problems = Vec::new();
    if found.beside > 0 {
        let first = found.forms.first().and_then(|form| place(form.first_row()));
        problems.extend(first.map(|place| Fault::FormsBeside.at(place, None, "", &format!("{} 份", found.beside + 1))));
    }
    for cells in
        found.unread.chunk_by(|(one, _), (next, _)| grid.rows.get(*one).map(|row| row.part) == grid.rows.get(*next).map(|row| row.part))
    {
        let at = |(row, column): &(usize, u32)| Some(Place { column: Some(*column), ..place(*row)? });
        let named: Vec<String> = cells.iter().take(10).filter_map(|cell| at(cell)?.cell()).collect();
        let more = if cells.len() > named.len() { " 等" } else { "" };
        let detail = format!("{} 格（{}{more}）", cells.len(), named.join("、"));
        problems.extend(cells.first().and_then(at).map(|place| Fault::UnreadCells.at(place, None, "", &detail)));
    }
    if let Some(place) = found.cut.filter(|_| !found.forms.is_empty()).and_then(place) {
        problems.push(Fault::UnreadCells.at(place, None, "", "内容太多，从这一行起没有读取"));
    }
    problems
}

/// Reads a recommendation sheet, where the grid is one.
pub(super) fn read_recommendation(
    grid: &Grid,
    info: &SheetInfo,
    shown: &str,
    rules: &ContestRules,
    options: &ReadOptions,
) -> Option<SheetReport> {
    if !recommendation::is_wanted(options) {
        return None;
    }
    let calendar = Calendar { year: rules.contest.year, timezone: rules.contest.timezone.clone(), from_1904: info.from_1904 };
    let read = recommendation::read(grid, shown, options, &calendar)?;
    let place = Place { file: shown.to_owned(), sheet: info.name.clone(), ..Place::default() };
    let problems = std::iter::once(recommendation::notice(&read, place)).chain(read.problems.iter().cloned()).collect();
    let (sheet, encoding) = (info.name.clone(), info.encoding.to_owned());
    let recommendation = Some(Box::new(read));
    Some(SheetReport { sheet, encoding, kind: Some(Kind::Recommendations), problems, recommendation, ..SheetReport::default() })
}

/// What was mended, once a kind.
pub(super) fn repaired(repairs: Repairs, place: &Place) -> Vec<Problem> {
    let done = Repair::ALL.into_iter().zip(repairs).filter(|(_, count)| *count > 0);
    done.map(|(repair, count)| Fault::Repaired(repair).at(place.clone(), None, "", &format!("{count} 处"))).collect()
}
