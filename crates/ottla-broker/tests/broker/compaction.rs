//! Compacted topics, and what the broker itself keeps in compacted logs.

use std::time::Duration;

use bytes::Bytes;
use ottla_protocol::ErrorCode;
use ottla_protocol::messages::describe_configs::{DescribeConfigsRequest, DescribeConfigsResource};
use ottla_protocol::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};
use ottla_protocol::records::{Batch, BatchBuilder, BatchOptions};
use ottla_protocol::wire::{DecodeLimits, Records, Uuid};
use tokio::time::sleep;

use crate::committed_offsets::{commit, committed, kit_with, topic};
use crate::fetch;
use crate::harness::{End, Kit, NOW_MS, text};

/// Segments are closed after a second, and looked at all the time.
const EAGER: [(&str, &str); 5] = [
    ("log.roll.ms", "1000"),
    ("log.initial.task.delay.ms", "0"),
    ("log.retention.check.interval.ms", "500"),
    ("log.cleaner.backoff.ms", "100"),
    ("log.cleaner.min.cleanable.ratio", "0.01"),
];

fn keyed(records: &[(&str, Option<&str>)]) -> Bytes {
    let mut batch = BatchBuilder::new(BatchOptions::default());
    for (key, value) in records {
        batch.try_append(NOW_MS, Some(key.as_bytes()), value.map(str::as_bytes), &[]).unwrap();
    }
    batch.build().unwrap()
}

async fn pass(kit: &Kit, seconds: u64) {
    for _ in 0..2 {
        kit.clock.advance(i64::try_from(seconds).unwrap() * 500);
        sleep(Duration::from_secs(seconds.min(20))).await;
    }
}

