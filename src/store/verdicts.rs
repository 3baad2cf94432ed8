//! Owns the rows of verdicts about pairs of works. Refuses to know what follows from one.

use rusqlite::params;

use super::db::{Reader, StoreError, Tx};
use super::entries::moment;
use crate::domain::values::EntryId;
use crate::domain::verdict::{Judged, Verdict, Verdicts, WorkPair};

/// Every verdict.
///
/// # Errors
/// The file cannot be read.
pub fn list(reader: &Reader<'_>) -> Result<Verdicts, StoreError> {
    let mut statement = reader.sql().prepare_cached("SELECT first, second, verdict, reason, decided_at FROM verdict ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut verdicts = Verdicts::new();
    while let Some(row) = rows.next()? {
        let key: String = row.get(2)?;
        let Some(verdict) = Verdict::from_key(&key) else { return Err(StoreError::BadValue { place: "verdict.verdict", value: key }) };
        let decided_at = moment(&row.get::<_, String>(4)?, "verdict.decided_at")?;
        if let Some(pair) = WorkPair::new(EntryId(row.get(0)?), EntryId(row.get(1)?)) {
            verdicts.insert(pair, Judged { verdict, reason: row.get(3)?, decided_at });
        }
    }
    Ok(verdicts)
}

/// Records a verdict; an earlier one about the pair is replaced, and stays in the log.
///
/// # Errors
/// The file cannot be written.
pub fn put(tx: &Tx<'_>, pair: WorkPair, judged: &Judged) -> Result<(), StoreError> {
    let mut statement = tx.writing("verdict")?.prepare_cached(
        "INSERT INTO verdict (first, second, verdict, reason, decided_at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (first, second) DO UPDATE SET verdict = excluded.verdict, reason = excluded.reason, decided_at = excluded.decided_at",
    )?;
    let decided_at = judged.decided_at.to_string();
    statement.execute(params![pair.lower().0, pair.higher().0, judged.verdict.key(), judged.reason, decided_at])?;
    Ok(())
}

/// Takes a verdict away; it stays in the log.
///
/// # Errors
/// The file cannot be written.
pub fn remove(tx: &Tx<'_>, pair: WorkPair) -> Result<(), StoreError> {
    tx.writing("verdict")?
        .prepare_cached("DELETE FROM verdict WHERE first = ?1 AND second = ?2")?
        .execute([pair.lower().0, pair.higher().0])?;
    Ok(())
}
