//! The play: requests from a seed go to both brokers in turn, and what comes back is held side by side.

use super::client::Answer;
use super::compare::{Difference, differences};
use super::consumers;
use super::generate::{Generator, Request, Served};
use super::meant;
use super::members::Members;
use super::pools::{GROUPS, PASSING, STANDING, TRANSACTIONS};
use super::probes;
use super::report::Seen;
use super::shares;
use super::side::{Lane, Side};
use super::value::Value;
use crate::codegen::schema::Api;
use crate::outcome::Outcome;
use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Changes of metadata in a row, and requests of other kinds after them.
const CHANGES: usize = 8;
const LOOKS: usize = 32;

/// How long Kafka's broker may take to hear of what its controller did.
const SETTLING: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(25);

/// The code of a transaction that is ending.
const CONCURRENT_TRANSACTIONS: i64 = 51;

/// Letters of an answer that are printed.
const SHOWN_MAX: usize = 600;

/// Differences that are not meant, after which the play ends: what follows mostly follows from these.
const WRONG_MAX: usize = 25;

/// APIs that can be asked again, for they do nothing, or nothing the second time.
const LOOKING: [&str; 20] = [
    "ShareGroupDescribe",
    "DescribeShareGroupOffsets",
    "ReadShareGroupStateSummary",
    "Metadata",
    "Fetch",
    "ListOffsets",
    "OffsetForLeaderEpoch",
    "DescribeConfigs",
    "DescribeTopicPartitions",
    "DescribeLogDirs",
    "DescribeCluster",
    "ListConfigResources",
    "FindCoordinator",
    "OffsetCommit",
    "OffsetFetch",
    "ListGroups",
    "DescribeTransactions",
    "ListTransactions",
    "DescribeGroups",
    "ApiVersions",
];

/// Two brokers, and what was seen of them so far.
pub(super) struct Play<'a> {
    apis: &'a [Api],
    ottla: Side,
    kafka: Side,
    number: usize,
    pub(super) seen: Seen,
    traced: Option<String>,
    pub(super) members: Members<'a>,
}

impl<'a> Play<'a> {
    pub(super) fn new(apis: &'a [Api], ottla: String, kafka: String, traced: Option<String>) -> Self {
        Self {
            apis,
            ottla: Side::new(ottla),
            kafka: Side::new(kafka),
            number: 0,
            seen: Seen::default(),
            traced,
            members: Members::default(),
        }
    }

