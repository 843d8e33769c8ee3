//! Our coordinator against what a real one answers to the same requests, as `kafka.txt` and `kafka-small.txt` tell it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::time::Duration;

use bytes::Bytes;
use ottla_protocol::api::ErrorCode;
use ottla_protocol::frame::{decode_response, encode_response};
use ottla_protocol::message::{Encode, Message};
use ottla_protocol::messages::describe_groups::DescribedGroup;
use ottla_protocol::messages::heartbeat::HeartbeatRequest;
use ottla_protocol::messages::join_group::{JoinGroupRequest, JoinGroupRequestProtocol, JoinGroupResponse};
use ottla_protocol::messages::leave_group::{LeaveGroupRequest, LeaveGroupResponse, MemberIdentity};
use ottla_protocol::messages::sync_group::{SyncGroupRequest, SyncGroupRequestAssignment, SyncGroupResponse};
use ottla_protocol::wire::{DecodeLimits, Records, Str};

use super::stage::{Stage, defaults};
use crate::groups::classic::{Answer, ClassicConfig};

/// How long the real broker was given to answer each request.
const TURN: Duration = Duration::from_millis(250);

#[test]
fn every_request_is_answered_as_kafka_answers_it() {
    compare(include_str!("kafka.txt"));
}

#[test]
fn who_finds_no_room_is_answered_as_kafka_answers_it() {
    compare(include_str!("kafka-small.txt"));
}

