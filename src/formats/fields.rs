//! Owns reading single values: text as received → text as kept, choices, phones. Pure functions; moments and amounts are
//! `formats::amounts`. Refuses to know sheets and columns.
//!
//! Decision worth knowing: a function here either knows or says that it does not. What it changed beyond trimming it says too
//! ([`Repair`]), so that a sheet can report its repairs once, with a count.

use std::borrow::Cow;

use super::amounts::Unclear;
use super::marks::ticked;
use crate::domain::field::Field;

/// What was mended in a value. Each kind is reported once a sheet, with how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repair {
    /// Widths, spaces and dashes of a phone, an e-mail address or a postcode.
    Contact,
    /// Spaces inside a name of two characters (刘  巍).
    NamePadding,
    /// Control characters, and line breaks where one line belongs.
    Controls,
    /// A serial number of Excel read as a date.
    SerialDate,
    /// A time of day that Excel made of minutes and seconds (5:30 → 5:30:00).
    ClockTime,
    /// The value of a merged cell, given to each of its rows.
    Merged,
}

impl Repair {
    /// Every kind, in the order of their reports.
    pub const ALL: [Self; 6] = [Self::Contact, Self::NamePadding, Self::Controls, Self::SerialDate, Self::ClockTime, Self::Merged];

    /// Its place in [`Self::ALL`].
    #[must_use]
    pub fn index(self) -> usize {
        Self::ALL.iter().position(|kind| *kind == self).unwrap_or(0)
    }
}

/// Whether the field keeps its lines.
pub(super) fn is_long(field: Field) -> bool {
    matches!(field, Field::Summary | Field::Honors | Field::Remark | Field::Opinion)
}

/// Whether the field is a choice among printed options.
pub(super) fn is_choice(field: Field) -> bool {
    matches!(
        field,
        Field::Category
            | Field::IntendedCategories
            | Field::Theme
            | Field::Nature
            | Field::Member
            | Field::FocusArea
            | Field::FocusIndustry
    )
}

/// A text after cleaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleaned<'a> {
    /// Trimmed, without control characters.
    pub text: Cow<'a, str>,
    /// Whether anything but outer white space was taken away.
    pub repaired: bool,
    /// Whether a character was lost on its way here: U+FFFD or private use.
    pub lost: bool,
}

/// White space and signs without width that may surround a text.
fn is_margin(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{0}'..='\u{1F}' | '\u{7F}')
}

fn is_control(character: char) -> bool {
    (character.is_control() && character != '\n')
        || matches!(character, '\u{200B}'..='\u{200F}' | '\u{2028}' | '\u{2029}' | '\u{2060}' | '\u{FEFF}')
}

fn is_lost(character: char) -> bool {
    matches!(character, '\u{FFFD}' | '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}')
}

/// Whether a character is a Chinese one (or kana and such), so that no space belongs beside it.
fn is_wide(character: char) -> bool {
    matches!(character, '\u{2E80}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF00}'..='\u{FFEF}' | '\u{20000}'..='\u{3FFFF}')
}

/// Whether a text surely has nothing to clean: no control, and no character of the blocks where those without width, private and
/// replacement ones are. Full-width signs (EF BC, EF BD) are plain. Looking at every byte without leaving early is what is fast here.
fn is_plain(bytes: &[u8]) -> bool {
    let odd = |byte: u8, next: u8| {
        u8::from(byte < 0x20)
            | u8::from(byte == 0x7F)
            | u8::from(byte == b'_')
            | u8::from(byte == 0xC2)
            | (u8::from(byte == 0xE2) & u8::from(next <= 0x81))
            | u8::from(byte == 0xEE)
            | (u8::from(byte == 0xEF) & u8::from(next != 0xBC) & u8::from(next != 0xBD))
            | u8::from(byte >= 0xF3)
    };
    let pairs = bytes.iter().zip(bytes.get(1..).unwrap_or_default());
    pairs.fold(0, |found, (&byte, &next)| found | odd(byte, next)) == 0 && bytes.last().is_none_or(|&last| odd(last, 0) == 0)
}

