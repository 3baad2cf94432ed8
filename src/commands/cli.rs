//! Owns the command line: the list of commands, the global flags, and the way from arguments to an exit code. A clap type never
//! leaves this layer. What a command does is in its own file.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{IsTerminal as _, Write};
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::context::{Context, Outcome};
use super::{
    advance, attachment, award, check, contest, deadline, demo, duplicates, entry, export, help, history, import, judge, organization,
    quarantine, rank, recommend, recommender, rules, score, screen, status, usage,
};
use crate::error::AppError;
use crate::output::ui::{self, Format, Terminal, Ui};
use crate::store::oplog;

/// Where the program runs: everything it may know of the outside, read once.
pub struct Environment {
    /// Results.
    pub out: Box<dyn Write>,
    /// Messages.
    pub err: Box<dyn Write>,
    /// What the streams are.
    pub terminal: Terminal,
    /// The current folder.
    pub folder: PathBuf,
    /// The moment.
    pub now: Timestamp,
    /// Environment variables that the program honours: `DASAI_DB`, `DASAI_NOW`, `DASAI_ACTOR`, `DASAI_WIDTH`
    /// (columns of a table, on a terminal or not), `USER`/`USERNAME`, `EDITOR`/`VISUAL`.
    pub variables: BTreeMap<String, OsString>,
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Environment").field("folder", &self.folder).field("now", &self.now).finish_non_exhaustive()
    }
}

impl Environment {
    /// The environment of this process: the only reader of the clock and of the environment variables.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that reads clock and environment")]
    pub fn of_process() -> Self {
        let names = ["DASAI_DB", "DASAI_NOW", "DASAI_ACTOR", "DASAI_WIDTH", "USER", "USERNAME", "EDITOR", "VISUAL"];
        Self {
            out: Box::new(std::io::stdout().lock()),
            err: Box::new(std::io::stderr()),
            terminal: Terminal {
                stdin: std::io::stdin().is_terminal(),
                stdout: std::io::stdout().is_terminal(),
                stderr: std::io::stderr().is_terminal(),
                width: ui::terminal_width(),
                colour: std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()) && ui::terminal_shows_colour(),
                ascii: false,
            },
            folder: std::env::current_dir().unwrap_or_default(),
            now: Timestamp::now(),
            variables: names.into_iter().filter_map(|name| Some((name.to_owned(), std::env::var_os(name)?))).collect(),
        }
    }
}

/// 质量品牌故事大赛管理：报名、审查、评审、排名、奖项、发布，一个文件管一届大赛
#[derive(Debug, Parser)]
#[command(name = "dasai", version, disable_help_subcommand = true)]
pub struct Cli {
    /// 大赛文件（默认：环境变量 DASAI_DB，或当前文件夹里唯一的 *.dasai）
    #[arg(long, global = true, value_name = "文件")]
    db: Option<PathBuf>,
    /// 结果的形式
    #[arg(long, global = true, value_name = "形式", default_value = "table")]
    format: FormatArg,
    /// 操作人，记入操作日志（默认：环境变量 DASAI_ACTOR 或系统用户名）
    #[arg(long, global = true, value_name = "姓名")]
    actor: Option<String>,
    /// 只显示将要发生的变化，不写入
    #[arg(long, global = true)]
    dry_run: bool,
    /// 对所有确认都回答“是”
    #[arg(long, short = 'y', global = true)]
    yes: bool,
    /// 不显示进度和说明，只显示结果和错误
    #[arg(long, short, global = true)]
    quiet: bool,
    /// 表格只用 ASCII 字符画线
    #[arg(long, global = true)]
    ascii: bool,
    #[command(subcommand)]
    command: Command,
}

