//! Owns how cells that a workbook's reader meets become rows for [`sheet::walk`](super::sheet::walk): rows ascend, merged cells reach the
//! rows below, and nothing costs more than a table of works may. Refuses to know what a file looks like inside.
//!
//! Decision worth knowing: the text that a file gives is bounded by its size. A workbook keeps a repeated text once and names it from
//! each cell, so a small file could give gigabytes; where its sheets give more than a generous multiple, the one at hand ends as broken.

use super::sheet::{Area, CellKind, Damage, Row, Step};

/// Excel's own bounds of a sheet; what goes beyond them no office program wrote.
pub(super) const MOST_COLUMNS: u32 = 16_384;
/// See `MOST_COLUMNS`.
pub(super) const MOST_ROWS: u32 = 1_048_576;
/// The longest text of a row in bytes, as in text tables: a shared text costs its file once and each of its cells anew.
pub(super) const ROW_LIMIT: usize = 8 << 20;

/// What a cell costs beside its text, in bytes.
const CELL_COST: u64 = 16;
/// What a row costs beside its cells.
const ROW_COST: u64 = 64;

/// More sheets than this no workbook of tables has.
pub(super) const MOST_SHEETS: usize = 1_000;

/// How much the sheets of a file of so many bytes may give together.
pub(super) fn allowance(bytes: u64) -> u64 {
    bytes.saturating_mul(16).saturating_add(32 << 20)
}

/// A merged area of a sheet, all ends included, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) first_row: u32,
    pub(super) last_row: u32,
    pub(super) first_column: u32,
    pub(super) last_column: u32,
}

impl Region {
    /// The part of it that lies on a sheet; `None` where none does.
    fn on_sheet(self) -> Option<Self> {
        let (last_row, last_column) = (self.last_row.min(MOST_ROWS - 1), self.last_column.min(MOST_COLUMNS - 1));
        (self.first_row <= last_row && self.first_column <= last_column).then_some(Self { last_row, last_column, ..self })
    }
}

/// Merged cells keep their value in the first row only; this gives it to the rows below.
#[derive(Debug, Default)]
pub(super) struct Merges {
    /// By first row, the next one last.
    waiting: Vec<Region>,
    /// Last row, column, text and kind of those that the rows have reached.
    active: Vec<(u32, u32, String, CellKind)>,
}

impl Merges {
    /// More than this in a sheet, or reaching into one row, no person has merged.
    pub(super) const LIMIT: usize = 20_000;
    const ACTIVE_LIMIT: usize = 128;

    /// The regions of a sheet, in any order.
    pub(super) fn new(regions: Vec<Region>) -> Self {
        let mut regions: Vec<Region> = regions.into_iter().filter_map(Region::on_sheet).take(Self::LIMIT).collect();
        regions.sort_unstable_by_key(|region| (std::cmp::Reverse(region.first_row), region.first_column, region.last_row));
        Self { waiting: regions, active: Vec::new() }
    }

    /// Adds a region that begins in the row which comes next.
    pub(super) fn add(&mut self, region: Region) {
        if self.waiting.len() < Self::LIMIT {
            self.waiting.extend(region.on_sheet());
        }
    }

    /// Fills the row and remembers what begins in it.
    pub(super) fn apply(&mut self, row: &mut Row) {
        let index = row.number().saturating_sub(1);
        self.active.retain(|(last, ..)| *last >= index);
        if self.active.is_empty() && self.waiting.is_empty() {
            return;
        }
        // Ordered once, after the last: each by itself would cost the square of a wide row.
        let own = row.cells().map(|cell| cell.column).collect::<Vec<_>>();
        for (_, column, text, kind) in &self.active {
            if own.binary_search(column).is_err() && row.text_len().saturating_add(text.len()) <= ROW_LIMIT {
                row.push_merged(*column, text, *kind);
            }
        }
        row.settle();
        while let Some(region) = self.waiting.pop_if(|region| region.first_row <= index) {
            if region.first_row < index {
                continue;
            }
            let column = region.first_column;
            row.add_area(Area { column, across: region.last_column - column + 1, down: region.last_row - index + 1 });
            if region.last_row > index
                && self.active.len() < Self::ACTIVE_LIMIT
                && let Some(cell) = row.cell(column)
            {
                self.active.push((region.last_row, column, cell.text.to_owned(), cell.kind));
            }
        }
    }
}

