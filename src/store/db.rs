//! Owns the contest file as a SQLite database: creating, opening, and the two ways in: a [`Reader`] (one consistent snapshot) and a
//! [`Tx`] (one logged operation). Refuses to know what the tables mean.
//!
//! Decision worth knowing: a [`Tx`] comes only from [`Db::operation`] and ends only in [`Tx::finish`]; dropped, it rolls back. The
//! triggers fail for a write while no operation is open, so nothing is ever written unlogged. And nothing is written on what is no
//! longer so: whoever takes the lock after having read is refused if another operation came in between.

use std::cell::Cell;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior, params};

use super::connection::{APPLICATION_ID, CACHE, CACHE_OF_A_SCAN, companion, connect, connect_beside, look_at_header, prepare};
use super::schema::{self, LOGGED_TABLES, MIGRATIONS};
use super::{backup, chain, triggers};
use crate::domain::threads::side_by_side;
use crate::domain::values::OperationId;

/// Bytes a page: a work with its row as received takes about 2 KB, of which pages of 4 KB would hold one and waste the rest.
const PAGE: i64 = 16_384;

/// Why the contest file could not be read or written. `commands::context` says it in Chinese.
#[derive(Debug)]
pub enum StoreError {
    /// No file at this path.
    Missing(PathBuf),
    /// A folder is at this path.
    Folder(PathBuf),
    /// The file holds nothing.
    Empty(PathBuf),
    /// A file is at this path already.
    Exists(PathBuf),
    /// Not a SQLite database.
    NotAContest(PathBuf),
    /// A SQLite database of another program.
    OtherDatabase(PathBuf),
    /// Creating the contest was interrupted: no operation was ever finished.
    Unfinished(PathBuf),
    /// The newest operations lie in the `-wal` file beside it, which cannot be read where the file is.
    Unmerged(PathBuf),
    /// The `-wal` file beside it holds operations of another file.
    StrangersLog(PathBuf),
    /// A copy (`*.bak`) of an earlier version: opening it would bring it up to date, and it would be no copy of that version any more.
    OldCopy(PathBuf),
    /// Written by a newer version of this program.
    TooNew {
        /// The file's version.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
    /// Another process is writing.
    Busy,
    /// Another operation came between the reading and the write; the newest one.
    ChangedMeanwhile {
        /// Its number in the log.
        operation: OperationId,
        /// Who.
        actor: String,
        /// What was done.
        summary: String,
    },
    /// The disk is full.
    Full,
    /// The file or its folder cannot be written.
    ReadOnly,
    /// The database is damaged.
    Corrupt(String),
    /// The disk did not do what SQLite asked; SQLite's detailed code.
    Device(i32),
    /// The operating system refused.
    Io(std::io::Error),
    /// A value in the file is not what this version writes.
    BadValue {
        /// Table and column.
        place: &'static str,
        /// What stood there.
        value: String,
    },
    /// Anything else that SQLite says.
    Sql(rusqlite::Error),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => Self::ReadOnly,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt(error.to_string()),
            // No room for the index of the write-ahead log beside the file.
            Some(ErrorCode::SystemIoFailure) if extended_code(&error) == rusqlite::ffi::SQLITE_IOERR_SHMSIZE => Self::Full,
            Some(ErrorCode::SystemIoFailure) => Self::Device(extended_code(&error)),
            _ => Self::Sql(error),
        }
    }
}

/// SQLite's detailed code; 0 if it gave none.
fn extended_code(error: &rusqlite::Error) -> i32 {
    error.sqlite_error().map_or(0, |error| error.extended_code)
}

