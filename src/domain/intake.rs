//! Owns what becomes of a received row: a new work, an unchanged one, a changed one, or quarantine. Pure: it is fed row by row, knows
//! the identities of everything in the contest, asks for the present values of the one work that a row meets, and writes nothing.
//!
//! Decision worth knowing: a work is its unit, its category and its folded title. Nothing that staff or an earlier file has put into
//! the contest is overwritten unless the import says `--update`; an empty cell never overwrites. A number in the file (作品编号) is
//! kept where it fits the category and is free, because it may be printed already; a number of another work sends the row to
//! quarantine; any other number is set aside with a warning.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use rustc_hash::FxHashMap;

use super::entry::{Declaration, Draft, OrganizationProfile};
use super::field::Field;
use super::folding::{fold_organization, fold_text, fold_title, names_something};
use super::organization::Registration;
use super::problem::{Place, Problem};
use super::received::ReceivedRow;
use super::rules::ContestRules;
use super::status::Status;
use super::values::{CategoryId, EntryId, EntryNumber, OrganizationId};
use category::{Categories, Fault};
pub use later::{Arrival, ChangeOutcome, FieldPast, ValueChange, WorkPast};
use numbers::{Given, Numbers};
use problems::Code;
pub use tally::Tally;
pub use units::KnownUnit;
use units::Units;

pub mod category;
mod later;
pub mod lengths;
mod numbers;
pub mod problems;
mod tally;
#[cfg(test)]
mod tests;
mod units;

/// What makes a known work the same work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownWork {
    /// The work.
    pub id: EntryId,
    /// Its number.
    pub number: EntryNumber,
    /// Its unit.
    pub organization: OrganizationId,
    /// Its category.
    pub category: CategoryId,
    /// Its folded title.
    pub title_folded: String,
}

/// What tells works apart, by names rather than by rows in the contest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    /// The unit's folded name.
    pub unit: String,
    /// The category.
    pub category: CategoryId,
    /// The folded title.
    pub title: String,
}

/// A number that an undo took back, and the work that had it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetiredNumber {
    /// The number.
    pub number: EntryNumber,
    /// The work.
    pub identity: Identity,
}

/// What the log knows beyond the present.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Past {
    /// Works with a folded title that they had before staff corrected it, newest first.
    pub titles: Vec<(EntryId, String)>,
    /// Numbers that an undo took back, oldest first.
    pub numbers: Vec<RetiredNumber>,
    /// The greatest row that a unit ever had.
    pub last_unit: i64,
    /// The greatest row that a work ever had.
    pub last_work: i64,
}

/// The contest's present values, with everything planned so far.
pub trait Present {
    /// Why a value cannot be had.
    type Error;

    /// What a known work's form says, its number, and where it stands.
    ///
    /// # Errors
    /// The contest cannot be read.
    fn work(&mut self, id: EntryId) -> Result<(Declaration, Status), Self::Error>;

    /// What the log says of a known work, seen from a row that arrives.
    ///
    /// # Errors
    /// The contest cannot be read.
    fn past(&mut self, id: EntryId, arrival: Arrival<'_>) -> Result<WorkPast, Self::Error>;

    /// Whether formal review was closed for a known work when the file was received.
    ///
    /// # Errors
    /// The contest cannot be read.
    fn is_closed(&mut self, id: EntryId) -> Result<bool, Self::Error>;

    /// What a known unit's forms say of it.
    ///
    /// # Errors
    /// The contest cannot be read.
    fn profile(&mut self, id: OrganizationId) -> Result<OrganizationProfile, Self::Error>;

    /// A known unit's registration, if it has one.
    ///
    /// # Errors
    /// The contest cannot be read.
    fn registration(&mut self, id: OrganizationId) -> Result<Option<Registration>, Self::Error>;
}

/// A received registration row, not yet trusted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RegistrationRow {
    /// Sheet, empty for files without sheets.
    pub sheet: String,
    /// Row, from 1.
    pub row: u32,
    /// 参赛单位名称 as received.
    pub organization: String,
    /// What it registers.
    pub registration: Registration,
    /// The unit.
    pub profile: OrganizationProfile,
    /// The row as received.
    pub received: String,
}

/// A work to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewWork {
    /// Its identity in the file.
    pub id: EntryId,
    /// Its number.
    pub number: EntryNumber,
    /// Its category.
    pub category: CategoryId,
    /// Its unit.
    pub organization: OrganizationId,
    /// What its form says.
    pub declaration: Declaration,
    /// Its folded title.
    pub title_folded: String,
}

