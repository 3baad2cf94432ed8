//! Owns the road from a printed document (`domain::paper`) to a `.docx` file that staff go on editing in Word or WPS. Refuses to know what
//! a document is about; reading such files is `formats::word`.
//!
//! Decisions worth knowing: the parts are written by hand, as `docx-rs` brings a second `zip` and a second `quick-xml`. The same
//! paper gives the same bytes: no clock, no random identity. Fonts are named, not embedded: 宋体, 黑体 and 仿宋 are on every office
//! computer. What XML cannot hold becomes U+FFFD, which is seen.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use quick_xml::escape::escape;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::domain::paper::{Alignment, Block, Face, Length, Look, Orientation, Paper, Paragraph, Span, Table, TableCell, is_line_end};

const DECLARATION: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#;
const MAIN: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
/// Rows with more characters than this in a cell may be cut at the end of a page: LibreOffice hides what does not fit on one.
const LONG_CELL: usize = 400;
/// The largest height that Word takes.
const TALLEST: u32 = 31_680;

/// A document could not be packed; the technical cause.
#[derive(Debug)]
pub struct WordFailure(pub String);

/// Writes a document.
///
/// # Errors
/// The parts cannot be packed: there are more than four gigabytes.
pub fn write_docx(paper: &Paper) -> Result<Vec<u8>, WordFailure> {
    let parts = [
        ("[Content_Types].xml", content_types()),
        ("_rels/.rels", package_relations()),
        ("docProps/core.xml", core_properties(paper)),
        ("word/document.xml", document(paper)),
        ("word/_rels/document.xml.rels", document_relations()),
        ("word/styles.xml", styles()),
        ("word/settings.xml", settings()),
        ("word/footer1.xml", footer()),
    ];
    let failed = |error: &dyn std::fmt::Display| WordFailure(error.to_string());
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).last_modified_time(DateTime::default());
    for (name, xml) in parts {
        archive.start_file(name, options).map_err(|error| failed(&error))?;
        archive.write_all(xml.as_bytes()).map_err(|error| failed(&error))?;
    }
    archive.finish().map(Cursor::into_inner).map_err(|error| failed(&error))
}

fn content_types() -> String {
    let word = "application/vnd.openxmlformats-officedocument.wordprocessingml";
    format!(
        r#"{DECLARATION}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="{word}.document.main+xml"/><Override PartName="/word/styles.xml" ContentType="{word}.styles+xml"/><Override PartName="/word/settings.xml" ContentType="{word}.settings+xml"/><Override PartName="/word/footer1.xml" ContentType="{word}.footer+xml"/><Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>"#
    )
}

fn package_relations() -> String {
    format!(
        r#"{DECLARATION}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="word/document.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>"#
    )
}

fn document_relations() -> String {
    format!(
        r#"{DECLARATION}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="{RELATIONS}/styles" Target="styles.xml"/><Relationship Id="rId2" Type="{RELATIONS}/settings" Target="settings.xml"/><Relationship Id="rId3" Type="{RELATIONS}/footer" Target="footer1.xml"/></Relationships>"#
    )
}

fn core_properties(paper: &Paper) -> String {
    format!(
        r#"{DECLARATION}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{}</dc:title><dc:creator>{}</dc:creator></cp:coreProperties>"#,
        xml_text(&paper.title),
        xml_text(&paper.author)
    )
}

fn styles() -> String {
    format!(
        r#"{DECLARATION}<w:styles xmlns:w="{MAIN}"><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="宋体" w:cs="Times New Roman"/><w:kern w:val="2"/><w:sz w:val="24"/><w:szCs w:val="24"/><w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults><w:style w:type="paragraph" w:default="1" w:styleId="a"><w:name w:val="Normal"/><w:qFormat/></w:style></w:styles>"#
    )
}

/// The mode of Word 2013 and later, and the end punctuation that may not begin a line, as Word has it for Chinese.
fn settings() -> String {
    format!(
        r#"{DECLARATION}<w:settings xmlns:w="{MAIN}"><w:characterSpacingControl w:val="compressPunctuation"/><w:compat><w:spaceForUL/><w:balanceSingleByteDoubleByteWidth/><w:doNotLeaveBackslashAlone/><w:ulTrailSpace/><w:useFELayout/><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat><w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/></w:settings>"#
    )
}

