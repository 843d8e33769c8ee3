//! The descriptors of an `OsDisk`: a file is opened when it is used, and closed again when too many are open.
//!
//! Here live the bound, the choice of what is closed, and the names under which closed files are
//! found again. A [`Handle`] is one file that somebody holds; reading, writing and syncing by it is
//! in [`super::file`].
//!
//! # What may be closed
//!
//! Linux remembers a failed write-back in the inode and tells it to each descriptor that was open
//! then, once; an inode without a descriptor may be dropped from memory, and the failure with it. A
//! descriptor that was opened after the failure may never hear of it. So a file is only closed when
//! every write through it was covered by a sync of the same descriptor that went well. One that was
//! written and not synced stays open, whatever the bound says, and so does one whose sync failed.
//! When only such files are left, those that were not used for longest are synced early, so that
//! they can be closed; what such a sync meets is told by the next one that is asked for.
//!
//! A file in use (a read, a write, a descriptor handed out for `sendfile`) is held and not closed.
//!
//! # Finding a file again
//!
//! By its name, which follows renames through the same disk. A file whose name is taken away, by removal or
//! by another file that gets it, is opened before and then kept open. What stands at the name must
//! be the very file (device and inode): anything else is an error, never another file's bytes.
//!
//! # Choice
//!
//! Not a list in order of use, which every append would have to reorder under one lock, but the
//! second-chance form: a hand comes by at one open file after the other, and closes the first that
//! was not used since it came by last. It does not go round in order: where more files than may be open are
//! used in turn, that would close each just before its turn comes, and so open every file for every use. A hand that
//! jumps leaves nearly all of them open.

use std::borrow::Borrow;
use std::cmp;
use std::collections::{BTreeMap, VecDeque};
use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::io;
use std::ops::Bound;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};

use rustix::process::{Resource, getrlimit};

use super::gather::Gathering;
use super::pool::{Job, Pool};
use crate::disk::error::failed;
use crate::lock::lock;

/// The bound where none was set and the process may open more than twice as many.
const OPEN_MAX: usize = 65_536;
/// The least bound where none was set, below which files would be opened and closed all the time.
const OPEN_MIN: usize = 16;
/// Files that the hand passes at most each time that one is opened.
const STEPS_MAX: usize = 64;
/// Files that are closed at once when the system refuses to open another.
const SHED: usize = 16;

/// The open files of one disk.
#[derive(Debug)]
pub(super) struct Descriptors {
    open_max: usize,
    open: AtomicUsize,
    /// Where early syncs run. Its jobs hold handles, which must not keep it alive.
    syncs: Weak<Pool>,
    /// Held to read while a name is turned into a descriptor, to write while names change.
    renaming: RwLock<()>,
    /// All handles by their present names, but for those that have none any more.
    names: Mutex<BTreeMap<Name, Vec<Weak<Handle>>>>,
    hand: Mutex<Hand>,
}

/// The files that were open when the hand came by last, or were opened since, each once.
#[derive(Debug, Default)]
struct Hand {
    files: VecDeque<Weak<Handle>>,
    /// Where it comes by next, as a part of 2^64 of the way round.
    place: u64,
}

impl Hand {
    /// By the golden ratio: it comes by everywhere equally often, and never twice in order.
    const JUMP: u64 = 0x9e37_79b9_7f4a_7c15;

    /// Adds a file, unless it is there.
    fn add(&mut self, handle: &Arc<Handle>) {
        if !handle.at_hand.swap(true, Ordering::Relaxed) {
            self.files.push_back(Arc::downgrade(handle));
        }
    }

    /// Takes out the file where it comes by next.
    fn take(&mut self) -> Option<Weak<Handle>> {
        self.place = self.place.wrapping_add(Self::JUMP);
        let index = (u128::from(self.place) * self.files.len() as u128) >> 64;
        self.files.swap_remove_front(usize::try_from(index).ok()?)
    }

