//! A storage on a disk that can lose its power, and a model that knows what it owes.
//!
//! The model keeps, for each log, the batches that it took, in order; how much of that was
//! promised (acknowledged as durable) and how much was shown to a reader. After each end of a life
//! the log is opened again and must hold a prefix of what it took, byte for byte at the same
//! offsets, that covers all that was promised and shown.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use ottla_env::{Env, FixedSeeds, ManualClock, Rng, Spawn, Task};
use ottla_protocol::records::{Batch, BatchBuilder, BatchOptions};
use ottla_protocol::wire::{Chunk, Records, Uuid};
use ottla_storage::disk::{Call, MemDisk};
use ottla_storage::{
    AppendError, AppendOptions, Appended, Durability, Error, FileRange, Log, LogConfig, LogName, Offset,
    ReadOptions, Storage, StorageConfig,
};

/// Where a stored batch begins to be the producer's own bytes: behind offset, length and epoch.
const OWN_BYTES: usize = 16;

/// What the clock shows, in Unix milliseconds.
const NOW_MS: i64 = 1_700_000_000_000;

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
    pub(crate) rng: Rng,
    pub(crate) logs: Vec<Model>,
    storage: Option<Storage>,
    tasks: Arc<Tasks>,
    seed: u64,
    /// Whether to tell what happens.
    verbose: bool,
    trace: DefaultHasher,
}

/// What is known of one log.
pub(crate) struct Model {
    pub(crate) name: LogName,
    pub(crate) config: LogConfig,
    log: Option<Arc<Log>>,
    /// Batches that the log took in this life or was found with, in order.
    entries: Vec<Entry>,
    /// Batches of an append that failed because the machine died: they may have been kept.
    maybe: Vec<Entry>,
    /// The offset below which everything was acknowledged as durable.
    promised: i64,
    /// The offset below which everything was acknowledged as written.
    written: i64,
    /// The offset below which something was shown to a reader.
    shown: i64,
    waiting: Vec<Waiting>,
    producer_id: i64,
}

/// Somebody who waits for an append.
struct Waiting {
    end: i64,
    durable: bool,
    future: Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>,
}

/// One batch.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    base: i64,
    end: i64,
    /// As it was sent.
    sent: Bytes,
    /// Sequence behind its last record, when a producer numbered it.
    next_sequence: Option<i32>,
}

impl World {
    /// A new disk with some logs on it.
    pub(crate) fn new(seed: u64, configs: Vec<LogConfig>) -> Self {
        let mut world = Self {
            disk: MemDisk::new(seed),
            rng: Rng::new(seed),
            logs: Vec::new(),
            storage: None,
            tasks: Arc::default(),
            seed,
            verbose: false,
            trace: DefaultHasher::new(),
        };
        world.start().expect("a new disk opens");
        for (index, config) in (0..).zip(configs) {
            let name = LogName::new("orders", index);
            let storage = world.storage.as_ref().expect("it was started");
            let created = storage.create_log(name.clone(), Uuid([7; 16]), config.clone());
            let log = created.expect("a log is created");
            world.logs.push(Model {
                name,
                config,
                log: Some(log),
                entries: Vec::new(),
                maybe: Vec::new(),
                promised: 0,
                written: 0,
                shown: 0,
                waiting: Vec::new(),
                producer_id: 100 + i64::from(index),
            });
        }
        world
    }

    /// The same world, which prints what it does.
    pub(crate) fn with_verbose(mut self, verbose: bool) -> Self {
        self.verbose = verbose;
        self
    }

    fn tell(&self, what: &str) {
        if self.verbose {
            eprintln!("{what}");
            for model in &self.logs {
                let (name, offsets) = (&model.name, model.log.as_ref().map(|log| log.offsets()));
                eprintln!("  {name}: promised {} shown {} {offsets:?}", model.promised, model.shown);
            }
        }
    }

    fn start(&mut self) -> Result<(), Error> {
        let env = Env::new(
            Arc::new(ManualClock::new(NOW_MS)),
            Arc::new(FixedSeeds::new(self.seed)),
            Arc::<Tasks>::clone(&self.tasks),
        );
        let opened = Storage::open(Arc::new(self.disk.clone()), env, StorageConfig::default());
        self.storage = Some(self.finish(opened)?);
        Ok(())
    }

    /// Runs a future to its end; background tasks get their turns.
    fn finish<T>(&self, future: impl Future<Output = T>) -> T {
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
        self.logs[index].log.as_ref().expect("the storage is open")
    }

    /// Whether this life is over because the power failed.
    pub(crate) fn is_dead(&self) -> bool {
        self.disk.is_dead()
    }

