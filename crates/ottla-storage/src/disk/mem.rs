//! [`MemDisk`]: a disk in memory, which loses, tears, fails and fills up when told.
//!
//! Here are the disk and its levers; bytes are in [`content`], names in [`names`], the words for
//! faults in [`faults`], open files in [`file`]. None of it starts a thread or reads a clock.

mod content;
mod faults;
mod file;
mod names;

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ottla_env::{Rng, Spawn, WallClock};
use rustix::io::Errno;

pub use self::faults::{Call, Delays, Fault, FaultError, Misdirected, Sleeper};
pub use self::file::RawFile;

use self::content::BLOCK_BYTES;
use self::faults::{Control, Pace, Refusal, Slow, Unfinished};
use self::file::MemFile;
use self::names::{FileNode, Names, Node};
use super::error::{check_relative, failed};
use super::{Completion, Disk, Entry, EntryKind, File, Lock, Metadata, OpenMode, Space, Started};

/// A disk in memory that keeps apart what is written and what is safe.
///
/// # What a loss of power leaves
///
/// [`crash`](Self::crash) draws from its seed. A third of crashes, about, either lose everything
/// that was not synced or keep all of it; the others treat each file and name for itself:
///
/// - A write that no sync covered is kept, dropped, or torn: any of its sectors of 512 bytes
///   arrived and the others did not. Later writes may arrive without earlier ones, and where
///   writes overlap either may win.
/// - The length is one of those that the file went through since its last sync, whatever became
///   of the writes; bytes that did not arrive are those of before, or zeros.
/// - A name created, renamed or removed since the last sync of its folder is as before or as
///   after. A rename happens as a whole or not at all. A file or folder whose own folder's name
///   was not safe is gone with it.
///
/// What a sync covered that completed well always stays. A sync in flight has covered nothing yet.
/// [`kill`](Self::kill) ends the process and not the machine: nothing is lost.
///
/// Both end the life of every handle: calls through this disk and its files fail from then on,
/// operations in flight complete with an error, and [`restarted`](Self::restarted) gives the disk
/// that the next life of the process finds.
///
/// # What can go wrong before that
///
/// - [`inject`](Self::inject): the n-th call of a kind, or each with a probability, fails. A failed
///   write may have written a part. A failed sync brings some of what it covered to the device and
///   marks all of it clean, as Linux does: it stays visible, and no later sync saves it.
/// - [`set_capacity`](Self::set_capacity): writes fail with `ENOSPC` when it is used up, perhaps
///   after a part. Space comes back with each file removed or cut, also one that is still open.
///   [`Fault::read_only`] is a file system that takes no more.
/// - [`set_short_counts`](Self::set_short_counts): system calls transfer less than they were asked for, or are
///   interrupted; so the loops that put up with that are tested, [`File`]'s or your own around a [`RawFile`].
/// - [`flip_bit`](Self::flip_bit), [`flip_some_bit`](Self::flip_some_bit) and [`edit`](Self::edit): rot, and what a
///   hostile hand does. [`misdirect_write`](Self::misdirect_write): a write that lands in the wrong place.
/// - [`slow_down`](Self::slow_down): reads, writes and syncs end later, in virtual time, in any
///   order. [`hold`](Self::hold): they end when the test says so. Blocking calls never wait.
/// - [`power_off_at`](Self::power_off_at): the power fails in the middle of the n-th change, to
///   visit every point of a procedure in turn.
///
/// Everything is drawn from seeds: the same calls in the same order have the same outcome. Clones
/// are the same disk.
///
/// # Testing storage code of your own
///
/// Write the code against [`Disk`] and [`File`] (in production it gets an [`OsDisk`](super::OsDisk)), or against the four calls
/// that [`RawFile`] shares with the standard library. Then say what it promises as a function that
/// starts, works, loses its power and looks again, and call it with many seeds and every point:
///
/// ```
/// use std::io::{self, IoSlice};
/// use std::path::Path;
/// use ottla_storage::disk::{Disk, MemDisk, OpenMode};
///
/// /// Keeps one number. This is the program under test, and it is wrong.
/// fn save(disk: &dyn Disk, number: u64) -> io::Result<()> {
///     let file = disk.open(Path::new("number.tmp"), OpenMode::Create)?;
///     file.write_blocking(&[IoSlice::new(&number.to_be_bytes())], 0)?;
///     file.sync_blocking()?;
///     disk.rename(Path::new("number.tmp"), Path::new("number"))
///     // Forgotten: disk.sync_dir(Path::new(""))
/// }
///
/// fn load(disk: &dyn Disk) -> io::Result<u64> {
///     let bytes = disk.open(Path::new("number"), OpenMode::Read)?.read_blocking(0, 8)?;
///     Ok(u64::from_be_bytes(bytes[..].try_into().map_err(io::Error::other)?))
/// }
///
/// /// Whether what was saved last is there after a loss of power, which strikes at the nth change.
/// fn survives(seed: u64, nth: u64) -> bool {
///     let disk = MemDisk::new(seed);
///     disk.power_off_at(nth);
///     let mut saved = None;
///     for number in 1..=5 {
///         match save(&disk, number) {
///             Ok(()) => saved = Some(number),
///             Err(_) => break, // the power is off
///         }
///     }
///     disk.crash(seed);
///     let found = load(&disk.restarted()).ok();
///     // What was promised, or what was just being written.
///     found == saved || found == Some(saved.unwrap_or(0) + 1)
/// }
///
/// let failing = (0..100).flat_map(|seed| (1..20).map(move |nth| (seed, nth)));
/// let failing: Vec<_> = failing.filter(|&(seed, nth)| !survives(seed, nth)).collect();
/// assert!(!failing.is_empty(), "the disk finds what was forgotten; each pair replays it");
/// ```
///
/// The example `fault_model` of this crate does the same for a journal with three different mistakes, and for the
/// one that has none.
#[derive(Clone)]
pub struct MemDisk {
    shared: Arc<Shared>,
    generation: u64,
}

