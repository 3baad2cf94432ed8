//! `export`: what goes out as files. Refuses to compute: the tables come from the builders that the screen uses (`commands::ranking`,
//! `commands::export_lists`, …), so that screen and file cannot disagree.
//!
//! Decisions worth knowing: a file that exists is replaced only with `--force`. Contact data is exported only with `--contacts`, into a
//! file that says 内部资料 and, where the system can tell, only its owner may read. An export changes nothing in the contest file and
//! is not an operation in its log.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::context::{Context, Outcome};
use super::export_awards;
use super::export_lists::{self, Query};
use super::ranking::Detail;
use crate::domain::listing::{Cell, Column, Document, Listing};
use crate::domain::rules::ContestRules;
use crate::error::{AppError, ErrorKind, io_cause};
use crate::formats::target::{self, Reader, WriteError};
use crate::formats::{delimited, workbook};

/// Arguments of `export`.
#[derive(Debug, Args)]
#[command(
    after_help = "示例：\n  dasai export awards --out 获奖名单.xlsx\n  dasai export rankings --category speech --round final --out 决赛排名.csv\n  \
                        dasai export entries --contacts --out 联系表.xlsx\n\n文件的形式由 --out 的结尾决定：.xlsx 工作簿、.csv（Excel 可直接打开）、\
                        .json、.md。\n一个 .csv 只放一张表；列相同的几张表合成一张，最前面加一列“名单”。"
)]
pub struct ExportArgs {
    /// 导出什么
    #[arg(value_name = "内容", value_enum)]
    what: What,
    /// 写到哪个文件；结尾决定形式：.xlsx .csv .json .md
    #[arg(long, short, value_name = "文件")]
    out: PathBuf,
    /// 只要一个参赛类型（默认：全部参赛类型）
    #[arg(long, value_name = "参赛类型")]
    category: Option<String>,
    /// 只要一个轮次（排名默认：已有分数的最后一轮；评分默认：全部轮次）
    #[arg(long, value_name = "轮次")]
    round: Option<String>,
    /// 只要一个赛区
    #[arg(long, value_name = "赛区")]
    zone: Option<String>,
    /// 作品表带上联系人、电话、邮箱和地址（内部资料）
    #[arg(long)]
    contacts: bool,
    /// 文件已存在时覆盖
    #[arg(long)]
    force: bool,
}

/// What is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// 排名
    #[value(alias = "排名")]
    Rankings,
    /// 获奖名单
    #[value(alias = "获奖名单", alias = "奖项")]
    Awards,
    /// 参赛作品
    #[value(alias = "作品")]
    Entries,
    /// 评委评分
    #[value(alias = "评分")]
    Scores,
    /// 审查结果
    #[value(alias = "审查结果")]
    Findings,
}

impl What {
    /// The name as typed.
    fn name(self) -> &'static str {
        match self {
            Self::Rankings => "rankings",
            Self::Awards => "awards",
            Self::Entries => "entries",
            Self::Scores => "scores",
            Self::Findings => "findings",
        }
    }

    /// The document's name.
    fn label(self) -> &'static str {
        match self {
            Self::Rankings => "排名",
            Self::Awards => "获奖名单",
            Self::Entries => "参赛作品",
            Self::Scores => "评委评分",
            Self::Findings => "审查结果",
        }
    }

    /// Whether the tables are for staff only: marks and findings name judges and people's faults.
    fn is_internal(self) -> bool {
        matches!(self, Self::Scores | Self::Findings)
    }

    /// Whether a round can be asked for.
    fn has_rounds(self) -> bool {
        matches!(self, Self::Rankings | Self::Scores)
    }
}

/// A file's form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Workbook,
    Csv,
    Json,
    Markdown,
}

