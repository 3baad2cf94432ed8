//! Owns what works have in common (S401–S404): which pairs of the similarity join matter, and as what. Refuses to know how pairs are
//! found: that is `domain::similarity`, exact, with no missed pair; and how one title is written in several ways: `domain::renaming`.
//!
//! Decisions worth knowing: a code depends on both works' unit, category, title and summary. Works with equal texts come as one group,
//! however large; inside a group they are put into buckets by what decides the code, so that a hundred thousand copies of one work
//! cost no more than as many different ones. Verdicts are few: each is taken out of the counts by itself afterwards.

use std::collections::{BTreeMap, BTreeSet};

use super::check_catalogue::Code;
use super::entry::{Declaration, Entry};
use super::finding::{Detail, Finding, MOST_RELATED};
use super::problem::Severity;
use super::renaming::{fold_renamed, fold_summary, rearranged};
use super::rules::ContestRules;
use super::similarity::arranged::{Alike, Arranged};
use super::similarity::join::{Options, SMALL};
use super::similarity::ratio::{Ratio, Threshold};
use super::threads::side_by_side_if;
use super::values::Points;
use super::verdict::{Verdict, Verdicts, WorkPair};

pub mod earlier;
pub mod pairs;

/// What the S checks found.
#[derive(Debug)]
pub struct Likeness {
    /// The findings, by work, then code.
    pub findings: Vec<Finding>,
    /// Whether every pair was found; if not, the works are so alike that the search was cut.
    pub is_complete: bool,
    /// Pairs that are alike but were judged to be different works.
    pub judged_different: usize,
}

/// Summaries with fewer bytes than this, together, are folded by one thread.
const LONG: usize = 1 << 16;
/// How many works of one text are looked at for one other work: beyond that the texts are one copied thousands of times.
const MOST_SCANNED: usize = 2_000;

/// All findings of the kind S about `entries`, which are ordered by number. Works out of the contest are passed over.
#[must_use]
pub fn findings(rules: &ContestRules, entries: &[Entry], verdicts: &Verdicts) -> Likeness {
    let (title, summary) = thresholds(rules);
    compare(entries, title, summary, verdicts)
}

fn compare(entries: &[Entry], title: Threshold, summary: Threshold, verdicts: &Verdicts) -> Likeness {
    let compared = Compared::new(entries, title, summary);
    let judged = compared.judged(entries, verdicts);
    let mut found = Gathered { works: &compared.works, judged: &judged, is_cut: false, found: BTreeMap::new() };
    for group in compared.titles.equal_groups() {
        found.equal_titles(group);
    }
    for group in compared.summaries.equal_groups() {
        found.equal_summaries(group);
    }
    for (left, right, similarity) in compared.titles.similar_groups() {
        found.similar(left, right, similarity, |_, _| (Code::S402, Severity::Warning));
    }
    for (left, right, similarity) in compared.summaries.similar_groups() {
        found.similar(left, right, similarity, summary_code);
    }
    let is_complete = compared.is_complete() && !found.is_cut;
    let (findings, judged_different) = found.into_findings(&compared);
    Likeness { findings, is_complete, judged_different }
}

/// The works that are compared, by their position in the joins, and what the joins say.
struct Compared {
    /// Their places in the list of all works.
    active: Vec<usize>,
    titles: Alike,
    summaries: Alike,
    works: Works,
}

impl Compared {
    fn new(entries: &[Entry], title: Threshold, summary: Threshold) -> Self {
        let active: Vec<usize> =
            (0..entries.len()).filter(|&index| entries.get(index).is_some_and(|entry| entry.status.is_active())).collect();
        let declarations = || active.iter().filter_map(|&index| entries.get(index)).map(|entry| &entry.declaration);
        // Of many works each search takes two threads by itself, and memory for one search at a time.
        let (titles, summaries) = side_by_side_if(
            active.len() < SMALL,
            || Alike::find(titles(declarations()), Options::for_titles(title)),
            || Alike::find(summaries(declarations()), Options::for_summaries(summary)),
        );
        let works = Works::new(&active, entries, &titles, &summaries);
        Self { active, titles, summaries, works }
    }

