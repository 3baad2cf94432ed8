//! Owns `[[category.round]]`: the score sheet, the clock and who goes on. How the score is put together is `score`.

use super::reader::bounds;
use super::scalars::LONGEST_NAME;
use super::tree::{Node, Table, shorten};
use super::{score, shapes};
use crate::domain::category::{
    Advance, Combine, Criterion, JudgeSheet, LineTies, Normalize, PartSource, Quota, Round, Timing, TimingBand, TimingScale, Trim,
};
use crate::domain::values::{Points, RoundId};

/// All rounds of a category.
pub(super) fn read(node: &Node<'_>, zones: &[String]) -> Vec<Round> {
    let mut rounds: Vec<Round> = Vec::new();
    let Some(elements) = node.elements(20) else { return rounds };
    if elements.is_empty() {
        node.fault("没有轮次", "写 [[category.round]]，或删去这一行");
    }
    for element in elements {
        let Some(table) = element.table(&shapes::ROUND) else { continue };
        let Some(round) = round(&table, zones) else { continue };
        if rounds.iter().any(|other| other.id == round.id) {
            table.get("id").inspect(|node| node.fault(format!("轮次 {} 写了两次", round.id), "同一参赛类型里轮次的 id 各不相同"));
        } else if rounds.iter().any(|other| other.name == round.name) {
            let place = table.get("name").or_else(|| table.get("id"));
            place.inspect(|node| node.fault(format!("轮次名称“{}”重复了", round.name), "同一参赛类型里轮次的名称各不相同"));
        } else {
            rounds.push(round);
        }
    }
    rounds
}

fn round(table: &Table<'_>, zones: &[String]) -> Option<Round> {
    let id = table.required("id").and_then(|node| node.identity());
    let name = table.get("name").map_or_else(|| id.clone(), |node| node.text(LONGEST_NAME));
    let by_zone = table.get("by_zone").and_then(|node| {
        let by_zone = node.flag()?;
        if by_zone && zones.is_empty() {
            node.fault("按赛区排名，却没有赛区", "在文件顶层写 [zones] list = [\"…\"]，或把 by_zone 改为 false");
        }
        Some(by_zone)
    });
    let by_zone = by_zone.unwrap_or(false);
    let minimum_judges = table.get("minimum_judges").and_then(|node| node.integer(1..=1_000)).unwrap_or(1);
    let judges_node = table.get("judges");
    let sheet = judges_node.as_ref().and_then(judges);
    let score_node = table.get("score");
    let parts = score_node.as_ref().and_then(score::parts);
    let marked = parts.as_ref().is_none_or(|parts| parts.iter().any(|part| part.from == PartSource::Judges));
    let judges = if judges_node.is_some() { sheet } else { marked.then(plain_sheet) };
    let score = score::read(score_node.as_ref(), parts, judges.as_ref());
    let timing = table.get("timing").and_then(|node| timing(&node));
    if let (Some(timing), Some(sheet), Some(node)) = (&timing, &judges, table.get("timing"))
        && timing.before_trim
        && sheet.trim.is_some_and(|trim| trim.by_criterion)
    {
        node.fault(
            "按评分项去掉最高最低分时，不能在此之前扣时间分",
            "把 timing.apply 改为 \"after_trim\"，或把 judges.trim.by 改为 \"total\"",
        );
    }
    if let (Some(timing), Some(sheet), Some(node)) = (&timing, &judges, table.get("timing"))
        && !timing.before_trim
        && sheet.combine == Combine::RankSum
    {
        node.fault("名次和（rank_sum）上不能扣时间分", "写 timing.apply = \"before_trim\"：先从各评委的总分里扣，再排名次");
    }
    if let (Some(timing), false, Some(node)) = (&timing, marked, table.get("timing"))
        && timing.scale != TimingScale::Bands(Vec::new())
    {
        node.fault("这一轮的得分里没有评委分，时间分无处可扣", "在 score.parts 里写 { from = \"judges\" }，或删去扣分，只写 exclude_over");
    }
    let advance = table.get("advance").and_then(|node| advance(&node, by_zone, zones));
    Some(Round { id: RoundId::new(id?), name: name?, by_zone, minimum_judges, judges, timing, score, advance })
}

