//! Which batches belong to aborted transactions, and when the marker at the end of a transaction may go.
//!
//! The rules are those of Kafka's `CleanedTransactionMetadata`: data of aborted transactions goes; a
//! marker goes only once no batch of its transaction is left. Where transactions were aborted comes
//! in as data; it is found out in [`super::aborted`].

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ottla_protocol::records::BatchHeader;

use crate::aborted::AbortedEntry;

/// What a control batch says, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Marker {
    Commit,
    Abort,
    /// Its record is gone: nothing of its transaction was left.
    Empty,
    /// Something else, which stays.
    Other,
}

/// The transactions that are open at the place which a pass over the log has reached.
#[derive(Debug, Default)]
pub(crate) struct Transactions {
    /// Those that were aborted and not come upon yet, in order of their first offsets.
    aborted: VecDeque<AbortedEntry>,
    /// By producer; with whether a batch of it was come upon.
    open_aborted: BTreeMap<i64, (AbortedEntry, bool)>,
    open_committed: BTreeSet<i64>,
    /// Aborted ones of which something is left, since they were last taken.
    left: Vec<AbortedEntry>,
}

impl Transactions {
    /// Begins a pass over a part of the log in which these were aborted.
    pub(crate) fn new(mut aborted: Vec<AbortedEntry>) -> Self {
        aborted.sort_unstable();
        Self { aborted: aborted.into(), ..Self::default() }
    }

    /// Takes note of a batch of records. Answers whether it was aborted.
    pub(crate) fn on_data(&mut self, header: &BatchHeader) -> bool {
        self.come_to(header.last_offset());
        if !header.attributes.is_transactional() {
            return false;
        }
        match self.open_aborted.get_mut(&header.producer_id) {
            // Behind its end it is another transaction's, whatever became of the marker.
            Some((aborted, seen)) if header.base_offset < aborted.last_offset => {
                *seen = true;
                true
            }
            _ => {
                self.open_committed.insert(header.producer_id);
                false
            }
        }
    }

    /// Takes note of a control batch. Answers whether nothing of its transaction is left.
    pub(crate) fn on_marker(&mut self, header: &BatchHeader, marker: Marker) -> bool {
        self.come_to(header.last_offset());
        match marker {
            Marker::Abort => match self.open_aborted.remove(&header.producer_id) {
                Some((aborted, true)) => {
                    self.left.push(aborted);
                    false
                }
                _ => true,
            },
            Marker::Commit => !self.open_committed.remove(&header.producer_id),
            Marker::Empty => true,
            Marker::Other => false,
        }
    }

    /// The aborted transactions of which something was left since the last call, to be indexed.
    pub(crate) fn take_left(&mut self) -> Vec<AbortedEntry> {
        std::mem::take(&mut self.left)
    }

    fn come_to(&mut self, offset: i64) {
        while let Some(next) = self.aborted.front().filter(|next| next.first_offset <= offset) {
            let open = self.open_aborted.entry(next.producer_id).or_insert((*next, false));
            if open.0.last_offset < next.first_offset {
                *open = (*next, false);
            }
            self.aborted.pop_front();
        }
    }
}
