//! Owns the progress bar: on stderr, only for a person, only after a second, gone when done. It never borrows the streams, so a
//! command can count while it shows messages.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How long a step may take in silence.
const PATIENCE: Duration = Duration::from_secs(1);

/// A step under way; dropped, it clears its line.
#[derive(Debug)]
pub struct Progress {
    bar: Option<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    bar: ProgressBar,
    since: Instant,
    shown: bool,
}

impl Progress {
    /// A step that nobody watches.
    #[must_use]
    pub fn hidden() -> Self {
        Self { bar: None }
    }

    /// A step of `total` parts (`None`: unknown), named `label`.
    #[must_use]
    pub(super) fn watched(total: Option<u64>, label: &str, ascii: bool) -> Self {
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden());
        let template =
            if total.is_some() { "{msg} [{bar:30}] {human_pos}/{human_len}，还需 {eta}" } else { "{spinner} {msg} {human_pos}" };
        // The templates are fixed; were one wrong, indicatif's own style would stand in.
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let style = if ascii { style.progress_chars("#>-").tick_chars("|/-\\ ") } else { style.progress_chars("█▌░") };
        bar.set_style(style);
        bar.set_message(label.to_owned());
        Self { bar: Some(Waiting { bar, since: Instant::now(), shown: false }) }
    }

    /// Counts `parts` more as done.
    pub fn inc(&mut self, parts: u64) {
        let Some(waiting) = &mut self.bar else { return };
        waiting.bar.inc(parts);
        if !waiting.shown && waiting.since.elapsed() > PATIENCE {
            waiting.bar.set_draw_target(ProgressDrawTarget::stderr());
            waiting.shown = true;
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(waiting) = &self.bar {
            waiting.bar.finish_and_clear();
        }
    }
}