/// Result formats as typed.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum FormatArg {
    /// 表格
    Table,
    /// 供程序读取
    Json,
    /// 逗号分隔
    Csv,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 建立一届大赛的文件
    #[command(visible_alias = "新建")]
    Init(contest::InitArgs),
    /// 查看、检查、更改大赛规则
    #[command(visible_alias = "规则", subcommand)]
    Rules(rules::RulesCommand),
    /// 大赛一览：阶段、数量、待办
    #[command(visible_alias = "概况")]
    Status(status::StatusArgs),
    /// 导入收到的表格
    #[command(visible_alias = "导入")]
    Import(import::ImportArgs),
    /// 隔离区：未能接收的行
    #[command(visible_alias = "隔离", subcommand)]
    Quarantine(quarantine::QuarantineCommand),
    /// 参赛作品：列出、查看、更正、撤回、查找
    #[command(visible_alias = "作品", subcommand)]
    Entry(entry::EntryCommand),
    /// 参赛单位：列出、查看、改名、合并
    #[command(visible_alias = "单位", subcommand)]
    Org(organization::OrganizationCommand),
    /// 参赛材料：核对收到的文件、列出、指定、改名
    #[command(visible_alias = "材料", subcommand)]
    Attachment(attachment::AttachmentCommand),
    /// 逐项核对作品与规则
    #[command(visible_alias = "审查")]
    Check(check::CheckArgs),
    /// 推荐单位：列出、登记、导入、更正
    #[command(visible_alias = "推荐单位", subcommand)]
    Recommender(recommender::RecommenderCommand),
    /// 作品推荐：推荐意见、次序、盖章确认、推荐表
    #[command(visible_alias = "推荐", subcommand)]
    Recommend(recommend::RecommendCommand),
    /// 形式审查：受理、退回、淘汰、补正通知
    #[command(visible_alias = "形审")]
    Screen(screen::ScreenArgs),
    /// 截止时间与延期
    #[command(visible_alias = "截止", subcommand)]
    Deadline(deadline::DeadlineCommand),
    /// 相似的作品：并排对照、判定
    #[command(visible_alias = "查重")]
    Duplicates(duplicates::DuplicatesArgs),
    /// 评委：登记、导入、列出
    #[command(visible_alias = "评委", subcommand)]
    Judge(judge::JudgeCommand),
    /// 评分：导入、录入、查看进度
    #[command(visible_alias = "评分", subcommand)]
    Score(score::ScoreCommand),
    /// 一轮的排名，连同得分构成
    #[command(visible_alias = "排名")]
    Rank(rank::RankArgs),
    /// 确定进入下一轮的作品
    #[command(visible_alias = "晋级")]
    Advance(advance::AdvanceArgs),
    /// 奖项：拟定、确认、合议、获奖名单
    #[command(visible_alias = "奖项", subcommand)]
    Award(award::AwardCommand),
    /// 导出获奖名单、排名、评分、作品、审查结果
    #[command(visible_alias = "导出")]
    Export(export::ExportArgs),
    /// 查看操作日志
    #[command(visible_alias = "日志")]
    Log(history::LogArgs),
    /// 撤销操作
    #[command(visible_alias = "撤销")]
    Undo(history::UndoArgs),
    /// 重做被撤销的操作
    #[command(visible_alias = "重做")]
    Redo(history::RedoArgs),
    /// 备份大赛文件
    #[command(visible_alias = "备份")]
    Backup(history::BackupArgs),
    /// 用示例数据演示一届大赛
    #[command(visible_alias = "演示")]
    Demo(demo::DemoArgs),
}

/// Runs the program: parses `arguments` (the program's name first), does the command, prints, and returns the exit code.
#[must_use]
pub fn run(arguments: Vec<OsString>, environment: Environment) -> u8 {
    let command_line = command_line(&arguments);
    let arguments = help::asked(arguments);
    let Environment { out, err, mut terminal, folder, now, variables } = environment;
    let text = |name: &str| variables.get(name).filter(|value| !value.is_empty()).map(|value| value.to_string_lossy());
    let width = text("DASAI_WIDTH");
    let width = width.map(|text| text.parse::<usize>().ok().filter(|width| *width > 0).ok_or(text));
    if let Some(Ok(width)) = width {
        terminal.width = Some(width);
    }
    let mut tree = Cli::command();
    let parsed = parse(&mut tree, &arguments).or_else(|_| {
        // Only a command line without a command wants the help texts: to lay all of them out costs more than many a command.
        tree = help::localised(Cli::command(), terminal.width);
        parse(&mut tree, &arguments)
    });
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            let (path, command) = usage::meant(&tree, &arguments);
            return answer(&error, &path, command, Ui::new(out, err, terminal));
        }
    };
    terminal.ascii |= cli.ascii;
    let mut ui = Ui::new(out, err, terminal);
    ui.format = match cli.format {
        FormatArg::Table => Format::Table,
        FormatArg::Json => Format::Json,
        FormatArg::Csv => Format::Csv,
    };
    ui.quiet = cli.quiet;
    ui.yes = cli.yes;
    if let Some(Err(text)) = width {
        let error = AppError::usage(format!("环境变量 DASAI_WIDTH 不是列数：{text}")).hint("写成 80，或不设");
        ui.error(&error);
        return error.exit_code();
    }
    let now = match text("DASAI_NOW").map(|text| moment(&text)) {
        None => now,
        Some(Ok(moment)) => moment,
        Some(Err(error)) => {
            ui.error(&error);
            return error.exit_code();
        }
    };
    let variable = |name: &str| text(name).map(Cow::into_owned);
    let mut context = Context {
        ui,
        database: cli.db.or_else(|| variables.get("DASAI_DB").filter(|path| !path.is_empty()).map(PathBuf::from)),
        folder,
        now,
        actor: cli
            .actor
            .filter(|name| !name.trim().is_empty())
            .or_else(|| variable("DASAI_ACTOR"))
            .or_else(|| variable("USER"))
            .or_else(|| variable("USERNAME"))
            .unwrap_or_else(|| "未署名".to_owned()),
        command_line,
        dry_run: cli.dry_run,
        editor: variable("VISUAL").or_else(|| variable("EDITOR")),
    };
    match dispatch(&mut context, cli.command).and_then(|outcome| finish(&mut context, &outcome)) {
        Ok(code) => code,
        Err(error) => {
            context.ui.error(&error);
            error.exit_code()
        }
    }
}

