//! Reading 100,000 rows of 23 columns: the bare libraries against the way to drafts. `cargo bench --bench read`.

#[path = "titles.rs"]
mod titles;

use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;
use std::sync::LazyLock;

use calamine::{Reader as _, Xlsx};
use dasai::domain::rules::ContestRules;
use dasai::formats::registration::{ReadOptions, ReadRow, read};
use titles::TITLES;

const ROWS: u32 = 100_000;

fn cell(row: u32, column: usize) -> String {
    match column {
        0 => row.to_string(),
        1 => format!("上海第{}号测试有限公司", row / 3),
        2 => format!("质量故事之第{row}篇"),
        3 => "质量品牌故事演讲".to_owned(),
        4 => "上海服务".to_owned(),
        5 | 6 => format!("某人{}", row % 977),
        7 => format!("1380000{:04}", row % 10_000),
        8 => format!("user{row}@example.com"),
        11 => format!("上海市某某路{row}号"),
        12 => "200000".to_owned(),
        14 => "是".to_owned(),
        17 => "5分30秒".to_owned(),
        18 => String::new(),
        19 => "讲述一线员工的质量品牌故事，内容真实具体，情节生动完整。".repeat(8),
        20 => "黄浦区市场监督管理局".to_owned(),
        22 => "2024-07-05 16:30".to_owned(),
        _ => format!("内容{}", row % 101),
    }
}

static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a folder"));

static CSV: LazyLock<PathBuf> = LazyLock::new(|| {
    let path = FOLDER.path().join("works.csv");
    let mut writer = csv::Writer::from_path(&path).expect("a file");
    writer.write_record(TITLES).expect("written");
    for row in 1..=ROWS {
        writer.write_record((0..TITLES.len()).map(|column| cell(row, column))).expect("written");
    }
    writer.flush().expect("written");
    path
});

static WORKBOOK: LazyLock<PathBuf> = LazyLock::new(|| {
    let path = FOLDER.path().join("works.xlsx");
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (title, column) in TITLES.iter().zip(0_u16..) {
        sheet.write_string(0, column, *title).expect("written");
    }
    for row in 1..=ROWS {
        for column in 0..23_u16 {
            sheet.write_string(row, column, cell(row, usize::from(column))).expect("written");
        }
    }
    book.save(&path).expect("saved");
    path
});

fn rules() -> ContestRules {
    let text = dasai::formats::rules_file::preset("shanghai-2024").expect("a preset");
    dasai::formats::rules_file::parse(text).expect("valid rules")
}

fn ours(path: &std::path::Path) -> usize {
    let mut rows = 0;
    let reports = read::<std::convert::Infallible>(path, "works", &rules(), &ReadOptions::default(), &mut |row| {
        rows += usize::from(matches!(row, ReadRow::Entry(..)));
        Ok(())
    });
    assert_eq!(reports.map(|reports| reports.map(|reports| reports.len())), Ok(Ok(1)));
    rows
}

#[divan::bench]
fn csv_bare(bencher: divan::Bencher<'_, '_>) {
    bencher.with_inputs(|| CSV.clone()).bench_values(|path| {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(path).expect("a file");
        let mut record = csv::StringRecord::new();
        let mut bytes = 0;
        while reader.read_record(&mut record).expect("a record") {
            bytes += record.as_slice().len();
        }
        bytes
    });
}

#[divan::bench]
fn csv_to_drafts(bencher: divan::Bencher<'_, '_>) {
    bencher.with_inputs(|| CSV.clone()).bench_values(|path| ours(&path));
}

#[divan::bench]
fn workbook_bare(bencher: divan::Bencher<'_, '_>) {
    bencher.with_inputs(|| WORKBOOK.clone()).bench_values(|path| {
        let mut book: Xlsx<_> = calamine::open_workbook_from_rs(BufReader::new(File::open(path).expect("a file"))).expect("a workbook");
        let name = book.sheet_names().first().cloned().expect("a sheet");
        let mut cells = book.worksheet_cells_reader(&name).expect("a sheet");
        let mut count = 0_usize;
        while let Some(cell) = cells.next_cell().expect("a cell") {
            count += usize::from(cell.get_position().1 < 23);
        }
        count
    });
}

#[divan::bench]
fn workbook_to_drafts(bencher: divan::Bencher<'_, '_>) {
    bencher.with_inputs(|| WORKBOOK.clone()).bench_values(|path| ours(&path));
}

fn main() {
    divan::main();
}
