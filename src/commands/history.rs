//! `log`, `undo`, `redo`, `backup`. What a logged row is called and which of its values are personal is `history_words`.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::context::{Context, Outcome};
use super::history_gates;
use super::history_words as words;
use crate::domain::command_word;
use crate::domain::listing::{Audience, Cell, Column, Document, Listing};
use crate::domain::values::OperationId;
use crate::error::AppError;
use crate::store::backup;
use crate::store::chain::{self, ChainState};
use crate::store::contest as contest_store;
use crate::store::db::{Db, OperationHeader, Reader, StoreError};
use crate::store::oplog::{self, Operation, RowChange, RowEvent};
use crate::store::undo::{Choice, Refusal, RowName, UndoError, take_back};

/// Arguments of `log`.
#[derive(Debug, Args)]
#[command(
    after_help = "示例：\n  dasai log\n  dasai log --actor 王老师 --since 2024-07-01\n  dasai log --operation 12\n  dasai log --verify\n  dasai log --exceptions --export 例外清单.xlsx"
)]
pub struct LogArgs {
    /// 最多显示多少条，0 为全部；看一次操作的变化时，是变化的行数
    #[arg(long, value_name = "条数", default_value_t = 20)]
    limit: usize,
    /// 只看这位操作人
    // The global flag of this name means the same person: nothing is written here, so it selects.
    #[arg(long, value_name = "姓名")]
    actor: Option<String>,
    /// 只看这个日期或时刻以后的操作
    #[arg(long, value_name = "日期")]
    since: Option<String>,
    /// 看这一次操作改了哪些行
    #[arg(long, value_name = "编号", conflicts_with_all = ["since", "verify"])]
    operation: Option<i64>,
    /// 核对整个日志的哈希链：有没有被改动、删减
    #[arg(long, conflicts_with = "since")]
    verify: bool,
    /// 例外清单：全部延期、豁免、逾期受理、破例受理，连同何人何时为何
    #[arg(long, conflicts_with_all = ["operation", "verify"])]
    exceptions: bool,
    /// 例外清单另存为文件（.xlsx .csv .json .md）
    #[arg(long, value_name = "文件", requires = "exceptions")]
    export: Option<PathBuf>,
    /// 另存的文件已存在时替换它
    #[arg(long, requires = "export")]
    force: bool,
}

/// Shows the log, one operation, or whether the log is as written.
///
/// # Errors
/// The file cannot be read, the operation does not exist, or the log was altered.
pub fn log(context: &mut Context, args: &LogArgs) -> Result<Outcome, AppError> {
    let db = context.open()?;
    let reader = db.reader()?;
    set_timezone(context, &reader);
    if args.verify {
        return verify(&reader);
    }
    let limit = if args.limit == 0 { usize::MAX } else { args.limit };
    if let Some(id) = args.operation {
        return details(&reader, OperationId(id), limit);
    }
    let since = args.since.as_deref().map(|text| moment(text, &context.ui.timezone)).transpose()?;
    let wanted = |operation: &Operation| {
        args.actor.as_ref().is_none_or(|actor| *actor == operation.actor) && since.is_none_or(|since| operation.at >= since)
    };
    if args.exceptions {
        return exceptions(context, &reader, args, wanted);
    }
    let mut found: Vec<Operation> = oplog::operations(&reader)?;
    found.retain(wanted);
    let hidden = found.len().saturating_sub(limit);
    let mut listing = operations_listing(found.iter().rev().take(limit)).when_empty("没有符合条件的操作");
    if hidden > 0 {
        listing.notes.push(format!("还有 {hidden} 次更早的操作；全部显示：dasai log --limit 0"));
    }
    Ok(Outcome::of(Document::of(listing)))
}

/// The ledger of exceptions, and a file of it where one is asked for.
fn exceptions(
    context: &mut Context,
    reader: &Reader<'_>,
    args: &LogArgs,
    wanted: impl Fn(&Operation) -> bool,
) -> Result<Outcome, AppError> {
    let rules = context.rules(reader)?;
    let listing = super::exceptions::listing(reader, &rules, wanted)?;
    let mut outcome = Outcome::of(Document::of(listing.clone()));
    if let Some(path) = &args.export {
        let shown = super::export::write_listings(context, path, args.force, &rules, "例外清单", "内部资料", &[listing])?;
        outcome = outcome.message(super::export::saved(context, &shown));
    }
    Ok(outcome)
}

