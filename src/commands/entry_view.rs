//! Owns what is shown of one work: every field, where it came from, and every operation that touched it. Personal data is masked
//! unless the caller asks to reveal it.

use super::attachment_report;
use super::entry::category_cell;
use crate::domain::attachment::Attachment;
use crate::domain::entry::Entry;
use crate::domain::field::Field;
use crate::domain::finding::minutes;
use crate::domain::listing::{Cell, Column, Document, Listing};
use crate::domain::privacy::masked_field;
use crate::domain::rules::ContestRules;
use crate::domain::status::Status;
use crate::store::oplog::{ColumnChange, Operation, RowChange, RowEvent, Stored};
use crate::store::sources::Mail;

/// A work's whole story as far as intake knows it.
pub(super) fn document(
    rules: &ContestRules,
    entry: &Entry,
    history: &[(Operation, RowChange)],
    files: &[Attachment],
    mail: Option<&Mail>,
    reveal: bool,
) -> Document {
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
        let changes: Vec<(Cell, String, String)> = columns.filter_map(|change| column(change, reveal)).collect();
        let text: Vec<String> = match change.event {
            RowEvent::Inserted => vec!["接收".to_owned()],
            RowEvent::Deleted => vec!["删除".to_owned()],
            RowEvent::Updated => changes.iter().map(|(name, old, new)| format!("{}：{old} → {new}", name_of(name))).collect(),
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
    record.push(("history".to_owned(), Cell::List(events)));
    let of_work = |file: &Attachment| attachment_report::record(rules, Some(entry), file);
    record.push(("attachments".to_owned(), Cell::List(files.iter().map(of_work).collect())));
    document = document.value("entry", "", Cell::Record(record)).listing(attachment_report::of_work(rules, entry, files)).listing(listing);
    if !reveal {
        document = document.line("联系人、手机、邮箱、地址已隐去中间；要看全部加 --reveal");
    }
    document
}

/// What a logged column says, where it is something that people know.
fn column(change: &ColumnChange, reveal: bool) -> Option<(Cell, String, String)> {
    let text = |stored: &Stored| match stored {
        Stored::Nothing => String::new(),
        Stored::Integer(number) => number.to_string(),
        Stored::Text(text) => text.clone(),
    };
    let (old, new) = (text(&change.old), text(&change.new));
    if let Some(field) = Field::from_key(&change.column) {
        let shown = |text: String| if reveal { text } else { masked_field(field, &text) };
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

fn name_of(cell: &Cell) -> &str {
    if let Cell::Keyed { label, .. } = cell { label } else { "" }
}

/// Where a work stood before it got its present status, by the log.
pub(super) fn status_before(history: &[(Operation, RowChange)], present: Status) -> Option<Status> {
    let changes = history.iter().rev().flat_map(|(_, change)| &change.columns);
    let mut statuses = changes.filter(|change| change.column == "status" && change.new == Stored::Text(present.key().to_owned()));
    statuses.find_map(|change| if let Stored::Text(old) = &change.old { Status::from_key(old) } else { None })
}