/// Trims a text and takes control characters out of it. Line breaks stay where `multiline`; else they vanish beside Chinese
/// characters and become a space between others.
#[must_use]
pub fn clean(text: &str, multiline: bool) -> Cleaned<'_> {
    let trimmed = text.trim_matches(is_margin);
    if is_plain(trimmed.as_bytes()) {
        return Cleaned { text: Cow::Borrowed(trimmed), repaired: false, lost: false };
    }
    let mut lost = false;
    let mut dirty = false;
    for character in trimmed.chars() {
        if !(' '..='~').contains(&character) {
            lost |= is_lost(character);
            dirty |= is_control(character) || (character == '\n' && !multiline);
        }
    }
    dirty |= trimmed.contains('_') && trimmed.contains("_x000D_");
    if !dirty {
        return Cleaned { text: Cow::Borrowed(trimmed), repaired: false, lost };
    }
    let text = trimmed.replace("_x000D_", "").replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n").replace('\t', " ");
    let lines: Vec<String> = text
        .split('\n')
        .map(|line| line.chars().filter(|&character| !is_control(character)).collect::<String>().trim().to_owned())
        .collect();
    let mut joined = String::with_capacity(text.len());
    for line in &lines {
        if multiline {
            if !joined.is_empty() {
                joined.push('\n');
            }
        } else {
            let wide = joined.chars().next_back().is_none_or(is_wide) || line.chars().next().is_none_or(is_wide);
            if !wide {
                joined.push(' ');
            }
        }
        joined.push_str(line);
    }
    // A workbook's own line ends (CR LF) inside a long text are no repair worth a word.
    let repaired = !multiline || trimmed.chars().any(|character| is_control(character) && !matches!(character, '\r' | '\t'));
    Cleaned { text: Cow::Owned(joined), repaired, lost }
}

/// Full-width Latin signs made half-width, every dash a hyphen.
#[must_use]
pub fn fold_width(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(character) - 0xFEE0).unwrap_or(character),
            '\u{3000}' | '\u{A0}' => ' ',
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE63}' => '-',
            other => other,
        })
        .collect()
}

/// Whether a text is a number in scientific form (`1.38E+10`): its digits are gone.
#[must_use]
pub fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.trim().split_once(['E', 'e']) else { return false };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    digits(whole) && digits(fraction) && digits(exponent) && exponent.len() <= 3
}

/// A phone as kept: half-width, without inner spaces; several numbers with `、` between. The second value tells whether it was mended.
#[must_use]
pub fn phone(text: &str) -> (String, bool) {
    if text.len() <= 11 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return (text.to_owned(), false);
    }
    let folded = fold_width(text);
    let folded = folded.strip_suffix(".0").unwrap_or(&folded);
    let folded = folded.strip_prefix('\'').unwrap_or(folded);
    let mut numbers = Vec::new();
    for part in folded.split(['、', ',', ';', '/', '\n', '，', '；']) {
        let pieces: Vec<&str> = part.split_whitespace().collect();
        let digits = |piece: &str| piece.bytes().filter(u8::is_ascii_digit).count() >= 7;
        if pieces.len() > 1 && pieces.iter().all(|piece| digits(piece)) {
            numbers.extend(pieces.into_iter().map(one_phone));
        } else if !pieces.is_empty() {
            numbers.push(one_phone(&pieces.concat()));
        }
    }
    let kept = numbers.join("、");
    let repaired = kept != text.trim();
    (kept, repaired)
}

/// A mobile number is eleven digits; any other keeps its hyphens.
fn one_phone(text: &str) -> String {
    let bare: String = text.chars().filter(|character| !matches!(character, '-' | '(' | ')' | '+')).collect();
    let national = bare.strip_prefix("0086").or_else(|| bare.strip_prefix("86")).filter(|rest| rest.len() == 11).unwrap_or(&bare);
    if national.len() == 11 && national.starts_with('1') && national.bytes().all(|byte| byte.is_ascii_digit()) {
        return national.to_owned();
    }
    text.to_owned()
}

