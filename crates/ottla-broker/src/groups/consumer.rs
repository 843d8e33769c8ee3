//! Groups of the consumer protocol: their members, and how these come to the partitions they are to have (KIP-848).
//!
//! A pure state machine, decided the strict way: a heartbeat becomes records, and state changes by taking these in,
//! so that a restart finds what was. What is no record are the deadlines, which begin anew: that of a member to be
//! heard of again, and that to give up partitions. What each member is to have, the [`assignor`](super::assignor)
//! says; how it gets there, `reconcile`.

pub(crate) mod classic;
pub(crate) mod heartbeat;
pub(crate) mod migration;
mod offsets;
mod reconcile;
mod regroup;
mod state;
mod view;

#[cfg(test)]
mod network;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ottla_protocol::wire::Str;

use self::migration::Policy;
use self::state::{ConsumerGroup, Phase, group_record};
use super::assignor::Assignor;
use super::classic::timers::Timers;
use super::record::{ConsumerChange, GroupRecord};
use super::share;
use crate::config::BrokerConfig;
use crate::configs::Configs;
use crate::directory::Directory;

/// After so long a member is let go once more that the log did not let go.
const AGAIN: Duration = Duration::from_secs(1);

/// The topics that there are, also for who has only a pattern of their names.
pub(crate) trait Topics: share::Topics {
    /// All names.
    fn names(&self) -> Vec<Str>;
}

impl Topics for Directory {
    fn names(&self) -> Vec<Str> {
        self.all().into_iter().map(|topic| topic.name.clone()).collect()
    }
}

/// What holds for all groups of the consumer protocol.
#[derive(Clone, Debug)]
pub(crate) struct ConsumerSettings {
    /// Those that a group may use, the one for a group that does not say first (`group.consumer.assignors`).
    pub(crate) assignors: Arc<[Assignor]>,
    /// Patterns are looked up again after so long, though no topic has come or gone
    /// (`group.consumer.regex.refresh.interval.ms`).
    pub(crate) regex_refresh: Duration,
    /// Of this node (`broker.rack`).
    pub(crate) rack: Option<Str>,
    /// Which way groups go between the protocols (`group.consumer.migration.policy`).
    pub(crate) policy: Policy,
    /// Members that a classic group can have (`group.max.size`).
    pub(crate) classic_size_max: usize,
}

impl ConsumerSettings {
    pub(crate) fn new(config: &BrokerConfig) -> Self {
        let names = config.get("group.consumer.assignors").unwrap_or_default();
        let mut assignors: Vec<_> =
            names.split(',').filter_map(|name| Assignor::by_name(name.trim())).collect();
        if assignors.is_empty() {
            assignors.extend(Assignor::ALL);
        }
        Self {
            assignors: assignors.into(),
            regex_refresh: Duration::from_millis(config.number("group.consumer.regex.refresh.interval.ms")),
            rack: config.get("broker.rack").map(|rack| Str::from(rack.to_owned())),
            policy: Policy::named(config.get("group.consumer.migration.policy").unwrap_or_default()),
            classic_size_max: config.number("group.max.size"),
        }
    }
}

/// What a group has seen of the topics that there are.
#[derive(Clone, Copy, Debug)]
struct Seen {
    /// The version of all topics at which those of the group were as it knows them.
    topics: i64,
    /// That at which its patterns were looked up, and when.
    patterns: i64,
    at: Instant,
}

/// A deadline of a member of a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Deadline {
    /// To be heard of.
    Session(Str, Str),
    /// To have given up what it was asked to in this epoch.
    Revocation(Str, Str, i32),
    /// Of one of the classic protocol, to join as it was told to, or to sync as it has joined.
    Classic(Str, Str),
}

