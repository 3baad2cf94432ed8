//! `org`: units listed, shown, renamed, corrected, merged, and given other names. Units that only look alike are listed, never merged by
//! themselves.

use std::collections::BTreeMap;

use clap::{Args, Subcommand};

use super::context::{Context, Outcome};
use super::entry::category_cell;
use super::organization_merge::{self, MergeArgs};
use super::selection;
use crate::domain::command_word::word;
use crate::domain::credit_code::{CodeFault, check_credit_code, fold_credit_code};
use crate::domain::entry::OrganizationProfile;
use crate::domain::field::Field;
use crate::domain::folding::{fold_organization, loose_organization_key};
use crate::domain::intake::lengths;
use crate::domain::listing::{Audience, Cell, Column, Document, Listing};
use crate::domain::organization::Organization;
use crate::domain::privacy::masked_field;
use crate::domain::problem::Place;
use crate::domain::values::OrganizationId;
use crate::error::AppError;
use crate::formats::fields;
use crate::store::db::Reader;
use crate::store::{entries, organizations};

/// Sub-commands of `org`.
#[derive(Debug, Subcommand)]
pub enum OrganizationCommand {
    /// 列出单位
    #[command(visible_alias = "列出", alias = "列表")]
    List(ListArgs),
    /// 查看一个单位：别名、报名、作品
    #[command(visible_alias = "查看")]
    Show(ShowArgs),
    /// 更正单位的名称；原名留作别名
    #[command(visible_alias = "改名")]
    Rename(RenameArgs),
    /// 更正单位的性质、会员、领域、产业、信用代码
    #[command(visible_alias = "更正")]
    Set(SetArgs),
    /// 把一个单位并入另一个；作品和报名随之转移，原名留作别名
    #[command(visible_alias = "合并")]
    Merge(MergeArgs),
    /// 给单位添加或去掉别名
    #[command(visible_alias = "别名")]
    Alias(AliasArgs),
}

/// Arguments of `org list`.
#[derive(Debug, Args)]
#[command(after_help = "示例：\n  dasai org list\n  dasai org list --similar")]
pub struct ListArgs {
    /// 只列名称相近、可能是同一单位的
    #[arg(long)]
    similar: bool,
}

/// Arguments of `org show`.
#[derive(Debug, Args)]
#[command(after_help = "示例：\n  dasai org show 上海示例有限公司")]
pub struct ShowArgs {
    /// 单位的名称、别名或序号
    #[arg(value_name = "单位")]
    organization: String,
    /// 完整显示报名表的联系人、手机、邮箱、地址（平时隐去中间）
    #[arg(long)]
    reveal: bool,
}

/// Arguments of `org rename`.
#[derive(Debug, Args)]
#[command(after_help = "示例：\n  dasai org rename 示例公司 上海示例有限公司")]
pub struct RenameArgs {
    /// 单位的名称、别名或序号
    #[arg(value_name = "单位")]
    organization: String,
    /// 新的名称
    #[arg(value_name = "新名称")]
    name: String,
}

/// Arguments of `org set`.
#[derive(Debug, Args)]
#[command(after_help = "示例：\n  dasai org set 上海示例有限公司 nature=国有 member=是")]
pub struct SetArgs {
    /// 单位的名称、别名或序号
    #[arg(value_name = "单位")]
    organization: String,
    /// 字段=值：credit_code、nature、member、focus_area、focus_industry 或其中文名称；值留空即清空
    #[arg(required = true, value_name = "字段=值")]
    values: Vec<String>,
}

/// Arguments of `org alias`.
#[derive(Debug, Args)]
#[command(after_help = "示例：\n  dasai org alias 上海示例有限公司 示例公司\n  dasai org alias 上海示例有限公司 示例公司 --remove")]
pub struct AliasArgs {
    /// 单位的名称、别名或序号
    #[arg(value_name = "单位")]
    organization: String,
    /// 别名
    #[arg(value_name = "别名")]
    alias: String,
    /// 去掉这个别名
    #[arg(long)]
    remove: bool,
}

