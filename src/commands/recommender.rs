//! `recommender`: who may recommend works: the rules' list and those that staff add, with their kinds, other names and contacts, and how
//! far each has come. What they say of works is `commands::recommend`.

use clap::{Args, Subcommand};
use jiff::Timestamp;

use super::context::{Context, Outcome};
use super::recommender_import::{self, Plan};
use super::recommending::{self, Recommending, Who};
use super::selection;
use crate::domain::command_word::word;
use crate::domain::folding::fold_text;
use crate::domain::listing::{Audience, Cell, Column, Document, Listing};
use crate::domain::recommendation::{Contact, Directory, Recommender, RecommenderKind, fold_recommender};
use crate::domain::rules::ContestRules;
use crate::domain::values::RecommenderId;
use crate::error::AppError;
use crate::formats::fields;
use crate::formats::recommender_table::contact;
use crate::store::db::Tx;
use crate::store::recommendations;

/// Sub-commands of `recommender`.
#[derive(Debug, Subcommand)]
pub enum RecommenderCommand {
    /// 列出推荐单位：作品、推荐、盖章推荐表、是否逾期
    #[command(visible_alias = "列出", alias = "列表")]
    List(ListArgs),
    /// 登记一个推荐单位
    #[command(visible_alias = "添加")]
    Add(AddArgs),
    /// 从表格导入推荐单位名单
    #[command(visible_alias = "导入")]
    Import(recommender_import::ImportArgs),
    /// 更正推荐单位的类别、联系人、电话、邮箱
    #[command(visible_alias = "更正")]
    Set(SetArgs),
    /// 更正推荐单位的名称；原名留作别名
    #[command(visible_alias = "改名")]
    Rename(RenameArgs),
    /// 给推荐单位添加或去掉别名
    #[command(visible_alias = "别名")]
    Alias(AliasArgs),
}

/// Arguments of `recommender list`.
#[derive(Debug, Args)]
#[command(after_help = "示例：\n  dasai recommender list\n  dasai recommender list --kind bureau\n  dasai recommender list --missing")]
pub struct ListArgs {
    /// 只列这一类：bureau 区局、association 行业组织、group 集团、other 其他、direct 直接报名
    #[arg(long, value_name = "类别")]
    kind: Option<String>,
    /// 只列还有作品没有盖章确认的
    #[arg(long)]
    missing: bool,
    /// 完整显示联系人、电话、邮箱（平时隐去中间）
    #[arg(long)]
    reveal: bool,
}

/// Arguments of `recommender add`.
#[derive(Debug, Args)]
#[command(
    after_help = "示例：\n  dasai recommender add 上海市示例行业协会\n  dasai recommender add 上海示例园区 --kind other --contact 王示例 --phone 021-55550000"
)]
pub struct AddArgs {
    /// 推荐单位全称
    #[arg(value_name = "名称")]
    name: String,
    /// 类别：bureau 区局、association 行业组织、group 集团、other 其他、direct 直接报名（默认：按名称判断）
    #[arg(long, value_name = "类别")]
    kind: Option<String>,
    /// 联系人
    #[arg(long, value_name = "姓名")]
    contact: Option<String>,
    /// 电话
    #[arg(long, value_name = "电话")]
    phone: Option<String>,
    /// 邮箱
    #[arg(long, value_name = "邮箱")]
    email: Option<String>,
}

/// Arguments of `recommender set`.
#[derive(Debug, Args)]
#[command(after_help = "示例：\n  dasai recommender set 黄浦区市场监督管理局 contact_name=王示例 contact_phone=021-55550000")]
pub struct SetArgs {
    /// 推荐单位的名称或别名
    #[arg(value_name = "推荐单位")]
    recommender: String,
    /// 字段=值：kind 类别、contact_name 联系人、contact_phone 电话、contact_email 邮箱；值留空即清空
    #[arg(required = true, value_name = "字段=值")]
    values: Vec<String>,
}

/// Arguments of `recommender rename`.
#[derive(Debug, Args)]
#[command(after_help = "示例：\n  dasai recommender rename 示例协会 上海市示例行业协会")]
pub struct RenameArgs {
    /// 推荐单位的名称或别名
    #[arg(value_name = "推荐单位")]
    recommender: String,
    /// 新的名称
    #[arg(value_name = "新名称")]
    name: String,
}

