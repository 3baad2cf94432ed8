//! Owns the plan of taking in marks: which of a received table's sheets are new, the same, or different from what is on file, and
//! which cells cannot be taken and why. Pure: the command shows the plan and writes it. Refuses to know files and how a table is read.
//!
//! Decision worth knowing: good sheets are planned, bad ones are problems at their cell and stay "not entered". A judge's sheet for a
//! work is taken whole or not at all, so a typing mistake in one criterion never leaves half a sheet behind.

use rustc_hash::{FxHashMap, FxHashSet};

use super::category::{Criterion, JudgeSheet, PartSource, Round};
use super::command_word::word;
use super::entry::EntrySummary;
use super::folding::{fold_organization, fold_text, fold_title};
use super::judging::{GivenPart, Judge, MarkValue, Marks};
use super::mark_text::{self, MarkTextError, did_you_mean};
use super::problem::{Place, Problem, Severity};
use super::values::{EntryId, EntryNumber, Exact, JudgeId, OrganizationId, Points};

pub use super::mark_plan::{
    Counts, MarkPlan, OnFile, Origin, PlannedPart, PlannedSheet, ReceivedCell, ReceivedRow, ReceivedSheet, TablePlan, WorkReference,
    total_bounds, total_step,
};
use super::mark_plan::{completed, is_replaced, kind_of, shortened};

#[cfg(test)]
mod tests;

/// Problems kept per table.
const LISTED_PROBLEMS: usize = 10_000;

/// Makes the plan row by row.
#[derive(Debug)]
pub struct Planner<'a> {
    on_file: OnFile<'a>,
    by_number: FxHashMap<&'a str, &'a EntrySummary>,
    by_title: FxHashMap<(OrganizationId, String), &'a EntrySummary>,
    titles: FxHashMap<String, &'a EntrySummary>,
    organizations: FxHashMap<&'a str, OrganizationId>,
    judges: FxHashMap<String, &'a Judge>,
    part_names: Vec<&'a str>,
    /// Sheets seen in this plan: what they said, and where.
    seen: FxHashMap<(EntryId, JudgeId), (Marks, Origin)>,
    seen_parts: FxHashMap<(EntryId, usize), (Points, Origin)>,
    /// Sheets that two rows contradict each other about: none of them is taken.
    doubtful: FxHashSet<(EntryId, JudgeId)>,
    /// The same for given parts.
    doubtful_parts: FxHashSet<(EntryId, &'a str)>,
    plan: MarkPlan,
}

impl<'a> Planner<'a> {
    /// Begins a plan.
    #[must_use]
    pub fn new(on_file: OnFile<'a>) -> Self {
        let own = || on_file.works.iter().filter(|work| work.category == on_file.category.id);
        let by_number = on_file.works.iter().map(|work| (work.number.as_str(), work)).collect();
        let by_title = own().map(|work| ((work.organization, fold_title(&work.title)), work)).collect();
        let titles = own().map(|work| (fold_title(&work.title), work)).collect();
        let organizations = on_file.organizations.iter().map(|(name, id)| (name.as_str(), *id)).collect();
        let judges = on_file.judges.iter().map(|judge| (fold_judge(&judge.name), judge)).collect();
        let part_names = given_part_names(on_file.round);
        Self {
            on_file,
            by_number,
            by_title,
            titles,
            organizations,
            judges,
            part_names,
            seen: FxHashMap::default(),
            seen_parts: FxHashMap::default(),
            doubtful: FxHashSet::default(),
            doubtful_parts: FxHashSet::default(),
            plan: MarkPlan::default(),
        }
    }

    /// Begins a table; the rows that follow are its rows.
    pub fn table(&mut self, file: &str, sheet: &str, problems: Vec<Problem>) {
        self.plan.tables.push(TablePlan { file: file.to_owned(), sheet: sheet.to_owned(), problems, ..TablePlan::default() });
    }

    /// Adds a problem to the table that was begun last.
    pub fn note(&mut self, problem: Problem) {
        self.problem(problem);
    }

