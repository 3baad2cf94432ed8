//! Owns the way of a received row into the contest: reads what planning asks for, and writes what it decides. Shared by `import` and
//! `quarantine retry`. Refuses to know files and arguments; what becomes of a row is `domain::intake`.
//!
//! Decision worth knowing: rows are planned and written in one pass, so memory does not grow with the file. A dry run plans in the same
//! way; what it would have written lies in memory, so that later rows meet it.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rustc_hash::FxHashMap;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::files::hexadecimal;
use super::import_changes::ShownChange;
use super::recommend::recommender_changed;
use super::recommending;
use super::settling::Waiting;
use crate::domain::entry::{Declaration, Entry, EntrySummary, OrganizationProfile, Provenance};
use crate::domain::extension::{Extensions, Stage};
use crate::domain::field::Field;
use crate::domain::folding::fold_title;
use crate::domain::intake::problems::Code;
use crate::domain::intake::{Arrival, Planned, Planner, Present, RegistrationRow, Step, Tally, UnitWrite, WorkPast};
use crate::domain::organization::{Organization, Registration};
use crate::domain::problem::{Place, Problem};
use crate::domain::received::ReceivedRow;
use crate::domain::recommendation::Directory;
use crate::domain::rules::{ContestRules, Deadlines};
use crate::domain::status::Status;
use crate::domain::values::{EntryId, OrganizationId, SourceId};
use crate::error::AppError;
use crate::formats::registration::{ReadRow, RegistrationDraft};
use crate::store::db::{Reader, StoreError, Tx};
use crate::store::organizations::RegistrationOrigin;
use crate::store::past::Standing;
use crate::store::sources::{self, Origin as RowOrigin, QuarantineState, Source};
use crate::store::{entries, extensions, organizations, past};

/// Where rows go.
#[derive(Debug)]
pub(super) enum Target<'a> {
    /// Into the contest.
    Write(Tx<'a>),
    /// Nowhere: a dry run.
    Try(Reader<'a>),
}

impl<'a> Target<'a> {
    /// What the plan is made from: under the lock, what stands when it is written.
    pub(super) fn reader(&self) -> &Reader<'a> {
        match self {
            Self::Write(tx) => tx,
            Self::Try(reader) => reader,
        }
    }
}

/// The contest as planning sees it.
#[derive(Debug)]
struct Contest<'a> {
    target: Target<'a>,
    /// Units met so far: most send several works, one after another.
    profiles: FxHashMap<OrganizationId, OrganizationProfile>,
    /// What a dry run would have written.
    works: FxHashMap<EntryId, (Declaration, Status)>,
    registrations: FxHashMap<OrganizationId, Registration>,
    /// The rows that these works would have their values from.
    origins: FxHashMap<EntryId, String>,
    /// The SHA-256 of the file that is coming in.
    arriving: String,
    standing: Standing,
    new_works: Vec<EntrySummary>,
    new_units: Vec<Organization>,
    /// When the file that is being planned was received.
    received_at: Timestamp,
    closing: Closing,
    /// Which names are one recommender's.
    directory: Directory,
}

/// When formal review closes for a work.
#[derive(Debug)]
struct Closing {
    deadlines: Deadlines,
    timezone: TimeZone,
    extensions: Extensions,
}

