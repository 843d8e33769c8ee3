//! What may happen in one life, each at random and held against the reference.

use std::sync::Arc;

use bytes::Bytes;
use ottla_protocol::ErrorCode;
use ottla_protocol::records::TimestampType;
use ottla_storage::disk::Call;
use ottla_storage::{
    AppendError, AppendOptions, Appended, CompactionConfig, Error, Log, Offset, Origin, ProducerError,
    ReadError, ReadOptions, Unpaced,
};

use crate::batches::{Entry, marker, random_batch};
use crate::model::{Model, Waiting, first_since};
use crate::world::{End, World};

impl World {
    /// Does one thing at random.
    pub(crate) fn step(&mut self) {
        let index = usize::try_from(self.rng.below(self.logs.len() as u64)).expect("a small index");
        let what = self.rng.below(200);
        self.tell(|| format!("step {what} on {index}"));
        match what {
            0..84 => drop(self.append(index)),
            84..92 => self.end_transaction(index),
            92..114 => self.read(index),
            114..126 => self.retry(index),
            126..138 => drop(self.disk.release_one()),
            138..144 => self.disk.hold(if self.rng.chance(0.7) { Call::Sync } else { Call::SyncDir }),
            144..147 => self.disk.hold(if self.rng.chance(0.8) { Call::Write } else { Call::Read }),
            147..153 => self.disk.release(),
            153..160 => self.checkpoint(),
            160..168 => self.move_clock(),
            168..175 => self.maintain(),
            175..181 => self.delete_records(index),
            181..189 => self.compact(),
            189..194 => self.look_up_time(index),
            194..196 => self.look_up_epochs(index),
            196 => self.remove(index),
            197 => self.fill_up(),
            198 => self.read_outside(index),
            _ => self.misdirect(index),
        }
        self.settle();
    }

    fn checkpoint(&mut self) {
        if self.rng.chance(0.3) {
            self.disk.release();
        }
        self.settle();
        let ends: Vec<i64> = self.logs.iter().map(|model| model.log().offsets().log_end.0).collect();
        match self.finish(self.storage().checkpoint()) {
            // A log that failed is left out without a word.
            Ok(()) if !self.is_excused() => {
                for (model, end) in self.logs.iter_mut().zip(ends) {
                    model.covered = model.covered.max(end);
                }
                self.has_both[0] = true;
            }
            Ok(()) => {}
            Err(error) => assert!(self.is_excused(), "seed {}: no checkpoint: {error}", self.seed),
        }
    }

    fn move_clock(&mut self) {
        let ms = i64::try_from(self.rng.below(20_000)).expect("small");
        let ms = match self.rng.below(8) {
            0 => -ms,
            1 => 20 * ms,
            _ => ms,
        };
        self.clock.advance(ms);
        let now_ms = self.now_ms();
        for model in &mut self.logs {
            model.clock_moved(now_ms);
        }
    }

    /// Appends one or two random batches.
    pub(crate) fn append(&mut self, index: usize) -> Result<Appended, AppendError> {
        let now_ms = self.now_ms();
        let model = &self.logs[index];
        let mut known = model.held().to_vec();
        let mut entries = Vec::new();
        let mut base = model.log().offsets().log_end.0;
        let keys = if model.is_compacted() { 15 } else { 50 };
        for _ in 0..1 + self.rng.below(2) {
            let n = usize::try_from(self.rng.below(4)).expect("small");
            let sender = (n < 3).then(|| model.sender(n, &known));
            let entry = random_batch(&mut self.rng, base, now_ms, keys, sender);
            base = entry.end;
            known.push(entry.clone());
            entries.push(entry);
        }
        self.send(index, entries, Origin::Client)
    }