    /// The APIs and versions that both serve.
    pub(super) fn served(&mut self) -> Outcome<Vec<Served<'a>>> {
        let request = self.versions()?;
        let ranges = |answer: &Answer| -> BTreeMap<i64, (i64, i64)> {
            let Answer::Body(body) = answer else { return BTreeMap::new() };
            let keys = body.field("api_keys").map(Value::list).unwrap_or_default().iter();
            let number = |key: &Value, name: &str| key.field(name).and_then(Value::int).unwrap_or(-1);
            keys.map(|key| (number(key, "api_key"), (number(key, "min_version"), number(key, "max_version"))))
                .collect()
        };
        let ottla = ranges(&self.ottla.call(&request, 0)?);
        let kafka = ranges(&self.kafka.call(&request, 0)?);
        for (key, range) in &ottla {
            if kafka.get(key) != Some(range) {
                return Err(format!("API {key}: ottla serves {range:?}, Kafka {:?}", kafka.get(key)).into());
            }
        }
        let served = self.apis.iter().filter_map(|api| {
            let (first, last) = ottla.get(&i64::from(api.key))?;
            let known = api.request.versions;
            let first = i16::try_from(*first).ok()?.max(known.first);
            Some(Served { api, first, last: i16::try_from(*last).ok()?.min(known.last) })
        });
        Ok(served.collect())
    }

    /// The first request of every client.
    fn versions(&self) -> Outcome<Request<'a>> {
        let label = |name: &'static str, label: &str| (name, Value::text(label));
        let labels = [label("client_software_name", "differential"), label("client_software_version", "1")];
        Ok(Request { api: self.api("ApiVersions")?, version: 4, body: Value::fields(labels) })
    }

    /// Topics with records, a topic of offsets, and groups whose coordinator is there.
    pub(super) fn set_up(&mut self, generator: &mut Generator<'a>) -> Outcome {
        if let Some(name) = generator.forgotten() {
            return Err(format!("{name} is served, and no request to it is generated").into());
        }
        self.ask(&self.versions()?)?;
        let create = self.api("CreateTopics")?;
        let mut request = generator.request(create, 7);
        let topics = STANDING.iter().map(|name| {
            let config = |key: &str, value: &str| {
                Value::fields([("name", Value::text(key)), ("value", Value::text(value))])
            };
            let configs = match *name {
                "logged" => vec![config("message.timestamp.type", "LogAppendTime")],
                "small" => vec![config("max.message.bytes", "200")],
                _ => Vec::new(),
            };
            Value::fields([
                ("name", Value::text(name)),
                ("num_partitions", Value::Int(if *name == "plain" { 1 } else { 3 })),
                ("replication_factor", Value::Int(1)),
                ("assignments", Value::List(Vec::new())),
                ("configs", Value::List(configs)),
            ])
        });
        request.body.set("topics", Value::List(topics.collect()));
        request.body.set("validate_only", Value::Bool(false));
        request.body.set("timeout_ms", Value::Int(30_000));
        self.ask(&request)?;
        let mut coordinator = generator.request(self.api("FindCoordinator")?, 6);
        let keys = GROUPS.iter().map(|group| Value::text(group)).collect();
        coordinator.body.set("coordinator_keys", Value::List(keys));
        coordinator.body.set("key_type", Value::Int(0));
        let mut listing = generator.request(self.api("ListGroups")?, 5);
        listing.body.set("states_filter", Value::List(Vec::new()));
        listing.body.set("types_filter", Value::List(Vec::new()));
        self.ottla.call(&coordinator, 0)?;
        self.kafka.call(&coordinator, 0)?;
        let mut everything = generator.request(self.api("Metadata")?, 13);
        everything.body.set("topics", Value::Null);
        // So many groups that every partition of the topic of offsets is asked for, until all of them are loaded.
        let mut groups = generator.request(self.api("DescribeGroups")?, 5);
        let names = (0..400).map(|number| Value::Text(format!("group {number}"))).collect();
        groups.body.set("groups", Value::List(names));
        let until = Instant::now() + SETTLING * 5;
        while matches!(self.kafka.call(&groups, 0)?, Answer::Body(body) if !is_done(&body))
            && Instant::now() < until
        {
            sleep(PAUSE);
        }
        let mut transactions = generator.request(self.api("FindCoordinator")?, 6);
        let keys = TRANSACTIONS.iter().map(|id| Value::text(id)).collect();
        transactions.body.set("coordinator_keys", Value::List(keys));
        transactions.body.set("key_type", Value::Int(1));
        self.ottla.call(&transactions, 0)?;
        self.kafka.call(&transactions, 0)?;
        // The same of the topic of transactions.
        let names: Vec<_> = (0..400).map(|number| format!("id {number}")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let ids = described(generator.request(self.api("DescribeTransactions")?, 0), &names);
        let until = Instant::now() + SETTLING * 5;
        while matches!(self.kafka.call(&ids, 0)?, Answer::Body(body) if is_elsewhere(&body))
            && Instant::now() < until
        {
            sleep(PAUSE);
        }
        self.begin_sharing(generator)?;
        // The first ids of producers are a while in coming.
        let mut producer = generator.request(self.api("InitProducerId")?, 5);
        producer.body.set("transactional_id", Value::Null);
        producer.body.set("producer_id", Value::Int(-1));
        producer.body.set("producer_epoch", Value::Int(-1));
        let until = Instant::now() + SETTLING * 3;
        while matches!(self.kafka.call(&producer, 0)?, Answer::Body(body) if !is_done(&body))
            && Instant::now() < until
        {
            sleep(PAUSE);
        }
        // Once these agree, Kafka has made its topic of offsets and has loaded it.
        for request in [coordinator, transactions, listing, everything] {
            self.ask(&request)?;
        }
        match self.seen.wrong.first() {
            Some(wrong) => Err(format!("the brokers do not begin alike: {wrong}").into()),
            None => Ok(()),
        }
    }

    /// Share groups are configured, and the topic of their states is there and loaded.
    fn begin_sharing(&mut self, generator: &mut Generator<'a>) -> Outcome {
        let mut coordinator = generator.request(self.api("FindCoordinator")?, 6);
        let key = Value::text("share-states:AAAAAAAAAAAAAAAAAAAABw:0");
        coordinator.body.set("coordinator_keys", Value::List(vec![key]));
        coordinator.body.set("key_type", Value::Int(2));
        self.ottla.call(&coordinator, 0)?;
        self.kafka.call(&coordinator, 0)?;
        let mut states = generator.request(self.api("ReadShareGroupState")?, 0);
        let partition =
            |index: i64| Value::fields([("partition", Value::Int(index)), ("leader_epoch", Value::Int(0))]);
        let partitions = Value::List((0..400).map(partition).collect());
        let topic = Value::fields([("topic_id", Value::Uuid([7; 16])), ("partitions", partitions)]);
        states.body.set("group_id", Value::text("nobody"));
        states.body.set("topics", Value::List(vec![topic]));
        let until = Instant::now() + SETTLING * 5;
        while matches!(self.kafka.call(&states, 0)?, Answer::Body(body) if is_elsewhere(&body))
            && Instant::now() < until
        {
            sleep(PAUSE);
        }
        let mut configs = generator.request(self.api("IncrementalAlterConfigs")?, 1);
        let resource = |group: &str| {
            let config = |(name, value): (&str, &str)| {
                Value::fields([
                    ("name", Value::text(name)),
                    ("config_operation", Value::Int(0)),
                    ("value", Value::text(value)),
                ])
            };
            Value::fields([
                ("resource_type", Value::Int(32)),
                ("resource_name", Value::text(group)),
                ("configs", Value::List(shares::CONFIGS.map(config).into())),
            ])
        };
        configs.body.set("resources", Value::List(shares::groups().map(resource).collect()));
        configs.body.set("validate_only", Value::Bool(false));
        self.ask(&configs)?;
        self.ask(&coordinator).map(drop)
    }

    /// Asks for what is known to differ, so that every run tells whether it still does.
    pub(super) fn probe(&mut self, generator: &mut Generator<'a>) -> Outcome {
        for (name, version) in probes::ALL {
            let mut request = generator.request(self.api(name)?, version);
            for body in probes::bodies(name, version) {
                body.into_iter().for_each(|(field, value)| request.body.set(field, value));
                self.ask(&request)?;
            }
        }
        Ok(())
    }

    /// Plays so many requests, or until too much is wrong.
    pub(super) fn run(&mut self, generator: &mut Generator<'a>, requests: usize) -> Outcome {
        while self.number < requests && self.seen.wrong.len() < WRONG_MAX {
            for _ in 0..CHANGES {
                if let Some(request) = generator.change() {
                    self.ask(&request)?;
                }
            }
            sleep(PAUSE * 4);
            // All topics, also for the ids of those that were created in a version without them.
            let mut everything = generator.request(self.api("Metadata")?, 13);
            everything.body.set("topics", Value::Null);
            self.ask(&everything)?;
            for _ in 0..LOOKS {
                if let Some(request) = generator.look() {
                    self.look(generator, &request)?;
                }
            }
        }
        Ok(())
    }

    fn look(&mut self, generator: &mut Generator<'a>, request: &Request<'a>) -> Outcome {
        match request.api.name.as_str() {
            "JoinGroup" => self.join(generator, request),
            "LeaveGroup" => {
                self.ask(request)?;
                self.after_leave(generator, request)
            }
            "ConsumerGroupHeartbeat" => {
                // Of who comes again without having left, ottla wants to hear what it has given up.
                if let Some(leave) = consumers::leave(request) {
                    self.ask(&leave)?;
                }
                self.ask(request)?;
                consumers::given_up(request).map_or(Ok(()), |given_up| self.ask(&given_up).map(drop))
            }
            "EndTxn" | "InitProducerId" => {
                self.ask(request)?;
                // Kafka answers before the partitions know.
                let ended = described(generator.request(self.api("DescribeTransactions")?, 0), &TRANSACTIONS);
                self.ask(&ended).map(drop)
            }
            "ShareGroupHeartbeat" => {
                let answer = self.ask(request)?;
                if request.body.field("subscribed_topic_names") != Some(&Value::Null) {
                    // Assigned is what has states, which are begun a moment later.
                    self.await_states(request, &answer)?;
                    let mut again = request.clone();
                    again.body.set("member_epoch", shares::epoch(request));
                    again.body.set("subscribed_topic_names", Value::Null);
                    self.ask(&again)?;
                }
                let mut describe = generator.request(self.api("ShareGroupDescribe")?, 1);
                describe.body.set("group_ids", Value::List(shares::groups().map(Value::text).collect()));
                self.ask(&describe).map(drop)
            }
            "Fetch" | "ShareFetch" if is_of_session(request) => {
                let everywhere = self.ends(generator)?;
                self.ask(&everywhere)?;
                self.ask(request).map(drop)
            }
            _ => self.ask(request).map(drop),
        }
    }

    /// Waits until both brokers have begun the states of all partitions that a member of a share group subscribes to.
    /// It asks aside, and takes no number from the seed: what is played does not hang on how long it takes.
    fn await_states(&mut self, heartbeat: &Request<'a>, answer: &Answer) -> Outcome {
        if !matches!(answer, Answer::Body(body) if is_done(body)) {
            return Ok(());
        }
        let group = heartbeat.body.field("group_id").cloned().unwrap_or(Value::Null);
        let group = Value::fields([("group_id", group), ("topics", Value::Null)]);
        let groups = Value::fields([("groups", Value::List(vec![group]))]);
        let describe = Request { api: self.api("DescribeShareGroupOffsets")?, version: 0, body: groups };
        let everything = Value::fields([
            ("topics", Value::Null),
            ("allow_auto_topic_creation", Value::Bool(false)),
            ("include_topic_authorized_operations", Value::Bool(false)),
        ]);
        let everything = Request { api: self.api("Metadata")?, version: 13, body: everything };
        let names = heartbeat.body.field("subscribed_topic_names").map(Value::list).unwrap_or_default();
        let until = Instant::now() + SETTLING;
        for side in [&mut self.ottla, &mut self.kafka] {
            let there = partitions(&side.call(&everything, 0)?, "topics", "name");
            // It is the next request that teaches both of new topics.
            side.forget();
            let is_begun = |answer: &Answer| {
                let begun = partitions(answer, "groups", "topic_name");
                let names = names.iter().filter_map(Value::as_text);
                names
                    .filter_map(|name| Some((name, there.get(name)?)))
                    .all(|(name, count)| begun.get(name).is_some_and(|begun| begun >= count))
            };
            while !is_begun(&side.call(&describe, 0)?) && Instant::now() < until {
                sleep(PAUSE);
            }
        }
        Ok(())
    }

    /// Where the logs of all standing topics end. Once the brokers agree on it, a fetch that cannot be asked again
    /// finds the same in both.
    fn ends(&self, generator: &mut Generator<'a>) -> Outcome<Request<'a>> {
        let mut request = generator.request(self.api("ListOffsets")?, 11);
        let end = |index: i64| {
            let fields = [("partition_index", index), ("current_leader_epoch", -1), ("timestamp", -1)];
            Value::fields(fields.map(|(name, value)| (name, Value::Int(value))))
        };
        let topics = STANDING.iter().chain(&PASSING).map(|name| {
            Value::fields([
                ("name", Value::text(name)),
                ("partitions", Value::List((0..3).map(end).collect())),
            ])
        });
        request.body.set("topics", Value::List(topics.collect()));
        request.body.set("isolation_level", Value::Int(0));
        request.body.set("replica_id", Value::Int(-1));
        Ok(request)
    }

    /// One request to both.
    pub(super) fn ask(&mut self, request: &Request<'a>) -> Outcome<Answer> {
        // Other requests may have their connection closed, and with it would go sessions.
        let lane = if shares::is_of_session(&request.api.name) { Lane::Sharing } else { Lane::Main };
        let number = self.begin(lane, request)?;
        self.end(lane, request, number)
    }

    /// Sends a request to both, and says its number.
    pub(super) fn begin(&mut self, lane: Lane, request: &Request<'a>) -> Outcome<usize> {
        self.number += 1;
        self.seen.asks(&request.api.name);
        self.ottla.send(lane, request)?;
        self.kafka.send(lane, request)?;
        Ok(self.number)
    }

    /// Whether an answer is coming: if one broker has it after this time, the other gets more.
    pub(super) fn is_answered_within(&mut self, lane: Lane, time: Duration) -> Outcome<bool> {
        let ottla = self.ottla.is_answered_within(lane, time)?;
        let kafka = self.kafka.is_answered_within(lane, time)?;
        Ok(ottla || kafka)
    }

    /// Holds the answers to a request side by side. Kafka is asked again while its broker may not have heard of what
    /// its controller did.
    pub(super) fn end(&mut self, lane: Lane, request: &Request<'a>, number: usize) -> Outcome<Answer> {
        let mut ottla = self.ottla.receive(lane, request, number)?;
        let mut kafka = self.kafka.receive(lane, request, number)?;
        let until = Instant::now() + SETTLING;
        loop {
            let wrong = self.unmeant(request, differences(&ottla, &kafka));
            if wrong.is_empty() {
                break;
            }
            if !may_settle(request, &kafka) || Instant::now() > until {
                self.show(number, request, &ottla, &kafka);
                let said: Vec<_> = wrong.iter().map(Difference::to_string).collect();
                let said = shortened(&said.join("\n  "), SHOWN_MAX);
                self.seen.wrong.push(format!("{}\n  {said}", exchange(number, request, &ottla, &kafka)));
                return Ok(ottla);
            }
            sleep(PAUSE);
            self.kafka.forget();
            kafka = self.kafka.call(request, number)?;
            if LOOKING.contains(&request.api.name.as_str()) {
                // What was appended with acks=1 is seen once it is on stable storage.
                self.ottla.forget();
                ottla = self.ottla.call(request, number)?;
            }
        }
        self.show(number, request, &ottla, &kafka);
        for difference in differences(&ottla, &kafka) {
            if let Some(place) = meant::find(request, &difference) {
                self.seen.meets(place);
            }
        }
        Ok(ottla)
    }

    /// Prints an exchange that has the traced word in it.
    fn show(&self, number: usize, request: &Request<'_>, ottla: &Answer, kafka: &Answer) {
        let Some(word) = &self.traced else { return };
        let text = exchange(number, request, ottla, kafka);
        if text.contains(word.as_str()) {
            println!("{text}");
        }
    }

    fn unmeant(&self, request: &Request<'_>, found: Vec<Difference>) -> Vec<Difference> {
        found.into_iter().filter(|difference| meant::find(request, difference).is_none()).collect()
    }

    pub(super) fn api(&self, name: &str) -> Outcome<&'a Api> {
        let found = self.apis.iter().find(|api| api.name == name);
        found.ok_or_else(|| format!("no schema of {name}").into())
    }
}

