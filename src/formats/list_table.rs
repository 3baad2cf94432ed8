//! Owns the reading of short lists that staff keep (judges, recommenders): where the header is, which rows are data, and what is
//! damaged or hidden. Refuses to know what a column means: the caller's words say that.
//!
//! Decision worth knowing: in a list the name column's own word is an ordinary value of other columns (身份：专家), so a header is known
//! by what stands beside it, and a header printed again by all its cells.

use std::path::Path;

use super::problems::Fault;
use super::sheet::{self, CellKind, Damage, Row, Table, Unreadable};
use crate::domain::folding::fold_text;
use crate::domain::problem::{Place, Problem, Severity};

/// How many rows may stand above the header, itself included.
const HEADER_SEARCH: usize = 40;
/// What lines that are no data begin with.
const NOTES: [&str; 7] = ["合计", "总计", "注:", "说明", "备注", "填表", "制表"];

/// What a kind of list calls its columns, and what is said where there is no header.
pub(super) struct Words<C> {
    /// The column that a title names; the title is folded, without stars, colons and what stands in brackets.
    pub(super) column: fn(&str) -> Option<C>,
    /// The column that every list has.
    pub(super) name: C,
    /// Code, message and hint.
    pub(super) no_header: (&'static str, &'static str, &'static str),
}

/// A row of a list.
pub(super) struct ListRow<C> {
    /// Where it stands; the column is the name's.
    pub(super) place: Place,
    cells: Vec<(C, String)>,
}

impl<C: Copy + PartialEq> ListRow<C> {
    /// The text of a column as received, trimmed; of several columns of one meaning the first that is filled.
    pub(super) fn text(&self, wanted: C) -> &str {
        self.cells.iter().find(|(column, text)| *column == wanted && !text.is_empty()).map_or("", |(_, text)| text)
    }
}

/// Reads every sheet of a list; `shown` is its path as messages name it.
///
/// # Errors
/// The file is no table.
pub(super) fn read<C: Copy + PartialEq>(path: &Path, shown: &str, words: &Words<C>) -> Result<(Vec<ListRow<C>>, Vec<Problem>), Unreadable> {
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    for table in sheet::read_tables(path)? {
        let place = Place { file: shown.to_owned(), sheet: table.info.name.clone(), ..Place::default() };
        let last = damage(&table, &place, &mut problems);
        let rows: Vec<&Row> = table.rows.iter().filter(|row| !row.is_blank() && last.is_none_or(|last| row.number() <= last)).collect();
        let Some((header, columns)) = header(&rows, words) else {
            if !rows.is_empty() {
                let (code, message, hint) = words.no_header;
                let (message, hint) = (message.to_owned(), hint.to_owned());
                problems.push(Problem { code, severity: Severity::Error, place, field: None, value: String::new(), message, hint });
            }
            continue;
        };
        let is_data = |row: &&&Row| row.number() > header.number() && !repeats(header, row) && !is_note(row, &columns);
        let data: Vec<&Row> = rows.iter().filter(is_data).copied().collect();
        hidden(&table, header, &columns, &data, &place, &mut problems);
        for row in data {
            let column = columns.iter().find(|(_, column)| *column == words.name).map(|(position, _)| *position);
            let place = Place { row: Some(row.number()), column, ..place.clone() };
            let cells = columns.iter().map(|(position, column)| (*column, value(row, *position, &place, &mut problems))).collect();
            found.push(ListRow { place, cells });
        }
    }
    Ok((found, problems))
}

/// Tells what is damaged; the last row that is whole, where not all are.
fn damage(table: &Table, place: &Place, problems: &mut Vec<Problem>) -> Option<u32> {
    let mut last: Option<u32> = None;
    for damage in &table.damage {
        // The row where the damage begins is part of it: the rest of a record, or of the file, is in it or lacks.
        let (fault, row, whole) = match *damage {
            Damage::UnclosedQuote { row } => (Fault::UnclosedQuote, row, row.saturating_sub(1)),
            Damage::Broken { after } => (Fault::BrokenSheet, after.saturating_sub(1), after.saturating_sub(1)),
        };
        problems.push(fault.at(Place { row: (row > 0).then_some(row), ..place.clone() }, None, "", ""));
        last = Some(last.map_or(whole, |last| last.min(whole)));
    }
    last
}

/// The header and its known columns: the first row that names the name and another known column, else the name beside other titles; the
/// name alone only where no row has a second cell. A name column that stands there twice makes no header.
fn header<'r, C: Copy + PartialEq>(rows: &[&'r Row], words: &Words<C>) -> Option<(&'r Row, Vec<(u32, C)>)> {
    let has_one_column = rows.iter().all(|row| row.cells().filter(|cell| !cell.text.trim().is_empty()).count() == 1);
    let rank = |row: &Row, columns: &[(u32, C)]| {
        let names = columns.iter().filter(|(_, column)| *column == words.name).count();
        let titles = row.cells().filter(|cell| !cell.text.trim().is_empty()).count();
        match (names, columns.len()) {
            (1, 2..) => Some(0),
            (1, 1) if titles > 1 => Some(1),
            (1, 1) if has_one_column => Some(2),
            _ => None,
        }
    };
    let candidates = rows.iter().take(HEADER_SEARCH).filter_map(|row| {
        let columns: Vec<(u32, C)> = row.cells().filter_map(|cell| Some((cell.column, column(cell.text, words)?))).collect();
        Some((rank(row, &columns)?, *row, columns))
    });
    candidates.min_by_key(|(rank, row, _)| (*rank, row.number())).map(|(_, row, columns)| (row, columns))
}

