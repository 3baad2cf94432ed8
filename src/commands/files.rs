//! Owns the files that a command is given: which ones a path means, and their size and digest. Refuses to know what is in them.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::context::Context;
use crate::formats::archive::is_system_file;

/// Endings of tables.
const TABLES: [&str; 8] = ["csv", "tsv", "txt", "xlsx", "xlsm", "xls", "xlsb", "ods"];
/// Endings of contest files and of what SQLite keeps beside them.
const CONTESTS: [&str; 4] = ["dasai", "dasai-wal", "dasai-shm", "bak"];
/// How office documents and packed files begin: new and old Office, RAR, 7-Zip, gzip.
const PACKED: [&[u8]; 5] = [b"PK", b"\xD0\xCF\x11\xE0", b"Rar!", b"7z\xBC\xAF", b"\x1F\x8B"];
/// Folders within folders deeper than this are not looked into.
const DEEPEST: usize = 16;
/// How many first bytes of a file are kept to tell what it is.
const HEAD: usize = 64 << 10;

/// A file that a path of the command line leads to.
#[derive(Debug)]
pub(super) struct Found {
    /// Where it is.
    pub(super) path: PathBuf,
    /// Its path as people know it.
    pub(super) shown: String,
    /// Whether the command line names it, not only a folder that it is in.
    pub(super) is_named: bool,
}

/// What paths of the command line lead to.
#[derive(Debug, Default)]
pub(super) struct Collected {
    /// Files, in the order of the command line and within a folder by name.
    pub(super) files: Vec<Found>,
    /// Folders that could not be read.
    pub(super) closed: Vec<(String, io::Error)>,
    /// Files and folders that hold nothing received: hidden ones, locks of open workbooks, the contest itself.
    pub(super) passed_over: Vec<String>,
    /// Links to folders or to nothing, and what is neither a file nor a folder.
    pub(super) no_files: Vec<String>,
}

impl Collected {
    /// Follows the paths: folders with the folders in them, by name.
    pub(super) fn new(context: &Context, paths: &[PathBuf]) -> Self {
        let mut collected = Self::default();
        for shown in paths {
            let path = context.path(shown);
            if path.is_dir() {
                collected.folder(&path, shown, DEEPEST);
            } else {
                collected.files.push(Found { path, shown: shown.display().to_string(), is_named: true });
            }
        }
        collected
    }

    fn folder(&mut self, path: &Path, shown: &Path, depth: usize) {
        let entries = match std::fs::read_dir(path) {
            Ok(entries) => entries,
            Err(error) => {
                self.closed.push((shown.display().to_string(), error));
                return;
            }
        };
        let mut names: Vec<_> = entries.filter_map(Result::ok).map(|entry| entry.file_name()).collect();
        names.sort();
        for name in names {
            let (child, child_shown) = (path.join(&name), shown.join(&name));
            let text = name.to_string_lossy();
            // What a link leads to counts, except that a folder may lead to itself.
            let (Ok(metadata), Ok(target)) = (std::fs::symlink_metadata(&child), std::fs::metadata(&child)) else {
                self.no_files.push(child_shown.display().to_string());
                continue;
            };
            let is_folder = metadata.is_dir();
            let is_left_behind = is_left_behind(&text);
            if !is_left_behind && !is_folder && !target.is_file() {
                self.no_files.push(child_shown.display().to_string());
            } else if is_left_behind || (is_folder && depth == 0) {
                self.passed_over.push(child_shown.display().to_string());
            } else if is_folder {
                self.folder(&child, &child_shown, depth - 1);
            } else {
                self.files.push(Found { path: child, shown: child_shown.display().to_string(), is_named: false });
            }
        }
    }
}

/// Whether a name is of what systems and office programs leave beside files, or of a contest and its backups.
pub(super) fn is_left_behind(name: &str) -> bool {
    name.starts_with('.') || is_system_file(name) || has_ending(Path::new(name), &CONTESTS)
}

/// Whether a file's name has one of these endings.
pub(super) fn has_ending(path: &Path, endings: &[&str]) -> bool {
    path.extension().is_some_and(|found| endings.iter().any(|ending| found.eq_ignore_ascii_case(ending)))
}

/// Whether a name has the ending of a table.
pub(super) fn is_table_name(name: &str) -> bool {
    has_ending(Path::new(name), &TABLES)
}

/// Whether a file that nobody named may hold a table or a form. Office documents and packed files are told by their first bytes; a
/// text under a name like `readme.md` is not tried, however many commas it has.
pub(super) fn may_hold_rows(name: &str, head: &[u8]) -> bool {
    let ending = Path::new(name).extension().and_then(OsStr::to_str).filter(|ending| {
        ending.len() <= 5
            && ending.chars().all(|letter| letter.is_ascii_alphanumeric())
            && !ending.chars().all(|letter| letter.is_ascii_digit())
    });
    ending.is_none() || is_table_name(name) || PACKED.iter().any(|start| head.starts_with(start))
}

/// What a file is, before anything in it is understood.
#[derive(Debug)]
pub(super) struct Digest {
    /// Bytes.
    pub(super) size: u64,
    /// SHA-256 in hexadecimal.
    pub(super) sha256: String,
    /// The first bytes, at most 64 KiB.
    pub(super) head: Vec<u8>,
}

/// A file's size, digest and first bytes, read in pieces.
///
/// # Errors
/// The file cannot be read.
pub(super) fn digest(path: &Path) -> io::Result<Digest> {
    let mut file = File::open(path)?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut size = 0_u64;
    let mut head = Vec::new();
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        size = size.saturating_add(count as u64);
        let piece = buffer.get(..count).unwrap_or_default();
        head.extend_from_slice(piece.get(..HEAD.saturating_sub(head.len())).unwrap_or(piece));
        digest.update(piece);
    }
    Ok(Digest { size, sha256: hexadecimal(&digest.finalize()), head })
}

/// Bytes as hexadecimal digits.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
