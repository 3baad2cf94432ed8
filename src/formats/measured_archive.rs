//! Owns how a workbook's large sheets reach their parser: inflated once, by a thread of its own, and measured before the parser sees a
//! byte. Refuses to know what sheets say.
//!
//! Decision worth knowing: a parser of archives cannot be given a part from outside, so it is shown another archive: first the large
//! sheets, not packed, then the received file as it is, then a directory that names those sheets instead of the packed ones. In memory
//! are only the directory and some chunks. A sheet that is more than it declares, or that no parser should see, breaks off there.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};
use std::{iter, mem};

use flate2::bufread::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

use super::part_limits::{self, Measure};
use super::sheet_scan;
use crate::domain::threads::{Prefetched, Stopped};

/// So many bytes are inflated and measured at a time,
const CHUNK: u64 = 64 << 10;
/// in room for as many.
const ROOM: usize = 64 << 10;

/// The archive that is shown has no more bytes before its directory: places are numbers of 32 bits.
const SHOWN_AT_MOST: u64 = 3 << 30;

/// A sheet that is measured while it is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct LargeSheet {
    /// Its place in the received directory.
    pub(super) index: usize,
    /// Where its packed bytes begin, and how many they are.
    start: u64,
    packed: u64,
    /// How many bytes it declares to have, inflated. It is held to that.
    pub(super) declared: u64,
}

/// The sheets of a workbook that are measured while they are read, in the order of its directory: the large ones, where every part is
/// packed as office programs do it. All other parts are to be measured before.
pub(super) fn large_sheets<R: Read + Seek>(archive: &mut ZipArchive<R>) -> Vec<LargeSheet> {
    let mut sheets = Vec::new();
    let mut end = archive.central_directory_start();
    for index in 0..archive.len() {
        let Ok(part) = archive.by_index_data(index) else { return Vec::new() };
        let (Ok(name), Some(_)) = (part.name(), method(part.compression())) else { return Vec::new() };
        let (packed, declared) = (part.compressed_size(), part.size());
        if part.encrypted() || u32::try_from(packed.max(declared)).is_err() {
            return Vec::new();
        }
        let is_sheet = name.starts_with("xl/worksheets/") && part_limits::is_markup(&name);
        if is_sheet && part.compression() == CompressionMethod::DEFLATE && packed > sheet_scan::UP_TO {
            let Some(start) = archive.by_index_raw(index).ok().and_then(|part| part.data_start()) else { return Vec::new() };
            end = end.saturating_add(declared);
            sheets.push(LargeSheet { index, start, packed, declared });
        }
    }
    if end > SHOWN_AT_MOST {
        return Vec::new();
    }
    sheets
}

/// The number of a method of packing; `None` for those that no office program uses.
fn method(method: CompressionMethod) -> Option<u16> {
    [(CompressionMethod::STORE, 0), (CompressionMethod::DEFLATE, 8)]
        .into_iter()
        .find_map(|(known, number)| (known == method).then_some(number))
}

/// Whether no parser will choke on the large sheets of a workbook: reads them to their ends.
pub(super) fn is_bearable(file: &File) -> bool {
    let Ok(shown) = MeasuredArchive::open(file) else { return false };
    shown.stretches.iter().all(|stretch| match stretch.content {
        Content::Sheet(sheet) => shown.chunks(sheet).all(|chunk| chunk.is_ok()),
        Content::Held(_) | Content::Received => true,
    })
}

/// What stands in a stretch of the archive that is shown.
#[derive(Debug)]
enum Content {
    Held(Vec<u8>),
    Received,
    Sheet(LargeSheet),
}

/// The stretches follow each other from 0.
#[derive(Debug)]
struct Stretch {
    start: u64,
    length: u64,
    content: Content,
}

/// A sheet that is being read.
struct Stream {
    /// Where the stretch of the sheet begins.
    start: u64,
    /// Where the chunk at hand begins.
    at: u64,
    chunk: Vec<u8>,
    chunks: Prefetched<Result<Vec<u8>, Stopped>>,
}

