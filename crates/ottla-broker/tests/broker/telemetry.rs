//! Metrics that clients push. When a client may do what, and the codes, are Kafka's (KIP-714).

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use ottla_broker::Handling;
use ottla_broker::telemetry::Push;
use ottla_protocol::ErrorCode;
use ottla_protocol::messages::api_versions::ApiVersionsRequest;
use ottla_protocol::messages::get_telemetry_subscriptions::{
    GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse,
};
use ottla_protocol::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};
use ottla_protocol::messages::push_telemetry::PushTelemetryRequest;
use ottla_protocol::records::Compression;
use ottla_protocol::wire::Uuid;

use crate::harness::{Kit, text};

const METRICS: i8 = 16;

type Pushes = Arc<Mutex<Vec<Push>>>;

async fn kit(config: &[(&str, &str)]) -> (Kit, Pushes) {
    let pushes = Pushes::default();
    let seen = Arc::clone(&pushes);
    let receiver = move |push: Push| seen.lock().unwrap().push(push);
    let mut kit = Kit::with_telemetry(config, Arc::new(receiver)).await;
    kit.session = kit.session.clone().with_client_socket("127.0.0.1:4711".parse().unwrap());
    let mut hello = ApiVersionsRequest::default();
    hello.client_software_name = text("test-client");
    hello.client_software_version = text("1.2");
    assert_eq!(kit.call_now(4, &hello).error_code, ErrorCode::NONE);
    (kit, pushes)
}

/// Sets the keys of a subscription; without a value, deletes them.
async fn subscribe(kit: &mut Kit, name: &str, keys: &[(&str, Option<&str>)]) {
    let mut resource = AlterConfigsResource::default();
    resource.resource_type = METRICS;
    resource.resource_name = text(name);
    resource.configs = keys
        .iter()
        .map(|(key, value)| {
            let mut config = AlterableConfig::default();
            config.name = text(key);
            config.config_operation = i8::from(value.is_none());
            config.value = value.map(text);
            config
        })
        .collect();
    let mut request = IncrementalAlterConfigsRequest::default();
    request.resources = vec![resource];
    let answer = kit.call(1, &request).await.responses.remove(0);
    assert_eq!(answer.error_code, ErrorCode::NONE, "{:?}", answer.error_message);
}

fn get(kit: &mut Kit, id: Uuid) -> GetTelemetrySubscriptionsResponse {
    let mut request = GetTelemetrySubscriptionsRequest::default();
    request.client_instance_id = id;
    kit.call_now(0, &request)
}

fn push(told: &GetTelemetrySubscriptionsResponse, metrics: &'static [u8]) -> PushTelemetryRequest {
    let mut request = PushTelemetryRequest::default();
    request.client_instance_id = told.client_instance_id;
    request.subscription_id = told.subscription_id;
    request.metrics = Bytes::from_static(metrics);
    request
}

fn pushed(kit: &mut Kit, request: &PushTelemetryRequest) -> ErrorCode {
    kit.call_now(0, request).error_code
}

async fn advance(seconds: u64) {
    tokio::time::advance(Duration::from_secs(seconds)).await;
}

/// A gauge named `a` of the value 1.5.
const GAUGE: &[u8] = b"\x0a\x14\x12\x12\x12\x10\x0a\x01a\x2a\x0b\x0a\x09\x21\0\0\0\0\0\0\xf8\x3f";

#[tokio::test(start_paused = true)]
async fn without_a_receiver_nothing_is_advertised_and_whoever_asks_is_cut_off() {
    let mut kit = Kit::new().await;
    let keys = |kit: &mut Kit| -> Vec<i16> {
        let mut hello = ApiVersionsRequest::default();
        hello.client_software_name = text("test");
        hello.client_software_version = text("1");
        kit.call_now(4, &hello).api_keys.iter().map(|api| api.api_key).collect()
    };
    assert!(!keys(&mut kit).contains(&71) && !keys(&mut kit).contains(&72));
    let asked = kit.handle(0, &GetTelemetrySubscriptionsRequest::default());
    assert!(matches!(asked, Handling::Now(ottla_broker::Reply::Close(_))));
    let asked = kit.handle(0, &PushTelemetryRequest::default());
    assert!(matches!(asked, Handling::Now(ottla_broker::Reply::Close(_))));

    let (mut kit, _) = self::kit(&[]).await;
    assert!(keys(&mut kit).contains(&71) && keys(&mut kit).contains(&72));
}