/// Runs a sub-command.
///
/// # Errors
/// A unit does not exist, a name is taken, or the contest cannot be read or written.
pub fn run(context: &mut Context, command: OrganizationCommand) -> Result<Outcome, AppError> {
    match command {
        OrganizationCommand::List(args) => list(context, &args),
        OrganizationCommand::Show(args) => show(context, &args),
        OrganizationCommand::Rename(args) => rename(context, &args),
        OrganizationCommand::Set(args) => set(context, &args),
        OrganizationCommand::Merge(args) => organization_merge::merge(context, &args),
        OrganizationCommand::Alias(args) => alias(context, &args),
    }
}

fn list(context: &Context, args: &ListArgs) -> Result<Outcome, AppError> {
    let db = context.open()?;
    let reader = db.reader()?;
    let units = organizations::list(&reader)?;
    let mut columns = vec![
        Column::new("id", "序号"),
        Column::new("name", "参赛单位"),
        Column::new("aliases", "别名").minor(),
        Column::new("entries", "作品"),
        Column::new("member", "会员"),
        Column::new("nature", "性质").minor(),
        Column::new("focus_area", "重点领域").minor(),
        Column::new("focus_industry", "重点产业").minor(),
        Column::new("intended", "拟申报").minor(),
        Column::new("credit_code", "信用代码").only(Audience::Scripts),
    ];
    if !args.similar {
        let mut listing = Listing::new("organizations", "参赛单位", columns).when_empty("还没有参赛单位");
        for unit in &units {
            listing.push(unit_row(unit));
        }
        if !units.is_empty() {
            listing.notes.push(format!("共 {} 家", units.len()));
        }
        return Ok(Outcome::of(Document::of(listing)));
    }
    columns.insert(0, Column::new("group", "组").merged());
    columns.push(Column::new("why", "相近之处"));
    let mut listing = Listing::new("organizations", "可能是同一单位", columns).when_empty("没有名称相近、信用代码相同的单位");
    for (number, (why, group)) in similar(&units).into_iter().enumerate() {
        for unit in group {
            let mut row = unit_row(unit);
            row.insert(0, Cell::count(number + 1));
            row.push(Cell::List(why.iter().map(|why| Cell::keyed(why.0, why.1)).collect()));
            listing.push(row);
        }
    }
    if !listing.rows.is_empty() {
        listing.notes.push("确是同一单位的：dasai org merge 原单位 并入单位；不是的不必处理".to_owned());
    }
    Ok(Outcome::of(Document::of(listing)))
}

/// Keys and words of what two units can share.
const SHARED: [(&str, &str); 2] = [("name", "名称相近"), ("credit_code", "信用代码相同")];

/// What the units of a group share, and the units.
type Alike<'a> = (Vec<(&'static str, &'static str)>, Vec<&'a Organization>);

/// Units that may be one, in groups: by their names and aliases without what can be left out of a name, and by their codes.
fn similar(units: &[Organization]) -> Vec<Alike<'_>> {
    let mut owners: BTreeMap<(usize, String), usize> = BTreeMap::new();
    // Every unit points to one before it in its group, the first to itself.
    let mut leaders: Vec<usize> = (0..units.len()).collect();
    let mut shared: Vec<(usize, usize)> = Vec::new();
    let leader = |leaders: &[usize], mut unit: usize| {
        while let Some(next) = leaders.get(unit).copied().filter(|next| *next != unit) {
            unit = next;
        }
        unit
    };
    for (index, unit) in units.iter().enumerate() {
        let names = unit.aliases.iter().chain([&unit.name]).map(|name| (0, loose_organization_key(name)));
        let code = check_credit_code(&unit.profile.credit_code).is_ok().then(|| (1, fold_credit_code(&unit.profile.credit_code)));
        for key in names.chain(code) {
            let why = key.0;
            let first = *owners.entry(key).or_insert(index);
            if first != index {
                shared.push((first, why));
                let (one, other) = (leader(&leaders, first), leader(&leaders, index));
                if let Some(pointer) = leaders.get_mut(one.max(other)) {
                    *pointer = one.min(other);
                }
            }
        }
    }
    let mut groups: BTreeMap<usize, Alike<'_>> = BTreeMap::new();
    for (index, unit) in units.iter().enumerate() {
        groups.entry(leader(&leaders, index)).or_default().1.push(unit);
    }
    for (unit, why) in shared {
        let group = groups.entry(leader(&leaders, unit)).or_default();
        let why = SHARED.get(why).copied().filter(|why| !group.0.contains(why));
        group.0.extend(why);
    }
    groups.into_values().filter(|(_, group)| group.len() > 1).collect()
}

