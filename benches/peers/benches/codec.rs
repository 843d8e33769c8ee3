//! The codec beside `kafka-protocol` and `kafka-wire`: records, metadata, fetch responses.
//!
//! `cargo bench --manifest-path benches/peers/Cargo.toml --bench codec`, from the root of the workspace; behind `--` a word
//! picks benches by name, and `--warm-up-time 1 --measurement-time 2 --sample-size 20` makes the run a short one.
//!
//! Everybody reads the same bytes, ours, and writes what it has read of them, in its own fastest way to a whole body in
//! memory: `kafka-protocol` into a buffer whose length it was told for nothing, the others as they measure it themselves.
//! What was made is dropped within the time. `kafka-wire` knows no records. Eight hostile bytes are no bench:
//! `kafka-protocol` asks for as much memory as they say, and is aborted; ours are held to less than 1 KiB by the test
//! `hostile` of `ottla-protocol`.

use std::hint::black_box;

use bytes::{Bytes, BytesMut};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use kafka_protocol::protocol::{Decodable, Encodable};
use kafka_wire::{FetchResponse as WireFetch, MetadataResponse as WireMetadata};
use kafka_wire_core::{ApiVersion, DecodeLimits as WireLimits, KafkaDecode, KafkaEncode};
use ottla_protocol::messages::fetch::{FetchResponse, FetchableTopicResponse, PartitionData};
use ottla_protocol::messages::metadata::{
    MetadataResponse, MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use ottla_protocol::records::{Batch, BatchBuilder, BatchOptions, Record};
use ottla_protocol::wire::{Chunk, DecodeLimits, NoFile, Str, Uuid};
use ottla_protocol::{Encode, Message, frame};

const NOW: i64 = 1_700_000_000_000;
/// The record of the published figures: a key of 14 bytes, a value of 100.
const KEY: &[u8; 14] = b"key-0123456789";
const VALUE: &[u8; 100] = &[b'v'; 100];
/// Records of a batch: 16 KiB, as producers send by default.
const RECORDS: i32 = 131;
/// Size prefix, number of the request and tagged fields, before the body of a response.
const HEADER_BYTES: usize = 9;

/// What others decode: the body of a response, in one piece.
fn body(chunks: Vec<Chunk>) -> Bytes {
    let mut bytes = Vec::new();
    for chunk in chunks {
        match chunk {
            Chunk::Bytes(piece) => bytes.extend_from_slice(&piece),
            Chunk::External { source, .. } => match source {},
        }
    }
    Bytes::from(bytes).slice(HEADER_BYTES..)
}

fn encoded<M: Encode + Message>(message: &M, version: i16) -> Vec<Chunk> {
    frame::encode_response::<NoFile, _>(M::API_KEY, version, 1, message).expect("a message of this version")
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

/// One message, decoded and encoded by each codec.
fn message<Ours, Kafka, Wire>(c: &mut Criterion, name: &str, ours: &Ours, version: i16)
where
    Ours: Message + Encode,
    Kafka: Decodable + Encodable,
    Wire: KafkaDecode + KafkaEncode,
{
    let wire = body(encoded(ours, version));
    let theirs = Kafka::decode(&mut wire.clone(), version).expect("it reads our bytes");
    let at = ApiVersion::new(version);
    let limits = WireLimits::default();
    let other = Wire::decode_from_bytes(wire.clone(), at, limits).expect("it reads our bytes");
    let mut again = BytesMut::new();
    theirs.encode(&mut again, version).expect("it writes what it read");
    assert_eq!(again, wire, "kafka-protocol wrote other bytes");
    assert_eq!(
        other.encode_to_bytes(at).expect("it writes what it read"),
        wire,
        "kafka-wire wrote other bytes"
    );

    let mut group = c.benchmark_group(format!("{name}/encode"));
    group.throughput(Throughput::Bytes(wire.len() as u64));
    group.bench_function("ottla", |b| b.iter(|| encoded(black_box(ours), version)));
    group.bench_function("kafka-protocol", |b| {
        b.iter(|| {
            let mut buf = BytesMut::with_capacity(wire.len());
            black_box(&theirs).encode(&mut buf, version).expect("it did so before");
            buf
        });
    });
    group.bench_function("kafka-wire", |b| {
        b.iter(|| black_box(&other).encode_to_bytes(at).expect("it did so before"));
    });
    group.finish();

    let mut group = c.benchmark_group(format!("{name}/decode"));
    group.throughput(Throughput::Bytes(wire.len() as u64));
    group.bench_function("ottla", |b| {
        b.iter(|| drop(Ours::decode_whole(black_box(&wire), version, &DecodeLimits::DEFAULT)));
    });
    group.bench_function("kafka-protocol", |b| {
        b.iter(|| drop(Kafka::decode(&mut black_box(&wire).clone(), version)));
    });
    group.bench_function("kafka-wire", |b| {
        b.iter(|| drop(Wire::decode_from_bytes(black_box(&wire).clone(), at, limits)));
    });
    group.finish();
}

fn messages(c: &mut Criterion) {
    use kafka_protocol::messages::{FetchResponse as KafkaFetch, MetadataResponse as KafkaMetadata};
    message::<_, KafkaMetadata, WireMetadata>(c, "metadata v12, 1,000 topics x 10", &metadata(), 12);
    message::<_, KafkaFetch, WireFetch>(c, "fetch v13, 100 partitions x 4 KiB", &fetch(), 13);
}

/// A batch as a producer makes it.
fn build(buffer: Vec<u8>) -> Bytes {
    let mut builder = BatchBuilder::with_buffer(BatchOptions::default(), buffer);
    for index in 0..RECORDS {
        let appended = builder.try_append(NOW + i64::from(index), Some(KEY), Some(black_box(VALUE)), &[]);
        appended.expect("it fits");
    }
    builder.build().expect("it has records")
}

/// The records of a batch that owns its bytes, once its checksum was found right.
fn checked(bytes: &Bytes) -> ottla_protocol::records::BatchRecords {
    let batch = Batch::parse(black_box(bytes).clone()).expect("it is whole");
    assert!(batch.crc_is_valid());
    batch.records(&DecodeLimits::DEFAULT).expect("it is not compressed")
}

fn records(c: &mut Criterion) {
    use kafka_protocol::records::{Compression, RecordBatchDecoder, RecordBatchEncoder, RecordEncodeOptions};
    let wire = build(Vec::new());
    let options = RecordEncodeOptions { version: 2, compression: Compression::None };
    let theirs = RecordBatchDecoder::decode(&mut wire.clone()).expect("it reads our bytes").records;

    // A throughput of elements is records a second: its inverse is what a record takes.
    let mut group = c.benchmark_group("records/encode");
    group.throughput(Throughput::Elements(RECORDS.unsigned_abs().into()));
    group.bench_function("ottla", |b| {
        // A producer hands the buffers of batches that were acknowledged to new ones.
        let mut buffer = Vec::new();
        b.iter(|| buffer = Vec::from(build(std::mem::take(&mut buffer))));
    });
    group.bench_function("kafka-protocol", |b| {
        let mut buffer = BytesMut::new();
        b.iter(|| {
            buffer.clear();
            RecordBatchEncoder::encode(&mut buffer, black_box(&theirs), &options)
                .expect("it writes what it read");
        });
    });
    group.finish();

    let mut group = c.benchmark_group("records/decode in full");
    group.throughput(Throughput::Elements(RECORDS.unsigned_abs().into()));
    group.bench_function("ottla", |b| {
        b.iter(|| {
            let records = checked(&wire);
            let walk = records.iter();
            let mut all: Vec<Record<'_>> = Vec::with_capacity(walk.size_hint().1.unwrap_or(0));
            walk.for_each(|record| all.push(record.expect("it is whole")));
            for record in &all {
                assert!(record.headers().is_empty());
            }
            black_box(&all);
        });
    });
    group.bench_function("ottla, keys and values that own their bytes", |b| {
        b.iter(|| {
            let records = checked(&wire);
            let owned = |part: Option<&[u8]>| part.map(|part| records.bytes().slice_ref(part));
            let walk = records.iter();
            let mut all = Vec::with_capacity(walk.size_hint().1.unwrap_or(0));
            walk.for_each(|record| {
                let record = record.expect("it is whole");
                assert!(record.headers().is_empty());
                all.push((record.offset, record.timestamp, owned(record.key), owned(record.value)));
            });
            drop(black_box(all));
        });
    });
    group.bench_function("kafka-protocol", |b| {
        b.iter(|| drop(RecordBatchDecoder::decode(&mut black_box(&wire).clone())));
    });
    group.finish();

    let mut group = c.benchmark_group("records/walk lazily");
    group.throughput(Throughput::Elements(RECORDS.unsigned_abs().into()));
    let batch = Batch::parse(wire.clone()).expect("it is whole");
    group.bench_function("ottla", |b| {
        b.iter(|| {
            let records = black_box(&batch).records(&DecodeLimits::DEFAULT).expect("it is not compressed");
            let mut sum = 0;
            for record in &records {
                sum += record.expect("it is whole").offset;
            }
            sum
        });
    });
    group.finish();
}

criterion_group!(benches, records, messages);
criterion_main!(benches);
