//! The groups of one partition of `__consumer_offsets`: the state machines of all kinds of groups, and the offsets
//! that they have committed, as one.
//!
//! A group's id decides its shard, and within it a group is of one kind. Which record belongs to which machine is
//! told here; what it means, in [`super::classic`], [`super::consumer`], [`super::share`] and [`super::offsets`].

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Instant;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::consumer_group_heartbeat::ConsumerGroupHeartbeatResponse;
use ottla_protocol::messages::heartbeat::{HeartbeatRequest, HeartbeatResponse};
use ottla_protocol::messages::join_group::JoinGroupResponse;
use ottla_protocol::messages::leave_group::{LeaveGroupRequest, LeaveGroupResponse};
use ottla_protocol::messages::share_group_heartbeat::ShareGroupHeartbeatResponse;
use ottla_protocol::messages::sync_group::{SyncGroupRequest, SyncGroupResponse};
use ottla_protocol::wire::Str;

use super::classic::ClassicGroups;
use super::consumer::classic::ClassicJoin;
use super::consumer::{self, ConsumerGroups};
use super::offsets::OffsetStore;
use super::record::{ConsumerChange, GroupRecord};
use super::settings::Settings;
use super::share::{self, ShareAct, ShareGroups};
use crate::broker::Core;
use crate::configs::Configs;
use crate::coordinator::shard::{Locked, Shard};
use crate::coordinator::{self, Machine, Place, Token};
use crate::directory::Directory;

/// The first version of `JoinGroup` whose answer can say that no protocol was chosen.
const FIRST_WITH_NULL_PROTOCOL: i16 = 7;

/// What comes of a step of groups.
pub(crate) type Effects = coordinator::Effects<Groups>;

/// What all shards of groups share.
pub(crate) struct GroupContext {
    pub(crate) settings: Settings,
    pub(crate) directory: Arc<Directory>,
    /// What holds for each group: `configs.group(id)`.
    pub(crate) configs: Arc<Configs>,
    /// Who does what a group cannot do by itself; set before the first shard serves.
    pub(crate) core: OnceLock<Weak<Core>>,
}

/// The answer to a request that had a token, to be encoded as it is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    /// To a `JoinGroup`.
    Join(JoinGroupResponse),
    /// To a `SyncGroup`.
    Sync(SyncGroupResponse),
    /// To a `ConsumerGroupHeartbeat`.
    ConsumerHeartbeat(ConsumerGroupHeartbeatResponse),
    /// To a `ShareGroupHeartbeat`.
    ShareHeartbeat(ShareGroupHeartbeatResponse),
}

/// What is done outside of a shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// For a share group.
    Share(ShareAct),
}

/// The groups of a shard.
#[derive(Debug)]
pub(crate) struct Groups {
    pub(crate) classic: ClassicGroups,
    pub(crate) consumer: ConsumerGroups,
    pub(crate) share: ShareGroups,
    /// The offsets that are durable.
    pub(crate) offsets: OffsetStore,
    /// Groups that are of the classic protocol again, once that is durable.
    downgraded: BTreeSet<Str>,
}

impl Machine for Groups {
    type Record = GroupRecord;
    type Answer = Answer;
    type Act = Act;
    type Context = GroupContext;

    fn new(context: &GroupContext) -> Self {
        let classic = ClassicGroups::new(context.settings.classic.clone());
        let share = ShareGroups::new(Arc::clone(&context.configs), context.settings.consumer.rack.clone());
        let names = Arc::clone(&context.directory) as _;
        let consumer =
            ConsumerGroups::new(Arc::clone(&context.configs), context.settings.consumer.clone(), names);
        Self { classic, consumer, share, offsets: OffsetStore::default(), downgraded: BTreeSet::new() }
    }

    fn replay(&mut self, record: &GroupRecord) {
        self.replay_at(record, Place { offset: 0, producer_id: None });
    }

