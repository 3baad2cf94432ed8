//! Owns the reading of a category cell: which one category a text names, also where the cell still holds its check boxes
//! (`☑演讲 □微电影`). Refuses to guess: no box ticked, several ticked, or an unknown name is a fault.

use std::collections::BTreeMap;

use crate::domain::folding::fold_title;
use crate::domain::rules::ContestRules;
use crate::domain::values::CategoryId;

/// A cell longer than this names no category; it is not searched for boxes.
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
        let labels = match ticked(cell) {
            Some(labels) if labels.is_empty() => return Err(Fault::Missing),
            Some(labels) => labels,
            None => vec![cell],
        };
        let mut found = Vec::new();
        for label in labels {
            match self.index(label) {
                Some(index) => found.push(index),
                None => {
                    for part in label.split(['、', '，', ',', '；', ';', '/', '／', '|', '+', '＋', '和', '及', '\n', ' ', '\u{3000}'])
                    {
                        if !fold_title(part).is_empty() {
                            found.push(self.index(part).ok_or(Fault::Unknown)?);
                        }
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

/// A box, ticked or not.
fn mark(character: char) -> Option<bool> {
    match character {
        '☑' | '☒' | '■' | '√' | '✓' | '✔' | '▣' | '●' | '◉' | '✅' | '🗹' | '🗸' => Some(true),
        '☐' | '□' | '○' | '◯' | '▢' | '❏' | '❑' => Some(false),
        _ => None,
    }
}

/// The labels whose box is ticked; `None` where the text has no boxes. Boxes stand before their labels, or behind them where the
/// text begins with a label. Of neighbouring boxes (`□√演讲`) one ticked is enough; brackets around a box do not matter.
fn ticked(text: &str) -> Option<Vec<&str>> {
    let is_frame = |character: char| character.is_whitespace() || "()（）[]【】、，,；;".contains(character);
    let mut pieces: Vec<(Option<bool>, &str)> = Vec::new();
    let mut start = 0;
    for (at, character) in text.char_indices() {
        if let Some(ticked) = mark(character) {
            pieces.push((None, text.get(start..at).unwrap_or_default()));
            pieces.push((Some(ticked), ""));
            start = at + character.len_utf8();
        }
    }
    if pieces.is_empty() {
        return None;
    }
    pieces.push((None, text.get(start..).unwrap_or_default()));
    let mut merged: Vec<(Option<bool>, &str)> = Vec::new();
    for (mark, label) in pieces {
        let label = label.trim_matches(is_frame);
        match (mark, merged.last_mut()) {
            (Some(ticked), Some((Some(before), _))) => *before |= ticked,
            (Some(ticked), _) => merged.push((Some(ticked), "")),
            (None, _) if label.is_empty() => {}
            (None, _) => merged.push((None, label)),
        }
    }
    let behind = merged.first().is_some_and(|(mark, _)| mark.is_none());
    let pairs = merged.windows(2).filter_map(|pair| match pair {
        [(Some(ticked), _), (None, label)] if !behind => Some((*ticked, *label)),
        [(None, label), (Some(ticked), _)] if behind => Some((*ticked, *label)),
        _ => None,
    });
    Some(pairs.filter(|(ticked, _)| *ticked).map(|(_, label)| label).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticked_boxes_are_read_wherever_they_stand() {
        assert_eq!(ticked("演讲"), None);
        assert_eq!(ticked("☑演讲 □微电影 □案例"), Some(vec!["演讲"]));
        assert_eq!(ticked("□演讲　■ 微电影"), Some(vec!["微电影"]));
        assert_eq!(ticked("演讲□ 微电影√ 案例□"), Some(vec!["微电影"]));
        assert_eq!(ticked("□√演讲 □微电影"), Some(vec!["演讲"]));
        assert_eq!(ticked("（√）演讲（□）微电影"), Some(vec!["演讲"]));
        assert_eq!(ticked("□演讲 □微电影"), Some(vec![]));
        assert_eq!(ticked("√"), Some(vec![]));
    }
}
