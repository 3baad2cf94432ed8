//! Owns judges (评委) and their marks as data. Not entered, absent (缺席), recused (回避) and 0 are four different things: a mark that
//! was not entered is no value at all. How marks become scores is `domain::scoring`.

use super::values::{CategoryId, EntryId, JudgeId, Points, RoundId};

/// A judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judge {
    /// The judge's row in the file.
    pub id: JudgeId,
    /// The judge's name, unique in the contest (a second 王芳 is told apart by staff).
    pub name: String,
    /// The judge's unit; empty if unknown.
    pub organization: String,
    /// The judge's panels, ordered.
    pub panels: Vec<Panel>,
}

/// What a judge marks: a category's round, in one zone or in all.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Panel {
    /// The category.
    pub category: CategoryId,
    /// The round.
    pub round: RoundId,
    /// The zone; empty for all.
    pub zone: String,
}

/// One judge's sheet for one work in one round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgeMarks {
    /// The judge.
    pub judge: JudgeId,
    /// What was entered.
    pub marks: Marks,
}

/// What a judge entered for a work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Marks {
    /// 缺席: the judge was not there.
    Absent,
    /// 回避: the judge may not mark this work; marks on record do not count.
    Recused,
    /// Only a total.
    Total(Points),
    /// A mark per leaf criterion, in the sheet's order; `None`: not entered.
    Criteria(Vec<Option<Points>>),
}

/// All marks of a round: for each work its judges' sheets, ordered by judge. Works without any mark have an empty list.
#[derive(Debug, Clone, Default)]
pub struct RoundMarks {
    /// Ordered by work.
    pub entries: Vec<(EntryId, Vec<JudgeMarks>)>,
}
