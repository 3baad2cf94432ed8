//! Owns the words for what becomes other in a list of awards that was confirmed. Refuses to know why it does.

use std::collections::BTreeMap;

use super::award_results::award_name;
use super::results::Contest;
use crate::domain::award_decision::{Recipient, StoredGrant};
use crate::domain::category::Category;
use crate::domain::rules::ContestRules;
use crate::domain::values::AwardId;

/// Changes that are named.
const SHOWN: usize = 10;

/// The first changes in one line, and how many there are.
pub(super) fn listed(changes: &[String]) -> String {
    let more = if changes.len() > SHOWN { format!("；等 {} 处", changes.len()) } else { String::new() };
    format!("{}{more}", changes.get(..SHOWN).unwrap_or(changes).join("；"))
}

/// What becomes other in a confirmed list, a recipient a line: the awards that it had and has, or its place in the same award.
pub(super) fn changes(
    rules: &ContestRules,
    roster: &Contest,
    category: Option<&Category>,
    stored: &[StoredGrant],
    rows: &[StoredGrant],
) -> Vec<String> {
    let name = |award: &AwardId| match category {
        Some(category) => award_name(rules, category, award),
        None => rules.commendation.as_ref().map_or_else(|| award.to_string(), |rule| rule.name.clone()),
    };
    // In the order in which recipients come; each with the rows on file and the rows over them.
    let mut recipients: Vec<&Recipient> = Vec::new();
    let mut new: BTreeMap<&Recipient, Vec<&StoredGrant>> = BTreeMap::new();
    for row in rows {
        new.entry(&row.recipient).or_insert_with(|| {
            recipients.push(&row.recipient);
            Vec::new()
        });
        new.entry(&row.recipient).or_default().push(row);
    }
    let mut old: BTreeMap<(&Recipient, &AwardId), &StoredGrant> = BTreeMap::new();
    old.extend(stored.iter().filter(|row| !row.revoked).map(|row| ((&row.recipient, &row.award), row)));
    let place = |place: Option<u32>| place.map_or_else(|| "没有名次".to_owned(), |place| format!("第 {place} 名"));
    let one = |recipient: &&Recipient| {
        let who = match recipient {
            Recipient::Entry(entry) => roster.number(*entry),
            Recipient::Recommender(name) => name.clone(),
        };
        let (mut lost, mut gained, mut moved) = (Vec::new(), Vec::new(), Vec::new());
        for row in new.get(*recipient).into_iter().flatten() {
            match old.get(&(*recipient, &row.award)) {
                _ if row.revoked => lost.push(name(&row.award)),
                None => gained.push(name(&row.award)),
                Some(before) if before.place != row.place => {
                    moved.push(format!("{}{} → {}", name(&row.award), place(before.place), place(row.place)));
                }
                Some(_) => moved.push(format!("{}的依据有变", name(&row.award))),
            }
        }
        let or_none = |names: &[String]| if names.is_empty() { "无".to_owned() } else { names.join("、") };
        if !lost.is_empty() || !gained.is_empty() {
            moved.insert(0, format!("{} → {}", or_none(&lost), or_none(&gained)));
        }
        format!("{who} {}", moved.join("，"))
    };
    recipients.iter().map(one).collect()
}
