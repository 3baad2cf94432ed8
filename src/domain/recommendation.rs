//! Owns recommenders (推荐单位), whom a name means, what they say of works, and the order of their works. Refuses to know how a received
//! sheet finds its works (`domain::recommendation_intake`) and what is wrong with a recommendation (`domain::recommendation_check`).
//!
//! Decision worth knowing: the rules' recommenders are recommenders without being stored. One is stored when something is known of it
//! beyond its name, and then both are one. So everything names recommenders by text, and [`Directory::key`] says which texts mean the same.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rustc_hash::FxHashMap;

use super::entry::Provenance;
use super::folding::{fold_organization, loose_organization_key};
use super::mark_text::did_you_mean;
use super::privacy::{Email, PersonName, Phone};
use super::rules::Recommenders;
use super::values::{EntryId, RecommenderId, StampedSheetId};

/// What kind of recommender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecommenderKind {
    /// 区局: a district's bureau.
    Bureau,
    /// 行业组织: an association.
    Association,
    /// 集团: a group of companies.
    Group,
    /// 其他: a park, an institute, another authority.
    Other,
    /// 直接报名: the entry of the list for units that have no recommender.
    Direct,
}

impl RecommenderKind {
    /// Every kind, in the order of lists.
    pub const ALL: [Self; 5] = [Self::Bureau, Self::Association, Self::Group, Self::Other, Self::Direct];

    /// The key in the file and in JSON.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Bureau => "bureau",
            Self::Association => "association",
            Self::Group => "group",
            Self::Other => "other",
            Self::Direct => "direct",
        }
    }

    /// The printed name.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Bureau => "区局",
            Self::Association => "行业组织",
            Self::Group => "集团",
            Self::Other => "其他",
            Self::Direct => "直接报名",
        }
    }

    /// The kind that a word names: its key, its printed name, or another word for it.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        let folded = fold_organization(text);
        let usual = match folded.as_str() {
            "区" | "区市场监管局" | "市场监管局" | "局" => Some(Self::Bureau),
            "行业" | "行业协会" | "协会" | "学会" | "商会" => Some(Self::Association),
            "集团公司" => Some(Self::Group),
            "其它" => Some(Self::Other),
            "直报" | "直接" => Some(Self::Direct),
            _ => None,
        };
        usual.or_else(|| Self::ALL.into_iter().find(|kind| kind.key() == folded || kind.label() == folded))
    }

    /// The kind that a name looks like: a default to be shown, never a fact.
    #[must_use]
    pub fn guess(name: &str) -> Self {
        let folded = fold_organization(name);
        let ends = |words: &[&str]| words.iter().any(|word| folded.ends_with(word));
        if ends(&["协会", "学会", "商会", "联合会", "促进会", "联盟"]) {
            Self::Association
        } else if ends(&["局"]) {
            Self::Bureau
        } else if folded.contains("集团") {
            Self::Group
        } else {
            Self::Other
        }
    }
}

/// Whom staff call.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contact {
    /// 联系人.
    pub name: PersonName,
    /// 电话.
    pub phone: Phone,
    /// 邮箱.
    pub email: Email,
}

/// A recommender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recommender {
    /// Its row; `None`: only the rules have it.
    pub id: Option<RecommenderId>,
    /// Its full name.
    pub name: String,
    /// What it is.
    pub kind: RecommenderKind,
    /// Other names that mean it, ordered.
    pub aliases: Vec<String>,
    /// Whom staff call.
    pub contact: Contact,
    /// Whether it is one of the rules'.
    pub is_of_rules: bool,
}

/// What makes two names of recommenders equal: as for units, and 其他 is 其它, because the notice's own entry is written both ways.
#[must_use]
pub fn fold_recommender(name: &str) -> String {
    let folded = fold_organization(name);
    match folded.strip_prefix("其他") {
        Some(rest) => format!("其它{rest}"),
        None => folded,
    }
}

/// All recommenders, and whom a name means: the rules' in their order, then the others as they were added, direct entry last.
#[derive(Debug, Default)]
pub struct Directory {
    all: Vec<Recommender>,
    by_folded: FxHashMap<String, usize>,
}

