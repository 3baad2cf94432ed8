//! Owns the rows of received files, of rows that could not be accepted (隔离区), and of remembered column titles. Refuses to know what
//! a problem means: problems come and go as JSON text.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Row, params};

use super::db::{Reader, StoreError, Tx};
use crate::domain::intake::Named;
use crate::domain::privacy::Email;
use crate::domain::values::{EntryId, SourceId};

/// A received file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The path as it was given.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// When it was received.
    pub received_at: Timestamp,
    /// The sender of a mail, as written; empty for other files.
    pub sender: String,
    /// The subject of a mail; empty for other files.
    pub subject: String,
}

impl Source {
    /// A file that is no mail.
    #[must_use]
    pub fn file(path: String, size: u64, sha256: String, received_at: Timestamp) -> Self {
        Self { path, size, sha256, received_at, sender: String::new(), subject: String::new() }
    }
}

/// Writes a received file, or a part of the mail or archive `parent`. What it holds is known when it has been read: [`describe`].
///
/// # Errors
/// The file cannot be written.
pub fn insert(tx: &Tx<'_>, source: &Source, parent: Option<SourceId>) -> Result<SourceId, StoreError> {
    let mut statement = tx.writing("source")?.prepare_cached(
        "INSERT INTO source (path, kind, encoding, size, sha256, received_at, sender, parent, subject) \
         VALUES (?1, '', '', ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    statement.execute(params![
        source.path,
        i64::try_from(source.size).unwrap_or(i64::MAX),
        source.sha256,
        source.received_at.to_string(),
        source.sender,
        parent.map(|parent| parent.0),
        source.subject,
    ])?;
    Ok(SourceId(tx.sql().last_insert_rowid()))
}

/// Sets what a received file turned out to hold, and in which encoding.
///
/// # Errors
/// The file cannot be written.
pub fn describe(tx: &Tx<'_>, id: SourceId, kind: &str, encoding: &str) -> Result<(), StoreError> {
    tx.writing("source")?
        .prepare_cached("UPDATE source SET kind = ?2, encoding = ?3 WHERE id = ?1")?
        .execute(params![id.0, kind, encoding])?;
    Ok(())
}

/// A mail that a file came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Its file's path.
    pub path: String,
    /// The sender, as written.
    pub sender: Email,
    /// The subject; may be empty.
    pub subject: String,
}

/// The innermost mail that a file came in, through the archives and mails that hold it.
///
/// # Errors
/// The file cannot be read.
pub fn mail_of(reader: &Reader<'_>, id: SourceId) -> Result<Option<Mail>, StoreError> {
    let mut statement = reader.sql().prepare_cached(
        "WITH RECURSIVE holder (id, parent, path, sender, subject, depth) AS ( \
             SELECT id, parent, path, sender, subject, 0 FROM source WHERE id = ?1 \
             UNION ALL \
             SELECT s.id, s.parent, s.path, s.sender, s.subject, depth + 1 FROM source s JOIN holder ON s.id = holder.parent WHERE depth < 100 \
         ) SELECT path, sender, subject FROM holder WHERE sender <> '' OR subject <> '' ORDER BY depth LIMIT 1",
    )?;
    let mail = |row: &Row<'_>| Ok(Mail { path: row.get(0)?, sender: Email::new(row.get::<_, String>(1)?), subject: row.get(2)? });
    Ok(statement.query_row([id.0], mail).optional()?)
}

/// Where a quarantined row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum QuarantineState {
    /// Waits for staff.
    Open,
    /// Became a work or a registration after all.
    Accepted,
    /// Put aside by staff, with a reason.
    Discarded,
}

impl QuarantineState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Open, Self::Accepted, Self::Discarded];

    /// The key in the file and in JSON.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Discarded => "discarded",
        }
    }
}

/// A row that could not be accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// Its number, for people too.
    pub id: i64,
    /// The received file.
    pub source: SourceId,
    /// The file's path as it was given.
    pub file: String,
    /// When the file was received.
    pub received_at: Timestamp,
    /// The sheet.
    pub sheet: String,
    /// The row, from 1.
    pub row: u32,
    /// `entries`, `registrations` or `recommendations`.
    pub kind: String,
    /// The row as received: a JSON object, column title → text.
    pub received: String,
    /// Why it was not accepted: JSON.
    pub problems: String,
    /// Where it stands.
    pub state: QuarantineState,
    /// Why it was discarded.
    pub reason: String,
    /// The work that it became.
    pub entry: Option<EntryId>,
}

