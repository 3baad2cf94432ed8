//! Owns the road from a printed document (`domain::paper`) to a worksheet laid out like it, ready for an A4 printer. Refuses to know what a
//! document is about; lists are `formats::workbook`, reading is `formats::sheet`.
//!
//! Decisions worth knowing: the columns of the sheet are those of the paper's tables; a paragraph is one cell merged over them. Every text
//! is written as a text. Excel makes no row higher than 409 points: a row that would need more is written in smaller type instead of
//! being cut off. Excel has no rule against a row of its own falling apart at a page's end, so nothing is kept together here.

use jiff::civil::DateTime;
use rust_xlsxwriter::{DocProperties, Format, FormatAlign, FormatBorder, IgnoreError, Workbook, Worksheet, XlsxError};
use unicode_width::UnicodeWidthStr as _;

use super::workbook::{excel_moment, sheet_name};
use crate::domain::paper::{Alignment, Block, Face, Look, Orientation, Paper, Paragraph, Span, Table};

/// The highest row that Excel makes, in points.
const HIGHEST: u32 = 409;
/// Twentieths of a point to a pixel.
const PIXEL: u32 = 15;
/// What a column has beside its text, in points.
const BESIDE: u32 = 7;
/// Sizes of type for what is too long for a row, in points.
const SMALLER: [u32; 5] = [9, 8, 7, 6, 5];
/// Characters that a cell holds, in UTF-16.
const LONGEST: usize = 32_767;
/// Rows of a sheet.
const MOST_ROWS: u32 = 1_048_576;

/// A workbook could not be written; a sentence in Chinese.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkbookFailure(pub String);

/// Writes a document as a workbook of one sheet. `written_at` is the moment in its properties.
///
/// # Errors
/// A text is longer than a cell holds, or there are more rows than a sheet has.
pub fn write_paper_workbook(paper: &Paper, written_at: DateTime) -> Result<Vec<u8>, WorkbookFailure> {
    let failed = |error: XlsxError| WorkbookFailure(format!("无法写成工作簿：{error}"));
    let mut workbook = Workbook::new();
    let mut properties = DocProperties::new().set_title(&paper.title).set_creation_datetime(&excel_moment(written_at).map_err(failed)?);
    if !paper.author.is_empty() {
        properties = properties.set_author(&paper.author);
    }
    workbook.set_properties(&properties);
    let sheet = workbook.add_worksheet();
    sheet.set_name(sheet_name(&paper.title, &mut std::collections::BTreeSet::new())).map_err(failed)?;
    let mut writer = Writer { edges: edges(paper), sheet, row: 0 };
    writer.set_up(paper).map_err(failed)?;
    writer.blocks(&paper.blocks, paper)?;
    workbook.save_to_buffer().map_err(failed)
}

/// The right edges of the sheet's columns, in twentieths of a point from the left margin: those of all tables.
fn edges(paper: &Paper) -> Vec<u32> {
    let mut edges = vec![paper.room().0.0];
    for table in tables(&paper.blocks) {
        edges.extend(right_edges(table, paper));
    }
    edges.sort_unstable();
    edges.dedup();
    edges
}

/// All tables, in their order.
fn tables(blocks: &[Block]) -> Vec<&Table> {
    let mut found = Vec::new();
    for block in blocks {
        match block {
            Block::Table(table) => found.push(table),
            Block::Together(inner) => found.extend(tables(inner)),
            Block::Paragraph(_) | Block::Space(_) | Block::PageBreak => {}
        }
    }
    found
}

fn right_edges(table: &Table, paper: &Paper) -> Vec<u32> {
    let widths = table.widths(paper.room().0);
    let edges = widths.iter().scan(0, |edge, width| {
        *edge += width.0;
        Some(*edge)
    });
    edges.collect()
}

struct Writer<'a> {
    sheet: &'a mut Worksheet,
    edges: Vec<u32>,
    row: u32,
}

/// What is written over some columns.
struct Piece<'a> {
    /// The first and the last column.
    columns: (u16, u16),
    text: &'a str,
    alignment: Alignment,
    look: Look,
    is_bold: bool,
    is_boxed: bool,
}

