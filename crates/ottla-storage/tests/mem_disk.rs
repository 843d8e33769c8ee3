//! The simulated disk: what a loss of power leaves, what can be made to fail, and that a seed
//! decides all of it.

#![expect(clippy::unwrap_used, reason = "a test's helper fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind, IoSlice};
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use ottla_env::{Rng, Spawn, Task};
use ottla_storage::disk::wait::block_on;
use ottla_storage::disk::{
    Call, Completion, Delays, Disk, Fault, FaultError, File, MemDisk, OpenMode, Read, Sleeper, Started,
    raw_os_error,
};
use tokio::time::sleep;

type Completed = (u64, io::Result<()>);

struct Collector(Mutex<mpsc::Sender<Completed>>);

impl Completion for Collector {
    fn complete(&self, token: u64, result: io::Result<()>) {
        // Who crashed a disk may have stopped listening.
        let _ = self.0.lock().unwrap().send((token, result));
    }
}

fn collector() -> (Arc<dyn Completion>, mpsc::Receiver<Completed>) {
    let (sender, receiver) = mpsc::channel();
    (Arc::new(Collector(Mutex::new(sender))), receiver)
}

fn create(disk: &MemDisk, path: &str) -> Arc<dyn File> {
    disk.open(Path::new(path), OpenMode::Create).unwrap()
}

fn append(file: &dyn File, bytes: &[u8]) -> io::Result<()> {
    file.write_blocking(&[IoSlice::new(bytes)], file.len()?)
}

/// A synced file `0.log` that holds `bytes`.
fn synced(seed: u64, bytes: &[u8]) -> (MemDisk, Arc<dyn File>) {
    let disk = MemDisk::new(seed);
    let file = create(&disk, "0.log");
    append(&*file, bytes).unwrap();
    file.sync_blocking().unwrap();
    disk.sync_dir(Path::new("")).unwrap();
    (disk, file)
}

fn content(disk: &MemDisk) -> Vec<u8> {
    disk.image().remove("0.log").unwrap()
}

#[test]
fn what_was_synced_survives_every_crash_and_what_was_not_survives_some() {
    let mut lengths = BTreeSet::new();
    for seed in 0..200 {
        let (disk, file) = synced(seed, b"safe");
        append(&*file, &[b'x'; 2_000]).unwrap();
        disk.crash(seed);
        let found = content(&disk.restarted());
        assert!(found.starts_with(b"safe"), "seed {seed}");
        lengths.insert(found.len());
    }
    assert_eq!(lengths, BTreeSet::from([4, 2_004]));
}

#[test]
fn a_killed_process_loses_nothing_until_the_power_fails_too() {
    let (disk, file) = synced(1, b"safe");
    append(&*file, b"written").unwrap();
    disk.kill();
    assert!(disk.is_dead());
    assert_eq!(content(&disk.restarted()), b"safewritten");
    let lost = (0..100).filter(|&seed| {
        let (disk, file) = synced(1, b"safe");
        append(&*file, b"written").unwrap();
        disk.kill();
        disk.crash(seed);
        content(&disk.restarted()) == b"safe"
    });
    assert!(lost.count() > 20);
}

#[test]
fn the_dead_can_do_nothing_and_their_successor_everything() {
    let (disk, file) = synced(1, b"safe");
    let held = disk.lock(Path::new(".lock")).unwrap();
    disk.hold(Call::Sync);
    let (done, completions) = collector();
    assert!(matches!(file.sync_data(7, &done), Started::Later));
    disk.crash(1);

    let (token, result) = completions.try_recv().unwrap();
    assert_eq!(token, 7);
    assert!(result.unwrap_err().to_string().contains("the simulated process is no more"));
    append(&*file, b"ghost").unwrap_err();
    file.read_blocking(0, 4).unwrap_err();
    file.sync_blocking().unwrap_err();
    file.truncate(0).unwrap_err();
    disk.list(Path::new("")).unwrap_err();
    disk.remove_file(Path::new("0.log")).unwrap_err();

    let next = disk.restarted();
    assert!(!next.is_dead());
    let lock = next.lock(Path::new(".lock")).unwrap();
    drop(held); // the old guard does not release the lock of the new process
    assert_eq!(next.lock(Path::new(".lock")).unwrap_err().kind(), ErrorKind::WouldBlock);
    drop(lock);
    append(&*create(&next, "0.log"), b"!").unwrap();
    assert_eq!(content(&next), b"safe!");
}

