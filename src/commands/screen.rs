//! `screen`: formal review (形式审查, 附件1（五）) at the desk: what waits, what is in its way, and the decisions. The desk is
//! `screen_desk`, the decisions `screen_decide`, what is shown `screen_view`, the run through the list `screen_review`, the notices
//! `screen_notice`.

use clap::{Args, Subcommand};

use super::check;
use super::context::{Context, Outcome};
use super::recommending::Recommending;
use super::screen_decide::{self as decide, Said};
use super::screen_desk::Desk;
use super::screen_notice::{self, NoticeArgs};
use super::{moments, screen_review, screen_view, selection};
use crate::domain::entry::Entry;
use crate::domain::listing::{Cell, Document};
use crate::domain::recommendation::Directory;
use crate::domain::screening::{Decision, Queue};
use crate::domain::values::{CategoryId, EntryNumber};
use crate::error::AppError;
use crate::store::db::Reader;

/// Arguments of `screen`.
#[derive(Debug, Args)]
#[command(
    after_help = "示例：\n  dasai screen               （在终端中逐件审查）\n  dasai screen list --ready\n  dasai screen accept --all-clean"
)]
pub struct ScreenArgs {
    #[command(subcommand)]
    command: Option<ScreenCommand>,
}

#[derive(Debug, Subcommand)]
enum ScreenCommand {
    /// 列出待审的作品：可受理的、有错误的、退回未交的
    #[command(visible_alias = "列出", alias = "列表")]
    List(ListArgs),
    /// 查看一件作品的审查：问题、决定、退回后的改动
    #[command(visible_alias = "查看")]
    Show(ShowArgs),
    /// 受理作品
    #[command(visible_alias = "受理")]
    Accept(AcceptArgs),
    /// 退回作品修改
    #[command(visible_alias = "退回")]
    Return(ReturnArgs),
    /// 淘汰作品
    #[command(visible_alias = "淘汰")]
    Reject(RejectArgs),
    /// 写补正通知：每个推荐单位或申报单位一份
    #[command(visible_alias = "通知", alias = "补正通知")]
    Notice(NoticeArgs),
    /// 在终端中逐件审查
    #[command(
        visible_alias = "逐件",
        after_help = "示例：\n  dasai screen review\n  dasai screen review --recommender 黄浦区市场监督管理局"
    )]
    Review(Filter),
}

/// Which works a command is about.
#[derive(Debug, Args, Default)]
pub(super) struct Filter {
    /// 只看这一参赛类型（代号、名称或编号前缀）
    #[arg(long, value_name = "参赛类型")]
    category: Option<String>,
    /// 只看这一推荐单位的作品
    #[arg(long, value_name = "推荐单位")]
    recommender: Option<String>,
}

/// A filter whose names were found.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    category: Option<CategoryId>,
    /// The recommender's key, and whose keys.
    recommender: Option<(String, Directory)>,
}

impl Filter {
    /// Whether nothing is left out.
    fn is_empty(&self) -> bool {
        self.category.is_none() && self.recommender.is_none()
    }

    /// Finds what is named.
    pub(super) fn wanted(&self, reader: &Reader<'_>, desk: &Desk) -> Result<Wanted, AppError> {
        let category = self.category.as_deref().map(|text| selection::category(&desk.rules, text)).transpose()?;
        let mut recommender = None;
        if let Some(text) = &self.recommender {
            let stage = Recommending::read(reader, &desk.rules)?;
            recommender = Some((stage.who(text)?.key, stage.directory));
        }
        Ok(Wanted { category: category.map(|category| category.id.clone()), recommender })
    }
}

impl Wanted {
    /// Whether a work is among them.
    pub(super) fn has(&self, work: &Entry) -> bool {
        self.category.as_ref().is_none_or(|category| work.category == *category)
            && self.recommender.as_ref().is_none_or(|(key, directory)| directory.key(&work.declaration.recommender) == *key)
    }
}

/// Arguments of `screen list`.
#[derive(Debug, Args)]
#[command(after_help = "示例：
  dasai screen list
  dasai screen list --blocked --category 演讲
  dasai screen list --returned --recommender 黄浦区市场监督管理局
  dasai screen list --all --format json

