//! `status`: the dashboard: what the contest is, which dates are past, how much of everything is there, and what to do next with the
//! command to type. Says of marks and awards what `score status` and `award list` say, by asking the same functions.

use clap::Args;
use jiff::civil::DateTime;

use super::context::{Context, Outcome};
use super::progress::{self, Progress};
use super::recommending::Recommended;
use super::results::Contest;
use super::{award_results, recommending};
use crate::domain::category::Category;
use crate::domain::extension::{Extensions, Scope, Stage, Subject};
use crate::domain::judging::Judge;
use crate::domain::listing::{Audience, Cell, Column, Document, Item, Listing};
use crate::domain::rules::{ContestRules, Deadline};
use crate::domain::screening::{Queue, asked_back};
use crate::domain::status::{Competition, Status};
use crate::domain::threads::side_by_side;
use crate::error::AppError;
use crate::formats::rules_file;
use crate::store::db::Reader;
use crate::store::overview::{self, WorkCount};
use crate::store::{attachments, contest, extensions, organizations, screening, sources};

/// Arguments of `status`.
#[derive(Debug, Args)]
#[command(after_help = "示例：\n  dasai status\n  dasai status --format json")]
pub struct StatusArgs {}

/// Shows the dashboard.
///
/// # Errors
/// The contest cannot be read.
pub fn run(context: &mut Context, _args: &StatusArgs) -> Result<Outcome, AppError> {
    let db = context.open()?;
    let reader = db.reader()?;
    let text = contest::rules_text(&reader)?;
    let (rules, roster) = context.rules_beside(&reader, Contest::load)?;
    let local = rules.local(context.now);
    let (unconfirmed, facts) = side_by_side(|| rules_file::unconfirmed(&text).len(), || Facts::read(&reader, &rules, &roster, local));
    let facts = facts?;
    let mut document = Document::default().value("contest", "大赛", rules.contest.name.as_str());
    if let Some(theme) = &rules.contest.theme {
        document = document.value("theme", "主题", theme.as_str());
    }
    document = document
        .value("now", "现在", Cell::Moment(context.now))
        .value("entries", "作品", Cell::Integer(clamp(facts.total())))
        .value("organizations", "参赛单位", Cell::Integer(facts.organizations.into()))
        .value("registrations", "报名单位", Cell::Integer(facts.registrations.into()))
        .value("judges", "评委", Cell::Integer(clamp(facts.judges)))
        .value("screening_waiting", "待形式审查", Cell::Integer(clamp(facts.waiting())))
        .value("returned_overdue", if facts.overdue > 0 { "退回逾期未交" } else { "" }, Cell::Integer(clamp(facts.overdue)))
        .value("quarantine_open", "待处理的隔离行", Cell::Integer(facts.quarantine.into()))
        .value("unconfirmed", "规则待确认", Cell::count(unconfirmed))
        .value("recommendation", "", facts.recommendation.record());
    if facts.recommendation.has_begun {
        document = document.value("", "推荐", facts.recommendation.text());
    }
    document = document.listing(stages(&reader, &rules, local, &facts)?).listing(categories(&rules, &facts)).listing(rounds(&facts));
    let mut next = Listing::new(
        "next",
        "下一步",
        vec![
            Column::new("reason", "情况").only(Audience::Scripts),
            Column::new("command", "命令").only(Audience::Scripts),
            Column::new("", "情况与命令").only(Audience::People),
        ],
    )
    .when_empty("没有待办");
    for (reason, command) in next_steps(unconfirmed, &facts) {
        let both = format!("{reason}\n    {command}");
        next.push(vec![reason.into(), command.into(), both.into()]);
    }
    document.items.push(Item::Listing(next));
    Ok(Outcome::of(document))
}

/// A round as far as it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
struct RoundFacts {
    category: String,
    category_name: String,
    round: String,
    round_name: String,
    /// Works that take part.
    works: u64,
    /// Of these, works without the zone that the round needs.
    without_zone: u64,
    judges: u64,
    /// Sheets that judges owe; `None` where judges do not mark.
    expected: Option<u64>,
    /// Sheets that came: marks, absences and recusals.
    entered: u64,
    /// Sheets that did not come, or lack marks.
    missing: u64,
    /// Given parts that are not there.
    parts_missing: u64,
    /// Works that lack no sheet and still have fewer marks than the round needs.
    too_few: u64,
    /// Whether works go on from here, and whether any did.
    advance: Option<bool>,
    /// Whether the category's awards stand.
    has_awards: bool,
}

