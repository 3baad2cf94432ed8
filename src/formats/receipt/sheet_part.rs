//! Owns a sheet's XML on its way through: the formats of faulty cells are changed, missing cells and rows are put in, everything else
//! passes as it came. Refuses to know what is wrong with a cell.
//!
//! Decision worth knowing: the sheet is streamed, so its size does not show in memory; merged areas, column formats and the link to the
//! comments stand after or before the rows, so a first reading collects them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{BufRead, Write};

use quick_xml::events::{BytesEnd, BytesStart, Event};
use quick_xml::{Reader, Writer};

use super::splice::{local, number, prefix, with_attribute};
use super::styles::Styles;
use crate::domain::problem::column_letters;

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
/// More merged areas than this no person has made.
const MOST_AREAS: usize = 50_000;
/// Excel's own bound of columns: a sheet has no more formats of them.
const MOST_COLUMNS: usize = 16_384;
/// What may follow the link to the comments in a sheet.
const FOLLOWING: [&str; 9] =
    ["legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts", "extLst", "AlternateContent"];

/// What a first reading collects.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// First row and column, last row and column, all from 0.
    areas: Vec<[u32; 4]>,
    /// First and last column from 0, and their format.
    columns: Vec<(u32, u32, u32)>,
    /// The relationship of the old comments' boxes.
    pub(super) drawing: Option<String>,
}

impl Survey {
    /// The cell that shows what this one holds: the first of its merged area.
    pub(super) fn shown(&self, (row, column): (u32, u32)) -> (u32, u32) {
        let holds = |area: &&[u32; 4]| (area[0]..=area[2]).contains(&row) && (area[1]..=area[3]).contains(&column);
        self.areas.iter().find(holds).map_or((row, column), |area| (area[0], area[1]))
    }

    fn format(&self, column: u32) -> u32 {
        self.columns.iter().find(|(first, last, _)| (*first..=*last).contains(&column)).map_or(0, |(_, _, format)| *format)
    }
}

/// Reads what stands around the rows. `None` for a sheet of another shape.
pub(super) fn survey(part: impl BufRead) -> Option<Survey> {
    let mut reader = Reader::from_reader(part);
    let mut buffer = Vec::new();
    let mut survey = Survey::default();
    let mut is_first = true;
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).ok()? {
            Event::Start(element) | Event::Empty(element) => {
                let name = element.name();
                if std::mem::take(&mut is_first) {
                    // The other dialect (Strict) has other names for everything that would be added.
                    let is_main = element.attributes().with_checks(false).flatten().any(|attribute| attribute.value == MAIN);
                    if local(name.as_ref()) != "worksheet" || !is_main {
                        return None;
                    }
                }
                match local(name.as_ref()) {
                    "mergeCell" if survey.areas.len() < MOST_AREAS => {
                        let reference = super::splice::attribute(&element, "ref")?;
                        let (first, last) = reference.split_once(':').unwrap_or((&reference, &reference));
                        if let (Some((row, column)), Some((last_row, last_column))) = (position(first), position(last)) {
                            survey.areas.push([row, column, last_row, last_column]);
                        }
                    }
                    "col" => {
                        let of = |name: &str| number(&element, name);
                        if let (Some(first), Some(last), Some(format)) = (of("min"), of("max"), of("style")) {
                            if survey.columns.len() >= MOST_COLUMNS {
                                return None;
                            }
                            survey.columns.push((first.saturating_sub(1), last.saturating_sub(1), format));
                        }
                    }
                    "legacyDrawing" => survey.drawing = super::splice::attribute(&element, "id"),
                    _ => {}
                }
            }
            Event::DocType(_) => return None,
            Event::Eof => return (!is_first).then_some(survey),
            Event::End(_) | Event::Text(_) | Event::CData(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::GeneralRef(_) => {
            }
        }
    }
}

