//! Owns `check`: the findings about works, and the catalogue of checks (waivers: `commands::waivers`). How findings are found is `domain::eligibility` and
//! `domain::likeness`; what they say is `domain::finding`. Findings are computed on every call and never stored.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand, ValueEnum};

use super::context::{Context, Outcome};
use super::earlier_contests;
use super::findings::{self, Checked};
use super::recommending;
use super::waivers::{self, UnwaiveArgs, WaiveArgs};

use crate::domain::check_catalogue::{CATALOGUE, Code, CodeEntry};
use crate::domain::finding::Finding;
use crate::domain::listing::{Cell, Column, Document, Listing};
use crate::domain::problem::Severity;
use crate::domain::values::EntryNumber;
use crate::error::AppError;
use crate::store::entries;

/// Arguments of `check`.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "示例：\n  dasai check\n  dasai check Y001 W003\n  dasai check --severity error --export 审查结果.xlsx\n  dasai check --only D201,L302\n  dasai check --against 2023.dasai\n  dasai check rules C102\n  dasai check waive C102 Y001 --reason 理由"
)]
pub struct CheckArgs {
    #[command(subcommand)]
    command: Option<CheckCommand>,
    /// 只看这些作品（作品编号），不写则查全部
    #[arg(value_name = "作品编号")]
    entries: Vec<String>,
    /// 只看这些代码，可写多个，用逗号分开，如 C101,S402；也可只写字母，如 D
    #[arg(long, value_name = "代码", value_delimiter = ',')]
    only: Vec<String>,
    /// 不看这些代码
    #[arg(long, value_name = "代码", value_delimiter = ',')]
    except: Vec<String>,
    /// 只看这一级别及更严重的：error 错误、warning 提醒、info 提示
    #[arg(long, value_name = "级别")]
    severity: Option<SeverityArg>,
    /// 只看这个推荐单位的作品
    #[arg(long, value_name = "推荐单位")]
    recommender: Option<String>,
    /// 同时与往届大赛文件比对（S405），可写多次；往届文件只读
    #[arg(long, value_name = "文件")]
    against: Vec<PathBuf>,
    /// 另存为文件（.xlsx .csv .json .md）
    #[arg(long, value_name = "文件")]
    export: Option<PathBuf>,
    /// 另存的文件已存在时替换它
    #[arg(long, requires = "export")]
    force: bool,
}

