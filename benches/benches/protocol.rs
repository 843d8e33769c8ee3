//! The codec: messages as brokers and clients exchange them most.
//!
//! `cargo bench -p ottla-benches --bench protocol`. Peers are measured in `benches/peers`.

use bytes::Bytes;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use ottla_protocol::frame;
use ottla_protocol::messages::fetch::{FetchResponse, FetchableTopicResponse, PartitionData};
use ottla_protocol::messages::metadata::{
    MetadataResponse, MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use ottla_protocol::wire::{Chunk, DecodeLimits, Str, Uuid};
use ottla_protocol::{ApiKey, Message};
use std::hint::black_box;

/// The frame in one piece, without size and header.
fn body(chunks: Vec<Chunk>, header: usize) -> Bytes {
    let mut bytes = Vec::new();
    for chunk in chunks {
        match chunk {
            Chunk::Bytes(piece) => bytes.extend_from_slice(&piece),
            Chunk::External { source, .. } => match source {},
        }
    }
    Bytes::from(bytes).slice(4 + header..)
}

/// Three brokers, 1,000 topics of 10 partitions of 3 replicas.
fn metadata() -> MetadataResponse {
    let brokers = (0..3).map(|id| {
        let host = format!("broker-{id}.example.com");
        MetadataResponseBroker::default().with_node_id(id).with_host(host).with_port(9092)
    });
    let topics = (0..1000).map(|topic: u16| {
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

/// One topic, 100 partitions of 4 KiB of records each.
fn fetch() -> FetchResponse {
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

fn messages(c: &mut Criterion) {
    let response = metadata();
    let wire = body(frame::encode_response(ApiKey::Metadata, 12, 1, &response).expect("a message"), 5);
    let mut group = c.benchmark_group("metadata v12, 1,000 topics x 10");
    group.throughput(Throughput::Bytes(wire.len() as u64));
    group.bench_function("encode", |b| {
        b.iter(|| {
            frame::encode_response::<ottla_protocol::wire::NoFile, _>(
                ApiKey::Metadata,
                12,
                1,
                black_box(&response),
            )
        });
    });
    group.bench_function("decode", |b| {
        b.iter(|| MetadataResponse::decode_whole(black_box(&wire), 12, &DecodeLimits::DEFAULT));
    });
    group.bench_function("decode, the drop not counted", |b| {
        b.iter_batched(
            || (),
            |()| MetadataResponse::decode_whole(black_box(&wire), 12, &DecodeLimits::DEFAULT),
            BatchSize::PerIteration,
        );
    });
    group.finish();

    let response = fetch();
    let wire = body(frame::encode_response(ApiKey::Fetch, 13, 1, &response).expect("a message"), 5);
    let mut group = c.benchmark_group("fetch v13, 100 partitions x 4 KiB");
    group.throughput(Throughput::Bytes(wire.len() as u64));
    group.bench_function("encode", |b| {
        b.iter(|| frame::encode_response(ApiKey::Fetch, 13, 1, black_box(&response)));
    });
    group.bench_function("decode", |b| {
        b.iter(|| <FetchResponse>::decode_whole(black_box(&wire), 13, &DecodeLimits::DEFAULT));
    });
    group.finish();
}

criterion_group!(benches, messages);
criterion_main!(benches);
