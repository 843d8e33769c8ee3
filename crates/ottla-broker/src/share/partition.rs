//! What is in flight of one partition in one group: who was handed which records, and what became of them.
//!
//! Records below the start are done with, those from the end on are new, and all between are in runs of the same
//! state. A record is handed to one member at a time, under a lock that ends; what a member says of it holds once
//! that is durable, and until then nobody else is handed it. Pure: time and what the log holds are handed in, and
//! what is to be written comes out.
//!
//! # Suspects
//!
//! A record that makes its consumer fail takes those with it that were handed out with it, until all of them have been
//! delivered too often. So what was delivered often is handed out by itself: of the records that were first handed out
//! together half, then a quarter, and on the last delivery one by one, as Kafka's leader does.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use ottla_protocol::api::ErrorCode;
use ottla_protocol::wire::Str;

use super::batches::{StateBatch, StateBatches};

/// Records that were delivered more seldom than this are not suspect, whatever the limit.
const SUSPECT_DELIVERIES_MIN: i16 = 2;

/// No log has this offset: whoever writes it as the state of a record means nothing by it.
const OFFSET_MAX: i64 = i64::MAX / 2;

/// What a member says of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// There is no such record.
    Gap,
    /// It is dealt with.
    Accept,
    /// Somebody else is to have it.
    Release,
    /// Nobody is to have it again.
    Reject,
    /// It takes longer.
    Renew,
}

/// How records are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Whole batches, though they be more than were asked for.
    Batches,
    /// As many as were asked for.
    Records,
}

/// What limits a group in a partition.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    pub(crate) lock: Duration,
    /// Deliveries after which a record is given up.
    pub(crate) deliveries_max: i16,
    /// Records in flight.
    pub(crate) locks_max: i64,
    /// Whether a lock may be made to begin anew.
    pub(crate) renews: bool,
}

/// A request for records.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Demand {
    pub(crate) records_max: i64,
    /// The size that runs are to have, where batches allow it.
    pub(crate) batch_size: i64,
    pub(crate) mode: Mode,
}

/// A run of records that a member is handed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Acquired {
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) deliveries: i16,
}

/// A run of records, and what is said of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) kind: Kind,
}

/// What is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// By which it is settled.
    pub(crate) id: u64,
    pub(crate) start_offset: i64,
    pub(crate) complete_count: i32,
    pub(crate) batches: Vec<StateBatch>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Available,
    Acquired {
        member: Str,
        until: Instant,
    },
    Acknowledged,
    Archived,
    /// It will be, once that is durable; else it is what it was.
    Changing {
        id: u64,
        to: End,
        member: Str,
        until: Instant,
    },
}

/// What becomes of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Available,
    Acknowledged,
    Archived,
}

impl End {
    fn code(self) -> i8 {
        match self {
            Self::Available => 0,
            Self::Acknowledged => 2,
            Self::Archived => 4,
        }
    }

