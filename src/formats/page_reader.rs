//! Owns reading web pages that are tables: what registration systems export under the name `.xls`. All tables of a page are one sheet,
//! row after row, as Excel shows them. Refuses to know what columns mean, and to run, fetch or believe anything of the page.
//!
//! Decision worth knowing: a small reader of tags and no browser. It takes rows, cells, their spans, line breaks and entities, and what
//! it does not know it passes over; a table inside a cell is text of that cell.

use std::fs::File;
use std::io::Read as _;

use encoding_rs::{Encoding, GB18030, UTF_16BE, UTF_16LE};

use super::encoding::{self, TextEncoding};
use super::fields::is_scientific;
use super::problems::{self, FileFault};
use super::row_stream::{Halt, MOST_COLUMNS, Merges, ROW_LIMIT, Region, RowStream, allowance};
use super::sheet::{CellKind, SheetInfo, Step, Unreadable};

/// The largest page that is read: it is held whole.
const LARGEST: u64 = 16 << 20;
/// The widest span that is believed.
const WIDEST: u32 = 100;
/// The tallest.
const TALLEST: u32 = 10_000;
/// Cells that reach into rows below are minded in so many columns.
const MINDED: usize = 256;
/// A longer tag is none; what looks like one is passed over at once, lest each of its signs be tried.
const LONGEST_TAG: usize = 64 << 10;
/// After so many tags with a quotation mark that is never closed, such marks are signs as any other.
const MOST_STRAYS: u32 = 1_000;

/// Reads a page's tables as one sheet without a name.
pub(super) fn walk<E>(file: File, sink: &mut dyn FnMut(Step<'_>) -> Result<(), E>) -> Result<Result<(), Unreadable>, E> {
    let mut bytes = Vec::new();
    if file.take(LARGEST + 1).read_to_end(&mut bytes).is_err() {
        return Ok(Err(problems::unreadable(FileFault::Damaged)));
    }
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if size > LARGEST {
        return Ok(Err(problems::unreadable(FileFault::TooLarge)));
    }
    let Some(text) = decode(&bytes) else { return Ok(Err(problems::unreadable(FileFault::UnknownEncoding))) };
    drop(bytes);
    if !text.as_bytes().windows(6).any(|window| window.eq_ignore_ascii_case(b"<table")) {
        return Ok(Err(problems::unreadable(FileFault::WebPage)));
    }
    let info = SheetInfo { encoding: "html", ..SheetInfo::default() };
    sink(Step::Sheet(&info))?;
    let mut left = allowance(size);
    let rows = RowStream::new(&mut left, Merges::default(), sink);
    let mut page = Page { rows, number: 0, hidden: false, column: 0, busy: Vec::new(), cell: None };
    let outcome = page.read(&text);
    page.rows.end(outcome)?;
    Ok(Ok(()))
}

/// The page's text: by its BOM, its own word, or what its bytes can be.
fn decode(bytes: &[u8]) -> Option<String> {
    let head: String = bytes.iter().take(2048).map(|byte| char::from(byte.to_ascii_lowercase())).collect();
    let named = head.split_once("charset=").map(|(_, rest)| rest.trim_start_matches(['"', '\'']));
    let named =
        named.map(|rest| rest.split(|next: char| !next.is_ascii_alphanumeric() && next != '-' && next != '_').next().unwrap_or_default());
    let (found, start): (&'static Encoding, usize) = match encoding::detect(bytes, true)? {
        TextEncoding::Utf8(mark) => (encoding_rs::UTF_8, mark),
        TextEncoding::Undecided => (encoding_rs::UTF_8, 0),
        TextEncoding::Utf16Le(mark) => (UTF_16LE, mark),
        TextEncoding::Utf16Be(mark) => (UTF_16BE, mark),
        TextEncoding::Gb18030 => {
            (named.and_then(|name| Encoding::for_label(name.as_bytes())).filter(|own| *own != encoding_rs::UTF_8).unwrap_or(GB18030), 0)
        }
    };
    let bytes = bytes.get(start..).unwrap_or_default();
    let (text, broken) = found.decode_without_bom_handling(bytes);
    // A page that says less than it writes (gb2312, big5 by mistake) is what Chinese programs call GBK.
    Some(if broken && found != encoding_rs::UTF_8 { GB18030.decode_without_bom_handling(bytes).0.into_owned() } else { text.into_owned() })
}

struct OpenCell {
    text: String,
    down: u32,
    across: u32,
    /// The number behind a cell that shows it in scientific form.
    number: Option<String>,
}

struct Page<'s, E> {
    rows: RowStream<'s, E>,
    /// Of the row at hand, from 1.
    number: u32,
    hidden: bool,
    /// Where the next cell goes.
    column: u32,
    /// By column: the last row that a cell of a row above takes.
    busy: Vec<u32>,
    cell: Option<OpenCell>,
}