fn column<C>(title: &str, words: &Words<C>) -> Option<C> {
    let folded = fold_text(title);
    let bare = folded.split(['(', '（']).next().unwrap_or_default().trim_matches(['*', ':', '：']);
    (words.column)(bare)
}

/// A header printed again: every cell says what its title says.
fn repeats(header: &Row, row: &Row) -> bool {
    let titles = |row: &Row| -> Vec<(u32, String)> {
        row.cells().map(|cell| (cell.column, fold_text(cell.text))).filter(|(_, title)| !title.is_empty()).collect()
    };
    titles(header) == titles(row)
}

/// A sum, a note or a signature below: its word stands first, and no known column beside it is filled.
fn is_note<C>(row: &Row, columns: &[(u32, C)]) -> bool {
    let Some(first) = row.cells().find(|cell| !cell.text.trim().is_empty()) else { return true };
    let folded = fold_text(first.text);
    NOTES.iter().any(|word| folded.starts_with(word))
        && columns.iter().all(|(column, _)| *column == first.column || row.text(*column).is_empty())
}

/// Tells of hidden sheets, rows and columns: they are read all the same.
fn hidden<C>(table: &Table, header: &Row, columns: &[(u32, C)], data: &[&Row], place: &Place, problems: &mut Vec<Problem>) {
    if table.info.hidden {
        problems.push(Fault::HiddenSheet.at(place.clone(), None, "", ""));
    }
    let rows: Vec<&&Row> = data.iter().filter(|row| row.is_hidden()).collect();
    if let Some(first) = rows.first() {
        let place = Place { row: Some(first.number()), ..place.clone() };
        problems.push(Fault::HiddenRows.at(place, None, "", &format!("{} 行", rows.len())));
    }
    let is_hidden = |column: u32| table.info.hidden_columns.iter().any(|(first, last)| (*first..=*last).contains(&column));
    let titles: Vec<String> =
        columns.iter().filter(|(column, _)| is_hidden(*column)).map(|(column, _)| format!("“{}”", header.text(*column))).collect();
    if !titles.is_empty() {
        problems.push(Fault::HiddenColumns.at(place.clone(), None, "", &titles.join("、")));
    }
}

/// The text of a cell; one whose value is not there is empty, and told.
fn value(row: &Row, column: u32, place: &Place, problems: &mut Vec<Problem>) -> String {
    let Some(cell) = row.cell(column) else { return String::new() };
    let fault = match cell.kind {
        CellKind::Error => Fault::ErrorCell,
        CellKind::Uncomputed => Fault::Uncomputed,
        CellKind::LostNumber => Fault::LostDigits,
        CellKind::Text | CellKind::Number | CellKind::Boolean | CellKind::Date | CellKind::Time | CellKind::Undecodable => {
            return cell.text.trim().to_owned();
        }
    };
    problems.push(fault.at(Place { column: Some(column), ..place.clone() }, None, cell.text, ""));
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::{judge_table, recommender_table};

    type Reader<R> = fn(&Path, &str) -> Result<(Vec<R>, Vec<Problem>), Unreadable>;

    /// The rows of a text table as names with what stands beside them, then the problems.
    fn read_text<R>(text: &str, read: Reader<R>, shown: fn(&R) -> String) -> Vec<String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("名单.csv");
        std::fs::write(&path, text).expect("written");
        let (rows, problems) = read(&path, "名单.csv").expect("a table");
        let problems = problems.iter().map(|problem| format!("{} {}", problem.code, problem.place));
        rows.iter().map(shown).chain(problems).collect()
    }

    fn judges(text: &str) -> Vec<String> {
        read_text(text, judge_table::read, |row| format!("{}/{}", row.name, row.organization))
    }

    fn recommenders(text: &str) -> Vec<String> {
        read_text(text, recommender_table::read, |row| format!("{}/{}", row.name, row.kind))
    }

    #[test]
    fn the_name_columns_own_word_is_a_value_like_others() {
        assert_eq!(
            judges("姓名,单位,身份\n张三,甲大学,专家\n李四,乙公司,组长\n王五,丙院,评委\n"),
            ["张三/甲大学", "李四/乙公司", "王五/丙院"]
        );
        assert_eq!(recommenders("推荐单位,类别\n甲局,单位\n乙局,区局\n"), ["甲局/单位", "乙局/区局"]);
    }

    #[test]
    fn a_header_is_known_by_what_stands_beside_the_name() {
        assert_eq!(judges("评委\n序号,姓名,单位\n1,张三,甲大学\n"), ["张三/甲大学"]);
        assert_eq!(judges("评委\n序号,姓名\n1,张三\n2,李四\n"), ["张三/", "李四/"]);
        assert_eq!(judges("评委\n张三\n李四\n"), ["张三/", "李四/"]);
        assert_eq!(judges("姓名,单位\n张三,甲大学\n姓名,单位\n李四,乙公司\n合计,\n说明：以上两位\n"), ["张三/甲大学", "李四/乙公司"]);
        assert_eq!(judges("评委,姓名,单位\n1,张三,甲大学\n"), ["J130 名单.csv"], "two columns may be the name");
        assert_eq!(recommenders("甲,乙\n丙,丁\n"), ["I621 名单.csv"]);
    }

    #[test]
    fn what_is_damaged_is_told_and_not_taken() {
        assert_eq!(judges("姓名,单位\n张三,甲大学\n\"李四,乙公司\n王五,丙院\n"), ["张三/甲大学", "I121 名单.csv › 第3行"]);
        assert_eq!(recommenders("名称,联系人,电话\n\"甲局,张三,13800000001\n乙局,李四,13800000002\n"), ["I121 名单.csv › 第2行"]);
    }
}
