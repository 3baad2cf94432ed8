//! `import`: received tables into the contest, all files of a command in one operation. How a row becomes a work is
//! `commands::receiving` and `domain::intake`; mails and archives are `commands::parcels`; how tables are read is
//! `formats::registration`; what is printed is `import_report`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use clap::{Args, ValueEnum};
use jiff::Timestamp;

use super::context::{Context, Outcome};
use super::files::{Collected, Found};
use super::import_mappings;
use super::import_questions;
use super::import_report::{FileReport, ImportReport};
use super::mail_attachments::Pending;
use super::moments;
use super::parcels;
use super::reading::read_ahead;
use super::receipts::{Receipts, ReceivedRow};
use super::receiving::{Origin, ReceivedFile, Receiving, Target};
use super::recommendation_import::Awaiting;
use super::selection;
use crate::domain::field::Field;
use crate::domain::rules::ContestRules;
use crate::domain::values::EntryId;
use crate::error::{AppError, io_cause};
use crate::formats::headers;
use crate::formats::parcel_problems::ParcelFault;
use crate::formats::registration::{Kind, ReadOptions, SheetReport, Unreadable};
use crate::formats::spool::SpoolFolder;
use crate::output::progress::Progress;
use crate::output::ui::Format;
use crate::store::db::Reader;
use crate::store::db::StoreError;
use crate::store::sources::{self, Mapping};

/// Arguments of `import`.
#[derive(Debug, Args)]
#[command(after_help = "示例：
  dasai import 收件/ --dry-run
  dasai import 汇总表.xlsx
  dasai import 更正.csv --update
  dasai import --mappings
  dasai import 报名.xlsx --kind registrations
  dasai import 汇总.csv --map '报送单位=recommender'
  dasai import 汇总.xls --dry-run --repairs
  dasai import 收件/ --receipts 回执")]
pub struct ImportArgs {
    /// 要导入的文件或文件夹（文件夹连同其中的文件夹；先按日期读邮件，其余按名称）
    #[arg(required_unless_present_any = ["mappings", "forget"], value_name = "路径")]
    paths: Vec<PathBuf>,
    /// 内容：entries 作品申报，registrations 在线报名，recommendations 推荐表；不写则自动辨认
    #[arg(long, value_name = "内容")]
    kind: Option<KindArg>,
    /// 指明某一列的含义，可写多次；同样表头的文件以后照此办理
    #[arg(long = "map", value_name = "列名=字段")]
    maps: Vec<String>,
    /// 列出 --map 记住的列名
    #[arg(long, conflicts_with_all = ["paths", "maps", "forget"])]
    mappings: bool,
    /// 不再记住这个列名，或这个表头（--mappings 所列的代号）的各列名；可写多次
    #[arg(long, value_name = "列名或表头", conflicts_with_all = ["paths", "maps"])]
    forget: Vec<String>,
    /// 已有作品的值与表中不同时，采用表中的值
    #[arg(long)]
    update: bool,
    /// 逐格列出整理过的内容（默认只说每种有几处）
    #[arg(long)]
    repairs: bool,
    /// 连工作人员更正过的各项也采用表中的值（与 --update 同用）
    #[arg(long, requires = "update")]
    over_corrections: bool,
    /// 收到的时间（默认：邮件用发送日期，其他文件用现在），如 2024-07-05 或 2024-07-05T17:30
    #[arg(long, value_name = "时间")]
    received_at: Option<String>,
    /// 另为每个收到的文件写回执：标出需补正处的副本和可发回的回复，放在这个文件夹
    #[arg(long, value_name = "文件夹")]
    receipts: Option<PathBuf>,
}

/// Kinds as typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum KindArg {
    Entries,
    Registrations,
    Recommendations,
}

