//! Loading a shard: its log is replayed, and then it serves.
//!
//! State changes by the same records as while it serves.

use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use ottla_protocol::api::ErrorCode;
use ottla_protocol::records::{Batch, ControlRecord, EndTxnMarker};
use ottla_protocol::wire::{Chunk, DecodeLimits, Records};
use ottla_storage::{FileRange, Isolation};

use super::shard::Shard;
use super::{CoordinatorRecord, Machine, Place};
use crate::partition::Reading;

/// The pause before a log is read again that could not be read; each next one is twice as long.
const FIRST_RETRY: Duration = Duration::from_secs(1);
const LONGEST_RETRY: Duration = Duration::from_secs(60);

impl<M: Machine> Shard<M> {
    /// Loads what the log holds, and begins to serve; or fails, and says why in the log of the broker. What could not be
    /// read is read again later; what is no log of a coordinator stays so.
    pub(super) async fn load(self: Arc<Self>) {
        if let Err(code) = self.try_load().await {
            self.failed();
            if code != ErrorCode::CORRUPT_MESSAGE {
                self.shared.env.spawn(load_again(Arc::downgrade(&self)));
            }
        }
    }

    async fn try_load(self: &Arc<Self>) -> Result<(), ErrorCode> {
        let mut loading = Loading { machine: M::new(&self.shared.context) };
        let outcome = loading.replay(self).await;
        match outcome {
            Ok(()) => self.loaded(loading.machine),
            Err(code) => {
                tracing::error!(%code, partition = ?self.partition, "a coordinator's state cannot be loaded");
            }
        }
        outcome
    }
}

/// Loads a shard that failed, for as long as there is a broker that wants it.
async fn load_again<M: Machine>(shard: Weak<Shard<M>>) {
    let mut pause = FIRST_RETRY;
    loop {
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_RETRY);
        let Some(shard) = shard.upgrade().filter(|shard| !shard.is_closed()) else { return };
        if matches!(shard.try_load().await, Ok(()) | Err(ErrorCode::CORRUPT_MESSAGE)) {
            return;
        }
    }
}

struct Loading<M> {
    machine: M,
}

impl<M: Machine> Loading<M> {
    async fn replay(&mut self, shard: &Shard<M>) -> Result<(), ErrorCode> {
        let offsets = shard.partition.offsets();
        let mut at = offsets.log_start;
        while at < offsets.high_watermark {
            let read =
                match shard.partition.read(at, shard.shared.load_bytes, true, Isolation::ReadUncommitted) {
                    Reading::Now(read) => read?,
                    Reading::Later(read) => read.await?,
                };
            let before = at;
            let mut bytes = in_memory(read.records).await?;
            while let Some(batch) = Batch::split_first(&mut bytes).map_err(|_| ErrorCode::CORRUPT_MESSAGE)? {
                let header = batch.header();
                at = header.base_offset + i64::from(header.last_offset_delta) + 1;
                self.replay_batch(&batch)?;
            }
            if at <= before {
                return Err(ErrorCode::CORRUPT_MESSAGE);
            }
        }
        Ok(())
    }

    fn replay_batch(&mut self, batch: &Batch) -> Result<(), ErrorCode> {
        if !batch.crc_is_valid() {
            return Err(ErrorCode::CORRUPT_MESSAGE);
        }
        let header = *batch.header();
        if header.attributes.is_control() {
            return self.replay_marker(batch);
        }
        let is_transactional = header.attributes.is_transactional() && header.has_producer_id();
        let producer_id = is_transactional.then_some(header.producer_id);
        let records = batch.records(&DecodeLimits::default()).map_err(|_| ErrorCode::CORRUPT_MESSAGE)?;
        for record in &records {
            let record = record.map_err(|_| ErrorCode::CORRUPT_MESSAGE)?;
            let Some(key) = record.key.map(Bytes::copy_from_slice) else { continue };
            let value = record.value.map(Bytes::copy_from_slice);
            match M::Record::decode(&key, value.as_ref()) {
                Ok(Some(decoded)) => {
                    self.machine.replay_at(&decoded, Place { offset: record.offset, producer_id });
                }
                Ok(None) => {
                    tracing::debug!(offset = record.offset, "a record of another protocol is passed over")
                }
                Err(error) => {
                    tracing::error!(%error, offset = record.offset, "a coordinator's record cannot be read");
                    return Err(ErrorCode::CORRUPT_MESSAGE);
                }
            }
        }
        Ok(())
    }

    fn replay_marker(&mut self, batch: &Batch) -> Result<(), ErrorCode> {
        let records = batch.records(&DecodeLimits::default()).map_err(|_| ErrorCode::CORRUPT_MESSAGE)?;
        for record in &records {
            let record = record.map_err(|_| ErrorCode::CORRUPT_MESSAGE)?;
            let marker = ControlRecord::parse(&record).and_then(|control| EndTxnMarker::parse(&control));
            if let Some(marker) = marker.map_err(|_| ErrorCode::CORRUPT_MESSAGE)? {
                self.machine.transaction_ended(batch.header().producer_id, marker.committed);
            }
        }
        Ok(())
    }
}

/// Record data in one piece, what lies in files read in without blocking.
async fn in_memory(records: Records<FileRange>) -> Result<Bytes, ErrorCode> {
    let chunks = match records {
        Records::Bytes(bytes) => return Ok(bytes),
        Records::Chunks(chunks) => chunks,
    };
    let mut all = BytesMut::new();
    for chunk in chunks {
        match chunk {
            Chunk::Bytes(bytes) => all.extend_from_slice(&bytes),
            Chunk::External { source, .. } => {
                all.extend_from_slice(&source.load().await.map_err(|_| ErrorCode::KAFKA_STORAGE_ERROR)?);
            }
        }
    }
    Ok(all.freeze())
}
