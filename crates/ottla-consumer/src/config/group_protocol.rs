//! By which protocol a consumer is a member of its group (`group.protocol`).

use std::str::FromStr;

/// Who assigns the partitions of a group (`group.protocol`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum GroupProtocol {
    /// `classic`: a member that leads, by an assignor of `partition.assignment.strategy`. All brokers know it.
    #[default]
    Classic,
    /// `consumer`: the coordinator (KIP-848; Kafka 4.0 and newer). Members keep what they have while others come and go. What the
    /// coordinator is set to counts in place of `heartbeat.interval.ms`, and decides when a member is gone;
    /// `session.timeout.ms` is only how long this consumer takes its partitions for its own without a word.
    Consumer,
}

impl FromStr for GroupProtocol {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        match text.to_ascii_lowercase().as_str() {
            "classic" => Ok(Self::Classic),
            "consumer" => Ok(Self::Consumer),
            _ => Err("must be classic or consumer"),
        }
    }
}
