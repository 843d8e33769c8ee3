//! Compaction: of the records of one key only the last stays, at the offset it always had.
//!
//! A *round* takes one log. It collects the last offset of each key in the part that was not compacted before
//! ([`offset_map`], memory of a fixed size: what does not fit is left to the next round), copies what
//! stays of the log's closed segments into new ones ([`retention`] says what, [`groups`] which
//! segments become one), and puts each in the place of the old ones. Which log is taken is decided in
//! [`choice`]. The rules are Kafka's.
//!
//! The old segments are read and the new one is written beside them, while appends and reads go on. A crash at
//! any moment leaves the old segments or the new one. Nothing runs by itself: whoever owns the
//! storage calls [`Storage::compact_next`].

use std::future::Future;
use std::io;
use std::sync::Arc;

use ottla_protocol::records::Selection;
use ottla_protocol::wire::DecodeLimits;

use self::choice::{Ages, Candidate, Cleanable, ClosedSegment};
use self::digest::Digester;
use self::groups::SegmentSize;
use self::offset_map::OffsetMap;
use self::pass::{Round, Source};
use self::retention::{ActiveProducers, Counts, Filter};
use crate::config::Ratio;
use crate::error::Error;
use crate::files::OffsetCheckpoint;
use crate::lock::lock;
use crate::log::{Core, Log};
use crate::offset::{LogName, Offset};
use crate::segment::Segment;
use crate::storage::Storage;

mod aborted;
pub(crate) use self::pass::give_way;

pub(crate) mod checkpoint;
mod choice;
mod digest;
mod groups;
mod new_segment;
mod offset_map;
mod pass;
mod retention;
mod transactions;

/// How long a log is left alone whose round failed for a reason that may pass, as for want of space.
const PAUSE_MS: i64 = 60_000;

/// How logs are compacted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CompactionConfig {
    /// The most memory that a round takes for keys, in bytes; 24 for each key, and a sixteenth for
    /// its own account. `log.cleaner.dedupe.buffer.size`; default 128 MiB.
    pub map_bytes_max: usize,
    /// How full that memory may get. `log.cleaner.io.buffer.load.factor`; default and at most 0.9.
    pub map_load_factor: Ratio,
}

impl CompactionConfig {
    /// The same with another bound on the memory for keys, in bytes.
    #[must_use]
    pub fn with_map_bytes_max(mut self, map_bytes_max: usize) -> Self {
        self.map_bytes_max = map_bytes_max;
        self
    }

    /// The same, filling the memory for keys up to this part of it.
    #[must_use]
    pub fn with_map_load_factor(mut self, map_load_factor: Ratio) -> Self {
        self.map_load_factor = map_load_factor;
        self
    }
}

impl Default for CompactionConfig {
    fn default() -> Self {
        let map_load_factor = Ratio::new(0.9).expect("0.9 is between 0 and 1");
        Self { map_bytes_max: 128 * 1024 * 1024, map_load_factor }
    }
}

/// How fast a round may go. `log.cleaner.io.max.bytes.per.second` is one that sleeps.
pub trait Pace: Send {
    /// Told after every piece of work how many bytes were read and written; the round goes on once the
    /// future is ready.
    fn worked(&mut self, bytes: u64) -> impl Future<Output = ()> + Send;
}

/// As fast as it goes, giving way to other tasks after every piece.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "there is nothing to say about no bound")]
pub struct Unpaced;

impl Pace for Unpaced {
    async fn worked(&mut self, _bytes: u64) {}
}

/// What a round did.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Compacted {
    /// The log.
    pub log: LogName,
    /// Where the part began that was not compacted before.
    pub from: Offset,
    /// Up to where it is compacted now.
    pub to: Offset,
    /// Bytes of the segments that were read.
    pub bytes_before: u64,
    /// Bytes of those that took their place.
    pub bytes_after: u64,
    /// Records that were read.
    pub records_before: u64,
    /// Records that stayed.
    pub records_after: u64,
    /// Bytes of memory that the keys took.
    pub map_bytes: usize,
}

/// What is known of a log's compaction, besides the checkpoint.
#[derive(Debug, Default)]
pub(crate) struct Compaction {
    is_running: bool,
    /// Why it is not compacted any more.
    uncleanable: Option<Arc<str>>,
    /// When a round failed.
    failed_ms: Option<i64>,
}

/// A log that was chosen, and what of it.
struct Chosen {
    log: Arc<Log>,
    cleanable: Cleanable,
}

/// Being the only round of a log.
struct Running<'a>(&'a Core);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        lock(&self.0.compaction).is_running = false;
    }
}

