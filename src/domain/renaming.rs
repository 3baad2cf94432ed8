//! Owns what two names of one work may differ in beside signs: Traditional characters, marks of a version, and halves that changed
//! places. Refuses to know how alike two different titles are, and never decides that two works are one for import: a renamed work is
//! received as a work of its own, and found here by the checks.
//!
//! Decision worth knowing: a mark of a version is taken away only at the end of a title, and never the whole title. What stands in
//! brackets may be any word for a version; outside brackets it must be unmistakable (修改版, 终稿, v2). A number is one only behind such a mark,
//! 副本 (2). So 4.0 of 智造4.0, 第二届 and （1） of a series stay, and so does a year.

use std::sync::OnceLock;

use super::folding::{fold_character, fold_text_and, fold_title, is_chinese_digit};

/// The range in which characters are made simple by table: hanzi of Unicode's first plane.
const FIRST: char = '\u{3400}';
const LAST: char = '\u{9FFF}';
/// More halves than this are not tried in another order.
const MOST_PARTS: usize = 4;
/// A title keeps at least as many characters when its version goes.
const SHORTEST: usize = 2;

/// Words that stand for a version in brackets, longer ones before those that they contain.
const BRACKETED: &[&str] = &[
    "修改后",
    "修订后",
    "修改",
    "修订",
    "修正",
    "更新",
    "最终",
    "最新",
    "正式",
    "完整",
    "送审",
    "报送",
    "终版",
    "终稿",
    "定稿",
    "初稿",
    "新版",
    "改版",
    "副本",
    "复件",
    "拷贝",
    "版本",
    "final",
    "copy",
    "new",
    "rev",
    "ver",
    "版",
    "稿",
    "新",
    "改",
];
/// Words that stand for a version at the end of a title, without brackets.
const TRAILING: &[&str] = &[
    "修改版",
    "修改稿",
    "修订版",
    "修订稿",
    "修正版",
    "更新版",
    "最终版",
    "最终稿",
    "最新版",
    "正式版",
    "正式稿",
    "送审稿",
    "报送稿",
    "终版",
    "终稿",
    "定稿",
    "初稿",
    "副本",
    "复件",
];

/// Words for a version as names of files have them, too; longer ones before those they contain.
pub(super) fn versions() -> impl Iterator<Item = &'static str> {
    TRAILING.iter().chain(BRACKETED).copied().filter(|word| word.chars().nth(1).is_some())
}

/// The summary of a work as summaries are compared: folded, in simplified characters.
#[must_use]
pub fn fold_summary(summary: &str) -> String {
    fold_simply(summary)
}

/// The title of a work as titles are compared: in simplified characters, without the mark of a version, without signs.
#[must_use]
pub fn fold_renamed(title: &str) -> String {
    fold_title(without_version(&fold_simply(title)))
}

/// The same title with its halves in another order: `A——B` gives `BA`. A title without a dash, colon or stroke has no halves.
#[must_use]
pub fn rearranged(title: &str) -> Vec<String> {
    if !title.contains(is_plain_or_wide_joint) {
        return Vec::new();
    }
    let text = fold_simply(title);
    let parts = halves(without_version(&text));
    if !(2..=MOST_PARTS).contains(&parts.len()) {
        return Vec::new();
    }
    let turned = (1..parts.len()).map(|first| {
        let (front, back) = parts.split_at(first);
        fold_title(&[back, front].concat().join("—"))
    });
    turned.collect()
}

/// One character as texts are compared, one to one: for comparing texts that are shown as they were written.
#[must_use]
pub fn fold_character_simply(character: char) -> char {
    simple(table(), fold_character(character))
}

/// Folds a text; characters of the other script become those of this one.
fn fold_simply(text: &str) -> String {
    let table = table();
    fold_text_and(text, |character| simple(table, character))
}

fn simple(table: &[u16], character: char) -> char {
    if !(FIRST..=LAST).contains(&character) {
        return character;
    }
    let place = u32::from(character) - u32::from(FIRST);
    table.get(place as usize).and_then(|simple| char::from_u32(u32::from(*simple))).unwrap_or(character)
}

