//! Owns exported texts: listings as CSV, JSON and Markdown. What a cell says is `domain::plain`, shared with the screen.
//!
//! Decision worth knowing: a CSV file has a byte order mark and CRLF, so that Excel and WPS open it right, and holds one table. Several
//! listings with the same columns become one table with a leading column that names the listing; others do not fit into one CSV.

use std::fmt::Write as _;

use jiff::tz::TimeZone;
use serde::Serialize;
use serde::ser::{SerializeStruct as _, Serializer};

use super::target::WriteError;
use crate::domain::listing::{Cell, Column, Listing};

/// The title of the column that names the listing in a combined CSV.
const NAME_COLUMN: &str = "名单";

/// The listings as the text of a CSV file, with byte order mark and CRLF.
///
/// # Errors
/// The listings have different columns.
pub fn csv(listings: &[Listing], timezone: &TimeZone) -> Result<String, WriteError> {
    let table = match listings {
        [] => String::new(),
        [only] => only.csv(timezone, "\r\n"),
        [first, ..] => combined(first, listings)
            .ok_or_else(|| WriteError::Content("各表的列不同，放不进一个 CSV 文件".to_owned()))?
            .csv(timezone, "\r\n"),
    };
    Ok(format!("\u{feff}{table}"))
}

fn combined(first: &Listing, listings: &[Listing]) -> Option<Listing> {
    if listings.iter().any(|listing| listing.columns != first.columns) {
        return None;
    }
    let mut columns = vec![Column::new("", NAME_COLUMN)];
    columns.extend(first.columns.iter().cloned());
    let mut all = Listing::new(first.key.clone(), first.title.clone(), columns);
    for listing in listings {
        for row in &listing.rows {
            let mut cells = vec![Cell::text(listing.title.clone())];
            cells.extend(row.iter().cloned());
            all.push(cells);
        }
    }
    Some(all)
}

/// The listings as the text of a JSON file: `{"title", "tables": [{"key", "title", "rows": [{…}], "notes": ["…"]}]}`; the rows have the
/// keys that `--format json` prints.
#[must_use]
pub fn json(title: &str, listings: &[Listing], timezone: &TimeZone) -> String {
    let file = JsonFile { title, tables: listings.iter().map(|listing| JsonTable { listing, timezone }).collect() };
    // Texts, numbers and lists under keys of their own always have a text.
    serde_json::to_string_pretty(&file).unwrap_or_default() + "\n"
}

#[derive(Serialize)]
struct JsonFile<'a> {
    title: &'a str,
    tables: Vec<JsonTable<'a>>,
}

struct JsonTable<'a> {
    listing: &'a Listing,
    timezone: &'a TimeZone,
}

impl Serialize for JsonTable<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut table = serializer.serialize_struct("table", 4)?;
        table.serialize_field("key", &self.listing.key)?;
        table.serialize_field("title", &self.listing.title)?;
        table.serialize_field("rows", &self.listing.json(self.timezone))?;
        table.serialize_field("notes", &self.listing.notes)?;
        table.end()
    }
}

/// The listings as Markdown: a heading, then each table with its own heading and notes.
#[must_use]
pub fn markdown(title: &str, listings: &[Listing], timezone: &TimeZone) -> String {
    let mut text = format!("# {}\n", escaped(title));
    for listing in listings {
        if listing.title != title {
            let _ = write!(text, "\n## {}\n", escaped(&listing.title));
        }
        text.push('\n');
        if listing.rows.is_empty() {
            text.push_str(&escaped(if listing.when_empty.is_empty() { "（无）" } else { &listing.when_empty }));
            text.push('\n');
        } else {
            markdown_table(&mut text, listing, timezone);
        }
        for note in &listing.notes {
            let _ = write!(text, "\n{}\n", escaped(note));
        }
    }
    text
}

