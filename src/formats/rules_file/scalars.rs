//! Owns single values: texts, numbers, points, times, sizes, dates, words of a choice. Each reader says what is wrong with its value
//! and hands out nothing then. Refuses to know keys.
//!
//! Decision worth knowing: points are texts ("0.5") or whole numbers. A TOML float is refused, because 0.1 is not a tenth in it.

use std::ops::RangeInclusive;

use jiff::civil::{Date, DateTime, Time};
use toml::de::DeValue;

use super::tree::{Node, nearest, shorten};
use crate::domain::rules::Deadline;
use crate::domain::values::{Points, PointsError};

/// Names and titles have at most so many characters.
pub(super) const LONGEST_NAME: usize = 100;
/// Other texts have at most so many characters.
pub(super) const LONGEST_TEXT: usize = 500;
/// The longest time that can be meant: a day, in seconds.
const LONGEST_TIME: u32 = 86_400;
/// The largest size that can be meant: a terabyte.
const LARGEST_SIZE: u64 = 1 << 40;

impl Node<'_> {
    /// A text of one line that is not blank; outer blanks are cut.
    pub(super) fn text(&self, longest: usize) -> Option<String> {
        let Some(text) = self.value.get_ref().as_str() else {
            self.wrong_type("文字", "文字要加引号，例如 \"初赛\"");
            return None;
        };
        let text = text.trim();
        if text.is_empty() {
            self.fault("内容是空的", "填上内容，或删去这一行");
            return None;
        }
        if text.chars().any(|character| character.is_control() || character == '\u{fffd}') {
            self.fault("文字里有换行或不可见的字符", "写成一行，删去特殊字符");
            return None;
        }
        let length = text.chars().count();
        if length > longest {
            self.fault(format!("文字有 {length} 个字，最多 {longest} 个"), "");
            return None;
        }
        Some(text.to_owned())
    }

    /// A whole number within a range.
    pub(super) fn integer(&self, range: RangeInclusive<u32>) -> Option<u32> {
        let value = self.whole();
        if value.is_none() && !self.value.get_ref().is_integer() {
            self.wrong_type("整数", "整数不加引号，例如 5");
            return None;
        }
        let value = value.and_then(|value| u32::try_from(value).ok()).filter(|value| range.contains(value));
        if value.is_none() {
            self.fault(format!("数值超出范围：应在 {} 到 {} 之间", range.start(), range.end()), "");
        }
        value
    }

    fn whole(&self) -> Option<i64> {
        let integer = self.value.get_ref().as_integer()?;
        i64::from_str_radix(integer.as_str(), integer.radix()).ok()
    }

    /// Yes or no.
    pub(super) fn flag(&self) -> Option<bool> {
        let value = self.value.get_ref().as_bool();
        if value.is_none() {
            self.wrong_type("true（是）或 false（否）", "不加引号");
        }
        value
    }

    /// Exact points: a text (`"0.5"`) or a whole number.
    pub(super) fn points(&self) -> Option<Points> {
        match self.value.get_ref() {
            DeValue::String(text) => self.decimal(text),
            DeValue::Integer(integer) if integer.radix() == 10 => self.decimal(integer.as_str()),
            DeValue::Float(float) => {
                let text = float.as_str();
                self.fault("分数不能写成不带引号的小数", format!("加上引号：\"{}\"（这样才是精确的）", shorten(text)));
                None
            }
            DeValue::Integer(_) | DeValue::Boolean(_) | DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => {
                self.wrong_type("分数", "写成带引号的小数或整数，例如 \"0.5\" 或 40");
                None
            }
        }
    }

    fn decimal(&self, text: &str) -> Option<Points> {
        match Points::parse(text) {
            Ok(points) => Some(points),
            Err(PointsError::NotANumber) => {
                self.fault(format!("“{}”不是数", shorten(text)), "写成带引号的小数，例如 \"0.5\"");
                None
            }
            Err(PointsError::TooManyDecimals) => {
                self.fault("小数位太多", "最多六位小数");
                None
            }
            Err(PointsError::OutOfRange) => {
                self.fault("数值太大", "");
                None
            }
        }
    }

    /// Points that must be above zero.
    pub(super) fn positive_points(&self) -> Option<Points> {
        let points = self.points()?;
        if points <= Points::ZERO {
            self.fault(format!("应大于 0，写的是 {points}"), "");
            return None;
        }
        Some(points)
    }

    /// A share above nothing, up to everything, as a text with a percent sign: `"10%"`.
    pub(super) fn percent(&self) -> Option<Points> {
        let Some(text) = self.value.get_ref().as_str() else {
            self.wrong_type("百分数", "加引号和百分号，例如 \"10%\"");
            return None;
        };
        let Some(number) = text.trim().strip_suffix(['%', '％']) else {
            self.fault(format!("“{}”不是百分数", shorten(text)), "加上百分号，例如 \"10%\"");
            return None;
        };
        let percent = self.decimal(number)?;
        let whole = Points::parse("100").unwrap_or_default();
        if percent <= Points::ZERO || percent > whole {
            self.fault("百分数应大于 0%，不超过 100%", "");
            return None;
        }
        Some(percent)
    }

    /// A time in seconds: a whole number of seconds, or a text `"5:00"` (minutes and seconds).
    pub(super) fn seconds(&self) -> Option<u32> {
        if self.value.get_ref().is_integer() {
            return self.integer(0..=LONGEST_TIME);
        }
        let Some(text) = self.value.get_ref().as_str() else {
            self.wrong_type("时长", "写成 \"5:00\"（分:秒），或整数秒，例如 300");
            return None;
        };
        let seconds = clock(text.trim());
        if seconds.is_none() {
            self.fault(format!("“{}”不是时长", shorten(text)), "写成 \"5:00\"（分:秒），或整数秒，例如 300");
        }
        seconds
    }

    /// A size in bytes: `"1GB"`, `"500MB"`, `"200KB"`; units are powers of 1024, as Windows shows sizes.
    pub(super) fn bytes(&self) -> Option<u64> {
        let Some(text) = self.value.get_ref().as_str() else {
            self.wrong_type("文件大小", "写成 \"1GB\" 或 \"500MB\"");
            return None;
        };
        let size = size(text.trim());
        if size.is_none() {
            self.fault(format!("“{}”不是文件大小", shorten(text)), "写成 \"1GB\" 或 \"500MB\"，不超过 1TB");
        }
        size
    }

    /// A day: a TOML date or a text `"2024-07-05"`.
    pub(super) fn date(&self) -> Option<Date> {
        let text = match self.value.get_ref() {
            DeValue::String(text) => text.trim().to_owned(),
            DeValue::Datetime(moment) if moment.time.is_none() => moment.to_string(),
            DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => {
                self.wrong_type("日期", "写成 2024-07-05");
                return None;
            }
        };
        let date = strict_date(&text);
        if date.is_none() {
            self.fault(format!("“{}”不是日期", shorten(&text)), "写成 2024-07-05");
        }
        date
    }

    /// A closing moment: a day (until 23:59:59), or a day and time of the contest's own wall clock.
    pub(super) fn deadline(&self) -> Option<Deadline> {
        let text = match self.value.get_ref() {
            DeValue::String(text) => text.trim().to_owned(),
            DeValue::Datetime(moment) if moment.date.is_some() => {
                if moment.offset.is_some() {
                    self.fault("截止时间不写时区", "写成当地时间：2024-07-05 或 2024-07-05T17:00:00；时区在 contest.timezone");
                    return None;
                }
                moment.to_string()
            }
            DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => {
                self.wrong_type("日期或日期时间", "写成 2024-07-05（当天 23:59:59 止）或 2024-07-05T17:00:00");
                return None;
            }
        };
        let deadline = strict_date(&text).map(Deadline::end_of).or_else(|| strict_moment(&text).map(Deadline));
        if deadline.is_none() {
            self.fault(format!("“{}”不是日期", shorten(&text)), "写成 2024-07-05（当天 23:59:59 止）或 2024-07-05T17:00:00");
        }
        deadline
    }

    /// One of several words.
    pub(super) fn word<T: Clone>(&self, choices: &[(&'static str, T)]) -> Option<T> {
        let words: Vec<&str> = choices.iter().map(|choice| choice.0).collect();
        let Some(text) = self.value.get_ref().as_str() else {
            self.wrong_type("文字", format!("可以写：{}", quoted(&words)));
            return None;
        };
        let found = choices.iter().find(|choice| choice.0 == text.trim());
        if found.is_none() {
            let hint = match nearest(text, &words) {
                Some(near) => format!("是不是想写 \"{near}\"？"),
                None => format!("可以写：{}", quoted(&words)),
            };
            self.fault(format!("不认识“{}”", shorten(text)), hint);
        }
        found.map(|choice| choice.1.clone())
    }

    /// An id: small letters, digits, `_` and `-`, a letter first, at most 32 characters.
    pub(super) fn identity(&self) -> Option<String> {
        let text = self.text(LONGEST_NAME)?;
        let shaped = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'-');
        if !shaped || !text.starts_with(|first: char| first.is_ascii_lowercase()) || text.len() > 32 {
            self.fault(
                format!("“{}”不能作 id", shorten(&text)),
                "id 在命令行里使用：小写英文字母开头，只用小写字母、数字、- 和 _，最多 32 个字符；中文写在 name 里",
            );
            return None;
        }
        Some(text)
    }

    /// A list of texts without doubles.
    pub(super) fn texts(&self, most: usize, longest: usize) -> Option<Vec<String>> {
        let mut texts: Vec<String> = Vec::new();
        for element in self.elements(most)? {
            if let Some(text) = element.text(longest) {
                texts.push(text);
            }
        }
        let mut seen = std::collections::BTreeSet::new();
        for element in self.elements(most)? {
            if let Some(text) = element.value.get_ref().as_str()
                && !seen.insert(text.trim().to_owned())
            {
                element.fault(format!("“{}”重复了", shorten(text)), "只保留一个");
            }
        }
        Some(texts)
    }

    /// A list of texts without doubles that is not empty.
    pub(super) fn some_texts(&self, most: usize, longest: usize) -> Option<Vec<String>> {
        let texts = self.texts(most, longest)?;
        if self.value.get_ref().as_array().is_some_and(|array| array.is_empty()) {
            self.fault("列表是空的", "至少写一项，或删去这一行");
        }
        Some(texts)
    }
}

