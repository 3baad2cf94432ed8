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

/// What follows `dasai` in texts that people read: up to the end of the text, a mark, or a line break. Comments are for developers.
fn proposals(source: &str) -> Vec<String> {
    let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let said = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    said.flat_map(|line| {
        let is_command = |at: &usize| {
            let (before, after) = (line.get(..*at).unwrap_or_default(), line.get(at + "dasai ".len()..).unwrap_or_default());
            !before.ends_with('.') && after.starts_with(|first: char| first.is_ascii_lowercase())
        };
        line.match_indices("dasai ").map(|(at, _)| at).filter(is_command).map(|at| {
            let rest = line.get(at..).unwrap_or_default().replace("\\n", "\n").replace("\\\"", "'");
            let end = rest.find(['"', '\n', '；', '，', '。', '：', '、', '）', '（', '`', '”', '>', ')']).unwrap_or(rest.len());
            rest.get(..end).unwrap_or_default().trim().to_owned()
        })
    })
    .collect()
}

/// The words with what stands for something made into something.
fn filled(proposal: &str) -> Vec<String> {
    let mut text = String::new();
    let mut depth = 0_u32;
    for character in proposal.chars() {
        match character {
            '{' => {
                text.push_str(if depth == 0 { "1" } else { "" });
                depth += 1;
            }
            '}' => depth = depth.saturating_sub(1),
            _ if depth == 0 => text.push(character),
            _ => {}
        }
    }
    text.split_whitespace()
        .map(|word| if matches!(word, "编号" | "行数" | "N") { "1".to_owned() } else { word.replace('\'', "") })
        .collect()
}

#[test]
fn every_proposed_command_is_one() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let mut wrong = BTreeSet::new();
    let mut seen = 0;
    for file in files {
        for proposal in proposals(&fs::read_to_string(&file).expect("a source")) {
            seen += 1;
            if let Err(error) = Cli::command().try_get_matches_from(filled(&proposal)) {
                // A hint may name a command without what it takes.
                let is_short =
                    matches!(error.kind(), ErrorKind::MissingRequiredArgument | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand);
                if !is_short && !matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
                    wrong.insert(format!("{proposal} ({}): {:?}", file.file_name().unwrap_or_default().to_string_lossy(), error.kind()));
                }
            }
        }
    }
    assert!(seen > 100, "only {seen} proposals found");
    assert!(wrong.is_empty(), "{} proposals are wrong:\n{}", wrong.len(), wrong.into_iter().collect::<Vec<_>>().join("\n"));
}
