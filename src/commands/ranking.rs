//! Owns how a ranking becomes a table: the same rows for `rank`, JSON and every export. Refuses to compute: scores and places come
//! from the domain, loaded by `commands::results`.
//!
//! Decision worth knowing: a computed ranking owns what it shows and is shared, so that the rows of its tables are made from it when
//! they are printed, and 100,000 of them never lie in memory as cells.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::results::{Contest, judge_entered, latest_round};
use super::selection;
use crate::domain::category::{Category, Part, PartSource, Round, TieBreak};
use crate::domain::entry::EntrySummary;
use crate::domain::listing::{Audience, Cell, Column, Document, Listing};
use crate::domain::ranking::{self, Ranked, RankingTable};
use crate::domain::rules::ContestRules;
use crate::domain::scoring::{EntryScore, JudgeScore, Missing, MissingWhat, RoundScores};
use crate::domain::values::{EntryId, Exact, JudgeId};
use crate::error::AppError;
use crate::store::db::Reader;

/// The most works that a row names as tied with it, for scripts.
const MOST_TIED: usize = 100;
/// The same for people.
const SHOWN_TIED: usize = 5;

/// The most columns of a row beside those of parts and judges.
const FIXED_COLUMNS: usize = 13;

/// Which ranking.
#[derive(Debug, Clone, Copy)]
pub struct RankingQuery<'q> {
    /// The category as typed.
    pub category: &'q str,
    /// The round as typed; `None`: the latest with marks.
    pub round: Option<&'q str>,
    /// The zone as typed; `None`: all, each by itself where the round ranks by zone.
    pub zone: Option<&'q str>,
}

/// How much of a ranking is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// For people: columns of parts, judges' marks in one cell.
    People,
    /// For scripts too: records of parts and marks.
    Scripts,
    /// For sheets: a column a judge.
    Sheets,
}

/// A computed ranking.
#[derive(Debug)]
pub struct RankingResult {
    /// Works and judges.
    pub contest: Contest,
    /// The category.
    pub category: Category,
    /// The round.
    pub round: Round,
    /// Its scores.
    pub scores: RoundScores,
    /// The tables that were asked for.
    pub tables: Vec<RankingTable>,
    /// The zone that was asked for.
    pub zone: Option<String>,
    /// Where each work's score and the work itself are.
    places: FxHashMap<EntryId, (usize, usize)>,
}

/// Loads a round and computes its ranking.
///
/// # Errors
/// A name is unknown, the file cannot be read, or the marks do not allow the computation.
pub fn compute(reader: &Reader<'_>, rules: &ContestRules, query: RankingQuery<'_>) -> Result<Arc<RankingResult>, AppError> {
    let category = selection::category(rules, query.category)?;
    let round = match query.round {
        Some(text) => selection::round(category, text)?,
        None => latest_round(reader, category)?,
    };
    let (contest, entered) = Contest::load_with_round(reader, round)?;
    let zone = query.zone.map(|text| selection::zone(rules, &contest.works, text)).transpose()?;
    let scores = judge_entered(reader, &contest, category, round, entered)?.scores;
    let mut tables = match &zone {
        Some(zone) if round.by_zone => {
            ranking::rank_zones(round, &scores).tables.into_iter().filter(|table| table.zone.as_ref() == Some(zone)).collect()
        }
        // A part of one ranking keeps the round's places.
        Some(zone) => {
            let is_in = |entry: EntryId| contest.work(entry).is_some_and(|work| work.zone == *zone);
            let mut tables = ranking::rank(round, &scores).tables;
            for table in &mut tables {
                table.ranked.retain(|ranked| is_in(ranked.entry));
                table.unranked.retain(|entry| is_in(*entry));
            }
            tables
        }
        None => ranking::rank(round, &scores).tables,
    };
    // Zones in the printed order of the rules; what is not among them comes after, by name.
    let order =
        |table: &RankingTable| table.zone.as_ref().map(|zone| rules.zones.iter().position(|known| known == zone).unwrap_or(usize::MAX));
    tables.sort_by_key(order);
    let placed = |(place, score): (usize, &EntryScore)| Some((score.entry, (place, contest.place(score.entry)?)));
    let places = scores.scores.iter().enumerate().filter_map(placed).collect();
    Ok(Arc::new(RankingResult { contest, category: category.clone(), round: round.clone(), scores, tables, zone, places }))
}

