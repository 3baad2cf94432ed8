//! `recommender import`: a table of recommenders. What is on file already changes nothing; other contacts are shown and need `--update`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;

use super::context::{Context, Outcome};
use super::recommender::{kind, name, put};
use super::{problems, recommending};
use crate::domain::listing::{Audience, Cell, Column, Document, Listing};
use crate::domain::problem::{Problem, Severity};
use crate::domain::recommendation::{Contact, Directory, Recommender, RecommenderKind, fold_recommender};
use crate::error::AppError;
use crate::formats::recommender_table::{self, RecommenderRow};

/// Arguments of `recommender import`.
#[derive(Debug, Args)]
#[command(
    after_help = "示例：\n  dasai recommender import 推荐单位.xlsx\n  dasai recommender import 推荐单位.csv --update\n\n表头：名称（或推荐单位），可以有类别、联系人、电话、邮箱；没有写类别的按名称判断"
)]
pub struct ImportArgs {
    /// 推荐单位名单（可以多个）
    #[arg(value_name = "文件", required = true)]
    files: Vec<PathBuf>,
    /// 已登记的内容与表中不同时，采用表中的
    #[arg(long)]
    update: bool,
}

/// What registering a recommender adds.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// As it will be: gaps filled, nothing overwritten.
    pub(super) recommender: Recommender,
    /// As it would be with everything that is given.
    pub(super) applied: Recommender,
    /// Whether nobody knew it.
    pub(super) is_new: bool,
    /// Whether `recommender` brings anything.
    pub(super) has_changes: bool,
    /// What is given differently: label, old, new; masked.
    pub(super) differences: Vec<(&'static str, String, String)>,
}

impl Plan {
    /// What is new compared with the list.
    pub(super) fn new(directory: &Directory, name: &str, kind: Option<RecommenderKind>, contact: &Contact) -> Self {
        let known = directory.find(name);
        let Some(known) = known else {
            let recommender = Recommender {
                id: None,
                name: name.to_owned(),
                kind: kind.unwrap_or_else(|| RecommenderKind::guess(name)),
                aliases: Vec::new(),
                contact: contact.clone(),
                is_of_rules: false,
            };
            return Self { applied: recommender.clone(), recommender, is_new: true, has_changes: true, differences: Vec::new() };
        };
        // The kind of one that only the rules have was only guessed.
        let is_settled = known.id.is_some() || known.kind == RecommenderKind::Direct;
        let mut filled = known.clone();
        let mut applied = known.clone();
        if let Some(kind) = kind {
            applied.kind = kind;
            if !is_settled {
                filled.kind = kind;
            }
        }
        macro_rules! field {
            ($field:ident) => {
                if !contact.$field.reveal().is_empty() {
                    applied.contact.$field = contact.$field.clone();
                    if filled.contact.$field.reveal().is_empty() {
                        filled.contact.$field = contact.$field.clone();
                    }
                }
            };
        }
        field!(name);
        field!(phone);
        field!(email);
        let differences = differences(&filled, &applied).into_iter().map(|(_, label, old, new)| (label, old, new)).collect();
        Self { has_changes: filled != *known, recommender: filled, applied, is_new: false, differences }
    }

    /// What is done, in one line.
    pub(super) fn text(&self) -> String {
        let verb = if self.is_new { "登记推荐单位" } else { "补录推荐单位" };
        format!("{verb}“{}”（{}）", self.recommender.name, self.recommender.kind.label())
    }
}

/// What differs between two versions of a recommender: key, label, old and new; contacts masked.
pub(super) fn differences(old: &Recommender, new: &Recommender) -> Vec<(&'static str, &'static str, String, String)> {
    let texts = |known: &Recommender| {
        let Contact { name, phone, email } = &known.contact;
        [
            ("kind", "类别", known.kind.label().to_owned(), known.kind.label().to_owned()),
            ("contact_name", "联系人", name.masked(), name.reveal().to_owned()),
            ("contact_phone", "电话", phone.masked(), phone.reveal().to_owned()),
            ("contact_email", "邮箱", email.masked(), email.reveal().to_owned()),
        ]
    };
    let pairs = texts(old).into_iter().zip(texts(new));
    pairs
        .filter(|((.., old), (.., new))| old != new)
        .map(|((key, label, old, _), (_, _, new, _))| {
            let hidden = if old == new { "（隐去的部分不同）" } else { "" };
            let shown = |text: String| if text.is_empty() { "（空）".to_owned() } else { text };
            (key, label, shown(old), format!("{}{hidden}", shown(new)))
        })
        .collect()
}

/// What became of a row.
struct Line {
    plan: Plan,
    state: Cell,
}

