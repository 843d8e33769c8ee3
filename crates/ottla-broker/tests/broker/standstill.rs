//! A disk that stands still: whoever needs it waits, and everybody else is served.

mod disk;

use std::sync::Arc;
use std::time::Duration;

use ottla_broker::BrokerConfig;
use ottla_env::{Spawn, Task};
use ottla_protocol::messages::metadata::MetadataRequest;
use ottla_protocol::messages::offset_fetch::{OffsetFetchRequest, OffsetFetchRequestTopic};
use ottla_protocol::messages::produce::{ProduceRequest, ProduceResponse};
use ottla_protocol::wire::{Records, Uuid};
use ottla_protocol::{ErrorCode, Request};
use ottla_storage::disk::MemDisk;
use tokio::runtime::Handle;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

use self::disk::Freezer;
use crate::committed_offsets::find;
use crate::fetch::{len, only, request};
use crate::groups::only_member;
use crate::harness::{Kit, batch, create_request, handle, produce_request, response, text, topic};

/// How long anything may take that does not need the disk: it is there at once, but the machine may be busy.
const BOUND: Duration = Duration::from_secs(20);

/// The runtime, with its threads for what blocks.
struct WithThreads;

impl Spawn for WithThreads {
    fn spawn(&self, task: Task) {
        tokio::spawn(task);
    }

    fn has_threads(&self) -> bool {
        true
    }

    fn spawn_aside(&self, task: Task) {
        let runtime = Handle::current();
        tokio::task::spawn_blocking(move || runtime.block_on(task));
    }
}

async fn kit() -> (Kit, Freezer) {
    let config = [
        ("group.initial.rebalance.delay.ms", "0"),
        ("offsets.commit.timeout.ms", "300"),
        ("log.flush.offset.checkpoint.interval.ms", "20"), // chores get stuck as well
    ];
    let (disk, freezer) = (MemDisk::new(7), Freezer::default());
    let through = Arc::new(freezer.over(disk.clone()));
    let config = BrokerConfig::from_pairs(config).unwrap();
    (Kit::open_through(through, disk, config, Arc::new(WithThreads), 1).await.unwrap(), freezer)
}

/// Sends a request on a connection of its own, which is served by a thread of the runtime.
fn send<R>(kit: &Kit, version: i16, request: R) -> JoinHandle<R::Response>
where
    R: Request + Send + Sync + 'static,
    R::Response: Send,
{
    let (broker, mut session) = (kit.broker.clone(), kit.session.clone());
    tokio::spawn(async move {
        let handling = handle(&broker, &mut session, version, &request);
        response::<R>(version, handling.reply().await)
    })
}

/// The response, which has to be there soon.
async fn soon<T>(asked: JoinHandle<T>) -> T {
    timeout(BOUND, asked).await.expect("a thread is free to answer").unwrap()
}

fn produce(name: &str, value: &str, acks: i16, timeout_ms: i32) -> ProduceRequest {
    let mut request = produce_request(name, 0, Some(batch(&[value])), acks);
    request.timeout_ms = timeout_ms;
    request
}

/// Sends requests of which some are stuck with the disk, until no more can be: that is when the first of them is told so.
async fn stick(kit: &Kit, requests: Vec<ProduceRequest>) -> JoinSet<ErrorCode> {
    let mut sent = JoinSet::new();
    for request in requests {
        let asked = send(kit, 9, request);
        sent.spawn(async move { code(&asked.await.unwrap()) });
    }
    let first = timeout(BOUND, sent.join_next()).await.expect("a thread is free to answer");
    assert_eq!(first.unwrap().unwrap(), ErrorCode::REQUEST_TIMED_OUT);
    sent
}

/// What became of those that are left; how many were acknowledged.
async fn end(mut sent: JoinSet<ErrorCode>) -> usize {
    let mut acknowledged = 0;
    while let Some(code) = timeout(BOUND, sent.join_next()).await.unwrap() {
        match code.unwrap() {
            ErrorCode::NONE => acknowledged += 1,
            code => assert_eq!(code, ErrorCode::REQUEST_TIMED_OUT),
        }
    }
    acknowledged
}

/// The values that a partition holds, as far as they begin with this word.
async fn values(kit: &Kit, id: Uuid, word: &str) -> Vec<String> {
    let fetched = soon(send(kit, 18, request(&[(id, 0, 0)]))).await;
    let Some(Records::Bytes(bytes)) = &only(&fetched).records else { panic!("no records") };
    let text = String::from_utf8_lossy(bytes);
    let values = text.match_indices(word).map(|(at, _)| text[at..].chars().take(word.len() + 2).collect());
    values.collect()
}

