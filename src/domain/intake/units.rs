//! Owns the units that an import knows: found by name and alias, new ones, and the question whether two are one: by their names or by
//! their 统一社会信用代码. Refuses to merge: that is staff's word.
//!
//! Decision worth knowing: a pair of units is asked about once an import, where the second of the two appears or gets its code, not in
//! every row of theirs. Only a code that keeps the standard speaks for sameness: what people type into a cell that must not be empty
//! is the same in many units.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::problems::{Code, difference};
use super::{Planned, Present, UnitWrite};
use crate::domain::command_word::word;
use crate::domain::credit_code::{check_credit_code, fold_credit_code};
use crate::domain::entry::{FieldChange, OrganizationProfile};
use crate::domain::field::Field;
use crate::domain::folding::loose_organization_key;
use crate::domain::problem::{Place, Problem};
use crate::domain::values::OrganizationId;

/// A unit that the contest knows: one line for its name, then one for each alias.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownUnit {
    /// The unit.
    pub id: OrganizationId,
    /// Its name, or an alias.
    pub name: String,
    /// The same, folded.
    pub folded: String,
    /// Its 统一社会信用代码; empty if not known.
    pub credit_code: String,
}

/// The units of an import.
#[derive(Debug)]
pub(super) struct Units {
    named: FxHashMap<String, OrganizationId>,
    loose: FxHashMap<String, OrganizationId>,
    codes: FxHashMap<String, OrganizationId>,
    names: FxHashMap<OrganizationId, String>,
    /// Codes that were reported as wrong.
    wrong_codes: BTreeSet<String>,
    /// Pairs that were asked about, the smaller identity first.
    asked: BTreeSet<(OrganizationId, OrganizationId)>,
    next: i64,
}

impl Units {
    /// Units of the contest, names before aliases; rows up to `last` were once used.
    pub(super) fn new(known: Vec<KnownUnit>, last: i64) -> Self {
        let mut units = Self {
            named: FxHashMap::default(),
            loose: FxHashMap::default(),
            codes: FxHashMap::default(),
            names: FxHashMap::default(),
            wrong_codes: BTreeSet::new(),
            asked: BTreeSet::new(),
            next: known.iter().map(|unit| unit.id.0).max().unwrap_or(0).max(last).saturating_add(1),
        };
        for unit in known {
            units.loose.entry(loose_organization_key(&unit.name)).or_insert(unit.id);
            if let Some(code) = usable(&unit.credit_code) {
                units.codes.entry(code).or_insert(unit.id);
            }
            units.named.entry(unit.folded).or_insert(unit.id);
            units.names.entry(unit.id).or_insert(unit.name);
        }
        units
    }

    /// The unit with this folded name or alias.
    pub(super) fn named(&self, folded: &str) -> Option<OrganizationId> {
        self.named.get(folded).copied()
    }

    /// Folds a row's code and says what is wrong with it, once an import.
    pub(super) fn check_code(&mut self, profile: &mut OrganizationProfile, place: &Place, problems: &mut Vec<Problem>) {
        if profile.credit_code.is_empty() {
            return;
        }
        profile.credit_code = fold_credit_code(&profile.credit_code);
        if let Err(fault) = check_credit_code(&profile.credit_code)
            && self.wrong_codes.insert(profile.credit_code.clone())
        {
            let hint = "向单位核实（营业执照上有），再用 dasai org set 单位 credit_code=代码 更正；值已照原样保留";
            let field = Some(Field::CreditCode);
            problems.push(Code::WrongCreditCode.at(place, field, &profile.credit_code, fault.message(), hint));
        }
    }

    /// What a row fills in the profile of its known unit, as changes; what it says differently is only reported: of several works of
    /// a unit none is more right than the others.
    pub(super) fn compare<P: Present>(
        &mut self,
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
            if change.field == Field::CreditCode {
                let name = self.names.get(&unit).map_or("", String::as_str);
                let message = format!("“{name}”有两个统一社会信用代码（已有 → 本行）：{}", difference(&change));
                let hint = "可能是同名的两家单位，或有一处写错；已有的保持不变，核对后用 dasai org set 更正";
                row.problems.push(Code::TwoCreditCodes.at(place, Some(change.field), &change.new, message, hint));
                continue;
            }
            let message = format!("单位的{}与已有的不同（已有 → 本行）：{}", change.field.label(), difference(&change));
            let hint = "已有的保持不变；要改用 dasai org set";
            row.problems.push(Code::UnitDiffers.at(place, Some(change.field), &change.new, message, hint));
        }
        if !fills.is_empty() {
            if fills.iter().any(|fill| fill.field == Field::CreditCode) {
                self.ask(unit, None, &profile.credit_code, place, &mut row.problems);
            }
            row.unit = Some(UnitWrite::Fill { id: unit, profile: known.filled(profile) });
        }
        Ok(fills)
    }

    /// The unit of a new work or registration: the known one, its gaps filled, or a new one.
    #[expect(clippy::too_many_arguments, reason = "the parts of one row, already told apart")]
    pub(super) fn take<P: Present>(
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
            self.compare(unit, &profile, place, row, present)?;
            return Ok(unit);
        }
        let id = OrganizationId(self.next);
        self.next = self.next.saturating_add(1);
        self.names.insert(id, name.to_owned());
        self.ask(id, Some(name), &profile.credit_code, place, &mut row.problems);
        self.named.insert(folded.clone(), id);
        row.unit = Some(UnitWrite::Create { id, name: name.to_owned(), folded, profile });
        Ok(id)
    }

    /// Asks whether a unit is one that is known already: a new one by its name, any by a code that it did not have before.
    fn ask(&mut self, unit: OrganizationId, new_name: Option<&str>, code: &str, place: &Place, problems: &mut Vec<Problem>) {
        let by_name = new_name.map(|name| *self.loose.entry(loose_organization_key(name)).or_insert(unit));
        let by_code = usable(code).map(|code| *self.codes.entry(code).or_insert(unit));
        let name = |id: OrganizationId| self.names.get(&id).map_or("", String::as_str);
        let own = name(unit);
        for (other, is_code) in [(by_code, true), (by_name, false)] {
            let Some(other) = other.filter(|other| *other != unit) else { continue };
            if !self.asked.insert((unit.min(other), unit.max(other))) {
                continue;
            }
            let other = name(other);
            let message = if is_code {
                format!("“{own}”与“{other}”的统一社会信用代码相同，可能是同一单位")
            } else {
                format!("“{own}”是新单位，但可能与已有的“{other}”是同一单位")
            };
            let hint = format!("若是同一单位：dasai org merge {} {}；若不是，不必处理", word(own), word(other));
            problems.push(Code::PossiblySameUnit.at(place, Some(Field::Organization), own, message, hint));
        }
    }
}

/// A code that can speak for sameness.
fn usable(code: &str) -> Option<String> {
    check_credit_code(code).is_ok().then(|| fold_credit_code(code))
}
