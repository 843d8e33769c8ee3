//! A member's heartbeat: it comes, stays, changes its mind or goes, and is told its partitions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::share_group_heartbeat::{
    Assignment as Told, ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse, TopicPartitions,
};
use ottla_protocol::wire::{Str, Uuid};

use super::assignor::{Eligible, assign, distinct, each};
use super::state::{
    Assignment, Current, Member, NamedPartitions, ShareGroup, states_record, target_epoch_record,
    target_record,
};
use super::{ShareAct, ShareGroups, Topics};
use crate::config::group::MemberConfig;
use crate::coordinator::Token;
use crate::groups::classic::Caller;
use crate::groups::machine::{Act, Answer, Effects};
use crate::groups::metadata_hash::metadata_hash;
use crate::groups::record::{GroupRecord, ShareChange};

/// The epoch of a member that comes.
const JOIN: i32 = 0;
/// The epoch of a member that goes.
const LEAVE: i32 = -1;

/// A heartbeat with all that belongs to it.
pub(crate) struct Heartbeat<'a> {
    pub(crate) now: Instant,
    pub(crate) now_ms: i64,
    pub(crate) caller: &'a Caller,
    pub(crate) config: MemberConfig,
    /// `group.share.max.size`.
    pub(crate) size_max: usize,
    /// `group.share.initialize.retry.interval.ms`.
    pub(crate) retry_interval: std::time::Duration,
    pub(crate) request: &'a ShareGroupHeartbeatRequest,
}

type Refusal = (ErrorCode, String);

/// What begins the states of partitions: what is written down of it, and what is done.
type Initialization = (Option<ShareChange>, ShareAct);

/// What a heartbeat changes for the group as a whole.
#[derive(Default)]
struct Regrouped {
    changes: Vec<ShareChange>,
    target_epoch: i32,
    /// What the member is to have, if that changes.
    target: Option<Assignment>,
    initialization: Option<Initialization>,
}

impl Regrouped {
    /// Whether the next heartbeat would find nothing to do either.
    fn leaves_nothing(&self, group: &ShareGroup) -> bool {
        let is_assigned = group.epoch == group.target_epoch;
        self.changes.is_empty()
            && self.initialization.is_none()
            && is_assigned
            && group.initializing.is_empty()
    }
}

impl ShareGroups {
    /// Hears a member.
    pub(crate) fn heartbeat(&mut self, token: Token, beat: &Heartbeat<'_>, topics: &impl Topics) -> Effects {
        match self.decide(beat, topics) {
            Ok((mut effects, response)) => {
                effects.answers.push((token, Answer::ShareHeartbeat(response)));
                effects
            }
            Err((code, message)) => {
                let mut response = ShareGroupHeartbeatResponse::default();
                response.error_code = code;
                response.error_message = Some(message.into());
                Effects { answers: vec![(token, Answer::ShareHeartbeat(response))], ..Effects::default() }
            }
        }
    }

    fn decide(
        &mut self,
        beat: &Heartbeat<'_>,
        topics: &impl Topics,
    ) -> Result<(Effects, ShareGroupHeartbeatResponse), Refusal> {
        let request = beat.request;
        let (id, member_id) = (&request.group_id, &request.member_id);
        let unknown = || {
            let message = format!("Member {member_id} is not a member of group {id}.");
            (ErrorCode::UNKNOWN_MEMBER_ID, message)
        };
        if request.member_epoch == LEAVE {
            let known = self.groups.get(id).ok_or_else(|| not_found(id))?;
            if !known.members.contains_key(member_id) {
                return Err(unknown());
            }
            let effects = self.removal(id, member_id).unwrap_or_default();
            let mut response = ShareGroupHeartbeatResponse::default();
            response.member_id = Some(member_id.clone());
            response.member_epoch = LEAVE;
            return Ok((effects, response));
        }
        let empty = ShareGroup::default();
        let group = match self.groups.get(id) {
            Some(group) => group,
            None if request.member_epoch == JOIN => &empty,
            None => return Err(not_found(id)),
        };
        let member = group.members.get(member_id);
        if member.is_none() {
            if request.member_epoch != JOIN {
                return Err(unknown());
            }
            if group.members.len() >= beat.size_max {
                let message =
                    format!("The share group has reached its maximum capacity of {} members.", beat.size_max);
                return Err((ErrorCode::GROUP_MAX_SIZE_REACHED, message));
            }
        }
        let current = group.current.get(member_id).cloned().unwrap_or_default();
        fence(request.member_epoch, &current)?;
        let updated = updated(member, beat);
        let version = topics.version();
        // Most heartbeats change nothing, and cost the same in a group of any size.
        let is_quiet = member == Some(&updated) && self.settled.get(id) == Some(&version);
        let regrouped = match is_quiet {
            true => Regrouped { target_epoch: group.target_epoch, ..Regrouped::default() },
            false => self.regroup(group, &updated, beat, topics),
        };
        let is_settled = regrouped.leaves_nothing(group);
        let (mut records, target_epoch) = (regrouped.changes, regrouped.target_epoch);
        let mut next = current.clone();
        if next.epoch != target_epoch || member.is_none() {
            // A member that comes again begins again.
            next.previous_epoch = if member.is_none() { 0 } else { current.epoch };
            next.epoch = target_epoch;
            let target = regrouped.target.as_ref().or_else(|| group.targets.get(member_id));
            next.assigned = target.cloned().unwrap_or_default();
        }
        if next != current {
            records.push(ShareChange::Current(member_id.clone(), Some(next.record())));
        }
        let mut response = ShareGroupHeartbeatResponse::default();
        response.member_id = Some(member_id.clone());
        response.member_epoch = next.epoch;
        response.heartbeat_interval_ms =
            i32::try_from(beat.config.heartbeat_interval.as_millis()).unwrap_or(i32::MAX);
        let is_full = request.member_epoch == JOIN || request.subscribed_topic_names.is_some();
        if is_full || next.assigned != current.assigned {
            response.assignment = Some(told(&next.assigned));
        }
        let mut effects = Effects::default();
        if let Some((change, act)) = regrouped.initialization {
            records.extend(change);
            effects.acts.push(Act::Share(act));
            self.initializing.insert(id.clone(), beat.now);
        }
        if is_settled {
            self.settled.insert(id.clone(), version);
        }
        let records = records.into_iter();
        effects.records = records.map(|change| GroupRecord::Share { group: id.clone(), change }).collect();
        self.begin_session(id, member_id, beat.now + beat.config.session_timeout);
        Ok((effects, response))
    }

