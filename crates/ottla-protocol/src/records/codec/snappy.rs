//! Snappy in the framing of the Java client ("xerial"), and bare blocks as other clients sent them.
//!
//! ```text
//! header   82 'S' 'N' 'A' 'P' 'P' 'Y' 00   version 4   compatible version 4
//! block    length 4   snappy block         up to 32 KiB before packing; repeated to the end
//! ```
//!
//! A block names its unpacked size in front. It is believed as far as the block can fill it: an
//! instruction of three bytes copies 64 at the most.

use alloc::vec::Vec;

use snap::raw;

use super::Fault;

const MAGIC: [u8; 8] = *b"\x82SNAPPY\0";
const HEADER: [u8; 16] = *b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01";
/// Bytes packed into one block, as the Java client does.
const BLOCK_LEN: usize = 32 << 10;
/// No block unpacks to more than so many times its size.
const RATIO_MAX: usize = 22;

pub(crate) fn pack(records: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
    out.extend_from_slice(&HEADER);
    let mut encoder = raw::Encoder::new();
    for block in records.chunks(BLOCK_LEN) {
        let at = out.len();
        out.resize(at + 4 + raw::max_compress_len(block.len()), 0);
        let len = encoder.compress(block, &mut out[at + 4..]).map_err(Fault::corrupt)?;
        let length = u32::try_from(len).map_err(Fault::corrupt)?;
        out[at..at + 4].copy_from_slice(&length.to_be_bytes());
        out.truncate(at + 4 + len);
    }
    Ok(())
}

pub(crate) struct Source<'a> {
    rest: &'a [u8],
    framed: bool,
    begun: bool,
    decoder: raw::Decoder,
}

impl<'a> Source<'a> {
    pub(crate) fn new(body: &'a [u8]) -> Self {
        Self { rest: body, framed: body.starts_with(&MAGIC), begun: false, decoder: raw::Decoder::new() }
    }

    pub(crate) fn next(&mut self, out: &mut Vec<u8>, room: usize) -> Result<bool, Fault> {
        if self.rest.is_empty() && !self.begun {
            return Err(Fault::corrupt("no bytes at all"));
        }
        self.begun = true;
        while !self.rest.is_empty() {
            let block = if self.framed { self.next_block()? } else { core::mem::take(&mut self.rest) };
            let start = out.len();
            self.unpack(block, out, room)?;
            if out.len() > start {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn next_block(&mut self) -> Result<&'a [u8], Fault> {
        // Streams put one behind the other repeat the header.
        while self.rest.starts_with(&MAGIC) {
            let Some((_, rest)) = self.rest.split_at_checked(HEADER.len()) else {
                return Err(Fault::corrupt("header cut off"));
            };
            self.rest = rest;
        }
        if self.rest.is_empty() {
            return Ok(&[]);
        }
        let (length, rest) =
            self.rest.split_first_chunk::<4>().ok_or_else(|| Fault::corrupt("block length cut off"))?;
        let length = u32::from_be_bytes(*length);
        let (block, rest) =
            usize::try_from(length).ok().and_then(|len| rest.split_at_checked(len)).ok_or_else(|| {
                Fault::corrupt(format_args!("block of {length} bytes with {} left", rest.len()))
            })?;
        self.rest = rest;
        Ok(block)
    }

    fn unpack(&mut self, block: &[u8], out: &mut Vec<u8>, room: usize) -> Result<(), Fault> {
        if block.is_empty() {
            return Ok(());
        }
        let len = raw::decompress_len(block).map_err(Fault::corrupt)?;
        if len > block.len().saturating_mul(RATIO_MAX) {
            return Err(Fault::corrupt(format_args!("block of {} bytes claims to hold {len}", block.len())));
        }
        if len > room {
            return Err(Fault::TooLarge);
        }
        let start = out.len();
        out.resize(start + len, 0);
        let result = self.decoder.decompress(block, &mut out[start..]);
        out.truncate(start + result.as_ref().map_or(0, |len| *len));
        result.map(drop).map_err(Fault::corrupt)
    }
}
