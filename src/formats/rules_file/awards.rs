//! Owns level awards, special awards, the commendation of recommenders and certificate numbers.

use std::collections::BTreeMap;

use super::scalars::LONGEST_NAME;
use super::score::resolve;
use super::shapes;
use super::tree::{Node, Table, shorten};
use crate::domain::category::{Award, AwardQuota, Category, LineTies, Part, QuotaBase, Round};
use crate::domain::rules::{Commendation, SpecialAward, SpecialBasis};
use crate::domain::values::{AwardId, CategoryId, Points, RoundId};

/// Level awards of a category, highest first.
pub(super) fn levels(node: &Node<'_>, rounds: &[Round]) -> Vec<Award> {
    let mut awards: Vec<Award> = Vec::new();
    let Some(elements) = node.elements(50) else { return awards };
    if elements.is_empty() {
        node.fault("没有奖项", "写 [[category.award]]，或删去这一行");
    }
    for element in elements {
        let Some(table) = element.table(&shapes::AWARD) else { continue };
        let Some(award) = level(&table, rounds) else { continue };
        if awards.iter().any(|other| other.id == award.id) {
            table.get("id").inspect(|node| node.fault(format!("奖项 {} 写了两次", award.id), "同一参赛类型里奖项的 id 各不相同"));
        } else if awards.iter().any(|other| other.name == award.name) {
            let place = table.get("name").or_else(|| table.get("id"));
            place.inspect(|node| node.fault(format!("奖项名称“{}”重复了", award.name), "同一参赛类型里奖项的名称各不相同"));
        } else if awards.last().is_some_and(|last| last.quota.is_none()) {
            element.fault("rest = true 的奖项应写在最后", "它归其余全部作品，后面不会再有作品");
        } else {
            awards.push(award);
        }
    }
    awards
}

fn level(table: &Table<'_>, rounds: &[Round]) -> Option<Award> {
    let id = table.required("id").and_then(|node| node.identity());
    let name = table.get("name").map_or_else(|| id.clone(), |node| node.text(LONGEST_NAME));
    let rest = table.get("rest").and_then(|node| node.flag()).unwrap_or(false);
    let ties = table
        .get("ties")
        .map_or(Some(LineTies::Ask), |node| node.word(&[("ask", LineTies::Ask), ("expand", LineTies::Include), ("shrink", LineTies::Cut)]));
    if rest {
        for key in table.present(&["quota", "round", "ties"]) {
            table.get(key).inspect(|node| node.fault(format!("rest = true 的奖项不写 {key}"), "它归没有其他奖项的全部已受理作品"));
        }
        return Some(Award { id: AwardId::new(id?), name: name?, round: None, quota: None, ties: ties? });
    }
    let quota = table.required("quota").and_then(|node| quota(&node));
    let round_node = table.get("round");
    if round_node.is_none() && rounds.is_empty() {
        table.fault("奖项依据的轮次不存在：本参赛类型没有轮次", "先写 [[category.round]]，或写 rest = true");
    }
    let round = match &round_node {
        Some(node) => node.identity().and_then(|round| find_round(node, &round, rounds)),
        None => rounds.last(),
    };
    Some(Award { id: AwardId::new(id?), name: name?, round: Some(round?.id.clone()), quota: Some(quota?), ties: ties? })
}

fn find_round<'r>(node: &Node<'_>, round: &str, rounds: &'r [Round]) -> Option<&'r Round> {
    let ids: Vec<String> = rounds.iter().map(|round| round.id.to_string()).collect();
    resolve(node, "轮次", round, &ids).and_then(|id| rounds.iter().find(|round| round.id.as_str() == id))
}

fn quota(node: &Node<'_>) -> Option<AwardQuota> {
    let table = node.table(&shapes::QUOTA)?;
    match table.present(&["count", "share"]).as_slice() {
        ["count"] => {
            table.get("of").inspect(|node| node.fault("of 要和 share 一起写", "名额是定数时删去 of"));
            table.get("count")?.integer(1..=100_000).map(AwardQuota::Count)
        }
        ["share"] => {
            let percent = table.get("share")?.percent();
            let of = table
                .get("of")
                .map_or(Some(QuotaBase::Works), |node| node.word(&[("works", QuotaBase::Works), ("round", QuotaBase::Round)]));
            Some(AwardQuota::Share { percent: percent?, of: of? })
        }
        [] => {
            table.fault("没有写名额", "写 { count = 3 }，或 { share = \"10%\", of = \"works\" }");
            None
        }
        _ => {
            table.fault("count 和 share 只能写一种", "");
            None
        }
    }
}

/// Special awards of all categories.
pub(super) fn special(top: &Table<'_>, categories: &[Category]) -> Vec<SpecialAward> {
    let mut awards: Vec<SpecialAward> = Vec::new();
    for element in top.get("special_award").and_then(|node| node.elements(100)).unwrap_or_default() {
        let Some(table) = element.table(&shapes::SPECIAL_AWARD) else { continue };
        let Some(award) = special_award(&table, categories) else { continue };
        let levels = categories.iter().flat_map(|category| &category.awards);
        if awards.iter().any(|other| other.id == award.id) || levels.into_iter().any(|level| level.id == award.id) {
            table.get("id").inspect(|node| node.fault(format!("奖项 {} 写了两次", award.id), "专项奖的 id 与其他奖项各不相同"));
        } else {
            awards.push(award);
        }
    }
    awards
}

