//! Owns the questions that `import` asks at a terminal before it reads: what a title means that may mean several things. Without a
//! terminal `import` does not come here; the reading then reports the title, with the flag to type.

use super::context::Context;
use super::files::Found;
use crate::domain::field::Field;
use crate::domain::rules::ContestRules;
use crate::error::AppError;
use crate::formats::registration::{ReadOptions, questions};

/// Asks what each ambiguous title of the files means, once a title. Answers are remembered as `--map` is.
///
/// # Errors
/// The person gives up.
pub(super) fn ask(
    context: &mut Context,
    rules: &ContestRules,
    known: Vec<(String, String, Field)>,
    files: &[Found],
) -> Result<Vec<(String, Field)>, AppError> {
    let mut answers = Vec::new();
    let mut options = ReadOptions { of_headers: known, ..ReadOptions::default() };
    let mut passed_over: Vec<String> = Vec::new();
    for Found { path, shown, .. } in files {
        for question in questions(path, rules, &options) {
            if passed_over.contains(&question.title) {
                continue;
            }
            let mut choices: Vec<String> = question.fields.iter().map(|field| field.label().to_owned()).collect();
            choices.push("不用这一列".to_owned());
            let place = if question.sheet.is_empty() { shown.clone() } else { format!("{shown} › {}", question.sheet) };
            let flag = format!("--map '{}=字段'", question.title);
            let chosen = context.ui.choose(&format!("{place}：“{}”这一列是什么", question.title), &flag, &choices)?;
            match question.fields.get(chosen) {
                Some(field) => {
                    answers.push((question.title.clone(), *field));
                    options.remembered.push((question.title, *field));
                }
                None => passed_over.push(question.title),
            }
        }
    }
    Ok(answers)
}
