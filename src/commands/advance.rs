//! `advance`: who goes to the next round. Computes, shows, and writes the decision in one operation; a tie at the line waits for staff.

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;

use super::context::{Context, Outcome};
use super::results::{Contest, Judged, judge_round, latest_round, marks};
use super::selection;
use crate::domain::advancement::{self, AdvanceReason, Advancement};
use crate::domain::category::{Advance, Category, LineTies, Round};
use crate::domain::listing::{Cell, Column, Document, Listing};
use crate::domain::ranking::{rank, rank_all};
use crate::domain::rules::ContestRules;
use crate::domain::scoring::EntryScore;
use crate::domain::values::EntryId;
use crate::error::AppError;
use crate::store::db::Reader;
use crate::store::results as results_store;

/// Arguments of `advance`.
#[derive(Debug, Args)]
#[command(
    after_help = "示例：\n  dasai advance speech --dry-run\n  dasai advance speech --include-ties\n  dasai advance film --round preliminary --cut"
)]
pub struct AdvanceArgs {
    /// 参赛类型
    #[arg(value_name = "参赛类型")]
    category: String,
    /// 从哪一轮晋级（默认：已有分数、且有晋级规则的最后一轮）
    #[arg(long, value_name = "轮次")]
    round: Option<String>,
    /// 晋级线上并列的作品全部晋级
    #[arg(long, conflicts_with = "cut")]
    include_ties: bool,
    /// 晋级线上并列的作品都不晋级
    #[arg(long)]
    cut: bool,
    /// 分数未齐也确定晋级，须用 --reason 说明理由
    #[arg(long, requires = "reason")]
    incomplete: bool,
    /// 理由，记入晋级名单
    #[arg(long, value_name = "理由")]
    reason: Option<String>,
    /// 名单与已确定的不同时，按新名单改
    #[arg(long)]
    update: bool,
}

/// Decides who goes on.
///
/// # Errors
/// Marks are missing, a tie at the line needs a decision, the decided list would change without `--update`, or works that would drop
/// out have marks in the next round already.
pub fn advance(context: &mut Context, args: &AdvanceArgs) -> Result<Outcome, AppError> {
    let mut db = context.open()?;
    let plan = {
        let reader = db.reader()?;
        let rules = context.rules(&reader)?;
        plan(&reader, &rules, args)?
    };
    let outcome = Outcome { messages: plan.messages.clone(), ..Outcome::of(plan.document.clone()) };
    if plan.put.is_empty() && plan.delete.is_empty() {
        return Ok(outcome.message(if plan.is_empty {
            "没有作品晋级，没有写入"
        } else {
            "与已确定的晋级名单相同，没有变化"
        }));
    }
    if plan.changes_decided && !args.update && !context.dry_run {
        context.ui.show(&plan.document)?;
        return Err(AppError::refused(plan.change_text).hint("确认要改名单：在命令后加 --update").hint("只想看看：加 --dry-run"));
    }
    if context.dry_run {
        return Ok(outcome.message("试运行：没有写入"));
    }
    let tx = context.operation(&mut db)?;
    for entry in &plan.delete {
        results_store::delete_advancement(&tx, *entry, &plan.to)?;
    }
    for advancement in &plan.put {
        results_store::put_advancement(&tx, advancement)?;
    }
    tx.finish(&plan.summary)?;
    Ok(outcome.message(plan.summary))
}

/// What `advance` would do.
struct AdvancePlan {
    document: Document,
    messages: Vec<String>,
    put: Vec<results_store::Advancement>,
    delete: Vec<EntryId>,
    to: crate::domain::values::RoundId,
    /// Whether a decided list would become another one.
    changes_decided: bool,
    /// Whether nobody goes on, now or before.
    is_empty: bool,
    change_text: String,
    summary: String,
}

