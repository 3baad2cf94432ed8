//! Owns the counts that the dashboard shows, each by one query over whole tables, so that it stays instant. Refuses to know which works
//! compete: counts come by status.

use jiff::Timestamp;

use super::db::{Reader, StoreError};
use super::entries;
use crate::domain::status::Status;
use crate::domain::values::{CategoryId, EntryId, OrganizationId, RoundId};

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
        counts.push(WorkCount {
            category: CategoryId::new(row.get::<_, String>(0)?),
            round: row.get::<_, Option<String>>(1)?.map(RoundId::new),
            zone: row.get(2)?,
            status: entries::status(row, 3)?,
            count: row.get::<_, i64>(4)?.try_into().unwrap_or_default(),
        });
    }
    Ok(counts)
}

/// A work by when it was submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submitted {
    /// The work.
    pub entry: EntryId,
    /// Its unit.
    pub organization: OrganizationId,
    /// Its recommender, as its form has it.
    pub recommender: String,
    /// Where it stands.
    pub status: Status,
    /// When it was submitted (or, where no form says when, received).
    pub at: Timestamp,
}

/// Works that were submitted at this moment or later, ordered by identity; whole seconds count.
///
/// # Errors
/// The file cannot be read.
pub fn submitted_from(reader: &Reader<'_>, moment: Timestamp) -> Result<Vec<Submitted>, StoreError> {
    let second: String = moment.to_string().chars().take(19).collect();
    let sql = "SELECT id, organization, recommender, status, coalesce(submitted_at, received_at) FROM entry \
         WHERE substr(coalesce(submitted_at, received_at), 1, 19) >= ?1 ORDER BY id";
    let mut statement = reader.sql().prepare_cached(sql)?;
    let mut rows = statement.query([second])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(Submitted {
            entry: EntryId(row.get(0)?),
            organization: OrganizationId(row.get(1)?),
            recommender: row.get(2)?,
            status: entries::status(row, 3)?,
            at: entries::moment(&row.get::<_, String>(4)?, "entry.submitted_at")?,
        });
    }
    Ok(found)
}

/// How many judges there are.
///
/// # Errors
/// The file cannot be read.
pub fn judges(reader: &Reader<'_>) -> Result<u64, StoreError> {
    let count: i64 = reader.sql().query_row("SELECT count(*) FROM judge", [], |row| row.get(0))?;
    Ok(count.try_into().unwrap_or_default())
}