#[test]
fn one_seed_leaves_one_outcome() {
    let run = |seed: u64| {
        let disk = MemDisk::new(seed);
        disk.inject(Fault::new(Call::Sync, FaultError::Io).with_probability(0.2).with_times(u64::MAX));
        let mut rng = Rng::new(seed);
        for _ in 0..200 {
            let path = format!("{}.log", rng.below(5));
            let file = create(&disk, &path);
            match rng.below(6) {
                0 => drop(file.sync_blocking()),
                1 => drop(file.truncate(rng.below(100))),
                2 => drop(disk.remove_file(Path::new(&path))),
                3 => drop(disk.rename(Path::new(&path), Path::new("renamed"))),
                4 => drop(disk.sync_dir(Path::new(""))),
                _ => append(&*file, &vec![b'x'; usize::try_from(rng.below(3_000)).unwrap()]).unwrap(),
            }
        }
        disk.crash(seed);
        disk.image()
    };
    let images: Vec<BTreeMap<String, Vec<u8>>> = (0..50).map(run).collect();
    for (seed, image) in (0..).zip(&images) {
        assert_eq!(*image, run(seed), "seed {seed}");
    }
    assert!(images.iter().collect::<BTreeSet<_>>().len() > 40);
}

#[test]
fn a_fault_hits_the_calls_it_names_and_no_others() {
    let (disk, file) = synced(1, b"");
    let other = create(&disk, "other");
    disk.inject(Fault::new(Call::Sync, FaultError::Io).with_path("0.log").with_skip(2).with_times(2));
    let results: Vec<bool> = (0..6).map(|_| file.sync_blocking().is_ok()).collect();
    assert_eq!(results, [true, true, false, false, true, true]);
    disk.inject(Fault::new(Call::Sync, FaultError::Io).with_path("0.log").with_times(u64::MAX));
    other.sync_blocking().unwrap();
    let error = file.sync_blocking().unwrap_err();
    assert_eq!(raw_os_error(&error), Some(5));
    assert!(error.to_string().starts_with("cannot sync 0.log: "), "{error}");
    disk.heal();
    file.sync_blocking().unwrap();
}

#[test]
fn every_error_has_the_kind_that_the_system_gives_it() {
    let kinds = [FaultError::NoSpace, FaultError::Quota, FaultError::ReadOnly].map(|error| {
        let disk = MemDisk::new(1);
        disk.inject(Fault::new(Call::Create, error));
        disk.create_dir(Path::new("a")).unwrap_err().kind()
    });
    assert_eq!(kinds, [ErrorKind::StorageFull, ErrorKind::QuotaExceeded, ErrorKind::ReadOnlyFilesystem]);
}

#[test]
fn a_failed_sync_loses_what_it_should_have_covered_and_the_next_one_says_nothing() {
    let mut lost = 0;
    for seed in 0..100 {
        let (disk, file) = synced(seed, b"safe");
        append(&*file, &[b'x'; 1_000]).unwrap();
        disk.inject(Fault::new(Call::Sync, FaultError::Io));
        file.sync_blocking().unwrap_err();
        assert_eq!(file.len().unwrap(), 1_004, "it stays visible");
        file.sync_blocking().unwrap();
        disk.crash(seed);
        let found = content(&disk.restarted());
        assert!(found.starts_with(b"safe"));
        lost += u32::from(found[4..] != [b'x'; 1_000]);
    }
    assert!(lost > 50, "{lost}");
}

#[test]
fn a_full_disk_fails_writes_and_serves_again_when_there_is_room() {
    let (disk, file) = synced(1, b"safe");
    append(&*create(&disk, "old.log"), &[0; 8_192]).unwrap();
    disk.set_capacity(Some(16 * 1024));
    append(&*file, &[b'x'; 4_092]).unwrap(); // within the block that it has
    let error = append(&*file, &[b'y'; 5_000]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StorageFull);
    assert_eq!(raw_os_error(&error), Some(28));
    let len = file.len().unwrap();
    assert_eq!(len, 8_192, "it was filled up to the last block");
    assert_eq!(disk.used_bytes(), 16 * 1024);
    assert_eq!(file.read_blocking(0, 4).unwrap(), &b"safe"[..]);
    file.write_blocking(&[IoSlice::new(b"overwriting needs no room")], 100).unwrap();

    file.truncate(4_096).unwrap();
    disk.remove_file(Path::new("old.log")).unwrap();
    append(&*file, &[b'y'; 5_000]).unwrap();
    disk.set_capacity(None);
    append(&*file, &[b'z'; 50_000]).unwrap();
}

