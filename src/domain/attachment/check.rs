//! Owns the checks of received files against the rules (F601–F606): what is missing, misnamed, too large, of another type than it says,
//! empty, or under two works. Pure: the same works, files and rules give the same findings. What a finding says is `domain::finding`.
//!
//! Decision worth knowing: a missing file is a finding only where somebody looked: in the categories whose folder was scanned, and for
//! works of which at least one file is known. Else a contest that never saw a file would be all findings.

use std::collections::{BTreeMap, BTreeSet};

use super::super::category::AttachmentRule;
use super::super::check_catalogue::Code;
use super::super::entry::Entry;
use super::super::finding::{Detail, Finding, MOST_RELATED};
use super::super::problem::Severity;
use super::super::rules::ContestRules;
use super::super::values::{EntryId, OrganizationId};
use super::file::Attachment;
use super::file_type::Condition;
use super::naming::is_named_as_asked;

/// All findings about the files of `entries`, which are ordered by number; `scanned` are the ids of the categories whose folders were
/// scanned. What is wrong with a unit's file stands at its first work. Findings come in the order of the works, then of the codes.
#[must_use]
pub fn file_findings(rules: &ContestRules, entries: &[Entry], files: &[Attachment], scanned: &[String]) -> Vec<Finding> {
    let mut by_entry: BTreeMap<EntryId, Vec<&Attachment>> = BTreeMap::new();
    let mut by_unit: BTreeMap<OrganizationId, Vec<&Attachment>> = BTreeMap::new();
    for file in files.iter().filter(|file| !file.missing) {
        match (file.link.entry, file.link.organization) {
            (Some(entry), _) => by_entry.entry(entry).or_default().push(file),
            (None, Some(unit)) => by_unit.entry(unit).or_default().push(file),
            (None, None) => {}
        }
    }
    let unit_of: BTreeMap<EntryId, OrganizationId> = entries.iter().map(|entry| (entry.id, entry.organization)).collect();
    // What one of a unit's works brought, by kind: where the rules let one file serve all, it does.
    let brought: BTreeSet<(OrganizationId, &str)> = by_entry
        .iter()
        .filter_map(|(entry, files)| Some((*unit_of.get(entry)?, files)))
        .flat_map(|(unit, files)| files.iter().map(move |file| (unit, file.link.kind.as_str())))
        .collect();
    let mut found = Vec::new();
    let mut seen_units = BTreeSet::new();
    for (index, entry) in entries.iter().enumerate().filter(|(_, entry)| entry.status.is_active()) {
        let Some(category) = rules.category(&entry.category) else { continue };
        let own = by_entry.get(&entry.id).map(Vec::as_slice).unwrap_or_default();
        let of_unit = by_unit.get(&entry.organization).map(Vec::as_slice).unwrap_or_default();
        if !own.is_empty() || scanned.iter().any(|id| id == entry.category.as_str()) {
            for rule in &category.attachments {
                let is_there = own.iter().chain(of_unit.iter().filter(|_| rule.shared)).any(|file| file.link.kind == rule.kind)
                    || (rule.shared && brought.contains(&(entry.organization, rule.kind.as_str())));
                if !is_there {
                    found.push(finding(Code::F601, index, Detail::FileMissing(rule.name.clone())));
                }
            }
        }
        let units_files = if seen_units.insert(entry.organization) { of_unit } else { &[] };
        for file in own.iter().chain(units_files) {
            let rule = category.attachments.iter().find(|rule| rule.kind == file.link.kind);
            of_file(index, entry, file, rule, &mut found);
        }
    }
    found.extend(same_files(rules, entries, &by_entry));
    found.sort_by_key(|finding| (finding.entry, finding.code));
    found
}

fn finding(code: Code, entry: usize, detail: Detail) -> Finding {
    Finding { code, severity: code.entry().severity, entry, detail, related: Vec::new(), similarity: None }
}

fn of_file(index: usize, entry: &Entry, file: &Attachment, rule: Option<&AttachmentRule>, found: &mut Vec<Finding>) {
    let record = &file.file;
    let name = record.name().to_owned();
    let is_units = file.link.entry.is_none() || rule.is_some_and(|rule| rule.shared);
    if !is_named_as_asked(&name, &entry.organization_name, (!is_units).then_some(entry.declaration.title.as_str())) {
        found.push(finding(Code::F602, index, Detail::FileMisnamed(name.clone())));
    }
    if let Some(most) = rule.and_then(|rule| rule.max_size)
        && record.size > most
    {
        found.push(finding(Code::F603, index, Detail::FileTooLarge { file: name.clone(), size: record.size, most }));
    }
    if record.condition != Condition::Sound {
        found.push(finding(Code::F605, index, Detail::FileUnsound(name.clone(), record.condition)));
    }
    let ending = record.ending();
    let allowed = rule.map(|rule| rule.types.as_slice()).unwrap_or_default();
    let is_allowed = record.file_type.is_one_of(allowed);
    let is_unlike = !record.file_type.may_end(&ending);
    if record.condition != Condition::Empty && (!is_allowed || is_unlike) {
        let detail = Detail::FileOfOtherType {
            file: name,
            is: record.file_type,
            ending,
            allowed: if is_allowed { Vec::new() } else { allowed.to_vec() },
        };
        let mut one = finding(Code::F604, index, detail);
        // What may be brought, under a wrong ending, can be used all the same.
        if is_allowed {
            one.severity = Severity::Warning;
        }
        found.push(one);
    }
}

/// The same content under several works. One unit's works may share what one file would do for.
fn same_files(rules: &ContestRules, entries: &[Entry], by_entry: &BTreeMap<EntryId, Vec<&Attachment>>) -> Vec<Finding> {
    let mut by_digest: BTreeMap<&str, Vec<(usize, &Attachment)>> = BTreeMap::new();
    for (index, entry) in entries.iter().enumerate().filter(|(_, entry)| entry.status.is_active()) {
        for file in by_entry.get(&entry.id).map(Vec::as_slice).unwrap_or_default() {
            if file.file.size > 0 {
                by_digest.entry(file.file.sha256.as_str()).or_default().push((index, file));
            }
        }
    }
    let mut found = Vec::new();
    for group in by_digest.values().filter(|group| group.len() > 1) {
        let works: BTreeSet<usize> = group.iter().map(|(index, _)| *index).collect();
        let unit = |index: &usize| entries.get(*index).map(|entry| entry.organization);
        let is_shared = |index: usize, kind: &str| {
            let category = entries.get(index).and_then(|entry| rules.category(&entry.category));
            category.is_some_and(|category| category.attachments.iter().any(|rule| rule.shared && rule.kind == kind))
        };
        let is_units = group.iter().all(|(index, file)| is_shared(*index, &file.link.kind))
            && works.iter().map(unit).collect::<BTreeSet<_>>().len() == 1;
        if works.len() < 2 || is_units {
            continue;
        }
        for &work in &works {
            let Some((_, file)) = group.iter().find(|(index, _)| *index == work) else { continue };
            let others = u32::try_from(works.len() - 1).unwrap_or(u32::MAX);
            let mut one = finding(Code::F606, work, Detail::FileShared { file: file.file.name().to_owned(), others });
            one.related = works.iter().copied().filter(|other| *other != work).take(MOST_RELATED).collect();
            found.push(one);
        }
    }
    found
}