struct Shared {
    names: Mutex<Names>,
    control: Mutex<Control>,
    clock: Mutex<Option<Arc<dyn WallClock>>>,
}

/// What became of unsynced changes when the power failed.
#[derive(Clone, Copy, Debug)]
enum CrashStyle {
    LoseAll,
    KeepAll,
    /// Each is kept with this probability.
    Mixed {
        keep: f64,
    },
}

impl CrashStyle {
    fn draw(rng: &mut Rng) -> Self {
        match rng.below(6) {
            0 => Self::LoseAll,
            1 => Self::KeepAll,
            _ => Self::Mixed { keep: [0.2, 0.5, 0.8][usize::try_from(rng.below(3)).unwrap_or(0)] },
        }
    }

    fn keeps(self, rng: &mut Rng) -> bool {
        match self {
            Self::LoseAll => false,
            Self::KeepAll => true,
            Self::Mixed { keep } => rng.chance(keep),
        }
    }
}

impl MemDisk {
    /// An empty disk. `seed` decides delays, random faults and how far failed calls got.
    pub fn new(seed: u64) -> Self {
        Self::build(seed, true)
    }

    /// An empty disk that is meant to be forgotten: a crash loses all of it, and so it keeps each
    /// byte only once. For brokers in memory.
    pub fn volatile() -> Self {
        Self::build(0, false)
    }

    fn build(seed: u64, tracked: bool) -> Self {
        let shared = Shared {
            names: Mutex::new(Names::new(tracked)),
            control: Mutex::new(Control::new(seed)),
            clock: Mutex::default(),
        };
        Self { shared: Arc::new(shared), generation: 0 }
    }

    /// From now on files know when they were last written to, by this clock.
    pub fn set_clock(&self, clock: Arc<dyn WallClock>) {
        *lock(&self.shared.clock) = Some(clock);
    }

    /// Loses the power: of what was not synced, `seed` decides what stays.
    pub fn crash(&self, seed: u64) {
        let mut rng = Rng::new(seed);
        self.end_of_life(|names| {
            let style = CrashStyle::draw(&mut rng);
            names.crash(style, &mut rng);
            for (_, file) in names.files() {
                let style = match style {
                    CrashStyle::Mixed { .. } => CrashStyle::draw(&mut rng),
                    all => all,
                };
                lock(&file.content).crash(style, &mut rng);
            }
        });
    }

    /// Ends the process and not the machine, as `kill -9` does: everything written stays visible,
    /// and what was not synced is still not safe.
    pub fn kill(&self) {
        self.end_of_life(|_| {});
    }

    fn end_of_life(&self, settle: impl FnOnce(&mut Names)) {
        let unfinished = {
            let mut control = self.shared.control();
            control.next_generation();
            std::mem::take(&mut control.unfinished)
        };
        settle(&mut self.shared.names());
        // They find that their process is gone, and complete with an error.
        unfinished.into_iter().for_each(|finish| finish());
    }

