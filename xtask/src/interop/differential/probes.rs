//! Requests for what is known to differ: generated ones come upon some of it only now and then.

use super::value::{Value, ZERO};

/// The APIs that are asked, and in which version.
pub(super) const ALL: [(&str, i16); 7] = [
    ("CreateTopics", 7),
    ("AlterConfigs", 2),
    ("IncrementalAlterConfigs", 1),
    ("DescribeTopicPartitions", 0),
    ("DescribeConfigs", 4),
    ("Fetch", 12),
    ("Fetch", 15),
];

/// Fields of a request to be set.
type Fields = Vec<(&'static str, Value)>;

/// What one API is asked, request by request.
pub(super) fn bodies(api: &str, version: i16) -> Vec<Fields> {
    match api {
        "CreateTopics" => vec![vec![
            ("topics", one(topic_with_spelled_values())),
            ("timeout_ms", Value::Int(30_000)),
            ("validate_only", Value::Bool(true)),
        ]],
        "AlterConfigs" => vec![vec![
            ("resources", one(broker(&[("name", Value::text(CLASS)), ("value", Value::text(""))]))),
            ("validate_only", Value::Bool(true)),
        ]],
        "IncrementalAlterConfigs" => {
            let set = |key: &str, value: &str, operation: i64| {
                let config = [("name", key), ("value", value)].map(|(name, text)| (name, Value::text(text)));
                let operation = ("config_operation", Value::Int(operation));
                let [name, value] = config;
                vec![
                    ("resources", one(broker(&[name, operation, value]))),
                    ("validate_only", Value::Bool(true)),
                ]
            };
            vec![set(CLASS, "", 0), set("message.max.bytes", "1000000", 9)]
        }
        "DescribeTopicPartitions" => {
            let asked = |topics: Vec<Value>, limit: i64, cursor: Value| {
                vec![
                    ("topics", Value::List(topics)),
                    ("response_partition_limit", Value::Int(limit)),
                    ("cursor", cursor),
                ]
            };
            let last =
                [("topic_name", Value::text("plain")), ("partition_index", Value::Int(i32::MAX.into()))];
            let named = |name: &str| Value::fields([("name", Value::text(name))]);
            vec![
                asked(vec![named(""), named("three"), named("three")], 1, Value::Null),
                asked(Vec::new(), 2_000, Value::fields(last)),
            ]
        }
        "DescribeConfigs" => vec![vec![(
            "resources",
            one(Value::fields([
                ("resource_type", Value::Int(4)),
                ("resource_name", Value::text("1")),
                ("configuration_keys", Value::Null),
            ])),
        )]],
        "Fetch" => {
            let fetch = |all: i64, topics: Value| {
                vec![
                    ("session_id", Value::Int(0)),
                    ("session_epoch", Value::Int(-1)),
                    ("isolation_level", Value::Int(0)),
                    ("replica_id", Value::Int(-1)),
                    ("max_wait_ms", Value::Int(0)),
                    ("max_bytes", Value::Int(all)),
                    ("topics", topics),
                ]
            };
            match version {
                // By an id that is none.
                13.. => vec![fetch(1 << 20, one(fetched(&[1 << 20, 1 << 20])))],
                _ => vec![fetch(1 << 20, one(fetched(&[-2]))), fetch(-2, one(fetched(&[1 << 20])))],
            }
        }
        _ => Vec::new(),
    }
}

/// A key of the broker whose values are classes.
const CLASS: &str = "principal.builder.class";

fn one(value: Value) -> Value {
    Value::List(vec![value])
}

/// Values that can be written in more than one way.
fn topic_with_spelled_values() -> Value {
    const SPELLED: [(&str, &str); 3] =
        [("preallocate", "FALSE"), ("min.cleanable.dirty.ratio", "1"), ("max.message.bytes", " 300000 ")];
    let config = |(name, value): (&str, &str)| {
        Value::fields([("name", Value::text(name)), ("value", Value::text(value))])
    };
    Value::fields([
        ("name", Value::text("spelled")),
        ("num_partitions", Value::Int(1)),
        ("replication_factor", Value::Int(1)),
        ("assignments", Value::List(Vec::new())),
        ("configs", Value::List(SPELLED.into_iter().map(config).collect())),
    ])
}

fn broker(config: &[(&str, Value)]) -> Value {
    let config = config.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Value::fields([
        ("resource_type", Value::Int(4)),
        ("resource_name", Value::text("1")),
        ("configs", one(Value::Struct(config))),
    ])
}

/// As many partitions as limits are given.
fn fetched(bytes_max: &[i64]) -> Value {
    let partition = |(index, bytes_max): (i64, &i64)| {
        Value::fields([
            ("partition", Value::Int(index)),
            ("current_leader_epoch", Value::Int(-1)),
            ("fetch_offset", Value::Int(0)),
            ("last_fetched_epoch", Value::Int(-1)),
            ("log_start_offset", Value::Int(-1)),
            ("partition_max_bytes", Value::Int(*bytes_max)),
        ])
    };
    let partitions = (0..).zip(bytes_max).map(partition).collect();
    Value::fields([
        ("topic", Value::text("plain")),
        ("topic_id", ZERO),
        ("partitions", Value::List(partitions)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_api_that_is_probed_has_requests() {
        assert!(ALL.iter().all(|(api, version)| !bodies(api, *version).is_empty()));
    }
}
