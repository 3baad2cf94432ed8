//! `attachment`: received files (参赛材料) reconciled with the works, listed, and given to a work by hand. How a folder is reconciled is
//! `attachment_scan`; what is shown is `attachment_report`.
//!
//! Decision worth knowing: files stay where they are. What staff say by hand stands until they say otherwise; no scan changes it.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::context::{Context, Outcome};
use super::{attachment_report, attachment_scan, entry};
use crate::domain::attachment::{Attachment, Link, MatchedBy, RECOMMENDATION, kind_name};
use crate::domain::category::Category;
use crate::domain::entry::Entry;
use crate::domain::folding::{fold_organization, fold_text, fold_title};
use crate::domain::listing::Document;
use crate::domain::rules::ContestRules;
use crate::domain::values::{AttachmentId, EntryId};
use crate::error::AppError;
use crate::store::db::Reader;
use crate::store::{attachments, entries, organizations};

/// Sub-commands of `attachment`.
#[derive(Debug, Subcommand)]
pub enum AttachmentCommand {
    /// 核对一个文件夹：每个文件属于哪件作品，缺什么、多什么
    #[command(visible_alias = "核对")]
    Scan(ScanArgs),
    /// 列出登记的文件
    #[command(visible_alias = "列出", alias = "列表")]
    List(ListArgs),
    /// 人工指定一个文件属于哪件作品、是什么材料
    #[command(visible_alias = "指定")]
    Set(SetArgs),
    /// 取消一个文件与作品的对应，以后核对也不再自动对应
    #[command(visible_alias = "取消")]
    Unlink(UnlinkArgs),
}

/// Arguments of `attachment scan`.
#[derive(Debug, Args)]
#[command(after_help = "示例：
  dasai attachment scan 材料
  dasai attachment scan 材料/微电影 --category 微电影 --export 材料核对.xlsx
  dasai attachment scan 材料 --rename --dry-run
  dasai attachment scan 材料 --rename --yes")]
pub struct ScanArgs {
    /// 收到的材料所在的文件夹，连同里面的文件夹
    #[arg(value_name = "文件夹")]
    pub(super) folder: PathBuf,
    /// 把没有按要求命名的文件改为“单位名称+作品名称”；先列出，确认后才改
    #[arg(long)]
    pub(super) rename: bool,
    /// 文件夹里只有这些参赛类型的材料（可写多次）
    #[arg(long, value_name = "类型")]
    pub(super) category: Vec<String>,
    /// 没有变化的文件也重新读一遍
    #[arg(long)]
    pub(super) rehash: bool,
    /// 核对结果另存为文件（.xlsx .csv .json .md）
    #[arg(long, value_name = "文件")]
    pub(super) export: Option<PathBuf>,
    /// 另存的文件已存在时替换它
    #[arg(long, requires = "export")]
    pub(super) force: bool,
}

/// Arguments of `attachment list`.
#[derive(Debug, Args)]
#[command(after_help = "示例：\n  dasai attachment list\n  dasai attachment list W003\n  dasai attachment list --unmatched")]
pub struct ListArgs {
    /// 只列这件作品的文件
    #[arg(value_name = "作品编号")]
    entry: Option<String>,
    /// 只列没有对上作品和单位的文件
    #[arg(long)]
    unmatched: bool,
    /// 只列上次核对时已不在原处的文件
    #[arg(long)]
    gone: bool,
}

/// Arguments of `attachment set`.
#[derive(Debug, Args)]
#[command(after_help = "示例：
  dasai attachment set 12 --entry W003 --kind video
  dasai attachment set 材料/成片.mp4 --entry W003 --kind 参赛作品视频
  dasai attachment set 15 --organization 上海示例有限公司 --kind logo")]
pub struct SetArgs {
    /// 文件的编号（见 attachment list）或路径
    #[arg(value_name = "材料")]
    file: String,
    /// 属于哪件作品（作品编号）
    #[arg(long, value_name = "作品编号", conflicts_with = "organization", required_unless_present_any = ["organization", "kind"])]
    entry: Option<String>,
    /// 属于哪个单位，由它的作品共用（如 LOGO）：名称、别名或序号
    #[arg(long, value_name = "单位")]
    organization: Option<String>,
    /// 是什么材料：规则中该参赛类型 attachments 的代号或名称
    #[arg(long, value_name = "材料种类")]
    kind: Option<String>,
}

