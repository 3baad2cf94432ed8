//! Owns the one way from the contest file to scores: what is loaded, who takes part, who is expected to mark. Everything that shows a
//! result (rank, advance, award, export) goes through here, so that no two of them can disagree.

use rustc_hash::FxHashMap;

use super::refusals;
use crate::domain::award::RoundResult;
use crate::domain::category::{Category, Round};
use crate::domain::entry::EntrySummary;
use crate::domain::judging::{self, GivenPart, Judge, RoundMarks};
use crate::domain::scoring::{self, EntryInput, RoundScores};
use crate::domain::status::Competition;
use crate::domain::values::{EntryId, JudgeId, Points, RoundId};
use crate::error::AppError;
use crate::store::db::Reader;
use crate::store::judging::Sheets;
use crate::store::{entries, judging as judging_store, results as results_store, screening};

/// What every result is about: the works and the judges.
#[derive(Debug)]
pub struct Contest {
    /// Every work, ascending by identity.
    pub works: Vec<EntrySummary>,
    /// Every judge, ascending by identity.
    pub judges: Vec<Judge>,
    /// Which of the works compete.
    pub competition: Competition,
}

impl Contest {
    /// Loads works and judges.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn load(reader: &Reader<'_>) -> Result<Self, AppError> {
        Self::of(reader, entries::summaries(reader)?)
    }

    fn of(reader: &Reader<'_>, mut works: Vec<EntrySummary>) -> Result<Self, AppError> {
        works.sort_unstable_by_key(|work| work.id);
        let competition = Competition { accepted_only: screening::any_accepted(reader)? };
        Ok(Self { works, judges: judging_store::judges(reader)?, competition })
    }

    /// Loads works and judges, and what was entered for a round: many marks at the same time as the rest.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn load_with_round(reader: &Reader<'_>, round: &Round) -> Result<(Self, Entered), AppError> {
        if !judging_store::are_many(reader)? {
            let given = results_store::given_parts_of_all(reader, &round.id)?;
            return Ok((Self::load(reader)?, Entered { sheets: sheets(reader, round)?, given }));
        }
        let criteria = criteria(round);
        let (sheets, (works, given)) = reader.both(
            |reader| judging_store::sheets(reader, &round.id, &criteria),
            |reader| Ok((entries::summaries(reader)?, results_store::given_parts_of_all(reader, &round.id)?)),
        )?;
        Ok((Self::of(reader, works)?, Entered { sheets, given }))
    }

    /// The work with this identity.
    #[must_use]
    pub fn work(&self, id: EntryId) -> Option<&EntrySummary> {
        self.works.get(self.place(id)?)
    }

    /// Where the work with this identity stands among the works.
    #[must_use]
    pub fn place(&self, id: EntryId) -> Option<usize> {
        self.works.binary_search_by_key(&id, |work| work.id).ok()
    }

    /// A work's number as printed.
    #[must_use]
    pub fn number(&self, id: EntryId) -> String {
        self.work(id).map_or_else(|| format!("#{}", id.0), |work| work.number.to_string())
    }

    /// Works' numbers as printed, in the given order.
    #[must_use]
    pub fn numbers(&self, ids: &[EntryId]) -> String {
        ids.iter().map(|id| self.number(*id)).collect::<Vec<_>>().join("、")
    }

    /// The judge with this identity.
    #[must_use]
    pub fn judge(&self, id: JudgeId) -> Option<&Judge> {
        let position = self.judges.binary_search_by_key(&id, |judge| judge.id).ok()?;
        self.judges.get(position)
    }

    /// A judge's name.
    #[must_use]
    pub fn judge_name(&self, id: JudgeId) -> String {
        self.judge(id).map_or_else(|| format!("#{}", id.0), |judge| judge.name.clone())
    }
}

/// What was entered for the rounds with one name, of works of any category.
pub struct Entered {
    sheets: Sheets,
    given: Vec<GivenPart>,
}

