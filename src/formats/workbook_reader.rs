//! Owns reading `.xlsx` cell by cell. Refuses to know what columns mean.
//!
//! Decision worth knowing: cells are streamed with their absolute addresses, so neither a declared dimension of the whole sheet nor a
//! table that begins at C7 costs or shifts anything. Numbers become text with at most the fifteen digits that Excel keeps.

use std::fmt::Write as _;
use std::fs::File;
use std::io::BufReader;

use calamine::{DataRef, Dimensions, Reader as _, SheetType, SheetVisible, Xlsx, XlsxError};

use jiff::Unit;
use jiff::civil::{DateTime, Time};

use super::problems::{self, FileFault};
use super::sheet::{CellKind, Damage, Row, SheetInfo, Step, Unreadable};

/// Merged cells are looked for in files of at most so many bytes: a table of works that people merged by hand is small, and looking
/// costs a second reading.
const MERGES_UP_TO: u64 = 4 << 20;

/// Excel's own bounds of a sheet; what goes beyond them no office program wrote.
const MOST_COLUMNS: usize = 16_384;
/// See `MOST_COLUMNS`.
const MOST_ROWS: usize = 1_048_576;
/// The longest text of a row in bytes, as in text tables: a shared text costs its file once and each of its cells anew.
const ROW_LIMIT: usize = 8 << 20;

