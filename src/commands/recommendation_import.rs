//! Owns what becomes of received recommendation sheets (附件3) in an import: their rows are recommendations of works. Which work a row
//! means, and what changes, is `domain::recommendation_intake`.
//!
//! Decision worth knowing: it is done after the last file of an import, because the works of a sheet may come in a later file.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::files::hexadecimal;
use super::import::{Import, kind_key};
use super::import_changes::ShownChange;
use super::receiving::{Origin, Receiving, problems_json};
use super::recommend::unconfirm;
use super::recommending;
use crate::domain::field::Field;
use crate::domain::folding::{fold_organization, fold_title};
use crate::domain::intake::problems::Code;
use crate::domain::intake::{Named, Tally};
use crate::domain::problem::{Place, Problem};
use crate::domain::recommendation::Recommendation;
use crate::domain::recommendation_intake::{DirectoryRow, Outcome, Planner, ReceivedSheet};
use crate::domain::recommended_works::Works;
use crate::domain::rules::ContestRules;
use crate::domain::values::{EntryId, SourceId};
use crate::error::AppError;
use crate::formats::recommendation::RecommendationSheet;
use crate::formats::registration::{Kind, SheetReport};
use crate::store::db::{StoreError, Tx};
use crate::store::sources::{self, Origin as RowOrigin, QuarantineState, Quarantined};
use crate::store::{entries, recommendations};

/// A sheet that waits for the end of the import.
#[derive(Debug)]
pub(super) struct Awaiting {
    /// Its file's line in the report.
    line: usize,
    origin: Rc<Origin>,
    /// Its sheet in the file, as the report names it.
    sheet: String,
    encoding: String,
    read: RecommendationSheet,
}

impl Import<'_> {
    /// Keeps the recommendation sheets of a file whose line comes next.
    pub(super) fn await_recommendations(&mut self, origin: &Rc<Origin>, sheets: &[SheetReport]) {
        let line = self.report.next_line();
        self.recommendations.extend(sheets.iter().filter_map(|sheet| {
            let read = sheet.recommendation.as_deref()?.clone();
            Some(Awaiting { line, origin: Rc::clone(origin), sheet: sheet.sheet.clone(), encoding: sheet.encoding.clone(), read })
        }));
    }

    /// Applies all recommendation sheets. `update` applies other values.
    pub(super) fn settle_recommendations(&mut self, update: bool) -> Result<(), AppError> {
        let awaiting = std::mem::take(&mut self.recommendations);
        if awaiting.is_empty() {
            return Ok(());
        }
        let mut planner = planner(&self.receiving, self.rules, update)?;
        for Awaiting { line, origin, sheet, encoding, read } in awaiting {
            let received = received_sheet(&origin, read);
            let became = apply(&mut self.receiving, &mut planner, &received, &|tx| origin.written(tx))?;
            if let (Some(tx), Some(id)) = (self.receiving.tx(), origin.id()) {
                sources::describe(tx, id, kind_key(Kind::Recommendations), &encoding)?;
            }
            for Became { tally, problems, changes, .. } in became {
                self.report.count(line, &sheet, tally, problems, changes);
            }
        }
        Ok(())
    }
}

fn received_sheet(origin: &Origin, read: RecommendationSheet) -> ReceivedSheet {
    ReceivedSheet {
        file: origin.source.path.clone(),
        received_at: origin.source.received_at,
        recommender: read.recommender,
        rows: read.rows,
    }
}

fn planner<'a>(receiving: &Receiving<'_>, rules: &'a ContestRules, update: bool) -> Result<Planner<'a>, AppError> {
    let (works, units) = receiving.works_and_units()?;
    let directory = recommending::directory(receiving.reader(), rules)?;
    let said = recommendations::recommendations(receiving.reader())?;
    Ok(Planner::new(rules, directory, Works::new(works, &units), said, update))
}

/// What became of a row.
pub(super) struct Became {
    pub(super) tally: Tally,
    pub(super) problems: Vec<Problem>,
    pub(super) changes: Vec<ShownChange>,
    pub(super) work: Option<EntryId>,
}

