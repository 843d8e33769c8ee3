//! What can be wrong with a folder, in words, and what can be done about it.

use std::ops::Range;
use std::path::PathBuf;

use crate::files::Damage;

/// What [`examine`](super::examine) found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What is wrong, file by file.
    pub findings: Vec<Finding>,
    /// How much was read.
    pub counts: Counts,
    /// The base of the first segment, where one log was looked at.
    pub log_start: Option<i64>,
    /// The offset behind the last whole batch, where one log was looked at.
    pub log_end: Option<i64>,
}

impl Report {
    /// Whether everything is as it should be; notes do not count.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.findings.iter().all(|finding| finding.problem.weight() == Weight::Note)
    }
}

/// How much was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Folders of logs.
    pub logs: u64,
    /// Files of batches.
    pub segments: u64,
    /// Whole batches.
    pub batches: u64,
    /// Records in them.
    pub records: u64,
    /// Bytes of the files of batches.
    pub bytes: u64,
    /// The greatest id of a producer that batches or snapshots name.
    pub producer_id_max: Option<i64>,
}

/// One thing that is wrong, or worth knowing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file, relative to the root of the disk.
    pub path: PathBuf,
    /// The bytes of it, where it is not all of it.
    pub bytes: Option<Range<u64>>,
    /// What is wrong.
    pub problem: Problem,
    /// What can be done about it here.
    pub mend: Option<Mend>,
}

/// What follows from a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Nothing: the next start takes care of it, or nobody minds.
    Note,
    /// A file that is made anew from the log is missing or wrong.
    Cache,
    /// Records are damaged or lost.
    Data,
}

/// Why bytes are no whole batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Flaw {
    /// Fewer bytes are left than a header has.
    #[error("{left} bytes are too few for a batch")]
    Short {
        /// Bytes up to the end of the file.
        left: u64,
    },
    /// Zeros up to the end of the file, which a write that never arrived leaves.
    #[error("zeros")]
    Zeros,
    /// A message of a format from before Kafka 0.11.
    #[error("message format v{0}, where only v2 is read")]
    Magic(i8),
    /// A length, an offset or a count that no batch has.
    #[error("bytes that are no batch")]
    Header,
    /// The batch is longer than what is left of the file.
    #[error("a batch of {size} bytes of which {left} are there")]
    Cut {
        /// Bytes that its header claims.
        size: u64,
        /// Bytes up to the end of the file.
        left: u64,
    },
    /// Its checksum is not that of its bytes.
    #[error("checksum {stored:08x} of bytes that have {computed:08x}")]
    Checksum {
        /// What the header says.
        stored: u32,
        /// What the bytes come to.
        computed: u32,
    },
}

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The log ends in bytes that are no whole batch and that no sync is known to have covered.
    #[error("the log ends in {flaw}, from offset {offset} on; {batches_behind} whole batches follow")]
    TornEnd {
        /// Why the first bytes are no batch.
        flaw: Flaw,
        /// The offset that would come next.
        offset: i64,
        /// Whole batches behind the damage.
        batches_behind: u64,
        /// Records in them.
        records_behind: u64,
    },
    /// Bytes that are no whole batch, below others or where a sync had covered them.
    #[error("{flaw}, where offset {offset} is expected: readers are answered CORRUPT_MESSAGE there")]
    Damaged {
        /// Why the first bytes are no batch.
        flaw: Flaw,
        /// The offset that would come next.
        offset: i64,
    },
    /// A batch has offsets that were there before, or belong to the next segment.
    #[error("batch of offsets {first} to {last}, where {expected} or more is expected, and below {bound}")]
    OffsetsOutOfOrder {
        /// Its first offset.
        first: i64,
        /// Its last offset.
        last: i64,
        /// The lowest that it may have.
        expected: i64,
        /// Where the next segment begins; the greatest number for the last one.
        bound: i64,
    },
    /// The records of a batch are not what its header says, though the checksum is right.
    #[error("batch at offset {offset}: {why}")]
    Records {
        /// Its first offset.
        offset: i64,
        /// What is wrong.
        why: String,
    },
    /// A batch could not be looked into, because this build has no such codec.
    #[error("batches of a codec that this build lacks were not looked into: {0}")]
    CodecMissing(String),
    /// A file of more bytes than a segment can have.
    #[error("{len} bytes are more than a segment can have")]
    TooLong {
        /// Its length.
        len: u64,
    },
    /// An index is not there.
    #[error("the index is missing")]
    IndexMissing,
    /// An index is no index of this segment.
    #[error("the index is wrong: {0}")]
    IndexWrong(String),
    /// A file of producers cannot be used.
    #[error("the producers in it cannot be used: {0}")]
    Snapshot(String),
    /// A file of producers is of a time when the log reached further.
    #[error("it was taken at offset {offset}, and the log ends at {end}")]
    SnapshotPastEnd {
        /// Where it was taken.
        offset: i64,
        /// Where the log ends.
        end: i64,
    },
    /// A small file is damaged.
    #[error(transparent)]
    Damage(#[from] Damage),
    /// The topic of the log is not told.
    #[error("partition.metadata is missing, so nobody can tell which topic this is")]
    NoTopicId,
    /// The leader epochs are not those of the batches.
    #[error("the batch at offset {offset} is of leader epoch {found}, and the file says {told}")]
    Epochs {
        /// First offset of the batch.
        offset: i64,
        /// What the batch says.
        found: i32,
        /// What the file says; -1 for nothing.
        told: i32,
    },
    /// The leader epochs do not rise, or are not those of the batches.
    #[error("its leader epochs are not those of the batches")]
    EpochsWrong,
    /// A checkpoint knows of records that are not there.
    #[error("it says {offset} of {log}, which ends at {end}: {}", if *.lost { "records are missing" } else { "it is of another log" })]
    PastEnd {
        /// The log.
        log: String,
        /// What the checkpoint says.
        offset: i64,
        /// Where the log ends.
        end: i64,
        /// Whether the checkpoint promised the records.
        lost: bool,
    },
    /// A checkpoint names a log that has no folder.
    #[error("it names {0}, which has no folder")]
    UnknownLog(String),
    /// Left by a change of segments or by a write: the next start finishes or removes it.
    #[error("left by a change that was not finished; the next start settles it")]
    Leftover,
    /// The copy of what was cut off once.
    #[error("a copy of what was cut off; nobody reads it")]
    Cut,
    /// An index, or state of producers, of a segment that is gone.
    #[error("the file that it belongs to is gone")]
    Orphan,
    /// Not a file of a log.
    #[error("not a file of a log")]
    Foreign,
    /// No segment at all.
    #[error("a folder without segments: the log is empty")]
    NoSegments,
}

