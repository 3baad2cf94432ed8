//! `award`: proposing, confirming, and people's decisions (合议). What the list holds is computed in `commands::award_results`.

use std::collections::{BTreeMap, BTreeSet};

use clap::{Args, Subcommand};

use super::award_results::{self, CategoryAwards, Settled, award_list, compute, decision_key};
use super::commendation::{COMMENDATION, TIES_KEY, commended};
use super::context::{Context, Outcome};
use super::results::Contest;
use super::selection;
use super::{award_changes, award_proposal};
use crate::domain::award_decision::{Certificates, Final, Recipient, StoredGrant, rows_to_write};
use crate::domain::category::{Category, LineTies};
use crate::domain::folding::fold_text;
use crate::domain::listing::{Cell, Document};
use crate::domain::rules::ContestRules;
use crate::domain::values::AwardId;
use crate::error::{AppError, ErrorKind};
use crate::store::db::Reader;
use crate::store::results as results_store;

/// Sub-commands of `award`.
#[derive(Debug, Subcommand)]
pub enum AwardCommand {
    /// 按现有分数计算拟定的奖项，不写入
    #[command(visible_alias = "拟定")]
    Propose(ProposeArgs),
    /// 确认奖项，并编证书编号
    #[command(visible_alias = "确认")]
    Confirm(ConfirmArgs),
    /// 合议授予一个奖项
    #[command(visible_alias = "授予")]
    Grant(DecideArgs),
    /// 合议取消一个奖项
    #[command(visible_alias = "取消")]
    Revoke(DecideArgs),
    /// 获奖名单
    #[command(visible_alias = "列出", alias = "列表")]
    List(ListArgs),
}

/// How staff settle what the rules leave open.
#[derive(Debug, Clone, Args)]
pub struct SettleArgs {
    /// 名额线上并列的全部授予（可指明奖项：--expand=first）
    #[arg(long, value_name = "奖项", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    expand: Vec<String>,
    /// 名额线上并列的都不授予（可指明奖项：--shrink=first）
    #[arg(long, value_name = "奖项", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    shrink: Vec<String>,
    /// 空缺的奖项，可以写几次
    #[arg(long, value_name = "奖项")]
    vacant: Vec<String>,
}

/// Arguments of `award propose`.
#[derive(Debug, Args)]
#[command(after_help = "示例：\n  dasai award propose\n  dasai award propose speech --expand=first --shrink=second")]
pub struct ProposeArgs {
    /// 参赛类型（默认全部）
    #[arg(value_name = "参赛类型")]
    category: Option<String>,
    #[command(flatten)]
    settle: SettleArgs,
}

/// Arguments of `award confirm`.
#[derive(Debug, Args)]
#[command(
    after_help = "示例：\n  dasai award confirm speech\n  dasai award confirm film --shrink --vacant first\n  dasai award confirm --update"
)]
pub struct ConfirmArgs {
    /// 参赛类型（默认全部）
    #[arg(value_name = "参赛类型")]
    category: Option<String>,
    #[command(flatten)]
    settle: SettleArgs,
    /// 已确认过、结果有变时，按新结果改
    #[arg(long)]
    update: bool,
    /// 分数未齐也确认
    #[arg(long)]
    incomplete: bool,
}

/// Arguments of `award grant` and `award revoke`.
#[derive(Debug, Args)]
#[command(
    after_help = "示例：\n  dasai award grant Y005 second --reason 评委合议：内容突出\n  dasai award revoke Y012 third --reason 查实署名有误"
)]
pub struct DecideArgs {
    /// 作品编号
    #[arg(value_name = "作品编号")]
    entry: String,
    /// 奖项（代号或名称）
    #[arg(value_name = "奖项")]
    award: String,
    /// 理由，记入名单
    #[arg(long, value_name = "理由")]
    reason: String,
}

/// Arguments of `award list`.
#[derive(Debug, Args)]
#[command(after_help = "示例：\n  dasai award list\n  dasai award list --category speech --format json")]
pub struct ListArgs {
    /// 只看一个参赛类型
    #[arg(long, value_name = "参赛类型")]
    category: Option<String>,
}