impl<E> Page<'_, E> {
    fn read(&mut self, page: &str) -> Result<(), Halt<E>> {
        let mut rest = page;
        let mut depth = 0_u32;
        // How many tags may still have a quotation mark that is never closed: each costs a look as far as the longest tag.
        let mut strays = MOST_STRAYS;
        while let Some(at) = rest.find('<') {
            let (before, tagged) = rest.split_at(at);
            self.text(before)?;
            // Any other `<` is a sign of a text that nobody escaped.
            if !tagged.as_bytes().get(1).is_some_and(|next| next.is_ascii_alphabetic() || matches!(next, b'/' | b'!' | b'?')) {
                self.text("<")?;
                rest = tagged.get(1..).unwrap_or_default();
                continue;
            }
            if let Some(comment) = tagged.strip_prefix("<!--") {
                rest = comment.find("-->").and_then(|end| comment.get(end + 3..)).unwrap_or_default();
                continue;
            }
            let quoted = if strays > 0 { tag_end(tagged) } else { None };
            if quoted.is_none() {
                strays = strays.saturating_sub(1);
            }
            let Some(end) = quoted.or_else(|| tagged.bytes().take(LONGEST_TAG).position(|next| next == b'>')) else {
                let end = tagged.ceil_char_boundary(LONGEST_TAG);
                rest = tagged.get(end..).unwrap_or_default();
                continue;
            };
            let tag = tagged.get(1..end).unwrap_or_default();
            rest = tagged.get(end + 1..).unwrap_or_default();
            let (closes, tag) = tag.strip_prefix('/').map_or((false, tag), |tag| (true, tag));
            let name_end = tag.find(|next: char| next.is_whitespace() || next == '/').unwrap_or(tag.len());
            let name = tag.get(..name_end).unwrap_or_default().to_ascii_lowercase();
            let attributes = tag.get(name_end..).unwrap_or_default();
            match (name.as_str(), closes) {
                ("script" | "style" | "xml" | "title", false) => rest = after_close(rest, &name),
                ("table", false) => depth = depth.saturating_add(1),
                ("table", true) => {
                    if depth == 1 {
                        self.close_cell()?;
                        self.busy.clear();
                    }
                    depth = depth.saturating_sub(1);
                }
                ("tr", false) if depth == 1 => {
                    self.close_cell()?;
                    self.number = self.number.saturating_add(1);
                    let style: String = attributes.chars().filter(|next| !next.is_whitespace()).collect();
                    self.hidden = style.to_ascii_lowercase().contains("display:none");
                    self.column = 0;
                }
                ("td" | "th", false) if depth == 1 => {
                    self.close_cell()?;
                    let span = |name| attribute(attributes, name).and_then(|text| text.trim().parse::<u32>().ok()).unwrap_or(1).max(1);
                    let number = attribute(attributes, "x:num").filter(|text| !text.is_empty()).map(str::to_owned);
                    self.cell = Some(OpenCell {
                        text: String::new(),
                        down: span("rowspan").min(TALLEST),
                        across: span("colspan").min(WIDEST),
                        number,
                    });
                }
                ("td" | "th" | "tr", true) if depth == 1 => self.close_cell()?,
                ("br", _) | ("p" | "div" | "li" | "tr", true) => self.line_break(),
                ("td" | "th", true) => self.text(" ")?,
                _ => {}
            }
        }
        self.close_cell()
    }

    /// Adds text to the open cell, its white space as a browser shows it.
    fn text(&mut self, raw: &str) -> Result<(), Halt<E>> {
        let Some(cell) = &mut self.cell else { return Ok(()) };
        let mut rest = raw;
        while let Some(next) = rest.chars().next() {
            if next == '&' {
                let (character, length) = entity(rest);
                cell.text.push(character);
                rest = rest.get(length..).unwrap_or_default();
                continue;
            }
            if !next.is_ascii_whitespace() {
                cell.text.push(next);
            } else if !cell.text.is_empty() && !cell.text.ends_with([' ', '\n']) {
                cell.text.push(' ');
            }
            rest = rest.get(next.len_utf8()..).unwrap_or_default();
        }
        if cell.text.len() > ROW_LIMIT { Err(Halt::TooMuch) } else { Ok(()) }
    }

    fn line_break(&mut self) {
        if let Some(cell) = &mut self.cell
            && !cell.text.is_empty()
        {
            cell.text.truncate(cell.text.trim_end_matches(' ').len());
            cell.text.push('\n');
        }
    }

    fn close_cell(&mut self) -> Result<(), Halt<E>> {
        let Some(cell) = self.cell.take() else { return Ok(()) };
        self.number = self.number.max(1);
        let place = |column: u32| usize::try_from(column).unwrap_or(usize::MAX);
        while self.busy.get(place(self.column)).is_some_and(|last| *last >= self.number) {
            self.column += 1;
        }
        let column = self.column;
        let last_column = column.saturating_add(cell.across - 1);
        self.column = last_column.saturating_add(1);
        let last_row = self.number.saturating_add(cell.down - 1);
        if cell.down > 1 && place(last_column) < MINDED {
            self.busy.resize(self.busy.len().max(place(last_column) + 1), 0);
            self.busy.iter_mut().take(place(last_column) + 1).skip(place(column)).for_each(|last| *last = last_row);
        }
        let shown = cell.text.trim();
        let text = cell.number.as_deref().filter(|_| is_scientific(shown)).unwrap_or(shown);
        if text.is_empty() || column >= MOST_COLUMNS {
            return Ok(());
        }
        self.rows.row(self.number, self.hidden)?;
        if cell.down > 1 || cell.across > 1 {
            self.rows.region(Region { first_row: self.number - 1, last_row: last_row - 1, first_column: column, last_column });
        }
        self.rows.cell(column, |row| row.push(column, text, CellKind::Text))
    }
}

