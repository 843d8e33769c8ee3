//! Programs that use Kafka, tested in virtual time from a seed: networks that fail, disks that lie, brokers that lose their power.
//!
//! What follows is the README.
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod clock;
mod draw;
mod log;
mod node;
mod process;
mod run;
mod seeds;
mod trace;
mod trouble;

pub use clock::{BEGINNING_MS, SimClock};
pub use draw::{millis, number};
pub use node::{Happened, Node};
pub use process::Process;
pub use run::{Ran, Sim, replay, run};
pub use seeds::each_seed;
pub use trouble::{End, Kind, Power, Trouble, Weather};
