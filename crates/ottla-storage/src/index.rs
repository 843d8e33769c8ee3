//! The sparse indexes of one segment: from an offset to a position, from a timestamp to an offset.
//!
//! Here live the entries, their search, their bytes and the checks that a read index must pass.
//! When entries are made is decided by the log's writer; files are read and written by the
//! segment.
//!
//! ```text
//! .index, 8 bytes an entry              .timeindex, 12 bytes an entry
//! +-----------------+----------+        +-----------+-----------------+
//! | relative offset | position |        | timestamp | relative offset |
//! | i32             | i32      |        | i64       | i32             |
//! +-----------------+----------+        +-----------+-----------------+
//! ```
//!
//! All big endian, offsets relative to the segment's base. An offset entry names the *last* offset
//! of a batch and the position where that batch starts. A time entry says that no batch up to the
//! one that ends at this offset is newer than this timestamp, and that this one has it.

use crate::planted;

/// Bytes of one entry in an `.index` file.
pub(crate) const OFFSET_ENTRY_LEN: usize = 8;
/// Bytes of one entry in a `.timeindex` file.
pub(crate) const TIME_ENTRY_LEN: usize = 12;

/// One entry of an offset index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OffsetEntry {
    /// Last offset of the batch, relative to the segment's base.
    pub(crate) relative_offset: u32,
    /// Where the batch starts in the segment, in bytes.
    pub(crate) position: u32,
}

/// One entry of a time index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimeEntry {
    /// The greatest timestamp so far, in Unix milliseconds.
    pub(crate) timestamp: i64,
    /// Last offset of the first batch that has it, relative to the segment's base.
    pub(crate) relative_offset: u32,
}

/// Where an index says that an offset is: in the batch that `entry` names, or in one between it and `before`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Around {
    /// Position of the entry before; 0 where there is none.
    pub(crate) before: u32,
    /// The first entry of a batch that ends at the offset or behind it.
    pub(crate) entry: OffsetEntry,
    /// Position of the entry behind.
    pub(crate) after: Option<u32>,
}

impl Around {
    /// Whether so little lies between the two that it is as well read at once.
    pub(crate) fn is_dense(&self) -> bool {
        self.entry.position - self.before <= DENSE_MAX
    }
}

/// Bytes between two entries that may be many batches; twice the interval that is usual.
const DENSE_MAX: u32 = 8 * 1024;

/// Both indexes of one segment, in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Index {
    offsets: Vec<OffsetEntry>,
    times: Vec<TimeEntry>,
}

/// Why an index read from a file cannot be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadIndex {
    #[error("length of {len} bytes is not a multiple of {entry_len}")]
    Length { len: usize, entry_len: usize },
    #[error("entry {entry} is out of order")]
    Order { entry: usize },
    #[error("entry {entry} points past the end of the segment")]
    PastEnd { entry: usize },
}

impl Index {
    /// The entry from which a search for `relative_offset` starts: the batch that holds it is the one
    /// that the entry names, or comes behind it. `None` when no entry is low enough.
    pub(crate) fn entry_before(&self, relative_offset: u32) -> Option<OffsetEntry> {
        let after = self.offsets.partition_point(|entry| entry.relative_offset <= relative_offset);
        let after = if planted::is("index_off_by_one") { (after + 1).min(self.offsets.len()) } else { after };
        after.checked_sub(1).map(|last| self.offsets[last])
    }

    /// Position of [`entry_before`](Self::entry_before), or 0.
    pub(crate) fn position_before(&self, relative_offset: u32) -> u32 {
        self.entry_before(relative_offset).map_or(0, |entry| entry.position)
    }

    /// The entries around `relative_offset`. `None` when none is high enough.
    pub(crate) fn around(&self, relative_offset: u32) -> Option<Around> {
        let at = self.offsets.partition_point(|entry| entry.relative_offset < relative_offset);
        let entry = *self.offsets.get(at)?;
        let before = at.checked_sub(1).map_or(0, |before| self.offsets[before].position);
        Some(Around { before, entry, after: self.offsets.get(at + 1).map(|entry| entry.position) })
    }

    /// The entry of the highest indexed batch start in `(after, up_to]`, if there is one.
    pub(crate) fn boundary_in(&self, after: u32, up_to: u32) -> Option<OffsetEntry> {
        let end = self.offsets.partition_point(|entry| entry.position <= up_to);
        self.offsets[..end].last().copied().filter(|found| found.position > after)
    }

