//! Owns finding titles that are nearly the same as a text, by the pairs of characters that they share. Refuses to know works.
//!
//! Decision worth knowing: a title as alike as [`SHARE`] must share one of the text's rarest pairs, so only the titles with those are
//! looked at: no text is compared with all titles, and none is missed.

use rustc_hash::FxHashMap;

use super::name::is_numeral;

/// Shared pairs of all pairs, in tenths: from here on two titles are nearly the same, where nothing else tells whose a file is.
const SHARE: usize = 8;
/// The same among the few titles of a known unit.
const SHARE_OF_UNIT: usize = 6;
/// Shorter texts say too little.
const SHORTEST: usize = 5;

/// Titles by their pairs.
#[derive(Debug, Clone, Default)]
pub(super) struct Likely {
    titles: Vec<(usize, String)>,
    by_pair: FxHashMap<(char, char), Vec<u32>>,
}

impl Likely {
    pub(super) fn add(&mut self, place: usize, title: &str) {
        let Ok(number) = u32::try_from(self.titles.len()) else { return };
        let mut pairs = pairs(title);
        pairs.dedup();
        for pair in pairs {
            self.by_pair.entry(pair).or_default().push(number);
        }
        self.titles.push((place, title.to_owned()));
    }

    /// The places of titles that are nearly this text, ascending.
    pub(super) fn find(&self, text: &str) -> Vec<usize> {
        let mut own = pairs(text);
        if text.chars().count() < SHORTEST {
            return Vec::new();
        }
        let frequency = |pair: &(char, char)| self.by_pair.get(pair).map_or(0, Vec::len);
        own.sort_by_key(|pair| (frequency(pair), *pair));
        // Of n pairs at least SHARE tenths are shared, so one of the first n − ⌈SHARE·n⌉ + 1 is.
        let needed = (own.len() * SHARE).div_ceil(10);
        let mut numbers: Vec<u32> =
            own.iter().take((own.len() + 1).saturating_sub(needed)).filter_map(|pair| self.by_pair.get(pair)).flatten().copied().collect();
        numbers.sort_unstable();
        numbers.dedup();
        let candidates = numbers.iter().filter_map(|number| self.titles.get(usize::try_from(*number).ok()?));
        let mut places: Vec<usize> = candidates.filter(|(_, title)| alike(title, text, SHARE)).map(|(place, _)| *place).collect();
        places.sort_unstable();
        places
    }
}

/// Whether two titles of one unit are nearly the same.
pub(super) fn is_like(title: &str, text: &str) -> bool {
    text.chars().count() >= SHORTEST && alike(title, text, SHARE_OF_UNIT)
}

/// Whether two texts share so many tenths of their pairs, and name the same numbers: 1984 is not 1987.
fn alike(left: &str, right: &str, share: usize) -> bool {
    if numbers(left) != numbers(right) {
        return false;
    }
    let (left, right) = (pairs(left), pairs(right));
    let (mut one, mut other, mut shared) = (0, 0, 0);
    while let (Some(first), Some(second)) = (left.get(one), right.get(other)) {
        match first.cmp(second) {
            std::cmp::Ordering::Less => one += 1,
            std::cmp::Ordering::Greater => other += 1,
            std::cmp::Ordering::Equal => {
                shared += 1;
                one += 1;
                other += 1;
            }
        }
    }
    let all = left.len() + right.len() - shared;
    all > 0 && shared * 10 >= all * share
}

/// The pairs of neighbours, sorted, repeated ones too.
fn pairs(text: &str) -> Vec<(char, char)> {
    let mut pairs: Vec<(char, char)> = text.chars().zip(text.chars().skip(1)).collect();
    pairs.sort_unstable();
    pairs
}

fn numbers(text: &str) -> Vec<&str> {
    let mut numbers: Vec<&str> =
        text.split(|letter: char| !(letter.is_ascii_digit() || is_numeral(letter))).filter(|digits| !digits.is_empty()).collect();
    numbers.sort_unstable();
    numbers
}
