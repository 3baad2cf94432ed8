//! Owns reading `.xlsx` cell by cell. Refuses to know what columns mean.
//!
//! Decision worth knowing: cells are streamed with their absolute addresses, so neither a declared dimension of the whole sheet nor a
//! table that begins at C7 costs or shifts anything. Numbers become text with at most the fifteen digits that Excel keeps. Markup takes
//! longer to read than what is made of it: a large workbook is read ahead by a thread of its own.

use std::fs::File;
use std::io::BufReader;

use calamine::{DataRef, Reader as _, SheetType, SheetVisible, Xlsx, XlsxError};

use super::cell_values::{push_boolean, push_moment, push_number, write_plain, zeros_of};
use super::measured_archive::MeasuredArchive;
use super::problems::{self, FileFault};
use super::row_stream::{Halt, MOST_COLUMNS, MOST_SHEETS, Merges, RowStream, allowance};
use super::sheet::{CellKind, Damage, Row, SheetInfo, Step, Unreadable};
use super::sheet_scan::{self, SheetScan};
use crate::domain::mark_text::UNCOMPUTED;
use crate::domain::threads::{HandOver, ahead};

type Workbook = Xlsx<BufReader<MeasuredArchive>>;

/// Files of so many bytes are read ahead.
pub(super) const LARGE: u64 = 1 << 20;

/// Reads the sheets of a workbook in their order.
pub(super) fn walk<E>(file: &File, sink: &mut dyn FnMut(Step<'_>) -> Result<(), E>) -> Result<Result<(), Unreadable>, E> {
    let size = file.metadata().map_or(0, |metadata| metadata.len());
    if size < LARGE {
        return walk_sheets(file, size, sink);
    }
    let cost = |step: &OwnStep| if let OwnStep::Row(row) = step { row.cost() } else { 0 };
    let make = |hand_over: HandOver<'_, OwnStep>| walk_sheets(file, size, &mut |step| hand_over(step.into()));
    let walked = ahead(cost, make, &mut |step| sink(step.lent()))?;
    // Nothing is left out where the sink did not stop.
    Ok(walked.unwrap_or(Ok(())))
}

/// A [`Step`] on its way to another thread.
enum OwnStep {
    Sheet(SheetInfo),
    Row(Row),
    Damage(Damage),
    End,
}

impl From<Step<'_>> for OwnStep {
    fn from(step: Step<'_>) -> Self {
        match step {
            Step::Sheet(info) => Self::Sheet(info.clone()),
            Step::Row(row) => Self::Row(row.clone()),
            Step::Damage(damage) => Self::Damage(damage),
            Step::End => Self::End,
        }
    }
}

impl OwnStep {
    fn lent(&self) -> Step<'_> {
        match self {
            Self::Sheet(info) => Step::Sheet(info),
            Self::Row(row) => Step::Row(row),
            Self::Damage(damage) => Step::Damage(*damage),
            Self::End => Step::End,
        }
    }
}

fn walk_sheets<E>(file: &File, size: u64, sink: &mut dyn FnMut(Step<'_>) -> Result<(), E>) -> Result<Result<(), Unreadable>, E> {
    let mut left = allowance(size);
    let Some(mut scans) = sheet_scan::scan(file) else { return Ok(Err(problems::unreadable(FileFault::Damaged))) };
    let Ok(shown) = MeasuredArchive::open(file) else { return Ok(Err(problems::unreadable(FileFault::Damaged))) };
    let mut workbook: Workbook = match Xlsx::new(BufReader::new(shown)) {
        Ok(workbook) => workbook,
        Err(XlsxError::Password) => return Ok(Err(problems::unreadable(FileFault::Encrypted))),
        Err(_) => return Ok(Err(problems::unreadable(FileFault::Damaged))),
    };
    let from_1904 = workbook.has_1904_epoch();
    let sheets = workbook.sheets_metadata().to_vec();
    if sheets.len() > MOST_SHEETS {
        return Ok(Err(problems::unreadable(FileFault::TooLarge)));
    }
    let mut zeros: Option<Vec<usize>> = None;
    for sheet in sheets {
        if sheet.typ != SheetType::WorkSheet {
            continue;
        }
        let scan = scans.remove(&sheet.name);
        let (hidden_columns, regions) = scan.as_ref().map(|scan| (scan.hidden_columns.clone(), scan.regions.clone())).unwrap_or_default();
        let hidden = sheet.visible != SheetVisible::Visible;
        let info = SheetInfo { name: sheet.name, encoding: "xlsx", hidden, hidden_columns, from_1904 };
        sink(Step::Sheet(&info))?;
        let mut rows = RowStream::new(&mut left, Merges::new(regions), sink);
        let outcome = scan.map_or(Err(Halt::Broken), |scan| cells(&mut workbook, &info.name, &scan, &mut zeros, &mut rows));
        rows.end(outcome)?;
    }
    Ok(Ok(()))
}

fn cells<E>(
    workbook: &mut Workbook,
    name: &str,
    scan: &SheetScan,
    zeros: &mut Option<Vec<usize>>,
    rows: &mut RowStream<'_, E>,
) -> Result<(), Halt<E>> {
    let mut cells = match workbook.worksheet_cells_reader(name) {
        Ok(cells) => cells,
        Err(XlsxError::NotAWorksheet(_)) => return Ok(()),
        Err(_) => return Err(Halt::Broken),
    };
    // A format of zeros only (000000) shows that many digits: a postcode typed as a number.
    let zeros = zeros.get_or_insert_with(|| {
        cells.styles().iter().map(|style| style.number_format.as_ref().map_or(0, |format| zeros_of(&format.format_code))).collect()
    });
    let mut at = 0;
    while let Some((cell, style)) = cells.next_cell_with_style_id().map_err(|_| Halt::Broken)? {
        let (index, column) = cell.get_position();
        // An address that is none may have become any number.
        if column >= MOST_COLUMNS {
            return Err(Halt::Broken);
        }
        let number = index.saturating_add(1);
        let is_empty = matches!(cell.get_value(), DataRef::Empty);
        if is_empty && !scan.is_uncomputed(number, column) {
            continue;
        }
        if number != at {
            rows.row(number, scan.is_hidden(number))?;
            at = number;
        }
        rows.cell(column, |row| {
            if is_empty {
                row.push(column, UNCOMPUTED, CellKind::Uncomputed);
            } else {
                push(row, column, cell.get_value(), zeros.get(style).copied().unwrap_or(0));
            }
        })?;
    }
    Ok(())
}

fn push(row: &mut Row, column: u32, value: &DataRef<'_>, zeros: usize) {
    match value {
        DataRef::Empty => {}
        DataRef::String(text) | DataRef::DurationIso(text) => row.push(column, text, CellKind::Text),
        DataRef::SharedString(text) => row.push(column, text, CellKind::Text),
        DataRef::Bool(value) => push_boolean(row, column, *value),
        DataRef::Int(value) => row.push_with(column, CellKind::Number, |text| write_plain(text, *value)),
        DataRef::Float(value) => push_number(row, column, *value, zeros),
        DataRef::DateTime(moment) => push_moment(row, column, moment),
        DataRef::DateTimeIso(text) => row.push(column, &text.replace('T', " "), CellKind::Date),
        DataRef::Error(error) => row.push_with(column, CellKind::Error, |text| write_plain(text, error)),
    }
}
