//! Group commit: who waits for which sync, and what becomes of writes and syncs that fail.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking, as tests do")]

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use ottla_env::ManualClock;
use ottla_protocol::records::{BatchBuilder, BatchOptions};
use ottla_protocol::wire::Uuid;
use ottla_storage::disk::wait::block_on;
use ottla_storage::disk::{Call, Fault, FaultError, MemDisk, OsDisk};
use ottla_storage::{
    AppendError, Appended, Durability, Error, Log, LogConfig, LogName, Offset, ReadOptions, Storage,
};

#[path = "helpers/logs.rs"]
#[expect(dead_code, reason = "each test uses some of the helpers")]
mod logs;
use logs::{NOW, batch, open, open_orders, options, read, read_all, try_read};

fn log_on(disk: &MemDisk, config: LogConfig) -> (Storage, Arc<Log>) {
    let storage = open(Arc::new(disk.clone()));
    let log = storage.create_log(LogName::new("orders", 0), Uuid::ZERO, config).unwrap();
    (storage, log)
}

/// A log with one record in it, so that its folder is there.
fn begun(disk: &MemDisk, config: LogConfig) -> (Storage, Arc<Log>) {
    let (storage, log) = log_on(disk, config);
    let first = append(&log, "first");
    block_on(log.durable(&first)).unwrap();
    (storage, log)
}

fn append(log: &Log, value: &str) -> Appended {
    log.append(batch(&[value]), options()).unwrap()
}

/// Counts how often it is woken.
#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn poll<F: Future + Unpin>(future: &mut F, count: &Arc<Count>) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(&Waker::from(Arc::clone(count))))
}

#[test]
fn sixty_four_writers_wait_for_two_syncs() {
    let disk = MemDisk::new(1);
    let (_storage, log) = begun(&disk, LogConfig::default());
    disk.hold(Call::Sync);
    let count = Arc::new(Count::default());
    let appended: Vec<_> = (0..64).map(|n| append(&log, &n.to_string())).collect();
    let mut waiting: Vec<_> = appended.iter().map(|appended| log.durable(appended)).collect();
    assert!(waiting.iter_mut().all(|wait| poll(wait, &count).is_pending()));
    assert_eq!(disk.held(), 1, "one sync is in flight");
    assert_eq!(log.offsets().high_watermark, Offset(1));
    assert_eq!(read(&log, 1), [], "nothing is shown before it is synced");

    // The first append began the sync; it covers what was written when it began.
    assert!(disk.release_one());
    assert_eq!(log.offsets().high_watermark, Offset(2));
    assert_eq!(count.0.load(Ordering::SeqCst), 1);
    assert!(matches!(poll(&mut waiting[0], &count), Poll::Ready(Ok(()))));
    assert!(poll(&mut waiting[1], &count).is_pending());

    assert_eq!(disk.held(), 1);
    assert!(disk.release_one());
    assert_eq!(disk.held(), 0);
    assert!(waiting[1..].iter_mut().all(|wait| matches!(poll(wait, &count), Poll::Ready(Ok(())))));
    assert_eq!(read_all(&log, 0).len(), 65);
}

#[test]
fn a_record_that_is_not_visible_is_not_the_newest_even_where_it_begins_a_segment() {
    let (disk, clock) = (MemDisk::new(1), ManualClock::new(NOW));
    let mut config = LogConfig::default();
    config.segment_ms = 1_000;
    let (storage, log) = open_orders(&disk, clock.clone(), &config).unwrap();
    let newest = || block_on(log.max_timestamp()).unwrap().map(|found| (found.offset, found.timestamp));
    let first = append(&log, "first");
    block_on(log.durable(&first)).unwrap();
    // A segment that is too old is closed, and the next begun, before anything is appended to it.
    clock.advance(10_000);
    block_on(storage.maintain()).unwrap();
    assert_eq!(newest(), Some((Offset(0), NOW)));
    disk.hold(Call::Sync);
    let mut newer = BatchBuilder::new(BatchOptions::default());
    newer.try_append(NOW + 5, None, Some(b"second"), &[]).unwrap();
    log.append(newer.build().unwrap(), options()).unwrap();
    assert_eq!(log.offsets().high_watermark, Offset(1));
    assert_eq!(newest(), Some((Offset(0), NOW)));
    disk.release();
    assert_eq!(newest(), Some((Offset(1), NOW + 5)));
}