#[test]
fn a_failed_write_may_have_written_a_part() {
    let lengths: BTreeSet<u64> = (0..20)
        .map(|seed| {
            let (disk, file) = synced(seed, b"");
            disk.inject(Fault::new(Call::Write, FaultError::Io));
            append(&*file, &[b'x'; 100]).unwrap_err();
            file.len().unwrap()
        })
        .collect();
    assert!(lengths.len() > 10 && lengths.iter().all(|&len| len <= 100), "{lengths:?}");
}

#[test]
fn the_power_can_fail_at_every_change_of_a_procedure() {
    let procedure = |disk: &MemDisk| -> io::Result<()> {
        disk.create_dir(Path::new("a"))?;
        disk.sync_dir(Path::new(""))?;
        let file = disk.open(Path::new("a/x"), OpenMode::CreateNew)?;
        append(&*file, b"x")?;
        file.sync_blocking()?;
        disk.rename(Path::new("a/x"), Path::new("a/y"))?;
        disk.sync_dir(Path::new("a"))
    };
    let whole = MemDisk::new(1);
    procedure(&whole).unwrap();
    assert_eq!(whole.changes(), 7);

    let mut found = BTreeSet::new();
    for point in 1..=7 {
        for seed in 0..30 {
            let disk = MemDisk::new(1);
            disk.power_off_at(point);
            procedure(&disk).unwrap_err();
            assert!(disk.is_dead());
            disk.list(Path::new("")).unwrap_err();
            disk.crash(seed);
            found.insert(disk.restarted().image());
        }
    }
    let image = |path: &str, bytes: &[u8]| BTreeMap::from([(path.to_owned(), bytes.to_vec())]);
    let possible =
        [image("a/x", b""), image("a/x", b"x"), image("a/x", b"\0"), image("a/y", b"x"), BTreeMap::new()];
    assert_eq!(found, BTreeSet::from(possible), "in particular no a/y without its bytes");
}

#[test]
fn rot_changes_what_is_read_and_what_survives() {
    let (disk, file) = synced(1, b"abc");
    disk.flip_bit(Path::new("0.log"), 8).unwrap();
    assert_eq!(file.read_blocking(0, 3).unwrap(), &b"acc"[..]);
    disk.flip_bit(Path::new("0.log"), 24).unwrap_err();
    disk.edit(Path::new("0.log"), |bytes| bytes.truncate(2)).unwrap();
    disk.crash(0);
    assert_eq!(content(&disk.restarted()), b"ac");
    disk.edit(Path::new("none"), |_| {}).unwrap_err();
}

#[test]
fn held_syncs_end_when_they_are_released_and_cover_what_was_written_before() {
    let (disk, file) = synced(1, b"");
    disk.hold(Call::Sync);
    let (done, completions) = collector();
    append(&*file, b"first").unwrap();
    assert!(matches!(file.sync_data(1, &done), Started::Later));
    append(&*file, b"second").unwrap();
    assert!(matches!(file.sync_data(2, &done), Started::Later));
    assert_eq!(disk.held(), 2);
    assert!(completions.try_recv().is_err());
    assert!(disk.release_one());
    assert_eq!(completions.try_recv().unwrap().0, 1);
    // A seed that loses everything unsynced shows what the first sync covered.
    let kept: BTreeSet<Vec<u8>> = (0..60)
        .map(|seed| {
            let (disk, file) = synced(1, b"");
            disk.hold(Call::Sync);
            append(&*file, b"first").unwrap();
            let Started::Later = file.sync_data(1, &done) else { panic!("it is held") };
            append(&*file, b"second").unwrap();
            disk.release_one();
            disk.crash(seed);
            content(&disk.restarted())
        })
        .collect();
    assert!(kept.contains(&b"first"[..]) && kept.iter().all(|bytes| bytes.starts_with(b"first")), "{kept:?}");
    disk.release();
    assert!(!disk.release_one());
    assert!(matches!(file.sync_data(3, &done), Started::Now(Ok(()))));
}