/// What to write of the unit before the row itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnitWrite {
    /// A unit that was not known.
    Create {
        /// Its identity in the file.
        id: OrganizationId,
        /// Its name as received.
        name: String,
        /// The same, folded.
        folded: String,
        /// What its form says.
        profile: OrganizationProfile,
    },
    /// Gaps of a known unit's profile that this row fills.
    Fill {
        /// The unit.
        id: OrganizationId,
        /// The whole profile, filled.
        profile: OrganizationProfile,
    },
}

/// What becomes of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A new work.
    AddWork(Box<NewWork>),
    /// A unit's first registration.
    AddRegistration(OrganizationId, Box<Registration>),
    /// Known, and nothing new.
    Unchanged,
    /// Known with other values, which stay out of the contest; the problems name them.
    Changed,
    /// A known work takes the row's values.
    UpdateWork {
        /// The work.
        id: EntryId,
        /// The whole declaration afterwards.
        declaration: Box<Declaration>,
        /// Where it stands afterwards.
        status: Status,
    },
    /// A known registration takes the row's values.
    UpdateRegistration(OrganizationId, Box<Registration>),
    /// Cannot be a work; the problems say why.
    Quarantine,
}

/// What a row names: its unit and title folded, its category by identity. Empty where it names none, or none that is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Named {
    /// The unit.
    pub unit: String,
    /// The title; empty for a registration.
    pub title: String,
    /// The category; empty for a registration.
    pub category: String,
}

/// A planned row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// What to write of its unit first.
    pub unit: Option<UnitWrite>,
    /// What becomes of it.
    pub step: Step,
    /// The work that it becomes, or the known one that it meets.
    pub work: Option<EntryId>,
    /// The reader's problems, then the plan's.
    pub problems: Vec<Problem>,
    /// What it says differently from a known work or registration.
    pub changes: Vec<ValueChange>,
    /// What it names.
    pub named: Named,
    /// Sheet, empty for files without sheets.
    pub sheet: String,
    /// Row, from 1.
    pub row: u32,
    /// The row as received.
    pub received: ReceivedRow,
}

/// Plans rows one after another; what it planned counts as known for the rows that follow.
#[derive(Debug)]
pub struct Planner {
    categories: Categories,
    zones: BTreeMap<String, String>,
    timezone: TimeZone,
    update: bool,
    over_corrections: bool,
    units: Units,
    works: FxHashMap<(OrganizationId, CategoryId, String), (EntryId, EntryNumber)>,
    numbers: Numbers,
    next_work: i64,
}

impl Planner {
    /// A planner for a contest that holds these units and works, and once held those of its past. `update` applies other values of
    /// known works.
    #[must_use]
    pub fn new(rules: &ContestRules, update: bool, units: Vec<KnownUnit>, mut works: Vec<KnownWork>, past: Past) -> Self {
        works.sort_unstable_by_key(|work| work.id);
        // A row that an undo freed keeps its history: it is never another's.
        let next_work = works.iter().map(|work| work.id.0).max().unwrap_or(0).max(past.last_work).saturating_add(1);
        let mut planner = Self {
            categories: Categories::new(rules),
            zones: rules.zones.iter().map(|zone| (zone_key(zone), zone.clone())).collect(),
            timezone: rules.contest.timezone.clone(),
            update,
            over_corrections: false,
            units: Units::new(units, past.last_unit),
            works: FxHashMap::default(),
            numbers: Numbers::new(rules, past.numbers),
            next_work,
        };
        let former: BTreeMap<EntryId, KnownWork> = past
            .titles
            .iter()
            .filter_map(|(id, _)| works.binary_search_by_key(id, |work| work.id).ok().and_then(|at| works.get(at)))
            .map(|work| (work.id, work.clone()))
            .collect();
        for work in works {
            planner.know(work.organization, work.category, work.title_folded, work.id, work.number);
        }
        // A file that still has the title from before a correction means the same work, unless a work has that title now.
        for (id, title) in past.titles {
            if let Some(work) = former.get(&id) {
                let identity = (work.organization, work.category.clone(), title);
                planner.works.entry(identity).or_insert_with(|| (id, work.number.clone()));
            }
        }
        planner
    }

    /// Whether `update` takes the file's value where staff corrected the work's, too.
    #[must_use]
    pub fn over_corrections(mut self, over: bool) -> Self {
        self.over_corrections = over;
        self
    }

