//! Owns what `import` says: counts per file and sheet, problems grouped for people and whole for scripts. Refuses to know how rows are
//! received.

use std::collections::BTreeMap;

use super::import::kind_key;
use super::import_changes::{self, ShownChange};
use super::receiving::Received;
use crate::domain::field::Field;
use crate::domain::intake::Tally;
use crate::domain::intake::problems::Code;
use crate::domain::listing::{Audience, Cell, Column, Document, Listing};
use crate::domain::problem::{Place, Problem, Severity};
use crate::error::AppError;
use crate::formats::registration::SheetReport;

/// Lines of problems that people get to see; JSON has all.
const MOST_LINES: usize = 200;
/// Places that a line of problems names.
const MOST_PLACES: usize = 3;

/// Codes of a sheet that was not read because it was not recognised as a table of works or registrations.
const UNRECOGNISED: [&str; 2] = ["I201", "I202"];

/// One sheet of a file, or the file where it has none.
#[derive(Debug, Default)]
struct SheetPart {
    kind: &'static str,
    encoding: String,
    sheet: String,
    tally: Tally,
    problems: Vec<Problem>,
}

/// What is said of one file.
#[derive(Debug)]
pub(super) struct FileReport {
    path: String,
    is_readable: bool,
    parts: Vec<SheetPart>,
    changes: Vec<ShownChange>,
}

impl FileReport {
    /// A file of which nothing was read yet.
    pub(super) fn new(path: String) -> Self {
        Self { path, is_readable: true, parts: Vec::new(), changes: Vec::new() }
    }

    /// Counts a row.
    pub(super) fn receive(&mut self, row: Received) {
        let Received { sheet, tally, problems, changes, .. } = row;
        self.changes.extend(changes);
        let last_is_same = self.parts.last().is_some_and(|part| part.sheet == sheet);
        if !last_is_same {
            self.parts.push(SheetPart { sheet, ..SheetPart::default() });
        }
        if let Some(part) = self.parts.last_mut() {
            part.tally.add(tally);
            part.problems.extend(problems);
        }
    }

    /// Adds what the reader says of each sheet. Sheets that held no table and give no cause for a word are left out.
    pub(super) fn sheets(&mut self, sheets: Vec<SheetReport>) {
        let mut counted: Vec<SheetPart> = std::mem::take(&mut self.parts);
        for report in sheets {
            let mut part = match counted.iter().position(|part| part.sheet == report.sheet) {
                Some(position) => counted.remove(position),
                None => SheetPart { sheet: report.sheet, ..SheetPart::default() },
            };
            part.kind = report.kind.map_or("", kind_key);
            part.encoding = report.encoding;
            part.problems.splice(0..0, report.problems);
            self.parts.push(part);
        }
        self.parts.extend(counted);
        // A cover sheet beside a table is nothing; a file in which no table was recognised must not pass as received.
        if self.parts.iter().all(|part| part.tally.rows() == 0 && part.kind.is_empty()) {
            let problems = self.parts.iter_mut().flat_map(|part| &mut part.problems);
            problems.filter(|problem| UNRECOGNISED.contains(&problem.code)).for_each(|problem| problem.severity = Severity::Error);
        }
        if self.parts.iter().any(|part| part.tally.rows() > 0) {
            self.parts.retain(|part| part.tally.rows() > 0 || !part.kind.is_empty() || !part.problems.is_empty());
        }
    }

    /// Notes that the file cannot be read.
    pub(super) fn unreadable(&mut self, code: &'static str, message: String, hint: String) {
        self.is_readable = false;
        let place = Place { file: self.path.clone(), ..Place::default() };
        let problem = Problem { code, severity: Severity::Error, place, field: None, value: String::new(), message, hint };
        self.parts.push(SheetPart { problems: vec![problem], ..SheetPart::default() });
    }
}

/// What is said of a whole import.
#[derive(Debug, Default)]
pub(super) struct ImportReport {
    files: Vec<FileReport>,
    /// Files of a folder that are no tables.
    pub(super) skipped: usize,
}

