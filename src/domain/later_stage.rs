//! Owns the check of works in later stages (E701): what left the contest and is still on a list, and what was judged as the work of
//! others. Refuses to know what the later stages decide: that such works take no part is `domain::status`.

use rustc_hash::FxHashMap;

use super::check_catalogue::Code;
use super::entry::Entry;
use super::finding::{Detail, Finding};
use super::problem::Severity;
use super::rules::ContestRules;
use super::values::{AwardId, EntryId, RoundId};

/// What a later stage has of a work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Later {
    /// It is on the list of works that go to this round.
    Advanced(RoundId),
    /// It has this award, not revoked.
    Awarded(AwardId),
    /// Its 主创者 changed after its first mark.
    Replaced {
        /// 主创者 at its first mark.
        before: String,
    },
}

/// The findings E701 about `entries`, which are ordered by number; `later` is what later stages have of works that left the contest,
/// and whose 主创者 changed. In the order of the works.
#[must_use]
pub fn findings(rules: &ContestRules, entries: &[Entry], later: &[(EntryId, Later)]) -> Vec<Finding> {
    if later.is_empty() {
        return Vec::new();
    }
    let places: FxHashMap<EntryId, usize> = entries.iter().enumerate().map(|(place, entry)| (entry.id, place)).collect();
    let mut found = Vec::new();
    for (id, later) in later {
        let Some((place, entry)) = places.get(id).and_then(|&place| Some((place, entries.get(place)?))) else { continue };
        let (severity, detail) = match later {
            Later::Replaced { before } if entry.status.is_active() && *before != entry.declaration.creators => {
                let after = entry.declaration.creators.clone();
                (Severity::Warning, Detail::Replaced { before: before.clone(), after })
            }
            Later::Advanced(_) | Later::Awarded(_) if !entry.status.is_active() => {
                (Severity::Error, Detail::LeftBehind { status: entry.status, list: list(rules, entry, later) })
            }
            Later::Replaced { .. } | Later::Advanced(_) | Later::Awarded(_) => continue,
        };
        found.push(Finding { code: Code::E701, severity, entry: place, detail, related: Vec::new(), similarity: None });
    }
    found.sort_by_key(|finding| finding.entry);
    found
}

/// What the list is called: 决赛晋级名单, 一等奖获奖名单.
fn list(rules: &ContestRules, entry: &Entry, later: &Later) -> String {
    let category = rules.category(&entry.category);
    match later {
        Later::Advanced(round) => {
            let name = rules.round(&entry.category, round).map_or(round.as_str(), |round| round.name.as_str());
            format!("{name}晋级名单")
        }
        Later::Awarded(award) => {
            let level =
                category.and_then(|category| category.awards.iter().find(|known| known.id == *award)).map(|award| award.name.as_str());
            let special = rules.special_awards.iter().find(|known| known.id == *award).map(|award| award.name.as_str());
            format!("{}获奖名单", level.or(special).unwrap_or(award.as_str()))
        }
        Later::Replaced { .. } => String::new(),
    }
}
