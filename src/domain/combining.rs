//! Owns how several judges' marks become one: trimming and combining, in whole trillionths of a point until the mean.
//! Refuses to know criteria, works and rounds.

use super::category::{Combine, JudgeSheet};
use super::refusal::Refusal;
use super::values::{Exact, Points};

/// Trillionths in a point: a mark times a factor has at most twelve decimals.
const UNIT: i128 = 1_000_000_000_000;
/// Trillionths in a millionth.
const MILLIONTH: i128 = 1_000_000;

/// A mark on its way to be combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    /// In trillionths.
    pub(crate) value: i128,
    /// Where its judge stands in the caller's list, which is ordered by judge.
    pub(crate) position: usize,
}

/// Points in trillionths.
pub(crate) fn from_points(points: Points) -> i128 {
    i128::from(points.millionths()) * MILLIONTH
}

/// A mark times its factor in trillionths: at most 10³⁰.
pub(crate) fn factored(mark: Points, factor: Points) -> i128 {
    i128::from(mark.millionths()) * i128::from(factor.millionths())
}

/// Trillionths as points.
pub(crate) fn to_exact(trillionths: i128) -> Exact {
    Exact::fraction(trillionths, UNIT)
}

/// Trillionths as entered points, where they are as coarse.
pub(crate) fn to_points(trillionths: i128) -> Option<Points> {
    // Division of 64-bit integers is several times as fast.
    let (trillionths, millionth) = (i64::try_from(trillionths).ok()?, i64::try_from(MILLIONTH).ok()?);
    (trillionths % millionth == 0).then(|| Points::from_millionths(trillionths / millionth))
}

/// A percentage as a fraction.
pub(crate) fn percent(weight: Points) -> Exact {
    Exact::fraction(i128::from(weight.millionths()), 100 * MILLIONTH)
}

/// Takes the trimmed marks out of `marks` and returns their positions. Exactly `highest` + `lowest` go, however many are equal: among
/// equals the lowest judge goes as lowest and the highest judge as highest. Nothing goes with fewer than `from` marks, or where
/// nothing would remain. Where places are summed the highest mark is the best place, the smallest.
pub(crate) fn trim(sheet: &JudgeSheet, marks: &mut Vec<Mark>) -> Vec<usize> {
    let Some(trim) = sheet.trim else { return Vec::new() };
    let as_count = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
    let (top, bottom) = (as_count(trim.highest), as_count(trim.lowest));
    let (from_end, from_start) = if sheet.combine == Combine::RankSum { (bottom, top) } else { (top, bottom) };
    if marks.len() < as_count(trim.from) || marks.len() <= from_end.saturating_add(from_start) {
        return Vec::new();
    }
    marks.sort_unstable_by(|left, right| left.value.cmp(&right.value).then(left.position.cmp(&right.position)));
    let mut dropped = Vec::with_capacity(from_end + from_start);
    dropped.extend(marks.drain(marks.len() - from_end..).map(|mark| mark.position));
    dropped.extend(marks.drain(..from_start).map(|mark| mark.position));
    dropped
}

/// Combines marks; nothing of nothing.
pub(crate) fn combine(how: Combine, marks: &[Mark]) -> Result<Option<Exact>, Refusal> {
    let Ok(count) = i128::try_from(marks.len()) else { return Err(Refusal::TooLarge) };
    if count == 0 {
        return Ok(None);
    }
    if how == Combine::Median {
        let mut values: Vec<i128> = marks.iter().map(|mark| mark.value).collect();
        values.sort_unstable();
        let upper = values.get(values.len() / 2).copied().unwrap_or_default();
        let lower = values.get((values.len() - 1) / 2).copied().unwrap_or_default();
        return Ok(Some(Exact::fraction(lower.checked_add(upper).ok_or(Refusal::TooLarge)?, 2 * UNIT)));
    }
    let sum = marks.iter().try_fold(0_i128, |sum, mark| sum.checked_add(mark.value)).ok_or(Refusal::TooLarge)?;
    Ok(Some(match how {
        Combine::Mean | Combine::Median => Exact::fraction(sum, count * UNIT),
        Combine::Sum | Combine::RankSum => Exact::fraction(sum, UNIT),
    }))
}

/// Places in trillionths of values that come best first: equal values share the mean of the places they fill.
pub(crate) fn mid_places(best_first: impl Iterator<Item = i128>) -> Vec<i128> {
    let values: Vec<i128> = best_first.collect();
    let mut places = Vec::with_capacity(values.len());
    for equal in values.chunk_by(|left, right| left == right) {
        let first = places.len() + 1;
        let last = places.len() + equal.len();
        let doubled = i128::try_from(first.saturating_add(last)).unwrap_or(i128::MAX);
        places.extend(std::iter::repeat_n(doubled.saturating_mul(UNIT / 2), equal.len()));
    }
    places
}
