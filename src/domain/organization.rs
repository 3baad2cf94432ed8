//! Owns a unit (参赛单位) as the contest holds it. How names are folded and compared is `domain::folding`.

use super::entry::OrganizationProfile;
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
