//! Owns formal review (形式审查) as rules of the field: which decisions there are, when one may be taken, in which order works come up,
//! and what became of the defects of a work that was sent back. Refuses to know how findings are found and who decides.
//!
//! Decision worth knowing: a decision keeps what the checks said at that moment ([`Defect`]). It is the ground that the decision stands
//! on, and what a resubmission is measured by; findings themselves are computed anew on each call.

use jiff::civil::DateTime;

use super::check_catalogue::Code;
use super::entry::Entry;
use super::field::Field;
use super::problem::Severity;
use super::rules::Deadline;
use super::status::{Status, Step};
use super::values::EntryNumber;

/// What formal review decides about a work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Decision {
    /// 受理.
    Accepted,
    /// 退回修改.
    Returned,
    /// 淘汰.
    Rejected,
}

impl Decision {
    /// Every decision.
    pub const ALL: [Self; 3] = [Self::Accepted, Self::Returned, Self::Rejected];

    /// The key in JSON and in the database.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Returned => "returned",
            Self::Rejected => "rejected",
        }
    }

    /// The printed word.
    #[must_use]
    pub fn label(self) -> &'static str {
        self.step().label()
    }

    /// The decision with this key.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|decision| decision.key() == key)
    }

    /// What it does to a work.
    #[must_use]
    pub fn step(self) -> Step {
        match self {
            Self::Accepted => Step::Accept,
            Self::Returned => Step::Return,
            Self::Rejected => Step::Reject,
        }
    }
}

/// A finding as a decision keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// The check.
    pub code: Code,
    /// How serious.
    pub severity: Severity,
    /// The field, if it is about one.
    pub field: Option<Field>,
    /// What of the work, as `waiver::subject` names it; may be empty.
    pub subject: String,
    /// What was wrong, as it was said then; personal data masked.
    pub message: String,
    /// Other works that it was about.
    pub related: Vec<EntryNumber>,
    /// Whether it was waived.
    pub waived: bool,
}

impl Defect {
    /// Whether both say the same of the same thing; of likeness, that they share one of the other works.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.code == other.code
            && self.subject == other.subject
            && (self.related.is_empty() && other.related.is_empty() || self.related.iter().any(|number| other.related.contains(number)))
    }
}

/// What became of the defects of a work that was sent back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cure {
    /// Were there, and are no more.
    pub cured: Vec<Defect>,
    /// Were there, and still are: as they are now.
    pub remaining: Vec<Defect>,
    /// Were not there before.
    pub new: Vec<Defect>,
}

/// Compares what was wrong when a work was sent back with what is wrong now. What is waived now counts as cured; what was waived then
/// was no defect then.
#[must_use]
pub fn compare(before: &[Defect], now: &[Defect]) -> Cure {
    let mut cure = Cure::default();
    let mut open: Vec<&Defect> = now.iter().filter(|defect| !defect.waived).collect();
    for defect in before.iter().filter(|defect| !defect.waived) {
        match open.iter().position(|candidate| candidate.is_same(defect)) {
            Some(position) => cure.remaining.push(open.remove(position).clone()),
            None => cure.cured.push(defect.clone()),
        }
    }
    cure.new = open.into_iter().cloned().collect();
    cure
}

/// How a work stands in formal review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Queue {
    /// Waits, and nothing is against it.
    Ready,
    /// Waits, with errors that nobody waived.
    Blocked,
    /// Was sent back and has not come again.
    Returned,
    /// 已受理.
    Accepted,
    /// 已淘汰.
    Rejected,
    /// Withdrawn or disqualified: no matter of formal review.
    Gone,
}

impl Queue {
    /// Every place, in the order of a list.
    pub const ALL: [Self; 6] = [Self::Ready, Self::Blocked, Self::Returned, Self::Accepted, Self::Rejected, Self::Gone];

    /// Where a work with this status and so many errors that nobody waived stands.
    #[must_use]
    pub fn of(status: Status, errors: usize) -> Self {
        match status {
            Status::Declared | Status::Recommended | Status::Resubmitted if errors == 0 => Self::Ready,
            Status::Declared | Status::Recommended | Status::Resubmitted => Self::Blocked,
            Status::Returned => Self::Returned,
            Status::Accepted => Self::Accepted,
            Status::Rejected => Self::Rejected,
            Status::Withdrawn | Status::Disqualified => Self::Gone,
        }
    }

    /// Whether formal review has to decide about it now.
    #[must_use]
    pub fn waits(self) -> bool {
        matches!(self, Self::Ready | Self::Blocked)
    }

    /// The key in JSON.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Blocked => "blocked",
            Self::Returned => "returned",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Gone => "gone",
        }
    }

    /// The printed word.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Ready => "可受理",
            Self::Blocked => "有错误",
            Self::Returned => "已退回",
            Self::Accepted => "已受理",
            Self::Rejected => "已淘汰",
            Self::Gone => "已退出",
        }
    }
}

/// Until when a returned work is asked back: the day that the decision names, else when formal review closes for it, as that stands now.
#[must_use]
pub fn asked_back(due: Option<Deadline>, closing: Option<Deadline>) -> Option<Deadline> {
    due.or(closing)
}

