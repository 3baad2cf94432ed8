//! Owns the shape of the contest file: an append-only list of migrations, and which tables are logged.
//! Never edit a migration that was released; add one.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::db::StoreError;
use super::{backup, triggers};

/// Each entry takes a file from the version of its position to the next.
pub(super) const MIGRATIONS: &[&str] = &[include_str!("schema_1.sql"), include_str!("schema_2.sql"), include_str!("schema_3.sql")];

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
    "recommender",
    "recommender_alias",
    "recommendation_sheet",
    "recommendation",
    "screening",
    "waiver",
    "extension",
    "verdict",
];

/// The name of the table with this number in the log.
pub(super) fn table_name(number: i64) -> Result<&'static str, StoreError> {
    usize::try_from(number)
        .ok()
        .and_then(|number| LOGGED_TABLES.get(number).copied())
        .ok_or_else(|| StoreError::BadValue { place: "change.table_number", value: number.to_string() })
}

/// The number of this table in the log.
pub(super) fn table_number(table: &str) -> Result<i64, StoreError> {
    let position = LOGGED_TABLES.iter().position(|name| *name == table);
    let number = position.and_then(|position| i64::try_from(position).ok());
    number.ok_or_else(|| StoreError::BadValue { place: "change.table_number", value: table.to_owned() })
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

/// Brings the file at `path` to the last of `migrations`, in one transaction. A file that holds something is copied beside itself first.
///
/// # Errors
/// The file is newer than `migrations`, or it cannot be written; then it is as before.
pub(super) fn migrate(connection: &mut Connection, path: &Path, migrations: &[&str]) -> Result<(), StoreError> {
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
    if found > 0 {
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
    // A migration is no operation: it may move and rewrite rows.
    triggers::remove_guards(&transaction)?;
    for migration in migrations.iter().skip(usize::try_from(found).unwrap_or_default()) {
        transaction.execute_batch(migration)?;
    }
    triggers::create_guards(&transaction)?;
    transaction.pragma_update(None, "user_version", known)?;
    transaction.commit()?;
    Ok(())
}
