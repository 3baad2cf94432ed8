//! Owns which numbers a folded title speaks of. Refuses to know how similar the titles are: this
//! is the rule by which 1984年的订单 and 1987年的订单 are two works and no look-alikes.

use crate::domain::folding::is_chinese_digit;

/// The numbers of a folded title, in order.
///
/// - A run of digits is a number; leading zeros say nothing (007 is 7).
/// - Chinese numerals are a number where they surely count: in runs of two or more with a digit or
///   十 (一九八四, 二十, 三百六十五), or behind 第, or in front of 年 月 日 届 期 代 号. 一九八四 and
///   1984 agree, and so do 二十 and 20. A lone 一 elsewhere (一生, 唯一) is a word.
///
/// Two titles that differ in digits only therefore never agree, unless by leading zeros.
#[must_use]
pub fn numbers_of(folded: &str) -> Vec<String> {
    let mut numbers = Vec::new();
    let mut rest = folded;
    let mut before = ' ';
    while let Some(character) = rest.chars().next() {
        let is_member: fn(char) -> bool = match character {
            digit if digit.is_ascii_digit() => |member| member.is_ascii_digit(),
            numeral if is_numeral(numeral) => is_numeral,
            other => {
                before = other;
                rest = &rest[other.len_utf8()..];
                continue;
            }
        };
        let end = rest.find(|member| !is_member(member)).unwrap_or(rest.len());
        let (run, tail) = rest.split_at(end);
        if character.is_ascii_digit() {
            numbers.push(without_zeros(run));
        } else if counts_as_number(before, run, tail) {
            numbers.push(chinese_number(run));
        }
        before = run.chars().next_back().unwrap_or(' ');
        rest = tail;
    }
    numbers
}

fn without_zeros(digits: &str) -> String {
    match digits.trim_start_matches('0') {
        "" => String::from("0"),
        rest => String::from(rest),
    }
}

fn is_numeral(character: char) -> bool {
    is_chinese_digit(character) || matches!(character, '两' | '十' | '百' | '千' | '万' | '亿')
}

fn counts_as_number(before: char, run: &str, tail: &str) -> bool {
    let is_certain = |member: char| is_chinese_digit(member) || matches!(member, '两' | '十');
    before == '第'
        || tail.starts_with(['年', '月', '日', '届', '期', '代', '号'])
        || (run.chars().nth(1).is_some() && run.chars().any(is_certain))
}

/// The value in digits; a run that is no well-formed number stands for itself.
fn chinese_number(run: &str) -> String {
    let digits: Option<String> = run.chars().map(digit).map(|value| value.and_then(|value| char::from_digit(value, 10))).collect();
    match digits {
        Some(digits) => without_zeros(&digits),
        None => value(run).map_or_else(|| String::from(run), |value| value.to_string()),
    }
}

fn digit(character: char) -> Option<u32> {
    Some(match character {
        '〇' | '零' => 0,
        '一' => 1,
        '二' | '两' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        _ => return None,
    })
}

fn value(run: &str) -> Option<u64> {
    let (mut total, mut section, mut open) = (0_u64, 0_u64, None);
    for character in run.chars() {
        if let Some(value) = digit(character) {
            if open.is_some_and(|earlier| earlier != 0) {
                return None;
            }
            open = Some(u64::from(value));
            continue;
        }
        let small = match character {
            '十' => Some(10),
            '百' => Some(100),
            '千' => Some(1000),
            _ => None,
        };
        if let Some(unit) = small {
            let count = open.take().filter(|&count| count != 0).unwrap_or(1);
            section = section.checked_add(count * unit)?;
        } else {
            section = section.checked_add(open.take().unwrap_or(0))?;
            total = if character == '万' {
                total.checked_add(section.max(1).checked_mul(10_000)?)?
            } else {
                // 亿 multiplies all before it: 三万亿.
                total.checked_add(section)?.max(1).checked_mul(100_000_000)?
            };
            section = 0;
        }
    }
    total.checked_add(section)?.checked_add(open.unwrap_or(0))
}
