//! Owns special awards (观摩奖项) and the commendation of recommenders (优秀组织推荐单位): the best by one basis, ties reported.
//! Refuses to know level awards beyond who has one.

use std::collections::{BTreeMap, BTreeSet};

use super::category::Round;
use super::rules::{Commendation, SpecialAward, SpecialBasis};
use super::scoring::RoundScores;
use super::values::{AwardId, EntryId, EntryNumber, Exact, Points};

/// A work and its value by the award's basis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The work.
    pub entry: EntryId,
    /// Its number.
    pub number: EntryNumber,
    /// Its value; `None`: it cannot get the award.
    pub value: Option<Exact>,
}

/// A proposed special award.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SpecialProposal {
    /// Works that get it, best first.
    pub granted: Vec<EntryId>,
    /// Works that tie across the line, by number; staff decide.
    pub tied: Vec<EntryId>,
    /// How many of the tied there is room for.
    pub room: usize,
}

/// The works of a round with their value by a basis that the round's scores hold. For `votes:` it is the channel's part of the score, if
/// the score has one; otherwise the caller counts. `hand` gives no value.
#[must_use]
pub fn candidates(basis: &SpecialBasis, round: &Round, scores: &RoundScores) -> Vec<Candidate> {
    let criterion = |name: &str| round.judges.as_ref()?.criteria.iter().position(|criterion| criterion.name == name);
    let index = match basis {
        SpecialBasis::Criterion(name) => criterion(name),
        SpecialBasis::Votes(_) | SpecialBasis::Part(_) | SpecialBasis::Hand => None,
    };
    let sums_places = round.sums_places();
    let of = |score: &super::scoring::EntryScore| match basis {
        SpecialBasis::Criterion(_) => score.criteria.get(index?)?.clone(),
        SpecialBasis::Votes(channel) => score.part(&format!("votes:{channel}")).cloned(),
        // A sum of places: the smaller the better.
        SpecialBasis::Part(key) if key == "judges" && sums_places => score.part(key).map(|places| -places),
        SpecialBasis::Part(key) => score.part(key).cloned(),
        SpecialBasis::Hand => None,
    };
    let one = |score: &super::scoring::EntryScore| Candidate { entry: score.entry, number: score.number.clone(), value: of(score) };
    scores.scores.iter().map(one).collect()
}

/// Proposes a special award: the `count` best of those that may take an award, without those that have a level unless `alongside`.
#[must_use]
pub fn propose_special(
    award: &SpecialAward,
    candidates: &[Candidate],
    ineligible: &BTreeSet<EntryId>,
    with_level: &BTreeSet<EntryId>,
) -> SpecialProposal {
    let mut rivals: Vec<(&Exact, &Candidate)> = candidates
        .iter()
        .filter(|candidate| !ineligible.contains(&candidate.entry) && (award.alongside || !with_level.contains(&candidate.entry)))
        .filter_map(|candidate| Some((candidate.value.as_ref()?, candidate)))
        .collect();
    rivals.sort_by(|(left, first), (right, second)| right.cmp(left).then_with(|| first.number.cmp(&second.number)));
    let (certain, tied, room) = best(&rivals, award.count, |left, right| left.0 == right.0);
    let entries = |works: &[(&Exact, &Candidate)]| works.iter().map(|(_, candidate)| candidate.entry).collect();
    SpecialProposal { granted: entries(certain), tied: entries(tied), room }
}

/// Splits a list, best first, into those that are among the best `count` for certain, those that tie across the line, and how many of
/// these there is room for.
fn best<T>(ordered: &[T], count: u32, equal: impl Fn(&T, &T) -> bool) -> (&[T], &[T], usize) {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let mut certain = 0;
    for tie in ordered.chunk_by(|left, right| equal(left, right)) {
        let end = certain + tie.len();
        if certain == count {
            break;
        }
        if end > count {
            return (ordered.get(..certain).unwrap_or_default(), tie, count - certain);
        }
        certain = end;
    }
    (ordered.get(..certain).unwrap_or_default(), &[], 0)
}

/// A work as the commendation of its recommender counts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecommendedWork {
    /// The recommender, by its one name.
    pub recommender: String,
    /// Whether the work was accepted.
    pub accepted: bool,
    /// Its awards.
    pub awards: Vec<AwardId>,
}

/// A recommender's points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecommenderPoints {
    /// The recommender.
    pub recommender: String,
    /// Σ points of its works.
    pub points: Exact,
    /// How many works it recommended.
    pub works: usize,
    /// Its competition place, from 1.
    pub place: u32,
}

/// Recommenders by their works.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CommendationProposal {
    /// All recommenders: by place, then by name.
    pub recommenders: Vec<RecommenderPoints>,
    /// How many from the top are commended for certain.
    pub commended: usize,
    /// How many after them tie across the line; staff decide.
    pub tied: usize,
    /// How many of the tied there is room for.
    pub room: usize,
}

