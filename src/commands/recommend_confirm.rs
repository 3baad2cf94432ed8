//! `recommend confirm`: a recommender's stamped sheet (盖章推荐表) comes in: the scan is recorded with its digest, and its works are
//! recommended. Refuses to read what stands on the scan: which works it covers, staff say by what is on record.
//!
//! Decision worth knowing: a sheet that comes late is recorded with its moment and never refused; `check` reports it (D202), and staff
//! decide there.

use std::fs::File;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::context::{Context, Outcome};
use super::files::digest;
use super::moments::moment;
use super::recommend::confirm;
use super::recommending::{Recommending, Who};
use crate::domain::attachment::{Condition, FileType};
use crate::domain::command_word::word;
use crate::domain::entry::EntrySummary;
use crate::domain::listing::{Cell, Column, Document, Listing};
use crate::domain::recommendation::{Lack, Recommendation, StampedSheet};
use crate::domain::rules::{ContestRules, Deadline};
use crate::domain::values::StampedSheetId;
use crate::error::AppError;
use crate::formats::file_type::{self, Inspected};
use crate::store::db::{Reader, Tx};
use crate::store::{oplog, recommendations};

/// Arguments of `recommend confirm`.
#[derive(Debug, Args)]
#[command(
    after_help = "示例：\n  dasai recommend confirm 黄浦区市场监督管理局 --sheet 收件/黄浦推荐表.pdf\n  dasai recommend confirm 黄浦区市场监督管理局 --sheet 黄浦.jpg --at 2024-07-10T16:00\n  dasai recommend confirm 黄浦区市场监督管理局 --sheet 黄浦.pdf --without-opinion leave"
)]
pub struct ConfirmArgs {
    /// 推荐单位的名称或别名
    #[arg(value_name = "推荐单位")]
    recommender: String,
    /// 盖章推荐表的扫描件（PDF、JPG、PNG、TIFF）；文件留在原处，只登记位置、大小和 SHA-256
    #[arg(long, value_name = "扫描件")]
    sheet: PathBuf,
    /// 收到盖章推荐表的时间（默认：现在），如 2024-07-10 或 2024-07-10T16:00
    #[arg(long, value_name = "时间")]
    at: Option<String>,
    /// 没有推荐意见的作品怎么办：recommend 也算已推荐，leave 留着不算；不写而有这样的作品则不确认
    #[arg(long, value_name = "办法")]
    without_opinion: Option<WithoutOpinion>,
}

/// What becomes of works without an opinion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum WithoutOpinion {
    /// 也算已推荐
    #[value(alias = "推荐")]
    Recommend,
    /// 留着不算
    #[value(alias = "不推荐")]
    Leave,
}

/// The types that a scan may have.
const SCANS: [FileType; 4] = [FileType::Pdf, FileType::Jpg, FileType::Png, FileType::Tiff];

/// Records a stamped sheet.
///
/// # Errors
/// The recommender does not exist or recommends nothing, works lack an opinion, or the scan is not one.
pub(super) fn run(context: &mut Context, args: &ConfirmArgs) -> Result<Outcome, AppError> {
    let mut db = context.open()?;
    let (rules, stage) = {
        let reader = db.reader()?;
        let rules = context.rules(&reader)?;
        let stage = Recommending::read(&reader, &rules)?;
        (rules, stage)
    };
    let typed = args.at.as_deref().map(|text| moment("--at", text, &rules)).transpose()?;
    let who = stage.who(&args.recommender)?;
    if stage.is_direct(&who) {
        return Err(AppError::refused(format!("“{}”是直接报名，不需要盖章推荐表", who.name)).hint("查看推荐单位：dasai recommender list"));
    }
    let plan = plan(&stage, &who, args.without_opinion)?;
    let path = context.path(&args.sheet);
    let scan = scan(&path, &args.sheet.display().to_string())?;
    let mut others = stage.sheets.iter().filter(|known| known.sha256 == scan.sha256);
    if let Some(other) = others.clone().find(|known| stage.directory.key(&known.recommender) != who.key) {
        let error = AppError::refused(format!("这份扫描件已登记为“{}”的盖章推荐表", other.recommender)).hint("核对是否选错了文件");
        return Err(match registered(&db.reader()?, other.id)? {
            Some(id) => error.hint(format!("那一次登记错了的，撤销它：dasai undo --operation {id}")),
            None => error,
        });
    }
    // The newest scan counts; the same one again only covers what it did not cover, from when it came.
    let known = others.next_back();
    if let (Some(known), Some(at)) = (known, typed)
        && known.confirmed_at != at
    {
        let moment = rules.local(known.confirmed_at).strftime("%Y-%m-%d %H:%M");
        return Err(AppError::refused(format!("这份扫描件已登记为 {moment} 收到，与 --at 不同"))
            .hint("去掉 --at，按登记的时间确认；登记的时间错了的，先撤销那一次：dasai log"));
    }
    let sheet = StampedSheet {
        id: StampedSheetId(0),
        recommender: who.name.clone(),
        path: path.display().to_string(),
        size: scan.size,
        sha256: scan.sha256,
        file_type: scan.file_type.key().to_owned(),
        confirmed_at: known.map(|known| known.confirmed_at).or(typed).unwrap_or(context.now),
    };
    let mut outcome = Outcome::of(document(&rules, &who, &sheet, &plan));
    if plan.confirmed.is_empty() && known.is_some() {
        return Ok(outcome.message("这份扫描件已经登记，没有变化"));
    }
    if !plan.left.is_empty() {
        outcome = outcome.message(format!("没有推荐意见或推荐已撤回，没有确认的 {} 件：{}", plan.left.len(), numbers(&plan.left)));
    }
    let is_past = |deadline: Option<Deadline>| deadline.is_some_and(|deadline| deadline.is_past(rules.local(sheet.confirmed_at)));
    let late = plan.confirmed.iter().filter(|(work, _)| is_past(stage.closing_of(&rules, work))).count();
    let late = match late {
        0 if plan.confirmed.is_empty() && is_past(stage.closing(&rules, &who)) => Some(String::new()),
        0 => None,
        late if late == plan.confirmed.len() => Some(String::new()),
        late => Some(format!("{late} 件")),
    };
    if let Some(how_many) = &late {
        outcome = outcome.message(format!("注意：{how_many}晚于推荐截止时间，已按实际时间登记；dasai check --only D202 列出"));
    }
    if context.dry_run {
        return Ok(outcome.message("试运行：什么都没有写入"));
    }
    let tx = context.operation(&mut db)?;
    write(&tx, &sheet, known.map(|known| known.id), &plan)?;
    let late = late.map_or_else(String::new, |how_many| format!("（{how_many}晚于截止时间）"));
    tx.finish(&format!("“{}”盖章确认推荐 {} 件{late}", who.name, plan.confirmed.len()))?;
    Ok(outcome)
}

