//! Owns what becomes of a received row: a new work, an unchanged one, a changed one, or quarantine. Pure: it is fed row by row, knows
//! the identities of everything in the contest, asks for the present values of the one work that a row meets, and writes nothing.
//!
//! Decision worth knowing: a work is its unit, its category and its folded title. Nothing that staff or an earlier file has put into
//! the contest is overwritten unless the import says `--update`; an empty cell never overwrites. A number in the file (作品编号) is
//! kept where it fits the category and is free, because it may be printed already; a number of another work sends the row to
//! quarantine; any other number is set aside with a warning.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::entry::{Declaration, Draft, FieldChange, OrganizationProfile};
use super::field::Field;
use super::folding::{fold_organization, fold_text, fold_title, loose_organization_key};
use super::organization::Registration;
use super::problem::{Place, Problem};
use super::received::ReceivedRow;
use super::rules::ContestRules;
use super::status::{Status, Step as StatusStep};
use super::values::{CategoryId, EntryId, EntryNumber, OrganizationId};
use category::{Categories, Fault};
use numbers::{Given, Numbers};
use problems::{Code, difference};
pub use tally::Tally;

pub mod category;
pub mod lengths;
mod numbers;
pub mod problems;
mod tally;
#[cfg(test)]
mod tests;

/// A unit that the contest knows: one line for its name, one for each alias.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownUnit {
    /// The unit.
    pub id: OrganizationId,
    /// Its name, or an alias.
    pub name: String,
    /// The same, folded.
    pub folded: String,
}

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

    /// The fields of a known work that staff corrected since its values came with this very row, whole; none for another row.
    ///
    /// # Errors
    /// The contest cannot be read.
    fn corrected(&mut self, id: EntryId, received: &str) -> Result<Vec<Field>, Self::Error>;

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
    update: bool,
    units: FxHashMap<String, OrganizationId>,
    loose_units: FxHashMap<String, String>,
    works: FxHashMap<(OrganizationId, CategoryId, String), (EntryId, EntryNumber)>,
    numbers: Numbers,
    next_unit: i64,
    next_work: i64,
}

