//! Memory that the kept batches of one log share, so that keeping a small one costs its own bytes.
//!
//! A small batch is a slice of a buffer that its connection read many requests into. Kept as that
//! slice it would hold the whole buffer, so that a tail of a few megabytes could hold gigabytes.

use bytes::{Bytes, BytesMut};

/// Bytes that are allocated at once. An idle log keeps at most this much.
const CHUNK_BYTES: usize = 4 << 10;

/// Bytes that are allocated first; each time it is twice as much, so that a log with few batches takes little.
const FIRST_CHUNK_BYTES: usize = 256;

/// A body of at most this many bytes is copied; a larger one holds most of its buffer by itself.
pub(crate) const BODY_COPIED_MAX: usize = 16 << 10;

/// Copies bytes to keep next to each other.
#[derive(Debug, Default)]
pub(crate) struct Arena {
    chunk: BytesMut,
    /// Size of the last chunk; 0 before the first.
    chunk_bytes: usize,
}

impl Arena {
    /// A copy that lives as long as the answer, or others of its chunk, are held.
    pub(crate) fn keep(&mut self, bytes: &[u8]) -> Bytes {
        if self.chunk.capacity() < bytes.len() {
            self.chunk_bytes = (self.chunk_bytes * 2).clamp(FIRST_CHUNK_BYTES, CHUNK_BYTES);
            self.chunk = BytesMut::with_capacity(bytes.len().max(self.chunk_bytes));
        }
        self.chunk.extend_from_slice(bytes);
        self.chunk.split().freeze()
    }

    /// A copy of a small body, or a slice of the buffer of a large one.
    pub(crate) fn keep_body(&mut self, body: Bytes) -> Bytes {
        if body.len() <= BODY_COPIED_MAX { self.keep(&body) } else { body }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_body_lets_go_of_the_buffer_that_it_came_in() {
        let mut arena = Arena::default();
        let buffer = Bytes::from(vec![7; 64 << 10]);
        let kept = arena.keep_body(buffer.slice(100..200));
        assert_eq!(kept, [7; 100].as_slice());
        assert!(buffer.is_unique(), "the copy does not hold the buffer");
    }

    #[test]
    fn chunks_begin_small_and_grow_to_their_limit() {
        let mut arena = Arena::default();
        let mut sizes = Vec::new();
        for _ in 0..200 {
            arena.keep(&[7; 100]);
            if sizes.last() != Some(&arena.chunk_bytes) {
                sizes.push(arena.chunk_bytes);
            }
        }
        assert_eq!(sizes, [256, 512, 1024, 2048, 4096]);
    }

    #[test]
    fn a_large_body_is_not_copied() {
        let buffer = Bytes::from(vec![7; 64 << 10]);
        let kept = Arena::default().keep_body(buffer.slice(..BODY_COPIED_MAX + 1));
        assert_eq!(kept.as_ptr(), buffer.as_ptr());
    }
}