    /// This disk as the process finds it that starts now. Faults, delays and capacity stay.
    #[must_use]
    pub fn restarted(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), generation: self.shared.control().generation() }
    }

    /// Whether calls through this handle fail because its life has ended, or the power.
    pub fn is_dead(&self) -> bool {
        !self.shared.control().alive(self.generation)
    }

    /// Makes the power fail at the `nth` call from now (1 is the next) that would change something:
    /// that call and all after it fail. Then [`crash`](Self::crash) settles what is left.
    ///
    /// # Panics
    /// When `nth` is 0.
    pub fn power_off_at(&self, nth: u64) {
        assert!(nth > 0, "the first call is number 1");
        self.shared.control().power_off_at(nth);
    }

    /// How many calls that change something were made so far: the points that
    /// [`power_off_at`](Self::power_off_at) can visit.
    pub fn changes(&self) -> u64 {
        self.shared.control().changes()
    }

    /// Opens a file by its bare system calls; as [`Disk::open`] otherwise.
    ///
    /// # Errors
    /// As [`Disk::open`].
    pub fn open_raw(&self, path: &Path, mode: OpenMode) -> io::Result<RawFile> {
        Ok(RawFile::new(self.open_mem(path, mode)?))
    }

    fn open_mem(&self, path: &Path, mode: OpenMode) -> io::Result<MemFile> {
        check_relative("open", path)?;
        let exists = self.shared.names().find(path).is_ok();
        let creates = match mode {
            OpenMode::Read | OpenMode::Write => false,
            OpenMode::Create => !exists,
            OpenMode::CreateNew => true,
        };
        let call = if creates { Call::Create } else { Call::Open };
        let node = self.with_names("open", call, path, |names| match creates {
            true => names.create_file(path),
            false => match names.find(path)? {
                Node::File(file) => Ok(file),
                Node::Dir(_) => Err(Errno::ISDIR),
            },
        })?;
        Ok(MemFile::new(self.clone(), node, path, mode != OpenMode::Read))
    }

    /// Makes calls fail. Several faults hold side by side; the first that hits a call decides.
    pub fn inject(&self, fault: Fault) {
        self.shared.control().inject(fault);
    }

    /// Takes all faults back, also a write that was to be [misdirected](Self::misdirect_write) and has not come.
    pub fn heal(&self) {
        self.shared.control().heal();
    }

    /// Limits the memory that files may take, in bytes, counted in blocks of 4 KiB; `None` lifts
    /// the limit.
    pub fn set_capacity(&self, bytes: Option<u64>) {
        self.shared.control().capacity = bytes;
    }

    /// Memory that files with a name take, in bytes, counted in blocks of 4 KiB, with what is reserved for them.
    pub fn used_bytes(&self) -> u64 {
        let files = self.shared.names().files();
        files.iter().map(|(_, file)| lock(&file.content).blocks() * BLOCK_BYTES as u64).sum()
    }

    /// Makes reads, writes and syncs take time. `sleeper` lets it pass, and `spawn` runs what waits.
    pub fn slow_down(&self, delays: Delays, sleeper: Arc<dyn Sleeper>, spawn: Arc<dyn Spawn>) {
        self.shared.control().slow_down(Some(Slow { delays, sleeper, spawn }));
    }

    /// Makes everything end at once again. What is on its way still takes its time.
    pub fn speed_up(&self) {
        self.shared.control().slow_down(None);
    }

    /// Makes calls of a kind (read, write or sync) end only when [`release_one`](Self::release_one)
    /// or [`release`](Self::release) says so.
    pub fn hold(&self, call: Call) {
        self.shared.control().hold(call);
    }

    /// How many operations are held.
    pub fn held(&self) -> usize {
        self.shared.control().unfinished.len()
    }

    /// Ends the held operation that began first; says whether there was one.
    pub fn release_one(&self) -> bool {
        let finish = self.shared.control().unfinished.pop_front();
        finish.map(|finish| finish()).is_some()
    }

    /// Ends every held operation, in the order they began, and holds none from here on.
    pub fn release(&self) {
        self.shared.control().hold_nothing();
        while self.release_one() {}
    }

    /// Makes the system calls under reads and writes transfer less than they are asked for, or be interrupted, each
    /// with this probability; 0 for never. [`File`]s repeat them until all is done, a [`RawFile`]
    /// shows it to its caller.
    pub fn set_short_counts(&self, probability: f64) {
        self.shared.control().short_counts = probability;
    }

    /// Makes the next write to a file whose path contains `part` land in another place of that file, some sectors
    /// of 512 bytes away, and answer that all went well. The file becomes as long as it should; where the bytes
    /// belong, it is as before, or zero. [`misdirected`](Self::misdirected) tells where they went.
    pub fn misdirect_write(&self, part: &str) {
        self.shared.control().astray.push(part.to_owned());
    }

    /// The writes that went astray so far.
    pub fn misdirected(&self) -> Vec<Misdirected> {
        self.shared.control().misdirected.clone()
    }

    /// Flips one bit of a file, in memory and on the device: bit 0 is the lowest of the first byte. What was not
    /// synced stays so.
    ///
    /// # Errors
    /// When there is no such file or no such bit.
    pub fn flip_bit(&self, path: &Path, bit: u64) -> io::Result<()> {
        check_relative("flip a bit of", path)?;
        let flipped = match self.shared.names().find(path) {
            Ok(Node::File(file)) => match lock(&file.content).flip(bit) {
                true => Ok(()),
                false => Err(Errno::RANGE),
            },
            Ok(Node::Dir(_)) => Err(Errno::ISDIR),
            Err(errno) => Err(errno),
        };
        flipped.map_err(|errno| failed("flip a bit of", path, errno.into()))
    }

    /// Flips a bit, drawn from the disk's seed, of what is on the device in files whose path contains `part`: rot. Answers
    /// which; `None` when there is nothing.
    pub fn flip_some_bit(&self, part: &str) -> Option<(PathBuf, u64)> {
        let files = self.shared.names().files();
        let bits = |(path, file): (String, Arc<FileNode>)| {
            let bits = lock(&file.content).durable_len() * 8;
            path.contains(part).then_some((bits, path, file))
        };
        let files: Vec<_> = files.into_iter().filter_map(bits).collect();
        let total = files.iter().map(|(bits, ..)| bits).sum::<u64>();
        if total == 0 {
            return None;
        }
        let mut bit = self.shared.control().rng.below(total);
        for (bits, path, file) in files {
            if bit < bits {
                lock(&file.content).flip(bit);
                return Some((path.into(), bit));
            }
            bit -= bits;
        }
        None
    }

    /// Changes the bytes of a file behind everybody's back, in memory and on the device. What was
    /// not synced becomes safe by it.
    ///
    /// # Errors
    /// When there is no such file.
    pub fn edit(&self, path: &Path, edit: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        check_relative("edit", path)?;
        let found = self.shared.names().find(path);
        match found {
            Ok(Node::File(file)) => {
                lock(&file.content).edit(edit);
                Ok(())
            }
            Ok(Node::Dir(_)) => Err(failed("edit", path, Errno::ISDIR.into())),
            Err(errno) => Err(failed("edit", path, errno.into())),
        }
    }

    /// Every file with its bytes, as a reader sees them: what two runs of one seed must agree on.
    pub fn image(&self) -> BTreeMap<String, Vec<u8>> {
        let files = self.shared.names().files();
        files.into_iter().map(|(path, file)| (path, lock(&file.content).read(0, usize::MAX))).collect()
    }

    /// Checks the path, asks for faults, and then does something with the names.
    fn with_names<T>(
        &self,
        attempted: &'static str,
        call: Call,
        path: &Path,
        act: impl FnOnce(&mut Names) -> Result<T, Errno>,
    ) -> io::Result<T> {
        check_relative(attempted, path)?;
        match self.shared.admit(self.generation, call, path) {
            Ok(()) => act(&mut self.shared.names()).map_err(|errno| failed(attempted, path, errno.into())),
            Err(refusal) => {
                if refusal == Refusal::PowerFails {
                    // It may have happened; the crash decides, and nobody hears of an error.
                    drop(act(&mut self.shared.names()));
                }
                Err(refused(attempted, path, refusal))
            }
        }
    }

    fn sync_dir_now(&self, path: &Path) -> io::Result<()> {
        check_relative("sync folder", path)?;
        // One after the other, because a refusal needs the generator as well.
        let admitted = self.shared.admit(self.generation, Call::SyncDir, path);
        let mut names = self.shared.names();
        let synced = match admitted {
            Ok(()) => names.sync_dir(path),
            Err(Refusal::Error(errno)) => {
                let mut rng = self.shared.draw_rng();
                names.lose_dir(path, &mut rng).and(Err(errno))
            }
            Err(dead) => return Err(refused("sync folder", path, dead)),
        };
        synced.map_err(|errno| failed("sync folder", path, errno.into()))
    }
}

