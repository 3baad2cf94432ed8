//! Owns compound files (OLE, MS-CFB), the container of old Office files and of encrypted new ones: their streams by name. Refuses to
//! know what a stream holds.
//!
//! Decision worth knowing: no chain is followed for more steps than the file has sectors, so a chain in a circle ends as damage, and
//! nothing is allocated for what a header only declares. A file that was cut short gives what is left of its streams.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};

/// The first bytes of a compound file.
pub(super) const MAGIC: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// The largest compound file that is opened: no table of works in the old format comes near.
pub(super) const LARGEST: u64 = 48 << 20;

/// Sector numbers from here on are marks.
const FIRST_MARK: u32 = 0xFFFF_FFFA;

/// Why a compound file cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CompoundFault {
    /// More than [`LARGEST`].
    TooLarge,
    /// Not a compound file, or its directory cannot be found.
    Damaged,
}

/// A stream or storage.
#[derive(Debug)]
struct Entry {
    name: String,
    start: u32,
    length: usize,
}

/// An opened compound file, in memory.
#[derive(Debug)]
pub(super) struct Compound {
    bytes: Vec<u8>,
    sector: usize,
    table: Vec<u32>,
    small_table: Vec<u32>,
    small: Vec<u8>,
    /// Streams shorter than this lie in `small`.
    cutoff: usize,
    entries: Vec<Entry>,
}

/// The size of a sector in the small stream.
const SMALL_SECTOR: usize = 64;