/// Imports recommenders.
///
/// # Errors
/// A file cannot be read as a table.
pub(super) fn run(context: &mut Context, args: &ImportArgs) -> Result<Outcome, AppError> {
    let mut db = context.open()?;
    let directory = {
        let reader = db.reader()?;
        let rules = context.rules(&reader)?;
        recommending::directory(&reader, &rules)?
    };
    let (mut rows, mut problems) = (Vec::new(), Vec::new());
    for given in &args.files {
        let shown = given.display().to_string();
        let (read, wrong) = recommender_table::read(&context.path(given), &shown)
            .map_err(|unreadable| AppError::damaged(format!("{shown}：{}", unreadable.message)).hint(unreadable.hint))?;
        rows.extend(read);
        problems.extend(wrong);
    }
    let (mut lines, mut writes) = (Vec::new(), Vec::new());
    let (mut unchanged, mut changed, mut refused) = (0_usize, 0_usize, 0_usize);
    let mut met: BTreeSet<String> = BTreeSet::new();
    for row in &rows {
        let plan = match understand(&directory, row, &mut met) {
            Ok(plan) => plan,
            Err(problem) => {
                refused += 1;
                problems.push(*problem);
                continue;
            }
        };
        let (state, write) = match (plan.is_new, plan.differences.is_empty(), args.update) {
            (true, ..) => (Cell::keyed("added", "新登记"), Some(plan.recommender.clone())),
            (false, false, true) => (Cell::keyed("updated", "已更正"), Some(plan.applied.clone())),
            (false, false, false) => {
                changed += 1;
                (Cell::keyed("changed", "内容不同，没有采用"), plan.has_changes.then(|| plan.recommender.clone()))
            }
            (false, true, _) if plan.has_changes => (Cell::keyed("updated", "已补录"), Some(plan.recommender.clone())),
            (false, true, _) => {
                unchanged += 1;
                continue;
            }
        };
        writes.extend(write);
        lines.push(Line { plan, state });
    }
    let added = lines.iter().filter(|line| line.plan.is_new).count();
    let totals = [
        ("rows", rows.len()),
        ("added", added),
        ("updated", lines.len() - added - changed),
        ("unchanged", unchanged),
        ("changed", changed),
        ("refused", refused),
    ];
    let mut outcome = Outcome::of(document(&lines, totals, &problems));
    outcome.has_findings = problems::any_error(&problems);
    if changed > 0 {
        outcome = outcome.message("内容不同的没有采用：核对后加 --update 再导入一次");
    }
    if writes.is_empty() {
        return Ok(outcome.message("没有需要登记的推荐单位"));
    }
    if context.dry_run {
        return Ok(outcome.message("试运行：什么都没有写入"));
    }
    let summary = format!("导入推荐单位：登记 {added} 家，补录或更正 {} 家", writes.len() - added);
    let tx = context.operation(&mut db)?;
    for recommender in &writes {
        put(&tx, recommender)?;
    }
    tx.finish(&summary)?;
    Ok(outcome.message(summary))
}

fn understand(directory: &Directory, row: &RecommenderRow, met: &mut BTreeSet<String>) -> Result<Plan, Box<Problem>> {
    let problem = |code, message: String, hint: &str| {
        let hint = hint.to_owned();
        Box::new(Problem { code, severity: Severity::Error, place: row.place.clone(), field: None, value: row.name.clone(), message, hint })
    };
    let name = name(&row.name).map_err(|error| problem("I622", error.message, "补上推荐单位的名称后再导入"))?;
    let kind = match row.kind.as_str() {
        "" => None,
        text => Some(
            kind(text)
                .map_err(|error| problem("I623", error.message, "写成 区局、行业组织、集团、其他 或 直接报名；也可以空着，按名称判断"))?,
        ),
    };
    let is_direct = |known: &&Recommender| known.is_of_rules && known.kind == RecommenderKind::Direct;
    if kind.is_some_and(|kind| kind != RecommenderKind::Direct) && directory.find(&name).as_ref().is_some_and(is_direct) {
        let message = format!("“{name}”是直接报名，类别由规则 recommenders.direct 决定，不能改");
        return Err(problem("I623", message, "类别写“直接报名”或空着；要改规则用 dasai rules edit"));
    }
    let folded = directory.find(&name).map_or_else(|| fold_recommender(&name), |known| fold_recommender(&known.name));
    if !met.insert(folded) {
        return Err(problem("I624", format!("名单里有两行“{name}”，或别名指的是同一家"), "每家只留一行后再导入"));
    }
    Ok(Plan::new(directory, &name, kind, &row.contact))
}

fn document(lines: &[Line], totals: [(&str, usize); 6], problems: &[Problem]) -> Document {
    let columns = vec![
        Column::new("name", "推荐单位"),
        Column::new("kind", "类别"),
        Column::new("contact_name", "联系人").minor(),
        Column::new("contact_phone", "电话").minor(),
        Column::new("contact_email", "邮箱").minor(),
        Column::new("state", "结果"),
        Column::new("differences", "不同").only(Audience::Scripts),
        Column::new("", "原值 → 表中的值").only(Audience::People),
    ];
    let mut listing = Listing::new("recommenders", "推荐单位", columns);
    for Line { plan, state } in lines {
        let Recommender { name, kind, contact, .. } = &plan.recommender;
        let said: Vec<String> = plan.differences.iter().map(|(label, old, new)| format!("{label}：{old} → {new}")).collect();
        listing.push(vec![
            name.as_str().into(),
            Cell::keyed(kind.key(), kind.label()),
            contact.name.masked().into(),
            contact.phone.masked().into(),
            contact.email.masked().into(),
            state.clone(),
            Cell::List(said.iter().map(Cell::text).collect()),
            said.join("\n").into(),
        ]);
    }
    let mut document = Document::default()
        .listing(listing)
        .value("totals", "", Cell::Record(totals.map(|(key, count)| (key.to_owned(), Cell::count(count))).to_vec()))
        .value("problems", "", Cell::List(problems.iter().map(problems::record).collect()));
    let listed = problems::listing(problems);
    if !listed.rows.is_empty() {
        document = document.listing(listed);
    }
    document
}
