//! Owns what `import` says: counts per file and sheet, problems grouped for people and whole for scripts. Refuses to know how rows are
//! received.

use std::collections::{BTreeMap, BTreeSet};

use super::import::kind_key;
use super::import_changes::{self, ShownChange};
use super::problems as problem_views;
use super::receiving::Received;
use crate::domain::field::Field;
use crate::domain::intake::problems::Code;
use crate::domain::intake::{ChangeOutcome, Tally};
use crate::domain::listing::{Audience, Cell, Column, Document, Listing};
use crate::domain::problem::{Place, Problem, Severity};
use crate::domain::values::EntryNumber;
use crate::error::AppError;
use crate::formats::parcel_problems::ParcelFault;
use crate::formats::registration::SheetReport;

/// Lines of problems that people get to see; JSON has all.
const MOST_LINES: usize = 200;
/// Places that a line of problems names.
const MOST_PLACES: usize = 3;

/// Codes of a sheet that was not read because it was not recognised as a table of works or registrations.
const UNRECOGNISED: [&str; 2] = ["I201", "I202"];

/// Codes whose messages say what they found: rows that are no data, by their kinds; values from above or from a label.
const TELLING: [&str; 2] = ["I301", "I304"];
/// So do the codes of rows of recommendation sheets: each names its work.
const RECOMMENDED: &str = "I6";

/// Whether a problem tells of one value that was mended.
fn is_repair(problem: &Problem) -> bool {
    problem.code.starts_with("I42") && problem.place.column.is_some()
}

/// One sheet of a file, or the file where it has none.
#[derive(Debug, Default)]
struct SheetPart {
    kind: &'static str,
    encoding: String,
    sheet: String,
    tally: Tally,
    problems: Vec<Problem>,
}

/// What became of a file or part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Became {
    /// Its rows were received.
    Read,
    /// It could not be read.
    Failed,
    /// A mail or archive: its parts have lines of their own.
    Opened,
    /// A file of a work.
    Attached(EntryNumber),
    /// A file of a unit, no work's alone: its logo, its profile.
    OfUnit(String),
    /// A recommender's sheet.
    Recommendation,
    /// No form, and nobody knows whose.
    Unmatched,
    /// No form, and in no mail or archive.
    Loose,
    /// Nothing that was sent.
    Skipped,
}

impl Became {
    fn cell(&self) -> Cell {
        match self {
            Self::Read => Cell::keyed("read", "已读取"),
            Self::Failed => Cell::keyed("unreadable", "未能读取"),
            Self::Opened => Cell::keyed("opened", "已拆开"),
            Self::Attached(number) => Cell::keyed("attached", format!("{number} 的附件")),
            Self::OfUnit(name) => Cell::keyed("unit", format!("{name}的附件")),
            Self::Recommendation => Cell::keyed("recommendation", "推荐单位的表"),
            Self::Unmatched => Cell::keyed("unmatched", "附件，未对上作品"),
            Self::Loose => Cell::keyed("loose", "不是表格，未读取"),
            Self::Skipped => Cell::keyed("skipped", "略过"),
        }
    }

    fn entry(&self) -> Cell {
        match self {
            Self::Attached(number) => number.as_str().into(),
            Self::Read
            | Self::Failed
            | Self::Opened
            | Self::Skipped
            | Self::OfUnit(_)
            | Self::Recommendation
            | Self::Unmatched
            | Self::Loose => Cell::Empty,
        }
    }
}

/// What is said of one file.
#[derive(Debug)]
pub(super) struct FileReport {
    path: String,
    became: Became,
    parts: Vec<SheetPart>,
    changes: Vec<ShownChange>,
}

impl FileReport {
    /// A file of which nothing was read yet.
    pub(super) fn new(path: String) -> Self {
        Self { path, became: Became::Read, parts: Vec::new(), changes: Vec::new() }
    }

    /// A mail or archive that was opened.
    pub(super) fn parcel(path: String, kind: &'static str, encoding: &str) -> Self {
        let part = SheetPart { kind, encoding: encoding.to_owned(), ..SheetPart::default() };
        Self { path, became: Became::Opened, parts: vec![part], changes: Vec::new() }
    }

    /// A part of a mail or archive that is no form.
    pub(super) fn attachment(path: String) -> Self {
        let part = SheetPart { kind: "attachment", ..SheetPart::default() };
        Self { path, became: Became::Unmatched, parts: vec![part], changes: Vec::new() }
    }

    /// A file that is no form and came in no mail or archive.
    pub(super) fn loose(path: String) -> Self {
        Self { became: Became::Loose, ..Self::attachment(path) }
    }

    /// A file that nobody sent on purpose.
    pub(super) fn skipped(path: String) -> Self {
        Self { path, became: Became::Skipped, parts: vec![SheetPart::default()], changes: Vec::new() }
    }

    /// Adds a problem of the file as a whole.
    pub(super) fn note(&mut self, problem: Problem) {
        if self.parts.is_empty() {
            self.parts.push(SheetPart::default());
        }
        if let Some(part) = self.parts.first_mut() {
            part.problems.push(problem);
        }
    }

    /// Notes that the file cannot be read.
    pub(super) fn failed(&mut self, problem: Problem) {
        self.became = Became::Failed;
        self.note(problem);
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
        let place = Place { file: self.path.clone(), ..Place::default() };
        let problem = Problem { code, severity: Severity::Error, place, field: None, value: String::new(), message, hint };
        self.failed(problem);
    }
}

