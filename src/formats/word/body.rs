//! Owns the walk through the XML of a document: which text is on paper, and in which cell. Refuses to know the archive around it.
//!
//! Decision worth knowing: elements are told apart by their local names, because Word, WPS, LibreOffice and the strict form of the
//! standard differ in prefixes and name spaces. No recursion follows the file's nesting, and its depth and the number of its parts
//! are bounded.

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::symbols::{self, SymbolFont};
use super::{Block, EMPTY, TICKED, WordCell, WordRow};
use crate::formats::container;
use crate::formats::problems::{self, FileFault};
use crate::formats::sheet::Unreadable;

/// Elements nested deeper than this no program writes; tables in tables cost about nine elements each.
const DEEPEST: usize = 400;
/// Tables in tables deeper than this are no form.
const DEEPEST_TABLE: usize = 16;
/// Paragraphs, rows, cells and tables together.
const MOST_PARTS: usize = 60_000;
/// The most text, in bytes: a long novel.
const MOST_TEXT: usize = 4 << 20;
/// More grid columns than this a cell of Word does not take.
const WIDEST: u32 = 64;
/// More cells than this a row of Word does not take.
const MOST_CELLS: usize = 256;
/// How many entries of a drop-down list are kept.
const MOST_CHOICES: usize = 200;

/// An element that is open and what its end has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Paragraph,
    ParagraphProperties,
    /// The properties of a paragraph's mark.
    MarkProperties,
    Run,
    RunProperties,
    Text,
    Table,
    Row,
    RowProperties,
    Cell,
    CellProperties,
    Control,
    ControlProperties,
    ControlCheckBox,
    FieldCharacter,
    Alternate,
    TextBox,
    Other,
}

/// What holds blocks or is held by them.
#[derive(Debug)]
enum Frame {
    Body(Vec<Block>),
    Table(Vec<WordRow>),
    Row { row: WordRow, next: u32, is_deleted: bool },
    Cell { cell: WordCell, is_deleted: bool },
}

/// A paragraph that is being read.
#[derive(Debug, Default)]
struct Paragraph {
    text: String,
    /// Its mark was deleted: the next paragraph goes on in it.
    joins: bool,
}

/// A run that is being read.
#[derive(Debug, Clone, Copy, Default)]
struct Run {
    font: Option<SymbolFont>,
    is_hidden: bool,
}

/// A content control.
#[derive(Debug, Default)]
struct Control {
    /// For a check box: whether it is ticked.
    ticked: Option<bool>,
    has_shown: bool,
    is_placeholder: bool,
}

/// A legacy form field.
#[derive(Debug, Default)]
struct FormField {
    is_check_box: bool,
    is_list: bool,
    default: Option<String>,
    checked: Option<bool>,
    result: Option<String>,
    choices: Vec<String>,
}

/// What happens where in the stack of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FieldPart {
    Instruction,
    Result,
}

#[derive(Debug, Default)]
struct Walker {
    open: Vec<Open>,
    /// How many elements deep inside something that is not read; 0 outside.
    skipping: usize,
    frames: Vec<Frame>,
    paragraphs: Vec<Paragraph>,
    runs: Vec<Run>,
    controls: Vec<Control>,
    /// Fields that are open; a text box begins anew.
    fields: Vec<Vec<FieldPart>>,
    form: Option<FormField>,
    /// Whether a choice of each open alternative was taken.
    alternatives: Vec<bool>,
    tables: usize,
    parts: usize,
    text_len: usize,
    /// The frame's last paragraph goes on in the next one.
    joins: bool,
}

