//! Owns the tables that `export` writes and no other command shows: works with all their fields, and marks judge by judge. Rankings
//! come from `commands::ranking`. Refuses to know files and their forms.

use rustc_hash::FxHashMap;

use std::sync::Arc;

use super::findings::{self, Checked};
use super::ranking::{self, Detail, RankingQuery};
use super::results::{self, Contest, Judged};
use super::selection;
use crate::domain::category::{Category, Round};
use crate::domain::entry::Entry;
use crate::domain::judging::{JudgeMarks, Marks};
use crate::domain::listing::{Audience, Cell, Column, Listing};
use crate::domain::rules::ContestRules;
use crate::domain::scoring::{EntryScore, JudgeScore};
use crate::domain::values::EntryId;
use crate::error::{AppError, ErrorKind};
use crate::store::db::Reader;
use crate::store::entries as entries_store;

/// Which part of a list, as typed.
#[derive(Debug, Clone, Copy)]
pub struct Query<'q> {
    /// The category; `None`: all.
    pub category: Option<&'q str>,
    /// The round; `None`: what the list takes by default.
    pub round: Option<&'q str>,
    /// The zone; `None`: all.
    pub zone: Option<&'q str>,
}

/// Rankings, and the categories that have none.
#[derive(Debug, Default)]
pub struct Rankings {
    /// The tables.
    pub listings: Vec<Listing>,
    /// Categories that cannot be ranked now, each with the reason: id, printed name, why.
    pub skipped: Vec<(String, String, AppError)>,
}

/// A ranking for each category that is judged. Where all are asked for, one that cannot be ranked does not hide the others.
///
/// # Errors
/// A name is unknown, the file cannot be read, or no category asked for can be ranked.
pub fn rankings(reader: &Reader<'_>, rules: &ContestRules, query: Query<'_>, detail: Detail) -> Result<Rankings, AppError> {
    let mut rankings = Rankings::default();
    for category in judged_categories(rules, query)? {
        let wanted = RankingQuery { category: category.id.as_str(), round: query.round, zone: query.zone };
        match ranking::ranking_listings(reader, rules, wanted, detail) {
            Err(error) if query.category.is_none() && matches!(error.kind, ErrorKind::Refused | ErrorKind::NotFound) => {
                rankings.skipped.push((category.id.to_string(), category.name.clone(), error));
            }
            listings => rankings.listings.extend(listings?),
        }
    }
    match rankings.skipped.first() {
        Some(_) if rankings.listings.is_empty() => Err(rankings.skipped.swap_remove(0).2),
        _ => Ok(rankings),
    }
}

fn judged_categories<'a>(rules: &'a ContestRules, query: Query<'_>) -> Result<Vec<&'a Category>, AppError> {
    let mut categories = selection::categories(rules, query.category)?;
    if query.category.is_none() {
        categories.retain(|category| !category.rounds.is_empty());
        if categories.is_empty() {
            return Err(AppError::refused("规则里没有评审轮次").hint("在规则文件里加 [[category.round]] 后：dasai rules apply 文件"));
        }
    }
    Ok(categories)
}

/// The works with what their forms say, ordered by number; contact data only where `contacts` asks for it.
///
/// # Errors
/// A name is unknown, or the file cannot be read.
pub fn entries(reader: &Reader<'_>, rules: &ContestRules, query: Query<'_>, contacts: bool) -> Result<Listing, AppError> {
    let category = query.category.map(|text| selection::category(rules, text)).transpose()?;
    let summaries = if query.zone.is_some() { entries_store::summaries(reader)? } else { Vec::new() };
    let zone = query.zone.map(|text| selection::zone(rules, &summaries, text)).transpose()?;
    let mut works = entries_store::list(reader)?;
    works.retain(|work| {
        category.is_none_or(|category| work.category == category.id) && zone.as_ref().is_none_or(|zone| work.declaration.zone == *zone)
    });
    works.sort_by(|a, b| a.number.cmp(&b.number).then(a.id.cmp(&b.id)));
    let part = [category.map(|category| category.name.as_str()), zone.as_deref()];
    let part = part.into_iter().flatten().collect::<Vec<_>>().join("，");
    let part = if part.is_empty() { part } else { format!("（{part}）") };
    let title = format!("{}{part}", if contacts { "参赛作品联系表" } else { "参赛作品汇总表" });
    let mut listing = Listing::new("entries", title, entry_columns(rules, contacts)).when_empty("没有作品");
    for (place, work) in works.iter().enumerate() {
        listing.push(entry_row(place + 1, work, rules, contacts));
    }
    if contacts {
        listing.notes.push("内部资料：含个人信息，仅供大赛工作人员使用，不得外传。".to_owned());
    }
    Ok(listing)
}

