//! Owns the lines of a table whose columns have their widths: padding, alignment, the rule, headings, colour. comfy-table draws.
//!
//! Decision worth knowing: a table is drawn a block of rows at a time, two blocks side by side, so that a table of 100,000 lines never
//! lies in memory as lines. Every block gets the same widths, so nobody sees where one ends. A row of one line without colour, as nearly
//! all are, is padded here: to the line that comfy-table would draw, which a test compares, at a fraction of the cost.

use std::borrow::Cow;
use std::io::{self, Write};
use std::iter::repeat_n;
use std::ops::Range;

use comfy_table::{Attribute, CellAlignment, Color, ColumnConstraint, ContentLineStyle, LineStyle, Table, TableStyle, Width};
use unicode_width::UnicodeWidthStr as _;

use super::grid::{Column, Grid, Shape, width};
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
        let mut text = String::new();
        let mut drawn = self.drawn(rows.clone().filter(|row| !self.is_plain(*row))).into_iter().peekable();
        for row in rows {
            self.push_heading(&mut text, row);
            match drawn.next_if(|(drawn, _)| *drawn == row) {
                Some((_, lines)) => text.push_str(&lines),
                None => self.push_plain(&mut text, row),
            }
        }
        text
    }

    /// Whether a row is one line without colour.
    fn is_plain(&self, row: usize) -> bool {
        self.columns.iter().all(|drawn| {
            let text = || self.grid.text(row, drawn.column.place);
            let is_line = (!drawn.column.breaks || !text().contains('\n')) && (drawn.fits || width(text()) <= drawn.limit);
            is_line && self.colour(row, drawn.column.place).is_none()
        })
    }

    fn push_plain(&self, line: &mut String, row: usize) {
        let begin = line.len();
        for (place, drawn) in self.columns.iter().enumerate() {
            if place > 0 {
                push_blanks(line, GAP);
            }
            let text = self.grid.text(row, drawn.column.place);
            let blanks = drawn.width.max(1).saturating_sub(width(text));
            if drawn.column.numeric {
                push_blanks(line, blanks);
                line.push_str(text);
            } else {
                line.push_str(text);
                push_blanks(line, blanks);
            }
        }
        line.truncate(begin + line.get(begin..).map_or(0, |line| line.trim_end().len()));
        line.push('\n');
    }

    /// The lines of rows as comfy-table draws them.
    fn drawn(&self, rows: impl Iterator<Item = usize>) -> Vec<(usize, String)> {
        let mut table = self.table(' ');
        let mut heights = Vec::new();
        for row in rows {
            let texts: Vec<Cow<'_, str>> =
                self.columns.iter().map(|drawn| drawn.wrapped(self.grid.text(row, drawn.column.place))).collect();
            heights.push((row, texts.iter().map(|text| text.matches('\n').count() + 1).max().unwrap_or(1)));
            table.add_row(self.columns.iter().zip(texts).map(|(drawn, text)| {
                let cell = comfy_table::Cell::new_owned(text.into_owned());
                match self.colour(row, drawn.column.place) {
                    Some(colour) => cell.fg(colour),
                    None => cell,
                }
            }));
        }
        if heights.is_empty() {
            return Vec::new();
        }
        self.arrange(&mut table);
        let mut lines = table.lines();
        let text = |(row, height)| {
            let mut text = String::new();
            lines.by_ref().take(height).for_each(|line| push_line(&mut text, &line));
            (row, text)
        };
        heights.into_iter().map(text).collect()
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

fn push_blanks(line: &mut String, count: usize) {
    const BLANKS: &str = "                                ";
    match BLANKS.get(..count) {
        Some(blanks) => line.push_str(blanks),
        None => line.extend(repeat_n(' ', count)),
    }
}

fn push_line(text: &mut String, line: &str) {
    text.push_str(line.trim_end());
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    use super::*;
    use crate::domain::listing::{Cell, Listing};

    proptest! {
        #[test]
        fn a_line_is_as_wide_as_unicode_says(line in "[ -~\\u{4dff}-\\u{4e01}\\u{9ffe}-\\u{a001}中文《\u{301}👍é]{0,12}|[^\\pC]{0,8}") {
            prop_assert_eq!(width(&line), line.width());
        }

        #[test]
        fn what_is_clean_stays_and_nothing_that_moves_the_cursor_is_left(text in "[a-z中“\u{7f}\u{85}\u{200e}\u{202e}\u{1b}\t\n]{0,8}|\\PC{0,8}") {
            let cleaned = crate::output::table::clean(&text);
            let harmful = |letter: char| letter != '\n' && (letter.is_control() || "\u{200e}\u{200f}\u{202e}".contains(letter));
            prop_assert!(!cleaned.contains(harmful));
            prop_assert!(cleaned == text || text.contains(|letter| letter == '\r' || harmful(letter)));
        }

        #[test]
        fn a_plain_row_is_the_line_that_comfy_table_draws(
            rows in prop::collection::vec(("[a-z ，。\u{3000}《中文\u{301}👍é\u{200b}]{0,12}", -1200_i64..1200, "[a-c中 ]{0,40}"), 1..8),
            limit in 3_usize..30,
        ) {
            let mut listing = Listing::new("", "", ["甲", "数", "乙"].map(|title| crate::domain::listing::Column::new("", title)).to_vec());
            for (first, number, last) in &rows {
                listing.push(vec![first.as_str().into(), Cell::Integer(*number), last.as_str().into()]);
            }
            let grid = Grid::of(&listing, &TimeZone::UTC);
            let columns = || grid.columns().map(|column| Drawn::new(&grid, column, if column.numeric { 10 } else { limit })).collect();
            let drawing = Drawing { grid: &grid, columns: columns(), heading: None, coloured: false };
            for (row, lines) in drawing.drawn(0..grid.rows()) {
                prop_assert!(drawing.is_plain(row) || lines.lines().count() > 1 || !drawing.columns.iter().all(|drawn| drawn.fits));
                if drawing.is_plain(row) {
                    let mut line = String::new();
                    drawing.push_plain(&mut line, row);
                    prop_assert_eq!(line, lines);
                }
            }
        }
    }
}
