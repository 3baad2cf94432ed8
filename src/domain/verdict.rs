//! Owns what staff decided about two works that look alike: the same work, or different ones. Refuses to know how alike they are: a
//! verdict stands whatever the texts say.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::values::EntryId;

/// What two works are to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// 同一作品: one of them has to go.
    Same,
    /// 不同作品: their likeness is no finding.
    Different,
}

impl Verdict {
    /// The key in the file, in JSON and on the command line.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Different => "different",
        }
    }

    /// The verdict with this key.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        [Self::Same, Self::Different].into_iter().find(|verdict| verdict.key() == key)
    }

    /// The printed word.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Same => "同一作品",
            Self::Different => "不同作品",
        }
    }
}

/// A verdict with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// What was decided.
    pub verdict: Verdict,
    /// Why, as staff wrote it.
    pub reason: String,
    /// When.
    pub decided_at: Timestamp,
}

/// Two works in the order of their rows: a verdict knows no first and second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct WorkPair(EntryId, EntryId);

impl WorkPair {
    /// The pair of two works; none of a work with itself.
    #[must_use]
    pub fn new(one: EntryId, other: EntryId) -> Option<Self> {
        (one != other).then(|| Self(one.min(other), one.max(other)))
    }

    /// The work with the lower identity.
    #[must_use]
    pub fn lower(self) -> EntryId {
        self.0
    }

    /// The work with the higher identity.
    #[must_use]
    pub fn higher(self) -> EntryId {
        self.1
    }
}

/// All verdicts of a contest.
pub type Verdicts = BTreeMap<WorkPair, Judged>;
