//! Owns waivers: findings that staff set aside with a reason. Refuses to know how a finding is found, and verdicts on pairs of works.
//!
//! Decision worth knowing: a waiver covers what was seen when it was given: one code, one work, one thing ([`subject`]), and for
//! likeness one other work. A second missing field, another faulty file or one more work that is alike is found anew.

use std::collections::BTreeMap;

use super::check_catalogue::Code;
use super::entry::Entry;
use super::finding::{Detail, Finding};
use super::values::EntryId;

/// What a waiver sets aside.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Waived {
    /// The work.
    pub entry: EntryId,
    /// The check.
    pub code: Code,
    /// What of the work, as [`subject`] names it; may be empty.
    pub subject: String,
    /// For likeness, the other work.
    pub related: Option<EntryId>,
}

/// What a finding is about within its work: a field's key, a file's name, or nothing where the code says it all.
#[must_use]
pub fn subject(finding: &Finding) -> String {
    #[expect(clippy::wildcard_enum_match_arm, reason = "every other finding is named by its field or by its code alone")]
    match &finding.detail {
        Detail::FileMissing(name) | Detail::FileMisnamed(name) | Detail::FileUnsound(name, _) => name.clone(),
        Detail::FileTooLarge { file, .. } | Detail::FileOfOtherType { file, .. } | Detail::FileShared { file, .. } => file.clone(),
        Detail::LeftBehind { list, .. } => list.clone(),
        Detail::Replaced { after, .. } => after.clone(),
        _ => finding.field().map_or("", super::field::Field::key).to_owned(),
    }
}

/// Whether a finding is about pairs of works, so that each other work is waived by itself.
fn is_of_pairs(finding: &Finding) -> bool {
    matches!(finding.detail, Detail::Alike { .. })
}

/// What has to be waived for a finding to be waived; `entries` is the checked list.
#[must_use]
pub fn needed(finding: &Finding, entries: &[Entry]) -> Vec<Waived> {
    let Some(entry) = entries.get(finding.entry).map(|entry| entry.id) else { return Vec::new() };
    let one = |related| Waived { entry, code: finding.code, subject: subject(finding), related };
    if is_of_pairs(finding) {
        finding.related.iter().filter_map(|&index| entries.get(index)).map(|other| one(Some(other.id))).collect()
    } else {
        vec![one(None)]
    }
}

/// The waivers that stand, ready to be asked.
#[derive(Debug, Clone, Default)]
pub struct Waivers {
    by_work: BTreeMap<(EntryId, Code), Vec<Waived>>,
}

impl Waivers {
    /// Takes them in any order.
    pub fn new(standing: impl IntoIterator<Item = Waived>) -> Self {
        let mut by_work: BTreeMap<(EntryId, Code), Vec<Waived>> = BTreeMap::new();
        for waived in standing {
            by_work.entry((waived.entry, waived.code)).or_default().push(waived);
        }
        Self { by_work }
    }

    /// Whether a finding is waived: all that it says is.
    #[must_use]
    pub fn cover(&self, finding: &Finding, entries: &[Entry]) -> bool {
        let Some(entry) = entries.get(finding.entry) else { return false };
        if self.by_work.is_empty() {
            return false;
        }
        let Some(standing) = self.by_work.get(&(entry.id, finding.code)) else { return false };
        let needed = needed(finding, entries);
        !needed.is_empty() && needed.iter().all(|needed| standing.contains(needed))
    }
}
