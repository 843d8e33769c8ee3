//! One network thread: events in, tasks polled, and when it sleeps.
//!
//! Everything it works on is shared, so that another system thread can go on where one stands still. Which of them drives is
//! told by `steps`: who cannot count its step any more has been replaced.

use std::collections::VecDeque;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::task::Wake;
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::{EventfdFlags, Timespec, epoll};
use rustix::io::Errno;
use tokio::runtime::Handle;

use super::lock;
use super::socket::Readiness;
use super::task::{Connection, Task};

/// Tasks that are polled before the system is asked for events again, and events that are taken at once.
const BATCH: usize = 64;
/// Key of the descriptor that wakes a thread.
const ALARM: u64 = u64::MAX;
const NOW: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };

/// What all network threads of a server share.
#[derive(Debug)]
pub(super) struct Common {
    busy_poll: Duration,
    /// A thread is awake and waits for the next request: one at a time, or they would take the clients' cores.
    is_polling: AtomicBool,
    pub(super) runtime: Handle,
    pub(super) watcher: OnceLock<Thread>,
    /// The watcher sleeps until a thread does something.
    pub(super) is_unwatched: AtomicBool,
}

impl Common {
    pub(super) fn new(busy_poll: Duration, runtime: Handle) -> Self {
        let (is_polling, is_unwatched) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { busy_poll, is_polling, runtime, watcher: OnceLock::new(), is_unwatched }
    }

    #[cold]
    fn wake_watcher(&self) {
        self.is_unwatched.store(false, Ordering::SeqCst);
        if let Some(watcher) = self.watcher.get() {
            watcher.unpark();
        }
    }
}

/// A thread's sockets and tasks.
#[derive(Debug)]
pub(super) struct NetworkThread {
    epoll: OwnedFd,
    alarm: OwnedFd,
    tasks: Mutex<Tasks>,
    connections: AtomicUsize,
    ready: Mutex<VecDeque<Arc<Task>>>,
    is_asleep: AtomicBool,
    /// Counts up when a task begins to be polled, and again when that has ended: odd while one is.
    pub(super) steps: AtomicU64,
    is_stopped: AtomicBool,
    /// System threads that stand still, and for which others go on.
    pub(super) standing: AtomicUsize,
    common: Arc<Common>,
}

/// Tasks by their keys.
#[derive(Debug, Default)]
struct Tasks {
    places: Vec<Option<Arc<Task>>>,
    free: Vec<usize>,
}

impl NetworkThread {
    pub(super) fn new(common: &Arc<Common>) -> io::Result<Self> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let alarm = rustix::event::eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        // Told of each ring, which therefore need not be read.
        let told = epoll::EventFlags::IN | epoll::EventFlags::ET;
        epoll::add(&epoll, &alarm, epoll::EventData::new_u64(ALARM), told)?;
        Ok(Self {
            epoll,
            alarm,
            tasks: Mutex::default(),
            connections: AtomicUsize::new(0),
            ready: Mutex::default(),
            is_asleep: AtomicBool::new(false),
            steps: AtomicU64::new(0),
            is_stopped: AtomicBool::new(false),
            standing: AtomicUsize::new(0),
            common: Arc::clone(common),
        })
    }

    /// How many it serves.
    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// Serves one more.
    pub(super) fn add(
        self: &Arc<Self>,
        socket: Arc<OwnedFd>,
        readiness: Arc<Readiness>,
        connection: Connection,
    ) -> io::Result<()> {
        let task = {
            let mut tasks = lock(&self.tasks);
            let key = tasks.free.pop().unwrap_or(tasks.places.len());
            let task = Arc::new(Task::new(connection, readiness, Arc::downgrade(self), key));
            match tasks.places.get_mut(key) {
                Some(place) => *place = Some(Arc::clone(&task)),
                None => tasks.places.push(Some(Arc::clone(&task))),
            }
            task
        };
        self.connections.fetch_add(1, Ordering::Relaxed);
        let data = epoll::EventData::new_u64(task.key as u64);
        // Its first event comes at once: it can be written to.
        let watched = epoll::add(&self.epoll, &*socket, data, Readiness::WATCHED);
        if watched.is_err() {
            self.remove(&task);
        }
        Ok(watched?)
    }

    fn remove(&self, task: &Task) {
        let mut tasks = lock(&self.tasks);
        if let Some(place) = tasks.places.get_mut(task.key) {
            *place = None;
            tasks.free.push(task.key);
        }
        drop(tasks);
        self.connections.fetch_sub(1, Ordering::Relaxed);
    }

    /// Has a task polled.
    pub(super) fn queue(&self, task: Arc<Task>) {
        lock(&self.ready).push_back(task);
        if self.is_asleep.swap(false, Ordering::SeqCst) {
            self.ring();
        }
    }

    fn ring(&self) {
        // It cannot overflow in the life of a machine.
        let _ = rustix::io::write(&self.alarm, &1_u64.to_ne_bytes());
    }

    /// Ends when the tasks that it has are done with.
    pub(super) fn stop(&self) {
        self.is_stopped.store(true, Ordering::SeqCst);
        self.ring();
        self.common.wake_watcher();
    }

    fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::SeqCst)
    }

    /// Polls some of the tasks that are ready; whether this thread is still the one that does.
    fn run_ready(&self) -> bool {
        for _ in 0..BATCH {
            let Some(task) = lock(&self.ready).pop_front() else { break };
            let step = self.steps.load(Ordering::SeqCst) + 1;
            self.steps.store(step, Ordering::SeqCst);
            if self.common.is_unwatched.load(Ordering::SeqCst) {
                self.common.wake_watcher();
            }
            let goes_on = task.run();
            let is_mine =
                self.steps.compare_exchange(step, step + 1, Ordering::SeqCst, Ordering::SeqCst).is_ok();
            if !goes_on {
                self.remove(&task);
            }
            if !is_mine {
                return false;
            }
        }
        true
    }

    fn drive(&self) {
        let mut driver =
            Driver { thread: self, events: Vec::with_capacity(BATCH), told: Vec::new(), was_short: false };
        loop {
            if !self.run_ready() {
                self.standing.fetch_sub(1, Ordering::SeqCst);
                return;
            }
            if self.has_ready() {
                driver.take_events(Some(&NOW));
            } else if self.is_stopped() && self.connections() == 0 {
                return;
            } else {
                driver.rest();
            }
        }
    }

    fn has_ready(&self) -> bool {
        !lock(&self.ready).is_empty()
    }
}

