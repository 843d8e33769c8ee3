//! Leaving records out of a batch, as compaction does, while the others keep offset and timestamp.
//!
//! A [`Selection`] walks the unpacked records once and remembers which runs of bytes stay. Written
//! again, the batch has the header it had: its offsets and sequences, so that its producer's next batch still
//! follows, and its codec. Records are copied as they lie; only a new delete horizon (KIP-534) makes
//! their timestamps be encoded anew, because it takes the place of what they are relative to.
//!
//! Which records stay is decided by whoever calls.

use alloc::vec::Vec;
use core::ops::Range;

use super::{
    BATCH_HEADER_LEN, BatchError, BatchHeader, BuildError, Compression, NO_TIMESTAMP, TimestampType,
    builder::write_header, codec, record::Cursor,
};
use crate::wire::varint::{put_varint, put_varlong, varint_len, varlong_len};

/// What a selection goes by: a few fields of a record, borrowed from the bytes of its batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SelectableRecord<'a> {
    /// Place in the log.
    pub offset: i64,
    /// What compaction goes by.
    pub key: Option<&'a [u8]>,
    /// Whether it has a value; one that has none is a tombstone.
    pub has_value: bool,
}

/// Which records of a batch stay. It is used again for batch after batch, so that it need not allocate.
///
/// ```
/// use ottla_protocol::records::{Batch, BatchBuilder, BatchOptions, Selection};
/// use ottla_protocol::wire::DecodeLimits;
///
/// let mut builder = BatchBuilder::new(BatchOptions::default());
/// builder.try_append(7, Some(b"a"), Some(b"old"), &[])?;
/// builder.try_append(8, Some(b"a"), Some(b"new"), &[])?;
/// let batch = Batch::parse(builder.build()?)?;
/// let records = batch.records(&DecodeLimits::default())?;
///
/// let mut selection = Selection::default();
/// selection.walk(batch.header(), records.bytes(), |record| record.offset == 1)?;
/// let mut out = Vec::new();
/// selection.write(batch.header(), records.bytes(), None, &mut out)?;
///
/// let left = Batch::parse(out.into())?.records(&DecodeLimits::default())?;
/// let left: Vec<_> = left.iter().map(|record| record.map(|record| (record.offset, record.value))).collect();
/// assert_eq!(left, [Ok((1, Some(&b"new"[..])))]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Bytes of records that stay, adjacent ones joined.
    runs: Vec<Range<usize>>,
    kept: i32,
    dropped: i32,
    max_timestamp: i64,
    has_tombstone: bool,
    /// Records on their way into a codec.
    unpacked: Vec<u8>,
}

