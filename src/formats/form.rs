//! Owns the reading of forms (附件2): labels with their values beside or below them, one work or one registering unit a form, several
//! forms in a document. Refuses to know how values are read for keeping: a form becomes a row with its labels as titles, and goes
//! through the same door as a row of a table (`formats::columns`, `formats::drafts`).
//!
//! Decision worth knowing: a form is known by its labels and where they stand, never by its title. A table has its labels in one row;
//! a form has them all over.

use crate::domain::field::Field;
use crate::domain::rules::ContestRules;

use super::grid::{Grid, GridCell, GridRow};
use super::marks;
use super::registration::ReadOptions;
use super::sheet::CellKind;
use labels::{Label, Said};

mod beside;
mod draft;
#[cfg(test)]
mod hostile_tests;
mod labels;
mod segments;
#[cfg(test)]
mod tests;
pub(super) mod values;

pub(super) use draft::{FormReader, Read};

/// A label with what stands for it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Pair {
    label: Label,
    /// The heading above: 二、作品信息. Empty where there is none.
    section: String,
    /// The value as written, hints and lines included; empty where nothing is.
    text: String,
    kind: CellKind,
    /// The row of the grid where the label stands.
    row: usize,
    /// The row and the column of the value.
    value_at: (usize, u32),
}

impl Pair {
    fn field(&self) -> Option<Field> {
        self.label.field
    }

    /// What was written into the form.
    fn written(&self) -> String {
        values::written(self.label.field, &self.text)
    }
}

/// One form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Form {
    pairs: Vec<Pair>,
}

impl Form {
    /// Whether nothing was written into it and no box is ticked.
    pub(super) fn is_blank(&self) -> bool {
        self.pairs.iter().all(|pair| {
            let text = pair.written();
            text.is_empty() || pair.field().is_some_and(values::is_choice) && marks::ticked(&text).is_some_and(|ticked| ticked.is_empty())
        })
    }

    /// Where it begins.
    pub(super) fn first_row(&self) -> usize {
        self.pairs.iter().map(|pair| pair.row).min().unwrap_or(0)
    }
}

/// A form has at least so many different labels.
const FEWEST_LABELS: usize = 3;
/// More cells than this no form has; what comes after them is not looked at.
const MOST_CELLS: usize = 5000;

/// More labels than this no document has.
const MOST_PAIRS: usize = 2000;

/// Whether a text is a label of a form.
pub(super) fn is_label(text: &str) -> bool {
    matches!(labels::said(text, &ReadOptions::default()), Said::Label(Label { is_exact: true, .. }))
}

/// The field of a label that the dictionary has as it stands.
pub(super) fn label_field(text: &str) -> Option<Field> {
    if let Said::Label(Label { field, is_exact: true, .. }) = labels::said(text, &ReadOptions::default()) { field } else { None }
}

/// Whether a text begins with a label, a colon and a value.
pub(super) fn begins_pair(text: &str) -> bool {
    matches!(labels::said(text, &ReadOptions::default()), Said::Pairs(_))
}

/// Something written beside, below or behind a label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    /// The label's field.
    pub(super) field: Field,
    /// What was written.
    pub(super) text: String,
    /// Sheet or table of the label.
    pub(super) sheet: String,
    /// Its row.
    pub(super) row: u32,
}

/// Everything that is written into the labels of a grid, whether it is a form or not.
pub(super) fn written(grid: &Grid) -> Vec<Written> {
    let options = ReadOptions::default();
    let said = Words::new(grid, &options);
    let pairs =
        Collector { grid, said: &said, options: &options, pairs: Vec::new(), groups: Vec::new(), section: String::new() }.collect(&[]).0;
    let written = pairs.iter().filter_map(|pair| {
        let (field, text) = (pair.field()?, pair.written());
        let row = grid.rows.get(pair.row)?;
        let sheet = grid.part(row)?.name.clone();
        (!text.is_empty()).then_some(Written { field, text, sheet, row: row.number })
    });
    written.collect()
}

/// What a grid holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Found {
    /// Its forms in their order.
    pub(super) forms: Vec<Form>,
    /// The parts that are tables with a header instead.
    pub(super) tables: Vec<usize>,
    /// What stands among the forms and none of them took: a row of the grid and a column.
    pub(super) unread: Vec<(usize, u32)>,
    /// How many of the forms are a column each under the labels of the one before.
    pub(super) beside: usize,
    /// The row of the grid from which on no label was looked for.
    pub(super) cut: Option<usize>,
}

