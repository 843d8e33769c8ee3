//! One of the two brokers: how it is called, what it has made up for itself, and its answers in the terms of both.

use super::client::{Answer, Client};
use super::consumers::epoch_of;
use super::generate::Request;
use super::records;
use super::shares::session_of;
use super::value::{Value, ZERO};
use super::wire::Names;
use crate::outcome::Outcome;
use std::collections::BTreeMap;
use std::time::Duration;

/// What a session of fetches is called, and its next epoch.
pub(super) const SESSION: &str = "session";
pub(super) const SESSION_EPOCH: &str = "epoch of session";

/// What Kafka says when it stumbles.
const UNKNOWN_SERVER_ERROR: i64 = -1;

/// What its data folder is called.
pub(super) const FOLDER: &str = "folder";

/// Times from here on are the broker's own; those of the test's records are long before.
const NOW_MS: i64 = 1_750_000_000_000;

/// Lists whose order says nothing: a broker gives them in any, Kafka in that of a hash table.
const UNORDERED: &[(&str, &str)] = &[
    ("AddPartitionsToTxn", "results_by_transaction"),
    ("AddPartitionsToTxn", "topic_results"),
    ("AddPartitionsToTxn", "results_by_partition"),
    ("AddPartitionsToTxn", "results_by_topic_v3_and_below"),
    ("DescribeTransactions", "transaction_states"),
    ("DescribeTransactions", "topics"),
    ("DescribeTransactions", "partitions"),
    ("ListTransactions", "transaction_states"),
    ("ListTransactions", "unknown_state_filters"),
    ("DescribeProducers", "partitions"),
    ("DescribeProducers", "active_producers"),
    ("ElectLeaders", "replica_election_results"),
    ("AlterReplicaLogDirs", "results"),
    ("AlterReplicaLogDirs", "partitions"),
    ("ApiVersions", "supported_features"),
    ("ApiVersions", "finalized_features"),
    ("DeleteRecords", "topics"),
    ("DeleteRecords", "partitions"),
    ("ApiVersions", "api_keys"),
    ("CreateTopics", "topics"),
    ("CreateTopics", "configs"),
    ("CreatePartitions", "results"),
    ("DeleteTopics", "responses"),
    ("DeleteGroups", "results"),
    ("DescribeConfigs", "configs"),
    ("DescribeLogDirs", "topics"),
    ("DescribeLogDirs", "partitions"),
    ("Metadata", "topics"),
    ("Metadata", "partitions"),
    ("JoinGroup", "members"),
    ("ListConfigResources", "config_resources"),
    ("ListGroups", "groups"),
    ("ListOffsets", "topics"),
    ("OffsetCommit", "topics"),
    ("OffsetCommit", "partitions"),
    ("OffsetFetch", "topics"),
    ("OffsetFetch", "partitions"),
    ("OffsetDelete", "topics"),
    ("OffsetDelete", "partitions"),
    ("OffsetForLeaderEpoch", "topics"),
    ("DescribeGroups", "groups"),
    ("ConsumerGroupHeartbeat", "topic_partitions"),
    ("ConsumerGroupHeartbeat", "partitions"),
    ("ConsumerGroupDescribe", "groups"),
    ("ConsumerGroupDescribe", "subscribed_topic_names"),
    ("ConsumerGroupDescribe", "members"),
    ("ConsumerGroupDescribe", "topic_partitions"),
    ("ConsumerGroupDescribe", "partitions"),
    ("ShareGroupHeartbeat", "topic_partitions"),
    ("ShareGroupHeartbeat", "partitions"),
    ("ShareGroupDescribe", "groups"),
    ("ShareGroupDescribe", "subscribed_topic_names"),
    ("ShareGroupDescribe", "members"),
    ("ShareGroupDescribe", "topic_partitions"),
    ("ShareGroupDescribe", "partitions"),
    ("ShareFetch", "responses"),
    ("ShareFetch", "partitions"),
    ("ShareAcknowledge", "responses"),
    ("ShareAcknowledge", "partitions"),
    ("InitializeShareGroupState", "results"),
    ("InitializeShareGroupState", "partitions"),
    ("ReadShareGroupState", "results"),
    ("ReadShareGroupState", "partitions"),
    ("WriteShareGroupState", "results"),
    ("WriteShareGroupState", "partitions"),
    ("DeleteShareGroupState", "results"),
    ("DeleteShareGroupState", "partitions"),
    ("ReadShareGroupStateSummary", "results"),
    ("ReadShareGroupStateSummary", "partitions"),
    ("DescribeShareGroupOffsets", "groups"),
    ("DescribeShareGroupOffsets", "topics"),
    ("DescribeShareGroupOffsets", "partitions"),
    ("AlterShareGroupOffsets", "responses"),
    ("AlterShareGroupOffsets", "partitions"),
    ("DeleteShareGroupOffsets", "responses"),
    ("DescribeGroups", "members"),
    ("Fetch", "responses"),
    ("Fetch", "partitions"),
    ("ListOffsets", "partitions"),
    ("Produce", "responses"),
    ("Produce", "partition_responses"),
];

