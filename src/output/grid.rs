//! Owns the texts of a listing as a screen shows them, and what is to be known of each column before the first line can be drawn.
//! Refuses to know how wide the screen is.
//!
//! Decision worth knowing: all texts of a table lie in one piece of memory, not in a value each, and a long table is read by two threads.

use comfy_table::Color;
use jiff::tz::TimeZone;
use unicode_width::UnicodeWidthStr as _;

use super::table::clean;
use crate::domain::listing::{Cell, Listing, Narrow};
use crate::domain::threads::side_by_side_if;

/// Decimals that a screen shows of a number without fixed decimals; a longer one ends in “…”.
const SHOWN_DECIMALS: usize = 4;
/// Fewer rows than this are not worth a second thread.
const LONG: usize = 2_000;

/// A column that is shown: one with a value in some row.
pub(super) struct Column {
    /// Its place in the grid.
    pub(super) place: usize,
    /// Its clean title.
    pub(super) title: String,
    /// Whether it holds numbers only: right-aligned and never wrapped.
    pub(super) numeric: bool,
    /// The widest line of its cells, without its title.
    pub(super) content: usize,
    /// Whether some of its cells have several lines.
    pub(super) breaks: bool,
    /// What becomes of it where there is no room.
    pub(super) narrow: Narrow,
}

/// What is drawn of a grid.
pub(super) struct Shape<'a> {
    /// In their order.
    pub(super) columns: Vec<&'a Column>,
    /// The place of the column whose values stand as headings between the rows.
    pub(super) heading: Option<usize>,
    /// The titles of the columns that are left out.
    pub(super) omitted: Vec<&'a str>,
}

/// What people see of a listing, as clean texts.
pub(super) struct Grid {
    columns: Vec<Column>,
    first: Texts,
    second: Texts,
}

impl Grid {
    pub(super) fn of(listing: &Listing, timezone: &TimeZone) -> Self {
        let columns: Vec<usize> = listing.people_columns().map(|(index, _)| index).collect();
        let count = listing.rows.len();
        let texts = |from, to| Texts::of(listing, &columns, from, to, timezone);
        let (first, second) = side_by_side_if(count >= LONG, || texts(0, count / 2), || texts(count / 2, count));
        let known = first.columns.iter().zip(&second.columns);
        let shown = listing.people_columns().zip(known).enumerate().filter(|(_, (_, (first, second)))| first.filled || second.filled);
        let columns = shown.map(|(place, ((_, column), (first, second)))| Column {
            place,
            title: clean(&column.title).into_owned(),
            numeric: first.numbers + second.numbers > 0 && first.others + second.others == 0,
            content: first.widest.max(second.widest),
            breaks: first.breaks || second.breaks,
            narrow: column.narrow,
        });
        Self { columns: columns.collect(), first, second }
    }

    /// How many rows.
    pub(super) fn rows(&self) -> usize {
        self.first.rows + self.second.rows
    }

    /// The columns that are shown.
    pub(super) fn columns(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter()
    }

    /// The text of a cell.
    pub(super) fn text(&self, row: usize, column: usize) -> &str {
        match row.checked_sub(self.first.rows) {
            None => self.first.text(row, column),
            Some(row) => self.second.text(row, column),
        }
    }

    /// The colour of a cell that carries a severity.
    pub(super) fn colour(&self, row: usize, column: usize) -> Option<Color> {
        match row.checked_sub(self.first.rows) {
            None => self.first.colour(row, column),
            Some(row) => self.second.colour(row, column),
        }
    }
}

/// What is known of a column within some rows.
#[derive(Clone, Default)]
struct Seen {
    /// Whether some cell says something.
    filled: bool,
    /// Cells that are numbers.
    numbers: usize,
    /// Cells that are neither numbers nor empty.
    others: usize,
    /// The widest line.
    widest: usize,
    /// Whether some cell has several lines.
    breaks: bool,
}

/// The clean texts of some rows, one after another.
struct Texts {
    rows: usize,
    columns: Vec<Seen>,
    all: String,
    /// Where each text ends, row by row.
    ends: Vec<usize>,
    /// Row, column, colour; ascending.
    colours: Vec<(usize, usize, Color)>,
}

