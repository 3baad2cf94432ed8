//! Owns `demo`: a whole contest on the sample of `fixtures/demo`, by the same commands that staff type. Refuses to do anything by
//! another way: each step goes through [`cli::run`], and what it prints is what the command printed.
//!
//! Decision worth knowing: the sample's marks are made here, because they need the numbers that the import gave and the works that
//! advanced; they are written as the tables that a contest office gets, and come in through `score import`.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use clap::Args;

use super::cli::{self, Environment};
use super::context::{Context, Outcome};
use super::demo_marks;
use crate::domain::command_word;
use crate::domain::listing::{Cell, Document};
use crate::error::AppError;
use crate::output::ui::Format;

/// Arguments of `demo`.
#[derive(Debug, Args)]
#[command(after_help = "示例：\n  dasai demo\n  dasai demo 演示大赛")]
pub struct DemoArgs {
    /// 放在哪个文件夹（不存在则新建；不能放进已有内容的文件夹）
    #[arg(value_name = "文件夹", default_value = "大赛演示")]
    folder: PathBuf,
}

/// The sample as it was received: name in the folder, content.
const RECEIVED: [(&str, &[u8]); 4] = [
    ("收件/在线报名表.xlsx", include_bytes!("../../fixtures/demo/registrations.xlsx")),
    ("收件/作品申报汇总.xlsx", include_bytes!("../../fixtures/demo/entries.xlsx")),
    ("收件/金山赛区报名.csv", include_bytes!("../../fixtures/demo/entries-gbk.csv")),
    ("评委名单.xlsx", include_bytes!("../../fixtures/demo/judges.xlsx")),
];

/// The contest file.
const DATABASE: &str = "2024演示.dasai";

/// One thing that the demonstration does.
enum Step {
    /// A heading.
    Heading(&'static str),
    /// A command, and how many lines of its result are shown.
    Command(&'static [&'static str], usize),
    /// The tables of marks of a round are made: category, round.
    Marks(&'static str, &'static str),
}

/// The contest, from the first file to the award list.
const STEPS: &[Step] = &[
    Step::Heading("一、建立大赛，导入收到的报名表"),
    Step::Command(&["init", DATABASE, "--rules", "shanghai-2024"], 8),
    Step::Command(&["import", "收件"], 24),
    Step::Command(&["quarantine", "list"], 12),
    Step::Heading("二、审查"),
    Step::Command(&["check", "--severity", "error"], 16),
    Step::Command(&["screen", "list", "--blocked"], 12),
    Step::Heading("三、评委与初赛评分"),
    Step::Command(&["judge", "import", "评委名单.xlsx"], 4),
    Step::Marks("speech", "preliminary"),
    Step::Command(&["score", "import", "评分/演讲-初赛", "--category", "speech", "--round", "preliminary"], 6),
    Step::Marks("film", "preliminary"),
    Step::Command(&["score", "import", "评分/微电影-初赛", "--category", "film", "--round", "preliminary"], 6),
    Step::Marks("case", "preliminary"),
    Step::Command(&["score", "import", "评分/创新案例-初审", "--category", "case", "--round", "preliminary"], 6),
    Step::Command(&["score", "status"], 14),
    Step::Heading("四、初赛排名与晋级"),
    Step::Command(&["rank", "speech", "--round", "preliminary", "--zone", "浦东"], 16),
    Step::Command(&["advance", "speech", "--round", "preliminary", "--include-ties"], 10),
    Step::Command(&["advance", "film", "--round", "preliminary", "--include-ties"], 6),
    Step::Command(&["advance", "case", "--round", "preliminary", "--include-ties"], 6),
    Step::Heading("五、决赛"),
    Step::Marks("speech", "final"),
    Step::Command(&["score", "import", "评分/演讲-决赛", "--category", "speech", "--round", "final"], 4),
    Step::Marks("film", "final"),
    Step::Command(&["score", "import", "评分/微电影-决赛", "--category", "film", "--round", "final"], 4),
    Step::Marks("case", "final"),
    Step::Command(&["score", "import", "评分/创新案例-复审", "--category", "case", "--round", "final"], 4),
    Step::Command(&["rank", "speech"], 16),
    Step::Heading("六、奖项"),
    Step::Command(&["award", "propose"], 14),
    Step::Command(&["award", "confirm", "--expand"], 8),
    Step::Command(&["award", "list", "--category", "speech"], 18),
    Step::Heading("七、导出"),
    Step::Command(&["export", "awards", "--out", "发布/获奖名单.xlsx"], 3),
    Step::Command(&["export", "rankings", "--out", "发布/排名.xlsx"], 3),
    Step::Command(&["export", "entries", "--out", "发布/参赛作品.csv"], 3),
    Step::Command(&["export", "scores", "--out", "发布/评分明细.xlsx"], 3),
    Step::Command(&["export", "findings", "--out", "发布/审查结果.xlsx"], 3),
    Step::Command(&["status"], 40),
];