/// A connection of which there are several: who waits for an answer on one can ask on another.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// Where all is asked that nobody has to wait for.
    Main,
    /// For what waits until another request comes.
    Waiting,
    /// For share sessions, which last as long as their connection.
    Sharing,
}

/// One broker.
pub(super) struct Side {
    main: Client,
    waiting: Client,
    sharing: Client,
    names: Names,
    /// What the broker made up, by how it shows, and the name that both have for it.
    shared: BTreeMap<String, String>,
    /// What the last answer has added to both: names with their values before, and values.
    learned: (Vec<(String, Option<Value>)>, Vec<String>),
}

impl Side {
    pub(super) fn new(address: String) -> Self {
        let [main, waiting, sharing] = [(); 3].map(|()| Client::new(address.clone()));
        Self {
            main,
            waiting,
            sharing,
            names: Names::new(),
            shared: BTreeMap::new(),
            learned: Default::default(),
        }
    }

    fn client(&mut self, lane: Lane) -> &mut Client {
        match lane {
            Lane::Main => &mut self.main,
            Lane::Waiting => &mut self.waiting,
            Lane::Sharing => &mut self.sharing,
        }
    }

    pub(super) fn send(&mut self, lane: Lane, request: &Request<'_>) -> Outcome {
        let client = match lane {
            Lane::Main => &mut self.main,
            Lane::Waiting => &mut self.waiting,
            Lane::Sharing => &mut self.sharing,
        };
        client.send(request.api, request.version, &request.body, &self.names)
    }

    /// Whether something comes of what was sent within this time.
    pub(super) fn is_answered_within(&mut self, lane: Lane, time: Duration) -> Outcome<bool> {
        self.client(lane).is_answered_within(time)
    }

    /// What comes of a request that was sent, in the terms of both brokers; `number` is that of the request.
    pub(super) fn receive(&mut self, lane: Lane, request: &Request<'_>, number: usize) -> Outcome<Answer> {
        self.learned = Default::default();
        let answer = self.client(lane).receive(request.api, request.version)?;
        let Answer::Body(mut body) = answer else { return Ok(answer) };
        self.learn(request, &body, number);
        self.share(&request.api.name, "", &mut body);
        Ok(Answer::Body(body))
    }

    /// Sends a request and waits for what comes of it.
    pub(super) fn call(&mut self, request: &Request<'_>, number: usize) -> Outcome<Answer> {
        self.send(Lane::Main, request)?;
        self.receive(Lane::Main, request, number)
    }