    fn replay_at(&mut self, record: &GroupRecord, place: Place) {
        match record {
            GroupRecord::Group { .. } => self.classic.replay(record),
            GroupRecord::Share { group, change } => self.share.replay(group, change),
            GroupRecord::Consumer { group, change } => self.replay_consumer(group, change),
            GroupRecord::Offset { group, topic, partition, value } => {
                if value.is_some() && !self.consumer.contains(group) {
                    self.classic.has_offsets(group);
                }
                self.offsets.apply(group, topic, *partition, value.as_ref(), place);
            }
        }
    }

    fn transaction_ended(&mut self, producer_id: i64, committed: bool) {
        self.offsets.end_transaction(producer_id, committed);
    }

    /// Offsets are not seen before they are durable, and classic groups change when they decide.
    fn appended(&mut self, record: &GroupRecord) {
        match record {
            GroupRecord::Offset { group, value: Some(_), .. } if !self.consumer.contains(group) => {
                self.classic.has_offsets(group);
            }
            GroupRecord::Group { value: None, .. } => self.classic.replay(record),
            GroupRecord::Group { group, .. } if !self.classic.contains(group) => {
                self.classic.replay(record);
                self.downgraded.insert(group.clone());
            }
            GroupRecord::Share { group, change } => self.share.replay(group, change),
            GroupRecord::Consumer { group, change } => self.replay_consumer(group, change),
            // What else there is to say, the groups know themselves.
            GroupRecord::Offset { .. } | GroupRecord::Group { .. } => {}
        }
    }

    fn loaded(&mut self, now: Instant, now_ms: i64) -> Vec<Effects> {
        self.classic.loaded(now, now_ms);
        self.consumer.loaded(now);
        self.share.loaded(now);
        Vec::new()
    }

    fn stored(&mut self, now: Instant, record: &GroupRecord) -> Effects {
        self.stored_at(now, record, Place { offset: 0, producer_id: None })
    }

    fn stored_at(&mut self, now: Instant, record: &GroupRecord, place: Place) -> Effects {
        match record {
            GroupRecord::Group { group, .. } if self.downgraded.remove(group) => {
                self.classic.begin(now, 0, group)
            }
            GroupRecord::Group { .. } => self.classic.stored(now, record),
            GroupRecord::Share { .. } | GroupRecord::Consumer { .. } => Effects::default(),
            GroupRecord::Offset { group, topic, partition, value } => {
                self.offsets.apply(group, topic, *partition, value.as_ref(), place);
                Effects::default()
            }
        }
    }

    fn refused(&mut self, now: Instant, now_ms: i64, record: &GroupRecord, code: ErrorCode) -> Effects {
        self.classic.refused(now, now_ms, record, code)
    }

    fn next_deadline(&self) -> Option<Instant> {
        let newer = self.consumer.next_deadline().into_iter().chain(self.share.next_deadline());
        self.classic.next_deadline().into_iter().chain(newer).min()
    }

    fn tick(&mut self, now: Instant, now_ms: i64) -> Vec<Effects> {
        let mut effects = self.classic.tick(now, now_ms);
        let gone = self.consumer.tick(now);
        effects.extend((!gone.is_empty()).then(|| Effects::of_records(gone)));
        effects.extend(self.share.tick(now));
        effects
    }

    async fn act(shard: Arc<Shard<Self>>, act: Act) {
        let Some(core) = shard.shared.context.core.get().and_then(Weak::upgrade) else { return };
        match act {
            Act::Share(act) => share::act(&core, &shard, act).await,
        }
    }

    fn serves(shard: &Arc<Shard<Self>>) {
        shard.remove_leftovers();
    }
}

impl Groups {
    /// A group is of one kind: one that had nothing but offsets is of consumers once it has members of these.
    fn replay_consumer(&mut self, group: &Str, change: &ConsumerChange) {
        self.consumer.replay(group, change);
        if let ConsumerChange::Group(Some(_)) = change
            && let Ok(gone) = self.classic.delete(group)
        {
            self.classic.replay(&gone);
        }
    }