impl Selection {
    /// Asks `keep` of each record in turn. `records` are the unpacked records of the batch with this header.
    ///
    /// # Errors
    /// What is wrong with the bytes; the selection is then of no use.
    #[inline]
    pub fn walk(
        &mut self,
        header: &BatchHeader,
        records: &[u8],
        mut keep: impl FnMut(SelectableRecord<'_>) -> bool,
    ) -> Result<(), BatchError> {
        self.runs.clear();
        self.kept = 0;
        self.dropped = 0;
        self.has_tombstone = false;
        self.max_timestamp = NO_TIMESTAMP;
        let mut cursor = Cursor { bytes: records, pos: 0 };
        let mut run = 0..0;
        for _ in 0..header.records_count {
            let start = cursor.pos;
            let place = Place::read(&mut cursor)?;
            let record = SelectableRecord {
                offset: header.base_offset.wrapping_add(i64::from(place.offset_delta)),
                key: place.key,
                has_value: place.has_value,
            };
            if !keep(record) {
                self.dropped += 1;
                continue;
            }
            self.kept += 1;
            self.has_tombstone |= !record.has_value;
            self.max_timestamp =
                self.max_timestamp.max(header.base_timestamp.wrapping_add(place.timestamp_delta));
            if run.end != start {
                self.end_run(&run);
                run.start = start;
            }
            run.end = cursor.pos;
        }
        self.end_run(&run);
        match cursor.rest().len() {
            0 => Ok(()),
            remaining => Err(BatchError::TrailingBytes { field: "records", remaining }),
        }
    }

    fn end_run(&mut self, run: &Range<usize>) {
        if !run.is_empty() {
            self.runs.push(run.clone());
        }
    }

    /// How many records stay.
    pub fn kept(&self) -> usize {
        usize::try_from(self.kept).unwrap_or(0)
    }

    /// How many do not.
    pub fn dropped(&self) -> usize {
        usize::try_from(self.dropped).unwrap_or(0)
    }

    /// Whether one of those that stay has no value.
    pub const fn has_tombstone(&self) -> bool {
        self.has_tombstone
    }

    /// Appends the batch without what was left out to `out`; the codec works at its default level, as Kafka's
    /// does here. `delete_horizon` is a new one; a horizon that the batch has stays. At least one record must be left:
    /// see [`write_empty_batch`] for the other case.
    ///
    /// # Errors
    /// [`BuildError`]; `out` is then as it was.
    pub fn write(
        &mut self,
        header: &BatchHeader,
        records: &[u8],
        delete_horizon: Option<i64>,
        out: &mut Vec<u8>,
    ) -> Result<(), BuildError> {
        if self.kept == 0 {
            return Err(BuildError::Empty);
        }
        let mut written = BatchHeader { records_count: self.kept, ..*header };
        if header.attributes.timestamp_type() == TimestampType::CreateTime {
            written.max_timestamp = self.max_timestamp;
        }
        if let Some(horizon) = delete_horizon {
            written.attributes = header.attributes.with_delete_horizon(true);
            written.base_timestamp = horizon;
        }
        let at = out.len();
        let result = self.write_body(header, records, &written, out);
        let result = result.and_then(|()| write_header(written, &mut out[at..]));
        if result.is_err() {
            out.truncate(at);
        }
        result
    }

    fn write_body(
        &mut self,
        header: &BatchHeader,
        records: &[u8],
        written: &BatchHeader,
        out: &mut Vec<u8>,
    ) -> Result<(), BuildError> {
        // Under `LogAppendTime` the records' own deltas say nothing, and are left as they are.
        let shift = match written.attributes.timestamp_type() {
            TimestampType::CreateTime => header.base_timestamp.wrapping_sub(written.base_timestamp),
            TimestampType::LogAppendTime => 0,
        };
        let codec = header
            .attributes
            .compression()
            .map_err(|error| BuildError::Compress { codec: Compression::None, reason: reason(&error) })?;
        out.resize(out.len() + BATCH_HEADER_LEN, 0);
        if codec == Compression::None {
            return copy(&self.runs, records, shift, out);
        }
        self.unpacked.clear();
        copy(&self.runs, records, shift, &mut self.unpacked)?;
        codec::pack(codec, None, &self.unpacked, out)
    }
}

/// Copies runs of records, each timestamp delta larger by `shift`.
fn copy(runs: &[Range<usize>], records: &[u8], shift: i64, out: &mut Vec<u8>) -> Result<(), BuildError> {
    for run in runs {
        let run = &records[run.clone()];
        if shift == 0 {
            out.extend_from_slice(run);
            continue;
        }
        let mut cursor = Cursor { bytes: run, pos: 0 };
        while cursor.pos < run.len() {
            let place = Place::read(&mut cursor)
                .map_err(|error| BuildError::Compress { codec: Compression::None, reason: reason(&error) })?;
            let timestamp_delta = place.timestamp_delta.wrapping_add(shift);
            let rest = &run[place.behind_timestamp..cursor.pos];
            let len = 1 + varlong_len(timestamp_delta) + rest.len();
            let too_large = BuildError::TooLarge { size: len, limit: i32::MAX as usize };
            let length = i32::try_from(len).map_err(|_| too_large)?;
            out.reserve(varint_len(length) + len);
            put_varint(out, length);
            out.push(place.attributes);
            put_varlong(out, timestamp_delta);
            out.extend_from_slice(rest);
        }
    }
    Ok(())
}

fn reason(error: &BatchError) -> alloc::boxed::Box<str> {
    alloc::string::ToString::to_string(error).into()
}

/// Where the fields of a record lie that selection and copying need.
struct Place<'a> {
    attributes: u8,
    timestamp_delta: i64,
    behind_timestamp: usize,
    offset_delta: i32,
    key: Option<&'a [u8]>,
    has_value: bool,
}

impl<'a> Place<'a> {
    /// Reads the record at the cursor, which is behind it then. Its headers are not looked at.
    #[inline]
    fn read(cursor: &mut Cursor<'a>) -> Result<Self, BatchError> {
        let length = cursor.varint("record length")?;
        let Ok(len) = usize::try_from(length) else {
            return Err(cursor.bad_length("record length", i64::from(length)));
        };
        let begin = cursor.pos;
        let body = cursor.take("record", len)?;
        let mut inner = Cursor { bytes: body, pos: 0 };
        let attributes = inner.take("attributes", 1)?[0];
        let timestamp_delta = inner.varlong("timestamp_delta")?;
        let behind_timestamp = begin + inner.pos;
        let offset_delta = inner.varint("offset_delta")?;
        let key = inner.nullable_bytes("key")?;
        let value = inner.varint("value")?;
        if usize::try_from(value).is_ok_and(|value| value > inner.rest().len()) {
            return Err(inner.bad_length("value", i64::from(value)));
        }
        let has_value = value >= 0;
        Ok(Self { attributes, timestamp_delta, behind_timestamp, offset_delta, key, has_value })
    }
}

/// Appends the batch with this header, all records gone: what is left says which offsets and sequences
/// it had. As Kafka writes it, uncompressed and without a base timestamp.
pub fn write_empty_batch(header: &BatchHeader, out: &mut Vec<u8>) {
    let written = BatchHeader {
        attributes: header.attributes.with_compression(Compression::None).with_delete_horizon(false),
        base_timestamp: NO_TIMESTAMP,
        records_count: 0,
        ..*header
    };
    let at = out.len();
    out.resize(at + BATCH_HEADER_LEN, 0);
    write_header(written, &mut out[at..]).expect("a header alone is short");
}

#[cfg(test)]
mod tests;