impl RoundFacts {
    /// Counts a zone. `lacks_zone`: its works have none, and the round needs one.
    fn add(&mut self, lacks_zone: bool, progress: &Progress) {
        let add = |to: &mut u64, more: usize| *to = to.saturating_add(count(more));
        add(&mut self.works, progress.works);
        add(&mut self.without_zone, if lacks_zone { progress.works } else { 0 });
        if let Some(expected) = &mut self.expected {
            add(expected, progress.expected);
        }
        add(&mut self.entered, progress.entered + progress.absent + progress.recused);
        add(&mut self.missing, progress.missing_sheets());
        add(&mut self.parts_missing, progress.parts_missing);
        add(&mut self.too_few, progress.too_few);
    }
}

/// Everything that the dashboard counts.
#[derive(Debug, Default)]
struct Facts {
    works: Vec<WorkCount>,
    rounds: Vec<RoundFacts>,
    organizations: u32,
    registrations: u32,
    quarantine: u32,
    judges: u64,
    /// Received files that found no work and no unit.
    orphans: u64,
    recommendation: Recommended,
    /// Which works compete.
    competition: Competition,
    /// Returned works that should have come back.
    overdue: u64,
}

impl Facts {
    fn read(reader: &Reader<'_>, rules: &ContestRules, roster: &Contest, now: DateTime) -> Result<Self, AppError> {
        let works = overview::works(reader)?;
        let mut rounds = Vec::new();
        for category in &rules.categories {
            let has_awards = award_results::is_confirmed(reader, category)?;
            for round in &category.rounds {
                let advanced = |to: &Option<_>| works.iter().any(|count| count.category == category.id && count.round == *to);
                let on_panel = |judge: &&Judge| judge.marks_round(&category.id, &round.id);
                let mut facts = RoundFacts {
                    category: category.id.to_string(),
                    category_name: category.name.clone(),
                    round: round.id.to_string(),
                    round_name: round.name.clone(),
                    works: 0,
                    without_zone: 0,
                    judges: count(roster.judges.iter().filter(on_panel).count()),
                    expected: round.judges.as_ref().map(|_| 0),
                    entered: 0,
                    missing: 0,
                    parts_missing: 0,
                    too_few: 0,
                    advance: round.advance.as_ref().map(|advance| advanced(&Some(advance.to.clone()))),
                    has_awards,
                };
                for (zone, progress) in progress::progress(reader, rules, roster, category, round)? {
                    facts.add(round.by_zone && zone.is_empty(), &progress);
                }
                rounds.push(facts);
            }
        }
        Ok(Self {
            works,
            rounds,
            organizations: organizations::count(reader)?,
            registrations: organizations::count_registrations(reader)?,
            quarantine: sources::count_open(reader)?,
            judges: overview::judges(reader)?,
            orphans: attachments::counts(reader)?.1,
            recommendation: Recommended::read(reader, rules)?,
            competition: roster.competition,
            overdue: overdue(reader, rules, now)?,
        })
    }

    fn total(&self) -> u64 {
        self.works.iter().filter(|count| count.round.is_none()).map(|count| count.count).sum()
    }

    /// Works that formal review has to decide about: those that were not yet, and those that came again.
    fn waiting(&self) -> u64 {
        let waits = |count: &&WorkCount| count.round.is_none() && Queue::of(count.status, 0).waits();
        self.works.iter().filter(waits).map(|count| count.count).sum()
    }

    fn of(&self, category: &Category, is: impl Fn(Status) -> bool) -> u64 {
        let own = |count: &&WorkCount| count.category == category.id && count.round.is_none() && is(count.status);
        self.works.iter().filter(own).map(|count| count.count).sum()
    }
}

/// How many returned works should have come back by now.
fn overdue(reader: &Reader<'_>, rules: &ContestRules, now: DateTime) -> Result<u64, AppError> {
    let index = recommending::extensions(reader, rules)?;
    let is_late = |away: &screening::Away| {
        let work = Subject { entry: away.entry, organization: away.organization, recommender: &away.recommender };
        let effective = index.effective(&rules.deadlines, Stage::Screening, work);
        asked_back(away.due, effective).is_some_and(|due| due.is_past(now))
    };
    Ok(screening::away(reader)?.iter().filter(|away| is_late(away)).count().try_into().unwrap_or(u64::MAX))
}

