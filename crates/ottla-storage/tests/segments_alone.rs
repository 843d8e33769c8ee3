//! Folders of which only the segments are left: all that is whole in them is there again.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking, as tests do")]

use std::path::Path;
use std::sync::Arc;

use ottla_env::ManualClock;
use ottla_storage::disk::wait::block_on;
use ottla_storage::disk::{Disk, MemDisk};
use ottla_storage::{Durability, Log, LogConfig, Offset, Storage};

#[path = "helpers/logs.rs"]
#[expect(dead_code, reason = "each test uses some of the helpers")]
mod logs;
use logs::{NOW, batch, open_orders, options, read_all};

fn config() -> LogConfig {
    LogConfig::default().with_segment_bytes(300).with_index_interval_bytes(100)
}

/// Appends records until there are several segments, and waits until they are durable.
fn fill(log: &Log) {
    for number in 0..60 {
        let appended = log.append(batch(&[&format!("v{number}")]), options()).unwrap();
        block_on(log.durable(&appended)).unwrap();
    }
}

/// The process ends, and every file but the segments is lost.
fn segments_alone(disk: &MemDisk, storage: Storage, log: Arc<Log>) -> MemDisk {
    disk.kill();
    drop((storage, log));
    let disk = disk.restarted();
    for name in disk.image().into_keys().filter(|name| !name.ends_with(".log")) {
        disk.remove_file(Path::new(&name)).unwrap();
    }
    disk
}

#[test]
fn what_is_behind_a_hole_between_segments_stays() {
    // As Kafka's cleaner leaves them; ours keeps the last batch of each segment.
    let disk = MemDisk::new(1);
    let (storage, log) = open_orders(&disk, ManualClock::new(NOW), &config()).unwrap();
    fill(&log);
    let before = read_all(&log, 0);
    let disk = segments_alone(&disk, storage, log);
    let segments: Vec<String> = disk.image().into_keys().collect();
    let base = |name: &String| name.split(['/', '.']).nth(1).unwrap().parse::<i64>().unwrap();
    let gone = base(&segments[2])..base(&segments[3]);
    disk.remove_file(Path::new(&segments[2])).unwrap();
    let (_storage, log) = open_orders(&disk, ManualClock::new(NOW), &config()).unwrap();
    let left: Vec<_> = before.into_iter().filter(|(offset, _)| !gone.contains(offset)).collect();
    assert_eq!(read_all(&log, 0), left);
    assert_eq!(log.offsets().log_end, Offset(60));
}

#[test]
fn a_log_that_was_cut_from_the_front_keeps_the_rest() {
    let disk = MemDisk::new(1);
    let (storage, log) = open_orders(&disk, ManualClock::new(NOW), &config()).unwrap();
    fill(&log);
    block_on(log.delete_records(Offset(30))).unwrap();
    let before = read_all(&log, 30);
    let disk = segments_alone(&disk, storage, log);
    let (_storage, log) = open_orders(&disk, ManualClock::new(NOW), &config()).unwrap();
    let start = log.offsets().log_start;
    assert!(start > Offset(20) && start <= Offset(30), "{start}");
    assert_eq!(read_all(&log, 30), before);
}

#[test]
fn damage_within_hides_nothing_behind_it() {
    let disk = MemDisk::new(1);
    let (storage, log) = open_orders(&disk, ManualClock::new(NOW), &config()).unwrap();
    fill(&log);
    let disk = segments_alone(&disk, storage, log);
    disk.flip_bit(Path::new("orders-0/00000000000000000000.log"), 8 * 100).unwrap();
    let (_storage, log) = open_orders(&disk, ManualClock::new(NOW), &config()).unwrap();
    assert_eq!(log.offsets().log_end, Offset(60));
    assert_eq!(read_all(&log, 10).len(), 50);
}

#[test]
fn without_the_record_of_syncs_alone_no_hole_of_lost_writes_is_believed() {
    for seed in 0..50 {
        let disk = MemDisk::new(seed);
        let config = config().with_durability(Durability::Os);
        let (storage, log) = open_orders(&disk, ManualClock::new(NOW), &config).unwrap();
        for number in 0..60 {
            log.append(batch(&[&format!("v{number}")]), options()).unwrap();
            if number == 20 {
                block_on(storage.checkpoint()).unwrap();
            }
        }
        disk.crash(seed);
        drop((storage, log));
        let disk = disk.restarted();
        disk.remove_file(Path::new("synced-offsets")).unwrap();
        let (_storage, log) = open_orders(&disk, ManualClock::new(NOW), &config).unwrap();
        let end = log.offsets().log_end.0;
        assert!(end > 20, "seed {seed}: {end}");
        let found: Vec<i64> = read_all(&log, 0).into_iter().map(|(offset, _)| offset).collect();
        assert_eq!(found, (0..end).collect::<Vec<_>>(), "seed {seed}");
    }
}
