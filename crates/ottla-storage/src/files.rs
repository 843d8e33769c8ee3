//! The small files beside the records, and the names of folders, all as Kafka has them.
//!
//! Each file has a pure `parse` and `format`, and every way in which bytes can be wrong has a name
//! ([`Damage`]); nothing panics and nothing is repaired here. What a missing or damaged file
//! means, and what is written when, is decided by the storage and its logs. [`replace`] and
//! [`load`] carry the bytes to and from a disk.

mod checkpoint;
mod clean_shutdown;
mod folder;
mod meta_properties;
mod partition_metadata;
mod replace;

pub use self::checkpoint::{EpochCheckpoint, OffsetCheckpoint};
pub use self::clean_shutdown::CleanShutdown;
pub use self::folder::{IllegalName, TOPIC_BYTES_MAX, check_topic, folder_name, parse_folder_name};
pub use self::meta_properties::MetaProperties;
pub use self::partition_metadata::PartitionMetadata;
pub use self::replace::{load, replace, replace_blocking};
pub(crate) use self::replace::{put, put_blocking};

/// The longest small file that is read, in bytes: a checkpoint of some 200,000 partitions.
pub const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What [`load`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loaded<T> {
    /// No file of that name.
    Missing,
    /// A file that does not say what it should.
    Damaged(Damage),
    /// What the file says.
    Whole(T),
}

impl<T> Loaded<T> {
    /// What the file says, if it says anything.
    pub fn whole(self) -> Option<T> {
        match self {
            Self::Whole(value) => Some(value),
            Self::Missing | Self::Damaged(_) => None,
        }
    }
}

/// What is wrong with a small file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// It holds nothing.
    #[error("the file is empty")]
    Empty,
    /// It holds nothing but zeros, as after a loss of power in the middle of a write.
    #[error("the file holds {len} zero bytes and nothing else")]
    Zeroed {
        /// Its length in bytes.
        len: usize,
    },
    /// It holds bytes that are no text.
    #[error("byte {at} is no text")]
    NotText {
        /// Where the first such byte stands.
        at: usize,
    },
    /// It ends too early.
    #[error("the file ends early: {missing} is missing")]
    Truncated {
        /// What should have followed.
        missing: &'static str,
    },
    /// It is of a version that this release does not know.
    #[error("version {found} is not supported, only {expected}")]
    Version {
        /// What the file says.
        found: i64,
        /// What it may say.
        expected: i64,
    },
    /// A line does not read as it should.
    #[error("line {line}: {expected} expected")]
    Line {
        /// Number of the line, from 1.
        line: usize,
        /// What should stand there.
        expected: &'static str,
    },
    /// It is not what was written: its checksum is another.
    #[error("its checksum is wrong")]
    Checksum,
    /// It is longer than any such file can be.
    #[error("the file of {len} bytes exceeds the limit of {limit}")]
    TooLong {
        /// Its length in bytes.
        len: u64,
        /// The limit in bytes.
        limit: u64,
    },
}

/// The text of a file, unless it is damaged in one of the ways that all files share.
fn text(bytes: &[u8]) -> Result<&str, Damage> {
    if bytes.is_empty() {
        return Err(Damage::Empty);
    }
    if bytes.iter().all(|&byte| byte == 0) {
        return Err(Damage::Zeroed { len: bytes.len() });
    }
    // No such file has a zero in it, but a write that arrived in part can leave one.
    if let Some(at) = bytes.iter().position(|&byte| byte == 0) {
        return Err(Damage::NotText { at });
    }
    str::from_utf8(bytes).map_err(|err| Damage::NotText { at: err.valid_up_to() })
}

/// A number in the one way in which it is written: no sign before it, no zeros, no spaces.
fn number<T: std::str::FromStr + std::fmt::Display>(text: &str) -> Option<T> {
    let number: T = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

#[cfg(test)]
mod tests;
