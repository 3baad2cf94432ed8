//! Owns reading the log: operations, which of them are undone, and the rows that each changed. Refuses to know what a column means
//! and who may see it: commands mask personal data. Taking back is `store::undo`, the hash chain `store::chain`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::{Map, Value};

use super::db::{Kind, Reader, StoreError};
use super::schema::{table_name, table_number};
use crate::domain::values::OperationId;

/// An operation in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Its number: 1, 2, …
    pub id: OperationId,
    /// When it began.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// The command line as typed; may hold personal data.
    pub command: String,
    /// What was done, one sentence.
    pub summary: String,
    /// New work, undo or redo.
    pub kind: Kind,
    /// How many rows it changed; a row changed twice counts twice.
    pub changes: u64,
    /// The operation that took this one back, unless that was taken back itself.
    pub undone_by: Option<OperationId>,
}

/// All operations, oldest first.
///
/// # Errors
/// The file cannot be read.
pub fn operations(reader: &Reader<'_>) -> Result<Vec<Operation>, StoreError> {
    let mut statement =
        reader.sql().prepare_cached("SELECT id, at, actor, command, summary, kind, target, changes FROM operation ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut operations = Vec::new();
    while let Some(row) = rows.next()? {
        operations.push(operation_of(row)?);
    }
    // From the newest back: whoever is not undone undoes its target.
    let mut undone: BTreeMap<OperationId, OperationId> = BTreeMap::new();
    for operation in operations.iter_mut().rev() {
        operation.undone_by = undone.get(&operation.id).copied();
        if let (None, Some(target)) = (operation.undone_by, operation.kind.target()) {
            undone.entry(target).or_insert(operation.id);
        }
    }
    Ok(operations)
}

fn operation_of(row: &Row<'_>) -> Result<Operation, StoreError> {
    let at: String = row.get(1)?;
    let kind: String = row.get(5)?;
    let target = row.get::<_, Option<i64>>(6)?.map(OperationId);
    let kind = match (kind.as_str(), target) {
        ("undo", Some(target)) => Kind::Undo(target),
        ("redo", Some(target)) => Kind::Redo(target),
        ("do", None) => Kind::Do,
        _ => return Err(StoreError::BadValue { place: "operation.kind", value: kind }),
    };
    Ok(Operation {
        id: OperationId(row.get(0)?),
        at: at.parse().map_err(|_| StoreError::BadValue { place: "operation.at", value: at })?,
        actor: row.get(2)?,
        command: row.get(3)?,
        summary: row.get(4)?,
        kind,
        changes: row.get::<_, i64>(7)?.try_into().unwrap_or_default(),
        undone_by: None,
    })
}

/// What happened to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowEvent {
    /// Inserted; a whole range of rows may stand as one.
    Inserted,
    /// Some columns changed.
    Updated,
    /// Deleted.
    Deleted,
}

/// A column's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stored {
    /// NULL, or no such column.
    Nothing,
    /// A number.
    Integer(i64),
    /// A text.
    Text(String),
}

/// A changed column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnChange {
    /// The column's name.
    pub column: String,
    /// Before; nothing for an inserted row.
    pub old: Stored,
    /// After; nothing for a deleted row.
    pub new: Stored,
}

/// A changed row, or a range of inserted rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowChange {
    /// The table.
    pub table: &'static str,
    /// The row's id, or the first of the range.
    pub row: i64,
    /// The last of the range.
    pub last_row: i64,
    /// What people call the row: a work's number, a unit's or judge's name; empty where there is no such thing.
    pub name: String,
    /// What happened.
    pub event: RowEvent,
    /// The changed columns; all columns of a deleted row, none of inserted rows: those are their own record.
    pub columns: Vec<ColumnChange>,
}

/// The first `limit` changed rows of an operation, in their order.
///
/// # Errors
/// The file cannot be read, or the log is damaged.
pub fn changes(reader: &Reader<'_>, operation: OperationId, limit: usize) -> Result<Vec<RowChange>, StoreError> {
    let mut statement = reader.sql().prepare_cached(
        "SELECT table_number, row, last_row, before, after FROM change
         WHERE id >= (SELECT first_change FROM operation WHERE id = ?1) AND +operation = ?1 ORDER BY id LIMIT ?2",
    )?;
    let mut rows = statement.query(params![operation.0, i64::try_from(limit).unwrap_or(i64::MAX)])?;
    let mut changes = Vec::new();
    while let Some(row) = rows.next()? {
        changes.push(change_of(reader.sql(), row)?);
    }
    Ok(changes)
}

/// Every operation that changed the row, oldest first, with what it changed.
///
/// # Errors
/// The table is not logged, the file cannot be read, or the log is damaged.
pub fn history(reader: &Reader<'_>, table: &str, row: i64) -> Result<Vec<(Operation, RowChange)>, StoreError> {
    let operations: BTreeMap<i64, Operation> = operations(reader)?.into_iter().map(|operation| (operation.id.0, operation)).collect();
    let changes = changes_of_row(reader, table, row)?.into_iter();
    Ok(changes.filter_map(|(operation, change)| Some((operations.get(&operation)?.clone(), change))).collect())
}

