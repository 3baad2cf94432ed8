//! `judge`: judges and their panels. Adding a judge again only adds what is new; nothing is taken away here.

use clap::{Args, Subcommand};

use super::context::{Context, Outcome};
use super::judge_import::{self, JudgePlan};
use super::selection;
use crate::domain::category::Category;
use crate::domain::command_word::word;
use crate::domain::folding::fold_text;
use crate::domain::judging::Panel;
use crate::domain::listing::{Audience, Cell, Column, Document, Listing};
use crate::domain::mark_intake::fold_judge;
use crate::domain::rules::ContestRules;
use crate::error::AppError;
use crate::store::db::Tx;
use crate::store::judging as judging_store;

/// Sub-commands of `judge`.
#[derive(Debug, Subcommand)]
pub enum JudgeCommand {
    /// 登记一位评委，或把已登记的评委加入评委组
    #[command(visible_alias = "添加")]
    Add(AddArgs),
    /// 从表格导入评委名单
    #[command(visible_alias = "导入")]
    Import(judge_import::ImportArgs),
    /// 列出评委
    #[command(visible_alias = "列出", alias = "列表")]
    List(ListArgs),
}

/// Arguments of `judge add`.
#[derive(Debug, Args)]
#[command(
    after_help = "示例：\n  dasai judge add 王芳 --organization 某某大学 --panel speech\n  dasai judge add 李强 --panel speech/preliminary/浦东 --panel film/final"
)]
pub struct AddArgs {
    /// 评委姓名
    #[arg(value_name = "姓名")]
    name: String,
    /// 评委单位
    #[arg(long, value_name = "单位")]
    organization: Option<String>,
    /// 评委组：参赛类型，或 参赛类型/轮次，或 参赛类型/轮次/赛区；可以写几次
    #[arg(long, value_name = "参赛类型[/轮次[/赛区]]")]
    panel: Vec<String>,
}

/// Arguments of `judge list`.
#[derive(Debug, Args)]
#[command(after_help = "示例：\n  dasai judge list\n  dasai judge list --category speech --format json")]
pub struct ListArgs {
    /// 只看一个参赛类型的评委
    #[arg(long, value_name = "参赛类型")]
    category: Option<String>,
}

/// Does one of the sub-commands.
///
/// # Errors
/// See each.
pub fn run(context: &mut Context, command: JudgeCommand) -> Result<Outcome, AppError> {
    match command {
        JudgeCommand::Add(args) => add(context, &args),
        JudgeCommand::Import(args) => judge_import::run(context, &args),
        JudgeCommand::List(args) => list(context, &args),
    }
}

/// The panels that category, rounds and zones name: all rounds where none is named, all zones where none is named.
///
/// # Errors
/// A name is unknown, the round has no judges, or zones are named for a round without zones.
pub fn panels(rules: &ContestRules, category: &Category, rounds: &[String], zones: &[String]) -> Result<Vec<Panel>, AppError> {
    let rounds = if rounds.is_empty() {
        category.rounds.iter().filter(|round| round.judges.is_some() && (zones.is_empty() || round.by_zone)).collect()
    } else {
        rounds.iter().map(|text| selection::round(category, text)).collect::<Result<Vec<_>, _>>()?
    };
    if rounds.is_empty() {
        return Err(AppError::refused(format!("{}没有由评委打分的轮次", category.name)).hint("各轮的规则用 dasai rules show 查看"));
    }
    let mut panels = Vec::new();
    for round in rounds {
        if round.judges.is_none() {
            return Err(
                AppError::refused(format!("{}{}不由评委打分", category.name, round.name)).hint("各轮的规则用 dasai rules show 查看")
            );
        }
        if zones.is_empty() {
            panels.push(Panel { category: category.id.clone(), round: round.id.clone(), zone: String::new() });
            continue;
        }
        if !round.by_zone {
            return Err(AppError::refused(format!("{}{}不分赛区", category.name, round.name))
                .hint(format!("写成 --panel {}/{}", category.id, round.id)));
        }
        for text in zones {
            let zone = rules
                .zones
                .iter()
                .find(|zone| fold_text(zone) == fold_text(text))
                .ok_or_else(|| AppError::not_found(format!("没有赛区“{text}”")).hint(format!("赛区有：{}", rules.zones.join("、"))))?;
            panels.push(Panel { category: category.id.clone(), round: round.id.clone(), zone: zone.clone() });
        }
    }
    Ok(panels)
}

/// The panels that `参赛类型[/轮次[/赛区]]` names.
///
/// # Errors
/// As [`panels`].
pub fn panels_named(rules: &ContestRules, text: &str) -> Result<Vec<Panel>, AppError> {
    let parts: Vec<&str> = text.split('/').map(str::trim).collect();
    let (category, round, zone) = match parts.as_slice() {
        [category] => (*category, None, None),
        [category, round] => (*category, Some(*round), None),
        [category, round, zone] => (*category, Some(*round), Some(*zone)),
        _ => return Err(AppError::usage(format!("评委组写得不对：{text}")).hint("写成 参赛类型/轮次/赛区，例如 speech/preliminary/浦东")),
    };
    let category = selection::category(rules, category)?;
    let several = |part: Option<&str>| part.into_iter().map(str::to_owned).collect::<Vec<_>>();
    panels(rules, category, &several(round), &several(zone))
}