impl Directory {
    /// The recommenders of the rules and those on file, ordered by row.
    #[must_use]
    pub fn new(rules: &Recommenders, stored: Vec<Recommender>) -> Self {
        let mut stored: Vec<Option<Recommender>> = stored.into_iter().map(Some).collect();
        let names = |recommender: &Recommender| {
            std::iter::once(&recommender.name).chain(&recommender.aliases).map(|name| fold_recommender(name)).collect::<Vec<_>>()
        };
        let mut places: FxHashMap<String, usize> = FxHashMap::default();
        for (place, recommender) in stored.iter().enumerate() {
            for folded in recommender.iter().flat_map(names) {
                places.entry(folded).or_insert(place);
            }
        }
        let mut all: Vec<Recommender> = Vec::new();
        let listed = rules.list.iter().map(|name| (name, None));
        for (name, kind) in listed.chain(rules.direct.iter().map(|name| (name, Some(RecommenderKind::Direct)))) {
            match places.get(&fold_recommender(name)).and_then(|place| stored.get_mut(*place)) {
                // Two names of the rules may mean one on file.
                Some(known) => {
                    if let Some(known) = known.take() {
                        all.push(Recommender { kind: kind.unwrap_or(known.kind), is_of_rules: true, ..known });
                    }
                }
                None => all.push(Recommender {
                    id: None,
                    name: name.clone(),
                    kind: kind.unwrap_or_else(|| RecommenderKind::guess(name)),
                    aliases: Vec::new(),
                    contact: Contact::default(),
                    is_of_rules: true,
                }),
            }
        }
        all.extend(stored.into_iter().flatten());
        all.sort_by_key(|recommender| recommender.kind == RecommenderKind::Direct);
        let mut by_folded = FxHashMap::default();
        for (place, recommender) in all.iter().enumerate() {
            for folded in names(recommender) {
                by_folded.entry(folded).or_insert(place);
            }
        }
        Self { all, by_folded }
    }

    /// Every recommender.
    #[must_use]
    pub fn all(&self) -> &[Recommender] {
        &self.all
    }

    /// Whether there is a list to be on: any recommender but direct entry.
    #[must_use]
    pub fn has_list(&self) -> bool {
        self.all.iter().any(|recommender| recommender.kind != RecommenderKind::Direct)
    }

    /// The recommender that a name or another name means.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Recommender> {
        self.by_folded.get(&fold_recommender(name)).and_then(|place| self.all.get(*place))
    }

    /// What is equal for all names of a recommender; for one that is on no list, its folded name. Empty for no name.
    #[must_use]
    pub fn key(&self, name: &str) -> String {
        let folded = fold_recommender(name);
        match self.by_folded.get(&folded).and_then(|place| self.all.get(*place)) {
            Some(known) => fold_recommender(&known.name),
            None => folded,
        }
    }

    /// Every name of the recommender that a name means, as names are compared; only the name itself for one that is on no list.
    #[must_use]
    pub fn same(&self, name: &str) -> Vec<String> {
        let key = self.key(name);
        let Some(known) = self.find(name) else { return vec![key] };
        let names = std::iter::once(&known.name).chain(&known.aliases).map(|name| fold_recommender(name));
        names.filter(|name| self.key(name) == key).collect()
    }

    /// The name to print: that of the list where there is one.
    #[must_use]
    pub fn printed<'a>(&'a self, name: &'a str) -> &'a str {
        self.find(name).map_or(name.trim(), |known| known.name.as_str())
    }

    /// Whether a name means direct entry, which needs no recommendation.
    #[must_use]
    pub fn is_direct(&self, name: &str) -> bool {
        self.find(name).is_some_and(|known| known.kind == RecommenderKind::Direct)
    }

    /// Recommenders whose names are near one that is on no list, the nearest first, at most three.
    #[must_use]
    pub fn near(&self, name: &str) -> Vec<&str> {
        const MOST: usize = 3;
        let wanted = loose(name);
        let names: Vec<(usize, String)> = self
            .all
            .iter()
            .enumerate()
            .flat_map(|(place, known)| std::iter::once(&known.name).chain(&known.aliases).map(move |name| (place, loose(name))))
            .collect();
        let mut places: Vec<usize> = names.iter().filter(|(_, known)| *known == wanted).map(|(place, _)| *place).collect();
        if wanted.chars().count() >= 2 {
            places.extend(names.iter().filter(|(_, known)| known.contains(&wanted) || wanted.contains(known)).map(|(place, _)| *place));
        }
        let misspelt = did_you_mean(&wanted, names.iter().map(|(_, known)| known.as_str()));
        places.extend(names.iter().filter(|(_, known)| Some(known.as_str()) == misspelt).map(|(place, _)| *place));
        let mut near: Vec<&str> = Vec::new();
        for known in places.into_iter().filter_map(|place| self.all.get(place)) {
            if near.len() < MOST && !near.contains(&known.name.as_str()) {
                near.push(&known.name);
            }
        }
        near
    }
}

/// Equal for names that are possibly one recommender's: a bureau's long and short name, with and without its city.
fn loose(name: &str) -> String {
    loose_organization_key(&fold_recommender(name).replace("市场监督管理局", "市场监管局"))
}

