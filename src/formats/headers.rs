//! Owns what column titles mean: the dictionary of titles seen in the field, and the finding of a sheet's header among its first rows.
//! Refuses to know values; where only they can tell (作品类别, 编号), it says so ([`Meaning`]) and `formats::registration` looks.
//!
//! Decision worth knowing: a title is exact, or it contains exactly one thing that we know, at its end (Chinese puts the noun last:
//! 参赛单位联系人 is a person). Anything else is ambiguous or unknown, and is reported instead of guessed.

use sha2::{Digest as _, Sha256};
use unicode_normalization::UnicodeNormalization as _;

use super::sheet::Row;
use crate::domain::field::Field;

/// What a column's title says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// One field.
    Field(Field),
    /// 作品类别 and its like: the four brands or the kind of work, as its values tell; the field if they do not.
    ThemeOrCategory(Field),
    /// 作品编号, 编号: our number or only an order, as its values tell.
    NumberOrOrder,
    /// More than one field, and nobody but staff can say which.
    Ambiguous(Vec<Field>),
    /// No field.
    Unknown,
}

impl Meaning {
    fn is_known(&self) -> bool {
        !matches!(self, Self::Unknown)
    }
}

/// Titles that mean a field, normalised. Those after the empty string are too short or too common to be looked for inside longer titles.
const DICTIONARY: [(Field, &[&str]); 28] = [
    (
        Field::Organization,
        &[
            "申报单位名称",
            "参赛单位名称",
            "所在单位全称",
            "单位名称",
            "申报单位",
            "参赛单位",
            "工作单位",
            "参评单位",
            "选送单位",
            "企业名称",
            "公司名称",
            "单位全称",
            "所属单位",
            "所在单位",
            "企业全称",
            "作者单位",
            "选手单位",
            "",
            "单位",
        ],
    ),
    (Field::CreditCode, &["统一社会信用代码", "社会信用代码", "信用代码"]),
    (
        Field::Recommender,
        &[
            "推荐单位",
            "推荐区局/行业/集团",
            "组织推荐单位",
            "推荐单位/专家",
            "推荐部门",
            "主管单位",
            "所属集团",
            "推荐单位名称",
            "推荐渠道",
        ],
    ),
    (Field::IntendedCategories, &["拟申报作品", "拟参赛作品", "拟申报类别", "拟申报参赛类型"]),
    (
        Field::Title,
        &[
            "参赛作品名称",
            "作品名称",
            "作品标题",
            "演讲题目",
            "参评项目",
            "案例名称",
            "作品题目",
            "片名",
            "故事名称",
            "演讲标题",
            "案例题目",
            "微电影名称",
            "作品名",
            "",
            "题目",
        ],
    ),
    (Field::Category, &["参赛类型", "作品类型", "参赛类别", "比赛形式", "申报类别", "参赛形式", "申报类型", "参赛项目", "", "组别"]),
    (Field::Theme, &["作品类别", "四大品牌", "品牌类别"]),
    (
        Field::Creators,
        &[
            "主创者姓名",
            "主创人员",
            "主创者",
            "作者姓名",
            "演讲者",
            "申报者姓名",
            "选手姓名",
            "参赛人员",
            "参赛选手",
            "演讲人",
            "团队名称",
            "主创团队",
            "演讲者姓名",
            "作者",
            "主创",
            "",
            "姓名",
        ],
    ),
    (Field::ContactName, &["联系人姓名", "联系人", "填表人", "经办人", "", "负责人"]),
    (
        Field::ContactPhone,
        &[
            "联系手机",
            "联系电话",
            "手机号码",
            "手机号",
            "联系方式",
            "移动电话",
            "联系人电话",
            "联系人手机",
            "电话/手机",
            "联系人联系方式",
            "联系人手机号",
            "联系人联系电话",
            "联系人手机号码",
            "手机",
            "电话",
            "电话号码",
        ],
    ),
    (
        Field::ContactEmail,
        &["电子邮件", "邮箱地址", "电子邮箱", "联系邮箱", "联系人邮箱", "联系人电子邮箱", "邮箱", "e-mail", "email", "电邮", "电子信箱"],
    ),
    (Field::ContactDepartment, &["部门及职务", "部门/职务", "部门职务", "联系部门", "所在部门", "联系人部门", "部门"]),
    (Field::ContactPosition, &["联系人职务", "职务", "", "职称", "岗位"]),
    (Field::Address, &["单位地址", "联系地址", "详细通信地址", "通讯地址", "通信地址", "详细地址", "", "地址"]),
    (Field::Postcode, &["邮政编码", "邮编"]),
    (Field::Nature, &["单位性质", "企业性质"]),
    (
        Field::Member,
        &["市质协会员单位", "会员单位", "是否会员", "是否会员单位", "是否市质协会员单位", "是否为会员单位", "是否市质协会员", "市质协会员"],
    ),
    (Field::FocusArea, &["重点领域"]),
    (Field::FocusIndustry, &["重点产业", "所属行业", "", "行业"]),
    (Field::Duration, &["作品时长", "作品长度", "演讲时长", "视频时长", "影片时长", "时长"]),
    (Field::Length, &["案例篇幅", "案例字数", "作品篇幅", "作品字数", "字数", "篇幅"]),
    (Field::Summary, &["参赛作品内容简介", "内容简介", "作品简介", "作品内容简介", "案例简介", "内容摘要", "作品摘要", "", "简介", "摘要"]),
    (Field::Order, &["推荐次序", "演讲顺序", "出场顺序", "推荐顺序", "序号", "排序", "", "次序", "no", "no."]),
    (Field::Opinion, &["推荐意见", "推荐单位意见", "审核意见", "初审意见"]),
    (Field::Honors, &["曾获相关荣誉", "所获荣誉", "获奖情况", "曾获荣誉"]),
    (Field::Zone, &["分赛区", "所属赛区", "参赛赛区", "赛区"]),
    (
        Field::SubmittedAt,
        &[
            "提交时间",
            "报名时间",
            "申报日期",
            "填表日期",
            "提交答卷时间",
            "提交日期",
            "申报时间",
            "报名日期",
            "填报日期",
            "填表时间",
            "填报时间",
        ],
    ),
    (Field::Remark, &["", "备注", "说明", "备注说明"]),
];

