//! Reads beside what the machine can do in the same run: the tail, a log from its start, batches in no order.
//!
//! `cargo bench -p ottla-storage --bench reading [-- SECONDS [MIB]]`: each row runs for so many seconds (2 by default) over
//! a log of so many MiB (1,024 by default) in batches of 16 KiB. Files go to `target/tmp`. Cold means that the
//! kernel was told to drop the pages before, and that the log was opened anew, so that it checks every checksum once;
//! the cold limit reads the same bytes by `pread` and takes their checksum. Read the ratios.

#![expect(clippy::expect_used, reason = "a program that measures")]
#![expect(clippy::disallowed_methods, reason = "a bench measures time, on files of its own")]

use std::cell::Cell;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use okaywal::{Configuration, LogPosition};
use ottla_env::Rng;
use ottla_protocol::records::{BatchBuilder, BatchOptions, crc32c};
use ottla_protocol::wire::Uuid;
use ottla_storage::blocking::{self, block_on, env};
use ottla_storage::disk::OsDisk;
use ottla_storage::{
    AppendOptions, Durability, Log, LogConfig, LogName, Offset, ReadOptions, Storage, StorageConfig,
};

use self::forgets::Forgets;
use self::rate::{Rate, alternately, folder, row};

#[path = "helpers/forgets.rs"]
mod forgets;
#[path = "helpers/rate.rs"]
mod rate;

/// Records in a batch, each of 1 KiB.
const RECORDS: i64 = 16;
/// What a reader asks for at once, as consumers do.
const PIECE: usize = 1024 * 1024;
/// The segments of the log.
const SEGMENT_BYTES: u32 = 256 * 1024 * 1024;
/// Long enough to read all of the log.
const WHOLE: Duration = Duration::from_secs(600);
/// Bytes that another log has to read.
const OKAYWAL_BYTES: usize = 64 * 1024 * 1024;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let is_test = std::env::args().any(|word| word == "--test");
    let seconds =
        words.first().map_or(if is_test { 0.1 } else { 2.0 }, |word| word.parse().expect("seconds"));
    let mib =
        words.get(1).map_or(if is_test { 16 } else { 1024 }, |word| word.parse().expect("a size in MiB"));
    let folder = folder();
    let filled = Filled::new(folder.path(), mib);
    let time = Duration::from_secs_f64(seconds);
    tail(time, &filled);
    from_the_start(time, &filled);
    in_no_order(time, &filled);
}

/// A log on the disk, and what is in it.
struct Filled {
    folder: PathBuf,
    batch: Bytes,
    batches: u64,
}

impl Filled {
    fn new(folder: &Path, mib: u64) -> Self {
        let mut builder = BatchBuilder::new(BatchOptions::default().with_limits(1 << 20, 1 << 20));
        for _ in 0..RECORDS {
            builder.try_append(1_000_000, None, Some(&[b'x'; 1024]), &[]).expect("it fits");
        }
        let batch = builder.build().expect("it has records");
        let batches = mib * (1 << 20) / batch.len() as u64;
        let filled = Self { folder: folder.to_owned(), batch, batches };
        let log = filled.open();
        for _ in 0..batches {
            log.append();
        }
        log.close();
        filled
    }

    fn open(&self) -> Opened {
        let disk = Arc::new(OsDisk::new(&self.folder).expect("the folder is there"));
        let storage = block_on(Storage::open(disk, env(), StorageConfig::default())).expect("it opens");
        let name = LogName::new("bench", 0);
        let config = LogConfig::default().with_durability(Durability::Os).with_segment_bytes(SEGMENT_BYTES);
        let log = match storage.log(&name) {
            Some(log) => log,
            None => storage.create_log(name, Uuid::ZERO, config).expect("the name is free"),
        };
        Opened { storage, log, batch: self.batch.clone() }
    }

    /// The files of the log, oldest first, as the limits read them.
    fn files(&self) -> Vec<File> {
        let mut names: Vec<PathBuf> = std::fs::read_dir(self.folder.join("bench-0"))
            .expect("it is there")
            .map(|entry| entry.expect("it has a name").path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "log"))
            .collect();
        names.sort();
        names.iter().map(|path| File::open(path).expect("it opens")).collect()
    }

    /// Has the kernel forget what it holds of the files.
    fn make_cold(&self) {
        for file in self.files() {
            file.sync_all().expect("it is synced");
            rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed).expect("advice is free");
        }
    }
}

/// The log, opened.
struct Opened {
    storage: Storage,
    log: Arc<Log>,
    batch: Bytes,
}

impl Opened {
    fn append(&self) {
        self.log.append(self.batch.clone(), AppendOptions::new(1_000_000)).expect("it is written");
    }

    /// How many bytes there were from an offset on, brought into memory.
    fn read(&self, offset: i64, bytes: usize) -> usize {
        let options = ReadOptions { max_bytes: bytes, ..ReadOptions::default() };
        let read = blocking::read(&self.log, Offset(offset), options).expect("it is read");
        std::hint::black_box(read.into_bytes().expect("it is read")).len()
    }

    /// Reads from the start, piece by piece, until the end of the log or of the time; counts pieces.
    fn read_on(&self, end: Instant) -> u64 {
        let (mut pieces, mut offset) = (0, 0);
        while Instant::now() < end {
            let len = self.read(offset, PIECE);
            if len == 0 {
                break;
            }
            offset += i64::try_from(len / self.batch.len()).expect("few") * RECORDS;
            pieces += 1;
        }
        pieces
    }

    fn close(self) {
        block_on(self.storage.close()).expect("all is durable");
    }
}