    /// Does one thing at random.
    pub(crate) fn step(&mut self) {
        let index = usize::try_from(self.rng.below(self.logs.len() as u64)).expect("a small index");
        let what = self.rng.below(100);
        self.tell(&format!("step {what} on {index}"));
        match what {
            0..55 => drop(self.append(index)),
            55..70 => self.read(index),
            70..78 => self.retry(index),
            78..86 => drop(self.disk.release_one()),
            86..90 => self.disk.hold(if self.rng.chance(0.7) { Call::Sync } else { Call::SyncDir }),
            90..93 => self.disk.hold(Call::Write),
            93..96 => self.disk.release(),
            _ => self.checkpoint(),
        }
        self.settle();
    }

    /// Lets background tasks run and takes note of what became durable.
    pub(crate) fn settle(&mut self) {
        self.tasks.run();
        for model in &mut self.logs {
            let Model { waiting, promised, written, .. } = model;
            waiting.retain_mut(|waiting| {
                match waiting.future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                    Poll::Pending => true,
                    Poll::Ready(result) => {
                        let reached = if waiting.durable { &mut *promised } else { &mut *written };
                        if result.is_ok() {
                            *reached = (*reached).max(waiting.end);
                        }
                        false
                    }
                }
            });
        }
    }

    fn checkpoint(&mut self) {
        self.disk.release();
        let storage = self.storage.as_ref().expect("it is open");
        // It may fail, because the power does.
        drop(self.finish(storage.checkpoint()));
    }

    /// Appends one or two random batches.
    pub(crate) fn append(&mut self, index: usize) -> Result<Appended, AppendError> {
        let model = &self.logs[index];
        let end = model.log.as_ref().expect("it is open").offsets().log_end.0;
        let known = model.entries.iter().rposition(|entry| entry.end <= end).map_or(0, |last| last + 1);
        let mut sequence =
            model.entries[..known].iter().rev().find_map(|entry| entry.next_sequence).unwrap_or(0);
        let producer_id = model.producer_id;
        let mut entries = Vec::new();
        let mut base = end;
        for _ in 0..1 + self.rng.below(2) {
            let numbered = self.rng.chance(0.8);
            let producer = numbered.then_some((producer_id, sequence));
            let (sent, count) = random_batch(&mut self.rng, producer);
            let next = base + i64::from(count);
            sequence += if numbered { count } else { 0 };
            entries.push(Entry { base, end: next, sent, next_sequence: numbered.then_some(sequence) });
            base = next;
        }
        let bytes: Vec<&[u8]> = entries.iter().map(|entry| &entry.sent[..]).collect();
        let result = self.log(index).append(Bytes::from(bytes.concat()), AppendOptions::new(NOW_MS));
        let dead = self.is_dead();
        let model = &mut self.logs[index];
        // A write that failed after its append had returned was taken back by now.
        match &result {
            Ok(appended) => {
                assert!(!appended.duplicate, "seed {}: new batches are taken for old ones", self.seed);
                model.entries.retain(|entry| entry.end <= appended.base_offset.0);
                assert_eq!(appended.end().0, base, "seed {}", self.seed);
                model.entries.append(&mut entries);
                let log = model.log.as_ref().expect("it is open");
                let (durable, written) = (Box::pin(log.durable(appended)), Box::pin(log.written(appended)));
                model.waiting.push(Waiting { end: base, durable: true, future: durable });
                model.waiting.push(Waiting { end: base, durable: false, future: written });
            }
            Err(_) if dead => model.maybe = entries,
            Err(AppendError::Write { .. } | AppendError::Closed { .. }) => {}
            Err(error) => panic!("seed {}: an append is refused: {error}", self.seed),
        }
        self.settle();
        result
    }

    /// Sends one of the last batches of the producer again, as after an answer that got lost.
    fn retry(&mut self, index: usize) {
        let model = &self.logs[index];
        let log = model.log.as_ref().expect("it is open");
        let end = log.offsets().log_end.0;
        let numbered =
            model.entries.iter().rev().filter(|entry| entry.next_sequence.is_some() && entry.end <= end);
        let last: Vec<&Entry> = numbered.take(5).collect();
        if last.is_empty() {
            return;
        }
        let nth = usize::try_from(self.rng.below(last.len() as u64)).expect("a small index");
        self.tell(&format!(
            "retry {:?}",
            last.iter().map(|e| (e.base, e.end, e.next_sequence)).collect::<Vec<_>>()
        ));
        let result = log.append(last[nth].sent.clone(), AppendOptions::new(NOW_MS));
        match result {
            Ok(appended) => {
                assert!(appended.duplicate, "seed {}: batch {nth} from the end is written twice", self.seed);
                assert_eq!(appended.base_offset.0, last[nth].base, "seed {}", self.seed);
            }
            Err(_) if self.disk.is_dead() => {}
            Err(AppendError::Write { .. } | AppendError::Closed { .. }) => {}
            Err(error) => panic!(
                "seed {}: a retry of batch {nth} from the end, at {}, is refused: {error}",
                self.seed, last[nth].base
            ),
        }
    }

    /// Reads everything visible and holds it against the model.
    pub(crate) fn read(&mut self, index: usize) {
        let found = match self.read_all(index) {
            Ok(found) => found,
            Err(_) if self.is_dead() => return,
            Err(error) => panic!("seed {}: cannot read {}: {error}", self.seed, self.logs[index].name),
        };
        self.compare(index, &found);
        let shown = found.last().map_or(0, |last| last.0.header().last_offset() + 1);
        self.logs[index].shown = self.logs[index].shown.max(shown);
    }

    fn read_all(&mut self, index: usize) -> Result<Vec<StoredBatch>, Error> {
        let log = Arc::clone(self.log(index));
        let mut found: Vec<StoredBatch> = Vec::new();
        let mut from = log.offsets().log_start;
        loop {
            let max_bytes = usize::try_from(1 + self.rng.below(5_000)).expect("a small size");
            let options = ReadOptions { max_bytes, ..ReadOptions::default() };
            let result = self.finish(log.read(from, options).into_future());
            let result = match result {
                Ok(result) => result,
                Err(_) if self.is_dead() => return Err(Error::Unknown(log.name().clone())),
                Err(error) => panic!("seed {}: read {} at {from}: {error}", self.seed, log.name()),
            };
            self.tell(&format!("read {} bytes at {from} of {index}", result.records.len()));
            let Some(mut bytes) = gather(&result.records) else {
                assert!(self.is_dead(), "seed {}: a range of {} cannot be read", self.seed, log.name());
                return Err(Error::Unknown(log.name().clone()));
            };
            if bytes.is_empty() {
                return Ok(found);
            }
            while let Some(batch) = Batch::split_first(&mut bytes).expect("whole batches") {
                from = Offset(batch.header().last_offset() + 1);
                found.push(StoredBatch(batch));
            }
            assert!(bytes.is_empty(), "seed {}: half a batch", self.seed);
        }
    }

    /// What was found must be the first of what was taken.
    fn compare(&self, index: usize, found: &[StoredBatch]) {
        let model = &self.logs[index];
        let expected = model.entries.iter().chain(&model.maybe);
        let what = format!("seed {}, {}", self.seed, model.name);
        assert!(found.len() <= model.entries.len() + model.maybe.len(), "{what}: batches that nobody sent");
        for (StoredBatch(batch), entry) in found.iter().zip(expected) {
            let header = batch.header();
            assert_eq!(
                (header.base_offset, header.last_offset() + 1),
                (entry.base, entry.end),
                "{what}: offsets"
            );
            assert!(batch.crc_is_valid(), "{what}: checksum at {}", entry.base);
            assert_eq!(
                batch.bytes()[OWN_BYTES..],
                entry.sent[OWN_BYTES..],
                "{what}: bytes at {}",
                entry.base
            );
        }
    }

    /// Ends this life, starts the next, and checks what it finds.
    pub(crate) fn end_life(&mut self, end: End) {
        self.tell(&format!("{end:?}, dead: {}", self.is_dead()));
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
        // A start that the power cuts short makes every end one of power.
        let end = if self.reopen() { End::Power } else { end };
        for index in 0..self.logs.len() {
            self.check_found(index, end);
        }
    }

    /// A clean stop; says whether it was one.
    fn close(&mut self) -> bool {
        if self.is_dead() {
            return false;
        }
        self.disk.release();
        self.settle();
        let storage = self.storage.take().expect("it is open");
        self.finish(storage.close()).is_ok() && !self.is_dead()
    }

    /// Starts the next life, whose start may be cut short by the power, again and again; says
    /// whether it was.
    fn reopen(&mut self) -> bool {
        for attempt in 0..20 {
            self.disk = self.disk.restarted();
            if self.rng.chance(0.3) {
                self.disk.power_off_at(1 + self.rng.below(20));
            }
            let files = self.disk.image().into_iter().map(|(path, bytes)| format!("{path}: {}", bytes.len()));
            self.tell(&format!("start over {:?}", files.collect::<Vec<_>>()));
            match self.start() {
                Ok(()) if !self.is_dead() => {
                    self.disk.power_off_at(u64::MAX);
                    let storage = self.storage.as_ref().expect("it was started");
                    for model in &mut self.logs {
                        model.log = storage.log(&model.name);
                    }
                    return attempt > 0;
                }
                Err(error) if !self.is_dead() => {
                    panic!("seed {}: the storage does not open: {error}", self.seed)
                }
                _ => {}
            }
            self.storage = None;
            self.tasks.clear();
            self.disk.crash(self.rng.next_u64());
        }
        panic!("seed {}: the power failed at every start", self.seed);
    }

    fn check_found(&mut self, index: usize, end: End) {
        let what = format!("seed {}, {} after {end:?}", self.seed, self.logs[index].name);
        let durable = self.logs[index].config.durability == Durability::Fsync;
        let model = &mut self.logs[index];
        let owed = match end {
            End::Kill | End::Close => model.written.max(model.promised).max(model.shown),
            End::Power if durable => model.promised.max(model.shown),
            End::Power => 0,
        };
        let topic_id = Uuid([7; 16]);
        if model.log.as_ref().is_none_or(|log| log.topic_id() != topic_id) {
            // Of a log that owes nothing the folder may be gone, or the file that names its topic.
            assert_eq!(owed, 0, "{what}: it is gone, or has lost its topic");
            let (name, config) = (model.name.clone(), model.config.clone());
            (model.log, model.entries, model.maybe) = (None, Vec::new(), Vec::new());
            let storage = self.storage.as_ref().expect("it is open");
            if storage.log(&name).is_some() {
                self.finish(storage.remove_log(&name)).expect("it is removed");
            }
            let created = storage.create_log(name, topic_id, config).expect("it is created again");
            self.logs[index].log = Some(created);
        }
        let model = &self.logs[index];
        let log = model.log.as_ref().expect("it is there");
        log.set_config(model.config.clone());
        let found = self.read_all(index).expect("the power is on");
        self.compare(index, &found);
        let found_end = found.last().map_or(0, |last| last.0.header().last_offset() + 1);
        assert!(found_end >= owed, "{what}: {owed} records are owed and {found_end} were found");
        let offsets = self.log(index).offsets();
        assert_eq!((offsets.log_start.0, offsets.high_watermark.0), (0, found_end), "{what}");
        assert_eq!(offsets.log_end.0, found_end, "{what}: records that nobody sees");
        found_end.hash(&mut self.trace);
        let model = &mut self.logs[index];
        let mut entries = std::mem::take(&mut model.entries);
        entries.append(&mut model.maybe);
        entries.truncate(found.len());
        model.entries = entries;
        // What is found was read just now, so it has been shown.
        (model.shown, model.written, model.promised) = (found_end, found_end, found_end);
    }

    /// A number that two runs of one seed share.
    pub(crate) fn fingerprint(&mut self) -> u64 {
        self.disk.image().hash(&mut self.trace);
        self.disk.changes().hash(&mut self.trace);
        self.trace.finish()
    }
}

