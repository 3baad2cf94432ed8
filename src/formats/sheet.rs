//! Owns the road from a file's bytes to rows of addressed cells, whatever the file is: text tables and workbooks.
//! Refuses to know what a column means: that is `formats::headers`.
//!
//! Decision worth knowing: a file is judged by its first bytes, never by its ending, and rows come one at a time through [`walk`],
//! so memory does not grow with the file. [`read_tables`] is the comfortable door for small files.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use super::container::{self, Content};
use super::grid::Grid;
use super::measured_archive;
use super::{
    binary_workbook_reader, delimited_reader, form, old_workbook_reader, open_document_reader, page_reader, word, workbook_reader,
};

/// Why a file cannot be read as a table at all: `code` is stable, texts are Chinese.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The stable code, documented in `docs/problems.md`.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do next.
    pub hint: String,
}

/// What kind of value a cell holds; its text is always there as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellKind {
    /// Text.
    Text,
    /// A number of at most fifteen digits, exact, without exponent or trailing zeros (`92.5`).
    Number,
    /// A number that the workbook could not keep: more than fifteen digits, or beyond all use.
    LostNumber,
    /// `TRUE` or `FALSE`.
    Boolean,
    /// A date or a date and time: `2024-07-05`, `2024-07-05 16:30:00`.
    Date,
    /// A time of day or a span without date: `0:05:30`.
    Time,
    /// A formula's error: `#N/A`.
    Error,
    /// A formula whose value the workbook does not hold: the program that wrote it did not compute it. Its text says so.
    Uncomputed,
    /// Text with bytes that its encoding does not have, shown as U+FFFD.
    Undecodable,
}

/// A cell that is not empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell<'a> {
    /// The column, from 0.
    pub column: u32,
    /// The text, not trimmed.
    pub text: &'a str,
    /// What it is.
    pub kind: CellKind,
    /// Whether the value stands in the first row of a merged cell and was given to this row too.
    pub merged: bool,
}

/// A merged area that begins in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// Its first column, from 0.
    pub column: u32,
    /// How many columns it takes, from 1.
    pub across: u32,
    /// How many rows it takes, from 1.
    pub down: u32,
}

#[derive(Debug, Clone, Copy)]
struct Span {
    column: u32,
    start: usize,
    end: usize,
    kind: CellKind,
    merged: bool,
}

/// A row: its number as Excel shows it, and its cells that are not empty, in the order of columns.
#[derive(Debug, Clone, Default)]
pub struct Row {
    number: u32,
    text: String,
    spans: Vec<Span>,
    /// How many cells the row has, the empty ones included; 0 where the format does not say.
    width: u32,
    is_disordered: bool,
    is_hidden: bool,
    areas: Vec<Area>,
}

impl Row {
    /// The row's number, from 1. In a text table a record is a row, as in Excel, however many line breaks its quotes hold.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Whether the workbook hides the row, by hand or by a filter.
    #[must_use]
    pub fn is_hidden(&self) -> bool {
        self.is_hidden
    }

    /// The merged areas that begin in this row, in no particular order.
    #[must_use]
    pub fn areas(&self) -> &[Area] {
        &self.areas
    }

