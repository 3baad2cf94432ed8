//! `org merge`: one unit into another. What is decided here: works, aliases and files follow; where both have a registration the one
//! of the kept unit stays; where both have the same work nothing happens unless staff say that it is one (`--join-works`). Whatever is
//! not kept is shown.

use std::collections::BTreeMap;

use clap::Args;

use super::context::{Context, Outcome};
use super::history_words as words;
use super::organization::find;
use crate::domain::command_word::word;
use crate::domain::entry::{Entry, FieldChange};
use crate::domain::folding::fold_organization;
use crate::domain::intake::KnownWork;
use crate::domain::intake::problems::difference_sides;
use crate::domain::listing::{Cell, Column, Document, Listing};
use crate::domain::organization::Organization;
use crate::domain::values::{CategoryId, EntryId, EntryNumber};
use crate::error::AppError;
use crate::store::db::Reader;
use crate::store::{entries, organizations, references, verdicts};

/// Arguments of `org merge`.
#[derive(Debug, Args)]
#[command(after_help = "示例：
  dasai org merge 上海示例有限责任公司 上海示例有限公司 --dry-run
  dasai org merge 上海示例有限责任公司 上海示例有限公司 --join-works")]
pub struct MergeArgs {
    /// 要并入别处的单位
    #[arg(value_name = "原单位")]
    from: String,
    /// 并入的单位，保留它的名称、报名表和单位情况
    #[arg(value_name = "并入单位")]
    into: String,
    /// 两家都有的同类型、同名作品是同一件：保留并入单位的那一件
    #[arg(long)]
    join_works: bool,
}

/// What a merge does, once it is known that it can be done.
struct Plan {
    /// Numbers of works that change their unit.
    moved: Vec<String>,
    /// Works that become one: the one that goes, the one that stays.
    joined: Vec<(Entry, Entry)>,
    aliases: Vec<String>,
    registration: &'static str,
    /// What both have and only one can keep: of what, and kept → dropped.
    differences: Vec<(String, FieldChange)>,
}

/// Merges.
pub(super) fn merge(context: &mut Context, args: &MergeArgs) -> Result<Outcome, AppError> {
    let mut db = context.open()?;
    let (from, into, plan) = {
        let reader = db.reader()?;
        // For the contest's clock.
        context.rules(&reader)?;
        let from = find(&reader, &args.from)?;
        let into = find(&reader, &args.into)?;
        let plan = plan(&reader, &from, &into, args.join_works)?;
        (from, into, plan)
    };
    let joined = plan.joined.iter().map(|(gone, kept)| Cell::text(format!("{} → {}", gone.number, kept.number)));
    let mut document = Document::default()
        .value("from", "原单位", from.name.as_str())
        .value("into", "并入单位", into.name.as_str())
        .value("entries", "转移的作品", Cell::List(plan.moved.iter().map(Cell::text).collect()))
        .value("joined", "合为一件的作品", Cell::List(joined.collect()))
        .value("registration", "报名表", plan.registration)
        .value("aliases", "并入后的别名", Cell::List(plan.aliases.iter().map(Cell::text).collect()));
    let columns = vec![
        Column::new("of", "两家都有").merged(),
        Column::new("field", "项目"),
        Column::new("kept", "保留"),
        Column::new("dropped", "不保留"),
    ];
    let mut differences = Listing::new("differences", "只能保留一个的", columns);
    for (of, change) in &plan.differences {
        let (kept, dropped) = difference_sides(&change.clone().on_clock(&context.ui.timezone));
        differences.push(vec![of.as_str().into(), Cell::keyed(change.field.key(), change.field.label()), kept.into(), dropped.into()]);
    }
    if !differences.rows.is_empty() {
        differences.notes.push("要保留另一个值：合并后用 dasai org set 或 dasai entry set 更正".to_owned());
        document = document.listing(differences);
    }
    if context.dry_run {
        return Ok(Outcome::of(document).message("试运行：什么都没有写入"));
    }
    let tx = context.operation(&mut db)?;
    for (gone, kept) in &plan.joined {
        references::join_works(&tx, gone.id, kept.id)?;
    }
    organizations::absorb(&tx, from.id, into.id)?;
    organizations::add_alias(&tx, into.id, &from.name, &fold_organization(&from.name))?;
    organizations::update_profile(&tx, into.id, &into.profile.filled(&from.profile))?;
    let joined = if plan.joined.is_empty() { String::new() } else { format!("，合为一件的 {} 对", plan.joined.len()) };
    tx.finish(&format!("单位“{}”并入“{}”，转移作品 {} 件{joined}", from.name, into.name, plan.moved.len()))?;
    Ok(Outcome::of(document).message(format!("若合并有误：dasai undo；以后来件写“{}”，即认作“{}”", from.name, into.name)))
}

/// Works by category and folded title.
type Titles<'a> = BTreeMap<(&'a CategoryId, &'a str), (EntryId, &'a EntryNumber)>;

