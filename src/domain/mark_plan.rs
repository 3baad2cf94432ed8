//! Owns the data of taking in marks: rows as received, what is on file, what both make together, and the plan. How one becomes the other is
//! `domain::mark_intake`.

use super::category::{Category, Criterion, JudgeSheet, Round};
use super::entry::EntrySummary;
use super::judging::{GivenPart, Judge, MarkValue, Marks, RoundMarks};
use super::mark_text;
use super::problem::Problem;
use super::status::Competition;
use super::values::{EntryId, Exact, JudgeId, OrganizationId, Points};

/// A cell as received.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReceivedCell {
    /// The column, from 0.
    pub column: u32,
    /// The text as shown.
    pub text: String,
}

/// How a row names its work.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WorkReference {
    /// The column that names it best, for messages.
    pub column: u32,
    /// 作品编号; may be empty.
    pub number: String,
    /// 单位; may be empty.
    pub organization: String,
    /// 作品名称; may be empty.
    pub title: String,
}

/// One judge's sheet for one work, as received.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReceivedSheet {
    /// The judge's name, and where it stands.
    pub judge: ReceivedCell,
    /// A cell per leaf criterion; empty where the table has totals only.
    pub criteria: Vec<ReceivedCell>,
    /// The cell of the total, if the table has one.
    pub total: Option<ReceivedCell>,
}

impl ReceivedSheet {
    /// Whether nothing was entered. Beside empty criteria a total of 0 is what a sum formula makes of nothing, not a mark of 0.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        let is_empty = |cell: &ReceivedCell| cell.text.trim().is_empty();
        let sums_nothing =
            |cell: &ReceivedCell| !self.criteria.is_empty() && mark_text::read(&cell.text) == Ok(Some(MarkValue::Given(Points::ZERO)));
        self.criteria.iter().all(is_empty) && self.total.iter().all(|cell| is_empty(cell) || sums_nothing(cell))
    }
}

/// A row of a table of marks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReceivedRow {
    /// The row, from 1.
    pub row: u32,
    /// Its work.
    pub work: WorkReference,
    /// Its judges' sheets.
    pub sheets: Vec<ReceivedSheet>,
    /// Given parts: position among the round's given parts, and the cell.
    pub parts: Vec<(usize, ReceivedCell)>,
}

/// What is on file already.
#[derive(Debug)]
pub struct OnFile<'a> {
    /// The category.
    pub category: &'a Category,
    /// The round.
    pub round: &'a Round,
    /// Every work of the contest.
    pub works: &'a [EntrySummary],
    /// Names of units, folded, other names included.
    pub organizations: &'a [(String, OrganizationId)],
    /// Which of the works compete.
    pub competition: Competition,
    /// The works that take part in the round, ascending.
    pub participants: &'a [EntryId],
    /// Every judge of the contest.
    pub judges: &'a [Judge],
    /// The marks of the round.
    pub marks: &'a RoundMarks,
    /// The given parts of the round, ordered by work and part.
    pub parts: &'a [GivenPart],
}

/// Where a planned sheet came from: a table of the plan and its cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// Position of the table, as the planner counts them.
    pub table: usize,
    /// The row, from 1.
    pub row: u32,
    /// The column of the total or of the state, from 0.
    pub column: u32,
}

/// A judge's sheet that differs from what is on file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedSheet {
    /// The work.
    pub entry: EntryId,
    /// The judge.
    pub judge: JudgeId,
    /// What was on file; `None`: nothing.
    pub old: Option<Marks>,
    /// What is to be on file.
    pub new: Marks,
    /// Whether a mark on file would become another one (then it needs `--update`), not only be completed.
    pub replaces: bool,
    /// Where it came from.
    pub origin: Origin,
    /// The columns of the criteria, from 0; empty for totals and states.
    pub columns: Vec<u32>,
}

/// A given part that differs from what is on file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedPart {
    /// What is to be on file.
    pub given: GivenPart,
    /// What was on file; `None`: nothing.
    pub old: Option<Points>,
    /// Where it came from.
    pub origin: Origin,
}

/// What became of a table's sheets, each counted once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Data rows.
    pub rows: usize,
    /// New sheets (or given parts).
    pub added: usize,
    /// The same as on file.
    pub unchanged: usize,
    /// Other than on file.
    pub changed: usize,
    /// Not entered.
    pub empty: usize,
    /// Not taken: see the problems.
    pub refused: usize,
}

/// A received table: its place and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TablePlan {
    /// The file's path as given.
    pub file: String,
    /// The sheet; empty for files without sheets.
    pub sheet: String,
    /// What became of its rows.
    pub counts: Counts,
    /// What is wrong, in the table's order; the first ten thousand.
    pub problems: Vec<Problem>,
    /// How many more there were.
    pub unlisted: usize,
}

/// The plan of taking in marks.
#[derive(Debug, Clone, Default)]
pub struct MarkPlan {
    /// The tables in the order of their files.
    pub tables: Vec<TablePlan>,
    /// Sheets that differ from what is on file.
    pub sheets: Vec<PlannedSheet>,
    /// Given parts that differ from what is on file.
    pub parts: Vec<PlannedPart>,
}

/// The lowest and highest total that a sheet allows.
#[must_use]
pub fn total_bounds(rules: &JudgeSheet) -> (Points, Points) {
    let sum = |bound: fn(&Criterion) -> Points| {
        let sum: Exact = rules.criteria.iter().map(|criterion| &Exact::from(bound(criterion)) * &Exact::from(criterion.factor)).sum();
        sum.to_points()
    };
    (
        sum(|criterion| criterion.min).unwrap_or(Points::from_millionths(i64::MIN)),
        sum(|criterion| criterion.max).unwrap_or(Points::from_millionths(i64::MAX)),
    )
}

/// The finest total that a sheet allows: its step, or none where factors stretch the criteria.
#[must_use]
pub fn total_step(rules: &JudgeSheet) -> Points {
    let plain = rules.criteria.iter().all(|criterion| criterion.factor.millionths() == 1_000_000);
    if plain { rules.step } else { Points::ZERO }
}

/// What will be on file: a criterion left empty says nothing, so the mark on file stays.
pub(super) fn completed(old: Option<&Marks>, incoming: &Marks) -> Marks {
    match (old, incoming) {
        (Some(Marks::Criteria(old)), Marks::Criteria(new)) => {
            let length = old.len().max(new.len());
            let at = |marks: &[Option<Points>], index: usize| marks.get(index).copied().flatten();
            Marks::Criteria((0..length).map(|index| at(new, index).or_else(|| at(old, index))).collect())
        }
        _ => incoming.clone(),
    }
}

/// Whether anything that was on file would be other than before.
pub(super) fn is_replaced(old: &Marks, new: &Marks) -> bool {
    match (old, new) {
        (Marks::Criteria(old), Marks::Criteria(new)) => old.iter().zip(new).any(|(old, new)| old.is_some() && old != new),
        _ => old != new,
    }
}

/// What a sheet says, in a word.
pub(super) fn kind_of(marks: Option<&Marks>) -> &'static str {
    match marks {
        Some(Marks::Total(_)) => "总分",
        Some(Marks::Criteria(_)) => "分项分",
        Some(Marks::Absent) => "缺席",
        Some(Marks::Recused) => "回避",
        None => "",
    }
}

/// A text short enough for a message.
pub(super) fn shortened(text: &str) -> String {
    let text = text.trim();
    if text.chars().count() <= 40 { text.to_owned() } else { text.chars().take(40).chain(['…']).collect() }
}
