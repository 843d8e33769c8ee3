//! Members of the classic protocol in a group of the consumer protocol.
//!
//! They join, sync and send heartbeats as ever, and are told partitions by the coordinator instead of a leader. The
//! epoch of such a member is its generation, which grows when it is asked to give partitions up; what it says to own as
//! it joins again in that generation says that it has. A list that speaks of another generation comes from a request that
//! the network held back, and says nothing. (Not all clients say of which it is; those that do not are believed.)

use std::collections::BTreeSet;
use std::time::Instant;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::consumer_protocol::ConsumerProtocolSubscription;
use ottla_protocol::internal::consumer_group_member_metadata::ClassicMemberMetadata;
use ottla_protocol::message::Data;
use ottla_protocol::messages::consumer_group_heartbeat::{ConsumerGroupHeartbeatRequest, TopicPartitions};
use ottla_protocol::messages::heartbeat::HeartbeatRequest;
use ottla_protocol::messages::join_group::{JoinGroupRequest, JoinGroupResponse};
use ottla_protocol::messages::leave_group::{LeaveGroupRequest, LeaveGroupResponse, MemberIdentity};
use ottla_protocol::messages::sync_group::{SyncGroupRequest, SyncGroupResponse};
use ottla_protocol::wire::{Str, Uuid};

use super::heartbeat::Heartbeat;
use super::migration::{CONSUMER, all_support, classic_metadata};
use super::state::{ConsumerGroup, Current, Member, Phase};
use super::{ConsumerGroups, Deadline, Topics, millis};
use crate::config::group::MemberConfig;
use crate::coordinator::kept;
use crate::groups::classic::{Caller, answer_leave};
use crate::groups::record::GroupRecord;

/// The first version in which a member that comes without an id is given one, to come again with it (KIP-394).
const MEMBER_ID_REQUIRED_FROM: i16 = 4;

/// A `JoinGroup` with all that belongs to it.
pub(crate) struct ClassicJoin<'a> {
    pub(crate) now: Instant,
    pub(crate) now_ms: i64,
    pub(crate) caller: &'a Caller,
    pub(crate) version: i16,
    /// `group.consumer.max.size`.
    pub(crate) size_max: usize,
    pub(crate) request: &'a JoinGroupRequest,
    /// What makes the id of a new member.
    pub(crate) random: Uuid,
}

impl ConsumerGroups {
    /// Lets a member of the classic protocol join.
    pub(crate) fn classic_join(
        &mut self,
        join: &ClassicJoin<'_>,
        topics: &impl Topics,
    ) -> (Vec<GroupRecord>, JoinGroupResponse) {
        self.try_join(join, topics).unwrap_or_else(|(member_id, code)| {
            let response = JoinGroupResponse::default().with_member_id(member_id).with_error_code(code);
            (Vec::new(), response.with_protocol_name(None))
        })
    }

