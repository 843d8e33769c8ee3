//! The codecs of batch bodies, behind one face: pack a body at once, unpack it piece by piece.
//!
//! What the pieces mean is not known here. Every codec is a feature; one that is missing is an
//! error, never a guess.
//!
//! Compressed bytes come from strangers, so nothing is reserved because they say so: output is
//! made room for as far as the input at hand can really fill it, and never past the ceiling.

#[cfg(feature = "gzip")]
pub(crate) mod gzip;
#[cfg(feature = "lz4")]
pub(crate) mod lz4;
#[cfg(feature = "snappy")]
pub(crate) mod snappy;
#[cfg(feature = "zstd")]
pub(crate) mod zstd;

use alloc::{boxed::Box, vec::Vec};

use super::{BatchError, BuildError, Compression};

/// Appends `records`, packed, to `out`.
pub(super) fn pack(
    codec: Compression,
    level: Option<i32>,
    records: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), BuildError> {
    let packed: Result<(), Fault> = match codec {
        Compression::None => {
            out.extend_from_slice(records);
            Ok(())
        }
        #[cfg(feature = "gzip")]
        Compression::Gzip => gzip::pack(level, records, out),
        #[cfg(feature = "snappy")]
        Compression::Snappy => snappy::pack(records, out),
        #[cfg(feature = "lz4")]
        Compression::Lz4 => lz4::pack(records, out),
        #[cfg(feature = "zstd")]
        Compression::Zstd => zstd::pack(level, records, out),
        #[allow(unreachable_patterns, reason = "reached when a codec's feature is off")]
        codec => {
            let _ = level;
            return Err(BuildError::CodecNotEnabled { codec });
        }
    };
    packed.map_err(|fault| match fault {
        Fault::Corrupt(reason) => BuildError::Compress { codec, reason },
        Fault::TooLarge => BuildError::Compress { codec, reason: "output too large".into() },
    })
}

/// Unpacks a whole body, which must not come out larger than `limit`.
pub(super) fn unpack(codec: Compression, body: &[u8], limit: usize) -> Result<Vec<u8>, BatchError> {
    Unpacker::new(codec, body, limit)?.all()
}

/// Unpacks a body piece by piece.
pub(crate) struct Unpacker<'a> {
    codec: Compression,
    limit: usize,
    /// Bytes that may still come out.
    room: usize,
    source: Source<'a>,
}

enum Source<'a> {
    Plain(&'a [u8]),
    #[cfg(feature = "gzip")]
    Gzip(Box<gzip::Source<'a>>),
    #[cfg(feature = "snappy")]
    Snappy(snappy::Source<'a>),
    #[cfg(feature = "lz4")]
    Lz4(lz4::Source<'a>),
    #[cfg(feature = "zstd")]
    Zstd(zstd::Source<'a>),
}

impl<'a> Unpacker<'a> {
    /// Begins with a body of format v2, or of a legacy wrapper where it is packed alike.
    pub(crate) fn new(codec: Compression, body: &'a [u8], limit: usize) -> Result<Self, BatchError> {
        let source = match codec {
            Compression::None => Source::Plain(body),
            #[cfg(feature = "gzip")]
            Compression::Gzip => Source::Gzip(Box::new(gzip::Source::new(body))),
            #[cfg(feature = "snappy")]
            Compression::Snappy => Source::Snappy(snappy::Source::new(body)),
            #[cfg(feature = "lz4")]
            Compression::Lz4 => Source::Lz4(lz4::Source::new(body)),
            #[cfg(feature = "zstd")]
            Compression::Zstd => {
                Source::Zstd(zstd::Source::new(body).map_err(|fault| fault.into_error(codec, limit))?)
            }
            #[allow(unreachable_patterns, reason = "reached when a codec's feature is off")]
            codec => return Err(BatchError::CodecNotEnabled { codec }),
        };
        Ok(Self { codec, limit, room: limit, source })
    }

    /// The same body in the LZ4 framing of message format v0, whose header checksum was computed wrongly.
    #[cfg_attr(not(feature = "lz4"), expect(unused_mut, reason = "only LZ4 has such a header"))]
    pub(crate) fn with_legacy_lz4_header(mut self) -> Self {
        #[cfg(feature = "lz4")]
        if let Source::Lz4(source) = &mut self.source {
            source.ignore_header_checksum();
        }
        self
    }

    /// Unpacks all that is left.
    pub(crate) fn all(mut self) -> Result<Vec<u8>, BatchError> {
        let mut out = Vec::new();
        while self.next(&mut out)? {}
        Ok(out)
    }

    /// Appends the next piece to `out`; `false` at the end.
    pub(crate) fn next(&mut self, out: &mut Vec<u8>) -> Result<bool, BatchError> {
        let before = out.len();
        let more = match &mut self.source {
            Source::Plain(bytes) if bytes.len() > self.room => Err(Fault::TooLarge),
            Source::Plain(bytes) => {
                out.extend_from_slice(bytes);
                Ok(!core::mem::take(bytes).is_empty())
            }
            #[cfg(feature = "gzip")]
            Source::Gzip(source) => source.next(out, self.room),
            #[cfg(feature = "snappy")]
            Source::Snappy(source) => source.next(out, self.room),
            #[cfg(feature = "lz4")]
            Source::Lz4(source) => source.next(out, self.room),
            #[cfg(feature = "zstd")]
            Source::Zstd(source) => source.next(out, self.room),
        };
        self.room = self.room.saturating_sub(out.len() - before);
        more.map_err(|fault| fault.into_error(self.codec, self.limit))
    }
}

/// What a codec can stumble over.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The bytes are not the codec's.
    #[cfg_attr(
        not(any(feature = "gzip", feature = "snappy", feature = "lz4", feature = "zstd")),
        expect(dead_code, reason = "no codec, no corruption")
    )]
    Corrupt(Box<str>),
    /// More comes out than there is room for.
    TooLarge,
}

impl Fault {
    #[cfg(any(feature = "gzip", feature = "snappy", feature = "lz4", feature = "zstd"))]
    pub(crate) fn corrupt(reason: impl core::fmt::Display) -> Self {
        Self::Corrupt(alloc::string::ToString::to_string(&reason).into())
    }

    fn into_error(self, codec: Compression, limit: usize) -> BatchError {
        match self {
            Self::Corrupt(reason) => BatchError::CorruptCompression { codec, reason },
            Self::TooLarge => BatchError::DecompressedTooLarge { codec, limit },
        }
    }
}

/// Appends what a reader gives next, up to `piece` bytes, where no more than `room` may come.
#[cfg(any(feature = "gzip", feature = "zstd"))]
pub(crate) fn read_piece(
    reader: &mut impl std::io::Read,
    out: &mut Vec<u8>,
    piece: usize,
    room: usize,
) -> Result<bool, Fault> {
    let start = out.len();
    // One byte beyond the room shows whether there is more than may be.
    out.resize(start + piece.min(room.saturating_add(1)), 0);
    let read = reader.read(&mut out[start..]);
    out.truncate(start + read.as_ref().map_or(0, |read| (*read).min(room)));
    match read {
        Ok(read) if read > room => Err(Fault::TooLarge),
        Ok(read) => Ok(read > 0),
        Err(error) => Err(Fault::corrupt(error)),
    }
}

/// How much to ask a stream for at once: some multiple of the packed size, within bounds.
#[cfg(any(feature = "gzip", feature = "zstd"))]
pub(crate) fn piece_len(packed_len: usize) -> usize {
    packed_len.saturating_mul(4).clamp(256, 32 << 10)
}
