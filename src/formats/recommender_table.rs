//! Owns the reading of tables of recommenders: 名称, 类别, 联系人, 电话, 邮箱. Refuses to know which recommenders there are.

use std::path::Path;

use super::fields;
use super::sheet::{self, Row, Unreadable};
use crate::domain::folding::fold_text;
use crate::domain::privacy::{Email, PersonName, Phone};
use crate::domain::problem::{Place, Problem, Severity};
use crate::domain::recommendation::Contact;

/// A row of a table of recommenders, as received.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecommenderRow {
    /// Where it stands; the column is the name's.
    pub place: Place,
    /// 名称.
    pub name: String,
    /// 类别, as written.
    pub kind: String,
    /// 联系人, 电话, 邮箱.
    pub contact: Contact,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Name,
    Kind,
    Person,
    Phone,
    Email,
}

fn column_of(title: &str) -> Option<Column> {
    let folded = fold_text(title);
    let bare = folded.split(['(', '（']).next().unwrap_or_default().trim_matches(['*', ':', '：']);
    match bare {
        "名称" | "单位" | "单位名称" | "推荐单位" | "推荐单位名称" | "组织推荐单位" | "推荐区局/行业/集团" | "推荐区局" | "name" => {
            Some(Column::Name)
        }
        "类别" | "类型" | "单位类别" | "单位类型" | "推荐单位类别" | "性质" | "kind" => Some(Column::Kind),
        "联系人" | "联系人姓名" | "姓名" | "经办人" | "负责人" | "填表人" => Some(Column::Person),
        "电话" | "联系电话" | "手机" | "手机号" | "手机号码" | "联系手机" | "联系方式" | "电话/手机" => {
            Some(Column::Phone)
        }
        "邮箱" | "电子邮箱" | "邮箱地址" | "电子邮件" | "e-mail" | "email" => Some(Column::Email),
        _ => None,
    }
}

/// Reads a table of recommenders; `shown` is its path as messages name it.
///
/// # Errors
/// The file is no table.
pub fn read(path: &Path, shown: &str) -> Result<(Vec<RecommenderRow>, Vec<Problem>), Unreadable> {
    let mut recommenders = Vec::new();
    let mut problems = Vec::new();
    for table in sheet::read_tables(path)? {
        let place = Place { file: shown.to_owned(), sheet: table.info.name.clone(), ..Place::default() };
        let Some((header, columns)) = table.rows.iter().take(40).find_map(|row| Some((row.number(), header_of(row)?))) else {
            if table.rows.iter().any(|row| !row.is_blank()) {
                problems.push(Problem {
                    code: "I621",
                    severity: Severity::Error,
                    place,
                    field: None,
                    value: String::new(),
                    message: "没有找到推荐单位名单的表头".to_owned(),
                    hint: "表头要有“名称”（或“推荐单位”），可以有类别、联系人、电话、邮箱".to_owned(),
                });
            }
            continue;
        };
        let text = |row: &Row, wanted: Column| {
            columns.iter().find(|(_, column)| *column == wanted).map_or("", |(position, _)| row.text(*position)).to_owned()
        };
        for row in table.rows.iter().filter(|row| row.number() > header && header_of(row).is_none()) {
            let first = row.cells().next().map_or("", |cell| cell.text.trim());
            if row.is_blank() || ["合计", "注：", "注:", "说明", "备注", "填表"].iter().any(|word| first.starts_with(word)) {
                continue;
            }
            let column = columns.iter().find(|(_, column)| *column == Column::Name).map(|(position, _)| *position);
            recommenders.push(RecommenderRow {
                place: Place { row: Some(row.number()), column, ..place.clone() },
                name: fields::clean(&text(row, Column::Name), false).text.into_owned(),
                kind: text(row, Column::Kind).trim().to_owned(),
                contact: contact(&text(row, Column::Person), &text(row, Column::Phone), &text(row, Column::Email)),
            });
        }
    }
    Ok((recommenders, problems))
}

/// Contact data as kept, from texts as written.
#[must_use]
pub fn contact(person: &str, phone: &str, email: &str) -> Contact {
    Contact {
        name: PersonName::new(fields::people(person.trim()).0),
        phone: Phone::new(fields::phone(phone).0),
        email: Email::new(fields::emails(email).0),
    }
}

/// The columns of a header row: it must name the name and something else, or the name alone.
fn header_of(row: &Row) -> Option<Vec<(u32, Column)>> {
    let columns: Vec<(u32, Column)> = row.cells().filter_map(|cell| Some((cell.column, column_of(cell.text)?))).collect();
    columns.iter().any(|(_, column)| *column == Column::Name).then_some(columns)
}
