//! The ledger of what was acknowledged, asked for and seen; everything that is found later is judged by it alone.
//!
//! A fact is a record at an offset that somebody was told of: by an acknowledgement, or by reading it. Facts last,
//! unless their topic keeps less than everything. Whatever breaks a rule is kept as a problem, in words.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use ottla::client::TopicPartition;
use tokio::sync::RwLock;

use crate::payload::Stamp;

/// Problems that are kept; the first ones tell.
const PROBLEMS_MAX: usize = 20;

/// What a topic keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keeps {
    /// All.
    Everything,
    /// The last record of each key.
    LastOfKey,
    /// The newest records, of at least so many bytes.
    AtLeast(u64),
    /// What nobody asked to delete.
    NotDeleted,
}

/// What one partition was found to hold.
pub(crate) struct Reading {
    /// Where it began before it was read, and after.
    pub(crate) starts: (i64, i64),
    /// Up to where it was read.
    pub(crate) end: i64,
    /// The records by offset, with their sizes; none for what nobody wrote.
    pub(crate) found: Vec<(i64, Option<(Stamp, usize)>)>,
    /// Whether nothing was written to it meanwhile.
    pub(crate) is_calm: bool,
}

/// What is known of one partition.
#[derive(Debug)]
struct Partition {
    keeps: Keeps,
    facts: BTreeMap<i64, Stamp>,
    /// Where it must begin at least, and at most.
    starts: (i64, i64),
}

/// Whether a topic is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Presence {
    There,
    /// It was asked to go, and nobody was answered yet.
    Going,
    Gone,
}

/// One who writes to one partition.
#[derive(Debug)]
struct Writer {
    place: TopicPartition,
    sent: u64,
}

#[derive(Debug, Default)]
struct Inner {
    topics: BTreeMap<String, Presence>,
    partitions: BTreeMap<TopicPartition, Partition>,
    writers: Vec<Writer>,
    committed: BTreeMap<(String, TopicPartition), i64>,
    problems: Vec<String>,
}

/// What all who take part tell each other.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    inner: Mutex<Inner>,
    acknowledged: AtomicU64,
    refused: AtomicU64,
    commits: AtomicU64,
    deletions: AtomicU64,
    topics_made: AtomicU64,
    /// Held by who makes or deletes a topic, and alone by who asks for all of them: a client waits long for a topic
    /// that went while it asked.
    pub(crate) comings: RwLock<()>,
}

/// How much was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Figures {
    pub(crate) acknowledged: u64,
    pub(crate) refused: u64,
    pub(crate) commits: u64,
    pub(crate) deletions: u64,
    pub(crate) topics_made: u64,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { acknowledged, refused, commits, deletions, topics_made } = self;
        write!(f, "{acknowledged} records acknowledged and {refused} refused, {commits} commits, ")?;
        write!(f, "{deletions} DeleteRecords, {topics_made} topics made")
    }
}

impl Ledger {
    /// A topic was made, with nothing in it.
    pub(crate) fn add_topic(&self, topic: &str, partitions: i32, keeps: Keeps) {
        let mut inner = self.inner();
        inner.topics.insert(topic.to_owned(), Presence::There);
        for partition in 0..partitions {
            let known = Partition { keeps, facts: BTreeMap::new(), starts: (0, 0) };
            inner.partitions.insert(TopicPartition::new(topic.to_owned(), partition), known);
        }
        self.topics_made.fetch_add(1, Ordering::Relaxed);
    }

    /// A topic was asked to go, with its records.
    pub(crate) fn topic_goes(&self, topic: &str) {
        let mut inner = self.inner();
        inner.topics.insert(topic.to_owned(), Presence::Going);
        inner.partitions.retain(|place, _| place.topic != topic);
        inner.committed.retain(|(_, place), _| place.topic != topic);
    }

    /// It went.
    pub(crate) fn topic_is_gone(&self, topic: &str) {
        self.inner().topics.insert(topic.to_owned(), Presence::Gone);
    }

    /// Adds somebody who writes to this partition.
    pub(crate) fn add_writer(&self, place: &TopicPartition) -> u32 {
        let mut inner = self.inner();
        inner.writers.push(Writer { place: place.clone(), sent: 0 });
        u32::try_from(inner.writers.len() - 1).unwrap_or(u32::MAX)
    }

    /// The next record of a writer, which may be written from now on.
    pub(crate) fn sending(&self, writer: u32) -> Stamp {
        let mut inner = self.inner();
        let Some(known) = inner.writers.get_mut(writer as usize) else { return Stamp { writer, number: 0 } };
        known.sent += 1;
        Stamp { writer, number: known.sent - 1 }
    }