/// A list of contacts has no room on paper for what is not needed to reach people; JSON has everything.
fn entry_columns(rules: &ContestRules, contacts: bool) -> Vec<Column> {
    let all = if contacts { Audience::Scripts } else { Audience::All };
    // An empty key: JSON has seconds and 字 by themselves.
    let people = if contacts { Audience::Scripts } else { Audience::People };
    let mut columns = vec![
        Column::new("serial", "序号").only(Audience::People),
        Column::new("number", "作品编号"),
        Column::new("category", "参赛类型"),
        Column::new("title", "作品名称"),
        Column::new("organization", "参赛单位"),
        Column::new("recommender", "推荐单位"),
        Column::new("theme", "作品类别").only(all),
        Column::new("creators", "主创者").only(all),
        Column::new("zone", "赛区").only(if rules.zones.is_empty() { Audience::Scripts } else { all }),
        Column::new("", "时长/篇幅").only(people),
        Column::new("duration", "").only(Audience::Scripts),
        Column::new("length", "").only(Audience::Scripts),
        Column::new("status", "状态").only(all),
        Column::new("submitted_at", "提交时间").only(all),
    ];
    if contacts {
        columns.extend([
            Column::new("contact_name", "联系人"),
            Column::new("contact_phone", "联系手机"),
            Column::new("contact_email", "电子邮箱"),
            Column::new("contact_department", "联系部门"),
            Column::new("contact_position", "职务"),
            Column::new("address", "联系地址"),
            Column::new("postcode", "邮编"),
        ]);
    }
    columns
}

fn entry_row(serial: usize, work: &Entry, rules: &ContestRules, contacts: bool) -> Vec<Cell> {
    let said = &work.declaration;
    let category = rules.category(&work.category).map_or(work.category.as_str(), |category| category.name.as_str());
    let number = |value: Option<u32>| Cell::optional(value, |value| Cell::Integer(i64::from(value)));
    let extent = match (said.duration, said.length) {
        (Some(seconds), _) => format!("{}:{:02}", seconds / 60, seconds % 60),
        (None, Some(length)) => format!("{length}字"),
        (None, None) => String::new(),
    };
    let mut row = vec![
        Cell::count(serial),
        Cell::text(work.number.as_str()),
        Cell::keyed(work.category.as_str(), category),
        Cell::text(said.title.as_str()),
        Cell::text(work.organization_name.as_str()),
        Cell::text(said.recommender.as_str()),
        Cell::text(said.theme.as_str()),
        Cell::text(said.creators.as_str()),
        Cell::text(said.zone.as_str()),
        Cell::text(extent),
        number(said.duration),
        number(said.length),
        Cell::keyed(work.status.key(), work.status.label()),
        Cell::optional(said.submitted_at, Cell::Moment),
    ];
    if contacts {
        row.extend([
            Cell::text(said.contact_name.reveal()),
            Cell::text(said.contact_phone.reveal()),
            Cell::text(said.contact_email.reveal()),
            Cell::text(said.contact_department.as_str()),
            Cell::text(said.contact_position.as_str()),
            Cell::text(said.address.reveal()),
            Cell::text(said.postcode.as_str()),
        ]);
    }
    row
}

/// The marks of each round that has any: a row a work and judge, a column a criterion.
///
/// # Errors
/// A name is unknown, the file cannot be read, or the marks do not allow the computation.
pub fn scores(reader: &Reader<'_>, rules: &ContestRules, query: Query<'_>) -> Result<Vec<Listing>, AppError> {
    let contest = Contest::load(reader)?;
    let zone = query.zone.map(|text| selection::zone(rules, &contest.works, text)).transpose()?;
    let mut listings = Vec::new();
    for category in judged_categories(rules, query)? {
        let rounds: Vec<&Round> = match query.round {
            Some(text) => vec![selection::round(category, text)?],
            None => category.rounds.iter().collect(),
        };
        for round in rounds {
            // A round that was asked for by name is shown even without marks.
            if query.round.is_some() || results::has_marks(reader, category, &round.id)? {
                listings.push(marks_listing(&results::judge_round(reader, &contest, category, round)?, zone.as_deref()));
            }
        }
    }
    if listings.is_empty() {
        return Err(AppError::refused("还没有评分可以导出").hint("录入或导入评分：dasai score import 评分表.xlsx"));
    }
    Ok(listings)
}

