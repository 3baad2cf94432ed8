//! Owns the award list in the form that associations publish: per category and level, with counts that add up. Refuses to compute: the
//! rows are those of `commands::award_results`, which `award list` shows. Nothing here names a contact or a phone number.
//!
//! Decision worth knowing: a list that staff have not confirmed says so in its title, so that it cannot be published by mistake.

use super::award_results::{self, AwardRow};
use super::results::Contest;
use crate::domain::award_decision::Recipient;
use crate::domain::listing::{Audience, Cell, Column, Listing};
use crate::domain::rules::ContestRules;
use crate::error::AppError;
use crate::store::db::Reader;

/// The tables of an award list, and what staff should know before they publish it.
#[derive(Debug)]
pub struct Published {
    /// A table a category, then the commended recommenders.
    pub listings: Vec<Listing>,
    /// Lines for staff, with commands to type.
    pub messages: Vec<String>,
}

/// The award list of one category or of all. With `one_shape` the recommenders' table has the columns of the works' (for CSV).
///
/// # Errors
/// The category is unknown, the file cannot be read, the marks do not allow the computation, or there is no award yet.
pub fn awards(reader: &Reader<'_>, rules: &ContestRules, category: Option<&str>, one_shape: bool) -> Result<Published, AppError> {
    let contest = Contest::load(reader)?;
    let list = award_results::award_list(reader, rules, &contest, category)?;
    if list.rows.is_empty() {
        return Err(AppError::refused("还没有奖项可以导出").hint("查看奖项建议：dasai award propose；确认：dasai award confirm 参赛类型"));
    }
    let listings = list.rows.chunk_by(|a, b| a.category == b.category).map(|rows| table(&contest, rows, one_shape)).collect();
    Ok(Published { listings, messages: list.notes })
}

fn table(contest: &Contest, rows: &[AwardRow], one_shape: bool) -> Listing {
    let category = rows.first().and_then(|row| row.category.as_ref());
    let name = category.map_or("推荐单位", |(_, name)| name.as_str());
    let state = if rows.iter().all(|row| row.confirmed) { "" } else { "——建议，未确认" };
    let title = format!("获奖名单（{name}）{state}");
    let mut listing = Listing::new("awards", title, if category.is_some() || one_shape { work_columns() } else { recommender_columns() });
    for (place, row) in rows.iter().enumerate() {
        let serial = Cell::count(place + 1);
        let level = Cell::keyed(row.award.as_str(), row.name.as_str());
        let certificate = Cell::optional(row.certificate.as_deref(), Cell::text);
        match &row.recipient {
            Recipient::Recommender(name) if one_shape => {
                let [title, organization, creators, entry] = [const { Cell::Empty }; 4];
                listing.push(vec![serial, level, title, organization, creators, Cell::text(name.as_str()), entry, certificate]);
            }
            Recipient::Recommender(name) => listing.push(vec![serial, level, Cell::text(name.as_str()), certificate]),
            Recipient::Entry(id) => {
                let work = contest.work(*id);
                let said = |text: fn(&crate::domain::entry::EntrySummary) -> &str| Cell::optional(work, |work| Cell::text(text(work)));
                listing.push(vec![
                    serial,
                    level,
                    said(|work| &work.title),
                    said(|work| &work.organization_name),
                    said(|work| &work.creators),
                    said(|work| &work.recommender),
                    said(|work| work.number.as_str()),
                    certificate,
                ]);
            }
        }
    }
    listing.notes.push(counts(rows, if category.is_some() { "件" } else { "家" }));
    listing
}

fn work_columns() -> Vec<Column> {
    vec![
        Column::new("serial", "序号"),
        Column::new("award", "奖项").merged(),
        Column::new("title", "作品名称"),
        Column::new("organization", "单位"),
        Column::new("creators", "主创者"),
        Column::new("recommender", "推荐单位"),
        Column::new("entry", "作品编号").only(Audience::Scripts),
        Column::new("certificate", "证书编号").only(Audience::Scripts),
    ]
}

fn recommender_columns() -> Vec<Column> {
    vec![
        Column::new("serial", "序号"),
        Column::new("award", "奖项").merged(),
        Column::new("recommender", "推荐单位"),
        Column::new("certificate", "证书编号").only(Audience::Scripts),
    ]
}

/// `共 6 件：一等奖 2 件、二等奖 1 件、三等奖 3 件。` A work may stand in the list twice: `共 13 件作品，获奖 14 项：…`
fn counts(rows: &[AwardRow], unit: &str) -> String {
    let levels = rows.chunk_by(|a, b| a.award == b.award);
    let levels: Vec<String> =
        levels.filter_map(|level| level.first().map(|first| format!("{} {} {unit}", first.name, level.len()))).collect();
    let mut recipients: Vec<&Recipient> = rows.iter().map(|row| &row.recipient).collect();
    recipients.sort_unstable();
    recipients.dedup();
    let total = if recipients.len() == rows.len() {
        format!("共 {} {unit}", rows.len())
    } else {
        let what = if unit == "件" { "件作品" } else { "家单位" };
        format!("共 {} {what}，获奖 {} 项", recipients.len(), rows.len())
    };
    format!("{total}：{}。", levels.join("、"))
}
