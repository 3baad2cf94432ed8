//! Owns one picture of a document or a sheet: addressed cells with their spans, part after part, whatever the file was. Refuses to know
//! what the texts mean.
//!
//! Decision worth knowing: a Word document is one grid. Each paragraph outside of tables is a row of one cell, each table a part with
//! its own rows, so that a form split over several tables, or with a line above them, is still one form.

use std::collections::BTreeMap;

use super::sheet::{CellKind, Row};
use super::word::{Block, WordCell, WordRow};

/// A sheet, a table, or a stretch of text between tables.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Part {
    /// How problems name it: a sheet's own name, 表1, 正文.
    pub(super) name: String,
    /// Whether it has columns; text between tables has not.
    pub(super) is_table: bool,
    /// Whether an empty cell is there all the same: so in Word, not in a sheet.
    pub(super) has_empty_cells: bool,
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GridCell {
    /// Its first column, from 0.
    pub(super) column: u32,
    /// How many columns it takes, from 1.
    pub(super) across: u32,
    /// How many rows it takes, from 1.
    pub(super) down: u32,
    /// Its text, not trimmed; lines as on paper.
    pub(super) text: String,
    /// What it is.
    pub(super) kind: CellKind,
}

impl GridCell {
    /// Whether it holds nothing but white space.
    pub(super) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// The column behind it.
    pub(super) fn end(&self) -> u32 {
        self.column.saturating_add(self.across)
    }
}

/// A row: its cells by column, without those that merged cells above cover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GridRow {
    /// The part, by its place in [`Grid::parts`].
    pub(super) part: usize,
    /// The row's number in its part, from 1.
    pub(super) number: u32,
    /// Its cells.
    pub(super) cells: Vec<GridCell>,
}

/// The whole.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Grid {
    /// Its parts in their order.
    pub(super) parts: Vec<Part>,
    /// All rows in their order.
    pub(super) rows: Vec<GridRow>,
    /// By column: the last cell of a sheet that began in it, by its row's and its own place.
    pub(super) begun: BTreeMap<u32, (usize, usize)>,
}

/// Tables as deep as this in cells of others are still told apart; deeper ones are text.
const DEEPEST: usize = 6;

/// How many bytes the texts of merged cells may take in the rows that they are given to.
const MOST_FILLED: usize = 16 << 20;

impl Grid {
    /// The grid of a document. A table inside a cell is a part of its own where it is a form's (at least two of its cells are labels),
    /// else text of its cell.
    pub(super) fn of_document(blocks: &[Block], is_label: &dyn Fn(&str) -> bool) -> Self {
        let mut builder = Builder { grid: Self::default(), tables: 0, is_label };
        builder.blocks(blocks, 0);
        builder.grid
    }

    /// An empty grid for the rows of a sheet.
    pub(super) fn of_sheet(name: &str) -> Self {
        let part = Part { name: name.to_owned(), is_table: true, has_empty_cells: false };
        Self { parts: vec![part], ..Self::default() }
    }

    /// Adds a row of a sheet.
    pub(super) fn push_row(&mut self, row: &Row) {
        let mut cells: Vec<GridCell> = Vec::new();
        for cell in row.cells() {
            // What a merged cell gave to this row belongs to the row where it begins.
            if cell.merged
                && let Some((row_place, place)) = self.begun.get(&cell.column)
                && let Some(above) = self.rows.get_mut(*row_place)
                && let Some(begun) = above.cells.get_mut(*place)
            {
                begun.down = begun.down.max(row.number().saturating_sub(above.number).saturating_add(1));
                continue;
            }
            self.begun.insert(cell.column, (self.rows.len(), cells.len()));
            cells.push(GridCell { column: cell.column, across: 1, down: 1, text: cell.text.to_owned(), kind: cell.kind });
        }
        self.rows.push(GridRow { part: 0, number: row.number(), cells });
    }

    /// The rows of a part: they stand together.
    pub(super) fn range(&self, part: usize) -> std::ops::Range<usize> {
        self.rows.partition_point(|row| row.part < part)..self.rows.partition_point(|row| row.part <= part)
    }

    /// The part of a row.
    pub(super) fn part(&self, row: &GridRow) -> Option<&Part> {
        self.parts.get(row.part)
    }

    /// The rows of a table as a sheet has them, for a table of works: what a merged cell holds is given to the rows below.
    pub(super) fn sheet_rows(&self, part: usize) -> Vec<Row> {
        let rows = self.rows.get(self.range(part)).unwrap_or_default();
        let mut sheet: Vec<Row> = rows
            .iter()
            .map(|row| {
                let mut made = Row::default();
                made.reset(row.number);
                for cell in &row.cells {
                    made.push(cell.column, &cell.text, cell.kind);
                }
                made
            })
            .collect();
        let mut left = MOST_FILLED;
        for (index, row) in rows.iter().enumerate() {
            for cell in row.cells.iter().filter(|cell| cell.down > 1) {
                let down = usize::try_from(cell.down).unwrap_or(1);
                let cost = cell.text.len().saturating_mul(down);
                if cost > left {
                    continue;
                }
                left -= cost;
                for below in sheet.iter_mut().skip(index + 1).take(down - 1) {
                    below.push_merged(cell.column, &cell.text, cell.kind);
                }
            }
        }
        for row in &mut sheet {
            row.settle();
        }
        sheet
    }
}

