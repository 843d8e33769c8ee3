//! The sessions of all consumers, in a bounded number of slots.
//!
//! Slots and eviction are Kafka's: a new session takes the slot of one that was idle for the eviction time,
//! else of a smaller one that is at least that old, else it gets none and the consumer goes on without.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::FetchSession;

/// How long a session is safe from eviction (Kafka's `min.incremental.fetch.session.eviction.ms`).
pub(crate) const EVICTION: Duration = Duration::from_secs(120);

/// All fetch sessions of a broker.
#[derive(Debug)]
pub(crate) struct FetchSessions {
    slots: usize,
    sessions: HashMap<i32, Slot>, // looked up only, never walked
    last_used: BTreeMap<(Instant, i32), ()>,
    /// Sessions old enough to give way to a larger one, smallest first.
    outgrown: BTreeSet<(usize, i32)>,
}

#[derive(Debug)]
struct Slot {
    session: Arc<Mutex<FetchSession>>,
    created: Instant,
    used: Instant,
    outgrown: Option<usize>,
}

impl FetchSessions {
    pub(crate) fn new(slots: usize) -> Self {
        Self { slots, sessions: HashMap::new(), last_used: BTreeMap::new(), outgrown: BTreeSet::new() }
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.sessions.len()
    }

    pub(crate) fn get(&self, id: i32) -> Option<Arc<Mutex<FetchSession>>> {
        self.sessions.get(&id).map(|slot| Arc::clone(&slot.session))
    }

    /// Gives a session a slot and an id, or 0 when every slot is held by a session with more right to it.
    pub(crate) fn insert(
        &mut self,
        now: Instant,
        session: FetchSession,
        mut random: impl FnMut() -> u64,
    ) -> i32 {
        let size = session.len();
        if self.sessions.len() >= self.slots && !self.evict_for(now, size) {
            return 0;
        }
        let id = loop {
            let id = i32::try_from(random() >> 33).unwrap_or(i32::MAX);
            if id != 0 && !self.sessions.contains_key(&id) {
                break id;
            }
        };
        let slot = Slot { session: Arc::new(Mutex::new(session)), created: now, used: now, outgrown: None };
        self.sessions.insert(id, slot);
        self.last_used.insert((now, id), ());
        id
    }

    /// Says that a session of `size` partitions was used.
    pub(crate) fn touch(&mut self, now: Instant, id: i32, size: usize) {
        let Some(slot) = self.sessions.get_mut(&id) else { return };
        self.last_used.remove(&(slot.used, id));
        slot.used = now;
        self.last_used.insert((now, id), ());
        if let Some(size) = slot.outgrown.take() {
            self.outgrown.remove(&(size, id));
        }
        if now.saturating_duration_since(slot.created) > EVICTION {
            slot.outgrown = Some(size);
            self.outgrown.insert((size, id));
        }
    }

    pub(crate) fn remove(&mut self, id: i32) {
        if let Some(slot) = self.sessions.remove(&id) {
            self.last_used.remove(&(slot.used, id));
            if let Some(size) = slot.outgrown {
                self.outgrown.remove(&(size, id));
            }
        }
    }

    fn evict_for(&mut self, now: Instant, size: usize) -> bool {
        let Some((&(used, oldest), ())) = self.last_used.first_key_value() else { return false };
        if now.saturating_duration_since(used) > EVICTION {
            self.remove(oldest);
            return true;
        }
        match self.outgrown.first() {
            Some(&(smaller, id)) if smaller < size => {
                self.remove(id);
                true
            }
            _ => false,
        }
    }
}
