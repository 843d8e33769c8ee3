//! Record batches: what a record costs to encode, to read and to check.
//!
//! Throughput in elements is records, so its inverse is the time a record takes; in bytes it is
//! the batch as it lies on the wire.

use bytes::Bytes;
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ottla_protocol::records::{
    Batch, BatchBuilder, BatchOptions, Compression, HeaderEdit, TimestampType, ValidateRules, crc32c,
    validate,
};
use ottla_protocol::wire::DecodeLimits;
use std::hint::black_box;

const NOW: i64 = 1_700_000_000_000;
/// A key of 14 bytes and a value of 100, as the published figures of other codecs have them.
const KEY: &[u8; 14] = b"key-0123456789";
const VALUE_BYTES: usize = 100;
/// Batches by the size of their records.
const SIZES: [(&str, usize); 2] = [("16 KiB", 16 << 10), ("1 MiB", 1 << 20)];

fn options(bytes: usize) -> BatchOptions {
    BatchOptions::default().with_limits(bytes, bytes)
}

/// A value that compresses about as well as text does.
fn value() -> Vec<u8> {
    (0..VALUE_BYTES).map(|index| b"the quick brown fox jumps over the lazy dog"[index * index % 43]).collect()
}

fn fill(mut builder: BatchBuilder, value: &[u8]) -> BatchBuilder {
    let mut time = NOW;
    while builder.try_append(time, Some(KEY), Some(value), &[]).is_ok() {
        time += 1;
    }
    builder
}

fn batch(bytes: usize, codec: Compression) -> Batch {
    let builder = BatchBuilder::new(options(bytes).with_compression(codec, None));
    Batch::parse(fill(builder, &value()).build().expect("it is not empty")).expect("it was just built")
}

fn records_of(batch: &Batch) -> u64 {
    u64::try_from(batch.header().records_count).expect("counts are positive")
}

fn encode(c: &mut Criterion) {
    let mut group = c.benchmark_group("records/encode");
    let value = value();
    for (name, bytes) in SIZES {
        group.throughput(Throughput::Elements(records_of(&batch(bytes, Compression::None))));
        group.bench_function(BenchmarkId::new("append and build", name), |b| {
            // A producer hands the buffers of batches that were acknowledged to new ones.
            let mut buffer = Vec::new();
            b.iter(|| {
                let builder = BatchBuilder::with_buffer(options(bytes), std::mem::take(&mut buffer));
                let built: Bytes = fill(builder, black_box(&value)).build().expect("it is not empty");
                buffer = Vec::from(built);
            });
        });
        group.bench_function(BenchmarkId::new("append and build, fresh buffer", name), |b| {
            b.iter(|| fill(BatchBuilder::new(options(bytes)), black_box(&value)).build());
        });
    }
    group.finish();
}

fn decode(c: &mut Criterion) {
    let mut group = c.benchmark_group("records/decode");
    for (name, bytes) in SIZES {
        let batch = batch(bytes, Compression::None);
        group.throughput(Throughput::Elements(records_of(&batch)));
        group.bench_function(BenchmarkId::new("walk", name), |b| {
            b.iter(|| {
                let records = black_box(&batch).records(&DecodeLimits::DEFAULT).expect("it is plain");
                let mut sum = 0;
                for record in &records {
                    sum += record.expect("it is whole").offset;
                }
                sum
            });
        });
        group.bench_function(BenchmarkId::new("in full, checksum and all", name), |b| {
            b.iter(|| {
                let mut glued = black_box(batch.bytes().clone());
                let batch = Batch::split_first(&mut glued).expect("it is whole").expect("it is there");
                assert!(batch.crc_is_valid());
                let records = batch.records(&DecodeLimits::DEFAULT).expect("it is plain");
                records
                    .iter()
                    .map(|record| {
                        let record = record.expect("it is whole");
                        assert!(record.headers().is_empty());
                        let key = record.key.map(|key| records.bytes().slice_ref(key));
                        let value = record.value.map(|value| records.bytes().slice_ref(value));
                        (record.offset, record.timestamp, key, value)
                    })
                    .collect::<Vec<_>>()
            });
        });
    }
    group.finish();
}

fn check(c: &mut Criterion) {
    let rules =
        ValidateRules::default().with_clock(TimestampType::CreateTime, NOW).with_message_bytes_max(2 << 20);
    let mut group = c.benchmark_group("records/validate");
    for (name, bytes) in SIZES {
        for codec in Compression::ALL {
            let batch = batch(bytes, codec);
            group.throughput(Throughput::Elements(records_of(&batch)));
            group.bench_function(BenchmarkId::new(codec.name(), name), |b| {
                b.iter(|| validate(black_box(&batch), &rules).expect("it is valid"));
            });
        }
    }
    group.finish();
}

fn edit(c: &mut Criterion) {
    let mut group = c.benchmark_group("records/header edit");
    for (name, bytes) in SIZES {
        let batch = batch(bytes, Compression::None);
        group.bench_function(BenchmarkId::new("offset and epoch", name), |b| {
            b.iter(|| HeaderEdit::new(black_box(&batch)).base_offset(42).partition_leader_epoch(7).finish());
        });
        group.bench_function(BenchmarkId::new("and LogAppendTime", name), |b| {
            b.iter(|| {
                let edit = HeaderEdit::new(black_box(&batch)).base_offset(42).partition_leader_epoch(7);
                edit.log_append_time(NOW + 99).finish()
            });
        });
    }
    group.finish();
}

fn checksum(c: &mut Criterion) {
    let mut group = c.benchmark_group("records/crc32c");
    for (name, bytes) in [("1 KiB", 1 << 10), ("64 KiB", 64 << 10), ("1 MiB", 1 << 20)] {
        let data: Vec<u8> = value().into_iter().cycle().take(bytes).collect();
        group.throughput(Throughput::Bytes(bytes as u64));
        group.bench_function(name, |b| b.iter(|| crc32c(black_box(&data))));
    }
    group.finish();
}

fn pack(c: &mut Criterion) {
    let mut group = c.benchmark_group("records/pack");
    let value = value();
    let bytes = 16 << 10;
    for codec in Compression::ALL {
        group.throughput(Throughput::Bytes(bytes as u64));
        let filled = fill(BatchBuilder::new(options(bytes).with_compression(codec, None)), &value);
        group.bench_function(BenchmarkId::new("build", codec), |b| {
            b.iter_batched(|| filled.clone(), BatchBuilder::build, BatchSize::SmallInput);
        });
        let batch = Batch::parse(filled.build().expect("it is not empty")).expect("it was just built");
        group.bench_function(BenchmarkId::new("unpack", codec), |b| {
            b.iter(|| black_box(&batch).records(&DecodeLimits::DEFAULT).expect("it is whole"));
        });
    }
    group.finish();
}

criterion_group!(benches, encode, decode, check, edit, checksum, pack);
criterion_main!(benches);