/// A title as it is compared: NFKC, without white space, bracketed hints, leading marks and numbers, trailing colon; lower case.
#[must_use]
pub fn normalise(title: &str) -> String {
    let folded: String = title
        .nfkc()
        .filter(|character| {
            !character.is_whitespace() && !character.is_control() && !matches!(character, '\u{200B}'..='\u{200F}' | '\u{FEFF}')
        })
        .collect();
    let mut bare = String::with_capacity(folded.len());
    let mut depth = 0_u32;
    for character in folded.chars() {
        match character {
            '(' | '[' | '【' | '〔' | '{' => depth += 1,
            ')' | ']' | '】' | '〕' | '}' => depth = depth.saturating_sub(1),
            _ if depth == 0 => bare.push(character),
            _ => {}
        }
    }
    let chosen = if bare.is_empty() { folded } else { bare };
    let marked = chosen.trim_start_matches(['*', '★', '☆', '•', '·', '#', '※', '▲', '＊']);
    // 1.单位名称, 2、单位地址 (surveys); not 4K视频.
    let digits = marked.bytes().take_while(u8::is_ascii_digit).count();
    let numbered = marked.get(digits..).and_then(|rest| rest.strip_prefix(['.', '、', ':'])).filter(|_| digits > 0);
    let marked = numbered.unwrap_or(marked);
    marked.trim_end_matches([':', '*', '。', ';', '_', '?']).to_lowercase()
}

/// What a title means.
#[must_use]
pub fn meaning(title: &str) -> Meaning {
    let title = normalise(title);
    if let Some(exact) = exact(&title) {
        return exact;
    }
    // A label with its value (填报单位:某公司), or a sentence, is no title.
    if title.contains(':') || title.chars().count() > 20 {
        return Meaning::Unknown;
    }
    contained(&title)
}

