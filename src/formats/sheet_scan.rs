//! Owns what `.xlsx` says of its sheets beside their cells: merged areas, hidden rows and columns, formulas without a value. Refuses to
//! know the cells' values, which calamine streams.
//!
//! Decision worth knowing: this is a second reading, so it is done for files of ordinary size only; a table of a hundred thousand rows was
//! exported by a program, which merges and hides nothing.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read as _, Seek as _, SeekFrom};

use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use super::row_stream::{Merges, Region};
use super::xml;

/// Files of at most so many bytes are looked through.
const UP_TO: u64 = 4 << 20;
/// More of a kind than this is not kept.
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

/// Looks through a workbook's sheets, by their names. What cannot be found or read says nothing; the file is left at its start.
pub(super) fn scan(file: &mut File, size: u64) -> BTreeMap<String, SheetScan> {
    let found = if size <= UP_TO { sheets(file).unwrap_or_default() } else { BTreeMap::new() };
    // The next reader begins with its own seek; a failure shows there.
    let _ = file.seek(SeekFrom::Start(0));
    found
}

fn sheets(file: &mut File) -> Option<BTreeMap<String, SheetScan>> {
    let mut archive = ZipArchive::new(BufReader::with_capacity(64 << 10, &mut *file)).ok()?;
    let mut targets = BTreeMap::new();
    elements(archive.by_name("xl/_rels/workbook.xml.rels").ok()?.take(1 << 20), &mut |element| {
        if xml::local(element) == "Relationship"
            && let (Some(id), Some(target)) = (xml::attribute(element, "Id"), xml::attribute(element, "Target"))
        {
            let part = target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned);
            targets.insert(id.into_owned(), part);
        }
    });
    let mut parts = Vec::new();
    elements(archive.by_name("xl/workbook.xml").ok()?.take(8 << 20), &mut |element| {
        if xml::local(element) == "sheet"
            && let (Some(name), Some(id)) = (xml::attribute(element, "name"), xml::attribute(element, "id"))
            && let Some(part) = targets.get(&*id)
        {
            parts.push((name.into_owned(), part.clone()));
        }
    });
    let mut found = BTreeMap::new();
    for (name, part) in parts.into_iter().take(1_000) {
        if let Ok(part) = archive.by_name(&part) {
            found.insert(name, sheet(BufReader::with_capacity(64 << 10, part)));
        }
    }
    Some(found)
}

fn elements(part: impl std::io::Read, each: &mut dyn FnMut(&BytesStart<'_>)) {
    let mut reader = xml::reader(BufReader::new(part));
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(element)) => each(&element),
            Ok(Event::Eof) | Err(_) => return,
            Ok(_) => {}
        }
    }
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
