//! The limits of the operating system, met for real: a small ext4 that fills up, and a limit on the size of files.
//!
//! Each test runs itself once more in a process of its own, where the limit is: `OTTLA_TEST_FOLDER` tells that one where to
//! work. The ext4 is an image in a mount namespace that ends with the process, for which the test has to be root;
//! elsewhere it says that it was left out.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking, as tests do")]
#![expect(clippy::disallowed_methods, reason = "the tests arrange files that no disk made")]

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use ottla_protocol::wire::Uuid;
use ottla_storage::disk::wait::block_on;
use ottla_storage::disk::{OsDisk, OsDiskConfig};
use ottla_storage::{AppendError, Log, LogConfig, LogName, Storage};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

#[path = "helpers/logs.rs"]
#[expect(dead_code, reason = "each test uses some of the helpers")]
mod logs;
use logs::{batch, open, options, read_all};

/// Where the inner run of a test works.
const FOLDER: &str = "OTTLA_TEST_FOLDER";

fn inner_folder() -> Option<PathBuf> {
    std::env::var(FOLDER).ok().map(PathBuf::from)
}

/// Runs a test of this file in a shell that sets things up by `before`, where `$1` is an empty folder.
fn run_inside(shell: &[&str], before: &str, test: &str) {
    let folder = tempfile::tempdir().unwrap();
    let program = std::env::current_exe().unwrap();
    let script = format!("{before} && exec \"$2\" --exact {test} --nocapture");
    let (first, rest) = shell.split_first().unwrap();
    let status = Command::new(first)
        .args(rest)
        .args(["-c", &script, "sh"])
        .arg(folder.path())
        .arg(program)
        .env(FOLDER, folder.path().join("disk"))
        .status();
    assert!(status.unwrap().success(), "{test} failed inside");
}

/// The same on an ext4 of 24 MiB at `$1/disk`. Whether that can be had.
fn run_on_small_ext4(test: &str) {
    let mkfs = Command::new("mkfs.ext4").arg("-V").output().is_ok_and(|output| output.status.success());
    if !rustix::process::geteuid().is_root() || !mkfs {
        return println!("left out: only root can mount an image, made by mkfs.ext4");
    }
    let mount = "mkdir $1/disk && truncate -s 24M $1/image && mkfs.ext4 -q -m 0 $1/image && mount -o loop $1/image $1/disk";
    run_inside(&["unshare", "-m", "sh"], mount, test);
}

fn create(storage: &Storage, topic: &str, config: LogConfig) -> Arc<Log> {
    storage.create_log(LogName::new(topic, 0), Uuid::from_u128(7), config).unwrap()
}

fn append(log: &Log, value: &str) -> Result<(), AppendError> {
    let appended = log.append(batch(&[value]), options())?;
    block_on(log.durable(&appended)).unwrap();
    Ok(())
}

/// Appends until it fails. Answers how many records are there, and why it failed.
fn fill(log: &Log) -> (usize, ErrorKind) {
    let value = "x".repeat(100_000);
    loop {
        if let Err(error) = append(log, &value) {
            assert!(error.is_retriable(), "{error}");
            let AppendError::Write { source, .. } = error else { panic!("{error:?}") };
            return (read_all(log, 0).len(), source.kind());
        }
    }
}

#[test]
fn a_full_ext4_takes_checkpoints_and_heals() {
    let Some(folder) = inner_folder() else {
        return run_on_small_ext4("a_full_ext4_takes_checkpoints_and_heals");
    };
    let ballast = folder.join("ballast");
    std::fs::write(&ballast, vec![1; 6 << 20]).unwrap();
    let storage = open(Arc::new(OsDisk::new(folder.join("data")).unwrap()));
    let orders = create(&storage, "orders", LogConfig::default());
    let offsets = create(&storage, "offsets", LogConfig::default().with_reserve());
    append(&offsets, "first").unwrap();
    let (count, why) = fill(&orders);
    assert_eq!(why, ErrorKind::StorageFull);
    // What is left is used up by small ones, so that a checkpoint finds nothing.
    while append(&orders, "small").is_ok() {}
    let count = count.max(read_all(&orders, 0).len());
    for n in 0..10 {
        append(&offsets, &format!("{n} {}", "y".repeat(5_000))).unwrap();
        block_on(storage.checkpoint()).unwrap();
        append(&orders, &"x".repeat(10_000)).unwrap_err();
    }
    assert_eq!((read_all(&orders, 0).len(), read_all(&offsets, 0).len()), (count, 11));
    std::fs::remove_file(ballast).unwrap();
    // The file system gives the room back once its journal has committed it.
    block_on(storage.checkpoint()).unwrap();
    append(&orders, "taken").unwrap();
    block_on(storage.close()).unwrap();
    let storage = open(Arc::new(OsDisk::new(folder.join("data")).unwrap()));
    assert_eq!(read_all(&storage.log(&LogName::new("orders", 0)).unwrap(), 0).len(), count + 1);
}

