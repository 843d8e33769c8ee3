//! Deadlines by name, most of which are put off again and again before their time comes.
//!
//! Putting one off is a look-up: it stays where it is in the queue, and is queued anew when its old time comes.
//! So a member that sends heartbeats is sorted once a session, however many it sends.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

/// Deadlines, each under a name.
#[derive(Debug)]
pub(in crate::groups) struct Timers<K> {
    names: BTreeMap<K, Deadline>,
    queue: BTreeSet<(Instant, K)>,
}

#[derive(Clone, Copy, Debug)]
struct Deadline {
    due: Instant,
    /// Its place in the queue, at `due` or before.
    queued: Instant,
}

impl<K> Default for Timers<K> {
    fn default() -> Self {
        Self { names: BTreeMap::new(), queue: BTreeSet::new() }
    }
}

impl<K: Ord + Clone> Timers<K> {
    /// Sets a deadline, in place of the one that had its name.
    pub(in crate::groups) fn set(&mut self, name: K, due: Instant) {
        if let Some(deadline) = self.names.get_mut(&name) {
            deadline.due = due;
            if deadline.queued <= due {
                return;
            }
            let old = (deadline.queued, name);
            deadline.queued = due;
            self.queue.remove(&old);
            self.queue.insert((due, old.1));
        } else {
            self.names.insert(name.clone(), Deadline { due, queued: due });
            self.queue.insert((due, name));
        }
    }

    /// Takes a deadline out.
    pub(in crate::groups) fn cancel(&mut self, name: &K) {
        if let Some(deadline) = self.names.remove(name) {
            self.queue.remove(&(deadline.queued, name.clone()));
        }
    }

    /// Whether a deadline of this name is set.
    pub(in crate::groups) fn contains(&self, name: &K) -> bool {
        self.names.contains_key(name)
    }

    /// A time before which nothing is due; `None` when nothing ever is.
    pub(in crate::groups) fn first(&self) -> Option<Instant> {
        self.queue.first().map(|(at, _)| *at)
    }

    /// Takes out one deadline that is due. When there is none left, [`first`](Self::first) lies ahead.
    pub(in crate::groups) fn pop(&mut self, now: Instant) -> Option<K> {
        loop {
            let (at, _) = self.queue.first()?;
            if *at > now {
                return None;
            }
            let (_, name) = self.queue.pop_first()?;
            match self.names.get_mut(&name) {
                Some(deadline) if deadline.due > now => {
                    deadline.queued = deadline.due;
                    self.queue.insert((deadline.due, name));
                }
                _ => {
                    self.names.remove(&name);
                    return Some(name);
                }
            }
        }
    }
}
