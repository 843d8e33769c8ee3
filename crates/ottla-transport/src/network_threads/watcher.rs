//! The watcher: another system thread goes on where one stands still.

use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use super::driver::{self, Common, NetworkThread};

/// How often it looks, and so how long a task may be polled before another thread takes the others over, or twice that.
const INTERVAL: Duration = Duration::from_millis(20);
/// Looks at threads that do nothing after which it sleeps.
const IDLE_LOOKS_MAX: u32 = 50;
const SLEEP: Duration = Duration::from_secs(60);
const STACK_BYTES: usize = 64 * 1024;

/// How often one network thread may be replaced by another while those before it still stand still.
const STANDING_MAX: usize = 16;

struct Watched {
    thread: Weak<NetworkThread>,
    /// As it was at the last look.
    steps: u64,
}

pub(super) fn start(common: &Arc<Common>, threads: &[Arc<NetworkThread>]) -> io::Result<()> {
    let mut watched: Vec<Watched> =
        threads.iter().map(|thread| Watched { thread: Arc::downgrade(thread), steps: 0 }).collect();
    let shared = Arc::clone(common);
    let builder = thread::Builder::new().name("ottla-watch-net".to_owned()).stack_size(STACK_BYTES);
    let watcher = builder.spawn(move || watch(&shared, &mut watched))?;
    let _first = common.watcher.set(watcher.thread().clone());
    Ok(())
}

fn watch(common: &Common, watched: &mut Vec<Watched>) {
    let mut idle = 0;
    while !watched.is_empty() {
        let mut did_something = false;
        watched.retain_mut(|watched| {
            let Some(thread) = watched.thread.upgrade() else { return false };
            let steps = thread.steps.load(Ordering::SeqCst);
            did_something |= steps != watched.steps || steps % 2 == 1;
            if steps == watched.steps && steps % 2 == 1 {
                watched.replace(&thread);
            }
            watched.steps = steps;
            true
        });
        idle = if did_something { 0 } else { idle + 1 };
        let is_asleep = idle > IDLE_LOOKS_MAX;
        common.is_unwatched.store(is_asleep, Ordering::SeqCst);
        // A step that began just before is seen now; one that begins from here on wakes.
        let is_asleep = is_asleep && !watched.iter().any(Watched::is_at_something);
        thread::park_timeout(if is_asleep { SLEEP } else { INTERVAL });
    }
}

impl Watched {
    fn is_at_something(&self) -> bool {
        self.thread.upgrade().is_some_and(|thread| thread.steps.load(Ordering::SeqCst) % 2 == 1)
    }

    /// Has another system thread go on, unless the one that stands still does before that.
    fn replace(&self, thread: &Arc<NetworkThread>) {
        if thread.standing.load(Ordering::SeqCst) >= STANDING_MAX {
            return;
        }
        if let Err(error) = driver::start(thread, Some(self.steps)) {
            tracing::error!(%error, "no thread to be had in place of one that stands still");
        }
    }
}
