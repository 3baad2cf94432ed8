//! Owns what is shown of received files: one file as a record, the files of a work, lists, and the tables of a scan.

use std::collections::BTreeMap;

use super::attachment::is_nobodys;
use super::attachment_scan::{Change, Facts, Scan, Seen};
use crate::domain::attachment::{Attachment, MatchedBy, RECOMMENDATION, Rename, doubled, kind_name};
use crate::domain::entry::Entry;
use crate::domain::finding::{Code, Detail, bytes};
use crate::domain::listing::{Audience, Cell, Column, Document, Listing};
use crate::domain::organization::Organization;
use crate::domain::rules::ContestRules;
use crate::domain::values::{EntryId, OrganizationId};

fn kind_cell(rules: &ContestRules, entry: Option<&Entry>, kind: &str) -> Cell {
    if kind.is_empty() { Cell::Empty } else { Cell::keyed(kind, kind_name(rules, entry.map(|entry| &entry.category), kind)) }
}

fn size_cell(size: u64) -> Cell {
    Cell::Integer(i64::try_from(size).unwrap_or(i64::MAX))
}

fn state(file: &Attachment) -> Cell {
    if file.missing { Cell::keyed("missing", "已不在原处") } else { Cell::keyed("present", "在") }
}

/// Where a file is, for people: in its folder, or in its mail.
fn whereabouts(file: &Attachment) -> String {
    if file.came_in.is_empty() { file.file.path.clone() } else { format!("{} › {}", file.came_in, file.file.path) }
}

/// A file as scripts see it.
pub(super) fn record(rules: &ContestRules, entry: Option<&Entry>, file: &Attachment) -> Cell {
    let named = |key: &str, cell: Cell| (key.to_owned(), cell);
    Cell::Record(vec![
        named("id", Cell::Integer(file.id.0)),
        named("kind", kind_cell(rules, entry, &file.link.kind)),
        named("folder", file.file.folder.as_str().into()),
        named("path", file.file.path.as_str().into()),
        named("came_in", file.came_in.as_str().into()),
        named("size", size_cell(file.file.size)),
        named("type", Cell::keyed(file.file.file_type.key(), file.file.file_type.label())),
        named("condition", Cell::keyed(file.file.condition.key(), file.file.condition.label())),
        named("sha256", file.file.sha256.as_str().into()),
        named("matched", Cell::optional(file.link.matched, |matched: MatchedBy| Cell::keyed(matched.key(), matched.label()))),
        named("state", state(file)),
    ])
}

/// The files of one work, for people.
pub(super) fn of_work(rules: &ContestRules, entry: &Entry, files: &[Attachment]) -> Listing {
    let columns = ["材料", "文件", "大小", "类型", "状态"].into_iter().map(|title| Column::new("", title)).collect();
    let mut listing = Listing::new("", "材料", columns);
    for file in files {
        listing.push(vec![
            kind_cell(rules, Some(entry), &file.link.kind),
            whereabouts(file).into(),
            bytes(file.file.size).into(),
            file.file.file_type.label().into(),
            state(file),
        ]);
    }
    listing
}