#[test]
fn held_writes_and_reads_take_effect_when_they_are_released() {
    let (disk, file) = synced(1, b"old");
    disk.hold(Call::Write);
    let (done, completions) = collector();
    assert!(matches!(file.write_at(&[IoSlice::new(b"n"), IoSlice::new(b"ew")], 0, 1, &done), Started::Later));
    assert!(matches!(file.write_at(&[], 0, 2, &done), Started::Now(Ok(()))));
    assert_eq!(file.read_blocking(0, 3).unwrap(), &b"old"[..]);
    disk.hold(Call::Read);
    let Read::Later(late) = file.read_at(0, 3) else { panic!("it is held") };
    disk.release();
    assert_eq!(completions.try_recv().unwrap().0, 1);
    assert_eq!(block_on(late).unwrap(), &b"new"[..]);
}

/// Hands tasks to the tokio runtime that the test runs in.
struct TokioSpawn;

impl Spawn for TokioSpawn {
    fn spawn(&self, task: Task) {
        tokio::spawn(task);
    }
}

/// Sleeps in the time of that runtime.
struct TokioSleeper;

impl Sleeper for TokioSleeper {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(sleep(duration))
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_disk_takes_virtual_time_drawn_from_its_seed() {
    async fn run(seed: u64) -> Vec<(u64, Duration)> {
        let start = tokio::time::Instant::now();
        let (disk, file) = synced(seed, b"safe");
        let range = Duration::from_millis(1)..=Duration::from_secs(20);
        let delays = Delays::default().with_sync(range.clone()).with_read(range);
        disk.slow_down(delays, Arc::new(TokioSleeper), Arc::new(TokioSpawn));
        let (done, completions) = tokio::sync::mpsc::unbounded_channel();
        struct Stamp(tokio::sync::mpsc::UnboundedSender<u64>);
        impl Completion for Stamp {
            fn complete(&self, token: u64, result: io::Result<()>) {
                result.unwrap();
                self.0.send(token).unwrap();
            }
        }
        let (done, mut completions): (Arc<dyn Completion>, _) = (Arc::new(Stamp(done)), completions);
        for token in 0..5 {
            assert!(matches!(file.sync_data(token, &done), Started::Later));
        }
        assert!(matches!(file.write_at(&[IoSlice::new(b"x")], 0, 9, &done), Started::Now(Ok(()))));
        let mut trace = Vec::new();
        for _ in 0..5 {
            let token = completions.recv().await.unwrap();
            trace.push((token, start.elapsed()));
        }
        assert_eq!(file.read_at(0, 4).bytes().await.unwrap(), &b"xafe"[..]);
        trace.push((99, start.elapsed()));
        disk.speed_up();
        assert!(matches!(file.sync_data(9, &done), Started::Now(Ok(()))));
        trace
    }
    let first = run(1).await;
    assert_eq!(first, run(1).await);
    assert_ne!(first, run(2).await);
    assert!(first.last().unwrap().1 > Duration::from_millis(100), "{first:?}");
    assert!(first[..5].iter().map(|(token, _)| *token).collect::<Vec<_>>() != [0, 1, 2, 3, 4], "any order");
}

#[test]
fn a_volatile_disk_forgets_everything_with_the_power() {
    let disk = MemDisk::volatile();
    append(&*create(&disk, "0.log"), b"abc").unwrap();
    disk.kill();
    assert_eq!(content(&disk.restarted()), b"abc");
    disk.crash(1);
    assert!(disk.restarted().image().is_empty());
}

#[test]
fn short_counts_are_seen_by_who_calls_the_system_and_by_nobody_else() {
    let disk = MemDisk::new(3);
    disk.set_short_counts(0.8);
    let file = create(&disk, "0.log");
    let bytes: Vec<u8> = (0..=255).cycle().take(9_000).collect();
    let (front, back) = bytes.split_at(5_000);
    file.write_blocking(&[IoSlice::new(front), IoSlice::new(back)], 0).unwrap();
    assert_eq!(file.read_blocking(0, 20_000).unwrap(), bytes, "a whole write, and a whole read");

    let raw = disk.open_raw(Path::new("raw"), OpenMode::CreateNew).unwrap();
    let (mut written, mut short, mut interrupted) = (0, 0, 0);
    while written < bytes.len() {
        match raw.write_at(&bytes[written..], written as u64) {
            Ok(count) => {
                assert!(count > 0);
                short += u32::from(count < bytes.len() - written);
                written += count;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => interrupted += 1,
            Err(error) => panic!("{error}"),
        }
        assert_eq!(raw.len().unwrap(), written as u64);
    }
    assert!(short > 0 && interrupted > 0, "{short} short, {interrupted} interrupted");
    let mut buf = vec![0; 9_000];
    let counts: BTreeSet<usize> = (0..50).filter_map(|_| raw.read_at(&mut buf, 0).ok()).collect();
    assert!(counts.len() > 5 && !counts.contains(&0), "{counts:?}");
    assert_eq!(raw.read_at(&mut buf, 9_000).unwrap_or(0), 0, "the end is no short count");
    disk.set_short_counts(0.0);
    assert_eq!(raw.read_at(&mut buf, 0).unwrap(), 9_000);
    assert_eq!(buf, bytes);
}

#[test]
fn a_misdirected_write_goes_well_and_is_somewhere_else() {
    for seed in 0..20 {
        let (disk, file) = synced(seed, &[b'.'; 2_000]);
        disk.misdirect_write("0.log");
        append(&*file, &[b'x'; 100]).unwrap();
        append(&*file, &[b'y'; 100]).unwrap();
        file.sync_blocking().unwrap();
        let [astray] = &disk.misdirected()[..] else { panic!("one went astray") };
        assert_eq!((astray.path.to_str(), astray.meant.clone()), (Some("0.log"), 2_000..2_100));
        assert!(astray.landed.start < 2_000 && (2_000 - astray.landed.start).is_multiple_of(512));
        disk.crash(seed);
        let found = content(&disk.restarted());
        assert_eq!(found.len(), 2_200);
        let at = usize::try_from(astray.landed.start).unwrap();
        assert_eq!(found[at..at + 100], [b'x'; 100]);
        let zeros = found[2_000..2_100].iter().filter(|&&byte| byte == 0).count();
        let over = (at + 100).saturating_sub(2_000);
        assert_eq!(zeros, 100 - over, "where it was meant to be there is nothing");
        assert_eq!(found[2_100..], [b'y'; 100], "the next one found its place");
    }
}

#[test]
fn a_disk_that_was_healed_misdirects_nothing() {
    let (disk, file) = synced(1, &[b'.'; 2_000]);
    disk.misdirect_write("0.log");
    disk.heal();
    append(&*file, &[b'x'; 100]).unwrap();
    assert!(disk.misdirected().is_empty());
    assert_eq!(content(&disk)[2_000..], [b'x'; 100]);
}

#[test]
fn some_bit_of_what_is_safe_flips_and_the_rest_stays_unsafe() {
    let mut hit = BTreeSet::new();
    for seed in 0..100 {
        let (disk, file) = synced(seed, b"safe");
        append(&*file, b"unsafe").unwrap();
        assert_eq!(disk.flip_some_bit("none"), None);
        let (path, bit) = disk.flip_some_bit("0.log").unwrap();
        assert_eq!(path, Path::new("0.log"));
        assert!(bit < 32);
        hit.insert(bit);
        let mut expected = b"safeunsafe".to_vec();
        expected[usize::try_from(bit / 8).unwrap()] ^= 1 << (bit % 8);
        assert_eq!(content(&disk), expected);
        disk.crash(seed);
        let found = content(&disk.restarted());
        assert_eq!(found[..4], expected[..4]);
    }
    assert!(hit.len() > 20);
    let lost = (0..50).filter(|&seed| {
        let (disk, file) = synced(seed, b"safe");
        append(&*file, b"unsafe").unwrap();
        disk.flip_some_bit("0.log").unwrap();
        disk.crash(seed);
        content(&disk.restarted()).len() == 4
    });
    assert!(lost.count() > 10, "a flip makes nothing durable");
}

#[test]
fn a_read_only_disk_reads_and_syncs_and_stores_nothing() {
    let (disk, file) = synced(1, b"safe");
    disk.inject(Fault::read_only());
    for _ in 0..3 {
        assert_eq!(append(&*file, b"x").unwrap_err().kind(), ErrorKind::ReadOnlyFilesystem);
        file.truncate(0).unwrap_err();
        disk.create_dir(Path::new("a")).unwrap_err();
        disk.rename(Path::new("0.log"), Path::new("b")).unwrap_err();
        disk.remove_file(Path::new("0.log")).unwrap_err();
    }
    assert!(file.read_blocking(0, 4).unwrap().starts_with(b"safe"));
    file.sync_blocking().unwrap();
    disk.sync_dir(Path::new("")).unwrap();
    disk.heal();
    append(&*file, b"x").unwrap();
}
