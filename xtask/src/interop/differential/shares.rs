//! Share groups (KIP-932): members, what they fetch and acknowledge, offsets, and states as their coordinators keep them.
//!
//! As in [`super::consumers`] a group has one live member at a time, and each reads one partition: of several, which
//! comes first is each broker's own. What members fetch is held for them until after the test.

use super::consumers::{CONSUMERS, epoch_of};
use super::generate::{Request, Rng};
use super::pools::{GROUPS, PASSING, STANDING};
use super::value::Value;

/// The groups that have members.
const SHARES: [&str; 2] = ["share-1", "share-2"];

/// The group whose states are written by hand, as a leader of partitions writes them.
const STATES: &str = "share-states";

/// Who may be a member.
const MEMBERS: [&str; 2] = ["s-1", "s-2"];

/// Kinds of acknowledgements: gap, accept, release, reject, renew.
const RENEW: i64 = 4;

/// What both brokers are set to: sessions and locks that last longer than the test.
pub(super) const SETTINGS: [&str; 6] = [
    "group.share.max.session.timeout.ms=1800000",
    "group.share.session.timeout.ms=1800000",
    "group.share.max.record.lock.duration.ms=1800000",
    "group.share.record.lock.duration.ms=1800000",
    "group.share.min.assignment.interval.ms=0",
    "group.share.assignment.interval.ms=0",
];

/// What the groups are set to: they read from the beginning.
pub(super) const CONFIGS: [(&str, &str); 1] = [("share.auto.offset.reset", "earliest")];

/// The groups that are set so.
pub(super) fn groups() -> impl Iterator<Item = &'static str> {
    SHARES.into_iter()
}

/// The next epoch of a member's session, as its broker told it.
pub(super) fn session_of(member: &str, group: &str) -> String {
    format!("session of {member} in {group}")
}

/// What is asked in a session, which lasts as long as its connection.
pub(super) fn is_of_session(api: &str) -> bool {
    matches!(api, "ShareFetch" | "ShareAcknowledge")
}

/// The epoch of a heartbeat's member, as its broker told it.
pub(super) fn epoch(heartbeat: &Request<'_>) -> Value {
    let of = |field: &str| heartbeat.body.field(field).and_then(Value::as_text).unwrap_or_default();
    Value::symbol(epoch_of(of("member_id"), of("group_id")))
}

/// The partition that members of a group read.
fn place_of(group: &str) -> (&'static str, i64) {
    if group == SHARES[0] { ("plain", 0) } else { ("three", 1) }
}

fn id_of(topic: &str) -> Value {
    Value::symbol(format!("id of {topic}"))
}

fn any_group(rng: &mut Rng) -> &'static str {
    match rng.below(24) {
        0 => rng.one(GROUPS),
        1 => rng.one(CONSUMERS),
        2 => "unknown group",
        _ => rng.one(SHARES),
    }
}

/// The live member, mostly.
fn any_member(rng: &mut Rng) -> &'static str {
    if rng.chance(8) { MEMBERS[1] } else { MEMBERS[0] }
}

