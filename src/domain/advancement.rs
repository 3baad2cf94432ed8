//! Owns who goes on to the next round. Refuses to settle what the rules leave open: a tie at the line is a question for staff.

use std::collections::BTreeMap;

use super::category::{Advance, LineTies, Quota, Round};
use super::combining::percent;
use super::ranking::{RankingTable, rank_all, rank_zones};
use super::scoring::RoundScores;
use super::values::{EntryId, Exact, OrganizationId, Points};

/// Who goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advancement {
    /// One a zone with a quota per zone (the rules' zones in their order, then zones without a quota), otherwise exactly one.
    pub tables: Vec<AdvanceTable>,
    /// Whether zones that rank by themselves were compared with each other, because the quota is one for all.
    pub across_zones: bool,
}

/// Who goes on from one list of places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdvanceTable {
    /// The zone; `None` over all.
    pub zone: Option<String>,
    /// How many go on by the rules.
    pub seats: usize,
    /// Works that go on, by place.
    pub through: Vec<EntryId>,
    /// What staff must decide; empty when all is clear.
    pub questions: Vec<AdvanceQuestion>,
    /// Ties at the line, or of a unit beyond its share, that `cut` left out.
    pub cut: Vec<EntryId>,
    /// Works passed over because their unit had its share, in the order of their places.
    pub skipped: Vec<(EntryId, OrganizationId)>,
    /// Works without a score.
    pub unscored: Vec<EntryId>,
    /// The first work of the list, whether it goes on or not.
    pub first: Option<EntryId>,
}

/// A tie that the rules do not settle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdvanceQuestion {
    /// Why.
    pub reason: AdvanceReason,
    /// The place that the works share.
    pub place: u32,
    /// The works, by number.
    pub works: Vec<EntryId>,
    /// How many of them there is room for.
    pub seats: usize,
}

/// Why a tie needs a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdvanceReason {
    /// The tie lies across the line (`ties = "ask"`).
    Line,
    /// More works of this unit share the place than the unit may still send on.
    Organization(OrganizationId),
}

/// How many a quota gives of `works`; a share is rounded up. A quota per zone gives nothing here.
pub(crate) fn seats(percent_of_works: Points, works: usize) -> usize {
    let exact = &percent(percent_of_works) * &Exact::integer(i64::try_from(works).unwrap_or(i64::MAX));
    let ratio = exact.to_ratio().ceil();
    usize::try_from(ratio.to_integer()).unwrap_or(0)
}

/// Who goes on from a round. `organization` tells a work's unit, for `max_per_organization`; `units` is what staff say where more works
/// of a unit share a place than it may still send: the rules' own `ties` are about the line, and never exceed a unit's share.
pub fn advance(
    rule: &Advance,
    round: &Round,
    scores: &RoundScores,
    units: LineTies,
    organization: impl Fn(EntryId) -> Option<OrganizationId>,
) -> Advancement {
    let count = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
    let fill = |table: RankingTable, seats: usize| fill_table(rule, units, &table, seats, &organization);
    match &rule.quota {
        Quota::PerZone(zones) => {
            let mut by_zone: BTreeMap<String, RankingTable> =
                rank_zones(round, scores).tables.into_iter().map(|table| (table.zone.clone().unwrap_or_default(), table)).collect();
            let mut tables = Vec::new();
            for (zone, seats) in zones {
                let empty = || RankingTable { zone: Some(zone.clone()), ranked: Vec::new(), unranked: Vec::new() };
                tables.push(fill(by_zone.remove(zone).unwrap_or_else(empty), count(*seats)));
            }
            tables.extend(by_zone.into_values().map(|table| fill(table, 0)));
            Advancement { tables, across_zones: false }
        }
        Quota::Count(_) | Quota::Share(_) => {
            let seats = match &rule.quota {
                Quota::Count(seats) => count(*seats),
                Quota::Share(percent) => seats(*percent, scores.scores.len()),
                Quota::PerZone(_) => 0,
            };
            let tables = rank_all(round, scores).tables.into_iter().map(|table| fill(table, seats)).collect();
            Advancement { tables, across_zones: round.by_zone }
        }
    }
}

fn fill_table(
    rule: &Advance,
    units: LineTies,
    table: &RankingTable,
    seats: usize,
    organization: &impl Fn(EntryId) -> Option<OrganizationId>,
) -> AdvanceTable {
    let mut result = AdvanceTable {
        zone: table.zone.clone(),
        seats,
        through: Vec::new(),
        questions: Vec::new(),
        cut: Vec::new(),
        skipped: Vec::new(),
        unscored: table.unranked.clone(),
        first: table.ranked.first().map(|work| work.entry).or_else(|| table.unranked.first().copied()),
    };
    let most = rule.max_per_organization.map(|most| usize::try_from(most).unwrap_or(usize::MAX));
    let mut sent: BTreeMap<OrganizationId, usize> = BTreeMap::new();
    let mut taken = 0_usize;
    for tie in table.by_place() {
        if taken >= seats {
            break;
        }
        let place = tie.first().map_or(0, |work| work.place);
        // Works with their positions in the tie, which are the order of numbers.
        let mut clear: Vec<(usize, EntryId)> = Vec::new();
        let mut rivals: BTreeMap<OrganizationId, Vec<(usize, EntryId)>> = BTreeMap::new();
        for (position, work) in tie.iter().enumerate() {
            match (most, organization(work.entry)) {
                (Some(most), Some(unit)) if sent.get(&unit).copied().unwrap_or(0) >= most => result.skipped.push((work.entry, unit)),
                (Some(_), Some(unit)) => rivals.entry(unit).or_default().push((position, work.entry)),
                _ => clear.push((position, work.entry)),
            }
        }
        // A unit with more works in this tie than it may still send on: which of them, only people can say.
        let mut contested = Vec::new();
        let mut contested_positions: Vec<(usize, EntryId)> = Vec::new();
        for (unit, works) in rivals {
            let room = most.unwrap_or(usize::MAX).saturating_sub(sent.get(&unit).copied().unwrap_or(0));
            let entries = || works.iter().map(|(_, entry)| *entry);
            match units {
                LineTies::Ask if works.len() > room => {
                    let reason = AdvanceReason::Organization(unit);
                    contested.push(AdvanceQuestion { reason, place, works: entries().collect(), seats: room });
                    contested_positions.extend(works);
                }
                LineTies::Cut if works.len() > room => result.cut.extend(entries()),
                LineTies::Ask | LineTies::Cut | LineTies::Include => clear.extend(works),
            }
        }
        clear.sort_unstable();
        let wanted = clear.len() + contested.iter().map(|question| question.seats).sum::<usize>();
        let room = seats - taken;
        if wanted <= room || rule.ties == LineTies::Include {
            taken += wanted;
            for (_, entry) in &clear {
                if let Some(unit) = organization(*entry) {
                    *sent.entry(unit).or_default() += 1;
                }
            }
            for question in &contested {
                if let AdvanceReason::Organization(unit) = question.reason {
                    *sent.entry(unit).or_default() += question.seats;
                }
            }
            result.through.extend(clear.into_iter().map(|(_, entry)| entry));
            result.questions.extend(contested);
            continue;
        }
        clear.extend(contested_positions);
        clear.sort_unstable();
        let works: Vec<EntryId> = clear.into_iter().map(|(_, entry)| entry).collect();
        if rule.ties == LineTies::Ask {
            result.questions.push(AdvanceQuestion { reason: AdvanceReason::Line, place, works, seats: room });
        } else {
            result.cut.extend(works);
        }
        break;
    }
    result
}
