//! Owns the few steps that every reader of office XML takes: attributes, references, passing over an element. Refuses to know what any
//! element means. Entities of a document's own are never expanded.

use std::borrow::Cow;
use std::io::BufRead;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

/// A reader that gives an empty element as its start and its end.
pub(super) fn reader<R: BufRead>(source: R) -> Reader<R> {
    let mut reader = Reader::from_reader(source);
    let config = reader.config_mut();
    config.expand_empty_elements = true;
    config.check_end_names = false;
    config.trim_text(false);
    reader
}

/// An element's name without its prefix.
pub(super) fn local<'a>(element: &'a BytesStart<'_>) -> &'a str {
    element.local_name().into_inner()
}

/// An attribute by its name without prefix, its references resolved.
pub(super) fn attribute<'a>(element: &'a BytesStart<'_>, name: &str) -> Option<Cow<'a, str>> {
    let found = element.attributes().with_checks(false).flatten().find(|attribute| attribute.key.local_name().into_inner() == name)?;
    if !found.value.contains('&') {
        return Some(found.value);
    }
    Some(Cow::Owned(quick_xml::escape::unescape(&found.value).map_or_else(|_| found.value.to_string(), Cow::into_owned)))
}

/// A number in an attribute.
pub(super) fn number<T: std::str::FromStr>(element: &BytesStart<'_>, name: &str) -> Option<T> {
    attribute(element, name)?.trim().parse().ok()
}

/// Appends what a reference stands for: a sign's number, or one of XML's own five names. Any other stays as it is written.
pub(super) fn push_reference(target: &mut String, reference: &BytesRef<'_>) {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        target.push(character);
        return;
    }
    let name: &str = reference;
    match name {
        "amp" => target.push('&'),
        "lt" => target.push('<'),
        "gt" => target.push('>'),
        "quot" => target.push('"'),
        "apos" => target.push('\''),
        other => {
            target.push('&');
            target.push_str(other);
            target.push(';');
        }
    }
}

/// Passes over the rest of an element that has just begun. `None` where the document ends or breaks first.
pub(super) fn pass<R: BufRead>(reader: &mut Reader<R>, buffer: &mut Vec<u8>) -> Option<()> {
    let mut depth = 1_u32;
    while depth > 0 {
        buffer.clear();
        match reader.read_event_into(buffer) {
            Ok(Event::Start(_)) => depth = depth.saturating_add(1),
            Ok(Event::End(_)) => depth -= 1,
            Ok(Event::Eof) | Err(_) => return None,
            Ok(_) => {}
        }
    }
    Some(())
}
