//! Walking the fields of one record without keeping them, from a slice or from a stream.

use crate::records::{BatchError, record::Cursor};

/// What the rules want to know of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fields {
    pub(super) timestamp_delta: i64,
    pub(super) offset_delta: i32,
    pub(super) has_key: bool,
}

/// The body of one record, read from front to end.
pub(super) trait RecordSource {
    fn varint(&mut self, field: &'static str) -> Result<i32, BatchError>;
    fn varlong(&mut self, field: &'static str) -> Result<i64, BatchError>;
    fn skip(&mut self, field: &'static str, len: usize) -> Result<(), BatchError>;
    /// Bytes of the record that are still to come.
    fn left(&self) -> usize;
}

impl RecordSource for Cursor<'_> {
    #[inline]
    fn varint(&mut self, field: &'static str) -> Result<i32, BatchError> {
        Cursor::varint(self, field)
    }

    #[inline]
    fn varlong(&mut self, field: &'static str) -> Result<i64, BatchError> {
        Cursor::varlong(self, field)
    }

    #[inline]
    fn skip(&mut self, field: &'static str, len: usize) -> Result<(), BatchError> {
        self.take(field, len).map(drop)
    }

    #[inline]
    fn left(&self) -> usize {
        self.bytes.len() - self.pos
    }
}

/// Reads a whole record, headers and all, and checks that it ends where it said.
#[inline]
pub(super) fn scan_record(source: &mut impl RecordSource) -> Result<Fields, BatchError> {
    source.skip("attributes", 1)?;
    let timestamp_delta = source.varlong("timestamp_delta")?;
    let offset_delta = source.varint("offset_delta")?;
    let has_key = skip_nullable(source, "key")?;
    skip_nullable(source, "value")?;
    let headers = source.varint("headers")?;
    if headers != 0 {
        skip_headers(source, headers)?;
    }
    match source.left() {
        0 => Ok(Fields { timestamp_delta, offset_delta, has_key }),
        remaining => Err(BatchError::TrailingBytes { field: "record", remaining }),
    }
}

/// Whether there was anything but null.
#[inline]
fn skip_nullable(source: &mut impl RecordSource, field: &'static str) -> Result<bool, BatchError> {
    match usize::try_from(source.varint(field)?) {
        Ok(len) => source.skip(field, len).map(|()| true),
        Err(_) => Ok(false),
    }
}

fn skip_headers(source: &mut impl RecordSource, count: i32) -> Result<(), BatchError> {
    let left = source.left();
    // Each takes two bytes at the least.
    if usize::try_from(count).is_ok_and(|count| count <= left / 2) {
        for _ in 0..count {
            let length = source.varint("header key")?;
            let Ok(len) = usize::try_from(length) else {
                return Err(BatchError::BadLength {
                    field: "header key",
                    length: i64::from(length),
                    remaining: source.left(),
                });
            };
            source.skip("header key", len)?;
            skip_nullable(source, "header value")?;
        }
        return Ok(());
    }
    Err(BatchError::BadLength { field: "headers", length: i64::from(count), remaining: left })
}
