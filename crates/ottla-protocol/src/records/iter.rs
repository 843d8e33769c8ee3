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

    #[inline]
    fn read(&mut self) -> Result<Record<'a>, BatchError> {
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
        let record = self.read();
        if record.is_err() {
            self.rest = &[];
            self.left = 0;
        }
        Some(record)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // Every record takes seven bytes at the least, and one more item may be the error.
        let left = usize::try_from(self.left).unwrap_or(0).min(self.rest.len() / 7);
        (0, Some(left + 1))
    }
}

impl FusedIterator for RecordIter<'_> {}
