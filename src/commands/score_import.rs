//! `score import`: marks from tables. Reads all files, plans, shows, and writes the good sheets in one operation; bad cells are listed
//! and stay "not entered".

use std::convert::Infallible;
use std::path::PathBuf;

use clap::Args;

use super::context::{Context, Outcome};
use super::files::{Collected, Found, digest, is_table_name};
use super::problems;
use super::results::{Contest, marks, participants};
use super::score_write::{self, SheetWrite};
use super::selection;
use crate::domain::category::{Category, Round};
use crate::domain::listing::{Audience, Cell, Column, Document, Listing};
use crate::domain::mark_intake::{Counts, MarkPlan, OnFile, Planner, TablePlan, given_part_names};
use crate::domain::problem::{Place, Problem, Severity, column_letters};
use crate::domain::rules::ContestRules;
use crate::domain::values::{EntryId, SourceId};
use crate::error::AppError;
use crate::formats::score_header::Vocabulary;
use crate::formats::score_sheet::{self, Event, Layout};
use crate::output::ui::Format;
use crate::store::db::Tx;
use crate::store::results::Origin;
use crate::store::sources::{self, Source};
use crate::store::{organizations, results as results_store};

/// Changes shown to people.
const SHOWN_CHANGES: usize = 50;

/// Arguments of `score import`.
#[derive(Debug, Args)]
#[command(
    after_help = "示例：\n  dasai score import 决赛评分.xlsx --category speech --round final\n  dasai score import 浦东.csv 黄浦.csv --category speech --round preliminary --dry-run\n  dasai score import 更正.xlsx --category speech --round final --update"
)]
pub struct ImportArgs {
    /// 评分表或放评分表的文件夹（可以多个）：一行一位评委、一列一位评委、给定分，或单个评委的评分表
    #[arg(value_name = "文件", required = true)]
    files: Vec<PathBuf>,
    /// 参赛类型（只有一个参赛类型时可省略）
    #[arg(long, value_name = "参赛类型")]
    category: Option<String>,
    /// 轮次（只有一轮时可省略）
    #[arg(long, value_name = "轮次")]
    round: Option<String>,
    /// 与已录分数不同的，按文件改
    #[arg(long)]
    update: bool,
}

/// A file that was read.
struct ReadFile {
    shown: String,
    size: u64,
    sha256: String,
    /// Why nothing of it could be read: what is wrong, and what to do.
    unreadable: Option<(String, String)>,
}

/// A table that was read: which file, and its shape.
struct ReadTable {
    file: usize,
    layout: Option<Layout>,
}