#[test]
fn a_search_by_time_while_writes_are_in_flight_looks_at_what_is_there() {
    let disk = MemDisk::new(1);
    let (storage, log) = begun(&disk, LogConfig::default().with_index_interval_bytes(1));
    let append_at = |time: i64| {
        let mut batch = BatchBuilder::new(BatchOptions::default());
        batch.try_append(time, None, Some(b"value"), &[]).unwrap();
        log.append(batch.build().unwrap(), options()).unwrap();
    };
    (1..5).for_each(|n| append_at(NOW + n));
    disk.hold(Call::Write);
    (5..20).for_each(|n| append_at(NOW + n));
    append_at(NOW);
    assert_eq!(log.offsets().high_watermark, Offset(5));
    let newest = || block_on(log.max_timestamp()).unwrap().unwrap().offset;
    let since = |time| block_on(log.offset_for_timestamp(time)).unwrap().map(|found| found.offset);
    assert_eq!(newest(), Offset(4));
    assert_eq!((since(NOW + 3), since(NOW + 12)), (Some(Offset(3)), None));
    disk.release();
    assert_eq!(newest(), Offset(19), "what was in flight is not forgotten");
    assert_eq!(since(NOW + 12), Some(Offset(12)));
    assert_eq!(storage.findings(), [], "the index was right");
}

#[test]
fn os_durability_shows_what_is_written_and_syncs_nothing() {
    let disk = MemDisk::new(1);
    let storage = open(Arc::new(disk.clone()));
    disk.hold(Call::Sync);
    let config = LogConfig::default().with_durability(Durability::Os);
    let log = storage.create_log(LogName::new("orders", 0), Uuid::ZERO, config).unwrap();
    let appended = append(&log, "a");
    block_on(log.durable(&appended)).unwrap();
    assert_eq!(disk.held(), 0);
    assert_eq!(read(&log, 0).len(), 1);
}

#[test]
fn a_dropped_wait_is_not_woken_and_changes_nothing() {
    let disk = MemDisk::new(1);
    let (_storage, log) = begun(&disk, LogConfig::default());
    disk.hold(Call::Sync);
    let count = Arc::new(Count::default());
    let appended = append(&log, "a");
    let mut waiting = log.durable(&appended);
    assert!(poll(&mut waiting, &count).is_pending());
    drop(waiting);
    disk.release();
    assert_eq!(count.0.load(Ordering::SeqCst), 0);
    assert_eq!(read(&log, 1).len(), 1);
}

#[test]
fn a_reader_at_the_tail_is_woken_once_something_is_visible() {
    let disk = MemDisk::new(1);
    let (_storage, log) = begun(&disk, LogConfig::default());
    disk.hold(Call::Sync);
    let count = Arc::new(Count::default());
    let mut readable = log.readable(Offset(1));
    assert!(poll(&mut readable, &count).is_pending());
    append(&log, "a");
    assert_eq!(count.0.load(Ordering::SeqCst), 0);
    disk.release();
    assert_eq!(count.0.load(Ordering::SeqCst), 1);
    assert!(matches!(poll(&mut readable, &count), Poll::Ready(Ok(()))));
}

#[test]
fn a_failed_sync_closes_the_log_for_writing_and_for_nothing_else() {
    let disk = MemDisk::new(1);
    let (storage, log) = begun(&disk, LogConfig::default());
    let other = storage.create_log(LogName::new("orders", 1), Uuid::ZERO, LogConfig::default()).unwrap();
    disk.inject(Fault::new(Call::Sync, FaultError::Io).with_path("orders-0"));
    let appended = append(&log, "lost");
    assert!(matches!(block_on(log.durable(&appended)), Err(Error::Closed { .. })));
    assert!(block_on(log.written(&appended)).is_ok());
    assert!(matches!(log.append(batch(&["x"]), options()), Err(AppendError::Closed { .. })));
    assert_eq!(read_all(&log, 0), [(0, "first".to_owned())]);
    assert!(matches!(block_on(log.readable(Offset(1))), Err(Error::Closed { .. })));
    let there = append(&other, "other");
    block_on(other.durable(&there)).unwrap();
    assert!(block_on(storage.close()).is_err(), "such a storage is not closed cleanly");
    drop((storage, log, other));

    let storage = open(Arc::new(disk));
    let log = storage.log(&LogName::new("orders", 0)).unwrap();
    let again = append(&log, "again");
    block_on(log.durable(&again)).unwrap();
}

