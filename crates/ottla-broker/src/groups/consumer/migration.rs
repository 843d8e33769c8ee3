//! A group between the two protocols: a classic group of consumers becomes one of the consumer protocol when its first
//! member of that protocol comes, and a classic one again when the last of them has gone. Nobody stops meanwhile.
//!
//! What members of the classic protocol ask while they are in a group of the consumer protocol is in
//! [`classic`](super::classic).

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use ottla_protocol::consumer_protocol::{
    AssignedPartitions, ConsumerProtocolAssignment, ConsumerProtocolSubscription, OwnedPartitions,
};
use ottla_protocol::internal::GroupMetadataValue;
use ottla_protocol::internal::consumer_group_member_metadata::{ClassicMemberMetadata, ClassicProtocol};
use ottla_protocol::internal::group_metadata::MemberMetadata;
use ottla_protocol::message::Data;
use ottla_protocol::wire::{Str, Uuid};

use super::regroup::topics_hash;
use super::state::{ConsumerGroup, Current, Held, Member, group_record, target_epoch_record, target_record};
use super::{ConsumerGroups, Topics, records};
use crate::groups::assignor::{Partitions, TopicKey};
use crate::groups::classic::Former;
use crate::groups::record::{ConsumerChange, GroupRecord};

/// The only protocol type whose members can be in a group of the consumer protocol.
pub(super) const CONSUMER: &str = "consumer";

/// Which way groups go (`group.consumer.migration.policy`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Policy {
    /// From the classic to the consumer protocol.
    pub(crate) upgrades: bool,
    /// And back.
    pub(crate) downgrades: bool,
}

impl Policy {
    /// The policy of this name.
    pub(crate) fn named(name: &str) -> Self {
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        let both = is("bidirectional");
        Self { upgrades: both || is("upgrade"), downgrades: both || is("downgrade") }
    }
}

/// Why a classic group stays one, in the words of Kafka.
pub(crate) fn stays_classic(id: &Str, why: &str) -> String {
    format!("Cannot upgrade classic group {id} to consumer group because {why}.")
}

impl ConsumerGroups {
    /// What a classic group is as one of the consumer protocol.
    ///
    /// # Errors
    /// Why it cannot be one.
    pub(crate) fn upgrade(
        &self,
        id: &Str,
        former: Option<Former>,
        size_max: usize,
        topics: &impl Topics,
    ) -> Result<Vec<ConsumerChange>, String> {
        if !self.settings.policy.upgrades {
            return Err(stays_classic(id, "online upgrade is disabled"));
        }
        let Some(former) = former else {
            return Err(stays_classic(id, "the group does not use the consumer embedded protocol"));
        };
        if former.members.len() > size_max {
            return Err(stays_classic(id, "the group size exceeds the consumer group maximum size"));
        }
        let malformed = || stays_classic(id, "the embedded consumer protocol is malformed");
        let epoch = former.generation;
        let mut members = BTreeMap::new();
        let mut currents = BTreeMap::new();
        let mut claims = Vec::new();
        for one in former.members {
            let said =
                ConsumerProtocolSubscription::decode_versioned(&one.subscription).map_err(|_| malformed())?;
            let had = if one.assignment.is_empty() {
                let (generation, owned) = (said.generation_id, said.owned_partitions);
                claims.push(Claim { generation, member: one.id.clone(), owned });
                ConsumerProtocolAssignment::default()
            } else {
                ConsumerProtocolAssignment::decode_versioned(&one.assignment).map_err(|_| malformed())?
            };
            if had.user_data.is_some_and(|data| !data.is_empty()) {
                return Err(format!(
                    "Cannot upgrade classic group {id} to consumer group because an unsupported custom assignor is \
                     in use. Please refer to the documentation or switch to a default assignor before re-attempting \
                     the upgrade."
                ));
            }
            let mut assigned = Held::new();
            for of_topic in &had.assigned_partitions {
                let Some(topic) = topics.topic(&of_topic.topic) else { continue };
                let partitions = of_topic.partitions.iter().map(|partition| (*partition, epoch));
                assigned.entry(topic.id.0).or_default().extend(partitions);
            }
            let current = Current { epoch, previous_epoch: epoch, assigned, ..Current::default() };
            currents.insert(one.id.clone(), current);
            let protocols = one.protocols.iter().map(|(name, metadata)| (name, metadata));
            let member = Member {
                instance: one.instance,
                rack: said.rack_id,
                client_id: one.client_id,
                client_host: one.client_host,
                topics: said.topics.into_iter().collect(),
                pattern: None,
                rebalance_timeout_ms: one.rebalance_timeout_ms,
                assignor: None,
                classic: Some(classic_metadata(one.session_timeout_ms, protocols)),
            };
            members.insert(one.id, member);
        }
        take_at_their_word(claims, &mut currents, epoch, topics);
        let hash = topics_hash(&members, &BTreeMap::new(), topics, self.settings.rack.as_deref());
        let mut changes = Vec::new();
        for (member, about) in &members {
            changes.push(ConsumerChange::Member(member.clone(), Some(about.record())));
        }
        changes.push(ConsumerChange::Group(Some(group_record(epoch, hash))));
        for (member, current) in &currents {
            let had = current.assigned.iter();
            let target = had.map(|(topic, own)| (*topic, own.keys().copied().collect())).collect();
            changes.push(ConsumerChange::Target(member.clone(), Some(target_record(&target))));
        }
        changes.push(ConsumerChange::TargetEpoch(Some(target_epoch_record(epoch, 0))));
        for (member, current) in &currents {
            changes.push(ConsumerChange::Current(member.clone(), Some(current.record())));
        }
        Ok(changes)
    }