/// A round with its marks and scores.
#[derive(Debug)]
pub struct Judged<'a> {
    /// Works and judges.
    pub contest: &'a Contest,
    /// The category.
    pub category: &'a Category,
    /// The round.
    pub round: &'a Round,
    /// The works that take part, ascending by identity.
    pub works: Vec<&'a EntrySummary>,
    /// Their marks.
    pub marks: RoundMarks,
    /// Their scores.
    pub scores: RoundScores,
}

impl Judged<'_> {
    /// The round's results as awards need them.
    #[must_use]
    pub fn result(&self) -> RoundResult<'_> {
        RoundResult { round: self.round, scores: &self.scores }
    }
}

/// The works that take part in a round, ascending by identity.
///
/// # Errors
/// The file cannot be read.
pub fn participants<'a>(
    reader: &Reader<'_>,
    contest: &'a Contest,
    category: &Category,
    round: &RoundId,
) -> Result<Vec<&'a EntrySummary>, AppError> {
    let advanced: Vec<EntryId> = if judging::is_advanced_to(category, round) {
        results_store::advancements(reader, &category.id, round)?.into_iter().map(|advancement| advancement.entry).collect()
    } else {
        Vec::new()
    };
    Ok(judging::participants(category, round, &contest.works, contest.competition, &advanced))
}

/// The marks of a round.
///
/// # Errors
/// The file cannot be read.
fn sheets(reader: &Reader<'_>, round: &Round) -> Result<Sheets, AppError> {
    Ok(judging_store::sheets(reader, &round.id, &criteria(round))?)
}

/// The names of a round's leaf criteria, in the sheet's order.
fn criteria(round: &Round) -> Vec<&str> {
    round.judges.iter().flat_map(|sheet| &sheet.criteria).map(|criterion| criterion.name.as_str()).collect()
}

/// The marks of a round on the given works (ascending by identity).
///
/// # Errors
/// The file cannot be read.
pub fn marks(reader: &Reader<'_>, round: &Round, works: &[&EntrySummary]) -> Result<RoundMarks, AppError> {
    // Most rounds have no works most of the time, and reading passes over the marks of all.
    if works.is_empty() {
        return Ok(RoundMarks::default());
    }
    of_works(&sheets(reader, round)?, works)
}

/// The given parts of a round, those of other works among them; none where there are no works.
///
/// # Errors
/// The file cannot be read.
pub fn given_parts(reader: &Reader<'_>, round: &Round, works: &[&EntrySummary]) -> Result<Vec<GivenPart>, AppError> {
    Ok(if works.is_empty() { Vec::new() } else { results_store::given_parts_of_all(reader, &round.id)? })
}

/// Of loaded marks those on the given works (ascending by identity).
fn of_works(sheets: &Sheets, works: &[&EntrySummary]) -> Result<RoundMarks, AppError> {
    let ids: Vec<EntryId> = works.iter().map(|work| work.id).collect();
    Ok(sheets.of(&ids)?)
}

/// Who is expected to mark, by zone.
#[derive(Debug, Default)]
pub struct Expected<'a> {
    by_zone: FxHashMap<&'a str, Vec<JudgeId>>,
}

