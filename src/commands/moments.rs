//! Owns what a moment on the command line means: a moment with an offset, or the contest's wall clock as tables may write it (2024-07-10,
//! 2024-07-10T16:00, 7月10日 16:00). A day alone is its first moment where something happened, and its last where something closes.

use jiff::Timestamp;
use jiff::civil::{DateTime, Time};

use crate::domain::recommendation_sheet::long_date;
use crate::domain::rules::{ContestRules, Deadline};
use crate::error::AppError;
use crate::formats::amounts::{self, Calendar};

/// A moment as letters write dates: 2024年7月6日00:10; the end of a day is the day.
pub(super) fn in_letter(at: DateTime) -> String {
    let (date, time) = (at.date(), at.time());
    if Deadline(at).is_end_of_day() {
        return long_date(date);
    }
    format!("{}{:02}:{:02}", long_date(date), time.hour(), time.minute())
}

/// Reads the value of `flag` as when something happened.
///
/// # Errors
/// It is no moment.
pub(super) fn moment(flag: &str, text: &str, rules: &ContestRules) -> Result<Timestamp, AppError> {
    read(text, rules).ok_or_else(|| AppError::usage(format!("{flag} 不是时间：{text}")).hint("写成 2024-07-05、7月5日 或 2024-07-05T17:30"))
}

/// Reads the value of `flag` as when something closes.
///
/// # Errors
/// It is no moment.
pub(super) fn closing(flag: &str, text: &str, rules: &ContestRules) -> Result<Deadline, AppError> {
    let read = read(text, rules)
        .ok_or_else(|| AppError::usage(format!("{flag} 不是日期：{text}")).hint("写成 2024-07-20、7月20日 或 2024-07-20T17:00"))?;
    let local = rules.local(read);
    let has_time = text.contains([':', '：', '时', '点', 'T', 't']);
    Ok(if local.time() == Time::midnight() && !has_time { Deadline::end_of(local.date()) } else { Deadline(local) })
}

/// A day alone is its first moment. A number that Excel keeps for a date is none here: nobody types it.
fn read(text: &str, rules: &ContestRules) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment);
    }
    if let Ok(local) = text.parse::<DateTime>() {
        return local.to_zoned(rules.contest.timezone.clone()).ok().map(|zoned| zoned.timestamp());
    }
    let calendar = Calendar { year: rules.contest.year, timezone: rules.contest.timezone.clone(), from_1904: false };
    amounts::moment(text, &calendar).ok().filter(|moment| !moment.from_serial).map(|moment| moment.at)
}