    /// Puts a file back that was taken out, or says that it is not there any more.
    fn put_back(&mut self, file: Weak<Handle>, handle: &Handle, stays: bool) {
        match stays {
            true => self.files.push_back(file),
            false => handle.at_hand.store(false, Ordering::Relaxed),
        }
    }
}

/// A path in the order of its bytes: component by component, as paths are compared, takes ten times as long.
#[derive(Clone, Debug)]
struct Name(Arc<Path>);

impl Borrow<OsStr> for Name {
    fn borrow(&self) -> &OsStr {
        self.0.as_os_str()
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_os_str() == other.0.as_os_str()
    }
}

impl Eq for Name {}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> cmp::Ordering {
        self.0.as_os_str().cmp(other.0.as_os_str())
    }
}

/// A file that somebody holds, open or not.
#[derive(Debug)]
pub(super) struct Handle {
    descriptors: Arc<Descriptors>,
    writable: bool,
    slot: Mutex<Slot>,
    /// Used since the hand came by last.
    used: AtomicBool,
    /// Writes that have completed.
    written: AtomicU64,
    /// How many of them a sync that went well has covered.
    synced: AtomicU64,
    /// An early sync is on its way.
    syncing: AtomicBool,
    /// It is among the files of the hand. Changed under the lock of that.
    at_hand: AtomicBool,
    /// For how long the next sync may wait for more to be written ([`super::gather`]).
    pub(super) gathering: Gathering,
    /// The file system cannot say whether a read would wait.
    pub(super) cannot_ask: AtomicBool,
}

#[derive(Debug)]
struct Slot {
    file: Option<Arc<fs::File>>,
    path: Arc<Path>,
    /// Device and inode, once it was closed.
    identity: Option<(u64, u64)>,
    /// No name leads to it any more.
    nameless: bool,
    /// It was opened to read only, because the file system took no writers.
    read_only: bool,
    /// What an early sync met.
    failure: Option<Box<(io::ErrorKind, String)>>,
}

impl Descriptors {
    /// Keeps at most `open_max` files open, but for those in use or not synced.
    pub(super) fn new(open_max: Option<usize>, syncs: &Arc<Pool>) -> Arc<Self> {
        Arc::new(Self {
            open_max: open_max.unwrap_or_else(default_max),
            open: AtomicUsize::new(0),
            syncs: Arc::downgrade(syncs),
            renaming: RwLock::new(()),
            names: Mutex::default(),
            hand: Mutex::default(),
        })
    }

    /// Opens the file at `path`.
    pub(super) fn open(
        self: &Arc<Self>,
        path: Arc<Path>,
        options: &OpenOptions,
        writable: bool,
    ) -> io::Result<Arc<Handle>> {
        let handle = {
            let _names_stand = self.renaming.read().unwrap_or_else(PoisonError::into_inner);
            let file = self.with_room(|| options.open(&path)).map_err(|err| failed("open", &path, err))?;
            let slot = Slot {
                file: Some(Arc::new(file)),
                path: Arc::clone(&path),
                identity: None,
                nameless: false,
                read_only: false,
                failure: None,
            };
            let handle = Arc::new(Handle {
                descriptors: Arc::clone(self),
                writable,
                slot: Mutex::new(slot),
                used: AtomicBool::new(false),
                written: AtomicU64::new(0),
                synced: AtomicU64::new(0),
                syncing: AtomicBool::new(false),
                at_hand: AtomicBool::new(false),
                gathering: Gathering::default(),
                cannot_ask: AtomicBool::new(!cfg!(target_os = "linux")),
            });
            // Nearly every name has one.
            let mut names = lock(&self.names);
            names.entry(Name(path)).or_insert_with(|| Vec::with_capacity(1)).push(Arc::downgrade(&handle));
            drop(names);
            handle
        };
        self.opened(&handle);
        Ok(handle)
    }

    /// Runs `open`, and once more with some files closed if the system has no descriptor left.
    pub(super) fn with_room<T>(&self, open: impl Fn() -> io::Result<T>) -> io::Result<T> {
        match open() {
            Err(err) if is_exhausted(&err) && self.shed() > 0 => open(),
            result => result,
        }
    }

