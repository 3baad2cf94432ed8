//! Owns making judges of different severity comparable (z-score): each judge's totals are set to the mean and spread of all totals.
//! Refuses where the marks cannot tell a severe judge from weak works.
//!
//! Decision worth knowing: a spread is a square root, so here alone a number is not exact but correctly rounded, to a documented number
//! of decimals: the quotient of two spreads to twelve, the normalised total to six, halves up. No float is involved.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed as _, Zero as _};

use super::combining::{from_points, to_exact};
use super::refusal::{JudgePanel, Refusal};
use super::values::{EntryId, Exact, JudgeId, Points, RoundingMode};

/// A judge's total for a work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Total {
    /// The work.
    pub(crate) entry: EntryId,
    /// The judge.
    pub(crate) judge: JudgeId,
    /// In trillionths.
    pub(crate) value: i128,
}

/// A judge with fewer totals has no spread to speak of.
const FEWEST_MARKS: usize = 5;
/// Decimals of the quotient of two spreads.
const QUOTIENT_DECIMALS: u32 = 12;

/// The normalised totals in trillionths, in the given order: M + (x − m) × S ÷ s, with the mean M and spread S of all totals and the
/// mean m and spread s of the judge's own. Spreads are those of the totals themselves (divided by n, not by n − 1).
pub(crate) fn z_scores(totals: &[Total]) -> Result<Vec<i128>, Refusal> {
    let mut by_judge: BTreeMap<JudgeId, Vec<i128>> = BTreeMap::new();
    for total in totals {
        by_judge.entry(total.judge).or_default().push(total.value);
    }
    refuse_disconnected(totals, &by_judge)?;
    let all = Moments::of(totals.iter().map(|total| total.value));
    let mut scales: BTreeMap<JudgeId, (Exact, Exact)> = BTreeMap::new();
    for (&judge, values) in &by_judge {
        if values.len() < FEWEST_MARKS {
            return Err(Refusal::TooFewMarks { judge, marks: values.len() });
        }
        let own = Moments::of(values.iter().copied());
        if own.variance.is_zero() {
            return Err(Refusal::NoSpread { judge });
        }
        let quotient = square_root(&(&all.variance / own.variance));
        let offset = &all.mean - &(&own.mean * &quotient);
        scales.insert(judge, (quotient, offset));
    }
    let normalized = totals.iter().map(|total| {
        let (quotient, offset) = scales.get(&total.judge)?;
        let value = (&(&to_exact(total.value) * quotient) + offset).round(Points::DECIMALS, RoundingMode::HalfUp);
        value.to_points().map(from_points)
    });
    normalized.collect::<Option<Vec<i128>>>().ok_or(Refusal::TooLarge)
}

/// Mean in points and variance in square trillionths.
struct Moments {
    mean: Exact,
    variance: BigRational,
}

impl Moments {
    fn of(values: impl Iterator<Item = i128>) -> Self {
        let (mut count, mut sum, mut squares) = (0_i64, BigInt::zero(), BigInt::zero());
        for value in values {
            let value = BigInt::from(value);
            squares += &value * &value;
            sum += value;
            count += 1;
        }
        let count = BigInt::from(count.max(1));
        let variance = BigRational::new(squares * &count - &sum * &sum, &count * &count);
        let mean = Exact::from_ratio(BigRational::new(sum, count * BigInt::from(10).pow(12)));
        Self { mean, variance }
    }
}

/// The square root of a ratio that is not negative, correctly rounded, halves up.
fn square_root(ratio: &BigRational) -> Exact {
    // The root of four times the value is twice the root: its last bit says whether to round up.
    let scale = BigInt::from(10).pow(QUOTIENT_DECIMALS);
    let doubled = ((ratio.numer().abs() * BigInt::from(4) * &scale * &scale) / ratio.denom()).sqrt();
    Exact::from_ratio(BigRational::new((doubled + 1) / 2, scale))
}

/// Refuses judges and works that do not hang together, and names the fewest sheets that would join them.
fn refuse_disconnected(totals: &[Total], by_judge: &BTreeMap<JudgeId, Vec<i128>>) -> Result<(), Refusal> {
    let mut panels = panels(totals);
    if panels.len() <= 1 {
        return Ok(());
    }
    panels.sort_by(|left, right| right.entries.len().cmp(&left.entries.len()).then_with(|| left.judges.cmp(&right.judges)));
    let mut loads: Vec<(usize, JudgeId)> = Vec::new();
    if let Some(largest) = panels.first() {
        loads.extend(largest.judges.iter().map(|judge| (by_judge.get(judge).map_or(0, Vec::len), *judge)));
    }
    let mut remedy = Vec::new();
    for panel in panels.iter().skip(1) {
        // The judge of the largest panel with the fewest sheets so far takes the first work of the other.
        if let (Some(lightest), Some(&entry)) = (loads.iter_mut().min(), panel.entries.first()) {
            remedy.push((lightest.1, entry));
            lightest.0 += 1;
        }
    }
    Err(Refusal::Disconnected { panels, remedy })
}