/// Arguments of `recommender alias`.
#[derive(Debug, Args)]
#[command(
    after_help = "示例：\n  dasai recommender alias 黄浦区市场监督管理局 黄浦区市场监管局\n  dasai recommender alias 黄浦区市场监督管理局 黄浦区市场监管局 --remove"
)]
pub struct AliasArgs {
    /// 推荐单位的名称或别名
    #[arg(value_name = "推荐单位")]
    recommender: String,
    /// 别名
    #[arg(value_name = "别名")]
    alias: String,
    /// 去掉这个别名
    #[arg(long)]
    remove: bool,
}

/// Does one of the sub-commands.
///
/// # Errors
/// See each.
pub fn run(context: &mut Context, command: RecommenderCommand) -> Result<Outcome, AppError> {
    match command {
        RecommenderCommand::List(args) => list(context, &args),
        RecommenderCommand::Add(args) => add(context, &args),
        RecommenderCommand::Import(args) => recommender_import::run(context, &args),
        RecommenderCommand::Set(args) => set(context, &args),
        RecommenderCommand::Rename(args) => rename(context, &args),
        RecommenderCommand::Alias(args) => alias(context, &args),
    }
}

/// Where a recommender stands with the closing dates of its works: late where a work was stamped after its own, overdue where one that
/// was not is past it.
fn timeliness(stage: &Recommending, rules: &ContestRules, now: Timestamp, who: &Who) -> Cell {
    let works = stage.works_of(who);
    if stage.is_direct(who) || works.is_empty() || rules.deadlines.recommendation.is_none() {
        return Cell::Empty;
    }
    let (mut open, mut is_late, mut is_over) = (0_usize, false, false);
    for work in works {
        let stamped = stage.said_of(work, who).and_then(|said| said.stamped);
        let sheet = stamped.and_then(|stamped| stage.sheets.iter().find(|sheet| sheet.id == stamped));
        let is_past = |moment: Timestamp| stage.closing_of(rules, work).is_some_and(|closing| closing.is_past(rules.local(moment)));
        if stamped.is_none() {
            open += 1;
            is_over |= is_past(now);
        }
        is_late |= sheet.is_some_and(|sheet| is_past(sheet.confirmed_at));
    }
    match (open, is_late, is_over) {
        (0, false, _) => Cell::keyed("on_time", "按时"),
        (0, true, _) => Cell::keyed("late", "迟交"),
        (_, _, true) => Cell::keyed("overdue", format!("逾期，{open} 件未确认")),
        (..) => Cell::keyed("open", format!("未到期，{open} 件未确认")),
    }
}

