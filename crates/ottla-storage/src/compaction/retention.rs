//! What becomes of each batch: kept as it is, written anew with fewer records, left empty, or gone.
//!
//! The rules are those of Kafka 4.3 (`Cleaner`, `MemoryRecords.filterTo`; KIP-534 for tombstones). Here
//! only bytes go in and out; which segments they are from is decided in [`super::pass`].
//!
//! # Where ottla keeps more
//!
//! - All remembered batches of a producer stay, empty if need be, where Kafka keeps the last one: so
//!   all its retries are recognized even when every snapshot is lost.
//! - The last batch of every new segment stays, empty if need be, so that it ends where the next one
//!   begins. A hole would look like writes that never arrived.
//! - A batch that cannot be unpacked within the limits is left untouched, and no tombstone behind it goes: what it
//!   would delete may be in there.

use std::collections::{BTreeMap, BTreeSet};

use ottla_protocol::records::{
    Batch, BatchError, BatchHeader, BuildError, ControlRecord, ControlRecordType, SelectableRecord,
    Selection, write_empty_batch,
};
use ottla_protocol::wire::DecodeLimits;

use super::offset_map::{Full, OffsetMap};
use super::transactions::{Marker, Transactions};
use crate::planted;
use crate::producers::Producers;

/// Why a batch could be neither kept nor left out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BadBatch {
    #[error("batch at offset {offset}: {source}")]
    Read { offset: i64, source: BatchError },
    #[error("batch at offset {offset}: {source}")]
    Write { offset: i64, source: BuildError },
}

/// Which batches of producers that may still send something have to stay.
#[derive(Debug, Default)]
pub(crate) struct ActiveProducers {
    /// Last offsets of remembered batches.
    remembered: BTreeSet<i64>,
    /// Producers of whom only a marker is known, and their epoch.
    only_marker: BTreeMap<i64, i16>,
}

impl ActiveProducers {
    pub(crate) fn new(producers: &Producers) -> Self {
        let mut active = Self::default();
        for (id, producer) in producers.iter() {
            active.remembered.extend(producer.batches().iter().map(|batch| batch.last_offset));
            if producer.batches().is_empty() {
                active.only_marker.insert(id, producer.epoch);
            }
        }
        active
    }

    fn need(&self, header: &BatchHeader) -> bool {
        header.has_producer_id()
            && (self.remembered.contains(&header.last_offset())
                || header.attributes.is_control()
                    && self.only_marker.get(&header.producer_id) == Some(&header.producer_epoch))
    }
}

/// What happened so far, for the log and for tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) batches: u64,
    pub(crate) batches_kept: u64,
    pub(crate) records: u64,
    pub(crate) records_kept: u64,
    /// Records without a key, which nobody could ever supersede.
    pub(crate) without_key: u64,
    /// Batches that were not unpacked.
    pub(crate) untouched: u64,
}

/// Enters the keys of one batch into the map; of aborted transactions none.
pub(crate) fn index(
    batch: &Batch,
    map: &mut OffsetMap,
    transactions: &mut Transactions,
    selection: &mut Selection,
    limits: &DecodeLimits,
) -> Result<Result<(), Full>, BadBatch> {
    let header = batch.header();
    if header.attributes.is_control() {
        transactions.on_marker(header, marker(batch)?);
    } else if !transactions.on_data(header) && header.records_count > 0 {
        match batch.records(limits) {
            Ok(records) => {
                let mut outcome = Ok(());
                let walked = selection.walk(header, records.bytes(), |record| {
                    if let (Ok(()), Some(key)) = (outcome, record.key) {
                        outcome = map.put(key, record.offset);
                    }
                    false
                });
                walked.map_err(|source| BadBatch::Read { offset: header.base_offset, source })?;
                if outcome.is_err() {
                    return Ok(outcome);
                }
            }
            Err(error) if is_beyond_us(&error) => {}
            Err(source) => return Err(BadBatch::Read { offset: header.base_offset, source }),
        }
    }
    Ok(map.advance(header.last_offset()))
}

/// The pass that copies what is kept.
#[derive(Debug)]
pub(crate) struct Filter {
    pub(crate) map: OffsetMap,
    pub(crate) transactions: Transactions,
    pub(crate) producers: ActiveProducers,
    pub(crate) now_ms: i64,
    pub(crate) delete_retention_ms: i64,
    pub(crate) limits: DecodeLimits,
    pub(crate) selection: Selection,
    pub(crate) counts: Counts,
    /// A batch was not looked into, so tombstones behind it stay.
    pub(crate) is_blind: bool,
}

