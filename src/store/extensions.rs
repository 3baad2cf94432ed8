//! Owns the rows of extended deadlines. Refuses to know which of them applies to a work (`domain::extension`).

use rusqlite::params;

use super::db::{Reader, StoreError, Tx};
use crate::domain::extension::{Extension, Extensions, Scope, Stage};
use crate::domain::recommendation::Directory;
use crate::domain::rules::Deadline;
use crate::domain::values::{EntryId, OperationId, OrganizationId};

/// An extension on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// What was granted.
    pub extension: Extension,
    /// The operation that granted it; when and who are there.
    pub operation: OperationId,
}

/// Every extension, oldest first.
///
/// # Errors
/// The file cannot be read.
pub fn list(reader: &Reader<'_>) -> Result<Vec<Granted>, StoreError> {
    let mut statement = reader
        .sql()
        .prepare_cached("SELECT stage, entry, organization, recommender, until, reason, operation FROM extension ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (stage, until): (String, String) = (row.get(0)?, row.get(4)?);
        let recommender: String = row.get(3)?;
        let scope = match (row.get::<_, Option<i64>>(1)?, row.get::<_, Option<i64>>(2)?) {
            (Some(entry), _) => Scope::Entry(EntryId(entry)),
            (None, Some(organization)) => Scope::Organization(OrganizationId(organization)),
            (None, None) if recommender.is_empty() => Scope::All,
            (None, None) => Scope::Recommender(recommender),
        };
        found.push(Granted {
            extension: Extension {
                stage: Stage::from_key(&stage).ok_or(StoreError::BadValue { place: "extension.stage", value: stage })?,
                scope,
                until: Deadline(until.parse().map_err(|_| StoreError::BadValue { place: "extension.until", value: until })?),
                reason: row.get(5)?,
            },
            operation: OperationId(row.get(6)?),
        });
    }
    Ok(found)
}

/// Every extension, as an index of what applies to whom; the directory says which names are one recommender's.
///
/// # Errors
/// The file cannot be read.
pub fn index(reader: &Reader<'_>, directory: &Directory) -> Result<Extensions, StoreError> {
    Ok(Extensions::new(list(reader)?.iter().map(|granted| &granted.extension), directory))
}

/// Writes an extension.
///
/// # Errors
/// The file cannot be written.
pub fn insert(tx: &Tx<'_>, extension: &Extension) -> Result<(), StoreError> {
    let (entry, organization, recommender) = match &extension.scope {
        Scope::All => (None, None, ""),
        Scope::Entry(entry) => (Some(entry.0), None, ""),
        Scope::Organization(organization) => (None, Some(organization.0), ""),
        Scope::Recommender(name) => (None, None, name.as_str()),
    };
    let sql = "INSERT INTO extension (stage, entry, organization, recommender, until, reason, operation) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    tx.writing("extension")?.prepare_cached(sql)?.execute(params![
        extension.stage.key(),
        entry,
        organization,
        recommender,
        extension.until.0.to_string(),
        extension.reason,
        tx.id().0,
    ])?;
    Ok(())
}