    /// What makes a group classic when these members go; `None` if it stays what it is.
    pub(super) fn downgrade(
        &self,
        id: &Str,
        group: &ConsumerGroup,
        leaving: &BTreeSet<&Str>,
    ) -> Option<Vec<GroupRecord>> {
        let mut rest = Vec::new();
        for (member, about) in group.members.iter().filter(|(member, _)| !leaving.contains(member)) {
            rest.push((member, about, about.classic.as_ref()?));
        }
        if rest.is_empty() {
            return None;
        }
        if !self.settings.policy.downgrades || rest.len() > self.settings.classic_size_max {
            tracing::info!(group = %id, "a group with none but classic members stays one of the consumer protocol");
            return None;
        }
        let protocol = favourite(rest.iter().map(|(.., classic)| *classic))?;
        let nothing = Partitions::new();
        let members = rest.iter().map(|(member, about, classic)| {
            let subscription = metadata(classic, &protocol);
            let target = group.targets.get(*member).unwrap_or(&nothing);
            let mut value = MemberMetadata::default();
            value.member_id = (*member).clone();
            value.group_instance_id.clone_from(&about.instance);
            value.client_id = about.client_id.clone();
            value.client_host = about.client_host.clone();
            value.rebalance_timeout = about.rebalance_timeout_ms;
            value.session_timeout = classic.session_timeout_ms;
            let own = target.iter().map(|(topic, own)| (topic, own.iter().copied().collect()));
            value.assignment = self.assignment(own, &subscription);
            value.subscription = subscription;
            value
        });
        let mut value = GroupMetadataValue::default();
        value.protocol_type = Str::from_static(CONSUMER);
        value.generation = group.epoch;
        value.members = members.collect();
        value.leader = value.members.first().map(|member| member.member_id.clone());
        value.protocol = Some(protocol);
        // No time: so a start that finds it knows that its members have not been told yet, and are to join.
        value.current_state_timestamp = -1;
        let mut all = records(id, group.tombstones());
        all.push(GroupRecord::Group { group: id.clone(), value: Some(value) });
        Some(all)
    }

    /// Partitions in the form of the classic protocol, in the version that a member's subscription has.
    pub(super) fn assignment<'a>(
        &self,
        partitions: impl Iterator<Item = (&'a TopicKey, Vec<i32>)>,
        subscription: &Bytes,
    ) -> Bytes {
        let mut assignment = ConsumerProtocolAssignment::default();
        assignment.assigned_partitions = partitions
            .filter_map(|(topic, partitions)| {
                let mut one = AssignedPartitions::default();
                one.topic = self.names.name(Uuid(*topic))?;
                one.partitions = partitions.into();
                Some(one)
            })
            .collect();
        let version = subscription.first_chunk::<2>().map_or(0, |bytes| i16::from_be_bytes(*bytes));
        let version = version.clamp(0, *ConsumerProtocolAssignment::VERSIONS.end());
        let bytes = assignment.encode_versioned(version);
        bytes.unwrap_or_default() // a name that is too long for the protocol is no topic's
    }
}

impl ConsumerGroup {
    /// What says that there is no such group: the records that Kafka writes, in its order.
    pub(super) fn tombstones(&self) -> Vec<ConsumerChange> {
        let members = || self.members.keys().cloned();
        let mut changes: Vec<_> = members().map(|member| ConsumerChange::Current(member, None)).collect();
        changes.extend(members().map(|member| ConsumerChange::Target(member, None)));
        changes.push(ConsumerChange::TargetEpoch(None));
        changes.extend(members().map(|member| ConsumerChange::Member(member, None)));
        changes.extend(self.patterns.keys().map(|pattern| ConsumerChange::Pattern(pattern.clone(), None)));
        changes.push(ConsumerChange::NoFormerTopics);
        changes.push(ConsumerChange::Group(None));
        changes
    }
}

