//! The share-partitions that are in use, and the sessions of those who use them.
//!
//! A share-partition is opened when somebody first wants its records: its state is read from the share coordinator,
//! and a group that never read the partition begins where it is configured to, which is written at once, so that
//! no record is skipped however often the broker stops. What is decided of records is in [`super::partition`].

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ottla_protocol::api::ErrorCode;
use ottla_protocol::wire::{Str, Uuid};
use tokio::sync::Notify;

use super::machine::{Answer, Write};
use super::opened::Opened;
use super::partition::{Acquired, Change, Demand, Refusal, Said, SharePartition, Terms};
use super::record::SharePartitionKey;
use super::session::ShareSessions;
use crate::broker::Core;
use crate::config::group::{ShareConfig, ShareReset};
use crate::coordinator::shard::now;
use crate::partition::{BoxFuture, Partition};

/// How long the end of locks waits after something could not be written.
const WRITE_AGAIN: Duration = Duration::from_secs(1);

/// All share-partitions in use.
#[derive(Default)]
pub(crate) struct Hub {
    open: Opened<InUse>,
    sessions: Mutex<ShareSessions>,
    connections: AtomicU64,
}

/// A share-partition in use.
pub(crate) struct InUse {
    key: SharePartitionKey,
    log: Arc<dyn Partition>,
    state_epoch: i32,
    leader_epoch: i32,
    held: Mutex<Held>,
    /// Told when records can be handed out that could not before; who waited first hears of it first.
    changed: Arc<Notify>,
}

struct Held {
    partition: SharePartition,
    /// When the next look at the locks is planned.
    alarm: Option<Instant>,
    /// When the next look is worth it, after something could not be written.
    not_before: Option<Instant>,
    /// What is written is refused for good: another state has begun.
    is_fenced: bool,
}

impl ShareConfig {
    /// What limits a group in each partition.
    pub(crate) fn terms(&self) -> Terms {
        Terms {
            lock: self.record_lock_duration,
            deliveries_max: i16::try_from(self.delivery_count_limit).unwrap_or(i16::MAX),
            locks_max: i64::from(self.partition_max_record_locks),
            renews: self.renew_acknowledge,
        }
    }
}

impl Hub {
    pub(crate) fn sessions(&self) -> MutexGuard<'_, ShareSessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A share-partition that is open already.
    pub(crate) fn get(&self, key: &SharePartitionKey) -> Option<Arc<InUse>> {
        let in_use = self.open.get(key)?;
        if in_use.held().is_fenced {
            self.open.forget(key, &in_use);
            return None;
        }
        Some(in_use)
    }

    /// A share-partition, opened if it is not. Cancel safe.
    pub(crate) async fn enter(core: &Arc<Core>, key: &SharePartitionKey) -> Result<Arc<InUse>, ErrorCode> {
        let hub = &core.share.hub;
        match hub.get(key) {
            Some(in_use) => Ok(in_use),
            None => hub.open.enter(key, || open(core, key)).await,
        }
    }

    /// Forgets what is in flight of a group in a topic: its states are others now.
    pub(crate) fn forget(&self, group: &Str, topic: Uuid) {
        self.forget_all(|key| key.group == *group && key.topic == topic.0);
    }

    /// Forgets what is in flight of a topic that is gone.
    pub(crate) fn forget_topic(&self, topic: Uuid) {
        self.forget_all(|key| key.topic == topic.0);
    }

    fn forget_all(&self, is_meant: impl Fn(&SharePartitionKey) -> bool) {
        self.open.forget_all(is_meant, |in_use| {
            in_use.held().is_fenced = true;
            in_use.wake();
        });
    }

    /// What a new connection is called.
    pub(crate) fn next_connection(&self) -> u64 {
        self.connections.fetch_add(1, Ordering::Relaxed)
    }

    /// Ends the sessions that were begun on a connection.
    pub(crate) fn disconnected(core: &Arc<Core>, connection: u64) {
        let of_it = core.share.hub.sessions().of_connection(connection);
        for (group, member) in of_it {
            Self::left(core, &group, &member);
        }
    }

    /// Takes back all that a member was handed, and ends its session.
    pub(crate) fn left(core: &Arc<Core>, group: &Str, member: &Str) {
        let session = core.share.hub.sessions().remove(group, member);
        for (topic, partition) in session.into_iter().flatten() {
            let key = SharePartitionKey::new(group, Uuid(topic), partition);
            if let Some(in_use) = core.share.hub.get(&key) {
                in_use.release(core, member);
            }
        }
    }
}

