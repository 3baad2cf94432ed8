//! Owns the row as received: its texts as JSON, whole or with what the contest holds anyway left out, and the way back. Refuses to
//! know what the texts mean.
//!
//! Decision worth knowing: the whole row is an object, column title → text. A table repeats its titles in every row, and a work keeps
//! its summary, which is most of the row's text, in a column of its own. So the short form is an array in the order of the sheet's
//! titles, which are kept once: a text, `null` for an empty cell, `0` for the work's own summary. Going back gives the same bytes.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// A row as received.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReceivedRow {
    /// The titles of the sheet as a JSON array; `None` where `json` is an object, which has its own.
    titles: Option<Arc<str>>,
    json: String,
    /// Where in `json` the summary stands, with its quotes; empty where there is none.
    summary: Range<usize>,
}

impl ReceivedRow {
    /// A row with its own titles: a JSON object, column title → text.
    #[must_use]
    pub fn object(json: String) -> Self {
        Self { titles: None, json, summary: 0..0 }
    }

    /// A row in the order of `titles` (a JSON array): a JSON array of texts, `null` where a cell is empty. `summary`: the bytes where the
    /// text of the summary stands, with its quotes; an empty range where there is none.
    #[must_use]
    pub fn array(titles: Arc<str>, json: String, summary: Range<usize>) -> Self {
        Self { titles: Some(titles), json, summary }
    }

    /// About how many bytes its texts take.
    #[must_use]
    pub fn text_len(&self) -> usize {
        self.json.len()
    }

    /// The titles that the short form needs, as a JSON array; `None` where the row has its own.
    #[must_use]
    pub fn titles(&self) -> Option<&Arc<str>> {
        self.titles.as_ref()
    }

    /// The whole row: a JSON object, column title → text, without empty cells.
    #[must_use]
    pub fn whole(&self) -> Cow<'_, str> {
        match &self.titles {
            // Nothing is left out in memory, so no summary is needed.
            Some(titles) => Cow::Owned(whole(titles, &self.json, "")),
            None => Cow::Borrowed(&self.json),
        }
    }

    /// The row to keep beside [`Self::titles`] with a work whose summary is this.
    #[must_use]
    pub fn short(&self, summary: &str) -> Cow<'_, str> {
        let text = self.json.get(self.summary.start + 1..self.summary.end.saturating_sub(1)).unwrap_or_default();
        // A text with escapes differs from its JSON; it is rare, and stays.
        if text.is_empty() || text != summary || text.contains('\\') {
            return Cow::Borrowed(&self.json);
        }
        let (before, after) = (self.json.get(..self.summary.start), self.json.get(self.summary.end..));
        let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
        let mut short = String::with_capacity(before.len() + after.len() + 1);
        short.push_str(before);
        short.push('0');
        short.push_str(after);
        Cow::Owned(short)
    }
}

/// The whole row as a JSON object, from what is kept: the sheet's `titles` as a JSON array, the row in either form, and the summary
/// that the work has.
#[must_use]
pub fn whole(titles: &str, kept: &str, summary: &str) -> String {
    if !kept.starts_with('[') {
        return kept.to_owned();
    }
    let mut whole = String::with_capacity(titles.len() + kept.len() + summary.len() + 64);
    whole.push('{');
    for (title, text) in elements(titles).zip(elements(kept)).filter(|(_, text)| *text != "null") {
        if whole.len() > 1 {
            whole.push(',');
        }
        whole.push_str(title);
        whole.push(':');
        if text == "0" {
            push_json(&mut whole, summary);
        } else {
            whole.push_str(text);
        }
    }
    whole.push('}');
    whole
}

/// The row as kept, but with the summary in its place: what is to be kept once the work has another.
#[must_use]
pub fn with_summary(kept: &str, summary: &str) -> String {
    if !kept.starts_with('[') {
        return kept.to_owned();
    }
    let mut filled = String::with_capacity(kept.len() + summary.len() + 2);
    filled.push('[');
    for text in elements(kept) {
        if filled.len() > 1 {
            filled.push(',');
        }
        if text == "0" {
            push_json(&mut filled, summary);
        } else {
            filled.push_str(text);
        }
    }
    filled.push(']');
    filled
}

/// The elements of an array of texts, `null` and `0`, as they are written.
fn elements(array: &str) -> impl Iterator<Item = &str> {
    let mut rest = array.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or_default();
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = end_of(rest.as_bytes());
        let element = rest.get(..end)?;
        rest = rest.get(end + 1..).unwrap_or_default();
        Some(element)
    })
}

