//! Owns [`Exact`], points as rules compute them. Refuses to round by itself: a rounding is always asked for, with its mode.
//!
//! Decision worth knowing: a fraction lives in two machine integers while it fits and in unbounded ones when it does not. The result is
//! the same either way (each value has exactly one form), only the common case needs no memory and little time.

use std::cmp::Ordering;
use std::fmt;
use std::iter::Sum;

use num_bigint::BigInt;
use num_integer::Integer as _;
use num_rational::BigRational;
use num_traits::{Signed as _, ToPrimitive as _};

use super::digits::Digits;
use super::values::{Points, RoundingMode};

/// Points as computed: an exact fraction, never rounded by itself.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Exact(Form);

/// Reduced, with a positive denominator; `Small` whenever numerator and denominator fit.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Form {
    Small { numerator: i128, denominator: i128 },
    Big(Box<BigRational>),
}

/// Millionths in a point.
const SCALE: i128 = 1_000_000;

fn greatest_common_divisor(left: i128, right: i128) -> i128 {
    match (u64::try_from(left.unsigned_abs()), u64::try_from(right.unsigned_abs())) {
        (Ok(left), Ok(right)) => i128::from(left.gcd(&right)),
        _ => left.gcd(&right),
    }
}

impl Exact {
    /// Reduces a fraction of machine integers; nothing where its sign or zero stands in the way.
    fn reduced(numerator: i128, denominator: i128) -> Option<Self> {
        if numerator == i128::MIN || denominator <= 0 {
            return None;
        }
        // Division of 64-bit integers is several times as fast, and nearly all scores are that small.
        if let (Ok(small), Ok(below)) = (i64::try_from(numerator), i64::try_from(denominator)) {
            let divisor = small.unsigned_abs().gcd(&below.unsigned_abs());
            if divisor == 1 {
                return Some(Self(Form::Small { numerator, denominator }));
            }
            let magnitude = i128::from(small.unsigned_abs() / divisor);
            let denominator = i128::from(below.unsigned_abs() / divisor);
            return Some(Self(Form::Small { numerator: if small < 0 { -magnitude } else { magnitude }, denominator }));
        }
        let divisor = greatest_common_divisor(numerator, denominator);
        Some(Self(Form::Small { numerator: numerator / divisor, denominator: denominator / divisor }))
    }

    /// Nothing.
    #[must_use]
    pub fn zero() -> Self {
        Self(Form::Small { numerator: 0, denominator: 1 })
    }

    /// A whole number.
    #[must_use]
    pub fn integer(value: i64) -> Self {
        Self(Form::Small { numerator: i128::from(value), denominator: 1 })
    }

    /// `numerator ÷ denominator`, or nothing where the denominator is zero.
    #[must_use]
    pub fn ratio(numerator: i64, denominator: i64) -> Option<Self> {
        let (numerator, denominator) = (i128::from(numerator), i128::from(denominator));
        Self::reduced(numerator * denominator.signum(), denominator.abs())
    }

    /// A sum of millionths, as the fast path of adding many [`Points`] gives it.
    #[must_use]
    pub fn from_millionths(millionths: i128) -> Self {
        Self::fraction(millionths, SCALE)
    }

    /// `numerator ÷ denominator` of sums; a denominator below one counts as one.
    #[must_use]
    pub(crate) fn fraction(numerator: i128, denominator: i128) -> Self {
        let denominator = denominator.max(1);
        Self::reduced(numerator, denominator)
            .unwrap_or_else(|| Self::from_ratio(BigRational::new(BigInt::from(numerator), BigInt::from(denominator))))
    }

