//! What a heartbeat changes for its group as a whole: the topics of patterns, the epoch, and who is to have what.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::wire::Str;
use regex::Regex;

use super::heartbeat::{Heartbeat, Refusal, Who};
use super::state::{ConsumerGroup, Member, Pattern, group_record, target_epoch_record, target_record};
use super::{ConsumerSettings, Names, Topics, gone};
use crate::groups::assignor::{Assignor, MemberSpec, Partitions, Spec, TopicKey};
use crate::groups::metadata_hash::metadata_hash;
use crate::groups::record::ConsumerChange;

/// What a heartbeat changes for the group as a whole.
pub(super) struct Regrouped {
    pub(super) changes: Vec<ConsumerChange>,
    pub(super) target_epoch: i32,
    /// What the member is to have, if that changes.
    pub(super) target: Option<Partitions>,
    /// The topics are not as the group knew them.
    pub(super) has_news: bool,
}

/// Looks at the group with this member as it is now: its topics, its epoch and its targets.
pub(super) fn regroup(
    group: &ConsumerGroup,
    who: &Who,
    updated: &Member,
    is_stale: bool,
    beat: &Heartbeat<'_>,
    topics: &impl Topics,
    settings: &ConsumerSettings,
) -> Result<Regrouped, Refusal> {
    let member_id = &beat.request.member_id;
    let mut changes = Vec::new();
    let mut members = group.members.clone();
    if let Some(old) = &who.replaces {
        changes.extend(gone(old));
        members.remove(old);
    }
    if who.member.as_ref() != Some(updated) || who.replaces.is_some() {
        changes.push(ConsumerChange::Member(member_id.clone(), Some(updated.record())));
    }
    members.insert(member_id.clone(), updated.clone());

    let patterns = patterns(group, &members, is_stale, beat, topics)?;
    for (pattern, known) in &patterns {
        if group.patterns.get(pattern) != Some(known) {
            changes.push(ConsumerChange::Pattern(pattern.clone(), Some(known.record())));
        }
    }
    let unused = group.patterns.keys().filter(|pattern| !patterns.contains_key(*pattern));
    changes.extend(unused.map(|pattern| ConsumerChange::Pattern(pattern.clone(), None)));

    let hash = topics_hash(&members, &patterns, topics, settings.rack.as_deref());
    let has_news = hash != group.metadata_hash || patterns != group.patterns;
    // Who comes and subscribes to nothing changes nothing for the others.
    let nothing = Member::default();
    let before = who.member.as_ref().unwrap_or(&nothing);
    let subscribes_anew = (&before.topics, &before.pattern) != (&updated.topics, &updated.pattern);
    let mut epoch = group.epoch;
    let bumps = subscribes_anew || who.comes_again || hash != group.metadata_hash;
    if epoch == 0 || bumps {
        // As Kafka counts: a group begins in epoch 1.
        epoch = epoch.max(1).saturating_add(i32::from(bumps));
        changes.push(ConsumerChange::Group(Some(group_record(epoch, hash))));
    }

    let mut target = None;
    let mut target_epoch = group.target_epoch;
    // Who comes again is told by its new epoch.
    if epoch > target_epoch && (who.comes_again || is_due(group, beat)) {
        for (member, partitions) in
            assign(group, &members, &patterns, who.replaces.as_ref(), member_id, topics, &settings.assignors)
        {
            let is_new = member == *member_id && who.replaces.is_some();
            if is_new || group.targets.get(&member) != Some(&partitions) {
                changes.push(ConsumerChange::Target(member.clone(), Some(target_record(&partitions))));
            }
            if member == *member_id {
                target = Some(partitions);
            }
        }
        target_epoch = epoch;
        changes.push(ConsumerChange::TargetEpoch(Some(target_epoch_record(epoch, beat.now_ms))));
    } else if let Some(old) = &who.replaces {
        let had = group.targets.get(old).cloned().unwrap_or_default();
        changes.push(ConsumerChange::Target(member_id.clone(), Some(target_record(&had))));
        target = Some(had);
    }
    Ok(Regrouped { changes, target_epoch, target, has_news })
}

/// Whether partitions may be given out again, so soon after the last time.
pub(super) fn is_due(group: &ConsumerGroup, beat: &Heartbeat<'_>) -> bool {
    group.target_epoch == 0 || beat.config.is_assignment_due(beat.now_ms, group.target_at_ms)
}

