//! Owns what 附件3 参赛作品推荐表 says, word for word, and how it stands on paper. Refuses to know where its works come from and how it is
//! written; reading one back is `formats::recommendation`.
//!
//! Decision worth knowing: a sheet without works is the blank form, with the six empty rows of the notice. A sheet with works has no empty
//! row: nothing can be written into it after the stamp.

use jiff::civil::Date;

use super::paper::{Alignment, Block, Face, Length, Look, Paper, Paragraph, Table, TableColumn, TableRow, TypeSize};
use super::privacy::{Email, PersonName, Phone};
use super::rules::Deadline;

/// A recommendation sheet to be printed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SheetContent {
    /// The contest's name.
    pub contest: String,
    /// 推荐区局/行业/集团; empty on a blank form.
    pub recommender: String,
    /// 推荐目录 in its order.
    pub rows: Vec<SheetRow>,
    /// 推荐声明; `None`: the notice's own, [`DECLARATION`].
    pub declaration: Option<String>,
    /// Who fills it in, as far as known.
    pub filler: SheetFiller,
    /// Until when the stamped scan must be in.
    pub deadline: Option<Deadline>,
}

/// A work on the sheet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SheetRow {
    /// 排序, from 1; `None`: not decided.
    pub order: Option<u32>,
    /// The work's number. Not printed; names the work where a character of it cannot be.
    pub number: String,
    /// 申报单位名称（全称）.
    pub organization: String,
    /// 参赛作品名称.
    pub title: String,
    /// 作品类型: the category's name.
    pub category: String,
    /// 推荐意见.
    pub opinion: String,
}

/// Who fills the sheet in. Printed whole: it is the recommender's own form.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SheetFiller {
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
    /// 填表日期.
    pub date: Option<Date>,
}

/// The title of the form.
pub const TITLE: &str = "参赛作品推荐表";
/// The titles of its directory.
pub const COLUMNS: [&str; 5] = ["排序", "申报单位名称（全称）", "参赛作品名称", "作品类型", "推荐意见"];
/// 二、推荐声明, as the notice has it.
pub const DECLARATION: &str = "本单位遵守上海市群众性质量提升活动的有关规定，承诺遵守评审工作纪律，所提供的推荐申报材料真实有效，且不存在任何违反《中华人民共和国保守国家秘密法》等相关法律法规及侵犯他人知识产权的情形。如存在争议，将积极调查处理。如存在材料虚假或违纪行为，将承担相应责任。";
/// How unit, title and opinion may share the width, the usual way first.
const SHARES: [[u16; 3]; 7] = [[33, 30, 23], [30, 28, 28], [27, 26, 33], [24, 24, 38], [22, 22, 42], [37, 26, 23], [29, 34, 23]];
/// Rows of the blank form.
const BLANK_ROWS: usize = 6;

impl SheetContent {
    /// The sheet on paper.
    #[must_use]
    pub fn paper(&self) -> Paper {
        let table = Table {
            columns: self.columns(),
            header: COLUMNS.map(str::to_owned).to_vec(),
            rows: if self.rows.is_empty() { vec![TableRow::of([""; COLUMNS.len()]); BLANK_ROWS] } else { self.table_rows() },
            look: Look { face: Face::Song, size: TypeSize::Five },
            row_height: Length::points(26),
        };
        let declaration = self.declaration.as_deref().unwrap_or(DECLARATION);
        let mut end: Vec<Block> = vec![
            Paragraph { before: Length::points(14), ..Paragraph::heading("二、推荐声明") }.into(),
            Paragraph::body(declaration).into(),
            Block::Space(Length::points(10)),
        ];
        end.extend(self.filled_in().map(Block::from));
        end.push(Paragraph::text(self.note()).in_look(Face::Song, TypeSize::Five).spaced(Length::points(10), Length(0)).into());
        let recommender = format!("推荐区局/行业/集团（盖章）：{}", self.recommender);
        Paper {
            title: format!("{}{TITLE}", self.contest),
            author: self.recommender.clone(),
            is_numbered: true,
            blocks: vec![
                Paragraph::subtitle(self.contest.as_str()).into(),
                Paragraph::title(TITLE).into(),
                Paragraph { keeps_with_next: true, subject: self.recommender.clone(), ..Paragraph::text(recommender) }
                    .spaced(Length(0), Length::points(2))
                    .into(),
                Paragraph::heading("一、推荐目录").into(),
                table.into(),
                Block::Together(end),
            ],
            ..Paper::default()
        }
    }

