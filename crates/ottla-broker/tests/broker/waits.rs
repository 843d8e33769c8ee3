//! Waiting for the disk: what is promised, in which order, and for how long.

use std::time::Duration;

use ottla_broker::Handling;
use ottla_protocol::ErrorCode;
use ottla_protocol::messages::fetch::FetchRequest;
use ottla_protocol::messages::produce::ProduceRequest;
use ottla_storage::disk::{Call, Fault, FaultError};
use tokio::time::{Instant, sleep};

use crate::fetch::{len, only, request};
use crate::harness::{End, Kit, batch, create_request, produce_request, response, topic};

fn code(response: &ottla_protocol::messages::produce::ProduceResponse) -> (ErrorCode, i64) {
    let answer = &response.responses[0].partition_responses[0];
    (answer.error_code, answer.base_offset)
}

#[tokio::test(start_paused = true)]
async fn all_waits_for_the_sync_and_one_does_not() {
    let mut kit = Kit::new().await;
    let id = kit.create("a", 1, &[]).await;
    kit.disk.hold(Call::Sync);
    let written = kit.call_now(9, &produce_request("a", 0, Some(batch(&["x"])), 1));
    assert_eq!(code(&written), (ErrorCode::NONE, 0));
    let Handling::Later { reply, overlap: true } =
        kit.handle(9, &produce_request("a", 0, Some(batch(&["y"])), -1))
    else {
        panic!("the sync is held");
    };
    assert_eq!(len(only(&kit.call_now(18, &request(&[(id, 0, 0)])))), 0, "what is not safe is not shown");
    kit.disk.release();
    assert_eq!(code(&response::<ProduceRequest>(9, reply.await)), (ErrorCode::NONE, 1));
    assert_eq!(only(&kit.call_now(18, &request(&[(id, 0, 0)]))).high_watermark, 2);
}