    /// The entry from which a search for `timestamp` starts: whatever lies before the batch that it names is
    /// not newer.
    pub(crate) fn time_before(&self, timestamp: i64) -> Option<TimeEntry> {
        let after = self.times.partition_point(|entry| entry.timestamp <= timestamp);
        let after = if planted::is("time_index_trusted") { (after + 1).min(self.times.len()) } else { after };
        after.checked_sub(1).map(|last| self.times[last])
    }

    /// The same, of entries up to `relative_offset`: what they name behind it may not have been written yet.
    pub(crate) fn time_before_in(&self, timestamp: i64, relative_offset: u32) -> Option<TimeEntry> {
        let found = self.time_before(timestamp)?;
        if found.relative_offset <= relative_offset {
            return Some(found);
        }
        let after = self.times.partition_point(|entry| entry.relative_offset <= relative_offset);
        after.checked_sub(1).map(|last| self.times[last])
    }

    /// The newest timestamp that an entry names up to `relative_offset`.
    pub(crate) fn newest_up_to(&self, relative_offset: u32) -> Option<i64> {
        let after = self.times.partition_point(|entry| entry.relative_offset <= relative_offset);
        after.checked_sub(1).map(|last| self.times[last].timestamp)
    }

    /// The first time entry that names an offset at `relative_offset` or behind it.
    pub(crate) fn time_from(&self, relative_offset: u32) -> Option<TimeEntry> {
        let before = self.times.partition_point(|entry| entry.relative_offset < relative_offset);
        self.times.get(before).copied()
    }

    /// Adds an offset entry. Entries come in order; one that does not rise is left out.
    pub(crate) fn push_offset(&mut self, entry: OffsetEntry) {
        let rises = self.offsets.last().is_none_or(|last| {
            last.relative_offset < entry.relative_offset && last.position < entry.position
        });
        if rises {
            self.offsets.push(entry);
        }
    }

    /// Adds a time entry when it is newer than the last one; older ones say nothing new.
    pub(crate) fn push_time(&mut self, entry: TimeEntry) {
        if self.times.last().is_none_or(|last| last.timestamp < entry.timestamp) {
            self.times.push(entry);
        }
    }

    /// Adds the entries of another index that point at `position` or behind it, where `relative_offset` begins.
    pub(crate) fn append_from(&mut self, other: &Self, position: u32, relative_offset: u32) {
        let offsets = other.offsets.partition_point(|entry| entry.position < position);
        other.offsets[offsets..].iter().for_each(|entry| self.push_offset(*entry));
        let times = other.times.partition_point(|entry| entry.relative_offset < relative_offset);
        other.times[times..].iter().for_each(|entry| self.push_time(*entry));
    }

    /// All entries, in order.
    pub(crate) fn entries(&self) -> (&[OffsetEntry], &[TimeEntry]) {
        (&self.offsets, &self.times)
    }

    pub(crate) fn last_offset(&self) -> Option<OffsetEntry> {
        self.offsets.last().copied()
    }

    pub(crate) fn first_time(&self) -> Option<TimeEntry> {
        self.times.first().copied()
    }

    pub(crate) fn last_time(&self) -> Option<TimeEntry> {
        self.times.last().copied()
    }

    pub(crate) fn offset_entries(&self) -> usize {
        self.offsets.len()
    }

    pub(crate) fn time_entries(&self) -> usize {
        self.times.len()
    }

    /// Bytes of memory that the entries take.
    pub(crate) fn memory(&self) -> usize {
        self.offsets.capacity() * size_of::<OffsetEntry>() + self.times.capacity() * size_of::<TimeEntry>()
    }

    /// Whether one more offset entry or time entry would exceed files of `index_bytes`.
    pub(crate) fn is_full(&self, index_bytes: usize) -> bool {
        (self.offsets.len() + 1) * OFFSET_ENTRY_LEN > index_bytes
            || (self.times.len() + 1) * TIME_ENTRY_LEN > index_bytes
    }

    /// Forgets what points at or past this place in the segment.
    pub(crate) fn truncate(&mut self, relative_offset: u32, position: u32) {
        let offsets = self.offsets.partition_point(|entry| entry.position < position);
        self.offsets.truncate(offsets);
        // A batch that ends before the cut keeps its time.
        let times = self.times.partition_point(|entry| entry.relative_offset < relative_offset);
        self.times.truncate(times);
    }

