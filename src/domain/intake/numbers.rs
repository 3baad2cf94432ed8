//! Owns the numbers of works (作品编号): which are taken, which comes next, and what becomes of one that a file carries. Refuses to
//! know how works are recognised.
//!
//! Decision worth knowing: a number may be printed the moment it is given. One that an undo took back is never given to another work;
//! the same work gets it again when it comes back. A gap in the numbers is harmless, two works under one number are not.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::{Identity, RetiredNumber};
use crate::domain::rules::ContestRules;
use crate::domain::values::{CategoryId, EntryId, EntryNumber};

/// A file's serial above this is nobody's number.
const LAST_SERIAL: u32 = 99_999_999;

/// What to do with a number that the file carries.
pub(super) enum Given {
    /// There is none, or it is the work's own.
    None,
    /// It becomes the new work's number.
    Take(EntryNumber),
    /// It belongs to another work.
    Foreign(EntryNumber),
    /// It cannot be used, and why.
    SetAside(EntryNumber, String),
}

/// The numbers of a contest.
#[derive(Debug)]
pub(super) struct Numbers {
    prefixes: BTreeMap<CategoryId, String>,
    owners: FxHashMap<String, EntryId>,
    serials: BTreeMap<String, u32>,
    retired: BTreeMap<Identity, EntryNumber>,
    /// Whose a number was that an undo took back.
    retired_of: BTreeMap<String, Identity>,
}

impl Numbers {
    /// No number taken yet but those that an undo took back, oldest first.
    pub(super) fn new(rules: &ContestRules, retired: Vec<RetiredNumber>) -> Self {
        let prefixes = rules.categories.iter().map(|category| (category.id.clone(), category.prefix.to_uppercase())).collect();
        let mut numbers = Self {
            prefixes,
            owners: FxHashMap::default(),
            serials: BTreeMap::new(),
            retired: BTreeMap::new(),
            retired_of: BTreeMap::new(),
        };
        for RetiredNumber { number, identity } in retired {
            numbers.count(&identity.category, &number);
            numbers.retired_of.entry(number.as_str().to_owned()).or_insert_with(|| identity.clone());
            numbers.retired.insert(identity, number);
        }
        numbers
    }

    fn prefix(&self, category: &CategoryId) -> &str {
        self.prefixes.get(category).map_or("", String::as_str)
    }

    /// Counts a number among those of its prefix.
    fn count(&mut self, category: &CategoryId, number: &EntryNumber) {
        let text = number.as_str();
        // A category may have changed its prefix since: then the number's own letters count.
        let own = self.prefixes.get(category).and_then(|prefix| Some((prefix.as_str(), serial_of(text, prefix)?)));
        let letters = text.trim_end_matches(|character: char| character.is_ascii_digit());
        if let Some((prefix, serial)) = own.or_else(|| Some((letters, serial_of(text, letters)?))) {
            let last = self.serials.entry(prefix.to_owned()).or_default();
            *last = serial.max(*last);
        }
    }

    /// Takes a number for a work.
    pub(super) fn take(&mut self, category: &CategoryId, number: &EntryNumber, id: EntryId) {
        self.count(category, number);
        self.owners.insert(number.as_str().to_owned(), id);
    }

    /// What to do with a number that the file carries for a work, which is `known` or new.
    pub(super) fn given(&self, given: Option<&EntryNumber>, work: &Identity, known: Option<&(EntryId, EntryNumber)>) -> Given {
        let Some(given) = given.filter(|given| !given.as_str().is_empty()) else {
            return Given::None;
        };
        let prefix = self.prefix(&work.category);
        let serial = serial_of(given.as_str(), prefix).filter(|serial| *serial <= LAST_SERIAL);
        let number = serial.map(|serial| EntryNumber::from_parts(prefix, serial));
        let owner = self.owners.get(given.as_str()).or_else(|| self.owners.get(number.as_ref()?.as_str()));
        match (owner, known, number) {
            (Some(owner), Some((id, _)), _) if owner == id => Given::None,
            (Some(_), _, _) => Given::Foreign(given.clone()),
            (None, Some((_, number)), _) => Given::SetAside(given.clone(), format!("表中的编号“{given}”未采用：这件作品的编号是 {number}")),
            (None, None, Some(number)) if self.retired_of.get(number.as_str()).is_some_and(|owner| owner != work) => {
                Given::SetAside(given.clone(), format!("表中的编号“{given}”未采用：撤销前它是另一件作品的编号，不再给别的作品"))
            }
            (None, None, Some(number)) => Given::Take(number),
            (None, None, None) => {
                Given::SetAside(given.clone(), format!("表中的编号“{given}”未采用：不是这一类型的编号（{prefix} 加数字）"))
            }
        }
    }

    /// The number of a new work: the one that it had before an undo, else the one after the highest of its prefix; numbers of withdrawn
    /// works are not given again.
    pub(super) fn next(&self, identity: &Identity) -> EntryNumber {
        let prefix = self.prefix(&identity.category);
        let is_free = |number: &EntryNumber| !self.owners.contains_key(number.as_str());
        if let Some(number) = self.retired.get(identity).filter(|number| is_free(number) && serial_of(number.as_str(), prefix).is_some()) {
            return number.clone();
        }
        let mut serial = self.serials.get(prefix).copied().unwrap_or(0);
        loop {
            serial = serial.saturating_add(1);
            let number = EntryNumber::from_parts(prefix, serial);
            if serial == u32::MAX || is_free(&number) {
                return number;
            }
        }
    }
}

/// The serial behind a prefix: digits only, from 1.
fn serial_of(number: &str, prefix: &str) -> Option<u32> {
    let digits = number.strip_prefix(prefix)?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok().filter(|serial| *serial > 0)
}
