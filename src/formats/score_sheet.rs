//! Owns the reading of tables of marks: from a file's rows to [`ReceivedRow`]s. Four shapes are known by their headers: long (a row a
//! judge and work), matrix (a column a judge), given parts (a column a part), and a single judge's own sheet. Refuses to know which
//! works and judges exist and what a mark may be: that is `domain::mark_intake`.
//!
//! Decision worth knowing: rows stream; only the rows above the header are held.

use std::path::Path;

use super::headers::MOST_TITLES;
use super::problems::Fault;
pub use super::score_header::Layout;
use super::score_header::{Role, Vocabulary, own_titles, titles};
use super::sheet::{self, CellKind, Damage, Row, SheetInfo, Step, Unreadable};
use super::sheet_reader::{HELD_BYTES, row_list};
use crate::domain::command_word::word;
use crate::domain::folding::fold_text;
use crate::domain::judging::MarkValue;
use crate::domain::mark_intake::{ReceivedCell, ReceivedRow, ReceivedSheet, WorkReference};
use crate::domain::mark_text;
use crate::domain::problem::{Place, Problem, Severity};

#[cfg(test)]
mod tests;

/// How many rows may stand above the header.
const HEADER_SEARCH: usize = 40;

/// What the lines under a table begin with.
const FOOTERS: [&str; 19] = [
    "合计",
    "总计",
    "平均",
    "小计",
    "最高分",
    "最低分",
    "注:",
    "注：",
    "备注",
    "说明",
    "填表说明",
    "评委签",
    "签名",
    "签字",
    "填表人",
    "统分人",
    "监督",
    "记分员",
    "计分员",
];

/// What is met in a file, in its order.
#[derive(Debug)]
pub enum Event {
    /// A table begins: its sheet, shape, and what is wrong with it as a whole.
    Table {
        /// The sheet's name.
        sheet: String,
        /// Its shape; `None`: no table of marks.
        layout: Option<Layout>,
        /// Its problems.
        problems: Vec<Problem>,
    },
    /// A row of the table that was begun last.
    Row(ReceivedRow),
    /// A further problem of the table that was begun last.
    Problem(Problem),
}

/// Reads a file; `shown` is its path as messages name it.
///
/// # Errors
/// `Ok(Err(_))`: the file is no table. `Err(_)`: the sink's own error.
pub fn read<E>(
    path: &Path,
    shown: &str,
    vocabulary: &Vocabulary,
    sink: &mut dyn FnMut(Event) -> Result<(), E>,
) -> Result<Result<(), Unreadable>, E> {
    let mut reader = Reader {
        shown,
        vocabulary,
        info: SheetInfo::default(),
        above: Vec::new(),
        above_bytes: 0,
        table: None,
        closed: false,
        footers: Vec::new(),
        hidden_rows: Vec::new(),
    };
    sheet::walk(path, &mut |step| reader.step(&step, sink))
}

struct Reader<'a> {
    shown: &'a str,
    vocabulary: &'a Vocabulary,
    info: SheetInfo,
    /// Rows before the header, and about how many bytes they take.
    above: Vec<Row>,
    above_bytes: usize,
    table: Option<Table>,
    /// The sheet's table cannot be read; its rows are passed over.
    closed: bool,
    /// Sums, notes and signatures that were passed over.
    footers: Vec<u32>,
    /// Rows of data that the workbook hides.
    hidden_rows: Vec<u32>,
}

/// A table whose header was found.
struct Table {
    layout: Layout,
    number: Option<u32>,
    organization: Option<u32>,
    title: Option<u32>,
    judge: Option<u32>,
    /// Columns of the criteria in the sheet's order; empty: totals only.
    criteria: Vec<u32>,
    total: Option<u32>,
    judges: Vec<(u32, String)>,
    parts: Vec<(usize, u32)>,
    /// The one judge of a single sheet.
    single: Option<String>,
    header: Vec<(u32, String)>,
    /// The work of the row before, for merged cells.
    last_work: Option<WorkReference>,
    carried: bool,
}

