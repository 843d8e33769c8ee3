//! Records of a coordinator as batches, for one append.

use bytes::{Bytes, BytesMut};
use ottla_protocol::records::{AppendError, BatchBuilder, BatchOptions, Compression, NO_SEQUENCE};

use super::{CoordinatorRecord, InTransaction};

/// The largest record that is offered to the log, which takes far smaller ones only.
const RECORD_BYTES_MAX: usize = 256 << 20;

/// Batches that hold all records, for one append: each of at most so many bytes, or of a single record.
///
/// `None` for a record that has no form.
pub(crate) fn batches<R: CoordinatorRecord>(
    records: &[R],
    bytes_max: usize,
    codec: Compression,
    now_ms: i64,
    transaction: Option<&InTransaction>,
) -> Option<Bytes> {
    let mut options = BatchOptions::default().with_limits(bytes_max, RECORD_BYTES_MAX);
    options = options.with_compression(codec, None);
    options.base_sequence = R::BASE_SEQUENCE;
    if let Some(InTransaction { producer_id, producer_epoch, .. }) = transaction {
        options = options.with_producer(*producer_id, *producer_epoch, NO_SEQUENCE).with_transactional();
    }
    let mut whole = BytesMut::new();
    let mut batch = BatchBuilder::new(options.clone());
    for record in records {
        let (key, value) = record.encode().ok()?;
        let append = |batch: &mut BatchBuilder| batch.try_append(now_ms, Some(&key), value.as_deref(), &[]);
        match append(&mut batch) {
            Ok(_) => {}
            Err(AppendError::Full { .. }) => {
                let full = std::mem::replace(&mut batch, BatchBuilder::new(options.clone()));
                whole.extend_from_slice(&full.build().ok()?);
                append(&mut batch).ok()?;
            }
            Err(_) => return None,
        }
    }
    let last = batch.build().ok()?;
    if whole.is_empty() {
        return Some(last);
    }
    whole.extend_from_slice(&last);
    Some(whole.freeze())
}
