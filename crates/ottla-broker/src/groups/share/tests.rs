//! Share groups against their own records, and what members are told.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::share_group_heartbeat::ShareGroupHeartbeatRequest;
use proptest::prelude::*;

use super::*;
use crate::config::BrokerConfig;
use crate::config::group::MemberConfig;
use crate::coordinator::{CoordinatorRecord, Token};
use crate::groups::classic::Caller;
use crate::groups::machine::{Act, Answer};

/// Topics by name, with their partitions.
struct Known(BTreeMap<&'static str, i32>);

impl Topics for Known {
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

fn groups() -> ShareGroups {
    ShareGroups::new(Arc::new(Configs::new(BrokerConfig::new())), None)
}

#[derive(Clone, Debug)]
enum Step {
    Beat { member: usize, joins: bool, leaves: bool, topics: Option<usize> },
    Initialized,
    Wait(u64),
    Grow(usize),
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..4usize, prop::bool::weighted(0.3), prop::bool::weighted(0.15), prop::option::of(0..3usize))
            .prop_map(|(member, joins, leaves, topics)| Step::Beat { member, joins, leaves, topics }),
        3 => Just(Step::Initialized),
        2 => (1..30u64).prop_map(Step::Wait),
        1 => (0..2usize).prop_map(Step::Grow),
    ]
}

proptest! {
    #[test]
    fn what_is_replayed_is_what_is(
        steps in prop::collection::vec(any_step(), 0..50)
    ) {
        let mut known = Known(BTreeMap::from([("a", 2), ("b", 3)]));
        let (mut live, mut log) = (groups(), Vec::new());
        // Looks at all of the group at each heartbeat, and comes to the same.
        let mut thorough = groups();
        let mut epochs = BTreeMap::<usize, i32>::new();
        let mut acts = Vec::new();
        let (mut now, mut now_ms) = (Instant::now(), 0);
        let group = Str::from("g");
        let caller = Caller { client_id: Str::from("c"), client_host: Str::from("/h") };
        let config = MemberConfig {
            session_timeout: Duration::from_secs(45),
            heartbeat_interval: Duration::from_secs(5),
            assignment_interval: Duration::ZERO,
        };
        let subscriptions = [vec!["a"], vec!["b"], vec!["b", "a"]];
        for step in steps {
            let effects = match step {
                Step::Wait(seconds) => {
                    now += Duration::from_secs(seconds);
                    now_ms += i64::try_from(seconds).unwrap() * 1_000;
                    thorough.tick(now);
                    live.tick(now)
                }
                Step::Grow(which) => {
                    *known.0.get_mut(["a", "b"][which]).unwrap() += 1;
                    Vec::new()
                }
                Step::Initialized => match acts.pop() {
                    Some(Act::Share(ShareAct::Initialize { group, topics, .. })) => {
                        let _same = thorough.initialized(&group, &topics);
                        vec![live.initialized(&group, &topics)]
                    }
                    _ => Vec::new(),
                },
                Step::Beat { member, joins, leaves, topics } => {
                    let mut request = ShareGroupHeartbeatRequest::default();
                    request.group_id = group.clone();
                    request.member_id = Str::from(format!("m{member}"));
                    let epoch = epochs.get(&member).copied().filter(|_| !joins).unwrap_or(0);
                    request.member_epoch = if leaves { -1 } else { epoch };
                    let topics = topics.or((epoch == 0).then_some(0));
                    request.subscribed_topic_names =
                        topics.map(|which| subscriptions[which].iter().map(|name| Str::from(*name)).collect());
                    let beat = Heartbeat {
                        now, now_ms, caller: &caller, config, size_max: 3,
                        retry_interval: Duration::from_secs(30), request: &request,
                    };
                    thorough.settled.clear();
                    let all = thorough.heartbeat(Token(0), &beat, &known);
                    let mut effects = live.heartbeat(Token(0), &beat, &known);
                    prop_assert_eq!(format!("{effects:?}"), format!("{all:?}"));
                    let (_, answer) = effects.answers.pop().unwrap();
                    let Answer::ShareHeartbeat(response) = answer else { panic!("another answer") };
                    if response.error_code == ErrorCode::NONE && !leaves {
                        epochs.insert(member, response.member_epoch);
                    } else {
                        epochs.remove(&member);
                    }
                    vec![effects]
                }
            };
            for effects in effects {
                for record in effects.records {
                    let GroupRecord::Share { group, change } = &record else { panic!("another record") };
                    live.replay(group, change);
                    thorough.replay(group, change);
                    log.push(record.encode().unwrap());
                }
                acts.extend(effects.acts);
            }
            let mut replayed = groups();
            for (key, value) in &log {
                let record = GroupRecord::decode(key, value.as_ref()).unwrap().unwrap();
                let GroupRecord::Share { group, change } = record else { panic!("another record") };
                replayed.replay(&group, &change);
            }
            prop_assert_eq!(&replayed.groups, &live.groups);
            let Some(state) = live.groups.get(&group) else { continue };
            prop_assert!(state.members.len() <= 3);
            prop_assert!(state.members.keys().eq(state.current.keys()));
        }
    }
}