/// Arguments of `attachment unlink`.
#[derive(Debug, Args)]
#[command(after_help = "示例：\n  dasai attachment unlink 12")]
pub struct UnlinkArgs {
    /// 文件的编号（见 attachment list）或路径
    #[arg(value_name = "材料")]
    file: String,
}

/// Runs a sub-command.
///
/// # Errors
/// A folder, file, work, unit or kind does not exist; a folder cannot be read; the contest cannot be read or written.
pub fn run(context: &mut Context, command: AttachmentCommand) -> Result<Outcome, AppError> {
    match command {
        AttachmentCommand::Scan(args) => attachment_scan::scan(context, &args),
        AttachmentCommand::List(args) => list(context, &args),
        AttachmentCommand::Set(args) => set(context, &args),
        AttachmentCommand::Unlink(args) => unlink(context, &args),
    }
}

fn list(context: &mut Context, args: &ListArgs) -> Result<Outcome, AppError> {
    let db = context.open()?;
    let reader = db.reader()?;
    let rules = context.rules(&reader)?;
    let mut files = match &args.entry {
        Some(number) => attachments::of_entry(&reader, entry::find(&reader, number)?.id)?,
        None => attachments::list(&reader)?,
    };
    files.retain(|file| (!args.unmatched || (is_nobodys(file) && !file.missing)) && (!args.gone || file.missing));
    files.sort_by(|left, right| {
        let key = |file: &Attachment| (file.file.folder.clone(), file.came_in.clone(), file.file.path.clone(), file.id);
        key(left).cmp(&key(right))
    });
    let works = entries::list(&reader)?;
    let units = organizations::list(&reader)?;
    let mut outcome = Outcome::of(Document::of(attachment_report::listing(&rules, &works, &units, &files)));
    let begun = attachments::begun_renames(&reader)?.len();
    if begun > 0 {
        outcome =
            outcome.message(format!("注意：上次改名没有做完，{begun} 个文件可能已经是新名称；再运行一次 dasai attachment scan 即可理清"));
    }
    Ok(outcome)
}

/// Whether a file waits for its work: nobody's, and no recommender's sheet.
pub(super) fn is_nobodys(file: &Attachment) -> bool {
    file.link.entry.is_none() && file.link.organization.is_none() && file.link.kind != RECOMMENDATION && file.link.matched.is_none()
}

fn set(context: &mut Context, args: &SetArgs) -> Result<Outcome, AppError> {
    let mut db = context.open()?;
    let (rules, works, units, file, link) = {
        let reader = db.reader()?;
        let rules = context.rules(&reader)?;
        let file = find(context, &reader, &args.file)?;
        let mut link = Link { matched: Some(MatchedBy::Hand), ..file.link.clone() };
        if let Some(number) = &args.entry {
            let entry = entry::find(&reader, number)?;
            (link.entry, link.organization) = (Some(entry.id), Some(entry.organization));
        }
        let units = organizations::list(&reader)?;
        if let Some(name) = &args.organization {
            let folded = fold_organization(name);
            let by_name = organizations::find_by_folded(&reader, &folded)?;
            let unit = by_name.or_else(|| {
                name.parse().ok().map(crate::domain::values::OrganizationId).filter(|id| units.iter().any(|unit| unit.id == *id))
            });
            let unit = unit.ok_or_else(|| AppError::not_found(format!("没有单位“{name}”")).hint("单位名称与序号：dasai org list"))?;
            (link.entry, link.organization) = (None, Some(unit));
        }
        let works = entries::list(&reader)?;
        let category = link.entry.and_then(|id| category_of(&rules, &works, id));
        if let Some(text) = &args.kind {
            link.kind = kind(&rules, category, text)?;
        } else if let Some(category) = category
            && !category.attachments.iter().any(|rule| rule.kind == link.kind)
        {
            // What the file was for in another category says nothing here.
            link.kind = String::new();
        }
        (rules, works, units, file, link)
    };
    change(context, &mut db, (&rules, works.as_slice(), units.as_slice()), file, link, "指定材料")
}