impl Present for Contest<'_> {
    type Error = StoreError;

    fn work(&mut self, id: EntryId) -> Result<(Declaration, Status), StoreError> {
        if let Some(planned) = self.works.get(&id) {
            return Ok(planned.clone());
        }
        let known = entries::declaration(self.target.reader(), id)?;
        known.ok_or_else(|| StoreError::BadValue { place: "entry.id", value: id.0.to_string() })
    }

    fn past(&mut self, id: EntryId, arrival: Arrival<'_>) -> Result<WorkPast, StoreError> {
        let reader = self.target.reader();
        let mut known = past::of_work(reader, id, arrival, &self.arriving, &self.standing)?;
        if let (Some(received), Some((planned, _))) = (self.origins.get(&id), self.works.get(&id)) {
            // As the log would read, had the planned rows been written.
            known.is_superseded |= known.is_origin;
            known.is_origin = received == arrival.received;
            let before = entries::declaration(reader, id)?.map(|(before, _)| before).unwrap_or_default();
            for (field, past) in &mut known.fields {
                if planned.text(*field) != before.text(*field) {
                    past.corrected_from = None;
                }
            }
        }
        Ok(known)
    }

    fn is_closed(&mut self, id: EntryId) -> Result<bool, StoreError> {
        let Some(work) = entries::by_id(self.target.reader(), id)? else { return Ok(false) };
        let Closing { deadlines, timezone, extensions } = &self.closing;
        let at = self.received_at.to_zoned(timezone.clone()).datetime();
        Ok(extensions.effective(deadlines, Stage::Screening, (&work).into()).is_some_and(|deadline| deadline.is_past(at)))
    }

    fn profile(&mut self, id: OrganizationId) -> Result<OrganizationProfile, StoreError> {
        if let Some(met) = self.profiles.get(&id) {
            return Ok(met.clone());
        }
        let known = organizations::profile(self.target.reader(), id)?;
        let known = known.ok_or_else(|| StoreError::BadValue { place: "organization.id", value: id.0.to_string() })?;
        self.profiles.insert(id, known.clone());
        Ok(known)
    }

    fn registration(&mut self, id: OrganizationId) -> Result<Option<Registration>, StoreError> {
        match self.registrations.get(&id) {
            Some(planned) => Ok(Some(planned.clone())),
            None => organizations::registration(self.target.reader(), id),
        }
    }
}

/// A received file, or a part of the mail or archive that it came in.
#[derive(Debug)]
pub(super) struct Origin {
    /// What is kept of it.
    pub(super) source: Source,
    /// What it came in.
    pub(super) parent: Option<Rc<Self>>,
    id: Cell<Option<SourceId>>,
}

impl Origin {
    /// A file or part of which nothing has been written yet.
    pub(super) fn new(source: Source, parent: Option<Rc<Self>>) -> Self {
        Self { source, parent, id: Cell::new(None) }
    }

    /// Its row in the contest, if anything of it was written.
    pub(super) fn id(&self) -> Option<SourceId> {
        self.id.get()
    }

    /// Its row in the contest, written when the first thing in it needs it, after that of what it came in.
    pub(super) fn written(&self, tx: &Tx<'_>) -> Result<SourceId, StoreError> {
        if let Some(id) = self.id.get() {
            return Ok(id);
        }
        let parent = self.parent.as_ref().map(|parent| parent.written(tx)).transpose()?;
        let id = sources::insert(tx, &self.source, parent)?;
        self.id.set(Some(id));
        Ok(id)
    }
}

/// One received table on its way in.
#[derive(Debug)]
pub(super) struct ReceivedFile {
    origin: Rc<Origin>,
    /// How often each refused row stood in the file so far: two equal rows are two rows.
    occurrences: BTreeMap<[u8; 32], u32>,
    /// The sheet and titles that were last kept with it.
    titles: Option<(String, Arc<str>)>,
}

impl ReceivedFile {
    /// A file of which no row has been received yet.
    pub(super) fn new(origin: Rc<Origin>) -> Self {
        Self { origin, occurrences: BTreeMap::new(), titles: None }
    }

    /// A file that an earlier import wrote.
    pub(super) fn known(path: String, id: SourceId, received_at: Timestamp) -> Self {
        let source = Source::file(path, 0, String::new(), received_at);
        let origin = Origin { source, parent: None, id: Cell::new(Some(id)) };
        Self { origin: Rc::new(origin), occurrences: BTreeMap::new(), titles: None }
    }