impl<'a> Expected<'a> {
    /// The panels of a round for the zones of these works.
    #[must_use]
    pub fn new(contest: &Contest, category: &Category, round: &Round, works: &[&'a EntrySummary]) -> Self {
        let mut by_zone: FxHashMap<&str, Vec<JudgeId>> = FxHashMap::default();
        for work in works {
            by_zone.entry(&work.zone).or_insert_with(|| {
                let panel = contest.judges.iter().filter(|judge| judge.marks(&category.id, &round.id, &work.zone));
                if round.judges.is_some() { panel.map(|judge| judge.id).collect() } else { Vec::new() }
            });
        }
        Self { by_zone }
    }

    /// The judges who mark works of a zone, ascending by identity.
    #[must_use]
    pub fn of(&self, zone: &str) -> &[JudgeId] {
        self.by_zone.get(zone).map_or(&[], Vec::as_slice)
    }
}

/// Loads a round and computes its scores.
///
/// # Errors
/// The file cannot be read, or the rules ask for a computation that the marks do not allow.
pub fn judge_round<'a>(
    reader: &Reader<'_>,
    contest: &'a Contest,
    category: &'a Category,
    round: &'a Round,
) -> Result<Judged<'a>, AppError> {
    let works = participants(reader, contest, category, &round.id)?;
    let marks = marks(reader, round, &works)?;
    let given = given_parts(reader, round, &works)?;
    judge_works(contest, category, round, works, marks, given)
}

/// Computes the scores of a round that is loaded.
///
/// # Errors
/// As [`judge_round`].
pub fn judge_entered<'a>(
    reader: &Reader<'_>,
    contest: &'a Contest,
    category: &'a Category,
    round: &'a Round,
    entered: Entered,
) -> Result<Judged<'a>, AppError> {
    let works = participants(reader, contest, category, &round.id)?;
    let Entered { sheets, given } = entered;
    let marks = of_works(&sheets, &works)?;
    drop(sheets);
    judge_works(contest, category, round, works, marks, given)
}

/// `works` and `given` are ascending by identity; parts of other works are passed over.
fn judge_works<'a>(
    contest: &'a Contest,
    category: &'a Category,
    round: &'a Round,
    works: Vec<&'a EntrySummary>,
    marks: RoundMarks,
    given: Vec<GivenPart>,
) -> Result<Judged<'a>, AppError> {
    let expected = Expected::new(contest, category, round, &works);
    let (owners, given): (Vec<EntryId>, Vec<(String, Points)>) =
        given.into_iter().map(|part| (part.entry, (part.part, part.points))).unzip();
    let mut next = 0;
    let inputs: Vec<EntryInput<'_>> = works
        .iter()
        .zip(&marks.entries)
        .map(|(work, (entry, sheets))| {
            let rest = owners.get(next..).unwrap_or_default();
            let begin = next + rest.iter().take_while(|owner| *owner < entry).count();
            next = begin + owners.get(begin..).unwrap_or_default().iter().take_while(|owner| *owner == entry).count();
            EntryInput {
                entry: *entry,
                number: &work.number,
                zone: &work.zone,
                sheets,
                expected: expected.of(&work.zone),
                seconds: None,
                votes: &[],
                given: given.get(begin..next).unwrap_or_default(),
            }
        })
        .collect();
    let scores = scoring::score_round(round, &inputs).map_err(|refusal| refusals::error(&refusal, contest, category, round))?;
    Ok(Judged { contest, category, round, works, marks, scores })
}

/// Whether marks or given parts were entered for a round. Nobody marks a round that works advance to before one has.
///
/// # Errors
/// The file cannot be read.
pub fn has_marks(reader: &Reader<'_>, category: &Category, round: &RoundId) -> Result<bool, AppError> {
    if judging::is_advanced_to(category, round) && results_store::advancements(reader, &category.id, round)?.is_empty() {
        return Ok(false);
    }
    Ok(judging_store::has_marks(reader, &category.id, round)?)
}

/// The round that a result is about where none is named: the latest that has marks, else the first.
///
/// # Errors
/// The file cannot be read, or the category has no round.
pub fn latest_round<'a>(reader: &Reader<'_>, category: &'a Category) -> Result<&'a Round, AppError> {
    for round in category.rounds.iter().rev() {
        if has_marks(reader, category, &round.id)? {
            return Ok(round);
        }
    }
    category.rounds.first().ok_or_else(|| {
        AppError::refused(format!("{}在规则里没有评审轮次", category.name))
            .hint("在规则文件里加 [[category.round]] 后：dasai rules apply 文件")
    })
}