/// Why a sheet's reading ends before its end.
#[derive(Debug)]
pub(super) enum Halt<E> {
    /// The sink's own error.
    Sink(E),
    /// What follows cannot be read; what was read is good.
    Broken,
    /// More than a table of works holds; the row at hand is not whole.
    TooMuch,
}

/// Cells in, rows out.
pub(super) struct RowStream<'s, E> {
    sink: &'s mut dyn FnMut(Step<'_>) -> Result<(), E>,
    row: Row,
    is_open: bool,
    merges: Merges,
    cells: u32,
    last: u32,
    left: &'s mut u64,
}

impl<'s, E> RowStream<'s, E> {
    /// Rows of a sheet; `left` is what its file may still give, of its [`allowance`].
    pub(super) fn new(left: &'s mut u64, merges: Merges, sink: &'s mut dyn FnMut(Step<'_>) -> Result<(), E>) -> Self {
        Self { sink, row: Row::default(), is_open: false, merges, cells: 0, last: 0, left }
    }

    /// A merged area that begins in the row at hand.
    pub(super) fn region(&mut self, region: Region) {
        self.merges.add(region);
    }

    /// Begins a row, numbered from 1, unless it is at hand already; hands out the one before.
    pub(super) fn row(&mut self, number: u32, is_hidden: bool) -> Result<(), Halt<E>> {
        if self.is_open && self.row.number() == number {
            return Ok(());
        }
        self.hand_out()?;
        if number <= self.last || number > MOST_ROWS {
            return Err(Halt::Broken);
        }
        self.spend(ROW_COST)?;
        self.row.reset(number);
        self.row.set_hidden(is_hidden);
        self.is_open = true;
        self.cells = 0;
        Ok(())
    }

    /// Adds a cell to the row at hand. Columns beyond Excel's are left out.
    pub(super) fn cell(&mut self, column: u32, write: impl FnOnce(&mut Row)) -> Result<(), Halt<E>> {
        if column >= MOST_COLUMNS {
            return Ok(());
        }
        self.cells = self.cells.saturating_add(1);
        let before = self.row.text_len();
        write(&mut self.row);
        let after = self.row.text_len();
        self.spend(u64::try_from(after.saturating_sub(before)).unwrap_or(u64::MAX).saturating_add(CELL_COST))?;
        if self.cells > MOST_COLUMNS || after > ROW_LIMIT { Err(Halt::TooMuch) } else { Ok(()) }
    }

    fn spend(&mut self, cost: u64) -> Result<(), Halt<E>> {
        *self.left = self.left.checked_sub(cost).ok_or(Halt::TooMuch)?;
        Ok(())
    }

    fn hand_out(&mut self) -> Result<(), Halt<E>> {
        if !std::mem::take(&mut self.is_open) {
            return Ok(());
        }
        self.row.settle();
        // What merged cells give costs as what stands there.
        let (cells, text) = (self.row.cells().len(), self.row.text_len());
        self.merges.apply(&mut self.row);
        let given = u64::try_from(self.row.cells().len().saturating_sub(cells)).unwrap_or(u64::MAX).saturating_mul(CELL_COST);
        self.spend(given.saturating_add(u64::try_from(self.row.text_len().saturating_sub(text)).unwrap_or(u64::MAX)))?;
        self.last = self.row.number();
        if self.row.is_empty() { Ok(()) } else { (self.sink)(Step::Row(&self.row)).map_err(Halt::Sink) }
    }

    /// Ends the sheet as its reading ended.
    pub(super) fn end(mut self, outcome: Result<(), Halt<E>>) -> Result<(), E> {
        let whole = match outcome {
            Err(Halt::TooMuch) => {
                self.is_open = false;
                false
            }
            Err(Halt::Sink(error)) => return Err(error),
            Err(Halt::Broken) => false,
            Ok(()) => true,
        };
        let whole = match self.hand_out() {
            Err(Halt::Sink(error)) => return Err(error),
            Err(Halt::Broken | Halt::TooMuch) => false,
            Ok(()) => whole,
        };
        if !whole {
            (self.sink)(Step::Damage(Damage::Broken { after: self.last }))?;
        }
        (self.sink)(Step::End)
    }
}
