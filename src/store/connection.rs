//! Owns how a SQLite file becomes a connection: what is looked at before SQLite sees it, the settings that belong to a connection, and
//! the ways to open it for writing, beside another connection, or only to read. Refuses to know operations and snapshots.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::db::{Db, StoreError};
use super::schema::{self, MIGRATIONS};
use super::triggers;

/// Marks a SQLite file as a contest (`dasa` in ASCII).
pub(super) const APPLICATION_ID: i64 = 0x6461_7361;
/// How long a second writer waits for the first.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// What every SQLite file begins with.
const MAGIC: &[u8] = b"SQLite format 3\0";
/// How much of the file stays in memory, in KiB: enough that the indexes of 100,000 works do.
pub(super) const CACHE: i64 = 64 * 1024;
/// The same while a whole table is read once: what was read is not asked for again.
pub(super) const CACHE_OF_A_SCAN: i64 = 8 * 1024;
/// The write-ahead log is cut back to this many bytes after a large operation.
const WAL_LIMIT: i64 = 4 * 1024 * 1024;

/// The name of a file beside the contest: its own with an ending, SQLite's `-wal` (what was written last) and `-shm`, or a copy's.
#[must_use]
pub fn companion(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Whether operations lie in a `-wal` file beside this name.
pub(super) fn has_log_beside(path: &Path) -> bool {
    std::fs::metadata(companion(path, "-wal")).is_ok_and(|metadata| metadata.len() > 0)
}

/// Refuses, without touching it, what is no contest file of this or an earlier version; returns its version.
pub(super) fn look_at_header(path: &Path, known: i64) -> Result<i64, StoreError> {
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(StoreError::Missing(path.to_owned())),
        Err(error) => return Err(error.into()),
    };
    if metadata.is_dir() {
        return Err(StoreError::Folder(path.to_owned()));
    }
    if !metadata.is_file() {
        return Err(StoreError::NotAContest(path.to_owned()));
    }
    if metadata.len() == 0 {
        return Err(StoreError::Empty(path.to_owned()));
    }
    let mut header = Vec::with_capacity(100);
    std::fs::File::open(path)?.take(100).read_to_end(&mut header)?;
    if header.len() < 100 || !header.starts_with(MAGIC) {
        return Err(StoreError::NotAContest(path.to_owned()));
    }
    let word =
        |at: usize| header.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map_or(0, |bytes| i64::from(u32::from_be_bytes(bytes)));
    let (version, application) = (word(60), word(68));
    if application != APPLICATION_ID {
        return Err(StoreError::OtherDatabase(path.to_owned()));
    }
    if version > known {
        return Err(StoreError::TooNew { found: version, known });
    }
    // A file that was ever opened to be written says 2 here, a backup 1: it never had a log, and SQLite would replay this one into it.
    if header.get(18..20) == Some(&[1, 1]) && has_log_beside(path) {
        return Err(StoreError::StrangersLog(path.to_owned()));
    }
    Ok(version)
}

/// Connects for writing; where the file or its folder cannot be written, for reading.
pub(super) fn connect(path: &Path) -> Result<Connection, StoreError> {
    let first = (|| {
        let connection = Connection::open_with_flags(path, Db::flags())?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        schema::version(&connection)?;
        Ok(connection)
    })();
    match first {
        Err(StoreError::ReadOnly) => {}
        other => return other,
    }
    if has_log_beside(path) {
        return Err(StoreError::Unmerged(path.to_owned()));
    }
    // SQLite wants to put its lock files beside the file. Where nobody can write, nobody needs locks.
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Ok(Connection::open_with_flags(immutable_address(path)?, flags)?)
}

/// Connects a second time to a file that is open.
pub(super) fn connect_beside(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.pragma_update(None, "cache_size", -CACHE_OF_A_SCAN)?;
    harden(&connection)?;
    Ok(connection)
}

/// Connects to a contest file of this or an earlier version for reading, and leaves it as it is, byte for byte. A file that no other
/// program has open is read without SQLite's lock files beside it.
pub(super) fn open_to_read(path: &Path) -> Result<Connection, StoreError> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    look_at_header(path, known)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = if has_log_beside(path) {
        Connection::open_with_flags(path, flags)?
    } else {
        Connection::open_with_flags(immutable_address(path)?, flags)?
    };
    harden(&connection)?;
    let found = schema::version(&connection)?;
    if found > known {
        return Err(StoreError::TooNew { found, known });
    }
    Ok(connection)
}

/// `file:/folder/2024.dasai?immutable=1`, with everything escaped that an address cannot hold.
fn immutable_address(path: &Path) -> Result<String, StoreError> {
    let absolute = std::path::absolute(path)?;
    let mut address = "file:".to_owned();
    for (position, &byte) in absolute.as_os_str().as_encoded_bytes().iter().enumerate() {
        let byte = if cfg!(windows) && byte == b'\\' { b'/' } else { byte };
        if position == 0 && byte != b'/' {
            address.push('/');
        }
        if byte.is_ascii_alphanumeric() || b"/-._~:".contains(&byte) {
            address.push(char::from(byte));
        } else {
            use std::fmt::Write as _;
            let _ = write!(address, "%{byte:02X}");
        }
    }
    Ok(address + "?immutable=1")
}

/// What every connection needs: it waits for another writer, and trusts nothing that a stranger's file says.
fn harden(connection: &Connection) -> Result<(), StoreError> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    Ok(connection.pragma_update(None, "cell_size_check", true)?)
}

/// Settings that belong to a connection, not to the file.
pub(super) fn prepare(connection: &Connection) -> Result<(), StoreError> {
    harden(connection)?;
    if !connection.is_readonly("main")? {
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "journal_size_limit", WAL_LIMIT)?;
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "cache_size", -CACHE)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // Without it, INSERT OR REPLACE would delete rows without the delete trigger.
    connection.pragma_update(None, "recursive_triggers", true)?;
    connection.set_prepared_statement_cache_capacity(128);
    triggers::prepare(connection)
}
