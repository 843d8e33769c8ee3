//! What a record holds: who sent it, which of the sender's it is, and bytes that follow from both.
//!
//! So a record can be checked with nothing but itself, and every lost, repeated, moved or changed one shows.

/// Bytes of a payload that say whose it is: the task and the number of the record, both little-endian.
pub(crate) const SIZE_MIN: usize = 12;

/// Which record it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Id {
    /// The task that sent it.
    pub(crate) task: u32,
    /// Its place among those that the task sent.
    pub(crate) number: u64,
}

/// Writes the payload of a record into `payload`, which is of its final size.
pub(crate) fn write(id: Id, payload: &mut [u8]) {
    let (head, tail) = payload.split_at_mut(SIZE_MIN);
    head[..4].copy_from_slice(&id.task.to_le_bytes());
    head[4..].copy_from_slice(&id.number.to_le_bytes());
    for (bytes, word) in tail.chunks_mut(8).zip(words(id)) {
        bytes.copy_from_slice(&word.to_le_bytes()[..bytes.len()]);
    }
}

/// Which record a payload is; `None` if it is not as it was written.
pub(crate) fn read(payload: &[u8], size: usize) -> Option<Id> {
    if payload.len() != size {
        return None;
    }
    let (task, rest) = payload.split_first_chunk::<4>()?;
    let (number, tail) = rest.split_first_chunk::<8>()?;
    let id = Id { task: u32::from_le_bytes(*task), number: u64::from_le_bytes(*number) };
    let whole =
        tail.chunks(8).zip(words(id)).all(|(bytes, word)| *bytes == word.to_le_bytes()[..bytes.len()]);
    whole.then_some(id)
}

/// An endless row of words that look random and follow from the id alone (splitmix64).
fn words(id: Id) -> impl Iterator<Item = u64> {
    let mut state = id.number.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (u64::from(id.task) << 40);
    std::iter::repeat_with(move || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    })
}