    /// The columns in the shares that take the fewest lines: a long opinion gets room from short names.
    fn columns(&self) -> Vec<TableColumn> {
        let halves: Vec<[usize; 3]> =
            self.rows.iter().map(|row| [&row.organization, &row.title, &row.opinion].map(|text| halves(text))).collect();
        let height = |shares: &[u16; 3]| -> usize {
            // In the table's type, five shares are four half-width characters, one of which is margin.
            let room = |share: u16| (usize::from(share) * 4 / 5).saturating_sub(1).max(1);
            let lines = |row: &[usize; 3]| row.iter().zip(shares).map(|(halves, share)| halves.div_ceil(room(*share))).max();
            halves.iter().filter_map(lines).sum()
        };
        let [organization, title, opinion] = SHARES.into_iter().min_by_key(height).unwrap_or([33, 30, 23]);
        vec![
            TableColumn::new(7, Alignment::Centre),
            TableColumn::new(organization, Alignment::Left),
            TableColumn::new(title, Alignment::Left),
            TableColumn::new(14, Alignment::Centre),
            TableColumn::new(opinion, Alignment::Left),
        ]
    }

    fn table_rows(&self) -> Vec<TableRow> {
        let row = |row: &SheetRow| {
            let order = row.order.map_or_else(String::new, |order| order.to_string());
            let cells = [order.as_str(), &row.organization, &row.title, &row.category, &row.opinion];
            TableRow::of(cells).about(subject(&row.number, &row.title))
        };
        self.rows.iter().map(row).collect()
    }

    /// The lines under the declaration, empty ones to be filled in by hand.
    fn filled_in(&self) -> impl Iterator<Item = Paragraph> {
        let filler = &self.filler;
        let date = filler.date.map_or_else(String::new, long_date);
        let lines = [
            format!("填表人：{}", filler.name.reveal()),
            format!("部门：{}", filler.department),
            format!("职务：{}", filler.position),
            format!("电话：{}", filler.phone.reveal()),
            format!("邮箱：{}", filler.email.reveal()),
            format!("填表日期：{date}"),
        ];
        // Half-way across the page: room for the stamp is left of it.
        lines.into_iter().map(|line| Paragraph { left: 19, ..Paragraph::text(line) })
    }

    fn note(&self) -> String {
        let until = self.deadline.map_or_else(String::new, |deadline| format!("最晚于{}", before(deadline)));
        format!("注：此表在线自动生成PDF版，是推荐单位的正式汇总材料，敬请打印加盖公章后，将扫描件（PDF版）{until}在线提交。")
    }
}

/// The width of a text in half characters, as far as ASCII goes.
fn halves(text: &str) -> usize {
    text.chars().map(|character| if character.is_ascii() { 1 } else { 2 }).sum()
}

/// How reports name a work: Y001《质量之光》.
#[must_use]
pub fn subject(number: &str, title: &str) -> String {
    format!("{number}《{title}》")
}

/// 2024年7月10日.
#[must_use]
pub fn long_date(date: Date) -> String {
    format!("{}年{}月{}日", date.year(), date.month(), date.day())
}