    /// Forgets what names offsets at `relative_offset` or behind it.
    pub(crate) fn keep_below(&mut self, relative_offset: u32) {
        let offsets = self.offsets.partition_point(|entry| entry.relative_offset < relative_offset);
        self.offsets.truncate(offsets);
        let times = self.times.partition_point(|entry| entry.relative_offset < relative_offset);
        self.times.truncate(times);
    }

    /// Gives back memory that was kept for entries to come.
    pub(crate) fn shrink(&mut self) {
        self.offsets.shrink_to_fit();
        self.times.shrink_to_fit();
    }

    /// Bytes of the offset entries from number `from` on.
    pub(crate) fn offset_bytes(&self, from: usize) -> Vec<u8> {
        let entries = self.offsets.get(from..).unwrap_or_default();
        let mut bytes = Vec::with_capacity(entries.len() * OFFSET_ENTRY_LEN);
        for entry in entries {
            bytes.extend_from_slice(&entry.relative_offset.to_be_bytes());
            bytes.extend_from_slice(&entry.position.to_be_bytes());
        }
        bytes
    }

    /// Bytes of the time entries from number `from` on.
    pub(crate) fn time_bytes(&self, from: usize) -> Vec<u8> {
        let entries = self.times.get(from..).unwrap_or_default();
        let mut bytes = Vec::with_capacity(entries.len() * TIME_ENTRY_LEN);
        for entry in entries {
            bytes.extend_from_slice(&entry.timestamp.to_be_bytes());
            bytes.extend_from_slice(&entry.relative_offset.to_be_bytes());
        }
        bytes
    }

    /// Reads both files of a segment of `segment_len` bytes.
    ///
    /// Zeros at the end are space that Kafka reserves for entries to come, and are left out.
    pub(crate) fn parse(offset_file: &[u8], time_file: &[u8], segment_len: u32) -> Result<Self, BadIndex> {
        Ok(Self { offsets: parse_offsets(offset_file, segment_len)?, times: parse_times(time_file)? })
    }
}

fn parse_offsets(file: &[u8], segment_len: u32) -> Result<Vec<OffsetEntry>, BadIndex> {
    let (entries, rest) = file.as_chunks::<OFFSET_ENTRY_LEN>();
    if !rest.is_empty() {
        return Err(BadIndex::Length { len: file.len(), entry_len: OFFSET_ENTRY_LEN });
    }
    let used = entries.iter().rposition(|entry| *entry != [0; OFFSET_ENTRY_LEN]).map_or(0, |last| last + 1);
    let mut offsets: Vec<OffsetEntry> = Vec::with_capacity(used);
    for (entry, bytes) in entries[..used].iter().enumerate() {
        let [a, b, c, d, e, f, g, h] = *bytes;
        let read = OffsetEntry {
            relative_offset: u32::from_be_bytes([a, b, c, d]),
            position: u32::from_be_bytes([e, f, g, h]),
        };
        if read.relative_offset > RELATIVE_OFFSET_MAX || read.position >= segment_len {
            return Err(BadIndex::PastEnd { entry });
        }
        let rises = offsets
            .last()
            .is_none_or(|last| last.relative_offset < read.relative_offset && last.position < read.position);
        if !rises {
            return Err(BadIndex::Order { entry });
        }
        offsets.push(read);
    }
    Ok(offsets)
}

fn parse_times(file: &[u8]) -> Result<Vec<TimeEntry>, BadIndex> {
    let (entries, rest) = file.as_chunks::<TIME_ENTRY_LEN>();
    if !rest.is_empty() {
        return Err(BadIndex::Length { len: file.len(), entry_len: TIME_ENTRY_LEN });
    }
    let used = entries.iter().rposition(|entry| *entry != [0; TIME_ENTRY_LEN]).map_or(0, |last| last + 1);
    let mut times: Vec<TimeEntry> = Vec::with_capacity(used);
    for (entry, bytes) in entries[..used].iter().enumerate() {
        let [a, b, c, d, e, f, g, h, i, j, k, l] = *bytes;
        let read = TimeEntry {
            timestamp: i64::from_be_bytes([a, b, c, d, e, f, g, h]),
            relative_offset: u32::from_be_bytes([i, j, k, l]),
        };
        if read.relative_offset > RELATIVE_OFFSET_MAX {
            return Err(BadIndex::PastEnd { entry });
        }
        let rises = times.last().is_none_or(|last| {
            last.timestamp < read.timestamp && last.relative_offset <= read.relative_offset
        });
        if !rises {
            return Err(BadIndex::Order { entry });
        }
        times.push(read);
    }
    Ok(times)
}