fn code(response: &ProduceResponse) -> ErrorCode {
    response.responses[0].partition_responses[0].error_code
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_disk_that_stands_still_keeps_nobody_waiting_who_does_not_need_it() {
    let (mut kit, freezer) = kit().await;
    let id = kit.create("t", 1, &[]).await;
    let other = kit.create("other", 1, &[]).await;
    for name in ["t", "other"] {
        assert_eq!(kit.produce(name, 0, batch(&["before"])).await.error_code, ErrorCode::NONE);
    }
    find(&mut kit).await;
    let member = only_member(&mut kit, "g").await;
    let committed = kit.call(8, &member.commit("g", 1)).await;
    assert_eq!(committed.topics[0].partitions[0].error_code, ErrorCode::NONE);

    freezer.freeze();
    // More than the runtime has threads, to the same log, to another, and with every kind of acknowledgement.
    let requests = (0..12).map(|number| {
        let (name, acks) = (["t", "other"][number % 2], [-1, 1][number / 2 % 2]);
        produce(name, "during  ", acks, 400)
    });
    let stuck = stick(&kit, requests.collect()).await;
    let creating = send(&kit, 7, create_request(&[topic("new", 1, &[])]));
    let committing = send(&kit, 8, member.commit("g", 2));
    for _ in 0..20 {
        let metadata = soon(send(&kit, 13, MetadataRequest::default().with_topics(None))).await;
        assert!(metadata.topics.len() >= 2);
        assert_eq!(soon(send(&kit, 4, member.heartbeat("g"))).await.error_code, ErrorCode::NONE);
        let fetched = soon(send(&kit, 18, request(&[(id, 0, 0)]))).await;
        assert!(len(only(&fetched)) > 0, "what is in memory is read");
    }
    // Who waits for its turn is told in time, again and again; nothing of it is appended.
    for _ in 0..3 {
        let answer = soon(send(&kit, 9, produce("t", "late  ", -1, 50))).await;
        assert_eq!(code(&answer), ErrorCode::REQUEST_TIMED_OUT);
    }
    let answer = soon(committing).await;
    assert_eq!(answer.topics[0].partitions[0].error_code, ErrorCode::COORDINATOR_NOT_AVAILABLE);
    let asked = OffsetFetchRequestTopic::default().with_name("t").with_partition_indexes(vec![0]);
    let asked = OffsetFetchRequest::default().with_group_id(text("g")).with_topics(Some(vec![asked]));
    let found = soon(send(&kit, 5, asked)).await;
    assert_eq!(found.topics[0].partitions[0].committed_offset, 1, "what is not safe is not shown");
    assert_eq!(soon(send(&kit, 4, member.heartbeat("g"))).await.error_code, ErrorCode::NONE);

    freezer.thaw();
    let acknowledged = end(stuck).await;
    assert_eq!(soon(creating).await.topics[0].error_code, ErrorCode::NONE);
    let answer = soon(send(&kit, 9, produce("t", "after", -1, 30_000))).await;
    assert_eq!(code(&answer), ErrorCode::NONE);
    let committed = soon(send(&kit, 8, member.commit("g", 3))).await;
    assert_eq!(committed.topics[0].partitions[0].error_code, ErrorCode::NONE);
    assert_eq!(values(&kit, id, "late").await, Vec::<String>::new());
    let during = values(&kit, id, "during").await.len() + values(&kit, other, "during").await.len();
    assert!((acknowledged..=3).contains(&during), "{acknowledged} of {during} were acknowledged");
    kit.broker.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn requests_of_a_connection_are_appended_in_their_order_though_they_had_to_wait() {
    let (mut kit, freezer) = kit().await;
    let id = kit.create("t", 1, &[]).await;
    freezer.freeze();
    // Those that get stuck keep the others from their turns.
    let stuck = stick(&kit, (0..8).map(|_| produce("t", "x", -1, 1)).collect()).await;
    let (broker, mut session) = (kit.broker.clone(), kit.session.clone());
    let connection = tokio::spawn(async move {
        for number in 0..50 {
            let request = produce("t", &format!("in order{number:02}"), 1, 60_000);
            // The next one is handed in when this one may be overlapped, or is answered.
            let handling = handle(&broker, &mut session, 9, &request);
            assert_eq!(code(&response::<ProduceRequest>(9, handling.reply().await)), ErrorCode::NONE);
        }
    });
    let answer = soon(send(&kit, 9, produce("t", "x", -1, 20))).await;
    assert_eq!(code(&answer), ErrorCode::REQUEST_TIMED_OUT);
    freezer.thaw();
    soon(connection).await;
    end(stuck).await;
    let answer = soon(send(&kit, 9, produce("t", "last", -1, 30_000))).await;
    assert_eq!(code(&answer), ErrorCode::NONE);
    let wanted: Vec<_> = (0..50).map(|number| format!("in order{number:02}")).collect();
    assert_eq!(values(&kit, id, "in order").await, wanted);
    kit.broker.close().await.unwrap();
}
