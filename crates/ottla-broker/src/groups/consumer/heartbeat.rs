//! A member's heartbeat: it comes, stays, changes its mind or goes, and is told its partitions.

use std::time::{Duration, Instant};

use ottla_protocol::api::ErrorCode;
use ottla_protocol::internal::consumer_group_member_metadata::ClassicMemberMetadata;
use ottla_protocol::messages::consumer_group_heartbeat::{
    Assignment as Told, ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, TopicPartitions,
};
use ottla_protocol::wire::{Str, Uuid};

use super::reconcile::{Look, covers, next, owns, rejoined, returned};
use super::regroup::{is_due, regroup};
use super::state::{ConsumerGroup, Current, Held, LEFT_FOR_A_WHILE, Member, Phase};
use super::{ConsumerGroups, Deadline, Seen, Topics, millis, records};
use crate::config::group::MemberConfig;
use crate::groups::assignor::{Assignor, Partitions, TopicKey};
use crate::groups::classic::Caller;
use crate::groups::record::{ConsumerChange, GroupRecord};

/// The epoch of a member that comes.
const JOIN: i32 = 0;
/// The epoch of a member that goes.
const LEAVE: i32 = -1;
/// Patterns are not looked up again sooner than this, however many topics come and go.
const LOOK_UP_AGAIN: Duration = Duration::from_secs(10);

/// A heartbeat with all that belongs to it.
pub(crate) struct Heartbeat<'a> {
    pub(crate) now: Instant,
    pub(crate) now_ms: i64,
    pub(crate) caller: &'a Caller,
    pub(crate) config: MemberConfig,
    /// `group.consumer.max.size`.
    pub(crate) size_max: usize,
    /// A request that is not [`wrong`], of a member that has an id.
    pub(crate) request: &'a ConsumerGroupHeartbeatRequest,
    /// What it says in the classic protocol, if that is what it speaks; then the request was made of a `JoinGroup`.
    pub(crate) classic: Option<&'a ClassicMemberMetadata>,
}

/// What is written, and what is answered once that is durable.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) records: Vec<GroupRecord>,
    pub(crate) response: ConsumerGroupHeartbeatResponse,
}

/// Why a member is not heard.
pub(super) type Refusal = (ErrorCode, String);

/// Who sends a heartbeat, to the group.
pub(super) struct Who {
    /// What was known of it.
    pub(super) member: Option<Member>,
    pub(super) current: Current,
    /// It comes, and is not known to have: what it had, it has given up, or will say that it has.
    pub(super) comes_again: bool,
    /// It left for a while and is back, so that it has nothing to give up.
    pub(super) returns: bool,
    /// It did not read the last answer.
    pub(super) is_behind: bool,
    /// The member whose name it bears now.
    pub(super) replaces: Option<Str>,
}

impl Who {
    /// It is a static member that has another id than before.
    fn take_place(&mut self, group: &ConsumerGroup, old: &Str) {
        let left = group.current.get(old).cloned().unwrap_or_default();
        self.member = group.members.get(old).cloned();
        self.current = Current {
            epoch: 0,
            previous_epoch: 0,
            phase: Phase::Stable,
            assigned: left.assigned,
            revoking: Held::new(),
        };
        self.replaces = Some(old.clone());
    }
}

/// What is wrong with a request by itself, in the words of Kafka.
pub(crate) fn wrong(
    request: &ConsumerGroupHeartbeatRequest,
    version: i16,
    assignors: &[Assignor],
) -> Option<Refusal> {
    let blank = |text: &Option<Str>| text.as_ref().is_some_and(|text| text.trim().is_empty());
    let may_lack_id = version == 0 && request.member_epoch == JOIN;
    let joins = request.member_epoch == JOIN;
    let words = if request.member_id.trim().is_empty() && !may_lack_id {
        "MemberId can't be empty."
    } else if request.group_id.trim().is_empty() {
        "GroupId can't be empty."
    } else if blank(&request.instance_id) {
        "InstanceId can't be empty."
    } else if blank(&request.rack_id) {
        "RackId can't be empty."
    } else if joins && request.rebalance_timeout_ms == -1 {
        "RebalanceTimeoutMs must be provided in first request."
    } else if joins && request.topic_partitions.as_ref().is_none_or(|owned| !owned.is_empty()) {
        "TopicPartitions must be empty when (re-)joining."
    } else if joins && request.subscribed_topic_names.is_none() && request.subscribed_topic_regex.is_none() {
        "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining."
    } else if request.member_epoch == LEFT_FOR_A_WHILE && request.instance_id.is_none() {
        "InstanceId can't be null."
    } else if request.member_epoch < LEFT_FOR_A_WHILE {
        "MemberEpoch is invalid."
    } else {
        let assignor = request.server_assignor.as_ref();
        let is_known = |name: &&Str| assignors.iter().any(|assignor| assignor.name() == name.as_str());
        return assignor.filter(|name| !is_known(name)).map(|name| {
            let known: Vec<_> = assignors.iter().map(|assignor| assignor.name()).collect();
            let known = known.join(", ");
            let message = format!("ServerAssignor {name} is not supported. Supported assignors: {known}.");
            (ErrorCode::UNSUPPORTED_ASSIGNOR, message)
        });
    };
    Some((ErrorCode::INVALID_REQUEST, words.to_owned()))
}