/// 7月10日前; with its time where that is not the end of the day: 7月10日17:00前.
fn before(deadline: Deadline) -> String {
    let (date, time) = (deadline.0.date(), deadline.0.time());
    if deadline.is_end_of_day() {
        format!("{}月{}日前", date.month(), date.day())
    } else {
        format!("{}月{}日{:02}:{:02}前", date.month(), date.day(), time.hour(), time.minute())
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use jiff::civil::date;

    use super::*;

    /// What a sheet says, a line a paragraph, cells parted by bars.
    fn words(blocks: &[Block]) -> String {
        let mut text = String::new();
        for block in blocks {
            match block {
                Block::Paragraph(paragraph) => {
                    let _ = writeln!(text, "{}", paragraph.words());
                }
                Block::Table(table) => {
                    let _ = writeln!(text, "| {} |", table.header.join(" | "));
                    for row in &table.rows {
                        let cells: Vec<String> =
                            row.cells.iter().map(|cell| cell.spans.iter().map(|span| span.text.as_str()).collect()).collect();
                        let _ = writeln!(text, "| {} |", cells.join(" | "));
                    }
                }
                Block::Together(inner) => text.push_str(&words(inner)),
                Block::Space(_) | Block::PageBreak => {}
            }
        }
        text
    }

    #[test]
    fn a_sheet_says_what_annex_3_says() {
        let sheet = SheetContent {
            contest: "2024年上海市质量品牌故事大赛".to_owned(),
            recommender: "试样区市场监督管理局".to_owned(),
            rows: vec![SheetRow {
                order: Some(1),
                number: "Y001".to_owned(),
                organization: "上海试样厂".to_owned(),
                title: "一颗螺丝钉".to_owned(),
                category: "质量品牌故事演讲".to_owned(),
                opinion: "同意推荐".to_owned(),
            }],
            filler: SheetFiller { department: "质量科".to_owned(), date: Some(date(2024, 7, 8)), ..SheetFiller::default() },
            deadline: Some(Deadline::end_of(date(2024, 7, 10))),
            ..SheetContent::default()
        };
        let paper = sheet.paper();
        insta::assert_snapshot!(words(&paper.blocks), @r"
        2024年上海市质量品牌故事大赛
        参赛作品推荐表
        推荐区局/行业/集团（盖章）：试样区市场监督管理局
        一、推荐目录
        | 排序 | 申报单位名称（全称） | 参赛作品名称 | 作品类型 | 推荐意见 |
        | 1 | 上海试样厂 | 一颗螺丝钉 | 质量品牌故事演讲 | 同意推荐 |
        二、推荐声明
        本单位遵守上海市群众性质量提升活动的有关规定，承诺遵守评审工作纪律，所提供的推荐申报材料真实有效，且不存在任何违反《中华人民共和国保守国家秘密法》等相关法律法规及侵犯他人知识产权的情形。如存在争议，将积极调查处理。如存在材料虚假或违纪行为，将承担相应责任。
        填表人：
        部门：质量科
        职务：
        电话：
        邮箱：
        填表日期：2024年7月8日
        注：此表在线自动生成PDF版，是推荐单位的正式汇总材料，敬请打印加盖公章后，将扫描件（PDF版）最晚于7月10日前在线提交。
        ");
        let shares = |sheet: &SheetContent| sheet.columns().iter().map(|column| column.share).collect::<Vec<_>>();
        assert_eq!(shares(&sheet), [7, 33, 30, 14, 23]);
        let mut wordy = sheet.clone();
        wordy.rows[0].opinion = "主题鲜明".repeat(60);
        assert_eq!(shares(&wordy), [7, 22, 22, 14, 42]);
        let blank = SheetContent { deadline: None, rows: Vec::new(), ..sheet };
        let text = words(&blank.paper().blocks);
        assert_eq!(text.matches("|  |  |  |  |  |").count(), BLANK_ROWS);
        assert!(text.ends_with("将扫描件（PDF版）在线提交。\n"), "{text}");
    }

    #[test]
    fn a_deadline_within_a_day_has_its_time() {
        assert_eq!(before(Deadline(date(2024, 7, 10).at(17, 30, 0, 0))), "7月10日17:30前");
    }
}
