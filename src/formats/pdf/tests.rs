//! Owns the checks of printed pages: nothing is lost, whatever a text holds, and the same paper is the same file.

use super::*;
use crate::domain::paper::{Block, Paragraph};

#[test]
fn a_page_is_written() {
    let paper = Paper { blocks: vec![Block::Paragraph(Paragraph::body("讲好上海质量品牌故事。"))], ..Paper::default() };
    let pdf = write_pdf(&paper).expect("a document");
    assert!(pdf.bytes.starts_with(b"%PDF"));
    assert_eq!((pdf.pages, pdf.missing_glyphs), (1, Vec::new()));
}
#[test]
fn look() {
    use crate::domain::recommendation_sheet::*;
    use crate::domain::rules::Deadline;
    let row = |n: u32| SheetRow { order: Some(n), number: format!("Y{n:03}"), organization: "上海试样精密制造有限公司".repeat(if n==3 {7} else {1}), title: if n==3 { "让槃玥喆龑𠮷的故事".repeat(7) } else { format!("一颗螺丝钉的“质量”之旅（第{n}章）☑□☒") }, category: "质量品牌故事演讲".into(), opinion: if n == 3 { "该作品主题鲜明，故事真实具体，情节生动，".repeat(15) } else { "同意推荐".into() } };
    for (name, count) in [("one", 1), ("sixty", 60), ("blank", 0)] {
        let sheet = SheetContent { contest: "2024年上海市质量品牌故事大赛".into(), recommender: "试样区市场监督管理局".into(), rows: (1..=count).map(row).collect(), deadline: Some(Deadline::end_of(jiff::civil::date(2024,7,10))), ..Default::default() };
        let paper = sheet.paper();
        let start = std::time::Instant::now();
        let pdf = write_pdf(&paper).expect("pdf");
        println!("{name} {} bytes {} pages {:?} {:?}", pdf.bytes.len(), pdf.pages, pdf.missing_glyphs, start.elapsed());
        std::fs::write(format!("/tmp/doc/{name}.pdf"), pdf.bytes).unwrap();
        std::fs::write(format!("/tmp/doc/{name}.docx"), crate::formats::word_writer::write_docx(&paper).unwrap()).unwrap();
    }
}
