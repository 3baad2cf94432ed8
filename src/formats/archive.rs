//! Owns how a zip archive is opened and its files taken out: its directory, names in every encoding, and what must not be believed.
//! Refuses to know what the files hold; which office documents are archives too is `formats::container`.
//!
//! Decision worth knowing: the directory is read here and not by the `zip` crate, which holds any number of entries in memory, keeps one
//! of several with the same name, and has no place for an archive's lies. Names are for people only: nothing is written under them.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::path::Path;

use encoding_rs::{GB18030, UTF_8};
use flate2::Crc;
use flate2::read::DeflateDecoder;

use super::mail_header::{clean, cut_name};
use super::spool::{Budget, Spool, SpoolError, SpoolFolder, Spooled};

/// More files than this no mail brings.
const ENTRIES: u64 = 10_000;
/// The largest directory.
const DIRECTORY: u64 = 16 << 20;
/// A file larger than this, inflated, is refused where it packs so well that it repeats itself.
const REPETITIVE_FROM: u64 = 16 << 20;
/// See `REPETITIVE_FROM`.
const PACKED_AT_MOST: u64 = 100;
/// The record at an archive's end, without its comment, and the longest comment.
const END: usize = 22;
const COMMENT: u64 = 0xFFFF;

/// Why an archive cannot be opened.
#[derive(Debug)]
pub enum ArchiveFault {
    /// No directory, or one that cannot be followed.
    Damaged,
    /// Too many files.
    TooMany,
    /// Files share their bytes: made to inflate without end.
    Overlapping,
    /// The system refuses.
    Io(io::Error),
}

impl From<io::Error> for ArchiveFault {
    fn from(error: io::Error) -> Self {
        // A record that says it goes on beyond the end of the file.
        if error.kind() == io::ErrorKind::UnexpectedEof { Self::Damaged } else { Self::Io(error) }
    }
}

/// Why a file cannot be taken out of an archive.
#[derive(Debug)]
pub enum EntryFault {
    /// Protected by a password.
    Encrypted,
    /// Packed in a way that is not read.
    UnknownMethod,
    /// Broken, or not what the directory says.
    Damaged,
    /// Packs so well that it can only repeat itself.
    Repetitive,
    /// Larger than what the received file may still cost.
    OverBudget,
    /// The system refuses.
    Io(io::Error),
}

impl From<SpoolError> for EntryFault {
    fn from(error: SpoolError) -> Self {
        match error {
            SpoolError::OverBudget => Self::OverBudget,
            SpoolError::Io(error) => Self::Io(error),
        }
    }
}

/// What an entry of an archive is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A file.
    File,
    /// A folder; the files in it are entries of their own.
    Folder,
    /// A link to somewhere outside.
    Link,
    /// What systems leave behind: `__MACOSX`, `.DS_Store`, `Thumbs.db`, locks of open documents.
    System,
}

/// A file in an archive.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its name with its folders, `/` between them, as shown.
    pub name: String,
    /// What it is.
    pub kind: EntryKind,
    /// Whether the name leads out of the folder (`..`, `C:`, `/etc`) or is no name on every system (`CON`).
    pub is_unsafe: bool,
    is_encrypted: bool,
    method: u16,
    crc: u32,
    packed: u64,
    size: u64,
    /// Where its own header stands in the file.
    offset: u64,
    name_length: u64,
}

/// An open archive.
#[derive(Debug)]
pub struct Archive {
    file: BufReader<File>,
    entries: Vec<Entry>,
}