async fn open(core: &Arc<Core>, key: &SharePartitionKey) -> Result<Arc<InUse>, ErrorCode> {
    let topic = core.directory.by_id(Uuid(key.topic)).ok_or(ErrorCode::UNKNOWN_TOPIC_ID)?;
    let log = topic.partition(key.partition).ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
    let log = Arc::clone(log.ok_or(ErrorCode::KAFKA_STORAGE_ERROR)?);
    let (leader_epoch, now_ms) = (log.leader_epoch(), core.env.now_ms());
    let read =
        core.share.step(key, |states, token| states.read(token, key, leader_epoch, true, now_ms)).await?;
    let state = match read {
        Answer::State(state) => state,
        Answer::Refused((code, _)) => return Err(code),
        Answer::Done | Answer::None => return Err(ErrorCode::UNKNOWN_SERVER_ERROR),
    };
    let config = core.configs.group(&key.group).share;
    let start = match state.start_offset {
        0.. => state.start_offset,
        _ => first_offset(&log, &config, now_ms).await?,
    };
    if state.start_offset < 0 {
        let write = Write {
            state_epoch: state.state_epoch,
            leader_epoch,
            start_offset: start,
            delivery_complete_count: 0,
            batches: Vec::new(),
        };
        let written =
            core.share.step(key, |states, token| states.write(token, key, &write, true, now_ms)).await?;
        if let Answer::Refused((code, _)) = written {
            return Err(code);
        }
    }
    let held = Held {
        partition: SharePartition::new(start, &state.batches),
        alarm: None,
        not_before: None,
        is_fenced: false,
    };
    Ok(Arc::new(InUse {
        key: key.clone(),
        log,
        state_epoch: state.state_epoch,
        leader_epoch,
        held: Mutex::new(held),
        changed: Arc::default(),
    }))
}

/// Where a group begins to read a partition that it never read.
async fn first_offset(log: &Arc<dyn Partition>, config: &ShareConfig, now_ms: i64) -> Result<i64, ErrorCode> {
    let offsets = log.offsets();
    Ok(match config.auto_offset_reset {
        ShareReset::Latest => offsets.high_watermark,
        ShareReset::Earliest => offsets.log_start,
        ShareReset::ByDuration(duration) => {
            let ago_ms = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
            let found = log.offset_for_timestamp(now_ms.saturating_sub(ago_ms)).await?;
            found.map_or(offsets.high_watermark, |found| found.offset)
        }
    })
}

impl InUse {
    pub(crate) fn log(&self) -> &Arc<dyn Partition> {
        &self.log
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self) {
        self.changed.notify_waiters();
    }

    /// Comes when records can be handed out that could not before this call. Cancel safe.
    pub(crate) fn changed(&self) -> BoxFuture<bool> {
        let changed = Arc::clone(&self.changed).notified_owned();
        Box::pin(async move {
            changed.await;
            true
        })
    }

    /// Where to read for somebody who wants records.
    pub(crate) fn next_offset(&self, terms: &Terms) -> Option<i64> {
        let mut held = self.held();
        held.partition.move_start(self.log.offsets().log_start);
        if held.is_fenced { None } else { held.partition.next_offset(terms) }
    }

    /// Hands records to a member, but for those of these ranges, which were never committed.
    #[expect(clippy::too_many_arguments, reason = "what was read, for whom, and under which terms")]
    pub(crate) fn acquire(
        self: &Arc<Self>,
        core: &Arc<Core>,
        member: &Str,
        from: i64,
        read: &[(i64, i64)],
        aborted: &[(i64, i64)],
        demand: Demand,
        terms: &Terms,
    ) -> Vec<Acquired> {
        let mut held = self.held();
        if held.is_fenced {
            return Vec::new();
        }
        let mut acquired = held.partition.acquire(now(), member, from, read, demand, terms);
        for (first, last) in aborted {
            if let Some(change) = held.partition.archive(member, *first, *last) {
                let written = self.write(core, &change);
                self.settle(core, change.id, written);
            }
            acquired = acquired.into_iter().flat_map(|run| without(run, *first, *last)).collect();
        }
        self.plan(core, &mut held);
        acquired
    }

