//! Owns reading a table while its rows are being received: one thread turns bytes into rows, the other plans and writes them. Refuses
//! to know what a row holds and what becomes of it.

use std::path::Path;

use crate::domain::rules::ContestRules;
use crate::domain::threads::ahead;
use crate::formats::registration::{self, ReadOptions, ReadRow, SheetReport, Unreadable};

/// Reads a file as [`registration::read`] does, ahead of `receive`, which may stop the reading with its own error.
///
/// # Errors
/// `Ok(Err(_))`: the file is no table that can be read. `Err(_)`: the receiver's own error.
pub(super) fn read_ahead<E>(
    path: &Path,
    shown: &str,
    rules: &ContestRules,
    options: &ReadOptions,
    receive: &mut dyn FnMut(ReadRow) -> Result<(), E>,
) -> Result<Result<Vec<SheetReport>, Unreadable>, E> {
    let read = ahead(ReadRow::text_len, |hand_over| registration::read(path, shown, rules, options, hand_over), receive)?;
    // Nothing is left out where the receiver did not stop.
    Ok(read.unwrap_or_else(|| Ok(Vec::new())))
}
