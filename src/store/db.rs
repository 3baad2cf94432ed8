//! Owns the contest file as a SQLite database: creating, opening, migrating, and the two ways in: a [`Reader`] (one consistent
//! snapshot) and a [`Tx`] (one logged operation). Refuses to know what the tables mean.
//!
//! Decision worth knowing: a [`Tx`] comes only from [`Db::operation`] and ends only in [`Tx::finish`]; dropped, it rolls back. The
//! triggers fail for a write while no operation is open, so nothing is ever written unlogged.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior, params};

use super::schema::{LOGGED_TABLES, MIGRATIONS};
use crate::domain::values::OperationId;

/// Marks a SQLite file as a contest (`dasa` in ASCII).
const APPLICATION_ID: i64 = 0x6461_7361;
/// How long a second writer waits for the first.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Why the contest file could not be read or written. `commands::context` says it in Chinese.
#[derive(Debug)]
pub enum StoreError {
    /// No file at this path.
    Missing(PathBuf),
    /// A file is at this path already.
    Exists(PathBuf),
    /// Not a SQLite database, or one of another program.
    NotAContest(PathBuf),
    /// Written by a newer version of this program.
    TooNew {
        /// The file's version.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
    /// Another process is writing.
    Busy,
    /// The disk is full.
    Full,
    /// The file or its folder cannot be written.
    ReadOnly,
    /// The database is damaged.
    Corrupt(String),
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
        #[expect(clippy::wildcard_enum_match_arm, reason = "SQLite's other codes are one case here")]
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => Self::ReadOnly,
            Some(ErrorCode::DatabaseCorrupt) => Self::Corrupt(error.to_string()),
            _ => Self::Sql(error),
        }
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
}

impl Db {
    /// Creates a new contest file, readable by its owner only.
    ///
    /// # Errors
    /// A file exists there, or it cannot be written.
    pub fn create(path: &Path) -> Result<Self, StoreError> {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        match options.open(path) {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return Err(StoreError::Exists(path.to_owned())),
            Err(error) => return Err(error.into()),
        }
        let mut db = Self { connection: Connection::open_with_flags(path, Self::flags())?, path: path.to_owned() };
        db.connection.pragma_update(None, "application_id", APPLICATION_ID)?;
        db.prepare()?;
        Ok(db)
    }

    /// Opens a contest file and brings an older version up to date.
    ///
    /// # Errors
    /// Missing, not a contest, from a newer version, locked or damaged.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        if !path.is_file() {
            return Err(StoreError::Missing(path.to_owned()));
        }
        let mut db = Self { connection: Connection::open_with_flags(path, Self::flags())?, path: path.to_owned() };
        let id: i64 = match db.connection.pragma_query_value(None, "application_id", |row| row.get(0)) {
            Ok(id) => id,
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
                return Err(StoreError::NotAContest(path.to_owned()));
            }
            Err(error) => return Err(error.into()),
        };
        if id != APPLICATION_ID {
            return Err(StoreError::NotAContest(path.to_owned()));
        }
        db.prepare()?;
        Ok(db)
    }

    fn flags() -> OpenFlags {
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX
    }

    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn prepare(&mut self) -> Result<(), StoreError> {
        self.connection.busy_timeout(BUSY_TIMEOUT)?;
        self.connection.pragma_update(None, "journal_mode", "WAL")?;
        self.connection.pragma_update(None, "synchronous", "FULL")?;
        self.connection.pragma_update(None, "foreign_keys", true)?;
        self.connection.pragma_update(None, "trusted_schema", false)?;
        self.connection.set_prepared_statement_cache_capacity(64);
        self.migrate()
    }

    fn migrate(&mut self) -> Result<(), StoreError> {
        let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
        let found: i64 = self.connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if found > known {
            return Err(StoreError::TooNew { found, known });
        }
        if found == known {
            return Ok(());
        }
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for migration in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or_default()) {
            transaction.execute_batch(migration)?;
        }
        for (number, table) in LOGGED_TABLES.iter().enumerate() {
            transaction.execute_batch(&log_triggers(&transaction, number, table)?)?;
        }
        transaction.pragma_update(None, "user_version", known)?;
        transaction.commit()?;
        Ok(())
    }

    /// One consistent snapshot to read from.
    ///
    /// # Errors
    /// The file is locked or damaged.
    pub fn reader(&self) -> Result<Reader<'_>, StoreError> {
        Ok(Reader { transaction: self.connection.unchecked_transaction()? })
    }

    /// Opens the one write of a command.
    ///
    /// # Errors
    /// Another process is writing, or the file cannot be written.
    pub fn operation(&mut self, header: &OperationHeader) -> Result<Tx<'_>, StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute(
            "INSERT INTO operation (at, actor, command) VALUES (?1, ?2, ?3)",
            params![header.at.to_string(), header.actor, header.command],
        )?;
        let id = OperationId(transaction.last_insert_rowid());
        transaction.execute("INSERT INTO open_operation (only, operation) VALUES (1, ?1)", [id.0])?;
        Ok(Tx { reader: Reader { transaction }, id })
    }
}

