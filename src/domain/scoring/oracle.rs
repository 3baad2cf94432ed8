//! The oracle: a second, slow, obvious computation of scores, places, advancement and awards, written from the text of the rules and
//! not from the code beside it. It shares the rules' types and nothing else: plain fractions, lists, loops.

use std::collections::{BTreeMap, BTreeSet};

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One as _, Signed as _, Zero as _};

use crate::domain::category::{
    Advance, Award, AwardQuota, Combine, LineTies, PartSource, Quota, QuotaBase, Round, TieBreak, Timing, TimingScale, Trim, VoteScale,
};
use crate::domain::judging::Marks;
use crate::domain::scoring::EntryInput;
use crate::domain::values::{AwardId, EntryId, JudgeId, OrganizationId, Points, RoundingMode};

/// A plain fraction.
pub(super) type Fraction = BigRational;

pub(super) fn whole(value: i128) -> Fraction {
    Fraction::from_integer(BigInt::from(value))
}

pub(super) fn of(points: Points) -> Fraction {
    whole(points.millionths().into()) / whole(1_000_000)
}

pub(super) fn rounded(value: &Fraction, decimals: Option<u32>, mode: RoundingMode) -> Fraction {
    let Some(decimals) = decimals else { return value.clone() };
    let scale = (0..decimals).fold(whole(1), |scale, _| scale * whole(10));
    let half = whole(1) / whole(2);
    let magnitude = value.abs() * &scale;
    let floor = magnitude.floor();
    let rest = &magnitude - &floor;
    let even = (&floor / whole(2)).is_integer();
    let stays = rest < half || (rest == half && mode == RoundingMode::HalfEven && even);
    let magnitude = if stays { floor } else { floor + Fraction::one() } / scale;
    if value.is_negative() { -magnitude } else { magnitude }
}

/// What the oracle knows of a work.
#[derive(Debug, Clone)]
pub(super) struct SlowScore {
    pub(super) entry: EntryId,
    pub(super) number: String,
    pub(super) zone: String,
    pub(super) criteria: Vec<Option<Fraction>>,
    pub(super) parts: Vec<Option<Fraction>>,
    pub(super) exact: Option<Fraction>,
    pub(super) score: Option<Fraction>,
    pub(super) highest: Option<Fraction>,
    /// Judges whose total was trimmed, or (judge, criterion).
    pub(super) dropped: BTreeSet<(JudgeId, Option<usize>)>,
    pub(super) missing_judges: BTreeSet<JudgeId>,
    pub(super) missing_parts: BTreeSet<String>,
    pub(super) too_few: bool,
}

/// Takes out the lowest, then the highest, one after the other.
fn trimmed(trim: Option<Trim>, mut marks: Vec<(Fraction, JudgeId)>) -> (Vec<(Fraction, JudgeId)>, Vec<JudgeId>) {
    let mut out = Vec::new();
    let Some(trim) = trim else { return (marks, out) };
    let count = u32::try_from(marks.len()).expect("few");
    if count < trim.from || count <= trim.highest + trim.lowest {
        return (marks, out);
    }
    for _ in 0..trim.lowest {
        let least = marks.iter().min().expect("enough").clone();
        marks.retain(|mark| *mark != least);
        out.push(least.1);
    }
    for _ in 0..trim.highest {
        let most = marks.iter().max().expect("enough").clone();
        marks.retain(|mark| *mark != most);
        out.push(most.1);
    }
    (marks, out)
}

fn combined(how: Combine, values: &[Fraction]) -> Fraction {
    let sum: Fraction = values.iter().cloned().sum();
    match how {
        Combine::Sum | Combine::RankSum => sum,
        Combine::Mean => sum / whole(i128::try_from(values.len()).expect("few")),
        Combine::Median => {
            let mut values = values.to_vec();
            values.sort();
            while values.len() > 2 {
                values.remove(0);
                values.pop();
            }
            let count = whole(i128::try_from(values.len()).expect("few"));
            values.into_iter().sum::<Fraction>() / count
        }
    }
}

