//! Owns findings on their way out: the works and rules they are computed from, and the one listing that screen, export and other
//! commands show.

use std::sync::Arc;

use super::recommending;
use crate::domain::attachment::file_findings;
use crate::domain::eligibility::{self, Profiles};
use crate::domain::entry::Entry;
use crate::domain::extension::{self, Extensions};
use crate::domain::finding::{self, Detail, EarlierWork, Finding};
use crate::domain::later_stage;
use crate::domain::likeness;
use crate::domain::likeness::earlier::{self, EarlierContest};
use crate::domain::listing::{Audience, Cell, Column, Document, Listing};
use crate::domain::problem::Severity;
use crate::domain::recommendation_check::{self, Record};
use crate::domain::rules::ContestRules;
use crate::domain::screening::Defect;
use crate::domain::threads::side_by_side;
use crate::domain::values::EntryNumber;
use crate::domain::waiver::{self, Waivers};
use crate::error::AppError;
use crate::store::db::Reader;
use crate::store::{attachments, entries, extensions, later_stages, organizations, recommendations, verdicts, waivers};

/// Works with their findings.
#[derive(Debug)]
pub struct Checked {
    /// Every work, by number.
    pub entries: Vec<Entry>,
    /// The findings, by work, then code.
    pub findings: Vec<Finding>,
    /// Whether every similar pair was found.
    pub is_complete: bool,
    /// What staff set aside.
    pub waivers: Waivers,
    /// Deadlines that were moved.
    pub extensions: Extensions,
    /// Pairs that are alike but were judged to be different works.
    pub judged_different: usize,
    /// Whether earlier contests were looked at.
    pub is_against_earlier: bool,
}

impl Checked {
    /// Loads the works and checks them.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn load(reader: &Reader<'_>, rules: &ContestRules) -> Result<Self, AppError> {
        Self::of(reader, rules, entries::list(reader)?, &[])
    }

    /// Checks works that are loaded, all of the contest, also against earlier contests (S405).
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn of(reader: &Reader<'_>, rules: &ContestRules, entries: Vec<Entry>, contests: &[EarlierContest]) -> Result<Self, AppError> {
        let verdicts = verdicts::list(reader)?;
        let (likeness, alone) = side_by_side(|| likeness::findings(rules, &entries, &verdicts), || Alone::check(reader, rules, &entries));
        let Alone { mut findings, waivers, extensions } = alone?;
        findings.extend(likeness.findings);
        // After the search within the contest: it takes memory for itself.
        let (earlier, all_earlier) = earlier::findings(rules, &entries, contests);
        findings.extend(earlier);
        findings.sort_by_key(|finding| (finding.entry, finding.code, finding.severity));
        Ok(Self {
            entries,
            findings,
            is_complete: likeness.is_complete && all_earlier,
            judged_different: likeness.judged_different,
            waivers,
            extensions,
            is_against_earlier: !contests.is_empty(),
        })
    }

    /// Whether staff set a finding aside.
    #[must_use]
    pub fn is_waived(&self, finding: &Finding) -> bool {
        finding.is_settled() || self.waivers.cover(finding, &self.entries)
    }

    /// Whether a finding is an error that nobody set aside.
    #[must_use]
    pub fn is_open_error(&self, finding: &Finding) -> bool {
        finding.severity == Severity::Error && !self.is_waived(finding)
    }

    /// The findings about the work at a place in the list.
    #[must_use]
    pub fn of_work(&self, index: usize) -> &[Finding] {
        let start = self.findings.partition_point(|finding| finding.entry < index);
        let rest = self.findings.get(start..).unwrap_or_default();
        rest.get(..rest.partition_point(|finding| finding.entry == index)).unwrap_or_default()
    }

    /// What a finding says.
    #[must_use]
    pub fn message(&self, finding: &Finding) -> String {
        finding.message(|index| self.name(index))
    }

    /// A finding as a decision keeps it.
    #[must_use]
    pub fn defect(&self, finding: &Finding) -> Defect {
        Defect {
            code: finding.code,
            severity: finding.severity,
            field: finding.field(),
            subject: waiver::subject(finding),
            message: self.message(finding),
            related: finding.related.iter().filter_map(|&index| self.entries.get(index)).map(|entry| entry.number.clone()).collect(),
            waived: self.is_waived(finding),
        }
    }

    /// Where a work stands in the list.
    #[must_use]
    pub fn position(&self, number: &EntryNumber) -> Option<usize> {
        self.entries.binary_search_by(|entry| entry.number.cmp(number)).ok()
    }

    fn number(&self, index: usize) -> String {
        self.entries.get(index).map(|entry| entry.number.to_string()).unwrap_or_default()
    }

    fn row(&self, finding: &Finding) -> Vec<Cell> {
        let catalogue = finding.code.entry();
        let organization = self.entries.get(finding.entry).map(|entry| entry.organization_name.as_str()).unwrap_or_default();
        vec![
            catalogue.name.into(),
            Cell::keyed(finding.severity.key(), finding.severity.label()),
            self.number(finding.entry).into(),
            organization.into(),
            Cell::optional(finding.field(), |field| field.key().into()),
            self.message(finding).into(),
            catalogue.hint.into(),
            catalogue.clause.into(),
            Cell::List(finding.related.iter().map(|&index| self.number(index).into()).collect()),
            Cell::optional(finding.similarity, |ratio| finding::percent(ratio).into()),
            Cell::Flag(self.is_waived(finding)),
            earlier_cell(finding),
        ]
    }

    fn name(&self, index: usize) -> String {
        self.entries.get(index).map(|entry| format!("{}《{}》", entry.number, entry.declaration.title)).unwrap_or_default()
    }
}