/// Plans a sheet and writes it, rows without a work into quarantine. `source` gives the file's row when the first thing is written.
fn apply(
    receiving: &mut Receiving<'_>,
    planner: &mut Planner<'_>,
    sheet: &ReceivedSheet,
    source: &dyn Fn(&Tx<'_>) -> Result<SourceId, StoreError>,
) -> Result<Vec<Became>, AppError> {
    let planned = planner.plan(sheet);
    let mut became = Vec::new();
    let mut occurrences: BTreeMap<String, u32> = BTreeMap::new();
    for (row, plan) in sheet.rows.iter().zip(planned.rows) {
        let received = received_json(&sheet.recommender, row);
        let occurrence = occurrences.entry(received.clone()).or_default();
        let digest = digest(&received, *occurrence);
        *occurrence = occurrence.saturating_add(1);
        let (mut tally, mut problems) = (Tally::default(), plan.problems);
        let said = match plan.outcome {
            Outcome::Added(said) => {
                tally.added = 1;
                Some(said)
            }
            Outcome::Updated(said) => {
                tally.updated = 1;
                Some(said)
            }
            Outcome::Unchanged => {
                tally.unchanged = 1;
                None
            }
            Outcome::Changed => {
                tally.changed = 1;
                None
            }
            Outcome::Refused => {
                tally = refuse(receiving, sheet, row, &received, &digest, &mut problems, source)?;
                None
            }
        };
        if let Some(said) = said {
            write(receiving, planner, said, source)?;
        }
        if tally.quarantined == 0
            && tally.changed == 0
            && let Some(id) = sources::waiting(receiving.reader(), &digest)?
        {
            receiving.has_written = true;
            if let Some(tx) = receiving.tx() {
                sources::settle(tx, id, QuarantineState::Accepted, "", plan.work)?;
            }
        }
        let place = Place { file: sheet.file.clone(), sheet: row.sheet.clone(), row: Some(row.row), column: None };
        let changes = plan.changes.into_iter().map(|value| ShownChange { place: place.clone(), value }).collect();
        became.push(Became { tally, problems, changes, work: plan.work });
    }
    displace(receiving, planner, planned.displaced)?;
    Ok(became)
}

/// Writes the places of works that make room.
fn displace(receiving: &mut Receiving<'_>, planner: &mut Planner<'_>, displaced: Vec<Recommendation>) -> Result<(), AppError> {
    for said in displaced {
        receiving.has_written = true;
        if let Some(tx) = receiving.tx() {
            recommendations::put(tx, &said)?;
        }
        planner.know(said);
    }
    Ok(())
}

/// Writes what is said of a work.
fn write(
    receiving: &mut Receiving<'_>,
    planner: &mut Planner<'_>,
    mut said: Recommendation,
    source: &dyn Fn(&Tx<'_>) -> Result<SourceId, StoreError>,
) -> Result<(), AppError> {
    receiving.has_written = true;
    if let Some(tx) = receiving.tx() {
        if let Some(origin) = &mut said.provenance {
            origin.source = source(tx)?;
        }
        recommendations::put(tx, &said)?;
        // What the former recommender confirmed is not confirmed by this one.
        if planner.said(said.entry).is_some_and(|before| before.withdrawn.is_none() && planner.is_of_another(before, &said))
            && let Some((_, status)) = entries::declaration(tx, said.entry)?
        {
            unconfirm(tx, said.entry, status)?;
        }
    }
    planner.know(said);
    Ok(())
}

/// Puts a row into quarantine, unless it lies there, or was settled by staff.
fn refuse(
    receiving: &mut Receiving<'_>,
    sheet: &ReceivedSheet,
    row: &DirectoryRow,
    received: &str,
    digest: &str,
    problems: &mut Vec<Problem>,
    source: &dyn Fn(&Tx<'_>) -> Result<SourceId, StoreError>,
) -> Result<Tally, AppError> {
    let unchanged = Tally { unchanged: 1, ..Tally::default() };
    match sources::quarantine_state(receiving.reader(), digest)? {
        Some((QuarantineState::Open, _)) => {}
        Some((QuarantineState::Accepted, _)) => {
            problems.clear();
            return Ok(unchanged);
        }
        Some((QuarantineState::Discarded, reason)) => {
            let place = Place { file: sheet.file.clone(), sheet: row.sheet.clone(), row: Some(row.row), column: None };
            let hint = "要重新接收，查编号 dasai quarantine list --all，再 dasai quarantine retry 编号";
            *problems = vec![Code::Discarded.at(&place, None, "", format!("这一行此前已弃置：{reason}"), hint)];
            return Ok(unchanged);
        }
        None => {
            receiving.has_written = true;
            if let Some(tx) = receiving.tx() {
                let kind = kind_key(Kind::Recommendations);
                let named = Named { unit: fold_organization(&row.organization), title: fold_title(&row.title), ..Named::default() };
                let origin = RowOrigin { source: source(tx)?, sheet: &row.sheet, row: row.row, kind, received, named: &named };
                sources::quarantine(tx, origin, digest, &problems_json(problems))?;
            }
        }
    }
    Ok(Tally { quarantined: 1, ..Tally::default() })
}

/// The titles of a row as received, in the order of the form.
pub(super) const TITLES: [(&str, Field); 6] = [
    ("推荐单位", Field::Recommender),
    ("排序", Field::Order),
    ("申报单位名称（全称）", Field::Organization),
    ("参赛作品名称", Field::Title),
    ("作品类型", Field::Category),
    ("推荐意见", Field::Opinion),
];

/// The row as it is kept: a JSON object, title → text, without empty cells.
fn received_json(recommender: &str, row: &DirectoryRow) -> String {
    let order = row.order.map_or_else(String::new, |order| order.to_string());
    let texts = [recommender, &order, &row.organization, &row.title, &row.category, &row.opinion];
    let cells = TITLES.iter().zip(texts).filter(|(_, text)| !text.is_empty());
    Value::Object(cells.map(|((title, _), text)| ((*title).to_owned(), Value::from(text))).collect()).to_string()
}

fn digest(received: &str, occurrence: u32) -> String {
    let kind = kind_key(Kind::Recommendations);
    let digest = Sha256::new().chain_update(kind).chain_update([0]).chain_update(received).chain_update(occurrence.to_be_bytes());
    hexadecimal(&digest.finalize())
}

/// Tries a quarantined row of a recommendation sheet again, with values that staff type in place of what was received.
///
/// # Errors
/// The contest cannot be read or written.
pub(super) fn retry(
    receiving: &mut Receiving<'_>,
    row: &Quarantined,
    typed: &[(Field, String)],
    rules: &ContestRules,
    update: bool,
) -> Result<Became, AppError> {
    let kept: Map<String, Value> = serde_json::from_str(&row.received).unwrap_or_default();
    let text = |wanted: Field| {
        let typed = typed.iter().rev().find(|(field, _)| *field == wanted).map(|(_, text)| text.clone());
        let received = || {
            let title = TITLES.iter().find(|(_, field)| *field == wanted).map(|(title, _)| *title)?;
            kept.get(title).and_then(Value::as_str).map(str::to_owned)
        };
        typed.or_else(received).unwrap_or_default()
    };
    let sheet = ReceivedSheet {
        file: row.file.clone(),
        received_at: row.received_at,
        recommender: text(Field::Recommender),
        rows: vec![DirectoryRow {
            sheet: row.sheet.clone(),
            row: row.row,
            order: text(Field::Order).trim().parse().ok(),
            organization: text(Field::Organization),
            title: text(Field::Title),
            category: text(Field::Category),
            opinion: text(Field::Opinion),
        }],
    };
    let mut planner = planner(receiving, rules, update)?;
    let planned = planner.plan(&sheet);
    let Some(plan) = planned.rows.into_iter().next() else {
        return Ok(Became { tally: Tally::default(), problems: Vec::new(), changes: Vec::new(), work: None });
    };
    let (mut tally, problems) = (Tally::default(), plan.problems);
    let counted = match plan.outcome {
        Outcome::Added(said) => {
            write(receiving, &mut planner, said, &|_| Ok(row.source))?;
            &mut tally.added
        }
        Outcome::Updated(said) => {
            write(receiving, &mut planner, said, &|_| Ok(row.source))?;
            &mut tally.updated
        }
        Outcome::Unchanged => &mut tally.unchanged,
        Outcome::Changed => &mut tally.changed,
        Outcome::Refused => &mut tally.quarantined,
    };
    *counted = 1;
    displace(receiving, &mut planner, planned.displaced)?;
    Ok(Became { tally, problems, changes: Vec::new(), work: plan.work })
}
