//! `recommend`: what recommenders say of works: opinions and order, listed, set by hand, taken back. Their stamped sheets are
//! `recommend_confirm`, the printed sheet is `recommend_sheet`, received sheets come by `import`.

use std::collections::{BTreeMap, BTreeSet};

use clap::{Args, Subcommand};
use jiff::Timestamp;

use super::context::{Context, Outcome};
use super::entry::category_cell;
use super::moments::moment;
use super::recommending::{Recommending, Who};
use super::{recommend_confirm, recommend_sheet, selection};
use crate::domain::command_word::word;
use crate::domain::entry::EntrySummary;
use crate::domain::field::Field;
use crate::domain::intake::lengths;
use crate::domain::listing::{Audience, Cell, Column, Document, Listing};
use crate::domain::problem::Place;
use crate::domain::recommendation::{Directory, Lack, Recommendation, moved, reordered};
use crate::domain::rules::ContestRules;
use crate::domain::status::{Status, Step};
use crate::domain::values::EntryId;
use crate::error::AppError;
use crate::formats::fields;
use crate::store::db::{Db, StoreError, Tx};
use crate::store::{entries, recommendations};

/// Sub-commands of `recommend`.
#[derive(Debug, Subcommand)]
pub enum RecommendCommand {
    /// 列出作品的推荐意见、次序，和还缺什么
    #[command(visible_alias = "列出", alias = "列表")]
    List(ListArgs),
    /// 登记推荐意见和排序
    #[command(visible_alias = "登记")]
    Set(SetArgs),
    /// 调整一个推荐单位的推荐次序
    #[command(visible_alias = "排序")]
    Order(OrderArgs),
    /// 撤回对作品的推荐
    #[command(visible_alias = "撤回")]
    Withdraw(WithdrawArgs),
    /// 登记盖章推荐表扫描件，确认推荐
    #[command(visible_alias = "确认")]
    Confirm(recommend_confirm::ConfirmArgs),
    /// 写出参赛作品推荐表（附件3），供打印盖章
    #[command(visible_alias = "推荐表")]
    Sheet(recommend_sheet::SheetArgs),
}

/// Arguments of `recommend list`.
#[derive(Debug, Args)]
#[command(after_help = "示例：\n  dasai recommend list\n  dasai recommend list 黄浦区市场监督管理局\n  dasai recommend list --missing")]
pub struct ListArgs {
    /// 推荐单位的名称或别名；不写则列全部
    #[arg(value_name = "推荐单位")]
    recommender: Option<String>,
    /// 只列还缺推荐意见、排序或盖章确认的
    #[arg(long)]
    missing: bool,
}

/// Arguments of `recommend set`.
#[derive(Debug, Args)]
#[command(
    after_help = "示例：\n  dasai recommend set Y001 --opinion 同意推荐 --order 1\n  dasai recommend set Y001 Y002 W003 --opinion 同意推荐\n  dasai recommend set Y001 --order 2"
)]
pub struct SetArgs {
    /// 作品编号，可写多个
    #[arg(required = true, value_name = "作品编号")]
    entries: Vec<String>,
    /// 推荐意见
    #[arg(long, value_name = "推荐意见", required_unless_present = "order")]
    opinion: Option<String>,
    /// 在本推荐单位作品中的排序，从 1 起；已有作品占这一位的，它和后面相连的各退一位
    #[arg(long, value_name = "排序")]
    order: Option<u32>,
    /// 出具意见的时间（默认：现在），如 2024-07-08 或 2024-07-08T17:30
    #[arg(long, value_name = "时间")]
    at: Option<String>,
}

/// Arguments of `recommend order`.
#[derive(Debug, Args)]
#[command(after_help = "示例：\n  dasai recommend order 黄浦区市场监督管理局 Y003 Y001 W002")]
pub struct OrderArgs {
    /// 推荐单位的名称或别名
    #[arg(value_name = "推荐单位")]
    recommender: String,
    /// 作品编号，按新的次序；没有列出的按原次序排在后面
    #[arg(required = true, value_name = "作品编号")]
    entries: Vec<String>,
}

