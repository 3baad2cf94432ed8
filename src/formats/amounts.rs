//! Owns reading amounts and moments: lengths of time, numbers of 字, dates with and without a time. Pure functions on text.
//!
//! Decision worth knowing: a date without a time is the start of its day in the contest's time zone. Deadlines last until the end of
//! their day, so this can make no work late that was in time.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

use super::fields::fold_width;

/// The text does not say what is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unclear;

/// What a bare number counts, where a column's title says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeUnit {
    /// 分钟.
    Minutes,
    /// 秒.
    Seconds,
}

/// A length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duration {
    /// In seconds.
    pub seconds: u32,
    /// Whether it was a time of day that Excel made of minutes and seconds.
    pub from_clock: bool,
}

/// The longest length that is believed: a day.
const LONGEST: u64 = 86_400;

/// Units of time as people write them, a longer word before what it begins with, and their seconds.
const UNITS: [(&str, u64); 20] = [
    ("小时", 3600),
    ("分钟", 60),
    ("分", 60),
    ("秒钟", 1),
    ("秒", 1),
    ("minutes", 60),
    ("minute", 60),
    ("mins", 60),
    ("min", 60),
    ("m", 60),
    ("seconds", 1),
    ("secs", 1),
    ("sec", 1),
    ("s", 1),
    ("″", 1),
    ("\"", 1),
    ("”", 1),
    ("′", 60),
    ("'", 60),
    ("’", 60),
];

/// Words around an amount that change nothing.
fn bare(text: &str) -> String {
    // Nearly every cell: nothing to fold and nothing to leave out.
    if text.chars().all(|character| matches!(character, '0'..='9' | '.' | ':' | '分' | '秒' | '钟' | '字')) {
        return text.to_owned();
    }
    let mut folded: String = fold_width(text).to_lowercase().chars().filter(|character| !character.is_whitespace()).collect();
    if !folded.chars().any(|character| "约左时全片共为近".contains(character)) {
        return folded.trim_end_matches(['。', ';', ',']).to_owned();
    }
    for word in ["大约", "约为", "约", "左右", "时长", "全长", "片长", "共计", "共", "为", "近", "整"] {
        folded = folded.replace(word, "");
    }
    folded.trim_start_matches(':').trim_end_matches(['。', ';', ',']).to_owned()
}

/// A decimal in thousandths; at most nine digits before the point, digits after the third dropped.
fn thousandths(text: &str) -> Option<u64> {
    decimal(text, 3)
}

/// A decimal in units of its last place of `places`; at most nine digits before the point, digits after the last place dropped.
fn decimal(text: &str, places: usize) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || whole.len() > 9 {
        return None;
    }
    let fraction: String = fraction.chars().chain(std::iter::repeat('0')).take(places).collect();
    let unit = 10_u64.checked_pow(u32::try_from(places).ok()?)?;
    whole.parse::<u64>().ok()?.checked_mul(unit)?.checked_add(fraction.parse::<u64>().ok()?)
}

/// Reads a length of time: `5分30秒`, `5:30`, `0:05:30`, `约5分钟`, `5.5分钟`, `330秒`, `5′30″`. A bare number is in `unit`, else in minutes up
/// to 60; a bare number above that, a range, or words are unclear.
///
/// # Errors
/// The text says no single length.
pub fn duration(text: &str, unit: Option<TimeUnit>) -> Result<Duration, Unclear> {
    let text = bare(text);
    if text.contains(':') {
        return clock_length(&text);
    }
    if let Some(amount) = thousandths(&text) {
        let thousandths_of_second = match unit {
            Some(TimeUnit::Seconds) => amount,
            // A fraction of a day, as Excel keeps 0:05:30 in a cell without a format.
            None | Some(TimeUnit::Minutes) if amount < 42 && text.len() > 5 => return day_fraction(&text),
            Some(TimeUnit::Minutes) => amount * 60,
            None if amount <= 60_000 => amount * 60,
            None => return Err(Unclear),
        };
        return whole_seconds(thousandths_of_second);
    }
    let mut total = 0_u64;
    let mut rest = text.as_str();
    let mut last_unit = u64::MAX;
    while !rest.is_empty() {
        let end = rest.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(rest.len());
        let (number, tail) = rest.split_at_checked(end).ok_or(Unclear)?;
        if number.is_empty() {
            // 5分半
            if tail == "半" && last_unit == 60 {
                total += 30_000;
                break;
            }
            return Err(Unclear);
        }
        let amount = thousandths(number).ok_or(Unclear)?;
        let (unit, after) = UNITS.iter().find_map(|(word, unit)| tail.strip_prefix(word).map(|after| (*unit, after))).unwrap_or((0, tail));
        let unit = match (unit, last_unit) {
            // 5分30
            (0, 60) if tail.is_empty() => 1,
            (0, _) => return Err(Unclear),
            (unit, last) if unit >= last => return Err(Unclear),
            (unit, _) => unit,
        };
        total = amount.checked_mul(unit).and_then(|seconds| seconds.checked_add(total)).ok_or(Unclear)?;
        last_unit = unit;
        rest = after;
    }
    whole_seconds(total)
}

