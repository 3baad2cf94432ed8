//! `attachment scan`: a folder of received files reconciled with the works: what is new, changed, gone or somewhere else, whose it is,
//! and, if asked, other names. Files are known again by their place, and where that is gone by their digest.
//!
//! Decision worth knowing: the scan and the renames are two operations. Renames are written down before the first file is touched, so
//! that after a crash the next scan knows which files may have either name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::attachment::ScanArgs;
use super::attachment_files::{self as files, Lying, Skipped};
use super::attachment_report as report;
use super::context::{Context, Outcome};
use super::entry::category as category_named;
use crate::domain::attachment::{Attachment, FileRecord, How, Link, Match, MatchedBy, Matcher, Query, Rename, file_findings, renames};
use crate::domain::entry::{Entry, EntrySummary};
use crate::domain::finding::Finding;
use crate::domain::organization::Organization;
use crate::domain::problem::Severity;
use crate::domain::rules::ContestRules;
use crate::domain::values::{AttachmentId, CategoryId, EntryId};
use crate::error::{AppError, io_cause};
use crate::store::attachments::{self, BegunRename};
use crate::store::db::Db;
use crate::store::{entries, organizations};

/// Where a scanned file lies.
pub(super) fn place(file: &Attachment) -> PathBuf {
    file.file.path.split('/').fold(PathBuf::from(&file.file.folder), |path, name| path.join(name))
}

/// What became of a file in a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    New,
    Changed,
    Unchanged,
    Gone,
}

impl Change {
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
            Self::Gone => "gone",
        }
    }
}

/// A file of the scanned folder with what was found out.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) file: Attachment,
    pub(super) change: Change,
    pub(super) how: Option<How>,
    pub(super) candidates: Vec<EntryId>,
}

/// Everything that a scan reads beside the folder.
pub(super) struct Facts {
    pub(super) rules: ContestRules,
    pub(super) works: Vec<Entry>,
    summaries: Vec<EntrySummary>,
    pub(super) units: Vec<Organization>,
    known: Vec<Attachment>,
    begun: Vec<BegunRename>,
    scanned: Vec<String>,
}

/// What a scan came to.
pub(super) struct Scan {
    pub(super) seen: Vec<Seen>,
    pub(super) skipped: Vec<Skipped>,
    /// Files outside the folder: of mails, of other folders.
    elsewhere: Vec<Attachment>,
    pub(super) findings: Vec<Finding>,
    pub(super) renames: Vec<(Rename, Option<String>)>,
    scanned: Vec<String>,
}

/// Runs `attachment scan`.
///
/// # Errors
/// The folder does not exist or cannot be read, a category does not exist, nobody is there to confirm, or the contest cannot be written.
pub(super) fn scan(context: &mut Context, args: &ScanArgs) -> Result<Outcome, AppError> {
    let path = context.path(&args.folder);
    let shown = args.folder.display().to_string();
    let folder = std::path::absolute(&path).map_err(|error| AppError::io(format!("找不到文件夹：{shown}"), &error))?;
    let text = folder.to_str().map(str::to_owned).ok_or_else(|| AppError::usage(format!("文件夹的名称含有无法识别的字：{shown}")))?;
    if !folder.is_dir() {
        let error = if folder.exists() {
            AppError::usage(format!("这不是文件夹：{shown}"))
        } else {
            AppError::not_found(format!("找不到文件夹：{shown}"))
        };
        return Err(error.hint("写上收到的材料所在的文件夹，例如 dasai attachment scan 材料"));
    }
    if let Some(path) = &args.export {
        super::export::check_for_several(context, path, args.force)?;
    }
    let mut db = context.open()?;
    let facts = facts(context, &db)?;
    let categories = args.category.iter().map(|text| category_named(&facts.rules, text)).collect::<Result<Vec<_>, _>>()?;
    let lain = files::look(&folder, &mut context.ui.progress(None, "查找文件"))
        .map_err(|error| AppError::io(format!("文件夹打不开：{shown}"), &error))?;
    let mut scan = plan(context, &facts, &text, &folder, lain, &categories, args.rehash);
    let mut messages = Vec::new();
    if args.rename {
        scan.renames = planned_renames(&facts, &scan);
        let count = scan.renames.iter().filter(|(rename, _)| rename.obstacle.is_none()).count();
        if count > 0 && !context.dry_run {
            if context.ui.terminal.stdin && !context.ui.yes && context.ui.format == crate::output::ui::Format::Table {
                context.ui.show(&crate::domain::listing::Document::of(report::renames(&scan.renames)))?;
            }
            if !context.ui.confirm(&format!("把 {count} 个文件改名？"))? {
                scan.renames.clear();
                messages.push("没有改名".to_owned());
            }
        }
    }
    if context.dry_run {
        messages.push("试运行：什么都没有写入，文件也没有改名".to_owned());
    } else {
        write(context, &mut db, &facts, &mut scan, &shown)?;
        if scan.renames.iter().any(|(rename, _)| rename.obstacle.is_none()) {
            rename(context, &mut db, &facts, &mut scan)?;
            scan.findings = findings(&facts, &scan, &categories);
        }
    }
    let listings = report::listings(&facts, &scan);
    if let Some(path) = &args.export {
        let shown = super::export::write_listings(context, path, args.force, &facts.rules, "材料核对", "内部资料", &listings)?;
        messages.push(super::export::saved(context, &shown));
    }
    let mut outcome = Outcome::of(report::document(&facts, &scan, &shown, listings));
    outcome.has_findings = scan.findings.iter().any(|finding| finding.severity == Severity::Error);
    outcome.messages = messages;
    Ok(outcome)
}

