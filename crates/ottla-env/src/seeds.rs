//! Where random seeds come from.
//!
//! Only seeds: what is drawn from one is [`Rng`](crate::Rng)'s business. Nothing here is fit for
//! secrets; nonces and salts come from the TLS and SASL code's own cryptographic source.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::rng::split_mix;

/// Hands out seeds for random number generators and ids.
pub trait Seeds: Send + Sync {
    /// A seed that has not been handed out before (but for a chance of one in 2^64).
    fn next_seed(&self) -> u64;
}

/// Seeds that nobody can predict from outside the process, taken from the operating system by
/// way of the standard library's hash keys. They are unique enough for ids, and not secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OsSeeds;

impl Seeds for OsSeeds {
    fn next_seed(&self) -> u64 {
        // Each `RandomState` has keys of its own; hashing nothing under them gives 64 bits.
        RandomState::new().build_hasher().finish()
    }
}

/// The same seeds in the same order on every run.
#[derive(Debug)]
pub struct FixedSeeds {
    state: AtomicU64,
}

impl FixedSeeds {
    /// The sequence that belongs to `seed`.
    pub fn new(seed: u64) -> Self {
        Self { state: AtomicU64::new(seed) }
    }
}

impl Seeds for FixedSeeds {
    fn next_seed(&self) -> u64 {
        let mut state = self.state.fetch_add(crate::rng::GOLDEN_GAMMA, Ordering::SeqCst);
        split_mix(&mut state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixed_seeds_repeat_from_run_to_run() {
        let (first, second) = (FixedSeeds::new(3), FixedSeeds::new(3));
        let seeds: Vec<u64> = (0..4).map(|_| first.next_seed()).collect();
        assert_eq!(seeds, (0..4).map(|_| second.next_seed()).collect::<Vec<_>>());
        assert_ne!(seeds[0], seeds[1]);
        assert_ne!(seeds[0], FixedSeeds::new(4).next_seed());
    }

    #[test]
    fn seeds_of_the_system_differ_from_each_other() {
        let seeds: std::collections::BTreeSet<u64> = (0..100).map(|_| OsSeeds.next_seed()).collect();
        assert_eq!(seeds.len(), 100);
    }
}