/// A request and both answers, to be read.
fn exchange(number: usize, request: &Request<'_>, ottla: &Answer, kafka: &Answer) -> String {
    let Request { api, version, body } = request;
    let [ottla, kafka] = [ottla, kafka].map(|answer| shortened(&answer.to_string(), SHOWN_MAX));
    format!("request {number}: {} v{version} {body}\n  ottla {ottla}\n  kafka {kafka}", api.name)
}

fn shortened(text: &str, letters: usize) -> String {
    match text.char_indices().nth(letters) {
        Some((end, _)) => format!("{}..", &text[..end]),
        None => text.to_owned(),
    }
}

/// Whether Kafka may answer the same request otherwise a moment later, without it having done anything: it only looks,
/// or Kafka refused all of it for now.
fn may_settle(request: &Request<'_>, answer: &Answer) -> bool {
    let Answer::Body(body) = answer else { return false };
    // The coordinator is not there, is loading, or is elsewhere.
    let waits_for_coordinator = matches!(body.field("error_code"), Some(Value::Int(14..=16)));
    // The partitions of a transaction are being told how it ended.
    let waits_for_markers = has_code(body, |code| code == CONCURRENT_TRANSACTIONS);
    (LOOKING.contains(&request.api.name.as_str()) && !is_of_session(request))
        || waits_for_coordinator
        || waits_for_markers
        || (request.api.name == "Produce" && is_refused(body))
}

