//! `quarantine`: rows that could not be accepted: listed, shown as they came, tried again with today's rules and mappings (and with
//! values that staff type), or put aside with a reason. No row is ever dropped.

use clap::{Args, Subcommand};
use serde_json::{Map, Value};

use super::context::{Context, Outcome};
use super::entry::read_typed;
use super::import;
use super::problems as problem_views;
use super::receiving::{Received, ReceivedFile, Receiving, Target, problems_json};
use super::{recommendation_import, selection};
use crate::domain::field::Field;
use crate::domain::listing::{Audience, Cell, Column, Document, Item, Listing};
use crate::domain::organization::Registration;
use crate::domain::privacy::{masked_field, masked_text};
use crate::domain::problem::{Place, Severity};
use crate::domain::rules::ContestRules;
use crate::error::AppError;
use crate::formats::headers::{Meaning, meaning, normalise};
use crate::formats::registration::{Kind, ReadOptions};
use crate::formats::reread::reread;
use crate::store::db::Reader;
use crate::store::entries;
use crate::store::sources::{self, QuarantineState, Quarantined};

/// Sub-commands of `quarantine`.
#[derive(Debug, Subcommand)]
pub enum QuarantineCommand {
    /// 列出隔离的行
    #[command(visible_alias = "列出", alias = "列表")]
    List(ListArgs),
    /// 查看一行：原样内容与未能接收的原因
    #[command(visible_alias = "查看")]
    Show(ShowArgs),
    /// 按现在的规则重新接收；可同时改正内容
    #[command(visible_alias = "重试")]
    Retry(RetryArgs),
    /// 弃置：不再处理，但仍留存
    #[command(visible_alias = "弃置")]
    Discard(DiscardArgs),
}

/// Arguments of `quarantine list`.
#[derive(Debug, Args)]
#[command(after_help = "示例：\n  dasai quarantine list\n  dasai quarantine list --all")]
pub struct ListArgs {
    /// 连同已接收的和已弃置的
    #[arg(long)]
    all: bool,
}

/// Arguments of `quarantine show`.
#[derive(Debug, Args)]
#[command(after_help = "示例：\n  dasai quarantine show 3\n  dasai quarantine show 3 --reveal")]
pub struct ShowArgs {
    /// 隔离区编号
    #[arg(value_name = "编号")]
    id: i64,
    /// 完整显示联系人、手机、邮箱、地址（平时隐去中间）
    #[arg(long)]
    reveal: bool,
}

/// Arguments of `quarantine retry`.
#[derive(Debug, Args)]
#[command(after_help = "示例：
  dasai quarantine retry
  dasai quarantine retry 3 --set category=演讲
  dasai quarantine retry 3 --set organization=上海示例有限公司 --set title=一颗螺丝钉")]
pub struct RetryArgs {
    /// 隔离区编号，可写多个；不写则重试全部
    #[arg(value_name = "编号")]
    ids: Vec<i64>,
    /// 改正的内容，可写多次；字段用英文代号或中文名称
    #[arg(long = "set", value_name = "字段=值")]
    values: Vec<String>,
    /// 已有此作品而值不同时，采用这一行的值
    #[arg(long)]
    update: bool,
}

/// Arguments of `quarantine discard`.
#[derive(Debug, Args)]
#[command(after_help = "示例：\n  dasai quarantine discard 3 --reason 表中的说明文字，不是作品")]
pub struct DiscardArgs {
    /// 隔离区编号，可写多个
    #[arg(required = true, value_name = "编号")]
    ids: Vec<i64>,
    /// 弃置的理由
    #[arg(long, value_name = "理由")]
    reason: String,
}

/// Runs a sub-command.
///
/// # Errors
/// A row does not exist or is settled already; the contest cannot be read or written.
pub fn run(context: &mut Context, command: QuarantineCommand) -> Result<Outcome, AppError> {
    match command {
        QuarantineCommand::List(args) => list(context, &args),
        QuarantineCommand::Show(args) => show(context, &args),
        QuarantineCommand::Retry(args) => retry(context, &args),
        QuarantineCommand::Discard(args) => discard(context, &args),
    }
}

