//! One segment held against itself: its batches, and what its indexes say about them.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use ottla_protocol::records::{BATCH_HEADER_LEN, Batch, BatchError, BatchHeader, MAGIC_V2, magic_of};
use ottla_protocol::wire::DecodeLimits;

use super::caches::{Aborted, Indexes};
use super::finding::{Finding, Flaw, Mend, Problem, Report};
use crate::disk::wait::block_on;
use crate::disk::{Disk, File};
use crate::log::replay::end_marker;
use crate::segment::walk::{BATCH_BYTES_MAX, DATA_AHEAD, Next, Walk, next_good};
use crate::segment::{Segment, SegmentState, Suffix, file_name};

/// What is known of a log when one of its segments is looked at.
#[derive(Debug)]
pub(super) struct Around {
    /// Up to where a sync is known to have covered the log.
    pub(super) covered: i64,
    /// Whether no segment follows.
    pub(super) is_last: bool,
    /// Where the next segment begins.
    pub(super) bound: i64,
    /// First offsets of the transactions that are open, by producer; `None` where their beginnings were not seen.
    pub(super) open: Option<BTreeMap<i64, i64>>,
    /// What the log says of its leader epochs: epochs and where they begin; `None` once one was found wrong, or unknown.
    pub(super) epochs: Option<Vec<(i32, i64)>>,
    /// The leader epochs that the batches are of, and where each began.
    pub(super) seen_epochs: Vec<(i32, i64)>,
    /// Whether the file of leader epochs was found wrong.
    pub(super) epochs_are_wrong: bool,
}

/// Looks at a segment of `len` bytes. Answers the offset behind its last batch.
pub(super) fn examine(
    disk: &Arc<dyn Disk>,
    dir: &Arc<Path>,
    base: i64,
    len: u32,
    around: &mut Around,
    report: &mut Report,
) -> io::Result<i64> {
    let state = SegmentState { len, ..SegmentState::default() };
    let segment = Segment::new(Arc::clone(disk), Arc::clone(dir), base, state);
    let file = disk.open(&segment.path(Suffix::Log), crate::disk::OpenMode::Read)?;
    let indexes = Indexes::read(disk.as_ref(), &segment, len, around.is_last)?;
    report.counts.segments += 1;
    report.counts.bytes += u64::from(len);
    let mut look = Look {
        segment: &segment,
        file,
        len,
        next_offset: base,
        around,
        indexes,
        aborted: Vec::new(),
        codec_told: false,
        report,
    };
    look.batches()?;
    let (next_offset, aborted) = (look.next_offset, std::mem::take(&mut look.aborted));
    let Look { indexes, around, report, .. } = look;
    indexes.end(&segment, report);
    let knows_all = around.open.is_some();
    super::caches::transactions(disk.as_ref(), &segment, next_offset, (&aborted, knows_all), report)?;
    Ok(next_offset)
}

/// A look at a segment, on its way.
struct Look<'a> {
    segment: &'a Segment,
    file: Arc<dyn File>,
    len: u32,
    next_offset: i64,
    around: &'a mut Around,
    indexes: Indexes,
    aborted: Vec<Aborted>,
    codec_told: bool,
    report: &'a mut Report,
}