/// What is found of each work without looking at the texts of the others, and what was decided about it.
struct Alone {
    findings: Vec<Finding>,
    waivers: Waivers,
    extensions: Extensions,
}

impl Alone {
    fn check(reader: &Reader<'_>, rules: &ContestRules, entries: &[Entry]) -> Result<Self, AppError> {
        let profiles: Profiles = organizations::list(reader)?.into_iter().map(|unit| (unit.id, unit.profile)).collect();
        let directory = recommending::directory(reader, rules)?;
        let extensions = extensions::index(reader, &directory)?;
        let waivers = Waivers::new(waivers::standing(reader)?.map(|waiver| waiver.waived));
        let mut findings = eligibility::findings(rules, entries, &profiles);
        findings.extend(extension::findings(rules, entries, &extensions));
        findings.extend(later_stage::findings(rules, entries, &later_stages::list(reader)?));
        let files = attachments::list(reader)?;
        if !files.is_empty() {
            findings.extend(file_findings(rules, entries, &files, &attachments::scanned(reader)?));
        }
        let (said, sheets) = (recommendations::recommendations(reader)?, recommendations::sheets(reader)?);
        let record = Record { directory: &directory, recommendations: &said, sheets: &sheets };
        findings.extend(recommendation_check::findings(rules, entries, &profiles, &record));
        Ok(Self { findings, waivers, extensions })
    }
}

/// The works of earlier contests that a finding names.
fn earlier_cell(finding: &Finding) -> Cell {
    let Detail::Earlier { works, .. } = &finding.detail else { return Cell::List(Vec::new()) };
    let record = |work: &EarlierWork| {
        let fields: [(&str, Cell); 5] = [
            ("contest", (*work.contest).into()),
            ("entry", work.number.as_str().into()),
            ("title", work.title.as_str().into()),
            ("organization", work.organization.as_str().into()),
            ("similarity", finding::percent(work.similarity).into()),
        ];
        Cell::Record(fields.into_iter().map(|(key, cell)| (key.to_owned(), cell)).collect())
    };
    Cell::List(works.iter().map(record).collect())
}

/// The findings as a table.
#[must_use]
pub fn listing(checked: &Arc<Checked>) -> Listing {
    let has_waived = checked.findings.iter().any(|finding| checked.is_waived(finding));
    let mut columns = vec![
        Column::new("code", "代码"),
        Column::new("severity", "级别"),
        Column::new("entry", "作品"),
        Column::new("organization", "单位"),
        Column::new("field", "项目").only(Audience::Scripts),
        Column::new("message", "问题"),
        Column::new("hint", "处理"),
        Column::new("clause", "依据"),
        Column::new("related", "相关作品").only(Audience::Scripts),
        Column::new("similarity", "相似度").only(Audience::Scripts),
        Column::new("waived", "豁免").only(if has_waived { Audience::All } else { Audience::Scripts }),
    ];
    if checked.is_against_earlier {
        columns.push(Column::new("earlier", "往届作品").only(Audience::Scripts));
    }
    let made = Arc::clone(checked);
    Listing::new("findings", "审查结果", columns)
        .when_empty("没有发现问题")
        .rows_made(checked.findings.len(), move |place| made.findings.get(place).map(|finding| made.row(finding)).unwrap_or_default())
}

/// The findings with their counts. `asked` is how many works were asked for; `None`: all.
#[must_use]
pub fn document(checked: &Arc<Checked>, asked: Option<usize>) -> Document {
    let (waived, open): (Vec<&Finding>, Vec<&Finding>) = checked.findings.iter().partition(|finding| checked.is_waived(finding));
    let count = |severity: Severity| open.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings, infos) = (count(Severity::Error), count(Severity::Warning), count(Severity::Info));
    let set_aside = match waived.iter().filter(|finding| !finding.is_settled()).count() {
        0 => String::new(),
        count => format!("；另有已豁免 {count}"),
    };
    let summary = Cell::Record(vec![
        ("errors".to_owned(), Cell::count(errors)),
        ("warnings".to_owned(), Cell::count(warnings)),
        ("infos".to_owned(), Cell::count(infos)),
        ("waived".to_owned(), Cell::count(waived.len())),
    ]);
    let works = open.iter().map(|finding| finding.entry).collect::<std::collections::BTreeSet<_>>().len();
    let all = match asked {
        Some(asked) => format!("查了 {asked} 件作品"),
        None => format!("共 {} 件作品", checked.entries.len()),
    };
    let mut listing = listing(checked);
    // A screen has no room for what every row of a code repeats; files and `check rules` have it.
    let is_narrow = |key: &str| matches!(key, "hint" | "clause");
    listing.columns.iter_mut().filter(|column| is_narrow(&column.key)).for_each(|column| column.audience = Audience::Scripts);
    let document = Document::of(listing)
        .value("summary", "", summary)
        .line(format!("{all}，{works} 件有问题：错误 {errors}，提醒 {warnings}，提示 {infos}{set_aside}。"));
    let document = match checked.judged_different {
        0 => document,
        pairs => document.line(format!("另有 {pairs} 对相似的作品已判定为不同作品，不计在内：dasai duplicates")),
    };
    document.line("代码说明：dasai check rules 代码")
}
