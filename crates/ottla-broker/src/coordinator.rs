//! What all coordinators share: state that is kept as the records of an internal topic.
//!
//! A coordinator has a [`shard`] for each partition of its topic: a log, and a state machine ([`Machine`]) whose
//! state is what the records of that log come to. A request is decided by the machine, which knows neither log nor
//! clock; the shard appends what was decided and answers when that is durable. Here are the machine's contract and
//! the coordinator as a whole: which shard a key belongs to, how they begin to serve, and their one alarm.

mod answers;
mod batches;
mod load;
pub(crate) mod shard;
pub(crate) mod timer;

use std::fmt::Debug;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use ottla_env::Env;
use ottla_protocol::api::ErrorCode;
use ottla_protocol::records::Compression;
use ottla_protocol::wire::{DecodeError, EncodeError, Str};

#[cfg(test)]
pub(crate) use self::batches::batches;
use self::shard::Shard;
use self::timer::Timer;
use crate::directory::Topic;
use crate::partition::Terms;

/// Records that are loaded before the broker is open; what is left is loaded while it serves.
const LOADED_AT_OPEN_MAX: i64 = 20_000;

/// A request that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Token(pub(crate) u64);

/// One change of a coordinator's state, as it is written.
pub(crate) trait CoordinatorRecord: Clone + Debug + Send + 'static {
    /// What batches of these have for the sequence number that they do not have: not the same in all of Kafka's.
    const BASE_SEQUENCE: i32;

    /// Key and value, as they are written; no value says that what the key names is gone.
    ///
    /// # Errors
    /// A text that is longer than its place allows.
    fn encode(&self) -> Result<(Bytes, Option<Bytes>), EncodeError>;

    /// Reads a record back; `None` for one of a kind that means nothing here.
    ///
    /// # Errors
    /// Bytes that no release of Kafka writes.
    fn decode(key: &Bytes, value: Option<&Bytes>) -> Result<Option<Self>, DecodeError>;
}

/// Where a record lies in the log, and in whose transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) offset: i64,
    /// The producer whose transaction it is of; what it says counts once that is committed.
    pub(crate) producer_id: Option<i64>,
}

/// The transaction that records are appended in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InTransaction {
    pub(crate) producer_id: i64,
    pub(crate) producer_epoch: i16,
    /// What keeps them out when it has ended.
    pub(crate) terms: Terms,
}

/// The state of one partition of a coordinator's topic.
///
/// Time and requests go in, [`Effects`] come out. State changes by [`replay`](Self::replay), for a record that is
/// loaded and for one that was appended just now; what a machine keeps beside that (sessions, timers, who waits)
/// begins anew with [`loaded`](Self::loaded).
pub(crate) trait Machine: Sized + Send + 'static {
    /// What its log holds.
    type Record: CoordinatorRecord;
    /// What those are told who wait for something.
    type Answer: Debug + Send + 'static;
    /// What is done outside of it once records are durable.
    type Act: Debug + Send + 'static;
    /// Settings, and whatever all shards share.
    type Context: Send + Sync + 'static;

    /// The state of an empty log.
    fn new(context: &Self::Context) -> Self;

    /// Takes in a record of the log.
    fn replay(&mut self, record: &Self::Record);

    /// Takes in a record of the log, for a machine that has to know where it lies.
    fn replay_at(&mut self, record: &Self::Record, _place: Place) {
        self.replay(record);
    }

    /// Takes in the end of a producer's transaction: in the log, or durable just now.
    fn transaction_ended(&mut self, _producer_id: i64, _committed: bool) {}

    /// Takes in a record that was appended just now and is not durable yet.
    fn appended(&mut self, record: &Self::Record) {
        self.replay(record);
    }

    /// Says that all of the log was replayed: time begins to count, and what was left half done goes on.
    fn loaded(&mut self, now: Instant, now_ms: i64) -> Vec<Effects<Self>>;

    /// Says that a record is durable: what waited for it can go out.
    fn stored(&mut self, now: Instant, record: &Self::Record) -> Effects<Self>;

    /// The same, for a machine that has to know where it lies.
    fn stored_at(&mut self, now: Instant, record: &Self::Record, _place: Place) -> Effects<Self> {
        self.stored(now, record)
    }

    /// Says that a record was not appended, and why. Nothing was done in between.
    fn refused(&mut self, now: Instant, now_ms: i64, record: &Self::Record, code: ErrorCode)
    -> Effects<Self>;

    /// When to [`tick`](Self::tick) next, and not before; `None` when there is nothing to wait for.
    fn next_deadline(&self) -> Option<Instant>;

    /// Does what is due: effects that have nothing to do with each other by themselves.
    fn tick(&mut self, now: Instant, now_ms: i64) -> Vec<Effects<Self>>;

    /// Does what a decision asked for, in a task of its own; nothing is locked.
    fn act(shard: Arc<Shard<Self>>, act: Self::Act) -> impl Future<Output = ()> + Send + 'static;

    /// Is called once a shard serves, with nothing locked.
    fn serves(_shard: &Arc<Shard<Self>>) {}
}