/// A batch as a log gave it back.
struct StoredBatch(Batch);

fn random_batch(rng: &mut Rng, producer: Option<(i64, i32)>) -> (Bytes, i32) {
    let mut options = BatchOptions::default();
    if let Some((id, sequence)) = producer {
        options = options.with_producer(id, 0, sequence);
    }
    let mut builder = BatchBuilder::new(options);
    let count = i32::try_from(1 + rng.below(4)).expect("a small count");
    for _ in 0..count {
        let mut value = vec![0; usize::try_from(rng.below(300)).expect("a small size")];
        rng.fill(&mut value);
        let timestamp = NOW_MS + i64::try_from(rng.below(1_000)).expect("a small number");
        builder.try_append(timestamp, None, Some(&value), &[]).expect("it is small");
    }
    (builder.build().expect("it is whole"), count)
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

/// Background tasks of a storage, run when the world has time for them.
#[derive(Default)]
struct Tasks(Mutex<Vec<Task>>);

impl Tasks {
    /// Polls each task once.
    fn run(&self) {
        let mut tasks = std::mem::take(&mut *self.0.lock().expect("nobody panicked"));
        tasks.retain_mut(|task| task.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        self.0.lock().expect("nobody panicked").append(&mut tasks);
    }

    fn clear(&self) {
        drop(std::mem::take(&mut *self.0.lock().expect("nobody panicked")));
    }
}

impl Spawn for Tasks {
    fn spawn(&self, task: Task) {
        self.0.lock().expect("nobody panicked").push(task);
    }
}
