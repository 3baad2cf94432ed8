//! Owns taking what a form prints out of what a unit wrote: hints in brackets, units of measure without a number, lines to write on.
//! Refuses to know what a value means.

use crate::domain::field::Field;
use crate::formats::fields::{self, is_long};
use crate::formats::headers;

/// Whether the field is chosen from printed options in a form, which asks for honours that way, too.
pub(super) fn is_choice(field: Field) -> bool {
    fields::is_choice(field) || field == Field::Honors
}

/// Words that a printed hint has and a value has not: 请 is in 邀请 and 申请, 填 in 填埋.
const HINTS: [&str; 12] = ["在线选择", "填写", "参赛填", "必填", "选填", "必选", "下拉", "字以内", "字数", "如有", "如无", "可另附"];
/// How a printed hint begins.
const BEGINNINGS: [&str; 10] = ["请选", "请填", "请注明", "请说明", "请用", "请按", "请在", "请写", "请勾", "请将"];
/// How a printed hint ends.
const ENDINGS: [&str; 8] = ["填", "单选", "多选", "可选", "选择", "勾选", "全称", "盖章"];

/// Whether a text in brackets, or a whole value, is a printed hint: （请在线选择）, (100-300字).
fn is_hint_text(text: &str) -> bool {
    let text: String = text.chars().filter(|character| !character.is_whitespace()).collect();
    let is_range = text.strip_suffix('字').is_some_and(|range| {
        range.contains(['-', '—', '－', '~', '～', '至'])
            && range.chars().all(|character| character.is_ascii_digit() || "-—－~～至".contains(character))
    });
    let is_printed = HINTS.iter().any(|word| text.contains(word))
        || BEGINNINGS.iter().any(|word| text.starts_with(word))
        || ENDINGS.iter().any(|word| text.ends_with(word));
    text.chars().nth(30).is_none() && (is_range || is_printed)
}

/// Whether nothing but hints, white space and lines to write on is left of a text.
pub(super) fn is_hint(text: &str) -> bool {
    without_hints(text).chars().all(is_line)
}

fn is_line(character: char) -> bool {
    character.is_whitespace() || matches!(character, '_' | '＿' | '：' | ':' | '。')
}

/// The text without the hints in brackets that stand before it. One behind something is what the unit wrote.
fn without_leading_hints(text: &str) -> &str {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(is_line);
        let Some((close, sign)) =
            rest.char_indices().take(34).find(|(_, character)| matches!(character, ')' | '）')).filter(|_| rest.starts_with(['(', '（']))
        else {
            return rest;
        };
        if !is_hint_text(rest.get(..close).unwrap_or_default().trim_start_matches(['(', '（'])) {
            return rest;
        }
        rest = rest.get(close + sign.len_utf8()..).unwrap_or_default();
    }
}

/// The text without any hint in brackets.
fn without_hints(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find(['(', '（']) {
        let (before, bracket) = rest.split_at(open);
        kept.push_str(before);
        let close = bracket.char_indices().take(34).find(|(_, character)| matches!(character, ')' | '）'));
        let inside = close.and_then(|(close, _)| bracket.get(bracket.chars().next().map_or(1, char::len_utf8)..close));
        match (close, inside) {
            (Some((close, sign)), Some(inside)) if is_hint_text(inside) => {
                rest = bracket.get(close + sign.len_utf8()..).unwrap_or_default();
            }
            _ => {
                let first = bracket.chars().next().map_or(1, char::len_utf8);
                kept.push_str(bracket.get(..first).unwrap_or_default());
                rest = bracket.get(first..).unwrap_or_default();
            }
        }
    }
    kept.push_str(rest);
    kept
}

/// What was written into a form: `raw` without what was printed there. Long texts keep their own brackets but for a hint at the start.
pub(in crate::formats) fn written(field: Option<Field>, raw: &str) -> String {
    let raw = raw.trim();
    match field {
        Some(Field::Honors) if !raw.contains(['□', '☐', '☑', '☒', '√']) => long(raw),
        Some(field) if is_choice(field) => raw.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("  "),
        Some(field) if is_long(field) => long(raw),
        Some(Field::Duration) => amount(raw, &["分钟", "分", "秒"]),
        Some(Field::Length) => amount(raw, &["字"]),
        Some(Field::SubmittedAt) => {
            let kept = without_hints(raw).trim_matches(is_margin).to_owned();
            // 年 月 日 with nothing between.
            if kept.chars().any(|character| character.is_ascii_digit() || character.is_numeric()) { kept } else { String::new() }
        }
        _ => plain(raw),
    }
}

