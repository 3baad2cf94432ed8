//! Owns the rows of formal review: decisions as they were made, with the findings that they stand on. Refuses to know when a decision
//! may be taken (`domain::screening`).

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{Row, params};
use serde_json::{Value, json};

use super::db::{Reader, StoreError, Tx};
use super::oplog::{Stored, image, stored};
use super::schema::table_number;
use crate::domain::check_catalogue::Code;
use crate::domain::field::Field;
use crate::domain::problem::Severity;
use crate::domain::rules::Deadline;
use crate::domain::screening::{Decision, Defect};
use crate::domain::values::{EntryId, EntryNumber, OperationId, OrganizationId};

/// A decision to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDecision {
    /// The work.
    pub entry: EntryId,
    /// What was decided.
    pub decision: Decision,
    /// Why; may be empty for an acceptance.
    pub reason: String,
    /// The finding that a work was eliminated by.
    pub code: Option<Code>,
    /// What the checks said.
    pub findings: Vec<Defect>,
    /// Until when a returned work is asked back.
    pub due: Option<Deadline>,
    /// Whether it was accepted in spite of errors.
    pub overridden: bool,
}

/// A decision on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// What was decided.
    pub new: NewDecision,
    /// When.
    pub at: Timestamp,
    /// In which operation; who is there.
    pub operation: OperationId,
}

const COLUMNS: &str = "entry, decision, reason, code, findings, due, overridden, decided_at, operation";

/// Writes a decision. The work's status is the caller's to set.
///
/// # Errors
/// The file cannot be written.
pub fn insert(tx: &Tx<'_>, new: &NewDecision, at: Timestamp) -> Result<(), StoreError> {
    let sql = "INSERT INTO screening (entry, decision, reason, code, findings, due, overridden, decided_at, operation) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    tx.writing("screening")?.prepare_cached(sql)?.execute(params![
        new.entry.0,
        new.decision.key(),
        new.reason,
        new.code.map_or("", |code| code.entry().name),
        defects_json(&new.findings),
        new.due.map(|due| due.0.to_string()),
        new.overridden,
        at.to_string(),
        tx.id().0,
    ])?;
    Ok(())
}

/// Every decision, oldest first.
///
/// # Errors
/// The file cannot be read.
pub fn list(reader: &Reader<'_>) -> Result<Vec<Decided>, StoreError> {
    query(reader, &format!("SELECT {COLUMNS} FROM screening ORDER BY id"), params![])
}

/// The decisions about a work, oldest first.
///
/// # Errors
/// The file cannot be read.
pub fn of_entry(reader: &Reader<'_>, entry: EntryId) -> Result<Vec<Decided>, StoreError> {
    query(reader, &format!("SELECT {COLUMNS} FROM screening WHERE entry = ?1 ORDER BY id"), params![entry.0])
}

/// The newest return of every work that has one.
///
/// # Errors
/// The file cannot be read.
pub fn returns(reader: &Reader<'_>) -> Result<BTreeMap<EntryId, Decided>, StoreError> {
    let newest = "SELECT max(id) FROM screening WHERE decision = 'returned' GROUP BY entry";
    let found = query(reader, &format!("SELECT {COLUMNS} FROM screening WHERE id IN ({newest}) ORDER BY id"), params![])?;
    Ok(found.into_iter().map(|decided| (decided.new.entry, decided)).collect())
}

/// Whether any work was ever accepted: from then on only accepted works compete.
///
/// # Errors
/// The file cannot be read.
pub fn any_accepted(reader: &Reader<'_>) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM screening WHERE decision = 'accepted')";
    Ok(reader.sql().prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// A work that was sent back and has not come again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Away {
    /// The work.
    pub entry: EntryId,
    /// Its unit.
    pub organization: OrganizationId,
    /// Its recommender, as its form has it.
    pub recommender: String,
    /// Until when the decision asks it back.
    pub due: Option<Deadline>,
}

/// Every work that was sent back and has not come again, by its row.
///
/// # Errors
/// The file cannot be read.
pub fn away(reader: &Reader<'_>) -> Result<Vec<Away>, StoreError> {
    let sql = "SELECT e.id, e.organization, e.recommender, \
         (SELECT s.due FROM screening s WHERE s.entry = e.id AND s.decision = 'returned' ORDER BY s.id DESC LIMIT 1) \
         FROM entry e WHERE e.status = 'returned' ORDER BY e.id";
    let mut statement = reader.sql().prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (entry, organization) = (EntryId(row.get(0)?), OrganizationId(row.get(1)?));
        found.push(Away { entry, organization, recommender: row.get(2)?, due: due(row.get(3)?)? });
    }
    Ok(found)
}

