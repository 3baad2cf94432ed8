//! Owns the comments of a patched sheet: the comments part, and the drawing in which old comments have their boxes. Refuses to know why a
//! cell has a comment.
//!
//! Decision worth knowing: what stands there is kept to the byte. A cell that has a comment gets the reason below it, because a cell has
//! one comment; a cell with a thread of replies gets none, because Excel would show the thread and hide it.

use std::collections::{BTreeMap, BTreeSet};

use quick_xml::events::Event;
use unicode_width::UnicodeWidthStr as _;

use super::splice::{self, Edit};
use crate::domain::problem::column_letters;

/// Cells from row and column (both from 0) to their texts.
pub(super) type Notes = BTreeMap<(u32, u32), String>;

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

fn address((row, column): (u32, u32)) -> String {
    format!("{}{}", column_letters(column), row.saturating_add(1))
}

fn comment(prefix: &str, cell: (u32, u32), author: usize, text: &str) -> String {
    let (reference, text) = (address(cell), splice::escaped(text));
    format!(
        "<{prefix}comment ref=\"{reference}\" authorId=\"{author}\"><{prefix}text><{prefix}r><{prefix}t xml:space=\"preserve\">{text}</{prefix}t></{prefix}r></{prefix}text></{prefix}comment>"
    )
}

/// A comments part for a sheet that has none.
pub(super) fn new_part(notes: &Notes, author: &str) -> String {
    let list: String = notes.iter().map(|(cell, text)| comment("", *cell, 0, text)).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<comments xmlns=\"{MAIN}\"><authors><author>{}</author></authors><commentList>{list}</commentList></comments>",
        splice::escaped(author)
    )
}

/// A comments part with more comments, and the cells that have one only now. `None` for a part of another shape.
pub(super) fn extended(part: &str, notes: &Notes, author: &str) -> Option<(String, Vec<(u32, u32)>)> {
    let mut edits = Vec::new();
    let mut authors: Vec<String> = Vec::new();
    let mut author_end = None;
    let mut list_end = None;
    let mut known = BTreeSet::new();
    let mut main_prefix = String::new();
    let by_address: BTreeMap<String, &String> = notes.iter().map(|(cell, text)| (address(*cell), text)).collect();
    // The reason for the comment at hand, if one is to be added; and whether its text is plain, without runs.
    let mut reason: Option<&String> = None;
    let mut plain: Option<usize> = None;
    splice::walk(part, &mut |event, range, depth| {
        #[expect(clippy::wildcard_enum_match_arm, reason = "the other events are of no interest")]
        match event {
            Event::Start(element) | Event::Empty(element) => {
                let name = element.name();
                let is_empty = matches!(event, Event::Empty(_));
                match (depth, splice::local(name.as_ref())) {
                    (0, "comments") => splice::prefix(name.as_ref()).clone_into(&mut main_prefix),
                    (0, _) => return None,
                    // An empty list has no end to put anything before.
                    (1, "authors" | "commentList") if is_empty => return None,
                    (2, "author") => authors.push(String::new()),
                    (2, "comment") => {
                        let reference = splice::attribute(element, "ref")?.replace('$', "");
                        let author = splice::number(element, "authorId").and_then(|author| usize::try_from(author).ok());
                        let is_thread = author.and_then(|author| authors.get(author)).is_some_and(|author| author.starts_with("tc="));
                        reason = by_address.get(&reference).copied().filter(|_| !is_thread);
                        plain = None;
                        // It has no text that the reason could stand below.
                        if is_empty && reason.is_some() {
                            return None;
                        }
                        known.insert(reference);
                    }
                    (3, "text") if is_empty => {
                        if let Some(text) = reason.take() {
                            let run = run(&main_prefix, text);
                            edits.push(Edit::replace(range, format!("<{main_prefix}text>{run}</{main_prefix}text>")));
                        }
                    }
                    (4, "t") if is_empty && reason.is_some() => {
                        edits.push(Edit::insert(range.start, format!("<{main_prefix}r>")));
                        edits.push(Edit::insert(range.end, format!("</{main_prefix}r>")));
                    }
                    (4, "t") if reason.is_some() => plain = Some(range.start),
                    _ => {}
                }
            }
            Event::Text(text) if depth == 3 => {
                let text: &str = text;
                if let (None, Some(author)) = (author_end, authors.last_mut()) {
                    author.push_str(text);
                }
            }
            Event::End(element) => match (depth, splice::local(element.name().as_ref())) {
                (1, "authors") => author_end = Some(range.start),
                (1, "commentList") => list_end = Some(range.start),
                (4, "t") => {
                    if let Some(start) = plain.take() {
                        edits.push(Edit::insert(start, format!("<{main_prefix}r>")));
                        edits.push(Edit::insert(range.end, format!("</{main_prefix}r>")));
                    }
                }
                (3, "text") => {
                    if let Some(text) = reason.take() {
                        edits.push(Edit::insert(range.start, run(&main_prefix, text)));
                    }
                }
                _ => {}
            },
            _ => {}
        }
        Some(())
    })?;
    let (author_end, list_end) = (author_end?, list_end?);
    let new: Vec<(u32, u32)> = notes.keys().filter(|cell| !known.contains(&address(**cell))).copied().collect();
    edits.push(Edit::insert(author_end, format!("<{main_prefix}author>{}</{main_prefix}author>", splice::escaped(author))));
    let added: String = new.iter().filter_map(|cell| Some(comment(&main_prefix, *cell, authors.len(), notes.get(cell)?))).collect();
    edits.push(Edit::insert(list_end, added));
    let result = splice::apply(part, edits)?;
    // It goes out to a unit: never as a part that Excel would have to repair.
    splice::walk(&result, &mut |_, _, _| Some(()))?;
    Some((result, new))
}