/// The archive that the parser is shown.
pub(super) struct MeasuredArchive {
    file: Arc<Mutex<File>>,
    stretches: Vec<Stretch>,
    at: u64,
    stream: Option<Stream>,
}

impl MeasuredArchive {
    /// Shows a received workbook, of which all but its [`large_sheets`] was measured.
    ///
    /// # Errors
    /// The file is no archive, or cannot be read.
    pub(super) fn open(file: &File) -> io::Result<Self> {
        let received = Arc::new(Mutex::new(file.try_clone()?));
        let size = file.metadata()?.len();
        let mut shown = Self { file: received, stretches: Vec::new(), at: 0, stream: None };
        // Most received workbooks are too small to hold a large sheet.
        if size <= sheet_scan::UP_TO {
            shown.push(Content::Received, size);
            return Ok(shown);
        }
        let mut archive = ZipArchive::new(BufReader::with_capacity(ROOM, file))?;
        let sheets = large_sheets(&mut archive);
        if sheets.is_empty() {
            shown.push(Content::Received, size);
            return Ok(shown);
        }
        let mut starts = Vec::new();
        for sheet in &sheets {
            let part = archive.by_index_data(sheet.index)?;
            starts.push(shown.end());
            let sizes = (sheet.declared, sheet.declared);
            shown.hold(&[b"PK\x03\x04\x14\0", fields(&part.name()?, 0, part.crc32(), sizes)?.as_slice(), part.name()?.as_bytes()]);
            shown.push(Content::Sheet(*sheet), sheet.declared);
        }
        let offset = shown.end();
        shown.push(Content::Received, size);
        let mut directory = Vec::new();
        for index in 0..archive.len() {
            let part = archive.by_index_data(index)?;
            let large = sheets.iter().zip(&starts).find(|(sheet, _)| sheet.index == index);
            let (method, sizes, start) = match large {
                Some((sheet, start)) => (0, (sheet.declared, sheet.declared), *start),
                None => (
                    method(part.compression()).ok_or(io::ErrorKind::Unsupported)?,
                    (part.compressed_size(), part.size()),
                    offset.saturating_add(part.header_start()),
                ),
            };
            directory.extend_from_slice(b"PK\x01\x02\x14\0\x14\0");
            directory.extend_from_slice(&fields(&part.name()?, method, part.crc32(), sizes)?);
            directory.extend_from_slice(&[0; 10]);
            directory.extend_from_slice(&number(start)?);
            directory.extend_from_slice(part.name()?.as_bytes());
        }
        let (start, count) = (number(shown.end())?, short(archive.len())?);
        let length = number(u64::try_from(directory.len()).map_err(io::Error::other)?)?;
        shown.hold(&[&directory, b"PK\x05\x06\0\0\0\0", &count, &count, &length, &start, &[0, 0]]);
        Ok(shown)
    }

    fn end(&self) -> u64 {
        self.stretches.last().map_or(0, |stretch| stretch.start.saturating_add(stretch.length))
    }

    fn push(&mut self, content: Content, length: u64) {
        self.stretches.push(Stretch { start: self.end(), length, content });
    }

    fn hold(&mut self, pieces: &[&[u8]]) {
        let held = pieces.concat();
        let length = u64::try_from(held.len()).unwrap_or(u64::MAX);
        self.push(Content::Held(held), length);
    }

    /// What a sheet holds, measured. It ends where its packed bytes break off.
    fn chunks(&self, sheet: LargeSheet) -> impl Iterator<Item = Result<Vec<u8>, Stopped>> + Send + use<> {
        let window = Window { file: Arc::clone(&self.file), at: sheet.start, left: sheet.packed };
        let mut inflated = DeflateDecoder::new(BufReader::with_capacity(ROOM, window));
        let mut measure = Some(Measure::of_markup(sheet.declared));
        iter::from_fn(move || {
            let mut chunk = Vec::with_capacity(ROOM);
            // What was read before a fault counts.
            let _ = inflated.by_ref().take(CHUNK).read_to_end(&mut chunk);
            let looked = measure.as_mut().filter(|_| !chunk.is_empty())?.look(&chunk);
            if looked.is_err() {
                measure = None;
            }
            Some(looked.map(|()| chunk))
        })
    }