    /// Hears a member of a group of the consumer protocol. A classic group that is empty becomes one.
    pub(crate) fn consumer_heartbeat(
        &mut self,
        token: Token,
        beat: &consumer::heartbeat::Heartbeat<'_>,
        topics: &impl consumer::Topics,
    ) -> Effects {
        let group = &beat.request.group_id;
        let refuse = |words: String| {
            let mut response = ConsumerGroupHeartbeatResponse::default();
            response.error_code = ErrorCode::GROUP_ID_NOT_FOUND;
            response.error_message = Some(words.into());
            let answers = vec![(token, Answer::ConsumerHeartbeat(response))];
            Effects { answers, ..Effects::default() }
        };
        let is_other = || refuse(format!("Group {group} is not a consumer group."));
        let comes = beat.request.member_epoch == 0;
        if self.share.contains(group) {
            return is_other();
        }
        let mut records = Vec::new();
        let mut answers = Vec::new();
        let outcome = match self.classic.delete(group) {
            _ if self.consumer.contains(group) => self.consumer.heartbeat(beat, topics),
            Err(ErrorCode::GROUP_ID_NOT_FOUND) => self.consumer.heartbeat(beat, topics),
            _ if !comes => return is_other(),
            Ok(gone) => {
                records.push(gone);
                self.consumer.heartbeat(beat, topics)
            }
            Err(_) => {
                let former = self.classic.former(group);
                match self.consumer.upgrade(group, former, beat.size_max, topics) {
                    Err(words) => return refuse(words),
                    Ok(changes) => {
                        let outcome = self.consumer.first_heartbeat(beat, changes, topics);
                        if !outcome.records.is_empty() {
                            answers = self.classic.send_away(beat.now, beat.now_ms, group);
                            records.push(GroupRecord::Group { group: group.clone(), value: None });
                        }
                        outcome
                    }
                }
            }
        };
        if outcome.records.is_empty() {
            records.clear();
        }
        records.extend(outcome.records);
        answers.push((token, Answer::ConsumerHeartbeat(outcome.response)));
        Effects { records, answers, ..Effects::default() }
    }

    /// Lets a member of the classic protocol join. A group of the consumer protocol that is empty becomes classic;
    /// one that is not takes it in.
    pub(crate) fn classic_join(
        &mut self,
        token: Token,
        asked: &ClassicJoin<'_>,
        topics: &impl consumer::Topics,
    ) -> Effects {
        let group = &asked.request.group_id;
        let join = |classic: &mut ClassicGroups| {
            let ClassicJoin { now, now_ms, caller, version, request, random, .. } = *asked;
            classic.join(now, now_ms, token, caller, version, request, random)
        };
        // Of what kind the group is comes after what the request says of itself.
        let checked = self.classic.check_join(asked.request);
        if checked.is_ok() && self.share.contains(group) {
            let response = JoinGroupResponse::default()
                .with_error_code(ErrorCode::INCONSISTENT_GROUP_PROTOCOL)
                .with_protocol_name(None);
            let answers = vec![(token, Answer::Join(as_of(asked.version, response)))];
            return Effects { answers, ..Effects::default() };
        }
        match self.consumer.delete(group) {
            Err(ErrorCode::GROUP_ID_NOT_FOUND) => join(&mut self.classic),
            Err(_) => {
                let (records, response) = match self.classic.check_join(asked.request) {
                    Ok(()) => self.consumer.classic_join(asked, topics),
                    Err(code) => {
                        let response = JoinGroupResponse::default().with_error_code(code);
                        (Vec::new(), response.with_member_id(asked.request.member_id.clone()))
                    }
                };
                let answers = vec![(token, Answer::Join(as_of(asked.version, response)))];
                Effects { records, answers, ..Effects::default() }
            }
            Ok(mut records) => {
                let mut effects = join(&mut self.classic);
                if self.classic.describe(group).is_none() {
                    return effects;
                }
                records.append(&mut effects.records);
                effects.records = records;
                effects
            }
        }
    }

    /// A member of the classic protocol asks for its assignment, in whatever group.
    pub(crate) fn classic_sync(
        &mut self,
        now: Instant,
        now_ms: i64,
        token: Token,
        version: i16,
        request: &SyncGroupRequest,
    ) -> Effects {
        if !self.consumer.contains(&request.group_id) {
            return self.classic.sync(now, now_ms, token, version, request);
        }
        let response = self.consumer.classic_sync(now, request);
        Effects { answers: vec![(token, Answer::Sync(response))], ..Effects::default() }
    }