/// Files as a list.
pub(super) fn listing(rules: &ContestRules, works: &[Entry], units: &[Organization], files: &[Attachment]) -> Listing {
    let names = Names::new(works, units);
    let columns = vec![
        Column::new("id", "编号"),
        Column::new("entry", "作品"),
        Column::new("organization", "单位").minor(),
        Column::new("kind", "材料"),
        Column::new("folder", "文件夹").only(Audience::Scripts),
        Column::new("path", "文件").only(Audience::Scripts),
        Column::new("came_in", "来自").only(Audience::Scripts),
        Column::new("", "文件").only(Audience::People),
        Column::new("size", "字节").only(Audience::Scripts),
        Column::new("", "大小").only(Audience::People),
        Column::new("type", "类型").minor(),
        Column::new("condition", "内容").only(Audience::Scripts),
        Column::new("sha256", "SHA-256").only(Audience::Scripts),
        Column::new("matched", "对应方式").minor(),
        Column::new("state", "状态"),
        Column::new("seen_at", "登记时间").only(Audience::Scripts),
    ];
    let mut listing =
        Listing::new("attachments", "参赛材料", columns).when_empty("没有登记的材料；核对文件夹：dasai attachment scan 文件夹");
    for file in files {
        let entry = file.link.entry.and_then(|id| names.work(id));
        listing.push(vec![
            Cell::Integer(file.id.0),
            Cell::optional(entry, |entry| entry.number.as_str().into()),
            Cell::optional(file.link.organization, |id| names.unit(id).into()),
            kind_cell(rules, entry, &file.link.kind),
            file.file.folder.as_str().into(),
            file.file.path.as_str().into(),
            file.came_in.as_str().into(),
            whereabouts(file).into(),
            size_cell(file.file.size),
            bytes(file.file.size).into(),
            Cell::keyed(file.file.file_type.key(), file.file.file_type.label()),
            Cell::keyed(file.file.condition.key(), file.file.condition.label()),
            file.file.sha256.as_str().into(),
            Cell::optional(file.link.matched, |matched: MatchedBy| Cell::keyed(matched.key(), matched.label())),
            state(file),
            Cell::Moment(file.seen_at),
        ]);
    }
    if files.iter().any(is_nobodys) {
        listing.notes.push("没有对上的，人工指定：dasai attachment set 编号 --entry 作品编号 --kind 材料种类".to_owned());
    }
    listing
}

/// Works and units by their identity.
struct Names<'a> {
    works: BTreeMap<EntryId, &'a Entry>,
    units: BTreeMap<OrganizationId, &'a str>,
}

impl<'a> Names<'a> {
    fn new(works: &'a [Entry], units: &'a [Organization]) -> Self {
        Self {
            works: works.iter().map(|entry| (entry.id, entry)).collect(),
            units: units.iter().map(|unit| (unit.id, unit.name.as_str())).collect(),
        }
    }

    fn work(&self, id: EntryId) -> Option<&'a Entry> {
        self.works.get(&id).copied()
    }

    fn unit(&self, id: OrganizationId) -> &'a str {
        self.units.get(&id).copied().unwrap_or_default()
    }

    fn number(&self, id: EntryId) -> Cell {
        self.work(id).map_or(Cell::Empty, |entry| entry.number.as_str().into())
    }
}

/// The tables of a scan; the empty ones too, since scripts count on their keys.
pub(super) fn listings(facts: &Facts, scan: &Scan) -> Vec<Listing> {
    let names = Names::new(&facts.works, &facts.units);
    vec![
        missing(facts, scan),
        findings(facts, scan),
        unmatched(facts, scan, &names),
        twice(facts, scan, &names),
        gone(facts, scan, &names),
        skipped(scan),
        renames(&scan.renames),
    ]
}

