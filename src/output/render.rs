//! Owns how a document looks on the terminal and in JSON. Files are written by `formats`.

use jiff::tz::TimeZone;

use super::ui::{Format, Terminal};
use crate::domain::listing::Document;

/// Renders a document as text that ends in a line break.
#[must_use]
pub fn document(document: &Document, format: Format, timezone: &TimeZone, terminal: &Terminal) -> String {
    let _ = (format, timezone, terminal);
    format!("{document:?}\n")
}
