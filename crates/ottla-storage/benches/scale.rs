//! Ten thousand logs in one process: descriptors, memory, and how long a start takes.
//!
//! `cargo bench -p ottla-storage --bench scale [-- LOGS]` (10,000 by default; `bench` is a release build). Each step runs in a
//! process of its own, under a limit of 20,000 descriptors; files go to `target/tmp`. Asked for: a clean start
//! under a second, one after `kill -9` under two, under 4 KiB of memory for an idle log.

#![expect(clippy::disallowed_methods, reason = "a bench measures time and the process that it is")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use ottla_protocol::records::{BatchBuilder, BatchOptions};
use ottla_protocol::wire::Uuid;
use ottla_storage::blocking::{block_on, env};
use ottla_storage::disk::OsDisk;
use ottla_storage::{AppendOptions, Log, LogConfig, LogName, Storage, StorageConfig};
use rustix::process::{Resource, Rlimit, Signal, getpid, kill_process, setrlimit};
use rustix::time::{ClockId, clock_gettime};

/// Descriptors that each process may open.
const DESCRIPTORS: u64 = 20_000;
/// Logs that are appended to at the same time.
const AT_ONCE: usize = 1000;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    if let [role, folder, logs] = words.as_slice() {
        return step(role, Path::new(folder), logs.parse().expect("a count"));
    }
    let logs = words.first().map_or("10000", String::as_str);
    let parent = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let folder = tempfile::tempdir_in(parent).expect("the target folder takes files");
    for role in ["fill", "start", "append", "start", "start", "kill idle", "start", "kill", "start", "start"]
    {
        let program = std::env::current_exe().expect("it runs");
        let status = Command::new(program).arg(role).arg(folder.path()).arg(logs).status();
        let killed = role.starts_with("kill");
        assert!(status.expect("it starts").success() != killed, "{role}");
    }
}

fn step(role: &str, folder: &Path, logs: usize) {
    setrlimit(Resource::Nofile, Rlimit { current: Some(DESCRIPTORS), maximum: Some(DESCRIPTORS) })
        .expect("the limit may be lowered");
    let before = resident();
    let start = Instant::now();
    let disk = Arc::new(OsDisk::new(folder).expect("the folder is there"));
    let storage = block_on(Storage::open(disk, env(), StorageConfig::default())).expect("it opens");
    let (opened, processor) = (start.elapsed(), clock_gettime(ClockId::ProcessCPUTime));
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a bench")]
    let processor = processor.tv_sec as f64 * 1e3 + processor.tv_nsec as f64 / 1e6;
    let all: Vec<Arc<Log>> = match role {
        "fill" => (0..logs).map(|n| create(&storage, n)).collect(),
        _ => storage.logs().iter().filter_map(|name| storage.log(name)).collect(),
    };
    assert_eq!(all.len(), logs);
    let resident_now = (resident() - before) / logs as u64;
    print!("{role:10} open {opened:>10.1?} ({processor:>6.0} ms CPU)  {resident_now:>6} bytes a log");
    let start = Instant::now();
    match role {
        "fill" | "append" | "kill" => {
            append_to(&all);
            print!("  append to each {:>10.1?}", start.elapsed());
        }
        "kill idle" => append_to(&all[..logs / 100]),
        _ => {}
    }
    println!("  {:>6} descriptors  {:>6} bytes a log", descriptors(), (resident() - before) / logs as u64);
    if role.starts_with("kill") {
        kill_process(getpid(), Signal::KILL).expect("it may end itself");
    }
    let start = Instant::now();
    block_on(storage.checkpoint()).expect("it is written");
    block_on(storage.checkpoint()).expect("it is written");
    let checkpointed = start.elapsed();
    let resident = (resident() - before) / logs as u64;
    let start = Instant::now();
    block_on(storage.close()).expect("it closes");
    println!(
        "{:10} checkpoint {checkpointed:.1?}, close {:.1?}, {resident} bytes a log",
        "",
        start.elapsed()
    );
}

fn create(storage: &Storage, n: usize) -> Arc<Log> {
    let name = LogName::new("scale", i32::try_from(n).expect("a partition"));
    storage.create_log(name, Uuid::from_u128(7), LogConfig::default()).expect("the name is free")
}

/// A durable record to each log.
fn append_to(logs: &[Arc<Log>]) {
    let batch = batch();
    for some in logs.chunks(AT_ONCE) {
        let options = AppendOptions::new(1_000_000);
        let appended: Vec<_> =
            some.iter().map(|log| log.append(batch.clone(), options).expect("it is written")).collect();
        for (log, appended) in some.iter().zip(&appended) {
            block_on(log.durable(appended)).expect("it is synced");
        }
    }
}

fn batch() -> Bytes {
    let mut builder = BatchBuilder::new(BatchOptions::default());
    builder.try_append(1_000_000, None, Some(&[b'x'; 100]), &[]).expect("it fits");
    builder.build().expect("it has a record")
}

/// Bytes of memory that are the process's own.
fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("Linux tells");
    let pages = |n| statm.split(' ').nth(n).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0);
    (pages(1) - pages(2)) * rustix::param::page_size() as u64
}

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}