/// Looks for forms.
pub(super) fn find(grid: &Grid, options: &ReadOptions, rules: &ContestRules) -> Found {
    let said = Words::new(grid, options);
    let tables: Vec<usize> = (0..grid.parts.len()).filter(|part| is_table(grid, &said, *part)).collect();
    let collector = Collector { grid, said: &said, options, pairs: Vec::new(), groups: Vec::new(), section: String::new() };
    let (pairs, mut used) = collector.collect(&tables);
    let forms = segments::forms(grid, pairs, options);
    let count = forms.len();
    let forms = beside::further(grid, &said, &mut used, forms, rules);
    let unread = beside::unread(grid, &said, &used, &forms);
    Found { beside: forms.len().saturating_sub(count), forms, tables, unread, cut: said.cut }
}

/// What each cell of a grid says.
struct Words {
    rows: Vec<Vec<Said>>,
    /// The first row with cells that were not looked at.
    cut: Option<usize>,
}

impl Words {
    fn new(grid: &Grid, options: &ReadOptions) -> Self {
        let mut left = MOST_CELLS;
        let mut cut = None;
        let mut rows = Vec::with_capacity(grid.rows.len());
        for (index, row) in grid.rows.iter().enumerate() {
            let cells = row.cells.iter().map(|cell| {
                left = left.saturating_sub(1);
                if left == 0 {
                    cut.get_or_insert(index);
                }
                if left == 0 || cell.kind != CellKind::Text { Said::Text } else { labels::said(&cell.text, options) }
            });
            rows.push(cells.collect());
        }
        let mut words = Self { rows, cut };
        words.close_long_texts(grid, options);
        words
    }

    /// Leaves in a long text the lines of it that look like labels which the form has elsewhere: 作品名称：螺丝钉，取自一句老话。
    fn close_long_texts(&mut self, grid: &Grid, options: &ReadOptions) {
        let mut own = vec![Field::Remark];
        for said in self.rows.iter().flatten() {
            match said {
                Said::Label(label) => own.extend(label.field),
                Said::Pairs(pairs) => own.extend(labels::before_long(pairs).iter().filter_map(|(label, _)| label.field)),
                Said::Text => {}
            }
        }
        for (row, said) in grid.rows.iter().zip(&mut self.rows) {
            for (cell, said) in row.cells.iter().zip(said) {
                if matches!(said, Said::Pairs(pairs) if labels::before_long(pairs).len() < pairs.len()) {
                    *said = labels::said_among(&cell.text, options, &own);
                }
            }
        }
    }

    fn get(&self, row: usize, cell: usize) -> &Said {
        self.rows.get(row).and_then(|cells| cells.get(cell)).unwrap_or(&Said::Text)
    }

    fn label(&self, row: usize, cell: usize) -> Option<&Label> {
        if let Said::Label(label) = self.get(row, cell) { Some(label) } else { None }
    }

    /// The fields that a row's labels ask for.
    fn fields(&self, row: usize) -> Vec<Field> {
        let mut fields: Vec<Field> = Vec::new();
        for said in self.rows.get(row).map(Vec::as_slice).unwrap_or_default() {
            match said {
                Said::Label(label) => fields.extend(label.field),
                Said::Pairs(pairs) => fields.extend(pairs.iter().filter_map(|(label, _)| label.field)),
                Said::Text => {}
            }
        }
        fields.sort_unstable();
        fields.dedup();
        fields
    }

    /// Whether at least two of three cells of a row that are not blank are labels, and two of them at least.
    fn is_header(&self, grid: &Grid, row: usize) -> bool {
        let cells = grid.rows.get(row).map(|row| row.cells.as_slice()).unwrap_or_default();
        let filled = cells.iter().filter(|cell| !cell.is_blank()).count();
        let labels = (0..cells.len()).filter(|cell| self.label(row, *cell).is_some()).count();
        labels >= 2 && labels * 3 >= filled * 2
    }
}

/// A row of labels and what is below it, to the next one.
struct Run {
    /// The row; of a header of two rows the second.
    index: usize,
    fields: Vec<Field>,
    /// Whether no other row with labels came below it.
    is_open: bool,
    /// How many rows of values stand below it.
    values: usize,
}

