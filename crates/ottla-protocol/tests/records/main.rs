//! Record batches from outside: against Kafka's own bytes, and against hostile ones.

mod bombs;
mod golden;
