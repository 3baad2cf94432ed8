//! Owns what becomes of a received recommendation sheet (附件3): what is said of the work that each row means (`recommended_works`).
//! Pure: it knows the works and what is said of them, and writes nothing.
//!
//! Decisions worth knowing: nothing that stands is overwritten unless the import says `--update`; what is missing is filled in.
//! A place in the order that another work has is not taken from it without `--update`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rustc_hash::FxHashMap;

use super::command_word::word;
use super::entry::{EntrySummary, FieldChange, Provenance};
use super::field::Field;
use super::intake::category::category_named;
use super::intake::lengths;
use super::intake::problems::{Code, difference};
use super::intake::{ChangeOutcome, ValueChange};
use super::problem::{Place, Problem, Severity};
use super::recommendation::{Directory, Recommendation};
use super::recommended_works::Works;
use super::rules::ContestRules;
use super::values::{EntryId, SourceId};

/// A row of the directory, as received.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DirectoryRow {
    /// The sheet or table; empty for files without sheets.
    pub sheet: String,
    /// The row, from 1.
    pub row: u32,
    /// 排序.
    pub order: Option<u32>,
    /// 申报单位名称.
    pub organization: String,
    /// 参赛作品名称.
    pub title: String,
    /// 作品类型.
    pub category: String,
    /// 推荐意见.
    pub opinion: String,
}

/// A sheet, as received.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReceivedSheet {
    /// The file's path, as messages name it.
    pub file: String,
    /// When it was received.
    pub received_at: Timestamp,
    /// 推荐区局/行业/集团, as written.
    pub recommender: String,
    /// 推荐目录.
    pub rows: Vec<DirectoryRow>,
}

/// What becomes of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A work that nothing was said of.
    Added(Recommendation),
    /// What was said, changed or filled in.
    Updated(Recommendation),
    /// Known, and nothing new.
    Unchanged,
    /// Known with other values, which were not applied.
    Changed,
    /// No work's, or not this recommender's: quarantine.
    Refused,
}

/// A planned row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedRow {
    /// The work that it means.
    pub work: Option<EntryId>,
    /// What becomes of it.
    pub outcome: Outcome,
    /// What is to be said of it.
    pub problems: Vec<Problem>,
    /// What it says differently.
    pub changes: Vec<ValueChange>,
}

impl PlannedRow {
    fn refused(problem: Problem) -> Self {
        Self { work: None, outcome: Outcome::Refused, problems: vec![problem], changes: Vec::new() }
    }
}

/// A planned sheet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlannedSheet {
    /// Its rows, in their order.
    pub rows: Vec<PlannedRow>,
    /// Works that are not on the sheet and make room for those that are.
    pub displaced: Vec<Recommendation>,
}

/// What can be wrong with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    NoRecommender,
    UnknownRecommender,
    NoWork,
    SeveralWorks,
    OtherRecommender,
    Inactive,
    Twice,
    OrderTwice,
    OrderTaken,
    Displaced,
    OtherCategory,
    Withdrawn,
}

impl Fault {
    fn names(self) -> (&'static str, Severity) {
        match self {
            Self::NoRecommender => ("I601", Severity::Error),
            Self::UnknownRecommender => ("I602", Severity::Error),
            Self::NoWork => ("I603", Severity::Error),
            Self::SeveralWorks => ("I604", Severity::Error),
            Self::OtherRecommender => ("I605", Severity::Error),
            Self::Inactive => ("I606", Severity::Error),
            Self::Twice => ("I607", Severity::Error),
            Self::OrderTwice => ("I608", Severity::Warning),
            Self::OrderTaken => ("I609", Severity::Warning),
            Self::Displaced => ("I610", Severity::Info),
            Self::OtherCategory => ("I611", Severity::Warning),
            Self::Withdrawn => ("I612", Severity::Warning),
        }
    }

    fn at(self, place: &Place, field: Option<Field>, value: &str, message: String, hint: impl Into<String>) -> Problem {
        let (code, severity) = self.names();
        Problem { code, severity, place: place.clone(), field, value: value.chars().take(40).collect(), message, hint: hint.into() }
    }
}