/// What judges mark where the rules give no sheet: one total out of a hundred.
fn plain_sheet() -> JudgeSheet {
    JudgeSheet { criteria: vec![total()], step: Points::ZERO, trim: None, combine: Combine::Mean, normalize: Normalize::None }
}

fn total() -> Criterion {
    Criterion { group: None, name: "总分".to_owned(), min: Points::ZERO, max: points("100"), factor: points("1") }
}

fn points(text: &str) -> Points {
    Points::parse(text).unwrap_or_default()
}

fn judges(node: &Node<'_>) -> Option<JudgeSheet> {
    let table = node.table(&shapes::JUDGES)?;
    let step = table.get("step").and_then(|node| node.positive_points()).unwrap_or_default();
    let criteria = table.get("criteria").map_or_else(|| vec![total()], |node| criteria(&node, step));
    let trim = table.get("trim").and_then(|node| trim(&node));
    let combine = table.get("combine").and_then(|node| {
        let words = [("mean", Combine::Mean), ("sum", Combine::Sum), ("median", Combine::Median), ("rank_sum", Combine::RankSum)];
        let combine = node.word(&words)?;
        if combine == Combine::RankSum && trim.is_some_and(|trim| trim.by_criterion) {
            node.fault("名次和（rank_sum）按评委的总分排名次，不能按评分项去掉最高最低分", "把 trim.by 改为 \"total\"");
        }
        Some(combine)
    });
    let normalize = table.get("normalize").and_then(|node| {
        let normalize = node.word(&[("none", Normalize::None), ("z_score", Normalize::ZScore)])?;
        if normalize == Normalize::ZScore && combine == Some(Combine::RankSum) {
            node.fault("名次和（rank_sum）不看分数的松紧，不需要标准化", "删去 normalize，或改用 combine = \"mean\"");
        } else if normalize == Normalize::ZScore && trim.is_some_and(|trim| trim.by_criterion) {
            node.fault("标准化（z_score）按评委的总分计，不能按评分项去掉最高最低分", "把 trim.by 改为 \"total\"，或删去 normalize");
        }
        Some(normalize)
    });
    Some(JudgeSheet { criteria, step, trim, combine: combine.unwrap_or(Combine::Mean), normalize: normalize.unwrap_or(Normalize::None) })
}

fn criteria(node: &Node<'_>, step: Points) -> Vec<Criterion> {
    let mut criteria: Vec<Criterion> = Vec::new();
    let mut headings: Vec<String> = Vec::new();
    let Some(elements) = node.elements(100) else { return criteria };
    if elements.is_empty() {
        node.fault("评分表没有评分项", "至少写一项：{ name = \"…\", max = \"…\" }");
    }
    for element in elements {
        let Some(table) = element.table(&shapes::CRITERION) else { continue };
        let Some(items) = table.get("items") else {
            leaf(&table, None, step, &mut criteria);
            continue;
        };
        for key in table.present(&["min", "max", "factor"]) {
            if let Some(node) = table.get(key) {
                node.fault(format!("有子项的评分项不写 {key}"), "分数写在各个子项里");
            }
        }
        let heading = table.required("name").and_then(|node| {
            let heading = node.text(LONGEST_NAME)?;
            if headings.contains(&heading) {
                node.fault(format!("“{heading}”重复了"), "评分项的名称各不相同");
            }
            headings.push(heading.clone());
            Some(heading)
        });
        let Some(leaves) = items.elements(100) else { continue };
        if leaves.is_empty() {
            items.fault("列表是空的", "至少写一个子项，或删去 items");
        }
        for item in leaves {
            if let Some(table) = item.table(&shapes::ITEM) {
                leaf(&table, heading.clone(), step, &mut criteria);
            }
        }
    }
    criteria
}

