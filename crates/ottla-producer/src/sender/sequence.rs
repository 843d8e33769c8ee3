//! The sequence numbers of one partition, by which its broker tells a retry from news (KIP-98, KIP-360).
//!
//! Batches get numbers when they are first sent and keep them through retries. When the broker turns
//! out to have lost track, or a number will never be used, the partition starts over under the next
//! epoch; only once nothing is in flight, so that no batch of the old epoch can come after.

use crate::batch::{Stamp, sequence_behind};

/// An id that the cluster gave to this producer, with its first epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ProducerIdentity {
    pub(crate) id: i64,
    pub(crate) epoch: i16,
}

/// The numbers of one partition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sequence {
    identity: Option<ProducerIdentity>,
    /// Number of the next batch that has none.
    next: i32,
    /// The number that the broker waits for: behind the last acknowledged one.
    expected: i32,
    /// Whether the broker has taken a batch of this identity.
    is_confirmed: bool,
    /// Whether a number that was given out may never be used.
    is_unresolved: bool,
    /// Whether to start over under the next epoch.
    must_restart: bool,
    /// Whether there is no next epoch.
    is_used_up: bool,
}

impl Sequence {
    /// Numbers a batch of `records` records. The first one takes on `identity`.
    pub(crate) fn assign(&mut self, identity: ProducerIdentity, records: u32) -> Stamp {
        let identity = *self.identity.get_or_insert(identity);
        let base_sequence = self.next;
        self.next = sequence_behind(base_sequence, records);
        Stamp { producer_id: identity.id, producer_epoch: identity.epoch, base_sequence }
    }

    /// Whether `stamp` is of an epoch that was left behind, so that its batch needs a new number.
    pub(crate) fn is_outdated(&self, stamp: Stamp) -> bool {
        self.identity != Some(ProducerIdentity { id: stamp.producer_id, epoch: stamp.producer_epoch })
    }

    /// A batch was written.
    pub(crate) fn acknowledged(&mut self, stamp: Stamp, records: u32) {
        if !self.is_outdated(stamp) {
            self.expected = sequence_behind(stamp.base_sequence, records);
            self.is_confirmed = true;
        }
    }

    /// Whether the broker may not know this identity yet. It then takes whatever number comes
    /// first, so that a second batch must not overtake a first one that fails.
    pub(crate) fn is_untried(&self) -> bool {
        self.identity.is_some() && !self.is_confirmed
    }

    /// Whether the broker cannot have taken `stamp`, as it has taken nothing behind it either.
    pub(crate) fn is_ahead(&self, stamp: Stamp) -> bool {
        // Half of all numbers lie ahead, and they wrap around.
        let distance = i64::from(stamp.base_sequence) - i64::from(self.expected);
        distance.rem_euclid(i64::from(i32::MAX) + 1) < i64::from(i32::MAX) / 2
    }

    /// A batch with a number failed for good, written or not.
    pub(crate) fn gave_up(&mut self) {
        self.is_unresolved = true;
    }

    /// The broker has lost track for sure.
    pub(crate) fn lost(&mut self) {
        self.must_restart = true;
    }

    /// Whether new batches have to wait until those with numbers are through.
    pub(crate) fn is_blocked(&self) -> bool {
        self.is_unresolved || self.must_restart
    }

    /// Nothing is in flight. Starts over if need be; with no batch left to be sent again
    /// (`is_idle`), it is known by now whether the numbers given out were used.
    pub(crate) fn settle(&mut self, is_idle: bool) {
        if self.is_unresolved && is_idle {
            self.is_unresolved = false;
            self.must_restart |= self.expected != self.next;
        }
        if self.must_restart {
            let next_epoch = |identity: ProducerIdentity| {
                identity.epoch.checked_add(1).map(|epoch| ProducerIdentity { epoch, ..identity })
            };
            let identity = self.identity.and_then(next_epoch);
            let is_used_up = self.identity.is_some() && identity.is_none();
            *self = Self { identity, is_used_up, ..Self::default() };
        }
    }

    /// Whether the last epoch was used up here, so that the producer needs another identity; says so
    /// once.
    pub(crate) fn take_used_up(&mut self) -> bool {
        std::mem::take(&mut self.is_used_up)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDENTITY: ProducerIdentity = ProducerIdentity { id: 7, epoch: 0 };

    #[test]
    fn each_batch_is_numbered_behind_the_one_before() {
        let mut sequence = Sequence::default();
        let bases = [10, 5, 1].map(|records| sequence.assign(IDENTITY, records).base_sequence);
        assert_eq!(bases, [0, 10, 15]);
    }

    #[test]
    fn numbers_wrap_around_to_zero() {
        assert_eq!(sequence_behind(i32::MAX, 1), 0);
        assert_eq!(sequence_behind(i32::MAX - 1, 3), 1);
    }

    #[test]
    fn a_batch_that_was_written_after_all_needs_no_new_start() {
        let mut sequence = Sequence::default();
        let stamp = sequence.assign(IDENTITY, 3);
        sequence.gave_up();
        assert!(sequence.is_blocked());
        sequence.acknowledged(stamp, 3);
        sequence.settle(true);
        assert_eq!(sequence.assign(IDENTITY, 1).base_sequence, 3);
    }

    #[test]
    fn a_number_that_was_never_used_makes_a_new_start_under_the_next_epoch() {
        let mut sequence = Sequence::default();
        let old = sequence.assign(IDENTITY, 3);
        sequence.gave_up();
        sequence.settle(false);
        assert!(sequence.is_blocked(), "other batches have to be resolved first");
        sequence.settle(true);
        let stamp = sequence.assign(IDENTITY, 1);
        assert_eq!((stamp.producer_id, stamp.producer_epoch, stamp.base_sequence), (7, 1, 0));
        assert!(sequence.is_outdated(old));
        assert!(!sequence.is_outdated(stamp));
    }

    #[test]
    fn a_number_behind_the_acknowledged_ones_is_not_missing() {
        let mut sequence = Sequence::default();
        let (first, second) = (sequence.assign(IDENTITY, 3), sequence.assign(IDENTITY, 2));
        assert!(sequence.is_ahead(first) && sequence.is_ahead(second));
        sequence.acknowledged(second, 2);
        assert!(!sequence.is_ahead(first));
        let third = sequence.assign(IDENTITY, 1);
        assert!(sequence.is_ahead(third));
    }

    #[test]
    fn the_last_epoch_makes_room_for_another_identity() {
        let mut sequence = Sequence::default();
        let last = ProducerIdentity { id: 7, epoch: i16::MAX };
        sequence.assign(last, 1);
        sequence.lost();
        sequence.settle(true);
        assert!(sequence.take_used_up());
        assert_eq!(sequence.assign(ProducerIdentity { id: 8, epoch: 0 }, 1).producer_id, 8);
    }
}
