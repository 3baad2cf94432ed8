//! Owns the files that a command is given: which ones a path means, and their size and digest. Refuses to know what is in them.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::context::Context;

/// Endings of files that are taken out of a folder; a file named on the command line is always tried.
const TABLES: [&str; 8] = ["csv", "tsv", "txt", "xlsx", "xlsm", "xls", "xlsb", "ods"];
/// Folders within folders deeper than this are not looked into.
const DEEPEST: usize = 16;

/// What paths of the command line lead to.
#[derive(Debug, Default)]
pub(super) struct Collected {
    /// Files in the order in which they are read, each with the path as people know it.
    pub(super) files: Vec<(PathBuf, String)>,
    /// Folders that could not be read.
    pub(super) closed: Vec<(String, io::Error)>,
    /// How many files in folders were passed over because of their ending.
    pub(super) skipped: usize,
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
                collected.files.push((path, shown.display().to_string()));
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
            // Hidden files, and the locks that Excel and WPS leave beside an open workbook.
            if text.starts_with('.') || text.starts_with("~$") {
                continue;
            }
            let Ok(metadata) = std::fs::symlink_metadata(&child) else {
                continue;
            };
            if metadata.is_dir() {
                if depth > 0 {
                    self.folder(&child, &child_shown, depth - 1);
                }
            } else if child.extension().is_some_and(|ending| TABLES.iter().any(|table| ending.eq_ignore_ascii_case(table))) {
                self.files.push((child, child_shown.display().to_string()));
            } else {
                self.skipped += 1;
            }
        }
    }
}

/// A file's size in bytes and its SHA-256 in hexadecimal, read in pieces.
///
/// # Errors
/// The file cannot be read.
pub(super) fn digest(path: &Path) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut size = 0_u64;
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        size = size.saturating_add(count as u64);
        digest.update(buffer.get(..count).unwrap_or_default());
    }
    Ok((size, hexadecimal(&digest.finalize())))
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
