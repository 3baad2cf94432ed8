//! Owns the invented inputs of the benchmarks: tables of works as offices send them, 23 columns and about a kilobyte a row, and a
//! contest with marks. The same texts on every machine, in any number.
//!
//! Titles are chained words and summaries are chained phrases, both drawn as language draws them (a few often, most seldom); one work
//! in fifty tells an earlier one again with a few characters changed, so that the search for look-alikes has something to find.

#[path = "dice.rs"]
mod dice;
#[path = "titles.rs"]
mod titles;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use dasai::domain::judging::{GivenPart, MarkValue, Panel};
use dasai::domain::values::{CategoryId, Points, RoundId};
use dasai::store::db::{Db, OperationHeader};
use dasai::store::results::{self, Origin};
use dasai::store::{entries, judging};
use jiff::Timestamp;

use dice::Dice;
pub(crate) use titles::TITLES;

impl Dice {
    fn phrases(&mut self, words: &[String], count: usize) -> Vec<String> {
        (0..count).map(|_| (0..2 + self.below(4)).map(|_| words[self.skewed(words.len())].as_str()).collect()).collect()
    }

    /// A text of that many characters, cut into sentences where `ends` says.
    fn text(&mut self, book: &[String], least: usize, most: usize, ends: &str) -> String {
        let length = least + self.below(most - least + 1);
        let mut text = String::new();
        let mut written = 0;
        while written < length {
            let phrase = &book[self.skewed(book.len())];
            written += phrase.chars().count() + ends.chars().count();
            text.push_str(phrase);
            text.push_str(ends);
        }
        text
    }

    /// The same text with one character in forty changed, at least one.
    fn retold(&mut self, text: &str) -> String {
        let mut copy: Vec<char> = text.chars().collect();
        for _ in 0..=copy.len() / 40 {
            let place = self.below(copy.len());
            copy[place] = self.hanzi();
        }
        copy.into_iter().collect()
    }
}

/// Rows of works, one after another.
pub(crate) struct Works {
    dice: Dice,
    words: Vec<String>,
    phrases: Vec<String>,
    /// The category of every work; `None`: the three of the notice in turn.
    category: Option<&'static str>,
    /// Titles and summaries that a later work may tell again.
    earlier: Vec<(String, String)>,
    number: usize,
}

impl Works {
    pub(crate) fn new(category: Option<&'static str>) -> Self {
        let mut dice = Dice(2024);
        let words = dice.words(4_000);
        let phrases = dice.phrases(&words, 20_000);
        Self { dice, words, phrases, category, earlier: Vec::new(), number: 0 }
    }
}

impl Iterator for Works {
    type Item = [String; 23];

    fn next(&mut self) -> Option<Self::Item> {
        self.number += 1;
        let number = self.number;
        let dice = &mut self.dice;
        let (title, summary) = if !self.earlier.is_empty() && dice.below(50) == 0 {
            let (title, summary) = &self.earlier[dice.below(self.earlier.len())];
            (dice.retold(title), dice.retold(summary))
        } else {
            (dice.text(&self.words, 8, 24, ""), dice.text(&self.phrases, 120, 260, "，"))
        };
        if dice.below(20) == 0 {
            self.earlier.push((title.clone(), summary.clone()));
        }
        // Three works a unit, far apart in the table.
        let unit = number * 7919 % 33_333;
        let category = self.category.unwrap_or_else(|| ["质量品牌故事演讲", "质量品牌故事微电影", "质量品牌创新案例"][number % 3]);
        let pick = |of: &[&str], at: usize| of[at % of.len()].to_owned();
        Some([
            number.to_string(),
            format!("上海{}第{unit}测试有限公司", self.words[unit % self.words.len()]),
            title,
            category.to_owned(),
            pick(&["上海服务", "上海制造", "上海购物", "上海文化"], number / 3),
            format!("某{}", self.words[number % 977]),
            format!("某{}", self.words[number % 887]),
            format!("1380000{:04}", number % 10_000),
            format!("user{number}@example.com"),
            pick(&["质量管理部", "党委办公室", "人力资源部", "品牌部"], number),
            pick(&["主管", "经理", "部长"], number),
            format!("上海市某区{}路{}号", self.words[number % 1_987], number % 1_000),
            format!("{:06}", 200_000 + number % 2_000),
            pick(&["国有", "民营", "外商投资", "专精特新"], unit),
            pick(&["是", "否"], unit),
            pick(&["集成电路", "生物医药", "人工智能"], unit),
            pick(&["电子信息", "生命健康", "汽车", "高端装备", "先进材料", "时尚消费品"], unit),
            format!("{}分{:02}秒", 5 + number % 3, number % 60),
            (2_000 + number % 1_000).to_string(),
            summary,
            pick(&["黄浦区市场监督管理局", "浦东新区市场监督管理局", "普陀区市场监督管理局", "金山区市场监督管理局"], unit),
            if number.is_multiple_of(4) { "上海市质量金奖".to_owned() } else { String::new() },
            format!("2024-07-{:02} {:02}:{:02}", 1 + number % 5, 8 + number % 9, number % 60),
        ])
    }
}

