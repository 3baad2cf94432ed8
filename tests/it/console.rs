//! Owns the console blocks of the documents: runs each `$ dasai …` line of a Markdown file in one world, in order, and compares what is
//! printed with what the document says. `UPDATE_DOCS=1 cargo test --test it docs` writes the documents anew.
//!
//! A block is fenced as `console`; `console 12` shows the first twelve lines of each output; `console 12 single` holds one command, whose
//! output may have prompts of its own. Under a command stand its results, then
//! its messages, then `? 3` where the exit code is not 0. `$ cd FOLDER` changes the folder. `<!-- now 2024-07-08T09:00:00 -->` before a
//! block sets the clock. All other blocks are left alone.

use std::fs;
use std::path::{Path, PathBuf};

use super::world::World;

/// Runs the blocks of a document; fails with the first output that differs.
#[track_caller]
pub(crate) fn check(document: &Path, world: &mut World) {
    let old = fs::read_to_string(document).unwrap().replace("\r\n", "\n");
    let (new, commands) = rewritten(&old, world);
    assert!(commands > 0, "no command in {}", document.display());
    if updating() {
        fs::write(document, &new).unwrap();
        return;
    }
    let differing = old.lines().zip(new.lines()).position(|(old, new)| old != new);
    let line = differing.unwrap_or_else(|| old.lines().count().min(new.lines().count()));
    let around = |text: &str| text.lines().skip(line.saturating_sub(3)).take(12).collect::<Vec<_>>().join("\n");
    assert!(
        old == new,
        "{} line {} is not what the program says (UPDATE_DOCS=1 writes it anew)\n--- document\n{}\n--- program\n{}",
        document.display(),
        line + 1,
        around(&old),
        around(&new)
    );
}

/// Whether documents are to be written instead of compared.
#[expect(clippy::disallowed_methods, reason = "a switch for whoever runs the test")]
pub(crate) fn updating() -> bool {
    std::env::var_os("UPDATE_DOCS").is_some()
}

/// The document with what the program says now, and how many commands it has.
fn rewritten(text: &str, world: &mut World) -> (String, usize) {
    let mut new = String::new();
    let mut commands = 0;
    let mut folder = PathBuf::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        new.extend([line, "\n"]);
        if let Some(moment) = line.strip_prefix("<!-- now ").and_then(|rest| rest.strip_suffix(" -->")) {
            moment.clone_into(&mut world.now);
        }
        let Some(mode) = line.strip_prefix("```console") else { continue };
        let (shown, most) = match mode.trim().split_once(' ') {
            Some((shown, "single")) => (shown, 1),
            Some(_) => panic!("not a kind of block: {line}"),
            None => (mode.trim(), usize::MAX),
        };
        let shown = if shown.is_empty() { usize::MAX } else { shown.parse().unwrap() };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        for (place, command) in block.iter().filter_map(|line| line.strip_prefix("$ ")).take(most).enumerate() {
            new.extend([if place == 0 { "" } else { "\n" }, "$ ", command, "\n"]);
            let words = words(command);
            match words.split_first().map(|(program, rest)| (program.as_str(), rest)) {
                Some(("cd", [target])) => folder.push(target),
                Some(("dasai", arguments)) => new.push_str(&said(world, &folder, arguments, shown)),
                Some(_) | None => panic!("not a command of this program: {command}"),
            }
            commands += 1;
        }
        new.push_str("```\n");
    }
    (new, commands)
}

/// Results, messages and exit code of one command, cut to what is to be shown.
fn said(world: &World, folder: &Path, arguments: &[String], shown: usize) -> String {
    let output = world.run_in(folder, arguments);
    let both = format!("{}{}", output.stdout, output.stderr);
    let lines: Vec<&str> = both.trim_end().lines().map(str::trim_end).collect();
    let mut text: String = lines.iter().take(shown).flat_map(|line| [*line, "\n"]).collect();
    if lines.len() > shown {
        text.extend(["…（以下略去 ", &(lines.len() - shown).to_string(), " 行）\n"]);
    }
    if output.code != 0 {
        text.extend(["? ", &output.code.to_string(), "\n"]);
    }
    text
}

/// A command line cut into words: blanks part words, single and double quotation marks hold them together.
pub(crate) fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for letter in line.chars() {
        match quote {
            Some(mark) if letter == mark => quote = None,
            None if letter == '"' || letter == '\'' => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            None if letter == ' ' => words.extend(word.take()),
            Some(_) | None => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
}