impl Disk for MemDisk {
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Arc<dyn File>> {
        Ok(Arc::new(self.open_mem(path, mode)?))
    }

    fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        self.with_names("look up", Call::LookUp, path, |names| {
            Ok(match names.find(path)? {
                Node::File(file) => {
                    let content = lock(&file.content);
                    Metadata { kind: EntryKind::File, len: content.len(), modified_ms: content.modified_ms }
                }
                Node::Dir(_) => Metadata { kind: EntryKind::Dir, len: 0, modified_ms: None },
            })
        })
    }

    fn list(&self, path: &Path) -> io::Result<Vec<Entry>> {
        self.with_names("list", Call::LookUp, path, |names| names.list(path))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        check_relative("rename to", to)?;
        self.with_names("rename", Call::Rename, from, |names| names.rename(from, to))
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.with_names("remove", Call::Remove, path, |names| names.remove_file(path))
    }

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        self.with_names("create folder", Call::Create, path, |names| names.create_dir(path))
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        self.with_names("remove folder", Call::Remove, path, |names| names.remove_dir(path))
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.sync_dir_now(path)
    }

    fn start_sync_dir(&self, path: &Path, token: u64, done: &Arc<dyn Completion>) -> Started {
        let pace = self.shared.control().pace(Call::SyncDir);
        if matches!(pace, Pace::Now) {
            return Started::Now(self.sync_dir_now(path));
        }
        let (disk, path, done) = (self.clone(), path.to_owned(), Arc::clone(done));
        self.shared.finish_later(pace, Box::new(move || done.complete(token, disk.sync_dir_now(&path))));
        Started::Later
    }

    fn space(&self) -> io::Result<Option<Space>> {
        let capacity = self.shared.control().capacity;
        Ok(capacity.map(|total_bytes| Space {
            total_bytes,
            usable_bytes: total_bytes.saturating_sub(self.used_bytes()),
        }))
    }

    fn lock(&self, path: &Path) -> io::Result<Box<dyn Lock>> {
        self.with_names("lock", Call::Lock, path, |names| match names.create_file(path) {
            Ok(_) | Err(Errno::EXIST) => Ok(()),
            Err(errno) => Err(errno),
        })?;
        if !self.shared.control().locks.insert(path.to_owned()) {
            let held = "it is held, so another process is using this folder";
            return Err(failed("lock", path, io::Error::new(io::ErrorKind::WouldBlock, held)));
        }
        Ok(Box::new(MemLock { disk: self.clone(), path: path.to_owned() }))
    }
}