impl Problem {
    /// What follows from it.
    #[must_use]
    pub fn weight(&self) -> Weight {
        match self {
            Self::TornEnd { .. }
            | Self::Damaged { .. }
            | Self::OffsetsOutOfOrder { .. }
            | Self::Records { .. }
            | Self::TooLong { .. }
            | Self::PastEnd { lost: true, .. } => Weight::Data,
            Self::IndexMissing
            | Self::IndexWrong(_)
            | Self::Snapshot(_)
            | Self::Damage(_)
            | Self::NoTopicId
            | Self::Epochs { .. }
            | Self::EpochsWrong
            | Self::PastEnd { lost: false, .. } => Weight::Cache,
            Self::SnapshotPastEnd { .. }
            | Self::CodecMissing(_)
            | Self::UnknownLog(_)
            | Self::Leftover
            | Self::Cut
            | Self::Orphan
            | Self::Foreign
            | Self::NoSegments => Weight::Note,
        }
    }
}

/// What can be done about a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mend {
    /// The offset and time index of a segment are made anew from its batches.
    Indexes {
        /// The file of batches.
        segment: PathBuf,
    },
    /// A small file is written anew: the index of aborted transactions, or the leader epochs.
    Write {
        /// The file.
        path: PathBuf,
        /// What it has to say, by the batches.
        content: Vec<u8>,
    },
    /// A file that says nothing is removed: what it said, if anything, is found out by the next start.
    Remove {
        /// The file.
        path: PathBuf,
    },
    /// The end of a segment is cut off, once it was copied.
    Cut {
        /// The file of batches.
        segment: PathBuf,
        /// What is cut off.
        bytes: Range<u64>,
        /// The offset at which the log then ends.
        offset: i64,
        /// Where the copy goes.
        copy: PathBuf,
        /// Whole batches that are cut off as well.
        batches: u64,
        /// Records in them.
        records: u64,
    },
}

impl Mend {
    /// Whether bytes of the log are taken out of it, so that somebody should have agreed.
    #[must_use]
    pub fn discards(&self) -> bool {
        matches!(self, Self::Cut { .. })
    }
}

impl std::fmt::Display for Mend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Indexes { segment } => write!(f, "make the indexes of {} anew", segment.display()),
            Self::Write { path, .. } => write!(f, "write {} anew from the batches", path.display()),
            Self::Remove { path } => {
                write!(f, "remove {}; the next start makes anew what it should say", path.display())
            }
            Self::Cut { segment, bytes, offset, copy, batches, records } => {
                let (at, to) = (bytes.start, bytes.end);
                write!(f, "cut bytes {at} to {to} ({}) off {}", to - at, segment.display())?;
                write!(
                    f,
                    ", with {batches} whole batches of {records} records, copy them to {}",
                    copy.display()
                )?;
                write!(f, ", and let the log end at offset {offset}")
            }
        }
    }
}
