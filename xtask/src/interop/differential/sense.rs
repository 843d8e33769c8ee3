//! What hangs together in a request, and what must not be asked at all.

use super::generate::Rng;
use super::pools;
use super::pools::{GROUPS, PASSING, REBALANCE_MS, REBALANCE_SHORT_MS, STANDING, TRANSACTIONS};
use super::side::{SESSION, SESSION_EPOCH};
use super::value::{Value, ZERO};

const TOPIC: i64 = 2;
const BROKER: i64 = 4;
const METRICS: i64 = 16;
const GROUP: i64 = 32;

/// Configurations of a topic that both brokers fulfil, or refuse alike.
const TOPIC_KEYS: [(&str, &[&str]); 16] = [
    ("max.message.bytes", &["100000", "2000000", " 300000 ", "abc", "-1", ""]),
    ("retention.ms", &["-1", "x", "-2"]), // the records of the test are old
    ("segment.bytes", &["2000000", "1", "1e6"]),
    // Times that leap ahead end a segment in Kafka, and with it what a fetch reads at once.
    ("message.timestamp.type", &["CreateTime", "logappendtime", "now"]),
    ("message.timestamp.before.max.ms", &["9223372036854775807", "-1", "9223372036854775808"]),
    ("message.timestamp.after.max.ms", &["3600000", "0x10"]),
    ("min.compaction.lag.ms", &["0", "10"]),
    ("max.compaction.lag.ms", &["9223372036854775807", "5", "0"]),
    ("index.interval.bytes", &["4096", "0", "-1"]),
    ("preallocate", &["false", "true", "FALSE", "no"]),
    ("min.cleanable.dirty.ratio", &["0.5", "1", "2", "0.25"]),
    // What comes out of a codec is as long as the codec makes it.
    ("compression.type", &["uncompressed", "producer", "GZIP", "none", ""]),
    ("compression.gzip.level", &["-1", "0", "9", "10"]),
    ("leader.replication.throttled.replicas", &["0:1", "0:1,1:1", "*", "none", ""]),
    ("unclean.leader.election.enable", &["true", "false"]),
    ("no.such.key", &["1"]),
];

/// The same of a broker.
const BROKER_KEYS: [(&str, &[&str]); 9] = [
    ("message.max.bytes", &["1000000", "2000000", "abc", "-1"]),
    ("log.index.interval.bytes", &["4096", "8192"]),
    ("log.message.timestamp.type", &["CreateTime", "nonsense"]),
    ("log.cleaner.min.cleanable.ratio", &["0.5", "3"]),
    ("producer.id.expiration.ms", &["86400000", "0"]),
    ("num.partitions", &["1"]),
    ("broker.rack", &["r"]),
    ("ssl.keystore.location", &["/nowhere"]),
    (
        "principal.builder.class",
        &["org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder"],
    ),
];

/// The same of a group; streams groups take their defaults alone here.
const GROUP_KEYS: [(&str, &[&str]); 14] = [
    ("consumer.session.timeout.ms", &["50000", "45000", "44999", "60001", "x"]),
    ("consumer.heartbeat.interval.ms", &["6000", "15000", "4999", "0", "15001"]),
    ("consumer.assignment.interval.ms", &["500", "0", "15000", "15001", "-1"]),
    ("share.session.timeout.ms", &["60000", "44999", "60001"]),
    ("share.heartbeat.interval.ms", &["5000", "15001", "1"]),
    ("share.assignment.interval.ms", &["15000", "15001"]),
    ("share.record.lock.duration.ms", &["15000", "60000", "14999", "60001", "999"]),
    ("share.delivery.count.limit", &["2", "10", "1", "11"]),
    ("share.partition.max.record.locks", &["100", "4000", "99", "4001"]),
    (
        "share.auto.offset.reset",
        &["earliest", "latest", "by_duration:PT1H", "by_duration:P1DT", "LATEST", "by_duration:-PT1H", ""],
    ),
    ("share.isolation.level", &["read_committed", "read_uncommitted", "READ_COMMITTED"]),
    ("share.renew.acknowledge.enable", &["false", "TRUE", "yes"]),
    ("streams.num.standby.replicas", &["0", "3", "-1"]),
    ("no.such.key", &["1"]),
];

