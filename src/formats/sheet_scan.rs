//! Owns what `.xlsx` says of its sheets beside their cells: merged areas, hidden rows and columns, formulas without a value; and which
//! sheets may be read. Refuses to know the cells' values, which calamine streams.
//!
//! Decision worth knowing: this is a second reading, so it is done for sheets of ordinary size only; a table of a hundred thousand rows
//! was exported by a program, which merges and hides nothing. Parts are found word for word as calamine finds them: each is read once,
//! and a workbook that has it otherwise could have one part read a thousand times.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Seek as _, SeekFrom};

use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use super::container;
use super::row_stream::{MOST_SHEETS, Merges, Region};
use super::xml;

/// Sheets of at most so many bytes, packed, are looked through.
pub(super) const UP_TO: u64 = 4 << 20;
/// More of a kind than this is not kept, in all sheets together.
const MOST: usize = 200_000;

/// What one sheet says.
#[derive(Debug, Default)]
pub(super) struct SheetScan {
    pub(super) regions: Vec<Region>,
    /// First and last, from 0.
    pub(super) hidden_columns: Vec<(u32, u32)>,
    /// From 1, ascending.
    hidden_rows: Vec<u32>,
    /// Row from 1 and column from 0, ascending.
    uncomputed: Vec<(u32, u32)>,
}

impl SheetScan {
    /// Whether a row, numbered from 1, is hidden.
    pub(super) fn is_hidden(&self, row: u32) -> bool {
        self.hidden_rows.binary_search(&row).is_ok()
    }

    /// Whether the cell at a row from 1 and a column from 0 has a formula without a value.
    pub(super) fn is_uncomputed(&self, row: u32, column: u32) -> bool {
        self.uncomputed.binary_search(&(row, column)).is_ok()
    }
}

/// Looks through a workbook's sheets, by their names: those that have a part, and a name, of their own. `None` where the workbook does
/// not say which parts its sheets are. The file is left at its start.
pub(super) fn scan(mut file: &File) -> Option<BTreeMap<String, SheetScan>> {
    let found = sheets(file);
    // The next reader begins with its own seek; a failure shows there.
    let _ = file.seek(SeekFrom::Start(0));
    found
}

type Archive<'f> = ZipArchive<BufReader<&'f File>>;

fn sheets(file: &File) -> Option<BTreeMap<String, SheetScan>> {
    let mut archive = ZipArchive::new(BufReader::with_capacity(64 << 10, file)).ok()?;
    let folded = |name: &str| name.replace('\\', "/").to_ascii_lowercase();
    let names: BTreeMap<String, String> =
        archive.file_names().map(|name| name.map(|name| (folded(&name), name.to_string()))).collect::<Result<_, _>>().ok()?;
    let found = |name: &str| names.get(&name.to_ascii_lowercase()).map_or_else(|| name.to_owned(), Clone::clone);
    let mut document = None;
    elements(&mut archive, &found("_rels/.rels"), "Relationships", &mut |element| {
        if xml::local(element) == "Relationship"
            && let Some((kind, target)) = only(element, "Type").zip(only(element, "Target"))
            && kind.ends_with("/relationships/officeDocument")
        {
            document = quick_xml::escape::unescape(&target).ok().map(std::borrow::Cow::into_owned);
        }
    })?;
    let document = document?;
    let (folder, workbook) = document.split_at(document.rfind('/').map_or(0, |slash| slash + 1));
    let folder = folder.strip_prefix('/').unwrap_or(folder);
    let workbook = if workbook.is_empty() { "workbook.xml" } else { workbook };
    let mut targets = BTreeMap::new();
    elements(&mut archive, &found(&format!("{folder}_rels/{workbook}.rels")), "Relationships", &mut |element| {
        if xml::local(element) == "Relationship"
            && let Some((id, target)) = only(element, "Id").zip(only(element, "Target"))
        {
            let part = target.strip_prefix('/').map_or_else(|| format!("{folder}{target}"), str::to_owned);
            targets.insert(id, part);
        }
    })?;
    let mut parts: Vec<(String, String)> = Vec::new();
    elements(&mut archive, &found(&format!("{folder}{workbook}")), "workbook", &mut |element| {
        if xml::local(element) == "sheet"
            && parts.len() <= MOST_SHEETS
            && let (Some(name), Some(id)) = (only(element, "name"), only(element, "id"))
            && let (Ok(name), Some(part)) = (quick_xml::escape::unescape(&name), targets.get(&id))
        {
            parts.push((name.into_owned(), found(part)));
        }
    })?;
    let (mut known, mut doubled) = (BTreeSet::new(), BTreeSet::new());
    let mut scans = BTreeMap::new();
    let mut kept = 0;
    for (name, part) in parts {
        let is_read_anew = known.insert(folded(&part)) && container::is_measured_markup(&folded(&part));
        let Some(part) = archive.by_name(&part).ok().filter(|_| is_read_anew) else { continue };
        let is_small = part.compressed_size() <= UP_TO && kept < MOST;
        let scan = if is_small { sheet(BufReader::with_capacity(64 << 10, part)) } else { SheetScan::default() };
        kept += scan.hidden_rows.len() + scan.uncomputed.len() + scan.regions.len();
        if scans.insert(name.clone(), scan).is_some() {
            doubled.insert(name);
        }
    }
    scans.retain(|name, _| !doubled.contains(name));
    Some(scans)
}

