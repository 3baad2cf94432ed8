//! Owns the search among few texts: each pair is looked at, most of them only as sketches. Refuses to know which works share a text, and
//! the search among many.
//!
//! A sketch has a bit for each class of grams (their hash): whether the text has an odd number of them. Each gram that only one of two
//! texts has turns one bit, so the texts differ in at least as many grams as their sketches in bits; and a pair whose sketches differ in
//! more bits than the threshold allows grams needs no second look. No pair is missed. For a thousand summaries, numbering all elements as
//! [`super::probe`] does takes up to four times as long, for as many titles about as long (`cargo bench --bench similarity`).

use super::grams::{self, Dictionary};
use super::probe::{Distinct, Found, Link};

/// So many texts are few: the work grows with their square.
const MOST_TEXTS: usize = 1_000;
/// The most grams that a text may have here: sketches of longer ones would be as long.
const LONGEST: u32 = 4_096;
/// The least number of bits of a sketch, and of bits for each gram of the longest text: with fewer, texts that have nothing in common
/// differ in too few bits.
const LEAST_BITS: u32 = 512;
const BITS_FOR_A_GRAM: u32 = 2;

/// Whether the texts are few and short enough.
pub(super) fn are_few(texts: &Distinct<'_>) -> bool {
    texts.lengths.len() <= MOST_TEXTS && texts.lengths.last().is_none_or(|&longest| longest <= LONGEST)
}

/// Finds every link, or stops after `most` of them.
pub(super) fn search(texts: &Distinct<'_>, most: usize) -> Found {
    let sketches = Sketches::of(texts);
    let mut whole = Whole::new(&texts.texts);
    let mut links = Vec::new();
    for (longer, &length) in texts.lengths.iter().enumerate() {
        let least = texts.threshold.least_partner(length);
        let first = texts.lengths[..longer].partition_point(|&shorter| shorter < least);
        let differing = texts.threshold.most_differing(length);
        let is_candidate =
            |&shorter: &usize| sketches.differ_in_at_most(differing, shorter, longer) && texts.may_be_linked(longer, shorter);
        for shorter in (first..longer).filter(is_candidate) {
            let shared = whole.shared(longer, shorter);
            if shared >= texts.needed(longer, shorter) {
                if links.len() == most {
                    return Found { links, complete: false };
                }
                links.push(Link { shorter: number(shorter), longer: number(longer), shared });
            }
        }
    }
    Found { links, complete: true }
}

/// The elements of those texts that are looked at whole. Those of one text are marked, so that each other text is compared with it by
/// asking once for each of its elements.
struct Whole<'a> {
    texts: &'a [&'a str],
    dictionary: Dictionary,
    elements: Vec<Vec<u32>>,
    marked: Option<usize>,
    marks: Vec<bool>,
}

impl<'a> Whole<'a> {
    fn new(texts: &'a [&'a str]) -> Self {
        Self { texts, dictionary: Dictionary::default(), elements: vec![Vec::new(); texts.len()], marked: None, marks: Vec::new() }
    }

    /// How many elements the two share.
    fn shared(&mut self, marked: usize, other: usize) -> u32 {
        self.read(other);
        if self.marked != Some(marked) {
            self.read(marked);
            if let Some(text) = self.marked.replace(marked) {
                self.mark(text, false);
            }
            self.mark(marked, true);
        }
        self.elements[other].iter().map(|&element| u32::from(self.marks.get(element as usize) == Some(&true))).sum()
    }

    /// Numbers the elements of a text, if they are not.
    fn read(&mut self, text: usize) {
        if self.elements[text].is_empty() {
            self.elements[text] = grams::keys(self.texts[text]).map(|gram| self.dictionary.element(number(text), gram)).collect();
        }
    }

    fn mark(&mut self, text: usize, is_marked: bool) {
        self.marks.resize(self.dictionary.len(), false);
        for &element in &self.elements[text] {
            self.marks[element as usize] = is_marked;
        }
    }
}

/// A part of a sketch: so many words are compared at once, before the next are looked at.
type Part = [u64; 4];
const BITS_OF_PART: u32 = 4 * u64::BITS;

/// The sketches of all texts in one flat array.
struct Sketches {
    /// How many parts a sketch has.
    parts: usize,
    bits: Vec<Part>,
}

impl Sketches {
    fn of(texts: &Distinct<'_>) -> Self {
        let longest = texts.lengths.last().copied().unwrap_or(0);
        let classes = (longest * BITS_FOR_A_GRAM).max(LEAST_BITS).next_power_of_two();
        let shift = u64::BITS - classes.ilog2();
        let parts = (classes / BITS_OF_PART) as usize;
        let mut bits = vec![[0; 4]; parts * texts.texts.len()];
        for (text, sketch) in texts.texts.iter().zip(bits.chunks_exact_mut(parts)) {
            let words = sketch.as_flattened_mut();
            for gram in grams::keys(text) {
                // The upper bits of the product depend on all bits of the gram.
                let class = gram.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> shift;
                if let Some(word) = usize::try_from(class / u64::from(u64::BITS)).ok().and_then(|word| words.get_mut(word)) {
                    *word ^= 1 << (class % u64::from(u64::BITS));
                }
            }
        }
        Self { parts, bits }
    }

    fn differ_in_at_most(&self, most: u32, one: usize, other: usize) -> bool {
        let sketch = |text: usize| &self.bits[text * self.parts..(text + 1) * self.parts];
        // A part has 256 bits: its words are added without a check, which would keep them from being added at once.
        let differing =
            |one: &Part, other: &Part| one.iter().zip(other).fold(0_u32, |sum, (one, other)| sum.wrapping_add((one ^ other).count_ones()));
        let mut parts = sketch(one).iter().zip(sketch(other));
        parts.try_fold(most, |rest, (one, other)| rest.checked_sub(differing(one, other))).is_some()
    }
}

/// Few texts have small numbers.
fn number(text: usize) -> u32 {
    u32::try_from(text).unwrap_or(u32::MAX)
}
