//! Owns how a document looks on stdout: for people, as JSON, as CSV. Files are written by `formats`; one table is `output::table`.
//!
//! Decision worth knowing: JSON is always indented by two spaces, on a terminal and in a pipe alike, so that a saved output can be
//! compared line by line. CSV on stdout has no byte order mark and plain line feeds, for pipes; files written by `export` have both.

use jiff::tz::TimeZone;

use super::table;
use super::ui::{Format, Terminal};
use crate::domain::listing::{Cell, Document, Item};

/// Renders a document as text that ends in a line break; an empty one is no text at all, except in JSON.
#[must_use]
pub fn document(document: &Document, format: Format, timezone: &TimeZone, terminal: &Terminal) -> String {
    match format {
        Format::Table => people(document, timezone, terminal),
        // A `Value` made of texts, numbers and lists always has a text.
        Format::Json => format!("{:#}\n", document.json(timezone)),
        Format::Csv => document.csv(timezone, "\n"),
    }
}

fn people(document: &Document, timezone: &TimeZone, terminal: &Terminal) -> String {
    let mut text = String::new();
    let mut after_table = false;
    for item in &document.items {
        match item {
            Item::Value { title, .. } if title.is_empty() => {}
            Item::Value { title, cell, .. } => {
                paragraph(&mut text, &mut after_table);
                value(&mut text, title, cell, timezone, terminal);
            }
            Item::Listing(listing) if listing.rows.is_empty() && listing.when_empty.is_empty() => {}
            Item::Listing(listing) => {
                if !text.is_empty() {
                    text.push('\n');
                }
                text.push_str(&table::render(listing, timezone, terminal));
                after_table = true;
            }
            Item::Note(note) => {
                paragraph(&mut text, &mut after_table);
                text.push_str(&table::clean(note));
                text.push('\n');
            }
        }
    }
    text
}

/// An empty line between a table and what follows it.
fn paragraph(text: &mut String, after_table: &mut bool) {
    if std::mem::take(after_table) {
        text.push('\n');
    }
}

fn value(text: &mut String, title: &str, cell: &Cell, timezone: &TimeZone, terminal: &Terminal) {
    let plain = table::clean(&cell.plain(timezone));
    text.push_str(&table::labelled(title, if plain.is_empty() { "—" } else { &plain }, terminal.width));
}
