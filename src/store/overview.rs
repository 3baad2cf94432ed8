//! Owns the counts that the dashboard shows, each by one query over whole tables, so that it stays instant. Refuses to know which works
//! compete: counts come by status.

use jiff::Timestamp;

use super::db::{Reader, StoreError};
use crate::domain::status::Status;
use crate::domain::values::{CategoryId, RoundId};

/// Works of a category in a zone (empty: none) with a status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkCount {
    /// The category.
    pub category: CategoryId,
    /// The round that they were let into; `None`: all works of the category.
    pub round: Option<RoundId>,
    /// The zone; empty where none is assigned.
    pub zone: String,
    /// Where they stand.
    pub status: Status,
    /// How many.
    pub count: u64,
}

/// Works by category, zone and status; then works let into later rounds, by round too. Ordered by these.
///
/// # Errors
/// The file cannot be read.
pub fn works(reader: &Reader<'_>) -> Result<Vec<WorkCount>, StoreError> {
    let mut statement = reader.sql().prepare_cached(
        "SELECT category, NULL, zone, status, count(*) FROM entry GROUP BY category, zone, status \
         UNION ALL SELECT e.category, a.to_round, e.zone, e.status, count(*) FROM advancement a JOIN entry e ON e.id = a.entry \
         GROUP BY e.category, a.to_round, e.zone, e.status ORDER BY 1, 2, 3, 4",
    )?;
    let mut rows = statement.query([])?;
    let mut counts = Vec::new();
    while let Some(row) = rows.next()? {
        let key: String = row.get(3)?;
        counts.push(WorkCount {
            category: CategoryId::new(row.get::<_, String>(0)?),
            round: row.get::<_, Option<String>>(1)?.map(RoundId::new),
            zone: row.get(2)?,
            status: Status::from_key(&key).ok_or(StoreError::BadValue { place: "entry.status", value: key })?,
            count: row.get::<_, i64>(4)?.try_into().unwrap_or_default(),
        });
    }
    Ok(counts)
}

/// Judges of a panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PanelCount {
    /// The category.
    pub category: CategoryId,
    /// The round.
    pub round: RoundId,
    /// The zone; empty for all.
    pub zone: String,
    /// How many judges.
    pub judges: u64,
}

/// Judges by panel, ordered by category, round and zone.
///
/// # Errors
/// The file cannot be read.
pub fn panels(reader: &Reader<'_>) -> Result<Vec<PanelCount>, StoreError> {
    let sql = "SELECT category, round, zone, count(*) FROM panel GROUP BY category, round, zone ORDER BY 1, 2, 3";
    let mut statement = reader.sql().prepare_cached(sql)?;
    let panels = statement.query_map([], |row| {
        Ok(PanelCount {
            category: CategoryId::new(row.get::<_, String>(0)?),
            round: RoundId::new(row.get::<_, String>(1)?),
            zone: row.get(2)?,
            judges: row.get::<_, i64>(3)?.try_into().unwrap_or_default(),
        })
    })?;
    Ok(panels.collect::<Result<_, _>>()?)
}

/// How many score sheets (a judge's for a work: marks, absence or recusal) came in, by category and round, ordered by these.
///
/// # Errors
/// The file cannot be read.
pub fn sheets(reader: &Reader<'_>) -> Result<Vec<(CategoryId, RoundId, u64)>, StoreError> {
    let mut statement = reader.sql().prepare_cached(
        "SELECT e.category, m.round, count(*) FROM (SELECT DISTINCT entry, round, judge FROM mark) m JOIN entry e ON e.id = m.entry \
         GROUP BY e.category, m.round ORDER BY 1, 2",
    )?;
    let sheets = statement.query_map([], |row| {
        let count: i64 = row.get(2)?;
        Ok((CategoryId::new(row.get::<_, String>(0)?), RoundId::new(row.get::<_, String>(1)?), count.try_into().unwrap_or_default()))
    })?;
    Ok(sheets.collect::<Result<_, _>>()?)
}

/// How many works were submitted (or, where no form says when, received) at this moment or later; whole seconds count.
///
/// # Errors
/// The file cannot be read.
pub fn submitted_from(reader: &Reader<'_>, moment: Timestamp) -> Result<u64, StoreError> {
    let second: String = moment.to_string().chars().take(19).collect();
    let sql = "SELECT count(*) FROM entry WHERE substr(coalesce(submitted_at, received_at), 1, 19) >= ?1";
    let count: i64 = reader.sql().prepare_cached(sql)?.query_row([second], |row| row.get(0))?;
    Ok(count.try_into().unwrap_or_default())
}

/// How many judges there are.
///
/// # Errors
/// The file cannot be read.
pub fn judges(reader: &Reader<'_>) -> Result<u64, StoreError> {
    let count: i64 = reader.sql().query_row("SELECT count(*) FROM judge", [], |row| row.get(0))?;
    Ok(count.try_into().unwrap_or_default())
}

/// How many awards stand, by award, for works of a category.
///
/// # Errors
/// The file cannot be read.
pub fn awards(reader: &Reader<'_>, category: &CategoryId) -> Result<u64, StoreError> {
    let sql = "SELECT count(*) FROM award_grant g JOIN entry e ON e.id = g.entry WHERE e.category = ?1";
    let count: i64 = reader.sql().prepare_cached(sql)?.query_row([category.as_str()], |row| row.get(0))?;
    Ok(count.try_into().unwrap_or_default())
}