/// What a member of whom no assignment is known says that it owns.
struct Claim {
    /// In which it was assigned; -1 if the member does not say.
    generation: i32,
    member: Str,
    owned: Vec<OwnedPartitions>,
}

/// Gives what they said that they own to members of whom no assignment is known, unless another one has it.
///
/// A classic group forgets what it assigned where a rebalance begins before the last one ended, and where the assignment could
/// not be written. Those who rebalance cooperatively go on with what they own all the same. Kafka takes them for members that own
/// nothing, and has two of them read a partition until the first hears of it.
fn take_at_their_word(
    mut claims: Vec<Claim>,
    currents: &mut BTreeMap<Str, Current>,
    epoch: i32,
    topics: &impl Topics,
) {
    let assigned = currents.values().flat_map(|current| &current.assigned);
    let mut taken: BTreeSet<([u8; 16], i32)> =
        assigned.flat_map(|(topic, own)| own.keys().map(|partition| (*topic, *partition))).collect();
    // Of two who claim the same, who was assigned it later has it (KIP-792).
    claims.sort_by(|a, b| b.generation.cmp(&a.generation).then_with(|| a.member.cmp(&b.member)));
    for claim in claims {
        let Some(current) = currents.get_mut(&claim.member) else { continue };
        for owned in &claim.owned {
            let Some(topic) = topics.topic(&owned.topic) else { continue };
            let there_are = owned.partitions.iter().filter(|one| (0..topic.partitions).contains(*one));
            for partition in there_are.filter(|one| taken.insert((topic.id.0, **one))) {
                current.assigned.entry(topic.id.0).or_default().insert(*partition, epoch);
            }
        }
    }
}

/// What a member says in the classic protocol, as it is written down.
pub(super) fn classic_metadata<'a>(
    session_timeout_ms: i32,
    protocols: impl Iterator<Item = (&'a Str, &'a Bytes)>,
) -> ClassicMemberMetadata {
    let mut classic = ClassicMemberMetadata::default();
    classic.session_timeout_ms = session_timeout_ms;
    classic.supported_protocols = protocols
        .map(|(name, metadata)| {
            let mut protocol = ClassicProtocol::default();
            // Of its own, not a part of the request that it came with.
            protocol.name = Str::from(name.as_str());
            protocol.metadata = Bytes::copy_from_slice(metadata);
            protocol
        })
        .collect();
    classic
}

/// What a member says in a protocol.
fn metadata(classic: &ClassicMemberMetadata, protocol: &Str) -> Bytes {
    let found = classic.supported_protocols.iter().find(|one| one.name == *protocol);
    found.map(|one| one.metadata.clone()).unwrap_or_default()
}

/// Whether all of these members support a protocol.
pub(super) fn all_support<'a>(
    mut members: impl Iterator<Item = &'a ClassicMemberMetadata>,
    protocol: &Str,
) -> bool {
    members.all(|classic| classic.supported_protocols.iter().any(|one| one.name == *protocol))
}

/// The protocol that most members like best, of those that all support.
fn favourite<'a>(members: impl Iterator<Item = &'a ClassicMemberMetadata> + Clone) -> Option<Str> {
    let mut common: Option<BTreeSet<&Str>> = None;
    for classic in members.clone() {
        let own: BTreeSet<&Str> = classic.supported_protocols.iter().map(|one| &one.name).collect();
        common = Some(match common {
            None => own,
            Some(common) => common.intersection(&own).copied().collect(),
        });
    }
    let common = common?;
    let mut votes: BTreeMap<&Str, usize> = BTreeMap::new();
    for classic in members {
        let vote = classic.supported_protocols.iter().find(|one| common.contains(&one.name));
        *votes.entry(&vote?.name).or_default() += 1;
    }
    votes.into_iter().max_by_key(|(_, votes)| *votes).map(|(name, _)| name.clone())
}

#[cfg(test)]
mod tests {
    use ottla_protocol::internal::{ConsumerGroupMemberMetadataValue, ConsumerGroupRegularExpressionValue};

    use super::super::tests::Shard;
    use super::*;
    use crate::coordinator::CoordinatorRecord;
    use crate::groups::classic::migrate::FormerMember;