impl Storage {
    /// Compacts the log that needs it most, as far as memory reaches, and writes down how far it came.
    /// `None` when no log needs it. Logs with [`CleanupPolicy::compact`](crate::CleanupPolicy) take part.
    ///
    /// Call it again at once after a round, and after a while (`log.cleaner.backoff.ms`, 15 s) when there was none.
    /// Rounds of different logs may run side by side.
    ///
    /// # Errors
    /// What ended the round; the log is as it was, or has some of its new segments. One whose batches cannot be
    /// read is left out from then on, see [`uncleanable`](Self::uncleanable), and one that failed otherwise for a minute.
    ///
    /// # Cancel safety
    /// A dropped future leaves the old segments, or the new ones that took their place already.
    pub async fn compact_next(
        &self,
        config: &CompactionConfig,
        pace: &mut impl Pace,
    ) -> Result<Option<Compacted>, Error> {
        let Some(Chosen { log, cleanable }) = self.choose().await else { return Ok(None) };
        let core = log.core();
        let running = Running(core);
        match round(core, config, cleanable, pace).await {
            Ok(compacted) => {
                core.set_compacted(compacted.to.0).await?;
                drop(running);
                Ok(Some(compacted))
            }
            Err(source) => {
                let mut state = lock(&core.compaction);
                if source.kind() == io::ErrorKind::InvalidData {
                    tracing::error!(log = %core.name, error = %source, "log cannot be compacted and is left out");
                    state.uncleanable = Some(source.to_string().into());
                } else {
                    state.failed_ms = Some(core.shared.env.now_ms());
                }
                drop(state);
                Err(Error::io("compact", core.dir.to_path_buf())(source))
            }
        }
    }

    /// The logs that are not compacted any more, because a batch of theirs cannot be read, and why. They are
    /// tried again after the next start.
    #[must_use]
    pub fn uncleanable(&self) -> Vec<(LogName, Arc<str>)> {
        let logs = self.all_logs();
        let reasons = logs.iter().map(|log| (log.name(), lock(&log.core().compaction).uncleanable.clone()));
        reasons.filter_map(|(name, reason)| Some((name.clone(), reason?))).collect()
    }

    /// The filthiest of the logs that are worth it; it counts as running from now on.
    async fn choose(&self) -> Option<Chosen> {
        let mut filthiest: Option<Chosen> = None;
        for log in self.all_logs() {
            let core = log.core();
            let config = core.config();
            if !config.cleanup_policy.compact || !core.may_compact() {
                continue;
            }
            let cleanable = match core.cleanable().await {
                Ok(Some(cleanable)) => cleanable,
                Ok(None) => continue,
                Err(error) => {
                    tracing::warn!(log = %core.name, %error, "what of the log can be compacted could not be found out");
                    continue;
                }
            };
            let better = filthiest
                .as_ref()
                .is_none_or(|other| cleanable.dirty_ratio() > other.cleanable.dirty_ratio());
            if better && cleanable.is_worth(config.min_cleanable_dirty_ratio.get()) {
                filthiest = Some(Chosen { log, cleanable });
            }
        }
        let chosen = filthiest?;
        let mut state = lock(&chosen.log.core().compaction);
        if state.is_running {
            return None;
        }
        state.is_running = true;
        drop(state);
        Some(chosen)
    }
}

impl Core {
    fn may_compact(&self) -> bool {
        let mut state = lock(&self.compaction);
        let now_ms = self.shared.env.now_ms();
        // A clock that was set back makes nobody wait for ever.
        let waits =
            state.failed_ms.is_some_and(|failed| (0..PAUSE_MS).contains(&now_ms.saturating_sub(failed)));
        if !waits {
            state.failed_ms = None;
        }
        !state.is_running && state.uncleanable.is_none() && !waits && !self.is_ending()
    }

    /// What may be compacted; `None` for a log that was never written to.
    async fn cleanable(&self) -> io::Result<Option<Cleanable>> {
        let config = self.config();
        let mut candidate = {
            let state = lock(&self.state);
            let offsets = state.offsets();
            let Some(active) = state.segments.keys().next_back().copied() else { return Ok(None) };
            let closed = state.segments.range(..active).map(|(base_offset, segment)| ClosedSegment {
                base_offset: *base_offset,
                bytes: u64::from(segment.state().len),
                newest_timestamp: None,
                first_timestamp: None,
            });
            Candidate {
                closed: closed.collect(),
                active,
                log_start: offsets.log_start.0,
                last_stable: offsets.last_stable.0,
                log_end: offsets.log_end.0,
                compacted_to: self.shared.compacted.get(&self.name),
            }
        };
        let (wants_newest, wants_first) =
            (config.min_compaction_lag_ms > 0, config.max_compaction_lag_ms < i64::MAX);
        if wants_newest || wants_first {
            let dirty = candidate.closed.len() - candidate.closed_from(candidate.first_dirty()).len();
            for closed in &mut candidate.closed[dirty..] {
                let Some(segment) = self.segment(closed.base_offset) else { continue };
                if wants_newest {
                    let newest = segment.newest_timestamp(&self.shared.indexes).await?;
                    // No record is younger than its segment's last write, whatever it claims.
                    let written_ms = segment.state().written_ms.unwrap_or(i64::MAX);
                    closed.newest_timestamp = newest.map(|newest| newest.min(written_ms));
                }
                if wants_first {
                    closed.first_timestamp = pass::first_timestamp(&segment).await?;
                }
            }
        }
        Ok(Some(candidate.cleanable(Ages {
            now_ms: self.shared.env.now_ms(),
            min_lag_ms: config.min_compaction_lag_ms,
            max_lag_ms: config.max_compaction_lag_ms,
        })))
    }

