//! One id, one kind of group: how the kinds give way to each other.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;

use ottla_protocol::consumer_protocol::ConsumerProtocolSubscription;
use ottla_protocol::internal::OffsetCommitValue;
use ottla_protocol::message::Data;
use ottla_protocol::messages::consumer_group_heartbeat::ConsumerGroupHeartbeatRequest;
use ottla_protocol::messages::join_group::{JoinGroupRequest, JoinGroupRequestProtocol};
use ottla_protocol::messages::leave_group::MemberIdentity;
use ottla_protocol::wire::Uuid;

use super::*;
use crate::config::BrokerConfig;
use crate::config::group::MemberConfig;
use crate::groups::classic::Caller;
use crate::groups::consumer::heartbeat::Heartbeat;

fn groups() -> Groups {
    let config = BrokerConfig::new();
    Groups::new(&GroupContext {
        settings: Settings::new(&config),
        directory: Arc::new(Directory::default()),
        configs: Arc::new(Configs::new(config)),
        core: OnceLock::new(),
    })
}

fn caller() -> Caller {
    Caller { client_id: Str::from("c"), client_host: Str::from("/h") }
}

/// Appends what was decided, and gives the answer.
fn done(groups: &mut Groups, log: &mut Vec<GroupRecord>, mut effects: Effects) -> Option<Answer> {
    for record in effects.records {
        groups.appended(&record);
        let more = groups.stored(Instant::now(), &record);
        assert!(more.records.is_empty());
        log.push(record);
    }
    effects.answers.pop().map(|(_, answer)| answer)
}

fn heartbeat(groups: &mut Groups, log: &mut Vec<GroupRecord>, epoch: i32) -> ErrorCode {
    let mut request = ConsumerGroupHeartbeatRequest::default();
    (request.group_id, request.member_id) = (Str::from("g"), Str::from("m"));
    (request.member_epoch, request.rebalance_timeout_ms) = (epoch, 1_000);
    request.subscribed_topic_names = Some(vec![Str::from("t")]);
    request.topic_partitions = Some(Vec::new());
    let config = MemberConfig {
        session_timeout: Duration::from_secs(45),
        heartbeat_interval: Duration::from_secs(5),
        assignment_interval: Duration::ZERO,
    };
    let caller = caller();
    let now = Instant::now();
    let beat =
        Heartbeat { now, now_ms: 0, caller: &caller, config, size_max: 9, request: &request, classic: None };
    let effects = groups.consumer_heartbeat(Token(0), &beat, &Directory::default());
    match done(groups, log, effects) {
        Some(Answer::ConsumerHeartbeat(response)) => response.error_code,
        other => panic!("another answer: {other:?}"),
    }
}

/// The first request of a member of the classic protocol, which is given an id.
fn join(groups: &mut Groups, log: &mut Vec<GroupRecord>) -> ErrorCode {
    join_for(groups, log, 10_000)
}

fn join_for(groups: &mut Groups, log: &mut Vec<GroupRecord>, session_timeout_ms: i32) -> ErrorCode {
    let mut protocol = JoinGroupRequestProtocol::default();
    protocol.name = Str::from("range");
    let mut request = JoinGroupRequest::default();
    (request.group_id, request.protocol_type) = (Str::from("g"), Str::from("consumer"));
    (request.session_timeout_ms, request.rebalance_timeout_ms) = (session_timeout_ms, 10_000);
    request.protocols = vec![protocol];
    let (now, caller, random) = (Instant::now(), caller(), Uuid([1; 16]));
    let asked =
        ClassicJoin { now, now_ms: 0, caller: &caller, version: 9, size_max: 9, request: &request, random };
    let effects = groups.classic_join(Token(0), &asked, &Directory::default());
    match done(groups, log, effects) {
        Some(Answer::Join(response)) => response.error_code,
        other => panic!("another answer: {other:?}"),
    }
}

fn commit(groups: &mut Groups, log: &mut Vec<GroupRecord>) {
    let value = Some(OffsetCommitValue::default());
    let record = GroupRecord::Offset { group: Str::from("g"), topic: Str::from("t"), partition: 0, value };
    done(groups, log, Effects::of_records(vec![record]));
}

/// The kinds of the group.
fn kinds(groups: &Groups) -> Vec<Str> {
    let all = groups.classic.list().chain(groups.consumer.list()).chain(groups.share.list());
    all.map(|group| group.group_type).collect()
}

