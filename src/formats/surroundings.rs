//! Owns what a sheet says outside its rows and what holds for rows that have no column for it: lines above the header (填报单位：某公司),
//! section labels (一、演讲类; 浦东新区). Refuses to overrule a column.
//!
//! Decision worth knowing: a line or a label counts only where its table has no such column, and every use of it is said, with the row
//! where it stands. 填报单位 over a table that names no units can only be the unit; over one that does, nobody knows, and it is left.

use super::columns::Columns;
use super::headers::{self, Meaning};
use super::problems::Fault;
use super::sheet::Row;
use crate::domain::entry::Draft;
use crate::domain::field::Field;
use crate::domain::problem::{Place, Problem};
use crate::domain::rules::ContestRules;

/// The longest value that a line gives.
const LONGEST: usize = 60;

/// A value and the row where it stands.
#[derive(Debug)]
struct Given {
    field: Field,
    value: String,
    row: u32,
    is_label: bool,
    used: u32,
}

/// What holds for the rows that come.
#[derive(Debug, Default)]
pub struct Surroundings {
    given: Vec<Given>,
    /// Places in `given` of what holds now.
    active: Vec<usize>,
}

impl Surroundings {
    /// Reads the lines above a header.
    #[must_use]
    pub fn above(rows: &[Row]) -> Self {
        let mut found = Self::default();
        for row in rows {
            let mut cells = row.cells().filter(|cell| !cell.merged).peekable();
            while let Some(cell) = cells.next() {
                let beside = cells.peek().map_or("", |cell| cell.text);
                let parts: Vec<&str> = cell.text.split(['\t', '\n', '\u{3000}']).flat_map(|part| part.split("  ")).collect();
                let parts: Vec<&str> = parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect();
                let is_alone = parts.len() == 1;
                for part in parts {
                    let Some((label, value)) = part.split_once([':', '：']) else { continue };
                    let value = if value.trim().is_empty() && is_alone { beside } else { value };
                    if let Some(field) = labelled(label) {
                        found.add(field, value, row.number(), false);
                    }
                }
            }
        }
        found
    }

    /// Whether the lines above name the unit of all rows.
    #[must_use]
    pub fn names(&self, field: Field) -> bool {
        self.active.iter().any(|place| self.given.get(*place).is_some_and(|given| given.field == field))
    }

    /// Takes note of a section's label: a category, a zone, a unit or a recommender of the rows below it.
    pub fn label(&mut self, row: &Row, columns: &Columns, rules: &ContestRules) {
        let Some(cell) = row.cells().find(|cell| !cell.text.trim().is_empty()) else { return };
        let text = without_chapter(cell.text.trim());
        let number = row.number();
        if let Some((label, value)) = text.split_once([':', '：'])
            && let Some(field) = labelled(label).or_else(|| exactly(label))
        {
            let is_usable = field != Field::Category || category(value, rules).is_some();
            if is_usable {
                self.add(field, value, number, true);
            }
            return;
        }
        if let Some(name) = category(text, rules) {
            self.add(Field::Category, &name, number, true);
            return;
        }
        // What follows is another section: a label of before holds no longer.
        self.forget(|_| true);
        // 浦东新区（3件）; but 某某（集团）有限公司.
        let hint = text.ends_with([')', '）']).then(|| text.rfind(['(', '（'])).flatten();
        let bare = hint.and_then(|at| text.get(..at)).unwrap_or(text).trim();
        let ends = |endings: &[&str]| endings.iter().any(|ending| bare.ends_with(ending));
        let zone = rules.zones.iter().find(|zone| *zone == bare || bare.strip_suffix("赛区") == Some(zone));
        if let Some(zone) = zone.filter(|_| !columns.has(Field::Zone)) {
            self.add(Field::Zone, zone, number, true);
        } else if !columns.has(Field::Organization) && ends(&["公司", "医院", "学校", "学院", "研究院", "厂", "事务所", "银行", "中心"])
        {
            self.add(Field::Organization, bare, number, true);
        } else if !columns.has(Field::Recommender) && ends(&["局", "区", "集团", "集团公司", "协会", "商会", "委员会", "联合会", "工会"])
        {
            self.add(Field::Recommender, bare, number, true);
        }
    }

    fn forget(&mut self, is_meant: impl Fn(Field) -> bool) {
        let given = &self.given;
        self.active.retain(|place| given.get(*place).is_some_and(|given| !given.is_label || !is_meant(given.field)));
    }

    fn add(&mut self, field: Field, value: &str, row: u32, is_label: bool) {
        const SEALS: [&str; 8] = ["（盖章）", "(盖章)", "（公章）", "(公章)", "（单位盖章）", "(单位盖章)", "（章）", "(章)"];
        let value = value.trim().trim_matches(['_', '＿']).trim();
        let value = SEALS.iter().find_map(|seal| value.strip_suffix(seal)).unwrap_or(value).trim();
        // 填报单位（盖章）：＿＿＿ waits for a stamp.
        if value.is_empty() || value.chars().count() > LONGEST || value.starts_with(['(', '（']) {
            return;
        }
        self.forget(|known| known == field);
        let given = &self.given;
        self.active.retain(|place| given.get(*place).is_some_and(|given| given.field != field));
        self.active.push(self.given.len());
        self.given.push(Given { field, value: value.to_owned(), row, is_label, used: 0 });
    }

