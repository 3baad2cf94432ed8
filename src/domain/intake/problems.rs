//! Owns the catalogue of what planning can say of a received row: codes, severities and every sentence. Refuses to know how a fault
//! is found. Every code here stands in `docs/problems.md`.

use crate::domain::entry::{FieldChange, for_people};
use crate::domain::field::Field;
use crate::domain::privacy::masked_field;
use crate::domain::problem::{Place, Problem, Severity};
use crate::domain::values::EntryNumber;

/// What planning found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// The row names no unit.
    NoUnit,
    /// The row names no work.
    NoTitle,
    /// The row names no category, or no box is ticked.
    NoCategory,
    /// The category is none of the rules'.
    UnknownCategory,
    /// Several categories in one cell.
    SeveralCategories,
    /// The number belongs to another work.
    ForeignNumber,
    /// The number cannot be used.
    UnusableNumber,
    /// A value far longer than any form asks for.
    TooLong,
    /// A known work or registration with another value; not applied.
    Differs,
    /// A known work or registration with another value; applied.
    Applied,
    /// The unit's form says something else than earlier ones.
    UnitDiffers,
    /// A new unit that may be a known one.
    PossiblySameUnit,
    /// The zone is none of the rules'.
    UnknownZone,
    /// The work was withdrawn, eliminated or disqualified.
    Inactive,
    /// The row was discarded by staff before.
    Discarded,
    /// Staff corrected a value since it was received; the correction stays.
    Corrected,
    /// The 统一社会信用代码 breaks the standard.
    WrongCreditCode,
    /// A unit with two 统一社会信用代码.
    TwoCreditCodes,
    /// Staff corrected a value, and now it comes with yet another; the correction stays.
    Conflict,
    /// Rows in quarantine that this row corrects.
    Settles,
    /// The work has its values from a later row than this one.
    Superseded,
    /// A corrected version of a returned work, after formal review closed; not applied.
    Closed,
}

impl Code {
    /// Every code, in order.
    pub const ALL: [Self; 22] = [
        Self::NoUnit,
        Self::NoTitle,
        Self::NoCategory,
        Self::UnknownCategory,
        Self::SeveralCategories,
        Self::ForeignNumber,
        Self::UnusableNumber,
        Self::TooLong,
        Self::Differs,
        Self::Applied,
        Self::UnitDiffers,
        Self::PossiblySameUnit,
        Self::UnknownZone,
        Self::Inactive,
        Self::Discarded,
        Self::Corrected,
        Self::WrongCreditCode,
        Self::TwoCreditCodes,
        Self::Conflict,
        Self::Settles,
        Self::Superseded,
        Self::Closed,
    ];

    /// The stable code and its severity.
    #[must_use]
    pub fn names(self) -> (&'static str, Severity) {
        match self {
            Self::NoUnit => ("I501", Severity::Error),
            Self::NoTitle => ("I502", Severity::Error),
            Self::NoCategory => ("I503", Severity::Error),
            Self::UnknownCategory => ("I504", Severity::Error),
            Self::SeveralCategories => ("I505", Severity::Error),
            Self::ForeignNumber => ("I506", Severity::Error),
            Self::UnusableNumber => ("I507", Severity::Warning),
            Self::TooLong => ("I508", Severity::Error),
            Self::Differs => ("I511", Severity::Warning),
            Self::Applied => ("I512", Severity::Info),
            Self::UnitDiffers => ("I513", Severity::Info),
            Self::PossiblySameUnit => ("I514", Severity::Warning),
            Self::UnknownZone => ("I515", Severity::Warning),
            Self::Inactive => ("I516", Severity::Warning),
            Self::Discarded => ("I517", Severity::Info),
            Self::Corrected => ("I518", Severity::Info),
            Self::WrongCreditCode => ("I519", Severity::Warning),
            Self::TwoCreditCodes => ("I520", Severity::Warning),
            Self::Conflict => ("I521", Severity::Warning),
            Self::Settles => ("I522", Severity::Info),
            Self::Superseded => ("I523", Severity::Info),
            Self::Closed => ("I524", Severity::Warning),
        }
    }

    /// A problem with this code.
    #[must_use]
    pub fn at(self, place: &Place, field: Option<Field>, value: &str, message: impl Into<String>, hint: impl Into<String>) -> Problem {
        let (code, severity) = self.names();
        let value = field.map_or_else(|| value.to_owned(), |field| masked_field(field, value));
        Problem { code, severity, place: place.clone(), field, value: cut(&value), message: message.into(), hint: hint.into() }
    }
}

/// A corrected version that came after formal review had closed for its work.
pub(super) fn closed(number: &EntryNumber, place: &Place) -> Problem {
    let message = format!("作品 {number} 退回修改后重新提交，但形式审查已经截止，没有采用");
    let hint = format!(
        "先延期再导入：dasai deadline extend screening --until 日期 --entry {number} --reason 理由；加 --update 则采用并记为逾期（D203）"
    );
    Code::Closed.at(place, None, number.as_str(), message, hint)
}

/// What a message has room for.
const LONGEST: usize = 40;

/// A text cut to what a message has room for.
fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// A changed field as `旧 → 新`: personal data masked, long texts from shortly before the place where they part.
#[must_use]
pub fn difference(change: &FieldChange) -> String {
    let (old, new) = difference_sides(change);
    let note = if old == new { "（隐去的部分不同）" } else { "" };
    format!("{old} → {new}{note}")
}

/// Both sides of a changed field, as [`difference`] shows them.
#[must_use]
pub fn difference_sides(change: &FieldChange) -> (String, String) {
    let old = masked_field(change.field, &for_people(change.field, &change.old));
    let new = masked_field(change.field, &for_people(change.field, &change.new));
    let same = old.chars().zip(new.chars()).take_while(|(old, new)| old == new).count();
    let is_long = old.chars().count() > LONGEST || new.chars().count() > LONGEST;
    let skipped = if is_long && old != new { same.saturating_sub(6) } else { 0 };
    let side = |text: &str| {
        let rest: String = text.chars().skip(skipped).collect();
        match (rest.is_empty(), skipped) {
            (true, _) => "（空）".to_owned(),
            (false, 0) => cut(&rest),
            (false, _) => format!("…{}", cut(&rest)),
        }
    };
    (side(&old), side(&new))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_masked_and_short() {
        let change = |field, old: &str, new: &str| difference(&FieldChange { field, old: old.to_owned(), new: new.to_owned() });
        assert_eq!(change(Field::Title, "旧题", "新题"), "旧题 → 新题");
        assert_eq!(change(Field::Honors, "", "获奖"), "（空） → 获奖");
        assert_eq!(change(Field::ContactPhone, "13800001234", "13800005678"), "138****1234 → 138****5678");
        assert_eq!(change(Field::ContactPhone, "13800001234", "13811111234"), "138****1234 → 138****1234（隐去的部分不同）");
        let long = "质".repeat(50);
        assert_eq!(change(Field::Summary, &format!("{long}甲"), &format!("{long}乙")), "…质质质质质质甲 → …质质质质质质乙");
    }

    #[test]
    fn codes_are_unique() {
        let mut codes: Vec<_> = Code::ALL.iter().map(|code| code.names().0).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), Code::ALL.len());
    }
}