/// Imports marks.
///
/// # Errors
/// A file cannot be read as a table, or a name is unknown. Bad cells are no error: they are listed, and the exit code is 3.
pub fn run(context: &mut Context, args: &ImportArgs) -> Result<Outcome, AppError> {
    let mut db = context.open()?;
    let (rules, roster, plan, files, tables) = {
        let reader = db.reader()?;
        let (rules, roster) = context.rules_beside(&reader, Contest::load)?;
        let (category, round) = category_and_round(&rules, args)?;
        let works = participants(&reader, &roster, category, &round.id)?;
        let ids: Vec<EntryId> = works.iter().map(|work| work.id).collect();
        let on_file = marks(&reader, round, &works)?;
        let parts = results_store::given_parts(&reader, &category.id, &round.id)?;
        let organizations: Vec<_> = organizations::known_units(&reader)?.into_iter().map(|unit| (unit.folded, unit.id)).collect();
        let planner = Planner::new(OnFile {
            category,
            round,
            works: &roster.works,
            competition: roster.competition,
            organizations: &organizations,
            participants: &ids,
            judges: &roster.judges,
            marks: &on_file,
            parts: &parts,
        });
        let criteria: Vec<&str> = round.judges.iter().flat_map(|sheet| &sheet.criteria).map(|criterion| criterion.name.as_str()).collect();
        let judges: Vec<&str> = roster.judges.iter().map(|judge| judge.name.as_str()).collect();
        let vocabulary = Vocabulary::new(&criteria, &given_part_names(round), &judges);
        let (plan, files, tables) = read_files(context, args, planner, &vocabulary)?;
        (rules, roster, plan, files, tables)
    };
    let (category, round) = category_and_round(&rules, args)?;
    let for_scripts = context.ui.format != Format::Table;
    let document = document(&plan, &files, &tables, &roster, args.update, for_scripts);
    if let Some(failure) = nothing_readable(&files) {
        context.ui.show(&document)?;
        return Err(failure);
    }
    let totals = totals(&plan.tables);
    let mut outcome = Outcome::of(document);
    outcome.has_findings = plan.tables.iter().any(|table| table.unlisted > 0 || problems::any_error(&table.problems));
    let writes = totals.added + if args.update { totals.changed } else { 0 };
    if totals.changed > 0 && !args.update {
        outcome = outcome.message(format!("{} 份与已录的分数不同，没有改动；确认要按文件改：在命令后加 --update", totals.changed));
    }
    if totals.refused > 0 {
        outcome = outcome.message(format!("{} 份没有导入，见上面的问题；改正后再导入同一个文件即可，已导入的不受影响", totals.refused));
    }
    if writes == 0 {
        return Ok(outcome.message("没有需要写入的分数"));
    }
    if context.dry_run {
        return Ok(outcome.message("试运行：没有写入"));
    }
    let tx = context.operation(&mut db)?;
    let mut received = Vec::with_capacity(files.len());
    for file in files {
        let source = Source::file(file.shown, file.size, file.sha256, context.now);
        let id = sources::insert(&tx, &source, None)?;
        sources::describe(&tx, id, "scores", "")?;
        received.push(id);
    }
    write(&tx, &plan, &tables, &received, round, args.update, context.now)?;
    let summary = format!("导入{}{}的分数 {writes} 份", category.name, round.name);
    tx.finish(&summary)?;
    Ok(outcome.message(summary))
}

/// The failure when none of the files could be read.
fn nothing_readable(files: &[ReadFile]) -> Option<AppError> {
    let faults: Vec<_> = files.iter().map_while(|file| file.unreadable.as_ref().map(|fault| (file, fault))).collect();
    let (file, (message, hint)) = faults.first().filter(|_| faults.len() == files.len())?;
    let message = if files.len() == 1 {
        format!("{}：{message}", file.shown)
    } else {
        format!("{} 个文件都不能读取，什么都没有导入", files.len())
    };
    Some(AppError::damaged(message).hint(hint))
}

fn category_and_round<'a>(rules: &'a ContestRules, args: &ImportArgs) -> Result<(&'a Category, &'a Round), AppError> {
    let category = match (&args.category, rules.categories.as_slice()) {
        (Some(text), _) => selection::category(rules, text)?,
        (None, [only]) => only,
        (None, categories) => {
            let known: Vec<&str> = categories.iter().map(|category| category.id.as_str()).collect();
            return Err(AppError::usage("不知道是哪个参赛类型的分数").hint(format!("用 --category 指明：{}", known.join("、"))));
        }
    };
    Ok((category, selection::round_or_only(category, args.round.as_deref())?))
}

