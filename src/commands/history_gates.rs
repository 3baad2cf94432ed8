//! Owns the gates of `undo` and `redo`: what the commands refuse is not done by going back either. The rules must carry what comes back,
//! no work leaves a round in which it has marks, and nothing goes on which awards were confirmed.

use super::rules_change;
use crate::domain::category::Category;
use crate::domain::rules::ContestRules;
use crate::domain::rules_change::obstacles;
use crate::domain::values::{CategoryId, OperationId, RoundId};
use crate::error::AppError;
use crate::formats::rules_file;
use crate::store::db::{Kind, Reader};
use crate::store::oplog::{self, Operation};
use crate::store::undo::Pending;
use crate::store::{contest, ground};

/// Asks whether the contest may be as it would be after operations were taken back.
///
/// # Errors
/// It may not; the message names the operation, the hints what to do first.
pub(super) fn permit(pending: &Pending<'_>, rules_before: &str) -> Result<(), AppError> {
    let reader = pending.reader();
    let text = contest::rules_text(reader)?;
    if text != rules_before {
        // Earlier rules come back by the same door as new ones: no row depends on them, but the marks may.
        rules_change::permit_back(reader, rules_before)?;
    }
    let rules = rules_file::parse(&text).ok();
    for (target, by) in pending.targets.iter().zip(&pending.by) {
        if let Some(rules) = &rules {
            carried(reader, target, *by, &text, rules)?;
        }
        keeps_marked(reader, target, *by, rules.as_ref())?;
        keeps_confirmed(reader, target, *by, rules.as_ref())?;
    }
    Ok(())
}

fn name(target: &Operation) -> String {
    format!("第 {} 号操作（{}）不能撤销", target.id.0, target.summary)
}

/// What comes back was written under the rules of its time; these may say something else of it than those in force.
fn carried(reader: &Reader<'_>, target: &Operation, by: OperationId, text: &str, rules: &ContestRules) -> Result<(), AppError> {
    let then = contest::rules_when(reader, target.id)?;
    let Some(old) = then.text.filter(|then| then != text).and_then(|then| rules_file::parse(&then).ok()) else { return Ok(()) };
    let obstacles = obstacles(&old, rules, &contest::rules_use_of(reader, by)?);
    if obstacles.is_empty() {
        return Ok(());
    }
    let whats: Vec<String> = obstacles.iter().map(|obstacle| format!("\n  · {}", obstacle.what)).collect();
    let mut error = AppError::refused(format!("{}：后来改过规则，现行规则容不下会恢复的数据：{}", name(target), whats.concat()));
    let operations = oplog::operations(reader)?;
    let stands = |id: &OperationId| {
        operations.iter().any(|operation| operation.id == *id && operation.kind == Kind::Do && operation.undone_by.is_none())
    };
    if let Some(changed) = then.changed_by.iter().find(|id| stands(id)) {
        error = error.hint(format!("先撤销改规则的操作：dasai undo --operation {}", changed.0));
    }
    Err(error.hint("或按当时的规则改回：dasai rules edit").hint(format!("再撤销：dasai undo --operation {}", target.id.0)))
}

/// As `advance` itself refuses.
fn keeps_marked(reader: &Reader<'_>, target: &Operation, by: OperationId, rules: Option<&ContestRules>) -> Result<(), AppError> {
    let dropouts = ground::dropouts(reader, by)?;
    let Some(first) = dropouts.first() else { return Ok(()) };
    let numbers: Vec<String> = dropouts.iter().take(10).map(|dropout| dropout.number.to_string()).collect();
    let more = if dropouts.len() > numbers.len() { format!(" 等 {} 件", dropouts.len()) } else { String::new() };
    let round = round_name(rules, &first.category, &first.round);
    let marked_by = ground::marked_by(reader, first.entry, &first.round)?;
    Err(AppError::refused(format!("{}：{}{more} 已有{round}的分数，不能退出晋级名单", name(target), numbers.join("、")))
        .hint(format!("先撤销录入这些分数的操作：dasai undo --operation {}", marked_by.0))
        .hint(format!("再撤销：dasai undo --operation {}", target.id.0)))
}

/// What was done before a confirmation is what it stands on; what was done after may go again. One that comes back only now, later than
/// this step, stands on the whole.
fn keeps_confirmed(reader: &Reader<'_>, target: &Operation, by: OperationId, rules: Option<&ContestRules>) -> Result<(), AppError> {
    let confirmed = ground::confirmed_on(reader, by, "award.confirmed:")?;
    let Some((category, confirmed)) = confirmed.into_iter().find(|(_, confirmed)| target.id < *confirmed && *confirmed < by) else {
        return Ok(());
    };
    let category = category_of(rules, &category).map_or_else(|| category.to_string(), |category| category.name.clone());
    Err(AppError::refused(format!("{}：{category}的奖项已按当时的分数和晋级名单确认（第 {} 号操作）", name(target), confirmed.0))
        .hint(format!("先撤销它：dasai undo --operation {}", confirmed.0))
        .hint(format!("再撤销：dasai undo --operation {}", target.id.0)))
}

fn category_of<'r>(rules: Option<&'r ContestRules>, id: &CategoryId) -> Option<&'r Category> {
    rules?.categories.iter().find(|category| category.id == *id)
}

fn round_name(rules: Option<&ContestRules>, category: &CategoryId, id: &RoundId) -> String {
    let round = category_of(rules, category).and_then(|category| category.rounds.iter().find(|round| round.id == *id));
    round.map_or_else(|| id.to_string(), |round| round.name.clone())
}