    fn state(self) -> State {
        match self {
            Self::Available => State::Available,
            Self::Acknowledged => State::Acknowledged,
            Self::Archived => State::Archived,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Run {
    last: i64,
    state: State,
    deliveries: i16,
    /// The first and the last of the records that were first handed out together, of which this is a part.
    batch: (i64, i64),
}

impl Run {
    fn is_complete(&self) -> bool {
        let ends = |end| end != End::Available;
        matches!(self.state, State::Acknowledged | State::Archived)
            || matches!(self.state, State::Changing { to, .. } if ends(to))
    }
}

/// Why an acknowledgement is refused, in the words of Kafka.
pub(crate) type Refusal = (ErrorCode, &'static str);

const NOT_FOUND: Refusal = (
    ErrorCode::INVALID_RECORD_STATE,
    "Batch record not found. The request batch offsets are not found in the cache.",
);
const PAST_END: Refusal = (
    ErrorCode::INVALID_REQUEST,
    "Batch record not found. The last offset in request is past acquired records.",
);
const NOT_OWNER: Refusal = (ErrorCode::INVALID_RECORD_STATE, "Member is not the owner of batch record");
const NOT_ACQUIRED: Refusal = (
    ErrorCode::INVALID_RECORD_STATE,
    "The batch cannot be acknowledged. The batch is not in the acquired state.",
);
const NO_RENEWAL: Refusal =
    (ErrorCode::INVALID_RECORD_STATE, "Renewing acquisition locks is not enabled for the group.");

/// What is in flight.
#[derive(Clone, Debug)]
pub(crate) struct SharePartition {
    start: i64,
    /// The first offset that was never handed out.
    end: i64,
    /// By first offset; they cover all from the start to the end.
    runs: BTreeMap<i64, Run>,
    next_id: u64,
}

impl SharePartition {
    /// As it was written: what is in no run up to the last was never handed out.
    pub(crate) fn new(start: i64, batches: &StateBatches) -> Self {
        let mut new = Self { start, end: start, runs: BTreeMap::new(), next_id: 0 };
        for batch in batches.iter().filter(|batch| (start..OFFSET_MAX).contains(&batch.last)) {
            let first = batch.first.max(start);
            if first > new.end {
                new.begin(new.end, first - 1);
            }
            let state = match batch.state {
                0 => State::Available,
                2 => State::Acknowledged,
                _ => State::Archived,
            };
            let (last, deliveries) = (batch.last, batch.deliveries);
            new.runs.insert(first, Run { last, state, deliveries, batch: (first, last) });
            new.end = batch.last + 1;
        }
        new.tidy();
        new
    }

    /// The first offset that is not done with.
    #[cfg(test)]
    pub(crate) fn start(&self) -> i64 {
        self.start
    }

    /// Where to read for somebody who wants records; `None` while as many are in flight as may be.
    pub(crate) fn next_offset(&self, terms: &Terms) -> Option<i64> {
        let available = self.runs.iter().find(|(_, run)| run.state == State::Available);
        match available {
            Some((first, _)) => Some(*first),
            None => (self.in_flight() < terms.locks_max).then_some(self.end),
        }
    }

    /// Nothing below this offset is there any more. Says whether that changed something.
    pub(crate) fn move_start(&mut self, log_start: i64) -> bool {
        if log_start <= self.start {
            return false;
        }
        self.split_at(log_start);
        self.runs = self.runs.split_off(&log_start);
        self.start = log_start;
        self.end = self.end.max(log_start);
        self.tidy();
        true
    }

    /// Hands records to a member: of what was read from an offset on, in batches with these first and last offsets.
    pub(crate) fn acquire(
        &mut self,
        now: Instant,
        member: &Str,
        from: i64,
        read: &[(i64, i64)],
        demand: Demand,
        terms: &Terms,
    ) -> Vec<Acquired> {
        let Some((_, last_read)) = read.last().copied() else { return Vec::new() };
        let from = from.max(self.start);
        let until = now + terms.lock;
        let mut left = demand.records_max.max(1);
        let mut taken = Vec::new();
        let available: Vec<_> = self
            .runs
            .range(self.first_of(from)..)
            .filter(|(_, run)| run.state == State::Available)
            .map(|(first, run)| ((*first).max(from), Run { last: run.last.min(last_read), ..run.clone() }))
            .take_while(|(first, _)| *first <= last_read)
            .filter(|(first, run)| *first <= run.last)
            .collect();
        for together in available.chunk_by(|(_, one), (_, other)| one.batch == other.batch) {
            if left > 0 && together.iter().any(|(_, run)| run.deliveries >= terms.suspect_from()) {
                // By themselves, or not now.
                if taken.is_empty() {
                    taken = suspects(together, left, demand.mode, terms);
                }
                left = 0;
            }
            for (first, run) in together {
                if left <= 0 {
                    break;
                }
                let last = run.last.min(limit(*first, left, read, demand.mode));
                left -= last - first + 1;
                taken.push((*first, last, run.deliveries));
            }
        }
        let new = self.end;
        let room = terms.locks_max - self.in_flight();
        if left > 0 && room > 0 && new <= last_read {
            let last = last_read.min(limit(new, left.min(room), read, demand.mode));
            cut(new, last, read, demand.batch_size, |first, last| {
                self.begin(first, last);
                taken.push((first, last, 0));
            });
            self.end = last + 1;
        }
        let mut acquired = Vec::new();
        for (first, last, deliveries) in taken {
            let deliveries = deliveries.saturating_add(1);
            let state = State::Acquired { member: member.clone(), until };
            self.set(first, last, |run| {
                run.state = state.clone();
                run.deliveries = deliveries;
            });
            cut(first, last, read, demand.batch_size, |first, last| {
                acquired.push(Acquired { first, last, deliveries });
            });
        }
        self.tidy();
        acquired
    }

    /// Hears what a member says of its records, in their order: all of it holds, or nothing. What is to be written has to be
    /// [settled](Self::settle); `None` when nothing is.
    pub(crate) fn acknowledge(
        &mut self,
        now: Instant,
        member: &Str,
        said: &[Said],
        terms: &Terms,
    ) -> Result<Option<Change>, Refusal> {
        let said: Vec<_> = said
            .iter()
            .filter(|said| said.last >= self.start)
            .map(|said| Said { first: said.first.max(self.start), ..*said })
            .collect();
        // What is said of a record again, once it is let go, is refused as if it had been said later.
        let mut let_go = -1;
        for said in &said {
            self.check(now, member, said, terms)?;
            if said.first <= let_go {
                return Err(NOT_ACQUIRED);
            }
            if said.kind != Kind::Renew {
                let_go = said.last;
            }
        }
        let id = self.next_id();
        let mut batches = Vec::new();
        for Said { first, last, kind } in said {
            self.set(first, last, |run| {
                let State::Acquired { member, until } = &run.state else { return };
                let to = match kind {
                    Kind::Renew => {
                        run.state = State::Acquired { member: member.clone(), until: now + terms.lock };
                        return;
                    }
                    Kind::Accept => End::Acknowledged,
                    Kind::Gap | Kind::Reject => End::Archived,
                    Kind::Release => released(run.deliveries, terms),
                };
                run.state = State::Changing { id, to, member: member.clone(), until: *until };
            });
        }
        for (first, run) in &self.runs {
            if let State::Changing { id: of, to, .. } = &run.state
                && *of == id
            {
                batches.push(batch(*first, run, *to));
            }
        }
        let change = self.change(id, batches);
        self.tidy();
        Ok(change)
    }

    fn check(&self, now: Instant, member: &Str, said: &Said, terms: &Terms) -> Result<(), Refusal> {
        if self.runs.is_empty() {
            return Err(NOT_FOUND);
        }
        if said.last >= self.end {
            return Err(PAST_END);
        }
        for (_, run) in self.runs.range(self.first_of(said.first)..=said.last) {
            match &run.state {
                State::Acquired { member: owner, .. } if owner != member => return Err(NOT_OWNER),
                State::Acquired { until, .. } if *until > now => {}
                _ => return Err(NOT_ACQUIRED),
            }
        }
        if said.kind == Kind::Renew && !terms.renews {
            return Err(NO_RENEWAL);
        }
        Ok(())
    }

    /// Says that a change is durable, or will never be.
    pub(crate) fn settle(&mut self, id: u64, is_durable: bool) {
        for run in self.runs.values_mut() {
            if let State::Changing { id: of, to, member, until } = &run.state
                && *of == id
            {
                run.state = match is_durable {
                    true => to.state(),
                    false => State::Acquired { member: member.clone(), until: *until },
                };
            }
        }
        self.tidy();
    }

    /// Takes back what a member was handed. What is given up with that stays its own until that is durable.
    pub(crate) fn release(&mut self, member: &Str, terms: &Terms) -> Option<Change> {
        self.take_back(terms, |owner, _| owner == member)
    }

    /// Takes back what was handed out for too long.
    pub(crate) fn expire(&mut self, now: Instant, terms: &Terms) -> Option<Change> {
        self.take_back(terms, |_, until| until <= now)
    }

    fn take_back(&mut self, terms: &Terms, is_due: impl Fn(&Str, Instant) -> bool) -> Option<Change> {
        let id = self.next_id();
        let mut batches = Vec::new();
        for (first, run) in &mut self.runs {
            if let State::Acquired { member, until } = &run.state
                && is_due(member, *until)
            {
                let to = released(run.deliveries, terms);
                run.state = match to {
                    // Who holds it must not be told that all is well before it is given up for good.
                    End::Archived => State::Changing { id, to, member: member.clone(), until: *until },
                    End::Available | End::Acknowledged => to.state(),
                };
                batches.push(batch(*first, run, to));
            }
        }
        let change = self.change(id, batches);
        self.tidy();
        change
    }

    /// Gives up what a member was handed just now, because it was never committed.
    pub(crate) fn archive(&mut self, member: &Str, first: i64, last: i64) -> Option<Change> {
        let id = self.next_id();
        let mut batches = Vec::new();
        let member = member.clone();
        self.set(first.max(self.start), last, |run| {
            if matches!(&run.state, State::Acquired { member: owner, .. } if *owner == member) {
                run.state = State::Archived;
            }
        });
        for (at, run) in self.runs.range(first..=last) {
            if run.state == State::Archived {
                batches.push(batch(*at, run, End::Archived));
            }
        }
        let change = self.change(id, batches);
        self.tidy();
        change
    }

    /// When the next lock ends.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        let until = self.runs.values().filter_map(|run| match &run.state {
            State::Acquired { until, .. } => Some(*until),
            _ => None,
        });
        until.min()
    }

    fn change(&self, id: u64, batches: Vec<StateBatch>) -> Option<Change> {
        if batches.is_empty() {
            return None;
        }
        let complete = self.runs.iter().filter(|(_, run)| run.is_complete());
        let complete: i64 = complete.map(|(first, run)| run.last - first + 1).sum();
        let complete_count = i32::try_from(complete).unwrap_or(i32::MAX);
        Some(Change { id, start_offset: self.start, complete_count, batches })
    }

    fn next_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    /// Records that are not done with.
    fn in_flight(&self) -> i64 {
        let open = self.runs.iter().filter(|(_, run)| !run.is_complete());
        open.map(|(first, run)| run.last - first + 1).sum()
    }

    /// These are handed out together for the first time.
    fn begin(&mut self, first: i64, last: i64) {
        let (state, batch) = (State::Available, (first, last));
        self.runs.insert(first, Run { last, state, deliveries: 0, batch });
    }

    /// The first offset of the run that an offset is in.
    fn first_of(&self, offset: i64) -> i64 {
        self.runs.range(..=offset).next_back().map_or(offset, |(first, _)| *first)
    }

    fn set(&mut self, first: i64, last: i64, mut change: impl FnMut(&mut Run)) {
        self.split_at(first);
        self.split_at(last + 1);
        if first <= last {
            self.runs.range_mut(first..=last).for_each(|(_, run)| change(run));
        }
    }

    /// Makes an offset the first of its run.
    fn split_at(&mut self, offset: i64) {
        if let Some((_, run)) = self.runs.range_mut(..offset).next_back()
            && run.last >= offset
        {
            let second = run.clone();
            run.last = offset - 1;
            self.runs.insert(offset, second);
        }
    }

    /// Joins runs of the same state that belong together, and forgets what is done with at the start.
    fn tidy(&mut self) {
        let mut joined: Vec<(i64, Run)> = Vec::with_capacity(self.runs.len());
        for (first, run) in std::mem::take(&mut self.runs) {
            let is_done = matches!(run.state, State::Acknowledged | State::Archived);
            if is_done && first == self.start {
                self.start = run.last + 1;
                continue;
            }
            match joined.last_mut() {
                Some((_, before))
                    if before.last + 1 == first
                        && before.batch == run.batch
                        && before.state == run.state
                        && before.deliveries == run.deliveries =>
                {
                    before.last = run.last;
                }
                _ => joined.push((first, run)),
            }
        }
        self.runs = joined.into_iter().collect();
        self.end = self.end.max(self.start);
    }
}

impl Terms {
    /// Records that were delivered so often are handed out by themselves.
    fn suspect_from(&self) -> i16 {
        let half = self.deliveries_max.saturating_add(1) / 2;
        half.max(SUSPECT_DELIVERIES_MIN)
    }

