//! Owns which works the rules propose for which level award. Refuses to decide: a proposal is data, and what staff decide (合议)
//! stands beside it. Special awards and the commendation of recommenders are `domain::special_award`.
//!
//! Decision worth knowing: a level's line is cumulative. Level k takes the eligible works whose place among eligible works is at most
//! q1+…+qk and that have no higher level, so a tie that is promoted shrinks the next level instead of the contest's budget growing.

use std::collections::{BTreeMap, BTreeSet};

use super::advancement::seats;
use super::category::{Award, AwardQuota, Category, LineTies, QuotaBase, Round};
use super::ranking::{Ranked, Ranking, RankingTable, rank_all};
use super::scoring::RoundScores;
use super::values::{AwardId, EntryId, RoundId};

/// A round's results as awards need them.
#[derive(Debug, Clone, Copy)]
pub struct RoundResult<'a> {
    /// The round.
    pub round: &'a Round,
    /// Its scores.
    pub scores: &'a RoundScores,
}

/// What awards are proposed from.
#[derive(Debug, Clone, Copy)]
pub struct AwardInput<'a> {
    /// The category's rounds that awards name.
    pub rounds: &'a [RoundResult<'a>],
    /// The category's accepted works, by number.
    pub accepted: &'a [EntryId],
    /// Works that may be ranked but take no award.
    pub ineligible: &'a BTreeSet<EntryId>,
    /// Levels that staff leave vacant: their quota counts as none.
    pub vacant: &'a BTreeSet<AwardId>,
    /// How staff want ties at a level's line settled, in place of the rules.
    pub ties: &'a BTreeMap<AwardId, LineTies>,
}

/// Proposed level awards.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Proposal {
    /// Awards in the rules' order, within each by place, then number.
    pub grants: Vec<Grant>,
    /// What staff must decide first; empty when all is clear.
    pub questions: Vec<AwardQuestion>,
    /// One a level, in the rules' order.
    pub levels: Vec<LevelSummary>,
    /// Levels with a tie across their line that `AwardInput::ties` settled, in the rules' order.
    pub settled: Vec<AwardId>,
}

/// A work proposed for a level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The work.
    pub entry: EntryId,
    /// The level.
    pub award: AwardId,
    /// The work's place in the round that decides; `None` where no place is needed.
    pub place: Option<u32>,
}

/// A tie across a level's line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwardQuestion {
    /// The level whose line it is.
    pub award: AwardId,
    /// The works, by number.
    pub works: Vec<EntryId>,
    /// The place that they share in the round.
    pub place: u32,
    /// How many of them the level has room for.
    pub room: usize,
    /// The level that they get if this one stops before them; `None`: no level of this round.
    pub otherwise: Option<AwardId>,
}

/// A level in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelSummary {
    /// The level.
    pub award: AwardId,
    /// How many the rules provide for; `None` with `rest = true`, and for a share of a round that has no works yet.
    pub quota: Option<usize>,
    /// How many are proposed.
    pub granted: usize,
    /// How many works wait for a decision at this level's line.
    pub open: usize,
    /// Whether the deciding round's scores are not complete yet, or not there at all.
    pub incomplete: bool,
}

/// Proposes the level awards of a category.
#[must_use]
pub fn propose_awards(category: &Category, input: &AwardInput<'_>) -> Proposal {
    let mut proposal = Proposal::default();
    // Works that have a level, or wait for one, with the round that decided: levels of the same round share one cumulative line.
    let mut settled: BTreeMap<EntryId, Option<RoundId>> = BTreeMap::new();
    let mut rankings: BTreeMap<&RoundId, Ranking> = BTreeMap::new();
    for (level, award) in category.awards.iter().enumerate() {
        let (Some(round), Some(_)) = (&award.round, award.quota) else {
            propose_rest(award, input, &mut settled, &mut proposal);
            continue;
        };
        if let Some(result) = input.rounds.iter().find(|result| result.round.id == *round) {
            let ranking = rankings.entry(round).or_insert_with(|| rank_all(result.round, result.scores));
            propose_level(category, input, level, result, ranking, &mut settled, &mut proposal);
        } else {
            let quota = quota_of(award, input, None);
            proposal.levels.push(LevelSummary { award: award.id.clone(), quota, granted: 0, open: 0, incomplete: true });
        }
    }
    proposal
}

/// All accepted works without another level.
fn propose_rest(award: &Award, input: &AwardInput<'_>, settled: &mut BTreeMap<EntryId, Option<RoundId>>, proposal: &mut Proposal) {
    let mut granted = 0;
    for &entry in input.accepted {
        if input.vacant.contains(&award.id) || input.ineligible.contains(&entry) || settled.contains_key(&entry) {
            continue;
        }
        settled.insert(entry, None);
        proposal.grants.push(Grant { entry, award: award.id.clone(), place: None });
        granted += 1;
    }
    proposal.levels.push(LevelSummary { award: award.id.clone(), quota: None, granted, open: 0, incomplete: false });
}