    /// Changes names by `change`, and what is known of `from` with them. With `to` it is a rename, without a
    /// removal.
    pub(super) fn rename<T>(
        &self,
        from: &Path,
        to: Option<&Path>,
        change: impl FnOnce() -> io::Result<T>,
    ) -> io::Result<T> {
        let _names_change = self.renaming.write().unwrap_or_else(PoisonError::into_inner);
        // What loses its name is opened while it still has it. Renamed onto itself it keeps it.
        let lost = to.unwrap_or(from);
        let losing = if to == Some(from) { Vec::new() } else { self.named(lost) };
        for handle in &losing {
            self.keep_open(handle);
        }
        let changed = change()?;
        // Dropped once the lock is not held any more: the last drop of a handle takes it.
        let mut held = Vec::new();
        let mut names = lock(&self.names);
        if !losing.is_empty() {
            names.remove(lost.as_os_str());
            losing.iter().for_each(|handle| lock(&handle.slot).nameless = true);
        }
        if let Some(to) = to.filter(|to| *to != from) {
            // The file itself, or all that stands below the folder.
            let below = from.join("").into_os_string();
            let of_folder = names
                .range::<OsStr, _>((Bound::Included(&*below), Bound::Unbounded))
                .take_while(|(name, _)| name.0.as_os_str().as_bytes().starts_with(below.as_bytes()));
            let itself = names.get_key_value(from.as_os_str()).into_iter();
            let moved: Vec<Name> = itself.chain(of_folder).map(|(name, _)| name.clone()).collect();
            for name in moved {
                let Some(handles) = names.remove(&name) else { continue };
                let rest = name.0.strip_prefix(from).unwrap_or(Path::new(""));
                let path: Arc<Path> =
                    if rest.as_os_str().is_empty() { to.into() } else { to.join(rest).into() };
                for handle in handles.iter().filter_map(Weak::upgrade) {
                    lock(&handle.slot).path = Arc::clone(&path);
                    held.push(handle);
                }
                names.entry(Name(path)).or_default().extend(handles);
            }
        }
        drop(names);
        Ok(changed)
    }

    fn named(&self, path: &Path) -> Vec<Arc<Handle>> {
        let names = lock(&self.names);
        names.get(path.as_os_str()).into_iter().flatten().filter_map(Weak::upgrade).collect()
    }

    /// Opens a file that is about to lose its name, so that who holds it can go on.
    fn keep_open(&self, handle: &Arc<Handle>) {
        let opened = {
            let mut slot = lock(&handle.slot);
            let closed = slot.file.is_none();
            if closed && let Err(error) = handle.open_in(&mut slot) {
                // Who uses it next is told that it is not there.
                tracing::warn!(path = %slot.path.display(), %error, "a file that is removed could not be kept for its readers");
            }
            closed && slot.file.is_some()
        };
        if opened {
            self.open.fetch_add(1, Ordering::Relaxed);
            lock(&self.hand).add(handle);
        }
    }

    /// Counts a file that was opened, and lets the hand go on while there are too many.
    fn opened(&self, handle: &Arc<Handle>) {
        self.open.fetch_add(1, Ordering::Relaxed);
        let mut early = None;
        // Dropped once the lock is not held any more: the last drop of a handle takes others.
        let mut passed = Vec::new();
        let mut hand = lock(&self.hand);
        hand.add(handle);
        for step in 0..STEPS_MAX.min(hand.files.len()) {
            let Some(weak) = hand.take() else { break };
            let Some(other) = weak.upgrade() else { continue };
            if self.open.load(Ordering::Relaxed) <= self.open_max {
                // Those that are gone are cleared away as fast as others come.
                hand.put_back(weak, &other, true);
                passed.push(other);
                match step {
                    0 => continue,
                    _ => break,
                }
            }
            let stays = match other.close_if_idle(true) {
                Closing::Closed | Closing::Nameless => false,
                Closing::InUse => true,
                Closing::Unsynced => {
                    if early.is_none() && !other.syncing.swap(true, Ordering::Relaxed) {
                        early = Some(Arc::clone(&other));
                    }
                    true
                }
            };
            hand.put_back(weak, &other, stays);
            passed.push(other);
        }
        drop(hand);
        if let (Some(file), Some(syncs)) = (early, self.syncs.upgrade()) {
            syncs.start(Job::SyncEarly { file });
        }
    }

