//! Owns reading text tables (`.csv`, `.tsv`, `.txt`). Refuses to know what columns mean.
//!
//! Decision worth knowing: UTF-8 and GB18030 are cut into cells as bytes and decoded cell by cell, so a byte that its encoding does not
//! have is reported at its cell and never becomes `?`. No byte of a GB18030 character is a comma, tab, semicolon, quote or line end.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read};
use std::rc::Rc;

use encoding_rs::{Decoder, GB18030, UTF_16BE, UTF_16LE};

use super::container::{self, HEAD};
use super::encoding::{self, TextEncoding};
use super::problems::{self, FileFault};
use super::row_stream::MOST_COLUMNS;
use super::sheet::{CellKind, Damage, Row, SheetInfo, Step, Unreadable};

/// The longest record in bytes; more is an unclosed quotation mark or no table.
const RECORD_LIMIT: u64 = 8 << 20;

/// Reads a text table as one sheet without a name.
pub(super) fn walk<E>(mut file: File, sink: &mut dyn FnMut(Step<'_>) -> Result<(), E>) -> Result<Result<(), Unreadable>, E> {
    let mut sample = Vec::with_capacity(HEAD);
    if let Err(error) = file.by_ref().take(HEAD as u64).read_to_end(&mut sample) {
        return Ok(Err(container::io_failure(&error)));
    }
    let whole = sample.len() < HEAD;
    let Some(found) = encoding::detect(&sample, whole) else {
        return Ok(Err(problems::unreadable(FileFault::UnknownEncoding)));
    };
    let bytes = io::Cursor::new(sample).chain(file);
    walk_bytes(bytes, found, sink)
}

fn walk_bytes<E>(
    mut bytes: impl Read,
    found: TextEncoding,
    sink: &mut dyn FnMut(Step<'_>) -> Result<(), E>,
) -> Result<Result<(), Unreadable>, E> {
    let (mark, decoder) = match found {
        TextEncoding::Utf8(mark) => (mark, None),
        TextEncoding::Undecided | TextEncoding::Gb18030 => (0, None),
        TextEncoding::Utf16Le(mark) => (mark, Some(UTF_16LE)),
        TextEncoding::Utf16Be(mark) => (mark, Some(UTF_16BE)),
    };
    if let Err(error) = bytes.by_ref().take(mark as u64).read_to_end(&mut Vec::new()) {
        return Ok(Err(container::io_failure(&error)));
    }
    match decoder {
        None => walk_lines(bytes, found, sink),
        Some(decoder) => walk_lines(Transcoder::new(bytes, decoder.new_decoder_without_bom_handling()), found, sink),
    }
}

fn walk_lines<E>(
    bytes: impl Read,
    found: TextEncoding,
    sink: &mut dyn FnMut(Step<'_>) -> Result<(), E>,
) -> Result<Result<(), Unreadable>, E> {
    let mut lines = Lines::new(bytes);
    let sample = match lines.sample() {
        Ok(sample) => sample,
        Err(error) => return Ok(Err(container::io_failure(&error))),
    };
    let delimiter = encoding::delimiter(sample);
    let tally = Rc::clone(&lines.tally);
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).buffer_capacity(256 << 10).from_reader(lines);
    let mut text = CellText::new(found);
    let info = SheetInfo { encoding: text.name(), ..SheetInfo::default() };
    sink(Step::Sheet(&info))?;
    let mut record = csv::ByteRecord::new();
    let mut row = Row::default();
    let mut number = 0_u32;
    let mut last_is_long = false;
    loop {
        tally.record_began(reader.position().byte());
        match reader.read_byte_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(_) => {
                let damage = if tally.too_long.get() {
                    Damage::UnclosedQuote { row: number.saturating_add(1) }
                } else {
                    Damage::Broken { after: number }
                };
                sink(Step::Damage(damage))?;
                return finish(sink);
            }
        }
        let start = record.position().map_or(0, csv::Position::byte);
        number = number.saturating_add(tally.blanks_at(start)).saturating_add(1);
        row.reset(number);
        for (field, column) in record.iter().zip(0..MOST_COLUMNS) {
            if !field.is_empty() {
                text.push(&mut row, column, field);
            }
        }
        row.set_width(u32::try_from(record.len()).unwrap_or(u32::MAX));
        last_is_long = record.iter().next_back().is_some_and(|field| field.contains(&b'\n'));
        if !row.is_empty() {
            sink(Step::Row(&row))?;
        }
    }
    if last_is_long && !tally.ends_quoted.get() {
        sink(Step::Damage(Damage::UnclosedQuote { row: number }))?;
    }
    finish(sink)
}

fn finish<E>(sink: &mut dyn FnMut(Step<'_>) -> Result<(), E>) -> Result<Result<(), Unreadable>, E> {
    sink(Step::End)?;
    Ok(Ok(()))
}

/// Decodes cells.
struct CellText {
    gb18030: Option<bool>,
    utf16: Option<&'static str>,
}

impl CellText {
    fn new(found: TextEncoding) -> Self {
        match found {
            TextEncoding::Utf8(_) => Self { gb18030: Some(false), utf16: None },
            TextEncoding::Undecided => Self { gb18030: None, utf16: None },
            TextEncoding::Gb18030 => Self { gb18030: Some(true), utf16: None },
            TextEncoding::Utf16Le(_) => Self { gb18030: Some(false), utf16: Some("UTF-16LE") },
            TextEncoding::Utf16Be(_) => Self { gb18030: Some(false), utf16: Some("UTF-16BE") },
        }
    }

    fn name(&self) -> &'static str {
        self.utf16.unwrap_or(if self.gb18030 == Some(true) { "GB18030" } else { "UTF-8" })
    }

    fn push(&mut self, row: &mut Row, column: u32, bytes: &[u8]) {
        if self.gb18030 != Some(true) {
            match std::str::from_utf8(bytes) {
                Ok(text) => {
                    if self.gb18030.is_none() && !text.is_ascii() {
                        self.gb18030 = Some(false);
                    }
                    // A mark in mid-file comes from joined files.
                    let text = if text.starts_with('\u{FEFF}') { text.trim_start_matches('\u{FEFF}') } else { text };
                    row.push(column, text, CellKind::Text);
                    return;
                }
                Err(_) if self.gb18030.is_none() => self.gb18030 = Some(true),
                Err(_) => {
                    row.push(column, &String::from_utf8_lossy(bytes), CellKind::Undecodable);
                    return;
                }
            }
        }
        match GB18030.decode_without_bom_handling_and_without_replacement(bytes) {
            Some(text) => row.push(column, &text, CellKind::Text),
            None => row.push(column, &GB18030.decode_without_bom_handling(bytes).0, CellKind::Undecodable),
        }
    }
}

/// Empty lines in a row: from which byte to which, and how many.
struct BlankRun {
    start: u64,
    end: u64,
    count: u32,
}

/// What the line reader tells the row counter.
#[derive(Default)]
struct Tally {
    /// Runs of empty lines.
    blanks: RefCell<VecDeque<BlankRun>>,
    /// Bytes handed out so far.
    given: Cell<u64>,
    /// Where the current record began.
    began: Cell<u64>,
    /// Whether the record limit stopped the reading.
    too_long: Cell<bool>,
    /// Whether the last byte that is no white space is a quotation mark.
    ends_quoted: Cell<bool>,
}

impl Tally {
    fn record_began(&self, byte: u64) {
        self.began.set(byte);
    }

    /// How many empty lines a record that was found from this byte on has before it.
    fn blanks_at(&self, start: u64) -> u32 {
        let mut blanks = self.blanks.borrow_mut();
        let mut count = 0;
        while let Some(run) = blanks.front() {
            // After CR LF the record is taken to begin at the LF.
            if run.start > start.saturating_add(1) {
                break;
            }
            // A run that began earlier lay inside the quotes of an earlier record.
            if run.start >= start {
                count = run.count;
            }
            blanks.pop_front();
        }
        count
    }
}

/// Passes bytes on with CR-only line ends made LF, a last line end added where it lacks, and empty lines noted.
struct Lines<R> {
    inner: R,
    held: Vec<u8>,
    taken: usize,
    only_cr: bool,
    ended: bool,
    /// Where the current line began, and whether it has anything but line ends.
    line_start: u64,
    line_used: bool,
    tally: Rc<Tally>,
}

impl<R: Read> Lines<R> {
    fn new(inner: R) -> Self {
        Self {
            inner,
            held: Vec::new(),
            taken: 0,
            only_cr: false,
            ended: false,
            line_start: 0,
            line_used: false,
            tally: Rc::new(Tally::default()),
        }
    }

    /// The first bytes, kept for reading as well.
    fn sample(&mut self) -> io::Result<&[u8]> {
        self.inner.by_ref().take(HEAD as u64).read_to_end(&mut self.held)?;
        self.only_cr = self.held.contains(&b'\r') && !self.held.contains(&b'\n');
        Ok(&self.held)
    }

    /// An empty line ends before byte `next`.
    fn note_blank(&mut self, next: u64) {
        let mut blanks = self.tally.blanks.borrow_mut();
        match blanks.back_mut() {
            Some(run) if run.end == self.line_start => {
                run.end = next;
                run.count = run.count.saturating_add(1);
            }
            _ => blanks.push_back(BlankRun { start: self.line_start, end: next, count: 1 }),
        }
    }

    fn note(&mut self, bytes: &[u8]) {
        let base = self.tally.given.get();
        let mut offset = base;
        for chunk in bytes.chunks(64) {
            // Lines are long: most chunks hold no line end, and looking for one without leaving early is fast.
            if self.line_used && chunk.iter().fold(0, |found, &byte| found | u8::from(byte == b'\n')) == 0 {
                offset += chunk.len() as u64;
                continue;
            }
            for &byte in chunk {
                offset += 1;
                if byte == b'\n' {
                    if !self.line_used {
                        self.note_blank(offset);
                    }
                    self.line_start = offset;
                    self.line_used = false;
                } else if byte != b'\r' {
                    self.line_used = true;
                }
            }
        }
        if let Some(last) = bytes.iter().rev().find(|byte| !byte.is_ascii_whitespace()) {
            self.tally.ends_quoted.set(*last == b'"');
        }
        self.tally.given.set(base + bytes.len() as u64);
    }
}

impl<R: Read> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.tally.given.get().saturating_sub(self.tally.began.get()) > RECORD_LIMIT {
            self.tally.too_long.set(true);
            return Err(io::Error::other("record too long"));
        }
        let mut count = match self.held.get(self.taken..) {
            Some(held) if !held.is_empty() => {
                let count = held.len().min(buffer.len());
                if let (Some(target), Some(source)) = (buffer.get_mut(..count), held.get(..count)) {
                    target.copy_from_slice(source);
                }
                self.taken += count;
                count
            }
            _ => self.inner.read(buffer)?,
        };
        if count == 0 && !self.ended {
            self.ended = true;
            if self.line_start < self.tally.given.get()
                && let Some(first) = buffer.first_mut()
            {
                *first = b'\n';
                count = 1;
            }
        }
        let given = buffer.get_mut(..count).unwrap_or_default();
        if self.only_cr {
            given.iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
        }
        self.note(given);
        Ok(count)
    }
}