    /// Plans a row of the table that was begun last.
    pub fn row(&mut self, row: &ReceivedRow) {
        self.counts().rows += 1;
        let work = match self.work(row) {
            Ok(work) => work,
            Err(problem) => {
                let filled = row.sheets.iter().filter(|sheet| !sheet.is_blank()).count()
                    + row.parts.iter().filter(|(_, cell)| !cell.text.trim().is_empty()).count();
                self.counts().refused += filled.max(1);
                self.problem(*problem);
                return;
            }
        };
        for sheet in &row.sheets {
            match self.sheet(row.row, work, sheet) {
                Ok(()) => {}
                Err(problem) => {
                    self.counts().refused += 1;
                    self.problem(*problem);
                }
            }
        }
        for (part, cell) in &row.parts {
            match self.part(row.row, work, *part, cell) {
                Ok(()) => {}
                Err(problem) => {
                    self.counts().refused += 1;
                    self.problem(*problem);
                }
            }
        }
    }

    /// Ends the plan.
    #[must_use]
    pub fn finish(mut self) -> MarkPlan {
        let MarkPlan { tables, sheets, parts } = &mut self.plan;
        let mut refuse = |origin: Origin, replaces: bool| {
            if let Some(table) = tables.get_mut(origin.table) {
                let counted = if replaces { &mut table.counts.changed } else { &mut table.counts.added };
                *counted = counted.saturating_sub(1);
                table.counts.refused += 1;
            }
        };
        let is_doubtful = |sheet: &mut PlannedSheet| self.doubtful.contains(&(sheet.entry, sheet.judge));
        sheets.extract_if(.., is_doubtful).for_each(|sheet| refuse(sheet.origin, sheet.replaces));
        let is_doubtful = |part: &mut PlannedPart| self.doubtful_parts.contains(&(part.given.entry, part.given.part.as_str()));
        parts.extract_if(.., is_doubtful).for_each(|part| refuse(part.origin, part.old.is_some()));
        self.plan
    }

    fn table_plan(&mut self) -> &mut TablePlan {
        if self.plan.tables.is_empty() {
            self.plan.tables.push(TablePlan::default());
        }
        let last = self.plan.tables.len() - 1;
        &mut self.plan.tables[last]
    }

    fn counts(&mut self) -> &mut Counts {
        &mut self.table_plan().counts
    }

    fn problem(&mut self, problem: Problem) {
        let table = self.table_plan();
        if table.problems.len() < LISTED_PROBLEMS {
            table.problems.push(problem);
        } else {
            table.unlisted += 1;
        }
    }

    fn place(&self, row: u32, column: u32) -> Place {
        let (file, sheet) = self.plan.tables.last().map_or(("", ""), |table| (table.file.as_str(), table.sheet.as_str()));
        Place { file: file.to_owned(), sheet: sheet.to_owned(), row: Some(row), column: Some(column) }
    }

    fn place_of(&self, origin: Origin) -> Place {
        let (file, sheet) = self.plan.tables.get(origin.table).map_or(("", ""), |table| (table.file.as_str(), table.sheet.as_str()));
        Place { file: file.to_owned(), sheet: sheet.to_owned(), row: Some(origin.row), column: Some(origin.column) }
    }

    fn error(&self, code: &'static str, row: u32, cell: &ReceivedCell, message: String, hint: impl Into<String>) -> Box<Problem> {
        Box::new(Problem {
            code,
            severity: Severity::Error,
            place: self.place(row, cell.column),
            field: None,
            value: shortened(&cell.text),
            message,
            hint: hint.into(),
        })
    }

