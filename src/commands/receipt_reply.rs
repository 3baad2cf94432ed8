//! Owns the reply to a sender: what arrived, what must be mended and how, and by when. Refuses to know how faults are found and where the
//! reply is kept.
//!
//! Decision worth knowing: it reads as plain text as well as Markdown, because it is pasted into a mail. It holds nothing about works of
//! other files, and of personal data only a faulty value itself, as it was received.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::civil::DateTime;

use super::receipt_words::Words;
use crate::domain::field::Field;
use crate::domain::problem::{Place, Severity};
use crate::domain::rules::{ContestRules, Deadline, Deadlines};

/// A fault and its place.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    pub(super) sheet: String,
    /// The row of the draft; `None` for the sheet as a whole.
    pub(super) row: Option<u32>,
    /// The cell: its row from 1 and its column from 0.
    pub(super) cell: Option<(u32, u32)>,
    pub(super) field: Option<Field>,
    pub(super) severity: Severity,
    /// Number and title, or only the title, of the work.
    pub(super) work: String,
    /// As received, where that may be shown.
    pub(super) value: String,
    pub(super) words: Words,
}

impl Fault {
    /// The reason for the comment on its cell.
    pub(super) fn comment(&self) -> String {
        format!("{}。{}。{}", self.words.what, self.words.mend, clause(&self.words))
    }
}

fn clause(words: &Words) -> String {
    if words.clause.is_empty() { String::new() } else { format!("（依据：{}）", words.clause) }
}

/// A work that was received.
#[derive(Debug, Clone)]
pub(super) struct Work {
    pub(super) number: String,
    pub(super) title: String,
    pub(super) category: String,
    pub(super) organization: String,
    /// When the stages close for it.
    pub(super) closing: Deadlines,
}

/// The marked copy of a file.
#[derive(Debug, Clone)]
pub(super) struct Copy {
    pub(super) name: String,
    /// Whether it shows what was read, and is not the same workbook.
    pub(super) is_as_read: bool,
}

/// One received table, document or workbook.
#[derive(Debug, Clone, Default)]
pub(super) struct FilePart {
    /// Its name, without folders.
    pub(super) name: String,
    pub(super) rows: usize,
    pub(super) registrations: usize,
    /// Whether rows could not be accepted: whose they are is not known.
    pub(super) has_waiting: bool,
    pub(super) works: Vec<Work>,
    pub(super) faults: Vec<Fault>,
    /// Why it could not be read at all.
    pub(super) unreadable: Option<&'static str>,
    pub(super) copy: Option<Copy>,
}

/// What a reply answers.
#[derive(Debug)]
pub(super) struct Reply<'a> {
    /// The name of what was received: a file, a mail, an archive.
    pub(super) name: &'a str,
    /// Of a mail, as written; else empty.
    pub(super) sender: &'a str,
    pub(super) subject: &'a str,
    pub(super) received_at: Timestamp,
    pub(super) now: Timestamp,
    pub(super) parts: &'a [FilePart],
    /// When the stages close for the works of it.
    pub(super) closing: Deadlines,
    pub(super) rules: &'a ContestRules,
}

