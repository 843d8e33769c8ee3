//! Fetch sessions (KIP-227): what a consumer asked for before need not be asked nor answered again.
//!
//! Decisions only, with neither clock nor log: a request and the time go in, the partitions to read come out;
//! what was read goes in, and what of it must be said comes out. Reading is in [`crate::api::fetch`].
//! [`cache`] bounds how many sessions there are.

pub(crate) mod cache;

use std::collections::{BTreeMap, HashMap};

use ottla_protocol::wire::{Str, Uuid};

/// The epoch of a request that opens a session.
pub(crate) const INITIAL_EPOCH: i32 = 0;
/// The epoch of a request that has and wants no session, or ends the one it has.
pub(crate) const FINAL_EPOCH: i32 = -1;

/// A topic as a fetch names it: by id from v13 on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum TopicKey {
    Name(Str),
    Id(Uuid),
}

/// One partition that a consumer wants to read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Wanted {
    pub(crate) topic: TopicKey,
    /// The name of a topic that goes by its id, as it was when the session first found it.
    pub(crate) known_as: Option<Str>,
    pub(crate) partition: i32,
    pub(crate) fetch_offset: i64,
    pub(crate) max_bytes: i32,
    pub(crate) current_leader_epoch: i32,
    pub(crate) last_fetched_epoch: i32,
}

/// What an answer says of a partition, as far as it decides whether it must be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answered {
    pub(crate) failed: bool,
    pub(crate) has_records: bool,
    pub(crate) diverged: bool,
    pub(crate) high_watermark: i64,
    pub(crate) log_start_offset: i64,
}

#[derive(Clone, Debug)]
struct Cached {
    wanted: Wanted,
    high_watermark: i64,
    log_start_offset: i64,
}

/// One session: its partitions, in the order in which they take turns, and what was last said of each.
#[derive(Debug)]
pub(crate) struct FetchSession {
    uses_topic_ids: bool,
    epoch: i32,
    order: BTreeMap<u64, Cached>,
    places: HashMap<(TopicKey, i32), u64>, // looked up only, never walked
    next_place: u64,
}

impl FetchSession {
    /// A session that begins with a whole answer.
    pub(crate) fn begin<'a>(
        uses_topic_ids: bool,
        answered: impl Iterator<Item = (&'a Wanted, Answered)>,
    ) -> Self {
        let mut session = Self {
            uses_topic_ids,
            epoch: next_epoch(INITIAL_EPOCH),
            order: BTreeMap::new(),
            places: HashMap::new(),
            next_place: 0,
        };
        for (wanted, answer) in answered {
            let place = session.put(wanted.clone());
            session.remember(place, answer);
        }
        session
    }

    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    pub(crate) fn uses_topic_ids(&self) -> bool {
        self.uses_topic_ids
    }

    /// The epoch that the next request must carry.
    pub(crate) fn epoch(&self) -> i32 {
        self.epoch
    }

    /// Takes an incremental request in: what it adds or moves, and what it forgets.
    pub(crate) fn update(
        &mut self,
        changed: Vec<Wanted>,
        forgotten: impl IntoIterator<Item = (TopicKey, i32)>,
    ) {
        for wanted in changed {
            self.put(wanted);
        }
        for key in forgotten {
            if let Some(place) = self.places.remove(&key) {
                self.order.remove(&place);
            }
        }
    }

    /// Looks for the names of topics that were not there so far.
    pub(crate) fn resolve(&mut self, mut name_of: impl FnMut(Uuid) -> Option<Str>) {
        for Cached { wanted, .. } in self.order.values_mut() {
            if let (TopicKey::Id(id), None) = (&wanted.topic, &wanted.known_as) {
                wanted.known_as = name_of(*id);
            }
        }
    }

    /// Says that the request with the current epoch was taken in.
    pub(crate) fn advance(&mut self) -> i32 {
        self.epoch = next_epoch(self.epoch);
        self.epoch
    }

    /// All partitions, those first that have waited longest for records.
    pub(crate) fn wanted(&self) -> Vec<Wanted> {
        self.order.values().map(|cached| cached.wanted.clone()).collect()
    }

    /// Whether an answer must say anything of a partition, which is remembered as said.
    ///
    /// A partition that gave records goes to the end, so that each comes first in turn.
    pub(crate) fn must_say(&mut self, wanted: &Wanted, answer: Answered) -> bool {
        let Some(&place) = self.places.get(&(wanted.topic.clone(), wanted.partition)) else {
            return true; // forgotten meanwhile: the client sorts it out
        };
        let Some(cached) = self.order.get(&place) else { return true };
        let must = answer.failed
            || answer.has_records
            || answer.diverged
            || cached.high_watermark != answer.high_watermark
            || cached.log_start_offset != answer.log_start_offset;
        self.remember(place, answer);
        if answer.has_records
            && let Some(cached) = self.order.remove(&place)
        {
            self.places.insert((wanted.topic.clone(), wanted.partition), self.next_place);
            self.order.insert(self.next_place, cached);
            self.next_place += 1;
        }
        must
    }

    fn put(&mut self, wanted: Wanted) -> u64 {
        let key = (wanted.topic.clone(), wanted.partition);
        if let Some(&place) = self.places.get(&key) {
            if let Some(cached) = self.order.get_mut(&place) {
                let known_as = cached.wanted.known_as.take().or(wanted.known_as);
                cached.wanted = Wanted { known_as, ..wanted };
            }
            return place;
        }
        let place = self.next_place;
        self.next_place += 1;
        self.places.insert(key, place);
        self.order.insert(place, Cached { wanted, high_watermark: -1, log_start_offset: -1 });
        place
    }

    fn remember(&mut self, place: u64, answer: Answered) {
        if let Some(cached) = self.order.get_mut(&place) {
            // What failed is said again, until it is well.
            cached.high_watermark = if answer.failed { -1 } else { answer.high_watermark };
            cached.log_start_offset = answer.log_start_offset;
        }
    }
}

/// The epoch after one; it never comes back to the initial one.
pub(crate) fn next_epoch(epoch: i32) -> i32 {
    match epoch {
        ..0 => FINAL_EPOCH,
        i32::MAX => 1,
        _ => epoch + 1,
    }
}

/// Partitions of a whole request, each once: the last mention holds, in the place of the first.
pub(crate) fn without_repeats(wanted: Vec<Wanted>) -> Vec<Wanted> {
    if wanted.len() < 2 {
        return wanted;
    }
    let mut places = HashMap::with_capacity(wanted.len());
    let mut kept: Vec<Wanted> = Vec::with_capacity(wanted.len());
    for one in wanted {
        match places.entry((one.topic.clone(), one.partition)) {
            std::collections::hash_map::Entry::Occupied(place) => kept[*place.get()] = one,
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(kept.len());
                kept.push(one);
            }
        }
    }
    kept
}

#[cfg(test)]
#[path = "fetch_session/tests.rs"]
mod tests;