    /// Looks at the group with this member as it is now: its topics, its epoch, its targets and its states.
    fn regroup(
        &self,
        group: &ShareGroup,
        updated: &Member,
        beat: &Heartbeat<'_>,
        topics: &impl Topics,
    ) -> Regrouped {
        let member_id = &beat.request.member_id;
        let member = group.members.get(member_id);
        let mut members = group.members.clone();
        members.insert(member_id.clone(), updated.clone());
        let names = names(&members);
        let known = names.iter().filter_map(|name| Some((*name, topics.topic(name)?)));
        let hash = metadata_hash(known, self.rack.as_deref());
        let mut changes = Vec::new();
        if member != Some(updated) {
            changes.push(ShareChange::Member(member_id.clone(), Some(updated.record())));
        }
        let eligible = eligible(&members, &group.initialized, topics);
        let subscription_changed = member.is_none_or(|member| member.subscribed != updated.subscribed);
        let bumps = subscription_changed
            || hash != group.metadata_hash
            || lacks_partitions(&eligible, &group.targets);
        let mut epoch = group.epoch;
        if bumps {
            epoch = if epoch == 0 { 2 } else { epoch.saturating_add(1) }; // as Kafka counts
            let mut value = group.bumped(false);
            value.epoch = epoch;
            value.metadata_hash = hash;
            changes.push(ShareChange::Group(Some(value)));
        }
        let mut target_epoch = group.target_epoch;
        let mut target = None;
        let is_due = target_epoch == 0
            || group.members.is_empty()
            || beat.config.is_assignment_due(beat.now_ms, group.target_at_ms);
        if epoch > target_epoch && is_due {
            for (member, assignment) in assign(&eligible, &group.targets) {
                if group.targets.get(&member) != Some(&assignment) {
                    let value = target_record(&assignment);
                    changes.push(ShareChange::Target(member.clone(), Some(value)));
                }
                if member == *member_id {
                    target = Some(assignment);
                }
            }
            target_epoch = epoch;
            changes.push(ShareChange::TargetEpoch(Some(target_epoch_record(epoch, beat.now_ms))));
        }
        let initialization = self.initialization(group, beat, &names, epoch, topics);
        Regrouped { changes, target_epoch, target, initialization }
    }

    /// What begins the states of partitions that have none.
    fn initialization(
        &self,
        group: &ShareGroup,
        beat: &Heartbeat<'_>,
        names: &BTreeSet<&Str>,
        epoch: i32,
        topics: &impl Topics,
    ) -> Option<Initialization> {
        let id = &beat.request.group_id;
        let may_retry =
            self.initializing.get(id).is_none_or(|since| beat.now >= *since + beat.retry_interval);
        let mut initializing = group.initializing.clone();
        let mut begun = Vec::new();
        for name in names {
            let topic = topics.topic(name);
            // What is being deleted begins anew when it is gone.
            let topic = topic.filter(|topic| !group.deleting.contains_key(&topic.id.0));
            let Some(topic) = topic else { continue };
            let has = |of: &NamedPartitions, partition: i32| {
                of.get(&topic.id.0).is_some_and(|(_, partitions)| partitions.contains(&partition))
            };
            let new: Vec<_> = (0..topic.partitions)
                .filter(|partition| {
                    !has(&group.initialized, *partition)
                        && (may_retry || !has(&group.initializing, *partition))
                })
                .collect();
            if !new.is_empty() {
                let entry =
                    initializing.entry(topic.id.0).or_insert_with(|| (Str::clone(name), Default::default()));
                entry.1.extend(new.iter().copied());
                begun.push((topic.id, new));
            }
        }
        if begun.is_empty() {
            return None;
        }
        let change = (initializing != group.initializing).then(|| {
            ShareChange::States(Some(states_record(&initializing, &group.initialized, &group.deleting)))
        });
        Some((change, ShareAct::Initialize { group: id.clone(), state_epoch: epoch, topics: begun }))
    }