impl Compound {
    /// Opens a file.
    pub(super) fn open(file: &mut File) -> Result<Self, CompoundFault> {
        let damaged = |_| CompoundFault::Damaged;
        if file.metadata().is_ok_and(|metadata| metadata.len() > LARGEST) {
            return Err(CompoundFault::TooLarge);
        }
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(0)).map_err(damaged)?;
        file.by_ref().take(LARGEST + 1).read_to_end(&mut bytes).map_err(damaged)?;
        Self::from_bytes(bytes)
    }

    /// Opens a file that is in memory.
    pub(super) fn from_bytes(bytes: Vec<u8>) -> Result<Self, CompoundFault> {
        if bytes.len() < 512 || !bytes.starts_with(MAGIC) {
            return Err(CompoundFault::Damaged);
        }
        let sector = match short_at(&bytes, 30) {
            9 => 512,
            12 => 4096,
            _ => return Err(CompoundFault::Damaged),
        };
        let cutoff = usize::try_from(long_at(&bytes, 56)).unwrap_or(4096);
        let directory_start = long_at(&bytes, 48);
        let (small_table_start, more_start) = (long_at(&bytes, 60), long_at(&bytes, 68));
        let mut compound =
            Self { bytes, sector, table: Vec::new(), small_table: Vec::new(), small: Vec::new(), cutoff, entries: Vec::new() };
        compound.table = compound.sector_table(more_start);
        let directory = compound.chain(directory_start, usize::MAX);
        // Further readers take no notice of what a directory is marked as; of two entries with one name the first is the root's.
        compound.entries = directory.chunks_exact(128).filter_map(|chunk| entry(chunk, sector)).collect();
        let root = compound.entries.first().ok_or(CompoundFault::Damaged)?;
        let (root_start, root_length) = (root.start, root.length);
        compound.small = compound.chain(root_start, root_length);
        compound.small_table = longs(&compound.chain(small_table_start, usize::MAX));
        Ok(compound)
    }

    /// Whether a stream or storage has this name.
    pub(super) fn holds(&self, name: &str) -> bool {
        self.entries.iter().any(|entry| entry.name.eq_ignore_ascii_case(name))
    }

    /// Whether it names no stream at all.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.len() <= 1
    }

    /// A stream's bytes: those that the file still has.
    pub(super) fn stream(&self, name: &str) -> Option<Vec<u8>> {
        let entry = self.entries.iter().find(|entry| entry.name.eq_ignore_ascii_case(name))?;
        if entry.length >= self.cutoff {
            return Some(self.chain(entry.start, entry.length));
        }
        let mut found = Vec::with_capacity(entry.length.min(self.small.len()));
        let mut next = entry.start;
        for _ in 0..=self.small_table.len() {
            let Some(place) = usize::try_from(next).ok().and_then(|next| next.checked_mul(SMALL_SECTOR)) else { break };
            let wanted = entry.length.saturating_sub(found.len()).min(SMALL_SECTOR);
            let part = self.small.get(place..).map(|rest| rest.get(..wanted).unwrap_or(rest)).unwrap_or_default();
            found.extend_from_slice(part);
            if part.is_empty() || found.len() >= entry.length {
                break;
            }
            match usize::try_from(next).ok().and_then(|next| self.small_table.get(next)) {
                Some(&after) if after < FIRST_MARK => next = after,
                _ => break,
            }
        }
        Some(found)
    }

    /// The bytes of a sector, fewer where the file ends inside it.
    fn sector(&self, number: u32) -> &[u8] {
        let place = usize::try_from(number).ok().and_then(|number| number.checked_add(1)?.checked_mul(self.sector));
        let rest = place.and_then(|place| self.bytes.get(place..)).unwrap_or_default();
        rest.get(..self.sector).unwrap_or(rest)
    }

    /// How many sectors the file can have.
    fn count(&self) -> usize {
        self.bytes.len() / self.sector + 1
    }

    /// The table that says which sector follows which; its own sectors are listed in the header and, for large files, in a chain.
    fn sector_table(&self, more_start: u32) -> Vec<u32> {
        let mut places = longs(self.bytes.get(76..512).unwrap_or_default());
        let mut next = more_start;
        for _ in 0..self.count() {
            if next >= FIRST_MARK {
                break;
            }
            let mut more = longs(self.sector(next));
            next = more.pop().unwrap_or(u32::MAX);
            places.extend(more);
        }
        let mut table = Vec::new();
        for place in places.into_iter().filter(|place| *place < FIRST_MARK).take(self.count()) {
            table.extend(longs(self.sector(place)));
        }
        table
    }

    fn chain(&self, start: u32, length: usize) -> Vec<u8> {
        let mut found = Vec::new();
        let mut next = start;
        for _ in 0..self.count() {
            if next >= FIRST_MARK || found.len() >= length {
                break;
            }
            let sector = self.sector(next);
            let wanted = length.saturating_sub(found.len());
            found.extend_from_slice(sector.get(..wanted).unwrap_or(sector));
            if sector.len() < self.sector {
                break;
            }
            next = usize::try_from(next).ok().and_then(|next| self.table.get(next)).copied().unwrap_or(u32::MAX);
        }
        found
    }
}

/// Reads 128 bytes of the directory; `None` for an unused place.
fn entry(bytes: &[u8], sector: usize) -> Option<Entry> {
    let (name, rest) = bytes.split_at_checked(64)?;
    let kind = *rest.get(2)?;
    if kind == 0 {
        return None;
    }
    let units = name.chunks_exact(2).map(|pair| short_at(pair, 0)).take_while(|unit| *unit != 0);
    let name = char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    // Files with small sectors leave the upper half of the length undefined.
    let upper = if sector == 512 { 0 } else { u64::from(long_at(bytes, 124)) };
    let length = usize::try_from(u64::from(long_at(bytes, 120)) | upper << 32).unwrap_or(usize::MAX);
    Some(Entry { name, start: long_at(bytes, 116), length })
}

/// Two bytes, little end first; 0 beyond the end.
pub(super) fn short_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |bytes| u16::from_le_bytes(*bytes))
}

/// Four bytes, little end first; 0 beyond the end.
pub(super) fn long_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

fn longs(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks_exact(4).map(|bytes| long_at(bytes, 0)).collect()
}