impl Look<'_> {
    fn batches(&mut self) -> io::Result<()> {
        let mut walk = Walk::new(Arc::clone(&self.file), 0, self.len, DATA_AHEAD);
        loop {
            let position = walk.position();
            match block_on(walk.next_batch())? {
                Next::End => return Ok(()),
                Next::Found(batch) => {
                    if !self.in_order(batch.header(), position, walk.position())? {
                        return Ok(());
                    }
                    self.batch(&batch, position);
                }
                Next::Bad => match self.damage(position)? {
                    Some(resume) => walk.jump(resume),
                    None => return Ok(()),
                },
            }
        }
    }

    /// Whether a batch has its place. Answers `false` where the rest of the file is no part of the log.
    fn in_order(&mut self, header: &BatchHeader, position: u32, end: u32) -> io::Result<bool> {
        let (first, last) = (header.base_offset, header.last_offset());
        let bound = self.around.bound;
        if first >= self.next_offset && last < bound {
            return Ok(true);
        }
        let torn = self.around.is_last && self.next_offset >= self.around.covered;
        self.indexes.damage(position, if torn { self.len } else { end });
        let mend = if torn { Some(self.cut(position)?) } else { None };
        let problem = Problem::OffsetsOutOfOrder { first, last, expected: self.next_offset, bound };
        self.tell(Some((position, end)), problem, mend);
        Ok(!torn)
    }

    fn batch(&mut self, batch: &Batch, position: u32) {
        let header = batch.header();
        self.report.counts.batches += 1;
        if header.has_producer_id() {
            let greatest = &mut self.report.counts.producer_id_max;
            *greatest = (*greatest).max(Some(header.producer_id));
        }
        self.records(batch, position);
        self.epoch(header, position);
        self.transaction(batch);
        self.indexes.batch(self.segment.relative(header.last_offset()), header.max_timestamp, position);
        self.next_offset = self.next_offset.max(header.next_offset());
    }

    /// Holds the records of a batch against its header.
    fn records(&mut self, batch: &Batch, position: u32) {
        let header = batch.header();
        let wrong = match batch.records(&DecodeLimits::DEFAULT) {
            Ok(records) => {
                let (mut count, mut after, mut wrong) = (0_i64, -1, None);
                for record in &records {
                    match record {
                        Ok(record)
                            if record.offset <= after.max(header.base_offset - 1)
                                || record.offset > header.last_offset() =>
                        {
                            wrong = Some(format!("its record {count} has offset {}", record.offset));
                        }
                        Ok(record) => after = record.offset,
                        Err(error) => wrong = Some(error.to_string()),
                    }
                    count += 1;
                    if wrong.is_some() {
                        break;
                    }
                }
                self.report.counts.records += count.unsigned_abs();
                let claimed = i64::from(header.records_count);
                wrong.or_else(|| (count != claimed).then(|| format!("{count} records instead of {claimed}")))
            }
            Err(error @ BatchError::CodecNotEnabled { .. }) => {
                if !std::mem::replace(&mut self.codec_told, true) {
                    self.tell(None, Problem::CodecMissing(error.to_string()), None);
                }
                None
            }
            Err(error) => Some(error.to_string()),
        };
        if let Some(why) = wrong {
            let end = position.saturating_add(u32::try_from(header.size()).unwrap_or(u32::MAX));
            self.tell(Some((position, end)), Problem::Records { offset: header.base_offset, why }, None);
        }
    }

    fn epoch(&mut self, header: &BatchHeader, position: u32) {
        let (offset, found) = (header.base_offset, header.partition_leader_epoch);
        let seen = &mut self.around.seen_epochs;
        if found >= 0 && seen.last().is_none_or(|(last, _)| *last < found) {
            seen.push((found, offset));
        }
        let Some(epochs) = &self.around.epochs else { return };
        let before = epochs.partition_point(|(_, start)| *start <= offset);
        let told = before.checked_sub(1).map_or(-1, |last| epochs[last].0);
        // Below the first entry records were deleted, and the newest batches may not be written down yet.
        let unknown =
            found < 0 || told < 0 && !epochs.is_empty() || found > told && offset >= self.around.covered;
        if found != told && !unknown {
            (self.around.epochs, self.around.epochs_are_wrong) = (None, true);
            let end = position.saturating_add(u32::try_from(header.size()).unwrap_or(u32::MAX));
            self.tell(Some((position, end)), Problem::Epochs { offset, found, told }, None);
        }
    }

    fn transaction(&mut self, batch: &Batch) {
        let header = batch.header();
        let Some(open) = &mut self.around.open else { return };
        if !header.attributes.is_control() {
            if header.attributes.is_transactional() && header.has_producer_id() && header.records_count > 0 {
                open.entry(header.producer_id).or_insert(header.base_offset);
            }
            return;
        }
        let Ok(Some(marker)) = end_marker(batch) else { return };
        if let Some(first_offset) = open.remove(&header.producer_id)
            && !marker.committed
        {
            let last_offset = header.last_offset();
            self.aborted.push(Aborted {
                first_offset,
                producer_id: header.producer_id,
                last_offset,
                last_stable_offset: open.values().min().map_or(last_offset + 1, |first| *first),
            });
        }
    }

    /// Tells of bytes that are no batch. Answers where to go on, if anywhere.
    fn damage(&mut self, position: u32) -> io::Result<Option<u32>> {
        let flaw = flaw(&self.file, position, self.len)?;
        let offset = self.next_offset;
        if matches!(flaw, Flaw::Magic(_)) {
            // Somebody can read it, and nobody here can tell where it ends.
            self.indexes.damage(position, self.len);
            self.tell(Some((position, self.len)), Problem::Damaged { flaw, offset }, None);
            return Ok(None);
        }
        let resume = block_on(next_good(&self.file, position, self.len, offset))?;
        if self.around.is_last && offset >= self.around.covered {
            let mend = self.cut(position)?;
            let (batches_behind, records_behind) = match &mend {
                Mend::Cut { batches, records, .. } => (*batches, *records),
                _ => (0, 0),
            };
            let problem = Problem::TornEnd { flaw, offset, batches_behind, records_behind };
            self.indexes.damage(position, self.len);
            self.tell(Some((position, self.len)), problem, Some(mend));
            return Ok(None);
        }
        let end = resume.unwrap_or(self.len);
        self.indexes.damage(position, end);
        self.tell(Some((position, end)), Problem::Damaged { flaw, offset }, None);
        Ok(resume)
    }

    /// What it takes to end the log at a position, and what goes with it.
    fn cut(&self, position: u32) -> io::Result<Mend> {
        let (mut batches, mut records) = (0, 0);
        let mut walk = Walk::new(Arc::clone(&self.file), position, self.len, DATA_AHEAD);
        loop {
            let at = walk.position();
            match block_on(walk.next_batch())? {
                Next::Found(batch) => {
                    batches += 1;
                    records += u64::from(batch.header().records_count.max(0).unsigned_abs());
                }
                Next::End => break,
                Next::Bad => match block_on(next_good(&self.file, at, self.len, 0))? {
                    Some(resume) => walk.jump(resume),
                    None => break,
                },
            }
        }
        let segment = self.segment.path(Suffix::Log);
        let copy = segment.with_file_name(file_name(self.next_offset, Suffix::Cut));
        let bytes = u64::from(position)..u64::from(self.len);
        Ok(Mend::Cut { segment, bytes, offset: self.next_offset, copy, batches, records })
    }

    fn tell(&mut self, bytes: Option<(u32, u32)>, problem: Problem, mend: Option<Mend>) {
        let bytes = bytes.map(|(from, to)| u64::from(from)..u64::from(to));
        self.report.findings.push(Finding { path: self.segment.path(Suffix::Log), bytes, problem, mend });
    }
}