    /// Hears what a member says of its records; comes when that is durable.
    pub(crate) fn acknowledge(
        self: &Arc<Self>,
        core: &Arc<Core>,
        member: &Str,
        said: &[Said],
    ) -> BoxFuture<Result<(), Refusal>> {
        let terms = core.configs.group(&self.key.group).share.terms();
        let mut held = self.held();
        if held.is_fenced {
            let code = ErrorCode::FENCED_STATE_EPOCH;
            return Box::pin(std::future::ready(Err((code, code.message()))));
        }
        let outcome = held.partition.acknowledge(now(), member, said, &terms);
        self.plan(core, &mut held);
        match outcome {
            Err(refusal) => Box::pin(std::future::ready(Err(refusal))),
            Ok(None) => Box::pin(std::future::ready(Ok(()))),
            Ok(Some(change)) => {
                let written = self.write(core, &change);
                let done = self.settle(core, change.id, written);
                Box::pin(async move {
                    let code = done.await.unwrap_or(ErrorCode::COORDINATOR_NOT_AVAILABLE);
                    if code.is_none() { Ok(()) } else { Err((code, code.message())) }
                })
            }
        }
    }

    /// Takes back what a member was handed.
    pub(crate) fn release(self: &Arc<Self>, core: &Arc<Core>, member: &Str) {
        let terms = core.configs.group(&self.key.group).share.terms();
        let mut held = self.held();
        if let Some(change) = held.partition.release(member, &terms) {
            let written = self.write(core, &change);
            let _later = self.settle(core, change.id, written);
        }
        drop(held);
        self.wake();
    }

    /// Takes back what was handed out for too long.
    fn expire(self: &Arc<Self>, core: &Arc<Core>) {
        let terms = core.configs.group(&self.key.group).share.terms();
        let mut held = self.held();
        held.alarm = None;
        let change = held.partition.expire(now(), &terms);
        if let Some(change) = &change {
            let written = self.write(core, change);
            let _later = self.settle(core, change.id, written);
        }
        self.plan(core, &mut held);
        drop(held);
        if change.is_some() {
            self.wake();
        }
    }

    /// Sees to it that somebody looks when the next lock ends.
    fn plan(self: &Arc<Self>, core: &Arc<Core>, held: &mut Held) {
        let Some(deadline) = held.partition.next_deadline() else { return };
        let deadline = held.not_before.map_or(deadline, |not_before| deadline.max(not_before));
        if held.alarm.is_some_and(|alarm| alarm <= deadline) {
            return;
        }
        held.alarm = Some(deadline);
        let (in_use, weak) = (Arc::downgrade(self), Arc::downgrade(core));
        core.env.spawn(async move {
            tokio::time::sleep_until(deadline.into()).await;
            if let (Some(in_use), Some(core)) = (in_use.upgrade(), weak.upgrade()) {
                in_use.expire(&core);
            }
        });
    }

    /// Begins to write a change; the order of the calls is that of the records.
    fn write(&self, core: &Core, change: &Change) -> BoxFuture<Result<Answer, ErrorCode>> {
        let write = Write {
            state_epoch: self.state_epoch,
            leader_epoch: self.leader_epoch,
            start_offset: change.start_offset,
            delivery_complete_count: change.complete_count,
            batches: change.batches.clone(),
        };
        let now_ms = core.env.now_ms();
        core.share.step(&self.key, |states, token| states.write(token, &self.key, &write, true, now_ms))
    }

    /// Settles a change once it is known what became of it, whoever waits for that; then says it.
    fn settle(
        self: &Arc<Self>,
        core: &Arc<Core>,
        id: u64,
        written: BoxFuture<Result<Answer, ErrorCode>>,
    ) -> tokio::sync::oneshot::Receiver<ErrorCode> {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let (in_use, weak) = (Arc::clone(self), Arc::downgrade(core));
        core.env.spawn(async move {
            let code = match written.await {
                Ok(Answer::Refused((code, _))) | Err(code) => code,
                Ok(_) => ErrorCode::NONE,
            };
            let mut held = in_use.held();
            held.partition.settle(id, code.is_none());
            held.not_before = (!code.is_none()).then(|| now() + WRITE_AGAIN);
            if let Some(core) = weak.upgrade() {
                in_use.plan(&core, &mut held);
            }
            held.is_fenced |= matches!(
                code,
                ErrorCode::FENCED_STATE_EPOCH | ErrorCode::FENCED_LEADER_EPOCH | ErrorCode::INVALID_REQUEST
            );
            drop(held);
            in_use.wake();
            let _gone = sender.send(code);
        });
        receiver
    }
}

/// What is left of a run without these offsets.
fn without(run: Acquired, first: i64, last: i64) -> Vec<Acquired> {
    if last < run.first || first > run.last {
        return vec![run];
    }
    let before = Acquired { last: first - 1, ..run };
    let after = Acquired { first: last + 1, ..run };
    [before, after].into_iter().filter(|run| run.first <= run.last).collect()
}
