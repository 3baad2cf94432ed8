//! Owns the rows of received files (参赛材料): where they were seen, what they are, whose they are. Refuses to know how a file finds its
//! work: that is `domain::attachment`.

use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{OptionalExtension as _, Row, params, params_from_iter};

use super::db::{Db, Reader, StoreError, Tx};
use super::entries::{moment, optional_moment};
use crate::domain::attachment::{Attachment, Condition, FileRecord, FileType, Link, MatchedBy};
use crate::domain::values::{AttachmentId, EntryId, OrganizationId, SourceId};

const SELECT: &str = "SELECT id, folder, path, source, size, modified, sha256, type, condition, kind, entry, organization, matched, \
     seen_at, state, (SELECT s.path FROM source s WHERE s.id = attachment.source) FROM attachment";

/// The setting that remembers which categories' folders were scanned.
const SCANNED: &str = "attachment.scanned";

/// Every file, ordered by its row.
///
/// # Errors
/// The file cannot be read.
pub fn list(reader: &Reader<'_>) -> Result<Vec<Attachment>, StoreError> {
    select(reader, "TRUE", &[])
}

/// The files of a work, and those of its unit alone, ordered by row.
///
/// # Errors
/// The file cannot be read.
pub fn of_entry(reader: &Reader<'_>, entry: EntryId) -> Result<Vec<Attachment>, StoreError> {
    let condition = "entry = ?1 OR (entry IS NULL AND organization = (SELECT organization FROM entry WHERE id = ?1))";
    select(reader, condition, &[&entry.0])
}

/// Whether a file with this digest (hexadecimal) came by mail for this work or unit, or for nobody.
///
/// # Errors
/// The file cannot be read.
pub fn is_known(reader: &Reader<'_>, sha256: &str, link: &Link) -> Result<bool, StoreError> {
    let mut statement = reader.sql().prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM attachment INDEXED BY attachment_owner
                        WHERE sha256 = ?1 AND entry IS ?2 AND organization IS ?3 AND source IS NOT NULL)",
    )?;
    let (entry, organization) = (link.entry.map(|entry| entry.0), link.organization.map(|organization| organization.0));
    Ok(statement.query_row(params![sha256, entry, organization], |row| row.get(0))?)
}

/// The files with this digest that came by mail under this path and that nobody or that staff linked, ordered by row.
///
/// # Errors
/// The file cannot be read.
pub fn copies(reader: &Reader<'_>, sha256: &str, path: &str) -> Result<Vec<Attachment>, StoreError> {
    let condition = "sha256 = ?1 AND path = ?2 AND matched IN ('', ?3) AND source IS NOT NULL";
    select(reader, condition, &[&sha256, &path, &MatchedBy::Hand.key()])
}

/// Whether a file with this digest came by mail under this path, whosever it is.
///
/// # Errors
/// The file cannot be read.
pub fn has_copy(reader: &Reader<'_>, sha256: &str, path: &str) -> Result<bool, StoreError> {
    let mut statement = reader.sql().prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM attachment INDEXED BY attachment_copy WHERE sha256 = ?1 AND path = ?2 AND source IS NOT NULL)",
    )?;
    Ok(statement.query_row(params![sha256, path], |row| row.get(0))?)
}

/// The file with this number.
///
/// # Errors
/// The file cannot be read.
pub fn by_id(reader: &Reader<'_>, id: AttachmentId) -> Result<Option<Attachment>, StoreError> {
    Ok(select(reader, "id = ?1", &[&id.0])?.pop())
}

/// How many files there are, and how many of them wait for their work; files that are gone do not count.
///
/// # Errors
/// The file cannot be read.
pub fn counts(reader: &Reader<'_>) -> Result<(u64, u64), StoreError> {
    let sql = "SELECT count(*), coalesce(sum(entry IS NULL AND organization IS NULL AND matched = '' AND kind <> 'recommendation'), 0) FROM attachment WHERE state = 'present'";
    let (all, orphans): (i64, i64) = reader.sql().query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok((all.try_into().unwrap_or_default(), orphans.try_into().unwrap_or_default()))
}

