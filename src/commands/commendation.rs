//! Owns the commendation of recommenders (组织推荐单位表扬): what the rules propose from the awards of all categories, beside what
//! stands confirmed in the file. How points add up is `domain::special_award`.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::award_results::AwardRow;
use super::recommending;
use super::results::Contest;
use crate::domain::award_decision::{Certificates, Final, Recipient, StoredGrant, rows_to_write};
use crate::domain::category::LineTies;
use crate::domain::rules::ContestRules;
use crate::domain::special_award::{RecommendedWork, commend};
use crate::domain::status::Status;
use crate::domain::values::{AwardId, EntryId};
use crate::error::AppError;
use crate::store::db::Reader;
use crate::store::results as results_store;

/// The award that a commended recommender has.
pub const COMMENDATION: &str = "commendation";
/// The key of the decision about a tie at the line.
pub const TIES_KEY: &str = "award.ties::commendation";

/// Commended recommenders.
#[derive(Debug, Default)]
pub struct Commended {
    /// The commendation's printed name.
    name: String,
    /// Whom the rules propose, without those that wait for a decision.
    pub proposed: Vec<Final>,
    /// Recommenders that tie across the line and wait.
    pub tied: Vec<String>,
    /// How a tie across the line was settled, where there is one.
    pub settled: Option<LineTies>,
    /// The rows on file.
    pub(super) stored: Vec<StoredGrant>,
}

/// Computes the commendation from the awards of all categories. `ties` is what staff settle now, over what they settled before.
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
    let mut stored = results_store::grants(reader)?;
    stored.retain(|row| matches!(row.recipient, Recipient::Recommender(_)));
    let earlier = results_store::decisions(reader, TIES_KEY)?.into_iter().find(|(key, _)| key == TIES_KEY);
    let ties = ties.or_else(|| earlier.map(|(_, value)| if value == "include" { LineTies::Include } else { LineTies::Cut }));
    let mut by_entry: FxHashMap<EntryId, Vec<AwardId>> = FxHashMap::default();
    for row in awards {
        if let Recipient::Entry(entry) = &row.recipient {
            by_entry.entry(*entry).or_default().push(row.award.clone());
        }
    }
    let directory = recommending::directory(reader, rules)?;
    let works: Vec<RecommendedWork> = contest
        .works
        .iter()
        .filter(|work| !directory.is_direct(&work.recommender))
        .map(|work| RecommendedWork {
            recommender: directory.printed(work.recommender.trim()).to_owned(),
            accepted: work.status == Status::Accepted,
            awards: by_entry.get(&work.id).cloned().unwrap_or_default(),
        })
        .collect();
    let proposal = commend(rule, &works);
    let mut commended = Commended { name: rule.name.clone(), stored, ..Commended::default() };
    for (position, points) in proposal.recommenders.iter().take(proposal.commended + proposal.tied).enumerate() {
        let is_tied = position >= proposal.commended;
        if is_tied {
            commended.settled = ties;
            match ties {
                Some(LineTies::Include) => {}
                Some(LineTies::Cut) => continue,
                Some(LineTies::Ask) | None => {
                    commended.tied.push(points.recommender.clone());
                    continue;
                }
            }
        }
        commended.proposed.push(Final {
            recipient: Recipient::Recommender(points.recommender.clone()),
            award: AwardId::new(COMMENDATION),
            round: None,
            place: Some(points.place),
            computed: true,
            reason: String::new(),
        });
    }
    Ok(commended)
}

impl Commended {
    /// Whether they were confirmed.
    #[must_use]
    pub fn is_confirmed(&self) -> bool {
        !self.stored.is_empty()
    }

    /// Whether the file holds others than would be confirmed now.
    #[must_use]
    pub fn has_drifted(&self) -> bool {
        let on_file: BTreeSet<(&Recipient, Option<u32>)> =
            self.stored.iter().filter(|row| !row.revoked).map(|row| (&row.recipient, row.place)).collect();
        let proposed: BTreeSet<(&Recipient, Option<u32>)> = self.proposed.iter().map(|grant| (&grant.recipient, grant.place)).collect();
        self.is_confirmed() && (!self.tied.is_empty() || on_file != proposed)
    }

    /// The rows to write so that the file holds whom the rules propose now.
    pub fn rows_to_write(&self, certificates: &mut Option<Certificates<'_>>) -> Vec<StoredGrant> {
        rows_to_write(&self.proposed, &self.stored, |grant| certificates.as_mut()?.number("", &grant.award))
    }

    /// The lines of the list: as confirmed, or as they would be confirmed now. `written` are rows that stand over those on file.
    #[must_use]
    pub fn rows(&self, written: &[StoredGrant]) -> Vec<AwardRow> {
        let row = |recipient: &Recipient, place, stored: Option<&StoredGrant>| AwardRow {
            category: None,
            award: AwardId::new(COMMENDATION),
            name: self.name.clone(),
            is_level: false,
            recipient: recipient.clone(),
            place,
            computed: stored.is_none_or(|stored| stored.computed),
            computed_award: None,
            reason: stored.map_or_else(String::new, |stored| stored.reason.clone()),
            certificate: stored.and_then(|stored| stored.certificate.clone()),
            confirmed: stored.is_some(),
        };
        let mut on_file: Vec<&StoredGrant> = written.iter().collect();
        on_file.extend(self.stored.iter().filter(|old| written.iter().all(|new| new.recipient != old.recipient)));
        let mut rows: Vec<AwardRow> = if on_file.is_empty() {
            self.proposed.iter().map(|grant| row(&grant.recipient, grant.place, None)).collect()
        } else {
            on_file.into_iter().filter(|stored| !stored.revoked).map(|stored| row(&stored.recipient, stored.place, Some(stored))).collect()
        };
        rows.sort_by(|left, right| left.place.cmp(&right.place).then_with(|| left.recipient.cmp(&right.recipient)));
        rows
    }
}
