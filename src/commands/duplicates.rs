//! Owns `duplicates`: the look-alikes as pairs, and the verdicts about them. How pairs are found is `domain::likeness`, how they look
//! side by side `commands::duplicates_view`. A verdict is a decision of staff and stored; pairs are computed on every call.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand, ValueEnum};

use super::context::{Context, Outcome};
use super::duplicates_view::{self, Found};
use super::selection;
use super::{earlier_contests, entry};
use crate::domain::entry::Entry;
use crate::domain::likeness::{self, earlier, pairs};
use crate::domain::listing::{Cell, Document};
use crate::domain::rules::ContestRules;
use crate::domain::similarity::ratio::Threshold;
use crate::domain::verdict::{Judged, Verdict, WorkPair};
use crate::error::AppError;
use crate::store::db::Reader;
use crate::store::{entries, verdicts};

/// Arguments of `duplicates`.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "示例：\n  dasai duplicates\n  dasai duplicates --threshold 0.7 --category speech\n  dasai duplicates --undecided --export 查重.xlsx\n  dasai duplicates --against 2023.dasai\n  dasai duplicates decide Y001 W003 different --reason 同题不同内容"
)]
pub struct DuplicatesArgs {
    #[command(subcommand)]
    command: Option<DuplicatesCommand>,
    /// 题目或简介相似到多少才列出，0 到 1 的小数（默认：规则 similarity 的两个阈值）
    #[arg(long, value_name = "相似度")]
    threshold: Option<String>,
    /// 只看这个参赛类型的作品（另一件可以是其他类型）
    #[arg(long, value_name = "参赛类型")]
    category: Option<String>,
    /// 只看尚未判定的
    #[arg(long)]
    undecided: bool,
    /// 同时与往届大赛文件比对，可写多次；往届文件只读
    #[arg(long, value_name = "文件")]
    against: Vec<PathBuf>,
    /// 另存为文件（.xlsx 并排对照；.csv .json .md 为清单）
    #[arg(long, value_name = "文件")]
    export: Option<PathBuf>,
    /// 另存的文件已存在时替换它
    #[arg(long, requires = "export")]
    force: bool,
}

#[derive(Debug, Subcommand)]
enum DuplicatesCommand {
    /// 判定两件作品是同一作品还是不同作品，写明理由
    #[command(
        visible_alias = "判定",
        after_help = "示例：\n  dasai duplicates decide Y001 W003 different --reason 同题不同内容\n  dasai duplicates decide Y001 Y009 same --reason 换名重报"
    )]
    Decide(DecideArgs),
    /// 取消对两件作品的判定
    #[command(visible_alias = "取消判定", after_help = "示例：\n  dasai duplicates undecide Y001 W003")]
    Undecide(UndecideArgs),
}

#[derive(Debug, Args)]
struct DecideArgs {
    /// 作品编号
    #[arg(value_name = "作品甲")]
    left: String,
    /// 另一件的作品编号
    #[arg(value_name = "作品乙")]
    right: String,
    /// same 同一作品，different 不同作品
    #[arg(value_name = "判定")]
    verdict: VerdictArg,
    /// 理由，记入大赛文件
    #[arg(long, value_name = "理由")]
    reason: String,
}

