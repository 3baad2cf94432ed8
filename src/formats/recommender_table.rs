//! Owns the reading of tables of recommenders: 名称, 类别, 联系人, 电话, 邮箱. Refuses to know which recommenders there are.

use std::path::Path;

use super::fields;
use super::list_table::{self, ListRow, Words};
use super::sheet::Unreadable;
use crate::domain::privacy::{Email, PersonName, Phone};
use crate::domain::problem::{Place, Problem};
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

const WORDS: Words<Column> = Words {
    column: column_of,
    name: Column::Name,
    no_header: ("I621", "没有找到推荐单位名单的表头", "表头要有一列“名称”（或“推荐单位”），可以有类别、联系人、电话、邮箱"),
};

fn column_of(title: &str) -> Option<Column> {
    match title {
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
    let (rows, problems) = list_table::read(path, shown, &WORDS)?;
    let recommender = |row: ListRow<Column>| RecommenderRow {
        name: fields::clean(row.text(Column::Name), false).text.into_owned(),
        kind: row.text(Column::Kind).to_owned(),
        contact: contact(row.text(Column::Person), row.text(Column::Phone), row.text(Column::Email)),
        place: row.place,
    };
    Ok((rows.into_iter().map(recommender).collect(), problems))
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
