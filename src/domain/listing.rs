//! Owns what everything prints: a [`Document`] of values, tables ([`Listing`]) and notes, made of typed cells. Terminal, JSON, CSV,
//! Markdown and workbook render the same value, so screen and file cannot disagree. Refuses to know how any of them looks.
//!
//! Decision worth knowing: the rows of a long table need not lie in memory as cells. [`Rows`] are kept or made when looked at, and who
//! renders them cannot tell.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;

use super::beside::Comparisons;
use super::values::Exact;

/// One typed cell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Cell {
    /// Nothing; `null` in JSON.
    #[default]
    Empty,
    /// A text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// Points; a text in JSON. With `Some(decimals)` always that many decimals, else as short as exact.
    Points(Exact, Option<u32>),
    /// A moment; RFC 3339 with the contest's offset in JSON, local wall clock for people.
    Moment(Timestamp),
    /// Yes or no.
    Flag(bool),
    /// A code with its printed name: the key goes to JSON, the label to people.
    Keyed {
        /// In JSON.
        key: String,
        /// For people.
        label: String,
    },
    /// Several cells.
    List(Vec<Cell>),
    /// Named cells: a JSON object.
    Record(Vec<(String, Cell)>),
}

impl Cell {
    /// A text; an empty one is [`Cell::Empty`].
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Empty } else { Self::Text(text) }
    }

    /// A count.
    #[must_use]
    pub fn count(count: usize) -> Self {
        Self::Integer(i64::try_from(count).unwrap_or(i64::MAX))
    }

    /// A code with its printed name.
    pub fn keyed(key: impl Into<String>, label: impl Into<String>) -> Self {
        Self::Keyed { key: key.into(), label: label.into() }
    }

    /// A cell that may be missing.
    pub fn optional<T>(value: Option<T>, make: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Empty, make)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

/// Who sees a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// People and scripts.
    All,
    /// Only JSON: details that a table has no room for.
    Scripts,
    /// Only tables and files: what JSON says in another way.
    People,
}

/// A column of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The key in JSON.
    pub key: String,
    /// The printed title.
    pub title: String,
    /// Who sees it.
    pub audience: Audience,
    /// Whether adjacent equal cells merge in a workbook (level cells of award lists).
    pub merged: bool,
    /// What a screen does with it where the table is too wide.
    pub narrow: Narrow,
}

/// What becomes of a column on a screen that is too narrow for the table; files and JSON always have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Narrow {
    /// It stays, wrapped if need be.
    #[default]
    Keep,
    /// It is left out, the last such column first, and named under the table.
    Omit,
    /// Its values become headings between the rows.
    Heading,
}

impl Column {
    /// A column for all.
    pub fn new(key: impl Into<String>, title: impl Into<String>) -> Self {
        Self { key: key.into(), title: title.into(), audience: Audience::All, merged: false, narrow: Narrow::Keep }
    }

    /// The same column for fewer.
    #[must_use]
    pub fn only(mut self, audience: Audience) -> Self {
        self.audience = audience;
        self
    }

    /// The same column, left out where a screen is too narrow.
    #[must_use]
    pub fn minor(mut self) -> Self {
        self.narrow = Narrow::Omit;
        self
    }

    /// The same column, its values headings where a screen is too narrow.
    #[must_use]
    pub fn heading(mut self) -> Self {
        self.narrow = Narrow::Heading;
        self
    }

    /// The same column with equal neighbours merged.
    #[must_use]
    pub fn merged(mut self) -> Self {
        self.merged = true;
        self
    }
}

/// The rows of a listing in their order: pushed one by one and kept, or made of something smaller whenever they are looked at.
#[derive(Clone)]
pub struct Rows(Form);

#[derive(Clone)]
enum Form {
    Kept(Vec<Vec<Cell>>),
    Made { count: usize, make: Arc<dyn Fn(usize) -> Vec<Cell> + Send + Sync> },
}

impl Rows {
    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.0 {
            Form::Kept(rows) => rows.len(),
            Form::Made { count, .. } => *count,
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The row at a place, from 0.
    #[must_use]
    pub fn get(&self, place: usize) -> Option<Cow<'_, [Cell]>> {
        match &self.0 {
            Form::Kept(rows) => rows.get(place).map(|row| Cow::Borrowed(row.as_slice())),
            Form::Made { count, make } => (place < *count).then(|| Cow::Owned(make(place))),
        }
    }

    /// Every row; one that is made lives until the next.
    #[must_use]
    pub fn iter(&self) -> RowIterator<'_> {
        RowIterator { rows: self, places: 0..self.len() }
    }

    /// Keeps only the first `count` rows.
    pub fn truncate(&mut self, count: usize) {
        match &mut self.0 {
            Form::Kept(rows) => rows.truncate(count),
            Form::Made { count: all, .. } => *all = count.min(*all),
        }
    }

    fn push(&mut self, row: Vec<Cell>) {
        match &mut self.0 {
            Form::Kept(rows) => rows.push(row),
            Form::Made { .. } => {
                let mut rows: Vec<Vec<Cell>> = self.iter().map(Cow::into_owned).collect();
                rows.push(row);
                self.0 = Form::Kept(rows);
            }
        }
    }
}