fn parse(tree: &mut clap::Command, arguments: &[OsString]) -> Result<Cli, clap::Error> {
    tree.try_get_matches_from_mut(arguments).and_then(|matches| Cli::from_arg_matches(&matches))
}

/// Answers what is no command: help and version go to stdout; a command line without a command gets its help, everything else that is
/// wrong its explanation, on stderr with exit code 2.
#[expect(clippy::wildcard_enum_match_arm, reason = "all other kinds are faults")]
fn answer(error: &clap::Error, path: &str, command: &clap::Command, mut ui: Ui) -> u8 {
    let printed = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ui.print(&format!("{}\n", error.to_string().trim_end())),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            ui.message(error.to_string().trim_end());
            return 2;
        }
        _ => Err(usage::explained(error, path, command)),
    };
    match printed {
        Ok(()) => 0,
        Err(failure) => {
            ui.error(&failure);
            failure.exit_code()
        }
    }
}

/// The failure to show what a command did, where the command has changed the contest: that is done, and doing it again would be wrong.
fn told_too_late(context: &Context, error: AppError) -> AppError {
    let last = || {
        let db = context.open().ok()?;
        let operation = oplog::operations(&db.reader().ok()?).ok()?.pop()?;
        let is_own = operation.at == context.now && operation.actor == context.actor && operation.command == context.command_line;
        is_own.then_some(operation.id.0)
    };
    match last().filter(|_| !context.dry_run) {
        Some(id) => AppError { message: format!("改动已写入（第 {id} 号操作），但结果没能显示"), ..error }
            .hint(format!("不要再运行一次；查看改了什么：dasai log --operation {id}")),
        None => error,
    }
}

fn finish(context: &mut Context, outcome: &Outcome) -> Result<u8, AppError> {
    context.ui.show(&outcome.document).map_err(|error| told_too_late(context, error))?;
    for message in &outcome.messages {
        context.ui.message(message);
    }
    Ok(if outcome.has_findings { 3 } else { 0 })
}

fn dispatch(context: &mut Context, command: Command) -> Result<Outcome, AppError> {
    match command {
        Command::Init(args) => contest::init(context, &args),
        Command::Rules(command) => rules::run(context, command),
        Command::Status(args) => status::run(context, &args),
        Command::Import(args) => import::run(context, &args),
        Command::Quarantine(command) => quarantine::run(context, command),
        Command::Entry(command) => entry::run(context, command),
        Command::Org(command) => organization::run(context, command),
        Command::Attachment(command) => attachment::run(context, command),
        Command::Check(args) => check::run(context, &args),
        Command::Recommend(command) => recommend::run(context, command),
        Command::Recommender(command) => recommender::run(context, command),
        Command::Screen(args) => screen::run(context, &args),
        Command::Deadline(command) => deadline::run(context, command),
        Command::Duplicates(args) => duplicates::run(context, &args),
        Command::Judge(command) => judge::run(context, command),
        Command::Score(command) => score::run(context, command),
        Command::Rank(args) => rank::rank(context, &args),
        Command::Advance(args) => advance::advance(context, &args),
        Command::Award(command) => award::run(context, command),
        Command::Export(args) => export::run(context, &args),
        Command::Log(args) => history::log(context, &args),
        Command::Undo(args) => history::undo(context, &args),
        Command::Redo(args) => history::redo(context, &args),
        Command::Backup(args) => history::backup(context, &args),
        Command::Demo(args) => demo::run(context, &args),
    }
}

/// The command line as typed, for the log; arguments with blanks are quoted.
fn command_line(arguments: &[OsString]) -> String {
    let words = arguments.iter().skip(1).map(|argument| {
        let text = argument.to_string_lossy();
        if text.contains(char::is_whitespace) || text.is_empty() { format!("\"{text}\"") } else { text.into_owned() }
    });
    std::iter::once("dasai".to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}

/// `DASAI_NOW`: a moment with an offset, or a Shanghai wall clock.
fn moment(text: &str) -> Result<Timestamp, AppError> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(moment);
    }
    let shanghai = TimeZone::get("Asia/Shanghai").map_err(|error| AppError::internal("缺少时区数据").because(error))?;
    text.parse::<DateTime>()
        .ok()
        .and_then(|local| local.to_zoned(shanghai).ok())
        .map(|zoned| zoned.timestamp())
        .ok_or_else(|| AppError::usage(format!("环境变量 DASAI_NOW 不是时间：{text}")).hint("写成 2024-07-06T09:00:00"))
}

#[cfg(test)]
#[path = "hint_tests.rs"]
mod hints;
#[cfg(test)]
#[path = "cli_tests.rs"]
mod tests;
