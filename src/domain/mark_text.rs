//! Owns what the text of a mark's cell means: points, absent, recused, not entered, or nothing that can be known. Refuses to know
//! which work, judge and criterion it is for. Nothing is guessed: a dash could mean absent, recused or not entered, so it is refused.

use unicode_normalization::UnicodeNormalization as _;

use super::judging::MarkValue;
use super::values::{Points, PointsError};

/// Why a text is no mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkTextError {
    /// No number and none of the known words.
    NotANumber,
    /// More decimals than points can have.
    TooManyDecimals,
    /// Beyond what points can hold.
    OutOfRange,
    /// A formula whose value the workbook does not hold.
    Uncomputed,
}

/// What a formula reads as whose value the workbook does not hold.
pub const UNCOMPUTED: &str = "（公式未计算）";

/// Reads a cell; `None`: not entered. Full-width digits and a trailing 分 are understood; `89.50000000000001`, as spreadsheets
/// store the result of a formula, is 89.5.
///
/// # Errors
/// The text is neither empty nor a number nor one of the known words.
pub fn read(text: &str) -> Result<Option<MarkValue>, MarkTextError> {
    let folded: String;
    let text = text.trim();
    if text == UNCOMPUTED {
        return Err(MarkTextError::Uncomputed);
    }
    let text = if text.is_ascii() {
        text
    } else {
        folded = text.nfkc().filter(|character| !character.is_whitespace()).collect();
        folded.as_str()
    };
    match text {
        "" => return Ok(None),
        "缺席" | "缺考" | "缺评" | "弃权" | "缺赛" => return Ok(Some(MarkValue::Absent)),
        "回避" | "已回避" => return Ok(Some(MarkValue::Recused)),
        _ => {}
    }
    let number = text.strip_suffix('分').unwrap_or(text).trim_end();
    let points = match Points::parse(number) {
        Err(PointsError::TooManyDecimals) => without_noise(number).ok_or(MarkTextError::TooManyDecimals)?,
        Err(PointsError::NotANumber) => return Err(MarkTextError::NotANumber),
        Err(PointsError::OutOfRange) => return Err(MarkTextError::OutOfRange),
        Ok(points) => points,
    };
    Ok(Some(MarkValue::Given(points)))
}

/// A binary fraction printed with 15 to 17 digits: its neighbour with six decimals, if it lies within a billionth of it.
fn without_noise(number: &str) -> Option<Points> {
    let (whole, fraction) = number.split_once('.')?;
    let kept = fraction.get(..6)?;
    let noise = fraction.get(6..)?;
    if number.len() < 15 || noise.len() < 4 {
        return None;
    }
    let below = Points::parse(&format!("{whole}.{kept}")).ok()?;
    if noise.starts_with("000") {
        Some(below)
    } else if noise.starts_with("999") {
        let step = if number.starts_with(['-', '−']) { -1 } else { 1 };
        Some(Points::from_millionths(below.millionths() + step))
    } else {
        None
    }
}

/// The candidate that a misspelt name most likely means: at most one character in two or three differs, two in longer names.
/// Of equally near ones the first.
pub fn did_you_mean<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = name.chars().collect();
    if wanted.is_empty() || wanted.len() > 40 {
        return None;
    }
    let allowed = if wanted.len() <= 3 { 1 } else { 2 };
    candidates
        .into_iter()
        .map(|candidate| (edit_distance(&wanted, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= allowed && *distance < candidate.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's distance in characters.
fn edit_distance(left: &[char], right: &str) -> usize {
    let right: Vec<char> = right.chars().take(80).collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, character) in left.iter().enumerate() {
        let mut diagonal = index;
        let mut beside = index + 1;
        for (other, above) in right.iter().zip(row.iter_mut().skip(1)) {
            let replaced = diagonal + usize::from(character != other);
            diagonal = *above;
            beside = replaced.min(*above + 1).min(beside + 1);
            *above = beside;
        }
        if let Some(first) = row.first_mut() {
            *first = index + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn points(text: &str) -> MarkValue {
        MarkValue::Given(Points::parse(text).expect("a decimal"))
    }

    #[test]
    fn what_staff_type_is_understood() {
        assert_eq!(read("89.5"), Ok(Some(points("89.5"))));
        assert_eq!(read("８９．５"), Ok(Some(points("89.5"))));
        assert_eq!(read(" 89 分"), Ok(Some(points("89"))));
        assert_eq!(read("0"), Ok(Some(points("0"))));
        assert_eq!(read(" \u{3000}"), Ok(None));
        assert_eq!(read("缺 席"), Ok(Some(MarkValue::Absent)));
        assert_eq!(read("缺考"), Ok(Some(MarkValue::Absent)));
        assert_eq!(read("回避"), Ok(Some(MarkValue::Recused)));
    }

    #[test]
    fn what_cannot_be_known_is_not_guessed() {
        for text in ["八十九", "-", "—", "/", "89,5", "1e2", "89..5", "约89", "#DIV/0!"] {
            assert_eq!(read(text), Err(MarkTextError::NotANumber), "{text}");
        }
        assert_eq!(read("89.1234567"), Err(MarkTextError::TooManyDecimals));
        assert_eq!(read("99999999999"), Err(MarkTextError::OutOfRange));
    }

    #[test]
    fn the_noise_of_binary_fractions_is_no_mark() {
        assert_eq!(read("89.50000000000001"), Ok(Some(points("89.5"))));
        assert_eq!(read("89.09999999999999"), Ok(Some(points("89.1"))));
        assert_eq!(read("-0.30000000000000004"), Ok(Some(points("-0.3"))));
        assert_eq!(read("89.12345678912345"), Err(MarkTextError::TooManyDecimals));
    }

    #[test]
    fn a_near_name_is_proposed() {
        assert_eq!(did_you_mean("王方", ["李强", "王芳"]), Some("王芳"));
        assert_eq!(did_you_mean("赵敏", ["李强", "王芳"]), None);
        assert_eq!(did_you_mean("欧阳晓明", ["欧阳小明"]), Some("欧阳小明"));
        assert_eq!(did_you_mean("王", ["李"]), None);
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_reader(text in "\\PC*") {
            if let Ok(Some(MarkValue::Given(points))) = read(&text) {
                prop_assert!(points.millionths().abs() <= 1_000_000_000_000_000);
            }
            prop_assert!(did_you_mean(&text, ["王芳", "李强"]).is_none_or(|name| name == "王芳" || name == "李强"));
        }

        #[test]
        fn every_mark_reads_back(millionths in -1_000_000_000_i64..1_000_000_000) {
            let mark = Points::from_millionths(millionths);
            prop_assert_eq!(read(&mark.to_string()), Ok(Some(MarkValue::Given(mark))));
        }
    }
}
