//! Owns how look-alikes are shown: one list for scripts and files, and each pair side by side for people, on screen and in a workbook.
//! Refuses to know how pairs are found and decided (`commands::duplicates`).

use std::path::Path;
use std::sync::Arc;

use super::context::Context;
use super::entry::category_cell;
use super::export;
use crate::domain::beside::{Comparison, Comparisons, Line};
use crate::domain::entry::{Declaration, Entry};
use crate::domain::finding::percent;
use crate::domain::likeness::earlier::{EarlierContest, EarlierPair};
use crate::domain::likeness::pairs::LikePair;
use crate::domain::listing::{Audience, Cell, Column, Document, Listing};
use crate::domain::rules::ContestRules;
use crate::domain::similarity::common::common_parts;
use crate::domain::similarity::ratio::Ratio;
use crate::domain::verdict::{Judged, Verdict};
use crate::error::AppError;
use crate::formats::comparison_workbook;
use crate::formats::target::{self, Reader};
use crate::formats::workbook::Book;

/// The title of list and workbook.
const TITLE: &str = "相似作品";
/// Shorter parts of a title, and of a summary, are not marked: two summaries of one field share single words everywhere.
const SHORTEST_OF_TITLE: usize = 2;
const SHORTEST_OF_SUMMARY: usize = 4;

/// Everything that is shown.
#[derive(Debug)]
pub(super) struct Found {
    /// Every work, by number.
    pub(super) works: Vec<Entry>,
    /// The pairs within the contest, with their verdicts.
    pub(super) pairs: Vec<(LikePair, Option<Judged>)>,
    /// The earlier contests.
    pub(super) contests: Vec<EarlierContest>,
    /// The pairs with works of these.
    pub(super) earlier: Vec<EarlierPair>,
    /// Whether these are all.
    pub(super) is_complete: bool,
    /// The contest's rules.
    pub(super) rules: ContestRules,
}

/// One side of a pair.
struct Side<'a> {
    /// Number, and the contest where it is another.
    name: String,
    number: &'a str,
    contest: Option<&'a str>,
    organization: &'a str,
    category: Cell,
    status: Cell,
    declaration: &'a Declaration,
}

/// A pair as it is shown.
struct Pair<'a> {
    left: Side<'a>,
    right: Side<'a>,
    codes: Vec<&'static str>,
    title: Ratio,
    summary: Ratio,
    judged: Option<&'a Judged>,
}

impl Found {
    fn count(&self) -> usize {
        self.pairs.len() + self.earlier.len()
    }

    /// The pair at a place: first those within the contest, then those with earlier ones.
    fn pair(&self, place: usize) -> Option<Pair<'_>> {
        if let Some((pair, judged)) = self.pairs.get(place) {
            let codes = pair.codes.iter().map(|code| code.entry().name).collect();
            let (left, right) = (self.side(pair.left)?, self.side(pair.right)?);
            return Some(Pair { left, right, codes, title: pair.title, summary: pair.summary, judged: judged.as_ref() });
        }
        let pair = self.earlier.get(place.checked_sub(self.pairs.len())?)?;
        let contest = self.contests.get(pair.contest)?;
        let work = contest.works.get(pair.earlier)?;
        let right = Side {
            name: format!("{}（{}）", work.number, contest.name),
            number: &work.number,
            contest: Some(&contest.name),
            organization: &work.organization,
            category: Cell::Empty,
            status: Cell::Empty,
            declaration: &work.declaration,
        };
        Some(Pair { left: self.side(pair.work)?, right, codes: vec!["S405"], title: pair.title, summary: pair.summary, judged: None })
    }

    fn side(&self, index: usize) -> Option<Side<'_>> {
        let work = self.works.get(index)?;
        Some(Side {
            name: work.number.to_string(),
            number: work.number.as_str(),
            contest: None,
            organization: &work.organization_name,
            category: category_cell(&self.rules, &work.category),
            status: Cell::keyed(work.status.key(), work.status.label()),
            declaration: &work.declaration,
        })
    }

    fn comparison(&self, place: usize) -> Comparison {
        let Some(Pair { left, right, codes, title, summary, judged }) = self.pair(place) else { return Comparison::default() };
        let codes = if codes.is_empty() { String::new() } else { format!("　{}", codes.join("、")) };
        let timezone = &self.rules.contest.timezone;
        let mut lines = vec![Line::plain("单位", left.organization, right.organization)];
        if right.contest.is_none() {
            lines.push(Line::plain("类型", &left.category.plain(timezone), &right.category.plain(timezone)));
            lines.push(Line::plain("状态", &left.status.plain(timezone), &right.status.plain(timezone)));
        }
        lines.push(Line::marked("题目", &left.declaration.title, &right.declaration.title, SHORTEST_OF_TITLE));
        lines.push(Line::marked("简介", &left.declaration.summary, &right.declaration.summary, SHORTEST_OF_SUMMARY));
        let note = match judged {
            Some(judged) => {
                let at = Cell::Moment(judged.decided_at);
                format!("已判定为{}（{}）：{}", judged.verdict.label(), at.plain(timezone), judged.reason)
            }
            None if right.contest.is_some() => "与往届作品相似：请核对是否旧作重报".to_owned(),
            None => {
                format!("尚未判定：dasai duplicates decide {} {} different --reason 理由（是同一作品的写 same）", left.number, right.number)
            }
        };
        Comparison {
            heading: format!(
                "{}. {} 与 {}　题目相似度 {}　简介相似度 {}{codes}",
                place + 1,
                left.name,
                right.name,
                percent(title),
                percent(summary)
            ),
            left: left.name,
            right: right.name,
            lines,
            note,
        }
    }

    fn row(&self, place: usize) -> Vec<Cell> {
        let Some(pair) = self.pair(place) else { return Vec::new() };
        let record = |side: &Side<'_>| {
            let fields: [(&str, Cell); 6] = [
                ("entry", side.number.into()),
                ("contest", Cell::optional(side.contest, Cell::text)),
                ("title", side.declaration.title.as_str().into()),
                ("organization", side.organization.into()),
                ("category", side.category.clone()),
                ("status", side.status.clone()),
            ];
            Cell::Record(fields.into_iter().map(|(key, cell)| (key.to_owned(), cell)).collect())
        };
        let parts = |left: &str, right: &str, shortest: usize| {
            let parts = common_parts(left, right).into_iter().filter(|(part, _)| part.len() >= shortest);
            Cell::List(parts.map(|(part, _)| left.chars().skip(part.start).take(part.len()).collect::<String>().into()).collect())
        };
        let (left, right) = (pair.left.declaration, pair.right.declaration);
        let judged = pair.judged;
        vec![
            record(&pair.left),
            record(&pair.right),
            pair.left.name.as_str().into(),
            left.title.as_str().into(),
            pair.left.organization.into(),
            pair.right.name.as_str().into(),
            right.title.as_str().into(),
            pair.right.organization.into(),
            Cell::List(pair.codes.into_iter().map(Cell::from).collect()),
            percent(pair.title).into(),
            percent(pair.summary).into(),
            parts(&left.title, &right.title, SHORTEST_OF_TITLE),
            parts(&left.summary, &right.summary, SHORTEST_OF_SUMMARY),
            Cell::optional(judged, |judged| Cell::keyed(judged.verdict.key(), judged.verdict.label())),
            Cell::optional(judged, |judged| judged.reason.as_str().into()),
            Cell::optional(judged, |judged| Cell::Moment(judged.decided_at)),
        ]
    }
}

