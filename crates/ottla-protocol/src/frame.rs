//! Frames: an `int32` size, a header, a message. Cuts a byte stream into them, and makes whole ones.
//!
//! No socket is here: [`FrameDecoder`] is fed, and what the encoders give is written elsewhere.

use alloc::vec::Vec;

use bytes::{Buf, Bytes, BytesMut};

use crate::api::ApiKey;
use crate::header::{self, Head};
use crate::message::{Encode, Message, Request};
use crate::wire::{Chunk, DecodeError, DecodeLimits, EncodeError, Length, Sink, Writer};

/// Bytes of the size that stands before each frame.
const SIZE_LEN: usize = 4;

/// A whole request, size prefix first; its record data is passed through in chunks of its own.
///
/// # Errors
/// A version that the request does not have, a field that the version cannot carry.
pub fn encode_request<R: Request>(
    api_version: i16,
    correlation_id: i32,
    client_id: Option<&str>,
    request: &R,
) -> Result<Vec<Chunk>, EncodeError> {
    let head = Head::Request { api: R::API_KEY, api_version, correlation_id, client_id };
    encode_frame(&head, request, api_version, R::is_flexible(api_version))
}

/// A whole response, size prefix first; its record data is passed through in chunks of its own.
///
/// # Errors
/// A version that the response does not have, a field that the version cannot carry.
pub fn encode_response<F: Clone, M: Encode<F>>(
    api: ApiKey,
    api_version: i16,
    correlation_id: i32,
    response: &M,
) -> Result<Vec<Chunk<F>>, EncodeError> {
    let head = Head::Response { api, api_version, correlation_id };
    encode_frame(&head, response, api_version, api.is_flexible(api_version))
}

fn encode_frame<F: Clone, M: Encode<F>>(
    head: &Head<'_>,
    message: &M,
    version: i16,
    flexible: bool,
) -> Result<Vec<Chunk<F>>, EncodeError> {
    let mut length = Length::new(flexible);
    head.encode::<F, _>(&mut length)?;
    message.encode(&mut length, version)?;
    let size = i32::try_from(length.total()).map_err(|_| EncodeError::FrameTooLong {
        size: length.total(),
        max: i32::MAX.unsigned_abs().into(),
    })?;
    let mut writer = Writer::<F>::new(&length, SIZE_LEN);
    writer.i32(size);
    head.encode(&mut writer)?;
    message.encode(&mut writer, version)?;
    let (measured, written) = (length.inline_len() + SIZE_LEN, writer.inline_len());
    if measured != written {
        return Err(EncodeError::LengthChanged { measured, written });
    }
    Ok(writer.into_chunks())
}

/// Reads a whole response frame (without its size prefix): the number of its request, and the message.
///
/// # Errors
/// Bytes that are not this message in this version, bytes left over.
pub fn decode_response<M: Message>(
    frame: Bytes,
    api_version: i16,
    limits: &DecodeLimits,
) -> Result<(i32, M), DecodeError> {
    let (header, body) = header::decode_response(frame, M::API_KEY, api_version, limits)?;
    Ok((header.correlation_id, M::decode_whole(&body, api_version, limits)?))
}

/// Why a stream can no longer be cut into frames. Final: close it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The size before a frame is negative.
    #[error("a frame of {size} bytes")]
    NegativeSize {
        /// The size, as received.
        size: i32,
    },
    /// The frame is larger than the limit.
    #[error("a frame of {size} bytes, over the limit of {limit}")]
    TooLarge {
        /// The size, as received.
        size: usize,
        /// The limit, in bytes.
        limit: usize,
    },
}

/// Cuts a stream of bytes into frames, however the network cut it.
///
/// ```
/// # use ottla_protocol::frame::FrameDecoder;
/// let mut frames = FrameDecoder::new(1024);
/// frames.read_buf().extend_from_slice(b"\0\0\0\x03abc\0\0"); // one frame, and the start of another
/// assert_eq!(frames.next_frame()?.as_deref(), Some(&b"abc"[..]));
/// assert_eq!(frames.next_frame()?, None);
/// # Ok::<(), ottla_protocol::frame::FrameError>(())
/// ```
#[derive(Debug)]
pub struct FrameDecoder {
    buf: BytesMut,
    frame_bytes_max: usize,
    earned: usize, // the largest frame that this peer has really sent
}

/// Room for reading while the size of the next frame is not known, from a peer that sends small ones.
const READ_SMALL: usize = 4 * 1024;
/// Room for reading while the size of the next frame is not known, from a peer that sends large ones; and what is
/// reserved of a frame that is announced before any of it arrived.
const READ_LARGE: usize = 64 * 1024;
/// Less room than this is not worth a read.
const READ_LEFT_OVER_MIN: usize = 512;

impl FrameDecoder {
    /// Starts with no bytes; a frame over `frame_bytes_max` (size prefix not counted) is an error.
    #[must_use]
    pub fn new(frame_bytes_max: usize) -> Self {
        Self { buf: BytesMut::new(), frame_bytes_max, earned: 0 }
    }