按提交时间先后排列（先申报先推进）。不写条件时，列出等待审查的和已退回的。")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag as typed")]
struct ListArgs {
    /// 可受理的：没有未豁免的错误
    #[arg(long)]
    ready: bool,
    /// 有错误、不能受理的
    #[arg(long)]
    blocked: bool,
    /// 已退回、还没有重新提交的
    #[arg(long)]
    returned: bool,
    /// 退回后重新提交、等待复核的
    #[arg(long)]
    resubmitted: bool,
    /// 已受理的
    #[arg(long)]
    accepted: bool,
    /// 已淘汰的
    #[arg(long)]
    rejected: bool,
    /// 全部作品
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    filter: Filter,
}

/// Arguments of `screen show`.
#[derive(Debug, Args)]
#[command(after_help = "示例：\n  dasai screen show Y001")]
struct ShowArgs {
    /// 作品编号
    #[arg(value_name = "作品编号")]
    entry: String,
}

/// Arguments of `screen accept`.
#[derive(Debug, Args)]
#[command(after_help = "示例：
  dasai screen accept Y001 Y002
  dasai screen accept --all-clean --dry-run
  dasai screen accept --all-clean --category 演讲 --yes
  dasai screen accept Y003 --override --reason 单位来函说明，经主办单位同意")]
struct AcceptArgs {
    /// 作品编号
    #[arg(value_name = "作品编号", required_unless_present = "all_clean", conflicts_with = "all_clean")]
    entries: Vec<String>,
    /// 受理全部等待审查、没有未豁免错误的作品（先显示件数，再确认）
    #[arg(long, conflicts_with = "overriding")]
    all_clean: bool,
    /// 有未豁免的错误也受理，须写明理由，记入例外清单
    #[arg(long = "override", requires = "reason")]
    overriding: bool,
    /// 理由
    #[arg(long, value_name = "理由")]
    reason: Option<String>,
    #[command(flatten)]
    filter: Filter,
}

/// Arguments of `screen return`.
#[derive(Debug, Args)]
#[command(after_help = "示例：
  dasai screen return Y001 --reason 申报表未盖章
  dasai screen return Y001 Y005 --reason 按补正通知修改 --due 7月12日

退回时的全部问题随决定保存；重新提交后，screen show 会对照哪些已改、哪些还在。理由会写进补正通知。")]
struct ReturnArgs {
    /// 作品编号
    #[arg(value_name = "作品编号", required = true)]
    entries: Vec<String>,
    /// 退回的理由，会写进补正通知
    #[arg(long, value_name = "理由")]
    reason: String,
    /// 补正期限（默认：形式审查截止时间）
    #[arg(long, value_name = "时间")]
    due: Option<String>,
}

/// Arguments of `screen reject`.
#[derive(Debug, Args)]
#[command(after_help = "示例：
  dasai screen reject Y002 --code S404
  dasai screen reject Y007 --reason 材料弄虚作假，经核实")]
struct RejectArgs {
    /// 作品编号
    #[arg(value_name = "作品编号", required = true)]
    entries: Vec<String>,
    /// 按哪一条淘汰：作品现有问题的审查代码，如 S404
    #[arg(long, value_name = "代码")]
    code: Option<String>,
    /// 理由（写了 --code 的可以不写）
    #[arg(long, value_name = "理由")]
    reason: Option<String>,
}

/// Runs a sub-command; without one, goes through the list at a terminal.
///
/// # Errors
/// A name cannot be found, a decision cannot be taken, nobody is there to answer, or the contest cannot be read or written.
pub fn run(context: &mut Context, args: &ScreenArgs) -> Result<Outcome, AppError> {
    match &args.command {
        None => screen_review::run(context, &Filter::default()),
        Some(ScreenCommand::Review(filter)) => screen_review::run(context, filter),
        Some(ScreenCommand::List(args)) => list(context, args),
        Some(ScreenCommand::Show(args)) => show(context, args),
        Some(ScreenCommand::Accept(args)) => accept(context, args),
        Some(ScreenCommand::Return(args)) => send_back(context, args),
        Some(ScreenCommand::Reject(args)) => reject(context, args),
        Some(ScreenCommand::Notice(args)) => screen_notice::run(context, args),
    }
}

fn list(context: &mut Context, args: &ListArgs) -> Result<Outcome, AppError> {
    let db = context.open()?;
    let reader = db.reader()?;
    let desk = Desk::load(context, &reader)?;
    let wanted = args.filter.wanted(&reader, &desk)?;
    let chosen = args.ready || args.blocked || args.returned || args.resubmitted || args.accepted || args.rejected;
    let shows = |queue: Queue, sent_back: bool| {
        let flag = match queue {
            Queue::Ready => args.ready || (args.resubmitted && sent_back),
            Queue::Blocked => args.blocked || (args.resubmitted && sent_back),
            Queue::Returned => args.returned,
            Queue::Accepted => args.accepted,
            Queue::Rejected => args.rejected,
            Queue::Gone => false,
        };
        args.all || if chosen { flag } else { queue.waits() || queue == Queue::Returned }
    };
    let mut outcome = Outcome::of(screen_view::list(&desk, &wanted, shows));
    if !desk.checked.is_complete {
        outcome = outcome.message("注意：相似的作品过多，S401–S404 未能全部列出");
    }
    Ok(outcome)
}

