//! Who gets which partition, and when.

use std::time::Duration;

use ottla_client::NodeId;
use ottla_client::scripted::Reply;
use ottla_consumer::assignor::Assignor;
use ottla_consumer::{Consumer, Error, Event, TopicPartition};
use ottla_protocol::api::{ApiKey, ErrorCode};
use ottla_protocol::messages::RequestBody;
use ottla_protocol::messages::join_group::JoinGroupResponse;

use super::world::*;

#[tokio::test(start_paused = true)]
async fn a_member_alone_gets_everything() {
    let cluster = cluster(3, 100);
    let consumer = member(config(&cluster)).await;
    assert_eq!(assigned(&consumer).await, [0, 1, 2]);
    let mut read = numbers(&consumer, 300).await;
    read.sort_unstable();
    let all = (0..3).flat_map(|partition| partition * 1_000..partition * 1_000 + 100);
    assert_eq!(read, all.collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn members_share_and_take_over_from_those_who_leave() {
    for assignor in Assignor::ALL {
        let cluster = cluster(6, 0);
        let config = || config(&cluster).with_assignors([assignor]);
        let one = member(config()).await;
        settle(&cluster, &[&one], 6).await;
        let two = member(config()).await;
        settle(&cluster, &[&one, &two], 6).await;
        let three = member(config()).await;
        settle(&cluster, &[&one, &two, &three], 6).await;
        let counts: Vec<usize> = owned(&[&one, &two, &three]).iter().map(Vec::len).collect();
        assert_eq!(counts, [2, 2, 2], "{assignor}");
        two.close().await;
        settle(&cluster, &[&one, &three], 6).await;
        // Dropping is closing, in the background.
        drop(one);
        settle(&cluster, &[&three], 6).await;
    }
}

#[tokio::test(start_paused = true)]
async fn members_of_different_minds_agree_on_what_all_know() {
    let cluster = cluster(4, 0);
    let one = member(config(&cluster)).await;
    let two = member(config(&cluster).with_assignors([Assignor::Sticky, Assignor::Range])).await;
    settle(&cluster, &[&one, &two], 4).await;
    assert_eq!(owned(&[&one, &two]).iter().map(Vec::len).collect::<Vec<_>>(), [2, 2]);
}

#[tokio::test(start_paused = true)]
async fn whoever_keeps_partitions_is_not_disturbed_where_all_cooperate() {
    let cluster = cluster(4, 100);
    let config = || config(&cluster).with_assignors([Assignor::CooperativeSticky]);
    let one = member(config()).await;
    assert_eq!(assigned(&one).await, [0, 1, 2, 3]);
    one.pause(&at(0)).unwrap();
    let two = member(config()).await;
    let Event::Revoking(revocation) = next_change(&one).await.unwrap() else { panic!("nothing is given up") };
    assert_eq!(revocation.partitions().len(), 2);
    revocation.done().await;
    assert_eq!(indexes(&one.assignment()).len(), 2);
    settle(&cluster, &[&one, &two], 4).await;
    let kept = one.assignment();
    assert!(kept.contains(&at(0)), "{kept:?}");
    // It is still paused.
    fill(&cluster, 0, 100..110);
    assert!(tokio::time::timeout(Duration::from_secs(5), one.next_batch()).await.is_err());
    one.resume(&at(0)).unwrap();
    assert_eq!(next_batch(&one).await.topic_partition(), &at(0));
}

#[tokio::test(start_paused = true)]
async fn events_come_in_order_and_no_batch_of_what_is_given_up_comes_after() {
    let cluster = cluster(2, 1_000);
    let one = member(config(&cluster)).await;
    assert_eq!(assigned(&one).await, [0, 1]);
    let two = member(config(&cluster)).await;
    let revocation = loop {
        match one.next_event().await.unwrap() {
            Event::Batch(_) => pass(Duration::from_millis(100)).await,
            Event::Revoking(revocation) => break revocation,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(indexes(revocation.partitions()), [0, 1]);
    let nothing = tokio::time::timeout(Duration::from_secs(5), one.next_event()).await;
    assert!(nothing.is_err(), "{nothing:?}");
    assert!(two.assignment().is_empty(), "the group waits");
    drop(revocation);
    assert_eq!(assigned(&one).await.len() + assigned(&two).await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_revocation_that_takes_too_long_costs_the_membership() {
    let cluster = cluster(2, 0);
    let config = || config(&cluster).with_max_poll_interval(Duration::from_secs(20));
    let one = member(config()).await;
    assert_eq!(assigned(&one).await, [0, 1]);
    let two = member(config()).await;
    let Event::Revoking(revocation) = next_change(&one).await.unwrap() else { panic!("nothing is given up") };
    let waits = tokio::spawn(async move { assigned(&two).await });
    pass(Duration::from_secs(30)).await;
    assert_eq!(waits.await.unwrap(), [0, 1], "the other takes all");
    let Event::Lost(lost) = next_change(&one).await.unwrap() else { panic!("nothing is lost") };
    assert_eq!(indexes(&lost), [0, 1]);
    // Too late, and harmless.
    revocation.done().await;
}

#[tokio::test(start_paused = true)]
async fn whoever_stays_away_leaves_and_comes_back_with_the_next_call() {
    let cluster = cluster(2, 10);
    let config = || config(&cluster).with_max_poll_interval(Duration::from_secs(30));
    let one = member(config()).await;
    assert_eq!(assigned(&one).await, [0, 1]);
    // Waiting is not staying away.
    assert!(tokio::time::timeout(Duration::from_secs(300), next_change(&one)).await.is_err());
    assert_eq!(cluster.members(GROUP).len(), 1);
    fill(&cluster, 0, 10..20);
    pass(Duration::from_secs(1)).await;
    let batch = next_batch(&one).await;
    pass(Duration::from_secs(29)).await;
    assert_eq!(cluster.members(GROUP).len(), 1);
    pass(Duration::from_secs(5)).await;
    assert!(cluster.members(GROUP).is_empty(), "it has left");
    drop(batch);
    let Event::Lost(lost) = next_change(&one).await.unwrap() else { panic!("nothing is lost") };
    assert_eq!(indexes(&lost), [0, 1]);
    assert_eq!(assigned(&one).await, [0, 1]);
}

#[tokio::test(start_paused = true)]
async fn whoever_works_through_records_is_not_away() {
    let cluster = cluster(1, 1_000);
    let config = config(&cluster).with_max_poll_interval(Duration::from_secs(30));
    let consumer = member(config).await;
    let mut records = consumer.records();
    for _ in 0..100 {
        records.next().await.unwrap().unwrap();
        pass(Duration::from_secs(7)).await;
    }
    assert_eq!(cluster.generation(GROUP), 1);
}

#[tokio::test(start_paused = true)]
async fn a_group_that_forgot_its_members_is_joined_anew() {
    let cluster = cluster(2, 0);
    let consumer = member(config(&cluster)).await;
    assert_eq!(assigned(&consumer).await, [0, 1]);
    cluster.forget_members(GROUP);
    let Event::Lost(lost) = next_change(&consumer).await.unwrap() else { panic!("nothing is lost") };
    assert_eq!(indexes(&lost), [0, 1]);
    assert_eq!(assigned(&consumer).await, [0, 1]);
}

#[tokio::test(start_paused = true)]
async fn out_of_reach_for_a_session_everything_is_lost_and_found_again() {
    let cluster = cluster(2, 0);
    let consumer = member(config(&cluster)).await;
    assert_eq!(assigned(&consumer).await, [0, 1]);
    cluster.script(|_, request| matches!(request, RequestBody::Heartbeat(_)).then_some(Reply::Close));
    let Event::Lost(_) = next_change(&consumer).await.unwrap() else { panic!("nothing is lost") };
    cluster.clear_script();
    assert_eq!(assigned(&consumer).await, [0, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_coordinator_that_moves_disturbs_nobody() {
    let cluster = cluster(2, 0);
    let consumer = member(config(&cluster)).await;
    assert_eq!(assigned(&consumer).await, [0, 1]);
    for node in [1, 2, 1] {
        cluster.move_coordinator(GROUP, NodeId(node));
        assert!(tokio::time::timeout(Duration::from_secs(60), next_change(&consumer)).await.is_err());
        assert_eq!((cluster.generation(GROUP), cluster.members(GROUP).len()), (1, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_static_member_keeps_its_place_over_a_restart() {
    let cluster = cluster(4, 0);
    let named = |name: &str| config(&cluster).with_group_instance_id(name);
    let one = member(named("one")).await;
    let two = member(named("two")).await;
    settle(&cluster, &[&one, &two], 4).await;
    let (before, had) = (cluster.generation(GROUP), two.assignment());
    two.close().await;
    assert_eq!(cluster.members(GROUP).len(), 2, "it has not left");
    let two = member(named("two")).await;
    settle(&cluster, &[&one, &two], 4).await;
    assert_eq!((cluster.generation(GROUP), two.assignment()), (before, had));
    // The leader too.
    let had = one.assignment();
    one.close().await;
    let one = member(named("one")).await;
    settle(&cluster, &[&one, &two], 4).await;
    assert_eq!((cluster.generation(GROUP), one.assignment()), (before, had));
}

#[tokio::test(start_paused = true)]
async fn of_two_with_one_name_the_older_is_fenced() {
    let cluster = cluster(2, 0);
    let older = member(config(&cluster).with_group_instance_id("same")).await;
    assert_eq!(assigned(&older).await, [0, 1]);
    let newer = member(config(&cluster).with_group_instance_id("same")).await;
    assert_eq!(assigned(&newer).await, [0, 1]);
    let Event::Lost(_) = next_change(&older).await.unwrap() else { panic!("nothing is lost") };
    let error = next_change(&older).await.unwrap_err();
    assert!(matches!(error, Error::Group { code: ErrorCode::FENCED_INSTANCE_ID, .. }), "{error}");
    // It does not fight.
    assert!(tokio::time::timeout(Duration::from_secs(60), next_change(&older)).await.is_err());
    assert_eq!(indexes(&newer.assignment()), [0, 1]);
    // Told to, it does.
    older.subscribe(["t"]).await.unwrap();
    assert_eq!(assigned(&older).await, [0, 1]);
}

#[tokio::test(start_paused = true)]
async fn partitions_and_topics_that_come_later_are_assigned() {
    let cluster = cluster(2, 0);
    let mut settings = config(&cluster);
    settings.client = settings.client.with_metadata_max_age(Duration::from_secs(10));
    let one = Consumer::new(settings).await.unwrap();
    one.subscribe(["t", "later"]).await.unwrap();
    assert_eq!(assigned(&one).await, [0, 1]);
    cluster.add_topic("later", 1);
    let Event::Revoking(revocation) = next_change(&one).await.unwrap() else { panic!("no rebalance") };
    drop(revocation);
    let Event::Assigned(partitions) = next_change(&one).await.unwrap() else { panic!("no assignment") };
    assert_eq!(partitions, [TopicPartition::new("later", 0), at(0), at(1)]);
    cluster.add_topic("t", 3);
    let Event::Revoking(revocation) = next_change(&one).await.unwrap() else { panic!("no rebalance") };
    drop(revocation);
    let Event::Assigned(partitions) = next_change(&one).await.unwrap() else { panic!("no assignment") };
    assert_eq!(partitions.len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_pattern_takes_in_what_matches_wholly_and_what_comes_later() {
    let cluster = cluster(1, 0);
    cluster.add_topic("to", 1);
    cluster.add_topic("at", 1);
    let mut settings = config(&cluster).with_assignors([Assignor::CooperativeSticky]);
    settings.client = settings.client.with_metadata_max_age(Duration::from_secs(10));
    let consumer = Consumer::new(settings).await.unwrap();
    assert!(matches!(consumer.subscribe_pattern("t(").await, Err(Error::Pattern { .. })));
    consumer.subscribe_pattern("t.?").await.unwrap();
    let Event::Assigned(partitions) = next_change(&consumer).await.unwrap() else { panic!("no assignment") };
    assert_eq!(partitions, [at(0), TopicPartition::new("to", 0)]);
    cluster.add_topic("tx", 1);
    let Event::Assigned(partitions) = next_change(&consumer).await.unwrap() else { panic!("no assignment") };
    assert_eq!(partitions, [TopicPartition::new("tx", 0)]);
}

#[tokio::test(start_paused = true)]
async fn another_subscription_moves_on_and_none_leaves() {
    let cluster = cluster(2, 10);
    cluster.add_topic("u", 1);
    let consumer = member(config(&cluster)).await;
    assert_eq!(assigned(&consumer).await, [0, 1]);
    consumer.subscribe(["u"]).await.unwrap();
    let Event::Revoking(revocation) = next_change(&consumer).await.unwrap() else { panic!("no rebalance") };
    drop(revocation);
    let Event::Assigned(partitions) = next_change(&consumer).await.unwrap() else { panic!("no assignment") };
    assert_eq!(partitions, [TopicPartition::new("u", 0)]);
    consumer.unsubscribe().await.unwrap();
    pass(Duration::from_secs(1)).await;
    assert!(cluster.members(GROUP).is_empty() && consumer.assignment().is_empty());
    consumer.subscribe(["t"]).await.unwrap();
    assert_eq!(assigned(&consumer).await, [0, 1]);
    // By hand, without the group.
    consumer.assign([at(1)], ottla_consumer::Start::Earliest);
    assert_eq!(numbers_of(&next_batch(&consumer).await)[0], 1_000);
    assert!(cluster.members(GROUP).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_group_that_refuses_is_told_of_once() {
    let cluster = cluster(1, 0);
    cluster.script(|_, request| match request {
        RequestBody::JoinGroup(_) => {
            let mut answer = JoinGroupResponse::default();
            answer.error_code = ErrorCode::GROUP_AUTHORIZATION_FAILED;
            answer.protocol_name = Some("".into());
            Some(Reply::Answer(answer.into()))
        }
        _ => None,
    });
    let consumer = member(config(&cluster)).await;
    let error = next_change(&consumer).await.unwrap_err();
    assert!(matches!(error, Error::Group { code: ErrorCode::GROUP_AUTHORIZATION_FAILED, .. }), "{error}");
    assert!(tokio::time::timeout(Duration::from_secs(60), next_change(&consumer)).await.is_err());
    let joins = || cluster.requests().iter().filter(|(_, api)| *api == ApiKey::JoinGroup).count();
    assert_eq!(joins(), 1);
    cluster.clear_script();
    consumer.subscribe(["t"]).await.unwrap();
    assert_eq!(assigned(&consumer).await, [0]);
}

#[tokio::test(start_paused = true)]
async fn without_a_group_nothing_is_subscribed() {
    let cluster = cluster(1, 0);
    let consumer = Consumer::new(ottla_consumer::Config::with_client(cluster.config())).await.unwrap();
    assert!(matches!(consumer.subscribe(["t"]).await, Err(Error::NoGroup)));
    assert!(matches!(consumer.commit().await, Err(Error::NoGroup)));
    let consumer = member(config(&cluster)).await;
    let other = consumer.clone();
    consumer.close().await;
    assert!(matches!(other.subscribe(["t"]).await, Err(Error::Closed)));
}

#[tokio::test(start_paused = true)]
async fn a_group_at_rest_costs_a_heartbeat_now_and_then() {
    let cluster = cluster(1, 0);
    let consumer = member(config(&cluster)).await;
    assert_eq!(assigned(&consumer).await, [0]);
    let asked = |api: ApiKey| cluster.requests().iter().filter(|(_, asked)| *asked == api).count();
    let before = (asked(ApiKey::Heartbeat), asked(ApiKey::OffsetCommit), asked(ApiKey::Metadata));
    assert!(tokio::time::timeout(Duration::from_secs(30), next_change(&consumer)).await.is_err());
    assert!((9..=11).contains(&(asked(ApiKey::Heartbeat) - before.0)));
    assert!(asked(ApiKey::OffsetCommit) - before.1 <= 1, "there is nothing new to commit");
    assert_eq!(asked(ApiKey::Metadata), before.2);
}
