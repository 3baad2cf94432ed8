//! Owns a work (参赛作品): as received and not yet trusted ([`Draft`]), and as the contest holds it ([`Entry`]).
//! What becomes of a draft is planned in `domain::intake`; whether an entry keeps the rules is `domain::eligibility`.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::field::Field;
use super::plain::wall_clock;
use super::privacy::{Address, Email, PersonName, Phone};
use super::received::ReceivedRow;
use super::status::Status;
use super::values::{CategoryId, EntryId, EntryNumber, OrganizationId, SourceId};

/// What a form says of a work, every text as received (trimmed, not folded), numbers read where they could be.
/// An absent value is an empty text or `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Declaration {
    /// 参赛作品名称.
    pub title: String,
    /// 作品类别（四大品牌）, as chosen.
    pub theme: String,
    /// 主创者: published with the work.
    pub creators: String,
    /// 推荐单位, as chosen.
    pub recommender: String,
    /// 联系人.
    pub contact_name: PersonName,
    /// 联系手机.
    pub contact_phone: Phone,
    /// 电子邮箱.
    pub contact_email: Email,
    /// 联系部门.
    pub contact_department: String,
    /// 职务.
    pub contact_position: String,
    /// 联系地址.
    pub address: Address,
    /// 邮编.
    pub postcode: String,
    /// 作品时长 in seconds.
    pub duration: Option<u32>,
    /// 案例篇幅 in 字.
    pub length: Option<u32>,
    /// 内容简介.
    pub summary: String,
    /// 曾获相关荣誉.
    pub honors: String,
    /// 赛区, a name of the rules' list or empty.
    pub zone: String,
    /// 提交时间.
    pub submitted_at: Option<Timestamp>,
    /// 备注.
    pub remark: String,
}

impl Declaration {
    /// Text of a field as it is stored and compared; personal data revealed, so never for anything published. `None` for fields that
    /// are not part of a work's declaration. Seconds print as `5:30`; a moment is in UTC until [`on_clock`] and [`for_people`].
    #[must_use]
    pub fn text(&self, field: Field) -> Option<Cow<'_, str>> {
        let text = match field {
            Field::Title => &self.title,
            Field::Theme => &self.theme,
            Field::Creators => &self.creators,
            Field::Recommender => &self.recommender,
            Field::ContactName => self.contact_name.reveal(),
            Field::ContactPhone => self.contact_phone.reveal(),
            Field::ContactEmail => self.contact_email.reveal(),
            Field::ContactDepartment => &self.contact_department,
            Field::ContactPosition => &self.contact_position,
            Field::Address => self.address.reveal(),
            Field::Postcode => &self.postcode,
            Field::Summary => &self.summary,
            Field::Honors => &self.honors,
            Field::Zone => &self.zone,
            Field::Remark => &self.remark,
            Field::Duration => return Some(printed(self.duration, |seconds| format!("{}:{:02}", seconds / 60, seconds % 60))),
            Field::Length => return Some(printed(self.length, |length| length.to_string())),
            Field::SubmittedAt => return Some(printed(self.submitted_at, |moment| moment.to_string())),
            Field::Number
            | Field::Organization
            | Field::CreditCode
            | Field::Category
            | Field::IntendedCategories
            | Field::Nature
            | Field::Member
            | Field::FocusArea
            | Field::FocusIndustry
            | Field::Order
            | Field::Opinion => return None,
        };
        Some(Cow::Borrowed(text))
    }
}

/// A value as a text of its own, or no text.
fn printed<T>(value: Option<T>, print: impl FnOnce(T) -> String) -> Cow<'static, str> {
    value.map_or(Cow::Borrowed(""), |value| Cow::Owned(print(value)))
}

