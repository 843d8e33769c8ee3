//! The `.txnindex` of a segment: what of it is not written yet, and writing it.
//!
//! What is in it is in [`crate::aborted`].

use std::io::{self, IoSlice};
use std::sync::Arc;

use super::{Segment, Stage, Suffix};
use crate::aborted::{ENTRY_LEN, SegmentAborted, Summary, encode};
use crate::disk::{File, OpenMode};
use crate::lock::lock;

/// Entries on their way to the file.
#[derive(Debug)]
pub(crate) struct UnwrittenAborted {
    /// How many are in the file before them.
    at: usize,
    /// How many are in it then.
    entries: usize,
    bytes: Vec<u8>,
}

impl Segment {
    /// What is to be known again of its index, given where the oldest transaction began that is open behind what it holds.
    pub(crate) fn summary(&self, open_from: Option<i64>) -> Summary {
        match self.state().aborted.known() {
            Some(known) => Summary::new(self.base_offset, &known.entries, open_from),
            None => Summary::UNKNOWN,
        }
    }

    /// The entries that are not in the file, or not safely. `None` when all are.
    pub(crate) fn unwritten_aborted(&self) -> Option<UnwrittenAborted> {
        let state = self.state();
        let known = state.aborted.known()?;
        let (at, entries) = (known.in_file, known.entries.len());
        (at != entries).then(|| UnwrittenAborted { at, entries, bytes: encode(&known.entries[at..]) })
    }

    /// Writes what [`unwritten_aborted`](Self::unwritten_aborted) found, without syncing it, and answers the file.
    pub(crate) fn write_unwritten_aborted(
        &self,
        unwritten: &UnwrittenAborted,
    ) -> io::Result<Option<Arc<dyn File>>> {
        self.write_aborted(unwritten.at, &unwritten.bytes)
    }

    /// Takes note that these entries, and the file, are on stable storage.
    pub(crate) fn aborted_are_synced(&self, unwritten: &UnwrittenAborted) {
        if let SegmentAborted::Known(known) = &mut self.state().aborted {
            known.in_file = known.in_file.max(unwritten.entries.min(known.entries.len()));
        }
    }

    /// Makes the file end with `bytes` behind `at` entries, without syncing it. Without any entry there is no file.
    pub(crate) fn write_aborted(&self, at: usize, bytes: &[u8]) -> io::Result<Option<Arc<dyn File>>> {
        let _one_at_a_time = lock(&self.writing_index);
        let path = self.path(Suffix::TxnIndex);
        if self.stage() == Stage::Deleted {
            return Ok(None);
        }
        if at == 0 && bytes.is_empty() {
            return match self.disk.remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(None),
            };
        }
        let file = self.disk.open(&path, OpenMode::Create)?;
        let at = (at * ENTRY_LEN) as u64;
        file.write_blocking(&[IoSlice::new(bytes)], at)?;
        let end = at + bytes.len() as u64;
        if file.len()? != end {
            file.truncate(end)?;
        }
        Ok(Some(file))
    }
}