impl ImportReport {
    /// Adds a file.
    pub(super) fn push(&mut self, file: FileReport) {
        self.files.push(file);
    }

    fn totals(&self) -> Tally {
        let mut totals = Tally::default();
        for part in self.files.iter().flat_map(|file| &file.parts) {
            totals.add(part.tally);
        }
        totals
    }

    fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.files.iter().flat_map(|file| &file.parts).flat_map(|part| &part.problems)
    }

    fn changes(&self) -> impl Iterator<Item = &ShownChange> {
        self.files.iter().flat_map(|file| &file.changes)
    }

    /// Whether rows were refused or something must be mended.
    pub(super) fn has_findings(&self) -> bool {
        self.totals().quarantined > 0 || self.problems().any(|problem| problem.severity == Severity::Error)
    }

    /// Whether there were files and none could be read.
    pub(super) fn nothing_readable(&self) -> bool {
        !self.files.is_empty() && self.files.iter().all(|file| !file.is_readable)
    }

    /// The failure when no file could be read.
    pub(super) fn failure(&self) -> AppError {
        let hint = self.problems().map(|problem| problem.hint.as_str()).find(|hint| !hint.is_empty()).unwrap_or("检查文件后重新导入");
        match self.problems().next() {
            Some(problem) if self.files.len() == 1 => AppError::damaged(format!("{}：{}", problem.place.file, problem.message)).hint(hint),
            _ => AppError::damaged(format!("{} 个文件都不能读取，什么都没有导入", self.files.len())).hint(hint),
        }
    }

    /// One sentence for the log.
    pub(super) fn summary(&self) -> String {
        let Tally { added, updated, quarantined, .. } = self.totals();
        format!("导入 {} 个文件：新增 {added}，更新 {updated}，隔离 {quarantined}", self.files.len())
    }

    /// What is printed.
    pub(super) fn document(&self, is_for_people: bool) -> Document {
        let count = |key: &str, title: &str| Column::new(key, title);
        let mut files = Listing::new(
            "files",
            "导入结果",
            vec![
                Column::new("path", "文件"),
                Column::new("kind", "内容").minor(),
                Column::new("encoding", "编码").minor(),
                Column::new("sheet", "工作表").minor(),
                count("rows", "行数"),
                count("added", "新增"),
                count("updated", "更新"),
                count("unchanged", "不变"),
                count("changed", "有不同"),
                count("quarantined", "隔离"),
                Column::new("problems", "问题").only(Audience::Scripts),
            ],
        )
        .when_empty("没有可导入的文件");
        for file in &self.files {
            for part in &file.parts {
                files.push(vec![
                    file.path.as_str().into(),
                    match part.kind {
                        "entries" => Cell::keyed("entries", "作品申报"),
                        "registrations" => Cell::keyed("registrations", "在线报名"),
                        _ => Cell::Empty,
                    },
                    part.encoding.as_str().into(),
                    part.sheet.as_str().into(),
                    Cell::count(part.tally.rows()),
                    Cell::count(part.tally.added),
                    Cell::count(part.tally.updated),
                    Cell::count(part.tally.unchanged),
                    Cell::count(part.tally.changed),
                    Cell::count(part.tally.quarantined),
                    Cell::List(part.problems.iter().map(problem_record).collect()),
                ]);
            }
        }
        let totals = self.totals();
        let numbers = [
            ("rows", totals.rows()),
            ("added", totals.added),
            ("updated", totals.updated),
            ("unchanged", totals.unchanged),
            ("changed", totals.changed),
            ("quarantined", totals.quarantined),
        ];
        let record = numbers.map(|(key, number)| (key.to_owned(), Cell::count(number))).to_vec();
        let mut document = Document::of(files).value("totals", "", Cell::Record(record));
        let changes = import_changes::listing(self.changes(), is_for_people);
        if !is_for_people || !changes.rows.is_empty() {
            document = document.listing(changes);
        }
        document = document.listing(self.grouped());
        document = document.line(format!(
            "共 {} 行：新增 {}，更新 {}，不变 {}，有不同 {}，隔离 {}",
            totals.rows(),
            totals.added,
            totals.updated,
            totals.unchanged,
            totals.changed,
            totals.quarantined
        ));
        if self.skipped > 0 {
            document = document.line(format!("文件夹里另有 {} 个文件不是表格，没有读取", self.skipped));
        }
        if let Some(line) = import_changes::advice(self.changes()) {
            document = document.line(line);
        }
        if totals.changed > 0 {
            document = document.line("有不同的行没有写入：核对后加 --update 再导入一次，即采用表中的值");
        }
        if totals.quarantined > 0 {
            document = document.line("隔离的行没有丢：查看 dasai quarantine list，改正后重新导入，或 dasai quarantine retry");
        }
        document
    }

    /// Problems of one kind in one line, for people; each changed value has its own.
    fn grouped(&self) -> Listing {
        type Key<'a> = (Severity, &'a str, Option<Field>, &'a str, &'a str);
        let columns = vec![Column::new("", "级别"), Column::new("", "代码"), Column::new("", "问题").only(Audience::People)];
        let mut listing = Listing::new("", "需要注意的", columns);
        let mut groups: BTreeMap<Key<'_>, Vec<&Problem>> = BTreeMap::new();
        let singular = [Code::PossiblySameUnit, Code::UnitDiffers, Code::TwoCreditCodes, Code::Settles].map(|code| code.names().0);
        // These stand in the table of what came differently.
        let elsewhere = [Code::Differs, Code::Applied, Code::Corrected, Code::Conflict].map(|code| code.names().0);
        for problem in self.problems().filter(|problem| !elsewhere.contains(&problem.code)) {
            let message = if singular.contains(&problem.code) { problem.message.as_str() } else { "" };
            let key = (problem.severity, problem.code, problem.field, problem.place.file.as_str(), message);
            groups.entry(key).or_default().push(problem);
        }
        let hidden = groups.len().saturating_sub(MOST_LINES);
        for ((severity, code, field, _, _), problems) in groups.into_iter().take(MOST_LINES) {
            let Some(first) = problems.first() else {
                continue;
            };
            let mut places: Vec<String> = problems.iter().take(MOST_PLACES).map(|problem| problem.place.to_string()).collect();
            if problems.len() > MOST_PLACES {
                places.push("…".to_owned());
            }
            listing.push(vec![
                Cell::keyed(severity.key(), severity.label()),
                code.into(),
                advice(field, problems.len(), first, &places).into(),
            ]);
        }
        if hidden > 0 {
            listing.notes.push(format!("另有 {hidden} 行未列出；用 --format json 可看到全部"));
        }
        listing
    }
}