/// What a sheet confirms.
struct Plan<'a> {
    /// Works that it recommends, with what is then said of them.
    confirmed: Vec<(&'a EntrySummary, Recommendation)>,
    /// Works that an earlier sheet covers.
    before: Vec<&'a EntrySummary>,
    /// Works without an opinion, left alone.
    left: Vec<&'a EntrySummary>,
}

fn plan<'a>(stage: &'a Recommending, who: &Who, without_opinion: Option<WithoutOpinion>) -> Result<Plan<'a>, AppError> {
    let works = stage.works_of(who);
    if works.is_empty() {
        return Err(AppError::refused(format!("“{}”没有参赛的作品，没有什么可确认", who.name))
            .hint("核对推荐单位的写法：dasai recommender list；作品的推荐单位：dasai entry list"));
    }
    let mut plan = Plan { confirmed: Vec::new(), before: Vec::new(), left: Vec::new() };
    let mut silent = Vec::new();
    for work in works {
        let is_withdrawn = stage.lacks(work, who).contains(&Lack::Withdrawn);
        match stage.said_of(work, who) {
            Some(said) if said.stamped.is_some() => plan.before.push(work),
            Some(said) if !said.opinion.is_empty() => plan.confirmed.push((work, said.clone())),
            // What was taken back is not brought back by a stamp.
            _ if is_withdrawn => plan.left.push(work),
            said => silent.push((work, said)),
        }
    }
    match without_opinion {
        _ if silent.is_empty() => {}
        None => {
            let works: Vec<&EntrySummary> = silent.iter().map(|(work, _)| *work).collect();
            let first = works.first().map(|work| work.number.to_string()).unwrap_or_default();
            return Err(AppError::refused(format!("“{}”有 {} 件作品没有推荐意见：{}", who.name, works.len(), numbers(&works)))
                .hint(format!("补登意见：dasai recommend set {first} --opinion 推荐意见；或导入收到的推荐表：dasai import 文件"))
                .hint("盖章的表上有它们，意见不另登记：加 --without-opinion recommend")
                .hint("盖章的表上没有它们：加 --without-opinion leave"));
        }
        Some(WithoutOpinion::Leave) => plan.left.extend(silent.into_iter().map(|(work, _)| work)),
        Some(WithoutOpinion::Recommend) => {
            for (work, said) in silent {
                let said = said.cloned().unwrap_or_else(|| Recommendation::new(work.id, &who.name, jiff::Timestamp::UNIX_EPOCH));
                plan.confirmed.push((work, said));
            }
        }
    }
    if plan.confirmed.is_empty() && plan.before.is_empty() {
        return Err(AppError::refused(format!("“{}”没有一件作品有推荐意见，没有什么可确认", who.name))
            .hint(format!("查看还缺什么：dasai recommend list {}", word(&who.name))));
    }
    Ok(plan)
}

