//! Owns what a moment on the command line means: a moment with an offset, the contest's wall clock, or a day, whose first moment it is.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};

use crate::domain::rules::ContestRules;
use crate::error::AppError;

/// Reads the value of `flag`.
///
/// # Errors
/// It is no moment.
pub(super) fn moment(flag: &str, text: &str, rules: &ContestRules) -> Result<Timestamp, AppError> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(moment);
    }
    let local = text.parse::<DateTime>().ok().or_else(|| text.parse::<Date>().ok().map(|day| day.at(0, 0, 0, 0)));
    local
        .and_then(|local| local.to_zoned(rules.contest.timezone.clone()).ok())
        .map(|zoned| zoned.timestamp())
        .ok_or_else(|| AppError::usage(format!("{flag} 不是时间：{text}")).hint("写成 2024-07-05 或 2024-07-05T17:30"))
}
