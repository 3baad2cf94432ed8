//! Owns what `screen` shows: the list of works with what is in their way, and one work with its findings, its decisions, and what
//! changed since it was sent back.

use super::deadline::{operations, printed};
use super::entry::category_cell;
use super::screen::Wanted;
use super::screen_desk::Desk;
use crate::domain::entry::Entry;
use crate::domain::intake::problems::difference;
use crate::domain::listing::{Audience, Cell, Column, Document, Listing};
use crate::domain::problem::Severity;
use crate::domain::screening::{Cure, Defect, Queue};
use crate::domain::values::EntryId;
use crate::error::AppError;
use crate::store::db::Reader;
use crate::store::{screening, waivers};

/// The works that are wanted and shown, in the order of formal review, with the counts of all that are wanted.
pub(super) fn list(desk: &Desk, wanted: &Wanted, shows: impl Fn(Queue, bool) -> bool) -> Document {
    let columns = vec![
        Column::new("entry", "作品编号"),
        Column::new("category", "参赛类型").minor(),
        Column::new("title", "作品名称"),
        Column::new("organization", "参赛单位"),
        Column::new("recommender", "推荐单位").minor(),
        Column::new("submitted_at", "提交或收到").minor(),
        Column::new("status", "状态").only(Audience::Scripts),
        Column::new("queue", "审查"),
        Column::new("errors", "错误").only(Audience::Scripts),
        Column::new("warnings", "提醒").only(Audience::Scripts),
        Column::new("waived", "豁免").only(Audience::Scripts),
        Column::new("codes", "问题代码"),
        Column::new("message", "说明"),
        Column::new("due", "补正期限").only(Audience::Scripts),
        Column::new("overdue", "逾期未交").only(Audience::Scripts),
        Column::new("cured", "已改").only(Audience::Scripts),
        Column::new("remaining", "未改").only(Audience::Scripts),
        Column::new("new", "新增").only(Audience::Scripts),
        Column::new("changed", "改动的栏目").only(Audience::Scripts),
    ];
    let mut listing = Listing::new("works", "形式审查", columns).when_empty("没有符合条件的作品");
    let mut counts = [0_usize; Queue::ALL.len()];
    let (mut overdue, mut resubmitted) = (0_usize, 0_usize);
    for (index, work) in desk.in_order().into_iter().filter(|(_, work)| wanted.has(work)) {
        let queue = desk.queue(index);
        let sent_back = desk.sent_back(index).is_some();
        if let Some(count) = Queue::ALL.iter().position(|known| *known == queue).and_then(|place| counts.get_mut(place)) {
            *count += 1;
        }
        overdue += usize::from(desk.is_overdue(index));
        resubmitted += usize::from(queue.waits() && sent_back);
        if shows(queue, sent_back) {
            listing.push(row(desk, index, work, queue));
        }
    }
    let count =
        |queue: Queue| Queue::ALL.iter().position(|known| *known == queue).and_then(|place| counts.get(place)).copied().unwrap_or_default();
    let mut record: Vec<(String, Cell)> = Queue::ALL.iter().map(|queue| (queue.key().to_owned(), Cell::count(count(*queue)))).collect();
    record.push(("resubmitted".to_owned(), Cell::count(resubmitted)));
    record.push(("overdue".to_owned(), Cell::count(overdue)));
    let again = if resubmitted > 0 { format!("（两者中重新提交的 {resubmitted}）") } else { String::new() };
    let late = if overdue > 0 { format!("（逾期未交 {overdue}）") } else { String::new() };
    let mut document = Document::of(listing).value("counts", "", Cell::Record(record)).line(format!(
        "可受理 {}，有错误 {}{again}；已退回 {}{late}，已受理 {}，已淘汰 {}，已退出 {}。",
        count(Queue::Ready),
        count(Queue::Blocked),
        count(Queue::Returned),
        count(Queue::Accepted),
        count(Queue::Rejected),
        count(Queue::Gone),
    ));
    if count(Queue::Ready) > 0 {
        document = document.line("受理全部没有错误的：dasai screen accept --all-clean；逐件审查：dasai screen");
    }
    document
}