/// Whether a file begins as an archive does.
#[must_use]
pub fn is_archive(head: &[u8]) -> bool {
    [b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"].iter().any(|start| head.starts_with(*start))
}

impl Archive {
    /// Opens an archive; `None` for an office document, which is one only in its inside.
    ///
    /// # Errors
    /// It has no directory that can be followed, or one that no honest program writes.
    pub fn open(path: &Path) -> Result<Option<Self>, ArchiveFault> {
        let mut file = File::open(path)?;
        let directory = Directory::find(&mut file)?;
        if directory.count > ENTRIES || directory.size > DIRECTORY {
            return Err(ArchiveFault::TooMany);
        }
        file.seek(SeekFrom::Start(directory.start))?;
        let mut bytes = Vec::new();
        file.by_ref().take(directory.size).read_to_end(&mut bytes)?;
        let entries = entries(&bytes, &directory)?;
        let holds = |name: &str| entries.iter().any(|entry| entry.name == name);
        if holds("[Content_Types].xml") || (holds("mimetype") && holds("content.xml")) {
            return Ok(None);
        }
        let mut ranges: Vec<(u64, u64)> = entries
            .iter()
            .map(|entry| (entry.offset, entry.offset.saturating_add(30 + entry.name_length).saturating_add(entry.packed)))
            .collect();
        ranges.sort_unstable();
        let shares = ranges.iter().zip(ranges.iter().skip(1)).any(|(one, next)| one.1 > next.0);
        if shares || ranges.last().is_some_and(|last| last.1 > directory.start) {
            return Err(ArchiveFault::Overlapping);
        }
        Ok(Some(Self { file: BufReader::new(file), entries }))
    }

    /// Its entries, in the order of its directory.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The first bytes of a file, at most 64 KiB; none where they cannot be read.
    #[must_use]
    pub fn head(&mut self, entry: &Entry) -> Vec<u8> {
        let mut head = Vec::new();
        if let Ok(data) = self.data(entry) {
            // Of a broken file there is what came before the fault.
            let _ = data.take(64 << 10).read_to_end(&mut head);
        }
        head
    }

    /// Takes a file out, into a temporary file in `folder`.
    ///
    /// # Errors
    /// It cannot be read, is not what the directory says, or is too large.
    pub fn extract(&mut self, entry: &Entry, folder: &SpoolFolder, budget: &mut Budget) -> Result<Spooled, EntryFault> {
        if entry.size > REPETITIVE_FROM && entry.size / entry.packed.max(1) > PACKED_AT_MOST {
            return Err(EntryFault::Repetitive);
        }
        if entry.size > budget.bytes() || !budget.take_part() {
            return Err(EntryFault::OverBudget);
        }
        let (mut spool, mut crc) = (Spool::new(folder).map_err(EntryFault::Io)?, Crc::new());
        // One byte more than the directory says is one too many.
        let mut data = self.data(entry)?.take(entry.size.saturating_add(1));
        let mut buffer = vec![0; 64 << 10];
        loop {
            let count = data.read(&mut buffer).map_err(|_| EntryFault::Damaged)?;
            let Some(piece) = buffer.get(..count).filter(|piece| !piece.is_empty()) else { break };
            crc.update(piece);
            spool.write(piece, budget)?;
        }
        let spooled = spool.finish()?;
        if spooled.size != entry.size || crc.sum() != entry.crc {
            return Err(EntryFault::Damaged);
        }
        Ok(spooled)
    }

    /// The content of a file as it is unpacked.
    fn data(&mut self, entry: &Entry) -> Result<Box<dyn Read + '_>, EntryFault> {
        if entry.is_encrypted {
            return Err(EntryFault::Encrypted);
        }
        let mut header = [0; 30];
        self.file.seek(SeekFrom::Start(entry.offset)).map_err(EntryFault::Io)?;
        self.file.read_exact(&mut header).map_err(|_| EntryFault::Damaged)?;
        let fields = Record(&header);
        if !header.starts_with(b"PK\x03\x04") {
            return Err(EntryFault::Damaged);
        }
        let skipped = i64::from(fields.short(26)) + i64::from(fields.short(28));
        self.file.seek_relative(skipped).map_err(EntryFault::Io)?;
        let packed = self.file.by_ref().take(entry.packed);
        match entry.method {
            0 => Ok(Box::new(packed)),
            8 => Ok(Box::new(DeflateDecoder::new(packed))),
            _ => Err(EntryFault::UnknownMethod),
        }
    }
}