impl ConsumerGroups {
    /// Hears a member.
    pub(crate) fn heartbeat(&mut self, beat: &Heartbeat<'_>, topics: &impl Topics) -> Outcome {
        let decided = match beat.request.member_epoch {
            LEAVE | LEFT_FOR_A_WHILE if beat.classic.is_none() => self.leave(beat),
            _ => self.stay(beat, None, topics),
        };
        Self::answered(decided)
    }

    /// Hears the first member of the consumer protocol of what was a classic group.
    pub(crate) fn first_heartbeat(
        &mut self,
        beat: &Heartbeat<'_>,
        changes: Vec<ConsumerChange>,
        topics: &impl Topics,
    ) -> Outcome {
        let id = &beat.request.group_id;
        let mut former = ConsumerGroup::default();
        changes.iter().for_each(|change| former.take_in(change));
        let mut outcome = Self::answered(self.stay(beat, Some(&former), topics));
        if outcome.response.error_code == ErrorCode::NONE {
            for (member, about) in &former.members {
                let session = about.classic.as_ref().map_or(0, |classic| classic.session_timeout_ms);
                let deadline = Deadline::Session(id.clone(), member.clone());
                self.deadlines.set(deadline, beat.now + millis(session));
            }
            let mut all = records(id, changes);
            all.append(&mut outcome.records);
            outcome.records = all;
        }
        outcome
    }

    fn answered(decided: Result<Outcome, Refusal>) -> Outcome {
        decided.unwrap_or_else(|(code, message)| {
            let mut response = ConsumerGroupHeartbeatResponse::default();
            response.error_code = code;
            response.error_message = Some(message.into());
            Outcome { records: Vec::new(), response }
        })
    }

    /// A member goes, for good or for a while.
    fn leave(&mut self, beat: &Heartbeat<'_>) -> Result<Outcome, Refusal> {
        let request = beat.request;
        let (id, member) = (&request.group_id, &request.member_id);
        let group = self.groups.get(id).ok_or_else(|| not_found(id))?;
        match &request.instance_id {
            Some(name) => bearer(group, name, member)?,
            None if group.members.contains_key(member) => {}
            None => return Err(unknown(id, member)),
        }
        let records = if request.member_epoch == LEAVE {
            self.removals(id, std::slice::from_ref(member))
        } else {
            // It keeps its partitions until it comes back or its session is over.
            let mut current = group.current.get(member).cloned().unwrap_or_default();
            (current.epoch, current.revoking) = (LEFT_FOR_A_WHILE, Held::new());
            current.phase = Phase::Stable;
            self.remember(id, member, beat.now, beat.config.session_timeout, None);
            records(id, vec![ConsumerChange::Current(member.clone(), Some(current.record()))])
        };
        let mut response = ConsumerGroupHeartbeatResponse::default();
        response.member_id = Some(member.clone());
        response.member_epoch = request.member_epoch;
        Ok(Outcome { records, response })
    }