impl Planner {
    /// A planner for a contest that holds these units and works, and once held those of its past. `update` applies other values of
    /// known works.
    #[must_use]
    pub fn new(rules: &ContestRules, update: bool, units: Vec<KnownUnit>, works: Vec<KnownWork>, past: Past) -> Self {
        // A row that an undo freed keeps its history: it is never another's.
        let next_unit = units.iter().map(|unit| unit.id.0).max().unwrap_or(0).max(past.last_unit).saturating_add(1);
        let next_work = works.iter().map(|work| work.id.0).max().unwrap_or(0).max(past.last_work).saturating_add(1);
        let mut planner = Self {
            categories: Categories::new(rules),
            zones: rules.zones.iter().map(|zone| (zone_key(zone), zone.clone())).collect(),
            update,
            units: FxHashMap::default(),
            loose_units: FxHashMap::default(),
            works: FxHashMap::default(),
            numbers: Numbers::new(rules, past.numbers),
            next_unit,
            next_work,
        };
        for unit in units {
            planner.loose_units.entry(loose_organization_key(&unit.name)).or_insert(unit.name);
            planner.units.entry(unit.folded).or_insert(unit.id);
        }
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
            sheet: std::mem::take(&mut draft.sheet),
            row: draft.row,
            received: std::mem::take(&mut draft.received),
        };
        let folded = fold_organization(&draft.organization);
        let title_folded = fold_title(&draft.declaration.title);
        let category = self.categories.named(&draft.category);
        if folded.is_empty() {
            row.problems.push(no_unit(&place));
        }
        if title_folded.is_empty() {
            let hint = "在原表补上作品名称后重新导入，或用 dasai quarantine retry 编号 --set title=名称";
            row.problems.push(Code::NoTitle.at(&place, Some(Field::Title), "", "没有作品名称，不能作为作品接收", hint));
        }
        let said = row.problems.len();
        row.problems.extend(lengths::of_work(&draft.organization, &draft.declaration, &draft.profile, &place));
        let is_too_long = row.problems.len() > said;
        let category = match category {
            Ok(category) => category,
            Err(fault) => {
                row.problems.push(self.category_problem(&fault, &place, &draft.category));
                return Ok(row);
            }
        };
        if folded.is_empty() || title_folded.is_empty() || is_too_long {
            return Ok(row);
        }
        let unit = self.units.get(&folded).copied();
        let known = unit.and_then(|unit| self.works.get(&(unit, category.clone(), title_folded.clone())).cloned());
        let number = match self.numbers.given(draft.number.as_ref(), &category, known.as_ref()) {
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
                let identity = Identity { unit: folded.clone(), category: category.clone(), title: title_folded.clone() };
                let organization = self.take_unit(unit, &draft.organization, folded, draft.profile, &place, &mut row, present)?;
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
        let RegistrationRow { sheet, row, organization, registration, profile, received } = received;
        let place = Place { file: file.to_owned(), sheet: sheet.clone(), row: Some(row), column: None };
        let received = ReceivedRow::object(received);
        let mut row = Planned { unit: None, step: Step::Quarantine, work: None, problems, sheet, row, received };
        let folded = fold_organization(&organization);
        if folded.is_empty() {
            row.problems.push(no_unit(&place));
            return Ok(row);
        }
        let too_long = lengths::of_registration(&organization, &registration, &profile, &place);
        if !too_long.is_empty() {
            row.problems.extend(too_long);
            return Ok(row);
        }
        let unit = self.units.get(&folded).copied();
        let known = match unit {
            Some(unit) => present.registration(unit)?,
            None => None,
        };
        let (Some(unit), Some(known)) = (unit, known) else {
            let unit = self.take_unit(unit, &organization, folded, profile, &place, &mut row, present)?;
            row.step = Step::AddRegistration(unit, Box::new(registration));
            return Ok(row);
        };
        let mut changes = known.changes_to(&registration);
        changes.extend(Self::compare_profile(unit, &profile, &place, &mut row, present)?);
        row.step = if changes.is_empty() {
            Step::Unchanged
        } else if self.update {
            Step::UpdateRegistration(unit, Box::new(known.overlaid(&registration)))
        } else {
            row.unit = None;
            Step::Changed
        };
        say_changes(&mut row, &changes, &organization, &place, self.update);
        Ok(row)
    }

    /// A row that meets a known work.
    #[expect(clippy::too_many_arguments, reason = "the parts of one row, already told apart")]
    fn meet_work<P: Present>(
        &mut self,
        row: &mut Planned,
        unit: OrganizationId,
        id: EntryId,
        number: &EntryNumber,
        draft: &Draft,
        place: &Place,
        present: &mut P,
    ) -> Result<(), P::Error> {
        let (declaration, status) = present.work(id)?;
        row.work = Some(id);
        let mut arrived = draft.declaration.clone();
        let mut changes = declaration.changes_to(&arrived);
        // The row that the work came with says nothing new: what staff corrected since stays corrected, also under --update.
        let corrected = if changes.is_empty() { Vec::new() } else { present.corrected(id, &row.received.whole())? };
        let kept: Vec<FieldChange> = changes.extract_if(.., |change| corrected.contains(&change.field)).collect();
        for change in &kept {
            arrived.clear(change.field);
            let message = format!("{number} 的{}此后已更正，保持更正后的值（现有 → 表中）：{}", change.field.label(), difference(change));
            let hint = format!("这一行与当初接收的相同，没有新内容；要改用 dasai entry set {number}");
            row.problems.push(Code::Corrected.at(place, Some(change.field), &change.new, message, hint));
        }
        changes.extend(Self::compare_profile(unit, &draft.profile, place, row, present)?);
        if !status.is_active() {
            let message = format!("作品 {number} 的状态是“{}”，本行没有使它恢复参赛", status.label());
            let hint = format!("确要恢复：dasai entry restore {number}");
            row.problems.push(Code::Inactive.at(place, None, number.as_str(), message, hint));
        }
        // A work that was sent back for correction is expected to come back with other values, until formal review closes.
        let returned = status == Status::Returned;
        let closed = returned && !self.update && !changes.is_empty() && present.is_closed(id)?;
        if closed {
            row.problems.push(problems::closed(number, place));
        }
        let apply = self.update || (returned && !closed);
        row.step = if changes.is_empty() {
            Step::Unchanged
        } else if apply {
            let status = status.after(StatusStep::Resubmit).unwrap_or(status);
            Step::UpdateWork { id, declaration: Box::new(declaration.overlaid(&arrived)), status }
        } else {
            row.unit = None;
            Step::Changed
        };
        say_changes(row, &changes, number.as_str(), place, apply);
        Ok(())
    }