/// Makes the parts of a request fit each other.
pub(super) fn make(rng: &mut Rng, api: &str, body: &mut Value) {
    match api {
        "ShareGroupHeartbeat" => heartbeat(rng, body),
        "ShareFetch" => fetch(rng, body),
        "ShareAcknowledge" => acknowledge(rng, body),
        "ShareGroupDescribe" => body.walk_mut("", &mut |_, value| {
            if matches!(value, Value::Text(_)) {
                *value = Value::text(if rng.chance(12) { "" } else { any_group(rng) });
            }
        }),
        "DescribeShareGroupOffsets" | "AlterShareGroupOffsets" | "DeleteShareGroupOffsets" => {
            body.walk_mut("", &mut |field, value| match (field, &*value) {
                ("group_id", Value::Text(_)) => *value = Value::text(any_group(rng)),
                ("start_offset", _) => *value = Value::Int(rng.one([0, 1, 2, 3, 5])),
                _ => {}
            });
        }
        _ if is_of_states(api) => {
            body.walk_mut("", &mut |field, value| match field {
                "group_id" => *value = Value::text(STATES),
                "state_epoch" | "leader_epoch" => *value = Value::Int(rng.one([0, 0, 0, 1, 2])),
                "start_offset" | "first_offset" => *value = Value::Int(rng.one([0, 0, 1, 3])),
                "last_offset" => *value = Value::Int(rng.one([3, 4, 6])),
                "delivery_state" => *value = Value::Int(rng.one([0, 2, 4])),
                "delivery_count" => *value = Value::Int(rng.one([1, 1, 2, 5])),
                "delivery_complete_count" => *value = Value::Int(rng.one([-1, 0, 1])),
                _ => {}
            });
        }
        // What other protocols say to such a group.
        "Heartbeat"
        | "SyncGroup"
        | "LeaveGroup"
        | "OffsetCommit"
        | "OffsetFetch"
        | "OffsetDelete"
        | "TxnOffsetCommit"
        | "DescribeGroups"
        | "ConsumerGroupDescribe"
        | "ConsumerGroupHeartbeat"
            if rng.chance(12) =>
        {
            let group = rng.one(SHARES);
            body.walk_mut("", &mut |field, value| {
                let is_group = matches!(field, "group_id" | "group_ids" | "groups_names" | "groups");
                if is_group && matches!(value, Value::Text(_)) {
                    *value = Value::text(group);
                }
            });
        }
        _ => {}
    }
}

/// What is said to the coordinator of states, by the leaders of partitions.
fn is_of_states(api: &str) -> bool {
    matches!(
        api,
        "InitializeShareGroupState"
            | "ReadShareGroupState"
            | "WriteShareGroupState"
            | "DeleteShareGroupState"
            | "ReadShareGroupStateSummary"
    )
}

fn heartbeat(rng: &mut Rng, body: &mut Value) {
    let (group, member) = (any_group(rng), any_member(rng));
    let joins = rng.chance(3);
    let epoch = match rng.below(12) {
        _ if joins => Value::Int(0),
        0 | 1 => Value::Int(-1),
        2 => Value::Int(rng.one([1, 2, 3, 99, -2])),
        _ => Value::symbol(epoch_of(member, group)),
    };
    let mut named: Vec<&str> = STANDING.into_iter().filter(|_| rng.chance(2)).collect();
    if !rng.chance(6) {
        named.retain(|topic| *topic != place_of(group).0);
        named.push(place_of(group).0);
    }
    named.extend(if rng.chance(6) { Some("unknown") } else { None });
    let subscribed = Value::List(named.into_iter().map(Value::text).collect());
    body.set("group_id", Value::text(group));
    body.set("member_id", Value::text(member));
    body.set("member_epoch", epoch);
    body.set("rack_id", if rng.chance(8) { Value::text("rack") } else { Value::Null });
    body.set("subscribed_topic_names", if joins || rng.chance(3) { subscribed } else { Value::Null });
}

/// Batches of acknowledgements, which are of what was fetched now and then, and whether they renew.
fn acknowledgements(rng: &mut Rng) -> (Value, bool) {
    let mut renews = false;
    let mut from = rng.one([0, 0, 0, 1, 2, 4, 6]);
    let batches = (0..rng.one([1, 1, 1, 2])).map(|_| {
        let more = rng.one([0, 0, 1, 2]);
        let kinds = if rng.chance(3) { more + 1 } else { 1 };
        let kinds: Vec<i64> = (0..kinds).map(|_| rng.one([1, 1, 1, 2, 2, 3, 0, RENEW])).collect();
        renews |= kinds.contains(&RENEW);
        let (first, last) = (from, from + more);
        from = last + 1;
        Value::fields([
            ("first_offset", Value::Int(first)),
            ("last_offset", Value::Int(last)),
            ("acknowledge_types", Value::List(kinds.into_iter().map(Value::Int).collect())),
        ])
    });
    let batches = Value::List(batches.collect());
    (batches, renews != rng.chance(12))
}

