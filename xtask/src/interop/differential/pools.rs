//! What a field may hold, by its name: names that both brokers know or do not, small numbers, ids that each broker
//! has made up for itself.

use super::generate::Rng;
use super::side::FOLDER;
use super::value::{Value, ZERO};

/// The topics of the test: those that are there from the start, with records, and those that come and go.
pub(super) const STANDING: [&str; 4] = ["plain", "three", "logged", "small"];
pub(super) const PASSING: [&str; 4] = ["one", "two", "my.dots", "with-dash"];
const WRONG_TOPICS: [&str; 5] = ["unknown", "a/b", "..", "my_dots", "spa ced"];

/// The groups of the test.
pub(super) const GROUPS: [&str; 4] = ["readers", "writers", "g-1", "static"];

/// The transactional ids of the test.
pub(super) const TRANSACTIONS: [&str; 3] = ["tx-1", "tx-2", "tx-3"];

/// What is asked of a producer in a transaction.
pub(super) fn is_of_transaction(api: &str) -> bool {
    matches!(api, "AddPartitionsToTxn" | "AddOffsetsToTxn" | "EndTxn" | "TxnOffsetCommit")
}

/// How long a member has to join again, and to ask for its share of the work.
pub(super) const REBALANCE_MS: i64 = 3_000;

/// The same of members that are to be thrown out.
pub(super) const REBALANCE_SHORT_MS: i64 = 100;

/// An offset, a time, an epoch at the edge of what is possible.
const EDGES: [i64; 12] = [-1, 0, 1, 2, -2, 5, 100, 99_999, i64::MAX, i64::MIN, 1 << 31, -(1 << 31)];

/// Times before, at, and after those of the records.
const TIMES: [i64; 12] =
    [-1, -2, -3, -4, -5, -6, -7, 0, 1_700_000_000_000, 1_700_000_000_004, 1_800_000_000_000, i64::MAX];

/// A topic's name: mostly one that is there.
pub(super) fn topic(rng: &mut Rng) -> &'static str {
    match rng.below(12) {
        0..=7 => rng.one(STANDING),
        8..=10 => rng.one(PASSING),
        _ => rng.one(WRONG_TOPICS),
    }
}

/// How many elements a list has.
pub(super) fn count(rng: &mut Rng) -> usize {
    match rng.below(20) {
        0 => 0,
        1..=14 => 1,
        15..=18 => 2,
        _ => 3,
    }
}

/// How seldom a field is null that may be.
pub(super) fn null_in(field: &str) -> u64 {
    match field {
        // Kafka does not answer a Produce of no records at all.
        "records" => u64::MAX,
        "transactional_id" | "group_instance_id" | "cursor" | "assignments" | "reason" => 1,
        "configuration_keys" => 3,
        "value" => 40,
        _ => 12,
    }
}

/// A value that makes sense.
pub(super) fn scalar(rng: &mut Rng, api: &str, field: &str, kind: &str) -> Value {
    match kind {
        "bool" => Value::Bool(flag(rng, field)),
        "float64" => Value::Float(0.5),
        "uuid" => Value::symbol(format!("id of {}", topic(rng))),
        "string" => text(rng, api, field),
        "bytes" => Value::Bytes(bytes(rng, field)),
        "records" => Value::Bytes(super::records::batch(rng)),
        _ => number(rng, api, field),
    }
}

fn flag(rng: &mut Rng, field: &str) -> bool {
    match field {
        // Who asks for a topic does not create it here: Kafka says that it is unknown first, and then creates it.
        "allow_auto_topic_creation" => false,
        "validate_only" => rng.chance(6),
        _ => rng.chance(2),
    }
}

