//! Owns the reading of a category cell: which one category a text names. Ticks are read before (`formats::marks`); boxes that are still
//! there have none. Refuses to guess: no box ticked, several names, or an unknown one is a fault.

use std::collections::BTreeMap;

use crate::domain::folding::fold_title;
use crate::domain::rules::ContestRules;
use crate::domain::values::CategoryId;

/// A cell longer than this names no category; it is not looked through.
const LONGEST: usize = 300;
/// Words that forms add to a category's name.
const ENDINGS: [&str; 6] = ["参赛作品", "作品", "比赛", "类别", "类", "组"];

/// Why a cell names no one category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// Empty, or no box is ticked.
    Missing,
    /// No category has this name.
    Unknown,
    /// Several categories, by their printed names.
    Several(Vec<String>),
}

/// The categories that a cell names, by their printed names, where it names several and nothing else; else none.
#[must_use]
pub fn several_categories(rules: &ContestRules, cell: &str) -> Vec<String> {
    if let Err(Fault::Several(names)) = Categories::new(rules).named(cell) { names } else { Vec::new() }
}

/// The one category that a cell names; none where it names none or several.
#[must_use]
pub fn category_named(rules: &ContestRules, cell: &str) -> Option<CategoryId> {
    Categories::new(rules).named(cell).ok()
}

/// Every name of every category, folded.
#[derive(Debug)]
pub(super) struct Categories {
    names: BTreeMap<String, usize>,
    known: Vec<(CategoryId, String)>,
}

impl Categories {
    /// The names that the rules give: id, prefix, name and aliases. Of two categories with one name the first has it.
    pub(super) fn new(rules: &ContestRules) -> Self {
        let mut names = BTreeMap::new();
        for (index, category) in rules.categories.iter().enumerate() {
            let own = [category.id.as_str(), &category.prefix, &category.name];
            for name in own.into_iter().chain(category.aliases.iter().map(String::as_str)) {
                names.entry(fold_title(name)).or_insert(index);
            }
        }
        let known = rules.categories.iter().map(|category| (category.id.clone(), category.name.clone())).collect();
        Self { names, known }
    }

    /// The one category that a cell names.
    pub(super) fn named(&self, cell: &str) -> Result<CategoryId, Fault> {
        let cell = cell.trim();
        if cell.is_empty() {
            return Err(Fault::Missing);
        }
        if cell.chars().nth(LONGEST).is_some() {
            return Err(Fault::Unknown);
        }
        if has_boxes(cell) {
            return Err(Fault::Missing);
        }
        let mut found = Vec::new();
        match self.index(cell) {
            Some(index) => found.push(index),
            None => {
                for part in cell.split(['、', '，', ',', '；', ';', '/', '／', '|', '+', '＋', '和', '及', '\n', ' ', '\u{3000}']) {
                    if !fold_title(part).is_empty() {
                        found.push(self.index(part).ok_or(Fault::Unknown)?);
                    }
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        self.only(&found)
    }

    fn index(&self, label: &str) -> Option<usize> {
        let folded = fold_title(label);
        self.names.get(&folded).copied().or_else(|| {
            let shorter = ENDINGS.iter().filter_map(|ending| folded.strip_suffix(ending));
            shorter.filter(|name| !name.is_empty()).find_map(|name| self.names.get(name).copied())
        })
    }

    fn only(&self, found: &[usize]) -> Result<CategoryId, Fault> {
        let known: Vec<&(CategoryId, String)> = found.iter().filter_map(|index| self.known.get(*index)).collect();
        match known.as_slice() {
            [] => Err(Fault::Missing),
            [(id, _)] => Ok(id.clone()),
            several => Err(Fault::Several(several.iter().map(|(_, name)| name.clone()).collect())),
        }
    }

    /// The printed names, for messages.
    pub(super) fn printed(&self) -> String {
        self.known.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join("、")
    }
}

/// Whether a text has boxes to tick. Of ticked ones the reader has taken the options: these are empty.
fn has_boxes(text: &str) -> bool {
    let is_frame = |rest: &str| rest.starts_with(char::is_whitespace) && rest.trim_start().starts_with([')', '）', ']', '】', '］']);
    text.contains(['□', '☐', '○', '◻', '▢', '◯', '❏']) || text.split(['(', '（', '[', '【', '［']).skip(1).any(is_frame)
}
