//! Owns similarities and thresholds as exact fractions. Refuses to know what is measured. No
//! fraction is ever divided out: everything is decided by multiplying crosswise in 64 bits.

use std::cmp::Ordering;
use std::fmt;

/// An exact similarity from 0 to 1, in lowest terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ratio {
    numerator: u32,
    denominator: u32,
}

impl Ratio {
    /// The similarity of two equal texts.
    pub const ONE: Self = Self { numerator: 1, denominator: 1 };

    /// Nothing in common.
    pub const ZERO: Self = Self { numerator: 0, denominator: 1 };

    /// `part` of `whole`; nothing of nothing is zero, more than the whole is one.
    #[must_use]
    pub fn new(part: u32, whole: u32) -> Self {
        if part == 0 || whole == 0 {
            return Self::ZERO;
        }
        let (mut divisor, mut remainder) = (whole, part.min(whole));
        while remainder != 0 {
            (divisor, remainder) = (remainder, divisor % remainder);
        }
        Self { numerator: part.min(whole) / divisor, denominator: whole / divisor }
    }

    /// Of the fraction in lowest terms.
    #[must_use]
    pub fn numerator(self) -> u32 {
        self.numerator
    }

    /// Of the fraction in lowest terms; never zero.
    #[must_use]
    pub fn denominator(self) -> u32 {
        self.denominator
    }
}

impl Ord for Ratio {
    fn cmp(&self, other: &Self) -> Ordering {
        let ours = u64::from(self.numerator) * u64::from(other.denominator);
        let theirs = u64::from(other.numerator) * u64::from(self.denominator);
        ours.cmp(&theirs)
    }
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Two decimals, cut and not rounded: `1.00` is shown for equal grams only, and a pair at a
/// threshold is never shown below it.
impl fmt::Display for Ratio {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hundredths = u64::from(self.numerator) * 100 / u64::from(self.denominator);
        write!(formatter, "{}.{:02}", hundredths / 100, hundredths % 100)
    }
}

/// The least similarity that counts: an exact fraction above 0, at most 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threshold {
    numerator: u32,
    denominator: u32,
}

impl Threshold {
    /// Equal texts only.
    pub const ONE: Self = Self { numerator: 1, denominator: 1 };

    /// The threshold `numerator / denominator`, if it lies in (0, 1].
    #[must_use]
    pub fn new(numerator: u32, denominator: u32) -> Option<Self> {
        let ratio = Ratio::new(numerator, denominator);
        (numerator > 0 && numerator <= denominator).then_some(Self { numerator: ratio.numerator, denominator: ratio.denominator })
    }

    /// Reads a decimal such as `0.8`, `0.80` or `1`: at most nine decimals, in (0, 1].
    #[must_use]
    pub fn from_decimal(decimal: &str) -> Option<Self> {
        let (whole, fraction) = decimal.trim().split_once('.').unwrap_or((decimal.trim(), "0"));
        let digits = |part: &str| {
            let plain = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| part.parse::<u32>().ok()).flatten()
        };
        let scale = 10_u32.checked_pow(u32::try_from(fraction.len()).ok()?)?;
        let numerator = digits(whole)?.checked_mul(scale)?.checked_add(digits(fraction)?)?;
        Self::new(numerator, scale)
    }

    /// Whether a similarity reaches the threshold.
    #[must_use]
    pub fn admits(self, similarity: Ratio) -> bool {
        u64::from(similarity.numerator) * u64::from(self.denominator) >= u64::from(self.numerator) * u64::from(similarity.denominator)
    }

    /// How many grams two texts of these many grams must share.
    ///
    /// shared ÷ (left + right − shared) ≥ n ÷ d means shared × (n + d) ≥ n × (left + right).
    pub(super) fn needed(self, left: u32, right: u32) -> u32 {
        let (numerator, denominator) = (u64::from(self.numerator), u64::from(self.denominator));
        let both = u64::from(left) + u64::from(right);
        narrow((numerator * both).div_ceil(numerator + denominator))
    }

    /// In how many grams a text of this length and a partner that is no longer can differ at most: those of each that the other has not.
    ///
    /// left + right − 2 × shared ≤ (left + right) × (d − n) ÷ (n + d), which grows with both.
    pub(super) fn most_differing(self, length: u32) -> u32 {
        let (numerator, denominator) = (u64::from(self.numerator), u64::from(self.denominator));
        narrow((denominator - numerator).saturating_mul(2 * u64::from(length)) / (numerator + denominator))
    }

    /// The least number of grams that a partner of a text of this length can have.
    pub(super) fn least_partner(self, length: u32) -> u32 {
        let (numerator, denominator) = (u64::from(self.numerator), u64::from(self.denominator));
        narrow((numerator * u64::from(length)).div_ceil(denominator))
    }

    /// The greatest number of grams that a partner can have, if only `remaining` of the `length`
    /// grams of a text are still open to be shared.
    pub(super) fn reach(self, length: u32, remaining: u32) -> u32 {
        let (numerator, denominator) = (u64::from(self.numerator), u64::from(self.denominator));
        let both = u64::from(remaining) * (numerator + denominator) / numerator;
        narrow(both.saturating_sub(u64::from(length)))
    }
}

/// A reach beyond 32 bits is as good as none: no text has as many grams.
fn narrow(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
