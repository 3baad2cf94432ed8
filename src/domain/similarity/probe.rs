//! Owns the search: which distinct texts reach the threshold together. Refuses to know what the
//! texts are, and which works share a text.
//!
//! The method is `PPJoin` with the bounds drawn as tight as each pair of lengths allows, and with
//! beginnings as in `AdaptJoin`. Elements stand rarest first, texts are taken by growing length, and
//! each looks up its first elements among the first elements of the shorter ones. Only texts that
//! share [`COMMON`] of these are compared whole. Texts that share enough cannot hide: if the last of
//! the first [`COMMON`] shared elements stood behind these beginnings, too few would follow it.

use super::grams::{Elements, SMALL};
use super::ratio::Threshold;
use crate::domain::threads::side_by_side;
use std::cmp::Ordering;

/// How many elements of their beginnings two texts must share to be compared whole, where the
/// threshold asks for as many. One would be enough to find every pair; but summaries of one field
/// share single words everywhere: of 100,000, 82 million pairs share one element, 0.3 million seven.
/// Each more makes the beginnings longer by one element.
const COMMON: u32 = 7;

/// Distinct texts, by growing number of grams.
pub(super) struct Corpus {
    pub(super) elements: Elements,
    pub(super) lengths: Vec<u32>,
    /// By number of grams: how many texts have as many or fewer.
    pub(super) up_to_length: Vec<u32>,
    /// Texts with different numbers here are no pair, however similar.
    pub(super) numbers: Vec<u32>,
    /// Which side each text belongs to.
    pub(super) sides: Vec<Sides>,
    pub(super) threshold: Threshold,
}

/// Whose works have a text; and so, whose texts it is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sides {
    /// One contest compared with itself.
    Same,
    New,
    Old,
    Both,
}

impl Sides {
    /// The shelves where others find the text.
    fn stored(self) -> &'static [usize] {
        match self {
            Self::Same | Self::New => &[0],
            Self::Old => &[1],
            Self::Both => &[0, 1],
        }
    }

    /// The shelves where it finds others.
    fn sought(self) -> &'static [usize] {
        match self {
            Self::Same | Self::Old => &[0],
            Self::New => &[1],
            Self::Both => &[0, 1],
        }
    }
}

/// Two texts of a corpus that reach the threshold, `shorter` before `longer` in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    pub(super) shorter: u32,
    pub(super) longer: u32,
    pub(super) shared: u32,
}

pub(super) struct Found {
    pub(super) links: Vec<Link>,
    pub(super) complete: bool,
}

/// Finds every link, or stops soon after `most` of them. The same input gives the same links on
/// every machine: the work is always shared in the same way, whoever does the shares.
pub(super) fn search(corpus: &Corpus, most: usize) -> Found {
    let layouts = [0, 1].map(|shelf| lay_out(corpus, shelf));
    if corpus.lengths.len() < SMALL {
        return Search::new(corpus, &layouts, most).run(0, 1);
    }
    let run = |share| Search::new(corpus, &layouts, most).run(share, 2);
    let (even, odd) = side_by_side(|| run(0), || run(1));
    let mut links = even.links;
    links.extend(odd.links);
    let complete = even.complete && odd.complete && links.len() <= most;
    Found { links, complete }
}

/// The places of one element in a shelf's flat arrays.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: usize,
    filled: u32,
}

/// Counts beforehand where the places of each shared element will stand, so that no list ever grows: the empty spans, and how many
/// places there are. A shelf that no text belongs on has no spans.
fn lay_out(corpus: &Corpus, shelf: usize) -> (Vec<Span>, usize) {
    let belongs = |sides: &Sides| sides.stored().contains(&shelf);
    if !corpus.sides.iter().any(belongs) {
        return (Vec::new(), 0);
    }
    let empty = Span { start: 0, filled: 0 };
    let mut spans = vec![empty; (corpus.elements.count - corpus.elements.first_shared) as usize];
    for (text, sides) in corpus.sides.iter().enumerate() {
        if belongs(sides) {
            for (element, _) in corpus.beginning(text) {
                spans[element as usize].filled += 1;
            }
        }
    }
    let mut total = 0;
    for span in &mut spans {
        span.start = total;
        total += span.filled as usize;
        span.filled = 0;
    }
    (spans, total)
}

