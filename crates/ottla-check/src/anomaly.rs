//! Names of what can be wrong with a history. Those of jepsen.tests.kafka are kept, so that others can compare.

use std::fmt;

/// What kind of wrong a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Anomaly {
    /// The history itself makes no sense: an answer without a question, two sends of one value.
    Malformed,
    /// An acknowledged record is not at its offset.
    LostWrite,
    /// What one reader saw is not there for a later one.
    Vanished,
    /// Somebody read what nobody sent there.
    Invented,
    /// One offset held two records.
    InconsistentOffsets,
    /// One record is at two offsets.
    Duplicate,
    /// Records of one producer are not in the order in which they were sent.
    NonmonotonicSend,
    /// A reader went back.
    NonmonotonicPoll,
    /// A reader left out a record that it should have been given.
    PollSkip,
    /// Where a partition begins, ends or is stable went back or contradicts itself.
    Offsets,
    /// A read shows a failed send, or a read of committed records one of a transaction that was aborted (G1a).
    AbortedRead,
    /// A read of committed records shows one of a transaction whose commit nobody had asked for yet.
    PrecommittedRead,
    /// A part of a transaction is there and another is not.
    TornTransaction,
    /// Transactions read from each other in a circle (G1c).
    CircularFlow,
    /// Who was fenced off was still served.
    Fencing,
    /// A partition had two owners in one generation of a group.
    TwoOwners,
    /// A commit of an owner of the past was taken.
    StaleCommit,
    /// The offsets of a group went back.
    GroupBack,
    /// A group skipped a record.
    GroupSkip,
    /// A group committed what none of its members had done.
    GroupAhead,
    /// A share group was given again what it had acknowledged.
    Redelivered,
    /// Two members of a share group held one record.
    TwoHolders,
    /// The delivery count of a record went back, or past the limit.
    DeliveryCount,
    /// A share group was never given a record.
    Undelivered,
    /// Something was never answered.
    Stuck,
}

impl Anomaly {
    /// The name, as it is printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::LostWrite => "lost-write",
            Self::Vanished => "vanished",
            Self::Invented => "invented",
            Self::InconsistentOffsets => "inconsistent-offsets",
            Self::Duplicate => "duplicate",
            Self::NonmonotonicSend => "nonmonotonic-send",
            Self::NonmonotonicPoll => "nonmonotonic-poll",
            Self::PollSkip => "poll-skip",
            Self::Offsets => "offsets",
            Self::AbortedRead => "aborted-read",
            Self::PrecommittedRead => "precommitted-read",
            Self::TornTransaction => "torn-transaction",
            Self::CircularFlow => "circular-flow",
            Self::Fencing => "fencing",
            Self::TwoOwners => "two-owners",
            Self::StaleCommit => "stale-commit",
            Self::GroupBack => "group-back",
            Self::GroupSkip => "group-skip",
            Self::GroupAhead => "group-ahead",
            Self::Redelivered => "redelivered",
            Self::TwoHolders => "two-holders",
            Self::DeliveryCount => "delivery-count",
            Self::Undelivered => "undelivered",
            Self::Stuck => "stuck",
        }
    }
}

impl fmt::Display for Anomaly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
