//! Owns what intake asks of the log: titles that works had before a correction, numbers that an undo took back, and which fields staff
//! corrected since a row was applied. Refuses to know what becomes of a row; the log itself is `store::oplog`.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use rusqlite::params;

use super::db::{Kind, Reader, StoreError};
use super::oplog::{self, RowChange, RowEvent, Stored};
use super::schema::table_number;
use crate::domain::entry::Declaration;
use crate::domain::field::Field;
use crate::domain::intake::{Arrival, FieldPast, Identity, Past, RetiredNumber, WorkPast};
use crate::domain::values::{CategoryId, EntryId, EntryNumber};

/// What the log knows of works and units beyond the present.
///
/// # Errors
/// The file cannot be read.
pub fn read(reader: &Reader<'_>) -> Result<Past, StoreError> {
    Ok(Past {
        titles: former_titles(reader)?,
        numbers: retired_numbers(reader)?,
        last_unit: last_row(reader, "organization")?,
        last_work: last_row(reader, "entry")?,
    })
}

/// The operations that are no undo and are not undone.
#[derive(Debug)]
pub struct Standing(BTreeSet<i64>);

/// What the log says of a work, seen from a row that arrives in the file with this SHA-256. An operation that recorded another origin
/// of the work applied a file; any other that changed its form is staff's correction. `standing` is read once, for all rows.
///
/// # Errors
/// The file cannot be read.
pub fn of_work(
    reader: &Reader<'_>,
    work: EntryId,
    arrival: Arrival<'_>,
    sha256: &str,
    standing: &Standing,
) -> Result<WorkPast, StoreError> {
    let mut past = WorkPast::default();
    let is_same = "s.sha256 = ?4 AND o.sheet = ?2 AND o.row = ?3";
    let of = |table: &str, key: &str| {
        let sql = format!("SELECT EXISTS (SELECT 1 FROM {table} o JOIN source s ON s.id = o.source WHERE o.{key} = ?1 AND {is_same})");
        let mut statement = reader.sql().prepare_cached(&sql)?;
        statement.query_row(params![work.0, arrival.sheet, arrival.row, sha256], |row| row.get::<_, bool>(0))
    };
    past.is_origin = super::entries::received(reader, work)?.as_deref() == Some(arrival.received) || of("entry", "id")?;
    past.is_superseded = of("former_origin", "entry")?;
    // Undos say nothing of their own: what they took back is not standing, and what they put back was said before.
    let mut changes = oplog::changes_of_row(reader, "entry", work.0)?;
    changes.retain(|(operation, _)| standing.0.contains(operation));
    for operation in changes.chunk_by(|(one, _), (other, _)| one == other) {
        let is_whole = |(_, change): &(i64, RowChange)| change.event != RowEvent::Updated;
        if operation.iter().any(is_whole) {
            past.fields.clear();
            continue;
        }
        let columns = || operation.iter().flat_map(|(_, change)| &change.columns);
        let is_file = columns().any(|column| ORIGIN.contains(&column.column.as_str()));
        for column in columns() {
            let Some(field) = Field::from_key(&column.column) else { continue };
            let Some(old) = text(field, &column.old) else { continue };
            let known = past.fields.entry(field).or_insert_with(|| FieldPast { first: old.clone(), corrected_from: None });
            if is_file {
                known.corrected_from = None;
            } else if known.corrected_from.is_none() {
                known.corrected_from = Some(old);
            }
        }
    }
    Ok(past)
}

/// Columns that only the taking of a row changes.
const ORIGIN: [&str; 4] = ["source", "sheet", "row", "resubmitted_at"];

/// A stored value of a field of a work's form as [`Declaration::text`] gives it; `None` for other columns.
#[must_use]
pub fn text(field: Field, value: &Stored) -> Option<String> {
    let number = |value: i64| u32::try_from(value).ok();
    let mut form = Declaration::default();
    match (field, value) {
        (Field::Duration, Stored::Integer(seconds)) => form.duration = number(*seconds),
        (Field::Length, Stored::Integer(length)) => form.length = number(*length),
        (_, Stored::Text(text)) => return form.text(field).map(|_| text.clone()),
        _ => {}
    }
    form.text(field).map(Cow::into_owned)
}

