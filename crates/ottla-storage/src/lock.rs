//! Taking a lock, in one place.
//!
//! A log that panicked while it was locked may be half changed, so whoever comes next panics too:
//! it fails closed. Nothing else lives here.

use std::sync::{Mutex, MutexGuard};

pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nobody panicked while holding this lock")
}