    /// A member comes or stays.
    fn stay(
        &mut self,
        beat: &Heartbeat<'_>,
        former: Option<&ConsumerGroup>,
        topics: &impl Topics,
    ) -> Result<Outcome, Refusal> {
        let request = beat.request;
        let (id, member_id) = (&request.group_id, &request.member_id);
        let empty = ConsumerGroup::default();
        let group = match former.or_else(|| self.groups.get(id)) {
            Some(group) => group,
            None if request.member_epoch == JOIN => &empty,
            None => return Err(not_found(id)),
        };
        let who = who(group, beat)?;
        let updated = updated(who.member.as_ref(), beat);
        let version = topics.version();
        let seen = self.seen.get(id).copied();
        let mut changes = Vec::new();
        let mut target = None;
        let mut target_epoch = group.target_epoch;
        let mut now_seen = None;
        // Patterns are looked up when topics came or went, but not at once with each of them, and now and then anyway.
        let has_patterns = !group.patterns.is_empty() || updated.pattern.is_some();
        let is_stale = has_patterns
            && seen.is_none_or(|seen| {
                let age = beat.now.saturating_duration_since(seen.at);
                seen.patterns != version && age >= LOOK_UP_AGAIN || age >= self.settings.regex_refresh
            });
        let is_due = group.epoch > group.target_epoch && is_due(group, beat);
        // Most heartbeats change nothing, and cost the same in a group of any size.
        let is_quiet = who.member.as_ref() == Some(&updated)
            && !who.comes_again
            && who.replaces.is_none()
            && !is_due
            && !is_stale
            && seen.is_some_and(|seen| seen.topics == version);
        if !is_quiet {
            let regrouped = regroup(group, &who, &updated, is_stale, beat, topics, &self.settings)?;
            if !regrouped.has_news {
                let before = seen.filter(|_| !is_stale).map(|seen| (seen.patterns, seen.at));
                let (patterns, at) = before.unwrap_or((version, beat.now));
                now_seen = Some(Seen { topics: version, patterns, at });
            }
            (changes, target, target_epoch) = (regrouped.changes, regrouped.target, regrouped.target_epoch);
        }
        let none = Partitions::new();
        let target = target.as_ref().or_else(|| group.targets.get(member_id)).unwrap_or(&none);

        let is_held = |topic: TopicKey, partition: i32| {
            let holder = group.holders.get(&(topic, partition));
            holder.is_some_and(|holder| holder != member_id && Some(holder) != who.replaces.as_ref())
        };
        let is_classic = beat.classic.is_some();
        let was_classic = who.member.as_ref().is_some_and(|member| member.classic.is_some());
        let is_present =
            request.member_epoch == who.current.epoch && request.member_epoch != JOIN || is_classic;
        let owned = request.topic_partitions.as_deref().filter(|_| is_present);
        let look = Look { target_epoch, target, owned, is_held: &is_held };
        let current = if who.comes_again {
            rejoined(&who.current, &look)
        } else if who.returns {
            returned(&who.current, &look)
        } else if who.is_behind {
            who.current.clone()
        } else {
            next(&who.current, &look)
        };
        if group.current.get(member_id) != Some(&current) {
            changes.push(ConsumerChange::Current(member_id.clone(), Some(current.record())));
        }

        let owns_all = owned.is_some_and(|owned| owns(owned, &current.assigned));
        let mut response = ConsumerGroupHeartbeatResponse::default();
        response.member_id = Some(member_id.clone());
        response.member_epoch = current.epoch;
        response.heartbeat_interval_ms =
            i32::try_from(beat.config.heartbeat_interval.as_millis()).unwrap_or(i32::MAX);
        let subscribes = request.subscribed_topic_names.is_some() || request.subscribed_topic_regex.is_some();
        let is_full = request.rebalance_timeout_ms != -1 && subscribes && request.topic_partitions.is_some();
        let has_changed = current.assigned != who.current.assigned;
        let key = (id.clone(), member_id.clone());
        let has_its_epoch = current.epoch == who.current.epoch;
        if has_changed && has_its_epoch && !is_classic {
            self.untold.insert(key.clone());
        } else if owns_all {
            self.untold.remove(&key);
        }
        let is_untold = self.untold.contains(&key);
        if request.member_epoch == JOIN || is_full || who.is_behind || has_changed || is_untold {
            response.assignment = Some(told(&current.assigned));
        }
        if was_classic && !is_classic {
            self.deadlines.cancel(&Deadline::Classic(id.clone(), member_id.clone()));
        }
        if let Some(seen) = now_seen {
            self.seen.insert(id.clone(), seen);
        }
        let asked =
            (current.phase == Phase::Unrevoked).then_some((current.epoch, updated.rebalance_timeout_ms));
        self.remember(id, member_id, beat.now, beat.config.session_timeout, asked);
        Ok(Outcome { records: records(id, changes), response })
    }
}