fn list(context: &mut Context, args: &ListArgs) -> Result<Outcome, AppError> {
    let wanted = args.kind.as_deref().map(kind).transpose()?;
    let db = context.open()?;
    let reader = db.reader()?;
    let rules = context.rules(&reader)?;
    let stage = Recommending::read(&reader, &rules)?;
    let columns = vec![
        Column::new("name", "推荐单位"),
        Column::new("kind", "类别"),
        Column::new("works", "作品"),
        Column::new("opinions", "有推荐意见"),
        Column::new("confirmed", "已确认"),
        Column::new("sheet", "盖章推荐表"),
        Column::new("deadline", "截止情况"),
        Column::new("contact_name", "联系人").minor(),
        Column::new("contact_phone", "电话").minor(),
        Column::new("contact_email", "邮箱").minor(),
        Column::new("aliases", "别名").minor(),
        Column::new("listed", "在名单中").only(Audience::Scripts),
        Column::new("of_rules", "规则所列").only(Audience::Scripts),
    ];
    let mut listing = Listing::new("recommenders", "推荐单位", columns).when_empty("没有符合条件的推荐单位");
    let mut unlisted = 0;
    for who in stage.everyone() {
        let known = stage.directory.find(&who.name).filter(|_| who.is_listed);
        let is_direct = known.is_some_and(|known| known.kind == RecommenderKind::Direct);
        let works = stage.works_of(&who);
        let of = |is: &dyn Fn(&&&crate::domain::entry::EntrySummary) -> bool| works.iter().filter(is).count();
        let opinions = of(&|work| stage.said_of(work, &who).is_some_and(|said| !said.opinion.is_empty()));
        let confirmed = of(&|work| stage.said_of(work, &who).is_some_and(|said| said.stamped.is_some()));
        let open = if is_direct { 0 } else { works.len() - confirmed };
        if wanted.is_some_and(|wanted| known.map(|known| known.kind) != Some(wanted)) || (args.missing && open == 0) {
            continue;
        }
        unlisted += usize::from(!who.is_listed);
        let sheet = stage.sheet_of(&who);
        let Contact { name, phone, email } = known.map(|known| known.contact.clone()).unwrap_or_default();
        let shown = |masked: String, whole: &str| Cell::text(if args.reveal { whole.to_owned() } else { masked });
        listing.push(vec![
            who.name.as_str().into(),
            known.map_or_else(|| Cell::keyed("unlisted", "不在名单中"), |known| Cell::keyed(known.kind.key(), known.kind.label())),
            Cell::count(works.len()),
            Cell::count(opinions),
            Cell::count(confirmed),
            Cell::optional(sheet, |sheet| Cell::Moment(sheet.confirmed_at)),
            timeliness(&stage, &rules, context.now, &who),
            shown(name.masked(), name.reveal()),
            shown(phone.masked(), phone.reveal()),
            shown(email.masked(), email.reveal()),
            Cell::List(known.map(|known| known.aliases.iter().map(Cell::text).collect()).unwrap_or_default()),
            Cell::Flag(who.is_listed),
            Cell::Flag(known.is_some_and(|known| known.is_of_rules)),
        ]);
    }
    if !listing.rows.is_empty() {
        listing.notes.push(format!("共 {} 家", listing.rows.len()));
    }
    if unlisted > 0 {
        listing
            .notes
            .push("不在名单中的：确是推荐单位的用 dasai recommender add 登记，写法不同的用 dasai recommender alias 加别名".to_owned());
    }
    Ok(Outcome::of(Document::of(listing)))
}

/// The kind that a word names.
///
/// # Errors
/// None does.
pub(super) fn kind(text: &str) -> Result<RecommenderKind, AppError> {
    RecommenderKind::named(text).ok_or_else(|| {
        let known: Vec<String> = RecommenderKind::ALL.iter().map(|kind| format!("{}（{}）", kind.key(), kind.label())).collect();
        AppError::usage(format!("没有“{text}”这一类推荐单位")).hint(format!("类别有：{}", known.join("、")))
    })
}

/// A name that can be a recommender's.
///
/// # Errors
/// Nothing is left of it, or it is far too long.
pub(super) fn name(text: &str) -> Result<String, AppError> {
    let name = fields::clean(text, false).text.into_owned();
    match name.chars().count() {
        _ if fold_text(&name).is_empty() => {
            Err(AppError::usage("推荐单位的名称是空的").hint("例如：dasai recommender add 上海市示例行业协会"))
        }
        1..=200 => Ok(name),
        _ => Err(AppError::usage("推荐单位的名称太长（最多 200 字）").hint("一次登记一家；名单用 dasai recommender import 文件")),
    }
}

fn add(context: &mut Context, args: &AddArgs) -> Result<Outcome, AppError> {
    let mut db = context.open()?;
    let plan = {
        let reader = db.reader()?;
        let rules = context.rules(&reader)?;
        let directory = recommending::directory(&reader, &rules)?;
        let name = name(&args.name)?;
        let given = |text: &Option<String>| text.clone().unwrap_or_default();
        let contact = contact(&given(&args.contact), &given(&args.phone), &given(&args.email));
        Plan::new(&directory, &name, args.kind.as_deref().map(kind).transpose()?, &contact)
    };
    if !plan.differences.is_empty() {
        let said: Vec<String> = plan.differences.iter().map(|(label, old, new)| format!("{label} {old} → {new}")).collect();
        return Err(AppError::refused(format!("推荐单位“{}”已登记，内容不同：{}", plan.recommender.name, said.join("；")))
            .hint(format!("要更正：dasai recommender set {} 字段=值", word(&plan.recommender.name))));
    }
    let document = record(&plan.recommender).value("new", "", Cell::Flag(plan.is_new));
    if !plan.has_changes {
        return Ok(Outcome::of(document).message(format!("推荐单位“{}”已在名单中，没有变化", plan.recommender.name)));
    }
    let mut outcome = Outcome::of(document);
    if plan.is_new && args.kind.is_none() {
        let label = plan.recommender.kind.label();
        outcome =
            outcome.message(format!("类别按名称定为“{label}”；不对的话：dasai recommender set {} kind=类别", word(&plan.recommender.name)));
    }
    if context.dry_run {
        return Ok(outcome.message("试运行：什么都没有写入"));
    }
    let tx = context.operation(&mut db)?;
    put(&tx, &plan.recommender)?;
    tx.finish(&plan.text())?;
    Ok(outcome)
}

