//! Owns the reasons for which a round is not computed, as data with the cheapest remedy. Refuses to guess a result instead.

use super::values::{EntryId, JudgeId};

/// Why a round's scores are not computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Two rules contradict each other.
    Conflict(Conflict),
    /// Numbers beyond 10²⁶ points, which no score sheet needs.
    TooLarge,
    /// Places are summed, and this judge has marked some works but not all.
    JudgeMarkedNotAll {
        /// The judge.
        judge: JudgeId,
        /// Works without this judge's total that may still get it, by number.
        unmarked: Vec<EntryId>,
        /// Works that this judge was absent from (缺席) or may not mark (回避), by number.
        excused: Vec<EntryId>,
    },
    /// Normalising: panels share neither a judge nor a work, so nothing says who is severe and who has the better works.
    Disconnected {
        /// The panels, largest first.
        panels: Vec<JudgePanel>,
        /// The fewest further sheets that join them: this judge marks also that work.
        remedy: Vec<(JudgeId, EntryId)>,
    },
    /// Normalising: a judge with fewer than five totals has no spread to speak of.
    TooFewMarks {
        /// The judge.
        judge: JudgeId,
        /// The judge's totals.
        marks: usize,
    },
    /// Normalising: all totals of a judge are equal.
    NoSpread {
        /// The judge.
        judge: JudgeId,
    },
}

/// Judges and works that hang together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgePanel {
    /// The judges, ordered.
    pub judges: Vec<JudgeId>,
    /// The works, ordered.
    pub entries: Vec<EntryId>,
}

/// Rules that contradict each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conflict {
    /// Places are given to totals, not to criteria.
    RankSumByCriterion,
    /// Totals are normalised, not criteria.
    NormalizeByCriterion,
    /// By criterion there is no judge's total from which a deduction could be taken.
    TimingBeforeTrimByCriterion,
    /// Points cannot be taken off a sum of places.
    RankSumTimingAfterTrim,
    /// A sum of places, the smaller the better, cannot be added to points.
    RankSumWithOtherParts,
}