impl Reader<'_> {
    fn step<E>(&mut self, step: &Step<'_>, sink: &mut dyn FnMut(Event) -> Result<(), E>) -> Result<(), E> {
        match step {
            Step::Sheet(info) => {
                self.info = (*info).clone();
                self.above.clear();
                self.above_bytes = 0;
                self.table = None;
                self.closed = false;
                self.footers.clear();
                self.hidden_rows.clear();
                Ok(())
            }
            Step::Row(row) if row.is_blank() || self.closed => Ok(()),
            Step::Row(row) if self.table.is_some() => self.data(row, sink),
            Step::Row(row) => {
                self.above_bytes = self.above_bytes.saturating_add(row.cost());
                self.above.push((*row).clone());
                self.find_header(false, sink)
            }
            Step::Damage(damage) => {
                let (row, message) = match *damage {
                    Damage::UnclosedQuote { row } => (row, "引号没有闭合，后面的内容都算在一个单元格里"),
                    Damage::Broken { after: 0 } => (0, "工作表无法读取"),
                    Damage::Broken { after } => (after, "这一行之后无法读取"),
                };
                let row = (row > 0).then_some(row);
                let problem = self.problem("J124", Severity::Error, row, None, message.to_owned(), "用 Excel 打开核对，另存后再导入");
                if self.table.is_none() {
                    self.open_without_table(sink)?;
                }
                sink(Event::Problem(problem))
            }
            Step::End => {
                if self.table.is_none() && !self.closed {
                    self.find_header(true, sink)?;
                }
                if self.table.is_none() && !self.closed && !self.above.is_empty() {
                    let problem = self.problem(
                        "J120",
                        Severity::Error,
                        None,
                        None,
                        "没有找到评分表的表头".to_owned(),
                        "表头要有“作品编号”（或单位和作品名称），以及“评委”、各评分项或“总分”、评委姓名、给定分名称之一",
                    );
                    self.open_without_table(sink)?;
                    sink(Event::Problem(problem))?;
                }
                self.passed_over(sink)
            }
        }
    }

    /// Tells at a table's end which rows it was read without, and which hidden ones it was read with.
    fn passed_over<E>(&mut self, sink: &mut dyn FnMut(Event) -> Result<(), E>) -> Result<(), E> {
        for (fault, rows) in [(Fault::SkippedRows, &self.footers), (Fault::HiddenRows, &self.hidden_rows)] {
            if let Some(first) = rows.first() {
                let detail = format!("{} 行（第 {} 行）", rows.len(), row_list(rows));
                sink(Event::Problem(fault.at(self.place(Some(*first), None), None, "", &detail)))?;
            }
        }
        Ok(())
    }

    fn place(&self, row: Option<u32>, column: Option<u32>) -> Place {
        Place { file: self.shown.to_owned(), sheet: self.info.name.clone(), row, column }
    }

    fn open_without_table<E>(&mut self, sink: &mut dyn FnMut(Event) -> Result<(), E>) -> Result<(), E> {
        self.closed = true;
        sink(Event::Table { sheet: self.info.name.clone(), layout: None, problems: Vec::new() })
    }

    fn problem(
        &self,
        code: &'static str,
        severity: Severity,
        row: Option<u32>,
        column: Option<u32>,
        message: String,
        hint: impl Into<String>,
    ) -> Problem {
        let place = self.place(row, column);
        Problem { code, severity, place, field: None, value: String::new(), message, hint: hint.into() }
    }

    /// Looks at the row before the last one: a header may take one row or two, so one more row is awaited.
    fn find_header<E>(&mut self, at_end: bool, sink: &mut dyn FnMut(Event) -> Result<(), E>) -> Result<(), E> {
        let position = if at_end { self.above.len().checked_sub(1) } else { self.above.len().checked_sub(2) };
        let Some(position) = position else { return Ok(()) };
        let (Some(row), below) = (self.above.get(position), self.above.get(position + 1)) else { return Ok(()) };
        let first = titles(row);
        let names_work = |header: &[(u32, String)]| {
            let has = |wanted: Role| header.iter().any(|(_, title)| self.vocabulary.role(title) == wanted);
            has(Role::Number) || (has(Role::Organization) && has(Role::Title))
        };
        let marks = |header: &[(u32, String)]| header.iter().filter(|(_, title)| self.vocabulary.role(title).is_mark()).count();
        if first.len() <= MOST_TITLES && names_work(&first) {
            // A title merged over both rows is itself below, too.
            let second = below.map(own_titles).filter(|second| second.len() <= MOST_TITLES).unwrap_or_default();
            let beside = |column: u32| second.iter().all(|(other, _)| *other != column);
            let identity_is_blank = first
                .iter()
                .filter(|(_, title)| matches!(self.vocabulary.role(title), Role::Number | Role::Organization | Role::Title))
                .all(|(column, _)| beside(*column));
            let two_rows = identity_is_blank && marks(&second) > 0;
            let header = if two_rows {
                let mut joined: Vec<_> = first.iter().filter(|(column, _)| beside(*column)).chain(&second).cloned().collect();
                joined.sort();
                joined
            } else {
                first
            };
            let has_judge = header.iter().any(|(_, title)| self.vocabulary.role(title) == Role::Judge);
            let may_be_matrix = header.iter().any(|(_, title)| self.vocabulary.role(title) == Role::Unknown);
            if marks(&header) > 0 || has_judge || (may_be_matrix && header.len() > 2) {
                let data: Vec<Row> = self.above.split_off((position + if two_rows { 2 } else { 1 }).min(self.above.len()));
                return self.open(&header, data, sink);
            }
        }
        if self.above.len() > HEADER_SEARCH || self.above_bytes > HELD_BYTES {
            let problem = self.problem(
                "J120",
                Severity::Error,
                None,
                None,
                format!("前 {HEADER_SEARCH} 行里没有评分表的表头"),
                "表头要有“作品编号”（或单位和作品名称），以及“评委”、各评分项或“总分”、评委姓名、给定分名称之一",
            );
            self.open_without_table(sink)?;
            sink(Event::Problem(problem))?;
        }
        Ok(())
    }

    /// Opens a table with its header, then hands on the rows that were held.
    fn open<E>(&mut self, header: &[(u32, String)], held: Vec<Row>, sink: &mut dyn FnMut(Event) -> Result<(), E>) -> Result<(), E> {
        let row = self.above.last().map(Row::number);
        let mut problems = Vec::new();
        let table = self.understand(header, row, &mut problems);
        self.above.truncate(HEADER_SEARCH);
        self.closed = table.is_none();
        sink(Event::Table { sheet: self.info.name.clone(), layout: table.as_ref().map(|table| table.layout), problems })?;
        self.table = table;
        for row in held {
            if self.table.is_some() && !row.is_blank() {
                self.data(&row, sink)?;
            }
        }
        Ok(())
    }

    /// What the columns of a header mean together.
    fn understand(&self, header: &[(u32, String)], row: Option<u32>, problems: &mut Vec<Problem>) -> Option<Table> {
        let mut table = Table {
            layout: Layout::Long,
            number: None,
            organization: None,
            title: None,
            judge: None,
            criteria: Vec::new(),
            total: None,
            judges: Vec::new(),
            parts: Vec::new(),
            single: None,
            header: header.to_vec(),
            last_work: None,
            carried: false,
        };
        let mut criteria: Vec<Option<u32>> = vec![None; self.vocabulary.criteria()];
        let mut totals: Vec<(u8, u32, &str)> = Vec::new();
        let mut ignored: Vec<&str> = Vec::new();
        let mut unknown: Vec<(u32, &str)> = Vec::new();
        let mut readable = true;
        for (column, title) in header {
            let mut twice = |taken: bool, problems: &mut Vec<Problem>| {
                if taken {
                    let message = format!("有两列都是“{title}”，不知道用哪一列；这张表没有导入");
                    problems.push(self.problem("J121", Severity::Error, row, Some(*column), message, "删去或改名其中一列后再导入"));
                    readable = false;
                }
            };
            match self.vocabulary.role(title) {
                Role::Blank => {}
                Role::Number => twice(table.number.replace(*column).is_some(), problems),
                Role::Organization => twice(table.organization.replace(*column).is_some(), problems),
                Role::Title => twice(table.title.replace(*column).is_some(), problems),
                Role::Judge => twice(table.judge.replace(*column).is_some(), problems),
                Role::Criterion(position) => {
                    twice(criteria.get_mut(position).is_some_and(|place| place.replace(*column).is_some()), problems);
                }
                Role::Part(position) => {
                    twice(table.parts.iter().any(|(part, _)| *part == position), problems);
                    table.parts.push((position, *column));
                }
                Role::JudgeColumn => {
                    let name = self.vocabulary.judge_of_column(title).unwrap_or(title).to_owned();
                    twice(table.judges.iter().any(|(_, judge)| *judge == name), problems);
                    table.judges.push((*column, name));
                }
                Role::Total(rank) => totals.push((rank, *column, title)),
                Role::Ignored => ignored.push(title),
                Role::Unknown => unknown.push((*column, title)),
            }
        }
        if !readable {
            return None;
        }
        let named = criteria.iter().filter(|column| column.is_some()).count();
        totals.sort_unstable();
        let is_matrix = table.judge.is_none() && named == 0 && (!table.judges.is_empty() || (totals.is_empty() && table.parts.is_empty()));
        table.layout = if is_matrix {
            Layout::Matrix
        } else if table.judge.is_some() {
            Layout::Long
        } else if named > 0 || (table.parts.is_empty() && !totals.is_empty()) {
            Layout::Single
        } else {
            Layout::Given
        };
        if matches!(table.layout, Layout::Long | Layout::Single) {
            if let [(rank, _, title), (other, column, again), ..] = totals.as_slice()
                && rank == other
            {
                let names = if title == again { format!("“{title}”") } else { format!("“{title}”和“{again}”") };
                let message = format!("有两列总分：{names}，不知道用哪一列；这张表没有导入");
                problems.push(self.problem("J121", Severity::Error, row, Some(*column), message, "删去或改名其中一列后再导入"));
                return None;
            }
            table.total = totals.first().map(|(_, column, _)| *column);
            ignored.extend(totals.iter().skip(1).map(|(_, _, title)| *title));
            ignored.extend(table.judges.drain(..).map(|_| "评委姓名的列"));
        } else {
            ignored.extend(totals.iter().map(|(_, _, title)| *title));
        }
        for (column, title) in unknown {
            self.unknown_column(&table, row, column, title, problems);
        }
        if named > 0 && named < criteria.len() {
            let lacking: Vec<&str> = (0..criteria.len())
                .filter(|position| criteria.get(*position) == Some(&None))
                .map(|position| self.vocabulary.criterion(position))
                .collect();
            let message = format!("缺少评分项的列：{}；这张表没有导入", lacking.join("、"));
            problems.push(self.problem(
                "J121",
                Severity::Error,
                row,
                None,
                message,
                "补上这些列，或改正列名；评分项用 dasai rules show 查看",
            ));
            return None;
        }
        if named > 0 {
            table.criteria = criteria.into_iter().flatten().collect();
        }
        if table.layout == Layout::Long && table.criteria.is_empty() && table.total.is_none() && table.parts.is_empty() {
            let message = "有“评委”列，没有评分项和“总分”的列；这张表没有导入".to_owned();
            problems.push(self.problem("J121", Severity::Error, row, None, message, "补上各评分项的列，或一列“总分”"));
            return None;
        }
        if table.layout == Layout::Single {
            table.single = self.judge_above().or_else(|| self.vocabulary.judge(&self.info.name).map(str::to_owned));
            if table.single.is_none() {
                let message = "不知道是哪位评委的分数：没有“评委”列，表的上方也没有“评委：姓名”；这张表没有导入".to_owned();
                problems.push(self.problem("J122", Severity::Error, row, None, message, "加一列“评委”，或在表的上方写“评委：姓名”"));
                return None;
            }
        }
        if self.info.hidden {
            problems.push(Fault::HiddenSheet.at(self.place(None, None), None, "", ""));
        }
        let is_hidden = |column: u32| self.info.hidden_columns.iter().any(|(first, last)| (*first..=*last).contains(&column));
        let used = header.iter().filter(|(column, title)| is_hidden(*column) && self.vocabulary.role(title).is_used());
        let hidden: Vec<String> = used.map(|(_, title)| format!("“{title}”")).collect();
        if !hidden.is_empty() {
            problems.push(Fault::HiddenColumns.at(self.place(row, None), None, "", &hidden.join("、")));
        }
        if !ignored.is_empty() {
            let message = format!("没有用到的列：{}", ignored.join("、"));
            problems.push(self.problem("J123", Severity::Info, row, None, message, ""));
        }
        Some(table)
    }

    fn unknown_column(&self, table: &Table, row: Option<u32>, column: u32, title: &str, problems: &mut Vec<Problem>) {
        let similar = self.vocabulary.similar(&fold_text(title));
        let title = title.trim();
        let problem = match (similar, table.layout) {
            (Some(similar), _) => {
                let message = format!("不认识的列“{title}”，没有导入");
                self.problem("J106", Severity::Error, row, Some(column), message, format!("是不是“{similar}”？改正列名后再导入"))
            }
            (None, Layout::Matrix) => {
                let message = format!("没有名叫“{title}”的评委，这一列没有导入");
                let hint = format!("若是评委，先登记：dasai judge add {} --panel 参赛类型/轮次；若不是，可以不管", word(title));
                self.problem("J106", Severity::Error, row, Some(column), message, hint)
            }
            (None, Layout::Long | Layout::Given | Layout::Single) => {
                let message = format!("不认识的列“{title}”，没有导入");
                self.problem("J123", Severity::Warning, row, Some(column), message, "若它该是评分项，改正列名后再导入")
            }
        };
        problems.push(problem);
    }

    /// `评委：王芳` above the table, or `评委姓名` with the name in the next cell.
    fn judge_above(&self) -> Option<String> {
        for row in &self.above {
            let mut cells = row.cells();
            while let Some(cell) = cells.next() {
                let folded = fold_text(cell.text);
                let Some(rest) = folded.strip_prefix("评委") else { continue };
                let rest = rest.strip_prefix("姓名").unwrap_or(rest);
                let named = rest.trim_start_matches([':', '：']);
                if named.is_empty() {
                    return cells.next().map(|next| next.text.trim().to_owned()).filter(|name| !name.is_empty());
                }
                if named.len() < rest.len() || self.vocabulary.judge(named).is_some() {
                    return Some(named.to_owned());
                }
            }
        }
        None
    }

    fn data<E>(&mut self, row: &Row, sink: &mut dyn FnMut(Event) -> Result<(), E>) -> Result<(), E> {
        let Some(table) = &mut self.table else { return Ok(()) };
        if table.is_footer(row) {
            self.footers.push(row.number());
            return Ok(());
        }
        if table.repeats_header(row) {
            return Ok(());
        }
        let Some(mut received) = table.received(row) else { return Ok(()) };
        if row.is_hidden() {
            self.hidden_rows.push(row.number());
        }
        if table.carried {
            table.carried = false;
            let message = "作品编号空着，按合并单元格用了上一行的作品".to_owned();
            let problem = self.problem(
                "J125",
                Severity::Warning,
                Some(row.number()),
                None,
                message,
                "请核对这一行是谁的分数；不是合并单元格的，在原表写上作品编号后重新导入",
            );
            sink(Event::Problem(problem))?;
        }
        let marks = received.sheets.iter_mut().flat_map(|sheet| sheet.criteria.iter_mut().chain(&mut sheet.total));
        for cell in marks.chain(received.parts.iter_mut().map(|(_, cell)| cell)) {
            if let Some(problem) = self.unusable(row, cell) {
                cell.text.clear();
                sink(Event::Problem(problem))?;
            }
        }
        sink(Event::Row(received))
    }

    /// What is wrong with a cell of marks whose value is not its own, or not there. A state (缺席) may be merged over several works.
    fn unusable(&self, row: &Row, received: &ReceivedCell) -> Option<Problem> {
        let cell = row.cell(received.column)?;
        let place = (Some(row.number()), Some(received.column));
        if cell.kind == CellKind::Uncomputed {
            return Some(Fault::Uncomputed.at(self.place(place.0, place.1), None, cell.text, ""));
        }
        let covers_rows = cell.merged || row.area(received.column).is_some_and(|area| area.down > 1);
        if covers_rows && matches!(mark_text::read(cell.text), Ok(Some(MarkValue::Given(_)))) {
            let message = format!("分数 {} 在合并了几行的单元格里，不知道是哪件作品的，没有记入", cell.text.trim());
            return Some(self.problem("J126", Severity::Error, place.0, place.1, message, "拆分合并的单元格，各行写各自的分数后再导入"));
        }
        None
    }
}