/// Does one of the sub-commands.
///
/// # Errors
/// See each.
pub fn run(context: &mut Context, command: AwardCommand) -> Result<Outcome, AppError> {
    match command {
        AwardCommand::Propose(args) => propose(context, &args),
        AwardCommand::Confirm(args) => confirm(context, &args),
        AwardCommand::Grant(args) => decide(context, &args, false),
        AwardCommand::Revoke(args) => decide(context, &args, true),
        AwardCommand::List(args) => list(context, &args),
    }
}

/// What the flags settle for a category. A named award that the category does not have is for another one.
fn settled(rules: &ContestRules, category: &Category, args: &SettleArgs) -> Result<Settled, AppError> {
    let mut settled = Settled::default();
    let mut named: BTreeMap<AwardId, LineTies> = BTreeMap::new();
    let folded = |texts: &[String]| texts.iter().map(|text| fold_text(text)).collect::<BTreeSet<_>>();
    if let Some(text) = folded(&args.expand).intersection(&folded(&args.shrink)).next() {
        return Err(both_ways(text));
    }
    let own = || {
        let specials = rules.special_awards.iter().filter(|award| award.category == category.id);
        category.awards.iter().map(|award| (&award.id, &award.name)).chain(specials.map(|award| (&award.id, &award.name)))
    };
    for (texts, ties) in [(&args.expand, LineTies::Include), (&args.shrink, LineTies::Cut)] {
        for text in texts {
            let wanted = fold_text(text);
            for (id, name) in own() {
                if wanted.is_empty() {
                    settled.ties.entry(id.clone()).or_insert(ties);
                } else if fold_text(id.as_str()) == wanted || fold_text(name) == wanted {
                    // A named award outweighs the flag for all.
                    if named.insert(id.clone(), ties).is_some_and(|other| other != ties) {
                        return Err(both_ways(name));
                    }
                    settled.ties.insert(id.clone(), ties);
                } else {
                    known_award(rules, text)?;
                }
            }
        }
    }
    for text in &args.vacant {
        let wanted = fold_text(text);
        if wanted.is_empty() || wanted == COMMENDATION {
            let message = if wanted.is_empty() { "--vacant 后面没有写奖项" } else { "表扬名单不能用 --vacant 空缺" };
            return Err(AppError::usage(message).hint("写奖项的代号或名称，例如：--vacant first"));
        }
        match own().find(|(id, name)| fold_text(id.as_str()) == wanted || fold_text(name) == wanted) {
            Some((id, _)) => {
                settled.vacant.insert(id.clone());
            }
            None => known_award(rules, text)?,
        }
    }
    Ok(settled)
}

/// The failure where a tie is settled one way and the other.
fn both_ways(award: &str) -> AppError {
    let whose = if award.is_empty() { "并列的作品".to_owned() } else { format!("“{award}”并列的作品") };
    AppError::usage(format!("{whose}不能既全部授予又都不授予"))
        .hint("--expand 和 --shrink 只留一个，或各指明奖项：--expand=first --shrink=second")
}

/// Refuses an award that no category has.
fn known_award(rules: &ContestRules, text: &str) -> Result<(), AppError> {
    let wanted = fold_text(text);
    let levels = rules.categories.iter().flat_map(|category| &category.awards).map(|award| (&award.id, &award.name));
    let specials = rules.special_awards.iter().map(|award| (&award.id, &award.name));
    let mut known: Vec<String> = Vec::new();
    for (id, name) in levels.chain(specials) {
        if wanted.is_empty() || fold_text(id.as_str()) == wanted || fold_text(name) == wanted || wanted == COMMENDATION {
            return Ok(());
        }
        let text = format!("{id}（{name}）");
        if !known.contains(&text) {
            known.push(text);
        }
    }
    Err(AppError::not_found(format!("没有奖项“{text}”")).hint(format!("奖项有：{}", known.join("、"))))
}

fn propose(context: &mut Context, args: &ProposeArgs) -> Result<Outcome, AppError> {
    let db = context.open()?;
    let reader = db.reader()?;
    let (rules, roster) = context.rules_beside(&reader, Contest::load)?;
    let (mut all, mut messages) = (Vec::new(), Vec::new());
    for category in selection::categories(&rules, args.category.as_deref())? {
        match compute(&reader, &rules, &roster, category, &settled(&rules, category, &args.settle)?) {
            // One category that cannot be computed does not hide the others.
            Err(error) if args.category.is_none() && error.kind == ErrorKind::Refused => messages.push(error.message),
            awards => all.push(awards?),
        }
    }
    Ok(Outcome { messages, ..Outcome::of(award_proposal::document(&rules, &roster, &all)) })
}

