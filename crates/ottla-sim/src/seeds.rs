//! Many seeds side by side, each in a thread and a world of its own.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Calls `run` with each seed, on as many threads as there are processors, and returns what it did in the order of seeds.
///
/// `panicked` is told the seed of a panic, before that goes on.
///
/// # Panics
/// When one of the calls does.
pub fn each_seed<T: Send>(
    seeds: Range<u64>,
    run: impl Fn(u64) -> T + Sync,
    panicked: impl Fn(u64) + Sync,
) -> Vec<T> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicU64::new(seeds.start);
    let done = Mutex::new(Vec::new());
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::SeqCst);
            if seed >= seeds.end {
                return;
            }
            let ran = catch_unwind(AssertUnwindSafe(|| run(seed))).unwrap_or_else(|panic| {
                panicked(seed);
                resume_unwind(panic)
            });
            done.lock().unwrap_or_else(PoisonError::into_inner).push((seed, ran));
        }
    };
    std::thread::scope(|scope| {
        (0..threads).for_each(|_| drop(scope.spawn(work)));
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(seed, _)| *seed);
    done.into_iter().map(|(_, ran)| ran).collect()
}