fn list(context: &Context, args: &ListArgs) -> Result<Outcome, AppError> {
    let db = context.open()?;
    let reader = db.reader()?;
    let rows = sources::quarantined(&reader, (!args.all).then_some(QuarantineState::Open))?;
    let columns = vec![
        Column::new("id", "编号"),
        Column::new("file", "文件"),
        Column::new("sheet", "工作表"),
        Column::new("row", "行"),
        Column::new("kind", "内容").minor(),
        Column::new("problems", "原因").only(Audience::Scripts),
        Column::new("", "原因").only(Audience::People),
        Column::new("state", "状态"),
        Column::new("reason", "弃置理由"),
    ];
    let mut listing = Listing::new("quarantine", "隔离区", columns).when_empty("隔离区里没有待处理的行");
    for row in &rows {
        let problems = problems(row);
        let errors: Vec<&str> = problems.iter().filter(|problem| problem.is_error).map(|problem| problem.message.as_str()).collect();
        listing.push(vec![
            Cell::Integer(row.id),
            row.file.as_str().into(),
            row.sheet.as_str().into(),
            Cell::Integer(row.row.into()),
            kind_cell(&row.kind),
            Cell::List(problems.iter().map(|problem| problem.record.clone()).collect()),
            errors.join("；").into(),
            state_cell(row.state),
            row.reason.as_str().into(),
        ]);
    }
    if rows.iter().any(|row| row.state == QuarantineState::Open) {
        listing.notes.push("查看原样：dasai quarantine show 编号；改正后重新接收：dasai quarantine retry 编号 --set 字段=值".to_owned());
    }
    Ok(Outcome::of(Document::of(listing)))
}

fn show(context: &Context, args: &ShowArgs) -> Result<Outcome, AppError> {
    let db = context.open()?;
    let reader = db.reader()?;
    let row = find(sources::quarantined_by_id(&reader, args.id)?, args.id)?;
    let number = match row.entry {
        Some(id) => entries::by_id(&reader, id)?.map(|entry| entry.number.to_string()).unwrap_or_default(),
        None => String::new(),
    };
    let place = Place { file: row.file.clone(), sheet: row.sheet.clone(), row: Some(row.row), column: None };
    let mut document = Document::default()
        .value("id", "编号", Cell::Integer(row.id))
        .value("", "位置", place.to_string())
        .value("file", "", row.file.as_str())
        .value("sheet", "", row.sheet.as_str())
        .value("row", "", Cell::Integer(row.row.into()))
        .value("kind", "内容", kind_cell(&row.kind))
        .value("state", "状态", state_cell(row.state));
    if !row.reason.is_empty() {
        document = document.value("reason", "弃置理由", row.reason.as_str());
    }
    if !number.is_empty() {
        document = document.value("entry", "接收为作品", number);
    }
    let mut received = Listing::new("received", "原样内容", vec![Column::new("column", "列名"), Column::new("text", "内容")]);
    let mappings: Vec<(String, String)> =
        sources::mappings(&reader)?.into_iter().map(|mapping| (normalise(&mapping.title), mapping.field)).collect();
    for (title, text) in received_columns(&row) {
        let text = if args.reveal { text } else { masked_column(&title, &text, &mappings) };
        received.push(vec![title.into(), text.into()]);
    }
    let columns = vec![
        Column::new("code", "代码"),
        Column::new("severity", "级别"),
        Column::new("field", "项目"),
        Column::new("value", "内容"),
        Column::new("message", "说明"),
        Column::new("hint", "怎么办"),
    ];
    let mut reasons = Listing::new("problems", "未能接收的原因", columns);
    for problem in problems(&row) {
        reasons.push(problem.cells);
    }
    Ok(Outcome::of(document.listing(received).listing(reasons)))
}

/// The text of a received column as it may be shown. Many columns have a title that means nothing to us, and people write numbers
/// everywhere: what is not known to be personal is masked by its looks.
fn masked_column(title: &str, text: &str, mappings: &[(String, String)]) -> String {
    let wanted = normalise(title);
    let mapped = mappings.iter().filter(|(known, _)| *known == wanted).find_map(|(_, field)| Field::from_key(field));
    let field = mapped.or(if let Meaning::Field(field) = meaning(title) { Some(field) } else { None });
    match field {
        None | Some(Field::Remark | Field::Honors | Field::Opinion) => masked_text(text),
        Some(field) => masked_field(field, text),
    }
}

