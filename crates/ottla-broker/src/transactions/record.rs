//! The records of `__transaction_state`, as Kafka 4.3.1 writes them.
//!
//! A key names a transactional id; the latest value with that key says all about it, and a null value says that it
//! expired. What they mean is in [`super::transaction`].

use bytes::Bytes;
use ottla_protocol::internal::{TransactionCoordinatorKey, TransactionLogKey, TransactionLogValue};
use ottla_protocol::message::Data;
use ottla_protocol::wire::{DecodeError, EncodeError, Str};

use crate::coordinator::CoordinatorRecord;

/// The version of the values while `transaction.version` is 0.
const OLD_VERSION: i16 = 0;
/// The version of the values since `transaction.version` 1: it has room for the ids before and after.
const VERSION: i16 = 1;

/// What a transactional id is from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TransactionRecord {
    /// The transactional id.
    pub(crate) id: Str,
    /// Its producer and transaction; `None` for an id that expired.
    pub(crate) value: Option<TransactionLogValue>,
    /// The epoch that the producer had before; -1 if that is not known. Not written: a producer that was told of its
    /// epoch, and asks again after a restart, is fenced, as in Kafka.
    pub(crate) last_producer_epoch: i16,
}

impl CoordinatorRecord for TransactionRecord {
    const BASE_SEQUENCE: i32 = -1;

    fn encode(&self) -> Result<(Bytes, Option<Bytes>), EncodeError> {
        let key = TransactionLogKey::default().with_transactional_id(self.id.clone());
        let encode = |value: &TransactionLogValue| {
            // Only the older form has no producer before.
            let is_old = value.previous_producer_id == -1;
            value.encode_versioned(if is_old { OLD_VERSION } else { VERSION })
        };
        let value = self.value.as_ref().map(encode).transpose()?;
        Ok((TransactionCoordinatorKey::TransactionLog(key).encode()?, value))
    }

    fn decode(key: &Bytes, value: Option<&Bytes>) -> Result<Option<Self>, DecodeError> {
        let key = match TransactionCoordinatorKey::decode(key) {
            Ok(key) => key,
            Err(DecodeError::UnknownRecordType { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let TransactionCoordinatorKey::TransactionLog(TransactionLogKey { transactional_id: id, .. }) = key
        else {
            return Ok(None);
        };
        let value = value.map(TransactionLogValue::decode_versioned).transpose()?;
        Ok(Some(Self { id, value, last_producer_epoch: -1 }))
    }
}

#[cfg(test)]
mod tests {
    use ottla_protocol::records::Compression;
    use std::collections::BTreeSet;

    use super::*;
    use crate::coordinator::batches;
    use crate::transactions::transaction::{State, Transaction};

    /// Where the part of a batch begins that the log does not set.
    const MAGIC_AT: usize = 16;

    /// What Kafka 4.3.1 wrote for a producer that initialized itself, added a partition, and committed.
    const KAFKAS: [(i64, &str); 4] = [
        (
            0x1a2_0519_47dc,
            "00000000000000000000006c00000000025638ebf2000000000000000001a2051947dc000001a2051947dcffffffffffffffff\
             ffffffffffff00000001740000000e000000037478315a0001000000000000000000000000ea600000000001a2051947d8ffff\
             ffffffffffff0100080000000000000000 00",
        ),
        (
            0x1a2_0519_485b,
            "0000000000000001000000790000000002846d9fe8000000000000000001a20519485b000001a20519485bffffffffffffffff\
             ffffffffffff000000018c010000000e00000003747831720001000000000000000000000000ea600102026102000000000000\
             0001a20519485a000001a20519485a02000800000000000000000202000200",
        ),
        (
            0x1a2_0519_4a37,
            "0000000000000002000000790000000002de94fd19000000000000000001a205194a37000001a205194a37ffffffffffffffff\
             ffffffffffff000000018c010000000e00000003747831720001000000000000000000010000ea600202026102000000000000\
             0001a205194a36000001a20519485a02000800000000000000000202000200",
        ),
        (
            0x1a2_0519_4a66,
            "0000000000000003000000700000000 0024cf1d789000000000000000001a205194a66000001a205194a66ffffffffffffffff\
             ffffffffffff000000017c0000000e00000003747831620001000000000000000000010000ea600401000001a205194a3b0000\
             01a20519485a02000800000000000000000202000200",
        ),
    ];

    fn bytes(hex: &str) -> Vec<u8> {
        let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        digits.chunks(2).map(byte).collect()
    }

    #[test]
    fn a_transaction_is_written_byte_by_byte_as_kafka_writes_it() {
        let partition = BTreeSet::from([(Str::from("a"), 0)]);
        let empty = Transaction::new(0, 60_000, 0).init(0x1a2_0519_47d8, 60_000, None, 2, None).unwrap();
        let ongoing = empty.add(0x1a2_0519_485a, (0, 0), &partition, 2).unwrap();
        let prepared = ongoing.end(0x1a2_0519_4a36, (0, 0), true, 2, None).unwrap();
        let complete = prepared.complete(0x1a2_0519_4a3b).unwrap();
        assert_eq!(complete.state, State::CompleteCommit);
        for (step, (now_ms, kafkas)) in [empty, ongoing, prepared, complete].iter().zip(KAFKAS) {
            let record = TransactionRecord {
                id: Str::from("tx1"),
                value: Some(step.to_record(2)),
                last_producer_epoch: -1,
            };
            let ours = batches(&[record], 1 << 20, Compression::None, now_ms, None).unwrap();
            assert_eq!(ours[MAGIC_AT..], bytes(kafkas)[MAGIC_AT..], "{:?}", step.state);
        }
    }
}
