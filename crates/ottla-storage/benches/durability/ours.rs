//! The log itself, with as many writers and partitions as a row asks for.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use ottla_protocol::records::{BatchBuilder, BatchOptions};
use ottla_protocol::wire::Uuid;
use ottla_storage::blocking::{block_on, env};
use ottla_storage::disk::{OsDisk, OsDiskConfig};
use ottla_storage::{AppendOptions, Durability, Log, LogConfig, LogName, Storage, StorageConfig};

use crate::{Rate, folder};

/// A batch of records of 1 KiB each, or of one record when it is smaller.
pub(crate) fn batch(bytes: usize) -> Bytes {
    let mut builder = BatchBuilder::new(BatchOptions::default().with_limits(2 << 20, 1 << 20));
    let value = vec![b'x'; bytes.min(1024)];
    for _ in 0..(bytes / 1024).max(1) {
        builder.try_append(1_000_000, None, Some(&value), &[]).expect("it fits");
    }
    builder.build().expect("it has records")
}

/// A storage with logs that all have their folders and files.
struct Logs {
    storage: Storage,
    logs: Vec<Arc<Log>>,
    _folder: tempfile::TempDir,
}

impl Logs {
    fn new(partitions: usize, durability: Durability, disk: &OsDiskConfig) -> Self {
        let folder = folder();
        let disk = Arc::new(OsDisk::with_config(folder.path(), disk).expect("the folder is there"));
        let storage =
            block_on(Storage::open(disk, env(), StorageConfig::default())).expect("an empty folder opens");
        let config = LogConfig::default().with_durability(durability);
        let create = |n| {
            let name = LogName::new("bench", i32::try_from(n).expect("a number of a partition"));
            storage.create_log(name, Uuid::ZERO, config.clone()).expect("the name is free")
        };
        let logs: Vec<Arc<Log>> = (0..partitions).map(create).collect();
        let first: Vec<_> = logs.iter().map(|log| append(log, &batch(10))).collect();
        for (log, appended) in logs.iter().zip(&first) {
            block_on(log.durable(appended)).expect("it is written");
        }
        block_on(storage.checkpoint()).expect("the files are written");
        Self { storage, logs, _folder: folder }
    }

    fn close(self) {
        block_on(self.storage.close()).expect("all is durable");
    }
}

fn append(log: &Log, batch: &Bytes) -> ottla_storage::Appended {
    log.append(batch.clone(), AppendOptions::new(1_000_000)).expect("it is written")
}

/// Appends that nobody waits for, each writer in a thread of its own, going from log to log.
pub(crate) fn appends(time: Duration, batch: &Bytes, writers: usize, partitions: usize) -> Rate {
    let logs = Logs::new(partitions, Durability::Os, &OsDiskConfig::default());
    let rate = Rate::measure(time, batch.len(), |end| {
        let write = |writer| {
            let logs = &logs.logs;
            let mut done = 0;
            for log in logs.iter().cycle().skip(writer * logs.len() / writers) {
                if Instant::now() >= end {
                    break;
                }
                append(log, batch);
                done += 1;
            }
            done
        };
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..writers).map(|writer| scope.spawn(move || write(writer))).collect();
            threads.into_iter().map(|thread| thread.join().expect("it does not panic")).sum()
        })
    });
    logs.close();
    rate
}

/// Appends that each writer waits for.
pub(crate) fn durable_appends(time: Duration, batch: &Bytes, writers: usize, partitions: usize) -> Rate {
    durable_appends_with(time, batch, writers, partitions, OsDiskConfig::SYNC_THREADS_MAX)
}

/// The same with another number of threads that sync.
pub(crate) fn durable_appends_with(
    time: Duration,
    batch: &Bytes,
    writers: usize,
    partitions: usize,
    threads: usize,
) -> Rate {
    let disk = OsDiskConfig::default().with_sync_threads_max(threads);
    let logs = Logs::new(partitions, Durability::Fsync, &disk);
    let runtime = tokio::runtime::Builder::new_multi_thread().build().expect("a runtime");
    let rate = Rate::measure(time, batch.len(), |end| {
        if writers == 1 {
            let mut done = 0;
            for log in logs.logs.iter().cycle() {
                if Instant::now() >= end {
                    break;
                }
                block_on(log.durable(&append(log, batch))).expect("it is synced");
                done += 1;
            }
            return done;
        }
        let write = |writer: usize| {
            let (logs, batch) = (logs.logs.clone(), batch.clone());
            async move {
                let mut done = 0;
                for log in logs.iter().cycle().skip(writer * logs.len() / writers) {
                    if Instant::now() >= end {
                        break;
                    }
                    log.durable(&append(log, &batch)).await.expect("it is synced");
                    done += 1;
                }
                done
            }
        };
        let tasks: Vec<_> = (0..writers).map(|writer| runtime.spawn(write(writer))).collect();
        tasks.into_iter().map(|task| block_on(task).expect("it does not panic")).sum()
    });
    logs.close();
    rate
}
