//! Owns what everything prints: a [`Document`] of values, tables ([`Listing`]) and notes, made of typed cells. Terminal, JSON, CSV,
//! Markdown and workbook render the same value, so screen and file cannot disagree. Refuses to know how any of them looks.

use jiff::Timestamp;

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
    pub rows: Vec<Vec<Cell>>,
    /// Lines under the table, for people.
    pub notes: Vec<String>,
    /// What people read in place of an empty table; empty: the table is left out.
    pub when_empty: String,
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