fn text(rng: &mut Rng, api: &str, field: &str) -> Value {
    match (api, field) {
        (_, "member_id" | "leader") => Value::symbol(format!("member of {}", rng.one(GROUPS))),
        (_, "group_id" | "groups_names" | "coordinator_keys" | "key") | ("DescribeGroups", "groups") => {
            Value::text(match rng.below(12) {
                0 => "unknown group",
                1 => "",
                _ => rng.one(GROUPS),
            })
        }
        (_, "transactional_id" | "v3_and_below_transactional_id" | "transactional_ids") => {
            Value::text(match rng.below(14) {
                0 => "unknown id",
                1 => "",
                _ => rng.one(TRANSACTIONS),
            })
        }
        ("ListTransactions", "state_filters") => Value::text(rng.one([
            "Ongoing",
            "Empty",
            "CompleteCommit",
            "CompleteAbort",
            "PrepareEpochFence",
            "ongoing",
        ])),
        ("ListTransactions", "transactional_id_pattern") => {
            Value::text(rng.one(["", "tx-.*", "tx", ".*1", "tx-[23]", "(", "unknown id|tx-1"]))
        }
        ("JoinGroup", "name") => Value::text(rng.one(["range", "range", "sticky"])),
        (_, "protocol_type") => Value::text(rng.one(["consumer", "consumer", "consumer", "connect"])),
        (_, "protocol_name") => Value::text("range"),
        (_, "feature") => Value::text(rng.one([
            "eligible.leader.replicas.version",
            "eligible.leader.replicas.version",
            "metadata.version",
            "metadata.version",
            "no.such.feature",
        ])),
        ("AlterReplicaLogDirs", "path") => match rng.below(4) {
            0 => Value::text(rng.one(["/nowhere", "here", "", "/"])),
            _ => Value::symbol(FOLDER),
        },
        ("DescribeQuorum", "topic_name") => {
            Value::text(if rng.chance(5) { topic(rng) } else { "__cluster_metadata" })
        }
        (_, "states_filter") => Value::text(rng.one(["Stable", "Empty", "stable", "nonsense"])),
        (_, "types_filter") => Value::text(rng.one(["classic", "Classic", "consumer", "nonsense"])),
        (_, "committed_metadata") => Value::text(rng.one(["", "note", "x"])),
        (_, "client_software_name" | "client_software_version") => {
            Value::text(rng.one(["differential", "1.0", "-", ""]))
        }
        (_, "name" | "topic" | "topic_name" | "topic_names") => Value::text(topic(rng)),
        _ => Value::text(""),
    }
}

fn bytes(rng: &mut Rng, field: &str) -> Vec<u8> {
    match field {
        // A subscription to nothing, in version 0, and an assignment of nothing.
        "metadata" | "assignment" => vec![0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff],
        _ => vec![u8::try_from(rng.below(256)).unwrap_or_default(); 3],
    }
}