impl RankingResult {
    /// Whether the works of the shown tables lack nothing.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.missing().next().is_none()
    }

    /// What the works of the shown tables lack.
    fn missing(&self) -> impl Iterator<Item = &Missing> {
        self.scores.missing.iter().filter(|missing| match &self.zone {
            Some(zone) => self.contest.work(missing.entry).is_some_and(|work| work.zone == *zone),
            None => true,
        })
    }

    /// Whether each zone ranks by itself here.
    fn is_by_zone(&self) -> bool {
        self.zone.is_none() && self.tables.iter().any(|table| table.zone.as_ref().is_some_and(|zone| !zone.is_empty()))
    }

    fn title(&self) -> String {
        let zone = self.zone.as_deref().map_or_else(String::new, |zone| format!("（{zone}）"));
        format!("{}{}排名{zone}", self.category.name, self.round.name)
    }

    /// Every shown table as one, zones one after another with the places within each.
    #[must_use]
    pub fn listing(self: &Arc<Self>, detail: Detail) -> Listing {
        let layout = Layout { detail, zones: self.is_by_zone(), judges: Vec::new() };
        self.table(self.title(), (0..self.tables.len()).collect(), layout)
    }

    /// The shown tables, zones each by itself.
    #[must_use]
    pub fn listings(self: &Arc<Self>, detail: Detail) -> Vec<Listing> {
        let listing = |(index, table): (usize, &RankingTable)| {
            let title = match table.zone.as_deref().map(|zone| if zone.is_empty() { "未分赛区" } else { zone }) {
                Some(zone) if self.is_by_zone() => format!("{}（{zone}）", self.title()),
                Some(_) | None => self.title(),
            };
            let judges = if detail == Detail::Sheets { self.judges_of(table) } else { Vec::new() };
            self.table(title, vec![index], Layout { detail, zones: false, judges })
        };
        if self.tables.is_empty() { vec![self.listing(detail)] } else { self.tables.iter().enumerate().map(listing).collect() }
    }

    /// Some of the tables, one below the other; its rows are made when they are printed.
    fn table(self: &Arc<Self>, title: String, tables: Vec<usize>, layout: Layout) -> Listing {
        let listing = Listing::new("ranking", title, self.columns(&layout)).when_empty("还没有可以排名的作品");
        let works = |table: &RankingTable| table.ranked.len() + table.unranked.len();
        let count = tables.iter().filter_map(|index| self.tables.get(*index)).map(works).sum();
        let ranking = Arc::clone(self);
        listing.rows_made(count, move |mut place| {
            for table in tables.iter().filter_map(|index| ranking.tables.get(*index)) {
                if place < works(table) {
                    return ranking.row(table, place, &layout).unwrap_or_default();
                }
                place -= works(table);
            }
            Vec::new()
        })
    }

    /// The ranking as `rank` prints it.
    #[must_use]
    pub fn document(self: &Arc<Self>, detail: Detail) -> Document {
        let (category, round) = (&self.category, &self.round);
        let mut document = Document::default()
            .value("category", "参赛类型", Cell::keyed(category.id.as_str(), category.name.as_str()))
            .value("round", "轮次", Cell::keyed(round.id.as_str(), round.name.as_str()))
            .value("zone", if self.zone.is_some() { "赛区" } else { "" }, Cell::optional(self.zone.as_deref(), Cell::text))
            .value("complete", "分数已齐", Cell::Flag(self.is_complete()));
        if detail == Detail::Scripts {
            return document.listing(self.missing_listing()).listing(self.listing(detail));
        }
        for listing in self.listings(detail) {
            document = document.listing(listing);
        }
        for line in self.missing_lines() {
            document = document.line(line);
        }
        document
    }

    fn score(&self, entry: EntryId) -> Option<&EntryScore> {
        self.scored(entry).map(|(_, score)| score)
    }

    fn scored(&self, entry: EntryId) -> Option<(&EntrySummary, &EntryScore)> {
        let (score, work) = self.places.get(&entry)?;
        Some((self.contest.works.get(*work)?, self.scores.scores.get(*score)?))
    }

    fn columns(&self, layout: &Layout) -> Vec<Column> {
        let round = &self.round;
        let mut columns = vec![
            Column::new("place", "名次"),
            Column::new("entry", "作品编号"),
            Column::new("title", "作品名称"),
            Column::new("organization", "单位"),
        ];
        columns.push(Column::new("zone", "赛区").only(if layout.zones { Audience::All } else { Audience::Scripts }));
        columns.push(Column::new("score", "得分"));
        if round.score.parts.len() > 1 {
            for part in &round.score.parts {
                columns.push(Column::new(format!("part:{}", part.key()), part_title(part)).only(Audience::People).minor());
            }
        }
        if layout.detail == Detail::Sheets {
            let judge = |judge: &JudgeId| Column::new("", self.contest.judge_name(*judge)).only(Audience::People);
            columns.extend(layout.judges.iter().map(judge));
            columns.push(Column::new("dropped", "去掉的分").only(Audience::People));
        } else if round.judges.is_some() {
            let title = if self.is_by_criterion() { "评委打分" } else { "评委打分（去掉的加括号）" };
            columns.push(Column::new("totals", title).only(Audience::People).minor());
        }
        columns.push(Column::new("deduction", "扣分").only(Audience::Scripts));
        columns.push(Column::new("", "扣分").only(if round.timing.is_some() { Audience::People } else { Audience::Scripts }));
        if layout.detail == Detail::Scripts {
            columns.push(Column::new("components", "各部分").only(Audience::Scripts));
            columns.push(Column::new("marks", "各评委").only(Audience::Scripts));
        }
        columns.push(Column::new("tied_with", "并列"));
        columns.push(Column::new("tie_break", "同分先后依据"));
        columns
    }

    /// The row of a table at a place: works with a score, then those without.
    fn row(&self, table: &RankingTable, place: usize, layout: &Layout) -> Option<Vec<Cell>> {
        let ranked = table.ranked.get(place);
        let entry = match ranked {
            Some(ranked) => ranked.entry,
            None => *table.unranked.get(place.checked_sub(table.ranked.len())?)?,
        };
        let (work, score) = self.scored(entry)?;
        let round = &self.round;
        let rounding = &round.score.rounding;
        let mut row = Vec::with_capacity(FIXED_COLUMNS + layout.judges.len() + round.score.parts.len());
        row.push(Cell::optional(ranked, |ranked| Cell::Integer(i64::from(ranked.place))));
        row.extend([work.number.as_str(), &work.title, &work.organization_name].map(Cell::text));
        row.push(Cell::optional(Some(work.zone.as_str()).filter(|zone| !zone.is_empty()), Cell::text));
        row.push(Cell::optional(score.final_score.clone(), |points| Cell::Points(points, rounding.r#final)));
        let part_cell = |key: &str, value: &Option<Exact>| {
            // A deduction may have more decimals than the rounded mean that it was taken from.
            let fits = |decimals: &u32| value.as_ref().is_some_and(|value| value.round(*decimals, rounding.mode) == *value);
            let decimals = if key == "judges" { rounding.judges.filter(fits) } else { None };
            Cell::optional(value.clone(), |value| Cell::Points(value, decimals))
        };
        if round.score.parts.len() > 1 {
            row.extend(score.parts.iter().map(|(key, value)| part_cell(key, value)));
        }
        if layout.detail == Detail::Sheets {
            let total = |id: &JudgeId| score.judges.iter().find(|judge| judge.judge == *id).and_then(JudgeScore::total);
            row.extend(layout.judges.iter().map(|judge| Cell::optional(total(judge), |total| Cell::Points(total, None))));
            let dropped = score.judges.iter().filter(|judge| judge.dropped).filter_map(JudgeScore::total);
            row.push(Cell::text(dropped.map(|total| total.to_string()).collect::<Vec<_>>().join("、")));
        } else if round.judges.is_some() {
            row.push(Cell::text(totals_text(&score.judges)));
        }
        let deduction = Exact::from(score.deduction);
        row.push(Cell::Points(deduction.clone(), None));
        row.push(if deduction == Exact::integer(0) { Cell::Empty } else { Cell::Points(deduction, None) });
        if layout.detail == Detail::Scripts {
            row.push(Cell::Record(score.parts.iter().map(|(key, value)| (key.to_string(), part_cell(key, value))).collect()));
            row.push(Cell::List(score.judges.iter().map(|judge| self.mark_cell(judge)).collect()));
        }
        row.push(Cell::List(ranked.map(|ranked| tied_cells(table, ranked, layout.detail)).unwrap_or_default()));
        row.push(Cell::optional(ranked.and_then(|ranked| ranked.tie_break), |index| tie_break_cell(round, index)));
        Some(row)
    }

    /// Whether marks are trimmed criterion by criterion: then no judge's total is dropped as a whole.
    fn is_by_criterion(&self) -> bool {
        self.round.judges.as_ref().and_then(|sheet| sheet.trim).is_some_and(|trim| trim.by_criterion)
    }

    fn mark_cell(&self, judge: &JudgeScore) -> Cell {
        let mut record = vec![
            ("judge".to_owned(), Cell::text(self.contest.judge_name(judge.judge))),
            ("total".to_owned(), Cell::optional(judge.total(), |total| Cell::Points(total, None))),
            ("dropped".to_owned(), Cell::Flag(judge.dropped)),
        ];
        if let (true, Some(sheet)) = (self.is_by_criterion(), &self.round.judges) {
            let names = judge.dropped_criteria.iter().filter_map(|index| sheet.criteria.get(*index));
            record.push(("dropped_criteria".to_owned(), Cell::List(names.map(|criterion| Cell::text(criterion.name.as_str())).collect())));
        }
        Cell::Record(record)
    }

    /// Everyone who marked a work of the table, in the order of registration.
    fn judges_of(&self, table: &RankingTable) -> Vec<JudgeId> {
        let works = table.ranked.iter().map(|ranked| ranked.entry).chain(table.unranked.iter().copied());
        let marked = works.filter_map(|entry| self.score(entry)).flat_map(|score| &score.judges).map(|judge| judge.judge);
        marked.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The part of the score with this key.
    fn part(&self, key: &str) -> Option<&Part> {
        self.round.score.parts.iter().find(|part| part.key() == key)
    }

    /// A part of the score by its key, printed by its name.
    fn part_cell(&self, key: &str) -> Cell {
        self.part(key).map_or_else(|| Cell::keyed(key, "评委分"), |part| Cell::keyed(key, part_title(part)))
    }

    fn missing_listing(&self) -> Listing {
        let columns = vec![
            Column::new("entry", "作品编号"),
            Column::new("judge", "评委"),
            Column::new("part", "部分"),
            Column::new("reason", "缺什么"),
        ];
        let mut listing = Listing::new("missing", "尚缺", columns);
        for missing in self.missing() {
            let (judge, part, reason) = match &missing.what {
                MissingWhat::Judge(judge) => (Cell::text(self.contest.judge_name(*judge)), Cell::Empty, "评委分未录".to_owned()),
                MissingWhat::Part(key) => (Cell::Empty, self.part_cell(key.as_str()), "该部分未录".to_owned()),
                MissingWhat::TooFewJudges { present, minimum } => {
                    (Cell::Empty, self.part_cell("judges"), format!("只有 {present} 位评委的分数，少于 {minimum} 位"))
                }
            };
            listing.push(vec![Cell::text(self.contest.number(missing.entry)), judge, part, Cell::text(reason)]);
        }
        listing
    }

    /// What is missing, for people: a line a kind, the first ten of each.
    fn missing_lines(&self) -> Vec<String> {
        const SHOWN: usize = 10;
        let (mut sheets, mut votes, mut parts, mut few) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for missing in self.missing() {
            let number = || self.contest.number(missing.entry);
            match &missing.what {
                MissingWhat::Judge(judge) => sheets.push((missing.entry, *judge)),
                MissingWhat::Part(key) => {
                    let part = self.part(key);
                    let title = part.map_or_else(|| key.clone(), part_title);
                    let is_votes = part.is_some_and(|part| matches!(part.from, PartSource::Votes { .. }));
                    if is_votes { &mut votes } else { &mut parts }.push(format!("{} {title}", number()));
                }
                MissingWhat::TooFewJudges { present, minimum } => few.push(format!("{}（{present}/{minimum}）", number())),
            }
        }
        let sheet_texts =
            sheets.iter().take(SHOWN).map(|(entry, judge)| format!("{} {}", self.contest.number(*entry), self.contest.judge_name(*judge)));
        let line = |what: &str, count: usize, shown: Vec<String>| {
            let more = if count > shown.len() { " 等" } else { "" };
            format!("{what} {count} 项：{}{more}", shown.join("、"))
        };
        let mut lines = Vec::new();
        if !sheets.is_empty() {
            lines.push(line("尚缺评委打分", sheets.len(), sheet_texts.collect()));
        }
        if !votes.is_empty() {
            lines.push(line("尚缺投票", votes.len(), votes.iter().take(SHOWN).cloned().collect()));
        }
        if !parts.is_empty() {
            lines.push(line("尚缺给定分", parts.len(), parts.iter().take(SHOWN).cloned().collect()));
        }
        if !few.is_empty() {
            lines.push(line("评委人数不足、没有得分的作品", few.len(), few.iter().take(SHOWN).cloned().collect()));
        }
        if !lines.is_empty() {
            lines.push(format!("分数未齐，名次只供参考；逐项查看：dasai score status --category {}", self.category.id));
        }
        let untimed: FxHashSet<EntryId> = self.scores.untimed.iter().copied().collect();
        let count = self.tables.iter().flat_map(|table| &table.ranked).filter(|ranked| untimed.contains(&ranked.entry)).count();
        if count > 0 {
            lines.push(format!("规则按用时扣分，{count} 件作品没有录入用时，没有扣分"));
        }
        lines
    }
}

/// A part of the score as its column is titled.
fn part_title(part: &Part) -> String {
    match &part.from {
        PartSource::Judges => "评委分".to_owned(),
        PartSource::Votes { channel, .. } => format!("投票（{channel}）"),
        PartSource::Given { name } => name.clone(),
    }
}

/// What a table of a ranking has.
struct Layout {
    detail: Detail,
    /// Whether there is a column of zones.
    zones: bool,
    /// The judges that have a column each.
    judges: Vec<JudgeId>,
}

/// The other works of a tie: some of them, or the rows of a large tie would grow with its square.
fn tied_cells(table: &RankingTable, ranked: &Ranked, detail: Detail) -> Vec<Cell> {
    let most = if detail == Detail::Scripts { MOST_TIED } else { SHOWN_TIED };
    let mut cells: Vec<Cell> = table.tied_with(ranked).take(most).map(|other| Cell::text(other.number.as_str())).collect();
    let others = ranked.tie.len().saturating_sub(1);
    if detail != Detail::Scripts && others > cells.len() {
        cells.push(Cell::text(format!("等 {others} 件")));
    }
    cells
}

/// Every judge's total, one that was dropped in brackets.
fn totals_text(judges: &[JudgeScore]) -> String {
    let mut text = String::with_capacity(8 * judges.len());
    for judge in judges {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(if judge.dropped { "(" } else { "" });
        if !judge.push_total(&mut text) {
            text.push('—');
        }
        text.push_str(if judge.dropped { ")" } else { "" });
    }
    text
}

/// The rule that decided between works of the same score.
fn tie_break_cell(round: &Round, index: usize) -> Cell {
    match round.score.tie_break.get(index) {
        None => Cell::Empty,
        Some(TieBreak::Exact) => Cell::keyed("exact", "修约前的得分"),
        Some(TieBreak::Part(key)) if key == "judges" => Cell::keyed("part:judges", "评委分"),
        Some(TieBreak::Part(key)) => Cell::keyed(format!("part:{key}"), key.as_str()),
        Some(TieBreak::Criterion(name)) => Cell::keyed(format!("criterion:{name}"), name.as_str()),
        Some(TieBreak::HighestMark) => Cell::keyed("highest_mark", "最高评委分"),
    }
}

/// A ranking as exports write it: with [`Detail::Sheets`] each zone by itself, else all in one table.
///
/// # Errors
/// As [`compute`].
pub fn ranking_listings(
    reader: &Reader<'_>,
    rules: &ContestRules,
    query: RankingQuery<'_>,
    detail: Detail,
) -> Result<Vec<Listing>, AppError> {
    let result = compute(reader, rules, query)?;
    Ok(if detail == Detail::Sheets { result.listings(detail) } else { vec![result.listing(detail)] })
}
