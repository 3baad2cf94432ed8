//! Keeps the house: imports only go down, each outside crate stays in its layer, no `mod.rs`, no file over 600 lines.

use std::fs;
use std::path::{Path, PathBuf};

/// Each layer with the layers and the outside crates that it may name. `serde` is in `domain` for one thing: the JSON of a document,
/// which screen and files share.
const LAYERS: &[(&str, &[&str], &[&str])] = &[
    (
        "domain",
        &["domain"],
        &["jiff", "num_bigint", "num_integer", "num_rational", "num_traits", "rustc_hash", "serde", "unicode_normalization"],
    ),
    (
        "formats",
        &["formats", "domain"],
        &[
            "annotate_snippets",
            "calamine",
            "csv",
            "encoding_rs",
            "flate2",
            "jiff",
            "krilla",
            "quick_xml",
            "rust_xlsxwriter",
            "rustc_hash",
            "serde",
            "serde_json",
            "sha2",
            "skrifa",
            "tempfile",
            "toml",
            "unicode_linebreak",
            "unicode_normalization",
            "unicode_width",
            "zip",
        ],
    ),
    ("store", &["store", "domain"], &["jiff", "rusqlite", "rustc_hash", "serde_json", "sha2", "tempfile"]),
    ("output", &["output", "domain", "error"], &["comfy_table", "csv", "dialoguer", "indicatif", "jiff", "serde_json", "unicode_width"]),
    (
        "commands",
        &["commands", "domain", "formats", "store", "output", "error"],
        &["clap", "jiff", "rustc_hash", "serde_json", "sha2", "tempfile", "unicode_width"],
    ),
];

/// Words that begin a path in this code base and are no outside crate.
const OWN: &[&str] = &["std", "core", "crate", "super", "self", "proptest", "insta"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The code of a file without its comments and without its tests, which stand at the end.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("UTF-8");
    let own = text.split("#[cfg(test)]").next().unwrap_or_default();
    own.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// `crate::LAYER` and `name::` at the start of every path.
fn named(code: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for line in code.lines() {
        for word in line.split(|letter: char| !(letter.is_alphanumeric() || letter == '_' || letter == ':')) {
            let mut parts = word.split("::");
            if let (Some(first), Some(second)) = (parts.next(), parts.next())
                && !first.is_empty()
                && first.chars().next().is_some_and(|letter| letter.is_ascii_lowercase())
            {
                found.push((first.to_owned(), second.to_owned()));
            }
        }
    }
    found
}

#[test]
fn imports_only_go_down() {
    let cargo = fs::read_to_string(root().join("Cargo.toml")).expect("Cargo.toml");
    let crates: Vec<String> = cargo
        .lines()
        .skip_while(|line| *line != "[dependencies]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split_once('=').map(|(name, _)| name.trim().replace('-', "_")))
        .collect();
    assert!(crates.iter().any(|name| name == "rusqlite"), "the list of dependencies was not found");
    let mut wrong = Vec::new();
    for (layer, layers, allowed) in LAYERS {
        let mut sources = Vec::new();
        files(&root().join("src").join(layer), &mut sources);
        assert!(!sources.is_empty(), "no files in {layer}");
        for path in sources.iter().filter(|path| !path.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with("tests"))) {
            for (first, second) in named(&code(path)) {
                if first == "crate" && !layers.contains(&second.as_str()) && second != "domain" {
                    wrong.push(format!("{}: crate::{second}", path.display()));
                }
                if crates.contains(&first) && !allowed.contains(&first.as_str()) && !OWN.contains(&first.as_str()) {
                    wrong.push(format!("{}: {first}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "imports that do not go down:\n{}", wrong.join("\n"));
}

#[test]
fn files_stay_small_and_say_what_they_own() {
    let mut sources = Vec::new();
    files(&root().join("src"), &mut sources);
    files(&root().join("tests"), &mut sources);
    let mut wrong = Vec::new();
    for path in sources {
        let text = fs::read_to_string(&path).expect("UTF-8");
        let lines = text.lines().count();
        if lines > 600 {
            wrong.push(format!("{}: {lines} lines", path.display()));
        }
        if !text.starts_with("//!") {
            wrong.push(format!("{}: does not open with what it owns", path.display()));
        }
        if path.file_name().is_some_and(|name| name == "mod.rs") {
            wrong.push(format!("{}: no mod.rs", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
