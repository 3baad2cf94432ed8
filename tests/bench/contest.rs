//! The program from the outside, as staff run it: whole commands in their own process, with start-up, reading, writing and printing.
//! Beside each stands what it is compared with. `cargo bench --bench contest`; what came out stands in `docs/performance.md`.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run may fall over")]

#[path = "support.rs"]
mod support;

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use calamine::{Reader as _, Xlsx};
use divan::Bencher;
use tempfile::TempDir;

const ROWS: [usize; 3] = [1_000, 10_000, 100_000];

/// Where the inputs lie; each is made when first asked for.
static FOLDER: OnceLock<PathBuf> = OnceLock::new();

fn main() {
    let folder = tempfile::tempdir().unwrap();
    FOLDER.get_or_init(|| folder.path().to_owned());
    divan::main();
}

fn input(name: &str, make: impl FnOnce(&Path)) -> PathBuf {
    let path = FOLDER.get().unwrap().join(name);
    if !path.exists() {
        make(&path);
    }
    path
}

fn csv(rows: usize) -> PathBuf {
    input(&format!("{rows}.csv"), |path| support::write_csv(path, rows, None))
}

fn workbook(rows: usize) -> PathBuf {
    input(&format!("{rows}.xlsx"), |path| support::write_workbook(path, rows))
}

fn contest(works: usize) -> PathBuf {
    input(&format!("{works}.dasai"), |path| support::contest(path, works, None))
}

/// Speeches with ten totals each.
fn marked(works: usize) -> PathBuf {
    input(&format!("{works}-marked.dasai"), |path| {
        support::contest(path, works, Some("质量品牌故事演讲"));
        support::mark(path, 10);
    })
}

fn empty() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bench.dasai");
    support::new_contest(&path);
    (folder, path)
}

fn import(bencher: Bencher<'_, '_>, table: &Path, flags: &[&str]) {
    let table = table.to_string_lossy();
    let arguments = [&["import", table.as_ref()], flags].concat();
    bencher.with_inputs(empty).bench_local_refs(|(_folder, path)| support::done(path, &arguments));
}

#[divan::bench(args = ROWS, sample_count = 3, sample_size = 1)]
fn import_csv(bencher: Bencher<'_, '_>, rows: usize) {
    import(bencher, &csv(rows), &[]);
}

#[divan::bench(args = ROWS, sample_count = 3, sample_size = 1)]
fn import_csv_dry_run(bencher: Bencher<'_, '_>, rows: usize) {
    import(bencher, &csv(rows), &["--dry-run"]);
}

/// The same file a second time: nothing may change.
#[divan::bench(args = ROWS, sample_count = 3, sample_size = 1)]
fn import_csv_again(bencher: Bencher<'_, '_>, rows: usize) {
    let (table, contest) = (csv(rows), contest(rows));
    bencher.bench_local(|| support::done(&contest, &["import", &table.to_string_lossy()]));
}

/// What the command line of SQLite needs for the raw file: every column a text, no index, no check. Needs `sqlite3`.
#[divan::bench(args = ROWS, sample_count = 3, sample_size = 1)]
fn import_csv_by_sqlite3(bencher: Bencher<'_, '_>, rows: usize) {
    let import = format!(".import --csv {} works", csv(rows).display());
    bencher.with_inputs(|| tempfile::tempdir().unwrap()).bench_local_refs(|folder| {
        let output = Command::new("sqlite3").arg(folder.path().join("raw.db")).arg(&import).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    });
}

#[divan::bench(args = ROWS, sample_count = 3, sample_size = 1)]
fn import_workbook(bencher: Bencher<'_, '_>, rows: usize) {
    import(bencher, &workbook(rows), &[]);
}

/// A workbook as calamine opens it, and the name of its first sheet.
fn opened(path: &Path) -> (Xlsx<BufReader<File>>, String) {
    let book: Xlsx<_> = calamine::open_workbook_from_rs(BufReader::new(File::open(path).unwrap())).unwrap();
    let name = book.sheet_names().first().cloned().unwrap();
    (book, name)
}

/// What calamine needs to hand out the cells of the same workbook.
#[divan::bench(args = ROWS, sample_count = 3, sample_size = 1)]
fn workbook_by_calamine(bencher: Bencher<'_, '_>, rows: usize) {
    let path = workbook(rows);
    bencher.bench_local(|| {
        let (mut book, name) = opened(&path);
        let mut cells = book.worksheet_cells_reader(&name).unwrap();
        let mut count = 0_usize;
        while let Some(cell) = cells.next_cell().unwrap() {
            count += usize::from(cell.get_position().1 < 23);
        }
        count
    });
}

/// What calamine needs to read the same workbook into a range, as its own examples do.
#[divan::bench(args = ROWS, sample_count = 3, sample_size = 1)]
fn workbook_as_a_range_by_calamine(bencher: Bencher<'_, '_>, rows: usize) {
    let path = workbook(rows);
    bencher.bench_local(|| {
        let (mut book, name) = opened(&path);
        book.worksheet_range(&name).unwrap().used_cells().count()
    });
}

/// Every check, the search for similar titles and summaries among them.
#[divan::bench(args = ROWS, sample_count = 3, sample_size = 1)]
fn check(bencher: Bencher<'_, '_>, works: usize) {
    let contest = contest(works);
    bencher.bench_local(|| support::done(&contest, &["check"]));
}

#[divan::bench(args = ROWS, sample_count = 3, sample_size = 1)]
fn rank_ten_marks_each(bencher: Bencher<'_, '_>, works: usize) {
    let contest = marked(works);
    bencher.bench_local(|| support::done(&contest, &["rank", "speech"]));
}

/// What staff read with all day.
const READS: [&str; 13] = [
    "org list",
    "log",
    "entry show Y001",
    "rules show",
    "entry list",
    "award list",
    "score status",
    "rank speech",
    "status",
    "duplicates",
    "score list",
    "check",
    "screen list",
];

/// At the size of the contest of 2024.
#[divan::bench(args = READS, sample_count = 40, sample_size = 1)]
fn at_260_works(bencher: Bencher<'_, '_>, command: &str) {
    let contest = marked(260);
    let words: Vec<&str> = command.split(' ').collect();
    bencher.bench_local(|| support::done(&contest, &words));
}

/// A whole contest from the first form to the award list.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn demo(bencher: Bencher<'_, '_>) {
    bencher.with_inputs(|| tempfile::tempdir().unwrap()).bench_local_refs(|folder| {
        let target = folder.path().join("demo");
        let output = Command::new(support::program()).arg("demo").arg(&target).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    });
}
