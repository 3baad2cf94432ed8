//! Owns the search among many texts: which distinct texts reach the threshold together. Refuses to know what the
//! texts are, and which works share a text.
//!
//! The method is `PPJoin` with the bounds drawn as tight as each pair of lengths allows, and with
//! beginnings as in `AdaptJoin`. Elements stand rarest first, texts are taken by growing length, and
//! each looks up its first elements among the first elements of the shorter ones. Only texts that
//! share [`COMMON`] of these are compared whole. Texts that share enough cannot hide: if the last of
//! the first [`COMMON`] shared elements stood behind these beginnings, too few would follow it.

use super::grams::Elements;
use super::join::SMALL;
use super::ratio::Threshold;
use crate::domain::threads::{side_by_side, side_by_side_if};
use std::cmp::Ordering;
use std::ops::Range;

/// How many elements of their beginnings two texts must share to be compared whole, where the
/// threshold asks for as many. One would be enough to find every pair; but summaries of one field
/// share single words everywhere: of 100,000, 82 million pairs share one element, 0.3 million seven.
/// Each more makes the beginnings longer by one element.
const COMMON: u32 = 7;

/// Distinct texts, by growing number of grams.
pub(super) struct Distinct<'a> {
    pub(super) texts: Vec<&'a str>,
    /// The number of grams of each.
    pub(super) lengths: Vec<u32>,
    /// Texts with different numbers here are no pair, however similar.
    pub(super) numbers: Vec<u32>,
    /// Which side each text belongs to.
    pub(super) sides: Vec<Sides>,
    pub(super) threshold: Threshold,
}

impl Distinct<'_> {
    /// Whether the two are a pair if they are similar.
    pub(super) fn may_be_linked(&self, longer: usize, shorter: usize) -> bool {
        let meet = self.sides[longer].sought().iter().any(|side| self.sides[shorter].stored().contains(side));
        meet && self.numbers[longer] == self.numbers[shorter]
    }

    /// How many grams the two must share.
    pub(super) fn needed(&self, longer: usize, shorter: usize) -> u32 {
        self.threshold.needed(self.lengths[longer], self.lengths[shorter])
    }
}

/// The same with their elements in place of the texts.
pub(super) struct Corpus {
    elements: Elements,
    lengths: Vec<u32>,
    /// By number of grams: how many texts have as many or fewer.
    up_to_length: Vec<u32>,
    numbers: Vec<u32>,
    sides: Vec<Sides>,
    threshold: Threshold,
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

/// With more candidates than this a text's elements are marked, and each candidate asks once for each of its own: where thousands of long
/// texts are all alike, walking through two texts for every pair takes minutes.
const MANY_CANDIDATES: usize = 16;

/// So many texts are put on the shelves at once, and then looked up.
const BLOCK: usize = 4_096;

/// Finds every link, or stops soon after `most` of them. The same input gives the same links on
/// every machine: the work is always shared in the same way, whoever does the shares.
pub(super) fn search(corpus: &Corpus, most: usize) -> Found {
    let count = corpus.lengths.len();
    let is_shared = count >= SMALL;
    let mut shelves = [0, 1].map(|side| Shelf::laid_out(corpus, side));
    let mut shares = [Search::new(corpus, most), Search::new(corpus, most)];
    let mut swept = 0;
    for begin in (0..count).step_by(BLOCK) {
        let texts = begin..(begin + BLOCK).min(count);
        // Dead places are taken out once the texts have grown by a thirtieth, if more were read since the last time than must be
        // looked at now: so that this never costs more than the search.
        let length = corpus.lengths[begin];
        let read: usize = shares.iter().map(|share| share.read).sum();
        let is_due = length > swept + swept / 30 && read > shelves.iter().map(Shelf::stored).sum();
        if is_due {
            swept = length;
            for share in &mut shares {
                share.read = 0;
            }
        }
        for shelf in &mut shelves {
            shelf.store(corpus, texts.clone(), is_due.then_some(length), is_shared);
        }
        let [even, odd] = &mut shares;
        if is_shared {
            side_by_side(|| even.run(&shelves, texts.clone(), 0, 2), || odd.run(&shelves, texts.clone(), 1, 2));
        } else {
            even.run(&shelves, texts, 0, 1);
        }
        if shares.iter().any(Search::is_over) {
            break;
        }
    }
    let complete = !shares.iter().any(Search::is_over);
    let mut links: Vec<Link> = Vec::new();
    for share in shares {
        links.extend(share.links);
    }
    let complete = complete && links.len() <= most;
    Found { links, complete }
}

impl Corpus {
    pub(super) fn read(texts: Distinct<'_>) -> Self {
        let Distinct { texts, lengths, numbers, sides, threshold } = texts;
        Self { elements: Elements::read(&texts), up_to_length: up_to_length(&lengths), lengths, numbers, sides, threshold }
    }

    /// How many of its first elements a text stands under: those under which longer texts must find it.
    fn beginning(&self, text: usize) -> usize {
        let length = self.lengths[text];
        let (mut low, mut high) = (0, length);
        while low < high {
            let middle = u32::midpoint(low, high);
            if self.reach(length, middle) >= length { low = middle + 1 } else { high = middle }
        }
        low as usize
    }

