//! Owns the one door by which rules change: the difference is shown, the data is asked whether it allows it, then one operation.
//! `rules apply` and `rules edit` both come here.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

use super::context::{Context, Outcome};
use super::huge_pages;
use super::rules::{self, Loaded};
use crate::domain::command_word;
use crate::domain::listing::{Cell, Column, Document, Listing};
use crate::domain::rules_change;
use crate::error::AppError;
use crate::formats::rules_file;
use crate::store::contest;
use crate::store::db::Reader;

/// What one rules text says differently from another, key by key.
#[must_use]
pub fn differences(old: &str, new: &str) -> Listing {
    let columns = vec![Column::new("key", "键"), Column::new("change", "变化"), Column::new("old", "原来"), Column::new("new", "改为")];
    let mut listing = Listing::new("changes", "规则的变化", columns).when_empty("没有差别");
    for change in rules_file::diff(old, new) {
        let kind = match (&change.old, &change.new) {
            (None, _) => Cell::keyed("added", "新增"),
            (Some(_), None) => Cell::keyed("removed", "删去"),
            (Some(_), Some(_)) => Cell::keyed("changed", "改动"),
        };
        listing.push(vec![change.path.into(), kind, Cell::optional(change.old, Cell::text), Cell::optional(change.new, Cell::text)]);
    }
    listing
}

/// Puts rules in force. `expected` is the text that the change was made from, where somebody edited a copy of it.
///
/// # Errors
/// The data forbids a change, the rules were changed meanwhile, or the file cannot be written.
pub fn apply(context: &mut Context, loaded: &Loaded, expected: Option<&str>) -> Result<Outcome, AppError> {
    let mut db = context.open()?;
    let current = {
        let reader = db.reader()?;
        let current = contest::rules_text(&reader)?;
        permit(&reader, &current, loaded)?;
        current
    };
    if expected.is_some_and(|expected| expected != current) {
        return Err(AppError::refused("规则刚刚被别人改过，没有写入").hint("看现行规则：dasai rules show --source；把改动并进去再应用"));
    }
    let listing = differences(&current, &loaded.text);
    let count = listing.rows.len();
    let document = Document::of(listing);
    if current == loaded.text {
        return Ok(Outcome::of(document).message("规则与现行的完全相同，没有写入"));
    }
    if context.dry_run {
        return Ok(Outcome::of(document).message("以上是将要发生的变化，没有写入"));
    }
    let is_shown = context.ui.shows_before_asking();
    if is_shown {
        context.ui.show(&document)?;
    }
    if !context.ui.confirm(&format!("让 {} 生效（{count} 处变化）？", loaded.origin))? {
        return Ok(Outcome::default().message("规则没有改动"));
    }
    let document = if is_shown { Document::default() } else { document };
    let tx = context.operation(&mut db)?;
    contest::apply_rules(&tx, &loaded.text, &loaded.origin, context.now)?;
    let summary = if count == 0 {
        format!("应用规则 {}：只有注释或排版不同", loaded.origin)
    } else {
        format!("应用规则 {}：{count} 处变化", loaded.origin)
    };
    let operation = tx.finish(&summary)?;
    let mut outcome = Outcome::of(document).message(format!("{summary}（操作 {}，撤销：dasai undo）", operation.0));
    let unconfirmed = rules_file::unconfirmed(&loaded.text).len();
    if unconfirmed > 0 {
        outcome = outcome.message(format!("还有 {unconfirmed} 处通知未规定的内容待确认：dasai rules check"));
    }
    Ok(outcome)
}

/// Asks the data. Where the rules in force cannot be read themselves, nothing can be compared and the new ones only help.
fn permit(reader: &Reader<'_>, current: &str, loaded: &Loaded) -> Result<(), AppError> {
    let Ok(old) = rules_file::parse(current) else { return Ok(()) };
    let obstacles = rules_change::obstacles(&old, &loaded.rules, &contest::rules_use(reader)?);
    if obstacles.is_empty() {
        return Ok(());
    }
    let whats: Vec<String> = obstacles.iter().map(|obstacle| format!("\n  · {}", obstacle.what)).collect();
    let mut error = AppError::refused(format!("现有数据不允许这样改规则，没有写入：{}", whats.concat()));
    let mut remedies: Vec<String> = Vec::new();
    for obstacle in obstacles {
        if !remedies.contains(&obstacle.remedy) {
            remedies.push(obstacle.remedy);
        }
    }
    for remedy in remedies {
        error = error.hint(remedy);
    }
    Err(error)
}