fn number(rng: &mut Rng, api: &str, field: &str) -> Value {
    let number = match field {
        "timeout_ms" => 5_000,
        "acks" => rng.one([-1, -1, 1]),
        "max_wait_ms" | "min_bytes" => rng.one([0, 1]),
        "max_bytes" | "partition_max_bytes" => 1 << 20,
        "isolation_level" => rng.one([0, 1]),
        "session_timeout_ms" => 300_000,
        "rebalance_timeout_ms" if rng.chance(10) => REBALANCE_SHORT_MS,
        "rebalance_timeout_ms" => REBALANCE_MS,
        "transaction_timeout_ms" => 600_000,
        "producer_id" | "v3_and_below_producer_id" if is_of_transaction(api) => {
            return Value::symbol(format!("producer of {}", rng.one(TRANSACTIONS)));
        }
        "producer_epoch" | "v3_and_below_producer_epoch" if is_of_transaction(api) => {
            return Value::symbol(format!("epoch of {}", rng.one(TRANSACTIONS)));
        }
        "duration_filter" => rng.one([-1, -1, 0, 3_600_000]),
        "producer_id_filters" => {
            return match rng.below(4) {
                0 => Value::Int(rng.one([-1, 99_999])),
                _ => Value::symbol(format!("producer of {}", rng.one(TRANSACTIONS))),
            };
        }
        "endpoint_type" => 1,
        "producer_id" if api == "WriteTxnMarkers" => rng.one([9_000, 9_001, 9_002]),
        "producer_epoch" | "coordinator_epoch" if api == "WriteTxnMarkers" => rng.one([0, 0, 1, 2]),
        "transaction_version" => rng.one([0, 1, 2, 2]),
        "replica_id" | "session_epoch" | "log_start_offset" | "member_epoch" | "replication_factor" => -1,
        "producer_id" | "producer_epoch" | "retention_time_ms" | "committed_leader_epoch" => -1,
        "generation_id" | "generation_id_or_member_epoch" => {
            return match rng.below(6) {
                0 => Value::Int(rng.one([-1, 0, 1, 7])),
                _ => Value::symbol(format!("generation of {}", rng.one(GROUPS))),
            };
        }
        "current_leader_epoch" | "last_fetched_epoch" => rng.one([-1, -1, 0]),
        "leader_epoch" => rng.one([0, 0, -1, 1]),
        "partition_index" if api == "DescribeQuorum" && !rng.chance(8) => 0,
        "partition" | "partition_index" | "partition_indexes" | "partitions" | "index" => {
            rng.one([0, 0, 0, 1, 2])
        }
        "fetch_offset" | "committed_offset" => i64::try_from(rng.below(6)).unwrap_or_default(),
        "offset" => rng.one([0, 1, 1, 2, 3, -1, 99_999]),
        "timestamp" if api == "ListOffsets" => rng.one(TIMES),
        "num_partitions" => rng.one([-1, 1, 2, 3]),
        "count" => rng.one([2, 3, 4, 5, 6]),
        "response_partition_limit" => rng.one([2_000, 2_000, 1, 2, 3, 4]),
        "broker_ids" => 1,
        "replicas" => rng.one([1, 1, 1, 2, 3]),
        "broker_id" => rng.one([2, 7, -1]),
        "election_type" => rng.one([0, 0, 1, 2]),
        "upgrade_type" => rng.one([1, 1, 2, 3]),
        "max_version_level" => rng.one([0, 1, 1, 2, 6, 7, 29, 30, 31, -1]),
        "resource_types" => rng.one([2, 4, 16, 16, 32, 32, 8, 0, 99]),
        _ => 0,
    };
    Value::Int(number)
}

/// A value at the edge of its type, or of another world.
pub(super) fn edge(rng: &mut Rng, field: &str, kind: &str, now: &Value) -> Value {
    let width = match kind {
        "int8" => 8,
        "int16" | "uint16" | "error_code" => 16,
        "int64" => 64,
        _ => 32,
    };
    match kind {
        "bool" => Value::Bool(*now != Value::Bool(true)),
        "uuid" => match rng.below(3) {
            0 => ZERO,
            1 => Value::Uuid([7; 16]),
            _ => Value::symbol(format!("id of {}", topic(rng))),
        },
        "string" => Value::Text(match rng.below(6) {
            0 => String::new(),
            1 => "x".repeat(250),
            2 => "ünïcode".to_owned(),
            3 => "unknown".to_owned(),
            4 => "a/b".to_owned(),
            _ => topic(rng).to_owned(),
        }),
        "bytes" => Value::Bytes(match rng.below(2) {
            0 => Vec::new(),
            _ => vec![0xff; 5],
        }),
        "records" => Value::Bytes(super::records::spoilt(rng)),
        "float64" => Value::Float(-1.0),
        _ => {
            let (least, most) = (i64::MIN >> (64 - width), i64::MAX >> (64 - width));
            let edge = if field == "timestamp" && rng.chance(2) { rng.one(TIMES) } else { rng.one(EDGES) };
            Value::Int(edge.clamp(least, most))
        }
    }
}
