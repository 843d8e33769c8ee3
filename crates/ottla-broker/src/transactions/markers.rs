//! Markers: what tells each partition of a transaction how it ended.
//!
//! They are written once the outcome is durable, by a task of their own, again after a start, and again after a
//! failure: a partition that has its marker already takes another without harm, as long as the transaction is not complete.
//! Behind that, one more would end the producer's next transaction, if it has the same epoch (before version 2 of
//! transactions). So a shard that is loaded anew, and has them written anew, ends the task of before: each
//! marker is appended under the lock of the shard that still waits for it. Only when all are durable is the transaction
//! complete.

use std::sync::{Arc, Weak};
use std::time::Duration;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::wire::Str;

use super::machine::Transactions;
use super::transaction::{Participant, Producer};
use crate::broker::Core;
use crate::coordinator::shard::Shard;
use crate::partition::{BoxFuture, Marker};
use crate::topic_name::OFFSETS_TOPIC;

/// The pause before a marker is tried again that could not be written; each next one is twice as long.
const FIRST_RETRY: Duration = Duration::from_millis(100);

/// The longest pause before a marker is tried again: a disk that fails for good is not asked, nor logged, without end.
const LONGEST_RETRY: Duration = Duration::from_secs(5);

/// The markers of one transaction.
#[derive(Clone, Debug)]
pub(crate) struct Markers {
    /// The transactional id.
    pub(super) id: Str,
    pub(super) producer: Producer,
    pub(super) commits: bool,
    /// The transaction version by whose rules they end it.
    pub(super) version: i16,
    /// Who gets one still.
    pub(super) participants: Vec<Participant>,
    /// Stands for the state that waits for them.
    pub(super) awaited_by: Arc<()>,
}

/// Writes markers until all are durable, and then that the transaction is complete.
pub(super) async fn write(shard: Arc<Shard<Transactions>>, mut markers: Markers) {
    let mut pause = FIRST_RETRY;
    loop {
        let Some(core) = shard.shared.context.core.get().and_then(Weak::upgrade) else { return };
        let Some(missing) = missing(&core, &shard, &markers).await else { return };
        markers.participants = missing;
        drop(core);
        let is_done = markers.participants.is_empty() && complete(&shard, &markers);
        if is_done || shard.is_closed() {
            return;
        }
        if pause == FIRST_RETRY {
            let Ok(mut locked) = shard.enter() else { return };
            let told = locked.machine_mut().delayed(&markers);
            let _no_records = locked.perform(told);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_RETRY);
    }
}

/// Writes that a transaction is complete; false asks for another try.
fn complete(shard: &Arc<Shard<Transactions>>, markers: &Markers) -> bool {
    // A shard that is loaded anew writes them anew.
    let Ok(mut locked) = shard.enter() else { return true };
    let now_ms = shard.shared.env.now_ms();
    let (told, written) = locked.machine_mut().completed(now_ms, markers);
    let is_written = locked.perform(written).is_ok();
    let _no_records = locked.perform(told);
    is_written
}

/// Writes markers, and waits for them: those who have none then. `None` when they are not waited for any more.
async fn missing(
    core: &Arc<Core>,
    shard: &Arc<Shard<Transactions>>,
    markers: &Markers,
) -> Option<Vec<Participant>> {
    let marker = Marker {
        committed: markers.commits,
        producer_id: markers.producer.0,
        producer_epoch: markers.producer.1,
        coordinator_epoch: shard.partition.leader_epoch(),
        transaction_version: markers.version,
    };
    // All are appended before any is waited for, so that one sync serves them.
    let append = |participant| {
        let locked = shard.enter().ok()?;
        let is_awaited = locked.machine().is_current(markers);
        is_awaited.then(|| (participant, append(core, participant, marker)))
    };
    let appends: Option<Vec<_>> = markers.participants.iter().map(append).collect();
    let mut missing = Vec::new();
    for (participant, append) in appends? {
        if let Err(code) = append.await {
            let (topic, partition) = participant;
            let id = &markers.id;
            tracing::warn!(%id, %code, %topic, partition, "the end of a transaction could not be told to a partition yet");
            missing.push(participant.clone());
        }
    }
    Some(missing)
}

/// Appends a marker; it needs none where the partition is gone, or knows a later transaction of the producer.
fn append(
    core: &Arc<Core>,
    (topic, index): &Participant,
    marker: Marker,
) -> BoxFuture<Result<(), ErrorCode>> {
    let ready = |outcome| -> BoxFuture<Result<(), ErrorCode>> { Box::pin(std::future::ready(outcome)) };
    let Some(found) = core.directory.by_name(topic) else { return ready(Ok(())) };
    let partition = match found.partition(*index) {
        Some(Some(partition)) => partition,
        Some(None) => return ready(Err(ErrorCode::KAFKA_STORAGE_ERROR)),
        None => return ready(Ok(())),
    };
    let appended = match topic.as_str() {
        // Its offsets follow.
        OFFSETS_TOPIC => core.groups.append_marker(*index, marker),
        _ => match partition.append_marker(marker, core.env.now_ms()) {
            Ok(append) => append.acknowledged.unwrap_or_else(|| ready(Ok(()))),
            Err(refused) => ready(Err(refused.code)),
        },
    };
    let (topic, index) = (topic.clone(), *index);
    Box::pin(async move {
        match appended.await {
            Err(code @ (ErrorCode::INVALID_PRODUCER_EPOCH | ErrorCode::TRANSACTION_COORDINATOR_FENCED)) => {
                tracing::warn!(%code, %topic, index, "a partition knows a later transaction of the producer");
                Ok(())
            }
            outcome => outcome,
        }
    })
}