/// What a recommender says of a work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recommendation {
    /// The work.
    pub entry: EntryId,
    /// Who says it. The work's own recommender may have changed since.
    pub recommender: String,
    /// 推荐意见; may be empty.
    pub opinion: String,
    /// 排序 among the recommender's works, from 1.
    pub position: Option<u32>,
    /// When it was given.
    pub given_at: Timestamp,
    /// Why it was taken back; `None`: it stands.
    pub withdrawn: Option<String>,
    /// The stamped sheet that covers it.
    pub stamped: Option<StampedSheetId>,
    /// The received sheet that it came with; `None`: typed in by hand.
    pub provenance: Option<Provenance>,
}

impl Recommendation {
    /// One that says nothing yet.
    #[must_use]
    pub fn new(entry: EntryId, recommender: &str, given_at: Timestamp) -> Self {
        Self {
            entry,
            recommender: recommender.to_owned(),
            opinion: String::new(),
            position: None,
            given_at,
            withdrawn: None,
            stamped: None,
            provenance: None,
        }
    }

    /// Whether it puts the work forward: not taken back, and with an opinion or a stamp.
    #[must_use]
    pub fn is_made(&self) -> bool {
        self.withdrawn.is_none() && (!self.opinion.is_empty() || self.stamped.is_some())
    }
}

/// The scan of a stamped sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StampedSheet {
    /// Its row.
    pub id: StampedSheetId,
    /// Whose it is.
    pub recommender: String,
    /// Where it lay.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// What it is by its content: the key of a file type.
    pub file_type: String,
    /// When the recommender handed it in.
    pub confirmed_at: Timestamp,
}

/// What a work's recommendation still lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lack {
    /// It was taken back.
    Withdrawn,
    /// It is another recommender's: the work's has changed.
    OtherRecommender,
    /// 推荐意见.
    Opinion,
    /// 排序.
    Order,
    /// The stamped sheet.
    Stamp,
}

impl Lack {
    /// The key in JSON.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Withdrawn => "withdrawn",
            Self::OtherRecommender => "other_recommender",
            Self::Opinion => "opinion",
            Self::Order => "order",
            Self::Stamp => "stamp",
        }
    }

    /// The printed words.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Withdrawn => "推荐已撤回",
            Self::OtherRecommender => "原推荐单位的推荐，须重新推荐",
            Self::Opinion => "缺推荐意见",
            Self::Order => "未排序",
            Self::Stamp => "未盖章确认",
        }
    }

    /// What the recommendation of a work lacks; `key` is that of the work's own recommender.
    #[must_use]
    pub fn of(recommendation: Option<&Recommendation>, key: &str, directory: &Directory) -> Vec<Self> {
        let Some(said) = recommendation else { return vec![Self::Opinion, Self::Order, Self::Stamp] };
        // Whose word it is comes first: what another recommender took back is not held against this one.
        if directory.key(&said.recommender) != key {
            return vec![Self::OtherRecommender];
        }
        if said.withdrawn.is_some() {
            return vec![Self::Withdrawn];
        }
        let lacks =
            [(Self::Opinion, said.opinion.is_empty()), (Self::Order, said.position.is_none()), (Self::Stamp, said.stamped.is_none())];
        lacks.into_iter().filter(|(_, is_so)| *is_so).map(|(lack, _)| lack).collect()
    }
}

/// The new order of a recommender's works: those named first, as they are named, then the others as they stood.
#[must_use]
pub fn reordered(present: &[EntryId], named: &[EntryId]) -> Vec<EntryId> {
    let rest = present.iter().filter(|entry| !named.contains(entry));
    named.iter().chain(rest).copied().collect()
}

/// Gives a work a place: whoever has that place goes one further, and so on until a place is free. What changes, by work.
#[must_use]
pub fn moved(positions: &BTreeMap<EntryId, u32>, entry: EntryId, to: u32) -> BTreeMap<EntryId, u32> {
    let mut holders: BTreeMap<u32, Vec<EntryId>> = BTreeMap::new();
    for (&holder, &position) in positions.iter().filter(|(holder, _)| **holder != entry) {
        holders.entry(position).or_default().push(holder);
    }
    let mut changes = BTreeMap::new();
    if positions.get(&entry) != Some(&to) {
        changes.insert(entry, to);
    }
    let mut place = to;
    let mut displaced = holders.remove(&place).unwrap_or_default();
    while let (false, Some(next)) = (displaced.is_empty(), place.checked_add(1)) {
        place = next;
        changes.extend(displaced.iter().map(|holder| (*holder, place)));
        displaced = holders.remove(&place).unwrap_or_default();
    }
    changes
}

#[cfg(test)]
#[path = "recommendation_tests.rs"]
mod tests;