/// Reads the sheets of a workbook in their order.
pub(super) fn walk<E>(file: File, sink: &mut dyn FnMut(Step<'_>) -> Result<(), E>) -> Result<Result<(), Unreadable>, E> {
    let size = file.metadata().map_or(0, |metadata| metadata.len());
    let mut workbook: Xlsx<_> = match Xlsx::new(BufReader::with_capacity(64 << 10, file)) {
        Ok(workbook) => workbook,
        Err(XlsxError::Password) => return Ok(Err(problems::unreadable(FileFault::Encrypted))),
        Err(_) => return Ok(Err(problems::unreadable(FileFault::Damaged))),
    };
    let reads_merges = size <= MERGES_UP_TO;
    let from_1904 = workbook.has_1904_epoch();
    let sheets = workbook.sheets_metadata().to_vec();
    for sheet in sheets {
        if sheet.typ != SheetType::WorkSheet {
            continue;
        }
        let info = SheetInfo { name: sheet.name, encoding: "xlsx", hidden: sheet.visible != SheetVisible::Visible, from_1904 };
        sink(Step::Sheet(&info))?;
        let regions = if reads_merges { workbook.merge_cells_by_sheet_name(&info.name).unwrap_or_default() } else { Vec::new() };
        walk_sheet(&mut workbook, &info.name, Merges::new(&regions), sink)?;
        sink(Step::End)?;
    }
    Ok(Ok(()))
}

fn walk_sheet<E>(
    workbook: &mut Xlsx<BufReader<File>>,
    name: &str,
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
    let (mut rows, mut cells_of_row) = (0_usize, 0_usize);
    loop {
        let cell = match cells.next_cell_with_style_id() {
            Ok(Some(cell)) => cell,
            Ok(None) => break,
            Err(_) => {
                if open {
                    hand_out(&mut row, &mut merges, sink)?;
                }
                return sink(Step::Damage(Damage::Broken { after: if open { row.number() } else { 0 } }));
            }
        };
        let (cell, style) = cell;
        let (index, column) = cell.get_position();
        let number = index.saturating_add(1);
        if matches!(cell.get_value(), DataRef::Empty) {
            continue;
        }
        if !open || row.number() != number {
            if open {
                hand_out(&mut row, &mut merges, sink)?;
            }
            row.reset(number);
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
        push(&mut row, column, cell.get_value(), zeros.get(style).copied().unwrap_or(0));
    }
    if open {
        hand_out(&mut row, &mut merges, sink)?;
    }
    Ok(())
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

/// Merged cells keep their value in the first row only; this gives it to the rows below.
#[derive(Default)]
struct Merges {
    /// First row, last row (from 0) and column, by first row, the next one last.
    waiting: Vec<(u32, u32, u32)>,
    /// Last row, column, text and kind of those that the rows have reached.
    active: Vec<(u32, u32, String, CellKind)>,
}

impl Merges {
    /// More than this in a sheet, or reaching into one row, no person has merged.
    const LIMIT: usize = 20_000;
    const ACTIVE_LIMIT: usize = 256;

    /// Those that go over several rows.
    fn new(regions: &[Dimensions]) -> Self {
        let tall = regions.iter().filter(|region| region.end.0 > region.start.0).take(Self::LIMIT);
        let mut waiting: Vec<_> = tall.map(|region| (region.start.0, region.end.0, region.start.1)).collect();
        waiting.sort_unstable_by(|one, other| other.cmp(one));
        Self { waiting, active: Vec::new() }
    }

    /// Fills the row and remembers what begins in it.
    fn apply(&mut self, row: &mut Row) {
        let index = row.number().saturating_sub(1);
        self.active.retain(|(last, ..)| *last >= index);
        for (_, column, text, kind) in &self.active {
            if row.cell(*column).is_none() && row.text_len().saturating_add(text.len()) <= ROW_LIMIT {
                row.push_merged(*column, text, *kind);
                row.settle();
            }
        }
        while let Some(&(first, last, column)) = self.waiting.last() {
            if first > index {
                break;
            }
            self.waiting.pop();
            if first == index
                && self.active.len() < Self::ACTIVE_LIMIT
                && let Some(cell) = row.cell(column)
            {
                self.active.push((last, column, cell.text.to_owned(), cell.kind));
            }
        }
    }
}

/// The length of a number format that is zeros only.
fn zeros_of(format: &str) -> usize {
    if (2..=15).contains(&format.len()) && format.bytes().all(|byte| byte == b'0') { format.len() } else { 0 }
}

fn push(row: &mut Row, column: u32, value: &DataRef<'_>, zeros: usize) {
    match value {
        DataRef::Empty => {}
        DataRef::String(text) | DataRef::DurationIso(text) => row.push(column, text, CellKind::Text),
        DataRef::SharedString(text) => row.push(column, text, CellKind::Text),
        DataRef::Bool(value) => row.push(column, if *value { "TRUE" } else { "FALSE" }, CellKind::Boolean),
        DataRef::Int(value) => row.push_with(column, CellKind::Number, |text| write_plain(text, *value)),
        DataRef::Float(value) => push_number(row, column, *value, zeros),
        DataRef::DateTime(moment) => push_moment(row, column, moment),
        DataRef::DateTimeIso(text) => row.push(column, &text.replace('T', " "), CellKind::Date),
        DataRef::Error(error) => row.push_with(column, CellKind::Error, |text| write_plain(text, error)),
    }
}

/// Writing into a `String` cannot fail.
fn write_plain(text: &mut String, value: impl std::fmt::Display) {
    write!(text, "{value}").unwrap_or_default();
}

/// A number in plain digits. Excel keeps fifteen: whole numbers beyond them have lost their tail, fractions are rounded to them.
fn push_number(row: &mut Row, column: u32, value: f64, zeros: usize) {
    if !value.is_finite() || value.abs() >= 1e15 {
        row.push_with(column, CellKind::LostNumber, |text| write_plain(text, value));
        return;
    }
    row.push_with(column, CellKind::Number, |text| {
        let start = text.len();
        if zeros > 0 && value >= 0.0 && value.fract() == 0.0 {
            write_plain(text, format_args!("{value:0zeros$}"));
            return;
        }
        write_plain(text, value);
        let digits = text.bytes().skip(start).filter(u8::is_ascii_digit).count();
        if digits > 15 {
            text.truncate(start);
            write_rounded(text, value);
        }
    });
}

/// The number with fifteen significant digits, trailing zeros dropped.
fn write_rounded(text: &mut String, value: f64) {
    let scientific = format!("{value:.14e}");
    let exponent: i32 = scientific.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0);
    let decimals = usize::try_from(14 - exponent).unwrap_or(0).min(30);
    let fixed = format!("{value:.decimals$}");
    let shown = if fixed.contains('.') { fixed.trim_end_matches('0').trim_end_matches('.') } else { fixed.as_str() };
    text.push_str(if shown.is_empty() || shown == "-0" { "0" } else { shown });
}

fn push_moment(row: &mut Row, column: u32, moment: &calamine::ExcelDateTime) {
    let serial = moment.as_f64();
    if !(0.0..2_958_466.0).contains(&serial) {
        push_number(row, column, serial, 0);
        return;
    }
    if serial < 1.0 || moment.is_duration() {
        // 25:30 in a cell is more than a day to Excel: its days are hours.
        let (hours, minutes, seconds) = clock(moment);
        row.push_with(column, CellKind::Time, |text| write_plain(text, format_args!("{hours}:{minutes:02}:{seconds:02}")));
        return;
    }
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    let small = |number: u8| i8::try_from(number).unwrap_or(-1);
    let exact = DateTime::new(
        i16::try_from(year).unwrap_or(-1),
        small(month),
        small(day),
        small(hour),
        small(minute),
        small(second),
        i32::from(milli).saturating_mul(1_000_000),
    );
    // A time is stored with a millisecond's error at most; the nearest second may be tomorrow's first.
    match exact.and_then(|exact| exact.round(Unit::Second)) {
        Ok(at) if at.time() == Time::midnight() => row.push_with(column, CellKind::Date, |text| write_plain(text, at.date())),
        Ok(at) => row.push_with(column, CellKind::Date, |text| write_plain(text, at.strftime("%Y-%m-%d %H:%M:%S"))),
        // Excel's 29 February 1900.
        Err(_) => push_number(row, column, serial, 0),
    }
}

/// Hours, minutes and seconds of a span, to the nearest second.
fn clock(span: &calamine::ExcelDateTime) -> (u64, u64, u64) {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between nothing and three million days")]
    let days = span.as_f64().trunc() as u64;
    let (_, _, _, hour, minute, second, milli) = span.to_ymd_hms_milli();
    let seconds = ((days * 24 + u64::from(hour)) * 60 + u64::from(minute)) * 60 + u64::from(second) + u64::from(milli >= 500);
    (seconds / 3600, seconds / 60 % 60, seconds % 60)
}
