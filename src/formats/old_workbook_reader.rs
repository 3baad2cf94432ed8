//! Owns reading `.xls` (BIFF5 and BIFF8, in its container or bare): sheets, cells, merged areas, what is hidden. Refuses to know what
//! columns mean.
//!
//! Decision worth knowing: this is an own reader and not calamine's, which keeps a whole sheet as a range of declared size, shows neither
//! hidden rows nor formats like 000000, and panics on damaged records. Cells are found once and listed by row, so a writer that put them
//! column by column is read all the same.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};

use super::cell_values::{Look, push_boolean, push_error, push_formatted, unpack_rk};
use super::compound::{Compound, CompoundFault, LARGEST, long_at, short_at};
use super::old_records::{CodePage, Record, Records, SharedTexts, is_bare_stream, number_at, text, text_of, version};
use super::problems::{self, FileFault};
use super::row_stream::{Halt, MOST_SHEETS, Merges, Region, RowStream, allowance};
use super::sheet::{CellKind, Row, SheetInfo, Step, Unreadable};

/// More formats of cells than this no cell can name: it has sixteen bits for it.
const MOST_LOOKS: usize = 1 << 16;

/// What holds for all sheets.
struct Workbook {
    is_biff8: bool,
    page: CodePage,
    from_1904: bool,
    looks: Vec<Look>,
    shared: SharedTexts,
    /// Place, name, hidden.
    sheets: Vec<(usize, String, bool)>,
}

