//! Owns the one way to a list of awards: what the rules propose, what people decided over it, and what stands confirmed in the file.
//! `award`, `status` and every export read it here.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::results::{Contest, Judged, judge_round};
use super::selection;
use crate::domain::award::{AwardInput, Proposal, propose_awards};
use crate::domain::award_decision::{Computed, Final, Levels, Recipient, StoredGrant, finals};
use crate::domain::category::{Award, Category, LineTies};
use crate::domain::entry::{EntrySummary, Status};
use crate::domain::listing::{Audience, Cell, Column, Listing};
use crate::domain::rules::{ContestRules, SpecialAward, SpecialBasis};
use crate::domain::special_award::{RecommendedWork, SpecialProposal, candidates, commend, propose_special};
use crate::domain::values::{AwardId, EntryId};
use crate::error::AppError;
use crate::store::db::Reader;
use crate::store::results as results_store;

/// The award that a commended recommender has.
pub const COMMENDATION: &str = "commendation";

/// What staff settle: ties at a line, and levels left vacant.
#[derive(Debug, Clone, Default)]
pub struct Settled {
    /// Ties, by award.
    pub ties: BTreeMap<AwardId, LineTies>,
    /// Levels left vacant.
    pub vacant: BTreeSet<AwardId>,
}

/// A special award with its proposal.
#[derive(Debug)]
pub struct Special<'a> {
    /// The award.
    pub award: &'a SpecialAward,
    /// Who gets it.
    pub proposal: SpecialProposal,
    /// Whether its round is not complete yet, or not there at all.
    pub incomplete: bool,
}

/// A category's awards.
#[derive(Debug)]
pub struct CategoryAwards<'a> {
    /// The category.
    pub category: &'a Category,
    /// Rounds with marks that awards name.
    pub judged: Vec<Judged<'a>>,
    /// The level awards as proposed.
    pub proposal: Proposal,
    /// The special awards as proposed.
    pub specials: Vec<Special<'a>>,
    /// Accepted works that may take an award, by number.
    pub eligible: Vec<EntryId>,
    /// All that the computation proposes.
    pub computed: Vec<Computed>,
    /// The computation with people's decisions over it.
    pub finals: Vec<Final>,
    /// The rows on file.
    pub stored: Vec<StoredGrant>,
    /// Whether the category's awards were confirmed.
    pub confirmed: bool,
    /// What staff settled.
    pub settled: Settled,
}

/// The key of a small decision about a category's awards.
pub(super) fn decision_key(what: &str, category: &Category, award: Option<&AwardId>) -> String {
    match award {
        Some(award) => format!("award.{what}:{}:{award}", category.id),
        None => format!("award.{what}:{}", category.id),
    }
}

/// What staff settled about a category earlier.
fn settled_earlier(reader: &Reader<'_>, category: &Category) -> Result<Settled, AppError> {
    let mut settled = Settled::default();
    let prefix = format!("{}:", decision_key("ties", category, None));
    for (key, value) in results_store::decisions(reader, &prefix)? {
        if let Some(award) = key.strip_prefix(&prefix) {
            settled.ties.insert(AwardId::new(award), if value == "include" { LineTies::Include } else { LineTies::Cut });
        }
    }
    let prefix = format!("{}:", decision_key("vacant", category, None));
    for (key, value) in results_store::decisions(reader, &prefix)? {
        if let (Some(award), "yes") = (key.strip_prefix(&prefix), value.as_str()) {
            settled.vacant.insert(AwardId::new(award));
        }
    }
    Ok(settled)
}

