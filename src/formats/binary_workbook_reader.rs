//! Owns reading `.xlsb` (MS-XLSB): sheets, cells, merged areas, what is hidden. Refuses to know what columns mean.
//!
//! Decision worth knowing: this is an own reader and not calamine's, which panics on records that are shorter than they should be, leaves
//! a formula's error out, and knows neither merged areas nor what is hidden.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufReader, Read};

use quick_xml::events::Event;
use zip::ZipArchive;

use super::cell_values::{Look, push_boolean, push_error, push_formatted, unpack_rk};
use super::compound::{long_at, short_at};
use super::old_records::{SharedTexts, number_at};
use super::problems::{self, FileFault};
use super::row_stream::{Halt, MOST_SHEETS, Merges, Region, RowStream, allowance};
use super::sheet::{CellKind, SheetInfo, Step, Unreadable};
use super::xml;

/// The longest record: a cell holds 32,767 characters.
const LONGEST: usize = 1 << 20;
/// The most text that cells may share.
const SHARED_LIMIT: usize = 128 << 20;
/// More formats of cells than this no workbook has.
const MOST_LOOKS: usize = 1 << 16;
/// Merged areas are looked for in sheets of at most so many bytes, packed: looking costs a second reading.
const MERGES_UP_TO: u64 = 4 << 20;

type Archive = ZipArchive<BufReader<File>>;

/// A part's records: what each is, and its bytes.
struct Records<R> {
    source: R,
    bytes: Vec<u8>,
}

impl<R: Read> Records<R> {
    fn new(source: R) -> Self {
        Self { source, bytes: Vec::new() }
    }

    fn byte(&mut self) -> Option<u8> {
        let mut byte = [0];
        self.source.read_exact(&mut byte).ok()?;
        Some(byte[0])
    }

