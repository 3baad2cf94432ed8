//! Owns making judges of different severity comparable.

use super::refusal::Refusal;
use super::values::{EntryId, JudgeId};

/// A judge's total for a work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Total {
    pub(crate) entry: EntryId,
    pub(crate) judge: JudgeId,
    /// In trillionths.
    pub(crate) total: i128,
}

/// Not built yet.
pub(crate) fn z_scores(totals: &[Total]) -> Result<Vec<i128>, Refusal> {
    let _ = totals.iter().map(|total| (total.entry, total.judge));
    Ok(totals.iter().map(|total| total.total).collect())
}
