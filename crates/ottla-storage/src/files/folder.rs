//! What the folder of a partition is called: `orders-0`, and which names a topic may have.
//!
//! This is the gate between names that came over the network and paths. A name that passes can
//! neither leave the data folder nor be another name's folder.

/// The longest topic name, in bytes (which are all ASCII).
pub const TOPIC_BYTES_MAX: usize = 249;

/// Why a topic may not have a name. The rules and words are Kafka's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IllegalName {
    /// It is empty.
    #[error("topic name is illegal, it can't be empty")]
    Empty,
    /// It is `.` or `..`.
    #[error("topic name cannot be \".\" or \"..\"")]
    Dots,
    /// It is longer than [`TOPIC_BYTES_MAX`].
    #[error("topic name of {len} characters is illegal, it can't be longer than {TOPIC_BYTES_MAX}")]
    TooLong {
        /// Its length in characters.
        len: usize,
    },
    /// It has a character that is not allowed.
    #[error("topic name has {0:?}, but only ASCII letters and digits, '.', '_' and '-' are legal")]
    Character(char),
    /// The partition is below 0.
    #[error("partition {0} is below 0")]
    Partition(i32),
}

/// Checks the name of a topic: `[a-zA-Z0-9._-]{1,249}`, not `.` and not `..`.
///
/// # Errors
/// Why it is illegal.
pub fn check_topic(name: &str) -> Result<(), IllegalName> {
    if name.is_empty() {
        return Err(IllegalName::Empty);
    }
    if name == "." || name == ".." {
        return Err(IllegalName::Dots);
    }
    let len = name.chars().count();
    if len > TOPIC_BYTES_MAX {
        return Err(IllegalName::TooLong { len });
    }
    let legal = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    match name.chars().find(|c| !legal(c)) {
        Some(illegal) => Err(IllegalName::Character(illegal)),
        None => Ok(()),
    }
}

/// The name of a partition's folder.
///
/// # Errors
/// When topic or partition are illegal.
pub fn folder_name(topic: &str, partition: i32) -> Result<String, IllegalName> {
    check_topic(topic)?;
    if partition < 0 {
        return Err(IllegalName::Partition(partition));
    }
    Ok(format!("{topic}-{partition}"))
}

/// Topic and partition that a folder is named after; `None` for any other folder.
///
/// Exactly the names that [`folder_name`] gives are read, so two folders are never one partition.
pub fn parse_folder_name(name: &str) -> Option<(&str, i32)> {
    let (topic, partition) = name.rsplit_once('-')?;
    let partition = super::number(partition).filter(|partition| *partition >= 0)?;
    check_topic(topic).ok()?;
    Some((topic, partition))
}