/// Computes a category's awards. `now` is what staff settle with this command, over what they settled before.
///
/// # Errors
/// The file cannot be read, or the marks do not allow the computation.
pub fn compute<'a>(
    reader: &Reader<'_>,
    rules: &'a ContestRules,
    contest: &'a Contest,
    category: &'a Category,
    now: &Settled,
) -> Result<CategoryAwards<'a>, AppError> {
    let mut settled = settled_earlier(reader, category)?;
    settled.ties.extend(now.ties.iter().map(|(award, ties)| (award.clone(), *ties)));
    settled.vacant.extend(now.vacant.iter().cloned());
    let specials: Vec<&SpecialAward> = rules.special_awards.iter().filter(|award| award.category == category.id).collect();
    let last = category.rounds.last().map(|round| &round.id);
    let mut judged: Vec<Judged<'a>> = Vec::new();
    for round in &category.rounds {
        let named = category.awards.iter().any(|award| award.round.as_ref() == Some(&round.id))
            || specials.iter().any(|award| award.by != SpecialBasis::Hand && award.round.as_ref().or(last) == Some(&round.id));
        if named {
            let result = judge_round(reader, contest, category, round)?;
            if !result.works.is_empty() {
                judged.push(result);
            }
        }
    }
    let mut accepted: Vec<&EntrySummary> =
        contest.works.iter().filter(|work| work.category == category.id && work.status.competes()).collect();
    accepted.sort_by(|left, right| left.number.cmp(&right.number));
    let accepted_ids: Vec<EntryId> = accepted.iter().map(|work| work.id).collect();
    let ineligible: BTreeSet<EntryId> = accepted.iter().filter(|work| !work.award_eligible).map(|work| work.id).collect();
    let round_results: Vec<_> = judged.iter().map(Judged::result).collect();
    let proposal = propose_awards(
        category,
        &AwardInput {
            rounds: &round_results,
            accepted: &accepted_ids,
            ineligible: &ineligible,
            vacant: &settled.vacant,
            ties: &settled.ties,
        },
    );
    let rest = rest_award(category).map(|award| &award.id);
    let with_level: BTreeSet<EntryId> =
        proposal.grants.iter().filter(|grant| Some(&grant.award) != rest).map(|grant| grant.entry).collect();
    let special_proposals: Vec<Special<'a>> = specials
        .into_iter()
        .map(|award| {
            let result = judged.iter().find(|judged| award.round.as_ref().or(last) == Some(&judged.round.id));
            let proposal = match result {
                Some(judged) if award.by != SpecialBasis::Hand && !settled.vacant.contains(&award.id) => {
                    let mut proposal =
                        propose_special(award, &candidates(&award.by, judged.round, &judged.scores), &ineligible, &with_level);
                    match settled.ties.get(&award.id) {
                        Some(LineTies::Include) => proposal.granted.append(&mut proposal.tied),
                        Some(LineTies::Cut) => proposal.tied.clear(),
                        Some(LineTies::Ask) | None => {}
                    }
                    proposal
                }
                Some(_) | None => SpecialProposal::default(),
            };
            let incomplete = award.by != SpecialBasis::Hand && result.is_none_or(|judged| !judged.scores.is_complete());
            Special { award, proposal, incomplete }
        })
        .collect();
    let computed = computed(category, &proposal, &special_proposals);
    let stored: Vec<StoredGrant> = results_store::grants(reader)?
        .into_iter()
        .filter(|row| match &row.recipient {
            Recipient::Entry(entry) => contest.work(*entry).is_some_and(|work| work.category == category.id),
            Recipient::Recommender(_) => false,
        })
        .collect();
    let confirmed = !results_store::decisions(reader, &decision_key("confirmed", category, None))?.is_empty();
    let eligible: Vec<EntryId> = accepted_ids.iter().copied().filter(|entry| !ineligible.contains(entry)).collect();
    let finals = final_list(category, &proposal, &eligible, &computed, &stored);
    Ok(CategoryAwards { category, judged, proposal, specials: special_proposals, eligible, computed, finals, stored, confirmed, settled })
}

fn final_list(category: &Category, proposal: &Proposal, eligible: &[EntryId], computed: &[Computed], stored: &[StoredGrant]) -> Vec<Final> {
    let rest = rest_award(category).map(|award| &award.id);
    let levels: Vec<AwardId> = category.awards.iter().filter(|award| Some(&award.id) != rest).map(|award| award.id.clone()).collect();
    let waiting: BTreeSet<EntryId> = proposal.questions.iter().flat_map(|question| question.works.iter().copied()).collect();
    finals(&Levels { levels: &levels, rest, eligible, waiting: &waiting }, computed, stored)
}

/// The awards that one work has in the end, given the rows of that work.
#[must_use]
pub fn finals_of(awards: &CategoryAwards<'_>, own: &[StoredGrant]) -> Vec<Final> {
    let Some(recipient) = own.first().map(|row| row.recipient.clone()) else { return Vec::new() };
    let computed: Vec<Computed> = awards.computed.iter().filter(|proposed| proposed.recipient == recipient).cloned().collect();
    let eligible: Vec<EntryId> = awards.eligible.iter().copied().filter(|entry| Recipient::Entry(*entry) == recipient).collect();
    final_list(awards.category, &awards.proposal, &eligible, &computed, own)
}

/// The award for all accepted works without another level.
#[must_use]
pub fn rest_award(category: &Category) -> Option<&Award> {
    category.awards.iter().find(|award| award.quota.is_none())
}