/// A work in words: number, title, unit, category.
pub(super) fn called(rules: &ContestRules, entry: &Entry) -> String {
    let category = category_cell(rules, &entry.category);
    let category = category.plain(&rules.contest.timezone);
    format!("{}《{}》（{}，{category}）", entry.number, entry.declaration.title, entry.organization_name)
}

fn listing(found: &Arc<Found>) -> Listing {
    let columns = vec![
        Column::new("left", "").only(Audience::Scripts),
        Column::new("right", "").only(Audience::Scripts),
        Column::new("left_entry", "作品甲").only(Audience::People),
        Column::new("left_title", "题目甲").only(Audience::People),
        Column::new("left_organization", "单位甲").only(Audience::People),
        Column::new("right_entry", "作品乙").only(Audience::People),
        Column::new("right_title", "题目乙").only(Audience::People),
        Column::new("right_organization", "单位乙").only(Audience::People),
        Column::new("codes", "代码"),
        Column::new("title_similarity", "题目相似度"),
        Column::new("summary_similarity", "简介相似度"),
        Column::new("title_common", "").only(Audience::Scripts),
        Column::new("summary_common", "").only(Audience::Scripts),
        Column::new("verdict", "判定"),
        Column::new("reason", "理由"),
        Column::new("decided_at", "判定时间"),
    ];
    let rows = Arc::clone(found);
    Listing::new("pairs", TITLE, columns)
        .when_empty("没有相似的作品")
        .rows_made(found.count(), move |place| rows.row(place))
        .compared(comparisons(found))
}

fn comparisons(found: &Arc<Found>) -> Comparisons {
    let made = Arc::clone(found);
    Comparisons::made(found.count(), move |place| made.comparison(place))
}

/// The pairs with their counts.
pub(super) fn document(found: &Arc<Found>) -> Document {
    let of =
        |verdict: Verdict| found.pairs.iter().filter(|(_, judged)| judged.as_ref().is_some_and(|judged| judged.verdict == verdict)).count();
    let (same, different, earlier) = (of(Verdict::Same), of(Verdict::Different), found.earlier.len());
    let undecided = found.pairs.len() - same - different;
    let counts = [("pairs", found.pairs.len()), ("undecided", undecided), ("same", same), ("different", different), ("earlier", earlier)];
    let summary = Cell::Record(counts.into_iter().map(|(key, count)| (key.to_owned(), Cell::count(count))).collect());
    let mut said = format!("共 {} 对：尚未判定 {undecided}，同一作品 {same}，不同作品 {different}。", found.pairs.len());
    if !found.contests.is_empty() {
        said = format!("{said}与往届相似 {earlier} 对。");
    }
    Document::of(listing(found)).value("summary", "", summary).line(said)
}

/// Writes the pairs to a file, and returns its path as typed: side by side into a workbook, as a list into anything else.
///
/// # Errors
/// The ending is unknown, or the file exists (without `force`) or cannot be written.
pub(super) fn export(context: &Context, out: &Path, force: bool, found: &Arc<Found>) -> Result<String, AppError> {
    let is_workbook = out.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("xlsx"));
    if !is_workbook {
        return export::write_listings(context, out, force, &found.rules, TITLE, "内部资料", &[listing(found)]);
    }
    let path = context.path(out);
    target::check(&path, force)?;
    if !context.dry_run {
        let contest = &found.rules.contest;
        let book = Book {
            title: &format!("{} {TITLE}", contest.name),
            author: contest.organizer.as_deref().unwrap_or_default(),
            now: context.now,
            timezone: &contest.timezone,
            heading: &contest.name,
            mark: "内部资料",
            listings: &[],
        };
        comparison_workbook::write(&path, force, Reader::Owner, &book, TITLE, &comparisons(found))?;
    }
    Ok(out.display().to_string())
}