fn show(context: &mut Context, args: &ShowArgs) -> Result<Outcome, AppError> {
    let db = context.open()?;
    let reader = db.reader()?;
    let desk = Desk::load(context, &reader)?;
    let places = places(&desk, std::slice::from_ref(&args.entry))?;
    let place = places.first().copied().unwrap_or_default();
    Ok(Outcome::of(screen_view::show(&reader, &desk, place)?))
}

fn accept(context: &mut Context, args: &AcceptArgs) -> Result<Outcome, AppError> {
    if !args.all_clean && !args.filter.is_empty() {
        return Err(AppError::usage("--category 和 --recommender 只和 --all-clean 一起用").hint("写了作品编号的，去掉它们"));
    }
    let said = Said { reason: reason(args.reason.as_deref(), args.overriding)?, overriding: args.overriding, ..Said::default() };
    let mut db = context.open()?;
    let (desk, planned, clean) = {
        let reader = db.reader()?;
        let desk = Desk::load(context, &reader)?;
        let clean = if args.all_clean { all_clean(&desk, &args.filter.wanted(&reader, &desk)?)? } else { Clean::default() };
        let works = if args.all_clean { clean.works.clone() } else { places(&desk, &args.entries)? };
        let planned = decide::plan(&desk, Decision::Accepted, &works, &said)?;
        (desk, planned, clean)
    };
    let document = document(&desk, Decision::Accepted, &said, &planned);
    let mut outcome = Outcome::of(document);
    outcome.messages.extend(clean.left_out());
    if context.dry_run {
        return Ok(outcome.message("试运行：什么都没有写入"));
    }
    if args.all_clean {
        let is_asked = context.ui.shows_before_asking();
        if is_asked {
            // Shown before the question, and not once more after it.
            context.ui.show(&std::mem::take(&mut outcome.document))?;
        }
        let others = if clean.blocked > 0 { format!("（另有 {} 件有错误，不受理）", clean.blocked) } else { String::new() };
        if !context.ui.confirm(&format!("受理这 {} 件没有错误的作品？{others}", planned.len()))? {
            return Ok(Outcome::default().message("没有受理任何作品"));
        }
        if is_asked {
            outcome = outcome.message(format!("已受理 {} 件", planned.len()));
        }
    }
    decide::write(context, &mut db, &desk, &planned)?;
    if args.overriding && planned.iter().all(|one| !one.new.overridden) {
        outcome = outcome.message("这些作品没有未豁免的错误，按正常受理记录");
    }
    Ok(outcome)
}

/// What `--all-clean` is about.
#[derive(Debug, Default)]
struct Clean {
    /// Works that wait and have no error, formal review being open for them.
    works: Vec<usize>,
    /// How many of those that are asked for have errors.
    blocked: usize,
    /// How many without errors formal review is closed for.
    closed: usize,
}

impl Clean {
    /// What is not accepted though nothing is against it but the date.
    fn left_out(&self) -> Option<String> {
        let hint = "要受理的先延期：dasai deadline extend screening --until 日期 --reason 理由";
        (self.closed > 0).then(|| format!("另有 {} 件没有错误，已过审查截止，不受理；{hint}", self.closed))
    }
}

/// Finds them.
fn all_clean(desk: &Desk, wanted: &Wanted) -> Result<Clean, AppError> {
    let of = |queue: Queue| -> Vec<usize> {
        let works = desk.in_order().into_iter().filter(|(index, work)| wanted.has(work) && desk.queue(*index) == queue);
        works.map(|(index, _)| index).collect()
    };
    let (ready, blocked) = (of(Queue::Ready), of(Queue::Blocked).len());
    if ready.is_empty() {
        let error = AppError::refused("没有可受理的作品：等待审查、又没有未豁免错误的，一件也没有");
        return Err(if blocked == 0 {
            error.hint("查看全部作品的审查状态：dasai screen list --all")
        } else {
            error.hint(format!("{blocked} 件有错误：dasai screen list --blocked"))
        });
    }
    let is_open = |index: &usize| desk.deadline(*index).is_none_or(|deadline| !deadline.is_past(desk.now));
    let (works, closed): (Vec<usize>, Vec<usize>) = ready.iter().partition(|index| is_open(index));
    // Where formal review is closed for all of them the plan refuses, and says what to type.
    Ok(if works.is_empty() { Clean { works: closed, blocked, closed: 0 } } else { Clean { works, blocked, closed: closed.len() } })
}

