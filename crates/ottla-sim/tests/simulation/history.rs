//! What the clients of one world did and saw: events for `ottla-check`, which are in the trace as well.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use ottla::client::{IsolationLevel, TopicPartition};
use ottla_check::{
    Acks, Committed, Fault, History as Events, Isolation, Partition, Read, Topic, Watermarks, What,
};
use ottla_sim::{Happened, Sim};

/// Everything that happened in one world. Clones share it.
#[derive(Clone)]
pub(crate) struct History {
    sim: Sim,
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    events: Events,
    reads: u64,
    crashes: u64,
    /// Questions without an answer yet.
    open: usize,
}

/// A question that was asked. One that is dropped without an answer is in doubt.
pub(crate) struct Asked {
    op: u64,
    history: History,
    is_answered: bool,
}

impl History {
    pub(crate) fn new(sim: &Sim) -> Self {
        Self { sim: sim.clone(), inner: Arc::default() }
    }

    /// Adds an event to the trace alone.
    pub(crate) fn note(&self, event: &str) {
        self.sim.note(event);
    }

    /// Something that must not be.
    pub(crate) fn problem(&self, problem: String) {
        self.sim.problem(problem);
    }

    /// Adds an event.
    pub(crate) fn push(&self, what: What) {
        self.sim.note(&format!("{what:?}"));
        let at = u64::try_from(self.sim.now().as_micros()).unwrap();
        self.look(|inner| inner.events.push(at, what));
    }

    /// Adds a question under a number of its own.
    pub(crate) fn ask(&self, what: impl FnOnce(u64) -> What) -> Asked {
        let op = self.look(|inner| {
            inner.open += 1;
            inner.events.op()
        });
        self.push(what(op));
        Asked { op, history: self.clone(), is_answered: false }
    }

    fn look<T>(&self, look: impl FnOnce(&mut Inner) -> T) -> T {
        look(&mut self.inner.lock().unwrap())
    }

    /// All of it so far.
    pub(crate) fn events(&self) -> Events {
        self.look(|inner| inner.events.clone())
    }

    pub(crate) fn reads(&self) -> u64 {
        self.look(|inner| inner.reads)
    }

    pub(crate) fn crashes(&self) -> u64 {
        self.look(|inner| inner.crashes)
    }

    /// Questions that have no answer yet.
    pub(crate) fn open(&self) -> usize {
        self.look(|inner| inner.open)
    }

    /// What the broker suffered.
    pub(crate) fn suffered(&self, what: Happened) {
        let kind = match what {
            Happened::Cut => Fault::Cut,
            Happened::Flaky => Fault::Flaky,
            Happened::Stalled => Fault::Stall,
            Happened::Resumed => Fault::Resume,
            Happened::Ended => Fault::Restart,
            Happened::PowerLost => Fault::PowerLoss,
            Happened::DiskFails => Fault::Disk,
            _ => return,
        };
        if matches!(kind, Fault::Restart | Fault::PowerLoss) {
            self.look(|inner| inner.crashes += 1);
        }
        self.push(What::Fault { kind });
    }

    /// There are no transactions here, and nothing is compacted or deleted.
    pub(crate) fn is_dense(&self, topic: &str) {
        self.push(What::Topic { topic: topic.to_owned(), kind: Topic::Dense });
    }

    /// A producer is given a record.
    pub(crate) fn sent(
        &self,
        who: &str,
        promise: Promise,
        place: &TopicPartition,
        key: Option<&[u8]>,
        value: &[u8],
    ) -> Asked {
        self.ask(|op| What::Send {
            op,
            who: who.to_owned(),
            topic: place.topic.to_string(),
            partition: place.partition,
            value: named(key, value),
            acks: promise.acks,
            idempotent: promise.is_idempotent,
            transaction: None,
        })
    }

    /// A producer is given a record in a transaction.
    pub(crate) fn sent_in(
        &self,
        who: &str,
        transaction: &str,
        place: &TopicPartition,
        value: &[u8],
    ) -> Asked {
        self.ask(|op| What::Send {
            op,
            who: who.to_owned(),
            topic: place.topic.to_string(),
            partition: place.partition,
            value: named(None, value),
            acks: Acks::All,
            idempotent: true,
            transaction: Some(transaction.to_owned()),
        })
    }

    /// A reader, which may be a member of a group, was given records: offset, key and value.
    pub(crate) fn read(
        &self,
        who: &str,
        group: Option<&str>,
        place: &TopicPartition,
        isolation: Isolation,
        records: &[(i64, Option<Bytes>, Bytes)],
    ) {
        let (who, group) = (who.to_owned(), group.map(str::to_owned));
        self.poll(What::Poll {
            who,
            topic: place.topic.to_string(),
            partition: place.partition,
            records: Self::told(records),
            isolation,
            group,
            transaction: None,
        });
    }

    /// A member of a group was given records that it makes something of in a transaction.
    pub(crate) fn read_in(
        &self,
        who: &str,
        group: &str,
        transaction: &str,
        place: &TopicPartition,
        records: &[(i64, Option<Bytes>, Bytes)],
    ) {
        self.poll(What::Poll {
            who: who.to_owned(),
            topic: place.topic.to_string(),
            partition: place.partition,
            records: Self::told(records),
            isolation: Isolation::ReadCommitted,
            group: Some(group.to_owned()),
            transaction: Some(transaction.to_owned()),
        });
    }