/// Keeps the titles of a received sheet, a JSON array, for rows in the short form; whether they are its titles. A sheet has one header:
/// of two sheets with one name the second does not get its own.
///
/// # Errors
/// The file cannot be written.
pub fn keep_titles(tx: &Tx<'_>, source: SourceId, sheet: &str, titles: &str) -> Result<bool, StoreError> {
    let sql = "INSERT INTO sheet_header (source, sheet, titles) VALUES (?1, ?2, ?3) ON CONFLICT (source, sheet) DO NOTHING";
    tx.writing("sheet_header")?.prepare_cached(sql)?.execute(params![source.0, sheet, titles])?;
    let sql = "SELECT titles = ?3 FROM sheet_header WHERE source = ?1 AND sheet = ?2";
    Ok(tx.sql().prepare_cached(sql)?.query_row(params![source.0, sheet, titles], |row| row.get(0))?)
}

const QUARANTINED: &str = "SELECT q.id, q.source, s.path, s.received_at, q.sheet, q.row, q.kind, q.received, q.problems, q.state, \
     q.reason, q.entry FROM quarantine q JOIN source s ON s.id = q.source";

/// Quarantined rows, ordered by number; all of them, or those in one state.
///
/// # Errors
/// The file cannot be read.
pub fn quarantined(reader: &Reader<'_>, state: Option<QuarantineState>) -> Result<Vec<Quarantined>, StoreError> {
    let mut statement = reader.sql().prepare_cached(&format!("{QUARANTINED} WHERE ?1 IS NULL OR q.state = ?1 ORDER BY q.id"))?;
    let mut rows = statement.query([state.map(QuarantineState::key)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(quarantined_row(row)?);
    }
    Ok(found)
}

/// The quarantined row with this number.
///
/// # Errors
/// The file cannot be read.
pub fn quarantined_by_id(reader: &Reader<'_>, id: i64) -> Result<Option<Quarantined>, StoreError> {
    let mut statement = reader.sql().prepare_cached(&format!("{QUARANTINED} WHERE q.id = ?1"))?;
    let mut rows = statement.query([id])?;
    rows.next()?.map(quarantined_row).transpose()
}

/// A row that waits in quarantine, as it lies there.
#[derive(Debug, Clone, Copy)]
pub struct OpenRow<'a> {
    /// Its number.
    pub id: i64,
    /// `entries`, `registrations` or `recommendations`.
    pub kind: &'a str,
    /// The row as received.
    pub received: &'a str,
    /// The file's path as it was given.
    pub path: &'a str,
    /// The sheet.
    pub sheet: &'a str,
    /// The row, from 1.
    pub row: u32,
    /// The folded name of its unit; empty where it names none.
    pub unit: &'a str,
    /// Its folded title; empty where it has none.
    pub title: &'a str,
    /// Its category; empty where it names none that is known.
    pub category: &'a str,
}

/// Calls `each` with every row that waits in quarantine, ordered by number.
///
/// # Errors
/// The file cannot be read.
pub fn open_rows(reader: &Reader<'_>, mut each: impl FnMut(OpenRow<'_>)) -> Result<(), StoreError> {
    let mut statement = reader.sql().prepare_cached(
        "SELECT q.id, q.kind, q.received, s.path, q.sheet, q.row, q.unit, q.title, q.category FROM quarantine q \
         JOIN source s ON s.id = q.source WHERE q.state = 'open' ORDER BY q.id",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let text = |column| row.get_ref(column).and_then(|text| Ok(text.as_str()?));
        each(OpenRow {
            id: row.get(0)?,
            kind: text(1)?,
            received: text(2)?,
            path: text(3)?,
            sheet: text(4)?,
            row: row.get(5)?,
            unit: text(6)?,
            title: text(7)?,
            category: text(8)?,
        });
    }
    Ok(())
}

/// How many rows wait in quarantine.
///
/// # Errors
/// The file cannot be read.
pub fn count_open(reader: &Reader<'_>) -> Result<u32, StoreError> {
    Ok(reader.sql().query_row("SELECT count(*) FROM quarantine WHERE state = 'open'", [], |row| row.get(0))?)
}

/// What became of the quarantined row with this digest, and why.
///
/// # Errors
/// The file cannot be read.
pub fn quarantine_state(reader: &Reader<'_>, digest: &str) -> Result<Option<(QuarantineState, String)>, StoreError> {
    let mut statement = reader.sql().prepare_cached("SELECT state, reason FROM quarantine WHERE digest = ?1 ORDER BY id DESC LIMIT 1")?;
    let found = statement.query_row([digest], |row| Ok((row.get::<_, String>(0)?, row.get(1)?))).optional()?;
    found.map(|(key, reason)| Ok((state_of(key)?, reason))).transpose()
}

/// The number of the row with this digest that waits in quarantine.
///
/// # Errors
/// The file cannot be read.
pub fn waiting(reader: &Reader<'_>, digest: &str) -> Result<Option<i64>, StoreError> {
    let mut statement =
        reader.sql().prepare_cached("SELECT id FROM quarantine WHERE digest = ?1 AND state = 'open' ORDER BY id DESC LIMIT 1")?;
    Ok(statement.query_row([digest], |row| row.get(0)).optional()?)
}