/// Arguments of `recommend withdraw`.
#[derive(Debug, Args)]
#[command(after_help = "示例：\n  dasai recommend withdraw Y001 --reason 推荐单位来函撤回")]
pub struct WithdrawArgs {
    /// 作品编号
    #[arg(value_name = "作品编号")]
    entry: String,
    /// 撤回推荐的理由，记入日志
    #[arg(long, value_name = "理由")]
    reason: String,
}

/// Does one of the sub-commands.
///
/// # Errors
/// See each.
pub fn run(context: &mut Context, command: RecommendCommand) -> Result<Outcome, AppError> {
    match command {
        RecommendCommand::List(args) => list(context, &args),
        RecommendCommand::Set(args) => set(context, &args),
        RecommendCommand::Order(args) => order(context, &args),
        RecommendCommand::Withdraw(args) => withdraw(context, &args),
        RecommendCommand::Confirm(args) => recommend_confirm::run(context, &args),
        RecommendCommand::Sheet(args) => recommend_sheet::run(context, &args),
    }
}

fn list(context: &mut Context, args: &ListArgs) -> Result<Outcome, AppError> {
    let db = context.open()?;
    let reader = db.reader()?;
    let rules = context.rules(&reader)?;
    let stage = Recommending::read(&reader, &rules)?;
    let wanted = match &args.recommender {
        Some(text) => vec![stage.who(text)?],
        None => stage.everyone().into_iter().filter(|who| !stage.is_direct(who)).collect(),
    };
    let columns = vec![
        Column::new("recommender", "推荐单位").heading(),
        Column::new("order", "排序"),
        Column::new("entry", "作品"),
        Column::new("organization", "申报单位"),
        Column::new("title", "作品名称"),
        Column::new("category", "作品类型").minor(),
        Column::new("opinion", "推荐意见"),
        Column::new("given_at", "出具时间").only(Audience::Scripts),
        Column::new("confirmed_at", "盖章确认").minor(),
        Column::new("missing", "还缺").only(Audience::Scripts),
        Column::new("", "还缺").only(Audience::People),
        Column::new("reason", "撤回理由").only(Audience::Scripts),
        Column::new("source", "来源").only(Audience::Scripts),
    ];
    let mut listing = Listing::new("recommendations", "推荐", columns).when_empty("没有符合条件的作品");
    let (mut works, mut made, mut confirmed) = (0, 0, 0);
    let mut doubled = Vec::new();
    for who in &wanted {
        let mut places: BTreeMap<u32, Vec<String>> = BTreeMap::new();
        for work in stage.works_of(who) {
            let said = stage.said.get(&work.id).filter(|said| stage.directory.key(&said.recommender) == who.key);
            let lacks = if stage.is_direct(who) { Vec::new() } else { stage.lacks(work, who) };
            works += 1;
            made += usize::from(said.is_some_and(Recommendation::is_made));
            confirmed += usize::from(said.is_some_and(|said| said.stamped.is_some()));
            if let Some(position) = said.and_then(|said| said.position) {
                places.entry(position).or_default().push(work.number.to_string());
            }
            if args.missing && lacks.is_empty() {
                continue;
            }
            listing.push(row(&stage, &rules, who, work, said, &lacks));
        }
        doubled.extend(
            places
                .into_iter()
                .filter(|(_, works)| works.len() > 1)
                .map(|(place, works)| format!("{}：第 {place} 位有 {}", who.name, works.join("、"))),
        );
    }
    let mut document = Document::of(listing).line(format!("共 {works} 件：已推荐 {made}，已盖章确认 {confirmed}"));
    if !doubled.is_empty() {
        document = document.line(format!("排序重复：{}；用 dasai recommend order 重排", doubled.join("；")));
    }
    Ok(Outcome::of(document))
}