/// The groups of the consumer protocol of a shard.
pub(crate) struct ConsumerGroups {
    configs: Arc<Configs>,
    settings: ConsumerSettings,
    /// What topics are called, for the classic protocol, which knows no ids.
    names: Arc<dyn share::Topics + Send + Sync>,
    /// State: what the records say.
    groups: BTreeMap<Str, ConsumerGroup>,
    deadlines: Timers<Deadline>,
    /// The epoch in which each member was asked to give up partitions, while it is.
    revocations: BTreeMap<(Str, Str), i32>,
    /// Members that were given more in the epoch that they had, and did not say yet that they own it: they are told
    /// with every answer, because the one that told them may have gone to a request that they had given up on.
    untold: BTreeSet<(Str, Str)>,
    /// What each group has seen of the topics.
    seen: BTreeMap<Str, Seen>,
}

impl std::fmt::Debug for ConsumerGroups {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConsumerGroups").field("groups", &self.groups).finish_non_exhaustive()
    }
}

impl ConsumerGroups {
    /// No groups.
    pub(crate) fn new(
        configs: Arc<Configs>,
        settings: ConsumerSettings,
        names: Arc<dyn share::Topics + Send + Sync>,
    ) -> Self {
        Self {
            configs,
            settings,
            names,
            groups: BTreeMap::new(),
            deadlines: Timers::default(),
            revocations: BTreeMap::new(),
            untold: BTreeSet::new(),
            seen: BTreeMap::new(),
        }
    }

    /// Takes in a record of the log, or one that was appended just now.
    pub(crate) fn replay(&mut self, group: &Str, change: &ConsumerChange) {
        let state = self.groups.entry(group.clone()).or_default();
        state.take_in(change);
        if let ConsumerChange::Member(member, None) = change {
            self.forget(group, member);
        }
        let Some(state) = self.groups.get(group) else { return };
        if state.is_gone() {
            self.groups.remove(group);
            self.seen.remove(group);
        }
    }

    /// Says that all of the log was replayed: deadlines begin.
    pub(crate) fn loaded(&mut self, now: Instant) {
        let mut begun = Vec::new();
        for (id, group) in &self.groups {
            let session = self.configs.group(id).consumer.session_timeout;
            for (member, about) in &group.members {
                let session = about.classic.as_ref().map_or(session, |one| millis(one.session_timeout_ms));
                begun.push((Deadline::Session(id.clone(), member.clone()), now + session));
                let current = group.current.get(member);
                if let Some(current) = current.filter(|current| current.phase == Phase::Unrevoked) {
                    self.revocations.insert((id.clone(), member.clone()), current.epoch);
                    let deadline = Deadline::Revocation(id.clone(), member.clone(), current.epoch);
                    begun.push((deadline, now + millis(about.rebalance_timeout_ms)));
                }
            }
        }
        for (deadline, at) in begun {
            self.deadlines.set(deadline, at);
        }
    }

    /// Makes sure of what is always so of all groups.
    #[cfg(test)]
    pub(crate) fn check(&self) {
        for (id, group) in &self.groups {
            assert!(group.members.keys().eq(group.current.keys()), "{group:?}");
            let held: usize = group.current.values().map(|current| current.held().count()).sum();
            assert_eq!(held, group.holders.len(), "no partition is held by two");
            for member in group.members.keys() {
                let session = Deadline::Session(id.clone(), member.clone());
                assert!(self.deadlines.contains(&session), "{member} lives for ever");
            }
        }
    }

    /// Whether there is such a group.
    pub(crate) fn contains(&self, group: &str) -> bool {
        self.groups.contains_key(group)
    }

