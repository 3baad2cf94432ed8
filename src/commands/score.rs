//! `score`: marks. Its sub-commands; importing, showing and writing are in files of their own.

use clap::{Args, Subcommand};

use super::context::{Context, Outcome};
use super::results::{Contest, marks, participants};
use super::score_write::{self, SheetWrite, shown};
use super::{score_import, score_views, selection};
use crate::domain::category::{Category, Round};
use crate::domain::entry::EntrySummary;
use crate::domain::folding::fold_text;
use crate::domain::judging::Marks;
use crate::domain::listing::{Cell, Document};
use crate::domain::mark_intake::{MarkPlan, OnFile, Planner, ReceivedCell, ReceivedRow, ReceivedSheet, WorkReference, given_part_names};
use crate::domain::problem::Severity;
use crate::domain::rules::ContestRules;
use crate::error::AppError;
use crate::store::db::Reader;
use crate::store::results::Origin;
use crate::store::{judging as judging_store, results as results_store};

/// Sub-commands of `score`.
#[derive(Debug, Subcommand)]
pub enum ScoreCommand {
    /// 从表格导入分数
    #[command(visible_alias = "导入")]
    Import(score_import::ImportArgs),
    /// 录入或更改一位评委给一件作品的分数
    #[command(visible_alias = "录入")]
    Set(SetArgs),
    /// 列出已录的分数
    #[command(visible_alias = "列出", alias = "列表")]
    List(score_views::ListArgs),
    /// 各参赛类型、轮次、赛区的录分进度
    #[command(visible_alias = "进度")]
    Status(score_views::StatusArgs),
    /// 清除一件作品的一位评委的分数，或一项给定分（回到“未录”）
    #[command(visible_alias = "清除")]
    Clear(ClearArgs),
}

/// Arguments of `score set`.
#[derive(Debug, Args)]
#[command(
    group = clap::ArgGroup::new("what").required(true).multiple(false).args(["total", "marks", "absent", "recused", "part"]),
    after_help = "示例：\n  dasai score set Y001 --judge 王芳 --round final --total 92.5\n  dasai score set Y001 --judge 王芳 --round final --mark 主题内容=36 --mark 语言表达=27\n  dasai score set Y001 --judge 王芳 --round final --absent\n  dasai score set Y001 --round preliminary --part 观众投票得分=85"
)]
pub struct SetArgs {
    /// 作品编号
    #[arg(value_name = "作品编号")]
    entry: String,
    /// 评委姓名
    #[arg(long, value_name = "姓名", required_unless_present = "part")]
    judge: Option<String>,
    /// 轮次（只有一轮时可省略）
    #[arg(long, value_name = "轮次")]
    round: Option<String>,
    /// 总分
    #[arg(long, value_name = "分数")]
    total: Option<String>,
    /// 一项的分数，可以写几次
    #[arg(long = "mark", value_name = "评分项=分数")]
    marks: Vec<String>,
    /// 评委缺席
    #[arg(long)]
    absent: bool,
    /// 评委回避
    #[arg(long)]
    recused: bool,
    /// 给定分（不由评委打的分），可以写几次
    #[arg(long, value_name = "名称=分数")]
    part: Vec<String>,
    /// 与已录的不同时，改为新的
    #[arg(long)]
    update: bool,
}

/// Arguments of `score clear`.
#[derive(Debug, Args)]
#[command(
    group = clap::ArgGroup::new("whose").required(true).multiple(false).args(["judge", "part"]),
    after_help = "示例：\n  dasai score clear Y001 --judge 王芳 --round final\n  dasai score clear Y001 --part 观众投票得分 --round preliminary"
)]
pub struct ClearArgs {
    /// 作品编号
    #[arg(value_name = "作品编号")]
    entry: String,
    /// 评委姓名
    #[arg(long, value_name = "姓名")]
    judge: Option<String>,
    /// 给定分的名称：清除这件作品的给定分
    #[arg(long, value_name = "名称")]
    part: Option<String>,
    /// 轮次（只有一轮时可省略）
    #[arg(long, value_name = "轮次")]
    round: Option<String>,
}

