//! The groups of one partition of `__consumer_offsets`: the state machines of all kinds of groups, and the offsets
//! that they have committed, as one.
//!
//! A group's id decides its shard, and within it a group is of one kind. Which record belongs to which machine is
//! told here; what it means, in [`super::classic`] and [`super::offsets`].

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Instant;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::join_group::JoinGroupResponse;
use ottla_protocol::messages::sync_group::SyncGroupResponse;
use ottla_protocol::wire::Str;

use super::classic::ClassicGroups;
use super::offsets::OffsetStore;
use super::record::GroupRecord;
use super::settings::Settings;
use crate::configs::Configs;
use crate::coordinator::shard::{Locked, Shard};
use crate::coordinator::{self, Machine, Place};
use crate::directory::Directory;

/// What comes of a step of groups.
pub(crate) type Effects = coordinator::Effects<Groups>;

/// What all shards of groups share.
pub(crate) struct GroupContext {
    pub(crate) settings: Settings,
    pub(crate) directory: Arc<Directory>,
    /// What holds for each group: `configs.group(id)`.
    #[expect(dead_code, reason = "for the coordinators of the newer protocols")]
    pub(crate) configs: Arc<Configs>,
}

/// The answer to a request that had a token, to be encoded as it is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    /// To a `JoinGroup`.
    Join(JoinGroupResponse),
    /// To a `SyncGroup`.
    Sync(SyncGroupResponse),
}

/// The groups of a shard.
#[derive(Debug)]
pub(crate) struct Groups {
    pub(crate) classic: ClassicGroups,
    /// The offsets that are durable.
    pub(crate) offsets: OffsetStore,
}

impl Machine for Groups {
    type Record = GroupRecord;
    type Answer = Answer;
    type Act = Infallible;
    type Context = GroupContext;

    fn new(context: &GroupContext) -> Self {
        let classic = ClassicGroups::new(context.settings.classic.clone());
        Self { classic, offsets: OffsetStore::default() }
    }

    fn replay(&mut self, record: &GroupRecord) {
        self.replay_at(record, Place { offset: 0, producer_id: None });
    }

    fn replay_at(&mut self, record: &GroupRecord, place: Place) {
        match record {
            GroupRecord::Group { .. } => self.classic.replay(record),
            GroupRecord::Offset { group, topic, partition, value } => {
                if value.is_some() {
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
            GroupRecord::Offset { group, value: Some(_), .. } => self.classic.has_offsets(group),
            GroupRecord::Group { value: None, .. } => self.classic.replay(record),
            // What else there is to say, the groups know themselves.
            GroupRecord::Offset { .. } | GroupRecord::Group { .. } => {}
        }
    }

    fn loaded(&mut self, now: Instant, now_ms: i64) -> Vec<Effects> {
        self.classic.loaded(now, now_ms);
        Vec::new()
    }

    fn stored(&mut self, now: Instant, record: &GroupRecord) -> Effects {
        self.stored_at(now, record, Place { offset: 0, producer_id: None })
    }

    fn stored_at(&mut self, now: Instant, record: &GroupRecord, place: Place) -> Effects {
        match record {
            GroupRecord::Group { .. } => self.classic.stored(now, record),
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
        self.classic.next_deadline()
    }

    fn tick(&mut self, now: Instant, now_ms: i64) -> Vec<Effects> {
        self.classic.tick(now, now_ms)
    }

    async fn act(_shard: Arc<Shard<Self>>, act: Infallible) {
        match act {}
    }

    fn serves(shard: &Arc<Shard<Self>>) {
        shard.remove_leftovers();
    }
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
            GroupRecord::Group { .. } => false,
        })
    }

    /// All groups that have an offset at the end of the log, durable or not.
    pub(crate) fn groups_with_offsets(&self) -> BTreeSet<Str> {
        let mut groups: BTreeSet<_> = self.machine().offsets.groups().cloned().collect();
        groups.extend(self.pending().map(|record| record.group().clone()));
        groups
    }
}