    fn try_join(
        &mut self,
        join: &ClassicJoin<'_>,
        topics: &impl Topics,
    ) -> Result<(Vec<GroupRecord>, JoinGroupResponse), (Str, ErrorCode)> {
        let request = join.request;
        let (id, instance) = (&request.group_id, request.group_instance_id.as_ref());
        let refuse = |code| (request.member_id.clone(), code);
        let group = self.groups.get(id).ok_or_else(|| refuse(ErrorCode::UNKNOWN_MEMBER_ID))?;
        let is_new = request.member_id.is_empty();
        let member_id = if is_new { Str::from(join.random.to_string()) } else { kept(&request.member_id) };
        let is_known = group.members.contains_key(&member_id);
        if !is_known && group.members.len() >= join.size_max {
            return Err(refuse(ErrorCode::GROUP_MAX_SIZE_REACHED));
        }
        let others = || group.members.values().filter_map(|member| member.classic.as_ref());
        let fits = request.protocols.iter().any(|protocol| all_support(others(), &protocol.name));
        let Some(first) = request.protocols.first().filter(|_| fits && request.protocol_type == CONSUMER)
        else {
            return Err(refuse(ErrorCode::INCONSISTENT_GROUP_PROTOCOL));
        };
        if is_new && instance.is_none() && join.version >= MEMBER_ID_REQUIRED_FROM {
            return Err((member_id, ErrorCode::MEMBER_ID_REQUIRED));
        }
        if let Some(name) = instance.filter(|_| !is_new) {
            match group.instances.get(name) {
                None => return Err(refuse(ErrorCode::UNKNOWN_MEMBER_ID)),
                Some(other) if *other != member_id => return Err(refuse(ErrorCode::FENCED_INSTANCE_ID)),
                Some(_) => {}
            }
        }
        let said = ConsumerProtocolSubscription::decode_versioned(&first.metadata)
            .map_err(|_| refuse(ErrorCode::INCONSISTENT_GROUP_PROTOCOL))?;
        let epoch = group.current.get(&member_id).map_or(0, |current| current.epoch);

        let mut heard = ConsumerGroupHeartbeatRequest::default();
        // What a group keeps of it would keep the frame it came in.
        heard.group_id = kept(id);
        heard.member_id = member_id.clone();
        heard.member_epoch = epoch;
        heard.instance_id = instance.map(kept);
        heard.rack_id = said.rack_id.as_ref().map(kept);
        heard.rebalance_timeout_ms = request.rebalance_timeout_ms;
        heard.subscribed_topic_names = Some(said.topics.iter().map(kept).collect());
        // Clients that stop for each rebalance may never say a generation (librdkafka), nor can old ones.
        if said.generation_id < 0 || said.generation_id == epoch {
            let owned = said.owned_partitions.iter().filter_map(|of_topic| {
                let mut one = TopicPartitions::default();
                one.topic_id = topics.topic(&of_topic.topic)?.id;
                one.partitions = of_topic.partitions.clone();
                Some(one)
            });
            heard.topic_partitions = Some(owned.collect());
        }
        let protocols = request.protocols.iter().map(|protocol| (&protocol.name, &protocol.metadata));
        let classic = classic_metadata(request.session_timeout_ms, protocols);
        let config = MemberConfig {
            session_timeout: millis(request.session_timeout_ms),
            heartbeat_interval: std::time::Duration::ZERO,
            // Who joins waits for an answer, not for the time of the next assignment.
            assignment_interval: std::time::Duration::ZERO,
        };
        let caller = join.caller.kept();
        let beat = Heartbeat {
            now: join.now,
            now_ms: join.now_ms,
            caller: &caller,
            config,
            size_max: join.size_max,
            request: &heard,
            classic: Some(&classic),
        };
        let outcome = self.heartbeat(&beat, topics);
        let response = outcome.response;
        if response.error_code != ErrorCode::NONE {
            return Err(refuse(response.error_code));
        }
        let mut records = outcome.records;
        records.extend(self.downgrade_without_replaced(join, &records));
        let sync = Deadline::Classic(heard.group_id.clone(), member_id.clone());
        self.deadlines.set(sync, join.now + millis(request.rebalance_timeout_ms));
        let response = JoinGroupResponse::default()
            .with_member_id(member_id)
            .with_generation_id(response.member_epoch)
            .with_protocol_type(Some(Str::from_static(CONSUMER)))
            .with_protocol_name(Some(first.name.clone()));
        Ok((records, response))
    }

    /// What makes the group classic when who joined by these records took the place of its last member of the
    /// consumer protocol. The group rebalances then, so that nobody works on what another has not yet given up.
    fn downgrade_without_replaced(&self, join: &ClassicJoin<'_>, joined: &[GroupRecord]) -> Vec<GroupRecord> {
        let group = self.groups.get(&join.request.group_id);
        let name = join.request.group_instance_id.as_ref();
        let Some((group, replaced)) = group.zip(name).and_then(|(group, name)| {
            let replaced = group.members.get(group.instances.get(name)?)?;
            Some((group, replaced))
        }) else {
            return Vec::new();
        };
        if replaced.classic.is_some() {
            return Vec::new();
        }
        let mut after = group.clone();
        for record in joined {
            if let GroupRecord::Consumer { change, .. } = record {
                after.take_in(change);
            }
        }
        let id = kept(&join.request.group_id);
        self.downgrade(&id, &after, &BTreeSet::new()).unwrap_or_default()
    }

    /// A member of the classic protocol asks for its partitions.
    pub(crate) fn classic_sync(&mut self, now: Instant, request: &SyncGroupRequest) -> SyncGroupResponse {
        match self.try_sync(now, request) {
            Ok(response) => response,
            Err(code) => SyncGroupResponse::default().with_error_code(code),
        }
    }

    fn try_sync(&mut self, now: Instant, request: &SyncGroupRequest) -> Result<SyncGroupResponse, ErrorCode> {
        let (id, member_id) = (&kept(&request.group_id), &kept(&request.member_id));
        let instance = request.group_instance_id.as_ref();
        let (group, about, classic, current) = self.classic_member(id, member_id, instance)?;
        if request.generation_id != current.epoch {
            return Err(ErrorCode::ILLEGAL_GENERATION);
        }
        let protocol = classic.supported_protocols.first();
        let is_other = |asked: &Option<Str>, own: &str| asked.as_ref().is_some_and(|asked| *asked != own);
        let name = protocol.map(|one| one.name.as_str()).unwrap_or_default();
        if is_other(&request.protocol_type, CONSUMER) || is_other(&request.protocol_name, name) {
            return Err(ErrorCode::INCONSISTENT_GROUP_PROTOCOL);
        }
        let session = millis(classic.session_timeout_ms);
        let next_step = Deadline::Classic(id.clone(), member_id.clone());
        if group.epoch > current.epoch && current.phase != Phase::Unrevoked {
            let due = now + millis(about.rebalance_timeout_ms);
            self.expect(next_step, due);
            return Err(ErrorCode::REBALANCE_IN_PROGRESS);
        }
        let own = current.assigned.iter().map(|(topic, own)| (topic, own.keys().copied().collect()));
        let subscription = protocol.map(|one| one.metadata.clone()).unwrap_or_default();
        let assignment = self.assignment(own, &subscription);
        self.deadlines.cancel(&next_step);
        self.deadlines.set(Deadline::Session(id.clone(), member_id.clone()), now + session);
        Ok(SyncGroupResponse::default()
            .with_protocol_type(request.protocol_type.clone())
            .with_protocol_name(request.protocol_name.clone())
            .with_assignment(assignment))
    }

