//! `judge import`: a table of judges. One row a judge or a judge's panel; what is on file already changes nothing.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use super::context::{Context, Outcome};
use super::judge::{name, panel_text, panels, panels_named, write};
use super::{problems, selection};
use crate::domain::folding::fold_text;
use crate::domain::judging::{Judge, Panel};
use crate::domain::listing::{Cell, Column, Document, Listing};
use crate::domain::mark_intake::fold_judge;
use crate::domain::problem::{Problem, Severity};
use crate::domain::rules::ContestRules;
use crate::domain::values::JudgeId;
use crate::error::AppError;
use crate::formats::judge_table::{self, JudgeRow};
use crate::store::judging as judging_store;

/// Arguments of `judge import`.
#[derive(Debug, Args)]
#[command(
    after_help = "示例：\n  dasai judge import 评委名单.xlsx\n  dasai judge import 评委.csv --panel speech/final\n\n表头：姓名（或评委），可以有单位、参赛类型、轮次、赛区；一位评委可以占几行"
)]
pub struct ImportArgs {
    /// 评委名单（可以多个）
    #[arg(value_name = "文件", required = true)]
    files: Vec<PathBuf>,
    /// 名单里没有写参赛类型的评委加入的评委组；可以写几次
    #[arg(long, value_name = "参赛类型[/轮次[/赛区]]")]
    panel: Vec<String>,
}

/// What registering a judge adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgePlan {
    /// The judge on file.
    pub existing: Option<JudgeId>,
    /// The name.
    pub name: String,
    /// A unit to set; `None`: as it is.
    pub organization: Option<String>,
    /// Panels to join.
    pub panels: Vec<Panel>,
}

impl JudgePlan {
    /// What is new compared with the judge on file.
    #[must_use]
    pub fn new(existing: Option<&Judge>, name: String, organization: &str, wanted: Vec<Panel>) -> Self {
        let organization = organization.trim();
        let known = existing.map_or("", |judge| judge.organization.as_str());
        let mut panels: Vec<Panel> = Vec::new();
        for panel in wanted {
            let on_file = existing.is_some_and(|judge| judge.panels.contains(&panel));
            if !on_file && !panels.contains(&panel) {
                panels.push(panel);
            }
        }
        Self {
            existing: existing.map(|judge| judge.id),
            name: existing.map_or(name, |judge| judge.name.clone()),
            organization: (!organization.is_empty() && known.is_empty()).then(|| organization.to_owned()),
            panels,
        }
    }

    /// Whether nothing is new.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.existing.is_some() && self.organization.is_none() && self.panels.is_empty()
    }

    /// What is done, in one line.
    #[must_use]
    pub fn text(&self, rules: &ContestRules) -> String {
        let panels = self.panels.iter().map(|panel| panel_text(rules, panel)).collect::<Vec<_>>().join("、");
        let verb = if self.existing.is_none() { "登记评委" } else { "评委" };
        let unit = self.organization.as_ref().map_or_else(String::new, |organization| format!("（{organization}）"));
        if panels.is_empty() { format!("{verb}{}{unit}", self.name) } else { format!("{verb}{}{unit}，加入{panels}", self.name) }
    }
}

/// The rows of all files together, and what was wrong.
struct ImportPlan {
    judges: Vec<JudgePlan>,
    unchanged: usize,
    rows: usize,
    refused: usize,
    problems: Vec<Problem>,
}

/// Imports judges.
///
/// # Errors
/// A file cannot be read as a table, or `--panel` names nothing.
pub fn run(context: &mut Context, args: &ImportArgs) -> Result<Outcome, AppError> {
    let mut db = context.open()?;
    let (rules, judges) = {
        let reader = db.reader()?;
        (context.rules(&reader)?, judging_store::judges(&reader)?)
    };
    let mut fallback = Vec::new();
    for text in &args.panel {
        fallback.extend(panels_named(&rules, text)?);
    }
    let (mut rows, mut problems) = (Vec::new(), Vec::new());
    for given in &args.files {
        let shown = given.display().to_string();
        let (read, wrong) = judge_table::read(&context.path(given), &shown)
            .map_err(|unreadable| AppError::damaged(format!("{shown}：{}", unreadable.message)).hint(unreadable.hint))?;
        rows.extend(read);
        problems.extend(wrong);
    }
    let plan = plan(&rules, &judges, &rows, &fallback, problems);
    let mut outcome = Outcome::of(document(&rules, &plan));
    outcome.has_findings = problems::any_error(&plan.problems);
    if plan.judges.is_empty() {
        return Ok(outcome.message("没有需要登记的评委"));
    }
    if context.dry_run {
        return Ok(outcome.message("试运行：没有写入"));
    }
    let summary = format!("导入评委 {} 位", plan.judges.len());
    let tx = context.operation(&mut db)?;
    for judge in &plan.judges {
        write(&tx, judge)?;
    }
    tx.finish(&summary)?;
    Ok(outcome.message(summary))
}

