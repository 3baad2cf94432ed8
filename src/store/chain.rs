//! Owns the hash chain of the log: each operation's hash covers the hash before it, the operation and its changes. Refuses to know
//! what a change means.
//!
//! Decision worth knowing: the chain proves that the log is as written. It says nothing about the rows themselves: an inserted row is
//! logged by its id only.

use rusqlite::{Connection, OptionalExtension as _, params};
use sha2::{Digest as _, Sha256};

use super::db::{Reader, StoreError};
use crate::domain::values::OperationId;

/// What a walk along the chain found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChainState {
    /// Every hash is as it must be.
    Intact {
        /// How many operations.
        operations: usize,
    },
    /// The first operation that does not match: it, its changes, or what stood before it was altered.
    Broken(OperationId),
    /// Operations at the end are missing, from this number on.
    Cut(OperationId),
}

/// Walks the chain from the first operation.
///
/// # Errors
/// The file cannot be read.
pub fn verify(reader: &Reader<'_>) -> Result<ChainState, StoreError> {
    let sql = reader.sql();
    let mut statement = sql.prepare("SELECT id, hash, first_change FROM operation ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut previous = String::new();
    let mut operations = 0;
    let mut last = 0;
    let mut covered: i64 = 0;
    while let Some(row) = rows.next()? {
        let (id, hash, first_change): (i64, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let (expected, end) = operation_hash(sql, &previous, OperationId(id))?;
        // A change between two operations belongs to none.
        let stray: bool = sql
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM change WHERE id > ?1 AND id < ?2)")?
            .query_row([covered, first_change], |row| row.get(0))?;
        if expected != hash || stray || id != last + 1 {
            return Ok(ChainState::Broken(OperationId(id)));
        }
        covered = end.max(covered);
        previous = hash;
        operations += 1;
        last = id;
    }
    let issued: Option<i64> = sql.query_row("SELECT seq FROM sqlite_sequence WHERE name = 'operation'", [], |row| row.get(0)).optional()?;
    let beyond: bool = sql.query_row("SELECT EXISTS (SELECT 1 FROM change WHERE id > ?1)", [covered], |row| row.get(0))?;
    if issued.is_some_and(|issued| issued > last) || beyond {
        return Ok(ChainState::Cut(OperationId(last + 1)));
    }
    Ok(ChainState::Intact { operations })
}

/// The hash of the operation before this one; empty for the first.
pub(super) fn previous_hash(sql: &Connection, id: OperationId) -> Result<String, StoreError> {
    Ok(sql
        .query_row("SELECT hash FROM operation WHERE id < ?1 ORDER BY id DESC LIMIT 1", [id.0], |row| row.get(0))
        .optional()?
        .unwrap_or_default())
}

/// The hash of an operation as it stands in the file, and the id of its last change (0 without one).
///
/// Every value is hashed with its kind and length before it, so that no two different rows give the same bytes.
pub(super) fn operation_hash(sql: &Connection, previous: &str, id: OperationId) -> Result<(String, i64), StoreError> {
    let mut hash = Sha256::new();
    text(&mut hash, Some(previous));
    let mut head =
        sql.prepare_cached("SELECT at, actor, command, summary, kind, target, first_change, changes FROM operation WHERE id = ?1")?;
    let first_change: i64 = head.query_row([id.0], |row| {
        number(&mut hash, Some(id.0));
        for column in 0..5 {
            text(&mut hash, Some(row.get_ref(column)?.as_str()?));
        }
        for column in 5..8 {
            number(&mut hash, row.get(column)?);
        }
        row.get(6)
    })?;
    // By id from the first change on: the rows lie together, and the index would need a sort.
    let mut statement =
        sql.prepare_cached("SELECT id, operation, table_number, row, last_row, before, after FROM change WHERE id >= ?1 ORDER BY id")?;
    let mut rows = statement.query(params![first_change])?;
    let mut end = 0;
    while let Some(row) = rows.next()? {
        if row.get::<_, i64>(1)? != id.0 {
            break;
        }
        end = row.get(0)?;
        for column in 2..5 {
            number(&mut hash, row.get(column)?);
        }
        for column in 5..7 {
            text(&mut hash, row.get_ref(column)?.as_str_or_null()?);
        }
    }
    Ok((format!("{:x}", hash.finalize()), end))
}

fn text(hash: &mut Sha256, value: Option<&str>) {
    match value {
        Some(value) => {
            hash.update([1]);
            hash.update(u64::try_from(value.len()).unwrap_or(u64::MAX).to_le_bytes());
            hash.update(value);
        }
        None => hash.update([0]),
    }
}

fn number(hash: &mut Sha256, value: Option<i64>) {
    match value {
        Some(value) => {
            hash.update([2]);
            hash.update(value.to_le_bytes());
        }
        None => hash.update([0]),
    }
}
