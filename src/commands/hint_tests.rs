//! Every command that a hint, a next step or an example proposes is one that the program takes.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use clap::CommandFactory as _;
use clap::error::ErrorKind;

use super::Cli;

/// The sources of the program, without its tests.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if entry.is_dir() {
            sources(&entry, found);
        } else if entry.extension().is_some_and(|extension| extension == "rs") && !name.contains("tests") {
            found.push(entry);
        }
    }
}

/// A command that a text proposes, its placeholders filled.
struct Proposal {
    text: String,
    filled: String,
}

/// What follows `dasai` in texts that people read: up to the end of the text, a mark, or a line break. Comments are for developers.
fn proposals(source: &str) -> Vec<Proposal> {
    let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let code: Vec<&str> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    let is_command = |at: &usize| {
        let (before, after) = (code.get(..*at).unwrap_or_default(), code.get(at + "dasai ".len()..).unwrap_or_default());
        !before.ends_with('.') && after.starts_with(|first: char| first.is_ascii_lowercase())
    };
    code.match_indices("dasai ").map(|(at, _)| at).filter(is_command).filter_map(|at| proposal(&code, at)).collect()
}

/// Where the text that goes on here ends: at the next quote that is not escaped.
fn end_of_text(code: &str, from: usize) -> usize {
    let bytes = code.as_bytes();
    let mut at = from;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at,
            _ => at += 1,
        }
    }
    at
}

fn proposal(code: &str, at: usize) -> Option<Proposal> {
    let bytes = code.as_bytes();
    let start = (0..at).rev().find(|&at| bytes[at] == b'"' && bytes.get(at.wrapping_sub(1)) != Some(&b'\\'))? + 1;
    let end = end_of_text(code, at);
    let given = arguments(code.get(end + 1..)?);
    let (mut filled, mut position) = (String::new(), 0);
    let mut rest = code.get(start..end)?;
    let mut proposed_from = 0;
    while let Some(brace) = rest.find('{') {
        let place = end - rest.len();
        if (place..=place + brace).contains(&at) {
            proposed_from = filled.len() + at - place;
        }
        filled.push_str(rest.get(..brace)?);
        let close = rest.get(brace..)?.find('}')? + brace;
        let name = rest.get(brace + 1..close)?.split(':').next()?;
        let value = match name.parse::<usize>() {
            Ok(index) => given.get(index).cloned(),
            Err(_) if name.is_empty() => {
                position += 1;
                given.get(position - 1).cloned()
            }
            Err(_) => Some(name.to_owned()),
        };
        filled.push_str(example(code, value.as_deref().unwrap_or_default()));
        rest = rest.get(close + 1..)?;
    }
    let place = end - rest.len();
    if place <= at {
        proposed_from = filled.len() + at - place;
    }
    filled.push_str(rest);
    let cut = |text: &str| {
        let text = text.replace("\\n", "\n").replace("\\\"", "'");
        let end = text.find(['\n', '；', '，', '。', '：', '、', '）', '（', '`', '”', '>', ')']).unwrap_or(text.len());
        text.get(..end).unwrap_or_default().trim().to_owned()
    };
    Some(Proposal { text: cut(code.get(at..end)?), filled: cut(filled.get(proposed_from..)?) })
}

/// What is given to a text of `format!`: the expressions up to its closing bracket.
fn arguments(code: &str) -> Vec<String> {
    let Some(code) = code.trim_start().strip_prefix(',') else { return Vec::new() };
    let (mut given, mut depth, mut at, mut from) = (Vec::new(), 0_usize, 0, 0);
    while let Some(byte) = code.as_bytes().get(at) {
        match byte {
            b'"' => at = end_of_text(code, at + 1),
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' if depth == 0 => break,
            b')' | b']' | b'}' => depth -= 1,
            b',' if depth == 0 => {
                given.push(code[from..at].trim().to_owned());
                from = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    given.push(code.get(from..at).unwrap_or_default().trim().to_owned());
    given
}

/// What is proposed with a number, a key or a code in it, none of which has a blank: how the expression ends.
const WITHOUT_BLANKS: [&str; 18] = [
    ".number",
    ".id",
    ".0",
    ".key()",
    ".typed()",
    ".entry",
    ".award",
    "category",
    "args.left",
    "args.right",
    "COMMENDATION",
    "number",
    "round",
    "id",
    "today",
    "first",
    "whom",
    "code.entry().name",
];

/// What may stand for an expression: a name with a blank in it, in quotes only where the program puts it into quotes.
fn example(code: &str, expression: &str) -> &'static str {
    let quotes = |text: &str| text.contains("word(") || text.contains("command_word::path(");
    let is_name = expression.chars().all(|character| character.is_alphanumeric() || character == '_');
    let comes_quoted = |line: &str| {
        line.trim_start().strip_prefix("let ").and_then(|line| line.split_once('=')).is_some_and(|(names, value)| {
            names.split(|character: char| !character.is_alphanumeric() && character != '_').any(|name| name == expression) && quotes(value)
        })
    };
    if quotes(expression) || (is_name && code.lines().any(comes_quoted)) {
        "'甲 乙'"
    } else if WITHOUT_BLANKS.iter().any(|ending| expression.ends_with(ending)) {
        "1"
    } else {
        "甲 乙"
    }
}

/// The words as a shell takes them, with what stands for something made into something.
fn words(proposal: &str) -> Vec<String> {
    let (mut words, mut word, mut is_quoted) = (Vec::new(), String::new(), false);
    for character in proposal.chars().chain([' ']) {
        match character {
            '\'' => is_quoted = !is_quoted,
            ' ' if !is_quoted => words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty())),
            _ => word.push(character),
        }
    }
    words.into_iter().map(|word| if matches!(word.as_str(), "编号" | "行数" | "N") { "1".to_owned() } else { word }).collect()
}

#[test]
fn every_proposed_command_is_one() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let mut wrong = BTreeSet::new();
    let mut seen = 0;
    for file in files {
        for Proposal { text, filled } in proposals(&fs::read_to_string(&file).expect("a source")) {
            seen += 1;
            let Err(error) = Cli::command().try_get_matches_from(words(&filled)) else { continue };
            // A hint may name a command without what it takes.
            let is_short = matches!(error.kind(), ErrorKind::MissingRequiredArgument | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand);
            if !is_short && !matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
                let file = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
                wrong.insert(format!("{text} ({file}): {:?}, typed as {filled}", error.kind()));
            }
        }
    }
    assert!(seen > 100, "only {seen} proposals found");
    assert!(wrong.is_empty(), "{} proposals are wrong:\n{}", wrong.len(), wrong.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn a_name_that_is_not_put_into_quotes_is_found() {
    let source = "let plain = unit.name;\nhint(format!(\"做法：dasai org merge {} {}\", word(&one), plain));";
    assert_eq!(proposals(source)[0].filled, "dasai org merge '甲 乙' 甲 乙");
    assert_eq!(words("dasai org merge '甲 乙' 1"), ["dasai", "org", "merge", "甲 乙", "1"]);
}
