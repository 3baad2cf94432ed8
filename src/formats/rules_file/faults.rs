//! Owns a fault of a rules file and how it is shown: the message with the lines of the file that it is about, the caret right under
//! Chinese text too. Refuses to know what a rule means.
//!
//! Decision worth knowing: the renderer is given only the fault's own line, so a long file with many faults costs no more than its
//! faults do.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

/// A line longer than this many bytes is not shown, only named.
const LONGEST_SHOWN_LINE: usize = 2_000;

/// A fault in a rules file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulesFault {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The key path (`category[speech].round[final].judges.step`); empty where the text is no TOML.
    pub path: String,
    /// What is wrong, in Chinese.
    pub message: String,
    /// What to do, in Chinese; may be empty.
    pub hint: String,
    /// The bytes of the text that the fault is about; may be empty, never beyond the text.
    pub span: Range<usize>,
}

impl RulesFault {
    /// A fault about these bytes of `text`; the span is moved to character borders.
    #[must_use]
    pub fn new(text: &str, span: Range<usize>, path: String, message: String, hint: String) -> Self {
        let start = text.floor_char_boundary(span.start.min(text.len()));
        let end = text.ceil_char_boundary(span.end.clamp(start, text.len()));
        let before = text.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |position| position + 1);
        Self {
            line: before.bytes().filter(|byte| *byte == b'\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
            path,
            message,
            hint,
            span: start..end,
        }
    }
}

/// The faults as staff read them: message, place, the line with a caret, what to do. `name` is the file as it was given. No colour.
#[must_use]
pub fn render_faults(name: &str, text: &str, faults: &[RulesFault]) -> String {
    let blocks: Vec<String> = faults.iter().map(|fault| render(name, text, fault)).collect();
    blocks.join("\n")
}

fn render(name: &str, text: &str, fault: &RulesFault) -> String {
    let start = fault.span.start.min(text.len());
    let line_start = text.get(..start).unwrap_or_default().rfind('\n').map_or(0, |position| position + 1);
    let rest = text.get(line_start..).unwrap_or_default();
    let line = rest.split('\n').next().unwrap_or_default();
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.len() > LONGEST_SHOWN_LINE || line.trim().is_empty() {
        let hint = if fault.hint.is_empty() { String::new() } else { format!("\n  = 建议: {}", fault.hint) };
        return format!("错误: {}\n --> {name}:{}:{}{hint}\n", fault.message, fault.line, fault.column);
    }
    let from = start.saturating_sub(line_start).min(line.len());
    let to = fault.span.end.saturating_sub(line_start).clamp(from, line.len());
    let snippet = Snippet::source(line)
        .line_start(fault.line)
        .path(name)
        .annotation(AnnotationKind::Primary.span(from..to).label(fault.path.as_str()));
    let mut group = Group::with_title(Level::ERROR.with_name("错误").primary_title(fault.message.as_str())).element(snippet);
    if !fault.hint.is_empty() {
        group = group.element(Level::HELP.with_name("建议").message(fault.hint.as_str()));
    }
    format!("{}\n", Renderer::plain().render(&[group]))
}
