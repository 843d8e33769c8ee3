//! `partition.metadata`: the id of the topic whose partition a folder holds.
//!
//! ```text
//! version: 0
//! topic_id: 9U7lpTdjRPOBBL82aQ5dRQ
//! ```
//!
//! Kafka writes no newline behind the id, and neither does ottla.

use ottla_protocol::wire::Uuid;

use super::{Damage, number, text};

const VERSION: i64 = 0;

/// What `partition.metadata` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartitionMetadata {
    /// Id of the topic.
    pub topic_id: Uuid,
}

impl PartitionMetadata {
    /// Name of the file.
    pub const FILE: &'static str = "partition.metadata";

    /// Reads the file's bytes.
    ///
    /// # Errors
    /// [`Damage`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Damage> {
        let mut lines = text(bytes)?.lines();
        let mut value = |line: usize, key: &str, expected: &'static str| {
            let found = lines.next().ok_or(Damage::Truncated { missing: expected })?;
            found.strip_prefix(key).ok_or(Damage::Line { line, expected })
        };
        let version = value(1, "version: ", "the version")?;
        match number(version) {
            Some(VERSION) => {}
            Some(found) => return Err(Damage::Version { found, expected: VERSION }),
            None => return Err(Damage::Line { line: 1, expected: "the version" }),
        }
        let topic_id = value(2, "topic_id: ", "the topic id")?;
        match topic_id.parse() {
            Ok(topic_id) => Ok(Self { topic_id }),
            Err(_) => Err(Damage::Line { line: 2, expected: "a topic id" }),
        }
    }

    /// The file's bytes.
    pub fn format(&self) -> Vec<u8> {
        format!("version: {VERSION}\ntopic_id: {}", self.topic_id).into_bytes()
    }
}