fn operations_listing<'a>(operations: impl Iterator<Item = &'a Operation>) -> Listing {
    let columns = vec![
        Column::new("id", "编号"),
        Column::new("at", "时间"),
        Column::new("actor", "操作人"),
        Column::new("command", "命令").only(Audience::Scripts),
        Column::new("summary", "内容"),
        Column::new("kind", "类型").minor(),
        Column::new("target", "针对").minor(),
        Column::new("undone", "已撤销"),
        Column::new("changes", "行数").minor(),
    ];
    let mut listing = Listing::new("operations", "操作日志", columns);
    for operation in operations {
        listing.push(operation_cells(operation).into_iter().map(|(_, _, cell)| cell).collect());
    }
    listing
}

/// Key, title and value of everything about an operation, in the order of the listing.
fn operation_cells(operation: &Operation) -> [(&'static str, &'static str, Cell); 9] {
    [
        ("id", "编号", Cell::Integer(operation.id.0)),
        ("at", "时间", Cell::Moment(operation.at)),
        ("actor", "操作人", Cell::text(&operation.actor)),
        ("command", "命令", Cell::text(words::command(&operation.command))),
        ("summary", "内容", Cell::text(&operation.summary)),
        ("kind", "类型", Cell::keyed(operation.kind.key(), words::kind(operation.kind))),
        ("target", "针对", Cell::optional(operation.kind.target(), |target| Cell::Integer(target.0))),
        ("undone", "已撤销", Cell::Flag(operation.undone_by.is_some())),
        ("changes", "行数", Cell::Integer(i64::try_from(operation.changes).unwrap_or(i64::MAX))),
    ]
}

fn details(reader: &Reader<'_>, id: OperationId, limit: usize) -> Result<Outcome, AppError> {
    let operation = find(reader, id)?;
    let mut changes = oplog::changes(reader, id, limit.saturating_add(1))?;
    let more = changes.len() > limit;
    changes.truncate(limit);
    let columns = vec![
        Column::new("table", "数据"),
        Column::new("row", "行").only(Audience::Scripts),
        Column::new("last_row", "到行").only(Audience::Scripts),
        Column::new("name", "对象"),
        Column::new("kind", "变化"),
        Column::new("field", "字段"),
        Column::new("old", "原来"),
        Column::new("new", "现在"),
    ];
    let mut listing = Listing::new("changes", "改动的数据", columns).when_empty("没有改动任何数据");
    for change in &changes {
        push_change(&mut listing, change);
    }
    if more {
        listing.notes.push(format!("只显示了前 {limit} 行；全部显示：dasai log --operation {} --limit 0", id.0));
    }
    let record = operation_cells(&operation).into_iter().map(|(key, _, cell)| (key.to_owned(), cell)).collect();
    let mut document = Document::default().value("operation", "", Cell::Record(record));
    for (_, title, cell) in operation_cells(&operation) {
        if cell != Cell::Empty {
            document = document.value("", title, cell);
        }
    }
    Ok(Outcome::of(document.listing(listing)))
}

fn push_change(listing: &mut Listing, change: &RowChange) {
    let event = match change.event {
        RowEvent::Inserted => Cell::keyed("insert", "新增"),
        RowEvent::Updated => Cell::keyed("update", "修改"),
        RowEvent::Deleted => Cell::keyed("delete", "删除"),
    };
    let name = if change.row == change.last_row {
        Cell::text(&change.name)
    } else {
        Cell::text(format!("共 {} 行", i128::from(change.last_row) - i128::from(change.row) + 1))
    };
    let head =
        [Cell::keyed(change.table, words::table(change.table)), Cell::Integer(change.row), Cell::Integer(change.last_row), name, event];
    if change.columns.is_empty() {
        listing.push(head.to_vec());
    }
    for column in &change.columns {
        let mut row = head.to_vec();
        row.push(Cell::keyed(&column.column, words::column(change.table, &column.column)));
        row.push(words::value(change.table, &column.column, &column.old));
        row.push(words::value(change.table, &column.column, &column.new));
        listing.push(row);
    }
}

