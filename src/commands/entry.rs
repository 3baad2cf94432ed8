//! `entry`: works listed, shown, found, corrected, withdrawn and restored. What is shown of one work is `entry_view`.
//!
//! Decision worth knowing: personal data is masked everywhere; only `entry show --reveal` shows it, to the staff's own screen.

use std::collections::BTreeSet;

use clap::{Args, Subcommand};

use super::context::{Context, Outcome};
use super::entry_view::{self, Reviewed, Story};
use super::recommend::recommender_changed;
use super::{recommending, screen_view, selection};
use crate::domain::entry::{Draft, Entry, EntrySummary, FieldChange};
use crate::domain::field::Field;
use crate::domain::folding::{fold_organization, fold_text, fold_title};
use crate::domain::intake::lengths;
use crate::domain::intake::problems::difference;
use crate::domain::listing::{Cell, Column, Document, Listing};
use crate::domain::problem::{Place, Severity};
use crate::domain::rules::ContestRules;
use crate::domain::status::{Status, Step};
use crate::domain::values::{CategoryId, EntryNumber, OrganizationId};
use crate::error::AppError;
use crate::formats::fields;
use crate::formats::registration::{ReadOptions, ReadRow};
use crate::formats::reread::{reread, unread};
use crate::store::db::Reader;
use crate::store::{attachments, entries, later_stages, oplog, organizations, recommendations, sources};

/// Sub-commands of `entry`.
#[derive(Debug, Subcommand)]
pub enum EntryCommand {
    /// 列出作品
    #[command(visible_alias = "列出", alias = "列表")]
    List(ListArgs),
    /// 查看一件作品：全部内容、来源、改动经过
    #[command(visible_alias = "查看")]
    Show(ShowArgs),
    /// 更正作品的内容
    #[command(visible_alias = "更正")]
    Set(SetArgs),
    /// 撤回作品
    #[command(visible_alias = "撤回")]
    Withdraw(WithdrawArgs),
    /// 取消作品的参赛资格
    #[command(visible_alias = "取消资格")]
    Disqualify(DisqualifyArgs),
    /// 恢复已撤回、已淘汰或被取消资格的作品
    #[command(visible_alias = "恢复")]
    Restore(RestoreArgs),
    /// 按名称、单位、编号、主创者查找作品
    #[command(visible_alias = "查找")]
    Search(SearchArgs),
}

/// Arguments of `entry list`.
#[derive(Debug, Args)]
#[command(after_help = "示例：\n  dasai entry list --category 演讲 --zone 浦东\n  dasai entry list --status withdrawn")]
pub struct ListArgs {
    /// 只列这一参赛类型（代号、名称或编号前缀）
    #[arg(long, value_name = "类型")]
    category: Option<String>,
    /// 只列这一状态，如 declared、withdrawn，或“已申报”“已撤回”
    #[arg(long, value_name = "状态")]
    status: Option<String>,
    /// 只列名称中含有这些字的单位
    #[arg(long, value_name = "单位")]
    organization: Option<String>,
    /// 只列这一赛区
    #[arg(long, value_name = "赛区")]
    zone: Option<String>,
    /// 只列名称中含有这些字的推荐单位
    #[arg(long, value_name = "推荐单位")]
    recommender: Option<String>,
}

/// Arguments of `entry show`.
#[derive(Debug, Args)]
#[command(after_help = "示例：\n  dasai entry show Y001\n  dasai entry show Y001 --reveal")]
pub struct ShowArgs {
    /// 作品编号
    #[arg(value_name = "编号")]
    number: String,
    /// 完整显示联系人、手机、邮箱、地址（平时隐去中间）
    #[arg(long)]
    reveal: bool,
}

/// Arguments of `entry set`.
#[derive(Debug, Args)]
#[command(after_help = "示例：
  dasai entry set Y001 title=一颗螺丝钉 zone=浦东
  dasai entry set Y001 contact_phone=13800001234 --reason 来电更正
  dasai entry set Y001 award_eligible=no --reason 主办单位自己的作品
  dasai entry set Y001 remark=          （清空备注）")]
