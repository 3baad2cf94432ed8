//! Owns telling data rows from the rest of a table: repeated headers, section labels, examples, totals, notes, numbered empty rows,
//! signature lines. Refuses to know what the data mean.
//!
//! Decision worth knowing: in doubt a row is data. A row of no use ends in quarantine, where staff see it; a skipped work is lost.

use super::headers::{self, Header};
use super::sheet::{Cell, Row};
use crate::domain::field::Field;

/// Why a row is no data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skip {
    /// The header again.
    RepeatedHeader,
    /// One text across: 一、演讲类.
    SectionLabel,
    /// 例, 示例, 样例.
    Example,
    /// 合计, 总计.
    Total,
    /// 注, 填表说明.
    Note,
    /// A number in front and nothing else.
    NumberedEmpty,
    /// 填表人：, 审核：, 日期：.
    Signature,
    /// Below the first row of a work whose title cell is merged over several rows.
    Continuation,
}

impl Skip {
    /// Every kind, in the order of reports.
    pub const ALL: [Self; 8] = [
        Self::RepeatedHeader,
        Self::SectionLabel,
        Self::Example,
        Self::Total,
        Self::Note,
        Self::NumberedEmpty,
        Self::Signature,
        Self::Continuation,
    ];

    /// The printed name.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::RepeatedHeader => "重复的表头",
            Self::SectionLabel => "分组标题",
            Self::Example => "示例",
            Self::Total => "合计",
            Self::Note => "注释说明",
            Self::NumberedEmpty => "只有序号的空行",
            Self::Signature => "签名落款",
            Self::Continuation => "同一作品的续行",
        }
    }
}

/// What decides beside the row itself.
#[derive(Clone, Copy)]
pub struct Shape<'a> {
    /// The header.
    pub header: &'a Header,
    /// The field of a column, if it has one.
    pub field: &'a dyn Fn(u32) -> Option<Field>,
}

/// Why the row is no data; `None`: it is data. The row is not blank.
#[must_use]
pub fn skip(row: &Row, shape: &Shape<'_>) -> Option<Skip> {
    let mut filled = row.cells().filter(|cell| !cell.text.trim().is_empty());
    let first = filled.next()?;
    let second = filled.next();
    // None, one, or more: that is all that matters.
    let others = filled.take(1).count() + usize::from(second.is_some());
    let text: String = first.text.chars().filter(|character| !character.is_whitespace()).take(60).collect();
    let is_continuation = |cell: Cell<'_>| cell.merged && (shape.field)(cell.column) == Some(Field::Title);
    // A unit or category of its own makes it another work under the same title.
    let is_own = |cell: Cell<'_>| {
        !cell.merged && !cell.text.trim().is_empty() && matches!((shape.field)(cell.column), Some(Field::Organization | Field::Category))
    };
    if row.cells().any(is_continuation) && !row.cells().any(is_own) {
        return Some(Skip::Continuation);
    }
    if headers::repeats(row, shape.header) {
        return Some(Skip::RepeatedHeader);
    }
    if others == 0 && matches!((shape.field)(first.column), Some(Field::Order | Field::Number)) && is_serial(&text) {
        return Some(Skip::NumberedEmpty);
    }
    let begins = |words: &[&str]| words.iter().any(|word| text.starts_with(word));
    let is = |words: &[&str]| words.contains(&text.trim_end_matches([':', '：']));
    if (is(&["合计", "总计", "小计", "共计", "总数", "合计数"]) || (others == 0 && begins(&["合计", "总计", "小计", "共计", "共有"])))
        && !holds_work(row, shape, first.column)
    {
        return Some(Skip::Total);
    }
    let second_text: String =
        second.map(|cell| cell.text.chars().filter(|character| !character.is_whitespace()).take(8).collect()).unwrap_or_default();
    if [text.as_str(), second_text.as_str()].into_iter().any(is_example) {
        return Some(Skip::Example);
    }
    // A title may begin as such a line does (注意力的价值, 电话：一次投诉的故事): with a unit beside it, it is a work.
    let is_work = is_work(row, shape);
    if others <= 1
        && !is_work
        && begins(&[
            "注:",
            "注：",
            "注1",
            "注一",
            "备注:",
            "备注：",
            "说明:",
            "说明：",
            "填表说明",
            "填报说明",
            "填写说明",
            "注意",
            "※",
            "提示:",
            "提示：",
        ])
        || others == 0 && (text == "注" || text == "备注")
    {
        return Some(Skip::Note);
    }
    if is_signature(&text) && !is_work {
        return Some(Skip::Signature);
    }
    // One text over half the table is a label whatever it says.
    let reach = row.area(first.column).map_or(1, |area| area.across);
    let is_wide = reach >= 3 && usize::try_from(reach).is_ok_and(|reach| reach * 2 >= shape.header.titles.len());
    if others == 0 && (is_wide || is_label(&text, first.column, shape)) {
        return Some(Skip::SectionLabel);
    }
    None
}