    /// What a row fills in the profile of its known unit, as changes; what it says differently is only reported: of several works of
    /// a unit none is more right than the others.
    fn compare_profile<P: Present>(
        unit: OrganizationId,
        profile: &OrganizationProfile,
        place: &Place,
        row: &mut Planned,
        present: &mut P,
    ) -> Result<Vec<FieldChange>, P::Error> {
        if *profile == OrganizationProfile::default() {
            return Ok(Vec::new());
        }
        let known = present.profile(unit)?;
        let (fills, differs): (Vec<_>, Vec<_>) = known.changes_to(profile).into_iter().partition(|change| change.old.is_empty());
        for change in differs {
            let message = format!("单位的{}与已有的不同（已有 → 本行）：{}", change.field.label(), difference(&change));
            let hint = "已有的保持不变；要改用 dasai org set";
            row.problems.push(Code::UnitDiffers.at(place, Some(change.field), &change.new, message, hint));
        }
        if !fills.is_empty() {
            row.unit = Some(UnitWrite::Fill { id: unit, profile: known.filled(profile) });
        }
        Ok(fills)
    }

    /// The unit of a new work or registration: the known one, its gaps filled, or a new one.
    #[expect(clippy::too_many_arguments, reason = "the parts of one row, already told apart")]
    fn take_unit<P: Present>(
        &mut self,
        known: Option<OrganizationId>,
        name: &str,
        folded: String,
        profile: OrganizationProfile,
        place: &Place,
        row: &mut Planned,
        present: &mut P,
    ) -> Result<OrganizationId, P::Error> {
        if let Some(unit) = known {
            Self::compare_profile(unit, &profile, place, row, present)?;
            return Ok(unit);
        }
        let id = OrganizationId(self.next_unit);
        self.next_unit = self.next_unit.saturating_add(1);
        let loose = loose_organization_key(name);
        if let Some(similar) = self.loose_units.get(&loose) {
            let message = format!("“{name}”是新单位，但可能与已有的“{similar}”是同一单位");
            let hint = format!("若是同一单位：dasai org merge {name} {similar}；若不是，不必处理");
            row.problems.push(Code::PossiblySameUnit.at(place, Some(Field::Organization), name, message, hint));
        } else {
            self.loose_units.insert(loose, name.to_owned());
        }
        self.units.insert(folded.clone(), id);
        row.unit = Some(UnitWrite::Create { id, name: name.to_owned(), folded, profile });
        Ok(id)
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

fn no_unit(place: &Place) -> Problem {
    let hint = "在原表补上参赛单位名称后重新导入，或用 dasai quarantine retry 编号 --set organization=名称";
    Code::NoUnit.at(place, Some(Field::Organization), "", "没有参赛单位，不能接收", hint)
}

/// One problem a changed field.
fn say_changes(row: &mut Planned, changes: &[FieldChange], subject: &str, place: &Place, applied: bool) {
    for change in changes {
        let label = change.field.label();
        let (code, hint) =
            if applied { (Code::Applied, "") } else { (Code::Differs, "要采用新值，导入时加 --update；否则保持原值") };
        let message = format!("{subject} 的{label}：{}", difference(change));
        row.problems.push(code.at(place, Some(change.field), &change.new, message, hint));
    }
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