    /// Closes some files, used lately or not. Answers how many.
    fn shed(&self) -> usize {
        let mut passed = Vec::new();
        let mut closed = 0;
        let mut hand = lock(&self.hand);
        let all = hand.files.len();
        for _ in 0..all {
            let Some(weak) = hand.files.pop_front() else { break };
            let Some(other) = weak.upgrade() else { continue };
            let closing = other.close_if_idle(false);
            closed += usize::from(matches!(closing, Closing::Closed));
            hand.put_back(weak, &other, matches!(closing, Closing::InUse | Closing::Unsynced));
            passed.push(other);
            if closed == SHED {
                break;
            }
        }
        drop(hand);
        closed
    }

    /// Files that are open now.
    #[cfg(test)]
    pub(super) fn open_now(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }
}

/// What became of a file that was to be closed.
enum Closing {
    Closed,
    /// Somebody uses it now, or has since the hand came by last.
    InUse,
    /// It was written, and not synced since.
    Unsynced,
    /// It cannot be opened again, so it stays open for as long as it is held.
    Nameless,
}

impl Handle {
    /// The open file, opened now if it is not. It is not closed while the answer is held.
    pub(super) fn file(self: &Arc<Self>) -> io::Result<Arc<fs::File>> {
        if let Some(file) = &lock(&self.slot).file {
            self.used.store(true, Ordering::Relaxed);
            return Ok(Arc::clone(file));
        }
        let file = {
            let _names_stand = self.descriptors.renaming.read().unwrap_or_else(PoisonError::into_inner);
            let mut slot = lock(&self.slot);
            if let Some(file) = &slot.file {
                return Ok(Arc::clone(file));
            }
            self.open_in(&mut slot)?
        };
        self.descriptors.opened(self);
        Ok(file)
    }

    /// The same for a write, which a file that was only opened to read may take by now.
    pub(super) fn file_to_write(self: &Arc<Self>) -> io::Result<Arc<fs::File>> {
        {
            let mut slot = lock(&self.slot);
            if slot.read_only && slot.file.take().is_some() {
                self.descriptors.open.fetch_sub(1, Ordering::Relaxed);
            }
        }
        let file = self.file()?;
        let read_only = lock(&self.slot).read_only;
        match read_only {
            true => Err(failed("write", &self.path(), io::ErrorKind::ReadOnlyFilesystem.into())),
            false => Ok(file),
        }
    }

    /// Opens it again, if what has its name is the same file; to read only, where the file system takes no writers.
    fn open_in(&self, slot: &mut Slot) -> io::Result<Arc<fs::File>> {
        let mut options = OpenOptions::new();
        options.read(true).write(self.writable);
        let open = || {
            let mut file = self.descriptors.with_room(|| options.open(&slot.path));
            let read_only = matches!(&file, Err(err) if err.kind() == io::ErrorKind::ReadOnlyFilesystem);
            if read_only {
                file = self.descriptors.with_room(|| fs::File::open(&slot.path));
            }
            let file = file?;
            match slot.identity == Some(identity(&file)?) {
                true => Ok((file, read_only)),
                false => Err(io::Error::other("another file has its name by now")),
            }
        };
        let (file, read_only) = open().map_err(|err| failed("open again", &slot.path, err))?;
        slot.read_only = read_only;
        let file = Arc::new(file);
        slot.file = Some(Arc::clone(&file));
        Ok(file)
    }

    /// Says that a write has completed, or may have done part of its work.
    pub(super) fn wrote(&self) {
        self.written.fetch_add(1, Ordering::Release);
    }