/// The deduction, and whether there is no score.
pub(super) fn time(timing: &Timing, seconds: u32) -> (Fraction, bool) {
    let mut outside = 0;
    if let Some(max) = timing.max
        && seconds > max
    {
        outside = seconds - max;
    }
    let too_long = timing.exclude_over.is_some_and(|limit| outside > limit);
    if let Some(min) = timing.min
        && seconds < min
    {
        outside = min - seconds;
    }
    let mut deduction = Fraction::zero();
    if outside > timing.grace {
        match &timing.scale {
            TimingScale::Bands(bands) => {
                let mut bands = bands.clone();
                bands.sort_by_key(|band| band.over);
                for band in bands {
                    if outside > band.over {
                        deduction = of(band.points);
                    }
                }
            }
            TimingScale::Each { seconds, points } => {
                let mut charged = timing.grace;
                while charged < outside {
                    deduction += of(*points);
                    charged += seconds;
                }
            }
        }
    }
    if let Some(cap) = timing.cap
        && deduction > of(cap)
    {
        deduction = of(cap);
    }
    (deduction, too_long)
}

fn vote_points(scale: &VoteScale, own: u64, field: &[u64]) -> Fraction {
    let before = field.iter().filter(|votes| **votes > own).count();
    let share = |whole_votes: u64| {
        if whole_votes == 0 { Fraction::zero() } else { whole(own.into()) * whole(100) / whole(whole_votes.into()) }
    };
    match scale {
        VoteScale::ShareOfTop => share(*field.iter().max().expect("own")),
        VoteScale::ShareOfTotal => share(field.iter().sum()),
        VoteScale::RankPoints(points) => points.get(before).map_or_else(Fraction::zero, |points| of(*points)),
        VoteScale::RankBands { bands, otherwise } => {
            for (share, points) in bands {
                let places = (of(*share) * whole(i128::try_from(field.len()).expect("few")) / whole(100)).ceil();
                if whole(i128::try_from(before + 1).expect("few")) <= places {
                    return of(*points);
                }
            }
            of(*otherwise)
        }
        VoteScale::PerVote { points, cap } => {
            let sum = whole(own.into()) * of(*points);
            match cap {
                Some(cap) if of(*cap) < sum => of(*cap),
                _ => sum,
            }
        }
    }
}

