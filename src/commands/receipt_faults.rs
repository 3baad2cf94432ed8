//! Owns what there is to say of a received table to its sender: the faults of its rows, those of its works that the checks find, and when
//! the stages close for them. Refuses to know words (`receipt_words`) and what is written (`receipts`).
//!
//! Decision worth knowing: a reply asks for nothing that staff waived, and measures lateness as `check` does, extensions and all.

use std::collections::{BTreeMap, BTreeSet};

use super::receipt_reply::{Fault, FilePart, Work};
use super::receipt_words;
use super::receipts::{ReceivedRow, Table, base_name};
use super::recommending;
use crate::domain::eligibility::{self, Profiles};
use crate::domain::entry::Entry;
use crate::domain::extension::{self, Extensions};
use crate::domain::field::Field;
use crate::domain::finding::Finding;
use crate::domain::problem::{Problem, Severity};
use crate::domain::rules::{ContestRules, Deadline, Deadlines};
use crate::domain::values::EntryId;
use crate::domain::waiver::Waivers;
use crate::error::AppError;
use crate::formats::receipt::{self, Mark};
use crate::formats::registration::{FieldPlace, Kind, SheetReport};
use crate::store::db::Reader;
use crate::store::{entries, organizations, waivers};

/// The longest value that a reply shows.
const SHOWN: usize = 40;

/// The contest as receipts see it.
#[derive(Debug)]
pub(super) struct Contest<'a> {
    works: Vec<Entry>,
    places: BTreeMap<EntryId, usize>,
    /// What checks find about the works of a sender alone, without what staff waived; by the place of the work.
    findings: BTreeMap<usize, Vec<Finding>>,
    rules: &'a ContestRules,
    /// Deadlines that were moved.
    extensions: Extensions,
}

impl<'a> Contest<'a> {
    /// Reads works and what is wrong with them.
    ///
    /// # Errors
    /// The contest cannot be read.
    pub(super) fn read(reader: &Reader<'_>, rules: &'a ContestRules) -> Result<Self, AppError> {
        let works = entries::list(reader)?;
        let profiles: Profiles = organizations::list(reader)?.into_iter().map(|unit| (unit.id, unit.profile)).collect();
        let extensions = recommending::extensions(reader, rules)?;
        let waivers = Waivers::new(waivers::standing(reader)?.map(|waiver| waiver.waived));
        let late = extension::findings(rules, &works, &extensions);
        let mut findings: BTreeMap<usize, Vec<Finding>> = BTreeMap::new();
        for finding in eligibility::findings(rules, &works, &profiles).into_iter().chain(late) {
            if !waivers.cover(&finding, &works) {
                findings.entry(finding.entry).or_default().push(finding);
            }
        }
        let places = works.iter().enumerate().map(|(place, work)| (work.id, place)).collect();
        Ok(Self { works, places, findings, rules, extensions })
    }

    /// The deadlines for the works of a received file, of each stage the earliest; where it has none, those for everybody.
    pub(super) fn closing(&self, parts: &[FilePart]) -> Deadlines {
        let works = || parts.iter().flat_map(|part| &part.works).map(|work| work.closing);
        let all = self.extensions.deadlines(&self.rules.deadlines, None);
        let earliest = |of: fn(&Deadlines) -> Option<Deadline>| works().filter_map(|closing| of(&closing)).min().or_else(|| of(&all));
        Deadlines {
            submission: earliest(|closing| closing.submission),
            recommendation: earliest(|closing| closing.recommendation),
            screening: earliest(|closing| closing.screening),
        }
    }