impl Standing {
    /// Reads which operations stand. None of them changes while a command writes.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn read(reader: &Reader<'_>) -> Result<Self, StoreError> {
        let operations = oplog::operations(reader)?.into_iter();
        let standing = operations.filter(|operation| operation.kind == Kind::Do && operation.undone_by.is_none());
        Ok(Self(standing.map(|operation| operation.id.0).collect()))
    }
}

fn last_row(reader: &Reader<'_>, table: &'static str) -> Result<i64, StoreError> {
    let sql = "SELECT coalesce(max(last_row), 0) FROM change WHERE table_number = ?1";
    Ok(reader.sql().prepare_cached(sql)?.query_row([table_number(table)?], |row| row.get(0))?)
}

/// Works with the folded titles that standing corrections replaced, newest first.
fn former_titles(reader: &Reader<'_>) -> Result<Vec<(EntryId, String)>, StoreError> {
    let mut statement = reader.sql().prepare_cached(
        "SELECT operation, row, json_extract(before, '$.title_folded') FROM change
         WHERE table_number = ?1 AND before IS NOT NULL AND after IS NOT NULL AND json_extract(before, '$.title_folded') IS NOT NULL
         ORDER BY id DESC",
    )?;
    let mut rows = statement.query([table_number("entry")?])?;
    let mut found: Vec<(i64, EntryId, String)> = Vec::new();
    while let Some(row) = rows.next()? {
        found.push((row.get(0)?, EntryId(row.get(1)?), row.get(2)?));
    }
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let standing = Standing::read(reader)?;
    Ok(found.into_iter().filter(|(operation, ..)| standing.0.contains(operation)).map(|(_, id, title)| (id, title)).collect())
}

/// Numbers of works that an undo removed, oldest first.
fn retired_numbers(reader: &Reader<'_>) -> Result<Vec<RetiredNumber>, StoreError> {
    let sql = reader.sql();
    let (works, units) = (table_number("entry")?, table_number("organization")?);
    let removed = "SELECT EXISTS (SELECT 1 FROM change WHERE table_number = ?1 AND before IS NOT NULL AND after IS NULL)";
    if !sql.prepare_cached(removed)?.query_row([works], |row| row.get::<_, bool>(0))? {
        return Ok(Vec::new());
    }
    // Walked backwards: what a unit was called at that time is what the next later change says it was before, else what it is now.
    let mut names: BTreeMap<i64, String> = BTreeMap::new();
    let mut statement = sql.prepare_cached("SELECT id, folded FROM organization")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        names.insert(row.get(0)?, row.get(1)?);
    }
    let mut statement = sql.prepare_cached(
        "SELECT table_number, row, json_extract(before, '$.folded'), json_extract(before, '$.number'), json_extract(before, '$.category'),
                json_extract(before, '$.title_folded'), json_extract(before, '$.organization')
         FROM change
         WHERE before IS NOT NULL AND ((table_number = ?1 AND after IS NULL)
               OR (table_number = ?2 AND json_extract(before, '$.folded') IS NOT NULL))
         ORDER BY id DESC",
    )?;
    let mut rows = statement.query(params![works, units])?;
    let mut retired = Vec::new();
    while let Some(row) = rows.next()? {
        if row.get::<_, i64>(0)? == units {
            names.insert(row.get(1)?, row.get(2)?);
            continue;
        }
        let (number, category, title): (String, String, String) = (row.get(3)?, row.get(4)?, row.get(5)?);
        if let Some(unit) = names.get(&row.get::<_, i64>(6)?) {
            let identity = Identity { unit: unit.clone(), category: CategoryId::new(category), title };
            retired.push(RetiredNumber { number: EntryNumber::new(&number), identity });
        }
    }
    retired.reverse();
    Ok(retired)
}