/// Adds up the points of recommenders: `work` for each work, `accepted` for each accepted one, and each award's own. Works without a
/// recommender count for nobody.
#[must_use]
pub fn commend(rule: &Commendation, works: &[RecommendedWork]) -> CommendationProposal {
    let points_of = |key: &str| rule.points.get(key).map_or(0, |points: &Points| i128::from(points.millionths()));
    let mut sums: BTreeMap<&str, (i128, usize)> = BTreeMap::new();
    for work in works.iter().filter(|work| !work.recommender.is_empty()) {
        let accepted = if work.accepted { points_of("accepted") } else { 0 };
        let awards: i128 = work.awards.iter().map(|award| points_of(award.as_str())).sum();
        let (sum, count) = sums.entry(&work.recommender).or_default();
        *sum += points_of("work") + accepted + awards;
        *count += 1;
    }
    let mut ordered: Vec<(&str, i128, usize)> = sums.into_iter().map(|(name, (sum, works))| (name, sum, works)).collect();
    ordered.sort_by(|left, right| right.1.cmp(&left.1).then(left.0.cmp(right.0)));
    let (certain, tied, room) = best(&ordered, rule.count, |left, right| left.1 == right.1);
    let (commended, tied) = (certain.len(), tied.len());
    let mut recommenders = Vec::with_capacity(ordered.len());
    for tie in ordered.chunk_by(|left, right| left.1 == right.1) {
        let place = u32::try_from(recommenders.len() + 1).unwrap_or(u32::MAX);
        recommenders.extend(tie.iter().map(|&(name, sum, works)| RecommenderPoints {
            recommender: name.to_owned(),
            points: Exact::from_millionths(sum),
            works,
            place,
        }));
    }
    CommendationProposal { recommenders, commended, tied, room }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::values::CategoryId;

    fn award(count: u32, alongside: bool) -> SpecialAward {
        SpecialAward {
            id: AwardId::new("presence"),
            name: "最具风采奖".to_owned(),
            category: CategoryId::new("speech"),
            round: None,
            by: SpecialBasis::Criterion("形象风度".to_owned()),
            count,
            alongside,
        }
    }

    /// Works 1, 2, … with these values; a negative one stands for none.
    fn rivals(values: &[i64]) -> Vec<Candidate> {
        let one = |(entry, value): (i64, &i64)| Candidate {
            entry: EntryId(entry),
            number: EntryNumber::new(&format!("Y{entry:03}")),
            value: (*value >= 0).then(|| Exact::integer(*value)),
        };
        (1..).zip(values).map(one).collect()
    }

    fn works(ids: &[i64]) -> BTreeSet<EntryId> {
        ids.iter().copied().map(EntryId).collect()
    }

    #[test]
    fn the_best_get_it_and_a_tie_at_the_line_waits() {
        let proposal = propose_special(&award(2, true), &rivals(&[8, 9, 8, -1, 7]), &works(&[]), &works(&[2]));
        assert_eq!(proposal, SpecialProposal { granted: vec![EntryId(2)], tied: vec![EntryId(1), EntryId(3)], room: 1 });
        let fitting = propose_special(&award(3, true), &rivals(&[8, 9, 8, -1, 7]), &works(&[]), &works(&[]));
        assert_eq!(fitting, SpecialProposal { granted: [2, 1, 3].map(EntryId).to_vec(), tied: Vec::new(), room: 0 });
    }

    #[test]
    fn who_may_not_or_has_a_level_stands_aside() {
        let proposal = propose_special(&award(1, false), &rivals(&[9, 8, 7]), &works(&[1]), &works(&[2]));
        assert_eq!(proposal.granted, [EntryId(3)]);
    }

    #[test]
    fn recommenders_are_ordered_by_points() {
        let points = [("work", "1"), ("accepted", "0.5"), ("first", "5")];
        let points = points.map(|(key, value)| (key.to_owned(), Points::parse(value).expect("a decimal")));
        let rule = Commendation { name: "优秀组织推荐单位".to_owned(), points: points.into(), count: 2 };
        let work = |recommender: &str, accepted, first: bool| RecommendedWork {
            recommender: recommender.to_owned(),
            accepted,
            awards: first.then(|| AwardId::new("first")).into_iter().collect(),
        };
        let all = [
            work("乙局", true, false),
            work("甲局", true, true),
            work("丙局", true, false),
            work("丙局", false, false),
            work("", true, true),
            work("丁局", true, false),
            work("丁局", false, false),
        ];
        let proposal = commend(&rule, &all);
        let found: Vec<(&str, String, u32)> =
            proposal.recommenders.iter().map(|unit| (unit.recommender.as_str(), unit.points.to_string(), unit.place)).collect();
        let expected = [("甲局", "6.5", 1), ("丁局", "2.5", 2), ("丙局", "2.5", 2), ("乙局", "1.5", 4)];
        assert_eq!(found, expected.map(|(name, points, place)| (name, points.to_owned(), place)));
        assert_eq!((proposal.commended, proposal.tied, proposal.room), (1, 2, 1));
    }
}