fn read_files(
    context: &mut Context,
    args: &ImportArgs,
    mut planner: Planner<'_>,
    vocabulary: &Vocabulary,
) -> Result<(MarkPlan, Vec<ReadFile>, Vec<ReadTable>), AppError> {
    let mut files = Vec::new();
    let mut tables: Vec<ReadTable> = Vec::new();
    let collected = Collected::new(context, &args.files);
    if let Some((shown, error)) = collected.closed.first() {
        return Err(AppError::io(format!("文件夹打不开：{shown}"), error).hint("检查文件夹的权限后重试"));
    }
    let found: Vec<Found> = collected.files.into_iter().filter(|found| found.is_named || is_table_name(&found.shown)).collect();
    if found.is_empty() {
        return Err(AppError::not_found("文件夹里没有表格").hint("评分表应为 .xlsx 或 .csv"));
    }
    for Found { path, shown, .. } in found {
        let digest = digest(&path).map_err(|error| AppError::io(format!("无法读取 {shown}"), &error).hint("检查文件名和所在文件夹"))?;
        let file = files.len();
        files.push(ReadFile { shown: shown.clone(), size: digest.size, sha256: digest.sha256, unreadable: None });
        let read = score_sheet::read::<Infallible>(&path, &shown, vocabulary, &mut |event| {
            match event {
                Event::Table { sheet, layout, problems } => {
                    tables.push(ReadTable { file, layout });
                    planner.table(&shown, &sheet, problems);
                }
                Event::Row(row) => planner.row(&row),
                Event::Problem(problem) => planner.note(problem),
            }
            Ok(())
        });
        match read {
            Ok(Ok(())) => {}
            Ok(Err(unreadable)) => {
                tables.push(ReadTable { file, layout: None });
                if let Some(read) = files.last_mut() {
                    read.unreadable = Some((unreadable.message.clone(), unreadable.hint.clone()));
                }
                let place = Place { file: shown.clone(), ..Place::default() };
                planner.table(
                    &shown,
                    "",
                    vec![Problem {
                        code: unreadable.code,
                        severity: Severity::Error,
                        place,
                        field: None,
                        value: String::new(),
                        message: unreadable.message,
                        hint: unreadable.hint,
                    }],
                );
            }
        }
    }
    Ok((planner.finish(), files, tables))
}

fn write(
    tx: &Tx<'_>,
    plan: &MarkPlan,
    tables: &[ReadTable],
    sources: &[SourceId],
    round: &Round,
    update: bool,
    at: jiff::Timestamp,
) -> Result<(), AppError> {
    let source_of = |table: usize| tables.get(table).and_then(|table| sources.get(table.file)).copied();
    let cell_of = |table: usize, column: u32, row: u32| {
        let sheet = plan.tables.get(table).map_or("", |table| table.sheet.as_str());
        if sheet.is_empty() { format!("{}{row}", column_letters(column)) } else { format!("{sheet}!{}{row}", column_letters(column)) }
    };
    for sheet in plan.sheets.iter().filter(|sheet| update || !sheet.replaces) {
        let origin = sheet.origin;
        let write = SheetWrite {
            entry: sheet.entry,
            judge: sheet.judge,
            old: sheet.old.as_ref(),
            new: &sheet.new,
            source: source_of(origin.table),
        };
        let cell = |criterion: Option<usize>| {
            let column = criterion.and_then(|position| sheet.columns.get(position)).copied().unwrap_or(origin.column);
            cell_of(origin.table, column, origin.row)
        };
        score_write::write(tx, round, &write, &cell, at)?;
    }
    for part in plan.parts.iter().filter(|part| update || part.old.is_none()) {
        let cell = cell_of(part.origin.table, part.origin.column, part.origin.row);
        let origin = Origin { source: source_of(part.origin.table), cell: &cell, at };
        results_store::put_given_part(tx, &round.id, &part.given, origin)?;
    }
    Ok(())
}

fn totals(tables: &[TablePlan]) -> Counts {
    let mut totals = Counts::default();
    for counts in tables.iter().map(|table| table.counts) {
        totals.rows += counts.rows;
        totals.added += counts.added;
        totals.unchanged += counts.unchanged;
        totals.changed += counts.changed;
        totals.empty += counts.empty;
        totals.refused += counts.refused;
    }
    totals
}

