//! A log on a disk that loses its power or its process at any moment: what was promised is there
//! afterwards, nothing is invented, and retries are recognized.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking, as tests do")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use ottla_env::{ManualClock, Rng};
use ottla_protocol::records::BatchOptions;
use ottla_protocol::wire::Uuid;
use ottla_storage::disk::wait::block_on;
use ottla_storage::disk::{Call, Disk, Fault, FaultError, MemDisk, OpenMode};
use ottla_storage::{AppendError, Durability, Log, LogConfig, LogName, Offset, Storage, StorageConfig};

#[path = "helpers/logs.rs"]
#[expect(dead_code, reason = "each test uses some of the helpers")]
mod logs;
use logs::{NOW, batch, batch_with, open_orders, options, read_all, try_open};

/// A batch that a producer sent.
#[derive(Clone, Debug)]
struct Sent {
    producer: usize,
    sequence: i32,
    values: Vec<String>,
    offset: i64,
}

impl Sent {
    fn end(&self) -> i64 {
        self.offset + i64::try_from(self.values.len()).unwrap()
    }
}

/// What the log should hold.
#[derive(Default)]
struct Model {
    sent: Vec<Sent>,
    next_sequence: [i32; 3],
    /// Below this, everything was visible at some time.
    promised: i64,
    counter: u32,
    /// The append in which the power failed: nobody was told, and it may be there or not.
    unknown: Option<Sent>,
}

impl Model {
    fn end(&self) -> i64 {
        self.sent.last().map_or(0, Sent::end)
    }

    fn records(&self) -> Vec<(i64, String)> {
        self.sent.iter().flat_map(|sent| (sent.offset..).zip(sent.values.iter().cloned())).collect()
    }

    /// The last five batches of each producer.
    fn remembered(&self) -> Vec<Sent> {
        (0..3)
            .flat_map(|producer| {
                let of_producer: Vec<_> = self.sent.iter().filter(|sent| sent.producer == producer).collect();
                of_producer[of_producer.len().saturating_sub(5)..]
                    .iter()
                    .map(|sent| (*sent).clone())
                    .collect::<Vec<_>>()
            })
            .collect()
    }
}

fn assert_same(found: &[(i64, String)], expected: &[(i64, String)], seed: u64) {
    let differs = found.iter().zip(expected).find(|(found, expected)| found != expected);
    assert!(differs.is_none(), "seed {seed}: {differs:?}");
    assert_eq!(found.len(), expected.len(), "seed {seed}: records found and expected");
}

fn bytes(sent: &Sent) -> bytes::Bytes {
    let id = i64::try_from(sent.producer).unwrap() + 100;
    batch_with(BatchOptions::default().with_producer(id, 0, sent.sequence), &sent.values)
}

struct World {
    seed: u64,
    rng: Rng,
    durability: Durability,
    model: Model,
}

impl World {
    fn config(&mut self) -> LogConfig {
        let mut config = LogConfig::default()
            .with_durability(self.durability)
            .with_segment_bytes(600 + u32::try_from(self.rng.below(3000)).unwrap())
            .with_index_interval_bytes(200);
        config.index_bytes = 100;
        config
    }

    fn open(&mut self, disk: &MemDisk) -> Option<(Storage, Arc<Log>)> {
        let config = StorageConfig::default()
            .with_log(self.config())
            .with_tail_bytes_max(usize::try_from(self.rng.below(3)).unwrap() * 700);
        let name = LogName::new("orders", 0);
        let storage = match try_open(Arc::new(disk.clone()), config) {
            Ok(storage) => storage,
            Err(error) => {
                assert!(disk.is_dead(), "seed {}: {error}", self.seed);
                return None;
            }
        };
        let log = match storage.log(&name) {
            Some(log) => log,
            None => {
                assert_eq!(self.model.promised, 0, "seed {}: the log is gone", self.seed);
                storage.create_log(name, Uuid::from_u128(9), self.config()).unwrap()
            }
        };
        Some((storage, log))
    }

