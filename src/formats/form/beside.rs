//! Owns what stands beside the values of a form: further works, a column each under the same labels, and what no label takes. Refuses to
//! know how values are read.
//!
//! Decision worth knowing: a column is a work only where it names its title and a category of the contest; a column of hints does not. What
//! is neither is told, never dropped.

use std::collections::BTreeMap;

use crate::domain::field::Field;
use crate::domain::rules::ContestRules;
use crate::formats::grid::{Grid, GridRow};
use crate::formats::surroundings;

use super::{FEWEST_LABELS, Form, Pair, Said, Words, labels, mark, values};

/// A cell of a grid: its row, its place in the row.
type At = (usize, usize);

/// The forms, each followed by those that stand in the columns right of its values.
pub(super) fn further(grid: &Grid, said: &Words, used: &mut [Vec<bool>], forms: Vec<Form>, rules: &ContestRules) -> Vec<Form> {
    let mut all = Vec::with_capacity(forms.len());
    for mut form in forms {
        let columns = columns(grid, said, used, &form);
        let mut firsts: BTreeMap<u32, usize> = BTreeMap::new();
        for pair in form.pairs.iter().filter(|pair| is_right(pair)) {
            *firsts.entry(pair.value_at.1).or_default() += 1;
        }
        let own = firsts.iter().max_by_key(|(column, count)| (**count, std::cmp::Reverse(**column))).map(|(column, _)| *column);
        let mut beside = Vec::new();
        for (column, cells) in columns.into_iter().filter(|(column, _)| own.is_some_and(|own| *column > own)) {
            let further = Form { pairs: cells.iter().filter_map(|(pair, at)| moved(grid, form.pairs.get(*pair)?, *at)).collect() };
            if !is_work(&further, rules) {
                continue;
            }
            for (pair, at) in cells {
                mark(used, at);
                // What the first column leaves empty was taken from here.
                let first = form.pairs.get_mut(pair).filter(|pair| pair.value_at == (at.0, column));
                if let (Some(first), Some(own)) = (first, own) {
                    first.text.clear();
                    first.value_at = (at.0, own);
                }
            }
            beside.push(further);
        }
        all.push(form);
        all.append(&mut beside);
    }
    all
}

/// Whether a pair's value stands right of its label.
fn is_right(pair: &Pair) -> bool {
    pair.value_at.0 == pair.row && !pair.text.is_empty()
}

/// The values right of a form's labels by their column, each with its pair: its own, and what follows it up to the next label.
fn columns(grid: &Grid, said: &Words, used: &[Vec<bool>], form: &Form) -> BTreeMap<u32, Vec<(usize, At)>> {
    let mut columns: BTreeMap<u32, Vec<(usize, At)>> = BTreeMap::new();
    for (index, pair) in form.pairs.iter().enumerate().filter(|(_, pair)| is_right(pair)) {
        let Some(row) = grid.rows.get(pair.row).filter(|row| is_in_table(grid, row)) else { continue };
        let behind = row.cells.iter().enumerate().skip_while(|(_, cell)| cell.column < pair.value_at.1);
        for (position, cell) in behind.take_while(|(position, _)| matches!(said.get(pair.row, *position), Said::Text)) {
            let is_own = cell.column == pair.value_at.1;
            if !cell.is_blank() && (is_own || !is_used(used, (pair.row, position))) {
                columns.entry(cell.column).or_default().push((index, (pair.row, position)));
            }
        }
    }
    columns
}

/// A pair with the value of another column.
fn moved(grid: &Grid, pair: &Pair, at: At) -> Option<Pair> {
    let cell = grid.rows.get(at.0)?.cells.get(at.1)?;
    Some(Pair { text: cell.text.clone(), kind: cell.kind, value_at: (at.0, cell.column), ..pair.clone() })
}

fn is_work(form: &Form, rules: &ContestRules) -> bool {
    let written = |field: Field| form.pairs.iter().find(|pair| pair.field() == Some(field)).map(Pair::written);
    let fields: std::collections::BTreeSet<Field> = form.pairs.iter().filter_map(Pair::field).collect();
    let is_named = written(Field::Title).is_some_and(|title| !title.is_empty() && !values::is_hint(&title));
    let has_category = written(Field::Category).is_some_and(|category| surroundings::category(&category, rules).is_some());
    is_named && has_category && fields.len() >= FEWEST_LABELS
}

/// Words beside a value that say nothing of it.
const UNITS: [&str; 9] = ["分钟", "分", "秒", "字", "年", "月", "日", "年月日", "号"];

/// What stands between the first and the last label of the forms of a table and belongs to none: right of a label, or in a row of
/// several cells without one. Headings, hints, notes and signatures are not meant.
pub(super) fn unread(grid: &Grid, said: &Words, used: &[Vec<bool>], forms: &[Form]) -> Vec<(usize, u32)> {
    let mut ranges: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
    for index in forms.iter().flat_map(|form| &form.pairs).flat_map(|pair| [pair.row, pair.value_at.0]) {
        let Some(row) = grid.rows.get(index).filter(|row| is_in_table(grid, row)) else { continue };
        let (first, last) = ranges.entry(row.part).or_insert((index, index));
        (*first, *last) = ((*first).min(index), (*last).max(index));
    }
    let mut unread = Vec::new();
    for (index, row) in ranges.into_values().flat_map(|(first, last)| first..=last).filter_map(|index| Some((index, grid.rows.get(index)?)))
    {
        let is_text = |position: usize| matches!(said.get(index, position), Said::Text) && !is_used(used, (index, position));
        let known = (0..row.cells.len()).find(|position| !is_text(*position));
        let filled = row.cells.iter().filter(|cell| !cell.is_blank()).count();
        if filled < 2 || row.cells.iter().any(|cell| labels::is_stop(&cell.text)) {
            continue;
        }
        let cells = row.cells.iter().enumerate().skip(known.unwrap_or(0));
        unread.extend(cells.filter(|(position, cell)| is_text(*position) && is_content(&cell.text)).map(|(_, cell)| (index, cell.column)));
    }
    unread
}

fn is_content(text: &str) -> bool {
    let bare: String = text.chars().filter(|character| !character.is_whitespace()).collect();
    !values::is_hint(text) && !bare.ends_with([':', '：']) && !UNITS.contains(&bare.as_str())
}

fn is_used(used: &[Vec<bool>], at: At) -> bool {
    used.get(at.0).and_then(|cells| cells.get(at.1)).copied().unwrap_or(true)
}

fn is_in_table(grid: &Grid, row: &GridRow) -> bool {
    grid.part(row).is_some_and(|part| part.is_table)
}