/// A member's session: the next request of it, the first, the last, or one out of turn.
fn in_session(rng: &mut Rng, body: &mut Value) -> (&'static str, bool) {
    let (group, member) = (rng.one(SHARES), any_member(rng));
    let epoch = match rng.below(14) {
        0..3 => Value::Int(0),
        3 => Value::Int(-1),
        4 => Value::Int(rng.one([1, 2, 5, 99, -2])),
        _ => Value::symbol(session_of(member, group)),
    };
    let is_first = epoch == Value::Int(0);
    body.set("group_id", Value::text(group));
    body.set("member_id", Value::text(member));
    body.set("share_session_epoch", epoch);
    (group, is_first)
}

fn fetch(rng: &mut Rng, body: &mut Value) {
    let (group, is_first) = in_session(rng, body);
    let (batches, renews) = match is_first || rng.chance(2) {
        true => (Value::List(Vec::new()), false),
        false => acknowledgements(rng),
    };
    let (topic, index) = place_of(group);
    body.set("min_bytes", Value::Int(1));
    body.set("max_bytes", Value::Int(1 << 20));
    // What renews fetches nothing.
    body.set("max_records", Value::Int(if renews { 0 } else { 500 }));
    body.set("batch_size", Value::Int(500));
    body.set("share_acquire_mode", Value::Int(rng.one([0, 0, 1])));
    body.set("is_renew_ack", Value::Bool(renews));
    if renews {
        body.set("max_bytes", Value::Int(0));
        body.set("min_bytes", Value::Int(0));
    }
    let partition = Value::fields([
        ("partition_index", Value::Int(index)),
        ("partition_max_bytes", Value::Int(1 << 20)),
        ("acknowledgement_batches", batches),
    ]);
    let topics = match rng.below(10) {
        0 if !is_first => Vec::new(),
        _ => vec![Value::fields([("topic_id", id_of(topic)), ("partitions", Value::List(vec![partition]))])],
    };
    body.set("topics", Value::List(topics));
    let forgotten = match rng.below(12) {
        0 => {
            let partitions = Value::List(vec![Value::Int(index)]);
            vec![Value::fields([("topic_id", id_of(topic)), ("partitions", partitions)])]
        }
        _ => Vec::new(),
    };
    body.set("forgotten_topics_data", Value::List(forgotten));
}

fn acknowledge(rng: &mut Rng, body: &mut Value) {
    let (group, _) = in_session(rng, body);
    let (batches, renews) = acknowledgements(rng);
    let (topic, index) = place_of(group);
    body.set("is_renew_ack", Value::Bool(renews));
    let partition = Value::fields([
        ("partition_index", Value::Int(if rng.chance(12) { 7 } else { index })),
        ("acknowledgement_batches", batches),
    ]);
    let topic = Value::fields([("topic_id", id_of(topic)), ("partitions", Value::List(vec![partition]))]);
    body.set("topics", Value::List(vec![topic]));
}

/// Names partitions that are there, or a topic that is not.
fn described(topic: &mut Value) {
    let name = topic.field("topic_name").and_then(Value::as_text).unwrap_or_default();
    let (is_plain, is_passing) = (name == "plain", PASSING.contains(&name));
    let partitions = topic.field("partitions").map(Value::list).unwrap_or_default();
    let is_known = |partition: &Value| matches!(partition, Value::Int(0..3));
    let are_known = !is_plain && !partitions.is_empty() && partitions.iter().all(is_known);
    if is_passing {
        topic.set("topic_name", Value::text("three"));
    }
    if !are_known {
        topic.set("partitions", Value::List(vec![Value::Int(0)]));
    }
}

/// The topics that members read.
fn read_by_members() -> impl Iterator<Item = Value> {
    SHARES.into_iter().map(|group| Value::text(place_of(group).0))
}

/// Names a topic that is there.
fn known(field: &str, id: &mut Value) {
    let is_known = STANDING.iter().any(|topic| *id == id_of(topic));
    if field == "topic_id" && !is_known {
        *id = id_of(STANDING[0]);
    }
}

