//! Groups of the consumer protocol against their own records, and what members are told.

use proptest::prelude::*;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::consumer_group_heartbeat::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, TopicPartitions,
};
use ottla_protocol::messages::join_group::{JoinGroupRequest, JoinGroupResponse};
use ottla_protocol::wire::Uuid;

use super::classic::ClassicJoin;
use super::heartbeat::{Heartbeat, wrong};
use super::*;
use crate::config::BrokerConfig;
use crate::config::group::MemberConfig;
use crate::coordinator::CoordinatorRecord;
use crate::groups::classic::Caller;
use crate::groups::share::TopicView;

/// Topics by name, with their partitions.
#[derive(Clone)]
pub(super) struct Known(pub(super) BTreeMap<&'static str, i32>);

impl share::Topics for Known {
    fn topic(&self, name: &str) -> Option<TopicView> {
        let partitions = *self.0.get(name)?;
        Some(TopicView { id: Uuid([name.as_bytes()[0]; 16]), partitions })
    }

    fn name(&self, id: Uuid) -> Option<Str> {
        self.0.keys().find(|name| name.as_bytes()[0] == id.0[0]).map(|name| Str::from(*name))
    }

    fn version(&self) -> i64 {
        self.0.values().map(|count| 1_000 + i64::from(*count)).sum()
    }
}

impl Topics for Known {
    fn names(&self) -> Vec<Str> {
        self.0.keys().map(|name| Str::from(*name)).collect()
    }
}

/// The groups of a shard with their log and clock.
pub(super) struct Shard {
    pub(super) groups: ConsumerGroups,
    log: Vec<(bytes::Bytes, Option<bytes::Bytes>)>,
    pub(super) topics: Known,
    pub(super) now: Instant,
    now_ms: i64,
    ids: u128,
    pub(super) size_max: usize,
    interval: Duration,
}

impl Shard {
    pub(super) fn new(topics: &[(&'static str, i32)]) -> Self {
        let topics = Known(topics.iter().copied().collect());
        let config = BrokerConfig::new();
        let settings = ConsumerSettings::new(&config);
        let names = Arc::new(topics.clone());
        let groups = ConsumerGroups::new(Arc::new(Configs::new(config)), settings, names);
        Self {
            groups,
            log: Vec::new(),
            topics,
            now: Instant::now(),
            now_ms: 1_000,
            ids: 0,
            size_max: 4,
            interval: Duration::ZERO,
        }
    }

    pub(super) fn hears(
        &mut self,
        request: &ConsumerGroupHeartbeatRequest,
    ) -> ConsumerGroupHeartbeatResponse {
        let caller = Caller { client_id: Str::from("c"), client_host: Str::from("/h") };
        let config = MemberConfig {
            session_timeout: Duration::from_secs(45),
            heartbeat_interval: Duration::from_secs(5),
            assignment_interval: self.interval,
        };
        let (now, now_ms) = (self.now, self.now_ms);
        let beat = Heartbeat {
            now,
            now_ms,
            caller: &caller,
            config,
            size_max: self.size_max,
            request,
            classic: None,
        };
        let outcome = self.groups.heartbeat(&beat, &self.topics);
        self.append(outcome.records);
        outcome.response
    }

    /// Somebody of the classic protocol joins.
    pub(super) fn joins(&mut self, request: &JoinGroupRequest) -> JoinGroupResponse {
        let caller = Caller { client_id: Str::from("c"), client_host: Str::from("/h") };
        self.ids += 1;
        let random = Uuid(self.ids.to_be_bytes());
        let (now, now_ms, size_max) = (self.now, self.now_ms, self.size_max);
        if !self.groups.contains(&request.group_id) {
            return JoinGroupResponse::default().with_error_code(ErrorCode::UNKNOWN_MEMBER_ID);
        }
        let join = ClassicJoin { now, now_ms, caller: &caller, version: 9, size_max, request, random };
        let (records, response) = self.groups.classic_join(&join, &self.topics);
        self.append(records);
        response
    }

    pub(super) fn waits(&mut self, time: Duration) {
        self.now += time;
        self.now_ms += i64::try_from(time.as_millis()).unwrap();
        loop {
            let records = self.groups.tick(self.now);
            if records.is_empty() {
                return;
            }
            self.append(records);
        }
    }

    fn append(&mut self, records: Vec<GroupRecord>) {
        for record in records {
            let GroupRecord::Consumer { group, change } = &record else { panic!("another record") };
            self.groups.replay(group, change);
            self.log.push(record.encode().unwrap());
        }
    }

    /// What a restart finds.
    fn replayed(&self) -> ConsumerGroups {
        let mut replayed = ConsumerGroups::new(
            Arc::clone(&self.groups.configs),
            self.groups.settings.clone(),
            Arc::clone(&self.groups.names),
        );
        for (key, value) in &self.log {
            let record = GroupRecord::decode(key, value.as_ref()).unwrap().unwrap();
            let GroupRecord::Consumer { group, change } = record else { panic!("another record") };
            replayed.replay(&group, &change);
        }
        replayed
    }

    fn group(&self) -> &ConsumerGroup {
        &self.groups.groups["g"]
    }
}

/// The first request of a member.
pub(super) fn join(member: &str, topics: &[&str]) -> ConsumerGroupHeartbeatRequest {
    let mut request = heartbeat(member, 0);
    request.rebalance_timeout_ms = 30_000;
    request.subscribed_topic_names = Some(topics.iter().map(|name| Str::from(*name)).collect());
    request.topic_partitions = Some(Vec::new());
    request
}

pub(super) fn heartbeat(member: &str, epoch: i32) -> ConsumerGroupHeartbeatRequest {
    let mut request = ConsumerGroupHeartbeatRequest::default();
    request.group_id = Str::from("g");
    request.member_id = Str::from(member);
    request.member_epoch = epoch;
    request.rebalance_timeout_ms = -1;
    request
}

pub(super) fn owns(
    mut request: ConsumerGroupHeartbeatRequest,
    owned: &[(&str, &[i32])],
) -> ConsumerGroupHeartbeatRequest {
    let topics = owned.iter().map(|(name, partitions)| {
        let mut one = TopicPartitions::default();
        one.topic_id = Uuid([name.as_bytes()[0]; 16]);
        one.partitions = partitions.to_vec().into();
        one
    });
    request.topic_partitions = Some(topics.collect());
    request
}

/// What a member is told, topics by the first letters of their names.
fn told(response: &ConsumerGroupHeartbeatResponse) -> Option<Vec<(char, Vec<i32>)>> {
    assert_eq!(response.error_code, ErrorCode::NONE, "{:?}", response.error_message);
    let assignment = response.assignment.as_ref()?;
    let topics = assignment.topic_partitions.iter();
    Some(topics.map(|one| (char::from(one.topic_id.0[0]), one.partitions.to_vec())).collect())
}

#[test]
fn a_group_begins_in_its_first_epoch_and_counts_on_when_something_is_subscribed_to() {
    let mut shard = Shard::new(&[("a", 1)]);
    assert_eq!(shard.hears(&join("m1", &[])).member_epoch, 1);
    assert_eq!(shard.group().epoch, 1);
    assert_eq!(shard.hears(&join("m2", &[])).member_epoch, 1);
    assert_eq!(shard.hears(&join("m3", &["a"])).member_epoch, 2);
    assert_eq!(shard.replayed().groups["g"].epoch, 2);
    let mut other = Shard::new(&[("a", 1)]);
    assert_eq!(other.hears(&join("m1", &["a"])).member_epoch, 2);
}

#[test]
fn a_partition_moves_only_once_it_was_given_up() {
    let mut shard = Shard::new(&[("a", 2)]);
    let first = shard.hears(&join("m1", &["a"]));
    assert_eq!(told(&first), Some(vec![('a', vec![0, 1])]));
    let second = shard.hears(&join("m2", &["a"]));
    assert_eq!(told(&second), Some(vec![]), "the other has them all still");
    let asked = shard.hears(&owns(heartbeat("m1", first.member_epoch), &[("a", &[0, 1])]));
    assert_eq!(told(&asked), Some(vec![('a', vec![0])]));
    assert_eq!(
        told(&shard.hears(&heartbeat("m2", second.member_epoch))),
        None,
        "it has not said that it did"
    );
    let late = shard.hears(&owns(heartbeat("m1", first.member_epoch), &[("a", &[0])]));
    assert_eq!(told(&late), Some(vec![('a', vec![0])]), "a heartbeat from before says nothing");
    assert_eq!(told(&shard.hears(&heartbeat("m2", second.member_epoch))), None);
    assert_eq!(told(&shard.hears(&owns(heartbeat("m1", asked.member_epoch), &[("a", &[0])]))), None);
    let given = shard.hears(&heartbeat("m2", second.member_epoch));
    assert_eq!(told(&given), Some(vec![('a', vec![1])]));
    assert!(shard.group().current.values().all(|current| current.phase == Phase::Stable));
}

#[test]
fn who_does_not_give_up_in_time_is_let_go() {
    let mut shard = Shard::new(&[("a", 2)]);
    let first = shard.hears(&join("m1", &["a"]));
    shard.hears(&join("m2", &["a"]));
    let asked = shard.hears(&heartbeat("m1", first.member_epoch));
    shard.waits(Duration::from_secs(29));
    assert_eq!(shard.hears(&heartbeat("m1", asked.member_epoch)).error_code, ErrorCode::NONE);
    shard.waits(Duration::from_secs(2));
    assert_eq!(shard.hears(&heartbeat("m1", asked.member_epoch)).error_code, ErrorCode::UNKNOWN_MEMBER_ID);
}

#[test]
fn who_is_not_heard_of_is_let_go() {
    let mut shard = Shard::new(&[("a", 2)]);
    let first = shard.hears(&join("m1", &["a"]));
    shard.waits(Duration::from_secs(44));
    assert_eq!(shard.hears(&heartbeat("m1", first.member_epoch)).error_code, ErrorCode::NONE);
    shard.waits(Duration::from_secs(44));
    assert_eq!(shard.hears(&heartbeat("m1", first.member_epoch)).error_code, ErrorCode::NONE);
    shard.waits(Duration::from_secs(46));
    assert_eq!(shard.hears(&heartbeat("m1", first.member_epoch)).error_code, ErrorCode::UNKNOWN_MEMBER_ID);
}

#[test]
fn a_restart_finds_the_members_and_lets_go_who_does_not_come() {
    let mut shard = Shard::new(&[("a", 2)]);
    let first = shard.hears(&join("m1", &["a"]));
    let second = shard.hears(&join("m2", &["a"]));
    shard.hears(&heartbeat("m1", first.member_epoch));
    shard.groups = shard.replayed();
    shard.groups.loaded(shard.now);
    assert_eq!(
        shard.groups.next_deadline(),
        Some(shard.now + Duration::from_secs(30)),
        "to give up a partition"
    );
    assert_eq!(told(&shard.hears(&heartbeat("m2", second.member_epoch))), None);
    shard.waits(Duration::from_secs(31));
    let given = shard.hears(&heartbeat("m2", second.member_epoch));
    assert_eq!(told(&given), Some(vec![('a', vec![0, 1])]));
    assert!(shard.groups.contains("g"));
}

#[test]
fn offsets_are_committed_by_who_has_the_partition() {
    let mut shard = Shard::new(&[("a", 2)]);
    let stale = Err(ErrorCode::STALE_MEMBER_EPOCH);
    let first = shard.hears(&join("m1", &["a"])).member_epoch;
    let second = shard.hears(&join("m2", &["a"])).member_epoch;
    let asked = shard.hears(&heartbeat("m1", first)).member_epoch;
    let commit = |shard: &Shard, member: &str, epoch: i32, partition: i32| {
        let places = [(Uuid([b'a'; 16]), partition)];
        shard.groups.check_commit("g", member, epoch, Some(9), places)
    };
    assert_eq!(commit(&shard, "m1", asked, 0), Ok(()));
    assert_eq!(
        commit(&shard, "m1", first, 1),
        Ok(()),
        "what it gives up is its own so long, also by the old epoch"
    );
    assert_eq!(commit(&shard, "m1", asked + 1, 0), stale);
    assert_eq!(commit(&shard, "m2", second - 1, 0), stale, "it has nothing yet");
    assert_eq!(commit(&shard, "nobody", second, 0), Err(ErrorCode::UNKNOWN_MEMBER_ID));
    assert_eq!(
        commit(&shard, "", -1, 0),
        Err(ErrorCode::UNKNOWN_MEMBER_ID),
        "no member, and the group has some"
    );
    let old = shard.groups.check_commit("g", "m1", asked, Some(8), []);
    assert_eq!(old, Err(ErrorCode::UNSUPPORTED_VERSION), "a version that knows no epochs of members");
    assert_eq!(shard.groups.check_commit("g", "m1", asked, None, []), Ok(()), "in a transaction any will do");
    assert_eq!(shard.groups.check_fetch("g", Some("m1"), asked), Ok(()));
    assert_eq!(shard.groups.check_fetch("g", Some("m1"), first), stale);
    assert_eq!(shard.groups.check_fetch("g", None, -1), Ok(()), "nobody says to be a member");
    assert_eq!(shard.groups.check_fetch("g", Some(""), -1), Err(ErrorCode::UNKNOWN_MEMBER_ID));
    assert!(shard.groups.is_subscribed("g", "a") && !shard.groups.is_subscribed("g", "b"));
    shard.hears(&heartbeat("m1", -1));
    shard.hears(&heartbeat("m2", -1));
    assert_eq!(commit(&shard, "", -1, 0), Ok(()), "an empty group takes what an admin says");
}

#[test]
fn a_group_is_shown_as_it_stands() {
    let mut shard = Shard::new(&[("a", 2)]);
    let id = Str::from("g");
    let state = |shard: &Shard| {
        let listed = shard.groups.list().next().unwrap();
        let described = shard.groups.describe(&id, &shard.topics).unwrap();
        assert_eq!(listed.group_state, described.group_state);
        (listed.group_state.to_string(), described)
    };
    let first = shard.hears(&join("m1", &["a"]));
    let (name, described) = state(&shard);
    assert_eq!(name, "Stable");
    assert_eq!((described.group_epoch, described.assignment_epoch), (first.member_epoch, first.member_epoch));
    assert_eq!(described.assignor_name, "uniform");
    let member = &described.members[0];
    assert_eq!(member.assignment, member.target_assignment);
    assert_eq!(member.assignment.topic_partitions[0].topic_name, "a");
    shard.hears(&join("m2", &["a"]));
    let (name, described) = state(&shard);
    assert_eq!(name, "Reconciling");
    assert!(described.members[1].assignment.topic_partitions.is_empty());
    assert_eq!(shard.groups.delete(&id), Err(ErrorCode::NON_EMPTY_GROUP));
    shard.hears(&heartbeat("m1", -1));
    assert_eq!(state(&shard).0, "Assigning");
    shard.hears(&heartbeat("m2", -1));
    assert_eq!(state(&shard).0, "Empty");
    let records = shard.groups.delete(&id).unwrap();
    shard.append(records);
    assert!(!shard.groups.contains("g"));
    assert_eq!(shard.groups.delete(&id), Err(ErrorCode::GROUP_ID_NOT_FOUND));
}

#[test]
fn who_could_not_be_let_go_is_let_go_later() {
    let mut shard = Shard::new(&[("a", 2)]);
    let first = shard.hears(&join("m1", &["a"]));
    shard.now += Duration::from_secs(46);
    assert!(!shard.groups.tick(shard.now).is_empty(), "the log refuses these");
    assert!(shard.groups.tick(shard.now).is_empty());
    shard.waits(Duration::from_secs(2));
    assert_eq!(shard.hears(&heartbeat("m1", first.member_epoch)).error_code, ErrorCode::UNKNOWN_MEMBER_ID);
    assert_eq!(shard.groups.next_deadline(), None);
}

#[test]
fn wrong_epochs_and_ids_are_answered_as_kafka_does() {
    let mut shard = Shard::new(&[("a", 2)]);
    assert_eq!(shard.hears(&heartbeat("m", 1)).error_code, ErrorCode::GROUP_ID_NOT_FOUND);
    assert_eq!(shard.hears(&heartbeat("m", -1)).error_code, ErrorCode::GROUP_ID_NOT_FOUND);
    let joined = shard.hears(&join("m", &["a"]));
    let epoch = joined.member_epoch;
    assert_eq!(shard.hears(&heartbeat("other", epoch)).error_code, ErrorCode::UNKNOWN_MEMBER_ID);
    assert_eq!(shard.hears(&heartbeat("m", epoch + 1)).error_code, ErrorCode::FENCED_MEMBER_EPOCH);
    assert_eq!(shard.hears(&heartbeat("m", epoch - 1)).error_code, ErrorCode::FENCED_MEMBER_EPOCH);
    let mut named = heartbeat("m", epoch);
    named.instance_id = Some(Str::from("i"));
    assert_eq!(shard.hears(&named).error_code, ErrorCode::UNKNOWN_MEMBER_ID);
    let mut pattern = heartbeat("m", epoch);
    pattern.subscribed_topic_regex = Some(Str::from("("));
    assert_eq!(shard.hears(&pattern).error_code, ErrorCode::INVALID_REGULAR_EXPRESSION);
    for member in ["m2", "m3", "m4"] {
        assert_eq!(shard.hears(&join(member, &["a"])).error_code, ErrorCode::NONE);
    }
    assert_eq!(shard.hears(&join("m5", &["a"])).error_code, ErrorCode::GROUP_MAX_SIZE_REACHED);
    assert_eq!(shard.hears(&heartbeat("m", -1)).member_epoch, -1);
    assert_eq!(shard.hears(&heartbeat("m", -1)).error_code, ErrorCode::UNKNOWN_MEMBER_ID);
}

#[test]
fn what_is_wrong_by_itself_is_said_in_kafkas_words() {
    let words = |request: &ConsumerGroupHeartbeatRequest, version| {
        wrong(request, version, &Assignor::ALL).map(|(_, words)| words)
    };
    assert_eq!(wrong(&join("m", &["a"]), 1, &Assignor::ALL), None);
    assert_eq!(wrong(&join("", &["a"]), 0, &Assignor::ALL), None, "the coordinator gives it an id");
    assert_eq!(words(&join("", &["a"]), 1).as_deref(), Some("MemberId can't be empty."));
    assert_eq!(words(&heartbeat("m", -3), 1).as_deref(), Some("MemberEpoch is invalid."));
    assert_eq!(words(&heartbeat("m", -2), 1).as_deref(), Some("InstanceId can't be null."));
    let owning = owns(join("m", &["a"]), &[("a", &[0])]);
    assert_eq!(words(&owning, 1).as_deref(), Some("TopicPartitions must be empty when (re-)joining."));
    let mut assignor = join("m", &["a"]);
    assignor.server_assignor = Some(Str::from("sticky"));
    assert_eq!(
        wrong(&assignor, 1, &Assignor::ALL).map(|(code, _)| code),
        Some(ErrorCode::UNSUPPORTED_ASSIGNOR)
    );
}

#[test]
fn a_static_member_comes_back_to_what_it_had() {
    let mut shard = Shard::new(&[("a", 4)]);
    let named = |mut request: ConsumerGroupHeartbeatRequest| {
        request.instance_id = Some(Str::from("i"));
        request
    };
    let first = shard.hears(&named(join("old", &["a"])));
    let had = told(&first);
    let taken = shard.hears(&named(join("new", &["a"])));
    assert_eq!(taken.error_code, ErrorCode::UNRELEASED_INSTANCE_ID);
    let again = shard.hears(&named(join("old", &["a"])));
    assert_eq!(told(&again), had, "it did not hear that it may come");
    assert_eq!(shard.hears(&named(heartbeat("old", -2))).member_epoch, -2);
    let fenced = shard.hears(&named(heartbeat("old", first.member_epoch)));
    assert_eq!(fenced.error_code, ErrorCode::FENCED_MEMBER_EPOCH, "it has left");
    let back = shard.hears(&named(join("new", &["a"])));
    assert_eq!((told(&back), back.member_epoch), (had, first.member_epoch), "and nobody else notices");
    assert_eq!(shard.hears(&named(heartbeat("old", 1))).error_code, ErrorCode::FENCED_INSTANCE_ID);
    assert_eq!(shard.group().members.len(), 1);
}

#[test]
fn a_heartbeat_of_a_quiet_group_writes_nothing_and_one_after_a_change_finds_it() {
    let mut shard = Shard::new(&[("a", 1)]);
    let joined = shard.hears(&join("m", &["a"]));
    let epoch = joined.member_epoch;
    for _ in 0..3 {
        let written = shard.log.len();
        assert_eq!(told(&shard.hears(&heartbeat("m", epoch))), None);
        assert_eq!(shard.log.len(), written);
    }
    shard.topics.0.insert("a", 2);
    let grown = shard.hears(&heartbeat("m", epoch));
    assert_eq!((told(&grown), grown.member_epoch), (Some(vec![('a', vec![0, 1])]), epoch + 1));
}

#[test]
fn what_an_old_request_was_told_is_told_again_until_it_is_owned() {
    let mut shard = Shard::new(&[("a", 2)]);
    let first = shard.hears(&join("m1", &["a"]));
    let epoch = shard.hears(&join("m2", &["a"])).member_epoch;
    let asked = shard.hears(&heartbeat("m1", first.member_epoch));
    shard.hears(&owns(heartbeat("m1", asked.member_epoch), &[("a", &[0])]));
    // Its first request once more, late; nobody reads the answer.
    assert_eq!(told(&shard.hears(&join("m2", &["a"]))), Some(vec![('a', vec![1])]));
    for _ in 0..2 {
        assert_eq!(told(&shard.hears(&heartbeat("m2", epoch))), Some(vec![('a', vec![1])]));
    }
    assert_eq!(told(&shard.hears(&owns(heartbeat("m2", epoch), &[("a", &[1])]))), None);
    assert_eq!(told(&shard.hears(&heartbeat("m2", epoch))), None);
}

#[test]
fn a_pattern_finds_topics_that_come_later() {
    let mut shard = Shard::new(&[("a", 1), ("b", 1)]);
    let mut request = join("m", &[]);
    request.subscribed_topic_regex = Some(Str::from("a|c.*"));
    let joined = shard.hears(&request);
    assert_eq!(told(&joined), Some(vec![('a', vec![0])]));
    shard.topics.0.insert("cc", 2);
    shard.waits(Duration::from_secs(11));
    let more = shard.hears(&heartbeat("m", joined.member_epoch));
    assert_eq!(told(&more), Some(vec![('a', vec![0]), ('c', vec![0, 1])]));
}

#[test]
fn who_comes_again_gets_nothing_that_it_was_to_give_up() {
    let mut shard = Shard::new(&[("a", 2)]);
    let first = shard.hears(&join("m1", &["a"]));
    let second = shard.hears(&join("m2", &["a"]));
    let asked = shard.hears(&heartbeat("m1", first.member_epoch));
    // Its first request once more, which may be an old one.
    let again = shard.hears(&join("m1", &["a"]));
    assert!(again.member_epoch > asked.member_epoch, "who did not ask does not know the new epoch");
    assert_eq!(told(&shard.hears(&heartbeat("m2", second.member_epoch))), None, "it is not free");
    let old = shard.hears(&heartbeat("m1", asked.member_epoch));
    assert_eq!(old.error_code, ErrorCode::FENCED_MEMBER_EPOCH);
}

#[derive(Clone, Debug)]
enum Step {
    Beat { member: usize, name: Option<usize>, epoch: Epoch, topics: Option<usize>, owned: Option<bool> },
    Wait(u64),
    Grow(usize),
}

#[derive(Clone, Copy, Debug)]
enum Epoch {
    Told,
    Join,
    Leave,
    LeaveForAWhile,
    Wrong(i32),
}

fn any_step() -> impl Strategy<Value = Step> {
    let epoch = prop_oneof![
        10 => Just(Epoch::Told),
        3 => Just(Epoch::Join),
        1 => Just(Epoch::Leave),
        1 => Just(Epoch::LeaveForAWhile),
        1 => (-1..3i32).prop_map(Epoch::Wrong),
    ];
    let name = prop::option::weighted(0.3, 0..2usize);
    let owned = prop::option::of(prop::bool::ANY);
    prop_oneof![
        8 => (0..5usize, name, epoch, prop::option::weighted(0.3, 0..4usize), owned)
            .prop_map(|(member, name, epoch, topics, owned)| Step::Beat { member, name, epoch, topics, owned }),
        2 => (1..30u64).prop_map(Step::Wait),
        1 => (0..2usize).prop_map(Step::Grow),
    ]
}

proptest! {
    #[test]
    fn what_is_replayed_is_what_is(steps in prop::collection::vec(any_step(), 0..60)) {
        let mut shard = Shard::new(&[("a", 2), ("b", 3)]);
        let mut epochs = BTreeMap::<usize, i32>::new();
        let mut last = BTreeMap::<usize, Vec<TopicPartitions>>::new();
        let subscriptions: [&[&str]; 4] = [&["a"], &["b"], &["b", "a"], &["c"]];
        for step in steps {
            match step {
                Step::Wait(seconds) => shard.waits(Duration::from_secs(seconds)),
                Step::Grow(which) => *shard.topics.0.get_mut(["a", "b"][which]).unwrap() += 1,
                Step::Beat { member, name, epoch, topics, owned } => {
                    let known = epochs.get(&member).copied().unwrap_or(0);
                    let epoch = match epoch {
                        Epoch::Told => known,
                        Epoch::Join => 0,
                        Epoch::Leave => -1,
                        Epoch::LeaveForAWhile => -2,
                        Epoch::Wrong(by) => (known + by).max(1),
                    };
                    let id = format!("m{member}");
                    let mut request = if epoch == 0 { join(&id, subscriptions[topics.unwrap_or(0)]) } else {
                        let mut request = heartbeat(&id, epoch);
                        request.subscribed_topic_names = topics.map(|which|
                            subscriptions[which].iter().map(|name| Str::from(*name)).collect());
                        request.topic_partitions = owned.map(|all|
                            last.get(&member).filter(|_| all).cloned().unwrap_or_default());
                        request
                    };
                    request.instance_id = name.map(|name| Str::from(format!("i{name}")));
                    let response = shard.hears(&request);
                    if response.error_code == ErrorCode::NONE && epoch >= 0 {
                        epochs.insert(member, response.member_epoch);
                        if let Some(told) = response.assignment {
                            last.insert(member, told.topic_partitions);
                        }
                    } else {
                        epochs.remove(&member);
                    }
                }
            }
            prop_assert_eq!(&shard.replayed().groups, &shard.groups.groups);
            let Some(group) = shard.groups.groups.get("g") else { continue };
            prop_assert!(group.members.len() <= 4);
            prop_assert!(group.members.keys().eq(group.current.keys()));
            let held: usize = group.current.values().map(|current| current.held().count()).sum();
            prop_assert_eq!(held, group.holders.len(), "no partition is held by two");
            prop_assert!(group.members.values().filter(|member| member.instance.is_some()).count()
                == group.instances.len(), "a name is borne by one");
        }
    }
}

/// Members that come all at once, each with one heartbeat every three seconds.
fn settled_after(count: usize, patience: usize) -> (usize, Duration, usize) {
    let mut shard = Shard::new(&[("a", i32::try_from(count).unwrap())]);
    (shard.size_max, shard.interval) = (usize::MAX, Duration::from_secs(1));
    let ids: Vec<_> = (0..count).map(|number| format!("m{number:04}")).collect();
    let mut epochs = vec![0; count];
    let mut owned: Vec<Vec<TopicPartitions>> = vec![Vec::new(); count];
    let began = Instant::now();
    for round in 0..patience {
        for (member, id) in ids.iter().enumerate() {
            let mut request = if round == 0 { join(id, &["a"]) } else { heartbeat(id, epochs[member]) };
            request.topic_partitions = Some(owned[member].clone());
            let response = shard.hears(&request);
            assert_eq!(response.error_code, ErrorCode::NONE);
            epochs[member] = response.member_epoch;
            if let Some(told) = response.assignment {
                owned[member] = told.topic_partitions;
            }
        }
        shard.waits(Duration::from_secs(3));
        let has_one =
            |owned: &Vec<TopicPartitions>| owned.iter().map(|one| one.partitions.len()).sum::<usize>() == 1;
        if owned.iter().all(has_one) {
            let before = shard.log.len();
            for (id, epoch) in ids.iter().zip(&epochs) {
                shard.hears(&heartbeat(id, *epoch));
            }
            return (round, began.elapsed(), shard.log.len() - before);
        }
    }
    panic!("not settled after {patience} rounds");
}

#[test]
fn a_thousand_members_settle_within_three_heartbeats_and_then_write_nothing() {
    let (rounds, time, written) = settled_after(1_000, 6);
    assert!(rounds <= 3, "{rounds} rounds, {time:?}");
    assert_eq!(written, 0);
}