    /// What there is to say of one received table.
    pub(super) fn part(&self, table: &Table) -> FilePart {
        let mut part = FilePart { name: base_name(&table.origin.source.path), rows: table.rows.len(), ..FilePart::default() };
        let sheets = match &table.read {
            Ok(sheets) => sheets.as_slice(),
            Err(unreadable) => {
                part.unreadable = Some(receipt_words::of_unreadable(unreadable.code));
                return part;
            }
        };
        for sheet in sheets {
            // A cover sheet beside a table is nothing to mend.
            let is_beside = sheet.kind.is_none() && !table.rows.is_empty();
            for problem in sheet.problems.iter().filter(|_| !is_beside) {
                fault(problem, None, None, "", &mut part);
            }
        }
        let mut met = BTreeSet::new();
        for row in &table.rows {
            let place = row.work.and_then(|work| self.places.get(&work));
            let entry = place.and_then(|place| self.works.get(*place));
            let name = match entry {
                Some(entry) => format!("{}《{}》", entry.number, entry.declaration.title),
                None if row.is_quarantined => "（暂未接收）".to_owned(),
                None => String::new(),
            };
            let before = part.faults.len();
            let sheet = sheets.iter().find(|sheet| sheet.sheet == row.sheet);
            for problem in &row.problems {
                fault(problem, Some(row), sheet, &name, &mut part);
            }
            part.has_waiting |= row.is_quarantined;
            let Some(entry) = entry else {
                part.registrations +=
                    usize::from(!row.is_quarantined && sheet.is_some_and(|sheet| sheet.kind == Some(Kind::Registrations)));
                continue;
            };
            if met.insert(entry.id) {
                part.works.push(self.work(entry));
                for finding in place.and_then(|place| self.findings.get(place)).into_iter().flatten() {
                    let said = |fault: &Fault| fault.field.is_some() && fault.field == finding.field();
                    if !part.faults.get(before..).unwrap_or_default().iter().any(said) {
                        part.faults.extend(finding_fault(finding, row, sheet, &name));
                    }
                }
            }
        }
        let wanted = part.faults.iter().filter_map(|fault| Some((fault.sheet.clone(), fault.cell?.0, fault.cell?.1))).collect();
        let texts = receipt::texts(&table.path, &wanted);
        for fault in &mut part.faults {
            let Some((row, column)) = fault.cell else { continue };
            let is_long = matches!(fault.field, Some(Field::Summary | Field::Honors) | None);
            if let (Some(text), false) = (texts.get(&(fault.sheet.clone(), row, column)), is_long) {
                fault.value = match text.char_indices().nth(SHOWN) {
                    Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
                    None => text.clone(),
                };
            }
        }
        part
    }

    fn work(&self, entry: &Entry) -> Work {
        let category = self.rules.category(&entry.category);
        Work {
            number: entry.number.to_string(),
            title: entry.declaration.title.clone(),
            category: category.map_or_else(|| entry.category.to_string(), |category| category.name.clone()),
            organization: entry.organization_name.clone(),
            closing: self.extensions.deadlines(&self.rules.deadlines, Some(entry.into())),
        }
    }
}

/// A reader's or planner's problem, at its cell or that of its field.
fn fault(problem: &Problem, row: Option<&ReceivedRow>, sheet: Option<&SheetReport>, work: &str, part: &mut FilePart) {
    if problem.severity == Severity::Info && problem.code != "I210" {
        return;
    }
    let Some(words) = receipt_words::of_problem(problem) else { return };
    let place = row.zip(sheet).and_then(|(row, sheet)| only(&field_places(problem.field, row, sheet)));
    part.faults.push(Fault {
        sheet: problem.place.sheet.clone(),
        row: row.map(|row| row.row).or(problem.place.row),
        cell: problem.place.row.zip(problem.place.column).or(place),
        field: problem.field,
        severity: problem.severity,
        work: work.to_owned(),
        value: String::new(),
        words,
    });
}

/// The cells that may hold a row's field: several where tables stand side by side, and then nobody knows which.
fn field_places(field: Option<Field>, row: &ReceivedRow, sheet: &SheetReport) -> Vec<(u32, u32)> {
    let holds = |place: &&FieldPlace| Some(place.field) == field && (place.rows.0..=place.rows.1).contains(&row.row);
    sheet.fields.iter().filter(holds).map(|place| (place.row.unwrap_or(row.row), place.column)).collect()
}

fn only(places: &[(u32, u32)]) -> Option<(u32, u32)> {
    if let [only] = places { Some(*only) } else { None }
}

/// A finding at the cell of its field, where the sheet has one.
fn finding_fault(finding: &Finding, row: &ReceivedRow, sheet: Option<&SheetReport>, work: &str) -> Option<Fault> {
    let mut words = receipt_words::of_finding(finding)?;
    let field = finding.field();
    let places = sheet.map(|sheet| field_places(field, row, sheet)).unwrap_or_default();
    let cell = only(&places);
    if places.is_empty() && field.is_some() {
        words.what.push_str("（表中没有这一栏）");
    }
    Some(Fault {
        sheet: row.sheet.clone(),
        row: Some(row.row),
        cell,
        field,
        severity: finding.severity,
        work: work.to_owned(),
        value: String::new(),
        words,
    })
}

/// The faulty cells. What has no cell of its own is in the reply only.
pub(super) fn marks(faults: &[Fault]) -> Vec<Mark> {
    let mark = |fault: &Fault| {
        let (row, column) = fault.cell?;
        Some(Mark { sheet: fault.sheet.clone(), row, column, text: fault.comment() })
    };
    faults.iter().filter_map(mark).collect()
}