    /// Gives a work what its table has no column for.
    pub fn fill(&mut self, columns: &Columns, draft: &mut Draft) {
        for place in &self.active {
            let Some(given) = self.given.get_mut(*place) else { continue };
            if columns.has(given.field) {
                continue;
            }
            let declaration = &mut draft.declaration;
            let targets = [
                (Field::Organization, &mut draft.organization),
                (Field::Category, &mut draft.category),
                (Field::Recommender, &mut declaration.recommender),
                (Field::Zone, &mut declaration.zone),
            ];
            let Some((_, target)) = targets.into_iter().find(|(field, _)| *field == given.field) else { continue };
            if target.is_empty() {
                target.clone_from(&given.value);
                given.used = given.used.saturating_add(1);
            }
        }
    }

    /// What was used, each once, with how often.
    #[must_use]
    pub fn problems(&self, place: &Place) -> Vec<Problem> {
        let used = self.given.iter().filter(|given| given.used > 0);
        used.map(|given| {
            let place = Place { row: Some(given.row), ..place.clone() };
            let whence = if given.is_label { "分组标题" } else { "表头上方" };
            let detail = format!("{}“{}”（第 {} 行{whence}），用于 {} 行", given.field.label(), given.value, given.row, given.used);
            Fault::FromSurroundings.at(place, Some(given.field), &given.value, &detail)
        })
        .collect()
    }
}

/// What a line's label names, if it is a thing that all rows may share.
fn labelled(label: &str) -> Option<Field> {
    match headers::meaning(label) {
        Meaning::Field(field @ (Field::Organization | Field::Recommender | Field::Zone)) => Some(field),
        Meaning::Ambiguous(fields) if fields.contains(&Field::Organization) && fields.contains(&Field::Recommender) => {
            Some(Field::Organization)
        }
        Meaning::Field(_) | Meaning::Ambiguous(_) | Meaning::ThemeOrCategory(_) | Meaning::NumberOrOrder | Meaning::Unknown => None,
    }
}

fn exactly(label: &str) -> Option<Field> {
    matches!(headers::meaning(label), Meaning::Field(Field::Category) | Meaning::ThemeOrCategory(_)).then_some(Field::Category)
}

/// A label without its chapter's number: 一、 （二） 3. 第一部分.
fn without_chapter(text: &str) -> &str {
    let is_number = |next: char| "一二三四五六七八九十第".contains(next) || next.is_ascii_digit();
    let opened = text.trim_start_matches(['(', '（']);
    let rest = opened.trim_start_matches(is_number);
    if rest.len() == opened.len() {
        return text;
    }
    let rest = rest.trim_start_matches("部分").trim_start_matches("类别");
    let bare = rest.trim_start_matches(|next: char| "、.．)）:：,，".contains(next) || next.is_whitespace());
    // 一带一路组 begins with a numeral and has no number.
    if bare.is_empty() || (bare.len() == rest.len() && !text.starts_with('第')) { text } else { bare }
}

/// The category that a label names: its name or an alias, with 类, 组, 作品 and such behind it, and a count in brackets.
pub(super) fn category(text: &str, rules: &ContestRules) -> Option<String> {
    const ENDINGS: [&str; 9] = ["参赛作品", "作品", "比赛", "类别", "类", "组", "名单", "汇总", "项目"];
    let mut bare = headers::normalise(without_chapter(text.trim()));
    for _ in 0..3 {
        if let Some(category) = rules.category_named(&bare, headers::normalise) {
            // A prefix is one letter: no label.
            return (bare.chars().count() > 1).then(|| category.name.clone());
        }
        let shorter = ENDINGS.iter().find_map(|ending| bare.strip_suffix(ending))?;
        bare = shorter.to_owned();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::rules_file;

    #[test]
    fn labels_lose_their_numbers_and_nothing_else() {
        let bare = ["一、演讲类", "（二）微电影", "3.创新案例", "第一部分 演讲", "一带一路故事", "三", "演讲"].map(without_chapter);
        assert_eq!(bare, ["演讲类", "微电影", "创新案例", "演讲", "一带一路故事", "三", "演讲"]);
    }

    #[test]
    fn labels_name_categories_by_any_of_their_names() {
        let rules = rules_file::parse(rules_file::preset("shanghai-2024").expect("built in")).expect("sound");
        let named = |text: &str| category(text, &rules);
        assert_eq!(named("一、演讲类（12件）").as_deref(), Some("质量品牌故事演讲"));
        assert_eq!(named("微电影参赛作品名单").as_deref(), Some("质量品牌故事微电影"));
        assert_eq!(named("质量品牌创新案例").as_deref(), Some("质量品牌创新案例"));
        assert_eq!([named("浦东新区"), named("Y"), named(""), named("类")], [None, None, None, None]);
    }
}
