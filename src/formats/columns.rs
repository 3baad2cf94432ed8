//! Owns the plan of a sheet's columns: which field each one feeds, after the header's titles, the mappings given by staff and, where
//! titles cannot tell, a sample of the values. Refuses to read values for keeping: that is `formats::drafts`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::amounts::TimeUnit;
use super::headers::{self, Header, Meaning};
use super::problems::Fault;
use super::registration::{FieldPlace, Kind, ReadOptions};
use super::sheet::Row;
use super::surroundings;
use crate::domain::field::Field;
use crate::domain::problem::{Place, Problem};
use crate::domain::rules::ContestRules;

/// One titled column.
#[derive(Debug, Clone)]
pub struct Column {
    /// The column, from 0.
    pub index: u32,
    /// The title as received, on one line.
    pub title: String,
    /// The title as a key of the received row: quoted JSON, unique in the sheet.
    pub key: String,
    /// The field it feeds.
    pub field: Option<Field>,
    /// What a bare number in it counts.
    pub unit: Option<TimeUnit>,
    /// The category that a tick in it means: one column a category.
    pub category: Option<String>,
}

/// The columns of a sheet.
#[derive(Debug, Clone)]
pub struct Columns {
    /// From the left.
    titled: Vec<Column>,
    /// From a column's number to its place in `titled`.
    places: Vec<Option<usize>>,
    titles: Arc<str>,
}

impl Columns {
    /// The column with this number.
    #[must_use]
    pub fn get(&self, index: u32) -> Option<&Column> {
        self.titled.get((*self.places.get(usize::try_from(index).ok()?)?)?)
    }

    /// All columns, from the left.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Column> {
        self.titled.iter()
    }

    /// Which columns hold which field, for the rows below `header_row`.
    #[must_use]
    pub fn fields(&self, header_row: u32) -> Vec<FieldPlace> {
        let rows = (header_row.saturating_add(1), u32::MAX);
        let place =
            |column: &Column| Some(FieldPlace { field: column.field?, title: column.title.clone(), rows, row: None, column: column.index });
        self.titled.iter().filter_map(place).collect()
    }

    /// Whether a column feeds this field.
    #[must_use]
    pub fn has(&self, field: Field) -> bool {
        self.titled.iter().any(|column| column.field == Some(field))
    }

    /// The keys of a received row as a JSON array.
    #[must_use]
    pub fn titles(&self) -> &Arc<str> {
        &self.titles
    }

    /// The number of columns that titles reach.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.titled.last().map_or(0, |column| column.index.saturating_add(1))
    }
}

/// What a header amounts to.
#[derive(Debug)]
pub struct Plan {
    /// The columns.
    pub columns: Columns,
    /// What the sheet holds, if it is something that we know.
    pub kind: Option<Kind>,
    /// What staff should know of the header.
    pub problems: Vec<Problem>,
}

/// Titles wider than this are beyond any sheet: Excel ends at 16,384.
const WIDEST: u32 = 16_384;

/// The field that staff have given to a title, now or before.
#[must_use]
pub fn mapped(options: &ReadOptions, title: &str) -> Option<Field> {
    let wanted = headers::normalise(title);
    [&options.mappings, &options.remembered].into_iter().find_map(|known| {
        let by_text = known.iter().find(|(given, _)| given.trim() == title.trim());
        by_text.or_else(|| known.iter().find(|(given, _)| headers::normalise(given) == wanted)).map(|(_, field)| *field)
    })
}

