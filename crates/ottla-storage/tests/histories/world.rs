//! A storage on a disk that can lose its power, over its lives, beside the reference for each of its logs.
//!
//! Here is how a life begins, what holds all the time, and how a life ends; what may happen in one is in
//! [`crate::steps`], and what becomes of the files between two in [`crate::damage`].

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use ottla_env::{Env, FixedSeeds, ManualClock, Rng, WallClock};
use ottla_protocol::records::Batch;
use ottla_protocol::wire::{Chunk, Records, Uuid};
use ottla_storage::StorageConfig;
use ottla_storage::disk::{Call, Fault, FaultError, MemDisk};
use ottla_storage::{
    Error, FileRange, Finding, FindingKind, Isolation, Log, LogConfig, LogName, Offset, ReadError,
    ReadOptions, Storage,
};

use crate::damage::RECORD_OF_SYNCS;
use crate::model::{Model, Seen};
use crate::tasks::Tasks;

/// What the clock shows at first, in Unix milliseconds.
const START_MS: i64 = 1_700_000_000_000;

/// How a life of the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// `kill -9`: what was written stays.
    Kill,
    /// A loss of power.
    Power,
    /// A clean stop.
    Close,
}

/// One storage over its lives.
pub(crate) struct World {
    pub(crate) disk: MemDisk,
    pub(crate) clock: ManualClock,
    pub(crate) rng: Rng,
    pub(crate) logs: Vec<Model>,
    pub(crate) storage: Option<Storage>,
    pub(crate) tasks: Arc<Tasks>,
    pub(crate) seed: u64,
    /// Whether the disk may answer errors, so that calls may.
    pub(crate) is_faulty: bool,
    /// Of which files that say the same both are known to be whole: [what syncs covered, starts, identity].
    pub(crate) has_both: [bool; 3],
    /// Whether the record of the last syncs was whole when this life began, and could be read.
    pub(crate) knows_syncs: bool,
    /// Topics that were removed, durably.
    pub(crate) removed: Vec<Uuid>,
    /// Whether to tell what happens.
    verbose: bool,
    topics: u8,
    trace: DefaultHasher,
}

impl World {
    /// A new disk with some logs on it.
    pub(crate) fn new(seed: u64, configs: Vec<LogConfig>) -> Self {
        let clock = ManualClock::new(START_MS);
        let disk = MemDisk::new(seed);
        disk.set_clock(Arc::new(clock.clone()));
        let mut world = Self {
            disk,
            clock,
            rng: Rng::new(seed),
            logs: Vec::new(),
            storage: None,
            tasks: Arc::default(),
            seed,
            is_faulty: false,
            has_both: [false; 3],
            knows_syncs: true,
            removed: Vec::new(),
            verbose: false,
            topics: 0,
            trace: DefaultHasher::new(),
        };
        world.start().expect("a new disk opens");
        for (index, config) in (0..).zip(configs) {
            let name = LogName::new("orders", index);
            let topic_id = world.next_topic();
            let created = world.storage().create_log(name.clone(), topic_id, config.clone());
            let log = created.expect("a log is created");
            world.logs.push(Model::new(name, topic_id, config, log, 100 * (1 + i64::from(index))));
        }
        world
    }

    /// The same world, which prints what it does.
    pub(crate) fn with_verbose(mut self, verbose: bool) -> Self {
        self.verbose = verbose;
        self
    }

    pub(crate) fn next_topic(&mut self) -> Uuid {
        self.topics += 1;
        Uuid([self.topics; 16])
    }

    pub(crate) fn tell(&self, what: impl FnOnce() -> String) {
        if self.verbose {
            eprintln!("{}", what());
            for model in &self.logs {
                let (name, offsets) = (&model.name, model.log.as_ref().map(|log| log.offsets()));
                eprintln!(
                    "  {name}: promised {} shown {} covered {} {offsets:?}",
                    model.promised, model.shown, model.covered
                );
            }
        }
    }

