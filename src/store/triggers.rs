//! Owns the triggers that log every changed row, and the function that they call.
//!
//! Decisions worth knowing: an inserted row is not logged when it is inserted. The triggers only look whether its id lies beyond the
//! table's greatest id at the operation's start; `finish` then writes such rows as ranges. So 100,000 inserted rows cost one line.
//! And what an update changed is told by a function of this program, not by SQL: SQLite reads every trigger whenever the file is
//! opened, and as SQL each column took forty words of them. A program that does not know the function cannot update a logged row, as
//! it could not before for want of an open operation.

use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;

use super::db::StoreError;
use super::schema::{LOGGED_TABLES, columns};

/// Makes [`changes`] known to a connection that may write.
pub(super) fn prepare(connection: &Connection) -> Result<(), StoreError> {
    // Innocuous: it reads its arguments and nothing else, so that a schema that is not trusted may call it.
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    Ok(connection.create_scalar_function("dasai_changes", -1, flags, changes)?)
}

/// Removes the triggers, so that a migration may move and rewrite rows.
pub(super) fn remove(connection: &Connection) -> Result<(), StoreError> {
    let mut statement = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name GLOB 'log_*' ORDER BY name")?;
    let names = statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    for name in names {
        connection.execute_batch(&format!("DROP TRIGGER \"{name}\""))?;
    }
    Ok(())
}

/// Creates the triggers for the columns that the logged tables have now.
pub(super) fn create(connection: &Connection) -> Result<(), StoreError> {
    for (number, table) in LOGGED_TABLES.iter().enumerate() {
        connection.execute_batch(&of_table(connection, number, table)?)?;
    }
    Ok(())
}

/// The three triggers that log a table's changes under the open operation, and fail for a write while none is open.
fn of_table(connection: &Connection, number: usize, table: &str) -> Result<String, StoreError> {
    let columns = columns(connection, table)?;
    // With no operation open every row is to be logged, and the attempt to do so fails.
    let known = format!("coalesce((SELECT last_row FROM open_operation WHERE table_number = {number}), 9223372036854775807)");
    // ROLLBACK, not ABORT: what may abort makes SQLite copy every page that the statement touches, in case it must be taken back alone.
    let operation = format!(
        "coalesce((SELECT operation FROM open_operation WHERE table_number = {number}), RAISE(ROLLBACK, 'no operation is open: {table}'))"
    );
    let listed = |one: &dyn Fn(&String) -> String| columns.iter().map(one).collect::<Vec<_>>().join(", ");
    Ok(format!(
        "CREATE TRIGGER log_{table}_insert AFTER INSERT ON {table} WHEN NEW.id <= {known} BEGIN
           INSERT INTO change (operation, table_number, row, last_row) VALUES ({operation}, {number}, NEW.id, NEW.id); END;
         CREATE TRIGGER log_{table}_update AFTER UPDATE ON {table} WHEN OLD.id <= {known} OR OLD.id <> NEW.id BEGIN
           SELECT RAISE(ABORT, 'a row keeps its id: {table}') WHERE OLD.id <> NEW.id;
           INSERT INTO change (operation, table_number, row, last_row, before, after)
           SELECT {operation}, {number}, OLD.id, OLD.id, changes -> 0, changes -> 1
           FROM (SELECT dasai_changes('{names}', {old}, {new}) AS changes) WHERE changes IS NOT NULL; END;
         CREATE TRIGGER log_{table}_delete AFTER DELETE ON {table} WHEN OLD.id <= {known} BEGIN
           INSERT INTO change (operation, table_number, row, last_row, before)
           VALUES ({operation}, {number}, OLD.id, OLD.id, json_object({all})); END;",
        names = columns.join(","),
        old = listed(&|column| format!("OLD.{column}")),
        new = listed(&|column| format!("NEW.{column}")),
        all = listed(&|column| format!("'{column}', OLD.{column}")),
    ))
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
