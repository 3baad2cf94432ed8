//! Owns whether the system may give this process its memory in pages of 2 MiB (Linux: transparent huge pages). Refuses to know what the
//! memory is for.
//!
//! The allocator asks for huge pages. The system fills each with zeros when it is first touched: `check` on 260 works touches fourteen of
//! them and needs a quarter of their bytes, which is a fifth of its time. A command on 100,000 works is a tenth faster with them. So they
//! are refused until a large contest is opened.

use std::path::Path;

/// A contest file of so many bytes (some 3,000 works) is large.
const LARGE: u64 = 32 << 20;

/// Refuses huge pages from now on: called first in the program. Where the system does not let itself be asked, nothing changes.
pub fn refuse() {
    set_refused(true);
}

/// Accepts them again: called before another program is started, which would inherit the refusal.
pub(super) fn accept() {
    set_refused(false);
}

/// Accepts them again, where the contest file at `path` is large.
pub(super) fn accept_for(path: &Path) {
    if std::fs::metadata(path).is_ok_and(|metadata| metadata.len() >= LARGE) {
        accept();
    }
}

#[cfg(target_os = "linux")]
fn set_refused(is_refused: bool) {
    match rustix::thread::disable_transparent_huge_pages(is_refused) {
        Ok(()) | Err(_) => {}
    }
}

#[cfg(not(target_os = "linux"))]
fn set_refused(_: bool) {}