pub struct SetArgs {
    /// 作品编号
    #[arg(value_name = "编号")]
    number: String,
    /// 字段=值，可写多项；字段用英文代号或中文名称，值留空即清空
    #[arg(required = true, value_name = "字段=值")]
    values: Vec<String>,
    /// 更正的理由，记入日志
    #[arg(long, value_name = "理由")]
    reason: Option<String>,
}

/// Arguments of `entry withdraw`.
#[derive(Debug, Args)]
#[command(after_help = "示例：\n  dasai entry withdraw Y001 --reason 单位来函撤回")]
pub struct WithdrawArgs {
    /// 作品编号
    #[arg(value_name = "编号")]
    number: String,
    /// 撤回的理由，记入日志
    #[arg(long, value_name = "理由")]
    reason: String,
}

/// Arguments of `entry disqualify`.
#[derive(Debug, Args)]
#[command(after_help = "示例：\n  dasai entry disqualify Y001 --reason 经核实剽窃他人作品")]
pub struct DisqualifyArgs {
    /// 作品编号
    #[arg(value_name = "编号")]
    number: String,
    /// 取消资格的理由，记入日志
    #[arg(long, value_name = "理由")]
    reason: String,
}

/// Arguments of `entry restore`.
#[derive(Debug, Args)]
#[command(
    after_help = "示例：\n  dasai entry restore Y001 --reason 单位来函恢复参赛\n\n恢复到退出以前的状态；被淘汰或取消资格的，须写明理由。"
)]
pub struct RestoreArgs {
    /// 作品编号
    #[arg(value_name = "编号")]
    number: String,
    /// 恢复的理由，记入日志
    #[arg(long, value_name = "理由")]
    reason: Option<String>,
}

/// Arguments of `entry search`.
#[derive(Debug, Args)]
#[command(after_help = "示例：\n  dasai entry search 螺丝钉")]
pub struct SearchArgs {
    /// 要找的字
    #[arg(value_name = "文字")]
    text: String,
}

/// Runs a sub-command.
///
/// # Errors
/// A work, category or status does not exist; a value cannot be read; the contest cannot be read or written.
pub fn run(context: &mut Context, command: EntryCommand) -> Result<Outcome, AppError> {
    match command {
        EntryCommand::List(args) => list(context, &args),
        EntryCommand::Show(args) => show(context, &args),
        EntryCommand::Set(args) => set(context, &args),
        EntryCommand::Withdraw(args) => leave(context, &args.number, &args.reason, Step::Withdraw),
        EntryCommand::Disqualify(args) => leave(context, &args.number, &args.reason, Step::Disqualify),
        EntryCommand::Restore(args) => restore(context, &args),
        EntryCommand::Search(args) => search(context, &args),
    }
}

fn list(context: &mut Context, args: &ListArgs) -> Result<Outcome, AppError> {
    let db = context.open()?;
    let reader = db.reader()?;
    let rules = context.rules(&reader)?;
    let category = args.category.as_deref().map(|text| category(&rules, text)).transpose()?;
    let status = args.status.as_deref().map(status).transpose()?;
    let organization = args.organization.as_deref().map(fold_organization);
    let recommender = args.recommender.as_deref().map(fold_organization);
    let zone = args.zone.as_deref().map(fold_text);
    // A unit is found by its other names, too.
    let units: Option<BTreeSet<OrganizationId>> = match &organization {
        None => None,
        Some(wanted) => {
            let named = organizations::known_units(&reader)?.into_iter().filter(|unit| unit.folded.contains(wanted));
            Some(named.map(|unit| unit.id).collect())
        }
    };
    let works = entries::summaries(&reader)?.into_iter().filter(|work| {
        category.as_ref().is_none_or(|wanted| work.category == *wanted)
            && status.is_none_or(|wanted| work.status == wanted)
            && units.as_ref().is_none_or(|units| units.contains(&work.organization))
            && recommender.as_ref().is_none_or(|wanted| fold_organization(&work.recommender).contains(wanted))
            && zone.as_ref().is_none_or(|wanted| fold_text(&work.zone) == *wanted)
    });
    Ok(Outcome::of(works_document(&rules, works, "没有符合条件的作品")))
}