impl From<rusqlite::types::FromSqlError> for StoreError {
    fn from(error: rusqlite::types::FromSqlError) -> Self {
        Self::Sql(error.into())
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

/// Who does what when: the head of an operation in the log.
#[derive(Debug, Clone)]
pub struct OperationHeader {
    /// When it began.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// The command line as typed.
    pub command: String,
}

/// An open contest file.
#[derive(Debug)]
pub struct Db {
    connection: Connection,
    path: PathBuf,
    seen: Cell<Option<Seen>>,
}

/// The state of the contest that a write through this [`Db`] stands on.
#[derive(Debug, Clone, Copy)]
struct Seen {
    /// The newest operation then.
    newest: i64,
    /// Whether this is what the last write left: nothing was read since, and what is read next is the state to stand on. Of several
    /// snapshots the first counts.
    is_own: bool,
}

impl Db {
    /// Creates a new contest file, readable by its owner only. It gets its name when it is complete.
    ///
    /// # Errors
    /// A file exists there, or it cannot be written.
    pub fn create(path: &Path) -> Result<Self, StoreError> {
        if path.symlink_metadata().is_ok() {
            return Err(StoreError::Exists(path.to_owned()));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let temporary = tempfile::Builder::new().prefix(".dasai-").suffix(".tmp").tempfile_in(folder)?.into_temp_path();
        let made = Self::fill(&temporary);
        if made.is_err() {
            // What SQLite lays beside a file that is never placed would stay for good, under a hidden name.
            for ending in ["-wal", "-shm", "-journal"] {
                match std::fs::remove_file(companion(&temporary, ending)) {
                    Ok(()) | Err(_) => {}
                }
            }
        }
        made?;
        backup::place(temporary, path)?;
        Self::open_at(path, MIGRATIONS)
    }

    /// Makes an empty file a contest file that needs no file beside it.
    fn fill(path: &Path) -> Result<(), StoreError> {
        let mut connection = Connection::open_with_flags(path, Self::flags())?;
        connection.pragma_update(None, "page_size", PAGE)?;
        connection.pragma_update(None, "application_id", APPLICATION_ID)?;
        prepare(&connection)?;
        schema::migrate(&mut connection, path, MIGRATIONS)?;
        // A checkpoint that fails for want of space is no error of `close`; here it is one.
        connection.pragma_update(None, "journal_mode", "DELETE")?;
        connection.close().map_err(|(_, error)| StoreError::from(error))?;
        std::fs::OpenOptions::new().write(true).open(path)?.sync_all()?;
        Ok(())
    }

    /// Opens a contest file and brings an older version up to date, after a copy beside it. A file that cannot be written is opened for
    /// reading; [`Db::operation`] then fails.
    ///
    /// # Errors
    /// Missing, not a contest, from a newer version, locked or damaged.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let db = Self::open_at(path, MIGRATIONS)?;
        let begun: bool = db.connection.query_row("SELECT EXISTS (SELECT 1 FROM operation)", [], |row| row.get(0))?;
        if begun { Ok(db) } else { Err(StoreError::Unfinished(path.to_owned())) }
    }

    pub(super) fn open_at(path: &Path, migrations: &[&str]) -> Result<Self, StoreError> {
        let known = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
        if look_at_header(path, known)? < known && path.extension().is_some_and(|extension| extension == "bak") {
            return Err(StoreError::OldCopy(path.to_owned()));
        }
        let mut connection = connect(path)?;
        // The header may be older than what the write-ahead log holds: ask again before anything is written, not even a checkpoint.
        let found = schema::version(&connection)?;
        if found > known {
            return Err(StoreError::TooNew { found, known });
        }
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
        prepare(&connection)?;
        schema::migrate(&mut connection, path, migrations)?;
        Ok(Self { connection, path: path.to_owned(), seen: Cell::new(None) })
    }

    /// Whether the file is of an earlier version, which [`Db::open`] would bring up to date.
    ///
    /// # Errors
    /// Missing, not a contest, or from a newer version.
    pub fn is_older(path: &Path) -> Result<bool, StoreError> {
        let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
        Ok(look_at_header(path, known)? < known)
    }

    pub(super) fn flags() -> OpenFlags {
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX
    }

    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The connection, for the rooms of this layer.
    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// One consistent snapshot to read from.
    ///
    /// # Errors
    /// The file is locked or damaged.
    pub fn reader(&self) -> Result<Reader<'_>, StoreError> {
        let transaction = self.connection.unchecked_transaction()?;
        let newest = newest_operation(&transaction)?;
        if self.seen.get().is_none_or(|seen| seen.is_own) {
            self.seen.set(Some(Seen { newest, is_own: false }));
        }
        Ok(Reader { transaction, seen: &self.seen })
    }

    /// Opens the one write of a command.
    ///
    /// # Errors
    /// Another process is writing or has written since this one read, or the file cannot be written.
    pub fn operation(&mut self, header: &OperationHeader) -> Result<Tx<'_>, StoreError> {
        Tx::begin(self.lock()?, header, Kind::Do)
    }

