//! Owns what the commands of the recommendation stage read: recommenders, works, what is said of them, stamped sheets; and whom a word on
//! the command line means. Refuses to write.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::domain::entry::EntrySummary;
use crate::domain::extension::{Extensions, Scope, Stage};
use crate::domain::listing::Cell;
use crate::domain::recommendation::{Directory, Lack, Recommendation, StampedSheet};
use crate::domain::rules::{ContestRules, Deadline};
use crate::domain::values::EntryId;
use crate::error::AppError;
use crate::store::db::Reader;
use crate::store::{entries, extensions, recommendations};

/// The recommendation stage as it stands.
#[derive(Debug)]
pub(super) struct Recommending {
    pub(super) directory: Directory,
    /// Every work, by number.
    pub(super) works: Vec<EntrySummary>,
    /// What is said of them.
    pub(super) said: FxHashMap<EntryId, Recommendation>,
    /// Stamped sheets, the latest last.
    pub(super) sheets: Vec<StampedSheet>,
    /// Deadlines that were moved.
    extensions: Extensions,
    /// Places of works by the key of their recommender; those that name none under the empty one.
    groups: FxHashMap<String, Vec<usize>>,
}

/// A recommender that is on the list, or that works name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Who {
    /// What is equal for all its names.
    pub(super) key: String,
    /// Its name as printed.
    pub(super) name: String,
    /// Whether it is on the list.
    pub(super) is_listed: bool,
}

/// The recommenders of the rules and those on file.
///
/// # Errors
/// The contest cannot be read.
pub(super) fn directory(reader: &Reader<'_>, rules: &ContestRules) -> Result<Directory, AppError> {
    Ok(Directory::new(&rules.recommenders, recommendations::recommenders(reader)?))
}

/// The extensions on file, as an index of what applies to whom.
///
/// # Errors
/// The contest cannot be read.
pub(super) fn extensions(reader: &Reader<'_>, rules: &ContestRules) -> Result<Extensions, AppError> {
    Ok(extensions::index(reader, &directory(reader, rules)?)?)
}

impl Recommending {
    /// Reads all of it.
    ///
    /// # Errors
    /// The contest cannot be read.
    pub(super) fn read(reader: &Reader<'_>, rules: &ContestRules) -> Result<Self, AppError> {
        let directory = directory(reader, rules)?;
        let works = entries::summaries(reader)?;
        let mut keys: FxHashMap<&str, String> = FxHashMap::default();
        let mut groups: FxHashMap<String, Vec<usize>> = FxHashMap::default();
        for (place, work) in works.iter().enumerate() {
            let name = work.recommender.as_str();
            let key = keys.entry(name).or_insert_with(|| directory.key(name));
            match groups.get_mut(key) {
                Some(group) => group.push(place),
                None => drop(groups.insert(key.clone(), vec![place])),
            }
        }
        let said = recommendations::recommendations(reader)?.into_iter().map(|said| (said.entry, said)).collect();
        let extensions = extensions::index(reader, &directory)?;
        Ok(Self { said, sheets: recommendations::sheets(reader)?, extensions, groups, directory, works })
    }

    /// Every recommender with works or on the list: the list in its order, then the others by name.
    pub(super) fn everyone(&self) -> Vec<Who> {
        let listed = self.directory.all().iter();
        let mut all: Vec<Who> =
            listed.map(|known| Who { key: self.directory.key(&known.name), name: known.name.clone(), is_listed: true }).collect();
        let mut others: BTreeMap<String, Who> = BTreeMap::new();
        for work in self.works.iter().filter(|work| self.directory.find(&work.recommender).is_none()) {
            if let Some(who) = self.of_work(work) {
                others.entry(who.key.clone()).or_insert(who);
            }
        }
        all.extend(others.into_values());
        all
    }

    /// The recommender that a word means: one of the list by any of its names, or one that works name.
    ///
    /// # Errors
    /// None is; those with near names are offered.
    pub(super) fn who(&self, text: &str) -> Result<Who, AppError> {
        if let Some(known) = self.directory.find(text) {
            return Ok(Who { key: self.directory.key(text), name: known.name.clone(), is_listed: true });
        }
        let key = self.directory.key(text);
        let first = self.groups.get(&key).filter(|_| !key.is_empty()).and_then(|group| group.first());
        let named = first.and_then(|place| self.works.get(*place));
        match named {
            Some(work) => Ok(Who { key, name: work.recommender.trim().to_owned(), is_listed: false }),
            None => Err(unknown(&self.directory, text)),
        }
    }

    /// The recommender of a work; `None`: it names none.
    pub(super) fn of_work(&self, work: &EntrySummary) -> Option<Who> {
        let key = self.directory.key(&work.recommender);
        let is_listed = self.directory.find(&work.recommender).is_some();
        (!key.is_empty()).then(|| Who { key, name: self.directory.printed(&work.recommender).to_owned(), is_listed })
    }