fn search(context: &mut Context, args: &SearchArgs) -> Result<Outcome, AppError> {
    let text = args.text.trim();
    if text.is_empty() {
        return Err(AppError::usage("没有写要找的字").hint("例如：dasai entry search 螺丝钉"));
    }
    let db = context.open()?;
    let reader = db.reader()?;
    let rules = context.rules(&reader)?;
    let works = entries::search(&reader, text, &fold_title(text), &fold_organization(text))?;
    Ok(Outcome::of(works_document(&rules, works.into_iter(), "没有找到")))
}

/// Works as a list: the same for `list` and `search`.
fn works_document(rules: &ContestRules, works: impl Iterator<Item = EntrySummary>, when_empty: &str) -> Document {
    let columns = vec![
        Column::new("number", "作品编号"),
        Column::new("category", "参赛类型").heading(),
        Column::new("title", "作品名称"),
        Column::new("organization", "参赛单位"),
        Column::new("recommender", "推荐单位").minor(),
        Column::new("theme", "作品类别").minor(),
        Column::new("creators", "主创者").minor(),
        Column::new("zone", "赛区"),
        Column::new("status", "状态"),
        Column::new("submitted_at", "提交时间").minor(),
    ];
    let mut listing = Listing::new("entries", "参赛作品", columns).when_empty(when_empty);
    for work in works {
        listing.push(vec![
            work.number.as_str().into(),
            category_cell(rules, &work.category),
            work.title.into(),
            work.organization_name.into(),
            work.recommender.into(),
            work.theme.into(),
            work.creators.into(),
            work.zone.into(),
            Cell::keyed(work.status.key(), work.status.label()),
            Cell::optional(work.submitted_at, Cell::Moment),
        ]);
    }
    if !listing.rows.is_empty() {
        listing.notes.push(format!("共 {} 件", listing.rows.len()));
    }
    Document::of(listing)
}

fn show(context: &mut Context, args: &ShowArgs) -> Result<Outcome, AppError> {
    let db = context.open()?;
    let reader = db.reader()?;
    let rules = context.rules(&reader)?;
    let entry = find(&reader, &args.number)?;
    let history = oplog::history(&reader, "entry", entry.id.0)?;
    let files = attachments::of_entry(&reader, entry.id)?;
    let mail = entry.provenance.as_ref().map(|provenance| sources::mail_of(&reader, provenance.source)).transpose()?.flatten();
    let recommendation = entry_view::recommendation(recommendations::of_entry(&reader, entry.id)?, recommendations::sheets(&reader)?);
    let reviewed = Reviewed { decisions: screen_view::decisions(&reader, entry.id)?, waivers: screen_view::waivers(&reader, entry.id)? };
    let story = Story { history: &history, files: &files, mail: mail.as_ref(), recommendation: &recommendation, reviewed };
    Ok(Outcome::of(entry_view::document(&rules, &entry, story, args.reveal)))
}

/// What `entry set` asks for.
#[derive(Debug, Default)]
struct Wanted {
    typed: Vec<(Field, String)>,
    cleared: Vec<Field>,
    award_eligible: Option<bool>,
}

/// 可否获奖, by its key or names.
fn is_eligibility(name: &str) -> bool {
    matches!(name, "award_eligible" | "可否获奖" | "参评资格")
}

fn wanted(values: &[String]) -> Result<Wanted, AppError> {
    let mut wanted = Wanted::default();
    let mut named = Vec::new();
    for text in values {
        let (name, value) = selection::assignment(text, "title=一颗螺丝钉")?;
        let known = selection::field(name);
        selection::once(&mut named, known.ok_or(if is_eligibility(name) { "award_eligible" } else { name }), name)?;
        if is_eligibility(name) {
            let eligible = fields::yes_no(value).ok().flatten().or(match value {
                "yes" | "true" => Some(true),
                "no" | "false" => Some(false),
                _ => None,
            });
            wanted.award_eligible = Some(eligible.ok_or_else(|| AppError::usage("award_eligible 只能是 yes 或 no"))?);
            continue;
        }
        let editable = |field: &Field| crate::domain::entry::Declaration::default().text(*field).is_some();
        let Some(field) = known.filter(editable) else {
            let known: Vec<String> =
                Field::ALL.iter().filter(|field| editable(field)).map(|field| format!("{}（{}）", field.key(), field.label())).collect();
            return Err(AppError::usage(format!("作品没有“{name}”这个可更正的字段"))
                .hint(format!("可更正的有：{}，以及 award_eligible（可否获奖）", known.join("、")))
                .hint("单位的内容用 dasai org；作品的单位或类型弄错了，请撤回后重新导入"));
        };
        if value.is_empty() {
            wanted.cleared.push(field);
        } else {
            wanted.typed.push((field, value.to_owned()));
        }
    }
    Ok(wanted)
}

