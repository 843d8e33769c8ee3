//! Consumers in groups whose coordinator assigns (KIP-848), from the server to their users' hands.

use std::collections::BTreeSet;
use std::time::Duration;

use ottla::Server;
use ottla::broker::BrokerConfig;
use ottla::client::{CommittedOffset, NewTopic, Offset, TopicPartition};
use ottla::consumer::{Config, Consumer, Error, Event, GroupProtocol, OffsetReset};
use ottla::env::Rng;
use ottla::producer::{self, Producer, Record};
use ottla::protocol::{ApiKey, ErrorCode};
use ottla::transport::Way;

use crate::support::{client, config};

const TOPIC: &str = "jobs";
const PARTITIONS: i32 = 6;
const GROUP: &str = "workers";

async fn with_topic() -> Server {
    let settings = [
        ("group.consumer.min.session.timeout.ms", "1000"),
        ("group.consumer.session.timeout.ms", "10000"),
        ("group.consumer.min.heartbeat.interval.ms", "100"),
        ("group.consumer.heartbeat.interval.ms", "500"),
        // By the clock on the wall, which stands still here.
        ("group.consumer.min.assignment.interval.ms", "0"),
        ("group.consumer.assignment.interval.ms", "0"),
    ];
    let settings = BrokerConfig::from_pairs(settings).unwrap();
    let server = Server::builder().config(settings).in_memory().start().await.unwrap();
    let topic = NewTopic::new(TOPIC).with_partitions(PARTITIONS);
    client(&server).await.admin().create_topic(topic).await.unwrap();
    server
}

fn settings(server: &Server) -> Config {
    Config::with_client(config(server))
        .with_group_id(GROUP)
        .with_group_protocol(GroupProtocol::Consumer)
        .with_auto_offset_reset(OffsetReset::Earliest)
        .without_auto_commit()
}

async fn member(settings: Config) -> Consumer {
    let consumer = Consumer::new(settings).await.unwrap();
    consumer.subscribe([TOPIC]).await.unwrap();
    consumer
}

async fn fill(server: &Server, numbers: std::ops::Range<i32>) {
    let producer = Producer::new(producer::Config::with_client(config(server))).await.unwrap();
    for number in numbers {
        let value = number.to_string();
        let record = Record::new(TOPIC).with_partition(number % PARTITIONS).with_value(&value);
        producer.enqueue(record).await.unwrap().await.unwrap();
    }
    producer.close().await;
}

async fn pass(time: Duration) {
    let _ = tokio::time::timeout(time, std::future::pending::<()>()).await;
}

fn indexes<'a>(partitions: impl IntoIterator<Item = &'a TopicPartition>) -> Vec<i32> {
    let mut indexes: Vec<i32> = partitions.into_iter().map(|partition| partition.partition).collect();
    indexes.sort_unstable();
    indexes
}

