//! Files that nobody meant well or nobody looked at: arbitrary bytes and mutated samples, through the library, to every command that
//! reads a file. Never a panic, never another exit code than promised, and the contest opens afterwards.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{Cursor, Read as _, Write as _};
use std::path::{Path, PathBuf};

use dasai::commands::cli::Environment;
use dasai::output::ui::Terminal;
use dasai::store::chain::{self, ChainState};
use dasai::store::db::Db;
use proptest::prelude::*;

use super::world::World;

/// Runs a command line in the library; its exit code.
fn run(folder: &Path, words: &[&str]) -> u8 {
    let environment = Environment {
        out: Box::new(std::io::sink()),
        err: Box::new(std::io::sink()),
        terminal: Terminal { stdin: false, stdout: false, stderr: false, width: Some(80), colour: false, ascii: false },
        folder: folder.to_owned(),
        now: "2024-07-06T01:00:00Z".parse().unwrap(),
        variables: BTreeMap::from([("DASAI_ACTOR".to_owned(), "测试员".into())]),
    };
    dasai::run(std::iter::once("dasai").chain(words.iter().copied()).map(OsString::from).collect(), environment)
}

/// Small samples of everything that is read.
fn samples() -> Vec<Vec<u8>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let names = [
        "fixtures/import/utf8.csv",
        "fixtures/import/gbk_titled.csv",
        "fixtures/import/quoted_breaks.csv",
        "fixtures/import/utf16le_bom.txt",
        "fixtures/import/works.xlsx",
        "fixtures/import/registrations.xlsx",
        "fixtures/import/old.xls",
        "fixtures/import/encrypted.xlsx",
        "fixtures/forms/declaration.docx",
        "fixtures/forms/controls.docx",
        "fixtures/forms/legacy_fields.docx",
        "fixtures/forms/merged_labels.docx",
        "fixtures/forms/recommendation.docx",
        "fixtures/forms/both.xlsx",
        "fixtures/tables/merged_units.xls",
        "fixtures/tables/formulas.ods",
        "fixtures/tables/binary.xlsb",
        "fixtures/tables/biff5.xls",
        "fixtures/tables/page.xls",
        "fixtures/scores/long.xlsx",
        "fixtures/scores/matrix.xlsx",
        "fixtures/scores/twice.csv",
        "fixtures/demo/judges.xlsx",
        "fixtures/mail/alternative_related.eml",
        "fixtures/mail/archive_in_mail.eml",
        "fixtures/mail/forwarded.eml",
        "fixtures/mail/names_gbk.zip",
        "fixtures/mail/nested.zip",
        "src/formats/presets/shanghai-2024.toml",
        "src/formats/presets/national-2025.toml",
    ];
    let mut samples: Vec<Vec<u8>> = names.iter().map(|name| std::fs::read(root.join(name)).unwrap()).collect();
    samples.push("姓名,单位,类别,轮次,赛区\n王芳,甲,演讲,初赛,浦东\n".into());
    samples.push("作品编号,评委,主题内容,语言表达,形象风度,综合效果\nY001,王芳,30,20,10,10\n".into());
    samples
}

/// What may happen to bytes on their way.
#[derive(Debug, Clone)]
pub(super) enum Mutation {
    Cut(usize),
    Overwrite(usize, Vec<u8>),
    Insert(usize, Vec<u8>),
    Repeat(usize, usize, usize),
}

/// What parsers trip over.
const TRAPS: [&str; 16] = [
    "\"",
    ",",
    "\n",
    "\r",
    "\0",
    "=",
    "[",
    "]]",
    "{",
    "1e999999999",
    "-99999999999999999999",
    "\u{202e}",
    "<c r=\"XFD1048577\"/>",
    "&a;",
    "'''",
    "9999-99-99",
];

pub(super) fn mutation() -> impl Strategy<Value = Mutation> {
    let bytes = || {
        prop_oneof![
            prop::collection::vec(any::<u8>(), 1..8),
            prop::sample::select(TRAPS.as_slice()).prop_map(|text| text.as_bytes().to_vec()),
        ]
    };
    prop_oneof![
        1 => any::<usize>().prop_map(Mutation::Cut),
        3 => (any::<usize>(), bytes()).prop_map(|(at, bytes)| Mutation::Overwrite(at, bytes)),
        3 => (any::<usize>(), bytes()).prop_map(|(at, bytes)| Mutation::Insert(at, bytes)),
        1 => (any::<usize>(), 1..64_usize, 2..200_usize).prop_map(|(at, length, times)| Mutation::Repeat(at, length, times)),
    ]
}