    /// A member of the classic protocol says that it is alive, and is told to join when there is news for it.
    ///
    /// # Errors
    /// The code to answer: `REBALANCE_IN_PROGRESS` bids it join.
    pub(crate) fn classic_heartbeat(
        &mut self,
        now: Instant,
        request: &HeartbeatRequest,
    ) -> Result<(), ErrorCode> {
        let (id, member_id) = (&kept(&request.group_id), &kept(&request.member_id));
        let instance = request.group_instance_id.as_ref();
        let (group, about, classic, current) = self.classic_member(id, member_id, instance)?;
        if request.generation_id != current.epoch {
            return Err(ErrorCode::ILLEGAL_GENERATION);
        }
        let session = millis(classic.session_timeout_ms);
        let due = now + millis(about.rebalance_timeout_ms);
        let has_news = current.epoch < group.epoch
            || current.phase == Phase::Unrevoked
            || current.phase == Phase::Unreleased && group.is_released(member_id, current);
        self.deadlines.set(Deadline::Session(id.clone(), member_id.clone()), now + session);
        if has_news {
            self.expect(Deadline::Classic(id.clone(), member_id.clone()), due);
            return Err(ErrorCode::REBALANCE_IN_PROGRESS);
        }
        Ok(())
    }

    /// Members leave, or are sent away by an administrator, be they of this protocol or that. Each is judged by
    /// itself, so that one that is named twice may go twice.
    pub(crate) fn classic_leave(
        &self,
        version: i16,
        request: &LeaveGroupRequest,
    ) -> (Vec<GroupRecord>, LeaveGroupResponse) {
        let id = &request.group_id;
        let mut leaving = Vec::new();
        let response = answer_leave(version, request, |identity| {
            leaving.push(self.leaves(id, identity)?);
            Ok(())
        });
        (self.removals(id, &leaving), response)
    }

    fn leaves(&self, id: &Str, identity: &MemberIdentity) -> Result<Str, ErrorCode> {
        let group = self.groups.get(id).ok_or(ErrorCode::UNKNOWN_MEMBER_ID)?;
        let named = identity.group_instance_id.as_ref().map(|name| group.instances.get(name));
        let member_id = match named {
            None => identity.member_id.clone(),
            Some(None) => return Err(ErrorCode::UNKNOWN_MEMBER_ID),
            Some(Some(member_id)) if identity.member_id.is_empty() => member_id.clone(),
            Some(Some(member_id)) if *member_id != identity.member_id => {
                return Err(ErrorCode::FENCED_INSTANCE_ID);
            }
            Some(Some(member_id)) => member_id.clone(),
        };
        if group.members.contains_key(&member_id) { Ok(member_id) } else { Err(ErrorCode::UNKNOWN_MEMBER_ID) }
    }

    /// A member of the classic protocol, if it is one and the one that it says it is.
    fn classic_member(
        &self,
        id: &Str,
        member_id: &Str,
        instance: Option<&Str>,
    ) -> Result<(&ConsumerGroup, &Member, &ClassicMemberMetadata, &Current), ErrorCode> {
        let unknown = ErrorCode::UNKNOWN_MEMBER_ID;
        let group = self.groups.get(id).ok_or(unknown)?;
        if let Some(name) = instance {
            match group.instances.get(name) {
                None => return Err(unknown),
                Some(other) if other != member_id => return Err(ErrorCode::FENCED_INSTANCE_ID),
                Some(_) => {}
            }
        }
        let member = group.members.get(member_id).ok_or(unknown)?;
        let classic = member.classic.as_ref().ok_or(unknown)?;
        Ok((group, member, classic, group.current.get(member_id).ok_or(unknown)?))
    }

    /// Lets a member go that does not do its next step by then; who is waited for already gets no more time.
    fn expect(&mut self, deadline: Deadline, due: Instant) {
        if !self.deadlines.contains(&deadline) {
            self.deadlines.set(deadline, due);
        }
    }
}

impl ConsumerGroup {
    /// Whether something that a member is to have is free by now.
    fn is_released(&self, member_id: &Str, current: &Current) -> bool {
        let target = self.targets.get(member_id).into_iter().flatten();
        let mut missing = target.flat_map(|(topic, partitions)| {
            let own = current.assigned.get(topic);
            partitions
                .iter()
                .filter(move |partition| own.is_none_or(|own| !own.contains_key(*partition)))
                .map(|partition| (*topic, *partition))
        });
        missing.any(|place| !self.holders.contains_key(&place))
    }
}
