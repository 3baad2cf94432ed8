//! Owns how the log speaks: names of tables, columns and rows, and which logged values are personal. Refuses to know how operations
//! are taken back.

use jiff::Timestamp;

use super::quarantine::state_label;
use crate::domain::extension::Stage;
use crate::domain::field::Field;
use crate::domain::listing::Cell;
use crate::domain::privacy::{Address, Email, PersonName, Phone};
use crate::domain::recommendation::RecommenderKind;
use crate::domain::screening::Decision;
use crate::domain::status::Status;
use crate::domain::verdict::Verdict;
use crate::error::AppError;
use crate::store::db::{Kind, Reader};
use crate::store::oplog::{self, Operation, Stored};
use crate::store::sources::QuarantineState;

/// The printed word for the kind of an operation.
pub(super) fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Do => "操作",
        Kind::Undo(_) => "撤销",
        Kind::Redo(_) => "重做",
    }
}

/// The sentence in the log for taking this operation back.
pub(super) fn summary(target: &Operation) -> String {
    // Taking an undo back is doing its target again; a chain of these names the work itself, not each step between.
    let (verb, id) = match target.kind {
        Kind::Undo(original) => ("重做", original),
        Kind::Do | Kind::Redo(_) => ("撤销", target.id),
    };
    let what = match target.kind {
        Kind::Do => target.summary.as_str(),
        Kind::Undo(_) | Kind::Redo(_) => target.summary.split_once('：').map_or(target.summary.as_str(), |(_, what)| what),
    };
    format!("{verb}第 {} 号操作：{what}", id.0)
}

/// `次数`: a whole number from 1.
pub(super) fn count(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|count| *count > 0).ok_or_else(|| format!("“{text}”不是次数，请写 1 以上的整数"))
}

/// The printed name of a table.
pub(super) fn table(table: &'static str) -> &'static str {
    match table {
        "rules" => "规则",
        "source" => "收到的文件",
        "organization" => "单位",
        "organization_alias" => "单位别名",
        "registration" => "单位报名",
        "entry" => "作品",
        "quarantine" => "隔离区",
        "judge" => "评委",
        "panel" => "评委分组",
        "mark" => "评分",
        "given_part" => "其他得分",
        "advancement" => "晋级",
        "award_grant" => "奖项",
        "column_mapping" => "列的含义",
        "sheet_header" => "表头",
        "setting" => "设置",
        "attachment" => "材料",
        "former_origin" => "先前的来源",
        "recommender" => "推荐单位",
        "recommender_alias" => "推荐单位别名",
        "recommendation_sheet" => "盖章推荐表",
        "recommendation" => "推荐意见",
        "screening" => "审查决定",
        "waiver" => "豁免",
        "extension" => "延期",
        "verdict" => "查重判定",
        other => other,
    }
}

/// The printed name of a column.
pub(super) fn column(table: &str, column: &str) -> String {
    let field = match column {
        "name" if table == "judge" => return "评委".to_owned(),
        "name" => return "名称".to_owned(),
        "folded" | "title_folded" => return "比对用名称".to_owned(),
        "status" | "state" => return "状态".to_owned(),
        "award_eligible" => return "可否获奖".to_owned(),
        "award_reason" | "reason" => return "原因".to_owned(),
        "received" => return "原始内容".to_owned(),
        "received_at" => return "收到时间".to_owned(),
        "points" => return "分值".to_owned(),
        "criterion" => return "评分项".to_owned(),
        "round" => return "轮次".to_owned(),
        "place" => return "名次".to_owned(),
        "award" => return "奖项".to_owned(),
        "certificate" => return "证书编号".to_owned(),
        "judge" => return "评委".to_owned(),
        "entry" => return "作品".to_owned(),
        "position" => return "排序".to_owned(),
        "given_at" => return "出具时间".to_owned(),
        "recommended_at" => return "推荐时间".to_owned(),
        "stamped" => return "盖章推荐表".to_owned(),
        "kind" if table == "recommender" => return "类别".to_owned(),
        "decision" => return "决定".to_owned(),
        "code" => return "代码".to_owned(),
        "findings" => return "当时的问题".to_owned(),
        "due" => return "补正期限".to_owned(),
        "overridden" => return "破例".to_owned(),
        "decided_at" => return "决定时间".to_owned(),
        "subject" if table == "waiver" => return "项目".to_owned(),
        "related" => return "另一作品".to_owned(),
        "ended" => return "取消于操作".to_owned(),
        "operation" => return "操作".to_owned(),
        "stage" => return "阶段".to_owned(),
        "until" => return "延至".to_owned(),
        "sheet" => return "工作表".to_owned(),
        "row" => return "行号".to_owned(),
        "first" => return "作品甲".to_owned(),
        "second" => return "作品乙".to_owned(),
        "verdict" => return "判定".to_owned(),
        "source" => return "来源文件".to_owned(),
        "intended" => "intended_categories",
        "text" if table == "rules" => return "规则文件".to_owned(),
        other => other,
    };
    Field::from_key(field).map_or_else(|| column.to_owned(), |field| field.label().to_owned())
}

/// A logged value as people may see it: personal data masked, rows as received left out.
pub(super) fn value(table: &str, column: &str, value: &Stored) -> Cell {
    let text = match value {
        Stored::Nothing => return Cell::Empty,
        Stored::Integer(number) if matches!(column, "award_eligible" | "member" | "overridden") => return Cell::Flag(*number != 0),
        Stored::Integer(number) => return Cell::Integer(*number),
        Stored::Text(text) => text,
    };
    let left_out = matches!((table, column), (_, "received") | ("rules", "text") | ("quarantine", "problems") | ("screening", "findings"));
    if left_out && !text.is_empty() {
        return Cell::text(format!("（{} 字，不显示）", text.chars().count()));
    }
    // Moments are stored in UTC; people and scripts get them on the contest's clock.
    if column.ends_with("_at")
        && let Ok(moment) = text.parse::<Timestamp>()
    {
        return Cell::Moment(moment);
    }
    let label = match (table, column) {
        ("entry", "status") => Status::from_key(text).map(Status::label),
        ("screening", "decision") => Decision::from_key(text).map(Decision::label),
        ("extension", "stage") => Stage::from_key(text).map(Stage::label),
        ("verdict", "verdict") => Verdict::from_key(text).map(Verdict::label),
        ("quarantine", "state") => QuarantineState::ALL.into_iter().find(|state| state.key() == text).map(state_label),
        ("recommendation", "state") => Some(if text == "withdrawn" { "已撤回推荐" } else { "已推荐" }),
        ("recommender", "kind") => RecommenderKind::ALL.into_iter().find(|kind| kind.key() == text).map(RecommenderKind::label),
        _ => None,
    };
    if let Some(label) = label {
        return Cell::keyed(text.as_str(), label);
    }
    Cell::text(match column {
        "sender" => Email::new(text.as_str()).masked(),
        _ => personal(column, text).unwrap_or_else(|| text.clone()),
    })
}

/// The masked text of a personal field, by its key or printed name.
fn personal(field: &str, text: &str) -> Option<String> {
    let field = Field::from_key(field).or_else(|| Field::ALL.into_iter().find(|known| known.label() == field))?;
    if field == Field::ContactPhone {
        Some(Phone::new(text).masked())
    } else if field == Field::ContactEmail {
        Some(Email::new(text).masked())
    } else if field == Field::ContactName {
        Some(PersonName::new(text).masked())
    } else if field == Field::Address {
        Some(Address::new(text).masked())
    } else {
        None
    }
}

/// A command line with the values of personal fields masked (`entry set Y001 contact_phone=138****1234`).
pub(super) fn command(line: &str) -> String {
    let mut words = Vec::new();
    let mut rest = line;
    while !rest.is_empty() {
        // A word in quotes runs to the closing quote, blanks and all.
        let end = match rest.strip_prefix('"').map(|inner| inner.find('"')) {
            Some(Some(close)) => close + 2,
            Some(None) => rest.len(),
            None => rest.find(' ').unwrap_or(rest.len()),
        };
        let (word, tail) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let (quote, bare) = if word.starts_with('"') { ("\"", word.trim_matches('"')) } else { ("", word) };
        let flag = words.last().and_then(|last: &String| personal_flag(last));
        // `--set=字段=值` is one word; the field is what stands before the last of these.
        let (set, pair) = bare.split_at(if bare.starts_with("--set=") { "--set=".len() } else { 0 });
        words.push(match pair.split_once(['=', '＝']) {
            _ if flag.is_some() => format!("{quote}{}{quote}", flag.and_then(|field| personal(field, bare)).unwrap_or_default()),
            Some((field, text)) => match personal(personal_flag(field).unwrap_or_else(|| field.trim()), text.trim()) {
                Some(masked) => format!("{quote}{set}{field}={masked}{quote}"),
                None => word.to_owned(),
            },
            None => word.to_owned(),
        });
        rest = tail.strip_prefix(' ').unwrap_or(tail);
    }
    words.join(" ")
}

/// The personal field that a flag (`--phone`) gives.
fn personal_flag(word: &str) -> Option<&'static str> {
    match word {
        "--contact" => Some("contact_name"),
        "--phone" => Some("contact_phone"),
        "--email" => Some("contact_email"),
        _ => None,
    }
}