/// A reason below what a comment says already.
fn run(prefix: &str, text: &str) -> String {
    format!("<{prefix}r><{prefix}t xml:space=\"preserve\">\n{}</{prefix}t></{prefix}r>", splice::escaped(text))
}

/// The names of the drawing's three vocabularies, on each element that is added: a program may have declared them elsewhere only.
const NAMES: &str = "xmlns:v=\"urn:schemas-microsoft-com:vml\" xmlns:o=\"urn:schemas-microsoft-com:office:office\" xmlns:x=\"urn:schemas-microsoft-com:office:excel\"";
const SHAPE_TYPE: &str = "<v:shapetype xmlns:v=\"urn:schemas-microsoft-com:vml\" xmlns:o=\"urn:schemas-microsoft-com:office:office\" id=\"_x0000_t202\" coordsize=\"21600,21600\" o:spt=\"202\" path=\"m,l,21600r21600,l21600,xe\"><v:stroke joinstyle=\"miter\"/><v:path gradientshapeok=\"t\" o:connecttype=\"rect\"/></v:shapetype>";

fn shape(serial: u64, (row, column): (u32, u32), text: &str) -> String {
    let lines: usize = text.split('\n').map(|line| line.width().div_ceil(30).max(1)).sum();
    let height = u32::try_from(lines).unwrap_or(20).min(20).saturating_add(1);
    let (top, left) = (row.saturating_sub(1), column.saturating_add(1));
    let (bottom, right) = (top.saturating_add(height), left.saturating_add(3));
    format!(
        "<v:shape {NAMES} id=\"_x0000_s{serial}\" type=\"#_x0000_t202\" style='position:absolute;margin-left:60pt;margin-top:2pt;width:180pt;height:{}pt;z-index:1;visibility:hidden' fillcolor=\"#ffffe1\" o:insetmode=\"auto\"><v:fill color2=\"#ffffe1\"/><v:shadow on=\"t\" color=\"black\" obscured=\"t\"/><v:path o:connecttype=\"none\"/><v:textbox style='mso-direction-alt:auto'><div style='text-align:left'></div></v:textbox><x:ClientData ObjectType=\"Note\"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{left}, 15, {top}, 2, {right}, 31, {bottom}, 4</x:Anchor><x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>",
        height * 15
    )
}

