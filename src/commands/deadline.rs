//! `deadline`: when each stage closes, and the extensions that staff grant, with their reasons. What an extension does to a work is
//! `domain::extension`.
//!
//! Decision worth knowing: 申报 and 推荐 are judged by when something came, so their extension may end in the past (a form that came a day
//! late for good reason). 形式审查 is closed or open at this moment, so its extension must reach beyond it.

use std::collections::BTreeMap;

use clap::{Args, Subcommand, ValueEnum};

use super::context::{Context, Outcome};
use super::recommending::Recommending;
use super::{entry, moments, organization, recommending};
use crate::domain::extension::{Extension, Extensions, Scope, Stage};
use crate::domain::listing::{Cell, Column, Document, Listing};
use crate::domain::rules::{ContestRules, Deadline};
use crate::domain::values::OperationId;
use crate::error::AppError;
use crate::store::db::Reader;
use crate::store::oplog::{self, Operation};
use crate::store::{entries, extensions, organizations};

/// Sub-commands of `deadline`.
#[derive(Debug, Subcommand)]
pub enum DeadlineCommand {
    /// 列出各阶段的截止时间和已批准的延期
    #[command(visible_alias = "列出", alias = "列表", after_help = "示例：\n  dasai deadline list")]
    List,
    /// 批准延期：全体、一件作品、一个单位或一个推荐单位
    #[command(visible_alias = "延期")]
    Extend(ExtendArgs),
}

/// A stage as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum StageArg {
    /// 作品申报
    #[value(alias = "申报", alias = "作品申报")]
    Submission,
    /// 推荐
    #[value(alias = "推荐")]
    Recommendation,
    /// 形式审查
    #[value(alias = "形式审查", alias = "审查")]
    Screening,
}

impl From<StageArg> for Stage {
    fn from(typed: StageArg) -> Self {
        match typed {
            StageArg::Submission => Self::Submission,
            StageArg::Recommendation => Self::Recommendation,
            StageArg::Screening => Self::Screening,
        }
    }
}

/// Arguments of `deadline extend`.
#[derive(Debug, Args)]
#[command(after_help = "示例：
  dasai deadline extend screening --until 2024-07-20 --reason 平台故障两天
  dasai deadline extend 申报 --until 7月6日 --entry Y001 --reason 单位来函说明停电
  dasai deadline extend recommendation --until 2024-07-12T12:00 --recommender 黄浦区市场监督管理局 --reason 来电申请

只写日期的，当天 23:59:59 前都算按时。几项延期都适用时，以最晚的为准。")]
pub struct ExtendArgs {
    /// 哪个阶段
    #[arg(value_name = "阶段", value_enum)]
    stage: StageArg,
    /// 延到何时：日期，或日期和时刻
    #[arg(long, value_name = "时间")]
    until: String,
    /// 延期的理由，记入例外清单
    #[arg(long, value_name = "理由")]
    reason: String,
    /// 只为这一件作品
    #[arg(long, value_name = "作品编号", conflicts_with_all = ["organization", "recommender"])]
    entry: Option<String>,
    /// 只为这一单位的作品
    #[arg(long, value_name = "单位", conflicts_with = "recommender")]
    organization: Option<String>,
    /// 只为这一推荐单位的作品
    #[arg(long, value_name = "推荐单位")]
    recommender: Option<String>,
}

/// Runs a sub-command.
///
/// # Errors
/// A name or time cannot be understood, the extension would change nothing, or the contest cannot be read or written.
pub fn run(context: &mut Context, command: DeadlineCommand) -> Result<Outcome, AppError> {
    match command {
        DeadlineCommand::List => list(context),
        DeadlineCommand::Extend(args) => extend(context, &args),
    }
}

fn list(context: &mut Context) -> Result<Outcome, AppError> {
    let db = context.open()?;
    let reader = db.reader()?;
    let rules = context.rules(&reader)?;
    let granted = extensions::list(&reader)?;
    let index = Extensions::new(granted.iter().map(|granted| &granted.extension), &recommending::directory(&reader, &rules)?);
    let columns = vec![Column::new("stage", "阶段"), Column::new("rules", "规则的截止时间"), Column::new("until", "现在的截止时间")];
    let mut stages = Listing::new("deadlines", "截止时间", columns);
    for stage in Stage::ALL {
        let cell = |deadline: Option<Deadline>| Cell::optional(deadline, |deadline| printed(deadline).into());
        let until = cell(index.standing(&rules.deadlines, stage, &Scope::All));
        stages.push(vec![Cell::keyed(stage.key(), stage.label()), cell(stage.deadline(&rules.deadlines)), until]);
    }
    let operations = operations(&reader)?;
    let columns = vec![
        Column::new("stage", "阶段"),
        Column::new("scope", "范围"),
        Column::new("name", "对象"),
        Column::new("until", "延至"),
        Column::new("reason", "理由"),
        Column::new("at", "批准时间"),
        Column::new("actor", "操作人"),
        Column::new("operation", "操作").minor(),
    ];
    let mut listing = Listing::new("extensions", "已批准的延期", columns).when_empty("没有延期");
    for granted in &granted {
        let extension = &granted.extension;
        let (key, label, name) = scope_words(&reader, &extension.scope)?;
        let operation = operations.get(&granted.operation);
        listing.push(vec![
            Cell::keyed(extension.stage.key(), extension.stage.label()),
            Cell::keyed(key, label),
            name.into(),
            printed(extension.until).into(),
            extension.reason.as_str().into(),
            Cell::optional(operation, |operation| Cell::Moment(operation.at)),
            Cell::optional(operation, |operation| operation.actor.as_str().into()),
            Cell::Integer(granted.operation.0),
        ]);
    }
    Ok(Outcome::of(Document::of(stages).listing(listing)))
}