    /// Whether this is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        matches!(self.0, Form::Small { numerator: 0, .. })
    }

    /// The fraction itself, for arithmetic that this type does not offer.
    #[must_use]
    pub fn to_ratio(&self) -> BigRational {
        match &self.0 {
            Form::Small { numerator, denominator } => BigRational::new_raw(BigInt::from(*numerator), BigInt::from(*denominator)),
            Form::Big(ratio) => ratio.as_ref().clone(),
        }
    }

    /// Wraps a fraction.
    #[must_use]
    pub fn from_ratio(ratio: BigRational) -> Self {
        match (ratio.numer().to_i128(), ratio.denom().to_i128()) {
            (Some(numerator), Some(denominator)) if numerator != i128::MIN => Self(Form::Small { numerator, denominator }),
            _ => Self(Form::Big(Box::new(ratio))),
        }
    }

    /// Rounded to `decimals` places.
    #[must_use]
    pub fn round(&self, decimals: u32, mode: RoundingMode) -> Self {
        if let Some(scale) = 10_i128.checked_pow(decimals)
            && let Some(rounded) = self.scaled_small(scale, mode)
        {
            return Self::fraction(rounded, scale);
        }
        let scale = BigInt::from(10).pow(decimals);
        Self::from_ratio(BigRational::new(self.scaled(&scale, mode), scale))
    }

    /// This times `scale`, rounded to a whole number, if machine integers can hold the way there.
    fn scaled_small(&self, scale: i128, mode: RoundingMode) -> Option<i128> {
        let Form::Small { numerator, denominator } = &self.0 else { return None };
        let product = numerator.checked_mul(scale)?;
        let magnitude = product.checked_abs()?;
        let (quotient, remainder) = match (u64::try_from(magnitude), u64::try_from(*denominator)) {
            (Ok(magnitude), Ok(denominator)) => (i128::from(magnitude / denominator), i128::from(magnitude % denominator)),
            _ => magnitude.div_rem(denominator),
        };
        // remainder < denominator, so this is the comparison of the remainder with a half, without doubling.
        let up = match remainder.cmp(&(denominator - remainder)) {
            Ordering::Less => false,
            Ordering::Greater => true,
            Ordering::Equal => mode == RoundingMode::HalfUp || quotient.is_odd(),
        };
        (quotient + i128::from(up)).checked_mul(product.signum())
    }

    /// This times `scale`, rounded to a whole number.
    fn scaled(&self, scale: &BigInt, mode: RoundingMode) -> BigInt {
        let ratio = self.to_ratio();
        let numerator = ratio.numer() * scale;
        let (quotient, remainder) = numerator.abs().div_rem(ratio.denom());
        let up = match (remainder * BigInt::from(2)).cmp(ratio.denom()) {
            Ordering::Less => false,
            Ordering::Greater => true,
            Ordering::Equal => mode == RoundingMode::HalfUp || quotient.is_odd(),
        };
        let magnitude = if up { quotient + 1 } else { quotient };
        if numerator.is_negative() { -magnitude } else { magnitude }
    }

    /// With `decimals` places, half up, if machine integers can hold the way there.
    fn digits(&self, decimals: u32) -> Option<Digits> {
        let places = usize::try_from(decimals).ok().filter(|places| *places <= Digits::MOST)?;
        let scaled = self.scaled_small(10_i128.checked_pow(decimals)?, RoundingMode::HalfUp)?;
        Some(Digits::new(scaled < 0, u64::try_from(scaled.unsigned_abs()).ok()?, places))
    }

    /// With exactly `decimals` places, half up: what a published score looks like (`89.10`).
    #[must_use]
    pub fn to_fixed(&self, decimals: u32) -> String {
        if let Some(digits) = self.digits(decimals) {
            return digits.fixed().to_owned();
        }
        let places = decimals as usize;
        let scaled = self.scaled(&BigInt::from(10).pow(decimals), RoundingMode::HalfUp);
        let sign = if scaled.is_negative() { "-" } else { "" };
        let digits = format!("{:0>width$}", scaled.abs(), width = places + 1);
        let (whole, fraction) = digits.split_at(digits.len() - places);
        if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
    }

    /// As entered points, if it is a decimal that they can hold.
    #[must_use]
    pub fn to_points(&self) -> Option<Points> {
        let Form::Small { numerator, denominator } = &self.0 else { return None };
        let millionths = (SCALE % denominator == 0).then(|| numerator.checked_mul(SCALE / denominator))??;
        let millionths = i64::try_from(millionths).ok()?;
        let points = Points::from_millionths(millionths);
        (points.millionths() == millionths).then_some(points)
    }
}