#[test]
fn a_read_only_ext4_is_read_refuses_appends_and_heals() {
    let Some(folder) = inner_folder() else {
        return run_on_small_ext4("a_read_only_ext4_is_read_refuses_appends_and_heals");
    };
    let remount = |how: &str| {
        let status = Command::new("mount").args(["-o", &format!("remount,{how}")]).arg(&folder).status();
        assert!(status.unwrap().success(), "{how}");
    };
    let disk = || {
        // A file system with files open to write does not become read-only; here all but one are closed.
        let config = OsDiskConfig::default().with_open_files_max(1);
        Arc::new(OsDisk::with_config(folder.join("data"), &config).unwrap())
    };
    {
        let storage = open(disk());
        let orders = create(&storage, "orders", LogConfig::default());
        (0..10).for_each(|n| append(&orders, &n.to_string()).unwrap());
        block_on(storage.close()).unwrap();
    }
    let files = disk();
    let handle = ottla_storage::disk::Disk::open(
        files.as_ref(),
        Path::new("orders-0/00000000000000000000.log"),
        ottla_storage::disk::OpenMode::Write,
    )
    .unwrap();
    let len = handle.len().unwrap();
    let parts = [std::io::IoSlice::new(b"x")];
    // Another file is opened to read, so that this one is closed.
    let other = |_| {
        let path = Path::new("meta.properties");
        ottla_storage::disk::Disk::open(files.as_ref(), path, ottla_storage::disk::OpenMode::Read).unwrap()
    };
    let others: Vec<_> = (0..3).map(other).collect();
    remount("ro");
    assert_eq!(handle.read_blocking(0, 61).unwrap().len(), 61, "what is there is read");
    let refused = handle.write_blocking(&parts, len).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ReadOnlyFilesystem);
    assert_eq!(handle.read_blocking(0, 61).unwrap().len(), 61);
    remount("rw");
    handle.write_blocking(&parts, len).unwrap();
    handle.sync_blocking().unwrap();
    drop(others);
}

#[test]
fn a_write_that_the_system_cuts_short_is_taken_back_and_tried_again_once_it_may() {
    let Some(folder) = inner_folder() else {
        // Blocks of 512 bytes, so 1 MB and a bit, which no whole batch ends at.
        let limit = "mkdir $1/disk && trap '' XFSZ && ulimit -S -f 2003";
        return run_inside(
            &["sh"],
            limit,
            "a_write_that_the_system_cuts_short_is_taken_back_and_tried_again_once_it_may",
        );
    };
    let storage = open(Arc::new(OsDisk::new(folder.join("data")).unwrap()));
    let orders = create(&storage, "orders", LogConfig::default());
    let (count, why) = fill(&orders);
    assert_eq!(why, ErrorKind::FileTooLarge);
    assert!(count >= 9, "{count}");
    let file = folder.join("data/orders-0/00000000000000000000.log");
    let whole = file.metadata().unwrap().len();
    assert_eq!(whole % count as u64, 0, "no part of the batch that failed is left");
    let other = create(&storage, "other", LogConfig::default());
    append(&other, "goes on").unwrap();
    setrlimit(Resource::Fsize, Rlimit { current: None, ..getrlimit(Resource::Fsize) }).unwrap();
    append(&orders, &"x".repeat(100_000)).unwrap();
    assert_eq!(read_all(&orders, 0).len(), count + 1);
    block_on(storage.close()).unwrap();
}

#[test]
fn a_segment_that_an_ext4_has_no_room_for_is_not_begun() {
    let Some(folder) = inner_folder() else {
        return run_on_small_ext4("a_segment_that_an_ext4_has_no_room_for_is_not_begun");
    };
    let ballast = folder.join("ballast");
    std::fs::write(&ballast, vec![1; 10 << 20]).unwrap();
    std::fs::File::open(&ballast).unwrap().sync_all().unwrap();
    let storage = open(Arc::new(OsDisk::new(folder.join("data")).unwrap()));
    let room = || storage.space().unwrap().unwrap().usable_bytes;
    let config = LogConfig::default().with_segment_bytes(12 << 20).with_preallocate(true);
    let orders = create(&storage, "orders", config);
    let before = room();
    for _ in 0..3 {
        let AppendError::Write { source, .. } = append(&orders, "refused").unwrap_err() else { panic!() };
        assert_eq!(source.kind(), ErrorKind::StorageFull);
    }
    assert!(before - room() < 1 << 20, "nothing of it stays taken: {before}, {}", room());
    std::fs::remove_file(ballast).unwrap();
    // The file system gives the room back once its journal has committed it.
    block_on(storage.checkpoint()).unwrap();
    append(&orders, "taken").unwrap();
    assert!(room() < before, "{before}, {}", room());
    block_on(storage.close()).unwrap();
    assert!(room() > before, "{before}, {}", room());
}