    /// Notes what the broker has made up.
    fn learn(&mut self, request: &Request<'_>, body: &Value, number: usize) {
        match request.api.name.as_str() {
            "CreateTopics" | "DeleteTopics" | "Metadata" | "DescribeTopicPartitions" => {
                let topics = body.field("topics").or(body.field("responses")).map(Value::list);
                let is_well = |topic: &&Value| topic.field("error_code") == Some(&Value::Int(0));
                for topic in topics.unwrap_or_default().iter().filter(is_well) {
                    let (Some(name), Some(id)) = (topic.field("name"), topic.field("topic_id")) else {
                        continue;
                    };
                    if let Some(name) = name.as_text().filter(|_| *id != ZERO) {
                        self.note(&format!("id of {name}"), id, number);
                    }
                }
            }
            "InitProducerId" | "EndTxn" => {
                let of = request.body.field("transactional_id").and_then(Value::as_text).unwrap_or_default();
                if let Some(id @ Value::Int(0..)) = body.field("producer_id") {
                    let name =
                        if of.is_empty() { "producer".to_owned() } else { format!("producer of {of}") };
                    self.note(&name, id, number);
                }
                if let Some(epoch @ Value::Int(0..)) = body.field("producer_epoch") {
                    self.name(format!("epoch of {of}"), epoch.clone());
                }
            }
            "JoinGroup" => {
                let group = request.body.field("group_id").and_then(Value::as_text).unwrap_or_default();
                // A refusal may say the id of the request again.
                let given = self.resolved(request.body.field("member_id"));
                let is_new = |id: &&Value| **id != Value::text("") && Some(*id) != given;
                if let Some(member) = body.field("member_id").filter(is_new) {
                    self.note(&format!("member of {group}"), member, number);
                }
                if let Some(Value::Int(generation @ 1..)) = body.field("generation_id") {
                    self.name(format!("generation of {group}"), Value::Int(*generation));
                }
            }
            "ConsumerGroupHeartbeat" | "ShareGroupHeartbeat" => {
                let of = |field: &str| request.body.field(field).and_then(Value::as_text).unwrap_or_default();
                if let Some(epoch @ Value::Int(1..)) = body.field("member_epoch") {
                    self.name(epoch_of(of("member_id"), of("group_id")), epoch.clone());
                }
            }
            // Over what is acknowledged Kafka stumbles when it has counted on.
            "ShareFetch" | "ShareAcknowledge"
                if matches!(body.field("error_code"), Some(Value::Int(0 | UNKNOWN_SERVER_ERROR))) =>
            {
                let of = |field: &str| request.body.field(field).and_then(Value::as_text).unwrap_or_default();
                let epoch = self.resolved(request.body.field("share_session_epoch")).and_then(Value::int);
                let next = epoch.map_or(0, |epoch| epoch + 1);
                self.name(session_of(of("member_id"), of("group_id")), Value::Int(next));
            }
            "Fetch" if body.field("error_code") == Some(&Value::Int(0)) => {
                let session = body.field("session_id").filter(|id| **id != Value::Int(0));
                let epoch = self.resolved(request.body.field("session_epoch")).and_then(Value::int);
                if let (Some(session), Some(epoch)) = (session, epoch) {
                    self.note(SESSION, session, number);
                    self.name(SESSION_EPOCH.to_owned(), Value::Int(epoch + 1));
                }
            }
            "DescribeLogDirs" => {
                let results = body.field("results").map(Value::list).unwrap_or_default();
                if let Some(folder) = results.first().and_then(|result| result.field("log_dir")) {
                    self.name(FOLDER.to_owned(), folder.clone());
                }
            }
            _ => {}
        }
    }

    fn resolved<'v>(&'v self, value: Option<&'v Value>) -> Option<&'v Value> {
        match value? {
            Value::Symbol(name) => self.names.get(name),
            value => Some(value),
        }
    }

    /// The latest of its name; those before keep a name too, since they can still occur.
    fn note(&mut self, name: &str, value: &Value, number: usize) {
        self.name(name.to_owned(), value.clone());
        let shown = shown(name.split(' ').next().unwrap_or_default(), value);
        let shared = match self.shared.get(&shown) {
            Some(shared) => shared.clone(),
            None => {
                let shared = format!("{name}, by request {number}");
                self.shared.insert(shown.clone(), shared.clone());
                self.learned.1.push(shown);
                shared
            }
        };
        self.name(shared, value.clone());
    }

    fn name(&mut self, name: String, value: Value) {
        let before = self.names.insert(name.clone(), value);
        self.learned.0.push((name, before));
    }

    /// Forgets what the last answer has taught, since it does not count.
    pub(super) fn forget(&mut self) {
        let (names, shown) = std::mem::take(&mut self.learned);
        for (name, before) in names.into_iter().rev() {
            match before {
                Some(before) => drop(self.names.insert(name, before)),
                None => drop(self.names.remove(&name)),
            }
        }
        for shown in shown {
            self.shared.remove(&shown);
        }
    }

    /// Puts what both brokers have in common in place of what is this one's own, and lists in an order of their own.
    fn share(&self, api: &str, field: &str, value: &mut Value) {
        if (api, field) == ("DescribeLogDirs", "topics") {
            without_sizes(value);
        }
        match value {
            Value::List(elements) => {
                if matches!((api, field), ("Fetch" | "ShareFetch", "responses")) {
                    merge(elements);
                }
                if (api, field) == ("ShareFetch", "responses") {
                    without_silent(elements);
                }
                if (api, field) == ("ShareFetch", "acquired_records") {
                    join_runs(elements);
                }
                elements.iter_mut().for_each(|element| self.share(api, field, element));
                if UNORDERED.contains(&(api, field)) {
                    elements.sort_by_key(Value::to_string);
                }
            }
            Value::Struct(fields) => {
                // What was not found has the id 0, which somebody else may bear.
                let is_found =
                    !matches!(fields.first(), Some((name, Value::Int(1..))) if name == "error_code");
                let fields = fields.iter_mut().filter(|(name, _)| is_found || name != "producer_id");
                fields.for_each(|(name, value)| self.share(api, name, value));
            }
            value => {
                if let Some(shared) = self.of_both(field, value) {
                    *value = Value::Symbol(shared);
                }
            }
        }
    }