fn retry(context: &mut Context, args: &RetryArgs) -> Result<Outcome, AppError> {
    let typed = args.values.iter().map(|text| typed(text)).collect::<Result<Vec<_>, _>>()?;
    let mut named = Vec::new();
    for (field, _) in &typed {
        selection::once(&mut named, *field, field.label())?;
    }
    let ids = once(&args.ids);
    if !typed.is_empty() && ids.len() != 1 {
        return Err(AppError::usage("--set 一次只能改正一行").hint("写明一个编号，例如：dasai quarantine retry 3 --set category=演讲"));
    }
    let mut db = context.open()?;
    let target = if context.dry_run { Target::Try(db.reader()?) } else { Target::Write(context.operation(&mut db)?) };
    // Under the lock: whoever waited for another command goes by what that one left.
    let rules = context.rules(target.reader())?;
    let mappings = import::remembered(target.reader())?;
    let rows =
        if ids.is_empty() { sources::quarantined(target.reader(), Some(QuarantineState::Open))? } else { rows(target.reader(), &ids)? };
    if let Some(row) = rows.iter().find(|row| row.state == QuarantineState::Accepted) {
        return Err(AppError::refused(format!("隔离区 {} 号已经接收过了", row.id)).hint("查看还待处理的行：dasai quarantine list"));
    }
    for row in &rows {
        refuse_foreign(row, &typed)?;
        if !typed.is_empty() && row.kind != "recommendations" {
            read_typed(&rules, &typed, &Place { file: "命令行".to_owned(), ..Place::default() })?;
        }
    }
    let mut receiving = Receiving::new(target, &rules, args.update)?;
    let columns = vec![
        Column::new("id", "编号"),
        Column::new("file", "文件"),
        Column::new("row", "行"),
        Column::new("result", "结果"),
        Column::new("entry", "作品编号"),
        Column::new("problems", "问题").only(Audience::Scripts),
        Column::new("", "说明").only(Audience::People),
    ];
    let mut listing = Listing::new("quarantine", "重新接收", columns).when_empty("隔离区里没有待处理的行");
    let (mut accepted, mut refused, mut waiting) = (0_usize, 0_usize, 0_usize);
    for row in &rows {
        let received = retry_row(&mut receiving, row, &typed, &rules, &mappings, args.update)?;
        let counted = if received.tally.changed > 0 {
            &mut waiting
        } else if received.tally.quarantined > 0 {
            &mut refused
        } else {
            &mut accepted
        };
        *counted += 1;
        let result = if received.tally.changed > 0 {
            Cell::keyed("changed", "已有此作品，值不同，未采用，仍待处理")
        } else if received.tally.quarantined > 0 {
            Cell::keyed("quarantined", "仍不能接收")
        } else if received.tally.unchanged > 0 {
            Cell::keyed("unchanged", "已有此作品")
        } else if received.tally.updated > 0 {
            Cell::keyed("updated", "已有此作品，已采用这一行的值")
        } else {
            Cell::keyed("added", "已接收")
        };
        let work = match received.work {
            Some(id) => entries::by_id(receiving.reader(), id)?.map(|entry| Cell::text(entry.number.to_string())),
            None => None,
        };
        let messages: Vec<&str> = received.problems.iter().map(|problem| problem.message.as_str()).collect();
        listing.push(vec![
            Cell::Integer(row.id),
            row.file.as_str().into(),
            Cell::Integer(row.row.into()),
            result,
            work.unwrap_or_default(),
            Cell::List(received.problems.iter().map(problem_views::record).collect()),
            messages.join("；").into(),
        ]);
    }
    let differing = if waiting > 0 { format!("，值不同未采用 {waiting} 行") } else { String::new() };
    let counts = format!("接收 {accepted} 行{differing}，仍不能接收 {refused} 行");
    let left = if waiting > 0 { format!("，值不同未采用 {waiting}") } else { String::new() };
    receiving.finish(&format!("重新接收隔离的行：接收 {accepted}{left}，仍不能接收 {refused}"))?;
    let mut document = Document::of(listing);
    if !rows.is_empty() {
        document.items.push(Item::Note(counts));
    }
    if waiting > 0 {
        let note = "值不同而未采用的行：核对后加 --update 采用，或弃置这一行：dasai quarantine discard 编号 --reason 理由";
        document.items.push(Item::Note(note.to_owned()));
    }
    let mut outcome = Outcome::of(document);
    outcome.has_findings = refused + waiting > 0;
    Ok(if context.dry_run { outcome.message("试运行：什么都没有写入") } else { outcome })
}

