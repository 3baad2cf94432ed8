//! `recommend sheet`: 附件3 参赛作品推荐表 as a file to print and stamp: one recommender's, or one each into a folder. What it says is
//! `domain::recommendation_sheet`. Changes nothing in the contest.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::context::{Context, Outcome};
use super::papers::{self, PaperForm, Printed};
use super::recommending::{Recommending, Who};
use crate::domain::command_word::word;
use crate::domain::listing::{Audience, Cell, Column, Document, Listing};
use crate::domain::recommendation::Lack;
use crate::domain::recommendation_sheet::{SheetContent, SheetFiller, SheetRow};
use crate::domain::rules::ContestRules;
use crate::error::AppError;
use crate::formats::target::{self, Reader, WriteError};

/// Arguments of `recommend sheet`.
#[derive(Debug, Args)]
#[command(
    after_help = "示例：\n  dasai recommend sheet 黄浦区市场监督管理局 --out 黄浦推荐表.docx\n  dasai recommend sheet 黄浦区市场监督管理局 --out 黄浦推荐表.pdf\n  dasai recommend sheet --all --out 推荐表 --as docx"
)]
pub struct SheetArgs {
    /// 推荐单位的名称或别名
    #[arg(value_name = "推荐单位", required_unless_present = "all")]
    recommender: Option<String>,
    /// 所有有作品的推荐单位，各写一份到 --out 的文件夹
    #[arg(long, conflicts_with = "recommender", requires = "form")]
    all: bool,
    /// 写到哪个文件；结尾决定形式：.docx .pdf .xlsx。与 --all 同用时是文件夹
    #[arg(long, short, value_name = "文件")]
    out: PathBuf,
    /// 与 --all 同用：docx、pdf 或 xlsx
    #[arg(long = "as", value_name = "形式", requires = "all")]
    form: Option<PaperForm>,
    /// 只列已有推荐意见的作品（平时没有意见的也列，意见留空）
    #[arg(long)]
    recommended: bool,
    /// 填表人、电话、邮箱印上登记的联系人（平时留空，由推荐单位填写）
    #[arg(long)]
    contact: bool,
    /// 文件已存在时覆盖
    #[arg(long)]
    force: bool,
}

/// A sheet to be written.
struct Sheet {
    who: Who,
    out: PathBuf,
    form: PaperForm,
    content: SheetContent,
    /// Numbers of works without an opinion.
    silent: Vec<String>,
    /// Whether the order has gaps.
    is_unordered: bool,
}

/// Writes sheets.
///
/// # Errors
/// The recommender does not exist or has no works, or a file exists or cannot be written.
pub(super) fn run(context: &mut Context, args: &SheetArgs) -> Result<Outcome, AppError> {
    let single = if args.all { None } else { Some(PaperForm::of(&args.out)?) };
    if single.is_some() {
        target::check(&context.path(&args.out), args.force)?;
    }
    let db = context.open()?;
    let reader = db.reader()?;
    let rules = context.rules(&reader)?;
    let stage = Recommending::read(&reader, &rules)?;
    let sheets = match (&args.recommender, single, args.form) {
        (Some(text), Some(form), _) => {
            let who = stage.who(text)?;
            vec![sheet(&stage, &rules, args, who, args.out.clone(), form)?]
        }
        (_, _, Some(form)) => all(&stage, &rules, args, form)?,
        (..) => return Err(AppError::usage("没有写推荐单位").hint("例如：dasai recommend sheet 黄浦区市场监督管理局 --out 推荐表.docx")),
    };
    if args.all {
        check_all(context, args, &sheets)?;
    }
    let mut outcome = Outcome::default();
    let columns = vec![
        Column::new("recommender", "推荐单位"),
        Column::new("file", "文件"),
        Column::new("works", "作品"),
        Column::new("pages", "页数"),
        Column::new("without_opinion", "没有推荐意见").only(Audience::Scripts),
        Column::new("", "没有推荐意见").only(Audience::People),
        Column::new("missing_glyphs", "不能印的字").only(Audience::Scripts),
    ];
    let mut listing = Listing::new("sheets", "推荐表", columns);
    let mut progress = context.ui.progress((sheets.len() > 1).then_some(sheets.len() as u64), "推荐表");
    for sheet in &sheets {
        let printed = papers::print(&sheet.content.paper(), sheet.form, &rules, context.now)?;
        if !context.dry_run {
            write(&context.path(&sheet.out), args, &printed)?;
        }
        progress.inc(1);
        outcome.messages.extend(printed.missing.iter().map(papers::missing_text));
        outcome.has_findings |= !printed.missing.is_empty();
        let silent = &sheet.silent;
        listing.push(vec![
            sheet.who.name.as_str().into(),
            sheet.out.display().to_string().into(),
            Cell::count(sheet.content.rows.len()),
            Cell::optional(printed.pages, Cell::count),
            Cell::List(silent.iter().map(Cell::text).collect()),
            if silent.is_empty() { Cell::Empty } else { format!("{} 件", silent.len()).into() },
            Cell::List(printed.missing.iter().map(papers::missing_record).collect()),
        ]);
    }
    drop(progress);
    outcome.document = Document::of(listing);
    let unordered: Vec<&str> = sheets.iter().filter(|sheet| sheet.is_unordered).map(|sheet| sheet.who.name.as_str()).collect();
    if !unordered.is_empty() {
        outcome = outcome.message(format!("排序不全或不连续：{}；排定：dasai recommend order 推荐单位 编号 编号 …", unordered.join("、")));
    }
    if outcome.has_findings {
        outcome = outcome.message("不能印的字：改用 .docx，由收件人电脑上的字体显示，或与申报单位核对原字");
    }
    Ok(if context.dry_run { outcome.message("试运行：什么都没有写") } else { outcome })
}