/// Reads files and puts their rows into the contest or into quarantine.
///
/// # Errors
/// Wrong usage, no file could be read, or the contest cannot be written.
pub fn run(context: &mut Context, args: &ImportArgs) -> Result<Outcome, AppError> {
    if args.mappings {
        return import_mappings::list(context);
    }
    if !args.forget.is_empty() {
        return import_mappings::forget(context, &args.forget);
    }
    let maps = args.maps.iter().map(|text| mapping(text)).collect::<Result<Vec<_>, _>>()?;
    let mut titles = Vec::new();
    for (title, _) in &maps {
        selection::once(&mut titles, title, title)?;
    }
    let mut db = context.open()?;
    let receipts = args.receipts.as_deref().map(|folder| Receipts::new(&context.folder, folder, &args.paths)).transpose()?;
    let collected = Collected::new(context, &args.paths);
    let asked = if maps.is_empty() && context.ui.can_ask() { questions(context, &collected.files)? } else { Vec::new() };
    let files = parcels::in_order(collected.files);
    let counts_files = files.len() > 1;
    let progress = context.ui.progress(counts_files.then_some(files.len() as u64), "导入");
    let target = if context.dry_run { Target::Try(db.reader()?) } else { Target::Write(context.operation(&mut db)?) };
    // Under the lock: an import that waited for another command goes by what that one left.
    let rules = context.rules(target.reader())?;
    let received_at = args.received_at.as_ref().map(|text| moments::moment("--received-at", text, &rules)).transpose()?;
    let receiving = Receiving::new(target, &rules, args.update)?.over_corrections(args.over_corrections);
    let mut import = Import {
        remembered: sources::mappings(receiving.reader())?,
        receiving,
        rules: &rules,
        kind: args.kind.map(|kind| match kind {
            KindArg::Entries => Kind::Entries,
            KindArg::Registrations => Kind::Registrations,
            KindArg::Recommendations => Kind::Recommendations,
        }),
        maps,
        asked,
        lists_repairs: args.repairs,
        received_at,
        now: context.now,
        progress,
        counts_files,
        report: ImportReport { lists_repairs: args.repairs, ..ImportReport::default() },
        folder: None,
        pending: Vec::new(),
        receipts,
        recommendations: Vec::new(),
    };
    for (shown, error) in &collected.closed {
        let mut file = FileReport::new(shown.clone());
        file.unreadable("I102", format!("文件夹打不开：{}", io_cause(error)), "检查文件夹的权限后重试".to_owned());
        import.report.push(file);
    }
    let no_files = collected.no_files.into_iter().map(|shown| (shown, ParcelFault::Link));
    for (shown, fault) in collected.passed_over.into_iter().map(|shown| (shown, ParcelFault::SystemFile)).chain(no_files) {
        let mut file = FileReport::skipped(shown.clone());
        file.note(fault.at(&shown, ""));
        import.report.push(file);
    }
    for found in files {
        import.received(found)?;
        if counts_files {
            import.progress.inc(1);
        }
    }
    import.settle_recommendations(args.update)?;
    import.settle_attachments()?;
    let (receiving, report, receipts) = import.end();
    let has_written = receiving.has_written;
    receiving.finish(&report.summary())?;
    let written = match receipts {
        Some(receipts) if context.dry_run => Some(receipts.planned()),
        Some(receipts) => Some(receipts.write(&db.reader()?, &rules, context.now)?),
        None => None,
    };
    let mut document = report.document(context.ui.format == Format::Table);
    if let Some(written) = &written {
        document = document.listing(written.listing());
    }
    let failed = if report.nothing_readable() { Some(report.failure()) } else { written.and_then(|written| written.failure()) };
    if let Some(failed) = failed {
        context.ui.show(&document)?;
        return Err(failed);
    }
    let mut outcome = Outcome::of(document);
    outcome.has_findings = report.has_findings();
    if context.dry_run {
        outcome = outcome.message("试运行：什么都没有写入。去掉 --dry-run 即正式导入");
    } else if !has_written {
        outcome = outcome.message("没有新内容，大赛文件没有改动");
    }
    Ok(outcome)
}

/// What staff say that ambiguous titles mean. Asked through an opening of its own: an answer holds whatever others do meanwhile.
fn questions(context: &mut Context, files: &[Found]) -> Result<Vec<(String, Field)>, AppError> {
    let db = context.open()?;
    let (rules, known) = {
        let reader = db.reader()?;
        (context.rules(&reader)?, of_headers(&sources::mappings(&reader)?))
    };
    import_questions::ask(context, &rules, known, files)
}

/// An import under way. Mails and archives are taken apart in `parcels`.
pub(super) struct Import<'a> {
    pub(super) receiving: Receiving<'a>,
    pub(super) rules: &'a ContestRules,
    kind: Option<Kind>,
    maps: Vec<(String, Field)>,
    /// What staff answered of titles of one of the files.
    asked: Vec<(String, Field)>,
    lists_repairs: bool,
    remembered: Vec<Mapping>,
    /// The time of receipt that the command line gives; else mails have their own, and other files have now.
    pub(super) received_at: Option<Timestamp>,
    pub(super) now: Timestamp,
    progress: Progress,
    counts_files: bool,
    pub(super) report: ImportReport,
    /// Where parts go, made when the first mail or archive comes.
    pub(super) folder: Option<Rc<SpoolFolder>>,
    pub(super) pending: Vec<Pending>,
    pub(super) receipts: Option<Receipts>,
    pub(super) recommendations: Vec<Awaiting>,
}

impl<'a> Import<'a> {
    /// Ends the reading.
    fn end(self) -> (Receiving<'a>, ImportReport, Option<Receipts>) {
        (self.receiving, self.report, self.receipts)
    }

    /// Receives one table. A file that cannot be read is reported and keeps no other from being received. Returns what was read, or
    /// why nothing was, and the works that its rows became or met.
    pub(super) fn table(&mut self, path: &Path, origin: &Rc<Origin>, report: &mut FileReport) -> Result<Table, AppError> {
        let options = ReadOptions {
            kind: self.kind,
            mappings: self.maps.clone(),
            remembered: self.asked.clone(),
            of_headers: of_headers(&self.remembered),
            lists_repairs: self.lists_repairs,
        };
        let shown = origin.source.path.clone();
        let mut file = ReceivedFile::new(Rc::clone(origin));
        let (mut works, mut rows) = (BTreeSet::new(), Vec::new());
        let wants_rows = self.receipts.is_some();
        let counts_rows = !self.counts_files;
        let Self { receiving, progress, rules, .. } = self;
        let read = read_ahead(path, &shown, rules, &options, &mut |row| {
            if counts_rows {
                progress.inc(1);
            }
            let received = receiving.receive(&mut file, row)?;
            works.extend(received.work);
            if wants_rows {
                rows.push(ReceivedRow::from(&received));
            }
            report.receive(received);
            Ok::<(), StoreError>(())
        })?;
        if let Ok(sheets) = &read {
            self.describe(origin, sheets)?;
            self.await_recommendations(origin, sheets);
        }
        Ok(Table { read, works, rows })
    }

