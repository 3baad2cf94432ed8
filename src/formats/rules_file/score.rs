//! Owns `[category.round.score]`: the parts that add up, their weights, vote scales, rounding and tie-breaks.

use super::scalars::LONGEST_NAME;
use super::shapes;
use super::tree::{Node, Table, nearest, shorten};
use crate::domain::category::{Combine, JudgeSheet, Part, PartSource, Rounding, ScoreRule, TieBreak, VoteScale};
use crate::domain::values::{Points, RoundingMode};

/// Names that a given part may not have: they are keys of other things in results.
const RESERVED: [&str; 4] = ["judges", "exact", "highest_mark", "deduction"];

/// The whole rule; the defaults where nothing is written. `parts` were read before, because they say whether judges mark at all.
pub(super) fn read(node: Option<&Node<'_>>, parts: Option<Vec<Part>>, sheet: Option<&JudgeSheet>) -> ScoreRule {
    let parts = parts.unwrap_or_else(|| vec![Part { from: PartSource::Judges, weight: None }]);
    let table = node.and_then(|node| node.table(&shapes::SCORE));
    let rounding = table.as_ref().and_then(|table| table.get("rounding")).and_then(|node| rounding(&node));
    let tie_break = table.as_ref().and_then(|table| table.get("tie_break")).map(|node| tie_break(&node, &parts, sheet)).unwrap_or_default();
    if let Some(node) = node
        && sheet.is_some_and(|sheet| sheet.combine == Combine::RankSum)
        && parts.len() > 1
    {
        node.fault("名次和（rank_sum）越小越好，不能与其他部分相加", "只保留 from = \"judges\" 一个部分，或改用 combine = \"mean\"");
    }
    ScoreRule { parts, rounding: rounding.unwrap_or_else(at_the_end), tie_break }
}