#[derive(Debug, Subcommand)]
enum CheckCommand {
    /// 查看全部审查代码，或一条代码的说明
    #[command(visible_alias = "代码", after_help = "示例：\n  dasai check rules\n  dasai check rules S403")]
    Rules {
        /// 代码，如 C102
        #[arg(value_name = "代码")]
        code: Option<String>,
    },
    /// 豁免一件作品的一条问题，写明理由
    #[command(visible_alias = "豁免")]
    Waive(WaiveArgs),
    /// 取消豁免
    #[command(visible_alias = "取消豁免")]
    Unwaive(UnwaiveArgs),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SeverityArg {
    Error,
    Warning,
    Info,
}

/// Runs `check`.
///
/// # Errors
/// A work, code or recommender that does not exist, or a file that cannot be read or written.
pub fn run(context: &mut Context, args: &CheckArgs) -> Result<Outcome, AppError> {
    match &args.command {
        Some(CheckCommand::Rules { code: Some(code) }) => return Ok(Outcome::of(page(named(code)?.entry()))),
        Some(CheckCommand::Rules { code: None }) => return Ok(Outcome::of(Document::of(catalogue()))),
        Some(CheckCommand::Waive(args)) => return waivers::waive(context, args),
        Some(CheckCommand::Unwaive(args)) => return waivers::unwaive(context, args),
        None => {}
    }
    let only = codes(&args.only)?;
    let except = codes(&args.except)?;
    let db = context.open()?;
    let reader = db.reader()?;
    let (rules, entries) = context.rules_beside(&reader, entries::list)?;
    let contests = earlier_contests::read(context, db.path(), &args.against)?;
    let mut checked = Checked::of(&reader, &rules, entries, &contests)?;
    let mut wanted_works = Vec::new();
    for number in &args.entries {
        let number = EntryNumber::typed(number);
        let position = checked.position(&number).ok_or_else(|| {
            AppError::not_found(format!("没有编号为 {number} 的作品"))
                .hint("查看全部作品：dasai entry list；按名称查找：dasai entry search 文字")
        })?;
        wanted_works.push(position);
    }
    let directory = recommending::directory(&reader, &rules)?;
    let recommender = args.recommender.as_deref().map(|name| directory.key(name));
    if let Some(wanted) = &recommender
        && !checked.entries.iter().any(|entry| directory.key(&entry.declaration.recommender) == *wanted)
    {
        return Err(AppError::not_found(format!("没有推荐单位为“{}”的作品", args.recommender.as_deref().unwrap_or_default()))
            .hint("推荐单位须写全称；查看各作品的推荐单位：dasai entry list"));
    }
    let least = match args.severity {
        None | Some(SeverityArg::Info) => Severity::Info,
        Some(SeverityArg::Warning) => Severity::Warning,
        Some(SeverityArg::Error) => Severity::Error,
    };
    let wanted = |finding: &Finding| {
        (only.is_empty() || only.contains(&finding.code))
            && !except.contains(&finding.code)
            && finding.severity <= least
            && (wanted_works.is_empty() || wanted_works.contains(&finding.entry))
    };
    let mut found = std::mem::take(&mut checked.findings);
    found.retain(wanted);
    if let Some(wanted) = &recommender {
        found.retain(|finding| {
            checked.entries.get(finding.entry).is_some_and(|entry| directory.key(&entry.declaration.recommender) == *wanted)
        });
    }
    checked.findings = found;
    wanted_works.sort_unstable();
    wanted_works.dedup();
    let asked = Some(wanted_works.len()).filter(|asked| *asked > 0);
    let checked = Arc::new(checked);
    let mut outcome = Outcome::of(findings::document(&checked, asked));
    outcome.has_findings = checked.findings.iter().any(|finding| checked.is_open_error(finding));
    if !checked.is_complete {
        outcome = outcome.message("注意：相似的作品过多，S401–S405 未能全部列出；请先处理已列出的重复作品，再查一次");
    }
    if let Some(path) = &args.export {
        let shown =
            super::export::write_listings(context, path, args.force, &rules, "审查结果", "内部资料", &[findings::listing(&checked)])?;
        outcome = outcome.message(super::export::saved(context, &shown));
    }
    Ok(outcome)
}

/// The check with a typed code.
pub(super) fn named(code: &str) -> Result<Code, AppError> {
    Code::named(code).ok_or_else(|| AppError::usage(format!("没有审查代码 {code}")).hint("全部代码见：dasai check rules"))
}

/// The codes that words name: whole codes, or a letter for all codes of its kind.
fn codes(words: &[String]) -> Result<Vec<Code>, AppError> {
    let mut codes = Vec::new();
    for word in words {
        let word = word.trim();
        let kind: Vec<Code> = CATALOGUE
            .iter()
            .filter(|entry| word.len() == 1 && entry.name.get(..1).is_some_and(|letter| letter.eq_ignore_ascii_case(word)))
            .map(|entry| entry.code)
            .collect();
        if kind.is_empty() { codes.push(named(word)?) } else { codes.extend(kind) }
    }
    Ok(codes)
}

fn catalogue() -> Listing {
    let columns = vec![
        Column::new("code", "代码"),
        Column::new("severity", "级别"),
        Column::new("title", "检查内容"),
        Column::new("clause", "依据"),
        Column::new("hint", "处理"),
    ];
    let mut listing = Listing::new("rules", "审查代码", columns);
    for entry in CATALOGUE {
        listing.push(vec![
            entry.name.into(),
            Cell::keyed(entry.severity.key(), entry.severity.label()),
            entry.title.into(),
            entry.clause.into(),
            entry.hint.into(),
        ]);
    }
    listing
}

fn page(entry: &CodeEntry) -> Document {
    Document::default()
        .value("code", "代码", entry.name)
        .value("title", "检查内容", entry.title)
        .value("severity", "级别", Cell::keyed(entry.severity.key(), entry.severity.label()))
        .value("clause", "依据", entry.clause)
        .value("explanation", "说明", entry.explanation)
        .value("hint", "处理", entry.hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `docs/checks.md` is generated: `UPDATE_DOCS=1 cargo test checks_page` writes it.
    #[test]
    #[expect(clippy::disallowed_methods, reason = "a switch for whoever runs the test")]
    fn checks_page_is_the_catalogue() {
        let mut text = String::from(
            "# 审查代码\n\n由 `dasai check` 使用的全部代码；`dasai check rules 代码` 显示同样的说明。本页由程序的代码表生成。\n\n| 代码 | 级别 | 检查内容 | 依据 |\n| --- | --- | --- | --- |\n",
        );
        for entry in CATALOGUE {
            text = format!(
                "{text}| [{0}](#{1}) | {2} | {3} | {4} |\n",
                entry.name,
                entry.name.to_lowercase(),
                entry.severity.label(),
                entry.title,
                entry.clause
            );
        }
        for entry in CATALOGUE {
            text = format!(
                "{text}\n## {}\n\n{}（{}）。依据：{}。\n\n{}\n\n处理：{}。\n",
                entry.name,
                entry.title,
                entry.severity.label(),
                entry.clause,
                entry.explanation,
                entry.hint
            );
        }
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/checks.md");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, &text).unwrap();
        }
        assert_eq!(std::fs::read_to_string(path).unwrap().replace("\r\n", "\n"), text);
    }

    #[test]
    fn a_letter_names_all_its_codes() {
        assert_eq!(codes(&["d".to_owned()]).unwrap(), [Code::D201, Code::D202, Code::D203]);
        assert!(codes(&["X999".to_owned()]).is_err());
    }
}
