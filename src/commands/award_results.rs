//! Owns the one way to a list of awards: what the rules propose, what people decided over it, and what stands confirmed in the file.
//! `award`, `status` and every export read it here.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::commendation::commended;
use super::results::{Contest, Judged, judge_round};
use super::selection;
use crate::domain::award::{AwardInput, Proposal, propose_awards};
use crate::domain::award_decision::{Computed, Final, Levels, Recipient, StoredGrant, finals};
use crate::domain::category::{Award, Category, LineTies};
use crate::domain::entry::EntrySummary;
use crate::domain::listing::{Audience, Cell, Column, Listing};
use crate::domain::rules::{ContestRules, SpecialAward, SpecialBasis};
use crate::domain::special_award::{SpecialProposal, candidates, propose_special};
use crate::domain::values::{AwardId, EntryId};
use crate::error::{AppError, ErrorKind};
use crate::store::db::Reader;
use crate::store::results as results_store;

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
    /// Whether no work has a value by the award's basis (votes not counted, totals without criteria): only people can give it.
    pub unknown: bool,
    /// Whether staff settled a tie across its line.
    pub settled: bool,
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
        contest.works.iter().filter(|work| work.category == category.id && contest.competition.admits(work.status)).collect();
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
    let (stored, confirmed) = on_file(reader, contest, category)?;
    let with_level = with_level(category, &proposal, &stored);
    let special_proposals: Vec<Special<'a>> = specials
        .into_iter()
        .map(|award| {
            let result = judged.iter().find(|judged| award.round.as_ref().or(last) == Some(&judged.round.id));
            let (mut unknown, mut was_tied) = (false, false);
            let proposal = match result {
                Some(judged) if award.by != SpecialBasis::Hand && !settled.vacant.contains(&award.id) => {
                    let candidates = candidates(&award.by, judged.round, &judged.scores);
                    unknown = judged.scores.is_complete() && candidates.iter().all(|candidate| candidate.value.is_none());
                    let mut proposal = propose_special(award, &candidates, &ineligible, &with_level);
                    was_tied = !proposal.tied.is_empty();
                    match settled.ties.get(&award.id) {
                        Some(LineTies::Include) => proposal.granted.append(&mut proposal.tied),
                        Some(LineTies::Cut) => proposal.tied.clear(),
                        Some(LineTies::Ask) | None => {}
                    }
                    proposal
                }
                Some(_) | None => SpecialProposal::default(),
            };
            let tie_settled = was_tied && proposal.tied.is_empty();
            let incomplete = award.by != SpecialBasis::Hand && result.is_none_or(|judged| !judged.scores.is_complete());
            Special { award, proposal, incomplete, unknown, settled: tie_settled }
        })
        .collect();
    let computed = computed(category, &proposal, &special_proposals);
    let eligible: Vec<EntryId> = accepted_ids.iter().copied().filter(|entry| !ineligible.contains(entry)).collect();
    let finals = final_list(category, &proposal, &eligible, &computed, &stored);
    Ok(CategoryAwards { category, judged, proposal, specials: special_proposals, eligible, computed, finals, stored, confirmed, settled })
}

/// Whether a category's awards were confirmed.
///
/// # Errors
/// The file cannot be read.
pub(super) fn is_confirmed(reader: &Reader<'_>, category: &Category) -> Result<bool, AppError> {
    let key = decision_key("confirmed", category, None);
    Ok(results_store::decisions(reader, &key)?.iter().any(|(known, _)| *known == key))
}

/// The rows on file for a category's works, and whether its awards were confirmed.
fn on_file(reader: &Reader<'_>, contest: &Contest, category: &Category) -> Result<(Vec<StoredGrant>, bool), AppError> {
    let mut stored = results_store::grants(reader)?;
    stored.retain(|row| match &row.recipient {
        Recipient::Entry(entry) => contest.work(*entry).is_some_and(|work| work.category == category.id),
        Recipient::Recommender(_) => false,
    });
    Ok((stored, is_confirmed(reader, category)?))
}

