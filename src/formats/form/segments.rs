//! Owns where one form ends and the next begins, and which pairs are a form at all. Refuses to know cells.

use crate::domain::field::Field;
use crate::formats::grid::Grid;
use crate::formats::registration::ReadOptions;

use super::{FEWEST_LABELS, Form, Pair};

/// What a line above a form's table may say of it.
const ABOVE: [Field; 5] = [Field::Organization, Field::Recommender, Field::Title, Field::Category, Field::SubmittedAt];
/// How many rows above a form such a line may stand.
const FARTHEST: usize = 4;

/// The forms that the pairs make, in their order.
pub(super) fn forms(grid: &Grid, pairs: Vec<Pair>, options: &ReadOptions) -> Vec<Form> {
    let in_table = |pair: &Pair| grid.rows.get(pair.row).and_then(|row| grid.part(row)).is_some_and(|part| part.is_table);
    let tabled = pairs.iter().filter(|pair| in_table(pair)).count();
    // Beside a form's tables, running text is instructions; only lines close above a table count, where the table does not say.
    let (pairs, lines): (Vec<Pair>, Vec<Pair>) =
        if tabled >= FEWEST_LABELS { pairs.into_iter().partition(in_table) } else { (pairs, Vec::new()) };
    let mut forms: Vec<Form> = Vec::new();
    for pairs in merged(split(grid, pairs), options) {
        if is_form(&pairs, options) {
            forms.push(Form { pairs: settled(pairs) });
        }
    }
    for line in lines.into_iter().filter(|line| line.field().is_some_and(|field| ABOVE.contains(&field)) && !line.written().is_empty()) {
        let first = |form: &Form| form.pairs.first().map_or(0, |pair| pair.row);
        let below = forms.iter_mut().find(|form| first(form) > line.row).filter(|form| first(form) - line.row <= FARTHEST);
        if let Some(form) = below {
            let is_said = form.pairs.iter().any(|pair| pair.field() == line.field() && !pair.written().is_empty());
            if !is_said {
                form.pairs.retain(|pair| pair.field() != line.field());
                form.pairs.push(line);
            }
        }
    }
    forms
}

/// Cuts the pairs where a form's own fields begin again.
fn split(grid: &Grid, pairs: Vec<Pair>) -> Vec<Vec<Pair>> {
    let mut segments: Vec<Vec<Pair>> = Vec::new();
    let mut current: Vec<Pair> = Vec::new();
    for pair in pairs {
        let is_known = |field: Field| current.iter().any(|known| known.field() == Some(field));
        let is_first = current.first().is_some_and(|first| first.field() == pair.field() && first.field().is_some());
        let begins = match pair.field() {
            Some(Field::Title) => is_known(Field::Title) || is_known(Field::IntendedCategories),
            Some(field @ (Field::Organization | Field::IntendedCategories)) => is_known(field),
            Some(_) => is_first && is_known(Field::Organization) && (is_known(Field::Title) || is_known(Field::IntendedCategories)),
            None => false,
        };
        if begins {
            // What this table says already belongs to the new form, unless the old one is in the same table.
            let part = |pair: &Pair| grid.rows.get(pair.row).map(|row| row.part);
            let at = current.iter().rposition(|known| part(known) != part(&pair)).map_or(0, |last| last + 1);
            let repeated = current.iter().skip(at).any(|known| known.field() == pair.field());
            let moved = if at > 0 && !repeated { current.split_off(at) } else { Vec::new() };
            segments.push(std::mem::replace(&mut current, moved));
        }
        current.push(pair);
    }
    segments.push(current);
    segments
}

/// Joins what is no form by itself with its neighbour: a line 申报单位 above, a second name of the work below.
fn merged(segments: Vec<Vec<Pair>>, options: &ReadOptions) -> Vec<Vec<Pair>> {
    let mut merged: Vec<Vec<Pair>> = Vec::new();
    for segment in segments.into_iter().filter(|segment| !segment.is_empty()) {
        match merged.last_mut() {
            Some(last) if !is_whole(&segment) || !is_form(last, options) => last.extend(segment),
            _ => merged.push(segment),
        }
    }
    merged
}

/// Whether pairs name both a unit and what it sends.
fn is_whole(pairs: &[Pair]) -> bool {
    let has = |field: Field| pairs.iter().any(|pair| pair.field() == Some(field));
    has(Field::Organization) && (has(Field::Title) || has(Field::IntendedCategories))
}

fn is_form(pairs: &[Pair], options: &ReadOptions) -> bool {
    let has = |field: Field| pairs.iter().any(|pair| pair.field() == Some(field));
    let mut fields: Vec<Field> = pairs.iter().filter_map(Pair::field).collect();
    fields.sort_unstable();
    fields.dedup();
    let names = has(Field::Title) || has(Field::IntendedCategories) || (options.kind.is_some() && has(Field::Organization));
    names && fields.len() >= FEWEST_LABELS
}

/// Of a label that two sections have (联系人 of the unit, 联系人 of the work) the work's counts; the other is kept under its section's name.
fn settled(mut pairs: Vec<Pair>) -> Vec<Pair> {
    let is_work = |pair: &Pair| ["作品", "主创", "选手", "参赛者", "参赛人"].iter().any(|word| pair.section.contains(word));
    // A form has some twenty labels; what has hundreds is none that two sections divide.
    for index in 0..pairs.len().min(200) {
        let Some(pair) = pairs.get(index) else { break };
        let Some(field) = pair.field().filter(|_| !pair.written().is_empty()) else { continue };
        let rival = pairs.iter().position(|other| {
            other.field() == Some(field)
                && other.section != pair.section
                && !other.written().is_empty()
                && (is_work(other) || !is_work(pair))
        });
        // Of two equal ones the first counts.
        let loses = rival.is_some_and(|rival| rival < index || pairs.get(rival).is_some_and(is_work) && !is_work(pair));
        if loses && let Some(pair) = pairs.get_mut(index) {
            let section = if pair.section.is_empty() { "另一处" } else { pair.section.as_str() };
            pair.label.text = format!("{section}：{}", pair.label.text);
            pair.label.field = None;
        }
    }
    pairs
}