    /// Makes data and length durable.
    pub(super) fn sync(self: &Arc<Self>) -> io::Result<()> {
        let file = self.file()?;
        if let Some(failure) = &lock(&self.slot).failure {
            let (kind, failure) = &**failure;
            return Err(io::Error::new(*kind, failure.clone()));
        }
        self.sync_open(&file)
    }

    fn sync_open(&self, file: &fs::File) -> io::Result<()> {
        let covered = self.written.load(Ordering::Acquire);
        file.sync_data().map_err(|err| failed("sync", &self.path(), err))?;
        self.synced.fetch_max(covered, Ordering::Release);
        Ok(())
    }

    /// Syncs it so that it can be closed, and closes it if nobody used it in the meantime. A failure is told by the next
    /// sync that is asked for.
    pub(super) fn sync_early(self: &Arc<Self>) {
        // Taken without a mark of use: this is none.
        let file = lock(&self.slot).file.clone();
        let synced = file.map_or(Ok(()), |file| self.sync_open(&file));
        if let Err(error) = synced {
            let mut slot = lock(&self.slot);
            tracing::error!(path = %slot.path.display(), %error, "a sync to make room for other files failed");
            slot.failure.get_or_insert_with(|| Box::new((error.kind(), error.to_string())));
            // Never tried again: `syncing` stays set.
            return;
        }
        self.syncing.store(false, Ordering::Relaxed);
        if self.descriptors.open.load(Ordering::Relaxed) > self.descriptors.open_max {
            self.close_if_idle(true);
        }
    }

    /// Closes it, if nobody uses it and nothing it was told could be lost with it.
    fn close_if_idle(&self, spare_used: bool) -> Closing {
        // Whoever has the lock is about to use it.
        let Ok(mut slot) = self.slot.try_lock() else { return Closing::InUse };
        if slot.nameless {
            return Closing::Nameless;
        }
        let Slot { file: Some(file), failure, .. } = &mut *slot else { return Closing::Closed };
        if self.used.swap(false, Ordering::Relaxed) && spare_used || Arc::get_mut(file).is_none() {
            return Closing::InUse;
        }
        // Nobody else has the file, so no write is under way whose end is not counted.
        if self.written.load(Ordering::Acquire) > self.synced.load(Ordering::Acquire) || failure.is_some() {
            return Closing::Unsynced;
        }
        match identity(file) {
            Ok(identity) => slot.identity = Some(identity),
            Err(_) => return Closing::InUse,
        }
        slot.file = None;
        self.descriptors.open.fetch_sub(1, Ordering::Relaxed);
        Closing::Closed
    }

    /// Where it is, or was when it lost its name.
    pub(super) fn path(&self) -> Arc<Path> {
        Arc::clone(&lock(&self.slot).path)
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let slot = self.slot.get_mut().unwrap_or_else(PoisonError::into_inner);
        if slot.file.is_some() {
            self.descriptors.open.fetch_sub(1, Ordering::Relaxed);
        }
        if slot.nameless {
            return;
        }
        let mut names = lock(&self.descriptors.names);
        if let Some(handles) = names.get_mut(slot.path.as_os_str()) {
            handles.retain(|handle| handle.strong_count() > 0);
            if handles.is_empty() {
                names.remove(slot.path.as_os_str());
            }
        }
    }
}

/// What tells a file from every other.
fn identity(file: &fs::File) -> io::Result<(u64, u64)> {
    let metadata = file.metadata()?;
    Ok((metadata.dev(), metadata.ino()))
}

/// Half of what the process may open, within bounds.
fn default_max() -> usize {
    let limit = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    usize::try_from(limit / 2).unwrap_or(usize::MAX).clamp(OPEN_MIN, OPEN_MAX)
}

/// Whether the process, or the system, has no descriptor left.
fn is_exhausted(error: &io::Error) -> bool {
    use rustix::io::Errno;

    let number = error.raw_os_error();
    number == Some(Errno::MFILE.raw_os_error()) || number == Some(Errno::NFILE.raw_os_error())
}

#[cfg(test)]
mod tests;