    /// Changes the limit for frames that are not yet taken, as after a peer has said who it is.
    pub fn set_frame_bytes_max(&mut self, frame_bytes_max: usize) {
        self.frame_bytes_max = frame_bytes_max;
    }

    /// Where to read into: append to it. There is room, and no more than the peer has earned.
    ///
    /// A size is a promise. Until bytes follow, 64 KiB are reserved for it; then as much again as arrived, or as
    /// the largest frame that this peer ever completed.
    pub fn read_buf(&mut self) -> &mut BytesMut {
        let arrived = self.buf.len();
        let spare = self.buf.capacity() - arrived;
        let (needed, room) = match self.buf.first_chunk::<SIZE_LEN>() {
            Some(size) => {
                let size = usize::try_from(i32::from_be_bytes(*size)).unwrap_or(0).min(self.frame_bytes_max);
                let missing = (size + SIZE_LEN).saturating_sub(arrived).max(1);
                let room = missing.min(arrived.max(self.earned).max(READ_LARGE));
                (room, room)
            }
            // What an earlier read left over is used up first.
            None => (READ_LEFT_OVER_MIN, self.earned.clamp(READ_SMALL, READ_LARGE)),
        };
        if spare < needed {
            self.buf.reserve(room);
        }
        &mut self.buf
    }

    /// The next whole frame without its size prefix, a slice of what was read; `None` until more bytes come in.
    ///
    /// # Errors
    /// A size that is negative or over the limit.
    pub fn next_frame(&mut self) -> Result<Option<Bytes>, FrameError> {
        let Some(size) = self.buf.first_chunk::<SIZE_LEN>() else { return Ok(None) };
        let size = i32::from_be_bytes(*size);
        let Ok(len) = usize::try_from(size) else { return Err(FrameError::NegativeSize { size }) };
        if len > self.frame_bytes_max {
            return Err(FrameError::TooLarge { size: len, limit: self.frame_bytes_max });
        }
        if self.buf.len() - SIZE_LEN < len {
            return Ok(None);
        }
        self.earned = self.earned.max(len);
        self.buf.advance(SIZE_LEN);
        Ok(Some(self.buf.split_to(len).freeze()))
    }

    /// How many bytes wait here, of frames that are not yet taken.
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.buf.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use proptest::prelude::*;

    fn framed(bodies: &[Vec<u8>]) -> Vec<u8> {
        let mut stream = Vec::new();
        for body in bodies {
            stream.extend_from_slice(&u32::try_from(body.len()).unwrap().to_be_bytes());
            stream.extend_from_slice(body);
        }
        stream
    }

    proptest! {
        #[test]
        fn frames_come_out_however_the_stream_is_cut(
            bodies in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..200), 0..20),
            cuts in proptest::collection::vec(1usize..100, 1..20),
        ) {
            let stream = framed(&bodies);
            let mut frames = FrameDecoder::new(200);
            let mut out: Vec<Vec<u8>> = Vec::new();
            let (mut rest, mut cuts) = (&stream[..], cuts.into_iter().cycle());
            while !rest.is_empty() {
                let (piece, after) = rest.split_at(cuts.next().unwrap_or(1).min(rest.len()));
                rest = after;
                frames.read_buf().extend_from_slice(piece);
                while let Some(frame) = frames.next_frame().unwrap() {
                    out.push(frame.to_vec());
                }
            }
            prop_assert_eq!(out, bodies);
            prop_assert_eq!(frames.buffered(), 0);
        }
    }

    #[test]
    fn a_size_that_cannot_be_is_an_error() {
        let mut frames = FrameDecoder::new(10);
        frames.read_buf().extend_from_slice(&[0xff, 0xff, 0xff, 0xff]);
        assert_eq!(frames.next_frame(), Err(FrameError::NegativeSize { size: -1 }));
        let mut frames = FrameDecoder::new(10);
        frames.read_buf().extend_from_slice(&[0, 0, 0, 11]);
        assert_eq!(frames.next_frame(), Err(FrameError::TooLarge { size: 11, limit: 10 }));
    }

    #[test]
    fn an_announced_frame_costs_no_more_than_what_arrived_of_it() {
        let announced = 90 * 1024 * 1024_u32;
        let mut frames = FrameDecoder::new(100 * 1024 * 1024);
        frames.read_buf().extend_from_slice(&announced.to_be_bytes());
        assert!(frames.read_buf().capacity() < 2 * READ_LARGE);
        let arrived = vec![0; 1024 * 1024];
        frames.read_buf().extend_from_slice(&arrived);
        assert!(frames.read_buf().capacity() < 4 * arrived.len());
    }

    #[test]
    fn a_peer_that_sent_a_large_frame_gets_room_for_the_next_at_once() {
        let body = vec![7; 1024 * 1024];
        let stream = framed(&[body.clone(), body]);
        let mut frames = FrameDecoder::new(stream.len());
        let (first, second) = stream.split_at(stream.len() / 2);
        frames.read_buf().extend_from_slice(first);
        assert!(frames.next_frame().unwrap().is_some());
        frames.read_buf().extend_from_slice(&second[..SIZE_LEN]);
        let buf = frames.read_buf();
        assert!(buf.capacity() - buf.len() >= 1024 * 1024);
    }
}
