//! Owns the run through the list at a terminal: shows each work that waits, asks what becomes of it, and takes each decision as an
//! operation of its own, so that whoever stops half-way has lost nothing and can undo any single one.

use std::collections::BTreeMap;

use super::context::{Context, Outcome};
use super::screen::Filter;
use super::screen_decide::{self as decide, Said};
use super::screen_desk::Desk;
use super::screen_view;
use crate::domain::check_catalogue::Code;
use crate::domain::folding::fold_text;
use crate::domain::listing::Document;
use crate::domain::screening::Decision;
use crate::domain::values::EntryNumber;
use crate::error::{AppError, ErrorKind};
use crate::store::db::Db;

/// What can be answered, in the order of its numbers.
const ANSWERS: [(&str, Answer); 5] = [
    ("受理", Answer::Decide(Decision::Accepted)),
    ("退回", Answer::Decide(Decision::Returned)),
    ("淘汰", Answer::Decide(Decision::Rejected)),
    ("跳过", Answer::Skip),
    ("结束", Answer::End),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Decide(Decision),
    Skip,
    End,
}

/// Goes through the works that wait.
///
/// # Errors
/// Nobody is there to answer, or the contest cannot be read or written.
pub(super) fn run(context: &mut Context, filter: &Filter) -> Result<Outcome, AppError> {
    if !context.ui.can_ask() {
        return Err(AppError::usage("逐件审查要在终端中进行，当前无法提问")
            .hint("列出待审的作品：dasai screen list")
            .hint("受理：dasai screen accept 编号（或 --all-clean --yes）；退回：dasai screen return 编号 --reason 理由；淘汰：dasai screen reject 编号 --code 代码"));
    }
    let mut db = context.open()?;
    let (mut desk, wanted) = {
        let reader = db.reader()?;
        let desk = Desk::load(context, &reader)?;
        let wanted = filter.wanted(&reader, &desk)?;
        (desk, wanted)
    };
    let waiting: Vec<EntryNumber> = desk
        .in_order()
        .into_iter()
        .filter(|(index, work)| desk.queue(*index).waits() && wanted.has(work))
        .map(|(_, work)| work.number.clone())
        .collect();
    if waiting.is_empty() {
        return Ok(Outcome::of(Document::note("没有等待审查的作品")));
    }
    let mut taken: BTreeMap<Decision, usize> = BTreeMap::new();
    'works: for (serial, number) in (1..).zip(&waiting) {
        while let Some(index) = desk.checked.position(number).filter(|index| desk.queue(*index).waits()) {
            context.ui.message(&format!("\n—— 第 {serial} 件，共 {} 件 ——", waiting.len()));
            let document = screen_view::show(&db.reader()?, &desk, index)?;
            context.ui.show(&document)?;
            match one(context, &mut db, &desk, index) {
                Ok(Answer::Decide(decision)) => {
                    *taken.entry(decision).or_default() += 1;
                    // The findings of others may rest on this work.
                    desk = Desk::load(context, &db.reader()?)?;
                }
                Ok(Answer::Skip) => continue 'works,
                Ok(Answer::End) => break 'works,
                // Whoever decided saw what is no longer so: the work is shown as it is now, and asked about again.
                Err(error) if error.kind == ErrorKind::Overtaken => {
                    context.ui.message(&error.message);
                    desk = Desk::load(context, &db.reader()?)?;
                    let waits = desk.checked.position(number).is_some_and(|index| desk.queue(index).waits());
                    context.ui.message(&if waits {
                        format!("下面是作品 {number} 现在的情形，请重新决定")
                    } else {
                        format!("作品 {number} 已不在待审之列")
                    });
                }
                Err(error) => return Err(error),
            }
        }
    }
    let counts: Vec<String> = taken.iter().map(|(decision, count)| format!("{} {count} 件", decision.label())).collect();
    let left = desk.in_order().into_iter().filter(|(index, work)| desk.queue(*index).waits() && wanted.has(work)).count();
    let done = if counts.is_empty() { "没有作出决定".to_owned() } else { counts.join("，") };
    Ok(Outcome::default().message(format!("审查结束：{done}；还有 {left} 件等待审查")))
}