fn plain(raw: &str) -> String {
    let kept = without_leading_hints(raw).trim_matches(is_margin);
    // 请在线选择, without brackets: a prompt that nobody answered; some programs repeat it.
    let mut sentences = kept.split('。').filter(|sentence| !sentence.trim().is_empty()).peekable();
    if sentences.peek().is_some() && sentences.all(is_prompt) { String::new() } else { kept.to_owned() }
}

fn is_margin(character: char) -> bool {
    character.is_whitespace() || matches!(character, '_' | '＿')
}

/// A prompt as programs print it where nothing was chosen or written: 请选择, 请填写作品名称. 请选择质量 may be a title.
fn is_prompt(sentence: &str) -> bool {
    let sentence = sentence.trim().trim_end_matches(['.', '…', ':', '：']);
    let clicks = ["单击此处", "点击此处", "单击或点击此处"];
    let asks = ["请在线选择", "请选择", "请填写", "请输入", "选择一项"];
    let is_asked = |rest: &str| {
        matches!(rest, "" | "一项" | "选项" | "文字" | "内容" | "日期" | "名称" | "姓名") || headers::exact_meaning(rest).is_some()
    };
    sentence.chars().nth(20).is_none()
        && (clicks.iter().any(|click| sentence.starts_with(click))
            || asks.iter().filter_map(|ask| sentence.strip_prefix(ask)).any(is_asked))
}

fn long(raw: &str) -> String {
    let lines: Vec<&str> = without_leading_hints(raw).lines().map(str::trim).collect();
    lines.join("\n").trim_matches(is_margin).to_owned()
}

/// An amount with the unit that the form prints behind the blank: `6   分钟`, `5分30秒  分钟`; nothing where only the unit is there.
fn amount(raw: &str, units: &[&str]) -> String {
    let kept = without_hints(raw).trim_matches(is_margin).to_owned();
    let is_number = |character: char| character.is_numeric() || "半一二三四五六七八九十百千万".contains(character);
    if !kept.chars().any(is_number) {
        return String::new();
    }
    for unit in units {
        if let Some(before) = kept.strip_suffix(unit) {
            let trimmed = before.trim_end_matches(|character: char| character.is_whitespace() || matches!(character, '_' | '＿'));
            // Two units in a row: the printed one goes.
            if ["秒", "分", "分钟", "字", "″", "\"", "′"].iter().any(|own| trimmed.ends_with(own)) || trimmed.contains([':', '：'])
            {
                return trimmed.to_owned();
            }
            return kept.replace(['_', '＿'], "");
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_taken_out() {
        for (field, raw, wanted) in [
            (Field::Duration, "(演讲/微电影填)      分钟", ""),
            (Field::Duration, "(演讲/微电影填)  6   分钟", "6   分钟"),
            (Field::Duration, "（演讲/微电影填）5分30秒   分钟", "5分30秒"),
            (Field::Duration, "5:30 分钟", "5:30"),
            (Field::Duration, "___6___分钟", "6分钟"),
            (Field::Length, "(质量品牌创新案例填)    字", ""),
            (Field::Length, "(质量品牌创新案例填) 2000 字", "2000 字"),
            (Field::Creators, "(团队参赛填团队名称)", ""),
            (Field::Creators, "(团队参赛填团队名称) 质量创新团队", "质量创新团队"),
            (Field::Recommender, "（请在线选择）", ""),
            (Field::Recommender, "请在线选择", ""),
            (Field::ContactDepartment, "单击或点击此处输入文字。单击或点击此处输入文字。", ""),
            (Field::Organization, "上海示例（集团）有限公司", "上海示例（集团）有限公司"),
            (Field::Summary, "（100-300字）\n第一段（含注）。\n第二段。", "第一段（含注）。\n第二段。"),
            (Field::Category, "☑演讲\n\n□微电影", "☑演讲  □微电影"),
            (Field::SubmittedAt, "    年   月   日", ""),
            (Field::SubmittedAt, "2024年7月5日", "2024年7月5日"),
            (Field::Title, "________", ""),
            (Field::Title, "一封邀请函（邀请）的故事", "一封邀请函（邀请）的故事"),
            (Field::Title, "（申请）与（填埋）", "（申请）与（填埋）"),
            (Field::Title, "请选择质量", "请选择质量"),
            (Field::Title, "请填写作品名称", ""),
            (Field::Title, "请选择。", ""),
            (Field::Creators, "张三（申请人）", "张三（申请人）"),
            (Field::Organization, "（单位全称）（盖章） 上海示例有限公司", "上海示例有限公司"),
            (Field::Address, "上海市静安区（填埋场旁）1号", "上海市静安区（填埋场旁）1号"),
            (Field::Duration, "6 分钟（演讲/微电影填）", "6 分钟"),
        ] {
            assert_eq!(written(Some(field), raw), wanted, "{raw}");
        }
        assert!(is_hint("：（100-300字） ____"));
        assert!(!is_hint("上海"));
    }
}
