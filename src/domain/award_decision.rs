//! Owns what becomes of proposed awards when people have spoken (合议): the final list, and the rows to write so that the file holds it.
//! Refuses to compute places and quotas: those are `domain::{ranking, award, special_award}`.
//!
//! Decision worth knowing: a decision is a row with a reason. It is applied over whatever the computation says, and the list shows
//! both. A row that lost its award stays, revoked, so that its certificate number is never given to another.

use std::collections::{BTreeMap, BTreeSet};

use super::values::{AwardId, EntryId, RoundId};

/// Who an award is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Recipient {
    /// A work.
    Entry(EntryId),
    /// A recommender, by name.
    Recommender(String),
}

/// An award as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredGrant {
    /// Who it is for.
    pub recipient: Recipient,
    /// Which award.
    pub award: AwardId,
    /// The round whose places decided; `None` where no place did.
    pub round: Option<RoundId>,
    /// The place that decided.
    pub place: Option<u32>,
    /// Taken back, or lost when the list was confirmed again: the row stays.
    pub revoked: bool,
    /// Lost, although people granted it: the work may take no award now. The decision comes back with the work.
    pub lapsed: bool,
    /// Whether the computation said the same.
    pub computed: bool,
    /// Why, where people decided; empty otherwise.
    pub reason: String,
    /// The certificate's number, once confirmed.
    pub certificate: Option<String>,
}

impl StoredGrant {
    /// Whether people decided this, not the computation.
    #[must_use]
    pub fn is_decision(&self) -> bool {
        !self.reason.is_empty()
    }

    /// Whether people granted it and have not taken that back, whether it has effect now or waits.
    #[must_use]
    pub fn grants(&self) -> bool {
        self.is_decision() && (!self.revoked || self.lapsed)
    }

    /// Whether people took it back.
    #[must_use]
    pub fn revokes(&self) -> bool {
        self.is_decision() && self.revoked && !self.lapsed
    }
}

/// An award that the computation proposes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Computed {
    /// Who for.
    pub recipient: Recipient,
    /// Which award.
    pub award: AwardId,
    /// The round whose places decide.
    pub round: Option<RoundId>,
    /// The place that decides.
    pub place: Option<u32>,
}

/// An award after people have spoken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Final {
    /// Who for.
    pub recipient: Recipient,
    /// Which award.
    pub award: AwardId,
    /// The round whose places decided.
    pub round: Option<RoundId>,
    /// The place that decided.
    pub place: Option<u32>,
    /// Whether the computation says the same.
    pub computed: bool,
    /// Why, where people decided.
    pub reason: String,
}

/// A category's awards, as the final list needs them.
#[derive(Debug, Clone, Copy)]
pub struct Levels<'a> {
    /// Level awards in the rules' order, without the one for the rest.
    pub levels: &'a [AwardId],
    /// The award for all accepted works without a level.
    pub rest: Option<&'a AwardId>,
    /// Accepted works that may take an award.
    pub eligible: &'a [EntryId],
    /// Works that wait for a decision about a tie.
    pub waiting: &'a BTreeSet<EntryId>,
}

