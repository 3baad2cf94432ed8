//! Owns reading `.xlsx` cell by cell. Refuses to know what columns mean.
//!
//! Decision worth knowing: cells are streamed with their absolute addresses, so neither a declared dimension of the whole sheet nor a
//! table that begins at C7 costs or shifts anything. Numbers become text with at most the fifteen digits that Excel keeps.

use std::fs::File;
use std::io::BufReader;

use calamine::{DataRef, Reader as _, SheetType, SheetVisible, Xlsx, XlsxError};

use super::cell_values::{push_boolean, push_moment, push_number, write_plain, zeros_of};
use super::problems::{self, FileFault};
use super::row_stream::{MOST_COLUMNS, MOST_ROWS, Merges, ROW_LIMIT};
use super::sheet::{CellKind, Damage, Row, SheetInfo, Step, Unreadable};
use super::sheet_scan::{self, SheetScan};
use crate::domain::mark_text::UNCOMPUTED;

/// Reads the sheets of a workbook in their order.
pub(super) fn walk<E>(mut file: File, sink: &mut dyn FnMut(Step<'_>) -> Result<(), E>) -> Result<Result<(), Unreadable>, E> {
    let size = file.metadata().map_or(0, |metadata| metadata.len());
    let mut scans = sheet_scan::scan(&mut file, size);
    let mut workbook: Xlsx<_> = match Xlsx::new(BufReader::with_capacity(64 << 10, file)) {
        Ok(workbook) => workbook,
        Err(XlsxError::Password) => return Ok(Err(problems::unreadable(FileFault::Encrypted))),
        Err(_) => return Ok(Err(problems::unreadable(FileFault::Damaged))),
    };
    let from_1904 = workbook.has_1904_epoch();
    let sheets = workbook.sheets_metadata().to_vec();
    for sheet in sheets {
        if sheet.typ != SheetType::WorkSheet {
            continue;
        }
        let mut scan = scans.remove(&sheet.name).unwrap_or_default();
        let hidden_columns = std::mem::take(&mut scan.hidden_columns);
        let merges = Merges::new(std::mem::take(&mut scan.regions));
        let hidden = sheet.visible != SheetVisible::Visible;
        let info = SheetInfo { name: sheet.name, encoding: "xlsx", hidden, hidden_columns, from_1904 };
        sink(Step::Sheet(&info))?;
        walk_sheet(&mut workbook, &info.name, &scan, merges, sink)?;
        sink(Step::End)?;
    }
    Ok(Ok(()))
}

fn walk_sheet<E>(
    workbook: &mut Xlsx<BufReader<File>>,
    name: &str,
    scan: &SheetScan,
    mut merges: Merges,
    sink: &mut dyn FnMut(Step<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let mut cells = match workbook.worksheet_cells_reader(name) {
        Ok(cells) => cells,
        Err(XlsxError::NotAWorksheet(_)) => return Ok(()),
        Err(_) => return sink(Step::Damage(Damage::Broken { after: 0 })),
    };
    // A format of zeros only (000000) shows that many digits: a postcode typed as a number.
    let zeros: Vec<usize> =
        cells.styles().iter().map(|style| style.number_format.as_ref().map_or(0, |format| zeros_of(&format.format_code))).collect();
    let mut row = Row::default();
    let mut open = false;
    let (mut rows, mut cells_of_row) = (0_u32, 0_u32);
    loop {
        let cell = match cells.next_cell_with_style_id() {
            Ok(Some((cell, style))) if is_within(cell.get_position()) => (cell, style),
            Ok(None) => break,
            Ok(Some(_)) | Err(_) => {
                if open {
                    hand_out(&mut row, &mut merges, sink)?;
                }
                return sink(Step::Damage(Damage::Broken { after: if open { row.number() } else { 0 } }));
            }
        };
        let (cell, style) = cell;
        let (index, column) = cell.get_position();
        let number = index.saturating_add(1);
        let is_empty = matches!(cell.get_value(), DataRef::Empty);
        if is_empty && !scan.is_uncomputed(number, column) {
            continue;
        }
        if !open || row.number() != number {
            if open {
                hand_out(&mut row, &mut merges, sink)?;
            }
            row.reset(number);
            row.set_hidden(scan.is_hidden(number));
            open = true;
            rows = rows.saturating_add(1);
            cells_of_row = 0;
        }
        cells_of_row = cells_of_row.saturating_add(1);
        if rows > MOST_ROWS || cells_of_row > MOST_COLUMNS {
            return sink(Step::Damage(Damage::Broken { after: number.saturating_sub(1) }));
        }
        if row.text_len().saturating_add(length(cell.get_value())) > ROW_LIMIT {
            return sink(Step::Damage(Damage::Broken { after: number.saturating_sub(1) }));
        }
        if is_empty {
            row.push(column, UNCOMPUTED, CellKind::Uncomputed);
            continue;
        }
        push(&mut row, column, cell.get_value(), zeros.get(style).copied().unwrap_or(0));
    }
    if open {
        hand_out(&mut row, &mut merges, sink)?;
    }
    Ok(())
}

/// Whether a cell lies on a sheet; an address that is none may have become any number.
fn is_within((row, column): (u32, u32)) -> bool {
    row < MOST_ROWS && column < MOST_COLUMNS
}

fn hand_out<E>(row: &mut Row, merges: &mut Merges, sink: &mut dyn FnMut(Step<'_>) -> Result<(), E>) -> Result<(), E> {
    row.settle();
    merges.apply(row);
    sink(Step::Row(row))
}

/// How many bytes of text a cell adds to its row.
fn length(value: &DataRef<'_>) -> usize {
    match value {
        DataRef::String(text) | DataRef::DurationIso(text) | DataRef::DateTimeIso(text) => text.len(),
        DataRef::SharedString(text) => text.len(),
        DataRef::Empty | DataRef::Bool(_) | DataRef::Int(_) | DataRef::Float(_) | DataRef::DateTime(_) | DataRef::Error(_) => 0,
    }
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
