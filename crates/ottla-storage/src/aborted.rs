//! Transactions that were aborted: which they are, and what each segment and its `.txnindex` say of them.
//!
//! A transaction is told of in the segment that holds the marker at its end, in order of these markers; its records
//! may begin in an earlier one. Here live the entries, their bytes, and what a segment knows of its
//! own: of the active one always all, of a closed one nothing until a reader asks. Loading and making anew is in
//! [`load`], what readers are told in [`crate::log`].
//!
//! # The file
//!
//! Kafka's, entries of 34 bytes, big-endian; there is none for a segment without an entry:
//!
//! ```text
//! version i16 = 0 | producer_id i64 | first_offset i64 | last_offset i64 | last_stable_offset i64
//! ```
//!
//! It has no checksum, and one that is gone looks like one that was never needed. So a [`Summary`]
//! is kept beside the producers of the moment at which a segment ended (`.producers`), and a file is believed if it
//! fits that.

use ottla_protocol::records::crc32c;

pub(crate) mod load;

/// Bytes of an entry.
pub(crate) const ENTRY_LEN: usize = 34;
const VERSION: i16 = 0;

/// An aborted transaction, as an entry of a `.txnindex` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct AbortedEntry {
    /// Offset of its first record.
    pub(crate) first_offset: i64,
    /// Whose it was.
    pub(crate) producer_id: i64,
    /// Offset of the marker that ended it.
    pub(crate) last_offset: i64,
    /// The last stable offset once it had ended: where the oldest one began that was open then, or the offset behind the marker.
    pub(crate) last_stable_offset: i64,
}

impl AbortedEntry {
    /// Of the marker at `last_offset`, behind which the oldest open transaction is the one that began at `open_from`.
    pub(crate) fn new(first_offset: i64, producer_id: i64, last_offset: i64, open_from: Option<i64>) -> Self {
        let last_stable_offset = open_from.unwrap_or(last_offset + 1);
        Self { first_offset, producer_id, last_offset, last_stable_offset }
    }
}

/// The bytes of these entries.
pub(crate) fn encode(entries: &[AbortedEntry]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(entries.len() * ENTRY_LEN);
    for entry in entries {
        bytes.extend_from_slice(&VERSION.to_be_bytes());
        for field in [entry.producer_id, entry.first_offset, entry.last_offset, entry.last_stable_offset] {
            bytes.extend_from_slice(&field.to_be_bytes());
        }
    }
    bytes
}

/// The entries in these bytes; `None` when it cannot be an index of a segment from `base_offset` on.
pub(crate) fn decode(bytes: &[u8], base_offset: i64) -> Option<Vec<AbortedEntry>> {
    let (chunks, rest) = bytes.as_chunks::<ENTRY_LEN>();
    let mut entries: Vec<AbortedEntry> = Vec::with_capacity(chunks.len());
    for chunk in chunks {
        let (version, fields) = chunk.split_first_chunk::<2>()?;
        let (fields, _) = fields.as_chunks::<8>();
        let [producer_id, first_offset, last_offset, last_stable_offset] = fields else { return None };
        let [producer_id, first_offset, last_offset, last_stable_offset] =
            [producer_id, first_offset, last_offset, last_stable_offset]
                .map(|field| i64::from_be_bytes(*field));
        let entry = AbortedEntry { first_offset, producer_id, last_offset, last_stable_offset };
        let after = entries.last().map_or(base_offset - 1, |last| last.last_offset);
        if i16::from_be_bytes(*version) != VERSION || last_offset <= after || first_offset >= last_offset {
            return None;
        }
        entries.push(entry);
    }
    rest.is_empty().then_some(entries)
}

/// What a segment knows of the transactions whose abort markers stand in it.
#[derive(Debug, Default)]
pub(crate) enum SegmentAborted {
    /// Nothing: it has to be loaded. Never of the active segment.
    #[default]
    Unknown,
    /// All.
    Known(Known),
}

/// All of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// In order of their markers.
    pub(crate) entries: Vec<AbortedEntry>,
    /// How many of them are in the file, on stable storage.
    pub(crate) in_file: usize,
    /// Where the oldest transaction began that is open at the end of a closed segment.
    pub(crate) open_from: Option<i64>,
}

impl SegmentAborted {
    pub(crate) fn known(&self) -> Option<&Known> {
        match self {
            Self::Unknown => None,
            Self::Known(known) => Some(known),
        }
    }

    /// Takes note of one whose marker is appended to the active segment.
    pub(crate) fn push(&mut self, entry: AbortedEntry) {
        if let Self::Known(known) = self {
            known.entries.push(entry);
        }
    }

    /// Takes back those whose markers, from this offset on, could not be written.
    pub(crate) fn take_back(&mut self, offset: i64) {
        if let Self::Known(known) = self {
            let left = known.entries.partition_point(|entry| entry.last_offset < offset);
            known.entries.truncate(left);
            known.in_file = known.in_file.min(left);
        }
    }

