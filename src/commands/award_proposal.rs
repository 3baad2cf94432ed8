//! Owns how proposed awards are shown before they are confirmed: levels in numbers, the margin at each line, open ties, and the list.

use std::collections::{BTreeMap, BTreeSet};

use super::award_results::{self, CategoryAwards};
use super::results::Contest;
use crate::domain::category::LineTies;
use crate::domain::listing::{Cell, Column, Document, Listing};
use crate::domain::rules::ContestRules;
use crate::domain::scoring::EntryScore;
use crate::domain::values::{AwardId, EntryId, Exact};

/// A tie that staff must settle before awards are confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenQuestion {
    /// The award.
    pub award: AwardId,
    /// The award's printed name.
    pub name: String,
    /// The works.
    pub works: Vec<EntryId>,
    /// The place that they share; `None` for a special award.
    pub place: Option<u32>,
    /// How many of them there is room for.
    pub room: usize,
    /// The award that they get otherwise.
    pub otherwise: Option<AwardId>,
    /// In one sentence.
    pub text: String,
}

fn name_of(rules: &ContestRules, awards: &CategoryAwards<'_>, id: &AwardId) -> String {
    let level = awards.category.awards.iter().find(|award| award.id == *id).map(|award| &award.name);
    let special = rules.special_awards.iter().find(|award| award.id == *id).map(|award| &award.name);
    level.or(special).map_or_else(|| id.to_string(), Clone::clone)
}

/// The ties that are open in a category.
#[must_use]
pub fn questions(rules: &ContestRules, contest: &Contest, awards: &CategoryAwards<'_>) -> Vec<OpenQuestion> {
    let levels = awards.proposal.questions.iter().map(|question| {
        let name = name_of(rules, awards, &question.award);
        let otherwise = question.otherwise.as_ref().map_or_else(String::new, |other| format!("，否则为{}", name_of(rules, awards, other)));
        let text = format!(
            "{name}名额线上第 {} 名并列 {} 件（{}），余下名额 {} 个{otherwise}",
            question.place,
            question.works.len(),
            contest.numbers(&question.works),
            question.room
        );
        OpenQuestion {
            award: question.award.clone(),
            name,
            works: question.works.clone(),
            place: Some(question.place),
            room: question.room,
            otherwise: question.otherwise.clone(),
            text,
        }
    });
    let specials = awards.specials.iter().filter(|special| !special.proposal.tied.is_empty()).map(|special| {
        let tied = &special.proposal.tied;
        OpenQuestion {
            award: special.award.id.clone(),
            name: special.award.name.clone(),
            works: tied.clone(),
            place: None,
            room: special.proposal.room,
            otherwise: None,
            text: format!(
                "{}并列 {} 件（{}），余下名额 {} 个",
                special.award.name,
                tied.len(),
                contest.numbers(tied),
                special.proposal.room
            ),
        }
    });
    levels.chain(specials).collect()
}

/// The printed names of awards whose round is not complete yet.
#[must_use]
pub fn incomplete_awards(rules: &ContestRules, awards: &CategoryAwards<'_>) -> Vec<String> {
    let levels = awards.proposal.levels.iter().filter(|level| level.incomplete && !awards.settled.vacant.contains(&level.award));
    let specials = awards.specials.iter().filter(|special| special.incomplete && !awards.settled.vacant.contains(&special.award.id));
    levels.map(|level| name_of(rules, awards, &level.award)).chain(specials.map(|special| special.award.name.clone())).collect()
}

/// The worst score that has a level, and the best that has not reached it.
fn margin(awards: &CategoryAwards<'_>, award: &AwardId) -> Option<(Exact, Option<Exact>)> {
    let rule = awards.category.awards.iter().find(|level| level.id == *award)?;
    let round = rule.round.as_ref()?;
    let judged = awards.judged.iter().find(|judged| judged.round.id == *round)?;
    // Of sums of places the smallest is the best.
    let ascending = judged.round.sums_places();
    let scores: BTreeMap<EntryId, &EntryScore> = judged.scores.scores.iter().map(|score| (score.entry, score)).collect();
    let position = awards.category.awards.iter().position(|level| level.id == *award)?;
    let upper: Vec<&AwardId> = awards.category.awards.iter().take(position + 1).map(|level| &level.id).collect();
    let in_or_above: Vec<EntryId> =
        awards.proposal.grants.iter().filter(|grant| upper.contains(&&grant.award)).map(|grant| grant.entry).collect();
    let own = awards.proposal.grants.iter().filter(|grant| grant.award == *award);
    let own = own.filter_map(|grant| scores.get(&grant.entry)?.final_score.clone());
    let last = if ascending { own.max() } else { own.min() }?;
    // Works that wait for a decision on this line, or on one above it, are neither above nor below it.
    let waiting = awards.proposal.questions.iter().filter(|question| upper.contains(&&question.award));
    let mut reached: Vec<EntryId> = in_or_above.into_iter().chain(waiting.flat_map(|question| question.works.iter().copied())).collect();
    reached.sort_unstable();
    let eligible: BTreeSet<EntryId> = awards.eligible.iter().copied().collect();
    let next = scores
        .iter()
        .filter(|(entry, _)| reached.binary_search(entry).is_err() && eligible.contains(entry))
        .filter_map(|(_, score)| score.final_score.clone());
    let next = if ascending { next.min() } else { next.max() };
    Some((last, next))
}