fn list(context: &mut Context, args: &ListArgs) -> Result<Outcome, AppError> {
    let db = context.open()?;
    let reader = db.reader()?;
    let (rules, roster) = context.rules_beside(&reader, Contest::load)?;
    let list = award_list(&reader, &rules, &roster, args.category.as_deref())?;
    let document = Document::of(award_results::listing(&roster, &list.rows));
    Ok(Outcome { messages: list.notes, ..Outcome::of(document) })
}

/// What confirming would write.
struct ConfirmPlan {
    document: Document,
    rows: Vec<StoredGrant>,
    decisions: Vec<(String, String)>,
    /// Rows of lists that were confirmed earlier and would become others.
    changed: Vec<String>,
    categories: Vec<String>,
    granted: usize,
    messages: Vec<String>,
}

fn confirm(context: &mut Context, args: &ConfirmArgs) -> Result<Outcome, AppError> {
    let mut db = context.open()?;
    let plan = {
        let reader = db.reader()?;
        let (rules, roster) = context.rules_beside(&reader, Contest::load)?;
        plan_confirm(&reader, &rules, &roster, args, &context.now.to_string())?
    };
    let outcome = Outcome { messages: plan.messages.clone(), ..Outcome::of(plan.document.clone()) };
    if plan.rows.is_empty() && plan.decisions.is_empty() {
        return Ok(outcome.message("与已确认的名单相同，没有变化"));
    }
    if !plan.changed.is_empty() && !args.update && !context.dry_run {
        return Err(AppError::refused(format!("名单确认过，现在的结果不同：{}", award_changes::listed(&plan.changed)))
            .hint("看新结果：dasai award propose")
            .hint("按新结果改（原证书编号不会给别人）：在命令后加 --update"));
    }
    if context.dry_run {
        return Ok(outcome.message("试运行：没有写入"));
    }
    let tx = context.operation(&mut db)?;
    for row in &plan.rows {
        results_store::put_grant(&tx, row)?;
    }
    for (key, value) in &plan.decisions {
        results_store::put_decision(&tx, key, value)?;
    }
    let summary = format!("确认{}的奖项 {} 项", plan.categories.join("、"), plan.granted);
    tx.finish(&summary)?;
    Ok(outcome.message(summary))
}

fn plan_confirm(
    reader: &Reader<'_>,
    rules: &ContestRules,
    roster: &Contest,
    args: &ConfirmArgs,
    now: &str,
) -> Result<ConfirmPlan, AppError> {
    let taken: Vec<String> = results_store::grants(reader)?.into_iter().filter_map(|row| row.certificate).collect();
    let mut certificates = rules.certificate_number.as_deref().map(|pattern| Certificates::new(pattern, rules.contest.year, taken));
    let mut plan = ConfirmPlan {
        document: Document::default(),
        rows: Vec::new(),
        decisions: Vec::new(),
        changed: Vec::new(),
        categories: Vec::new(),
        granted: 0,
        messages: Vec::new(),
    };
    let (mut listed, mut used) = (Vec::new(), false);
    for category in selection::categories(rules, args.category.as_deref())? {
        let awards = compute(reader, rules, roster, category, &settled(rules, category, &args.settle)?)?;
        if args.category.is_none() && awards.finals.is_empty() && awards.stored.is_empty() {
            plan.messages.push(format!("{}还没有可以确认的奖项，跳过", category.name));
            continue;
        }
        refuse_unsettled(rules, roster, &awards, args.incomplete)?;
        let rows = rows_to_write(&awards.finals, &awards.stored, |grant| certificates.as_mut()?.number(&category.prefix, &grant.award));
        if awards.confirmed {
            plan.changed.extend(award_changes::changes(rules, roster, Some(category), &awards.stored, &rows));
        } else {
            plan.decisions.push((decision_key("confirmed", category, None), now.to_owned()));
        }
        used |= awards.settled_a_tie();
        plan.messages.extend(awards.notes(rules, roster));
        plan.decisions.extend(new_decisions(reader, category, &awards)?);
        plan.granted += awards.finals.len();
        plan.categories.push(category.name.clone());
        let mut shown = awards;
        shown.stored = merged(&shown.stored, &rows);
        shown.confirmed = true;
        listed.extend(shown.rows(rules, roster));
        plan.rows.extend(rows);
    }
    if args.category.is_none() {
        used |= confirm_commendation(reader, rules, roster, args, &mut certificates, &mut listed, &mut plan)?;
    }
    let settles = !args.settle.expand.is_empty() || !args.settle.shrink.is_empty();
    if settles && !used {
        plan.messages.push("名额线上没有并列，--expand、--shrink 没有用到".to_owned());
    }
    plan.document = Document::of(award_results::listing(roster, &listed));
    Ok(plan)
}