fn set(context: &mut Context, args: &SetArgs) -> Result<Outcome, AppError> {
    let wanted = wanted(&args.values)?;
    let mut db = context.open()?;
    let (rules, entry, directory) = {
        let reader = db.reader()?;
        let rules = context.rules(&reader)?;
        let directory = recommending::directory(&reader, &rules)?;
        (rules, find(&reader, &args.number)?, directory)
    };
    let reason = args.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
    if wanted.award_eligible == Some(false) && reason.is_none() {
        return Err(AppError::usage("取消获奖资格要写明理由")
            .hint(format!("例如：dasai entry set {} award_eligible=no --reason 理由", entry.number)));
    }
    let declaration = changed_declaration(&rules, &entry, &wanted)?;
    let title_folded = fold_title(&declaration.title);
    if title_folded.is_empty() {
        return Err(AppError::refused("作品名称不能为空").hint("不再参赛的作品请用 dasai entry withdraw"));
    }
    let mut changes: Vec<FieldChange> = Vec::new();
    for field in Field::ALL {
        if let (Some(old), Some(new)) = (entry.declaration.text(field), declaration.text(field))
            && old != new
        {
            changes.push(FieldChange { field, old: old.into_owned(), new: new.into_owned() });
        }
    }
    let is_other =
        |eligible: bool| eligible != entry.award_eligible || (!eligible && reason.is_some_and(|reason| reason != entry.award_reason));
    let award_changes = wanted.award_eligible.filter(|eligible| is_other(*eligible));
    if changes.is_empty() && award_changes.is_none() {
        return Ok(Outcome::of(Document::note(format!("作品 {} 的内容已经如此，没有改动", entry.number))));
    }
    refuse_twin(&db.reader()?, &entry, &title_folded)?;
    let mut listing = Listing::new(
        "changes",
        format!("作品 {} 的更正", entry.number),
        vec![Column::new("field", "项目"), Column::new("change", "原值 → 新值")],
    );
    for change in &changes {
        let change = change.clone().on_clock(&rules.contest.timezone);
        listing.push(vec![Cell::keyed(change.field.key(), change.field.label()), difference(&change).into()]);
    }
    if let Some(eligible) = award_changes {
        let word = |eligible: bool| if eligible { "可以获奖" } else { "不参与获奖" };
        let change = if eligible == entry.award_eligible {
            format!("理由：{} → {}", entry.award_reason, reason.unwrap_or_default())
        } else {
            format!("{} → {}", word(entry.award_eligible), word(eligible))
        };
        listing.push(vec![Cell::keyed("award_eligible", "可否获奖"), change.into()]);
    }
    let mut outcome = Outcome::of(Document::of(listing).value("entry", "", entry.number.as_str()));
    let recommender = directory.key(&declaration.recommender);
    let has_moved = directory.key(&entry.declaration.recommender) != recommender;
    if has_moved && entry.recommended_at.is_some() {
        outcome = outcome.message("推荐单位已更换：原来的推荐不再算数，由新的推荐单位重新推荐");
    }
    if context.dry_run {
        return Ok(outcome.message("试运行：什么都没有写入"));
    }
    let mut labels: Vec<&str> = changes.iter().map(|change| change.field.label()).collect();
    let tx = context.operation(&mut db)?;
    if !changes.is_empty() {
        entries::update_declaration(&tx, entry.id, &declaration, &title_folded)?;
    }
    if has_moved {
        recommender_changed(&tx, entry.id, entry.status, &recommender, &directory)?;
    }
    if let Some(eligible) = award_changes {
        labels.push("可否获奖");
        entries::set_award_eligibility(&tx, entry.id, eligible, if eligible { "" } else { reason.unwrap_or_default() })?;
    }
    tx.finish(&with_reason(&format!("更正作品 {} 的{}", entry.number, labels.join("、")), reason))?;
    Ok(outcome)
}