/// Writes a file.
///
/// # Errors
/// The ending is unknown, a name is unknown, the contest file cannot be read, or the file exists or cannot be written.
pub fn run(context: &mut Context, args: &ExportArgs) -> Result<Outcome, AppError> {
    let form = form_of(&args.out)?;
    if args.round.is_some() && !args.what.has_rounds() {
        return Err(AppError::usage(format!("“{}”不分轮次", args.what.name())).hint("去掉 --round 再试"));
    }
    if args.zone.is_some() && args.what == What::Awards {
        return Err(AppError::usage("“awards”不分赛区").hint("去掉 --zone 再试"));
    }
    if args.contacts && args.what != What::Entries {
        return Err(
            AppError::usage(format!("“{}”不带联系方式", args.what.name())).hint("联系方式只能随作品导出：dasai export entries --contacts")
        );
    }
    // Known faults of the target come before the work, and before the contest file is opened.
    target::check(&context.path(&args.out), args.force)?;
    let db = context.open()?;
    let reader = db.reader()?;
    let rules = context.rules(&reader)?;
    let query = Query { category: args.category.as_deref(), round: args.round.as_deref(), zone: args.zone.as_deref() };
    let mut messages = Vec::new();
    let mut skipped = Vec::new();
    let listings = match args.what {
        What::Rankings => {
            let detail = match form {
                Form::Json => Detail::Scripts,
                // One table for all zones, whoever judged there.
                Form::Csv => Detail::People,
                Form::Workbook | Form::Markdown => Detail::Sheets,
            };
            let rankings = export_lists::rankings(&reader, &rules, query, detail)?;
            skipped = rankings.skipped;
            rankings.listings
        }
        What::Awards => {
            let published = export_awards::awards(&reader, &rules, query.category, form == Form::Csv)?;
            messages = published.messages;
            published.listings
        }
        What::Entries => vec![export_lists::entries(&reader, &rules, query, args.contacts)?],
        What::Scores => export_lists::scores(&reader, &rules, query)?,
        What::Findings => vec![export_lists::findings(&reader, &rules, query)?],
    };
    let mark = if args.contacts || args.what.is_internal() { "内部资料" } else { "" };
    let shown = write_listings(context, &args.out, args.force, &rules, args.what.label(), mark, &listings)?;
    let (done, ending) = if context.dry_run { ("将写入", "（试运行，没有写）") } else { ("已写入", "") };
    let rows: usize = listings.iter().map(|listing| listing.rows.len()).sum();
    let message = format!("{done} {shown}：{} 张表，{rows} 行{ending}", listings.len());
    let mut document = report(args.what, &shown, &listings);
    if args.what == What::Rankings {
        document = document.listing(left_out(&skipped));
    }
    let mut outcome = Outcome::of(document).message(message);
    outcome.messages.extend(messages);
    outcome.has_findings = !skipped.is_empty();
    Ok(outcome)
}

fn form_of(path: &Path) -> Result<Form, AppError> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    match ending.as_str() {
        "xlsx" => Ok(Form::Workbook),
        "csv" => Ok(Form::Csv),
        "json" => Ok(Form::Json),
        "md" => Ok(Form::Markdown),
        other => {
            let what = if other.is_empty() { "没有结尾".to_owned() } else { format!("结尾是 .{other}，不能导出这种形式") };
            Err(AppError::usage(format!("文件名“{}”{what}", path.display()))
                .hint("可以导出的结尾：.xlsx .csv .json .md，例如 --out 名单.xlsx"))
        }
    }
}

/// Refuses, before a command does anything, a file that several tables of different columns cannot be written to.
///
/// # Errors
/// The ending is unknown or `.csv`, or the file exists (without `force`) or cannot be written there.
pub(super) fn check_for_several(context: &Context, out: &Path, force: bool) -> Result<(), AppError> {
    if form_of(out)? == Form::Csv {
        return Err(AppError::usage(format!("这里有几张列不同的表，放不进一个 CSV 文件：{}", out.display()))
            .hint("文件名用 .xlsx 结尾：每张表一个工作表；也可以用 .json 或 .md"));
    }
    Ok(target::check(&context.path(out), force)?)
}

