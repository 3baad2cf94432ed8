//! Owns what a speech's time costs. Refuses to know whose time it is and where the deduction is taken from.
//!
//! Decision worth knowing: a bound itself is still free, and so is every bound in a rule: `over = 10` begins at the eleventh second.

use super::category::{Timing, TimingScale};
use super::values::Points;

/// What a time costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeVerdict {
    /// Points taken off; not negative.
    pub deduction: Points,
    /// Whether there is no score at all.
    pub excluded: bool,
}

/// What `seconds` spoken cost: seconds outside `min`…`max` beyond `grace` are charged by the highest band passed (bands count from the
/// bound), or for each started span beyond the grace; at most `cap`.
#[must_use]
pub fn judge_time(timing: &Timing, seconds: u32) -> TimeVerdict {
    let beyond = timing.max.map_or(0, |max| seconds.saturating_sub(max));
    let short = timing.min.map_or(0, |min| min.saturating_sub(seconds));
    let outside = beyond.max(short);
    let charged = match &timing.scale {
        _ if outside <= timing.grace => 0,
        TimingScale::Bands(bands) => bands
            .iter()
            .filter(|band| outside > band.over)
            .max_by_key(|band| (band.over, band.points))
            .map_or(0, |band| band.points.millionths()),
        TimingScale::Each { seconds: 0, .. } => 0,
        TimingScale::Each { seconds: span, points } => {
            i64::from((outside - timing.grace).div_ceil(*span)).saturating_mul(points.millionths())
        }
    };
    let capped = timing.cap.map_or(charged, |cap| charged.min(cap.millionths()));
    TimeVerdict { deduction: Points::from_millionths(capped.max(0)), excluded: timing.exclude_over.is_some_and(|limit| beyond > limit) }
}