fn unit_row(unit: &Organization) -> Vec<Cell> {
    vec![
        Cell::Integer(unit.id.0),
        unit.name.as_str().into(),
        Cell::List(unit.aliases.iter().map(Cell::text).collect()),
        Cell::Integer(unit.entries.into()),
        Cell::optional(unit.profile.member, Cell::Flag),
        unit.profile.nature.as_str().into(),
        unit.profile.focus_area.as_str().into(),
        unit.profile.focus_industry.as_str().into(),
        Cell::List(unit.intended.iter().map(Cell::text).collect()),
        unit.profile.credit_code.as_str().into(),
    ]
}

fn show(context: &mut Context, args: &ShowArgs) -> Result<Outcome, AppError> {
    let db = context.open()?;
    let reader = db.reader()?;
    let rules = context.rules(&reader)?;
    let unit = find(&reader, &args.organization)?;
    let mut record = vec![
        ("id".to_owned(), Cell::Integer(unit.id.0)),
        ("name".to_owned(), unit.name.as_str().into()),
        ("aliases".to_owned(), Cell::List(unit.aliases.iter().map(Cell::text).collect())),
    ];
    let mut document = Document::default().value("", "序号", Cell::Integer(unit.id.0)).value("", "参赛单位", unit.name.as_str()).value(
        "",
        "别名",
        unit.aliases.join("、"),
    );
    for (field, text) in unit.profile.texts() {
        document = document.value("", field.label(), text);
        let cell = if field == Field::Member { Cell::optional(unit.profile.member, Cell::Flag) } else { text.into() };
        record.push((field.key().to_owned(), cell));
    }
    let registration = organizations::registration(&reader, unit.id)?.map(|registration| {
        let cells = registration.texts().map(|(field, text)| match registration.registered_at {
            Some(moment) if field == Field::SubmittedAt => (field, Cell::Moment(moment)),
            _ if args.reveal => (field, Cell::text(text)),
            _ => (field, Cell::text(masked_field(field, &text))),
        });
        for (field, cell) in cells.iter().filter(|(_, cell)| *cell != Cell::Empty && *cell != Cell::text("")) {
            document = std::mem::take(&mut document).value("", format!("报名：{}", field.label()), cell.clone());
        }
        Cell::Record(cells.into_iter().map(|(field, cell)| (field.key().to_owned(), cell)).collect())
    });
    record.push(("registration".to_owned(), registration.unwrap_or_default()));
    let columns = vec![
        Column::new("number", "作品编号"),
        Column::new("category", "参赛类型"),
        Column::new("title", "作品名称"),
        Column::new("status", "状态"),
    ];
    let mut works = Listing::new("entries", "作品", columns).when_empty("还没有作品");
    for work in entries::summaries(&reader)?.into_iter().filter(|work| work.organization == unit.id) {
        let status = Cell::keyed(work.status.key(), work.status.label());
        works.push(vec![work.number.as_str().into(), category_cell(&rules, &work.category), work.title.into(), status]);
    }
    Ok(Outcome::of(document.value("organization", "", Cell::Record(record)).listing(works)))
}

