//! Which partition a record goes to: by the hash of its key, or sticky without one.
//!
//! Pure decisions live here; they know nothing of queues, brokers or time. A record that names its
//! partition never gets here.
//!
//! A keyed record goes to `murmur2(key) mod partitions`, as with the Java client. A record without a
//! key stays on one partition until about a batch of bytes went there and then moves on (KIP-480,
//! KIP-794): batches fill up, and over time each partition gets the same number of bytes, however
//! fast or slow its broker is.

mod murmur2;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use ottla_client::internal::lock;
use ottla_env::Rng;

pub use murmur2::murmur2;

/// The partition of `key` in a topic of `partitions` partitions.
///
/// # Panics
/// If `partitions` is 0.
pub fn partition_for_key(key: &[u8], partitions: u32) -> u32 {
    // Java's `Utils.toPositive` drops the sign bit; it is not the absolute value.
    let positive = murmur2(key).cast_unsigned() & 0x7fff_ffff;
    positive % partitions
}

/// The partition that records of one topic without a key go to at the moment.
#[derive(Debug)]
pub(crate) struct Sticky {
    current: AtomicU32,
    rng: Mutex<Rng>,
}

impl Sticky {
    /// Starts at a random one of `partitions` partitions, which is at least one.
    pub(crate) fn new(mut rng: Rng, partitions: u32) -> Self {
        let current = AtomicU32::new(below(&mut rng, partitions));
        Self { current, rng: Mutex::new(rng) }
    }

    /// The partition to use now; always below `partitions`.
    pub(crate) fn current(&self, partitions: u32) -> u32 {
        self.current.load(Ordering::Relaxed) % partitions
    }

    /// Leaves `from` for another partition, because it has had its share.
    ///
    /// `available` are the partitions that have a leader; where none has, any of `partitions`
    /// will do and the record waits for its leader. Does nothing if somebody moved on already.
    pub(crate) fn leave(&self, from: u32, partitions: u32, available: &[u32]) {
        let mut rng = lock(&self.rng);
        if self.current(partitions) != from {
            return;
        }
        let next = match available {
            [] if partitions > 1 => (from + 1 + below(&mut rng, partitions - 1)) % partitions,
            [] => from,
            [only] => *only,
            _ => {
                let others = available.iter().filter(|partition| **partition != from);
                let count = u32::try_from(others.clone().count()).unwrap_or(u32::MAX);
                let chosen = below(&mut rng, count) as usize;
                others.copied().nth(chosen).unwrap_or(from)
            }
        };
        self.current.store(next, Ordering::Relaxed);
    }
}

fn below(rng: &mut Rng, bound: u32) -> u32 {
    u32::try_from(rng.below(u64::from(bound.max(1)))).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_goes_where_the_java_client_puts_it() {
        // murmur2("foobar") = -790332482; without its sign bit 1357151166.
        assert_eq!(partition_for_key(b"foobar", 4), 1_357_151_166 % 4);
        assert_eq!(partition_for_key(b"anything", 1), 0);
    }

    #[test]
    fn records_without_a_key_stay_until_the_partition_has_had_its_share() {
        let sticky = Sticky::new(Rng::new(1), 8);
        let first = sticky.current(8);
        assert_eq!(sticky.current(8), first);
        sticky.leave(first, 8, &[0, 1, 2, 3, 4, 5, 6, 7]);
        assert_ne!(sticky.current(8), first);
    }

    #[test]
    fn over_time_every_partition_gets_the_same_share() {
        let sticky = Sticky::new(Rng::new(7), 5);
        let mut share = [0u32; 5];
        for _ in 0..10_000 {
            let current = sticky.current(5);
            share[current as usize] += 1;
            sticky.leave(current, 5, &[0, 1, 2, 3, 4]);
        }
        assert!(share.iter().all(|count| (1_800..2_200).contains(count)), "{share:?}");
    }

    #[test]
    fn only_partitions_with_a_leader_are_chosen() {
        let sticky = Sticky::new(Rng::new(3), 6);
        for _ in 0..100 {
            sticky.leave(sticky.current(6), 6, &[1, 4]);
            assert!([1, 4].contains(&sticky.current(6)));
        }
        sticky.leave(sticky.current(6), 6, &[2]);
        assert_eq!(sticky.current(6), 2);
    }

    #[test]
    fn of_two_who_want_to_leave_at_once_one_decides() {
        let sticky = Sticky::new(Rng::new(3), 100);
        let from = sticky.current(100);
        sticky.leave(from, 100, &[]);
        let chosen = sticky.current(100);
        sticky.leave(from, 100, &[]);
        assert_eq!(sticky.current(100), chosen);
    }
}
