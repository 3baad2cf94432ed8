//! Writes the inputs of the benchmarks into a folder, for measuring by hand: `cargo run --release --example inputs -- FOLDER [ROWS]`.
//! What to do with them stands in `docs/performance.md`.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run may fall over")]

#[path = "support.rs"]
mod support;

use std::path::PathBuf;

fn main() {
    let mut arguments = std::env::args_os().skip(1);
    let folder = PathBuf::from(arguments.next().expect("a folder"));
    let rows = arguments.next().map_or(100_000, |rows| rows.to_string_lossy().parse().expect("a number of rows"));
    std::fs::create_dir_all(&folder).unwrap();
    support::write_csv(&folder.join("works.csv"), rows, None);
    support::write_workbook(&folder.join("works.xlsx"), rows);
    support::contest(&folder.join("works.dasai"), rows, None);
    support::contest(&folder.join("marks.dasai"), rows, Some("质量品牌故事演讲"));
    support::mark(&folder.join("marks.dasai"), 10);
    support::contest(&folder.join("small.dasai"), 260, Some("质量品牌故事演讲"));
    support::mark(&folder.join("small.dasai"), 10);
}
