//! Owns what becomes of a row that meets a known work: the three-way view of what first came, what stands now with staff's own
//! corrections, and what comes now; and whose value stays. Refuses to know how the log remembers.
//!
//! Decisions worth knowing: a row that the work took values from before, now or once, is never news. A value that staff corrected
//! stays: against the value that they corrected it stays in peace, against any other it is a conflict, shown each time and settled
//! only by `--over-corrections` or by hand. A work that was sent back takes the rest without `--update`, but never another moment of
//! submission: it is no later for having been corrected.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::problems::{self, Code, difference};
use super::{Planned, Planner, Present, Step};
use crate::domain::entry::{Draft, FieldChange, on_clock};
use crate::domain::field::Field;
use crate::domain::problem::Place;
use crate::domain::status::{Status, Step as StatusStep};
use crate::domain::values::{EntryId, EntryNumber, OrganizationId};

/// A row as it arrives.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// Its sheet.
    pub sheet: &'a str,
    /// Its row, from 1.
    pub row: u32,
    /// What it says, as received.
    pub received: &'a str,
}

/// What the log says of a known work, seen from a row that arrives.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WorkPast {
    /// The work has its values from this very row.
    pub is_origin: bool,
    /// The work once had its values from this very row, and has them from a later one since.
    pub is_superseded: bool,
    /// Fields that ever changed.
    pub fields: BTreeMap<Field, FieldPast>,
}

/// What the log says of a field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FieldPast {
    /// Its text as first received.
    pub first: String,
    /// Its text before staff corrected it; `None` where the present one came with a file.
    pub corrected_from: Option<String>,
}

/// What becomes of a value that differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeOutcome {
    /// Left alone until `--update`.
    Waits,
    /// Taken.
    Applied,
    /// Staff's correction stays; the file only repeats what they corrected.
    Kept,
    /// Staff's correction stays against another new value.
    Conflict,
}

impl ChangeOutcome {
    /// The key in JSON.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Waits => "waits",
            Self::Applied => "applied",
            Self::Kept => "kept",
            Self::Conflict => "conflict",
        }
    }

    /// In words.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Waits => "待定",
            Self::Applied => "采用来件",
            Self::Kept => "保持更正",
            Self::Conflict => "冲突，保持更正",
        }
    }
}

/// A field of a known work or registration that comes with another value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueChange {
    /// The work's number, or the unit's name.
    pub subject: String,
    /// Which field; its text now and as it comes.
    pub change: FieldChange,
    /// Its text as first received, where the log knows.
    pub first: Option<String>,
    /// Whether staff gave the present value.
    pub is_correction: bool,
    /// What becomes of it.
    pub outcome: ChangeOutcome,
}

impl ValueChange {
    /// A change of something whose past is not asked for.
    #[must_use]
    pub fn without_past(subject: &str, change: FieldChange, outcome: ChangeOutcome) -> Self {
        Self { subject: subject.to_owned(), change, first: None, is_correction: false, outcome }
    }
}

impl Planned {
    /// Keeps a change, and says it as a problem too.
    pub(super) fn say(&mut self, value: ValueChange, place: &Place, timezone: &TimeZone) {
        let (field, first) = (value.change.field, value.first);
        let first = first.map(|first| on_clock(field, first, timezone));
        let value = ValueChange { change: value.change.on_clock(timezone), first, ..value };
        let ValueChange { subject, change, outcome, .. } = &value;
        let label = change.field.label();
        let pair = difference(change);
        let (code, message, hint) = match outcome {
            ChangeOutcome::Waits => {
                (Code::Differs, format!("{subject} 的{label}：{pair}"), "要采用新值，导入时加 --update；否则保持原值".to_owned())
            }
            ChangeOutcome::Applied => (Code::Applied, format!("{subject} 的{label}：{pair}"), String::new()),
            ChangeOutcome::Kept => (
                Code::Corrected,
                format!("{subject} 的{label}此后已更正，保持更正后的值（现有 → 表中）：{pair}"),
                format!("这一项与更正前的相同，没有新内容；要改用 dasai entry set {subject}"),
            ),
            ChangeOutcome::Conflict => (
                Code::Conflict,
                format!("{subject} 的{label}由工作人员更正过，来件又是另一个值，保持更正后的值（现有 → 表中）：{pair}"),
                format!("核对哪一个对；要采用来件的：导入时加 --update --over-corrections，或 dasai entry set {subject}"),
            ),
        };
        self.problems.push(code.at(place, Some(change.field), &change.new, message, hint));
        self.changes.push(value);
    }
}