fn shapes(first: u64, cells: &[(u32, u32)], notes: &Notes) -> String {
    (first..).zip(cells).map(|(serial, cell)| shape(serial, *cell, notes.get(cell).map_or("", String::as_str))).collect()
}

/// A drawing for a sheet that has none; `serial` tells sheets apart, from 1.
pub(super) fn new_drawing(serial: u64, cells: &[(u32, u32)], notes: &Notes) -> String {
    let shapes = shapes(serial.saturating_mul(1024).saturating_add(1), cells, notes);
    format!(
        "<xml {NAMES}><o:shapelayout v:ext=\"edit\"><o:idmap v:ext=\"edit\" data=\"{serial}\"/></o:shapelayout>{SHAPE_TYPE}{shapes}</xml>"
    )
}

/// A drawing with more boxes. It is no sound XML everywhere (`<br>`), so it is taken as text. `None` for one of another shape.
pub(super) fn extended_drawing(part: &str, cells: &[(u32, u32)], notes: &Notes) -> Option<String> {
    let (before, after) = part.split_at_checked(part.rfind("</xml>")?)?;
    let serials = part.split("_x0000_s").skip(1).filter_map(|rest| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).take(12).collect();
        digits.parse::<u64>().ok()
    });
    let first = serials.max().unwrap_or(1024).saturating_add(1);
    let shape_type = if part.contains("id=\"_x0000_t202\"") { "" } else { SHAPE_TYPE };
    Some(format!("{before}{shape_type}{}{after}", shapes(first, cells, notes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_comments_stay_and_get_the_reason_below() {
        let part = "<comments xmlns=\"m\"><authors><author>甲</author><author>tc={1}</author></authors><commentList><comment ref=\"B2\" authorId=\"0\"><text><t>旧</t></text></comment><comment ref=\"C2\" authorId=\"1\"><text><r><t>线</t></r></text></comment></commentList></comments>";
        let notes: Notes = [((1, 1), "一&".to_owned()), ((1, 2), "二".to_owned()), ((4, 0), "三".to_owned())].into();
        let (text, new) = extended(part, &notes, "审").expect("comments");
        assert_eq!(new, [(4, 0)]);
        insta::assert_snapshot!(text, @r#"
        <comments xmlns="m"><authors><author>甲</author><author>tc={1}</author><author>审</author></authors><commentList><comment ref="B2" authorId="0"><text><r><t>旧</t></r><r><t xml:space="preserve">
        一&amp;</t></r></text></comment><comment ref="C2" authorId="1"><text><r><t>线</t></r></text></comment><comment ref="A5" authorId="2"><text><r><t xml:space="preserve">三</t></r></text></comment></commentList></comments>
        "#);
    }

    #[test]
    fn empty_comments_are_no_trap_for_the_next_one() {
        let part = |first: &str| {
            format!(
                "<m:comments xmlns:m=\"m\"><m:authors><m:author>甲</m:author></m:authors><m:commentList><m:comment ref=\"C2\" authorId=\"0\">{first}</m:comment><m:comment ref=\"D3\" authorId=\"0\"><m:text><m:t>旧</m:t></m:text></m:comment></m:commentList></m:comments>"
            )
        };
        let notes: Notes = [((1, 2), "一".to_owned())].into();
        let run = "<m:r><m:t xml:space=\"preserve\">\n一</m:t></m:r>";
        for (first, then) in [
            ("<m:text><m:t/></m:text>", format!("<m:text><m:r><m:t/></m:r>{run}</m:text>")),
            ("<m:text/>", format!("<m:text>{run}</m:text>")),
            ("<m:text><m:t></m:t></m:text>", format!("<m:text><m:r><m:t></m:t></m:r>{run}</m:text>")),
        ] {
            let (text, new) = extended(&part(first), &notes, "审").expect("comments");
            assert!(new.is_empty());
            assert_eq!(text, part(&then).replace("</m:author></m:authors>", "</m:author><m:author>审</m:author></m:authors>"));
        }
        assert_eq!(extended(&part("").replace("\"></m:comment>", "\"/>"), &notes, "审"), None);
    }
}