/// What happened to the row, oldest first, each change with its operation's number.
///
/// # Errors
/// The table is not logged, the file cannot be read, or the log is damaged.
pub(super) fn changes_of_row(reader: &Reader<'_>, table: &str, row: i64) -> Result<Vec<(i64, RowChange)>, StoreError> {
    let number = table_number(table)?;
    let mut statement = reader.sql().prepare_cached(
        "SELECT table_number, row, last_row, before, after, operation FROM change
         WHERE id IN (SELECT id FROM change INDEXED BY change_row WHERE table_number = ?1 AND row = ?2
                      UNION SELECT id FROM change INDEXED BY change_range
                      WHERE last_row > row AND table_number = ?1 AND row <= ?2 AND last_row >= ?2)
         ORDER BY id",
    )?;
    let mut rows = statement.query([number, row])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push((row.get(5)?, change_of(reader.sql(), row)?));
    }
    Ok(found)
}

fn change_of(sql: &Connection, row: &Row<'_>) -> Result<RowChange, StoreError> {
    let table = table_name(row.get(0)?)?;
    let before = image(row.get_ref(3)?.as_str_or_null()?)?;
    let after = image(row.get_ref(4)?.as_str_or_null()?)?;
    let (first, last): (i64, i64) = (row.get(1)?, row.get(2)?);
    let event = match (&before, &after) {
        (None, _) => RowEvent::Inserted,
        (Some(_), Some(_)) => RowEvent::Updated,
        (Some(_), None) => RowEvent::Deleted,
    };
    let mut columns = Vec::new();
    for (column, old) in before.iter().flatten() {
        let new = after.as_ref().and_then(|after| after.get(column));
        columns.push(ColumnChange { column: column.clone(), old: stored(Some(old)), new: stored(new) });
    }
    // Only the form of the row as received changed: a summary that it relied on stands in it now.
    if table == "entry" && columns.iter().all(|change| change.column != "source") {
        columns.retain(|change| change.column != "received");
    }
    let name = if first == last { name_of(sql, table, first, before.as_ref())? } else { String::new() };
    Ok(RowChange { table, row: first, last_row: last, name, event, columns })
}

/// A row's image in the log.
pub(super) fn image(text: Option<&str>) -> Result<Option<Map<String, Value>>, StoreError> {
    text.map(|text| {
        serde_json::from_str(text).map_err(|_| StoreError::BadValue { place: "change.before", value: text.chars().take(40).collect() })
    })
    .transpose()
}

/// A value of an image.
pub(super) fn stored(value: Option<&Value>) -> Stored {
    match value {
        None | Some(Value::Null) => Stored::Nothing,
        Some(Value::String(text)) => Stored::Text(text.clone()),
        Some(value) => value.as_i64().map_or_else(|| Stored::Text(value.to_string()), Stored::Integer),
    }
}

/// What people call a row that is in the file: a work's number, a unit's or judge's name; else empty.
///
/// # Errors
/// The file cannot be read.
pub fn name(reader: &Reader<'_>, table: &'static str, row: i64) -> Result<String, StoreError> {
    name_of(reader.sql(), table, row, None)
}

/// What people call a row: by its column, or by the work that it belongs to.
fn name_of(sql: &Connection, table: &str, row: i64, before: Option<&Map<String, Value>>) -> Result<String, StoreError> {
    let column = match table {
        "entry" => "number",
        "organization" | "organization_alias" | "judge" | "recommender" | "recommender_alias" => "name",
        "source" | "attachment" | "recommendation_sheet" => "path",
        "setting" => "key",
        "column_mapping" => "column_title",
        "mark" | "given_part" | "advancement" | "award_grant" | "quarantine" | "former_origin" | "recommendation" | "screening"
        | "waiver" => "entry",
        "panel" => "judge",
        "verdict" => "first",
        _ => return Ok(String::new()),
    };
    let now = sql
        .prepare_cached(&format!("SELECT CAST({column} AS TEXT) FROM {table} WHERE id = ?1"))?
        .query_row([row], |row| row.get::<_, Option<String>>(0))
        .optional()?
        .flatten();
    let then = || match stored(before?.get(column)) {
        Stored::Text(text) => Some(text),
        Stored::Integer(number) => Some(number.to_string()),
        Stored::Nothing => None,
    };
    let Some(value) = now.or_else(then) else { return Ok(String::new()) };
    let owner = match column {
        "entry" | "first" => "SELECT number FROM entry WHERE id = CAST(?1 AS INTEGER)",
        "judge" => "SELECT name FROM judge WHERE id = CAST(?1 AS INTEGER)",
        _ => return Ok(value),
    };
    Ok(sql.prepare_cached(owner)?.query_row([value], |row| row.get(0)).optional()?.unwrap_or_default())
}
