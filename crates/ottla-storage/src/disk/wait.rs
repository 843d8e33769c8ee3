//! Waiting for what was started: a one-shot channel, and a way to wait without an executor.
//!
//! Nothing here knows disks. The channel carries the bytes of a cold read back from the pool; the
//! blocking faces of this crate are [`block_on`] around its futures.

use std::io;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use super::{Completion, Started};

/// Runs a future to its end on the calling thread, which sleeps while it waits.
///
/// For programs without an async runtime. On a thread that drives a runtime it would keep the
/// runtime's other tasks, possibly the very one that it waits for, from running.
pub fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut cx = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return output;
        }
        thread::park();
    }
}

/// Waits for one operation of a disk, whether it completes at once or later.
///
/// ```
/// use std::path::Path;
/// use ottla_storage::disk::{Disk, MemDisk, OpenMode, wait};
///
/// let file = MemDisk::new(1).open(Path::new("0.log"), OpenMode::Create)?;
/// wait::block_on(wait::completed(|token, done| file.sync_data(token, done)))?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// Those of the operation.
///
/// # Cancel safety
/// The operation is started by the first poll; a future dropped after that does not stop it.
pub async fn completed(start: impl FnOnce(u64, &Arc<dyn Completion>) -> Started) -> io::Result<()> {
    struct Answer(Mutex<Option<Sender<io::Result<()>>>>);
    impl Completion for Answer {
        fn complete(&self, _token: u64, result: io::Result<()>) {
            if let Some(sender) = lock(&self.0).take() {
                sender.send(result);
            }
        }
    }

    let (sender, receiver) = oneshot();
    let started = {
        let done: Arc<dyn Completion> = Arc::new(Answer(Mutex::new(Some(sender))));
        start(0, &done)
    };
    match started {
        Started::Now(result) => result,
        Started::Later => {
            receiver.await.unwrap_or_else(|| Err(io::Error::other("the disk dropped the operation")))
        }
    }
}

/// A channel for one value.
pub(crate) fn oneshot<T>() -> (Sender<T>, Receiver<T>) {
    let shared = Arc::new(Mutex::new(Shot { value: None, waker: None, sender_gone: false }));
    (Sender { shared: Arc::clone(&shared) }, Receiver { shared })
}

#[derive(Debug)]
struct Shot<T> {
    value: Option<T>,
    waker: Option<Waker>,
    sender_gone: bool,
}

/// The end that gives the value.
#[derive(Debug)]
pub(crate) struct Sender<T> {
    shared: Arc<Mutex<Shot<T>>>,
}

impl<T> Sender<T> {
    /// Gives the value and wakes who waits for it.
    pub(crate) fn send(self, value: T) {
        lock(&self.shared).value = Some(value);
        // Dropping `self` wakes the receiver.
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let waker = {
            let mut shot = lock(&self.shared);
            shot.sender_gone = true;
            shot.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// The end that waits: a future of the value, or of `None` when the sender gave none.
#[derive(Debug)]
pub(crate) struct Receiver<T> {
    shared: Arc<Mutex<Shot<T>>>,
}

impl<T> Future for Receiver<T> {
    type Output = Option<T>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let mut shot = lock(&self.shared);
        if shot.value.is_some() || shot.sender_gone {
            return Poll::Ready(shot.value.take());
        }
        shot.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

/// A poisoned lock is taken all the same: no code that holds one of these can leave it half changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "another thread is what it is about")]
    fn a_value_sent_from_another_thread_wakes_the_one_that_waits() {
        let (sender, receiver) = oneshot();
        let other = thread::spawn(move || sender.send(7));
        assert_eq!(block_on(receiver), Some(7));
        other.join().unwrap();
    }

    #[test]
    fn a_sender_that_goes_away_ends_the_wait() {
        let (sender, receiver) = oneshot::<u8>();
        drop(sender);
        assert_eq!(block_on(receiver), None);
    }
}