fn count(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

fn clamp(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn stages(reader: &Reader<'_>, rules: &ContestRules, now: DateTime, facts: &Facts) -> Result<Listing, AppError> {
    let columns = vec![
        Column::new("stage", "阶段"),
        Column::new("date", "截止"),
        Column::new("state", "进度"),
        Column::new("days", "相距天数").only(Audience::Scripts),
        Column::new("late", "逾期情况"),
    ];
    let mut listing = Listing::new("stages", "阶段", columns);
    let granted = extensions::list(reader)?;
    let index = Extensions::new(granted.iter().map(|granted| &granted.extension), &recommending::directory(reader, rules)?);
    for stage in Stage::ALL {
        let Some(of_rules) = stage.deadline(&rules.deadlines) else { continue };
        let deadline = index.standing(&rules.deadlines, stage, &Scope::All).unwrap_or(of_rules);
        let (state, days) = progress(deadline, now);
        let mut late = Vec::new();
        if deadline > of_rules {
            late.push(format!("已延期，规则为 {}", of_rules.0.strftime("%Y-%m-%d")));
        }
        let alone = granted.iter().filter(|one| one.extension.stage == stage && one.extension.scope != Scope::All).count();
        if alone > 0 {
            late.push(format!("另有 {alone} 项单独延期"));
        }
        if stage == Stage::Submission && deadline.is_past(now) {
            let moment = deadline.0.to_zoned(rules.contest.timezone.clone());
            let after = moment.ok().and_then(|moment| moment.timestamp().checked_add(jiff::SignedDuration::from_nanos(1)).ok());
            if let Some(after) = after {
                // As D201 has it: works in the contest, each by the deadline that applies to it.
                let is_late = |work: &&overview::Submitted| {
                    let subject = Subject { entry: work.entry, organization: work.organization, recommender: &work.recommender };
                    let own = index.effective(&rules.deadlines, stage, subject);
                    work.status.is_active() && own.is_some_and(|own| own.is_past(rules.local(work.at)))
                };
                let count = overview::submitted_from(reader, after)?.iter().filter(is_late).count();
                if count > 0 {
                    late.push(format!("{count} 件作品在截止后提交"));
                }
            }
            if facts.quarantine > 0 {
                late.push(format!("{} 行仍在隔离", facts.quarantine));
            }
        }
        if stage == Stage::Recommendation && deadline.is_past(now) && facts.recommendation.has_begun && facts.recommendation.open() > 0 {
            late.push(format!("{} 件作品没有盖章确认推荐", facts.recommendation.open()));
        }
        if stage == Stage::Screening && facts.overdue > 0 {
            late.push(format!("{} 件退回的作品过了补正期限", facts.overdue));
        }
        let date = deadline.0.strftime("%Y-%m-%d").to_string();
        listing.push(vec![Cell::keyed(stage.key(), stage.label()), date.into(), state, Cell::Integer(days), late.join("；").into()]);
    }
    for milestone in &rules.milestones {
        listing.push(vec![milestone.name.as_str().into(), milestone.date.as_str().into()]);
    }
    Ok(listing)
}

/// Open, last day or past; and the days until then, negative afterwards.
fn progress(deadline: Deadline, now: DateTime) -> (Cell, i64) {
    let days = (deadline.0.date() - now.date()).get_days();
    let state = if deadline.is_past(now) {
        Cell::keyed("past", if days == 0 { "今天已截止".to_owned() } else { format!("已截止 {} 天", days.saturating_neg()) })
    } else if days == 0 {
        Cell::keyed("today", "今天截止")
    } else {
        Cell::keyed("open", format!("还有 {days} 天"))
    };
    (state, days.into())
}

fn categories(rules: &ContestRules, facts: &Facts) -> Listing {
    let columns = vec![
        Column::new("category", "参赛类型"),
        Column::new("total", "作品"),
        Column::new("declared", "已申报"),
        Column::new("recommended", "已推荐"),
        Column::new("accepted", "已受理"),
        Column::new("returned", "退回修改"),
        Column::new("resubmitted", "重新提交"),
        Column::new("out", "退出"),
        Column::new("competing", "参评"),
    ];
    let mut listing = Listing::new("categories", "作品", columns);
    for category in &rules.categories {
        let count = |is: &dyn Fn(Status) -> bool| Cell::Integer(clamp(facts.of(category, is)));
        listing.push(vec![
            Cell::keyed(category.id.as_str(), category.name.as_str()),
            count(&|_| true),
            count(&|status| status == Status::Declared),
            count(&|status| status == Status::Recommended),
            count(&|status| status == Status::Accepted),
            count(&|status| status == Status::Returned),
            count(&|status| status == Status::Resubmitted),
            count(&|status| !status.is_active()),
            count(&|status| facts.competition.admits(status)),
        ]);
    }
    listing
}

fn rounds(facts: &Facts) -> Listing {
    let columns = vec![
        Column::new("category", "参赛类型"),
        Column::new("round", "轮次"),
        Column::new("works", "作品"),
        Column::new("judges", "评委"),
        Column::new("expected", "应评"),
        Column::new("entered", "已评"),
        Column::new("missing", "未评"),
    ];
    let mut listing = Listing::new("rounds", "评审", columns);
    for round in &facts.rounds {
        let missing = round.expected.map(|_| round.missing);
        listing.push(vec![
            Cell::keyed(round.category.as_str(), round.category_name.as_str()),
            Cell::keyed(round.round.as_str(), round.round_name.as_str()),
            Cell::Integer(clamp(round.works)),
            Cell::Integer(clamp(round.judges)),
            Cell::optional(round.expected, |expected| Cell::Integer(clamp(expected))),
            Cell::Integer(clamp(round.entered)),
            Cell::optional(missing, |missing| Cell::Integer(clamp(missing))),
        ]);
    }
    listing
}

/// What to do next, most urgent first, each with the command to type.
fn next_steps(unconfirmed: usize, facts: &Facts) -> Vec<(String, String)> {
    let mut steps = Vec::new();
    if unconfirmed > 0 {
        let reason = format!("规则有 {unconfirmed} 项通知未规定、还是预设的值，请按大赛实际确认");
        steps.push((reason, "dasai rules check".to_owned()));
    }
    if facts.total() == 0 {
        steps.push(("还没有作品".to_owned(), "dasai import 收到的文件或文件夹".to_owned()));
    }
    if facts.quarantine > 0 {
        steps.push((format!("{} 行未能接收", facts.quarantine), "dasai quarantine list".to_owned()));
    }
    if facts.total() == 0 {
        return steps;
    }
    if facts.orphans > 0 {
        steps.push((format!("{} 个材料文件没有对上作品", facts.orphans), "dasai attachment list --unmatched".to_owned()));
    }
    if facts.recommendation.has_begun && facts.recommendation.open() > 0 {
        let reason = format!("{} 件作品还没有盖章确认推荐", facts.recommendation.open());
        steps.push((reason, "dasai recommender list --missing".to_owned()));
    }
    if facts.rounds.iter().all(|round| round.entered == 0) {
        steps.push(("评审前逐项核对作品与规则".to_owned(), "dasai check".to_owned()));
    }
    let is_judged = facts.rounds.iter().any(|round| round.entered > 0);
    if facts.waiting() > 0 && (facts.competition.accepted_only || !is_judged) {
        steps.push((format!("{} 件作品等待形式审查", facts.waiting()), "dasai screen list".to_owned()));
    }
    if facts.overdue > 0 {
        let reason = format!("{} 件退回的作品过了补正期限，还没有重新提交", facts.overdue);
        steps.push((reason, "dasai screen list --returned".to_owned()));
    }
    if facts.judges == 0 {
        steps.push(("还没有评委".to_owned(), "dasai judge import 评委名单".to_owned()));
        return steps;
    }
    for round in facts.rounds.iter().filter(|round| round.works > 0) {
        let name = format!("{}{}", round.category_name, round.round_name);
        let (category, id) = (&round.category, &round.round);
        if round.without_zone > 0 && round.advance != Some(true) {
            let reason = format!("{name}：{} 件作品还没有填赛区", round.without_zone);
            steps.push((reason, format!("dasai entry list --category {category}")));
        }
        let is_open = round.advance != Some(true);
        let progress = format!("dasai score status --category {category} --round {id}");
        match round.expected {
            Some(0) if is_open => {
                steps.push((format!("{name}：还没有安排评委"), "dasai judge list".to_owned()));
            }
            Some(_) if is_open && round.missing > 0 => {
                let reason = format!("{name}：还差 {} 份评分", round.missing);
                steps.push((reason, format!("dasai score import 评分表 --category {category} --round {id}")));
            }
            _ if is_open && round.parts_missing > 0 => steps.push((format!("{name}：还差 {} 项给定分", round.parts_missing), progress)),
            Some(_) if is_open && round.too_few > 0 => {
                steps.push((format!("{name}：{} 件作品有效评分的评委人数不足", round.too_few), progress));
            }
            Some(_) if round.advance == Some(false) => {
                steps.push((format!("{name}：评分已齐，可以确定晋级"), format!("dasai advance {category}")));
            }
            Some(_) if round.advance.is_none() && !round.has_awards => {
                steps.push((format!("{name}：评分已齐，可以评定奖项"), "dasai award propose".to_owned()));
            }
            Some(_) | None => {}
        }
    }
    if facts.rounds.iter().any(|round| round.advance.is_none() && round.works > 0)
        && facts.rounds.iter().filter(|round| round.works > 0).all(|round| round.has_awards)
    {
        steps.push(("奖项都已确认，可以导出获奖名单".to_owned(), "dasai export awards --out 获奖名单.xlsx".to_owned()));
    }
    steps
}
