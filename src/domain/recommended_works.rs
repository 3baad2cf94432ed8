//! Owns how a row of a received recommendation sheet finds the work that it means: by its title and its unit, a short or differently
//! written name of the unit being enough where only one work has the title. Refuses to know what is said of the work.

use rustc_hash::FxHashMap;

use super::entry::EntrySummary;
use super::folding::{fold_organization, fold_title, loose_organization_key};
use super::intake::category::category_named;
use super::organization::Organization;
use super::recommendation_intake::DirectoryRow;
use super::rules::ContestRules;
use super::values::{EntryId, OrganizationId};

/// The works of the contest, as rows of a sheet find them.
#[derive(Debug)]
pub struct Works {
    pub(super) all: Vec<EntrySummary>,
    /// Their folded titles, in the same order.
    titles: Vec<String>,
    by_title: FxHashMap<String, Vec<usize>>,
    by_id: FxHashMap<EntryId, usize>,
    /// Of each unit: its names and other names, folded, then loosely.
    names: FxHashMap<OrganizationId, (Vec<String>, Vec<String>)>,
}

impl Works {
    /// The works and units of a contest.
    #[must_use]
    pub fn new(works: Vec<EntrySummary>, units: &[Organization]) -> Self {
        let titles: Vec<String> = works.iter().map(|work| fold_title(&work.title)).collect();
        let mut by_title: FxHashMap<String, Vec<usize>> = FxHashMap::default();
        for (place, title) in titles.iter().enumerate() {
            by_title.entry(title.clone()).or_default().push(place);
        }
        let names = units
            .iter()
            .map(|unit| {
                let all = || std::iter::once(&unit.name).chain(&unit.aliases);
                let folded = all().map(|name| fold_organization(name)).collect();
                (unit.id, (folded, all().map(|name| loose_organization_key(name)).collect()))
            })
            .collect();
        let by_id = works.iter().enumerate().map(|(place, work)| (work.id, place)).collect();
        Self { all: works, titles, by_title, by_id, names }
    }

    /// The work with this identity.
    pub(super) fn get(&self, entry: EntryId) -> Option<&EntrySummary> {
        self.by_id.get(&entry).and_then(|place| self.all.get(*place))
    }

    /// The works that a row may mean. `is_own`: whether a work is of the sheet's recommender.
    pub(super) fn meant(&self, row: &DirectoryRow, rules: &ContestRules, is_own: &dyn Fn(&EntrySummary) -> bool) -> Vec<&EntrySummary> {
        let title = fold_title(&row.title);
        if title.is_empty() {
            return Vec::new();
        }
        let of_title = self.by_title.get(&title).map_or(&[][..], Vec::as_slice);
        let mut meant: Vec<&EntrySummary> = of_title.iter().filter_map(|place| self.all.get(*place)).collect();
        let folded = fold_organization(&row.organization);
        let loose = loose_organization_key(&row.organization);
        let names = |work: &EntrySummary| self.names.get(&work.organization);
        let has_name = |work: &&EntrySummary| names(work).is_some_and(|(folded_names, _)| folded_names.contains(&folded));
        let is_near = |work: &&EntrySummary| {
            names(work).is_some_and(|(_, names)| {
                names
                    .iter()
                    .any(|name| *name == loose || (loose.chars().count() >= 2 && (name.contains(&loose) || loose.contains(name.as_str()))))
            })
        };
        if folded.is_empty() {
            meant.retain(|work| is_own(work));
        } else if meant.iter().any(has_name) {
            meant.retain(has_name);
        } else {
            meant.retain(is_near);
        }
        // Each of these only tells apart what the ones before left open.
        let category = category_named(rules, &row.category);
        let narrow: [&dyn Fn(&&EntrySummary) -> bool; 3] =
            [&|work| Some(&work.category) == category.as_ref(), &|work| is_own(work), &|work| work.status.is_active()];
        for fits in narrow {
            if meant.len() > 1 && meant.iter().any(fits) {
                meant.retain(fits);
            }
        }
        meant
    }

    /// Works that a row without a work may have meant, as people name them.
    pub(super) fn near(&self, row: &DirectoryRow, is_own: &dyn Fn(&EntrySummary) -> bool) -> Vec<String> {
        const MOST: usize = 3;
        let (title, folded) = (fold_title(&row.title), fold_organization(&row.organization));
        let is_of_unit = |work: &EntrySummary| self.names.get(&work.organization).is_some_and(|(names, _)| names.contains(&folded));
        let is_like =
            |other: &str| title.chars().count() >= 3 && other.chars().count() >= 3 && (other.contains(&title) || title.contains(other));
        let works = self.all.iter().zip(&self.titles);
        let near = works.filter(|(work, other)| is_like(other) || (is_of_unit(work) && is_own(work))).map(|(work, _)| work);
        near.take(MOST).map(|work| format!("{}《{}》（{}）", work.number, work.title, work.organization_name)).collect()
    }
}
