//! Owns the use of a second thread. Refuses to know what is computed: both halves are given, and each result comes back at its own
//! place, what is handed over comes in its order, so nothing depends on which is done first. Where the system has no thread to give,
//! one does both.

use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::{iter, mem, panic, thread};

/// As [`side_by_side`] where the task is worth a second thread, one after the other otherwise.
pub fn side_by_side_if<A: Send, B>(worth_it: bool, left: impl FnOnce() -> A + Send, right: impl FnOnce() -> B) -> (A, B) {
    if worth_it { side_by_side(left, right) } else { (left(), right()) }
}

/// Runs both, at the same time where the system has a thread to give, one after the other otherwise.
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

/// Things are handed over so many at a time,
const BATCH: usize = 64;
/// or fewer where their texts take more bytes than this.
const BATCH_TEXT: usize = 256 << 10;
/// How many batches may wait, so that what is handed over does not show in memory.
const QUEUE: usize = 4;

/// Whoever takes the things wants no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped;

/// Where things are handed over.
pub type HandOver<'a, T> = &'a mut dyn FnMut(T) -> Result<(), Stopped>;

/// Runs `make` ahead of `take`, which gets each thing that `make` hands over, in order, and may stop it with its own error. `cost` is
/// about how many bytes a thing takes. What `make` answers when it was not stopped is the result.
///
/// # Errors
/// That of `take`.
pub fn ahead<T: Send, A: Send, E>(
    cost: impl Fn(&T) -> usize + Sync,
    make: impl FnOnce(HandOver<'_, T>) -> Result<A, Stopped> + Send,
    take: &mut dyn FnMut(T) -> Result<(), E>,
) -> Result<Option<A>, E> {
    let (sender, receiver) = sync_channel::<Vec<T>>(QUEUE);
    // As in `side_by_side`.
    let slot = Mutex::new(Some(make));
    let fetch = || slot.lock().unwrap_or_else(PoisonError::into_inner).take().ok_or(Stopped);
    let (fetch, cost) = (&fetch, &cost);
    let maker = move || {
        let (mut batch, mut text) = (Vec::with_capacity(BATCH), 0_usize);
        let made = fetch()?(&mut |thing| {
            text = text.saturating_add(cost(&thing));
            batch.push(thing);
            if batch.len() < BATCH && text < BATCH_TEXT {
                return Ok(());
            }
            text = 0;
            sender.send(mem::replace(&mut batch, Vec::with_capacity(BATCH))).map_err(|_| Stopped)
        })?;
        sender.send(batch).map_err(|_| Stopped)?;
        Ok::<_, Stopped>(made)
    };
    thread::scope(|scope| {
        let Ok(maker) = thread::Builder::new().spawn_scoped(scope, maker) else {
            let mut failed = None;
            let made = fetch().and_then(|make| {
                make(&mut |thing| {
                    take(thing).map_err(|error| {
                        failed = Some(error);
                        Stopped
                    })
                })
            });
            return failed.map_or(Ok(made.ok()), Err);
        };
        let taken = receiver.iter().flatten().try_for_each(take);
        // With the queue gone, a maker that is still at work stops.
        drop(receiver);
        let made = maker.join().unwrap_or_else(|cause| panic::resume_unwind(cause));
        taken?;
        // Only a taker that stopped makes the handing over fail, and it has said why.
        Ok(made.ok())
    })
}

/// What an iterator gives, made ahead by a thread of its own: a few things at a time, so they should be large. Where the system has no
/// thread to give, each is made when it is asked for.
pub struct Prefetched<T: 'static> {
    things: Box<dyn Iterator<Item = T> + Send>,
    /// The thread that they come from.
    maker: Option<thread::JoinHandle<()>>,
}

impl<T: Send + 'static> Prefetched<T> {
    /// Begins to make.
    pub fn new(things: impl Iterator<Item = T> + Send + 'static) -> Self {
        let (sender, receiver) = sync_channel(QUEUE);
        // As in `side_by_side`.
        let slot = Arc::new(Mutex::new(Some(things)));
        let fetch = |slot: &Mutex<Option<_>>| slot.lock().unwrap_or_else(PoisonError::into_inner).take().into_iter().flatten();
        let of_thread = Arc::clone(&slot);
        // With the queue gone, nobody wants more.
        let maker = move || drop(fetch(&of_thread).try_for_each(|thing| sender.send(thing)));
        match thread::Builder::new().spawn(maker) {
            Ok(maker) => Self { things: Box::new(receiver.into_iter()), maker: Some(maker) },
            Err(_) => Self { things: Box::new(fetch(&slot)), maker: None },
        }
    }
}

impl<T: 'static> Iterator for Prefetched<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        let thing = self.things.next();
        if thing.is_none()
            && let Some(maker) = self.maker.take()
        {
            maker.join().unwrap_or_else(|cause| panic::resume_unwind(cause));
        }
        thing
    }
}

impl<T: 'static> Drop for Prefetched<T> {
    fn drop(&mut self) {
        self.things = Box::new(iter::empty());
        if let Some(maker) = self.maker.take() {
            // What nobody asked for any more cannot have failed.
            let _ = maker.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_come_in_their_order_until_the_taker_stops() {
        let make = |hand_over: HandOver<'_, usize>| (0..1000).try_for_each(hand_over).map(|()| "all");
        let mut taken = Vec::new();
        let all = ahead(|_| 1, make, &mut |thing| {
            taken.push(thing);
            Ok::<_, ()>(())
        });
        assert_eq!((all, taken), (Ok(Some("all")), (0..1000).collect()));
        let mut count = 0;
        let stopped = ahead(|_| BATCH_TEXT, make, &mut |thing| {
            count += 1;
            if thing == 100 { Err("enough") } else { Ok(()) }
        });
        assert_eq!((stopped, count), (Err("enough"), 101));
    }

    #[test]
    fn what_is_made_ahead_comes_in_its_order_and_ends_with_who_wants_it() {
        assert!(Prefetched::new(0..1000).eq(0..1000));
        let without_end = Prefetched::new(0_u64..);
        assert!(without_end.take(3).eq(0..3));
        let made = Arc::new(Mutex::new(0));
        let count = Arc::clone(&made);
        let mut things = Prefetched::new((0..1000).inspect(move |_| *count.lock().expect("no panic") += 1));
        assert_eq!(things.next(), Some(0));
        drop(things);
        assert!(*made.lock().expect("no panic") <= QUEUE + 2, "no more is made than waits");
    }

    #[test]
    fn a_panic_of_who_makes_is_that_of_who_takes() {
        let taken = panic::catch_unwind(|| Prefetched::new((0..3).inspect(|number| assert_ne!(*number, 2))).count());
        assert!(taken.is_err());
    }
}