impl Corpus {
    /// The elements under which longer texts must find this one, counted from the first shared one, each with the length up to which
    /// they must. Elements of no other text are left out.
    fn beginning(&self, text: usize) -> impl Iterator<Item = (u32, u32)> {
        let length = self.lengths[text];
        let first_shared = self.elements.first_shared;
        let elements = self.elements.of(text).iter().copied();
        (0_u32..)
            .zip(elements)
            .map(move |(position, element)| {
                let reach = self.threshold.reach(length, length - position + (COMMON - 1));
                (element, reach)
            })
            .take_while(move |&(_, reach)| reach >= length)
            .filter_map(move |(element, reach)| Some((element.checked_sub(first_shared)?, reach)))
    }

    /// How many elements any partner must share with this text early on: [`COMMON`], or fewer where
    /// the threshold itself asks for fewer.
    fn common(&self, length: u32) -> u32 {
        let least = self.threshold.needed(length, self.threshold.least_partner(length));
        COMMON.min(least).max(1)
    }

    /// How many elements the two share, if enough. Gives up as soon as too many have found no
    /// partner.
    fn shared(&self, longer: usize, shorter: usize) -> Option<u32> {
        let needed = self.threshold.needed(self.lengths[longer], self.lengths[shorter]) as usize;
        let mut ours = self.elements.of(longer);
        let mut theirs = self.elements.of(shorter);
        let mut spare_ours = ours.len().checked_sub(needed)?;
        let mut spare_theirs = theirs.len().checked_sub(needed)?;
        let mut shared = 0;
        while let ([our, our_rest @ ..], [their, their_rest @ ..]) = (ours, theirs) {
            match our.cmp(their) {
                Ordering::Equal => {
                    shared += 1;
                    ours = our_rest;
                    theirs = their_rest;
                }
                Ordering::Less => {
                    spare_ours = spare_ours.checked_sub(1)?;
                    ours = our_rest;
                }
                Ordering::Greater => {
                    spare_theirs = spare_theirs.checked_sub(1)?;
                    theirs = their_rest;
                }
            }
        }
        Some(shared)
    }
}

/// The places of one side's texts by element, in the order of the corpus. What a place says stands in two arrays, because the
/// search reads texts only: what it counts for dead places is a candidate too many, never a pair too few.
struct Shelf {
    spans: Vec<Span>,
    texts: Vec<u32>,
    /// For texts with more grams than this a place is dead.
    reaches: Vec<u32>,
    stored: usize,
}

struct Search<'a> {
    corpus: &'a Corpus,
    shelves: [Shelf; 2],
    /// By text: how many elements were found to be shared with the text in hand; zero between texts.
    counts: Vec<u8>,
    lists: Vec<(usize, usize)>,
    /// Shorter texts that share enough early elements with the text in hand.
    candidates: Vec<u32>,
    links: Vec<Link>,
    most: usize,
    /// The length of the text at hand when dead places were last taken out, and how many places were read since.
    swept: u32,
    read: usize,
}

impl<'a> Search<'a> {
    fn new(corpus: &'a Corpus, layouts: &[(Vec<Span>, usize); 2], most: usize) -> Self {
        Self {
            corpus,
            shelves: layouts.each_ref().map(|(spans, places)| Shelf {
                spans: spans.clone(),
                texts: vec![0; *places],
                reaches: vec![0; *places],
                stored: 0,
            }),
            counts: vec![0; corpus.lengths.len()],
            lists: Vec::new(),
            candidates: Vec::new(),
            links: Vec::new(),
            most,
            swept: 0,
            read: 0,
        }
    }

    /// Looks up every text whose number is `share` modulo `shares`.
    fn run(mut self, share: usize, shares: usize) -> Found {
        for (number, text) in (0_u32..).zip(0..self.corpus.lengths.len()) {
            if text % shares == share {
                for &shelf in self.corpus.sides[text].sought() {
                    self.look_up(number, shelf);
                }
                if self.links.len() > self.most {
                    return Found { links: self.links, complete: false };
                }
            }
            for &shelf in self.corpus.sides[text].stored() {
                self.shelves[shelf].store(self.corpus, number);
            }
            self.sweep(self.corpus.lengths[text]);
        }
        Found { links: self.links, complete: true }
    }

