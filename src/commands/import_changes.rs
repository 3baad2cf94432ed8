//! Owns how an import shows what comes differently: field by field what first came, what stands now, what comes, and whose value stays.
//! Refuses to know how that is decided: `domain::intake`.

use std::borrow::Cow;

use crate::domain::entry::for_people;
use crate::domain::field::Field;
use crate::domain::intake::{ChangeOutcome, ValueChange};
use crate::domain::listing::{Audience, Cell, Column, Listing};
use crate::domain::privacy::masked_field;
use crate::domain::problem::Place;

/// Lines that people get to see; JSON has all.
const MOST_LINES: usize = 200;
/// What a cell of the table has room for.
const LONGEST: usize = 36;

/// A value that came differently, and where.
#[derive(Debug)]
pub(super) struct ShownChange {
    /// File, sheet and row.
    pub(super) place: Place,
    /// What came.
    pub(super) value: ValueChange,
}

/// The table of what came differently.
pub(super) fn listing<'a>(changes: impl Iterator<Item = &'a ShownChange>, is_for_people: bool) -> Listing {
    let columns = vec![
        Column::new("file", "文件").only(Audience::Scripts),
        Column::new("sheet", "工作表").only(Audience::Scripts),
        Column::new("row", "行").only(Audience::Scripts),
        Column::new("subject", "作品/单位").merged(),
        Column::new("field", "项目"),
        Column::new("first", "最初收到"),
        Column::new("now", "现有"),
        Column::new("new", "来件"),
        Column::new("corrected", "工作人员更正过").only(Audience::Scripts),
        Column::new("outcome", "处理"),
    ];
    let mut listing = Listing::new("changes", "与已有的不同", columns);
    let mut hidden = 0_usize;
    for ShownChange { place, value } in changes {
        if is_for_people && listing.rows.len() >= MOST_LINES {
            hidden += 1;
            continue;
        }
        let field = value.change.field;
        let now = &value.change.old;
        let others = [now.as_str(), value.change.new.as_str(), value.first.as_deref().unwrap_or_default()];
        let others = others.map(|text| if is_for_people { for_people(field, text) } else { Cow::Borrowed(text) });
        let shown = |text: &str| shown(field, &if is_for_people { for_people(field, text) } else { Cow::Borrowed(text) }, &others);
        let mark = if value.is_correction { "（更正）" } else { "" };
        let first = value.first.as_deref().map(|first| if is_for_people && first == now { "同现有".to_owned() } else { shown(first) });
        let now = if is_for_people { format!("{}{mark}", shown(now)) } else { shown(now) };
        listing.push(vec![
            place.file.as_str().into(),
            place.sheet.as_str().into(),
            Cell::optional(place.row, |row| Cell::Integer(row.into())),
            value.subject.as_str().into(),
            Cell::keyed(field.key(), field.label()),
            Cell::optional(first, Cell::text),
            now.into(),
            shown(&value.change.new).into(),
            Cell::Flag(value.is_correction),
            Cell::keyed(value.outcome.key(), value.outcome.label()),
        ]);
    }
    if hidden > 0 {
        listing.notes.push(format!("另有 {hidden} 项未列出；用 --format json 可看到全部"));
    }
    listing
}

/// What staff can do about conflicts, if there are any.
pub(super) fn advice<'a>(mut changes: impl Iterator<Item = &'a ShownChange>) -> Option<&'static str> {
    changes
        .any(|change| change.value.outcome == ChangeOutcome::Conflict)
        .then_some("冲突的各项由工作人员更正过，来件又是另一个值：核对后要采用来件的，加 --update --over-corrections，或用 dasai entry set")
}

/// A text as it may be shown: personal data masked, a long one from shortly before the place where it parts from the others.
fn shown(field: Field, text: &str, others: &[Cow<'_, str>]) -> String {
    let text = masked_field(field, text);
    if text.is_empty() {
        return "（空）".to_owned();
    }
    let others: Vec<String> = others.iter().filter(|other| !other.is_empty()).map(|other| masked_field(field, other)).collect();
    let is_long = |text: &String| text.chars().count() > LONGEST;
    let same = others
        .iter()
        .filter(|other| **other != text)
        .map(|other| other.chars().zip(text.chars()).take_while(|(one, other)| one == other).count())
        .min()
        .unwrap_or(0);
    let skipped = if is_long(&text) || others.iter().any(is_long) { same.saturating_sub(6) } else { 0 };
    let mut rest: String = text.chars().skip(skipped).take(LONGEST).collect();
    if text.chars().count() > skipped + LONGEST {
        rest.push('…');
    }
    if skipped > 0 { format!("…{rest}") } else { rest }
}