/// Leaves each topic, partition or group of a list in it once.
fn once(elements: &mut Vec<Value>) {
    const KEYS: [&str; 6] = ["topic_id", "topic_name", "partition", "partition_index", "group_id", "index"];
    let key = |element: &Value| KEYS.iter().find_map(|key| element.field(key)).unwrap_or(element).to_string();
    let mut seen = Vec::new();
    elements.retain(|element| {
        let is_new = !seen.contains(&key(element));
        seen.push(key(element));
        is_new
    });
}

/// Takes out what would put a second live member into a group, or wait, or mix what is written by hand with what is not.
pub(super) fn keep_harmless(api: &str, body: &mut Value) {
    match api {
        "ShareGroupHeartbeat" if body.field("member_epoch") == Some(&Value::Int(0)) => {
            let group = body.field("group_id").and_then(Value::as_text).unwrap_or_default();
            if !group.is_empty() && !CONSUMERS.contains(&group) && !SHARES.contains(&group) {
                body.set("group_id", Value::text(SHARES[0]));
            }
            // Those that are too short or too long are refused.
            let member = body.field("member_id").and_then(Value::as_text).unwrap_or_default();
            if (1..=36).contains(&member.len()) {
                body.set("member_id", Value::text(MEMBERS[0]));
            }
        }
        // Where a partition is not known to Kafka's broker yet, it is a moment later.
        "ShareFetch" => {
            body.set("max_wait_ms", Value::Int(300));
            if body.field("is_renew_ack") != Some(&Value::Bool(true)) {
                body.set("max_records", Value::Int(500));
            }
            body.set("batch_size", Value::Int(500));
            for field in ["max_bytes", "min_bytes"] {
                if body.field(field).and_then(Value::int) < Some(0) {
                    body.set(field, Value::Int(1));
                }
            }
            if body.field("share_acquire_mode") != Some(&Value::Int(1)) {
                body.set("share_acquire_mode", Value::Int(0));
            }
            let group = body.field("group_id").and_then(Value::as_text).unwrap_or_default();
            let (topic, index) = place_of(group);
            body.walk_mut("", &mut |field, value| match (field, &mut *value) {
                ("topic_id", id) => *id = id_of(topic),
                ("partition_index", number) | ("partitions", number @ Value::Int(_)) => {
                    *number = Value::Int(index);
                }
                ("topics" | "partitions" | "forgotten_topics_data", Value::List(all)) => all.truncate(1),
                _ => {}
            });
        }
        "ShareAcknowledge" => body.walk_mut("", &mut |field, value| {
            if matches!(field, "topics" | "partitions") {
                value.list_mut().into_iter().for_each(once);
            }
            known(field, value);
        }),
        // Of what is named twice Kafka tells once.
        _ if is_of_states(api) => {
            body.walk_mut("", &mut |field, value| match (field, &mut *value) {
                ("group_id", Value::Text(text)) if SHARES.contains(&text.as_str()) => {
                    *value = Value::text(STATES);
                }
                ("start_offset", Value::Int(offset)) => *offset = (*offset).max(-1),
                ("topics" | "partitions", Value::List(elements)) => once(elements),
                _ => {}
            });
        }
        "DescribeShareGroupOffsets" | "AlterShareGroupOffsets" | "DeleteShareGroupOffsets" => {
            body.walk_mut("", &mut |_, value| {
                if api == "DescribeShareGroupOffsets" && value.field("topic_name").is_some() {
                    described(value);
                } else if value
                    .field("topic_name")
                    .is_some_and(|name| read_by_members().any(|read| *name == read))
                {
                    value.set("topic_name", Value::text("small"));
                }
                if let Some(Value::Int(index)) = value.field_mut("partition_index") {
                    *index = (*index).max(0);
                }
            });
            body.walk_mut("", &mut |_, value| value.list_mut().into_iter().for_each(once));
        }
        _ => {}
    }
}
