//! Owns which works have equal or similar texts: the join, and its result. Refuses to know what
//! the texts are (titles, summaries), and what follows from a pair.
//!
//! **The measure** is Jaccard's, on multisets of character bigrams: grams shared ÷ grams in
//! either, each as often as it stands there. Bigrams, because Chinese has no spaces and most words
//! have two characters; multisets, because a sentence copied twice is more than copied once;
//! Jaccard, because it is symmetric, is 1 for equal grams only, punishes added text as well as
//! changed text, and allows a search without a missed pair. Moved sentences hardly lower it, as
//! should be where works are copied from each other.
//!
//! **Equal texts are grouped first**, and only different ones are compared. A hundred thousand
//! equal titles are one group, not five thousand million pairs. For different texts that are nonetheless all alike there is
//! [`Options::most_links`].

use super::few;
use super::grams;
use super::numbers::numbers_of;
use super::probe::{self, Corpus, Distinct, Found, Sides};
use super::ratio::{Ratio, Threshold};
use rustc_hash::FxHashMap;

/// Fewer texts than this are searched by one thread: a second one costs more than it brings.
pub const SMALL: usize = 4_000;

/// What counts as similar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// The least similarity that is found.
    pub threshold: Threshold,
    /// Whether texts must speak of the same numbers in the same order, see
    /// [`numbers_of`]: so for titles, where 1984年… and 1987年… are different works.
    pub numbers_must_agree: bool,
    /// After about so many links between different texts the search stops, and the result says
    /// that it is not complete: nobody reads a million look-alikes, and memory ends.
    pub most_links: usize,
}

impl Options {
    /// For titles: the numbers must agree.
    #[must_use]
    pub fn for_titles(threshold: Threshold) -> Self {
        Self { numbers_must_agree: true, ..Self::for_summaries(threshold) }
    }

    /// For running text: numbers are characters like others.
    #[must_use]
    pub fn for_summaries(threshold: Threshold) -> Self {
        Self { threshold, numbers_must_agree: false, most_links: 1_000_000 }
    }
}

/// Which of the works of one contest have equal or similar texts.
#[derive(Debug)]
pub struct Join {
    pub(super) groups: Groups,
}

/// Finds the works of one contest with equal or similar texts. The texts are folded already, a
/// work is known by its place among them; an empty text is similar to none. Texts that are given away are let go as soon as they
/// are read.
#[must_use]
pub fn join<T: AsRef<str>>(texts: impl AsRef<[T]>, options: Options) -> Join {
    Join { groups: Groups::find(texts, &[] as &[&str], Sides::Same, options) }
}

impl Join {
    /// Whether all pairs were found; if not, [`Options::most_links`] was exceeded, and what was
    /// found is true but not all.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.groups.complete
    }
}

/// Which works of a contest have texts equal or similar to those of an earlier one.
#[derive(Debug)]
pub struct JoinBetween {
    pub(super) groups: Groups,
    pub(super) new_works: usize,
}

/// Finds the works of a new contest with texts equal or similar to those of an old one. Works of
/// the same contest are not compared.
#[must_use]
pub fn join_between<N: AsRef<str>, O: AsRef<str>>(new: impl AsRef<[N]>, old: impl AsRef<[O]>, options: Options) -> JoinBetween {
    let new_works = new.as_ref().len();
    JoinBetween { groups: Groups::find(new, old, Sides::New, options), new_works }
}

impl JoinBetween {
    /// Whether all pairs were found, see [`Join::is_complete`].
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.groups.complete
    }

    /// The old works whose texts are equal or similar to that of a new one, most alike first, at most so many; and whether these are
    /// all.
    #[must_use]
    pub fn most_alike(&self, new: usize, most: usize) -> (Vec<(usize, Ratio)>, bool) {
        let Some(group) = self.groups.group_of.get(new).copied().flatten() else { return (Vec::new(), true) };
        let mut linked: Vec<(u32, Ratio)> = self.groups.linked(group as usize).to_vec();
        linked.sort_by(|left, right| right.1.cmp(&left.1).then(left.0.cmp(&right.0)));
        let mut found = Vec::new();
        for (other, similarity) in std::iter::once((group, Ratio::ONE)).chain(linked) {
            let members = self.groups.members(other as usize);
            for &old in members.get(members.partition_point(|&member| member < self.new_works)..).unwrap_or_default() {
                if found.len() == most {
                    return (found, false);
                }
                found.push((old - self.new_works, similarity));
            }
        }
        (found, true)
    }
}

/// The distinct texts, who has them, and which are similar. The works of a second contest are
/// numbered on behind the first.
#[derive(Debug)]
pub(super) struct Groups {
    pub(super) group_of: Vec<Option<u32>>,
    members: Vec<usize>,
    starts: Vec<usize>,
    linked: Vec<(u32, Ratio)>,
    linked_starts: Vec<usize>,
    complete: bool,
}

