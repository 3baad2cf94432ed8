//! Owns what is shown of one work: every field, where it came from, and every operation that touched it. Personal data is masked
//! unless the caller asks to reveal it.

use jiff::tz::TimeZone;

use super::attachment_report;
use super::entry::category_cell;
use crate::domain::attachment::Attachment;
use crate::domain::entry::{Entry, for_people, on_clock};
use crate::domain::field::Field;
use crate::domain::finding::minutes;
use crate::domain::listing::{Cell, Column, Document, Listing};
use crate::domain::privacy::masked_field;
use crate::domain::recommendation::{Recommendation, StampedSheet};
use crate::domain::rules::ContestRules;
use crate::domain::status::Status;
use crate::store::oplog::{ColumnChange, Operation, RowChange, RowEvent, Stored};
use crate::store::sources::Mail;

/// What is known of a work besides itself.
pub(super) struct Story<'a> {
    /// What was done to it, oldest first.
    pub(super) history: &'a [(Operation, RowChange)],
    /// Its files.
    pub(super) files: &'a [Attachment],
    /// The mail that it came in.
    pub(super) mail: Option<&'a Mail>,
    /// What its recommender says: key, title, value.
    pub(super) recommendation: &'a [(&'static str, &'static str, Cell)],
    /// What formal review has of it.
    pub(super) reviewed: Reviewed,
}

/// What formal review has of a work.
#[derive(Debug)]
pub(super) struct Reviewed {
    /// Its decisions.
    pub(super) decisions: Listing,
    /// Findings that staff set aside.
    pub(super) waivers: Listing,
}

/// The rows of a table as records, for a document that has them inside of something else.
fn records(listing: &Listing) -> Cell {
    let keys = || listing.columns.iter().map(|column| column.key.clone());
    Cell::List(listing.rows.iter().map(|row| Cell::Record(keys().zip(row.iter().cloned()).collect())).collect())
}

