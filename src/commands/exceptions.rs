//! `log --exceptions`: the ledger of everything that was allowed beside the rules: extensions, waivers, late acceptances and overrides,
//! with who, when, why and which work. What was undone is no exception any more and is not in it.

use std::collections::BTreeMap;

use super::deadline::{operations, printed, scope_words};
use super::recommending;
use crate::domain::entry::EntrySummary;
use crate::domain::extension::{Extensions, Scope, Stage};
use crate::domain::field::Field;
use crate::domain::listing::{Cell, Column, Listing};
use crate::domain::rules::ContestRules;
use crate::domain::screening::Decision;
use crate::domain::values::{EntryId, OperationId};
use crate::error::AppError;
use crate::store::db::Reader;
use crate::store::extensions::Granted;
use crate::store::oplog::Operation;
use crate::store::screening::Decided;
use crate::store::{entries, extensions, screening, waivers};

/// One line of the ledger.
#[derive(Debug)]
struct Exception {
    operation: OperationId,
    kind: (&'static str, &'static str),
    entry: Option<EntryId>,
    /// Whom or what it is about.
    subject: String,
    detail: String,
    reason: String,
    /// What took it back, if anything did.
    ended: Option<OperationId>,
}

/// The ledger, oldest first. `wanted` says which operations count.
///
/// # Errors
/// The contest cannot be read.
pub(super) fn listing(reader: &Reader<'_>, rules: &ContestRules, wanted: impl Fn(&Operation) -> bool) -> Result<Listing, AppError> {
    let works: BTreeMap<EntryId, EntrySummary> = entries::summaries(reader)?.into_iter().map(|work| (work.id, work)).collect();
    let granted = extensions::list(reader)?;
    let mut found = Vec::new();
    for one in &granted {
        let extension = &one.extension;
        let (_, label, name) = scope_words(reader, &extension.scope)?;
        found.push(Exception {
            operation: one.operation,
            kind: ("extension", "延期"),
            entry: if let Scope::Entry(entry) = extension.scope { Some(entry) } else { None },
            subject: if name.is_empty() { label.to_owned() } else { format!("{label} {name}") },
            detail: format!("{}延至 {}", extension.stage.label(), printed(extension.until)),
            reason: extension.reason.clone(),
            ended: None,
        });
    }
    for waiver in waivers::list(reader)? {
        let catalogue = waiver.waived.code.entry();
        let other = waiver.waived.related.and_then(|id| works.get(&id)).map(|work| format!("（与 {}）", work.number));
        let what = match waiver.waived.subject.as_str() {
            "" => String::new(),
            subject => format!("：{}", Field::from_key(subject).map_or_else(|| subject.to_owned(), |field| field.label().to_owned())),
        };
        found.push(Exception {
            operation: waiver.operation,
            kind: ("waiver", if waiver.ended.is_some() { "豁免（已取消）" } else { "豁免" }),
            entry: Some(waiver.waived.entry),
            subject: subject(&works, waiver.waived.entry),
            detail: format!("{} {}{what}{}", catalogue.name, catalogue.title, other.unwrap_or_default()),
            reason: waiver.reason,
            ended: waiver.ended,
        });
    }
    let directory = recommending::directory(reader, rules)?;
    let of_review = granted.iter().filter(|one| one.extension.stage == Stage::Screening);
    let alone: Vec<_> = of_review.map(|one| (one, Extensions::new([&one.extension], &directory))).collect();
    for decided in screening::list(reader)?.into_iter().filter(|decided| decided.new.decision == Decision::Accepted) {
        found.extend(of_acceptance(rules, &works, &alone, &decided));
    }
    found.sort_by(|left, right| (left.operation, left.kind, left.entry).cmp(&(right.operation, right.kind, right.entry)));
    let operations = operations(reader)?;
    let columns = vec![
        Column::new("kind", "例外"),
        Column::new("at", "时间"),
        Column::new("actor", "操作人"),
        Column::new("entry", "作品编号"),
        Column::new("subject", "对象"),
        Column::new("detail", "内容"),
        Column::new("reason", "理由"),
        Column::new("ended_at", "已取消").minor(),
        Column::new("operation", "操作").minor(),
    ];
    let mut listing = Listing::new("exceptions", "例外清单", columns).when_empty("没有例外：没有延期、豁免、逾期受理和破例受理");
    for one in found {
        let Some(operation) = operations.get(&one.operation).filter(|operation| wanted(operation)) else { continue };
        let ended = one.ended.and_then(|ended| operations.get(&ended));
        listing.push(vec![
            Cell::keyed(one.kind.0, one.kind.1),
            Cell::Moment(operation.at),
            operation.actor.as_str().into(),
            Cell::optional(one.entry.and_then(|entry| works.get(&entry)), |work| work.number.as_str().into()),
            one.subject.into(),
            one.detail.into(),
            one.reason.into(),
            Cell::optional(ended, |operation| Cell::Moment(operation.at)),
            Cell::Integer(one.operation.0),
        ]);
    }
    if !listing.rows.is_empty() {
        listing.notes.push(format!("共 {} 项", listing.rows.len()));
    }
    Ok(listing)
}

/// The extensions of formal review, oldest first, each with what it alone moves.
type Grants<'a> = [(&'a Granted, Extensions)];

/// What is exceptional about an acceptance: that it came late, that it was taken in spite of errors.
fn of_acceptance(rules: &ContestRules, works: &BTreeMap<EntryId, EntrySummary>, granted: &Grants<'_>, decided: &Decided) -> Vec<Exception> {
    let new = &decided.new;
    let exception = |kind, detail: String, reason: String| Exception {
        operation: decided.operation,
        kind,
        entry: Some(new.entry),
        subject: subject(works, new.entry),
        detail,
        reason,
        ended: None,
    };
    let mut found = Vec::new();
    let at = rules.local(decided.at);
    if let Some(deadline) = rules.deadlines.screening.filter(|deadline| deadline.is_past(at)) {
        let reason = if new.reason.is_empty() { covering(rules, works, granted, decided).unwrap_or_default() } else { new.reason.clone() };
        let detail = format!("受理于 {}，形式审查截止 {}", at.strftime("%Y-%m-%d %H:%M"), printed(deadline));
        found.push(exception(("late_acceptance", "逾期受理"), detail, reason));
    }
    if new.overridden {
        let open = new.findings.iter().filter(|defect| !defect.waived && defect.severity == crate::domain::problem::Severity::Error);
        let mut codes: Vec<&str> = open.map(|defect| defect.code.entry().name).collect();
        codes.dedup();
        found.push(exception(("override", "破例受理"), format!("有错误未豁免：{}", codes.join("、")), new.reason.clone()));
    }
    found
}

/// The reason of the extension that a late acceptance rests on: of those that apply to the work, the latest granted.
fn covering(rules: &ContestRules, works: &BTreeMap<EntryId, EntrySummary>, granted: &Grants<'_>, decided: &Decided) -> Option<String> {
    let work = works.get(&decided.new.entry)?;
    let at = rules.local(decided.at);
    let applies =
        |index: &Extensions| index.effective(&rules.deadlines, Stage::Screening, work.into()).is_some_and(|deadline| !deadline.is_past(at));
    let (found, _) = granted.iter().rev().find(|(one, index)| one.operation < decided.operation && applies(index))?;
    Some(format!("按延期：{}", found.extension.reason))
}

fn subject(works: &BTreeMap<EntryId, EntrySummary>, entry: EntryId) -> String {
    works.get(&entry).map_or_else(String::new, |work| format!("《{}》（{}）", work.title, work.organization_name))
}
