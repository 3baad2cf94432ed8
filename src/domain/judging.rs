//! Owns judges (评委) and their marks as data. Not entered, absent (缺席), recused (回避) and 0 are four different things: a mark that
//! was not entered is no value at all. How marks become scores is `domain::scoring`.

use super::category::Category;
use super::entry::EntrySummary;
use super::status::Competition;
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

impl RoundMarks {
    /// What a judge handed in for a work, if anything.
    #[must_use]
    pub fn sheet(&self, entry: EntryId, judge: JudgeId) -> Option<&Marks> {
        let position = self.entries.binary_search_by_key(&entry, |(candidate, _)| *candidate).ok()?;
        let (_, sheets) = self.entries.get(position)?;
        let position = sheets.binary_search_by_key(&judge, |sheet| sheet.judge).ok()?;
        sheets.get(position).map(|sheet| &sheet.marks)
    }
}

/// What one cell of a sheet says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkValue {
    /// Points.
    Given(Points),
    /// 缺席.
    Absent,
    /// 回避.
    Recused,
}

/// A number that was given for a work: a part of the score that no judge marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenPart {
    /// The work.
    pub entry: EntryId,
    /// The part's name in the rules.
    pub part: String,
    /// The number.
    pub points: Points,
}

impl Judge {
    /// Whether the judge marks works of this zone in this round.
    #[must_use]
    pub fn marks(&self, category: &CategoryId, round: &RoundId, zone: &str) -> bool {
        self.panels.iter().any(|panel| panel.covers(category, round) && (panel.zone.is_empty() || panel.zone == zone))
    }

    /// Whether the judge marks any zone of this round.
    #[must_use]
    pub fn marks_round(&self, category: &CategoryId, round: &RoundId) -> bool {
        self.panels.iter().any(|panel| panel.covers(category, round))
    }
}

impl Panel {
    /// Whether the panel is one of this round.
    #[must_use]
    pub fn covers(&self, category: &CategoryId, round: &RoundId) -> bool {
        self.category == *category && self.round == *round
    }
}

/// Which works take part in a round: the ones that compete and, where another round leads to this one, that were advanced to it.
/// `advanced` is ascending; it is not looked at for a round that nothing leads to.
#[must_use]
pub fn participants<'a>(
    category: &Category,
    round: &RoundId,
    works: &'a [EntrySummary],
    competition: Competition,
    advanced: &[EntryId],
) -> Vec<&'a EntrySummary> {
    let by_advancement = is_advanced_to(category, round);
    works
        .iter()
        .filter(|work| work.category == category.id && competition.admits(work.status))
        .filter(|work| !by_advancement || advanced.binary_search(&work.id).is_ok())
        .collect()
}

/// Whether works come to this round from another one.
#[must_use]
pub fn is_advanced_to(category: &Category, round: &RoundId) -> bool {
    category.rounds.iter().any(|other| other.advance.as_ref().is_some_and(|advance| advance.to == *round))
}
