//! The members of share groups: who they are, what they subscribe to, and which partitions they are given (KIP-932).
//!
//! A pure state machine, decided the strict way: a heartbeat becomes records, and state changes by taking these in,
//! so that a restart finds what was. What is no record are the sessions, which begin anew. Several members may be
//! given the same partition; who of them is handed which record is decided in [`crate::share`].

mod assignor;
mod heartbeat;
mod offsets;
mod state;
mod view;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ottla_protocol::wire::{Str, Uuid};

pub(crate) use self::heartbeat::Heartbeat;
use self::state::ShareGroup;
use super::machine::{Effects, Groups};
use super::record::{GroupRecord, ShareChange};
use crate::broker::Core;
use crate::configs::Configs;
use crate::coordinator::shard::Shard;
use crate::directory::Directory;
use crate::share::removal;

/// After so long a member is let go once more that the log did not let go.
const AGAIN: Duration = Duration::from_secs(1);

/// What a share group has to have done outside of its shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ShareAct {
    /// To begin the states of partitions, in this epoch.
    Initialize { group: Str, state_epoch: i32, topics: Vec<(Uuid, Vec<i32>)> },
    /// To delete the states of topics.
    Forget { group: Str, topics: Vec<Uuid> },
}

/// A topic as a group sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TopicView {
    pub(crate) id: Uuid,
    pub(crate) partitions: i32,
}

/// The topics that there are, by name.
pub(crate) trait Topics {
    /// The topic of this name.
    fn topic(&self, name: &str) -> Option<TopicView>;
    /// The name of a topic.
    fn name(&self, id: Uuid) -> Option<Str>;
    /// Another number whenever a topic came, grew or went.
    fn version(&self) -> i64;
}

impl Topics for Directory {
    fn topic(&self, name: &str) -> Option<TopicView> {
        let topic = self.by_name(name)?;
        let partitions = i32::try_from(topic.partitions().len()).unwrap_or(i32::MAX);
        Some(TopicView { id: topic.id, partitions })
    }

    fn name(&self, id: Uuid) -> Option<Str> {
        Some(self.by_id(id)?.name.clone())
    }

    fn version(&self) -> i64 {
        Directory::version(self)
    }
}

/// The share groups of a shard.
pub(crate) struct ShareGroups {
    configs: Arc<Configs>,
    /// Of this node (`broker.rack`).
    rack: Option<Str>,
    /// State: what the records say.
    groups: BTreeMap<Str, ShareGroup>,
    /// When the sessions of members end: by group and member, and in their order.
    sessions: BTreeMap<(Str, Str), Instant>,
    order: BTreeSet<(Instant, Str, Str)>,
    /// Since when the states of a group's partitions are begun: not once more before that is over.
    initializing: BTreeMap<Str, Instant>,
    /// The version of all topics at which a group was looked at and nothing was left to do, until it changes.
    settled: BTreeMap<Str, i64>,
}

impl std::fmt::Debug for ShareGroups {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ShareGroups").field("groups", &self.groups).finish_non_exhaustive()
    }
}

/// Does what a group cannot do by itself.
pub(crate) async fn act(core: &Arc<Core>, shard: &Arc<Shard<Groups>>, act: ShareAct) {
    match act {
        ShareAct::Forget { group, topics } => removal::finish(core, group, topics),
        ShareAct::Initialize { group, state_epoch, topics } => {
            let done = crate::share::initialize(core, &group, state_epoch, -1, topics).await;
            let stored = shard.enter().and_then(|mut locked| {
                let effects = locked.machine_mut().share.initialized(&group, &done);
                locked.perform(effects)
            });
            if let Err(code) = stored {
                tracing::warn!(%code, %group, "a share group does not know of its states; it will ask again");
            }
        }
    }
}

impl ShareGroups {
    /// No groups.
    pub(crate) fn new(configs: Arc<Configs>, rack: Option<Str>) -> Self {
        Self {
            configs,
            rack,
            groups: BTreeMap::new(),
            sessions: BTreeMap::new(),
            order: BTreeSet::new(),
            initializing: BTreeMap::new(),
            settled: BTreeMap::new(),
        }
    }

    /// Takes in a record of the log, or one that was appended just now.
    pub(crate) fn replay(&mut self, group: &Str, change: &ShareChange) {
        let state = self.groups.entry(group.clone()).or_default();
        state.take_in(change);
        if !matches!(change, ShareChange::Current(..)) {
            self.settled.remove(group);
        }
        let is_gone = state.is_gone();
        if let ShareChange::Member(member, None) = change {
            self.end_session(group, member);
        }
        if is_gone {
            self.groups.remove(group);
            self.initializing.remove(group);
        }
    }

    /// Says that all of the log was replayed: the sessions of the members begin.
    pub(crate) fn loaded(&mut self, now: Instant) {
        let members: Vec<_> = self
            .groups
            .iter()
            .flat_map(|(id, group)| group.members.keys().map(move |member| (id.clone(), member.clone())))
            .collect();
        for (group, member) in members {
            let timeout = self.configs.group(&group).share.member.session_timeout;
            self.begin_session(&group, &member, now + timeout);
        }
    }

    /// Whether there is such a group.
    pub(crate) fn contains(&self, group: &str) -> bool {
        self.groups.contains_key(group)
    }

    /// When the next session ends.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        self.order.first().map(|(at, ..)| *at)
    }

    /// Lets the members go whose sessions are over.
    pub(crate) fn tick(&mut self, now: Instant) -> Vec<Effects> {
        let mut effects = Vec::new();
        while let Some((at, group, member)) = self.order.first().cloned()
            && at <= now
        {
            let Some(gone) = self.removal(&group, &member) else {
                self.end_session(&group, &member);
                continue;
            };
            // The session ends when the record is taken in; should the log refuse it, it is tried again.
            self.begin_session(&group, &member, now + AGAIN);
            effects.push(gone);
            // The next removal is decided by what this one changes.
            break;
        }
        effects
    }

    fn begin_session(&mut self, group: &Str, member: &Str, until: Instant) {
        self.end_session(group, member);
        self.sessions.insert((group.clone(), member.clone()), until);
        self.order.insert((until, group.clone(), member.clone()));
    }

    fn end_session(&mut self, group: &Str, member: &Str) {
        if let Some(until) = self.sessions.remove(&(group.clone(), member.clone())) {
            self.order.remove(&(until, group.clone(), member.clone()));
        }
    }

    /// What lets a member go, if it is one.
    fn removal(&self, group: &Str, member: &Str) -> Option<Effects> {
        let state = self.groups.get(group).filter(|state| state.members.contains_key(member))?;
        let mut effects = Effects::default();
        let mut push = |change| {
            effects.records.push(GroupRecord::Share { group: group.clone(), change });
        };
        push(ShareChange::Current(member.clone(), None));
        push(ShareChange::Target(member.clone(), None));
        push(ShareChange::Member(member.clone(), None));
        push(ShareChange::Group(Some(state.bumped(state.members.len() == 1))));
        Some(effects)
    }
}
