//! `rank`: places of a round, computed on each call.

use clap::Args;

use super::context::{Context, Outcome};
use super::ranking::{self, Detail, RankingQuery};
use crate::domain::entry::EntrySummary;
use crate::domain::judging::is_advanced_to;
use crate::error::AppError;
use crate::output::ui::Format;

/// Arguments of `rank`.
#[derive(Debug, Args)]
#[command(after_help = "示例：\n  dasai rank speech\n  dasai rank speech --round preliminary --zone 浦东\n  dasai rank 演讲 --format json")]
pub struct RankArgs {
    /// 参赛类型
    #[arg(value_name = "参赛类型")]
    category: String,
    /// 轮次（默认：已有分数的最后一轮）
    #[arg(long, value_name = "轮次")]
    round: Option<String>,
    /// 只看一个赛区
    #[arg(long, value_name = "赛区")]
    zone: Option<String>,
}

/// Shows a ranking.
///
/// # Errors
/// A name is unknown, or the marks do not allow the computation.
pub fn rank(context: &mut Context, args: &RankArgs) -> Result<Outcome, AppError> {
    let db = context.open()?;
    let reader = db.reader()?;
    let rules = context.rules(&reader)?;
    let query = RankingQuery { category: &args.category, round: args.round.as_deref(), zone: args.zone.as_deref() };
    let result = ranking::compute(&reader, &rules, query)?;
    let detail = if context.ui.format == Format::Table { Detail::People } else { Detail::Scripts };
    let mut outcome = Outcome::of(result.document(detail));
    if result.scores.scores.is_empty() && is_advanced_to(&result.category, &result.round.id) {
        outcome = outcome.message(format!(
            "{}还没有作品进入{}；先确定晋级：dasai advance {}",
            result.category.name, result.round.name, result.category.id
        ));
    }
    let waits = |work: &&EntrySummary| work.category == result.category.id && result.contest.competition.waits(work.status);
    let waiting = result.contest.works.iter().filter(waits).count();
    if waiting > 0 {
        outcome = outcome.message(format!("另有 {waiting} 件{}作品尚未受理，不参加排名：dasai screen list", result.category.name));
    }
    Ok(outcome)
}