fn whole_seconds(thousandths: u64) -> Result<Duration, Unclear> {
    let seconds = thousandths.saturating_add(500) / 1000;
    if seconds == 0 || seconds > LONGEST {
        return Err(Unclear);
    }
    u32::try_from(seconds).map(|seconds| Duration { seconds, from_clock: false }).map_err(|_| Unclear)
}

/// `m:ss` or `h:mm:ss`. Whole hours and minutes in three parts are minutes and seconds that Excel took for a time of day: no work lasts hours.
fn clock_length(text: &str) -> Result<Duration, Unclear> {
    let text = text.trim_end_matches(|character: char| "分钟秒".contains(character));
    let parts: Vec<u64> = text
        .split(':')
        .map(|part| if part.len() <= 3 { part.parse::<u64>().map_err(|_| Unclear) } else { Err(Unclear) })
        .collect::<Result<_, _>>()?;
    let (seconds, from_clock) = match parts.as_slice() {
        [minutes, seconds] if *seconds < 60 => (minutes * 60 + seconds, false),
        [hours, minutes, 0] if *hours > 0 && *minutes < 60 => (hours * 60 + minutes, true),
        [hours, minutes, seconds] if *minutes < 60 && *seconds < 60 => (hours * 3600 + minutes * 60 + seconds, false),
        _ => return Err(Unclear),
    };
    Ok(Duration { from_clock, ..whole_seconds(seconds.saturating_mul(1000))? })
}

fn day_fraction(text: &str) -> Result<Duration, Unclear> {
    let (_, fraction) = text.split_once('.').ok_or(Unclear)?;
    let digits: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    let billionths: u64 = digits.parse().map_err(|_| Unclear)?;
    whole_seconds(billionths * 86_400 / 1_000_000)
}

/// Places behind the point of a number of 字.
const PLACES: usize = 7;

/// Reads a number of 字: `2000字`, `约2000字`, `3千字`, `1.2万字`, `2,000`, `2000余字`. A range or words are unclear.
///
/// # Errors
/// The text says no single number.
pub fn length(text: &str) -> Result<u32, Unclear> {
    let text = bare(text).replace(',', "");
    let text = text.trim_end_matches(['字', '符', '个', '数']);
    let text = text.trim_end_matches(['余', '多', '+']);
    let (number, factor) = if let Some(number) = text.strip_suffix(['千', 'k']) {
        (number, 1000)
    } else if let Some(number) = text.strip_suffix(['万', 'w']) {
        (number, 10_000)
    } else {
        (text, 1)
    };
    // 1.2345万 is 12,345: so many places that a digit beyond them would be part of a character.
    if number.split_once('.').is_some_and(|(_, fraction)| fraction.bytes().skip(PLACES).any(|digit| digit != b'0')) {
        return Err(Unclear);
    }
    let unit = 10_u64.pow(7);
    let amount = decimal(number, PLACES).and_then(|amount| amount.checked_mul(factor)).ok_or(Unclear)?;
    if amount == 0 || amount % unit != 0 || amount / unit > 10_000_000 {
        return Err(Unclear);
    }
    u32::try_from(amount / unit).map_err(|_| Unclear)
}

/// How dates without a year, and serial numbers, are to be read.
#[derive(Debug, Clone)]
pub struct Calendar {
    /// The contest's year.
    pub year: Option<i16>,
    /// The contest's time zone.
    pub timezone: TimeZone,
    /// Whether serial numbers count from 1904.
    pub from_1904: bool,
}

/// A moment, and whether it came as a serial number of Excel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The moment.
    pub at: Timestamp,
    /// Whether it was a bare serial number.
    pub from_serial: bool,
}

/// Reads a date with or without a time: `2024-07-05 16:30`, `2024.7.5`, `2024年7月5日`, `7月5日`, `2024/7/5 下午4:30`, `45478.6875`.
/// A date without a time is the start of its day.
///
/// # Errors
/// The text says no single moment.
pub fn moment(text: &str, calendar: &Calendar) -> Result<Moment, Unclear> {
    let folded = fold_width(text).to_lowercase();
    let text = folded.trim();
    if text.contains('t')
        && let Ok(at) = text.to_uppercase().parse::<Timestamp>()
    {
        return Ok(Moment { at, from_serial: false });
    }
    if let Some(local) = serial(text, calendar.from_1904) {
        return Ok(Moment { at: at(local, calendar)?, from_serial: true });
    }
    let (date, rest) = date(text, calendar.year).ok_or(Unclear)?;
    let time = time(rest).ok_or(Unclear)?;
    Ok(Moment { at: at(date.to_datetime(time), calendar)?, from_serial: false })
}

