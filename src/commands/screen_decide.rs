//! Owns the decisions of formal review: `screen accept`, `return` and `reject`. Each is planned for all works that are named, shown,
//! and written in one operation, or refused for all, with every work that stands in the way. When a decision may be taken is
//! `domain::screening`.

use super::context::Context;
use super::deadline::printed;
use super::screen_desk::Desk;
use crate::domain::check_catalogue::Code;
use crate::domain::listing::{Audience, Cell, Column, Listing};
use crate::domain::rules::Deadline;
use crate::domain::screening::{Decision, Refusal, asked_back, permit};
use crate::domain::status::Status;
use crate::error::AppError;
use crate::store::db::Db;
use crate::store::entries;
use crate::store::screening::{self, NewDecision};

/// What staff say with a decision.
#[derive(Debug, Clone, Default)]
pub(super) struct Said {
    /// Why; may be empty for an acceptance.
    pub(super) reason: String,
    /// The finding that works are eliminated by.
    pub(super) code: Option<Code>,
    /// Until when returned works are asked back; `None`: until formal review closes.
    pub(super) due: Option<Deadline>,
    /// Whether errors are overridden.
    pub(super) overriding: bool,
}

/// A decision about one work.
#[derive(Debug)]
pub(super) struct Planned {
    /// The work's place on the desk.
    pub(super) index: usize,
    /// Where it stands afterwards.
    pub(super) after: Status,
    /// What is kept.
    pub(super) new: NewDecision,
}

/// Plans a decision about works.
///
/// # Errors
/// It cannot be taken about one of them; the message names all of these.
pub(super) fn plan(desk: &Desk, decision: Decision, works: &[usize], said: &Said) -> Result<Vec<Planned>, AppError> {
    let mut planned = Vec::new();
    let mut refused: Vec<(usize, Refusal)> = Vec::new();
    for &index in works {
        let Some(work) = desk.work(index) else { continue };
        let (errors, deadline) = (desk.counts(index).errors, desk.deadline(index));
        if let Some(code) = said.code
            && !desk.checked.of_work(index).iter().any(|finding| finding.code == code)
        {
            let name = code.entry().name;
            return Err(AppError::refused(format!("作品 {} 没有 {name} 的问题，不能按 {name} {}", work.number, decision.label()))
                .hint(format!("查看它的问题：dasai screen show {}；或改用 --reason 写明理由", work.number)));
        }
        match permit(decision, work.status, desk.now, deadline, errors, said.overriding) {
            Ok(after) => planned.push(Planned {
                index,
                after,
                new: NewDecision {
                    entry: work.id,
                    decision,
                    reason: said.reason.clone(),
                    code: said.code,
                    findings: desk.defects(index),
                    due: if decision == Decision::Returned { due(said, deadline, work.number.as_str())? } else { None },
                    overridden: decision == Decision::Accepted && errors > 0,
                },
            }),
            Err(refusal) => refused.push((index, refusal)),
        }
    }
    if refused.is_empty() { Ok(planned) } else { Err(refusal(desk, decision, &refused)) }
}

/// The day until which staff ask a work back, which must lie before formal review closes; where they name none, nothing is kept, so that
/// the closing counts as it stands on each day.
fn due(said: &Said, deadline: Option<Deadline>, number: &str) -> Result<Option<Deadline>, AppError> {
    match (said.due, deadline) {
        (Some(due), Some(deadline)) if due > deadline => {
            Err(AppError::refused(format!("补正期限 {} 晚于 {number} 的形式审查截止时间 {}", printed(due), printed(deadline)))
                .hint(format!("先延期：dasai deadline extend screening --until {} --entry {number} --reason 理由", due.typed())))
        }
        (due, _) => Ok(due),
    }
}