fn row(
    stage: &Recommending,
    rules: &ContestRules,
    who: &Who,
    work: &EntrySummary,
    said: Option<&Recommendation>,
    lacks: &[Lack],
) -> Vec<Cell> {
    let sheet = said.and_then(|said| said.stamped).and_then(|id| stage.sheets.iter().find(|sheet| sheet.id == id));
    let reason = said.and_then(|said| said.withdrawn.clone()).unwrap_or_default();
    let mut words: Vec<String> = lacks.iter().map(|lack| lack.label().to_owned()).collect();
    if !reason.is_empty() {
        words = vec![format!("推荐已撤回：{reason}")];
    }
    let source = said.and_then(|said| said.provenance.as_ref()).map_or(Cell::Empty, |origin| {
        Cell::Record(vec![
            ("file".to_owned(), origin.file.as_str().into()),
            ("sheet".to_owned(), origin.sheet.as_str().into()),
            ("row".to_owned(), Cell::Integer(origin.row.into())),
        ])
    });
    vec![
        who.name.as_str().into(),
        Cell::optional(said.and_then(|said| said.position), |position| Cell::Integer(position.into())),
        work.number.as_str().into(),
        work.organization_name.as_str().into(),
        work.title.as_str().into(),
        category_cell(rules, &work.category),
        said.map_or("", |said| said.opinion.as_str()).into(),
        Cell::optional(said, |said| Cell::Moment(said.given_at)),
        Cell::optional(sheet, |sheet| Cell::Moment(sheet.confirmed_at)),
        Cell::List(lacks.iter().map(|lack| lack.key().into()).collect()),
        words.join("、").into(),
        reason.into(),
        source,
    ]
}

/// A work that can be recommended, and by whom.
///
/// # Errors
/// It left the contest, names no recommender, or enters directly.
fn recommendable<'a>(stage: &'a Recommending, text: &str) -> Result<(&'a EntrySummary, Who), AppError> {
    let work = selection::work(&stage.works, text)?;
    let number = &work.number;
    if work.status.after(Step::Recommend).is_none() {
        return Err(AppError::refused(format!("作品 {number} 的状态是“{}”，不能推荐", work.status.label()))
            .hint(format!("查看经过：dasai entry show {number}")));
    }
    let who = stage.of_work(work).ok_or_else(|| {
        AppError::refused(format!("作品 {number} 没有写推荐单位")).hint(format!("先补上：dasai entry set {number} recommender=推荐单位"))
    })?;
    if stage.is_direct(&who) {
        return Err(AppError::refused(format!("作品 {number} 是直接报名（{}），不需要推荐", who.name))
            .hint(format!("有推荐单位的，先更正：dasai entry set {number} recommender=推荐单位")));
    }
    Ok((work, who))
}

/// A change of what is said of a work.
struct Change {
    work: EntrySummary,
    before: Option<Recommendation>,
    after: Recommendation,
}

impl Change {
    /// What is different, as key, label, old and new.
    fn differences(&self) -> Vec<(&'static str, &'static str, String, String)> {
        let place = |said: Option<&Recommendation>| said.and_then(|said| said.position).map_or_else(String::new, |place| place.to_string());
        let opinion = |said: Option<&Recommendation>| said.map_or_else(String::new, |said| said.opinion.clone());
        let stands = self.before.as_ref().filter(|before| before.withdrawn.is_none());
        [("opinion", "推荐意见", opinion(stands), opinion(Some(&self.after))), ("order", "排序", place(stands), place(Some(&self.after)))]
            .into_iter()
            .filter(|(.., old, new)| old != new)
            .collect()
    }
}