fn send_back(context: &mut Context, args: &ReturnArgs) -> Result<Outcome, AppError> {
    let reason = reason(Some(&args.reason), true)?;
    decided(context, Decision::Returned, &args.entries, |desk| {
        let due = args.due.as_deref().map(|text| moments::closing("--due", text, &desk.rules)).transpose()?;
        if let Some(past) = due.filter(|due| due.is_past(desk.now)) {
            return Err(AppError::usage(format!("补正期限 {} 已经过去", super::deadline::printed(past))).hint("--due 要晚于现在"));
        }
        Ok(Said { reason: reason.clone(), due, ..Said::default() })
    })
}

fn reject(context: &mut Context, args: &RejectArgs) -> Result<Outcome, AppError> {
    let code = args.code.as_deref().map(check::named).transpose()?;
    if code.is_none() && args.reason.is_none() {
        return Err(
            AppError::usage("淘汰要写明理由：--reason 或 --code").hint("例如：--reason 与主题无关；按审查发现的问题淘汰：--code S404")
        );
    }
    let reason = reason(args.reason.as_deref(), code.is_none())?;
    decided(context, Decision::Rejected, &args.entries, |_| Ok(Said { reason: reason.clone(), code, ..Said::default() }))
}

/// Plans a decision about the named works and writes it.
fn decided(
    context: &mut Context,
    decision: Decision,
    entries: &[String],
    said: impl Fn(&Desk) -> Result<Said, AppError>,
) -> Result<Outcome, AppError> {
    let mut db = context.open()?;
    let (desk, said, planned) = {
        let reader = db.reader()?;
        let desk = Desk::load(context, &reader)?;
        let works = places(&desk, entries)?;
        let said = said(&desk)?;
        let planned = decide::plan(&desk, decision, &works, &said)?;
        (desk, said, planned)
    };
    let document = document(&desk, decision, &said, &planned);
    if context.dry_run {
        return Ok(Outcome::of(document).message("试运行：什么都没有写入"));
    }
    decide::write(context, &mut db, &desk, &planned)?;
    let mut outcome = Outcome::of(document);
    if decision == Decision::Returned {
        outcome = outcome.message("写补正通知：dasai screen notice --all --out 文件夹");
    }
    Ok(outcome)
}

/// What was decided, for people and scripts.
fn document(desk: &Desk, decision: Decision, said: &Said, planned: &[decide::Planned]) -> Document {
    let code = said.code.map(|code| Cell::keyed(code.entry().name, format!("{} {}", code.entry().name, code.entry().title)));
    let title = |is_there: bool, title: &str| if is_there { title.to_owned() } else { String::new() };
    let document = Document::default()
        .value("decision", "", Cell::keyed(decision.key(), decision.label()))
        .value("count", format!("{}件数", decision.label()), Cell::count(planned.len()))
        .value("code", title(code.is_some(), "依据"), code.unwrap_or_default())
        .value("reason", title(!said.reason.is_empty(), "理由"), said.reason.as_str());
    document.listing(decide::listing(desk, planned))
}

/// A reason as typed, trimmed.
///
/// # Errors
/// It is needed and empty.
fn reason(text: Option<&str>, is_needed: bool) -> Result<String, AppError> {
    let reason = text.unwrap_or_default().trim().to_owned();
    if (is_needed || text.is_some()) && reason.is_empty() {
        return Err(AppError::usage("理由是空的").hint("写明理由：--reason 理由"));
    }
    Ok(reason)
}

/// Where the works with typed numbers stand on the desk, each once.
fn places(desk: &Desk, numbers: &[String]) -> Result<Vec<usize>, AppError> {
    let mut places = Vec::new();
    for text in numbers {
        let number = EntryNumber::typed(text);
        let place = desk.checked.position(&number).ok_or_else(|| {
            AppError::not_found(format!("没有编号为 {number} 的作品")).hint("查编号：dasai entry list，或 dasai entry search 文字")
        })?;
        if !places.contains(&place) {
            places.push(place);
        }
    }
    Ok(places)
}
