//! Owns receipts (`import --receipts`): for each received file a marked copy and a reply, put into a folder after the import is in the
//! contest. Refuses to know faults and words (`receipt_faults`,
//! `receipt_words`, `receipt_reply`) and how a copy is made (`formats::receipt`).
//!
//! Decision worth knowing: the folder keeps a list of what was written (`.dasai-receipts.json`). Only a file that stands there for the same
//! received file, and is still as it was written, is replaced; a reply that staff have edited, and any other file, stays, and the new
//! one takes the next free name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde_json::{Value, json};

use super::files::digest;
use super::receipt_faults::{Contest, marks};
use super::receipt_reply::{Copy, Reply};
use super::receiving::{Origin, Received};
use crate::domain::listing::{Cell, Column, Listing};
use crate::domain::problem::Problem;
use crate::domain::rules::ContestRules;
use crate::domain::values::EntryId;
use crate::error::{AppError, ErrorKind, io_cause};
use crate::formats::receipt::{self, Made};
use crate::formats::registration::{SheetReport, Unreadable};
use crate::formats::spool::SpoolFolder;
use crate::formats::target::{self, Reader as Audience, WriteError};
use crate::store::db::Reader;

/// The list of what was written.
const LIST: &str = ".dasai-receipts.json";
/// The longest stem of a name, in characters.
const LONGEST: usize = 60;

/// One received row.
#[derive(Debug)]
pub(super) struct ReceivedRow {
    pub(super) sheet: String,
    pub(super) row: u32,
    pub(super) work: Option<EntryId>,
    pub(super) is_quarantined: bool,
    pub(super) problems: Vec<Problem>,
}

impl From<&Received> for ReceivedRow {
    fn from(received: &Received) -> Self {
        Self {
            sheet: received.sheet.clone(),
            row: received.row,
            work: received.work,
            is_quarantined: received.tally.quarantined > 0,
            problems: received.problems.clone(),
        }
    }
}

/// One received table.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) path: PathBuf,
    pub(super) origin: Rc<Origin>,
    pub(super) rows: Vec<ReceivedRow>,
    pub(super) read: Result<Vec<SheetReport>, Unreadable>,
}

/// What receipts are made of, gathered while files are read.
#[derive(Debug)]
pub(super) struct Receipts {
    folder: PathBuf,
    shown: PathBuf,
    tables: Vec<Table>,
    /// Parts of mails and archives, kept until they are copied.
    kept: Vec<Rc<SpoolFolder>>,
}

/// What was written, or would be, for one received file.
#[derive(Debug)]
struct Line {
    file: String,
    reply: String,
    copies: Vec<String>,
}

/// What became of the receipts.
#[derive(Debug, Default)]
pub(super) struct Written {
    lines: Vec<Line>,
    failed: Vec<String>,
}

impl Receipts {
    /// Receipts for a folder. It must not be one whose files are imported: the next import would take receipts for what was sent.
    ///
    /// # Errors
    /// The folder is one of those, or is no folder.
    pub(super) fn new(base: &Path, shown: &Path, paths: &[PathBuf]) -> Result<Self, AppError> {
        let folder = base.join(shown);
        if folder.exists() && !folder.is_dir() {
            return Err(
                AppError::usage(format!("--receipts 指的不是文件夹：{}", shown.display())).hint("写一个文件夹，例如 --receipts 回执")
            );
        }
        let real = real(&folder);
        for path in paths {
            let received = base.join(path);
            let holds = if received.is_dir() {
                real.starts_with(self::real(&received))
            } else {
                received.parent().is_some_and(|parent| self::real(parent) == real)
            };
            if holds {
                return Err(AppError::usage(format!("回执不能放在收到的文件所在的文件夹里：{}", shown.display()))
                    .hint("另写一个文件夹，例如 --receipts 回执；否则下次导入会把回执当作收到的文件"));
            }
        }
        Ok(Self { folder, shown: shown.to_owned(), tables: Vec::new(), kept: Vec::new() })
    }