/// The sheet of a recommender.
///
/// # Errors
/// There is nothing to put on it.
fn sheet(stage: &Recommending, rules: &ContestRules, args: &SheetArgs, who: Who, out: PathBuf, form: PaperForm) -> Result<Sheet, AppError> {
    if stage.is_direct(&who) {
        return Err(AppError::refused(format!("“{}”是直接报名，没有推荐表", who.name)).hint("查看推荐单位：dasai recommender list"));
    }
    let (mut rows, mut silent) = (Vec::new(), Vec::new());
    for work in stage.works_of(&who) {
        let lacks = stage.lacks(work, &who);
        // What its recommender took back is not on its sheet.
        if lacks.contains(&Lack::Withdrawn) {
            continue;
        }
        let said = stage.said_of(work, &who);
        let opinion = said.map_or("", |said| said.opinion.as_str());
        if opinion.is_empty() {
            if args.recommended {
                continue;
            }
            silent.push(work.number.to_string());
        }
        rows.push(SheetRow {
            order: said.and_then(|said| said.position),
            number: work.number.to_string(),
            organization: work.organization_name.clone(),
            title: work.title.clone(),
            category: rules.category(&work.category).map_or_else(|| work.category.to_string(), |category| category.name.clone()),
            opinion: opinion.to_owned(),
        });
    }
    if rows.is_empty() {
        return Err(AppError::refused(format!("“{}”没有可列入推荐表的作品", who.name))
            .hint(format!("查看它的作品和推荐意见：dasai recommend list {}", word(&who.name))));
    }
    let deadline = stage.closing(rules, &who);
    let contact = stage.directory.find(&who.name).map(|known| known.contact.clone()).filter(|_| args.contact).unwrap_or_default();
    let is_unordered = (1_u32..).zip(&rows).any(|(place, row)| row.order != Some(place));
    let content = SheetContent {
        contest: rules.contest.name.clone(),
        recommender: who.name.clone(),
        rows,
        declaration: None,
        filler: SheetFiller { name: contact.name, phone: contact.phone, email: contact.email, ..SheetFiller::default() },
        deadline,
    };
    Ok(Sheet { who, out, form, content, silent, is_unordered })
}

/// The sheets of all recommenders that have something to put on one.
fn all(stage: &Recommending, rules: &ContestRules, args: &SheetArgs, form: PaperForm) -> Result<Vec<Sheet>, AppError> {
    let mut names = BTreeSet::new();
    let mut sheets = Vec::new();
    for who in stage.everyone() {
        if stage.is_direct(&who) || stage.works_of(&who).is_empty() {
            continue;
        }
        let base = papers::file_name(&who.name);
        let mut name = format!("{base}推荐表.{}", form.ending());
        // Names that a disk takes for one are told apart by a number.
        let mut number = 2;
        while !names.insert(name.to_lowercase()) {
            name = format!("{base}推荐表（{number}）.{}", form.ending());
            number += 1;
        }
        // One that has nothing to put on its sheet has none.
        sheets.extend(sheet(stage, rules, args, who, args.out.join(name), form).ok());
    }
    if sheets.is_empty() {
        return Err(AppError::refused("没有一家推荐单位有可列入推荐表的作品").hint("查看推荐单位和作品：dasai recommender list"));
    }
    Ok(sheets)
}

/// Makes the folder, and looks at all files before the first is written.
fn check_all(context: &Context, args: &SheetArgs, sheets: &[Sheet]) -> Result<(), AppError> {
    let folder = context.path(&args.out);
    if folder.exists() && !folder.is_dir() {
        return Err(AppError::usage(format!("--out 不是文件夹：{}", args.out.display())).hint("与 --all 同用时写文件夹，例如 --out 推荐表"));
    }
    if !context.dry_run {
        std::fs::create_dir_all(&folder)
            .map_err(|error| AppError::io(format!("文件夹建不起来：{}", args.out.display()), &error).hint("检查路径和写权限"))?;
    }
    if folder.is_dir() {
        for sheet in sheets {
            target::check(&context.path(&sheet.out), args.force)?;
        }
    }
    Ok(())
}

fn write(path: &Path, args: &SheetArgs, printed: &Printed) -> Result<(), AppError> {
    let reader = if args.contact { Reader::Owner } else { Reader::Everyone };
    let failed = |error| WriteError::Io(path.to_owned(), error);
    Ok(target::write(path, args.force, reader, |file| file.write_all(&printed.bytes).map_err(failed))?)
}
