//! Owns how a file that people keep comes to be: whole or not at all. Refuses to know what is in it.
//!
//! Decision worth knowing: an existing file is never replaced unless the caller says so. The content goes to a temporary file in the
//! same folder, is forced to the disk, and then takes the name; until then the old file stays as it was.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// What is written, for whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// Anyone whom the folder lets in.
    Everyone,
    /// Only the writer, where the system can tell: contact data.
    Owner,
}

/// Why a file did not come to be. Nothing half written is left.
#[derive(Debug)]
pub enum WriteError {
    /// The file is there already and may not be replaced.
    Exists(PathBuf),
    /// The folder to write into is not there.
    MissingFolder(PathBuf),
    /// The path is a folder.
    IsFolder(PathBuf),
    /// The system refused.
    Io(PathBuf, io::Error),
    /// The content cannot be put into this kind of file; a sentence in Chinese.
    Content(String),
}

/// Whether a file could be written here: the faults that are known beforehand.
///
/// # Errors
/// The path is a folder, the file exists and may not be replaced, or its folder is missing.
pub fn check(path: &Path, replace: bool) -> Result<(), WriteError> {
    if path.is_dir() {
        return Err(WriteError::IsFolder(path.to_owned()));
    }
    if !replace && path.symlink_metadata().is_ok() {
        return Err(WriteError::Exists(path.to_owned()));
    }
    let folder = folder_of(path);
    if folder.is_dir() { Ok(()) } else { Err(WriteError::MissingFolder(folder.to_owned())) }
}

/// Writes a file whole: `fill` gets the temporary file, which then takes the name.
///
/// # Errors
/// As [`check`], or the system refuses, or `fill` fails. The old file is as it was then.
pub fn write(path: &Path, replace: bool, reader: Reader, fill: impl FnOnce(&mut File) -> Result<(), WriteError>) -> Result<(), WriteError> {
    check(path, replace)?;
    let failed = |error| WriteError::Io(path.to_owned(), error);
    let mut temporary = builder(reader).tempfile_in(folder_of(path)).map_err(failed)?;
    fill(temporary.as_file_mut())?;
    temporary.as_file_mut().flush().map_err(failed)?;
    temporary.as_file().sync_all().map_err(failed)?;
    let placed = if replace { temporary.persist(path) } else { temporary.persist_noclobber(path) };
    match placed {
        Ok(_) => Ok(()),
        Err(error) if !replace && error.error.kind() == io::ErrorKind::AlreadyExists => Err(WriteError::Exists(path.to_owned())),
        Err(error) => Err(failed(error.error)),
    }
}

/// Writes a text whole.
///
/// # Errors
/// As [`write()`].
pub fn write_text(path: &Path, replace: bool, reader: Reader, text: &str) -> Result<(), WriteError> {
    write(path, replace, reader, |file| file.write_all(text.as_bytes()).map_err(|error| WriteError::Io(path.to_owned(), error)))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn builder(reader: Reader) -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".dasai-").suffix(".tmp");
    // Temporary files are their owner's alone; a file for everyone gets what the system gives any new file.
    #[cfg(unix)]
    if reader == Reader::Everyone {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    #[cfg(not(unix))]
    let _ = reader;
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_comes_whole_or_not_at_all() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("结果.csv");
        write_text(&path, false, Reader::Everyone, "一").expect("written");
        assert!(matches!(write_text(&path, false, Reader::Everyone, "二"), Err(WriteError::Exists(_))));
        let failed = write(&path, true, Reader::Everyone, |file| {
            file.write_all(b"half").expect("written");
            Err(WriteError::Content("不行".to_owned()))
        });
        assert!(matches!(failed, Err(WriteError::Content(_))));
        assert_eq!(std::fs::read_to_string(&path).expect("there"), "一");
        write_text(&path, true, Reader::Owner, "三").expect("replaced");
        assert_eq!(std::fs::read_to_string(&path).expect("there"), "三");
        assert_eq!(std::fs::read_dir(folder.path()).expect("there").count(), 1, "nothing half written is left");
    }

    #[test]
    fn faults_are_told_apart() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(matches!(check(folder.path(), true), Err(WriteError::IsFolder(_))));
        assert!(matches!(check(&folder.path().join("无/甲.csv"), true), Err(WriteError::MissingFolder(_))));
        assert!(check(&folder.path().join("甲.csv"), false).is_ok());
    }
}
