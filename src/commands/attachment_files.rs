//! Owns the disk under a folder of received files: which files lie there, what each is, and giving them other names. Refuses to know
//! whose a file is.
//!
//! Decision worth knowing: links are never followed and nothing is ever overwritten; a file's content is read once, in pieces.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::files::{hexadecimal, is_left_behind};
use crate::error::io_cause;
use crate::formats::file_type::{self, Inspected};
use crate::output::progress::Progress;

/// Folders within folders deeper than this are not looked into.
const DEEPEST: usize = 32;
/// How much is read at once.
const PIECE: usize = 1 << 18;

/// A file that lies in the folder.
#[derive(Debug, Clone)]
pub(super) struct Lying {
    /// Where, to open it.
    pub(super) path: PathBuf,
    /// Within the folder, with `/` between names.
    pub(super) name: String,
    /// Bytes.
    pub(super) size: u64,
    /// When it was last changed.
    pub(super) modified: Option<Timestamp>,
}

/// What is passed over, and why, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Skipped {
    /// Within the folder.
    pub(super) path: String,
    /// Why.
    pub(super) reason: String,
}

/// All files under a folder, by name.
#[derive(Debug, Default)]
pub(super) struct Lain {
    pub(super) files: Vec<Lying>,
    pub(super) skipped: Vec<Skipped>,
}

/// Looks through a folder and the folders in it.
///
/// # Errors
/// The folder itself cannot be read.
pub(super) fn look(folder: &Path, watch: &mut Progress) -> io::Result<Lain> {
    let mut lain = Lain::default();
    let names = names(folder)?;
    lain.walk(folder, "", names, 0, watch);
    lain.files.sort_by(|left, right| left.name.cmp(&right.name));
    lain.skipped.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(lain)
}

fn names(folder: &Path) -> io::Result<Vec<std::ffi::OsString>> {
    let mut names: Vec<_> = std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.file_name())).collect::<Result<_, _>>()?;
    names.sort();
    Ok(names)
}

impl Lain {
    fn walk(&mut self, folder: &Path, prefix: &str, names: Vec<std::ffi::OsString>, depth: usize, watch: &mut Progress) {
        for name in names {
            let path = folder.join(&name);
            let Some(text) = name.to_str() else {
                let shown = format!("{prefix}{}", name.to_string_lossy());
                self.skip(shown, "文件名的文字编码无法识别，请先改名（多半是解压时选错了编码）");
                continue;
            };
            let shown = format!("{prefix}{text}");
            if is_left_behind(text) {
                continue;
            }
            let metadata = match std::fs::symlink_metadata(&path) {
                Ok(metadata) => metadata,
                Err(error) => {
                    self.skip(shown, format!("无法读取：{}", io_cause(&error)));
                    continue;
                }
            };
            if metadata.is_symlink() {
                self.skip(shown, "这是指向别处的链接，没有跟进");
            } else if metadata.is_dir() {
                if depth >= DEEPEST {
                    self.skip(shown, "文件夹套得太深，没有打开");
                    continue;
                }
                match self::names(&path) {
                    Ok(names) => self.walk(&path, &format!("{shown}/"), names, depth + 1, watch),
                    Err(error) => self.skip(shown, format!("文件夹打不开：{}", io_cause(&error))),
                }
            } else if metadata.is_file() {
                watch.inc(1);
                let modified = metadata.modified().ok().and_then(|time| Timestamp::try_from(time).ok());
                self.files.push(Lying { path, name: shown, size: metadata.len(), modified });
            } else {
                self.skip(shown, "不是普通文件");
            }
        }
    }

    fn skip(&mut self, path: String, reason: impl Into<String>) {
        self.skipped.push(Skipped { path, reason: reason.into() });
    }
}

/// What a file is, its size as read, and its digest.
#[derive(Debug, Clone)]
pub(super) struct Content {
    pub(super) inspected: Inspected,
    pub(super) size: u64,
    pub(super) sha256: String,
}

/// Reads a file through; `watch` counts kilobytes.
///
/// # Errors
/// The file cannot be read.
pub(super) fn read(path: &Path, watch: &mut Progress) -> io::Result<Content> {
    let mut file = File::open(path)?;
    let inspected = file_type::inspect(&mut file)?;
    file.seek(SeekFrom::Start(0))?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; PIECE];
    let mut size = 0_u64;
    loop {
        let count = match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let before = size / 1024;
        size = size.saturating_add(count as u64);
        watch.inc(size / 1024 - before);
        digest.update(buffer.get(..count).unwrap_or_default());
    }
    Ok(Content { inspected, size, sha256: hexadecimal(&digest.finalize()) })
}

/// Gives a file another name; never takes the place of another file.
///
/// # Errors
/// A file has that name, or the system refuses; the file is as it was then.
pub(super) fn rename(old: &Path, new: &Path) -> io::Result<()> {
    // Where a system does not tell names apart that differ in case or width, the new name leads to the file itself.
    let is_itself = is_same_file(old, new);
    if is_itself {
        return std::fs::rename(old, new);
    }
    // `tempfile` knows on every system how to move without replacing; its guard must not remove what is no temporary file.
    let mut guard = tempfile::TempPath::try_from_path(old)?;
    guard.disable_cleanup(true);
    guard.persist_noclobber(new).map_err(|failed| failed.error)
}

/// Whether two different names lead to one file of a folder that does not tell them apart.
fn is_same_file(old: &Path, new: &Path) -> bool {
    let (Some(folder), Some(name)) = (new.parent(), new.file_name()) else { return false };
    if old.parent() != Some(folder) || std::fs::symlink_metadata(new).is_err() {
        return false;
    }
    // Something answers to the new name; unless the folder lists it, it is the old file.
    names(folder).is_ok_and(|names| !names.iter().any(|listed| listed == name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renaming_never_takes_anothers_place() {
        let folder = tempfile::tempdir().unwrap();
        let [one, two, three] = ["甲.pdf", "乙.pdf", "丙.pdf"].map(|name| folder.path().join(name));
        std::fs::write(&one, "一").unwrap();
        std::fs::write(&two, "二").unwrap();
        assert_eq!(rename(&one, &two).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read_to_string(&one).unwrap(), "一");
        assert_eq!(std::fs::read_to_string(&two).unwrap(), "二");
        rename(&one, &three).unwrap();
        assert_eq!(std::fs::read_to_string(&three).unwrap(), "一");
        assert!(!one.exists());
        assert!(rename(&one, &folder.path().join("丁.pdf")).is_err());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