    /// Says that the states of partitions are there.
    pub(crate) fn initialized(&mut self, id: &Str, topics: &[(Uuid, Vec<i32>)]) -> Effects {
        self.initializing.remove(id);
        let Some(group) = self.groups.get(id) else { return Effects::default() };
        let (mut initializing, mut initialized) = (group.initializing.clone(), group.initialized.clone());
        for (topic, partitions) in topics {
            let Some((name, waiting)) = initializing.get_mut(&topic.0) else { continue };
            let there = initialized.entry(topic.0).or_insert_with(|| (name.clone(), Default::default()));
            for partition in partitions.iter().filter(|partition| waiting.contains(partition)) {
                there.1.insert(*partition);
            }
            waiting.retain(|partition| !partitions.contains(partition));
        }
        initializing.retain(|_, (_, partitions)| !partitions.is_empty());
        initialized.retain(|_, (_, partitions)| !partitions.is_empty());
        if (&initializing, &initialized) == (&group.initializing, &group.initialized) {
            return Effects::default();
        }
        let value = states_record(&initializing, &initialized, &group.deleting);
        let change = ShareChange::States(Some(value));
        Effects::of_records(vec![GroupRecord::Share { group: id.clone(), change }])
    }
}

fn not_found(id: &Str) -> Refusal {
    (ErrorCode::GROUP_ID_NOT_FOUND, format!("Group {id} not found."))
}

/// Keeps out who does not know what it was told last.
fn fence(epoch: i32, current: &Current) -> Result<(), Refusal> {
    let than = match epoch {
        JOIN => return Ok(()),
        epoch if epoch > current.epoch => "greater",
        epoch if epoch < current.epoch && epoch != current.previous_epoch => "smaller",
        _ => return Ok(()),
    };
    let message = format!(
        "The share group member has a {than} member epoch ({epoch}) than the one known by the group coordinator ({}). The member must abandon all its partitions and rejoin.",
        current.epoch
    );
    Err((ErrorCode::FENCED_MEMBER_EPOCH, message))
}

fn updated(member: Option<&Member>, beat: &Heartbeat<'_>) -> Member {
    let mut updated = member.cloned().unwrap_or_default();
    updated.client_id = beat.caller.client_id.clone();
    updated.client_host = beat.caller.client_host.clone();
    if let Some(rack) = &beat.request.rack_id {
        updated.rack = Some(rack.clone());
    }
    if let Some(topics) = &beat.request.subscribed_topic_names {
        updated.subscribed = topics.clone();
        updated.subscribed.sort();
        updated.subscribed.dedup();
    }
    updated
}

/// The names of all topics that somebody subscribes to; most members of a group subscribe alike.
fn names(members: &BTreeMap<Str, Member>) -> BTreeSet<&Str> {
    let subscriptions: BTreeSet<_> = members.values().map(|member| &member.subscribed).collect();
    subscriptions.into_iter().flatten().collect()
}

/// The partitions that each member may be given: those it subscribes to whose states there are.
fn eligible(
    members: &BTreeMap<Str, Member>,
    initialized: &NamedPartitions,
    topics: &impl Topics,
) -> Eligible {
    let of = |subscribed: &[Str]| -> Assignment {
        let topics = subscribed.iter().filter_map(|name| topics.topic(name));
        topics
            .filter_map(|topic| {
                let partitions = initialized.get(&topic.id.0)?.1.range(..topic.partitions).copied();
                Some((topic.id.0, partitions.collect()))
            })
            .collect()
    };
    let mut known: BTreeMap<&[Str], Arc<Assignment>> = BTreeMap::new();
    let eligible = members.iter().map(|(id, member)| {
        let subscribed = member.subscribed.as_slice();
        (id.clone(), Arc::clone(known.entry(subscribed).or_insert_with(|| Arc::new(of(subscribed)))))
    });
    eligible.collect()
}

/// Whether there is a partition that somebody may be given and nobody is.
fn lacks_partitions(eligible: &Eligible, targets: &BTreeMap<Str, Assignment>) -> bool {
    let given: BTreeSet<_> = targets.values().flat_map(each).collect();
    distinct(eligible).any(|assignment| each(assignment).any(|place| !given.contains(&place)))
}

fn told(assigned: &Assignment) -> Told {
    let mut told = Told::default();
    told.topic_partitions = assigned
        .iter()
        .map(|(topic, partitions)| {
            let mut one = TopicPartitions::default();
            one.topic_id = Uuid(*topic);
            one.partitions = partitions.iter().copied().collect::<Vec<_>>().into();
            one
        })
        .collect();
    told
}