    /// The cells, by column.
    #[must_use]
    pub fn cells(&self) -> impl DoubleEndedIterator<Item = Cell<'_>> + ExactSizeIterator {
        self.spans.iter().map(|span| self.shown(span))
    }

    /// The cell of a column counted from 0; `None` where it is empty.
    #[must_use]
    pub fn cell(&self, column: u32) -> Option<Cell<'_>> {
        let index = self.spans.binary_search_by_key(&column, |span| span.column).ok()?;
        self.spans.get(index).map(|span| self.shown(span))
    }

    /// The text of a column, trimmed; empty where there is none.
    #[must_use]
    pub fn text(&self, column: u32) -> &str {
        self.cell(column).map_or("", |cell| cell.text.trim())
    }

    /// Whether no cell holds anything but white space.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.cells().all(|cell| cell.text.trim().is_empty())
    }

    /// How many columns it takes to hold every cell.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.spans.last().map_or(0, |span| span.column + 1).max(self.width)
    }

    /// The same row with the cells of some columns only.
    pub(super) fn within(&self, first: u32, last: u32) -> Self {
        let is_inside = |column: u32| (first..=last).contains(&column);
        let spans = self.spans.iter().filter(|span| is_inside(span.column)).copied().collect();
        let areas = self.areas.iter().filter(|area| is_inside(area.column)).copied().collect();
        let (text, is_hidden) = (self.text.clone(), self.is_hidden);
        Self { number: self.number, text, spans, width: 0, is_disordered: false, is_hidden, areas }
    }

    /// The merged area that begins at a column.
    pub(super) fn area(&self, column: u32) -> Option<Area> {
        self.areas.iter().find(|area| area.column == column).copied()
    }

    /// How many bytes its texts take together.
    pub(super) fn text_len(&self) -> usize {
        self.text.len()
    }

    /// About how many bytes it takes in memory.
    pub(super) fn cost(&self) -> usize {
        self.text.len() + self.spans.len() * size_of::<Span>()
    }

    fn shown(&self, span: &Span) -> Cell<'_> {
        Cell { column: span.column, text: self.text.get(span.start..span.end).unwrap_or_default(), kind: span.kind, merged: span.merged }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    pub(super) fn reset(&mut self, number: u32) {
        self.number = number;
        self.width = 0;
        self.is_disordered = false;
        self.is_hidden = false;
        self.text.clear();
        self.spans.clear();
        self.areas.clear();
    }

    pub(super) fn set_hidden(&mut self, is_hidden: bool) {
        self.is_hidden = is_hidden;
    }

    pub(super) fn add_area(&mut self, area: Area) {
        self.areas.push(area);
    }

    pub(super) fn set_width(&mut self, width: u32) {
        self.width = width;
    }

    /// Adds a cell; an empty text adds nothing.
    pub(super) fn push(&mut self, column: u32, text: &str, kind: CellKind) {
        let start = self.text.len();
        self.text.push_str(text);
        self.close(column, start, kind);
    }

    /// Adds a cell whose text is written by `write`.
    pub(super) fn push_with(&mut self, column: u32, kind: CellKind, write: impl FnOnce(&mut String)) {
        let start = self.text.len();
        write(&mut self.text);
        self.close(column, start, kind);
    }

    /// Adds what a merged cell gives to a row below its first.
    pub(super) fn push_merged(&mut self, column: u32, text: &str, kind: CellKind) {
        let start = self.text.len();
        self.text.push_str(text);
        self.insert(Span { column, start, end: self.text.len(), kind, merged: true });
    }

    fn close(&mut self, column: u32, start: usize, kind: CellKind) {
        self.insert(Span { column, start, end: self.text.len(), kind, merged: false });
    }

    fn insert(&mut self, span: Span) {
        if span.end == span.start {
            return;
        }
        self.is_disordered |= self.spans.last().is_some_and(|last| last.column >= span.column);
        self.spans.push(span);
    }

    /// Puts cells that came in another order than their columns' right; of two in one column the first counts. Must follow the last
    /// cell: ordering after each would cost the square of a wide row.
    pub(super) fn settle(&mut self) {
        if std::mem::take(&mut self.is_disordered) {
            self.spans.sort_by_key(|span| span.column);
            self.spans.dedup_by_key(|span| span.column);
        }
    }
}

/// What is known of a sheet before its rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SheetInfo {
    /// The sheet's name; empty for files without sheets.
    pub name: String,
    /// `UTF-8`, `GB18030`, `UTF-16LE`, `UTF-16BE`, `xlsx`, `xls`, `xlsb`, `ods`, `html`, `docx`.
    pub encoding: &'static str,
    /// Whether the workbook hides it.
    pub hidden: bool,
    /// Columns that the workbook hides: the first and the last of each run, from 0.
    pub hidden_columns: Vec<(u32, u32)>,
    /// Whether its serial dates count from 1904.
    pub from_1904: bool,
}

/// Damage met while reading: the rows before it are good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// A quotation mark was opened in this row and never closed: the rest of the file is inside one cell.
    UnclosedQuote {
        /// The row where the last record starts.
        row: u32,
    },
    /// The rest of the sheet cannot be read.
    Broken {
        /// The last row that could be read; 0 for none.
        after: u32,
    },
}