/// Plans the columns. `sample`: the first rows after the header; `place`: file and sheet.
#[must_use]
pub fn plan(header: &Header, header_row: u32, sample: &[Row], rules: &ContestRules, options: &ReadOptions, place: &Place) -> Plan {
    let mut problems = Vec::new();
    let mut columns: Vec<Column> = Vec::new();
    let mut keys = Keys::default();
    let at = |column: u32| Place { row: Some(header_row), column: Some(column), ..place.clone() };
    for (index, title) in header.titles.iter().filter(|(index, _)| *index < WIDEST) {
        let shown: String = title.split_whitespace().collect();
        let unique = keys.unique(&shown);
        let field = match mapped(options, title) {
            Some(field) => Some(field),
            None => match headers::meaning(title) {
                Meaning::Field(field) => Some(field),
                Meaning::ThemeOrCategory(default) => {
                    let decided = theme_or_category(*index, default, sample, rules);
                    if decided.is_none() {
                        let detail = format!("“{shown}”的取值既有作品类别（四大品牌）又有参赛类型");
                        problems.push(Fault::AmbiguousColumn.at(at(*index), None, title, &detail));
                    }
                    decided
                }
                Meaning::NumberOrOrder => Some(number_or_order(*index, sample, rules)),
                Meaning::Ambiguous(candidates) => {
                    let labels: Vec<&str> = candidates.iter().map(|field| field.label()).collect();
                    problems.push(Fault::AmbiguousColumn.at(at(*index), None, title, &format!("“{shown}”可能是{}", labels.join("或"))));
                    None
                }
                Meaning::Unknown => None,
            },
        };
        let unit = if title.contains('秒') && !title.contains('分') {
            Some(TimeUnit::Seconds)
        } else {
            title.contains("分钟").then_some(TimeUnit::Minutes)
        };
        let key = json_text(&unique);
        columns.push(Column { index: *index, title: shown, key, field, unit, category: None });
    }
    tick_columns(&mut columns, rules);
    duplicates(&columns, &at, &mut problems);
    unused_mappings(header, options, place, header_row, &mut problems);
    let kind = kind(&columns, options);
    let places = places(&columns);
    let titles = format!("[{}]", columns.iter().map(|column| column.key.as_str()).collect::<Vec<_>>().join(",")).into();
    let columns = Columns { titled: columns, places, titles };
    if kind.is_some() && !columns.has(Field::Organization) {
        problems.push(Fault::NoOrganization.at(Place { row: Some(header_row), ..place.clone() }, Some(Field::Organization), "", ""));
    }
    Plan { columns, kind, problems }
}

/// The keys of a received row.
#[derive(Default)]
struct Keys {
    /// How often each title came.
    counts: BTreeMap<String, u32>,
    used: BTreeSet<String>,
}

impl Keys {
    /// A key of its own: the title, 备注（2） for its second, the next free number where a title has that text.
    fn unique(&mut self, title: &str) -> String {
        let count = self.counts.entry(title.to_owned()).or_insert(0);
        loop {
            *count += 1;
            let key = if *count == 1 { title.to_owned() } else { format!("{title}（{count}）") };
            if self.used.insert(key.clone()) {
                return key;
            }
        }
    }
}

/// Columns that are named as categories (演讲 | 微电影 | 案例) and ticked, where no column says the category in words. Under a group their
/// titles are joined: 参赛类型演讲.
fn tick_columns(columns: &mut [Column], rules: &ContestRules) {
    let is_of_group = |column: &Column| matches!(column.field, Some(Field::Category | Field::IntendedCategories));
    let named = |column: &Column| {
        let title = fold(&column.title);
        let groups = ["参赛类型", "作品类型", "参赛类别", "作品类别", "申报类别", "类别", "类型", "拟申报作品", "拟参赛作品"];
        let bare = if is_of_group(column) { groups.iter().find_map(|group| title.strip_prefix(group))? } else { title.as_str() };
        if column.field.is_none() || is_of_group(column) { surroundings::category(bare, rules) } else { None }
    };
    let found: Vec<(usize, String)> =
        columns.iter().enumerate().filter_map(|(place, column)| named(column).map(|name| (place, name))).collect();
    let has_words = columns.iter().enumerate().any(|(place, column)| is_of_group(column) && found.iter().all(|(known, _)| *known != place));
    if found.len() < 2 || has_words {
        return;
    }
    for (place, name) in found {
        if let Some(column) = columns.get_mut(place) {
            column.field = None;
            column.category = Some(name);
        }
    }
}

fn places(columns: &[Column]) -> Vec<Option<usize>> {
    let mut places = Vec::new();
    for (place, column) in columns.iter().enumerate() {
        let index = usize::try_from(column.index).unwrap_or(0);
        places.resize(places.len().max(index + 1), None);
        if let Some(slot) = places.get_mut(index) {
            *slot = Some(place);
        }
    }
    places
}