impl Reply<'_> {
    /// How many faults there are.
    fn faults(&self) -> usize {
        self.parts.iter().map(|part| part.faults.len() + usize::from(part.unreadable.is_some())).sum()
    }

    /// The reply.
    pub(super) fn text(&self) -> String {
        let received = day(self.rules.local(self.received_at));
        let mut text = format!("# 关于“{}”的回复\n\n{}：\n\n", plain(self.name), self.addressee());
        let what = if self.subject.is_empty() { String::new() } else { format!("（主题：{}）", plain(self.subject)) };
        let _ = writeln!(text, "您单位报送的“{}”{what}已于{received}收到，用于{}。", plain(self.name), plain(&self.rules.contest.name));
        self.arrived(&mut text);
        let faults = self.faults();
        if faults == 0 {
            text.push_str("\n## 核对结果\n\n经初步核对，未发现需要补正的内容。正式受理以形式审查结果为准。\n");
        } else {
            let _ = write!(text, "\n## 需要补正的内容（共 {faults} 处）\n\n{}\n", self.by_when());
            for part in self.parts {
                self.mend(part, &mut text);
            }
        }
        let organizer = self.rules.contest.organizer.as_deref().unwrap_or(&self.rules.contest.name);
        let _ = write!(text, "\n{}\n\n{}\n", plain(organizer), day(self.rules.local(self.now)));
        text
    }

    fn addressee(&self) -> String {
        let mut units: Vec<&str> = self.parts.iter().flat_map(|part| &part.works).map(|work| work.organization.as_str()).collect();
        units.sort_unstable();
        units.dedup();
        let has_waiting = self.parts.iter().any(|part| part.has_waiting);
        match (units.as_slice(), self.sender) {
            ([unit], _) if !has_waiting => plain(unit),
            (_, "") => "报送单位".to_owned(),
            (_, sender) => plain(sender),
        }
    }

    fn arrived(&self, text: &mut String) {
        let works: usize = self.parts.iter().map(|part| part.works.len()).sum();
        let registrations: usize = self.parts.iter().map(|part| part.registrations).sum();
        let rows: usize = self.parts.iter().map(|part| part.rows).sum();
        if registrations > 0 {
            let _ = write!(text, "\n## 已登记的报名\n\n共 {registrations} 个单位的在线报名表。\n");
        }
        if works == 0 && registrations > 0 {
            return;
        }
        let _ = write!(text, "\n## 已接收的作品（{works} 件）\n\n");
        if works == 0 {
            let _ = writeln!(text, "{}", if rows == 0 { "没有读到作品。" } else { "所填各行都还不能作为作品接收，见下。" });
        }
        for (serial, work) in (1_usize..).zip(self.parts.iter().flat_map(|part| &part.works)) {
            let Work { number, title, category, organization, .. } = work;
            let _ = writeln!(text, "{serial}. {number}《{}》（{}，{}）", plain(title), plain(category), plain(organization));
        }
    }

    fn mend(&self, part: &FilePart, text: &mut String) {
        if part.faults.is_empty() && part.unreadable.is_none() {
            return;
        }
        if self.parts.len() > 1 || self.name != part.name {
            let _ = write!(text, "\n### {}\n", plain(&part.name));
        }
        if let Some(reason) = &part.unreadable {
            let _ = write!(text, "\n- {reason}\n");
        }
        let mut heading = None;
        for fault in &part.faults {
            let of = (&fault.sheet, fault.row, &fault.work);
            if heading != Some(of) {
                heading = Some(of);
                let sheet = if fault.sheet.is_empty() { String::new() } else { format!("“{}”", plain(&fault.sheet)) };
                let row = fault.row.map_or_else(|| "整张表".to_owned(), |row| format!("第 {row} 行"));
                let _ = write!(text, "\n{sheet}{row}{}\n\n", spaced(&plain(&fault.work)));
            }
            let place = Place { row: fault.cell.map(|cell| cell.0), column: fault.cell.map(|cell| cell.1), ..Place::default() };
            let cell = place.cell().map_or_else(String::new, |cell| format!("{cell} "));
            let label = fault.field.map(Field::label).filter(|label| !fault.words.what.contains(label));
            let label = label.map_or_else(String::new, |label| format!("“{label}”："));
            let value = if fault.value.is_empty() { String::new() } else { format!("（原填：{}）", plain(&fault.value)) };
            let degree = if fault.severity == Severity::Error { "" } else { "（请核对）" };
            let _ = writeln!(
                text,
                "- {cell}{label}{}{value}{degree}。{}。{}",
                plain(&fault.words.what),
                plain(&fault.words.mend),
                clause(&fault.words)
            );
        }
        if let Some(copy) = &part.copy {
            let kind =
                if copy.is_as_read { "是按读取结果另制的一份，版式与原表不同" } else { "是您单位原表的副本" };
            let _ = write!(text, "\n附“{}”，{kind}：需补正的单元格已标红，原因写在批注中。请在原表中改正。\n", plain(&copy.name));
        }
    }

    /// Until when: the deadline that applies at the time of receipt; where the rules have none, none is named.
    fn by_when(&self) -> String {
        let received = self.rules.local(self.received_at);
        let deadlines = &self.closing;
        let open = |deadline: Option<Deadline>| deadline.filter(|deadline| !deadline.is_past(received));
        if let Some(deadline) = open(deadlines.submission) {
            return format!("请于{}补正后重新报送。", until(deadline));
        }
        if let Some(deadline) = open(deadlines.screening) {
            let passed = deadlines.submission.map_or_else(String::new, |passed| format!("作品申报已于{}截止。", day(passed.0)));
            return format!("{passed}请于{}补正后重新报送，届时形式审查截止。", until(deadline));
        }
        match (deadlines.submission, deadlines.screening) {
            (_, Some(passed)) => format!("形式审查已于{}截止。如需补正，请先与大赛组委会联系。", day(passed.0)),
            (Some(passed), None) => format!("作品申报已于{}截止。如需补正，请先与大赛组委会联系。", day(passed.0)),
            (None, None) => "请补正后重新报送。".to_owned(),
        }
    }
}

/// `2024年7月5日`.
fn day(at: DateTime) -> String {
    format!("{}年{}月{}日", at.year(), at.month(), at.day())
}

/// A whole day as `2024年7月5日前（含当日）`, another moment with its time.
fn until(deadline: Deadline) -> String {
    if deadline.is_end_of_day() {
        format!("{}前（含当日）", day(deadline.0))
    } else {
        format!("{}{}前", day(deadline.0), deadline.0.strftime("%H:%M"))
    }
}

fn spaced(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" {text}") }
}

/// A text from outside on one line.
fn plain(text: &str) -> String {
    text.split(|character: char| character.is_whitespace() || character.is_control())
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}
