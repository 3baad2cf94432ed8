//! Owns what two texts must share to count as the same in this field: width, case, spacing,
//! punctuation and brackets. Refuses to know what is compared with what, and how alike two
//! different texts are. The decision worth knowing: digits are never folded away, and a number
//! keeps its separators (3.5 is not 35), because numbers and years tell two titles apart.

use unicode_normalization::UnicodeNormalization as _;

#[cfg(test)]
mod tests;

/// What one character becomes without looking at its neighbours.
enum Simple {
    Becomes(char),
    Vanishes,
    /// Needs full normalisation, together with its neighbours.
    Unknown,
}

/// Covers nearly every character of a Chinese form, so that plain text skips normalisation.
fn simple(character: char) -> Simple {
    match character {
        '\u{4E00}'..='\u{9FFF}' | '\u{3400}'..='\u{4DBF}' | '\u{3001}'..='\u{3029}' | '“' | '”' | '‘' | '’' | '—' | '·' => {
            Simple::Becomes(character)
        }
        '!'..='~' => Simple::Becomes(character.to_ascii_lowercase()),
        '\0'..='\u{7F}' | '\u{A0}' | '\u{3000}' | '\u{200B}' | '\u{FEFF}' => Simple::Vanishes,
        '\u{FF01}'..='\u{FF5E}' => {
            char::from_u32(u32::from(character) - 0xFEE0).map_or(Simple::Unknown, |narrow| Simple::Becomes(narrow.to_ascii_lowercase()))
        }
        _ => Simple::Unknown,
    }
}

/// Whether a character leaves no mark on paper: white space, controls, zero-width characters,
/// direction marks, variation selectors.
fn is_invisible(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || matches!(
            character,
            '\u{AD}'
                | '\u{34F}'
                | '\u{61C}'
                | '\u{115F}'
                | '\u{1160}'
                | '\u{180B}'..='\u{180F}'
                | '\u{200B}'..='\u{200F}'
                | '\u{202A}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}'
                | '\u{FE00}'..='\u{FE0F}'
                | '\u{FEFF}'
                | '\u{E0000}'..='\u{E0FFF}'
        )
}

/// Folds one character alone: width and case, one to one, so that places in the text stay the
/// same. For comparing texts that are shown as they were written.
#[must_use]
pub fn fold_character(character: char) -> char {
    match simple(character) {
        Simple::Becomes(folded) => folded,
        Simple::Vanishes => ' ',
        Simple::Unknown => {
            let mut lower = character.to_lowercase();
            match (lower.next(), lower.next()) {
                (Some(single), None) => single,
                _ => character,
            }
        }
    }
}

/// Folds width and case, and takes out everything invisible: NFKC, lower case, no white space.
///
/// `"质量 Ｍade　in"` and `"质量made in"` fold to the same `"质量madein"`.
#[must_use]
pub fn fold_text(text: &str) -> String {
    fold_text_and(text, |character| character)
}

/// [`fold_text`], then each character as `map` says.
pub(super) fn fold_text_and(text: &str, map: impl Fn(char) -> char) -> String {
    let mut folded = String::with_capacity(text.len());
    // What stays as it is, nearly all of a text, is taken over in runs.
    let mut run = 0;
    for (place, character) in text.char_indices() {
        let becomes = match simple(character) {
            Simple::Becomes(plain) => Some(map(plain)),
            Simple::Vanishes => None,
            Simple::Unknown => return fold_slowly(text).chars().map(map).collect(),
        };
        if becomes != Some(character) {
            folded.push_str(text.get(run..place).unwrap_or_default());
            folded.extend(becomes);
            run = place + character.len_utf8();
        }
    }
    folded.push_str(text.get(run..).unwrap_or_default());
    folded
}

/// Taking a character out can bring a base and its accent together, and lower case can undo a
/// composition, so the steps repeat until the text rests; more than three rounds do not occur.
fn fold_slowly(text: &str) -> String {
    let mut current = String::from(text);
    for _ in 0..8 {
        let next: String = current.nfkc().filter(|&character| !is_invisible(character)).flat_map(char::to_lowercase).collect();
        if next == current {
            break;
        }
        current = next;
    }
    current
}