fn at(local: DateTime, calendar: &Calendar) -> Result<Timestamp, Unclear> {
    local.to_zoned(calendar.timezone.clone()).map(|zoned| zoned.timestamp()).map_err(|_| Unclear)
}

/// Excel's serial: days since the end of 1899 (or since 1904), for the years 1954 to 2119; the fraction is the time.
fn serial(text: &str, from_1904: bool) -> Option<DateTime> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() != 5 || !digits(whole) || !digits(fraction) {
        return None;
    }
    let days: i64 = whole.parse().ok()?;
    if !(20_000..=80_000).contains(&days) {
        return None;
    }
    let fraction: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    let billionths: i64 = fraction.parse().ok()?;
    // Rounded to the second: sixteen digits do not hold more.
    let seconds = (billionths * 86_400 + 500_000_000) / 1_000_000_000;
    let base = if from_1904 { Date::constant(1904, 1, 1) } else { Date::constant(1899, 12, 30) };
    let span = jiff::Span::new().try_days(days).ok()?.try_seconds(seconds).ok()?;
    base.to_datetime(Time::midnight()).checked_add(span).ok()
}

/// Takes a number of at most `most` digits from the front.
fn number(text: &str, most: usize) -> Option<(i16, &str)> {
    let end = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at_checked(end)?;
    Some((digits.parse().ok()?, rest))
}

/// A date at the front of a text, and what follows it.
fn date(text: &str, year: Option<i16>) -> Option<(Date, &str)> {
    let run = text.bytes().take_while(u8::is_ascii_digit).count();
    if run == 8 {
        let (year, rest) = number(text, 4)?;
        let (month, rest) = number(rest, 2)?;
        let (day, rest) = number(rest, 2)?;
        return Some((Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok()?, rest));
    }
    let (year, rest) = if run == 4 {
        let (year, rest) = number(text, 4)?;
        (year, separator(rest, &["年", "-", "/", "."])?)
    } else if text.contains('月') {
        (year?, text)
    } else {
        return None;
    };
    let (month, rest) = number(rest, 2)?;
    let (day, rest) = number(separator(rest, &["月", "-", "/", "."])?, 2)?;
    let rest = rest.trim_start();
    let rest = rest.strip_prefix(['日', '号']).unwrap_or(rest);
    Some((Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok()?, rest))
}

fn separator<'a>(text: &'a str, signs: &[&str]) -> Option<&'a str> {
    let text = text.trim_start();
    signs.iter().find_map(|sign| text.strip_prefix(sign)).map(str::trim_start)
}

/// The time after a date; nothing there is midnight.
fn time(text: &str) -> Option<Time> {
    let mut text = text.trim_start_matches([' ', ',', 't', '-']).trim();
    // (星期五)
    if let Some(weekday) = text.strip_prefix(['星', '周', '(']) {
        text = weekday.trim_start_matches(|character: char| "期一二三四五六日天周星)".contains(character)).trim_start();
    }
    if text.is_empty() {
        return Some(Time::midnight());
    }
    let mut half = None;
    for word in ["上午", "早上", "下午", "晚上", "am", "pm", "中午"] {
        if let Some(rest) = text.strip_prefix(word).or_else(|| text.strip_suffix(word)) {
            half = Some(word);
            text = rest.trim();
            break;
        }
    }
    let (hour, rest) = number(text, 2)?;
    let rest = separator(rest, &[":", "时", "点"])?;
    let (minute, rest) = if rest.is_empty() { (0, rest) } else { number(rest, 2)? };
    let rest = rest.strip_prefix([':', '分']).unwrap_or(rest);
    let (second, rest) = if rest.is_empty() { (0, rest) } else { number(rest, 2)? };
    let rest = rest.strip_prefix('秒').unwrap_or(rest);
    let fraction = rest.strip_prefix('.').is_none_or(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    if !(rest.is_empty() || (rest.starts_with('.') && fraction)) {
        return None;
    }
    // The end of the day, which everywhere here is its last second: the next day's first would be late.
    if (half, hour, minute, second) == (None, 24, 0, 0) {
        return Some(Time::constant(23, 59, 59, 0));
    }
    let hour = match (half, hour) {
        // Midnight at the end of the day or at its start: nobody can say.
        (Some("晚上"), 12) => return None,
        // 中午11:30 is before noon.
        (Some("中午"), 3..=11) => hour,
        (Some("下午" | "晚上" | "pm" | "中午"), 0..=11) => hour + 12,
        (Some("上午" | "早上" | "am"), 12) => 0,
        _ => hour,
    };
    Time::new(hour.try_into().ok()?, minute.try_into().ok()?, second.try_into().ok()?, 0).ok()
}
