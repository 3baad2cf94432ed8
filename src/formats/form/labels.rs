//! Owns what a text of a form says: a label, labels with their values behind colons, or neither. Refuses to know where the text stands.

use crate::domain::field::Field;
use crate::formats::columns;
use crate::formats::headers::{self, Meaning};
use crate::formats::registration::ReadOptions;

/// A label of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Label {
    /// As printed, on one line, without its colon.
    pub(super) text: String,
    /// The field that it asks for; `None` where it could be several.
    pub(super) field: Option<Field>,
    /// Whether the dictionary has just this label.
    pub(super) is_exact: bool,
}

/// What a text says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    /// A label; its value stands elsewhere.
    Label(Label),
    /// Labels, each with the value behind it.
    Pairs(Vec<(Label, String)>),
    /// Something else.
    Text,
}

/// Labels are no longer than this.
const LONGEST: usize = 30;
/// So many colons of a text are looked at.
const MOST_COLONS: usize = 40;

/// The pairs up to the first whose value is a long text: what follows may be a line of it.
pub(super) fn before_long(pairs: &[(Label, String)]) -> &[(Label, String)] {
    let long = pairs.iter().position(|(label, _)| label.field.is_some_and(crate::formats::fields::is_long));
    pairs.get(..long.map_or(pairs.len(), |long| long + 1)).unwrap_or(pairs)
}

/// What a text says.
pub(super) fn said(text: &str, options: &ReadOptions) -> Said {
    said_among(text, options, &[])
}

/// What a text says in a form that has labels of these fields elsewhere: inside a long text such a line is no label.
pub(super) fn said_among(text: &str, options: &ReadOptions, elsewhere: &[Field]) -> Said {
    let text = text.trim();
    if text.is_empty() {
        return Said::Text;
    }
    // A short text may be a label as a whole, whatever its line breaks and hints.
    if text.chars().nth(LONGEST * 2).is_none()
        && !has_inner_colon(text)
        && let Some(label) = label(text, options)
    {
        return Said::Label(label);
    }
    let pairs = pairs(text, options, elsewhere);
    match pairs.as_slice() {
        [] => first_line(text, options),
        // A label with nothing but a hint behind its colon: 参赛作品内容简介：(100-300字).
        [(only, value)] if super::values::is_hint(value) => Said::Label(only.clone()),
        _ => Said::Pairs(pairs),
    }
}

/// The label that a text is; `None`: it is none.
pub(super) fn label(text: &str, options: &ReadOptions) -> Option<Label> {
    let text = text.trim();
    if text.is_empty() || text.chars().nth(LONGEST * 2).is_some() || is_stop(text) {
        return None;
    }
    let shown: String = text.split_whitespace().collect();
    let shown = shown.trim_end_matches([':', '：']).to_owned();
    if let Some(field) = columns::mapped(options, &shown) {
        return Some(Label { text: shown, field: Some(field), is_exact: true });
    }
    // A sign of a value: a label has no boxes, no book marks and no sentence.
    if shown.contains(['□', '☑', '☐', '☒', '■', '√', '《', '。', '！', '@']) {
        return None;
    }
    let exact = headers::exact_meaning(&shown);
    let is_exact = exact.is_some();
    let field = match exact.unwrap_or_else(|| headers::meaning(&shown)) {
        Meaning::Field(field) | Meaning::ThemeOrCategory(field) => Some(field),
        Meaning::NumberOrOrder => Some(Field::Number),
        Meaning::Ambiguous(_) => None,
        Meaning::Unknown => return None,
    };
    Some(Label { text: shown, field, is_exact })
}

/// Whether a text is printed for reading or signing, not for filling in.
pub(super) fn is_stop(text: &str) -> bool {
    let shown: String = text.chars().filter(|character| !character.is_whitespace()).take(40).collect();
    let begins = ["注：", "注:", "注1", "注意", "填表说明", "填写说明", "填报说明", "说明：", "说明:", "※", "附件", "备注：1", "备注:1"];
    let head = shown.split([':', '：', '(', '（']).next().unwrap_or_default();
    begins.iter().any(|word| shown.starts_with(word))
        || ["承诺", "声明", "签名", "签字", "盖章", "公章", "须知", "填表说明"].iter().any(|word| head.contains(word))
}

/// Whether something stands behind a colon.
fn has_inner_colon(text: &str) -> bool {
    text.trim_end_matches([':', '：', ' ', '\u{3000}']).contains([':', '：'])
}

