//! Owns finding the work or unit that a file belongs to, from its name and its folders' names (“单位名称+作品名称”) and from what came
//! with it. Pure and indifferent to the order of files and works.
//!
//! Decision worth knowing: it never chooses between two. First the whole name, then a unit and a title of one work, then a number or a
//! title alone, then the unit's only work, then one title that is nearly the same; what leaves two works is handed out as candidates.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::super::entry::EntrySummary;
use super::super::folding::{fold_title, loose_organization_key};
use super::super::organization::Organization;
use super::super::rules::ContestRules;
use super::super::values::{CategoryId, EntryId, OrganizationId};
use super::file::{Link, MatchedBy, split_ending};
use super::file_type::FileType;
use super::index::{Index, Occurrence};
use super::kind::{Kinds, Said};
use super::likely::Likely;
use super::name::{Name, goes_on_as_branch, is_noise, looks_like_a_unit, words_of};

/// Folders above a file that may say whose it is.
const FOLDERS: usize = 6;
/// How many candidates are named.
const CANDIDATES: usize = 20;

/// A file that looks for its work.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    /// The path within the scanned folder (its own name last), or the name of a part of a mail; `/` between names.
    pub path: &'a str,
    /// What it is by its content.
    pub file_type: FileType,
    /// Works that came in the same mail or archive, ascending; empty for a scanned folder.
    pub companions: &'a [EntryId],
}

/// How surely a file was matched, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// Its name is 单位名称+作品名称, folded.
    Exact,
    /// Unit and title, or the work's number, or a title that no other work has, stand in its name or its folders'.
    Contained,
    /// The unit's only work that it can belong to, or the only title that is nearly the same.
    Best,
    /// The only work that came with it.
    Companion,
    /// It is the unit's, not one work's.
    Unit,
    /// A recommender's sheet: no work's and no unit's.
    Recommendation,
    /// Nobody's, or it may be of several.
    Nobody,
}

impl How {
    /// The key in JSON.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Contained => "contained",
            Self::Best => "best",
            Self::Companion => "companion",
            Self::Unit => "unit",
            Self::Recommendation => "recommendation",
            Self::Nobody => "nobody",
        }
    }
}

/// What was found for a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Whose it is, and what for.
    pub link: Link,
    /// How surely.
    pub how: How,
    /// Works that it may belong to where nobody can tell, by number.
    pub candidates: Vec<EntryId>,
}

/// What a found name means.
#[derive(Debug, Clone, Default)]
struct Meaning {
    /// Units whose full name or alias it is.
    units: Vec<usize>,
    /// Units whose short name it is.
    short: Vec<usize>,
    /// Works whose title it is.
    titles: Vec<usize>,
    /// The work whose number it is.
    numbers: Vec<usize>,
}

#[derive(Debug, Clone)]
struct Work {
    id: EntryId,
    category: CategoryId,
    unit: usize,
    title: String,
    creators: BTreeSet<String>,
}

/// Works and units, ready to be looked for in names.
#[derive(Debug, Clone)]
pub struct Matcher {
    works: Vec<Work>,
    places: FxHashMap<EntryId, usize>,
    units: Vec<OrganizationId>,
    works_of: Vec<Vec<usize>>,
    whole: FxHashMap<String, Vec<usize>>,
    index: Index,
    meanings: Vec<Meaning>,
    kinds: Kinds,
    likely: Likely,
}

/// What one name (of the file or of a folder) says.
#[derive(Debug, Default)]
struct Sighting {
    units: Vec<usize>,
    is_short: bool,
    /// Works whose title stands there, and how long the longest title is, in characters.
    titles: Vec<usize>,
    longest: usize,
    numbers: Vec<usize>,
    said: Said,
    /// What it says beside all that.
    rest: Vec<String>,
    /// A unit stands there that nobody knows.
    has_stranger: bool,
}

