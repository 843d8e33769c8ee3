//! Network threads: each serves the connections that it was given, from the event to the answer, and hands nothing on.
//!
//! A runtime of many threads wakes one for the other's sake with each event, so that work finds a thread that is free.
//! For a small request that costs more than the request. Here a connection stays with one thread, and a thread that expects
//! the next request at once does not go to sleep ([`driver`]).
//!
//! What stays with one thread could stand still with it, when a disk does. So a watcher ([`watcher`]) has another thread go on
//! with everything that the one that stands still serves, but for the very connection that it is stuck with.
//!
//! Here is the pool, and which thread gets a connection. What a connection does in its task is not known here; its timers, and what it
//! spawns, are the runtime's. A future per connection is a [`task`], its socket a [`Socket`].

#![expect(
    clippy::disallowed_methods,
    reason = "this is the adapter to threads, and the clock is asked of it"
)]

mod driver;
mod socket;
mod task;
mod watcher;

use std::io;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;

use self::driver::{Common, NetworkThread};
use self::socket::Readiness;
pub use self::socket::Socket;
use crate::Stream;

/// The threads of a server. Dropped, they end when what they are at has ended.
#[derive(Debug)]
pub(crate) struct NetworkThreads {
    threads: Box<[Arc<NetworkThread>]>,
}

impl NetworkThreads {
    /// Starts so many, each of which expects the next request for `busy_poll` before it sleeps.
    ///
    /// # Errors
    /// What the system says when it has no thread or descriptor to give.
    pub(crate) fn start(count: NonZeroUsize, busy_poll: Duration, runtime: &Handle) -> io::Result<Self> {
        let common = Arc::new(Common::new(busy_poll, runtime.clone()));
        let threads = (0..count.get()).map(|_| NetworkThread::new(&common).map(Arc::new));
        let threads = threads.collect::<io::Result<Box<[_]>>>()?;
        let pool = Self { threads };
        pool.threads.iter().try_for_each(|thread| driver::start(thread, None))?;
        watcher::start(&common, &pool.threads)?;
        Ok(pool)
    }

    /// Gives a socket's connection to the thread that has the fewest.
    ///
    /// # Errors
    /// What the system says when it cannot watch the socket; [`io::ErrorKind::Unsupported`] for a stream that is none.
    pub(crate) fn serve<F>(&self, stream: Stream, connection: impl FnOnce(Stream) -> F) -> io::Result<()>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let descriptor = match stream {
            Stream::Tcp(stream) => stream.into_std()?.into(),
            Stream::Unix(stream) => stream.into_std()?.into(),
            Stream::Memory(_) | Stream::Served(_) => return Err(io::ErrorKind::Unsupported.into()),
        };
        let fewest = self.threads.iter().min_by_key(|thread| thread.connections());
        let thread = fewest.ok_or(io::ErrorKind::Unsupported)?;
        let readiness = Arc::new(Readiness::default());
        let socket = Socket::new(Arc::new(descriptor), Arc::clone(&readiness));
        let descriptor = socket.descriptor();
        thread.add(descriptor, readiness, Box::pin(connection(Stream::Served(socket))))
    }
}

impl Drop for NetworkThreads {
    fn drop(&mut self) {
        self.threads.iter().for_each(|thread| thread.stop());
    }
}

/// A thread that panicked held no lock while it ran anything but a task, and a task's own is not used again.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
