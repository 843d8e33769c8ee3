//! The seams that every ottla crate shares: wall clock, random seeds and spawning, handed in instead of reached for.
//!
//! What follows is the README.
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod clock;
mod env;
mod rng;
mod seeds;
mod spawn;

pub use clock::{ManualClock, SystemClock, WallClock};
pub use env::Env;
pub use rng::Rng;
pub use seeds::{FixedSeeds, OsSeeds, Seeds};
pub use spawn::{Spawn, Task};
