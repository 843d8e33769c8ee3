//! What one start has decided stays decided, though the power fails soon after it.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking, as tests do")]

use std::sync::Arc;

use ottla_env::ManualClock;
use ottla_storage::disk::wait::block_on;
use ottla_storage::disk::{Call, Fault, FaultError, MemDisk};
use ottla_storage::{Log, LogConfig, Storage};

#[path = "helpers/logs.rs"]
#[expect(dead_code, reason = "each test uses some of the helpers")]
mod logs;
use logs::{NOW, batch, open_orders, options, read_all};

fn opened(disk: &MemDisk, config: &LogConfig) -> (Storage, Arc<Log>) {
    open_orders(disk, ManualClock::new(NOW), config).unwrap()
}

/// Appends records that say whose they are.
fn append(log: &Log, count: usize, who: &str) {
    for _ in 0..count {
        log.append(batch(&[who]), options()).unwrap();
    }
}

#[test]
fn what_a_failed_write_left_ends_no_log_that_went_on_in_another_segment() {
    for seed in 0..200 {
        let what = format!("seed {seed}");
        let disk = MemDisk::new(seed);
        let config = LogConfig::default().with_segment_bytes(1_000);
        let (storage, log) = opened(&disk, &config);
        append(&log, 3, "before");
        // How much of it comes to the disk, the seed decides.
        disk.inject(Fault::new(Call::Write, FaultError::NoSpace).with_path(".log"));
        log.append(batch(&["x".repeat(500).as_str()]), options()).unwrap_err();
        disk.heal();
        // The next segment is begun, and what is to stand in it fails too.
        disk.inject(Fault::new(Call::Write, FaultError::NoSpace).with_path("00003.log"));
        log.append(batch(&["y".repeat(900).as_str()]), options()).unwrap_err();
        disk.heal();
        disk.kill();
        drop((storage, log));

        let disk = disk.restarted();
        let (storage, log) = opened(&disk, &config);
        append(&log, 4, "after");
        assert_eq!(log.offsets().high_watermark.0, 7, "{what}: they are durable");
        if seed % 2 == 0 {
            block_on(storage.checkpoint()).unwrap();
        }
        disk.crash(seed);
        let (_storage, log) = opened(&disk.restarted(), &config);
        assert_eq!(read_all(&log, 0).len(), 7, "{what}");
    }
}

#[test]
fn a_clean_marker_that_a_start_could_not_take_away_for_good_vouches_for_nothing_later() {
    for seed in 0..50 {
        let disk = MemDisk::new(seed);
        let config = LogConfig::default();
        let (storage, log) = opened(&disk, &config);
        append(&log, 6, "before");
        block_on(storage.close()).unwrap();
        let disk = disk.restarted();
        disk.inject(Fault::new(Call::SyncDir, FaultError::Io));
        open_orders(&disk, ManualClock::new(NOW), &config).unwrap_err();
        disk.kill();
        disk.heal();
        let disk = disk.restarted();
        let (_storage, log) = opened(&disk, &config);
        append(&log, 3, "after");
        assert_eq!(log.offsets().high_watermark.0, 9, "they are durable");
        disk.crash(seed);
        let (_storage, log) = opened(&disk.restarted(), &config);
        assert_eq!(read_all(&log, 0).len(), 9, "seed {seed}");
    }
}