/// The same of a subscription to the metrics of clients.
const METRICS_KEYS: [(&str, &[&str]); 4] = [
    ("interval.ms", &["1000", "100", "3600000", "99", "3600001", "", "x"]),
    (
        "match",
        &[
            "client_id=a.*",
            "",
            "client_id=a,client_software_name = b",
            "client_id",
            "x=y",
            "client_id=[",
            "client_id=a,",
        ],
    ),
    ("metrics", &["*", "", "org.apache.kafka.producer.", "a,b", "a,,b"]),
    ("no.such.key", &["1"]),
];

/// The id of a producer that no broker has given out.
const NOBODYS_ID: i64 = 99_999;

/// Makes the parts of a request fit each other.
pub(super) fn make(rng: &mut Rng, api: &str, version: i16, body: &mut Value) {
    match api {
        "CreateTopics" => each(body, "topics", |topic| creatable(rng, topic)),
        "CreatePartitions" => each(body, "topics", |topic| {
            if rng.chance(8) {
                let brokers = Value::List(vec![Value::Int(rng.one([1, 1, 1, 2]))]);
                let assignment = Value::Struct(vec![("broker_ids".to_owned(), brokers)]);
                topic.set("assignments", Value::List(vec![assignment; 2]));
            }
        }),
        "DeleteTopics" => {
            // What stands stays, mostly.
            let passing = |rng: &mut Rng| Value::text(rng.one(PASSING));
            body.walk_mut("", &mut |field, value| {
                if matches!((field, &*value), ("name" | "topic_names", Value::Text(_))) {
                    *value = passing(rng);
                }
            });
            each(body, "topics", |topic| by_name_or_id(rng, topic));
        }
        "Metadata" => each(body, "topics", |topic| match version {
            12.. => by_name_or_id(rng, topic),
            _ => topic.set("topic_id", ZERO),
        }),
        "DescribeConfigs" | "AlterConfigs" | "IncrementalAlterConfigs" => {
            each(body, "resources", |resource| configured(rng, api, resource));
        }
        "DescribeQuorum" if rng.chance(2) => {
            let partition = Value::fields([("partition_index", Value::Int(0))]);
            let partitions = Value::List(vec![partition]);
            let topic = Value::fields([
                ("topic_name", Value::text("__cluster_metadata")),
                ("partitions", partitions),
            ]);
            body.set("topics", Value::List(vec![topic]));
        }
        "DescribeTopicPartitions" if rng.chance(3) => {
            let name = Value::text(rng.one(STANDING));
            let place = Value::Int(rng.one([0, 0, 1, 2, 5, -1]));
            let cursor = vec![("topic_name".to_owned(), name), ("partition_index".to_owned(), place)];
            body.set("cursor", Value::Struct(cursor));
        }
        "DescribeTopicPartitions" if rng.chance(4) => body.set("topics", Value::List(Vec::new())),
        "Fetch" => match rng.below(8) {
            0 => body.set("session_epoch", Value::Int(0)),
            1 | 2 => {
                body.set("session_id", Value::symbol(SESSION));
                body.set("session_epoch", Value::symbol(SESSION_EPOCH));
            }
            _ => body.set("forgotten_topics_data", Value::List(Vec::new())),
        },
        "FindCoordinator" => body.set("key_type", Value::Int(rng.one([0, 0, 0, 1, 7, -1]))),
        "InitProducerId" => initialized(rng, body),
        "ListTransactions" => {
            // Most ask for everything.
            for filter in ["state_filters", "producer_id_filters"] {
                if rng.chance(2) {
                    body.set(filter, Value::List(Vec::new()));
                }
            }
        }
        "AddPartitionsToTxn" => {
            in_one_transaction(rng, body);
            each(body, "transactions", |transaction| in_one_transaction(rng, transaction));
        }
        _ if pools::is_of_transaction(api) => in_one_transaction(rng, body),
        _ if body.field("group_id").is_some() => in_one_group(rng, api, version, body),
        _ => {}
    }
}

fn each(body: &mut Value, field: &str, change: impl FnMut(&mut Value)) {
    if let Some(elements) = body.field_mut(field).and_then(Value::list_mut) {
        elements.iter_mut().for_each(change);
    }
}