/// The commended recommenders, numbered like works, once the lists of awards that they depend on are there. Returns whether a tie at
/// their line was settled.
fn confirm_commendation(
    reader: &Reader<'_>,
    rules: &ContestRules,
    roster: &Contest,
    args: &ConfirmArgs,
    certificates: &mut Option<Certificates<'_>>,
    listed: &mut Vec<award_results::AwardRow>,
    plan: &mut ConfirmPlan,
) -> Result<bool, AppError> {
    // A named award outweighs the flag for all.
    let says = |texts: &[String], wanted: &str| texts.iter().any(|text| fold_text(text) == wanted);
    let ties = [COMMENDATION, ""].into_iter().find_map(|wanted| {
        let (expand, shrink) = (says(&args.settle.expand, wanted), says(&args.settle.shrink, wanted));
        if expand { Some(LineTies::Include) } else { shrink.then_some(LineTies::Cut) }
    });
    let commended = commended(reader, rules, roster, listed, ties)?;
    if !commended.tied.is_empty() {
        return Err(AppError::refused(format!("组织推荐单位表扬线上并列：{}", commended.tied.join("、")))
            .hint(format!("全部表扬：dasai award confirm --expand={COMMENDATION}"))
            .hint(format!("都不表扬：dasai award confirm --shrink={COMMENDATION}")));
    }
    let rows = commended.rows_to_write(certificates);
    if commended.is_confirmed() {
        plan.changed.extend(award_changes::changes(rules, roster, None, &commended.stored, &rows));
    }
    if let Some(ties) = commended.settled {
        let value = ties_value(ties);
        if !results_store::decisions(reader, TIES_KEY)?.iter().any(|(key, known)| key == TIES_KEY && known == value) {
            plan.decisions.push((TIES_KEY.to_owned(), value.to_owned()));
        }
    }
    if !commended.is_confirmed() || !rows.is_empty() {
        plan.granted += commended.proposed.len();
    }
    listed.extend(commended.rows(&rows));
    plan.rows.extend(rows);
    Ok(commended.settled.is_some())
}

/// How a settled tie stands in the file.
fn ties_value(ties: LineTies) -> &'static str {
    if ties == LineTies::Include { "include" } else { "cut" }
}

/// Rows on file with those to write over them.
fn merged(stored: &[StoredGrant], rows: &[StoredGrant]) -> Vec<StoredGrant> {
    let mut by_key: BTreeMap<(Recipient, AwardId), StoredGrant> = BTreeMap::new();
    for row in stored.iter().chain(rows) {
        by_key.insert((row.recipient.clone(), row.award.clone()), row.clone());
    }
    by_key.into_values().collect()
}

/// What this command settled and the file does not know yet.
fn new_decisions(reader: &Reader<'_>, category: &Category, awards: &CategoryAwards<'_>) -> Result<Vec<(String, String)>, AppError> {
    let known: BTreeMap<String, String> = results_store::decisions(reader, "award.")?.into_iter().collect();
    // Only where there was a tie to settle: a flag for all must not settle ties that come later.
    let was_settled = |award: &AwardId| {
        awards.proposal.settled.contains(award) || awards.specials.iter().any(|special| special.settled && special.award.id == *award)
    };
    let ties = awards.settled.ties.iter().filter(|(award, _)| was_settled(award));
    let ties = ties.map(|(award, ties)| (decision_key("ties", category, Some(award)), ties_value(*ties).to_owned()));
    let vacant = awards.settled.vacant.iter().map(|award| (decision_key("vacant", category, Some(award)), "yes".to_owned()));
    Ok(ties.chain(vacant).filter(|(key, value)| known.get(key) != Some(value)).collect())
}

