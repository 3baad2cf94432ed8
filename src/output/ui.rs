//! Owns the two streams and the person at the keyboard: results to stdout, everything else to stderr, width, colour, progress and
//! questions. Nothing else in the program prints or asks. How a document looks is `output::render`.

use std::fmt;
use std::io::{self, Write};

use jiff::tz::TimeZone;

use super::render;
use crate::domain::listing::Document;
use crate::error::AppError;

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// For people.
    #[default]
    Table,
    /// One JSON object.
    Json,
    /// Tables as CSV.
    Csv,
}

/// What kind of streams these are; the process's own, or a test's.
#[derive(Debug, Clone)]
pub struct Terminal {
    /// Whether stdin, stdout and stderr are a terminal.
    pub stdin: bool,
    /// See `stdin`.
    pub stdout: bool,
    /// See `stdin`.
    pub stderr: bool,
    /// Columns available to a table; `None`: as wide as needed.
    pub width: Option<usize>,
    /// Whether colour is wanted.
    pub colour: bool,
    /// Whether tables are drawn with ASCII only.
    pub ascii: bool,
}

/// The streams.
pub struct Ui {
    out: Box<dyn Write>,
    err: Box<dyn Write>,
    /// How results are printed.
    pub format: Format,
    /// Whether messages are left out (errors are not).
    pub quiet: bool,
    /// Whether every question is answered yes.
    pub yes: bool,
    /// The contest's time zone, for printing moments.
    pub timezone: TimeZone,
    /// What the streams are.
    pub terminal: Terminal,
}

impl fmt::Debug for Ui {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Ui").field("format", &self.format).field("terminal", &self.terminal).finish_non_exhaustive()
    }
}

impl Ui {
    /// Streams of a process or a test.
    #[must_use]
    pub fn new(out: Box<dyn Write>, err: Box<dyn Write>, terminal: Terminal) -> Self {
        Self { out, err, format: Format::default(), quiet: false, yes: false, timezone: TimeZone::UTC, terminal }
    }

    /// Prints a result to stdout. A closed pipe is not an error.
    ///
    /// # Errors
    /// The stream cannot be written.
    pub fn show(&mut self, document: &Document) -> Result<(), AppError> {
        let text = render::document(document, self.format, &self.timezone, &self.terminal);
        forgive_closed_pipe(self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush()))
    }

    /// Prints a message to stderr, unless quiet.
    pub fn message(&mut self, text: &str) {
        if !self.quiet {
            // A message that nobody can read is no reason to fail.
            let _ = writeln!(self.err, "{text}");
        }
    }

    /// Prints a failure to stderr: what, why, what next.
    pub fn error(&mut self, error: &AppError) {
        let _ = writeln!(self.err, "错误：{error}");
        for hint in &error.hints {
            let _ = writeln!(self.err, "  → {hint}");
        }
    }

    /// Asks yes or no. `--yes` answers yes; without a terminal it fails, naming the flag.
    ///
    /// # Errors
    /// Nobody is there to answer.
    pub fn confirm(&mut self, question: &str) -> Result<bool, AppError> {
        if self.yes {
            return Ok(true);
        }
        if !(self.terminal.stdin && self.terminal.stderr) {
            return Err(AppError::usage(format!("需要确认：{question}")).hint("当前不在终端中，无法提问；确定要做请加 --yes"));
        }
        dialoguer::Confirm::new()
            .with_prompt(question)
            .default(false)
            .interact()
            .map_err(|error| AppError::usage("没有得到回答").because(error))
    }
}

fn forgive_closed_pipe(result: io::Result<()>) -> Result<(), AppError> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(AppError::io("无法输出结果", &error)),
        Ok(()) | Err(_) => Ok(()),
    }
}
