//! Owns finding all known names in a text at once, by rolling hashes: for each place only the lengths of names that begin with its
//! character are looked up. Refuses to know what a name stands for.
//!
//! Decision worth knowing: memory is a few words a name, however alike the names are, and the work for a text is its length times the
//! lengths of names that could begin there, whatever their number: no file is compared with all works.

use rustc_hash::FxHashMap;

/// Longer names are never in a file's name: no system has room for them.
const LONGEST: usize = 300;
const BASE: u64 = 0x9E37_79B9_7F4A_7C15;

/// Names to be found in texts. A name's place in `names` is its identity.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    names: Vec<String>,
    by_hash: FxHashMap<u64, Vec<u32>>,
    /// How many characters the names have that begin with a character, ascending.
    lengths: FxHashMap<char, Vec<usize>>,
    by_name: FxHashMap<String, u32>,
}

/// A name found in a text, in bytes of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Occurrence {
    /// Where it begins.
    pub(super) start: usize,
    /// Where it ends.
    pub(super) end: usize,
    /// Which name.
    pub(super) name: u32,
}

fn step(hash: u64, character: char) -> u64 {
    hash.wrapping_mul(BASE).wrapping_add(u64::from(u32::from(character)) + 1)
}

impl Index {
    /// The name's identity; it is added if it is new. `None` for what can be no name.
    pub(super) fn add(&mut self, name: &str) -> Option<u32> {
        let length = name.chars().count();
        let first = name.chars().next()?;
        if length > LONGEST {
            return None;
        }
        if let Some(known) = self.by_name.get(name) {
            return Some(*known);
        }
        let identity = u32::try_from(self.names.len()).ok()?;
        self.names.push(name.to_owned());
        self.by_name.insert(name.to_owned(), identity);
        self.by_hash.entry(name.chars().fold(0, step)).or_default().push(identity);
        let lengths = self.lengths.entry(first).or_default();
        if let Err(place) = lengths.binary_search(&length) {
            lengths.insert(place, length);
        }
        Some(identity)
    }

    /// Every occurrence of every name, by place, overlapping ones too.
    pub(super) fn find(&self, text: &str) -> Vec<Occurrence> {
        // Each character with where it begins; hashes of all beginnings; powers of the base.
        let mut characters: Vec<(usize, char)> = text.char_indices().take(4 * LONGEST).collect();
        let end = characters.last().map_or(0, |(start, last)| start + last.len_utf8());
        characters.push((end, '\0'));
        let (mut hashes, mut powers) = (vec![0_u64], vec![1_u64]);
        let (mut hash, mut power) = (0_u64, 1_u64);
        for &(_, character) in &characters {
            hash = step(hash, character);
            power = power.wrapping_mul(BASE);
            hashes.push(hash);
            powers.push(power);
        }
        let mut found = Vec::new();
        for (place, &(start, character)) in characters.iter().enumerate() {
            for &length in self.lengths.get(&character).map_or(&[][..], Vec::as_slice) {
                let (Some(&(end, _)), Some(until), Some(before), Some(power)) =
                    (characters.get(place + length), hashes.get(place + length), hashes.get(place), powers.get(length))
                else {
                    break;
                };
                let hash = until.wrapping_sub(before.wrapping_mul(*power));
                let same = self
                    .by_hash
                    .get(&hash)
                    .map_or(&[][..], Vec::as_slice)
                    .iter()
                    .find(|name| self.names.get(**name as usize).is_some_and(|name| text.get(start..end) == Some(name)));
                found.extend(same.map(|&name| Occurrence { start, end, name }));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The same occurrences as looking for each name at each place.
        #[test]
        fn finds_what_a_plain_search_finds(names in prop::collection::vec("[甲乙丙a1]{1,4}", 0..12), text in "[甲乙丙a1]{0,20}") {
            let mut index = Index::default();
            let mut plain = Vec::new();
            for name in &names {
                let identity = index.add(name).unwrap();
                plain.extend(text.char_indices().filter(|(start, _)| text[*start..].starts_with(name.as_str())).map(|(start, _)| Occurrence {
                    start,
                    end: start + name.len(),
                    name: identity,
                }));
            }
            plain.sort();
            plain.dedup();
            let mut found = index.find(&text);
            found.sort();
            prop_assert_eq!(found, plain);
        }
    }
}
