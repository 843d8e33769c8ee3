//! Each key of share groups acts: those of a group when they are set, those of the broker from its start on.

use std::time::Duration;

use ottla_broker::BrokerConfig;
use ottla_protocol::ErrorCode;
use ottla_protocol::wire::Uuid;
use ottla_storage::disk::Call;

use crate::harness::{End, Kit, NOW_MS, batch, batch_at};
use crate::share_groups::{ACCEPT, Member, RELEASE, RENEW, heartbeat, join, kit, kit_with, set};

#[tokio::test(start_paused = true)]
async fn a_group_has_no_more_members_than_it_may() {
    let (mut kit, _) = kit_with(&[("group.share.max.size", "2")]).await;
    assert_eq!(kit.call(1, &heartbeat("n", 0)).await.error_code, ErrorCode::NONE);
    assert_eq!(kit.call(1, &heartbeat("o", 0)).await.error_code, ErrorCode::GROUP_MAX_SIZE_REACHED);
    assert_eq!(kit.call(1, &heartbeat("n", 0)).await.error_code, ErrorCode::NONE, "it is one already");
    assert_eq!(kit.call(1, &heartbeat("m", -1)).await.error_code, ErrorCode::NONE);
    assert_eq!(kit.call(1, &heartbeat("o", 0)).await.error_code, ErrorCode::NONE);
}

#[tokio::test(start_paused = true)]
async fn a_broker_holds_no_more_share_sessions_than_it_may() {
    let (mut kit, topic) = kit_with(&[("group.share.max.share.sessions", "1")]).await;
    assert_eq!(Member::new("m").fetch(&mut kit, topic, 1).await, [(0, 0, 1)]);
    let mut other = Member::new("n");
    // However long the first one is idle, as in Kafka.
    tokio::time::advance(Duration::from_secs(40)).await;
    let refused = kit.call(2, &other.request(topic, 1)).await;
    assert_eq!(refused.error_code, ErrorCode::SHARE_SESSION_LIMIT_REACHED);
    drop(std::mem::replace(&mut kit.session, kit.broker.session("PLAINTEXT")));
    let mut other = Member::new("n");
    assert_eq!(other.fetch(&mut kit, topic, 1).await, [(0, 0, 2)]);
}

#[tokio::test(start_paused = true)]
async fn no_more_records_are_in_flight_than_may_be() {
    let config = [
        ("group.share.partition.max.record.locks", "100"),
        ("group.share.min.partition.max.record.locks", "100"),
    ];
    let (mut kit, topic) = kit_with(&config).await;
    for _ in 0..15 {
        assert_eq!(kit.produce("t", 0, batch(&["v"; 10])).await.error_code, ErrorCode::NONE);
    }
    let mut member = Member::new("m");
    assert_eq!(member.fetch(&mut kit, topic, 500).await, [(0, 99, 1)]);
    assert_eq!(Member::new("n").fetch(&mut kit, topic, 500).await, []);
    assert_eq!(member.say(&mut kit, topic, &[(0, 9, ACCEPT)]).await, ErrorCode::NONE);
    assert_eq!(member.fetch(&mut kit, topic, 500).await, [(100, 109, 1)]);
    // That of the group goes before that of the broker.
    set(&mut kit, "share.partition.max.record.locks", "120").await;
    assert_eq!(member.fetch(&mut kit, topic, 500).await, [(110, 129, 1)]);
}