/// The declaration with the wanted values, read as those of a received table are.
fn changed_declaration(rules: &ContestRules, entry: &Entry, wanted: &Wanted) -> Result<crate::domain::entry::Declaration, AppError> {
    let place = Place { file: "命令行".to_owned(), ..Place::default() };
    let draft = read_typed(rules, &wanted.typed, &place)?;
    let too_long = |(field, _): &(Field, String)| lengths::too_long(*field, &draft.declaration.text(*field)?, &place);
    if let Some(problem) = wanted.typed.iter().find_map(too_long) {
        return Err(AppError::usage(problem.message).hint("核对是否粘错了内容，改短后再试"));
    }
    let mut declaration = entry.declaration.overlaid(&draft.declaration);
    for field in &wanted.cleared {
        declaration.clear(*field);
    }
    let zone = &declaration.zone;
    if !zone.is_empty() && *zone != entry.declaration.zone && !rules.zones.is_empty() && !rules.zones.contains(zone) {
        return Err(AppError::usage(format!("没有“{zone}”这个赛区")).hint(format!("规则里有：{}", rules.zones.join("、"))));
    }
    Ok(declaration)
}

/// The values that staff typed, read as those of a received table are: there a value that says nothing becomes blank with a word about
/// it, here it is refused.
///
/// # Errors
/// A value cannot be read.
pub(super) fn read_typed(rules: &ContestRules, typed: &[(Field, String)], place: &Place) -> Result<Draft, AppError> {
    let ReadRow::Entry(draft, problems) = reread(&[], typed, place, rules, &ReadOptions::default()) else {
        return Err(AppError::internal("更正的内容被当成了报名"));
    };
    let wrong = problems.iter().find(|problem| problem.severity == Severity::Error);
    match wrong.or_else(|| unread(typed, &draft, &problems)) {
        Some(problem) => {
            let label = problem.field.map_or("", Field::label);
            let why = problem.message.trim_end_matches("，按空白处理");
            Err(AppError::usage(format!("{label}的值读不懂：{}（{why}）", problem.value)).hint(problem.hint.clone()))
        }
        None => Ok(*draft),
    }
}

/// Refuses a title that another work of the unit and category has.
fn refuse_twin(reader: &Reader<'_>, entry: &Entry, title_folded: &str) -> Result<(), AppError> {
    let twin = entries::identities(reader)?.into_iter().find(|other| {
        other.id != entry.id
            && other.organization == entry.organization
            && other.category == entry.category
            && other.title_folded == title_folded
    });
    match twin {
        Some(twin) => Err(AppError::refused(format!("同一单位、同一类型已有同名的作品 {}", twin.number))
            .hint(format!("核对：dasai entry show {}；撤回重复的一件：dasai entry withdraw 编号 --reason 理由", twin.number))),
        None => Ok(()),
    }
}

/// A work leaves the contest: by its unit's will, or because it was disqualified.
fn leave(context: &mut Context, number: &str, reason: &str, step: Step) -> Result<Outcome, AppError> {
    let reason = reason.trim();
    if reason.is_empty() {
        let example = if step == Step::Withdraw {
            format!("例如：dasai entry withdraw {number} --reason 单位来函撤回")
        } else {
            format!("例如：dasai entry disqualify {number} --reason 经核实剽窃他人作品")
        };
        return Err(AppError::usage(format!("{}要写明理由", step.label())).hint(example));
    }
    let mut db = context.open()?;
    let (entry, is_listed) = {
        let reader = db.reader()?;
        let entry = find(&reader, number)?;
        let is_listed = later_stages::is_listed(&reader, entry.id)?;
        (entry, is_listed)
    };
    let Some(after) = entry.status.after(step) else {
        let message = format!("作品 {} 的状态已经是“{}”", entry.number, entry.status.label());
        return Err(AppError::refused(message).hint(format!("查看经过：dasai entry show {}", entry.number)));
    };
    let summary = if step == Step::Withdraw {
        format!("撤回作品 {}", entry.number)
    } else {
        format!("取消作品 {} 的参赛资格", entry.number)
    };
    let mut outcome = change_status(context, &mut db, &entry, after, &summary, Some(reason))?;
    if is_listed {
        outcome = outcome.message(format!("注意：它已在晋级或获奖名单上，请处理：dasai check {} --only E701", entry.number));
    }
    Ok(outcome)
}

