//! The header of a batch: 61 bytes, of which those from the attributes on are under the checksum.
//!
//! Only fields live here. Whether they make sense together is decided by `validate`; how they are
//! changed in place, by [`HeaderEdit`](super::HeaderEdit).
//!
//! ```text
//!  0 base_offset             8
//!  8 batch_length            4   bytes that follow this field
//! 12 partition_leader_epoch  4
//! 16 magic                   1   2
//! 17 crc                     4   CRC-32C of everything from byte 21 on
//! 21 attributes              2
//! 23 last_offset_delta       4
//! 27 base_timestamp          8   or the delete horizon
//! 35 max_timestamp           8
//! 43 producer_id             8
//! 51 producer_epoch          2
//! 53 base_sequence           4
//! 57 records_count           4
//! 61 records ...
//! ```

use super::{
    Attributes, BatchError, NO_PARTITION_LEADER_EPOCH, NO_PRODUCER_EPOCH, NO_PRODUCER_ID, NO_SEQUENCE,
};

/// Size of a batch header, in bytes.
pub const BATCH_HEADER_LEN: usize = 61;
/// Bytes of a batch that its `batch_length` does not count: the base offset and the length itself.
pub const LOG_OVERHEAD: usize = 12;
/// The format byte of the batches that this module reads and writes.
pub const MAGIC_V2: i8 = 2;

pub(super) const MAGIC_AT: usize = 16;
pub(super) const CRC_AT: usize = 17;
/// Where the bytes under the checksum begin.
pub(super) const ATTRIBUTES_AT: usize = 21;
/// The least `batch_length` of format v2: the header without what the length leaves out.
pub(super) const BATCH_LENGTH_MIN: i32 = 49;
/// The least length of an entry in any format: that of an empty message of format v0.
pub(super) const LEGACY_LENGTH_MIN: i32 = 14;

/// The format byte of the batch or legacy message that `bytes` begin with, if they reach that far.
///
/// It stands at the same place in every format: 0 and 1 are read by `legacy`, 2 by [`Batch`](super::Batch).
pub fn magic_of(bytes: &[u8]) -> Option<i8> {
    bytes.get(MAGIC_AT).map(|byte| byte.cast_signed())
}

/// The fields of a batch header, as they stand in the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchHeader {
    /// Offset of the first record. Not under the checksum: the broker sets it.
    pub base_offset: i64,
    /// Bytes behind this field; at least 49.
    pub batch_length: i32,
    /// Epoch of the leader that appended the batch. Not under the checksum: the broker sets it.
    pub partition_leader_epoch: i32,
    /// Format of the batch: 2.
    pub magic: i8,
    /// CRC-32C of everything from the attributes to the end of the batch.
    pub crc: u32,
    /// Codec and flags.
    pub attributes: Attributes,
    /// Offset of the last record less the base offset; kept when compaction drops records.
    pub last_offset_delta: i32,
    /// What the records' timestamps are relative to; the delete horizon where that attribute is set.
    pub base_timestamp: i64,
    /// The greatest timestamp of the records, or the time of the append.
    pub max_timestamp: i64,
    /// Id of an idempotent producer, or -1.
    pub producer_id: i64,
    /// Epoch of an idempotent producer, or -1.
    pub producer_epoch: i16,
    /// Sequence of the first record, or -1.
    pub base_sequence: i32,
    /// Records in the body.
    pub records_count: i32,
}

impl Default for BatchHeader {
    /// The header of an empty batch of no producer.
    fn default() -> Self {
        Self {
            base_offset: 0,
            batch_length: BATCH_LENGTH_MIN,
            partition_leader_epoch: NO_PARTITION_LEADER_EPOCH,
            magic: MAGIC_V2,
            crc: 0,
            attributes: Attributes::default(),
            last_offset_delta: 0,
            base_timestamp: 0,
            max_timestamp: 0,
            producer_id: NO_PRODUCER_ID,
            producer_epoch: NO_PRODUCER_EPOCH,
            base_sequence: NO_SEQUENCE,
            records_count: 0,
        }
    }
}

impl BatchHeader {
    /// Reads the header that `bytes` begin with; the body need not be there.
    ///
    /// # Errors
    /// [`BatchError::Truncated`] below 61 bytes, [`BatchError::UnsupportedMagic`] for any format but
    /// v2, [`BatchError::BadBatchLength`] when the batch would be smaller than its header.
    pub fn parse(bytes: &[u8]) -> Result<Self, BatchError> {
        let Some(bytes) = bytes.first_chunk::<BATCH_HEADER_LEN>() else {
            return Err(match magic_of(bytes) {
                Some(magic) if magic != MAGIC_V2 => BatchError::UnsupportedMagic { magic },
                _ => BatchError::Truncated {
                    field: "batch header",
                    needed: BATCH_HEADER_LEN,
                    remaining: bytes.len(),
                },
            });
        };
        let header = Self::read(bytes);
        if header.magic != MAGIC_V2 {
            return Err(BatchError::UnsupportedMagic { magic: header.magic });
        }
        if header.batch_length < BATCH_LENGTH_MIN {
            return Err(BatchError::BadBatchLength {
                length: header.batch_length,
                minimum: BATCH_LENGTH_MIN,
            });
        }
        Ok(header)
    }

