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
                lines.extend(
                    problems.iter().map(|problem| format!("  {} {} {} {}", problem.code, problem.place, problem.message, problem.hint)),
                );
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
    insta::assert_snapshot!(lines("matrix.xlsx"), @"");
}

#[test]
fn a_long_table_with_merged_numbers_and_a_repeated_header_is_read() {
    insta::assert_snapshot!(lines("long.xlsx"), @"");
}

#[test]
fn a_single_judges_sheet_names_its_judge_above() {
    insta::assert_snapshot!(lines("single.csv"), @"");
}

#[test]
fn given_parts_are_read_by_their_names() {
    insta::assert_snapshot!(lines("given.csv"), @"");
}

#[test]
fn what_is_no_table_of_marks_is_said_with_what_a_header_needs() {
    insta::assert_snapshot!(lines("no_header.csv"), @"");
}

#[test]
fn unknown_judges_and_lacking_criteria_are_named() {
    insta::assert_snapshot!(lines("unknown_columns.csv"), @"");
    insta::assert_snapshot!(lines("lacking.csv"), @"");
    insta::assert_snapshot!(lines("twice.csv"), @"");
}
