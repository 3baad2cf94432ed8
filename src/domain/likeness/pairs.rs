//! Owns the look-alikes as pairs: which two works, by what, and how alike in title and in summary. Refuses to know how they are shown.

use std::collections::BTreeSet;

use super::Compared;
use crate::domain::check_catalogue::Code;
use crate::domain::entry::Entry;
use crate::domain::renaming::{fold_renamed, fold_summary, rearranged};
use crate::domain::similarity::measure::similarity;
use crate::domain::similarity::ratio::{Ratio, Threshold};
use crate::domain::verdict::Verdicts;

/// So many pairs at most: nobody compares more by eye, and a hundred thousand copies of one work are five thousand million.
pub const MOST_PAIRS: usize = 20_000;

/// Two works that look alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LikePair {
    /// The work with the lower number, as a place in the list.
    pub left: usize,
    /// The other.
    pub right: usize,
    /// What `check` reports them as, were there no verdict; none where only a verdict makes them a pair.
    pub codes: Vec<Code>,
    /// How alike their titles are.
    pub title: Ratio,
    /// How alike their summaries are.
    pub summary: Ratio,
}

/// The pairs of a contest.
#[derive(Debug)]
pub struct LikePairs {
    /// The most alike first, then by the works' order.
    pub pairs: Vec<LikePair>,
    /// Whether these are all.
    pub is_complete: bool,
}

/// Every pair of works that S401–S404 are about, and every pair that staff decided about. Works out of the contest are passed over.
#[must_use]
pub fn pairs(entries: &[Entry], title: Threshold, summary: Threshold, verdicts: &Verdicts) -> LikePairs {
    let compared = Compared::new(entries, title, summary);
    let mut found: BTreeSet<(usize, usize)> = compared.judged(entries, verdicts).into_keys().collect();
    let mut is_complete = compared.is_complete();
    let mut add = |left: usize, right: usize| {
        let has_room = found.len() < MOST_PAIRS;
        if has_room && left != right {
            found.insert((left.min(right), left.max(right)));
        }
        is_complete &= has_room;
        has_room
    };
    'all: for alike in [&compared.titles, &compared.summaries] {
        for group in alike.equal_groups() {
            for (place, &left) in group.iter().enumerate() {
                for &right in group.iter().skip(place + 1) {
                    if !add(left, right) {
                        break 'all;
                    }
                }
            }
        }
        for (group, others, _) in alike.similar_groups() {
            for &left in group {
                for &right in others {
                    if !add(left, right) {
                        break 'all;
                    }
                }
            }
        }
    }
    let pair = |(left, right): (usize, usize)| {
        let codes = compared.codes(left, right).into_iter().map(|(code, _)| code).collect();
        let (left, right) = (*compared.active.get(left)?, *compared.active.get(right)?);
        let (title, summary) = likeness(entries.get(left)?, entries.get(right)?);
        Some(LikePair { left, right, codes, title, summary })
    };
    let mut pairs: Vec<LikePair> = found.into_iter().filter_map(pair).collect();
    pairs.sort_by(|one, two| {
        two.title.max(two.summary).cmp(&one.title.max(one.summary)).then((one.left, one.right).cmp(&(two.left, two.right)))
    });
    LikePairs { pairs, is_complete }
}

fn likeness(left: &Entry, right: &Entry) -> (Ratio, Ratio) {
    let (left, right) = (&left.declaration, &right.declaration);
    (title_similarity(&left.title, &right.title), summary_similarity(&left.summary, &right.summary))
}

/// How alike two titles are, in the order of halves that makes them most alike. Numbers are characters like others here.
#[must_use]
pub fn title_similarity(left: &str, right: &str) -> Ratio {
    let orders = |title: &str| -> Vec<String> { std::iter::once(fold_renamed(title)).chain(rearranged(title)).collect() };
    let rights = orders(right);
    let all = orders(left).into_iter().flat_map(|left| rights.iter().map(move |right| similarity(&left, right)).collect::<Vec<_>>());
    all.max().unwrap_or(Ratio::ZERO)
}

/// How alike two summaries are.
#[must_use]
pub fn summary_similarity(left: &str, right: &str) -> Ratio {
    similarity(&fold_summary(left), &fold_summary(right))
}
