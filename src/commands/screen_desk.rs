//! Owns what formal review has on its desk: every work with its findings, the deadline that applies to it, and what became of the defects
//! that it was sent back with. `screen` and what it shows, decides and writes read it here.

use std::collections::BTreeMap;

use jiff::civil::DateTime;

use super::context::Context;
use super::findings::Checked;
use crate::domain::entry::{Entry, FieldChange};
use crate::domain::extension::Stage;
use crate::domain::field::Field;
use crate::domain::finding::Finding;
use crate::domain::problem::Severity;
use crate::domain::rules::{ContestRules, Deadline};
use crate::domain::screening::{Cure, Defect, Queue, asked_back, compare};
use crate::domain::status::Status;
use crate::domain::values::{EntryId, OperationId};
use crate::error::AppError;
use crate::store::db::Reader;
use crate::store::entries;
use crate::store::oplog::Stored;
use crate::store::past;
use crate::store::screening::{self, Decided};

/// The works of a contest as formal review sees them.
#[derive(Debug)]
pub(super) struct Desk {
    /// The rules.
    pub(super) rules: ContestRules,
    /// Every work with its findings.
    pub(super) checked: Checked,
    /// The moment, on the contest's wall clock.
    pub(super) now: DateTime,
    /// The newest return of each work that has one.
    returns: BTreeMap<EntryId, Decided>,
    /// What fields of returned works held when they were sent back, where they changed since.
    held: BTreeMap<EntryId, Vec<(String, Stored)>>,
}

/// How many findings of each kind a work has, waived ones left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Counts {
    /// Errors.
    pub(super) errors: usize,
    /// Warnings.
    pub(super) warnings: usize,
    /// Waived ones.
    pub(super) waived: usize,
}

impl Desk {
    /// Loads and checks everything.
    ///
    /// # Errors
    /// The contest cannot be read.
    pub(super) fn load(context: &mut Context, reader: &Reader<'_>) -> Result<Self, AppError> {
        let (rules, entries) = context.rules_beside(reader, entries::list)?;
        let checked = Checked::of(reader, &rules, entries, &[])?;
        let returns = screening::returns(reader)?;
        let is_away = |work: &&Entry| matches!(work.status, Status::Returned | Status::Resubmitted);
        let away = checked.entries.iter().filter(is_away).filter_map(|work| Some((work.id, returns.get(&work.id)?.operation)));
        let since: BTreeMap<EntryId, OperationId> = away.collect();
        let held = screening::held_after(reader, &since)?;
        let now = rules.local(context.now);
        Ok(Self { rules, checked, now, returns, held })
    }

    /// The work at a place in the list.
    pub(super) fn work(&self, index: usize) -> Option<&Entry> {
        self.checked.entries.get(index)
    }

    /// Every work with its place, as formal review takes them up: 先申报先推进.
    pub(super) fn in_order(&self) -> Vec<(usize, &Entry)> {
        let mut works: Vec<&Entry> = self.checked.entries.iter().collect();
        crate::domain::screening::sort(&mut works);
        let place = |work: &Entry| self.checked.position(&work.number);
        works.into_iter().filter_map(|work| Some((place(work)?, work))).collect()
    }

    /// How many findings a work has.
    pub(super) fn counts(&self, index: usize) -> Counts {
        let mut counts = Counts::default();
        for finding in self.checked.of_work(index) {
            match (self.checked.is_waived(finding), finding.severity) {
                (true, _) => counts.waived += 1,
                (false, Severity::Error) => counts.errors += 1,
                (false, Severity::Warning) => counts.warnings += 1,
                (false, Severity::Info) => {}
            }
        }
        counts
    }

    /// Where a work stands in formal review.
    pub(super) fn queue(&self, index: usize) -> Queue {
        self.work(index).map_or(Queue::Gone, |work| Queue::of(work.status, self.counts(index).errors))
    }

    /// When formal review closes for a work.
    pub(super) fn deadline(&self, index: usize) -> Option<Deadline> {
        self.checked.extensions.effective(&self.rules.deadlines, Stage::Screening, self.work(index)?.into())
    }

    /// The findings of a work that nobody waived, errors first.
    pub(super) fn open(&self, index: usize) -> Vec<&Finding> {
        let mut open: Vec<&Finding> = self.checked.of_work(index).iter().filter(|finding| !self.checked.is_waived(finding)).collect();
        open.sort_by_key(|finding| (finding.severity, finding.code));
        open
    }

    /// A work's findings as a decision keeps them.
    pub(super) fn defects(&self, index: usize) -> Vec<Defect> {
        self.checked.of_work(index).iter().map(|finding| self.checked.defect(finding)).collect()
    }

    /// The return that a work has not been decided about since.
    pub(super) fn sent_back(&self, index: usize) -> Option<&Decided> {
        let work = self.work(index)?;
        let waits = matches!(work.status, Status::Returned | Status::Resubmitted);
        self.returns.get(&work.id).filter(|_| waits)
    }

    /// Until when a work that was sent back is asked back.
    pub(super) fn due(&self, index: usize) -> Option<Deadline> {
        asked_back(self.sent_back(index)?.new.due, self.deadline(index))
    }

    /// Whether a work that was sent back should have come again by now.
    pub(super) fn is_overdue(&self, index: usize) -> bool {
        let due = self.due(index);
        self.work(index).is_some_and(|work| work.status == Status::Returned) && due.is_some_and(|due| due.is_past(self.now))
    }

    /// What became of the defects of a work that was sent back.
    pub(super) fn cure(&self, index: usize) -> Option<Cure> {
        Some(compare(&self.sent_back(index)?.new.findings, &self.defects(index)))
    }

    /// What a work's form says differently since it was sent back.
    pub(super) fn changes(&self, index: usize) -> Vec<FieldChange> {
        let Some(work) = self.work(index).filter(|_| self.sent_back(index).is_some()) else { return Vec::new() };
        let held = self.held.get(&work.id).map_or(&[][..], Vec::as_slice);
        let change = |field: Field| {
            let (_, old) = held.iter().find(|(column, _)| column == field.key())?;
            let old = past::text(field, old)?;
            let new = work.declaration.text(field)?;
            (old != new).then(|| FieldChange { field, old, new: new.into_owned() }.on_clock(&self.rules.contest.timezone))
        };
        Field::ALL.into_iter().filter_map(change).collect()
    }
}
