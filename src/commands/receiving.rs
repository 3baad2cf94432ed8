//! Owns the way of a received row into the contest: reads what planning asks for, and writes what it decides. Shared by `import` and
//! `quarantine retry`. Refuses to know files and arguments; what becomes of a row is `domain::intake`.
//!
//! Decision worth knowing: rows are planned and written in one pass, so memory does not grow with the file. A dry run plans in the same
//! way; what it would have written lies in memory, so that later rows meet it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rustc_hash::FxHashMap;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::files::hexadecimal;
use super::import_changes::ShownChange;
use super::settling::Waiting;
use crate::domain::entry::{Declaration, Entry, OrganizationProfile, Provenance, Status};
use crate::domain::field::Field;
use crate::domain::folding::fold_title;
use crate::domain::intake::problems::Code;
use crate::domain::intake::{Arrival, Planned, Planner, Present, RegistrationRow, Step, Tally, UnitWrite, WorkPast};
use crate::domain::organization::Registration;
use crate::domain::problem::{Place, Problem};
use crate::domain::rules::ContestRules;
use crate::domain::values::{EntryId, OrganizationId, SourceId};
use crate::error::AppError;
use crate::formats::registration::{ReadRow, RegistrationDraft};
use crate::store::db::{Reader, StoreError, Tx};
use crate::store::organizations::RegistrationOrigin;
use crate::store::sources::{self, Origin, QuarantineState, Source};
use crate::store::{entries, organizations, past};

