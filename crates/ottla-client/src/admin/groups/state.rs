//! What groups are and do, under Kafka's names.

use std::fmt;

use ottla_protocol::wire::Str;

/// What a group is doing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum GroupState {
    /// It has no members; its offsets are kept for a while.
    Empty,
    /// Its members agree on who has what.
    Stable,
    /// Members are joining (classic groups).
    PreparingRebalance,
    /// Members have joined and wait to be told what they have (classic groups).
    CompletingRebalance,
    /// The broker is working out who gets what (KIP-848).
    Assigning,
    /// Members are still letting go of what others are to get (KIP-848).
    Reconciling,
    /// Topics that it reads are not there yet (KIP-1071).
    NotReady,
    /// It is gone, or never was.
    Dead,
    /// Something that this release does not know, as the broker named it.
    Other(Str),
}

impl GroupState {
    /// Kafka's name for it.
    pub fn name(&self) -> &str {
        match self {
            Self::Empty => "Empty",
            Self::Stable => "Stable",
            Self::PreparingRebalance => "PreparingRebalance",
            Self::CompletingRebalance => "CompletingRebalance",
            Self::Assigning => "Assigning",
            Self::Reconciling => "Reconciling",
            Self::NotReady => "NotReady",
            Self::Dead => "Dead",
            Self::Other(name) => name,
        }
    }

    /// Whether it has no members, so that its offsets may be changed and it may be deleted.
    pub fn is_inactive(&self) -> bool {
        matches!(self, Self::Empty | Self::Dead)
    }
}

impl From<&str> for GroupState {
    /// The state that Kafka names so, in whatever case.
    fn from(name: &str) -> Self {
        let known = [
            Self::Empty,
            Self::Stable,
            Self::PreparingRebalance,
            Self::CompletingRebalance,
            Self::Assigning,
            Self::Reconciling,
            Self::NotReady,
            Self::Dead,
        ];
        let found = known.into_iter().find(|state| state.name().eq_ignore_ascii_case(name));
        found.unwrap_or_else(|| Self::Other(Str::from(name.to_owned())))
    }
}

impl fmt::Display for GroupState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Which protocol keeps a group together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum GroupKind {
    /// The members agree among themselves (JoinGroup and SyncGroup).
    Classic,
    /// The broker decides (KIP-848).
    Consumer,
    /// Records are handed out one by one (KIP-932).
    Share,
    /// Kafka Streams, with the broker deciding (KIP-1071).
    Streams,
    /// Something that this release does not know, as the broker named it.
    Other(Str),
}

impl GroupKind {
    /// Kafka's name for it.
    pub fn name(&self) -> &str {
        match self {
            Self::Classic => "classic",
            Self::Consumer => "consumer",
            Self::Share => "share",
            Self::Streams => "streams",
            Self::Other(name) => name,
        }
    }
}

impl From<&str> for GroupKind {
    /// The kind that Kafka names so, in whatever case.
    fn from(name: &str) -> Self {
        let known = [Self::Classic, Self::Consumer, Self::Share, Self::Streams];
        let found = known.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(name));
        found.unwrap_or_else(|| Self::Other(Str::from(name.to_owned())))
    }
}

impl fmt::Display for GroupKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kafkas_in_any_case_and_unknown_ones_are_kept() {
        assert_eq!(GroupState::from("preparingrebalance"), GroupState::PreparingRebalance);
        assert_eq!(GroupState::from("Stable").to_string(), "Stable");
        assert_eq!(GroupState::from("Dancing").name(), "Dancing");
        assert_eq!(GroupKind::from("Consumer"), GroupKind::Consumer);
        assert_eq!(GroupKind::from("duel"), GroupKind::Other(Str::from("duel")));
    }
}