fn facts(context: &mut Context, db: &Db) -> Result<Facts, AppError> {
    let reader = db.reader()?;
    let mut known = attachments::list(&reader)?;
    let begun = attachments::begun_renames(&reader)?;
    // A rename that a crash cut off was done if the new name is there and the old one is not.
    for rename in &begun {
        let Some(file) = known.iter_mut().find(|file| file.id == rename.attachment && file.file.path == rename.old_path) else { continue };
        let mut moved = file.clone();
        moved.file.path.clone_from(&rename.new_path);
        if place(&moved).symlink_metadata().is_ok() && place(file).symlink_metadata().is_err() {
            file.file.path = moved.file.path;
        }
    }
    Ok(Facts {
        rules: context.rules(&reader)?,
        works: entries::list(&reader)?,
        summaries: entries::summaries(&reader)?,
        units: organizations::list(&reader)?,
        scanned: attachments::scanned(&reader)?,
        known,
        begun,
    })
}

/// What the folder holds, compared with what is known. Writes nothing.
fn plan(context: &Context, facts: &Facts, text: &str, folder: &Path, lain: files::Lain, categories: &[CategoryId], rehash: bool) -> Scan {
    let mut known: BTreeMap<PathBuf, Attachment> = BTreeMap::new();
    let mut elsewhere = Vec::new();
    for file in &facts.known {
        let path = place(file);
        if file.file.source.is_none() && path.starts_with(folder) {
            known.insert(path, file.clone());
        } else {
            elsewhere.push(file.clone());
        }
    }
    let mut skipped = lain.skipped;
    let (mut seen, mut strangers) = (Vec::new(), Vec::new());
    let total: u64 = lain.files.iter().map(|file| file.size / 1024).sum();
    let mut progress = context.ui.progress(Some(total), "读取材料（KB）");
    for lying in lain.files {
        let before = known.remove(&lying.path);
        let is_same = |file: &Attachment| file.file.size == lying.size && file.file.modified == lying.modified && lying.modified.is_some();
        if let Some(file) = before.as_ref().filter(|file| !rehash && is_same(file)) {
            progress.inc(lying.size / 1024);
            seen.push((file.clone(), before.clone()));
            continue;
        }
        match files::read(&lying.path, &mut progress) {
            Ok(content) => {
                let record = record(text, &lying, &content, before.as_ref());
                match before {
                    Some(mut file) => {
                        let old = file.clone();
                        file.file = record;
                        seen.push((file, Some(old)));
                    }
                    None => strangers.push(record),
                }
            }
            Err(error) => {
                skipped.push(Skipped { path: lying.name.clone(), reason: format!("文件打不开：{}", io_cause(&error)) });
                seen.extend(before.map(|file| (file.clone(), Some(file))));
            }
        }
    }
    drop(progress);
    // A file that was moved or renamed is known by its content: first within the folder, then from folders that are no longer there.
    let mut lost: Vec<Attachment> = known.into_values().collect();
    let mut vanished: BTreeMap<String, bool> = BTreeMap::new();
    let (moved, stay): (Vec<Attachment>, Vec<Attachment>) = elsewhere.into_iter().partition(|file| {
        file.file.source.is_none() && *vanished.entry(file.file.folder.clone()).or_insert_with(|| !Path::new(&file.file.folder).exists())
    });
    let mut elsewhere = stay;
    let home = moved.iter().map(|file| file.id).collect::<BTreeSet<_>>();
    lost.extend(moved);
    lost.sort_by_key(|file| file.id);
    let mut next = facts.known.iter().map(|file| file.id.0).max().unwrap_or_default();
    for record in strangers {
        // Empty files are all alike: one is known again only where there is one to know.
        let is_telling = record.size > 0 || lost.iter().filter(|file| file.file.size == 0).count() == 1;
        let is_it = |file: &Attachment| file.file.sha256 == record.sha256 && (is_telling || file.file.path == record.path);
        let found = lost
            .iter()
            .position(|file| is_it(file) && file.file.path == record.path)
            .or_else(|| lost.iter().position(|file| is_it(file) && file.file.name() == record.name()))
            .or_else(|| lost.iter().position(is_it));
        if let Some(place) = found {
            let old = lost.remove(place);
            seen.push((Attachment { file: record, ..old.clone() }, Some(old)));
        } else {
            next = next.saturating_add(1);
            let new = Attachment {
                id: AttachmentId(next),
                file: record,
                link: Link::default(),
                seen_at: context.now,
                missing: false,
                came_in: String::new(),
            };
            seen.push((new, None));
        }
    }
    let works: Vec<EntrySummary> =
        facts.summaries.iter().filter(|work| categories.is_empty() || categories.contains(&work.category)).cloned().collect();
    let matcher = Matcher::new(&facts.rules, &works, &facts.units);
    let own: BTreeSet<EntryId> = works.iter().map(|work| work.id).collect();
    let is_foreign = |entry: Option<EntryId>| entry.is_some_and(|id| !own.contains(&id));
    let mut rows: Vec<Seen> = Vec::new();
    for (mut file, before) in seen {
        file.missing = false;
        let (mut how, mut candidates) = (None, Vec::new());
        // What staff said stands, and so does what belongs to a category that was not asked for.
        if file.link.matched != Some(MatchedBy::Hand) && (categories.is_empty() || !is_foreign(file.link.entry)) {
            let found: Match = matcher.find(&Query { path: &file.file.path, file_type: file.file.file_type, companions: &[] });
            (file.link, how, candidates) = (found.link, Some(found.how), found.candidates);
        }
        let change = match &before {
            None => Change::New,
            Some(old) if *old == file && !is_begun(facts, old) => Change::Unchanged,
            Some(_) => Change::Changed,
        };
        if change != Change::Unchanged {
            file.seen_at = context.now;
        }
        rows.push(Seen { file, change, how, candidates });
    }
    for file in lost {
        if home.contains(&file.id) {
            elsewhere.push(file);
        } else {
            let change = if file.missing { Change::Unchanged } else { Change::Gone };
            rows.push(Seen { file: Attachment { missing: true, ..file }, change, how: None, candidates: Vec::new() });
        }
    }
    rows.sort_by(|left, right| (&left.file.file.path, left.file.id).cmp(&(&right.file.file.path, right.file.id)));
    elsewhere.sort_by_key(|file| file.id);
    let mut scanned: BTreeSet<String> = facts.scanned.iter().cloned().collect();
    let asked = facts.rules.categories.iter().map(|category| &category.id).filter(|id| categories.is_empty() || categories.contains(id));
    if rows.iter().any(|row| !row.file.missing) {
        scanned.extend(asked.map(ToString::to_string));
    }
    let scanned = scanned.into_iter().collect();
    let mut scan = Scan { seen: rows, skipped, elsewhere, findings: Vec::new(), renames: Vec::new(), scanned };
    scan.findings = findings(facts, &scan, categories);
    scan
}