fn extend(context: &mut Context, args: &ExtendArgs) -> Result<Outcome, AppError> {
    let reason = args.reason.trim();
    if reason.is_empty() {
        return Err(AppError::usage("延期要写明理由").hint("加上 --reason 理由"));
    }
    let mut db = context.open()?;
    let (extension, standing, words) = {
        let reader = db.reader()?;
        let rules = context.rules(&reader)?;
        let stage = Stage::from(args.stage);
        if stage.deadline(&rules.deadlines).is_none() {
            return Err(AppError::refused(format!("规则没有给{}规定截止时间，无从延期", stage.label()))
                .hint("在规则的 [deadlines] 里写上日期：dasai rules edit"));
        }
        let until = moments::closing("--until", &args.until, &rules)?;
        let scope = scope(&reader, &rules, args)?;
        let index = recommending::extensions(&reader, &rules)?;
        let standing = index.standing(&rules.deadlines, stage, &scope);
        if let Some(standing) = standing.filter(|standing| until <= *standing) {
            return Err(AppError::refused(format!("{}的截止时间已经是 {}，不早于 {}", stage.label(), printed(standing), printed(until)))
                .hint("--until 要晚于现在的截止时间；查看：dasai deadline list"));
        }
        if stage == Stage::Screening && until.is_past(rules.local(context.now)) {
            return Err(AppError::refused(format!("{} 已经过去，延到那时等于没有延期", printed(until)))
                .hint("形式审查以操作的时刻为准：--until 要晚于现在"));
        }
        let words = scope_words(&reader, &scope)?;
        (Extension { stage, scope, until, reason: reason.to_owned() }, standing, words)
    };
    let (key, label, name) = words;
    let whom = if name.is_empty() { label.to_owned() } else { format!("{label} {name}") };
    let document = Document::default()
        .value("stage", "阶段", Cell::keyed(extension.stage.key(), extension.stage.label()))
        .value("scope", "范围", Cell::keyed(key, label))
        .value("name", if name.is_empty() { "" } else { "对象" }, Cell::text(name))
        .value("before", "原截止时间", Cell::optional(standing, |standing| printed(standing).into()))
        .value("until", "延至", printed(extension.until))
        .value("reason", "理由", reason);
    if context.dry_run {
        return Ok(Outcome::of(document).message("试运行：什么都没有写入"));
    }
    let tx = context.operation(&mut db)?;
    extensions::insert(&tx, &extension)?;
    tx.finish(&format!("{}延期至 {}（{whom}）：{reason}", extension.stage.label(), printed(extension.until)))?;
    Ok(Outcome::of(document))
}

fn scope(reader: &Reader<'_>, rules: &ContestRules, args: &ExtendArgs) -> Result<Scope, AppError> {
    if let Some(number) = &args.entry {
        return Ok(Scope::Entry(entry::find(reader, number)?.id));
    }
    if let Some(unit) = &args.organization {
        return Ok(Scope::Organization(organization::find(reader, unit)?.id));
    }
    match &args.recommender {
        Some(name) => Ok(Scope::Recommender(Recommending::read(reader, rules)?.who(name)?.name)),
        None => Ok(Scope::All),
    }
}

/// A scope's key, its word, and the name of what it is about.
pub(super) fn scope_words(reader: &Reader<'_>, scope: &Scope) -> Result<(&'static str, &'static str, String), AppError> {
    Ok(match scope {
        Scope::All => ("all", "全体", String::new()),
        Scope::Entry(id) => ("entry", "作品", entries::by_id(reader, *id)?.map_or_else(String::new, |entry| entry.number.to_string())),
        Scope::Organization(id) => ("organization", "单位", organizations::by_id(reader, *id)?.map_or_else(String::new, |unit| unit.name)),
        Scope::Recommender(name) => ("recommender", "推荐单位", name.clone()),
    })
}

/// The operations of the log by their number: who and when of everything that keeps its operation.
pub(super) fn operations(reader: &Reader<'_>) -> Result<BTreeMap<OperationId, Operation>, AppError> {
    Ok(oplog::operations(reader)?.into_iter().map(|operation| (operation.id, operation)).collect())
}

/// A closing moment as people read it: a date where the whole day counts.
pub(super) fn printed(deadline: Deadline) -> String {
    deadline.0.strftime(if deadline.is_end_of_day() { "%Y-%m-%d" } else { "%Y-%m-%d %H:%M" }).to_string()
}
