//! Owns how a decimal is written: its digits, without memory of their own, because a ranking writes a million of them. Refuses to round.

/// The digits of a decimal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Digits {
    text: [u8; Self::ROOM],
    begin: usize,
    /// Where it ends without zeros behind the point.
    short_end: usize,
}

impl Digits {
    /// A sign, the point, and the twenty digits of the largest magnitude with a zero before them.
    const ROOM: usize = 24;
    /// The most decimals.
    pub(super) const MOST: usize = 19;

    /// `magnitude` ÷ 10^`places` with exactly `places` decimals, at most [`MOST`](Self::MOST) of which are written.
    pub(super) fn new(is_negative: bool, magnitude: u64, places: usize) -> Self {
        let places = places.min(Self::MOST);
        let mut digits = Self { text: [b'0'; Self::ROOM], begin: Self::ROOM, short_end: Self::ROOM };
        let mut rest = magnitude;
        for _ in 0..places {
            if rest.is_multiple_of(10) && digits.short_end == digits.begin {
                digits.short_end -= 1;
            }
            digits.put_digit(&mut rest);
        }
        if places > 0 {
            if digits.short_end == digits.begin {
                digits.short_end -= 1;
            }
            digits.put(b'.');
        }
        digits.put_digit(&mut rest);
        while rest > 0 {
            digits.put_digit(&mut rest);
        }
        if is_negative {
            digits.put(b'-');
        }
        digits
    }

    fn put_digit(&mut self, rest: &mut u64) {
        let digit = u8::try_from(*rest % 10).unwrap_or_default();
        *rest /= 10;
        self.put(b'0' + digit);
    }

    /// Puts a character before the others.
    fn put(&mut self, character: u8) {
        self.begin = self.begin.saturating_sub(1);
        if let Some(place) = self.text.get_mut(self.begin) {
            *place = character;
        }
    }

    /// With all decimals: `89.50`.
    pub(super) fn fixed(&self) -> &str {
        self.between(Self::ROOM)
    }

    /// Without zeros at the end, and without a point that nothing follows: `89.5`.
    pub(super) fn short(&self) -> &str {
        self.between(self.short_end)
    }

    fn between(&self, end: usize) -> &str {
        self.text.get(self.begin..end).and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_longest_decimal_has_room() {
        assert_eq!(Digits::new(true, u64::MAX, 19).fixed(), "-1.8446744073709551615");
        assert_eq!(Digits::new(true, 5, 19).fixed(), "-0.0000000000000000005");
        assert_eq!([Digits::new(true, u64::MAX, 0).fixed(), Digits::new(false, 0, 0).short()], ["-18446744073709551615", "0"]);
        assert_eq!([Digits::new(false, 1000, 0).short(), Digits::new(false, 1000, 2).short()], ["1000", "10"]);
    }

    proptest! {
        #[test]
        fn digits_are_those_of_the_whole_number_with_a_point(negative: bool, magnitude: u64, small in 0_u64..2_000_000, places in 0_usize..=19) {
            for magnitude in [magnitude, small, small * 1000] {
                let whole = format!("{magnitude:0>width$}", width = places + 1);
                let (before, behind) = whole.split_at(whole.len() - places);
                let sign = if negative { "-" } else { "" };
                let fixed = if places == 0 { format!("{sign}{before}") } else { format!("{sign}{before}.{behind}") };
                let digits = Digits::new(negative, magnitude, places);
                prop_assert_eq!(digits.fixed(), &fixed);
                let short = if places == 0 { fixed.as_str() } else { fixed.trim_end_matches('0').trim_end_matches('.') };
                prop_assert_eq!(digits.short(), short);
            }
        }
    }
}
