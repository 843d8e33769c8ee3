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
