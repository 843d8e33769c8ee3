//! Fetch sessions over the wire. Codes and what is said are Kafka's.

use std::time::Duration;

use ottla_protocol::ErrorCode;
use ottla_protocol::messages::fetch::{FetchRequest, FetchResponse, ForgottenTopic};
use ottla_protocol::wire::Uuid;

use tokio::time::sleep;

use crate::committed_offsets::delete_topic;
use crate::fetch::{len, request};
use crate::harness::{Kit, batch, text};

fn in_session(mut request: FetchRequest, id: i32, epoch: i32) -> FetchRequest {
    request.session_id = id;
    request.session_epoch = epoch;
    request
}

/// Partition, code and bytes of all that is said.
fn said(response: &FetchResponse) -> Vec<(i32, ErrorCode, usize)> {
    assert_eq!(response.error_code, ErrorCode::NONE);
    let partitions = response.responses.iter().flat_map(|topic| &topic.partitions);
    partitions.map(|p| (p.partition_index, p.error_code, len(p))).collect()
}

#[tokio::test(start_paused = true)]
async fn a_session_says_only_what_changed() {
    let mut kit = Kit::new().await;
    let id = kit.create("a", 2, &[]).await;
    kit.produce("a", 0, batch(&["x"])).await;
    let size = batch(&["x"]).len();
    let opened = kit.call_now(18, &in_session(request(&[(id, 0, 0), (id, 1, 0)]), 0, 0));
    let session = opened.session_id;
    assert_ne!(session, 0);
    assert_eq!(said(&opened), [(0, ErrorCode::NONE, size), (1, ErrorCode::NONE, 0)]);
    let go_on = |epoch, moved: &[(Uuid, i32, i64)]| in_session(request(moved), session, epoch);

    let again = kit.call_now(18, &go_on(1, &[]));
    assert_eq!((again.session_id, said(&again)), (session, vec![(0, ErrorCode::NONE, size)]));
    assert_eq!(said(&kit.call_now(18, &go_on(2, &[(id, 0, 1)]))), [], "nothing new");
    kit.produce("a", 1, batch(&["y"])).await;
    assert_eq!(said(&kit.call_now(18, &go_on(3, &[]))), [(1, ErrorCode::NONE, size)]);
    let mut forget = go_on(4, &[]);
    let mut forgotten = ForgottenTopic::default();
    forgotten.topic_id = id;
    forgotten.partitions = [1, 77].into();
    forget.forgotten_topics_data = vec![forgotten];
    assert_eq!(said(&kit.call_now(18, &forget)), []);
    // An error is said each time, until it is gone.
    for epoch in 5..7 {
        let response = kit.call_now(18, &go_on(epoch, &[(id, 0, 55)]));
        assert_eq!(said(&response), [(0, ErrorCode::OFFSET_OUT_OF_RANGE, 0)]);
    }
    assert_eq!(said(&kit.call_now(18, &go_on(7, &[(id, 0, 1)]))), [(0, ErrorCode::NONE, 0)]);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_not_in_step_is_refused() {
    let mut kit = Kit::new().await;
    let id = kit.create("a", 1, &[]).await;
    let session = kit.call_now(18, &in_session(request(&[(id, 0, 0)]), 0, 0)).session_id;
    for (session, epoch, version, code) in [
        (session, 9, 18, ErrorCode::INVALID_FETCH_SESSION_EPOCH),
        (12345, 1, 18, ErrorCode::FETCH_SESSION_ID_NOT_FOUND),
        (0, 3, 18, ErrorCode::FETCH_SESSION_ID_NOT_FOUND),
        (0, -5, 18, ErrorCode::FETCH_SESSION_ID_NOT_FOUND),
        (session, 1, 12, ErrorCode::FETCH_SESSION_TOPIC_ID_ERROR),
    ] {
        let response = kit.call_now(version, &in_session(request(&[]), session, epoch));
        assert_eq!((response.error_code, response.session_id), (code, 0), "{epoch} v{version}");
        assert_eq!(response.responses, []);
    }
    assert_eq!(said(&kit.call_now(18, &in_session(request(&[]), session, 1))), [], "it is still in step");
}

#[tokio::test(start_paused = true)]
async fn a_session_ends_when_its_consumer_says_so() {
    let mut kit = Kit::new().await;
    let id = kit.create("a", 1, &[]).await;
    let session = kit.call_now(18, &in_session(request(&[(id, 0, 0)]), 0, 0)).session_id;
    let last = kit.call_now(18, &in_session(request(&[(id, 0, 0)]), session, -1));
    assert_eq!((last.session_id, said(&last).len()), (0, 1));
    let response = kit.call_now(18, &in_session(request(&[]), session, 1));
    assert_eq!(response.error_code, ErrorCode::FETCH_SESSION_ID_NOT_FOUND);
}

#[tokio::test(start_paused = true)]
async fn without_a_free_slot_there_is_no_session() {
    let mut kit = Kit::with(&[("max.incremental.fetch.session.cache.slots", "1")]).await;
    let id = kit.create("a", 1, &[]).await;
    let open = in_session(request(&[(id, 0, 0)]), 0, 0);
    assert_ne!(kit.call_now(18, &open).session_id, 0);
    assert_eq!(kit.call_now(18, &open).session_id, 0);
    sleep(Duration::from_secs(121)).await;
    assert_ne!(kit.call_now(18, &open).session_id, 0, "the first has been idle for long");
}

#[tokio::test(start_paused = true)]
async fn a_session_knows_a_topic_that_is_gone_by_its_name() {
    let mut kit = Kit::new().await;
    let id = kit.create("a", 1, &[]).await;
    let session = kit.call_now(18, &in_session(request(&[(id, 0, 0)]), 0, 0)).session_id;
    let go_on =
        async |kit: &mut Kit, epoch| said(&kit.call(18, &in_session(request(&[]), session, epoch)).await);
    assert_eq!(delete_topic(&mut kit, "a").await, ErrorCode::NONE);
    let is = |code| vec![(0, code, 0)];
    assert_eq!(go_on(&mut kit, 1).await, is(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION));
    kit.create("a", 1, &[]).await;
    assert_eq!(go_on(&mut kit, 2).await, is(ErrorCode::INCONSISTENT_TOPIC_ID));
    // Without a session nobody remembers a name.
    assert_eq!(said(&kit.call(18, &request(&[(id, 0, 0)])).await), is(ErrorCode::UNKNOWN_TOPIC_ID));
}

#[tokio::test(start_paused = true)]
async fn a_session_outlives_an_isolation_level_that_nobody_knows() {
    let mut kit = Kit::new().await;
    let id = kit.create("a", 1, &[]).await;
    let session = kit.call_now(18, &in_session(request(&[(id, 0, 0)]), 0, 0)).session_id;
    let mut odd = in_session(request(&[]), session, 1);
    odd.isolation_level = 9;
    let refused = kit.call_now(18, &odd);
    assert_eq!((refused.error_code, refused.session_id), (ErrorCode::UNKNOWN_SERVER_ERROR, session));
    assert_eq!(said(&kit.call_now(18, &in_session(request(&[(id, 0, 0)]), session, 2))), []);
}

#[tokio::test(start_paused = true)]
async fn what_is_asked_for_and_forgotten_at_once_is_read_this_once() {
    let mut kit = Kit::new().await;
    let id = kit.create("a", 1, &[]).await;
    kit.produce("a", 0, batch(&["x"])).await;
    let session = kit.call_now(18, &in_session(request(&[(id, 0, 0)]), 0, 0)).session_id;
    let mut both = in_session(request(&[(id, 0, 0)]), session, 1);
    let mut forgotten = ForgottenTopic::default();
    forgotten.topic_id = id;
    forgotten.partitions = [0].into();
    both.forgotten_topics_data = vec![forgotten];
    let last = kit.call_now(18, &both);
    assert_eq!((last.session_id, said(&last)), (0, vec![(0, ErrorCode::NONE, batch(&["x"]).len())]));
    let ended = kit.call_now(18, &in_session(request(&[]), session, 2));
    assert_eq!(ended.error_code, ErrorCode::FETCH_SESSION_ID_NOT_FOUND);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_goes_back_in_versions_is_told_when_there_are_no_words_for_its_answer() {
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[]).await;
    kit.produce("a", 0, batch(&["x"])).await;
    let by_name = |mut request: FetchRequest| {
        request.topics.iter_mut().for_each(|topic| topic.topic = text("a"));
        request
    };
    let mut opening = by_name(request(&[(Uuid::ZERO, 0, 9)]));
    opening.topics[0].partitions[0].last_fetched_epoch = 0; // not sent before version 12
    let opened = kit.call_now(12, &in_session(opening, 0, 0));
    assert_eq!(opened.responses[0].partitions[0].diverging_epoch.end_offset, 1);
    let refused = kit.call_now(11, &in_session(request(&[]), opened.session_id, 1));
    assert_eq!((refused.error_code, refused.session_id), (ErrorCode::UNSUPPORTED_VERSION, opened.session_id));
    let again = kit.call_now(12, &in_session(request(&[]), opened.session_id, 2));
    assert_eq!(again.responses[0].partitions[0].diverging_epoch.end_offset, 1);
}