/// How many works a level takes; `None` where that needs a round that has no works yet, and with `rest = true`.
fn quota_of(award: &Award, input: &AwardInput<'_>, result: Option<&RoundResult<'_>>) -> Option<usize> {
    if input.vacant.contains(&award.id) {
        return Some(0);
    }
    match award.quota? {
        AwardQuota::Count(works) => Some(usize::try_from(works).unwrap_or(usize::MAX)),
        AwardQuota::Share { percent, of: QuotaBase::Works } => Some(seats(percent, input.accepted.len())),
        AwardQuota::Share { percent, of: QuotaBase::Round } => Some(seats(percent, result?.scores.scores.len())),
    }
}

fn propose_level(
    category: &Category,
    input: &AwardInput<'_>,
    level: usize,
    result: &RoundResult<'_>,
    ranking: &Ranking,
    settled: &mut BTreeMap<EntryId, Option<RoundId>>,
    proposal: &mut Proposal,
) {
    let Some(award) = category.awards.get(level) else { return };
    let quota = |other: &Award| quota_of(other, input, Some(result)).unwrap_or(0);
    let is_of_round = |other: &&Award| other.round == award.round;
    let decided = input.ties.get(&award.id).copied();
    let ties = decided.unwrap_or(award.ties);
    let is_vacant = input.vacant.contains(&award.id);
    let upper = category.awards.iter().take(level + 1).filter(is_of_round);
    let line = upper.map(quota).fold(0_usize, usize::saturating_add);
    let lower: Vec<(&Award, usize)> = category
        .awards
        .iter()
        .skip(level + 1)
        .filter(|other| is_of_round(other) && !input.vacant.contains(&other.id))
        .scan(line, |line, other| {
            *line = line.saturating_add(quota(other));
            Some((other, *line))
        })
        .collect();
    let (mut grants, mut questions) = (Vec::new(), Vec::new());
    for tie in ranking.tables.iter().flat_map(|table| eligible_ties(table, input, award.round.as_ref(), settled)) {
        // A vacant level takes nothing, not even the seats that a level above left open.
        if is_vacant || tie.first > line {
            break;
        }
        let free: Vec<&Ranked> = tie.works.iter().copied().filter(|work| !settled.contains_key(&work.entry)).collect();
        let Some(place) = free.first().map(|work| work.place) else { continue };
        if tie.last > line && decided.is_some() {
            proposal.settled.push(award.id.clone());
        }
        if tie.last <= line || ties == LineTies::Include {
            grants.extend(free.iter().map(|work| Grant { entry: work.entry, award: award.id.clone(), place: Some(place) }));
        } else if ties == LineTies::Ask {
            questions.push(AwardQuestion {
                award: award.id.clone(),
                works: free.iter().map(|work| work.entry).collect(),
                place,
                room: line + 1 - tie.first,
                otherwise: lower.iter().find(|(_, line)| tie.first <= *line).map(|(other, _)| other.id.clone()),
            });
        }
    }
    for entry in grants.iter().map(|grant| grant.entry).chain(questions.iter().flat_map(|question| question.works.iter().copied())) {
        settled.insert(entry, award.round.clone());
    }
    proposal.levels.push(LevelSummary {
        award: award.id.clone(),
        quota: Some(quota(award)),
        granted: grants.len(),
        open: questions.iter().map(|question| question.works.len()).sum(),
        incomplete: !result.scores.is_complete(),
    });
    proposal.grants.extend(grants);
    proposal.questions.extend(questions);
}

/// Eligible works that share a place, and the places among eligible works that they fill.
struct EligibleTie<'a> {
    works: Vec<&'a Ranked>,
    first: usize,
    last: usize,
}

/// The places among works that may take an award and have none from another round.
fn eligible_ties<'a>(
    table: &'a RankingTable,
    input: &AwardInput<'_>,
    round: Option<&RoundId>,
    settled: &BTreeMap<EntryId, Option<RoundId>>,
) -> Vec<EligibleTie<'a>> {
    let counts = |work: &&Ranked| {
        !input.ineligible.contains(&work.entry) && settled.get(&work.entry).is_none_or(|decided_by| decided_by.as_ref() == round)
    };
    let mut before = 0;
    let mut ties = Vec::new();
    for tie in table.by_place() {
        let works: Vec<&Ranked> = tie.iter().filter(counts).collect();
        if works.is_empty() {
            continue;
        }
        let (first, last) = (before + 1, before + works.len());
        before = last;
        ties.push(EligibleTie { works, first, last });
    }
    ties
}
