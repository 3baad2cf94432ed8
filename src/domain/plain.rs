//! Owns the plain forms of a document that screen, stdout and files share: what a cell says to people, CSV text, and the JSON value.
//! Refuses to know widths, colours, files and encodings.
//!
//! Decision worth knowing: CSV is what people see (titles, labels, local time), JSON is what scripts read (keys, exact texts, RFC 3339).
//! In CSV no text can act as a formula: one that a spreadsheet would take for a formula gets a leading apostrophe. JSON is no tree in
//! memory: [`Json`] says it to any serializer, cell by cell.

use std::borrow::Cow;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::ser::{Serialize, SerializeMap as _, Serializer};

use super::listing::{Audience, Cell, Column, Document, Item, Listing};
use super::values::Points;

impl Cell {
    /// What the cell says to people. Control characters of received texts are still in it: whoever prints to a terminal cleans it.
    #[must_use]
    pub fn plain(&self, timezone: &TimeZone) -> Cow<'_, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Text(text) | Self::Keyed { label: text, .. } => Cow::Borrowed(text),
            Self::Integer(number) => Cow::Owned(number.to_string()),
            Self::Points(points, Some(decimals)) => Cow::Owned(points.to_fixed(*decimals)),
            Self::Points(points, None) => Cow::Owned(points.to_string()),
            Self::Moment(moment) => Cow::Owned(wall_clock(timezone.to_datetime(*moment))),
            Self::Flag(true) => Cow::Borrowed("是"),
            Self::Flag(false) => Cow::Borrowed("否"),
            Self::List(cells) => Cow::Owned(cells.iter().map(|cell| cell.plain(timezone)).collect::<Vec<_>>().join("、")),
            Self::Record(fields) => {
                Cow::Owned(fields.iter().map(|(name, cell)| format!("{name}：{}", cell.plain(timezone))).collect::<Vec<_>>().join("；"))
            }
        }
    }

    /// Whether the cell is a number: right-aligned for people, never taken for a formula.
    #[must_use]
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Integer(_) | Self::Points(..))
    }

    /// What the cell says to scripts.
    #[must_use]
    pub fn json<'a>(&'a self, timezone: &'a TimeZone) -> Json<'a, Self> {
        Json { of: self, timezone }
    }
}

/// A moment as people read it: `2024-07-05 15:59`, with its seconds where there are some.
#[must_use]
pub fn wall_clock(local: DateTime) -> String {
    let (year, second) = (local.year(), local.second());
    if !(1000..=9999).contains(&year) {
        return local.strftime(if second == 0 { "%Y-%m-%d %H:%M" } else { "%Y-%m-%d %H:%M:%S" }).to_string();
    }
    // Digit by digit: tables have thousands of moments, and a pattern is read anew for each.
    let mut text = String::with_capacity("2024-07-05 15:59:59".len());
    let two_digits = |text: &mut String, number: i16| {
        text.extend([number / 10, number % 10].map(|digit| char::from(b'0' + u8::try_from(digit).unwrap_or_default())));
    };
    two_digits(&mut text, year / 100);
    two_digits(&mut text, year % 100);
    let rest = [('-', local.month()), ('-', local.day()), (' ', local.hour()), (':', local.minute()), (':', second)];
    for (mark, number) in rest.into_iter().take(if second == 0 { 4 } else { 5 }) {
        text.push(mark);
        two_digits(&mut text, number.into());
    }
    text
}

/// A cell, listing or document as scripts read it.
#[derive(Debug, Clone, Copy)]
pub struct Json<'a, T> {
    of: &'a T,
    timezone: &'a TimeZone,
}

impl Serialize for Json<'_, Cell> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.of {
            Cell::Empty => serializer.serialize_unit(),
            Cell::Text(text) | Cell::Keyed { key: text, .. } => serializer.serialize_str(text),
            Cell::Integer(number) => serializer.serialize_i64(*number),
            Cell::Points(..) => serializer.serialize_str(&self.of.plain(self.timezone)),
            Cell::Moment(moment) => serializer.collect_str(&moment.display_with_offset(self.timezone.to_offset(*moment))),
            Cell::Flag(flag) => serializer.serialize_bool(*flag),
            Cell::List(cells) => serializer.collect_seq(cells.iter().map(|cell| cell.json(self.timezone))),
            Cell::Record(fields) => serializer.collect_map(fields.iter().map(|(name, cell)| (name, cell.json(self.timezone)))),
        }
    }
}

/// One row under the keys of its columns.
struct JsonRow<'a> {
    columns: &'a [(&'a str, usize)],
    cells: Cow<'a, [Cell]>,
    timezone: &'a TimeZone,
}

