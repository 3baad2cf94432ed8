//! Owns how a part of a mail or an archive gets out of it: counted against a budget, digested, and written under a name of our own into
//! a private temporary folder. Refuses to know what a part is called: no name from outside ever becomes a path.
//!
//! Decision worth knowing: memory holds the first bytes of a part and no more, and the file is gone when the part is dropped.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use tempfile::{TempDir, TempPath};

/// How many bytes of a part are kept in memory to tell what it is.
const HEAD: usize = 64 << 10;
/// How many parts one received file may hold, on all levels together.
const PARTS: u32 = 10_000;
/// How many bytes one received file may hold beyond ten times its own size, on all levels together.
const BYTES: u64 = 128 << 20;

/// How many bytes of parts that repeat themselves one received file may hold, on all levels together.
const REPETITIVE: u64 = 16 << 20;

/// What the parts of one received file, on all levels, may still cost.
#[derive(Debug)]
pub struct Budget {
    parts: u32,
    bytes: u64,
    repetitive: u64,
}

impl Budget {
    /// The budget of a received file of this size. Forms pack at most about 20 to 1 and films not at all: 10 to 1 on the whole, and
    /// 128 MiB for small archives of long tables. What inflates beyond it is no mail with forms.
    #[must_use]
    pub fn of(size: u64) -> Self {
        Self { parts: PARTS, bytes: size.saturating_mul(10).saturating_add(BYTES), repetitive: REPETITIVE }
    }

    /// Takes one part; `false` where none is left.
    pub(super) fn take_part(&mut self) -> bool {
        let left = self.parts.checked_sub(1);
        self.parts = left.unwrap_or_default();
        left.is_some()
    }

    /// Takes a part of this size that packs so well that it repeats itself; `false` where there were too many of them.
    pub(super) fn take_repetitive(&mut self, size: u64) -> bool {
        let left = self.repetitive.checked_sub(size);
        self.repetitive = left.unwrap_or(self.repetitive);
        left.is_some()
    }

    /// How many bytes are left.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }
}

/// Why a part could not be taken out.
#[derive(Debug)]
pub enum SpoolError {
    /// The budget of the received file is used up.
    OverBudget,
    /// The temporary folder cannot be written, or the received file not be read.
    Io(io::Error),
}

impl From<io::Error> for SpoolError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// A private temporary folder, gone with all in it when dropped.
#[derive(Debug)]
pub struct SpoolFolder {
    folder: TempDir,
}

impl SpoolFolder {
    /// Makes the folder; only this user can look into it.
    ///
    /// # Errors
    /// The system refuses.
    pub fn new() -> io::Result<Self> {
        Ok(Self { folder: tempfile::Builder::new().prefix("dasai-").tempdir()? })
    }
}

impl SpoolFolder {
    /// Keeps a part for as long as the folder, also when its [`Spooled`] is gone.
    ///
    /// # Errors
    /// The system refuses.
    pub fn keep(&self, part: &Path) -> io::Result<PathBuf> {
        let mut source = File::open(part)?;
        let (mut file, path) =
            tempfile::Builder::new().prefix("kept-").tempfile_in(self.folder.path())?.keep().map_err(|error| error.error)?;
        io::copy(&mut source, &mut file)?;
        Ok(path)
    }
}

/// A part that was taken out.
#[derive(Debug)]
pub struct Spooled {
    path: TempPath,
    /// Bytes.
    pub size: u64,
    /// SHA-256.
    pub sha256: [u8; 32],
    /// The first bytes, at most 64 KiB.
    pub head: Vec<u8>,
}

impl Spooled {
    /// The temporary file, gone when this is dropped.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// A part on its way out.
#[derive(Debug)]
pub(super) struct Spool {
    writer: BufWriter<File>,
    path: TempPath,
    digest: Sha256,
    size: u64,
    head: Vec<u8>,
}

impl Spool {
    /// Begins a part.
    pub(super) fn new(folder: &SpoolFolder) -> io::Result<Self> {
        let (file, path) = tempfile::Builder::new().prefix("part-").tempfile_in(folder.folder.path())?.into_parts();
        Ok(Self { writer: BufWriter::new(file), path, digest: Sha256::new(), size: 0, head: Vec::new() })
    }

    /// Adds bytes.
    pub(super) fn write(&mut self, bytes: &[u8], budget: &mut Budget) -> Result<(), SpoolError> {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        budget.bytes = budget.bytes.checked_sub(length).ok_or(SpoolError::OverBudget)?;
        self.digest.update(bytes);
        self.size = self.size.saturating_add(length);
        let room = HEAD.saturating_sub(self.head.len());
        self.head.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        Ok(self.writer.write_all(bytes)?)
    }

    /// Ends the part.
    pub(super) fn finish(mut self) -> Result<Spooled, SpoolError> {
        self.writer.flush()?;
        Ok(Spooled { path: self.path, size: self.size, sha256: self.digest.finalize().into(), head: self.head })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_written_digested_and_gone() {
        let folder = SpoolFolder::new().expect("a folder");
        let mut budget = Budget::of(0);
        let mut spool = Spool::new(&folder).expect("a file");
        let bytes = vec![b'a'; HEAD + 10];
        for piece in bytes.chunks(1000) {
            spool.write(piece, &mut budget).expect("written");
        }
        let part = spool.finish().expect("whole");
        let path = part.path().to_owned();
        assert_eq!((part.size, part.head.len()), (u64::try_from(bytes.len()).expect("small"), HEAD));
        assert_eq!(std::fs::read(&path).expect("there"), bytes);
        assert_eq!(part.sha256, <[u8; 32]>::from(Sha256::digest(&bytes)));
        drop(part);
        assert!(!path.exists());
    }

    #[test]
    fn a_budget_ends() {
        let folder = SpoolFolder::new().expect("a folder");
        let mut budget = Budget { parts: 1, bytes: 3, repetitive: 2 };
        assert!(budget.take_part());
        assert!(!budget.take_part());
        assert_eq!([2, 1, 0].map(|size| budget.take_repetitive(size)), [true, false, true]);
        let mut spool = Spool::new(&folder).expect("a file");
        spool.write(b"abc", &mut budget).expect("within");
        assert!(matches!(spool.write(b"d", &mut budget), Err(SpoolError::OverBudget)));
    }
}
