//! What the machine can do without a log: the writes, copies and syncs that one needs at the least.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use okaywal::WriteAheadLog;
use ottla_protocol::records::crc32c;

use crate::forgets::Forgets;
use crate::{Rate, folder};

/// Bytes after which a raw file is begun anew, as segments are.
const FILE_BYTES: u64 = 1 << 30;
const FILES: usize = 1000;

fn file(path: &std::path::Path) -> File {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).expect("a file")
}

/// One copy of the bytes in memory.
pub(crate) fn copy(time: Duration, bytes: &[u8]) -> Rate {
    let mut to = vec![0; bytes.len()];
    Rate::measure(time, bytes.len(), |end| {
        let mut done = 0;
        while Instant::now() < end {
            for _ in 0..100 {
                to.copy_from_slice(std::hint::black_box(bytes));
                std::hint::black_box(&mut to);
            }
            done += 100;
        }
        done
    })
}

/// The bytes to the page cache, once their checksum was taken.
pub(crate) fn write_and_checksum(time: Duration, bytes: &[u8]) -> Rate {
    let folder = folder();
    let file = file(&folder.path().join("raw"));
    Rate::measure(time, bytes.len(), |end| {
        let (mut done, mut at) = (0, 0);
        while Instant::now() < end {
            std::hint::black_box(crc32c(std::hint::black_box(bytes)));
            file.write_all_at(bytes, at).expect("it is written");
            at += bytes.len() as u64;
            if at > FILE_BYTES {
                file.set_len(0).expect("it is cut");
                at = 0;
            }
            done += 1;
        }
        done
    })
}

/// A file that grows, synced after each write.
pub(crate) fn write_and_sync(time: Duration, bytes: &[u8]) -> Rate {
    let folder = folder();
    write_and_sync_each(time, bytes, &file(&folder.path().join("raw")))
}

/// The same in a file whose length and blocks stay as they are.
pub(crate) fn overwrite_and_sync(time: Duration, bytes: &[u8]) -> Rate {
    let folder = folder();
    let mut file = file(&folder.path().join("raw"));
    for _ in 0..64 {
        file.write_all(&vec![0; 1 << 20]).expect("it is written");
    }
    file.sync_all().expect("it is synced");
    write_and_sync_each(time, bytes, &file)
}

fn write_and_sync_each(time: Duration, bytes: &[u8], file: &File) -> Rate {
    Rate::measure(time, bytes.len(), |end| {
        let (mut done, mut at) = (0, 0);
        while Instant::now() < end {
            file.write_all_at(bytes, at).expect("it is written");
            file.sync_data().expect("it is synced");
            at += bytes.len() as u64;
            done += 1;
        }
        done
    })
}

/// Files that grow, each write synced by the thread that did it.
pub(crate) fn parallel_syncs(time: Duration, bytes: &[u8], threads: usize) -> Rate {
    let folder = folder();
    let files = grown(&folder, bytes);
    let next = AtomicUsize::new(0);
    Rate::measure(time, bytes.len(), |end| {
        let done = AtomicU64::new(0);
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    while Instant::now() < end {
                        let (file, position) = &files[next.fetch_add(1, Ordering::Relaxed) % FILES];
                        let at = position.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                        file.write_all_at(bytes, at).expect("it is written");
                        file.sync_data().expect("it is synced");
                        done.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        done.into_inner()
    })
}

/// A write to each file, and one sync of the whole file system.
pub(crate) fn sync_file_system(time: Duration, bytes: &[u8]) -> Rate {
    let folder = folder();
    let files = grown(&folder, bytes);
    Rate::measure(time, bytes.len(), |end| {
        let mut done = 0;
        while Instant::now() < end {
            write_to_all(&files, bytes);
            rustix::fs::syncfs(&files[0].0).expect("it is synced");
            done += FILES as u64;
        }
        done
    })
}

/// All records to one file whose room was written before, which is synced; and a copy of each to its own
/// file, which is not.
pub(crate) fn one_journal(time: Duration, bytes: &[u8]) -> Rate {
    let folder = folder();
    let files = grown(&folder, bytes);
    let room = 64 << 20;
    let mut journal = file(&folder.path().join("journal"));
    journal.write_all(&vec![0; room]).expect("it is written");
    journal.sync_all().expect("it is synced");
    Rate::measure(time, bytes.len(), |end| {
        let (mut done, mut at) = (0, 0);
        while Instant::now() < end {
            for _ in 0..FILES {
                at = if at + bytes.len() > room { 0 } else { at };
                journal.write_all_at(bytes, at as u64).expect("it is written");
                at += bytes.len();
            }
            write_to_all(&files, bytes);
            journal.sync_data().expect("it is synced");
            done += FILES as u64;
        }
        done
    })
}

fn grown(folder: &tempfile::TempDir, bytes: &[u8]) -> Vec<(File, AtomicU64)> {
    let files: Vec<(File, AtomicU64)> =
        (0..FILES).map(|n| (file(&folder.path().join(n.to_string())), AtomicU64::new(0))).collect();
    write_to_all(&files, bytes);
    rustix::fs::syncfs(&files[0].0).expect("it is synced");
    files
}

fn write_to_all(files: &[(File, AtomicU64)], bytes: &[u8]) {
    for (file, position) in files {
        let at = position.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        file.write_all_at(bytes, at).expect("it is written");
    }
}

/// A journal of another project, with its defaults.
pub(crate) fn okaywal(time: Duration, bytes: &[u8], writers: usize) -> Rate {
    let folder = folder();
    let log = WriteAheadLog::recover(folder.path(), Forgets).expect("an empty folder opens");
    let log = Arc::new(Mutex::new(Some(log)));
    let rate = Rate::measure(time, bytes.len(), |end| {
        let done = AtomicU64::new(0);
        thread::scope(|scope| {
            for _ in 0..writers {
                let log = log.lock().expect("no thread panicked").clone().expect("it is open");
                let done = &done;
                scope.spawn(move || {
                    while Instant::now() < end {
                        let mut entry = log.begin_entry().expect("it takes entries");
                        entry.write_chunk(bytes).expect("it is written");
                        entry.commit().expect("it is synced");
                        done.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        done.into_inner()
    });
    if let Some(log) = log.lock().expect("no thread panicked").take() {
        log.shutdown().expect("it closes");
    }
    rate
}
