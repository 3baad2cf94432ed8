//! `check waive` and `check unwaive`: findings that staff set aside with a reason. What a waiver covers is `domain::waiver`.

use std::collections::BTreeMap;

use clap::Args;

use super::check::named;
use super::context::{Context, Outcome};
use super::findings::Checked;
use crate::domain::check_catalogue::Code;
use crate::domain::entry::Entry;
use crate::domain::listing::{Audience, Cell, Column, Document, Listing};
use crate::domain::values::EntryId;
use crate::domain::waiver::{self, Waived};
use crate::error::AppError;
use crate::store::waivers;

/// Arguments of `check waive`.
#[derive(Debug, Args)]
#[command(after_help = "示例：
  dasai check waive C102 Y001 --reason 超出两字，经主办单位同意
  dasai check waive L301 Y012 --reason 原则上不超过五件，同意保留

豁免的是这件作品现在的这一问题；以后又出现的同类问题（另一栏、另一文件、另一件相似作品）仍会报告。")]
pub(super) struct WaiveArgs {
    /// 审查代码，如 C102
    #[arg(value_name = "代码")]
    code: String,
    /// 作品编号
    #[arg(value_name = "作品编号")]
    entry: String,
    /// 豁免的理由，记入例外清单
    #[arg(long, value_name = "理由")]
    reason: String,
}

/// Arguments of `check unwaive`.
#[derive(Debug, Args)]
#[command(after_help = "示例：\n  dasai check unwaive C102 Y001")]
pub(super) struct UnwaiveArgs {
    /// 审查代码，如 C102
    #[arg(value_name = "代码")]
    code: String,
    /// 作品编号
    #[arg(value_name = "作品编号")]
    entry: String,
}

/// Sets aside what a check finds about a work now.
///
/// # Errors
/// The code or work does not exist, the work has no such finding, or the contest cannot be read or written.
pub(super) fn waive(context: &mut Context, args: &WaiveArgs) -> Result<Outcome, AppError> {
    let code = named(&args.code)?;
    let reason = args.reason.trim();
    if reason.is_empty() {
        return Err(AppError::usage("豁免要写明理由").hint("加上 --reason 理由"));
    }
    let mut db = context.open()?;
    let (document, number, new) = {
        let reader = db.reader()?;
        let rules = context.rules(&reader)?;
        let entry = super::entry::find(&reader, &args.entry)?;
        let checked = Checked::load(&reader, &rules)?;
        let index = checked.position(&entry.number).ok_or_else(|| AppError::internal("作品不在审查之列"))?;
        let found: Vec<_> = checked.of_work(index).iter().filter(|finding| finding.code == code).collect();
        let name = code.entry().name;
        if found.is_empty() {
            let mut codes: Vec<&str> = checked.of_work(index).iter().map(|finding| finding.code.entry().name).collect();
            codes.dedup();
            let has = if codes.is_empty() { "它现在没有问题".to_owned() } else { format!("它现在有：{}", codes.join("、")) };
            return Err(AppError::refused(format!("作品 {} 现在没有 {name} 的问题，不必豁免", entry.number))
                .hint(format!("{has}；查看：dasai check {}", entry.number)));
        }
        if let Some(settled) = found.iter().find(|finding| finding.is_settled() && found.iter().all(|one| one.is_settled())) {
            let number =
                settled.related.first().and_then(|&other| checked.entries.get(other)).map_or("编号", |other| other.number.as_str());
            return Err(AppError::refused(format!("作品 {} 的 {name} 已判定为不同作品，不必豁免", entry.number))
                .hint(format!("要收回判定：dasai duplicates undecide {} {number}", entry.number)));
        }
        let open: Vec<_> = found.into_iter().filter(|finding| !checked.is_waived(finding)).collect();
        if open.is_empty() {
            return Err(AppError::refused(format!("作品 {} 的 {name} 已经豁免", entry.number)).hint(format!(
                "查看：dasai check {}；取消豁免：dasai check unwaive {} {}",
                entry.number,
                code.entry().name,
                entry.number
            )));
        }
        let mut listing = table("豁免的问题");
        for finding in &open {
            listing.push(vec![name.into(), waiver::subject(finding).into(), checked.message(finding).into()]);
        }
        let standing: Vec<Waived> = waivers::standing(&reader)?.map(|known| known.waived).collect();
        let mut new: Vec<Waived> = open.iter().flat_map(|finding| waiver::needed(finding, &checked.entries)).collect();
        new.sort();
        new.dedup();
        new.retain(|waived| !standing.contains(waived));
        (document(code, &entry, reason, listing), entry.number, new)
    };
    if context.dry_run {
        return Ok(Outcome::of(document).message("试运行：什么都没有写入"));
    }
    let tx = context.operation(&mut db)?;
    for waived in &new {
        waivers::insert(&tx, waived, reason)?;
    }
    tx.finish(&format!("豁免作品 {number} 的 {}：{reason}", code.entry().name))?;
    Ok(Outcome::of(document))
}

