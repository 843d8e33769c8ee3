//! The data folder, its room, and what partitions take of it.

use ottla_protocol::ErrorCode;
use ottla_protocol::messages::describe_log_dirs::{
    DescribableLogDirTopic, DescribeLogDirsRequest, DescribeLogDirsResponse,
};

use crate::harness::{Kit, batch, text};

fn request(topics: Option<&[(&str, &[i32])]>) -> DescribeLogDirsRequest {
    let mut request = DescribeLogDirsRequest::default();
    request.topics = topics.map(|topics| {
        let topics = topics.iter().map(|(name, partitions)| {
            let mut topic = DescribableLogDirTopic::default();
            topic.topic = text(name);
            topic.partitions = partitions.to_vec().into();
            topic
        });
        topics.collect()
    });
    request
}

/// A topic, and of each partition its number, size and lag.
type Seen<'a> = (&'a str, Vec<(i32, i64, i64)>);

fn seen(response: &DescribeLogDirsResponse) -> Vec<Seen<'_>> {
    let [result] = &response.results[..] else { panic!("one folder: {response:?}") };
    assert_eq!((response.error_code, result.error_code), (ErrorCode::NONE, ErrorCode::NONE));
    let topics = result.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter();
        (&*topic.name, partitions.map(|p| (p.partition_index, p.partition_size, p.offset_lag)).collect())
    });
    topics.collect()
}

#[tokio::test(start_paused = true)]
async fn partitions_are_told_with_their_sizes_in_every_version() {
    let mut kit = Kit::new().await;
    kit.create("a", 2, &[]).await;
    kit.create("b", 1, &[]).await;
    let records = batch(&["x", "y"]);
    let size = i64::try_from(records.len()).unwrap();
    kit.produce("a", 1, records).await;
    for version in 1..=5 {
        let response = kit.call_now(version, &request(None));
        assert_eq!(
            seen(&response),
            [("a", vec![(0, 0, 0), (1, size, 0)]), ("b", vec![(0, 0, 0)])],
            "v{version}"
        );
        let result = &response.results[0];
        assert_eq!((&*result.log_dir, result.total_bytes, result.is_cordoned), ("memory", -1, false));
    }
}

#[tokio::test(start_paused = true)]
async fn only_what_is_asked_for_and_is_there_is_told_and_that_once() {
    let mut kit = Kit::new().await;
    kit.create("a", 3, &[]).await;
    let asked: &[(&str, &[i32])] = &[("nope", &[0]), ("a", &[2, 2, 9, -1]), ("", &[0]), ("a", &[0])];
    assert_eq!(seen(&kit.call_now(5, &request(Some(asked)))), [("a", vec![(0, 0, 0), (2, 0, 0)])]);
    assert_eq!(seen(&kit.call_now(5, &request(Some(&[])))), []);
    assert_eq!(seen(&kit.call_now(5, &request(Some(&[("a", &[])])))), []);
    assert_eq!(seen(&kit.call_now(5, &request(Some(&[("__ottla_metadata", &[0])])))), []);
}

#[tokio::test(start_paused = true)]
async fn a_disk_that_is_bounded_tells_its_room() {
    let mut kit = Kit::new().await;
    kit.disk.set_capacity(Some(1 << 20));
    kit.create("a", 1, &[]).await;
    let before = kit.call_now(5, &request(None)).results[0].usable_bytes;
    kit.produce("a", 0, batch(&[&"x".repeat(100_000)])).await;
    let after = kit.call_now(5, &request(None));
    assert_eq!(after.results[0].total_bytes, 1 << 20);
    assert!(after.results[0].usable_bytes <= before - 100_000, "{before} {after:?}");
}