/// Refuses to confirm while marks are missing or ties are open.
fn refuse_unsettled(rules: &ContestRules, roster: &Contest, awards: &CategoryAwards<'_>, allow_incomplete: bool) -> Result<(), AppError> {
    let category = awards.category;
    let incomplete = award_proposal::incomplete_awards(rules, awards);
    if !incomplete.is_empty() && !allow_incomplete {
        return Err(AppError::refused(format!("{}的分数未齐，{} 还不能确认", category.name, incomplete.join("、")))
            .hint(format!("查看缺什么：dasai score status --category {}", category.id))
            .hint(format!("确实要按现有分数确认：dasai award confirm {} --incomplete", category.id)));
    }
    let open = award_proposal::questions(rules, roster, awards);
    if open.is_empty() {
        return Ok(());
    }
    let texts: Vec<String> = open.iter().map(|question| question.text.clone()).collect();
    let mut error = AppError::refused(format!("{}有并列要由工作人员决定：{}", category.name, texts.join("；")));
    for question in &open {
        error = error
            .hint(format!("{}：并列的全部授予：dasai award confirm {} --expand={}", question.name, category.id, question.award))
            .hint(format!("{}：并列的都不授予：dasai award confirm {} --shrink={}", question.name, category.id, question.award));
    }
    Err(error)
}

/// `award grant` and `award revoke`: a decision is kept with its reason beside what the computation says.
fn decide(context: &mut Context, args: &DecideArgs, revoke: bool) -> Result<Outcome, AppError> {
    let mut db = context.open()?;
    let Decision { rows, text, document } = {
        let reader = db.reader()?;
        let (rules, roster) = context.rules_beside(&reader, Contest::load)?;
        plan_decision(&reader, &rules, &roster, args, revoke)?
    };
    if rows.is_empty() {
        return Ok(Outcome::of(document).message("已经如此，没有变化"));
    }
    let outcome = Outcome::of(document.line(text.clone()));
    if context.dry_run {
        return Ok(outcome.message("试运行：没有写入"));
    }
    let tx = context.operation(&mut db)?;
    for row in &rows {
        results_store::put_grant(&tx, row)?;
    }
    tx.finish(&text)?;
    Ok(outcome)
}

/// What a decision writes, in the log's words, and for scripts.
struct Decision {
    rows: Vec<StoredGrant>,
    text: String,
    document: Document,
}