/// The rows of a listing, one after another.
#[derive(Debug, Clone)]
pub struct RowIterator<'a> {
    rows: &'a Rows,
    places: Range<usize>,
}

impl<'a> Iterator for RowIterator<'a> {
    type Item = Cow<'a, [Cell]>;

    fn next(&mut self) -> Option<Self::Item> {
        self.rows.get(self.places.next()?)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.places.size_hint()
    }
}

impl ExactSizeIterator for RowIterator<'_> {}

impl<'a> IntoIterator for &'a Rows {
    type Item = Cow<'a, [Cell]>;
    type IntoIter = RowIterator<'a>;

    fn into_iter(self) -> RowIterator<'a> {
        self.iter()
    }
}

impl Default for Rows {
    fn default() -> Self {
        Self(Form::Kept(Vec::new()))
    }
}

impl PartialEq for Rows {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl Eq for Rows {}

impl fmt::Debug for Rows {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.iter()).finish()
    }
}

/// A titled table: every row has one cell per column.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// The key in JSON; also names the sheet's file where several are written.
    pub key: String,
    /// The printed title; also the sheet's name in a workbook.
    pub title: String,
    /// Columns in their order.
    pub columns: Vec<Column>,
    /// Rows in their order.
    pub rows: Rows,
    /// Lines under the table, for people.
    pub notes: Vec<String>,
    /// What people read in place of an empty table; empty: the table is left out.
    pub when_empty: String,
    /// What a terminal shows in place of the rows, where two things are better seen side by side.
    pub comparisons: Option<Comparisons>,
}

impl Listing {
    /// An empty table.
    pub fn new(key: impl Into<String>, title: impl Into<String>, columns: Vec<Column>) -> Self {
        Self { key: key.into(), title: title.into(), columns, ..Self::default() }
    }

    /// Adds a row. A short row is filled with empty cells, so that renderers may rely on the width.
    pub fn push(&mut self, mut row: Vec<Cell>) {
        row.resize(self.columns.len(), Cell::Empty);
        self.rows.push(row);
    }

    /// Gives the table `count` rows that are made when they are looked at, in any order, from any thread, and more than once: `make`
    /// answers a place (from 0) with the same cells each time. For long tables: what it borrows from must be small, or shared (`Arc`).
    #[must_use]
    pub fn rows_made(mut self, count: usize, make: impl Fn(usize) -> Vec<Cell> + Send + Sync + 'static) -> Self {
        let width = self.columns.len();
        let filled = move |place| {
            let mut row = make(place);
            row.resize(width, Cell::Empty);
            row
        };
        self.rows = Rows(Form::Made { count, make: Arc::new(filled) });
        self
    }

    /// Sets what a terminal shows in place of the rows.
    #[must_use]
    pub fn compared(mut self, comparisons: Comparisons) -> Self {
        self.comparisons = Some(comparisons);
        self
    }

    /// Sets what people read in place of an empty table.
    #[must_use]
    pub fn when_empty(mut self, text: impl Into<String>) -> Self {
        self.when_empty = text.into();
        self
    }
}

/// One part of a document, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A named value; with an empty title only JSON has it.
    Value {
        /// The key in JSON; with an empty key only people see it.
        key: String,
        /// The printed title.
        title: String,
        /// The value.
        cell: Cell,
    },
    /// A table; a list of objects in JSON, under its key.
    Listing(Listing),
    /// A line for people; not in JSON.
    Note(String),
}

/// What a command hands out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Document {
    /// In their order.
    pub items: Vec<Item>,
}

impl Document {
    /// A document of one table.
    #[must_use]
    pub fn of(listing: Listing) -> Self {
        Self { items: vec![Item::Listing(listing)] }
    }

    /// A document of one line.
    pub fn note(text: impl Into<String>) -> Self {
        Self { items: vec![Item::Note(text.into())] }
    }

    /// Adds a value for people and scripts.
    #[must_use]
    pub fn value(mut self, key: impl Into<String>, title: impl Into<String>, cell: impl Into<Cell>) -> Self {
        self.items.push(Item::Value { key: key.into(), title: title.into(), cell: cell.into() });
        self
    }

    /// Adds a table.
    #[must_use]
    pub fn listing(mut self, listing: Listing) -> Self {
        self.items.push(Item::Listing(listing));
        self
    }

    /// Adds a line for people.
    #[must_use]
    pub fn line(mut self, text: impl Into<String>) -> Self {
        self.items.push(Item::Note(text.into()));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_rows_are_rows_as_kept_ones_are() {
        let empty = || Listing::new("a", "", vec![Column::new("a", "甲"), Column::new("b", "乙")]);
        let mut kept = empty();
        for number in 0..5 {
            kept.push(vec![Cell::Integer(number)]);
        }
        let mut made = empty().rows_made(5, |place| vec![Cell::count(place)]);
        assert_eq!(made, kept);
        assert_eq!(made.rows.get(4).as_deref(), Some([Cell::Integer(4), Cell::Empty].as_slice()));
        assert_eq!(made.rows.get(5), None);
        for listing in [&mut made, &mut kept] {
            listing.rows.truncate(3);
            listing.push(vec![Cell::Empty, Cell::Flag(true)]);
        }
        assert_eq!(made, kept);
        assert_eq!(format!("{:?}", made.rows), format!("{:?}", kept.rows));
    }
}