/// What a title means where the dictionary has just this title.
#[must_use]
pub fn exact_meaning(title: &str) -> Option<Meaning> {
    exact(&normalise(title)).filter(Meaning::is_known)
}

fn exact(title: &str) -> Option<Meaning> {
    match title {
        "" => return Some(Meaning::Unknown),
        "报送单位" | "填报单位" => return Some(Meaning::Ambiguous(vec![Field::Organization, Field::Recommender])),
        "作品类别" | "类别" => return Some(Meaning::ThemeOrCategory(Field::Theme)),
        "作品类型" | "类型" => return Some(Meaning::ThemeOrCategory(Field::Category)),
        "作品编号" | "编号" | "参赛编号" | "参赛号" => return Some(Meaning::NumberOrOrder),
        _ => {}
    }
    let listed = |titles: &[&str]| !title.is_empty() && titles.contains(&title);
    let field = DICTIONARY.iter().find(|(_, titles)| listed(titles)).map(|(field, _)| *field);
    field.or_else(|| Field::ALL.into_iter().find(|field| field.label() == title || field.key() == title)).map(Meaning::Field)
}

/// The known titles inside a longer one: the one at its end counts, unless the recommender's person is meant.
fn contained(title: &str) -> Meaning {
    let mut found: Vec<(usize, usize, Field)> = Vec::new();
    for (field, titles) in &DICTIONARY {
        for known in titles.iter().take_while(|known| !known.is_empty()) {
            found.extend(title.match_indices(known).map(|(start, text)| (start, start + text.len(), *field)));
        }
    }
    let whole = found.clone();
    // Only the longest: 联系人电话 hides 联系人 and 电话.
    found.retain(|(start, end, _)| {
        !whole
            .iter()
            .any(|(other_start, other_end, _)| other_start <= start && end <= other_end && (other_end - other_start) > (end - start))
    });
    found.sort_unstable();
    found.dedup_by_key(|(_, _, field)| *field);
    let joined = ["及", "和", "与", "、", "/", "&", "+"].iter().any(|sign| title.contains(sign));
    let Some(&(_, end, last)) = found.last() else { return Meaning::Unknown };
    let mut fields: Vec<Field> = found.iter().map(|(_, _, field)| *field).collect();
    fields.sort_unstable();
    fields.dedup();
    if fields.len() > 1 && joined {
        return Meaning::Ambiguous(fields);
    }
    let of_recommender = fields.contains(&Field::Recommender)
        && matches!(
            last,
            Field::ContactName
                | Field::ContactPhone
                | Field::ContactEmail
                | Field::ContactDepartment
                | Field::ContactPosition
                | Field::Address
                | Field::Postcode
        );
    if of_recommender {
        return Meaning::Unknown;
    }
    if end == title.len() || fields.len() == 1 {
        // 是否有作品简介 and the like still say what stands there; 单位名称变更说明 does not end with a known noun and has only one: the
        // noun must then stand at one of the ends.
        let starts = found.first().is_some_and(|(start, _, _)| *start == 0);
        return if end == title.len() || starts && title.len() - end <= 6 { refine(last) } else { Meaning::Unknown };
    }
    Meaning::Ambiguous(fields)
}

fn refine(field: Field) -> Meaning {
    if field == Field::Theme { Meaning::ThemeOrCategory(Field::Theme) } else { Meaning::Field(field) }
}

/// A header that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Its place among the rows that were looked at.
    pub index: usize,
    /// How many rows it takes: 1 or 2.
    pub height: usize,
    /// Its titles, trimmed, by column.
    pub titles: Vec<(u32, String)>,
}

impl Header {
    /// A digest of the normalised titles in their order, in hexadecimal.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut digest = Sha256::new();
        for (_, title) in &self.titles {
            digest.update(normalise(title).as_bytes());
            digest.update([0]);
        }
        let nibbles = digest.finalize().into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
        nibbles.filter_map(|nibble| char::from_digit(u32::from(nibble), 16)).collect()
    }
}

/// The last row that is looked at for a header.
pub const LAST_HEADER_ROW: u32 = 20;

