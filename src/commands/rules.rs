//! `rules`: shows, checks, compares and changes the contest's rules. Every change goes through one door ([`super::rules_change`]).

use std::io::Read as _;
use std::path::Path;

use clap::{Args, Subcommand};

use super::context::{Context, Outcome};
use super::{rules_change, rules_show};
use crate::domain::listing::{Cell, Column, Document, Listing};
use crate::domain::rules::ContestRules;
use crate::error::AppError;
use crate::formats::rules_file::{self, PRESETS, RulesFault};
use crate::store::contest;

/// No rules file is larger; a byte more is read to see that it is.
const MOST_BYTES: u64 = (1 << 20) + 1;

/// Sub-commands.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// 显示规则：日期、参赛类型、轮次、评分表、奖项
    #[command(visible_alias = "显示")]
    Show(ShowArgs),
    /// 列出内置的规则
    #[command(visible_alias = "预设", after_help = "示例：\n  dasai rules presets")]
    Presets,
    /// 检查规则：错误所在的行，尚未确认的内容
    #[command(visible_alias = "检查")]
    Check(CheckArgs),
    /// 比较：规则文件与大赛现行规则的差别
    #[command(visible_alias = "比较")]
    Diff(SourceArgs),
    /// 应用规则文件，先显示差别
    #[command(visible_alias = "应用", after_help = "示例：\n  dasai rules show --source > 规则.toml\n  dasai rules apply 规则.toml")]
    Apply(SourceArgs),
    /// 在编辑器里改规则，存盘后应用
    #[command(visible_alias = "编辑", after_help = "示例：\n  dasai rules edit\n\n编辑器由环境变量 VISUAL 或 EDITOR 指定。")]
    Edit,
}

/// Arguments of `rules show`.
#[derive(Debug, Args)]
#[command(
    after_help = "示例：\n  dasai rules show\n  dasai rules show deadlines category.speech.round.final\n  dasai rules show --source > 规则.toml"
)]
pub struct ShowArgs {
    /// 只显示这些键及其下的内容，例如 deadlines、category.speech
    #[arg(value_name = "键")]
    keys: Vec<String>,
    /// 原样显示规则文件（TOML）
    #[arg(long, conflicts_with = "keys")]
    source: bool,
}

/// Arguments of `rules check`.
#[derive(Debug, Args)]
#[command(after_help = "示例：\n  dasai rules check\n  dasai rules check 规则.toml")]
pub struct CheckArgs {
    /// 规则文件或预设的名称（默认：大赛现行规则）
    #[arg(value_name = "文件或预设")]
    file: Option<String>,
}

/// Arguments of `rules diff` and `rules apply`.
#[derive(Debug, Args)]
#[command(after_help = "示例：\n  dasai rules diff 规则.toml\n  dasai rules diff shanghai-2024")]
pub struct SourceArgs {
    /// 规则文件，或预设的名称（dasai rules presets 列出）
    #[arg(value_name = "文件或预设")]
    from: String,
}

/// Rules that were read and are without fault.
#[derive(Debug)]
pub struct Loaded {
    /// The text as it will be kept.
    pub text: String,
    /// What it says.
    pub rules: ContestRules,
    /// Where it came from, for the log: a preset's name or a file's path as typed.
    pub origin: String,
}

/// Runs a sub-command.
///
/// # Errors
/// No contest file, rules with faults, a change that data forbids, a file that cannot be read.
pub fn run(context: &mut Context, command: RulesCommand) -> Result<Outcome, AppError> {
    match command {
        RulesCommand::Show(args) => show(context, &args),
        RulesCommand::Presets => Ok(Outcome::of(Document::of(presets()))),
        RulesCommand::Check(args) => check(context, &args),
        RulesCommand::Diff(args) => {
            let loaded = load(context, &args.from)?;
            let db = context.open()?;
            let current = contest::rules_text(&db.reader()?)?;
            Ok(Outcome::of(Document::of(rules_change::differences(&current, &loaded.text))))
        }
        RulesCommand::Apply(args) => {
            let loaded = load(context, &args.from)?;
            rules_change::apply(context, &loaded, None)
        }
        RulesCommand::Edit => rules_change::edit(context),
    }
}