fn plan_decision(
    reader: &Reader<'_>,
    rules: &ContestRules,
    roster: &Contest,
    args: &DecideArgs,
    revoke: bool,
) -> Result<Decision, AppError> {
    let reason = args.reason.trim();
    if reason.is_empty() {
        return Err(AppError::usage("理由是空的").hint("合议的决定要写理由：--reason 理由"));
    }
    let work = selection::work(&roster.works, &args.entry)?;
    let category = selection::category(rules, work.category.as_str())?;
    let (award, name, is_level) = award_of(rules, category, &args.award)?;
    if !revoke && !roster.competition.admits(work.status) {
        let mut error = AppError::refused(format!("{} {}，不参加评奖", work.number, work.status.label()));
        if roster.competition.waits(work.status) {
            error = error.hint(format!("先受理：dasai screen accept {}", work.number));
        }
        return Err(error.hint(format!("查看它的状态：dasai entry show {}", work.number)));
    }
    if !revoke && !work.award_eligible {
        return Err(AppError::refused(format!("{} 只参加排名，不参加评奖", work.number))
            .hint(format!("若要参加评奖：dasai entry set {} award_eligible=yes --reason 理由", work.number)));
    }
    let awards = compute(reader, rules, roster, category, &Settled::default())?;
    let recipient = Recipient::Entry(work.id);
    let verb = if revoke { "取消" } else { "授予" };
    let decision = |rows: Vec<StoredGrant>| Decision {
        text: format!("合议{verb}：{} 《{}》 {name}（{reason}）", work.number, work.title),
        document: Document::default()
            .value("entry", "", work.number.as_str())
            .value("title", "", work.title.as_str())
            .value("award", "", award.as_str())
            .value("name", "", name.as_str())
            .value("granted", "", Cell::Flag(!revoke))
            .value("reason", "", reason)
            .value("changed", "", Cell::Flag(!rows.is_empty())),
        rows,
    };
    // A work that left the contest is in no list any more, but its row may stand.
    let stands = |row: &StoredGrant| revoke && row.recipient == recipient && row.award == award && (!row.revoked || row.grants());
    let has = awards.finals.iter().any(|grant| grant.recipient == recipient && grant.award == award) || awards.stored.iter().any(stands);
    if has != revoke {
        return if revoke {
            Err(AppError::refused(format!("{} 没有{name}，无可取消", work.number)).hint("现在的名单：dasai award list"))
        } else {
            Ok(decision(Vec::new()))
        };
    }
    let own: Vec<StoredGrant> = awards.stored.iter().filter(|row| row.recipient == recipient).cloned().collect();
    let before = own.iter().find(|row| row.award == award);
    let proposed = awards.computed.iter().find(|proposed| proposed.recipient == recipient && proposed.award == award);
    let mut decided = vec![StoredGrant {
        recipient: recipient.clone(),
        award: award.clone(),
        round: proposed.and_then(|proposed| proposed.round.clone()).or_else(|| before.and_then(|row| row.round.clone())),
        place: proposed.and_then(|proposed| proposed.place).or_else(|| before.and_then(|row| row.place)),
        revoked: revoke,
        lapsed: false,
        computed: proposed.is_some() != revoke,
        reason: reason.to_owned(),
        certificate: before.and_then(|row| row.certificate.clone()),
    }];
    if is_level && !revoke {
        // A work has one level: an earlier decision for another one ends here.
        let levels: Vec<&AwardId> = category.awards.iter().map(|level| &level.id).collect();
        let others = own.iter().filter(|row| row.grants() && row.award != award && levels.contains(&&row.award));
        decided.extend(others.map(|row| StoredGrant { revoked: true, lapsed: false, reason: reason.to_owned(), ..row.clone() }));
    }
    let mut rows = decided.clone();
    if awards.confirmed {
        rows = confirmed_rows(reader, rules, category, &awards, &own, &decided)?;
    }
    Ok(decision(rows))
}

/// In a confirmed list a decision takes effect at once, for this work only.
fn confirmed_rows(
    reader: &Reader<'_>,
    rules: &ContestRules,
    category: &Category,
    awards: &CategoryAwards<'_>,
    own: &[StoredGrant],
    decided: &[StoredGrant],
) -> Result<Vec<StoredGrant>, AppError> {
    let taken: Vec<String> = results_store::grants(reader)?.into_iter().filter_map(|row| row.certificate).collect();
    let mut certificates = rules.certificate_number.as_deref().map(|pattern| Certificates::new(pattern, rules.contest.year, taken));
    let stored = merged(own, decided);
    let finals: Vec<Final> = award_results::finals_of(awards, &stored);
    let effects = rows_to_write(&finals, &stored, |grant| certificates.as_mut()?.number(&category.prefix, &grant.award));
    let after = merged(&stored, &effects);
    Ok(after.into_iter().filter(|row| !own.contains(row)).collect())
}

/// The award of a category that a word names: id, printed name, whether a level.
fn award_of(rules: &ContestRules, category: &Category, text: &str) -> Result<(AwardId, String, bool), AppError> {
    let wanted = fold_text(text);
    let levels = category.awards.iter().map(|award| (&award.id, &award.name, true));
    let specials = rules.special_awards.iter().filter(|award| award.category == category.id).map(|award| (&award.id, &award.name, false));
    let all: Vec<_> = levels.chain(specials).collect();
    all.iter()
        .find(|(id, name, _)| fold_text(id.as_str()) == wanted || fold_text(name) == wanted)
        .map(|(id, name, is_level)| ((*id).clone(), (*name).clone(), *is_level))
        .ok_or_else(|| {
            let known: Vec<String> = all.iter().map(|(id, name, _)| format!("{id}（{name}）")).collect();
            AppError::not_found(format!("{}没有奖项“{text}”", category.name)).hint(format!("奖项有：{}", known.join("、")))
        })
}
