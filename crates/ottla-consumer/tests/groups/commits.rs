//! What is committed, when, and what the next owner of a partition reads.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ottla_client::scripted::{Reply, ScriptedCluster};
use ottla_client::{Client, Lane, NodeId};
use ottla_consumer::assignor::Assignor;
use ottla_consumer::{CommittedOffset, Config, Consumer, Error, Event, Offset, OffsetReset, Start};
use ottla_protocol::api::{ApiKey, ErrorCode};
use ottla_protocol::messages::RequestBody;
use ottla_protocol::messages::offset_commit::{
    OffsetCommitResponse, OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};

use super::world::*;

/// A member that commits only by hand.
fn by_hand(cluster: &ScriptedCluster) -> Config {
    config(cluster).without_auto_commit()
}

fn committed(cluster: &ScriptedCluster) -> Option<i64> {
    cluster.committed(GROUP, "t", 0)
}

#[tokio::test(start_paused = true)]
async fn what_is_finished_is_committed_by_itself_and_no_more() {
    let cluster = cluster(1, 100);
    let consumer = member(config(&cluster)).await;
    let first = next_batch(&consumer).await;
    let second = next_batch(&consumer).await;
    pass(Duration::from_secs(11)).await;
    assert_eq!(committed(&cluster), Some(0), "both batches are still being worked on");
    drop(second);
    pass(Duration::from_secs(6)).await;
    assert_eq!(committed(&cluster), Some(0), "the first is not done with");
    let clone = first.clone();
    drop(first);
    pass(Duration::from_secs(6)).await;
    assert_eq!(committed(&cluster), Some(0));
    drop(clone);
    pass(Duration::from_secs(6)).await;
    assert_eq!(committed(&cluster), Some(20));
}

/// Has each commit take a moment, in which a user who works on goes further.
fn slow_commits(cluster: &ScriptedCluster) {
    cluster.script(|_, request| match request {
        RequestBody::OffsetCommit(_) => Some(Reply::Delay(Duration::from_millis(5))),
        _ => None,
    });
}

/// Works on one record after the other, one each millisecond.
async fn work_on(consumer: &Consumer) {
    let mut records = consumer.records();
    loop {
        records.next().await.expect("not closed").expect("no error");
        pass(Duration::from_millis(1)).await;
    }
}

fn count_of_commits(cluster: &ScriptedCluster) -> usize {
    cluster.requests().iter().filter(|(_, api)| *api == ApiKey::OffsetCommit).count()
}

/// One commit that went on for as long as there was more to commit made 1,800 requests of it.
#[tokio::test(start_paused = true)]
async fn who_works_on_commits_once_an_interval() {
    let cluster = cluster(1, 20_000);
    slow_commits(&cluster);
    let consumer = member(config(&cluster).with_auto_commit(Duration::from_secs(1))).await;
    let _ = tokio::time::timeout(Duration::from_secs(10), work_on(&consumer)).await;
    let commits = count_of_commits(&cluster);
    assert!((8..=10).contains(&commits), "{commits} commits in ten seconds");
    assert!(committed(&cluster) > Some(8_000), "{:?}", committed(&cluster));
}

#[tokio::test(start_paused = true)]
async fn a_commit_is_done_though_others_work_on() {
    let cluster = cluster(1, 20_000);
    slow_commits(&cluster);
    let consumer = member(by_hand(&cluster)).await;
    let _ = tokio::time::timeout(Duration::from_secs(1), work_on(&consumer)).await;
    let done = tokio::select! {
        done = consumer.commit_finished() => done.unwrap(),
        () = work_on(&consumer) => unreachable!("there is more"),
    };
    assert_eq!((Some(done[&at(0)].offset.0), count_of_commits(&cluster)), (committed(&cluster), 1));
}