/// Words as a hint shows them.
fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join("、")
}

fn clock(text: &str) -> Option<u32> {
    let (minutes, seconds) = text.replace('：', ":").split_once(':').map(|(minutes, seconds)| (minutes.to_owned(), seconds.to_owned()))?;
    let digits = |part: &str| !part.is_empty() && part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(&minutes) || !digits(&seconds) || seconds.len() != 2 {
        return None;
    }
    let (minutes, seconds): (u32, u32) = (minutes.parse().ok()?, seconds.parse().ok()?);
    let total = minutes.checked_mul(60)?.checked_add(seconds)?;
    (seconds < 60 && total <= LONGEST_TIME).then_some(total)
}

fn size(text: &str) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    let factor: u64 = match unit.trim().to_ascii_uppercase().as_str() {
        "KB" | "KIB" | "K" => 1 << 10,
        "MB" | "MIB" | "M" => 1 << 20,
        "GB" | "GIB" | "G" => 1 << 30,
        "TB" | "TIB" | "T" => 1 << 40,
        _ => return None,
    };
    let bytes = number.parse::<u64>().ok()?.checked_mul(factor)?;
    (bytes > 0 && bytes <= LARGEST_SIZE).then_some(bytes)
}

fn strict_date(text: &str) -> Option<Date> {
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(place, byte)| if place == 4 || place == 7 { byte == b'-' } else { byte.is_ascii_digit() });
    if !shaped {
        return None;
    }
    let date: Date = text.parse().ok()?;
    (1990..=2999).contains(&date.year()).then_some(date)
}

fn strict_moment(text: &str) -> Option<DateTime> {
    let (day, time) = text.split_once(['T', ' '])?;
    let date = strict_date(day)?;
    let shaped = matches!(time.len(), 5 | 8)
        && time.bytes().enumerate().all(|(place, byte)| if place == 2 || place == 5 { byte == b':' } else { byte.is_ascii_digit() });
    if !shaped {
        return None;
    }
    let time: Time = time.parse().ok()?;
    Some(date.to_datetime(time))
}