/// Whether a fetch changes the state of a session, so that it cannot be repeated.
fn is_of_session(request: &Request<'_>) -> bool {
    match request.api.name.as_str() {
        "Fetch" => request.version >= 7 && request.body.field("session_epoch") != Some(&Value::Int(-1)),
        name => name == "ShareFetch",
    }
}

/// How many partitions an answer tells of, by topic; the topics may be in groups.
fn partitions(answer: &Answer, list: &str, name: &str) -> BTreeMap<String, usize> {
    let Answer::Body(body) = answer else { return BTreeMap::new() };
    let elements = body.field(list).map(Value::list).unwrap_or_default();
    let topics = elements.iter().flat_map(|element| match element.field("topics") {
        Some(topics) => topics.list(),
        None => std::slice::from_ref(element),
    });
    let counted = topics.filter_map(|topic| {
        let partitions = topic.field("partitions")?.list();
        Some((topic.field(name)?.as_text()?.to_owned(), partitions.len()))
    });
    counted.collect()
}

/// A request to describe transactions, of these ids.
fn described<'a>(mut request: Request<'a>, ids: &[&str]) -> Request<'a> {
    request.body.set("transactional_ids", Value::List(ids.iter().map(|id| Value::text(id)).collect()));
    request
}

/// Whether a coordinator is not there yet, or is loading, for some of what was asked.
fn is_elsewhere(value: &Value) -> bool {
    has_code(value, |code| (14..=16).contains(&code))
}

fn has_code(value: &Value, is_it: fn(i64) -> bool) -> bool {
    match value {
        Value::Struct(fields) => fields.iter().any(|(name, value)| match value {
            Value::Int(code) => {
                matches!(name.as_str(), "error_code" | "partition_error_code") && is_it(*code)
            }
            value => has_code(value, is_it),
        }),
        Value::List(elements) => elements.iter().any(|element| has_code(element, is_it)),
        _ => false,
    }
}

/// Whether all of a request was done.
pub(super) fn is_done(value: &Value) -> bool {
    match value {
        Value::Struct(fields) => fields.iter().all(|(name, value)| match value {
            Value::Int(code) => name != "error_code" || *code == 0,
            value => is_done(value),
        }),
        Value::List(elements) => elements.iter().all(is_done),
        _ => true,
    }
}

/// Whether nothing of a request was done.
fn is_refused(value: &Value) -> bool {
    match value {
        Value::Struct(fields) => fields.iter().all(|(name, value)| match value {
            Value::Int(0) => name != "error_code",
            value => is_refused(value),
        }),
        Value::List(elements) => elements.iter().all(is_refused),
        _ => true,
    }
}