impl fmt::Debug for MemDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let control = self.shared.control();
        f.debug_struct("MemDisk").field("generation", &self.generation).field("control", &*control).finish()
    }
}

impl Shared {
    fn names(&self) -> MutexGuard<'_, Names> {
        lock(&self.names)
    }

    fn control(&self) -> MutexGuard<'_, Control> {
        lock(&self.control)
    }

    fn admit(&self, generation: u64, call: Call, path: &Path) -> Result<(), Refusal> {
        self.control().admit(generation, call, path)
    }

    /// A generator of its own for one decision, so that no lock is held meanwhile.
    fn draw_rng(&self) -> Rng {
        Rng::new(self.control().rng.next_u64())
    }

    /// Ends an operation when its time has come.
    fn finish_later(&self, pace: Pace, finish: Unfinished) {
        match pace {
            Pace::Now => finish(),
            Pace::Held => self.control().unfinished.push_back(finish),
            Pace::After(delay, sleeper, spawn) => spawn.spawn(Box::pin(async move {
                sleeper.sleep(delay).await;
                finish();
            })),
        }
    }
}

#[derive(Debug)]
struct MemLock {
    disk: MemDisk,
    path: PathBuf,
}

impl Lock for MemLock {}

impl Drop for MemLock {
    fn drop(&mut self) {
        let mut control = self.disk.shared.control();
        // A process that died has lost its locks already, and the next one may hold this.
        if control.generation() == self.disk.generation {
            control.locks.remove(&self.path);
        }
    }
}

fn refused(attempted: &'static str, path: &Path, refusal: Refusal) -> io::Error {
    let error = match refusal {
        Refusal::Dead | Refusal::PowerFails => io::Error::other("the simulated process is no more"),
        Refusal::Error(errno) => errno.into(),
    };
    failed(attempted, path, error)
}

/// A poisoned lock is taken all the same: a test that panics in one thread still reads the disk.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