/// Whether a part is a table: one row has most of its labels, or is all labels with rows of none below it. Two such rows of other labels,
/// each with one row below it at most, are a form whose values stand below their labels.
fn is_table(grid: &Grid, said: &Words, part: usize) -> bool {
    if !grid.parts.get(part).is_some_and(|part| part.is_table) {
        return false;
    }
    let mut all: Vec<Field> = Vec::new();
    let mut most = 0;
    let mut runs: Vec<Run> = Vec::new();
    for index in grid.range(part).take(400) {
        let Some(row) = grid.rows.get(index) else { break };
        let fields = said.fields(index);
        most = most.max(fields.len());
        all.extend(&fields);
        if fields.len() >= FEWEST_LABELS && said.is_header(grid, index) && !has_room(grid, row) {
            // Titles below titles, with no row between them to be filled in: the header has two rows.
            let above = runs.last_mut().filter(|run| {
                let number = grid.rows.get(run.index).map(|above| above.number);
                run.values == 0 && index == run.index + 1 && number.is_some_and(|number| row.number == number.saturating_add(1))
            });
            match above {
                Some(run) => {
                    run.index = index;
                    run.fields.extend(fields);
                }
                None => runs.push(Run { index, fields, is_open: true, values: 0 }),
            }
        } else if let Some(run) = runs.last_mut() {
            let filled = row.cells.iter().filter(|cell| !cell.is_blank()).count();
            run.is_open &= fields.len() < 2;
            run.values += usize::from(run.is_open && fields.is_empty() && filled >= 2);
        }
    }
    let is_new = |above: &Run, below: &Run| below.fields.iter().any(|field| !above.fields.contains(field));
    let mut pairs = runs.windows(2).filter_map(|pair| if let [above, below] = pair { Some((above, below)) } else { None });
    let are_below =
        pairs.any(|(above, below)| is_new(above, below) && below.index - above.index <= 2 && above.values <= 1 && below.values <= 1);
    // Several works below their titles are a table, whatever else the sheet has.
    let lists_works = runs.iter().any(|run| run.values > 1 && run.fields.contains(&Field::Title));
    if are_below && !lists_works {
        return false;
    }
    all.sort_unstable();
    all.dedup();
    !runs.is_empty() || (most >= FEWEST_LABELS && most * 2 > all.len())
}

/// Whether a row of labels has empty cells to write into.
fn has_room(grid: &Grid, row: &GridRow) -> bool {
    let has_empty = grid.part(row).is_some_and(|part| part.has_empty_cells) && row.cells.iter().any(GridCell::is_blank);
    // In a sheet a gap between two labels is an empty cell: half of them with gaps behind are no header.
    let gaps = row.cells.windows(2).filter(|pair| matches!(pair, [left, right] if right.column > left.end())).count();
    has_empty || (gaps > 0 && gaps * 2 >= row.cells.len().saturating_sub(1))
}

/// A label that stands over several rows of labels: 联系人 beside 姓名, 电话, 邮箱.
struct Group {
    rows: std::ops::Range<usize>,
    column: u32,
    /// The column behind it.
    end: u32,
    text: String,
}

struct Collector<'a> {
    grid: &'a Grid,
    said: &'a Words,
    options: &'a ReadOptions,
    pairs: Vec<Pair>,
    groups: Vec<Group>,
    section: String,
}

impl<'a> Collector<'a> {
    /// The pairs, and which cells are the value of a label elsewhere.
    fn collect(mut self, tables: &[usize]) -> (Vec<Pair>, Vec<Vec<bool>>) {
        let mut used: Vec<Vec<bool>> = self.grid.rows.iter().map(|row| vec![false; row.cells.len()]).collect();
        for (index, row) in self.grid.rows.iter().enumerate().filter(|(_, row)| tables.binary_search(&row.part).is_err()) {
            if !self.grid.part(row).is_some_and(|part| part.is_table) {
                self.line(index, row);
                continue;
            }
            self.groups.retain(|group| group.rows.end > index);
            for (position, cell) in row.cells.iter().enumerate() {
                if used.get(index).and_then(|cells| cells.get(position)).copied().unwrap_or(true) || cell.is_blank() {
                    continue;
                }
                match self.said.get(index, position) {
                    Said::Label(label) => self.label(index, position, cell, label, &mut used),
                    Said::Pairs(pairs) => {
                        for (label, text) in pairs {
                            self.push(label.clone(), text.clone(), cell, (index, cell.column), index);
                        }
                    }
                    Said::Text => match self.below_group(index, cell) {
                        Some(label) => {
                            mark(&mut used, (index, position));
                            self.label(index, position, cell, &label, &mut used);
                        }
                        None => self.heading(row, &cell.text),
                    },
                }
            }
        }
        (self.pairs, used)
    }

