//! Owns what files should be called (“单位名称+作品名称”, and what they are for where a work brings several) and the plan that brings
//! them there. Refuses to know disks: a plan says what should be renamed, and the caller does it.
//!
//! Decision worth knowing: a name that is as asked but for widths, signs and 书名号 is left alone; and of two files that would get one
//! name neither does, since nobody knows which is the right one.

use std::collections::{BTreeMap, BTreeSet};

use super::super::category::{AttachmentRule, Category};
use super::super::entry::Entry;
use super::super::folding::{fold_text, fold_title};
use super::super::rules::ContestRules;
use super::super::values::{AttachmentId, EntryId, OrganizationId};
use super::file::{Attachment, split_ending};

/// The longest name in bytes that all usual systems keep (255 on Linux; Chinese takes three each), with room for a suffix.
const LONGEST: usize = 240;

/// Whether a file is called as the notice asks: the unit's full name, then the work's title (`None`: the file is the unit's). Widths,
/// signs, 书名号, and what follows, are free.
#[must_use]
pub fn is_named_as_asked(file_name: &str, unit: &str, title: Option<&str>) -> bool {
    let stem = fold_title(split_ending(file_name).0);
    let Some(rest) = stem.strip_prefix(&fold_title(unit)) else { return false };
    title.is_none_or(|title| rest.strip_prefix('.').unwrap_or(rest).starts_with(&fold_title(title)))
}

/// What a file should be called: 单位名称+作品名称, and the kind's name where the work brings other files too. `None`: too long.
#[must_use]
fn asked_name(unit: &str, title: &str, category: &Category, rule: &AttachmentRule, ending: &str) -> Option<String> {
    let kind = rule.name.split(['（', '(']).next().unwrap_or_default();
    let is_work = |rule: &AttachmentRule| !rule.shared && rule.kind != "application";
    let stem = if rule.shared {
        format!("{unit}+{kind}")
    } else if is_work(rule) && category.attachments.iter().filter(|rule| is_work(rule)).count() == 1 {
        format!("{unit}+{title}")
    } else {
        format!("{unit}+{title}+{kind}")
    };
    let name = if ending.is_empty() { harmless(&stem) } else { format!("{}.{ending}", harmless(&stem)) };
    (name.len() <= LONGEST).then_some(name)
}

/// A name that every system takes: what Windows forbids as the full-width sign that reads the same.
#[must_use]
pub fn harmless(stem: &str) -> String {
    let clean: String = stem
        .chars()
        .filter(|letter| !letter.is_control())
        .map(|letter| match letter {
            '<' => '＜',
            '>' => '＞',
            ':' => '：',
            '"' => '＂',
            '/' => '／',
            '\\' => '＼',
            '|' => '｜',
            '?' => '？',
            '*' => '＊',
            other => other,
        })
        .collect();
    let clean = clean.trim().trim_end_matches('.').trim_end();
    let device = clean.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let is_device = matches!(device.as_str(), "CON" | "PRN" | "AUX" | "NUL")
        || (device.len() == 4
            && (device.starts_with("COM") || device.starts_with("LPT"))
            && device.ends_with(|last: char| last.is_ascii_digit()));
    if is_device { format!("_{clean}") } else { clean.to_owned() }
}

/// A file that should get another name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rename {
    /// The file.
    pub id: AttachmentId,
    /// The scanned folder.
    pub folder: String,
    /// Its path there now.
    pub old_path: String,
    /// The path that it should have: the same folders, another name.
    pub new_path: String,
    /// Why it keeps its name all the same; `None`: it is to be renamed.
    pub obstacle: Option<Obstacle>,
}

/// Why a file keeps its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// Another file would get the same name.
    Contested,
    /// Another file has that name.
    Taken,
}

impl Obstacle {
    /// The key in JSON.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Contested => "contested",
            Self::Taken => "taken",
        }
    }

    /// The printed reason.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Contested => "另有文件要用同一个名称，不改",
            Self::Taken => "已有同名文件，不改",
        }
    }
}