    fn know(&mut self, unit: OrganizationId, category: CategoryId, title: String, id: EntryId, number: EntryNumber) {
        self.numbers.take(&category, &number, id);
        self.works.insert((unit, category, title), (id, number));
    }

    /// Plans a work's row of `file`, with the problems that its reader found.
    ///
    /// # Errors
    /// The contest's present values cannot be read.
    pub fn work<P: Present>(&mut self, mut draft: Draft, problems: Vec<Problem>, file: &str, present: &mut P) -> Result<Planned, P::Error> {
        let place = Place { file: file.to_owned(), sheet: draft.sheet.clone(), row: Some(draft.row), column: None };
        let mut row = Planned {
            unit: None,
            step: Step::Quarantine,
            work: None,
            problems,
            changes: Vec::new(),
            named: Named::default(),
            sheet: std::mem::take(&mut draft.sheet),
            row: draft.row,
            received: std::mem::take(&mut draft.received),
        };
        let folded = fold_organization(&draft.organization);
        let title_folded = fold_title(&draft.declaration.title);
        let category = self.categories.named(&draft.category);
        let named = category.as_ref().map(|category| category.as_str().to_owned()).unwrap_or_default();
        row.named = Named { unit: folded.clone(), title: title_folded.clone(), category: named };
        let has_unit = names_something(&draft.organization);
        if !has_unit {
            row.problems.push(no_unit(&place, &draft.organization));
        }
        let has_title = names_something(&draft.declaration.title);
        if !has_title {
            let hint = "在原表补上作品名称后重新导入，或用 dasai quarantine retry 编号 --set title=名称";
            row.problems.push(Code::NoTitle.at(
                &place,
                Some(Field::Title),
                &draft.declaration.title,
                "没有作品名称，不能作为作品接收",
                hint,
            ));
        }
        let said = row.problems.len();
        row.problems.extend(lengths::of_work(&draft.organization, &draft.declaration, &draft.profile, &place));
        let is_too_long = row.problems.len() > said;
        self.units.check_code(&mut draft.profile, &place, &mut row.problems);
        let category = match category {
            Ok(category) => category,
            Err(fault) => {
                row.problems.push(self.category_problem(&fault, &place, &draft.category));
                return Ok(row);
            }
        };
        if !has_unit || !has_title || is_too_long {
            return Ok(row);
        }
        let unit = self.units.named(&folded);
        let known = unit.and_then(|unit| self.works.get(&(unit, category.clone(), title_folded.clone())).cloned());
        let identity = Identity { unit: folded.clone(), category: category.clone(), title: title_folded.clone() };
        let number = match self.numbers.given(draft.number.as_ref(), &identity, known.as_ref()) {
            Given::None => None,
            Given::Take(number) => Some(number),
            Given::Foreign(number) => {
                let message = format!("作品编号 {number} 已属于另一件作品，与本行的单位、类型、名称不符");
                let hint = format!("核对：dasai entry show {number}；改正本行的编号或名称后重新导入");
                row.problems.push(Code::ForeignNumber.at(&place, Some(Field::Number), number.as_str(), message, hint));
                return Ok(row);
            }
            Given::SetAside(number, message) => {
                let hint = "编号由本程序按类型依次给出；请以导入后的编号为准";
                row.problems.push(Code::UnusableNumber.at(&place, Some(Field::Number), number.as_str(), message, hint));
                None
            }
        };
        self.settle_zone(&mut draft.declaration, &place, &mut row.problems);
        match (unit, known) {
            (Some(unit), Some((id, number))) => self.meet_work(&mut row, unit, id, &number, &draft, &place, present)?,
            (unit, _) => {
                let organization = self.units.take(unit, &draft.organization, folded, draft.profile, &place, &mut row, present)?;
                let id = EntryId(self.next_work);
                self.next_work = self.next_work.saturating_add(1);
                let number = number.unwrap_or_else(|| self.numbers.next(&identity));
                self.know(organization, category.clone(), title_folded.clone(), id, number.clone());
                let declaration = draft.declaration;
                row.work = Some(id);
                row.step = Step::AddWork(Box::new(NewWork { id, number, category, organization, declaration, title_folded }));
            }
        }
        Ok(row)
    }