/// Writes a recommender; its row.
pub(super) fn put(tx: &Tx<'_>, recommender: &Recommender) -> Result<RecommenderId, AppError> {
    Ok(recommendations::put_recommender(tx, recommender, &fold_recommender(&recommender.name))?)
}

/// A recommender as values: contacts masked.
fn record(recommender: &Recommender) -> Document {
    Document::default()
        .value("recommender", "推荐单位", recommender.name.as_str())
        .value("kind", "类别", Cell::keyed(recommender.kind.key(), recommender.kind.label()))
        .value("contact_name", "联系人", recommender.contact.name.masked())
        .value("contact_phone", "电话", recommender.contact.phone.masked())
        .value("contact_email", "邮箱", recommender.contact.email.masked())
}

/// The recommender of the list that a word means.
fn find(directory: &Directory, text: &str) -> Result<Recommender, AppError> {
    directory.find(text).cloned().ok_or_else(|| recommending::unknown(directory, text))
}

/// What `recommender set` takes, each by its key and names: kind, contact person, phone, mail.
const SETTABLE: [&[&str]; 4] =
    [&["kind", "类别"], &["contact_name", "联系人"], &["contact_phone", "电话", "联系手机"], &["contact_email", "邮箱", "电子邮箱"]];

fn set(context: &mut Context, args: &SetArgs) -> Result<Outcome, AppError> {
    let mut db = context.open()?;
    let before = {
        let reader = db.reader()?;
        let rules = context.rules(&reader)?;
        find(&recommending::directory(&reader, &rules)?, &args.recommender)?
    };
    let mut after = before.clone();
    let mut named = Vec::new();
    for text in &args.values {
        let (name, value) = selection::assignment(text, "contact_name=王示例")?;
        let place = SETTABLE.iter().position(|names| names.contains(&name));
        if let Some(place) = place {
            selection::once(&mut named, place, name)?;
        }
        match place {
            Some(0) => after.kind = kind(value)?,
            Some(1) => after.contact.name = contact(value, "", "").name,
            Some(2) => after.contact.phone = contact("", value, "").phone,
            Some(_) => after.contact.email = contact("", "", value).email,
            None => {
                return Err(AppError::usage(format!("推荐单位没有“{name}”这个可更正的字段"))
                    .hint("可更正的有：kind、contact_name、contact_phone、contact_email；名称用 dasai recommender rename"));
            }
        }
    }
    if before.is_of_rules && before.kind == RecommenderKind::Direct && after.kind != before.kind {
        return Err(AppError::refused("直接报名的类别由规则 recommenders.direct 决定，不能改").hint("改规则：dasai rules edit"));
    }
    let columns = vec![Column::new("field", "项目"), Column::new("old", "原值"), Column::new("new", "新值")];
    let mut listing = Listing::new("changes", format!("推荐单位“{}”的更正", before.name), columns);
    for (key, label, old, new) in recommender_import::differences(&before, &after) {
        listing.push(vec![Cell::keyed(key, label), old.into(), new.into()]);
    }
    if listing.rows.is_empty() {
        return Ok(Outcome::of(Document::note(format!("推荐单位“{}”的内容已经如此，没有改动", before.name))));
    }
    let document = Document::of(listing).value("recommender", "", before.name.as_str());
    if context.dry_run {
        return Ok(Outcome::of(document).message("试运行：什么都没有写入"));
    }
    let tx = context.operation(&mut db)?;
    put(&tx, &after)?;
    tx.finish(&format!("更正推荐单位“{}”", before.name))?;
    Ok(Outcome::of(document))
}