/// Where a row stood in its file.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// The received file.
    pub source: SourceId,
    /// The sheet.
    pub sheet: &'a str,
    /// The row, from 1.
    pub row: u32,
    /// `entries`, `registrations` or `recommendations`.
    pub kind: &'a str,
    /// The row as received.
    pub received: &'a str,
    /// What it names.
    pub named: &'a Named,
}

/// Puts a row into quarantine.
///
/// # Errors
/// The file cannot be written.
pub fn quarantine(tx: &Tx<'_>, origin: Origin<'_>, digest: &str, problems: &str) -> Result<(), StoreError> {
    let mut statement = tx.writing("quarantine")?.prepare_cached(
        "INSERT OR ROLLBACK INTO quarantine (source, sheet, row, kind, received, digest, problems, unit, title, category) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?;
    statement.execute(params![
        origin.source.0,
        origin.sheet,
        origin.row,
        origin.kind,
        origin.received,
        digest,
        problems,
        origin.named.unit,
        origin.named.title,
        origin.named.category,
    ])?;
    Ok(())
}

/// Sets what became of a quarantined row.
///
/// # Errors
/// The file cannot be written.
pub fn settle(tx: &Tx<'_>, id: i64, state: QuarantineState, reason: &str, entry: Option<EntryId>) -> Result<(), StoreError> {
    let mut statement =
        tx.writing("quarantine")?.prepare_cached("UPDATE quarantine SET state = ?2, reason = ?3, entry = ?4 WHERE id = ?1")?;
    statement.execute(params![id, state.key(), reason, entry.map(|entry| entry.0)])?;
    Ok(())
}

/// Sets why a row that stays in quarantine is not accepted.
///
/// # Errors
/// The file cannot be written.
pub fn set_problems(tx: &Tx<'_>, id: i64, problems: &str) -> Result<(), StoreError> {
    tx.writing("quarantine")?.prepare_cached("UPDATE quarantine SET problems = ?2 WHERE id = ?1")?.execute(params![id, problems])?;
    Ok(())
}

/// A column title that staff gave a meaning.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mapping {
    /// The header's fingerprint.
    pub header: String,
    /// The column's title.
    pub title: String,
    /// The field's key.
    pub field: String,
}

/// Every remembered column title, ordered by header and title.
///
/// # Errors
/// The file cannot be read.
pub fn mappings(reader: &Reader<'_>) -> Result<Vec<Mapping>, StoreError> {
    let mut statement =
        reader.sql().prepare_cached("SELECT header, column_title, field FROM column_mapping ORDER BY header, column_title")?;
    let mappings = statement.query_map([], |row| Ok(Mapping { header: row.get(0)?, title: row.get(1)?, field: row.get(2)? }))?;
    Ok(mappings.collect::<Result<_, _>>()?)
}

/// Remembers what a column title means in files with this header.
///
/// # Errors
/// The file cannot be written.
pub fn remember(tx: &Tx<'_>, mapping: &Mapping) -> Result<(), StoreError> {
    tx.writing("column_mapping")?.execute(
        "INSERT INTO column_mapping (header, column_title, field) VALUES (?1, ?2, ?3) \
         ON CONFLICT (header, column_title) DO UPDATE SET field = excluded.field",
        params![mapping.header, mapping.title, mapping.field],
    )?;
    Ok(())
}

/// Forgets what a column title means in files with this header.
///
/// # Errors
/// The file cannot be written.
pub fn forget(tx: &Tx<'_>, mapping: &Mapping) -> Result<(), StoreError> {
    let sql = "DELETE FROM column_mapping WHERE header = ?1 AND column_title = ?2";
    tx.writing("column_mapping")?.execute(sql, params![mapping.header, mapping.title])?;
    Ok(())
}

fn quarantined_row(row: &Row<'_>) -> Result<Quarantined, StoreError> {
    let received_at: String = row.get(3)?;
    Ok(Quarantined {
        id: row.get(0)?,
        source: SourceId(row.get(1)?),
        file: row.get(2)?,
        received_at: super::entries::moment(&received_at, "source.received_at")?,
        sheet: row.get(4)?,
        row: row.get(5)?,
        kind: row.get(6)?,
        received: row.get(7)?,
        problems: row.get(8)?,
        state: state_of(row.get(9)?)?,
        reason: row.get(10)?,
        entry: row.get::<_, Option<i64>>(11)?.map(EntryId),
    })
}

fn state_of(key: String) -> Result<QuarantineState, StoreError> {
    QuarantineState::ALL.into_iter().find(|state| state.key() == key).ok_or(StoreError::BadValue { place: "quarantine.state", value: key })
}