    fn of_both(&self, field: &str, value: &Value) -> Option<String> {
        let own = |text: &str| Some(text.to_owned());
        match (field, value) {
            ("session_id", Value::Int(0)) => None,
            ("topic_id" | "member_id" | "leader" | "producer_id" | "session_id", value) => {
                let kind = match field {
                    "topic_id" => "id",
                    "producer_id" => "producer",
                    "session_id" => SESSION,
                    _ => "member",
                };
                let shared = self.shared.get(&shown(kind, value)).cloned();
                // Of a member that still waits to join, the id was never answered.
                let unseen = || Some(format!("{}-..", value.as_text()?.strip_suffix(uuid_of(value)?)?));
                shared.or_else(unseen)
            }
            ("host", _) => own("host"),
            ("port", _) => own("port"),
            ("cluster_id", Value::Text(_)) => own("cluster"),
            ("log_dir", _) => own(FOLDER),
            ("total_bytes" | "usable_bytes", Value::Int(0..)) => own("room"),
            ("throttle_time_ms", _) => own("throttled"),
            (
                "log_append_time_ms"
                | "timestamp"
                | "transaction_start_time_ms"
                | "last_fetch_timestamp"
                | "last_caught_up_timestamp",
                Value::Int(NOW_MS..),
            ) => own("now"),
            ("documentation", Value::Text(_)) => own("words"),
            ("error_message" | "acknowledge_error_message", Value::Text(text)) if !text.is_empty() => {
                own("words")
            }
            ("records", Value::Bytes(bytes)) => Some(Value::Bytes(records::in_common(bytes)).to_string()),
            _ => None,
        }
    }
}

/// The logs of coordinators without their sizes: in how many records and batches it writes down what comes of one
/// request is each broker's own.
fn without_sizes(topics: &mut Value) {
    let topics = topics.list_mut().into_iter().flatten();
    let is_kept = |topic: &&mut Value| {
        let name = topic.field("name").and_then(Value::as_text);
        matches!(name, Some("__consumer_offsets" | "__share_group_state"))
    };
    for topic in topics.filter(is_kept) {
        topic.walk_mut("", &mut |field, value| {
            if field == "partition_size" {
                *value = Value::symbol("records of coordinators");
            }
        });
    }
}

/// How a value shows that a broker has made up: numbers of different kinds may be the same.
fn shown(kind: &str, value: &Value) -> String {
    format!("{kind} {value}")
}

/// The random end of an id that a broker made of a name.
fn uuid_of(id: &Value) -> Option<&str> {
    const LENGTH: usize = 37; // a dash, and a UUID
    let text = id.as_text()?;
    let end = text.get(text.len().checked_sub(LENGTH)?..)?;
    let is_uuid = end.starts_with('-') && end.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
    is_uuid.then_some(end)
}

/// Takes out partitions of which nothing is told: which of them Kafka names goes by what it named before.
fn without_silent(topics: &mut Vec<Value>) {
    let is_silent = |partition: &Value| {
        let is_well = |field: &str| partition.field(field) == Some(&Value::Int(0));
        let has_none = partition.field("acquired_records").map(Value::list).unwrap_or_default().is_empty();
        is_well("error_code") && is_well("acknowledge_error_code") && has_none
    };
    topics.retain_mut(|topic| {
        let partitions = topic.field_mut("partitions").and_then(Value::list_mut);
        partitions.is_some_and(|partitions| {
            partitions.retain(|partition| !is_silent(partition));
            !partitions.is_empty()
        })
    });
}

/// Runs of records that follow each other and were delivered as often: in how many it is told is each broker's own.
fn join_runs(runs: &mut Vec<Value>) {
    runs.dedup_by(|next, run| {
        let is_same = next.field("delivery_count") == run.field("delivery_count");
        let end = run.field("last_offset").and_then(Value::int);
        let follows = next.field("first_offset").and_then(Value::int) == end.map(|end| end + 1);
        if is_same && follows {
            run.set("last_offset", next.field("last_offset").cloned().unwrap_or(Value::Null));
        }
        is_same && follows
    });
}

/// Each topic of a fetch once: Kafka names one again for the partitions that could not be read.
fn merge(topics: &mut Vec<Value>) {
    let mut merged: Vec<Value> = Vec::with_capacity(topics.len());
    let name = |topic: &Value| (topic.field("topic").cloned(), topic.field("topic_id").cloned());
    for topic in topics.drain(..) {
        let known = merged.iter_mut().find(|known| name(known) == name(&topic));
        let more = topic.field("partitions").map(Value::list).unwrap_or_default();
        match known.and_then(|known| known.field_mut("partitions")).and_then(Value::list_mut) {
            Some(partitions) => partitions.extend_from_slice(more),
            None => merged.push(topic),
        }
    }
    *topics = merged;
}