/// Reads the sheets of a workbook in their order.
pub(super) fn walk<E>(mut file: File, sink: &mut dyn FnMut(Step<'_>) -> Result<(), E>) -> Result<Result<(), Unreadable>, E> {
    let stream = match stream(&mut file) {
        Ok(stream) => stream,
        Err(fault) => return Ok(Err(problems::unreadable(fault))),
    };
    let workbook = match Workbook::read(&stream) {
        Ok(workbook) => workbook,
        Err(fault) => return Ok(Err(problems::unreadable(fault))),
    };
    if workbook.sheets.len() > MOST_SHEETS {
        return Ok(Err(problems::unreadable(FileFault::TooLarge)));
    }
    let mut left = allowance(u64::try_from(stream.len()).unwrap_or(u64::MAX));
    let mut read: Vec<(usize, usize)> = Vec::new();
    for (at, name, hidden) in &workbook.sheets {
        // Sheets that claim the same bytes would cost them anew each time.
        let is_claimed = read.iter().any(|(start, end)| (*start..*end).contains(at));
        let until = read.iter().map(|(start, _)| *start).filter(|start| start > at).min().unwrap_or(stream.len());
        let found = if is_claimed { Found::default() } else { Found::read(stream.get(..until).unwrap_or_default(), *at) };
        read.push((*at, found.end));
        let hidden_columns = found.hidden_columns.clone();
        let info = SheetInfo { name: name.clone(), encoding: "xls", hidden: *hidden, hidden_columns, from_1904: workbook.from_1904 };
        sink(Step::Sheet(&info))?;
        let mut rows = RowStream::new(&mut left, Merges::new(found.regions.clone()), sink);
        let mut outcome = workbook.cells(&stream, &found, &mut rows);
        if outcome.is_ok() && !found.is_whole {
            outcome = Err(Halt::Broken);
        }
        rows.end(outcome)?;
    }
    Ok(Ok(()))
}

/// The workbook's stream.
fn stream(file: &mut File) -> Result<Vec<u8>, FileFault> {
    let mut head = Vec::new();
    let damaged = |_| FileFault::Damaged;
    file.by_ref().take(16).read_to_end(&mut head).map_err(damaged)?;
    if is_bare_stream(&head) {
        file.seek(SeekFrom::Start(0)).map_err(damaged)?;
        file.by_ref().take(LARGEST + 1).read_to_end(&mut head).map_err(damaged)?;
        head.drain(..16);
        return if u64::try_from(head.len()).is_ok_and(|length| length <= LARGEST) { Ok(head) } else { Err(FileFault::TooLarge) };
    }
    let compound = Compound::open(file).map_err(|fault| match fault {
        CompoundFault::TooLarge => FileFault::TooLarge,
        CompoundFault::Damaged => FileFault::Damaged,
    })?;
    compound.stream("Workbook").filter(|stream| !stream.is_empty()).or_else(|| compound.stream("Book")).ok_or(FileFault::Damaged)
}

impl Workbook {
    fn read(stream: &[u8]) -> Result<Self, FileFault> {
        let mut records = Records::from(stream, 0);
        let first = records.next().ok_or(FileFault::Damaged)?;
        let (is_biff8, is_sheet) = version(&first).ok_or(FileFault::UnknownOffice)?;
        let page = CodePage::Guessed;
        let mut workbook = Self { is_biff8, page, from_1904: false, looks: Vec::new(), shared: SharedTexts::default(), sheets: Vec::new() };
        if is_sheet {
            workbook.sheets.push((0, String::new(), false));
            return Ok(workbook);
        }
        let mut formats: BTreeMap<u16, Look> = BTreeMap::new();
        let mut used: Vec<u16> = Vec::new();
        let mut shared: Option<Vec<&[u8]>> = None;
        let mut is_shared_open = false;
        let mut bounds: Vec<Record<'_>> = Vec::new();
        for record in records {
            let bytes = record.bytes;
            match record.kind {
                0x002F => return Err(FileFault::Encrypted),
                0x0042 => workbook.page = CodePage::from_number(short_at(bytes, 0)),
                0x0022 => workbook.from_1904 = short_at(bytes, 0) == 1,
                0x041E => {
                    let code = if is_biff8 {
                        text(bytes.get(2..).unwrap_or_default(), true, workbook.page)
                    } else {
                        let count = bytes.get(2).copied().map_or(0, usize::from);
                        text_of(bytes.get(3..).unwrap_or_default(), count, false, workbook.page)
                    };
                    formats.insert(short_at(bytes, 0), Look::of_code(&code));
                }
                0x00E0 if used.len() < MOST_LOOKS => used.push(short_at(bytes, 2)),
                0x0085 => bounds.push(record),
                0x00FC => shared = Some(vec![bytes]),
                0x003C if is_shared_open => {
                    if let Some(parts) = &mut shared {
                        parts.push(bytes);
                    }
                }
                0x000A => break,
                _ => {}
            }
            is_shared_open = record.kind == 0x00FC || (record.kind == 0x003C && is_shared_open);
        }
        let look = |format: u16| formats.get(&format).copied().unwrap_or_else(|| Look::of_builtin(u32::from(format)));
        workbook.looks = used.into_iter().map(look).collect();
        workbook.shared = shared.map(SharedTexts::read).unwrap_or_default();
        for record in bounds.into_iter().take(MOST_SHEETS + 1) {
            let bytes = record.bytes;
            let (state, kind) = (bytes.get(4).copied().unwrap_or(0), bytes.get(5).copied().unwrap_or(0));
            // Charts, macros and Basic modules have no rows.
            if kind != 0 {
                continue;
            }
            let count = bytes.get(6).copied().map_or(0, usize::from);
            let name = text_of(bytes.get(7..).unwrap_or_default(), count, is_biff8, workbook.page);
            let place = usize::try_from(long_at(bytes, 0)).unwrap_or(usize::MAX);
            workbook.sheets.push((place, name.replace('\0', ""), state & 3 != 0));
        }
        if workbook.sheets.is_empty() { Err(FileFault::Damaged) } else { Ok(workbook) }
    }

    fn cells<E>(&self, stream: &[u8], found: &Found, rows: &mut RowStream<'_, E>) -> Result<(), Halt<E>> {
        for &(row, _, at) in &found.cells {
            let mut records = Records::from(stream, at);
            let Some(record) = records.next() else { return Err(Halt::Broken) };
            rows.row(u32::from(row) + 1, found.is_hidden(row))?;
            self.cell(record, records, rows)?;
        }
        Ok(())
    }

    fn look(&self, format: u16) -> Look {
        self.looks.get(usize::from(format)).copied().unwrap_or_default()
    }

    fn cell<E>(&self, record: Record<'_>, mut following: Records<'_>, rows: &mut RowStream<'_, E>) -> Result<(), Halt<E>> {
        let bytes = record.bytes;
        let column = u32::from(short_at(bytes, 2));
        let look = self.look(short_at(bytes, 4));
        let number = |row: &mut Row, value: f64| push_formatted(row, column, value, look, self.from_1904);
        match record.kind {
            0x0203 => rows.cell(column, |row| number(row, number_at(bytes, 6))),
            0x027E => rows.cell(column, |row| number(row, unpack_rk(long_at(bytes, 6)))),
            0x00BD => {
                // Each with its format, then its number; the last column stands at the end.
                let packed = bytes.get(4..bytes.len().saturating_sub(2)).unwrap_or_default();
                for (column, one) in (column..).zip(packed.chunks_exact(6)) {
                    let look = self.look(short_at(one, 0));
                    rows.cell(column, |row| push_formatted(row, column, unpack_rk(long_at(one, 2)), look, self.from_1904))?;
                }
                Ok(())
            }
            0x0204 | 0x00D6 => {
                let text = text(bytes.get(6..).unwrap_or_default(), self.is_biff8, self.page);
                rows.cell(column, |row| row.push(column, &text, CellKind::Text))
            }
            0x00FD => match self.shared.get(long_at(bytes, 6)) {
                Some(text) => rows.cell(column, |row| row.push(column, text, CellKind::Text)),
                None => Err(Halt::Broken),
            },
            0x0205 => {
                let (value, is_error) = (bytes.get(6).copied().unwrap_or(0), bytes.get(7).is_some_and(|kind| *kind != 0));
                rows.cell(column, |row| if is_error { push_error(row, column, value) } else { push_boolean(row, column, value != 0) })
            }
            _ => {
                let kept = bytes.get(6..14).unwrap_or_default();
                if short_at(kept, 6) != 0xFFFF {
                    return rows.cell(column, |row| number(row, number_at(kept, 0)));
                }
                let value = kept.get(2).copied().unwrap_or(0);
                match kept.first() {
                    Some(0) => {
                        // Between a formula and its text its shared or its array's definition may stand.
                        let text = following.by_ref().take(3).find(|next| !matches!(next.kind, 0x04BC | 0x0221 | 0x0236));
                        let text = text.filter(|next| next.kind == 0x0207);
                        let text = text.map(|next| self::text(next.bytes, self.is_biff8, self.page)).unwrap_or_default();
                        rows.cell(column, |row| row.push(column, &text, CellKind::Text))
                    }
                    Some(1) => rows.cell(column, |row| push_boolean(row, column, value != 0)),
                    Some(2) => rows.cell(column, |row| push_error(row, column, value)),
                    _ => Ok(()),
                }
            }
        }
    }
}

/// What a look over a sheet's records finds.
#[derive(Default)]
struct Found {
    /// Row, column and place of each cell's record, by row and column.
    cells: Vec<(u16, u16, usize)>,
    regions: Vec<Region>,
    hidden_columns: Vec<(u32, u32)>,
    /// Ascending.
    hidden_rows: Vec<u16>,
    /// Where the look ended, and whether that was the sheet's end.
    end: usize,
    is_whole: bool,
}

impl Found {
    fn read(stream: &[u8], at: usize) -> Self {
        let mut found = Self::default();
        // Charts inside a sheet are sheets of their own inside it.
        let mut depth = 0_u32;
        for record in Records::from(stream, at) {
            let bytes = record.bytes;
            found.end = record.at + 1;
            match record.kind {
                0x0809 => depth = depth.saturating_add(1),
                0x000A => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        found.is_whole = true;
                        break;
                    }
                }
                _ if depth == 0 => break,
                _ if depth > 1 => {}
                // A number, a packed one, several, a text of its own, a shared one, a truth or error, a formula.
                0x0203 | 0x027E | 0x00BD | 0x0204 | 0x00D6 | 0x00FD | 0x0205 | 0x0006 if bytes.len() >= 6 => {
                    found.cells.push((short_at(bytes, 0), short_at(bytes, 2), record.at));
                }
                0x00E5 => found.regions.extend(bytes.get(2..).unwrap_or_default().chunks_exact(8).take(Merges::LIMIT).map(|one| Region {
                    first_row: u32::from(short_at(one, 0)),
                    last_row: u32::from(short_at(one, 2)),
                    first_column: u32::from(short_at(one, 4)),
                    last_column: u32::from(short_at(one, 6)),
                })),
                0x0208 if bytes.get(12).is_some_and(|flags| flags & 0x20 != 0) => found.hidden_rows.push(short_at(bytes, 0)),
                0x007D if short_at(bytes, 8) & 1 != 0 => {
                    found.hidden_columns.push((u32::from(short_at(bytes, 0)), u32::from(short_at(bytes, 2))));
                }
                _ => {}
            }
        }
        if !found.cells.is_sorted() {
            found.cells.sort_unstable();
        }
        found.hidden_rows.sort_unstable();
        found
    }

    fn is_hidden(&self, row: u16) -> bool {
        self.hidden_rows.binary_search(&row).is_ok()
    }
}