/// What comes of a step.
#[must_use]
pub(crate) struct Effects<M: Machine> {
    /// What is to be appended, all at once and in this order.
    pub(crate) records: Vec<M::Record>,
    /// What is to be sent, once these records are durable, and all that were appended before.
    pub(crate) answers: Vec<(Token, M::Answer)>,
    /// What is to be done, once all of these are durable.
    pub(crate) acts: Vec<M::Act>,
}

impl<M: Machine> Effects<M> {
    /// Records to be appended, and nothing else.
    pub(crate) fn of_records(records: Vec<M::Record>) -> Self {
        Self { records, ..Self::default() }
    }

    /// Whether nothing comes of it.
    pub(crate) fn is_empty(&self) -> bool {
        self.records.is_empty() && self.answers.is_empty() && self.acts.is_empty()
    }
}

impl<M: Machine> Default for Effects<M> {
    fn default() -> Self {
        Self { records: Vec::new(), answers: Vec::new(), acts: Vec::new() }
    }
}

impl<M: Machine> Debug for Effects<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { records, answers, acts } = self;
        f.debug_struct("Effects")
            .field("records", records)
            .field("answers", answers)
            .field("acts", acts)
            .finish()
    }
}

/// What all shards of a coordinator share.
pub(crate) struct Shared<M: Machine> {
    pub(crate) env: Env,
    pub(crate) context: M::Context,
    /// Bytes that a load reads at a time.
    load_bytes: usize,
    /// How its batches are compressed.
    codec: Compression,
    /// How long a request waits for its records to be durable.
    store_timeout: Duration,
    timer: Timer,
    closed: AtomicBool,
}

/// A coordinator: its shards, once its topic exists.
pub(crate) struct Coordinator<M: Machine> {
    shared: Arc<Shared<M>>,
    shards: Arc<OnceLock<Shards<M>>>,
}

/// By partition; one without a log has none.
type Shards<M> = Vec<Option<Arc<Shard<M>>>>;

impl<M: Machine> Coordinator<M> {
    /// A coordinator whose topic does not exist yet.
    pub(crate) fn new(
        env: Env,
        context: M::Context,
        load_bytes: usize,
        codec: Compression,
        store_timeout: Duration,
    ) -> Self {
        let shared = Shared {
            env,
            context,
            load_bytes,
            codec,
            store_timeout,
            timer: Timer::default(),
            closed: AtomicBool::new(false),
        };
        Self { shared: Arc::new(shared), shards: Arc::default() }
    }

    /// Settings, and whatever the shards share.
    pub(crate) fn context(&self) -> &M::Context {
        &self.shared.context
    }

    /// How long a request waits for its records to be durable.
    pub(crate) fn store_timeout(&self) -> Duration {
        self.shared.store_timeout
    }

    /// The shard of a group, a transactional id, or whatever the topic keeps.
    ///
    /// # Errors
    /// `NOT_COORDINATOR` before the topic exists, and for a partition without a log.
    pub(crate) fn shard(&self, key: &str) -> Result<&Arc<Shard<M>>, ErrorCode> {
        let shards = self.shards.get().ok_or(ErrorCode::NOT_COORDINATOR)?;
        shards[partition_of(key, shards.len())].as_ref().ok_or(ErrorCode::NOT_COORDINATOR)
    }

    /// The partition of the topic that keeps a key; of a topic that does not exist yet, with so many partitions.
    pub(crate) fn partition_of(&self, key: &str, partitions: i32) -> i32 {
        let partitions = self.shards.get().map_or(usize::try_from(partitions).unwrap_or(1), Vec::len);
        i32::try_from(partition_of(key, partitions)).unwrap_or(0)
    }

