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
    use crate::domain::correction_notice::*;
    use crate::domain::recommendation_sheet::*;
    use crate::domain::rules::Deadline;
    let row = |n: u32| SheetRow {
        order: Some(n),
        number: format!("Y{n:03}"),
        organization: if n == 3 {
            "上海试样精密制造有限公司".repeat(7)
        } else if n % 4 == 0 {
            "试样（上海）高端装备股份有限公司浦东新区分公司".into()
        } else {
            "上海试样精密制造有限公司".into()
        },
        title: if n == 3 {
            "让槃玥喆龑𠮷的故事".repeat(7)
        } else {
            format!("一颗螺丝钉的“质量”之旅（第{n}章）")
        },
        category: if n % 3 == 0 { "质量品牌创新案例".into() } else { "质量品牌故事演讲".into() },
        opinion: if n == 3 { "该作品主题鲜明，故事真实具体，情节生动，".repeat(15) } else { "同意推荐".into() },
    };
    let mut papers = Vec::new();
    for (name, count) in [("one", 1), ("sixty", 60), ("blank", 0), ("huge", 5000)] {
        let sheet = SheetContent {
            contest: "2024年上海市质量品牌故事大赛".into(),
            recommender: "试样区市场监督管理局".into(),
            rows: (1..=count).map(row).collect(),
            deadline: Some(Deadline::end_of(jiff::civil::date(2024, 7, 10))),
            ..Default::default()
        };
        papers.push((name, sheet.paper()));
    }
    let defect = |m: &str, c: &str, clause: &str| Defect { message: m.into(), remedy: remedy(c).into(), clause: clause.into() };
    let works = (1..=12)
        .map(|n| NoticeWork {
            number: format!("Y{n:03}"),
            title: format!("一颗螺丝钉的“质量”之旅（第{n}章）"),
            organization: "上海试样精密制造有限公司".into(),
            defects: [
                defect("内容简介 86 字，要求 100–300 字", "C102", "附件2（二）内容简介（100-300字）"),
                defect("缺少材料：参赛作品申报表（盖章）", "F601", "附件1（三）3"),
                defect("“联系手机”格式不对：138****000", "C103", "附件2；本程序自定的格式"),
                defect("与 Y005《一颗螺丝钉的旅程》题目相似", "S402", "附件1（三）4"),
            ]
            .into_iter()
            .take(1 + n % 4)
            .collect(),
        })
        .collect();
    let notice = CorrectionNotice {
        contest: "2024年上海市质量品牌故事大赛".into(),
        organizer: "上海市质量协会".into(),
        basis: Some("沪质协〔2024〕32号".into()),
        document: Some("沪质协〔2024〕58号".into()),
        addressee: "试样区市场监督管理局".into(),
        kind: AddresseeKind::Recommender,
        works,
        until: Some(Deadline::end_of(jiff::civil::date(2024, 7, 15))),
        date: jiff::civil::date(2024, 7, 11),
        enquiries: Some("大赛组委会办公室，021-00000000".into()),
    };
    papers.push(("notice", notice.paper()));
    std::fs::write("/tmp/doc/mail.txt", notice.mail().subject + "\n\n" + &notice.mail().body).unwrap();
    for (name, paper) in papers {
        let start = std::time::Instant::now();
        let pdf = write_pdf(&paper).expect("pdf");
        println!("{name} {} bytes {} pages {:?} {:?}", pdf.bytes.len(), pdf.pages, pdf.missing_glyphs, start.elapsed());
        std::fs::write(format!("/tmp/doc/{name}.pdf"), pdf.bytes).unwrap();
        let start = std::time::Instant::now();
        std::fs::write(format!("/tmp/doc/{name}.docx"), crate::formats::word_writer::write_docx(&paper).unwrap()).unwrap();
        println!("docx {:?}", start.elapsed());
        let start = std::time::Instant::now();
        std::fs::write(
            format!("/tmp/doc/{name}.xlsx"),
            crate::formats::paper_workbook::write_paper_workbook(&paper, jiff::civil::date(2024, 7, 8).at(9, 0, 0, 0)).unwrap(),
        )
        .unwrap();
        println!("xlsx {:?}", start.elapsed());
    }
}