fn marks_listing(judged: &Judged<'_>, zone: Option<&str>) -> Listing {
    let criteria: Vec<&str> =
        judged.round.judges.iter().flat_map(|sheet| &sheet.criteria).map(|criterion| criterion.name.as_str()).collect();
    let mut columns = vec![
        Column::new("entry", "作品编号").merged(),
        Column::new("title", "作品名称").merged(),
        Column::new("organization", "单位").merged(),
    ];
    if judged.round.by_zone {
        columns.push(Column::new("zone", "赛区").merged());
    }
    columns.push(Column::new("judge", "评委"));
    columns.extend(criteria.iter().map(|name| Column::new(format!("criterion:{name}"), *name)));
    columns.extend([Column::new("total", "合计"), Column::new("state", "说明")]);
    let place = zone.map_or_else(String::new, |zone| format!("（{zone}）"));
    let title = format!("{}{}评委评分{place}", judged.category.name, judged.round.name);
    let mut listing = Listing::new("scores", title, columns).when_empty("还没有评分");
    let scores: FxHashMap<EntryId, &EntryScore> = judged.scores.scores.iter().map(|score| (score.entry, score)).collect();
    let mut rows: Vec<_> = judged.works.iter().zip(&judged.marks.entries).collect();
    rows.retain(|(work, _)| zone.is_none_or(|zone| work.zone == zone));
    rows.sort_by(|(a, _), (b, _)| a.number.cmp(&b.number).then(a.id.cmp(&b.id)));
    for (work, (_, sheets)) in rows {
        let score = scores.get(&work.id).copied();
        for sheet in sheets {
            let mut row =
                vec![Cell::text(work.number.as_str()), Cell::text(work.title.as_str()), Cell::text(work.organization_name.as_str())];
            if judged.round.by_zone {
                row.push(Cell::text(work.zone.as_str()));
            }
            row.push(Cell::text(judged.contest.judge_name(sheet.judge)));
            row.extend(mark_cells(sheet, criteria.len()));
            row.extend(sheet_result(sheet, score));
            listing.push(row);
        }
    }
    listing
}

/// A cell a criterion.
fn mark_cells(sheet: &JudgeMarks, criteria: usize) -> Vec<Cell> {
    let mut cells = match &sheet.marks {
        Marks::Criteria(marks) => marks.iter().map(|mark| Cell::optional(*mark, |points| Cell::Points(points.into(), None))).collect(),
        Marks::Absent | Marks::Recused | Marks::Total(_) => Vec::new(),
    };
    cells.resize(criteria, Cell::Empty);
    cells
}

/// The judge's total, and what became of it.
fn sheet_result(sheet: &JudgeMarks, score: Option<&EntryScore>) -> [Cell; 2] {
    match &sheet.marks {
        Marks::Absent => return [Cell::Empty, Cell::keyed("absent", "缺席")],
        Marks::Recused => return [Cell::Empty, Cell::keyed("recused", "回避")],
        Marks::Total(_) | Marks::Criteria(_) => {}
    }
    let counted = score.and_then(|score| score.judges.iter().find(|judge| judge.judge == sheet.judge));
    let total = counted.and_then(JudgeScore::total);
    let state = match counted {
        Some(_) if total.is_none() => Cell::keyed("incomplete", "未录全"),
        Some(judge) if judge.dropped => Cell::keyed("dropped", "最高或最低分，不计"),
        Some(judge) if !judge.dropped_criteria.is_empty() => Cell::keyed("dropped_criteria", "部分项目为最高或最低分，不计"),
        Some(_) => Cell::keyed("counted", "计入"),
        None => Cell::keyed("unused", "未计入"),
    };
    [Cell::optional(total, |total| Cell::Points(total, None)), state]
}

/// The findings of the works, as `check` shows them.
///
/// # Errors
/// A name is unknown, or the file cannot be read.
pub fn findings(reader: &Reader<'_>, rules: &ContestRules, query: Query<'_>) -> Result<Listing, AppError> {
    let category = query.category.map(|text| selection::category(rules, text)).transpose()?;
    let summaries = if query.zone.is_some() { entries_store::summaries(reader)? } else { Vec::new() };
    let zone = query.zone.map(|text| selection::zone(rules, &summaries, text)).transpose()?;
    let mut checked = Checked::load(reader, rules)?;
    let mut found = std::mem::take(&mut checked.findings);
    found.retain(|finding| {
        checked.entries.get(finding.entry).is_some_and(|work| {
            category.is_none_or(|category| work.category == category.id) && zone.as_ref().is_none_or(|zone| work.declaration.zone == *zone)
        })
    });
    checked.findings = found;
    let checked = Arc::new(checked);
    let mut listing = findings::listing(&checked);
    if !checked.is_complete {
        listing.notes.push("相似的作品过多，S401–S404 未能全部列出；请先处理已列出的重复作品，再导出一次。".to_owned());
    }
    Ok(listing)
}
