//! A packed body, seen through a window that moves over its unpacked bytes once.
//!
//! The window holds one piece of output and what was not read of the one before: some ten KiB in
//! all but hostile cases, and a few MiB, the largest block that a codec allows, in those.

use alloc::vec::Vec;

use super::scan::{Fields, RecordSource, scan_record};
use crate::{
    records::{BatchError, Compression, codec::Unpacker, record::Cursor},
    wire::{
        DecodeLimits,
        varint::{VARLONG_LEN_MAX, read_varint, read_varlong},
    },
};

/// A record up to this size is gathered in the window; a larger one is walked in pieces.
const GATHERED_MAX: usize = 16 << 10;

pub(super) struct Window<'a> {
    unpacker: Unpacker<'a>,
    buf: Vec<u8>,
    /// Where in `buf` the next unread byte is.
    pos: usize,
    consumed: usize,
    ended: bool,
}

impl<'a> Window<'a> {
    pub(super) fn new(codec: Compression, body: &'a [u8], limits: &DecodeLimits) -> Result<Self, BatchError> {
        let unpacker = Unpacker::new(codec, body, limits.decompressed_bytes_max)?;
        Ok(Self { unpacker, buf: Vec::new(), pos: 0, consumed: 0, ended: false })
    }

    /// Reads one record.
    pub(super) fn record(&mut self) -> Result<Fields, BatchError> {
        let length = self.varint("record length")?;
        let Ok(len) = usize::try_from(length) else {
            return Err(BatchError::BadLength {
                field: "record length",
                length: i64::from(length),
                remaining: self.buf.len() - self.pos,
            });
        };
        if len > GATHERED_MAX {
            return scan_record(&mut LargeRecord { window: self, left: len });
        }
        let have = self.gather(len)?;
        let Some(body) = self.buf.get(self.pos..self.pos + len) else {
            return Err(ended("record", len, have));
        };
        let fields = scan_record(&mut Cursor { bytes: body, pos: 0 })?;
        self.consume(len);
        Ok(fields)
    }

    /// Unread bytes, at least one unless all were read.
    pub(super) fn available(&mut self) -> Result<usize, BatchError> {
        self.gather(1)
    }

    /// Bytes read so far.
    pub(super) const fn consumed(&self) -> usize {
        self.consumed
    }

    /// Unpacks until `len` bytes are there to read or the body ends; says how many there are.
    #[inline]
    fn gather(&mut self, len: usize) -> Result<usize, BatchError> {
        let have = self.buf.len() - self.pos;
        if have >= len || self.ended {
            return Ok(have);
        }
        self.unpack(len)
    }

    #[cold]
    fn unpack(&mut self, len: usize) -> Result<usize, BatchError> {
        self.buf.drain(..self.pos);
        self.pos = 0;
        while self.buf.len() < len && !self.ended {
            self.ended = !self.unpacker.next(&mut self.buf)?;
        }
        Ok(self.buf.len())
    }

    const fn consume(&mut self, len: usize) {
        self.pos += len;
        self.consumed += len;
    }

    fn varint(&mut self, field: &'static str) -> Result<i32, BatchError> {
        self.gather(VARLONG_LEN_MAX)?;
        let mut pos = self.pos;
        let value =
            read_varint(&self.buf, &mut pos).map_err(|source| BatchError::Varint { field, source })?;
        self.consume(pos - self.pos);
        Ok(value)
    }

    fn varlong(&mut self, field: &'static str) -> Result<i64, BatchError> {
        self.gather(VARLONG_LEN_MAX)?;
        let mut pos = self.pos;
        let value =
            read_varlong(&self.buf, &mut pos).map_err(|source| BatchError::Varint { field, source })?;
        self.consume(pos - self.pos);
        Ok(value)
    }

    fn skip(&mut self, field: &'static str, len: usize) -> Result<(), BatchError> {
        let mut rest = len;
        while rest > 0 {
            let have = self.gather(1)?;
            if have == 0 {
                return Err(ended(field, len, len - rest));
            }
            let step = have.min(rest);
            self.consume(step);
            rest -= step;
        }
        Ok(())
    }
}

fn ended(field: &'static str, len: usize, remaining: usize) -> BatchError {
    BatchError::BadLength { field, length: i64::try_from(len).unwrap_or(i64::MAX), remaining }
}

/// A record that is larger than the window should get.
struct LargeRecord<'w, 'a> {
    window: &'w mut Window<'a>,
    left: usize,
}

impl LargeRecord<'_, '_> {
    /// Takes what was read off the record, which must not reach beyond its end.
    fn took(&mut self, field: &'static str, before: usize) -> Result<(), BatchError> {
        let took = self.window.consumed - before;
        match self.left.checked_sub(took) {
            Some(left) => self.left = left,
            None => return Err(ended(field, took, self.left)),
        }
        Ok(())
    }
}

impl RecordSource for LargeRecord<'_, '_> {
    fn varint(&mut self, field: &'static str) -> Result<i32, BatchError> {
        let before = self.window.consumed;
        let value = self.window.varint(field)?;
        self.took(field, before).map(|()| value)
    }

    fn varlong(&mut self, field: &'static str) -> Result<i64, BatchError> {
        let before = self.window.consumed;
        let value = self.window.varlong(field)?;
        self.took(field, before).map(|()| value)
    }

    fn skip(&mut self, field: &'static str, len: usize) -> Result<(), BatchError> {
        self.left = self.left.checked_sub(len).ok_or_else(|| ended(field, len, self.left))?;
        self.window.skip(field, len)
    }

    fn left(&self) -> usize {
        self.left
    }
}
