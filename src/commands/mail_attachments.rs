//! Owns what becomes of the parts of mails and archives that are no forms: recorded with the work or unit that they belong to. Refuses to
//! know how a name is matched with a work: that is `domain::attachment`.
//!
//! Decision worth knowing: it is done once, after the last file of an import, because a scan may come in an earlier mail than its form.
//! A file that is known by digest for the same work is not recorded again, whichever mail brings it.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::import::Import;
use super::import_report::Became;
use super::receiving::Origin;
use crate::domain::attachment::{Attachment, FileRecord, How, Link, Match, MatchedBy, Matcher, Query};
use crate::domain::values::{EntryId, EntryNumber, OrganizationId};
use crate::error::AppError;
use crate::formats::parcel_problems::ParcelFault;
use crate::store::attachments;

/// How many candidates a message names.
const NAMED: usize = 5;

/// A part that is no form, until it is known whose it is.
#[derive(Debug)]
pub(super) struct Pending {
    line: usize,
    record: FileRecord,
    origin: Rc<Origin>,
    /// The names of the archives around it, each followed by `/`.
    around: String,
    /// The works that came in the same mail or archive.
    companions: Rc<[EntryId]>,
    is_picture: bool,
}

impl Pending {
    /// A part with its line in the report, and what it came in. `is_picture`: it belongs to a mail's text.
    pub(super) fn new(line: usize, record: FileRecord, origin: Rc<Origin>, around: String, is_picture: bool) -> Self {
        Self { line, record, origin, around, companions: Rc::default(), is_picture }
    }

    /// Notes the works of the mail or archive that ends now, unless one inside it brought some.
    pub(super) fn came_with(&mut self, works: &Rc<[EntryId]>) {
        if self.companions.is_empty() {
            self.companions = Rc::clone(works);
        }
    }

    /// Whose it is. The subject of the mail stands for a folder where no form came with it.
    fn matched(&self, matcher: &Matcher) -> Match {
        let mut subject = "";
        let mut origin = Some(&self.origin);
        while let (true, Some(inner)) = (subject.is_empty(), origin) {
            subject = &inner.source.subject;
            origin = inner.parent.as_ref();
        }
        let path = if self.companions.is_empty() && !self.is_picture {
            format!("{}/{}{}", subject.replace('/', " "), self.around, self.record.path)
        } else {
            format!("{}{}", self.around, self.record.path)
        };
        matcher.find(&Query { path: &path, file_type: self.record.file_type, companions: &self.companions })
    }
}

/// What is to be done with a part, by what is recorded already.
enum Change {
    Nothing,
    Insert,
    Update(Box<Attachment>),
}

impl Import<'_> {
    /// Finds the works of all parts that are no forms, and records them.
    pub(super) fn settle_attachments(&mut self) -> Result<(), AppError> {
        let pending = std::mem::take(&mut self.pending);
        if pending.is_empty() {
            return Ok(());
        }
        let (works, units) = self.receiving.works_and_units()?;
        let matcher = Matcher::new(self.rules, &works, &units);
        let numbers: BTreeMap<EntryId, &EntryNumber> = works.iter().map(|work| (work.id, &work.number)).collect();
        let names: BTreeMap<OrganizationId, &str> = units.iter().map(|unit| (unit.id, unit.name.as_str())).collect();
        let mut left_out = BTreeSet::new();
        for part in pending {
            let found = part.matched(&matcher);
            if part.is_picture && !matches!(found.how, How::Exact | How::Contained) {
                left_out.insert(part.line);
                continue;
            }
            let became = match (found.link.entry, found.link.organization) {
                (Some(entry), _) => numbers.get(&entry).map(|number| Became::Attached((*number).clone())),
                (None, Some(unit)) => names.get(&unit).map(|name| Became::OfUnit((*name).to_owned())),
                (None, None) => (found.how == How::Recommendation).then_some(Became::Recommendation),
            };
            if let Some(became) = became {
                self.report.became(part.line, became);
            } else {
                let candidates: Vec<&str> =
                    found.candidates.iter().filter_map(|id| numbers.get(id)).take(NAMED).map(|number| number.as_str()).collect();
                let detail = if candidates.is_empty() { String::new() } else { format!("可能是 {}", candidates.join("、")) };
                self.report.note_file(part.line, |shown| ParcelFault::Unmatched.at(shown, &detail));
            }
            self.record(part, found.link)?;
        }
        self.report.leave_out(&left_out);
        Ok(())
    }

    fn record(&mut self, part: Pending, link: Link) -> Result<(), AppError> {
        let change = self.change(&part.record, &link)?;
        if matches!(change, Change::Nothing) {
            return Ok(());
        }
        self.receiving.has_written = true;
        let Some(tx) = self.receiving.tx() else {
            return Ok(());
        };
        match change {
            Change::Nothing => {}
            Change::Insert => {
                let record = FileRecord { source: Some(part.origin.written(tx)?), ..part.record };
                attachments::insert(tx, &record, &link, self.now)?;
            }
            Change::Update(known) => attachments::update(tx, &Attachment { link, seen_at: self.now, ..*known })?,
        }
        Ok(())
    }

    /// What is new about a part. What staff said of a file stays, and what was known once is not forgotten because a later mail brings
    /// the same file alone.
    fn change(&self, record: &FileRecord, link: &Link) -> Result<Change, AppError> {
        let is_found = |link: &Link| link.entry.is_some() || link.organization.is_some();
        let reader = self.receiving.reader();
        let is_known = attachments::is_known(reader, &record.sha256, link)?
            || (!is_found(link) && attachments::has_copy(reader, &record.sha256, &record.path)?);
        if is_known {
            return Ok(Change::Nothing);
        }
        let mut change = Change::Insert;
        for known in attachments::copies(reader, &record.sha256, &record.path)? {
            if known.link.matched == Some(MatchedBy::Hand) {
                return Ok(Change::Nothing);
            }
            if !is_found(&known.link) {
                change = Change::Update(Box::new(known));
            }
        }
        Ok(change)
    }
}
