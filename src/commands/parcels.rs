//! Owns how received files, mails and archives, and what is in them on all levels, reach their readers, and what becomes of each part.
//! Refuses to know how a mail or archive is cut open (`formats::mail`, `formats::archive`) and how a table is read.
//!
//! Decisions worth knowing: all that came in a mail was received when the outermost mail was sent. Parcels are opened in the order of
//! their dates, so that of two versions the later comes last; files without a date come after them, in their own order.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::files::{Digest, Found, digest, has_ending, hexadecimal, is_table_name, may_hold_rows};
use super::import::{Import, Table};
use super::import_report::FileReport;
use super::mail_attachments::Pending;
use super::receiving::Origin;
use crate::domain::attachment::FileRecord;
use crate::domain::problem::Problem;
use crate::domain::values::EntryId;
use crate::error::{AppError, io_cause};
use crate::formats::archive::{self, Archive, ArchiveFault, Entry, EntryFault, EntryKind};
use crate::formats::file_type::{self, Inspected};
use crate::formats::mail::{self, Envelope, MailFault, Part, PartKind};
use crate::formats::parcel_problems::ParcelFault;
use crate::formats::problems::{Fault, FileFault};
use crate::formats::registration::Unreadable;
use crate::formats::spool::{Budget, SpoolFolder, Spooled};
use crate::store::sources::Source;

/// Mails and archives in one another deeper than this are not opened.
const DEEPEST: u32 = 8;
/// How far a sender's clock may be ahead.
const CLOCK: SignedDuration = SignedDuration::from_hours(24);

/// A file or a part, on its way to its reader.
struct Item {
    path: PathBuf,
    shown: String,
    is_named: bool,
    digest: Digest,
    /// What it came in.
    parent: Option<Rc<Origin>>,
    /// When it was received, if that is known.
    received: Option<Timestamp>,
    /// Its name in what it came in, with its folders there.
    name: String,
    /// The names of the archives around it, each followed by `/`.
    around: String,
    depth: u32,
}

/// Files by the dates of those that are mails, the earliest first; the others after them, as they stand.
pub(super) fn in_order(files: Vec<Found>) -> Vec<Found> {
    let date = |found: &Found| {
        let is_mail_like = found.is_named || !is_table_name(&found.shown);
        let envelope = if is_mail_like { mail::peek(&found.path).ok().flatten() } else { None };
        envelope.and_then(|envelope| envelope.date).unwrap_or(Timestamp::MAX)
    };
    let mut dated: Vec<(Timestamp, Found)> = files.into_iter().map(|found| (date(&found), found)).collect();
    dated.sort_by_key(|(date, _)| *date);
    dated.into_iter().map(|(_, found)| found).collect()
}