/// The proposal as `award propose` prints it.
#[must_use]
pub fn document(rules: &ContestRules, contest: &Contest, all: &[CategoryAwards<'_>]) -> Document {
    let mut levels = Listing::new(
        "levels",
        "各等次",
        vec![
            Column::new("category", "参赛类型").heading(),
            Column::new("award", "奖项"),
            Column::new("quota", "名额"),
            Column::new("granted", "拟授"),
            Column::new("open", "待定"),
            Column::new("last", "最后一名得分"),
            Column::new("next", "线下最高得分"),
            Column::new("margin", "分差"),
            Column::new("incomplete", "分数未齐"),
        ],
    );
    let question_columns = vec![
        Column::new("category", "参赛类型").heading(),
        Column::new("award", "奖项"),
        Column::new("place", "名次"),
        Column::new("works", "并列作品"),
        Column::new("room", "余下名额"),
        Column::new("otherwise", "否则"),
    ];
    let mut open = Listing::new("questions", "要决定的并列", question_columns);
    let mut rows = Vec::new();
    let mut notes = Vec::new();
    for awards in all {
        let category = || Cell::keyed(awards.category.id.as_str(), awards.category.name.as_str());
        for level in &awards.proposal.levels {
            let margin = margin(awards, &level.award);
            let decimals = awards
                .category
                .awards
                .iter()
                .find(|award| award.id == level.award)
                .and_then(|award| award.round.as_ref())
                .and_then(|round| rules.round(&awards.category.id, round)?.score.rounding.r#final);
            let gap = margin
                .as_ref()
                .and_then(|(last, next)| Some(last - next.as_ref()?))
                .map(|gap| if gap < Exact::zero() { -&gap } else { gap });
            let points = |value: Option<Exact>| Cell::optional(value, |value| Cell::Points(value, decimals));
            let (last, next) = margin.map_or((None, None), |(last, next)| (Some(last), next));
            levels.push(vec![
                category(),
                Cell::keyed(level.award.as_str(), name_of(rules, awards, &level.award)),
                Cell::optional(level.quota, Cell::count),
                Cell::count(level.granted),
                Cell::count(level.open),
                points(last),
                points(next),
                points(gap),
                Cell::Flag(level.incomplete),
            ]);
        }
        for special in &awards.specials {
            levels.push(vec![
                category(),
                Cell::keyed(special.award.id.as_str(), special.award.name.as_str()),
                Cell::Integer(i64::from(special.award.count)),
                Cell::count(special.proposal.granted.len()),
                Cell::count(special.proposal.tied.len()),
                Cell::Empty,
                Cell::Empty,
                Cell::Empty,
                Cell::Flag(special.incomplete),
            ]);
        }
        for question in questions(rules, contest, awards) {
            open.push(vec![
                category(),
                Cell::keyed(question.award.as_str(), question.name.as_str()),
                Cell::optional(question.place, |place| Cell::Integer(i64::from(place))),
                Cell::List(question.works.iter().map(|entry| Cell::text(contest.number(*entry))).collect()),
                Cell::count(question.room),
                Cell::optional(question.otherwise.as_ref(), |award| Cell::keyed(award.as_str(), name_of(rules, awards, award))),
            ]);
            notes.push(format!(
                "{}；决定：dasai award confirm {} --expand={}（全部授予）或 --shrink={}（都不授予）",
                question.text, awards.category.id, question.award, question.award
            ));
        }
        notes.extend(awards.notes(contest));
        let asked = awards.settled.ties.values().any(|ties| *ties != LineTies::Ask);
        if asked {
            notes.push(format!("{}的并列已按决定处理", awards.category.name));
        }
        let mut shown = awards.rows_proposed(rules, contest);
        rows.append(&mut shown);
    }
    let mut document = Document::default().listing(levels).listing(open);
    document = document.listing(award_results::listing(contest, &rows));
    for note in notes {
        document = document.line(note);
    }
    document
}