impl Matcher {
    /// Gets ready. `works` are ordered by number; `units` bring their other names.
    #[must_use]
    pub fn new(rules: &ContestRules, works: &[EntrySummary], units: &[Organization]) -> Self {
        let mut matcher = Self {
            works: Vec::with_capacity(works.len()),
            places: FxHashMap::default(),
            units: Vec::new(),
            works_of: Vec::new(),
            whole: FxHashMap::default(),
            index: Index::default(),
            meanings: Vec::new(),
            kinds: Kinds::new(rules),
            likely: Likely::default(),
        };
        let mut places: FxHashMap<OrganizationId, usize> = FxHashMap::default();
        let mut ordered: Vec<&Organization> = units.iter().collect();
        ordered.sort_by_key(|unit| unit.id);
        for unit in ordered {
            let place = matcher.unit(&mut places, unit.id, &unit.name);
            for alias in &unit.aliases {
                matcher.name_unit(place, alias);
            }
        }
        for work in works {
            let unit = matcher.unit(&mut places, work.organization, &work.organization_name);
            let place = matcher.works.len();
            let title = fold_title(&work.title);
            matcher.means(&title, |meaning| meaning.titles.push(place));
            matcher.means(&fold_title(work.number.as_str()), |meaning| meaning.numbers.push(place));
            matcher.whole.entry(fold_title(&format!("{}+{}", work.organization_name, work.title))).or_default().push(place);
            matcher.likely.add(place, &title);
            let creators =
                work.creators.split(['、', '，', ',', '；', ';', '/', ' ']).map(fold_title).filter(|name| name.chars().count() >= 2);
            matcher.places.insert(work.id, place);
            matcher.works.push(Work { id: work.id, category: work.category.clone(), unit, title, creators: creators.collect() });
            if let Some(works) = matcher.works_of.get_mut(unit) {
                works.push(place);
            }
        }
        matcher
    }

    fn unit(&mut self, places: &mut FxHashMap<OrganizationId, usize>, id: OrganizationId, name: &str) -> usize {
        if let Some(place) = places.get(&id) {
            return *place;
        }
        let place = self.units.len();
        places.insert(id, place);
        self.units.push(id);
        self.works_of.push(Vec::new());
        self.name_unit(place, name);
        place
    }

    fn name_unit(&mut self, place: usize, name: &str) {
        let full = fold_title(name);
        let short = [fold_title(&loose_organization_key(name)), without_form(&full)];
        self.means(&full, |meaning| push_once(&mut meaning.units, place));
        for short in short.iter().filter(|short| **short != full && !short.is_empty()) {
            self.means(short, |meaning| push_once(&mut meaning.short, place));
        }
    }

    fn means(&mut self, name: &str, note: impl FnOnce(&mut Meaning)) {
        let Some(place) = self.index.add(name).and_then(|name| usize::try_from(name).ok()) else { return };
        if place >= self.meanings.len() {
            self.meanings.resize_with(place + 1, Meaning::default);
        }
        if let Some(meaning) = self.meanings.get_mut(place) {
            note(meaning);
        }
    }

    fn meaning(&self, occurrence: &Occurrence) -> Option<&Meaning> {
        self.meanings.get(usize::try_from(occurrence.name).ok()?)
    }

    /// Whose a file is, and what for.
    #[must_use]
    pub fn find(&self, query: &Query<'_>) -> Match {
        let mut names: Vec<&str> = query.path.split('/').filter(|name| !name.is_empty()).collect();
        let own = names.pop().map_or("", |name| split_ending(name).0);
        let own_name = Name::new(own);
        let mut sightings = vec![self.sighting(&own_name)];
        sightings.extend(names.iter().rev().take(FOLDERS).map(|name| self.sighting(&Name::new(name))));
        let said = sightings.iter().map(|sighting| &sighting.said).find(|said| said.says_kind()).cloned().unwrap_or_default();
        let search = Search { matcher: self, sightings: &sightings, said: &said, file_type: query.file_type };
        // A sheet of a recommender names many units or none; what it names is not whose it is.
        if search.kind(None, None) == super::kind::RECOMMENDATION {
            let link = Link { kind: super::kind::RECOMMENDATION.to_owned(), ..Link::default() };
            return Match { link, how: How::Recommendation, candidates: Vec::new() };
        }
        let mut verdict = match self.whole.get(&own_name.text).map(Vec::as_slice) {
            Some([only]) => Verdict::Work(*only, How::Exact),
            Some(_) | None => search.verdict(),
        };
        if !query.companions.is_empty() {
            verdict = self.with_companions(verdict, &sightings, query.companions);
        }
        self.answer(&search, verdict)
    }