/// A row in words: `作品 Y001`.
pub(super) fn row(reader: &Reader<'_>, name: &'static str, row: i64) -> Result<String, AppError> {
    let called = oplog::name(reader, name, row)?;
    let kind = table(name);
    Ok(if called.is_empty() { format!("{kind}（第 {row} 行）") } else { format!("{kind} {called}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_values_are_masked_wherever_the_log_shows_them() {
        assert_eq!(
            command("dasai entry set Y001 contact_phone=13800001234 \"联系人=丙 某\" title=产线"),
            "dasai entry set Y001 contact_phone=138****1234 \"联系人=丙**\" title=产线"
        );
        assert_eq!(
            command("dasai recommender add 协会 --phone 13800001234 --contact \"丙 某\" --email=test@example.com"),
            "dasai recommender add 协会 --phone 138****1234 --contact \"丙**\" --email=t***@example.com"
        );
        assert_eq!(
            command("dasai entry set Y001 联系手机＝13800001234 \"联系手机 = 13800005678\""),
            "dasai entry set Y001 联系手机=138****1234 \"联系手机 =138****5678\""
        );
        assert_eq!(
            command("dasai quarantine retry 3 --set=contact_phone=13800001234"),
            "dasai quarantine retry 3 --set=contact_phone=138****1234"
        );
        assert_eq!(value("entry", "contact_email", &Stored::Text("test@example.com".into())), Cell::text("t***@example.com"));
        assert_eq!(value("entry", "received", &Stored::Text("{}".into())), Cell::text("（2 字，不显示）"));
        assert_eq!(value("entry", "status", &Stored::Text("withdrawn".into())), Cell::keyed("withdrawn", "已撤回"));
        assert_eq!(value("quarantine", "state", &Stored::Text("open".into())), Cell::keyed("open", "待处理"));
        assert_eq!(value("entry", "title", &Stored::Text("产线".into())), Cell::text("产线"));
        let moment = "2024-07-04T02:00:00Z";
        assert_eq!(value("entry", "submitted_at", &Stored::Text(moment.into())), Cell::Moment(moment.parse().unwrap()));
    }
}