    fn of_t(partitions: &[i32]) -> OwnedPartitions {
        OwnedPartitions::default().with_topic("t").with_partitions(partitions.to_vec())
    }

    /// A member that was assigned, or is not known to be and says in which generation it came to own what.
    fn former(
        id: &'static str,
        assigned: Option<&[i32]>,
        (generation, owned): (i32, &[i32]),
    ) -> FormerMember {
        let mut subscription = ConsumerProtocolSubscription::default();
        subscription.topics = vec![Str::from("t")];
        (subscription.generation_id, subscription.owned_partitions) = (generation, vec![of_t(owned)]);
        let subscription = subscription.encode_versioned(3).unwrap();
        let assignment = assigned.map_or(Bytes::new(), |partitions| {
            let of_topic = AssignedPartitions::default().with_topic("t").with_partitions(partitions.to_vec());
            let mut assignment = ConsumerProtocolAssignment::default();
            assignment.assigned_partitions = vec![of_topic];
            assignment.encode_versioned(3).unwrap()
        });
        FormerMember {
            id: Str::from(id),
            instance: None,
            client_id: Str::from("c"),
            client_host: Str::from("/h"),
            rebalance_timeout_ms: 1_000,
            session_timeout_ms: 1_000,
            protocols: vec![(Str::from("cooperative-sticky"), subscription.clone())],
            subscription,
            assignment,
        }
    }

    /// What each member has once the group is one of the consumer protocol.
    fn upgraded(members: Vec<FormerMember>) -> Vec<Vec<i32>> {
        let shard = Shard::new(&[("t", 4)]);
        let former = Former { generation: 5, members };
        let changes = shard.groups.upgrade(&Str::from("g"), Some(former), 9, &shard.topics).unwrap();
        let mut group = ConsumerGroup::default();
        changes.iter().for_each(|change| group.take_in(change));
        group
            .current
            .values()
            .map(|current| current.assigned.values().flat_map(BTreeMap::keys).copied().collect())
            .collect()
    }

    #[test]
    fn members_of_whom_no_assignment_is_known_keep_what_they_say_they_own() {
        let none = (-1, [].as_slice());
        assert_eq!(
            upgraded(vec![former("a", None, (4, &[0, 1])), former("b", None, (4, &[2]))]),
            [vec![0, 1], vec![2]]
        );
        // What was assigned to another is its own.
        assert_eq!(
            upgraded(vec![former("a", None, (4, &[0, 1])), former("b", Some(&[1]), none)]),
            [vec![0], vec![1]]
        );
        // Whoever is assigned something says nothing that counts.
        assert_eq!(upgraded(vec![former("a", Some(&[0]), (4, &[1, 2]))]), [vec![0]]);
        // The later of two has it, and of two at one time one.
        assert_eq!(
            upgraded(vec![former("a", None, (3, &[0, 1])), former("b", None, (4, &[1]))]),
            [vec![0], vec![1]]
        );
        assert_eq!(
            upgraded(vec![former("a", None, (4, &[1])), former("b", None, (4, &[1]))]),
            [vec![1], vec![]]
        );
        // There are four partitions.
        assert_eq!(upgraded(vec![former("a", None, (4, &[-1, 3, 4]))]), [vec![3]]);
    }

    /// The types of the records in the log of a Kafka 4.3.1 whose group of two was classic again. Kafka writes the one of
    /// type 4 although nothing of that type is written any more: an older Kafka may have.
    #[test]
    fn a_group_goes_by_the_records_by_which_it_goes_in_kafka() {
        let mut group = ConsumerGroup::default();
        for member in ["a", "b"].map(Str::from_static) {
            let about = ConsumerGroupMemberMetadataValue::default()
                .with_subscribed_topic_regex(Some(Str::from("t.*")));
            group.take_in(&ConsumerChange::Member(member, Some(about)));
        }
        let pattern = ConsumerGroupRegularExpressionValue::default();
        group.take_in(&ConsumerChange::Pattern(Str::from("t.*"), Some(pattern)));
        let written: Vec<_> = records(&Str::from("g"), group.tombstones());
        let types: Vec<_> = written
            .iter()
            .map(|record| {
                let (key, value) = record.encode().unwrap();
                assert_eq!(value, None);
                i16::from_be_bytes([key[0], key[1]])
            })
            .collect();
        assert_eq!(types, [8, 8, 7, 7, 6, 5, 5, 16, 4, 3]);
        for record in &written {
            let GroupRecord::Consumer { change, .. } = record else { panic!("{record:?}") };
            group.take_in(change);
        }
        assert_eq!(group, ConsumerGroup::default());
    }
}
