//! What stands beside a segment, held against its batches: both indexes, aborted transactions, producers.

use std::io;
use std::path::Path;

use super::finding::{Finding, Mend, Problem, Report};
use crate::disk::Disk;
use crate::disk::wait::block_on;
use crate::index::{Index, OffsetEntry, TimeEntry};
use crate::producers::snapshot;
use crate::segment::index_files::read_whole;
use crate::segment::{Segment, Suffix, file_name};

/// Bytes of one entry of a `.txnindex`: version, producer id, first, last and last stable offset.
const ABORTED_LEN: usize = 34;

/// The offset and time index of a segment, which are followed from batch to batch.
#[derive(Debug, Default)]
pub(super) struct Indexes {
    offsets: Vec<OffsetEntry>,
    times: Vec<TimeEntry>,
    next_offset: usize,
    next_time: usize,
    newest: i64,
    /// Whether timestamps are unknown, because a batch before could not be read.
    unknown: bool,
    /// What is wrong with each of them, as far as it is known.
    wrong: [Option<Problem>; 2],
}

impl Indexes {
    pub(super) fn read(disk: &dyn Disk, segment: &Segment, len: u32, is_last: bool) -> io::Result<Self> {
        let mut indexes = Self { newest: i64::MIN, ..Self::default() };
        for (number, suffix) in [Suffix::Index, Suffix::TimeIndex].into_iter().enumerate() {
            let bytes = block_on(read_whole(disk, &segment.path(suffix)))?;
            let Some(bytes) = bytes else {
                // That of the last segment is written with the first checkpoint.
                if !is_last {
                    indexes.wrong[number] = Some(Problem::IndexMissing);
                }
                continue;
            };
            let parsed = match suffix {
                Suffix::Index => Index::parse(&bytes, &[], len),
                _ => Index::parse(&[], &bytes, len),
            };
            match parsed {
                Ok(index) if suffix == Suffix::Index => indexes.offsets = index.entries().0.to_vec(),
                Ok(index) => {
                    indexes.times = index.entries().1.to_vec();
                    if indexes.times.is_empty() && len > 0 && !is_last {
                        indexes.wrong[number] = Some(Problem::IndexWrong("it has no entry".to_owned()));
                    }
                }
                Err(why) => indexes.wrong[number] = Some(Problem::IndexWrong(why.to_string())),
            }
        }
        Ok(indexes)
    }

    /// Goes past a batch.
    pub(super) fn batch(&mut self, last: u32, max_timestamp: i64, position: u32) {
        self.newest = self.newest.max(max_timestamp);
        while let Some(entry) = self.offsets.get(self.next_offset).filter(|entry| entry.position <= position)
        {
            if entry.position != position || entry.relative_offset != last {
                let at = self.next_offset;
                let why =
                    format!("entry {at} points to byte {}, where no batch of its offset is", entry.position);
                self.wrong[0].get_or_insert(Problem::IndexWrong(why));
            }
            self.next_offset += 1;
        }
        while let Some(entry) = self.times.get(self.next_time).filter(|entry| entry.relative_offset <= last) {
            if entry.timestamp != self.newest && !self.unknown {
                let (at, told, newest) = (self.next_time, entry.timestamp, self.newest);
                let why = format!("entry {at} says that {told} is the newest timestamp, which is {newest}");
                self.wrong[1].get_or_insert(Problem::IndexWrong(why));
            }
            self.next_time += 1;
        }
    }

    /// Goes past bytes that are no batch any more, but had entries when they were one.
    pub(super) fn damage(&mut self, from: u32, to: u32) {
        self.unknown = true;
        let within = |entry: &&OffsetEntry| (from..to).contains(&entry.position);
        while self.offsets.get(self.next_offset).filter(within).is_some() {
            self.next_offset += 1;
        }
    }

    /// Tells what is wrong once all batches were seen.
    pub(super) fn end(mut self, segment: &Segment, report: &mut Report) {
        if self.unknown {
            self.next_time = self.times.len();
        }
        let left = [self.offsets.len() - self.next_offset, self.times.len() - self.next_time];
        for (number, suffix) in [Suffix::Index, Suffix::TimeIndex].into_iter().enumerate() {
            if left[number] > 0 {
                let why = format!("{} of its entries point past the last batch", left[number]);
                self.wrong[number].get_or_insert(Problem::IndexWrong(why));
            }
            if let Some(problem) = self.wrong[number].take() {
                let mend = Some(Mend::Indexes { segment: segment.path(Suffix::Log) });
                report.findings.push(Finding { path: segment.path(suffix), bytes: None, problem, mend });
            }
        }
    }
}

/// An aborted transaction, as an entry of a `.txnindex` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Aborted {
    pub(super) producer_id: i64,
    pub(super) first_offset: i64,
    pub(super) last_offset: i64,
    pub(super) last_stable_offset: i64,
}

impl Aborted {
    fn to_bytes(self) -> [u8; ABORTED_LEN] {
        let mut bytes = [0; ABORTED_LEN];
        let fields = [self.producer_id, self.first_offset, self.last_offset, self.last_stable_offset];
        for (field, place) in fields.into_iter().zip(bytes[2..].chunks_exact_mut(8)) {
            place.copy_from_slice(&field.to_be_bytes());
        }
        bytes
    }