/// What is wrong with what and how often, and on lines of their own where, and what to do.
fn advice(field: Option<Field>, count: usize, first: &Problem, places: &[String]) -> String {
    let field =
        field.map(Field::label).filter(|label| !first.message.contains(label)).map_or_else(String::new, |label| format!("{label}："));
    let count = if count > 1 { format!("（{count} 处）") } else { String::new() };
    let hint = if first.hint.is_empty() { String::new() } else { format!("\n→ {}", first.hint) };
    format!("{field}{}{count}\n{}{hint}", first.message, places.join("\n"))
}

/// A problem as JSON promises it.
pub(super) fn problem_record(problem: &Problem) -> Cell {
    let fields = [
        ("code", problem.code.into()),
        ("severity", Cell::keyed(problem.severity.key(), problem.severity.label())),
        ("file", problem.place.file.as_str().into()),
        ("sheet", problem.place.sheet.as_str().into()),
        ("cell", Cell::optional(problem.place.cell(), Cell::text)),
        ("row", Cell::optional(problem.place.row, |row| Cell::Integer(row.into()))),
        ("field", Cell::optional(problem.field, |field| Cell::keyed(field.key(), field.label()))),
        ("value", problem.value.as_str().into()),
        ("message", problem.message.as_str().into()),
        ("hint", problem.hint.as_str().into()),
    ];
    Cell::Record(fields.map(|(key, cell)| (key.to_owned(), cell)).to_vec())
}