fn row(desk: &Desk, index: usize, work: &Entry, queue: Queue) -> Vec<Cell> {
    let open = desk.open(index);
    let mut codes: Vec<&str> = open.iter().map(|finding| finding.code.entry().name).collect();
    codes.dedup();
    let counts = desk.counts(index);
    let sent_back = desk.sent_back(index);
    let cure = desk.cure(index);
    let changed = desk.changes(index);
    let mut said: Vec<String> = Vec::new();
    let is_news = |cure: &&Cure| queue.waits() || !changed.is_empty() || !cure.cured.is_empty() || !cure.new.is_empty();
    if let Some(cure) = cure.as_ref().filter(is_news) {
        let fields: Vec<&str> = changed.iter().map(|change| change.field.label()).collect();
        let fields = if fields.is_empty() { "内容没有改动".to_owned() } else { format!("改了{}", fields.join("、")) };
        said.push(format!("退回后{fields}；问题已改 {}，未改 {}，新增 {}", cure.cured.len(), cure.remaining.len(), cure.new.len()));
    }
    if let Some(first) = open.first() {
        let more = if open.len() > 1 { format!("（等 {} 项）", open.len()) } else { String::new() };
        said.push(format!("{}{more}", desk.checked.message(first)));
    }
    let due = desk.due(index).filter(|_| queue == Queue::Returned);
    let place = match due {
        Some(due) if desk.is_overdue(index) => Cell::keyed(queue.key(), format!("{}，{} 逾期", queue.label(), printed(due))),
        Some(due) => Cell::keyed(queue.key(), format!("{}，{} 前补正", queue.label(), printed(due))),
        None if queue.waits() && sent_back.is_some() => Cell::keyed(queue.key(), format!("{}（重新提交）", queue.label())),
        None => Cell::keyed(queue.key(), queue.label()),
    };
    let of_cure = |count: fn(&Cure) -> usize| Cell::optional(cure.as_ref(), |cure| Cell::count(count(cure)));
    vec![
        work.number.as_str().into(),
        category_cell(&desk.rules, &work.category),
        work.declaration.title.as_str().into(),
        work.organization_name.as_str().into(),
        work.declaration.recommender.as_str().into(),
        Cell::Moment(work.declaration.submitted_at.unwrap_or(work.received_at)),
        Cell::keyed(work.status.key(), work.status.label()),
        place,
        Cell::count(counts.errors),
        Cell::count(counts.warnings),
        Cell::count(counts.waived),
        Cell::List(codes.into_iter().map(Cell::from).collect()),
        said.join("\n").into(),
        Cell::optional(due, |due| printed(due).into()),
        Cell::Flag(desk.is_overdue(index)),
        of_cure(|cure| cure.cured.len()),
        of_cure(|cure| cure.remaining.len()),
        of_cure(|cure| cure.new.len()),
        Cell::List(changed.iter().map(|change| change.field.key().into()).collect()),
    ]
}

/// One work: where it stands, what is wrong with it, what was decided, and what changed since it was sent back.
///
/// # Errors
/// The contest cannot be read.
pub(super) fn show(reader: &Reader<'_>, desk: &Desk, index: usize) -> Result<Document, AppError> {
    let Some(work) = desk.work(index) else { return Ok(Document::default()) };
    let queue = desk.queue(index);
    let mut document = Document::default()
        .value("entry", "作品编号", work.number.as_str())
        .value("category", "参赛类型", category_cell(&desk.rules, &work.category))
        .value("title", "作品名称", work.declaration.title.as_str())
        .value("organization", "参赛单位", work.organization_name.as_str())
        .value("recommender", "推荐单位", work.declaration.recommender.as_str())
        .value("submitted_at", submitted_title(work), Cell::Moment(work.declaration.submitted_at.unwrap_or(work.received_at)))
        .value("status", "状态", Cell::keyed(work.status.key(), work.status.label()))
        .value("queue", "审查", Cell::keyed(queue.key(), queue.label()))
        .value("deadline", "审查截止", Cell::optional(desk.deadline(index), |deadline| printed(deadline).into()));
    if let Some(decided) = desk.sent_back(index) {
        document = document
            .value("returned_at", "退回时间", Cell::Moment(decided.at))
            .value("due", "补正期限", Cell::optional(desk.due(index), |due| printed(due).into()))
            .value("return_reason", "退回理由", decided.new.reason.as_str())
            .listing(changes(desk, index))
            .listing(cure(desk, index));
    } else {
        // Scripts find every key.
        let keys = [("returned_at", Cell::Empty), ("due", Cell::Empty), ("return_reason", Cell::Empty)];
        let lists = [("changes", Cell::List(Vec::new())), ("cure", Cell::List(Vec::new()))];
        document = keys.into_iter().chain(lists).fold(document, |document, (key, cell)| document.value(key, "", cell));
    }
    document = document.listing(findings(desk, index)).listing(decisions(reader, work.id)?).listing(waivers(reader, work.id)?);
    Ok(document)
}

/// What the moment of a work's coming is called: its form may name none, and when it was sent nobody knows then.
fn submitted_title(work: &Entry) -> &'static str {
    if work.declaration.submitted_at.is_some() { "提交时间" } else { "收到时间（表上没有提交时间）" }
}

fn severity(severity: Severity) -> Cell {
    Cell::keyed(severity.key(), severity.label())
}