/// A work's whole story as far as intake, recommendation and formal review know it.
pub(super) fn document(rules: &ContestRules, entry: &Entry, story: Story<'_>, reveal: bool) -> Document {
    let Story { history, files, mail, recommendation, reviewed } = story;
    let mut fields: Vec<(String, String, Cell)> = vec![
        ("number".to_owned(), "作品编号".to_owned(), entry.number.as_str().into()),
        ("category".to_owned(), "参赛类型".to_owned(), category_cell(rules, &entry.category)),
        ("organization".to_owned(), "参赛单位".to_owned(), entry.organization_name.as_str().into()),
    ];
    for field in Field::ALL {
        let Some(text) = entry.declaration.text(field) else {
            continue;
        };
        #[expect(clippy::wildcard_enum_match_arm, reason = "all other fields are texts")]
        let cell = match field {
            Field::Duration => Cell::optional(entry.declaration.duration, |seconds| Cell::Integer(seconds.into())),
            Field::Length => Cell::optional(entry.declaration.length, |length| Cell::Integer(length.into())),
            Field::SubmittedAt => Cell::optional(entry.declaration.submitted_at, Cell::Moment),
            _ if reveal => Cell::text(text),
            _ => Cell::text(masked_field(field, &text)),
        };
        fields.push((field.key().to_owned(), field.label().to_owned(), cell));
    }
    fields.push(("status".to_owned(), "状态".to_owned(), Cell::keyed(entry.status.key(), entry.status.label())));
    fields.push(("award_eligible".to_owned(), "可否获奖".to_owned(), Cell::Flag(entry.award_eligible)));
    fields.push(("award_reason".to_owned(), "不能获奖的理由".to_owned(), entry.award_reason.as_str().into()));
    fields.push(("received_at".to_owned(), "收到时间".to_owned(), Cell::Moment(entry.received_at)));

    let mut document = Document::default();
    fields.push(("recommended_at".to_owned(), "推荐时间".to_owned(), Cell::optional(entry.recommended_at, Cell::Moment)));
    for (key, title, cell) in fields.iter().filter(|(_, _, cell)| *cell != Cell::Empty) {
        let said = match (cell, entry.declaration.duration, entry.declaration.length) {
            (_, Some(seconds), _) if key == Field::Duration.key() => minutes(seconds).into(),
            (_, _, Some(length)) if key == Field::Length.key() => format!("{length} 字").into(),
            (cell, ..) => cell.clone(),
        };
        document = document.value("", title, said);
    }
    let mail = Cell::optional(mail, |mail| {
        let sender = if reveal { mail.sender.reveal().to_owned() } else { mail.sender.masked() };
        let subject = if mail.subject.is_empty() { "（无主题）" } else { mail.subject.as_str() };
        document = std::mem::take(&mut document).value("", "来自邮件", format!("{subject}，发件人 {sender}"));
        let texts = [("file", mail.path.clone()), ("sender", sender), ("subject", mail.subject.clone())];
        Cell::Record(texts.into_iter().map(|(key, text)| (key.to_owned(), text.into())).collect())
    });
    let source = entry.provenance.as_ref().map_or(Cell::Empty, |provenance| {
        let sheet = if provenance.sheet.is_empty() { String::new() } else { format!(" › {}", provenance.sheet) };
        document = std::mem::take(&mut document).value("", "来源", format!("{}{sheet} › 第{}行", provenance.file, provenance.row));
        Cell::Record(vec![
            ("file".to_owned(), provenance.file.as_str().into()),
            ("sheet".to_owned(), provenance.sheet.as_str().into()),
            ("row".to_owned(), Cell::Integer(provenance.row.into())),
        ])
    });
    for (_, title, cell) in recommendation.iter().filter(|(_, title, cell)| !title.is_empty() && *cell != Cell::Empty) {
        document = document.value("", *title, cell.clone());
    }
    let mut listing = Listing::new(
        "",
        "经过",
        vec![Column::new("", "操作"), Column::new("", "时间"), Column::new("", "操作人"), Column::new("", "事由"), Column::new("", "改动")],
    );
    let mut events = Vec::new();
    // An operation may touch a row more than once; people see one event.
    for steps in history.chunk_by(|(left, _), (right, _)| left.id == right.id) {
        let Some((operation, change)) = steps.first() else { continue };
        let columns = steps.iter().flat_map(|(_, change)| &change.columns);
        let changes: Vec<(Cell, String, String)> = columns.filter_map(|change| column(change, reveal, &rules.contest.timezone)).collect();
        let text: Vec<String> = match change.event {
            RowEvent::Inserted => vec!["接收".to_owned()],
            RowEvent::Deleted => vec!["删除".to_owned()],
            RowEvent::Updated => changes.iter().map(|(name, old, new)| said_change(name, old, new)).collect(),
        };
        listing.push(vec![
            Cell::Integer(operation.id.0),
            Cell::Moment(operation.at),
            operation.actor.as_str().into(),
            operation.summary.as_str().into(),
            text.join("\n").into(),
        ]);
        let changes = changes.into_iter().map(|(name, old, new)| {
            Cell::Record(vec![("field".to_owned(), name), ("old".to_owned(), old.into()), ("new".to_owned(), new.into())])
        });
        events.push(Cell::Record(vec![
            ("operation".to_owned(), Cell::Integer(operation.id.0)),
            ("at".to_owned(), Cell::Moment(operation.at)),
            ("actor".to_owned(), operation.actor.as_str().into()),
            ("summary".to_owned(), operation.summary.as_str().into()),
            ("changes".to_owned(), Cell::List(changes.collect())),
        ]));
    }
    let mut record: Vec<(String, Cell)> = fields.into_iter().map(|(key, _, cell)| (key, cell)).collect();
    record.push(("source".to_owned(), source));
    record.push(("mail".to_owned(), mail));
    let recommended = recommendation.iter().filter(|(key, ..)| !key.is_empty()).map(|(key, _, cell)| ((*key).to_owned(), cell.clone()));
    record.push(("recommendation".to_owned(), if recommendation.is_empty() { Cell::Empty } else { Cell::Record(recommended.collect()) }));
    record.push(("history".to_owned(), Cell::List(events)));
    let of_work = |file: &Attachment| attachment_report::record(rules, Some(entry), file);
    record.push(("attachments".to_owned(), Cell::List(files.iter().map(of_work).collect())));
    let Reviewed { mut decisions, mut waivers } = reviewed;
    record.push(("decisions".to_owned(), records(&decisions)));
    record.push(("waivers".to_owned(), records(&waivers)));
    // In JSON they stand in the record.
    decisions.key.clear();
    waivers.key.clear();
    document = document
        .value("entry", "", Cell::Record(record))
        .listing(attachment_report::of_work(rules, entry, files))
        .listing(decisions)
        .listing(waivers)
        .listing(listing);
    if !reveal {
        document = document.line("联系人、手机、邮箱、地址已隐去中间；要看全部加 --reveal");
    }
    document
}

