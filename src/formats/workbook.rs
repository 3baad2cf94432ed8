//! Owns exported workbooks: listings → `.xlsx` that looks made by hand: title, widths, borders, frozen header, filters, print set-up.
//! What a cell says is `domain::plain`, shared with the screen. Refuses to know what the listings are about.
//!
//! Decisions worth knowing: every text is written as a text, so none can act as a formula. Points are numbers with the decimals that
//! the screen shows, as long as Excel's fifteen digits hold them, else texts. Row heights are computed, because WPS and LibreOffice
//! do not always fit them to wrapped texts. Lists over 20,000 rows are written row by row in little memory, without merged cells.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, IgnoreError, Workbook, Worksheet, XlsxError,
};
use unicode_width::UnicodeWidthStr as _;

use super::target::{self, Reader, WriteError};
use crate::domain::listing::{Cell, Listing};

/// From here on a list is written in constant memory.
const BIG: usize = 20_000;
/// Digits that a number cell holds exactly.
const DIGITS: usize = 15;
/// Characters that a cell holds.
const LONGEST: usize = 32_767;
/// The narrowest and the widest column, in widths of a digit.
const NARROWEST: usize = 6;
const WIDEST: usize = 40;
/// Columns of texts up to this width (a moment with its seconds) stand in the middle, longer ones left.
const SHORT: usize = 19;
/// What a column has beside its text. A Chinese character is a twentieth wider than two digits: hence the 21 ÷ 20 below.
const MARGINS: usize = 3;
/// A wrapped column is not narrower than this to save room on the page.
const WRAPPED: usize = 22;
/// Widths of a digit that fit on an upright page; wider tables lie.
const UPRIGHT: usize = 88;
/// Widths of a digit that a lying page takes, shrunk to seven eighths; wider columns are wrapped, before all is shrunk further.
const LYING: usize = 160;
/// Height of one line of text, in points.
const LINE: u32 = 15;
/// Rows of an Excel sheet, less title, header and notes.
const MOST_ROWS: usize = 1_048_000;
/// An A4 page less its margins, in points: the short side across, the long side across, and the same down.
const ACROSS: (u32, u32) = (509, 755);
const DOWN: (u32, u32) = (741, 494);
/// Decimals up to which a column of numbers is lined up.
const LINED_UP: usize = 3;
/// Rows before the first row of data: title and header.
const HEAD: u32 = 2;

/// A workbook to be.
#[derive(Debug, Clone, Copy)]
pub struct Book<'a> {
    /// The document's title, in its properties.
    pub title: &'a str,
    /// The document's author, in its properties; may be empty.
    pub author: &'a str,
    /// The moment of writing, in its properties.
    pub now: Timestamp,
    /// Where moments are printed.
    pub timezone: &'a TimeZone,
    /// The line above each sheet's title (the contest's name); may be empty.
    pub heading: &'a str,
    /// Printed on every page's head, right; may be empty (`内部资料`).
    pub mark: &'a str,
    /// A sheet each.
    pub listings: &'a [Listing],
}

/// Writes a workbook.
///
/// # Errors
/// A listing has more rows than a sheet holds, or the file cannot be written.
pub fn write(path: &Path, replace: bool, reader: Reader, book: &Book<'_>) -> Result<(), WriteError> {
    if let Some(listing) = book.listings.iter().find(|listing| listing.rows.len() > MOST_ROWS) {
        return Err(WriteError::Content(format!("“{}”有 {} 行，超过工作表的上限", listing.title, listing.rows.len())));
    }
    target::write(path, replace, reader, |file| {
        let bytes = build(book).and_then(|mut workbook| workbook.save_to_buffer()).map_err(|error| refused(path, error))?;
        file.write_all(&bytes).map_err(|error| WriteError::Io(path.to_owned(), error))
    })
}