    /// How a row is kept: in the short form where its titles are, or can be.
    fn kept<'r>(
        &mut self,
        tx: &Tx<'_>,
        source: SourceId,
        sheet: &str,
        received: &'r ReceivedRow,
        summary: &str,
    ) -> Result<Cow<'r, str>, StoreError> {
        let Some(titles) = received.titles() else { return Ok(received.whole()) };
        let is_known = self.titles.as_ref().is_some_and(|(known, its)| known == sheet && Arc::ptr_eq(its, titles));
        if !is_known {
            if !sources::keep_titles(tx, source, sheet, titles)? {
                return Ok(received.whole());
            }
            self.titles = Some((sheet.to_owned(), Arc::clone(titles)));
        }
        Ok(received.short(summary))
    }
}

/// What became of a row.
#[derive(Debug)]
pub(super) struct Received {
    /// The sheet.
    pub(super) sheet: String,
    /// The row, from 1.
    pub(super) row: u32,
    /// One row, counted.
    pub(super) tally: Tally,
    /// What was said about it.
    pub(super) problems: Vec<Problem>,
    /// What it says differently.
    pub(super) changes: Vec<ShownChange>,
    /// The work that it became or met.
    pub(super) work: Option<EntryId>,
}

/// The contest while rows come in.
#[derive(Debug)]
pub(super) struct Receiving<'a> {
    contest: Contest<'a>,
    planner: Planner,
    waiting: Waiting,
    /// Whether anything was written, or would have been.
    pub(super) has_written: bool,
}

impl<'a> Receiving<'a> {
    /// Opens the contest for rows. `update` applies other values of known works.
    ///
    /// # Errors
    /// The contest cannot be read.
    pub(super) fn new(target: Target<'a>, rules: &ContestRules, update: bool) -> Result<Self, AppError> {
        let units = organizations::known_units(target.reader())?;
        let works = entries::identities(target.reader())?;
        let past = past::read(target.reader())?;
        let planner = Planner::new(rules, update, units, works, past);
        let directory = recommending::directory(target.reader(), rules)?;
        let extensions = extensions::index(target.reader(), &directory)?;
        let standing = Standing::read(target.reader())?;
        let closing = Closing { deadlines: rules.deadlines, timezone: rules.contest.timezone.clone(), extensions };
        let contest = Contest {
            target,
            profiles: FxHashMap::default(),
            works: FxHashMap::default(),
            registrations: FxHashMap::default(),
            origins: FxHashMap::default(),
            arriving: String::new(),
            standing,
            new_works: Vec::new(),
            new_units: Vec::new(),
            received_at: Timestamp::UNIX_EPOCH,
            closing,
            directory,
        };
        let waiting = Waiting::read(contest.target.reader())?;
        Ok(Self { contest, planner, waiting, has_written: false })
    }

    /// Whether applying takes the file's value where staff corrected the work's, too.
    pub(super) fn over_corrections(mut self, over: bool) -> Self {
        self.planner = self.planner.over_corrections(over);
        self
    }

