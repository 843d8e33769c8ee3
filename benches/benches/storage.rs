//! The log, beside the limits of the machine: raw writes with a checksum, and raw syncs.
//!
//! `cargo bench -p ottla-benches --bench storage`. Files go to the folder that `TMPDIR` names.

use std::fs::File;
use std::io::{IoSlice, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ottla_protocol::records::{BatchBuilder, BatchOptions, crc32c};
use ottla_protocol::wire::Uuid;
use ottla_storage::blocking::{block_on, env};
use ottla_storage::disk::OsDisk;
use ottla_storage::{
    AppendOptions, Durability, Log, LogConfig, LogName, Offset, ReadOptions, Storage, StorageConfig,
};

/// A batch of records of 1 KiB each, or of one record when it is smaller.
fn batch(bytes: usize) -> Bytes {
    let mut builder = BatchBuilder::new(BatchOptions::default().with_limits(2 << 20, 1 << 20));
    let value = vec![b'x'; bytes.min(1024) - 100];
    for _ in 0..(bytes / 1024).max(1) {
        builder.try_append(1_000_000, None, Some(&value), &[]).expect("it fits");
    }
    builder.build().expect("it has records")
}

struct Place {
    folder: tempfile::TempDir,
    storage: Storage,
}

impl Place {
    fn new(config: StorageConfig) -> Self {
        let folder = tempfile::tempdir().expect("a folder for files");
        let disk = Arc::new(OsDisk::new(folder.path()).expect("the folder is there"));
        let storage = block_on(Storage::open(disk, env(), config)).expect("an empty folder opens");
        Self { folder, storage }
    }

    /// Runs on a log of its own, which is removed afterwards.
    fn on_log(&self, durability: Durability, run: impl FnOnce(&Arc<Log>) -> Duration) -> Duration {
        let name = LogName::new("bench", 0);
        let config = LogConfig::default().with_durability(durability);
        let log = self.storage.create_log(name.clone(), Uuid::ZERO, config).expect("the name is free");
        let first = log.append(batch(200), AppendOptions::new(1_000_000)).expect("it is written");
        block_on(log.durable(&first)).expect("it is synced");
        let took = run(&log);
        block_on(self.storage.remove_log(&name)).expect("the log is there");
        took
    }
}

fn append(c: &mut Criterion) {
    let mut group = c.benchmark_group("append");
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(3)).sample_size(10);
    let place = Place::new(StorageConfig::default());
    for size in [1024, 16 * 1024, 1024 * 1024 - 20_000] {
        let batch = batch(size);
        group.throughput(Throughput::Bytes(batch.len() as u64));
        group.bench_function(format!("os/{size}"), |b| {
            b.iter_custom(|iterations| {
                place.on_log(Durability::Os, |log| {
                    let start = Instant::now();
                    for _ in 0..iterations {
                        log.append(batch.clone(), AppendOptions::new(1_000_000)).expect("it is written");
                    }
                    start.elapsed()
                })
            });
        });
        group.bench_function(format!("limit: write and crc/{size}"), |b| {
            b.iter_custom(|iterations| {
                let path = place.folder.path().join("raw");
                let mut file = File::create(&path).expect("a file");
                let (head, body) = batch.split_at(61);
                let start = Instant::now();
                for _ in 0..iterations {
                    std::hint::black_box(crc32c(&batch[21..]));
                    let written = file.write_vectored(&[IoSlice::new(head), IoSlice::new(body)]);
                    assert_eq!(written.expect("it is written"), batch.len());
                }
                let took = start.elapsed();
                std::fs::remove_file(path).expect("it is there");
                took
            });
        });
    }
    group.finish();
}

fn durable(c: &mut Criterion) {
    let mut group = c.benchmark_group("durable append, 1 KiB");
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(3)).sample_size(10);
    let place = Place::new(StorageConfig::default());
    let batch = batch(1024);
    group.throughput(Throughput::Elements(1));
    group.bench_function("1 writer", |b| {
        b.iter_custom(|iterations| {
            place.on_log(Durability::Fsync, |log| {
                let start = Instant::now();
                for _ in 0..iterations {
                    let appended = log.append(batch.clone(), AppendOptions::new(1_000_000));
                    block_on(log.durable(&appended.expect("it is written"))).expect("it is synced");
                }
                start.elapsed()
            })
        });
    });
    group.bench_function("limit: write and fdatasync", |b| {
        b.iter_custom(|iterations| {
            let path = place.folder.path().join("raw");
            let mut file = File::create(&path).expect("a file");
            let start = Instant::now();
            for _ in 0..iterations {
                file.write_all(&batch).expect("it is written");
                file.sync_data().expect("it is synced");
            }
            let took = start.elapsed();
            std::fs::remove_file(path).expect("it is there");
            took
        });
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().build().expect("a runtime");
    group.bench_function("64 writers", |b| {
        b.iter_custom(|iterations| {
            place.on_log(Durability::Fsync, |log| {
                let start = Instant::now();
                let writers = (0..64).map(|writer| {
                    let (log, batch) = (Arc::clone(log), batch.clone());
                    runtime.spawn(async move {
                        for _ in 0..iterations / 64 + u64::from(writer < iterations % 64) {
                            let appended = log.append(batch.clone(), AppendOptions::new(1_000_000));
                            log.durable(&appended.expect("it is written")).await.expect("it is synced");
                        }
                    })
                });
                for writer in writers.collect::<Vec<_>>() {
                    block_on(writer).expect("it does not panic");
                }
                start.elapsed()
            })
        });
    });
    group.finish();
}

fn read(c: &mut Criterion) {
    let mut group = c.benchmark_group("read, 1 MiB of 16 KiB batches");
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2)).sample_size(20);
    group.throughput(Throughput::Bytes(1 << 20));
    let batch = batch(16 * 1024);
    for (what, tail) in [("tail", 16 << 20), ("file range", 0)] {
        let place = Place::new(StorageConfig::default().with_tail_bytes_max(tail));
        place.on_log(Durability::Os, |log| {
            for _ in 0..64 {
                log.append(batch.clone(), AppendOptions::new(1_000_000)).expect("it is written");
            }
            group.bench_function(what, |b| {
                b.iter(|| {
                    let read = block_on(log.read(Offset(1), ReadOptions::default()).into_future());
                    assert!(read.expect("it is there").records.len() > 900_000);
                });
            });
            Duration::ZERO
        });
    }
    group.finish();
}

criterion_group!(benches, append, durable, read);
criterion_main!(benches);
