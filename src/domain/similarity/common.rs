//! Owns which parts two texts share, for marking them on screen. Refuses to know how similar the
//! texts are, and how marks look.

use crate::domain::renaming::fold_character_simply;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

/// The shortest part worth a mark: one gram.
const SHORTEST: usize = 2;

/// Longer texts are marked up to here: the work grows with the product of the lengths.
const MOST_CHARACTERS: usize = 4_000;

/// The blocks that two texts share, as ranges of characters in each: the longest first (of equally
/// long ones the earliest on the left, then on the right), none over another, each as long as it
/// can be, none under two characters.
///
/// Width, case and script (Traditional or simplified) do not matter, and the ranges are those of the texts as given. Blocks need not
/// stand in the same order: a sentence that was moved is marked too, as it counts for similarity.
/// Only the first 4,000 characters of a text are looked at.
#[must_use]
pub fn common_parts(left: &str, right: &str) -> Vec<(Range<usize>, Range<usize>)> {
    let characters = |text: &str| -> Vec<char> { text.chars().take(MOST_CHARACTERS).map(fold_character_simply).collect() };
    let (left, right) = (characters(left), characters(right));
    let mut candidates = runs(&left, &right);
    let mut left_taken = vec![false; left.len()];
    let mut right_taken = vec![false; right.len()];
    let mut parts = Vec::new();
    while let Some((length, Reverse(from), Reverse(to))) = candidates.pop() {
        let is_free = |&step: &usize| !left_taken[from + step] && !right_taken[to + step];
        if (0..length).all(|step| is_free(&step)) {
            left_taken[from..from + length].fill(true);
            right_taken[to..to + length].fill(true);
            parts.push((from..from + length, to..to + length));
            continue;
        }
        // What a longer block left over of this one goes back in line.
        let mut step = 0;
        while step < length {
            let free = (step..length).take_while(is_free).count();
            if free >= SHORTEST {
                candidates.push((free, Reverse(from + step), Reverse(to + step)));
            }
            step += free + 1;
        }
    }
    parts
}

/// A run of equal characters: its length, where it starts on the left and on the right; ordered so
/// that the one to take first is the greatest.
type Run = (usize, Reverse<usize>, Reverse<usize>);

/// All runs that cannot grow on either side.
fn runs(left: &[char], right: &[char]) -> BinaryHeap<Run> {
    let mut found = BinaryHeap::new();
    // By place on the right: how long the run is that ends there and at the current left place.
    let mut lengths = vec![0_usize; right.len()];
    for (from, character) in left.iter().enumerate() {
        let mut before = 0;
        for (to, other) in right.iter().enumerate() {
            let length = if character == other { before + 1 } else { 0 };
            before = std::mem::replace(&mut lengths[to], length);
            let grows = left.get(from + 1).is_some_and(|next| right.get(to + 1) == Some(next));
            if length >= SHORTEST && !grows {
                found.push((length, Reverse(from + 1 - length), Reverse(to + 1 - length)));
            }
        }
    }
    found
}
