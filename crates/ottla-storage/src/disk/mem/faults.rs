//! What can be made to go wrong on a simulated disk, and the bookkeeping that makes it so.
//!
//! Here are the public words for faults and delays, and the decision that each call asks for
//! first. What a fault does to bytes and names is in [`content`](super::content) and
//! [`names`](super::names).

use std::collections::{BTreeSet, VecDeque};
use std::fmt;
use std::ops::{Range, RangeInclusive};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use ottla_env::{Rng, Spawn};
use rustix::io::Errno;

use super::content::SECTOR_BYTES;

/// Kinds of calls to a disk, to say which of them a fault hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    /// Opening a file that exists.
    Open,
    /// Creating a file or folder.
    Create,
    /// Listing a folder or looking up what stands at a path.
    LookUp,
    /// Renaming; the path is the old name.
    Rename,
    /// Removing a file or folder.
    Remove,
    /// Syncing a folder.
    SyncDir,
    /// Taking the lock.
    Lock,
    /// Reading from a file.
    Read,
    /// Writing to a file.
    Write,
    /// Syncing a file.
    Sync,
    /// Setting the length of a file, or giving back what was reserved behind it.
    Truncate,
    /// Reserving room for a file.
    Reserve,
}

impl Call {
    /// Whether such a call changes what is stored, or how safely.
    fn changes(self) -> bool {
        !matches!(self, Self::Open | Self::LookUp | Self::Lock | Self::Read)
    }

    /// Whether a read-only file system refuses it.
    fn stores(self) -> bool {
        self.changes() && !matches!(self, Self::Sync | Self::SyncDir)
    }
}

/// The error that a fault answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultError {
    /// `EIO`: the device failed.
    Io,
    /// `ENOSPC`: no space left.
    NoSpace,
    /// `EDQUOT`: the quota is used up.
    Quota,
    /// `EROFS`: the file system turned read-only.
    ReadOnly,
}

impl FaultError {
    fn errno(self) -> Errno {
        match self {
            Self::Io => Errno::IO,
            Self::NoSpace => Errno::NOSPC,
            Self::Quota => Errno::DQUOT,
            Self::ReadOnly => Errno::ROFS,
        }
    }
}

/// Which calls fail, how often and with what.
///
/// ```
/// use ottla_storage::disk::{Call, Fault, FaultError};
/// // The third sync of any file below `orders-0` fails, once.
/// let fault = Fault::new(Call::Sync, FaultError::Io).with_path("orders-0/").with_skip(2);
/// # let _ = fault;
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// `None` for all that store something.
    call: Option<Call>,
    error: FaultError,
    path: String,
    skip: u64,
    times: u64,
    probability: f64,
}

impl Fault {
    /// The next such call fails, once.
    pub fn new(call: Call, error: FaultError) -> Self {
        Self { call: Some(call), error, path: String::new(), skip: 0, times: 1, probability: 1.0 }
    }

    /// The file system turns read-only: whatever stores something fails with `EROFS`, for ever. Syncs go well,
    /// as they do there.
    pub fn read_only() -> Self {
        Self { call: None, ..Self::new(Call::Write, FaultError::ReadOnly).with_times(u64::MAX) }
    }

    fn is_about(&self, call: Call, path: &Path) -> bool {
        let is_named = self.call.map_or_else(|| call.stores(), |named| named == call);
        is_named && (self.path.is_empty() || path.to_string_lossy().contains(&self.path))
    }

    /// Only calls whose path contains `part` count.
    #[must_use]
    pub fn with_path(mut self, part: &str) -> Self {
        part.clone_into(&mut self.path);
        self
    }

    /// So many calls go well first.
    #[must_use]
    pub fn with_skip(mut self, calls: u64) -> Self {
        self.skip = calls;
        self
    }

    /// So many calls fail, in place of one; `u64::MAX` is for ever.
    #[must_use]
    pub fn with_times(mut self, calls: u64) -> Self {
        self.times = calls;
        self
    }