/// Where rows go.
#[derive(Debug)]
pub(super) enum Target<'a> {
    /// Into the contest.
    Write(Tx<'a>),
    /// Nowhere: a dry run.
    Try(Reader<'a>),
}

impl<'a> Target<'a> {
    fn reader(&self) -> &Reader<'a> {
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
        let mut known = past::of_work(reader, id, arrival, &self.arriving)?;
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

/// One received file on its way in.
#[derive(Debug)]
pub(super) struct ReceivedFile {
    source: Source,
    id: Option<SourceId>,
    /// How often each refused row stood in the file so far: two equal rows are two rows.
    occurrences: BTreeMap<[u8; 32], u32>,
}

impl ReceivedFile {
    /// A file of which no row has been received yet.
    pub(super) fn new(source: Source) -> Self {
        Self { source, id: None, occurrences: BTreeMap::new() }
    }

    /// A file that an earlier import wrote.
    pub(super) fn known(path: String, id: SourceId, received_at: Timestamp) -> Self {
        let source = Source { path, size: 0, sha256: String::new(), received_at };
        Self { source, id: Some(id), occurrences: BTreeMap::new() }
    }

    /// The file's row in the contest, if anything of it was written.
    pub(super) fn id(&self) -> Option<SourceId> {
        self.id
    }
}

/// What became of a row.
#[derive(Debug)]
pub(super) struct Received {
    /// The sheet.
    pub(super) sheet: String,
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
        let contest = Contest {
            target,
            profiles: FxHashMap::default(),
            works: FxHashMap::default(),
            registrations: FxHashMap::default(),
            origins: FxHashMap::default(),
            arriving: String::new(),
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
            let settled = self.waiting.take(self.contest.target.reader(), kind, &file.source.path, &planned)?;
            if !settled.is_empty() {
                let place = Place { file: file.source.path.clone(), sheet: planned.sheet.clone(), row: Some(planned.row), column: None };
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
        digest.update(planned.received.as_bytes());
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
                let place = Place { file: file.source.path.clone(), sheet: planned.sheet.clone(), row: Some(planned.row), column: None };
                let hint = "要重新接收，查编号 dasai quarantine list --all，再 dasai quarantine retry 编号";
                problems = vec![Code::Discarded.at(&place, None, "", format!("这一行此前已弃置：{reason}"), hint)];
                tally = Tally { unchanged: 1, ..Tally::default() };
            }
            None => {
                self.has_written = true;
                if let Target::Write(tx) = &self.contest.target {
                    let source = source_id(tx, file)?;
                    let origin = Origin {
                        source,
                        sheet: &planned.sheet,
                        row: planned.row,
                        kind,
                        received: &planned.received,
                        named: &planned.named,
                    };
                    sources::quarantine(tx, origin, &digest, &problems_json(&problems))?;
                }
            }
        }
        Ok(Received { sheet: planned.sheet, tally, problems, changes: Vec::new(), work: None })
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
        contest.arriving.clone_from(&file.source.sha256);
        Ok(match row {
            ReadRow::Entry(draft, problems) => ("entries", planner.work(*draft, problems, &file.source.path, contest)?),
            ReadRow::Registration(draft, problems) => {
                ("registrations", planner.registration(registration_row(*draft), problems, &file.source.path, contest)?)
            }
        })
    }

    fn write(&mut self, file: &mut ReceivedFile, planned: Planned, tally: Tally) -> Result<Received, StoreError> {
        let Planned { unit, step, problems, changes, sheet, row, received, named: _ } = planned;
        let place = Place { file: file.source.path.clone(), sheet: sheet.clone(), row: Some(row), column: None };
        let changes = changes.into_iter().map(|value| ShownChange { place: place.clone(), value }).collect();
        let has_step = !matches!(step, Step::Unchanged | Step::Changed | Step::Quarantine);
        self.has_written |= unit.is_some() || has_step;
        let mut work = None;
        if let Step::AddWork(new) = &step {
            work = Some(new.id);
        } else if let Step::UpdateWork { id, .. } = &step {
            work = Some(*id);
        }
        if let Some(UnitWrite::Create { id, profile, .. } | UnitWrite::Fill { id, profile }) = &unit {
            self.contest.profiles.insert(*id, profile.clone());
        }
        if let Target::Write(tx) = &self.contest.target {
            if let Some(unit) = unit {
                write_unit(tx, unit)?;
            }
            if has_step {
                let place = RowPlace { sheet: &sheet, row, received: &received };
                write_step(tx, file, step, place)?;
            }
        } else {
            self.contest.remember(step, received);
        }
        Ok(Received { sheet, tally, problems, changes, work })
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
    received: &'a str,
}

fn write_unit(tx: &Tx<'_>, unit: UnitWrite) -> Result<(), StoreError> {
    match unit {
        UnitWrite::Create { id, name, folded, profile } => organizations::insert(tx, id, &name, &folded, &profile),
        UnitWrite::Fill { id, profile } => organizations::update_profile(tx, id, &profile),
    }
}

fn write_step(tx: &Tx<'_>, file: &mut ReceivedFile, step: Step, place: RowPlace<'_>) -> Result<(), StoreError> {
    let source = source_id(tx, file)?;
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
                received_at: file.source.received_at,
                recommended_at: None,
                resubmitted_at: None,
                provenance: Some(provenance),
            };
            entries::insert(tx, &entry, &work.title_folded, place.received)
        }
        Step::UpdateWork { id, declaration, status } => {
            entries::update_declaration(tx, id, &declaration, &fold_title(&declaration.title))?;
            entries::set_origin(tx, id, source, place.sheet, place.row, place.received)?;
            entries::set_resubmitted(tx, id, file.source.received_at)?;
            entries::set_status(tx, id, status)
        }
        Step::AddRegistration(id, registration) | Step::UpdateRegistration(id, registration) => {
            let origin = RegistrationOrigin { source, sheet: place.sheet, row: place.row, received: place.received };
            organizations::put_registration(tx, id, &registration, origin)
        }
        Step::Unchanged | Step::Changed | Step::Quarantine => Ok(()),
    }
}

/// The file's row in the contest, written when the first of its rows needs it.
fn source_id(tx: &Tx<'_>, file: &mut ReceivedFile) -> Result<SourceId, StoreError> {
    if let Some(id) = file.id {
        return Ok(id);
    }
    let id = sources::insert(tx, &file.source)?;
    file.id = Some(id);
    Ok(id)
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