impl Table {
    fn text(row: &Row, column: Option<u32>) -> &str {
        column.map_or("", |column| row.text(column))
    }

    fn cell(row: &Row, column: u32) -> ReceivedCell {
        ReceivedCell { column, text: row.text(column).to_owned() }
    }

    /// A header printed again on a later page.
    fn repeats_header(&self, row: &Row) -> bool {
        let identity = [self.number, self.organization, self.title];
        identity.iter().flatten().any(|column| {
            let text = row.text(*column);
            !text.is_empty() && self.header.iter().any(|(other, title)| other == column && fold_text(title) == fold_text(text))
        })
    }

    /// Sums, notes and signature lines under a table: their word stands first, and no work is named beside it. Where titles stand first,
    /// one that begins with such a word is told by its unit.
    fn is_footer(&self, row: &Row) -> bool {
        let Some(first) = row.cells().find(|cell| !cell.text.trim().is_empty()) else { return true };
        let is_beside = |column: &u32| *column != first.column && !row.text(*column).is_empty();
        let names_work = [self.number, self.title].iter().flatten().any(is_beside)
            || (self.title == Some(first.column) && self.organization.iter().any(is_beside));
        if first.text.is_ascii() || names_work {
            return false;
        }
        let folded = fold_text(first.text);
        FOOTERS.iter().any(|word| folded.starts_with(word))
    }