/// What is said of a whole import.
#[derive(Debug, Default)]
pub(super) struct ImportReport {
    pub(super) files: Vec<FileReport>,
    /// Whether values that were mended have lines of their own.
    pub(super) lists_repairs: bool,
}

impl ImportReport {
    /// Adds a file; its line.
    pub(super) fn push(&mut self, file: FileReport) -> usize {
        self.files.push(file);
        self.files.len() - 1
    }

    /// The line that the next file will have.
    pub(super) fn next_line(&self) -> usize {
        self.files.len()
    }

    /// Counts what became of a row of a sheet of the file on this line, once the sheet's own words are there.
    pub(super) fn count(&mut self, line: usize, sheet: &str, tally: Tally, problems: Vec<Problem>, changes: Vec<ShownChange>) {
        let Some(file) = self.files.get_mut(line) else { return };
        file.changes.extend(changes);
        if let Some(part) = file.parts.iter_mut().find(|part| part.sheet == sheet) {
            part.tally.add(tally);
            part.problems.extend(problems);
        }
    }

    /// Adds a problem to the file on this line.
    pub(super) fn note(&mut self, line: usize, problem: Problem) {
        if let Some(file) = self.files.get_mut(line) {
            file.note(problem);
        }
    }

    /// Adds a problem that names the file on this line.
    pub(super) fn note_file(&mut self, line: usize, problem: impl FnOnce(&str) -> Problem) {
        if let Some(file) = self.files.get_mut(line) {
            let problem = problem(&file.path);
            file.note(problem);
        }
    }

    /// Sets what became of the file on this line.
    pub(super) fn became(&mut self, line: usize, became: Became) {
        if let Some(file) = self.files.get_mut(line) {
            file.became = became;
        }
    }

    /// Takes out the lines of pictures that belong to the text of the mail above them, and says so there.
    pub(super) fn leave_out(&mut self, lines: &BTreeSet<usize>) {
        let mut kept: Vec<FileReport> = Vec::with_capacity(self.files.len());
        for (line, file) in std::mem::take(&mut self.files).into_iter().enumerate() {
            if !lines.contains(&line) {
                kept.push(file);
            } else if let Some((mail, name)) = file.path.rsplit_once(" › ")
                && let Some(report) = kept.iter_mut().rev().find(|report| report.path == mail)
            {
                report.note(ParcelFault::InlinePictures.at(mail, name));
            }
        }
        self.files = kept;
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
        !self.files.is_empty() && self.files.iter().all(|file| file.became == Became::Failed)
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
        // Among tables alone it goes without saying.
        let says_what_became = self.files.iter().any(|file| !matches!(file.became, Became::Read | Became::Failed));
        let became = Column::new("outcome", "结果");
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
                if says_what_became { became } else { became.only(Audience::Scripts) },
                Column::new("entry", "作品").only(Audience::Scripts),
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
                        "mail" => Cell::keyed("mail", "邮件"),
                        "archive" => Cell::keyed("archive", "压缩包"),
                        "attachment" => Cell::keyed("attachment", "附件"),
                        "recommendations" => Cell::keyed("recommendations", "推荐表"),
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
                    Cell::List(part.problems.iter().map(problem_views::record).collect()),
                    file.became.cell(),
                    file.became.entry(),
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
        if self.lists_repairs {
            document = document.listing(self.repairs());
        }
        document = document.line(format!(
            "共 {} 行：新增 {}，更新 {}，不变 {}，有不同 {}，隔离 {}",
            totals.rows(),
            totals.added,
            totals.updated,
            totals.unchanged,
            totals.changed,
            totals.quarantined
        ));
        let loose = self.files.iter().filter(|file| file.became == Became::Loose).count();
        if loose > 0 {
            document = document.line(format!("另有 {loose} 个文件不是表格，没有读取：dasai attachment scan 文件夹，与作品核对"));
        }
        if let Some(line) = import_changes::advice(self.changes()) {
            document = document.line(line);
        }
        if self.changes().any(|change| change.value.outcome == ChangeOutcome::Waits) {
            document = document.line("有不同的行没有写入：核对后加 --update 再导入一次，即采用表中的值");
        }
        if totals.quarantined > 0 {
            document = document.line("隔离的行没有丢：查看 dasai quarantine list，改正后重新导入，或 dasai quarantine retry");
        }
        document
    }

    /// Values that were mended, each at its cell, for people; scripts have them among the problems.
    fn repairs(&self) -> Listing {
        let titles = ["位置", "项目", "收到的内容", "怎样整理"];
        let columns = titles.map(|title| Column::new("", title).only(Audience::People)).to_vec();
        let mut listing = Listing::new("", "整理过的内容", columns).when_empty("没有整理过的内容");
        for problem in self.problems().filter(|problem| is_repair(problem)) {
            listing.push(vec![
                problem.place.to_string().into(),
                problem.field.map_or("", Field::label).into(),
                problem.value.as_str().into(),
                problem.message.as_str().into(),
            ]);
        }
        listing
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
        // What hundreds of mails have in common is said once.
        let across = [ParcelFault::InlinePictures, ParcelFault::Unnamed, ParcelFault::SystemFile, ParcelFault::Unmatched]
            .map(|fault| fault.texts().0);
        for problem in self.problems().filter(|problem| !elsewhere.contains(&problem.code) && !is_repair(problem)) {
            let is_telling = singular.contains(&problem.code) || TELLING.contains(&problem.code) || problem.code.starts_with(RECOMMENDED);
            let message = if is_telling { problem.message.as_str() } else { "" };
            let file = if across.contains(&problem.code) { "" } else { problem.place.file.as_str() };
            let key = (problem.severity, problem.code, problem.field, file, message);
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