    fn is_complete(&self) -> bool {
        self.titles.is_complete() && self.summaries.is_complete()
    }

    /// The verdicts about compared works, by position, the lower first.
    fn judged(&self, entries: &[Entry], verdicts: &Verdicts) -> BTreeMap<(usize, usize), Verdict> {
        if verdicts.is_empty() {
            return BTreeMap::new();
        }
        let ids = self.active.iter().enumerate().filter_map(|(work, &index)| entries.get(index).map(|entry| (entry.id, work)));
        let places: BTreeMap<_, _> = ids.collect();
        let place = |pair: &WorkPair| Some((*places.get(&pair.lower())?, *places.get(&pair.higher())?));
        let judged =
            verdicts.iter().filter_map(|(pair, judged)| place(pair).map(|(one, other)| ((one.min(other), one.max(other)), judged.verdict)));
        judged.collect()
    }

    /// What two works are reported as.
    fn codes(&self, left: usize, right: usize) -> Vec<(Code, Severity)> {
        let (own, theirs) = (self.works.key(left), self.works.key(right));
        if own.is_same_work(theirs) {
            return vec![(Code::S404, Severity::Error)];
        }
        let mut codes = Vec::new();
        if own.title.is_some() && own.title == theirs.title && own.category != theirs.category {
            codes.push((Code::S401, Severity::Error));
        } else if self.titles.between(left, right).is_some() {
            codes.push((Code::S402, Severity::Warning));
        }
        if self.summaries.between(left, right).is_some() {
            codes.push(summary_code(own, theirs));
        }
        codes
    }

    /// How alike two works are in what a code is about; `None` where it says so itself.
    fn similarity(&self, code: Code, left: usize, right: usize) -> Option<Ratio> {
        if code == Code::S402 {
            self.titles.between(left, right)
        } else if code == Code::S403 {
            self.summaries.between(left, right)
        } else {
            None
        }
    }
}

/// Titles as they are compared.
fn titles<'a>(declarations: impl Iterator<Item = &'a Declaration>) -> Arranged {
    let mut further = Vec::new();
    let folded = declarations.enumerate().map(|(work, declaration)| {
        further.extend(rearranged(&declaration.title).into_iter().map(|text| (work, text)));
        fold_renamed(&declaration.title)
    });
    let folded = folded.collect();
    Arranged::new(folded, further)
}

/// Summaries as they are compared.
fn summaries<'a>(declarations: impl Iterator<Item = &'a Declaration>) -> Arranged {
    let summaries: Vec<&str> = declarations.map(|declaration| declaration.summary.as_str()).collect();
    let folded = |summaries: &[&str]| summaries.iter().map(|summary| fold_summary(summary)).collect::<Vec<_>>();
    let (early, late) = summaries.split_at(summaries.len() / 2);
    let are_long = summaries.iter().map(|summary| summary.len()).sum::<usize>() >= LONG;
    let (mut texts, more) = side_by_side_if(are_long, || folded(early), || folded(late));
    texts.extend(more);
    Arranged::new(texts, Vec::new())
}

/// A similar summary is an error across categories of one unit.
fn summary_code(left: Key, right: Key) -> (Code, Severity) {
    let severity = if left.unit == right.unit && left.category != right.category { Severity::Error } else { Severity::Warning };
    (Code::S403, severity)
}

/// The thresholds of the rules, for titles and for summaries.
#[must_use]
pub fn thresholds(rules: &ContestRules) -> (Threshold, Threshold) {
    (threshold(rules.similarity.title), threshold(rules.similarity.summary))
}

/// A threshold of the rules as an exact ratio; the rules hold nothing outside (0, 1], which would find equal texts only.
fn threshold(points: Points) -> Threshold {
    let millionths = u32::try_from(points.millionths()).ok();
    millionths.and_then(|millionths| Threshold::new(millionths, 1_000_000)).unwrap_or(Threshold::ONE)
}

