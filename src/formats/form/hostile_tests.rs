//! Documents that nobody meant well: anything at all reads without a panic, and what would cost a hang or a gigabyte is refused.

use std::io::Write as _;
use std::path::Path;

use proptest::prelude::*;

use crate::domain::rules::ContestRules;
use crate::formats::grid::Grid;
use crate::formats::registration::{self, ReadOptions, ReadRow};
use crate::formats::rules_file;
use crate::formats::word;

/// The code of the refusal; empty where the document was read.
fn refusal(path: &Path) -> String {
    let read =
        registration::read(path, "表单", &rules(), &ReadOptions::default(), &mut |_: ReadRow| Ok::<(), std::convert::Infallible>(()));
    match read {
        Ok(Ok(_)) => String::new(),
        Ok(Err(unreadable)) => unreadable.code.to_owned(),
        Err(never) => match never {},
    }
}

fn rules() -> ContestRules {
    rules_file::parse(rules_file::preset("shanghai-2024").unwrap()).unwrap()
}

/// A `.docx` with this body.
fn document(body: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let mut archive = zip::ZipWriter::new(&mut file);
    archive.start_file("word/document.xml", zip::write::SimpleFileOptions::default()).unwrap();
    archive.write_all(b"<w:document xmlns:w=\"w\"><w:body>").unwrap();
    archive.write_all(body.as_bytes()).unwrap();
    archive.write_all(b"</w:body></w:document>").unwrap();
    archive.finish().unwrap();
    file
}

#[test]
fn what_would_cost_too_much_is_refused() {
    let table = |times: usize| format!("{}{}", "<w:tbl><w:tr><w:tc>".repeat(times), "</w:tc></w:tr></w:tbl>".repeat(times));
    let cell = "<w:tc><w:p><w:r><w:t>单位名称</w:t></w:r></w:p></w:tc>";
    let cases = [
        ("大", " ".repeat(40 << 20), "I106"),
        ("格子", format!("<w:tbl><w:tr>{}</w:tr></w:tbl>", "<w:tc/>".repeat(100_000)), "I106"),
        ("段落", "<w:p/>".repeat(400_000), "I106"),
        ("深", format!("{}{}", "<w:p>".repeat(5000), "</w:p>".repeat(5000)), "I106"),
        ("套", table(40), "I106"),
        ("文字", format!("<w:p><w:r><w:t>{}</w:t></w:r></w:p>", "质".repeat(3 << 20)), "I106"),
        ("不配对", "<w:p>".to_owned(), "I104"),
        // Large, and still a document: labels in every cell, one text merged over many rows.
        ("标签", format!("<w:tbl>{}</w:tbl>", format!("<w:tr>{}</w:tr>", cell.repeat(4)).repeat(2000)), ""),
        (
            "合并",
            format!(
                "<w:tbl><w:tr><w:tc><w:tcPr><w:vMerge w:val=\"restart\"/></w:tcPr><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>{cell}</w:tr>{}</w:tbl>",
                "质".repeat(1 << 18),
                format!("<w:tr><w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/></w:tc>{cell}</w:tr>").repeat(5000)
            ),
            "",
        ),
        ("冒号", format!("<w:p><w:r><w:t>{}</w:t></w:r></w:p>", "联系人：".repeat(50_000)), ""),
    ];
    for (name, body, code) in cases {
        assert_eq!(refusal(document(&body).path()), code, "{name}");
    }
}

/// Pieces that documents are made of.
const PIECES: [&str; 40] = [
    "<w:tbl>",
    "</w:tbl>",
    "<w:tr>",
    "</w:tr>",
    "<w:tc>",
    "</w:tc>",
    "<w:p>",
    "</w:p>",
    "<w:r>",
    "</w:r>",
    "<w:t>",
    "</w:t>",
    "<w:tcPr><w:gridSpan w:val=\"99999999999\"/></w:tcPr>",
    "<w:tcPr><w:vMerge/></w:tcPr>",
    "<w:tcPr><w:vMerge w:val=\"restart\"/></w:tcPr>",
    "<w:trPr><w:gridBefore w:val=\"-1\"/></w:trPr>",
    "<w:sdt>",
    "</w:sdt>",
    "<w:sdtPr><w14:checkbox/></w:sdtPr>",
    "<w:sdtContent>",
    "</w:sdtContent>",
    "<w:fldChar w:fldCharType=\"begin\"/>",
    "<w:fldChar w:fldCharType=\"end\"/>",
    "<w:txbxContent>",
    "</w:txbxContent>",
    "<mc:AlternateContent>",
    "<mc:Choice>",
    "</mc:Choice>",
    "</mc:AlternateContent>",
    "<w:del>",
    "</w:del>",
    "<w:sym w:font=\"Wingdings\" w:char=\"FFFFFF\"/>",
    "&#0;",
    "&x;",
    "单位名称",
    "作品名称：",
    "参赛类型",
    "☑演讲 □微电影",
    "联系人：甲",
    "（",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_document_brings_the_reader_down(pieces in prop::collection::vec(prop::sample::select(PIECES.as_slice()), 0..60)) {
        let xml = format!("<w:document>{}</w:document>", pieces.concat());
        if let Ok(blocks) = word::of_xml(&xml) {
            let _ = super::find(&Grid::of_document(&blocks, &super::is_label), &ReadOptions::default(), &rules());
        }
    }

    #[test]
    fn no_arrangement_of_labels_brings_the_form_reader_down(
        cells in prop::collection::vec((prop::sample::select(PIECES.as_slice()), 1..4_u32, any::<bool>()), 1..60),
        width in 1..6_usize,
    ) {
        let rows: Vec<String> = cells.chunks(width).map(|row| {
            let cells: Vec<String> = row.iter().map(|(text, span, continues)| {
                let text = if text.starts_with(['<', '&']) { "" } else { text };
                let merge = if *continues { "<w:vMerge/>" } else { "<w:vMerge w:val=\"restart\"/>" };
                format!("<w:tc><w:tcPr><w:gridSpan w:val=\"{span}\"/>{merge}</w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>")
            }).collect();
            format!("<w:tr>{}</w:tr>", cells.concat())
        }).collect();
        let code = refusal(document(&format!("<w:tbl>{}</w:tbl>", rows.concat())).path());
        prop_assert_eq!(code, "");
    }
}
