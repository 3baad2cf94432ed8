//! Owns how texts become sorted rows of numbers: their grams, the rarest first. Refuses to know
//! thresholds and pairs.
//!
//! A gram is two neighbouring characters; a text of one character has that character as its gram.
//! Grams are counted (multisets): the second 质量 of a text is another element than the first, so
//! that the plain set algorithms work on multisets unchanged.

use super::join::sorted_by_group;
use crate::domain::threads::side_by_side_if;
use rustc_hash::{FxBuildHasher, FxHashMap};

/// Texts with fewer grams than this, together, are read by one thread.
const MANY: usize = 1 << 14;

/// The elements of all texts in one flat array, as ranks: the rarer an element, the smaller.
pub(super) struct Elements {
    starts: Vec<usize>,
    ranks: Vec<u32>,
    /// The first rank of an element that several texts have; all before it stand in one text only.
    pub(super) first_shared: u32,
    /// How many elements there are.
    pub(super) count: u32,
}

impl Elements {
    /// Reads the texts, in two halves where there are many; the result is the same.
    pub(super) fn read(texts: &[&str]) -> Self {
        let mut starts = Vec::with_capacity(texts.len() + 1);
        let mut total = 0;
        starts.push(total);
        for text in texts {
            total += count(text);
            starts.push(total);
        }
        let are_many = total >= MANY;
        let middle = if are_many { starts.partition_point(|&start| start < total / 2) } else { 0 };
        let mut ranks = vec![0; total];
        let (early, late) = ranks.split_at_mut(starts[middle]);
        let (early_texts, late_texts) = texts.split_at(middle);
        let (mut dictionary, late_dictionary) =
            side_by_side_if(are_many, || Dictionary::of(early_texts, early), || Dictionary::of(late_texts, late));
        let late_ids = dictionary.absorb(&late_dictionary);
        drop(late_dictionary);
        let (rank_of, first_shared) = dictionary.into_ranks();
        let late_rank_of: Vec<u32> = late_ids.iter().map(|&id| rank_of[id as usize]).collect();
        drop(late_ids);
        side_by_side_if(are_many, || order(early, &starts[..=middle], &rank_of), || order(late, &starts[middle..], &late_rank_of));
        Self { starts, ranks, first_shared, count: next_id(rank_of.len()) }
    }

    /// The elements of a text, rarest first.
    pub(super) fn of(&self, text: usize) -> &[u32] {
        &self.ranks[self.starts[text]..self.starts[text + 1]]
    }
}

/// How many grams a text has.
pub(super) fn count(text: &str) -> usize {
    match text.chars().count() {
        0 => 0,
        1 => 1,
        more => more - 1,
    }
}

/// The keys of a text's grams, in their order.
pub(super) fn keys(text: &str) -> impl Iterator<Item = u64> {
    let mut characters = text.chars().map(|character| u64::from(u32::from(character)));
    let first = characters.next();
    let second = first.map(|_| characters.next().unwrap_or(ALONE));
    let mut left = first.unwrap_or_default();
    second.into_iter().chain(characters).map(move |right| std::mem::replace(&mut left, right) << 32 | right)
}

/// Replaces each element by its rank, and sorts each text.
fn order(ranks: &mut [u32], starts: &[usize], rank_of: &[u32]) {
    let first = starts.first().copied().unwrap_or(0);
    for bounds in starts.windows(2) {
        let row = &mut ranks[bounds[0] - first..bounds[1] - first];
        for element in &mut *row {
            *element = rank_of[*element as usize];
        }
        row.sort_unstable();
    }
}

/// What is known of an element while texts are read.
struct Known {
    last_text: u32,
    /// How often it stood in that text so far, after the first time.
    repeats: u32,
    occurrences: u32,
}

/// Numbers the elements in the order in which they are first read.
#[derive(Default)]
pub(super) struct Dictionary {
    ids: FxHashMap<u64, u32>,
    keys: Vec<u64>,
    known: Vec<Known>,
}

