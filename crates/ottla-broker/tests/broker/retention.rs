//! Old records leave by themselves, by what the topic and the broker say now.

use std::io::IoSlice;
use std::path::Path;
use std::time::Duration;

use ottla_protocol::ErrorCode;
use ottla_protocol::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};
use ottla_protocol::messages::list_offsets::{ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic};
use ottla_protocol::records::BatchOptions;
use ottla_storage::disk::{Disk, OpenMode};
use tokio::time::sleep;

use crate::harness::{End, Kit, NOW_MS, batch, batch_at, text};

const HOUR_MS: i64 = 3_600_000;
const TOPIC: i8 = 2;
const BROKER: i8 = 4;

async fn earliest(kit: &mut Kit, topic: &str) -> i64 {
    let partition = ListOffsetsPartition::default().with_timestamp(-2).with_current_leader_epoch(-1);
    let topic = ListOffsetsTopic::default().with_name(text(topic)).with_partitions(vec![partition]);
    let request = ListOffsetsRequest::default().with_replica_id(-1).with_topics(vec![topic]);
    let one = kit.call(11, &request).await.topics.remove(0).partitions.remove(0);
    assert_eq!(one.error_code, ErrorCode::NONE);
    one.offset
}

async fn alter(kit: &mut Kit, kind: i8, name: &str, key: &str, value: &str) {
    let config = AlterableConfig::default().with_name(text(key)).with_value(Some(text(value)));
    let resource = AlterConfigsResource::default()
        .with_resource_type(kind)
        .with_resource_name(text(name))
        .with_configs(vec![config]);
    let request = IncrementalAlterConfigsRequest::default().with_resources(vec![resource]);
    let response = kit.call(1, &request).await;
    let one = &response.responses[0];
    assert_eq!(one.error_code, ErrorCode::NONE, "{:?}", one.error_message);
}

/// Lets the chores of that much time be done.
async fn pass(kit: &Kit, seconds: u64) {
    kit.clock.advance(i64::try_from(seconds).unwrap() * 1000);
    // Two checks, and a checkpoint or more.
    sleep(Duration::from_secs(seconds.min(600))).await;
}

#[tokio::test(start_paused = true)]
async fn records_leave_when_they_are_as_old_as_the_topic_says() {
    let mut kit = Kit::new().await;
    kit.create("short", 1, &[("retention.ms", "3600000")]).await;
    kit.create("long", 1, &[]).await;
    kit.create("ever", 1, &[("retention.ms", "-1")]).await;
    kit.create("kept", 1, &[("cleanup.policy", "")]).await;
    for topic in ["short", "long", "ever", "kept"] {
        kit.produce(topic, 0, batch(&["x", "y"])).await;
    }
    pass(&kit, 3500).await;
    assert_eq!(earliest(&mut kit, "short").await, 0);
    pass(&kit, 500).await;
    assert_eq!(earliest(&mut kit, "short").await, 2);
    assert_eq!(earliest(&mut kit, "long").await, 0);
    pass(&kit, 7 * 24 * 3600).await;
    assert_eq!(earliest(&mut kit, "long").await, 2);
    assert_eq!(earliest(&mut kit, "ever").await, 0);
    assert_eq!(earliest(&mut kit, "kept").await, 0);
    assert_eq!(kit.produce("short", 0, batch(&["z"])).await.base_offset, 2, "offsets go on");
    let mut kit = kit.reopened(End::Kill).await;
    assert_eq!(earliest(&mut kit, "short").await, 2);
}

#[tokio::test(start_paused = true)]
async fn a_changed_setting_holds_at_once_for_topics_and_for_the_broker() {
    let mut kit =
        Kit::with(&[("log.retention.check.interval.ms", "1000"), ("log.initial.task.delay.ms", "0")]).await;
    for topic in ["a", "b", "c"] {
        kit.create(topic, 1, &[]).await;
        kit.produce(topic, 0, batch_at(NOW_MS - HOUR_MS, &["x"], BatchOptions::default())).await;
    }
    pass(&kit, 2).await;
    assert_eq!(earliest(&mut kit, "a").await, 0);
    alter(&mut kit, TOPIC, "a", "retention.ms", "60000").await;
    pass(&kit, 2).await;
    assert_eq!((earliest(&mut kit, "a").await, earliest(&mut kit, "b").await), (1, 0));
    alter(&mut kit, TOPIC, "b", "retention.bytes", "0").await;
    pass(&kit, 2).await;
    assert_eq!((earliest(&mut kit, "b").await, earliest(&mut kit, "c").await), (1, 0));
    alter(&mut kit, BROKER, "", "log.retention.ms", "60000").await;
    pass(&kit, 2).await;
    assert_eq!(earliest(&mut kit, "c").await, 1);
}

#[tokio::test(start_paused = true)]
async fn files_of_deleted_segments_leave_after_their_delay() {
    let mut kit = Kit::with(&[("log.retention.check.interval.ms", "1000")]).await;
    kit.create("a", 1, &[("retention.ms", "1000"), ("file.delete.delay.ms", "30000")]).await;
    kit.produce("a", 0, batch(&["x"])).await;
    let deleted = |kit: &Kit| kit.disk.image().keys().filter(|name| name.ends_with(".deleted")).count();
    pass(&kit, 40).await;
    assert_eq!(earliest(&mut kit, "a").await, 1);
    assert!(deleted(&kit) > 0);
    pass(&kit, 40).await;
    assert_eq!(deleted(&kit), 0);
}

#[tokio::test(start_paused = true)]
async fn what_belongs_to_no_topic_is_left_alone() {
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[("retention.ms", "1000")]).await;
    kit.produce("a", 0, batch(&["x"])).await;
    // A folder that somebody put there.
    let folder = Path::new("stray-0");
    kit.disk.create_dir(folder).unwrap();
    for (path, bytes) in kit.disk.image() {
        if let Some(file) = path.strip_prefix("a-0/") {
            let open = kit.disk.open(&folder.join(file), OpenMode::Create).unwrap();
            open.write_blocking(&[IoSlice::new(&bytes)], 0).unwrap();
        }
    }
    let before = |kit: &Kit| kit.disk.image().remove("stray-0/00000000000000000000.log");
    let was = before(&kit);
    let kit = kit.reopened(End::Kill).await;
    pass(&kit, 30 * 24 * 3600).await;
    assert_eq!(before(&kit), was);
}

#[tokio::test(start_paused = true)]
async fn records_of_an_os_topic_are_synced_as_flush_ms_and_flush_messages_say() {
    for (key, value, survives) in [
        ("flush.ms", "100", true),
        ("flush.ms", "4000", false),
        ("flush.messages", "2", true),
        ("flush.messages", "3", false),
    ] {
        let mut least = usize::MAX;
        for seed in 0..30 {
            let mut kit = Kit::new().await;
            kit.create("a", 1, &[("durability", "os")]).await;
            alter(&mut kit, TOPIC, "a", key, value).await;
            // Checkpoints, which sync too, come every five seconds.
            for _ in 0..2 {
                kit.produce("a", 0, batch(&["x"])).await;
            }
            pass(&kit, 1).await;
            kit.disk.crash(seed);
            let end = kit.disk.image().get("a-0/00000000000000000000.log").map_or(0, Vec::len);
            least = least.min(end);
        }
        assert_eq!(least > 0, survives, "{key}={value}: {least} bytes");
    }
}