fn plan(reader: &Reader<'_>, rules: &ContestRules, args: &AdvanceArgs) -> Result<AdvancePlan, AppError> {
    let category = selection::category(rules, &args.category)?;
    let round = from_round(reader, category, args.round.as_deref())?;
    let reason = args.reason.as_deref().map(str::trim).unwrap_or_default();
    if args.incomplete && reason.is_empty() {
        return Err(AppError::usage("分数未齐而确定晋级，要写明理由").hint("加上 --reason 理由"));
    }
    let Some(rule) = &round.advance else {
        let with: Vec<String> = category.rounds.iter().filter(|round| round.advance.is_some()).map(|round| round.id.to_string()).collect();
        let hint = if with.is_empty() {
            "在规则里加 [category.round.advance]".to_owned()
        } else {
            format!("有晋级规则的轮次：{}", with.join("、"))
        };
        return Err(AppError::refused(format!("{}{}没有晋级规则", category.name, round.name)).hint(hint));
    };
    let contest = Contest::load(reader)?;
    let judged = judge_round(reader, &contest, category, round)?;
    if judged.works.is_empty() {
        return Err(AppError::refused(format!("{}{}还没有作品", category.name, round.name)).hint("先导入作品：dasai import 文件"));
    }
    if !judged.scores.is_complete() && !args.incomplete {
        let shown = judged.scores.missing.len();
        return Err(AppError::refused(format!("{}{}的分数未齐（缺 {shown} 项），不能确定晋级", category.name, round.name))
            .hint(format!("查看缺什么：dasai score status --category {} --round {}", category.id, round.id))
            .hint("确实要按现有分数确定：加 --incomplete --reason 理由"));
    }
    let said = match (args.include_ties, args.cut) {
        (true, _) => LineTies::Include,
        (_, true) => LineTies::Cut,
        (false, false) => LineTies::Ask,
    };
    let rule = Advance { ties: if said == LineTies::Ask { rule.ties } else { said }, ..rule.clone() };
    let result = advancement::advance(&rule, round, &judged.scores, said, |entry| contest.work(entry).map(|work| work.organization));
    refuse_open_ties(&result, &judged)?;
    let decided = results_store::advancements(reader, &category.id, &rule.to)?;
    let mut places = BTreeMap::new();
    // The places that decided: over all where the quota is one for all, though zones rank by themselves.
    let ranking = if result.across_zones { rank_all(round, &judged.scores) } else { rank(round, &judged.scores) };
    for table in &ranking.tables {
        places.extend(table.ranked.iter().map(|ranked| (ranked.entry, ranked.place)));
    }
    let through: Vec<EntryId> = result.tables.iter().flat_map(|table| table.through.iter().copied()).collect();
    let wanted: Vec<results_store::Advancement> = through
        .iter()
        .map(|entry| results_store::Advancement {
            entry: *entry,
            from: round.id.clone(),
            to: rule.to.clone(),
            place: places.get(entry).copied(),
            reason: reason.to_owned(),
        })
        .collect();
    let kept: BTreeSet<EntryId> = through.iter().copied().collect();
    let delete: Vec<EntryId> = decided.iter().map(|old| old.entry).filter(|entry| !kept.contains(entry)).collect();
    let on_file: BTreeMap<EntryId, &results_store::Advancement> = decided.iter().map(|old| (old.entry, old)).collect();
    let joined: Vec<EntryId> = through.iter().copied().filter(|entry| !on_file.contains_key(entry)).collect();
    refuse_marked_dropouts(reader, &contest, category, &rule, &delete)?;
    let same = |new: &results_store::Advancement| {
        on_file.get(&new.entry).is_some_and(|old| old.place == new.place && (old.reason == new.reason || new.reason.is_empty()))
    };
    let to_name = category.rounds.iter().find(|round| round.id == rule.to).map_or_else(|| rule.to.to_string(), |round| round.name.clone());
    let mut differences = Vec::new();
    if !joined.is_empty() {
        differences.push(format!("新进 {}", contest.numbers(&joined)));
    }
    if !delete.is_empty() {
        differences.push(format!("退出 {}", contest.numbers(&delete)));
    }
    if differences.is_empty() {
        let moved = wanted.iter().any(|new| on_file.get(&new.entry).is_some_and(|old| old.place != new.place));
        differences.push(if moved { "名次有变" } else { "名单和名次不变，只有理由不同" }.to_owned());
    }
    let mut messages = Vec::new();
    if result.across_zones {
        messages.push("各赛区由不同评委打分，晋级却按全部作品一起排：请核对规则是否应为各赛区分别定名额（per_zone）".to_owned());
    }
    for table in &result.tables {
        if !table.cut.is_empty() {
            messages.push(format!("并列、没有晋级：{}", contest.numbers(&table.cut)));
        }
        if !table.skipped.is_empty() {
            let skipped: Vec<EntryId> = table.skipped.iter().map(|(entry, _)| *entry).collect();
            messages.push(format!("因单位名额已满跳过：{}", contest.numbers(&skipped)));
        }
        if !table.unscored.is_empty() {
            messages.push(format!("没有得分、未晋级：{}", contest.numbers(&table.unscored)));
        }
        if table.zone.as_deref() == Some("") {
            let number = table.first.map_or_else(|| "作品编号".to_owned(), |entry| contest.number(entry));
            messages.push(format!("未分赛区的作品没有晋级名额；先定赛区：dasai entry set {number} zone=赛区"));
        }
    }
    let unfinished = if judged.scores.is_complete() { "" } else { "（分数未齐）" };
    let reason = if reason.is_empty() { String::new() } else { format!("：{reason}") };
    Ok(AdvancePlan {
        document: document(&judged, &rule, &result, &places, &to_name),
        messages,
        put: wanted.into_iter().filter(|new| !same(new)).collect(),
        delete,
        changes_decided: !decided.is_empty(),
        is_empty: through.is_empty() && decided.is_empty(),
        change_text: format!("{}进入{to_name}的名单已经确定，现在的结果不同：{}", category.name, differences.join("；")),
        summary: format!("确定{} {} 件作品进入{to_name}{unfinished}{reason}", category.name, through.len()),
        to: rule.to,
    })
}