/// Asks about one work until it is decided, skipped, or the run is ended.
fn one(context: &mut Context, db: &mut Db, desk: &Desk, index: usize) -> Result<Answer, AppError> {
    loop {
        // Whoever gives up (Ctrl-C, a closed terminal) ends the run; what was decided stands.
        let Ok(text) = context.ui.line("1 受理  2 退回  3 淘汰  4 跳过  5 结束（直接回车为跳过）") else {
            return Ok(Answer::End);
        };
        let Some(answer) = understood(&text) else {
            context.ui.message(&format!("没有“{}”这个选择，请写序号 1–5，或写 受理、退回、淘汰、跳过、结束", text.trim()));
            continue;
        };
        let Answer::Decide(decision) = answer else { return Ok(answer) };
        let said = match said(context, desk, index, decision) {
            Ok(Some(said)) => said,
            Ok(None) => {
                context.ui.message("已取消，请重新选择");
                continue;
            }
            Err(error) => {
                context.ui.error(&error);
                continue;
            }
        };
        match decide::plan(desk, decision, &[index], &said) {
            Ok(planned) if context.dry_run => {
                context.ui.show(&Document::of(decide::listing(desk, &planned)))?;
                context.ui.message("试运行：什么都没有写入");
                return Ok(Answer::Skip);
            }
            Ok(planned) => {
                decide::write(context, db, desk, &planned)?;
                context.ui.message(&format!("已{}", decision.label()));
                return Ok(answer);
            }
            Err(error) => context.ui.error(&error),
        }
    }
}

/// What an answer means: its number or its word, in any width.
fn understood(text: &str) -> Option<Answer> {
    let text = fold_text(text);
    if text.is_empty() {
        return Some(Answer::Skip);
    }
    let by_number = text.parse::<usize>().ok().and_then(|number| ANSWERS.get(number.checked_sub(1)?));
    by_number.or_else(|| ANSWERS.iter().find(|(word, _)| *word == text)).map(|(_, answer)| *answer)
}

/// What has to be said with a decision; `None`: taken back.
fn said(context: &mut Context, desk: &Desk, index: usize, decision: Decision) -> Result<Option<Said>, AppError> {
    let mut said = Said::default();
    let errors = desk.counts(index).errors;
    match decision {
        Decision::Accepted if errors == 0 => return Ok(Some(said)),
        Decision::Accepted => {
            said.overriding = true;
            let question = format!("还有 {errors} 项错误没有豁免；确要破例受理，请写理由（直接回车取消）");
            context.ui.line(&question)?.trim().clone_into(&mut said.reason);
        }
        Decision::Returned => context.ui.line("退回的理由，会写进补正通知（直接回车取消）")?.trim().clone_into(&mut said.reason),
        Decision::Rejected => {
            let text = context.ui.line("按哪一条淘汰（如 S404；没有就直接回车）")?;
            if !text.trim().is_empty() {
                said.code = Some(
                    Code::named(&fold_text(&text))
                        .ok_or_else(|| AppError::usage(format!("没有审查代码 {}", text.trim())).hint("全部代码见：dasai check rules"))?,
                );
            }
            let question =
                if said.code.is_some() { "补充理由（可直接回车）" } else { "淘汰的理由（直接回车取消）" };
            context.ui.line(question)?.trim().clone_into(&mut said.reason);
        }
    }
    Ok((!said.reason.is_empty() || said.code.is_some()).then_some(said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_numbers_or_words() {
        for (text, answer) in [
            ("1", Some(Answer::Decide(Decision::Accepted))),
            (" ２ ", Some(Answer::Decide(Decision::Returned))),
            ("淘汰", Some(Answer::Decide(Decision::Rejected))),
            ("", Some(Answer::Skip)),
            ("5", Some(Answer::End)),
            ("0", None),
            ("6", None),
            ("好", None),
        ] {
            assert_eq!(understood(text), answer, "{text}");
        }
    }
}