    /// The shard that keeps a partition of the topic.
    ///
    /// # Errors
    /// `NOT_COORDINATOR` before the topic exists, and for a partition without a log.
    pub(crate) fn shard_of_partition(&self, index: i32) -> Result<&Arc<Shard<M>>, ErrorCode> {
        let shards = self.shards.get().ok_or(ErrorCode::NOT_COORDINATOR)?;
        let shard = usize::try_from(index).ok().and_then(|index| shards.get(index));
        shard.and_then(Option::as_ref).ok_or(ErrorCode::NOT_COORDINATOR)
    }

    /// All shards that there are.
    pub(crate) fn shards(&self) -> impl Iterator<Item = &Arc<Shard<M>>> {
        self.shards.get().into_iter().flatten().flatten()
    }

    /// Whether the topic exists.
    pub(crate) fn has_started(&self) -> bool {
        self.shards.get().is_some()
    }

    /// Begins to serve on the partitions of the topic; those with records have to be [loaded](Self::load) first.
    ///
    /// False says that it served already: then only the topic's configuration was changed.
    pub(crate) fn start(&self, topic: &Topic) -> bool {
        if self.has_started() {
            return false;
        }
        let batch_bytes_max = usize::try_from(topic.settings.max_message_bytes).unwrap_or(0);
        let shards = topic.partitions().map(|partition| {
            let partition = Arc::clone(partition?);
            let is_empty = partition.offsets().log_start == partition.offsets().high_watermark;
            let shard = Arc::new(Shard::new(Arc::clone(&self.shared), partition, batch_bytes_max));
            if is_empty {
                shard.loaded(M::new(&self.shared.context));
            }
            Some(shard)
        });
        if self.shards.set(shards.collect()).is_err() {
            return false;
        }
        let (shared, shards) = (Arc::clone(&self.shared), Arc::clone(&self.shards));
        self.shared.env.spawn(async move {
            while shared.timer.rings().await {
                shards.get().into_iter().flatten().flatten().for_each(Shard::tick);
            }
        });
        true
    }

    /// Loads what takes no time to load, and sees to it that the rest is loaded while the broker serves.
    pub(crate) async fn load(&self) {
        let mut left = LOADED_AT_OPEN_MAX;
        let mut later = Vec::new();
        for shard in self.shards().filter(|shard| shard.is_loading()) {
            let offsets = shard.partition.offsets();
            left = left.saturating_sub(offsets.high_watermark - offsets.log_start);
            if left >= 0 {
                Arc::clone(shard).load().await;
            } else {
                later.push(Arc::clone(shard));
            }
        }
        if !later.is_empty() {
            self.shared.env.spawn(async move {
                for shard in later {
                    shard.load().await;
                }
            });
        }
    }

    /// The wall clock, in Unix milliseconds.
    pub(crate) fn now_ms(&self) -> i64 {
        self.shared.env.now_ms()
    }

    /// Has something done beside the shards.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.shared.env.spawn(task);
    }

    /// Takes no more requests, and ends those that wait for others.
    pub(crate) fn close(&self) {
        self.shared.closed.store(true, Ordering::Release);
        self.shared.timer.close();
        self.shards().for_each(|shard| shard.close());
    }
}

impl<M: Machine> Drop for Coordinator<M> {
    fn drop(&mut self) {
        self.close();
    }
}

/// A text that is kept for longer than its request: a copy, because the whole frame would be kept with it.
pub(crate) fn kept(text: &Str) -> Str {
    Str::from(text.as_str())
}

/// The partition of a key: Java's hash of it, as Kafka takes it.
fn partition_of(key: &str, partitions: usize) -> usize {
    let hash =
        key.encode_utf16().fold(0i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)));
    // Kafka's abs: the least number has none, and counts as 0.
    let hash = usize::try_from(hash.checked_abs().unwrap_or(0)).unwrap_or(0);
    hash % partitions.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each was seen on Kafka 4.3.1, whose `__consumer_offsets` had 50 partitions.
    #[test]
    fn a_group_is_where_kafka_has_it() {
        for (group, partition) in
            [("", 0), ("g", 3), ("dup", 39), ("ids", 20), ("old", 19), ("cc", 18), ("kg", 20)]
        {
            assert_eq!(partition_of(group, 50), partition, "{group}");
        }
        assert_eq!(partition_of("polygenelubricants", 50), 0); // whose hash is the least number there is
        assert_eq!(partition_of("äö😀", 50), 3);
    }
}