    /// Takes the write lock; what is then written lasts by [`Reader::commit`]. Refused if an operation came since the first
    /// [`Db::reader`] after the last write: a plan that was made then may be wrong now. After the refusal whoever reads again may write.
    pub(super) fn lock(&mut self) -> Result<Reader<'_>, StoreError> {
        if self.connection.is_readonly("main")? {
            return Err(StoreError::ReadOnly);
        }
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let newest = newest_operation(&transaction)?;
        if self.seen.get().is_some_and(|seen| seen.newest != newest) {
            self.seen.set(None);
            let sql = "SELECT actor, summary FROM operation WHERE id = ?1";
            let (actor, summary) = transaction.query_row(sql, [newest], |row| Ok((row.get(0)?, row.get(1)?)))?;
            return Err(StoreError::ChangedMeanwhile { operation: OperationId(newest), actor, summary });
        }
        Ok(Reader { transaction, seen: &self.seen })
    }
}

/// The number of the newest operation; 0 before the first.
fn newest_operation(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.prepare_cached("SELECT coalesce(max(id), 0) FROM operation")?.query_row([], |row| row.get(0))?)
}

/// What an operation is: new work, or the taking back of another operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// New work.
    Do,
    /// Takes new work back.
    Undo(OperationId),
    /// Takes an undo back.
    Redo(OperationId),
}

impl Kind {
    /// The key in the file and in JSON.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Do => "do",
            Self::Undo(_) => "undo",
            Self::Redo(_) => "redo",
        }
    }

    /// The operation that this one takes back.
    #[must_use]
    pub fn target(self) -> Option<OperationId> {
        match self {
            Self::Do => None,
            Self::Undo(target) | Self::Redo(target) => Some(target),
        }
    }
}

/// Whether a new row's id is the one that SQLite gives by itself; `next` asks for that. An insert that spells its id may fail for it,
/// and for what may fail SQLite copies every page that the statement touches: a quarter of the cost of an import.
pub(super) fn is_next_id(sql: &Connection, next: &str, id: i64) -> Result<bool, StoreError> {
    Ok(sql.prepare_cached(next)?.query_row([], |row| row.get::<_, i64>(0))? == id)
}

/// One consistent snapshot of the contest.
#[derive(Debug)]
pub struct Reader<'a> {
    transaction: Transaction<'a>,
    seen: &'a Cell<Option<Seen>>,
}

impl Reader<'_> {
    /// The connection, for the rooms of this layer.
    pub(super) fn sql(&self) -> &Connection {
        &self.transaction
    }

    /// Reads a whole table without filling the memory with its pages.
    pub(super) fn scan<T>(&self, read: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.transaction.pragma_update(None, "cache_size", -CACHE_OF_A_SCAN)?;
        let result = read(&self.transaction);
        self.transaction.pragma_update(None, "cache_size", -CACHE)?;
        result
    }

    /// Reads two things at the same time: the first through a second connection to the same state, in a thread of its own. Where that
    /// is not to be had (an operation is open, another process has just written, the file cannot be opened twice), one after the other.
    ///
    /// # Errors
    /// One of the two cannot be read.
    pub fn both<A: Send, B>(
        &self,
        first: impl Fn(&Reader<'_>) -> Result<A, StoreError> + Sync,
        second: impl FnOnce(&Self) -> Result<B, StoreError>,
    ) -> Result<(A, B), StoreError> {
        let newest = newest_operation(self.sql())?;
        let path = self.sql().path().map(PathBuf::from);
        let beside = || {
            let connection = connect_beside(&path?).ok()?;
            let seen = Cell::new(None);
            let twin = Reader { transaction: connection.unchecked_transaction().ok()?, seen: &seen };
            // Everything that is written is an operation: with the same newest one, both see the same.
            (newest_operation(twin.sql()).ok()? == newest).then(|| first(&twin))
        };
        let (early, late) = side_by_side(beside, || second(self));
        let late = late?;
        Ok((early.unwrap_or_else(|| first(self))?, late))
    }

    /// Makes everything last that was written since [`Db::lock`].
    pub(super) fn commit(self) -> Result<(), StoreError> {
        let newest = newest_operation(&self.transaction)?;
        self.transaction.commit()?;
        self.seen.set(Some(Seen { newest, is_own: true }));
        Ok(())
    }
}

/// One open operation: everything written through it is logged under it, and undone with it.
#[derive(Debug)]
pub struct Tx<'a> {
    reader: Reader<'a>,
    id: OperationId,
    /// Which of the logged tables it writes.
    open: Cell<[bool; LOGGED_TABLES.len()]>,
}

impl<'a> Deref for Tx<'a> {
    type Target = Reader<'a>;

