//! Owns the 统一社会信用代码 of a unit (GB 32100-2015): its alphabet, its length, its check digit. Refuses to know where a code came from
//! and whether a unit has it.
//!
//! Decision worth knowing: a code that breaks the standard is kept as received and reported; what the right one is cannot be known.

/// The characters of a code in the order of their values: I, O, S, V and Z are none of them.
const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
/// Characters of a code, the check digit the last.
const LENGTH: usize = 18;

/// What is wrong with a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeFault {
    /// Not 18 characters; how many it has.
    Length(usize),
    /// A character that no code has.
    Character(char),
    /// One character eighteen times: something typed because the cell must not be empty.
    Placeholder,
    /// The check digit is not the one that the other 17 give.
    CheckDigit,
}

impl CodeFault {
    /// The fault in words.
    #[must_use]
    pub fn message(self) -> String {
        match self {
            Self::Length(count) => format!("统一社会信用代码应为 18 位，这里是 {count} 位"),
            Self::Character(character) => format!("统一社会信用代码里不会有“{character}”"),
            Self::Placeholder => "统一社会信用代码全是同一个字符，不是真实的代码".to_owned(),
            Self::CheckDigit => "统一社会信用代码的最后一位（校验码）与前 17 位不符，至少有一位写错".to_owned(),
        }
    }
}

/// The code as it is compared: without white space, in capital letters, in half width.
#[must_use]
pub fn fold_credit_code(code: &str) -> String {
    super::folding::fold_text(code).to_uppercase()
}

/// Checks a code, folded or not.
///
/// # Errors
/// What is wrong with it; an empty code has the wrong length.
pub fn check_credit_code(code: &str) -> Result<(), CodeFault> {
    let folded = fold_credit_code(code);
    let count = folded.chars().count();
    if count != LENGTH {
        return Err(CodeFault::Length(count));
    }
    if folded.chars().skip(1).zip(folded.chars()).all(|(one, other)| one == other) {
        return Err(CodeFault::Placeholder);
    }
    let mut weight = 1_usize;
    let mut sum = 0_usize;
    let modulus = ALPHABET.len();
    for (place, character) in folded.chars().enumerate() {
        let value = ALPHABET.chars().position(|known| known == character).ok_or(CodeFault::Character(character))?;
        // The check digit makes the sum a multiple of 31; it stands with weight 1.
        sum += if place + 1 == LENGTH { value } else { value * weight };
        weight = weight * 3 % modulus;
    }
    if sum.is_multiple_of(modulus) { Ok(()) } else { Err(CodeFault::CheckDigit) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A code with the check digit that its 17 characters give, by the formula of the standard, written down once more.
    fn with_check_digit(body: &str) -> String {
        let weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
        let sum: usize = body.chars().zip(weights).map(|(character, weight)| ALPHABET.find(character).expect("known") * weight).sum();
        let digit = (31 - sum % 31) % 31;
        format!("{body}{}", ALPHABET.chars().nth(digit).expect("31 characters"))
    }

    #[test]
    fn known_codes() {
        // Of the standard's kind, invented: an enterprise, an institution, a social group.
        for body in ["91310000MA1FL0001", "12310000425000001", "51310000500000001"] {
            let code = with_check_digit(body);
            assert_eq!(check_credit_code(&code), Ok(()), "{code}");
            assert_eq!(check_credit_code(&format!(" {} ", code.to_lowercase())), Ok(()));
        }
        // Eighteen zeros keep the arithmetic of the check digit.
        assert_eq!(check_credit_code("000000000000000000"), Err(CodeFault::Placeholder));
        assert_eq!(check_credit_code("9131"), Err(CodeFault::Length(4)));
        assert_eq!(check_credit_code(""), Err(CodeFault::Length(0)));
        assert_eq!(check_credit_code("91310000MA1FLOOO11"), Err(CodeFault::Character('O')));
        assert_eq!(check_credit_code("91310000MA1FL00\u{FFFD}11"), Err(CodeFault::Character('\u{FFFD}')));
    }

    proptest! {
        #[test]
        fn one_wrong_character_is_always_found(body in "[0-9A-HJ-NPQRTUWXY]{17}", place in 0_usize..18, other in 0_usize..31) {
            let code = with_check_digit(&body);
            prop_assume!(body.chars().any(|character| !body.starts_with(character)));
            prop_assert_eq!(check_credit_code(&code), Ok(()));
            let other = ALPHABET.chars().nth(other).expect("31 characters");
            let wrong: String = code.chars().enumerate().map(|(at, own)| if at == place { other } else { own }).collect();
            prop_assert_eq!(check_credit_code(&wrong).is_ok(), wrong == code);
        }

        #[test]
        fn any_text_is_answered(text in ".*") {
            let _ = check_credit_code(&text);
        }
    }
}
