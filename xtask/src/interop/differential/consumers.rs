//! Groups of the new protocol (KIP-848): what their members say, and what of the classic protocol is said to them.
//!
//! A group has one live member at a time: who of several gets which partition, and at which heartbeat, is each broker's
//! own. The others are strangers, members of the past, and such of the other protocol.

use super::generate::{Request, Rng};
use super::pools::{GROUPS, STANDING};
use super::value::Value;

/// The groups: members of the last one are static.
pub(super) const CONSUMERS: [&str; 3] = ["new-1", "new-2", "new-static"];

/// Who may be a member.
const MEMBERS: [&str; 2] = ["m-1", "m-2"];

/// The name of the static member.
const INSTANCE: &str = "named";

/// Patterns that are none.
const ODD_PATTERNS: [&str; 3] = ["[", "a(?=b)", "*"];

/// So long that nobody is thrown out during the test.
const REBALANCE_MS: i64 = 600_000;

/// What both brokers are set to: assignments at once, and sessions that last longer than the test.
pub(super) const SETTINGS: [&str; 4] = [
    "group.consumer.min.assignment.interval.ms=0",
    "group.consumer.assignment.interval.ms=0",
    "group.consumer.max.session.timeout.ms=1800000",
    "group.consumer.session.timeout.ms=1800000",
];

/// The last epoch of a member, as its broker told it.
pub(super) fn epoch_of(member: &str, group: &str) -> String {
    format!("epoch of {member} in {group}")
}

/// Makes the parts of a request fit each other: a heartbeat, or what the classic protocol says to such a group.
pub(super) fn make(rng: &mut Rng, api: &str, version: i16, body: &mut Value) {
    match api {
        "ConsumerGroupHeartbeat" => heartbeat(rng, version, body),
        "ConsumerGroupDescribe" => body.walk_mut("", &mut |_, value| {
            if matches!(value, Value::Text(_)) {
                *value = Value::text(match rng.below(10) {
                    0 => "unknown group",
                    1 => "",
                    2 => rng.one(GROUPS),
                    _ => rng.one(CONSUMERS),
                });
            }
        }),
        "Heartbeat" | "SyncGroup" | "LeaveGroup" | "OffsetCommit" | "OffsetDelete" | "TxnOffsetCommit"
            if rng.chance(3) =>
        {
            visit(rng, body);
        }
        "OffsetFetch" | "DescribeGroups" | "DeleteGroups" if rng.chance(3) => visit(rng, body),
        _ => {}
    }
}

fn heartbeat(rng: &mut Rng, version: i16, body: &mut Value) {
    let (group, member) = (rng.one(CONSUMERS), rng.one([MEMBERS[0], MEMBERS[0], MEMBERS[0], MEMBERS[1]]));
    let joins = rng.chance(3);
    let epoch = match rng.below(16) {
        _ if joins => Value::Int(0),
        0 | 1 => Value::Int(-1),
        2 => Value::Int(-2),
        3 => Value::Int(rng.one([1, 2, 3, 99, -3])),
        _ => Value::symbol(epoch_of(member, group)),
    };
    let topics = || Value::List(Vec::new());
    let is_full = joins || rng.chance(3);
    let mut named: Vec<&str> = STANDING.into_iter().filter(|_| rng.chance(2)).collect();
    named.extend(if rng.chance(6) { Some("unknown") } else { None });
    let subscribed = Value::List(named.into_iter().map(Value::text).collect());
    body.set("group_id", Value::text(if rng.chance(20) { rng.one(GROUPS) } else { group }));
    body.set("member_id", Value::text(member));
    body.set("member_epoch", epoch.clone());
    body.set("instance_id", if group == CONSUMERS[2] { Value::text(INSTANCE) } else { Value::Null });
    body.set("rack_id", if rng.chance(8) { Value::text("rack") } else { Value::Null });
    body.set("rebalance_timeout_ms", Value::Int(if is_full { REBALANCE_MS } else { -1 }));
    body.set("subscribed_topic_names", if is_full { subscribed } else { Value::Null });
    // What a pattern matches Kafka finds out a while later.
    let pattern = match (version, rng.below(12)) {
        (1.., 0) => Value::text(rng.one(ODD_PATTERNS)),
        _ => Value::Null,
    };
    body.set("subscribed_topic_regex", pattern);
    let assignor = match rng.below(10) {
        0 => Value::text("range"),
        1 => Value::text("uniform"),
        2 => Value::text(rng.one(["sticky", "", "Uniform"])),
        _ => Value::Null,
    };
    body.set("server_assignor", assignor);
    let owned = match rng.below(6) {
        _ if joins => topics(),
        // What it has given up it says in a heartbeat of its own.
        _ if is_full => Value::Null,
        0 => topics(),
        1 => {
            let id = Value::symbol(format!("id of {}", rng.one(STANDING)));
            let partitions = (0..1 + i64::try_from(rng.below(3)).unwrap_or_default()).map(Value::Int);
            let partitions = Value::List(partitions.collect());
            Value::List(vec![Value::fields([("topic_id", id), ("partitions", partitions)])])
        }
        _ => Value::Null,
    };
    body.set("topic_partitions", owned);
}

