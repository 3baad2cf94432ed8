//! `score list` and `score status`: what was entered, and what is still to come.

use std::collections::BTreeMap;

use clap::Args;

use super::context::{Context, Outcome};
use super::progress::progress;
use super::results::Contest;
use super::selection;
use crate::domain::category::{Category, Round};
use crate::domain::judging::MarkValue;
use crate::domain::listing::{Cell, Column, Document, Listing};
use crate::domain::rules::ContestRules;
use crate::domain::values::{CategoryId, EntryId, RoundId};
use crate::error::AppError;
use crate::output::ui::Format;
use crate::store::judging::{self as judging_store, MarkRecord};

/// Missing sheets shown to people.
const SHOWN_MISSING: usize = 50;

/// Arguments of `score list`.
#[derive(Debug, Args)]
#[command(after_help = "示例：\n  dasai score list --entry Y001\n  dasai score list --category speech --round final --judge 王芳")]
pub struct ListArgs {
    /// 参赛类型
    #[arg(long, value_name = "参赛类型")]
    category: Option<String>,
    /// 轮次
    #[arg(long, value_name = "轮次")]
    round: Option<String>,
    /// 赛区
    #[arg(long, value_name = "赛区")]
    zone: Option<String>,
    /// 评委姓名
    #[arg(long, value_name = "姓名")]
    judge: Option<String>,
    /// 作品编号
    #[arg(long, value_name = "作品编号")]
    entry: Option<String>,
}

/// Arguments of `score status`.
#[derive(Debug, Args)]
#[command(after_help = "示例：\n  dasai score status\n  dasai score status --category speech --round final")]
pub struct StatusArgs {
    /// 参赛类型
    #[arg(long, value_name = "参赛类型")]
    category: Option<String>,
    /// 轮次
    #[arg(long, value_name = "轮次")]
    round: Option<String>,
    /// 赛区
    #[arg(long, value_name = "赛区")]
    zone: Option<String>,
}

/// Lists marks as entered.
///
/// # Errors
/// A name is unknown.
pub fn list(context: &mut Context, args: &ListArgs) -> Result<Outcome, AppError> {
    let db = context.open()?;
    let reader = db.reader()?;
    let (rules, roster) = context.rules_beside(&reader, Contest::load)?;
    let category = args.category.as_deref().map(|text| selection::category(&rules, text)).transpose()?;
    let zone = args.zone.as_deref().map(|text| selection::zone(&rules, &roster.works, text)).transpose()?;
    let judge = args.judge.as_deref().map(|text| selection::judge(&roster.judges, text)).transpose()?;
    let entry = args.entry.as_deref().map(|text| selection::work(&roster.works, text)).transpose()?;
    // A name may mean another round in each category, or none.
    let mut rounds_of: BTreeMap<&CategoryId, Vec<&Round>> = BTreeMap::new();
    for category in selection::categories(&rules, args.category.as_deref())? {
        rounds_of.insert(&category.id, rounds(category, args.category.is_some(), args.round.as_deref(), &rules)?);
    }
    let is_wanted = |category: &CategoryId, round: &RoundId| {
        args.round.is_none() || rounds_of.get(category).is_some_and(|rounds| rounds.iter().any(|known| known.id == *round))
    };
    let mut works: Vec<_> = roster
        .works
        .iter()
        .filter(|work| category.is_none_or(|category| work.category == category.id))
        .filter(|work| zone.as_ref().is_none_or(|zone| work.zone == *zone))
        .filter(|work| entry.is_none_or(|entry| work.id == entry.id))
        .collect();
    works.sort_by(|left, right| left.number.cmp(&right.number));
    let ids: Vec<EntryId> = works.iter().map(|work| work.id).collect();
    let round = category.filter(|_| args.round.is_some()).and_then(|category| Some(&rounds_of.get(&category.id)?.first()?.id));
    let columns = vec![
        Column::new("entry", "作品编号"),
        Column::new("category", "参赛类型").minor(),
        Column::new("round", "轮次"),
        Column::new("zone", "赛区"),
        Column::new("judge", "评委"),
        Column::new("criterion", "评分项"),
        Column::new("state", "状态"),
        Column::new("points", "分数"),
        Column::new("entered_at", "录入时间").minor(),
        Column::new("file", "文件").minor(),
        Column::new("cell", "单元格").minor(),
    ];
    let mut records = judging_store::mark_records(&reader, &ids, round, judge.map(|judge| judge.id))?;
    records.retain(|record| roster.work(record.entry).is_some_and(|work| is_wanted(&work.category, &record.round)));
    let count = records.len();
    let listing = Listing::new("marks", "已录的分数", columns).when_empty("还没有录入分数");
    let make = move |place| records.get(place).map(|record| mark_cells(record, &roster, &rules)).unwrap_or_default();
    Ok(Outcome::of(Document::of(listing.rows_made(count, make))))
}

