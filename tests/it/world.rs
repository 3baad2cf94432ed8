//! Owns the world of a test: a temporary folder, a fixed clock, a fixed person, nothing else of the environment. Runs the real
//! program and hands out what a person would see.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// Words of libraries and the system that staff must never meet.
const MACHINERY: [&str; 22] = [
    "panicked",
    "os error",
    "no such file",
    "permission",
    "denied",
    "invalid",
    "unexpected",
    "expected",
    "failed",
    "disk i/o",
    "database",
    "usage:",
    "error:",
    "unrecognized",
    "required",
    "zip",
    "utf-8 sequence",
    "sqlite_",
    "directory",
    "cannot",
    "could not",
    "not found",
];

/// What the program said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Output {
    /// Results.
    pub(crate) stdout: String,
    /// Messages.
    pub(crate) stderr: String,
    /// The exit code; −1 if the process was killed.
    pub(crate) code: i32,
}

impl Output {
    /// Both streams and the code as one text, for a snapshot.
    pub(crate) fn text(&self) -> String {
        let mut text = self.stdout.clone();
        if !self.stderr.is_empty() {
            text = format!("{text}--- stderr\n{}", self.stderr);
        }
        format!("{text}--- exit {}", self.code)
    }

    /// The result as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("no JSON ({error}): {}", self.text()))
    }

    /// Checks the exit code and that both streams together hold the words, and nothing of the machinery.
    #[track_caller]
    pub(crate) fn says(&self, code: i32, words: &[&str]) {
        let text = self.text();
        assert_eq!(self.code, code, "{text}");
        // Where a cell of a table breaks is no matter here.
        let flat = |text: &str| text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>();
        let said = flat(&text);
        for word in words {
            assert!(said.contains(&flat(word)), "“{word}” is not said:\n{text}");
        }
        let low = self.stderr.to_lowercase() + &self.stdout.to_lowercase();
        for leak in MACHINERY {
            assert!(!low.contains(leak), "“{leak}” leaks:\n{text}");
        }
    }

    /// The same, once the program has succeeded.
    #[track_caller]
    pub(crate) fn done(self) -> Self {
        assert_eq!(self.code, 0, "{}", self.text());
        self
    }
}

/// A folder, a moment, a person.
#[derive(Debug)]
pub(crate) struct World {
    folder: TempDir,
    /// `DASAI_NOW`.
    pub(crate) now: String,
    /// `DASAI_ACTOR`.
    pub(crate) actor: String,
}

impl World {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), now: "2024-07-06T09:00:00".into(), actor: "测试员".into() }
    }

    /// A folder with a contest under the notice's own rules: `2024.dasai`.
    pub(crate) fn init() -> Self {
        let world = Self::new();
        world.run(["init", "2024.dasai"]).done();
        world
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The contest of [`World::init`].
    pub(crate) fn contest(&self) -> PathBuf {
        self.path("2024.dasai")
    }

    /// Writes a file into the folder.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// The names in the folder, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// Every file in the folder and in those within it, with its bytes; folders with none.
    pub(crate) fn everything(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        fn collect(folder: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    found.insert(path.clone(), Vec::new());
                    collect(&path, found);
                } else {
                    let bytes = std::fs::read(&path).unwrap();
                    found.insert(path, bytes);
                }
            }
        }
        let mut found = BTreeMap::new();
        collect(self.folder.path(), &mut found);
        found
    }

    /// Runs what must be refused: this code, these words, and every byte in the folder as it was.
    #[track_caller]
    pub(crate) fn refused(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>, code: i32, words: &[&str]) -> Output {
        let before = self.everything();
        let output = self.run(arguments);
        output.says(code, words);
        assert!(before == self.everything(), "something was written: {:?}\n{}", self.names(), output.text());
        output
    }

    /// The program, ready to start in the folder.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dasai"));
        command.current_dir(self.folder.path()).env_clear().stdin(Stdio::null());
        // What a Windows process cannot start without.
        #[expect(clippy::disallowed_methods, reason = "the test's own environment")]
        if let Some(root) = std::env::var_os("SystemRoot") {
            command.env("SystemRoot", root);
        }
        command.env("DASAI_NOW", &self.now).env("DASAI_ACTOR", &self.actor).env("DASAI_WIDTH", "100");
        command
    }

    /// Runs the program; the folder's temporary path is replaced in what it says.
    pub(crate) fn run(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Output {
        self.run_in(Path::new(""), arguments)
    }

    /// The same in a folder of the folder.
    pub(crate) fn run_in(&self, folder: &Path, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Output {
        self.finish(self.command().current_dir(self.path(folder)).args(arguments))
    }

    /// Runs a prepared command; the folder's temporary path is replaced in what it says.
    pub(crate) fn finish(&self, command: &mut Command) -> Output {
        let output = command.output().unwrap();
        let folder = self.folder.path().to_string_lossy().into_owned();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace(&folder, "FOLDER").replace('\\', "/");
        Output { stdout: text(output.stdout), stderr: text(output.stderr), code: output.status.code().unwrap_or(-1) }
    }
}
