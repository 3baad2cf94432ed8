//! Owns copies of the contest file: consistent while others write, checked, complete or not there at all. Refuses to know when one
//! is due and what it is called, but for the copy before a migration.

use std::path::{Path, PathBuf};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::connection::{companion, has_log_beside};
use super::db::{Db, StoreError};

/// Copies the contest to `target`: one consistent moment, readable by its owner only, checked from end to end. Never overwrites.
/// The copy needs no second file beside it. Returns its size in bytes.
///
/// # Errors
/// Something is at `target`, the disk is full, or the contest file is damaged; then nothing is left at `target`.
pub fn write(db: &Db, target: &Path) -> Result<u64, StoreError> {
    copy(db.connection(), target)
}

/// Copies the file of `connection` to a free name beside it: `2024.dasai.v1.bak`, `2024.dasai.v1-2.bak`, …
pub(super) fn beside(connection: &Connection, path: &Path, label: &str) -> Result<PathBuf, StoreError> {
    let mut attempt = 1;
    loop {
        let suffix = if attempt == 1 { format!(".{label}.bak") } else { format!(".{label}-{attempt}.bak") };
        let target = companion(path, &suffix);
        match copy(connection, &target) {
            Ok(_) => return Ok(target),
            Err(StoreError::Exists(_)) if attempt < 1000 => attempt += 1,
            Err(error) => return Err(error),
        }
    }
}

fn copy(source: &Connection, target: &Path) -> Result<u64, StoreError> {
    if target.symlink_metadata().is_ok() {
        return Err(StoreError::Exists(target.to_owned()));
    }
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    // Made with mode 0600, and removed again unless it gets its name.
    let temporary = tempfile::Builder::new().prefix(".dasai-").suffix(".tmp").tempfile_in(folder)?.into_temp_path();
    let mut copy = Connection::open_with_flags(&temporary, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    {
        // In one step: in several, a write in between would start the copy again.
        let backup = Backup::new(source, &mut copy)?;
        if backup.step(-1)? != StepResult::Done {
            return Err(StoreError::Busy);
        }
    }
    copy.pragma_update(None, "journal_mode", "DELETE")?;
    let state: String = copy.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if state != "ok" {
        return Err(StoreError::Corrupt(state));
    }
    copy.close().map_err(|(_, error)| StoreError::from(error))?;
    let file = std::fs::OpenOptions::new().write(true).open(&temporary)?;
    file.sync_all()?;
    let size = file.metadata()?.len();
    drop(file);
    place(temporary, target)?;
    Ok(size)
}

/// Gives a finished temporary file its name, unless something is there, or a log that SQLite would take for the new file's.
pub(super) fn place(temporary: tempfile::TempPath, target: &Path) -> Result<(), StoreError> {
    if has_log_beside(target) {
        return Err(StoreError::StrangersLog(target.to_owned()));
    }
    temporary.persist_noclobber(target).map_err(|failure| {
        if failure.error.kind() == std::io::ErrorKind::AlreadyExists {
            StoreError::Exists(target.to_owned())
        } else {
            StoreError::Io(failure.error)
        }
    })?;
    #[cfg(unix)]
    if let Some(folder) = target.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        // The new name must outlive a power cut, too.
        std::fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}