    /// Holds a log that was opened after a crash against the model, and the model to the log.
    fn check(&mut self, disk: &MemDisk, log: &Log) {
        let seed = self.seed;
        let end = log.offsets().high_watermark.0;
        assert_eq!(end, log.offsets().log_end.0, "seed {seed}");
        assert!(end >= self.model.promised, "seed {seed}: promised {}, found {end}", self.model.promised);
        if let Some(unknown) = self.model.unknown.take().filter(|sent| sent.end() <= end) {
            let count = i32::try_from(unknown.values.len()).unwrap();
            self.model.next_sequence[unknown.producer] = unknown.sequence + count;
            self.model.sent.push(unknown);
        }
        let mut expected = self.model.records();
        expected.truncate(usize::try_from(end).unwrap());
        assert_same(&read_all(log, 0), &expected, seed);
        // What was lost had been promised to nobody; its producers send it again.
        let lost: Vec<Sent> = self.model.sent.iter().filter(|sent| sent.end() > end).cloned().collect();
        self.model.sent.retain(|sent| sent.end() <= end);
        assert_eq!(self.model.end(), end, "seed {seed}: half a batch survived");
        for sent in self.model.remembered() {
            let again = log.append(bytes(&sent), options()).unwrap();
            assert!(again.duplicate, "seed {seed}: {sent:?} was appended again at {}", again.base_offset);
            assert_eq!(again.base_offset.0, sent.offset, "seed {seed}");
        }
        for mut sent in lost {
            match log.append(bytes(&sent), options()) {
                Ok(appended) => {
                    assert!(!appended.duplicate, "seed {seed}: {sent:?} was lost, and yet is known");
                    sent.offset = appended.base_offset.0;
                    self.model.sent.push(sent);
                }
                // The power fails again.
                Err(_) if disk.is_dead() => {
                    sent.offset = self.model.end();
                    self.model.unknown.get_or_insert(sent.clone());
                    self.model.next_sequence[sent.producer] =
                        self.model.next_sequence[sent.producer].min(sent.sequence);
                }
                Err(error) => panic!("seed {seed}: {sent:?}: {error}"),
            }
        }
        self.see(log);
    }

    fn see(&mut self, log: &Log) {
        self.model.promised = self.model.promised.max(log.offsets().high_watermark.0);
    }

    fn append(&mut self, log: &Log) {
        let producer = usize::try_from(self.rng.below(3)).unwrap();
        let count = 1 + self.rng.below(4);
        let values = (0..count)
            .map(|_| {
                self.model.counter += 1;
                format!("{}{}", self.model.counter, "x".repeat(usize::try_from(self.rng.below(80)).unwrap()))
            })
            .collect();
        let sequence = self.model.next_sequence[producer];
        let mut sent = Sent { producer, sequence, values, offset: 0 };
        sent.offset = self.model.end();
        if let Ok(appended) = log.append(bytes(&sent), options()) {
            assert!(!appended.duplicate);
            assert_eq!(appended.base_offset.0, self.model.end(), "seed {}", self.seed);
            sent.offset = appended.base_offset.0;
            self.model.next_sequence[producer] += i32::try_from(count).unwrap();
            self.model.sent.push(sent);
        } else {
            self.model.unknown.get_or_insert(sent);
        }
        self.see(log);
    }

    /// Works until the power fails or enough was done.
    fn live(&mut self, disk: &MemDisk, storage: &Storage, log: &Log) {
        let holds = self.rng.chance(0.5);
        if holds {
            disk.hold(Call::Sync);
        }
        for _ in 0..60 {
            match self.rng.below(20) {
                0..12 => self.append(log),
                12 | 13 if holds => {
                    disk.release_one();
                    self.see(log);
                }
                12 if !holds => {
                    let _ = block_on(storage.checkpoint());
                    self.see(log);
                }
                14 => {
                    let config = self.config();
                    log.set_config(config);
                }
                15 if !disk.is_dead() => {
                    let visible = log.offsets().high_watermark.0;
                    let mut expected = self.model.records();
                    expected.truncate(usize::try_from(visible).unwrap());
                    let from = i64::try_from(self.rng.below(visible.unsigned_abs() + 1)).unwrap();
                    expected.drain(..usize::try_from(from).unwrap());
                    assert_same(&read_all(log, from), &expected, self.seed);
                }
                16 if !disk.is_dead() => {
                    let all = self.model.remembered();
                    if let Some(sent) = all.get(usize::try_from(self.rng.below(15)).unwrap()) {
                        match log.append(bytes(sent), options()) {
                            Ok(again) => {
                                assert!(again.duplicate, "seed {}: {sent:?}", self.seed);
                                assert_eq!(again.base_offset.0, sent.offset, "seed {}", self.seed);
                            }
                            Err(AppendError::Closed { .. }) => {}
                            Err(error) => panic!("seed {}: {sent:?}: {error}", self.seed),
                        }
                    }
                }
                _ => {}
            }
            if disk.is_dead() {
                return;
            }
        }
    }
}