    fn poll(&self, poll: What) {
        if let What::Poll { records, .. } = &poll {
            self.look(|inner| inner.reads += records.len() as u64);
        }
        self.push(poll);
    }

    fn told(records: &[(i64, Option<Bytes>, Bytes)]) -> Vec<Read> {
        let told = |(offset, key, value): &(i64, Option<Bytes>, Bytes)| Read {
            offset: *offset,
            value: named(key.as_deref(), value),
        };
        records.iter().map(told).collect()
    }

    /// A reader begins at the beginning.
    pub(crate) fn begins(&self, who: &str, place: &TopicPartition) {
        let (topic, partition) = (place.topic.to_string(), place.partition);
        self.push(What::Seek { who: who.to_owned(), topic, partition, offset: Some(0) });
    }

    /// Somebody asks where partitions end.
    pub(crate) fn asks_for_ends(&self, who: &str) -> Asked {
        self.ask(|op| What::Ends { op, who: who.to_owned() })
    }

    /// Somebody asks what a group has committed.
    pub(crate) fn asks_for_commits(&self, who: &str, group: &str) -> Asked {
        self.ask(|op| What::Committed { op, who: who.to_owned(), group: group.to_owned() })
    }

    /// A member commits; what, its answer tells.
    pub(crate) fn commits(&self, who: &str, group: &str) -> Asked {
        self.ask(|op| What::Commit {
            op,
            who: who.to_owned(),
            group: group.to_owned(),
            generation: None,
            transaction: None,
            offsets: Vec::new(),
        })
    }

    /// A member is done with the records before `next`.
    pub(crate) fn handled(&self, group: &str, who: &str, place: &TopicPartition, next: i64) {
        self.push(What::Handled {
            who: who.to_owned(),
            group: group.to_owned(),
            topic: place.topic.to_string(),
            partition: place.partition,
            next,
        });
    }
}

/// What one producer promises, in short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Promise {
    pub(crate) is_idempotent: bool,
    pub(crate) acks: Acks,
}

impl Asked {
    fn tell(&mut self, what: What) {
        self.is_answered = true;
        self.history.look(|inner| inner.open -= 1);
        self.history.push(what);
    }

    /// A send was acknowledged.
    pub(crate) fn acknowledged(mut self, offset: Option<i64>) {
        self.tell(What::sent(self.op, offset));
    }

    /// It was done.
    pub(crate) fn done(mut self) {
        self.tell(What::ok(self.op));
    }

    /// It was certainly not done.
    pub(crate) fn refused(mut self, why: &str) {
        self.tell(What::fail(self.op, why));
    }

    /// Nobody knows.
    pub(crate) fn doubted(mut self, why: &str) {
        self.tell(What::info(self.op, why));
    }

    /// What is committed.
    pub(crate) fn committed<'a>(mut self, told: impl IntoIterator<Item = (&'a TopicPartition, i64)>) {
        let told = told.into_iter().map(|(place, offset)| Committed {
            topic: place.topic.to_string(),
            partition: place.partition,
            offset,
        });
        let told = told.collect();
        let mut ok = What::ok(self.op);
        if let What::Ok { offsets, .. } = &mut ok {
            *offsets = told;
        }
        self.tell(ok);
    }

    /// Where partitions end for who reads so.
    pub(crate) fn ends_at<'a>(
        mut self,
        told: impl IntoIterator<Item = (&'a TopicPartition, &'a i64)>,
        isolation: IsolationLevel,
    ) {
        let is_stable = isolation == IsolationLevel::ReadCommitted;
        let told = told.into_iter().map(|(place, end)| Watermarks {
            topic: place.topic.to_string(),
            partition: place.partition,
            start: None,
            stable: is_stable.then_some(*end),
            end: (!is_stable).then_some(*end),
        });
        let told = told.collect();
        let mut ok = What::ok(self.op);
        if let What::Ok { ends, .. } = &mut ok {
            *ends = told;
        }
        self.tell(ok);
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        if !self.is_answered {
            self.tell(What::info(self.op, "nobody waits for it any more"));
        }
    }
}

pub(crate) fn partitions(places: &[TopicPartition]) -> Vec<Partition> {
    places.iter().map(|place| Partition::new(place.topic.to_string(), place.partition)).collect()
}

/// What stands for a record in the history: the name that its value begins with, and a hash of key and value.
fn named(key: Option<&[u8]>, value: &[u8]) -> String {
    let mut dashes = 0;
    let name = value.iter().take_while(|byte| {
        dashes += usize::from(**byte == b'-');
        dashes < 2 && byte.is_ascii_graphic()
    });
    let name: String = name.map(|byte| char::from(*byte)).take(20).collect();
    let mut hash = if key.is_some() { 0xcbf2_9ce4_8422_2325_u64 } else { 0x9e37_79b9_7f4a_7c15 };
    for byte in key.unwrap_or_default().iter().chain(b"\0").chain(value) {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("{name}:{hash:x}")
}