fn is_serial(text: &str) -> bool {
    !text.is_empty()
        && text.chars().count() <= 6
        && text.chars().all(|character| character.is_ascii_digit() || matches!(character, '.' | '、' | '０'..='９'))
}

/// Whether the row has a title and a unit besides its first cell: then it is a work, whatever its first cell says.
fn holds_work(row: &Row, shape: &Shape<'_>, first: u32) -> bool {
    let has = |wanted: Field| {
        row.cells().any(|cell| cell.column != first && !cell.text.trim().is_empty() && (shape.field)(cell.column) == Some(wanted))
    };
    has(Field::Title) && has(Field::Organization)
}

/// Whether title and unit are filled, and the unit is neither a label of its own (部门：质量部) nor a date.
fn is_work(row: &Row, shape: &Shape<'_>) -> bool {
    let text = |wanted: Field| {
        row.cells().filter(|cell| (shape.field)(cell.column) == Some(wanted)).map(|cell| cell.text.trim()).find(|text| !text.is_empty())
    };
    let names_unit = |unit: &str| {
        let is_date = unit.chars().all(|character| character.is_ascii_digit() || " 年月日-./".contains(character));
        !is_date && !unit.contains([':', '：']) && !is_signature(unit)
    };
    text(Field::Title).is_some() && text(Field::Organization).is_some_and(names_unit)
}

fn is_example(text: &str) -> bool {
    let bare = text.trim_matches(['(', ')', '（', '）', '[', ']', '【', '】', ':', '：', '*']);
    matches!(bare, "例" | "示例" | "样例" | "范例" | "例如" | "举例" | "填写示例" | "样表" | "示例行" | "例1" | "例子")
        || ["示例:", "示例：", "样例:", "样例：", "例:", "例：", "（示例）", "(示例)", "（样例）", "(样例)", "【示例】", "（例）", "(例)"]
            .iter()
            .any(|word| text.starts_with(word))
}

/// A label of the lines under a table, with a colon close behind (填表人：, 单位（盖章）：).
fn is_signature(text: &str) -> bool {
    const LABELS: [&str; 26] = [
        "填表人",
        "填报人",
        "制表人",
        "制表",
        "审核人",
        "审核",
        "负责人",
        "单位负责人",
        "经办人",
        "联系人",
        "联系电话",
        "电话",
        "手机",
        "邮箱",
        "部门",
        "职务",
        "日期",
        "填表日期",
        "填报日期",
        "填报单位",
        "推荐单位",
        "单位",
        "盖章",
        "签字",
        "签名",
        "主创者签名",
    ];
    const SEALS: [&str; 8] = ["(盖章)", "（盖章）", "(公章)", "（公章）", "（签字）", "(签字)", "（单位盖章）", "(单位盖章)"];
    if SEALS.iter().any(|seal| text.starts_with(seal)) {
        return true;
    }
    let Some((label, _)) = text.split_once([':', '：']) else { return false };
    let bare = label.split(['(', '（']).next().unwrap_or_default();
    LABELS.contains(&bare) || (bare.chars().count() <= 12 && (label.ends_with("盖章)") || label.ends_with("盖章）")))
}

/// A single text: a label where it is numbered like a chapter, names a group, or is a sentence; else it may be data.
fn is_label(text: &str, column: u32, shape: &Shape<'_>) -> bool {
    let leftmost = shape.header.titles.first().is_some_and(|(first, _)| column <= *first);
    if !leftmost {
        return false;
    }
    let chapter = {
        let mut characters = text.trim_start_matches(['(', '（', '第']).chars();
        let numeral = characters.next().is_some_and(|first| "一二三四五六七八九十".contains(first));
        numeral && characters.find(|next| !"一二三四五六七八九十".contains(*next)).is_some_and(|next| "、.．)）部组类章，".contains(next))
    };
    let group = ["类", "组", "赛区", "部分", "名单", "目录", "汇总表", "声明", "演讲", "微电影", "案例", "征文", "短视频"]
        .iter()
        .any(|end| text.ends_with(end));
    let field = (shape.field)(column);
    let numbers_only = matches!(field, Some(Field::Order | Field::Number) | None);
    chapter
        || (numbers_only && !is_serial(text))
        || (group && field != Some(Field::Title) && text.chars().count() <= 16)
        || text.chars().count() >= 50
}
