// Generated from schema/data/transaction_log.txt by `cargo xtask codegen`: change that file and run it again.
//! `TransactionLog` (record type 0 of the transaction coordinator): where the transaction of a
//! transactional id stands.
//!
//! v1 is the first flexible version (KIP-915), with the producer ids that come before and after
//! (KIP-890).

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::message::{Data, Encode, setters};
use crate::wire::{
    DecodeError, EncodeError, I32Array, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields,
};

/// Which transactional id it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransactionLogKey {
    /// Name of the transactional producer.
    pub transactional_id: Str,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl TransactionLogKey {
    /// Type of the record, which stands where other structures have their version.
    pub const RECORD_TYPE: i16 = 0;
}

impl Data for TransactionLogKey {
    const NAME: &'static str = "TransactionLogKey";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = None;

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for TransactionLogKey {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl TransactionLogKey {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { transactional_id: r.string("transactional_id"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("transactional_id", &self.transactional_id);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    TransactionLogKey {
        with_transactional_id(transactional_id: impl Into<Str>);
    }
}

/// Its producer, and the transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransactionLogValue {
    /// Id of the producer; -1 if it has none.
    pub producer_id: i64,
    /// Id that the producer had in the transaction before; -1 if it is not known. v1+. Default `-1`.
    pub previous_producer_id: i64,
    /// Id that the producer gets next; -1 if that is not decided. v1+. Default `-1`.
    pub next_producer_id: i64,
    /// Epoch of the producer, which grows each time another instance takes over.
    pub producer_epoch: i16,
    /// Epoch that goes with that id; -1 if that is not decided. v1+. Default `-1`.
    pub next_producer_epoch: i16,
    /// After how long the coordinator aborts an idle transaction, in milliseconds.
    pub transaction_timeout_ms: i32,
    /// State: 0 empty, 1 ongoing, 2 prepared to commit, 3 to abort, 4 committed, 5 aborted, 6 dead, 7 about
    /// to be fenced.
    pub transaction_status: i8,
    /// The topics with partitions in the transaction; null if it is over.
    pub transaction_partitions: Option<Vec<PartitionsSchema>>,
    /// When it last changed, in Unix milliseconds.
    pub transaction_last_update_timestamp_ms: i64,
    /// When it began, in Unix milliseconds; -1 if none is open.
    pub transaction_start_timestamp_ms: i64,
    /// Rules that the client follows: 0 and 1 the older ones, 2 those of KIP-890. v1+.
    pub client_transaction_version: i16,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for TransactionLogValue {
    fn default() -> Self {
        Self {
            producer_id: 0,
            previous_producer_id: -1,
            next_producer_id: -1,
            producer_epoch: 0,
            next_producer_epoch: -1,
            transaction_timeout_ms: 0,
            transaction_status: 0,
            transaction_partitions: Some(Vec::new()),
            transaction_last_update_timestamp_ms: 0,
            transaction_start_timestamp_ms: 0,
            client_transaction_version: 0,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Data for TransactionLogValue {
    const NAME: &'static str = "TransactionLogValue";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(1);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for TransactionLogValue {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl TransactionLogValue {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        let mut message = Self {
            producer_id: r.i64("producer_id"),
            producer_epoch: r.i16("producer_epoch"),
            transaction_timeout_ms: r.i32("transaction_timeout_ms"),
            transaction_status: r.i8("transaction_status"),
            transaction_partitions: r.nullable_array("transaction_partitions", PartitionsSchema::read),
            transaction_last_update_timestamp_ms: r.i64("transaction_last_update_timestamp_ms"),
            transaction_start_timestamp_ms: r.i64("transaction_start_timestamp_ms"),
            previous_producer_id: -1,
            next_producer_id: -1,
            next_producer_epoch: -1,
            client_transaction_version: 0,
            unknown_tags: TaggedFields::new(),
        };
        message.unknown_tags = r.known_tags(&mut |r, tag| {
            match tag {
                0 if r.version >= 1 => message.previous_producer_id = r.i64("previous_producer_id"),
                1 if r.version >= 1 => message.next_producer_id = r.i64("next_producer_id"),
                3 if r.version >= 1 => message.next_producer_epoch = r.i16("next_producer_epoch"),
                2 if r.version >= 1 => {
                    message.client_transaction_version = r.i16("client_transaction_version")
                }
                _ => return false,
            }
            true
        });
        message
    }

    fn write(&self, s: &mut LeanSink) {
        s.i64(self.producer_id);
        s.i16(self.producer_epoch);
        s.i32(self.transaction_timeout_ms);
        s.i8(self.transaction_status);
        s.nullable_array(
            "transaction_partitions",
            self.transaction_partitions.as_deref(),
            PartitionsSchema::write,
        );
        s.i64(self.transaction_last_update_timestamp_ms);
        s.i64(self.transaction_start_timestamp_ms);
        let mut known = TaggedFields::new();
        if self.previous_producer_id != -1 {
            if s.version < 1 {
                s.not_in_version("previous_producer_id");
            } else {
                s.tag(&mut known, 0, &mut |s| {
                    s.i64(self.previous_producer_id);
                });
            }
        }
        if self.next_producer_id != -1 {
            if s.version < 1 {
                s.not_in_version("next_producer_id");
            } else {
                s.tag(&mut known, 1, &mut |s| {
                    s.i64(self.next_producer_id);
                });
            }
        }
        if self.client_transaction_version != 0 {
            if s.version < 1 {
                s.not_in_version("client_transaction_version");
            } else {
                s.tag(&mut known, 2, &mut |s| {
                    s.i16(self.client_transaction_version);
                });
            }
        }
        if self.next_producer_epoch != -1 {
            if s.version < 1 {
                s.not_in_version("next_producer_epoch");
            } else {
                s.tag(&mut known, 3, &mut |s| {
                    s.i16(self.next_producer_epoch);
                });
            }
        }
        s.known_tags(&known, &self.unknown_tags);
    }
}

setters! {
    TransactionLogValue {
        with_producer_id(producer_id: i64);
        with_previous_producer_id(previous_producer_id: i64);
        with_next_producer_id(next_producer_id: i64);
        with_producer_epoch(producer_epoch: i16);
        with_next_producer_epoch(next_producer_epoch: i16);
        with_transaction_timeout_ms(transaction_timeout_ms: i32);
        with_transaction_status(transaction_status: i8);
        with_transaction_partitions(transaction_partitions: Option<Vec<PartitionsSchema>>);
        with_transaction_last_update_timestamp_ms(transaction_last_update_timestamp_ms: i64);
        with_transaction_start_timestamp_ms(transaction_start_timestamp_ms: i64);
        with_client_transaction_version(client_transaction_version: i16);
    }
}

/// Partitions of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartitionsSchema {
    /// Name of the topic.
    pub topic: Str,
    /// Numbers of the partitions.
    pub partition_ids: I32Array,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl PartitionsSchema {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { topic: r.string("topic"), partition_ids: r.i32_array("partition_ids"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("topic", &self.topic);
        s.i32_array("partition_ids", &self.partition_ids);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    PartitionsSchema {
        with_topic(topic: impl Into<Str>);
        with_partition_ids(partition_ids: impl Into<I32Array>);
    }
}