/// Takes waivers of a code for a work back.
///
/// # Errors
/// The code or work does not exist, there is no such waiver, or the contest cannot be read or written.
pub(super) fn unwaive(context: &mut Context, args: &UnwaiveArgs) -> Result<Outcome, AppError> {
    let code = named(&args.code)?;
    let name = code.entry().name;
    let mut db = context.open()?;
    let (document, number, ended) = {
        let reader = db.reader()?;
        let entry = super::entry::find(&reader, &args.entry)?;
        let all = waivers::list(&reader)?;
        let own = |known: &&waivers::Waiver| known.ended.is_none() && known.waived.entry == entry.id;
        let standing: Vec<_> = all.iter().filter(own).filter(|known| known.waived.code == code).collect();
        if standing.is_empty() {
            let mut others: Vec<&str> = all.iter().filter(own).map(|known| known.waived.code.entry().name).collect();
            others.sort_unstable();
            others.dedup();
            let error = AppError::refused(format!("作品 {} 没有豁免过 {name}", entry.number));
            return Err(if others.is_empty() {
                error.hint("豁免清单：dasai log --exceptions")
            } else {
                error.hint(format!("它豁免了：{}", others.join("、")))
            });
        }
        let numbers = numbers(&reader)?;
        let mut listing = table("取消的豁免");
        for known in &standing {
            let related = known.waived.related.and_then(|id| numbers.get(&id)).map_or_else(String::new, |other| format!("（{other}）"));
            listing.push(vec![name.into(), known.waived.subject.as_str().into(), format!("原豁免理由：{}{related}", known.reason).into()]);
        }
        (document(code, &entry, "", listing), entry.number, standing.iter().map(|known| known.id).collect::<Vec<_>>())
    };
    if context.dry_run {
        return Ok(Outcome::of(document).message("试运行：什么都没有写入"));
    }
    let tx = context.operation(&mut db)?;
    for id in ended {
        waivers::end(&tx, id)?;
    }
    tx.finish(&format!("取消对作品 {number} 的 {name} 的豁免"))?;
    Ok(Outcome::of(document))
}

/// Every work's number.
fn numbers(reader: &crate::store::db::Reader<'_>) -> Result<BTreeMap<EntryId, String>, AppError> {
    Ok(crate::store::entries::identities(reader)?.into_iter().map(|work| (work.id, work.number.to_string())).collect())
}

fn table(title: &str) -> Listing {
    let columns = vec![Column::new("code", "代码"), Column::new("subject", "项目").only(Audience::Scripts), Column::new("message", "问题")];
    Listing::new("waived", title, columns)
}

fn document(code: Code, entry: &Entry, reason: &str, listing: Listing) -> Document {
    Document::default()
        .value("entry", "作品编号", entry.number.as_str())
        .value("title", "作品名称", entry.declaration.title.as_str())
        .value("code", "", Cell::keyed(code.entry().name, code.entry().title))
        .value("reason", if reason.is_empty() { "" } else { "理由" }, reason)
        .listing(listing)
}
