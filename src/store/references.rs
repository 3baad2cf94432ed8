//! Owns which rows of other tables hang on a unit or a work, and moving them to another. Refuses to know what the rows mean.
//!
//! Decision worth knowing: the tables are asked from the file's own foreign keys, so a table that is added later follows too.

use rusqlite::{Connection, params};

use super::db::{Reader, StoreError, Tx};
use super::{schema, verdicts};
use crate::domain::values::EntryId;
use crate::domain::verdict::WorkPair;

/// Tables whose rows go along when two works become one: what was received, not what was decided.
const RECEIVED: [&str; 3] = ["attachment", "former_origin", "quarantine"];

/// Every column that refers to the table, with its table, ordered.
fn columns_to(sql: &Connection, table: &str) -> Result<Vec<(String, String)>, StoreError> {
    let mut statement = sql.prepare_cached(
        "SELECT t.name, f.\"from\" FROM sqlite_schema t JOIN pragma_foreign_key_list(t.name) f \
         WHERE t.type = 'table' AND f.\"table\" = ?1 ORDER BY 1, 2",
    )?;
    Ok(statement.query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?)
}

/// Moves everything that refers to one row of the table to another.
pub(super) fn move_all(tx: &Tx<'_>, table: &str, from: i64, into: i64) -> Result<(), StoreError> {
    for (other, column) in columns_to(tx.sql(), table)? {
        tx.writing(&other)?.execute(&format!("UPDATE {other} SET {column} = ?2 WHERE {column} = ?1"), params![from, into])?;
    }
    Ok(())
}

/// What was decided of a work that would be lost if it went into another: the tables in which it stands, each once, ordered. A verdict
/// that both are one work asks for just that, and is not among them.
///
/// # Errors
/// The file cannot be read.
pub fn decided(reader: &Reader<'_>, from: EntryId, into: EntryId) -> Result<Vec<&'static str>, StoreError> {
    let mut found = Vec::new();
    for (table, column) in columns_to(reader.sql(), "entry")?.into_iter().filter(|(table, _)| !RECEIVED.contains(&table.as_str())) {
        let known = schema::table_name(schema::table_number(&table)?)?;
        let but = if table == "verdict" { " AND NOT (verdict = 'same' AND ?2 IN (first, second))" } else { " AND ?2 IS NOT NULL" };
        let sql = format!("SELECT EXISTS (SELECT 1 FROM {table} WHERE {column} = ?1{but})");
        if !found.contains(&known) && reader.sql().query_row(&sql, [from.0, into.0], |row| row.get(0))? {
            found.push(known);
        }
    }
    Ok(found)
}

/// Makes two works one: what was received for the first goes to the second, which remembers the first's row as one of its own, and the
/// first is removed. Of what was decided of the first nothing may be left but that both are one; see [`decided`].
///
/// # Errors
/// The file cannot be written, or something still refers to the first work.
pub fn join_works(tx: &Tx<'_>, from: EntryId, into: EntryId) -> Result<(), StoreError> {
    // Else the first's own file would come back as a correction of the second.
    let origin = "INSERT INTO former_origin (entry, source, sheet, row) \
                  SELECT ?2, source, sheet, row FROM entry WHERE id = ?1 AND source IS NOT NULL AND row IS NOT NULL";
    tx.writing("former_origin")?.execute(origin, params![from.0, into.0])?;
    if let Some(pair) = WorkPair::new(from, into) {
        verdicts::remove(tx, pair)?;
    }
    for (table, column) in columns_to(tx.sql(), "entry")?.into_iter().filter(|(table, _)| RECEIVED.contains(&table.as_str())) {
        tx.writing(&table)?.execute(&format!("UPDATE {table} SET {column} = ?2 WHERE {column} = ?1"), params![from.0, into.0])?;
    }
    tx.writing("entry")?.execute("DELETE FROM entry WHERE id = ?1", [from.0])?;
    Ok(())
}