/// Reads a preset or a rules file and checks it whole.
///
/// # Errors
/// No such preset or file, or one with faults.
pub fn load(context: &Context, from: &str) -> Result<Loaded, AppError> {
    let text = if let Some(text) = rules_file::preset(from) { text.to_owned() } else { read(context, from)? };
    checked(text, from)
}

/// A text's rules, or all its faults as one failure.
///
/// # Errors
/// The text has faults.
pub fn checked(text: String, origin: &str) -> Result<Loaded, AppError> {
    match rules_file::parse(&text) {
        Ok(rules) => Ok(Loaded { text, rules, origin: origin.to_owned() }),
        Err(faults) => Err(failure(origin, &text, &faults)),
    }
}

fn failure(origin: &str, text: &str, faults: &[RulesFault]) -> AppError {
    let shown = rules_file::render_faults(origin, text, faults);
    AppError::damaged(format!("规则有 {} 处错误：\n\n{}\n", faults.len(), shown.trim_end()))
        .hint("按上面的行号改好后再试；内置的规则可作对照：dasai rules presets")
}

fn read(context: &Context, from: &str) -> Result<String, AppError> {
    let path = context.path(Path::new(from));
    let unreadable = |error: std::io::Error| {
        let failed = AppError::io(format!("无法读取规则文件：{from}"), &error);
        let names: Vec<&str> = PRESETS.iter().map(|preset| preset.name).collect();
        failed.hint(format!("检查路径；内置的规则有：{}", names.join("、")))
    };
    if path.is_dir() {
        return Err(AppError::io(format!("无法读取规则文件：{from}"), &std::io::Error::from(std::io::ErrorKind::IsADirectory))
            .hint("写规则文件的路径，例如 规则.toml"));
    }
    let mut bytes = Vec::new();
    std::fs::File::open(&path).map_err(unreadable)?.take(MOST_BYTES).read_to_end(&mut bytes).map_err(unreadable)?;
    rules_file::decode(&bytes).map_err(|faults| failure(from, "", &faults))
}

fn presets() -> Listing {
    let columns = vec![Column::new("name", "名称"), Column::new("about", "内容"), Column::new("default", "默认")];
    let mut listing = Listing::new("presets", "内置规则", columns);
    for (place, preset) in PRESETS.iter().enumerate() {
        listing.push(vec![preset.name.into(), preset.about.into(), Cell::Flag(place == 0)]);
    }
    listing
}

fn show(context: &mut Context, args: &ShowArgs) -> Result<Outcome, AppError> {
    let db = context.open()?;
    let reader = db.reader()?;
    if args.source {
        let text = contest::rules_text(&reader)?;
        let shown = text.trim_end().to_owned();
        return Ok(Outcome::of(Document::default().value("source", "", text).line(shown)));
    }
    if args.keys.is_empty() {
        return Ok(Outcome::of(rules_show::overview(&context.rules(&reader)?, &contest::rules_text(&reader)?)));
    }
    rules_show::values(&contest::rules_text(&reader)?, &args.keys).map(|listing| Outcome::of(Document::of(listing)))
}

fn check(context: &mut Context, args: &CheckArgs) -> Result<Outcome, AppError> {
    let loaded = if let Some(from) = &args.file {
        load(context, from)?
    } else {
        let db = context.open()?;
        let text = contest::rules_text(&db.reader()?)?;
        checked(text, "大赛现行规则")?
    };
    let unconfirmed = rules_file::unconfirmed(&loaded.text);
    let count = unconfirmed.len();
    let document = Document::default()
        .value("valid", "", Cell::Flag(true))
        .value("rules", "规则", loaded.origin.as_str())
        .listing(rules_show::unconfirmed(&loaded.text, &unconfirmed));
    let message = if count == 0 {
        "规则没有错误，也没有待确认的内容".to_owned()
    } else {
        format!(
            "规则没有错误；有 {count} 处通知没有规定、仍是预填的内容：改好，或确认无误后删去那一行的“通知未规定”注释（dasai rules edit）"
        )
    };
    Ok(Outcome::of(document).message(message))
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
