//! Owns the triggers that log every changed row, the guards against writes that none would log, and the function that the log calls.
//!
//! Decisions worth knowing: an inserted row is not logged when it is inserted. The triggers only look whether its id lies beyond the
//! table's greatest id at the operation's start; `finish` then writes such rows as ranges. So 100,000 inserted rows cost one line.
//! SQLite reads every trigger of a file whenever it is opened, and these are long. So they are temporary: an operation makes those of
//! the tables that it writes, and a reader pays for none. In the file lie only guards, three to a table, by which a write fails while
//! no operation has the table open, whatever program tries. And what an update changed is told by a function of this program, not by
//! SQL, of which each column took forty words.

use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;

use super::db::StoreError;
use super::schema::{LOGGED_TABLES, columns};

/// Makes [`changes`] known to a connection that may write.
pub(super) fn prepare(connection: &Connection) -> Result<(), StoreError> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    Ok(connection.create_scalar_function("dasai_changes", -1, flags, changes)?)
}

/// Removes the triggers that lie in the file, so that a migration may move and rewrite rows.
pub(super) fn remove_guards(connection: &Connection) -> Result<(), StoreError> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND (name GLOB 'guard_*' OR name GLOB 'log_*') ORDER BY name";
    let mut statement = connection.prepare(sql)?;
    let names = statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    for name in names {
        connection.execute_batch(&format!("DROP TRIGGER \"{name}\""))?;
    }
    Ok(())
}

/// Puts guards on the logged tables.
pub(super) fn create_guards(connection: &Connection) -> Result<(), StoreError> {
    for (number, table) in LOGGED_TABLES.iter().enumerate() {
        for event in ["insert", "update", "delete"] {
            // ROLLBACK, not ABORT: what may abort makes SQLite copy every page that the statement touches, in case it must be taken
            // back alone. A function, which may fail, would do the same.
            connection.execute_batch(&format!(
                "CREATE TRIGGER guard_{table}_{event} AFTER {event} ON {table}
                 WHEN NOT EXISTS (SELECT 1 FROM open_operation WHERE table_number = {number})
                 BEGIN SELECT RAISE(ROLLBACK, 'no operation is open: {table}'); END"
            ))?;
        }
    }
    Ok(())
}

/// Makes the three triggers that log a table's changes under the operation that has it open, for the columns that it has now.
pub(super) fn create_log(connection: &Connection, number: i64, table: &str) -> Result<(), StoreError> {
    let columns = columns(connection, table)?;
    let known = format!("(SELECT last_row FROM open_operation WHERE table_number = {number})");
    let operation = format!("(SELECT operation FROM open_operation WHERE table_number = {number})");
    let listed = |one: &dyn Fn(&String) -> String| columns.iter().map(one).collect::<Vec<_>>().join(", ");
    Ok(connection.execute_batch(&format!(
        "CREATE TEMP TRIGGER IF NOT EXISTS log_{table}_insert AFTER INSERT ON main.{table} WHEN NEW.id <= {known} BEGIN
           INSERT INTO change (operation, table_number, row, last_row) VALUES ({operation}, {number}, NEW.id, NEW.id); END;
         CREATE TEMP TRIGGER IF NOT EXISTS log_{table}_update AFTER UPDATE ON main.{table} WHEN OLD.id <= {known} OR OLD.id <> NEW.id BEGIN
           SELECT RAISE(ABORT, 'a row keeps its id: {table}') WHERE OLD.id <> NEW.id;
           INSERT INTO change (operation, table_number, row, last_row, before, after)
           SELECT {operation}, {number}, OLD.id, OLD.id, changes -> 0, changes -> 1
           FROM (SELECT dasai_changes('{names}', {old}, {new}) AS changes) WHERE changes IS NOT NULL; END;
         CREATE TEMP TRIGGER IF NOT EXISTS log_{table}_delete AFTER DELETE ON main.{table} WHEN OLD.id <= {known} BEGIN
           INSERT INTO change (operation, table_number, row, last_row, before)
           VALUES ({operation}, {number}, OLD.id, OLD.id, json_object({all})); END;",
        names = columns.join(","),
        old = listed(&|column| format!("OLD.{column}")),
        new = listed(&|column| format!("NEW.{column}")),
        all = listed(&|column| format!("'{column}', OLD.{column}")),
    ))?)
}

/// `dasai_changes('a,b', old a, old b, new a, new b)`: the columns that differ, as they were and as they are, as a JSON array of two
/// objects; NULL where none does.
fn changes(context: &Context<'_>) -> rusqlite::Result<Option<String>> {
    let names = context.get_raw(0).as_str()?;
    let count = context.len() / 2;
    let (mut before, mut after) = (String::from("[{"), String::from("},{"));
    let mut is_first = true;
    for (place, name) in names.split(',').enumerate().take(count) {
        let (old, new) = (context.get_raw(1 + place), context.get_raw(1 + count + place));
        if old == new {
            continue;
        }
        for (side, value) in [(&mut before, old), (&mut after, new)] {
            if !is_first {
                side.push(',');
            }
            push_text(side, name)?;
            side.push(':');
            push(side, value)?;
        }
        is_first = false;
    }
    Ok((!is_first).then(|| before + &after + "}]"))
}

/// Appends a value as JSON. Logged tables hold integers and texts only.
fn push(out: &mut String, value: ValueRef<'_>) -> rusqlite::Result<()> {
    match value {
        ValueRef::Null => out.push_str("null"),
        ValueRef::Integer(number) => out.push_str(&number.to_string()),
        ValueRef::Text(_) => push_text(out, value.as_str()?)?,
        ValueRef::Real(_) | ValueRef::Blob(_) => {
            return Err(rusqlite::Error::UserFunctionError("a logged column holds neither text nor integer".into()));
        }
    }
    Ok(())
}

fn push_text(out: &mut String, text: &str) -> rusqlite::Result<()> {
    out.push_str(&serde_json::to_string(text).map_err(|error| rusqlite::Error::UserFunctionError(error.into()))?);
    Ok(())
}