impl Declaration {
    /// This declaration with everything that a later one says; what the later one leaves empty stays.
    #[must_use]
    pub fn overlaid(&self, later: &Self) -> Self {
        fn text(old: &str, new: &str) -> String {
            if new.is_empty() { old } else { new }.to_owned()
        }
        Self {
            title: text(&self.title, &later.title),
            theme: text(&self.theme, &later.theme),
            creators: text(&self.creators, &later.creators),
            recommender: text(&self.recommender, &later.recommender),
            contact_name: PersonName::new(text(self.contact_name.reveal(), later.contact_name.reveal())),
            contact_phone: Phone::new(text(self.contact_phone.reveal(), later.contact_phone.reveal())),
            contact_email: Email::new(text(self.contact_email.reveal(), later.contact_email.reveal())),
            contact_department: text(&self.contact_department, &later.contact_department),
            contact_position: text(&self.contact_position, &later.contact_position),
            address: Address::new(text(self.address.reveal(), later.address.reveal())),
            postcode: text(&self.postcode, &later.postcode),
            duration: later.duration.or(self.duration),
            length: later.length.or(self.length),
            summary: text(&self.summary, &later.summary),
            honors: text(&self.honors, &later.honors),
            zone: text(&self.zone, &later.zone),
            submitted_at: later.submitted_at.or(self.submitted_at),
            remark: text(&self.remark, &later.remark),
        }
    }
}

impl Declaration {
    /// Empties a field; nothing happens for one that is not part of a work's declaration.
    pub fn clear(&mut self, field: Field) {
        match field {
            Field::Title => self.title.clear(),
            Field::Theme => self.theme.clear(),
            Field::Creators => self.creators.clear(),
            Field::Recommender => self.recommender.clear(),
            Field::ContactName => self.contact_name = PersonName::default(),
            Field::ContactPhone => self.contact_phone = Phone::default(),
            Field::ContactEmail => self.contact_email = Email::default(),
            Field::ContactDepartment => self.contact_department.clear(),
            Field::ContactPosition => self.contact_position.clear(),
            Field::Address => self.address = Address::default(),
            Field::Postcode => self.postcode.clear(),
            Field::Duration => self.duration = None,
            Field::Length => self.length = None,
            Field::Summary => self.summary.clear(),
            Field::Honors => self.honors.clear(),
            Field::Zone => self.zone.clear(),
            Field::SubmittedAt => self.submitted_at = None,
            Field::Remark => self.remark.clear(),
            Field::Number
            | Field::Organization
            | Field::CreditCode
            | Field::Category
            | Field::IntendedCategories
            | Field::Nature
            | Field::Member
            | Field::FocusArea
            | Field::FocusIndustry
            | Field::Order
            | Field::Opinion => {}
        }
    }
}

/// What a form says of the unit beside its name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrganizationProfile {
    /// 统一社会信用代码.
    pub credit_code: String,
    /// 单位性质.
    pub nature: String,
    /// 会员单位.
    pub member: Option<bool>,
    /// 重点领域.
    pub focus_area: String,
    /// 重点产业.
    pub focus_industry: String,
}

impl OrganizationProfile {
    /// Its fields in the order of the form, as printed; an absent one is empty.
    #[must_use]
    pub fn texts(&self) -> [(Field, &str); 5] {
        let member = match self.member {
            None => "",
            Some(true) => "是",
            Some(false) => "否",
        };
        [
            (Field::CreditCode, &self.credit_code),
            (Field::Nature, &self.nature),
            (Field::Member, member),
            (Field::FocusArea, &self.focus_area),
            (Field::FocusIndustry, &self.focus_industry),
        ]
    }

    /// What a later form says differently. An empty later value says nothing.
    #[must_use]
    pub fn changes_to(&self, later: &Self) -> Vec<FieldChange> {
        self.texts()
            .into_iter()
            .zip(later.texts())
            .filter(|((_, old), (_, new))| !new.is_empty() && old != new)
            .map(|((field, old), (_, new))| FieldChange { field, old: old.to_owned(), new: new.to_owned() })
            .collect()
    }

    /// This profile with its gaps filled by a later form; what is known stays.
    #[must_use]
    pub fn filled(&self, later: &Self) -> Self {
        fn text(old: &str, new: &str) -> String {
            if old.is_empty() { new } else { old }.to_owned()
        }
        Self {
            credit_code: text(&self.credit_code, &later.credit_code),
            nature: text(&self.nature, &later.nature),
            member: self.member.or(later.member),
            focus_area: text(&self.focus_area, &later.focus_area),
            focus_industry: text(&self.focus_industry, &later.focus_industry),
        }
    }
}