    /// The line that a failure begins with.
    pub(crate) fn what(&self, index: usize) -> String {
        format!("seed {}, {}", self.seed, self.logs[index].name)
    }

    fn start(&mut self) -> Result<(), Error> {
        let env = Env::new(
            Arc::new(self.clock.clone()),
            Arc::new(FixedSeeds::new(self.seed)),
            Arc::<Tasks>::clone(&self.tasks),
        );
        let mut config = StorageConfig::default();
        if self.rng.chance(0.5) {
            config = config.with_tail_bytes_max(usize::try_from(self.rng.below(3)).expect("small") * 1_500);
        }
        if self.rng.chance(0.3) {
            config.index_cache_bytes_max = 0;
        }
        let opened = Storage::open(Arc::new(self.disk.clone()), env, config);
        self.storage = Some(self.finish(opened)?);
        Ok(())
    }

    pub(crate) fn storage(&self) -> Storage {
        self.storage.clone().expect("it is open")
    }

    /// Runs a future to its end; background tasks get their turns.
    pub(crate) fn finish<T>(&self, future: impl Future<Output = T>) -> T {
        let mut future = std::pin::pin!(future);
        for _ in 0..1_000 {
            if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                return value;
            }
            self.tasks.run();
            self.disk.release_one();
        }
        panic!("seed {}: a future waits for nothing", self.seed);
    }

    pub(crate) fn log(&self, index: usize) -> &Arc<Log> {
        self.logs[index].log()
    }

    /// One of these, at random.
    pub(crate) fn draw<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.rng.below(from.len() as u64)).expect("a small number")]
    }

    /// Whether this life is over because the power failed.
    pub(crate) fn is_dead(&self) -> bool {
        self.disk.is_dead()
    }

    /// Whether a call may fail now.
    pub(crate) fn is_excused(&self) -> bool {
        self.is_faulty || self.is_dead()
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// From now on the disk fails now and then, in one way.
    pub(crate) fn inject(&mut self) {
        self.is_faulty = true;
        let calls = [Call::Open, Call::Create, Call::Rename, Call::Remove, Call::SyncDir, Call::Read];
        let calls =
            [&calls[..], &[Call::Write, Call::Write, Call::Sync, Call::Sync, Call::Truncate]].concat();
        let call = self.draw(&calls);
        let error = self.draw(&[FaultError::Io, FaultError::NoSpace, FaultError::Quota]);
        let fault = match self.rng.below(5) {
            0 => Fault::read_only().with_skip(self.rng.below(30)),
            1 | 2 => Fault::new(call, error).with_times(u64::MAX).with_probability(0.05),
            3 => Fault::new(call, error).with_skip(self.rng.below(10)),
            _ => Fault::new(call, error).with_skip(self.rng.below(20)).with_times(1 + self.rng.below(20)),
        };
        let fault = if self.rng.chance(0.3) { fault.with_path("orders-0/") } else { fault };
        self.tell(|| format!("from now on {fault:?}"));
        self.disk.inject(fault);
    }

    pub(crate) fn heal(&mut self) {
        self.disk.heal();
        self.disk.set_capacity(None);
        self.is_faulty = false;
    }

    /// Lets background tasks run, takes note of what became durable, and looks at what always holds.
    pub(crate) fn settle(&mut self) {
        self.tasks.run();
        let excused = self.is_excused();
        for model in &mut self.logs {
            let Model { waiting, promised, written, name, .. } = model;
            waiting.retain_mut(|waiting| {
                match waiting.future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                    Poll::Pending => true,
                    Poll::Ready(Ok(())) => {
                        let reached = if waiting.durable { &mut *promised } else { &mut *written };
                        *reached = (*reached).max(waiting.end);
                        false
                    }
                    Poll::Ready(Err(error)) => {
                        assert!(excused, "seed {}, {name}: an append is lost: {error}", self.seed);
                        false
                    }
                }
            });
            let Some(log) = &model.log else { continue };
            let offsets = log.offsets();
            let (start, end) = (offsets.log_start.0, offsets.log_end.0);
            let (stable, high) = (offsets.last_stable.0, offsets.high_watermark.0);
            let in_order = start <= stable && stable <= high && high <= end;
            assert!(in_order, "seed {}, {name}: {offsets:?}", self.seed);
            assert!(
                high >= model.shown,
                "seed {}, {name}: {} was shown; {offsets:?}",
                self.seed,
                model.shown
            );
            let bounds = model.start_least..=model.start_most.max(model.start_least);
            assert!(
                bounds.contains(&start),
                "seed {}, {name}: a start out of {bounds:?}: {offsets:?}",
                self.seed
            );
        }
    }

    /// Reads everything visible and holds it against the reference.
    pub(crate) fn read(&mut self, index: usize) {
        let Some((found, from, end)) = self.read_all(index) else { return };
        let what = self.what(index);
        self.logs[index].compare(&what, &found, from, end, None);
        self.logs[index].shown = self.logs[index].shown.max(end);
    }

    /// All of a log from its start to what is visible, and these two offsets; `None` when the disk kept it from being read.
    pub(crate) fn read_all(&mut self, index: usize) -> Option<(Vec<Seen>, i64, i64)> {
        let log = Arc::clone(self.log(index));
        let what = self.what(index);
        let mut found = Vec::new();
        let start = log.offsets().log_start;
        let mut from = start;
        loop {
            let max_bytes = usize::try_from(1 + self.rng.below(5_000)).expect("a small size");
            let options =
                ReadOptions { max_bytes, isolation: Isolation::ReadUncommitted, ..ReadOptions::default() };
            let result = match self.finish(log.read(from, options).into_future()) {
                Ok(result) => result,
                Err(ReadError::Corrupt { .. }) => {
                    let entry = self.logs[index].entry_of(from.0);
                    found.push(Seen::Corrupt(from.0));
                    from = Offset(entry.map_or(from.0 + 1, |entry| entry.end));
                    continue;
                }
                Err(error) => {
                    assert!(self.is_excused(), "{what}: read at {from}: {error}");
                    return None;
                }
            };
            self.tell(|| format!("read {} bytes at {from} of {index}", result.records.len()));
            let Some(mut bytes) = gather(&result.records) else {
                assert!(self.is_excused(), "{what}: a range cannot be read");
                return None;
            };
            if bytes.is_empty() {
                let end = log.offsets().high_watermark.0;
                assert!(
                    from.0 >= end || self.logs[index].is_compacted(),
                    "{what}: nothing is read at {from} of {end}"
                );
                return Some((found, start.0, end));
            }
            while let Some(batch) = Batch::split_first(&mut bytes).expect("whole batches") {
                from = Offset(batch.header().last_offset() + 1);
                found.push(Seen::Batch(batch));
            }
            assert!(bytes.is_empty(), "{what}: half a batch");
        }
    }

    /// Ends this life, starts the next, and checks what it finds.
    pub(crate) fn end_life(&mut self, end: End) {
        self.tell(|| format!("{end:?}, dead: {}", self.is_dead()));
        let end = match end {
            End::Close if !self.close() => End::Power,
            other => other,
        };
        if end == End::Kill && self.is_dead() {
            return self.end_life(End::Power);
        }
        for model in &mut self.logs {
            model.waiting.clear();
            model.log = None;
        }
        self.storage = None;
        self.tasks.clear();
        match end {
            End::Kill => self.disk.kill(),
            End::Power => self.disk.crash(self.rng.next_u64()),
            End::Close => {}
        }
        self.heal();
        // Power that was to fail in that life has nothing to do with what becomes of its files now.
        self.disk.power_off_at(u64::MAX);
        self.disk = self.disk.restarted();
        self.knows_syncs = true;
        self.damage_files();
        // A start that the power cuts short makes every end one of power.
        let end = if self.reopen() { End::Power } else { end };
        for index in 0..self.logs.len() {
            self.check_found(index, end);
        }
        self.settle();
    }

    /// A clean stop; says whether it was one.
    fn close(&mut self) -> bool {
        if self.is_dead() {
            return false;
        }
        self.disk.release();
        self.settle();
        let storage = self.storage.take().expect("it is open");
        let closed = self.finish(storage.close());
        if let Err(error) = &closed {
            assert!(self.is_excused(), "seed {}: it does not close: {error}", self.seed);
        }
        let is_clean = closed.is_ok() && !self.is_dead();
        for model in self.logs.iter_mut().filter(|_| is_clean) {
            let end = model.log().offsets().log_end.0;
            (model.promised, model.covered) = (model.promised.max(end), model.covered.max(end));
        }
        is_clean
    }

    /// Starts the next life, whose start may be cut short by the power, again and again; says
    /// whether it was.
    fn reopen(&mut self) -> bool {
        let mut cut_short = false;
        for _ in 0..20 {
            self.disk = self.disk.restarted();
            if self.rng.chance(0.3) {
                self.disk.power_off_at(1 + self.rng.below(20));
            }
            if self.rng.chance(0.1) {
                self.inject();
            }
            let files = self.disk.image();
            self.tell(|| {
                let files = files.iter().map(|(path, bytes)| format!("{path}: {}", bytes.len()));
                format!("start over {:?}", files.collect::<Vec<_>>())
            });
            match self.start() {
                Ok(()) if !self.is_dead() => {
                    let was_faulty = self.is_faulty;
                    self.heal();
                    // A start writes these again where they differ.
                    (self.has_both[1], self.has_both[2]) = (true, true);
                    self.disk.power_off_at(u64::MAX);
                    let storage = self.storage();
                    self.tell(|| format!("found {:#?}", storage.findings()));
                    let is_unread = |finding: &Finding| finding.path == Path::new(RECORD_OF_SYNCS);
                    self.knows_syncs &= !was_faulty || !storage.findings().iter().any(is_unread);
                    for model in &mut self.logs {
                        model.log = storage.log(&model.name);
                    }
                    return cut_short;
                }
                Err(error) => {
                    assert!(self.is_excused(), "seed {}: the storage does not open: {error}", self.seed)
                }
                Ok(()) => {}
            }
            // It may have come as far as to mend a log by what little it could read.
            self.knows_syncs &= !self.is_faulty;
            self.storage = None;
            self.tasks.clear();
            if self.is_dead() || self.rng.chance(0.5) {
                self.disk.crash(self.rng.next_u64());
                cut_short = true;
            } else {
                self.disk.kill();
            }
            self.heal();
        }
        panic!("seed {}: the power failed at every start", self.seed);
    }

    fn check_found(&mut self, index: usize, end: End) {
        let what = format!("{} after {end:?}", self.what(index));
        let mut owed = self.logs[index].owed(end == End::Power, self.knows_syncs);
        if std::mem::take(&mut self.logs[index].is_leaving) {
            // Whether it is still there nobody was told, and what is known of it was forgotten first.
            (owed, self.logs[index].start_least) = (0, 0);
            self.logs[index].covered = 0;
            // No compaction looked at what lay below the start that was forgotten.
            self.logs[index].compacted_to = 0;
        }
        let found_id = self.logs[index].log.as_ref().map(|log| log.topic_id());
        assert!(found_id.is_none_or(|id| !self.removed.contains(&id)), "{what}: it was removed, and is back");
        if found_id != Some(self.logs[index].topic_id) && found_id.is_some() && owed > 0 {
            // Damage took the name of its topic.
            assert_eq!(found_id, Some(Uuid::ZERO), "{what}");
            let adopted = self.log(index).adopt(self.logs[index].topic_id);
            adopted.unwrap_or_else(|error| panic!("{what}: {error}"));
        } else if found_id != Some(self.logs[index].topic_id) {
            // Of a log that owes nothing the folder may be gone, or the file that names its topic.
            assert_eq!(owed, 0, "{what}: it is gone, or has lost its topic");
            self.make_again(index);
        }
        let (config, log) = (self.logs[index].config.clone(), Arc::clone(self.log(index)));
        log.set_config(config);
        let offsets = log.offsets();
        assert_eq!(offsets.high_watermark, offsets.log_end, "{what}: records that nobody sees");
        let found_end = offsets.log_end.0;
        assert!(found_end >= owed, "{what}: {owed} records are owed and {found_end} were found");
        let start = offsets.log_start.0;
        {
            let model = &mut self.logs[index];
            model.reach = model.reach.min(found_end);
            model.compacted_to = model.compacted_to.min(found_end);
            let bounds = model.start_least..=model.start_most.max(model.start_least);
            assert!(bounds.contains(&start), "{what}: the log starts at {start}, out of {bounds:?}");
        }
        let (found, from, _) = self.read_all(index).unwrap_or_else(|| panic!("{what}: it cannot be read"));
        self.logs[index].compare(&what, &found, from, found_end, Some(owed));
        self.logs[index].take_found(&what, &found, found_end, owed);
        if end == End::Power {
            // That a failed write was taken back is as unsafe as the write was, until the power fails.
            self.logs[index].attempts.clear();
        }
        found_end.hash(&mut self.trace);
        let folder = Path::new(&self.logs[index].name.to_string()).to_path_buf();
        let is_torn_below = |finding: &Finding| {
            matches!(finding.kind, FindingKind::Damaged { offset, .. } if offset.0 < start)
                && finding.path.starts_with(&folder)
        };
        let is_torn_below = self.storage().findings().iter().any(is_torn_below);
        let model = &mut self.logs[index];
        if end == End::Power && !model.is_durable() && is_torn_below {
            // What no sync had covered, and was deleted, is no loss to readers; but its producers may be known by older
            // batches, and the end of a transaction may be gone.
            model.replace_producers();
            model.is_doubtful = true;
        }
        (model.start_least, model.start_most) = (start, start);
        if !model.has_suspects() && !model.is_doubtful {
            // Batches of a transaction that were deleted, or not found again, hold nothing back any more.
            let left: Vec<_> = model.entries.iter().filter(|entry| entry.end > start).cloned().collect();
            let [least, most] = [&model.entries[..], &left].map(|entries| {
                let open = Model::open(entries).into_values().min();
                open.map_or(found_end, |open| open.max(start))
            });
            let stable = log.offsets().last_stable.0;
            assert!((least..=most).contains(&stable), "{what}: {stable} is stable, not {least}..={most}");
        }
    }

    /// Another log in place of one that is gone.
    pub(crate) fn make_again(&mut self, index: usize) {
        let topic_id = self.next_topic();
        let storage = self.storage();
        let (name, config) = (self.logs[index].name.clone(), self.logs[index].config.clone());
        if storage.log(&name).is_some() {
            self.finish(storage.remove_log(&name)).expect("it is removed");
        }
        let created =
            storage.create_log(name.clone(), topic_id, config.clone()).expect("it is created again");
        let producer = self.logs[index].producers[0] + 3;
        self.logs[index] = Model::new(name, topic_id, config, created, producer);
    }

    /// A number that two runs of one seed share.
    pub(crate) fn fingerprint(&mut self) -> u64 {
        self.disk.image().hash(&mut self.trace);
        self.disk.changes().hash(&mut self.trace);
        self.trace.finish()
    }
}

/// The bytes of a read; `None` when a part of the file cannot be read.
fn gather(records: &Records<FileRange>) -> Option<Bytes> {
    let Records::Chunks(chunks) = records else { return records.as_bytes().cloned() };
    let mut all = Vec::new();
    for chunk in chunks {
        match chunk {
            Chunk::Bytes(bytes) => all.extend_from_slice(bytes),
            Chunk::External { len, source } => all.extend_from_slice(&source.read_at(0, *len).ok()?),
        }
    }
    Some(all.into())
}
