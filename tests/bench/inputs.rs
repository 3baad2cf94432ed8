//! Writes the inputs of the benchmarks into a folder, for measuring by hand: `cargo run --release --example inputs -- FOLDER [ROWS]`.
//! What to do with them stands in `docs/performance.md`.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run may fall over")]

#[path = "support.rs"]
mod support;

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

fn main() {
    let mut arguments = std::env::args_os().skip(1);
    let folder = PathBuf::from(arguments.next().expect("a folder"));
    let rows = arguments.next().map_or(100_000, |rows| rows.to_string_lossy().parse().expect("a number of rows"));
    std::fs::create_dir_all(&folder).unwrap();
    support::write_csv(&folder.join("works.csv"), rows, None);
    support::write_workbook(&folder.join("works.xlsx"), rows);
    write_forms(&folder.join("forms"), 1000);
    support::contest(&folder.join("works.dasai"), rows, None);
    support::contest(&folder.join("marks.dasai"), rows, Some("质量品牌故事演讲"));
    support::mark(&folder.join("marks.dasai"), 10);
    support::contest(&folder.join("small.dasai"), 260, Some("质量品牌故事演讲"));
    support::mark(&folder.join("small.dasai"), 10);
    files(&folder.join("files"), &folder.join("works.dasai"), 10_000);
}

/// Writes files of the first `count` works of a contest into a folder, named as units name them, one in fifty as nobody can tell.
fn files(folder: &Path, database: &Path, count: usize) {
    std::fs::create_dir_all(folder).unwrap();
    let listed = support::done(database, &["entry", "list", "--format", "json"]).stdout;
    let listed: serde_json::Value = serde_json::from_slice(&listed).unwrap();
    for (place, work) in listed["entries"].as_array().unwrap().iter().take(count).enumerate() {
        let text = |key: &str| work[key].as_str().unwrap_or_default().replace(['/', '\\', ':', '?', '*', '"', '<', '>', '|'], "");
        let (unit, title) = (text("organization"), text("title"));
        let name = match place % 50 {
            0 => format!("{place}.pdf"),
            1..10 => format!("《{title}》{unit}（最终版）.pdf"),
            10..20 => format!("{place}.{}-{title}.pdf", unit.replace("有限公司", "")),
            20..30 => format!("{unit}＋{title} 申报表(1).pdf"),
            _ => format!("{unit}+{title}.pdf"),
        };
        std::fs::write(folder.join(name), format!("%PDF-1.7\n%{place}\nstartxref\n0\n%%EOF\n")).unwrap();
    }
}

/// Writes so many one-page forms (附件2（二）) as Word documents, each another work, after one that Word's own library made.
fn write_forms(folder: &Path, count: usize) {
    std::fs::create_dir_all(folder).unwrap();
    let sample = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/forms/declaration.docx")).unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(sample)).unwrap();
    let mut parts: Vec<(String, Vec<u8>)> = Vec::new();
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).unwrap();
        let mut content = Vec::new();
        part.read_to_end(&mut content).unwrap();
        parts.push((part.name().unwrap().into_owned(), content));
    }
    for number in 0..count {
        let mut written = zip::ZipWriter::new(std::fs::File::create(folder.join(format!("{number:05}.docx"))).unwrap());
        for (name, content) in &parts {
            written.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).unwrap();
            if name == "word/document.xml" {
                let text = String::from_utf8(content.clone()).unwrap();
                let text = text
                    .replace("一颗螺丝钉", &format!("第{number}颗螺丝钉"))
                    .replace("示例一有限公司", &format!("示例{}号有限公司", number / 3));
                written.write_all(text.as_bytes()).unwrap();
            } else {
                written.write_all(content).unwrap();
            }
        }
        written.finish().unwrap();
    }
}