pub(super) fn refused(path: &Path, error: XlsxError) -> WriteError {
    #[expect(clippy::wildcard_enum_match_arm, reason = "only the system's refusals have a place of their own")]
    match error {
        XlsxError::IoError(error) => WriteError::Io(path.to_owned(), error),
        other => WriteError::Content(format!("无法写成工作簿：{other}")),
    }
}

fn build(book: &Book<'_>) -> Result<Workbook, XlsxError> {
    let mut workbook = Workbook::new();
    let local = book.now.to_zoned(book.timezone.clone()).datetime();
    let mut properties = DocProperties::new().set_title(book.title).set_creation_datetime(&excel_moment(local)?);
    if !book.author.is_empty() {
        properties = properties.set_author(book.author).set_company(book.author);
    }
    workbook.set_properties(&properties);
    let mut names = BTreeSet::new();
    for listing in book.listings {
        let is_big = listing.rows.len() > BIG;
        let sheet = if is_big { workbook.add_worksheet_with_constant_memory()? } else { workbook.add_worksheet() };
        sheet.set_name(sheet_name(&listing.title, &mut names))?;
        Page::of(listing, book.timezone).write(sheet, book, is_big)?;
    }
    if book.listings.is_empty() {
        workbook.add_worksheet().set_name("空")?;
    }
    Ok(workbook)
}

/// A name that Excel takes: at most 31 UTF-16 units, none of `[]:*?/\`, no apostrophe at the ends, unlike all others.
pub(super) fn sheet_name(title: &str, taken: &mut BTreeSet<String>) -> String {
    let clean: String =
        title.chars().map(|character| if "[]:*?/\\".contains(character) || character.is_control() { '_' } else { character }).collect();
    let clean = clean.trim().trim_matches('\'');
    let clean = if clean.is_empty() || clean.eq_ignore_ascii_case("history") { "表" } else { clean };
    for serial in 1_u32.. {
        let ending = if serial == 1 { String::new() } else { format!("({serial})") };
        let mut room = 31_usize.saturating_sub(ending.len());
        let head: String =
            clean.chars().take_while(|character| room.checked_sub(character.len_utf16()).map(|left| room = left).is_some()).collect();
        let name = format!("{}{ending}", head.trim_end().trim_end_matches('\''));
        if taken.insert(name.to_lowercase()) {
            return name;
        }
    }
    clean.to_owned()
}

/// How the cells of a column stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Left,
    Centre,
    Right,
}

/// A column as printed.
struct Drawn {
    index: usize,
    title: String,
    width: usize,
    standing: Standing,
    is_merged: bool,
    /// The most decimals of a number in it, where all are lined up to that.
    decimals: usize,
}

/// A listing laid out.
struct Page<'a> {
    listing: &'a Listing,
    timezone: &'a TimeZone,
    columns: Vec<Drawn>,
    cut: usize,
}

impl<'a> Page<'a> {
    fn of(listing: &'a Listing, timezone: &'a TimeZone) -> Self {
        let mut widths: Vec<usize> = vec![0; listing.columns.len()];
        let mut numeric = vec![true; listing.columns.len()];
        let mut decimals = vec![0; listing.columns.len()];
        let mut cut = 0;
        for row in &listing.rows {
            for (((cell, width), numeric), decimals) in row.iter().zip(&mut widths).zip(&mut numeric).zip(&mut decimals) {
                let text = cell.plain(timezone);
                if cell.is_number() {
                    *decimals = fraction(&text).max(*decimals);
                }
                *width = (*width).max(text.split('\n').map(str::width).max().unwrap_or(0));
                *numeric &= matches!(cell, Cell::Points(..) | Cell::Empty);
                cut += usize::from(text.encode_utf16().count() > LONGEST);
            }
        }
        let natural = |index: usize, title: &str| widths.get(index).copied().unwrap_or(0).max(title.width());
        let total = |widest: usize| -> usize {
            listing
                .people_columns()
                .map(|(index, column)| natural(index, &column.title).clamp(NARROWEST, widest).saturating_mul(21).div_ceil(20) + MARGINS)
                .sum()
        };
        let widest = (WRAPPED..=WIDEST).rev().find(|widest| total(*widest) <= LYING).unwrap_or(WRAPPED);
        let columns = listing.people_columns().map(|(index, column)| {
            let content = widths.get(index).copied().unwrap_or(0);
            let standing = if numeric.get(index) == Some(&true) && content > 0 {
                Standing::Right
            } else if content <= SHORT {
                Standing::Centre
            } else {
                Standing::Left
            };
            let decimals = decimals.get(index).copied().filter(|decimals| *decimals <= LINED_UP).unwrap_or(0);
            let width = natural(index, &column.title).clamp(NARROWEST, widest).saturating_mul(21).div_ceil(20) + MARGINS;
            Drawn { index, title: column.title.clone(), width, standing, is_merged: column.merged, decimals }
        });
        Self { listing, timezone, columns: columns.collect(), cut }
    }