#[test]
fn a_group_that_had_nothing_but_offsets_becomes_one_of_consumers_and_keeps_them() {
    let (mut live, mut log) = (groups(), Vec::new());
    commit(&mut live, &mut log);
    assert_eq!(kinds(&live), ["classic"]);
    assert_eq!(
        heartbeat(&mut live, &mut log, 1),
        ErrorCode::GROUP_ID_NOT_FOUND,
        "who does not join finds none"
    );
    assert_eq!(heartbeat(&mut live, &mut log, 0), ErrorCode::NONE);
    assert_eq!(kinds(&live), ["consumer"]);
    commit(&mut live, &mut log);
    assert_eq!(kinds(&live), ["consumer"], "its own offsets do not make it a classic one");
    assert!(live.offsets.get("g", "t", 0).is_some());
    // A compacted log may have the offset before the group, or behind it.
    for reversed in [false, true] {
        let mut replayed = groups();
        let order: Vec<_> = if reversed { log.iter().rev().collect() } else { log.iter().collect() };
        for record in order.into_iter().filter(|record| !matches!(record, GroupRecord::Group { .. })) {
            replayed.replay(record);
        }
        assert_eq!(kinds(&replayed), ["consumer"]);
    }
}

#[test]
fn a_group_of_consumers_with_members_takes_a_classic_one_in_and_an_empty_one_gives_way() {
    let (mut live, mut log) = (groups(), Vec::new());
    assert_eq!(heartbeat(&mut live, &mut log, 0), ErrorCode::NONE);
    assert_eq!(join(&mut live, &mut log), ErrorCode::MEMBER_ID_REQUIRED);
    assert_eq!(join_for(&mut live, &mut log, 1), ErrorCode::INVALID_SESSION_TIMEOUT);
    assert_eq!(kinds(&live), ["consumer"]);
    assert_eq!(heartbeat(&mut live, &mut log, -1), ErrorCode::NONE);
    assert_eq!(join_for(&mut live, &mut log, 1), ErrorCode::INVALID_SESSION_TIMEOUT);
    assert_eq!(kinds(&live), ["consumer"], "who may not join changes nothing");
    assert_eq!(join(&mut live, &mut log), ErrorCode::MEMBER_ID_REQUIRED);
    assert_eq!(kinds(&live), ["classic"]);
}

/// Kafka 4.3.1 looks at the protocol type alone, which stays when the last member goes.
#[test]
fn a_classic_group_whose_members_all_went_before_it_began_becomes_one_of_consumers() {
    let (mut live, mut log) = (groups(), Vec::new());
    let (now, caller, random) = (Instant::now(), caller(), Uuid([1; 16]));
    let mut protocol = JoinGroupRequestProtocol::default();
    protocol.name = Str::from("range");
    let mut request = JoinGroupRequest::default();
    (request.group_id, request.protocol_type) = (Str::from("g"), Str::from("consumer"));
    (request.session_timeout_ms, request.rebalance_timeout_ms) = (10_000, 10_000);
    request.protocols = vec![protocol];
    // Of this version it is a member at once, and waits for others to come.
    let asked =
        ClassicJoin { now, now_ms: 0, caller: &caller, version: 3, size_max: 9, request: &request, random };
    let effects = live.classic_join(Token(1), &asked, &Directory::default());
    assert!(done(&mut live, &mut log, effects).is_none());
    let group = live.classic.describe(&Str::from("g")).expect("it has come into being");
    let mut leave = LeaveGroupRequest::default();
    leave.group_id = Str::from("g");
    leave.members = vec![MemberIdentity::default().with_member_id(group.members[0].member_id.clone())];
    let (effects, _) = live.classic_leave(now, 0, 5, &leave);
    done(&mut live, &mut log, effects);
    let group = live.classic.describe(&Str::from("g")).expect("it waits still");
    assert_eq!((group.group_state.as_str(), group.members.len()), ("PreparingRebalance", 0));
    assert_eq!(heartbeat(&mut live, &mut log, 0), ErrorCode::NONE);
    assert_eq!(kinds(&live), ["consumer"]);
}

#[test]
fn a_share_group_takes_in_no_classic_member_and_one_with_an_odd_timeout_hears_of_that() {
    let (mut live, mut log) = (groups(), Vec::new());
    let topics = [(Uuid([7; 16]), Str::from("t"), Vec::new())];
    let records = live.share.altering(&Str::from("g"), &topics, 0);
    done(&mut live, &mut log, Effects::of_records(records));
    assert_eq!(kinds(&live), ["share"]);
    assert_eq!(join(&mut live, &mut log), ErrorCode::INCONSISTENT_GROUP_PROTOCOL);
    assert_eq!(join_for(&mut live, &mut log, 1), ErrorCode::INVALID_SESSION_TIMEOUT);
    assert_eq!(kinds(&live), ["share"]);
}

/// A topic of six partitions.
struct Six;

const SIX: Uuid = Uuid([6; 16]);