fn computed(category: &Category, proposal: &Proposal, specials: &[Special<'_>]) -> Vec<Computed> {
    let round_of = |award: &AwardId| category.awards.iter().find(|level| level.id == *award).and_then(|level| level.round.clone());
    let levels = proposal.grants.iter().map(|grant| Computed {
        recipient: Recipient::Entry(grant.entry),
        award: grant.award.clone(),
        round: round_of(&grant.award),
        place: grant.place,
    });
    let specials = specials.iter().flat_map(|special| {
        special.proposal.granted.iter().map(|entry| Computed {
            recipient: Recipient::Entry(*entry),
            award: special.award.id.clone(),
            round: None,
            place: None,
        })
    });
    levels.chain(specials).collect()
}

/// A line of the list of awards.
#[derive(Debug, Clone)]
pub struct AwardRow {
    /// The category's id and name; `None` for a commended recommender.
    pub category: Option<(String, String)>,
    /// The award's id.
    pub award: AwardId,
    /// The award's printed name.
    pub name: String,
    /// Whether it is a level award (the one for the rest included).
    pub is_level: bool,
    /// Who has it.
    pub recipient: Recipient,
    /// The place that decided.
    pub place: Option<u32>,
    /// Whether the computation says the same.
    pub computed: bool,
    /// The award that the computation gives, where people decided otherwise.
    pub computed_award: Option<AwardId>,
    /// Why, where people decided.
    pub reason: String,
    /// The certificate's number, once confirmed.
    pub certificate: Option<String>,
    /// Whether the list was confirmed.
    pub confirmed: bool,
}

impl CategoryAwards<'_> {
    /// The awards in their order: as confirmed, or as they would be confirmed now.
    #[must_use]
    pub fn rows(&self, rules: &ContestRules, contest: &Contest) -> Vec<AwardRow> {
        self.rows_of(rules, contest, self.confirmed)
    }

    /// The awards as they would be confirmed now.
    #[must_use]
    pub fn rows_proposed(&self, rules: &ContestRules, contest: &Contest) -> Vec<AwardRow> {
        self.rows_of(rules, contest, false)
    }

    fn rows_of(&self, rules: &ContestRules, contest: &Contest, confirmed: bool) -> Vec<AwardRow> {
        let names = award_names(rules, self.category);
        let rest = rest_award(self.category).map(|award| &award.id);
        let level_of: FxHashMap<&Recipient, &AwardId> = self
            .computed
            .iter()
            .filter(|proposed| names.get(&proposed.award).is_some_and(|(_, _, is_level)| *is_level))
            .map(|proposed| (&proposed.recipient, &proposed.award))
            .collect();
        let row = |recipient: &Recipient, award: &AwardId, place, computed: bool, reason: &str, certificate: Option<String>| {
            let (_, name, is_level) = names.get(award).cloned().unwrap_or((usize::MAX, award.to_string(), false));
            AwardRow {
                category: Some((self.category.id.to_string(), self.category.name.clone())),
                award: award.clone(),
                name,
                is_level,
                recipient: recipient.clone(),
                place,
                computed,
                computed_award: if computed || !is_level { None } else { level_of.get(recipient).map(|award| (*award).clone()) },
                reason: reason.to_owned(),
                certificate,
                confirmed,
            }
        };
        let mut rows: Vec<AwardRow> = if confirmed {
            let granted = self.stored.iter().filter(|stored| !stored.revoked);
            granted
                .map(|stored| {
                    row(&stored.recipient, &stored.award, stored.place, stored.computed, &stored.reason, stored.certificate.clone())
                })
                .collect()
        } else {
            self.finals.iter().map(|grant| row(&grant.recipient, &grant.award, grant.place, grant.computed, &grant.reason, None)).collect()
        };
        let order = |row: &AwardRow| {
            let position = names.get(&row.award).map_or(usize::MAX, |(position, _, _)| *position);
            let number = match &row.recipient {
                Recipient::Entry(entry) => contest.work(*entry).map(|work| work.number.clone()),
                Recipient::Recommender(_) => None,
            };
            // The award for the rest stands after all others, special awards included.
            (Some(&row.award) == rest, position, row.place.is_none(), row.place, number)
        };
        rows.sort_by_cached_key(order);
        rows
    }

    /// Whether the file holds another list than would be confirmed now.
    #[must_use]
    pub fn has_drifted(&self) -> bool {
        let on_file: BTreeSet<(&Recipient, &AwardId)> =
            self.stored.iter().filter(|row| !row.revoked).map(|row| (&row.recipient, &row.award)).collect();
        self.confirmed
            && (on_file.len() != self.finals.len() || self.finals.iter().any(|grant| !on_file.contains(&(&grant.recipient, &grant.award))))
    }
}