/// What decides the code of a pair. Titles and summaries are known by the group of equal ones; `None`: no other has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key {
    category: u32,
    unit: i64,
    title: Option<u32>,
    summary: Option<u32>,
}

impl Key {
    /// 同一作品: in one category, two of unit, title and summary are the same.
    fn is_same_work(self, other: Self) -> bool {
        let same_title = self.title.is_some() && self.title == other.title;
        let same_summary = self.summary.is_some() && self.summary == other.summary;
        self.category == other.category && usize::from(self.unit == other.unit) + usize::from(same_title) + usize::from(same_summary) >= 2
    }
}

/// What decides codes, by position in the joins.
struct Works {
    keys: Vec<Key>,
}

impl Works {
    fn new(active: &[usize], entries: &[Entry], titles: &Alike, summaries: &Alike) -> Self {
        let mut categories: BTreeMap<&str, u32> = BTreeMap::new();
        let mut keys: Vec<Key> = Vec::with_capacity(active.len());
        for entry in active.iter().filter_map(|&index| entries.get(index)) {
            let next = u32::try_from(categories.len()).unwrap_or(u32::MAX);
            let category = *categories.entry(entry.category.as_str()).or_insert(next);
            keys.push(Key { category, unit: entry.organization.0, title: None, summary: None });
        }
        for (number, group) in (0_u32..).zip(titles.equal_groups()) {
            for &work in group {
                keys[work].title = Some(number);
            }
        }
        for (number, group) in (0_u32..).zip(summaries.equal_groups()) {
            for &work in group {
                keys[work].summary = Some(number);
            }
        }
        Self { keys }
    }

    fn key(&self, work: usize) -> Key {
        self.keys[work]
    }
}

/// A partner, and how alike it is where that is measured.
type Partner = (Option<Ratio>, usize);

/// Partners of one work under one code: how many there are, and the best of them.
#[derive(Debug, Default)]
struct Partners {
    count: u32,
    best: Vec<Partner>,
}

/// Findings as they are gathered: by work, code and severity.
struct Gathered<'a> {
    works: &'a Works,
    /// Pairs that staff decided about: counted like others here, but never named.
    judged: &'a BTreeMap<(usize, usize), Verdict>,
    is_cut: bool,
    found: BTreeMap<(usize, Code, Severity), Partners>,
}