struct Builder<'a> {
    grid: Grid,
    tables: u32,
    is_label: &'a dyn Fn(&str) -> bool,
}

impl Builder<'_> {
    fn blocks(&mut self, blocks: &[Block], depth: usize) {
        let mut text: Option<(usize, u32)> = None;
        for block in blocks {
            match block {
                Block::Paragraph(paragraph) => {
                    let (part, number) = match text {
                        Some((part, number)) => (part, number + 1),
                        None => (self.part("正文".to_owned(), false), 1),
                    };
                    text = Some((part, number));
                    if !paragraph.trim().is_empty() {
                        let cell = GridCell { column: 0, across: 1, down: 1, text: paragraph.clone(), kind: CellKind::Text };
                        self.grid.rows.push(GridRow { part, number, cells: vec![cell] });
                    }
                }
                Block::Table(rows) => {
                    text = None;
                    self.table(rows, depth);
                }
            }
        }
    }

    fn part(&mut self, name: String, is_table: bool) -> usize {
        self.grid.parts.push(Part { name, is_table, has_empty_cells: true });
        self.grid.parts.len() - 1
    }

    fn table(&mut self, rows: &[WordRow], depth: usize) {
        self.tables = self.tables.saturating_add(1);
        let part = self.part(format!("表{}", self.tables), true);
        // The row of the cell that each column continues, if it began in this table.
        let mut origins: Vec<(u32, usize, usize)> = Vec::new();
        let mut inner: Vec<&[Block]> = Vec::new();
        for (number, row) in (1_u32..).zip(rows) {
            let index = self.grid.rows.len();
            let mut cells: Vec<GridCell> = Vec::new();
            let mut begun: Vec<(u32, usize, usize)> = Vec::new();
            for cell in &row.cells {
                let origin = origins.iter().find(|(column, ..)| cell.continues && *column == cell.column).copied();
                if let Some((column, origin_row, origin_cell)) = origin {
                    if let Some(above) = self.grid.rows.get_mut(origin_row).and_then(|row| row.cells.get_mut(origin_cell)) {
                        above.down = above.down.saturating_add(1);
                    }
                    begun.push((column, origin_row, origin_cell));
                    continue;
                }
                begun.push((cell.column, index, cells.len()));
                let (text, is_split) = self.text_of(cell, depth);
                if is_split {
                    inner.push(&cell.blocks);
                }
                cells.push(GridCell { column: cell.column, across: cell.across, down: 1, text, kind: CellKind::Text });
            }
            origins = begun;
            self.grid.rows.push(GridRow { part, number, cells });
        }
        for blocks in inner {
            for block in blocks {
                if let Block::Table(rows) = block {
                    self.table(rows, depth + 1);
                }
            }
        }
    }

    /// A cell's text; the second value tells that tables in it are parts of their own.
    fn text_of(&self, cell: &WordCell, depth: usize) -> (String, bool) {
        let is_split = depth < DEEPEST && self.holds_form(&cell.blocks);
        let mut text = String::new();
        plain(&cell.blocks, !is_split, &mut text);
        (text, is_split)
    }

    fn holds_form(&self, blocks: &[Block]) -> bool {
        blocks.iter().any(|block| {
            let Block::Table(rows) = block else { return false };
            let cells = rows.iter().flat_map(|row| &row.cells).take(200);
            let labels = cells.filter(|cell| {
                let mut text = String::new();
                plain(&cell.blocks, false, &mut text);
                (self.is_label)(&text)
            });
            labels.take(2).count() == 2 || rows.iter().flat_map(|row| &row.cells).any(|cell| self.holds_form(&cell.blocks))
        })
    }
}

/// The text of blocks, a line a paragraph; rows of tables are lines too.
fn plain(blocks: &[Block], with_tables: bool, text: &mut String) {
    for block in blocks {
        match block {
            Block::Paragraph(paragraph) => {
                if !text.is_empty() && !text.ends_with('\n') {
                    text.push('\n');
                }
                text.push_str(paragraph);
            }
            Block::Table(rows) if with_tables => {
                for row in rows {
                    if !text.is_empty() && !text.ends_with('\n') {
                        text.push('\n');
                    }
                    for (index, cell) in row.cells.iter().enumerate() {
                        if index > 0 {
                            text.push_str("  ");
                        }
                        let mut inner = String::new();
                        plain(&cell.blocks, true, &mut inner);
                        text.push_str(inner.trim());
                    }
                }
            }
            Block::Table(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_merged_cells_gave_belongs_where_they_begin() {
        let mut grid = Grid::of_sheet("表");
        for number in 1..=4 {
            let mut row = Row::default();
            row.reset(number);
            if number == 1 || number == 4 {
                row.push(1, "甲", CellKind::Text);
            } else {
                row.push_merged(1, "甲", CellKind::Text);
            }
            row.push(2, "乙", CellKind::Text);
            grid.push_row(&row);
        }
        let down: Vec<Vec<u32>> = grid.rows.iter().map(|row| row.cells.iter().map(|cell| cell.down).collect()).collect();
        assert_eq!(down, [vec![3, 1], vec![1], vec![1], vec![1, 1]]);
    }
}