/// Room for so many elements is made before a dictionary is read; of many texts it grows on.
const ROOM: usize = 1 << 16;

/// Marks the key of a repeated gram; the key of a gram is two characters, below this.
const REPEATED: u64 = 1 << 63;

/// The right half of the key of a lone character: no character has this number.
const ALONE: u64 = 0xFFFF_FFFF;

/// The key of the second, third … occurrence of a gram within one text.
fn repeat_key(gram: u32, repeats: u32) -> u64 {
    REPEATED | u64::from(gram) << 31 | u64::from(repeats)
}

impl Dictionary {
    fn with_room(room: usize) -> Self {
        let ids = FxHashMap::with_capacity_and_hasher(room, FxBuildHasher);
        Self { ids, keys: Vec::with_capacity(room), known: Vec::with_capacity(room) }
    }

    /// Reads texts, and puts the numbers of their elements into the places.
    fn of(texts: &[&str], places: &mut [u32]) -> Self {
        let mut dictionary = Self::with_room((places.len() / 2).min(ROOM));
        let mut places = places.iter_mut();
        for (text, content) in (0_u32..).zip(texts) {
            for (gram, place) in keys(content).zip(&mut places) {
                *place = dictionary.element(text, gram);
            }
        }
        dictionary
    }

    /// How many elements have a number.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The number of the next gram of a text; the grams of a text are asked for one after the other.
    pub(super) fn element(&mut self, text: u32, gram: u64) -> u32 {
        let id = self.id(gram);
        let known = &mut self.known[id as usize];
        if known.last_text != text {
            known.last_text = text;
            known.repeats = 0;
            known.occurrences += 1;
            return id;
        }
        known.repeats += 1;
        let key = repeat_key(id, known.repeats);
        let repeat = self.id(key);
        self.known[repeat as usize].occurrences += 1;
        repeat
    }

    fn id(&mut self, key: u64) -> u32 {
        let id = *self.ids.entry(key).or_insert_with(|| next_id(self.keys.len()));
        if id as usize == self.keys.len() {
            self.keys.push(key);
            self.known.push(Known { last_text: u32::MAX, repeats: 0, occurrences: 0 });
        }
        id
    }

    /// Takes in what was read apart, and gives the new number of each of its elements.
    fn absorb(&mut self, other: &Self) -> Vec<u32> {
        let mut ids: Vec<u32> = Vec::with_capacity(other.keys.len());
        for (&key, known) in other.keys.iter().zip(&other.known) {
            let key = if key & REPEATED == 0 {
                key
            } else {
                // The gram itself was numbered before its repeats.
                let gram = (key & !REPEATED) >> 31;
                let gram = usize::try_from(gram).ok().and_then(|gram| ids.get(gram));
                let repeats = u32::try_from(key & 0x7FFF_FFFF).unwrap_or(u32::MAX);
                gram.map_or(key, |&gram| repeat_key(gram, repeats))
            };
            let id = self.id(key);
            self.known[id as usize].occurrences += known.occurrences;
            ids.push(id);
        }
        ids
    }

    /// The rank of each element, and the first rank of one that several texts have. Equally rare ones stand in the order in which
    /// they were first read.
    fn into_ranks(self) -> (Vec<u32>, u32) {
        let Self { ids, keys, known } = self;
        drop((ids, keys));
        let most = known.iter().map(|known| known.occurrences as usize).max().unwrap_or(0);
        let (starts, sorted) = sorted_by_group(most + 1, known.iter().map(|known| known.occurrences).zip(0_u32..));
        drop(known);
        let mut rank_of = vec![0; sorted.len()];
        for (rank, &id) in (0_u32..).zip(&sorted) {
            rank_of[id as usize] = rank;
        }
        (rank_of, next_id(starts.get(2).copied().unwrap_or(sorted.len())))
    }
}

/// Elements are numbered in 32 bits: memory ends long before the numbers do.
fn next_id(known: usize) -> u32 {
    u32::try_from(known).unwrap_or(u32::MAX)
}