/// Folds a title: [`fold_text`], then 书名号, quotation marks, brackets, punctuation and symbols
/// out. Hanzi, letters and digits stay, and so do characters that nobody can read any more
/// (U+FFFD, private use), since what they were is not known.
///
/// - A mark between two digits keeps the numbers apart as `.`: 3.5 is not 35, and 4·15, 4-15 and
///   4.15 are the same. Commas that group thousands go: 1,000 is 1000.
/// - ○ after a Chinese digit is the zero of a year: 二○二四 is 二〇二四.
/// - A title of nothing but signs keeps its [`fold_text`], so that no title becomes empty.
#[must_use]
pub fn fold_title(title: &str) -> String {
    let text = fold_text(title);
    let mut folded = String::with_capacity(text.len());
    let mut mark_pending = false;
    let mut last = ' ';
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        let kept = match character {
            '○' | '◯' if is_chinese_digit(last) => '〇',
            _ if is_lettering(character) => character,
            _ => {
                // A mark in front of the first number, or behind the last, says nothing.
                mark_pending |= last.is_ascii_digit() && !(character == ',' && groups_thousands(rest.as_str()));
                continue;
            }
        };
        if mark_pending && kept.is_ascii_digit() {
            folded.push('.');
        }
        mark_pending = false;
        folded.push(kept);
        last = kept;
    }
    if folded.is_empty() { text } else { folded }
}

/// Whether a text names anything: a hanzi, a letter or a digit, or a character that was one. 《　　》 and —— name nothing.
#[must_use]
pub fn names_something(text: &str) -> bool {
    fold_text(text).chars().any(is_lettering)
}

/// Whether exactly three digits follow.
fn groups_thousands(rest: &str) -> bool {
    rest.chars().take(4).take_while(char::is_ascii_digit).count() == 3
}

/// Hanzi, letters, digits; and the characters whose meaning was lost.
fn is_lettering(character: char) -> bool {
    matches!(
        character,
        '\u{4E00}'..='\u{9FFF}' | '\u{E000}'..='\u{F8FF}' | '\u{FFFD}' | '\u{F0000}'..='\u{10FFFF}'
    ) || character.is_alphanumeric()
}

/// The digits of years written in hanzi: 一九八四, 二〇二四.
pub(super) fn is_chinese_digit(character: char) -> bool {
    matches!(character, '〇' | '零' | '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九')
}

/// Folds the name of a unit: [`fold_text`], every kind of bracket as `(` and `)`, every run of
/// dashes as one `-`.
///
/// `上海甲乙（集团）有限公司`, `上海甲乙(集团）有限公司` and `上海甲乙【集团】有限公司` are the
/// same unit. Brackets are not dropped: 甲乙集团 and 甲乙（集团） are only possibly the same, see
/// [`loose_organization_key`]. A branch keeps its whole name and so is never its parent.
#[must_use]
pub fn fold_organization(name: &str) -> String {
    let text = fold_text(name);
    let mut folded = String::with_capacity(text.len());
    for character in text.chars() {
        if is_opening_bracket(character) {
            folded.push('(');
        } else if is_closing_bracket(character) {
            folded.push(')');
        } else if is_dash(character) {
            if !folded.ends_with('-') {
                folded.push('-');
            }
        } else {
            folded.push(character);
        }
    }
    folded
}

fn is_opening_bracket(character: char) -> bool {
    matches!(
        character,
        '(' | '['
            | '{'
            | '<'
            | '《'
            | '〈'
            | '「'
            | '『'
            | '【'
            | '〔'
            | '〖'
            | '〘'
            | '〚'
            | '⟨'
            | '⟪'
            | '❨'
            | '❪'
            | '⦅'
            | '‹'
            | '«'
    )
}

fn is_closing_bracket(character: char) -> bool {
    matches!(
        character,
        ')' | ']'
            | '}'
            | '>'
            | '》'
            | '〉'
            | '」'
            | '』'
            | '】'
            | '〕'
            | '〗'
            | '〙'
            | '〛'
            | '⟩'
            | '⟫'
            | '❩'
            | '❫'
            | '⦆'
            | '›'
            | '»'
    )
}

fn is_dash(character: char) -> bool {
    matches!(character, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2500}' | '\u{2501}')
}