    /// The contest, to read from.
    pub(super) fn reader(&self) -> &Reader<'a> {
        self.contest.target.reader()
    }

    /// Every work, ordered by number, and every unit, with those that a dry run would have written.
    ///
    /// # Errors
    /// The contest cannot be read.
    pub(super) fn works_and_units(&self) -> Result<(Vec<EntrySummary>, Vec<Organization>), StoreError> {
        let mut units = organizations::list(self.reader())?;
        units.extend(self.contest.new_units.iter().cloned());
        let mut works = entries::summaries(self.reader())?;
        works.extend(self.contest.new_works.iter().cloned());
        // What a dry run would have changed of works that were there.
        for work in &mut works {
            if let Some((declaration, status)) = self.contest.works.get(&work.id) {
                work.title.clone_from(&declaration.title);
                work.theme.clone_from(&declaration.theme);
                work.creators.clone_from(&declaration.creators);
                work.recommender.clone_from(&declaration.recommender);
                work.zone.clone_from(&declaration.zone);
                work.submitted_at = declaration.submitted_at;
                work.status = *status;
            }
        }
        let names: FxHashMap<OrganizationId, &str> = units.iter().map(|unit| (unit.id, unit.name.as_str())).collect();
        for work in works.iter_mut().filter(|work| work.organization_name.is_empty()) {
            work.organization_name = names.get(&work.organization).copied().unwrap_or_default().to_owned();
        }
        works.sort_by(|one, other| one.number.cmp(&other.number));
        Ok((works, units))
    }

    /// The operation, where this is no dry run.
    pub(super) fn tx(&self) -> Option<&Tx<'a>> {
        match &self.contest.target {
            Target::Write(tx) => Some(tx),
            Target::Try(_) => None,
        }
    }

    /// Plans a row and writes it. A refused row goes to quarantine, unless it lies there already.
    ///
    /// # Errors
    /// The contest cannot be read or written.
    pub(super) fn receive(&mut self, file: &mut ReceivedFile, row: ReadRow) -> Result<Received, StoreError> {
        let (kind, mut planned) = self.plan(file, row)?;
        let mut tally = Tally::default();
        tally.count(&planned.step);
        if planned.step != Step::Quarantine {
            let settled = self.waiting.take(self.contest.target.reader(), kind, &file.origin.source.path, &planned)?;
            if !settled.is_empty() {
                let place =
                    Place { file: file.origin.source.path.clone(), sheet: planned.sheet.clone(), row: Some(planned.row), column: None };
                for row in &settled {
                    let message = format!("隔离区 {} 号（{}）由这一行更正，不再待处理", row.id, row.place);
                    let hint = format!("核对：dasai quarantine show {}；若不是同一件，撤销这次导入：dasai undo", row.id);
                    planned.problems.push(Code::Settles.at(&place, None, &row.id.to_string(), message, hint));
                }
            }
            let received = self.write(file, planned, tally)?;
            self.has_written |= !settled.is_empty();
            for row in settled {
                if let Some(tx) = self.tx() {
                    sources::settle(tx, row.id, QuarantineState::Accepted, "", received.work)?;
                }
            }
            return Ok(received);
        }
        let mut digest = Sha256::new();
        digest.update(kind.as_bytes());
        digest.update([0]);
        let received = planned.received.whole();
        digest.update(received.as_bytes());
        let occurrence = file.occurrences.entry(digest.clone().finalize().into()).or_default();
        digest.update(occurrence.to_be_bytes());
        *occurrence = occurrence.saturating_add(1);
        let digest = hexadecimal(&digest.finalize());
        let mut problems = planned.problems;
        match sources::quarantine_state(self.reader(), &digest)? {
            Some((QuarantineState::Open, _)) => {}
            Some((QuarantineState::Accepted, _)) => {
                // Mended by staff since: the row as it came has nothing more to say.
                problems.clear();
                tally = Tally { unchanged: 1, ..Tally::default() };
            }
            Some((QuarantineState::Discarded, reason)) => {
                let place =
                    Place { file: file.origin.source.path.clone(), sheet: planned.sheet.clone(), row: Some(planned.row), column: None };
                let hint = "要重新接收，查编号 dasai quarantine list --all，再 dasai quarantine retry 编号";
                problems = vec![Code::Discarded.at(&place, None, "", format!("这一行此前已弃置：{reason}"), hint)];
                tally = Tally { unchanged: 1, ..Tally::default() };
            }
            None => {
                self.has_written = true;
                if let Target::Write(tx) = &self.contest.target {
                    let source = file.origin.written(tx)?;
                    let origin =
                        RowOrigin { source, sheet: &planned.sheet, row: planned.row, kind, received: &received, named: &planned.named };
                    sources::quarantine(tx, origin, &digest, &problems_json(&problems))?;
                }
            }
        }
        Ok(Received { sheet: planned.sheet, row: planned.row, tally, problems, changes: Vec::new(), work: None })
    }

    /// Plans a quarantined row again and writes it if it can be accepted now.
    ///
    /// # Errors
    /// The contest cannot be read or written.
    pub(super) fn receive_again(&mut self, file: &mut ReceivedFile, row: ReadRow) -> Result<Received, StoreError> {
        let (_, planned) = self.plan(file, row)?;
        let mut tally = Tally::default();
        tally.count(&planned.step);
        self.write(file, planned, tally)
    }

    fn plan(&mut self, file: &ReceivedFile, row: ReadRow) -> Result<(&'static str, Planned), StoreError> {
        let Self { contest, planner, .. } = self;
        contest.arriving.clone_from(&file.origin.source.sha256);
        contest.received_at = file.origin.source.received_at;
        Ok(match row {
            ReadRow::Entry(draft, problems) => ("entries", planner.work(*draft, problems, &file.origin.source.path, contest)?),
            ReadRow::Registration(draft, problems) => {
                ("registrations", planner.registration(registration_row(*draft), problems, &file.origin.source.path, contest)?)
            }
        })
    }

    fn write(&mut self, file: &mut ReceivedFile, planned: Planned, tally: Tally) -> Result<Received, StoreError> {
        let Planned { unit, step, work, problems, changes, sheet, row, received, named: _ } = planned;
        let place = Place { file: file.origin.source.path.clone(), sheet: sheet.clone(), row: Some(row), column: None };
        let changes = changes.into_iter().map(|value| ShownChange { place: place.clone(), value }).collect();
        let has_step = !matches!(step, Step::Unchanged | Step::Changed | Step::Quarantine);
        self.has_written |= unit.is_some() || has_step;
        if let Some(UnitWrite::Create { id, profile, .. } | UnitWrite::Fill { id, profile }) = &unit {
            self.contest.profiles.insert(*id, profile.clone());
        }
        if let Target::Write(tx) = &self.contest.target {
            if let Some(unit) = unit {
                write_unit(tx, unit)?;
            }
            if has_step {
                let place = RowPlace { sheet: &sheet, row, received: &received };
                write_step(tx, file, step, place, &self.contest.directory)?;
            }
        } else {
            if let Some(UnitWrite::Create { id, name, profile, .. }) = unit {
                let unit = Organization { id, name, aliases: Vec::new(), profile, entries: 0, intended: Vec::new() };
                self.contest.new_units.push(unit);
            }
            self.contest.remember(step, received.whole().into_owned());
        }
        Ok(Received { sheet, row, tally, problems, changes, work })
    }

    /// Ends the operation; without it nothing was written. A dry run, or an import that brought nothing new, leaves no operation.
    ///
    /// # Errors
    /// The contest cannot be written.
    pub(super) fn finish(self, summary: &str) -> Result<(), AppError> {
        if let (Target::Write(tx), true) = (self.contest.target, self.has_written) {
            tx.finish(summary)?;
        }
        Ok(())
    }
}