    /// A time before which no deadline is over.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        self.deadlines.first()
    }

    /// Lets the members go whose time is over: one at a time, since the next is decided by what this one changes.
    pub(crate) fn tick(&mut self, now: Instant) -> Vec<GroupRecord> {
        while let Some(deadline) = self.deadlines.pop(now) {
            let (group, member) = match &deadline {
                Deadline::Session(group, member) | Deadline::Classic(group, member) => {
                    (group.clone(), member.clone())
                }
                Deadline::Revocation(group, member, epoch) => {
                    if self.revocations.get(&(group.clone(), member.clone())) != Some(epoch) {
                        continue;
                    }
                    (group.clone(), member.clone())
                }
            };
            let records = self.removals(&group, std::slice::from_ref(&member));
            if records.is_empty() {
                self.forget(&group, &member);
            } else {
                // The clock stops when the record is taken in; should the log refuse it, it is tried again.
                self.deadlines.set(deadline, now + AGAIN);
                return records;
            }
        }
        Vec::new()
    }

    /// Stops the clocks of a member.
    fn forget(&mut self, group: &Str, member: &Str) {
        self.untold.remove(&(group.clone(), member.clone()));
        self.deadlines.cancel(&Deadline::Session(group.clone(), member.clone()));
        self.deadlines.cancel(&Deadline::Classic(group.clone(), member.clone()));
        if let Some(epoch) = self.revocations.remove(&(group.clone(), member.clone())) {
            self.deadlines.cancel(&Deadline::Revocation(group.clone(), member.clone(), epoch));
        }
    }

    /// Starts the clocks of a member that was heard and is to give partitions up, or is not.
    fn remember(
        &mut self,
        group: &Str,
        member: &Str,
        now: Instant,
        session: Duration,
        asked: Option<(i32, i32)>,
    ) {
        self.deadlines.set(Deadline::Session(group.clone(), member.clone()), now + session);
        let key = (group.clone(), member.clone());
        let before = self.revocations.get(&key).copied();
        if before == asked.map(|(epoch, _)| epoch) {
            return;
        }
        if let Some(epoch) = before {
            self.deadlines.cancel(&Deadline::Revocation(group.clone(), member.clone(), epoch));
            self.revocations.remove(&key);
        }
        if let Some((epoch, timeout_ms)) = asked {
            let deadline = Deadline::Revocation(group.clone(), member.clone(), epoch);
            self.deadlines.set(deadline, now + millis(timeout_ms));
            self.revocations.insert(key, epoch);
        }
    }

    /// What lets members go, as far as they are some. When none but classic members are left, the group is classic.
    fn removals(&self, id: &Str, leaving: &[Str]) -> Vec<GroupRecord> {
        let Some(group) = self.groups.get(id) else { return Vec::new() };
        let leaving: BTreeSet<&Str> =
            leaving.iter().filter(|member| group.members.contains_key(*member)).collect();
        if leaving.is_empty() {
            return Vec::new();
        }
        if let Some(records) = self.downgrade(id, group, &leaving) {
            return records;
        }
        let mut changes: Vec<_> = leaving.iter().flat_map(|member| gone(member)).collect();
        let stays = |member: &Str| !leaving.contains(member);
        let wanted: BTreeSet<&Str> = group
            .members
            .iter()
            .filter(|(member, _)| stays(member))
            .filter_map(|(_, about)| about.pattern.as_ref())
            .collect();
        let had: BTreeSet<&Str> =
            leaving.iter().filter_map(|member| group.members.get(*member)?.pattern.as_ref()).collect();
        changes
            .extend(had.difference(&wanted).map(|pattern| ConsumerChange::Pattern((*pattern).clone(), None)));
        let hash = if group.members.len() == leaving.len() { 0 } else { group.metadata_hash };
        changes.push(ConsumerChange::Group(Some(group_record(group.epoch.saturating_add(1), hash))));
        records(id, changes)
    }
}

/// What says that a member is gone.
fn gone(member: &Str) -> Vec<ConsumerChange> {
    vec![
        ConsumerChange::Current(member.clone(), None),
        ConsumerChange::Target(member.clone(), None),
        ConsumerChange::Member(member.clone(), None),
    ]
}

fn records(group: &Str, changes: Vec<ConsumerChange>) -> Vec<GroupRecord> {
    changes.into_iter().map(|change| GroupRecord::Consumer { group: group.clone(), change }).collect()
}

fn millis(ms: i32) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or_default())
}

/// Names of topics, without those of others.
type Names = BTreeSet<Str>;