    /// Plans a registration's row of `file`, with the problems that its reader found.
    ///
    /// # Errors
    /// The contest's present values cannot be read.
    pub fn registration<P: Present>(
        &mut self,
        received: RegistrationRow,
        problems: Vec<Problem>,
        file: &str,
        present: &mut P,
    ) -> Result<Planned, P::Error> {
        let RegistrationRow { sheet, row, organization, registration, mut profile, received } = received;
        let place = Place { file: file.to_owned(), sheet: sheet.clone(), row: Some(row), column: None };
        let received = ReceivedRow::object(received);
        let folded = fold_organization(&organization);
        let named = Named { unit: folded.clone(), ..Named::default() };
        let mut row =
            Planned { unit: None, step: Step::Quarantine, work: None, problems, changes: Vec::new(), named, sheet, row, received };
        if !names_something(&organization) {
            row.problems.push(no_unit(&place, &organization));
            return Ok(row);
        }
        let too_long = lengths::of_registration(&organization, &registration, &profile, &place);
        if !too_long.is_empty() {
            row.problems.extend(too_long);
            return Ok(row);
        }
        self.units.check_code(&mut profile, &place, &mut row.problems);
        let unit = self.units.named(&folded);
        let known = match unit {
            Some(unit) => present.registration(unit)?,
            None => None,
        };
        let (Some(unit), Some(known)) = (unit, known) else {
            let unit = self.units.take(unit, &organization, folded, profile, &place, &mut row, present)?;
            row.step = Step::AddRegistration(unit, Box::new(registration));
            return Ok(row);
        };
        let mut changes = known.changes_to(&registration);
        changes.extend(self.units.compare(unit, &profile, &place, &mut row, present)?);
        row.step = if changes.is_empty() {
            Step::Unchanged
        } else if self.update {
            Step::UpdateRegistration(unit, Box::new(known.overlaid(&registration)))
        } else {
            row.unit = None;
            Step::Changed
        };
        let outcome = if self.update { ChangeOutcome::Applied } else { ChangeOutcome::Waits };
        for change in changes {
            row.say(ValueChange::without_past(&organization, change, outcome), &place, &self.timezone);
        }
        Ok(row)
    }

    /// Sets the zone to a name of the rules' list; one that is not on it is reported and left out.
    fn settle_zone(&self, declaration: &mut Declaration, place: &Place, problems: &mut Vec<Problem>) {
        if self.zones.is_empty() || declaration.zone.is_empty() {
            return;
        }
        if let Some(zone) = self.zones.get(&zone_key(&declaration.zone)) {
            declaration.zone.clone_from(zone);
        } else {
            let message = format!("赛区“{}”不在规则的名单上，未记入", declaration.zone);
            let list: Vec<&str> = self.zones.values().map(String::as_str).collect();
            let hint = format!("规则里有：{}；可用 dasai entry set 作品编号 zone=名称 补上", list.join("、"));
            problems.push(Code::UnknownZone.at(place, Some(Field::Zone), &declaration.zone, message, hint));
            declaration.zone.clear();
        }
    }

    fn category_problem(&self, fault: &Fault, place: &Place, cell: &str) -> Problem {
        let printed = self.categories.printed();
        let (code, message, hint) = match fault {
            Fault::Missing if cell.trim().is_empty() => {
                (Code::NoCategory, "没有参赛类型，不能作为作品接收".to_owned(), format!("在原表补上参赛类型（{printed}）后重新导入"))
            }
            Fault::Missing => {
                (Code::NoCategory, "参赛类型一项没有勾选，不能作为作品接收".to_owned(), format!("在原表勾选一项（{printed}）后重新导入"))
            }
            Fault::Unknown => {
                (Code::UnknownCategory, "参赛类型不是本届大赛的类型，不能作为作品接收".to_owned(), format!("改成其中一项：{printed}"))
            }
            Fault::Several(names) => (
                Code::SeveralCategories,
                format!("一行写了 {} 个参赛类型（{}），不知道是哪一件作品", names.len(), names.join("、")),
                "同时参加多种形式须分别填写：请拆成每件作品一行后重新导入".to_owned(),
            ),
        };
        code.at(place, Some(Field::Category), cell, message, hint)
    }
}

fn no_unit(place: &Place, text: &str) -> Problem {
    let hint = "在原表补上参赛单位名称后重新导入，或用 dasai quarantine retry 编号 --set organization=名称";
    Code::NoUnit.at(place, Some(Field::Organization), text, "没有参赛单位，不能接收", hint)
}

/// A zone's name without the words that forms add to it: 浦东新区分赛区 is 浦东.
fn zone_key(zone: &str) -> String {
    let mut key = fold_text(zone);
    while let Some(shorter) = ["分赛区", "赛区", "片区", "新区", "区"].iter().find_map(|ending| key.strip_suffix(ending))
        && !shorter.is_empty()
    {
        key = shorter.to_owned();
    }
    key
}