/// Whether the row must be written because the crash of a rename left it behind.
fn is_begun(facts: &Facts, file: &Attachment) -> bool {
    facts.begun.iter().any(|rename| rename.attachment == file.id)
}

fn record(folder: &str, lying: &Lying, content: &files::Content, before: Option<&Attachment>) -> FileRecord {
    // A file that is known under another folder's name keeps its place.
    let (folder, path) = before.map_or((folder, lying.name.as_str()), |file| (file.file.folder.as_str(), file.file.path.as_str()));
    FileRecord {
        folder: folder.to_owned(),
        path: path.to_owned(),
        source: None,
        size: content.size,
        modified: lying.modified,
        sha256: content.sha256.clone(),
        file_type: content.inspected.file_type,
        condition: content.inspected.condition,
    }
}

impl Scan {
    /// All files as the contest will hold them.
    pub(super) fn all(&self) -> Vec<Attachment> {
        self.seen.iter().map(|seen| seen.file.clone()).chain(self.elsewhere.iter().cloned()).collect()
    }
}

fn findings(facts: &Facts, scan: &Scan, categories: &[CategoryId]) -> Vec<Finding> {
    let mut found = file_findings(&facts.rules, &facts.works, &scan.all(), &scan.scanned);
    found.retain(|finding| {
        facts.works.get(finding.entry).is_some_and(|entry| categories.is_empty() || categories.contains(&entry.category))
    });
    found
}

