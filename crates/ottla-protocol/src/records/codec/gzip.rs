//! gzip (RFC 1952) through `flate2`: one member written, any number read.

use alloc::vec::Vec;
use std::io::Write;

use flate2::{Compression as Level, bufread::MultiGzDecoder, write::GzEncoder};

use super::{Fault, piece_len, read_piece};

/// Levels that zlib has.
const LEVELS: core::ops::RangeInclusive<i32> = 0..=9;

pub(crate) fn pack(level: Option<i32>, records: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
    let level = match level {
        // Java's -1 is zlib's own default.
        None | Some(-1) => Level::default(),
        Some(level) if LEVELS.contains(&level) => Level::new(level.unsigned_abs()),
        Some(level) => return Err(Fault::corrupt(format_args!("level {level} is not in 0 to 9"))),
    };
    let mut encoder = GzEncoder::new(out, level);
    encoder.write_all(records).and_then(|()| encoder.finish().map(drop)).map_err(Fault::corrupt)
}

pub(crate) struct Source<'a> {
    decoder: MultiGzDecoder<&'a [u8]>,
    piece: usize,
}

impl<'a> Source<'a> {
    pub(crate) fn new(body: &'a [u8]) -> Self {
        Self { decoder: MultiGzDecoder::new(body), piece: piece_len(body.len()) }
    }

    pub(crate) fn next(&mut self, out: &mut Vec<u8>, room: usize) -> Result<bool, Fault> {
        read_piece(&mut self.decoder, out, self.piece, room)
    }
}
