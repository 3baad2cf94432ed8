//! Owns the look into the file of an earlier contest: its works and the text of its rules. Refuses to bring the file up to date, and to
//! write anything at all: it is opened for reading only, whatever version of this program made it.
//!
//! Decision worth knowing: only columns that every version of the file has are read, so that an older file need not be migrated.

use std::path::Path;

use rusqlite::Connection;

use super::db::{self, StoreError};
use crate::domain::entry::Declaration;
use crate::domain::likeness::earlier::PastWork;
use crate::domain::values::EntryNumber;

/// What is read of an earlier contest.
#[derive(Debug)]
pub struct EarlierFile {
    /// Its rules, as TOML.
    pub rules: String,
    /// Its works in the order of their numbers.
    pub works: Vec<PastWork>,
}

/// Reads the file of an earlier contest.
///
/// # Errors
/// Missing, not a contest, from a newer version, locked or damaged.
pub fn read(path: &Path) -> Result<EarlierFile, StoreError> {
    let connection = db::open_to_read(path)?;
    let begun: bool = connection.query_row("SELECT EXISTS (SELECT 1 FROM operation)", [], |row| row.get(0))?;
    if !begun {
        return Err(StoreError::Unfinished(path.to_owned()));
    }
    let rules = connection.query_row("SELECT text FROM rules ORDER BY id DESC LIMIT 1", [], |row| row.get(0))?;
    Ok(EarlierFile { rules, works: works(&connection)? })
}

fn works(connection: &Connection) -> Result<Vec<PastWork>, StoreError> {
    let mut statement =
        connection.prepare("SELECT e.number, o.name, e.title, e.summary FROM entry e JOIN organization o ON o.id = e.organization")?;
    let mut rows = statement.query([])?;
    let mut works: Vec<(EntryNumber, PastWork)> = Vec::new();
    while let Some(row) = rows.next()? {
        let number: String = row.get(0)?;
        let declaration = Declaration { title: row.get(2)?, summary: row.get(3)?, ..Declaration::default() };
        works.push((EntryNumber::new(&number), PastWork { number, organization: row.get(1)?, declaration }));
    }
    works.sort_by(|left, right| left.0.cmp(&right.0));
    Ok(works.into_iter().map(|(_, work)| work).collect())
}