#[tokio::test(start_paused = true)]
async fn commits_go_on_soon_after_each_of_many_failures() {
    let cluster = cluster(1, 20_000);
    let fails = Arc::new(AtomicBool::new(false));
    cluster.script({
        let fails = Arc::clone(&fails);
        move |_, request| match request {
            RequestBody::OffsetCommit(_) if fails.swap(false, Ordering::Relaxed) => Some(Reply::Close),
            RequestBody::OffsetCommit(_) => Some(Reply::Delay(Duration::from_millis(5))),
            _ => None,
        }
    });
    let consumer = member(config(&cluster).with_auto_commit(Duration::from_millis(20))).await;
    for life in 0..20 {
        let before = committed(&cluster);
        fails.store(true, Ordering::Relaxed);
        // Longer than the first wait after a failure, and shorter than the fourth.
        let _ = tokio::time::timeout(Duration::from_millis(500), work_on(&consumer)).await;
        assert!(committed(&cluster) > before, "life {life}: still at {before:?}");
    }
}

/// A broker that hung served a commit, whose connection was closed long before, behind the one that was sent for it on another.
#[tokio::test(start_paused = true)]
async fn a_late_commit_that_came_over_a_newer_one_is_made_good() {
    let cluster = cluster(1, 20);
    let late = Arc::new(Mutex::new(None));
    cluster.script({
        let late = Arc::clone(&late);
        move |node, request| match request {
            RequestBody::OffsetCommit(request) if late.lock().unwrap().is_none() => {
                *late.lock().unwrap() = Some((node, request.clone()));
                Some(Reply::Ignore)
            }
            _ => None,
        }
    });
    let consumer = member(config(&cluster).with_auto_commit(Duration::from_secs(1))).await;
    drop(next_batch(&consumer).await);
    pass(Duration::from_secs(2)).await;
    drop(next_batch(&consumer).await);
    pass(Duration::from_secs(60)).await;
    assert_eq!(committed(&cluster), Some(20));
    let (node, request) = late.lock().unwrap().take().expect("it was sent");
    assert_eq!(request.topics[0].partitions[0].committed_offset, 10);
    cluster.clear_script();
    let old = Client::connect(cluster.config()).await.unwrap();
    old.connection(node, Lane::Calls).await.unwrap().call_version(&request, 9).await.unwrap();
    assert_eq!(committed(&cluster), Some(10));
    pass(Duration::from_secs(2)).await;
    assert_eq!(committed(&cluster), Some(20));
}

/// Nothing is said twice where every commit was answered.
#[tokio::test(start_paused = true)]
async fn who_has_nothing_new_commits_nothing() {
    let cluster = cluster(1, 20);
    let consumer = member(config(&cluster).with_auto_commit(Duration::from_secs(1))).await;
    drop(next_batch(&consumer).await);
    drop(next_batch(&consumer).await);
    pass(Duration::from_secs(60)).await;
    assert_eq!((committed(&cluster), count_of_commits(&cluster)), (Some(20), 1));
}

#[tokio::test(start_paused = true)]
async fn a_partition_that_cannot_be_committed_does_not_hold_up_the_others() {
    let cluster = cluster(2, 20_000);
    let told = Arc::new(Mutex::new(0));
    cluster.script({
        let told = Arc::clone(&told);
        move |_, request| {
            let RequestBody::OffsetCommit(request) = request else { return None };
            let mut topic = OffsetCommitResponseTopic::default();
            topic.name = request.topics[0].name.clone();
            for partition in &request.topics[0].partitions {
                let mut answer = OffsetCommitResponsePartition::default();
                answer.partition_index = partition.partition_index;
                if partition.partition_index == 1 {
                    answer.error_code = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
                } else {
                    *told.lock().unwrap() = partition.committed_offset;
                }
                topic.partitions.push(answer);
            }
            let mut response = OffsetCommitResponse::default();
            response.topics.push(topic);
            Some(Reply::Answer(response.into()))
        }
    });
    let consumer = member(config(&cluster).with_auto_commit(Duration::from_millis(100))).await;
    for second in 0..5 {
        let before = *told.lock().unwrap();
        let _ = tokio::time::timeout(Duration::from_secs(2), work_on(&consumer)).await;
        assert!(*told.lock().unwrap() > before, "second {second}: still at {before}");
    }
}

#[tokio::test(start_paused = true)]
async fn closing_commits_what_is_finished() {
    let cluster = cluster(1, 100);
    let consumer = member(config(&cluster)).await;
    drop(next_batch(&consumer).await);
    let held = next_batch(&consumer).await;
    consumer.close().await;
    assert_eq!(committed(&cluster), Some(10));
    drop(held);
    assert_eq!(committed(&cluster), Some(10));
    // The next one goes on there.
    let next = member(config(&cluster)).await;
    assert_eq!(next_batch(&next).await.first_offset(), Offset(10));
}