    /// The entries of a `.txnindex`.
    pub(super) fn parse(bytes: &[u8]) -> Result<Vec<Self>, String> {
        let (entries, rest) = bytes.as_chunks::<ABORTED_LEN>();
        if !rest.is_empty() {
            return Err(format!("length of {} bytes is not a multiple of {ABORTED_LEN}", bytes.len()));
        }
        let read = |(number, entry): (usize, &[u8; ABORTED_LEN])| {
            let version = i16::from_be_bytes([entry[0], entry[1]]);
            if version != 0 {
                return Err(format!("entry {number} is of version {version}"));
            }
            let (fields, _) = entry[2..].as_chunks::<8>();
            let field = |number: usize| fields.get(number).map_or(-1, |bytes| i64::from_be_bytes(*bytes));
            Ok(Self {
                producer_id: field(0),
                first_offset: field(1),
                last_offset: field(2),
                last_stable_offset: field(3),
            })
        };
        entries.iter().enumerate().map(read).collect()
    }
}

/// Holds the `.txnindex` of a segment against the transactions whose end was seen in it; only when `all` began where
/// they could be seen is what is missing told.
pub(super) fn transactions(
    disk: &dyn Disk,
    segment: &Segment,
    end: i64,
    (seen, all): (&[Aborted], bool),
    report: &mut Report,
) -> io::Result<()> {
    let path = segment.path(Suffix::TxnIndex);
    let bytes = block_on(read_whole(disk, &path))?;
    let parsed = bytes.as_deref().map(Aborted::parse);
    let (problem, mut known) = match parsed {
        None if seen.is_empty() => return Ok(()),
        None => (Some(Problem::IndexMissing), Vec::new()),
        Some(Err(why)) => (Some(Problem::IndexWrong(why)), Vec::new()),
        Some(Ok(known)) => {
            let range = segment.base_offset()..end.max(segment.base_offset() + 1);
            let is_sane = |entry: &&Aborted| {
                range.contains(&entry.last_offset)
                    && entry.first_offset <= entry.last_offset
                    && entry.producer_id >= 0
            };
            let is_known = |one: &&Aborted| {
                let same = |entry: &Aborted| {
                    (entry.producer_id, entry.last_offset) == (one.producer_id, one.last_offset)
                        && entry.first_offset <= one.first_offset
                };
                known.iter().any(same)
            };
            let odd = known.iter().position(|entry| !is_sane(&entry));
            let missing = seen.iter().find(|one| !is_known(one));
            let why = match (odd, missing) {
                (Some(entry), _) => {
                    Some(format!("entry {entry} is of no transaction that ended in this segment"))
                }
                (None, Some(one)) => Some(format!(
                    "the transaction of producer {} that was aborted at offset {} is missing",
                    one.producer_id, one.last_offset
                )),
                (None, None) => None,
            };
            (why.map(Problem::IndexWrong), known.iter().copied().filter(|entry| is_sane(&entry)).collect())
        }
    };
    let Some(problem) = problem else { return Ok(()) };
    let mend = all.then(|| {
        known.retain(|entry| !seen.iter().any(|one| one.last_offset == entry.last_offset));
        known.extend_from_slice(seen);
        known.sort_by_key(|entry| entry.last_offset);
        let content: Vec<u8> = known.iter().flat_map(|entry| entry.to_bytes()).collect();
        match content.is_empty() {
            true => Mend::Remove { path: path.clone() },
            false => Mend::Write { path: path.clone(), content },
        }
    });
    report.findings.push(Finding { path, bytes: None, problem, mend });
    Ok(())
}

/// Looks at the files of the producers at an offset.
pub(super) fn producers(
    disk: &dyn Disk,
    dir: &Path,
    offset: i64,
    end: i64,
    report: &mut Report,
) -> io::Result<()> {
    let path = dir.join(file_name(offset, Suffix::Snapshot));
    let beside = dir.join(file_name(offset, Suffix::Producers));
    let older = block_on(read_whole(disk, &beside))?;
    let tell = |report: &mut Report, path: &Path, problem, mend| {
        report.findings.push(Finding { path: path.to_path_buf(), bytes: None, problem, mend });
    };
    let Some(last) = block_on(read_whole(disk, &path))? else {
        tell(report, &beside, Problem::Orphan, None);
        return Ok(());
    };
    let remove = |path: &Path| Some(Mend::Remove { path: path.to_path_buf() });
    let identity = older.as_deref().and_then(snapshot::identity_of).unwrap_or(0);
    match snapshot::decode(offset, &last, older.as_deref(), identity) {
        // The second names the first one that it belongs to.
        Err(why @ snapshot::BadSnapshot::Foreign) => {
            tell(report, &beside, Problem::Snapshot(why.to_string()), remove(&beside));
        }
        Err(why) => tell(report, &path, Problem::Snapshot(why.to_string()), remove(&path)),
        Ok((_, None)) if older.is_some() => {
            let why = "they do not fit the snapshot beside it".to_owned();
            tell(report, &beside, Problem::Snapshot(why), remove(&beside));
        }
        Ok(_) if offset > end => tell(report, &path, Problem::SnapshotPastEnd { offset, end }, None),
        Ok((producers, _)) => {
            let greatest = producers.iter().map(|(id, _)| id).max();
            report.counts.producer_id_max = report.counts.producer_id_max.max(greatest);
        }
    }
    Ok(())
}