/// Refuses a value that a row of its kind has no place for, or cannot take.
fn refuse_foreign(row: &Quarantined, typed: &[(Field, String)]) -> Result<(), AppError> {
    let has = |field: Field| match row.kind.as_str() {
        "recommendations" => recommendation_import::TITLES.iter().any(|(_, known)| *known == field),
        "registrations" => {
            let of_form = Registration::default().texts().into_iter().any(|(known, _)| known == field);
            of_form || field.belongs_to_organization() || matches!(field, Field::Organization | Field::ContactPosition)
        }
        _ => !matches!(field, Field::IntendedCategories | Field::Order | Field::Opinion),
    };
    for (field, text) in typed {
        if !has(*field) {
            let known: Vec<String> =
                Field::ALL.into_iter().filter(|field| has(*field)).map(|field| format!("{}（{}）", field.key(), field.label())).collect();
            return Err(AppError::usage(format!("隔离区 {} 号没有“{}”这一项，它是{}的一行", row.id, field.label(), kind_label(&row.kind)))
                .hint(format!("可改正的有：{}", known.join("、"))));
        }
        if *field == Field::Order && !text.is_empty() && text.parse::<u32>().is_err() {
            return Err(AppError::usage(format!("排序不是数字：{text}")).hint("写 1、2、3…，例如 --set order=1"));
        }
    }
    Ok(())
}

/// Whether a row still waits for staff: refused, or its other values of a known work were not taken.
fn stays_open(received: &Received) -> bool {
    received.tally.quarantined > 0 || received.tally.changed > 0
}

/// Tries one row again; what became of it is kept with the row.
fn retry_row(
    receiving: &mut Receiving<'_>,
    row: &Quarantined,
    typed: &[(Field, String)],
    rules: &ContestRules,
    mappings: &[(String, Field)],
    update: bool,
) -> Result<Received, AppError> {
    if row.kind == "recommendations" {
        let became = recommendation_import::retry(receiving, row, typed, rules, update)?;
        let received = Received {
            sheet: row.sheet.clone(),
            row: row.row,
            tally: became.tally,
            problems: became.problems,
            changes: Vec::new(),
            work: became.work,
        };
        return keep(receiving, row, typed, received);
    }
    let kind = if row.kind == "registrations" { Kind::Registrations } else { Kind::Entries };
    let options = ReadOptions { kind: Some(kind), remembered: mappings.to_vec(), ..ReadOptions::default() };
    let place = Place { file: row.file.clone(), sheet: row.sheet.clone(), row: Some(row.row), column: None };
    let mut read = reread(&received_columns(row), typed, &place, rules, &options);
    read.set_received(&row.received);
    let mut file = ReceivedFile::known(row.file.clone(), row.source, row.received_at);
    let received = receiving.receive_again(&mut file, read)?;
    keep(receiving, row, typed, received)
}

/// Keeps with the row what became of it.
fn keep(receiving: &mut Receiving<'_>, row: &Quarantined, typed: &[(Field, String)], received: Received) -> Result<Received, AppError> {
    let is_settled = !stays_open(&received);
    let problems = problems_json(&received.problems);
    // The reasons of the row as it came; a value that was only tried is no part of it.
    let has_other_reasons = !is_settled && typed.is_empty() && row.state == QuarantineState::Open && problems != row.problems;
    if let Some(tx) = receiving.tx() {
        if is_settled {
            sources::settle(tx, row.id, QuarantineState::Accepted, "", received.work)?;
        } else if has_other_reasons {
            sources::set_problems(tx, row.id, &problems)?;
        }
    }
    receiving.has_written |= is_settled || has_other_reasons;
    Ok(received)
}

fn discard(context: &Context, args: &DiscardArgs) -> Result<Outcome, AppError> {
    let reason = args.reason.trim();
    if reason.is_empty() {
        return Err(AppError::usage("弃置要写明理由").hint("例如：--reason 表中的说明文字，不是作品"));
    }
    let mut db = context.open()?;
    let mut listing = Listing::new(
        "quarantine",
        "弃置",
        vec![Column::new("id", "编号"), Column::new("file", "文件"), Column::new("row", "行"), Column::new("reason", "理由")],
    );
    let mut open = Vec::new();
    for row in rows(&db.reader()?, &once(&args.ids))? {
        if row.state == QuarantineState::Accepted {
            return Err(
                AppError::refused(format!("隔离区 {} 号已经接收过了，不能弃置", row.id)).hint("不再参赛的作品用 dasai entry withdraw")
            );
        }
        if row.state == QuarantineState::Discarded && row.reason == reason {
            continue;
        }
        open.push(row.id);
        listing.push(vec![Cell::Integer(row.id), row.file.into(), Cell::Integer(row.row.into()), reason.into()]);
    }
    if open.is_empty() {
        return Ok(Outcome::of(Document::note("这些行已经按这个理由弃置，没有改动")));
    }
    let document = Document::of(listing);
    if context.dry_run {
        return Ok(Outcome::of(document).message("试运行：什么都没有写入"));
    }
    let tx = context.operation(&mut db)?;
    for id in &open {
        sources::settle(&tx, *id, QuarantineState::Discarded, reason, None)?;
    }
    tx.finish(&format!("弃置隔离的 {} 行：{reason}", open.len()))?;
    Ok(Outcome::of(document).message("弃置的行仍留存：dasai quarantine list --all"))
}