#[tokio::test(start_paused = true)]
async fn a_record_is_locked_for_as_long_as_is_said() {
    let (mut kit, topic) = kit_with(&[("group.share.record.lock.duration.ms", "20000")]).await;
    let mut member = Member::new("m");
    let told = kit.call(2, &member.request(topic, 100)).await;
    assert_eq!(told.acquisition_lock_timeout_ms, 20_000);
    tokio::time::advance(Duration::from_millis(19_900)).await;
    let mut other = Member::new("n");
    assert_eq!(other.fetch(&mut kit, topic, 100).await, []);
    tokio::time::advance(Duration::from_millis(200)).await;
    set(&mut kit, "share.record.lock.duration.ms", "15000").await;
    let told = kit.call(2, &other.request(topic, 100)).await;
    assert_eq!(
        (told.acquisition_lock_timeout_ms, crate::share_groups::runs(&told)),
        (15_000, vec![(0, 9, 2)])
    );
    tokio::time::advance(Duration::from_millis(15_100)).await;
    assert_eq!(member.fetch(&mut kit, topic, 100).await, [(0, 9, 3)]);
}

#[tokio::test(start_paused = true)]
async fn a_record_is_given_up_after_as_many_deliveries_as_are_said() {
    let (mut kit, topic) = kit_with(&[("group.share.delivery.count.limit", "3")]).await;
    let mut member = Member::new("m");
    // Each is alone on its last delivery.
    for (first, last, delivery) in [(0, 1, 1), (0, 1, 2), (0, 0, 3), (1, 1, 3)] {
        assert_eq!(member.fetch(&mut kit, topic, 2).await, [(first, last, delivery)]);
        assert_eq!(member.say(&mut kit, topic, &[(first, last, RELEASE)]).await, ErrorCode::NONE);
    }
    assert_eq!(member.fetch(&mut kit, topic, 2).await, [(2, 3, 1)]);
    // What was given up stays so over a restart.
    let mut kit = kit.reopened(End::Kill).await;
    assert_eq!(Member::new("n").fetch(&mut kit, topic, 2).await, [(2, 3, 1)]);
}

#[tokio::test(start_paused = true)]
async fn a_lock_is_renewed_only_where_that_is_allowed() {
    let (mut kit, topic) = kit().await;
    let mut member = Member::new("m");
    assert_eq!(member.fetch(&mut kit, topic, 100).await, [(0, 9, 1)]);
    assert_eq!(member.say(&mut kit, topic, &[(0, 1, RENEW)]).await, ErrorCode::NONE);
    set(&mut kit, "share.renew.acknowledge.enable", "false").await;
    assert_eq!(member.say(&mut kit, topic, &[(0, 1, RENEW)]).await, ErrorCode::INVALID_RECORD_STATE);
    assert_eq!(member.say(&mut kit, topic, &[(0, 1, ACCEPT)]).await, ErrorCode::NONE);
}

#[tokio::test(start_paused = true)]
async fn members_are_told_how_often_to_say_that_they_are_there_and_for_how_long_they_are_believed() {
    let (mut kit, _) = kit_with(&[
        ("group.share.heartbeat.interval.ms", "7000"),
        ("group.share.session.timeout.ms", "50000"),
    ])
    .await;
    let joined = kit.call(1, &heartbeat("n", 0)).await;
    assert_eq!(joined.heartbeat_interval_ms, 7_000);
    tokio::time::advance(Duration::from_millis(49_900)).await;
    let again = kit.call(1, &heartbeat("n", joined.member_epoch)).await;
    assert_eq!(again.error_code, ErrorCode::NONE);
    set(&mut kit, "share.heartbeat.interval.ms", "9000").await;
    set(&mut kit, "share.session.timeout.ms", "45000").await;
    let again = kit.call(1, &heartbeat("n", again.member_epoch)).await;
    assert_eq!((again.error_code, again.heartbeat_interval_ms), (ErrorCode::NONE, 9_000));
    tokio::time::advance(Duration::from_millis(45_100)).await;
    let late = kit.call(1, &heartbeat("n", again.member_epoch)).await;
    assert_eq!(late.error_code, ErrorCode::UNKNOWN_MEMBER_ID);
}

