//! Owns the use of a second thread. Refuses to know what is computed: both halves are given, and
//! each result comes back at its own place, so nothing depends on which is done first.

use std::panic;
use std::sync::{Mutex, PoisonError};
use std::thread;

/// As [`side_by_side`] where the task is worth a second thread, one after the other otherwise.
pub fn side_by_side_if<A: Send, B>(worth_it: bool, left: impl FnOnce() -> A + Send, right: impl FnOnce() -> B) -> (A, B) {
    if worth_it { side_by_side(left, right) } else { (left(), right()) }
}

/// Runs both, at the same time where the system has a thread to give, one after the other
/// otherwise.
pub fn side_by_side<A: Send, B>(left: impl FnOnce() -> A + Send, right: impl FnOnce() -> B) -> (A, B) {
    // The task waits in a slot, so that it is still here if no thread comes to fetch it.
    let slot = Mutex::new(Some(left));
    let fetch = || slot.lock().unwrap_or_else(PoisonError::into_inner).take();
    let (early, right) = thread::scope(|scope| {
        let helper = thread::Builder::new().spawn_scoped(scope, || fetch().map(|task| task()));
        let right = right();
        let early = match helper.map(thread::ScopedJoinHandle::join) {
            Ok(Ok(early)) => early,
            Ok(Err(cause)) => panic::resume_unwind(cause),
            Err(_) => fetch().map(|task| task()),
        };
        (early, right)
    });
    match early {
        Some(left) => (left, right),
        None => unreachable!("the task is fetched once, by the thread or in its place"),
    }
}
