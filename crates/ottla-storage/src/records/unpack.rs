//! From stored bytes to plain records, copying nothing that is not compressed.
//!
//! Where the bytes come from and what follows from an error is decided by who reads: [`super::reader`] or
//! the follower of another process.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use ottla_protocol::records::{BATCH_HEADER_LEN, Batch, BatchError, BatchHeader, Compression, RecordIter};
use ottla_protocol::wire::DecodeLimits;

use super::{Record, RecordHeader};
use crate::offset::Offset;

/// Batches that were read and not looked at yet, and the records of the one that is.
#[derive(Debug, Default)]
pub(crate) struct Unpacked {
    /// Batches one behind the other; one may go from a piece into the next, behind its header.
    pieces: VecDeque<Bytes>,
    records: VecDeque<Record>,
}

/// A batch that cannot be taken apart.
#[derive(Debug)]
pub(crate) struct Undecodable {
    /// The offset behind it.
    pub(crate) next: i64,
    pub(crate) source: BatchError,
}

impl Unpacked {
    /// Takes what a read answered.
    pub(crate) fn push(&mut self, piece: Bytes) {
        self.pieces.push_back(piece);
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.pieces.clear();
        self.records.clear();
    }

    /// The next record from offset `next` on, which moves behind it, and behind batches that have none. `None` when more has to be read.
    pub(crate) fn pop(&mut self, next: &mut i64) -> Result<Option<Record>, Undecodable> {
        loop {
            if let Some(record) = self.records.pop_front() {
                *next = record.offset.0 + 1;
                return Ok(Some(record));
            }
            let Some((header, records)) = self.next_batch()? else { return Ok(None) };
            // Markers of transactions are no records of anybody's.
            if header.last_offset() >= *next && !header.attributes.is_control() {
                let undecodable = |source| Undecodable { next: header.next_offset(), source };
                for record in RecordIter::new(&header, &records) {
                    let record = owned(&record.map_err(undecodable)?, &records).map_err(undecodable)?;
                    if record.offset.0 >= *next {
                        self.records.push_back(record);
                    }
                }
            }
            if self.records.is_empty() {
                *next = header.next_offset().max(*next);
            }
        }
    }

    /// The next batch: its header, and its records without their codec.
    fn next_batch(&mut self) -> Result<Option<(BatchHeader, Bytes)>, Undecodable> {
        let Some(mut first) = self.pieces.pop_front() else { return Ok(None) };
        let nothing_more = |source| Undecodable { next: i64::MIN, source };
        let header = BatchHeader::parse(&first).map_err(nothing_more)?;
        let undecodable = |source| Undecodable { next: header.next_offset(), source };
        let len = header.size();
        let compression = header.attributes.compression().map_err(undecodable)?;
        let is_split = first.len() == BATCH_HEADER_LEN && compression == Compression::None;
        if is_split
            && let Some(second) = self.pieces.front_mut()
            && second.len() >= len - BATCH_HEADER_LEN
        {
            // As the newest batches are kept in memory: the header, which the log has changed, and the rest.
            let records = second.split_to(len - BATCH_HEADER_LEN);
            if second.is_empty() {
                self.pieces.pop_front();
            }
            return Ok(Some((header, records)));
        }
        while first.len() < len {
            let Some(second) = self.pieces.pop_front() else {
                let (needed, remaining) = (len, first.len());
                return Err(undecodable(BatchError::Truncated { field: "batch", needed, remaining }));
            };
            let mut joined = BytesMut::with_capacity(first.len() + second.len());
            joined.extend_from_slice(&first);
            joined.extend_from_slice(&second);
            first = joined.freeze();
        }
        let bytes = first.split_to(len);
        if !first.is_empty() {
            self.pieces.push_front(first);
        }
        let records = Batch::parse(bytes).and_then(|batch| batch.records(&DecodeLimits::DEFAULT));
        Ok(Some((header, records.map_err(undecodable)?.bytes().clone())))
    }
}

/// The record as slices of the bytes that it was found in.
fn owned(record: &ottla_protocol::records::Record<'_>, bytes: &Bytes) -> Result<Record, BatchError> {
    let slice = |part: &[u8]| bytes.slice_ref(part);
    let headers = record.headers().map(|header| {
        let header = header?;
        Ok(RecordHeader { key: slice(header.key), value: header.value.map(slice) })
    });
    Ok(Record {
        offset: Offset(record.offset),
        timestamp_ms: record.timestamp,
        key: record.key.map(slice),
        value: record.value.map(slice),
        headers: headers.collect::<Result<_, BatchError>>()?,
    })
}