#[tokio::test(start_paused = true)]
async fn a_client_is_told_what_it_is_to_push_and_what_it_pushes_arrives() {
    let (mut kit, pushes) = kit(&[("telemetry.max.bytes", "1000")]).await;
    subscribe(&mut kit, "s", &[("metrics", Some("a.,b.")), ("interval.ms", Some("10000"))]).await;
    let told = get(&mut kit, Uuid::ZERO);
    assert_eq!(told.error_code, ErrorCode::NONE);
    assert!(!told.client_instance_id.is_zero());
    assert_eq!(told.requested_metrics, [text("a."), text("b.")]);
    assert_eq!((told.push_interval_ms, told.telemetry_max_bytes), (10_000, 1_000));
    let codecs = [Compression::Zstd, Compression::Lz4, Compression::Gzip, Compression::Snappy];
    let codecs = codecs.into_iter().filter(|codec| codec.is_enabled());
    let codecs: Vec<_> = codecs.map(|codec| codec.id().cast_signed()).collect();
    assert_eq!((&told.accepted_compression_types, told.delta_temporality), (&codecs, true));

    let codecs = Compression::ALL.into_iter().filter(|codec| codec.is_enabled());
    for codec in codecs.clone() {
        let mut request = push(&told, b"");
        request.metrics = Bytes::from(codec.pack(GAUGE).unwrap());
        request.compression_type = codec.id().cast_signed();
        assert_eq!(pushed(&mut kit, &request), ErrorCode::NONE, "{codec}");
        advance(10).await;
    }
    let pushes = pushes.lock().unwrap();
    assert_eq!(pushes.len(), codecs.count());
    for push in &*pushes {
        assert_eq!(&push.payload()[..], GAUGE);
        let points = push.points().unwrap();
        assert_eq!((points.len(), points[0].name, points[0].value.to_f64()), (1, "a", 1.5));
        let client = push.client();
        assert_eq!(client.instance_id(), told.client_instance_id.to_string());
        assert_eq!((client.software_name(), client.software_version()), ("test-client", "1.2"));
        assert_eq!(client.address(), Some("127.0.0.1:4711".parse().unwrap()));
        assert!(!push.is_terminating());
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_comes_before_its_time_is_put_off() {
    let (mut kit, _) = kit(&[]).await;
    subscribe(&mut kit, "s", &[("metrics", Some("*")), ("interval.ms", Some("10000"))]).await;
    let told = get(&mut kit, Uuid::ZERO);
    let again = get(&mut kit, told.client_instance_id);
    assert_eq!(again.error_code, ErrorCode::THROTTLING_QUOTA_EXCEEDED);
    assert_eq!((again.client_instance_id, again.push_interval_ms), (Uuid::ZERO, 0));
    let request = push(&told, GAUGE);
    assert_eq!(pushed(&mut kit, &request), ErrorCode::NONE, "the first comes when it likes");
    advance(9).await;
    assert_eq!(pushed(&mut kit, &request), ErrorCode::THROTTLING_QUOTA_EXCEEDED);
    assert_eq!(get(&mut kit, told.client_instance_id).error_code, ErrorCode::THROTTLING_QUOTA_EXCEEDED);
    advance(1).await;
    assert_eq!(pushed(&mut kit, &request), ErrorCode::NONE);
    advance(10).await;
    assert_eq!(get(&mut kit, told.client_instance_id).error_code, ErrorCode::NONE);

    assert_eq!(get(&mut kit, Uuid([9; 16])).error_code, ErrorCode::NONE, "another client has its own time");
}

#[tokio::test(start_paused = true)]
async fn a_client_whose_subscription_changed_is_sent_back_to_ask() {
    let (mut kit, pushes) = kit(&[]).await;
    subscribe(&mut kit, "s", &[("metrics", Some("a")), ("interval.ms", Some("10000"))]).await;
    let told = get(&mut kit, Uuid::ZERO);
    subscribe(&mut kit, "s", &[("metrics", Some("b"))]).await;
    assert_eq!(pushed(&mut kit, &push(&told, GAUGE)), ErrorCode::UNKNOWN_SUBSCRIPTION_ID);
    let anew = get(&mut kit, told.client_instance_id);
    assert_eq!((anew.error_code, &*anew.requested_metrics), (ErrorCode::NONE, &[text("b")][..]));
    assert_ne!(anew.subscription_id, told.subscription_id);
    advance(10).await;
    assert_eq!(pushed(&mut kit, &push(&anew, GAUGE)), ErrorCode::NONE);
    subscribe(&mut kit, "s", &[("metrics", None), ("interval.ms", None)]).await;
    let none = get(&mut kit, told.client_instance_id);
    assert_eq!((&*none.requested_metrics, none.push_interval_ms), (&[][..], 300_000));
    assert_eq!(pushes.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn subscriptions_select_clients_by_what_is_known_of_them() {
    let (mut kit, _) = kit(&[]).await;
    let expressions = [
        ("a", "client_software_name=test-.*,client_software_version=1[.]2"),
        ("b", "client_source_address=127.*,client_source_port=4711"),
        ("c", "client_software_name=other"),
        ("d", "client_instance_id=CQkJCQkJCQkJCQkJCQkJCQ"),
        ("e", "client_id=.+"),
    ];
    for (name, expression) in expressions {
        subscribe(&mut kit, name, &[("metrics", Some(name)), ("match", Some(expression))]).await;
    }
    assert_eq!(get(&mut kit, Uuid([9; 16])).requested_metrics, [text("a"), text("b"), text("d"), text("e")]);
    assert_eq!(get(&mut kit, Uuid([8; 16])).requested_metrics, [text("a"), text("b"), text("e")]);
}

#[tokio::test(start_paused = true)]
async fn who_says_that_it_stops_pushes_once_more_at_any_time_and_no_more() {
    let (mut kit, pushes) = kit(&[]).await;
    subscribe(&mut kit, "s", &[("metrics", Some("*"))]).await;
    let told = get(&mut kit, Uuid::ZERO);
    assert_eq!(pushed(&mut kit, &push(&told, GAUGE)), ErrorCode::NONE);
    let mut last = push(&told, GAUGE);
    last.terminating = true;
    assert_eq!(pushed(&mut kit, &last), ErrorCode::NONE);
    assert_eq!(pushed(&mut kit, &last), ErrorCode::INVALID_REQUEST);
    let pushes = pushes.lock().unwrap();
    assert_eq!(pushes.iter().map(Push::is_terminating).collect::<Vec<_>>(), [false, true]);
}

#[tokio::test(start_paused = true)]
async fn what_makes_no_sense_is_refused_with_the_code_of_kafka_and_reaches_nobody() {
    let (mut kit, pushes) = kit(&[("telemetry.max.bytes", "100")]).await;
    subscribe(&mut kit, "s", &[("metrics", Some("*")), ("interval.ms", Some("100"))]).await;
    let told = get(&mut kit, Uuid::ZERO);
    let mut refused = |change: &dyn Fn(&mut PushTelemetryRequest)| {
        let mut request = push(&told, GAUGE);
        change(&mut request);
        pushed(&mut kit, &request)
    };
    for id in [Uuid::ZERO, Uuid::from_u128(1)] {
        assert_eq!(refused(&|request| request.client_instance_id = id), ErrorCode::INVALID_REQUEST);
    }
    assert_eq!(
        refused(&|request| request.client_instance_id = Uuid([7; 16])),
        ErrorCode::UNKNOWN_SUBSCRIPTION_ID,
        "a client that never asked"
    );
    assert_eq!(refused(&|request| request.subscription_id ^= 1), ErrorCode::UNKNOWN_SUBSCRIPTION_ID);
    advance(1).await;
    let mut refused = |change: &dyn Fn(&mut PushTelemetryRequest)| {
        let mut request = push(&told, GAUGE);
        request.terminating = false;
        change(&mut request);
        pushed(&mut kit, &request)
    };
    assert_eq!(refused(&|request| request.compression_type = 7), ErrorCode::UNSUPPORTED_COMPRESSION_TYPE);
    advance(1).await;
    let large = |request: &mut PushTelemetryRequest| request.metrics = Bytes::from_static(&[0; 101]);
    assert_eq!(refused(&large), ErrorCode::TELEMETRY_TOO_LARGE);
    advance(1).await;
    let codecs = Compression::ALL.into_iter().filter(|codec| codec.is_enabled());
    for codec in codecs.filter(|codec| *codec != Compression::None) {
        let bomb = Bytes::from(codec.pack(&[0; 1_000]).unwrap());
        assert!(bomb.len() <= 100);
        let bomb = |request: &mut PushTelemetryRequest| {
            request.metrics = bomb.clone();
            request.compression_type = codec.id().cast_signed();
        };
        assert_eq!(refused(&bomb), ErrorCode::TELEMETRY_TOO_LARGE, "{codec}");
        advance(1).await;
        let wrong = |request: &mut PushTelemetryRequest| request.compression_type = codec.id().cast_signed();
        assert_eq!(refused(&wrong), ErrorCode::INVALID_RECORD, "{codec}");
        advance(1).await;
    }
    assert!(pushes.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_client_whose_connection_is_gone_or_that_was_silent_begins_anew() {
    let (mut kit, _) = kit(&[]).await;
    let id = Uuid([9; 16]);
    assert_eq!(get(&mut kit, id).error_code, ErrorCode::NONE);
    assert_eq!(get(&mut kit, id).error_code, ErrorCode::THROTTLING_QUOTA_EXCEEDED);
    kit.session = kit.broker.session("PLAINTEXT");
    assert_eq!(get(&mut kit, id).error_code, ErrorCode::NONE, "its connection is gone");
    assert_eq!(get(&mut kit, id).error_code, ErrorCode::THROTTLING_QUOTA_EXCEEDED);
    advance(900).await;
    assert_eq!(get(&mut kit, id).error_code, ErrorCode::NONE, "three intervals of five minutes");
}
