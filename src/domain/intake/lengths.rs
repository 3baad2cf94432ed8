//! Owns how long a received value may be: generous for anything that a form asks, far below what would make the contest slow or its
//! documents unprintable. Refuses to know how a row is quarantined.
//!
//! Decision worth knowing: nothing is cut. A value that is too long is the sign of a wrong file or a broken paste, so the whole row
//! goes to quarantine as it came.

use crate::domain::entry::{Declaration, OrganizationProfile};
use crate::domain::field::Field;
use crate::domain::organization::Registration;
use crate::domain::problem::{Place, Problem};

use super::problems::Code;

/// 字 of a name, a title, an address, a choice.
pub const LONGEST_LINE: usize = 500;
/// 字 of all creators of a work.
pub const LONGEST_CREATORS: usize = 5_000;
/// 字 of a summary, honours, a remark.
pub const LONGEST_TEXT: usize = 50_000;

/// How many 字 (Unicode characters) a field may have.
#[must_use]
#[expect(clippy::wildcard_enum_match_arm, reason = "every other field is one line")]
pub fn longest(field: Field) -> usize {
    match field {
        Field::Summary | Field::Honors | Field::Remark => LONGEST_TEXT,
        Field::Creators => LONGEST_CREATORS,
        _ => LONGEST_LINE,
    }
}

/// The problem of a text that is too long, if it is.
#[must_use]
pub fn too_long(field: Field, text: &str, place: &Place) -> Option<Problem> {
    let most = longest(field);
    // A character has at least one byte: most texts are not counted.
    let count = if text.len() <= most { 0 } else { text.chars().count() };
    (count > most).then(|| {
        let label = field.label();
        let hint = format!("核对是否粘错了内容；在原表改短{label}后重新导入，或用 dasai quarantine retry 编号 --set {}=内容", field.key());
        Code::TooLong.at(place, Some(field), text, format!("{label}有 {count} 字，最多 {most} 字，不能接收"), hint)
    })
}

/// What is too long of a work's row.
pub(super) fn of_work<'a>(
    organization: &'a str,
    declaration: &'a Declaration,
    profile: &'a OrganizationProfile,
    place: &'a Place,
) -> impl Iterator<Item = Problem> {
    let own = [
        (Field::Organization, organization),
        (Field::Title, declaration.title.as_str()),
        (Field::Theme, &declaration.theme),
        (Field::Creators, &declaration.creators),
        (Field::Recommender, &declaration.recommender),
        (Field::ContactName, declaration.contact_name.reveal()),
        (Field::ContactPhone, declaration.contact_phone.reveal()),
        (Field::ContactEmail, declaration.contact_email.reveal()),
        (Field::ContactDepartment, &declaration.contact_department),
        (Field::ContactPosition, &declaration.contact_position),
        (Field::Address, declaration.address.reveal()),
        (Field::Postcode, &declaration.postcode),
        (Field::Summary, &declaration.summary),
        (Field::Honors, &declaration.honors),
        (Field::Zone, &declaration.zone),
        (Field::Remark, &declaration.remark),
    ];
    own.into_iter().chain(profile.texts()).filter_map(|(field, text)| too_long(field, text, place))
}

/// What is too long of a registration's row.
pub(super) fn of_registration(
    organization: &str,
    registration: &Registration,
    profile: &OrganizationProfile,
    place: &Place,
) -> Vec<Problem> {
    let own = registration.texts();
    let own = own.iter().map(|(field, text)| (*field, text.as_str()));
    let all = std::iter::once((Field::Organization, organization)).chain(own).chain(profile.texts());
    all.filter_map(|(field, text)| too_long(field, text, place)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_counted_in_characters() {
        let place = Place::default();
        assert_eq!(too_long(Field::Title, &"质".repeat(LONGEST_LINE), &place), None);
        let problem = too_long(Field::Title, &"质".repeat(LONGEST_LINE + 1), &place).expect("one too many");
        assert_eq!((problem.code, problem.message.as_str()), ("I508", "作品名称有 501 字，最多 500 字，不能接收"));
        assert_eq!(too_long(Field::Summary, &"质".repeat(LONGEST_TEXT), &place), None);
        assert!(too_long(Field::Summary, &"a".repeat(LONGEST_TEXT + 1), &place).is_some());
    }
}