/// `B5` as row and column from 0.
fn position(reference: &str) -> Option<(u32, u32)> {
    let reference = reference.replace('$', "");
    let split = reference.find(|character: char| character.is_ascii_digit())?;
    let (letters, digits) = reference.split_at_checked(split)?;
    let mut column = 0_u32;
    for letter in letters.bytes() {
        let value = u32::from(letter.to_ascii_uppercase().checked_sub(b'A').filter(|value| *value < 26)?) + 1;
        column = column.checked_mul(26)?.checked_add(value)?;
    }
    Some((digits.parse::<u32>().ok()?.checked_sub(1)?, column.checked_sub(1)?))
}

/// Where the second reading stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Before,
    Rows,
    Row,
    After,
}

/// The second reading.
pub(super) struct Rewrite<'a, W: Write> {
    writer: Writer<W>,
    survey: &'a Survey,
    styles: &'a mut Styles,
    /// Rows that have faulty cells, and these, all from 0.
    marks: BTreeMap<u32, BTreeSet<u32>>,
    /// The relationship to link the comments by, where the sheet has no link yet.
    link: Option<&'a str>,
    prefix: String,
    /// The row at hand: its number from 0, its format, its faulty cells still to come, its last column so far.
    row: Option<u32>,
    row_format: Option<u32>,
    pending: VecDeque<u32>,
    column: Option<u32>,
}

impl<'a, W: Write> Rewrite<'a, W> {
    /// `cells`: faulty cells, row and column from 0.
    pub(super) fn new(
        writer: W,
        survey: &'a Survey,
        styles: &'a mut Styles,
        cells: impl Iterator<Item = (u32, u32)>,
        link: Option<&'a str>,
    ) -> Self {
        let mut marks: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        for (row, column) in cells {
            marks.entry(row).or_default().insert(column);
        }
        let writer = Writer::new(writer);
        let (pending, prefix) = (VecDeque::new(), String::new());
        Self { writer, survey, styles, marks, link, prefix, row: None, row_format: None, pending, column: None }
    }