impl Texts {
    fn of(listing: &Listing, columns: &[usize], from: usize, to: usize, timezone: &TimeZone) -> Self {
        let rows = to.saturating_sub(from);
        let mut texts = Self {
            rows,
            columns: vec![Seen::default(); columns.len()],
            all: String::new(),
            ends: Vec::with_capacity(rows * columns.len()),
            colours: Vec::new(),
        };
        for place in from..to {
            let row = listing.rows.get(place).unwrap_or_default();
            for (column, &index) in columns.iter().enumerate() {
                texts.add(place - from, column, row.get(index).unwrap_or(&Cell::Empty), timezone);
            }
        }
        texts
    }

    fn add(&mut self, row: usize, column: usize, cell: &Cell, timezone: &TimeZone) {
        let begin = self.all.len();
        let text = cell.plain(timezone);
        let shown = shown(cell, &text);
        let mut widest = if shown.len() == text.len() { plain_width(shown) } else { None };
        if widest.is_some() {
            self.all.push_str(shown);
        } else {
            self.all.push_str(&clean(shown));
            if shown.len() < text.len() {
                self.all.push('…');
            }
        }
        if let Some(seen) = self.columns.get_mut(column) {
            let text = self.all.get(begin..).unwrap_or_default();
            seen.breaks |= widest.is_none() && text.contains('\n');
            let widest = widest.get_or_insert_with(|| text.split('\n').map(width).max().unwrap_or(0));
            seen.widest = seen.widest.max(*widest);
            seen.filled |= !is_blank(cell);
            seen.numbers += usize::from(cell.is_number());
            seen.others += usize::from(!matches!(cell, Cell::Empty) && !cell.is_number());
        }
        self.ends.push(self.all.len());
        if let Some(colour) = colour_of(cell) {
            self.colours.push((row, column, colour));
        }
    }

    fn text(&self, row: usize, column: usize) -> &str {
        let at = row * self.columns.len() + column;
        let begin = at.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.ends.get(at).and_then(|end| self.all.get(begin..*end)).unwrap_or_default()
    }

    fn colour(&self, row: usize, column: usize) -> Option<Color> {
        let found = self.colours.binary_search_by_key(&(row, column), |(row, column, _)| (*row, *column)).ok()?;
        self.colours.get(found).map(|(.., colour)| *colour)
    }
}

/// How many columns of a screen a line of a clean text takes.
pub(super) fn width(line: &str) -> usize {
    plain_width(line).unwrap_or_else(|| line.width())
}

/// The same for a text of printed ASCII, each letter of which takes one, and of hanzi, which take two: three bytes that begin with E4
/// (from B8 on) to E9. It is clean, too.
fn plain_width(line: &str) -> Option<usize> {
    let (mut rest, mut columns) = (line.as_bytes(), 0);
    loop {
        (rest, columns) = match rest {
            [] => return Some(columns),
            [b' '..=b'~', rest @ ..] => (rest, columns + 1),
            [0xE4, 0xB8..=0xFF, _, rest @ ..] | [0xE5..=0xE9, _, _, rest @ ..] => (rest, columns + 2),
            _ => return None,
        }
    }
}

/// Whether a cell says nothing.
fn is_blank(cell: &Cell) -> bool {
    match cell {
        Cell::Empty => true,
        Cell::Text(text) | Cell::Keyed { label: text, .. } => text.is_empty(),
        Cell::List(cells) => cells.is_empty(),
        Cell::Integer(_) | Cell::Points(..) | Cell::Moment(_) | Cell::Flag(_) | Cell::Record(_) => false,
    }
}

/// How much of a cell's text a screen shows: numbers that the rules do not round are cut, not rounded, and say so.
fn shown<'a>(cell: &Cell, text: &'a str) -> &'a str {
    match cell {
        Cell::Points(_, None) => {
            let whole = text.find('.').map_or(text.len(), |point| point + 1 + SHOWN_DECIMALS);
            text.get(..whole).unwrap_or(text)
        }
        Cell::Empty
        | Cell::Text(_)
        | Cell::Integer(_)
        | Cell::Points(..)
        | Cell::Moment(_)
        | Cell::Flag(_)
        | Cell::Keyed { .. }
        | Cell::List(_)
        | Cell::Record(_) => text,
    }
}

fn colour_of(cell: &Cell) -> Option<Color> {
    match cell {
        Cell::Keyed { key, .. } => match key.as_str() {
            "error" => Some(Color::Red),
            "warning" => Some(Color::Yellow),
            "info" => Some(Color::Cyan),
            _ => None,
        },
        Cell::Empty
        | Cell::Text(_)
        | Cell::Integer(_)
        | Cell::Points(..)
        | Cell::Moment(_)
        | Cell::Flag(_)
        | Cell::List(_)
        | Cell::Record(_) => None,
    }
}