    /// The row as data; `None`: it says nothing (no work and no marks).
    fn received(&mut self, row: &Row) -> Option<ReceivedRow> {
        let mut sheets = Vec::new();
        match self.layout {
            Layout::Matrix => {
                for (column, judge) in &self.judges {
                    let judge = ReceivedCell { column: *column, text: judge.clone() };
                    sheets.push(ReceivedSheet { judge, criteria: Vec::new(), total: Some(Self::cell(row, *column)) });
                }
            }
            Layout::Long | Layout::Single => {
                let judge = match (&self.single, self.judge) {
                    (Some(name), _) => {
                        ReceivedCell { column: self.criteria.first().copied().or(self.total).unwrap_or_default(), text: name.clone() }
                    }
                    (None, Some(column)) => Self::cell(row, column),
                    (None, None) => ReceivedCell::default(),
                };
                let criteria = self.criteria.iter().map(|column| Self::cell(row, *column)).collect();
                sheets.push(ReceivedSheet { judge, criteria, total: self.total.map(|column| Self::cell(row, column)) });
            }
            Layout::Given => {}
        }
        let parts: Vec<_> = self.parts.iter().map(|(part, column)| (*part, Self::cell(row, *column))).collect();
        let mut work = WorkReference {
            column: self.number.or(self.title).or(self.organization).unwrap_or_default(),
            number: Self::text(row, self.number).to_owned(),
            organization: Self::text(row, self.organization).to_owned(),
            title: Self::text(row, self.title).to_owned(),
        };
        let nameless = work.number.is_empty() && work.title.is_empty();
        let filled = sheets.iter().any(|sheet| sheet.criteria.iter().chain(&sheet.total).any(|cell| !cell.text.is_empty()))
            || parts.iter().any(|(_, cell)| !cell.text.is_empty());
        if nameless && !filled {
            return None;
        }
        let names_judge = self.judge.is_some_and(|column| !row.text(column).is_empty());
        if nameless
            && work.organization.is_empty()
            && names_judge
            && let Some(last) = &self.last_work
        {
            work = last.clone();
            self.carried = true;
        } else {
            self.last_work = Some(work.clone());
        }
        Some(ReceivedRow { row: row.number(), work, sheets, parts })
    }
}
