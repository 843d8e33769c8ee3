//! Zstandard through the C library, by `zstd`.
//!
//! A frame may announce a window of up to 128 MiB, as the highest levels of the Java client do for
//! the smallest batch. The library sets so much address space aside and touches it only as output
//! really comes, which the ceiling bounds.

use alloc::vec::Vec;

use zstd::{bulk, stream::read::Decoder, zstd_safe};

use super::{Fault, piece_len, read_piece};

pub(crate) fn pack(level: Option<i32>, records: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
    let level = level.unwrap_or(zstd_safe::CLEVEL_DEFAULT);
    let levels = zstd::compression_level_range();
    if !levels.contains(&level) {
        return Err(Fault::corrupt(format_args!(
            "level {level} is not in {} to {}",
            levels.start(),
            levels.end()
        )));
    }
    out.extend_from_slice(&bulk::compress(records, level).map_err(Fault::corrupt)?);
    Ok(())
}

pub(crate) struct Source<'a> {
    decoder: Decoder<'static, &'a [u8]>,
    piece: usize,
    empty: bool,
}

impl<'a> Source<'a> {
    pub(crate) fn new(body: &'a [u8]) -> Result<Self, Fault> {
        let decoder = Decoder::with_buffer(body).map_err(Fault::corrupt)?;
        Ok(Self { decoder, piece: piece_len(body.len()), empty: body.is_empty() })
    }

    pub(crate) fn next(&mut self, out: &mut Vec<u8>, room: usize) -> Result<bool, Fault> {
        if self.empty {
            return Ok(false); // no frame at all is no output, to the Java client too
        }
        read_piece(&mut self.decoder, out, self.piece, room)
    }
}
