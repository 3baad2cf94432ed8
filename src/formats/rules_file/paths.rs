//! Owns the key-path view of a rules file: every value under its path (`category[speech].round[final].judges.step`), as `rules show`,
//! `rules diff` and the list of unconfirmed values need it. Refuses to know what a key means.
//!
//! Decision worth knowing: a value is unconfirmed while its line still carries the mark and it still equals the preset's. Staff
//! confirm it by changing the value, or by deleting the mark.

use std::cell::LazyCell;
use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::presets::PRESETS;
use super::syntax;
use super::tree::{join, labels, shorten};

/// What a comment says of a value that the notice does not give.
const MARK: &str = "通知未规定";

/// A value of a rules file with its key path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleValue {
    /// The key path.
    pub path: String,
    /// The value as TOML on one line.
    pub value: String,
}

/// One step of the tree: a key, or an element of a list of tables.
struct Place {
    path: String,
    /// The value as TOML; empty where it is not a leaf.
    value: String,
    /// The line that it begins on, from 0.
    line: usize,
    is_leaf: bool,
}

/// Every value of a text in its order; nothing where the text is no TOML.
#[must_use]
pub fn values(text: &str) -> Vec<RuleValue> {
    let root = syntax::checked_tree(text);
    let places = root.get_ref().as_table().map(|root| places(text, root)).unwrap_or_default();
    places.into_iter().filter(|place| place.is_leaf).map(|place| RuleValue { path: place.path, value: place.value }).collect()
}

/// Paths whose line is marked and whose value is still the preset's. Where only some values below a marked table were changed, the
/// others are named one by one.
#[must_use]
pub fn unconfirmed(text: &str) -> Vec<String> {
    if !text.contains(MARK) {
        return Vec::new();
    }
    // Most texts are the first preset's with some changes: the others are rarely asked.
    let presets: Vec<_> = PRESETS.iter().map(|preset| LazyCell::new(|| Expected::of(preset.text))).collect();
    let (marked, leaves) = marks_and_leaves(text);
    let mut unconfirmed = Vec::new();
    for path in marked {
        let below: Vec<&Place> = leaves.iter().filter(|leaf| is_within(&leaf.path, &path)).collect();
        let is_still = |leaf: &Place| presets.iter().any(|preset| preset.has(leaf));
        let unchanged: Vec<String> = below.iter().filter(|leaf| is_still(leaf)).map(|leaf| leaf.path.clone()).collect();
        if unchanged.len() == below.len() && !below.is_empty() {
            unconfirmed.push(path);
        } else {
            unconfirmed.extend(unchanged);
        }
    }
    unconfirmed
}

/// What a preset says below a mark.
struct Expected {
    marked: Vec<String>,
    values: BTreeMap<String, String>,
}

impl Expected {
    fn of(preset: &str) -> Self {
        let (marked, leaves) = marks_and_leaves(preset);
        Self { marked, values: leaves.into_iter().map(|leaf| (leaf.path, leaf.value)).collect() }
    }

    fn has(&self, leaf: &Place) -> bool {
        self.values.get(&leaf.path) == Some(&leaf.value) && self.marked.iter().any(|mark| is_within(&leaf.path, mark))
    }
}

/// The marked paths of a text, and its values, in its order.
fn marks_and_leaves(text: &str) -> (Vec<String>, Vec<Place>) {
    let root = syntax::checked_tree(text);
    let mut places = root.get_ref().as_table().map(|root| places(text, root)).unwrap_or_default();
    let marked = marked(text, &places);
    places.retain(|place| place.is_leaf);
    (marked, places)
}

/// Whether a path is this one or lies below it.
#[must_use]
pub fn is_within(path: &str, root: &str) -> bool {
    path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// Marked paths: the key on the marked line, or the next key below a line that is only the mark.
fn marked(text: &str, places: &[Place]) -> Vec<String> {
    let mut first_on_line: BTreeMap<usize, &Place> = BTreeMap::new();
    for place in places {
        let known = first_on_line.entry(place.line).or_insert(place);
        if place.path.len() < known.path.len() {
            *known = place;
        }
    }
    let mut found = Vec::new();
    let mut waiting = false;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        let is_mark = line.split_once('#').is_some_and(|(_, comment)| comment.contains(MARK));
        if line.starts_with('#') {
            waiting |= is_mark;
        } else if line.is_empty() {
            waiting = false;
        } else if let Some(place) = first_on_line.get(&number)
            && (waiting || is_mark)
        {
            found.push(place.path.clone());
            waiting = false;
        }
    }
    found
}

fn places(text: &str, root: &DeTable<'_>) -> Vec<Place> {
    let starts: Vec<usize> = std::iter::once(0).chain(text.match_indices('\n').map(|(position, _)| position + 1)).collect();
    let line_of = |position: usize| starts.partition_point(|start| *start <= position).saturating_sub(1);
    let mut places = Vec::new();
    walk_table(root, "", &line_of, &mut places);
    places
}

fn walk_table(table: &DeTable<'_>, path: &str, line_of: &dyn Fn(usize) -> usize, places: &mut Vec<Place>) {
    for (key, value) in table {
        walk(value.get_ref(), &join(path, key.get_ref()), line_of(key.span().start), line_of, places);
    }
}

fn walk(value: &DeValue<'_>, path: &str, line: usize, line_of: &dyn Fn(usize) -> usize, places: &mut Vec<Place>) {
    let tables = value.as_array().filter(|array| !array.is_empty() && array.iter().all(|element| element.get_ref().is_table()));
    let named =
        tables.map(|array| labels(array.iter().map(Spanned::get_ref))).filter(|labels| labels.first().is_some_and(|label| label != "1"));
    let is_leaf = !value.is_table() && named.is_none();
    places.push(Place { path: path.to_owned(), value: if is_leaf { compact(value) } else { String::new() }, line, is_leaf });
    if let Some(table) = value.as_table() {
        walk_table(table, path, line_of, places);
    } else if let (Some(array), Some(labels)) = (tables, named) {
        for (element, label) in array.iter().zip(labels) {
            walk(element.get_ref(), &format!("{path}[{label}]"), line_of(element.span().start), line_of, places);
        }
    }
}

/// A value as TOML on one line; the same value gives the same text, however it was laid out.
fn compact(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")),
        DeValue::Integer(integer) => integer.to_string(),
        DeValue::Float(float) => float.to_string(),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(moment) => moment.to_string(),
        DeValue::Array(array) => {
            let elements: Vec<String> = array.iter().map(|element| compact(element.get_ref())).collect();
            format!("[{}]", elements.join(", "))
        }
        DeValue::Table(table) => {
            let entries: Vec<String> =
                table.iter().map(|(key, value)| format!("{} = {}", shorten(key.get_ref()), compact(value.get_ref()))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
    }
}
