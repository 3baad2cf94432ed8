//! Owns the way from marks to final scores, stage by stage as `docs/scoring.md` states it. Refuses to know places, lines and awards:
//! those are `domain::{ranking, advancement, award}`.
//!
//! Decision worth knowing: until the judges' part every number is a whole count of trillionths (a mark times a factor has at most
//! twelve decimals), so a million marks add up as machine integers; from the mean on numbers are fractions. Nothing is ever approximate.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::category::{Combine, JudgeSheet, Normalize, PartSource, Round, Timing};
use super::combining::{self, Mark};
use super::judging::{JudgeMarks, Marks};
use super::normalization;
use super::overtime;
use super::refusal::{Conflict, Refusal};
use super::threads::side_by_side_if;
use super::values::{EntryId, EntryNumber, Exact, JudgeId, Points};
use super::vote_scale;

/// What is known of one work in a round. Borrowed: a round has up to a million marks.
#[derive(Debug, Clone, Copy)]
pub struct EntryInput<'a> {
    /// The work.
    pub entry: EntryId,
    /// Its number, the end of every order.
    pub number: &'a EntryNumber,
    /// Its zone; empty where it has none. Matters where the round ranks by zone.
    pub zone: &'a str,
    /// Its judges' sheets, one a judge.
    pub sheets: &'a [JudgeMarks],
    /// Judges who should have marked it; those without a complete sheet are listed as missing.
    pub expected: &'a [JudgeId],
    /// Seconds spoken; `None`: not entered.
    pub seconds: Option<u32>,
    /// Valid votes by channel; a channel that is not listed was not counted for this work, which is not 0 votes.
    pub votes: &'a [(String, u64)],
    /// Imported numbers by the part's name.
    pub given: &'a [(String, Points)],
}

/// All scores of a round.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RoundScores {
    /// Every work of the round, ordered by number.
    pub scores: Vec<EntryScore>,
    /// What has not been entered yet, ordered as `scores`; empty when the round is complete.
    pub missing: Vec<Missing>,
    /// Works without a time although the round has a clock; they are scored without deduction. Ordered by number.
    pub untimed: Vec<EntryId>,
}

impl RoundScores {
    /// Whether nothing is missing.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty()
    }
}

/// Something that has not been entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The work.
    pub entry: EntryId,
    /// What it lacks.
    pub what: MissingWhat,
}

/// What a work lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MissingWhat {
    /// This judge's sheet is absent or has an empty criterion (not 缺席, not 回避).
    Judge(JudgeId),
    /// No value for the part with this key.
    Part(String),
    /// Fewer judges than the round needs, whatever the reason: no score.
    TooFewJudges {
        /// Judges whose marks are there (by criterion: for the criterion that has fewest).
        present: usize,
        /// Judges needed.
        minimum: u32,
    },
}

/// One judge's sheet for a work as it counted. There may be a million: 64 bytes each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgeScore {
    /// The judge.
    pub judge: JudgeId,
    /// Whether the judge's total was trimmed away.
    pub dropped: bool,
    /// By criterion: indices of the criteria where this judge's mark was trimmed away.
    pub dropped_criteria: Box<[usize]>,
    /// Where the judge's sheet stands in the input.
    sheet: u32,
    /// Whether every criterion has a mark.
    complete: bool,
    /// Σ mark × factor in trillionths, of what was entered.
    total: i128,
    /// What stands for this judge when the judges are combined, in trillionths: the total after normalisation and `before_trim`
    /// deduction, or the place where places are summed.
    counted: i128,
}

impl JudgeScore {
    /// Adds [`total`](Self::total) to `text`, and says whether there is one: nothing is added for an incomplete sheet.
    #[must_use]
    pub fn push_total(&self, text: &mut String) -> bool {
        if !self.complete {
            return false;
        }
        match combining::to_points(self.total) {
            Some(points) => text.push_str(points.digits().short()),
            None => text.push_str(&combining::to_exact(self.total).to_string()),
        }
        true
    }

    /// Σ mark × factor as entered; `None` for an incomplete sheet.
    #[must_use]
    pub fn total(&self) -> Option<Exact> {
        self.complete.then(|| combining::to_exact(self.total))
    }
}