    fn write(&self, sheet: &mut Worksheet, book: &Book<'_>, is_big: bool) -> Result<(), XlsxError> {
        let last = u16::try_from(self.columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
        let rows = u32::try_from(self.listing.rows.len()).unwrap_or(u32::MAX);
        let total: usize = self.columns.iter().map(|column| column.width).sum();
        for (at, column) in (0_u16..).zip(&self.columns) {
            sheet.set_column_width(at, u32::try_from(column.width).unwrap_or(10))?;
        }
        let head = self.write_head(sheet, book.heading, last, total)?;
        if rows == 0 {
            let words = if self.listing.when_empty.is_empty() { "（无）" } else { &self.listing.when_empty };
            sheet.set_row_height(HEAD, LINE * 2)?;
            across(sheet, HEAD, last, words, &boxed(Standing::Centre))?;
        } else {
            let runs = if is_big { Vec::new() } else { self.runs() };
            let heights = self.heights(&runs);
            let runs = cut_runs(runs, &self.page_starts(&heights, head));
            self.write_rows(sheet, &runs, &heights)?;
            if runs.is_empty() {
                sheet.autofilter(HEAD - 1, 0, HEAD - 1 + rows, last)?;
            }
        }
        self.write_notes(sheet, HEAD + rows.max(1), last, total)?;
        sheet.set_freeze_panes(HEAD, 0)?;
        sheet.set_paper_size(9).set_print_fit_to_pages(1, 0).set_print_center_horizontally(true);
        if total > UPRIGHT {
            sheet.set_landscape();
        }
        sheet.set_margins(0.6, 0.6, 0.7, 0.7, 0.3, 0.3);
        sheet.set_repeat_rows(HEAD - 1, HEAD - 1)?;
        sheet.set_footer("&C第 &P 页 共 &N 页");
        if !book.mark.is_empty() {
            sheet.set_header(format!("&R{}", book.mark.replace('&', "&&")));
        }
        // Phone numbers and codes are texts on purpose: no green corners.
        sheet.ignore_error_range(HEAD, 0, HEAD + rows.max(1) - 1, last, IgnoreError::NumberStoredAsText)?;
        Ok(())
    }

    /// Writes title and header, and returns their heights.
    fn write_head(&self, sheet: &mut Worksheet, heading: &str, last: u16, total: usize) -> Result<[u32; 2], XlsxError> {
        let title = Format::new().set_font_name("黑体").set_font_size(16).set_bold().set_align(FormatAlign::Center);
        let title = title.set_align(FormatAlign::VerticalCenter).set_text_wrap();
        // A character of 16 points is as wide as three digits of 11 points.
        let words = if heading.is_empty() { self.listing.title.clone() } else { format!("{heading}\n{}", self.listing.title) };
        let wrapped: usize = words.split('\n').map(|line| (line.width() * 3).div_ceil(total.max(1) * 2).max(1)).sum();
        let title_height = u32::try_from(wrapped).unwrap_or(1).min(15) * 22 + 10;
        sheet.set_row_height(0, title_height)?;
        across(sheet, 0, last, &words, &title)?;
        let header = boxed(Standing::Centre).set_bold().set_background_color(Color::RGB(0x00DC_E6F1));
        let lines = self.columns.iter().map(|column| lines(&column.title, column.width)).max().unwrap_or(1);
        let header_height = lines * LINE + 9;
        sheet.set_row_height(HEAD - 1, header_height)?;
        for (at, column) in (0_u16..).zip(&self.columns) {
            sheet.write_string_with_format(HEAD - 1, at, &column.title, &header)?;
        }
        Ok([title_height, header_height])
    }

    /// The heights of the rows; what is merged spreads over several and asks for none.
    fn heights(&self, runs: &[Run]) -> Vec<u32> {
        let merged = Covered::by(runs, self.columns.len(), self.listing.rows.len());
        let height = |(place, cells): (usize, Cow<'_, [Cell]>)| {
            let own = self.columns.iter().enumerate().filter(|(at, _)| !merged.has(*at, place));
            let most = own.filter_map(|(_, column)| Some(lines(&cells.get(column.index)?.plain(self.timezone), column.width))).max();
            (most.unwrap_or(1) * LINE + 7).min(409)
        };
        self.listing.rows.iter().enumerate().map(height).collect()
    }

    /// The places of the rows that begin a printed page, as far as a sheet can be reckoned: the printer has the last word.
    fn page_starts(&self, heights: &[u32], [title, header]: [u32; 2]) -> Vec<usize> {
        let total: usize = self.columns.iter().map(|column| column.width).sum();
        let (across, down) = if total > UPRIGHT { (ACROSS.1, DOWN.1) } else { (ACROSS.0, DOWN.0) };
        // A column is 5.25 points a digit and 3.75 beside; what is too wide is shrunk, so that more rows fit.
        let quarters: usize = self.columns.iter().map(|column| column.width.saturating_mul(21) + 15).sum();
        let width = u32::try_from(quarters.div_ceil(4)).unwrap_or(u32::MAX);
        let room = down.saturating_mul(width.max(across)) / across;
        let mut starts = Vec::new();
        let mut taken = title.saturating_add(header);
        for (place, height) in heights.iter().enumerate() {
            if taken.saturating_add(*height) > room {
                starts.push(place);
                taken = header;
            }
            taken = taken.saturating_add(*height);
        }
        starts
    }

    fn write_rows(&self, sheet: &mut Worksheet, runs: &[Run], heights: &[u32]) -> Result<(), XlsxError> {
        let plain: Vec<Format> = self.columns.iter().map(|column| boxed(column.standing)).collect();
        let merged = Covered::by(runs, self.columns.len(), self.listing.rows.len());
        for (place, ((row, cells), height)) in (HEAD..).zip(&self.listing.rows).zip(heights).enumerate() {
            for ((at, column), format) in (0_u16..).zip(&self.columns).zip(&plain) {
                if !merged.has(usize::from(at), place) {
                    self.write_cell(sheet, (row, at), cells.get(column.index).unwrap_or(&Cell::Empty), column.decimals, format)?;
                }
            }
            sheet.set_row_height(row, *height)?;
        }
        for run in runs {
            let Some((column, format)) = self.columns.get(usize::from(run.at)).zip(plain.get(usize::from(run.at))) else { continue };
            let cells = self.listing.rows.get(run.first).unwrap_or_default();
            let cell = cells.get(column.index).unwrap_or(&Cell::Empty);
            let sheet_row = |place: usize| u32::try_from(place).unwrap_or(u32::MAX).saturating_add(HEAD);
            let (first, last) = (sheet_row(run.first), sheet_row(run.last));
            if last > first {
                sheet.merge_range(first, run.at, last, run.at, "", format)?;
            }
            self.write_cell(sheet, (first, run.at), cell, column.decimals, format)?;
        }
        Ok(())
    }

    fn write_cell(
        &self,
        sheet: &mut Worksheet,
        (row, at): (u32, u16),
        cell: &Cell,
        decimals: usize,
        format: &Format,
    ) -> Result<(), XlsxError> {
        match cell {
            Cell::Empty => {
                sheet.write_blank(row, at, format)?;
            }
            Cell::Integer(_) | Cell::Points(..) => {
                let text = cell.plain(self.timezone);
                let digits = text.bytes().filter(u8::is_ascii_digit).count();
                match text.parse::<f64>() {
                    Ok(number) if digits <= DIGITS => {
                        let decimals = fraction(&text).max(if matches!(cell, Cell::Points(..)) { decimals } else { 0 });
                        let shape = if decimals == 0 { "0".to_owned() } else { format!("0.{}", "0".repeat(decimals)) };
                        sheet.write_number_with_format(row, at, number, &format.clone().set_num_format(shape))?;
                    }
                    Ok(_) | Err(_) => {
                        sheet.write_string_with_format(row, at, text, format)?;
                    }
                }
            }
            Cell::Moment(moment) => {
                let local = moment.to_zoned(self.timezone.clone()).datetime();
                let shape = if local.second() == 0 { "yyyy-mm-dd hh:mm" } else { "yyyy-mm-dd hh:mm:ss" };
                match excel_moment(local) {
                    Ok(date) => sheet.write_datetime_with_format(row, at, &date, &format.clone().set_num_format(shape))?,
                    // Before 1900: Excel has no such date.
                    Err(_) => sheet.write_string_with_format(row, at, cell.plain(self.timezone), format)?,
                };
            }
            Cell::Keyed { key, label } => {
                let format = match key.as_str() {
                    "error" => format.clone().set_font_color(Color::RGB(0x00C0_0000)),
                    "warning" => format.clone().set_font_color(Color::RGB(0x009C_5700)),
                    _ => format.clone(),
                };
                sheet.write_string_with_format(row, at, label, &format)?;
            }
            Cell::Text(_) | Cell::Flag(_) | Cell::List(_) | Cell::Record(_) => {
                sheet.write_string_with_format(row, at, shortened(cell.plain(self.timezone).into_owned()), format)?;
            }
        }
        Ok(())
    }

    fn write_notes(&self, sheet: &mut Worksheet, from: u32, last: u16, total: usize) -> Result<(), XlsxError> {
        let format = Format::new().set_font_name("宋体").set_font_size(10).set_text_wrap().set_align(FormatAlign::VerticalCenter);
        let cut =
            (self.cut > 0).then(|| format!("有 {} 格文字超过 {LONGEST} 字，工作表放不下，已截断；全文请导出为 .json 或 .csv", self.cut));
        for (row, note) in (from + 1..).zip(self.listing.notes.iter().chain(&cut)) {
            sheet.set_row_height(row, lines(note, total) * LINE + 3)?;
            across(sheet, row, last, &shortened(note.clone()), &format)?;
        }
        Ok(())
    }

    /// Neighbours to merge: equal cells of a merged column, within equal cells of the merged columns before it.
    fn runs(&self) -> Vec<Run> {
        let merged: Vec<(u16, usize)> =
            (0_u16..).zip(&self.columns).filter(|(_, column)| column.is_merged).map(|(at, column)| (at, column.index)).collect();
        if merged.is_empty() {
            return Vec::new();
        }
        let rows: Vec<Cow<'_, [Cell]>> = self.listing.rows.iter().collect();
        let mut runs = Vec::new();
        for (depth, &(at, _)) in merged.iter().enumerate() {
            let keys = || merged.iter().take(depth + 1).map(|&(_, index)| index);
            let same = |a: &[Cell], b: &[Cell]| keys().all(|index| a.get(index) == b.get(index));
            let mut first = 0;
            for group in rows.chunk_by(|a, b| same(a, b)) {
                if group.len() > 1 {
                    runs.push(Run { at, first, last: first + group.len() - 1 });
                }
                first += group.len();
            }
        }
        runs
    }
}

/// Cells of one column that become one; rows count from the first row of data.
struct Run {
    at: u16,
    first: usize,
    last: usize,
}

/// The runs cut where a page begins, so that each page says what its rows belong to.
fn cut_runs(runs: Vec<Run>, page_starts: &[usize]) -> Vec<Run> {
    let mut pieces = Vec::with_capacity(runs.len());
    for Run { at, mut first, last } in runs {
        let from = page_starts.partition_point(|start| *start <= first);
        for &start in page_starts.get(from..).unwrap_or_default().iter().take_while(|start| **start <= last) {
            pieces.push(Run { at, first, last: start - 1 });
            first = start;
        }
        pieces.push(Run { at, first, last });
    }
    pieces
}

/// Which cells lie in a run.
struct Covered(Vec<Vec<bool>>);

impl Covered {
    fn by(runs: &[Run], columns: usize, rows: usize) -> Self {
        let mut covered = vec![Vec::new(); columns];
        for run in runs {
            if let Some(column) = covered.get_mut(usize::from(run.at)) {
                column.resize(rows, false);
                column.get_mut(run.first..=run.last).unwrap_or_default().fill(true);
            }
        }
        Self(covered)
    }