fn creatable(rng: &mut Rng, topic: &mut Value) {
    if !rng.chance(6) {
        topic.set("name", Value::text(rng.one(PASSING)));
    }
    topic.set("assignments", Value::List(Vec::new()));
    if rng.chance(8) {
        let assignments = (0..1 + rng.below(2)).map(|index| {
            let index = Value::Int(i64::try_from(index).unwrap_or_default());
            let brokers = Value::List(vec![Value::Int(rng.one([1, 1, 1, 2]))]);
            Value::Struct(vec![("partition_index".to_owned(), index), ("broker_ids".to_owned(), brokers)])
        });
        topic.set("assignments", Value::List(assignments.collect()));
        topic.set("num_partitions", Value::Int(-1));
        topic.set("replication_factor", Value::Int(-1));
    }
    let configs = (0..rng.below(3)).map(|_| {
        let (key, value) = key_and_value(rng, &TOPIC_KEYS);
        Value::Struct(vec![("name".to_owned(), key), ("value".to_owned(), value)])
    });
    topic.set("configs", Value::List(configs.collect()));
}

fn key_and_value(rng: &mut Rng, keys: &[(&str, &[&str])]) -> (Value, Value) {
    let Some((key, values)) = rng.pick(keys) else { return (Value::text(""), Value::text("")) };
    // The first are legal, the others mostly not.
    let value = if rng.chance(3) { rng.pick(values) } else { values.first() };
    (Value::text(key), Value::text(value.copied().unwrap_or_default()))
}

/// A topic goes by its name, or by its id with no name; to say both is an error of its own.
fn by_name_or_id(rng: &mut Rng, topic: &mut Value) {
    match rng.below(8) {
        0 => {}
        1 | 2 => topic.set("name", Value::Null),
        _ => topic.set("topic_id", ZERO),
    }
}

fn configured(rng: &mut Rng, api: &str, resource: &mut Value) {
    let (kind, name): (i64, &str) = match rng.below(13) {
        12 => (GROUP, rng.one(["of-a-group", GROUPS[1]])),
        0..=6 => (TOPIC, if rng.chance(4) { rng.one(PASSING) } else { rng.one(STANDING) }),
        7 | 8 => (BROKER, "1"),
        // Kafka has one key for all brokers by itself, and does not let it go.
        9 => (BROKER, if api == "AlterConfigs" { "1" } else { "" }),
        10 => (GROUP, rng.one(["of-a-group", GROUPS[0], ""])),
        11 if rng.chance(2) => (METRICS, rng.one(["of-clients", "of-others", ""])),
        _ => (rng.one([TOPIC, BROKER]), rng.one(["unknown", "2", "x"])),
    };
    resource.set("resource_type", Value::Int(kind));
    resource.set("resource_name", Value::text(name));
    let keys: &[(&str, &[&str])] = match kind {
        BROKER => &BROKER_KEYS,
        GROUP => &GROUP_KEYS,
        METRICS => &METRICS_KEYS,
        _ => &TOPIC_KEYS,
    };
    if let Some(asked) = resource.field_mut("configuration_keys").and_then(Value::list_mut) {
        asked.iter_mut().for_each(|key| *key = key_and_value(rng, keys).0);
    }
    each(resource, "configs", |config| {
        let (key, value) = key_and_value(rng, keys);
        config.set("name", key);
        config.set("value", value);
        let operation = match rng.below(8) {
            0..=4 => 0,
            5 => 1,
            6 => 2,
            _ => 3,
        };
        config.set("config_operation", Value::Int(operation));
    });
}

/// A producer of a transactional id or of none; who has one says who it is, sometimes.
fn initialized(rng: &mut Rng, body: &mut Value) {
    if rng.chance(3) {
        return;
    }
    let id = rng.one(TRANSACTIONS);
    body.set("transactional_id", Value::text(id));
    if rng.chance(3) {
        body.set("producer_id", Value::symbol(format!("producer of {id}")));
        body.set("producer_epoch", Value::symbol(format!("epoch of {id}")));
    }
}

/// One transactional id, and what its producer knows of itself.
fn in_one_transaction(rng: &mut Rng, body: &mut Value) {
    let id = rng.one(TRANSACTIONS);
    let Value::Struct(fields) = body else { return };
    for (field, value) in fields {
        match (field.as_str(), &*value) {
            ("transactional_id" | "v3_and_below_transactional_id", Value::Text(text)) if !text.is_empty() => {
                *value = Value::text(id);
            }
            (_, Value::Symbol(name)) if name.starts_with("producer of") => {
                *value = Value::symbol(format!("producer of {id}"));
            }
            (_, Value::Symbol(name)) if name.starts_with("epoch of") => {
                *value = Value::symbol(format!("epoch of {id}"));
            }
            _ => {}
        }
    }
}

