//! Owns how far the marks of a round have come: what the panels owe for the works that take part, and what of it is there. `score status`
//! and the dashboard both say this, so that they cannot disagree. Refuses to compute scores.

use std::collections::BTreeMap;

use super::results::{Contest, Expected, given_parts, marks, participants};
use crate::domain::category::{Category, Round};
use crate::domain::judging::Marks;
use crate::domain::mark_intake::given_part_names;
use crate::domain::rules::ContestRules;
use crate::domain::values::{EntryId, JudgeId};
use crate::error::AppError;
use crate::store::db::Reader;

/// How far a round of a zone is.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Works that take part.
    pub(super) works: usize,
    /// The most judges that a work of it has.
    pub(super) judges: usize,
    /// Sheets that the panels owe.
    pub(super) expected: usize,
    /// Sheets with all their marks.
    pub(super) entered: usize,
    /// Sheets of judges who were absent.
    pub(super) absent: usize,
    /// Sheets of judges who stood aside.
    pub(super) recused: usize,
    /// Given parts that are not there.
    pub(super) parts_missing: usize,
    /// Works that lack no sheet and still have fewer marks than the round needs.
    pub(super) too_few: usize,
    /// What is not there: a judge's sheet or a given part of a work.
    pub(super) missing: Vec<(EntryId, Option<JudgeId>, Option<String>)>,
}

impl Progress {
    /// Sheets that are not there, or lack marks.
    pub(super) fn missing_sheets(&self) -> usize {
        self.missing.iter().filter(|(_, judge, _)| judge.is_some()).count()
    }
}

/// How far a round is, by zone where it ranks by zone; otherwise one line with an empty zone.
///
/// # Errors
/// The file cannot be read.
pub(super) fn progress(
    reader: &Reader<'_>,
    rules: &ContestRules,
    roster: &Contest,
    category: &Category,
    round: &Round,
) -> Result<Vec<(String, Progress)>, AppError> {
    let works = participants(reader, roster, category, &round.id)?;
    let marks = marks(reader, round, &works)?;
    let expected = Expected::new(roster, category, round, &works);
    let mut given: BTreeMap<EntryId, Vec<String>> = BTreeMap::new();
    for part in given_parts(reader, round, &works)? {
        given.entry(part.entry).or_default().push(part.part);
    }
    let names = given_part_names(round);
    let marks_count = round.judges.is_some() && round.has_judges_part();
    let mut zones: BTreeMap<(usize, String), Progress> = BTreeMap::new();
    if works.is_empty() {
        zones.entry((0, String::new())).or_default();
    }
    for (work, (entry, sheets)) in works.iter().zip(&marks.entries) {
        let zone = if round.by_zone { work.zone.clone() } else { String::new() };
        let order = rules.zones.iter().position(|known| *known == zone).unwrap_or(usize::MAX);
        let progress = zones.entry((order, zone)).or_default();
        let panel = expected.of(&work.zone);
        progress.works += 1;
        progress.judges = progress.judges.max(panel.len());
        progress.expected += panel.len();
        let before = (progress.entered, progress.missing.len());
        for judge in panel {
            let sheet = sheets.binary_search_by_key(judge, |sheet| sheet.judge).ok().and_then(|position| sheets.get(position));
            match sheet.map(|sheet| &sheet.marks) {
                Some(Marks::Absent) => progress.absent += 1,
                Some(Marks::Recused) => progress.recused += 1,
                Some(Marks::Total(_)) => progress.entered += 1,
                Some(Marks::Criteria(marks)) if marks.iter().all(Option::is_some) => progress.entered += 1,
                Some(Marks::Criteria(_)) | None => progress.missing.push((*entry, Some(*judge), None)),
            }
        }
        let (present, lacking) = (progress.entered - before.0, progress.missing.len() - before.1);
        let needed = usize::try_from(round.minimum_judges.max(1)).unwrap_or(usize::MAX);
        if marks_count && lacking == 0 && present < needed {
            progress.too_few += 1;
        }
        for name in &names {
            if !given.get(entry).is_some_and(|parts| parts.iter().any(|part| part == name)) {
                progress.parts_missing += 1;
                progress.missing.push((*entry, None, Some((*name).to_owned())));
            }
        }
    }
    Ok(zones.into_iter().map(|((_, zone), progress)| (zone, progress)).collect())
}