/// The next event that is no batch.
async fn next_change(consumer: &Consumer) -> Result<Event, Error> {
    let next = async {
        loop {
            match consumer.next_event().await {
                Ok(Event::Batch(_)) => {}
                other => return other,
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(600), next).await.expect("in time")
}

/// Lets all work side by side until each partition is owned once, and this stays so for a while.
async fn settle(consumers: &[&Consumer]) {
    let mut calm = 0;
    for _ in 0..2_000 {
        for consumer in consumers {
            while let Some(next) = consumer.try_next_event() {
                next.unwrap();
            }
        }
        pass(Duration::from_millis(100)).await;
        let all: Vec<i32> = consumers.iter().flat_map(|one| indexes(&one.assignment())).collect();
        let once: BTreeSet<i32> = all.iter().copied().collect();
        let is_whole = all.len() == once.len() && once == (0..PARTITIONS).collect();
        let is_even = consumers.iter().all(|one| one.assignment().len() >= 6 / consumers.len());
        calm = if is_whole && is_even { calm + 1 } else { 0 };
        if calm == 30 {
            return;
        }
    }
    let owned: Vec<_> = consumers.iter().map(|one| indexes(&one.assignment())).collect();
    panic!("not settled: {owned:?}");
}

#[tokio::test(start_paused = true)]
async fn members_share_and_take_over_from_who_leaves() {
    let server = with_topic().await;
    let one = member(settings(&server)).await;
    settle(&[&one]).await;
    let two = member(settings(&server)).await;
    let three = member(settings(&server)).await;
    settle(&[&one, &two, &three]).await;
    two.close().await;
    settle(&[&one, &three]).await;
    let described = client(&server).await.admin().describe_groups([GROUP]).await;
    let group = described[GROUP].as_ref().unwrap();
    assert_eq!((group.members.len(), group.state.to_string().as_str()), (2, "Stable"));
    server.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_is_given_up_can_be_committed_first_and_the_next_one_goes_on_behind_it() {
    let server = with_topic().await;
    fill(&server, 0..60).await;
    let one = member(settings(&server)).await;
    let mut seen = BTreeSet::new();
    while seen.len() < 60 {
        let batch = one.next_batch().await.unwrap();
        seen.extend((&batch).into_iter().map(|record| record.unwrap().value.unwrap().to_vec()));
    }
    let two = member(settings(&server)).await;
    let revocation = match next_change(&one).await.unwrap() {
        Event::Revoking(revocation) => revocation,
        other => panic!("{other:?}"),
    };
    let given_up = indexes(revocation.partitions());
    assert_eq!(given_up.len(), 3);
    one.commit().await.unwrap();
    revocation.done().await;
    let got = match next_change(&two).await.unwrap() {
        Event::Assigned(partitions) if partitions.is_empty() => match next_change(&two).await.unwrap() {
            Event::Assigned(partitions) => partitions,
            other => panic!("{other:?}"),
        },
        Event::Assigned(partitions) => partitions,
        other => panic!("{other:?}"),
    };
    assert_eq!(indexes(&got), given_up);
    let more = tokio::time::timeout(Duration::from_secs(5), two.next_batch()).await;
    assert!(more.is_err(), "it was worked on before: {more:?}");
    fill(&server, 60..66).await;
    let again = two.next_batch().await.unwrap();
    assert!(given_up.contains(&again.partition()) && again.first_offset().0 == 10, "{again:?}");
    server.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn out_of_reach_for_a_session_everything_is_lost_and_what_was_read_is_not_committed() {
    let server = with_topic().await;
    fill(&server, 0..6).await;
    let long = Duration::from_secs(10);
    let one = member(settings(&server).with_session(long, long / 10)).await;
    settle(&[&one]).await;
    let before = one.group_metadata().unwrap();
    assert!(before.generation > 0 && !before.member_id.is_empty(), "{before:?}");
    let at = [(TopicPartition::new(TOPIC, 0), CommittedOffset::new(Offset(1)))];
    server.faults().partition(Way::Both);
    pass(2 * long).await;
    let refused = one.commit_offsets(at).await.unwrap_err();
    assert!(matches!(refused, Error::NotCommitted { code: ErrorCode::UNKNOWN_MEMBER_ID, .. }), "{refused}");
    let Event::Lost(lost) = next_change(&one).await.unwrap() else { panic!("nothing is lost") };
    assert_eq!(indexes(&lost), (0..PARTITIONS).collect::<Vec<_>>());
    server.faults().end_partition();
    settle(&[&one]).await;
    let after = one.group_metadata().unwrap();
    assert_ne!(after.member_id, before.member_id, "what was sent before, and late, is not its own any more");
    assert!(one.committed([TopicPartition::new(TOPIC, 0)]).await.unwrap().is_empty());
    server.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_static_member_has_its_partitions_back_after_a_restart() {
    let server = with_topic().await;
    let named = |name: &str| settings(&server).with_group_instance_id(name);
    let (one, two) = (member(named("one")).await, member(named("two")).await);
    settle(&[&one, &two]).await;
    let (before, kept) = (indexes(&two.assignment()), indexes(&one.assignment()));
    two.close().await;
    pass(Duration::from_secs(3)).await;
    assert_eq!(indexes(&one.assignment()), kept, "nobody takes its place so soon");
    let two = member(named("two")).await;
    settle(&[&one, &two]).await;
    assert_eq!(indexes(&two.assignment()), before);
    let third = member(named("two")).await;
    let refused = next_change(&third).await.unwrap_err();
    assert!(matches!(refused, Error::Group { code: ErrorCode::UNRELEASED_INSTANCE_ID, .. }), "{refused}");
    server.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_assignor_that_the_coordinator_does_not_know_is_told_once() {
    let server = with_topic().await;
    let mut unknown = settings(&server);
    unknown.group_remote_assignor = Some("mine".to_owned());
    let one = member(unknown).await;
    let refused = next_change(&one).await.unwrap_err();
    assert!(matches!(refused, Error::Group { code: ErrorCode::UNSUPPORTED_ASSIGNOR, .. }), "{refused}");
    let mut range = settings(&server);
    range.group_remote_assignor = Some("range".to_owned());
    let one = member(range).await;
    settle(&[&one]).await;
    server.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn members_that_come_and_go_while_answers_are_lost_work_on_everything_and_own_it_once() {
    let server = with_topic().await;
    fill(&server, 0..60).await;
    for seed in 0..20 {
        let mut rng = Rng::new(seed);
        println!("seed {seed}");
        let mut members = vec![member(settings(&server)).await];
        for _ in 0..12 {
            match rng.below(3) {
                0 if members.len() < 4 => members.push(member(settings(&server)).await),
                1 if members.len() > 1 => {
                    let any = usize::try_from(rng.below(members.len() as u64)).unwrap();
                    members.swap_remove(any).close().await;
                }
                _ => server.faults().lose_answers(ApiKey::ConsumerGroupHeartbeat, 1),
            }
            for _ in 0..rng.below(20) {
                for one in &members {
                    while let Some(next) = one.try_next_event() {
                        next.unwrap();
                    }
                }
                pass(Duration::from_millis(100)).await;
            }
        }
        settle(&members.iter().collect::<Vec<_>>()).await;
        for one in members {
            one.close().await;
        }
    }
    server.shutdown().await.unwrap();
}