    /// Up to which length longer texts must find a text of this length under its element at this position.
    fn reach(&self, length: u32, position: u32) -> u32 {
        self.threshold.reach(length, length - position + (COMMON - 1))
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

    /// The same by the marks of the longer one's elements.
    fn shared_with(&self, marks: &[bool], longer: usize, shorter: usize) -> Option<u32> {
        let shared = self.elements.of(shorter).iter().map(|&element| u32::from(marks[element as usize])).sum();
        (shared >= self.threshold.needed(self.lengths[longer], self.lengths[shorter])).then_some(shared)
    }
}

/// By number of grams: how many texts have as many or fewer. The lengths grow.
fn up_to_length(lengths: &[u32]) -> Vec<u32> {
    let longest = lengths.last().copied().unwrap_or(0);
    let mut counts = vec![0; longest as usize + 1];
    for &length in lengths {
        counts[length as usize] += 1;
    }
    let mut sum = 0;
    for count in &mut counts {
        sum += *count;
        *count = sum;
    }
    counts
}

/// The places of one element in the flat arrays.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: usize,
    filled: u32,
}

/// The texts of one side by element. Elements of one text only are left out; the rarer half of the others and the more frequent one stand
/// apart, so that two threads can put texts there.
struct Shelf {
    side: usize,
    rare: Half,
    frequent: Half,
}

/// The places of a range of elements, each in the order of the corpus. What a place says stands in two arrays, because the search reads
/// texts only: what it counts for dead places is a candidate too many, never a pair too few.
struct Half {
    /// The first element, as a rank.
    first: u32,
    spans: Vec<Span>,
    texts: Vec<u32>,
    /// For texts with more grams than this a place is dead.
    reaches: Vec<u32>,
    stored: usize,
}

impl Shelf {
    /// Counts beforehand where the places of each element will stand, so that no list ever grows. A shelf that no text belongs on has
    /// no spans.
    fn laid_out(corpus: &Corpus, side: usize) -> Self {
        let Elements { first_shared, count, .. } = corpus.elements;
        let belongs = |sides: &Sides| sides.stored().contains(&side);
        let mut filled = vec![0_u32; if corpus.sides.iter().any(belongs) { (count - first_shared) as usize } else { 0 }];
        for (text, _) in corpus.sides.iter().enumerate().filter(|(_, sides)| belongs(sides)) {
            for element in corpus.elements.of(text).iter().take(corpus.beginning(text)).filter_map(|rank| rank.checked_sub(first_shared)) {
                filled[element as usize] += 1;
            }
        }
        let total: usize = filled.iter().map(|&places| places as usize).sum();
        let mut rare = Half { first: first_shared, spans: Vec::new(), texts: Vec::new(), reaches: Vec::new(), stored: 0 };
        let mut places = 0;
        let mut spans = filled.into_iter().map(|filled| {
            let span = Span { start: places, filled: 0 };
            places += filled as usize;
            (span, places)
        });
        let mut end = 0;
        while end < total / 2
            && let Some((span, next)) = spans.next()
        {
            rare.spans.push(span);
            end = next;
        }
        let others = spans.map(|(span, _)| Span { start: span.start - end, filled: 0 }).collect();
        rare.resize(end);
        let first = first_shared + u32::try_from(rare.spans.len()).unwrap_or(u32::MAX);
        let mut frequent = Half { first, spans: others, texts: Vec::new(), reaches: Vec::new(), stored: 0 };
        frequent.resize(total - end);
        Self { side, rare, frequent }
    }

    fn stored(&self) -> usize {
        self.rare.stored + self.frequent.stored
    }

    fn is_empty(&self) -> bool {
        self.rare.spans.is_empty() && self.frequent.spans.is_empty()
    }

    /// Puts texts into their places, after the places that no text of the length `dead_from` or above can use are taken out.
    fn store(&mut self, corpus: &Corpus, texts: Range<usize>, dead_from: Option<u32>, is_shared: bool) {
        if self.is_empty() {
            return;
        }
        let side = self.side;
        let fill = |half: &mut Half| {
            if let Some(length) = dead_from {
                half.bury(length);
            }
            half.store(corpus, side, texts.clone());
        };
        let (rare, frequent) = (&mut self.rare, &mut self.frequent);
        side_by_side_if(is_shared, || fill(rare), || fill(frequent));
    }

    /// The texts under an element, in their order.
    fn under(&self, element: u32) -> &[u32] {
        if element < self.frequent.first { self.rare.under(element) } else { self.frequent.under(element) }
    }
}

impl Half {
    fn resize(&mut self, places: usize) {
        self.texts.resize(places, 0);
        self.reaches.resize(places, 0);
    }

    fn under(&self, element: u32) -> &[u32] {
        let Some(span) = element.checked_sub(self.first).and_then(|element| self.spans.get(element as usize)) else { return &[] };
        &self.texts[span.start..span.start + span.filled as usize]
    }