    /// Ends the open transaction of a log, if it has one.
    fn end_transaction(&mut self, index: usize) {
        let model = &self.logs[index];
        let producer = model.producers[2];
        if Model::open(model.held()).contains_key(&producer) {
            let base = model.log().offsets().log_end.0;
            let entry = marker(base, self.now_ms(), producer, self.rng.chance(0.5));
            drop(self.send(index, vec![entry], Origin::Coordinator));
        }
    }

    fn send(
        &mut self,
        index: usize,
        mut entries: Vec<Entry>,
        origin: Origin,
    ) -> Result<Appended, AppendError> {
        let now_ms = self.now_ms();
        let log = Arc::clone(self.log(index));
        let epoch = log.offsets().leader_epoch.max(0) + i32::from(self.rng.chance(0.05));
        for entry in &mut entries {
            entry.leader_epoch = epoch;
            let appends_time = self.logs[index].config.timestamp_type == TimestampType::LogAppendTime;
            entry.append_time = appends_time.then_some(now_ms);
        }
        let bytes: Vec<&[u8]> = entries.iter().map(|entry| &entry.sent[..]).collect();
        let bytes = bytes.concat();
        let (sent, most) = (bytes.len(), self.logs[index].config.segment_bytes as usize);
        let options = AppendOptions::new(now_ms).with_leader_epoch(epoch).with_origin(origin);
        let what = self.what(index);
        let result = log.append(Bytes::from(bytes), options);
        let excused = self.is_excused();
        let model = &mut self.logs[index];
        match &result {
            Ok(appended) => {
                let (first, end) = (entries[0].base, entries.last().map_or(0, |last| last.end));
                assert!(!appended.duplicate, "{what}: new batches are taken for old ones");
                assert!(sent <= most, "{what}: {sent} bytes are taken into segments of {most}");
                assert_eq!((appended.base_offset.0, appended.end().0), (first, end), "{what}: offsets");
                // A write that failed after its append had returned was taken back by now.
                let lost = model.entries.partition_point(|entry| entry.end <= first);
                model.attempts.extend(model.entries.drain(lost..));
                model.entries.append(&mut entries);
                let (durable, written) = (Box::pin(log.durable(appended)), Box::pin(log.written(appended)));
                model.waiting.push(Waiting { end, durable: true, future: durable });
                model.waiting.push(Waiting { end, durable: false, future: written });
            }
            Err(AppendError::Write { .. } | AppendError::Closed { .. }) if excused => {
                model.attempts.append(&mut entries);
            }
            Err(AppendError::Producer(ProducerError::OutOfOrderSequence {
                producer_id,
                last_sequence: -1,
                ..
            })) if model.is_forgotten(*producer_id) => {
                model.replace_producers();
            }
            // What one append brings is written into one segment, or not at all.
            Err(AppendError::LargerThanSegment { size, limit }) if sent > most => {
                assert_eq!((*size, *limit), (sent, most), "{what}: what is refused");
            }
            Err(error) => panic!("{what}: an append is refused: {error}"),
        }
        self.settle();
        result
    }

    /// Sends one of the last batches of a producer again, as after an answer that got lost.
    fn retry(&mut self, index: usize) {
        let model = &self.logs[index];
        let id = model.producers[usize::try_from(self.rng.below(3)).expect("small")];
        let of_it =
            |entry: &&Entry| entry.marker.is_none() && entry.producer.is_some_and(|claim| claim.id == id);
        let start = model.log().offsets().log_start.0;
        let last: Vec<Entry> = model.held().iter().rev().filter(of_it).take(5).cloned().collect();
        let last: Vec<Entry> = last.into_iter().filter(|entry| entry.base >= start).collect();
        if last.is_empty() || model.has_suspects() {
            return;
        }
        let nth = usize::try_from(self.rng.below(last.len() as u64)).expect("a small index");
        let what = format!("{}: batch {nth} from the end of {id}, at {}", self.what(index), last[nth].base);
        let result = self.log(index).append(
            last[nth].sent.clone(),
            AppendOptions::new(self.now_ms()).with_leader_epoch(last[nth].leader_epoch),
        );
        match result {
            Ok(appended) => {
                assert!(appended.duplicate, "{what} is written twice");
                assert_eq!(appended.base_offset.0, last[nth].base, "{what}");
            }
            Err(AppendError::FencedLeader { .. }) => {}
            Err(AppendError::Write { .. } | AppendError::Closed { .. }) if self.is_excused() => {}
            Err(error) => panic!("{what}, is refused as a retry: {error}"),
        }
    }