    /// Takes in one received table. A part of a mail or archive is kept, because its file is gone soon.
    ///
    /// # Errors
    /// The part cannot be kept.
    pub(super) fn table(
        &mut self,
        path: &Path,
        origin: &Rc<Origin>,
        rows: Vec<ReceivedRow>,
        read: Result<Vec<SheetReport>, Unreadable>,
        parts: Option<&Rc<SpoolFolder>>,
    ) -> Result<(), AppError> {
        let path = match (parts, &origin.parent) {
            (Some(folder), Some(_)) => {
                if self.kept.is_empty() {
                    self.kept.push(Rc::clone(folder));
                }
                folder
                    .keep(path)
                    .map_err(|error| AppError::io("不能为回执保留邮件中的文件", &error).hint("检查系统的临时文件夹和磁盘空间"))?
            }
            _ => path.to_owned(),
        };
        self.tables.push(Table { path, origin: Rc::clone(origin), rows, read });
        Ok(())
    }

    /// The tables of each received file, in their order: one reply for each.
    fn groups(&self) -> Vec<(&Origin, Vec<&Table>)> {
        let mut groups: Vec<(&Origin, Vec<&Table>)> = Vec::new();
        for table in &self.tables {
            let outermost = outermost(&table.origin);
            match groups.last_mut() {
                Some((origin, tables)) if std::ptr::eq(*origin, outermost) => tables.push(table),
                _ => groups.push((outermost, vec![table])),
            }
        }
        groups
    }

    /// What would be written.
    pub(super) fn planned(&self) -> Written {
        let mut names = Names::read(&self.folder);
        let mut written = Written::default();
        for (origin, tables) in self.groups() {
            let source = origin.source.path.as_str();
            let reply = names.take(&self.folder, &stem(source), "（回复）", "md", source);
            let mut copies = Vec::new();
            for table in tables.iter().filter(|table| table.read.is_ok()) {
                let part = table.origin.source.path.as_str();
                copies.push(self.shown(&names.take(&self.folder, &stem(part), "（需补正处）", receipt::ending(&table.path, part), part)));
            }
            written.lines.push(Line { file: source.to_owned(), reply: self.shown(&reply), copies });
        }
        written
    }

    fn shown(&self, name: &str) -> String {
        self.shown.join(name).display().to_string()
    }

    /// Writes the receipts. What cannot be written is reported and keeps no other from being written.
    ///
    /// # Errors
    /// The contest cannot be read.
    pub(super) fn write(self, reader: &Reader<'_>, rules: &ContestRules, now: jiff::Timestamp) -> Result<Written, AppError> {
        let mut written = Written::default();
        if self.tables.is_empty() {
            return Ok(written);
        }
        if let Err(error) = std::fs::create_dir_all(&self.folder) {
            written.failed.push(format!("{}：{}", self.shown.display(), io_cause(&error)));
            return Ok(written);
        }
        let contest = Contest::read(reader, rules)?;
        let author = rules.contest.organizer.clone().unwrap_or_else(|| rules.contest.name.clone());
        let mut names = Names::read(&self.folder);
        for (origin, tables) in self.groups() {
            let source = origin.source.path.as_str();
            let mut parts = Vec::new();
            let mut copies = Vec::new();
            for table in tables {
                let mut part = contest.part(table);
                let marks = marks(&part.faults);
                if !marks.is_empty() {
                    let of = table.origin.source.path.as_str();
                    let name = names.take(&self.folder, &stem(of), "（需补正处）", receipt::ending(&table.path, of), of);
                    let path = self.folder.join(&name);
                    match receipt::write(&table.path, &path, names.may_replace(&name), &marks, &author) {
                        Ok(made) => {
                            names.wrote(&path, &name, of);
                            copies.push(self.shown(&name));
                            part.copy = Some(Copy { name, is_as_read: made == Made::AsRead });
                        }
                        Err(error) => written.failed.push(format!("{}：{}", self.shown(&name), failure(&error))),
                    }
                }
                parts.push(part);
            }
            let shown = base_name(source);
            let reply = Reply {
                name: &shown,
                sender: &origin.source.sender,
                subject: &origin.source.subject,
                received_at: origin.source.received_at,
                now,
                parts: &parts,
                closing: contest.closing(&parts),
                rules,
            };
            let name = names.take(&self.folder, &stem(source), "（回复）", "md", source);
            let path = self.folder.join(&name);
            match target::write_text(&path, names.may_replace(&name), Audience::Owner, &reply.text()) {
                Ok(()) => names.wrote(&path, &name, source),
                Err(error) => written.failed.push(format!("{}：{}", self.shown(&name), failure(&error))),
            }
            written.lines.push(Line { file: source.to_owned(), reply: self.shown(&name), copies });
        }
        if let Err(error) = target::write_text(&self.folder.join(LIST), true, Audience::Owner, &names.text()) {
            written.failed.push(format!("{}：{}", self.shown(LIST), failure(&error)));
        }
        Ok(written)
    }
}