    /// Passes the sheet through. `None` where it is broken or of another shape.
    pub(super) fn run(mut self, part: impl BufRead) -> Option<()> {
        let mut reader = Reader::from_reader(part);
        let mut buffer = Vec::new();
        let (mut at, mut depth) = (At::Before, 0_usize);
        loop {
            buffer.clear();
            let event = reader.read_event_into(&mut buffer).ok()?;
            if matches!(event, Event::End(_)) {
                depth = depth.checked_sub(1)?;
            }
            let is_start = matches!(event, Event::Start(_));
            match &event {
                Event::Eof => return (depth == 0 && at == At::After).then_some(()),
                Event::Start(element) | Event::Empty(element) => {
                    let name = element.name();
                    match (at, depth, local(name.as_ref())) {
                        (At::Before, 1, "sheetData") => {
                            prefix(name.as_ref()).clone_into(&mut self.prefix);
                            if is_start {
                                at = At::Rows;
                                self.write(event)?;
                            } else {
                                at = At::After;
                                let (start, end) = (element.to_owned(), element.to_end().into_owned());
                                self.write(Event::Start(start))?;
                                self.missing_rows(u32::MAX)?;
                                self.write(Event::End(end))?;
                            }
                        }
                        (At::Rows, 2, "row") => {
                            let element = self.begin_row(element)?;
                            if is_start {
                                at = At::Row;
                                self.write(Event::Start(element))?;
                            } else if self.pending.is_empty() {
                                self.write(Event::Empty(element))?;
                            } else {
                                let end = element.to_end().into_owned();
                                self.write(Event::Start(element))?;
                                self.missing_cells(u32::MAX)?;
                                self.write(Event::End(end))?;
                            }
                        }
                        (At::Row, 3, "c") => {
                            let element = self.cell(element)?;
                            self.write(if is_start { Event::Start(element) } else { Event::Empty(element) })?;
                        }
                        (At::After, 1, following) if FOLLOWING.contains(&following) => {
                            self.link()?;
                            self.write(event)?;
                        }
                        _ => self.write(event)?,
                    }
                    depth += usize::from(is_start);
                    continue;
                }
                Event::End(_) => match (at, depth) {
                    (At::Row, 2) => {
                        self.missing_cells(u32::MAX)?;
                        at = At::Rows;
                    }
                    (At::Rows, 1) => {
                        self.missing_rows(u32::MAX)?;
                        at = At::After;
                    }
                    (At::After, 0) => self.link()?,
                    _ => {}
                },
                Event::DocType(_) => return None,
                Event::Text(_) | Event::CData(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::GeneralRef(_) => {}
            }
            self.write(event)?;
        }
    }

    fn write(&mut self, event: Event<'_>) -> Option<()> {
        self.writer.write_event(event).ok()
    }

    /// Writes the link to the comments once, if the sheet is to have one.
    fn link(&mut self) -> Option<()> {
        let Some(id) = self.link.take() else { return Some(()) };
        let name = format!("{}legacyDrawing", self.prefix);
        let content = format!("{name} xmlns:r=\"{RELATIONS}\" r:id=\"{id}\"");
        self.write(Event::Empty(BytesStart::from_content(content, name.len())))
    }

    /// Takes up a row; rows that must stand before it are written.
    fn begin_row(&mut self, element: &BytesStart<'_>) -> Option<BytesStart<'static>> {
        let given = number(element, "r").and_then(|row| row.checked_sub(1));
        let row = given.unwrap_or_else(|| self.row.map_or(0, |row| row.saturating_add(1)));
        self.missing_rows(row)?;
        self.row = Some(row);
        self.column = None;
        let has_format = super::splice::attribute(element, "customFormat").is_some_and(|value| value == "1" || value == "true");
        self.row_format = if has_format { number(element, "s") } else { None };
        self.pending = self.marks.remove(&row).unwrap_or_default().into_iter().collect();
        let content: &str = element;
        let name_len = element.name().as_ref().len();
        let wider = || {
            let last = self.pending.back()?.saturating_add(1);
            let spans = super::splice::attribute(element, "spans")?;
            let (from, to) = spans.split_once(':')?;
            let (from, to): (u32, u32) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
            let first = self.pending.front()?.saturating_add(1);
            (first < from || last > to).then(|| with_attribute(content, "spans", &format!("{}:{}", from.min(first), to.max(last))))
        };
        Some(BytesStart::from_content(wider().unwrap_or_else(|| content.to_owned()), name_len))
    }

    /// Writes the rows before `row` that have faulty cells and do not exist.
    fn missing_rows(&mut self, row: u32) -> Option<()> {
        while let Some(number) = self.marks.keys().next().copied().filter(|number| *number < row) {
            self.row_format = None;
            self.row = Some(number);
            self.pending = self.marks.remove(&number).unwrap_or_default().into_iter().collect();
            let name = format!("{}row", self.prefix);
            let content = format!("{name} r=\"{}\"", number.saturating_add(1));
            self.write(Event::Start(BytesStart::from_content(content, name.len())))?;
            self.missing_cells(u32::MAX)?;
            self.write(Event::End(BytesEnd::new(name)))?;
        }
        Some(())
    }

    /// Takes up a cell; cells that must stand before it are written.
    fn cell(&mut self, element: &BytesStart<'_>) -> Option<BytesStart<'static>> {
        let given = super::splice::attribute(element, "r").and_then(|reference| position(&reference));
        let column = given.map_or_else(|| self.column.map_or(0, |column| column.saturating_add(1)), |(_, column)| column);
        self.column = Some(column);
        self.missing_cells(column)?;
        let content: &str = element;
        let name_len = element.name().as_ref().len();
        if self.pending.front() != Some(&column) {
            return Some(BytesStart::from_content(content.to_owned(), name_len));
        }
        self.pending.pop_front();
        let format = self.styles.marked(number(element, "s").unwrap_or(0))?;
        Some(BytesStart::from_content(with_attribute(content, "s", &format.to_string()), name_len))
    }

    /// Writes the faulty cells of the row before `column` that do not exist.
    fn missing_cells(&mut self, column: u32) -> Option<()> {
        while let Some(missing) = self.pending.front().copied().filter(|missing| *missing < column) {
            self.pending.pop_front();
            let row = self.row?.saturating_add(1);
            let format = self.styles.marked(self.row_format.unwrap_or_else(|| self.survey.format(missing)))?;
            let name = format!("{}c", self.prefix);
            let content = format!("{name} r=\"{}{row}\" s=\"{format}\"", column_letters(missing));
            self.write(Event::Empty(BytesStart::from_content(content, name.len())))?;
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn styles() -> Styles {
        let text = "<styleSheet><fills><fill/></fills><cellXfs><xf/><xf/><xf/></cellXfs></styleSheet>";
        Styles::read(text.to_owned()).expect("a style sheet")
    }

    fn rewritten(body: &str, cells: &[(u32, u32)]) -> String {
        let text = format!("<worksheet xmlns=\"{MAIN}\">{body}</worksheet>");
        let survey = survey(text.as_bytes()).expect("a sheet");
        let mut out = Vec::new();
        let mut styles = styles();
        Rewrite::new(&mut out, &survey, &mut styles, cells.iter().copied(), Some("rId9")).run(text.as_bytes()).expect("rewritten");
        String::from_utf8(out).expect("UTF-8").replace(MAIN, "m").replace(RELATIONS, "r")
    }

    #[test]
    fn cells_and_rows_come_in_order() {
        let body = "<cols><col min=\"3\" max=\"4\" style=\"2\"/></cols><sheetData><row r=\"2\" spans=\"1:2\"><c r=\"A2\" s=\"1\"><v>1 &amp; 2</v></c><c r=\"D2\"/></row><row r=\"5\" s=\"1\" customFormat=\"1\"/></sheetData><pageMargins/><tableParts/>";
        insta::assert_snapshot!(rewritten(body, &[(1, 0), (1, 2), (1, 7), (2, 1), (4, 1), (9, 0)]), @r#"<worksheet xmlns="m"><cols><col min="3" max="4" style="2"/></cols><sheetData><row r="2" spans="1:8"><c r="A2" s="3"><v>1 &amp; 2</v></c><c r="C2" s="4"/><c r="D2"/><c r="H2" s="5"/></row><row r="3"><c r="B3" s="5"/></row><row r="5" s="1" customFormat="1"><c r="B5" s="3"/></row><row r="10"><c r="A10" s="5"/></row></sheetData><pageMargins/><legacyDrawing xmlns:r="r" r:id="rId9"/><tableParts/></worksheet>"#);
    }

    #[test]
    fn an_empty_sheet_and_cells_without_addresses() {
        insta::assert_snapshot!(rewritten("<sheetData/>", &[(0, 1)]), @r#"<worksheet xmlns="m"><sheetData><row r="1"><c r="B1" s="3"/></row></sheetData><legacyDrawing xmlns:r="r" r:id="rId9"/></worksheet>"#);
        insta::assert_snapshot!(rewritten("<sheetData><row><c/><c><is><t> a </t></is></c></row></sheetData>", &[(0, 1), (1, 0)]), @r#"<worksheet xmlns="m"><sheetData><row><c/><c s="3"><is><t> a </t></is></c></row><row r="2"><c r="A2" s="3"/></row></sheetData><legacyDrawing xmlns:r="r" r:id="rId9"/></worksheet>"#);
    }

    #[test]
    fn another_dialect_is_left_alone() {
        assert!(survey("<worksheet xmlns=\"http://purl.oclc.org/ooxml/spreadsheetml/main\"/>".as_bytes()).is_none());
        assert!(survey("<!DOCTYPE x [<!ENTITY a \"b\">]><worksheet/>".as_bytes()).is_none());
    }

    #[test]
    fn addresses_are_read() {
        assert_eq!(position("$B$5"), Some((4, 1)));
        assert_eq!(position("AA10"), Some((9, 26)));
        assert_eq!(position("ZZZZZZZZZZ1"), None);
    }
}
