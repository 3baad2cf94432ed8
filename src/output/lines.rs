//! Owns the lines of a table whose columns have their widths: padding, alignment, the rule, headings, colour. comfy-table draws.
//!
//! Decision worth knowing: a table is drawn a block of rows at a time, two blocks side by side, so that a table of 100,000 lines never
//! lies in memory as lines. Every block gets the same widths, so nobody sees where one ends.

use std::borrow::Cow;
use std::io::{self, Write};
use std::ops::Range;

use comfy_table::{Attribute, CellAlignment, Color, ColumnConstraint, ContentLineStyle, LineStyle, Table, TableStyle, Width};
use unicode_width::UnicodeWidthStr as _;

use super::grid::{Column, Grid, Shape};
use super::table::{GAP, wrap};
use super::ui::Terminal;
use crate::domain::threads::side_by_side_if;

/// Rows of a block.
const BLOCK: usize = 500;

/// Writes titles, rule and rows.
pub(super) fn write(grid: &Grid, shape: &Shape<'_>, widths: &[usize], terminal: &Terminal, out: &mut dyn Write) -> io::Result<()> {
    let columns = shape.columns.iter().zip(widths).map(|(column, width)| Drawn::new(grid, column, *width)).collect();
    let coloured = terminal.stdout && terminal.colour;
    let drawing = Drawing { grid, columns, heading: shape.heading, coloured };
    out.write_all(drawing.head(if terminal.ascii { '-' } else { '─' }).as_bytes())?;
    let rows = grid.rows();
    let block = |begin: usize| drawing.rows(begin.min(rows)..begin.saturating_add(BLOCK).min(rows));
    for begin in (0..rows).step_by(2 * BLOCK) {
        let (first, second) = side_by_side_if(begin + BLOCK < rows, || block(begin), || block(begin + BLOCK));
        out.write_all(first.as_bytes())?;
        out.write_all(second.as_bytes())?;
    }
    Ok(())
}

/// A column as it is drawn.
struct Drawn<'a> {
    column: &'a Column,
    /// The widest line that its texts may have.
    limit: usize,
    /// The widest line that they have.
    width: usize,
    /// Whether every text fits as it is.
    fits: bool,
}

impl<'a> Drawn<'a> {
    fn new(grid: &Grid, column: &'a Column, limit: usize) -> Self {
        let title = column.title.width();
        let fits = column.content <= limit;
        let width = if fits && title <= limit {
            title.max(column.content)
        } else {
            let widest = |text: &str| wrap(text, limit).iter().map(|line| line.width()).max().unwrap_or(0);
            let content =
                if fits { column.content } else { (0..grid.rows()).map(|row| widest(grid.text(row, column.place))).max().unwrap_or(0) };
            widest(&column.title).max(content)
        };
        Self { column, limit, width, fits }
    }

    fn wrapped<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.fits { Cow::Borrowed(text) } else { Cow::Owned(wrap(text, self.limit).join("\n")) }
    }
}

struct Drawing<'a> {
    grid: &'a Grid,
    columns: Vec<Drawn<'a>>,
    /// The place of the column whose values stand between the rows.
    heading: Option<usize>,
    coloured: bool,
}

impl Drawing<'_> {
    fn head(&self, rule: char) -> String {
        let mut table = self.table(rule);
        table.set_header(self.columns.iter().map(|drawn| {
            let cell = comfy_table::Cell::new_owned(wrap(&drawn.column.title, drawn.limit).join("\n"));
            if self.coloured { cell.add_attribute(Attribute::Bold) } else { cell }
        }));
        self.arrange(&mut table);
        let mut text = String::new();
        table.lines().for_each(|line| push_line(&mut text, &line));
        text
    }

    fn rows(&self, rows: Range<usize>) -> String {
        if rows.is_empty() {
            return String::new();
        }
        let mut table = self.table(' ');
        let mut heights = Vec::with_capacity(rows.len());
        for row in rows.clone() {
            let texts: Vec<Cow<'_, str>> =
                self.columns.iter().map(|drawn| drawn.wrapped(self.grid.text(row, drawn.column.place))).collect();
            heights.push(texts.iter().map(|text| text.matches('\n').count() + 1).max().unwrap_or(1));
            table.add_row(self.columns.iter().zip(texts).map(|(drawn, text)| {
                let cell = comfy_table::Cell::new_owned(text.into_owned());
                match self.colour(row, drawn.column.place) {
                    Some(colour) => cell.fg(colour),
                    None => cell,
                }
            }));
        }
        self.arrange(&mut table);
        let mut text = String::new();
        let mut lines = table.lines();
        for (row, height) in rows.zip(heights) {
            self.push_heading(&mut text, row);
            lines.by_ref().take(height).for_each(|line| push_line(&mut text, &line));
        }
        text
    }

    fn table(&self, rule: char) -> Table {
        let style = TableStyle::new()
            .header_lines(ContentLineStyle::none())
            .header_separator(LineStyle::none().fill(rule))
            .content_lines(ContentLineStyle::none());
        let mut table = Table::new();
        table.load_style(style);
        if self.coloured {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        table
    }

    fn arrange(&self, table: &mut Table) {
        let last = self.columns.len().saturating_sub(1);
        for (place, drawn) in self.columns.iter().enumerate() {
            if let Some(column) = table.column_mut(place) {
                let gap = if place == last { 0 } else { GAP };
                let narrow = |width: usize| u16::try_from(width).unwrap_or(u16::MAX);
                column.set_padding((0, narrow(gap)));
                column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(narrow(drawn.width.max(1) + gap))));
                if drawn.column.numeric {
                    column.set_cell_alignment(CellAlignment::Right);
                }
            }
        }
    }

    fn colour(&self, row: usize, column: usize) -> Option<Color> {
        if self.coloured { self.grid.colour(row, column) } else { None }
    }

    /// The heading over a row whose heading differs from that of the row above.
    fn push_heading(&self, text: &mut String, row: usize) {
        let Some(column) = self.heading else { return };
        let heading = self.grid.text(row, column);
        if row.checked_sub(1).is_some_and(|above| self.grid.text(above, column) == heading) {
            return;
        }
        let (bold, plain) = if self.coloured { ("\u{1b}[1m", "\u{1b}[0m") } else { ("", "") };
        text.extend([bold, "【", if heading.is_empty() { "其他" } else { heading }, "】", plain, "\n"]);
    }
}

fn push_line(text: &mut String, line: &str) {
    text.push_str(line.trim_end());
    text.push('\n');
}
