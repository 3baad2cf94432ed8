//! Tables of marks as offices make them: `fixtures/scores/`, made by `make_scores.py`.

use std::convert::Infallible;
use std::path::Path;

use super::*;

/// Reads a fixture into lines: tables with their problems, rows with works, judges and cells.
fn lines(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/scores").join(name);
    let vocabulary = Vocabulary::new(&["主题内容", "语言表达"], &["观众投票得分"], &["王芳", "李强", "赵敏"]);
    let mut lines = Vec::new();
    let read = read::<Infallible>(&path, name, &vocabulary, &mut |event| {
        match event {
            Event::Table { sheet, layout, problems } => {
                lines.push(format!("[{sheet}] {}", layout.map_or("-", Layout::key)));
                lines.extend(problems.iter().map(|problem| {
                    format!("  {} {} {} {}", problem.code, problem.place, problem.message, problem.hint).trim_end().to_owned()
                }));
            }
            Event::Problem(problem) => lines.push(format!("  {} {} {}", problem.code, problem.place, problem.message)),
            Event::Row(row) => {
                let sheets: Vec<String> = row
                    .sheets
                    .iter()
                    .map(|sheet| {
                        let cells: Vec<&str> = sheet.criteria.iter().chain(&sheet.total).map(|cell| cell.text.as_str()).collect();
                        format!("{}={}", sheet.judge.text, cells.join("/"))
                    })
                    .chain(row.parts.iter().map(|(part, cell)| format!("part{part}={}", cell.text)))
                    .collect();
                let work = [&row.work.number, &row.work.organization, &row.work.title].map(String::as_str).join("|");
                lines.push(format!("{} {work} {}", row.row, sheets.join(" ")));
            }
        }
        Ok(())
    });
    match read {
        Ok(Ok(())) => lines.join("\n"),
        Ok(Err(unreadable)) => unreadable.code.to_owned(),
    }
}

#[test]
fn a_matrix_with_titles_two_header_rows_and_sums_is_read() {
    insta::assert_snapshot!(lines("matrix.xlsx"), @r#"
    [初赛成绩] matrix
      J123 matrix.xlsx › 初赛成绩 › 第5行 没有用到的列：序号、平均分、备注
    6 Y001||匠心之路 王芳=90 李强=８８ 赵敏=92.5
    7 Y002||质量之光 王芳=85分 李强=80 赵敏=缺席
    8 y003||一颗螺丝钉 王芳=0.3 李强= 赵敏=回避
      I301 matrix.xlsx › 初赛成绩 › 第9行 不是数据的行已略过：2 行（第 9、11 行）
    "#);
}

#[test]
fn a_long_table_with_merged_numbers_and_a_repeated_header_is_read() {
    insta::assert_snapshot!(lines("long.xlsx"), @r#"
    [决赛] long
    4 Y001|| 王芳=36/27/63
    5 Y001|| 李强=35.5/26/61.5
    6 Y002|| 王芳=30/20/55
    8 Y002|| 李强=缺考//
    "#);
}

#[test]
fn a_single_judges_sheet_names_its_judge_above() {
    insta::assert_snapshot!(lines("single.csv"), @r#"
    [] single
    3 |甲公司|匠心之路 王芳=36/27
    "#);
}

#[test]
fn given_parts_are_read_by_their_names() {
    insta::assert_snapshot!(lines("given.csv"), @r#"
    [] given
      J123 given.csv › 第1行 没有用到的列：名次
    2 Y001||匠心之路 part0=80.5
    3 Y002||质量之光 part0=
    "#);
}

#[test]
fn what_is_no_table_of_marks_is_said_with_what_a_header_needs() {
    insta::assert_snapshot!(lines("no_header.csv"), @r#"
    [] -
      J120 no_header.csv 没有找到评分表的表头
    "#);
}

#[test]
fn unknown_judges_and_lacking_criteria_are_named() {
    insta::assert_snapshot!(lines("unknown_columns.csv"), @r#"
    [] matrix
      J106 unknown_columns.csv › B1 不认识的列“王方”，没有导入 是不是“王芳”？改正列名后再导入
      J106 unknown_columns.csv › D1 没有名叫“钱某”的评委，这一列没有导入 若是评委，先登记：dasai judge add 钱某 --panel 参赛类型/轮次；若不是，可以不管
    2 Y001|| 李强=88
    "#);
    insta::assert_snapshot!(lines("lacking.csv"), @r#"
    [] -
      J106 lacking.csv › D1 不认识的列“语言表述”，没有导入 是不是“语言表达”？改正列名后再导入
      J121 lacking.csv › 第1行 缺少评分项的列：语言表达；这张表没有导入 补上这些列，或改正列名；评分项用 dasai rules show 查看
    "#);
    insta::assert_snapshot!(lines("twice.csv"), @r#"
    [] -
      J121 twice.csv › C1 有两列都是“王芳”，不知道用哪一列；这张表没有导入 删去或改名其中一列后再导入
    "#);
}

#[test]
fn a_header_merged_over_two_rows_is_read() {
    insta::assert_snapshot!(lines("merged_header.xlsx"), @r#"
    [Sheet] matrix
    3 Y001||匠心之路 王芳=90 李强=88 赵敏=92.5
    "#);
}

#[test]
fn a_mark_merged_over_works_is_nobodys_and_what_is_hidden_is_told() {
    insta::assert_snapshot!(lines("merged_marks.xlsx"), @r#"
    [Sheet] matrix
      I124 merged_marks.xlsx › Sheet › 第1行 隐藏的列，也已读取：“李强” 如不应导入，请在 Excel 中删除这些列后重新导入
    2 Y001|| 王芳=90 李强=85 赵敏=缺席
      J126 merged_marks.xlsx › Sheet › B3 分数 80 在合并了几行的单元格里，不知道是哪件作品的，没有记入
    3 Y002|| 王芳= 李强=85 赵敏=缺席
      J126 merged_marks.xlsx › Sheet › B4 分数 80 在合并了几行的单元格里，不知道是哪件作品的，没有记入
      I413 merged_marks.xlsx › Sheet › D4 公式没有算好的值，按空白处理
    4 Y003|| 王芳= 李强=85 赵敏=
      I123 merged_marks.xlsx › Sheet › 第3行 隐藏或筛选掉的行，也已读取：1 行（第 3 行）
    "#);
}

#[test]
fn a_title_that_begins_like_a_note_is_a_work_and_notes_are_told() {
    insta::assert_snapshot!(lines("titles_like_notes.csv"), @r#"
    [] matrix
    2 |甲公司|监督员老王的三十年 王芳=90 李强=85
    3 |乙公司|平均每天一万步 王芳=80 李强=82
      I301 titles_like_notes.csv › 第4行 不是数据的行已略过：1 行（第 4 行）
    "#);
}

#[test]
fn two_columns_of_totals_are_not_chosen_between() {
    insta::assert_snapshot!(lines("two_totals.csv"), @r#"
    [] -
      J121 two_totals.csv › C2 有两列总分：“总分”，不知道用哪一列；这张表没有导入 删去或改名其中一列后再导入
    "#);
}