impl share::Topics for Six {
    fn topic(&self, name: &str) -> Option<share::TopicView> {
        (name == "t").then_some(share::TopicView { id: SIX, partitions: 6 })
    }

    fn name(&self, id: Uuid) -> Option<Str> {
        (id == SIX).then(|| Str::from("t"))
    }

    fn version(&self) -> i64 {
        1
    }
}

impl consumer::Topics for Six {
    fn names(&self) -> Vec<Str> {
        vec![Str::from("t")]
    }
}

#[derive(Clone, Debug)]
enum Step {
    Beat { member: usize, leaves: bool, is_wrong: bool },
    Join { member: usize, is_new: bool, owns: bool },
    Sync { member: usize },
    Alive { member: usize },
    Leave { member: usize },
    Wait(u64),
}

fn any_step() -> impl Strategy<Value = Step> {
    let flag = prop::bool::weighted(0.15);
    prop_oneof![
        6 => (0..3usize, flag, flag).prop_map(|(member, leaves, is_wrong)| Step::Beat { member, leaves, is_wrong }),
        6 => (0..3usize, flag, prop::bool::ANY).prop_map(|(member, is_new, owns)| Step::Join { member, is_new, owns }),
        4 => (0..3usize).prop_map(|member| Step::Sync { member }),
        3 => (0..3usize).prop_map(|member| Step::Alive { member }),
        1 => (0..3usize).prop_map(|member| Step::Leave { member }),
        1 => (1..40u64).prop_map(Step::Wait),
    ]
}

/// Members of both protocols in one group, and the log of it.
struct Mixed {
    groups: Groups,
    log: Vec<GroupRecord>,
    now: Instant,
    now_ms: i64,
    tokens: u64,
    /// What each classic member has for its id and generation.
    classic: BTreeMap<usize, (Str, i32)>,
    /// Who joins under which token.
    joining: BTreeMap<Token, usize>,
    epochs: BTreeMap<usize, i32>,
}

impl Mixed {
    fn new() -> Self {
        Self {
            groups: Self::empty(),
            log: Vec::new(),
            now: Instant::now(),
            now_ms: 1_000,
            tokens: 0,
            classic: BTreeMap::new(),
            joining: BTreeMap::new(),
            epochs: BTreeMap::new(),
        }
    }

    fn empty() -> Groups {
        let mut groups = groups();
        let config = BrokerConfig::new();
        let settings = consumer::ConsumerSettings::new(&config);
        groups.consumer = ConsumerGroups::new(Arc::new(Configs::new(config)), settings, Arc::new(Six));
        groups
    }

    fn done(&mut self, effects: Effects) {
        let mut all = std::collections::VecDeque::from([effects]);
        while let Some(effects) = all.pop_front() {
            effects.records.iter().for_each(|record| self.groups.appended(record));
            for record in effects.records {
                all.push_back(self.groups.stored(self.now, &record));
                self.log.push(record);
            }
            for (token, answer) in effects.answers {
                let Answer::Join(response) = answer else { continue };
                let Some(member) = self.joining.remove(&token) else { panic!("nobody asked, or twice") };
                match response.error_code {
                    ErrorCode::NONE | ErrorCode::MEMBER_ID_REQUIRED => {
                        self.classic.insert(member, (response.member_id, response.generation_id));
                    }
                    ErrorCode::REBALANCE_IN_PROGRESS => {}
                    _ => _ = self.classic.remove(&member),
                }
            }
        }
    }

    fn token(&mut self) -> Token {
        self.tokens += 1;
        Token(self.tokens)
    }