fn rename(context: &Context, args: &RenameArgs) -> Result<Outcome, AppError> {
    let mut db = context.open()?;
    let name = args.name.trim();
    let folded = folded_name(name)?;
    let (unit, owner) = unit_and_owner(&db.reader()?, &args.organization, &folded)?;
    let old_folded = fold_organization(&unit.name);
    if name == unit.name {
        return Ok(Outcome::of(Document::note(format!("单位已经叫“{name}”，没有改动"))));
    }
    if let Some(other) = owner.filter(|owner| owner.id != unit.id) {
        return Err(AppError::refused(format!("“{name}”已是单位“{}”的名称或别名", other.name)).hint(format!(
            "若是同一单位：dasai org merge {} {}",
            word(&unit.name),
            word(&other.name)
        )));
    }
    let document = Document::default()
        .value("organization", "", Cell::Integer(unit.id.0))
        .value("name_before", "原名称", unit.name.as_str())
        .value("name", "新名称", name);
    if context.dry_run {
        return Ok(Outcome::of(document).message("试运行：什么都没有写入"));
    }
    let tx = context.operation(&mut db)?;
    // The new name may have been an alias; it cannot be both.
    organizations::remove_alias(&tx, unit.id, &folded)?;
    organizations::rename(&tx, unit.id, name, &folded)?;
    if folded != old_folded {
        organizations::add_alias(&tx, unit.id, &unit.name, &old_folded)?;
    }
    tx.finish(&format!("单位“{}”改名为“{name}”", unit.name))?;
    Ok(Outcome::of(document))
}

fn set(context: &Context, args: &SetArgs) -> Result<Outcome, AppError> {
    let mut db = context.open()?;
    let unit = find(&db.reader()?, &args.organization)?;
    let mut profile = unit.profile.clone();
    let mut named = Vec::new();
    for text in &args.values {
        set_value(&mut profile, text, &mut named)?;
    }
    let mut listing = Listing::new(
        "changes",
        format!("单位“{}”的更正", unit.name),
        vec![Column::new("field", "项目"), Column::new("old", "原值"), Column::new("new", "新值")],
    );
    for ((field, old), (_, new)) in unit.profile.texts().into_iter().zip(profile.texts()).filter(|((_, old), (_, new))| old != new) {
        listing.push(vec![Cell::keyed(field.key(), field.label()), old.into(), new.into()]);
    }
    if listing.rows.is_empty() {
        return Ok(Outcome::of(Document::note(format!("单位“{}”的内容已经如此，没有改动", unit.name))));
    }
    let document = Document::of(listing);
    if context.dry_run {
        return Ok(Outcome::of(document).message("试运行：什么都没有写入"));
    }
    let tx = context.operation(&mut db)?;
    organizations::update_profile(&tx, unit.id, &profile)?;
    tx.finish(&format!("更正单位“{}”", unit.name))?;
    Ok(Outcome::of(document))
}

fn set_value(profile: &mut OrganizationProfile, text: &str, named: &mut Vec<Field>) -> Result<(), AppError> {
    let (name, value) = selection::assignment(text, "nature=国有")?;
    let field = selection::field(name).filter(|field| field.belongs_to_organization());
    if let Some(field) = field {
        selection::once(named, field, name)?;
    }
    let target = match field {
        Some(Field::CreditCode) => &mut profile.credit_code,
        Some(Field::Nature) => &mut profile.nature,
        Some(Field::FocusArea) => &mut profile.focus_area,
        Some(Field::FocusIndustry) => &mut profile.focus_industry,
        Some(Field::Member) => {
            profile.member =
                fields::yes_no(value).map_err(|_| AppError::usage(format!("会员单位只能写 是 或 否：{value}")).hint("例如：member=是"))?;
            return Ok(());
        }
        Some(_) | None => {
            return Err(AppError::usage(format!("单位没有“{name}”这个可更正的字段"))
                .hint("可更正的有：credit_code、nature、member、focus_area、focus_industry；名称用 dasai org rename"));
        }
    };
    if let Some(field) = field {
        refuse_too_long(field, value)?;
    }
    if field == Some(Field::CreditCode) && !value.is_empty() {
        let refusal = |fault: CodeFault| AppError::usage(format!("{}：{value}", fault.message())).hint("对照营业执照核对后再试");
        check_credit_code(value).map_err(refusal)?;
        *target = fold_credit_code(value);
    } else {
        value.clone_into(target);
    }
    Ok(())
}