    /// Whether the next delivery is the last one.
    fn is_last(&self, deliveries: i16) -> bool {
        self.deliveries_max > SUSPECT_DELIVERIES_MIN && deliveries == self.deliveries_max - 1
    }
}

/// The records to hand out of those that belong together, some of which were delivered often: so many of them as are left when
/// they are halved once, and once more for each further delivery, of the first of these; and on its last delivery one alone.
fn suspects(together: &[(i64, Run)], left: i64, mode: Mode, terms: &Terms) -> Vec<(i64, i64, i16)> {
    let (mut portion, mut count) = (None, 0);
    let mut taken = Vec::new();
    for (first, run) in together {
        let is_last = terms.is_last(run.deliveries);
        if is_last && count > 0 {
            break;
        }
        if run.deliveries >= terms.suspect_from() && portion.is_none() {
            let (batch_first, batch_last) = run.batch;
            let halvings = u32::from((run.deliveries - terms.suspect_from() + 1).unsigned_abs());
            let size = batch_last - batch_first + 1;
            portion = Some(size.checked_shr(halvings).unwrap_or(0).max(1));
        }
        let up_to = |most: i64| if most > count { most - count } else { i64::MAX };
        let mut more = portion.map_or(i64::MAX, up_to);
        if is_last {
            more = 1;
        }
        if mode == Mode::Records {
            more = more.min(left - count);
        }
        let last = run.last.min(first.saturating_add(more - 1));
        taken.push((*first, last, run.deliveries));
        count += last - first + 1;
        if is_last || portion == Some(count) || mode == Mode::Records && count >= left {
            break;
        }
    }
    taken
}

fn released(deliveries: i16, terms: &Terms) -> End {
    if deliveries >= terms.deliveries_max { End::Archived } else { End::Available }
}

fn batch(first: i64, run: &Run, to: End) -> StateBatch {
    StateBatch { first, last: run.last, state: to.code(), deliveries: run.deliveries }
}

/// The last offset of so many records: to the end of their batch, if batches are whole.
fn limit(first: i64, records: i64, read: &[(i64, i64)], mode: Mode) -> i64 {
    let last = first.saturating_add(records - 1);
    match mode {
        Mode::Records => last,
        Mode::Batches => read.iter().find(|(_, end)| *end >= last).map_or(last, |(_, end)| *end),
    }
}

/// Cuts a run where batches end, into runs of at least this size.
fn cut(first: i64, last: i64, read: &[(i64, i64)], size: i64, mut each: impl FnMut(i64, i64)) {
    let mut at = first;
    if size > 0 && last - first + 1 > size {
        for (_, end) in read {
            if (at..last).contains(end) && end - at + 1 >= size {
                each(at, *end);
                at = end + 1;
            }
        }
    }
    each(at, last);
}

#[cfg(test)]
#[path = "partition/tests.rs"]
mod tests;