/// One group, and what that group's members know of it.
fn in_one_group(rng: &mut Rng, api: &str, version: i16, body: &mut Value) {
    let group = rng.one(GROUPS);
    let simple = matches!(api, "OffsetCommit") && rng.chance(2);
    body.walk_mut("", &mut |field, value| match (field, &*value) {
        ("group_id", Value::Text(text)) if !text.is_empty() => *value = Value::text(group),
        ("member_id", _) if simple => *value = Value::text(""),
        ("member_id", Value::Symbol(_)) => *value = Value::symbol(format!("member of {group}")),
        ("generation_id_or_member_epoch", _) if simple => *value = Value::Int(-1),
        ("generation_id" | "generation_id_or_member_epoch", Value::Symbol(_)) => {
            *value = Value::symbol(format!("generation of {group}"));
        }
        _ => {}
    });
    if (api, version) == ("JoinGroup", 0) {
        // In this version a second member would wait for as long as a session lasts.
        body.set("group_id", Value::Text(format!("old {}", rng.next())));
    }
    if api == "JoinGroup" && rng.chance(2) {
        body.set("member_id", Value::text(""));
    }
    if group == "static" && body.field("group_instance_id").is_some() {
        body.set("group_instance_id", Value::text("instance"));
    }
}

/// Takes out of a list what is there already, by these fields.
fn each_once(body: &mut Value, list: &str, by: &[&str]) {
    let Some(elements) = body.field_mut(list).and_then(Value::list_mut) else { return };
    let key = |element: &Value, field: &&str| element.field(field).map(Value::to_string);
    for field in by {
        let mut seen = Vec::new();
        elements.retain(|element| {
            let key = key(element, field);
            let is_new = !seen.contains(&key);
            seen.push(key);
            is_new
        });
    }
}

/// Takes out what names a partition again, and topics of no partition, which Kafka tells of in some cases.
fn each_partition_once(body: &mut Value, topics: &str) {
    each_once(body, topics, &["name"]);
    each(body, topics, |topic| each_same_once(topic, "partitions"));
    if let Some(topics) = body.field_mut(topics).and_then(Value::list_mut) {
        topics.retain(|topic| !topic.field("partitions").map(Value::list).unwrap_or_default().is_empty());
    }
}

fn each_same_once(body: &mut Value, list: &str) {
    let Some(elements) = body.field_mut(list).and_then(Value::list_mut) else { return };
    let mut seen = Vec::new();
    elements.retain(|element| {
        let is_new = !seen.contains(element);
        seen.push(element.clone());
        is_new
    });
}

/// Which resource, and which of its keys, has an operation that there is not.
fn unknown_operation(body: &Value) -> Option<(usize, usize)> {
    let list = |value: &Value, field: &str| value.field(field).map(Value::list).unwrap_or_default().to_vec();
    list(body, "resources").iter().enumerate().find_map(|(place, resource)| {
        let is_unknown = |config: &Value| {
            !(0..=3).contains(&config.field("config_operation").and_then(Value::int).unwrap_or_default())
        };
        Some((place, list(resource, "configs").iter().position(is_unknown)?))
    })
}

/// Takes out topics whose names collide with one that comes before: Kafka creates all that come at once.
fn keep_apart(body: &mut Value) {
    let Some(topics) = body.field_mut("topics").and_then(Value::list_mut) else { return };
    let mut seen: Vec<String> = Vec::new();
    topics.retain(|topic| {
        let name = topic.field("name").and_then(Value::as_text).unwrap_or_default();
        let collides = |other: &String| other != name && other.replace('.', "_") == name.replace('.', "_");
        let is_apart = !seen.iter().any(collides);
        seen.push(name.to_owned());
        is_apart
    });
}