#[derive(Debug, Args)]
struct UndecideArgs {
    /// 作品编号
    #[arg(value_name = "作品甲")]
    left: String,
    /// 另一件的作品编号
    #[arg(value_name = "作品乙")]
    right: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum VerdictArg {
    /// 同一作品
    #[value(alias = "相同", alias = "同一作品")]
    Same,
    /// 不同作品
    #[value(alias = "不同", alias = "不同作品")]
    Different,
}

/// Runs `duplicates`.
///
/// # Errors
/// A work, category or file that does not exist, a threshold that is none, or a file that cannot be read or written.
pub fn run(context: &mut Context, args: &DuplicatesArgs) -> Result<Outcome, AppError> {
    match &args.command {
        Some(DuplicatesCommand::Decide(args)) => decide(context, args),
        Some(DuplicatesCommand::Undecide(args)) => undecide(context, args),
        None => list(context, args),
    }
}

fn list(context: &mut Context, args: &DuplicatesArgs) -> Result<Outcome, AppError> {
    let threshold = args.threshold.as_deref().map(threshold).transpose()?;
    let db = context.open()?;
    let reader = db.reader()?;
    let (rules, works) = context.rules_beside(&reader, entries::list)?;
    let category = args.category.as_deref().map(|text| selection::category(&rules, text)).transpose()?;
    let contests = earlier_contests::read(context, db.path(), &args.against)?;
    let verdicts = verdicts::list(&reader)?;
    let (title, summary) = match threshold {
        Some(threshold) => (threshold, threshold),
        None => likeness::thresholds(&rules),
    };
    let found = pairs::pairs(&works, title, summary, &verdicts);
    let (earlier_pairs, all_earlier) = earlier::pairs(&works, &contests, title, summary);
    let is_wanted = |index: usize| category.is_none_or(|category| works.get(index).is_some_and(|work| work.category == category.id));
    let judged_of = |left: usize, right: usize| {
        let pair = WorkPair::new(works.get(left)?.id, works.get(right)?.id)?;
        verdicts.get(&pair).cloned()
    };
    let pairs = found.pairs.into_iter().filter(|pair| is_wanted(pair.left) || is_wanted(pair.right));
    let pairs = pairs.map(|pair| (judged_of(pair.left, pair.right), pair)).filter(|(judged, _)| !args.undecided || judged.is_none());
    let pairs: Vec<_> = pairs.map(|(judged, pair)| (pair, judged)).collect();
    let earlier_pairs = earlier_pairs.into_iter().filter(|pair| is_wanted(pair.work)).collect();
    let found = Arc::new(Found { works, pairs, contests, earlier: earlier_pairs, is_complete: found.is_complete && all_earlier, rules });
    let mut outcome = Outcome::of(duplicates_view::document(&found));
    if !found.is_complete {
        outcome = outcome.message("注意：相似的作品过多，没有全部列出；请先处理已列出的，或用 --threshold 提高阈值");
    }
    if let Some(path) = &args.export {
        let shown = duplicates_view::export(context, path, args.force, &found)?;
        outcome = outcome.message(super::export::saved(context, &shown));
    }
    Ok(outcome)
}

fn threshold(text: &str) -> Result<Threshold, AppError> {
    Threshold::from_decimal(text)
        .ok_or_else(|| AppError::usage(format!("相似度“{text}”不是 0 到 1 的小数")).hint("例如：dasai duplicates --threshold 0.7"))
}

/// Two works, and what was decided about them.
struct Compared {
    /// By number, the lower first.
    left: Entry,
    right: Entry,
    pair: WorkPair,
    before: Option<Judged>,
}

impl Compared {
    fn find(reader: &Reader<'_>, left: &str, right: &str) -> Result<Self, AppError> {
        let (one, other) = (entry::find(reader, left)?, entry::find(reader, right)?);
        let Some(pair) = WorkPair::new(one.id, other.id) else {
            return Err(AppError::usage(format!("两次写的都是 {}，一件作品不能与自己比", one.number)).hint("写两件不同作品的编号"));
        };
        let (left, right) = if one.number <= other.number { (one, other) } else { (other, one) };
        Ok(Self { left, right, pair, before: verdicts::list(reader)?.remove(&pair) })
    }
}

fn decide(context: &mut Context, args: &DecideArgs) -> Result<Outcome, AppError> {
    let verdict = match args.verdict {
        VerdictArg::Same => Verdict::Same,
        VerdictArg::Different => Verdict::Different,
    };
    let reason = args.reason.trim();
    if reason.is_empty() {
        return Err(AppError::usage("判定要写明理由")
            .hint(format!("例如：dasai duplicates decide {} {} different --reason 同题不同内容", args.left, args.right)));
    }
    let mut db = context.open()?;
    let (rules, Compared { left, right, pair, before }) = {
        let reader = db.reader()?;
        (context.rules(&reader)?, Compared::find(&reader, &args.left, &args.right)?)
    };
    let document = report(&rules, &left, &right, before.as_ref(), Some((verdict, reason)));
    if before.as_ref().is_some_and(|before| before.verdict == verdict && before.reason == reason) {
        return Ok(Outcome::of(document).message("已经这样判定，没有改动"));
    }
    let changed = before.as_ref().filter(|before| before.verdict != verdict);
    let change = changed.map(|before| format!("（原判定：{}）", before.verdict.label())).unwrap_or_default();
    let what = format!("判定 {} 与 {} 为{}{change}", left.number, right.number, verdict.label());
    let mut outcome = Outcome::of(document);
    if verdict == Verdict::Same && left.status.is_active() && right.status.is_active() {
        outcome = outcome.message("两件都还在参赛：淘汰重复的一件之前，dasai check 会报告 S404");
    }
    if context.dry_run {
        return Ok(outcome.message(format!("将{what}（试运行，没有写）")));
    }
    let judged = Judged { verdict, reason: reason.to_owned(), decided_at: context.now };
    let tx = context.operation(&mut db)?;
    verdicts::put(&tx, pair, &judged)?;
    tx.finish(&format!("{what}：{reason}"))?;
    Ok(outcome.message(format!("已{what}")))
}

fn undecide(context: &mut Context, args: &UndecideArgs) -> Result<Outcome, AppError> {
    let mut db = context.open()?;
    let (rules, Compared { left, right, pair, before }) = {
        let reader = db.reader()?;
        (context.rules(&reader)?, Compared::find(&reader, &args.left, &args.right)?)
    };
    let Some(before) = before else {
        return Err(AppError::refused(format!("{} 与 {} 没有判定过", left.number, right.number)).hint("查看判定：dasai duplicates"));
    };
    let document = report(&rules, &left, &right, Some(&before), None);
    let what = format!("取消对 {} 与 {} 的判定（原判定：{}）", left.number, right.number, before.verdict.label());
    if context.dry_run {
        return Ok(Outcome::of(document).message(format!("将{what}（试运行，没有写）")));
    }
    let tx = context.operation(&mut db)?;
    verdicts::remove(&tx, pair)?;
    tx.finish(&what)?;
    Ok(Outcome::of(document).message(format!("已{what}")))
}

fn report(rules: &ContestRules, left: &Entry, right: &Entry, before: Option<&Judged>, after: Option<(Verdict, &str)>) -> Document {
    let verdict = |verdict: Verdict| Cell::keyed(verdict.key(), verdict.label());
    let work = |entry: &Entry| Cell::text(duplicates_view::called(rules, entry));
    Document::default()
        .value("", "作品甲", work(left))
        .value("", "作品乙", work(right))
        .value("left", "", left.number.as_str())
        .value("right", "", right.number.as_str())
        .value("verdict_before", "原判定", Cell::optional(before, |before| verdict(before.verdict)))
        .value("verdict", "现判定", Cell::optional(after, |(after, _)| verdict(after)))
        .value("reason", "理由", Cell::optional(after, |(_, reason)| reason.into()))
}