/// Asks whether the data allows the rules that stand in the file after something was taken back.
///
/// # Errors
/// The data forbids the change from the rules before.
pub fn permit_back(reader: &Reader<'_>, before: &str) -> Result<(), AppError> {
    let text = contest::rules_text(reader)?;
    let Ok(rules) = rules_file::parse(&text) else { return Ok(()) };
    permit(reader, before, &Loaded { text, rules, origin: String::new() })
}

/// Opens a copy of the rules in the person's editor and applies what comes back.
///
/// # Errors
/// Nobody is at a terminal, there is no editor, or what [`apply`] says. An edited copy that did not come into force is kept.
pub fn edit(context: &mut Context) -> Result<Outcome, AppError> {
    if !(context.ui.terminal.stdin && context.ui.terminal.stdout) {
        return Err(AppError::usage("当前不在终端中，无法打开编辑器")
            .hint("先取出：dasai rules show --source > 规则.toml，改好后：dasai rules apply 规则.toml"));
    }
    let current = {
        let db = context.open()?;
        let reader = db.reader()?;
        contest::rules_text(&reader)?
    };
    let editor = editor(context)?;
    let mut file = tempfile::Builder::new()
        .prefix("dasai-rules-")
        .suffix(".toml")
        .tempfile()
        .map_err(|error| AppError::io("无法建立临时文件", &error))?;
    file.write_all(current.as_bytes()).and_then(|()| file.flush()).map_err(|error| AppError::io("无法写临时文件", &error))?;
    // Closed before the editor opens it: Windows editors refuse a file that another program holds.
    let path = file.into_temp_path();
    let read_back = || std::fs::read(&path).map_err(|error| AppError::io("无法读回编辑的规则", &error));
    let (text, result) = loop {
        if let Err(error) = run_editor(&editor, &path) {
            break (String::from_utf8_lossy(&read_back()?).into_owned(), Err(error));
        }
        let bytes = read_back()?;
        let read = rules_file::decode(&bytes)
            .map_err(|_| AppError::damaged("编辑的规则不是 UTF-8 文本").hint("在编辑器里另存为 UTF-8"))
            .and_then(|text| rules::checked(text, "编辑"));
        match read {
            Ok(loaded) => break (loaded.text.clone(), apply(context, &loaded, Some(&current))),
            Err(error) => {
                context.ui.error(&error);
                if !context.ui.confirm("规则有错误，回到编辑器继续改？")? {
                    break (String::from_utf8_lossy(&bytes).into_owned(), Err(error));
                }
            }
        }
    };
    // What was typed and is not in force is not thrown away: after a fault, a dry run, or a no.
    if text == current || is_in_force(context, &text)? {
        return result;
    }
    let kept: PathBuf = path.keep().map_err(|error| AppError::io("无法保留编辑的规则", &error.error))?;
    let note = format!("改过的规则留在 {}；应用：dasai rules apply {}", kept.display(), command_word::path(&kept));
    match result {
        Ok(outcome) => Ok(outcome.message(note)),
        Err(error) => Err(error.hint(note)),
    }
}

/// Whether these are the rules of the contest now.
fn is_in_force(context: &Context, text: &str) -> Result<bool, AppError> {
    let db = context.open()?;
    let reader = db.reader()?;
    Ok(contest::rules_text(&reader)? == text)
}

/// The editor's program and its arguments.
fn editor(context: &Context) -> Result<Vec<String>, AppError> {
    let words: Vec<String> = context.editor.iter().flat_map(|line| line.split_whitespace()).map(str::to_owned).collect();
    if !words.is_empty() {
        return Ok(words);
    }
    if cfg!(windows) {
        return Ok(vec!["notepad".to_owned()]);
    }
    Err(AppError::usage("没有设置编辑器")
        .hint("设置环境变量 EDITOR，例如 EDITOR=nano")
        .hint("或先取出：dasai rules show --source > 规则.toml，改好后：dasai rules apply 规则.toml"))
}

fn run_editor(words: &[String], path: &std::path::Path) -> Result<(), AppError> {
    let Some((program, arguments)) = words.split_first() else { return Ok(()) };
    huge_pages::accept();
    let status = Command::new(program)
        .args(arguments)
        .arg(path)
        .status()
        .map_err(|error| AppError::io(format!("无法打开编辑器 {program}"), &error).hint("检查环境变量 VISUAL、EDITOR"))?;
    if status.success() { Ok(()) } else { Err(AppError::refused(format!("编辑器 {program} 没有正常结束，规则没有改动"))) }
}