/// By character: its simplified form, or itself.
fn table() -> &'static [u16] {
    static TABLE: OnceLock<Vec<u16>> = OnceLock::new();
    let number = |character: char| u16::try_from(u32::from(character));
    TABLE.get_or_init(|| {
        let mut table: Vec<u16> = (FIRST..=LAST).filter_map(|character| number(character).ok()).collect();
        for line in include_str!("simplified.txt").lines().filter(|line| !line.starts_with('#')) {
            let mut pairs = line.chars();
            while let (Some(from), Some(to)) = (pairs.next(), pairs.next()) {
                let slot = u32::from(from).checked_sub(u32::from(FIRST)).and_then(|place| table.get_mut(place as usize));
                if let (Some(slot), Ok(to)) = (slot, number(to)) {
                    *slot = to;
                }
            }
        }
        table
    })
}

/// A folded text without the marks of a version at its end.
fn without_version(text: &str) -> &str {
    let mut kept = text;
    while let Some(shorter) = without_last_mark(kept) {
        if shorter.chars().filter(|character| character.is_alphanumeric()).count() < SHORTEST {
            break;
        }
        kept = shorter;
    }
    kept
}

/// A text without the last mark of a version, if it ends in one.
fn without_last_mark(text: &str) -> Option<&str> {
    let mut text = without_ending(text);
    while let Some(inside) = text.strip_suffix(is_closing) {
        let (before, bracket) = inside.split_at_checked(inside.rfind(is_opening)?)?;
        if is_version(bracket) || (is_copy_number(bracket) && names_version(before)) {
            return Some(before);
        }
        if !is_quoting(text) {
            return None;
        }
        // 《作品（修改版）》 ends in a bracket around everything.
        text = without_ending(inside);
    }
    TRAILING.iter().find_map(|word| text.strip_suffix(word)).or_else(|| without_numbered(text))
}

/// A text without the signs that end a title anyway.
fn without_ending(text: &str) -> &str {
    text.trim_end_matches(|last: char| !last.is_alphanumeric() && !is_closing(last))
}

/// Whether a text ends in words for a version; a number behind them, 副本 (2), is no part of the title then.
fn names_version(text: &str) -> bool {
    let text = without_ending(text);
    match text.strip_suffix(is_closing) {
        Some(inside) => inside.rfind(is_opening).and_then(|open| inside.get(open..)).is_some_and(is_version),
        None => TRAILING.iter().any(|word| text.ends_with(word)) || without_numbered(text).is_some(),
    }
}

/// Whether a bracket holds nothing but a number of one or two digits.
fn is_copy_number(bracket: &str) -> bool {
    let mut digits = bracket.chars().filter(|character| character.is_alphanumeric());
    (1..=2).contains(&digits.clone().count()) && digits.all(|digit| digit.is_ascii_digit())
}

/// A text without `v2`, `v2.1`, `第二版`, `二稿`, `final`, `copy` at its end.
fn without_numbered(text: &str) -> Option<&str> {
    if let Some(before) = text.strip_suffix("final").or_else(|| text.strip_suffix("copy")) {
        return (!before.ends_with(|last: char| last.is_ascii_alphabetic())).then_some(before);
    }
    if let Some(before) = text.strip_suffix(['版', '稿']) {
        let bare = before.trim_end_matches(is_serial);
        if bare.len() == before.len() {
            return None;
        }
        return bare.strip_suffix('第').or_else(|| text.ends_with('稿').then_some(bare));
    }
    let bare = text.trim_end_matches(|last: char| last.is_ascii_digit() || last == '.');
    if bare.len() == text.len() {
        return None;
    }
    let before = bare.strip_suffix("ver").or_else(|| bare.strip_suffix('v'))?.trim_end_matches('.');
    (!before.ends_with(|last: char| last.is_ascii_alphanumeric())).then_some(before)
}

/// Whether what stands in brackets is nothing but a version: words for it with their numbers, or `v2`.
fn is_version(inside: &str) -> bool {
    let mut left: String = inside.chars().filter(|character| character.is_alphanumeric()).collect();
    let whole = left.len();
    for word in BRACKETED {
        if left.contains(word) {
            left = left.replace(word, "");
        }
    }
    let numbered = left.strip_prefix('v').is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()));
    let is_number = |character: char| character.is_ascii_digit() || is_serial(character) || matches!(character, '第' | '次' | 'v');
    (left.len() < whole || numbered) && left.chars().all(is_number)
}

fn is_serial(character: char) -> bool {
    character.is_ascii_digit() || is_chinese_digit(character) || character == '十'
}

/// The parts of a folded text between dashes, colons and strokes; a sign between two numbers belongs to them.
fn halves(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (place, joint) in text.char_indices().filter(|&(_, character)| is_joint(character)) {
        let end = place + joint.len_utf8();
        let digit = |found: Option<char>| found.is_some_and(|found| found.is_ascii_digit());
        let (before, after) = (text.get(..place).unwrap_or_default(), text.get(end..).unwrap_or_default());
        if digit(before.chars().next_back()) && digit(after.chars().next()) {
            continue;
        }
        parts.extend(text.get(start..place));
        start = end;
    }
    parts.extend(text.get(start..));
    parts.retain(|part| part.chars().any(char::is_alphanumeric));
    parts
}