/// What [`walk`] meets, in the file's order.
#[derive(Debug)]
pub enum Step<'a> {
    /// A sheet begins.
    Sheet(&'a SheetInfo),
    /// A row that has at least one cell. Rows ascend.
    Row(&'a Row),
    /// Something is broken here.
    Damage(Damage),
    /// The sheet ends.
    End,
}

/// Reads a file step by step; `sink` may stop the reading with its own error.
///
/// # Errors
/// `Ok(Err(_))`: the file is no table that can be read. `Err(_)`: the sink's own error.
pub fn walk<E>(path: &Path, sink: &mut dyn FnMut(Step<'_>) -> Result<(), E>) -> Result<Result<(), Unreadable>, E> {
    let (file, content) = match open(path) {
        Ok(opened) => opened,
        Err(unreadable) => return Ok(Err(unreadable)),
    };
    walk_opened(file, content, sink)
}

/// The same for a file that is open already.
pub(super) fn walk_opened<E>(
    file: File,
    content: Content,
    sink: &mut dyn FnMut(Step<'_>) -> Result<(), E>,
) -> Result<Result<(), Unreadable>, E> {
    match content {
        Content::Text => delimited_reader::walk(file, sink),
        Content::Workbook => workbook_reader::walk(&file, sink),
        Content::Word => match word::read(file) {
            Ok(blocks) => walk_document(&Grid::of_document(&blocks, &form::is_label), sink).map(Ok),
            Err(unreadable) => Ok(Err(unreadable)),
        },
        Content::OldWorkbook => old_workbook_reader::walk(file, sink),
        Content::BinaryWorkbook => binary_workbook_reader::walk(file, sink),
        Content::OpenDocument => open_document_reader::walk(file, sink),
        Content::Page => page_reader::walk(file, sink),
    }
}

/// The file, where it is an `.xlsx` that costs neither a hang nor a gigabyte.
pub(super) fn open_workbook(path: &Path) -> Option<File> {
    let (file, content) = open(path).ok()?;
    (content == Content::Workbook && measured_archive::is_bearable(&file)).then_some(file)
}

/// Each table of a document as a sheet.
fn walk_document<E>(grid: &Grid, sink: &mut dyn FnMut(Step<'_>) -> Result<(), E>) -> Result<(), E> {
    for (part, table) in grid.parts.iter().enumerate().filter(|(_, part)| part.is_table) {
        sink(Step::Sheet(&SheetInfo { name: table.name.clone(), encoding: word::ENCODING, ..SheetInfo::default() }))?;
        for row in grid.sheet_rows(part) {
            sink(Step::Row(&row))?;
        }
        sink(Step::End)?;
    }
    Ok(())
}

/// Opens a file and decides what it is.
pub(super) fn open(path: &Path) -> Result<(File, Content), Unreadable> {
    let mut file = File::open(path).map_err(|error| container::io_failure(&error))?;
    let mut head = Vec::with_capacity(container::HEAD);
    let limit = u64::try_from(container::HEAD).unwrap_or(u64::MAX);
    file.by_ref().take(limit).read_to_end(&mut head).map_err(|error| container::io_failure(&error))?;
    file.seek(SeekFrom::Start(0)).map_err(|error| container::io_failure(&error))?;
    let content = container::recognise(&head, &mut file)?;
    file.seek(SeekFrom::Start(0)).map_err(|error| container::io_failure(&error))?;
    Ok((file, content))
}

/// A whole sheet in memory.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// What is known of it.
    pub info: SheetInfo,
    /// Its rows that hold anything, ascending.
    pub rows: Vec<Row>,
    /// What was broken.
    pub damage: Vec<Damage>,
}

/// The most text that [`read_tables`] holds, in bytes.
const TABLE_LIMIT: usize = 64 << 20;

/// Reads every sheet of a small file whole.
///
/// # Errors
/// The file is no table, or holds more than 64 MB of text.
pub fn read_tables(path: &Path) -> Result<Vec<Table>, Unreadable> {
    let mut tables: Vec<Table> = Vec::new();
    let mut held = 0_usize;
    let walked = walk(path, &mut |step| {
        match (step, tables.last_mut()) {
            (Step::Sheet(info), _) => tables.push(Table { info: info.clone(), ..Table::default() }),
            (Step::Row(row), Some(table)) => {
                held = held.saturating_add(row.cost());
                if held > TABLE_LIMIT {
                    return Err(container::too_large());
                }
                table.rows.push(row.clone());
            }
            (Step::Damage(damage), Some(table)) => table.damage.push(damage),
            (Step::Row(_) | Step::Damage(_), None) | (Step::End, _) => {}
        }
        Ok(())
    });
    match walked {
        Ok(Ok(())) => Ok(tables),
        Ok(Err(unreadable)) | Err(unreadable) => Err(unreadable),
    }
}
