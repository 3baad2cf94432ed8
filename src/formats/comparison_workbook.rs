//! Owns comparisons as a workbook: a block a comparison, the two sides beside each other, what both have in red. Refuses to know what is
//! compared; how a list looks as a workbook is `formats::workbook`.
//!
//! Decision worth knowing: a block is never cut by a page where it fits on one, so that both texts can be read together on paper.

use std::io::Write as _;
use std::path::Path;

use rust_xlsxwriter::{Color, DocProperties, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};
use unicode_width::UnicodeWidthStr as _;

use super::target::{self, Reader, WriteError};
use super::workbook::{Book, excel_moment, refused};
use crate::domain::beside::{Comparison, Comparisons, Piece};

/// Widths of the columns in digits: the label, and each side.
const LABEL: u16 = 8;
const SIDE: u16 = 57;
/// Widths of a digit that a line of a side takes: a Chinese character is a little wider than two digits.
const ROOM: usize = 52;
/// Height of a line, and of a row beside its lines, in points.
const LINE: u32 = 16;
const EDGE: u32 = 5;
/// Points that rows take on a lying A4 page, at the scale that fits the columns.
const PAGE: u32 = 585;
const SCALE: u16 = 85;
/// Heights of a block's heading, names and note, and of the gap below it; of the sheet's title and the line under it.
const HEADING: u32 = 22;
const NAMES: u32 = 20;
const NOTE: u32 = 20;
const GAP: u32 = 12;
const TITLE: u32 = 52;
const LEGEND: u32 = 22;
/// The greatest height of a row.
const HIGHEST: u32 = 409;
/// Characters that a cell holds.
const LONGEST: usize = 32_000;

/// Writes comparisons under the heading and title of a book whose listings are not looked at.
///
/// # Errors
/// The file cannot be written.
pub fn write(
    path: &Path,
    replace: bool,
    reader: Reader,
    book: &Book<'_>,
    title: &str,
    comparisons: &Comparisons,
) -> Result<(), WriteError> {
    target::write(path, replace, reader, |file| {
        let bytes = build(book, title, comparisons).and_then(|mut workbook| workbook.save_to_buffer());
        let bytes = bytes.map_err(|error| refused(path, error))?;
        file.write_all(&bytes).map_err(|error| WriteError::Io(path.to_owned(), error))
    })
}

fn build(book: &Book<'_>, title: &str, comparisons: &Comparisons) -> Result<Workbook, XlsxError> {
    let mut workbook = Workbook::new();
    let local = book.now.to_zoned(book.timezone.clone()).datetime();
    let properties = DocProperties::new().set_title(book.title).set_creation_datetime(&excel_moment(local)?);
    workbook.set_properties(&properties.set_author(book.author).set_company(book.author));
    let sheet = workbook.add_worksheet();
    sheet.set_name(title)?;
    sheet.set_column_width(0, LABEL)?.set_column_width(1, SIDE)?.set_column_width(2, SIDE)?;
    let head = Format::new().set_font_name("黑体").set_font_size(16).set_bold().set_align(FormatAlign::Center);
    let head = head.set_align(FormatAlign::VerticalCenter).set_text_wrap();
    sheet.set_row_height(0, TITLE)?;
    sheet.merge_range(0, 0, 0, 2, &format!("{}\n{title}", book.heading), &head)?;
    let note = font(10).set_font_color(Color::RGB(0x0059_5959)).set_align(FormatAlign::VerticalCenter);
    let red = font(10).set_font_color(RED).set_bold();
    sheet.merge_range(1, 0, 1, 2, "", &note)?;
    let count = format!("共 {} 对；两边相同的部分标为", comparisons.count());
    sheet.write_rich_string_with_format(1, 0, &[(&font(10), count.as_str()), (&red, "红色")], &note)?;
    sheet.set_row_height(1, LEGEND)?;
    let mut row = 2;
    let mut taken = TITLE + LEGEND;
    let mut breaks = Vec::new();
    for comparison in comparisons.iter() {
        let block = Block::of(&comparison);
        let height = block.height();
        if taken + height > PAGE && row > 2 {
            breaks.push(row);
            taken = 0;
        }
        taken = (taken + height) % PAGE;
        row = block.write(sheet, row)?;
    }
    if comparisons.count() == 0 {
        sheet.merge_range(2, 0, 2, 2, "没有相似的作品", &boxed().set_align(FormatAlign::Center))?;
    }
    // Excel takes no more than 1,023 breaks.
    breaks.truncate(1_023);
    sheet.set_page_breaks(&breaks)?;
    sheet.set_freeze_panes(1, 0)?;
    sheet.set_paper_size(9).set_landscape().set_print_scale(SCALE).set_print_center_horizontally(true);
    sheet.set_margins(0.5, 0.5, 0.6, 0.6, 0.3, 0.3);
    sheet.set_footer("&C第 &P 页 共 &N 页");
    if !book.mark.is_empty() {
        sheet.set_header(format!("&R{}", book.mark.replace('&', "&&")));
    }
    Ok(workbook)
}