/// All works of a round, in the given order; zones that rank by themselves know nothing of each other.
pub(super) fn scores(round: &Round, inputs: &[EntryInput<'_>]) -> Vec<SlowScore> {
    let field = |zone: &str| inputs.iter().copied().filter(|other| !round.by_zone || other.zone == zone).collect::<Vec<_>>();
    inputs.iter().map(|input| score(round, input, &field(input.zone))).collect()
}

/// Whether the score has a judges' part.
fn asks_judges(round: &Round) -> bool {
    round.score.parts.iter().any(|part| part.from == PartSource::Judges)
}

/// A judge's total: the judge marked every criterion, or gave a total.
fn total(round: &Round, marks: &Marks) -> Option<Fraction> {
    match marks {
        Marks::Absent | Marks::Recused => None,
        Marks::Total(total) => Some(of(*total)),
        Marks::Criteria(marks) => {
            let mut sum = Fraction::zero();
            for (criterion, mark) in round.judges.as_ref()?.criteria.iter().zip(marks) {
                sum += of((*mark)?) * of(criterion.factor);
            }
            Some(sum)
        }
    }
}

/// A total, after a deduction before trimming.
fn charged_total(round: &Round, input: &EntryInput<'_>, marks: &Marks) -> Option<Fraction> {
    let mut value = total(round, marks)?;
    if let (Some(timing), Some(seconds)) = (&round.timing, input.seconds)
        && timing.before_trim
    {
        value -= time(timing, seconds).0;
    }
    Some(value)
}

fn score(round: &Round, input: &EntryInput<'_>, all: &[EntryInput<'_>]) -> SlowScore {
    let sheet = round.judges.as_ref().expect("judges mark");
    let rounding = round.score.rounding;
    let mode = rounding.mode;
    let by_criterion = sheet.trim.is_some_and(|trim| trim.by_criterion);
    let mut result = SlowScore {
        entry: input.entry,
        number: input.number.to_string(),
        zone: input.zone.to_owned(),
        criteria: Vec::new(),
        parts: Vec::new(),
        exact: None,
        score: None,
        highest: None,
        dropped: BTreeSet::new(),
        missing_judges: BTreeSet::new(),
        missing_parts: BTreeSet::new(),
        too_few: false,
    };
    for judge in input.expected {
        if input.sheets.iter().all(|sheet| sheet.judge != *judge) {
            result.missing_judges.insert(*judge);
        }
    }
    for sheet in input.sheets {
        let incomplete = match &sheet.marks {
            Marks::Absent | Marks::Recused => false,
            Marks::Total(_) => by_criterion,
            Marks::Criteria(marks) => marks.contains(&None),
        };
        if incomplete {
            result.missing_judges.insert(sheet.judge);
        }
    }
    let (deduction, excluded) = match (&round.timing, input.seconds) {
        (Some(timing), Some(seconds)) => time(timing, seconds),
        _ => (Fraction::zero(), false),
    };
    let before_trim = round.timing.as_ref().is_some_and(|timing| timing.before_trim);
    let minimum = usize::try_from(round.minimum_judges).expect("few");
    let mut judges_part = None;
    let totals: Vec<(Fraction, JudgeId)> = input
        .sheets
        .iter()
        .filter(|sheet| !(by_criterion && matches!(sheet.marks, Marks::Total(_))))
        .filter_map(|sheet| Some((charged_total(round, input, &sheet.marks)?, sheet.judge)))
        .collect();
    result.highest = totals.iter().map(|(total, _)| total.clone()).max();
    let marks_of = |index: usize| -> Vec<(Fraction, JudgeId)> {
        let one = |judge: &crate::domain::judging::JudgeMarks| match &judge.marks {
            Marks::Criteria(marks) => marks.get(index).copied().flatten().map(|mark| (of(mark), judge.judge)),
            Marks::Absent | Marks::Recused | Marks::Total(_) => None,
        };
        input.sheets.iter().filter_map(one).collect()
    };
    if by_criterion {
        let mut sum = Fraction::zero();
        for (index, criterion) in sheet.criteria.iter().enumerate() {
            let marks = marks_of(index);
            if marks.len() < minimum {
                result.too_few = true;
                result.criteria.push(None);
                continue;
            }
            let (kept, out) = trimmed(sheet.trim, marks);
            result.dropped.extend(out.into_iter().map(|judge| (judge, Some(index))));
            let kept: Vec<Fraction> = kept.into_iter().map(|(mark, _)| mark).collect();
            let mark = rounded(&combined(sheet.combine, &kept), rounding.criterion, mode);
            sum += rounded(&(&mark * of(criterion.factor)), rounding.factored, mode);
            result.criteria.push(Some(mark));
        }
        if !result.too_few {
            judges_part = Some(sum);
        }
    } else if totals.len() < minimum {
        result.too_few = true;
        result.criteria = sheet.criteria.iter().map(|_| None).collect();
    } else if sheet.combine == Combine::RankSum {
        // The best place is the smallest, so the highest marks are the first to go from below.
        let trim = sheet.trim.map(|trim| Trim { highest: trim.lowest, lowest: trim.highest, ..trim });
        let places = totals.iter().map(|(total, judge)| (place_of(round, total, *judge, all), *judge)).collect();
        let (kept, out) = trimmed(trim, places);
        result.dropped.extend(out.into_iter().map(|judge| (judge, None)));
        judges_part = Some(kept.into_iter().map(|(place, _)| place).sum());
        result.criteria = sheet.criteria.iter().map(|_| None).collect();
    } else {
        let (kept, out) = trimmed(sheet.trim, totals);
        result.dropped.extend(out.into_iter().map(|judge| (judge, None)));
        let values: Vec<Fraction> = kept.iter().map(|(total, _)| total.clone()).collect();
        judges_part = Some(combined(sheet.combine, &values));
        for index in 0..sheet.criteria.len() {
            let mut marks = marks_of(index);
            marks.retain(|(_, judge)| kept.iter().any(|(_, other)| other == judge));
            let all_gave_it = marks.len() == kept.len();
            let marks: Vec<Fraction> = marks.into_iter().map(|(mark, _)| mark).collect();
            result.criteria.push(all_gave_it.then(|| combined(sheet.combine, &marks)));
        }
    }
    let judges_part = judges_part.map(|part| rounded(&part, rounding.judges, mode));
    let mut sum = Some(Fraction::zero());
    for part in &round.score.parts {
        let value = match &part.from {
            PartSource::Judges => judges_part.clone().map(|part| if before_trim { part } else { part - &deduction }),
            PartSource::Votes { channel, scale } => {
                let votes_of = |input: &EntryInput<'_>| input.votes.iter().find(|(name, _)| name == channel).map(|(_, votes)| *votes);
                let field: Vec<u64> = all.iter().filter_map(votes_of).collect();
                votes_of(input).map(|own| vote_points(scale, own, &field))
            }
            PartSource::Given { name } => input.given.iter().find(|(given, _)| given == name).map(|(_, value)| of(*value)),
        };
        match (&value, part.weight) {
            (None, _) => {
                sum = None;
                if part.from != PartSource::Judges {
                    result.missing_parts.insert(part.key());
                }
            }
            (Some(value), None) => sum = sum.map(|sum| sum + value),
            (Some(value), Some(weight)) => sum = sum.map(|sum| sum + value * of(weight) / whole(100)),
        }
        result.parts.push(value);
    }
    if !asks_judges(round) {
        // Nobody waits for judges whose marks the score does not ask for.
        result.missing_judges.clear();
        result.too_few = false;
    }
    if !excluded {
        result.score = sum.as_ref().map(|sum| rounded(sum, rounding.r#final, mode));
        result.exact = sum;
    }
    result
}

/// The mean of the places that a judge's equal totals fill.
fn place_of(round: &Round, own: &Fraction, judge: JudgeId, all: &[EntryInput<'_>]) -> Fraction {
    let totals: Vec<Fraction> = all
        .iter()
        .filter_map(|input| charged_total(round, input, &input.sheets.iter().find(|sheet| sheet.judge == judge)?.marks))
        .collect();
    let better = totals.iter().filter(|other| *other > own).count();
    let equal = totals.iter().filter(|other| *other == own).count();
    let places: Fraction = (better + 1..=better + equal).map(|place| whole(i128::try_from(place).expect("few"))).sum();
    places / whole(i128::try_from(equal).expect("few"))
}

/// How much better `left` is than `right` by the rule: `Some(true)` better, `Some(false)` worse.
fn better(left: Option<&Fraction>, right: Option<&Fraction>, ascending: bool) -> Option<bool> {
    match (left, right) {
        (None, None) => None,
        (Some(_), None) => Some(true),
        (None, Some(_)) => Some(false),
        (Some(left), Some(right)) if left == right => None,
        (Some(left), Some(right)) => Some((left > right) != ascending),
    }
}

/// Whether `left` is better than `right` (by rule index; `None` index: by the final score), or nothing where they share a place.
pub(super) fn beats(round: &Round, left: &SlowScore, right: &SlowScore) -> Option<(bool, Option<usize>)> {
    let sheet = round.judges.as_ref().expect("judges mark");
    let ascending = sheet.combine == Combine::RankSum && asks_judges(round);
    if let Some(first) = better(left.score.as_ref(), right.score.as_ref(), ascending) {
        return Some((first, None));
    }
    for (index, rule) in round.score.tie_break.iter().enumerate() {
        let value = |score: &SlowScore| match rule {
            TieBreak::Exact => score.exact.clone(),
            TieBreak::Part(key) => score.parts.get(round.score.parts.iter().position(|part| part.key() == *key)?)?.clone(),
            TieBreak::Criterion(name) => score.criteria.get(sheet.criteria.iter().position(|criterion| criterion.name == *name)?)?.clone(),
            TieBreak::HighestMark => score.highest.clone(),
        };
        let of_places = match rule {
            TieBreak::Exact => true,
            TieBreak::Part(key) => key == "judges",
            TieBreak::Criterion(_) | TieBreak::HighestMark => false,
        };
        let smaller = ascending && of_places;
        if let Some(first) = better(value(left).as_ref(), value(right).as_ref(), smaller) {
            return Some((first, Some(index)));
        }
    }
    None
}

/// First and last position that a work's shared place fills among `field`.
pub(super) fn span(round: &Round, work: &SlowScore, field: &[&SlowScore]) -> (usize, usize) {
    let before = field.iter().filter(|other| beats(round, other, work).is_some_and(|(first, _)| first)).count();
    let equal = field.iter().filter(|other| beats(round, other, work).is_none()).count();
    (before + 1, before + equal)
}

/// The least number of works that is at least this share of them.
fn share(percent: Points, works: usize) -> usize {
    let enough = |count: &i128| whole(*count) * whole(100) >= of(percent) * whole(i128::try_from(works).expect("few"));
    (0..1000).find(enough).map_or(0, |count| usize::try_from(count).expect("few"))
}

/// How many works a level takes.
pub(super) fn quota(quota: AwardQuota, accepted: usize, of_round: usize) -> usize {
    match quota {
        AwardQuota::Count(count) => usize::try_from(count).expect("few"),
        AwardQuota::Share { percent, of: QuotaBase::Works } => share(percent, accepted),
        AwardQuota::Share { percent, of: QuotaBase::Round } => share(percent, of_round),
    }
}

/// What becomes of works at an advancement: who goes on, whom staff are asked about, who is cut, who is passed over.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct SlowAdvancement {
    pub(super) through: BTreeSet<EntryId>,
    pub(super) asked: BTreeSet<EntryId>,
    pub(super) cut: BTreeSet<EntryId>,
    pub(super) skipped: BTreeSet<EntryId>,
    /// Seats that go on or are asked about.
    pub(super) seats: usize,
}

/// The lists that fill by themselves, with their seats: zones with a quota each, or all works.
pub(super) fn lists<'a>(rule: &Advance, works: &'a [SlowScore]) -> Vec<(usize, Vec<&'a SlowScore>)> {
    let all = |seats| vec![(seats, works.iter().collect())];
    match &rule.quota {
        Quota::Count(count) => all(usize::try_from(*count).expect("few")),
        Quota::Share(percent) => all(share(*percent, works.len())),
        Quota::PerZone(zones) => zones
            .iter()
            .map(|(zone, count)| (usize::try_from(*count).expect("few"), works.iter().filter(|work| work.zone == *zone).collect()))
            .collect(),
    }
}

/// Fills the seats of one list, place by place. A unit that has sent its share is passed over; one with more works in a tie than it may
/// still send is a question, or cut, or let through, as staff said; then the tie goes as a whole, or the line runs through it.
pub(super) fn advancement(
    rule: &Advance,
    round: &Round,
    units: LineTies,
    (seats, list): (usize, Vec<&SlowScore>),
    unit: impl Fn(EntryId) -> OrganizationId,
) -> SlowAdvancement {
    let mut result = SlowAdvancement::default();
    let mut rest: Vec<&SlowScore> = list.into_iter().filter(|work| work.score.is_some()).collect();
    let most = rule.max_per_organization.map_or(usize::MAX, |most| usize::try_from(most).expect("few"));
    // One element a work that a unit sends, so that a unit's count is how often it stands here.
    let mut sent: Vec<OrganizationId> = Vec::new();
    while result.seats < seats && !rest.is_empty() {
        let first = rest.clone().into_iter().filter(|work| span(round, work, &rest).0 == 1).collect::<Vec<_>>();
        rest.retain(|work| first.iter().all(|other| other.entry != work.entry));
        let (mut go, mut ask, mut cut, mut leaving) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for work in &first {
            let own = unit(work.entry);
            let room = most.saturating_sub(sent.iter().filter(|other| **other == own).count());
            let rivals = first.iter().filter(|other| unit(other.entry) == own).count();
            if room == 0 {
                result.skipped.insert(work.entry);
            } else if rivals <= room || units == LineTies::Include {
                go.push(work.entry);
                leaving.push(own);
            } else if units == LineTies::Ask {
                ask.push(work.entry);
                if leaving.iter().filter(|other| **other == own).count() < room {
                    leaving.push(own);
                }
            } else {
                cut.push(work.entry);
            }
        }
        result.cut.extend(cut);
        if result.seats + leaving.len() > seats && rule.ties != LineTies::Include {
            let waiting = go.into_iter().chain(ask);
            if rule.ties == LineTies::Ask {
                result.asked.extend(waiting);
                result.seats = seats;
            } else {
                result.cut.extend(waiting);
            }
            return result;
        }
        result.through.extend(go);
        result.asked.extend(ask);
        result.seats += leaving.len();
        sent.extend(leaving);
    }
    result
}

/// Where a work stands against a line: in, waiting, or out.
pub(super) fn at_line(span: (usize, usize), line: usize, ties: LineTies) -> Option<bool> {
    match (span.0 <= line, span.1 <= line, ties) {
        (_, true, _) | (true, false, LineTies::Include) => Some(true),
        (true, false, LineTies::Ask) => None,
        _ => Some(false),
    }
}

/// What the oracle says of awards: the granted level of each work, works that wait at a level's line, and levels with a tie across
/// their line that staff settled.
pub(super) type SlowAwards = (BTreeMap<EntryId, AwardId>, BTreeMap<EntryId, AwardId>, Vec<AwardId>);

/// Level awards, from the text: "level k takes the eligible works whose place, among eligible works, is at most q1+…+qk and that have no
/// higher level"; a level of another round takes from the works that have none yet; a vacant level takes nothing and counts for nothing.
pub(super) fn awards(
    awards: &[Award],
    rounds: &[(&Round, &[SlowScore])],
    accepted: &[EntryId],
    ineligible: &BTreeSet<EntryId>,
    vacant: &BTreeSet<AwardId>,
    decided: &BTreeMap<AwardId, LineTies>,
) -> SlowAwards {
    let (mut granted, mut waiting, mut settled): SlowAwards = (BTreeMap::new(), BTreeMap::new(), Vec::new());
    for (level, award) in awards.iter().enumerate() {
        if vacant.contains(&award.id) {
            continue;
        }
        let Some(own_round) = &award.round else {
            for entry in accepted {
                if !ineligible.contains(entry) && !waiting.contains_key(entry) && !granted.contains_key(entry) {
                    granted.insert(*entry, award.id.clone());
                }
            }
            continue;
        };
        let (round, scores) = rounds.iter().find(|(round, _)| round.id == *own_round).expect("a round");
        let of_this_round = |id: &AwardId| awards.iter().any(|other| other.id == *id && other.round.as_ref() == Some(own_round));
        let line: usize = awards
            .iter()
            .take(level + 1)
            .filter(|other| other.round.as_ref() == Some(own_round) && !vacant.contains(&other.id))
            .map(|other| quota(other.quota.expect("a quota"), accepted.len(), scores.len()))
            .sum();
        let field: Vec<&SlowScore> = scores
            .iter()
            .filter(|work| work.score.is_some() && !ineligible.contains(&work.entry))
            .filter(|work| granted.get(&work.entry).or(waiting.get(&work.entry)).is_none_or(of_this_round))
            .collect();
        let mut now = Vec::new();
        let ties = decided.get(&award.id).copied().unwrap_or(award.ties);
        let mut is_settled = false;
        for work in &field {
            if !granted.contains_key(&work.entry) && !waiting.contains_key(&work.entry) {
                let (first, last) = span(round, work, &field);
                is_settled |= decided.contains_key(&award.id) && first <= line && line < last;
                now.push((work.entry, at_line((first, last), line, ties)));
            }
        }
        if is_settled {
            settled.push(award.id.clone());
        }
        for (entry, verdict) in now {
            match verdict {
                Some(true) => granted.insert(entry, award.id.clone()),
                None => waiting.insert(entry, award.id.clone()),
                Some(false) => None,
            };
        }
    }
    (granted, waiting, settled)
}
