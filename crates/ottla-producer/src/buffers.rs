//! Buffers of batches that are done, kept for the next ones.
//!
//! Fresh memory costs more than what is written into it: the system has to clear each page, and no
//! cache knows it. A few buffers that go round are enough.

use std::sync::Mutex;

use bytes::Bytes;
use ottla_client::internal::lock;

/// Buffers kept at most, so that a burst does not leave its memory behind.
const BUFFERS_MAX: usize = 64;

/// Buffers that are free.
#[derive(Debug)]
pub(crate) struct Buffers {
    free: Mutex<Vec<Vec<u8>>>,
    /// Buffers larger than this are not kept.
    bytes_max: usize,
}

impl Buffers {
    /// Keeps buffers of up to twice `batch_size`.
    pub(crate) fn new(batch_size: usize) -> Self {
        Self { free: Mutex::default(), bytes_max: batch_size.saturating_mul(2) }
    }

    /// An empty buffer with room for `bytes`.
    pub(crate) fn take(&self, bytes: usize) -> Vec<u8> {
        match lock(&self.free).pop() {
            Some(free) if free.capacity() >= bytes => free,
            _ => Vec::with_capacity(bytes),
        }
    }

    /// Takes a buffer back, if nobody else holds on to it.
    pub(crate) fn give_back(&self, bytes: Bytes) {
        let Ok(own) = bytes.try_into_mut() else { return };
        let mut free = Vec::from(own);
        if (1..=self.bytes_max).contains(&free.capacity()) {
            free.clear();
            let mut kept = lock(&self.free);
            if kept.len() < BUFFERS_MAX {
                kept.push(free);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_goes_round_and_is_empty_when_it_comes_back() {
        let buffers = Buffers::new(1_000);
        let mut buffer = buffers.take(1_000);
        buffer.extend_from_slice(&[7; 500]);
        let address = buffer.as_ptr();
        buffers.give_back(buffer.into());
        let again = buffers.take(1_000);
        assert_eq!((again.as_ptr(), again.len()), (address, 0));
    }

    #[test]
    fn what_others_hold_or_is_too_large_is_not_kept() {
        let buffers = Buffers::new(100);
        let shared = Bytes::from(vec![1; 100]);
        buffers.give_back(shared.clone());
        assert_eq!(&shared[..], &[1; 100]);
        buffers.give_back(vec![1; 10_000].into());
        assert!(lock(&buffers.free).is_empty());
    }
}
