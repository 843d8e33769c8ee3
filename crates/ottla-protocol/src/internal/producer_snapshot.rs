// Generated from schema/data/producer_snapshot.txt by `cargo xtask codegen`: change that file and run it again.
//! The producers that a partition remembers: the file that lies beside its log.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::message::{Data, Encode, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, TaggedFields};

/// The producers, as they stood at the offset that the name of the file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProducerSnapshot {
    /// CRC-32C of all that follows.
    pub crc: u32,
    /// The producers.
    pub producer_entries: Vec<ProducerEntry>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Data for ProducerSnapshot {
    const NAME: &'static str = "ProducerSnapshot";
    const VERSIONS: RangeInclusive<i16> = 1..=1;
    const FLEXIBLE_FROM: Option<i16> = None;

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ProducerSnapshot {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ProducerSnapshot {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            crc: r.u32("crc"),
            producer_entries: r.array("producer_entries", ProducerEntry::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.u32(self.crc);
        s.array("producer_entries", &self.producer_entries, ProducerEntry::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ProducerSnapshot {
        with_crc(crc: u32);
        with_producer_entries(producer_entries: Vec<ProducerEntry>);
    }
}

/// One producer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProducerEntry {
    /// Id of the producer.
    pub producer_id: i64,
    /// Epoch of the producer.
    pub epoch: i16,
    /// Number of its last record.
    pub last_sequence: i32,
    /// Offset of its last record.
    pub last_offset: i64,
    /// How many records its last batch had, less one.
    pub offset_delta: i32,
    /// Largest timestamp of its last batch, in Unix milliseconds.
    pub timestamp: i64,
    /// Epoch of the coordinator that last ended a transaction of it here; -1 if none did.
    pub coordinator_epoch: i32,
    /// First offset of its open transaction; -1 if there is none.
    pub current_txn_first_offset: i64,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl ProducerEntry {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            producer_id: r.i64("producer_id"),
            epoch: r.i16("epoch"),
            last_sequence: r.i32("last_sequence"),
            last_offset: r.i64("last_offset"),
            offset_delta: r.i32("offset_delta"),
            timestamp: r.i64("timestamp"),
            coordinator_epoch: r.i32("coordinator_epoch"),
            current_txn_first_offset: r.i64("current_txn_first_offset"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i64(self.producer_id);
        s.i16(self.epoch);
        s.i32(self.last_sequence);
        s.i64(self.last_offset);
        s.i32(self.offset_delta);
        s.i64(self.timestamp);
        s.i32(self.coordinator_epoch);
        s.i64(self.current_txn_first_offset);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ProducerEntry {
        with_producer_id(producer_id: i64);
        with_epoch(epoch: i16);
        with_last_sequence(last_sequence: i32);
        with_last_offset(last_offset: i64);
        with_offset_delta(offset_delta: i32);
        with_timestamp(timestamp: i64);
        with_coordinator_epoch(coordinator_epoch: i32);
        with_current_txn_first_offset(current_txn_first_offset: i64);
    }
}