fn from_round<'a>(reader: &Reader<'_>, category: &'a Category, text: Option<&str>) -> Result<&'a Round, AppError> {
    if let Some(text) = text {
        return selection::round(category, text);
    }
    let latest = latest_round(reader, category)?;
    if latest.advance.is_some() {
        return Ok(latest);
    }
    // The final has marks already: the decision about who came to it is the one before.
    let before = category.rounds.iter().rfind(|round| round.advance.as_ref().is_some_and(|advance| advance.to == latest.id));
    Ok(before.unwrap_or(latest))
}

fn refuse_open_ties(result: &Advancement, judged: &Judged<'_>) -> Result<(), AppError> {
    let mut texts = Vec::new();
    for table in &result.tables {
        for question in &table.questions {
            let zone = table.zone.as_deref().filter(|zone| !zone.is_empty()).map_or_else(String::new, |zone| format!("{zone}："));
            let (who, what) = match question.reason {
                AdvanceReason::Line => ("", "晋级名额"),
                AdvanceReason::Organization(_) => ("同一单位的作品", "该单位的晋级名额"),
            };
            texts.push(format!(
                "{zone}{who}并列第 {} 名的有 {} 件（{}），{what}只剩 {} 个",
                question.place,
                question.works.len(),
                judged.contest.numbers(&question.works),
                question.seats
            ));
        }
    }
    if texts.is_empty() {
        return Ok(());
    }
    let command = format!("dasai advance {} --round {}", judged.category.id, judged.round.id);
    Err(AppError::refused(format!("晋级要由工作人员决定：{}", texts.join("；")))
        .hint(format!("并列的全部晋级：{command} --include-ties"))
        .hint(format!("并列的都不晋级：{command} --cut")))
}

fn refuse_marked_dropouts(
    reader: &Reader<'_>,
    contest: &Contest,
    category: &Category,
    rule: &Advance,
    delete: &[EntryId],
) -> Result<(), AppError> {
    let Some(next) = category.rounds.iter().find(|round| round.id == rule.to) else { return Ok(()) };
    let mut dropouts: Vec<_> = delete.iter().filter_map(|entry| contest.work(*entry)).collect();
    dropouts.sort_by_key(|work| work.id);
    let mut marked: Vec<EntryId> =
        marks(reader, next, &dropouts)?.entries.into_iter().filter(|(_, sheets)| !sheets.is_empty()).map(|(entry, _)| entry).collect();
    let given = results_store::given_parts(reader, &category.id, &next.id)?.into_iter().map(|given| given.entry);
    let leaving: BTreeSet<EntryId> = delete.iter().copied().collect();
    marked.extend(given.filter(|entry| leaving.contains(entry)));
    marked.sort_unstable();
    marked.dedup();
    if marked.is_empty() {
        return Ok(());
    }
    Err(AppError::refused(format!("{} 已有{}的分数，不能退出晋级名单", contest.numbers(&marked), next.name))
        .hint(format!("若分数录错了，先清除：dasai score clear 作品编号 --judge 评委 --round {}", next.id)))
}

fn document(judged: &Judged<'_>, rule: &Advance, result: &Advancement, places: &BTreeMap<EntryId, u32>, to_name: &str) -> Document {
    let columns = vec![
        Column::new("place", "名次"),
        Column::new("entry", "作品编号"),
        Column::new("title", "作品名称"),
        Column::new("organization", "单位"),
        Column::new("zone", "赛区"),
        Column::new("score", "得分"),
    ];
    let mut listing = Listing::new("advanced", format!("{}进入{to_name}的作品", judged.category.name), columns).when_empty("没有作品晋级");
    let scores: BTreeMap<EntryId, &EntryScore> = judged.scores.scores.iter().map(|score| (score.entry, score)).collect();
    for table in &result.tables {
        for entry in &table.through {
            let Some(work) = judged.contest.work(*entry) else { continue };
            let score = scores.get(entry).and_then(|score| score.final_score.clone());
            listing.push(vec![
                Cell::optional(places.get(entry), |place| Cell::Integer(i64::from(*place))),
                Cell::text(work.number.as_str()),
                Cell::text(work.title.as_str()),
                Cell::text(work.organization_name.as_str()),
                Cell::text(work.zone.as_str()),
                Cell::optional(score, |score| Cell::Points(score, judged.round.score.rounding.r#final)),
            ]);
        }
    }
    Document::default()
        .value("category", "参赛类型", Cell::keyed(judged.category.id.as_str(), judged.category.name.as_str()))
        .value("round", "从", Cell::keyed(judged.round.id.as_str(), judged.round.name.as_str()))
        .value("to", "进入", Cell::keyed(rule.to.as_str(), to_name))
        .listing(listing)
}