/// A mark as a row of the list.
fn mark_cells(record: &MarkRecord, roster: &Contest, rules: &ContestRules) -> Vec<Cell> {
    let Some(work) = roster.work(record.entry) else { return Vec::new() };
    let round_name = rules.round(&work.category, &record.round).map_or_else(|| record.round.to_string(), |round| round.name.clone());
    let category_name = rules.category(&work.category).map_or_else(|| work.category.to_string(), |category| category.name.clone());
    let (state, points) = match record.value {
        MarkValue::Given(points) => (Cell::keyed("given", "已打分"), Cell::Points(points.into(), None)),
        MarkValue::Absent => (Cell::keyed("absent", "缺席"), Cell::Empty),
        MarkValue::Recused => (Cell::keyed("recused", "回避"), Cell::Empty),
    };
    let whole = matches!(record.value, MarkValue::Given(_)) && record.criterion.is_empty();
    vec![
        Cell::text(work.number.as_str()),
        Cell::keyed(work.category.as_str(), category_name),
        Cell::keyed(record.round.as_str(), round_name),
        Cell::text(work.zone.as_str()),
        Cell::text(roster.judge_name(record.judge)),
        if whole { Cell::keyed("total", "总分") } else { Cell::text(record.criterion.as_str()) },
        state,
        points,
        Cell::Moment(record.entered_at),
        Cell::text(record.file.as_str()),
        Cell::text(record.cell.as_str()),
    ]
}

/// Shows what is entered and what is missing.
///
/// # Errors
/// A name is unknown.
pub fn status(context: &mut Context, args: &StatusArgs) -> Result<Outcome, AppError> {
    let db = context.open()?;
    let reader = db.reader()?;
    let (rules, roster) = context.rules_beside(&reader, Contest::load)?;
    let zone = args.zone.as_deref().map(|text| selection::zone(&rules, &roster.works, text)).transpose()?;
    let columns = vec![
        Column::new("category", "参赛类型").heading(),
        Column::new("round", "轮次"),
        Column::new("zone", "赛区"),
        Column::new("works", "作品"),
        Column::new("judges", "评委"),
        Column::new("expected", "应录"),
        Column::new("entered", "已录"),
        Column::new("absent", "缺席"),
        Column::new("recused", "回避"),
        Column::new("missing", "未录"),
        Column::new("parts_missing", "给定分未录"),
        Column::new("too_few", "评委不足"),
        Column::new("complete", "齐"),
    ];
    let mut listing = Listing::new("status", "录分进度", columns).when_empty("没有要评的轮次");
    let missing_columns = vec![
        Column::new("category", "参赛类型").heading(),
        Column::new("round", "轮次"),
        Column::new("entry", "作品编号"),
        Column::new("judge", "评委"),
        Column::new("part", "给定分"),
    ];
    let mut missing = Listing::new("missing", "未录的", missing_columns);
    for category in selection::categories(&rules, args.category.as_deref())? {
        for round in rounds(category, args.category.is_some(), args.round.as_deref(), &rules)? {
            for (name, progress) in progress(&reader, &rules, &roster, category, round)? {
                if zone.as_ref().is_some_and(|zone| *zone != name) {
                    continue;
                }
                let sheets = progress.missing_sheets();
                listing.push(vec![
                    Cell::keyed(category.id.as_str(), category.name.as_str()),
                    Cell::keyed(round.id.as_str(), round.name.as_str()),
                    Cell::text(name),
                    Cell::count(progress.works),
                    Cell::count(progress.judges),
                    Cell::count(progress.expected),
                    Cell::count(progress.entered),
                    Cell::count(progress.absent),
                    Cell::count(progress.recused),
                    Cell::count(sheets),
                    Cell::count(progress.parts_missing),
                    Cell::count(progress.too_few),
                    Cell::Flag(progress.works > 0 && progress.missing.is_empty() && progress.too_few == 0),
                ]);
                for (entry, judge, part) in progress.missing {
                    missing.push(vec![
                        Cell::keyed(category.id.as_str(), category.name.as_str()),
                        Cell::keyed(round.id.as_str(), round.name.as_str()),
                        Cell::text(roster.number(entry)),
                        Cell::optional(judge, |judge| Cell::text(roster.judge_name(judge))),
                        Cell::optional(part, Cell::text),
                    ]);
                }
            }
        }
    }
    let narrowed = args.category.is_some() || args.round.is_some() || args.zone.is_some();
    let mut document = Document::of(listing);
    if context.ui.format == Format::Table {
        let count = missing.rows.len();
        if narrowed && count > SHOWN_MISSING {
            missing.rows.truncate(SHOWN_MISSING);
            missing.notes.push(format!("另有 {} 项没有列出；全部用 --format json 查看", count - SHOWN_MISSING));
        }
        if narrowed && count > 0 {
            document = document.listing(missing);
        }
    } else {
        document = document.listing(missing);
    }
    Ok(Outcome::of(document))
}

/// The rounds that are shown: the one named, where the category has it.
fn rounds<'a>(category: &'a Category, is_named: bool, round: Option<&str>, rules: &ContestRules) -> Result<Vec<&'a Round>, AppError> {
    match round {
        None => Ok(category.rounds.iter().collect()),
        Some(text) => match selection::round(category, text) {
            Ok(round) => Ok(vec![round]),
            Err(_) if !is_named && rules.categories.iter().any(|other| selection::round(other, text).is_ok()) => Ok(Vec::new()),
            Err(error) => Err(error),
        },
    }
}
