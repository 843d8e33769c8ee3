//! The bytes by which members of a group tell each other what they want and what they get.
//!
//! They equal those of Java's client, so that members of all kinds agree: the subscription and the assignment of
//! the consumer protocol in version 3, and in them the user data of the sticky assignors.

use std::collections::BTreeMap;

use bytes::{BufMut, Bytes, BytesMut};
use ottla_client::TopicPartition;
use ottla_protocol::Data;
use ottla_protocol::consumer_protocol::{
    AssignedPartitions, ConsumerProtocolAssignment, ConsumerProtocolSubscription, OwnedPartitions,
};
use ottla_protocol::wire::{DecodeError, DecodeLimits, EncodeError, I32Array, Reader, Str};

use super::{Assignor, Member, NO_GENERATION};

/// The version of subscriptions and assignments that is written.
const VERSION: i16 = 3;

/// What a member tells the leader of its group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Subscription {
    /// The topics that it wants.
    pub topics: Vec<Str>,
    /// The partitions that it owns as it joins; nothing where everybody stops to rebalance.
    pub owned: Vec<TopicPartition>,
    /// The generation that it is in; [`NO_GENERATION`] outside of any.
    pub generation: i32,
    /// The rack or zone that it is in.
    pub rack: Option<Str>,
    /// What it was assigned last, and in which generation.
    pub last: Option<(Vec<TopicPartition>, i32)>,
}

impl Subscription {
    /// The metadata that a member offers with one assignor.
    ///
    /// # Errors
    /// A name is too long for the protocol.
    pub fn encode(&self, assignor: Assignor) -> Result<Bytes, EncodeError> {
        let mut subscription = ConsumerProtocolSubscription::default();
        subscription.topics.clone_from(&self.topics);
        subscription.topics.sort();
        for (topic, partitions) in by_topic(&self.owned) {
            let mut owned = OwnedPartitions::default();
            (owned.topic, owned.partitions) = (topic.clone(), partitions);
            subscription.owned_partitions.push(owned);
        }
        subscription.generation_id = self.generation;
        subscription.rack_id.clone_from(&self.rack);
        subscription.user_data = match (assignor, &self.last) {
            (Assignor::Range | Assignor::RoundRobin, _) | (Assignor::Sticky, None) => None,
            (Assignor::Sticky, Some((partitions, generation))) => {
                Some(sticky_user_data(partitions, *generation)?)
            }
            (Assignor::CooperativeSticky, last) => {
                let generation = last.as_ref().map_or(NO_GENERATION, |(_, generation)| *generation);
                Some(Bytes::copy_from_slice(&generation.to_be_bytes()))
            }
        };
        subscription.encode_versioned(VERSION)
    }
}

/// A member, from what it offered with the assignor that was chosen.
///
/// # Errors
/// The metadata is no subscription.
pub fn decode_member(
    assignor: Assignor,
    id: Str,
    instance_id: Option<Str>,
    metadata: &Bytes,
) -> Result<Member, DecodeError> {
    let subscription = ConsumerProtocolSubscription::decode_versioned(metadata)?;
    let owned = subscription.owned_partitions.iter().flat_map(|owned| {
        owned.partitions.iter().map(|partition| TopicPartition::new(owned.topic.clone(), *partition))
    });
    let mut member = Member { id, instance_id, ..Member::default() };
    member.owned = owned.collect();
    member.generation = Some(subscription.generation_id).filter(|generation| *generation >= 0);
    let user_data = subscription.user_data.filter(|data| !data.is_empty());
    match (assignor, user_data) {
        // Everybody has given up everything by now; what it was is in the user data.
        (Assignor::Sticky, Some(data)) => (member.owned, member.generation) = read_sticky_user_data(&data)?,
        (Assignor::Sticky, None) => (member.owned, member.generation) = (Vec::new(), None),
        (Assignor::CooperativeSticky, Some(data)) if member.generation.is_none() => {
            let mut r = Reader::new(&data, false, &DecodeLimits::DEFAULT);
            member.generation = r.i32("generation").ok().filter(|generation| *generation >= 0);
        }
        _ => {}
    }
    (member.topics, member.rack) = (subscription.topics, subscription.rack_id);
    Ok(member)
}

