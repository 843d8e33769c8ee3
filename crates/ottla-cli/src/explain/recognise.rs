//! What bytes are, seen from what they say, and how they fall into frames and batches.

use bytes::Bytes;
use ottla::protocol::ApiKey;
use ottla::protocol::records::Batch;

use super::source::Source;
use super::{FRAME_BYTES_MAX, capture};
use crate::arguments::Kind;
use crate::failure::Failure;

/// How much is looked at.
const LOOK_BYTES: usize = 1 << 20;

/// The smallest frame: the number of an answer.
const FRAME_BYTES_MIN: usize = 4;

/// Bytes before the length of a batch and with it, which counts what follows.
const LENGTH_AT: usize = 8;
const HEAD_BYTES: usize = 12;
/// Where the format of a batch is told, and how long its smallest form is (that of Kafka 0.8).
const MAGIC_AT: usize = 16;
const BATCH_LENGTH_MIN: usize = 14;

/// How far the versions of APIs may come.
const VERSION_MAX: i16 = 30;

/// What a source holds, if `wanted` does not say.
pub(super) fn kind(source: &mut Source, wanted: Kind) -> Result<Kind, Failure> {
    if wanted != Kind::Auto {
        return Ok(wanted);
    }
    if capture::is_one(source.look(4)?) {
        return Ok(Kind::Capture);
    }
    let head = source.look(LOOK_BYTES)?;
    let is_whole = head.len() < LOOK_BYTES;
    let is_certain = || {
        let first = Batch::split_first(&mut Bytes::copy_from_slice(head));
        first.is_ok_and(|batch| batch.is_some_and(|batch| batch.crc_is_valid()))
    };
    Ok(if is_certain() {
        Kind::Batches
    } else if are_frames(head, is_whole) {
        Kind::Frames
    } else if begins_with_batch(head) {
        Kind::Batches
    } else {
        Kind::Frame
    })
}

/// Whether sizes add up to what is there, or go beyond what was looked at.
fn are_frames(head: &[u8], is_whole: bool) -> bool {
    let mut rest = head;
    while let Some(size) = rest.first_chunk().map(|size| i32::from_be_bytes(*size)) {
        let Some(size) = frame_size(size) else { return false };
        match rest.get(4 + size..) {
            Some([]) => return true,
            Some(behind) => rest = behind,
            None => return !is_whole,
        }
    }
    !is_whole && !head.is_empty()
}

fn frame_size(size: i32) -> Option<usize> {
    usize::try_from(size).ok().filter(|size| (FRAME_BYTES_MIN..=FRAME_BYTES_MAX).contains(size))
}

fn begins_with_batch(head: &[u8]) -> bool {
    let is_known = head.get(MAGIC_AT).is_some_and(|magic| *magic <= 2);
    is_known && batch_length(head).is_some()
}

/// How many bytes follow the head of a batch.
fn batch_length(head: &[u8]) -> Option<usize> {
    let length = i32::from_be_bytes(*head.get(LENGTH_AT..)?.first_chunk()?);
    let is_possible = |length: &usize| (BATCH_LENGTH_MIN..=FRAME_BYTES_MAX).contains(length);
    usize::try_from(length).ok().filter(is_possible)
}

/// A frame or a batch, and where it begins.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Whole {
        at: u64,
        bytes: Bytes,
    },
    /// Why there are no more pieces, though there are more bytes.
    Broken {
        at: u64,
        what: String,
    },
}

/// Frames one behind the other, each with the size before it.
pub(super) fn frames(source: Source) -> impl Iterator<Item = Result<Piece, Failure>> {
    let length = |head: &[u8]| {
        let size = head.first_chunk().map_or(0, |size| i32::from_be_bytes(*size));
        frame_size(size).ok_or_else(|| format!("no frame has a size of {size} bytes"))
    };
    Pieces { source, at: 0, head_bytes: 4, length, name: "frame", is_over: false }
}

/// Record batches one behind the other.
pub(super) fn batches(source: Source) -> impl Iterator<Item = Result<Piece, Failure>> {
    let length = |head: &[u8]| {
        let said = || head.get(LENGTH_AT..).and_then(|length| length.first_chunk());
        let wrong = || {
            format!("no batch has a length of {} bytes", said().map_or(0, |said| i32::from_be_bytes(*said)))
        };
        batch_length(head).ok_or_else(wrong)
    };
    Pieces { source, at: 0, head_bytes: HEAD_BYTES, length, name: "batch", is_over: false }
}

/// Takes pieces off a source, each of which says in its first bytes how many follow.
struct Pieces<F> {
    source: Source,
    at: u64,
    head_bytes: usize,
    length: F,
    name: &'static str,
    is_over: bool,
}