impl Gathered<'_> {
    fn is_open(&self, work: usize, other: usize) -> bool {
        !self.judged.contains_key(&(work.min(other), work.max(other)))
    }

    fn add(&mut self, work: usize, code: Code, severity: Severity, count: usize, partners: Vec<Partner>) {
        if count == 0 {
            return;
        }
        let entry = self.found.entry((work, code, severity)).or_default();
        entry.count = entry.count.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
        entry.best.extend(partners);
        if entry.best.len() > 4 * MOST_RELATED {
            entry.cut();
        }
    }

    /// Works with one folded title: in other categories S401; in the same, the same work (S404) or only the same title (S402).
    fn equal_titles(&mut self, group: &[usize]) {
        let works = self.works;
        let by_category = buckets(group, |work| works.key(work).category);
        let by_unit = buckets(group, |work| (works.key(work).category, works.key(work).unit));
        let by_summary = buckets(group, |work| (works.key(work).category, works.key(work).summary));
        let by_both = buckets(group, |work| (works.key(work).category, works.key(work).unit, works.key(work).summary));
        for &work in group {
            let own = works.key(work);
            let category = members(&by_category, &own.category);
            let same_unit = members(&by_unit, &(own.category, own.unit));
            let (same_summary, same_both) = match own.summary {
                Some(_) => {
                    let both = members(&by_both, &(own.category, own.unit, own.summary));
                    (members(&by_summary, &(own.category, own.summary)), both.len())
                }
                None => (&[][..], 0),
            };
            let elsewhere =
                by_category.iter().filter(|(other, _)| **other != own.category).flat_map(|(_, list)| list.iter().take(MOST_RELATED));
            self.add(
                work,
                Code::S401,
                Severity::Error,
                group.len() - category.len(),
                named(elsewhere, None, |other| self.is_open(work, other)),
            );
            // Those of its unit or with its summary, without the work itself.
            let same_work = same_unit.len() + same_summary.len() - same_both - 1;
            let repeated = named(same_unit.iter().chain(same_summary), None, |other| other != work && self.is_open(work, other));
            self.add(work, Code::S404, Severity::Error, same_work, repeated);
            let rest = category.len() - 1 - same_work;
            if rest > 0 {
                let like = named(category.iter(), Some(Ratio::ONE), |other| {
                    other != work && !own.is_same_work(works.key(other)) && self.is_open(work, other)
                });
                self.add(work, Code::S402, Severity::Warning, rest, like);
            }
        }
    }

    /// Works with one folded summary: the same work if one unit sent both in one category (S404; with one title too it was found by
    /// the title, which a unit can have twice: with its halves swapped), else S403.
    fn equal_summaries(&mut self, group: &[usize]) {
        let works = self.works;
        let by_unit = buckets(group, |work| works.key(work).unit);
        let by_category = buckets(group, |work| (works.key(work).unit, works.key(work).category));
        let by_title = buckets(group, |work| (works.key(work).category, works.key(work).title));
        let by_both = buckets(group, |work| (works.key(work).category, works.key(work).title, works.key(work).unit));
        for &work in group {
            let own = works.key(work);
            let unit = members(&by_unit, &own.unit);
            let repeated = members(&by_category, &(own.unit, own.category));
            // The unit's works of this title and category, too, were found by their title.
            let by_own_title = match own.title {
                Some(_) => members(&by_both, &(own.category, own.title, own.unit)).len(),
                None => 1,
            };
            let named_repeated = named(repeated.iter(), None, |other| {
                other != work && (own.title.is_none() || works.key(other).title != own.title) && self.is_open(work, other)
            });
            self.add(work, Code::S404, Severity::Error, repeated.len() - by_own_title, named_repeated);
            let across =
                named(unit.iter(), Some(Ratio::ONE), |other| works.key(other).category != own.category && self.is_open(work, other));
            self.add(work, Code::S403, Severity::Error, unit.len() - repeated.len(), across);
            // Other units' works of this title and category were found by their title.
            let by_their_title = match own.title {
                Some(_) => {
                    let all = members(&by_title, &(own.category, own.title)).len();
                    all - members(&by_both, &(own.category, own.title, own.unit)).len()
                }
                None => 0,
            };
            let rest = group.len() - unit.len() - by_their_title;
            if rest > 0 {
                let like = named(group.iter(), Some(Ratio::ONE), |other| {
                    works.key(other).unit != own.unit && !own.is_same_work(works.key(other)) && self.is_open(work, other)
                });
                self.add(work, Code::S403, Severity::Warning, rest, like);
            }
        }
    }

    /// Works of one text against works of another that is similar. Pairs that are the same work anyway are passed over.
    fn similar(&mut self, left: &[usize], right: &[usize], similarity: Ratio, code: impl Fn(Key, Key) -> (Code, Severity)) {
        for (from, to) in [(left, right), (right, left)] {
            self.is_cut |= to.len() > MOST_SCANNED;
            for &work in from {
                let mut partners: BTreeMap<(Code, Severity), (usize, Vec<Partner>)> = BTreeMap::new();
                for &other in to.iter().take(MOST_SCANNED) {
                    let (own, theirs) = (self.works.key(work), self.works.key(other));
                    if !own.is_same_work(theirs) {
                        let (count, named) = partners.entry(code(own, theirs)).or_default();
                        *count += 1;
                        if named.len() < MOST_RELATED && self.is_open(work, other) {
                            named.push((Some(similarity), other));
                        }
                    }
                }
                for ((code, severity), (count, named)) in partners {
                    self.add(work, code, severity, count, named);
                }
            }
        }
    }

    /// The findings, and how many alike pairs were judged to be different works.
    fn into_findings(mut self, compared: &Compared) -> (Vec<Finding>, usize) {
        let mut settled: BTreeMap<(usize, Code, Severity), Vec<Partner>> = BTreeMap::new();
        let mut same: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        let mut judged_different = 0;
        for (&(left, right), &verdict) in self.judged {
            let codes = compared.codes(left, right);
            judged_different += usize::from(verdict == Verdict::Different && !codes.is_empty());
            for (work, other) in [(left, right), (right, left)] {
                if verdict == Verdict::Same {
                    same.entry(work).or_default().insert(other);
                }
                for &(code, severity) in &codes {
                    if let Some(partners) = self.found.get_mut(&(work, code, severity)) {
                        partners.count = partners.count.saturating_sub(1);
                    }
                    if verdict == Verdict::Different {
                        let similarity = compared.similarity(code, work, other);
                        settled.entry((work, code, severity)).or_default().push((similarity, other));
                    }
                }
            }
        }
        let active = &compared.active;
        let related = |partners: &[Partner]| partners.iter().map(|&(_, other)| active[other]).collect();
        let mut findings: Vec<Finding> = Vec::with_capacity(self.found.len());
        for ((work, code, severity), mut partners) in std::mem::take(&mut self.found) {
            let is_settled = partners.count == 0;
            if is_settled {
                // All were judged; those that are the same work have a finding of their own.
                let Some(others) = settled.remove(&(work, code, severity)) else { continue };
                partners = Partners { count: u32::try_from(others.len()).unwrap_or(u32::MAX), best: others };
            }
            partners.cut();
            findings.push(Finding {
                code,
                severity,
                entry: active[work],
                detail: Detail::Alike { count: partners.count, is_settled },
                similarity: partners.best.iter().filter_map(|(similarity, _)| *similarity).max(),
                related: related(&partners.best),
            });
        }
        findings.extend(same.into_iter().map(|(work, others)| Finding {
            code: Code::S404,
            severity: Severity::Error,
            entry: active[work],
            detail: Detail::JudgedSame { count: u32::try_from(others.len()).unwrap_or(u32::MAX) },
            similarity: None,
            related: others.iter().take(MOST_RELATED).map(|&other| active[other]).collect(),
        }));
        (findings, judged_different)
    }
}