    /// Takes note, when the segment is closed, of the oldest transaction that is open.
    pub(crate) fn close(&mut self, open_from: Option<i64>) {
        if let Self::Known(known) = self {
            known.entries.shrink_to_fit();
            known.open_from = open_from;
        }
    }

    /// Lets go of what the files say as well.
    pub(crate) fn forget(&mut self) {
        if self.known().is_some_and(|known| known.in_file == known.entries.len()) {
            *self = Self::Unknown;
        }
    }
}

/// What is written down of a segment's index at a moment, to know it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Summary {
    /// Base offset of the segment that ended there or went on; -1 when it is not known what its index should be.
    pub(crate) base_offset: i64,
    pub(crate) entries: u32,
    /// CRC-32C of the bytes of the entries.
    pub(crate) crc: u32,
    /// Where the oldest transaction began that was open; -1 for none.
    pub(crate) open_from: i64,
}

impl Summary {
    /// Says nothing of any segment.
    pub(crate) const UNKNOWN: Self = Self { base_offset: -1, entries: 0, crc: 0, open_from: -1 };

    pub(crate) fn new(base_offset: i64, entries: &[AbortedEntry], open_from: Option<i64>) -> Self {
        let Ok(count) = u32::try_from(entries.len()) else { return Self::UNKNOWN };
        let crc = crc32c(&encode(entries));
        Self { base_offset, entries: count, crc, open_from: open_from.unwrap_or(-1) }
    }

    /// The entries that it vouches for, from the start of the file of the segment from `base_offset` on.
    pub(crate) fn vouched(&self, file: &[u8], base_offset: i64) -> Option<Vec<AbortedEntry>> {
        let len = usize::try_from(self.entries).ok()?.checked_mul(ENTRY_LEN)?;
        let bytes = file.get(..len)?;
        if self.base_offset != base_offset || crc32c(bytes) != self.crc {
            return None;
        }
        decode(bytes, base_offset)
    }

    pub(crate) fn open_from(&self) -> Option<i64> {
        Some(self.open_from).filter(|from| *from >= 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(producer_id: i64, first_offset: i64, last_offset: i64) -> AbortedEntry {
        AbortedEntry { first_offset, producer_id, last_offset, last_stable_offset: last_offset + 1 }
    }

    #[test]
    fn an_entry_is_kafkas() {
        let bytes = encode(&[AbortedEntry {
            first_offset: 0x0203,
            producer_id: 7,
            last_offset: 0x0405,
            last_stable_offset: 0x0607,
        }]);
        let expected = [
            &[0, 0][..],
            &[0, 0, 0, 0, 0, 0, 0, 7],
            &[0, 0, 0, 0, 0, 0, 2, 3],
            &[0, 0, 0, 0, 0, 0, 4, 5],
            &[0, 0, 0, 0, 0, 0, 6, 7],
        ];
        assert_eq!(bytes, expected.concat());
    }

    #[test]
    fn what_cannot_be_an_index_is_refused() {
        let entries = [entry(1, 5, 10), entry(2, 3, 12)];
        let bytes = encode(&entries);
        assert_eq!(decode(&bytes, 10).as_deref(), Some(&entries[..]));
        assert_eq!(decode(&bytes, 11), None, "a marker before the segment");
        assert_eq!(decode(&encode(&[entries[1], entries[0]]), 0), None, "markers out of order");
        assert_eq!(decode(&encode(&[entry(1, 5, 5)]), 0), None, "a transaction without records");
        assert_eq!(decode(&bytes[..bytes.len() - 1], 0), None, "half an entry");
        assert_eq!(decode(&vec![0; bytes.len()], 0), None, "zeros");
        assert_eq!(decode(&[], 0), Some(Vec::new()));
        let mut newer = bytes.clone();
        newer[1] = 1;
        assert_eq!(decode(&newer, 0), None, "another version");
    }

    #[test]
    fn a_summary_vouches_for_the_start_of_its_own_file_alone() {
        let entries = [entry(1, 5, 10), entry(2, 3, 12), entry(1, 14, 20)];
        let file = encode(&entries);
        let summary = Summary::new(4, &entries[..2], Some(3));
        assert_eq!(summary.vouched(&file, 4).as_deref(), Some(&entries[..2]));
        assert_eq!(summary.open_from(), Some(3));
        assert_eq!(summary.vouched(&file, 5), None, "another segment's");
        assert_eq!(summary.vouched(&file[..ENTRY_LEN], 4), None, "cut off");
        assert_eq!(summary.vouched(&[], 4), None, "gone");
        for bit in 0..2 * ENTRY_LEN * 8 {
            let mut damaged = file.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(summary.vouched(&damaged, 4), None, "bit {bit}");
        }
        assert_eq!(Summary::UNKNOWN.vouched(&file, 0), None);
        assert_eq!(Summary::new(4, &[], None).vouched(&[], 4), Some(Vec::new()));
    }
}