impl Writer<'_> {
    fn set_up(&mut self, paper: &Paper) -> Result<(), XlsxError> {
        let mut left = 0;
        for (column, edge) in (0_u16..).zip(&self.edges) {
            self.sheet.set_column_width_pixels(column, (edge - left).div_ceil(PIXEL))?;
            left = *edge;
        }
        self.sheet.set_paper_size(9).set_print_fit_to_pages(1, 0).set_print_center_horizontally(true);
        if paper.orientation == Orientation::Landscape {
            self.sheet.set_landscape();
        }
        self.sheet.set_margins(0.8, 0.8, 0.9, 0.9, 0.3, 0.4);
        if paper.is_numbered {
            self.sheet.set_footer("&C第 &P 页  共 &N 页");
        }
        Ok(())
    }

    /// The height of a piece in points, where its type has `size` points.
    fn height(&self, piece: &Piece<'_>, size: u32) -> u32 {
        let edge = |column: u16| self.edges.get(usize::from(column)).copied().unwrap_or(0);
        let start = piece.columns.0.checked_sub(1).map_or(0, edge);
        let room = ((edge(piece.columns.1).saturating_sub(start)) / 20).saturating_sub(BESIDE).max(size);
        // A full-width character takes two halves of the size; an own half a line for words that do not break.
        let halves = usize::try_from(room * 2 / size.max(1)).unwrap_or(1).max(2);
        let lines: usize = piece.text.split('\n').map(|line| line.width().div_ceil(halves).max(1)).sum();
        let leading = if piece.is_boxed { 135 } else { 160 };
        u32::try_from(lines).unwrap_or(u32::MAX).saturating_mul(size * leading / 100 + 1)
    }

    /// Writes pieces side by side as the next row, at least so many points high.
    fn put(&mut self, pieces: &[Piece<'_>], least: u32) -> Result<(), WorkbookFailure> {
        let failed = |error: XlsxError| WorkbookFailure(format!("无法写成工作簿：{error}"));
        if self.row >= MOST_ROWS {
            return Err(WorkbookFailure("行数超过工作表的上限，请改存为 .docx 或 .pdf".to_owned()));
        }
        if pieces.iter().any(|piece| piece.text.encode_utf16().count() > LONGEST) {
            return Err(WorkbookFailure(format!("有文字超过一个单元格可存的 {LONGEST} 字，请改存为 .docx 或 .pdf")));
        }
        let needed = |smaller: Option<u32>| {
            let of = |piece: &Piece<'_>| self.height(piece, smaller.unwrap_or_else(|| size(piece.look)).min(size(piece.look)));
            pieces.iter().map(of).max().unwrap_or(0) + if pieces.iter().any(|piece| piece.is_boxed) { 8 } else { 0 }
        };
        let smaller = if needed(None) <= HIGHEST {
            None
        } else {
            Some(SMALLER.into_iter().find(|smaller| needed(Some(*smaller)) <= HIGHEST).unwrap_or(5))
        };
        self.sheet.set_row_height(self.row, needed(smaller).max(least).clamp(1, HIGHEST)).map_err(failed)?;
        for piece in pieces {
            let format = format(piece, smaller);
            let (first, last) = piece.columns;
            if first < last {
                self.sheet.merge_range(self.row, first, self.row, last, piece.text, &format).map_err(failed)?;
            } else {
                self.sheet.write_string_with_format(self.row, first, piece.text, &format).map_err(failed)?;
            }
        }
        self.row += 1;
        Ok(())
    }

    fn last_column(&self) -> u16 {
        u16::try_from(self.edges.len().saturating_sub(1)).unwrap_or(u16::MAX)
    }

    fn blocks(&mut self, blocks: &[Block], paper: &Paper) -> Result<(), WorkbookFailure> {
        for block in blocks {
            match block {
                Block::Paragraph(paragraph) => self.paragraph(paragraph)?,
                Block::Table(table) => self.table(table, paper)?,
                Block::Together(inner) => self.blocks(inner, paper)?,
                Block::Space(height) => self.put(&[], height.0 / 20)?,
                Block::PageBreak => {}
            }
        }
        Ok(())
    }

    fn paragraph(&mut self, paragraph: &Paragraph) -> Result<(), WorkbookFailure> {
        if paragraph.before.0 > 0 && self.row > 0 {
            self.put(&[], paragraph.before.0 / 20)?;
        }
        // Two spaces of full width are how people indent a first line in a cell.
        let text = "\u{3000}".repeat(usize::from(paragraph.first_line)) + &paragraph.words();
        let indent = u32::from(paragraph.left) * paragraph.look.size.length().0;
        // An indented paragraph begins at the column whose left edge is nearest.
        let left_edges = std::iter::once(0).chain(self.edges.iter().copied());
        let first = (0..=self.last_column()).zip(left_edges).min_by_key(|(_, edge)| edge.abs_diff(indent)).map_or(0, |(column, _)| column);
        let piece = Piece {
            columns: (first, self.last_column()),
            text: &text,
            alignment: paragraph.alignment,
            look: paragraph.look,
            is_bold: is_bold(&paragraph.spans),
            is_boxed: false,
        };
        self.put(&[piece], 0)?;
        if paragraph.after.0 > 0 {
            self.put(&[], paragraph.after.0 / 20)?;
        }
        Ok(())
    }

    fn table(&mut self, table: &Table, paper: &Paper) -> Result<(), WorkbookFailure> {
        let failed = |error: XlsxError| WorkbookFailure(format!("无法写成工作簿：{error}"));
        let ends: Vec<u16> = right_edges(table, paper)
            .iter()
            .map(|edge| u16::try_from(self.edges.iter().position(|known| known == edge).unwrap_or(0)).unwrap_or(u16::MAX))
            .collect();
        let starts = std::iter::once(0).chain(ends.iter().map(|end| end + 1));
        let spans: Vec<(u16, u16)> = starts.zip(ends.iter().copied()).collect();
        let least = table.row_height.0 / 20;
        if !table.header.is_empty() {
            let pieces: Vec<Piece<'_>> = spans
                .iter()
                .enumerate()
                .map(|(place, columns)| Piece {
                    columns: *columns,
                    text: table.header.get(place).map_or("", String::as_str),
                    alignment: Alignment::Centre,
                    look: table.look,
                    is_bold: true,
                    is_boxed: true,
                })
                .collect();
            self.put(&pieces, least)?;
            self.sheet.set_repeat_rows(self.row - 1, self.row - 1).map_err(failed)?;
        }
        let first_row = self.row;
        for row in &table.rows {
            let texts: Vec<String> =
                row.cells.iter().map(|cell| cell.spans.iter().map(|span| span.text.as_str()).collect::<String>()).collect();
            let pieces: Vec<Piece<'_>> = spans
                .iter()
                .zip(&table.columns)
                .enumerate()
                .map(|(place, (columns, column))| Piece {
                    columns: *columns,
                    text: texts.get(place).map_or("", String::as_str),
                    alignment: column.alignment,
                    look: table.look,
                    is_bold: row.cells.get(place).is_some_and(|cell| is_bold(&cell.spans)),
                    is_boxed: true,
                })
                .collect();
            self.put(&pieces, least)?;
        }
        if let Some(last_row) = self.row.checked_sub(1).filter(|last| *last >= first_row) {
            // Numbers are texts on purpose: no green corners.
            let last = self.last_column();
            self.sheet.ignore_error_range(first_row, 0, last_row, last, IgnoreError::NumberStoredAsText).map_err(failed)?;
        }
        Ok(())
    }
}

/// Whether all of a text is bold. A cell has one weight here.
fn is_bold(spans: &[Span]) -> bool {
    !spans.is_empty() && spans.iter().all(|span| span.is_bold)
}

/// The size of type in whole points.
fn size(look: Look) -> u32 {
    look.size.length().0.div_ceil(20)
}

fn format(piece: &Piece<'_>, smaller: Option<u32>) -> Format {
    let face = match piece.look.face {
        Face::Song => "宋体",
        Face::Hei => "黑体",
        Face::FangSong => "仿宋",
    };
    let across = match piece.alignment {
        Alignment::Left | Alignment::Justified => FormatAlign::Left,
        Alignment::Centre => FormatAlign::Center,
        Alignment::Right => FormatAlign::Right,
    };
    let points = size(piece.look).min(smaller.unwrap_or(u32::MAX));
    let mut format = Format::new().set_font_name(face).set_font_size(points).set_align(across).set_align(FormatAlign::VerticalCenter);
    format = format.set_text_wrap();
    if piece.is_bold {
        format = format.set_bold();
    }
    if piece.is_boxed { format.set_border(FormatBorder::Thin) } else { format }
}