/// Calls `each` with the elements of a part up to the end of the one named `last`. `None` where the part is missing or breaks before.
fn elements(archive: &mut Archive<'_>, part: &str, last: &str, each: &mut dyn FnMut(&BytesStart<'_>)) -> Option<()> {
    let mut reader = xml::reader(BufReader::new(archive.by_name(part).ok()?));
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(element)) => each(&element),
            Ok(Event::End(element)) if element.local_name().into_inner() == last => return Some(()),
            Ok(Event::Eof) | Err(_) => return None,
            Ok(_) => {}
        }
    }
}

/// The only attribute of this name, whatever its prefix, as it is written: which of two counts is a reader's secret.
fn only(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = element.attributes();
    let mut named = attributes.with_checks(false).flatten().filter(|attribute| attribute.key.local_name().into_inner() == name);
    let value = named.next()?.value.into_owned();
    named.next().is_none().then_some(value)
}

/// Where the look through a sheet stands.
#[derive(Default)]
struct Open {
    row: u32,
    /// The next cell's column, and that of the cell at hand.
    next: u32,
    column: u32,
    has_formula: bool,
    has_value: bool,
    is_text: bool,
    in_value: bool,
}

fn sheet(part: impl BufRead) -> SheetScan {
    let mut scan = SheetScan::default();
    let mut reader = xml::reader(part);
    let mut buffer = Vec::new();
    let mut open = Open::default();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(element)) => start(&element, &mut open, &mut scan),
            Ok(Event::Text(_) | Event::CData(_) | Event::GeneralRef(_)) if open.in_value => open.has_value = true,
            Ok(Event::End(element)) => match element.local_name().into_inner() {
                "v" => open.in_value = false,
                // Text that a formula computed may be empty.
                "c" if open.has_formula && !open.has_value && !open.is_text && scan.uncomputed.len() < MOST => {
                    scan.uncomputed.push((open.row, open.column));
                }
                _ => {}
            },
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    scan.hidden_rows.sort_unstable();
    scan.uncomputed.sort_unstable();
    scan
}

fn start(element: &BytesStart<'_>, open: &mut Open, scan: &mut SheetScan) {
    match xml::local(element) {
        "row" => {
            open.row = xml::number(element, "r").unwrap_or_else(|| open.row.saturating_add(1));
            open.next = 0;
            if is_hidden(element) && scan.hidden_rows.len() < MOST {
                scan.hidden_rows.push(open.row);
            }
        }
        "c" => {
            let address = xml::attribute(element, "r").and_then(|text| address(&text));
            open.column = address.map_or(open.next, |(_, column)| column);
            open.next = open.column.saturating_add(1);
            open.has_formula = false;
            open.has_value = false;
            open.in_value = false;
            open.is_text = xml::attribute(element, "t").is_some_and(|kind| kind == "str");
        }
        "f" => open.has_formula = true,
        "v" => open.in_value = true,
        "col" if is_hidden(element) && scan.hidden_columns.len() < 1_000 => {
            let end = |name| xml::number::<u32>(element, name).and_then(|number| number.checked_sub(1));
            if let (Some(first), Some(last)) = (end("min"), end("max")) {
                scan.hidden_columns.push((first, last));
            }
        }
        "mergeCell" if scan.regions.len() < Merges::LIMIT => {
            let found = xml::attribute(element, "ref").and_then(|text| {
                let (from, to) = text.split_once(':')?;
                let ((first_row, first_column), (last_row, last_column)) = (address(from)?, address(to)?);
                Some(Region { first_row: first_row - 1, last_row: last_row - 1, first_column, last_column })
            });
            scan.regions.extend(found);
        }
        _ => {}
    }
}

fn is_hidden(element: &BytesStart<'_>) -> bool {
    xml::attribute(element, "hidden").is_some_and(|value| matches!(&*value, "1" | "true"))
}

/// `C7` → row 7 (from 1), column 2 (from 0).
fn address(text: &str) -> Option<(u32, u32)> {
    let bare = text.replace('$', "");
    let letters = bare.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (letters, digits) = bare.split_at_checked(letters)?;
    if letters.is_empty() || letters.len() > 3 {
        return None;
    }
    let column = letters.bytes().fold(0, |sum, letter| sum * 26 + u32::from(letter.to_ascii_uppercase() - b'A') + 1);
    let row: u32 = digits.parse().ok()?;
    (row > 0).then_some((row, column - 1))
}