    /// The next record; `None` at the end or where the part breaks.
    fn next(&mut self) -> Option<(u16, &[u8])> {
        let low = u16::from(self.byte()?);
        let kind = if low & 0x80 == 0 { low } else { low & 0x7F | (u16::from(self.byte()?) & 0x7F) << 7 };
        let mut length = 0_usize;
        for shift in [0, 7, 14, 21] {
            let byte = self.byte()?;
            length |= usize::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        if length > LONGEST {
            return None;
        }
        self.bytes.resize(length, 0);
        self.source.read_exact(&mut self.bytes).ok()?;
        Some((kind, &self.bytes))
    }
}

/// A text with its length in front, and what follows it.
fn text(bytes: &[u8]) -> Option<(String, &[u8])> {
    let count = usize::try_from(long_at(bytes, 0)).ok()?.checked_mul(2)?;
    let (units, rest) = bytes.get(4..)?.split_at_checked(count)?;
    let units = units.chunks_exact(2).map(|pair| short_at(pair, 0));
    Some((char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect(), rest))
}

struct Sheet {
    part: String,
    name: String,
    hidden: bool,
}

struct Workbook {
    from_1904: bool,
    looks: Vec<Look>,
    shared: SharedTexts,
    sheets: Vec<Sheet>,
}

/// Reads the sheets of a workbook in their order.
pub(super) fn walk<E>(file: File, sink: &mut dyn FnMut(Step<'_>) -> Result<(), E>) -> Result<Result<(), Unreadable>, E> {
    let mut left = allowance(file.metadata().map_or(0, |metadata| metadata.len()));
    let read = ZipArchive::new(BufReader::with_capacity(64 << 10, file)).ok();
    let read = read.and_then(|mut archive| Workbook::read(&mut archive).map(|workbook| (archive, workbook)));
    let Some((mut archive, workbook)) = read else { return Ok(Err(problems::unreadable(FileFault::Damaged))) };
    if workbook.shared.len() > SHARED_LIMIT || workbook.sheets.len() > MOST_SHEETS {
        return Ok(Err(problems::unreadable(FileFault::TooLarge)));
    }
    let mut known = BTreeSet::new();
    for sheet in &workbook.sheets {
        // Sheets that claim the same part would cost it anew each time.
        let is_read_anew = known.insert(sheet.part.as_str());
        let regions = if is_read_anew { regions(&mut archive, &sheet.part) } else { Vec::new() };
        let mut info = SheetInfo {
            name: sheet.name.clone(),
            encoding: "xlsb",
            hidden: sheet.hidden,
            hidden_columns: Vec::new(),
            from_1904: workbook.from_1904,
        };
        let Some(part) = archive.by_name(&sheet.part).ok().filter(|_| is_read_anew) else {
            sink(Step::Sheet(&info))?;
            RowStream::new(&mut left, Merges::default(), sink).end(Err(Halt::Broken))?;
            continue;
        };
        let mut records = Records::new(BufReader::with_capacity(64 << 10, part));
        // Columns come before cells.
        let mut is_open = false;
        while let Some((kind, bytes)) = records.next() {
            match kind {
                0x003C if short_at(bytes, 16) & 1 != 0 && info.hidden_columns.len() < 1_000 => {
                    info.hidden_columns.push((long_at(bytes, 0), long_at(bytes, 4)));
                }
                0x0091 => {
                    is_open = true;
                    break;
                }
                _ => {}
            }
        }
        sink(Step::Sheet(&info))?;
        let mut rows = RowStream::new(&mut left, Merges::new(regions), sink);
        let outcome = if is_open { workbook.cells(&mut records, &mut rows) } else { Err(Halt::Broken) };
        rows.end(outcome)?;
    }
    Ok(Ok(()))
}

impl Workbook {
    fn read(archive: &mut Archive) -> Option<Self> {
        let parts = relations(archive);
        let mut workbook = Self { from_1904: false, looks: Vec::new(), shared: SharedTexts::default(), sheets: Vec::new() };
        let mut records = Records::new(BufReader::new(archive.by_name("xl/workbook.bin").ok()?));
        while let Some((kind, bytes)) = records.next() {
            match kind {
                0x0099 => workbook.from_1904 = bytes.first().is_some_and(|flags| flags & 1 != 0),
                0x009C => {
                    let hidden = long_at(bytes, 0) != 0;
                    let named = bytes.get(8..).and_then(text).and_then(|(relation, rest)| Some((relation, text(rest)?.0)));
                    let Some((relation, name)) = named else { continue };
                    let part = parts.get(&relation).filter(|part| part.contains("worksheets/"));
                    if let Some(part) = part.filter(|_| workbook.sheets.len() <= MOST_SHEETS) {
                        workbook.sheets.push(Sheet { part: part.clone(), name, hidden });
                    }
                }
                0x0090 => break,
                _ => {}
            }
        }
        drop(records);
        workbook.read_looks(archive);
        workbook.read_shared(archive);
        (!workbook.sheets.is_empty()).then_some(workbook)
    }

    fn read_looks(&mut self, archive: &mut Archive) {
        let Ok(part) = archive.by_name("xl/styles.bin") else { return };
        let mut records = Records::new(BufReader::new(part));
        let mut own: BTreeMap<u16, Look> = BTreeMap::new();
        let mut is_of_cells = false;
        while let Some((kind, bytes)) = records.next() {
            match kind {
                0x002C => {
                    let code = bytes.get(2..).and_then(text).map_or_else(String::new, |(code, _)| code);
                    own.insert(short_at(bytes, 0), Look::of_code(&code));
                }
                0x0269 => is_of_cells = true,
                0x026A => break,
                0x002F if self.looks.len() >= MOST_LOOKS => break,
                0x002F if is_of_cells => {
                    let format = short_at(bytes, 2);
                    self.looks.push(own.get(&format).copied().unwrap_or_else(|| Look::of_builtin(u32::from(format))));
                }
                _ => {}
            }
        }
    }

    fn read_shared(&mut self, archive: &mut Archive) {
        let Ok(part) = archive.by_name("xl/sharedStrings.bin") else { return };
        let mut records = Records::new(BufReader::with_capacity(64 << 10, part));
        while let Some((kind, bytes)) = records.next() {
            if kind == 0x0013 {
                // Runs of fonts and the phonetic guide follow the text.
                let text = bytes.get(1..).and_then(text).map_or_else(String::new, |(text, _)| text);
                self.shared.push(&text);
                if self.shared.len() > SHARED_LIMIT {
                    return;
                }
            }
        }
    }

    fn cells<E, R: Read>(&self, records: &mut Records<R>, rows: &mut RowStream<'_, E>) -> Result<(), Halt<E>> {
        let mut number = 0_u32;
        let mut hidden = false;
        loop {
            let (kind, bytes) = records.next().ok_or(Halt::Broken)?;
            match kind {
                0x0000 => {
                    number = long_at(bytes, 0).saturating_add(1);
                    // The flags of the row: collapsed 8, hidden 16.
                    hidden = bytes.get(11).is_some_and(|flags| flags & 0x10 != 0);
                    continue;
                }
                0x0092 => return Ok(()),
                0x0002..=0x000B => {}
                _ => continue,
            }
            let column = long_at(bytes, 0);
            let look = usize::try_from(long_at(bytes, 4) & 0x00FF_FFFF).ok().and_then(|style| self.looks.get(style));
            let look = look.copied().unwrap_or_default();
            let small = bytes.get(8).copied().unwrap_or(0);
            rows.row(number, hidden)?;
            match kind {
                0x0002 => rows.cell(column, |row| push_formatted(row, column, unpack_rk(long_at(bytes, 8)), look, self.from_1904))?,
                0x0003 | 0x000B => rows.cell(column, |row| push_error(row, column, small))?,
                0x0004 | 0x000A => rows.cell(column, |row| push_boolean(row, column, small != 0))?,
                0x0005 | 0x0009 => rows.cell(column, |row| push_formatted(row, column, number_at(bytes, 8), look, self.from_1904))?,
                0x0006 | 0x0008 => {
                    let (text, _) = bytes.get(8..).and_then(text).ok_or(Halt::Broken)?;
                    rows.cell(column, |row| row.push(column, &text, CellKind::Text))?;
                }
                _ => {
                    let text = self.shared.get(long_at(bytes, 8)).ok_or(Halt::Broken)?;
                    rows.cell(column, |row| row.push(column, text, CellKind::Text))?;
                }
            }
        }
    }
}

/// The parts of the workbook by the names that it gives them.
fn relations(archive: &mut Archive) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let Ok(part) = archive.by_name("xl/_rels/workbook.bin.rels") else { return found };
    let mut reader = xml::reader(BufReader::new(part.take(1 << 20)));
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(element)) if xml::local(&element) == "Relationship" => {
                if let (Some(id), Some(target)) = (xml::attribute(&element, "Id"), xml::attribute(&element, "Target")) {
                    let part = target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned);
                    found.insert(id.into_owned(), part);
                }
            }
            Ok(Event::Eof) | Err(_) => return found,
            Ok(_) => {}
        }
    }
}

/// The merged areas of a sheet; they stand behind its cells.
fn regions(archive: &mut Archive, part: &str) -> Vec<Region> {
    let mut found = Vec::new();
    let Some(part) = archive.by_name(part).ok().filter(|part| part.compressed_size() <= MERGES_UP_TO) else { return found };
    let mut records = Records::new(BufReader::with_capacity(64 << 10, part));
    while let Some((kind, bytes)) = records.next() {
        if kind == 0x00B0 && found.len() < Merges::LIMIT {
            found.push(Region {
                first_row: long_at(bytes, 0),
                last_row: long_at(bytes, 4),
                first_column: long_at(bytes, 8),
                last_column: long_at(bytes, 12),
            });
        }
    }
    found
}