    /// Reads every field, whatever it says.
    fn read(bytes: &[u8; BATCH_HEADER_LEN]) -> Self {
        Self {
            base_offset: i64::from_be_bytes(field(bytes, 0)),
            batch_length: i32::from_be_bytes(field(bytes, 8)),
            partition_leader_epoch: i32::from_be_bytes(field(bytes, 12)),
            magic: i8::from_be_bytes(field(bytes, MAGIC_AT)),
            crc: u32::from_be_bytes(field(bytes, CRC_AT)),
            attributes: Attributes(i16::from_be_bytes(field(bytes, ATTRIBUTES_AT))),
            last_offset_delta: i32::from_be_bytes(field(bytes, 23)),
            base_timestamp: i64::from_be_bytes(field(bytes, 27)),
            max_timestamp: i64::from_be_bytes(field(bytes, 35)),
            producer_id: i64::from_be_bytes(field(bytes, 43)),
            producer_epoch: i16::from_be_bytes(field(bytes, 51)),
            base_sequence: i32::from_be_bytes(field(bytes, 53)),
            records_count: i32::from_be_bytes(field(bytes, 57)),
        }
    }

    /// The bytes of the header, the checksum as it stands in the field.
    pub fn to_bytes(&self) -> [u8; BATCH_HEADER_LEN] {
        let mut bytes = [0; BATCH_HEADER_LEN];
        bytes[..8].copy_from_slice(&self.base_offset.to_be_bytes());
        bytes[8..12].copy_from_slice(&self.batch_length.to_be_bytes());
        bytes[12..16].copy_from_slice(&self.partition_leader_epoch.to_be_bytes());
        bytes[16..17].copy_from_slice(&self.magic.to_be_bytes());
        bytes[17..21].copy_from_slice(&self.crc.to_be_bytes());
        bytes[21..23].copy_from_slice(&self.attributes.0.to_be_bytes());
        bytes[23..27].copy_from_slice(&self.last_offset_delta.to_be_bytes());
        bytes[27..35].copy_from_slice(&self.base_timestamp.to_be_bytes());
        bytes[35..43].copy_from_slice(&self.max_timestamp.to_be_bytes());
        bytes[43..51].copy_from_slice(&self.producer_id.to_be_bytes());
        bytes[51..53].copy_from_slice(&self.producer_epoch.to_be_bytes());
        bytes[53..57].copy_from_slice(&self.base_sequence.to_be_bytes());
        bytes[57..61].copy_from_slice(&self.records_count.to_be_bytes());
        bytes
    }

    /// Size of the whole batch, header included, in bytes.
    pub fn size(&self) -> usize {
        LOG_OVERHEAD + usize::try_from(self.batch_length).unwrap_or(0)
    }

    /// Offset of the last record.
    pub const fn last_offset(&self) -> i64 {
        self.base_offset.wrapping_add(self.last_offset_delta as i64)
    }

    /// Offset behind the last record: where the next batch begins.
    pub const fn next_offset(&self) -> i64 {
        self.last_offset().wrapping_add(1)
    }

    /// Sequence of the last record, or -1; sequences go on from 0 after the greatest.
    pub const fn last_sequence(&self) -> i32 {
        if self.base_sequence == NO_SEQUENCE {
            return NO_SEQUENCE;
        }
        increment_sequence(self.base_sequence, self.last_offset_delta)
    }

    /// Whether an idempotent producer sent the batch.
    pub const fn has_producer_id(&self) -> bool {
        self.producer_id > NO_PRODUCER_ID
    }

    /// From when on tombstones in this batch may be dropped, in Unix milliseconds (KIP-534).
    pub const fn delete_horizon(&self) -> Option<i64> {
        if self.attributes.has_delete_horizon() { Some(self.base_timestamp) } else { None }
    }
}

/// The sequence `delta` records after `sequence`; it wraps to 0 behind the greatest.
const fn increment_sequence(sequence: i32, delta: i32) -> i32 {
    if sequence > i32::MAX.wrapping_sub(delta) {
        delta.wrapping_sub(i32::MAX.wrapping_sub(sequence)).wrapping_sub(1)
    } else {
        sequence.wrapping_add(delta)
    }
}

/// `N` bytes at a position that is known to lie in the header.
fn field<const N: usize>(bytes: &[u8; BATCH_HEADER_LEN], at: usize) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&bytes[at..at + N]);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_header_that_is_cut_short_or_of_another_format_is_refused_by_name() {
        let bytes = BatchHeader::default().to_bytes();
        assert_eq!(
            BatchHeader::parse(&bytes[..60]),
            Err(BatchError::Truncated { field: "batch header", needed: 61, remaining: 60 })
        );
        let mut legacy = bytes;
        legacy[16] = 1;
        for cut in [17, 34, 61] {
            assert_eq!(BatchHeader::parse(&legacy[..cut]), Err(BatchError::UnsupportedMagic { magic: 1 }));
        }
        for length in [48, 0, -1, i32::MIN] {
            let bytes = BatchHeader { batch_length: length, ..BatchHeader::default() }.to_bytes();
            assert_eq!(BatchHeader::parse(&bytes), Err(BatchError::BadBatchLength { length, minimum: 49 }));
        }
    }

    #[test]
    fn sequences_wrap_to_zero() {
        let header =
            BatchHeader { base_sequence: i32::MAX - 1, last_offset_delta: 3, ..BatchHeader::default() };
        assert_eq!(header.last_sequence(), 1);
        assert_eq!(BatchHeader::default().last_sequence(), -1);
    }

    proptest! {
        #[test]
        fn any_bytes_are_kept_or_refused(mut bytes: [u8; 61], keep_magic: bool) {
            if keep_magic {
                bytes[16] = 2;
                bytes[8] = 0;
            }
            if let Ok(header) = BatchHeader::parse(&bytes) {
                prop_assert_eq!(header.to_bytes(), bytes);
                let _ = (header.size(), header.next_offset(), header.last_sequence(), header.delete_horizon());
            }
        }
    }
}