    /// A line of text outside of tables.
    fn line(&mut self, index: usize, row: &GridRow) {
        let Some(cell) = row.cells.first() else { return };
        match self.said.get(index, 0) {
            Said::Label(label) if cell.text.trim_end().ends_with([':', '：', '_', ')', '）']) => {
                self.push(label.clone(), String::new(), cell, (index, 0), index);
            }
            Said::Pairs(pairs) => {
                for (label, text) in pairs {
                    self.push(label.clone(), text.clone(), cell, (index, 0), index);
                }
            }
            Said::Label(_) | Said::Text => {
                // A long text goes on in the paragraphs below its label.
                let same_part = |pair: &&mut Pair| self.grid.rows.get(pair.row).is_some_and(|above| above.part == row.part);
                let is_long = |pair: &&mut Pair| pair.field().is_some_and(super::fields::is_long);
                let is_heading = cell.text.trim().chars().count() <= 20 && is_numbered(cell.text.trim());
                match self.pairs.last_mut().filter(same_part).filter(is_long) {
                    Some(pair) if !labels::is_stop(&cell.text) && !is_heading => {
                        pair.text.push('\n');
                        pair.text.push_str(&cell.text);
                    }
                    _ => self.heading(row, &cell.text),
                }
            }
        }
    }

    /// A short text that is alone in its row names the section below it.
    fn heading(&mut self, row: &GridRow, text: &str) {
        let text: String = text.split_whitespace().collect();
        let is_alone = row.cells.iter().filter(|cell| !cell.is_blank()).count() == 1;
        if is_alone && text.chars().nth(24).is_none() && !labels::is_stop(&text) {
            self.section = text;
        }
    }

    fn push(&mut self, label: Label, text: String, cell: &GridCell, value_at: (usize, u32), row: usize) {
        if self.pairs.len() >= MOST_PAIRS {
            return;
        }
        let section = self.section.clone();
        self.pairs.push(Pair { label, section, text, kind: cell.kind, row, value_at });
    }

    /// A cell that is a label: its value is to the right, else below.
    fn label(&mut self, index: usize, position: usize, cell: &GridCell, label: &Label, used: &mut [Vec<bool>]) {
        let label = self.grouped(index, cell, label);
        match self.right(index, position, cell) {
            Right::Value(found) => {
                let text: Vec<&str> = found.iter().filter_map(|at| self.cell(*at)).map(|cell| cell.text.as_str()).collect();
                let text = text.join("\n");
                for at in &found {
                    mark(used, *at);
                }
                let first = found.first().and_then(|at| self.cell(*at).map(|cell| (at.0, cell))).unwrap_or((index, cell));
                self.push(label, text, first.1, (first.0, first.1.column), index);
            }
            Right::Group => {
                let end = index.saturating_add(usize::try_from(cell.down).unwrap_or(1));
                self.groups.push(Group { rows: index..end, column: cell.column, end: cell.end(), text: label.text });
            }
            Right::Label | Right::Nothing => match self.below(index, cell, &label) {
                Some(at) => {
                    mark(used, at);
                    if let Some(found) = self.cell(at) {
                        self.push(label, found.text.clone(), found, (at.0, found.column), index);
                    }
                }
                None => self.push(label, String::new(), cell, (index, cell.end()), index),
            },
        }
    }