/// All records of partition 0: offset, key, value.
async fn all(kit: &mut Kit, id: Uuid) -> Vec<(i64, String, Option<String>)> {
    let mut found = Vec::new();
    let mut from = 0;
    loop {
        let response = kit.call(13, &fetch::request(&[(id, 0, from)])).await;
        let answer = fetch::only(&response);
        assert_eq!(answer.error_code, ErrorCode::NONE);
        let Some(Records::Bytes(mut bytes)) = answer.records.clone() else { return found };
        if bytes.is_empty() {
            return found;
        }
        while let Some(batch) = Batch::split_first(&mut bytes).unwrap() {
            from = batch.header().next_offset();
            for record in &batch.records(&DecodeLimits::DEFAULT).unwrap() {
                let record = record.unwrap();
                let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
                found.push((record.offset, text(record.key.unwrap()), record.value.map(text)));
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn of_each_key_the_last_record_stays_at_its_offset() {
    let mut kit = Kit::with(&EAGER).await;
    let configs = [("cleanup.policy", "compact"), ("delete.retention.ms", "60000")];
    let id = kit.create("c", 1, &configs).await;
    kit.produce("c", 0, keyed(&[("a", Some("1")), ("b", Some("2")), ("a", Some("3")), ("b", None)])).await;
    pass(&kit, 4).await;
    kit.produce("c", 0, keyed(&[("c", Some("4"))])).await;
    pass(&kit, 4).await;
    let with_tombstone =
        [(2, "a".into(), Some("3".into())), (3, "b".into(), None), (4, "c".into(), Some("4".into()))];
    assert_eq!(all(&mut kit, id).await, with_tombstone);
    let mut kit = kit.reopened(End::PowerLoss(3)).await;
    assert_eq!(all(&mut kit, id).await, with_tombstone);
    pass(&kit, 100).await;
    kit.produce("c", 0, keyed(&[("d", Some("5"))])).await;
    pass(&kit, 4).await;
    assert_eq!(all(&mut kit, id).await.iter().map(|record| record.0).collect::<Vec<_>>(), [2, 4, 5]);
}

#[tokio::test(start_paused = true)]
async fn a_topic_is_compacted_from_when_it_is_told_to_be() {
    let mut kit = Kit::with(&EAGER).await;
    let id = kit.create("c", 1, &[]).await;
    for _ in 0..3 {
        kit.produce("c", 0, keyed(&[("a", Some("1"))])).await;
        pass(&kit, 4).await;
    }
    assert_eq!(all(&mut kit, id).await.len(), 3);
    let config =
        AlterableConfig::default().with_name(text("cleanup.policy")).with_value(Some(text("compact,delete")));
    let resource = AlterConfigsResource::default().with_resource_type(2).with_resource_name(text("c"));
    let request =
        IncrementalAlterConfigsRequest::default().with_resources(vec![resource.with_configs(vec![config])]);
    assert_eq!(kit.call(1, &request).await.responses[0].error_code, ErrorCode::NONE);
    pass(&kit, 4).await;
    kit.produce("c", 0, keyed(&[("a", Some("2"))])).await;
    pass(&kit, 4).await;
    kit.produce("c", 0, keyed(&[("z", Some("3"))])).await;
    pass(&kit, 4).await;
    let offsets: Vec<i64> = all(&mut kit, id).await.iter().map(|record| record.0).collect();
    assert_eq!(offsets, [3, 4]);
}

#[tokio::test(start_paused = true)]
async fn a_record_without_a_key_is_refused_by_a_compacted_topic() {
    let mut kit = Kit::new().await;
    kit.create("c", 1, &[("cleanup.policy", "compact")]).await;
    let answer = kit.produce("c", 0, crate::harness::batch(&["x"])).await;
    assert_eq!(answer.error_code, ErrorCode::INVALID_RECORD);
    let errors: Vec<_> = answer.record_errors.iter().map(|error| error.batch_index).collect();
    assert_eq!(errors, [0]);
    let words = answer.record_errors[0].batch_index_error_message.clone();
    assert_eq!(
        words.as_deref(),
        Some("Compacted topic cannot accept message without key in topic partition c-0.")
    );
    assert_eq!(kit.produce("c", 0, keyed(&[("a", Some("1"))])).await.base_offset, 0);
}

#[tokio::test(start_paused = true)]
async fn committed_offsets_survive_the_compaction_of_their_topic() {
    let mut config = EAGER.to_vec();
    config.push(("offsets.topic.num.partitions", "1"));
    let mut kit = kit_with(&config).await;
    let size = |kit: &Kit| {
        let image = kit.disk.image();
        let logs = image
            .iter()
            .filter(|(name, _)| name.starts_with("__consumer_offsets-0/") && name.ends_with(".log"));
        logs.map(|(_, bytes)| bytes.len()).sum::<usize>()
    };
    for round in 0..40 {
        for group in ["g", "h"] {
            let request = commit(group, vec![topic("t", &[(0, round), (1, 2 * round), (2, 7)])]);
            kit.call(8, &request).await;
        }
        if round % 8 == 7 {
            pass(&kit, 4).await;
        }
    }
    let expected = vec![("t".to_owned(), 0, 39), ("t".to_owned(), 1, 78), ("t".to_owned(), 2, 7)];
    pass(&kit, 4).await;
    assert!(size(&kit) < 6000, "{} bytes", size(&kit));
    for end in [End::Kill, End::PowerLoss(5), End::Close] {
        for group in ["g", "h"] {
            assert_eq!(committed(&mut kit, group).await, expected);
        }
        kit = kit.reopened(end).await;
        pass(&kit, 4).await;
    }
    assert_eq!(committed(&mut kit, "g").await, expected);
}

#[tokio::test(start_paused = true)]
async fn metadata_is_what_it_was_after_its_log_was_compacted() {
    let mut kit = Kit::with(&EAGER).await;
    kit.create("kept", 3, &[]).await;
    let bytes_before = |kit: &Kit| {
        let image = kit.disk.image();
        let logs = image
            .iter()
            .filter(|(name, _)| name.starts_with("__ottla_metadata-0/") && name.ends_with(".log"));
        logs.map(|(_, bytes)| bytes.len()).sum::<usize>()
    };
    for round in 0..60 {
        let value = format!("{}", 1000 + round);
        let config =
            AlterableConfig::default().with_name(text("max.message.bytes")).with_value(Some(text(&value)));
        let resource = AlterConfigsResource::default().with_resource_type(2).with_resource_name(text("kept"));
        let request = IncrementalAlterConfigsRequest::default()
            .with_resources(vec![resource.with_configs(vec![config])]);
        assert_eq!(kit.call(1, &request).await.responses[0].error_code, ErrorCode::NONE);
        if round % 20 == 5 {
            kit.create(&format!("gone{round}"), 1, &[]).await;
            crate::committed_offsets::delete_topic(&mut kit, &format!("gone{round}")).await;
        }
    }
    let (topics, before) = (kit.topics().await, bytes_before(&kit));
    for _ in 0..3 {
        pass(&kit, 3700).await;
    }
    assert!(bytes_before(&kit) < before / 3, "{} of {before} bytes", bytes_before(&kit));
    for end in [End::Kill, End::PowerLoss(5), End::Close] {
        kit = kit.reopened(end).await;
        assert_eq!(kit.topics().await, topics);
        let resource =
            DescribeConfigsResource::default().with_resource_type(2).with_resource_name(text("kept"));
        let request = DescribeConfigsRequest::default().with_resources(vec![resource]);
        let described = kit.call(4, &request).await;
        let value =
            described.results[0].configs.iter().find(|config| config.name.as_str() == "max.message.bytes");
        assert_eq!(value.unwrap().value.as_deref(), Some("1059"));
    }
}