/// An e-mail address or a code as kept: half-width, without spaces. The second value tells whether it was mended.
#[must_use]
pub fn compact(text: &str) -> (String, bool) {
    if text.bytes().all(|byte| byte.is_ascii_graphic()) && !text.starts_with("mailto:") {
        return (text.to_owned(), false);
    }
    let kept: String = fold_width(text).chars().filter(|character| !character.is_whitespace() && !is_margin(*character)).collect();
    let kept = kept.strip_prefix("mailto:").map(str::to_owned).unwrap_or(kept);
    let repaired = kept != text.trim();
    (kept, repaired)
}

/// E-mail addresses as kept: each half-width, without spaces; several with `、` between. The second value tells whether they were mended.
#[must_use]
pub fn emails(text: &str) -> (String, bool) {
    let folded = fold_width(text);
    let pieces = folded.split(|character: char| character.is_whitespace() || matches!(character, '、' | ',' | ';' | '/'));
    let pieces: Vec<&str> = pieces.filter(|piece| !piece.is_empty()).collect();
    if pieces.len() < 2 || !pieces.iter().all(|piece| piece.contains('@')) {
        return compact(text);
    }
    let kept = pieces.iter().map(|piece| compact(piece).0).collect::<Vec<_>>().join("、");
    let repaired = kept != text.trim();
    (kept, repaired)
}

/// The lines of a text as one list, `、` between them where nothing parts them yet.
#[must_use]
pub fn listed(text: &str) -> String {
    const SEPARATORS: [char; 8] = ['、', '，', ',', ';', '；', '/', '＋', '+'];
    let mut list = String::with_capacity(text.len());
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        // 张三 ⏎（组长）: a bracket goes with the name before it.
        let goes_on = line.starts_with(SEPARATORS) || line.starts_with(['(', '（']);
        if !(list.is_empty() || goes_on || list.ends_with(SEPARATORS)) {
            list.push('、');
        }
        list.push_str(line);
    }
    list
}

/// A postcode or another code from a numeric cell of a CSV (`200000.0`) or as text. The second value tells whether it was mended.
#[must_use]
pub fn code(text: &str) -> (String, bool) {
    let (kept, repaired) = compact(text);
    // Excel's sign for “this is text”, typed where it was not needed.
    if let Some(bare) = kept.strip_prefix('\'') {
        return (bare.to_owned(), true);
    }
    match kept.strip_suffix(".0") {
        Some(whole) if whole.bytes().all(|byte| byte.is_ascii_digit()) => (whole.to_owned(), true),
        _ => (kept, repaired),
    }
}

/// People's names: in a name of two Chinese characters the padding between them goes (刘  巍 → 刘巍); all else stays as received.
#[must_use]
pub fn people(text: &str) -> (String, bool) {
    if !text.contains(char::is_whitespace) {
        return (text.to_owned(), false);
    }
    let mut kept = String::with_capacity(text.len());
    let mut repaired = false;
    for part in text.split_inclusive(['、', '，', ',', ';', '；', '/']) {
        let name = part.trim_end_matches(['、', '，', ',', ';', '；', '/']);
        let separator = part.get(name.len()..).unwrap_or_default();
        let characters: Vec<char> = name.chars().filter(|character| !character.is_whitespace()).collect();
        if characters.len() == 2 && characters.iter().all(|&character| is_wide(character)) && name.trim().chars().count() > 2 {
            kept.extend(characters);
            repaired = true;
        } else {
            kept.push_str(name);
        }
        kept.push_str(separator);
    }
    (kept, repaired)
}

/// Honours as kept: the ticked options of a form's boxes. A free text stays whole: its ■ and ● are bullets, its 〇 is a year's zero.
#[must_use]
pub fn honors(text: &str) -> String {
    let is_form = text.contains(['□', '☐', '▢', '◻', '☑', '☒']) || ["[√]", "(√)", "（√）", "【√】"].iter().any(|mark| text.contains(mark));
    ticked(text).filter(|_| is_form).map_or_else(|| text.to_owned(), |options| options.join("、"))
}