impl Partners {
    /// Keeps the most alike, then the lowest numbers.
    fn cut(&mut self) {
        self.best.sort_by(|left, right| right.0.cmp(&left.0).then(left.1.cmp(&right.1)));
        self.best.dedup_by_key(|&mut (_, other)| other);
        self.best.truncate(MOST_RELATED);
    }
}

/// A group's works by what decides their code.
fn buckets<K: Ord>(group: &[usize], key: impl Fn(usize) -> K) -> BTreeMap<K, Vec<usize>> {
    let mut buckets: BTreeMap<K, Vec<usize>> = BTreeMap::new();
    for &work in group {
        buckets.entry(key(work)).or_default().push(work);
    }
    buckets
}

fn members<'a, K: Ord>(buckets: &'a BTreeMap<K, Vec<usize>>, key: &K) -> &'a [usize] {
    buckets.get(key).map_or(&[], Vec::as_slice)
}

/// The first works that `wanted` picks, as many as a finding names.
fn named<'a>(works: impl Iterator<Item = &'a usize>, similarity: Option<Ratio>, wanted: impl Fn(usize) -> bool) -> Vec<Partner> {
    let picked = works.take(MOST_SCANNED).copied().filter(|&work| wanted(work));
    picked.take(MOST_RELATED).map(|work| (similarity, work)).collect()
}

#[cfg(test)]
mod tests;