/// Plans sheets one after another; what becomes of one is told it by [`Planner::know`].
#[derive(Debug)]
pub struct Planner<'a> {
    rules: &'a ContestRules,
    directory: Directory,
    works: Works,
    said: FxHashMap<EntryId, Recommendation>,
    /// The works that a recommender (by its key) has said something of, and may have taken back.
    spoken: FxHashMap<String, BTreeSet<EntryId>>,
    update: bool,
}

impl<'a> Planner<'a> {
    /// A planner for a contest that holds these. `update` applies other values.
    #[must_use]
    pub fn new(rules: &'a ContestRules, directory: Directory, works: Works, said: Vec<Recommendation>, update: bool) -> Self {
        let mut planner = Self { rules, directory, works, said: FxHashMap::default(), spoken: FxHashMap::default(), update };
        for said in said {
            planner.know(said);
        }
        planner
    }

    /// Takes in what is said of a work now: for the sheets that follow.
    pub fn know(&mut self, said: Recommendation) {
        self.spoken.entry(self.directory.key(&said.recommender)).or_default().insert(said.entry);
        self.said.insert(said.entry, said);
    }

    /// Where a work stood with another recommender, whose confirmation ends when this one speaks.
    #[must_use]
    pub fn is_of_another(&self, one: &Recommendation, other: &Recommendation) -> bool {
        self.directory.key(&one.recommender) != self.directory.key(&other.recommender)
    }

    /// What is said of a work now.
    #[must_use]
    pub fn said(&self, entry: EntryId) -> Option<&Recommendation> {
        self.said.get(&entry)
    }

    /// Plans a sheet.
    pub fn plan(&mut self, sheet: &ReceivedSheet) -> PlannedSheet {
        let key = self.directory.key(&sheet.recommender);
        let is_of_works = || self.works.all.iter().any(|work| self.directory.key(&work.recommender) == key);
        let fault = if key.is_empty() {
            let message = "推荐表没有写推荐单位（推荐区局/行业/集团）".to_owned();
            let hint = "核实后补上：dasai quarantine retry 编号 --set recommender=推荐单位";
            Some((Fault::NoRecommender, message, hint.to_owned()))
        } else if self.directory.find(&sheet.recommender).is_none() && !is_of_works() {
            let near = self.directory.near(&sheet.recommender);
            let offer = if near.is_empty() { String::new() } else { format!("；是否要找：{}", near.join("、")) };
            let message = format!("推荐单位“{}”不在名单中，也没有作品选它{offer}", sheet.recommender);
            let hint = "写法不同的，用 dasai recommender alias 加别名后重试：dasai quarantine retry";
            Some((Fault::UnknownRecommender, message, hint.to_owned()))
        } else {
            None
        };
        let place = |row: &DirectoryRow| Place { file: sheet.file.clone(), sheet: row.sheet.clone(), row: Some(row.row), column: None };
        if let Some((fault, message, hint)) = fault {
            let refused = |row| {
                let problem = fault.at(&place(row), Some(Field::Recommender), &sheet.recommender, message.clone(), hint.clone());
                PlannedRow::refused(problem)
            };
            return PlannedSheet { rows: sheet.rows.iter().map(refused).collect(), displaced: Vec::new() };
        }
        let name = self.directory.printed(&sheet.recommender).to_owned();
        let mut met: BTreeSet<EntryId> = BTreeSet::new();
        let mut found: Vec<Result<EntrySummary, Box<Problem>>> = Vec::new();
        let mut unmatched = 0_usize;
        for row in &sheet.rows {
            let work = self.find(row, &key, &name, &place(row), &mut unmatched).and_then(|work| {
                if met.insert(work.id) {
                    return Ok(work.clone());
                }
                let message = format!("作品 {} 在推荐表上列了两次", work.number);
                Err(Box::new(Fault::Twice.at(
                    &place(row),
                    Some(Field::Title),
                    &row.title,
                    message,
                    "以先列的一行为准；不是同一作品的，请核对名称",
                )))
            });
            found.push(work);
        }
        let mut standing = Standing::new(self, &key, &met);
        let mut orders: BTreeSet<u32> = BTreeSet::new();
        let mut turns: Vec<Turn<'_>> = Vec::new();
        for (row, work) in sheet.rows.iter().zip(found) {
            let mut told = Told::default();
            let order = row.order.filter(|order| *order > 0 && work.is_ok()).filter(|order| {
                let is_first = orders.insert(*order);
                if !is_first {
                    let message = format!("排序 {order} 在推荐表上出现两次");
                    let hint = "后一行的排序没有采用；与推荐单位核实后用 dasai recommend order 排定";
                    told.problems.push(Fault::OrderTwice.at(&place(row), Some(Field::Order), &order.to_string(), message, hint));
                }
                is_first
            });
            turns.push(Turn { place: turns.len(), row, work, order, told });
        }
        // Rows that name their place come first: one that names none keeps its own only where no other row of the sheet has it.
        turns.sort_by_key(|turn| turn.order.is_none());
        let mut rows: BTreeMap<usize, PlannedRow> = BTreeMap::new();
        for Turn { place: turn, row, work, order, mut told } in turns {
            let planned = match work {
                Err(problem) => PlannedRow::refused(*problem),
                Ok(work) => {
                    if category_named(self.rules, &row.category).is_some_and(|category| category != work.category) {
                        let own = self.rules.category(&work.category).map_or("", |category| category.name.as_str());
                        let message = format!("推荐表上的作品类型是{}，申报的是{own}", row.category);
                        told.problems.push(Fault::OtherCategory.at(
                            &place(row),
                            Some(Field::Category),
                            &row.category,
                            message,
                            "以申报的为准；请核对",
                        ));
                    }
                    let context = RowContext { sheet, row, name: &name, place: place(row), order };
                    let outcome = standing.plan(self, &context, &work, &mut told);
                    PlannedRow { work: Some(work.id), outcome, problems: told.problems, changes: told.changes }
                }
            };
            rows.insert(turn, planned);
        }
        PlannedSheet { rows: rows.into_values().collect(), displaced: standing.displaced }
    }