/// The six counts as cells; what differs counts as updated when it is to be written.
fn count_cells(counts: Counts, update: bool) -> [(&'static str, &'static str, Cell); 7] {
    let (updated, changed) = if update { (counts.changed, 0) } else { (0, counts.changed) };
    [
        ("rows", "行数", Cell::count(counts.rows)),
        ("added", "新录", Cell::count(counts.added)),
        ("updated", "更改", Cell::count(updated)),
        ("unchanged", "相同", Cell::count(counts.unchanged)),
        ("changed", "不同未改", Cell::count(changed)),
        ("empty", "空着", Cell::count(counts.empty)),
        ("refused", "未导入", Cell::count(counts.refused)),
    ]
}

fn document(plan: &MarkPlan, files: &[ReadFile], tables: &[ReadTable], roster: &Contest, update: bool, for_scripts: bool) -> Document {
    let mut columns = vec![Column::new("path", "文件"), Column::new("sheet", "工作表").minor(), Column::new("layout", "格式").minor()];
    columns.extend(count_cells(Counts::default(), update).map(|(key, title, _)| Column::new(key, title)));
    columns.push(Column::new("problems", "问题").only(Audience::Scripts));
    let mut listing = Listing::new("files", "评分表", columns);
    for (table, read) in plan.tables.iter().zip(tables) {
        let mut row = vec![
            Cell::text(files.get(read.file).map_or("", |file| file.shown.as_str())),
            Cell::text(table.sheet.as_str()),
            Cell::optional(read.layout, |layout| Cell::keyed(layout.key(), layout.label())),
        ];
        row.extend(count_cells(table.counts, update).map(|(_, _, cell)| cell));
        row.push(Cell::List(if for_scripts { table.problems.iter().map(problems::record).collect() } else { Vec::new() }));
        listing.push(row);
    }
    let total = count_cells(totals(&plan.tables), update).map(|(key, _, cell)| (key.to_owned(), cell));
    let mut document = Document::default().listing(listing).value("totals", "", Cell::Record(total.to_vec()));
    let changes = changes(plan, roster, update, for_scripts);
    if for_scripts || !changes.rows.is_empty() {
        document = document.listing(changes);
    }
    if !for_scripts {
        let listed = problems::listing(plan.tables.iter().flat_map(|table| &table.problems));
        if !listed.rows.is_empty() {
            document = document.listing(listed);
        }
        let unlisted: usize = plan.tables.iter().map(|table| table.unlisted).sum();
        if unlisted > 0 {
            document = document.line(format!("另有 {unlisted} 处问题没有列出"));
        }
    }
    document
}

/// What was on file and is other in the files, old → new.
fn changes(plan: &MarkPlan, roster: &Contest, update: bool, for_scripts: bool) -> Listing {
    let columns = vec![
        Column::new("entry", "作品编号"),
        Column::new("judge", "评委"),
        Column::new("part", "给定分"),
        Column::new("old", "原来"),
        Column::new("new", "文件里"),
        Column::new("written", "已改"),
    ];
    let mut listing = Listing::new("changes", "与已录不同的分数", columns);
    let limit = if for_scripts { usize::MAX } else { SHOWN_CHANGES };
    let sheets = plan.sheets.iter().filter(|sheet| sheet.replaces).map(|sheet| {
        vec![
            Cell::text(roster.number(sheet.entry)),
            Cell::text(roster.judge_name(sheet.judge)),
            Cell::Empty,
            Cell::text(score_write::shown(sheet.old.as_ref())),
            Cell::text(score_write::shown(Some(&sheet.new))),
            Cell::Flag(update),
        ]
    });
    let parts = plan.parts.iter().filter_map(|part| {
        Some(vec![
            Cell::text(roster.number(part.given.entry)),
            Cell::Empty,
            Cell::text(part.given.part.as_str()),
            Cell::text(part.old?.to_string()),
            Cell::text(part.given.points.to_string()),
            Cell::Flag(update),
        ])
    });
    let mut rest = 0_usize;
    for row in sheets.chain(parts) {
        if listing.rows.len() < limit {
            listing.push(row);
        } else {
            rest += 1;
        }
    }
    if rest > 0 {
        listing.notes.push(format!("另有 {rest} 份没有列出；全部用 --format json 查看"));
    }
    listing
}
