//! The threads of an `OsDisk`: the one place in this crate that starts any.
//!
//! A pool runs jobs in the order they came, as many at a time as it may have threads. A thread is
//! started when a job finds all others busy, and stays. The queues need no bound of their own: a log
//! has one sync in flight, a reader one read, and the logs hand over a bounded number of bytes to be written.

use std::cell::Cell;
use std::collections::VecDeque;
use std::fmt;
use std::io::{self, IoSlice};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use bytes::Bytes;

use super::descriptors::{Descriptors, Handle};
use crate::disk::Completion;
use crate::disk::error::failed;
use crate::disk::wait::Sender;

/// Stack of a pool thread: a few system calls and a completion.
const STACK_BYTES: usize = 256 * 1024;

thread_local! {
    /// The pool that this thread is of. Only compared.
    static RUNS: Cell<*const Shared> = const { Cell::new(std::ptr::null()) };
}

/// Something that waits for the device.
pub(super) enum Job {
    /// Write the parts, one behind the other, at `offset`.
    Write { file: Arc<Handle>, parts: Vec<Bytes>, offset: u64, token: u64, done: Arc<dyn Completion> },
    /// Sync a file.
    Sync { file: Arc<Handle>, token: u64, done: Arc<dyn Completion> },
    /// Sync a file so that it can be closed.
    SyncEarly { file: Arc<Handle> },
    /// Sync a folder.
    SyncDir { path: PathBuf, descriptors: Arc<Descriptors>, token: u64, done: Arc<dyn Completion> },
    /// Read what follows the first `filled` bytes of `buf`.
    Read { file: Arc<Handle>, buf: Vec<u8>, filled: usize, offset: u64, answer: Sender<io::Result<Bytes>> },
    /// Read what stands at `offset`, and keep none of it in memory that was not there.
    ReadOnce { file: Arc<Handle>, buf: Vec<u8>, offset: u64, answer: Sender<io::Result<Bytes>> },
}

impl Job {
    fn run(self) {
        match self {
            Self::Write { file, parts, offset, token, done } => {
                let slices: Vec<_> = parts.iter().map(|part| IoSlice::new(part)).collect();
                done.complete(token, file.write(&slices, offset));
            }
            Self::Sync { file, token, done } => {
                file.gathering.gather(token, done.as_ref());
                let result = file.gathering.timed(|| file.sync());
                done.complete(token, result);
            }
            Self::SyncEarly { file } => file.sync_early(),
            Self::SyncDir { path, descriptors, token, done } => {
                done.complete(token, sync_dir(&path, &descriptors));
            }
            Self::Read { file, buf, filled, offset, answer } => {
                answer.send(file.read_rest(buf, filled, offset));
            }
            Self::ReadOnce { file, buf, offset, answer } => answer.send(file.read_once(buf, offset)),
        }
    }
}

/// Makes the names in the folder at `path` durable.
pub(super) fn sync_dir(path: &Path, descriptors: &Descriptors) -> io::Result<()> {
    let sync = || descriptors.with_room(|| std::fs::File::open(path))?.sync_all();
    sync().map_err(|err| failed("sync folder", path, err))
}

/// Runs `work` on a thread that ends with it. Whether there was one.
pub(super) fn start_helper(work: Box<dyn FnOnce() + Send>) -> bool {
    let started = thread::Builder::new().name("ottla-open".to_owned()).spawn(work);
    if let Err(error) = &started {
        tracing::warn!(%error, "no thread to be had to help");
    }
    started.is_ok()
}

/// Threads and their queue. Dropping it finishes what is queued and ends the threads.
pub(super) struct Pool {
    name: &'static str,
    threads_max: usize,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// A job came, or the pool closes.
    changed: Condvar,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Job>,
    threads: Vec<JoinHandle<()>>,
    /// Threads that wait for a job.
    idle: usize,
    closing: bool,
}

impl Pool {
    pub(super) fn new(name: &'static str, threads_max: usize) -> Self {
        Self { name, threads_max, shared: Arc::default() }
    }

    /// Runs a job on one of the threads; in the calling one if the system gives the pool none.
    pub(super) fn start(&self, job: Job) {
        let mut state = self.shared.lock();
        state.queue.push_back(job);
        // What a completion starts its own thread takes next, without waking another.
        let own = usize::from(RUNS.get() == Arc::as_ptr(&self.shared));
        // Threads that were woken, but have not come to take their job yet, still count as idle.
        if state.queue.len() <= state.idle + own {
            if state.queue.len() > own {
                self.shared.changed.notify_one();
            }
            return;
        }
        if state.threads.len() >= self.threads_max {
            return; // one of the busy threads takes it when it is done
        }
        match self.start_thread(state.threads.len()) {
            Ok(thread) => state.threads.push(thread),
            Err(error) if state.threads.is_empty() => {
                tracing::warn!(%error, pool = self.name, "no thread to be had, so the caller waits for the disk");
                let job = state.queue.pop_back();
                drop(state);
                job.into_iter().for_each(Job::run);
            }
            Err(error) => tracing::warn!(%error, pool = self.name, "no further thread to be had"),
        }
    }

    fn start_thread(&self, index: usize) -> io::Result<JoinHandle<()>> {
        let shared = Arc::clone(&self.shared);
        let named = thread::Builder::new().name(format!("{}-{index}", self.name)).stack_size(STACK_BYTES);
        named.spawn(move || shared.work())
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The life of one thread.
    fn work(&self) {
        RUNS.set(self);
        let mut state = self.lock();
        loop {
            if let Some(job) = state.queue.pop_front() {
                drop(state);
                // One bad completion must not take the thread from the jobs behind it.
                if catch_unwind(AssertUnwindSafe(|| job.run())).is_err() {
                    tracing::error!("a completion of the disk panicked");
                }
                state = self.lock();
            } else if state.closing {
                return;
            } else {
                state.idle += 1;
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                state.idle -= 1;
            }
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let threads = {
            let mut state = self.shared.lock();
            state.closing = true;
            std::mem::take(&mut state.threads)
        };
        self.shared.changed.notify_all();
        for thread in threads {
            // A completion may hold the last file of a disk; its thread ends by itself.
            if thread.thread().id() != thread::current().id() && thread.join().is_err() {
                tracing::error!(pool = self.name, "a thread of the pool panicked");
            }
        }
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let threads = self.shared.lock().threads.len();
        f.debug_struct("Pool").field("name", &self.name).field("threads", &threads).finish_non_exhaustive()
    }
}
