//! Owns what an undo would take from under later work where no key of the file says so: works that leave a round in which they have
//! marks, and marks and advancements on which awards were confirmed. Refuses to know what follows from it.

use rusqlite::params;

use super::db::{Reader, StoreError};
use super::results;
use super::schema::table_number;
use crate::domain::values::{CategoryId, EntryId, EntryNumber, OperationId, RoundId};

/// What awards stand on.
const GROUND: [&str; 3] = ["mark", "given_part", "advancement"];

/// A work that an operation took out of a round in which it has marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropout {
    /// The work.
    pub entry: EntryId,
    /// Its number.
    pub number: EntryNumber,
    /// Its category.
    pub category: CategoryId,
    /// The round that it was put into.
    pub round: RoundId,
}

/// The works that an operation took out of a round in which they have marks or given parts; ordered by number and round.
///
/// # Errors
/// The file cannot be read.
pub fn dropouts(reader: &Reader<'_>, operation: OperationId) -> Result<Vec<Dropout>, StoreError> {
    let mut statement = reader.sql().prepare(
        "SELECT entry.id, entry.number, entry.category, gone.round
         FROM (SELECT DISTINCT json_extract(before, '$.entry') AS entry, json_extract(before, '$.to_round') AS round FROM change
               WHERE operation = ?1 AND table_number = ?2 AND before IS NOT NULL AND after IS NULL) AS gone
           JOIN entry ON entry.id = gone.entry
         WHERE NOT EXISTS (SELECT 1 FROM advancement WHERE advancement.entry = gone.entry AND to_round = gone.round)
           AND (EXISTS (SELECT 1 FROM mark WHERE mark.entry = gone.entry AND mark.round = gone.round)
             OR EXISTS (SELECT 1 FROM given_part WHERE given_part.entry = gone.entry AND given_part.round = gone.round))",
    )?;
    let mut rows = statement.query([operation.0, table_number("advancement")?])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(Dropout {
            entry: EntryId(row.get(0)?),
            number: EntryNumber::new(&row.get::<_, String>(1)?),
            category: CategoryId::new(row.get::<_, String>(2)?),
            round: RoundId::new(row.get::<_, String>(3)?),
        });
    }
    found.sort_by(|one, other| (&one.number, &one.round).cmp(&(&other.number, &other.round)));
    Ok(found)
}

/// The newest operation that wrote marks or given parts of a work in a round.
///
/// # Errors
/// The file cannot be read, or the log does not know them.
pub fn marked_by(reader: &Reader<'_>, entry: EntryId, round: &RoundId) -> Result<OperationId, StoreError> {
    let written = |table: &str| -> Result<String, StoreError> {
        let number = table_number(table)?;
        let row = format!("SELECT 1 FROM {table} WHERE entry = ?1 AND round = ?2 AND {table}.id BETWEEN change.row AND change.last_row");
        Ok(format!("(table_number = {number} AND EXISTS ({row}))"))
    };
    let sql = format!("SELECT max(operation) FROM change WHERE {} OR {}", written("mark")?, written("given_part")?);
    Ok(OperationId(reader.sql().query_row(&sql, params![entry.0, round.as_str()], |row| row.get(0))?))
}

/// The categories in which an operation removed marks, given parts or advancements although their awards are confirmed, each with the
/// newest operation that confirmed them. `key` is what the confirmation's small decision begins with, before the category.
///
/// # Errors
/// The file cannot be read.
pub fn confirmed_on(reader: &Reader<'_>, operation: OperationId, key: &str) -> Result<Vec<(CategoryId, OperationId)>, StoreError> {
    if results::decisions(reader, key)?.is_empty() {
        return Ok(Vec::new());
    }
    let sql = reader.sql();
    let gone: Vec<String> = GROUND
        .iter()
        .map(|table| {
            Ok(format!(
                "SELECT json_extract(before, '$.entry') AS entry FROM change
                 WHERE operation = ?1 AND table_number = {} AND before IS NOT NULL AND after IS NULL
                   AND NOT EXISTS (SELECT 1 FROM {table} WHERE id = change.row)",
                table_number(table)?
            ))
        })
        .collect::<Result<_, StoreError>>()?;
    let mut statement = sql.prepare(&format!(
        "SELECT DISTINCT entry.category, setting.id FROM ({}) AS gone JOIN entry ON entry.id = gone.entry
           JOIN setting ON setting.key = ?2 || entry.category ORDER BY 1",
        gone.join(" UNION ")
    ))?;
    let mut newest = sql.prepare(
        "SELECT max(operation) FROM change
         WHERE (table_number = ?1 AND ?2 BETWEEN row AND last_row)
            OR (table_number = ?3 AND EXISTS (
                 SELECT 1 FROM award_grant JOIN entry ON entry.id = award_grant.entry
                 WHERE award_grant.id BETWEEN change.row AND change.last_row AND category = ?4 AND computed AND state = 'granted'))",
    )?;
    let mut rows = statement.query(params![operation.0, key])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let category: String = row.get(0)?;
        let values = params![table_number("setting")?, row.get::<_, i64>(1)?, table_number("award_grant")?, category];
        let by: i64 = newest.query_row(values, |row| row.get(0))?;
        found.push((CategoryId::new(category), OperationId(by)));
    }
    Ok(found)
}
