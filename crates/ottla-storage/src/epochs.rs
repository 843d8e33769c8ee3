//! Which leader epoch began at which offset of a log (KIP-101, KIP-279).
//!
//! The list and the answers it gives live here; its file is `leader-epoch-checkpoint`, written by
//! the log and rebuilt from the batches, each of which carries its epoch.

/// Where an epoch begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Epoch {
    pub(crate) epoch: i32,
    pub(crate) start_offset: i64,
}

/// The epochs of a log, both epochs and offsets rising.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Epochs(Vec<Epoch>);

impl Epochs {
    pub(crate) fn new(entries: impl IntoIterator<Item = Epoch>) -> Self {
        let mut epochs = Self::default();
        for entry in entries {
            epochs.assign(entry.epoch, entry.start_offset);
        }
        epochs
    }

    pub(crate) fn entries(&self) -> &[Epoch] {
        &self.0
    }

    /// Each epoch and where it begins.
    pub(crate) fn pairs(&self) -> Vec<(i32, i64)> {
        self.0.iter().map(|entry| (entry.epoch, entry.start_offset)).collect()
    }

    pub(crate) fn latest(&self) -> Option<i32> {
        self.0.last().map(|entry| entry.epoch)
    }

    /// The epoch of the record at `offset`; `None` below the first.
    pub(crate) fn at(&self, offset: i64) -> Option<i32> {
        let above = self.0.partition_point(|entry| entry.start_offset <= offset);
        above.checked_sub(1).map(|at| self.0[at].epoch)
    }

    /// Takes note of a batch at `offset`. Only an epoch newer than the last begins something.
    pub(crate) fn assign(&mut self, epoch: i32, offset: i64) {
        if epoch >= 0 && self.latest().is_none_or(|latest| latest < epoch) {
            // An epoch without records gives its place to the one that has some.
            self.truncate(offset);
            self.0.push(Epoch { epoch, start_offset: offset });
        }
    }

    /// Gives back memory that was kept for entries to come.
    pub(crate) fn shrink(&mut self) {
        self.0.shrink_to_fit();
    }

    /// Forgets epochs that begin at `end` or behind it.
    pub(crate) fn truncate(&mut self, end: i64) {
        let keep = self.0.partition_point(|entry| entry.start_offset < end);
        self.0.truncate(keep);
    }

    /// Forgets what is said about offsets below `start`. The epoch that the record at `start` is of, or would be, begins
    /// there now. Answers whether anything changed.
    pub(crate) fn truncate_start(&mut self, start: i64) -> bool {
        let below = self.0.partition_point(|entry| entry.start_offset <= start);
        let Some(last) = below.checked_sub(1) else { return false };
        let moved = last > 0 || self.0[last].start_offset != start;
        self.0[last].start_offset = start;
        self.0.drain(..last);
        moved
    }

    /// Where `epoch` ends: the largest known epoch that is not above it, and the offset at which
    /// the next one begins, or `log_end`. `None` for an epoch of the future, or without epochs.
    pub(crate) fn end_offset(&self, epoch: i32, log_end: i64) -> Option<(i32, i64)> {
        let latest = self.latest()?;
        if epoch > latest {
            return None;
        }
        if epoch == latest {
            return Some((latest, log_end));
        }
        let above = self.0.partition_point(|entry| entry.epoch <= epoch);
        let next = self.0.get(above)?;
        let found = above.checked_sub(1).map_or(epoch, |floor| self.0[floor].epoch);
        Some((found, next.start_offset))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epochs() -> Epochs {
        let mut epochs = Epochs::default();
        for (epoch, offset) in [(1, 0), (1, 5), (3, 10), (2, 12), (6, 20)] {
            epochs.assign(epoch, offset);
        }
        epochs
    }

    #[test]
    fn only_newer_epochs_begin_something() {
        let starts: Vec<_> =
            epochs().entries().iter().map(|entry| (entry.epoch, entry.start_offset)).collect();
        assert_eq!(starts, [(1, 0), (3, 10), (6, 20)]);
    }

    #[test]
    fn an_epoch_ends_where_the_next_begins() {
        let epochs = epochs();
        assert_eq!(epochs.end_offset(6, 30), Some((6, 30)));
        assert_eq!(epochs.end_offset(7, 30), None);
        assert_eq!(epochs.end_offset(5, 30), Some((3, 20)));
        assert_eq!(epochs.end_offset(3, 30), Some((3, 20)));
        assert_eq!(epochs.end_offset(2, 30), Some((1, 10)));
        assert_eq!(epochs.end_offset(0, 30), Some((0, 0)));
        assert_eq!(Epochs::default().end_offset(0, 30), None);
    }

    #[test]
    fn epochs_below_the_start_are_forgotten() {
        let starts = |epochs: &Epochs| -> Vec<_> {
            epochs.entries().iter().map(|entry| (entry.epoch, entry.start_offset)).collect()
        };
        let mut epochs = epochs();
        assert!(!epochs.truncate_start(0));
        assert!(epochs.truncate_start(7));
        assert_eq!(starts(&epochs), [(1, 7), (3, 10), (6, 20)]);
        assert!(!epochs.truncate_start(7));
        assert!(epochs.truncate_start(10));
        assert_eq!(starts(&epochs), [(3, 10), (6, 20)]);
        assert!(epochs.truncate_start(30));
        assert_eq!(starts(&epochs), [(6, 30)]);
        assert!(!Epochs::default().truncate_start(3));
    }

    #[test]
    fn an_epoch_without_records_is_replaced() {
        let mut epochs = epochs();
        epochs.assign(7, 20);
        assert_eq!(epochs.end_offset(3, 30), Some((3, 20)));
        assert_eq!(epochs.entries().last(), Some(&Epoch { epoch: 7, start_offset: 20 }));
    }
}
