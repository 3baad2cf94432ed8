//! Owns the shape of the contest file: an append-only list of migrations, and the triggers that log every changed row.
//! Never edit a migration that was released; add one.
//!
//! Decision worth knowing: an inserted row is not logged when it is inserted. The triggers only look whether its id lies beyond the
//! table's greatest id at the operation's start; `finish` then writes such rows as ranges. So 100,000 inserted rows cost one line.

use rusqlite::{Connection, TransactionBehavior};

use super::backup;
use super::db::StoreError;

/// Each entry takes a file from the version of its position to the next.
pub(super) const MIGRATIONS: &[&str] = &[include_str!("schema_1.sql"), include_str!("schema_2.sql")];

/// Tables whose every change is logged. The position is the table's number in `change.table_number`: append only.
pub(super) const LOGGED_TABLES: &[&str] = &[
    "rules",
    "source",
    "organization",
    "organization_alias",
    "registration",
    "entry",
    "quarantine",
    "judge",
    "panel",
    "mark",
    "given_part",
    "advancement",
    "award_grant",
    "column_mapping",
    "setting",
    "sheet_header",
    "attachment",
    "former_origin",
    "verdict",
];

/// The name of the table with this number in the log.
pub(super) fn table_name(number: i64) -> Result<&'static str, StoreError> {
    usize::try_from(number)
        .ok()
        .and_then(|number| LOGGED_TABLES.get(number).copied())
        .ok_or_else(|| StoreError::BadValue { place: "change.table_number", value: number.to_string() })
}

/// The columns of a table, in their order.
pub(super) fn columns(connection: &Connection, table: &str) -> Result<Vec<String>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT name FROM pragma_table_info(?1) ORDER BY cid")?;
    Ok(statement.query_map([table], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// The version of the file, as far as the connection sees it.
pub(super) fn version(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Brings the file to the last of `migrations`, in one transaction. A file that holds something is copied beside itself first.
///
/// # Errors
/// The file is newer than `migrations`, or it cannot be written; then it is as before.
pub(super) fn migrate(connection: &mut Connection, migrations: &[&str]) -> Result<(), StoreError> {
    let known = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    let found = version(connection)?;
    if found > known {
        return Err(StoreError::TooNew { found, known });
    }
    if found == known {
        return Ok(());
    }
    if connection.is_readonly("main")? {
        return Err(StoreError::ReadOnly);
    }
    if found > 0
        && let Some(path) = connection.path()
    {
        backup::beside(connection, path, &format!("v{found}"))?;
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been faster while this one waited for the lock.
    let found = version(&transaction)?;
    if found > known {
        return Err(StoreError::TooNew { found, known });
    }
    if found == known {
        return Ok(());
    }
    // A migration is no operation: it may move and rewrite rows, and the triggers must know the columns that it leaves.
    for trigger in log_trigger_names(&transaction)? {
        transaction.execute_batch(&format!("DROP TRIGGER \"{trigger}\""))?;
    }
    for migration in migrations.iter().skip(usize::try_from(found).unwrap_or_default()) {
        transaction.execute_batch(migration)?;
    }
    for (number, table) in LOGGED_TABLES.iter().enumerate() {
        transaction.execute_batch(&log_triggers(&transaction, number, table)?)?;
    }
    transaction.pragma_update(None, "user_version", known)?;
    transaction.commit()?;
    Ok(())
}

fn log_trigger_names(connection: &Connection) -> Result<Vec<String>, StoreError> {
    let mut statement = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name GLOB 'log_*' ORDER BY name")?;
    Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// The three triggers that log a table's changes under the open operation, and fail for a write while none is open.
fn log_triggers(connection: &Connection, number: usize, table: &str) -> Result<String, StoreError> {
    let columns = columns(connection, table)?;
    // With no operation open every row is to be logged, and the attempt to do so fails.
    let known = format!("coalesce((SELECT last_row FROM open_operation WHERE table_number = {number}), 9223372036854775807)");
    // ROLLBACK, not ABORT: what may abort makes SQLite copy every page that the statement touches, in case it must be taken back alone.
    let operation = format!(
        "coalesce((SELECT operation FROM open_operation WHERE table_number = {number}), RAISE(ROLLBACK, 'no operation is open: {table}'))"
    );
    let all = columns.iter().map(|column| format!("'{column}', OLD.{column}")).collect::<Vec<_>>().join(", ");
    let changed = |side: &str| {
        // Glued by hand: twice as fast as json_group_object over a union of the columns.
        let parts: Vec<String> = columns
            .iter()
            .map(|column| {
                format!("CASE WHEN OLD.{column} IS NOT NEW.{column} THEN ',\"{column}\":' || json_quote({side}.{column}) ELSE '' END")
            })
            .collect();
        format!("'{{' || substr({}, 2) || '}}'", parts.join(" || "))
    };
    let any = columns.iter().map(|column| format!("OLD.{column} IS NOT NEW.{column}")).collect::<Vec<_>>().join(" OR ");
    Ok(format!(
        "CREATE TRIGGER log_{table}_insert AFTER INSERT ON {table} WHEN NEW.id <= {known} BEGIN
           INSERT INTO change (operation, table_number, row, last_row) VALUES ({operation}, {number}, NEW.id, NEW.id); END;
         CREATE TRIGGER log_{table}_update AFTER UPDATE ON {table} WHEN (OLD.id <= {known} OR OLD.id <> NEW.id) AND ({any}) BEGIN
           SELECT RAISE(ABORT, 'a row keeps its id: {table}') WHERE OLD.id <> NEW.id;
           INSERT INTO change (operation, table_number, row, last_row, before, after)
           VALUES ({operation}, {number}, OLD.id, OLD.id, {before}, {after}); END;
         CREATE TRIGGER log_{table}_delete AFTER DELETE ON {table} WHEN OLD.id <= {known} BEGIN
           INSERT INTO change (operation, table_number, row, last_row, before)
           VALUES ({operation}, {number}, OLD.id, OLD.id, json_object({all})); END;",
        before = changed("OLD"),
        after = changed("NEW"),
    ))
}
