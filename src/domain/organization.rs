//! Owns a unit (参赛单位) as the contest holds it, and its registration. How names are folded and compared is `domain::folding`.

use jiff::Timestamp;

use super::entry::{FieldChange, OrganizationProfile};
use super::field::Field;
use super::privacy::{Address, Email, PersonName, Phone};
use super::values::OrganizationId;

/// A unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Its row in the file.
    pub id: OrganizationId,
    /// Its full name, as first received or as staff set it.
    pub name: String,
    /// Other names that mean the same unit, ordered.
    pub aliases: Vec<String>,
    /// What its forms say of it.
    pub profile: OrganizationProfile,
    /// How many works it has sent.
    pub entries: u32,
    /// Intended categories of its registration (附件2（一）), as received; empty without a registration.
    pub intended: Vec<String>,
}

/// A unit's registration (在线报名表, 附件2（一）): that it takes part, with what it intends. An absent value is an empty text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Registration {
    /// 拟申报作品, as received.
    pub intended: Vec<String>,
    /// 推荐单位.
    pub recommender: String,
    /// 联系人.
    pub contact_name: PersonName,
    /// 联系手机.
    pub contact_phone: Phone,
    /// 邮箱.
    pub contact_email: Email,
    /// 部门及职务.
    pub contact_department: String,
    /// 单位地址.
    pub address: Address,
    /// 邮编.
    pub postcode: String,
    /// 报名时间.
    pub registered_at: Option<Timestamp>,
}

impl Registration {
    /// Its fields, in the order of the form, as they are compared: personal data revealed, moments in UTC.
    #[must_use]
    pub fn texts(&self) -> [(Field, String); 9] {
        [
            (Field::IntendedCategories, self.intended.join("、")),
            (Field::ContactName, self.contact_name.reveal().to_owned()),
            (Field::ContactPhone, self.contact_phone.reveal().to_owned()),
            (Field::ContactEmail, self.contact_email.reveal().to_owned()),
            (Field::ContactDepartment, self.contact_department.clone()),
            (Field::Address, self.address.reveal().to_owned()),
            (Field::Postcode, self.postcode.clone()),
            (Field::Recommender, self.recommender.clone()),
            (Field::SubmittedAt, self.registered_at.map_or_else(String::new, |moment| moment.to_string())),
        ]
    }

    /// What a later registration says differently. An empty later value says nothing and changes nothing.
    #[must_use]
    pub fn changes_to(&self, later: &Self) -> Vec<FieldChange> {
        self.texts()
            .into_iter()
            .zip(later.texts())
            .filter(|((_, old), (_, new))| !new.is_empty() && old != new)
            .map(|((field, old), (_, new))| FieldChange { field, old, new })
            .collect()
    }

    /// This registration with everything that a later one says; what the later one leaves empty stays.
    #[must_use]
    pub fn overlaid(&self, later: &Self) -> Self {
        fn text(old: &str, new: &str) -> String {
            if new.is_empty() { old } else { new }.to_owned()
        }
        Self {
            intended: if later.intended.is_empty() { &self.intended } else { &later.intended }.clone(),
            recommender: text(&self.recommender, &later.recommender),
            contact_name: PersonName::new(text(self.contact_name.reveal(), later.contact_name.reveal())),
            contact_phone: Phone::new(text(self.contact_phone.reveal(), later.contact_phone.reveal())),
            contact_email: Email::new(text(self.contact_email.reveal(), later.contact_email.reveal())),
            contact_department: text(&self.contact_department, &later.contact_department),
            address: Address::new(text(self.address.reveal(), later.address.reveal())),
            postcode: text(&self.postcode, &later.postcode),
            registered_at: later.registered_at.or(self.registered_at),
        }
    }
}