/// Sorts works as the notice asks, 先申报先推进: by when they were submitted (or received, where no form says when), then by number.
pub fn sort<'a>(works: &mut [&'a Entry]) {
    works.sort_by(|left, right| {
        let submitted = |work: &'a Entry| work.declaration.submitted_at.unwrap_or(work.received_at);
        submitted(left).cmp(&submitted(right)).then_with(|| left.number.cmp(&right.number)).then(left.id.cmp(&right.id))
    });
}

/// Why a decision about a work cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Its status does not allow the step.
    Status(Status),
    /// Formal review is closed for it.
    Closed(Deadline),
    /// It has so many errors that nobody waived.
    Errors(usize),
}

/// Where a decision leads. `deadline` is when formal review closes for this work, `errors` how many of its errors nobody waived; these
/// stand only against an acceptance, and only where staff do not override them.
///
/// # Errors
/// The decision cannot be taken; of several reasons the first: status, deadline, errors.
pub fn permit(
    decision: Decision,
    status: Status,
    now: DateTime,
    deadline: Option<Deadline>,
    errors: usize,
    overriding: bool,
) -> Result<Status, Refusal> {
    let after = status.after(decision.step()).ok_or(Refusal::Status(status))?;
    if let Some(deadline) = deadline.filter(|deadline| deadline.is_past(now)) {
        return Err(Refusal::Closed(deadline));
    }
    if decision == Decision::Accepted && errors > 0 && !overriding {
        return Err(Refusal::Errors(errors));
    }
    Ok(after)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn defect(code: Code, subject: &str, related: &[&str], waived: bool) -> Defect {
        Defect {
            code,
            severity: code.entry().severity,
            field: None,
            subject: subject.to_owned(),
            message: String::new(),
            related: related.iter().map(|number| EntryNumber::new(number)).collect(),
            waived,
        }
    }

    #[test]
    fn defects_are_cured_remain_or_are_new() {
        let before = [
            defect(Code::C101, "title", &[], false),
            defect(Code::C101, "creators", &[], false),
            defect(Code::S402, "title", &["Y005", "Y009"], false),
            defect(Code::C103, "contact_phone", &[], true),
        ];
        let now = [
            defect(Code::C101, "creators", &[], false),
            defect(Code::C102, "summary", &[], false),
            defect(Code::S402, "title", &["Y009"], false),
            defect(Code::C103, "contact_phone", &[], false),
        ];
        let cure = compare(&before, &now);
        assert_eq!(cure.cured, [before[0].clone()]);
        assert_eq!(cure.remaining, [now[0].clone(), now[2].clone()]);
        assert_eq!(cure.new, [now[1].clone(), now[3].clone()]);
        // Waiving cures.
        assert_eq!(compare(&before[..1], &[defect(Code::C101, "title", &[], true)]).cured.len(), 1);
    }

    #[test]
    fn each_reason_stands_in_the_way_of_its_own() {
        let day = |day: i8| date(2024, 7, day).at(10, 0, 0, 0);
        let closing = Deadline::end_of(date(2024, 7, 15));
        let deadline = Some(closing);
        let accept = |status, now, errors, overriding| permit(Decision::Accepted, status, now, deadline, errors, overriding);
        assert_eq!(accept(Status::Recommended, day(15), 0, false), Ok(Status::Accepted));
        assert_eq!(accept(Status::Recommended, day(16), 0, false), Err(Refusal::Closed(closing)));
        assert_eq!(accept(Status::Recommended, day(15), 2, false), Err(Refusal::Errors(2)));
        assert_eq!(accept(Status::Recommended, day(15), 2, true), Ok(Status::Accepted));
        assert_eq!(accept(Status::Accepted, day(15), 0, false), Err(Refusal::Status(Status::Accepted)));
        assert_eq!(permit(Decision::Returned, Status::Declared, day(15), deadline, 9, false), Ok(Status::Returned));
        assert_eq!(permit(Decision::Rejected, Status::Declared, day(16), None, 9, false), Ok(Status::Rejected));
    }

    #[test]
    fn the_closing_counts_as_it_stands_where_no_day_was_named() {
        let day = |day: i8| Some(Deadline::end_of(date(2024, 7, day)));
        assert_eq!(asked_back(None, day(20)), day(20));
        assert_eq!(asked_back(day(12), day(20)), day(12));
        assert_eq!(asked_back(None, None), None);
    }

    proptest! {
        #[test]
        fn every_defect_is_accounted_for(before in defects(), now in defects()) {
            let cure = compare(&before, &now);
            let open = |defects: &[Defect]| defects.iter().filter(|defect| !defect.waived).count();
            prop_assert_eq!(cure.cured.len() + cure.remaining.len(), open(&before));
            prop_assert_eq!(cure.remaining.len() + cure.new.len(), open(&now));
            // Nothing changed: nothing is cured and nothing is new.
            let same = compare(&now, &now);
            prop_assert!(same.cured.is_empty() && same.new.is_empty());
        }
    }

    fn defects() -> impl Strategy<Value = Vec<Defect>> {
        let one =
            (0..3_usize, 0..2_u8, prop::collection::vec(0..3_u8, 0..3), any::<bool>()).prop_map(|(code, subject, related, waived)| {
                let code = [Code::C101, Code::S402, Code::F604][code];
                let related: Vec<String> = related.iter().map(|number| format!("Y00{number}")).collect();
                defect(code, &format!("{subject}"), &related.iter().map(String::as_str).collect::<Vec<_>>(), waived)
            });
        prop::collection::vec(one, 0..6)
    }
}