/// The greatest distance of an offset from its segment's base, so that it fits Kafka's `int32`.
pub(crate) const RELATIVE_OFFSET_MAX: u32 = i32::MAX as u32;

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Index {
        let mut index = Index::default();
        for (relative_offset, position) in [(9, 5000), (19, 10_000), (29, 15_000)] {
            index.push_offset(OffsetEntry { relative_offset, position });
            index.push_time(TimeEntry { timestamp: 1000 + i64::from(relative_offset), relative_offset });
        }
        index
    }

    #[test]
    fn a_search_starts_at_or_before_the_batch_that_holds_the_offset() {
        let index = sample();
        assert_eq!(index.position_before(0), 0);
        assert_eq!(index.position_before(8), 0);
        assert_eq!(index.position_before(9), 5000);
        assert_eq!(index.position_before(18), 5000);
        assert_eq!(index.position_before(1000), 15_000);
    }

    #[test]
    fn an_offset_lies_between_the_entries_around_it() {
        let index = sample();
        let around =
            |offset| index.around(offset).map(|found| (found.before, found.entry.position, found.after));
        assert_eq!(around(0), Some((0, 5000, Some(10_000))));
        assert_eq!(around(9), Some((0, 5000, Some(10_000))));
        assert_eq!(around(10), Some((5000, 10_000, Some(15_000))));
        assert_eq!(around(29), Some((10_000, 15_000, None)));
        assert_eq!(around(30), None);
    }

    #[test]
    fn batch_starts_are_found_between_positions() {
        let index = sample();
        assert_eq!(index.boundary_in(0, 4999).map(|entry| entry.position), None);
        assert_eq!(index.boundary_in(0, 5000).map(|entry| entry.position), Some(5000));
        assert_eq!(index.boundary_in(5000, 14_999).map(|entry| entry.position), Some(10_000));
        assert_eq!(index.boundary_in(15_000, 99_999).map(|entry| entry.position), None);
    }

    #[test]
    fn a_search_by_time_starts_where_all_before_is_older() {
        let index = sample();
        let offset_before = |timestamp| index.time_before(timestamp).map(|entry| entry.relative_offset);
        assert_eq!(offset_before(1008), None);
        assert_eq!(offset_before(1009), Some(9));
        assert_eq!(offset_before(i64::MAX), Some(29));
    }

    #[test]
    fn what_is_written_is_read() {
        let index = sample();
        let read = Index::parse(&index.offset_bytes(0), &index.time_bytes(0), 20_000).unwrap();
        assert_eq!(read, index);
        assert_eq!(index.offset_bytes(2).len(), OFFSET_ENTRY_LEN);
    }

    #[test]
    fn zeros_that_kafka_reserved_are_left_out() {
        let index = sample();
        let mut offsets = index.offset_bytes(0);
        offsets.resize(10 * 1024 * 1024, 0);
        let mut times = index.time_bytes(0);
        times.resize(10 * 1024 * 1020, 0);
        assert_eq!(Index::parse(&offsets, &times, 20_000).unwrap(), index);
    }

    #[test]
    fn damage_is_named() {
        let index = sample();
        let bytes = index.offset_bytes(0);
        let times = index.time_bytes(0);
        assert_eq!(
            Index::parse(&bytes[..23], &times, 20_000),
            Err(BadIndex::Length { len: 23, entry_len: 8 })
        );
        assert_eq!(Index::parse(&bytes, &times, 15_000), Err(BadIndex::PastEnd { entry: 2 }));
        let mut swapped = bytes.clone();
        swapped[..16].rotate_left(8);
        assert_eq!(Index::parse(&swapped, &times, 20_000), Err(BadIndex::Order { entry: 1 }));
        let mut hole = bytes;
        hole[8..16].fill(0);
        assert_eq!(Index::parse(&hole, &times, 20_000), Err(BadIndex::Order { entry: 1 }));
        let mut late = times;
        late[0] = 0x7f;
        assert_eq!(Index::parse(&[], &late, 20_000), Err(BadIndex::Order { entry: 1 }));
    }

    #[test]
    fn a_cut_forgets_what_lies_past_it() {
        let mut index = sample();
        index.truncate(20, 15_000);
        assert_eq!(index.last_offset().unwrap().position, 10_000);
        assert_eq!(index.last_time().unwrap().timestamp, 1019);
    }

    #[test]
    fn an_index_is_full_when_the_next_entry_would_not_fit() {
        let index = sample();
        assert!(index.is_full(24));
        assert!(index.is_full(47));
        assert!(!index.is_full(48));
    }
}