fn verify(reader: &Reader<'_>) -> Result<Outcome, AppError> {
    match chain::verify(reader)? {
        ChainState::Intact { operations } => Ok(Outcome::of(
            Document::default()
                .value("verified", "", Cell::Flag(true))
                .value("operation_count", "", Cell::count(operations))
                .line(format!("日志完整：{operations} 次操作的哈希链全部相符")),
        )),
        ChainState::Broken(id) => Err(AppError::damaged(format!("日志从第 {} 号操作起与哈希链不符：它或它的改动记录被改过", id.0))
            .hint("用其他程序改过大赛文件时会这样；请与备份比较：dasai --db 备份文件 log --verify")
            .hint(format!("查看该操作：dasai log --operation {}", id.0))),
        ChainState::Cut(id) => Err(AppError::damaged(format!("日志从第 {} 号操作起缺失：末尾的操作被删除了", id.0))
            .hint("用其他程序改过大赛文件时会这样；请与备份比较：dasai --db 备份文件 log --verify")),
    }
}

/// Arguments of `undo`.
#[derive(Debug, Args)]
#[command(after_help = "示例：\n  dasai undo\n  dasai undo 3\n  dasai undo --operation 12 --dry-run")]
pub struct UndoArgs {
    /// 撤销最近的几次操作
    #[arg(value_name = "次数", default_value_t = 1, value_parser = words::count)]
    count: usize,
    /// 只撤销这一次操作（编号见 dasai log）
    #[arg(long, value_name = "编号", conflicts_with = "count")]
    operation: Option<i64>,
}

/// Takes operations back.
///
/// # Errors
/// Later work depends on one of them, or the file cannot be written; then nothing was done.
pub fn undo(context: &mut Context, args: &UndoArgs) -> Result<Outcome, AppError> {
    let choice = args.operation.map_or(Choice::Undo(args.count), |id| Choice::Operation(OperationId(id)));
    revert(context, choice)
}

/// Arguments of `redo`.
#[derive(Debug, Args)]
#[command(after_help = "示例：\n  dasai redo\n  dasai redo 2\n  dasai redo --operation 17")]
pub struct RedoArgs {
    /// 重做最近撤销的几次操作
    #[arg(value_name = "次数", default_value_t = 1, value_parser = words::count)]
    count: usize,
    /// 只重做被撤销的这一号操作（之后有了新的操作也行）
    #[arg(long, value_name = "编号", conflicts_with = "count")]
    operation: Option<i64>,
}

/// Does again what was undone last.
///
/// # Errors
/// Later work stands in the way, or the file cannot be written; then nothing was done.
pub fn redo(context: &mut Context, args: &RedoArgs) -> Result<Outcome, AppError> {
    let choice = args.operation.map_or(Choice::Redo(args.count), |id| Choice::RedoOperation(OperationId(id)));
    revert(context, choice)
}

fn revert(context: &mut Context, choice: Choice) -> Result<Outcome, AppError> {
    let mut db = context.open()?;
    set_timezone(context, &db.reader()?);
    let rules_before = contest_store::rules_text(&db.reader()?)?;
    let header = OperationHeader { at: context.now, actor: context.actor.clone(), command: context.command_line.clone() };
    let taken = match take_back(&mut db, &header, choice, words::summary) {
        Ok(pending) => {
            history_gates::permit(&pending, &rules_before)?;
            // The trial itself is the plan: dropped here, nothing of it stays.
            if context.dry_run { Ok(pending.targets) } else { Ok(pending.commit()?) }
        }
        Err(UndoError::Store(error)) => return Err(error.into()),
        Err(UndoError::Refused(refusal)) => Err(refusal),
    };
    let targets = match taken {
        Ok(targets) => targets,
        Err(refusal) => return Err(refused(context, &db, choice, refusal)?),
    };
    let mut listing = operations_listing(targets.iter());
    let title = match (choice, context.dry_run) {
        (Choice::Redo(_) | Choice::RedoOperation(_), false) => "取消了这些撤销",
        (Choice::Redo(_) | Choice::RedoOperation(_), true) => "将取消这些撤销",
        (Choice::Undo(_) | Choice::Operation(_), false) => "撤销了这些操作",
        (Choice::Undo(_) | Choice::Operation(_), true) => "将撤销这些操作",
    };
    title.clone_into(&mut listing.title);
    for column in &mut listing.columns {
        if matches!(column.key.as_str(), "target" | "undone" | "kind") {
            column.audience = Audience::Scripts;
        }
    }
    let mut outcome = Outcome::of(Document::of(listing));
    if context.dry_run {
        outcome = outcome.message("只是预演，没有改动大赛文件");
    } else if matches!(choice, Choice::Redo(_) | Choice::RedoOperation(_)) {
        outcome = outcome.message("已重做；取消重做：dasai undo");
    } else {
        outcome = outcome.message("已撤销；取消撤销：dasai redo");
    }
    Ok(outcome)
}