    /// Keeps what the file turned out to be, and the mappings that its headers were read with.
    fn describe(&mut self, origin: &Origin, sheets: &[SheetReport]) -> Result<(), AppError> {
        let mut new = Vec::new();
        for sheet in sheets.iter().filter(|sheet| sheet.rows > 0 && !sheet.header_fingerprint.is_empty()) {
            let is_there = |(title, field): &&(String, Field)| {
                let title = headers::normalise(title);
                sheet.fields.iter().any(|place| place.field == *field && headers::normalise(&place.title) == title)
            };
            for (title, field) in self.maps.iter().chain(&self.asked).filter(is_there) {
                let mapping = Mapping { header: sheet.header_fingerprint.clone(), title: title.clone(), field: field.key().to_owned() };
                if !self.remembered.contains(&mapping) && !new.contains(&mapping) {
                    new.push(mapping);
                }
            }
        }
        self.receiving.has_written |= !new.is_empty();
        let Some(tx) = self.receiving.tx() else {
            return Ok(());
        };
        for mapping in &new {
            sources::remember(tx, mapping)?;
        }
        if !new.is_empty() {
            self.remembered = sources::mappings(self.receiving.reader())?;
        }
        if let Some(id) = origin.id() {
            let first = sheets.iter().find(|sheet| sheet.rows > 0).or(sheets.first());
            let kind = first.and_then(|sheet| sheet.kind).map_or("", kind_key);
            sources::describe(tx, id, kind, first.map_or("", |sheet| sheet.encoding.as_str()))?;
        }
        Ok(())
    }
}

/// What became of a table.
pub(super) struct Table {
    /// Its sheets, or why it is no table.
    pub(super) read: Result<Vec<SheetReport>, Unreadable>,
    /// The works that its rows became or met.
    pub(super) works: BTreeSet<EntryId>,
    /// Its rows, where receipts are wanted.
    pub(super) rows: Vec<ReceivedRow>,
}

/// The key of a kind in JSON and in the contest file.
pub(super) fn kind_key(kind: Kind) -> &'static str {
    match kind {
        Kind::Entries => "entries",
        Kind::Registrations => "registrations",
        Kind::Recommendations => "recommendations",
    }
}

/// What is remembered of the titles of headers.
fn of_headers(remembered: &[Mapping]) -> Vec<(String, String, Field)> {
    let known = |mapping: &Mapping| Some((mapping.header.clone(), mapping.title.clone(), Field::from_key(&mapping.field)?));
    remembered.iter().filter_map(known).collect()
}

/// What is remembered of column titles, for a row whose header is not known any more.
///
/// # Errors
/// The contest cannot be read.
pub(super) fn remembered(reader: &Reader<'_>) -> Result<Vec<(String, Field)>, AppError> {
    Ok(clear(&sources::mappings(reader)?))
}

/// The titles that always had the same meaning; one that was given different meanings in different tables is not decided by memory.
fn clear(remembered: &[Mapping]) -> Vec<(String, Field)> {
    let mut clear: Vec<(String, Field)> = Vec::new();
    for mapping in remembered {
        let is_clear = remembered.iter().all(|other| other.title != mapping.title || other.field == mapping.field);
        if let (true, Some(field)) = (is_clear, Field::from_key(&mapping.field))
            && clear.iter().all(|(title, _)| *title != mapping.title)
        {
            clear.push((mapping.title.clone(), field));
        }
    }
    clear
}

/// `列名=字段`, the field by its key or its name.
fn mapping(text: &str) -> Result<(String, Field), AppError> {
    let fault = |message: String| {
        let fields: Vec<String> = Field::ALL.iter().map(|field| format!("{}（{}）", field.key(), field.label())).collect();
        AppError::usage(message)
            .hint("写成 --map '列名=字段'，例如 --map '报送单位=organization'")
            .hint(format!("字段有：{}", fields.join("、")))
    };
    // The last one parts them: a title may have one of its own, a field has none.
    let (title, name) = text.rsplit_once(selection::EQUALS).ok_or_else(|| fault(format!("--map 的写法不对：{text}")))?;
    let (title, name) = (title.trim(), name.trim());
    match selection::field(name) {
        Some(field) if !title.is_empty() => Ok((title.to_owned(), field)),
        Some(_) => Err(fault(format!("--map 没有写列名：{text}"))),
        None => Err(fault(format!("--map 里没有“{name}”这个字段"))),
    }
}