/// Does one of the sub-commands.
///
/// # Errors
/// See each.
pub fn run(context: &mut Context, command: ScoreCommand) -> Result<Outcome, AppError> {
    match command {
        ScoreCommand::Import(args) => score_import::run(context, &args),
        ScoreCommand::Set(args) => set(context, &args),
        ScoreCommand::List(args) => score_views::list(context, &args),
        ScoreCommand::Status(args) => score_views::status(context, &args),
        ScoreCommand::Clear(args) => clear(context, &args),
    }
}

/// The category of a work and the round that is meant.
fn category_and_round<'a>(
    rules: &'a ContestRules,
    work: &EntrySummary,
    round: Option<&str>,
) -> Result<(&'a Category, &'a Round), AppError> {
    let category = selection::category(rules, work.category.as_str())?;
    Ok((category, selection::round_or_only(category, round)?))
}

fn set(context: &mut Context, args: &SetArgs) -> Result<Outcome, AppError> {
    let mut db = context.open()?;
    let (roster, rules, plan) = {
        let reader = db.reader()?;
        let (rules, roster) = context.rules_beside(&reader, Contest::load)?;
        let plan = plan(&reader, &rules, &roster, args)?;
        (roster, rules, plan)
    };
    let work = selection::work(&roster.works, &args.entry)?;
    let (_, round) = category_and_round(&rules, work, args.round.as_deref())?;
    let mut changes = Vec::new();
    let mut records = Vec::new();
    let mut replaces = false;
    for sheet in &plan.sheets {
        replaces |= sheet.replaces;
        changes.push(format!(
            "{} 评委{}：{} → {}",
            work.number,
            roster.judge_name(sheet.judge),
            shown(sheet.old.as_ref()),
            shown(Some(&sheet.new))
        ));
        let old = sheet.old.as_ref().map(|old| shown(Some(old)));
        let judge = roster.judge_name(sheet.judge);
        records.push(change_record(work, round, &Whose::Judge(&judge), old, Some(shown(Some(&sheet.new)))));
    }
    for part in &plan.parts {
        replaces |= part.old.is_some();
        let old = part.old.map_or_else(|| "（未录）".to_owned(), |old| old.to_string());
        changes.push(format!("{} {}：{old} → {}", work.number, part.given.part, part.given.points));
        let old = part.old.map(|old| old.to_string());
        records.push(change_record(work, round, &Whose::Part(&part.given.part), old, Some(part.given.points.to_string())));
    }
    let document = changes_document(records);
    if changes.is_empty() {
        return Ok(Outcome::of(document).message("与已录的相同，没有变化"));
    }
    let text = changes.join("；");
    if replaces && !args.update {
        return Err(AppError::refused(format!("已有分数，没有改动：{text}")).hint("确认要改：在命令后加 --update"));
    }
    let outcome = Outcome::of(document.line(text.clone()));
    if context.dry_run {
        return Ok(outcome.message("试运行：没有写入"));
    }
    let tx = context.operation(&mut db)?;
    for sheet in &plan.sheets {
        let write = SheetWrite { entry: sheet.entry, judge: sheet.judge, old: sheet.old.as_ref(), new: &sheet.new, source: None };
        score_write::write(&tx, round, &write, &|_| String::new(), context.now)?;
    }
    for part in &plan.parts {
        results_store::put_given_part(&tx, &round.id, &part.given, Origin { source: None, cell: "", at: context.now })?;
    }
    tx.finish(&format!("录分 {text}"))?;
    Ok(outcome)
}

