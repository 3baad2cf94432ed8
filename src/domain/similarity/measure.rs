//! Owns how similar two texts are, directly: what the join finds for many, said for one pair. Refuses to know thresholds.

use super::ratio::Ratio;

/// The measure of [`super::join`] for two folded texts: bigrams shared ÷ bigrams in either, as multisets. An empty text is similar to
/// none.
#[must_use]
pub fn similarity(left: &str, right: &str) -> Ratio {
    let (left, right) = (grams(left), grams(right));
    let (mut here, mut there, mut shared) = (0, 0, 0_usize);
    while let (Some(ours), Some(theirs)) = (left.get(here), right.get(there)) {
        here += usize::from(ours <= theirs);
        there += usize::from(theirs <= ours);
        shared += usize::from(ours == theirs);
    }
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Ratio::new(count(shared), count(left.len() + right.len() - shared))
}

/// Pairs of neighbours, sorted; a lone character stands with nothing.
fn grams(text: &str) -> Vec<(char, Option<char>)> {
    let characters: Vec<char> = text.chars().collect();
    let mut grams: Vec<_> = match characters.as_slice() {
        [alone] => vec![(*alone, None)],
        more => more.iter().copied().zip(more.iter().copied().map(Some).skip(1)).collect(),
    };
    grams.sort_unstable();
    grams
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::similarity::join::{Options, join};
    use crate::domain::similarity::ratio::Threshold;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn one_pair_is_measured_as_many_are(left in "[质量的故事]{0,9}", right in "[质量的故事]{0,9}") {
            let joined = join([&left, &right], Options::for_summaries(Threshold::new(1, 1_000).expect("a threshold")));
            let found = joined.pairs().next().map_or(Ratio::ZERO, |pair| pair.similarity);
            prop_assert_eq!(similarity(&left, &right), found);
        }
    }
}