/// Reads the blocks of a document.
///
/// # Errors
/// It is no well-formed document, or beyond all bounds.
pub(super) fn read(xml: &str) -> Result<Vec<Block>, Unreadable> {
    let damaged = || problems::unreadable(FileFault::Damaged);
    let mut reader = Reader::from_str(xml);
    let mut walker = Walker { frames: vec![Frame::Body(Vec::new())], fields: vec![Vec::new()], ..Walker::default() };
    let mut has_root = false;
    loop {
        if walker.text_len > MOST_TEXT {
            return Err(container::too_large());
        }
        match reader.read_event().map_err(|_| damaged())? {
            Event::Start(element) => {
                has_root = true;
                walker.start(&element)?;
            }
            Event::Empty(element) => {
                walker.start(&element)?;
                walker.end();
            }
            Event::End(_) => walker.end(),
            Event::Text(text) => walker.text(&text.xml10_content()),
            Event::CData(text) => walker.text(&text.xml10_content()),
            Event::GeneralRef(reference) => {
                if let Some(character) = resolved(&reference) {
                    walker.text(character.encode_utf8(&mut [0; 4]));
                }
            }
            // Documents have no type declaration; who writes one wants entities expanded.
            Event::DocType(_) => return Err(damaged()),
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
    // A document that ends inside its elements was cut short.
    if !has_root || !walker.open.is_empty() {
        return Err(damaged());
    }
    match walker.frames.into_iter().next() {
        Some(Frame::Body(blocks)) => Ok(blocks),
        _ => Err(damaged()),
    }
}

fn resolved(reference: &BytesRef<'_>) -> Option<char> {
    match reference.as_ref() {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => reference.resolve_char_ref().ok().flatten(),
    }
}

/// The value of an attribute by its local name.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.attributes().with_checks(false).filter_map(Result::ok).find(|found| found.key.local_name().as_ref() == name)?;
    found.normalized_value(XmlVersion::Implicit1_0).ok().map(std::borrow::Cow::into_owned)
}

/// A switch: `<w:vanish/>` and `w:val="1"` are on.
fn is_on(element: &BytesStart<'_>) -> bool {
    attribute(element, "val").is_none_or(|value| !matches!(value.as_str(), "0" | "false" | "off"))
}

impl Walker {
    fn start(&mut self, element: &BytesStart<'_>) -> Result<(), Unreadable> {
        if self.open.len() + self.skipping >= DEEPEST {
            return Err(container::too_large());
        }
        if self.skipping > 0 {
            self.skipping += 1;
            return Ok(());
        }
        let parent = self.open.last().copied().unwrap_or(Open::Other);
        let name = element.local_name();
        let opened = match name.as_ref() {
            // Old properties, old text, and the copy that older programs would read.
            "pPrChange" | "rPrChange" | "tblPrChange" | "tcPrChange" | "trPrChange" | "sectPrChange" | "tblPrExChange"
            | "tblGridChange" | "sectPr" | "Fallback" | "rt" => None,
            "del" | "moveFrom" => {
                if parent == Open::MarkProperties
                    && let Some(paragraph) = self.paragraphs.last_mut()
                {
                    paragraph.joins = true;
                }
                if parent == Open::RowProperties
                    && let Some(Frame::Row { is_deleted, .. }) = self.frames.last_mut()
                {
                    *is_deleted = true;
                }
                None
            }
            "Choice" if parent == Open::Alternate => match self.alternatives.last_mut() {
                Some(taken) if !*taken => {
                    *taken = true;
                    Some(Open::Other)
                }
                _ => None,
            },
            "AlternateContent" => {
                self.alternatives.push(false);
                Some(Open::Alternate)
            }
            other => Some(self.started(other, parent, element)?),
        };
        match opened {
            Some(opened) => self.open.push(opened),
            None => self.skipping = 1,
        }
        Ok(())
    }

    /// What begins with an element that is read.
    fn started(&mut self, name: &str, parent: Open, element: &BytesStart<'_>) -> Result<Open, Unreadable> {
        let opened = match (name, parent) {
            ("p", _) => {
                self.count()?;
                self.paragraphs.push(Paragraph::default());
                Open::Paragraph
            }
            ("pPr", Open::Paragraph) => Open::ParagraphProperties,
            ("rPr", Open::ParagraphProperties) => Open::MarkProperties,
            ("r", _) => {
                self.runs.push(Run::default());
                Open::Run
            }
            ("rPr", Open::Run) => Open::RunProperties,
            ("rFonts", Open::RunProperties) => {
                let font = ["ascii", "hAnsi"].iter().find_map(|key| SymbolFont::named(&attribute(element, key)?));
                if let Some(run) = self.runs.last_mut() {
                    run.font = font;
                }
                Open::Other
            }
            ("vanish", Open::RunProperties) => {
                if let Some(run) = self.runs.last_mut() {
                    run.is_hidden = is_on(element);
                }
                Open::Other
            }
            ("t", _) => Open::Text,
            ("tab" | "ptab", Open::Run) => {
                self.show("\t");
                Open::Other
            }
            ("br" | "cr", Open::Run) => {
                self.show("\n");
                Open::Other
            }
            ("noBreakHyphen", Open::Run) => {
                self.show("-");
                Open::Other
            }
            ("sym", Open::Run) => {
                self.symbol(element);
                Open::Other
            }
            ("fldChar", _) => {
                self.field(&attribute(element, "fldCharType").unwrap_or_default());
                Open::FieldCharacter
            }
            ("tbl", _) => {
                self.count()?;
                self.tables += 1;
                if self.tables > DEEPEST_TABLE {
                    return Err(container::too_large());
                }
                self.frames.push(Frame::Table(Vec::new()));
                Open::Table
            }
            ("tr", _) if matches!(self.frames.last(), Some(Frame::Table(_))) => {
                self.count()?;
                self.frames.push(Frame::Row { row: WordRow::default(), next: 0, is_deleted: false });
                Open::Row
            }
            ("trPr", Open::Row) => Open::RowProperties,
            ("tc", _) if matches!(self.frames.last(), Some(Frame::Row { .. })) => {
                self.count()?;
                if matches!(self.frames.last(), Some(Frame::Row { row, .. }) if row.cells.len() >= MOST_CELLS) {
                    return Err(container::too_large());
                }
                self.joins = false;
                self.frames.push(Frame::Cell { cell: WordCell { across: 1, ..WordCell::default() }, is_deleted: false });
                Open::Cell
            }
            ("tcPr", Open::Cell) => Open::CellProperties,
            ("sdt", _) => {
                self.controls.push(Control::default());
                Open::Control
            }
            ("sdtPr", Open::Control) => Open::ControlProperties,
            ("txbxContent", _) => {
                self.frames.push(Frame::Body(Vec::new()));
                self.fields.push(Vec::new());
                Open::TextBox
            }
            _ => {
                self.property(name, parent, element);
                if name == "checkbox" && parent == Open::ControlProperties { Open::ControlCheckBox } else { Open::Other }
            }
        };
        Ok(opened)
    }

    /// Properties of cells, rows, content controls and form fields.
    fn property(&mut self, name: &str, parent: Open, element: &BytesStart<'_>) {
        let value = || attribute(element, "val").unwrap_or_default();
        match (parent, self.frames.last_mut()) {
            (Open::CellProperties, Some(Frame::Cell { cell, is_deleted })) => match name {
                "gridSpan" => cell.across = value().trim().parse().unwrap_or(1).clamp(1, WIDEST),
                "vMerge" => cell.continues = value() != "restart",
                "cellDel" => *is_deleted = true,
                _ => {}
            },
            (Open::RowProperties, Some(Frame::Row { next, .. })) if name == "gridBefore" => {
                *next = value().trim().parse().unwrap_or(0).clamp(0, WIDEST);
            }
            _ => {}
        }
        if let (Open::ControlProperties | Open::ControlCheckBox, Some(control)) = (parent, self.controls.last_mut()) {
            match name {
                "checkbox" => control.ticked = control.ticked.or(Some(false)),
                "checked" if parent == Open::ControlCheckBox => control.ticked = Some(is_on(element)),
                "showingPlcHdr" => control.is_placeholder = is_on(element),
                _ => {}
            }
        }
        if let Some(form) = &mut self.form {
            match name {
                "checkBox" => form.is_check_box = true,
                "ddList" => form.is_list = true,
                "default" => form.default = Some(value()),
                "checked" => form.checked = Some(is_on(element)),
                "result" => form.result = Some(value()),
                "listEntry" if form.choices.len() < MOST_CHOICES => form.choices.push(value()),
                _ => {}
            }
        }
    }

    fn end(&mut self) {
        if self.skipping > 0 {
            self.skipping -= 1;
            return;
        }
        match self.open.pop() {
            Some(Open::Paragraph) => self.end_paragraph(),
            Some(Open::Run) => {
                self.runs.pop();
            }
            Some(Open::Table) => {
                self.tables = self.tables.saturating_sub(1);
                if let Some(Frame::Table(rows)) = self.frames.pop() {
                    self.joins = false;
                    self.put(Block::Table(rows));
                }
            }
            Some(Open::Row) => {
                if let Some(Frame::Row { row, is_deleted: false, .. }) = self.frames.pop()
                    && let Some(Frame::Table(rows)) = self.frames.last_mut()
                {
                    rows.push(row);
                }
            }
            Some(Open::Cell) => self.end_cell(),
            Some(Open::Control) => {
                if let Some(Control { ticked: Some(ticked), has_shown: false, .. }) = self.controls.pop() {
                    self.show(box_text(ticked));
                }
            }
            Some(Open::FieldCharacter) => self.end_field_character(),
            Some(Open::Alternate) => {
                self.alternatives.pop();
            }
            Some(Open::TextBox) => {
                self.fields.pop();
                if let Some(Frame::Body(blocks)) = self.frames.pop() {
                    self.joins = false;
                    for block in blocks {
                        self.put(block);
                    }
                }
            }
            Some(_) | None => {}
        }
    }

    fn end_paragraph(&mut self) {
        let Some(Paragraph { text, joins }) = self.paragraphs.pop() else { return };
        // A field's instruction ends with its paragraph at the latest: what follows must not vanish behind a field that never ends.
        if let Some(fields) = self.fields.last_mut() {
            fields.retain(|part| *part == FieldPart::Result);
        }
        let continues = std::mem::replace(&mut self.joins, joins);
        if continues && let Some(Block::Paragraph(before)) = self.blocks().and_then(|blocks| blocks.last_mut()) {
            before.push_str(&text);
            return;
        }
        self.put(Block::Paragraph(text));
    }

    fn end_cell(&mut self) {
        self.joins = false;
        let Some(Frame::Cell { mut cell, is_deleted }) = self.frames.pop() else { return };
        let Some(Frame::Row { row, next, .. }) = self.frames.last_mut() else { return };
        cell.column = *next;
        *next = next.saturating_add(cell.across);
        if is_deleted {
            cell.blocks.clear();
        }
        row.cells.push(cell);
    }

    /// The blocks that text goes to now: those of the innermost cell, text box or body.
    fn blocks(&mut self) -> Option<&mut Vec<Block>> {
        self.frames.iter_mut().rev().find_map(|frame| match frame {
            Frame::Body(blocks) => Some(blocks),
            Frame::Cell { cell, .. } => Some(&mut cell.blocks),
            Frame::Table(_) | Frame::Row { .. } => None,
        })
    }

    fn put(&mut self, block: Block) {
        if let Some(blocks) = self.blocks() {
            blocks.push(block);
        }
    }

    fn text(&mut self, text: &str) {
        if self.skipping > 0 || self.open.last() != Some(&Open::Text) {
            return;
        }
        let font = self.runs.last().and_then(|run| run.font);
        let is_private = |character: char| ('\u{F000}'..='\u{F0FF}').contains(&character);
        if font.is_some() || text.contains(is_private) {
            let text: String = text.chars().map(|character| symbols::shown(font, character)).collect();
            self.show(&text);
        } else {
            self.show(text);
        }
    }

    /// Puts text on paper, unless something around it hides it.
    fn show(&mut self, text: &str) {
        let is_instruction = self.fields.last().is_some_and(|fields| fields.contains(&FieldPart::Instruction));
        if is_instruction || self.runs.last().is_some_and(|run| run.is_hidden) {
            return;
        }
        let Some(paragraph) = self.paragraphs.last_mut() else { return };
        self.text_len = self.text_len.saturating_add(text.len());
        for control in &mut self.controls {
            if let Some(ticked) = control.ticked {
                // Whatever glyphs stand for it: the control itself knows.
                if !std::mem::replace(&mut control.has_shown, true) {
                    paragraph.text.push_str(box_text(ticked));
                }
                return;
            }
            if control.is_placeholder {
                return;
            }
        }
        paragraph.text.push_str(text);
    }

    fn symbol(&mut self, element: &BytesStart<'_>) {
        let font = attribute(element, "font").and_then(|name| SymbolFont::named(&name));
        let code = attribute(element, "char").and_then(|code| u32::from_str_radix(code.trim(), 16).ok());
        if let Some(character) = code.and_then(char::from_u32) {
            let shown = symbols::shown(font, character);
            self.show(shown.encode_utf8(&mut [0; 4]));
        }
    }

    fn field(&mut self, kind: &str) {
        let Some(fields) = self.fields.last_mut() else { return };
        match kind {
            "begin" => self.form = Some(FormField::default()),
            "separate" => {
                if let Some(last) = fields.last_mut() {
                    *last = FieldPart::Result;
                }
            }
            "end" => {
                fields.pop();
            }
            _ => {}
        }
    }

    /// A field begins here: a form field shows its state, which nothing else in the text does.
    fn end_field_character(&mut self) {
        let Some(form) = self.form.take() else { return };
        if form.is_check_box {
            let default = form.default.is_some_and(|value| !matches!(value.as_str(), "0" | "false" | "off"));
            self.show(box_text(form.checked.unwrap_or(default)));
        } else if form.is_list {
            let chosen = form.result.or(form.default).and_then(|index| index.trim().parse().ok()).unwrap_or(0_usize);
            if let Some(choice) = form.choices.get(chosen).cloned() {
                self.show(&choice);
            }
        }
        if let Some(fields) = self.fields.last_mut() {
            fields.push(FieldPart::Instruction);
        }
    }

    fn count(&mut self) -> Result<(), Unreadable> {
        self.parts += 1;
        if self.parts > MOST_PARTS { Err(container::too_large()) } else { Ok(()) }
    }
}

fn box_text(ticked: bool) -> &'static str {
    const MARKS: [&str; 2] = ["□", "☑"];
    debug_assert!(MARKS[0].starts_with(EMPTY) && MARKS[1].starts_with(TICKED));
    if ticked { MARKS[1] } else { MARKS[0] }
}