/// What a scan hands out.
pub(super) fn document(facts: &Facts, scan: &Scan, folder: &str, listings: Vec<Listing>) -> Document {
    let names = Names::new(&facts.works, &facts.units);
    let here = || scan.seen.iter().filter(|seen| !seen.file.missing);
    let count = |is: &dyn Fn(&Seen) -> bool| here().filter(|seen| is(seen)).count();
    let of = |change: Change| scan.seen.iter().filter(|seen| seen.change == change).count();
    let total = here().count();
    let works = count(&|seen| seen.file.link.entry.is_some());
    let units = count(&|seen| seen.file.link.entry.is_none() && seen.file.link.organization.is_some());
    let sheets = count(&|seen| seen.file.link.kind == RECOMMENDATION && seen.file.link.entry.is_none());
    let unmatched = count(&|seen| is_nobodys(&seen.file));
    let size: u64 = here().fold(0, |sum, seen| sum.saturating_add(seen.file.file.size));
    let numbers = [
        ("files", total),
        ("new", of(Change::New)),
        ("changed", of(Change::Changed)),
        ("unchanged", here().filter(|seen| seen.change == Change::Unchanged).count()),
        ("gone", of(Change::Gone)),
        ("works", works),
        ("units", units),
        ("recommendations", sheets),
        ("unmatched", unmatched),
        ("skipped", scan.skipped.len()),
    ];
    let mut totals: Vec<(String, Cell)> = numbers.into_iter().map(|(key, count)| (key.to_owned(), Cell::count(count))).collect();
    totals.push(("bytes".to_owned(), size_cell(size)));
    let records = scan.seen.iter().map(|seen| {
        let entry = seen.file.link.entry.and_then(|id| names.work(id));
        let mut cells = vec![("change".to_owned(), Cell::from(seen.change.key()))];
        cells.push(("how".to_owned(), Cell::optional(seen.how, |how| how.key().into())));
        cells.push(("entry".to_owned(), Cell::optional(entry, |entry| entry.number.as_str().into())));
        cells.push(("organization".to_owned(), Cell::optional(seen.file.link.organization, |id| names.unit(id).into())));
        cells.push(("candidates".to_owned(), Cell::List(seen.candidates.iter().map(|id| names.number(*id)).collect())));
        if let Cell::Record(record) = record(&facts.rules, entry, &seen.file) {
            cells.extend(record);
        }
        Cell::Record(cells)
    });
    let mut document = Document::default().value("folder", "文件夹", folder).value("files", "", Cell::List(records.collect()));
    let mut line =
        format!("共 {total} 个文件（{}）：属于作品 {works}，属于单位 {units}，推荐表 {sheets}，没有对上 {unmatched}", bytes(size));
    for (word, count) in [("新登记", of(Change::New)), ("有变化", of(Change::Changed)), ("不见了", of(Change::Gone))] {
        if count > 0 {
            line = format!("{line}；{word} {count}");
        }
    }
    document = document.value("totals", "", Cell::Record(totals)).line(line);
    for listing in listings {
        document = document.listing(listing);
    }
    if total > 0 && scan.findings.is_empty() && unmatched == 0 {
        document = document.line("材料齐全，没有发现问题。");
    }
    document
}

fn missing(facts: &Facts, scan: &Scan) -> Listing {
    let columns = vec![
        Column::new("entry", "作品"),
        Column::new("organization", "单位"),
        Column::new("title", "作品名称").minor(),
        Column::new("kinds", "缺少的材料"),
    ];
    let mut listing = Listing::new("missing", "缺少的材料", columns);
    let mut by_work: BTreeMap<usize, Vec<Cell>> = BTreeMap::new();
    for finding in &scan.findings {
        if let (Code::F601, Detail::FileMissing(name)) = (finding.code, &finding.detail) {
            by_work.entry(finding.entry).or_default().push(name.as_str().into());
        }
    }
    for (index, kinds) in by_work {
        let Some(entry) = facts.works.get(index) else { continue };
        listing.push(vec![
            entry.number.as_str().into(),
            entry.organization_name.as_str().into(),
            entry.declaration.title.as_str().into(),
            Cell::List(kinds),
        ]);
    }
    listing
}

fn findings(facts: &Facts, scan: &Scan) -> Listing {
    let columns =
        vec![Column::new("code", "代码"), Column::new("severity", "级别"), Column::new("entry", "作品"), Column::new("message", "问题")];
    let mut listing = Listing::new("findings", "有问题的材料", columns);
    let number = |index: usize| facts.works.get(index).map(|entry| entry.number.to_string()).unwrap_or_default();
    for finding in scan.findings.iter().filter(|finding| finding.code != Code::F601) {
        listing.push(vec![
            finding.code.entry().name.into(),
            Cell::keyed(finding.severity.key(), finding.severity.label()),
            number(finding.entry).into(),
            finding.message(number).into(),
        ]);
    }
    listing
}