impl Filter {
    /// Appends what stays of a batch to `out`. `is_last` says that it is the last of its new segment.
    pub(crate) fn copy(&mut self, batch: &Batch, is_last: bool, out: &mut Vec<u8>) -> Result<(), BadBatch> {
        let header = batch.header();
        let is_control = header.attributes.is_control();
        let records_count = u64::try_from(header.records_count).unwrap_or(0);
        self.counts.batches += 1;
        self.counts.records += records_count;
        let is_void = match is_control {
            true => self.transactions.on_marker(header, marker(batch)?),
            false => self.transactions.on_data(header),
        };
        // A marker outlives its transaction by the time that a tombstone outlives its key.
        let is_due = header.delete_horizon().is_some_and(|horizon| horizon <= self.now_ms);
        let stays_empty = is_last || self.producers.need(header);
        let offset = header.base_offset;
        let before = out.len();
        let is_due = is_due || planted::is("markers_dropped") && is_control;
        let is_void = is_void || planted::is("markers_dropped") && is_control;
        if header.records_count == 0 || is_void && (!is_control || is_due) {
            self.end_empty(header, stays_empty, out);
            return Ok(());
        }
        let records = match batch.records(&self.limits) {
            Ok(records) => records,
            Err(error) if is_beyond_us(&error) => {
                self.is_blind = true;
                self.counts.untouched += 1;
                self.keep_all(batch, records_count, out);
                return Ok(());
            }
            Err(source) => return Err(BadBatch::Read { offset, source }),
        };
        let keeps_tombstones =
            self.is_blind || header.delete_horizon().is_none_or(|horizon| self.now_ms < horizon);
        let keeps_tombstones = keeps_tombstones && !planted::is("tombstones_at_once");
        let mut without_key = 0;
        let map = &self.map;
        let keep = |record: SelectableRecord<'_>| {
            if is_control || record.offset > map.latest() {
                return true;
            }
            let Some(key) = record.key else {
                without_key += 1;
                return false;
            };
            (record.has_value || keeps_tombstones) && map.is_last(key, record.offset)
        };
        let walked = self.selection.walk(header, records.bytes(), keep);
        walked.map_err(|source| BadBatch::Read { offset, source })?;
        self.counts.without_key += without_key;
        if self.selection.kept() == 0 {
            self.end_empty(header, stays_empty, out);
            return Ok(());
        }
        let needs_horizon =
            (self.selection.has_tombstone() || is_control && is_void) && header.delete_horizon().is_none();
        if self.selection.dropped() == 0 && !needs_horizon {
            self.keep_all(batch, records_count, out);
            return Ok(());
        }
        let retention_ms = if planted::is("wrong_delete_horizon") { 0 } else { self.delete_retention_ms };
        let horizon = needs_horizon.then(|| self.now_ms.saturating_add(retention_ms));
        let written = self.selection.write(header, records.bytes(), horizon, out);
        written.map_err(|source| BadBatch::Write { offset, source })?;
        debug_assert!(out.len() > before, "something was kept");
        self.counts.batches_kept += 1;
        self.counts.records_kept += self.selection.kept() as u64;
        Ok(())
    }

    fn keep_all(&mut self, batch: &Batch, records_count: u64, out: &mut Vec<u8>) {
        out.extend_from_slice(batch.bytes());
        self.counts.batches_kept += 1;
        self.counts.records_kept += records_count;
    }

    fn end_empty(&mut self, header: &BatchHeader, stays: bool, out: &mut Vec<u8>) {
        if stays {
            write_empty_batch(header, out);
            self.counts.batches_kept += 1;
        }
    }
}

/// What a control batch says.
pub(crate) fn marker(batch: &Batch) -> Result<Marker, BadBatch> {
    let failed = |source| BadBatch::Read { offset: batch.header().base_offset, source };
    let records = batch.records(&DecodeLimits::DEFAULT).map_err(failed)?;
    let Some(record) = records.iter().next() else { return Ok(Marker::Empty) };
    let control = ControlRecord::parse(&record.map_err(failed)?).map_err(failed)?;
    Ok(match control.kind {
        ControlRecordType::Abort => Marker::Abort,
        ControlRecordType::Commit => Marker::Commit,
        _ => Marker::Other,
    })
}

/// Whether this build, within its limits, cannot look into a batch that is whole all the same.
fn is_beyond_us(error: &BatchError) -> bool {
    matches!(
        error,
        BatchError::DecompressedTooLarge { .. }
            | BatchError::CodecNotEnabled { .. }
            | BatchError::UnknownCompression { .. }
    )
}

#[cfg(test)]
mod tests;
