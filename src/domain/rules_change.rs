//! Owns the question whether new rules still fit the data of a running contest. Pure: what is in use is given.
//!
//! Decision worth knowing: a score sheet locks at its first mark. Its criteria, bounds, factors and step stay as they are while marks
//! exist in that round; how marks combine, trim, round and weigh may change, because scores are computed anew on every call.

use super::category::{Category, JudgeSheet, PartSource, Round};
use super::rules::ContestRules;

/// What the data stands on. All lists are ordered by their names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RulesUse {
    /// Category id, how many works, one of their numbers.
    pub categories: Vec<(String, u32, String)>,
    /// Rounds that something was entered for.
    pub rounds: Vec<RoundUse>,
    /// Category, round and name of each given part that was imported.
    pub given_parts: Vec<(String, String, String)>,
    /// Category, award id, how many grants were decided.
    pub awards: Vec<(String, String, u32)>,
    /// Zones of works and panels.
    pub zones: Vec<String>,
}

/// What was entered for a round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundUse {
    /// The category.
    pub category: String,
    /// The round.
    pub round: String,
    /// How many marks.
    pub marks: u32,
    /// How many judges' places.
    pub panels: u32,
    /// How many numbers of given parts.
    pub given: u32,
    /// How many works were put into it.
    pub advanced: u32,
}

/// A change that data forbids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// What is in the way, in Chinese.
    pub what: String,
    /// What to do, in Chinese.
    pub remedy: String,
}

/// Every reason why `new` cannot take the place of `old`; empty: it can.
#[must_use]
pub fn obstacles(old: &ContestRules, new: &ContestRules, used: &RulesUse) -> Vec<Obstacle> {
    let mut found = Vec::new();
    let mut add = |what: String, remedy: String| found.push(Obstacle { what, remedy });
    for (id, works, number) in &used.categories {
        match category(new, id) {
            None => add(
                format!("参赛类型 {id} 已有 {works} 件作品，不能删去或改 id"),
                format!("在规则里保留 id = \"{id}\"；只想换名称就改 name，查看作品用 dasai entry list --category {id}"),
            ),
            Some(kept) => {
                let before = category(old, id).map_or("", |category| category.prefix.as_str());
                if kept.prefix != before {
                    add(
                        format!("参赛类型 {id} 已有 {works} 件作品用了编号前缀“{before}”（如 {number}），不能改成“{}”", kept.prefix),
                        format!("把 prefix 改回 \"{before}\""),
                    );
                }
            }
        }
    }
    for used_round in &used.rounds {
        round_obstacles(old, new, used_round, &mut add);
    }
    for (id, round_id, part) in &used.given_parts {
        let Some(kept) = round(new, id, round_id) else { continue };
        let has_part = kept.score.parts.iter().any(|kept| matches!(&kept.from, PartSource::Given { name } if name == part));
        if !has_part {
            add(
                format!("“{part}”在 {id} 的 {round_id} 轮已有导入的数，不能从 score.parts 里删去或改名"),
                format!("保留 {{ from = \"given\", name = \"{part}\" }}，或先撤销导入：查编号 dasai log，撤销 dasai undo --operation 编号"),
            );
        }
    }
    for (id, award, grants) in &used.awards {
        let is_level = category(new, id).is_some_and(|category| category.awards.iter().any(|kept| kept.id.as_str() == award));
        let is_special = new.special_awards.iter().any(|kept| kept.id.as_str() == award);
        if !is_level && !is_special {
            add(
                format!("奖项 {award}（{id}）已确定给 {grants} 件作品，不能删去或改 id"),
                format!("保留 id = \"{award}\"，或先撤销确定奖项的操作：查编号 dasai log，撤销 dasai undo --operation 编号"),
            );
        }
    }
    for zone in &used.zones {
        if !new.zones.contains(zone) {
            add(format!("赛区“{zone}”已有作品或评委，不能删去"), format!("在 zones.list 里保留“{zone}”，或先把它的作品和评委改到别的赛区"));
        }
    }
    found
}

fn round_obstacles(old: &ContestRules, new: &ContestRules, used: &RoundUse, add: &mut impl FnMut(String, String)) {
    let RoundUse { category: id, round: round_id, .. } = used;
    let Some(kept) = round(new, id, round_id) else {
        add(
            format!("{id} 的 {round_id} 轮已有 {}，不能删去或改 id", contents(used)),
            format!("在规则里保留 id = \"{round_id}\" 的轮次，或先撤销那些操作：查编号 dasai log，撤销 dasai undo --operation 编号"),
        );
        return;
    };
    if used.marks == 0 {
        return;
    }
    let before = round(old, id, round_id).and_then(|round| round.judges.as_ref());
    if let Some(change) = sheet_change(before, kept.judges.as_ref()) {
        add(
            format!("{id} 的 {round_id} 轮已有 {} 个评分，评分表已锁定，不能改{change}", used.marks),
            "改回原来的评分表；确要改动，先撤销全部评分：查编号 dasai log，撤销 dasai undo --operation 编号".to_owned(),
        );
    }
}

fn contents(used: &RoundUse) -> String {
    let counts = [(used.marks, "个评分"), (used.panels, "位评委"), (used.given, "个导入的得分"), (used.advanced, "件晋级作品")];
    let parts: Vec<String> = counts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count} {unit}")).collect();
    parts.join("、")
}

/// What of a locked sheet differs; nothing where marks keep their meaning.
fn sheet_change(old: Option<&JudgeSheet>, new: Option<&JudgeSheet>) -> Option<&'static str> {
    match (old, new) {
        (Some(old), Some(new)) if old.criteria != new.criteria => Some("评分项（名称、次序、分值、系数）"),
        (Some(old), Some(new)) if old.step != new.step => Some("评分步长"),
        (None, None) | (Some(_), Some(_)) => None,
        (Some(_), None) | (None, Some(_)) => Some("评委评分的有无"),
    }
}

fn category<'r>(rules: &'r ContestRules, id: &str) -> Option<&'r Category> {
    rules.categories.iter().find(|category| category.id.as_str() == id)
}

fn round<'r>(rules: &'r ContestRules, id: &str, round: &str) -> Option<&'r Round> {
    category(rules, id)?.rounds.iter().find(|candidate| candidate.id.as_str() == round)
}