fn find(row: Option<Quarantined>, id: i64) -> Result<Quarantined, AppError> {
    row.ok_or_else(|| AppError::not_found(format!("隔离区没有 {id} 号")).hint("查编号：dasai quarantine list --all"))
}

/// The numbers as typed, each once.
fn once(ids: &[i64]) -> Vec<i64> {
    let mut once: Vec<i64> = Vec::new();
    for id in ids {
        if !once.contains(id) {
            once.push(*id);
        }
    }
    once
}

/// The rows with these numbers.
fn rows(reader: &Reader<'_>, ids: &[i64]) -> Result<Vec<Quarantined>, AppError> {
    ids.iter().map(|id| find(sources::quarantined_by_id(reader, *id)?, *id)).collect()
}

/// `字段=值`, the field by its key or its name.
fn typed(text: &str) -> Result<(Field, String), AppError> {
    let (name, value) = selection::assignment(text, "category=演讲")?;
    selection::field(name).map(|field| (field, value.to_owned())).ok_or_else(|| {
        let known: Vec<String> = Field::ALL.iter().map(|field| format!("{}（{}）", field.key(), field.label())).collect();
        AppError::usage(format!("没有“{name}”这个字段")).hint(format!("字段有：{}", known.join("、")))
    })
}

/// The columns of a row as it was received.
fn received_columns(row: &Quarantined) -> Vec<(String, String)> {
    let columns: Map<String, Value> = serde_json::from_str(&row.received).unwrap_or_default();
    columns.into_iter().map(|(title, text)| (title, text.as_str().map_or_else(|| text.to_string(), str::to_owned))).collect()
}

/// A problem as it is kept with a quarantined row.
struct KeptProblem {
    is_error: bool,
    message: String,
    record: Cell,
    cells: Vec<Cell>,
}

fn problems(row: &Quarantined) -> Vec<KeptProblem> {
    let problems: Vec<Value> = serde_json::from_str(&row.problems).unwrap_or_default();
    let text = |problem: &Value, key: &str| problem.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    problems
        .iter()
        .map(|problem| {
            let severity = text(problem, "severity");
            let known = [Severity::Error, Severity::Warning, Severity::Info].into_iter().find(|known| known.key() == severity);
            let label = known.unwrap_or(Severity::Info).label();
            let field = Field::from_key(&text(problem, "field"));
            let cells = vec![
                text(problem, "code").into(),
                Cell::keyed(severity.as_str(), label),
                Cell::optional(field, |field| Cell::keyed(field.key(), field.label())),
                text(problem, "value").into(),
                text(problem, "message").into(),
                text(problem, "hint").into(),
            ];
            let keys = ["code", "severity", "field", "value", "message", "hint"].map(str::to_owned);
            let record = Cell::Record(keys.into_iter().zip(cells.clone()).collect());
            KeptProblem { is_error: severity == "error", message: text(problem, "message"), record, cells }
        })
        .collect()
}

fn kind_cell(kind: &str) -> Cell {
    Cell::keyed(kind, kind_label(kind))
}

fn kind_label(kind: &str) -> &'static str {
    match kind {
        "registrations" => "在线报名",
        "recommendations" => "推荐表",
        _ => "作品申报",
    }
}

fn state_cell(state: QuarantineState) -> Cell {
    Cell::keyed(state.key(), state_label(state))
}

/// The printed name of a state.
pub(super) fn state_label(state: QuarantineState) -> &'static str {
    match state {
        QuarantineState::Open => "待处理",
        QuarantineState::Accepted => "已接收",
        QuarantineState::Discarded => "已弃置",
    }
}