    /// Writes down how far the log is compacted.
    async fn set_compacted(&self, to: i64) -> Result<(), Error> {
        {
            let state = lock(&self.state);
            // A log that was removed was forgotten, and stays so.
            if !state.gone {
                self.shared.compacted.set(&self.name, to);
            }
        }
        let write = || self.shared.compacted.write(self.shared.disk.as_ref());
        self.shared.reserve.help(write).await.map_err(Error::io("write", OffsetCheckpoint::CLEANER))
    }

    fn segment(&self, base_offset: i64) -> Option<Arc<Segment>> {
        lock(&self.state).segments.get(&base_offset).cloned()
    }

    /// Whether the log is being closed or removed.
    pub(crate) fn is_ending(&self) -> bool {
        let state = lock(&self.state);
        state.stopped || state.gone
    }

    /// Forgets what memory holds of records below `end`, so that readers see what the files say.
    fn forget_tail(&self, end: i64) {
        lock(&self.state).tail.forget_below(end);
    }

    fn active_producers(&self) -> ActiveProducers {
        ActiveProducers::new(&lock(&self.writer).producers)
    }

    /// The visible part of every segment.
    fn sources(&self) -> Vec<Source> {
        let state = lock(&self.state);
        let visible = state.visible;
        let seen: Vec<_> = state.segments.range(..=visible.base).collect();
        let nexts = seen.iter().skip(1).map(|(base, _)| **base).chain([visible.offset]);
        let sources = seen.iter().zip(nexts).map(|((base, segment), next)| {
            let len = segment.state().len;
            let len = if **base == visible.base { visible.position.min(len) } else { len };
            Source { segment: Arc::clone(segment), len, next }
        });
        sources.collect()
    }
}

/// One round over one log.
async fn round(
    core: &Arc<Core>,
    compaction: &CompactionConfig,
    cleanable: Cleanable,
    pace: &mut impl Pace,
) -> io::Result<Compacted> {
    let config = core.config();
    let Cleanable { first_dirty, end, .. } = cleanable;
    let mut rng = core.shared.env.rng();
    let digester = Digester::new([rng.next_u64(), rng.next_u64()]);
    let load_factor = compaction.map_load_factor.get();
    let mut map = OffsetMap::new(digester, (first_dirty, end), compaction.map_bytes_max, load_factor);
    let map_bytes = map.memory();
    let mut round = Round { core, pace, sources: core.sources(), end, aborted: None, worked: 0 };
    round.collect(&mut map, first_dirty).await?;
    let compacted_to = map.latest() + 1;

    let sources: Vec<Source> =
        round.sources.iter().filter(|source| source.segment.base_offset() < compacted_to).cloned().collect();
    let sizes: Vec<SegmentSize> =
        sources.iter().map(|source| source.size(core.shared.disk.as_ref())).collect();
    let index_bytes = config.index_bytes as u64;
    let groups = groups::group(&sizes, end, u64::from(config.segment_bytes), index_bytes);
    let mut filter = Filter {
        map,
        transactions: round.transactions(0),
        producers: core.active_producers(),
        now_ms: core.shared.env.now_ms(),
        delete_retention_ms: config.delete_retention_ms,
        limits: DecodeLimits::DEFAULT,
        selection: Selection::default(),
        counts: Counts::default(),
        is_blind: false,
    };
    let mut bytes = (0, 0);
    let mut rest = &sources[..];
    for len in groups {
        let (group, behind) = rest.split_at(len);
        rest = behind;
        let new = round.copy(group, &mut filter).await?;
        bytes.0 += group.iter().map(|source| u64::from(source.len)).sum::<u64>();
        bytes.1 += new.len();
        let gone: Vec<i64> = group.iter().map(|source| source.segment.base_offset()).collect();
        let new = new.take();
        core.replace_segments(&gone, new.clone()).await?;
        let next = group.last().map_or(0, |last| last.next);
        core.forget_tail(next);
        if let Some(new) = new.filter(|_| round.aborted.is_some()) {
            core.renew_summary(&new, next).await;
        }
    }
    let Counts { batches, batches_kept, records, records_kept, without_key, untouched } = filter.counts;
    tracing::info!(
        log = %core.name,
        from = first_dirty,
        to = compacted_to,
        bytes_before = bytes.0,
        bytes_after = bytes.1,
        batches,
        batches_kept,
        records,
        records_kept,
        without_key,
        untouched,
        "log was compacted"
    );
    Ok(Compacted {
        log: core.name.clone(),
        from: Offset(first_dirty),
        to: Offset(compacted_to),
        bytes_before: bytes.0,
        bytes_after: bytes.1,
        records_before: records,
        records_after: records_kept,
        map_bytes,
    })
}
