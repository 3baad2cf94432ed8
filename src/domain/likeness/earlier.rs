//! Owns what works have in common with those of earlier contests (S405). Refuses to know where these come from. The same measure and
//! the same thresholds as within a contest, and no missed pair.

use std::sync::Arc;

use super::pairs::{summary_similarity, title_similarity};
use super::{MOST_SCANNED, thresholds};
use crate::domain::check_catalogue::Code;
use crate::domain::entry::{Declaration, Entry};
use crate::domain::finding::{Detail, EarlierWork, Finding, MOST_RELATED};
use crate::domain::problem::Severity;
use crate::domain::rules::ContestRules;
use crate::domain::similarity::arranged::{Earlier, alike_between, closest_first};
use crate::domain::similarity::join::Options;
use crate::domain::similarity::ratio::{Ratio, Threshold};

/// An earlier contest: what it is called, and its works in the order of their numbers.
#[derive(Debug, Clone)]
pub struct EarlierContest {
    /// What it is called, with its year.
    pub name: Arc<str>,
    /// Its works, whatever became of them.
    pub works: Vec<PastWork>,
}

/// A work of an earlier contest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastWork {
    /// Its number there.
    pub number: String,
    /// Its unit.
    pub organization: String,
    /// Title and summary; the rest is empty.
    pub declaration: Declaration,
}

/// A work and one of an earlier contest that look alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierPair {
    /// The work, as a place in the list.
    pub work: usize,
    /// The earlier contest, as a place among those given.
    pub contest: usize,
    /// Its work, as a place in its list.
    pub earlier: usize,
    /// How alike their titles are.
    pub title: Ratio,
    /// How alike their summaries are.
    pub summary: Ratio,
}

/// The look-alikes, and whether these are all.
type Found = (Vec<(usize, Vec<Earlier>)>, bool);

/// The S405 findings about `entries`, and whether these are all. Works out of the contest are passed over.
#[must_use]
pub fn findings(rules: &ContestRules, entries: &[Entry], contests: &[EarlierContest]) -> (Vec<Finding>, bool) {
    let mut complete = true;
    let mut by_work: Vec<Vec<(usize, Earlier)>> = vec![Vec::new(); entries.len()];
    for (contest, earlier) in contests.iter().enumerate() {
        let (title, summary) = thresholds(rules);
        let (found, all) = compare(entries, earlier, title, summary);
        complete &= all;
        for (work, partners) in found {
            if let Some(slot) = by_work.get_mut(work) {
                slot.extend(partners.into_iter().map(|partner| (contest, partner)));
            }
        }
    }
    let mut findings = Vec::new();
    for (entry, mut partners) in by_work.into_iter().enumerate().filter(|(_, partners)| !partners.is_empty()) {
        partners.sort_by(|(contest, one), (other, two)| two.1.cmp(&one.1).then((contest, one.0).cmp(&(other, two.0))));
        let works = partners.iter().take(MOST_RELATED).filter_map(|&(contest, (place, similarity))| {
            let contest = contests.get(contest)?;
            let work = contest.works.get(place)?;
            let (number, title) = (work.number.clone(), work.declaration.title.clone());
            Some(EarlierWork { contest: Arc::clone(&contest.name), number, title, organization: work.organization.clone(), similarity })
        });
        findings.push(Finding {
            code: Code::S405,
            severity: Severity::Info,
            entry,
            similarity: partners.first().map(|(_, (_, similarity))| *similarity),
            detail: Detail::Earlier { count: u32::try_from(partners.len()).unwrap_or(u32::MAX), works: works.collect() },
            related: Vec::new(),
        });
    }
    (findings, complete)
}

/// The pairs with earlier contests, the most alike first, and whether these are all.
#[must_use]
pub fn pairs(entries: &[Entry], contests: &[EarlierContest], title: Threshold, summary: Threshold) -> (Vec<EarlierPair>, bool) {
    let mut complete = true;
    let mut pairs = Vec::new();
    for (contest, earlier) in contests.iter().enumerate() {
        let (found, all) = compare(entries, earlier, title, summary);
        complete &= all;
        for (work, partners) in found {
            let texts = entries.get(work).map(|entry| &entry.declaration);
            for (place, _) in partners {
                if pairs.len() >= super::pairs::MOST_PAIRS {
                    complete = false;
                    break;
                }
                let (Some(new), Some(old)) = (texts, earlier.works.get(place).map(|work| &work.declaration)) else { continue };
                let title = title_similarity(&new.title, &old.title);
                let summary = summary_similarity(&new.summary, &old.summary);
                pairs.push(EarlierPair { work, contest, earlier: place, title, summary });
            }
        }
    }
    pairs.sort_by(|one, two| {
        let order = |pair: &EarlierPair| (pair.work, pair.contest, pair.earlier);
        two.title.max(two.summary).cmp(&one.title.max(one.summary)).then(order(one).cmp(&order(two)))
    });
    (pairs, complete)
}

/// By work: the earlier works that are similar in title or summary, with the higher of the two.
fn compare(entries: &[Entry], contest: &EarlierContest, title: Threshold, summary: Threshold) -> Found {
    let active: Vec<(usize, &Declaration)> = entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| entry.status.is_active())
        .map(|(index, entry)| (index, &entry.declaration))
        .collect();
    let new = || active.iter().map(|(_, declaration)| *declaration);
    let old = || contest.works.iter().map(|work| &work.declaration);
    let (titles, all_titles) = alike_between(super::titles(new()), super::titles(old()), Options::for_titles(title), MOST_SCANNED);
    let (summaries, all_summaries) =
        alike_between(super::summaries(new()), super::summaries(old()), Options::for_summaries(summary), MOST_SCANNED);
    let both = active.iter().zip(titles).zip(summaries).map(|(((work, _), mut by_title), by_summary)| {
        by_title.extend(by_summary);
        closest_first(&mut by_title);
        (*work, by_title)
    });
    (both.filter(|(_, partners)| !partners.is_empty()).collect(), all_titles && all_summaries)
}
