//! Explanations of bytes: what Kafka's own JSON says of the same bytes, every byte accounted for, and no bytes that
//! are too odd.

use std::fs;
use std::path::Path;

use bytes::Bytes;
use ottla_protocol::explain::{self, Conversation, Explained, Node, Value};
use ottla_protocol::messages::fetch::{FetchResponse, FetchableTopicResponse, PartitionData};
use ottla_protocol::messages::heartbeat::{HeartbeatRequest, HeartbeatResponse};
use ottla_protocol::messages::join_group::{JoinGroupRequest, JoinGroupRequestProtocol};
use ottla_protocol::messages::produce::{PartitionProduceData, ProduceRequest, TopicProduceData};
use ottla_protocol::messages::{APIS, RequestBody, ResponseBody};
use ottla_protocol::records::{BatchBuilder, BatchOptions};
use ottla_protocol::wire::{Chunk, DecodeLimits, NoFile};
use ottla_protocol::{ApiKey, Data, ErrorCode, Request, consumer_protocol, frame, internal};
use proptest::prelude::*;
use serde_json::json;

use super::data::Visitor;
use super::round_trip::{encode, versions};
use super::source::Source;
use super::{arbitrary, golden, structures};

const LIMITS: DecodeLimits = DecodeLimits::DEFAULT;

fn in_one_piece(chunks: Vec<Chunk>) -> Bytes {
    let mut bytes = Vec::new();
    for chunk in chunks {
        match chunk {
            Chunk::Bytes(piece) => bytes.extend_from_slice(&piece),
            Chunk::External { source, .. } => match source {},
        }
    }
    bytes.into()
}

fn request_frame<R: Request>(version: i16, id: i32, request: &R) -> Bytes {
    in_one_piece(frame::encode_request(version, id, Some("me"), request).expect("it can be written"))
}

/// Every place lies in the bytes, parts in their wholes, and one behind the other.
fn check_places(nodes: &[Node], start: usize, end: usize) {
    let mut last = start;
    for node in nodes {
        if let Some(at) = &node.at {
            assert!(
                last <= at.start && at.start <= at.end && at.end <= end,
                "{}: {at:?} of {end}",
                node.name
            );
            last = at.start;
            let inside = match &node.value {
                Value::Struct(nodes) | Value::List(nodes) => nodes,
                _ => &node.content,
            };
            check_places(inside, at.start, at.end);
        }
    }
}

#[test]
fn json_of_every_message_is_that_of_kafka() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/messages.json");
    let text = fs::read_to_string(path).unwrap();
    let mut count = 0;
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.splitn(3, ' ');
        let (file, nulls) = (words.next().unwrap(), words.next().unwrap() == "true");
        let theirs: serde_json::Value = serde_json::from_str(words.next().unwrap()).unwrap();
        let bytes = golden::read(file).unwrap();
        let bytes = Bytes::from(bytes[usize::from(nulls)].clone());
        let (name, version) = file.trim_end_matches(".hex").rsplit_once("-v").unwrap();
        let version: i16 = version.parse().unwrap();
        let api = |side: &str| {
            let name = name.strip_suffix(side)?;
            APIS.iter().find(|api| golden::kebab(api.key.name()) == name).map(|api| api.key)
        };
        let (explained, part) = match (api("-request"), api("-response")) {
            (Some(_), _) => (explain::request(&bytes, &LIMITS), "request"),
            (_, Some(api)) => (explain::response(&bytes, api, version, &LIMITS), "response"),
            _ => (structure(name, &bytes), "fields"),
        };
        // What stands for record data in golden bytes is none.
        let is_records = line.contains("recordsSizeInBytes");
        assert!(explained.is_whole() || is_records, "{file}: {:?}", explained.trouble);
        check_places(&explained.parts, 0, bytes.len());
        let mut ours = explained.get(part).unwrap().to_kafka_json();
        if part == "fields" {
            // What stands before the fields is none of them.
            let object = ours.as_object_mut().unwrap();
            let known: Vec<String> = theirs.as_object().unwrap().keys().cloned().collect();
            object.retain(|name, _| known.contains(name));
        }
        assert_eq!(ours, theirs, "{file}, nulls: {nulls}");
        count += 1;
    }
    assert_eq!(count, 2 * (2 * APIS.len() + 57));
}