/// Whose mark a change is about.
enum Whose<'a> {
    Judge(&'a str),
    Part(&'a str),
}

/// A changed mark for scripts; `None`: nothing is, or was, on file.
fn change_record(work: &EntrySummary, round: &Round, whose: &Whose<'_>, old: Option<String>, new: Option<String>) -> Cell {
    let (judge, part) = match whose {
        Whose::Judge(name) => (Cell::text(*name), Cell::Empty),
        Whose::Part(name) => (Cell::Empty, Cell::text(*name)),
    };
    Cell::Record(vec![
        ("entry".to_owned(), Cell::text(work.number.as_str())),
        ("round".to_owned(), Cell::text(round.id.as_str())),
        ("judge".to_owned(), judge),
        ("part".to_owned(), part),
        ("old".to_owned(), Cell::optional(old, Cell::text)),
        ("new".to_owned(), Cell::optional(new, Cell::text)),
    ])
}

fn changes_document(records: Vec<Cell>) -> Document {
    Document::default().value("changes", "", Cell::List(records))
}

/// Plans through the same door as an imported table, so that a typed mark meets the same checks.
fn plan(reader: &Reader<'_>, rules: &ContestRules, roster: &Contest, args: &SetArgs) -> Result<MarkPlan, AppError> {
    let work = selection::work(&roster.works, &args.entry)?;
    let (category, round) = category_and_round(rules, work, args.round.as_deref())?;
    let works = participants(reader, roster, category, &round.id)?;
    let ids: Vec<_> = works.iter().map(|work| work.id).collect();
    let own: Vec<&EntrySummary> = works.iter().copied().filter(|other| other.id == work.id).collect();
    let on_file = marks(reader, round, &own)?;
    let parts = results_store::given_parts(reader, &category.id, &round.id)?;
    let mut planner = Planner::new(OnFile {
        category,
        round,
        works: &roster.works,
        competition: roster.competition,
        organizations: &[],
        participants: &ids,
        judges: &roster.judges,
        marks: &on_file,
        parts: &parts,
    });
    planner.table("", "", Vec::new());
    planner.row(&row(args, work, round)?);
    let plan = planner.finish();
    let error = plan.tables.iter().flat_map(|table| &table.problems).find(|problem| problem.severity == Severity::Error);
    match error {
        Some(problem) => {
            let error = AppError::refused(problem.message.clone());
            Err(if problem.hint.is_empty() { error } else { error.hint(problem.hint.clone()) })
        }
        None => Ok(plan),
    }
}

fn row(args: &SetArgs, work: &EntrySummary, round: &Round) -> Result<ReceivedRow, AppError> {
    let cell = |text: &str| ReceivedCell { column: 0, text: text.to_owned() };
    let mut row = ReceivedRow {
        row: 1,
        work: WorkReference { number: work.number.to_string(), ..WorkReference::default() },
        ..ReceivedRow::default()
    };
    for given in &args.part {
        let (name, points) = name_and_points(given, "--part")?;
        let position = part_position(round, name)?;
        if row.parts.iter().any(|(other, _)| *other == position) {
            return Err(twice("--part", name));
        }
        row.parts.push((position, cell(points)));
    }
    let Some(judge) = &args.judge else { return Ok(row) };
    let criteria: Vec<&str> = round.judges.iter().flat_map(|sheet| &sheet.criteria).map(|criterion| criterion.name.as_str()).collect();
    let mut sheet = ReceivedSheet { judge: cell(judge), ..ReceivedSheet::default() };
    if !args.marks.is_empty() {
        sheet.criteria = vec![cell(""); criteria.len()];
    }
    for mark in &args.marks {
        let (name, points) = name_and_points(mark, "--mark")?;
        let position = criteria.iter().position(|known| fold_text(known) == fold_text(name));
        let target = position.and_then(|position| sheet.criteria.get_mut(position)).ok_or_else(|| {
            AppError::not_found(format!("{}没有评分项“{name}”", round.name)).hint(format!("评分项有：{}", criteria.join("、")))
        })?;
        if !target.text.is_empty() {
            return Err(twice("--mark", name));
        }
        *target = cell(points);
    }
    sheet.total = match (&args.total, args.absent, args.recused) {
        (Some(total), _, _) => Some(cell(total)),
        (None, true, _) => Some(cell("缺席")),
        (None, false, true) => Some(cell("回避")),
        (None, false, false) => None,
    };
    row.sheets.push(sheet);
    Ok(row)
}

/// The failure where one thing is given twice.
fn twice(flag: &str, name: &str) -> AppError {
    AppError::usage(format!("{name} 写了两次")).hint(format!("每一项只写一个 {flag}"))
}

fn name_and_points<'a>(text: &'a str, flag: &str) -> Result<(&'a str, &'a str), AppError> {
    let split = text.split_once(selection::EQUALS).filter(|(name, points)| !name.trim().is_empty() && !points.trim().is_empty());
    split
        .map(|(name, points)| (name.trim(), points.trim()))
        .ok_or_else(|| AppError::usage(format!("{flag} 要写成“名称=分数”：{text}")).hint(format!("例如：{flag} 主题内容=36")))
}

