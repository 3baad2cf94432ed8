//! Owns the reading of tables of judges: 姓名, 单位, 类别, 轮次, 赛区. Refuses to know which categories, rounds and zones exist.

use std::path::Path;

use super::sheet::{self, Row, Unreadable};
use crate::domain::folding::fold_text;
use crate::domain::problem::{Place, Problem, Severity};

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

fn column_of(title: &str) -> Option<Column> {
    let folded = fold_text(title);
    let bare = folded.split(['(', '（']).next().unwrap_or_default().trim_matches(['*', ':', '：']);
    match bare {
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
    let mut judges = Vec::new();
    let mut problems = Vec::new();
    for table in sheet::read_tables(path)? {
        let Some((header, columns)) = table.rows.iter().take(40).find_map(|row| Some((row.number(), header_of(row)?))) else {
            if table.rows.iter().any(|row| !row.is_blank()) {
                problems.push(Problem {
                    code: "J130",
                    severity: Severity::Error,
                    place: Place { file: shown.to_owned(), sheet: table.info.name.clone(), row: None, column: None },
                    field: None,
                    value: String::new(),
                    message: "没有找到评委名单的表头".to_owned(),
                    hint: "表头要有“姓名”（或“评委”），可以有单位、参赛类型、轮次、赛区".to_owned(),
                });
            }
            continue;
        };
        let text = |row: &Row, wanted: Column| {
            columns.iter().find(|(_, column)| *column == wanted).map_or("", |(position, _)| row.text(*position)).to_owned()
        };
        for row in table.rows.iter().filter(|row| row.number() > header && header_of(row).is_none()) {
            let name = text(row, Column::Name).split_whitespace().collect::<String>();
            let first = row.cells().next().map_or("", |cell| cell.text.trim());
            if row.is_blank() || ["合计", "注：", "注:", "说明", "备注", "填表"].iter().any(|word| first.starts_with(word)) {
                continue;
            }
            judges.push(JudgeRow {
                place: Place {
                    file: shown.to_owned(),
                    sheet: table.info.name.clone(),
                    row: Some(row.number()),
                    column: columns.iter().find(|(_, column)| *column == Column::Name).map(|(position, _)| *position),
                },
                name,
                organization: text(row, Column::Organization),
                categories: several(&text(row, Column::Category)),
                rounds: several(&text(row, Column::Round)),
                zones: several(&text(row, Column::Zone)),
            });
        }
    }
    Ok((judges, problems))
}

/// The columns of a header row: it must name the name, and nothing twice.
fn header_of(row: &Row) -> Option<Vec<(u32, Column)>> {
    let columns: Vec<(u32, Column)> = row.cells().filter_map(|cell| Some((cell.column, column_of(cell.text)?))).collect();
    columns.iter().any(|(_, column)| *column == Column::Name).then_some(columns)
}

/// `浦东、黄浦` → both.
fn several(text: &str) -> Vec<String> {
    text.split(['、', '，', ',', '；', ';', '\n']).map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}
