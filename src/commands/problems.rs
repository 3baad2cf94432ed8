//! Owns how problems of received files become a table, for every command that takes files in.

use crate::domain::listing::{Audience, Cell, Column, Listing};
use crate::domain::problem::{Problem, Severity};

/// A problem as a record: what JSON promises for each.
#[must_use]
pub fn record(problem: &Problem) -> Cell {
    let place = &problem.place;
    Cell::Record(vec![
        ("code".to_owned(), Cell::text(problem.code)),
        ("severity".to_owned(), Cell::text(problem.severity.key())),
        ("file".to_owned(), Cell::text(place.file.as_str())),
        ("sheet".to_owned(), Cell::text(place.sheet.as_str())),
        ("cell".to_owned(), Cell::optional(place.cell(), Cell::text)),
        ("row".to_owned(), Cell::optional(place.row, |row| Cell::Integer(i64::from(row)))),
        ("field".to_owned(), Cell::optional(problem.field, |field| Cell::text(field.key()))),
        ("value".to_owned(), Cell::text(problem.value.as_str())),
        ("message".to_owned(), Cell::text(problem.message.as_str())),
        ("hint".to_owned(), Cell::text(problem.hint.as_str())),
    ])
}

/// Problems as a table for people.
#[must_use]
pub fn listing<'a>(problems: impl IntoIterator<Item = &'a Problem>) -> Listing {
    let columns = vec![
        Column::new("severity", "级别").only(Audience::People),
        Column::new("code", "代码").only(Audience::People),
        Column::new("message", "问题").only(Audience::People),
    ];
    let mut listing = Listing::new("", "问题", columns);
    for problem in problems {
        listing.push(vec![
            Cell::keyed(problem.severity.key(), problem.severity.label()),
            Cell::text(problem.code),
            Cell::text(said(problem)),
        ]);
    }
    listing
}

/// What is wrong, and on lines of their own where, and what to do.
fn said(problem: &Problem) -> String {
    let hint = if problem.hint.is_empty() { String::new() } else { format!("→ {}", problem.hint) };
    let lines = [problem.message.clone(), problem.place.to_string(), hint];
    lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// Whether any of them must be mended.
#[must_use]
pub fn any_error<'a>(problems: impl IntoIterator<Item = &'a Problem>) -> bool {
    problems.into_iter().any(|problem| problem.severity == Severity::Error)
}