/// A JSON string with its quotes.
#[must_use]
pub fn json_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn duplicates(columns: &[Column], at: &dyn Fn(u32) -> Place, problems: &mut Vec<Problem>) {
    for field in Field::ALL {
        let same: Vec<&Column> = columns.iter().filter(|column| column.field == Some(field)).collect();
        if let [_, second, ..] = same.as_slice() {
            let titles: Vec<String> = same.iter().map(|column| format!("“{}”", column.title)).collect();
            let detail = format!("{}都是{}", titles.join(""), field.label());
            problems.push(Fault::DuplicateColumn.at(at(second.index), Some(field), "", &detail));
        }
    }
}

fn unused_mappings(header: &Header, options: &ReadOptions, place: &Place, header_row: u32, problems: &mut Vec<Problem>) {
    for (given, field) in &options.mappings {
        let wanted = headers::normalise(given);
        if !header.titles.iter().any(|(_, title)| headers::normalise(title) == wanted) {
            let place = Place { row: Some(header_row), ..place.clone() };
            problems.push(Fault::UnusedMapping.at(place, Some(*field), given, &format!("“{given}”")));
        }
    }
}

fn values(column: u32, sample: &[Row]) -> impl Iterator<Item = &str> {
    sample.iter().map(move |row| row.text(column)).filter(|text| !text.is_empty())
}

fn fold(text: &str) -> String {
    headers::normalise(text)
}

/// 作品类别 holds themes or categories: whichever its values name. Both: nobody can say.
fn theme_or_category(column: u32, default: Field, sample: &[Row], rules: &ContestRules) -> Option<Field> {
    let themes: Vec<String> = rules.form.options.get(&Field::Theme).into_iter().flatten().map(|option| fold(option)).collect();
    let (mut as_theme, mut as_category) = (0_u32, 0_u32);
    for value in values(column, sample) {
        let chosen = super::fields::choice(value).text;
        if themes.contains(&fold(&chosen)) {
            as_theme += 1;
        } else if rules.category_named(&chosen, fold).is_some() {
            as_category += 1;
        }
    }
    match (as_theme, as_category) {
        (0, 0) => Some(default),
        (_, 0) => Some(Field::Theme),
        (0, _) => Some(Field::Category),
        _ => None,
    }
}

/// 作品编号 holds our numbers where its values have a category's prefix before digits (Y001); else it only orders.
fn number_or_order(column: u32, sample: &[Row], rules: &ContestRules) -> Field {
    let is_number = |value: &str| {
        rules.categories.iter().any(|category| {
            let folded = super::fields::fold_width(value).to_uppercase();
            !category.prefix.is_empty()
                && folded
                    .strip_prefix(&category.prefix.to_uppercase())
                    .is_some_and(|serial| serial.len() >= 3 && serial.bytes().all(|byte| byte.is_ascii_digit()))
        })
    };
    let (mut numbers, mut others) = (0, 0);
    for value in values(column, sample) {
        if is_number(value) {
            numbers += 1;
        } else {
            others += 1;
        }
    }
    if numbers > others { Field::Number } else { Field::Order }
}

/// A table of works has titles; a table of registering units has what they intend; marks and votes are neither.
fn kind(columns: &[Column], options: &ReadOptions) -> Option<Kind> {
    // What staff call a recommendation sheet and is none is no table of works instead.
    if options.kind.is_some() {
        return options.kind.filter(|kind| *kind != Kind::Recommendations);
    }
    let has = |field: Field| columns.iter().any(|column| column.field == Some(field));
    let is_marks = |title: &str| ["总分", "得分", "评分", "评委", "票数", "得票", "分值", "平均分"].iter().any(|word| title.contains(word));
    if columns.iter().any(|column| column.field.is_none() && is_marks(&column.title)) {
        return None;
    }
    if has(Field::Title) {
        Some(Kind::Entries)
    } else if has(Field::IntendedCategories) || (has(Field::Organization) && columns.iter().any(|column| column.category.is_some())) {
        Some(Kind::Registrations)
    } else {
        None
    }
}