/// What a system thread needs to drive.
struct Driver<'a> {
    thread: &'a NetworkThread,
    events: Vec<epoll::Event>,
    told: Vec<Arc<Task>>,
    /// The last wait for something to do was no longer than a busy poll may be.
    was_short: bool,
}

impl Driver<'_> {
    /// Waits until there is something to do.
    fn rest(&mut self) {
        let (thread, common) = (self.thread, &self.thread.common);
        let since = Instant::now();
        if self.was_short && !common.is_polling.swap(true, Ordering::SeqCst) {
            let mut is_there = false;
            while !is_there && since.elapsed() < common.busy_poll {
                is_there = self.take_events(Some(&NOW)) || thread.has_ready();
            }
            common.is_polling.store(false, Ordering::SeqCst);
            if is_there {
                return;
            }
        }
        thread.is_asleep.store(true, Ordering::SeqCst);
        // What was queued before is seen here; who queues from here on rings.
        let timeout = if thread.has_ready() || thread.is_stopped() { Some(&NOW) } else { None };
        self.take_events(timeout);
        self.was_short = since.elapsed() < common.busy_poll;
    }

    /// Waits for events and queues their tasks; whether there were any.
    fn take_events(&mut self, timeout: Option<&Timespec>) -> bool {
        let Self { thread, events, told, .. } = self;
        events.clear();
        let waited = epoll::wait(&thread.epoll, spare_capacity(events), timeout);
        // Whoever queues something from here on finds it awake.
        thread.is_asleep.store(false, Ordering::SeqCst);
        if let Err(error) = waited
            && error != Errno::INTR
        {
            // The descriptor was made by this process, and is used for nothing else.
            tracing::error!(%error, "a network thread cannot wait for events");
            thread::sleep(Duration::from_millis(10));
        }
        if events.is_empty() {
            return false;
        }
        {
            let tasks = lock(&thread.tasks);
            for event in events.iter() {
                let key = usize::try_from(event.data.u64()).ok();
                if let Some(Some(task)) = key.and_then(|key| tasks.places.get(key)) {
                    // Its place may have been somebody else's when this happened: then it looks in vain.
                    task.readiness.tell(event.flags);
                    told.push(Arc::clone(task));
                }
            }
        }
        told.drain(..).for_each(Wake::wake);
        true
    }
}

/// Starts a system thread that drives, in place of one that stands still in this step if there is one: unless that goes on
/// by itself first.
pub(super) fn start(thread: &Arc<NetworkThread>, replaces: Option<u64>) -> io::Result<()> {
    let thread = Arc::clone(thread);
    let drive = move || {
        let runtime = thread.common.runtime.clone();
        let _entered = runtime.enter();
        if let Some(step) = replaces {
            if thread.steps.compare_exchange(step, step + 1, Ordering::SeqCst, Ordering::SeqCst).is_err() {
                return;
            }
            thread.standing.fetch_add(1, Ordering::SeqCst);
            tracing::debug!("a network thread stands still, and another goes on for it");
        }
        thread.drive();
    };
    thread::Builder::new().name("ottla-network".to_owned()).spawn(drive)?;
    Ok(())
}
