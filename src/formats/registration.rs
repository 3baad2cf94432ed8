//! Received tables → drafts. Streams: rows are handed to a sink one by one, so memory does not grow with the file.

use std::path::Path;

use crate::domain::entry::{Draft, OrganizationProfile};
use crate::domain::field::Field;
use crate::domain::privacy::{Address, Email, PersonName, Phone};
use crate::domain::problem::Problem;
use crate::domain::rules::ContestRules;

pub use super::sheet::Unreadable;

/// What a received table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 作品申报, one row a work.
    Entries,
    /// 在线报名表（附件2（一））, one row a unit.
    Registrations,
}

/// One row of a registrations table: a unit that takes part; works not yet declared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RegistrationDraft {
    /// Sheet, as in [`Draft`].
    pub sheet: String,
    /// Row, from 1.
    pub row: u32,
    /// 参赛单位名称 as received.
    pub organization: String,
    /// 拟申报作品: the choices as received, split.
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
    pub registered_at: Option<jiff::Timestamp>,
    /// The unit.
    pub profile: OrganizationProfile,
    /// The row as received: a JSON object, column title → text.
    pub received: String,
}

/// One row read, with what was wrong with its values. Problems of severity error make no difference here: whether a row becomes a
/// work or goes to quarantine is decided by `domain::intake`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadRow {
    /// A work, with the problems of its row.
    Entry(Box<Draft>, Vec<Problem>),
    /// A registering unit, with the problems of its row.
    Registration(Box<RegistrationDraft>, Vec<Problem>),
}

/// How to read a file.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// Forces the kind.
    pub kind: Option<Kind>,
    /// Column titles that mean a field, given by staff (`--map '列名=field'`) or remembered.
    pub mappings: Vec<(String, Field)>,
}

/// One sheet of a file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SheetReport {
    /// The sheet's name; empty for files without sheets.
    pub sheet: String,
    /// What it held; `None` where it held no table we know.
    pub kind: Option<Kind>,
    /// The encoding (`UTF-8`, `GB18030`, `UTF-16LE`, `xlsx`).
    pub encoding: String,
    /// The row of the header, from 1.
    pub header_row: Option<u32>,
    /// A digest of the header's titles, by which a mapping is remembered.
    pub header_fingerprint: String,
    /// Data rows handed to the sink.
    pub rows: u32,
    /// Column titles that no field took.
    pub unknown_columns: Vec<String>,
    /// What was wrong with the sheet as a whole (header nowhere, ambiguous columns, what was repaired).
    pub problems: Vec<Problem>,
}

/// Reads a file sheet by sheet; each row goes to `sink`, which may stop the reading with its own error.
///
/// # Errors
/// `Ok(Err(_))`: the file is no table we can read. `Err(_)`: the sink's own error.
pub fn read<E>(
    _path: &Path,
    _shown: &str,
    _rules: &ContestRules,
    _options: &ReadOptions,
    _sink: &mut dyn FnMut(ReadRow) -> Result<(), E>,
) -> Result<Result<Vec<SheetReport>, Unreadable>, E> {
    Ok(Ok(Vec::new()))
}