impl Planner {
    /// A row that meets a known work.
    #[expect(clippy::too_many_arguments, reason = "the parts of one row, already told apart")]
    pub(super) fn meet_work<P: Present>(
        &mut self,
        row: &mut Planned,
        unit: OrganizationId,
        id: EntryId,
        number: &EntryNumber,
        draft: &Draft,
        place: &Place,
        present: &mut P,
    ) -> Result<(), P::Error> {
        let (declaration, status) = present.work(id)?;
        row.work = Some(id);
        let mut arrived = draft.declaration.clone();
        // What was asked back was submitted when it first came; the date on the corrected form says when it was corrected.
        if matches!(status, Status::Returned | Status::Resubmitted) {
            arrived.clear(Field::SubmittedAt);
        }
        let differing = declaration.changes_to(&arrived);
        let past = if differing.is_empty() {
            WorkPast::default()
        } else {
            present.past(id, Arrival { sheet: &row.sheet, row: row.row, received: &row.received.whole() })?
        };
        if past.is_superseded && !past.is_origin {
            row.step = Step::Unchanged;
            let message = format!("{number} 曾采用这一行，后来的文件又更新了它，保持现有的值");
            let hint = format!("这一行没有新内容；要退回旧值用 dasai entry set {number}");
            row.problems.push(Code::Superseded.at(place, None, number.as_str(), message, hint));
            return Ok(());
        }
        // A work that was sent back for correction is expected to come back with other values, until formal review closes.
        let is_returned = status == Status::Returned;
        let is_closed = is_returned && !self.update && !differing.is_empty() && present.is_closed(id)?;
        if is_closed {
            row.problems.push(problems::closed(number, place));
        }
        let is_resubmission = is_returned && !is_closed;
        let apply = self.update || is_resubmission;
        let mut values: Vec<ValueChange> = Vec::with_capacity(differing.len());
        for change in differing {
            let known = past.fields.get(&change.field);
            let corrected_from = known.and_then(|known| known.corrected_from.as_ref());
            let outcome = match corrected_from {
                Some(before) if past.is_origin || *before == change.new => ChangeOutcome::Kept,
                Some(_) if !(self.over_corrections && apply) => ChangeOutcome::Conflict,
                _ if apply => ChangeOutcome::Applied,
                _ => ChangeOutcome::Waits,
            };
            if matches!(outcome, ChangeOutcome::Kept | ChangeOutcome::Conflict) {
                arrived.clear(change.field);
            }
            let first = known.map_or_else(|| change.old.clone(), |known| known.first.clone());
            let (is_correction, first) = (corrected_from.is_some(), Some(first));
            values.push(ValueChange { subject: number.to_string(), change, first, is_correction, outcome });
        }
        let outcome = if apply { ChangeOutcome::Applied } else { ChangeOutcome::Waits };
        for fill in self.units.compare(unit, &draft.profile, place, row, present)? {
            values.push(ValueChange::without_past(number.as_str(), fill, outcome));
        }
        if !status.is_active() {
            let message = format!("作品 {number} 的状态是“{}”，本行没有使它恢复参赛", status.label());
            let hint = format!("确要恢复：dasai entry restore {number}");
            row.problems.push(Code::Inactive.at(place, None, number.as_str(), message, hint));
        }
        let has = |wanted: ChangeOutcome| values.iter().any(|value| value.outcome == wanted);
        // A new answer to a work that was sent back is a resubmission even where staff's own values stay.
        row.step = if has(ChangeOutcome::Applied) || (is_resubmission && has(ChangeOutcome::Conflict)) {
            let status = status.after(StatusStep::Resubmit).unwrap_or(status);
            Step::UpdateWork { id, declaration: Box::new(declaration.overlaid(&arrived)), status }
        } else if has(ChangeOutcome::Waits) || has(ChangeOutcome::Conflict) {
            row.unit = None;
            Step::Changed
        } else {
            Step::Unchanged
        };
        for value in values {
            row.say(value, place, &self.timezone);
        }
        Ok(())
    }
}