    fn delete_records(&mut self, index: usize) {
        let offsets = self.log(index).offsets();
        let (start, end) = (offsets.log_start.0, offsets.high_watermark.0);
        let what = self.what(index);
        let before = match self.rng.below(6) {
            0 => end + 1,
            1 => end,
            _ => start + i64::try_from(self.rng.below((end - start).unsigned_abs() / 2 + 1)).expect("small"),
        };
        let model = &mut self.logs[index];
        if before <= end {
            model.start_most = model.start_most.max(before);
        }
        let deleted = self.finish(self.log(index).delete_records(Offset(before)));
        self.logs[index].is_doubtful |= self.is_excused();
        let model = &mut self.logs[index];
        match deleted {
            Ok(now) => {
                assert!(before <= end && now.0 >= before, "{what}: {before} of {end} answers {now}");
                model.start_least = model.start_least.max(now.0);
            }
            Err(Error::Read(ReadError::OutOfRange { .. })) if before > end => {}
            Err(error) => assert!(self.is_excused(), "{what}: records are not deleted: {error}"),
        }
    }

    fn maintain(&mut self) {
        let now_ms = self.now_ms();
        let before: Vec<i64> = self.logs.iter().map(|model| model.log().offsets().log_start.0).collect();
        let is_whole = |log: &Log| log.offsets().high_watermark == log.offsets().log_end;
        let whole: Vec<bool> = self.logs.iter().map(|model| is_whole(model.log())).collect();
        // It may have been decided and written down, and the power have failed before anybody was told.
        for model in &mut self.logs {
            let end = model.log().offsets().high_watermark.0;
            let ends = model.entries.iter().map(|entry| entry.end).filter(|offset| *offset <= end);
            let may = ends.filter(|start| model.may_expire(before_of(model), *start, now_ms)).max();
            model.start_most = model.start_most.max(may.unwrap_or(0));
        }
        let done = self.finish(self.storage().maintain());
        if let Err(error) = &done {
            assert!(self.is_excused(), "seed {}: no maintenance: {error}", self.seed);
        }
        for (index, old) in before.into_iter().enumerate() {
            let what = self.what(index);
            let excused = self.is_excused();
            let model = &mut self.logs[index];
            model.is_doubtful |= excused;
            let start = model.log().offsets().log_start.0;
            assert!(model.may_expire(old, start, now_ms), "{what}: {old}..{start} is deleted too early");
            model.start_least = model.start_least.max(start);
            if !excused && whole[index] {
                self.nothing_is_left_over(index, now_ms);
            }
        }
    }

