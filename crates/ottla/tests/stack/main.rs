//! The whole stack together: a broker, and clients of it, in this process.
//!
//! Most of these need no socket and no file: the in-process listener, a disk in memory and paused time.
#![expect(clippy::unwrap_used, reason = "what the tests share fails as the tests do")]

mod bad_input;
mod coordinator_assigns;
mod faults;
mod groups;
mod listeners;
mod records;
mod restart;
mod support;
mod transaction_ends;
mod transactions;
