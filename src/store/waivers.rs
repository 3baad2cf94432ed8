//! Owns the rows of waivers. Refuses to know which finding a waiver covers (`domain::waiver`).

use rusqlite::params;

use super::db::{Reader, StoreError, Tx};
use crate::domain::check_catalogue::Code;
use crate::domain::values::{EntryId, OperationId};
use crate::domain::waiver::Waived;

/// A waiver on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// Its row.
    pub id: i64,
    /// What it sets aside.
    pub waived: Waived,
    /// Why.
    pub reason: String,
    /// The operation that gave it; when and who are there.
    pub operation: OperationId,
    /// The operation that took it back; `None`: it stands.
    pub ended: Option<OperationId>,
}

/// Every waiver, also those taken back, oldest first.
///
/// # Errors
/// The file cannot be read.
pub fn list(reader: &Reader<'_>) -> Result<Vec<Waiver>, StoreError> {
    let mut statement =
        reader.sql().prepare_cached("SELECT id, code, entry, subject, related, reason, operation, ended FROM waiver ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let code: String = row.get(1)?;
        found.push(Waiver {
            id: row.get(0)?,
            waived: Waived {
                code: Code::named(&code).ok_or(StoreError::BadValue { place: "waiver.code", value: code })?,
                entry: EntryId(row.get(2)?),
                subject: row.get(3)?,
                related: row.get::<_, Option<i64>>(4)?.map(EntryId),
            },
            reason: row.get(5)?,
            operation: OperationId(row.get(6)?),
            ended: row.get::<_, Option<i64>>(7)?.map(OperationId),
        });
    }
    Ok(found)
}

/// The waivers that stand, oldest first.
///
/// # Errors
/// The file cannot be read.
pub fn standing(reader: &Reader<'_>) -> Result<impl Iterator<Item = Waiver>, StoreError> {
    Ok(list(reader)?.into_iter().filter(|waiver| waiver.ended.is_none()))
}

/// Writes a waiver; one that stands for the same must not be there.
///
/// # Errors
/// The file cannot be written.
pub fn insert(tx: &Tx<'_>, waived: &Waived, reason: &str) -> Result<(), StoreError> {
    let sql = "INSERT INTO waiver (code, entry, subject, related, reason, operation) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    tx.writing("waiver")?.prepare_cached(sql)?.execute(params![
        waived.code.entry().name,
        waived.entry.0,
        waived.subject,
        waived.related.map(|related| related.0),
        reason,
        tx.id().0,
    ])?;
    Ok(())
}

/// Takes a waiver back.
///
/// # Errors
/// The file cannot be written.
pub fn end(tx: &Tx<'_>, id: i64) -> Result<(), StoreError> {
    tx.writing("waiver")?.prepare_cached("UPDATE waiver SET ended = ?2 WHERE id = ?1")?.execute(params![id, tx.id().0])?;
    Ok(())
}
