//! The log of the states of share groups holds what they need, and little more.

use std::time::Duration;

use ottla_protocol::ErrorCode;
use ottla_protocol::messages::describe_log_dirs::DescribeLogDirsRequest;
use ottla_protocol::messages::initialize_share_group_state::{
    self as initializes, InitializeShareGroupStateRequest,
};
use ottla_protocol::messages::list_offsets::{ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic};
use ottla_protocol::messages::read_share_group_state_summary::{
    self as summaries, ReadShareGroupStateSummaryRequest,
};
use ottla_protocol::wire::Uuid;

use crate::harness::{End, Kit, batch, text};
use crate::share_groups::{ACCEPT, Member, kit_with};

pub(crate) const STATES: &str = "__share_group_state";
pub(crate) const EARLIEST: i64 = -2;
const LATEST: i64 = -1;

/// An offset of the one partition of the log of states.
pub(crate) async fn offset(kit: &mut Kit, timestamp: i64) -> i64 {
    let mut partition = ListOffsetsPartition::default();
    partition.timestamp = timestamp;
    let mut topic = ListOffsetsTopic::default();
    topic.name = text(STATES);
    topic.partitions.push(partition);
    let mut request = ListOffsetsRequest::default();
    request.replica_id = -1;
    request.topics.push(topic);
    let response = kit.call(7, &request).await;
    response.topics[0].partitions[0].offset
}

async fn bytes(kit: &mut Kit) -> i64 {
    let request = DescribeLogDirsRequest::default().with_topics(None);
    let response = kit.call(4, &request).await;
    let topics = response.results.iter().flat_map(|folder| &folder.topics);
    topics
        .filter(|topic| topic.name == STATES)
        .flat_map(|topic| &topic.partitions)
        .map(|one| one.partition_size)
        .sum()
}

/// Begins the state of a partition in a group that nobody is in.
async fn begin(kit: &mut Kit, topic: Uuid, start_offset: i64) {
    let mut partition = initializes::PartitionData::default();
    partition.start_offset = start_offset;
    let mut one = initializes::InitializeStateData::default();
    one.topic_id = topic;
    one.partitions.push(partition);
    let mut request = InitializeShareGroupStateRequest::default();
    request.group_id = text("idle");
    request.topics.push(one);
    let response = kit.call(0, &request).await;
    assert_eq!(response.results[0].partitions[0].error_code, ErrorCode::NONE);
}

/// Where that group begins to read.
async fn start(kit: &mut Kit, topic: Uuid) -> i64 {
    let mut one = summaries::ReadStateSummaryData::default();
    one.topic_id = topic;
    one.partitions.push(summaries::PartitionData::default());
    let mut request = ReadShareGroupStateSummaryRequest::default();
    request.group_id = text("idle");
    request.topics.push(one);
    kit.call(0, &request).await.results[0].partitions[0].start_offset
}

#[tokio::test(start_paused = true)]
async fn the_log_of_states_is_bounded_however_much_is_acknowledged() {
    let (mut kit, topic) = kit_with(&[
        ("share.coordinator.state.topic.num.partitions", "1"),
        ("share.coordinator.state.topic.segment.bytes", "16384"),
        ("share.coordinator.snapshot.update.records.per.snapshot", "50"),
        ("share.coordinator.state.topic.prune.interval.ms", "60000"),
        ("share.coordinator.cold.partition.snapshot.interval.ms", "60000"),
        ("group.share.max.session.timeout.ms", "3600000"),
        ("group.share.session.timeout.ms", "3600000"),
        ("log.segment.delete.delay.ms", "1000"),
        ("log.retention.check.interval.ms", "5000"),
    ])
    .await;
    // The state of another partition hardly changes, and would hold up all others.
    let idle = kit.create("u", 1, &[]).await;
    begin(&mut kit, idle, 7).await;
    let mut member = Member::new("m");
    assert_eq!(member.fetch(&mut kit, topic, 100).await, [(0, 9, 1)]);
    assert_eq!(member.say(&mut kit, topic, &[(0, 9, ACCEPT)]).await, ErrorCode::NONE);
    let (mut records_max, mut bytes_max) = (0, 0);
    for at in 10..2_010 {
        assert_eq!(kit.produce("t", 0, batch(&["v"])).await.error_code, ErrorCode::NONE);
        assert_eq!(member.fetch(&mut kit, topic, 100).await, [(at, at, 1)]);
        assert_eq!(member.say(&mut kit, topic, &[(at, at, ACCEPT)]).await, ErrorCode::NONE);
        tokio::time::advance(Duration::from_secs(1)).await;
        kit.clock.advance(1_000);
        if at % 20 == 0 {
            let records = offset(&mut kit, LATEST).await - offset(&mut kit, EARLIEST).await;
            records_max = records.max(records_max);
            bytes_max = bytes(&mut kit).await.max(bytes_max);
        }
    }
    assert!(offset(&mut kit, LATEST).await > 2_000);
    // What is written in two intervals of each kind, and what a snapshot may be behind.
    assert!((100..300).contains(&records_max), "{records_max} records");
    assert!(bytes_max < 80_000, "{bytes_max} bytes");
    let mut kit = kit.reopened(End::Kill).await;
    assert!(offset(&mut kit, EARLIEST).await > 1_700);
    let mut member = Member::new("m");
    assert_eq!(member.fetch(&mut kit, topic, 100).await, []);
    assert_eq!(kit.produce("t", 0, batch(&["v"])).await.error_code, ErrorCode::NONE);
    assert_eq!(member.fetch(&mut kit, topic, 100).await, [(2_010, 2_010, 1)]);
    assert_eq!(start(&mut kit, idle).await, 7);
}