/// The score of one work with all its stages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryScore {
    /// The work.
    pub entry: EntryId,
    /// Its number.
    pub number: EntryNumber,
    /// Its zone.
    pub zone: String,
    /// Sheets that were entered, ordered by judge; neither absent nor recused ones.
    pub judges: Vec<JudgeScore>,
    /// Judges who were not there (缺席), ordered.
    pub absent: Vec<JudgeId>,
    /// Judges who may not mark this work (回避), ordered.
    pub recused: Vec<JudgeId>,
    /// Each criterion's combined mark before its factor, in the sheet's order; `None` where a counted judge gave only a total.
    pub criteria: Vec<Option<Exact>>,
    /// The judges' part after rounding, before an `after_trim` deduction.
    pub judges_part: Option<Exact>,
    /// Points taken off for time; not negative.
    pub deduction: Points,
    /// Whether the time passed the bound beyond which there is no score.
    pub excluded: bool,
    /// The parts' keys and values in the rules' order, each as it enters the sum before its weight; `None`: missing.
    pub parts: Vec<(Arc<str>, Option<Exact>)>,
    /// Σ parts × weight ÷ 100, unrounded; `None`: no score.
    pub exact: Option<Exact>,
    /// The final score, which decides places; `None`: no score.
    pub final_score: Option<Exact>,
    /// Whether something of this work is missing; then a score is only provisional.
    pub incomplete: bool,
    /// The highest judge total, trimmed ones included, after normalisation and `before_trim` deduction, in trillionths.
    pub(crate) highest: Option<i128>,
}

impl EntryScore {
    /// A part's value by its key.
    #[must_use]
    pub fn part(&self, key: &str) -> Option<&Exact> {
        self.parts.iter().find(|(name, _)| **name == *key)?.1.as_ref()
    }
}

/// Fewer works than this are not worth a second thread.
pub(super) const MANY: usize = 2_000;

