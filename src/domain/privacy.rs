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

fn mask_email(text: &str) -> String {
    match text.split_once('@') {
        Some((name, host)) => format!("{}***@{host}", name.chars().next().map_or_else(String::new, String::from)),
        None => keep(text, 1, 0),
    }
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
        assert_eq!(PersonName::new("刘巍").to_string(), "刘*");
        assert_eq!(PersonName::new("刘").to_string(), "*");
    }
}