impl Contest<'_> {
    fn remember(&mut self, step: Step, received: String) {
        match step {
            Step::AddWork(work) => {
                self.origins.insert(work.id, received);
                self.new_works.push(EntrySummary {
                    id: work.id,
                    number: work.number,
                    category: work.category,
                    organization: work.organization,
                    organization_name: String::new(),
                    title: work.declaration.title.clone(),
                    theme: work.declaration.theme.clone(),
                    creators: work.declaration.creators.clone(),
                    recommender: work.declaration.recommender.clone(),
                    zone: work.declaration.zone.clone(),
                    status: Status::Declared,
                    award_eligible: true,
                    submitted_at: work.declaration.submitted_at,
                });
                self.works.insert(work.id, (work.declaration, Status::Declared));
            }
            Step::UpdateWork { id, declaration, status } => {
                self.origins.insert(id, received);
                self.works.insert(id, (*declaration, status));
            }
            Step::AddRegistration(id, registration) | Step::UpdateRegistration(id, registration) => {
                self.registrations.insert(id, *registration);
            }
            Step::Unchanged | Step::Changed | Step::Quarantine => {}
        }
    }
}

/// Where a row stood in its file, and how it came.
#[derive(Debug, Clone, Copy)]
struct RowPlace<'a> {
    sheet: &'a str,
    row: u32,
    received: &'a ReceivedRow,
}