fn planned_renames(facts: &Facts, scan: &Scan) -> Vec<(Rename, Option<String>)> {
    let here: BTreeSet<AttachmentId> = scan.seen.iter().map(|seen| seen.file.id).collect();
    renames(&facts.rules, &facts.works, &scan.all())
        .into_iter()
        .filter(|rename| here.contains(&rename.id))
        .map(|rename| (rename, None))
        .collect()
}

/// Writes the scan, as one operation if there is anything to write.
fn write(context: &Context, db: &mut Db, facts: &Facts, scan: &mut Scan, shown: &str) -> Result<(), AppError> {
    let count = |change: Change| scan.seen.iter().filter(|seen| seen.change == change).count();
    let (new, changed, gone) = (count(Change::New), count(Change::Changed), count(Change::Gone));
    // A rename that a crash cut off in another folder waits for a scan of that folder.
    let begun: Vec<AttachmentId> = facts.begun.iter().map(|rename| rename.attachment).collect();
    let begun: Vec<AttachmentId> = scan.seen.iter().map(|seen| seen.file.id).filter(|id| begun.contains(id)).collect();
    if new + changed + gone == 0 && scan.scanned == facts.scanned && begun.is_empty() {
        return Ok(());
    }
    let tx = context.operation(db)?;
    let mut real: BTreeMap<AttachmentId, AttachmentId> = BTreeMap::new();
    for seen in &mut scan.seen {
        match seen.change {
            Change::New => {
                let id = attachments::insert(&tx, &seen.file.file, &seen.file.link, context.now)?;
                real.insert(seen.file.id, id);
                seen.file.id = id;
            }
            Change::Changed | Change::Gone => attachments::update(&tx, &seen.file)?,
            Change::Unchanged => {}
        }
    }
    for (rename, _) in &mut scan.renames {
        rename.id = real.get(&rename.id).copied().unwrap_or(rename.id);
    }
    if scan.scanned != facts.scanned {
        attachments::set_scanned(&tx, &scan.scanned)?;
    }
    attachments::end_renames(&tx, begun)?;
    let parts = [("新登记", new), ("更新", changed), ("不见", gone)].into_iter().filter(|(_, count)| *count > 0);
    let parts: Vec<String> = parts.map(|(word, count)| format!("{word} {count} 个文件")).collect();
    let what = if parts.is_empty() { "文件没有变化".to_owned() } else { parts.join("，") };
    tx.finish(&format!("核对材料 {shown}：{what}"))?;
    Ok(())
}

/// Renames the planned files on the disk, and records what was done.
fn rename(context: &Context, db: &mut Db, facts: &Facts, scan: &mut Scan) -> Result<(), AppError> {
    let begun: Vec<BegunRename> = scan
        .renames
        .iter()
        .filter(|(rename, _)| rename.obstacle.is_none())
        .map(|(rename, _)| BegunRename { attachment: rename.id, old_path: rename.old_path.clone(), new_path: rename.new_path.clone() })
        .collect();
    attachments::begin_renames(db, &begun)?;
    let mut done: BTreeMap<AttachmentId, String> = BTreeMap::new();
    for (rename, failure) in scan.renames.iter_mut().filter(|(rename, _)| rename.obstacle.is_none()) {
        let Some(seen) = scan.seen.iter().find(|seen| seen.file.id == rename.id) else { continue };
        let mut target = seen.file.clone();
        target.file.path.clone_from(&rename.new_path);
        match files::rename(&place(&seen.file), &place(&target)) {
            Ok(()) => {
                done.insert(rename.id, rename.new_path.clone());
            }
            Err(error) => *failure = Some(io_cause(&error)),
        }
    }
    let tx = context.operation(db)?;
    let works: Vec<EntrySummary> = facts.summaries.clone();
    let matcher = Matcher::new(&facts.rules, &works, &facts.units);
    for seen in &mut scan.seen {
        let Some(path) = done.get(&seen.file.id) else { continue };
        seen.file.file.path.clone_from(path);
        if seen.file.link.matched == Some(MatchedBy::Name) {
            let found = matcher.find(&Query { path, file_type: seen.file.file.file_type, companions: &[] });
            seen.how = Some(found.how);
        }
        attachments::update(&tx, &seen.file)?;
    }
    attachments::end_renames(&tx, begun.iter().map(|rename| rename.attachment))?;
    tx.finish(&format!("把 {} 个材料文件改名（撤销只改回登记，不改磁盘上的文件名；撤销后再核对一次）", done.len()))?;
    Ok(())
}
