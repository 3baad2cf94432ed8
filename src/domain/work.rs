//! Owns a work as judging sees it: enough to mark, rank and name it, and nothing of its contact data, so that no result can carry any.
//! The whole work is `domain::entry`.

use super::entry::Status;
use super::values::{CategoryId, EntryId, EntryNumber, OrganizationId};

/// A work as judging sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    /// Its row in the file.
    pub id: EntryId,
    /// Its printed number.
    pub number: EntryNumber,
    /// Its category.
    pub category: CategoryId,
    /// 参赛作品名称.
    pub title: String,
    /// Its unit.
    pub organization: OrganizationId,
    /// Its unit's name.
    pub organization_name: String,
    /// 主创者, published with the work.
    pub creators: String,
    /// 推荐单位.
    pub recommender: String,
    /// 分赛区; empty where none is set.
    pub zone: String,
    /// Where it stands.
    pub status: Status,
    /// Whether it may take an award.
    pub award_eligible: bool,
}
