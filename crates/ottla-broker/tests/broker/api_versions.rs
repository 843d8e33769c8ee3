//! What is advertised, and who is refused.

use ottla_broker::Reply;
use ottla_protocol::ErrorCode;
use ottla_protocol::header::RequestHeader;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::api_versions::ApiVersionsRequest;

use crate::harness::{Kit, text};

fn from(name: &str, version: &str) -> ApiVersionsRequest {
    let mut request = ApiVersionsRequest::default();
    request.client_software_name = text(name);
    request.client_software_version = text(version);
    request
}

fn header(api_key: i16, api_version: i16) -> RequestHeader {
    let mut header = RequestHeader::default();
    header.api_key = api_key;
    header.api_version = api_version;
    header
}

/// The ranges are those of Kafka 4.3.1.
#[tokio::test(start_paused = true)]
async fn what_is_served_is_advertised_in_the_ranges_of_kafka() {
    let mut kit = Kit::new().await;
    for version in 0..=4 {
        let response = kit.call_now(version, &from("test", "1.0"));
        let mut ranges: Vec<_> =
            response.api_keys.iter().map(|a| (a.api_key, a.min_version, a.max_version)).collect();
        ranges.sort();
        assert_eq!(response.error_code, ErrorCode::NONE);
        assert_eq!(
            ranges,
            [
                (0, 0, 13),
                (1, 4, 18),
                (2, 1, 11),
                (3, 0, 13),
                (8, 2, 10),
                (9, 1, 10),
                (10, 0, 6),
                (11, 0, 9),
                (12, 0, 4),
                (13, 0, 5),
                (14, 0, 5),
                (15, 0, 6),
                (16, 0, 5),
                (18, 0, 4),
                (19, 2, 7),
                (20, 1, 6),
                (21, 0, 2),
                (22, 0, 5),
                (23, 2, 4),
                (24, 0, 5),
                (25, 0, 4),
                (26, 0, 5),
                (27, 1, 2),
                (28, 0, 5),
                (32, 1, 4),
                (33, 0, 2),
                (34, 1, 2),
                (35, 1, 5),
                (37, 0, 3),
                (42, 0, 2),
                (43, 0, 2),
                (44, 0, 1),
                (45, 0, 1),
                (46, 0, 0),
                (47, 0, 0),
                (55, 0, 2),
                (57, 0, 2),
                (60, 0, 2),
                (61, 0, 0),
                (64, 0, 0),
                (65, 0, 0),
                (66, 0, 2),
                (68, 0, 1),
                (69, 0, 1),
                (74, 0, 1),
                (75, 0, 0),
                (76, 1, 1),
                (77, 1, 1),
                (78, 1, 2),
                (79, 1, 2),
                (83, 0, 0),
                (84, 0, 0),
                (85, 0, 1),
                (86, 0, 0),
                (87, 0, 1),
                (90, 0, 1),
                (91, 0, 0),
                (92, 0, 0),
            ]
        );
    }
}

/// As seen on Kafka 4.3.1: error 42 and no list, from version 3 on.
#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_say_who_it_is_is_refused() {
    let mut kit = Kit::new().await;
    for (name, version) in [("", "1"), ("x", ""), ("x y", "1"), ("-x", "1"), ("x.", "1")] {
        let response = kit.call_now(4, &from(name, version));
        assert_eq!((response.error_code, response.api_keys.len()), (ErrorCode::INVALID_REQUEST, 0), "{name}");
    }
    assert_eq!(kit.call_now(4, &from("a.b-C9", "1")).error_code, ErrorCode::NONE);
}

/// As seen on Kafka 4.3.1: error 35 and the one range, in the form of version 0.
#[tokio::test(start_paused = true)]
async fn an_unknown_version_of_api_versions_is_told_which_is_known() {
    let kit = Kit::new().await;
    let Reply::Respond(ResponseBody::ApiVersions(response)) = kit.broker.refuse(&header(18, 9)) else {
        panic!("the one unknown version that is answered");
    };
    assert_eq!(response.error_code, ErrorCode::UNSUPPORTED_VERSION);
    let ranges: Vec<_> =
        response.api_keys.iter().map(|a| (a.api_key, a.min_version, a.max_version)).collect();
    assert_eq!(ranges, [(18, 0, 4)]);
}

/// As seen on Kafka 4.3.1, which closes the connection.
#[tokio::test(start_paused = true)]
async fn what_is_not_served_closes_the_connection() {
    let kit = Kit::new().await;
    for (key, version) in [(0, 0), (0, 2), (0, 14), (4, 0), (999, 0), (-3, 0), (22, 6)] {
        assert!(matches!(kit.broker.refuse(&header(key, version)), Reply::Close(_)), "{key} v{version}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_version_that_can_be_decoded_and_is_not_served_closes_the_connection() {
    let mut kit = Kit::new().await;
    let unstable = ottla_protocol::messages::init_producer_id::InitProducerIdRequest::default();
    let reply = kit.handle(6, &unstable).reply().await;
    assert!(matches!(reply, Reply::Close(_)), "{reply:?}");
}
