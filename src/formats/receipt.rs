//! Owns the marked copy of a received file: the very same workbook with faulty cells red and the reason in a comment, or, where that
//! cannot be, the sheets as they were read. Refuses to know what is wrong and in which words.
//!
//! Decision worth knowing: in a copy as read every cell is a text, so that phones and codes look as they came and nothing acts as a formula.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, IgnoreError, Note, ObjectMovement, Workbook, Worksheet, XlsxError};
use unicode_width::UnicodeWidthStr as _;

use super::sheet::{self, Row, Step};
use super::target::{self, Reader, WriteError};

/// A faulty cell.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// The sheet's name; empty for files without sheets.
    pub sheet: String,
    /// The row as Excel counts, from 1.
    pub row: u32,
    /// The column, from 0.
    pub column: u32,
    /// What is wrong and how to mend it.
    pub text: String,
}

/// How a copy came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// The same workbook, patched.
    Patched,
    /// A new workbook that shows what was read.
    AsRead,
}

/// Cells of a file, by sheet, row from 1 and column from 0.
pub type Texts = BTreeMap<(String, u32, u32), String>;

/// Excel's limits.
const MOST_ROWS: u32 = 1_048_576;
const MOST_COLUMNS: u32 = 16_384;
const LONGEST: usize = 32_767;
/// Sheets that a copy as read shows.
const MOST_SHEETS: usize = 200;
/// Rows by which the widths of columns are chosen.
const SAMPLE: u32 = 200;
/// The longest comment that Excel shows without complaint.
const LONGEST_NOTE: usize = 2_000;

/// Writes the marked copy of a received file.
///
/// # Errors
/// The copy cannot be written, or the received file can no longer be read.
pub fn write(source: &Path, path: &Path, replace: bool, marks: &[Mark], author: &str) -> Result<Made, WriteError> {
    let mut notes: BTreeMap<&str, BTreeMap<(u32, u32), String>> = BTreeMap::new();
    for mark in marks.iter().filter(|mark| mark.row > 0 && mark.row <= MOST_ROWS && mark.column < MOST_COLUMNS) {
        let text = notes.entry(mark.sheet.as_str()).or_default().entry((mark.row - 1, mark.column)).or_default();
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&mark.text);
    }
    for text in notes.values_mut().flat_map(BTreeMap::values_mut) {
        if let Some((end, _)) = text.char_indices().nth(LONGEST_NOTE) {
            text.truncate(end);
        }
    }
    let mut made = Made::AsRead;
    target::write(path, replace, Reader::Owner, |file| {
        if let Some(workbook) = sheet::open_workbook(source)
            && patch::patch(workbook, &mut *file, &notes, author).is_some()
        {
            made = Made::Patched;
            return Ok(());
        }
        let failed = |error| WriteError::Io(path.to_owned(), error);
        file.set_len(0).map_err(failed)?;
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        as_read(source, file, path, &notes, author)
    })?;
    Ok(made)
}

/// The ending of a copy's name, without the dot: that of the received file where it is patched. `shown` is the name as received.
#[must_use]
pub fn ending(source: &Path, shown: &str) -> &'static str {
    let has_macros = Path::new(shown).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("xlsm"));
    if has_macros && sheet::open_workbook(source).is_some() { "xlsm" } else { "xlsx" }
}

/// The texts of some cells as they were received.
#[must_use]
pub fn texts(source: &Path, wanted: &BTreeSet<(String, u32, u32)>) -> Texts {
    let mut found = Texts::new();
    let mut name = String::new();
    let walked = sheet::walk(source, &mut |step| {
        match step {
            Step::Sheet(info) => name.clone_from(&info.name),
            Step::Row(row) => {
                for cell in row.cells() {
                    let place = (name.clone(), row.number(), cell.column);
                    if wanted.contains(&place) {
                        found.insert(place, cell.text.trim().to_owned());
                    }
                }
            }
            Step::Damage(_) | Step::End => {}
        }
        Ok::<(), std::convert::Infallible>(())
    });
    // What cannot be read any more is not shown; nothing else depends on it.
    drop(walked);
    found
}

/// Why a copy as read stopped.
enum Stop {
    Workbook(XlsxError),
    TooMany,
}

impl From<XlsxError> for Stop {
    fn from(error: XlsxError) -> Self {
        Self::Workbook(error)
    }
}