/// Writes a new file.
///
/// # Errors
/// The file cannot be written.
pub fn insert(tx: &Tx<'_>, file: &FileRecord, link: &Link, seen_at: Timestamp) -> Result<AttachmentId, StoreError> {
    let mut statement = tx.writing("attachment")?.prepare_cached(
        "INSERT INTO attachment (folder, path, source, size, modified, sha256, type, condition, kind, entry, organization, matched, \
         seen_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?;
    statement.execute(columns(file, link, seen_at))?;
    Ok(AttachmentId(tx.sql().last_insert_rowid()))
}

/// Writes what is known of a file now: everything but its number.
///
/// # Errors
/// The file cannot be written.
pub fn update(tx: &Tx<'_>, attachment: &Attachment) -> Result<(), StoreError> {
    let Attachment { id, file, link, seen_at, missing, came_in: _ } = attachment;
    let mut statement = tx.writing("attachment")?.prepare_cached(
        "UPDATE attachment SET folder = ?1, path = ?2, source = ?3, size = ?4, modified = ?5, sha256 = ?6, type = ?7, condition = ?8, \
         kind = ?9, entry = ?10, organization = ?11, matched = ?12, seen_at = ?13, state = ?14 WHERE id = ?15",
    )?;
    let state = if *missing { "missing" } else { "present" }.to_owned();
    statement.execute(params_from_iter(columns(file, link, *seen_at).into_iter().chain([Value::from(state), Value::from(id.0)])))?;
    Ok(())
}

/// The columns of a file that it comes with, `folder` to `seen_at`.
fn columns(file: &FileRecord, link: &Link, seen_at: Timestamp) -> [Value; 13] {
    [
        file.folder.clone().into(),
        file.path.clone().into(),
        file.source.map(|source| source.0).into(),
        i64::try_from(file.size).unwrap_or(i64::MAX).into(),
        file.modified.map(|moment| moment.to_string()).into(),
        file.sha256.clone().into(),
        file.file_type.key().to_owned().into(),
        file.condition.key().to_owned().into(),
        link.kind.clone().into(),
        link.entry.map(|entry| entry.0).into(),
        link.organization.map(|organization| organization.0).into(),
        link.matched.map_or("", MatchedBy::key).to_owned().into(),
        seen_at.to_string().into(),
    ]
}

/// The categories whose folders were scanned, as ids, ordered.
///
/// # Errors
/// The file cannot be read.
pub fn scanned(reader: &Reader<'_>) -> Result<Vec<String>, StoreError> {
    let mut statement = reader.sql().prepare_cached("SELECT value FROM setting WHERE key = ?1")?;
    let text: Option<String> = statement.query_row([SCANNED], |row| row.get(0)).optional()?;
    Ok(text.unwrap_or_default().split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect())
}

/// Remembers which categories' folders were scanned, in all.
///
/// # Errors
/// The file cannot be written.
pub fn set_scanned(tx: &Tx<'_>, categories: &[String]) -> Result<(), StoreError> {
    tx.writing("setting")?.execute(
        "INSERT INTO setting (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        params![SCANNED, categories.join(",")],
    )?;
    Ok(())
}

/// A rename that was begun: in the file's folder, from one path to the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BegunRename {
    /// The file.
    pub attachment: AttachmentId,
    /// What it was called.
    pub old_path: String,
    /// What it is to be called.
    pub new_path: String,
}

/// Writes down, before the first file is touched, which files are about to be renamed. No operation: it only says what may have been
/// done if the program stops half-way.
///
/// # Errors
/// The file cannot be written.
pub fn begin_renames(db: &mut Db, renames: &[BegunRename]) -> Result<(), StoreError> {
    let writer = db.lock()?;
    {
        let mut statement =
            writer.sql().prepare_cached("INSERT INTO attachment_rename (attachment, old_path, new_path) VALUES (?1, ?2, ?3)")?;
        for rename in renames {
            statement.execute(params![rename.attachment.0, rename.old_path, rename.new_path])?;
        }
    }
    writer.commit()
}

/// Renames that were begun and not recorded as done: after a crash these files have either name.
///
/// # Errors
/// The file cannot be read.
pub fn begun_renames(reader: &Reader<'_>) -> Result<Vec<BegunRename>, StoreError> {
    let mut statement = reader.sql().prepare_cached("SELECT attachment, old_path, new_path FROM attachment_rename ORDER BY id")?;
    let renames = statement
        .query_map([], |row| Ok(BegunRename { attachment: AttachmentId(row.get(0)?), old_path: row.get(1)?, new_path: row.get(2)? }))?;
    Ok(renames.collect::<Result<_, _>>()?)
}

/// Forgets the begun renames of these files: the open operation records what became of them.
///
/// # Errors
/// The file cannot be written.
pub fn end_renames(tx: &Tx<'_>, files: impl IntoIterator<Item = AttachmentId>) -> Result<(), StoreError> {
    let mut statement = tx.sql().prepare_cached("DELETE FROM attachment_rename WHERE attachment = ?1")?;
    for file in files {
        statement.execute([file.0])?;
    }
    Ok(())
}

fn select(reader: &Reader<'_>, condition: &str, values: &[&dyn rusqlite::ToSql]) -> Result<Vec<Attachment>, StoreError> {
    let mut statement = reader.sql().prepare_cached(&format!("{SELECT} WHERE {condition} ORDER BY id"))?;
    let mut rows = statement.query(values)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(attachment(row)?);
    }
    Ok(found)
}

fn attachment(row: &Row<'_>) -> Result<Attachment, StoreError> {
    let text = |column: usize| -> Result<String, StoreError> { Ok(row.get(column)?) };
    let unknown = |place, value| StoreError::BadValue { place, value };
    let (file_type, condition, matched) = (text(7)?, text(8)?, text(12)?);
    Ok(Attachment {
        id: AttachmentId(row.get(0)?),
        file: FileRecord {
            folder: text(1)?,
            path: text(2)?,
            source: row.get::<_, Option<i64>>(3)?.map(SourceId),
            size: row.get::<_, i64>(4)?.try_into().unwrap_or_default(),
            modified: optional_moment(row, 5, "attachment.modified")?,
            sha256: text(6)?,
            file_type: FileType::from_key(&file_type).ok_or_else(|| unknown("attachment.type", file_type))?,
            condition: Condition::from_key(&condition).ok_or_else(|| unknown("attachment.condition", condition))?,
        },
        link: Link {
            kind: text(9)?,
            entry: row.get::<_, Option<i64>>(10)?.map(EntryId),
            organization: row.get::<_, Option<i64>>(11)?.map(OrganizationId),
            matched: match matched.as_str() {
                "" => None,
                key => Some(MatchedBy::from_key(key).ok_or_else(|| unknown("attachment.matched", key.to_owned()))?),
            },
        },
        seen_at: moment(&text(13)?, "attachment.seen_at")?,
        missing: text(14)? == "missing",
        came_in: row.get::<_, Option<String>>(15)?.unwrap_or_default(),
    })
}