    /// A record was acknowledged at this offset.
    pub(crate) fn acknowledged(&self, place: &TopicPartition, stamp: Stamp, offset: i64) {
        self.inner().learn(place, stamp, offset);
        self.acknowledged.fetch_add(1, Ordering::Relaxed);
    }

    /// A record was answered with an error; it may be written or not.
    pub(crate) fn refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// Records are asked to go.
    pub(crate) fn deleting(&self, place: &TopicPartition, before: i64) {
        if let Some(known) = self.inner().partitions.get_mut(place) {
            known.starts.1 = known.starts.1.max(before);
        }
    }

    /// They went, and the partition begins here.
    pub(crate) fn deleted(&self, place: &TopicPartition, start: i64) {
        if let Some(known) = self.inner().partitions.get_mut(place) {
            known.starts.0 = known.starts.0.max(start);
        }
        self.deletions.fetch_add(1, Ordering::Relaxed);
    }

    /// A commit was acknowledged.
    pub(crate) fn committed(&self, group: &str, place: &TopicPartition, offset: i64) {
        let mut inner = self.inner();
        let floor = inner.committed.entry((group.to_owned(), place.clone())).or_insert(offset);
        *floor = offset.max(*floor);
        self.commits.fetch_add(1, Ordering::Relaxed);
    }

    /// What a group must at least have committed.
    pub(crate) fn commits_of(&self, group: &str) -> BTreeMap<TopicPartition, i64> {
        let inner = self.inner();
        let its = inner.committed.iter().filter(|((name, _), _)| name == group);
        its.map(|((_, place), offset)| (place.clone(), *offset)).collect()
    }

    /// Judges what a group is said to have committed, by somebody who asked when `floors` held.
    pub(crate) fn check_commits(
        &self,
        group: &str,
        floors: &BTreeMap<TopicPartition, i64>,
        told: &BTreeMap<TopicPartition, i64>,
    ) {
        for (place, floor) in floors {
            if told.get(place) < Some(floor) {
                let told = told.get(place);
                self.problem(format!("{group} is at {told:?} of {place}, and had committed {floor}"));
            }
        }
    }

    /// Names of the topics that are there, and of those that are not, as far as that is certain.
    pub(crate) fn topics(&self) -> (Vec<String>, Vec<String>) {
        let inner = self.inner();
        let named = |wanted| {
            let certain = inner.topics.iter().filter(move |(_, presence)| **presence == wanted);
            certain.map(|(topic, _)| topic.clone()).collect()
        };
        (named(Presence::There), named(Presence::Gone))
    }

    /// The partitions that are there.
    pub(crate) fn places(&self) -> Vec<TopicPartition> {
        self.inner().partitions.keys().cloned().collect()
    }

    /// Offset of the newest fact of a partition, and where it must begin at least.
    pub(crate) fn bounds(&self, place: &TopicPartition) -> (Option<i64>, i64) {
        let inner = self.inner();
        inner.partitions.get(place).map_or((None, 0), |known| {
            (known.facts.last_key_value().map(|(offset, _)| *offset), known.starts.0)
        })
    }

    /// Judges where a partition begins and ends, by somebody who asked when `bounds` held.
    pub(crate) fn check_bounds(&self, place: &TopicPartition, bounds: (Option<i64>, i64), told: (i64, i64)) {
        let mut inner = self.inner();
        let Some(known) = inner.partitions.get_mut(place) else { return };
        let mut problems = Vec::new();
        let ((newest, floor), (start, end)) = (bounds, told);
        if newest.is_some_and(|newest| end <= newest) {
            problems.push(format!("{place} ends at {end}, and {newest:?} was acknowledged or seen"));
        }
        problems.extend(known.check_start(place, floor, start));
        if matches!(known.keeps, Keeps::AtLeast(_)) {
            known.starts.0 = known.starts.0.max(start); // by itself, and never back
        }
        inner.keep(problems);
    }

    /// Judges what was read of a partition, and keeps it as facts.
    pub(crate) fn check_reading(&self, place: &TopicPartition, reading: &Reading) {
        let mut inner = self.inner();
        let Inner { partitions, writers, .. } = &mut *inner;
        let Some(known) = partitions.get_mut(place) else { return };
        let problems = known.judge(place, writers, reading);
        for (offset, found) in &reading.found {
            if let Some((stamp, _)) = found {
                known.facts.entry(*offset).or_insert(*stamp);
            }
        }
        inner.keep(problems);
    }

    /// Somebody read a record on its way.
    pub(crate) fn saw(&self, place: &TopicPartition, offset: i64, stamp: Option<Stamp>) {
        match stamp {
            Some(stamp) => self.inner().learn(place, stamp, offset),
            None => self.problem(format!("nobody wrote what is at {offset} of {place}")),
        }
    }