fn category_of<'a>(rules: &'a ContestRules, works: &[Entry], id: EntryId) -> Option<&'a Category> {
    works.iter().find(|entry| entry.id == id).and_then(|entry| rules.category(&entry.category))
}

/// The kind that a typed text names.
fn kind(rules: &ContestRules, category: Option<&Category>, text: &str) -> Result<String, AppError> {
    let wanted = fold_title(text);
    let of = category.map_or(rules.categories.as_slice(), std::slice::from_ref);
    let mut known: Vec<(String, String)> =
        of.iter().flat_map(|category| &category.attachments).map(|rule| (rule.kind.clone(), rule.name.clone())).collect();
    known.push((RECOMMENDATION.to_owned(), kind_name(rules, None, RECOMMENDATION).to_owned()));
    known.dedup();
    if let Some((kind, _)) = known.iter().find(|(kind, name)| fold_title(kind) == wanted || fold_title(name) == wanted) {
        return Ok(kind.clone());
    }
    let mut names: Vec<String> = known.into_iter().map(|(kind, name)| format!("{kind}（{name}）")).collect();
    names.sort();
    names.dedup();
    Err(AppError::usage(format!("没有“{text}”这种材料")).hint(format!("可用：{}", names.join("、"))))
}

fn unlink(context: &mut Context, args: &UnlinkArgs) -> Result<Outcome, AppError> {
    let mut db = context.open()?;
    let (rules, works, units, file) = {
        let reader = db.reader()?;
        (context.rules(&reader)?, entries::list(&reader)?, organizations::list(&reader)?, find(context, &reader, &args.file)?)
    };
    let link = Link { matched: Some(MatchedBy::Hand), ..Link::default() };
    change(context, &mut db, (&rules, works.as_slice(), units.as_slice()), file, link, "取消材料与作品的对应")
}

type Names<'a> = (&'a ContestRules, &'a [Entry], &'a [crate::domain::organization::Organization]);

fn change(
    context: &Context,
    db: &mut crate::store::db::Db,
    (rules, works, units): Names<'_>,
    mut file: Attachment,
    link: Link,
    what: &str,
) -> Result<Outcome, AppError> {
    let is_same = file.link == link;
    file.link = link;
    let document = Document::of(attachment_report::listing(rules, works, units, std::slice::from_ref(&file)));
    if is_same {
        return Ok(Outcome::of(document).message("已经如此，没有改动"));
    }
    if context.dry_run {
        return Ok(Outcome::of(document).message("试运行：什么都没有写入"));
    }
    let whose = file
        .link
        .entry
        .and_then(|id| works.iter().find(|entry| entry.id == id))
        .map_or(String::new(), |entry| format!(" → {}", entry.number));
    let tx = context.operation(db)?;
    attachments::update(&tx, &file)?;
    tx.finish(&format!("{what}：{}{whose}", file.file.name()))?;
    Ok(Outcome::of(document))
}

/// The file that a typed number, path or name means.
fn find(context: &Context, reader: &Reader<'_>, text: &str) -> Result<Attachment, AppError> {
    if let Ok(id) = fold_text(text).parse::<i64>()
        && let Some(file) = attachments::by_id(reader, AttachmentId(id))?
    {
        return Ok(file);
    }
    let files = attachments::list(reader)?;
    let path = std::path::absolute(context.path(text.as_ref())).unwrap_or_default();
    let is_there = |file: &&Attachment| !file.file.folder.is_empty() && attachment_scan::place(file) == path;
    let plain = text.replace('\\', "/");
    let found = files.iter().find(is_there).map_or_else(
        || files.iter().filter(|file| file.file.path == plain || file.file.name() == plain).collect::<Vec<_>>(),
        |file| vec![file],
    );
    match found.as_slice() {
        [only] => Ok((*only).clone()),
        [] => Err(AppError::not_found(format!("没有登记过材料“{text}”"))
            .hint("编号与路径：dasai attachment list；还没有登记的，先用 dasai attachment scan 文件夹")),
        several => {
            let ids: Vec<String> = several.iter().map(|file| format!("{}（{}）", file.id.0, file.file.path)).collect();
            Err(AppError::refused(format!("有 {} 个材料叫“{text}”", several.len())).hint(format!("请写编号：{}", ids.join("、"))))
        }
    }
}
