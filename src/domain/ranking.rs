//! Owns places: who stands before whom in a round, and which rule said so. Refuses to know how scores came about and what places bring.
//!
//! Decision worth knowing: places are competition places (1, 2, 2, 4); works that no rule separates share theirs, and their order on
//! paper, by number, means nothing.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Range;

use super::category::{Round, TieBreak};
use super::scoring::{EntryScore, MANY, RoundScores};
use super::threads::side_by_side_if;
use super::values::{EntryId, EntryNumber, Exact};

/// The places of a round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranking {
    /// One for each zone, ordered by name, where zones rank by themselves; otherwise exactly one.
    pub tables: Vec<RankingTable>,
}

/// One list of places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RankingTable {
    /// The zone; `None` for a ranking over all.
    pub zone: Option<String>,
    /// Works with a score: by place, then by number.
    pub ranked: Vec<Ranked>,
    /// Works without a score, by number.
    pub unranked: Vec<EntryId>,
}

/// A work's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranked {
    /// The place, from 1; shared places count all works before them.
    pub place: u32,
    /// The work.
    pub entry: EntryId,
    /// The work's number.
    pub number: EntryNumber,
    /// Which positions of the table share this place, this one included.
    pub tie: Range<usize>,
    /// Index in `score.tie_break` of the last rule that was needed to separate this work from its neighbours with the same final
    /// score; `None` where the final score was enough, or nothing separated them.
    pub tie_break: Option<usize>,
}

impl RankingTable {
    /// The other works that share a place, by number.
    pub fn tied_with<'a>(&'a self, work: &'a Ranked) -> impl Iterator<Item = &'a Ranked> {
        self.ranked.get(work.tie.clone()).unwrap_or_default().iter().filter(|other| other.entry != work.entry)
    }

    /// Works by shared place, best first.
    pub fn by_place(&self) -> impl Iterator<Item = &[Ranked]> {
        self.ranked.chunk_by(|left, right| left.place == right.place)
    }
}

/// The places of a round as its rules want them: each zone by itself with `by_zone`, all together without.
#[must_use]
pub fn rank(round: &Round, scores: &RoundScores) -> Ranking {
    if round.by_zone { rank_zones(round, scores) } else { rank_all(round, scores) }
}

/// The places over all zones, whatever `by_zone` says. Where zones were marked by different judges the comparison is only as good as
/// the judges are alike.
#[must_use]
pub fn rank_all(round: &Round, scores: &RoundScores) -> Ranking {
    Ranking { tables: vec![table(round, None, scores.scores.iter())] }
}

/// The places within each zone, whatever `by_zone` says.
#[must_use]
pub fn rank_zones(round: &Round, scores: &RoundScores) -> Ranking {
    let mut zones: BTreeMap<&str, Vec<&EntryScore>> = BTreeMap::new();
    for score in &scores.scores {
        zones.entry(&score.zone).or_default().push(score);
    }
    let tables = |zones: Vec<(&str, Vec<&EntryScore>)>| -> Vec<RankingTable> {
        zones.into_iter().map(|(zone, scores)| table(round, Some(zone.to_owned()), scores.into_iter())).collect()
    };
    let mut first: Vec<(&str, Vec<&EntryScore>)> = zones.into_iter().collect();
    let second = first.split_off(first.len() / 2);
    let (mut all, rest) = side_by_side_if(scores.scores.len() >= MANY, || tables(first), || tables(second));
    all.extend(rest);
    Ranking { tables: all }
}

/// How two works compare: first by final score, then by each rule for ties.
struct Comparison<'a> {
    rules: &'a [TieBreak],
    /// Where each rule looks: index of its criterion in the sheet, or of its part in the sum.
    places: Vec<Option<usize>>,
    /// A sum of places: the smaller the better.
    ascending: bool,
}

impl<'a> Comparison<'a> {
    fn new(round: &'a Round) -> Self {
        let rules = &round.score.tie_break;
        let index_of = |rule: &TieBreak| match rule {
            TieBreak::Criterion(name) => round.judges.as_ref()?.criteria.iter().position(|criterion| criterion.name == *name),
            TieBreak::Part(key) => round.score.parts.iter().position(|part| part.key() == *key),
            TieBreak::Exact | TieBreak::HighestMark => None,
        };
        Self { rules, places: rules.iter().map(index_of).collect(), ascending: round.sums_places() }
    }

