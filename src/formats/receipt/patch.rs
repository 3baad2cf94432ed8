//! Owns the patching of a received `.xlsx`: the same workbook with faulty cells red and commented. Every part that need not change is
//! copied as it lies in the archive, still packed. Refuses to know why a cell is faulty.
//!
//! Decision worth knowing: a workbook of a shape that is not known in every step is refused, never patched by luck: the caller then writes
//! a copy as read.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufReader, BufWriter, Read as _, Seek, Write};

use quick_xml::events::Event;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::comments::{self, Notes};
use super::sheet_part::{self, Rewrite, Survey};
use super::splice::{self, Edit};
use super::styles::Styles;

/// The largest part that is held in memory, inflated.
const HELD: u64 = 64 << 20;
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const COMMENTS: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml";
const DRAWING: &str = "application/vnd.openxmlformats-officedocument.vmlDrawing";

type Archive = ZipArchive<BufReader<File>>;

/// A relationship of a part.
#[derive(Debug)]
struct Relation {
    id: String,
    kind: String,
    target: String,
}

/// One sheet to be changed.
#[derive(Debug)]
struct Sheet {
    part: String,
    survey: Survey,
    notes: Notes,
    /// The relationship by which comments are linked, where the sheet has no link yet.
    link: Option<String>,
}

/// Writes the workbook with the notes of each sheet, by its name. `None` where it is of a shape that is not known; what was written until
/// then is of no use.
pub(super) fn patch(source: File, target: impl Write + Seek, notes: &BTreeMap<&str, Notes>, author: &str) -> Option<()> {
    let mut archive = ZipArchive::new(BufReader::with_capacity(64 << 10, source)).ok()?;
    let names: Vec<String> =
        (0..archive.len()).map(|index| Some(archive.by_index_raw(index).ok()?.name().ok()?.into_owned())).collect::<Option<_>>()?;
    // Two parts of one name: which one counts is the reader's secret.
    let mut lower = BTreeSet::new();
    if !names.iter().all(|name| lower.insert(name.to_lowercase())) {
        return None;
    }
    let root = relations(&mut archive, "")??;
    let workbook = of_kind(&root, "/officeDocument").map(|relation| resolved("", &relation.target))?;
    let of_workbook = relations(&mut archive, &workbook)??;
    let styles_part = of_kind(&of_workbook, "/styles").map(|relation| resolved(&workbook, &relation.target))?;
    let mut styles = Styles::read(text(&mut archive, &styles_part)?)?;
    let mut changed: BTreeMap<String, String> = BTreeMap::new();
    let mut content_types = ContentTypes::default();
    let mut sheets = Vec::new();
    for (serial, (name, part)) in (1_u64..).zip(sheet_parts(&mut archive, &workbook, &of_workbook)?) {
        let Some(wanted) = notes.get(name.as_str()) else { continue };
        let survey = sheet_part::survey(BufReader::new(archive.by_name(&part).ok()?))?;
        let mut shown: Notes = BTreeMap::new();
        for (cell, reason) in wanted {
            let text = shown.entry(survey.shown(*cell)).or_default();
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(reason);
        }
        let mut sheet = Sheet { part, survey, notes: shown, link: None };
        let mut taken = |name: &str| !lower.insert(name.to_lowercase());
        link(&mut archive, &mut sheet, serial, author, &mut changed, &mut content_types, &mut taken)?;
        sheets.push(sheet);
    }
    if sheets.len() != notes.len() {
        return None;
    }
    let types = content_types.add_to(&text(&mut archive, "[Content_Types].xml")?)?;
    changed.insert("[Content_Types].xml".to_owned(), types);
    let mut writer = ZipWriter::new(BufWriter::new(target));
    let options = SimpleFileOptions::default();
    for (index, name) in names.iter().enumerate() {
        if let Some(sheet) = sheets.iter().find(|sheet| sheet.part == *name) {
            writer.start_file(name.as_str(), options).ok()?;
            let part = BufReader::with_capacity(64 << 10, archive.by_index(index).ok()?);
            Rewrite::new(&mut writer, &sheet.survey, &mut styles, sheet.notes.keys().copied(), sheet.link.as_deref()).run(part)?;
        } else if let Some(text) = changed.remove(name) {
            writer.start_file(name.as_str(), options).ok()?;
            writer.write_all(text.as_bytes()).ok()?;
        } else if *name != styles_part {
            writer.raw_copy_file(archive.by_index_raw(index).ok()?).ok()?;
        }
    }
    changed.insert(styles_part, styles.finish()?);
    for (name, text) in changed {
        writer.start_file(name, options).ok()?;
        writer.write_all(text.as_bytes()).ok()?;
    }
    writer.finish().ok()?.flush().ok()
}

