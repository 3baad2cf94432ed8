//! Owns the contest's own rows: its rules as text. Refuses to know what the text means: that is `formats::rules_file`.

use jiff::Timestamp;
use rusqlite::params;

use super::db::{Reader, StoreError, Tx};

/// The rules in force, as TOML.
///
/// # Errors
/// The file cannot be read.
pub fn rules_text(reader: &Reader<'_>) -> Result<String, StoreError> {
    Ok(reader.sql().query_row("SELECT text FROM rules ORDER BY id DESC LIMIT 1", [], |row| row.get(0))?)
}

/// Puts new rules in force; earlier ones stay in the file.
///
/// # Errors
/// The file cannot be written.
pub fn apply_rules(tx: &Tx<'_>, text: &str, origin: &str, at: Timestamp) -> Result<(), StoreError> {
    tx.sql().execute("INSERT INTO rules (text, origin, applied_at) VALUES (?1, ?2, ?3)", params![text, origin, at.to_string()])?;
    Ok(())
}