/// What lies where when it is done.
const LAYOUT: &str = "\n文件都在这里：\n  2024演示.dasai   整届大赛（一个文件：规则、作品、分数、决定、操作日志）\n  收件/            收到的报名表\n  评委名单.xlsx    评委\n  评分/            各轮评分表\n  发布/            导出的名单、排名、作品、评分明细、审查结果\n\n接着可以试：\n  dasai entry show Y001\n  dasai rank film\n  dasai log\n  dasai undo";

/// Runs the demonstration.
///
/// # Errors
/// The folder has contents, cannot be written, or a step fails.
pub fn run(context: &mut Context, args: &DemoArgs) -> Result<Outcome, AppError> {
    let folder = context.path(&args.folder);
    let shown = |path: PathBuf| Cell::text(path.display().to_string());
    let document =
        Document::default().value("folder", "", shown(args.folder.clone())).value("database", "", shown(args.folder.join(DATABASE)));
    if context.dry_run {
        return Ok(Outcome::of(document).message(format!("将在 {} 建立演示大赛；试运行，没有写入", folder.display())));
    }
    prepare(&folder)?;
    let stage = Stage { folder: folder.clone(), context };
    let mut stage = stage;
    for step in STEPS {
        match step {
            Step::Heading(text) => say(stage.context, &format!("\n── {text} ──\n"))?,
            Step::Command(words, lines) => stage.command(words, *lines)?,
            Step::Marks(category, round) => demo_marks::write(stage.context, &folder, &folder.join(DATABASE), category, round)?,
        }
    }
    say(context, &format!("{LAYOUT}\n（先进入文件夹：cd {}）\n", command_word::path(&args.folder)))?;
    Ok(Outcome::of(document))
}

/// What the demonstration tells people; where scripts read the result, it goes beside it.
fn say(context: &mut Context, text: &str) -> Result<(), AppError> {
    if context.ui.format == Format::Table {
        return context.ui.print(text);
    }
    context.ui.message(text.trim_end());
    Ok(())
}

fn prepare(folder: &Path) -> Result<(), AppError> {
    let refuse =
        |error: io::Error| AppError::io(format!("无法在 {} 建立演示", folder.display()), &error).hint("换一个文件夹：dasai demo 文件夹名");
    if folder.exists() {
        let mut entries = std::fs::read_dir(folder).map_err(refuse)?;
        if entries.next().is_some() {
            return Err(AppError::refused(format!("文件夹已有内容，不会改动：{}", folder.display()))
                .hint("换一个文件夹：dasai demo 文件夹名；或先删除旧的演示文件夹"));
        }
    }
    for part in ["收件", "评分", "发布"] {
        std::fs::create_dir_all(folder.join(part)).map_err(refuse)?;
    }
    for (name, content) in RECEIVED {
        std::fs::write(folder.join(name), content).map_err(refuse)?;
    }
    Ok(())
}

/// Where the commands run.
struct Stage<'a> {
    folder: PathBuf,
    context: &'a mut Context,
}

impl Stage<'_> {
    fn command(&mut self, words: &[&str], lines: usize) -> Result<(), AppError> {
        let sink = Sink::default();
        let mut terminal = self.context.ui.terminal.clone();
        (terminal.stdin, terminal.stdout, terminal.stderr, terminal.colour) = (false, false, false, false);
        let arguments = std::iter::once("dasai").chain(words.iter().copied()).map(OsString::from).collect();
        let environment = Environment {
            out: Box::new(sink.clone()),
            err: Box::new(sink.clone()),
            terminal,
            folder: self.folder.clone(),
            now: self.context.now,
            variables: BTreeMap::from([("DASAI_ACTOR".to_owned(), self.context.actor.clone().into())]),
        };
        say(self.context, &format!("\n$ dasai {}\n", words.join(" ")))?;
        let code = cli::run(arguments, environment);
        let text = sink.text();
        // Findings are expected: the sample has the faults that real forms have.
        if code != 0 && code != 3 {
            return Err(AppError::refused(format!("演示没有做完，停在 dasai {}：\n{}", words.join(" "), text.trim_end()))
                .hint("解决以后换一个文件夹再试：dasai demo 文件夹名"));
        }
        say(self.context, &shorten(&text, lines))
    }
}

/// The first lines of a text, and how many are left out.
fn shorten(text: &str, lines: usize) -> String {
    let all: Vec<&str> = text.trim_end().lines().collect();
    if all.len() <= lines + 1 {
        return format!("{}\n", all.join("\n"));
    }
    let head = all.iter().take(lines).copied().collect::<Vec<_>>().join("\n");
    format!("{head}\n…（共 {} 行，以上是前 {lines} 行）\n", all.len())
}

/// Collects what a step prints, from both of its streams.
#[derive(Debug, Clone, Default)]
struct Sink(Rc<RefCell<Vec<u8>>>);

impl Sink {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.borrow()).into_owned()
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
