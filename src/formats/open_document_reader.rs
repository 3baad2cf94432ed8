//! Owns reading `.ods`: sheets, cells, merged areas, what is hidden. Refuses to know what columns mean.
//!
//! Decision worth knowing: this is an own reader and not calamine's, which knows no merged areas and nothing hidden, builds a repeated
//! row in memory as often as it is said to repeat, and waits for ever on a comment without end. Rows stream; a repeated row that holds
//! something is given at most ten thousand times.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use super::cell_values::{push_boolean, push_number, write_plain};
use super::problems::{self, FileFault};
use super::row_stream::{Halt, MOST_COLUMNS, Merges, ROW_LIMIT, Region, RowStream, allowance};
use super::sheet::{CellKind, Row, SheetInfo, Step, Unreadable};
use super::xml;

/// A row that repeats more often than this in a sheet and holds something was never typed.
const MOST_REPEATED: u32 = 10_000;
/// The longest manifest that is looked through for a password.
const MANIFEST: u64 = 1 << 20;

/// Reads the sheets of a workbook in their order.
pub(super) fn walk<E>(file: File, sink: &mut dyn FnMut(Step<'_>) -> Result<(), E>) -> Result<Result<(), Unreadable>, E> {
    let refused = |fault| Ok(Err(problems::unreadable(fault)));
    let left = allowance(file.metadata().map_or(0, |metadata| metadata.len()));
    let Ok(mut archive) = ZipArchive::new(BufReader::with_capacity(64 << 10, file)) else { return refused(FileFault::Damaged) };
    let mut manifest = Vec::new();
    if let Ok(part) = archive.by_name("META-INF/manifest.xml") {
        // A manifest that breaks off says no less than it says.
        let _ = part.take(MANIFEST).read_to_end(&mut manifest);
    }
    if manifest.windows(15).any(|window| window == b"encryption-data") {
        return refused(FileFault::Encrypted);
    }
    let Ok(part) = archive.by_name("content.xml") else { return refused(FileFault::Damaged) };
    let mut document = Document {
        reader: xml::reader(BufReader::with_capacity(64 << 10, part)),
        buffer: Vec::new(),
        hidden_styles: BTreeSet::new(),
        left,
    };
    match document.walk(sink) {
        Ok(true) => Ok(Ok(())),
        Ok(false) => refused(FileFault::Damaged),
        Err(error) => Err(error),
    }
}

struct Document<R: BufRead> {
    reader: Reader<R>,
    buffer: Vec<u8>,
    /// Styles of sheets that are not shown.
    hidden_styles: BTreeSet<String>,
    /// What the file may still give.
    left: u64,
}

/// A cell as its row holds it.
struct OpenCell {
    column: u32,
    repeated: u32,
    value: Value,
    down: u32,
    across: u32,
}

enum Value {
    Text(String),
    Number(f64, String),
    Boolean(bool),
    Date(String),
    Time(String),
    Error(String),
}

impl<R: BufRead> Document<R> {
    /// Whether at least one sheet was met.
    fn walk<E>(&mut self, sink: &mut dyn FnMut(Step<'_>) -> Result<(), E>) -> Result<bool, E> {
        let mut style = String::new();
        let mut sheets = 0_u32;
        loop {
            self.buffer.clear();
            match self.reader.read_event_into(&mut self.buffer) {
                Ok(Event::Start(element)) => match xml::local(&element) {
                    "style" => style = xml::attribute(&element, "name").unwrap_or_default().into_owned(),
                    "table-properties" if xml::attribute(&element, "display").is_some_and(|shown| shown == "false") => {
                        self.hidden_styles.insert(style.clone());
                    }
                    "tracked-changes" if xml::pass(&mut self.reader, &mut Vec::new()).is_none() => return Ok(sheets > 0),
                    "table" => {
                        let name = xml::attribute(&element, "name").unwrap_or_default().into_owned();
                        let hidden = xml::attribute(&element, "style-name").is_some_and(|style| self.hidden_styles.contains(&*style));
                        sheets += 1;
                        self.table(SheetInfo { name, encoding: "ods", hidden, ..SheetInfo::default() }, sink)?;
                    }
                    _ => {}
                },
                Ok(Event::Eof) | Err(_) => return Ok(sheets > 0),
                Ok(_) => {}
            }
        }
    }

    /// Reads a sheet whose start was met.
    fn table<E>(&mut self, mut info: SheetInfo, sink: &mut dyn FnMut(Step<'_>) -> Result<(), E>) -> Result<(), E> {
        let first = self.columns(&mut info);
        sink(Step::Sheet(&info))?;
        let mut left = self.left;
        let mut rows = RowStream::new(&mut left, Merges::default(), sink);
        let outcome = match first {
            Some(Part::Row(row)) => self.rows(row, &mut rows),
            Some(_) => Ok(()),
            None => Err(Halt::Broken),
        };
        let ended = rows.end(outcome);
        self.left = left;
        ended
    }

    /// Reads a sheet's columns up to its first row or its end; `None` where the document breaks.
    fn columns(&mut self, info: &mut SheetInfo) -> Option<Part> {
        let mut column = 0_u32;
        loop {
            match self.next_part()? {
                other @ (Part::Row(_) | Part::End) => return Some(other),
                Part::Column { repeated, hidden } => {
                    let last = column.saturating_add(repeated.saturating_sub(1));
                    if hidden && column < MOST_COLUMNS && info.hidden_columns.len() < 1_000 {
                        info.hidden_columns.push((column, last));
                    }
                    column = last.saturating_add(1);
                }
            }
        }
    }

    fn rows<E>(&mut self, first: RowHead, rows: &mut RowStream<'_, E>) -> Result<(), Halt<E>> {
        let mut number = 1_u32;
        let mut repeated = 0_u32;
        let mut head = first;
        loop {
            let cells = self.row()?;
            if cells.is_empty() {
                number = number.saturating_add(head.repeated);
            } else {
                let times = head.repeated.max(1);
                repeated = repeated.saturating_add(times - 1);
                for _ in 0..times.min(MOST_REPEATED) {
                    emit(number, head.hidden, &cells, rows)?;
                    number = number.saturating_add(1);
                }
                if repeated > MOST_REPEATED {
                    return Err(Halt::Broken);
                }
            }
            loop {
                match self.next_part().ok_or(Halt::Broken)? {
                    Part::Row(next) => {
                        head = next;
                        break;
                    }
                    Part::End => return Ok(()),
                    Part::Column { .. } => {}
                }
            }
        }
    }

    /// The next column or row of a sheet, or its end. Groups are entered, all else is passed over.
    fn next_part(&mut self) -> Option<Part> {
        loop {
            self.buffer.clear();
            match self.reader.read_event_into(&mut self.buffer) {
                Ok(Event::Start(element)) => match xml::local(&element) {
                    "table-row" => {
                        let repeated = xml::number(&element, "number-rows-repeated").unwrap_or(1);
                        return Some(Part::Row(RowHead { repeated, hidden: is_hidden(&element) }));
                    }
                    "table-column" => {
                        let repeated = xml::number(&element, "number-columns-repeated").unwrap_or(1);
                        return Some(Part::Column { repeated, hidden: is_hidden(&element) });
                    }
                    "table-columns"
                    | "table-header-columns"
                    | "table-column-group"
                    | "table-header-rows"
                    | "table-rows"
                    | "table-row-group" => {}
                    _ => xml::pass(&mut self.reader, &mut Vec::new())?,
                },
                Ok(Event::End(element)) if element.local_name().into_inner() == "table" => return Some(Part::End),
                Ok(Event::Eof) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// Reads the cells of a row that hold anything.
    fn row<E>(&mut self) -> Result<Vec<OpenCell>, Halt<E>> {
        let mut cells = Vec::new();
        let mut column = 0_u32;
        let mut text = 0_usize;
        loop {
            self.buffer.clear();
            match self.reader.read_event_into(&mut self.buffer) {
                Ok(Event::Start(element)) => {
                    let repeated: u32 = xml::number(&element, "number-columns-repeated").unwrap_or(1);
                    let element = element.into_owned();
                    match xml::local(&element) {
                        "table-cell" => {
                            let shown = cell_text(&mut self.reader, &mut self.buffer).ok_or(Halt::Broken)?;
                            text = text.saturating_add(shown.len());
                            if text > ROW_LIMIT || cells.len() > usize::try_from(MOST_COLUMNS).unwrap_or(usize::MAX) {
                                return Err(Halt::TooMuch);
                            }
                            if let Some(value) = value(&element, shown) {
                                let down = xml::number(&element, "number-rows-spanned").unwrap_or(1);
                                let across = xml::number(&element, "number-columns-spanned").unwrap_or(1);
                                cells.push(OpenCell { column, repeated, value, down, across });
                            }
                        }
                        // What lies under a merged cell nobody sees.
                        _ => xml::pass(&mut self.reader, &mut self.buffer).ok_or(Halt::Broken)?,
                    }
                    column = column.saturating_add(repeated);
                }
                Ok(Event::End(_)) => return Ok(cells),
                Ok(Event::Eof) | Err(_) => return Err(Halt::Broken),
                Ok(_) => {}
            }
        }
    }
}

struct RowHead {
    repeated: u32,
    hidden: bool,
}

enum Part {
    Row(RowHead),
    Column { repeated: u32, hidden: bool },
    End,
}

/// Hidden by hand or by a filter.
fn is_hidden(element: &BytesStart<'_>) -> bool {
    xml::attribute(element, "visibility").is_some_and(|shown| shown != "visible")
}

fn emit<E>(number: u32, hidden: bool, cells: &[OpenCell], rows: &mut RowStream<'_, E>) -> Result<(), Halt<E>> {
    rows.row(number, hidden)?;
    for cell in cells {
        for column in (cell.column..MOST_COLUMNS).take(usize::try_from(cell.repeated).unwrap_or(usize::MAX)) {
            rows.cell(column, |row| push(row, column, &cell.value))?;
        }
        if cell.down > 1 || cell.across > 1 {
            let first_row = number.saturating_sub(1);
            rows.region(Region {
                first_row,
                last_row: first_row.saturating_add(cell.down.saturating_sub(1)),
                first_column: cell.column,
                last_column: cell.column.saturating_add(cell.across.saturating_sub(1)),
            });
        }
    }
    Ok(())
}

fn push(row: &mut Row, column: u32, value: &Value) {
    match value {
        Value::Text(text) => row.push(column, text, CellKind::Text),
        Value::Number(_, shown) if !shown.is_empty() => row.push(column, shown, CellKind::Number),
        Value::Number(value, _) => push_number(row, column, *value, 0),
        Value::Boolean(value) => push_boolean(row, column, *value),
        Value::Date(text) => row.push(column, text, CellKind::Date),
        Value::Time(text) => row.push(column, text, CellKind::Time),
        Value::Error(text) => row.push(column, text, CellKind::Error),
    }
}

/// What a cell holds; `None` for nothing.
fn value(element: &BytesStart<'_>, shown: String) -> Option<Value> {
    let mut kind = None;
    let mut is_error = false;
    // Two attributes have the same name under different prefixes.
    for attribute in element.attributes().with_checks(false).flatten() {
        match attribute.key.into_inner() {
            "calcext:value-type" => is_error = attribute.value == "error",
            "office:value-type" => kind = Some(attribute.value.into_owned()),
            _ => {}
        }
    }
    if is_error {
        return Some(Value::Error(if shown.is_empty() { "#ERROR!".to_owned() } else { shown }));
    }
    let given = |name: &str| xml::attribute(element, name);
    match kind.as_deref() {
        Some("float" | "percentage" | "currency") => {
            let Some(value) = given("value").and_then(|value| value.trim().parse::<f64>().ok()) else {
                return (!shown.is_empty()).then_some(Value::Text(shown));
            };
            // 0100 in a cell of the format 0000: as people see it.
            let is_padded =
                shown.len() > 1 && shown.len() <= 15 && shown.starts_with('0') && shown.bytes().all(|byte| byte.is_ascii_digit());
            let is_same = is_padded && shown.parse::<f64>() == Ok(value);
            Some(Value::Number(value, if is_same { shown } else { String::new() }))
        }
        Some("date") => match given("date-value") {
            Some(date) => Some(Value::Date(date_text(&date))),
            None => Some(Value::Text(shown)),
        },
        Some("time") => match given("time-value").and_then(|time| time_text(&time)) {
            Some(time) => Some(Value::Time(time)),
            None => Some(Value::Text(shown)),
        },
        Some("boolean") => Some(Value::Boolean(given("boolean-value").is_some_and(|value| value == "true"))),
        Some(_) => {
            let text = given("string-value").map_or(shown, std::borrow::Cow::into_owned);
            (!text.is_empty()).then_some(Value::Text(text))
        }
        // A formula without a value computed an empty text, or was never computed: the file does not tell which.
        None => (!shown.is_empty()).then_some(Value::Text(shown)),
    }
}

/// `2024-07-05T16:30:00.000` → `2024-07-05 16:30:00`; midnight is left out.
fn date_text(date: &str) -> String {
    let whole = date.split_once('.').map_or(date, |(whole, _)| whole);
    match whole.split_once('T') {
        Some((day, "00:00:00")) => day.to_owned(),
        Some((day, time)) => format!("{day} {time}"),
        None => whole.to_owned(),
    }
}

/// `PT05H30M00S` → `5:30:00`.
fn time_text(time: &str) -> Option<String> {
    let (date, clock) = time.strip_prefix('P')?.split_once('T')?;
    let days: u64 = if date.is_empty() { 0 } else { date.strip_suffix('D')?.parse().ok()? };
    let (hours, rest) = clock.split_once('H').unwrap_or(("0", clock));
    let (minutes, rest) = rest.split_once('M').unwrap_or(("0", rest));
    let seconds = rest.strip_suffix('S').unwrap_or("0");
    let (seconds, fraction) = seconds.split_once(['.', ',']).unwrap_or((seconds, "0"));
    let number = |text: &str| text.parse::<u64>().ok().filter(|number| *number < 1 << 32);
    let up = u64::from(fraction.bytes().next().is_some_and(|digit| digit >= b'5'));
    let seconds = ((days.min(1 << 20) * 24 + number(hours)?) * 60 + number(minutes)?) * 60 + number(seconds)? + up;
    let mut text = String::new();
    write_plain(&mut text, format_args!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60));
    Some(text)
}

/// Reads a cell's text to the cell's end: paragraphs, without comments, drawings and phonetic guides.
fn cell_text<R: BufRead>(reader: &mut Reader<R>, buffer: &mut Vec<u8>) -> Option<String> {
    let mut text = String::new();
    let mut depth = 1_u32;
    let mut paragraphs = 0_u32;
    loop {
        buffer.clear();
        match reader.read_event_into(buffer) {
            Ok(Event::Start(element)) => {
                let is_drawing = element.name().into_inner().starts_with("draw:");
                match xml::local(&element) {
                    "annotation" | "note" | "ruby-text" | "table" => xml::pass(reader, &mut Vec::new())?,
                    _ if is_drawing => xml::pass(reader, &mut Vec::new())?,
                    name => {
                        match name {
                            "p" | "h" => {
                                if paragraphs > 0 {
                                    text.push('\n');
                                }
                                paragraphs += 1;
                            }
                            "s" => {
                                let count: usize = xml::number(&element, "c").unwrap_or(1);
                                text.extend(std::iter::repeat_n(' ', count.min(1_000)));
                            }
                            "tab" => text.push('\t'),
                            "line-break" => text.push('\n'),
                            _ => {}
                        }
                        depth = depth.saturating_add(1);
                    }
                }
            }
            Ok(Event::End(_)) => {
                depth -= 1;
                if depth == 0 {
                    return Some(text);
                }
            }
            Ok(Event::Text(part)) if depth > 1 => text.push_str(&part.xml10_content()),
            Ok(Event::CData(part)) if depth > 1 => text.push_str(&part.xml10_content()),
            Ok(Event::GeneralRef(part)) if depth > 1 => xml::push_reference(&mut text, &part),
            Ok(Event::Eof) | Err(_) => return None,
            Ok(_) => {}
        }
        if text.len() > ROW_LIMIT {
            return None;
        }
    }
}