/// A category's awards: position, printed name, whether a level.
fn award_names(rules: &ContestRules, category: &Category) -> BTreeMap<AwardId, (usize, String, bool)> {
    let levels = category.awards.iter().map(|award| (award.id.clone(), award.name.clone(), true));
    let specials = rules
        .special_awards
        .iter()
        .filter(|award| award.category == category.id)
        .map(|award| (award.id.clone(), award.name.clone(), false));
    levels.chain(specials).enumerate().map(|(position, (id, name, is_level))| (id, (position, name, is_level))).collect()
}

/// Commended recommenders: those on file, else those that the rules propose from the given awards.
#[derive(Debug, Default)]
pub struct Commended {
    /// The lines.
    pub rows: Vec<AwardRow>,
    /// Recommenders that tie across the line.
    pub tied: Vec<String>,
    /// Whether they are on file.
    pub confirmed: bool,
}

/// Computes the commendation of recommenders from the awards of all categories.
///
/// # Errors
/// The file cannot be read.
pub fn commended(
    reader: &Reader<'_>,
    rules: &ContestRules,
    contest: &Contest,
    awards: &[AwardRow],
    ties: Option<LineTies>,
) -> Result<Commended, AppError> {
    let Some(rule) = &rules.commendation else { return Ok(Commended::default()) };
    let stored: Vec<StoredGrant> = results_store::grants(reader)?
        .into_iter()
        .filter(|row| matches!(row.recipient, Recipient::Recommender(_)) && !row.revoked)
        .collect();
    let mut by_entry: FxHashMap<EntryId, Vec<AwardId>> = FxHashMap::default();
    for row in awards {
        if let Recipient::Entry(entry) = &row.recipient {
            by_entry.entry(*entry).or_default().push(row.award.clone());
        }
    }
    let works: Vec<RecommendedWork> = contest
        .works
        .iter()
        .map(|work| RecommendedWork {
            recommender: work.recommender.trim().to_owned(),
            accepted: work.status == Status::Accepted,
            awards: by_entry.get(&work.id).cloned().unwrap_or_default(),
        })
        .filter(|work| rules.recommenders.direct.as_deref() != Some(work.recommender.as_str()))
        .collect();
    let proposal = commend(rule, &works);
    let row = |recommender: &str, place, stored: Option<&StoredGrant>| AwardRow {
        category: None,
        award: AwardId::new(COMMENDATION),
        name: rule.name.clone(),
        is_level: false,
        recipient: Recipient::Recommender(recommender.to_owned()),
        place,
        computed: stored.is_none_or(|stored| stored.computed),
        computed_award: None,
        reason: stored.map_or_else(String::new, |stored| stored.reason.clone()),
        certificate: stored.and_then(|stored| stored.certificate.clone()),
        confirmed: stored.is_some(),
    };
    if !stored.is_empty() {
        let mut rows: Vec<AwardRow> = Vec::new();
        for grant in &stored {
            if let Recipient::Recommender(name) = &grant.recipient {
                rows.push(row(name, grant.place, Some(grant)));
            }
        }
        rows.sort_by(|left, right| left.place.cmp(&right.place).then_with(|| left.recipient.cmp(&right.recipient)));
        return Ok(Commended { rows, tied: Vec::new(), confirmed: true });
    }
    let certain = proposal.recommenders.iter().take(proposal.commended);
    let on_line: Vec<_> = proposal.recommenders.iter().skip(proposal.commended).take(proposal.tied).collect();
    let mut rows: Vec<AwardRow> = certain.map(|points| row(&points.recommender, Some(points.place), None)).collect();
    let mut open = Vec::new();
    match ties {
        Some(LineTies::Include) => rows.extend(on_line.iter().map(|points| row(&points.recommender, Some(points.place), None))),
        Some(LineTies::Cut) => {}
        Some(LineTies::Ask) | None => open = on_line.iter().map(|points| points.recommender.clone()).collect(),
    }
    Ok(Commended { rows, tied: open, confirmed: false })
}