    /// The work that a row means, if it can be recommended by this recommender. `unmatched` counts rows of the sheet that mean none:
    /// looking for works near them goes through all works, so only the first are offered any.
    fn find(&self, row: &DirectoryRow, key: &str, name: &str, place: &Place, unmatched: &mut usize) -> Result<&EntrySummary, Box<Problem>> {
        const OFFERED: usize = 200;
        let is_own = |work: &EntrySummary| self.directory.key(&work.recommender) == key;
        let meant = self.works.meant(row, self.rules, &is_own);
        let work = match meant.as_slice() {
            [work] => *work,
            [] => {
                *unmatched = unmatched.saturating_add(1);
                let near = if *unmatched <= OFFERED { self.works.near(row, &is_own) } else { Vec::new() };
                let offer = if near.is_empty() { String::new() } else { format!("；是否要找：{}", near.join("、")) };
                let message = format!("没有这件作品：{}《{}》{offer}", row.organization, row.title);
                let hint =
                    "还没有申报的，导入申报表后重试：dasai quarantine retry；写法不同的：dasai quarantine retry 编号 --set title=作品名称";
                return Err(Box::new(Fault::NoWork.at(place, Some(Field::Title), &row.title, message, hint)));
            }
            several => {
                let numbers: Vec<&str> = several.iter().take(5).map(|work| work.number.as_str()).collect();
                let message = format!("有几件作品都可能是《{}》：{}", row.title, numbers.join("、"));
                let hint = "写明单位全称和作品类型后重试：dasai quarantine retry 编号 --set organization=单位 --set category=类型";
                return Err(Box::new(Fault::SeveralWorks.at(place, Some(Field::Title), &row.title, message, hint)));
            }
        };
        if !work.status.is_active() {
            let message = format!("作品 {} 的状态是“{}”，不能推荐", work.number, work.status.label());
            return Err(Box::new(Fault::Inactive.at(
                place,
                Some(Field::Title),
                &row.title,
                message,
                "核对后弃置这一行；确要恢复的用 dasai entry restore",
            )));
        }
        if !is_own(work) {
            let own = if work.recommender.trim().is_empty() {
                "没有写推荐单位".to_owned()
            } else {
                format!("推荐单位是“{}”", work.recommender)
            };
            let message = format!("作品 {} 申报时{own}，推荐表是“{name}”的", work.number);
            let hint = format!("核实后更正：dasai entry set {} recommender={}，再 dasai quarantine retry", work.number, word(name));
            return Err(Box::new(Fault::OtherRecommender.at(place, Some(Field::Recommender), &work.recommender, message, hint)));
        }
        match lengths::too_long(Field::Opinion, &row.opinion, place) {
            Some(problem) => Err(Box::new(problem)),
            None => Ok(work),
        }
    }
}

