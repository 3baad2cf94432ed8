//! Owns reading a table while its rows are being received: one thread turns bytes into rows, the other plans and writes them. Refuses
//! to know what a row holds and what becomes of it.
//!
//! Decision worth knowing: rows come in the file's order through a short queue, so the result is that of one thread, and a file's size
//! does not show in memory. Where the system has no thread to give, one does both.

use std::path::Path;
use std::sync::mpsc::{SendError, sync_channel};
use std::{mem, panic, thread};

use crate::domain::rules::ContestRules;
use crate::formats::registration::{self, ReadOptions, ReadRow, SheetReport, Unreadable};

/// Rows are handed over so many at a time,
const BATCH: usize = 64;
/// or fewer where their texts take more bytes than this.
const BATCH_TEXT: usize = 256 << 10;
/// How many batches may wait.
const QUEUE: usize = 4;

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
    let (sender, receiver) = sync_channel::<Vec<ReadRow>>(QUEUE);
    let ahead = move || {
        let (mut batch, mut text) = (Vec::with_capacity(BATCH), 0_usize);
        let read = registration::read(path, shown, rules, options, &mut |row: ReadRow| {
            text = text.saturating_add(row.text_len());
            batch.push(row);
            if batch.len() >= BATCH || text >= BATCH_TEXT {
                text = 0;
                sender.send(mem::replace(&mut batch, Vec::with_capacity(BATCH)))?;
            }
            Ok::<(), SendError<Vec<ReadRow>>>(())
        })?;
        sender.send(batch)?;
        Ok::<_, SendError<Vec<ReadRow>>>(read)
    };
    thread::scope(|scope| {
        let Ok(reader) = thread::Builder::new().spawn_scoped(scope, ahead) else {
            return registration::read(path, shown, rules, options, receive);
        };
        let received = receiver.iter().flatten().try_for_each(receive);
        // With the queue gone, a reader that is still at work stops.
        drop(receiver);
        let read = reader.join().unwrap_or_else(|cause| panic::resume_unwind(cause));
        received?;
        // Only a receiver that stopped makes the sending fail, and it has said why.
        Ok(read.unwrap_or_else(|_| Ok(Vec::new())))
    })
}
