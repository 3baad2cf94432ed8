//! Owns the reading of tables of judges: 姓名, 单位, 类别, 轮次, 赛区. Refuses to know which categories, rounds and zones exist.

use std::path::Path;

use super::list_table::{self, ListRow, Words};
use super::sheet::Unreadable;
use crate::domain::problem::{Place, Problem};

/// A row of a table of judges, as received.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JudgeRow {
    /// Where it stands; the column is the name's.
    pub place: Place,
    /// 姓名.
    pub name: String,
    /// 单位.
    pub organization: String,
    /// 类别, one or several.
    pub categories: Vec<String>,
    /// 轮次, one or several.
    pub rounds: Vec<String>,
    /// 赛区, one or several.
    pub zones: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Name,
    Organization,
    Category,
    Round,
    Zone,
}

const WORDS: Words<Column> = Words {
    column: column_of,
    name: Column::Name,
    no_header: ("J130", "没有找到评委名单的表头", "表头要有一列“姓名”（或“评委”），可以有单位、参赛类型、轮次、赛区"),
};

fn column_of(title: &str) -> Option<Column> {
    match title {
        "姓名" | "评委" | "评委姓名" | "评委名称" | "专家" | "专家姓名" | "评审专家" | "评审姓名" | "name" | "judge" => {
            Some(Column::Name)
        }
        "单位" | "单位名称" | "工作单位" | "所在单位" | "评委单位" | "专家单位" | "所属单位" | "organization" => {
            Some(Column::Organization)
        }
        "类别" | "参赛类型" | "参赛类别" | "评审类别" | "评审组别" | "组别" | "作品类型" | "category" => {
            Some(Column::Category)
        }
        "轮次" | "阶段" | "评审轮次" | "赛程" | "评审阶段" | "round" => Some(Column::Round),
        "赛区" | "分赛区" | "片区" | "zone" => Some(Column::Zone),
        _ => None,
    }
}

/// Reads a table of judges; `shown` is its path as messages name it.
///
/// # Errors
/// The file is no table.
pub fn read(path: &Path, shown: &str) -> Result<(Vec<JudgeRow>, Vec<Problem>), Unreadable> {
    let (rows, problems) = list_table::read(path, shown, &WORDS)?;
    let judge = |row: ListRow<Column>| JudgeRow {
        name: row.text(Column::Name).split_whitespace().collect::<String>(),
        organization: row.text(Column::Organization).to_owned(),
        categories: several(row.text(Column::Category)),
        rounds: several(row.text(Column::Round)),
        zones: several(row.text(Column::Zone)),
        place: row.place,
    };
    Ok((rows.into_iter().map(judge).collect(), problems))
}

/// `浦东、黄浦` → both.
fn several(text: &str) -> Vec<String> {
    text.split(['、', '，', ',', '；', ';', '\n']).map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}