    /// What one name says.
    fn sighting(&self, name: &Name) -> Sighting {
        let mut found: Vec<Occurrence> = self.index.find(&name.text);
        found.retain(|occurrence| name.stands_alone(occurrence.start, occurrence.end));
        let full: Vec<Occurrence> =
            found.iter().copied().filter(|found| self.meaning(found).is_some_and(|meaning| !meaning.is_only_short())).collect();
        // What stands inside something longer is part of it; a short name of a unit counts for less than any full name.
        found.retain(|inner| {
            let is_within = |outer: &Occurrence| {
                outer.start <= inner.start && inner.end <= outer.end && (outer.start, outer.end) != (inner.start, inner.end)
            };
            !full.iter().any(is_within)
        });
        let longer = found.clone();
        found.retain(|inner| {
            !longer
                .iter()
                .any(|outer| outer.start <= inner.start && inner.end <= outer.end && outer.end - outer.start > inner.end - inner.start)
        });
        found.sort();
        let mut sighting = Sighting::default();
        let mut spans: Vec<(usize, usize)> = Vec::new();
        let mut short = Vec::new();
        for occurrence in &found {
            let Some(meaning) = self.meaning(occurrence) else { continue };
            let is_unit = !meaning.units.is_empty() || !meaning.short.is_empty();
            let behind = name.text.get(occurrence.end..).unwrap_or_default();
            let next = found.iter().filter(|next| next.start >= occurrence.end).map(|next| next.start - occurrence.end).min();
            if is_unit && meaning.titles.is_empty() && goes_on_as_branch(behind.get(..next.unwrap_or(behind.len())).unwrap_or_default()) {
                sighting.has_stranger = true;
                continue;
            }
            meaning.units.iter().for_each(|unit| push_once(&mut sighting.units, *unit));
            meaning.short.iter().for_each(|unit| push_once(&mut short, *unit));
            meaning.titles.iter().for_each(|work| push_once(&mut sighting.titles, *work));
            meaning.numbers.iter().for_each(|work| push_once(&mut sighting.numbers, *work));
            if !meaning.titles.is_empty() {
                let length = name.text.get(occurrence.start..occurrence.end).map_or(0, |title| title.chars().count());
                sighting.longest = sighting.longest.max(length);
            }
            let start = spans.last().map_or(0, |(_, end)| *end).max(occurrence.start);
            spans.push((start, occurrence.end.max(start)));
        }
        if sighting.units.is_empty() {
            sighting.is_short = !short.is_empty();
            sighting.units = short;
        }
        sighting.said = self.kinds.said(&name.rest(&spans));
        sighting.rest = sighting.said.rest.iter().filter(|piece| !is_noise(piece)).cloned().collect();
        sighting.has_stranger |= sighting.rest.iter().any(|piece| looks_like_a_unit(piece));
        sighting
    }

    fn with_companions(&self, verdict: Verdict, sightings: &[Sighting], companions: &[EntryId]) -> Verdict {
        let came = |work: &usize| self.works.get(*work).is_some_and(|work| companions.binary_search(&work.id).is_ok());
        match verdict {
            Verdict::Nobody { unit, mut candidates } => {
                candidates.retain(came);
                let knows_nothing = sightings.iter().all(|seen| seen.units.is_empty() && seen.titles.is_empty() && seen.numbers.is_empty());
                let is_strange = sightings.iter().any(|seen| seen.has_stranger);
                if candidates.is_empty() && unit.is_none() && knows_nothing && !is_strange {
                    candidates = companions.iter().filter_map(|id| self.places.get(id)).copied().collect();
                }
                match candidates.as_slice() {
                    [only] => Verdict::Work(*only, How::Companion),
                    _ => Verdict::Nobody { unit, candidates },
                }
            }
            Verdict::Work(..) | Verdict::Unit(_) => verdict,
        }
    }

    fn answer(&self, search: &Search<'_>, verdict: Verdict) -> Match {
        let unit_of = |unit: usize| self.units.get(unit).copied();
        match verdict {
            Verdict::Work(place, how) => {
                let work = self.works.get(place);
                let kind = search.kind(work.map(|work| &work.category), Some(search.names_work(place)));
                let matched = if how == How::Companion { MatchedBy::Mail } else { MatchedBy::Name };
                let link = Link {
                    entry: work.map(|work| work.id),
                    organization: work.and_then(|work| unit_of(work.unit)),
                    kind,
                    matched: Some(matched),
                };
                Match { link, how, candidates: Vec::new() }
            }
            Verdict::Unit(unit) => {
                let link =
                    Link { entry: None, organization: unit_of(unit), kind: search.kind(None, Some(false)), matched: Some(MatchedBy::Name) };
                Match { link, how: How::Unit, candidates: Vec::new() }
            }
            Verdict::Nobody { unit: _, mut candidates } => {
                candidates.sort_unstable();
                candidates.dedup();
                let category = match candidates.as_slice() {
                    [only] => self.works.get(*only).map(|work| &work.category),
                    _ => None,
                };
                let kind = search.kind(category, None);
                let candidates =
                    candidates.iter().filter_map(|place| self.works.get(*place)).map(|work| work.id).take(CANDIDATES).collect();
                Match { link: Link { kind, ..Link::default() }, how: How::Nobody, candidates }
            }
        }
    }
}