/// Tells all cases of a script, with our answers instead of those of the real broker.
fn compare(script: &str) {
    let config = settings(script);
    let mut wrong = String::new();
    for case in script.split("\ncase ").skip(1) {
        let told = Case::new(config.clone()).tell(case);
        if told != case.trim_end() {
            let mut lines = case.trim_end().lines().zip(told.lines());
            let (kafka, ours) = lines.find(|(kafka, ours)| kafka != ours).unwrap_or_default();
            let name = case.lines().next().unwrap_or_default();
            _ = writeln!(wrong, "{name}\n  Kafka: {kafka}\n  ours:  {ours}\n{told}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// The settings of the broker that answered.
fn settings(script: &str) -> ClassicConfig {
    let line =
        script.lines().find_map(|line| line.strip_prefix("# Broker: ")).expect("the settings are named");
    let mut config = defaults();
    for (key, value) in line.split(' ').filter_map(|word| word.split_once('=')) {
        let value: u32 = value.parse().expect("a number");
        let time = Duration::from_millis(value.into());
        match key {
            "group.initial.rebalance.delay.ms" => config.initial_rebalance_delay = time,
            "group.min.session.timeout.ms" => config.session_timeout = time..=*config.session_timeout.end(),
            "group.max.size" => config.size_max = usize::try_from(value).expect("it fits"),
            "offsets.topic.num.partitions" => {}
            key => panic!("what is {key}?"),
        }
    }
    config
}

/// One case, being told.
struct Case {
    stage: Stage,
    names: BTreeMap<Str, String>,
    /// The requests that wait, by their tokens.
    asked: BTreeMap<u64, (String, i16)>,
    /// What was answered at once.
    said: BTreeMap<String, Said>,
}

/// An answer.
enum Said {
    Waited(Answer),
    Left(LeaveGroupResponse),
    Text(String),
    Described(DescribedGroup),
}

/// The words of a command that have a name.
struct Fields<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> Fields<'a> {
    fn get(&self, name: &str, default: &'a str) -> &'a str {
        self.0.get(name).copied().unwrap_or(default)
    }

    fn number(&self, name: &str, default: i32) -> i32 {
        self.0.get(name).map_or(default, |text| text.parse().expect("a number"))
    }

    fn list(&self, name: &str, default: &'a str) -> Vec<&'a str> {
        let text = self.get(name, default);
        if text.is_empty() { Vec::new() } else { text.split(',').collect() }
    }
}

impl Case {
    fn new(config: ClassicConfig) -> Self {
        Self {
            stage: Stage::new(config),
            names: BTreeMap::new(),
            asked: BTreeMap::new(),
            said: BTreeMap::new(),
        }
    }

    /// The case once more, with our answers.
    fn tell(mut self, case: &str) -> String {
        let mut lines = case.lines();
        let mut told = lines.next().unwrap_or_default().to_owned();
        for line in lines.filter(|line| !line.starts_with('=')) {
            told.push('\n');
            told.push_str(line);
            if let Some(time) = line.strip_prefix("pass ") {
                self.stage.pass(Duration::from_millis(time.parse().expect("a time")));
            } else if let Some((key, command)) = line.split_once(": ") {
                self.send(key, command);
                self.stage.pass(TURN);
            }
            self.answers(&mut told);
        }
        told.trim_end().to_owned()
    }

    fn send(&mut self, key: &str, command: &str) {
        let mut words = command.split_whitespace();
        let verb = words.next().expect("a verb");
        let version: i16 = words.next().and_then(|version| version.parse().ok()).expect("a version");
        let fields = Fields(words.filter_map(|word| word.split_once('=')).collect());
        let group = Str::from(fields.get("group", "g"));
        let member_id = self.id(fields.get("member", ""));
        let instance_id = fields.0.get("instance").map(|name| Str::from(*name));
        let generation = fields.number("generation", -1);
        let said = match verb {
            "join" => {
                let request = self.join(group, member_id, instance_id, &fields);
                let token = self.stage.join(version, &request);
                self.asked.insert(token, (key.to_owned(), version));
                return;
            }
            "sync" => {
                let assignments = fields.list("assign", "").into_iter().filter_map(|text| {
                    let (member_id, assignment) = text.split_once(':')?;
                    let assignment = Bytes::copy_from_slice(assignment.as_bytes());
                    Some(
                        SyncGroupRequestAssignment::default()
                            .with_member_id(self.id(member_id))
                            .with_assignment(assignment),
                    )
                });
                let request = SyncGroupRequest::default()
                    .with_group_id(group)
                    .with_member_id(member_id)
                    .with_group_instance_id(instance_id)
                    .with_generation_id(generation)
                    .with_protocol_type(fields.0.get("type").map(|name| Str::from(*name)))
                    .with_protocol_name(fields.0.get("protocol").map(|name| Str::from(*name)))
                    .with_assignments(assignments.collect::<Vec<_>>());
                let token = self.stage.sync_request(version, &request);
                self.asked.insert(token, (key.to_owned(), version));
                return;
            }
            "beat" => {
                let request = HeartbeatRequest::default()
                    .with_group_id(group)
                    .with_member_id(member_id)
                    .with_group_instance_id(instance_id)
                    .with_generation_id(generation);
                Said::Text(self.stage.groups.heartbeat(self.stage.now, &request).error_code.to_string())
            }
            "leave" => {
                let members = fields.list("members", "").into_iter().map(|text| {
                    let (member_id, instance_id) = match text.split_once('/') {
                        Some((member_id, instance_id)) => (member_id, Some(Str::from(instance_id))),
                        None => (text, None),
                    };
                    let member_id = self.id(member_id);
                    MemberIdentity::default().with_member_id(member_id).with_group_instance_id(instance_id)
                });
                let request = LeaveGroupRequest::default()
                    .with_members(members.collect::<Vec<_>>())
                    .with_group_id(group)
                    .with_member_id(member_id);
                Said::Left(sent(&self.stage.leave(version, &request), version))
            }
            "commit" => {
                let instance_id = instance_id.as_ref();
                Said::Text(outcome(self.stage.commit(version, &group, generation, &member_id, instance_id)))
            }
            "describe" => match self.stage.groups.describe(&group) {
                Some(described) => Said::Described(described),
                None => {
                    let code = if version < 6 { ErrorCode::NONE } else { ErrorCode::GROUP_ID_NOT_FOUND };
                    Said::Described(DescribedGroup::default().with_error_code(code).with_group_state("Dead"))
                }
            },
            "list" => {
                let mut listed = self.stage.groups.list();
                Said::Text(listed.next().map_or("not there".to_owned(), |listed| {
                    let (state, kind) = (listed.group_state, listed.group_type);
                    format!("state={state} kind={kind} type={}", listed.protocol_type)
                }))
            }
            "delete" => Said::Text(outcome(self.stage.delete(&group))),
            verb => panic!("what is {verb}?"),
        };
        self.said.insert(key.to_owned(), said);
    }

    fn join(
        &self,
        group: Str,
        member_id: Str,
        instance_id: Option<Str>,
        fields: &Fields<'_>,
    ) -> JoinGroupRequest {
        let protocols = fields.list("protocols", "range:r").into_iter().filter_map(|text| {
            let (name, metadata) = text.split_once(':')?;
            Some(JoinGroupRequestProtocol::default().with_name(name).with_metadata(subscription(metadata)))
        });
        JoinGroupRequest::default()
            .with_group_id(group)
            .with_member_id(member_id)
            .with_group_instance_id(instance_id)
            .with_session_timeout_ms(fields.number("session", 60_000))
            .with_rebalance_timeout_ms(fields.number("rebalance", 60_000))
            .with_protocol_type(fields.get("type", "consumer"))
            .with_protocols(protocols.collect::<Vec<_>>())
    }

    /// Writes down the answers that have come, in the order of their names.
    fn answers(&mut self, told: &mut String) {
        let come = self.asked.keys().copied().filter(|token| !self.stage.waits(*token));
        for token in come.collect::<Vec<_>>() {
            let Some((key, version)) = self.asked.remove(&token) else { continue };
            let answer = match &self.stage.answers[&token] {
                Answer::Join(response) => Answer::Join(sent(response, version)),
                Answer::Sync(response) => Answer::Sync(sent(response, version)),
                other => other.clone(),
            };
            self.said.insert(key, Said::Waited(answer));
        }
        let said = std::mem::take(&mut self.said);
        for answer in said.values() {
            if let Said::Waited(Answer::Join(response)) = answer {
                self.name(&response.member_id);
            }
        }
        for (key, answer) in said {
            let text = match answer {
                Said::Waited(Answer::Join(response)) => self.joined(&response),
                Said::Waited(Answer::Sync(response)) => synced(&response),
                Said::Waited(other) => format!("{other:?}"),
                Said::Left(response) => self.left(&response),
                Said::Described(described) => self.described(&described),
                Said::Text(text) => text,
            };
            _ = write!(told, "\n= {key} {text}");
        }
    }

    fn joined(&mut self, response: &JoinGroupResponse) -> String {
        let leader = self.name(&response.leader);
        let members: BTreeSet<String> = response
            .members
            .iter()
            .map(|member| {
                let instance = member.group_instance_id.as_ref().map(|name| format!("/{name}"));
                let (name, topic) = (self.name(&member.member_id), topic(&member.metadata));
                format!("{name}{}:{topic}", instance.unwrap_or_default())
            })
            .collect();
        format!(
            "{} generation={} type={} protocol={} leader={leader} member={} skip={} members={}",
            response.error_code,
            response.generation_id,
            or_null(response.protocol_type.as_ref()),
            or_null(response.protocol_name.as_ref()),
            self.name(&response.member_id),
            response.skip_assignment,
            joined(members),
        )
    }

    fn left(&mut self, response: &LeaveGroupResponse) -> String {
        let mut text = response.error_code.to_string();
        for member in &response.members {
            let (name, instance) = (self.name(&member.member_id), or_null(member.group_instance_id.as_ref()));
            _ = write!(text, " {name}/{instance}:{}", member.error_code);
        }
        text
    }

    fn described(&mut self, described: &DescribedGroup) -> String {
        let members: BTreeSet<String> = described
            .members
            .iter()
            .map(|member| {
                format!(
                    "{}/{}:{}:{}:{}:{}",
                    self.name(&member.member_id),
                    or_null(member.group_instance_id.as_ref()),
                    member.client_id,
                    member.client_host,
                    topic(&member.member_metadata),
                    String::from_utf8_lossy(&member.member_assignment),
                )
            })
            .collect();
        format!(
            "{} state={} type={} protocol={} members={}",
            described.error_code,
            described.group_state,
            described.protocol_type,
            described.protocol_data,
            joined(members),
        )
    }

    /// The name of a member id, in the order in which they are seen.
    fn name(&mut self, id: &Str) -> String {
        if id.len() < 36 {
            return id.to_string();
        }
        let next = format!("@{}", self.names.len() + 1);
        self.names.entry(id.clone()).or_insert(next).clone()
    }

    fn id(&self, name: &str) -> Str {
        let found = self.names.iter().find(|(_, known)| *known == name);
        found.map_or_else(|| Str::from(name), |(id, _)| id.clone())
    }
}

/// A message as it is read once it was sent in this version.
fn sent<M: Message + Encode>(message: &M, version: i16) -> M {
    let frame = encode_response(M::API_KEY, version, 1, message).expect("it can be sent");
    let frame = Records::Chunks(frame).into_bytes().slice(4..);
    decode_response(frame, version, &DecodeLimits::DEFAULT).expect("it can be read").1
}

fn synced(response: &SyncGroupResponse) -> String {
    format!(
        "{} type={} protocol={} assignment={}",
        response.error_code,
        or_null(response.protocol_type.as_ref()),
        or_null(response.protocol_name.as_ref()),
        String::from_utf8_lossy(&response.assignment),
    )
}

fn outcome(outcome: Result<(), ErrorCode>) -> String {
    outcome.err().unwrap_or(ErrorCode::NONE).to_string()
}

fn joined(members: BTreeSet<String>) -> String {
    members.into_iter().collect::<Vec<_>>().join(",")
}

fn or_null(text: Option<&Str>) -> String {
    text.map_or_else(|| "null".to_owned(), ToString::to_string)
}

/// A subscription to one topic; what begins with a dash is none.
fn subscription(text: &str) -> Bytes {
    let mut bytes = Vec::new();
    if !text.starts_with('-') {
        let length = u8::try_from(text.len()).expect("a short name");
        bytes.extend([0, 0, 0, 0, 0, 1, 0, length]);
    }
    bytes.extend(text.as_bytes());
    if !text.starts_with('-') {
        bytes.extend([0xff; 4]);
    }
    bytes.into()
}

fn topic(subscription: &[u8]) -> String {
    let topic = match subscription.len() {
        0..12 => subscription,
        length => &subscription[8..length - 4],
    };
    String::from_utf8_lossy(topic).into_owned()
}