/// Works with a level, people's decisions included, and those that wait for one.
fn with_level(category: &Category, proposal: &Proposal, stored: &[StoredGrant]) -> BTreeSet<EntryId> {
    let rest = rest_award(category).map(|award| &award.id);
    let is_level = |award: &AwardId| Some(award) != rest && category.awards.iter().any(|level| level.id == *award);
    let mut levels: BTreeMap<EntryId, &AwardId> =
        proposal.grants.iter().filter(|grant| is_level(&grant.award)).map(|grant| (grant.entry, &grant.award)).collect();
    let decided = |decision: fn(&StoredGrant) -> bool| {
        stored.iter().filter(move |row| decision(row)).filter_map(|row| match &row.recipient {
            Recipient::Entry(entry) => Some((*entry, &row.award)),
            Recipient::Recommender(_) => None,
        })
    };
    for (entry, award) in decided(StoredGrant::revokes) {
        if levels.get(&entry) == Some(&award) {
            levels.remove(&entry);
        }
    }
    levels.extend(decided(StoredGrant::grants).filter(|(_, award)| is_level(award)));
    let waiting = proposal.questions.iter().flat_map(|question| question.works.iter().copied());
    levels.into_keys().chain(waiting).collect()
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
    /// The award that the computation gives (id and printed name), where people decided otherwise.
    pub computed_award: Option<(AwardId, String)>,
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
        let named = |award: &AwardId| {
            let name = names.get(award).map_or_else(|| award.to_string(), |(_, name, _)| name.clone());
            (award.clone(), name)
        };
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
                computed_award: if computed || !is_level { None } else { level_of.get(recipient).map(|award| named(award)) },
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

    /// What staff should know of this category beside its list.
    #[must_use]
    pub fn notes(&self, rules: &ContestRules, contest: &Contest) -> Vec<String> {
        let has = |award: &AwardId| self.finals.iter().any(|grant| grant.award == *award);
        let unknown = self.specials.iter().filter(|special| special.unknown && !has(&special.award.id)).map(|special| {
            let (name, id) = (&special.award.name, &special.award.id);
            format!("{name}没有可以比较的数据，没有计算；由人评定：dasai award grant 作品编号 {id} --reason 理由")
        });
        let across = self.judged.iter().filter(|judged| judged.round.by_zone).filter_map(|judged| {
            let decided = self.category.awards.iter().filter(|award| award.round.as_ref() == Some(&judged.round.id));
            let names: Vec<&str> = decided.map(|award| award.name.as_str()).collect();
            let (names, round) = (names.join("、"), &judged.round.name);
            (!names.is_empty()).then(|| format!("{names}按{round}全部作品一起排名；{round}各赛区由不同评委打分，请核对是否合适"))
        });
        let eligible: BTreeSet<EntryId> = self.eligible.iter().copied().collect();
        let lapsed = self.stored.iter().filter(|row| row.grants()).filter_map(|row| match &row.recipient {
            Recipient::Entry(entry) if !eligible.contains(entry) => {
                let name = award_name(rules, self.category, &row.award);
                Some(format!("{} 已不参加评奖，合议授予的{name}暂不计入", contest.number(*entry)))
            }
            Recipient::Entry(_) | Recipient::Recommender(_) => None,
        });
        unknown.chain(across).chain(lapsed).collect()
    }

    /// Whether staff settled a tie that is there.
    #[must_use]
    pub fn settled_a_tie(&self) -> bool {
        !self.proposal.settled.is_empty() || self.specials.iter().any(|special| special.settled)
    }

    /// Whether the file holds another list than would be confirmed now.
    #[must_use]
    pub fn has_drifted(&self) -> bool {
        let on_file: BTreeSet<(&Recipient, &AwardId, Option<u32>)> =
            self.stored.iter().filter(|row| !row.revoked).map(|row| (&row.recipient, &row.award, row.place)).collect();
        let is_on_file = |grant: &Final| on_file.contains(&(&grant.recipient, &grant.award, grant.place));
        self.confirmed && (on_file.len() != self.finals.len() || !self.finals.iter().all(is_on_file))
    }
}

/// An award's printed name.
pub(super) fn award_name(rules: &ContestRules, category: &Category, id: &AwardId) -> String {
    award_names(rules, category).remove(id).map_or_else(|| id.to_string(), |(_, name, _)| name)
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
            Cell::optional(row.computed_award.as_ref(), |(award, name)| Cell::keyed(award.as_str(), name.as_str())),
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
    let only_one = category.is_some();
    for category in selection::categories(rules, category)? {
        let awards = match compute(reader, rules, contest, category, &Settled::default()) {
            Err(error) if !only_one && error.kind == ErrorKind::Refused => {
                // One category that cannot be computed hides neither the others nor what was confirmed of it.
                list.notes.push(error.message);
                let awards = confirmed_only(reader, contest, category)?;
                list.rows.extend(awards.iter().flat_map(|awards| awards.rows(rules, contest)));
                continue;
            }
            awards => awards?,
        };
        list.notes.extend(awards.notes(rules, contest));
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
        if commended.has_drifted() {
            list.notes.push("表扬名单确认以后结果有变；改为新结果：dasai award confirm --update".to_owned());
        }
        list.rows.extend(commended.rows(&[]));
    }
    Ok(list)
}

/// What stands confirmed in the file of a category that cannot be computed now.
fn confirmed_only<'a>(reader: &Reader<'_>, contest: &Contest, category: &'a Category) -> Result<Option<CategoryAwards<'a>>, AppError> {
    let (stored, confirmed) = on_file(reader, contest, category)?;
    Ok(confirmed.then(|| CategoryAwards {
        category,
        judged: Vec::new(),
        proposal: Proposal::default(),
        specials: Vec::new(),
        eligible: Vec::new(),
        computed: Vec::new(),
        finals: Vec::new(),
        stored,
        confirmed,
        settled: Settled::default(),
    }))
}