    /// After maintenance on a sound disk nothing stays that is too much.
    fn nothing_is_left_over(&self, index: usize, now_ms: i64) {
        let model = &self.logs[index];
        let offsets = model.log().offsets();
        let prefix = format!("{}/", model.name);
        let files = self.disk.image();
        let segments = files.iter().filter(|(path, _)| path.starts_with(&prefix) && path.ends_with(".log"));
        let sizes: Vec<u64> = segments.map(|(_, bytes)| bytes.len() as u64).collect();
        let is_whole = offsets.high_watermark == offsets.log_end && self.disk.held() == 0;
        if !model.config.cleanup_policy.delete || !is_whole || model.has_suspects() || sizes.len() < 2 {
            return;
        }
        let what = self.what(index);
        if let Some(most) = model.config.retention_bytes {
            let total: u64 = sizes.iter().sum();
            assert!(total <= most || total - sizes[0] < most, "{what}: {sizes:?} are more than {most}");
        }
        if let Some(retention_ms) = model.config.retention_ms {
            let bases = files.keys().filter(|path| path.starts_with(&prefix) && path.ends_with(".log"));
            let base = |path: &String| path[prefix.len()..].trim_end_matches(".log").parse::<i64>().ok();
            let bases: Vec<i64> = bases.filter_map(base).collect();
            let (own, next) = (bases[0], bases[1]);
            // A segment is as old as its newest record says, also where that is deleted while the segment stays.
            let mut first = model.entries.iter().filter(|entry| entry.base >= own && entry.end <= next);
            let is_old = |entry: &Entry| now_ms - entry.max_timestamp() > retention_ms;
            let any = model.entries.iter().any(|entry| entry.end > offsets.log_start.0 && entry.end <= next);
            assert!(!any || !first.all(is_old), "{what}: the first segment, up to {next}, is too old");
        }
    }

    fn compact(&mut self) {
        let now_ms = self.now_ms();
        let before: Vec<(i64, Vec<Entry>)> =
            self.logs.iter().map(|model| (model.reach, model.entries.clone())).collect();
        for model in self.logs.iter_mut().filter(|model| model.is_compacted()) {
            let reach = model.log().offsets().high_watermark.0;
            model.compaction_begins(reach, now_ms);
        }
        let map = self.draw(&[64 * 1024, 1024 * 1024]);
        let config = CompactionConfig::default().with_map_bytes_max(map);
        let compacted = self.finish(self.storage().compact_next(&config, &mut Unpaced));
        self.tell(|| format!("compacted: {compacted:?}"));
        let done = match compacted {
            Ok(done) => done,
            Err(error) => {
                assert!(self.is_excused(), "seed {}: no compaction: {error}", self.seed);
                return;
            }
        };
        for (model, (reach, entries)) in self.logs.iter_mut().zip(before) {
            match &done {
                Some(done) if done.log == model.name => {
                    model.compacted_to = model.compacted_to.max(done.to.0)
                }
                // It was another's turn.
                _ => (model.reach, model.entries) = (reach, entries),
            }
        }
    }

    fn look_up_time(&mut self, index: usize) {
        if self.logs[index].has_suspects() || self.logs[index].is_compacted() {
            return;
        }
        let log = Arc::clone(self.log(index));
        let what = self.what(index);
        let span = i64::try_from(self.rng.below(60_000)).expect("small");
        let times: Vec<i64> = self.logs[index].entries.iter().map(Entry::max_timestamp).collect();
        let timestamp = match times.len() {
            0 => self.now_ms(),
            count => {
                times[usize::try_from(self.rng.below(count as u64)).expect("small")] - span / 1_000 * 1_000
                    + 3
            }
        };
        let before = log.offsets();
        let found = match self.finish(log.offset_for_timestamp(timestamp)) {
            Ok(found) => found.map(|found| (found.offset.0, found.timestamp)),
            Err(error) => return assert!(self.is_excused(), "{what}: no offset for {timestamp}: {error}"),
        };
        let newest = match self.finish(log.max_timestamp()) {
            Ok(newest) => newest.map(|newest| newest.timestamp),
            Err(error) => return assert!(self.is_excused(), "{what}: no newest timestamp: {error}"),
        };
        let (start, after) = (before.log_start.0, log.offsets());
        let entries = &self.logs[index].entries;
        // What waited for the disk may have become visible meanwhile, batch after batch, and each question was asked somewhere between.
        let (least, most) = (before.high_watermark.0, after.high_watermark.0);
        let between = entries.iter().map(|entry| entry.end).filter(|end| *end > least && *end < most);
        let ends: Vec<i64> = between.chain([least, most]).collect();
        let expected: Vec<_> = ends.iter().map(|end| first_since(entries, start, *end, timestamp)).collect();
        assert!(
            expected.contains(&found),
            "{what}: {found:?} is the first from {timestamp}, not {expected:?}"
        );
        let visible = |end: i64| {
            let mut newest = None;
            while let Some((_, time)) =
                first_since(entries, start, end, newest.map_or(i64::MIN, |newest| newest + 1))
            {
                newest = Some(time);
            }
            newest
        };
        let expected: Vec<_> = ends.into_iter().map(visible).collect();
        assert!(expected.contains(&newest), "{what}: {newest:?} is the newest timestamp, not {expected:?}");
    }