/// A judge's name without blanks around and inside (刘  巍).
///
/// # Errors
/// Nothing is left, or it is far too long for a name.
pub fn name(text: &str) -> Result<String, AppError> {
    let name: String = text.split_whitespace().collect::<Vec<_>>().join(if text.is_ascii() { " " } else { "" });
    match name.chars().count() {
        0 => Err(AppError::usage("评委姓名是空的").hint("例如：dasai judge add 王芳 --panel speech/final")),
        1..=40 => Ok(name),
        _ => Err(AppError::usage("评委姓名太长（最多 40 字）").hint("一次登记一位；名单用 dasai judge import 文件")),
    }
}

/// Writes what a plan adds.
///
/// # Errors
/// The file cannot be written.
pub fn write(tx: &Tx<'_>, plan: &JudgePlan) -> Result<(), AppError> {
    let judge = match plan.existing {
        Some(judge) => {
            if let Some(organization) = &plan.organization {
                judging_store::set_judge_organization(tx, judge, organization)?;
            }
            judge
        }
        None => judging_store::insert_judge(tx, &plan.name, plan.organization.as_deref().unwrap_or_default())?,
    };
    for panel in &plan.panels {
        judging_store::insert_panel(tx, judge, panel)?;
    }
    Ok(())
}

fn add(context: &mut Context, args: &AddArgs) -> Result<Outcome, AppError> {
    let mut db = context.open()?;
    let (plan, text) = {
        let reader = db.reader()?;
        let rules = context.rules(&reader)?;
        let judges = judging_store::judges(&reader)?;
        let name = name(&args.name)?;
        let mut wanted = Vec::new();
        for text in &args.panel {
            wanted.extend(panels_named(&rules, text)?);
        }
        let existing = judges.iter().find(|judge| fold_judge(&judge.name) == fold_judge(&name));
        if let (Some(existing), Some(organization)) = (existing, &args.organization)
            && !existing.organization.is_empty()
            && fold_text(&existing.organization) != fold_text(organization)
        {
            return Err(AppError::refused(format!("评委{}已登记，单位是{}", existing.name, existing.organization))
                .hint("是同一人：去掉 --organization 再试")
                .hint(format!(
                    "是同名的另一人：换一个能区分的名字，例如 dasai judge add {}",
                    word(&format!("{}（{}）", existing.name, organization.trim()))
                )));
        }
        let plan = JudgePlan::new(existing, name, args.organization.as_deref().unwrap_or_default(), wanted);
        let text = plan.text(&rules);
        (plan, text)
    };
    let document = Document::default()
        .value("judge", "", plan.name.as_str())
        .value("new", "", Cell::Flag(plan.existing.is_none()))
        .value("organization", "", Cell::optional(plan.organization.as_deref(), Cell::text))
        .value("panels", "", panel_records(&plan.panels));
    if plan.is_empty() {
        return Ok(Outcome::of(document).message(format!("评委{}已登记，没有变化", plan.name)));
    }
    let mut outcome = Outcome::of(document.line(text.clone()));
    if context.dry_run {
        return Ok(outcome.message("试运行：没有写入"));
    }
    if plan.existing.is_none() && plan.panels.is_empty() {
        outcome = outcome.message(format!("还没有评委组，不能录入分数；加入：dasai judge add {} --panel 参赛类型/轮次", word(&plan.name)));
    }
    let tx = context.operation(&mut db)?;
    write(&tx, &plan)?;
    tx.finish(&text)?;
    Ok(outcome)
}

fn list(context: &mut Context, args: &ListArgs) -> Result<Outcome, AppError> {
    let db = context.open()?;
    let reader = db.reader()?;
    let rules = context.rules(&reader)?;
    let category = args.category.as_deref().map(|text| selection::category(&rules, text)).transpose()?;
    let judges = judging_store::judges(&reader)?;
    let sheets = judging_store::sheets_per_judge(&reader)?;
    let columns = vec![
        Column::new("name", "姓名"),
        Column::new("organization", "单位"),
        Column::new("panels", "评委组").only(Audience::Scripts),
        Column::new("panel_names", "评委组").only(Audience::People),
        Column::new("marks", "已评作品"),
    ];
    let mut listing = Listing::new("judges", "评委", columns).when_empty("还没有评委；登记：dasai judge add 姓名 --panel 参赛类型/轮次");
    for judge in &judges {
        if category.is_some_and(|category| judge.panels.iter().all(|panel| panel.category != category.id)) {
            continue;
        }
        listing.push(vec![
            Cell::text(judge.name.as_str()),
            Cell::text(judge.organization.as_str()),
            panel_records(&judge.panels),
            Cell::text(judge.panels.iter().map(|panel| panel_text(&rules, panel)).collect::<Vec<_>>().join("、")),
            Cell::count(sheets.get(&judge.id).copied().unwrap_or_default()),
        ]);
    }
    Ok(Outcome::of(Document::of(listing)))
}

/// Panels for scripts.
fn panel_records(panels: &[Panel]) -> Cell {
    let record = |panel: &Panel| {
        Cell::Record(vec![
            ("category".to_owned(), Cell::text(panel.category.as_str())),
            ("round".to_owned(), Cell::text(panel.round.as_str())),
            ("zone".to_owned(), Cell::text(panel.zone.as_str())),
        ])
    };
    Cell::List(panels.iter().map(record).collect())
}

/// A panel in words: `质量品牌故事演讲初赛（浦东）`.
#[must_use]
pub fn panel_text(rules: &ContestRules, panel: &Panel) -> String {
    let category = rules.category(&panel.category).map_or_else(|| panel.category.to_string(), |category| category.name.clone());
    let round = rules.round(&panel.category, &panel.round).map_or_else(|| panel.round.to_string(), |round| round.name.clone());
    if panel.zone.is_empty() { format!("{category}{round}") } else { format!("{category}{round}（{}）", panel.zone) }
}
