//! `screen notice`: the 补正通知, one per recommender or unit, with all defects of all its returned works. What a notice says is
//! `domain::correction_notice`.
//!
//! Decision worth knowing: a notice goes outside. It names errors and warnings that applicants can mend; a likeness that staff have yet
//! to judge is left out, because it would tell one applicant about another's work.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use jiff::Timestamp;

use super::context::{Context, Outcome};
use super::moments;
use super::organization;
use super::papers::{self, PaperForm, Printed};
use super::recommending::{Recommending, Who};
use super::screen_desk::Desk;
use crate::domain::correction_notice::{AddresseeKind, CorrectionNotice, Defect, NoticeWork};
use crate::domain::entry::Entry;
use crate::domain::finding::Finding;
use crate::domain::folding::fold_organization;
use crate::domain::listing::{Cell, Column, Document, Listing};
use crate::domain::problem::Severity;
use crate::domain::rules::{ContestRules, Deadline};
use crate::domain::screening::Queue;
use crate::error::AppError;
use crate::formats::target::{self, Reader as Audience, WriteError};
use crate::store::db::Reader;

/// Arguments of `screen notice`.
#[derive(Debug, Args)]
#[command(after_help = "示例：
  dasai screen notice --recommender 黄浦区市场监督管理局 --out 补正通知.docx
  dasai screen notice --organization 上海示例有限公司 --out 邮件.txt
  dasai screen notice --all --out 补正通知

写到文件时，结尾决定形式：.docx、.pdf，.txt 或 .md（邮件正文）；写到文件夹时，每份各写一套（.docx .pdf .txt）。没有推荐单位的作品，通知申报单位。")]
pub(super) struct NoticeArgs {
    /// 给这个推荐单位
    #[arg(long, value_name = "推荐单位", required_unless_present_any = ["organization", "all"], conflicts_with_all = ["organization", "all"])]
    recommender: Option<String>,
    /// 给这个申报单位
    #[arg(long, value_name = "单位", conflicts_with = "all")]
    organization: Option<String>,
    /// 给所有有退回作品的推荐单位，各一份
    #[arg(long)]
    all: bool,
    /// 写到哪个文件或文件夹
    #[arg(long, short, value_name = "文件或文件夹")]
    out: PathBuf,
    /// 通知的文号，如 沪质协函〔2024〕5号
    #[arg(long, value_name = "文号")]
    document: Option<String>,
    /// 联系方式，印在通知上，如 “大赛办公室 021-55550000”
    #[arg(long, value_name = "文字")]
    enquiries: Option<String>,
    /// 文件已存在时覆盖
    #[arg(long)]
    force: bool,
}

/// What a notice is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Paper(PaperForm),
    Mail,
}