/// Where the first element ends: at the first comma outside quotes.
fn end_of(bytes: &[u8]) -> usize {
    let (mut quoted, mut escaped) = (false, false);
    for (at, &byte) in bytes.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = quoted,
            b'"' => quoted = !quoted,
            b',' if !quoted => return at,
            _ => {}
        }
    }
    bytes.len()
}

/// Appends a JSON string with its quotes.
pub fn push_json(target: &mut String, text: &str) {
    target.push('"');
    // Without leaving early the check is fast, and few texts need more.
    let escape = |byte: u8| u8::from(byte < 0x20) | u8::from(byte == b'"') | u8::from(byte == b'\\');
    if text.bytes().fold(0, |found, byte| found | escape(byte)) == 0 {
        target.push_str(text);
        target.push('"');
        return;
    }
    let mut start = 0;
    for (index, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        target.push_str(text.get(start..index).unwrap_or_default());
        match byte {
            b'"' => target.push_str("\\\""),
            b'\\' => target.push_str("\\\\"),
            b'\n' => target.push_str("\\n"),
            b'\r' => target.push_str("\\r"),
            b'\t' => target.push_str("\\t"),
            control => {
                target.push_str("\\u");
                for shift in [12, 8, 4, 0] {
                    target.push(char::from_digit((u32::from(control) >> shift) & 15, 16).unwrap_or('0'));
                }
            }
        }
        start = index + 1;
    }
    target.push_str(text.get(start..).unwrap_or_default());
    target.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A row as its reader makes it, and the object that it stands for.
    fn row(cells: &[(String, Option<String>)], summary: usize) -> (ReceivedRow, String) {
        let (mut titles, mut json, mut object, mut at) = ("[".to_owned(), "[".to_owned(), "{".to_owned(), 0..0);
        for (index, (title, text)) in cells.iter().enumerate() {
            for target in [&mut titles, &mut json] {
                if index > 0 {
                    target.push(',');
                }
            }
            push_json(&mut titles, title);
            let start = json.len();
            let Some(text) = text else {
                json.push_str("null");
                continue;
            };
            push_json(&mut json, text);
            if index == summary {
                at = start..json.len();
            }
            if object.len() > 1 {
                object.push(',');
            }
            push_json(&mut object, title);
            object.push(':');
            push_json(&mut object, text);
        }
        titles.push(']');
        json.push(']');
        object.push('}');
        (ReceivedRow::array(titles.into(), json, at), object)
    }

    proptest! {
        #[test]
        fn every_row_comes_back_whole(
            cells in proptest::collection::vec((".{0,6}", proptest::option::of("(?s).{1,12}|[\",\\\\\\[\\]{}:0]{1,9}|null|0")), 0..8),
            summary in 0..9_usize,
            is_own in any::<bool>(),
        ) {
            let (received, object) = row(&cells, summary);
            let own = cells.get(summary).and_then(|(_, text)| text.clone()).filter(|_| is_own).unwrap_or_else(|| "另写".to_owned());
            prop_assert_eq!(&*received.whole(), object.as_str());
            let titles = received.titles().expect("an array has titles").clone();
            let kept = received.short(&own).into_owned();
            prop_assert_eq!(&whole(&titles, &kept, &own), &object);
            // The work gets another summary; the row as received stays.
            let kept = with_summary(&kept, &own);
            prop_assert_eq!(&whole(&titles, &kept, "后来的简介"), &object);
            prop_assert!(serde_json::from_str::<serde_json::Value>(&kept).is_ok());
        }
    }

    #[test]
    fn the_summary_is_kept_once() {
        let cells = [("题".to_owned(), Some("甲".to_owned())), ("空".to_owned(), None), ("简介".to_owned(), Some("长文".to_owned()))];
        let (received, object) = row(&cells, 2);
        assert_eq!(received.short("长文"), r#"["甲",null,0]"#);
        assert_eq!(received.short("别的"), r#"["甲",null,"长文"]"#);
        assert_eq!(object, r#"{"题":"甲","简介":"长文"}"#);
        let old = ReceivedRow::object(object.clone());
        assert_eq!((old.whole(), old.short("长文")), (object.as_str().into(), object.as_str().into()));
        assert_eq!(whole("[]", &object, "长文"), object);
    }
}
