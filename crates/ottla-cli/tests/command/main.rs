//! The command as it is typed: a broker that serves and stops, and the commands that talk to it.
#![expect(clippy::unwrap_used, reason = "what the tests share fails as the tests do")]

mod clusters;
mod explain;
mod groups;
mod histories;
mod logs;
mod records;
mod serving;
mod support;
mod topics;
mod transactions;
mod words;