/// What the leader of a group tells a member.
///
/// # Errors
/// A name is too long for the protocol.
pub fn encode_assignment(partitions: &[TopicPartition]) -> Result<Bytes, EncodeError> {
    let mut assignment = ConsumerProtocolAssignment::default();
    for (topic, partitions) in by_topic(partitions) {
        let mut assigned = AssignedPartitions::default();
        (assigned.topic, assigned.partitions) = (topic.clone(), partitions);
        assignment.assigned_partitions.push(assigned);
    }
    assignment.encode_versioned(VERSION)
}

/// What the leader told this member; no bytes at all are no partitions.
///
/// # Errors
/// The bytes are no assignment.
pub fn decode_assignment(bytes: &Bytes) -> Result<Vec<TopicPartition>, DecodeError> {
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    let assignment = ConsumerProtocolAssignment::decode_versioned(bytes)?;
    let partitions = assignment.assigned_partitions.into_iter().flat_map(|assigned| {
        // A copy of the name, which would otherwise keep the whole answer in memory.
        let topic = Str::from(assigned.topic.to_string());
        let partition = |partition: &i32| TopicPartition::new(topic.clone(), *partition);
        assigned.partitions.iter().map(partition).collect::<Vec<_>>()
    });
    Ok(partitions.collect())
}

/// The partitions of each topic, both in order.
fn by_topic(partitions: &[TopicPartition]) -> BTreeMap<&Str, I32Array> {
    let mut topics = BTreeMap::<&Str, Vec<i32>>::new();
    for partition in partitions {
        topics.entry(&partition.topic).or_default().push(partition.partition);
    }
    let sorted = |(topic, mut partitions): (_, Vec<i32>)| {
        partitions.sort_unstable();
        (topic, partitions.into())
    };
    topics.into_iter().map(sorted).collect()
}

/// What the sticky assignor adds, in its version 1: the last assignment and its generation.
fn sticky_user_data(partitions: &[TopicPartition], generation: i32) -> Result<Bytes, EncodeError> {
    let topics = by_topic(partitions);
    let mut data = BytesMut::new();
    data.put_i32(array_len(topics.len())?);
    for (topic, partitions) in topics {
        let (len, max) = (topic.len(), usize::from(i16::MAX.unsigned_abs()));
        let name_len = i16::try_from(len).map_err(|_| EncodeError::TooLong { field: "topic", len, max })?;
        data.put_i16(name_len);
        data.put_slice(topic.as_bytes());
        data.put_i32(array_len(partitions.len())?);
        partitions.iter().for_each(|partition| data.put_i32(*partition));
    }
    data.put_i32(generation);
    Ok(data.freeze())
}

/// The same, and version 0 of it, which has no generation.
fn read_sticky_user_data(data: &Bytes) -> Result<(Vec<TopicPartition>, Option<i32>), DecodeError> {
    let mut r = Reader::new(data, false, &DecodeLimits::DEFAULT);
    let topics = r.array("previous_assignment", |r| {
        Ok((r.string("topic")?, r.array("partitions", |r| r.i32("partitions"))?))
    })?;
    let partition = |(topic, partitions): (Str, Vec<i32>)| {
        partitions.into_iter().map(move |partition| TopicPartition::new(topic.clone(), partition))
    };
    let partitions = topics.into_iter().flat_map(partition).collect();
    Ok((partitions, r.i32("generation").ok()))
}

fn array_len(len: usize) -> Result<i32, EncodeError> {
    let max = usize::try_from(i32::MAX).unwrap_or(usize::MAX);
    i32::try_from(len).map_err(|_| EncodeError::TooLong { field: "previous_assignment", len, max })
}
