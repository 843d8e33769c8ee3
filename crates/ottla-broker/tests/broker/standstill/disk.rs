//! A disk in memory that stands still like one of the operating system does: in the thread that calls it.

use std::io::{self, IoSlice};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use bytes::Bytes;
use ottla_storage::disk::{
    Completion, Descriptor, Disk, Entry, File, Lock, MemDisk, Metadata, OpenMode, Read, Space, Started,
};

/// Past this it goes on by itself.
const LONGEST: Duration = Duration::from_secs(60);

/// Freezes a disk and thaws it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Freezer(Arc<(Mutex<bool>, Condvar)>);

impl Freezer {
    pub(crate) fn over(&self, disk: MemDisk) -> impl Disk {
        Freezing { disk, freezer: self.clone() }
    }

    pub(crate) fn freeze(&self) {
        *self.0.0.lock().unwrap() = true;
        // Where no thread of the runtime is left, nobody minds its timers either: the test fails then, and does not hang.
        let shared = Arc::clone(&self.0);
        std::thread::spawn(move || {
            let frozen = shared.0.lock().unwrap();
            let (mut frozen, ended) = shared.1.wait_timeout_while(frozen, LONGEST, |frozen| *frozen).unwrap();
            if ended.timed_out() {
                *frozen = false;
                shared.1.notify_all();
            }
        });
    }

    pub(crate) fn thaw(&self) {
        *self.0.0.lock().unwrap() = false;
        self.0.1.notify_all();
    }

    fn wait(&self) {
        drop(self.0.1.wait_while(self.0.0.lock().unwrap(), |frozen| *frozen).unwrap());
    }
}

impl Drop for Freezer {
    /// A test that fails must not hang.
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.thaw();
        }
    }
}

#[derive(Debug)]
struct Freezing {
    disk: MemDisk,
    freezer: Freezer,
}

impl Disk for Freezing {
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Arc<dyn File>> {
        if matches!(mode, OpenMode::Create | OpenMode::CreateNew) {
            self.freezer.wait();
        }
        let (file, freezer) = (self.disk.open(path, mode)?, self.freezer.clone());
        Ok(Arc::new(FreezingFile { file, freezer }))
    }

    fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        self.disk.metadata(path)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<Entry>> {
        self.disk.list(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.freezer.wait();
        self.disk.rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.freezer.wait();
        self.disk.remove_file(path)
    }

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        self.freezer.wait();
        self.disk.create_dir(path)
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        self.freezer.wait();
        self.disk.remove_dir(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.freezer.wait();
        self.disk.sync_dir(path)
    }

    fn start_sync_dir(&self, path: &Path, token: u64, done: &Arc<dyn Completion>) -> Started {
        let (disk, path) = (self.disk.clone(), path.to_owned());
        later(&self.freezer, token, done, move || disk.sync_dir(&path))
    }

    fn lock(&self, path: &Path) -> io::Result<Box<dyn Lock>> {
        self.disk.lock(path)
    }

    fn space(&self) -> io::Result<Option<Space>> {
        self.disk.space()
    }
}

/// Does it on another thread, as the pools of a disk do.
fn later(
    freezer: &Freezer,
    token: u64,
    done: &Arc<dyn Completion>,
    work: impl FnOnce() -> io::Result<()> + Send + 'static,
) -> Started {
    let (freezer, done) = (freezer.clone(), Arc::clone(done));
    std::thread::spawn(move || {
        freezer.wait();
        done.complete(token, work());
    });
    Started::Later
}

#[derive(Debug)]
struct FreezingFile {
    file: Arc<dyn File>,
    freezer: Freezer,
}

impl File for FreezingFile {
    fn write_at(
        &self,
        parts: &[IoSlice<'_>],
        offset: u64,
        token: u64,
        done: &Arc<dyn Completion>,
    ) -> Started {
        self.freezer.wait();
        self.file.write_at(parts, offset, token, done)
    }

    fn write_later(&self, parts: Vec<Bytes>, offset: u64, token: u64, done: &Arc<dyn Completion>) -> Started {
        let file = Arc::clone(&self.file);
        later(&self.freezer, token, done, move || {
            let parts: Vec<_> = parts.iter().map(|part| IoSlice::new(part)).collect();
            file.write_blocking(&parts, offset)
        })
    }

    fn sync_data(&self, token: u64, done: &Arc<dyn Completion>) -> Started {
        let file = Arc::clone(&self.file);
        later(&self.freezer, token, done, move || file.sync_blocking())
    }

    fn read_at(&self, offset: u64, len: usize) -> Read {
        self.file.read_at(offset, len)
    }

    fn write_blocking(&self, parts: &[IoSlice<'_>], offset: u64) -> io::Result<()> {
        self.freezer.wait();
        self.file.write_blocking(parts, offset)
    }

    fn sync_blocking(&self) -> io::Result<()> {
        self.freezer.wait();
        self.file.sync_blocking()
    }

    fn read_blocking(&self, offset: u64, len: usize) -> io::Result<Bytes> {
        self.file.read_blocking(offset, len)
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        self.freezer.wait();
        self.file.truncate(len)
    }

    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn descriptor(&self) -> io::Result<Option<Descriptor>> {
        self.file.descriptor()
    }
}