fn special_award(table: &Table<'_>, categories: &[Category]) -> Option<SpecialAward> {
    let id = table.required("id").and_then(|node| node.identity());
    let name = table.get("name").map_or_else(|| id.clone(), |node| node.text(LONGEST_NAME));
    let category = table.required("category").and_then(|node| {
        let ids: Vec<String> = categories.iter().map(|category| category.id.to_string()).collect();
        let id = resolve(&node, "参赛类型", &node.identity()?, &ids)?;
        categories.iter().find(|category| category.id.as_str() == id)
    });
    let round_node = table.get("round");
    let named = match (&round_node, category) {
        (Some(node), Some(category)) => Some(node.identity().and_then(|round| find_round(node, &round, &category.rounds))?),
        (None | Some(_), _) => None,
    };
    let round = named.or_else(|| category?.rounds.last());
    let by = match table.get("by") {
        None => Some(SpecialBasis::Hand),
        Some(node) => basis(&node, category.is_some(), round),
    };
    let count = table.get("count").map_or(Some(1), |node| node.integer(1..=10_000));
    let alongside = table.get("alongside").map_or(Some(true), |node| node.flag());
    Some(SpecialAward {
        id: AwardId::new(id?),
        name: name?,
        category: CategoryId::new(category?.id.as_str()),
        round: named.map(|round| RoundId::new(round.id.as_str())),
        by: by?,
        count: count?,
        alongside: alongside?,
    })
}

/// What decides. Where the category is not known nothing can be resolved, and nothing more is said.
fn basis(node: &Node<'_>, category_is_known: bool, round: Option<&Round>) -> Option<SpecialBasis> {
    let text = node.text(LONGEST_NAME)?;
    let known = |what: &str, name: &str, names: Vec<String>| if category_is_known { resolve(node, what, name, &names) } else { None };
    match text.split_once(':') {
        None if text == "hand" => Some(SpecialBasis::Hand),
        Some(("criterion", name)) => {
            let sheet = round.and_then(|round| round.judges.as_ref());
            let names = sheet.into_iter().flat_map(|sheet| &sheet.criteria).map(|criterion| criterion.name.clone()).collect();
            known("评分项", name, names).map(SpecialBasis::Criterion)
        }
        Some(("part", key)) => {
            let names = round.into_iter().flat_map(|round| &round.score.parts).map(Part::key).collect();
            known("部分", key, names).map(SpecialBasis::Part)
        }
        Some(("votes", channel)) if !channel.is_empty() => Some(SpecialBasis::Votes(channel.to_owned())),
        _ => {
            node.fault(
                format!("不认识“{}”", shorten(&text)),
                "可以写：\"criterion:评分项名称\"、\"votes:渠道\"、\"part:部分名称\"、\"hand\"（人工评定）",
            );
            None
        }
    }
}

/// `[commendation]`: points per work, per accepted work and per award.
pub(super) fn commendation(node: &Node<'_>, categories: &[Category]) -> Option<Commendation> {
    let table = node.table(&shapes::COMMENDATION)?;
    let name = table.get("name").map_or_else(|| Some("优秀组织推荐单位".to_owned()), |node| node.text(LONGEST_NAME));
    let count = table.get("count").map_or(Some(10), |node| node.integer(1..=10_000));
    let mut points = BTreeMap::new();
    let mut keys = vec!["work".to_owned(), "accepted".to_owned()];
    for award in categories.iter().flat_map(|category| &category.awards) {
        if !keys.iter().any(|key| key == award.id.as_str()) {
            keys.push(award.id.to_string());
        }
    }
    if let Some(node) = table.get("points") {
        for (key, value) in node.named() {
            let key = resolve(&value, "计分对象", &key, &keys);
            if let (Some(key), Some(worth)) = (key, value.points()) {
                points.insert(key, worth);
            }
        }
    } else {
        points.insert("work".to_owned(), Points::from_millionths(1_000_000));
    }
    Some(Commendation { name: name?, points, count: count? })
}

/// `certificate.number`: a pattern whose every placeholder is known and that has a serial.
pub(super) fn certificate(node: &Node<'_>, has_year: bool) -> Option<String> {
    let table = node.table(&shapes::CERTIFICATE)?;
    let node = table.get("number")?;
    let pattern = node.text(LONGEST_NAME)?;
    let mut rest = pattern.as_str();
    let mut has_serial = false;
    while let Some(position) = rest.find(['{', '}']) {
        let (_, tail) = rest.split_at(position);
        let Some((inside, after)) = tail.strip_prefix('{').and_then(|tail| tail.split_once('}')) else {
            node.fault("花括号不成对", "写成 {year}-{category}-{award}-{serial:3}");
            return None;
        };
        match inside.split_once(':').unwrap_or((inside, "")) {
            ("year", "") if !has_year => node.fault("编号里用了 {year}，却没有写 contest.year", "补上 year = 2024，或去掉 {year}"),
            ("year" | "category" | "award", "") => {}
            ("serial", width) if width.is_empty() || matches!(width.as_bytes(), [b'1'..=b'9']) => has_serial = true,
            _ => node.fault(
                format!("不认识“{{{}}}”", shorten(inside)),
                "可以用：{year} 年份、{category} 类型前缀、{award} 奖项 id、{serial:3} 三位流水号",
            ),
        }
        rest = after;
    }
    if !has_serial {
        node.fault("编号里没有流水号，证书会重号", "加上 {serial:3}");
    }
    Some(pattern)
}
