//! Rows and forms as people fill them in, and the works that they become: lines in a cell, columns twice, brackets, titles that look like
//! notes or labels.

use super::amounts;
use super::fields;
use super::reading_tests::{rules, text_table};
use super::registration::{Kind, ReadOptions, ReadRow};
use super::reread::reread;
use crate::domain::problem::Place;

#[test]
fn lines_of_a_cell_are_people_options_and_categories() {
    let got = text_table(
        "单位名称,作品名称,参赛类型,主创者姓名,作品类别,重点产业,联系人\n\
         甲公司,故事,演讲,\"张三\n李四\",\"上海\n服务\",\"两大传统产业升级：☑绿色化转型\n三大先导产业：□集成电路\",\"王五、\n赵六\"\n\
         乙公司,故事二,\"演讲\n微电影\",\"张三\n（组长）\n李四\",\"□上海服务\n☑上海制造\",,\n\
         丙公司,故事三,\"质量品牌\n创新案例\",王五,,,\n",
    );
    let read: Vec<_> = got.entries.iter().map(|draft| (draft.category.as_str(), draft.declaration.creators.as_str())).collect();
    assert_eq!(
        read,
        [
            ("演讲", "张三、李四"),
            ("质量品牌故事演讲", "张三（组长）、李四"),
            ("质量品牌故事微电影", "张三（组长）、李四"),
            ("质量品牌、创新案例", "王五")
        ]
    );
    let first = &got.entries[0];
    assert_eq!(first.profile.focus_industry, "绿色化转型");
    assert_eq!((first.declaration.theme.as_str(), got.entries[1].declaration.theme.as_str()), ("上海服务", "上海制造"));
    assert_eq!(first.declaration.contact_name.reveal(), "王五、赵六");
    assert!(first.received.whole().contains(r"张三\n李四"));
    let got = text_table("单位名称,拟申报作品\n甲公司,\"演讲\n微电影\"\n");
    assert_eq!(got.registrations[0].intended, ["演讲", "微电影"]);
}

#[test]
fn boxes_without_a_tick_stay_so_that_it_can_be_said() {
    let got = text_table("单位名称,作品名称,参赛类型\n甲公司,故事,□演讲 □微电影\n");
    assert_eq!(got.entries[0].category, "□演讲 □微电影");
}

#[test]
fn a_field_twice_is_compared_as_it_is_read() {
    let got = text_table(
        "单位名称,作品名称,参赛类型,作品时长,时长,作品字数,字数,提交时间,填表日期,单位性质,企业性质\n\
         甲公司,故事,演讲,5:30,5分30秒,2000,2000字,2024-07-05,2024-07-05,国有,☑国有 □民营\n\
         乙公司,故事,演讲,5:30,5分31秒,2000,2001字,2024-07-05,2024-07-06,国有,民营\n\
         丙公司,故事,演讲,,5分31秒,,,,,,民营\n",
    );
    let said: Vec<_> = got.problems.iter().filter(|problem| problem.code == "I410").map(|problem| problem.place.cell()).collect();
    assert_eq!(said, ["E3", "G3", "I3", "K3"].map(|cell| Some(cell.to_owned())));
    assert_eq!(got.entries[1].declaration.duration, Some(330));
    assert_eq!((got.entries[2].declaration.duration, got.entries[2].profile.nature.as_str()), (Some(331), "民营"));
}

#[test]
fn addresses_in_one_cell_stay_two() {
    for (text, kept) in [
        ("a@x.com b@y.com", "a@x.com、b@y.com"),
        ("ａ@x.com； b@y.com", "a@x.com、b@y.com"),
        ("a@x.com", "a@x.com"),
        ("zhang san@x.com", "zhangsan@x.com"),
        ("mailto:a@x.com", "a@x.com"),
    ] {
        assert_eq!(fields::emails(text).0, kept, "{text}");
    }
    let got = text_table("单位名称,作品名称,参赛类型,邮箱\n甲公司,故事,演讲,\"a@x.com\nb@y.com\"\n");
    assert_eq!(got.entries[0].declaration.contact_email.reveal(), "a@x.com、b@y.com");
}

#[test]
fn numbers_of_characters_keep_every_digit() {
    for (text, length) in
        [("1.2345万字", Ok(12_345)), ("0.2345万", Ok(2345)), ("1.23456万字", Err(amounts::Unclear)), ("2000.000", Ok(2000))]
    {
        assert_eq!(amounts::length(text), length, "{text}");
    }
}