fn leaf(table: &Table<'_>, group: Option<String>, step: Points, criteria: &mut Vec<Criterion>) {
    let name = table.required("name").and_then(|node| {
        let name = node.text(LONGEST_NAME)?;
        if criteria.iter().any(|other| other.name == name) {
            node.fault(format!("“{}”重复了", shorten(&name)), "同一张评分表里评分项的名称各不相同");
            return None;
        }
        Some(name)
    });
    let bound = |node: &Node<'_>| {
        let points = node.points()?;
        if !points.is_multiple_of(step) {
            node.fault(format!("{points} 不是评分步长 {step} 的整数倍"), "改动这个分值，或改动 step");
        }
        Some(points)
    };
    let min = table.get("min").as_ref().map_or(Some(Points::ZERO), bound);
    let max_node = table.required("max");
    let max = max_node.as_ref().and_then(bound);
    if let (Some(min), Some(max), Some(node)) = (min, max, &max_node)
        && min >= max
    {
        node.fault("最高分应大于最低分", "min 默认是 \"0\"");
    }
    let factor = table.get("factor").map_or(Some(points("1")), |node| node.positive_points());
    if let (Some(name), Some(min), Some(max), Some(factor)) = (name, min, max, factor) {
        criteria.push(Criterion { group, name, min, max, factor });
    }
}