/// Where a tag ends: a `>` outside quotation marks. Where one is never closed the first `>` ends the tag.
fn tag_end(tagged: &str) -> Option<usize> {
    let mut quote = None;
    for (at, next) in tagged.bytes().enumerate().take(LONGEST_TAG) {
        match (quote, next) {
            (None, b'>') => return Some(at),
            (None, b'"' | b'\'') => quote = Some(next),
            (Some(open), _) if open == next => quote = None,
            _ => {}
        }
    }
    None
}

/// What follows the element whose inside is no text.
fn after_close<'a>(rest: &'a str, name: &str) -> &'a str {
    let close = format!("</{name}");
    let at = rest.as_bytes().windows(close.len()).position(|window| window.eq_ignore_ascii_case(close.as_bytes()));
    at.and_then(|at| rest.get(at..)).unwrap_or_default()
}

fn attribute<'a>(attributes: &'a str, name: &str) -> Option<&'a str> {
    let mut start = 0;
    loop {
        let at = start
            + attributes.get(start..)?.as_bytes().windows(name.len()).position(|window| window.eq_ignore_ascii_case(name.as_bytes()))?;
        start = at + name.len();
        let is_whole = attributes.get(..at)?.ends_with(|before: char| before.is_whitespace());
        let Some(value) = attributes.get(start..)?.trim_start().strip_prefix('=').filter(|_| is_whole) else { continue };
        let value = value.trim_start();
        return match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value.get(1..)?.split(quote).next(),
            _ => value.split_whitespace().next(),
        };
    }
}

/// The character that an entity stands for, and how many bytes it takes; an `&` that begins none is itself.
fn entity(text: &str) -> (char, usize) {
    let name = text.get(1..).unwrap_or_default();
    let end = name.bytes().take(10).position(|byte| byte == b';');
    let Some(name) = end.and_then(|end| name.get(..end)) else { return ('&', 1) };
    let character = match name {
        "nbsp" => Some(' '),
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "middot" => Some('·'),
        "ldquo" => Some('“'),
        "rdquo" => Some('”'),
        "hellip" => Some('…'),
        "mdash" => Some('—'),
        _ => {
            let number = name.strip_prefix('#').and_then(|number| match number.strip_prefix(['x', 'X']) {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok(),
                None => number.parse().ok(),
            });
            number.and_then(char::from_u32)
        }
    };
    character.map_or(('&', 1), |character| (character, name.len() + 2))
}
