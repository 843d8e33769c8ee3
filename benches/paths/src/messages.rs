//! What brokers and clients say most: whole frames, as they leave and as they come in.

use std::hint::black_box;

use bytes::Bytes;
use ottla_protocol::messages::fetch::{FetchResponse, FetchableTopicResponse, PartitionData};
use ottla_protocol::messages::metadata::{
    MetadataResponse, MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use ottla_protocol::messages::produce::{PartitionProduceData, ProduceRequest, TopicProduceData};
use ottla_protocol::messages::{RequestBody, decode_request_body};
use ottla_protocol::wire::{Chunk, DecodeLimits, NoFile, Str, Uuid};
use ottla_protocol::{Encode, Message, Request, frame, header};

use crate::records;

/// What arrives of an encoded frame: all of it in one piece, without its size.
pub(crate) fn arrived(chunks: Vec<Chunk>) -> Bytes {
    let mut bytes = Vec::new();
    for chunk in chunks {
        match chunk {
            Chunk::Bytes(piece) => bytes.extend_from_slice(&piece),
            Chunk::External { source, .. } => match source {},
        }
    }
    Bytes::from(bytes).slice(4..)
}

/// A request as it arrives.
pub(crate) fn request<R: Request>(version: i16, request: &R) -> Bytes {
    arrived(frame::encode_request(version, 1, Some("paths"), request).expect("a request of this version"))
}

/// One record, for partition 0 of a topic that is named and has this id: later versions have the one, earlier the other.
pub(crate) fn produce_request(topic: &'static str) -> ProduceRequest {
    let records = records::batch(1, Vec::new());
    let partition = PartitionProduceData::default().with_records(Some(records.into()));
    let topic =
        TopicProduceData::default().with_name(Str::from_static(topic)).with_partition_data(vec![partition]);
    ProduceRequest::default().with_acks(-1).with_timeout_ms(30_000).with_topic_data(vec![topic])
}

pub(crate) fn decode_produce(times: u32) {
    let frame = request(12, &produce_request("orders"));
    for _ in 0..times {
        let (header, body) =
            header::decode_request(black_box(&frame).clone(), &DecodeLimits::DEFAULT).expect("a header");
        let body: RequestBody =
            decode_request_body(&header, &body, &DecodeLimits::DEFAULT).expect("a request");
        black_box(body);
    }
}

fn encode<M: Message + Encode>(times: u32, version: i16, message: &M) {
    for _ in 0..times {
        black_box(frame::encode_response::<NoFile, _>(M::API_KEY, version, 1, black_box(message)))
            .expect("a response of this version");
    }
}

fn decode<M: Message + Encode>(times: u32, version: i16, message: &M) {
    let chunks = frame::encode_response::<NoFile, _>(M::API_KEY, version, 1, message);
    let frame = arrived(chunks.expect("a response of this version"));
    for _ in 0..times {
        let decoded = frame::decode_response::<M>(black_box(&frame).clone(), version, &DecodeLimits::DEFAULT);
        black_box(decoded.expect("a response"));
    }
}

/// One topic, 100 partitions of 4 KiB of records each.
fn fetch_response() -> FetchResponse {
    let records = Bytes::from(vec![7; 4096]);
    let partitions = (0..100).map(|partition| {
        PartitionData::default()
            .with_partition_index(partition)
            .with_high_watermark(1000)
            .with_last_stable_offset(1000)
            .with_log_start_offset(0)
            .with_records(Some(records.clone().into()))
    });
    let topic = FetchableTopicResponse::default()
        .with_topic_id(Uuid::from_u128(1))
        .with_partitions(partitions.collect());
    FetchResponse::default().with_responses(vec![topic])
}

pub(crate) fn encode_fetch(times: u32) {
    encode(times, 13, &fetch_response());
}

pub(crate) fn decode_fetch(times: u32) {
    decode(times, 13, &fetch_response());
}

/// Three brokers, 100 topics of 10 partitions of 3 replicas.
fn metadata_response() -> MetadataResponse {
    let brokers = (0..3).map(|id| {
        let host = format!("broker-{id}.example.com");
        MetadataResponseBroker::default().with_node_id(id).with_host(host).with_port(9092)
    });
    let topics = (0..100).map(|topic: u16| {
        let partitions = (0..10).map(|partition| {
            MetadataResponsePartition::default()
                .with_partition_index(partition)
                .with_leader_id(partition % 3)
                .with_leader_epoch(1)
                .with_replica_nodes([0, 1, 2])
                .with_isr_nodes([0, 1, 2])
        });
        MetadataResponseTopic::default()
            .with_name(Some(Str::from(format!("topic-{topic:04}"))))
            .with_topic_id(Uuid::from_u128(topic.into()))
            .with_partitions(partitions.collect())
    });
    MetadataResponse::default().with_brokers(brokers.collect()).with_topics(topics.collect())
}

pub(crate) fn encode_metadata(times: u32) {
    encode(times, 12, &metadata_response());
}

pub(crate) fn decode_metadata(times: u32) {
    decode(times, 12, &metadata_response());
}