/// What was appended last, as consumers that keep up read it: from memory.
fn tail(time: Duration, filled: &Filled) {
    println!("\ntail, batches of 16 KiB");
    let log = filled.open();
    for _ in 0..16 {
        log.append();
    }
    let end = log.log.offsets().log_end.0;
    let (limit, ours) = alternately(
        time,
        |time| {
            Rate::measure(time, filled.batch.len(), |end| {
                let mut done = 0;
                while Instant::now() < end {
                    std::hint::black_box(Bytes::copy_from_slice(std::hint::black_box(&filled.batch)));
                    done += 1;
                }
                done
            })
        },
        |time| {
            let from = Cell::new(end);
            Rate::measure(time, filled.batch.len(), |until| {
                let mut done = 0;
                while Instant::now() < until {
                    from.set(if from.get() == end { end - 16 * RECORDS } else { from.get() + RECORDS });
                    done += u64::from(log.read(from.get().min(end - RECORDS), 1) > 0);
                }
                done
            })
        },
    );
    row("limit: a copy of the batch", limit, None);
    row("ours", ours, Some(limit));
    log.close();
}

/// A whole log, a MiB at a time.
fn from_the_start(time: Duration, filled: &Filled) {
    println!("\nfrom the start, 1 MiB at a time");
    let raw = |time: Duration, checks: bool| {
        let files = filled.files();
        Rate::measure(time, PIECE, |end| {
            let (mut done, mut buffer) = (0, vec![0; PIECE]);
            for file in &files {
                let mut at = 0;
                while Instant::now() < end {
                    let len = file.read_at(&mut buffer, at).expect("it is read");
                    if len == 0 {
                        break;
                    }
                    if checks {
                        std::hint::black_box(crc32c(&buffer[..len]));
                    }
                    at += len as u64;
                    done += 1;
                }
            }
            done
        })
    };
    filled.make_cold();
    let limit = raw(time, true);
    row("limit, cold: pread and CRC-32C", limit, None);
    filled.make_cold();
    let log = filled.open();
    row("cold", Rate::measure(time, PIECE, |end| log.read_on(end)), Some(limit));
    // Once through, so that every checksum is checked and the pages are there.
    log.read_on(Instant::now() + WHOLE);
    let (limit, warm) =
        alternately(time, |time| raw(time, false), |time| Rate::measure(time, PIECE, |end| log.read_on(end)));
    row("limit, warm: pread", limit, None);
    row("warm", warm, Some(limit));
    log.close();
}

/// One batch at a time, anywhere.
fn in_no_order(time: Duration, filled: &Filled) {
    println!("\nin no order, batches of 16 KiB");
    let files = filled.files();
    let lens: Vec<u64> = files.iter().map(|file| file.metadata().expect("it has a length").len()).collect();
    let raw = |time: Duration| {
        let mut rng = Rng::new(2);
        let mut buffer = vec![0; filled.batch.len()];
        Rate::measure(time, filled.batch.len(), |end| {
            let mut done = 0;
            while Instant::now() < end {
                let file = usize::try_from(rng.below(files.len() as u64)).expect("few");
                let batches = (lens[file] / filled.batch.len() as u64).max(1);
                let at = rng.below(batches) * filled.batch.len() as u64;
                files[file].read_at(&mut buffer, at).expect("it is read");
                std::hint::black_box(&buffer);
                done += 1;
            }
            done
        })
    };
    let log = filled.open();
    let ours = |time: Duration| {
        let mut rng = Rng::new(2);
        Rate::measure(time, filled.batch.len(), |end| {
            let mut done = 0;
            while Instant::now() < end {
                let offset = i64::try_from(rng.below(filled.batches)).expect("few") * RECORDS;
                done += u64::from(log.read(offset, 1) > 0);
            }
            done
        })
    };
    log.read_on(Instant::now() + WHOLE);
    let (limit, warm) = alternately(time, raw, ours);
    row("limit, warm: pread", limit, None);
    row("warm", warm, Some(limit));
    filled.make_cold();
    let limit = raw(time);
    row("limit, cold: pread", limit, None);
    filled.make_cold();
    row("cold, checked before", ours(time), Some(limit));
    log.close();
    filled.make_cold();
    let log = filled.open();
    let mut rng = Rng::new(3);
    let first = Rate::measure(time, filled.batch.len(), |end| {
        let mut done = 0;
        while Instant::now() < end {
            let offset = i64::try_from(rng.below(filled.batches)).expect("few") * RECORDS;
            done += u64::from(log.read(offset, 1) > 0);
        }
        done
    });
    row("cold, just opened", first, Some(limit));
    log.close();
    row("okaywal, warm", okaywal(time, filled), None);
}

/// A journal of another project, from positions that it gave.
fn okaywal(time: Duration, filled: &Filled) -> Rate {
    let folder = folder();
    let config = Configuration::default_for(folder.path()).checkpoint_after_bytes(1 << 40);
    let log = config.open(Forgets).expect("an empty folder opens");
    let mut positions: Vec<LogPosition> = Vec::new();
    for _ in 0..OKAYWAL_BYTES / filled.batch.len() {
        let mut entry = log.begin_entry().expect("it takes entries");
        positions.push(entry.write_chunk(&filled.batch).expect("it is written").position);
        entry.commit().expect("it is synced");
    }
    let mut rng = Rng::new(2);
    let mut buffer = Vec::new();
    let rate = Rate::measure(time, filled.batch.len(), |end| {
        let mut done = 0;
        while Instant::now() < end {
            let place = usize::try_from(rng.below(positions.len() as u64)).expect("few");
            buffer.clear();
            let mut chunk = log.read_at(positions[place]).expect("it is there");
            chunk.read_to_end(&mut buffer).expect("it is read");
            assert!(chunk.crc_is_valid().expect("it is whole"));
            done += 1;
        }
        done
    });
    log.shutdown().expect("it closes");
    rate
}
