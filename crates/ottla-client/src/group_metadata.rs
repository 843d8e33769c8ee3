//! Who stores offsets of a group within a transaction: the word between consumers and producers.

use ottla_protocol::wire::Str;

/// A group and, if it is known, the member that speaks for it (KIP-447).
///
/// A consumer gives its own; a producer stores offsets under it in a transaction. With generation and member the
/// group's coordinator refuses what comes from a member that lost its place meanwhile; without, it takes anything.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GroupMetadata {
    /// Name of the group.
    pub group_id: Str,
    /// Generation of the group, or epoch of the member; -1 if it is not to be checked.
    pub generation: i32,
    /// Id of the member; empty if it is not to be checked.
    pub member_id: Str,
    /// `group.instance.id` of a static member.
    pub instance_id: Option<Str>,
}

impl GroupMetadata {
    /// A group of which no member is to be checked.
    pub fn new(group_id: impl Into<Str>) -> Self {
        Self { group_id: group_id.into(), generation: -1, member_id: Str::default(), instance_id: None }
    }

    /// Sets the member that speaks for the group.
    #[must_use]
    pub fn with_member(mut self, generation: i32, member_id: impl Into<Str>) -> Self {
        (self.generation, self.member_id) = (generation, member_id.into());
        self
    }

    /// Sets the static member's `group.instance.id`.
    #[must_use]
    pub fn with_instance(mut self, instance_id: Option<Str>) -> Self {
        self.instance_id = instance_id;
        self
    }
}