impl Groups {
    fn find<A: AsRef<str>, B: AsRef<str>>(first: impl AsRef<[A]>, second: impl AsRef<[B]>, side: Sides, options: Options) -> Self {
        let (group_of, distinct) = group(first.as_ref(), second.as_ref(), side);
        let sorted = by_length(&distinct);
        let groups = distinct.len();
        let texts = texts(&sorted, &distinct, options);
        let found = if few::are_few(&texts) {
            few::search(&texts, options.most_links)
        } else {
            let corpus = Corpus::read(texts);
            drop(distinct);
            drop((first, second));
            probe::search(&corpus, options.most_links)
        };
        let links = links(&found, &sorted);
        let placed = (0..).zip(&group_of);
        let placed = placed.filter_map(|(work, group)| group.map(|group| (group, work)));
        let (starts, members) = sorted_by_group(groups, placed);
        let both_ways = links.iter().flat_map(|&(left, right, ratio)| [(left, (right, ratio)), (right, (left, ratio))]);
        let (linked_starts, mut linked) = sorted_by_group(groups, both_ways);
        for bounds in linked_starts.windows(2) {
            linked[bounds[0]..bounds[1]].sort_unstable_by_key(|&(other, _)| other);
        }
        Self { group_of, members, starts, linked, linked_starts, complete: found.complete }
    }

    pub(super) fn members(&self, group: usize) -> &[usize] {
        &self.members[self.starts[group]..self.starts[group + 1]]
    }

    pub(super) fn linked(&self, group: usize) -> &[(u32, Ratio)] {
        &self.linked[self.linked_starts[group]..self.linked_starts[group + 1]]
    }
}

/// The group of each work, and the groups' texts with the sides that have them.
fn group<'a>(first: &'a [impl AsRef<str>], second: &'a [impl AsRef<str>], side: Sides) -> (Vec<Option<u32>>, Vec<(&'a str, Sides)>) {
    let mut distinct: Vec<(&str, Sides)> = Vec::with_capacity(first.len() + second.len());
    let mut group_of = Vec::with_capacity(first.len() + second.len());
    let mut known: FxHashMap<&str, u32> = FxHashMap::default();
    let first = first.iter().map(|text| (text.as_ref(), side));
    let second = second.iter().map(|text| (text.as_ref(), Sides::Old));
    for (text, side) in first.chain(second) {
        if text.is_empty() {
            group_of.push(None);
            continue;
        }
        let group = *known.entry(text).or_insert_with(|| short(distinct.len()));
        match distinct.get_mut(group as usize) {
            None => distinct.push((text, side)),
            Some((_, sides)) if *sides != side => *sides = Sides::Both,
            Some(_) => {}
        }
        group_of.push(Some(group));
    }
    (group_of, distinct)
}

/// The groups with the number of grams of their texts, ascending.
fn by_length(distinct: &[(&str, Sides)]) -> Vec<(u32, u32)> {
    let mut sorted: Vec<(u32, u32)> = (0_u32..).zip(distinct).map(|(group, (text, _))| (short(grams::count(text)), group)).collect();
    sorted.sort_unstable();
    sorted
}

fn texts<'a>(sorted: &[(u32, u32)], distinct: &[(&'a str, Sides)], options: Options) -> Distinct<'a> {
    let texts: Vec<&str> = sorted.iter().map(|&(_, group)| distinct[group as usize].0).collect();
    Distinct {
        lengths: sorted.iter().map(|&(length, _)| length).collect(),
        numbers: if options.numbers_must_agree { number_marks(&texts) } else { vec![0; texts.len()] },
        sides: sorted.iter().map(|&(_, group)| distinct[group as usize].1).collect(),
        threshold: options.threshold,
        texts,
    }
}

/// The pairs of distinct texts that are similar.
fn links(found: &Found, sorted: &[(u32, u32)]) -> Vec<(u32, u32, Ratio)> {
    let links = found.links.iter().map(|found| {
        let (left_length, left) = sorted[found.shorter as usize];
        let (right_length, right) = sorted[found.longer as usize];
        let either = left_length + right_length - found.shared;
        (left, right, Ratio::new(found.shared, either))
    });
    links.collect()
}

/// One mark for each list of numbers, so that lists are compared once and marks often.
fn number_marks(texts: &[&str]) -> Vec<u32> {
    let mut marks: FxHashMap<Vec<String>, u32> = FxHashMap::default();
    texts
        .iter()
        .map(|text| {
            let fresh = short(marks.len());
            *marks.entry(numbers_of(text)).or_insert(fresh)
        })
        .collect()
}

/// Sorts values into groups and keeps their order: where each group starts, and all values.
pub(super) fn sorted_by_group<T: Copy>(groups: usize, values: impl Iterator<Item = (u32, T)> + Clone) -> (Vec<usize>, Vec<T>) {
    let mut starts = vec![0; groups + 1];
    for (group, _) in values.clone() {
        starts[group as usize + 1] += 1;
    }
    for group in 0..groups {
        starts[group + 1] += starts[group];
    }
    let mut next = starts.clone();
    let mut sorted: Vec<T> = Vec::new();
    if let Some((_, filler)) = values.clone().next() {
        sorted.resize(starts[groups], filler);
    }
    for (group, value) in values {
        let place = &mut next[group as usize];
        sorted[*place] = value;
        *place += 1;
    }
    (starts, sorted)
}

/// Works and grams are numbered in 32 bits: memory ends long before the numbers do.
fn short(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