    /// Reads from a sheet whose stretch begins at `start`.
    fn read_sheet(&mut self, start: u64, sheet: LargeSheet, buffer: &mut [u8]) -> io::Result<usize> {
        let at = self.at;
        let is_behind = |stream: &Stream| stream.start == start && stream.at <= at;
        let stream = match self.stream.take().filter(is_behind) {
            Some(stream) => stream,
            None => Stream { start, at: start, chunk: Vec::new(), chunks: Prefetched::new(self.chunks(sheet)) },
        };
        let stream = self.stream.insert(stream);
        loop {
            let inside = usize::try_from(at - stream.at).unwrap_or(usize::MAX);
            if let Some(mut rest) = stream.chunk.get(inside..).filter(|rest| !rest.is_empty()) {
                return rest.read(buffer);
            }
            stream.at = moved(stream.at, mem::take(&mut stream.chunk).len());
            match stream.chunks.next() {
                Some(Ok(chunk)) => stream.chunk = chunk,
                Some(Err(Stopped)) => return Err(io::Error::other("more than a table of works holds")),
                None => return Ok(0),
            }
        }
    }
}

impl Read for MeasuredArchive {
    /// Never over the end of a stretch at once.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let index = self.stretches.partition_point(|stretch| stretch.start.saturating_add(stretch.length) <= self.at);
        let Some(stretch) = self.stretches.get(index) else { return Ok(0) };
        let (start, inside) = (stretch.start, self.at - stretch.start);
        let room = usize::try_from(stretch.length - inside).unwrap_or(usize::MAX).min(buffer.len());
        let Some(buffer) = buffer.get_mut(..room) else { return Ok(0) };
        let count = match &stretch.content {
            Content::Held(held) => usize::try_from(inside).ok().and_then(|inside| held.get(inside..)).unwrap_or_default().read(buffer)?,
            Content::Received => Window { file: Arc::clone(&self.file), at: inside, left: u64::MAX }.read(buffer)?,
            Content::Sheet(sheet) => self.read_sheet(start, *sheet, buffer)?,
        };
        self.at = moved(self.at, count);
        Ok(count)
    }
}

impl Seek for MeasuredArchive {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let moved = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.end().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = moved.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// A stretch of the received file, which others read as well.
struct Window {
    file: Arc<Mutex<File>>,
    at: u64,
    left: u64,
}

impl Read for Window {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let room = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.at))?;
        let count = file.read(buffer.get_mut(..room).unwrap_or_default())?;
        self.at = moved(self.at, count);
        self.left = self.left.saturating_sub(u64::try_from(count).unwrap_or(u64::MAX));
        Ok(count)
    }
}

fn moved(at: u64, count: usize) -> u64 {
    at.saturating_add(u64::try_from(count).unwrap_or(u64::MAX))
}

/// What a part's header and its line of the directory have in common: the name in UTF-8, no date, how it is packed, its sizes packed
/// and not.
fn fields(name: &str, method: u16, sum: u32, (packed, size): (u64, u64)) -> io::Result<Vec<u8>> {
    let words = [[0, 8], method.to_le_bytes(), [0, 0], [0, 0]].concat();
    Ok([words.as_slice(), &sum.to_le_bytes(), &number(packed)?, &number(size)?, &short(name.len())?, &[0, 0]].concat())
}

fn number(value: u64) -> io::Result<[u8; 4]> {
    u32::try_from(value).map(u32::to_le_bytes).map_err(io::Error::other)
}