fn run(seed: u64, durability: Durability) {
    let mut world = World { seed, rng: Rng::new(seed), durability, model: Model::default() };
    let mut disk = MemDisk::new(seed);
    for _ in 0..4 {
        if durability == Durability::Fsync && world.rng.chance(0.8) {
            disk.power_off_at(1 + world.rng.below(150));
        }
        if let Some((storage, log)) = world.open(&disk) {
            if !disk.is_dead() {
                world.check(&disk, &log);
                world.live(&disk, &storage, &log);
            }
            if !disk.is_dead() && world.rng.chance(0.3) {
                disk.release();
                let closed = block_on(storage.close());
                assert!(closed.is_ok() || disk.is_dead(), "seed {seed}: {closed:?}");
                if closed.is_ok() {
                    world.model.promised = world.model.end();
                }
            }
        }
        match durability {
            Durability::Fsync => disk.crash(world.rng.next_u64()),
            Durability::Os => {
                world.model.promised = world.model.end();
                disk.kill();
            }
        }
        disk = disk.restarted();
    }
    disk.heal();
    disk.release();
    let Some((_, log)) = world.open(&disk) else { panic!("seed {seed}: it does not open without faults") };
    world.check(&disk, &log);
}

#[test]
fn nothing_promised_is_lost_when_the_power_fails() {
    for seed in 0..300 {
        run(seed, Durability::Fsync);
    }
}

#[test]
fn nothing_written_is_lost_when_the_process_is_killed() {
    for seed in 0..100 {
        run(seed, Durability::Os);
    }
}

#[test]
fn what_a_start_learned_of_epochs_is_written_down_before_the_next_one_reads_less() {
    let (disk, clock) = (MemDisk::new(1), ManualClock::new(NOW));
    let config = LogConfig::default().with_segment_bytes(300);
    let (storage, log) = open_orders(&disk, clock.clone(), &config).unwrap();
    log.append(batch(&["of epoch 0"]), options().with_leader_epoch(0)).unwrap();
    block_on(storage.checkpoint()).unwrap();
    for _ in 0..9 {
        log.append(batch(&["of epoch 1"]), options().with_leader_epoch(1)).unwrap();
    }
    // The first start after it reads every batch; the second one only those behind the checkpoint between.
    for _ in 0..2 {
        disk.kill();
        let (storage, log) = open_orders(&disk.restarted(), clock.clone(), &config).unwrap();
        assert_eq!(log.epoch_end_offset(0), Some((0, Offset(1))));
        block_on(storage.checkpoint()).unwrap();
    }
}

/// The index files of the closed segments of a log.
fn closed_indexes(disk: &MemDisk) -> BTreeMap<String, Vec<u8>> {
    let files = disk.image();
    let active = files.keys().rfind(|path| path.ends_with(".log")).unwrap().replace(".log", "");
    let is_index = |path: &str| path.ends_with(".index") || path.ends_with(".timeindex");
    files.into_iter().filter(|(path, _)| is_index(path) && !path.starts_with(&active)).collect()
}

/// A log of several segments, the indexes of which have an entry for each batch.
fn many_segments(disk: &MemDisk) -> (Storage, Arc<Log>) {
    let config = LogConfig::default().with_segment_bytes(1_000).with_index_interval_bytes(1);
    let (storage, log) = open_orders(disk, ManualClock::new(NOW), &config).unwrap();
    for n in 0..40 {
        log.append(batch(&[&format!("value {n}")]), options()).unwrap();
    }
    (storage, log)
}

/// Loses the power right after a checkpoint, and finds the indexes of closed segments as they were.
fn its_indexes_survive_a_checkpoint((storage, log): (Storage, Arc<Log>), disk: &MemDisk, seed: u64) {
    block_on(storage.checkpoint()).unwrap();
    let before = closed_indexes(disk);
    assert!(before.len() > 4, "{:?}", before.keys());
    drop((storage, log));
    disk.crash(seed);
    assert_eq!(closed_indexes(&disk.restarted()), before, "seed {seed}");
}

#[test]
fn what_the_recovery_point_has_passed_has_its_index_on_stable_storage() {
    for seed in 0..40 {
        let mut disk = MemDisk::new(seed);
        let (mut storage, mut log) = many_segments(&disk);
        if seed % 2 == 0 {
            // The next start writes them anew.
            drop((storage, log));
            disk.kill();
            disk = disk.restarted();
            (storage, log) = open_orders(&disk, ManualClock::new(NOW), &LogConfig::default()).unwrap();
        }
        its_indexes_survive_a_checkpoint((storage, log), &disk, seed);
    }
}