    fn by_score(&self, left: &EntryScore, right: &EntryScore) -> Ordering {
        better_first(left.final_score.as_ref(), right.final_score.as_ref(), self.ascending)
    }

    /// The order that the rules for ties give, and the index of the rule that gave it.
    fn by_rules(&self, left: &EntryScore, right: &EntryScore) -> (Ordering, Option<usize>) {
        for (index, (rule, place)) in self.rules.iter().zip(&self.places).enumerate() {
            let place = place.unwrap_or(usize::MAX);
            let order = match rule {
                TieBreak::Exact => better_first(left.exact.as_ref(), right.exact.as_ref(), self.ascending),
                TieBreak::Part(key) => {
                    let (left, right) = (left.parts.get(place), right.parts.get(place));
                    let ascending = self.ascending && key == "judges";
                    better_first(left.and_then(|(_, value)| value.as_ref()), right.and_then(|(_, value)| value.as_ref()), ascending)
                }
                TieBreak::Criterion(_) => {
                    let (left, right) = (left.criteria.get(place), right.criteria.get(place));
                    better_first(left.and_then(Option::as_ref), right.and_then(Option::as_ref), false)
                }
                TieBreak::HighestMark => right.highest.cmp(&left.highest),
            };
            if order != Ordering::Equal {
                return (order, Some(index));
            }
        }
        (Ordering::Equal, None)
    }
}

/// The better value first; a work without the value comes after those with one.
fn better_first(left: Option<&Exact>, right: Option<&Exact>, ascending: bool) -> Ordering {
    match (left, right) {
        (Some(left), Some(right)) if ascending => left.cmp(right),
        (Some(left), Some(right)) => right.cmp(left),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}

/// What separates a work from the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Separation {
    /// The final score; so is the first work from nothing.
    Score,
    /// The rule for ties with this index.
    Rule(usize),
    /// Nothing: they share a place.
    Nothing,
}

impl Separation {
    fn rule(self) -> Option<usize> {
        match self {
            Self::Rule(index) => Some(index),
            Self::Score | Self::Nothing => None,
        }
    }
}

fn table<'a>(round: &Round, zone: Option<String>, scores: impl Iterator<Item = &'a EntryScore>) -> RankingTable {
    let comparison = Comparison::new(round);
    let (with, without): (Vec<&EntryScore>, Vec<&EntryScore>) = scores.partition(|score| score.final_score.is_some());
    // The scores lie side by side for the long sort; works are looked up only where scores are equal. Both sorts keep the order of
    // numbers in which works come.
    let mut by_score: Vec<(Exact, &EntryScore)> = with.into_iter().filter_map(|score| Some((score.final_score.clone()?, score))).collect();
    by_score.sort_by(|(left, _), (right, _)| better_first(Some(left), Some(right), comparison.ascending));
    for equal in by_score.chunk_by_mut(|(left, _), (right, _)| left == right) {
        equal.sort_by(|(_, left), (_, right)| comparison.by_rules(left, right).0);
    }
    let placed: Vec<&EntryScore> = by_score.into_iter().map(|(_, score)| score).collect();
    let from_previous = |index: usize| match index.checked_sub(1).and_then(|previous| placed.get(previous..=index)) {
        Some([left, right]) if comparison.by_score(left, right) == Ordering::Equal => {
            comparison.by_rules(left, right).1.map_or(Separation::Nothing, Separation::Rule)
        }
        _ => Separation::Score,
    };
    let separated: Vec<Separation> = (0..placed.len()).map(from_previous).collect();
    let mut ranked: Vec<Ranked> = Vec::with_capacity(placed.len());
    let mut start = 0;
    while start < placed.len() {
        let shared = separated.iter().skip(start + 1).take_while(|separation| **separation == Separation::Nothing).count();
        let end = start + shared + 1;
        let rule_at = |index: usize| separated.get(index).and_then(|separation| separation.rule());
        let tie_break = rule_at(start).max(rule_at(end));
        let place = u32::try_from(start + 1).unwrap_or(u32::MAX);
        for score in placed.get(start..end).unwrap_or_default() {
            ranked.push(Ranked { place, entry: score.entry, number: score.number.clone(), tie: start..end, tie_break });
        }
        start = end;
    }
    RankingTable { zone, ranked, unranked: without.into_iter().map(|score| score.entry).collect() }
}