fn markdown_table(text: &mut String, listing: &Listing, timezone: &TimeZone) {
    let columns: Vec<usize> = listing.people_columns().map(|(index, _)| index).collect();
    let titles: Vec<String> = listing.people_columns().map(|(_, column)| escaped(&column.title)).collect();
    let (mut numbers, mut others) = (vec![false; listing.columns.len()], vec![false; listing.columns.len()]);
    for row in &listing.rows {
        for ((cell, numbers), others) in row.iter().zip(&mut numbers).zip(&mut others) {
            *numbers |= cell.is_number();
            *others |= *cell != Cell::Empty && !cell.is_number();
        }
    }
    let numeric = |index: usize| numbers.get(index) == Some(&true) && others.get(index) == Some(&false);
    let rules: Vec<&str> = columns.iter().map(|&index| if numeric(index) { "--:" } else { "---" }).collect();
    let _ = writeln!(text, "| {} |\n| {} |", titles.join(" | "), rules.join(" | "));
    for row in &listing.rows {
        let texts: Vec<String> =
            columns.iter().map(|&index| row.get(index).map(|cell| escaped(&cell.plain(timezone))).unwrap_or_default()).collect();
        let _ = writeln!(text, "| {} |", texts.join(" | "));
    }
}

/// A text in which Markdown finds no marks of its own: no table border, link, HTML or emphasis; line breaks stay within the cell.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.replace("\r\n", "\n").chars() {
        match character {
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' => {
                escaped.push('\\');
                escaped.push(character);
            }
            '\n' | '\r' => escaped.push_str("<br>"),
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::values::Exact;
    use insta::assert_snapshot;

    fn zone(name: &str, titles: &[&str]) -> Listing {
        let columns = vec![Column::new("place", "名次"), Column::new("title", "作品名称"), Column::new("score", "得分")];
        let mut listing = Listing::new("ranking", name, columns);
        for (index, title) in titles.iter().enumerate() {
            listing.push(vec![Cell::count(index + 1), Cell::text(*title), Cell::Points(Exact::integer(90), Some(2))]);
        }
        listing
    }

    #[test]
    fn several_tables_of_one_shape_share_a_csv() {
        let listings = [zone("浦东赛区", &["=HYPERLINK(\"x\")", "甲"]), zone("金山赛区", &["乙,丙"])];
        let text = csv(&listings, &TimeZone::UTC).expect("one shape");
        assert!(text.starts_with('\u{feff}'));
        assert!(text.lines().count() == text.matches("\r\n").count());
        assert_snapshot!(text.replace(['\u{feff}', '\r'], ""), @r#"
        名单,名次,作品名称,得分
        浦东赛区,1,"'=HYPERLINK(""x"")",90.00
        浦东赛区,2,甲,90.00
        金山赛区,1,"乙,丙",90.00
        "#);
        let other = Listing::new("x", "别的", vec![Column::new("a", "甲")]);
        assert!(matches!(csv(&[zone("浦东赛区", &[]), other], &TimeZone::UTC), Err(WriteError::Content(_))));
    }

    #[test]
    fn markdown_cells_stay_cells() {
        let mut listing = zone("浦东赛区", &["一|二\n<b>*三*"]);
        listing.notes.push("按得分排列。".to_owned());
        assert_snapshot!(markdown("排名", &[listing, zone("金山赛区", &[])], &TimeZone::UTC), @r"
        # 排名

        ## 浦东赛区

        | 名次 | 作品名称 | 得分 |
        | --: | --- | --: |
        | 1 | 一\|二<br>\<b\>\*三\* | 90.00 |

        按得分排列。

        ## 金山赛区

        （无）
        ");
    }

    #[test]
    fn json_has_the_same_keys_as_the_screen() {
        assert_snapshot!(json("排名", &[zone("浦东赛区", &["甲"])], &TimeZone::UTC), @r#"
        {
          "title": "排名",
          "tables": [
            {
              "key": "ranking",
              "title": "浦东赛区",
              "rows": [
                {
                  "place": 1,
                  "title": "甲",
                  "score": "90.00"
                }
              ],
              "notes": []
            }
          ]
        }
        "#);
    }
}