/// A structure by the name of its golden file.
fn structure(kebab: &str, bytes: &Bytes) -> Explained {
    let name: String = kebab
        .split('-')
        .flat_map(|part| {
            part.chars().enumerate().map(|(at, c)| if at == 0 { c.to_ascii_uppercase() } else { c })
        })
        .collect();
    explain::structure(&name, bytes, &LIMITS).unwrap_or_else(|| panic!("there is no {name}"))
}

struct Structures<'a>(&'a [u8]);

impl Visitor for Structures<'_> {
    fn visit<D: Data + std::fmt::Debug + PartialEq>(&mut self, make: fn(&mut Source<'_>, i16) -> D) {
        for version in D::VERSIONS {
            let flexible = D::FLEXIBLE_FROM.is_some_and(|first| version >= first);
            let made = make(&mut Source::random(self.0, flexible), version);
            let bytes = made.encode_versioned(version).expect("it can be written");
            let explained = explain::structure(D::NAME, &bytes, &LIMITS).expect("its name is known");
            assert!(explained.is_whole(), "{} v{version}: {:?}", D::NAME, explained.trouble);
            check_places(&explained.parts, 0, bytes.len());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_byte_of_every_message_is_explained(bytes in proptest::collection::vec(any::<u8>(), 0..1000)) {
        for (api, version) in versions() {
            let flexible = api.is_flexible(version);
            let request = arbitrary::request(&mut Source::random(&bytes, flexible), api, version);
            let response = arbitrary::response(&mut Source::random(&bytes, flexible), api, version);
            let len = encode(&request, api, version).unwrap().len();
            for (explained, len) in [
                (explain::request_body(&request, version).unwrap(), len),
                (explain::response_body(&response, version).unwrap(), encode(&response, api, version).unwrap().len()),
            ] {
                // Random record data is damaged.
                let has_records = matches!(api, ApiKey::Produce | ApiKey::Fetch | ApiKey::ShareFetch);
                prop_assert!(explained.is_whole() || has_records, "{} v{}: {:?}", api, version, explained.trouble);
                prop_assert_eq!(&explained.parts[0].at, &Some(0..len));
                check_places(&explained.parts, 0, len);
                prop_assert!(serde_json::from_str::<serde_json::Value>(&explained.to_json()).is_ok());
            }
        }
        structures::visit(&mut Structures(&bytes));
    }

    #[test]
    fn what_decodes_is_explained_and_what_does_not_is_explained_in_part(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let body = Bytes::from(bytes);
        for (api, version) in versions() {
            let mut frame = vec![0, 0, 0, 7];
            if api != ApiKey::ApiVersions && api.is_flexible(version) {
                frame.push(0);
            }
            frame.extend_from_slice(&body);
            let frame = Bytes::from(frame);
            let explained = explain::response(&frame, api, version, &LIMITS);
            let decoded = ResponseBody::<NoFile>::decode(api, version, &body, &LIMITS);
            prop_assert!(!explained.is_whole() || decoded.is_ok(), "{} v{}", api, version);
            let has_records = matches!(api, ApiKey::Fetch | ApiKey::ShareFetch);
            prop_assert!(explained.is_whole() || decoded.is_err() || has_records, "{} v{}", api, version);
            check_places(&explained.parts, 0, frame.len());
            let _ = (explained.to_string(), format!("{explained:#}"), explained.to_json());
        }
        let _ = explain::request(&body, &LIMITS).to_json();
        let _ = explain::record_batches(&body, Some("__consumer_offsets"), &LIMITS).to_json();
    }
}

#[test]
fn a_request_is_told_with_its_header_and_with_names_beside_numbers() {
    let request =
        HeartbeatRequest::default().with_group_id("billing").with_generation_id(5).with_member_id("m-1");
    let frame = request_frame(3, 7, &request);
    let explained = explain::request(&frame, &LIMITS);
    let expected = json!({
        "title": "HeartbeatRequest v3",
        "requestHeader": {
            "requestApiKey": 12,
            "requestApiKeyName": "Heartbeat",
            "requestApiVersion": 3,
            "correlationId": 7,
            "clientId": "me",
        },
        "request": { "groupId": "billing", "generationId": 5, "memberId": "m-1", "groupInstanceId": null },
    });
    assert_eq!(serde_json::to_value(&explained).unwrap(), expected);
    // The size is taken off, and still counts for places.
    assert_eq!(explained.get("requestHeader").unwrap().get("correlationId").unwrap().at, Some(8..12));
    assert_eq!(
        explain::request(&frame.slice(4..), &LIMITS).get("request").unwrap().get("groupId").unwrap().at,
        Some(12..21)
    );
    let text = explained.to_string();
    assert!(text.starts_with(
        "HeartbeatRequest v3\n     4  requestHeader:\n     4    requestApiKey: 12 (Heartbeat)\n"
    ));
    assert!(text.contains("\n    16    groupId: \"billing\"\n"), "{text}");
    assert!(format!("{explained:#}").contains("Generation that the member last joined"));
}

#[test]
fn a_frame_that_ends_early_is_explained_up_to_there() {
    let request = HeartbeatRequest::default().with_group_id("billing").with_member_id("m-1");
    let frame = request_frame(3, 7, &request).slice(4..);
    let cut = explain::request(&frame.slice(..frame.len() - 4), &LIMITS);
    let body = cut.get("request").unwrap();
    assert!(body.get("generationId").is_ok() && body.get("memberId").is_err());
    let trouble = cut.trouble.unwrap();
    assert_eq!(trouble.what, "memberId: a length of 3 is impossible, 1 bytes left");
    assert_eq!(trouble.at, frame.len() - 5);
}

#[test]
fn responses_of_a_connection_are_told_by_their_requests() {
    let mut conversation = Conversation::new(LIMITS);
    let silent = ProduceRequest::default().with_acks(0);
    assert!(conversation.request(&request_frame(9, 1, &silent)).is_whole());
    conversation.request(&request_frame(4, 2, &HeartbeatRequest::default()));
    let response = HeartbeatResponse::default().with_error_code(ErrorCode::REBALANCE_IN_PROGRESS);
    let chunks = frame::encode_response::<NoFile, _>(ApiKey::Heartbeat, 4, 2, &response).unwrap();
    let explained = conversation.response(&in_one_piece(chunks.clone()));
    let json = serde_json::to_value(&explained).unwrap();
    assert_eq!(json["title"], "HeartbeatResponse v4");
    assert_eq!(json["response"]["errorCode"], 27);
    assert_eq!(json["response"]["errorCodeName"], "REBALANCE_IN_PROGRESS");
    let again = conversation.response(&in_one_piece(chunks));
    assert_eq!(again.trouble.unwrap().what, "it answers no request that was seen");
}

#[test]
fn what_consumers_tell_each_other_is_opened() {
    let subscription =
        consumer_protocol::ConsumerProtocolSubscription::default().with_topics(vec!["orders".into()]);
    let protocol = JoinGroupRequestProtocol::default()
        .with_name("range")
        .with_metadata(subscription.encode_versioned(3).unwrap());
    let request = JoinGroupRequest::default().with_protocol_type("consumer").with_protocols(vec![protocol]);
    let explained = explain::request_body(&RequestBody::from(request), 9).unwrap();
    let json = serde_json::to_value(&explained).unwrap();
    let protocol = &json["request"]["protocols"][0];
    assert_eq!(protocol["metadata"], "AAMAAAABAAZvcmRlcnP/////AAAAAP///////w==");
    assert_eq!(protocol["metadataContent"]["version"], 3);
    assert_eq!(protocol["metadataContent"]["topics"], json!(["orders"]));
}

/// A batch of two records, compressed if that is possible.
fn batch(records: &[(&[u8], Option<&[u8]>)]) -> Bytes {
    let mut builder = BatchBuilder::new(BatchOptions::default());
    for (key, value) in records {
        builder
            .try_append(1_700_000_000_000, Some(key), *value, &[("trace", Some(b"\x00\x01"))])
            .expect("there is room");
    }
    builder.build().expect("it can be built")
}

#[test]
fn record_batches_are_opened_down_to_their_headers() {
    let records = batch(&[(b"o-17", Some(b"paid")), (b"\xff\xfe", None)]);
    let data = PartitionProduceData::default().with_records(Some(records.clone().into()));
    let topic = TopicProduceData::default().with_name("orders").with_partition_data(vec![data]);
    let request = ProduceRequest::default().with_topic_data(vec![topic]);
    let frame = request_frame(9, 1, &request);
    let explained = explain::request(&frame, &LIMITS);
    assert!(explained.is_whole(), "{:?}", explained.trouble);
    check_places(&explained.parts, 0, frame.len());
    let json = serde_json::to_value(&explained).unwrap();
    let batches = &json["request"]["topicData"][0]["partitionData"][0]["records"];
    assert_eq!(batches[0]["recordsCount"], 2);
    assert_eq!(batches[0]["crcIsValid"], true);
    assert_eq!(batches[0]["compression"], "none");
    let expected = json!([
        {
            "offset": 0, "timestamp": 1_700_000_000_000_i64, "key": "o-17", "value": "paid",
            "headers": [{ "key": "trace", "valueBase64": "AAE=" }],
        },
        {
            "offset": 1, "timestamp": 1_700_000_000_000_i64, "keyBase64": "//4=", "value": null,
            "headers": [{ "key": "trace", "valueBase64": "AAE=" }],
        },
    ]);
    assert_eq!(batches[0]["records"], expected);
    // Places count from the start of the frame, also those of keys.
    let topics = explained.get("request").unwrap().get("topicData").unwrap();
    let batch =
        &topics.elements()[0].get("partitionData").unwrap().elements()[0].get("records").unwrap().elements()
            [0];
    let key = batch.get("records").unwrap().elements()[0].get("key").unwrap();
    assert_eq!(&frame[key.at.clone().unwrap()], b"o-17");
}

#[test]
fn damage_inside_of_record_data_is_told_and_the_rest_goes_on() {
    let mut records = batch(&[(b"a", Some(b"b"))]).to_vec();
    let cut = records.len() + 20;
    records.extend_from_within(..);
    records[61] = 0x7f; // the length of a record that is not so long
    let partition = PartitionData::default().with_records(Some(records[..cut].to_vec().into()));
    let topic = FetchableTopicResponse::default().with_topic("orders").with_partitions(vec![partition]);
    let response: ResponseBody = FetchResponse::default().with_responses(vec![topic]).into();
    let explained = explain::response_body(&response, 12).unwrap();
    let json = serde_json::to_value(&explained).unwrap();
    let batches = &json["response"]["responses"][0]["partitions"][0]["records"];
    assert_eq!(batches[0]["crcIsValid"], false);
    assert!(batches[1]["incompleteBatch"].is_string());
    assert!(explained.trouble.unwrap().what.contains("record"));
}

#[test]
fn records_of_internal_topics_are_opened() {
    let key =
        internal::OffsetCommitKey::default().with_group("billing").with_topic("orders").with_partition(3);
    let value = internal::OffsetCommitValue::default().with_offset(42).with_metadata("m");
    let key = key.encode_versioned(internal::OffsetCommitKey::RECORD_TYPE).unwrap();
    let value = value.encode_versioned(4).unwrap();
    let records = batch(&[(&key, Some(&value))]);
    let explained = explain::record_batches(&records, Some("__consumer_offsets"), &LIMITS);
    let json = serde_json::to_value(&explained).unwrap();
    let record = &json["batches"][0]["records"][0];
    assert_eq!(
        record["keyContent"],
        json!({ "type": 1, "group": "billing", "topic": "orders", "partition": 3 })
    );
    assert_eq!(record["valueContent"]["offset"], 42);

    let alone = explain::internal_record("__consumer_offsets", &key, None, &LIMITS).unwrap();
    let json = serde_json::to_value(&alone).unwrap();
    assert_eq!(json["title"], "OffsetCommit record");
    assert_eq!((&json["key"]["group"], &json["value"]), (&json!("billing"), &json!(null)));
    assert!(explain::internal_record("orders", &key, None, &LIMITS).is_none());
}
