//! Owns personal data: values that mask themselves in every message, table and debug print. `reveal` is the only way out, so a
//! search for it lists every place that shows a person's data. The mask is the same everywhere: two masks could be joined.

use std::fmt;

use super::field::Field;

/// Declares a text that masks itself.
macro_rules! personal {
    ($($(#[$doc:meta])* $name:ident => $mask:path),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(String);

        impl $name {
            /// Takes the text as received.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The whole text: for the staff's own lists, checks and storage, never for anything published.
            #[must_use]
            pub fn reveal(&self) -> &str {
                &self.0
            }

            /// The text with its middle hidden.
            #[must_use]
            pub fn masked(&self) -> String {
                $mask(&self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.masked())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{}({})", stringify!($name), self.masked())
            }
        }
    )+};
}

personal! {
    /// A phone number: `138****5678`.
    Phone => mask_phone,
    /// An e-mail address: `l***@example.com`.
    Email => mask_email,
    /// A contact person's name: `刘*`. (主创者 are published with their work and are plain text.)
    PersonName => mask_name,
    /// A postal address: its first six characters stay.
    Address => mask_address,
}

/// The text of a field as messages and lists may show it: masked where the field is personal, unchanged otherwise.
#[must_use]
pub fn masked_field(field: Field, text: &str) -> String {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the personal fields are the few")]
    match field {
        Field::ContactName => mask_name(text),
        Field::ContactPhone => mask_phone(text),
        Field::ContactEmail => mask_email(text),
        Field::Address => mask_address(text),
        _ => text.to_owned(),
    }
}

fn mask_phone(text: &str) -> String {
    let length = text.chars().count();
    let (head, tail) = if length >= 11 {
        (3, 4)
    } else if length >= 7 {
        (2, 2)
    } else {
        (0, 0)
    };
    keep(text, head, tail)
}

/// Between several values in one cell.
const SEPARATORS: [char; 8] = ['、', '，', ',', '；', ';', '/', ' ', '\n'];

fn mask_email(text: &str) -> String {
    if !text.contains('@') {
        return keep(text, 1, 0);
    }
    let one = |part: &str| {
        let (part, separator) = part.split_at(part.trim_end_matches(SEPARATORS).len());
        let masked = match part.split_once('@') {
            Some((name, rest)) => {
                let end = rest.find(|sign: char| !sign.is_alphanumeric() && !matches!(sign, '.' | '-')).unwrap_or(rest.len());
                let (host, beside) = rest.split_at(end);
                format!("{}***@{host}{}", name.chars().next().map_or_else(String::new, String::from), mask_beside(beside))
            }
            None => mask_beside(part),
        };
        format!("{masked}{separator}")
    };
    text.split_inclusive(SEPARATORS).map(one).collect()
}

/// What stands beside an address in its cell: a number as a phone's, a name as a name.
fn mask_beside(text: &str) -> String {
    if text.chars().filter(|character| character.is_numeric()).count() >= 7 { mask_phone(text) } else { mask_name(text) }
}

/// A text of which nobody knows what it holds: its e-mail addresses, and its numbers of seven digits and more, masked.
#[must_use]
pub fn masked_text(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut number = String::new();
    let close = |number: &mut String, masked: &mut String| {
        let digits = number.chars().filter(|character| character.is_numeric()).count();
        masked.push_str(&if digits >= 7 && !is_date(number) { mask_phone(number.trim_end()) } else { number.clone() });
        number.clear();
    };
    for word in text.split_inclusive(SEPARATORS) {
        if word.contains('@') {
            close(&mut number, &mut masked);
            masked.push_str(&mask_email(word));
            continue;
        }
        for character in word.chars() {
            // A date is whole where a blank follows: the usual thing before a number in a remark.
            if character == ' ' && is_date(&number) {
                close(&mut number, &mut masked);
            }
            // A number may be written in groups: 138 0000 0001, 021-55550000.
            let is_joint = matches!(character, ' ' | '-' | '－') && !number.is_empty();
            if matches!(character, '0'..='9' | '０'..='９') || is_joint {
                number.push(character);
            } else {
                close(&mut number, &mut masked);
                masked.push(character);
            }
        }
    }
    close(&mut number, &mut masked);
    masked
}

/// Whether a text of digits and dashes is a date of these centuries: `2024-07-05`, `2024-7`.
fn is_date(text: &str) -> bool {
    let mut parts = text.trim_end().split('-');
    let is_year = parts.next().is_some_and(|year| year.len() == 4 && (year.starts_with("20") || year.starts_with("19")));
    let rest: Vec<&str> = parts.collect();
    is_year && matches!(rest.len(), 1 | 2) && rest.iter().all(|part| matches!(part.len(), 1 | 2))
}

fn mask_name(text: &str) -> String {
    keep(text, 1, 0)
}

fn mask_address(text: &str) -> String {
    keep(text, 6, 0)
}

/// `head` characters, four or fewer stars, `tail` characters; what is too short for that is stars only.
fn keep(text: &str, head: usize, tail: usize) -> String {
    let characters: Vec<char> = text.chars().collect();
    let hidden = characters.len().saturating_sub(head + tail);
    if hidden == 0 {
        return "*".repeat(characters.len());
    }
    let head: String = characters.iter().take(head).collect();
    let tail: String = characters.iter().skip(characters.len() - tail).collect();
    format!("{head}{}{tail}", "*".repeat(hidden.min(4)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_print_is_masked() {
        let phone = Phone::new("13800001234");
        assert_eq!(phone.to_string(), "138****1234");
        assert_eq!(format!("{phone:?}"), "Phone(138****1234)");
        assert_eq!(Email::new("liu@example.com").to_string(), "l***@example.com");
        assert_eq!(Email::new("liu@example.com；wang@example.com").to_string(), "l***@example.com；w***@example.com");
        // What stands beside an address is masked too.
        assert_eq!(Email::new("13800001234/liu@example.com").to_string(), "138****1234/l***@example.com");
        assert_eq!(Email::new("刘巍 liu@example.com（丙某）").to_string(), "刘* l***@example.com（***");
        assert_eq!(PersonName::new("刘巍").to_string(), "刘*");
        assert_eq!(PersonName::new("刘").to_string(), "*");
    }

    #[test]
    fn what_nobody_knows_is_masked_by_its_looks() {
        assert_eq!(masked_text("请联系13800001234，或 021-55550000"), "请联系138****1234，或 021****0000");
        assert_eq!(masked_text("138 0000 1234"), "138****1234");
        assert_eq!(masked_text("邮箱 wang@example.com"), "邮箱 w***@example.com");
        assert_eq!(masked_text("2024-07-05 13800001234"), "2024-07-05 138****1234");
        assert_eq!(masked_text("2024-07-05 021-55550000"), "2024-07-05 021****0000");
        assert_eq!(masked_text("2024-7-5-13800001234"), "202****1234");
        for plain in ["2024-07-05的故事", "2024-07-05 16:30", "质量 100 分", "", "ISO9001"] {
            assert_eq!(masked_text(plain), plain);
        }
    }
}
