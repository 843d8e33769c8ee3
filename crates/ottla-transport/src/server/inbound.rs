//! What has come over a connection and is no request yet.
//!
//! Bytes are read into plain vectors, whose spare room a read fills without anybody having to clear it first. Small requests
//! are copied out, so that none of them holds what came with it; a large one is read into a buffer of its own, which
//! becomes the request.

use bytes::Bytes;

/// A request of more than this gets a buffer of its own, once it is known how large it is.
pub(super) const LARGE_BYTES: usize = 16 * 1024;

/// Bytes in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Inbound {
    small: Vec<u8>,
    /// How much of `small` is done with.
    done: usize,
    /// A large request as far as it has come; then nothing is in `small`.
    large: Vec<u8>,
}

impl Inbound {
    /// What is there, from the first byte that is not done with.
    pub(super) fn bytes(&self) -> &[u8] {
        if self.is_large() { &self.large } else { &self.small[self.done..] }
    }

    pub(super) fn len(&self) -> usize {
        self.bytes().len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes().is_empty()
    }

    /// Whether memory is held, be there something in it or not.
    pub(super) fn holds_memory(&self) -> bool {
        self.small.capacity() + self.large.capacity() > 0
    }

    /// Whether the last read found more than there was room for.
    pub(super) fn is_full(&self) -> bool {
        !self.is_large() && self.small.len() == self.small.capacity()
    }

    fn is_large(&self) -> bool {
        self.large.capacity() > 0
    }

    /// Says that the first so many bytes are done with.
    pub(super) fn advance(&mut self, count: usize) {
        self.done += count;
        if self.done == self.small.len() {
            self.small.clear();
            self.done = 0;
        }
    }

    /// Takes out the first so many bytes.
    pub(super) fn take(&mut self, count: usize) -> Bytes {
        if self.is_large() {
            let mut taken = std::mem::take(&mut self.large);
            // An allocator may give more than it was asked for, and a read fill it.
            self.small.extend(taken.drain(count..));
            return taken.into();
        }
        let taken = Bytes::copy_from_slice(&self.small[self.done..][..count]);
        self.advance(count);
        taken
    }

    /// Where the next read goes: the spare room of the answer, which is at least a byte, and about `room` if less than
    /// `least` was left.
    pub(super) fn room(&mut self, room: usize, least: usize) -> &mut Vec<u8> {
        if self.small.capacity() - self.small.len() < room.min(least) {
            self.small.drain(..self.done);
            self.done = 0;
            self.small.reserve_exact(room);
        }
        &mut self.small
    }

    /// The same for a large request, of which no more is to be read than `room`.
    pub(super) fn large_room(&mut self, room: usize, least: usize) -> &mut Vec<u8> {
        if !self.is_large() {
            let held = &self.small[self.done..];
            self.large.reserve_exact(held.len() + room);
            self.large.extend_from_slice(held);
            self.small.clear();
            self.done = 0;
        } else if self.large.capacity() - self.large.len() < room.min(least) {
            self.large.reserve_exact(room);
        }
        &mut self.large
    }
}