/// Little-endian numbers of a record; those beyond its end are 0.
#[derive(Clone, Copy)]
struct Record<'a>(&'a [u8]);

impl Record<'_> {
    fn short(self, at: usize) -> u16 {
        self.0.get(at..at.saturating_add(2)).and_then(|bytes| bytes.try_into().ok()).map_or(0, u16::from_le_bytes)
    }

    fn word(self, at: usize) -> u32 {
        self.0.get(at..at.saturating_add(4)).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes)
    }

    fn long(self, at: usize) -> u64 {
        self.0.get(at..at.saturating_add(8)).and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_le_bytes)
    }
}

/// Where the directory stands.
#[derive(Debug)]
struct Directory {
    count: u64,
    start: u64,
    size: u64,
    /// What stands before the archive in the file: the program of a self-extracting one.
    before: u64,
}

impl Directory {
    /// Finds the directory from the record at the end of the file.
    fn find(file: &mut File) -> Result<Self, ArchiveFault> {
        let length = file.metadata()?.len();
        let tail_start = length.saturating_sub(COMMENT + 22);
        file.seek(SeekFrom::Start(tail_start))?;
        let mut tail = Vec::new();
        file.by_ref().take(COMMENT + 22).read_to_end(&mut tail)?;
        let at = (0..=tail.len().saturating_sub(END)).rev().find(|at| {
            let record = tail.get(*at..).unwrap_or_default();
            record.starts_with(b"PK\x05\x06") && record.len() >= END + usize::from(Record(record).short(20))
        });
        let at = at.ok_or(ArchiveFault::Damaged)?;
        let record = Record(tail.get(at..).unwrap_or_default());
        let (mut count, mut size, mut offset) = (u64::from(record.short(10)), u64::from(record.word(12)), u64::from(record.word(16)));
        let mut end = tail_start.saturating_add(u64::try_from(at).unwrap_or(u64::MAX));
        if count == 0xFFFF || size == 0xFFFF_FFFF || offset == 0xFFFF_FFFF {
            let locator = at.checked_sub(20).and_then(|at| tail.get(at..)).filter(|locator| locator.starts_with(b"PK\x06\x07"));
            if let Some(locator) = locator {
                end = Record(locator).long(8);
                let mut large = [0; 56];
                file.seek(SeekFrom::Start(end))?;
                file.read_exact(&mut large)?;
                if !large.starts_with(b"PK\x06\x06") {
                    return Err(ArchiveFault::Damaged);
                }
                (count, size, offset) = (Record(&large).long(32), Record(&large).long(40), Record(&large).long(48));
            }
        }
        let start = end.checked_sub(size).ok_or(ArchiveFault::Damaged)?;
        let before = start.checked_sub(offset).ok_or(ArchiveFault::Damaged)?;
        Ok(Self { count, start, size, before })
    }
}

/// The entries of a directory.
fn entries(bytes: &[u8], directory: &Directory) -> Result<Vec<Entry>, ArchiveFault> {
    let mut entries = Vec::new();
    let mut rest = bytes;
    while rest.starts_with(b"PK\x01\x02") {
        let record = Record(rest);
        let (name_length, extra_length) = (usize::from(record.short(28)), usize::from(record.short(30)));
        let extra_start = 46 + name_length;
        let end = extra_start + extra_length + usize::from(record.short(32));
        let (Some(name), Some(extra), Some(after)) =
            (rest.get(46..extra_start), rest.get(extra_start..extra_start + extra_length), rest.get(end..))
        else {
            return Err(ArchiveFault::Damaged);
        };
        entries.push(entry(record, name, extra, directory.before)?);
        rest = after;
    }
    let whole = u64::try_from(entries.len()).unwrap_or(u64::MAX) == directory.count;
    if whole { Ok(entries) } else { Err(ArchiveFault::Damaged) }
}