#[tokio::test(start_paused = true)]
async fn dropping_commits_what_is_finished() {
    let cluster = cluster(1, 100);
    let consumer = member(config(&cluster)).await;
    drop(next_batch(&consumer).await);
    drop(consumer);
    pass(Duration::from_secs(1)).await;
    assert_eq!((committed(&cluster), cluster.members(GROUP).len()), (Some(10), 0));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_committed_unasked_without_auto_commit() {
    let cluster = cluster(1, 100);
    let consumer = member(by_hand(&cluster)).await;
    drop(next_batch(&consumer).await);
    pass(Duration::from_secs(30)).await;
    consumer.close().await;
    assert_eq!(committed(&cluster), None);
}

#[tokio::test(start_paused = true)]
async fn a_record_of_a_stream_is_finished_when_the_next_is_asked_for() {
    let cluster = cluster(1, 100);
    let consumer = member(config(&cluster)).await;
    let mut records = consumer.records();
    for _ in 0..15 {
        records.next().await.unwrap().unwrap();
    }
    pass(Duration::from_secs(6)).await;
    assert_eq!(committed(&cluster), Some(14));
    // By hand the last one counts too.
    consumer.commit().await.unwrap();
    assert_eq!(committed(&cluster), Some(15));
    // What is left of the batch is not lost with the stream, and not committed with it.
    drop(records);
    assert_eq!(consumer.position(&at(0)), Some(Offset(15)));
    pass(Duration::from_secs(6)).await;
    assert_eq!(committed(&cluster), Some(15));
    assert_eq!(numbers(&consumer, 85).await, Vec::from_iter(15..100));
}

#[tokio::test(start_paused = true)]
async fn a_commit_by_hand_takes_all_that_was_handed_out() {
    let cluster = cluster(1, 100);
    let consumer = member(by_hand(&cluster)).await;
    let held = next_batch(&consumer).await;
    assert_eq!(consumer.commit_finished().await.unwrap()[&at(0)].offset, Offset(0));
    let offsets = consumer.commit().await.unwrap();
    assert_eq!(offsets[&at(0)], CommittedOffset::new(Offset(10)).with_leader_epoch(1));
    assert_eq!(committed(&cluster), Some(10));
    drop(held);
    assert!(consumer.commit_finished().await.unwrap().is_empty(), "that is committed already");
}

#[tokio::test(start_paused = true)]
async fn offsets_are_committed_and_asked_for_one_by_one() {
    let cluster = cluster(2, 100);
    let consumer = member(by_hand(&cluster)).await;
    assigned(&consumer).await;
    let offset = CommittedOffset::new(Offset(7)).with_metadata("noted");
    consumer.commit_offsets([(at(1), offset.clone())]).await.unwrap();
    let known = consumer.committed([at(0), at(1)]).await.unwrap();
    assert_eq!(known, BTreeMap::from([(at(1), offset)]));
}

#[tokio::test(start_paused = true)]
async fn before_partitions_are_given_up_there_is_time_to_commit() {
    for commits_by_itself in [true, false] {
        let cluster = cluster(1, 100);
        let settings = || if commits_by_itself { config(&cluster) } else { by_hand(&cluster) };
        let one = member(settings()).await;
        assigned(&one).await;
        drop(next_batch(&one).await);
        let two = member(settings()).await;
        let revocation = loop {
            match one.next_event().await.unwrap() {
                Event::Batch(batch) => {
                    drop(batch);
                    pass(Duration::from_millis(700)).await;
                }
                Event::Revoking(revocation) => break revocation,
                other => panic!("{other:?}"),
            }
        };
        let next = one.position(&at(0)).unwrap();
        if !commits_by_itself {
            one.commit().await.unwrap();
        }
        revocation.done().await;
        assert_eq!(committed(&cluster), Some(next.0));
        // Whoever gets it goes on there.
        let first = tokio::select! {
            first = next_batch(&one) => first,
            first = next_batch(&two) => first,
        };
        assert_eq!(first.first_offset(), next);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_still_worked_on_when_a_partition_is_given_up_is_read_again() {
    let cluster = cluster(2, 100);
    let one = member(config(&cluster)).await;
    let mut held = Vec::new();
    while held.len() < 4 {
        held.push(next_batch(&one).await);
    }
    let two = member(config(&cluster)).await;
    let waits = tokio::spawn(async move {
        let batch = next_batch(&two).await;
        (batch, two)
    });
    // It goes on asking, and gives up what is wanted by that.
    while owned(&[&one])[0].len() != 1 {
        let _ = tokio::time::timeout(Duration::from_millis(500), one.next_batch())
            .await
            .map(|batch| held.push(batch.unwrap()));
    }
    let (batch, _two) = waits.await.unwrap();
    assert_eq!(batch.first_offset(), Offset(0), "nothing of it was done with");
}

#[tokio::test(start_paused = true)]
async fn in_the_middle_of_a_batch_a_stream_gives_up_and_the_rest_is_read_by_others() {
    let cluster = cluster(1, 100);
    let one = member(config(&cluster).with_group_instance_id("b")).await;
    let mut records = one.records();
    for _ in 0..5 {
        records.next().await.unwrap().unwrap();
    }
    // It comes first among static members, and gets the one partition that there is.
    let two = member(config(&cluster).with_group_instance_id("a")).await;
    let waits = tokio::spawn(async move { numbers(&two, 95).await });
    pass(Duration::from_secs(5)).await;
    let next = tokio::time::timeout(Duration::from_secs(30), records.next()).await;
    assert!(next.is_err(), "the rest of the batch is somebody else's: {next:?}");
    assert_eq!(waits.await.unwrap(), Vec::from_iter(5..100));
}

#[tokio::test(start_paused = true)]
async fn a_commit_of_who_is_no_member_is_refused() {
    let cluster = cluster(1, 100);
    let consumer = member(by_hand(&cluster)).await;
    drop(next_batch(&consumer).await);
    cluster.forget_members(GROUP);
    let error = consumer.commit().await.unwrap_err();
    assert!(matches!(error, Error::NotCommitted { code: ErrorCode::UNKNOWN_MEMBER_ID, .. }), "{error}");
    let Event::Lost(_) = next_change(&consumer).await.unwrap() else { panic!("nothing is lost") };
    assert_eq!(assigned(&consumer).await, [0]);
    assert_eq!(next_batch(&consumer).await.first_offset(), Offset(0));
}

/// Answers the first commit with this code, without serving it.
#[tokio::test(start_paused = true)]
async fn who_was_not_told_of_a_loss_does_not_seek_in_what_came_after() {
    let cluster = cluster(1, 100);
    let consumer = member(by_hand(&cluster)).await;
    drop(next_batch(&consumer).await);
    cluster.forget_members(GROUP);
    while cluster.members(GROUP).is_empty() || !cluster.is_settled(GROUP) {
        pass(Duration::from_millis(100)).await;
    }
    pass(Duration::from_secs(1)).await;
    let error = consumer.seek(&at(0), Start::Offset(Offset(50))).unwrap_err();
    assert!(matches!(error, Error::NotAssigned(_)), "{error}");
    let Event::Lost(_) = next_change(&consumer).await.unwrap() else { panic!("nothing is lost") };
    assert_eq!(assigned(&consumer).await, [0]);
    assert_eq!(next_batch(&consumer).await.first_offset(), Offset(0));
    consumer.seek(&at(0), Start::Offset(Offset(50))).unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_was_read_before_a_loss_is_not_committed_under_the_name_that_came_after() {
    let cluster = cluster(1, 100);
    let consumer = member(by_hand(&cluster)).await;
    let batch = next_batch(&consumer).await;
    let before = consumer.group_metadata().unwrap();
    cluster.forget_members(GROUP);
    // It loses everything and is back, all without the user.
    while cluster.members(GROUP).is_empty() || !cluster.is_settled(GROUP) {
        pass(Duration::from_millis(100)).await;
    }
    pass(Duration::from_secs(1)).await;
    let refused = [
        consumer.group_metadata().map(drop),
        consumer.commit_offsets([(at(0), CommittedOffset::new(batch.next_offset()))]).await,
    ];
    for outcome in refused {
        let error = outcome.unwrap_err();
        assert!(matches!(error, Error::NotCommitted { code: ErrorCode::ILLEGAL_GENERATION, .. }), "{error}");
    }
    assert_eq!(committed(&cluster), None);
    let Event::Lost(_) = next_change(&consumer).await.unwrap() else { panic!("nothing is lost") };
    assert_eq!(assigned(&consumer).await, [0]);
    assert_ne!(consumer.group_metadata().unwrap(), before);
    assert_eq!(next_batch(&consumer).await.first_offset(), Offset(0));
}

fn refuse_first_commit(cluster: &ScriptedCluster, code: ErrorCode) {
    let mut is_first = true;
    cluster.script(move |_, request| match request {
        RequestBody::OffsetCommit(request) if std::mem::take(&mut is_first) => {
            let mut partition = OffsetCommitResponsePartition::default();
            partition.error_code = code;
            let mut topic = OffsetCommitResponseTopic::default();
            topic.name = request.topics[0].name.clone();
            topic.partitions.push(partition);
            let mut response = OffsetCommitResponse::default();
            response.topics.push(topic);
            Some(Reply::Answer(response.into()))
        }
        _ => None,
    });
}

#[tokio::test(start_paused = true)]
async fn offsets_that_were_named_do_not_outlast_the_ownership_of_their_partition() {
    let cluster = cluster(1, 100);
    let consumer = member(by_hand(&cluster).with_assignors([Assignor::CooperativeSticky])).await;
    assigned(&consumer).await;
    refuse_first_commit(&cluster, ErrorCode::REBALANCE_IN_PROGRESS);
    cluster.forget_members(GROUP);
    // It loses the partition, and has it again before the commit is tried anew.
    let (outcome, ()) =
        tokio::join!(consumer.commit_offsets([(at(0), CommittedOffset::new(Offset(7)))]), async {
            let Event::Lost(_) = next_change(&consumer).await.unwrap() else { panic!("nothing is lost") };
            assert_eq!(assigned(&consumer).await, [0]);
        });
    let error = outcome.unwrap_err();
    assert!(matches!(error, Error::NotCommitted { code: ErrorCode::REBALANCE_IN_PROGRESS, .. }), "{error}");
    assert_eq!(committed(&cluster), None);
}

#[tokio::test(start_paused = true)]
async fn who_stayed_away_commits_nothing_as_nobody() {
    let cluster = cluster(1, 100);
    let consumer = member(by_hand(&cluster).with_max_poll_interval(Duration::from_secs(20))).await;
    drop(next_batch(&consumer).await);
    pass(Duration::from_secs(60)).await;
    assert!(cluster.members(GROUP).is_empty(), "it has left");
    let error = consumer.commit_offsets([(at(0), CommittedOffset::new(Offset(7)))]).await.unwrap_err();
    assert!(matches!(error, Error::NotCommitted { code: ErrorCode::UNKNOWN_MEMBER_ID, .. }), "{error}");
    assert_eq!(committed(&cluster), None);
}

#[tokio::test(start_paused = true)]
async fn a_commit_that_waits_for_a_rebalance_does_not_hold_it_up() {
    let cluster = cluster(1, 10);
    let consumer = member(config(&cluster).with_assignors([Assignor::Range])).await;
    drop(next_batch(&consumer).await);
    refuse_first_commit(&cluster, ErrorCode::REBALANCE_IN_PROGRESS);
    let changes = async {
        let Event::Revoking(revocation) = next_change(&consumer).await.unwrap() else {
            panic!("no rebalance")
        };
        let begun = tokio::time::Instant::now();
        revocation.done().await;
        assert_eq!(assigned(&consumer).await, [0]);
        begun.elapsed()
    };
    let (outcome, took) = tokio::join!(consumer.commit(), changes);
    outcome.unwrap();
    assert!(took < Duration::from_secs(5), "it took {took:?} to give one partition up and get it back");
    assert_eq!(committed(&cluster), Some(10));
}

#[tokio::test(start_paused = true)]
async fn a_commit_outlasts_what_may_pass() {
    let cluster = cluster(1, 100);
    let consumer = member(by_hand(&cluster)).await;
    drop(next_batch(&consumer).await);
    cluster.move_coordinator(GROUP, NodeId(1));
    consumer.commit().await.unwrap();
    cluster.move_coordinator(GROUP, NodeId(2));
    let mut tries = 0;
    cluster.script(move |_, request| match request {
        RequestBody::OffsetCommit(_) if tries < 3 => {
            tries += 1;
            Some([Reply::Close, Reply::LoseAnswer, Reply::Close].into_iter().nth(tries - 1)?)
        }
        _ => None,
    });
    drop(next_batch(&consumer).await);
    consumer.commit().await.unwrap();
    assert_eq!(committed(&cluster), Some(20));
}

#[tokio::test(start_paused = true)]
async fn without_a_committed_offset_the_reset_decides() {
    let first_of = async |cluster: &ScriptedCluster, reset: OffsetReset| {
        let consumer = member(by_hand(cluster).with_auto_offset_reset(reset)).await;
        assigned(&consumer).await;
        consumer
    };
    let cluster = cluster(1, 100);
    let latest = first_of(&cluster, OffsetReset::Latest).await;
    pass(Duration::from_secs(1)).await;
    assert_eq!(latest.position(&at(0)), Some(Offset(100)));
    latest.close().await;

    // The clock of the cluster is far ahead of the records' stamps.
    let old = Duration::from_millis(1_700_000_000_000 - 55);
    let lately = first_of(&cluster, OffsetReset::ByDuration(old)).await;
    assert_eq!(next_batch(&lately).await.first_offset(), Offset(55));
    lately.close().await;

    let none = first_of(&cluster, OffsetReset::None).await;
    let error = none.next_batch().await.unwrap_err();
    assert!(matches!(&error, Error::NothingCommitted(partition) if *partition == at(0)), "{error}");
    none.seek(&at(0), Start::Offset(Offset(90))).unwrap();
    assert_eq!(next_batch(&none).await.first_offset(), Offset(90));
}

#[tokio::test(start_paused = true)]
async fn partitions_assigned_by_hand_are_committed_for_the_group_too() {
    let cluster = cluster(2, 100);
    let consumer = Consumer::new(config(&cluster)).await.unwrap();
    consumer.assign([at(0)], Start::Committed);
    drop(next_batch(&consumer).await);
    pass(Duration::from_secs(6)).await;
    assert_eq!(committed(&cluster), Some(10));
    drop(next_batch(&consumer).await);
    consumer.close().await;
    assert_eq!((committed(&cluster), cluster.generation(GROUP)), (Some(20), 0));
    let consumer = Consumer::new(config(&cluster)).await.unwrap();
    consumer.assign([at(0), at(1)], Start::Committed);
    let mut first = BTreeMap::new();
    while first.len() < 2 {
        let batch = next_batch(&consumer).await;
        first.entry(batch.partition()).or_insert(batch.first_offset());
    }
    assert_eq!(first, BTreeMap::from([(0, Offset(20)), (1, Offset(0))]));
}

#[tokio::test(start_paused = true)]
async fn lag_and_offsets_by_time_are_told() {
    let cluster = cluster(2, 100);
    let consumer = member(config(&cluster)).await;
    let batch = next_batch(&consumer).await;
    let lag = consumer.lag();
    assert_eq!(lag[batch.topic_partition()], 90);
    let times = consumer.offsets_for_times([(at(0), 33), (at(1), 5_000)]).await.unwrap();
    assert_eq!((times[&at(0)].offset, times[&at(1)].offset), (Some(Offset(33)), None));
}

#[tokio::test(start_paused = true)]
async fn a_seek_back_is_committed_as_such() {
    let cluster = cluster(1, 100);
    let consumer = member(config(&cluster)).await;
    for _ in 0..3 {
        drop(next_batch(&consumer).await);
    }
    pass(Duration::from_secs(6)).await;
    assert_eq!(committed(&cluster), Some(30));
    consumer.seek(&at(0), Start::Offset(Offset(10))).unwrap();
    pass(Duration::from_secs(6)).await;
    assert_eq!(committed(&cluster), Some(10));
    assert_eq!(next_batch(&consumer).await.first_offset(), Offset(10));
}