/// Computes every work's score. The order of `entries` does not matter; each work comes once.
///
/// # Errors
/// A [`Refusal`] where the rules ask for a computation that these marks do not allow.
pub fn score_round(round: &Round, entries: &[EntryInput<'_>]) -> Result<RoundScores, Refusal> {
    refuse_conflicts(round)?;
    let mut ordered: Vec<&EntryInput<'_>> = entries.iter().collect();
    ordered.sort_by(|left, right| left.number.cmp(right.number).then(left.entry.cmp(&right.entry)));
    // What concerns one work alone is done for two halves side by side; what compares works, in between.
    let (first, second) = ordered.split_at(ordered.len() / 2);
    let many = ordered.len() >= MANY;
    // Scores are large: they are put where they stay.
    let open_all = |inputs: &[&EntryInput<'_>], room: usize| {
        let (mut works, mut missing) = (Vec::with_capacity(room), Vec::with_capacity(room));
        for input in inputs {
            let (work, lacks) = open(round, input)?;
            works.push(work);
            missing.push(lacks);
        }
        Ok((works, missing))
    };
    let (opened, rest) = side_by_side_if(many, || open_all(first, ordered.len()), || open_all(second, second.len()));
    let ((mut works, mut missing), (mut more, mut others)) = (opened?, rest?);
    works.append(&mut more);
    missing.append(&mut others);
    drop((more, others));
    let groups = groups(round, &ordered);
    for group in &groups {
        compare_judges(round, &mut works, group)?;
    }
    if let Some(sheet) = &round.judges {
        let combine_all = |inputs: &[&EntryInput<'_>], works: &mut [EntryScore]| {
            inputs.iter().zip(works).try_for_each(|(input, work)| combine_judges(round, sheet, input, work))
        };
        let (early, late) = works.split_at_mut(first.len());
        let (early, late) = side_by_side_if(many, || combine_all(first, early), || combine_all(second, late));
        early.and(late)?;
    }
    for group in &groups {
        add_parts(round, &ordered, &mut works, group);
    }
    for ((input, work), missing) in ordered.iter().zip(&mut works).zip(&mut missing) {
        finish(round, input, work, missing);
    }
    let is_untimed = |input: &&&EntryInput<'_>| round.timing.is_some() && input.seconds.is_none();
    Ok(RoundScores {
        missing: works
            .iter()
            .zip(missing)
            .flat_map(|(work, missing)| missing.into_iter().map(|what| Missing { entry: work.entry, what }))
            .collect(),
        untimed: ordered.iter().filter(is_untimed).map(|input| input.entry).collect(),
        scores: works,
    })
}

/// Which works are measured against each other: a zone's, or all. Indices into `ordered`, zones by name.
fn groups(round: &Round, ordered: &[&EntryInput<'_>]) -> Vec<Vec<usize>> {
    if !round.by_zone {
        return vec![(0..ordered.len()).collect()];
    }
    let mut zones: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, input) in ordered.iter().enumerate() {
        zones.entry(input.zone).or_default().push(index);
    }
    zones.into_values().collect()
}

/// Rules that contradict each other, which a checked rules file does not hold.
fn refuse_conflicts(round: &Round) -> Result<(), Refusal> {
    let Some(sheet) = &round.judges else { return Ok(()) };
    let by_criterion = is_by_criterion(sheet);
    let ranks = sheet.combine == Combine::RankSum;
    let conflict = if by_criterion && ranks {
        Some(Conflict::RankSumByCriterion)
    } else if by_criterion && sheet.normalize == Normalize::ZScore {
        Some(Conflict::NormalizeByCriterion)
    } else if by_criterion && round.timing.as_ref().is_some_and(|timing| timing.before_trim) {
        Some(Conflict::TimingBeforeTrimByCriterion)
    } else if ranks && round.timing.as_ref().is_some_and(|timing| !timing.before_trim) {
        Some(Conflict::RankSumTimingAfterTrim)
    } else if round.sums_places() && round.score.parts.len() > 1 {
        Some(Conflict::RankSumWithOtherParts)
    } else {
        None
    };
    conflict.map_or(Ok(()), |conflict| Err(Refusal::Conflict(conflict)))
}

fn is_by_criterion(sheet: &JudgeSheet) -> bool {
    sheet.trim.is_some_and(|trim| trim.by_criterion)
}

/// Reads a work's sheets: totals, who is absent, recused, missing.
fn open(round: &Round, input: &EntryInput<'_>) -> Result<(EntryScore, Vec<MissingWhat>), Refusal> {
    let mut work = EntryScore {
        entry: input.entry,
        number: input.number.clone(),
        zone: input.zone.to_owned(),
        judges: Vec::with_capacity(input.sheets.len()),
        absent: Vec::new(),
        recused: Vec::new(),
        criteria: Vec::new(),
        judges_part: None,
        deduction: Points::ZERO,
        excluded: false,
        parts: Vec::with_capacity(round.score.parts.len()),
        exact: None,
        final_score: None,
        incomplete: false,
        highest: None,
    };
    if let (Some(timing), Some(seconds)) = (&round.timing, input.seconds) {
        let verdict = overtime::judge_time(timing, seconds);
        work.deduction = verdict.deduction;
        work.excluded = verdict.excluded;
    }
    let Some(sheet) = &round.judges else { return Ok((work, Vec::new())) };
    let mut missing: Vec<JudgeId> = Vec::new();
    for (position, judge_marks) in input.sheets.iter().enumerate() {
        let (complete, total) = match &judge_marks.marks {
            Marks::Absent => {
                work.absent.push(judge_marks.judge);
                continue;
            }
            Marks::Recused => {
                work.recused.push(judge_marks.judge);
                continue;
            }
            Marks::Total(total) => (!is_by_criterion(sheet), combining::from_points(*total)),
            Marks::Criteria(marks) => sheet_total(sheet, marks)?,
        };
        if !complete {
            missing.push(judge_marks.judge);
        }
        let judge = judge_marks.judge;
        work.judges.push(JudgeScore {
            judge,
            dropped: false,
            dropped_criteria: Box::default(),
            sheet: u32::try_from(position).map_err(|_| Refusal::TooLarge)?,
            complete,
            total,
            counted: total,
        });
    }
    work.judges.sort_by_key(|judge| judge.judge);
    work.absent.sort_unstable();
    work.recused.sort_unstable();
    if round.has_judges_part() {
        let known = |judge: &JudgeId| {
            work.judges.binary_search_by_key(judge, |score| score.judge).is_ok()
                || work.absent.binary_search(judge).is_ok()
                || work.recused.binary_search(judge).is_ok()
        };
        missing.extend(input.expected.iter().filter(|judge| !known(judge)));
        missing.sort_unstable();
        missing.dedup();
        work.incomplete = !missing.is_empty();
        return Ok((work, missing.into_iter().map(MissingWhat::Judge).collect()));
    }
    Ok((work, Vec::new()))
}

/// Whether every criterion has a mark, and Σ mark × factor of those that have, in trillionths.
fn sheet_total(sheet: &JudgeSheet, marks: &[Option<Points>]) -> Result<(bool, i128), Refusal> {
    let mut complete = true;
    let mut total = 0_i128;
    for (index, criterion) in sheet.criteria.iter().enumerate() {
        match marks.get(index).copied().flatten() {
            Some(mark) => total = total.checked_add(combining::factored(mark, criterion.factor)).ok_or(Refusal::TooLarge)?,
            None => complete = false,
        }
    }
    Ok((complete, total))
}

/// What of the judges' marks needs the other works: normalisation, and places of judges.
fn compare_judges(round: &Round, works: &mut [EntryScore], group: &[usize]) -> Result<(), Refusal> {
    let Some(sheet) = &round.judges else { return Ok(()) };
    if sheet.normalize == Normalize::ZScore {
        normalize(works, group)?;
    }
    let before_trim = round.timing.as_ref().is_some_and(|timing: &Timing| timing.before_trim);
    for &index in group {
        let Some(work) = works.get_mut(index) else { continue };
        if before_trim {
            let deduction = combining::from_points(work.deduction);
            for judge in &mut work.judges {
                judge.counted = judge.counted.checked_sub(deduction).ok_or(Refusal::TooLarge)?;
            }
        }
        work.highest = work.judges.iter().filter(|judge| judge.complete).map(|judge| judge.counted).max();
    }
    if sheet.combine == Combine::RankSum { place_by_judge(works, group) } else { Ok(()) }
}

/// Adds each part of the score; shares and places of votes need the other works.
fn add_parts(round: &Round, inputs: &[&EntryInput<'_>], works: &mut [EntryScore], group: &[usize]) {
    for part in &round.score.parts {
        let values: Vec<Option<Exact>> = match &part.from {
            PartSource::Judges => {
                let after_trim = round.timing.as_ref().is_some_and(|timing| !timing.before_trim);
                let value = |work: &EntryScore| {
                    let judges = work.judges_part.as_ref()?;
                    Some(if after_trim { judges - &Exact::from(work.deduction) } else { judges.clone() })
                };
                group.iter().map(|&index| works.get(index).and_then(value)).collect()
            }
            PartSource::Votes { channel, scale } => {
                let own = |input: &&EntryInput<'_>| input.votes.iter().find(|(name, _)| name == channel).map(|(_, votes)| *votes);
                let votes: Vec<Option<u64>> = group.iter().map(|&index| inputs.get(index).and_then(own)).collect();
                vote_scale::points(scale, &votes)
            }
            PartSource::Given { name } => {
                let own = |input: &&EntryInput<'_>| input.given.iter().find(|(given, _)| given == name).map(|(_, value)| *value);
                group.iter().map(|&index| inputs.get(index).and_then(own).map(Exact::from)).collect()
            }
        };
        let key: Arc<str> = part.key().into();
        for (&index, value) in group.iter().zip(values) {
            if let Some(work) = works.get_mut(index) {
                work.parts.push((Arc::clone(&key), value));
            }
        }
    }
}

/// Sets every judge's totals to the group's mean and spread.
fn normalize(works: &mut [EntryScore], group: &[usize]) -> Result<(), Refusal> {
    let mut marks = Vec::new();
    for &index in group {
        let Some(work) = works.get(index) else { continue };
        marks.extend(work.judges.iter().filter(|judge| judge.complete).map(|judge| normalization::Total {
            entry: work.entry,
            judge: judge.judge,
            value: judge.total,
        }));
    }
    let mut normalized = normalization::z_scores(&marks)?.into_iter();
    for &index in group {
        let Some(work) = works.get_mut(index) else { continue };
        for judge in work.judges.iter_mut().filter(|judge| judge.complete) {
            if let Some(value) = normalized.next() {
                judge.counted = value;
            }
        }
    }
    Ok(())
}

/// Replaces every judge's totals by the places that the judge gives: 1 for the best, equal totals share the mean of their places.
fn place_by_judge(works: &mut [EntryScore], group: &[usize]) -> Result<(), Refusal> {
    let mut by_judge: BTreeMap<JudgeId, Vec<(i128, usize, usize)>> = BTreeMap::new();
    for &index in group {
        let Some(work) = works.get(index) else { continue };
        for (position, judge) in work.judges.iter().enumerate().filter(|(_, judge)| judge.complete) {
            by_judge.entry(judge.judge).or_default().push((judge.counted, index, position));
        }
    }
    for (judge, mut totals) in by_judge {
        if totals.len() < group.len() {
            let marked: BTreeSet<usize> = totals.iter().map(|&(_, index, _)| index).collect();
            let (mut excused, mut unmarked) = (Vec::new(), Vec::new());
            for work in group.iter().filter(|index| !marked.contains(index)).filter_map(|&index| works.get(index)) {
                let is_excused = work.absent.binary_search(&judge).is_ok() || work.recused.binary_search(&judge).is_ok();
                if is_excused { excused.push(work.entry) } else { unmarked.push(work.entry) }
            }
            return Err(Refusal::JudgeMarkedNotAll { judge, unmarked, excused });
        }
        totals.sort_unstable_by(|left, right| right.cmp(left));
        let places = combining::mid_places(totals.iter().map(|&(total, ..)| total));
        for ((_, index, position), place) in totals.into_iter().zip(places) {
            if let Some(judge) = works.get_mut(index).and_then(|work| work.judges.get_mut(position)) {
                judge.counted = place;
            }
        }
    }
    Ok(())
}

/// From the judges' marks to the judges' part.
fn combine_judges(round: &Round, sheet: &JudgeSheet, input: &EntryInput<'_>, work: &mut EntryScore) -> Result<(), Refusal> {
    if is_by_criterion(sheet) { combine_by_criterion(round, sheet, input, work) } else { combine_by_total(round, sheet, input, work) }
}

/// The mark of a criterion in a judge's sheet.
fn mark_of(input: &EntryInput<'_>, judge: &JudgeScore, criterion: usize) -> Option<Points> {
    match &input.sheets.get(usize::try_from(judge.sheet).ok()?)?.marks {
        Marks::Criteria(marks) => marks.get(criterion).copied().flatten(),
        Marks::Absent | Marks::Recused | Marks::Total(_) => None,
    }
}

fn combine_by_criterion(round: &Round, sheet: &JudgeSheet, input: &EntryInput<'_>, work: &mut EntryScore) -> Result<(), Refusal> {
    let rounding = &round.score.rounding;
    let mut sum = Some(Exact::zero());
    for (index, criterion) in sheet.criteria.iter().enumerate() {
        let mut marks: Vec<Mark> = Vec::with_capacity(work.judges.len());
        for (position, judge) in work.judges.iter().enumerate() {
            if let Some(mark) = mark_of(input, judge, index) {
                marks.push(Mark { value: combining::from_points(mark), position });
            }
        }
        if !has_enough(round, marks.len()) {
            work.criteria.push(None);
            sum = None;
            continue;
        }
        let dropped = combining::trim(sheet, &mut marks);
        for position in dropped {
            if let Some(judge) = work.judges.get_mut(position) {
                let dropped = judge.dropped_criteria.iter().copied().chain([index]);
                judge.dropped_criteria = dropped.collect();
            }
        }
        let combined = combining::combine(sheet.combine, &marks)?;
        let combined = combined.map(|value| round_to(round, rounding.criterion, value));
        sum = match (&sum, &combined) {
            (Some(sum), Some(combined)) => {
                let factored = round_to(round, rounding.factored, combined * &Exact::from(criterion.factor));
                Some(sum + &factored)
            }
            _ => None,
        };
        work.criteria.push(combined);
    }
    work.judges_part = sum.map(|sum| round_to(round, rounding.judges, sum));
    Ok(())
}

fn combine_by_total(round: &Round, sheet: &JudgeSheet, input: &EntryInput<'_>, work: &mut EntryScore) -> Result<(), Refusal> {
    let mut marks: Vec<Mark> = Vec::with_capacity(work.judges.len());
    for (position, judge) in work.judges.iter().enumerate().filter(|(_, judge)| judge.complete) {
        marks.push(Mark { value: judge.counted, position });
    }
    if !has_enough(round, marks.len()) {
        work.criteria = vec![None; sheet.criteria.len()];
        return Ok(());
    }
    for position in combining::trim(sheet, &mut marks) {
        if let Some(judge) = work.judges.get_mut(position) {
            judge.dropped = true;
        }
    }
    let combined = combining::combine(sheet.combine, &marks)?;
    work.judges_part = combined.map(|value| round_to(round, round.score.rounding.judges, value));
    // A criterion's combined mark is that of the judges who count, so that the criteria add up to the total.
    let by_criterion = if sheet.combine == Combine::RankSum { Combine::Mean } else { sheet.combine };
    for index in 0..sheet.criteria.len() {
        let of_criterion: Option<Vec<Mark>> = marks
            .iter()
            .map(|mark| {
                mark_of(input, work.judges.get(mark.position)?, index).map(|value| Mark { value: combining::from_points(value), ..*mark })
            })
            .collect();
        work.criteria.push(match of_criterion {
            Some(of_criterion) => combining::combine(by_criterion, &of_criterion)?,
            None => None,
        });
    }
    Ok(())
}

fn has_enough(round: &Round, present: usize) -> bool {
    u32::try_from(present).unwrap_or(u32::MAX) >= round.minimum_judges.max(1)
}

fn round_to(round: &Round, decimals: Option<u32>, value: Exact) -> Exact {
    match decimals {
        Some(decimals) => value.round(decimals, round.score.rounding.mode),
        None => value,
    }
}

/// How many judges' marks are there; by criterion, for the criterion that has fewest.
fn present_judges(sheet: &JudgeSheet, input: &EntryInput<'_>, work: &EntryScore) -> usize {
    if !is_by_criterion(sheet) {
        return work.judges.iter().filter(|judge| judge.complete).count();
    }
    let marked = |index: usize| work.judges.iter().filter(|judge| mark_of(input, judge, index).is_some()).count();
    (0..sheet.criteria.len()).map(marked).min().unwrap_or(0)
}

/// Adds up the parts and says what is missing.
fn finish(round: &Round, input: &EntryInput<'_>, work: &mut EntryScore, missing: &mut Vec<MissingWhat>) {
    let mut sum = Some(Exact::zero());
    for (part, (key, value)) in round.score.parts.iter().zip(&work.parts) {
        let Some(value) = value else {
            let what = match (&part.from, &round.judges) {
                (PartSource::Judges, Some(sheet)) => {
                    MissingWhat::TooFewJudges { present: present_judges(sheet, input, work), minimum: round.minimum_judges.max(1) }
                }
                _ => MissingWhat::Part(key.to_string()),
            };
            missing.push(what);
            work.incomplete = true;
            sum = None;
            continue;
        };
        sum = sum.map(|sum| match part.weight {
            Some(weight) => &sum + &(value * &combining::percent(weight)),
            None => &sum + value,
        });
    }
    if !work.excluded {
        work.final_score = sum.as_ref().map(|sum| round_to(round, round.score.rounding.r#final, sum.clone()));
        work.exact = sum;
    }
}

#[cfg(test)]
mod examples;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod oracle_tests;