/// A row that waits for its turn to be planned.
struct Turn<'a> {
    /// Where it stands among the rows.
    place: usize,
    row: &'a DirectoryRow,
    work: Result<EntrySummary, Box<Problem>>,
    /// 排序, where it can be taken.
    order: Option<u32>,
    told: Told,
}

/// A row with what it stands in.
struct RowContext<'a> {
    sheet: &'a ReceivedSheet,
    row: &'a DirectoryRow,
    name: &'a str,
    place: Place,
    /// 排序, where it can be taken.
    order: Option<u32>,
}

impl RowContext<'_> {
    /// Where the row stands; who writes it sets the source.
    fn provenance(&self) -> Provenance {
        let (sheet, row) = (self.row.sheet.clone(), self.row.row);
        Provenance { source: SourceId(0), file: self.sheet.file.clone(), sheet, row }
    }

    /// Tells of a value that comes differently. `is_correction`: staff typed the present one.
    fn differs(&self, work: &EntrySummary, change: FieldChange, is_correction: bool, is_applied: bool, told: &mut Told) {
        let said = format!("{} 的{}：{}", work.number, change.field.label(), difference(&change));
        told.problems.push(if is_applied {
            Code::Applied.at(&self.place, Some(change.field), &change.new, said, "")
        } else {
            Code::Differs.at(&self.place, Some(change.field), &change.new, said, "要采用新值，导入时加 --update；否则保持原值")
        });
        let outcome = if is_applied { ChangeOutcome::Applied } else { ChangeOutcome::Waits };
        told.changes.push(ValueChange { is_correction, ..ValueChange::without_past(work.number.as_str(), change, outcome) });
    }
}

/// What is said of a row while it is planned.
#[derive(Debug, Default)]
struct Told {
    problems: Vec<Problem>,
    changes: Vec<ValueChange>,
}

/// The places of a recommender's works while a sheet is planned.
struct Standing {
    places: BTreeMap<u32, EntryId>,
    /// Works of the recommender that are not on the sheet.
    others: BTreeMap<EntryId, Recommendation>,
    displaced: Vec<Recommendation>,
    update: bool,
}

impl Standing {
    fn new(planner: &Planner<'_>, key: &str, on_sheet: &BTreeSet<EntryId>) -> Self {
        // A work that left the contest holds no place.
        let is_active = |entry: EntryId| planner.works.get(entry).is_some_and(|work| work.status.is_active());
        let said = planner.spoken.get(key).into_iter().flatten().filter_map(|entry| planner.said.get(entry));
        let own: Vec<&Recommendation> = said
            .filter(|said| said.withdrawn.is_none() && is_active(said.entry) && planner.directory.key(&said.recommender) == key)
            .collect();
        // With `--update` the sheet's own order counts, whatever its works had before.
        let placed = own.iter().filter(|said| !(planner.update && on_sheet.contains(&said.entry)));
        let places = placed.filter_map(|said| Some((said.position?, said.entry))).collect();
        let others = own.iter().filter(|said| !on_sheet.contains(&said.entry)).map(|said| (said.entry, (*said).clone())).collect();
        Self { places, others, displaced: Vec::new(), update: planner.update }
    }

    /// Gives a work a place, if it can have it.
    fn take(&mut self, entry: EntryId, context: &RowContext<'_>, works: &Works, problems: &mut Vec<Problem>) -> Option<u32> {
        let order = context.order?;
        let number = |entry: EntryId| works.get(entry).map_or("", |work| work.number.as_str());
        match self.places.get(&order).copied() {
            Some(holder) if holder != entry => {
                let shown = order.to_string();
                let Some(other) = self.others.get(&holder).filter(|_| self.update) else {
                    let message = format!("排序 {order} 已是作品 {} 的，没有采用", number(holder));
                    let hint = "核对后加 --update 再导入一次，或用 dasai recommend order 排定";
                    problems.push(Fault::OrderTaken.at(&context.place, Some(Field::Order), &shown, message, hint));
                    return None;
                };
                let highest =
                    context.sheet.rows.iter().filter_map(|row| row.order).chain(self.places.keys().copied()).max().unwrap_or(order);
                let behind = highest.checked_add(1)?;
                let message = format!("作品 {} 不在这张推荐表上，原排序 {order} 让出，排到第 {behind} 位", number(holder));
                let hint = "核对它是否仍由该单位推荐；重排用 dasai recommend order";
                problems.push(Fault::Displaced.at(&context.place, Some(Field::Order), &shown, message, hint));
                self.displaced.push(Recommendation { position: Some(behind), ..other.clone() });
                self.places.insert(behind, holder);
            }
            Some(_) | None => {}
        }
        self.places.insert(order, entry);
        Some(order)
    }