#[test]
fn a_full_disk_fails_appends_and_heals() {
    let disk = MemDisk::new(1);
    let (_storage, log) = begun(&disk, LogConfig::default());
    disk.inject(Fault::new(Call::Write, FaultError::NoSpace).with_path("orders-0").with_times(3));
    for _ in 0..3 {
        let failed = log.append(batch(&["x"]), options());
        assert!(
            matches!(&failed, Err(error @ AppendError::Write { .. }) if error.is_retriable()),
            "{failed:?}"
        );
    }
    let appended = append(&log, "second");
    assert_eq!(appended.base_offset, Offset(1));
    block_on(log.durable(&appended)).unwrap();
    assert_eq!(read_all(&log, 0).len(), 2);
}

#[test]
fn a_write_that_fails_late_is_not_taken_for_the_one_that_got_its_offset() {
    let disk = MemDisk::new(1);
    let (_storage, log) = begun(&disk, LogConfig::default());
    disk.hold(Call::Write);
    disk.inject(Fault::new(Call::Write, FaultError::Io).with_path("orders-0"));
    let lost = [append(&log, "lost"), append(&log, "lost with it")];
    assert_eq!(lost[1].base_offset, Offset(2));
    disk.release();
    for lost in &lost {
        assert!(matches!(block_on(log.written(lost)), Err(Error::Lost { from: Offset(1), .. })));
        assert!(matches!(block_on(log.durable(lost)), Err(Error::Lost { .. })));
    }
    assert_eq!(log.offsets().log_end, Offset(1));
    let kept = append(&log, "kept");
    assert_eq!(kept.base_offset, Offset(1));
    block_on(log.durable(&kept)).unwrap();
    for lost in &lost {
        assert!(matches!(block_on(log.durable(lost)), Err(Error::Lost { .. })));
    }
    assert_eq!(read_all(&log, 0), [(0, "first".to_owned()), (1, "kept".to_owned())]);
}

#[test]
fn a_checkpoint_knows_nothing_of_a_write_that_failed_late() {
    let disk = MemDisk::new(1);
    let (storage, log) = begun(&disk, LogConfig::default());
    let numbered = || {
        let mut builder = BatchBuilder::new(BatchOptions::default().with_producer(7, 0, 0));
        builder.try_append(1, None, Some(b"numbered"), &[]).unwrap();
        builder.build().unwrap()
    };
    disk.hold(Call::Write);
    disk.inject(Fault::new(Call::Write, FaultError::NoSpace).with_path("orders-0"));
    let lost = log.append(numbered(), options()).unwrap();
    disk.release();
    assert!(block_on(log.durable(&lost)).is_err());
    block_on(storage.checkpoint()).unwrap();
    drop((storage, log));
    disk.kill();

    let disk = disk.restarted();
    let storage = open(Arc::new(disk.clone()));
    let log = storage.log(&LogName::new("orders", 0)).unwrap();
    let again = log.append(numbered(), options()).unwrap();
    assert!(!again.duplicate, "what was lost is not taken for written");
    block_on(log.durable(&again)).unwrap();
    assert_eq!(read_all(&log, 0), [(0, "first".to_owned()), (1, "numbered".to_owned())]);
}

#[test]
fn writes_that_complete_in_any_order_show_in_theirs() {
    let disk = MemDisk::new(1);
    let (_storage, log) = begun(&disk, LogConfig::default().with_durability(Durability::Os));
    disk.hold(Call::Write);
    let all: Vec<_> = (0..5).map(|n| append(&log, &n.to_string())).collect();
    assert_eq!(log.offsets().high_watermark, Offset(1));
    for (n, appended) in (2..).zip(&all) {
        assert!(disk.release_one());
        assert_eq!(log.offsets().high_watermark, Offset(n));
        block_on(log.written(appended)).unwrap();
    }
}

