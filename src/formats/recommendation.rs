//! Owns the reading of a recommendation sheet (附件3): its recommender, its directory of works with order and opinion, and who filled it
//! in. Refuses to know which works of the contest are meant, and to change any.
//!
//! Decision worth knowing: a table with 推荐意见 may also be a list of declared works. It is a recommendation sheet only where it says so
//! (推荐表, 推荐目录, 推荐区局/行业/集团) and has no more than a directory's columns.

use crate::domain::field::Field;
use crate::domain::privacy::{Email, PersonName, Phone};
use crate::domain::problem::{Place, Problem};
use crate::domain::recommendation_intake::DirectoryRow;

use super::amounts::{self, Calendar};
use super::fields;
use super::form;
use super::grid::{Grid, GridCell};
use super::problems::Fault;
use super::registration::{Kind, ReadOptions};
use super::sheet::Row;

/// A recommendation sheet as received, not yet trusted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecommendationSheet {
    /// 推荐区局/行业/集团 as written; empty where it is not.
    pub recommender: String,
    /// 推荐目录, in the order of the sheet.
    pub rows: Vec<DirectoryRow>,
    /// 填表人.
    pub filler: Filler,
    /// 填表日期: the start of the day in the contest's time zone.
    pub filled_at: Option<jiff::Timestamp>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// Who filled the sheet in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filler {
    /// 填表人.
    pub name: PersonName,
    /// 部门.
    pub department: String,
    /// 职务.
    pub position: String,
    /// 电话.
    pub phone: Phone,
    /// 邮箱.
    pub email: Email,
}

/// What a directory has besides unit and title; more is a table of declared works.
const COLUMNS: [Field; 9] = [
    Field::Order,
    Field::Number,
    Field::Organization,
    Field::Title,
    Field::Category,
    Field::Theme,
    Field::Creators,
    Field::Opinion,
    Field::Remark,
];

/// The header of a directory: its row of the grid, and its columns.
struct Directory {
    row: usize,
    columns: Vec<(Field, GridCell)>,
}

/// Whether a grid is a recommendation sheet.
pub(super) fn is_one(grid: &Grid, options: &ReadOptions) -> bool {
    directory(grid, options).is_some()
}

/// The directory of a sheet that says what it is, or of which staff have said it.
fn directory(grid: &Grid, options: &ReadOptions) -> Option<Directory> {
    let is_said = options.kind == Some(Kind::Recommendations);
    let says_so = grid.rows.iter().flat_map(|row| &row.cells).take(2000).any(|cell| {
        let text: String = cell.text.chars().filter(|character| !character.is_whitespace()).take(40).collect();
        text.chars().count() < 40 && ["作品推荐表", "推荐目录", "推荐声明", "推荐区局"].iter().any(|words| text.contains(words))
    });
    if !says_so && !is_said {
        return None;
    }
    grid.rows.iter().enumerate().take(400).find_map(|(index, row)| {
        let columns: Vec<(Field, GridCell)> =
            row.cells.iter().filter_map(|cell| Some((form::label_field(&cell.text)?, cell.clone()))).collect();
        let has = |wanted: Field| columns.iter().any(|(field, _)| *field == wanted);
        let is_own = columns.len() >= 3 && columns.iter().all(|(field, _)| COLUMNS.contains(field));
        (has(Field::Title) && has(Field::Organization) && (is_own || is_said)).then_some(Directory { row: index, columns })
    })
}