/// The topics of each pattern that somebody has: as they are known, or looked up.
fn patterns(
    group: &ConsumerGroup,
    members: &BTreeMap<Str, Member>,
    is_stale: bool,
    beat: &Heartbeat<'_>,
    topics: &impl Topics,
) -> Result<BTreeMap<Str, Pattern>, Refusal> {
    let mut patterns = BTreeMap::new();
    for pattern in members.values().filter_map(|member| member.pattern.as_ref()) {
        if patterns.contains_key(pattern) {
            continue;
        }
        let known = group.patterns.get(pattern);
        if let Some(known) = known.filter(|_| !is_stale) {
            patterns.insert(pattern.clone(), known.clone());
            continue;
        }
        // All of a name is to match.
        let all = match Regex::new(&format!("^(?:{pattern})$")) {
            Ok(regex) => topics.names().into_iter().filter(|name| regex.is_match(name)).collect(),
            Err(_) if beat.request.subscribed_topic_regex.as_ref() != Some(pattern) => Names::new(),
            Err(error) => {
                let message =
                    format!("SubscribedTopicRegex `{pattern}` is not a valid regular expression: {error}.");
                return Err((ErrorCode::INVALID_REGULAR_EXPRESSION, message));
            }
        };
        let found = match known {
            Some(known) if known.topics == all => known.clone(),
            _ => Pattern { topics: all, version: topics.version(), at_ms: beat.now_ms },
        };
        patterns.insert(pattern.clone(), found);
    }
    Ok(patterns)
}

/// What a member subscribes to: names and a pattern. Most members of a group subscribe alike, so what follows from it
/// is found out once.
type Subscription<'a> = (&'a Names, Option<&'a Str>);

fn subscription(member: &Member) -> Subscription<'_> {
    (&member.topics, member.pattern.as_ref())
}

/// The names of all topics that are subscribed to.
fn names_of<'a>(
    (topics, pattern): Subscription<'a>,
    patterns: &'a BTreeMap<Str, Pattern>,
) -> impl Iterator<Item = &'a Str> + 'a {
    let of_pattern = pattern.and_then(|pattern| patterns.get(pattern));
    topics.iter().chain(of_pattern.into_iter().flat_map(|pattern| &pattern.topics))
}

/// Gives out the partitions anew, by the assignor that most want.
fn assign(
    group: &ConsumerGroup,
    members: &BTreeMap<Str, Member>,
    patterns: &BTreeMap<Str, Pattern>,
    replaced: Option<&Str>,
    replaces: &Str,
    topics: &impl Topics,
    assignors: &[Assignor],
) -> BTreeMap<Str, Partitions> {
    let mut spec = Spec::default();
    let mut known: BTreeMap<Subscription<'_>, Arc<BTreeSet<TopicKey>>> = BTreeMap::new();
    for (id, member) in members {
        let mut one = MemberSpec { instance: member.instance.clone(), ..MemberSpec::default() };
        let subscribed = known.entry(subscription(member)).or_insert_with_key(|subscription| {
            let there = names_of(*subscription, patterns).filter_map(|name| topics.topic(name));
            let there = there.map(|topic| {
                spec.topics.insert(topic.id.0, topic.partitions);
                topic.id.0
            });
            Arc::new(there.collect())
        });
        one.topics = Arc::clone(subscribed);
        let had = replaced.filter(|_| id == replaces).unwrap_or(id);
        one.target = group.targets.get(had).cloned().unwrap_or_default();
        spec.members.insert(id.clone(), one);
    }
    chosen(members, assignors).assign(&spec)
}

/// The assignor that most members want, of those that a group may use.
pub(super) fn chosen(members: &BTreeMap<Str, Member>, assignors: &[Assignor]) -> Assignor {
    let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
    for name in members.values().filter_map(|member| member.assignor.as_deref()) {
        *votes.entry(name).or_default() += 1;
    }
    let named = |name: &str| assignors.iter().find(|assignor| assignor.name() == name);
    let known = votes.into_iter().filter_map(|(name, votes)| Some((named(name)?, votes)));
    let most = known.max_by_key(|(_, votes)| *votes).map(|(assignor, _)| assignor);
    most.or(assignors.first()).copied().unwrap_or_default()
}

/// What changes when a topic that is subscribed to does.
pub(super) fn topics_hash(
    members: &BTreeMap<Str, Member>,
    patterns: &BTreeMap<Str, Pattern>,
    topics: &impl Topics,
    rack: Option<&str>,
) -> i64 {
    let subscriptions: BTreeSet<_> = members.values().map(subscription).collect();
    let names: BTreeSet<_> = subscriptions.into_iter().flat_map(|one| names_of(one, patterns)).collect();
    metadata_hash(names.into_iter().filter_map(|name| Some((name, topics.topic(name)?))), rack)
}