impl Written {
    /// The receipts as a table.
    pub(super) fn listing(&self) -> Listing {
        let columns = vec![Column::new("file", "收到的文件"), Column::new("reply", "回复"), Column::new("copies", "标出需补正处的副本")];
        let mut listing = Listing::new("receipts", "回执", columns).when_empty("没有可写回执的文件");
        for line in &self.lines {
            let copies = line.copies.iter().map(|copy| Cell::from(copy.as_str())).collect();
            listing.push(vec![line.file.as_str().into(), line.reply.as_str().into(), Cell::List(copies)]);
        }
        listing
    }

    /// The failure where receipts could not be written; the import stands.
    pub(super) fn failure(&self) -> Option<AppError> {
        let first = self.failed.first()?;
        let count = self.failed.len();
        Some(
            AppError::new(ErrorKind::Io, format!("导入已完成，但有 {count} 份回执没有写成：{first}"))
                .hint("检查文件夹的权限和磁盘空间，关闭打开着的回执，再用同一命令导入一次：已导入的不会重复，回执会补写"),
        )
    }
}

fn failure(error: &WriteError) -> String {
    match error {
        WriteError::Exists(_) => "文件已存在".to_owned(),
        WriteError::MissingFolder(_) => "文件夹不存在".to_owned(),
        WriteError::IsFolder(_) => "已有同名的文件夹".to_owned(),
        WriteError::Io(_, error) => io_cause(error),
        WriteError::Content(words) => words.clone(),
    }
}

fn outermost(origin: &Origin) -> &Origin {
    let mut outermost = origin;
    while let Some(parent) = &outermost.parent {
        outermost = parent;
    }
    outermost
}

/// A path as the system knows it, as far as it exists.
fn real(path: &Path) -> PathBuf {
    if let Ok(real) = path.canonicalize() {
        return real;
    }
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) if parent != path => real(parent).join(name),
        _ => path.to_owned(),
    }
}

/// The name of a received file without folders and without the mail that it came in.
pub(super) fn base_name(source: &str) -> String {
    let part = source.rsplit(" › ").next().unwrap_or(source);
    part.rsplit(['/', '\\']).find(|name| !name.trim().is_empty()).unwrap_or("收到的文件").trim().to_owned()
}

/// Names that mean a device where the program may run one day.
const DEVICES: [&str; 7] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"];