/// A single choice as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The chosen option, or several with `、` between; empty where none is ticked.
    pub text: String,
    /// Whether more than one box is ticked.
    pub several: bool,
}

/// Reads a single choice: the ticked option, or the plain text.
#[must_use]
pub fn choice(text: &str) -> Choice {
    match ticked(text) {
        None => Choice { text: text.trim().to_owned(), several: false },
        Some(options) => Choice { several: options.len() > 1, text: options.join("、") },
    }
}

/// Reads a multiple choice: the ticked options, or the parts of a plain text.
#[must_use]
pub fn choices(text: &str) -> Vec<String> {
    if let Some(options) = ticked(text) {
        return options;
    }
    // 附件2 has one option with a comma of its own: 参加活动，暂无作品申报.
    let guarded: String = text.replace("，暂无", "\u{1}暂无").replace(",暂无", "\u{1}暂无");
    guarded
        .split(|character: char| character.is_whitespace() || matches!(character, '、' | '，' | ',' | '；' | ';' | '/' | '|' | '┋'))
        .map(|part| part.replace('\u{1}', "，"))
        .filter(|part| !part.is_empty())
        .collect()
}

/// Whether a cell of a column to be ticked is ticked: any mark, a yes, or a number of works.
#[must_use]
pub fn is_tick(text: &str) -> bool {
    let folded = fold_width(text).trim().to_lowercase();
    match folded.as_str() {
        "v" | "y" | "*" => true,
        "0" | "" => false,
        number if number.bytes().all(|byte| byte.is_ascii_digit()) => number.len() <= 3,
        other => yes_no(other) == Ok(Some(true)),
    }
}

/// Splits a value of 部门及职务 where a sign parts the two: 质量部/主管, 质量部 主管. `None`: the title asks for one thing only, or no sign
/// tells where one ends.
#[must_use]
pub fn department_and_position<'a>(title: &str, text: &'a str) -> Option<(&'a str, &'a str)> {
    if !(title.contains("部门") && title.contains('职')) {
        return None;
    }
    let (department, position) =
        text.split_once(|next: char| next.is_whitespace() || matches!(next, '/' | '／' | '、' | '，' | ',' | '|' | '-' | '—'))?;
    let position = position.trim();
    let is_one = !position.contains(['/', '／', '、', '，', ',', '|']);
    (is_one && !department.is_empty() && !position.is_empty()).then_some((department, position))
}

/// Reads yes or no; `Err` where the text is neither.
///
/// # Errors
/// The text is not empty and means neither.
pub fn yes_no(text: &str) -> Result<Option<bool>, Unclear> {
    if let Some(known) = word_yes_no(text) {
        return Ok(Some(known));
    }
    let folded = fold_width(text).trim().to_lowercase();
    match folded.as_str() {
        "" => return Ok(None),
        "√" | "✓" | "✔" | "☑" | "■" | "●" | "✅" => return Ok(Some(true)),
        "×" | "✗" | "✘" | "□" | "☐" | "○" => return Ok(Some(false)),
        _ => {}
    }
    if let Some(options) = ticked(&folded) {
        return match options.as_slice() {
            [] => Ok(None),
            [only] => word_yes_no(only).map(Some).ok_or(Unclear),
            _ => Err(Unclear),
        };
    }
    word_yes_no(&folded).map(Some).ok_or(Unclear)
}

fn word_yes_no(word: &str) -> Option<bool> {
    match word {
        "是" | "有" | "会员" | "会员单位" | "是会员" | "是会员单位" | "y" | "yes" | "true" | "1" | "对" | "是的" => {
            Some(true)
        }
        "否" | "无" | "非" | "不是" | "非会员" | "非会员单位" | "不是会员" | "没有" | "n" | "no" | "false" | "0" | "x" | "-" | "/" => {
            Some(false)
        }
        _ => None,
    }
}