    fn deref(&self) -> &Reader<'a> {
        &self.reader
    }
}

impl<'a> Tx<'a> {
    /// Opens an operation under a lock.
    pub(super) fn begin(reader: Reader<'a>, header: &OperationHeader, kind: Kind) -> Result<Self, StoreError> {
        let sql = reader.sql();
        sql.execute(
            "INSERT INTO operation (at, actor, command, kind, target, first_change)
             VALUES (?1, ?2, ?3, ?4, ?5, (SELECT coalesce(max(id), 0) + 1 FROM change))",
            params![header.at.to_string(), header.actor, header.command, kind.key(), kind.target().map(|target| target.0)],
        )?;
        let id = OperationId(sql.last_insert_rowid());
        Ok(Self { reader, id, open: Cell::default() })
    }

    /// The connection, to write rows of a table: from here on the operation has it open, and its changes are logged.
    pub(super) fn writing(&self, table: &str) -> Result<&Connection, StoreError> {
        let number = schema::table_number(table)?;
        let sql = self.reader.sql();
        let mut open = self.open.get();
        if let Some(is_open) = usize::try_from(number).ok().and_then(|number| open.get_mut(number)).filter(|is_open| !**is_open) {
            triggers::create_log(sql, number, table)?;
            let open = "INSERT INTO open_operation (table_number, operation, last_row)";
            sql.execute(&format!("{open} SELECT ?1, ?2, coalesce(max(id), 0) FROM {table}"), [number, self.id.0])?;
            *is_open = true;
        }
        self.open.set(open);
        Ok(sql)
    }

    /// The connection, to write anything.
    #[cfg(test)]
    pub(super) fn writing_all(&self) -> &Connection {
        for table in LOGGED_TABLES {
            self.writing(table).expect("a table");
        }
        self.sql()
    }

    /// The operation's number in the log.
    #[must_use]
    pub fn id(&self) -> OperationId {
        self.id
    }

    /// Ends the operation with a sentence of what was done, and makes it last.
    ///
    /// # Errors
    /// The disk is full or the file cannot be written; then nothing was done.
    pub fn finish(self, summary: &str) -> Result<OperationId, StoreError> {
        let id = self.id;
        self.end(summary)?.commit()?;
        Ok(id)
    }

    /// Writes the rows that the operation inserted as ranges, and closes its place in the chain. The lock stays: another operation
    /// may follow in the same write.
    pub(super) fn end(self, summary: &str) -> Result<Reader<'a>, StoreError> {
        let sql = self.reader.sql();
        for ((number, table), _) in (0_i64..).zip(LOGGED_TABLES).zip(self.open.get()).filter(|(_, is_open)| *is_open) {
            let last_row: i64 =
                sql.prepare_cached("SELECT last_row FROM open_operation WHERE table_number = ?1")?.query_row([number], |row| row.get(0))?;
            self.log_inserted(number, table, last_row)?;
        }
        sql.execute("DELETE FROM open_operation", [])?;
        sql.execute(
            "UPDATE operation SET summary = ?1,
                 changes = (SELECT coalesce(sum(last_row - row + 1), 0) FROM change WHERE operation = ?2) WHERE id = ?2",
            params![summary, self.id.0],
        )?;
        let (hash, _) = chain::operation_hash(sql, &chain::previous_hash(sql, self.id)?, self.id)?;
        sql.execute("UPDATE operation SET hash = ?1 WHERE id = ?2", params![hash, self.id.0])?;
        Ok(self.reader)
    }

    fn log_inserted(&self, number: i64, table: &str, last_row: i64) -> Result<(), StoreError> {
        let sql = self.reader.sql();
        let mut log = sql.prepare_cached("INSERT INTO change (operation, table_number, row, last_row) VALUES (?1, ?2, ?3, ?4)")?;
        let mut inserted = sql.prepare_cached(&format!("SELECT id FROM {table} WHERE id > ?1 ORDER BY id"))?;
        let mut rows = inserted.query([last_row])?;
        let mut range: Option<(i64, i64)> = None;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            range = match range {
                Some((first, last)) if last.checked_add(1) == Some(id) => Some((first, id)),
                Some((first, last)) => {
                    log.execute([self.id.0, number, first, last])?;
                    Some((id, id))
                }
                None => Some((id, id)),
            };
        }
        if let Some((first, last)) = range {
            log.execute([self.id.0, number, first, last])?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "db_tests.rs"]
mod tests;
