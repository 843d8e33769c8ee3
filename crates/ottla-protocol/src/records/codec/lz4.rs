//! LZ4 frames: the blocks by `lz4_flex`, the frame around them here, because Kafka's is narrower
//! than the format (independent blocks, one frame) and, in message format v0, was wrong.
//!
//! ```text
//! magic 04 22 4d 18 | flags | block size | [content size 8] | header checksum
//! block: length 4, little endian, top bit = not packed | bytes | [checksum 4]   repeated
//! end: 00 00 00 00 | [content checksum 4]
//! ```

use alloc::vec::Vec;
use core::hash::Hasher;

use lz4_flex::block::{
    CompressTable, DecompressError, compress_into_with_table, decompress_into, get_maximum_output_size,
};
use twox_hash::XxHash32;

use super::Fault;

const MAGIC: [u8; 4] = [0x04, 0x22, 0x4d, 0x18];
/// What the Java client writes: version 1, independent blocks of 64 KiB, no checksums but the header's.
const HEADER: [u8; 7] = [0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82];
const BLOCK_LEN: usize = 64 << 10;
const NOT_PACKED: u32 = 1 << 31;
/// No block unpacks to more than so many times its size: a byte of a length adds 255.
const RATIO_MAX: usize = 255;

pub(crate) fn pack(records: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
    out.extend_from_slice(&HEADER);
    let mut table = CompressTable::default();
    for block in records.chunks(BLOCK_LEN) {
        let at = out.len();
        out.resize(at + 4 + get_maximum_output_size(block.len()), 0);
        let packed =
            compress_into_with_table(block, &mut out[at + 4..], &mut table).map_err(Fault::corrupt)?;
        let (len, flag) = if packed < block.len() {
            (packed, 0)
        } else {
            out[at + 4..at + 4 + block.len()].copy_from_slice(block);
            (block.len(), NOT_PACKED)
        };
        out.truncate(at + 4 + len);
        let length = u32::try_from(len).map_err(Fault::corrupt)? | flag;
        out[at..at + 4].copy_from_slice(&length.to_le_bytes());
    }
    out.extend_from_slice(&[0; 4]);
    Ok(())
}

pub(crate) struct Source<'a> {
    rest: &'a [u8],
    frame: Option<Frame>,
    ended: bool,
    check_header: bool,
}

/// What the header of a frame says.
#[derive(Clone, Copy)]
struct Frame {
    block_checksums: bool,
    content_checksum: bool,
    block_len_max: usize,
}

impl<'a> Source<'a> {
    pub(crate) const fn new(body: &'a [u8]) -> Self {
        Self { rest: body, frame: None, ended: false, check_header: true }
    }

    pub(crate) const fn ignore_header_checksum(&mut self) {
        self.check_header = false;
    }

    pub(crate) fn next(&mut self, out: &mut Vec<u8>, room: usize) -> Result<bool, Fault> {
        let frame = match self.frame {
            Some(frame) => frame,
            None => self.header()?,
        };
        self.frame = Some(frame);
        let start = out.len();
        while !self.ended && out.len() == start {
            self.block(frame, out, room)?;
        }
        Ok(out.len() > start)
    }

    fn header(&mut self) -> Result<Frame, Fault> {
        if self.take::<4>("magic")? != MAGIC {
            return Err(Fault::corrupt("not an LZ4 frame"));
        }
        let covered = self.rest;
        let [flags, block_size] = self.take("frame descriptor")?;
        if flags >> 6 != 1 || flags & 0b11 != 0 || block_size & 0x8f != 0 {
            return Err(Fault::corrupt(format_args!("frame descriptor {flags:#04x} {block_size:#04x}")));
        }
        if flags & 0x20 == 0 {
            return Err(Fault::corrupt("dependent blocks are not supported"));
        }
        if flags & 0x08 != 0 {
            self.take::<8>("content size")?; // a claim that nobody needs
        }
        let covered = &covered[..covered.len() - self.rest.len()];
        let [checksum] = self.take("header checksum")?;
        if self.check_header && checksum != xxhash(covered).to_le_bytes()[1] {
            return Err(Fault::corrupt("header checksum does not match"));
        }
        let block_len_max = match block_size >> 4 {
            4 => 64 << 10,
            5 => 256 << 10,
            6 => 1 << 20,
            7 => 4 << 20,
            other => return Err(Fault::corrupt(format_args!("block size code {other}"))),
        };
        Ok(Frame { block_checksums: flags & 0x10 != 0, content_checksum: flags & 0x04 != 0, block_len_max })
    }

    /// Appends what one block holds, or ends the frame.
    fn block(&mut self, frame: Frame, out: &mut Vec<u8>, room: usize) -> Result<(), Fault> {
        let length = u32::from_le_bytes(self.take("block length")?);
        if length & !NOT_PACKED == 0 {
            self.ended = true;
            if frame.content_checksum {
                self.take::<4>("content checksum")?; // Kafka does not check it either
            }
            return Ok(());
        }
        let len = usize::try_from(length & !NOT_PACKED).unwrap_or(usize::MAX);
        if len > frame.block_len_max {
            return Err(Fault::corrupt(format_args!(
                "block of {len} bytes exceeds its limit of {}",
                frame.block_len_max
            )));
        }
        let Some((block, rest)) = self.rest.split_at_checked(len) else {
            return Err(Fault::corrupt(format_args!("block of {len} bytes with {} left", self.rest.len())));
        };
        self.rest = rest;
        if frame.block_checksums && u32::from_le_bytes(self.take("block checksum")?) != xxhash(block) {
            return Err(Fault::corrupt("block checksum does not match"));
        }
        if length & NOT_PACKED != 0 {
            if len > room {
                return Err(Fault::TooLarge);
            }
            out.extend_from_slice(block);
            return Ok(());
        }
        unpack(block, out, frame.block_len_max, room)
    }

    fn take<const N: usize>(&mut self, field: &str) -> Result<[u8; N], Fault> {
        let (taken, rest) = self
            .rest
            .split_first_chunk::<N>()
            .ok_or_else(|| Fault::corrupt(format_args!("{field} cut off")))?;
        self.rest = rest;
        Ok(*taken)
    }
}

fn unpack(block: &[u8], out: &mut Vec<u8>, block_len_max: usize, room: usize) -> Result<(), Fault> {
    let start = out.len();
    let possible = block.len().saturating_mul(RATIO_MAX).min(block_len_max);
    out.resize(start + possible.min(room), 0);
    let result = decompress_into(block, &mut out[start..]);
    out.truncate(start + result.as_ref().map_or(0, |len| *len));
    match result {
        Ok(_) => Ok(()),
        Err(DecompressError::OutputTooSmall { .. }) if room < possible => Err(Fault::TooLarge),
        Err(error) => Err(Fault::corrupt(error)),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the hash is of 32 bits")]
fn xxhash(bytes: &[u8]) -> u32 {
    let mut hasher = XxHash32::with_seed(0);
    hasher.write(bytes);
    hasher.finish() as u32
}