fn numbers(works: &[&EntrySummary]) -> String {
    const MOST: usize = 20;
    let shown: Vec<&str> = works.iter().take(MOST).map(|work| work.number.as_str()).collect();
    let more = if works.len() > MOST { format!(" 等 {} 件", works.len()) } else { String::new() };
    format!("{}{more}", shown.join("、"))
}

/// What a scan is.
struct Scan {
    size: u64,
    sha256: String,
    file_type: FileType,
}

/// Looks at a scan.
///
/// # Errors
/// It is not there, empty, broken, locked, or no picture of a page.
fn scan(path: &Path, shown: &str) -> Result<Scan, AppError> {
    let again = "请向推荐单位索取盖章推荐表的扫描件（PDF、JPG、PNG 或 TIFF）";
    if path.is_dir() {
        return Err(AppError::usage(format!("这是文件夹，不是扫描件：{shown}")).hint("写明文件，例如 --sheet 收件/推荐表.pdf"));
    }
    let unreadable = |error: &std::io::Error| AppError::io(format!("扫描件打不开：{shown}"), error).hint("检查路径和文件名");
    let Inspected { file_type, condition } =
        File::open(path).and_then(|mut file| file_type::inspect(&mut file)).map_err(|error| unreadable(&error))?;
    if condition == Condition::Empty {
        return Err(AppError::damaged(format!("扫描件是空的：{shown}")).hint(again));
    }
    if !SCANS.contains(&file_type) {
        return Err(AppError::damaged(format!("这不是扫描件，内容是{}：{shown}", file_type.label())).hint(again));
    }
    match condition {
        Condition::Broken => return Err(AppError::damaged(format!("扫描件不完整：{shown}")).hint(again)),
        Condition::Encrypted => {
            return Err(AppError::damaged(format!("扫描件设有打开密码：{shown}")).hint("请向推荐单位索取不设密码的扫描件"));
        }
        Condition::Sound | Condition::Empty => {}
    }
    let digest = digest(path).map_err(|error| unreadable(&error))?;
    Ok(Scan { size: digest.size, sha256: digest.sha256, file_type })
}

fn write(tx: &Tx<'_>, sheet: &StampedSheet, known: Option<StampedSheetId>, plan: &Plan<'_>) -> Result<(), AppError> {
    let id = match known {
        Some(id) => id,
        None => recommendations::insert_sheet(tx, sheet)?,
    };
    for (work, said) in &plan.confirmed {
        // A recommendation that says nothing but that it is stamped was given when the stamp came.
        let given_at = if said.opinion.is_empty() { sheet.confirmed_at } else { said.given_at };
        recommendations::put(tx, &Recommendation { stamped: Some(id), given_at, ..said.clone() })?;
        confirm(tx, work.id, work.status, sheet.confirmed_at)?;
    }
    Ok(())
}

fn document(rules: &ContestRules, who: &Who, sheet: &StampedSheet, plan: &Plan<'_>) -> Document {
    let columns = vec![
        Column::new("order", "排序"),
        Column::new("entry", "作品"),
        Column::new("organization", "申报单位"),
        Column::new("title", "作品名称"),
        Column::new("category", "作品类型").minor(),
        Column::new("opinion", "推荐意见"),
    ];
    let mut listing = Listing::new("confirmed", "确认推荐的作品", columns).when_empty("没有新确认的作品");
    for (work, said) in &plan.confirmed {
        listing.push(vec![
            Cell::optional(said.position, |position| Cell::Integer(position.into())),
            work.number.as_str().into(),
            work.organization_name.as_str().into(),
            work.title.as_str().into(),
            super::entry::category_cell(rules, &work.category),
            said.opinion.as_str().into(),
        ]);
    }
    let list = |works: &[&EntrySummary]| Cell::List(works.iter().map(|work| work.number.as_str().into()).collect());
    let file_type = FileType::from_key(&sheet.file_type).unwrap_or_default();
    Document::default()
        .value("recommender", "推荐单位", who.name.as_str())
        .value("sheet", "盖章推荐表", sheet.path.as_str())
        .value("type", "类型", Cell::keyed(file_type.key(), file_type.label()))
        .value("size", "", Cell::Integer(i64::try_from(sheet.size).unwrap_or(i64::MAX)))
        .value("", "大小", crate::domain::finding::bytes(sheet.size))
        .value("sha256", "SHA-256", sheet.sha256.as_str())
        .value("confirmed_at", "收到时间", Cell::Moment(sheet.confirmed_at))
        .listing(listing)
        .value("confirmed_before", "此前已确认的", list(&plan.before))
        .value("left", "没有确认的", list(&plan.left))
}

/// The operation by which a sheet was registered.
fn registered(reader: &Reader<'_>, sheet: StampedSheetId) -> Result<Option<i64>, AppError> {
    let history = oplog::history(reader, "recommendation_sheet", sheet.0)?;
    Ok(history.first().map(|(operation, _)| operation.id.0))
}
