//! Owns the words for why a round is not computed, with the cheapest remedy as a command to type.

use super::results::Contest;
use crate::domain::category::{Category, Round};
use crate::domain::command_word::word;
use crate::domain::refusal::{Conflict, Refusal};
use crate::domain::values::EntryId;
use crate::error::AppError;

/// The failure that a refusal is.
#[must_use]
pub fn error(refusal: &Refusal, contest: &Contest, category: &Category, round: &Round) -> AppError {
    let head = format!("{}{}不能计分", category.name, round.name);
    match refusal {
        Refusal::Conflict(conflict) => AppError::refused(format!("{head}：{}", conflict_text(*conflict)))
            .hint("改正规则后重新应用：dasai rules apply 文件；现有规则用 dasai rules show 查看"),
        Refusal::TooLarge => AppError::refused(format!("{head}：分数大到无法计算")).hint("检查规则里的系数和分值"),
        Refusal::JudgeMarkedNotAll { judge, unmarked, excused } => {
            let listed = |works: &[EntryId]| {
                let shown: Vec<_> = works.iter().take(10).copied().collect();
                let more = if works.len() > shown.len() { format!(" 等 {} 件", works.len()) } else { String::new() };
                format!("{}{more}", contest.numbers(&shown))
            };
            let name = contest.judge_name(*judge);
            let lacks = [("没有评 ", unmarked), ("缺席或回避 ", excused)];
            let lacks = lacks.iter().filter(|(_, works)| !works.is_empty()).map(|(what, works)| format!("{what}{}", listed(works)));
            let lacks = lacks.collect::<Vec<_>>().join("，");
            let mut error = AppError::refused(format!("{head}：按名次之和排名要求每位评委评全部作品，评委{name}{lacks}"));
            if !unmarked.is_empty() {
                error = error.hint(format!("补录：dasai score set 作品编号 --judge {} --round {} --total 分数", word(&name), round.id));
            }
            if !excused.is_empty() {
                error = error.hint("缺席、回避的作品不能补录；在规则里换一种合成方式，如 combine = \"mean\"，再 dasai rules apply 文件");
            }
            error
        }
        Refusal::Disconnected { panels, remedy } => {
            let groups: Vec<String> = panels
                .iter()
                .map(|panel| panel.judges.iter().map(|judge| contest.judge_name(*judge)).collect::<Vec<_>>().join("、"))
                .collect();
            let error =
                AppError::refused(format!("{head}：评委分成互不相干的 {} 组（{}），标准化没有依据", groups.len(), groups.join("；")));
            let steps: Vec<String> =
                remedy.iter().map(|(judge, entry)| format!("{} 加评 {}", contest.judge_name(*judge), contest.number(*entry))).collect();
            error.hint(format!("最省的补救：{}", steps.join("；"))).hint("或在规则里改为 normalize = \"none\"")
        }
        Refusal::TooFewMarks { judge, marks } => {
            AppError::refused(format!("{head}：评委{}只评了 {marks} 件，少于 5 件不能标准化", contest.judge_name(*judge)))
                .hint("补齐该评委的分数，或在规则里改为 normalize = \"none\"")
        }
        Refusal::NoSpread { judge } => {
            AppError::refused(format!("{head}：评委{}给每件作品的分数都一样，不能标准化", contest.judge_name(*judge)))
                .hint("核对该评委的评分表，或在规则里改为 normalize = \"none\"")
        }
    }
}

fn conflict_text(conflict: Conflict) -> &'static str {
    match conflict {
        Conflict::RankSumByCriterion => "规则互相矛盾：名次之和按评委总分计，不能同时按评分项去高去低",
        Conflict::NormalizeByCriterion => "规则互相矛盾：标准化按评委总分计，不能同时按评分项去高去低",
        Conflict::TimingBeforeTrimByCriterion => "规则互相矛盾：按评分项去高去低时，没有评委总分可以先扣时间分",
        Conflict::RankSumTimingAfterTrim => "规则互相矛盾：名次之和上不能扣时间分",
        Conflict::RankSumWithOtherParts => "规则互相矛盾：名次之和越小越好，不能与其他得分相加",
    }
}