#[test]
fn many_threads_append_and_read_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let storage = open(Arc::new(OsDisk::new(folder.path()).unwrap()));
    let config = LogConfig::default().with_segment_bytes(20_000);
    let log = storage.create_log(LogName::new("orders", 0), Uuid::ZERO, config).unwrap();
    let (writers, each) = (8, 100);
    thread::scope(|scope| {
        for writer in 0..writers {
            let log = &log;
            scope.spawn(move || {
                let mut last = -1;
                for n in 0..each {
                    let appended = append(log, &format!("{writer} {n}"));
                    assert!(appended.base_offset.0 > last);
                    last = appended.base_offset.0;
                    block_on(log.durable(&appended)).unwrap();
                    assert!(log.offsets().high_watermark > appended.last_offset);
                }
            });
        }
        scope.spawn(|| {
            let (mut next, mut seen) = (0, vec![0; writers]);
            while next < i64::try_from(writers * each).unwrap() {
                block_on(log.readable(Offset(next))).unwrap();
                for (offset, value) in try_read(&log, next, ReadOptions::default()).unwrap() {
                    assert_eq!(offset, next);
                    next += 1;
                    let (writer, n) = value.split_once(' ').unwrap();
                    let writer: usize = writer.parse().unwrap();
                    assert_eq!(n.parse::<usize>().unwrap(), seen[writer], "each writer's order is kept");
                    seen[writer] += 1;
                }
            }
        });
    });
    assert_eq!(read_all(&log, 0).len(), writers * each);
}

#[test]
fn what_a_failed_sync_left_behind_is_safe_once_it_is_shown_again() {
    for seed in 0..20 {
        let disk = MemDisk::new(seed);
        let (_storage, log) = begun(&disk, LogConfig::default());
        disk.inject(Fault::new(Call::Sync, FaultError::Io).with_path("orders-0"));
        let lost = append(&log, "lost");
        block_on(log.durable(&lost)).unwrap_err();

        disk.kill(); // the machine goes on, and what it holds in memory is there, though it counts as clean
        let disk = disk.restarted();
        let storage = open(Arc::new(disk.clone()));
        let shown = read_all(&storage.log(&LogName::new("orders", 0)).unwrap(), 0);

        disk.crash(seed);
        let storage = open(Arc::new(disk.restarted()));
        assert_eq!(read_all(&storage.log(&LogName::new("orders", 0)).unwrap(), 0), shown);
    }
}

#[test]
fn a_name_that_the_sync_of_a_checkpoint_lost_is_not_vouched_for_by_a_later_sync() {
    for seed in 0..50 {
        let disk = MemDisk::new(seed);
        let (storage, log) = begun(&disk, LogConfig::default().with_segment_bytes(150));
        block_on(storage.checkpoint()).unwrap();
        let second = append(&log, "second");
        block_on(log.durable(&second)).unwrap();
        disk.hold(Call::Sync);
        let mut checkpoint = Box::pin(storage.checkpoint());
        let count = Arc::default();
        assert!(poll(&mut checkpoint, &count).is_pending(), "it syncs what it wrote");
        let before_roll = disk.held();
        let appended: Vec<Appended> = (0..3).map(|n| append(&log, &n.to_string().repeat(40))).collect();
        assert!(disk.held() > before_roll, "so does the append, later");
        disk.inject(Fault::new(Call::SyncDir, FaultError::Io));
        assert!((0..before_roll).all(|_| disk.release_one()));
        let _ = poll(&mut checkpoint, &count);
        disk.release();
        let promised = appended.iter().filter(|appended| block_on(log.durable(appended)).is_ok()).count();
        disk.crash(seed);
        let (_storage, log) = reopened(&disk.restarted());
        let found = log.offsets().log_end.0 - 2;
        assert!(found >= i64::try_from(promised).unwrap(), "seed {seed}: {promised} promised, {found} found");
    }
}

fn reopened(disk: &MemDisk) -> (Storage, Arc<Log>) {
    let storage = open(Arc::new(disk.clone()));
    let log = storage.log(&LogName::new("orders", 0)).unwrap();
    (storage, log)
}