/// Finds out who sends this, and keeps out who may not.
fn who(group: &ConsumerGroup, beat: &Heartbeat<'_>) -> Result<Who, Refusal> {
    let request = beat.request;
    let (id, member_id, epoch) = (&request.group_id, &request.member_id, request.member_epoch);
    let known = group.members.get(member_id);
    if known.is_none() && group.members.len() >= beat.size_max {
        let message =
            format!("The consumer group has reached its maximum capacity of {} members.", beat.size_max);
        return Err((ErrorCode::GROUP_MAX_SIZE_REACHED, message));
    }
    let current = group.current.get(member_id).cloned().unwrap_or_default();
    let mut who = Who {
        member: known.cloned(),
        current,
        comes_again: false,
        returns: false,
        is_behind: false,
        replaces: None,
    };
    let bears = request.instance_id.as_ref().map(|name| (name, group.instances.get(name)));
    if beat.classic.is_some() {
        if let Some((_, Some(old))) = bears
            && old != member_id
        {
            who.take_place(group, old);
        }
        return Ok(who);
    }
    if epoch != JOIN {
        if let Some((name, _)) = bears {
            bearer(group, name, member_id)?;
        } else if known.is_none() {
            return Err(unknown(id, member_id));
        }
        who.is_behind = fence(&who.current, request)?;
        return Ok(who);
    }
    if let Some((name, Some(old))) = bears
        && old != member_id
    {
        let left = group.current.get(old).map_or(0, |current| current.epoch);
        // One of the classic protocol does not say that it leaves.
        let was_classic = group.members.get(old).is_some_and(|member| member.classic.is_some());
        if left != LEFT_FOR_A_WHILE && !was_classic {
            return Err((
                ErrorCode::UNRELEASED_INSTANCE_ID,
                format!(
                    "Static member {member_id} with instance id {name} cannot join the group because the instance id is owned by {old} member."
                ),
            ));
        }
        who.take_place(group, old);
        who.returns = true;
        return Ok(who);
    }
    if let Some(member) = known {
        if who.current.epoch == LEFT_FOR_A_WHILE {
            // A static member with its own id of before.
            (who.current.epoch, who.current.previous_epoch, who.returns) = (0, 0, true);
            return Ok(who);
        }
        // A member that just came repeats itself when it did not hear that it may; nothing has happened since.
        let repeats = who.current.previous_epoch == 0
            && who.current.revoking.is_empty()
            && *member == updated(Some(member), beat);
        who.comes_again = !repeats;
    }
    Ok(who)
}

/// Holds a name against who bears it.
fn bearer(group: &ConsumerGroup, name: &Str, member: &Str) -> Result<(), Refusal> {
    match group.instances.get(name) {
        None => Err((ErrorCode::UNKNOWN_MEMBER_ID, format!("Instance id {name} is unknown."))),
        Some(other) if other != member => Err((
            ErrorCode::FENCED_INSTANCE_ID,
            format!("Static member {member} with instance id {name} was fenced by member {other}."),
        )),
        Some(_) => Ok(()),
    }
}

/// Keeps out who does not know what it was told last; says whether it may have missed only the last answer.
fn fence(current: &Current, request: &ConsumerGroupHeartbeatRequest) -> Result<bool, Refusal> {
    let epoch = request.member_epoch;
    let than = if epoch == current.epoch {
        return Ok(false);
    } else if epoch > current.epoch {
        "greater"
    } else {
        let owned = request.topic_partitions.as_deref();
        if epoch == current.previous_epoch && owned.is_some_and(|owned| covers(current, owned)) {
            return Ok(true);
        }
        "smaller"
    };
    let message = format!(
        "The consumer group member has a {than} member epoch ({epoch}) than the one known by the group coordinator ({}). The member must abandon all its partitions and rejoin.",
        current.epoch
    );
    Err((ErrorCode::FENCED_MEMBER_EPOCH, message))
}

fn not_found(id: &Str) -> Refusal {
    (ErrorCode::GROUP_ID_NOT_FOUND, format!("Consumer group {id} not found."))
}

fn unknown(id: &Str, member: &Str) -> Refusal {
    (ErrorCode::UNKNOWN_MEMBER_ID, format!("Member {member} is not a member of group {id}."))
}

fn updated(member: Option<&Member>, beat: &Heartbeat<'_>) -> Member {
    let request = beat.request;
    let mut updated = member.cloned().unwrap_or_default();
    updated.client_id = beat.caller.client_id.clone();
    updated.client_host = beat.caller.client_host.clone();
    updated.classic = beat.classic.cloned();
    if request.instance_id.is_some() {
        updated.instance.clone_from(&request.instance_id);
    }
    if request.rack_id.is_some() {
        updated.rack.clone_from(&request.rack_id);
    }
    if request.server_assignor.is_some() {
        updated.assignor.clone_from(&request.server_assignor);
    }
    if beat.classic.is_some() {
        (updated.pattern, updated.assignor) = (None, None); // it has no way to say so
    }
    if request.rebalance_timeout_ms != -1 {
        updated.rebalance_timeout_ms = request.rebalance_timeout_ms;
    }
    if let Some(topics) = &request.subscribed_topic_names {
        updated.topics = topics.iter().cloned().collect();
    }
    if let Some(pattern) = &request.subscribed_topic_regex {
        updated.pattern = Some(pattern.clone()).filter(|pattern| !pattern.is_empty());
    }
    updated
}

fn told(assigned: &Held) -> Told {
    let mut told = Told::default();
    told.topic_partitions = assigned
        .iter()
        .map(|(topic, partitions)| {
            let mut one = TopicPartitions::default();
            one.topic_id = Uuid(*topic);
            one.partitions = partitions.keys().copied().collect::<Vec<_>>().into();
            one
        })
        .collect();
    told
}