/// Applies people's decisions to what the computation proposes. A work has one level; the award for the rest goes to whoever has none
/// in the end. Ordered by award as proposed, then as in `computed`, decided ones after computed ones.
#[must_use]
pub fn finals(levels: &Levels<'_>, computed: &[Computed], stored: &[StoredGrant]) -> Vec<Final> {
    // A decision for a work that has left the contest, or may take no award any more, waits without effect.
    let eligible: BTreeSet<EntryId> = levels.eligible.iter().copied().collect();
    let may = |recipient: &Recipient| match recipient {
        Recipient::Entry(entry) => eligible.contains(entry),
        Recipient::Recommender(_) => true,
    };
    let decisions = || stored.iter().filter(|row| may(&row.recipient));
    let is_level = |award: &AwardId| levels.levels.contains(award);
    let is_rest = |award: &AwardId| levels.rest == Some(award);
    let revoked: BTreeSet<(&Recipient, &AwardId)> =
        decisions().filter(|row| row.revokes()).map(|row| (&row.recipient, &row.award)).collect();
    let granted: BTreeMap<(&Recipient, &AwardId), &StoredGrant> =
        decisions().filter(|row| row.grants()).map(|row| ((&row.recipient, &row.award), row)).collect();
    let moved: BTreeSet<&Recipient> = granted.keys().filter(|(_, award)| is_level(award)).map(|(recipient, _)| *recipient).collect();
    let mut result: Vec<Final> = Vec::new();
    for proposed in computed.iter().filter(|proposed| !is_rest(&proposed.award)) {
        let key = (&proposed.recipient, &proposed.award);
        let elsewhere = is_level(&proposed.award) && moved.contains(&proposed.recipient) && !granted.contains_key(&key);
        if !revoked.contains(&key) && !elsewhere {
            result.push(Final {
                recipient: proposed.recipient.clone(),
                award: proposed.award.clone(),
                round: proposed.round.clone(),
                place: proposed.place,
                computed: true,
                reason: granted.get(&key).map_or_else(String::new, |row| row.reason.clone()),
            });
        }
    }
    let places: BTreeMap<&Recipient, (&Option<RoundId>, Option<u32>)> = computed
        .iter()
        .filter(|proposed| is_level(&proposed.award))
        .map(|proposed| (&proposed.recipient, (&proposed.round, proposed.place)))
        .collect();
    for ((recipient, award), row) in &granted {
        if is_rest(award) || result.iter().any(|known| known.recipient == **recipient && known.award == **award) {
            continue;
        }
        let (round, place) = places.get(recipient).map_or((row.round.clone(), row.place), |(round, place)| ((*round).clone(), *place));
        let (recipient, award) = ((*recipient).clone(), (*award).clone());
        result.push(Final { recipient, award, round, place, computed: false, reason: row.reason.clone() });
    }
    if let Some(rest) = levels.rest {
        let with_level: BTreeSet<Recipient> =
            result.iter().filter(|grant| is_level(&grant.award)).map(|grant| grant.recipient.clone()).collect();
        let proposed: BTreeSet<&Recipient> = computed.iter().filter(|grant| grant.award == *rest).map(|grant| &grant.recipient).collect();
        for entry in levels.eligible {
            let recipient = Recipient::Entry(*entry);
            if with_level.contains(&recipient) || levels.waiting.contains(entry) || revoked.contains(&(&recipient, rest)) {
                continue;
            }
            let reason = granted.get(&(&recipient, rest)).map_or_else(String::new, |row| row.reason.clone());
            let computed = proposed.contains(&recipient);
            result.push(Final { recipient, award: rest.clone(), round: None, place: None, computed, reason });
        }
    }
    result
}

/// The rows to write so that the file holds the final list: new awards get a number, kept ones keep theirs, lost ones are revoked; a
/// decision that has no effect now lapses with its reason, and has it again when the work comes back.
/// `stored` are the rows of the same works as `finals`.
pub fn rows_to_write(finals: &[Final], stored: &[StoredGrant], mut certificate: impl FnMut(&Final) -> Option<String>) -> Vec<StoredGrant> {
    let on_file: BTreeMap<(&Recipient, &AwardId), &StoredGrant> = stored.iter().map(|row| ((&row.recipient, &row.award), row)).collect();
    let mut rows = Vec::new();
    for grant in finals {
        let old = on_file.get(&(&grant.recipient, &grant.award));
        let row = StoredGrant {
            recipient: grant.recipient.clone(),
            award: grant.award.clone(),
            round: grant.round.clone(),
            place: grant.place,
            revoked: false,
            lapsed: false,
            computed: grant.computed,
            reason: grant.reason.clone(),
            certificate: old.and_then(|old| old.certificate.clone()).or_else(|| certificate(grant)),
        };
        if old != Some(&&row) {
            rows.push(row);
        }
    }
    let wanted: BTreeSet<(&Recipient, &AwardId)> = finals.iter().map(|grant| (&grant.recipient, &grant.award)).collect();
    let lost = stored.iter().filter(|row| !row.revoked && !wanted.contains(&(&row.recipient, &row.award)));
    rows.extend(lost.map(|row| StoredGrant { revoked: true, lapsed: row.is_decision(), ..row.clone() }));
    rows
}

/// Gives certificate numbers by a pattern, never one that was given before.
#[derive(Debug)]
pub struct Certificates<'a> {
    pattern: &'a str,
    year: String,
    taken: BTreeSet<String>,
    /// The next serial to try, by the number's other parts.
    next: BTreeMap<(String, AwardId), u32>,
}