    /// The work that a row means, if it takes part in the round.
    fn work(&mut self, row: &ReceivedRow) -> Result<&'a EntrySummary, Box<Problem>> {
        let work = self.named_work(row)?;
        let cell = ReceivedCell { column: row.work.column, text: work.number.to_string() };
        let category = self.on_file.category;
        if work.category != category.id {
            return Err(self.error(
                "J104",
                row.row,
                &cell,
                format!("{} 不是{}的作品", work.number, category.name),
                format!("它属于 {}；请分开导入：dasai score import 文件 --category {}", work.category, work.category),
            ));
        }
        if self.on_file.participants.binary_search(&work.id).is_err() {
            let round = self.on_file.round;
            let competition = self.on_file.competition;
            let (message, hint) = if competition.admits(work.status) {
                (
                    format!("{} 没有进入{}", work.number, round.name),
                    format!("先确定晋级：dasai advance {}；或检查 --round 是否写错", category.id),
                )
            } else if competition.waits(work.status) {
                (format!("{} 尚未受理，不参加评审", work.number), format!("先受理：dasai screen accept {}", work.number))
            } else {
                (format!("{} {}，不参加评审", work.number, work.status.label()), format!("查看它的状态：dasai entry show {}", work.number))
            };
            return Err(self.error("J105", row.row, &cell, message, hint));
        }
        Ok(work)
    }

    fn named_work(&mut self, row: &ReceivedRow) -> Result<&'a EntrySummary, Box<Problem>> {
        let reference = &row.work;
        let title = fold_title(&reference.title);
        if reference.number.trim().is_empty() {
            let cell = ReceivedCell { column: reference.column, text: reference.title.clone() };
            let unit = self.organizations.get(fold_organization(&reference.organization).as_str()).copied();
            let found = unit.and_then(|unit| self.by_title.get(&(unit, title.clone())).copied());
            return found.ok_or_else(|| {
                let hint = match self.titles.get(&title) {
                    Some(other) => {
                        format!("{} 的《{}》是 {} 的作品；核对单位，或填写作品编号", other.number, other.title, other.organization_name)
                    }
                    None => format!("填写作品编号；查看作品：dasai entry list --category {}", self.on_file.category.id),
                };
                let message = if reference.organization.trim().is_empty() || title.is_empty() {
                    "没有作品编号，也没有单位和作品名称，不知道是哪件作品".to_owned()
                } else {
                    format!("找不到作品：{}《{}》", reference.organization.trim(), reference.title.trim())
                };
                self.error("J101", row.row, &cell, message, hint)
            });
        }
        let number = EntryNumber::typed(&reference.number);
        let cell = ReceivedCell { column: reference.column, text: reference.number.clone() };
        let Some(work) = self.by_number.get(number.as_str()).copied() else {
            let hint = match self.similar_number(&number) {
                Some(similar) => format!("是不是 {similar}？"),
                None => format!("查看作品：dasai entry list --category {}", self.on_file.category.id),
            };
            return Err(self.error("J101", row.row, &cell, format!("没有编号为 {} 的作品", shortened(&reference.number)), hint));
        };
        if !title.is_empty() && title != fold_title(&work.title) {
            let message = format!("{} 是《{}》，表里写的是《{}》", work.number, work.title, shortened(reference.title.trim()));
            if let Some(other) = self.titles.get(&title) {
                let hint = format!("《{}》的编号是 {}；检查各行是否错位", other.title, other.number);
                return Err(self.error("J102", row.row, &cell, message, hint));
            }
            let mut problem = self.error("J102", row.row, &cell, message, "分数按编号记入；请核对是否同一件作品");
            problem.severity = Severity::Warning;
            self.problem(*problem);
        }
        Ok(work)
    }

    /// The work with the same serial: typed without prefix or without its zeros.
    fn similar_number(&self, number: &EntryNumber) -> Option<EntryNumber> {
        let digits: String = number.as_str().chars().skip_while(|character| !character.is_ascii_digit()).collect();
        let candidate = EntryNumber::from_parts(&self.on_file.category.prefix, digits.parse().ok()?);
        self.by_number.contains_key(candidate.as_str()).then_some(candidate)
    }

    /// The judge that a cell names, if the judge marks this work in this round.
    fn judge(&self, row: u32, work: &EntrySummary, cell: &ReceivedCell) -> Result<&'a Judge, Box<Problem>> {
        let (category, round) = (self.on_file.category, self.on_file.round);
        let Some(judge) = self.judges.get(&fold_judge(&cell.text)).copied() else {
            let panel = self.on_file.judges.iter().filter(|judge| judge.marks_round(&category.id, &round.id));
            let name = cell.text.trim();
            if name.is_empty() {
                return Err(self.error("J106", row, cell, "没有写评委姓名".to_owned(), "在原表这一行写上评委姓名后重新导入".to_owned()));
            }
            // A Chinese name goes in without the blanks and words that tables put around it; a Latin one needs its blanks.
            let folded = if name.chars().any(|character| character.is_ascii_alphabetic()) { name.to_owned() } else { fold_judge(name) };
            let new = word(&folded);
            let hint = match did_you_mean(name, panel.map(|judge| judge.name.as_str())) {
                Some(similar) => format!("是不是“{similar}”？若确是新评委：dasai judge add {new} --panel {}/{}", category.id, round.id),
                None => format!("登记评委：dasai judge add {new} --panel {}/{}", category.id, round.id),
            };
            let message = format!("没有名叫“{}”的评委", shortened(name));
            return Err(self.error("J106", row, cell, message, hint));
        };
        if judge.marks(&category.id, &round.id, &work.zone) {
            return Ok(judge);
        }
        let add = |panel: String| format!("dasai judge add {} --panel {}", word(&judge.name), word(&panel));
        let panel = format!("{}/{}", category.id, round.id);
        Err(if judge.marks_round(&category.id, &round.id) {
            let zone = if work.zone.is_empty() { "未分赛区" } else { &work.zone };
            self.error(
                "J107",
                row,
                cell,
                format!("{}（{zone}）不归评委{}评：不是同一赛区", work.number, judge.name),
                format!("核对作品的赛区，或把评委加入：{}", add(if work.zone.is_empty() { panel } else { format!("{panel}/{zone}") })),
            )
        } else {
            self.error(
                "J107",
                row,
                cell,
                format!("评委{}不在{}{}的评委组", judge.name, category.name, round.name),
                format!("加入：{}", add(panel)),
            )
        })
    }

    fn sheet(&mut self, row: u32, work: &'a EntrySummary, received: &ReceivedSheet) -> Result<(), Box<Problem>> {
        if received.is_blank() {
            self.counts().empty += 1;
            return Ok(());
        }
        let judge = self.judge(row, work, &received.judge)?;
        let Some(rules) = &self.on_file.round.judges else {
            let message = format!("{}不由评委打分", self.on_file.round.name);
            return Err(self.error("J108", row, &received.judge, message, "检查 --round 是否写错；各轮的规则用 dasai rules show 查看"));
        };
        let ReadSheet { marks: incoming, column, total } = self.read_sheet(row, rules, received)?;
        let key = (work.id, judge.id);
        let origin = Origin { table: self.plan.tables.len().saturating_sub(1), row, column };
        if let Some((earlier, first)) = self.seen.get(&key) {
            let where_ = self.place_of(*first);
            if self.doubtful.contains(&key) {
                let message = format!("{} 评委{}的分数前面已有两处不同，这一处也没有记入", work.number, judge.name);
                return Err(self.error("J103", row, &ReceivedCell { column, text: String::new() }, message, "删去错的各行后再导入"));
            }
            if *earlier == incoming {
                let message = format!("{} 评委{}的分数与 {where_} 相同，只记一次", work.number, judge.name);
                let mut problem = self.error("J103", row, &ReceivedCell { column, text: String::new() }, message, "");
                problem.severity = Severity::Warning;
                self.problem(*problem);
                self.counts().unchanged += 1;
                return Ok(());
            }
            let message = format!("{} 评委{}的分数与 {where_} 不同，两处都没有记入", work.number, judge.name);
            self.doubtful.insert(key);
            return Err(self.error("J103", row, &ReceivedCell { column, text: String::new() }, message, "删去错的一行后再导入"));
        }
        self.seen.insert(key, (incoming.clone(), origin));
        let old = self.on_file.marks.sheet(work.id, judge.id);
        let mixed = matches!((old, &incoming), (Some(Marks::Total(_)), Marks::Criteria(_)) | (Some(Marks::Criteria(_)), Marks::Total(_)));
        if mixed {
            let message = format!("{} 评委{}已有{}，不能再记{}", work.number, judge.name, kind_of(old), kind_of(Some(&incoming)));
            let (round, name) = (&self.on_file.round.id, word(&judge.name));
            let hint = format!("二者只能有一种；要换就先清除：dasai score clear {} --judge {name} --round {round}", work.number);
            return Err(self.error("J112", row, &ReceivedCell { column, text: String::new() }, message, hint));
        }
        let new = completed(old, &incoming);
        if let (Some((points, cell)), Marks::Criteria(marks)) = (total, &new) {
            self.check_total(row, cell, points, (&incoming, marks), rules)?;
        }
        if old == Some(&new) {
            self.counts().unchanged += 1;
            return Ok(());
        }
        let replaces = old.is_some_and(|old| is_replaced(old, &new));
        if replaces {
            self.counts().changed += 1;
        } else {
            self.counts().added += 1;
        }
        let columns = match &new {
            Marks::Criteria(_) => received.criteria.iter().map(|cell| cell.column).collect(),
            Marks::Absent | Marks::Recused | Marks::Total(_) => Vec::new(),
        };
        self.plan.sheets.push(PlannedSheet { entry: work.id, judge: judge.id, old: old.cloned(), new, replaces, origin, columns });
        Ok(())
    }

    /// What a sheet says.
    fn read_sheet<'r>(&mut self, row: u32, rules: &JudgeSheet, received: &'r ReceivedSheet) -> Result<ReadSheet<'r>, Box<Problem>> {
        let mut marks = Vec::with_capacity(received.criteria.len());
        let mut states: Vec<(MarkValue, &ReceivedCell)> = Vec::new();
        let mut first_column = None;
        for (cell, criterion) in received.criteria.iter().zip(&rules.criteria) {
            let value = self.value(row, cell)?;
            if let Some(MarkValue::Given(points)) = value {
                first_column.get_or_insert(cell.column);
                self.within(row, cell, points, criterion.min, criterion.max, rules.step, &criterion.name)?;
                marks.push(Some(points));
            } else {
                states.extend(value.map(|value| (value, cell)));
                marks.push(None);
            }
        }
        let mut total = None;
        if let Some(cell) = &received.total {
            match self.value(row, cell)? {
                Some(MarkValue::Given(points)) => total = Some((points, cell)),
                Some(value) => states.push((value, cell)),
                None => {}
            }
        }
        if let Some(&(value, cell)) = states.first() {
            if let Some((_, other)) = states.iter().find(|(other, _)| *other != value) {
                let message = format!("同一份评分里既有“{}”又有“{}”", cell.text.trim(), other.text.trim());
                return Err(self.error("J114", row, other, message, "核对评分表：留下其中一种"));
            }
            if first_column.is_some() || total.is_some_and(|(points, _)| points != Points::ZERO) {
                let message = format!("同一份评分里既有“{}”又有分数", cell.text.trim());
                return Err(self.error("J114", row, cell, message, "核对评分表：留下其中一种"));
            }
            let marks = if value == MarkValue::Recused { Marks::Recused } else { Marks::Absent };
            return Ok(ReadSheet { marks, column: cell.column, total: None });
        }
        if let Some((points, cell)) = total
            && first_column.is_none()
        {
            if rules.trim.is_some_and(|trim| trim.by_criterion) {
                let message = "这一轮按评分项去掉最高最低分，只有总分不能计分".to_owned();
                return Err(self.error("J115", row, cell, message, "录入各评分项的分数"));
            }
            let (lowest, highest) = total_bounds(rules);
            self.within(row, cell, points, lowest, highest, total_step(rules), "总分")?;
            return Ok(ReadSheet { marks: Marks::Total(points), column: cell.column, total: None });
        }
        Ok(ReadSheet { marks: Marks::Criteria(marks), column: first_column.unwrap_or(received.judge.column), total })
    }

    fn value(&self, row: u32, cell: &ReceivedCell) -> Result<Option<MarkValue>, Box<Problem>> {
        mark_text::read(&cell.text).map_err(|error| {
            let message = match error {
                MarkTextError::Uncomputed => "公式没有算好的值".to_owned(),
                MarkTextError::NotANumber => format!("“{}”不是分数", shortened(&cell.text)),
                MarkTextError::TooManyDecimals => format!("“{}”的小数位太多（最多六位）", shortened(&cell.text)),
                MarkTextError::OutOfRange => format!("“{}”太大", shortened(&cell.text)),
            };
            let hint = if error == MarkTextError::Uncomputed {
                "请用 Excel 或 WPS 打开该文件并保存（保存时会计算），再重新导入"
            } else {
                "写成数字（如 89.5）；未打分留空，评委缺席写“缺席”，回避写“回避”"
            };
            self.error("J109", row, cell, message, hint)
        })
    }

    #[expect(clippy::too_many_arguments, reason = "the bounds of one mark, each used once")]
    fn within(
        &self,
        row: u32,
        cell: &ReceivedCell,
        points: Points,
        lowest: Points,
        highest: Points,
        step: Points,
        name: &str,
    ) -> Result<(), Box<Problem>> {
        if points < lowest || points > highest {
            let message = format!("{name} {points} 分，超出范围 {lowest}～{highest}");
            return Err(self.error("J110", row, cell, message, "核对评分表后改正；分值范围用 dasai rules show 查看"));
        }
        if !points.is_multiple_of(step) {
            let message = format!("{name} {points} 分，不是 {step} 的倍数");
            return Err(self.error("J111", row, cell, message, format!("打分的最小单位是 {step} 分；核对评分表后改正")));
        }
        Ok(())
    }

    /// Holds the judge's own total against the sum of the criteria, those on file included. A sheet that still lacks some has no sum:
    /// the total must be one that it can come to, unless it only adds up what the row itself has, as a formula does.
    fn check_total(
        &mut self,
        row: u32,
        cell: &ReceivedCell,
        total: Points,
        (incoming, marks): (&Marks, &[Option<Points>]),
        rules: &JudgeSheet,
    ) -> Result<(), Box<Problem>> {
        let sum_of = |marks: &[Option<Points>], other: fn(&Criterion) -> Points| -> Exact {
            let at = |(index, criterion): (usize, &Criterion)| marks.get(index).copied().flatten().unwrap_or_else(|| other(criterion));
            rules.criteria.iter().enumerate().map(|each| &Exact::from(at(each)) * &Exact::from(each.1.factor)).sum()
        };
        let (said, sum) = (Exact::from(total), sum_of(marks, |_| Points::ZERO));
        let adds_up_the_row = match incoming {
            Marks::Criteria(own) => own.contains(&None) && said == sum_of(own, |_| Points::ZERO),
            Marks::Total(_) | Marks::Absent | Marks::Recused => false,
        };
        if said == sum || adds_up_the_row {
            return Ok(());
        }
        let hint = "核对评分表：改正总分或分项后再导入";
        let lacking: Vec<&str> = rules
            .criteria
            .iter()
            .enumerate()
            .filter(|(index, _)| marks.get(*index).copied().flatten().is_none())
            .map(|(_, criterion)| criterion.name.as_str())
            .collect();
        if lacking.is_empty() {
            return Err(self.error("J113", row, cell, format!("总分 {total} 与各项之和 {sum} 不符"), hint));
        }
        let (lowest, highest) = (sum_of(marks, |criterion| criterion.min), sum_of(marks, |criterion| criterion.max));
        if said < lowest || said > highest {
            let message = format!("总分 {total} 与已有的各项不符：补齐后应在 {lowest}～{highest}");
            return Err(self.error("J113", row, cell, message, hint));
        }
        let message = format!("还缺 {}，总分 {total} 无从核对，没有记下", lacking.join("、"));
        let mut problem = self.error("J113", row, cell, message, "补录所缺的评分项时，连同总分再导入一次，即可核对");
        problem.severity = Severity::Warning;
        self.problem(*problem);
        Ok(())
    }

    fn part(&mut self, row: u32, work: &EntrySummary, part: usize, cell: &ReceivedCell) -> Result<(), Box<Problem>> {
        let points = match self.value(row, cell)? {
            None => {
                self.counts().empty += 1;
                return Ok(());
            }
            Some(MarkValue::Given(points)) => points,
            Some(MarkValue::Absent | MarkValue::Recused) => {
                let message = format!("“{}”不是分数", shortened(&cell.text));
                return Err(self.error("J109", row, cell, message, "写成数字；没有就留空"));
            }
        };
        let Some(name) = self.part_names.get(part).copied() else { return Ok(()) };
        if let Some((earlier, first)) = self.seen_parts.get(&(work.id, part)) {
            let where_ = self.place_of(*first);
            if self.doubtful_parts.contains(&(work.id, name)) {
                let message = format!("{} 的{name}前面已有两处不同，这一处也没有记入", work.number);
                return Err(self.error("J103", row, cell, message, "删去错的各行后再导入"));
            }
            if *earlier == points {
                self.counts().unchanged += 1;
                return Ok(());
            }
            let message = format!("{} 的{name}与 {where_} 不同，两处都没有记入", work.number);
            self.doubtful_parts.insert((work.id, name));
            return Err(self.error("J103", row, cell, message, "删去错的一行后再导入"));
        }
        let origin = Origin { table: self.plan.tables.len().saturating_sub(1), row, column: cell.column };
        self.seen_parts.insert((work.id, part), (points, origin));
        let parts = self.on_file.parts;
        let old = parts
            .binary_search_by(|candidate| candidate.entry.cmp(&work.id).then_with(|| candidate.part.as_str().cmp(name)))
            .ok()
            .and_then(|position| parts.get(position))
            .map(|candidate| candidate.points);
        match old {
            Some(old) if old == points => {
                self.counts().unchanged += 1;
                return Ok(());
            }
            Some(_) => self.counts().changed += 1,
            None => self.counts().added += 1,
        }
        let given = GivenPart { entry: work.id, part: name.to_owned(), points };
        self.plan.parts.push(PlannedPart { given, old, origin });
        Ok(())
    }
}

/// What a received sheet says.
struct ReadSheet<'r> {
    marks: Marks,
    /// The column that says it best.
    column: u32,
    /// The judge's own total beside criteria, to be held against their sum.
    total: Option<(Points, &'r ReceivedCell)>,
}

/// The names of a round's given parts, in the rules' order.
#[must_use]
pub fn given_part_names(round: &Round) -> Vec<&str> {
    round
        .score
        .parts
        .iter()
        .filter_map(|part| match &part.from {
            PartSource::Given { name } => Some(name.as_str()),
            PartSource::Judges | PartSource::Votes { .. } => None,
        })
        .collect()
}

/// A judge's name as compared: width and blanks folded, the words around it out (评委：王芳, 王芳老师).
#[must_use]
pub fn fold_judge(text: &str) -> String {
    let folded = fold_text(text);
    let name = match folded.strip_prefix("评委") {
        Some(rest) => rest.strip_prefix("姓名").unwrap_or(rest).trim_start_matches([':', '：']),
        None => &folded,
    };
    let name = name.strip_suffix("老师").or_else(|| name.strip_suffix("评委")).unwrap_or(name);
    if name.is_empty() { folded.clone() } else { name.to_owned() }
}