fn restore(context: &mut Context, args: &RestoreArgs) -> Result<Outcome, AppError> {
    let mut db = context.open()?;
    let (entry, before) = {
        let reader = db.reader()?;
        let entry = find(&reader, &args.number)?;
        let history = oplog::history(&reader, "entry", entry.id.0)?;
        let before = entry_view::status_before(&history, entry.status).unwrap_or(Status::Declared);
        (entry, before)
    };
    let reason = args.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
    let Some(after) = entry.status.after(Step::Restore(before)) else {
        let message = format!("作品 {} 没有退出参赛，状态是“{}”", entry.number, entry.status.label());
        return Err(AppError::refused(message).hint(format!("查看经过：dasai entry show {}", entry.number)));
    };
    if entry.status != Status::Withdrawn && reason.is_none() {
        return Err(AppError::usage(format!("恢复{}的作品要写明理由", entry.status.label()))
            .hint(format!("例如：dasai entry restore {} --reason 理由", entry.number)));
    }
    change_status(context, &mut db, &entry, after, &format!("恢复作品 {}", entry.number), reason)
}

fn change_status(
    context: &Context,
    db: &mut crate::store::db::Db,
    entry: &Entry,
    status: Status,
    summary: &str,
    reason: Option<&str>,
) -> Result<Outcome, AppError> {
    let document = Document::default()
        .value("entry", "作品编号", entry.number.as_str())
        .value("title", "作品名称", entry.declaration.title.as_str())
        .value("organization", "参赛单位", entry.organization_name.as_str())
        .value("status_before", "原状态", Cell::keyed(entry.status.key(), entry.status.label()))
        .value("status", "现状态", Cell::keyed(status.key(), status.label()));
    if context.dry_run {
        return Ok(Outcome::of(document).message("试运行：什么都没有写入"));
    }
    let tx = context.operation(db)?;
    entries::set_status(&tx, entry.id, status)?;
    tx.finish(&with_reason(summary, reason))?;
    Ok(Outcome::of(document))
}

fn with_reason(summary: &str, reason: Option<&str>) -> String {
    reason.map_or_else(|| summary.to_owned(), |reason| format!("{summary}：{reason}"))
}

/// The work with a typed number.
pub(super) fn find(reader: &Reader<'_>, number: &str) -> Result<Entry, AppError> {
    let number = EntryNumber::typed(number);
    entries::by_number(reader, &number)?.ok_or_else(|| {
        AppError::not_found(format!("没有编号为 {number} 的作品")).hint("查编号：dasai entry list，或 dasai entry search 文字")
    })
}

/// The category that a typed text names.
pub(super) fn category(rules: &ContestRules, text: &str) -> Result<CategoryId, AppError> {
    selection::category(rules, text).map(|category| category.id.clone())
}

/// A category by its id, printed by its name.
pub(super) fn category_cell(rules: &ContestRules, id: &CategoryId) -> Cell {
    Cell::keyed(id.as_str(), rules.category(id).map_or(id.as_str(), |category| category.name.as_str()))
}

fn status(text: &str) -> Result<Status, AppError> {
    Status::ALL.into_iter().find(|status| status.key() == text || status.label() == text).ok_or_else(|| {
        let known: Vec<String> = Status::ALL.iter().map(|status| format!("{}（{}）", status.key(), status.label())).collect();
        AppError::usage(format!("没有“{text}”这个状态")).hint(format!("可用：{}", known.join("、")))
    })
}
