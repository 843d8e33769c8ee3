//! `.kafka_cleanshutdown`: everything was synced and checkpointed before the process ended.
//!
//! One JSON object, `{"version":0,"brokerEpoch":11}` (KIP-966). It is written last of all and
//! removed first of all, so that it never outlives the state it vouches for.

use super::{Damage, number, text};

const VERSION: i64 = 0;

/// The marker of a clean shutdown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CleanShutdown {
    /// Epoch under which the broker was registered; -1 when it was not.
    pub broker_epoch: i64,
}

impl CleanShutdown {
    /// Name of the file.
    pub const FILE: &'static str = ".kafka_cleanshutdown";

    /// Reads the file's bytes: the two keys in any order, spaces where JSON allows them.
    ///
    /// # Errors
    /// [`Damage`]. A marker that cannot be read vouches for nothing.
    pub fn parse(bytes: &[u8]) -> Result<Self, Damage> {
        const EXPECTED: Damage = Damage::Line { line: 1, expected: "{\"version\":0,\"brokerEpoch\":N}" };
        let object = text(bytes)?.trim();
        if !object.starts_with('{') {
            return Err(EXPECTED);
        }
        let Some(members) = object[1..].strip_suffix('}') else {
            return Err(Damage::Truncated { missing: "the closing brace" });
        };
        let (mut version, mut broker_epoch) = (None, None);
        for member in members.split(',') {
            let (key, value) = member.split_once(':').ok_or(EXPECTED)?;
            let slot = match key.trim() {
                "\"version\"" => &mut version,
                "\"brokerEpoch\"" => &mut broker_epoch,
                _ => return Err(EXPECTED),
            };
            if slot.replace(number(value.trim()).ok_or(EXPECTED)?).is_some() {
                return Err(EXPECTED);
            }
        }
        match (version, broker_epoch) {
            (Some(VERSION), Some(broker_epoch)) => Ok(Self { broker_epoch }),
            (Some(found), _) if found != VERSION => Err(Damage::Version { found, expected: VERSION }),
            _ => Err(EXPECTED),
        }
    }

    /// The file's bytes.
    pub fn format(&self) -> Vec<u8> {
        format!("{{\"version\":{VERSION},\"brokerEpoch\":{}}}", self.broker_epoch).into_bytes()
    }
}
