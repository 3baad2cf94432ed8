//! Owns the count of what became of rows. Refuses to know why.

use super::Step;

/// How many rows went which way. The number of rows is their sum, so the promise `rows = added + … + quarantined` cannot break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// New works or registrations.
    pub added: usize,
    /// Known ones that took new values.
    pub updated: usize,
    /// Known ones without anything new.
    pub unchanged: usize,
    /// Known ones with other values that were not applied.
    pub changed: usize,
    /// Rows that cannot be a work.
    pub quarantined: usize,
}

impl Tally {
    /// Counts one row.
    pub fn count(&mut self, step: &Step) {
        match step {
            Step::AddWork(_) | Step::AddRegistration(..) => self.added += 1,
            Step::UpdateWork { .. } | Step::UpdateRegistration(..) => self.updated += 1,
            Step::Unchanged => self.unchanged += 1,
            Step::Changed => self.changed += 1,
            Step::Quarantine => self.quarantined += 1,
        }
    }

    /// Counts another tally's rows too.
    pub fn add(&mut self, other: Self) {
        self.added += other.added;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
        self.changed += other.changed;
        self.quarantined += other.quarantined;
    }

    /// All rows.
    #[must_use]
    pub fn rows(self) -> usize {
        self.added + self.updated + self.unchanged + self.changed + self.quarantined
    }
}