    /// Takes dead places out once the texts have grown by a thirtieth, if more were read since the last time than must be looked at
    /// now: so that sweeping never costs more than the search.
    fn sweep(&mut self, length: u32) {
        let stored: usize = self.shelves.iter().map(|shelf| shelf.stored).sum();
        if length > self.swept + self.swept / 30 && self.read > stored {
            self.swept = length;
            self.read = 0;
            self.shelves.iter_mut().for_each(|shelf| shelf.bury(length));
        }
    }

    /// Links a text with the shorter ones on a shelf.
    fn look_up(&mut self, longer: u32, side: usize) {
        self.gather(longer, side);
        let corpus = self.corpus;
        let text = longer as usize;
        for &shorter in &self.candidates {
            let other = shorter as usize;
            if corpus.numbers[text] == corpus.numbers[other]
                && let Some(shared) = corpus.shared(text, other)
            {
                self.links.push(Link { shorter, longer, shared });
            }
        }
    }

    /// Finds the shorter texts that share enough elements early on.
    fn gather(&mut self, longer: u32, side: usize) {
        self.candidates.clear();
        let shelf = &self.shelves[side];
        if shelf.spans.is_empty() {
            return;
        }
        let length = self.corpus.lengths[longer as usize];
        let common = u8::try_from(self.corpus.common(length)).unwrap_or(u8::MAX);
        shelf.open(self.corpus, longer, &mut self.lists);
        let counts = self.counts.as_mut_slice();
        for &(start, end) in &self.lists {
            let texts = &shelf.texts[start..end];
            self.read += texts.len();
            for &text in texts {
                let count = &mut counts[text as usize];
                *count = count.saturating_add(1);
                if *count == common {
                    self.candidates.push(text);
                }
            }
        }
        counts[..longer as usize].fill(0);
    }
}

impl Shelf {
    /// Chooses the lists in which a text must look, each as a range of places. All first places are read here, one after the other
    /// and without waiting, so that they are at hand when the lists are walked.
    fn open(&self, corpus: &Corpus, longer: u32, lists: &mut Vec<(usize, usize)>) {
        lists.clear();
        let length = corpus.lengths[longer as usize];
        let least = corpus.threshold.least_partner(length);
        let common = corpus.common(length);
        for (position, &element) in (0_u32..).zip(corpus.elements.of(longer as usize)) {
            let reach = corpus.threshold.reach(length, length - position + (common - 1));
            if reach < least {
                break;
            }
            let Some(element) = element.checked_sub(corpus.elements.first_shared) else { continue };
            let Span { start, filled } = self.spans[element as usize];
            if filled == 0 {
                continue;
            }
            let end = start + filled as usize;
            let first = self.texts[start];
            if reach >= length {
                lists.push((start, end));
            } else {
                let earlier = corpus.up_to_length[reach as usize];
                if first < earlier {
                    let within = self.texts[start..end].partition_point(|&text| text < earlier);
                    lists.push((start, start + within));
                }
            }
        }
    }

    fn store(&mut self, corpus: &Corpus, text: u32) {
        for (element, reach) in corpus.beginning(text as usize) {
            let span = &mut self.spans[element as usize];
            let place = span.start + span.filled as usize;
            self.texts[place] = text;
            self.reaches[place] = reach;
            span.filled += 1;
            self.stored += 1;
        }
    }

    /// Takes out the places that no text of this length or above can use.
    fn bury(&mut self, length: u32) {
        self.stored = 0;
        for span in &mut self.spans {
            let places = span.start..span.start + span.filled as usize;
            let mut kept = span.start;
            for place in places {
                if self.reaches[place] >= length {
                    self.texts[kept] = self.texts[place];
                    self.reaches[kept] = self.reaches[place];
                    kept += 1;
                }
            }
            span.filled = u32::try_from(kept - span.start).unwrap_or(u32::MAX);
            self.stored += kept - span.start;
        }
    }
}
