//! Owns the road from a `.docx` file to paragraphs and tables as a reader sees them on paper. Refuses to know labels and forms: that is
//! `formats::form`.
//!
//! Decision worth knowing: only the main document is read; headers, footers, notes and comments are no part of a form. What is on
//! paper counts: deletions are out, insertions in, every kind of check box is one character, [`TICKED`] or [`EMPTY`].

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};

use quick_xml::Reader;
use quick_xml::events::Event;

use super::container;
use super::problems::{self, FileFault};
use super::sheet::Unreadable;

mod body;
mod symbols;

/// A box with a tick or a cross in it, whatever made it.
pub(super) const TICKED: char = '☑';
/// A box with nothing in it.
pub(super) const EMPTY: char = '□';

/// What reports name as the encoding of a document.
pub(super) const ENCODING: &str = "docx";

/// The largest main document, inflated. A form has 0.2 MB, a long article with tables 5 MB.
const DOCUMENT_LIMIT: u64 = 16 << 20;
/// The largest list of relations.
const RELATIONS_LIMIT: u64 = 1 << 20;

/// What a document holds, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block {
    /// A paragraph's text; line breaks and tabs as such.
    Paragraph(String),
    /// A table.
    Table(Vec<WordRow>),
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct WordRow {
    /// Its cells from the left.
    pub(super) cells: Vec<WordCell>,
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct WordCell {
    /// Its first grid column, from 0.
    pub(super) column: u32,
    /// How many grid columns it takes, from 1.
    pub(super) across: u32,
    /// Whether it belongs to the merged cell above.
    pub(super) continues: bool,
    /// What it holds.
    pub(super) blocks: Vec<Block>,
}

/// Reads the main document of a `.docx` file.
///
/// # Errors
/// The archive or its document is broken, or larger than any form.
pub(super) fn read(mut file: File) -> Result<Vec<Block>, Unreadable> {
    let damaged = || problems::unreadable(FileFault::Damaged);
    file.seek(SeekFrom::Start(0)).map_err(|error| container::io_failure(&error))?;
    let mut archive = zip::ZipArchive::new(std::io::BufReader::new(file)).map_err(|_| damaged())?;
    let main = main_part(&mut archive).ok_or_else(damaged)?;
    let xml = part(&mut archive, &main, DOCUMENT_LIMIT)?.ok_or_else(damaged)?;
    body::read(&xml)
}

/// Reads the XML of a document.
#[cfg(test)]
pub(super) fn of_xml(xml: &str) -> Result<Vec<Block>, Unreadable> {
    body::read(xml)
}

type Archive = zip::ZipArchive<std::io::BufReader<File>>;

/// The name of the main document: what the package says, else Word's own name for it.
fn main_part(archive: &mut Archive) -> Option<String> {
    let said = part(archive, "_rels/.rels", RELATIONS_LIMIT).ok().flatten().and_then(|xml| main_target(&xml));
    let names: Vec<String> = archive.file_names().filter_map(Result::ok).map(std::borrow::Cow::into_owned).collect();
    let holds = |wanted: &str| names.iter().find(|name| name.eq_ignore_ascii_case(wanted)).cloned();
    said.and_then(|name| holds(&name)).or_else(|| holds("word/document.xml")).or_else(|| {
        let mut others: Vec<&String> = names.iter().filter(|name| is_main_name(name)).collect();
        others.sort_unstable();
        others.first().map(|name| (*name).clone())
    })
}

/// `word/document.xml`, or `word/document2.xml` as some servers write it.
pub(super) fn is_main_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let number = name.strip_prefix("word/document").and_then(|rest| rest.strip_suffix(".xml"));
    number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

fn main_target(xml: &str) -> Option<String> {
    let mut reader = Reader::from_str(xml);
    loop {
        match reader.read_event() {
            Ok(Event::Start(element) | Event::Empty(element)) => {
                let kind = body::attribute(&element, "Type").unwrap_or_default();
                if element.local_name().as_ref() == "Relationship" && kind.ends_with("/officeDocument") {
                    let target = body::attribute(&element, "Target")?;
                    return Some(target.trim_start_matches('/').to_owned());
                }
            }
            Ok(Event::Eof) | Err(_) => return None,
            Ok(_) => {}
        }
    }
}

/// A part as text; `None`: there is none of this name.
fn part(archive: &mut Archive, name: &str, limit: u64) -> Result<Option<String>, Unreadable> {
    let Ok(part) = archive.by_name(name) else { return Ok(None) };
    if part.size() > limit {
        return Err(container::too_large());
    }
    // Declared sizes are not believed; a few broken bytes at the end must not pass for the whole.
    let mut bytes = Vec::new();
    part.take(limit + 1).read_to_end(&mut bytes).map_err(|_| problems::unreadable(FileFault::Damaged))?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
        return Err(container::too_large());
    }
    let text = String::from_utf8(bytes).map_err(|_| problems::unreadable(FileFault::Damaged))?;
    Ok(Some(match text.strip_prefix('\u{FEFF}') {
        Some(rest) => rest.to_owned(),
        None => text,
    }))
}