fn set(context: &mut Context, args: &SetArgs) -> Result<Outcome, AppError> {
    let mut db = context.open()?;
    let (stage, at) = {
        let reader = db.reader()?;
        let rules = context.rules(&reader)?;
        let at = args.at.as_deref().map(|text| moment("--at", text, &rules)).transpose()?;
        (Recommending::read(&reader, &rules)?, at.unwrap_or(context.now))
    };
    let opinion = args.opinion.as_deref().map(opinion).transpose()?;
    if args.order.is_some() && args.entries.len() > 1 {
        return Err(AppError::usage("--order 一次只能排一件作品").hint("几件一起重排：dasai recommend order 推荐单位 编号 编号 …"));
    }
    if args.order == Some(0) {
        return Err(AppError::usage("排序从 1 起").hint("例如：--order 1"));
    }
    let mut changes: Vec<Change> = Vec::new();
    let mut messages = Vec::new();
    let mut met = BTreeSet::new();
    for text in &args.entries {
        let (work, who) = recommendable(&stage, text)?;
        if !met.insert(work.id) {
            return Err(AppError::usage(format!("作品 {} 写了两次", work.number)).hint("每件只写一次"));
        }
        if !who.is_listed && stage.directory.has_list() {
            messages.push(format!("注意：推荐单位“{}”不在名单中（R501）", who.name));
        }
        let standing = stage.said_of(work, &who);
        let mut after = standing.cloned().unwrap_or_else(|| Recommendation::new(work.id, &who.name, at));
        if let Some(opinion) = opinion.as_ref().filter(|opinion| **opinion != after.opinion) {
            after.opinion.clone_from(opinion);
            after.given_at = at;
            after.provenance = None;
            if after.stamped.is_some() {
                messages.push(format!("注意：作品 {} 已有盖章推荐表，请核对表上的意见与此一致", work.number));
            }
        }
        if let Some(order) = args.order {
            let places = stage.positions(&who);
            for (entry, place) in moved(&places, work.id, order) {
                if entry == work.id {
                    after.position = Some(place);
                } else if let (Some(other), Some(said)) = (stage.works.iter().find(|other| other.id == entry), stage.said.get(&entry)) {
                    let moved = Recommendation { position: Some(place), ..said.clone() };
                    changes.push(Change { work: other.clone(), before: Some(said.clone()), after: moved });
                }
            }
        }
        changes.insert(met.len() - 1, Change { work: work.clone(), before: stage.said.get(&work.id).cloned(), after });
    }
    changes.retain(|change| change.before.as_ref() != Some(&change.after));
    let mut outcome = Outcome::of(changes_document(&changes));
    outcome.messages = messages;
    let numbers: Vec<&str> = changes.iter().map(|change| change.work.number.as_str()).collect();
    finish(context, &mut db, &stage, &changes, outcome, &format!("登记推荐：{}", numbers.join("、")))
}

/// An opinion as it is kept.
fn opinion(text: &str) -> Result<String, AppError> {
    let opinion = fields::clean(text, true).text.trim().to_owned();
    if opinion.is_empty() {
        return Err(AppError::usage("推荐意见是空的").hint("例如：--opinion 同意推荐；要撤回推荐用 dasai recommend withdraw"));
    }
    let place = Place { file: "命令行".to_owned(), ..Place::default() };
    match lengths::too_long(Field::Opinion, &opinion, &place) {
        Some(problem) => Err(AppError::usage(problem.message).hint("核对是否粘错了内容，改短后再试")),
        None => Ok(opinion),
    }
}

fn changes_document(changes: &[Change]) -> Document {
    let columns = vec![
        Column::new("entry", "作品"),
        Column::new("title", "作品名称"),
        Column::new("field", "项目"),
        Column::new("old", "原值"),
        Column::new("new", "新值"),
    ];
    let mut listing = Listing::new("changes", "推荐", columns).when_empty("内容已经如此，没有改动");
    for change in changes {
        for (key, label, old, new) in change.differences() {
            let work = &change.work;
            listing.push(vec![work.number.as_str().into(), work.title.as_str().into(), Cell::keyed(key, label), old.into(), new.into()]);
        }
    }
    Document::of(listing)
}