    fn cell(&self, at: (usize, usize)) -> Option<&'a GridCell> {
        self.grid.rows.get(at.0)?.cells.get(at.1)
    }

    /// The label with the one that stands over it and its neighbours.
    fn grouped(&self, index: usize, cell: &GridCell, label: &Label) -> Label {
        let Some(group) = self.groups.iter().rev().find(|group| group.rows.contains(&index) && group.column < cell.column) else {
            return label.clone();
        };
        let text = format!("{}{}", group.text, label.text);
        // 推荐单位 over 联系人 is a person whom the form does not ask us to keep: the whole means nothing, and is kept as received.
        labels::label(&text, self.options).unwrap_or(Label { text, field: None, is_exact: false })
    }

    /// A text that is a label only with the one that stands over it: 名称 below 推荐单位.
    fn below_group(&self, index: usize, cell: &GridCell) -> Option<Label> {
        let group = self.groups.iter().rev().find(|group| group.rows.contains(&index) && group.end == cell.column)?;
        let label = labels::label(&format!("{}{}", group.text, cell.text), self.options).filter(|label| label.is_exact)?;
        Some(Label { text: cell.text.split_whitespace().collect(), ..label })
    }

    fn right(&self, index: usize, position: usize, cell: &GridCell) -> Right {
        let Some(row) = self.grid.rows.get(index) else { return Right::Nothing };
        let has_empty_cells = self.grid.part(row).is_some_and(|part| part.has_empty_cells);
        let Some(next) = row.cells.get(position + 1) else { return Right::Nothing };
        let is_adjacent = next.column == cell.end();
        if has_empty_cells && !is_adjacent {
            return Right::Nothing;
        }
        // One exact label in the rows that this one stands over makes it their heading, also of 名称 that is a label only below 推荐单位.
        if self.rows_of(index, cell).any(|(row, first)| self.said.label(row, first).is_some_and(|label| label.is_exact)) && cell.down > 1 {
            return Right::Group;
        }
        if let Some(label) = self.said.label(index, position + 1) {
            // Two exact labels in a row; a likeness of a label right beside one is its value (部门: 市场部门).
            if label.is_exact || !is_adjacent {
                return Right::Label;
            }
        } else if matches!(self.said.get(index, position + 1), Said::Pairs(pairs) if pairs.iter().all(|(label, _)| label.is_exact)) {
            return Right::Label;
        }
        let mut found = vec![(index, position + 1)];
        // A label over several rows has a value in each.
        found.extend(self.rows_of(index, cell).filter(|(row, first)| *row > index && self.said.label(*row, *first).is_none()));
        Right::Value(found)
    }

    /// The first cell right of a cell in each of its rows.
    fn rows_of(&self, index: usize, cell: &GridCell) -> impl Iterator<Item = (usize, usize)> {
        let part = self.grid.rows.get(index).map(|row| row.part);
        let down = usize::try_from(cell.down).unwrap_or(1).min(64);
        let end = cell.end();
        let rows = self.grid.rows.iter().enumerate().skip(index).take(down).filter(move |(_, row)| Some(row.part) == part);
        rows.filter_map(move |(at, row)| Some((at, row.cells.iter().position(|other| other.column >= end)?)))
    }

    /// The value below a label: where the label is alone in its row, or all of its row are labels and none below them is.
    fn below(&self, index: usize, cell: &GridCell, label: &Label) -> Option<(usize, usize)> {
        let row = self.grid.rows.get(index)?;
        let part = self.grid.part(row)?;
        let below = index.checked_add(usize::try_from(cell.down).ok()?)?;
        let under = self.grid.rows.get(below).filter(|under| under.part == row.part)?;
        let filled = row.cells.iter().filter(|cell| !cell.is_blank()).count();
        let is_long = label.field.is_some_and(super::fields::is_long);
        let fits = if filled == 1 {
            (part.has_empty_cells && row.cells.len() == 1) || is_long
        } else {
            self.said.is_header(self.grid, index) && (0..under.cells.len()).all(|cell| matches!(self.said.get(below, cell), Said::Text))
        };
        let position = under.cells.iter().position(|other| other.column <= cell.column && cell.column < other.end())?;
        let found = under.cells.get(position)?;
        let is_value = !found.is_blank() && matches!(self.said.get(below, position), Said::Text) && !labels::is_stop(&found.text);
        (fits && is_value).then_some((below, position))
    }
}

/// What stands to the right of a label.
enum Right {
    /// Its value: cells by row and place in the row.
    Value(Vec<(usize, usize)>),
    /// Another label.
    Label,
    /// Labels that this one stands over.
    Group,
    Nothing,
}

fn mark(used: &mut [Vec<bool>], at: (usize, usize)) {
    if let Some(cell) = used.get_mut(at.0).and_then(|row| row.get_mut(at.1)) {
        *cell = true;
    }
}

/// 一、…, （二）…, 3. …: a heading.
fn is_numbered(text: &str) -> bool {
    let bare = text.trim_start_matches(['(', '（', '第']);
    let digits: String = bare.chars().take_while(|character| "一二三四五六七八九十0123456789".contains(*character)).collect();
    !digits.is_empty() && bare.get(digits.len()..).and_then(|rest| rest.chars().next()).is_some_and(|next| "、.．)）".contains(next))
}