/// Records of an hour ago, of ten minutes ago and of now; and what a group is handed that begins so.
async fn begins(reset: &str) -> Vec<(i64, i64, i16)> {
    let mut kit = Kit::new().await;
    let topic: Uuid = kit.create("t", 1, &[]).await;
    for minutes in [60, 10, 0] {
        let records =
            batch_at(NOW_MS - minutes * 60_000, &["v"], ottla_protocol::records::BatchOptions::default());
        assert_eq!(kit.produce("t", 0, records).await.error_code, ErrorCode::NONE);
    }
    set(&mut kit, "share.auto.offset.reset", reset).await;
    join(&mut kit, "m").await;
    let mut member = Member::new("m");
    let mut found = member.fetch(&mut kit, topic, 100).await;
    assert_eq!(kit.produce("t", 0, batch(&["v"])).await.error_code, ErrorCode::NONE);
    found.extend(member.fetch(&mut kit, topic, 100).await);
    found
}

#[tokio::test(start_paused = true)]
async fn a_group_begins_where_it_is_told_to() {
    assert_eq!(begins("earliest").await, [(0, 2, 1), (3, 3, 1)]);
    assert_eq!(begins("latest").await, [(3, 3, 1)]);
    assert_eq!(begins("by_duration:PT30M").await, [(1, 2, 1), (3, 3, 1)]);
}

#[tokio::test(start_paused = true)]
async fn the_log_of_states_is_as_it_is_told_and_is_read_in_pieces() {
    let (mut kit, topic) = kit_with(&[
        ("share.coordinator.state.topic.num.partitions", "3"),
        ("share.coordinator.load.buffer.size", "1"),
    ])
    .await;
    let states = kit.topics().await.into_iter().find(|(name, ..)| name == "__share_group_state");
    assert_eq!(states.map(|(_, _, partitions)| partitions), Some(3));
    let mut member = Member::new("m");
    assert_eq!(member.fetch(&mut kit, topic, 100).await, [(0, 9, 1)]);
    for at in 0..5 {
        assert_eq!(member.say(&mut kit, topic, &[(at, at, ACCEPT)]).await, ErrorCode::NONE);
    }
    let mut kit = kit.reopened(End::Kill).await;
    assert_eq!(Member::new("n").fetch(&mut kit, topic, 100).await, [(5, 9, 1)]);
}

#[tokio::test(start_paused = true)]
async fn an_acknowledgement_waits_for_the_disk_as_long_as_it_is_told_to() {
    let (mut kit, topic) = kit_with(&[("share.coordinator.write.timeout.ms", "300")]).await;
    let mut member = Member::new("m");
    assert_eq!(member.fetch(&mut kit, topic, 100).await, [(0, 9, 1)]);
    kit.disk.hold(Call::Sync);
    let begun = tokio::time::Instant::now();
    assert_eq!(member.say(&mut kit, topic, &[(0, 3, ACCEPT)]).await, ErrorCode::COORDINATOR_NOT_AVAILABLE);
    assert!((300..400).contains(&begun.elapsed().as_millis()));
    kit.disk.release();
}

#[test]
fn what_one_node_cannot_fulfil_is_refused_with_the_reason() {
    for (key, value, why) in [
        ("share.coordinator.append.linger.ms", "5", "written as they come"),
        ("share.coordinator.state.topic.compression.codec", "5", "no codec of this number"),
        ("share.coordinator.state.topic.replication.factor", "2", "one replica"),
        ("share.coordinator.state.topic.min.isr", "3", "one replica"),
        ("group.share.assignors", "org.example.Assignor", "simple"),
        ("group.share.persister.class.name", "org.example.Persister", "Java classes are not loaded"),
    ] {
        let refused = BrokerConfig::from_pairs([(key, value)]).unwrap_err().to_string();
        assert!(refused.contains(key) && refused.contains(why), "{key}: {refused}");
    }
    for linger in ["-1", "0"] {
        assert!(BrokerConfig::from_pairs([("share.coordinator.append.linger.ms", linger)]).is_ok());
    }
}