/// Refuses a name that another recommender has.
fn refuse_taken(directory: &Directory, own: &Recommender, text: &str) -> Result<(), AppError> {
    match directory.find(text).filter(|other| other.name != own.name) {
        Some(other) => Err(AppError::refused(format!("“{}”已是推荐单位“{}”的名称或别名", text.trim(), other.name))
            .hint("两者确是一家的，请改正作品的推荐单位：dasai entry set 编号 recommender=名称")),
        None => Ok(()),
    }
}

fn rename(context: &mut Context, args: &RenameArgs) -> Result<Outcome, AppError> {
    let mut db = context.open()?;
    let new = name(&args.name)?;
    let before = {
        let reader = db.reader()?;
        let rules = context.rules(&reader)?;
        let directory = recommending::directory(&reader, &rules)?;
        let before = find(&directory, &args.recommender)?;
        refuse_taken(&directory, &before, &new)?;
        before
    };
    if before.is_of_rules {
        return Err(AppError::refused(format!("“{}”是规则所列的推荐单位，名称由规则决定", before.name))
            .hint("改规则：dasai rules edit")
            .hint(format!("另一种写法可以加作别名：dasai recommender alias {} {}", word(&before.name), word(&new))));
    }
    if new == before.name {
        return Ok(Outcome::of(Document::note(format!("推荐单位已经叫“{new}”，没有改动"))));
    }
    let document = Document::default().value("name_before", "原名称", before.name.as_str()).value("name", "新名称", new.as_str());
    if context.dry_run {
        return Ok(Outcome::of(document).message("试运行：什么都没有写入"));
    }
    let (folded_before, folded) = (fold_recommender(&before.name), fold_recommender(&new));
    let tx = context.operation(&mut db)?;
    let id = put(&tx, &Recommender { name: new.clone(), ..before.clone() })?;
    // The new name may have been an alias; it cannot be both.
    recommendations::remove_alias(&tx, id, &folded)?;
    if folded != folded_before {
        recommendations::add_alias(&tx, id, &before.name, &folded_before)?;
    }
    tx.finish(&format!("推荐单位“{}”改名为“{new}”", before.name))?;
    Ok(Outcome::of(document))
}

fn alias(context: &mut Context, args: &AliasArgs) -> Result<Outcome, AppError> {
    let mut db = context.open()?;
    let alias = name(&args.alias)?;
    let folded = fold_recommender(&alias);
    let known = {
        let reader = db.reader()?;
        let rules = context.rules(&reader)?;
        let directory = recommending::directory(&reader, &rules)?;
        let known = find(&directory, &args.recommender)?;
        refuse_taken(&directory, &known, &alias)?;
        known
    };
    let has_it = known.aliases.iter().any(|other| fold_recommender(other) == folded);
    if args.remove && !has_it {
        return Err(AppError::not_found(format!("推荐单位“{}”没有别名“{alias}”", known.name)).hint("查看别名：dasai recommender list"));
    }
    let document = Document::default().value("recommender", "推荐单位", known.name.as_str()).value("alias", "别名", alias.as_str()).value(
        "removed",
        "",
        Cell::Flag(args.remove),
    );
    if !args.remove && (has_it || fold_recommender(&known.name) == folded) {
        return Ok(Outcome::of(document).message(format!("“{alias}”已经认作“{}”，没有变化", known.name)));
    }
    if context.dry_run {
        return Ok(Outcome::of(document).message("试运行：什么都没有写入"));
    }
    let tx = context.operation(&mut db)?;
    let id = match known.id {
        Some(id) => id,
        None => put(&tx, &known)?,
    };
    if args.remove {
        recommendations::remove_alias(&tx, id, &folded)?;
    } else {
        recommendations::add_alias(&tx, id, &alias, &folded)?;
    }
    let verb = if args.remove { "去掉" } else { "添加" };
    tx.finish(&format!("{verb}推荐单位“{}”的别名“{alias}”", known.name))?;
    Ok(Outcome::of(document))
}