fn short(value: usize) -> io::Result<[u8; 2]> {
    u16::try_from(value).map(u16::to_le_bytes).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    const LARGE: &str = "xl/worksheets/sheet2.xml";

    /// Letters that hardly pack, in markup.
    fn noise(bytes: usize) -> Vec<u8> {
        let mut state = 1_u64;
        let mut text = b"<a>".to_vec();
        while text.len() < bytes {
            if text.len().is_multiple_of(4096) {
                text.extend_from_slice(b"</a><a>");
            }
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push(b'A' + u8::try_from(state >> 33 & 0xFF).expect("a byte") % 58);
        }
        text
    }

    fn archive(parts: &[(&str, &[u8])], prefix: &[u8]) -> Vec<u8> {
        let mut target = ZipWriter::new(io::Cursor::new(Vec::new()));
        for (name, bytes) in parts {
            target.start_file(*name, SimpleFileOptions::default()).expect("a part");
            target.write_all(bytes).expect("written");
        }
        [prefix, &target.finish().expect("a zip").into_inner()].concat()
    }

    fn file(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(bytes).expect("written");
        file
    }

    /// The parts that an archive's parser meets; `None` for one that breaks off.
    fn parts(archive: impl Read + Seek) -> Vec<(String, Option<Vec<u8>>)> {
        let mut archive = ZipArchive::new(archive).expect("an archive");
        let mut read = |index| {
            let mut part = archive.by_index(index).expect("a part");
            let mut bytes = Vec::new();
            let whole = part.read_to_end(&mut bytes).is_ok();
            (part.name().expect("a name").into_owned(), whole.then_some(bytes))
        };
        // The large one twice, and others between.
        [0, 1, 2, 1].map(&mut read).to_vec()
    }

    #[test]
    fn a_parser_is_shown_the_parts_that_were_received() {
        let large = noise(7 << 20);
        for prefix in [b"".as_slice(), b"something before"] {
            let bytes = archive(&[("xl/表.xml", b"<a/>"), (LARGE, &large), ("xl/worksheets/sheet1.xml", &large[..99_999])], prefix);
            let file = file(&bytes);
            let sheets = large_sheets(&mut ZipArchive::new(&file).expect("an archive"));
            assert_eq!(sheets.iter().map(|sheet| sheet.index).collect::<Vec<_>>(), [1]);
            assert!(is_bearable(&file));
            let shown = parts(MeasuredArchive::open(&file).expect("shown"));
            assert_eq!(shown.get(1).and_then(|(_, bytes)| bytes.as_ref()), Some(&large));
            assert_eq!(shown, parts(&file));
        }
    }

    #[test]
    fn a_sheet_breaks_off_where_no_parser_should_follow() {
        let large = noise(7 << 20);
        let bearable = archive(&[("a.xml", b""), (LARGE, &large), ("b.xml", b"")], b"");
        let long = [&large, b"<c d='".as_slice(), &vec![b'e'; 9 << 20], b"'/>"].concat();
        let long = archive(&[("a.xml", b""), (LARGE, &long), ("b.xml", b"")], b"");
        // The line of the directory declares a thousand bytes fewer than there are.
        let mut fewer = bearable.clone();
        let line = fewer.windows(LARGE.len()).rposition(|window| window == LARGE.as_bytes()).expect("a line") - 46;
        let declared = u32::try_from(large.len() - 1000).expect("small").to_le_bytes();
        fewer.get_mut(line + 24..line + 28).expect("a size").copy_from_slice(&declared);
        // Packed bytes that mean nothing.
        let mut broken = bearable.clone();
        broken.get_mut(1 << 20..(1 << 20) + 5000).expect("bytes").fill(0xFF);
        for (bytes, is_whole) in [(bearable, true), (long, false), (fewer, false), (broken, false)] {
            let file = file(&bytes);
            let found = parts(MeasuredArchive::open(&file).expect("shown"));
            let whole: Vec<bool> = found.iter().map(|(_, bytes)| bytes.is_some()).collect();
            assert_eq!(whole, [true, is_whole, true, is_whole]);
        }
    }

    #[test]
    fn an_archive_packed_otherwise_is_shown_as_it_is() {
        let mut target = ZipWriter::new(io::Cursor::new(Vec::new()));
        target.start_file(LARGE, SimpleFileOptions::default().compression_method(CompressionMethod::STORE)).expect("a part");
        target.write_all(&noise(5 << 20)).expect("written");
        let bytes = target.finish().expect("a zip").into_inner();
        let mut shown = Vec::new();
        MeasuredArchive::open(&file(&bytes)).expect("shown").read_to_end(&mut shown).expect("read");
        assert!(shown == bytes);
    }
}