    fn step(&mut self, step: &Step) {
        let id = Str::from("g");
        let caller = caller();
        let known = |classic: &BTreeMap<usize, (Str, i32)>, member| {
            classic.get(&member).cloned().unwrap_or((Str::from("nobody"), 0))
        };
        match *step {
            Step::Beat { member, leaves, is_wrong } => {
                let epoch = self.epochs.get(&member).copied().unwrap_or(0);
                let mut request = ConsumerGroupHeartbeatRequest::default();
                (request.group_id, request.member_id) = (id, Str::from(format!("n{member}")));
                request.member_epoch = if leaves { -1 } else { epoch + i32::from(is_wrong) };
                request.rebalance_timeout_ms = 20_000;
                request.subscribed_topic_names = Some(vec![Str::from("t")]);
                request.topic_partitions = Some(Vec::new());
                let config = MemberConfig {
                    session_timeout: Duration::from_secs(45),
                    heartbeat_interval: Duration::from_secs(5),
                    assignment_interval: Duration::from_secs(1),
                };
                let (now, now_ms, request, token) = (self.now, self.now_ms, &request, self.token());
                let beat =
                    Heartbeat { now, now_ms, caller: &caller, config, size_max: 9, request, classic: None };
                let mut effects = self.groups.consumer_heartbeat(token, &beat, &Six);
                let own = effects.answers.iter().position(|(to, _)| *to == token).expect("it is answered");
                let (_, Answer::ConsumerHeartbeat(response)) = effects.answers.remove(own) else { panic!() };
                if response.error_code == ErrorCode::NONE && !leaves {
                    self.epochs.insert(member, response.member_epoch);
                } else {
                    self.epochs.remove(&member);
                }
                self.done(effects);
            }
            Step::Join { member, is_new, owns } => {
                let (member_id, generation) = match is_new || !self.classic.contains_key(&member) {
                    true => (Str::EMPTY, -1),
                    false => self.classic[&member].clone(),
                };
                let mut said = ConsumerProtocolSubscription::default();
                said.topics = vec![Str::from("t")];
                said.generation_id = if owns { generation } else { -1 };
                let mut protocol = JoinGroupRequestProtocol::default();
                (protocol.name, protocol.metadata) = (Str::from("range"), said.encode_versioned(3).unwrap());
                let mut request = JoinGroupRequest::default();
                (request.group_id, request.protocol_type) = (id, Str::from("consumer"));
                (request.session_timeout_ms, request.rebalance_timeout_ms) = (10_000, 20_000);
                (request.protocols, request.member_id) = (vec![protocol], member_id);
                let token = self.token();
                self.joining.insert(token, member);
                let random = Uuid([u8::try_from(self.tokens % 250).unwrap(); 16]);
                let (now, now_ms, version, request) = (self.now, self.now_ms, 9, &request);
                let asked =
                    ClassicJoin { now, now_ms, caller: &caller, version, size_max: 9, request, random };
                let effects = self.groups.classic_join(token, &asked, &Six);
                self.done(effects);
            }
            Step::Sync { member } => {
                let mut request = SyncGroupRequest::default();
                request.group_id = id;
                (request.member_id, request.generation_id) = known(&self.classic, member);
                (request.protocol_type, request.protocol_name) =
                    (Some(Str::from("consumer")), Some(Str::from("range")));
                let token = self.token();
                let effects = self.groups.classic_sync(self.now, self.now_ms, token, 5, &request);
                self.done(effects);
            }
            Step::Alive { member } => {
                let mut request = HeartbeatRequest::default();
                request.group_id = id;
                (request.member_id, request.generation_id) = known(&self.classic, member);
                self.groups.classic_heartbeat(self.now, &request);
            }
            Step::Leave { member } => {
                let mut request = LeaveGroupRequest::default();
                request.group_id = id;
                let member_id = known(&self.classic, member).0;
                request.members = vec![MemberIdentity::default().with_member_id(member_id)];
                let (effects, _) = self.groups.classic_leave(self.now, self.now_ms, 5, &request);
                self.done(effects);
            }
            Step::Wait(seconds) => {
                self.now += Duration::from_secs(seconds);
                self.now_ms += i64::try_from(seconds).unwrap() * 1_000;
                while self.groups.next_deadline().is_some_and(|deadline| deadline <= self.now) {
                    for effects in self.groups.tick(self.now, self.now_ms) {
                        self.done(effects);
                    }
                }
            }
        }
    }

    fn check(&self) {
        let mut replayed = Self::empty();
        for record in &self.log {
            let (key, value) = crate::coordinator::CoordinatorRecord::encode(record).unwrap();
            let record: GroupRecord =
                crate::coordinator::CoordinatorRecord::decode(&key, value.as_ref()).unwrap().unwrap();
            replayed.replay(&record);
        }
        assert_eq!(format!("{:?}", replayed.consumer), format!("{:?}", self.groups.consumer));
        let found = replayed.classic.durable_view();
        for (id, view) in self.groups.classic.durable_view() {
            let Some(mut view) = view else { continue };
            let mut found = found[&id].clone().expect("what was replayed is settled");
            // A group that is just back from the other protocol has the time of that, and nothing to write it down for.
            (view.current_state_timestamp, found.current_state_timestamp) = (0, 0);
            assert_eq!(found, view);
        }
        assert!(kinds(&self.groups).len() <= 1, "one id, one kind");
        self.groups.consumer.check();
    }
}

proptest! {
    #[test]
    fn what_is_replayed_is_what_is_while_a_group_goes_between_the_protocols(
        steps in prop::collection::vec(any_step(), 0..50),
    ) {
        let mut mixed = Mixed::new();
        for step in &steps {
            mixed.step(step);
            mixed.check();
        }
    }
}
