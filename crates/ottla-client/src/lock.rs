//! Locking a mutex whose critical sections cannot be left half done.
//!
//! Nothing under a lock of the clients panics by intention; should it happen, the others go on with
//! what is there instead of panicking in turn.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks `mutex`, whether or not a holder panicked.
pub fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