/// Writes changes, unless there are none or nothing is to be written.
fn finish(
    context: &Context,
    db: &mut Db,
    stage: &Recommending,
    changes: &[Change],
    outcome: Outcome,
    summary: &str,
) -> Result<Outcome, AppError> {
    if changes.is_empty() {
        return Ok(outcome);
    }
    if context.dry_run {
        return Ok(outcome.message("试运行：什么都没有写入"));
    }
    let tx = context.operation(db)?;
    for change in changes {
        recommendations::put(&tx, &change.after)?;
        // What the former recommender confirmed is not confirmed by this one.
        let before = change.before.as_ref().filter(|before| before.withdrawn.is_none());
        if before.is_some_and(|before| stage.directory.key(&before.recommender) != stage.directory.key(&change.after.recommender)) {
            unconfirm(&tx, change.work.id, change.work.status)?;
        }
    }
    tx.finish(summary)?;
    Ok(outcome)
}

/// Takes back that a work was recommended; one that formal review has accepted stays accepted.
pub(super) fn unconfirm(tx: &Tx<'_>, entry: EntryId, status: Status) -> Result<(), StoreError> {
    entries::set_recommended(tx, entry, None)?;
    if let Some(after) = status.after(Step::Unrecommend).filter(|after| *after != status) {
        entries::set_status(tx, entry, after)?;
    }
    Ok(())
}

/// A stamped sheet that was handed in at `at` covers a work from now on.
pub(super) fn confirm(tx: &Tx<'_>, entry: EntryId, status: Status, at: Timestamp) -> Result<(), StoreError> {
    entries::set_recommended(tx, entry, Some(at))?;
    if let Some(after) = status.after(Step::Recommend).filter(|after| *after != status) {
        entries::set_status(tx, entry, after)?;
    }
    Ok(())
}

/// A work names another recommender now: what the former one confirmed is not confirmed by this one. What this one confirmed earlier
/// counts again.
pub(super) fn recommender_changed(tx: &Tx<'_>, entry: EntryId, status: Status, key: &str, directory: &Directory) -> Result<(), StoreError> {
    let said = recommendations::of_entry(tx, entry)?;
    let own = said.filter(|said| said.withdrawn.is_none() && directory.key(&said.recommender) == key);
    let stamped = match own.and_then(|said| said.stamped) {
        Some(id) => recommendations::sheets(tx)?.into_iter().find(|known| known.id == id),
        None => None,
    };
    match stamped {
        Some(sheet) => confirm(tx, entry, status, sheet.confirmed_at),
        None => unconfirm(tx, entry, status),
    }
}

fn order(context: &mut Context, args: &OrderArgs) -> Result<Outcome, AppError> {
    let mut db = context.open()?;
    let stage = {
        let reader = db.reader()?;
        let rules = context.rules(&reader)?;
        Recommending::read(&reader, &rules)?
    };
    let who = stage.who(&args.recommender)?;
    let mut named: Vec<EntryId> = Vec::new();
    for text in &args.entries {
        let (work, own) = recommendable(&stage, text)?;
        if own.key != who.key {
            return Err(AppError::refused(format!("作品 {} 的推荐单位是“{}”，不是“{}”", work.number, own.name, who.name))
                .hint(format!("查看它的作品：dasai recommend list {}", word(&who.name))));
        }
        if named.contains(&work.id) {
            return Err(AppError::usage(format!("作品 {} 写了两次", work.number)).hint("每件只写一次，按新的次序"));
        }
        named.push(work.id);
    }
    let own = stage.works_of(&who);
    let present: Vec<EntryId> = own.iter().map(|work| work.id).collect();
    let works: BTreeMap<EntryId, &EntrySummary> = own.into_iter().map(|work| (work.id, work)).collect();
    let left_out: Vec<&str> = present
        .iter()
        .filter(|entry| !named.contains(entry))
        .filter_map(|entry| works.get(entry))
        .map(|work| work.number.as_str())
        .collect();
    let columns = vec![
        Column::new("order", "排序"),
        Column::new("before", "原排序"),
        Column::new("entry", "作品"),
        Column::new("organization", "申报单位"),
        Column::new("title", "作品名称"),
    ];
    let mut listing = Listing::new("order", format!("“{}”的推荐次序", who.name), columns);
    let mut changes = Vec::new();
    for (place, entry) in (1_u32..).zip(reordered(&present, &named)) {
        let Some(work) = works.get(&entry) else { continue };
        let standing = stage.said_of(work, &who);
        let before = standing.and_then(|said| said.position);
        listing.push(vec![
            Cell::Integer(place.into()),
            Cell::optional(before, |before| Cell::Integer(before.into())),
            work.number.as_str().into(),
            work.organization_name.as_str().into(),
            work.title.as_str().into(),
        ]);
        if before != Some(place) {
            let said = standing.cloned().unwrap_or_else(|| Recommendation::new(entry, &who.name, context.now));
            let after = Recommendation { position: Some(place), ..said };
            changes.push(Change { work: (*work).clone(), before: stage.said.get(&entry).cloned(), after });
        }
    }
    let mut outcome = Outcome::of(Document::of(listing).value("recommender", "", who.name.as_str()));
    if !left_out.is_empty() {
        outcome = outcome.message(format!("没有列出的 {} 件按原次序排在后面：{}", left_out.len(), left_out.join("、")));
    }
    if changes.is_empty() {
        outcome = outcome.message("次序已经如此，没有改动");
    }
    finish(context, &mut db, &stage, &changes, outcome, &format!("调整“{}”的推荐次序", who.name))
}