/// One received row or form, not yet trusted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Draft {
    /// Sheet of the source, as named there; empty for files without sheets.
    pub sheet: String,
    /// Row of the sheet, counted from 1 as Excel does.
    pub row: u32,
    /// 参赛单位名称 as received.
    pub organization: String,
    /// 参赛类型 as received.
    pub category: String,
    /// 作品编号, where the file carries one.
    pub number: Option<EntryNumber>,
    /// The work.
    pub declaration: Declaration,
    /// The unit.
    pub profile: OrganizationProfile,
    /// The row as received, texts in the file's order.
    pub received: ReceivedRow,
}

/// Where a work came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The received file.
    pub source: SourceId,
    /// The file's path as it was given.
    pub file: String,
    /// The sheet, empty for files without sheets.
    pub sheet: String,
    /// The row, from 1.
    pub row: u32,
}

/// A work as the contest holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its row in the file.
    pub id: EntryId,
    /// Its printed number.
    pub number: EntryNumber,
    /// Its category.
    pub category: CategoryId,
    /// Its unit.
    pub organization: OrganizationId,
    /// Its unit's name.
    pub organization_name: String,
    /// What its form says.
    pub declaration: Declaration,
    /// Where it stands.
    pub status: Status,
    /// Whether it may take an award (a ranked work of the organiser's own may not).
    pub award_eligible: bool,
    /// Why it may not.
    pub award_reason: String,
    /// When the file that brought it was received.
    pub received_at: Timestamp,
    /// When its recommender put it forward; `None`: not on record.
    pub recommended_at: Option<Timestamp>,
    /// When a later file last corrected it; `None`: never.
    pub resubmitted_at: Option<Timestamp>,
    /// Where it came from; `None` for a work typed in by hand.
    pub provenance: Option<Provenance>,
}

/// A work without its long texts and without personal data: what lists, ranking and awards need, light enough for 100,000 works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntrySummary {
    /// Its row in the file.
    pub id: EntryId,
    /// Its printed number.
    pub number: EntryNumber,
    /// Its category.
    pub category: CategoryId,
    /// Its unit.
    pub organization: OrganizationId,
    /// Its unit's name.
    pub organization_name: String,
    /// 参赛作品名称.
    pub title: String,
    /// 作品类别.
    pub theme: String,
    /// 主创者.
    pub creators: String,
    /// 推荐单位.
    pub recommender: String,
    /// 赛区; empty if not assigned.
    pub zone: String,
    /// Where it stands.
    pub status: Status,
    /// Whether it may take an award.
    pub award_eligible: bool,
    /// 提交时间.
    pub submitted_at: Option<Timestamp>,
}

/// A changed field: its name, the old and the new text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// Which field.
    pub field: Field,
    /// Text before.
    pub old: String,
    /// Text after.
    pub new: String,
}

impl FieldChange {
    /// This change with moments as scripts read them: RFC 3339 with the offset of the contest's own clock.
    #[must_use]
    pub fn on_clock(self, timezone: &TimeZone) -> Self {
        let Self { field, old, new } = self;
        Self { field, old: on_clock(field, old, timezone), new: on_clock(field, new, timezone) }
    }
}

/// The text of a field, a moment as RFC 3339 with the offset of the contest's own clock.
#[must_use]
pub fn on_clock(field: Field, text: String, timezone: &TimeZone) -> String {
    match text.parse::<Timestamp>() {
        Ok(moment) if field == Field::SubmittedAt => moment.display_with_offset(timezone.to_offset(moment)).to_string(),
        _ => text,
    }
}

/// The text of a field as people read it: a moment that [`on_clock`] gave as its wall clock, other texts as they are.
#[must_use]
pub fn for_people(field: Field, text: &str) -> Cow<'_, str> {
    match text.parse::<DateTime>() {
        Ok(local) if field == Field::SubmittedAt => Cow::Owned(wall_clock(local)),
        _ => Cow::Borrowed(text),
    }
}

impl Declaration {
    /// What a later declaration says differently. An empty later value says nothing and changes nothing.
    #[must_use]
    pub fn changes_to(&self, later: &Self) -> Vec<FieldChange> {
        let mut changes = Vec::new();
        for field in Field::ALL {
            if let (Some(old), Some(new)) = (self.text(field), later.text(field))
                && !new.is_empty()
                && old != new
            {
                changes.push(FieldChange { field, old: old.into_owned(), new: new.into_owned() });
            }
        }
        changes
    }
}
