//! Owns the two streams and the person at the keyboard: results to stdout, everything else to stderr, width, colour, progress and
//! questions. Nothing else in the program prints or asks. How a document looks is `output::render`.

use std::fmt;
use std::io::{self, BufWriter, Write};

use jiff::tz::TimeZone;

use super::progress::Progress;
use super::{render, table};
use crate::domain::listing::Document;
use crate::error::AppError;

/// Bytes of a result that are written at once.
const BUFFER: usize = 64 * 1024;

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

/// The columns of this process's terminal, if stdout is one.
#[must_use]
pub fn terminal_width() -> Option<usize> {
    let terminal = dialoguer::console::Term::stdout();
    terminal.features().is_attended().then(|| terminal.size_checked()).flatten().map(|(_, columns)| usize::from(columns))
}

/// Whether this process's terminal understands colour codes; on Windows this also turns them on.
#[must_use]
pub fn terminal_shows_colour() -> bool {
    let shows = |terminal: &dialoguer::console::Term| terminal.features().colors_supported();
    let (out, err) = (dialoguer::console::Term::stdout(), dialoguer::console::Term::stderr());
    shows(&out) | shows(&err)
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
        let mut out = BufWriter::with_capacity(BUFFER, &mut self.out);
        let written = render::document(document, self.format, &self.timezone, &self.terminal, &mut out).and_then(|()| out.flush());
        // What a closed pipe did not take is not offered to it again.
        drop(out.into_parts());
        forgive_closed_pipe(written)
    }

    /// Prints a text that is already laid out (help) to stdout. A closed pipe is not an error.
    ///
    /// # Errors
    /// The stream cannot be written.
    pub fn print(&mut self, text: &str) -> Result<(), AppError> {
        forgive_closed_pipe(self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush()))
    }

    /// Prints a message to stderr, unless quiet.
    pub fn message(&mut self, text: &str) {
        if !self.quiet {
            self.stderr_line(text);
        }
    }

    /// Prints a failure to stderr: what, why, what next. It is text in every format: results are JSON, failures are for reading, and
    /// scripts have the exit code.
    pub fn error(&mut self, error: &AppError) {
        let label = self.styled("31", "错误：");
        self.stderr_line(&format!("{label}{}", table::clean(&error.to_string())));
        for hint in &error.hints {
            self.stderr_line(&format!("  → {}", table::clean(hint)));
        }
    }

    /// Asks yes or no; no is the default. `--yes` answers yes; without a terminal it fails, naming the flag.
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
        let answer = ask(&format!("{}（是 y／否 n，直接回车为否）", table::clean(question)))?;
        Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "ｙ" | "是"))
    }

    /// Asks for a line of text, which may be empty. The caller makes sure that somebody is there ([`Ui::can_ask`]).
    ///
    /// # Errors
    /// Nobody is there to answer, or the person gives up.
    pub fn line(&mut self, question: &str) -> Result<String, AppError> {
        if !self.can_ask() {
            return Err(AppError::usage(format!("需要回答：{question}")).hint("当前不在终端中，无法提问；加 --help 查看可用的参数"));
        }
        ask(&table::clean(question))
    }

    /// Whether somebody is there to answer.
    #[must_use]
    pub fn can_ask(&self) -> bool {
        self.terminal.stdin && self.terminal.stderr
    }

    /// Whether a person will be asked and reads tables: then what the question is about is shown before it.
    #[must_use]
    pub fn shows_before_asking(&self) -> bool {
        self.can_ask() && !self.yes && self.format == Format::Table
    }

    /// Asks for one of `options` and returns its place; without a terminal it fails, naming the flag (`--category speech`) that
    /// answers the question.
    ///
    /// # Errors
    /// Nobody is there to answer, or the person gives up.
    pub fn choose(&mut self, question: &str, flag: &str, options: &[String]) -> Result<usize, AppError> {
        let clean: Vec<String> = options.iter().map(|option| table::clean(option).replace('\n', " ")).collect();
        if !(self.terminal.stdin && self.terminal.stderr) {
            return Err(AppError::usage(format!("需要选择：{question}（{}）", clean.join("、")))
                .hint(format!("当前不在终端中，无法提问；请用 {flag} 指明")));
        }
        for (place, option) in clean.iter().enumerate() {
            self.stderr_line(&format!("  {} {option}", place + 1));
        }
        let answer = ask(&format!("{}（写序号 1–{}，直接回车取消）", table::clean(question), clean.len()))?;
        let chosen = answer.trim().parse::<usize>().ok().and_then(|number| number.checked_sub(1)).filter(|place| *place < clean.len());
        chosen.ok_or_else(|| AppError::usage("没有选择，已取消").hint(format!("也可以直接用 {flag} 指明")))
    }

    /// A progress bar for `total` parts (`None`: unknown): on a terminal, after a second, gone when dropped; else nothing.
    #[must_use]
    pub fn progress(&self, total: Option<u64>, label: &str) -> Progress {
        if self.terminal.stderr && !self.quiet { Progress::watched(total, label, self.terminal.ascii) } else { Progress::hidden() }
    }

    fn styled(&self, code: &str, text: &str) -> String {
        if self.terminal.stderr && self.terminal.colour { format!("\u{1b}[1;{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn stderr_line(&mut self, text: &str) {
        // A message that nobody can read is no reason to fail.
        let _ = writeln!(self.err, "{text}");
    }
}

/// Reads a line: the terminal edits it, so that Chinese input and Ctrl-C work as everywhere, and no cursor stays hidden.
fn ask(question: &str) -> Result<String, AppError> {
    let answer = dialoguer::Input::with_theme(&Chinese).with_prompt(question).allow_empty(true).report(false).interact();
    answer.map_err(|error| AppError::usage("没有得到回答，什么都没有做").because(error).hint("也可以用命令行参数回答：加 --help 查看"))
}

/// A prompt is the question and nothing else.
struct Chinese;

impl dialoguer::theme::Theme for Chinese {
    fn format_input_prompt(&self, formatter: &mut dyn fmt::Write, prompt: &str, _default: Option<&str>) -> fmt::Result {
        write!(formatter, "{prompt} ")
    }
}

fn forgive_closed_pipe(result: io::Result<()>) -> Result<(), AppError> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(AppError::io("无法输出结果", &error)),
        Ok(()) | Err(_) => Ok(()),
    }
}