/// Writes a table of works as CSV, about a kilobyte a row.
pub(crate) fn write_csv(path: &Path, rows: usize, category: Option<&'static str>) {
    let mut writer = csv::Writer::from_path(path).unwrap();
    writer.write_record(TITLES).unwrap();
    for row in Works::new(category).take(rows) {
        writer.write_record(row).unwrap();
    }
    writer.flush().unwrap();
}

/// Writes the same table as a workbook of texts.
pub(crate) fn write_workbook(path: &Path, rows: usize) {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet_with_constant_memory().unwrap();
    for (title, column) in TITLES.iter().zip(0_u16..) {
        sheet.write_string(0, column, *title).unwrap();
    }
    for (row, number) in Works::new(None).take(rows).zip(1_u32..) {
        for (text, column) in row.iter().zip(0_u16..) {
            sheet.write_string(number, column, text).unwrap();
        }
    }
    book.save(path).unwrap();
}

/// The program that is measured. Debug builds of `cargo test` never get here.
pub(crate) fn program() -> PathBuf {
    // Benchmarks and examples lie beside the program's own folder: target/release/{deps,examples}/…
    let own = std::env::current_exe().unwrap();
    let folder = own.ancestors().nth(2).unwrap();
    folder.join(format!("dasai{}", std::env::consts::EXE_SUFFIX))
}

/// Runs a command of the program on a contest file and hands out what it said.
pub(crate) fn dasai(database: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(program());
    command.env("DASAI_NOW", "2024-07-06T09:00:00").env("DASAI_ACTOR", "测试员").arg("--db").arg(database).args(arguments);
    command.output().unwrap()
}

/// The same for a command that must succeed; findings are no failure.
pub(crate) fn done(database: &Path, arguments: &[&str]) -> Output {
    let output = dasai(database, arguments);
    assert!(matches!(output.status.code(), Some(0 | 3)), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// A new contest under the notice's own rules, holding nothing.
pub(crate) fn new_contest(path: &Path) {
    let output = Command::new(program()).arg("init").arg(path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A contest with that many works, imported from a table; the table stays beside it.
pub(crate) fn contest(path: &Path, works: usize, category: Option<&'static str>) {
    let table = path.with_extension("csv");
    write_csv(&table, works, category);
    new_contest(path);
    done(path, &["import", &table.to_string_lossy()]);
}

/// Gives every work of a contest of speeches a total from each of so many judges, in the preliminary round.
pub(crate) fn mark(path: &Path, judges: usize) {
    let at: Timestamp = "2024-09-01T01:00:00Z".parse().unwrap();
    let mut db = Db::open(path).unwrap();
    let works = entries::identities(&db.reader().unwrap()).unwrap();
    let header = OperationHeader { at, actor: "测试员".to_owned(), command: "dasai score import 评分.xlsx".to_owned() };
    let tx = db.operation(&header).unwrap();
    let round = RoundId::new("preliminary");
    let panel = Panel { category: CategoryId::new("speech"), round: round.clone(), zone: String::new() };
    let mut dice = Dice(7);
    let mut judge_ids = Vec::new();
    for number in 1..=judges {
        let judge = judging::insert_judge(&tx, &format!("评委{number}"), "").unwrap();
        judging::insert_panel(&tx, judge, &panel).unwrap();
        judge_ids.push(judge);
    }
    for work in &works {
        for &judge in &judge_ids {
            let points = Points::from_millionths(i64::try_from(600 + dice.below(400)).unwrap() * 100_000);
            let value = MarkValue::Given(points);
            let mark = judging::NewMark { entry: work.id, round: &round, judge, criterion: "", value, source: None, cell: "" };
            judging::insert_mark(&tx, &mark, at).unwrap();
        }
        let votes = GivenPart { entry: work.id, part: "观众投票得分".to_owned(), points: Points::from_millionths(80_000_000) };
        results::put_given_part(&tx, &round, &votes, Origin { at, source: None, cell: "" }).unwrap();
    }
    tx.finish("录入评分").unwrap();
}