#[test]
fn no_column_of_the_received_row_is_lost() {
    let got = text_table("单位名称,作品名称,参赛类型,备注,备注,备注（2）\n甲公司,故事,演讲,一,二,三\n");
    let received: serde_json::Value = serde_json::from_str(&got.entries[0].received.whole()).expect("JSON");
    assert_eq!([&received["备注"], &received["备注（2）"], &received["备注（2）（2）"]], ["一", "二", "三"]);
    let got = text_table("单位名称,作品名称,参赛类型,备注（2）,备注,备注\n甲公司,故事,演讲,一,二,三\n");
    let received: serde_json::Value = serde_json::from_str(&got.entries[0].received.whole()).expect("JSON");
    assert_eq!([&received["备注（2）"], &received["备注"], &received["备注（3）"]], ["一", "二", "三"]);
}

#[test]
fn a_title_and_a_unit_are_a_work_whatever_the_title_says() {
    let got = text_table(
        "作品名称,参赛单位,主创者\n一、演讲类,,\n注意力的价值,甲公司,\n电话：一次投诉的故事,甲公司,王五\n\
         注：以上属实,,\n填表人：某某,2024年7月5日,\n日期：2024年,部门：质量部,\n合计,3家,\n",
    );
    assert_eq!(got.titles(), [(3, "注意力的价值"), (4, "电话：一次投诉的故事")]);
}

/// 附件2 as a table of labels and values.
fn form(title: &str, rest: &str) -> String {
    format!("参赛单位名称,上海示例有限公司\n参赛作品名称,{title}\n参赛类型,☑演讲 □微电影\n{rest}")
}

#[test]
fn brackets_of_a_form_that_a_unit_wrote_are_its_own() {
    let text = form("一封邀请函（邀请）的故事", "主创者姓名,(团队参赛填团队名称) 张三（申请人）\n联系地址,上海市静安区（填埋场旁）1号\n");
    let got = text_table(&text);
    let draft = &got.entries[0];
    assert_eq!(draft.declaration.title, "一封邀请函（邀请）的故事");
    assert_eq!(
        (draft.declaration.creators.as_str(), draft.declaration.address.reveal()),
        ("张三（申请人）", "上海市静安区（填埋场旁）1号")
    );
    // As received it is whole, and is read from there as it was read at first.
    let received: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&draft.received.whole()).expect("JSON");
    assert_eq!(received["主创者姓名"], "(团队参赛填团队名称) 张三（申请人）");
    let columns: Vec<(String, String)> =
        received.iter().map(|(title, text)| (title.clone(), text.as_str().unwrap_or_default().to_owned())).collect();
    let place = Place { file: "文件".to_owned(), row: Some(1), ..Place::default() };
    let options = ReadOptions { kind: Some(Kind::Entries), ..ReadOptions::default() };
    let ReadRow::Entry(again, _) = reread(&columns, &[], &place, &rules(), &options) else { panic!("a work") };
    assert_eq!(again.declaration, draft.declaration);
    assert_eq!(text_table(&form("请选择质量", "主创者姓名,请填写主创者姓名\n")).entries[0].declaration.title, "请选择质量");
}

#[test]
fn a_line_of_a_summary_that_looks_like_a_label_is_its_line() {
    let summary = "第一段讲述缘起。\n作品名称：螺丝钉，取自一句老话。\n备注：第二段。\n第三段讲述结果。";
    let got = text_table(&form("螺丝钉", &format!("\"参赛作品内容简介：(100-300字)\n{summary}\"\n主创者姓名,张三\n")));
    let declaration = &got.entries[0].declaration;
    assert_eq!((declaration.summary.as_str(), declaration.title.as_str(), declaration.remark.as_str()), (summary, "螺丝钉", ""));
    assert!(got.problems.is_empty(), "{:?}", got.codes());
    // What the form asks for nowhere else is its label there.
    let got = text_table(&form("螺丝钉", "\"参赛作品内容简介：第一段。\n主创者姓名：张三\"\n联系人,李四\n"));
    let declaration = &got.entries[0].declaration;
    assert_eq!((declaration.summary.as_str(), declaration.creators.as_str()), ("第一段。", "张三"));
}

#[test]
fn forms_beyond_what_is_read_are_said() {
    let filler = "备注,文字\n".repeat(5_000);
    let got = text_table(&form("故事", &format!("主创者姓名,张三\n{filler}")));
    assert!(got.codes().iter().any(|code| code.starts_with("I309")), "{:?}", got.codes());
}
