//! Owns the formats of a patched workbook: for each format that a faulty cell has, a clone with a light red fill. Refuses to know cells.
//!
//! Decision worth knowing: clones are appended, so every format that the workbook had keeps its number and its meaning.

use std::collections::BTreeMap;
use std::ops::Range;

use quick_xml::events::Event;

use super::splice::{self, Edit};

/// Excel's own limit of cell formats.
const MOST_FORMATS: usize = 65_000;
/// The fill of faulty cells.
pub(super) const FILL: &str = "FFFFC7CE";

/// A list in the style sheet: the range of its opening tag, and where it ends.
#[derive(Debug)]
struct List {
    opening: Range<usize>,
    name: String,
    content: String,
    end: usize,
    items: Vec<Range<usize>>,
}

/// The style sheet of a workbook.
#[derive(Debug)]
pub(super) struct Styles {
    text: String,
    fills: List,
    formats: List,
    /// From a format's number to that of its clone.
    clones: BTreeMap<usize, usize>,
}

impl Styles {
    /// Finds what will be appended to; `None` for a style sheet of another shape.
    pub(super) fn read(text: String) -> Option<Self> {
        let mut lists: [Option<List>; 2] = [None, None];
        let mut open: Option<usize> = None;
        let mut item = 0;
        splice::walk(&text, &mut |event, range, depth| {
            #[expect(clippy::wildcard_enum_match_arm, reason = "the other events are of no interest")]
            match event {
                Event::Start(element) if depth == 1 => {
                    let name = element.name();
                    open = ["fills", "cellXfs"].iter().position(|wanted| splice::local(name.as_ref()) == *wanted);
                    if let Some(slot) = open.and_then(|index| lists.get_mut(index)) {
                        let content: &str = element;
                        let list =
                            List { opening: range, name: name.as_ref().to_owned(), content: content.to_owned(), end: 0, items: Vec::new() };
                        // A second list of the kind would leave open which one counts.
                        if slot.replace(list).is_some() {
                            return None;
                        }
                    }
                }
                Event::Start(_) if depth == 2 => item = range.start,
                Event::Empty(_) if depth == 2 => {
                    if let Some(list) = open.and_then(|index| lists.get_mut(index)?.as_mut()) {
                        list.items.push(range);
                    }
                }
                Event::End(_) if depth == 2 => {
                    if let Some(list) = open.and_then(|index| lists.get_mut(index)?.as_mut()) {
                        list.items.push(item..range.end);
                    }
                }
                Event::End(_) if depth == 1 => {
                    if let Some(list) = open.take().and_then(|index| lists.get_mut(index)?.as_mut()) {
                        list.end = range.start;
                    }
                }
                _ => {}
            }
            Some(())
        })?;
        let [Some(fills), Some(formats)] = lists else { return None };
        (!formats.items.is_empty()).then_some(Self { text, fills, formats, clones: BTreeMap::new() })
    }

    /// The number of the red clone of a format. `None` where no more formats fit.
    pub(super) fn marked(&mut self, format: u32) -> Option<usize> {
        let known = usize::try_from(format).ok().filter(|format| *format < self.formats.items.len()).unwrap_or(0);
        let next = self.formats.items.len() + self.clones.len();
        let clone = *self.clones.entry(known).or_insert(next);
        (clone < MOST_FORMATS).then_some(clone)
    }

    /// The style sheet with its clones.
    pub(super) fn finish(self) -> Option<String> {
        let Self { text, fills, formats, clones } = self;
        if clones.is_empty() {
            return Some(text);
        }
        let prefix = splice::prefix(&fills.name);
        let fill = format!(
            "<{prefix}fill><{prefix}patternFill patternType=\"solid\"><{prefix}fgColor rgb=\"{FILL}\"/><{prefix}bgColor indexed=\"64\"/></{prefix}patternFill></{prefix}fill>"
        );
        let mut ordered: Vec<(usize, usize)> = clones.into_iter().map(|(format, clone)| (clone, format)).collect();
        ordered.sort_unstable();
        let mut added = String::new();
        for (_, format) in &ordered {
            added.push_str(&reddened(text.get(formats.items.get(*format)?.clone())?, fills.items.len())?);
        }
        let counted = |list: &List, more: usize| {
            let content = splice::with_attribute(&list.content, "count", &(list.items.len() + more).to_string());
            Edit::replace(list.opening.clone(), format!("<{content}>"))
        };
        let edits =
            vec![counted(&fills, 1), Edit::insert(fills.end, fill), counted(&formats, ordered.len()), Edit::insert(formats.end, added)];
        splice::apply(&text, edits)
    }
}

/// A format with another fill.
fn reddened(format: &str, fill: usize) -> Option<String> {
    let end = tag_end(format)?;
    let (tag, rest) = format.split_at_checked(end)?;
    let is_empty = tag.ends_with('/');
    let content = tag.strip_prefix('<')?.trim_end_matches('/');
    let content = splice::with_attribute(content, "fillId", &fill.to_string());
    let content = splice::with_attribute(&content, "applyFill", "1");
    Some(format!("<{content}{}{rest}", if is_empty { "/" } else { "" }))
}

/// Where the first tag's `>` stands.
fn tag_end(text: &str) -> Option<usize> {
    let mut quote = None;
    for (index, character) in text.char_indices() {
        match quote {
            Some(open) if open == character => quote = None,
            None if character == '"' || character == '\'' => quote = Some(character),
            None if character == '>' => return Some(index),
            Some(_) | None => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_are_appended_and_the_rest_stays() {
        let text = "<styleSheet xmlns=\"m\"><fills count=\"2\"><fill/><fill><a/></fill></fills><cellXfs count=\"2\"><xf numFmtId=\"0\" fillId=\"0\"/><xf numFmtId=\"49\" fillId=\"1\"><alignment wrapText=\"1\"/></xf></cellXfs><dxfs><dxf><fill/></dxf></dxfs></styleSheet>";
        let mut styles = Styles::read(text.to_owned()).expect("a style sheet");
        assert_eq!((styles.marked(1), styles.marked(0), styles.marked(1), styles.marked(99)), (Some(2), Some(3), Some(2), Some(3)));
        insta::assert_snapshot!(styles.finish().expect("written"), @r#"<styleSheet xmlns="m"><fills count="3"><fill/><fill><a/></fill><fill><patternFill patternType="solid"><fgColor rgb="FFFFC7CE"/><bgColor indexed="64"/></patternFill></fill></fills><cellXfs count="4"><xf numFmtId="0" fillId="0"/><xf numFmtId="49" fillId="1"><alignment wrapText="1"/></xf><xf numFmtId="49" fillId="2" applyFill="1"><alignment wrapText="1"/></xf><xf numFmtId="0" fillId="2" applyFill="1"/></cellXfs><dxfs><dxf><fill/></dxf></dxfs></styleSheet>"#);
    }
}