#[test]
fn a_member_whose_time_is_over_goes_though_the_log_refuses_it_at_first() {
    let (mut groups, now) = (groups(), Instant::now());
    let (group, member) = (Str::from("g"), Str::from("m"));
    let mut request = ShareGroupHeartbeatRequest::default();
    (request.group_id, request.member_id) = (group.clone(), member.clone());
    request.subscribed_topic_names = Some(vec![Str::from("a")]);
    let beat = |request: &ShareGroupHeartbeatRequest, groups: &mut ShareGroups| {
        let config = MemberConfig {
            session_timeout: Duration::from_secs(45),
            heartbeat_interval: Duration::from_secs(5),
            assignment_interval: Duration::ZERO,
        };
        let caller = Caller { client_id: Str::from("c"), client_host: Str::from("/h") };
        let retry_interval = Duration::from_secs(30);
        let beat =
            Heartbeat { now, now_ms: 0, caller: &caller, config, size_max: 3, retry_interval, request };
        groups.heartbeat(Token(0), &beat, &Known(BTreeMap::from([("a", 2)]))).records
    };
    let take_in = |groups: &mut ShareGroups, records: Vec<GroupRecord>| {
        for record in records {
            let GroupRecord::Share { group, change } = &record else { panic!("another record") };
            groups.replay(group, change);
        }
    };
    let joined = beat(&request, &mut groups);
    take_in(&mut groups, joined);

    request.member_epoch = -1;
    assert!(!beat(&request, &mut groups).is_empty(), "it leaves, and the log refuses that");
    let over = groups.next_deadline().expect("it has to be heard of all the same");
    assert_eq!(over, now + Duration::from_secs(45));
    assert_eq!(groups.tick(over).len(), 1, "which the log refuses too");
    let again = groups.next_deadline().expect("it is tried again");
    let gone = groups.tick(again).pop().expect("it goes");
    take_in(&mut groups, gone.records);
    assert!(groups.groups[&group].members.is_empty());
    assert_eq!(groups.next_deadline(), None);
}

#[test]
fn members_spread_out_and_every_partition_is_given_out() {
    let topic = [7; 16];
    let all = BTreeMap::from([(topic, (0..10).collect::<BTreeSet<i32>>())]);
    let eligible: BTreeMap<_, _> =
        (0..3).map(|member| (Str::from(format!("m{member}")), Arc::new(all.clone()))).collect();
    let first = assignor::assign(&eligible, &BTreeMap::new());
    let given: BTreeSet<i32> = first.values().flat_map(|topics| topics[&topic].iter().copied()).collect();
    assert_eq!(given, (0..10).collect());
    assert!(first.values().all(|topics| topics[&topic].len() >= 3), "{first:?}");
    let mut fewer = eligible;
    fewer.remove("m1");
    let next = assignor::assign(&fewer, &first);
    let given: BTreeSet<i32> = next.values().flat_map(|topics| topics[&topic].iter().copied()).collect();
    assert_eq!(given, (0..10).collect(), "what a member leaves is given to others");
    for (member, topics) in &next {
        assert!(topics[&topic].is_superset(&first[member][&topic]), "and what one has, it keeps");
    }
}