/// What to say of a file that [`write_listings`] or its like wrote, or would write.
pub(super) fn saved(context: &Context, shown: &str) -> String {
    if context.dry_run { format!("将另存为 {shown}（试运行，没有写）") } else { format!("已另存为 {shown}") }
}

/// Writes tables to a file whose ending gives its form, and returns the path as typed. `mark` (内部资料; may be empty) stands on every
/// page of a workbook, and keeps the file to its owner where the system can. A dry run checks everything and writes nothing.
///
/// # Errors
/// The ending is unknown, the tables do not fit into the form, or the file exists (without `force`) or cannot be written.
pub fn write_listings(
    context: &Context,
    out: &Path,
    force: bool,
    rules: &ContestRules,
    title: &str,
    mark: &str,
    listings: &[Listing],
) -> Result<String, AppError> {
    let form = form_of(out)?;
    let path = context.path(out);
    target::check(&path, force)?;
    let title = format!("{} {title}", rules.contest.name);
    let timezone = &rules.contest.timezone;
    let reader = if mark.is_empty() { Reader::Everyone } else { Reader::Owner };
    let write_text = |text: &str| {
        if context.dry_run { Ok(()) } else { target::write_text(&path, force, reader, text) }
    };
    match form {
        Form::Workbook if context.dry_run => {}
        Form::Workbook => {
            let book = workbook::Book {
                title: &title,
                author: rules.contest.organizer.as_deref().unwrap_or_default(),
                now: context.now,
                timezone,
                heading: &rules.contest.name,
                mark,
                listings,
            };
            workbook::write(&path, force, reader, &book)?;
        }
        Form::Csv => {
            let text = delimited::csv(listings, timezone)
                .map_err(|error| AppError::from(error).hint("导出为 .xlsx：每张表一个工作表；或缩小范围，一次导出一张表"))?;
            write_text(&text)?;
        }
        Form::Json => write_text(&delimited::json(&title, listings, timezone))?,
        Form::Markdown => write_text(&delimited::markdown(&title, listings, timezone))?,
    }
    Ok(out.display().to_string())
}

/// Categories that the file does not have, and why.
fn left_out(skipped: &[(String, String, AppError)]) -> Listing {
    let columns = vec![Column::new("category", "参赛类型"), Column::new("reason", "原因"), Column::new("hints", "怎么办")];
    let mut listing = Listing::new("skipped", "没有导出的参赛类型", columns);
    for (id, name, error) in skipped {
        let hints = error.hints.iter().map(|hint| Cell::text(hint.as_str())).collect();
        listing.push(vec![Cell::keyed(id.as_str(), name.as_str()), Cell::text(error.message.as_str()), Cell::List(hints)]);
    }
    listing
}

fn report(what: What, path: &str, listings: &[Listing]) -> Document {
    let mut tables = Listing::new("tables", "", vec![Column::new("title", "表"), Column::new("rows", "行数")]);
    for listing in listings {
        tables.push(vec![Cell::text(listing.title.as_str()), Cell::count(listing.rows.len())]);
    }
    Document::default()
        .value("what", "内容", Cell::keyed(what.name(), what.label()))
        .value("file", "文件", Cell::text(path))
        .listing(tables)
}

impl From<WriteError> for AppError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Exists(path) => Self::refused(format!("文件已存在：{}", path.display())).hint("换一个文件名，或加 --force 覆盖它"),
            WriteError::MissingFolder(path) => {
                Self::new(ErrorKind::Io, format!("文件夹不存在：{}", path.display())).hint("先建好这个文件夹，或检查要写的路径")
            }
            WriteError::IsFolder(path) => {
                Self::usage(format!("这是一个文件夹，不是文件：{}", path.display())).hint("在后面加上文件名，例如 文件夹/名单.xlsx")
            }
            WriteError::Io(path, error) => Self::new(ErrorKind::Io, format!("无法写入 {}", path.display()))
                .because(io_cause(&error))
                .hint("如果文件正在 Excel 或 WPS 中打开，请先关闭；原有的文件没有被改动"),
            WriteError::Content(message) => Self::refused(message),
        }
    }
}
