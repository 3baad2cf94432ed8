//! Owns small edits of XML texts that leave every other byte as it was: an attribute set, pieces put in at offsets. Refuses to know what
//! the elements mean.

use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// One piece of a text and what takes its place.
#[derive(Debug)]
pub(super) struct Edit {
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

impl Edit {
    /// Puts a text in at an offset.
    pub(super) fn insert(at: usize, text: impl Into<String>) -> Self {
        Self { range: at..at, text: text.into() }
    }

    /// Puts a text in the place of another.
    pub(super) fn replace(range: Range<usize>, text: impl Into<String>) -> Self {
        Self { range, text: text.into() }
    }
}

/// The text with all edits made; those at one offset in their order. `None` where they overlap.
pub(super) fn apply(text: &str, mut edits: Vec<Edit>) -> Option<String> {
    edits.sort_by_key(|edit| edit.range.start);
    let mut result = String::with_capacity(text.len() + edits.iter().map(|edit| edit.text.len()).sum::<usize>());
    let mut at = 0;
    for Edit { range, text: piece } in edits {
        result.push_str(text.get(at..range.start)?);
        result.push_str(&piece);
        at = range.end;
    }
    result.push_str(text.get(at..)?);
    Some(result)
}

/// An element's name without its prefix.
pub(super) fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// The prefix of an element's name with its colon; empty where it has none.
pub(super) fn prefix(name: &str) -> &str {
    name.rfind(':').and_then(|colon| name.get(..=colon)).unwrap_or_default()
}

/// An attribute by its local name, its references resolved.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.attributes().with_checks(false).flatten().find(|attribute| local(attribute.key.as_ref()) == name)?;
    Some(quick_xml::escape::unescape(&found.value).map_or_else(|_| found.value.to_string(), std::borrow::Cow::into_owned))
}

/// An attribute as a number.
pub(super) fn number(element: &BytesStart<'_>, name: &str) -> Option<u32> {
    attribute(element, name)?.trim().parse().ok()
}

/// A tag's content (name and attributes) with an attribute set. `value` needs no escaping.
pub(super) fn with_attribute(content: &str, name: &str, value: &str) -> String {
    let mut quote = None;
    for (index, character) in content.char_indices() {
        match quote {
            Some(open) if open == character => quote = None,
            None if character == '"' || character == '\'' => quote = Some(character),
            None if character.is_ascii_whitespace() => {
                if let Some(set) = replaced(content, index + 1, name, value) {
                    return set;
                }
            }
            Some(_) | None => {}
        }
    }
    format!("{} {name}=\"{value}\"", content.trim_end())
}

/// The content with the value replaced, where the attribute `name` begins at `at`.
fn replaced(content: &str, at: usize, name: &str, value: &str) -> Option<String> {
    let rest = content.get(at..)?.strip_prefix(name)?.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let (_, after) = rest.get(1..)?.split_once(quote)?;
    Some(format!("{}{name}=\"{value}\"{after}", content.get(..at)?))
}

/// Text made safe between tags and within quotes; what XML cannot hold is left out.
pub(super) fn escaped(text: &str) -> String {
    let holds = |character: &char| !character.is_control() || matches!(character, '\n' | '\t');
    let kept: String = text.chars().filter(holds).filter(|character| !matches!(character, '\u{FFFE}' | '\u{FFFF}')).collect();
    quick_xml::escape::escape(kept).into_owned()
}

/// Sees an event, its bytes' range, and how many elements are open around it; `None` ends the walk.
pub(super) type Each<'a> = &'a mut dyn FnMut(&Event<'_>, Range<usize>, usize) -> Option<()>;

/// Calls `each` with every event. `None` where the text is no sound XML.
pub(super) fn walk(text: &str, each: Each<'_>) -> Option<()> {
    let mut reader = Reader::from_str(text);
    let mut depth = 0_usize;
    loop {
        let start = usize::try_from(reader.buffer_position()).ok()?;
        let event = reader.read_event().ok()?;
        let range = start..usize::try_from(reader.buffer_position()).ok()?;
        if matches!(event, Event::End(_)) {
            depth = depth.checked_sub(1)?;
        }
        each(&event, range, depth)?;
        match event {
            Event::Start(_) => depth += 1,
            Event::Eof => return (depth == 0).then_some(()),
            Event::DocType(_) => return None,
            Event::Empty(_)
            | Event::End(_)
            | Event::Text(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::GeneralRef(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_is_set_and_nothing_else() {
        assert_eq!(with_attribute("c r=\"B5\" s=\"3\" t='s'", "s", "9"), "c r=\"B5\" s=\"9\" t='s'");
        assert_eq!(with_attribute("c r=\"B5\"", "s", "9"), "c r=\"B5\" s=\"9\"");
        assert_eq!(with_attribute("c x=\" s=1\" ", "s", "9"), "c x=\" s=1\" s=\"9\"");
        assert_eq!(with_attribute("row xs='1'\n s = '2' ht=\"3\"", "s", "9"), "row xs='1'\n s=\"9\" ht=\"3\"");
    }

    #[test]
    fn edits_keep_their_order() {
        let edits = vec![Edit::insert(2, "一"), Edit::replace(0..1, "二"), Edit::insert(2, "三")];
        assert_eq!(apply("abcd", edits).as_deref(), Some("二b一三cd"));
    }
}