/// The rounding where the rules are silent: once, at the end, two decimals, half up.
fn at_the_end() -> Rounding {
    Rounding { mode: RoundingMode::HalfUp, criterion: None, factored: None, judges: None, r#final: Some(2) }
}

/// The parts as written; nothing where none are.
pub(super) fn parts(node: &Node<'_>) -> Option<Vec<Part>> {
    let list = node.child("parts")?;
    let elements = list.elements(20)?;
    if elements.is_empty() {
        list.fault("列表是空的", "至少写一个部分，例如 { from = \"judges\" }；或删去 parts（默认只有评委分）");
        return None;
    }
    let mut parts: Vec<Part> = Vec::new();
    for element in &elements {
        let Some(part) = part(element) else { continue };
        if parts.iter().any(|other| other.key() == part.key()) {
            element.fault(format!("“{}”这个部分写了两次", part.key()), "合并为一个，或另起名称");
        } else {
            parts.push(part);
        }
    }
    if parts.len() == elements.len() {
        check_weights(&list, &parts);
    }
    Some(parts)
}

fn check_weights(list: &Node<'_>, parts: &[Part]) {
    let total: i64 = parts.iter().filter_map(|part| part.weight).map(Points::millionths).sum();
    let total = Points::from_millionths(total);
    let whole = Points::from_millionths(100 * 1_000_000);
    let all_weighted = parts.iter().all(|part| part.weight.is_some());
    if all_weighted && total != whole {
        list.fault(format!("各部分的权重合计 {total}，应为 100"), "改动 weight；直接相加的部分（附加分、扣分）不写 weight");
    } else if total > whole {
        list.fault(format!("各部分的权重合计 {total}，超过 100"), "改动 weight");
    }
}

fn part(node: &Node<'_>) -> Option<Part> {
    #[derive(Clone)]
    enum From {
        Judges,
        Votes,
        Given,
    }
    let table = node.table(&shapes::PART)?;
    let from =
        table.required("from").and_then(|node| node.word(&[("judges", From::Judges), ("votes", From::Votes), ("given", From::Given)]));
    let weight = table.get("weight").map(|node| weight(&node));
    let allowed: &[&str] = match from.as_ref()? {
        From::Judges => &[],
        From::Votes => &["channel", "scale", "rank_points", "rank_bands", "otherwise", "per_vote"],
        From::Given => &["name"],
    };
    for key in table.present(&["channel", "name", "scale", "rank_points", "rank_bands", "otherwise", "per_vote"]) {
        if !allowed.contains(&key)
            && let Some(node) = table.get(key)
        {
            node.fault(format!("这种部分不写 {key}"), "channel 和计分方法属于 from = \"votes\"，name 属于 from = \"given\"");
        }
    }
    let from = match from? {
        From::Judges => Some(PartSource::Judges),
        From::Votes => {
            let channel = table.required("channel").and_then(|node| node.identity());
            let scale = vote_scale(&table);
            channel.zip(scale).map(|(channel, scale)| PartSource::Votes { channel, scale })
        }
        From::Given => table.required("name").and_then(|node| given_name(&node)).map(|name| PartSource::Given { name }),
    };
    let weight = match weight {
        None => None,
        Some(read) => Some(read?),
    };
    Some(Part { from: from?, weight })
}

fn weight(node: &Node<'_>) -> Option<Points> {
    let weight = node.positive_points()?;
    if weight > Points::from_millionths(100 * 1_000_000) {
        node.fault("权重超过 100", "权重是百分数：\"70\" 即占 70%");
        return None;
    }
    Some(weight)
}

fn given_name(node: &Node<'_>) -> Option<String> {
    let name = node.text(LONGEST_NAME)?;
    if RESERVED.contains(&name.as_str()) || name.contains(':') {
        node.fault(format!("“{}”不能作部分的名称", shorten(&name)), "换一个名称，不用冒号，例如 \"网络投票得分\"");
        return None;
    }
    Some(name)
}

/// How votes count: `scale = "share_of_top"`, or one of the other keys with its figures.
fn vote_scale(table: &Table<'_>) -> Option<VoteScale> {
    if let Some(node) = table.get("scale") {
        for key in table.present(&["rank_points", "rank_bands", "otherwise", "per_vote"]) {
            table.get(key).inspect(|other| other.fault(format!("写了 scale，就不再写 {key}"), "只保留一种计分方法"));
        }
        return node.word(&[("share_of_top", VoteScale::ShareOfTop), ("share_of_total", VoteScale::ShareOfTotal)]);
    }
    let otherwise = table.get("otherwise");
    let present = table.present(&["rank_points", "rank_bands", "per_vote"]);
    if let Some(node) = &otherwise
        && present.as_slice() != ["rank_bands"]
    {
        node.fault("otherwise 要和 rank_bands 一起写", "它是各档之外的作品的得分");
    }
    match present.as_slice() {
        [] => Some(VoteScale::ShareOfTop),
        ["rank_points"] => rank_points(&table.get("rank_points")?),
        ["rank_bands"] => {
            let bands = rank_bands(&table.get("rank_bands")?)?;
            let otherwise = otherwise.map_or(Some(Points::ZERO), |node| at_least_zero(&node))?;
            Some(VoteScale::RankBands { bands, otherwise })
        }
        ["per_vote"] => {
            let inner = table.get("per_vote")?.table(&shapes::PER_VOTE)?;
            let points = inner.required("points").and_then(|node| node.positive_points());
            let cap = inner.get("cap").map(|node| node.positive_points());
            let cap = match cap {
                None => None,
                Some(read) => Some(read?),
            };
            Some(VoteScale::PerVote { points: points?, cap })
        }
        several => {
            table.fault(format!("{} 只能写一种", several.join("、")), "只保留一种计分方法");
            None
        }
    }
}

fn at_least_zero(node: &Node<'_>) -> Option<Points> {
    let points = node.points()?;
    if points < Points::ZERO {
        node.fault("不能小于 0", "");
        return None;
    }
    Some(points)
}

fn rank_points(node: &Node<'_>) -> Option<VoteScale> {
    let elements = node.elements(1_000)?;
    if elements.is_empty() {
        node.fault("列表是空的", "例如 [\"5\", \"4\", \"3\", \"2\", \"1\"]：第一名起依次得分");
        return None;
    }
    let mut points: Vec<Points> = Vec::new();
    for element in elements {
        let next = at_least_zero(&element)?;
        if points.last().is_some_and(|last| next > *last) {
            element.fault("名次在后，得分却更高", "从第一名起由高到低写");
        }
        points.push(next);
    }
    Some(VoteScale::RankPoints(points))
}

fn rank_bands(node: &Node<'_>) -> Option<Vec<(Points, Points)>> {
    let elements = node.elements(100)?;
    if elements.is_empty() {
        node.fault("列表是空的", "例如 [[\"20%\", \"20\"], [\"40%\", \"16\"]]：前 20% 得 20 分，至 40% 得 16 分");
        return None;
    }
    let mut bands: Vec<(Points, Points)> = Vec::new();
    for element in elements {
        let pair = element.elements(2)?;
        let [share, points] = pair.as_slice() else {
            element.fault("每一档是两项：比例和得分", "例如 [\"20%\", \"20\"]");
            return None;
        };
        let (share, points) = (share.percent()?, at_least_zero(points)?);
        if bands.last().is_some_and(|last| share <= last.0 || points > last.1) {
            element.fault("各档应从前往后：比例递增，得分递减", "");
        }
        bands.push((share, points));
    }
    Some(bands)
}

fn rounding(node: &Node<'_>) -> Option<Rounding> {
    let table = node.table(&shapes::ROUNDING)?;
    let mode = table
        .get("mode")
        .map_or(Some(RoundingMode::HalfUp), |node| node.word(&[("half_up", RoundingMode::HalfUp), ("half_even", RoundingMode::HalfEven)]));
    let stage = |key| table.get(key).and_then(|node: Node<'_>| node.integer(0..=6));
    Some(Rounding {
        criterion: stage("criterion"),
        factored: stage("factored"),
        judges: stage("judges"),
        r#final: stage("final"),
        mode: mode?,
    })
}

fn tie_break(node: &Node<'_>, parts: &[Part], sheet: Option<&JudgeSheet>) -> Vec<TieBreak> {
    let mut breaks: Vec<TieBreak> = Vec::new();
    for element in node.elements(50).unwrap_or_default() {
        let Some(text) = element.text(LONGEST_NAME) else { continue };
        let found = match text.split_once(':') {
            None if text == "exact" => Some(TieBreak::Exact),
            None if text == "highest_mark" && sheet.is_none() => {
                element.fault("这一轮没有评委评分，没有最高分可比", "");
                continue;
            }
            None if text == "highest_mark" => Some(TieBreak::HighestMark),
            Some(("part", key)) => {
                let keys: Vec<String> = parts.iter().map(Part::key).collect();
                resolve(&element, "部分", key, &keys).map(TieBreak::Part)
            }
            Some(("criterion", name)) => {
                let names: Vec<String> =
                    sheet.into_iter().flat_map(|sheet| &sheet.criteria).map(|criterion| criterion.name.clone()).collect();
                resolve(&element, "评分项", name, &names).map(TieBreak::Criterion)
            }
            _ => {
                element.fault(
                    format!("不认识“{}”", shorten(&text)),
                    "可以写：\"exact\"、\"part:judges\"、\"criterion:评分项名称\"、\"highest_mark\"",
                );
                None
            }
        };
        let Some(found) = found else { continue };
        if breaks.contains(&found) {
            element.fault(format!("“{}”重复了", shorten(&text)), "只保留一个");
        } else {
            breaks.push(found);
        }
    }
    breaks
}

/// A name that must be one of these.
pub(super) fn resolve(node: &Node<'_>, what: &str, name: &str, names: &[String]) -> Option<String> {
    if let Some(found) = names.iter().find(|known| *known == name) {
        return Some(found.clone());
    }
    let known: Vec<&str> = names.iter().map(String::as_str).collect();
    let hint = match nearest(name, &known) {
        _ if known.is_empty() => format!("这里还没有任何{what}"),
        Some(near) => format!("是不是想写 {near}？{what}有：{}", known.join("、")),
        None => format!("{what}有：{}", known.join("、")),
    };
    node.fault(format!("没有“{}”这个{what}", shorten(name)), hint);
    None
}