impl Serialize for JsonRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fields = self.columns.iter().filter_map(|&(key, index)| Some((key, self.cells.get(index)?.json(self.timezone))));
        serializer.collect_map(fields)
    }
}

impl Serialize for Json<'_, Listing> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let columns = self.of.columns.iter().enumerate();
        let columns = columns.filter(|(_, column)| column.audience != Audience::People && !column.key.is_empty());
        let columns = distinct(columns.map(|(index, column)| (column.key.as_str(), index)));
        serializer.collect_seq(self.of.rows.iter().map(|cells| JsonRow { columns: &columns, cells, timezone: self.timezone }))
    }
}

impl Listing {
    /// The columns that people see, with their place in a row.
    pub fn people_columns(&self) -> impl Iterator<Item = (usize, &Column)> {
        self.columns.iter().enumerate().filter(|(_, column)| column.audience != Audience::Scripts)
    }

    /// The rows as a list of objects, without the columns that only people see.
    #[must_use]
    pub fn json<'a>(&'a self, timezone: &'a TimeZone) -> Json<'a, Self> {
        Json { of: self, timezone }
    }

    /// The table as people see it, as CSV: a line of titles, then a line a row, each ended by `line_end`.
    #[must_use]
    pub fn csv(&self, timezone: &TimeZone, line_end: &str) -> String {
        let mut text = String::new();
        csv_line(&mut text, self.people_columns().map(|(_, column)| (Cow::Borrowed(column.title.as_str()), false)), line_end);
        for row in &self.rows {
            let cells = self.people_columns().filter_map(|(index, _)| row.get(index));
            csv_line(&mut text, cells.map(|cell| (cell.plain(timezone), cell.is_number())), line_end);
        }
        text
    }
}

impl Document {
    /// The document as one JSON object: its keys in their order; what only people see is left out.
    #[must_use]
    pub fn json<'a>(&'a self, timezone: &'a TimeZone) -> Json<'a, Self> {
        Json { of: self, timezone }
    }

    /// The document as CSV: its tables one below the other with an empty line between, empty ones left out beside others; without any table its values as two columns.
    #[must_use]
    pub fn csv(&self, timezone: &TimeZone, line_end: &str) -> String {
        let tables: Vec<String> = self
            .items
            .iter()
            .filter_map(|item| match item {
                Item::Listing(listing) if listing.rows.is_empty() && self.has_rows() => None,
                Item::Listing(listing) => Some(listing.csv(timezone, line_end)),
                Item::Value { .. } | Item::Note(_) => None,
            })
            .collect();
        if !tables.is_empty() {
            return tables.join(line_end);
        }
        let mut text = String::new();
        for item in &self.items {
            if let Item::Value { title, cell, .. } = item
                && !title.is_empty()
            {
                if text.is_empty() {
                    csv_line(&mut text, ["项目", "内容"].map(|title| (Cow::Borrowed(title), false)).into_iter(), line_end);
                }
                csv_line(
                    &mut text,
                    [(Cow::Borrowed(title.as_str()), false), (cell.plain(timezone), cell.is_number())].into_iter(),
                    line_end,
                );
            }
        }
        text
    }
}

impl Document {
    fn has_rows(&self) -> bool {
        self.items.iter().any(|item| matches!(item, Item::Listing(listing) if !listing.rows.is_empty()))
    }
}

impl Serialize for Json<'_, Document> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let items = distinct(self.of.items.iter().filter_map(|item| match item {
            Item::Value { key, .. } if !key.is_empty() => Some((key.as_str(), item)),
            Item::Listing(listing) if !listing.key.is_empty() => Some((listing.key.as_str(), item)),
            Item::Value { .. } | Item::Listing(_) | Item::Note(_) => None,
        }));
        let mut object = serializer.serialize_map(None)?;
        for (key, item) in items {
            match item {
                Item::Value { cell, .. } => object.serialize_entry(key, &cell.json(self.timezone))?,
                Item::Listing(listing) => object.serialize_entry(key, &listing.json(self.timezone))?,
                Item::Note(_) => {}
            }
        }
        object.end()
    }
}

/// Each key once, at its first place with its last value: an object has no key twice.
fn distinct<'a, T>(pairs: impl Iterator<Item = (&'a str, T)>) -> Vec<(&'a str, T)> {
    let mut found: Vec<(&str, T)> = Vec::new();
    for (key, value) in pairs {
        match found.iter_mut().find(|(known, _)| *known == key) {
            Some((_, known)) => *known = value,
            None => found.push((key, value)),
        }
    }
    found
}

