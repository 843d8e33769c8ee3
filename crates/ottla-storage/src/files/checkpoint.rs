//! Checkpoint files: an offset for each partition, or for each leader epoch.
//!
//! ```text
//! 0                     version
//! 2                     number of lines that follow
//! orders 0 1042         topic, partition, offset     (recovery-point, log-start, cleaner)
//! orders 1 0
//! ```
//!
//! `leader-epoch-checkpoint` has the same first two lines, then one of `epoch start_offset` each.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{Damage, number, text};

const VERSION: i64 = 0;

/// An offset for each partition: `recovery-point-offset-checkpoint` and its kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffsetCheckpoint {
    /// Offset by topic and partition.
    pub offsets: BTreeMap<(String, i32), i64>,
}

impl OffsetCheckpoint {
    /// Name of the file that says up to where each log needs no recovery.
    pub const RECOVERY_POINT: &'static str = "recovery-point-offset-checkpoint";
    /// Name of the file that says where each log starts, where records were deleted.
    pub const LOG_START: &'static str = "log-start-offset-checkpoint";
    /// Name of the file that says up to where each log was compacted.
    pub const CLEANER: &'static str = "cleaner-offset-checkpoint";

    /// Reads the file's bytes. A partition named twice has the later offset, as in Kafka.
    ///
    /// # Errors
    /// [`Damage`]. Kafka creates `cleaner-offset-checkpoint` [empty](Damage::Empty).
    pub fn parse(bytes: &[u8]) -> Result<Self, Damage> {
        let mut offsets = BTreeMap::new();
        lines(bytes, |line| {
            let [topic, partition, offset] = fields(line)?;
            let (partition, offset): (i32, i64) = (number(partition)?, number(offset)?);
            if partition < 0 || offset < 0 {
                return None;
            }
            offsets.insert((topic.to_owned(), partition), offset);
            Some(())
        })
        .map_err(|line| line.expects("`topic partition offset`"))?;
        Ok(Self { offsets })
    }

    /// The file's bytes, partitions in order.
    pub fn format(&self) -> Vec<u8> {
        let mut text = format!("{VERSION}\n{}\n", self.offsets.len());
        for ((topic, partition), offset) in &self.offsets {
            writeln!(text, "{topic} {partition} {offset}").expect("a string takes everything");
        }
        text.into_bytes()
    }
}

/// Where each leader epoch of a log began: `leader-epoch-checkpoint`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EpochCheckpoint {
    /// Epoch and the offset of its first record, in the order of the file.
    pub epochs: Vec<(i32, i64)>,
}

impl EpochCheckpoint {
    /// Name of the file.
    pub const FILE: &'static str = "leader-epoch-checkpoint";

    /// Reads the file's bytes. Whether epochs and offsets rise is for the caller to check.
    ///
    /// # Errors
    /// [`Damage`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Damage> {
        let mut epochs = Vec::new();
        lines(bytes, |line| {
            let [epoch, start_offset] = fields(line)?;
            let (epoch, start_offset): (i32, i64) = (number(epoch)?, number(start_offset)?);
            if epoch < 0 || start_offset < 0 {
                return None;
            }
            epochs.push((epoch, start_offset));
            Some(())
        })
        .map_err(|line| line.expects("`epoch start_offset`"))?;
        Ok(Self { epochs })
    }

    /// The file's bytes.
    pub fn format(&self) -> Vec<u8> {
        let mut text = format!("{VERSION}\n{}\n", self.epochs.len());
        for (epoch, start_offset) in &self.epochs {
            writeln!(text, "{epoch} {start_offset}").expect("a string takes everything");
        }
        text.into_bytes()
    }
}

/// Exactly `N` fields between single spaces.
fn fields<const N: usize>(line: &str) -> Option<[&str; N]> {
    let mut fields = line.split(' ');
    let found = std::array::from_fn(|_| fields.next().unwrap_or(""));
    (fields.next().is_none() && found.iter().all(|field| !field.is_empty())).then_some(found)
}

/// Why the lines of a checkpoint could not be read.
enum Stopped {
    Damaged(Damage),
    /// The caller could not read this line.
    At(usize),
}

impl Stopped {
    fn expects(self, expected: &'static str) -> Damage {
        match self {
            Self::Damaged(damage) => damage,
            Self::At(line) => Damage::Line { line, expected },
        }
    }
}

impl From<Damage> for Stopped {
    fn from(damage: Damage) -> Self {
        Self::Damaged(damage)
    }
}

/// Checks version and number of lines, and hands each to `read`.
fn lines(bytes: &[u8], mut read: impl FnMut(&str) -> Option<()>) -> Result<(), Stopped> {
    // A last line without its end may be cut, and 1042 then reads as 10.
    let text = text(bytes)?;
    let Some(whole) = text.strip_suffix('\n') else {
        return Err(Damage::Truncated { missing: "the end of the last line" }.into());
    };
    let mut lines = whole.split('\n');
    let version = lines.next().and_then(number);
    match version {
        Some(VERSION) => {}
        Some(found) => return Err(Damage::Version { found, expected: VERSION }.into()),
        None => return Err(Damage::Line { line: 1, expected: "a version" }.into()),
    }
    let Some(count) = lines.next() else {
        return Err(Damage::Truncated { missing: "the number of entries" }.into());
    };
    let count: usize = number(count).ok_or(Damage::Line { line: 2, expected: "the number of entries" })?;
    for index in 0..count {
        let Some(line) = lines.next() else {
            return Err(Damage::Truncated { missing: "an entry" }.into());
        };
        read(line).ok_or(Stopped::At(index + 3))?;
    }
    match lines.next() {
        None => Ok(()),
        Some(_) => Err(Damage::Line { line: count + 3, expected: "the end of the file" }.into()),
    }
}
