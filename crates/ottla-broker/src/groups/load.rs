//! Loading a shard: its log is replayed, and the groups begin to wait for their members again.
//!
//! State changes by the same records as while it serves. Offsets of topics that are gone are removed then, in
//! case the broker stopped between the removal of a topic and that of its offsets.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use ottla_protocol::api::ErrorCode;
use ottla_protocol::records::Batch;
use ottla_protocol::wire::{Chunk, DecodeLimits, Records};
use ottla_storage::{FileRange, Isolation};

use super::classic::ClassicGroups;
use super::offsets::OffsetStore;
use super::record::GroupRecord;
use super::shard::Shard;
use crate::partition::Reading;

impl Shard {
    /// Loads what the log holds, and begins to serve; or fails, and says why in the log of the broker.
    pub(super) async fn load(self: Arc<Self>) {
        let mut loading = Loading {
            groups: ClassicGroups::new(self.shared.settings.classic.clone()),
            offsets: OffsetStore::default(),
        };
        match loading.replay(&self).await {
            Ok(()) => {
                self.loaded(loading.groups, loading.offsets);
                self.remove_leftovers();
            }
            Err(code) => {
                tracing::error!(%code, partition = ?self.partition, "groups and offsets cannot be loaded");
                self.failed();
            }
        }
    }
}

struct Loading {
    groups: ClassicGroups,
    offsets: OffsetStore,
}

impl Loading {
    async fn replay(&mut self, shard: &Shard) -> Result<(), ErrorCode> {
        let offsets = shard.partition.offsets();
        let mut at = offsets.log_start;
        while at < offsets.high_watermark {
            let read = match shard.partition.read(
                at,
                shard.shared.settings.load_bytes,
                true,
                Isolation::ReadUncommitted,
            ) {
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
        if batch.header().attributes.is_control() {
            return Ok(());
        }
        let records = batch.records(&DecodeLimits::default()).map_err(|_| ErrorCode::CORRUPT_MESSAGE)?;
        for record in &records {
            let record = record.map_err(|_| ErrorCode::CORRUPT_MESSAGE)?;
            let Some(key) = record.key.map(Bytes::copy_from_slice) else { continue };
            let value = record.value.map(Bytes::copy_from_slice);
            match GroupRecord::decode(&key, value.as_ref()) {
                Ok(Some(record)) => self.apply(&record),
                Ok(None) => {
                    tracing::debug!(offset = record.offset, "a record of another protocol is passed over")
                }
                Err(error) => {
                    tracing::error!(%error, offset = record.offset, "a group record cannot be read");
                    return Err(ErrorCode::CORRUPT_MESSAGE);
                }
            }
        }
        Ok(())
    }

    fn apply(&mut self, record: &GroupRecord) {
        match record {
            GroupRecord::Group { .. } => self.groups.replay(record),
            GroupRecord::Offset { group, topic, partition, value } => {
                if value.is_some() {
                    self.groups.has_offsets(group);
                }
                self.offsets.apply(group, topic, *partition, value.as_ref());
            }
        }
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