/// Why a decision cannot be taken, with every work that stands in its way.
fn refusal(desk: &Desk, decision: Decision, refused: &[(usize, Refusal)]) -> AppError {
    let number = |index: usize| desk.work(index).map_or_else(String::new, |work| work.number.to_string());
    let mut parts = Vec::new();
    let mut hints = Vec::new();
    let told = |is: &dyn Fn(&Refusal) -> Option<String>| -> Vec<String> {
        refused.iter().filter_map(|(index, refusal)| Some(format!("{}{}", number(*index), is(refusal)?))).collect()
    };
    let wrong = told(&|refusal| if let Refusal::Status(status) = refusal { Some(format!("（{}）", status.label())) } else { None });
    if !wrong.is_empty() {
        parts.push(format!("{}的状态不能{}", listed(&wrong), decision.label()));
        let first = refused.iter().find(|(_, refusal)| matches!(refusal, Refusal::Status(_)));
        if let Some((index, Refusal::Status(status))) = first {
            let number = number(*index);
            hints.push(if status.is_active() {
                format!("查看经过：dasai screen show {number}")
            } else {
                format!("它已不参赛；确要恢复：dasai entry restore {number} --reason 理由")
            });
        }
    }
    let dates: Vec<Deadline> =
        refused.iter().filter_map(|(_, refusal)| if let Refusal::Closed(deadline) = refusal { Some(*deadline) } else { None }).collect();
    let is_one_date = dates.iter().all(|date| Some(date) == dates.first());
    let closed = told(&|refusal| match refusal {
        Refusal::Closed(deadline) => Some(if is_one_date { String::new() } else { format!("（{}）", printed(*deadline)) }),
        Refusal::Status(_) | Refusal::Errors(_) => None,
    });
    if !closed.is_empty() {
        let when = dates.first().filter(|_| is_one_date).map_or_else(String::new, |date| format!("已于 {} ", printed(*date)));
        parts.push(format!("形式审查{when}截止，不能{} {}", decision.label(), listed(&closed)));
        let first = refused.iter().find(|(_, refusal)| matches!(refusal, Refusal::Closed(_)));
        let whom = match (closed.len(), first) {
            (1, Some((index, _))) => format!(" --entry {}", number(*index)),
            _ => String::new(),
        };
        let today = desk.now.date();
        hints.push(format!("截止后须先批准延期：dasai deadline extend screening --until {today}{whom} --reason 理由"));
    }
    let blocked: Vec<String> = refused
        .iter()
        .filter(|(_, refusal)| matches!(refusal, Refusal::Errors(_)))
        .map(|(index, _)| format!("{}（{}）", number(*index), error_codes(desk, *index).join("、")))
        .collect();
    if !blocked.is_empty() {
        parts.push(format!("{}有未豁免的错误", listed(&blocked)));
        let first = refused.iter().find(|(_, refusal)| matches!(refusal, Refusal::Errors(_)));
        let first = first.map_or_else(String::new, |(index, _)| number(*index));
        hints.push(format!("查看：dasai screen show {first}；退回修改：dasai screen return {first} --reason 理由"));
        hints.push("单条可豁免：dasai check waive 代码 编号 --reason 理由；确要破例受理，加 --override --reason 理由".to_owned());
    }
    let mut error = AppError::refused(parts.join("；"));
    error.hints = hints;
    error
}

/// The codes of a work's errors that nobody waived, each once.
fn error_codes(desk: &Desk, index: usize) -> Vec<&'static str> {
    let errors = desk.checked.of_work(index).iter().filter(|finding| desk.checked.is_open_error(finding));
    let mut codes: Vec<&str> = errors.map(|finding| finding.code.entry().name).collect();
    codes.dedup();
    codes
}

/// Numbers in a sentence: the first of many.
pub(super) fn listed(numbers: &[String]) -> String {
    const MOST: usize = 10;
    let shown = numbers.iter().take(MOST).cloned().collect::<Vec<_>>().join("、");
    if numbers.len() > MOST { format!("{shown} 等 {} 件", numbers.len()) } else { shown }
}

/// What is decided, as a table.
pub(super) fn listing(desk: &Desk, planned: &[Planned]) -> Listing {
    let decision = planned.first().map(|planned| planned.new.decision);
    let columns = vec![
        Column::new("entry", "作品编号"),
        Column::new("title", "作品名称"),
        Column::new("organization", "参赛单位"),
        Column::new("status_before", "原状态"),
        Column::new("status", "现状态"),
        Column::new("due", "补正期限").only(if decision == Some(Decision::Returned) { Audience::All } else { Audience::Scripts }),
        Column::new("codes", "问题"),
        Column::new("overridden", "破例").only(if planned.iter().any(|one| one.new.overridden) {
            Audience::All
        } else {
            Audience::Scripts
        }),
    ];
    let title = decision.map_or("", Decision::label);
    let mut listing = Listing::new("decisions", title, columns);
    for one in planned {
        let Some(work) = desk.work(one.index) else { continue };
        let due = if one.new.decision == Decision::Returned { asked_back(one.new.due, desk.deadline(one.index)) } else { None };
        let mut codes: Vec<&str> = desk.open(one.index).iter().map(|finding| finding.code.entry().name).collect();
        codes.dedup();
        listing.push(vec![
            work.number.as_str().into(),
            work.declaration.title.as_str().into(),
            work.organization_name.as_str().into(),
            Cell::keyed(work.status.key(), work.status.label()),
            Cell::keyed(one.after.key(), one.after.label()),
            Cell::optional(due, |due| printed(due).into()),
            Cell::List(codes.into_iter().map(Cell::from).collect()),
            Cell::Flag(one.new.overridden),
        ]);
    }
    listing
}

/// Writes planned decisions in one operation.
///
/// # Errors
/// The contest cannot be written.
pub(super) fn write(context: &Context, db: &mut Db, desk: &Desk, planned: &[Planned]) -> Result<(), AppError> {
    let Some(first) = planned.first() else { return Ok(()) };
    let tx = context.operation(db)?;
    for one in planned {
        screening::insert(&tx, &one.new, context.now)?;
        entries::set_status(&tx, one.new.entry, one.after)?;
    }
    let numbers: Vec<String> = planned.iter().filter_map(|one| desk.work(one.index)).map(|work| work.number.to_string()).collect();
    let how = if planned.iter().any(|one| one.new.overridden) { "破例" } else { "" };
    let by = first.new.code.map_or_else(String::new, |code| format!("（{}）", code.entry().name));
    let reason = if first.new.reason.is_empty() { String::new() } else { format!("：{}", first.new.reason) };
    tx.finish(&format!("{how}{}作品 {}{by}{reason}", first.new.decision.label(), listed(&numbers)))?;
    Ok(())
}