    pub(crate) fn problem(&self, text: String) {
        self.inner().keep(vec![text]);
    }

    /// What broke a rule so far.
    pub(crate) fn problems(&self) -> Vec<String> {
        self.inner().problems.clone()
    }

    pub(crate) fn figures(&self) -> Figures {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Figures {
            acknowledged: read(&self.acknowledged),
            refused: read(&self.refused),
            commits: read(&self.commits),
            deletions: read(&self.deletions),
            topics_made: read(&self.topics_made),
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn learn(&mut self, place: &TopicPartition, stamp: Stamp, offset: i64) {
        let Some(known) = self.partitions.get_mut(place) else { return };
        let fact = *known.facts.entry(offset).or_insert(stamp);
        if fact != stamp {
            self.keep(vec![format!("{stamp:?} and {fact:?} are both at {offset} of {place}")]);
        }
    }

    fn keep(&mut self, problems: Vec<String>) {
        let room = PROBLEMS_MAX.saturating_sub(self.problems.len());
        self.problems.extend(problems.into_iter().take(room));
    }
}

impl Partition {
    fn check_start(&self, place: &TopicPartition, floor: i64, start: i64) -> Option<String> {
        if start < floor {
            return Some(format!(
                "{place} begins at {start}, and began at {floor}: deleted records are back"
            ));
        }
        let bounded = matches!(self.keeps, Keeps::Everything | Keeps::LastOfKey | Keeps::NotDeleted);
        (bounded && start > self.starts.1)
            .then(|| format!("{place} begins at {start}, and nobody deleted beyond {}", self.starts.1))
    }

    /// Everything that is wrong with what was read.
    fn judge(&self, place: &TopicPartition, writers: &[Writer], reading: &Reading) -> Vec<String> {
        let mut problems = Vec::new();
        let mut newest: HashMap<u32, u64> = HashMap::new();
        let mut at = HashMap::new();
        let mut next = None;
        for (offset, found) in &reading.found {
            let Some((stamp, _)) = found else {
                problems.push(format!("nobody wrote what is at {offset} of {place}"));
                continue;
            };
            match writers.get(stamp.writer as usize) {
                Some(writer) if writer.place == *place && stamp.number < writer.sent => {}
                writer => problems.push(format!("{stamp:?} at {offset} of {place} is of {writer:?}")),
            }
            if self.facts.get(offset).is_some_and(|fact| fact != stamp) {
                let fact = self.facts.get(offset);
                problems.push(format!("{stamp:?} is at {offset} of {place}, where {fact:?} was"));
            }
            if newest.insert(stamp.writer, stamp.number).is_some_and(|before| before >= stamp.number) {
                problems.push(format!("{stamp:?} at {offset} of {place} is doubled or out of order"));
            }
            let has_hole = next.is_some_and(|next| next < *offset) && *offset > reading.starts.1;
            if has_hole && self.keeps != Keeps::LastOfKey {
                problems.push(format!("nothing is before {offset} of {place} but {next:?}"));
            }
            next = Some(offset + 1);
            at.insert(*offset, *stamp);
        }
        problems.extend(self.lost(place, reading, &at));
        problems.extend(self.too_little(place, reading));
        problems
    }

    /// Facts that are not there any more, and should be.
    fn lost(&self, place: &TopicPartition, reading: &Reading, at: &HashMap<i64, Stamp>) -> Vec<String> {
        let mut last_of_key = HashMap::new();
        for (offset, stamp) in at {
            let last = last_of_key.entry(stamp.key()).or_insert(*offset);
            *last = (*offset).max(*last);
        }
        let promised = self.facts.range(reading.starts.1..reading.end.max(reading.starts.1));
        let missing = promised.filter(|(offset, stamp)| {
            let is_replaced = self.keeps == Keeps::LastOfKey
                && last_of_key.get(&stamp.key()).is_some_and(|last| last > offset);
            !at.contains_key(offset) && !is_replaced
        });
        missing.map(|(offset, stamp)| format!("{stamp:?} is lost, it was at {offset} of {place}")).collect()
    }

    fn too_little(&self, place: &TopicPartition, reading: &Reading) -> Option<String> {
        let Keeps::AtLeast(bytes) = self.keeps else { return None };
        let sizes = reading.found.iter().filter(|(offset, _)| *offset >= reading.starts.1);
        let kept: usize = sizes.filter_map(|(_, found)| found.map(|(_, size)| size)).sum();
        // What a batch adds to its records is not counted.
        let too_little = reading.is_calm && reading.starts.1 > 0 && (kept as u64) < bytes * 3 / 4;
        too_little.then(|| format!("{place} kept only {kept} bytes of {bytes}"))
    }
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
