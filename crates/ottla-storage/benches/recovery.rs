//! Starts of a large log: after a clean stop, after `kill -9`, and with every index gone.
//!
//! `cargo bench -p ottla-storage --bench recovery [-- GIB]` (10 GiB by default, in segments of 1 GiB). Each start runs in a process of
//! its own, with nothing of the files in memory; files go to `target/tmp`. What is read from the disk is told beside
//! the time: asked for is that only the tail is, what was written past the last checkpoint. The limit is one
//! pass over all of the bytes with their checksums, which a start without any recovery point would take.

#![expect(clippy::expect_used, reason = "a program that measures")]
#![expect(clippy::disallowed_methods, reason = "a bench measures time and the process that it is")]

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use ottla_protocol::records::{BatchBuilder, BatchOptions, crc32c};
use ottla_protocol::wire::Uuid;
use ottla_storage::blocking::{self, block_on, env};
use ottla_storage::disk::OsDisk;
use ottla_storage::{
    AppendOptions, Durability, Log, LogConfig, LogName, Offset, ReadOptions, Storage, StorageConfig,
};
use rustix::process::{Signal, getpid, kill_process};

/// Records in a batch, each of 1 KiB.
const RECORDS: i64 = 64;
/// Bytes between two checkpoints, as a broker makes them every few seconds.
const CHECKPOINT_BYTES: u64 = 1 << 28;
const GIB: u64 = 1 << 30;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    if let [role, folder, bytes] = words.as_slice() {
        return step(role, Path::new(folder), bytes.parse().expect("a size"));
    }
    let is_test = std::env::args().any(|word| word == "--test");
    let bytes = match words.first() {
        Some(gib) => gib.parse::<u64>().expect("a size in GiB") * GIB,
        None if is_test => GIB / 16,
        None => 10 * GIB,
    };
    let parent = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let folder = tempfile::tempdir_in(parent).expect("the target folder takes files");
    let run = |role: &str| {
        make_cold(folder.path());
        let program = std::env::current_exe().expect("it runs");
        let status = Command::new(program).arg(role).arg(folder.path()).arg(bytes.to_string()).status();
        assert!(status.expect("it starts").success() != role.starts_with("fill"), "{role}");
    };
    run("fill, then kill -9 with 256 MiB past the checkpoint");
    run("after kill -9");
    run("after a clean stop");
    for path in files(folder.path()) {
        if path.extension().is_none_or(|extension| extension != "log") {
            std::fs::remove_file(path).expect("it goes");
        }
    }
    run("with every file but the segments gone");
    make_cold(folder.path());
    let (start, mut buffer) = (Instant::now(), vec![0; 1 << 20]);
    for path in files(folder.path()) {
        let mut file = File::open(path).expect("it opens");
        while let len @ 1.. = file.read(&mut buffer).expect("it is read") {
            std::hint::black_box(crc32c(&buffer[..len]));
        }
    }
    println!("{:55} {:>10.1?}", "limit: all bytes and their checksums", start.elapsed());
}

fn step(role: &str, folder: &Path, bytes: u64) {
    let (start, read) = (Instant::now(), bytes_read());
    let disk = Arc::new(OsDisk::new(folder).expect("the folder is there"));
    let storage = block_on(Storage::open(disk, env(), StorageConfig::default())).expect("it opens");
    let (took, read) = (start.elapsed(), bytes_read() - read);
    let name = LogName::new("bench", 0);
    if role.starts_with("fill") {
        let config = LogConfig::default().with_durability(Durability::Os);
        fill(
            &storage,
            &storage.create_log(name.clone(), Uuid::ZERO, config).expect("the name is free"),
            bytes,
        );
    }
    let log = storage.log(&name).expect("it is there");
    let end = log.offsets().log_end;
    let size = files(folder).iter().map(|path| path.metadata().expect("it is there").len()).sum::<u64>();
    #[expect(clippy::cast_precision_loss, reason = "sizes of a bench")]
    let (read, size) = (read as f64 / 1e6, size as f64 / 1e6);
    println!("{role:55} {took:>10.1?}  {read:>9.1} MB read of {size:.0}, log end {end}");
    let last = blocking::read(&log, Offset(end.0 - 1), ReadOptions::default()).expect("it is read");
    assert!(!last.into_bytes().expect("it is read").is_empty());
    block_on(storage.close()).expect("it closes");
}

/// Appends so many bytes with checkpoints between them, the last of which has a tail behind it; then the process dies.
fn fill(storage: &Storage, log: &Log, bytes: u64) {
    let mut builder = BatchBuilder::new(BatchOptions::default().with_limits(1 << 20, 1 << 20));
    for number in 0..RECORDS {
        builder.try_append(1_000_000 + number, None, Some(&[b'x'; 1024]), &[]).expect("it fits");
    }
    let batch: Bytes = builder.build().expect("it has records");
    let (mut written, mut checkpointed) = (0, 0);
    while written < bytes {
        if written - checkpointed >= CHECKPOINT_BYTES.min(bytes / 4) && bytes - written >= CHECKPOINT_BYTES {
            block_on(storage.checkpoint()).expect("it is written");
            checkpointed = written;
        }
        log.append(batch.clone(), AppendOptions::new(1_000_000)).expect("it is written");
        written += batch.len() as u64;
    }
    kill_process(getpid(), Signal::KILL).expect("it may end itself");
}

/// Has the kernel write all files and forget what it holds of them.
fn make_cold(folder: &Path) {
    for path in files(folder) {
        let file = File::open(path).expect("it opens");
        file.sync_all().expect("it is synced");
        rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed).expect("advice is free");
    }
}

/// All files in a folder and in those within it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("it is there");
    let paths = entries.map(|entry| entry.expect("it has a name").path());
    let (folders, mut all): (Vec<PathBuf>, Vec<PathBuf>) = paths.partition(|path| path.is_dir());
    all.extend(folders.iter().flat_map(|folder| files(folder)));
    all.sort();
    all
}

/// Bytes that this process had the device read.
fn bytes_read() -> u64 {
    let io = std::fs::read_to_string("/proc/self/io").expect("Linux tells");
    let line = io.lines().find_map(|line| line.strip_prefix("read_bytes: "));
    line.and_then(|bytes| bytes.trim().parse().ok()).expect("it is there")
}