/// Why no whole batch stands at a position.
pub(super) fn flaw(file: &Arc<dyn File>, position: u32, len: u32) -> io::Result<Flaw> {
    let left = len - position;
    let head = file.read_blocking(u64::from(position), BATCH_HEADER_LEN.min(left as usize))?;
    if head.iter().all(|byte| *byte == 0) {
        return Ok(Flaw::Zeros);
    }
    if head.len() < BATCH_HEADER_LEN {
        return Ok(Flaw::Short { left: u64::from(left) });
    }
    if let Some(magic) = magic_of(&head).filter(|magic| (0..MAGIC_V2).contains(magic)) {
        return Ok(Flaw::Magic(magic));
    }
    let Ok(header) = BatchHeader::parse(&head) else { return Ok(Flaw::Header) };
    if header.base_offset < 0 || header.last_offset_delta < 0 || header.size() > BATCH_BYTES_MAX {
        return Ok(Flaw::Header);
    }
    if header.size() > left as usize {
        return Ok(Flaw::Cut { size: header.size() as u64, left: u64::from(left) });
    }
    let bytes = file.read_blocking(u64::from(position), header.size())?;
    Ok(match Batch::parse(bytes) {
        Ok(batch) if !batch.crc_is_valid() => {
            Flaw::Checksum { stored: batch.header().crc, computed: batch.computed_crc() }
        }
        _ => Flaw::Header,
    })
}