const RED: Color = Color::RGB(0x00C0_0000);

/// A comparison with the heights of its rows.
struct Block<'a> {
    comparison: &'a Comparison,
    heights: Vec<u32>,
}

impl<'a> Block<'a> {
    fn of(comparison: &'a Comparison) -> Self {
        let side = |pieces: &[Piece]| lines(&pieces.iter().map(|piece| piece.text.as_str()).collect::<String>(), ROOM);
        let heights = comparison.lines.iter().map(|line| (side(&line.left).max(side(&line.right)) * LINE + EDGE).min(HIGHEST));
        Self { comparison, heights: heights.collect() }
    }

    /// Heading, names, lines, note, and the gap below.
    fn height(&self) -> u32 {
        HEADING + NAMES + self.heights.iter().sum::<u32>() + NOTE + GAP
    }

    /// Writes the block, and returns the row after it.
    fn write(&self, sheet: &mut Worksheet, first: u32) -> Result<u32, XlsxError> {
        let Comparison { heading, left, right, lines, note } = self.comparison;
        let bar = boxed().set_bold().set_background_color(Color::RGB(0x00DC_E6F1)).set_indent(1);
        sheet.set_row_height(first, HEADING)?;
        sheet.merge_range(first, 0, first, 2, heading, &bar)?;
        let name = boxed().set_bold().set_align(FormatAlign::Center);
        sheet.set_row_height(first + 1, NAMES)?;
        sheet.write_string_with_format(first + 1, 0, "", &name)?;
        sheet.write_string_with_format(first + 1, 1, left, &name)?;
        sheet.write_string_with_format(first + 1, 2, right, &name)?;
        let label = boxed().set_align(FormatAlign::Center);
        let mut row = first + 2;
        for (line, height) in lines.iter().zip(&self.heights) {
            sheet.set_row_height(row, *height)?;
            sheet.write_string_with_format(row, 0, &line.label, &label)?;
            rich(sheet, row, 1, &line.left)?;
            rich(sheet, row, 2, &line.right)?;
            row += 1;
        }
        sheet.set_row_height(row, NOTE)?;
        sheet.merge_range(row, 0, row, 2, note, &boxed().set_indent(1).set_italic())?;
        sheet.set_row_height(row + 1, GAP)?;
        Ok(row + 2)
    }
}

/// A text with what is common in red. Every piece is a text, so none can act as a formula.
fn rich(sheet: &mut Worksheet, row: u32, column: u16, pieces: &[Piece]) -> Result<(), XlsxError> {
    let cell = boxed().set_text_wrap().set_indent(1);
    let mut room = LONGEST;
    let mut cut: Vec<(String, bool)> = Vec::new();
    for piece in pieces {
        let text: String = piece.text.chars().take(room).collect();
        room -= text.chars().count();
        if !text.is_empty() {
            cut.push((text, piece.is_common));
        }
    }
    let (plain, red) = (font(11), font(11).set_font_color(RED).set_bold());
    let segments: Vec<(&Format, &str)> =
        cut.iter().map(|(text, is_common)| (if *is_common { &red } else { &plain }, text.as_str())).collect();
    match segments.as_slice() {
        [] => sheet.write_blank(row, column, &cell)?,
        [(_, text)] if cut.iter().all(|(_, is_common)| *is_common) => {
            sheet.write_string_with_format(row, column, *text, &cell.set_font_color(RED).set_bold())?
        }
        [(_, text)] => sheet.write_string_with_format(row, column, *text, &cell)?,
        several => sheet.write_rich_string_with_format(row, column, several, &cell)?,
    };
    Ok(())
}

fn font(size: u8) -> Format {
    Format::new().set_font_name("宋体").set_font_size(size)
}

fn boxed() -> Format {
    font(11).set_border(FormatBorder::Thin).set_align(FormatAlign::VerticalCenter)
}

/// How many lines a text takes.
fn lines(text: &str, room: usize) -> u32 {
    let lines: usize = text.split('\n').map(|line| line.width().div_ceil(room).max(1)).sum();
    u32::try_from(lines).unwrap_or(u32::MAX).min(25)
}
