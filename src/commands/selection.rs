//! Owns what words on the command line mean: which category, round, zone, judge, work or award they name, and `字段=值`. Every miss says
//! what there is.

use crate::domain::category::{Category, Round};
use crate::domain::entry::EntrySummary;
use crate::domain::field::Field;
use crate::domain::folding::fold_text;
use crate::domain::judging::Judge;
use crate::domain::mark_intake::fold_judge;
use crate::domain::mark_text::did_you_mean;
use crate::domain::rules::ContestRules;
use crate::domain::values::EntryNumber;
use crate::error::AppError;

/// The category that a word names: id, prefix, name or alias.
///
/// # Errors
/// None does.
pub fn category<'a>(rules: &'a ContestRules, text: &str) -> Result<&'a Category, AppError> {
    rules.category_named(text, fold_text).ok_or_else(|| {
        let known: Vec<String> = rules.categories.iter().map(|category| format!("{}（{}）", category.id, category.name)).collect();
        AppError::not_found(format!("没有参赛类型“{text}”")).hint(format!("参赛类型有：{}", known.join("、")))
    })
}

/// The categories that a command is about: the one named, or all.
///
/// # Errors
/// The one named does not exist.
pub fn categories<'a>(rules: &'a ContestRules, text: Option<&str>) -> Result<Vec<&'a Category>, AppError> {
    match text {
        Some(text) => Ok(vec![category(rules, text)?]),
        None => Ok(rules.categories.iter().collect()),
    }
}

/// The round of a category that a word names: id or name.
///
/// # Errors
/// None does.
pub fn round<'a>(category: &'a Category, text: &str) -> Result<&'a Round, AppError> {
    let wanted = fold_text(text);
    let named = |round: &&Round| fold_text(round.id.as_str()) == wanted || fold_text(&round.name) == wanted;
    category.rounds.iter().find(named).ok_or_else(|| {
        let known: Vec<String> = category.rounds.iter().map(|round| format!("{}（{}）", round.id, round.name)).collect();
        AppError::not_found(format!("{}没有轮次“{text}”", category.name)).hint(format!("轮次有：{}", known.join("、")))
    })
}

/// The round that a command is about: the one named, or the only one.
///
/// # Errors
/// The one named does not exist, or there are several.
pub fn round_or_only<'a>(category: &'a Category, text: Option<&str>) -> Result<&'a Round, AppError> {
    match (text, category.rounds.as_slice()) {
        (Some(text), _) => round(category, text),
        (None, [only]) => Ok(only),
        (None, rounds) => {
            let known: Vec<String> = rounds.iter().map(|round| format!("{}（{}）", round.id, round.name)).collect();
            Err(AppError::usage(format!("{}有 {} 轮，不知道是哪一轮", category.name, rounds.len()))
                .hint(format!("用 --round 指明：{}", known.join("、"))))
        }
    }
}

/// The zone that a word names, among the rules' zones and those that works have.
///
/// # Errors
/// None does.
pub fn zone(rules: &ContestRules, works: &[EntrySummary], text: &str) -> Result<String, AppError> {
    let wanted = fold_text(text);
    let known = || rules.zones.iter().map(String::as_str).chain(works.iter().map(|work| work.zone.as_str()));
    if let Some(found) = known().find(|zone| !zone.is_empty() && fold_text(zone) == wanted) {
        return Ok(found.to_owned());
    }
    let mut names: Vec<&str> = Vec::new();
    for zone in known().filter(|zone| !zone.is_empty()) {
        if !names.contains(&zone) {
            names.push(zone);
        }
    }
    let hint = if names.is_empty() { "这届大赛没有设赛区".to_owned() } else { format!("赛区有：{}", names.join("、")) };
    Err(AppError::not_found(format!("没有赛区“{text}”")).hint(hint))
}

/// The judge with this name.
///
/// # Errors
/// None has it.
pub fn judge<'a>(judges: &'a [Judge], text: &str) -> Result<&'a Judge, AppError> {
    let wanted = fold_judge(text);
    judges.iter().find(|judge| fold_judge(&judge.name) == wanted).ok_or_else(|| {
        let error = AppError::not_found(format!("没有名叫“{text}”的评委"));
        match did_you_mean(text.trim(), judges.iter().map(|judge| judge.name.as_str())) {
            Some(similar) => error.hint(format!("是不是“{similar}”？")),
            None => error,
        }
        .hint("评委名单：dasai judge list")
    })
}

/// The work with this number.
///
/// # Errors
/// None has it.
pub fn work<'a>(works: &'a [EntrySummary], text: &str) -> Result<&'a EntrySummary, AppError> {
    let number = EntryNumber::typed(text);
    works
        .iter()
        .find(|work| work.number == number)
        .ok_or_else(|| AppError::not_found(format!("没有编号为 {number} 的作品")).hint("作品名单：dasai entry list"))
}

/// What parts the two sides of `字段=值`.
pub const EQUALS: [char; 2] = ['=', '＝'];

/// The two sides of `字段=值`, without blanks around them.
///
/// # Errors
/// There is no `=`, or nothing before it; `example` is proposed.
pub fn assignment<'a>(text: &'a str, example: &str) -> Result<(&'a str, &'a str), AppError> {
    let sides = text.split_once(EQUALS).map(|(name, value)| (name.trim(), value.trim()));
    sides
        .filter(|(name, _)| !name.is_empty())
        .ok_or_else(|| AppError::usage(format!("写法不对：{text}")).hint(format!("写成 字段=值，例如 {example}")))
}

/// The field with this key or name.
#[must_use]
pub fn field(name: &str) -> Option<Field> {
    Field::from_key(name).or_else(|| Field::ALL.into_iter().find(|field| field.label() == name))
}

/// Keeps what a command line names, each thing once: of two values nobody knows which is meant.
///
/// # Errors
/// It is named already; `name` is how.
pub fn once<T: PartialEq>(named: &mut Vec<T>, thing: T, name: &str) -> Result<(), AppError> {
    if named.contains(&thing) {
        return Err(AppError::usage(format!("“{name}”写了两次")).hint("每一项只写一次"));
    }
    named.push(thing);
    Ok(())
}

/// The rules' first category; there is always one.
///
/// # Errors
/// The rules have none, which the reader of rules does not let through.
pub fn first(rules: &ContestRules) -> Result<&Category, AppError> {
    rules.categories.first().ok_or_else(|| AppError::internal("规则里没有参赛类型"))
}