/// Judges and works that hang together, by their first judge.
fn panels(totals: &[Total]) -> Vec<JudgePanel> {
    let mut works: BTreeMap<EntryId, Vec<JudgeId>> = BTreeMap::new();
    let mut marked: BTreeMap<JudgeId, Vec<EntryId>> = BTreeMap::new();
    for total in totals {
        works.entry(total.entry).or_default().push(total.judge);
        marked.entry(total.judge).or_default().push(total.entry);
    }
    let mut panels = Vec::new();
    while let Some((first, entries)) = marked.pop_first() {
        let mut panel = JudgePanel { judges: vec![first], entries: Vec::new() };
        let mut waiting = entries;
        while let Some(entry) = waiting.pop() {
            let Some(judges) = works.remove(&entry) else { continue };
            panel.entries.push(entry);
            for judge in judges {
                if let Some(entries) = marked.remove(&judge) {
                    panel.judges.push(judge);
                    waiting.extend(entries);
                }
            }
        }
        panel.judges.sort_unstable();
        panel.entries.sort_unstable();
        panels.push(panel);
    }
    panels
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn total(judge: i64, entry: i64, points: i128) -> Total {
        Total { entry: EntryId(entry), judge: JudgeId(judge), value: points * 1_000_000_000_000 }
    }

    #[test]
    fn a_severe_judge_counts_as_a_mild_one() {
        let marks = [10, 20, 30, 40, 50];
        let mild = (0_i64..).zip(marks).map(|(entry, mark)| total(1, entry, mark + 30));
        let severe = (0_i64..).zip(marks).map(|(entry, mark)| total(2, entry, mark));
        let normalized = z_scores(&mild.chain(severe).collect::<Vec<_>>()).expect("one panel");
        let (mild, severe) = normalized.split_at(5);
        assert_eq!(mild, severe);
        // M = 45, S² = 425, s² = 200; 45 − 20 × √2.125 = 15.845240525773… → 15.845241.
        assert_eq!(mild.first().map(|&value| to_exact(value).to_string()).as_deref(), Some("15.845241"));
        assert_eq!(to_exact(*mild.get(2).expect("five")).to_string(), "45");
    }

    #[test]
    fn panels_that_share_nothing_are_refused_with_the_cheapest_remedy() {
        let marks: Vec<Total> =
            (0..6).map(|entry| total(1, entry, entry.into())).chain((10..15).map(|entry| total(2, entry, entry.into()))).collect();
        let Err(Refusal::Disconnected { panels, remedy }) = z_scores(&marks) else { panic!("refused") };
        assert_eq!(panels.iter().map(|panel| panel.entries.len()).collect::<Vec<_>>(), [6, 5]);
        assert_eq!(remedy, [(JudgeId(1), EntryId(10))]);
        let joined: Vec<Total> = marks.into_iter().chain([total(1, 10, 7)]).collect();
        assert!(z_scores(&joined).is_ok());
    }

    #[test]
    fn few_marks_and_equal_marks_are_refused() {
        let four: Vec<Total> = (0..4).map(|entry| total(1, entry, entry.into())).collect();
        assert_eq!(z_scores(&four), Err(Refusal::TooFewMarks { judge: JudgeId(1), marks: 4 }));
        let equal: Vec<Total> = (0..5).map(|entry| total(1, entry, 80)).collect();
        assert_eq!(z_scores(&equal), Err(Refusal::NoSpread { judge: JudgeId(1) }));
    }

    proptest! {
        /// Every judge ends with the common mean, up to the rounding of six decimals, and keeps the order of the works.
        #[test]
        fn every_judge_gets_the_common_mean(marks in proptest::collection::vec(proptest::collection::vec(0_i128..100, 5..9), 1..5)) {
            prop_assume!(marks.iter().all(|own| own.iter().any(|mark| Some(mark) != own.first())));
            let totals: Vec<Total> = (1_i64..).zip(&marks)
                .flat_map(|(judge, own)| (1_i64..).zip(own).map(move |(entry, mark)| total(judge, entry, *mark)))
                .collect();
            let normalized = z_scores(&totals).expect("one panel");
            let mean = Moments::of(totals.iter().map(|total| total.value)).mean;
            for judge in 1_i64..=marks.len().try_into().expect("few") {
                let own: Vec<(i128, i128)> =
                    totals.iter().zip(&normalized).filter(|(total, _)| total.judge == JudgeId(judge)).map(|(total, new)| (total.value, *new)).collect();
                let distance = &Moments::of(own.iter().map(|(_, new)| *new)).mean - &mean;
                prop_assert!(distance.to_ratio().abs() <= BigRational::new(1.into(), 1_000_000.into()));
                for (old, new) in &own {
                    prop_assert!(own.iter().all(|(other_old, other_new)| other_old > old || other_new <= new));
                }
            }
        }
    }
}