/// Reads a recommendation sheet; `None`: the grid is none. `shown`: the file's name in problems.
pub(super) fn read(grid: &Grid, shown: &str, options: &ReadOptions, calendar: &Calendar) -> Option<RecommendationSheet> {
    let directory = directory(grid, options)?;
    let mut sheet = RecommendationSheet::default();
    let mut last = directory.row;
    let head_part = grid.rows.get(directory.row).map(|row| row.part)?;
    // The directory goes on in the tables behind it that have its columns.
    let parts = (head_part..grid.parts.len()).filter(|part| grid.parts.get(*part).is_some_and(|part| part.is_table));
    'directory: for part in parts {
        let rows = grid.sheet_rows(part);
        let range = grid.range(part);
        let indexes = range.clone().zip(grid.rows.get(range).unwrap_or_default());
        let name = grid.parts.get(part).map_or_else(String::new, |part| part.name.clone());
        for ((index, grid_row), row) in indexes.zip(&rows).filter(|((index, _), _)| *index > directory.row) {
            let filled: Vec<&str> = grid_row.cells.iter().filter(|cell| !cell.is_blank()).map(|cell| cell.text.trim()).collect();
            let is_end = filled.first().is_some_and(|first| {
                first.contains("推荐声明")
                    || (first.ends_with([':', '：']) && form::label_field(first).is_some())
                    || form::begins_pair(first)
            });
            if is_end {
                break 'directory;
            }
            let is_below = part == head_part || grid_row.cells.len() == directory.columns.len();
            let labels = filled.iter().filter(|text| form::label_field(text).is_some()).count();
            // 一、演讲类; the header again on the next page.
            if filled.len() < 2 || !is_below || labels >= 2 {
                continue;
            }
            if let Some(work) = work(row, &directory, &name) {
                last = index;
                sheet.rows.push(work);
            }
        }
    }
    let above = form::written(&part_of(grid, 0, directory.row));
    sheet.recommender = above.into_iter().find(|said| said.field == Field::Recommender).map_or_else(String::new, |said| said.text);
    for said in form::written(&part_of(grid, last + 1, grid.rows.len())) {
        let place = Place { file: shown.to_owned(), sheet: said.sheet, row: Some(said.row), column: None };
        fill(&mut sheet, said.field, &said.text, place, calendar);
    }
    Some(sheet)
}

fn fill(sheet: &mut RecommendationSheet, field: Field, text: &str, place: Place, calendar: &Calendar) {
    let filler = &mut sheet.filler;
    // What is written first counts.
    if field == Field::ContactName && filler.name.reveal().is_empty() {
        filler.name = PersonName::new(fields::people(text).0);
    } else if field == Field::ContactDepartment && filler.department.is_empty() {
        text.clone_into(&mut filler.department);
    } else if field == Field::ContactPosition && filler.position.is_empty() {
        text.clone_into(&mut filler.position);
    } else if field == Field::ContactPhone && filler.phone.reveal().is_empty() {
        filler.phone = Phone::new(fields::phone(text).0);
    } else if field == Field::ContactEmail && filler.email.reveal().is_empty() {
        filler.email = Email::new(fields::emails(text).0);
    } else if field == Field::Recommender && sheet.recommender.is_empty() {
        text.clone_into(&mut sheet.recommender);
    } else if field == Field::SubmittedAt && sheet.filled_at.is_none() {
        match amounts::moment(text, calendar) {
            Ok(moment) => sheet.filled_at = Some(moment.at),
            Err(amounts::Unclear) => sheet.problems.push(Fault::UnclearMoment.at(place, Some(field), text, "")),
        }
    }
}

/// The rows of a grid from one to before another.
fn part_of(grid: &Grid, from: usize, to: usize) -> Grid {
    Grid { parts: grid.parts.clone(), rows: grid.rows.get(from..to).unwrap_or_default().to_vec(), ..Grid::default() }
}

/// A row of the directory; `None` where neither a unit nor a work is written.
fn work(row: &Row, directory: &Directory, sheet: &str) -> Option<DirectoryRow> {
    let text = |wanted: Field| {
        let of = directory.columns.iter().filter(|(field, _)| *field == wanted);
        let mut texts = of.map(|(_, head)| (head.column..head.end()).map(|column| row.text(column)).find(|text| !text.is_empty()));
        fields::clean(texts.find_map(|text| text).unwrap_or_default(), wanted == Field::Opinion).text.into_owned()
    };
    let work = DirectoryRow {
        sheet: sheet.to_owned(),
        row: row.number(),
        order: fields::fold_width(&text(Field::Order)).trim().trim_end_matches(['.', '、']).parse().ok(),
        organization: text(Field::Organization),
        title: text(Field::Title),
        category: fields::choice(&text(Field::Category)).text,
        opinion: text(Field::Opinion),
    };
    (!work.title.is_empty() || !work.organization.is_empty()).then_some(work)
}

/// What a report says of a sheet that was read.
pub(super) fn notice(sheet: &RecommendationSheet, place: Place) -> Problem {
    let recommender = if sheet.recommender.is_empty() { "未写推荐单位" } else { sheet.recommender.as_str() };
    Fault::Recommendation.at(place, None, "", &format!("{recommender}，{} 件作品", sheet.rows.len()))
}

/// Whether staff have not said that the file holds something else.
pub(super) fn is_wanted(options: &ReadOptions) -> bool {
    matches!(options.kind, None | Some(Kind::Recommendations))
}