    fn has(&self, at: usize, place: usize) -> bool {
        self.0.get(at).and_then(|column| column.get(place)) == Some(&true)
    }
}

/// How many decimals a number has as printed.
fn fraction(text: &str) -> usize {
    text.split_once('.').map_or(0, |(_, fraction)| fraction.len())
}

fn boxed(standing: Standing) -> Format {
    let format = Format::new().set_font_name("宋体").set_font_size(11).set_align(FormatAlign::VerticalCenter);
    let format = format.set_border(FormatBorder::Thin);
    match standing {
        Standing::Left => format.set_text_wrap().set_align(FormatAlign::Left).set_indent(1),
        Standing::Centre => format.set_text_wrap().set_align(FormatAlign::Center),
        // Numbers do not wrap; LibreOffice indents only what does not.
        Standing::Right => format.set_align(FormatAlign::Right).set_indent(1),
    }
}

/// One text over all columns of a row.
fn across(sheet: &mut Worksheet, row: u32, last: u16, text: &str, format: &Format) -> Result<(), XlsxError> {
    if last == 0 {
        sheet.write_string_with_format(row, 0, text, format)?;
    } else {
        sheet.merge_range(row, 0, row, last, text, format)?;
    }
    Ok(())
}

/// How many lines a text takes in a column, less its margins.
fn lines(text: &str, width: usize) -> u32 {
    let room = (width.saturating_sub(MARGINS) * 20 / 21).max(1);
    let lines: usize = text.split('\n').map(|line| line.width().div_ceil(room).max(1)).sum();
    u32::try_from(lines).unwrap_or(u32::MAX).min(26)
}

fn shortened(text: String) -> String {
    if text.encode_utf16().count() <= LONGEST {
        return text;
    }
    let mut room = LONGEST - 1;
    let kept: String =
        text.chars().take_while(|character| room.checked_sub(character.len_utf16()).map(|left| room = left).is_some()).collect();
    format!("{kept}…")
}

pub(super) fn excel_moment(local: jiff::civil::DateTime) -> Result<ExcelDateTime, XlsxError> {
    let number = |part: i8| u8::try_from(part).unwrap_or_default();
    let year = u16::try_from(local.year()).unwrap_or_default();
    ExcelDateTime::from_ymd(year, number(local.month()), number(local.day()))?.and_hms(
        u16::from(number(local.hour())),
        number(local.minute()),
        f64::from(number(local.second())),
    )
}

#[cfg(test)]
#[path = "workbook_tests.rs"]
mod tests;