/// The findings about a work.
fn findings(desk: &Desk, index: usize) -> Listing {
    let columns = vec![
        Column::new("code", "代码"),
        Column::new("severity", "级别"),
        Column::new("message", "问题"),
        Column::new("waived", "豁免"),
        Column::new("hint", "处理").minor(),
        Column::new("clause", "依据").minor(),
    ];
    let mut listing = Listing::new("findings", "现有问题", columns).when_empty("没有发现问题");
    for finding in desk.checked.of_work(index) {
        let entry = finding.code.entry();
        listing.push(vec![
            entry.name.into(),
            severity(finding.severity),
            desk.checked.message(finding).into(),
            Cell::Flag(desk.checked.is_waived(finding)),
            entry.hint.into(),
            entry.clause.into(),
        ]);
    }
    listing
}

/// What the form of a returned work says differently since.
fn changes(desk: &Desk, index: usize) -> Listing {
    let columns = vec![Column::new("field", "栏目"), Column::new("change", "退回时 → 现在")];
    let mut listing = Listing::new("changes", "退回后的改动", columns).when_empty("退回后内容没有改动");
    for change in desk.changes(index) {
        listing.push(vec![Cell::keyed(change.field.key(), change.field.label()), difference(&change).into()]);
    }
    listing
}

/// What became of the defects of a returned work.
fn cure(desk: &Desk, index: usize) -> Listing {
    let columns =
        vec![Column::new("state", "情况"), Column::new("code", "代码"), Column::new("severity", "级别"), Column::new("message", "问题")];
    let mut listing = Listing::new("cure", "退回时的问题", columns).when_empty("退回时没有审查发现的问题");
    let cure = desk.cure(index).unwrap_or_default();
    let mut push = |key: &str, label: &str, defects: &[Defect]| {
        for defect in defects {
            let row =
                vec![Cell::keyed(key, label), defect.code.entry().name.into(), severity(defect.severity), defect.message.as_str().into()];
            listing.push(row);
        }
    };
    push("cured", "已改", &cure.cured);
    push("remaining", "未改", &cure.remaining);
    push("new", "新增", &cure.new);
    listing
}

/// The decisions of formal review about a work, oldest first: also for `entry show`.
///
/// # Errors
/// The contest cannot be read.
pub(super) fn decisions(reader: &Reader<'_>, work: EntryId) -> Result<Listing, AppError> {
    let columns = vec![
        Column::new("at", "时间"),
        Column::new("decision", "决定"),
        Column::new("actor", "操作人"),
        Column::new("reason", "理由"),
        Column::new("code", "依据"),
        Column::new("due", "补正期限"),
        Column::new("overridden", "破例"),
        Column::new("problems", "当时的问题"),
        Column::new("operation", "操作").minor(),
    ];
    let mut listing = Listing::new("decisions", "审查决定", columns);
    let decided = screening::of_entry(reader, work)?;
    if decided.is_empty() {
        return Ok(listing);
    }
    let operations = operations(reader)?;
    for decided in decided {
        let new = &decided.new;
        let mut codes: Vec<&str> = new.findings.iter().filter(|defect| !defect.waived).map(|defect| defect.code.entry().name).collect();
        codes.dedup();
        listing.push(vec![
            Cell::Moment(decided.at),
            Cell::keyed(new.decision.key(), new.decision.label()),
            Cell::optional(operations.get(&decided.operation), |operation| operation.actor.as_str().into()),
            new.reason.as_str().into(),
            Cell::optional(new.code, |code| code.entry().name.into()),
            Cell::optional(new.due, |due| printed(due).into()),
            Cell::Flag(new.overridden),
            Cell::List(codes.into_iter().map(Cell::from).collect()),
            Cell::Integer(decided.operation.0),
        ]);
    }
    Ok(listing)
}

/// The findings about a work that staff set aside, oldest first.
///
/// # Errors
/// The contest cannot be read.
pub(super) fn waivers(reader: &Reader<'_>, work: EntryId) -> Result<Listing, AppError> {
    let columns = vec![
        Column::new("code", "代码"),
        Column::new("subject", "项目").only(Audience::Scripts),
        Column::new("title", "检查内容"),
        Column::new("reason", "理由"),
        Column::new("operation", "操作"),
    ];
    let mut listing = Listing::new("waivers", "豁免", columns);
    for waiver in waivers::standing(reader)?.filter(|waiver| waiver.waived.entry == work) {
        let catalogue = waiver.waived.code.entry();
        listing.push(vec![
            catalogue.name.into(),
            waiver.waived.subject.into(),
            catalogue.title.into(),
            waiver.reason.into(),
            Cell::Integer(waiver.operation.0),
        ]);
    }
    Ok(listing)
}