#[test]
fn an_index_whose_sync_failed_is_written_anew() {
    for seed in 0..40 {
        let disk = MemDisk::new(seed);
        let (storage, log) = many_segments(&disk);
        disk.inject(Fault::new(Call::Sync, FaultError::Io).with_path("index").with_skip(seed % 5));
        block_on(storage.checkpoint()).unwrap();
        disk.heal();
        its_indexes_survive_a_checkpoint((storage, log), &disk, seed);
    }
}

#[test]
fn names_whose_sync_failed_are_given_again_by_the_next_start() {
    let config = LogConfig::default().with_segment_bytes(300);
    for seed in 0..200 {
        let mut disk = MemDisk::new(seed);
        let (storage, log) = open_orders(&disk, ManualClock::new(NOW), &config).unwrap();
        let durable = |log: &Log, value: &str| {
            let appended = log.append(batch(&[value]), options()).unwrap();
            block_on(log.durable(&appended))
        };
        // The names of a new log, or of a later segment.
        let values: Vec<String> = (0..12).map(|n| format!("value {n}")).collect();
        disk.inject(Fault::new(Call::SyncDir, FaultError::Io).with_path("").with_skip(seed % 4));
        let failed = values.iter().position(|value| durable(&log, value).is_err()).unwrap();
        drop((storage, log));
        disk.kill();
        disk = disk.restarted();
        if seed % 3 == 0 {
            // That start is cut short.
            disk.power_off_at(1 + seed % 29);
            drop(open_orders(&disk, ManualClock::new(NOW), &config));
            disk.power_off_at(u64::MAX);
            match seed % 2 == 0 && disk.is_dead() {
                true => disk.crash(seed),
                false => disk.kill(),
            }
            disk = disk.restarted();
        }
        let (storage, log) = open_orders(&disk, ManualClock::new(NOW), &config).unwrap();
        let end = log.offsets().log_end;
        assert!(end.0 >= i64::try_from(failed).unwrap(), "seed {seed}: {end} of {failed}");
        durable(&log, "more").unwrap();
        let before = read_all(&log, 0);
        drop((storage, log));
        disk.crash(seed);
        let (_storage, log) = open_orders(&disk.restarted(), ManualClock::new(NOW), &config).unwrap();
        assert_eq!(read_all(&log, 0), before, "seed {seed}, {failed} were durable");
    }
}

#[test]
fn what_a_start_took_out_of_a_log_does_not_come_back_among_what_was_appended_since() {
    for (seed, durability) in (0..60).flat_map(|seed| [(seed, Durability::Fsync), (seed, Durability::Os)]) {
        let disk = MemDisk::new(seed);
        let config = LogConfig::default().with_durability(durability);
        let add = |log: &Arc<Log>, values: std::ops::Range<i64>| {
            for value in values {
                let appended = log.append(batch(&[&value.to_string()]), options()).unwrap();
                block_on(log.durable(&appended)).unwrap();
            }
        };
        let (storage, log) = open_orders(&disk, ManualClock::new(NOW), &config).unwrap();
        add(&log, 0..3);
        block_on(storage.checkpoint()).unwrap();
        disk.kill();
        // Writes from 3 on that never arrived whole, and the name of the segment that was begun behind them.
        let disk = disk.restarted();
        disk.edit(Path::new("orders-0/00000000000000000000.log"), |bytes| bytes.extend([7; 700])).unwrap();
        disk.open(Path::new("orders-0/00000000000000000010.log"), OpenMode::Create).unwrap();
        disk.sync_dir(Path::new("orders-0")).unwrap();
        let disk = if seed % 2 == 0 {
            disk.inject(Fault::new(Call::SyncDir, FaultError::Io).with_path("orders-0"));
            open_orders(&disk, ManualClock::new(NOW), &config).unwrap_err();
            disk.kill();
            disk.restarted()
        } else {
            disk
        };
        let (_storage, log) = open_orders(&disk, ManualClock::new(NOW), &config).unwrap();
        assert_eq!(log.offsets().log_end, Offset(3));
        let files = disk.image();
        if durability == Durability::Fsync {
            add(&log, 3..20);
        }
        disk.crash(seed);
        let disk = disk.restarted();
        for (path, bytes) in disk.image().iter().filter(|(path, _)| path.ends_with(".log")) {
            let before = files.get(path).unwrap_or_else(|| panic!("seed {seed}: {path} is back"));
            assert!(bytes.starts_with(before), "seed {seed}: what was cut off {path} is back");
        }
        let (_storage, log) = open_orders(&disk, ManualClock::new(NOW), &config).unwrap();
        let end = if durability == Durability::Fsync { 20 } else { 3 };
        let expected: Vec<_> = (0..end).map(|n| (n, n.to_string())).collect();
        assert_eq!(read_all(&log, 0), expected, "seed {seed}");
    }
}