fn unmatched(facts: &Facts, scan: &Scan, names: &Names<'_>) -> Listing {
    let columns = vec![
        Column::new("id", "编号"),
        Column::new("path", "文件"),
        Column::new("type", "类型").minor(),
        Column::new("kind", "材料").minor(),
        Column::new("candidates", "可能的作品"),
    ];
    let mut listing = Listing::new("unmatched", "没有对上的文件", columns);
    for seen in scan.seen.iter().filter(|seen| !seen.file.missing && is_nobodys(&seen.file)) {
        listing.push(vec![
            Cell::Integer(seen.file.id.0),
            seen.file.file.path.as_str().into(),
            Cell::keyed(seen.file.file.file_type.key(), seen.file.file.file_type.label()),
            kind_cell(&facts.rules, None, &seen.file.link.kind),
            Cell::List(seen.candidates.iter().map(|id| names.number(*id)).collect()),
        ]);
    }
    if !listing.rows.is_empty() {
        listing.notes.push("人工指定：dasai attachment set 编号 --entry 作品编号 --kind 材料种类".to_owned());
    }
    listing
}

fn twice(facts: &Facts, scan: &Scan, names: &Names<'_>) -> Listing {
    let columns = vec![
        Column::new("entry", "作品"),
        Column::new("organization", "单位").minor(),
        Column::new("kind", "材料"),
        Column::new("paths", "文件"),
    ];
    let mut listing = Listing::new("doubled", "同一材料有几个文件", columns);
    for group in doubled(&scan.all()) {
        let Some(first) = group.first() else { continue };
        let entry = first.link.entry.and_then(|id| names.work(id));
        listing.push(vec![
            Cell::optional(entry, |entry| entry.number.as_str().into()),
            Cell::optional(first.link.organization, |id| names.unit(id).into()),
            kind_cell(&facts.rules, entry, &first.link.kind),
            Cell::List(group.iter().map(|file| whereabouts(file).into()).collect()),
        ]);
    }
    listing
}

fn gone(facts: &Facts, scan: &Scan, names: &Names<'_>) -> Listing {
    let columns = vec![Column::new("id", "编号"), Column::new("path", "文件"), Column::new("entry", "作品"), Column::new("kind", "材料")];
    let mut listing = Listing::new("gone", "已不在文件夹里的文件", columns);
    for seen in scan.seen.iter().filter(|seen| seen.file.missing) {
        let entry = seen.file.link.entry.and_then(|id| names.work(id));
        listing.push(vec![
            Cell::Integer(seen.file.id.0),
            seen.file.file.path.as_str().into(),
            Cell::optional(entry, |entry| entry.number.as_str().into()),
            kind_cell(&facts.rules, entry, &seen.file.link.kind),
        ]);
    }
    listing
}

fn skipped(scan: &Scan) -> Listing {
    let mut listing = Listing::new("skipped", "没有读的", vec![Column::new("path", "文件"), Column::new("reason", "原因")]);
    for skipped in &scan.skipped {
        listing.push(vec![skipped.path.as_str().into(), skipped.reason.as_str().into()]);
    }
    listing
}

/// Renames with what becomes of each.
pub(super) fn renames(renames: &[(Rename, Option<String>)]) -> Listing {
    let columns = vec![
        Column::new("old_path", "原名"),
        Column::new("new_path", "改为").only(Audience::Scripts),
        Column::new("", "改为").only(Audience::People),
        Column::new("state", "结果"),
    ];
    let mut listing = Listing::new("renames", "改名", columns);
    for (rename, failure) in renames {
        let state = match (rename.obstacle, failure) {
            (Some(obstacle), _) => Cell::keyed(obstacle.key(), obstacle.label()),
            (None, Some(reason)) => Cell::keyed("failed", format!("没有改成：{reason}")),
            (None, None) => Cell::keyed("renamed", "改名"),
        };
        let name = rename.new_path.rsplit('/').next().unwrap_or_default();
        listing.push(vec![rename.old_path.as_str().into(), rename.new_path.as_str().into(), name.into(), state]);
    }
    listing
}