    fn look_up_epochs(&mut self, index: usize) {
        let model = &self.logs[index];
        if model.has_suspects() || model.is_compacted() {
            return;
        }
        let log = model.log();
        let (what, start, end) = (self.what(index), log.offsets().log_start.0, log.offsets().log_end.0);
        let left = model.held().iter().filter(|entry| entry.end > start);
        for epoch in left.clone().map(|entry| entry.leader_epoch) {
            let next = left.clone().find(|entry| entry.leader_epoch > epoch);
            let expected = (epoch, Offset(next.map_or(end, |next| next.base)));
            assert_eq!(log.epoch_end_offset(epoch), Some(expected), "{what}: the end of epoch {epoch}");
        }
    }

    /// Reads where the log is not.
    fn read_outside(&mut self, index: usize) {
        let offsets = self.log(index).offsets();
        for from in [offsets.log_start.0 - 1, offsets.log_end.0 + 1] {
            let result =
                self.finish(self.log(index).read(Offset(from), ReadOptions::default()).into_future());
            let error = result.err().map(|error| error.error_code());
            assert_eq!(error, Some(ErrorCode::OFFSET_OUT_OF_RANGE), "{}: read at {from}", self.what(index));
        }
    }

    fn remove(&mut self, index: usize) {
        self.disk.release();
        self.settle();
        let (name, topic_id) = (self.logs[index].name.clone(), self.logs[index].topic_id);
        self.logs[index].waiting.clear();
        let had_files = self.logs[index].log().size() > 0;
        match self.finish(self.storage().remove_log(&name)) {
            Ok(()) => {
                if had_files {
                    self.removed.push(topic_id);
                }
                self.make_again(index);
            }
            Err(error) => {
                assert!(self.is_excused(), "{}: it is not removed: {error}", self.what(index));
                self.logs[index].is_leaving = true;
                self.end_life(End::Kill);
            }
        }
    }

    /// Leaves little room on the disk, or none.
    fn fill_up(&mut self) {
        self.is_faulty = true;
        self.disk.set_capacity(Some(self.disk.used_bytes() + 4_096 * self.rng.below(4)));
    }

    /// Makes the next write to the end of a log land in another place.
    fn misdirect(&mut self, index: usize) {
        let model = &self.logs[index];
        let is_open = !Model::open(&model.entries).is_empty();
        if model.is_compacted()
            || is_open
            || model.has_suspects()
            || self.is_excused()
            || self.disk.held() > 0
            || model.log().size() < 2_000
        {
            return;
        }
        self.disk.release();
        let before = self.disk.misdirected().len();
        self.disk.misdirect_write(&format!("{}/{}", self.logs[index].name, "0000"));
        drop(self.append(index));
        for astray in self.disk.misdirected().split_off(before) {
            self.logs[index].astray += astray.landed.end.saturating_sub(astray.meant.end);
            // A segment that was begun with its room was opened before it had its name.
            let path = match astray.path.extension().is_some_and(|last| last == "cleaned") {
                true => astray.path.with_extension(""),
                false => astray.path,
            };
            self.suspect(index, &path, &[astray.meant, astray.landed]);
        }
        // What was checked before in this life is not checked again.
        let end = self.draw(&[End::Kill, End::Power, End::Close, End::Close]);
        self.end_life(end);
    }
}

fn before_of(model: &Model) -> i64 {
    model.log().offsets().log_start.0
}