fn due(text: Option<String>) -> Result<Option<Deadline>, StoreError> {
    let read = |text: String| text.parse().map(Deadline).map_err(|_| StoreError::BadValue { place: "screening.due", value: text });
    text.map(read).transpose()
}

/// What columns of works held right after an operation, where they changed since: for each of these works, its operation. Read in one
/// pass over the log, however many works there are.
///
/// # Errors
/// The file cannot be read, or the log is damaged.
pub fn held_after(
    reader: &Reader<'_>,
    since: &BTreeMap<EntryId, OperationId>,
) -> Result<BTreeMap<EntryId, Vec<(String, Stored)>>, StoreError> {
    let mut held: BTreeMap<EntryId, Vec<(String, Stored)>> = BTreeMap::new();
    let Some(first) = since.values().min() else { return Ok(held) };
    let mut statement = reader.sql().prepare_cached(
        "SELECT row, operation, before FROM change WHERE operation > ?1 AND table_number = ?2 AND before IS NOT NULL AND after IS NOT NULL \
         ORDER BY id",
    )?;
    let mut rows = statement.query([first.0, table_number("entry")?])?;
    while let Some(row) = rows.next()? {
        let entry = EntryId(row.get(0)?);
        if !since.get(&entry).is_some_and(|operation| row.get(1).is_ok_and(|later: i64| later > operation.0)) {
            continue;
        }
        let known = held.entry(entry).or_default();
        for (column, old) in image(row.get_ref(2)?.as_str_or_null()?)?.iter().flatten() {
            // The first change since says what stood there.
            if known.iter().all(|(name, _)| name != column) {
                known.push((column.clone(), stored(Some(old))));
            }
        }
    }
    Ok(held)
}

fn query(reader: &Reader<'_>, sql: &str, values: &[&dyn rusqlite::ToSql]) -> Result<Vec<Decided>, StoreError> {
    let mut statement = reader.sql().prepare_cached(sql)?;
    let mut rows = statement.query(values)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(decided(row)?);
    }
    Ok(found)
}

fn decided(row: &Row<'_>) -> Result<Decided, StoreError> {
    let decision: String = row.get(1)?;
    let code: String = row.get(3)?;
    let at: String = row.get(7)?;
    let bad = |place, value: String| StoreError::BadValue { place, value };
    Ok(Decided {
        new: NewDecision {
            entry: EntryId(row.get(0)?),
            decision: Decision::from_key(&decision).ok_or_else(|| bad("screening.decision", decision))?,
            reason: row.get(2)?,
            code: if code.is_empty() { None } else { Some(Code::named(&code).ok_or_else(|| bad("screening.code", code))?) },
            findings: defects(row.get_ref(4)?.as_str().map_err(rusqlite::Error::from)?)?,
            due: due(row.get(5)?)?,
            overridden: row.get(6)?,
        },
        at: at.parse().map_err(|_| bad("screening.decided_at", at))?,
        operation: OperationId(row.get(8)?),
    })
}

fn defects_json(defects: &[Defect]) -> String {
    let object = |defect: &Defect| {
        json!({
            "code": defect.code.entry().name,
            "severity": defect.severity.key(),
            "field": defect.field.map(Field::key),
            "subject": defect.subject,
            "message": defect.message,
            "related": defect.related.iter().map(EntryNumber::as_str).collect::<Vec<_>>(),
            "waived": defect.waived,
        })
    };
    Value::Array(defects.iter().map(object).collect()).to_string()
}

fn defects(text: &str) -> Result<Vec<Defect>, StoreError> {
    let bad = || StoreError::BadValue { place: "screening.findings", value: text.chars().take(40).collect() };
    let list: Vec<Value> = serde_json::from_str(text).map_err(|_| bad())?;
    let defect = |value: &Value| {
        let said = |key: &str| value.get(key).and_then(Value::as_str);
        Some(Defect {
            code: Code::named(said("code")?)?,
            severity: [Severity::Error, Severity::Warning, Severity::Info]
                .into_iter()
                .find(|known| said("severity") == Some(known.key()))?,
            field: said("field").and_then(Field::from_key),
            subject: said("subject")?.to_owned(),
            message: said("message")?.to_owned(),
            related: value.get("related")?.as_array()?.iter().filter_map(Value::as_str).map(EntryNumber::new).collect(),
            waived: value.get("waived")?.as_bool()?,
        })
    };
    list.iter().map(|value| defect(value).ok_or_else(bad)).collect()
}
