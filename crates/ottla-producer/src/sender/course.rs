//! What a transaction allows the sender to send, and what the sender has to tell of it.
//!
//! Which partitions are part of a transaction, and how it ends, is the business of `crate::transaction`.

use std::collections::{BTreeMap, BTreeSet};

use ottla_client::TopicPartition;

use crate::error::Error;
use crate::transaction::Course;

/// What the sender has to tell of a transaction.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// Why the first batch failed, if one did.
    pub(crate) failure: Option<Error>,
    /// Whether something was sent.
    pub(crate) has_sent: bool,
    /// Whether sequences were given out that may never be used.
    pub(crate) has_lost_sequences: bool,
}

/// The transaction that the sender follows.
#[derive(Debug)]
pub(super) struct Followed {
    pub(super) course: Course,
    /// Lanes whose partitions are part of it, and those whose partitions are to be (version 1).
    added: BTreeSet<usize>,
    wanted: BTreeMap<TopicPartition, usize>,
    pub(super) told: Told,
}

impl Followed {
    pub(super) fn new(course: Course) -> Self {
        Self { course, added: BTreeSet::new(), wanted: BTreeMap::new(), told: Told::default() }
    }

    /// Goes on with another transaction, or with news of the same.
    pub(super) fn follow(&mut self, course: Course) {
        if course.number != self.course.number {
            self.added.clear();
            self.wanted.clear();
        }
        self.course = course;
    }

    /// Whether a lane may send; if not, its partition is wanted from here on.
    pub(super) fn admits(&mut self, lane: usize, name: impl FnOnce() -> TopicPartition) -> bool {
        if self.course.is_implicit || self.added.contains(&lane) {
            return true;
        }
        self.wanted.insert(name(), lane);
        false
    }

    /// The partition is part of the transaction; gives its lane.
    pub(super) fn add(&mut self, partition: &TopicPartition) -> Option<usize> {
        let lane = self.wanted.remove(partition)?;
        self.added.insert(lane);
        Some(lane)
    }

    pub(super) fn wanted(&self) -> impl Iterator<Item = &TopicPartition> {
        self.wanted.keys()
    }
}