fn withdraw(context: &mut Context, args: &WithdrawArgs) -> Result<Outcome, AppError> {
    let reason = args.reason.trim();
    if reason.is_empty() {
        return Err(
            AppError::usage("撤回推荐要写明理由").hint(format!("例如：dasai recommend withdraw {} --reason 推荐单位来函撤回", args.entry))
        );
    }
    let mut db = context.open()?;
    let stage = {
        let reader = db.reader()?;
        let rules = context.rules(&reader)?;
        Recommending::read(&reader, &rules)?
    };
    let work = selection::work(&stage.works, &args.entry)?;
    let number = &work.number;
    let said = match stage.said.get(&work.id) {
        Some(said) if said.withdrawn.is_none() => said,
        Some(said) => {
            let reason = said.withdrawn.as_deref().unwrap_or_default();
            return Err(AppError::refused(format!("作品 {number} 的推荐已经撤回：{reason}"))
                .hint(format!("重新推荐：dasai recommend set {number} --opinion 推荐意见")));
        }
        None => {
            return Err(AppError::refused(format!("作品 {number} 还没有推荐，不必撤回")).hint("查看推荐：dasai recommend list"));
        }
    };
    let Some(status) = work.status.after(Step::Unrecommend) else {
        let error = AppError::refused(format!("作品 {number} 的状态是“{}”，不能撤回推荐", work.status.label()));
        return Err(if work.status == Status::Accepted {
            error.hint(format!("已受理的作品先退回修改，再撤回推荐：dasai screen return {number} --reason 理由"))
        } else {
            error.hint(format!("查看经过：dasai entry show {number}"))
        });
    };
    let after = Recommendation { withdrawn: Some(reason.to_owned()), position: None, stamped: None, ..said.clone() };
    let document = Document::default()
        .value("entry", "作品", number.as_str())
        .value("title", "作品名称", work.title.as_str())
        .value("recommender", "推荐单位", said.recommender.as_str())
        .value("opinion", "原推荐意见", said.opinion.as_str())
        .value("reason", "撤回理由", reason)
        .value("status", "状态", Cell::keyed(status.key(), status.label()));
    if context.dry_run {
        return Ok(Outcome::of(document).message("试运行：什么都没有写入"));
    }
    let tx = context.operation(&mut db)?;
    recommendations::put(&tx, &after)?;
    unconfirm(&tx, work.id, work.status)?;
    tx.finish(&format!("撤回对作品 {number} 的推荐：{reason}"))?;
    Ok(Outcome::of(document))
}