/// Gives a sheet its comments: into the parts that it has, or into new ones with their relationships.
fn link(
    archive: &mut Archive,
    sheet: &mut Sheet,
    serial: u64,
    author: &str,
    changed: &mut BTreeMap<String, String>,
    content_types: &mut ContentTypes,
    taken: &mut dyn FnMut(&str) -> bool,
) -> Option<()> {
    let rels_part = rels_of(&sheet.part);
    let known = relations(archive, &sheet.part)?;
    let has_rels = known.is_some();
    let known = known.unwrap_or_default();
    let mut added = String::new();
    let mut ids: BTreeSet<String> = known.iter().map(|relation| relation.id.clone()).collect();
    let mut relate = |kind: &str, target: &str| {
        let id = (1_u32..u32::MAX).map(|serial| format!("rIdReceipt{serial}")).find(|id| ids.insert(id.clone())).unwrap_or_default();
        for piece in ["<Relationship Id=\"", &id, "\" Type=\"", OFFICE, "/", kind, "\" Target=\"/", target, "\"/>"] {
            added.push_str(piece);
        }
        id
    };
    let mut boxes: Vec<(u32, u32)> = sheet.notes.keys().copied().collect();
    if let Some(relation) = of_kind(&known, "/comments") {
        let part = resolved(&sheet.part, &relation.target);
        let (text, new) = comments::extended(&text(archive, &part)?, &sheet.notes, author)?;
        changed.insert(part, text);
        boxes = new;
    } else {
        let part = free("xl/comments", ".xml", taken)?;
        relate("comments", &part);
        content_types.overrides.push((part.clone(), COMMENTS));
        changed.insert(part, comments::new_part(&sheet.notes, author));
    }
    if let Some(id) = &sheet.survey.drawing {
        let relation = known.iter().find(|relation| relation.id == *id)?;
        let part = resolved(&sheet.part, &relation.target);
        let drawing = comments::extended_drawing(&text(archive, &part)?, &boxes, &sheet.notes)?;
        changed.insert(part, drawing);
    } else {
        let part = free("xl/drawings/vmlDrawing", ".vml", taken)?;
        sheet.link = Some(relate("vmlDrawing", &part));
        content_types.has_drawing = true;
        changed.insert(part, comments::new_drawing(serial, &boxes, &sheet.notes));
    }
    if added.is_empty() {
        return Some(());
    }
    let rels = if has_rels {
        let old = text(archive, &rels_part)?;
        let (before, after) = old.split_at_checked(old.rfind("</Relationships>")?)?;
        format!("{before}{added}{after}")
    } else {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{added}</Relationships>"
        )
    };
    changed.insert(rels_part, rels);
    Some(())
}

fn free(head: &str, ending: &str, taken: &mut dyn FnMut(&str) -> bool) -> Option<String> {
    (1_u32..100_000).map(|serial| format!("{head}{serial}{ending}")).find(|name| !taken(name))
}

/// A part's text. `None` where it is missing, too large or not UTF-8.
fn text(archive: &mut Archive, part: &str) -> Option<String> {
    let mut text = String::new();
    let part = archive.by_name(part).ok()?;
    let read = part.take(HELD + 1).read_to_string(&mut text).ok()?;
    if u64::try_from(read).ok()? > HELD {
        return None;
    }
    Some(text.strip_prefix('\u{FEFF}').map(str::to_owned).unwrap_or(text))
}