/// What can be left out of a unit's name before asking whether two are the same; the longer form
/// of a company stands before the one it contains.
const SILENT_WORDS: [&str; 4] = ["股份有限公司", "有限责任公司", "有限公司", "集团"];

/// A key that is equal for two units which are possibly the same: [`fold_organization`] without
/// brackets, without the form of the company, 集团, and a leading 上海; 上海市 is 上海 wherever it stands.
///
/// Equal keys are a question to staff, never an answer. The form is taken out wherever it stands,
/// so that two spellings of a branch meet; the words for the branch stay, so that it never meets
/// its parent. A step that would leave nothing is not taken: 上海集团有限公司 keeps 上海.
#[must_use]
pub fn loose_organization_key(name: &str) -> String {
    let folded = fold_organization(name);
    let mut key: String = folded.chars().filter(|character| !matches!(character, '(' | ')')).collect();
    if key.is_empty() {
        return folded;
    }
    for word in SILENT_WORDS {
        if key.contains(word) && key.len() > word.len() {
            let shorter = key.replace(word, "");
            if !shorter.is_empty() {
                key = shorter;
            }
        }
    }
    key = key.replace("上海市", "上海");
    match key.strip_prefix("上海") {
        Some("") | None => key,
        Some(rest) => String::from(rest),
    }
}

/// Counts 字 as Microsoft Word does under 字数 (审阅 → 字数统计).
///
/// - One each: hanzi, kana, 注音, full-width letters, digits and signs, Chinese punctuation, the
///   marks that Chinese typing sets in full width (“ ” ‘ ’ — … ·), and the enclosed and Roman
///   numbers and signs of Chinese fonts (① Ⅲ ■ ★ → ℃).
/// - One for each run of other characters between spaces or the above: a word, a number, a web
///   address, a half-width sign, a Korean word. `2024年` is two, `ISO9001:2015` one, `don’t` one.
/// - Nothing: white space, full-width too, and characters that cannot be seen.
///
/// Word looks at fonts where a mark exists in both widths; text has none, so these marks count as
/// Chinese, as they do in a Chinese document.
#[must_use]
pub fn count_characters(text: &str) -> usize {
    let mut count = 0;
    let mut inside_run = false;
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        if matches!(character, '\u{4E00}'..='\u{9FFF}') {
            count += 1;
            inside_run = false;
        } else if character.is_whitespace() {
            inside_run = false;
        } else if is_invisible(character) {
            // Neither counted nor a gap: a zero-width mark does not cut a word.
        } else if is_set_full_width(character) && !(character == '’' && inside_run && continues(rest.as_str())) {
            count += 1;
            inside_run = false;
        } else if !inside_run {
            count += 1;
            inside_run = true;
        }
    }
    count
}

/// Whether a word goes on after an apostrophe.
fn continues(rest: &str) -> bool {
    rest.chars().next().is_some_and(|next| next.is_alphanumeric() && !is_set_full_width(next))
}

/// Whether a Chinese text gives the character a square of its own.
fn is_set_full_width(character: char) -> bool {
    if character < '\u{B7}' {
        return false;
    }
    matches!(
        character,
        '\u{4E00}'..='\u{9FFF}'
            | '\u{2E80}'..='\u{2FFF}'
            | '\u{3001}'..='\u{312F}'
            | '\u{3190}'..='\u{4DBF}'
            | '\u{A000}'..='\u{A4CF}'
            | '\u{E000}'..='\u{FAFF}'
            | '\u{FE10}'..='\u{FE1F}'
            | '\u{FE30}'..='\u{FE6F}'
            | '\u{FF01}'..='\u{FF9F}'
            | '\u{FFE0}'..='\u{FFE6}'
            | '\u{FFFD}'
            | '\u{20000}'..='\u{3FFFD}'
            | '\u{F0000}'..='\u{10FFFF}'
            | '·' | '—' | '―' | '‖' | '‘' | '’' | '“' | '”' | '‥' | '…'
            | '℃' | '№' | '℡'
            | '\u{2160}'..='\u{217F}'
            | '\u{2190}'..='\u{2199}'
            | '\u{2460}'..='\u{24FF}'
            | '\u{25A0}'..='\u{2606}'
    )
}