pub(super) fn mutated(mut bytes: Vec<u8>, mutations: &[Mutation]) -> Vec<u8> {
    for mutation in mutations {
        let length = bytes.len();
        let place = |at: &usize| at % (length + 1);
        match mutation {
            Mutation::Cut(at) => bytes.truncate(place(at)),
            Mutation::Overwrite(at, new) => {
                bytes.iter_mut().skip(place(at)).zip(new).for_each(|(byte, new)| *byte = *new);
            }
            Mutation::Insert(at, new) => {
                bytes.splice(place(at)..place(at), new.iter().copied());
            }
            Mutation::Repeat(at, part, times) => {
                let start = place(at);
                let piece = bytes[start..length.min(start + part)].repeat(*times);
                bytes.splice(start..start, piece);
            }
        }
    }
    bytes
}

/// A workbook whose parts were changed inside, so that the damage reaches the parsers and not only the archive's check sums.
pub(super) fn repacked(bytes: &[u8], mutations: &[Mutation]) -> Option<Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut packed = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).ok()?;
        let name = part.name().ok()?.into_owned();
        let mut content = Vec::new();
        part.read_to_end(&mut content).ok()?;
        let is_content = name == "word/document.xml" || name == "content.xml";
        if is_content || (name.starts_with("xl/") && !name.starts_with("xl/theme")) {
            content = mutated(content, mutations);
        }
        packed.start_file(name, zip::write::SimpleFileOptions::default()).ok()?;
        packed.write_all(&content).ok()?;
    }
    Some(packed.finish().ok()?.into_inner())
}

/// A file's bytes: anything at all, or a sample that something happened to.
fn content() -> impl Strategy<Value = Vec<u8>> {
    let sample = || prop::sample::select(samples());
    let mutations = || prop::collection::vec(mutation(), 1..6);
    prop_oneof![
        1 => prop::collection::vec(any::<u8>(), 0..2000),
        1 => "[作品名称参赛单位类型评委姓名编号,，\"\r\n\t=0-9.a-zY{}#\\[\\]]{0,300}".prop_map(String::into_bytes),
        4 => (sample(), mutations()).prop_map(|(bytes, mutations)| mutated(bytes, &mutations)),
        4 => (sample(), mutations()).prop_map(|(bytes, mutations)| repacked(&bytes, &mutations).unwrap_or_else(|| mutated(bytes, &mutations))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, max_shrink_iters: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_file_brings_the_program_down(contents in prop::collection::vec(content(), 5)) {
        let world = World::new();
        let folder = world.path("");
        prop_assert_eq!(run(&folder, &["init", "2024.dasai"]), 0);
        prop_assert_eq!(run(&folder, &["judge", "add", "王芳", "--panel", "speech/preliminary"]), 0);
        for (index, content) in contents.iter().enumerate() {
            let (table, rules) = (format!("{index}.{}", if index % 2 == 0 { "csv" } else { "xlsx" }), format!("{index}.toml"));
            world.write(&table, content);
            world.write(&rules, content);
            for words in [
                vec!["import", &table],
                vec!["import", &table, "--update", "--dry-run"],
                vec!["score", "import", &table, "--category", "speech", "--round", "preliminary"],
                vec!["judge", "import", &table],
                vec!["rules", "check", &rules],
            ] {
                let code = run(&folder, &words);
                prop_assert!((0..=3).contains(&code), "{:?}: {}", words, code);
            }
        }
        let db = Db::open(&world.contest()).unwrap();
        let intact = matches!(chain::verify(&db.reader().unwrap()).unwrap(), ChainState::Intact { .. });
        prop_assert!(intact);
        drop(db);
        for words in [["status"], ["check"]] {
            prop_assert!([0, 3].contains(&run(&folder, &words)));
        }
        // Whatever came in can go again.
        while run(&folder, &["undo"]) == 0 {}
        prop_assert_eq!(run(&folder, &["entry", "list"]), 0);
    }
}