fn as_read(
    source: &Path,
    file: &mut File,
    path: &Path,
    notes: &BTreeMap<&str, BTreeMap<(u32, u32), String>>,
    author: &str,
) -> Result<(), WriteError> {
    let mut book = Book { workbook: Workbook::new(), names: BTreeSet::new(), sheets: 0, author, sheet: None };
    let walked = sheet::walk(source, &mut |step| match step {
        Step::Sheet(info) => book.begin(&info.name, notes.get(info.name.as_str()).cloned().unwrap_or_default()),
        Step::Row(row) => book.row(row),
        Step::Damage(_) => Ok(()),
        Step::End => book.end(),
    });
    let refused = |error: XlsxError| WriteError::Content(format!("无法写成工作簿：{error}"));
    match walked {
        Ok(Ok(())) => {}
        Ok(Err(unreadable)) => return Err(WriteError::Content(unreadable.message)),
        Err(Stop::TooMany) => return Err(WriteError::Content(format!("工作表超过 {MOST_SHEETS} 张"))),
        Err(Stop::Workbook(error)) => return Err(refused(error)),
    }
    let bytes = book.workbook.save_to_buffer().map_err(refused)?;
    file.write_all(&bytes).map_err(|error| WriteError::Io(path.to_owned(), error))
}

/// A workbook that shows what was read.
struct Book<'a> {
    workbook: Workbook,
    names: BTreeSet<String>,
    sheets: usize,
    author: &'a str,
    sheet: Option<Shown>,
}

/// The sheet at hand.
struct Shown {
    worksheet: Worksheet,
    notes: BTreeMap<(u32, u32), String>,
    widths: BTreeMap<u16, usize>,
    last: (u32, u16),
}

impl Book<'_> {
    fn begin(&mut self, name: &str, notes: BTreeMap<(u32, u32), String>) -> Result<(), Stop> {
        self.sheets += 1;
        if self.sheets > MOST_SHEETS {
            return Err(Stop::TooMany);
        }
        let name = super::workbook::sheet_name(if name.is_empty() { "收到的内容" } else { name }, &mut self.names);
        let mut worksheet = Worksheet::new();
        worksheet.set_name(name)?;
        self.sheet = Some(Shown { worksheet, notes, widths: BTreeMap::new(), last: (0, 0) });
        Ok(())
    }

    fn row(&mut self, row: &Row) -> Result<(), Stop> {
        let Some(shown) = &mut self.sheet else { return Ok(()) };
        let Some(number) = row.number().checked_sub(1).filter(|number| *number < MOST_ROWS) else { return Ok(()) };
        for cell in row.cells().filter(|cell| cell.column < MOST_COLUMNS && !cell.merged) {
            let Ok(column) = u16::try_from(cell.column) else { continue };
            let text: String = cell.text.chars().filter(|character| !character.is_control() || *character == '\n').collect();
            let text = match text.char_indices().nth(LONGEST / 2) {
                Some((end, _)) => text.get(..end).unwrap_or_default().to_owned(),
                None => text,
            };
            if row.number() <= SAMPLE {
                let width = text.split('\n').map(str::width).max().unwrap_or(0);
                let widest = shown.widths.entry(column).or_default();
                *widest = width.max(*widest);
            }
            let is_faulty = shown.notes.contains_key(&(number, cell.column));
            shown.worksheet.write_string_with_format(number, column, text, &format(is_faulty))?;
            shown.last = (shown.last.0.max(number), shown.last.1.max(column));
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), Stop> {
        let Some(mut shown) = self.sheet.take() else { return Ok(()) };
        for (&(row, column), text) in &shown.notes {
            let Ok(column) = u16::try_from(column) else { continue };
            // A faulty cell may be empty: it was not written above.
            shown.worksheet.set_cell_format(row, column, &format(true))?;
            let lines: usize = text.split('\n').map(|line| line.width().div_ceil(30).max(1)).sum();
            let height = u32::try_from(lines).unwrap_or(20).min(20) * 20 + 20;
            let note = Note::new(text).set_author(self.author).add_author_prefix(false).set_width(240).set_height(height);
            shown.worksheet.insert_note(row, column, &note.set_object_movement(ObjectMovement::MoveButDontSizeWithCells))?;
            shown.last = (shown.last.0.max(row), shown.last.1.max(column));
        }
        for (column, width) in &shown.widths {
            let width = u32::try_from((*width).clamp(6, 40)).unwrap_or(40) + 3;
            shown.worksheet.set_column_width(*column, width)?;
        }
        shown.worksheet.ignore_error_range(0, 0, shown.last.0, shown.last.1, IgnoreError::NumberStoredAsText)?;
        self.workbook.push_worksheet(shown.worksheet);
        Ok(())
    }
}

fn format(is_faulty: bool) -> Format {
    let format = Format::new().set_font_name("宋体").set_font_size(11).set_num_format("@").set_border(FormatBorder::Thin);
    let format = format.set_border_color(Color::RGB(0x00BF_BFBF)).set_align(FormatAlign::VerticalCenter).set_text_wrap();
    if is_faulty { format.set_background_color(Color::RGB(0x00FF_C7CE)) } else { format }
}

mod comments;
mod patch;
mod sheet_part;
mod splice;
mod styles;