/// The list of awards as a table, the same for `award list` and every export.
#[must_use]
pub fn listing(contest: &Contest, rows: &[AwardRow]) -> Listing {
    // A commended recommender has nothing else to be known by.
    let recommended_by = Column::new("recommended_by", "推荐单位");
    let of_works = rows.iter().all(|row| matches!(row.recipient, Recipient::Entry(_)));
    let recommended_by = if of_works { recommended_by.minor() } else { recommended_by };
    let columns = vec![
        Column::new("category", "参赛类型").merged().heading(),
        Column::new("award", "奖项代号").only(Audience::Scripts),
        Column::new("level", "等次").only(Audience::Scripts),
        Column::new("name", "奖项").merged(),
        Column::new("entry", "作品编号"),
        Column::new("title", "作品名称"),
        Column::new("organization", "单位"),
        Column::new("creators", "主创者").minor(),
        Column::new("recommender", "表扬单位").only(Audience::Scripts),
        recommended_by,
        Column::new("place", "名次"),
        Column::new("computed", "按计算").minor(),
        Column::new("computed_award", "计算结果"),
        Column::new("reason", "合议理由"),
        Column::new("certificate", "证书编号").minor(),
        Column::new("confirmed", "已确认").minor(),
    ];
    let mut listing = Listing::new("awards", "获奖名单", columns).when_empty("还没有奖项；先录入分数，再 dasai award propose");
    for row in rows {
        let (entry, title, organization, creators, recommender, recommended_by) = match &row.recipient {
            Recipient::Entry(id) => match contest.work(*id) {
                Some(work) => (
                    Cell::text(work.number.as_str()),
                    Cell::text(work.title.as_str()),
                    Cell::text(work.organization_name.as_str()),
                    Cell::text(work.creators.as_str()),
                    Cell::Empty,
                    Cell::text(work.recommender.as_str()),
                ),
                None => (Cell::Integer(id.0), Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty),
            },
            Recipient::Recommender(name) => {
                (Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty, Cell::text(name.as_str()), Cell::text(name.as_str()))
            }
        };
        listing.push(vec![
            Cell::optional(row.category.as_ref(), |(id, name)| Cell::keyed(id.as_str(), name.as_str())),
            Cell::text(row.award.as_str()),
            if row.is_level { Cell::text(row.name.as_str()) } else { Cell::Empty },
            Cell::text(row.name.as_str()),
            entry,
            title,
            organization,
            creators,
            recommender,
            recommended_by,
            Cell::optional(row.place, |place| Cell::Integer(i64::from(place))),
            Cell::Flag(row.computed),
            Cell::optional(row.computed_award.as_ref(), |award| Cell::text(award.as_str())),
            Cell::text(row.reason.as_str()),
            Cell::optional(row.certificate.as_deref(), Cell::text),
            Cell::Flag(row.confirmed),
        ]);
    }
    listing
}

/// Every award of the contest or of one category, and what is to be said beside it.
#[derive(Debug)]
pub struct AwardList {
    /// The lines, by category, award and place.
    pub rows: Vec<AwardRow>,
    /// What staff should know: lists not confirmed, changed since, ties open.
    pub notes: Vec<String>,
}

/// Loads and computes the list of awards.
///
/// # Errors
/// The category is unknown, the file cannot be read, or the marks do not allow the computation.
pub fn award_list(reader: &Reader<'_>, rules: &ContestRules, contest: &Contest, category: Option<&str>) -> Result<AwardList, AppError> {
    let mut list = AwardList { rows: Vec::new(), notes: Vec::new() };
    for category in selection::categories(rules, category)? {
        let awards = compute(reader, rules, contest, category, &Settled::default())?;
        if !awards.confirmed && !awards.finals.is_empty() {
            list.notes.push(format!("{}的奖项尚未确认，以上是按现有分数的建议；确认：dasai award confirm {}", category.name, category.id));
        }
        if awards.has_drifted() {
            list.notes.push(format!(
                "{}确认以后结果有变；查看：dasai award propose {}，改为新结果：dasai award confirm {} --update",
                category.name, category.id, category.id
            ));
        }
        if !awards.confirmed && !awards.proposal.questions.is_empty() {
            list.notes.push(format!("{}有并列等待决定；查看：dasai award propose {}", category.name, category.id));
        }
        list.rows.extend(awards.rows(rules, contest));
    }
    if category.is_none() {
        let commended = commended(reader, rules, contest, &list.rows, None)?;
        list.rows.extend(commended.rows);
    }
    Ok(list)
}

/// The list of awards as the one table that exports write.
///
/// # Errors
/// As [`award_list`].
pub fn award_listing(reader: &Reader<'_>, rules: &ContestRules, category: Option<&str>) -> Result<Listing, AppError> {
    let contest = Contest::load(reader)?;
    let list = award_list(reader, rules, &contest, category)?;
    let mut listing = listing(&contest, &list.rows);
    listing.notes = list.notes;
    Ok(listing)
}