/// Which of these files should be renamed, by path. Files in mails, files that are gone and files whose purpose is not known stay as they
/// are. Names that differ only in case or width count as the same, as they do on Windows and macOS.
#[must_use]
pub fn renames(rules: &ContestRules, entries: &[Entry], files: &[Attachment]) -> Vec<Rename> {
    let works: BTreeMap<EntryId, &Entry> = entries.iter().map(|entry| (entry.id, entry)).collect();
    let mut unit_works: BTreeMap<OrganizationId, &Entry> = BTreeMap::new();
    for entry in entries {
        unit_works.entry(entry.organization).or_insert(entry);
    }
    let present = || files.iter().filter(|file| !file.missing && file.file.source.is_none());
    let mut wanted: Vec<Rename> = Vec::new();
    for file in present() {
        let entry = match (file.link.entry, file.link.organization) {
            (Some(id), _) => works.get(&id),
            (None, Some(unit)) => unit_works.get(&unit),
            (None, None) => None,
        };
        let Some(entry) = entry else { continue };
        let Some(category) = rules.category(&entry.category) else { continue };
        let Some(rule) = category.attachments.iter().find(|rule| rule.kind == file.link.kind) else { continue };
        let title = entry.declaration.title.as_str();
        let is_units = rule.shared || file.link.entry.is_none();
        if is_units && !rule.shared || is_named_as_asked(file.file.name(), &entry.organization_name, (!is_units).then_some(title)) {
            continue;
        }
        let Some(name) = asked_name(&entry.organization_name, title, category, rule, split_ending(file.file.name()).1) else { continue };
        let new_path = match file.file.path.rsplit_once('/') {
            Some((folders, _)) => format!("{folders}/{name}"),
            None => name,
        };
        if new_path != file.file.path {
            let (folder, old_path) = (file.file.folder.clone(), file.file.path.clone());
            wanted.push(Rename { id: file.id, folder, old_path, new_path, obstacle: None });
        }
    }
    let key = |folder: &str, path: &str| (folder.to_owned(), fold_text(path));
    let taken: BTreeMap<(String, String), AttachmentId> =
        present().map(|file| (key(&file.file.folder, &file.file.path), file.id)).collect();
    let mut claimed: BTreeMap<(String, String), u32> = BTreeMap::new();
    for rename in &wanted {
        *claimed.entry(key(&rename.folder, &rename.new_path)).or_default() += 1;
    }
    for rename in &mut wanted {
        let target = key(&rename.folder, &rename.new_path);
        if claimed.get(&target).is_some_and(|claims| *claims > 1) {
            rename.obstacle = Some(Obstacle::Contested);
        } else if taken.get(&target).is_some_and(|owner| *owner != rename.id) {
            rename.obstacle = Some(Obstacle::Taken);
        }
    }
    wanted.sort_by(|left, right| (&left.folder, &left.old_path, left.id).cmp(&(&right.folder, &right.old_path, right.id)));
    wanted
}

/// Files that may be one too many: several of one kind for one work (or of a unit, where one serves all), as groups by work and kind.
#[must_use]
pub fn doubled(files: &[Attachment]) -> Vec<Vec<&Attachment>> {
    type Owner<'a> = (Option<EntryId>, Option<OrganizationId>, &'a str);
    let mut groups: BTreeMap<Owner<'_>, Vec<&Attachment>> = BTreeMap::new();
    for file in files.iter().filter(|file| !file.missing && !file.link.kind.is_empty()) {
        if file.link.entry.is_some() || file.link.organization.is_some() {
            let unit = if file.link.entry.is_some() { None } else { file.link.organization };
            groups.entry((file.link.entry, unit, file.link.kind.as_str())).or_default().push(file);
        }
    }
    // What came by mail and lies in the folder too is one file.
    groups
        .into_values()
        .filter(|group| {
            let different: BTreeSet<&str> = group.iter().map(|file| file.file.sha256.as_str()).collect();
            let scanned = group.iter().filter(|file| file.file.source.is_none()).count();
            different.len() > 1 || scanned > 1
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_as_asked_whatever_the_signs() {
        let (unit, title) = ("上海示例（集团）有限公司", "一颗螺丝钉");
        for name in [
            "上海示例（集团）有限公司+一颗螺丝钉.docx",
            "上海示例(集团)有限公司＋《一颗螺丝钉》.docx",
            "上海示例（集团）有限公司 一颗螺丝钉（最终版）.pdf",
            "上海示例（集团）有限公司一颗螺丝钉+申报表.pdf",
        ] {
            assert!(is_named_as_asked(name, unit, Some(title)), "{name}");
        }
        for name in [
            "一颗螺丝钉+上海示例（集团）有限公司.docx",
            "上海示例+一颗螺丝钉.docx",
            "作品.mp4",
            "1.上海示例（集团）有限公司+一颗螺丝钉.docx",
        ] {
            assert!(!is_named_as_asked(name, unit, Some(title)), "{name}");
        }
        assert!(is_named_as_asked("上海示例（集团）有限公司logo.jpg", unit, None));
        assert!(!is_named_as_asked("logo.jpg", unit, None));
    }

    #[test]
    fn new_names_suit_every_system() {
        assert_eq!(harmless("甲: 乙/丙\\丁? \"戊\"*<己>|. "), "甲： 乙／丙＼丁？ ＂戊＂＊＜己＞｜");
        assert_eq!(harmless("con"), "_con");
        assert_eq!(harmless("COM1.甲"), "_COM1.甲");
        assert_eq!(harmless("company"), "company");
    }
}
