//! How much a start and a read take from the disk: counted at the seam, file by file.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking, as tests do")]

use std::collections::BTreeMap;
use std::io::{self, IoSlice};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use ottla_protocol::wire::Uuid;
use ottla_storage::disk::wait::block_on;
use ottla_storage::disk::{
    Completion, Descriptor, Disk, Entry, File, Lock, MemDisk, Metadata, OpenMode, Read, Started,
};
use ottla_storage::{Log, LogConfig, LogName, Offset, ReadOptions, Storage};

#[path = "helpers/logs.rs"]
#[expect(dead_code, reason = "every test binary uses some of them")]
mod logs;
use logs::{batch, open, options, read_all, try_read};

/// A disk that counts the bytes that are read of each file.
#[derive(Debug)]
struct Counted {
    disk: MemDisk,
    read: Arc<Mutex<BTreeMap<PathBuf, u64>>>,
}

#[derive(Debug)]
struct CountedFile {
    file: Arc<dyn File>,
    path: PathBuf,
    read: Arc<Mutex<BTreeMap<PathBuf, u64>>>,
}

impl CountedFile {
    fn count(&self, bytes: usize) {
        *self.read.lock().unwrap().entry(self.path.clone()).or_default() += bytes as u64;
    }
}

impl Disk for Counted {
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Arc<dyn File>> {
        let file = self.disk.open(path, mode)?;
        Ok(Arc::new(CountedFile { file, path: path.to_owned(), read: Arc::clone(&self.read) }))
    }

    fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        self.disk.metadata(path)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<Entry>> {
        self.disk.list(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.disk.rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.disk.remove_file(path)
    }

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        self.disk.create_dir(path)
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        self.disk.remove_dir(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.disk.sync_dir(path)
    }

    fn start_sync_dir(&self, path: &Path, token: u64, done: &Arc<dyn Completion>) -> Started {
        self.disk.start_sync_dir(path, token, done)
    }

    fn lock(&self, path: &Path) -> io::Result<Box<dyn Lock>> {
        self.disk.lock(path)
    }
}

impl File for CountedFile {
    fn write_at(
        &self,
        parts: &[IoSlice<'_>],
        offset: u64,
        token: u64,
        done: &Arc<dyn Completion>,
    ) -> Started {
        self.file.write_at(parts, offset, token, done)
    }

    fn sync_data(&self, token: u64, done: &Arc<dyn Completion>) -> Started {
        self.file.sync_data(token, done)
    }

    fn read_at(&self, offset: u64, len: usize) -> Read {
        let read = self.file.read_at(offset, len);
        match &read {
            Read::Now(Ok(bytes)) => self.count(bytes.len()),
            Read::Now(Err(_)) | Read::Later(_) => self.count(len),
        }
        read
    }

    fn write_blocking(&self, parts: &[IoSlice<'_>], offset: u64) -> io::Result<()> {
        self.file.write_blocking(parts, offset)
    }

    fn sync_blocking(&self) -> io::Result<()> {
        self.file.sync_blocking()
    }

    fn read_blocking(&self, offset: u64, len: usize) -> io::Result<Bytes> {
        let bytes = self.file.read_blocking(offset, len)?;
        self.count(bytes.len());
        Ok(bytes)
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        self.file.truncate(len)
    }

    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn descriptor(&self) -> io::Result<Option<Descriptor>> {
        self.file.descriptor()
    }
}

const SEGMENT_BYTES: u32 = 100_000;
const BATCHES: i64 = 1_000;

fn name() -> LogName {
    LogName::new("orders", 0)
}

/// A thousand batches of a kilobyte over some ten segments, checkpointed at this one and killed after the last, or closed.
fn left(checkpoint_at: Option<i64>, clean: bool) -> MemDisk {
    let disk = MemDisk::new(1);
    let storage = open(Arc::new(disk.clone()));
    let config = LogConfig::default().with_segment_bytes(SEGMENT_BYTES);
    let log = storage.create_log(name(), Uuid::ZERO, config).unwrap();
    for n in 0..BATCHES {
        if checkpoint_at == Some(n) {
            block_on(storage.checkpoint()).unwrap();
        }
        log.append(batch(&[&"x".repeat(900)]), options()).unwrap();
    }
    match clean {
        true => block_on(storage.close()).unwrap(),
        false => disk.kill(),
    }
    disk.restarted()
}

/// Opens the folder. Answers how many bytes were read of each segment, and the length of each, by base offset.
fn opened(disk: &MemDisk) -> (Storage, Arc<Log>, Vec<(i64, u64, u64)>) {
    let read = Arc::new(Mutex::new(BTreeMap::new()));
    let counted = Counted { disk: disk.clone(), read: Arc::clone(&read) };
    let storage = open(Arc::new(counted));
    let log = storage.log(&name()).unwrap();
    assert_eq!(log.offsets().log_end, Offset(BATCHES));
    let read = read.lock().unwrap();
    let image = disk.image();
    let segments = image.iter().filter(|(path, _)| path.ends_with(".log")).map(|(path, bytes)| {
        let base = Path::new(path).file_stem().unwrap().to_str().unwrap().parse().unwrap();
        (base, read.get(Path::new(path)).copied().unwrap_or(0), bytes.len() as u64)
    });
    let segments = segments.collect();
    drop(read);
    (storage, log, segments)
}

#[test]
fn after_a_kill_only_what_lies_behind_the_recovery_point_is_read() {
    // What is read before it: from the last index entry on, and a few headers at a time.
    const SLACK: u64 = 4 * 4096;
    for checkpoint_at in [300, 620, 905, 999] {
        let disk = left(Some(checkpoint_at), false);
        let (_storage, log, segments) = opened(&disk);
        assert!(segments.len() >= 10, "{segments:?}");
        for (number, (base, read, len)) in segments.iter().enumerate() {
            let end = segments.get(number + 1).map_or(BATCHES, |next| next.0);
            let what = format!("segment {base}, checkpoint at {checkpoint_at}: {read} of {len} bytes");
            if end <= checkpoint_at {
                assert_eq!(*read, 0, "{what}");
                continue;
            }
            let records = u64::try_from(end - base).unwrap();
            let behind = u64::try_from(end - checkpoint_at.max(*base)).unwrap();
            // Batches are of one size; headers are read once more for the producers.
            let data = len * behind / records;
            assert!(*read <= data + data / 2 + 2 * SLACK, "{what}");
        }
        assert_eq!(read_all(&log, 0).len(), usize::try_from(BATCHES).unwrap());
    }
}

#[test]
fn after_a_clean_shutdown_a_few_headers_are_read() {
    let disk = left(Some(620), true);
    let (_storage, _log, segments) = opened(&disk);
    let (last, closed) = segments.split_last().unwrap();
    assert!(closed.iter().all(|(_, read, _)| *read == 0), "{closed:?}");
    assert!(last.1 <= 8 * 4096, "{last:?}");
}

#[test]
fn without_a_recovery_point_all_is_read_and_the_next_start_reads_little_again() {
    let disk = left(None, false);
    let (storage, _log, segments) = opened(&disk);
    assert!(segments.iter().all(|(_, read, len)| read >= len), "{segments:?}");
    block_on(storage.close()).unwrap();
    let (_storage, _log, segments) = opened(&disk.restarted());
    assert!(segments.iter().map(|(_, read, _)| read).sum::<u64>() <= 8 * 4096, "{segments:?}");
}

/// What was read of the segments until now.
fn read_of_segments(read: &Mutex<BTreeMap<PathBuf, u64>>) -> u64 {
    let read = read.lock().unwrap();
    read.iter()
        .filter(|(path, _)| path.extension().is_some_and(|name| name == "log"))
        .map(|(_, bytes)| bytes)
        .sum()
}

#[test]
fn a_batch_that_the_index_names_is_read_without_anything_beside_it() {
    const LARGE: usize = 20_000;
    let disk = MemDisk::new(1);
    let storage = open(Arc::new(disk.clone()));
    // Ten in each segment.
    let config = LogConfig::default().with_segment_bytes(210_000);
    let log = storage.create_log(name(), Uuid::ZERO, config).unwrap();
    for n in 0..30 {
        log.append(batch(&[&format!("{n:0LARGE$}")]), options()).unwrap();
    }
    block_on(storage.close()).unwrap();

    let read = Arc::new(Mutex::new(BTreeMap::new()));
    let counted = Counted { disk: disk.restarted(), read: Arc::clone(&read) };
    let storage = open(Arc::new(counted));
    let log = storage.log(&name()).unwrap();
    let one = ReadOptions { max_bytes: 1, ..ReadOptions::default() };
    let len = u64::try_from(batch(&[&"x".repeat(LARGE)]).len()).unwrap();
    let look = |from: i64| {
        let before = read_of_segments(&read);
        assert_eq!(try_read(&log, from, one).unwrap(), [(from, format!("{from:0LARGE$}"))]);
        read_of_segments(&read) - before
    };
    // The index of a closed segment is held against a few headers when it is loaded.
    for from in [1, 11, 21] {
        look(from);
    }
    for from in [3, 13, 23, 2, 22] {
        assert_eq!(look(from), 2 * len, "its checksum is looked at, and it is answered");
        assert_eq!(look(from), 61 + len, "it was looked at before");
    }
}
