//! The lazy walk over the records of a batch.

use core::iter::FusedIterator;

use super::{
    BatchError, BatchHeader, Record,
    record::{Cursor, RecordBase},
};

/// Walks the records of an unpacked batch, reading each as it is asked for.
///
/// What is wrong with the bytes comes out as one last `Err`; records before it stand. Bytes behind
/// the announced number of records are such an error.
#[derive(Clone, Debug)]
pub struct RecordIter<'a> {
    rest: &'a [u8],
    left: i32,
    base: RecordBase,
}

impl<'a> RecordIter<'a> {
    /// Walks `records`, the unpacked body of the batch with this header.
    pub fn new(header: &BatchHeader, records: &'a [u8]) -> Self {
        Self { rest: records, left: header.records_count, base: RecordBase::of(header) }
    }

    /// Reads the next record field by field; after an error there is none.
    #[inline(never)]
    fn read(&mut self) -> Result<Record<'a>, BatchError> {
        let record = self.read_by_field();
        if record.is_err() {
            self.rest = &[];
            self.left = 0;
        }
        record
    }

    fn read_by_field(&mut self) -> Result<Record<'a>, BatchError> {
        let mut cursor = Cursor { bytes: self.rest, pos: 0 };
        let length = cursor.varint("record length")?;
        let Ok(len) = usize::try_from(length) else {
            return Err(cursor.bad_length("record length", i64::from(length)));
        };
        let body = cursor.take("record", len)?;
        self.rest = cursor.rest();
        self.left -= 1;
        Record::parse(body, &self.base)
    }

    /// What the walk ends with: nothing, or the error of a count that does not fit the bytes.
    #[cold]
    fn end(&mut self) -> Option<BatchError> {
        let remaining = core::mem::take(&mut self.rest).len();
        match core::mem::take(&mut self.left) {
            0 if remaining == 0 => None,
            0 => Some(BatchError::TrailingBytes { field: "records", remaining }),
            count => {
                Some(BatchError::BadLength { field: "records_count", length: i64::from(count), remaining })
            }
        }
    }
}

impl<'a> Iterator for RecordIter<'a> {
    type Item = Result<Record<'a>, BatchError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.left <= 0 {
            return self.end().map(Err);
        }
        if let Some((record, rest)) = Record::parse_plain(self.rest, &self.base) {
            self.rest = rest;
            self.left -= 1;
            return Some(Ok(record));
        }
        Some(self.read())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // Every record takes seven bytes at the least, and one more item may be the error.
        let left = usize::try_from(self.left).unwrap_or(0).min(self.rest.len() / 7);
        (0, Some(left + 1))
    }
}

impl FusedIterator for RecordIter<'_> {}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::*;
    use crate::records::{BATCH_HEADER_LEN, BatchBuilder, BatchOptions};

    proptest! {
        #[test]
        fn a_record_that_is_read_as_plain_reads_the_same_field_by_field(
            key: Option<Vec<u8>>,
            value in proptest::option::of(proptest::collection::vec(0u8..3, 0..200)),
            has_header in proptest::bool::weighted(0.1),
            place in (0..20_000i32, 0..20_000i64),
            change in proptest::option::of((0..32usize, any::<u8>())),
        ) {
            let mut builder = BatchBuilder::new(BatchOptions::default());
            builder.try_append(0, None, None, &[]).unwrap();
            let first = builder.uncompressed_len() - BATCH_HEADER_LEN;
            let headers: &[(&str, Option<&[u8]>)] = if has_header { &[("h", None)] } else { &[] };
            builder.append_at(place.0 + 1, place.1, key.as_deref(), value.as_deref(), headers).unwrap();
            let batch = builder.build().unwrap();
            let header = BatchHeader::parse(&batch).unwrap();
            let mut bytes = batch[BATCH_HEADER_LEN + first..].to_vec();
            if let Some((at, byte)) = change {
                let at = at % bytes.len();
                bytes[at] = byte;
            }
            let base = RecordBase::of(&header);
            let plain = Record::parse_plain(&bytes, &base);
            let mut by_field = RecordIter { rest: &bytes, left: 1, base };
            let read = by_field.read();
            if let Some((record, rest)) = plain {
                prop_assert_eq!(read, Ok(record));
                prop_assert_eq!(by_field.rest, rest);
            } else if change.is_none() && !has_header && place.0 < 8_000 && place.1 < 8_000 && bytes.len() < 8_000 {
                prop_assert!(false, "a plain record was not read as one: {:?}", bytes);
            }
        }
    }
}