fn entry(record: Record<'_>, raw_name: &[u8], extra: &[u8], before: u64) -> Result<Entry, ArchiveFault> {
    let flags = record.short(8);
    let (mut packed, mut size, mut offset) = (u64::from(record.word(20)), u64::from(record.word(24)), u64::from(record.word(42)));
    if let Some(large) = extra_field(extra, 0x0001) {
        // Only those that do not fit above are here, in this order.
        let mut at = 0;
        for value in [&mut size, &mut packed, &mut offset] {
            if *value == 0xFFFF_FFFF {
                *value = Record(large).long(at);
                at += 8;
            }
        }
    }
    let name = full_name(raw_name, flags & 0x0800 != 0, extra);
    let made_on = record.short(4) >> 8;
    let attributes = record.word(38);
    let is_link = made_on == 3 && attributes >> 16 & 0o170_000 == 0o120_000;
    let kind = if name.ends_with('/') {
        EntryKind::Folder
    } else if is_link {
        EntryKind::Link
    } else if is_system_file(&name) {
        EntryKind::System
    } else {
        EntryKind::File
    };
    Ok(Entry {
        is_unsafe: is_unsafe(&name),
        name: cut_name(&clean(&name)),
        kind,
        is_encrypted: flags & 1 != 0,
        method: record.short(10),
        crc: record.word(16),
        packed,
        size,
        offset: offset.checked_add(before).ok_or(ArchiveFault::Damaged)?,
        name_length: u64::try_from(raw_name.len()).unwrap_or(u64::MAX),
    })
}

/// A name: as its Unicode field says, if it belongs to this name; as UTF-8 where it is; else as GB18030, which Chinese Windows writes
/// without saying so. Backslashes are folders.
fn full_name(raw: &[u8], is_utf8: bool, extra: &[u8]) -> String {
    let unicode = extra_field(extra, 0x7075).and_then(|field| {
        let mut crc = Crc::new();
        crc.update(raw);
        let is_of_this = field.first() == Some(&1) && Record(field).word(1) == crc.sum();
        is_of_this.then(|| field.get(5..).and_then(|name| std::str::from_utf8(name).ok())).flatten()
    });
    let name = match unicode {
        Some(name) => name.to_owned(),
        None => [UTF_8, GB18030]
            .iter()
            .find_map(|encoding| encoding.decode_without_bom_handling_and_without_replacement(raw))
            .unwrap_or_else(|| if is_utf8 { UTF_8 } else { GB18030 }.decode_without_bom_handling(raw).0)
            .into_owned(),
    };
    name.replace('\\', "/")
}

/// The content of the extra field with this number.
fn extra_field(extra: &[u8], number: u16) -> Option<&[u8]> {
    let mut rest = extra;
    while rest.len() >= 4 {
        let end = 4 + usize::from(Record(rest).short(2));
        let field = rest.get(4..end)?;
        if Record(rest).short(0) == number {
            return Some(field);
        }
        rest = rest.get(end..)?;
    }
    None
}

/// Whether a file is one that systems leave behind and nobody sends on purpose.
#[must_use]
pub fn is_system_file(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or_default();
    let lower = file.to_lowercase();
    name.split('/').any(|folder| folder == "__MACOSX")
        || file.starts_with("~$")
        || file.starts_with("._")
        || matches!(lower.as_str(), ".ds_store" | "thumbs.db" | "desktop.ini")
}

fn is_unsafe(name: &str) -> bool {
    name.starts_with('/') || name.contains(':') || name.contains('\0') || name.split('/').any(|part| part == ".." || is_device(part))
}

/// Names that Windows keeps for devices, whatever their ending.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL")
        || stem
            .strip_prefix("COM")
            .or_else(|| stem.strip_prefix("LPT"))
            .is_some_and(|rest| rest.len() == 1 && rest.chars().all(|digit| digit.is_ascii_digit()))
}