/// What its recommender says of a work, each with its key for scripts and its title for people; either may be empty. Nothing where the
/// recommender has said nothing.
pub(super) fn recommendation(said: Option<Recommendation>, sheets: Vec<StampedSheet>) -> Vec<(&'static str, &'static str, Cell)> {
    let Some(said) = said else { return Vec::new() };
    let sheet = said.stamped.and_then(|id| sheets.into_iter().find(|sheet| sheet.id == id));
    let origin = said.provenance.as_ref().map(|origin| {
        let sheet = if origin.sheet.is_empty() { String::new() } else { format!(" › {}", origin.sheet) };
        format!("{}{sheet} › 第{}行", origin.file, origin.row)
    });
    let record = sheet.as_ref().map_or(Cell::Empty, |sheet| {
        Cell::Record(vec![
            ("path".to_owned(), sheet.path.as_str().into()),
            ("size".to_owned(), Cell::Integer(i64::try_from(sheet.size).unwrap_or(i64::MAX))),
            ("sha256".to_owned(), sheet.sha256.as_str().into()),
            ("confirmed_at".to_owned(), Cell::Moment(sheet.confirmed_at)),
        ])
    });
    vec![
        ("recommender", "", said.recommender.into()),
        ("opinion", "推荐意见", said.opinion.into()),
        ("order", "推荐排序", Cell::optional(said.position, |position| Cell::Integer(position.into()))),
        ("given_at", "", Cell::Moment(said.given_at)),
        ("withdrawn", "推荐已撤回", Cell::optional(said.withdrawn, Cell::text)),
        ("file", "推荐来源", Cell::optional(origin, Cell::text)),
        ("sheet", "", record),
        ("", "盖章推荐表", Cell::optional(sheet, |sheet| sheet.path.into())),
    ]
}

/// What a logged column says, where it is something that people know.
fn column(change: &ColumnChange, reveal: bool, timezone: &TimeZone) -> Option<(Cell, String, String)> {
    let text = |stored: &Stored| match stored {
        Stored::Nothing => String::new(),
        Stored::Integer(number) => number.to_string(),
        Stored::Text(text) => text.clone(),
    };
    let (old, new) = (text(&change.old), text(&change.new));
    if let Some(field) = Field::from_key(&change.column) {
        let shown = |text: String| {
            let text = on_clock(field, text, timezone);
            if reveal { text } else { masked_field(field, &text) }
        };
        return Some((Cell::keyed(field.key(), field.label()), shown(old), shown(new)));
    }
    let status = |key: String| Status::from_key(&key).map_or(key, |status| status.label().to_owned());
    match change.column.as_str() {
        "status" => Some((Cell::keyed("status", "状态"), status(old), status(new))),
        "award_eligible" => {
            let word = |number: String| if number == "0" { "否" } else { "是" }.to_owned();
            Some((Cell::keyed("award_eligible", "可否获奖"), word(old), word(new)))
        }
        "award_reason" => Some((Cell::keyed("award_reason", "不能获奖的理由"), old, new)),
        // Folded texts, sources and the like are the program's own book-keeping.
        _ => None,
    }
}

/// A changed column in words.
fn said_change(name: &Cell, old: &str, new: &str) -> String {
    let Cell::Keyed { key, label } = name else { return format!("{old} → {new}") };
    match Field::from_key(key) {
        Some(field) => format!("{label}：{} → {}", for_people(field, old), for_people(field, new)),
        None => format!("{label}：{old} → {new}"),
    }
}

/// Where a work stood before it got its present status, by the log.
pub(super) fn status_before(history: &[(Operation, RowChange)], present: Status) -> Option<Status> {
    let changes = history.iter().rev().flat_map(|(_, change)| &change.columns);
    let mut statuses = changes.filter(|change| change.column == "status" && change.new == Stored::Text(present.key().to_owned()));
    statuses.find_map(|change| if let Stored::Text(old) = &change.old { Status::from_key(old) } else { None })
}
