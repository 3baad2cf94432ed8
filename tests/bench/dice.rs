//! Owns the chance of the benchmarks: numbers, characters and words, drawn as language draws them.

/// A small generator of its own: the same numbers on every machine.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed >> 33) % u64::try_from(limit).unwrap_or(1)).unwrap_or(0)
    }

    /// Small numbers more often than great ones, as words are in a language.
    pub(crate) fn skewed(&mut self, limit: usize) -> usize {
        let wide = self.below(limit) + 1;
        self.below(wide)
    }

    pub(crate) fn hanzi(&mut self) -> char {
        u32::try_from(self.skewed(3_000)).ok().and_then(|offset| char::from_u32(0x4E00 + offset * 6)).unwrap_or('质')
    }

    pub(crate) fn words(&mut self, count: usize) -> Vec<String> {
        (0..count).map(|_| (0..2 + self.below(5) / 4).map(|_| self.hanzi()).collect()).collect()
    }
}