impl Import<'_> {
    /// Receives one file of the command line or of a folder.
    pub(super) fn received(&mut self, found: Found) -> Result<(), AppError> {
        let digest = match digest(&found.path) {
            Ok(digest) => digest,
            Err(error) => {
                let mut report = FileReport::new(found.shown);
                if error.kind() == std::io::ErrorKind::NotFound {
                    report.unreadable("I101", "找不到该文件".to_owned(), "请检查文件名和所在文件夹".to_owned());
                } else {
                    report.unreadable(
                        "I102",
                        format!("文件打不开：{}", io_cause(&error)),
                        "检查权限，关闭正在使用它的 Excel 或 WPS 后重试".to_owned(),
                    );
                }
                self.report.push(report);
                return Ok(());
            }
        };
        let mut budget = Budget::of(digest.size);
        let Found { path, shown, is_named } = found;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let item = Item { path, shown, is_named, digest, parent: None, received: self.received_at, name, around: String::new(), depth: 0 };
        self.item(item, &mut budget)?;
        Ok(())
    }

    /// Receives a file or a part, whatever it is; the works that it brought.
    fn item(&mut self, item: Item, budget: &mut Budget) -> Result<BTreeSet<EntryId>, AppError> {
        let envelope = mail::envelope(&item.digest.head);
        let is_archive = archive::is_archive(&item.digest.head);
        if envelope.is_none() && !is_archive {
            return self.leaf(item);
        }
        if item.depth > DEEPEST {
            return Ok(self.refuse(item, ParcelFault::TooDeep, ""));
        }
        if let Some(envelope) = envelope {
            return self.mail(item, &envelope, budget);
        }
        match Archive::open(&item.path) {
            Ok(Some(archive)) => self.archive(&item, archive, budget),
            Ok(None) => self.leaf(item),
            // A broken workbook is an archive without a directory, too; the readers of tables have the better words for it.
            Err(ArchiveFault::Damaged) if is_table_name(&item.shown) => self.leaf(item),
            Err(ArchiveFault::Damaged) => Ok(self.refuse(item, ParcelFault::Damaged, "")),
            Err(ArchiveFault::TooMany) => Ok(self.refuse(item, ParcelFault::TooMany, "")),
            Err(ArchiveFault::Overlapping) => Ok(self.refuse(item, ParcelFault::Bomb, "")),
            Err(ArchiveFault::Io(error)) => Ok(self.refuse(item, ParcelFault::Damaged, &io_cause(&error))),
        }
    }

    /// Reports an item that is not read.
    fn refuse(&mut self, item: Item, fault: ParcelFault, detail: &str) -> BTreeSet<EntryId> {
        let problem = fault.at(&item.shown, detail);
        let mut report = FileReport::new(item.shown);
        report.failed(problem);
        self.report.push(report);
        BTreeSet::new()
    }

    /// Receives what is neither a mail nor an archive: a table, or a file that belongs to a work.
    fn leaf(&mut self, item: Item) -> Result<BTreeSet<EntryId>, AppError> {
        let mut report = FileReport::new(item.shown.clone());
        let ends_with = |ending: &str| has_ending(Path::new(&item.shown), &[ending]);
        if item.digest.head.starts_with(b"\xD0\xCF\x11\xE0") && ends_with("msg") {
            return Ok(self.refuse(item, ParcelFault::OutlookMail, ""));
        }
        if ends_with("eml") {
            return Ok(self.refuse(item, ParcelFault::Truncated, ""));
        }
        if !item.is_named && !may_hold_rows(&item.shown, &item.digest.head) {
            self.attachment(item, false);
            return Ok(BTreeSet::new());
        }
        let origin = Rc::new(self.origin(&item, Envelope::default()));
        let Table { read, works, rows } = self.table(&item.path, &origin, &mut report)?;
        let is_attachment = !item.is_named
            && match &read {
                Err(unreadable) => is_no_form(unreadable, &item.shown),
                Ok(sheets) => {
                    // A text that is no table is a script; a document without a form says so itself.
                    let is_empty = sheets.iter().all(|sheet| sheet.kind.is_none() && sheet.rows == 0);
                    let has_no_form =
                        sheets.iter().flat_map(|sheet| &sheet.problems).any(|problem| problem.code == Fault::NoForm.texts().0);
                    is_empty && (has_no_form || ends_with("txt"))
                }
            };
        if is_attachment {
            self.attachment(item, false);
            return Ok(works);
        }
        if let Some(receipts) = &mut self.receipts {
            receipts.table(&item.path, &origin, rows, read.clone(), self.folder.as_ref())?;
        }
        match read {
            Ok(sheets) => report.sheets(sheets),
            Err(unreadable) => report.unreadable(unreadable.code, unreadable.message, unreadable.hint),
        }
        self.report.push(report);
        Ok(works)
    }

    /// Keeps a part that is no form until it is known whose it is. A loose file is for `attachment scan`.
    fn attachment(&mut self, item: Item, is_picture: bool) -> usize {
        let Item { path, shown, digest, parent, name, around, .. } = item;
        let Some(origin) = parent else {
            return self.report.push(FileReport::loose(shown));
        };
        // What cannot be looked into is of no known type.
        let Inspected { file_type, condition } = File::open(&path).and_then(|mut file| file_type::inspect(&mut file)).unwrap_or_default();
        let line = self.report.push(FileReport::attachment(shown));
        let Digest { size, sha256, .. } = digest;
        let record = FileRecord { folder: String::new(), path: name, source: None, size, modified: None, sha256, file_type, condition };
        self.pending.push(Pending::new(line, record, origin, around, is_picture));
        line
    }

    fn origin(&self, item: &Item, envelope: Envelope) -> Origin {
        let source = Source {
            path: item.shown.clone(),
            size: item.digest.size,
            sha256: item.digest.sha256.clone(),
            received_at: item.received.unwrap_or(self.now),
            sender: envelope.sender,
            subject: envelope.subject,
        };
        Origin::new(source, item.parent.clone())
    }

    fn folder(&mut self) -> Result<Rc<SpoolFolder>, AppError> {
        if let Some(folder) = &self.folder {
            return Ok(Rc::clone(folder));
        }
        let folder =
            SpoolFolder::new().map_err(|error| AppError::io("不能建立临时文件夹", &error).hint("检查系统的临时文件夹和磁盘空间"))?;
        let folder = Rc::new(folder);
        self.folder = Some(Rc::clone(&folder));
        Ok(folder)
    }

    /// Receives a mail and all that is in it.
    fn mail(&mut self, mut item: Item, envelope: &Envelope, budget: &mut Budget) -> Result<BTreeSet<EntryId>, AppError> {
        let folder = self.folder()?;
        let mut problems = Vec::new();
        if item.received.is_none() {
            let (received, problem) = self.receipt(envelope, &item.shown);
            item.received = Some(received);
            problems.extend(problem);
        }
        let mail = match mail::unpack(&item.path, &folder, budget) {
            Ok(mail) => mail,
            Err(error) => return Ok(self.refuse(item, ParcelFault::Truncated, &io_cause(&error))),
        };
        problems.extend(mail.fault.map(|fault| {
            let fault = match fault {
                MailFault::Truncated => ParcelFault::Truncated,
                MailFault::TooMany => ParcelFault::TooMany,
                MailFault::OverBudget => ParcelFault::OverBudget,
            };
            fault.at(&item.shown, "")
        }));
        if mail.parts.is_empty() && mail.fault.is_none() {
            problems.push(ParcelFault::NoAttachments.at(&item.shown, ""));
        }
        let line = self.report.push(FileReport::parcel(item.shown.clone(), "mail", "eml"));
        let origin = Rc::new(self.origin(&item, mail.envelope));
        let (mut works, first) = (BTreeSet::new(), self.pending.len());
        for part in by_date(mail.parts, |part| (part.kind == PartKind::Mail).then(|| part.content.head.clone())) {
            let Part { name, is_named, kind, is_cut, content } = part;
            let shown = format!("{} › {name}", item.shown);
            if !is_named && kind == PartKind::Attachment {
                problems.push(ParcelFault::Unnamed.at(&item.shown, &name));
            }
            match kind {
                // Half a table would bring half a title.
                PartKind::Attachment | PartKind::Mail if is_cut => {
                    let mut report = FileReport::new(shown.clone());
                    report.failed(ParcelFault::CutPart.at(&shown, ""));
                    self.report.push(report);
                }
                PartKind::Inline => {
                    self.attachment(Self::part(&item, &origin, name, &content), true);
                }
                PartKind::Signature => {
                    self.report.push(FileReport::skipped(shown));
                }
                PartKind::Tnef => {
                    let mut report = FileReport::new(shown.clone());
                    report.failed(ParcelFault::Tnef.at(&shown, ""));
                    self.report.push(report);
                }
                PartKind::Attachment | PartKind::Mail => works.extend(self.item(Self::part(&item, &origin, name, &content), budget)?),
            }
        }
        self.close(&origin, line, problems, "mail", &works, first)?;
        Ok(works)
    }

    /// Receives an archive and all that is in it.
    fn archive(&mut self, item: &Item, mut archive: Archive, budget: &mut Budget) -> Result<BTreeSet<EntryId>, AppError> {
        let folder = self.folder()?;
        let line = self.report.push(FileReport::parcel(item.shown.clone(), "archive", "zip"));
        let origin = Rc::new(self.origin(item, Envelope::default()));
        let (mut works, first) = (BTreeSet::new(), self.pending.len());
        let entries: Vec<Entry> = archive.entries().iter().filter(|entry| entry.kind != EntryKind::Folder).cloned().collect();
        for entry in by_date(entries, |entry| has_ending(Path::new(&entry.name), &["eml"]).then(|| archive.head(entry))) {
            let shown = format!("{} › {}", item.shown, entry.name);
            if matches!(entry.kind, EntryKind::System | EntryKind::Link) {
                let fault = if entry.kind == EntryKind::Link { ParcelFault::Link } else { ParcelFault::SystemFile };
                let mut report = FileReport::skipped(shown.clone());
                report.note(fault.at(&shown, ""));
                self.report.push(report);
                continue;
            }
            let problem = entry.is_unsafe.then(|| ParcelFault::UnsafeName.at(&shown, ""));
            match archive.extract(&entry, &folder, budget) {
                Ok(content) => {
                    let next = self.report.next_line();
                    works.extend(self.item(Self::part(item, &origin, entry.name.clone(), &content), budget)?);
                    if let Some(problem) = problem {
                        self.report.note(next, problem);
                    }
                }
                Err(fault) => {
                    let (fault, detail) = match &fault {
                        EntryFault::Encrypted => (ParcelFault::Encrypted, String::new()),
                        EntryFault::UnknownMethod => (ParcelFault::UnknownMethod, String::new()),
                        EntryFault::Damaged => (ParcelFault::Damaged, String::new()),
                        EntryFault::Repetitive => (ParcelFault::Bomb, String::new()),
                        EntryFault::OverBudget => (ParcelFault::OverBudget, String::new()),
                        EntryFault::Io(error) => (ParcelFault::Damaged, io_cause(error)),
                    };
                    let mut report = FileReport::new(shown.clone());
                    report.failed(fault.at(&shown, &detail));
                    if let Some(problem) = problem {
                        report.note(problem);
                    }
                    self.report.push(report);
                }
            }
        }
        self.close(&origin, line, Vec::new(), "archive", &works, first)?;
        Ok(works)
    }

    /// A part that was taken out of `whole`.
    fn part(whole: &Item, origin: &Rc<Origin>, name: String, content: &Spooled) -> Item {
        let around = if origin.source.sender.is_empty() && origin.source.subject.is_empty() {
            format!("{}{}/", whole.around, whole.name)
        } else {
            whole.around.clone()
        };
        Item {
            path: content.path().to_owned(),
            shown: format!("{} › {name}", whole.shown),
            is_named: false,
            digest: Digest { size: content.size, sha256: hexadecimal(&content.sha256), head: content.head.clone() },
            parent: Some(Rc::clone(origin)),
            received: whole.received,
            name,
            around,
            depth: whole.depth + 1,
        }
    }

    /// Ends a mail or archive: what is no form came with the works of the innermost one that brought any.
    fn close(
        &mut self,
        origin: &Origin,
        line: usize,
        problems: Vec<Problem>,
        kind: &str,
        works: &BTreeSet<EntryId>,
        first: usize,
    ) -> Result<(), AppError> {
        if !works.is_empty() {
            let works = works.iter().copied().collect();
            for pending in self.pending.iter_mut().skip(first) {
                pending.came_with(&works);
            }
        }
        for problem in problems {
            self.report.note(line, problem);
        }
        if let (Some(tx), Some(id)) = (self.receiving.tx(), origin.id()) {
            crate::store::sources::describe(tx, id, kind, if kind == "mail" { "eml" } else { "zip" })?;
        }
        Ok(())
    }

    /// When a mail was received: when it was sent, if its date can be true; else when the receiving server took it; else now.
    fn receipt(&self, envelope: &Envelope, shown: &str) -> (Timestamp, Option<Problem>) {
        let year = self.rules.contest.year.and_then(|year| year.checked_sub(1));
        let first_day =
            year.and_then(|year| Date::new(year, 1, 1).ok()).and_then(|day| day.to_zoned(self.rules.contest.timezone.clone()).ok());
        let earliest = first_day.map_or(Timestamp::MIN, |day| day.timestamp());
        let latest = self.now.checked_add(CLOCK).unwrap_or(Timestamp::MAX);
        let can_be = |moment: &Timestamp| (earliest..=latest).contains(moment);
        if let Some(date) = envelope.date.filter(can_be) {
            return (date, None);
        }
        let words = match (envelope.date, envelope.received.filter(can_be)) {
            (_, Some(_)) => "以收信服务器的时间为准",
            _ => "以导入的时间为收到的时间",
        };
        let problem = ParcelFault::UnclearDate.at(shown, words);
        (envelope.received.filter(can_be).unwrap_or(self.now), Some(problem))
    }
}

/// Parts by the dates of those that are mails, the earliest first; the others after them, as they stand. `head` gives the first bytes of
/// what may be a mail.
fn by_date<T>(parts: Vec<T>, mut head: impl FnMut(&T) -> Option<Vec<u8>>) -> Vec<T> {
    let mut dated: Vec<(Timestamp, T)> = parts
        .into_iter()
        .map(|part| {
            let envelope = head(&part).and_then(|head| mail::envelope(&head));
            (envelope.and_then(|envelope| envelope.date).unwrap_or(Timestamp::MAX), part)
        })
        .collect();
    dated.sort_by_key(|(date, _)| *date);
    dated.into_iter().map(|(_, part)| part).collect()
}

/// Whether a file that is no table is one that works bring along: a scan, a film, a text, not a broken or locked form.
fn is_no_form(unreadable: &Unreadable, shown: &str) -> bool {
    let is = |faults: &[FileFault]| faults.iter().any(|fault| fault.texts().0 == unreadable.code);
    is(&[FileFault::Pdf, FileFault::Picture, FileFault::Word])
        || (!is_table_name(shown)
            && is(&[FileFault::Empty, FileFault::UnknownEncoding, FileFault::OpenDocument, FileFault::WebPage, FileFault::UnknownOffice]))
}