/// Takes out what would end the test rather than be one: work without end, waits, no answer at all.
pub(super) fn keep_harmless(api: &str, body: &mut Value) {
    if api == "CreateTopics" {
        keep_apart(body);
    }
    match api {
        // Of a partition that comes twice Kafka drops the first records, and answers once.
        "Produce" => {
            body.set("transactional_id", Value::Null); // transactions are not served yet
            each_once(body, "topic_data", &["name", "topic_id"]);
            each(body, "topic_data", |topic| each_once(topic, "partition_data", &["index"]));
        }
        // Of a transaction that comes twice Kafka does the last, of a partition it tells once or twice, and where no
        // transaction is named it does not answer.
        "AddPartitionsToTxn" => {
            each_once(body, "transactions", &["transactional_id"]);
            each(body, "transactions", |transaction| each_partition_once(transaction, "topics"));
            each_partition_once(body, "v3_and_below_topics");
            if body.field("transactions").is_some_and(|transactions| transactions.list().is_empty()) {
                let transaction = Value::fields([
                    ("transactional_id", Value::text(TRANSACTIONS[0])),
                    ("producer_id", Value::Int(0)),
                    ("producer_epoch", Value::Int(0)),
                    ("verify_only", Value::Bool(true)),
                    ("topics", Value::List(Vec::new())),
                ]);
                body.set("transactions", Value::List(vec![transaction]));
            }
        }
        // A topic that comes twice is answered twice by Kafka where all of it is refused, and else once.
        "TxnOffsetCommit" => each_once(body, "topics", &["name"]),
        "ListOffsets" if !matches!(body.field("isolation_level"), Some(Value::Int(0 | 1))) => {
            each(body, "topics", |topic| each_once(topic, "partitions", &["partition_index"]));
            each_once(body, "topics", &["name"]);
        }
        // An operation that Kafka does not know spoils the whole request, and of several errors it says any.
        "IncrementalAlterConfigs" if unknown_operation(body).is_some() => {
            let (resource, config) = unknown_operation(body).unwrap_or_default();
            if let Some(resources) = body.field_mut("resources").and_then(Value::list_mut) {
                resources.swap(0, resource);
                resources.truncate(1);
                if let Some(configs) = resources[0].field_mut("configs").and_then(Value::list_mut) {
                    configs.swap(0, config);
                    configs.truncate(1);
                }
            }
        }
        // A key that Kafka does not know it keeps for good.
        "IncrementalAlterConfigs" | "AlterConfigs" => each(body, "resources", |resource| {
            if resource.field("resource_type") == Some(&Value::Int(BROKER)) {
                if api == "AlterConfigs" && resource.field("resource_name") == Some(&Value::text("")) {
                    // Kafka has one key for all brokers by itself, and does not let it go.
                    resource.set("resource_name", Value::text("1"));
                }
                each(resource, "configs", |config| {
                    let name = config.field("name").and_then(Value::as_text).unwrap_or_default();
                    if !BROKER_KEYS.iter().any(|(key, _)| *key == name) {
                        config.set("name", Value::text("num.partitions"));
                    }
                });
            }
        }),
        // A level that goes down takes what it stands for from all requests that follow.
        "UpdateFeatures" => body.set("validate_only", Value::Bool(true)),
        // It would be done, and the broker that answers is the one that both have.
        "UnregisterBroker" if body.field("broker_id") == Some(&Value::Int(1)) => {
            body.set("broker_id", Value::Int(2));
        }
        "OffsetDelete" => {
            // What is said twice, Kafka removes twice, and keeps that for good.
            each_once(body, "topics", &["name"]);
            each(body, "topics", |topic| each_once(topic, "partitions", &["partition_index"]));
            if let Some(topics) = body.field_mut("topics").and_then(Value::list_mut) {
                topics.retain(|topic| {
                    !topic.field("partitions").map(Value::list).unwrap_or_default().is_empty()
                });
            }
        }
        // Kafka does not answer when a partition comes twice, and answers several in the order of their hashes.
        "WriteTxnMarkers" => {
            let one = |body: &mut Value, field: &str| {
                body.field_mut(field).and_then(Value::list_mut).into_iter().for_each(|list| list.truncate(1));
            };
            one(body, "markers");
            each(body, "markers", |marker| {
                one(marker, "topics");
                // Ids that brokers give out are each broker's own.
                match marker.field("producer_id").and_then(Value::int) {
                    Some(0..9_000) => marker.set("producer_id", Value::Int(9_000)),
                    Some(9_100..) => marker.set("producer_id", Value::Int(9_100)),
                    _ => {}
                }
                // The times of markers are each broker's own, as are those of all records there.
                each(marker, "topics", |topic| {
                    if topic.field("name").and_then(Value::as_text).is_some_and(|name| {
                        name != "logged" && STANDING.iter().chain(&PASSING).any(|known| *known == name)
                    }) {
                        topic.set("name", Value::text("logged"));
                    }
                });
                each(marker, "topics", |topic| one(topic, "partition_indexes"));
            });
        }
        // Kafka looks for the name of such a topic, and stumbles.
        "Fetch" if body.field("session_epoch") != Some(&Value::Int(-1)) => {
            each(body, "topics", |topic| {
                if topic.field("topic_id") == Some(&ZERO) {
                    topic.set("topic_id", Value::Uuid([7; 16]));
                }
            });
        }
        // Without time, who says something twice is told that, or that the time is over.
        "CreateTopics" | "CreatePartitions" if body.field("timeout_ms").and_then(Value::int) < Some(1) => {
            each_once(body, "topics", &["name"]);
        }
        // Kafka answers neither a member whose protocols have the same name, nor anybody of its group from then on.
        "JoinGroup" => each_once(body, "protocols", &["name"]),
        // Kafka stumbles over a topic with neither name nor id, and tells nothing of any.
        "Metadata" => each(body, "topics", |topic| {
            if topic.field("name") == Some(&Value::Null) && topic.field("topic_id") == Some(&ZERO) {
                topic.set("name", Value::text("unknown"));
            }
        }),
        "DeleteTopics" if body.field("timeout_ms").and_then(Value::int) < Some(1) => {
            let topics = body.field_mut("topics").and_then(Value::list_mut);
            topics.into_iter().for_each(|topics| topics.truncate(1));
            each(body, "topics", |topic| {
                topic.set("name", Value::text(PASSING[0]));
                topic.set("topic_id", ZERO);
            });
            each_same_once(body, "topic_names");
        }
        "DeleteTopics" => body.walk_mut("", &mut |_, value| match value {
            Value::Text(name) if STANDING.contains(&name.as_str()) => *value = Value::text(PASSING[0]),
            Value::Symbol(id) if STANDING.iter().any(|name| *id == format!("id of {name}")) => {
                *value = Value::symbol(format!("id of {}", PASSING[1]));
            }
            _ => {}
        }),
        _ => {}
    }
    if let (Some(resources), "AlterConfigs") = (body.field_mut("resources").and_then(Value::list_mut), api) {
        resources.truncate(1); // Kafka does not answer when one comes twice
    }
    let bound = |value: &mut Value, least: i64, most: i64| {
        if let Value::Int(number) = value {
            *number = (*number).clamp(least, most);
        }
    };
    body.walk_mut("", &mut |field, value| match (api, field) {
        // Each broker has given such a number to somebody else.
        (_, "producer_id" | "v3_and_below_producer_id") if matches!(value, Value::Int(0..100_000)) => {
            *value = Value::Int(NOBODYS_ID);
        }
        // Partitions by the thousand; Kafka also keeps some of what it refuses.
        ("CreateTopics", "num_partitions") | ("CreatePartitions", "count") => bound(value, i64::MIN, 9),
        // Without an answer there is nothing to compare.
        ("Produce", "acks") if *value == Value::Int(0) => *value = Value::Int(-1),
        ("Fetch", "max_wait_ms" | "min_bytes") => bound(value, i64::MIN, 1),
        // So long that it is kept to, or so short that it is not; members who wait hold up the test.
        ("JoinGroup", "rebalance_timeout_ms") if value.int() < Some(REBALANCE_MS) => {
            bound(value, i64::MIN, REBALANCE_SHORT_MS);
        }
        ("JoinGroup", "rebalance_timeout_ms") => bound(value, i64::MIN, REBALANCE_MS),
        // Kafka does not answer before a time that never comes.
        ("Produce", "timeout_ms") if value.int() < Some(1) => *value = Value::Int(0),
        ("Produce", "timeout_ms") => bound(value, 5_000, i64::MAX),
        // Kafka looks for such a session outside of its list of caches.
        ("Fetch", "session_id") => bound(value, -99_999, 99_999),
        // So long that none ends during the test.
        ("InitProducerId", "transaction_timeout_ms") if value.int() > Some(0) => {
            bound(value, 600_000, i64::MAX);
        }
        ("JoinGroup", "session_timeout_ms") => {
            let session = value.int().unwrap_or_default();
            if (6_000..300_000).contains(&session) {
                *value = Value::Int(300_000); // so long that none ends during the test
            }
        }
        // A timeout so short that it may or may not pass.
        (
            "CreateTopics"
            | "DeleteTopics"
            | "CreatePartitions"
            | "ElectLeaders"
            | "AlterPartitionReassignments",
            "timeout_ms",
        ) if value.int() > Some(0) => {
            bound(value, 5_000, i64::MAX);
        }
        _ => {}
    });
}
