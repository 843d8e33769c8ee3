//! Which batches of one answer belong to transactions that were aborted (`read_committed`).
//!
//! The broker names the aborted transactions that touch an answer; each lasts from its first offset
//! to the abort marker in the log. Batches in between, of the same producer, are not handed out.

use std::collections::BTreeSet;

use bytes::Bytes;
use ottla_protocol::messages::fetch::AbortedTransaction;
use ottla_protocol::records::{Batch, ControlRecord, ControlRecordType};
use ottla_protocol::wire::DecodeLimits;

/// The aborted transactions of one answer.
#[derive(Debug, Default)]
pub(crate) struct Aborted {
    /// Those that begin later, the next one last.
    to_come: Vec<(i64, i64)>,
    /// Producers with one that has begun.
    open: BTreeSet<i64>,
}

impl Aborted {
    pub(crate) fn new(transactions: &[AbortedTransaction]) -> Self {
        let mut to_come: Vec<_> =
            transactions.iter().map(|aborted| (aborted.first_offset, aborted.producer_id)).collect();
        to_come.sort_unstable_by(|one, other| other.cmp(one));
        Self { to_come, open: BTreeSet::new() }
    }

    /// Whether `batch`, the next one of the answer, must not be handed out.
    pub(crate) fn hides(&mut self, batch: &Batch) -> bool {
        let header = batch.header();
        while let Some((first_offset, producer_id)) = self.to_come.last().copied()
            && first_offset <= header.last_offset()
        {
            self.to_come.pop();
            self.open.insert(producer_id);
        }
        if header.attributes.is_control() {
            if is_abort_marker(batch) {
                self.open.remove(&header.producer_id);
            }
            return true;
        }
        header.attributes.is_transactional() && self.open.contains(&header.producer_id)
    }
}

fn is_abort_marker(batch: &Batch) -> bool {
    let Ok(records) = batch.records(&DecodeLimits::DEFAULT) else { return false };
    let Some(Ok(record)) = records.iter().next() else { return false };
    ControlRecord::parse(&record).is_ok_and(|control| control.kind == ControlRecordType::Abort)
}

/// The record data of a partition, cut into whole batches; what is behind the last whole one is the
/// beginning of a batch that did not fit, and comes with the next answer.
pub(crate) fn whole_batches(
    mut data: Bytes,
) -> impl Iterator<Item = Result<Batch, ottla_protocol::records::BatchError>> {
    std::iter::from_fn(move || {
        let next = Batch::split_first(&mut data);
        if next.is_err() {
            data = Bytes::new();
        }
        next.transpose()
    })
}

#[cfg(test)]
mod tests {
    use ottla_protocol::records::{BatchBuilder, BatchOptions, EndTxnMarker};

    use super::*;

    fn transactional(producer_id: i64, base_offset: i64) -> Batch {
        let options = BatchOptions::default()
            .with_place(base_offset, 0)
            .with_producer(producer_id, 0, 0)
            .with_transactional();
        let mut builder = BatchBuilder::new(options);
        builder.try_append(1, None, Some(b"x"), &[]).unwrap();
        Batch::parse(builder.build().unwrap()).unwrap()
    }

    fn marker(producer_id: i64, base_offset: i64, committed: bool) -> Batch {
        let options = BatchOptions::default()
            .with_place(base_offset, 0)
            .with_producer(producer_id, 0, -1)
            .with_transactional()
            .with_control();
        let mut builder = BatchBuilder::new(options);
        let kind = if committed { ControlRecordType::Commit } else { ControlRecordType::Abort };
        let key = [0i16.to_be_bytes(), kind.id().to_be_bytes()].concat();
        builder.try_append(1, Some(&key), Some(&[0, 0, 0, 0, 0, 0]), &[]).unwrap();
        let _ = EndTxnMarker::parse;
        Batch::parse(builder.build().unwrap()).unwrap()
    }

    fn aborted(producer_id: i64, first_offset: i64) -> AbortedTransaction {
        let mut aborted = AbortedTransaction::default();
        (aborted.producer_id, aborted.first_offset) = (producer_id, first_offset);
        aborted
    }

    #[test]
    fn only_the_producer_that_aborted_is_hidden_and_only_until_its_marker() {
        let mut hidden = Aborted::new(&[aborted(7, 10)]);
        assert!(!hidden.hides(&transactional(7, 5)), "an earlier transaction of the same producer");
        assert!(hidden.hides(&transactional(7, 10)));
        assert!(!hidden.hides(&transactional(8, 11)));
        assert!(hidden.hides(&transactional(7, 12)));
        assert!(hidden.hides(&marker(7, 13, false)), "markers are never handed out");
        assert!(!hidden.hides(&transactional(7, 14)));
    }

    #[test]
    fn a_commit_marker_of_another_producer_ends_nothing() {
        let mut hidden = Aborted::new(&[aborted(7, 0)]);
        assert!(hidden.hides(&transactional(7, 0)));
        assert!(hidden.hides(&marker(8, 1, true)));
        assert!(hidden.hides(&transactional(7, 2)));
    }
}