impl Form {
    const OF_FOLDER: [(Self, &'static str); 3] =
        [(Self::Paper(PaperForm::Docx), "docx"), (Self::Paper(PaperForm::Pdf), "pdf"), (Self::Mail, "txt")];

    fn of(path: &Path) -> Result<Self, AppError> {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
        match ending.as_str() {
            "docx" => Ok(Self::Paper(PaperForm::Docx)),
            "pdf" => Ok(Self::Paper(PaperForm::Pdf)),
            "txt" | "md" => Ok(Self::Mail),
            other => {
                Err(AppError::usage(format!("补正通知不能写成 .{other}")).hint("可以写成 .docx、.pdf、.txt、.md，例如 --out 补正通知.docx"))
            }
        }
    }
}

/// Writes notices.
///
/// # Errors
/// A name cannot be found, nothing was returned, a file exists or cannot be written, or the contest cannot be read.
pub(super) fn run(context: &mut Context, args: &NoticeArgs) -> Result<Outcome, AppError> {
    let out = context.path(&args.out);
    let is_folder = out.is_dir() || args.out.extension().is_none();
    let form = if is_folder { None } else { Some(Form::of(&args.out)?) };
    let db = context.open()?;
    let (notices, has_mixed_dates, rules) = {
        let reader = db.reader()?;
        let desk = Desk::load(context, &reader)?;
        let (notices, has_mixed_dates) = notices(&reader, &desk, args)?;
        (notices, has_mixed_dates, desk.rules)
    };
    if notices.len() > 1 && !is_folder {
        return Err(
            AppError::usage(format!("有 {} 份通知，不能写进一个文件", notices.len())).hint("--out 写一个文件夹，例如 --out 补正通知")
        );
    }
    let mut files: Vec<(PathBuf, PathBuf, Form, &CorrectionNotice)> = Vec::new();
    let mut taken = BTreeSet::new();
    for notice in &notices {
        if let Some(form) = form {
            files.push((out.clone(), args.out.clone(), form, notice));
            continue;
        }
        let name = papers::file_name(&notice.addressee);
        // Two names may come out the same on paper, and some systems do not tell letters by their case.
        let mut free = (1..).map(|copy| if copy == 1 { name.clone() } else { format!("{name}-{copy}") });
        let name = free.find(|name| taken.insert(name.to_lowercase())).unwrap_or(name);
        files.extend(Form::OF_FOLDER.iter().map(|(form, ending)| {
            let name = format!("补正通知-{name}.{ending}");
            (out.join(&name), args.out.join(&name), *form, notice)
        }));
    }
    // Faults that are known beforehand come before the first file is written.
    if is_folder && !out.exists() {
        let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !parent.is_dir() {
            return Err(WriteError::MissingFolder(parent.to_owned()).into());
        }
        if !context.dry_run {
            std::fs::create_dir(&out).map_err(|error| AppError::io(format!("无法建立文件夹 {}", args.out.display()), &error))?;
        }
    }
    if !is_folder || out.exists() {
        for (path, ..) in &files {
            target::check(path, args.force)?;
        }
    }
    let columns = vec![
        Column::new("addressee", "通知对象"),
        Column::new("works", "作品"),
        Column::new("defects", "问题"),
        Column::new("until", "补正期限"),
        Column::new("file", "文件"),
    ];
    let mut listing = Listing::new("notices", "补正通知", columns);
    let mut unprintable = Vec::new();
    for (path, shown, form, notice) in &files {
        let printed = print(*form, notice, &rules, context.now)?;
        unprintable.extend(printed.missing.iter().map(papers::missing_text));
        if !context.dry_run {
            let fill = |file: &mut std::fs::File| file.write_all(&printed.bytes).map_err(|error| WriteError::Io(path.clone(), error));
            target::write(path, args.force, Audience::Everyone, fill)?;
        }
        listing.push(vec![
            notice.addressee.as_str().into(),
            Cell::count(notice.works.len()),
            Cell::count(notice.works.iter().map(|work| work.defects.len()).sum()),
            Cell::optional(notice.until, |until| super::deadline::printed(until).into()),
            shown.display().to_string().into(),
        ]);
    }
    let mut outcome = Outcome::of(Document::of(listing));
    if has_mixed_dates {
        outcome = outcome.message("注意：同一份通知里各作品的补正期限不同，通知上写最早的一个");
    }
    outcome.has_findings = !unprintable.is_empty();
    outcome.messages.extend(unprintable);
    if outcome.has_findings {
        outcome = outcome.message("不能印的字：改用 .docx，由收件人电脑上的字体显示，或与申报单位核对原字");
    }
    let done = if context.dry_run { "试运行：将写" } else { "已写" };
    Ok(outcome.message(format!("{done} {} 份通知，{} 个文件", notices.len(), files.len())))
}

/// A notice as a file.
fn print(form: Form, notice: &CorrectionNotice, rules: &ContestRules, now: Timestamp) -> Result<Printed, AppError> {
    match form {
        Form::Paper(form) => papers::print(&notice.paper(), form, rules, now),
        Form::Mail => {
            let mail = notice.mail();
            let text = format!("主题：{}\n\n{}", mail.subject, mail.body);
            Ok(Printed { bytes: text.into_bytes(), pages: None, missing: Vec::new() })
        }
    }
}

/// The notices that are asked for, by addressee, and whether the works of one have different dates.
fn notices(reader: &Reader<'_>, desk: &Desk, args: &NoticeArgs) -> Result<(Vec<CorrectionNotice>, bool), AppError> {
    let mut returned: Vec<(usize, &Entry)> =
        desk.checked.entries.iter().enumerate().filter(|(index, _)| desk.queue(*index) == Queue::Returned).collect();
    let stage = Recommending::read(reader, &desk.rules)?;
    let directory = &stage.directory;
    let mut whose = "目前没有退回修改的作品".to_owned();
    let mut kind = None;
    if let Some(text) = &args.recommender {
        let Who { key, name, .. } = stage.who(text)?;
        returned.retain(|(_, work)| directory.key(&work.declaration.recommender) == key);
        whose = format!("“{name}”没有退回修改的作品");
        kind = Some((AddresseeKind::Recommender, name));
    }
    if let Some(text) = &args.organization {
        let unit = organization::find(reader, text)?;
        returned.retain(|(_, work)| work.organization == unit.id);
        whose = format!("“{}”没有退回修改的作品", unit.name);
        kind = Some((AddresseeKind::Organization, unit.name));
    }
    if returned.is_empty() {
        return Err(AppError::refused(whose).hint("先退回：dasai screen return 编号 --reason 理由；已退回的：dasai screen list --returned"));
    }
    // By its key: one recommender is one, however it was written.
    let mut groups: BTreeMap<(bool, String), (AddresseeKind, String, Vec<usize>)> = BTreeMap::new();
    for (index, work) in returned {
        let named = work.declaration.recommender.trim();
        let (kind, name) = match &kind {
            Some((kind, name)) => (*kind, name.clone()),
            None if named.is_empty() || directory.is_direct(named) => (AddresseeKind::Organization, work.organization_name.clone()),
            None => (AddresseeKind::Recommender, directory.printed(named).to_owned()),
        };
        let key = (kind == AddresseeKind::Organization, fold_organization(&name));
        groups.entry(key).or_insert_with(|| (kind, name, Vec::new())).2.push(index);
    }
    let mut has_mixed_dates = false;
    let notices = groups.into_values().map(|(kind, addressee, works)| {
        let dates: Vec<Option<Deadline>> = works.iter().map(|index| desk.due(*index)).collect();
        has_mixed_dates |= dates.iter().any(|date| Some(date) != dates.first());
        CorrectionNotice {
            contest: desk.rules.contest.name.clone(),
            organizer: desk.rules.contest.organizer.clone().unwrap_or_default(),
            basis: desk.rules.contest.document.clone(),
            document: args.document.clone(),
            addressee,
            kind,
            works: works.iter().filter_map(|index| notice_work(desk, *index)).collect(),
            until: dates.into_iter().flatten().min(),
            date: desk.now.date(),
            enquiries: args.enquiries.clone(),
        }
    });
    let notices = notices.collect();
    Ok((notices, has_mixed_dates))
}

fn notice_work(desk: &Desk, index: usize) -> Option<NoticeWork> {
    let work = desk.work(index)?;
    let reason = desk.sent_back(index).map(|decided| decided.new.reason.trim()).filter(|reason| !reason.is_empty());
    let of_staff = reason.map(|reason| Defect { message: reason.to_owned(), ..Defect::default() });
    let found = desk.open(index).into_iter().filter(|finding| is_for_applicants(finding)).map(|finding| Defect {
        message: finding.late(moments::in_letter).unwrap_or_else(|| desk.checked.message(finding)),
        remedy: finding.code.entry().remedy.to_owned(),
        clause: finding.code.entry().clause.to_owned(),
    });
    Some(NoticeWork {
        number: work.number.to_string(),
        title: work.declaration.title.clone(),
        organization: work.organization_name.clone(),
        defects: of_staff.into_iter().chain(found).collect(),
    })
}

/// Whether applicants can do something about a finding, and may know of it.
fn is_for_applicants(finding: &Finding) -> bool {
    let is_likeness = finding.code.entry().name.starts_with('S');
    finding.severity == Severity::Error || (finding.severity == Severity::Warning && !is_likeness)
}
