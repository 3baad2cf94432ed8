//! Owns a work (参赛作品): as received and not yet trusted ([`Draft`]), and as the contest holds it ([`Entry`]).
//! What becomes of a draft is planned in `domain::intake`; whether an entry keeps the rules is `domain::eligibility`.

use jiff::Timestamp;

use super::field::Field;
use super::privacy::{Address, Email, PersonName, Phone};
use super::received::ReceivedRow;
use super::values::{CategoryId, EntryId, EntryNumber, OrganizationId, SourceId};

/// Where a work stands. Declared works wait for formal review; only accepted ones compete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// 已申报: received, nothing decided yet.
    Declared,
    /// 已推荐: its recommender has put it forward.
    Recommended,
    /// 已受理: passed formal review.
    Accepted,
    /// 退回修改: sent back with a correction notice.
    Returned,
    /// 已重新提交: came back corrected.
    Resubmitted,
    /// 已淘汰: eliminated by formal review.
    Rejected,
    /// 已撤回: withdrawn by its unit.
    Withdrawn,
    /// 取消资格: disqualified.
    Disqualified,
}

impl Status {
    /// Every status, in the order of a work's life.
    pub const ALL: [Self; 8] = [
        Self::Declared,
        Self::Recommended,
        Self::Accepted,
        Self::Returned,
        Self::Resubmitted,
        Self::Rejected,
        Self::Withdrawn,
        Self::Disqualified,
    ];

    /// The key in JSON and in the database.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::Recommended => "recommended",
            Self::Accepted => "accepted",
            Self::Returned => "returned",
            Self::Resubmitted => "resubmitted",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
            Self::Disqualified => "disqualified",
        }
    }

    /// The printed name.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Declared => "已申报",
            Self::Recommended => "已推荐",
            Self::Accepted => "已受理",
            Self::Returned => "退回修改",
            Self::Resubmitted => "已重新提交",
            Self::Rejected => "已淘汰",
            Self::Withdrawn => "已撤回",
            Self::Disqualified => "取消资格",
        }
    }

    /// The status with this key.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.key() == key)
    }

    /// Whether the work counts in judging, ranking and awards. The one place that decides it: declared works compete until formal
    /// review (形式审查) is done in this program, because until then nobody has had the occasion to accept them; what was
    /// eliminated, withdrawn or disqualified does not.
    #[must_use]
    pub fn competes(self) -> bool {
        self.is_active()
    }

    /// Whether the work is still in the contest: not eliminated, withdrawn or disqualified.
    #[must_use]
    pub fn is_active(self) -> bool {
        !matches!(self, Self::Rejected | Self::Withdrawn | Self::Disqualified)
    }
}

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
    /// Text of a field as staff see it on their own screens; personal data revealed, so never for anything published.
    /// `None` for fields that are not part of a work's declaration. Seconds print as `5:30`.
    #[must_use]
    pub fn text(&self, field: Field) -> Option<String> {
        let text = match field {
            Field::Title => self.title.clone(),
            Field::Theme => self.theme.clone(),
            Field::Creators => self.creators.clone(),
            Field::Recommender => self.recommender.clone(),
            Field::ContactName => self.contact_name.reveal().to_owned(),
            Field::ContactPhone => self.contact_phone.reveal().to_owned(),
            Field::ContactEmail => self.contact_email.reveal().to_owned(),
            Field::ContactDepartment => self.contact_department.clone(),
            Field::ContactPosition => self.contact_position.clone(),
            Field::Address => self.address.reveal().to_owned(),
            Field::Postcode => self.postcode.clone(),
            Field::Duration => self.duration.map_or_else(String::new, |seconds| format!("{}:{:02}", seconds / 60, seconds % 60)),
            Field::Length => self.length.map_or_else(String::new, |length| length.to_string()),
            Field::Summary => self.summary.clone(),
            Field::Honors => self.honors.clone(),
            Field::Zone => self.zone.clone(),
            Field::SubmittedAt => self.submitted_at.map_or_else(String::new, |moment| moment.to_string()),
            Field::Remark => self.remark.clone(),
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
        Some(text)
    }
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
                changes.push(FieldChange { field, old, new });
            }
        }
        changes
    }
}