fn alias(context: &Context, args: &AliasArgs) -> Result<Outcome, AppError> {
    let mut db = context.open()?;
    let alias = args.alias.trim();
    let folded = folded_name(alias)?;
    let (unit, owner) = unit_and_owner(&db.reader()?, &args.organization, &folded)?;
    let is_own_name = folded == fold_organization(&unit.name);
    let document = Document::default().value("organization", "参赛单位", unit.name.as_str()).value("alias", "别名", alias).value(
        "removed",
        "",
        Cell::Flag(args.remove),
    );
    if args.remove {
        if is_own_name || owner.is_none_or(|owner| owner.id != unit.id) {
            let known =
                if unit.aliases.is_empty() { "它没有别名".to_owned() } else { format!("它的别名：{}", unit.aliases.join("、")) };
            return Err(AppError::not_found(format!("“{alias}”不是单位“{}”的别名", unit.name)).hint(known));
        }
    } else if let Some(owner) = owner {
        if owner.id == unit.id {
            return Ok(Outcome::of(Document::note(format!("“{alias}”已经是单位“{}”的名称或别名，没有改动", unit.name))));
        }
        return Err(AppError::refused(format!("“{alias}”已是单位“{}”的名称或别名", owner.name)).hint(format!(
            "若是同一单位：dasai org merge {} {}",
            word(&owner.name),
            word(&unit.name)
        )));
    }
    if context.dry_run {
        return Ok(Outcome::of(document).message("试运行：什么都没有写入"));
    }
    let tx = context.operation(&mut db)?;
    let summary = if args.remove {
        organizations::remove_alias(&tx, unit.id, &folded)?;
        format!("单位“{}”去掉别名“{alias}”", unit.name)
    } else {
        organizations::add_alias(&tx, unit.id, alias, &folded)?;
        format!("单位“{}”添加别名“{alias}”", unit.name)
    };
    tx.finish(&summary)?;
    Ok(Outcome::of(document))
}

fn folded_name(name: &str) -> Result<String, AppError> {
    refuse_too_long(Field::Organization, name)?;
    let folded = fold_organization(name);
    if folded.is_empty() { Err(AppError::usage("单位名称不能为空").hint("写明单位全称")) } else { Ok(folded) }
}

/// # Errors
/// The text is longer than what a received one may be.
fn refuse_too_long(field: Field, text: &str) -> Result<(), AppError> {
    match lengths::too_long(field, text, &Place::default()) {
        Some(problem) => Err(AppError::usage(problem.message).hint("核对是否粘错了内容，改短后再试")),
        None => Ok(()),
    }
}

/// The unit that a typed text names: by name, by alias, or by its number in `org list`.
pub(super) fn find(reader: &Reader<'_>, text: &str) -> Result<Organization, AppError> {
    if let Some(id) = organizations::find_by_folded(reader, &fold_organization(text))? {
        return known(reader, id);
    }
    if let Some(unit) = text.trim().parse().ok().map(|id| organizations::by_id(reader, OrganizationId(id))).transpose()?.flatten() {
        return Ok(unit);
    }
    let folded = fold_organization(text);
    let near: Vec<String> = organizations::list(reader)?
        .into_iter()
        .filter(|unit| !folded.is_empty() && fold_organization(&unit.name).contains(&folded))
        .take(5)
        .map(|unit| unit.name)
        .collect();
    let error = AppError::not_found(format!("没有名为“{text}”的单位"));
    Err(if near.is_empty() {
        error.hint("查看全部单位：dasai org list")
    } else {
        error.hint(format!("名称中含有这些字的：{}", near.join("、")))
    })
}

/// The unit that a typed text names, and the unit that has a folded name already.
fn unit_and_owner(reader: &Reader<'_>, text: &str, folded: &str) -> Result<(Organization, Option<Organization>), AppError> {
    let owner = organizations::find_by_folded(reader, folded)?.map(|id| known(reader, id)).transpose()?;
    Ok((find(reader, text)?, owner))
}

fn known(reader: &Reader<'_>, id: OrganizationId) -> Result<Organization, AppError> {
    organizations::by_id(reader, id)?.ok_or_else(|| AppError::internal(format!("单位 {} 只有名称没有内容", id.0)))
}