impl Meaning {
    fn is_only_short(&self) -> bool {
        self.units.is_empty() && self.titles.is_empty() && self.numbers.is_empty()
    }
}

/// What the search came to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Verdict {
    Work(usize, How),
    Unit(usize),
    Nobody { unit: Option<usize>, candidates: Vec<usize> },
}

/// One file's search.
struct Search<'a> {
    matcher: &'a Matcher,
    /// The file's own name first, then its folders', the nearest first.
    sightings: &'a [Sighting],
    said: &'a Said,
    file_type: FileType,
}

impl Search<'_> {
    fn work(&self, place: usize) -> Option<&Work> {
        self.matcher.works.get(place)
    }

    fn kind(&self, category: Option<&CategoryId>, is_work: Option<bool>) -> String {
        self.matcher.kinds.kind(self.said, self.file_type, category, is_work)
    }

    /// Whether a name gives the work's title or number, or nearly the title.
    fn names_work(&self, place: usize) -> bool {
        let is_likely = self.sightings.first().is_some_and(|own| !own.rest.is_empty());
        is_likely || self.sightings.iter().any(|seen| seen.titles.contains(&place) || seen.numbers.contains(&place))
    }

    fn verdict(&self) -> Verdict {
        let titled = self.sightings.iter().find(|seen| !seen.titles.is_empty());
        let numbered = self.sightings.iter().find(|seen| !seen.numbers.is_empty()).map(|seen| seen.numbers.as_slice()).unwrap_or_default();
        let of_titles = titled.map(|seen| self.by_title(seen));
        match (of_titles, numbered) {
            (Some(Verdict::Work(place, how)), []) => Verdict::Work(place, how),
            // Number and title must not contradict each other.
            (Some(Verdict::Work(place, how)), numbers) if numbers.contains(&place) => Verdict::Work(place, how),
            (Some(Verdict::Work(place, _)), numbers) => {
                Verdict::Nobody { unit: None, candidates: numbers.iter().copied().chain([place]).collect() }
            }
            (Some(Verdict::Nobody { candidates, unit }), numbers) => {
                match numbers.iter().copied().filter(|number| candidates.contains(number)).collect::<Vec<_>>().as_slice() {
                    [only] => Verdict::Work(*only, How::Contained),
                    _ => Verdict::Nobody { unit, candidates: candidates.into_iter().chain(numbers.iter().copied()).collect() },
                }
            }
            (Some(unit @ Verdict::Unit(_)), _) => unit,
            (None, [only]) => {
                let agrees = self.work(*only).is_some_and(|work| self.nearest_units().is_none_or(|units| units.contains(&work.unit)));
                if agrees { Verdict::Work(*only, How::Contained) } else { Verdict::Nobody { unit: None, candidates: vec![*only] } }
            }
            (None, _) => self.by_unit(),
        }
    }

    fn nearest_units(&self) -> Option<&[usize]> {
        self.sightings.iter().find(|seen| !seen.units.is_empty()).map(|seen| seen.units.as_slice())
    }

    fn by_title(&self, titled: &Sighting) -> Verdict {
        let mut is_contradicted = false;
        for (level, seen) in self.sightings.iter().enumerate().filter(|(_, seen)| !seen.units.is_empty()) {
            let is_of = |place: &usize| self.work(*place).is_some_and(|work| seen.units.contains(&work.unit));
            let works: Vec<usize> = titled.titles.iter().copied().filter(is_of).collect();
            if !works.is_empty() {
                return self.only(works);
            }
            // A folder may be the recommender's; what the file itself says is never passed over.
            is_contradicted = true;
            if level == 0 {
                break;
            }
        }
        is_contradicted |= titled.has_stranger;
        let is_telling = titled.longest >= 4 || titled.rest.is_empty();
        if is_contradicted || !is_telling {
            return Verdict::Nobody { unit: None, candidates: titled.titles.clone() };
        }
        self.only(titled.titles.clone())
    }

    /// The one of these works that category words and content leave.
    fn only(&self, works: Vec<usize>) -> Verdict {
        if let [only] = works.as_slice() {
            return Verdict::Work(*only, How::Contained);
        }
        let narrowed = self.narrowed(works);
        match narrowed.as_slice() {
            [only] => Verdict::Work(*only, How::Contained),
            _ => Verdict::Nobody { unit: None, candidates: narrowed },
        }
    }

    /// Works of the named categories that may bring such a file; all of them if none may.
    fn narrowed(&self, works: Vec<usize>) -> Vec<usize> {
        let mut left = works;
        let mut narrow = |keep: &dyn Fn(&Work) -> bool| {
            let kept: Vec<usize> = left.iter().copied().filter(|place| self.work(*place).is_some_and(keep)).collect();
            if !kept.is_empty() {
                left = kept;
            }
        };
        let categories: BTreeSet<&CategoryId> = self.sightings.iter().flat_map(|seen| &seen.said.categories).collect();
        narrow(&|work| categories.contains(&work.category));
        narrow(&|work| {
            let kind = self.kind(Some(&work.category), Some(true));
            !kind.is_empty() && self.matcher.kinds.asks_for(&work.category, &kind)
        });
        left
    }

    /// Without a title or number: by the unit, and by what else the name says.
    fn by_unit(&self) -> Verdict {
        let own = self.sightings.first();
        let rest: Vec<&str> = own.map(|own| own.rest.iter().map(String::as_str).collect()).unwrap_or_default();
        let nobody = |unit, candidates| Verdict::Nobody { unit, candidates };
        let Some(units) = self.nearest_units() else {
            let is_strange = own.is_some_and(|own| own.has_stranger);
            let likely = if is_strange { Vec::new() } else { self.matcher.likely.find(&rest.concat()) };
            return match likely.as_slice() {
                [only] => Verdict::Work(*only, How::Best),
                _ => nobody(None, likely),
            };
        };
        let [unit] = units else {
            return nobody(None, units.iter().filter_map(|unit| self.matcher.works_of.get(*unit)).flatten().copied().collect());
        };
        let works = self.matcher.works_of.get(*unit).cloned().unwrap_or_default();
        // The name of a unit that nobody knows, beside the folder of one that somebody does.
        if self.sightings.iter().take_while(|seen| seen.units.is_empty()).any(|seen| seen.has_stranger) {
            return nobody(None, works);
        }
        let is_shared = self.matcher.kinds.is_shared(&self.kind(None, Some(false)));
        if !rest.is_empty() {
            let text = rest.concat();
            let by_creator: Vec<usize> = works
                .iter()
                .copied()
                .filter(|place| self.work(*place).is_some_and(|work| rest.iter().any(|piece| work.creators.contains(*piece))))
                .collect();
            let by_title = || {
                works
                    .iter()
                    .copied()
                    .filter(|place| self.work(*place).is_some_and(|work| super::likely::is_like(&work.title, &text)))
                    .collect()
            };
            let found = if by_creator.is_empty() { by_title() } else { by_creator };
            return match found.as_slice() {
                [only] => Verdict::Work(*only, How::Best),
                [] if is_shared && self.said.says_kind() => Verdict::Unit(*unit),
                [] => nobody(Some(*unit), works),
                _ => nobody(Some(*unit), found),
            };
        }
        if is_shared {
            return Verdict::Unit(*unit);
        }
        let narrowed = self.narrowed(works);
        match narrowed.as_slice() {
            [only] => Verdict::Work(*only, How::Best),
            _ => nobody(Some(*unit), narrowed),
        }
    }
}

fn push_once(list: &mut Vec<usize>, place: usize) {
    if !list.contains(&place) {
        list.push(place);
    }
}

/// A folded name without the form of the company, so long as something is left.
fn without_form(folded: &str) -> String {
    const FORMS: [&str; 3] = ["股份有限公司", "有限责任公司", "有限公司"];
    let short = FORMS.iter().find_map(|form| folded.strip_suffix(form)).unwrap_or(folded);
    words_of(short)
}

#[cfg(test)]
#[path = "matcher_tests.rs"]
mod tests;