    /// Each call fails with this probability, drawn from the disk's seed, in place of surely.
    #[must_use]
    pub fn with_probability(mut self, probability: f64) -> Self {
        self.probability = probability;
        self
    }
}

/// A write that was stored in the wrong place of its file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Misdirected {
    /// The file, by the name that it was opened with.
    pub path: PathBuf,
    /// Where the bytes belong, and are not.
    pub meant: Range<u64>,
    /// Where they are, in place of what stood there.
    pub landed: Range<u64>,
}

/// Lets virtual time pass. The runtime's sleep, handed in, because this crate knows no runtime.
pub trait Sleeper: Send + Sync {
    /// A future that ends after `duration`.
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// How long operations of a slow disk take, each drawn from a range; `None` ends it at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delays {
    read: Option<RangeInclusive<Duration>>,
    write: Option<RangeInclusive<Duration>>,
    sync: Option<RangeInclusive<Duration>>,
}

impl Delays {
    /// How long reads take.
    #[must_use]
    pub fn with_read(mut self, range: RangeInclusive<Duration>) -> Self {
        self.read = Some(range);
        self
    }

    /// How long writes take.
    #[must_use]
    pub fn with_write(mut self, range: RangeInclusive<Duration>) -> Self {
        self.write = Some(range);
        self
    }

    /// How long syncs of files and folders take.
    #[must_use]
    pub fn with_sync(mut self, range: RangeInclusive<Duration>) -> Self {
        self.sync = Some(range);
        self
    }

    fn of(&self, call: Call) -> Option<&RangeInclusive<Duration>> {
        match call {
            Call::Read => self.read.as_ref(),
            Call::Write => self.write.as_ref(),
            Call::Sync | Call::SyncDir => self.sync.as_ref(),
            _ => None,
        }
    }
}

/// A slow disk: how long things take, and what lets the time pass.
pub(super) struct Slow {
    pub(super) delays: Delays,
    pub(super) sleeper: Arc<dyn Sleeper>,
    pub(super) spawn: Arc<dyn Spawn>,
}

/// An operation that has begun and not ended.
pub(super) type Unfinished = Box<dyn FnOnce() + Send>;

/// When an operation is to end.
pub(super) enum Pace {
    /// At once.
    Now,
    /// When the test says so.
    Held,
    /// After so long.
    After(Duration, Arc<dyn Sleeper>, Arc<dyn Spawn>),
}

/// Why a call is not to be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The process that made it, or the whole machine, is no more.
    Dead,
    /// The power fails in the middle of it: it may have happened, and nothing of it is safe.
    PowerFails,
    /// A fault.
    Error(Errno),
}

/// Everything about a disk that is neither bytes nor names.
pub(super) struct Control {
    pub(super) rng: Rng,
    pub(super) locks: BTreeSet<PathBuf>,
    pub(super) capacity: Option<u64>,
    pub(super) unfinished: VecDeque<Unfinished>,
    /// How often a call transfers less than it was asked for.
    pub(super) short_counts: f64,
    /// Parts of paths whose next write goes astray.
    pub(super) astray: Vec<String>,
    pub(super) misdirected: Vec<Misdirected>,
    faults: Vec<Fault>,
    slow: Option<Slow>,
    held: BTreeSet<Call>,
    /// Which life of the process may call; counts crashes.
    generation: u64,
    /// Changing calls until the power fails.
    calls_left: Option<u64>,
    changes: u64,
}