fn footer() -> String {
    let look = r#"<w:rPr><w:rFonts w:eastAsia="宋体"/><w:sz w:val="18"/><w:szCs w:val="18"/></w:rPr>"#;
    let text = |text: &str| format!(r#"<w:r>{look}<w:t xml:space="preserve">{text}</w:t></w:r>"#);
    let number = |name: &str| format!(r#"<w:fldSimple w:instr=" {name} "><w:r>{look}<w:t>1</w:t></w:r></w:fldSimple>"#);
    format!(
        r#"{DECLARATION}<w:ftr xmlns:w="{MAIN}"><w:p><w:pPr><w:jc w:val="center"/></w:pPr>{}{}{}{}{}</w:p></w:ftr>"#,
        text("第 "),
        number("PAGE"),
        text(" 页  共 "),
        number("NUMPAGES"),
        text(" 页")
    )
}

fn document(paper: &Paper) -> String {
    let mut body = String::new();
    blocks(&mut body, &paper.blocks, paper, false);
    // Word wants a paragraph behind a table at the end.
    if matches!(paper.blocks.last(), Some(Block::Table(_)) | None) {
        body.push_str("<w:p/>");
    }
    let (width, height) = paper.size();
    let lying = if paper.orientation == Orientation::Landscape { r#" w:orient="landscape""# } else { "" };
    let footer = if paper.is_numbered { r#"<w:footerReference w:type="default" r:id="rId3"/>"# } else { "" };
    let margins = paper.margins;
    format!(
        r#"{DECLARATION}<w:document xmlns:w="{MAIN}" xmlns:r="{RELATIONS}"><w:body>{body}<w:sectPr>{footer}<w:pgSz w:w="{}" w:h="{}"{lying}/><w:pgMar w:top="{}" w:right="{}" w:bottom="{}" w:left="{}" w:header="720" w:footer="720" w:gutter="0"/></w:sectPr></w:body></w:document>"#,
        width.0, height.0, margins.top.0, margins.right.0, margins.bottom.0, margins.left.0
    )
}

/// Writes blocks; `are_together`: they stay on the page of what follows them.
fn blocks(xml: &mut String, of: &[Block], paper: &Paper, are_together: bool) {
    for (place, block) in of.iter().enumerate() {
        let keeps = are_together && place + 1 < of.len();
        match block {
            Block::Paragraph(paragraph) => write_paragraph(xml, paragraph, keeps),
            Block::Table(table) => write_table(xml, table, paper, keeps),
            Block::Together(inner) => blocks(xml, inner, paper, true),
            Block::Space(height) => {
                let keep = if keeps { "<w:keepNext/>" } else { "" };
                let height = height.0.clamp(20, TALLEST);
                let _ = write!(xml, r#"<w:p><w:pPr>{keep}<w:spacing w:line="{height}" w:lineRule="exact"/></w:pPr></w:p>"#);
            }
            Block::PageBreak => xml.push_str(r#"<w:p><w:r><w:br w:type="page"/></w:r></w:p>"#),
        }
    }
}

fn write_paragraph(xml: &mut String, paragraph: &Paragraph, keeps: bool) {
    let size = paragraph.look.size.length().0;
    xml.push_str("<w:p><w:pPr>");
    if keeps || paragraph.keeps_with_next {
        xml.push_str("<w:keepNext/><w:keepLines/>");
    }
    let line = (size * u32::from(paragraph.leading) / 100).clamp(size, TALLEST);
    let (before, after) = (paragraph.before.0.min(TALLEST), paragraph.after.0.min(TALLEST));
    let _ = write!(xml, r#"<w:spacing w:before="{before}" w:after="{after}" w:line="{line}" w:lineRule="atLeast"/>"#);
    let indent = |name: &str, characters: u8| match characters {
        0 => String::new(),
        _ => format!(r#" w:{name}Chars="{}" w:{name}="{}""#, u32::from(characters) * 100, u32::from(characters) * size),
    };
    let (left, right, first) =
        (indent("left", paragraph.left), indent("right", paragraph.right), indent("firstLine", paragraph.first_line));
    if !(left.is_empty() && right.is_empty() && first.is_empty()) {
        let _ = write!(xml, "<w:ind{left}{right}{first}/>");
    }
    let _ = write!(xml, r#"<w:jc w:val="{}"/></w:pPr>"#, standing(paragraph.alignment));
    runs(xml, &paragraph.spans, paragraph.look, false);
    xml.push_str("</w:p>");
}

fn standing(alignment: Alignment) -> &'static str {
    match alignment {
        Alignment::Left => "left",
        Alignment::Centre => "center",
        Alignment::Right => "right",
        Alignment::Justified => "both",
    }
}

fn runs(xml: &mut String, spans: &[Span], look: Look, are_bold: bool) {
    let face = match look.face {
        Face::Song => "宋体",
        Face::Hei => "黑体",
        Face::FangSong => "仿宋",
    };
    let half_points = look.size.length().0 / 10;
    for span in spans.iter().filter(|span| !span.text.is_empty()) {
        let bold = if span.is_bold || are_bold { "<w:b/><w:bCs/>" } else { "" };
        let _ = write!(
            xml,
            r#"<w:r><w:rPr><w:rFonts w:hint="eastAsia" w:eastAsia="{face}"/>{bold}<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/></w:rPr>"#
        );
        for (place, line) in span.text.replace("\r\n", "\n").split(is_line_end).enumerate() {
            if place > 0 {
                xml.push_str("<w:br/>");
            }
            for (place, piece) in line.split('\t').enumerate() {
                if place > 0 {
                    xml.push_str("<w:tab/>");
                }
                if !piece.is_empty() {
                    let _ = write!(xml, r#"<w:t xml:space="preserve">{}</w:t>"#, xml_text(piece));
                }
            }
        }
        xml.push_str("</w:r>");
    }
}

fn write_table(xml: &mut String, table: &Table, paper: &Paper, keeps: bool) {
    let (whole, _) = paper.room();
    let widths = table.widths(whole);
    let _ = write!(xml, r#"<w:tbl><w:tblPr><w:tblW w:w="{}" w:type="dxa"/><w:tblBorders>"#, whole.0);
    for side in ["top", "left", "bottom", "right", "insideH", "insideV"] {
        let _ = write!(xml, r#"<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>"#);
    }
    xml.push_str(r#"</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar><w:top w:w="40" w:type="dxa"/><w:left w:w="80" w:type="dxa"/><w:bottom w:w="40" w:type="dxa"/><w:right w:w="80" w:type="dxa"/></w:tblCellMar></w:tblPr><w:tblGrid>"#);
    for width in &widths {
        let _ = write!(xml, r#"<w:gridCol w:w="{}"/>"#, width.0);
    }
    xml.push_str("</w:tblGrid>");
    let row_height = table.row_height.0.min(TALLEST);
    let height = format!(r#"<w:trHeight w:val="{row_height}" w:hRule="atLeast"/>"#);
    if !table.header.is_empty() {
        let _ = write!(xml, "<w:tr><w:trPr><w:cantSplit/>{height}<w:tblHeader/></w:trPr>");
        let titles: Vec<TableCell> = table.header.iter().map(|title| TableCell::from(title.as_str())).collect();
        for (place, width) in widths.iter().enumerate() {
            write_cell(xml, titles.get(place), *width, (Alignment::Centre, table.look), (true, true));
        }
        xml.push_str("</w:tr>");
    }
    for (serial, row) in table.rows.iter().enumerate() {
        let longest = row.cells.iter().map(|cell| cell.spans.iter().map(|span| span.text.chars().count()).sum::<usize>()).max();
        let whole = if longest.unwrap_or(0) <= LONG_CELL { "<w:cantSplit/>" } else { "" };
        let _ = write!(xml, "<w:tr><w:trPr>{whole}{height}</w:trPr>");
        let keeps = keeps || (serial + 1 < table.rows.len() && serial == 0 && table.rows.len() > 2);
        for ((place, column), width) in table.columns.iter().enumerate().zip(&widths) {
            write_cell(xml, row.cells.get(place), *width, (column.alignment, table.look), (false, keeps));
        }
        xml.push_str("</w:tr>");
    }
    xml.push_str("</w:tbl>");
}

fn write_cell(
    xml: &mut String,
    cell: Option<&TableCell>,
    width: Length,
    (alignment, look): (Alignment, Look),
    (is_title, keeps): (bool, bool),
) {
    let keep = if keeps { "<w:keepNext/>" } else { "" };
    let _ = write!(
        xml,
        r#"<w:tc><w:tcPr><w:tcW w:w="{}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr><w:p><w:pPr>{keep}<w:jc w:val="{}"/></w:pPr>"#,
        width.0,
        standing(alignment)
    );
    runs(xml, cell.map(|cell| cell.spans.as_slice()).unwrap_or_default(), look, is_title);
    xml.push_str("</w:p></w:tc>");
}

/// A text as XML holds it.
fn xml_text(text: &str) -> String {
    let held: String = text.chars().map(|character| if is_held(character) { character } else { '\u{FFFD}' }).collect();
    escape(held.as_str()).into_owned()
}

/// Whether XML 1.0 can hold a character.
fn is_held(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}')
}