/// What who comes says before, in case it is there: it leaves, for good or for a while.
pub(super) fn leave<'a>(request: &Request<'a>) -> Option<Request<'a>> {
    if request.body.field("member_epoch") != Some(&Value::Int(0)) {
        return None;
    }
    let mut leave = request.clone();
    let for_a_while = request.version == 0 && request.body.field("instance_id") != Some(&Value::Null);
    leave.body.set("member_epoch", Value::Int(if for_a_while { -2 } else { -1 }));
    leave.body.set("topic_partitions", Value::Null);
    leave.body.set("subscribed_topic_regex", Value::Null);
    Some(leave)
}

/// What a member says after it has changed its mind: that it has given up all it had.
pub(super) fn given_up<'a>(request: &Request<'a>) -> Option<Request<'a>> {
    let is_of_now = matches!(request.body.field("member_epoch"), Some(Value::Symbol(_)));
    if !is_of_now || request.body.field("subscribed_topic_names") == Some(&Value::Null) {
        return None;
    }
    let mut given_up = request.clone();
    for field in ["rack_id", "subscribed_topic_names", "subscribed_topic_regex", "server_assignor"] {
        given_up.body.set(field, Value::Null);
    }
    given_up.body.set("rebalance_timeout_ms", Value::Int(-1));
    given_up.body.set("topic_partitions", Value::List(Vec::new()));
    Some(given_up)
}

/// Says it to a group of the new protocol, as its member or as a stranger.
fn visit(rng: &mut Rng, body: &mut Value) {
    let (group, member) = (rng.one(CONSUMERS), rng.one([MEMBERS[0], MEMBERS[0], MEMBERS[1]]));
    let epoch = match rng.below(5) {
        0 => Value::Int(rng.one([-1, 0, 1, 2, 99])),
        _ => Value::symbol(epoch_of(member, group)),
    };
    let is_nobody = rng.chance(4);
    body.walk_mut("", &mut |field, value| match field {
        "group_id" | "groups_names" | "groups" if matches!(value, Value::Text(_)) => {
            *value = Value::text(group);
        }
        "member_id" => *value = Value::text(if is_nobody { "" } else { member }),
        "generation_id" | "generation_id_or_member_epoch" | "member_epoch" => {
            *value = if is_nobody { Value::Int(-1) } else { epoch.clone() };
        }
        "group_instance_id" if group == CONSUMERS[2] => *value = Value::text(INSTANCE),
        _ => {}
    });
}

/// Takes out what would put two live members into a group, or a member into one of the classic protocol.
pub(super) fn keep_harmless(api: &str, body: &mut Value) {
    let is_odd = |pattern: &str| pattern.is_empty() || ODD_PATTERNS.contains(&pattern);
    if body.field("subscribed_topic_regex").and_then(Value::as_text).is_some_and(|text| !is_odd(text)) {
        body.set("subscribed_topic_regex", Value::Null);
    }
    if api != "ConsumerGroupHeartbeat" {
        return;
    }
    if body.field("member_epoch") != Some(&Value::Int(0)) {
        // Who takes no time to give partitions up is thrown out at once, or after one more request.
        if body.field("rebalance_timeout_ms") != Some(&Value::Int(-1)) {
            body.set("rebalance_timeout_ms", Value::Int(REBALANCE_MS));
        }
        return;
    }
    let group = body.field("group_id").and_then(Value::as_text).unwrap_or_default();
    let is_static = group == CONSUMERS[2];
    if !group.is_empty() && !CONSUMERS.contains(&group) {
        body.set("group_id", Value::text(CONSUMERS[0]));
    }
    if !is_static && body.field("member_id") != Some(&Value::text("")) {
        body.set("member_id", Value::text(MEMBERS[0]));
    } else if is_static && body.field("instance_id") == Some(&Value::Null) {
        body.set("instance_id", Value::text(INSTANCE));
    }
    if !is_static {
        body.set("instance_id", Value::Null);
    }
    // In its first version a member without an id is given one.
    if body.field("member_id") == Some(&Value::text("")) {
        body.set("group_id", Value::text(""));
    }
    // Rebalances take as long as their members say.
    if body.field("rebalance_timeout_ms").and_then(Value::int) > Some(0) {
        body.set("rebalance_timeout_ms", Value::Int(REBALANCE_MS));
    }
}