    fn plan(&mut self, planner: &Planner<'_>, context: &RowContext<'_>, work: &EntrySummary, told: &mut Told) -> Outcome {
        let (row, update) = (context.row, self.update);
        // What another recommender said, or took back, is none of this one's.
        let known = planner.said.get(&work.id);
        let fresh = || {
            let mut said = Recommendation::new(work.id, context.name, context.sheet.received_at);
            said.opinion.clone_from(&row.opinion);
            said.provenance = Some(context.provenance());
            said
        };
        let known = known.filter(|known| planner.directory.key(&known.recommender) == planner.directory.key(context.name));
        let Some(known) = known else {
            let position = self.take(work.id, context, &planner.works, &mut told.problems);
            return Outcome::Added(Recommendation { position, ..fresh() });
        };
        if let Some(reason) = &known.withdrawn {
            if !update {
                let message = format!("作品 {} 的推荐已撤回（{reason}），没有重新登记", work.number);
                told.problems.push(Fault::Withdrawn.at(
                    &context.place,
                    Some(Field::Opinion),
                    &row.opinion,
                    message,
                    "确要重新推荐的，加 --update 再导入一次",
                ));
                return Outcome::Changed;
            }
            let position = self.take(work.id, context, &planner.works, &mut told.problems);
            return Outcome::Updated(Recommendation { position, ..fresh() });
        }
        let mut after = known.clone();
        let mut differs = false;
        let is_typed = known.provenance.is_none();
        if !row.opinion.is_empty() && row.opinion != known.opinion {
            let is_gap = known.opinion.is_empty();
            if !is_gap {
                differs |= !update;
                let change = FieldChange { field: Field::Opinion, old: known.opinion.clone(), new: row.opinion.clone() };
                context.differs(work, change, is_typed, update, told);
            }
            if is_gap || update {
                after.opinion.clone_from(&row.opinion);
            }
        }
        match (known.position, context.order) {
            (_, None) => {
                // Its own place, unless another row of the sheet has it now.
                if let Some(position) = known.position.filter(|_| update) {
                    let holder = *self.places.entry(position).or_insert(work.id);
                    if holder != work.id {
                        let holder = planner.works.get(holder).map_or("", |holder| holder.number.as_str());
                        let message = format!("排序 {position} 按推荐表是作品 {holder} 的，作品 {} 现在没有排序", work.number);
                        let hint = "排定：dasai recommend order 推荐单位 编号 编号 …";
                        told.problems.push(Fault::OrderTaken.at(&context.place, Some(Field::Order), "", message, hint));
                        after.position = None;
                    }
                }
            }
            (Some(old), Some(new)) if old == new => {
                self.places.insert(new, work.id);
            }
            (None, Some(_)) => after.position = self.take(work.id, context, &planner.works, &mut told.problems),
            (Some(old), Some(new)) => {
                differs |= !update;
                let change = FieldChange { field: Field::Order, old: old.to_string(), new: new.to_string() };
                context.differs(work, change, is_typed, update, told);
                if update {
                    after.position = self.take(work.id, context, &planner.works, &mut told.problems);
                }
            }
        }
        if after == *known {
            return if differs { Outcome::Changed } else { Outcome::Unchanged };
        }
        after.provenance = Some(context.provenance());
        if after.opinion != known.opinion {
            after.given_at = context.sheet.received_at;
        }
        Outcome::Updated(after)
    }
}

#[cfg(test)]
#[path = "recommendation_intake_tests.rs"]
mod tests;