/// A row with more titles than this is no header: forms of thousands of questions nobody fills in.
pub(super) const MOST_TITLES: usize = 1_000;

/// Finds the header among a sheet's first rows: the row up to the 20th whose titles mean the most different things, at least two. A row
/// above it that is plainly a table's own header comes first: below it another table begins. `mapped` are titles that staff have given a
/// meaning.
#[must_use]
pub fn find(rows: &[Row], mapped: &dyn Fn(&str) -> Option<Field>) -> Option<Header> {
    let mut best: Option<(usize, Header)> = None;
    for (index, row) in rows.iter().enumerate().take_while(|(_, row)| row.number() <= LAST_HEADER_ROW) {
        if row.cells().len() > MOST_TITLES {
            continue;
        }
        let titles = titles_of(row);
        let one = score(&titles, mapped);
        if one < 2 {
            continue;
        }
        let below = rows.get(index + 1).filter(|below| below.number() == row.number() + 1 && below.cells().len() <= MOST_TITLES);
        let two = below.and_then(|below| two_rows(row, &titles, below, mapped)).filter(|(two, _)| *two >= one);
        let (score, height, titles) = two.map_or((one, 1, titles), |(two, titles)| (two, 2, titles));
        let is_plain = is_table_header(&titles, mapped);
        if best.as_ref().is_none_or(|(known, _)| score > *known) {
            best = Some((score, Header { index, height, titles }));
        }
        if is_plain {
            break;
        }
    }
    best.map(|(_, header)| header)
}

/// Parts a header that says the same titles several times from left to right: tables side by side.
#[must_use]
pub fn side_by_side(header: Header) -> Vec<Header> {
    let titles: Vec<String> = header.titles.iter().map(|(_, title)| normalise(title)).collect();
    for count in 2..=4 {
        let length = titles.len() / count;
        let Some(first) = titles.get(..length).filter(|first| first.len() >= 3 && titles.len() == length * count) else { continue };
        let is_repeated = titles.chunks_exact(length).all(|chunk| chunk == first);
        if is_repeated && first.iter().any(|title| meaning(title) == Meaning::Field(Field::Title)) {
            let part = |titles: &[(u32, String)]| Header { index: header.index, height: header.height, titles: titles.to_vec() };
            return header.titles.chunks_exact(length).map(part).collect();
        }
    }
    vec![header]
}

/// Whether titles are plainly those of a table of works: a work's title, three things known, and little else.
fn is_table_header(titles: &[(u32, String)], mapped: &dyn Fn(&str) -> Option<Field>) -> bool {
    let meanings = || titles.iter().map(|(_, title)| mapped(title).map_or_else(|| meaning(title), Meaning::Field));
    let known = meanings().filter(Meaning::is_known).count();
    let names_works = meanings().any(|found| found == Meaning::Field(Field::Title));
    names_works && known * 5 > titles.len() * 3 && score(titles, mapped) >= 3
}

/// Whether a row below a header begins another table: its own titles, and not those of the header. Cheap for rows of data.
#[must_use]
pub fn begins_another(row: &Row, header: &Header, mapped: &dyn Fn(&str) -> Option<Field>) -> bool {
    let Some(first) = row.cells().find(|cell| !cell.text.trim().is_empty()) else { return false };
    if first.text.len() > 60 || row.cells().len() > MOST_TITLES || exact(&normalise(first.text)).is_none() {
        return false;
    }
    is_table_header(&titles_of(row), mapped) && (!repeats(row, header) || differs(row, header))
}

/// Whether a row of titles names another field than the header somewhere: 案例篇幅 where 作品时长 stood.
fn differs(row: &Row, header: &Header) -> bool {
    row.cells().any(|cell| {
        let Ok(index) = header.titles.binary_search_by_key(&cell.column, |(known, _)| *known) else { return false };
        let above = header.titles.get(index).map(|(_, title)| meaning(title));
        match (above, exact(&normalise(cell.text))) {
            (Some(Meaning::Field(above)), Some(Meaning::Field(here))) => above != here,
            _ => false,
        }
    })
}