/// The part that holds another one's relationships.
fn rels_of(part: &str) -> String {
    match part.rsplit_once('/') {
        Some((folder, name)) => format!("{folder}/_rels/{name}.rels"),
        None => format!("_rels/{part}.rels"),
    }
}

/// A relationship's target as a part's name.
fn resolved(from: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut folders: Vec<&str> = from.split('/').collect();
    folders.pop();
    for step in target.split('/') {
        match step {
            "." | "" => {}
            ".." => drop(folders.pop()),
            name => folders.push(name),
        }
    }
    folders.join("/")
}

fn of_kind<'a>(relations: &'a [Relation], kind: &str) -> Option<&'a Relation> {
    relations.iter().find(|relation| relation.kind.strip_prefix(OFFICE) == Some(kind))
}

/// The relationships of a part, or of the package (`""`): `Some(None)` where it has none.
#[expect(clippy::option_option, reason = "none there is not the same as broken")]
fn relations(archive: &mut Archive, part: &str) -> Option<Option<Vec<Relation>>> {
    let name = rels_of(part);
    if archive.index_for_name(&name).is_none() {
        return Some(None);
    }
    let text = text(archive, &name)?;
    let mut found = Vec::new();
    splice::walk(&text, &mut |event, _, _| {
        if let Event::Start(element) | Event::Empty(element) = event {
            // Prefixed relationships: what is added would need the prefix, too.
            if splice::local(element.name().as_ref()) == "Relationship" {
                if element.name().as_ref() != "Relationship" {
                    return None;
                }
                let of = |name: &str| splice::attribute(element, name);
                if of("TargetMode").is_none_or(|mode| mode != "External") {
                    found.push(Relation { id: of("Id")?, kind: of("Type")?, target: of("Target")? });
                }
            }
        }
        Some(())
    })?;
    Some(Some(found))
}

/// The sheets' names and parts in their order.
fn sheet_parts(archive: &mut Archive, workbook: &str, relations: &[Relation]) -> Option<Vec<(String, String)>> {
    let text = text(archive, workbook)?;
    let mut found = Vec::new();
    splice::walk(&text, &mut |event, _, depth| {
        if let Event::Start(element) | Event::Empty(element) = event
            && depth == 2
            && splice::local(element.name().as_ref()) == "sheet"
        {
            let (name, id) = (splice::attribute(element, "name")?, splice::attribute(element, "id")?);
            let relation = relations.iter().find(|relation| relation.id == id)?;
            found.push((name, resolved(workbook, &relation.target)));
        }
        Some(())
    })?;
    Some(found)
}

/// What the list of content types must gain.
#[derive(Debug, Default)]
struct ContentTypes {
    overrides: Vec<(String, &'static str)>,
    has_drawing: bool,
}

impl ContentTypes {
    fn add_to(&self, text: &str) -> Option<String> {
        let mut knows_drawings = false;
        let (mut start, mut end) = (None, None);
        splice::walk(text, &mut |event, range, depth| {
            #[expect(clippy::wildcard_enum_match_arm, reason = "the other events are of no interest")]
            match event {
                Event::Start(element) | Event::Empty(element) => {
                    if depth == 0 {
                        start = (element.name().as_ref() == "Types").then_some(range.end);
                    }
                    let extension = splice::attribute(element, "Extension").unwrap_or_default();
                    knows_drawings |= depth == 1 && extension.eq_ignore_ascii_case("vml");
                }
                Event::End(_) if depth == 0 => end = Some(range.start),
                _ => {}
            }
            Some(())
        })?;
        let mut edits = Vec::new();
        if self.has_drawing && !knows_drawings {
            edits.push(Edit::insert(start?, format!("<Default Extension=\"vml\" ContentType=\"{DRAWING}\"/>")));
        }
        for (part, kind) in &self.overrides {
            edits.push(Edit::insert(end?, format!("<Override PartName=\"/{part}\" ContentType=\"{kind}\"/>")));
        }
        splice::apply(text, edits)
    }
}