impl<F: Fn(&[u8]) -> Result<usize, String>> Pieces<F> {
    fn take(&mut self) -> Result<Option<Piece>, Failure> {
        let at = self.at;
        let mut bytes = self.source.read_up_to(self.head_bytes)?;
        if bytes.is_empty() {
            return Ok(None);
        }
        let cut = |needed: usize, there: usize| {
            let what = format!("the {} that begins here is cut off: {there} bytes of {needed}", self.name);
            Ok(Some(Piece::Broken { at, what }))
        };
        if bytes.len() < self.head_bytes {
            return cut(self.head_bytes, bytes.len());
        }
        let length = match (self.length)(&bytes) {
            Ok(length) => length,
            Err(what) => return Ok(Some(Piece::Broken { at, what })),
        };
        bytes.extend(self.source.read_up_to(length)?);
        let needed = self.head_bytes + length;
        if bytes.len() < needed {
            return cut(needed, bytes.len());
        }
        self.at += u64::try_from(needed).unwrap_or(0);
        Ok(Some(Piece::Whole { at, bytes: bytes.into() }))
    }
}

impl<F: Fn(&[u8]) -> Result<usize, String>> Iterator for Pieces<F> {
    type Item = Result<Piece, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let piece = self.take().transpose();
        self.is_over = !matches!(piece, Some(Ok(Piece::Whole { .. })));
        piece
    }
}

/// Whether bytes begin as a request does, behind its size; `None` if there are too few of them to tell.
pub(super) fn looks_like_a_request(bytes: &[u8]) -> Option<bool> {
    let (size, rest) = bytes.split_first_chunk::<4>()?;
    let (api, rest) = rest.split_first_chunk::<2>()?;
    let (version, rest) = rest.split_first_chunk::<2>()?;
    let (_id, rest) = rest.split_first_chunk::<4>()?;
    let client = rest.first_chunk::<2>()?;
    let size = frame_size(i32::from_be_bytes(*size)).filter(|size| *size >= 10);
    let is_api = ApiKey::from_i16(i16::from_be_bytes(*api)).is_some();
    let is_version = (0..=VERSION_MAX).contains(&i16::from_be_bytes(*version));
    let client = i16::from_be_bytes(*client);
    let has_client =
        client == -1 || usize::try_from(client).is_ok_and(|len| size.is_some_and(|size| 10 + len <= size));
    Some(size.is_some() && is_api && is_version && has_client)
}

/// The number of the answer that bytes begin with, behind its size.
pub(super) fn answer_number(bytes: &[u8]) -> Option<i32> {
    let (size, rest) = bytes.split_first_chunk::<4>()?;
    frame_size(i32::from_be_bytes(*size))?;
    rest.first_chunk().map(|number| i32::from_be_bytes(*number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(bytes: &[u8]) -> Source {
        Source::of_bytes(bytes.to_vec(), None)
    }

    fn seen(bytes: &[u8]) -> Kind {
        kind(&mut source(bytes), Kind::Auto).unwrap()
    }

    #[test]
    fn frames_are_known_by_sizes_that_add_up() {
        assert_eq!(seen(b"\0\0\0\x08\0\x12\0\0\0\0\0\x01"), Kind::Frames);
        assert_eq!(seen(b"\0\0\0\x04abcd\0\0\0\x05abcde"), Kind::Frames);
        assert_eq!(seen(b"\0\0\0\x04abcd\0\0\0\x05abc"), Kind::Frame);
        assert_eq!(seen(b"\0\x12\0\0\0\0\0\x01"), Kind::Frame);
        assert_eq!(seen(b""), Kind::Frame);
        let mut long = b"\0\x01\0\0".to_vec();
        long.resize(70_000, 0);
        assert_eq!(seen(&long), Kind::Frame);
        long[65_540..65_544].copy_from_slice(&4_456_i32.to_be_bytes());
        assert_eq!(seen(&long), Kind::Frames);
        // The end of what was looked at is no end.
        let large = [&3_000_000_i32.to_be_bytes()[..], &vec![0; 3_000_000]].concat();
        assert_eq!(seen(&large), Kind::Frames);
    }

    #[test]
    fn batches_are_known_by_their_length_and_magic() {
        let mut batch = vec![0; 61];
        (batch[11], batch[16]) = (49, 2);
        assert_eq!(seen(&batch), Kind::Batches);
        batch[16] = 3;
        assert_eq!(seen(&batch), Kind::Frame);
    }

    #[test]
    fn captures_are_known_by_their_first_bytes() {
        assert_eq!(seen(b"\xd4\xc3\xb2\xa1\x02\0\x04\0"), Kind::Capture);
        assert_eq!(seen(b"\x0a\x0d\x0d\x0a\x1c\0\0\0"), Kind::Capture);
    }

    #[test]
    fn a_piece_that_is_cut_off_is_told_with_its_place() {
        let pieces: Vec<_> = frames(source(b"\0\0\0\x04abcd\0\0\0\x05abc")).map(Result::unwrap).collect();
        let [Piece::Whole { at: 0, bytes }, Piece::Broken { at: 8, what }] = &pieces[..] else {
            panic!("{pieces:?}")
        };
        assert_eq!(bytes, &b"\0\0\0\x04abcd"[..]);
        assert!(what.contains("7 bytes of 9"), "{what}");
        let pieces: Vec<_> = batches(source(&[0; 20])).map(Result::unwrap).collect();
        assert!(matches!(&pieces[..], [Piece::Broken { at: 0, .. }]), "{pieces:?}");
    }
}
