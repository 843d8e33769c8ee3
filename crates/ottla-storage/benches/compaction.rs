//! Compaction of a log of many keys: bytes a second and core, and the memory that it takes.
//!
//! `cargo bench -p ottla-storage --bench compaction -- [keys] [MiB for keys] [codec]`; a million keys in 128 MiB unless
//! told otherwise. Every key is written twice, in no order, with values of 100 bytes. Files go to the
//! folder that `TMPDIR` names. The processor's time is that of the one thread, so that a busy machine does
//! not count; all of it, in the kernel as well.
#![expect(clippy::print_stdout, clippy::expect_used, reason = "a program that measures")]

use std::sync::Arc;

use ottla_env::Rng;
use ottla_protocol::records::{BatchBuilder, BatchOptions, Compression};
use ottla_protocol::wire::Uuid;
use ottla_storage::blocking::{block_on, env};
use ottla_storage::disk::OsDisk;
use ottla_storage::{
    AppendOptions, CleanupPolicy, CompactionConfig, Durability, LogConfig, LogName, Storage, StorageConfig,
    Unpaced,
};

const MIB: f64 = 1024.0 * 1024.0;

fn main() {
    // `cargo bench` and `cargo test` add options of their own.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let number =
        |place: usize, default: u64| words.get(place).map_or(default, |word| word.parse().expect("a number"));
    let is_test = std::env::args().any(|word| word == "--test");
    let keys = number(0, if is_test { 1000 } else { 1_000_000 });
    let map_bytes = usize::try_from(number(1, 128)).expect("a size") * 1024 * 1024;
    let codec = words.get(2).map_or("none", String::as_str);
    let codec = Compression::from_name(codec).expect("a codec");

    let folder = tempfile::tempdir().expect("a folder for files");
    let disk = Arc::new(OsDisk::new(folder.path()).expect("the folder is there"));
    let config = StorageConfig::default().with_tail_bytes_max(0);
    let storage = block_on(Storage::open(disk, env(), config)).expect("an empty folder opens");
    let log = LogConfig::default()
        .with_durability(Durability::Os)
        .with_segment_bytes(64 * 1024 * 1024)
        .with_cleanup_policy(CleanupPolicy::COMPACT);
    let log = storage.create_log(LogName::new("bench", 0), Uuid::ZERO, log).expect("the name is free");

    let mut rng = Rng::new(7);
    let mut order: Vec<u64> = (0..keys).chain(0..keys).collect();
    rng.shuffle(&mut order);
    let mut records = order.iter().peekable();
    let mut value = [0; 100];
    let mut written = 0;
    while records.peek().is_some() {
        let options = BatchOptions::default().with_limits(16 * 1024, 16 * 1024).with_compression(codec, None);
        let mut batch = BatchBuilder::new(options);
        while let Some(key) = records.peek() {
            rng.fill(&mut value[..40]);
            let key = format!("customer-{key:012}");
            if batch.try_append(1_000_000, Some(key.as_bytes()), Some(&value), &[]).is_err() {
                break;
            }
            records.next();
        }
        let batch = batch.build().expect("it has records");
        written += batch.len() as u64;
        log.append(batch, AppendOptions::new(1_000_000)).expect("it is written");
    }
    drop(order);
    block_on(storage.checkpoint()).expect("it is synced");
    let (records, bytes) = (2 * keys, mib(written));
    println!("{keys} keys, {records} records, {bytes:.0} MiB, {codec}, {} MiB for keys", map_bytes >> 20);

    let resident = memory("VmRSS");
    let config = CompactionConfig::default().with_map_bytes_max(map_bytes);
    let (mut read, mut seconds) = (0, 0.0);
    loop {
        let begun = processor_seconds();
        let Some(round) = block_on(storage.compact_next(&config, &mut Unpaced)).expect("it is compacted")
        else {
            break;
        };
        let took = processor_seconds() - begun;
        read += round.bytes_before;
        seconds += took;
        println!(
            "  to {}: {:.0} -> {:.0} MiB, {} -> {} records, {took:.2} s, {:.0} MB/s, map of {:.0} MiB",
            round.to,
            mib(round.bytes_before),
            mib(round.bytes_after),
            round.records_before,
            round.records_after,
            mib(round.bytes_before) * MIB / 1e6 / took,
            mib(round.map_bytes as u64),
        );
    }
    let (peak, speed) = (memory("VmHWM"), mib(read) * MIB / 1e6 / seconds);
    println!("{speed:.0} MB/s a core; at most {:.0} MiB more memory than before", peak - resident);
    block_on(storage.close()).expect("it is closed");
}

#[expect(clippy::cast_precision_loss, reason = "a size to be shown")]
fn mib(bytes: u64) -> f64 {
    bytes as f64 / MIB
}

/// What the processor spent on this thread, in user and kernel mode. 0 where the system does not tell.
#[expect(clippy::cast_precision_loss, reason = "a time to be shown")]
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split(' ').next().and_then(|ns| ns.parse::<u64>().ok()).unwrap_or(0) as f64 / 1e9
}

/// A line of `/proc/self/status`, in MiB.
fn memory(name: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}