impl From<Points> for Exact {
    fn from(points: Points) -> Self {
        Self::from_millionths(i128::from(points.millionths()))
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Exact {
    fn cmp(&self, other: &Self) -> Ordering {
        if let (
            Form::Small { numerator: left, denominator: left_denominator },
            Form::Small { numerator: right, denominator: right_denominator },
        ) = (&self.0, &other.0)
        {
            if left_denominator == right_denominator {
                return left.cmp(right);
            }
            let small = |value: &i128| i64::try_from(*value).map(i128::from);
            if let (Ok(left), Ok(right), Ok(left_denominator), Ok(right_denominator)) =
                (small(left), small(right), small(left_denominator), small(right_denominator))
            {
                return (left * right_denominator).cmp(&(right * left_denominator));
            }
            if let (Some(left), Some(right)) = (left.checked_mul(*right_denominator), right.checked_mul(*left_denominator)) {
                return left.cmp(&right);
            }
        }
        self.to_ratio().cmp(&other.to_ratio())
    }
}

fn add_small(left: &Form, right: &Form) -> Option<Exact> {
    let (Form::Small { numerator: left, denominator: left_denominator }, Form::Small { numerator: right, denominator: right_denominator }) =
        (left, right)
    else {
        return None;
    };
    if left_denominator == right_denominator {
        return Exact::reduced(left.checked_add(*right)?, *left_denominator);
    }
    let divisor = greatest_common_divisor(*left_denominator, *right_denominator);
    let left_factor = right_denominator / divisor;
    let sum = left.checked_mul(left_factor)?.checked_add(right.checked_mul(left_denominator / divisor)?)?;
    Exact::reduced(sum, left_denominator.checked_mul(left_factor)?)
}

fn multiply_small(left: &Form, right: &Form) -> Option<Exact> {
    let (Form::Small { numerator: left, denominator: left_denominator }, Form::Small { numerator: right, denominator: right_denominator }) =
        (left, right)
    else {
        return None;
    };
    let first = greatest_common_divisor(*left, *right_denominator);
    let second = greatest_common_divisor(*right, *left_denominator);
    let numerator = (left / first).checked_mul(right / second)?;
    let denominator = (left_denominator / second).checked_mul(right_denominator / first)?;
    (numerator != i128::MIN).then_some(Exact(Form::Small { numerator, denominator }))
}

impl std::ops::Neg for &Exact {
    type Output = Exact;
    fn neg(self) -> Exact {
        match &self.0 {
            Form::Small { numerator, denominator } => Exact(Form::Small { numerator: -numerator, denominator: *denominator }),
            Form::Big(ratio) => Exact::from_ratio(-ratio.as_ref()),
        }
    }
}

impl<'a> std::ops::Add<&'a Exact> for &Exact {
    type Output = Exact;
    fn add(self, other: &'a Exact) -> Exact {
        add_small(&self.0, &other.0).unwrap_or_else(|| Exact::from_ratio(self.to_ratio() + other.to_ratio()))
    }
}

impl<'a> std::ops::Sub<&'a Exact> for &Exact {
    type Output = Exact;
    fn sub(self, other: &'a Exact) -> Exact {
        self + &-other
    }
}

impl<'a> std::ops::Mul<&'a Exact> for &Exact {
    type Output = Exact;
    fn mul(self, other: &'a Exact) -> Exact {
        multiply_small(&self.0, &other.0).unwrap_or_else(|| Exact::from_ratio(self.to_ratio() * other.to_ratio()))
    }
}

impl Sum for Exact {
    fn sum<I: Iterator<Item = Self>>(values: I) -> Self {
        values.fold(Self::zero(), |sum, value| &sum + &value)
    }
}

/// As short as it is exact, up to six decimals; what does not end by then is shown half up with six (`0.333333`).
impl fmt::Display for Exact {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(digits) = self.digits(Points::DECIMALS) {
            return formatter.pad(digits.short());
        }
        let text = self.to_fixed(Points::DECIMALS);
        formatter.pad(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl fmt::Debug for Exact {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Exact({})", self.to_ratio())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_traits::One as _;
    use proptest::prelude::*;

    fn exact(text: &str) -> Exact {
        Exact::from(Points::parse(text).expect("a decimal"))
    }

    #[test]
    fn halves_go_where_the_mode_says() {
        assert_eq!(exact("89.125").round(2, RoundingMode::HalfUp).to_fixed(2), "89.13");
        assert_eq!(exact("89.125").round(2, RoundingMode::HalfEven).to_fixed(2), "89.12");
        assert_eq!(exact("28.165").round(2, RoundingMode::HalfEven).to_fixed(2), "28.16");
        assert_eq!(exact("28.175").round(2, RoundingMode::HalfEven).to_fixed(2), "28.18");
        assert_eq!(exact("-0.125").round(2, RoundingMode::HalfUp).to_fixed(2), "-0.13");
    }

    #[test]
    fn what_outgrows_machine_integers_stays_exact() {
        let third = Exact::ratio(1, 3).expect("not zero");
        let huge = (0..200).fold(third.clone(), |product, _| &product * &third);
        let whole = (0..201).fold(huge, |product, _| &product * &Exact::integer(3));
        assert_eq!(whole, Exact::integer(1));
        assert_eq!(Exact::from_millionths(i128::MIN).to_ratio(), BigRational::new(BigInt::from(i128::MIN), BigInt::from(SCALE)));
    }

    /// Fractions around the border between the two forms, and plain ones.
    fn any_ratio() -> impl Strategy<Value = BigRational> {
        let numerator = prop_oneof![any::<i128>(), (-10_000_i128..10_000), Just(i128::MAX), Just(i128::MIN)];
        let denominator = prop_oneof![1..=i128::MAX, 1_i128..1000, Just(i128::MAX)];
        (numerator, denominator).prop_map(|(numerator, denominator)| BigRational::new(numerator.into(), denominator.into()))
    }

    proptest! {
        #[test]
        fn both_forms_compute_as_unbounded_fractions_do(left in any_ratio(), right in any_ratio(), decimals in 0_u32..45) {
            let (first, second) = (Exact::from_ratio(left.clone()), Exact::from_ratio(right.clone()));
            prop_assert_eq!(&first + &second, Exact::from_ratio(&left + &right));
            prop_assert_eq!(&first - &second, Exact::from_ratio(&left - &right));
            prop_assert_eq!(&first * &second, Exact::from_ratio(&left * &right));
            prop_assert_eq!(first.cmp(&second), left.cmp(&right));
            for mode in [RoundingMode::HalfUp, RoundingMode::HalfEven] {
                let scale = BigInt::from(10).pow(decimals);
                let slow = BigRational::new(first.scaled(&scale, mode), scale);
                prop_assert_eq!(first.round(decimals, mode), Exact::from_ratio(slow));
            }
            let digits = first.scaled(&BigInt::from(10).pow(decimals), RoundingMode::HalfUp).to_string();
            let shown: String = first.to_fixed(decimals).chars().filter(|character| *character != '.').collect();
            prop_assert_eq!(shown.parse::<BigInt>().ok(), digits.parse::<BigInt>().ok());
        }

        #[test]
        fn rounding_moves_at_most_half_a_unit(numerator in -1_000_000_i64..1_000_000, denominator in 1_i64..1000, decimals in 0_u32..5) {
            let value = Exact::ratio(numerator, denominator).expect("not zero");
            for mode in [RoundingMode::HalfUp, RoundingMode::HalfEven] {
                let moved = (&value.round(decimals, mode) - &value).to_ratio().abs();
                prop_assert!(moved * BigInt::from(2) * BigInt::from(10).pow(decimals) <= BigRational::one());
            }
        }
    }
}