/// UTF-16 bytes in, UTF-8 bytes out; a broken pair becomes U+FFFD, which is reported at its cell.
struct Transcoder<R> {
    inner: R,
    decoder: Decoder,
    raw: Vec<u8>,
    text: Vec<u8>,
    taken: usize,
    ended: bool,
}

impl<R: Read> Transcoder<R> {
    fn new(inner: R, decoder: Decoder) -> Self {
        Self { inner, decoder, raw: vec![0; 32 << 10], text: Vec::new(), taken: 0, ended: false }
    }

    fn fill(&mut self) -> io::Result<()> {
        let count = self.inner.read(&mut self.raw)?;
        self.ended = count == 0;
        // Two bytes of UTF-16 are at most three of UTF-8; a few more finish a pair.
        self.text.resize(count * 3 + 16, 0);
        let raw = self.raw.get(..count).unwrap_or_default();
        let (_, _, written, _) = self.decoder.decode_to_utf8(raw, &mut self.text, self.ended);
        self.text.truncate(written);
        self.taken = 0;
        Ok(())
    }
}

impl<R: Read> Read for Transcoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.taken == self.text.len() && !self.ended {
            self.fill()?;
        }
        let rest = self.text.get(self.taken..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        if let (Some(target), Some(source)) = (buffer.get_mut(..count), rest.get(..count)) {
            target.copy_from_slice(source);
        }
        self.taken += count;
        Ok(count)
    }
}