fn write_unit(tx: &Tx<'_>, unit: UnitWrite) -> Result<(), StoreError> {
    match unit {
        UnitWrite::Create { id, name, folded, profile } => organizations::insert(tx, id, &name, &folded, &profile),
        UnitWrite::Fill { id, profile } => organizations::update_profile(tx, id, &profile),
    }
}

fn write_step(tx: &Tx<'_>, file: &mut ReceivedFile, step: Step, place: RowPlace<'_>, directory: &Directory) -> Result<(), StoreError> {
    let source = file.origin.written(tx)?;
    match step {
        Step::AddWork(work) => {
            let work = *work;
            let provenance = Provenance { source, file: String::new(), sheet: place.sheet.to_owned(), row: place.row };
            let entry = Entry {
                id: work.id,
                number: work.number,
                category: work.category,
                organization: work.organization,
                organization_name: String::new(),
                declaration: work.declaration,
                status: Status::Declared,
                award_eligible: true,
                award_reason: String::new(),
                received_at: file.origin.source.received_at,
                recommended_at: None,
                resubmitted_at: None,
                provenance: Some(provenance),
            };
            let kept = file.kept(tx, source, place.sheet, place.received, &entry.declaration.summary)?;
            entries::insert(tx, &entry, &work.title_folded, &kept)
        }
        Step::UpdateWork { id, declaration, status } => {
            let before = entries::declaration(tx, id)?.map(|(before, _)| directory.key(&before.recommender));
            entries::update_declaration(tx, id, &declaration, &fold_title(&declaration.title))?;
            // Whole texts: an undo may give the work another summary and leave this row.
            let kept = file.kept(tx, source, place.sheet, place.received, "")?;
            entries::set_origin(tx, id, source, place.sheet, place.row, &kept)?;
            entries::set_resubmitted(tx, id, file.origin.source.received_at)?;
            entries::set_status(tx, id, status)?;
            let key = directory.key(&declaration.recommender);
            if before.is_some_and(|before| before != key) { recommender_changed(tx, id, status, &key, directory) } else { Ok(()) }
        }
        Step::AddRegistration(id, registration) | Step::UpdateRegistration(id, registration) => {
            let origin = RegistrationOrigin { source, sheet: place.sheet, row: place.row, received: &place.received.whole() };
            organizations::put_registration(tx, id, &registration, origin)
        }
        Step::Unchanged | Step::Changed | Step::Quarantine => Ok(()),
    }
}

fn registration_row(draft: RegistrationDraft) -> RegistrationRow {
    RegistrationRow {
        sheet: draft.sheet,
        row: draft.row,
        organization: draft.organization,
        registration: Registration {
            intended: draft.intended,
            recommender: draft.recommender,
            contact_name: draft.contact_name,
            contact_phone: draft.contact_phone,
            contact_email: draft.contact_email,
            contact_department: draft.contact_department,
            address: draft.address,
            postcode: draft.postcode,
            registered_at: draft.registered_at,
        },
        profile: draft.profile,
        received: draft.received,
    }
}

/// Problems as the contest file keeps them with a quarantined row.
pub(super) fn problems_json(problems: &[Problem]) -> String {
    let problems: Vec<Value> = problems
        .iter()
        .map(|problem| {
            json!({
                "code": problem.code,
                "severity": problem.severity.key(),
                "field": problem.field.map(Field::key),
                "value": problem.value,
                "message": problem.message,
                "hint": problem.hint,
            })
        })
        .collect();
    Value::Array(problems).to_string()
}