/// The stem of a received file's name, made safe for any system.
fn stem(source: &str) -> String {
    let name = base_name(source);
    let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
    let is_bad = |character: char| {
        character.is_control()
            || "<>:\"/\\|?*".contains(character)
            || matches!(character, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    let safe: String = stem.chars().map(|character| if is_bad(character) { '_' } else { character }).take(LONGEST).collect();
    let safe = safe.trim_matches(|character: char| character.is_whitespace() || character == '.');
    let device: String = safe.chars().take_while(|character| *character != '.').collect::<String>().trim().to_uppercase();
    let is_port = (device.starts_with("COM") || device.starts_with("LPT")) && device.chars().count() == 4;
    if safe.is_empty() {
        "收到的文件".to_owned()
    } else if is_port || DEVICES.contains(&device.as_str()) {
        format!("_{safe}")
    } else {
        safe.to_owned()
    }
}

/// The names in the folder: what was written there for which received file, and how it was.
struct Names {
    /// From a name to the received file and the digest of what was written.
    known: BTreeMap<String, (String, String)>,
    /// From a received file to the names that its receipts had.
    of_source: BTreeMap<String, Vec<String>>,
    /// Names given out by this command, in lower case.
    taken: BTreeSet<String>,
    /// Which serials of a name need not be tried again.
    next: BTreeMap<String, u32>,
    replaceable: BTreeSet<String>,
}

impl Names {
    /// Reads the folder's list; one that cannot be read knows nothing, so that nothing is replaced.
    fn read(folder: &Path) -> Self {
        let text = std::fs::read_to_string(folder.join(LIST)).unwrap_or_default();
        let list: Value = serde_json::from_str(&text).unwrap_or_default();
        let (mut known, mut of_source) = (BTreeMap::new(), BTreeMap::<String, Vec<String>>::new());
        for (name, written) in list.get("receipts").and_then(Value::as_object).into_iter().flatten() {
            let text = |key: &str| written.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            of_source.entry(text("file")).or_default().push(name.clone());
            known.insert(name.clone(), (text("file"), text("sha256")));
        }
        Self { known, of_source, taken: BTreeSet::new(), next: BTreeMap::new(), replaceable: BTreeSet::new() }
    }

    /// A name for a receipt of `source`: its old one, where that file is still as it was written, else the next free one.
    fn take(&mut self, folder: &Path, stem: &str, what: &str, ending: &str, source: &str) -> String {
        if let Some(name) = self.old(folder, &format!("{stem}{what}"), ending, source) {
            self.taken.insert(name.to_lowercase());
            self.replaceable.insert(name.clone());
            return name;
        }
        let key = format!("{stem}{what}.{ending}").to_lowercase();
        let first = self.next.get(&key).copied().unwrap_or(1);
        for serial in first.. {
            let number = if serial == 1 { String::new() } else { format!("{serial}") };
            let name = format!("{stem}{what}{number}.{ending}");
            if self.taken.contains(&name.to_lowercase()) || folder.join(&name).symlink_metadata().is_ok() {
                continue;
            }
            self.taken.insert(name.to_lowercase());
            self.next.insert(key, serial.saturating_add(1));
            return name;
        }
        stem.to_owned()
    }

    /// The name that `source` had, where the file is still as it was written.
    fn old(&self, folder: &Path, begins: &str, ending: &str, source: &str) -> Option<String> {
        let is_kind = |name: &str| {
            let serial = name.strip_prefix(begins).and_then(|rest| rest.strip_suffix(ending)?.strip_suffix('.'));
            serial.is_some_and(|serial| serial.bytes().all(|digit| digit.is_ascii_digit()))
        };
        let names = self.of_source.get(source)?.iter().filter(|name| is_kind(name) && !self.taken.contains(&name.to_lowercase()));
        names
            .filter(|name| {
                let path = folder.join(name);
                let written = self.known.get(*name).map_or("", |(_, written)| written.as_str());
                path.symlink_metadata().is_ok_and(|metadata| metadata.is_file()) && is_digest(&path, written)
            })
            .min_by_key(|name| (name.len(), name.as_str()))
            .cloned()
    }

    fn may_replace(&self, name: &str) -> bool {
        self.replaceable.contains(name)
    }

    /// Notes what was written.
    fn wrote(&mut self, path: &Path, name: &str, source: &str) {
        let digest = digest(path).map(|digest| digest.sha256).unwrap_or_default();
        self.known.insert(name.to_owned(), (source.to_owned(), digest));
    }

    fn text(&self) -> String {
        let receipts: serde_json::Map<String, Value> =
            self.known.iter().map(|(name, (source, digest))| (name.clone(), json!({"file": source, "sha256": digest}))).collect();
        format!("{:#}\n", json!({"receipts": receipts}))
    }
}

fn is_digest(path: &Path, wanted: &str) -> bool {
    digest(path).is_ok_and(|digest| digest.sha256 == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_in_the_folder() {
        for (source, wanted) in [
            ("收件/汇总.xlsx", "汇总"),
            ("信.eml › ../../etc/passwd", "passwd"),
            ("信.eml › C:\\Users\\a\\表.xlsx", "表"),
            ("信.eml › CON.xlsx", "_CON"),
            ("信.eml › com1.表.xlsx", "_com1.表"),
            ("信.eml › ..", "收到的文件"),
            ("信.eml › a:b?.csv", "a_b_"),
            ("信.eml › .xlsx", "收到的文件"),
        ] {
            assert_eq!(stem(source), wanted, "{source}");
        }
        assert_eq!(stem(&format!("{}.csv", "长".repeat(300))).chars().count(), LONGEST);
    }
}