fn plan(rules: &ContestRules, judges: &[Judge], rows: &[JudgeRow], fallback: &[Panel], problems: Vec<Problem>) -> ImportPlan {
    let mut plan = ImportPlan { judges: Vec::new(), unchanged: 0, rows: rows.len(), refused: 0, problems };
    // By folded name, in the order of their first rows: the name, unit and panels that the rows give together.
    let mut order: Vec<String> = Vec::new();
    let mut wanted: BTreeMap<String, (String, String, Vec<Panel>)> = BTreeMap::new();
    for row in rows {
        match understand(rules, judges, row, fallback, &wanted) {
            Ok((name, panels)) => {
                let folded = fold_judge(&name);
                let merged = wanted.entry(folded.clone()).or_insert_with(|| {
                    order.push(folded);
                    (name, String::new(), Vec::new())
                });
                if merged.1.is_empty() {
                    merged.1.clone_from(&row.organization);
                }
                merged.2.extend(panels);
            }
            Err(problem) => {
                plan.refused += 1;
                plan.problems.push(*problem);
            }
        }
    }
    for folded in order {
        let Some((name, organization, panels)) = wanted.remove(&folded) else { continue };
        let existing = judges.iter().find(|judge| fold_judge(&judge.name) == folded);
        let judge = JudgePlan::new(existing, name, &organization, panels);
        if judge.is_empty() {
            plan.unchanged += 1;
        } else {
            plan.judges.push(judge);
        }
    }
    plan
}

fn understand(
    rules: &ContestRules,
    judges: &[Judge],
    row: &JudgeRow,
    fallback: &[Panel],
    earlier: &BTreeMap<String, (String, String, Vec<Panel>)>,
) -> Result<(String, Vec<Panel>), Box<Problem>> {
    let problem = |code, message: String, hint: String| {
        Box::new(Problem { code, severity: Severity::Error, place: row.place.clone(), field: None, value: row.name.clone(), message, hint })
    };
    let from_error = |error: &AppError| problem("J132", error.message.clone(), error.hints.first().cloned().unwrap_or_default());
    let name = name(&row.name).map_err(|error| problem("J131", error.message, "补上评委姓名后再导入".to_owned()))?;
    let folded = fold_judge(&name);
    let known_unit = judges
        .iter()
        .find(|judge| fold_judge(&judge.name) == folded)
        .map(|judge| judge.organization.as_str())
        .or_else(|| earlier.get(&folded).map(|(_, organization, _)| organization.as_str()))
        .unwrap_or_default();
    if !known_unit.is_empty() && !row.organization.is_empty() && fold_text(known_unit) != fold_text(&row.organization) {
        let message = format!("评委{name}的单位：已登记的是{known_unit}，表里是{}", row.organization);
        return Err(problem("J133", message, "同一人：统一单位名称；同名的另一人：换一个能区分的名字".to_owned()));
    }
    if row.categories.is_empty() {
        if !row.rounds.is_empty() || !row.zones.is_empty() {
            if let [only] = rules.categories.as_slice() {
                return Ok((name, panels(rules, only, &row.rounds, &row.zones).map_err(|error| from_error(&error))?));
            }
            let message = format!("评委{name}写了轮次或赛区，没有写参赛类型");
            return Err(problem("J132", message, "补上参赛类型后再导入".to_owned()));
        }
        return Ok((name, fallback.to_vec()));
    }
    let mut joined = Vec::new();
    for text in &row.categories {
        let category = selection::category(rules, text).map_err(|error| from_error(&error))?;
        joined.extend(panels(rules, category, &row.rounds, &row.zones).map_err(|error| from_error(&error))?);
    }
    Ok((name, joined))
}

fn document(rules: &ContestRules, plan: &ImportPlan) -> Document {
    let columns = vec![
        Column::new("name", "姓名"),
        Column::new("organization", "单位"),
        Column::new("panels", "加入的评委组"),
        Column::new("new", "新登记"),
    ];
    let mut listing = Listing::new("judges", "登记的评委", columns);
    for judge in &plan.judges {
        listing.push(vec![
            Cell::text(judge.name.as_str()),
            Cell::optional(judge.organization.as_deref(), Cell::text),
            Cell::List(judge.panels.iter().map(|panel| Cell::text(panel_text(rules, panel))).collect()),
            Cell::Flag(judge.existing.is_none()),
        ]);
    }
    let added = plan.judges.iter().filter(|judge| judge.existing.is_none()).count();
    let totals = [
        ("rows", plan.rows),
        ("added", added),
        ("updated", plan.judges.len() - added),
        ("unchanged", plan.unchanged),
        ("refused", plan.refused),
    ];
    let mut document = Document::default()
        .listing(listing)
        .value("totals", "", Cell::Record(totals.map(|(key, count)| (key.to_owned(), Cell::count(count))).to_vec()))
        .value("problems", "", Cell::List(plan.problems.iter().map(problems::record).collect()));
    let listed = problems::listing(&plan.problems);
    if !listed.rows.is_empty() {
        document = document.listing(listed);
    }
    document
}