/// One consistent snapshot of the contest.
#[derive(Debug)]
pub struct Reader<'a> {
    transaction: Transaction<'a>,
}

impl Reader<'_> {
    /// The connection, for the rooms of this layer.
    pub(super) fn sql(&self) -> &Connection {
        &self.transaction
    }
}

/// One open operation: everything written through it is logged under it, and undone with it.
#[derive(Debug)]
pub struct Tx<'a> {
    reader: Reader<'a>,
    id: OperationId,
}

impl<'a> Deref for Tx<'a> {
    type Target = Reader<'a>;

    fn deref(&self) -> &Reader<'a> {
        &self.reader
    }
}

impl Tx<'_> {
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
        let sql = self.reader.sql();
        sql.execute("UPDATE operation SET summary = ?1 WHERE id = ?2", params![summary, self.id.0])?;
        sql.execute("DELETE FROM open_operation", [])?;
        self.reader.transaction.commit()?;
        Ok(self.id)
    }
}

/// The three triggers that log a table's changes under the open operation.
fn log_triggers(connection: &Connection, number: usize, table: &str) -> Result<String, StoreError> {
    let mut statement = connection.prepare("SELECT name FROM pragma_table_info(?1) ORDER BY cid")?;
    let columns: Vec<String> = statement.query_map([table], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let open = "(SELECT operation FROM open_operation)";
    let all = columns.iter().map(|column| format!("'{column}', OLD.{column}")).collect::<Vec<_>>().join(", ");
    let changed = |side: &str| {
        let parts: Vec<String> = columns
            .iter()
            .map(|column| format!("SELECT '{column}' AS name, {side}.{column} AS value WHERE OLD.{column} IS NOT NEW.{column}"))
            .collect();
        format!("(SELECT json_group_object(name, value) FROM ({}))", parts.join(" UNION ALL "))
    };
    let any = columns.iter().map(|column| format!("OLD.{column} IS NOT NEW.{column}")).collect::<Vec<_>>().join(" OR ");
    Ok(format!(
        "CREATE TRIGGER log_{table}_insert AFTER INSERT ON {table} BEGIN
           INSERT INTO change (operation, table_number, row, last_row) VALUES ({open}, {number}, NEW.id, NEW.id); END;
         CREATE TRIGGER log_{table}_update AFTER UPDATE ON {table} WHEN {any} BEGIN
           INSERT INTO change (operation, table_number, row, before, after)
           VALUES ({open}, {number}, OLD.id, {before}, {after}); END;
         CREATE TRIGGER log_{table}_delete AFTER DELETE ON {table} BEGIN
           INSERT INTO change (operation, table_number, row, before) VALUES ({open}, {number}, OLD.id, json_object({all})); END;",
        before = changed("OLD"),
        after = changed("NEW"),
    ))
}
