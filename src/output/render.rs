//! Owns how a document looks on stdout: for people, as JSON, as CSV. Files are written by `formats`; one table is `output::table`.
//!
//! Decision worth knowing: JSON is always indented by two spaces, on a terminal and in a pipe alike, so that a saved output can be
//! compared line by line. CSV on stdout has no byte order mark and plain line feeds, for pipes; files written by `export` have both.

use std::io::{self, Write};

use jiff::tz::TimeZone;

use super::beside;
use super::table;
use super::ui::{Format, Terminal};
use crate::domain::listing::{Cell, Document, Item};

/// Writes a document as text that ends in a line break; an empty one is no text at all, except in JSON.
///
/// # Errors
/// The stream cannot be written.
pub fn document(document: &Document, format: Format, timezone: &TimeZone, terminal: &Terminal, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Table => people(document, timezone, terminal, out),
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, &document.json(timezone))?;
            out.write_all(b"\n")
        }
        Format::Csv => out.write_all(document.csv(timezone, "\n").as_bytes()),
    }
}

fn people(document: &Document, timezone: &TimeZone, terminal: &Terminal, out: &mut dyn Write) -> io::Result<()> {
    let mut is_first = true;
    let mut after_table = false;
    for item in &document.items {
        match item {
            Item::Value { title, .. } if title.is_empty() => continue,
            Item::Value { title, cell, .. } => {
                paragraph(&mut after_table, out)?;
                value(title, cell, timezone, terminal, out)?;
            }
            Item::Listing(listing) if listing.rows.is_empty() && listing.when_empty.is_empty() => continue,
            Item::Listing(listing) => {
                if !is_first {
                    out.write_all(b"\n")?;
                }
                match &listing.comparisons {
                    Some(comparisons) if comparisons.count() > 0 => beside::write(&listing.title, comparisons, terminal, out)?,
                    _ => table::write(listing, timezone, terminal, out)?,
                }
                after_table = true;
            }
            Item::Note(note) => {
                paragraph(&mut after_table, out)?;
                writeln!(out, "{}", table::clean(note))?;
            }
        }
        is_first = false;
    }
    Ok(())
}

/// An empty line between a table and what follows it.
fn paragraph(after_table: &mut bool, out: &mut dyn Write) -> io::Result<()> {
    if std::mem::take(after_table) { out.write_all(b"\n") } else { Ok(()) }
}

fn value(title: &str, cell: &Cell, timezone: &TimeZone, terminal: &Terminal, out: &mut dyn Write) -> io::Result<()> {
    let text = cell.plain(timezone);
    let plain = table::clean(&text);
    out.write_all(table::labelled(title, if plain.is_empty() { "—" } else { &plain }, terminal.width).as_bytes())
}