#[tokio::test(start_paused = true)]
async fn appends_are_in_the_order_of_the_calls_whatever_becomes_of_the_replies() {
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[]).await;
    kit.disk.hold(Call::Sync);
    let mut replies = Vec::new();
    for _ in 0..5 {
        let Handling::Later { reply, .. } = kit.handle(9, &produce_request("a", 0, Some(batch(&["x"])), -1))
        else {
            panic!("the sync is held");
        };
        replies.push(reply);
    }
    drop(replies.remove(2)); // the client is gone; its records stay
    kit.disk.release();
    let mut offsets = Vec::new();
    for reply in replies.into_iter().rev() {
        offsets.push(code(&response::<ProduceRequest>(9, reply.await)).1);
    }
    assert_eq!(offsets, [4, 3, 1, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_disk_that_takes_too_long_is_answered_so() {
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[]).await;
    kit.disk.hold(Call::Sync);
    let started = Instant::now();
    let response = kit.call(9, &produce_request("a", 0, Some(batch(&["x"])), -1)).await;
    assert_eq!(code(&response), (ErrorCode::REQUEST_TIMED_OUT, -1));
    assert_eq!(started.elapsed(), Duration::from_secs(3));
    kit.disk.release();
    assert_eq!(kit.produce("a", 0, batch(&["y"])).await.base_offset, 1, "it was appended all the same");
}

#[tokio::test(start_paused = true)]
async fn os_durability_is_answered_at_once() {
    let mut kit = Kit::with(&[("durability", "os")]).await;
    let id = kit.create("a", 1, &[]).await;
    kit.disk.hold(Call::Sync);
    let response = kit.call_now(9, &produce_request("a", 0, Some(batch(&["x"])), -1));
    assert_eq!(code(&response), (ErrorCode::NONE, 0));
    assert_eq!(only(&kit.call_now(18, &request(&[(id, 0, 0)]))).high_watermark, 1);
}

#[tokio::test(start_paused = true)]
async fn a_topic_is_seen_when_it_is_durable_though_its_creator_is_gone() {
    let mut kit = Kit::new().await;
    kit.disk.hold(Call::Sync);
    drop(kit.handle(7, &create_request(&[topic("a", 1, &[])])));
    assert_eq!(kit.topics().await, []);
    let again = kit.call(7, &create_request(&[topic("a", 1, &[])])).await;
    assert_eq!(again.topics[0].error_code, ErrorCode::TOPIC_ALREADY_EXISTS, "two requests never both win");
    kit.disk.release();
    sleep(Duration::from_millis(1)).await;
    assert_eq!(kit.topics().await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn metadata_that_cannot_be_made_durable_is_refused_until_a_restart_and_the_rest_is_served() {
    let mut kit = Kit::new().await;
    let id = kit.create("a", 1, &[]).await;
    kit.produce("a", 0, batch(&["x"])).await;
    kit.disk.inject(Fault::new(Call::Sync, FaultError::Io).with_path("__ottla_metadata-0/"));
    for _ in 0..2 {
        let response = kit.call(7, &create_request(&[topic("b", 1, &[])])).await;
        assert_eq!(response.topics[0].error_code, ErrorCode::KAFKA_STORAGE_ERROR);
    }
    assert_eq!(kit.topics().await.len(), 1);
    assert_eq!(kit.produce("a", 0, batch(&["y"])).await.base_offset, 1);
    assert_eq!(only(&kit.call(18, &request(&[(id, 0, 0)])).await).high_watermark, 2);
    kit.disk.heal();
    let mut kit = kit.reopened(End::Kill).await;
    let name = if kit.topics().await.len() == 1 { "b" } else { "c" }; // what was refused may still have been written
    kit.create(name, 1, &[]).await;
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_refuses_and_serves_again_when_there_is_room() {
    let mut kit = Kit::new().await;
    let id = kit.create("a", 1, &[]).await;
    kit.produce("a", 0, batch(&["x"])).await;
    kit.disk.set_capacity(Some(0));
    let large = "y".repeat(10_000);
    assert_eq!(kit.produce("a", 0, batch(&[&large])).await.error_code, ErrorCode::KAFKA_STORAGE_ERROR);
    assert_eq!(only(&kit.call(18, &request(&[(id, 0, 0)])).await).high_watermark, 1);
    kit.disk.set_capacity(None);
    assert_eq!(kit.produce("a", 0, batch(&[&large])).await.base_offset, 1);
    kit.create("b", 1, &[]).await;
}

/// A log that takes no more can be read to its end, where there is nothing to wait for but the time.
#[tokio::test(start_paused = true)]
async fn a_fetch_at_the_end_of_a_failed_log_waits_out_its_time() {
    let mut kit = Kit::new().await;
    let a = kit.create("a", 1, &[]).await;
    let b = kit.create("b", 1, &[]).await;
    kit.produce("a", 0, batch(&["x"])).await;
    kit.disk.inject(Fault::new(Call::Sync, FaultError::Io).with_path("a-0/"));
    assert_eq!(kit.produce("a", 0, batch(&["y"])).await.error_code, ErrorCode::KAFKA_STORAGE_ERROR);
    assert_eq!(kit.produce("a", 0, batch(&["z"])).await.error_code, ErrorCode::KAFKA_STORAGE_ERROR);
    let mut at_end = request(&[(a, 0, 1)]);
    at_end.max_wait_ms = 500;
    let started = Instant::now();
    let response = kit.call(18, &at_end).await;
    assert_eq!((only(&response).error_code, only(&response).high_watermark), (ErrorCode::NONE, 1));
    assert_eq!(started.elapsed(), Duration::from_millis(500));
    // Another partition of the same fetch is waited for all the same.
    let mut both = request(&[(a, 0, 1), (b, 0, 0)]);
    both.max_wait_ms = 60_000;
    let waiting = tokio::spawn(kit.handle(18, &both).reply());
    sleep(Duration::from_secs(1)).await;
    kit.produce("b", 0, batch(&["x"])).await;
    let response = crate::harness::response::<FetchRequest>(18, waiting.await.unwrap());
    assert_eq!(len(&response.responses[1].partitions[0]), batch(&["x"]).len());
    assert_eq!(started.elapsed(), Duration::from_millis(1500));
}