impl<'a> Certificates<'a> {
    /// Numbers by `pattern` (`{year}-{category}-{award}-{serial:3}`), without those `taken`.
    #[must_use]
    pub fn new(pattern: &'a str, year: Option<i16>, taken: impl IntoIterator<Item = String>) -> Self {
        let year = year.map_or_else(String::new, |year| year.to_string());
        Self { pattern, year, taken: taken.into_iter().collect(), next: BTreeMap::new() }
    }

    /// The next free number of an award; `prefix` is the category's letter. `None`: the pattern gives no further one.
    pub fn number(&mut self, prefix: &str, award: &AwardId) -> Option<String> {
        let serial = self.next.entry((prefix.to_owned(), award.clone())).or_insert(1);
        loop {
            let number = render(self.pattern, &self.year, prefix, award, *serial);
            let following = serial.checked_add(1)?;
            let same = render(self.pattern, &self.year, prefix, award, following) == number;
            *serial = following;
            if self.taken.insert(number.clone()) {
                return Some(number);
            }
            if same {
                return None;
            }
        }
    }
}

fn render(pattern: &str, year: &str, prefix: &str, award: &AwardId, serial: u32) -> String {
    let mut number = String::with_capacity(pattern.len() + 8);
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        number.push_str(before);
        let Some((name, following)) = after.split_once('}') else {
            rest = after;
            break;
        };
        match name.split_once(':').unwrap_or((name, "")) {
            ("year", _) => number.push_str(year),
            // A recommender has no category: `{year}-{category}-{award}` has one dash less then.
            ("category", _) if prefix.is_empty() => {
                let separator = following.chars().next().filter(|next| !next.is_alphanumeric() && number.ends_with(*next));
                rest = separator.map_or(following, |separator| following.get(separator.len_utf8()..).unwrap_or_default());
                continue;
            }
            ("category", _) => number.push_str(prefix),
            ("award", _) => number.push_str(award.as_str()),
            ("serial", width) => {
                let digits = serial.to_string();
                let zeros = width.parse::<usize>().unwrap_or(0).min(9).saturating_sub(digits.len());
                number.extend(std::iter::repeat_n('0', zeros));
                number.push_str(&digits);
            }
            _ => {}
        }
        rest = following;
    }
    number.push_str(rest);
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: i64) -> Recipient {
        Recipient::Entry(EntryId(id))
    }

    fn computed(id: i64, award: &str, place: u32) -> Computed {
        Computed { recipient: entry(id), award: AwardId::new(award), round: Some(RoundId::new("final")), place: Some(place) }
    }

    fn decided(id: i64, award: &str, revoked: bool) -> StoredGrant {
        StoredGrant {
            recipient: entry(id),
            award: AwardId::new(award),
            round: None,
            place: None,
            revoked,
            lapsed: false,
            computed: false,
            reason: "合议".to_owned(),
            certificate: None,
        }
    }

    fn list(computed: &[Computed], stored: &[StoredGrant]) -> Vec<String> {
        let levels = [AwardId::new("first"), AwardId::new("second")];
        let rest = AwardId::new("participation");
        let eligible = [EntryId(1), EntryId(2), EntryId(3)];
        let levels = Levels { levels: &levels, rest: Some(&rest), eligible: &eligible, waiting: &BTreeSet::new() };
        let shown = |grant: &Final| match &grant.recipient {
            Recipient::Entry(id) => format!("{} {} {}", id.0, grant.award, if grant.computed { "computed" } else { "decided" }),
            Recipient::Recommender(name) => name.clone(),
        };
        finals(&levels, computed, stored).iter().map(shown).collect()
    }

    #[test]
    fn without_decisions_the_computation_stands() {
        let proposed =
            [computed(1, "first", 1), computed(2, "second", 2), Computed { place: None, round: None, ..computed(3, "participation", 0) }];
        assert_eq!(list(&proposed, &[]), ["1 first computed", "2 second computed", "3 participation computed"]);
    }

    #[test]
    fn a_work_moved_to_another_level_leaves_its_own() {
        let proposed = [computed(1, "first", 1), computed(2, "second", 2)];
        assert_eq!(
            list(&proposed, &[decided(2, "first", false)]),
            ["1 first computed", "2 first decided", "3 participation decided"],
            "the computation did not say participation for 3 here"
        );
    }

    #[test]
    fn a_work_that_loses_its_level_gets_what_the_rest_gets() {
        let proposed = [computed(1, "first", 1), computed(2, "second", 2)];
        assert_eq!(list(&proposed, &[decided(1, "first", true)]).first().map(String::as_str), Some("2 second computed"));
        assert!(list(&proposed, &[decided(1, "first", true)]).contains(&"1 participation decided".to_owned()));
    }

    #[test]
    fn confirming_twice_writes_nothing_and_numbers_are_never_given_again() {
        let rows = |finals: &[Final], stored: &[StoredGrant], taken: Vec<String>| {
            let mut certificates = Certificates::new("{year}-{category}-{award}-{serial:3}", Some(2024), taken);
            rows_to_write(finals, stored, |grant| certificates.number("Y", &grant.award))
        };
        let make = |id: i64| Final {
            recipient: entry(id),
            award: AwardId::new("first"),
            round: None,
            place: Some(1),
            computed: true,
            reason: String::new(),
        };
        let first = rows(&[make(1)], &[], Vec::new());
        assert_eq!(first.iter().map(|row| row.certificate.as_deref()).collect::<Vec<_>>(), [Some("2024-Y-first-001")]);
        assert_eq!(rows(&[make(1)], &first, vec!["2024-Y-first-001".to_owned()]), []);
        let changed = rows(&[make(2)], &first, vec!["2024-Y-first-001".to_owned()]);
        assert_eq!(
            changed.iter().map(|row| (row.recipient.clone(), row.revoked, row.certificate.as_deref())).collect::<Vec<_>>(),
            [(entry(2), false, Some("2024-Y-first-002")), (entry(1), true, Some("2024-Y-first-001"))]
        );
    }

    #[test]
    fn a_decision_for_a_work_that_left_the_contest_has_no_effect_and_is_no_revocation() {
        let proposed = [computed(1, "first", 1)];
        assert!(!list(&proposed, &[decided(4, "second", false)]).iter().any(|line| line.starts_with('4')));
        let lost = rows_to_write(&[], &[decided(4, "second", false)], |_| None);
        assert_eq!(lost.iter().map(|row| (row.revoked, row.revokes(), row.grants())).collect::<Vec<_>>(), [(true, false, true)]);
        assert_eq!(rows_to_write(&[], &lost, |_| None), [], "it waits, whatever is confirmed meanwhile");
    }

    #[test]
    fn a_decision_that_lapsed_with_its_work_comes_back_with_it() {
        let proposed = [computed(1, "first", 1), computed(2, "second", 2)];
        let lapsed = rows_to_write(&[], &[decided(2, "first", false)], |_| None);
        assert!(list(&proposed, &lapsed).contains(&"2 first decided".to_owned()));
        let levels = [AwardId::new("first"), AwardId::new("second")];
        let levels = Levels { levels: &levels, rest: None, eligible: &[EntryId(1), EntryId(2)], waiting: &BTreeSet::new() };
        let again = rows_to_write(&finals(&levels, &proposed, &lapsed), &lapsed, |_| None);
        let restored = again.iter().find(|row| row.recipient == entry(2)).expect("written");
        assert_eq!((restored.revoked, restored.lapsed, restored.reason.as_str()), (false, false, "合议"));
    }

    #[test]
    fn what_people_took_back_stays_taken_back() {
        let proposed = [computed(1, "first", 1)];
        let revoked = [decided(1, "first", true)];
        assert_eq!(rows_to_write(&[], &revoked, |_| None), []);
        assert!(!list(&proposed, &revoked).iter().any(|line| line.starts_with("1 first")));
    }

    #[test]
    fn a_number_without_category_has_no_double_dash() {
        let mut certificates = Certificates::new("{year}-{category}-{award}-{serial:3}", Some(2024), Vec::new());
        assert_eq!(certificates.number("", &AwardId::new("commendation")).as_deref(), Some("2024-commendation-001"));
        let mut certificates = Certificates::new("{category}{serial:3}号", None, Vec::new());
        assert_eq!(certificates.number("", &AwardId::new("commendation")).as_deref(), Some("001号"));
    }

    #[test]
    fn a_pattern_that_cannot_go_on_gives_no_number_twice() {
        let mut certificates = Certificates::new("{year}", Some(2024), Vec::new());
        assert_eq!(certificates.number("Y", &AwardId::new("first")).as_deref(), Some("2024"));
        assert_eq!(certificates.number("Y", &AwardId::new("first")), None);
    }
}