fn trim(node: &Node<'_>) -> Option<Trim> {
    let table = node.table(&shapes::TRIM)?;
    let count = |key| table.get(key).map_or(Some(0), |node: Node<'_>| node.integer(0..=100));
    let (highest, lowest) = (count("highest")?, count("lowest")?);
    let dropped = highest + lowest;
    if dropped == 0 {
        table.fault("highest 和 lowest 都是 0，什么也不去掉", "写 highest = 1, lowest = 1，或删去 trim");
        return None;
    }
    let by_criterion = table.get("by").map_or(Some(false), |node| node.word(&[("total", false), ("criterion", true)]));
    let from = match table.get("from") {
        None => Some(dropped + 1),
        Some(node) => node.integer(1..=1_000).inspect(|from| {
            if *from <= dropped {
                node.fault(
                    format!("{from} 个分数去掉 {dropped} 个后一个也不剩"),
                    format!("from 至少是 {}：有这么多分数时才去掉最高最低分", dropped + 1),
                );
            }
        }),
    };
    Some(Trim { highest, lowest, by_criterion: by_criterion?, from: from? })
}

fn timing(node: &Node<'_>) -> Option<Timing> {
    let table = node.table(&shapes::TIMING)?;
    let limits = bounds(&table, Node::seconds);
    let grace = table.get("grace").and_then(|node| node.seconds()).unwrap_or(0);
    let cap = table.get("cap").and_then(|node| node.positive_points());
    let exclude_over = table.get("exclude_over").and_then(|node| {
        if table.get("max").is_none() {
            node.fault("exclude_over 是超过 max 的秒数，却没有写 max", "补上 max，例如 max = \"8:00\"");
        }
        node.seconds()
    });
    let before_trim = table.get("apply").and_then(|node| node.word(&[("after_trim", false), ("before_trim", true)]));
    let scale = match (table.get("bands"), table.get("each")) {
        (Some(bands), Some(_)) => {
            bands.fault("bands 和 each 只能写一种", "按档扣分写 bands，按每若干秒扣分写 each 和 points");
            None
        }
        (Some(node), None) => {
            table.get("points").inspect(|points| points.fault("points 要和 each 一起写", "分档扣分时，分数写在 bands 的各档里"));
            Some(TimingScale::Bands(bands(&node)))
        }
        (None, Some(each)) => {
            let seconds = each.seconds().filter(|seconds| *seconds > 0);
            if seconds.is_none() {
                each.fault("秒数应大于 0", "例如 each = 10");
            }
            let points = table.required("points").and_then(|node| node.positive_points());
            seconds.zip(points).map(|(seconds, points)| TimingScale::Each { seconds, points })
        }
        (None, None) if exclude_over.is_some() => Some(TimingScale::Bands(Vec::new())),
        (None, None) => {
            table.fault("没有写超时怎样扣分", "写 bands = [ { over = 10, points = \"0.2\" } ]，或 each = 10 和 points = \"0.1\"");
            None
        }
    };
    let limits = limits?;
    Some(Timing { min: limits.min, max: limits.max, grace, scale: scale?, cap, exclude_over, before_trim: before_trim.unwrap_or(false) })
}

fn bands(node: &Node<'_>) -> Vec<TimingBand> {
    let mut bands: Vec<TimingBand> = Vec::new();
    let Some(elements) = node.elements(100) else { return bands };
    if elements.is_empty() {
        node.fault("列表是空的", "至少写一档：{ over = 10, points = \"0.2\" }");
    }
    for element in elements {
        let Some(table) = element.table(&shapes::BAND) else { continue };
        let over = table.required("over").and_then(|node| node.seconds());
        let points = table.required("points").and_then(|node| node.positive_points());
        let (Some(over), Some(points)) = (over, points) else { continue };
        if bands.last().is_some_and(|last| over <= last.over || points <= last.points) {
            element.fault("各档应从小到大：秒数和扣分都比上一档大", "");
        }
        bands.push(TimingBand { over, points });
    }
    bands
}

fn advance(node: &Node<'_>, by_zone: bool, zones: &[String]) -> Option<Advance> {
    let table = node.table(&shapes::ADVANCE)?;
    let to = table.required("to").and_then(|node| node.identity());
    let quota = match table.present(&["count", "per_zone", "share"]).as_slice() {
        ["count"] => table.get("count")?.integer(1..=100_000).map(Quota::Count),
        ["share"] => table.get("share")?.percent().map(Quota::Share),
        ["per_zone"] => per_zone(&table.get("per_zone")?, by_zone, zones),
        [] => {
            table.fault("没有写晋级多少", "写 count = 30、share = \"30%\" 或 per_zone = { … } 之一");
            None
        }
        several => {
            table.fault(format!("{} 只能写一种", several.join("、")), "");
            None
        }
    };
    let max_per_organization = table.get("max_per_organization").and_then(|node| node.integer(1..=100_000));
    let ties = table
        .get("ties")
        .map_or(Some(LineTies::Ask), |node| node.word(&[("ask", LineTies::Ask), ("include", LineTies::Include), ("cut", LineTies::Cut)]));
    Some(Advance { to: RoundId::new(to?), quota: quota?, max_per_organization, ties: ties? })
}

fn per_zone(node: &Node<'_>, by_zone: bool, zones: &[String]) -> Option<Quota> {
    if !by_zone {
        node.fault("这一轮不按赛区排名，不能按赛区定晋级名额", "在本轮写 by_zone = true，或改用 count");
    }
    let named = node.named();
    let mut counts = Vec::new();
    for (name, value) in &named {
        if !zones.contains(name) {
            let known =
                if zones.is_empty() { "先在 [zones] 里列出赛区".to_owned() } else { format!("赛区有：{}", zones.join("、")) };
            value.fault(format!("没有“{}”这个赛区", shorten(name)), known);
        }
    }
    for zone in zones {
        match named.iter().find(|(name, _)| name == zone) {
            None => node.fault(format!("没有写赛区“{zone}”的名额"), format!("补上 {zone} = 名额；没有名额写 0")),
            Some((_, value)) => counts.push((zone.clone(), value.integer(0..=100_000)?)),
        }
    }
    if !counts.is_empty() && counts.iter().all(|(_, count)| *count == 0) {
        node.fault("各赛区的名额都是 0", "");
    }
    Some(Quota::PerZone(counts))
}