fn clear(context: &mut Context, args: &ClearArgs) -> Result<Outcome, AppError> {
    match (&args.judge, &args.part) {
        (Some(judge), _) => clear_judge(context, args, judge),
        (None, Some(part)) => clear_part(context, args, part),
        (None, None) => Err(AppError::usage("没有写清除谁的分数").hint("用 --judge 姓名，或 --part 给定分名称")),
    }
}

fn clear_part(context: &mut Context, args: &ClearArgs, part: &str) -> Result<Outcome, AppError> {
    let mut db = context.open()?;
    let (entry, round, name, text, document) = {
        let reader = db.reader()?;
        let (rules, roster) = context.rules_beside(&reader, Contest::load)?;
        let work = selection::work(&roster.works, &args.entry)?;
        let (category, round) = category_and_round(&rules, work, args.round.as_deref())?;
        let position = part_position(round, part)?;
        let name = given_part_names(round).get(position).copied().unwrap_or_default().to_owned();
        let on_file = results_store::given_parts(&reader, &category.id, &round.id)?;
        let Some(old) = on_file.iter().find(|given| given.entry == work.id && given.part == name) else {
            let nothing = Outcome::of(changes_document(Vec::new()));
            return Ok(nothing.message(format!("{} 在{}没有{name}，没有变化", work.number, round.name)));
        };
        let record = change_record(work, round, &Whose::Part(&name), Some(old.points.to_string()), None);
        let text = format!("清除 {} 的{name}：{}", work.number, old.points);
        (work.id, round.id.clone(), name, text, changes_document(vec![record]))
    };
    let outcome = Outcome::of(document.line(text.clone()));
    if context.dry_run {
        return Ok(outcome.message("试运行：没有写入"));
    }
    let tx = context.operation(&mut db)?;
    results_store::delete_given_part(&tx, entry, &round, &name)?;
    tx.finish(&text)?;
    Ok(outcome)
}

/// Which of a round's given parts a text names.
fn part_position(round: &Round, name: &str) -> Result<usize, AppError> {
    let names = given_part_names(round);
    names.iter().position(|known| fold_text(known) == fold_text(name)).ok_or_else(|| {
        let known = if names.is_empty() { "这一轮没有给定分".to_owned() } else { format!("给定分有：{}", names.join("、")) };
        AppError::not_found(format!("{}没有给定分“{name}”", round.name)).hint(known)
    })
}

fn clear_judge(context: &mut Context, args: &ClearArgs, judge: &str) -> Result<Outcome, AppError> {
    let mut db = context.open()?;
    let (entry, judge, round, text, document) = {
        let reader = db.reader()?;
        let (rules, roster) = context.rules_beside(&reader, Contest::load)?;
        let work = selection::work(&roster.works, &args.entry)?;
        let (_, round) = category_and_round(&rules, work, args.round.as_deref())?;
        let judge = selection::judge(&roster.judges, judge)?;
        let on_file = marks(&reader, round, &[work])?;
        let Some(old) = on_file.sheet(work.id, judge.id) else {
            let nothing = Outcome::of(changes_document(Vec::new()));
            return Ok(nothing.message(format!("{} 评委{}在{}没有分数，没有变化", work.number, judge.name, round.name)));
        };
        let text = format!("清除 {} 评委{}的{}分数：{}", work.number, judge.name, round.name, shown(Some(old)));
        let text = if matches!(old, Marks::Recused) { format!("{text}（连同回避前已录的分数）") } else { text };
        let record = change_record(work, round, &Whose::Judge(&judge.name), Some(shown(Some(old))), None);
        (work.id, judge.id, round.id.clone(), text, changes_document(vec![record]))
    };
    let outcome = Outcome::of(document.line(text.clone()));
    if context.dry_run {
        return Ok(outcome.message("试运行：没有写入"));
    }
    let tx = context.operation(&mut db)?;
    judging_store::delete_marks(&tx, entry, &round, judge, None)?;
    tx.finish(&text)?;
    Ok(outcome)
}