fn titles_of(row: &Row) -> Vec<(u32, String)> {
    row.cells().map(|cell| (cell.column, cell.text.trim().to_owned())).filter(|(_, text)| !text.is_empty()).collect()
}

/// How many different things the titles mean; a row where most cells mean nothing is no header.
fn score(titles: &[(u32, String)], mapped: &dyn Fn(&str) -> Option<Field>) -> usize {
    let mut meanings: Vec<Meaning> = Vec::new();
    let mut known = 0;
    for (_, title) in titles.iter().filter(|(_, title)| title.len() <= 300) {
        let found = mapped(title).map_or_else(|| meaning(title), Meaning::Field);
        if found.is_known() {
            known += 1;
            if !meanings.contains(&found) {
                meanings.push(found);
            }
        }
    }
    if known * 4 < titles.len() { 0 } else { meanings.len() }
}

/// A header of two rows: groups above (联系人), titles below (姓名, 电话). A group reaches as far as its cell is merged, else right until
/// the next one.
fn two_rows(
    row: &Row,
    above: &[(u32, String)],
    below: &Row,
    mapped: &dyn Fn(&str) -> Option<Field>,
) -> Option<(usize, Vec<(u32, String)>)> {
    // A title merged over both rows is itself below, too.
    let own = below.cells().filter(|cell| !cell.merged).map(|cell| (cell.column, cell.text.trim().to_owned()));
    let lower: Vec<(u32, String)> = own.filter(|(_, text)| !text.is_empty()).collect();
    let is_known = |title: &str| mapped(title).is_some() || meaning(title).is_known();
    let mut titles: Vec<(u32, String)> = above.to_vec();
    let mut is_grouped = false;
    for (column, title) in &lower {
        let group = above.iter().rev().find(|(start, _)| start <= column);
        let group = group.filter(|(start, _)| row.area(*start).is_none_or(|area| column - start < area.across));
        is_grouped |= group.is_some_and(|(start, _)| row.area(*start).is_some_and(|area| area.across > 1 && area.down == 1));
        let joined = format!("{}{title}", group.map_or("", |(_, group)| group.as_str()));
        let is_title = title.chars().count() <= 12;
        let joined = match (is_title && meaning(&joined).is_known(), is_title && is_known(title)) {
            (true, _) => joined,
            (false, true) => title.clone(),
            (false, false) => return None,
        };
        match titles.binary_search_by_key(column, |(known, _)| *known) {
            Ok(index) => {
                if let Some((_, known)) = titles.get_mut(index) {
                    *known = joined;
                }
            }
            Err(index) => titles.insert(index, (*column, joined)),
        }
    }
    if lower.is_empty() {
        return None;
    }
    // Ticked columns under a group (演讲, 微电影 under 参赛类型) add no meaning and are titles all the same.
    let found = score(&titles, mapped);
    (found > score(above, mapped) || is_grouped).then_some((found, titles))
}

/// Whether a row repeats the header, as continuation tables do: at least two cells and most of them are the titles above them.
#[must_use]
pub fn repeats(row: &Row, header: &Header) -> bool {
    // Cheap first: no data row has a cell that is its own title. Both lists go by column.
    let mut titles = header.titles.iter().peekable();
    let has_own_title = row.cells().any(|cell| {
        while titles.next_if(|(column, _)| *column < cell.column).is_some() {}
        let own = titles.peek().filter(|(column, title)| *column == cell.column && title.len() <= cell.text.len());
        own.is_some_and(|(_, title)| title == cell.text.trim())
    });
    if !has_own_title {
        return false;
    }
    let title = |column: u32| {
        let index = header.titles.binary_search_by_key(&column, |(known, _)| *known).ok()?;
        header.titles.get(index).map(|(_, title)| title.as_str())
    };
    let cells = row.cells().filter(|cell| !cell.text.trim().is_empty()).count();
    let same = row.cells().filter(|cell| title(cell.column).is_some_and(|title| normalise(title) == normalise(cell.text))).count();
    same >= 2 && same * 5 >= cells * 3
}