/// What stands between the halves of a folded title.
fn is_joint(character: char) -> bool {
    matches!(character, '-' | ':' | '|' | '/' | '~' | '·' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2500}' | '\u{2501}')
}

/// The same before folding.
fn is_plain_or_wide_joint(character: char) -> bool {
    is_joint(character) || matches!(character, '：' | '－' | '｜' | '／' | '～' | '﹣' | '︱' | '︰')
}

fn is_opening(character: char) -> bool {
    matches!(character, '(' | '[' | '{' | '【' | '〔' | '〖' | '〘' | '《' | '〈' | '「' | '『' | '<' | '“')
}

fn is_closing(character: char) -> bool {
    matches!(character, ')' | ']' | '}' | '】' | '〕' | '〗' | '〙' | '》' | '〉' | '」' | '』' | '>' | '”')
}

fn is_quoting(text: &str) -> bool {
    text.ends_with(['》', '〉', '」', '』', '>', '”'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_version_is_no_part_of_a_title() {
        for renamed in [
            "一颗螺丝的承诺（修改版）",
            "《一颗螺丝的承诺（修改版）》",
            "一颗螺丝的承诺（修改版2）",
            "一颗螺丝的承诺【最终版】",
            "一颗螺丝的承诺-最终版",
            "一颗螺丝的承诺 最终稿",
            "一颗螺丝的承诺V2",
            "一颗螺丝的承诺 v2.1",
            "一颗螺丝的承诺（V3.0）",
            "一颗螺丝的承诺（修改版）(1)",
            "一颗螺丝的承诺（第二稿）",
            "一颗螺丝的承诺第二版",
            "一颗螺丝的承诺三稿",
            "一颗螺丝的承诺 - 副本 (2)",
            "一颗螺丝的承诺_final",
            "一颗螺絲的承諾",
            "一顆螺絲的承諾（修訂版）",
            "一颗螺丝的承诺ｖ２",
        ] {
            assert_eq!(fold_renamed(renamed), "一颗螺丝的承诺", "{renamed}");
        }
    }

    #[test]
    fn what_is_no_version_stays() {
        for title in [
            "智造4.0",
            "1984年的订单",
            "一颗螺丝的承诺（2024）",
            "一颗螺丝的承诺（上）",
            "一颗螺丝的承诺（1）",
            "一颗螺丝的承诺(12)",
            "质量的力量 (1)(2)",
            "一颗螺丝的承诺（一）",
            "第二届质量月",
            "品质升级版",
            "3.0版",
            "出版",
            "两稿",
            "v2",
            "（修改版）",
            "12",
            "改版",
            "守护nov2",
            "一颗螺丝的承诺（新来的人）",
        ] {
            assert_eq!(fold_renamed(title), fold_title(title), "{title}");
        }
    }

    #[test]
    fn halves_change_places() {
        assert_eq!(rearranged("一颗螺丝——守护产线"), ["守护产线一颗螺丝"]);
        assert_eq!(rearranged("一颗螺丝：守护产线（修改版）"), ["守护产线一颗螺丝"]);
        assert_eq!(rearranged("甲 - 乙 | 丙"), ["乙丙甲", "丙甲乙"]);
        assert_eq!(rearranged("《守护》——一颗螺丝"), ["一颗螺丝守护"]);
        for none in ["一颗螺丝", "——一颗螺丝", "4-15的约定", "甲-乙-丙-丁-戊", ""] {
            assert!(rearranged(none).is_empty(), "{none}");
        }
    }

    #[test]
    fn every_character_of_the_table_is_made_simple_once() {
        let table = table();
        assert_eq!(fold_simply("臺灣後裏質"), "台湾后里质");
        assert!((FIRST..=LAST).all(|character| simple(table, simple(table, character)) == simple(table, character)));
    }

    proptest! {
        #[test]
        fn no_title_vanishes(title in "[质量螺絲（）()版修改第二v0-9—:《》 ]{0,14}|\\PC{0,8}") {
            prop_assert_eq!(fold_renamed(&title).is_empty(), fold_title(&title).is_empty());
            prop_assert!(rearranged(&title).iter().all(|turned| !turned.is_empty()));
        }
    }
}