/// Labels with colons and the values behind them. The text begins with one, else there are none.
fn pairs(text: &str, options: &ReadOptions, elsewhere: &[Field]) -> Vec<(Label, String)> {
    let mut found: Vec<(Label, usize, usize)> = Vec::new();
    for (colon, sign) in text.char_indices().filter(|(_, sign)| matches!(sign, ':' | '：')).take(MOST_COLONS) {
        let from = found.last().map_or(0, |(_, _, end)| *end);
        let Some(before) = text.get(from..colon) else { continue };
        let is_first = found.is_empty();
        let is_long = found.last().is_some_and(|(label, ..)| label.field.is_some_and(crate::formats::fields::is_long));
        let starts = starts(before, is_first, is_long);
        let label = starts.into_iter().find_map(|start| {
            let candidate = before.get(start..)?;
            let label = label(candidate, options)?;
            let is_line_of_text = is_long && label.field.is_some_and(|field| elsewhere.contains(&field));
            ((label.is_exact && !is_line_of_text) || (is_first && start == 0)).then_some((label, from + start))
        });
        match label {
            Some((label, start)) => found.push((label, start, colon + sign.len_utf8())),
            None if is_first => return Vec::new(),
            None => {}
        }
    }
    let ends: Vec<usize> = found.iter().skip(1).map(|(_, start, _)| *start).chain([text.len()]).collect();
    let value = |from: usize, to: usize| text.get(from..to).unwrap_or_default().trim().to_owned();
    found.into_iter().zip(ends).map(|((label, _, from), to)| (label, value(from, to))).collect()
}

/// Where a label before a colon may begin, the longest first: at the start, behind white space or a separator; behind a long text's
/// line break only.
fn starts(before: &str, is_first: bool, in_long_text: bool) -> Vec<usize> {
    let mut starts = if is_first { vec![0] } else { Vec::new() };
    if is_first {
        return starts;
    }
    let window = before.char_indices().rev().nth(LONGEST).map_or(0, |(at, _)| at);
    for (at, character) in before.char_indices().skip_while(|(at, _)| *at < window) {
        let is_break = if in_long_text { character == '\n' } else { character.is_whitespace() || "；;，,。|/".contains(character) };
        if is_break {
            starts.push(at + character.len_utf8());
        }
    }
    starts
}

/// A label on the first line and its value on those below it, without a colon.
fn first_line(text: &str, options: &ReadOptions) -> Said {
    let Some((first, rest)) = text.split_once('\n') else { return Said::Text };
    match label(first, options) {
        Some(label) if label.is_exact && super::values::is_hint(rest) => Said::Label(label),
        Some(label) if label.is_exact => Said::Pairs(vec![(label, rest.trim().to_owned())]),
        _ => Said::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match said(text, &ReadOptions::default()) {
            Said::Label(label) => format!("标签 {}", label.text),
            Said::Pairs(pairs) => {
                pairs.iter().map(|(label, value)| format!("{}={value}", label.text)).collect::<Vec<_>>().join("|").replace('\n', "/")
            }
            Said::Text => "文字".to_owned(),
        }
    }

    #[test]
    fn labels_and_values_are_told_apart() {
        for (text, wanted) in [
            ("单位名称\n(全称)", "标签 单位名称(全称)"),
            ("联 系 人：", "标签 联系人"),
            ("重点领域\n(单选, 必选)", "标签 重点领域(单选,必选)"),
            ("单位名称：上海示例有限公司", "单位名称=上海示例有限公司"),
            ("联系人：张示例　　电  话：13800000001", "联系人=张示例|电话=13800000001"),
            ("联系人：　　电话：", "联系人=|电话="),
            ("邮箱: a@example.com；邮编: 200000", "邮箱=a@example.com；|邮编=200000"),
            ("参赛作品内容简介：(100-300字)", "标签 参赛作品内容简介"),
            ("参赛作品内容简介\n（100-300字）\n第一段。", "参赛作品内容简介=（100-300字）/第一段。"),
            ("内容简介：他说：联系人：不是标签", "内容简介=他说：联系人：不是标签"),
            ("参赛单位承诺：\n1、自愿参加", "文字"),
            ("主创者签名：", "文字"),
            ("上海示例有限公司", "文字"),
            ("注：1、联系人：填写", "文字"),
            ("曾获相关荣誉： □上海品牌 ☑其它，请填写：上海名牌", "曾获相关荣誉=□上海品牌 ☑其它，请填写：上海名牌"),
        ] {
            assert_eq!(shown(text), wanted, "{text}");
        }
    }
}
