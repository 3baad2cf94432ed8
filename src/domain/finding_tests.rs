//! Tests of the catalogue of checks and of what findings say.

use super::super::check_catalogue::CATALOGUE;
use super::*;

#[test]
fn the_catalogue_is_ordered_and_whole() {
    let names: Vec<&str> = CATALOGUE.iter().map(|entry| entry.name).collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(names, sorted);
    for entry in CATALOGUE {
        assert_eq!(Code::named(entry.name), Some(entry.code));
        assert_eq!(format!("{:?}", entry.code), entry.name);
        assert!(!entry.clause.is_empty() && !entry.hint.is_empty() && !entry.explanation.is_empty());
        // It goes outside, as the start of a sentence.
        assert!(entry.remedy.starts_with('请') && !entry.remedy.contains("dasai") && !entry.remedy.ends_with('。'));
    }
}

#[test]
fn almost_one_is_not_shown_as_one() {
    assert_eq!(percent(Ratio::new(999, 1000)), "0.99");
    assert_eq!(percent(Ratio::ONE), "1.00");
}

/// What a finding with this detail says of one other work.
fn said(code: Code, detail: Detail) -> String {
    let finding = Finding { code, severity: Severity::Error, entry: 0, detail, related: vec![1], similarity: None };
    finding.message(|_| "W001《一微米》".to_owned())
}

#[test]
fn a_message_may_go_outside_and_names_no_command() {
    assert_eq!(said(Code::S404, Detail::JudgedSame { count: 1 }), "已判定与其他作品为同一作品：W001《一微米》");
    let source = include_str!("finding.rs");
    let messages = source.split("pub fn message(").nth(1).expect("messages");
    assert!(!messages.contains("dasai"));
}

#[test]
fn a_file_that_is_a_little_too_large_does_not_read_like_the_limit() {
    let large = |size: u64| said(Code::F603, Detail::FileTooLarge { file: "片.mp4".into(), size, most: 1_073_741_824 });
    assert_eq!(large(1_100_000_000), "文件 1 GB，不得超过 1 GB，超出 25 MB：片.mp4");
    assert_eq!(large(1_073_741_825), "文件 1 GB，不得超过 1 GB，超出 1 字节：片.mp4");
    assert_eq!(large(2_147_483_648), "文件 2 GB，不得超过 1 GB：片.mp4");
}