    /// A recommender's works in the contest, in their order: by place, then by number. Withdrawn ones and the like are left out.
    pub(super) fn works_of(&self, who: &Who) -> Vec<&EntrySummary> {
        let places = self.groups.get(&who.key).map_or(&[][..], Vec::as_slice);
        let mut works: Vec<&EntrySummary> =
            places.iter().filter_map(|place| self.works.get(*place)).filter(|work| work.status.is_active()).collect();
        works.sort_by(|left, right| {
            let place = |work: &EntrySummary| self.said_of(work, who).and_then(|said| said.position).unwrap_or(u32::MAX);
            place(left).cmp(&place(right)).then_with(|| left.number.cmp(&right.number))
        });
        works
    }

    /// What this recommender says of a work, and has not taken back.
    pub(super) fn said_of(&self, work: &EntrySummary, who: &Who) -> Option<&Recommendation> {
        let said = self.said.get(&work.id).filter(|said| said.withdrawn.is_none());
        said.filter(|said| self.directory.key(&said.recommender) == who.key)
    }

    /// The places of a recommender's works.
    pub(super) fn positions(&self, who: &Who) -> BTreeMap<EntryId, u32> {
        let works = self.works_of(who).into_iter();
        works.filter_map(|work| Some((work.id, self.said_of(work, who)?.position?))).collect()
    }

    /// When recommendation closes for a recommender's works as a whole: extensions of single works and units are not in it.
    pub(super) fn closing(&self, rules: &ContestRules, who: &Who) -> Option<Deadline> {
        self.extensions.standing(&rules.deadlines, Stage::Recommendation, &Scope::Recommender(who.name.clone()))
    }

    /// When recommendation closes for a work.
    pub(super) fn closing_of(&self, rules: &ContestRules, work: &EntrySummary) -> Option<Deadline> {
        self.extensions.effective(&rules.deadlines, Stage::Recommendation, work.into())
    }

    /// Whether this is the entry for units that have no recommender: nothing has to be recommended.
    pub(super) fn is_direct(&self, who: &Who) -> bool {
        self.directory.is_direct(&who.name)
    }

    /// What is missing for a work.
    pub(super) fn lacks(&self, work: &EntrySummary, who: &Who) -> Vec<Lack> {
        Lack::of(self.said.get(&work.id), &who.key, &self.directory)
    }

    /// A recommender's latest stamped sheet.
    pub(super) fn sheet_of(&self, who: &Who) -> Option<&StampedSheet> {
        self.sheets.iter().rev().find(|sheet| self.directory.key(&sheet.recommender) == who.key)
    }
}

/// No recommender has this name.
pub(super) fn unknown(directory: &Directory, text: &str) -> AppError {
    let error = AppError::not_found(format!("没有推荐单位“{}”", text.trim()));
    let near = directory.near(text);
    let error = if near.is_empty() { error } else { error.hint(format!("是否要找：{}", near.join("、"))) };
    error.hint("查看全部推荐单位：dasai recommender list")
}

/// How far recommendation has come, counted.
#[derive(Debug, Default)]
pub(super) struct Recommended {
    /// Works in the contest that are to be recommended: all that do not enter directly.
    works: u64,
    /// Of these, how many have an opinion of their recommender.
    opinions: u64,
    /// Of these, how many are covered by a stamped sheet.
    confirmed: u64,
    /// Whether anything of it is on record.
    pub(super) has_begun: bool,
}

impl Recommended {
    /// Counts by one query.
    ///
    /// # Errors
    /// The contest cannot be read.
    pub(super) fn read(reader: &Reader<'_>, rules: &ContestRules) -> Result<Self, AppError> {
        let directory = directory(reader, rules)?;
        let mut found = Self { has_begun: recommendations::has_begun(reader)?, ..Self::default() };
        let counts = recommendations::counts(reader)?;
        for count in counts.iter().filter(|count| count.status.is_active() && !directory.is_direct(&count.recommender)) {
            found.works = found.works.saturating_add(count.works);
            let is_own = count.said_by.as_ref().is_some_and(|by| directory.key(by) == directory.key(&count.recommender));
            if is_own {
                found.opinions = found.opinions.saturating_add(count.opinions);
                found.confirmed = found.confirmed.saturating_add(count.stamped);
            }
        }
        Ok(found)
    }

    /// Works that no stamped sheet covers.
    pub(super) fn open(&self) -> u64 {
        self.works.saturating_sub(self.confirmed)
    }

    /// For scripts.
    pub(super) fn record(&self) -> Cell {
        let numbers = [("works", self.works), ("opinions", self.opinions), ("confirmed", self.confirmed)];
        Cell::Record(numbers.map(|(key, count)| (key.to_owned(), Cell::Integer(i64::try_from(count).unwrap_or(i64::MAX)))).to_vec())
    }

    /// For people.
    pub(super) fn text(&self) -> String {
        format!("应推荐 {} 件：有推荐意见 {}，已盖章确认 {}", self.works, self.opinions, self.confirmed)
    }
}
