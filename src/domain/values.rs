//! Owns the small values that everything is made of: numbers of works, row identities, and exact points.
//!
//! Decision worth knowing: points as people write them are [`Points`], a fixed-point decimal; points as rules compute them are
//! [`Exact`] (in `domain::exact`), a fraction of unbounded integers. A mean of three marks is no decimal, so nothing is rounded until a rule names the
//! rounding. No float exists anywhere in between.

use std::cmp::Ordering;
use std::fmt;

use super::digits::Digits;
pub use super::exact::Exact;
use super::folding::fold_text;

/// Declares identities that are row numbers of the contest file.
macro_rules! row_identity {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);
    )+};
}

row_identity! {
    /// A work (参赛作品) in this file; people use its [`EntryNumber`].
    EntryId,
    /// A unit (参赛单位).
    OrganizationId,
    /// A judge (评委).
    JudgeId,
    /// A received file, or a part of one.
    SourceId,
    /// A file of a work or a unit (参赛材料).
    AttachmentId,
    /// A recommender (推荐单位) that is on file, beside those of the rules.
    RecommenderId,
    /// The scan of a stamped recommendation sheet (盖章推荐表).
    StampedSheetId,
    /// An operation in the log.
    OperationId,
}

/// Declares identities that the rules file spells.
macro_rules! rule_identity {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Takes the identity as the rules file spells it.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The identity as the rules file spells it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    )+};
}

rule_identity! {
    /// A category's `id` (`speech`).
    CategoryId,
    /// A round's `id` (`preliminary`).
    RoundId,
    /// An award's `id` (`first`).
    AwardId,
}

/// A work's number as printed: the category's prefix and a serial of at least three digits (`Y001`).
/// Ordered by prefix, then by serial as a number, so `Y999` comes before `Y1000`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EntryNumber(String);

impl EntryNumber {
    /// The number of the `serial`-th work of the category with this prefix.
    #[must_use]
    pub fn from_parts(prefix: &str, serial: u32) -> Self {
        Self(format!("{prefix}{serial:03}"))
    }

    /// Takes a number as a person types it: full-width letters and digits are understood.
    #[must_use]
    pub fn typed(text: &str) -> Self {
        Self::new(&fold_text(text))
    }

    /// Takes a number as stored; letters are folded to upper case.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.trim().to_uppercase())
    }

    /// The number as printed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn key(&self) -> (&str, usize, &str) {
        let digits = self.0.bytes().rev().take_while(u8::is_ascii_digit).count();
        let (prefix, serial) = self.0.split_at(self.0.len() - digits);
        let serial = serial.trim_start_matches('0');
        (prefix, serial.len(), serial)
    }
}

impl PartialOrd for EntryNumber {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for EntryNumber {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key()).then_with(|| self.0.cmp(&other.0))
    }
}

impl fmt::Display for EntryNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

/// Why a text is no [`Points`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PointsError {
    /// Not a plain decimal number.
    NotANumber,
    /// More than six decimals.
    TooManyDecimals,
    /// Beyond ±1,000,000,000.
    OutOfRange,
}

/// Points as entered: an exact decimal with at most six decimals, between −10⁹ and 10⁹.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Points(i64);

impl Points {
    /// No points.
    pub const ZERO: Self = Self(0);
    /// How many decimals are kept.
    pub const DECIMALS: u32 = 6;
    const SCALE: i64 = 1_000_000;
    const LIMIT: i64 = 1_000_000_000 * Self::SCALE;

    /// Reads a plain decimal (`92.5`, `-0.2`, `８９` after folding is the caller's). No exponent, no thousands separator.
    ///
    /// # Errors
    /// A text that is no decimal, has more than six decimals, or is out of range.
    pub fn parse(text: &str) -> Result<Self, PointsError> {
        let text = text.trim();
        let (negative, digits) = match text.strip_prefix(['-', '−']) {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() || (digits.contains('.') && fraction.is_empty()) {
            return Err(PointsError::NotANumber);
        }
        if !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
            return Err(PointsError::NotANumber);
        }
        let fraction = fraction.trim_end_matches('0');
        if fraction.len() > Self::DECIMALS as usize {
            return Err(PointsError::TooManyDecimals);
        }
        let whole: i64 = whole.parse().map_err(|_| PointsError::OutOfRange)?;
        let millionths: i64 = format!("{fraction:0<6}").parse().map_err(|_| PointsError::NotANumber)?;
        let value = whole.checked_mul(Self::SCALE).and_then(|scaled| scaled.checked_add(millionths)).ok_or(PointsError::OutOfRange)?;
        if value > Self::LIMIT {
            return Err(PointsError::OutOfRange);
        }
        Ok(Self(if negative { -value } else { value }))
    }

    /// From millionths of a point, as the contest file stores them.
    #[must_use]
    pub fn from_millionths(millionths: i64) -> Self {
        Self(millionths.clamp(-Self::LIMIT, Self::LIMIT))
    }

    /// In millionths of a point.
    #[must_use]
    pub fn millionths(self) -> i64 {
        self.0
    }

    pub(super) fn digits(self) -> Digits {
        Digits::new(self.0 < 0, self.0.unsigned_abs(), Self::DECIMALS as usize)
    }

    /// Whether this is a whole multiple of `step`; a step of zero allows everything.
    #[must_use]
    pub fn is_multiple_of(self, step: Self) -> bool {
        step.0 == 0 || self.0 % step.0 == 0
    }
}

impl fmt::Display for Points {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.digits().short())
    }
}

/// How a half is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoundingMode {
    /// 四舍五入: a half goes away from zero (89.125 → 89.13).
    HalfUp,
    /// GB/T 8170: a half goes to the even neighbour (89.125 → 89.12).
    HalfEven,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_decimal_is_refused() {
        for text in ["", ".", "1.", ".5", "1e3", "9-", "1,000", "NaN", "1.0000001", "1000000001"] {
            assert!(Points::parse(text).is_err(), "{text}");
        }
        assert_eq!(Points::parse("1.50000000").map(Points::millionths), Ok(1_500_000));
    }

    #[test]
    fn numbers_of_works_sort_as_numbers() {
        let mut numbers = ["Y1000", "A002", "Y999", "Y010"].map(EntryNumber::new);
        numbers.sort();
        assert_eq!(numbers.map(|number| number.to_string()), ["A002", "Y010", "Y999", "Y1000"]);
    }

    proptest! {
        #[test]
        fn points_survive_their_own_text(millionths in -Points::LIMIT..=Points::LIMIT) {
            let points = Points::from_millionths(millionths);
            prop_assert_eq!(Points::parse(&points.to_string()), Ok(points));
            prop_assert_eq!(Exact::from(points).to_points(), Some(points));
        }
    }
}
