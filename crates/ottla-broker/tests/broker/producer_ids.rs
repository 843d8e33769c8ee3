//! Ids of idempotent producers. Codes are Kafka's, except for the refusal of transactions.

use std::collections::BTreeSet;

use ottla_protocol::ErrorCode;
use ottla_protocol::messages::init_producer_id::InitProducerIdRequest;

use crate::harness::{End, Kit};

fn request() -> InitProducerIdRequest {
    let mut request = InitProducerIdRequest::default();
    request.transactional_id = None;
    request.transaction_timeout_ms = 60_000;
    request
}

#[tokio::test(start_paused = true)]
async fn every_producer_gets_an_id_of_its_own_also_after_a_restart() {
    let mut kit = Kit::new().await;
    let mut ids = BTreeSet::new();
    for end in [End::Close, End::Kill, End::PowerLoss(1)] {
        for version in 0..=5 {
            let response = kit.call(version, &request()).await;
            assert_eq!((response.error_code, response.producer_epoch), (ErrorCode::NONE, 0));
            assert!(ids.insert(response.producer_id), "{ids:?}");
        }
        kit = kit.reopened(end).await;
    }
    assert_eq!(ids.first(), Some(&0));
}

#[tokio::test(start_paused = true)]
async fn ids_go_on_over_the_end_of_a_block() {
    let mut kit = Kit::new().await;
    for expected in 0..2001 {
        assert_eq!(kit.call(5, &request()).await.producer_id, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn an_id_without_its_epoch_is_an_invalid_request() {
    let mut kit = Kit::new().await;
    for (id, epoch, code) in [
        (-1, 3, ErrorCode::INVALID_REQUEST),
        (5, -1, ErrorCode::INVALID_REQUEST),
        (5, 0, ErrorCode::NONE),
        (-2, 0, ErrorCode::NONE),
        (i64::MAX, i16::MIN, ErrorCode::NONE),
        (-1, -1, ErrorCode::NONE),
    ] {
        let mut request = request();
        request.producer_id = id;
        request.producer_epoch = epoch;
        let response = kit.call(5, &request).await;
        assert_eq!(response.error_code, code, "{id} {epoch}");
        if code.is_err() {
            assert_eq!((response.producer_id, response.producer_epoch), (-1, -1));
        }
    }
}