/// A refusal in words: which later operation stands in the way, and what to type first.
fn refused(context: &Context, db: &Db, choice: Choice, refusal: Refusal) -> Result<AppError, AppError> {
    let reader = db.reader()?;
    let name = |id: OperationId| -> Result<String, AppError> {
        let operation = find(&reader, id)?;
        let at = operation.at.to_zoned(context.ui.timezone.clone()).strftime("%Y-%m-%d %H:%M");
        Ok(format!("第 {} 号操作（{at}，{}：{}）", id.0, operation.actor, operation.summary))
    };
    let row = |row: &RowName| words::row(&reader, row.table, row.row);
    let first = |error: AppError, by: OperationId, target: OperationId| {
        error.hint(format!("先撤销它：dasai undo --operation {}", by.0)).hint(format!("再撤销：dasai undo --operation {}", target.0))
    };
    Ok(match refusal {
        Refusal::Nothing if matches!(choice, Choice::Redo(_)) => AppError::refused("没有可以重做的操作").hint("查看操作日志：dasai log"),
        Refusal::Nothing => AppError::refused("没有可以撤销的操作").hint("查看操作日志：dasai log"),
        Refusal::NewerWork(undone, newer) => AppError::refused(format!("撤销之后又有新的操作：{}", name(newer)?)).hint(format!(
            "被撤销的是{}；确要重做：dasai redo --operation {}",
            name(undone)?,
            undone.0
        )),
        Refusal::NotUndone(id) => AppError::refused(format!("{}没有被撤销，不必重做", name(id)?)).hint("查看操作日志：dasai log"),
        Refusal::Unknown(id) => AppError::not_found(format!("没有第 {} 号操作", id.0)).hint("查看操作日志：dasai log"),
        Refusal::AlreadyUndone(id, by) => AppError::refused(format!("{}已经撤销过，不能再撤销", name(id)?)).hint(format!(
            "撤销它的是{}；要恢复，请输入：dasai undo --operation {}",
            name(by)?,
            by.0
        )),
        Refusal::FirstRules(id) => AppError::refused(format!("{}不能撤销：它建立了大赛的规则，没有规则就没有大赛", name(id)?))
            .hint("要从头再来，请另建一个大赛文件：dasai init 文件名"),
        Refusal::ChangedLater(id, later, example) => {
            let mut error = AppError::refused(format!("{}不能撤销：它改动的数据后来又被改过，例如{}", name(id)?, row(&example)?));
            for by in later.iter().take(5) {
                error = error.hint(format!("{}改了同样的数据，先撤销它：dasai undo --operation {}", name(*by)?, by.0));
            }
            if later.len() > 5 {
                error = error.hint(format!("另有 {} 次较早的操作也改了同样的数据", later.len() - 5));
            }
            error.hint(format!("再撤销：dasai undo --operation {}", id.0))
        }
        Refusal::Referred(id, Some(by), place) => {
            let message = format!("{}不能撤销：{}依赖它的数据，来自{}", name(id)?, row(&place)?, name(by)?);
            first(AppError::refused(message), by, id)
        }
        Refusal::Taken(id, Some(by), place) => {
            let message = format!("{}不能撤销：要恢复的数据已有同名的{}，来自{}", name(id)?, row(&place)?, name(by)?);
            first(AppError::refused(message), by, id)
        }
        Refusal::Referred(id, None, place) | Refusal::Taken(id, None, place) | Refusal::Altered(id, place) => {
            AppError::damaged(format!("{}不能撤销：{}与日志记载的不同，可能由其他程序改过", name(id)?, row(&place)?))
                .hint("核对日志：dasai log --verify")
                .hint("可以用最近的备份恢复，或直接用命令改回")
        }
    })
}