impl Control {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            rng: Rng::new(seed),
            locks: BTreeSet::new(),
            capacity: None,
            unfinished: VecDeque::new(),
            short_counts: 0.0,
            astray: Vec::new(),
            misdirected: Vec::new(),
            faults: Vec::new(),
            slow: None,
            held: BTreeSet::new(),
            generation: 0,
            calls_left: None,
            changes: 0,
        }
    }

    pub(super) fn generation(&self) -> u64 {
        self.generation
    }

    /// How many calls that change something were carried out, by all lives.
    pub(super) fn changes(&self) -> u64 {
        self.changes
    }

    /// Whether who belongs to `generation` can still do anything.
    pub(super) fn alive(&self, generation: u64) -> bool {
        self.generation == generation && self.calls_left != Some(0)
    }

    /// Decides on a call before it is carried out.
    pub(super) fn admit(&mut self, generation: u64, call: Call, path: &Path) -> Result<(), Refusal> {
        if !self.alive(generation) {
            return Err(Refusal::Dead);
        }
        if call.changes() {
            self.changes += 1;
            if let Some(left) = &mut self.calls_left {
                *left -= 1;
                if *left == 0 {
                    return Err(Refusal::PowerFails);
                }
            }
        }
        let rng = &mut self.rng;
        for fault in &mut self.faults {
            if fault.times == 0 || !fault.is_about(call, path) {
                continue;
            }
            if fault.skip > 0 {
                fault.skip -= 1;
            } else if fault.probability >= 1.0 || rng.chance(fault.probability) {
                fault.times -= u64::from(fault.times < u64::MAX);
                return Err(Refusal::Error(fault.error.errno()));
            }
        }
        Ok(())
    }

    /// How many of `len` bytes one system call transfers; at least one.
    pub(super) fn count(&mut self, len: usize) -> Result<usize, Errno> {
        if self.short_counts <= 0.0 || len == 0 || !self.rng.chance(self.short_counts) {
            return Ok(len);
        }
        match self.rng.below(4) {
            0 => Err(Errno::INTR),
            _ => Ok(1 + usize::try_from(self.rng.below(len as u64)).unwrap_or(0)),
        }
    }

    /// Where a write of `len` bytes lands that was meant for `offset`; `None` for where it was meant to.
    pub(super) fn misdirect(&mut self, path: &Path, offset: u64, len: u64) -> Option<u64> {
        let name = path.to_string_lossy();
        let at = self.astray.iter().position(|part| name.contains(part))?;
        self.astray.remove(at);
        let landed = match offset / SECTOR_BYTES {
            0 => offset + SECTOR_BYTES * (1 + self.rng.below(8)),
            before => offset - SECTOR_BYTES * (1 + self.rng.below(before)),
        };
        let (meant, landed) = (offset..offset + len, landed..landed + len);
        let start = landed.start;
        self.misdirected.push(Misdirected { path: path.to_owned(), meant, landed });
        Some(start)
    }

    pub(super) fn pace(&mut self, call: Call) -> Pace {
        if self.held.contains(&call) {
            return Pace::Held;
        }
        let Some(Slow { delays, sleeper, spawn }) = &self.slow else { return Pace::Now };
        let Some(range) = delays.of(call) else { return Pace::Now };
        let span = range.end().saturating_sub(*range.start()).as_nanos();
        let extra = self.rng.below(u64::try_from(span).unwrap_or(u64::MAX).saturating_add(1));
        Pace::After(*range.start() + Duration::from_nanos(extra), Arc::clone(sleeper), Arc::clone(spawn))
    }

    pub(super) fn inject(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    pub(super) fn heal(&mut self) {
        self.faults.clear();
        self.astray.clear();
    }

    pub(super) fn slow_down(&mut self, slow: Option<Slow>) {
        self.slow = slow;
    }

    pub(super) fn hold(&mut self, call: Call) {
        self.held.insert(call);
    }

    pub(super) fn hold_nothing(&mut self) {
        self.held.clear();
    }

    /// The power fails at the `nth` call from now that changes something.
    pub(super) fn power_off_at(&mut self, nth: u64) {
        self.calls_left = Some(nth);
    }

    /// The process is no more; its successor starts with no locks and nothing held.
    pub(super) fn next_generation(&mut self) {
        self.generation += 1;
        self.calls_left = None;
        self.locks.clear();
        self.held.clear();
    }
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Control")
            .field("generation", &self.generation)
            .field("changes", &self.changes)
            .field("faults", &self.faults)
            .finish_non_exhaustive()
    }
}