    fn store(&mut self, corpus: &Corpus, side: usize, texts: Range<usize>) {
        for text in texts.filter(|&text| corpus.sides[text].stored().contains(&side)) {
            let length = corpus.lengths[text];
            let beginning = corpus.elements.of(text).iter().take(corpus.beginning(text));
            for (position, element) in (0_u32..).zip(beginning) {
                let Some(span) = element.checked_sub(self.first).and_then(|element| self.spans.get_mut(element as usize)) else { continue };
                let place = span.start + span.filled as usize;
                self.texts[place] = u32::try_from(text).unwrap_or(u32::MAX);
                self.reaches[place] = corpus.reach(length, position);
                span.filled += 1;
                self.stored += 1;
            }
        }
    }

    /// Takes out the places that no text of this length or above can use.
    fn bury(&mut self, length: u32) {
        self.stored = 0;
        for span in &mut self.spans {
            let mut kept = span.start;
            for place in span.start..span.start + span.filled as usize {
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

/// One share of the looking up.
struct Search<'a> {
    corpus: &'a Corpus,
    /// By text: how many elements were found to be shared with the text in hand; zero between texts.
    counts: Vec<u8>,
    /// Elements under which to look, each with the text at which to stop.
    lists: Vec<(u32, u32)>,
    /// Shorter texts that share enough early elements with the text in hand.
    candidates: Vec<u32>,
    /// By element: whether the text in hand has it; none between texts.
    marks: Vec<bool>,
    links: Vec<Link>,
    most: usize,
    /// How many places were read since dead ones were last taken out.
    read: usize,
}

impl<'a> Search<'a> {
    fn new(corpus: &'a Corpus, most: usize) -> Self {
        let (lists, candidates, marks, links) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { corpus, counts: vec![0; corpus.lengths.len()], lists, candidates, marks, links, most, read: 0 }
    }

    fn is_over(&self) -> bool {
        self.links.len() > self.most
    }

    /// Looks up those of the texts whose number is `share` modulo `shares`.
    fn run(&mut self, shelves: &[Shelf; 2], texts: Range<usize>, share: usize, shares: usize) {
        for text in texts.filter(|text| text % shares == share) {
            for &side in self.corpus.sides[text].sought() {
                if !shelves[side].is_empty() {
                    self.look_up(u32::try_from(text).unwrap_or(u32::MAX), &shelves[side]);
                }
            }
            if self.is_over() {
                return;
            }
        }
    }

    /// Links a text with the shorter ones on a shelf.
    fn look_up(&mut self, longer: u32, shelf: &Shelf) {
        self.open(longer, shelf);
        self.gather(longer, shelf);
        let corpus = self.corpus;
        let text = longer as usize;
        let is_marked = self.candidates.len() > MANY_CANDIDATES;
        if is_marked {
            self.marks.resize(corpus.elements.count as usize, false);
            self.mark(text, true);
        }
        for &shorter in &self.candidates {
            let other = shorter as usize;
            let shared = || if is_marked { corpus.shared_with(&self.marks, text, other) } else { corpus.shared(text, other) };
            if corpus.numbers[text] == corpus.numbers[other]
                && let Some(shared) = shared()
            {
                self.links.push(Link { shorter, longer, shared });
            }
        }
        if is_marked {
            self.mark(text, false);
        }
    }

    fn mark(&mut self, text: usize, is_marked: bool) {
        for &element in self.corpus.elements.of(text) {
            self.marks[element as usize] = is_marked;
        }
    }

    /// Chooses the lists in which a text must look. All first places are read here, one after the other and without waiting, so that
    /// they are at hand when the lists are walked.
    fn open(&mut self, longer: u32, shelf: &Shelf) {
        self.lists.clear();
        let corpus = self.corpus;
        let length = corpus.lengths[longer as usize];
        let least = corpus.threshold.least_partner(length);
        let common = corpus.common(length);
        for (position, &element) in (0_u32..).zip(corpus.elements.of(longer as usize)) {
            let reach = corpus.threshold.reach(length, length - position + (common - 1));
            if reach < least {
                break;
            }
            if element >= corpus.elements.first_shared {
                let earlier = if reach < length { corpus.up_to_length[reach as usize].min(longer) } else { longer };
                if shelf.under(element).first().is_some_and(|&first| first < earlier) {
                    self.lists.push((element, earlier));
                }
            }
        }
    }

    /// Finds the shorter texts that share enough elements early on.
    fn gather(&mut self, longer: u32, shelf: &Shelf) {
        self.candidates.clear();
        let common = u8::try_from(self.corpus.common(self.corpus.lengths[longer as usize])).unwrap_or(u8::MAX);
        let counts = self.counts.as_mut_slice();
        for &(element, earlier) in &self.lists {
            for &text in shelf.under(element) {
                if text >= earlier {
                    break;
                }
                let count = &mut counts[text as usize];
                *count = count.saturating_add(1);
                if *count == common {
                    self.candidates.push(text);
                }
                self.read += 1;
            }
        }
        counts[..longer as usize].fill(0);
    }
}
