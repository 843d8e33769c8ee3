//! Changing the header of a batch while its body stays the bytes it is.

use super::{Attributes, BATCH_HEADER_LEN, Batch, BatchHeader, TimestampType, crc, crc32c, header};

/// A changed header for a batch, to be written or sent in front of the body it had.
///
/// The checksum is brought up to date from the old one and the header's own 40 bytes, without
/// reading the body. So a batch that was broken before stays broken, and is still found out.
///
/// ```
/// # use ottla_protocol::records::{Batch, BatchBuilder, BatchOptions, HeaderEdit};
/// # let mut builder = BatchBuilder::new(BatchOptions::default());
/// # builder.try_append(1, None, Some(b"paid"), &[])?;
/// # let batch = Batch::parse(builder.build()?)?;
/// let header: [u8; 61] = HeaderEdit::new(&batch).base_offset(42).partition_leader_epoch(7).finish();
/// let stored = [&header[..], &batch.body()[..]].concat();
/// assert_eq!(Batch::parse(stored.into())?.header().base_offset, 42);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct HeaderEdit {
    header: BatchHeader,
    /// CRC of the header's part as it was, and how many bytes of body follow.
    covered_crc: Option<(u32, usize)>,
}

impl HeaderEdit {
    /// Begins with the header as it is.
    pub fn new(batch: &Batch) -> Self {
        Self { header: *batch.header(), covered_crc: None }
    }

    /// Sets the offset of the first record. The checksum does not cover it.
    pub const fn base_offset(mut self, offset: i64) -> Self {
        self.header.base_offset = offset;
        self
    }

    /// Sets the epoch of the leader that appends the batch. The checksum does not cover it.
    pub const fn partition_leader_epoch(mut self, epoch: i32) -> Self {
        self.header.partition_leader_epoch = epoch;
        self
    }

    /// Says that the broker appended the batch at `now`, in Unix milliseconds: the timestamp of every record.
    pub fn log_append_time(self, now: i64) -> Self {
        self.timestamps(TimestampType::LogAppendTime, now)
    }

    /// Sets the greatest timestamp of records that keep their own.
    pub fn max_timestamp(self, max_timestamp: i64) -> Self {
        self.timestamps(TimestampType::CreateTime, max_timestamp)
    }

    /// Sets producer id, epoch and base sequence.
    pub fn producer(mut self, producer_id: i64, producer_epoch: i16, base_sequence: i32) -> Self {
        self.cover();
        self.header.producer_id = producer_id;
        self.header.producer_epoch = producer_epoch;
        self.header.base_sequence = base_sequence;
        self
    }

    /// The fields as they will be; the checksum is that of before.
    pub const fn header(&self) -> &BatchHeader {
        &self.header
    }

    /// The header's bytes.
    pub fn finish(mut self) -> [u8; BATCH_HEADER_LEN] {
        let mut bytes = self.header.to_bytes();
        if let Some((before, body_len)) = self.covered_crc {
            // Checksums are linear: what changes in the header's part changes the whole by that
            // difference, carried over the length of the body.
            let difference = before ^ crc32c(&bytes[header::ATTRIBUTES_AT..]);
            if difference != 0 {
                self.header.crc ^= crc::shift(difference, body_len);
                bytes = self.header.to_bytes();
            }
        }
        bytes
    }

    fn timestamps(mut self, kind: TimestampType, max_timestamp: i64) -> Self {
        let attributes: Attributes = self.header.attributes;
        if attributes.timestamp_type() != kind || self.header.max_timestamp != max_timestamp {
            self.cover();
            self.header.attributes = attributes.with_timestamp_type(kind);
            self.header.max_timestamp = max_timestamp;
        }
        self
    }

    /// Remembers the checksum of the covered fields before the first of them changes.
    fn cover(&mut self) {
        if self.covered_crc.is_none() {
            let covered = crc32c(&self.header.to_bytes()[header::ATTRIBUTES_AT..]);
            self.covered_crc = Some((covered, self.header.size() - BATCH_HEADER_LEN));
        }
    }
}