    /// A member of the classic protocol says that it is alive, in whatever group.
    pub(crate) fn classic_heartbeat(
        &mut self,
        now: Instant,
        request: &HeartbeatRequest,
    ) -> HeartbeatResponse {
        if !self.consumer.contains(&request.group_id) {
            return self.classic.heartbeat(now, request);
        }
        let outcome = self.consumer.classic_heartbeat(now, request);
        HeartbeatResponse::default().with_error_code(outcome.err().unwrap_or(ErrorCode::NONE))
    }

    /// Members of the classic protocol leave, whatever group.
    pub(crate) fn classic_leave(
        &mut self,
        now: Instant,
        now_ms: i64,
        version: i16,
        request: &LeaveGroupRequest,
    ) -> (Effects, LeaveGroupResponse) {
        if !self.consumer.contains(&request.group_id) {
            return self.classic.leave(now, now_ms, version, request);
        }
        let (records, response) = self.consumer.classic_leave(version, request);
        (Effects::of_records(records), response)
    }

    /// Whether members of a group read a topic, or may do so.
    pub(crate) fn is_subscribed(&self, group: &Str, topic: &Str) -> bool {
        self.classic.is_subscribed(group, topic) || self.consumer.is_subscribed(group, topic)
    }

    /// Hears a member of a share group.
    pub(crate) fn share_heartbeat(
        &mut self,
        token: Token,
        beat: &share::Heartbeat<'_>,
        topics: &impl share::Topics,
    ) -> Effects {
        let group = &beat.request.group_id;
        let is_other = self.classic.describe(group).is_some() || self.consumer.contains(group);
        if is_other && !self.share.contains(group) {
            let mut response = ShareGroupHeartbeatResponse::default();
            response.error_code = ErrorCode::GROUP_ID_NOT_FOUND;
            response.error_message = Some(format!("Group {group} is not a share group.").into());
            return Effects {
                answers: vec![(token, Answer::ShareHeartbeat(response))],
                ..Effects::default()
            };
        }
        self.share.heartbeat(token, beat, topics)
    }
}

/// An answer to a `JoinGroup`, as far as a version can say it.
fn as_of(version: i16, mut response: JoinGroupResponse) -> JoinGroupResponse {
    if version < FIRST_WITH_NULL_PROTOCOL {
        response.protocol_name.get_or_insert_default();
    }
    response
}

impl Locked<'_, Groups> {
    /// The partitions of which a group has an offset at the end of the log, durable or not, and be it in a transaction.
    pub(crate) fn partitions_of(&self, group: &str) -> BTreeSet<(Str, i32)> {
        let durable = self.machine().offsets.of_group(group);
        let mut all: BTreeSet<_> = durable
            .flat_map(|(topic, partitions)| partitions.map(move |(partition, _)| (topic.clone(), partition)))
            .collect();
        let unstable = self.machine().offsets.unstable_of_group(group);
        all.extend(unstable.map(|(topic, partition)| (topic.clone(), partition)));
        for record in self.pending() {
            if let GroupRecord::Offset { group: of, topic, partition, value } = record
                && of.as_str() == group
            {
                match value {
                    Some(_) => all.insert((topic.clone(), *partition)),
                    None => all.remove(&(topic.clone(), *partition)),
                };
            }
        }
        all
    }

    /// Whether an offset waits to become durable, or its removal does.
    pub(crate) fn is_pending(&self, group: &str, topic: &str, partition: i32) -> bool {
        self.pending().any(|record| match record {
            GroupRecord::Offset { group: of, topic: named, partition: index, .. } => {
                *index == partition && named.as_str() == topic && of.as_str() == group
            }
            GroupRecord::Group { .. } | GroupRecord::Share { .. } | GroupRecord::Consumer { .. } => false,
        })
    }

    /// All groups that have an offset at the end of the log, durable or not.
    pub(crate) fn groups_with_offsets(&self) -> BTreeSet<Str> {
        let mut groups: BTreeSet<_> = self.machine().offsets.groups().cloned().collect();
        groups.extend(self.pending().map(|record| record.group().clone()));
        groups
    }
}