/// The work among these that has the category and title of another.
fn twin<'a>(kept: &Titles<'a>, work: &'a KnownWork) -> Option<(EntryId, &'a EntryNumber)> {
    kept.get(&(&work.category, work.title_folded.as_str())).copied()
}

/// # Errors
/// Both are one unit, or two works would become the same work and may not.
fn plan(reader: &Reader<'_>, from: &Organization, into: &Organization, join_works: bool) -> Result<Plan, AppError> {
    if from.id == into.id {
        return Err(AppError::refused(format!("“{}”和“{}”已经是同一单位", from.name, into.name)).hint("用 dasai org show 查看它的别名"));
    }
    let works = entries::identities(reader)?;
    let kept: Titles<'_> = works
        .iter()
        .filter(|work| work.organization == into.id)
        .map(|work| ((&work.category, work.title_folded.as_str()), (work.id, &work.number)))
        .collect();
    let mut moved: Vec<_> = works.iter().filter(|work| work.organization == from.id).collect();
    moved.sort_by(|one, other| one.number.cmp(&other.number));
    let (twins, moved): (Vec<_>, Vec<_>) = moved.into_iter().partition(|work| twin(&kept, work).is_some());
    if !twins.is_empty() && !join_works {
        let pairs: Vec<String> = twins.iter().filter_map(|work| Some(format!("{} 与 {}", work.number, twin(&kept, work)?.1))).collect();
        return Err(AppError::refused(format!("合并后有同类型、同名的作品：{}", pairs.join("；")))
            .hint(format!("确是同一件：dasai org merge {} {} --join-works，保留后一件", word(&from.name), word(&into.name)))
            .hint("不是同一件：先用 dasai entry set 编号 title=… 区分名称，再合并"));
    }
    let mut joined = Vec::new();
    let mut differences: Vec<(String, FieldChange)> = Vec::new();
    for work in twins {
        let Some((id, _)) = twin(&kept, work) else { continue };
        let (Some(gone), Some(kept)) = (entries::by_id(reader, work.id)?, entries::by_id(reader, id)?) else { continue };
        refuse_to_join(reader, &gone, &kept)?;
        let of = format!("作品 {} → {}", gone.number, kept.number);
        differences.extend(kept.declaration.changes_to(&gone.declaration).into_iter().map(|change| (of.clone(), change)));
        joined.push((gone, kept));
    }
    let both = |changes: Vec<FieldChange>| changes.into_iter().filter(|change| !change.old.is_empty());
    differences.extend(both(into.profile.changes_to(&from.profile)).map(|change| ("单位情况".to_owned(), change)));
    let registration = match (organizations::registration(reader, from.id)?, organizations::registration(reader, into.id)?) {
        (Some(gone), Some(kept)) => {
            differences.extend(kept.changes_to(&gone).into_iter().map(|change| ("报名表".to_owned(), change)));
            "两家都有，保留并入单位的"
        }
        (Some(_), None) => "随之转移",
        (None, _) => "原单位没有",
    };
    let mut aliases: Vec<String> = into.aliases.iter().chain(&from.aliases).cloned().chain([from.name.clone()]).collect();
    aliases.sort();
    Ok(Plan { moved: moved.iter().map(|work| work.number.to_string()).collect(), joined, aliases, registration, differences })
}

/// # Errors
/// Something was decided of the work that would go, or the one that would stay is out of the contest.
fn refuse_to_join(reader: &Reader<'_>, gone: &Entry, kept: &Entry) -> Result<(), AppError> {
    let decided = references::decided(reader, gone.id, kept.id)?;
    if !decided.is_empty() {
        let what: Vec<&str> = decided.iter().map(|table| words::table(table)).collect();
        let mut error = AppError::refused(format!("作品 {} 已有{}，不能并入 {}", gone.number, what.join("、"), kept.number));
        for pair in verdicts::list(reader)?.into_keys().filter(|pair| pair.lower() == gone.id || pair.higher() == gone.id) {
            let other = if pair.lower() == gone.id { pair.higher() } else { pair.lower() };
            if let Some(other) = entries::by_id(reader, other)? {
                error = error.hint(format!("先取消查重判定：dasai duplicates undecide {} {}", gone.number, other.number));
            }
        }
        if references::decided(reader, kept.id, gone.id)?.is_empty() {
            error = error.hint(format!("反过来合并，可保留 {}", gone.number));
        }
        return Err(error.hint("查看这些是哪次操作作出的：dasai log；作错了的，先撤销：dasai undo --operation 编号"));
    }
    if gone.status.is_active() && !kept.status.is_active() {
        return Err(AppError::refused(format!(
            "要保留的作品 {} 的状态是“{}”，而 {} 仍在参赛",
            kept.number,
            kept.status.label(),
            gone.number
        ))
        .hint(format!("先恢复：dasai entry restore {}；或反过来合并", kept.number)));
    }
    Ok(())
}