/// Arguments of `backup`.
#[derive(Debug, Args)]
#[command(after_help = "示例：\n  dasai backup\n  dasai backup D:\\备份\\2024年7月.bak")]
pub struct BackupArgs {
    /// 备份到这个文件，或这个文件夹（默认：大赛文件旁边，文件名带日期和时间）
    #[arg(value_name = "文件")]
    file: Option<PathBuf>,
}

/// Copies the contest file.
///
/// # Errors
/// Something is there already, the disk is full, or the contest file is damaged.
pub fn backup(context: &mut Context, args: &BackupArgs) -> Result<Outcome, AppError> {
    let db = context.open()?;
    set_timezone(context, &db.reader()?);
    let stamp = context.now.to_zoned(context.ui.timezone.clone()).strftime("%Y%m%d-%H%M%S");
    let mut name = db.path().file_name().unwrap_or_default().to_owned();
    // Not `.dasai` at the end: the folder would then hold two contests.
    name.push(format!(".{stamp}.bak"));
    let target = match &args.file {
        None => db.path().with_file_name(name),
        Some(path) if context.path(path).is_dir() => context.path(path).join(name),
        Some(path) => context.path(path),
    };
    let document = |size: Option<u64>| {
        let size = Cell::optional(size, |size| Cell::Integer(i64::try_from(size).unwrap_or(i64::MAX)));
        let record = vec![("path".to_owned(), Cell::text(target.display().to_string())), ("size".to_owned(), size)];
        Document::default().value("backup", "", Cell::Record(record))
    };
    // What is known beforehand is refused in a dry run too.
    if target.symlink_metadata().is_ok() {
        return Err(StoreError::Exists(target).into());
    }
    if let Some(folder) = target.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()) {
        return Err(AppError::not_found(format!("文件夹不存在：{}", folder.display())).hint("先建立这个文件夹，或换一个位置"));
    }
    if context.dry_run {
        return Ok(Outcome::of(
            document(None).line(format!("将备份到 {}", target.strip_prefix(&context.folder).unwrap_or(&target).display())),
        ));
    }
    let size = backup::write(&db, &target).map_err(|error| {
        if let StoreError::Io(error) = error {
            AppError::io(format!("无法备份到 {}", target.display()), &error).hint("检查文件夹是否存在、是否有写权限、磁盘是否已满")
        } else {
            error.into()
        }
    })?;
    let shown = target.strip_prefix(&context.folder).unwrap_or(&target);
    let note = format!("已备份到 {}（{size} 字节，已核对）；查看备份：dasai --db {} status", shown.display(), command_word::path(shown));
    Ok(Outcome::of(document(Some(size)).line(note)))
}

fn find(reader: &Reader<'_>, id: OperationId) -> Result<Operation, AppError> {
    oplog::operations(reader)?
        .into_iter()
        .find(|operation| operation.id == id)
        .ok_or_else(|| AppError::not_found(format!("没有第 {} 号操作", id.0)).hint("查看操作日志：dasai log"))
}

/// The contest's time zone; a damaged rules text must not keep anybody from the log.
fn set_timezone(context: &mut Context, reader: &Reader<'_>) {
    if context.rules(reader).is_err()
        && let Ok(shanghai) = TimeZone::get("Asia/Shanghai")
    {
        context.ui.timezone = shanghai;
    }
}

/// A date (its first moment), a wall clock, or a moment with its offset.
fn moment(text: &str, timezone: &TimeZone) -> Result<Timestamp, AppError> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(moment);
    }
    let local = text.parse::<DateTime>().or_else(|_| text.parse::<Date>().map(|date| date.at(0, 0, 0, 0)));
    local
        .ok()
        .and_then(|local| local.to_zoned(timezone.clone()).ok())
        .map(|zoned| zoned.timestamp())
        .ok_or_else(|| AppError::usage(format!("--since 不是日期：{text}")).hint("写成 2024-07-05 或 2024-07-05T14:00:00"))
}