fn csv_line<'a>(text: &mut String, fields: impl Iterator<Item = (Cow<'a, str>, bool)>, line_end: &str) {
    for (index, (field, is_number)) in fields.enumerate() {
        if index > 0 {
            text.push(',');
        }
        let field = if is_number { field } else { unformulated(field) };
        if field.contains([',', '"', '\n', '\r']) || field.starts_with(' ') || field.ends_with(' ') {
            text.push('"');
            text.push_str(&field.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(&field);
        }
    }
    text.push_str(line_end);
}

/// The text, with a leading apostrophe if a spreadsheet would take it for a formula. A plain negative number is none.
#[must_use]
pub fn unformulated(text: Cow<'_, str>) -> Cow<'_, str> {
    let begins = |text: &str| text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let is_formula = (begins(&text) || begins(text.trim_start())) && Points::parse(&text).is_err();
    if is_formula { Cow::Owned(format!("'{text}")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::values::Exact;
    use insta::assert_snapshot;
    use proptest::prelude::*;

    fn shanghai() -> TimeZone {
        TimeZone::get("Asia/Shanghai").expect("bundled")
    }

    fn sample() -> Document {
        let mut listing = Listing::new(
            "ranking",
            "排名",
            vec![
                Column::new("place", "名次"),
                Column::new("title", "作品名称"),
                Column::new("score", "得分"),
                Column::new("marks", "评分").only(Audience::Scripts),
                Column::new("marks_text", "各评委").only(Audience::People),
            ],
        );
        let score = Exact::ratio(8910, 100).expect("not zero");
        let mark = Cell::Record(vec![("judge".to_owned(), Cell::text("王评委")), ("dropped".to_owned(), Cell::Flag(false))]);
        listing.push(vec![
            Cell::Integer(1),
            Cell::text("=1+1, \"引\""),
            Cell::Points(score, Some(2)),
            Cell::List(vec![mark]),
            Cell::text("89"),
        ]);
        listing.push(vec![Cell::Integer(-2), Cell::text("-0.5")]);
        let moment = "2024-07-05T15:59:59Z".parse().expect("a moment");
        Document::default()
            .value("category", "类别", Cell::keyed("speech", "演讲"))
            .value("", "只给人看", "甲")
            .value("at", "", Cell::Moment(moment))
            .listing(listing)
            .line("一行说明")
    }

    #[test]
    fn scripts_read_keys_and_exact_texts() {
        assert_snapshot!(serde_json::to_string(&sample().json(&shanghai())).expect("text"), @r#"{"category":"speech","at":"2024-07-05T23:59:59+08:00","ranking":[{"place":1,"title":"=1+1, \"引\"","score":"89.10","marks":[{"judge":"王评委","dropped":false}]},{"place":-2,"title":"-0.5","score":null,"marks":null}]}"#);
    }

    #[test]
    fn people_read_titles_and_labels_in_csv() {
        assert_snapshot!(sample().csv(&shanghai(), "\n"), @r#"
        名次,作品名称,得分,各评委
        1,"'=1+1, ""引""",89.10,89
        -2,-0.5,,
        "#);
        let values = Document::default().value("a", "类别", Cell::keyed("speech", "演讲")).value("b", "", "不给人看");
        assert_snapshot!(values.csv(&shanghai(), "\n"), @"
        项目,内容
        类别,演讲
        ");
    }

    #[test]
    fn formulas_are_disarmed_and_numbers_stay() {
        for text in ["=1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "-cmd|' /C calc'!A0"] {
            assert!(unformulated(Cow::Borrowed(text)).starts_with('\''), "{text}");
        }
        for text in ["-5", "-0.25", "+5", "质量=生命", ""] {
            assert_eq!(unformulated(Cow::Borrowed(text)), text);
        }
    }

    proptest! {
        #[test]
        fn a_moment_is_written_as_its_pattern_says(seconds in -377_705_023_201..253_402_207_200_i64, whole in any::<bool>()) {
            let moment = jiff::Timestamp::from_second(if whole { seconds / 60 * 60 } else { seconds }).expect("within the calendar");
            let local = TimeZone::UTC.to_datetime(moment);
            let pattern = if local.second() == 0 { "%Y-%m-%d %H:%M" } else { "%Y-%m-%d %H:%M:%S" };
            prop_assert_eq!(wall_clock(local), local.strftime(pattern).to_string());
        }

        #[test]
        fn csv_fields_come_back(fields in prop::collection::vec("[a-z,\"\\n 中\\r]{0,8}", 1..5)) {
            let mut text = String::new();
            csv_line(&mut text, fields.iter().map(|field| (Cow::Borrowed(field.as_str()), true)), "\r\n");
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
            let record = reader.records().next().and_then(Result::ok).unwrap_or_default();
            prop_assume!(fields != [String::new()]);
            prop_assert_eq!(record.iter().map(str::to_owned).collect::<Vec<_>>(), fields);
        }
    }
}
