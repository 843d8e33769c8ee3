//! A Kafka-compatible message queue as a library: the whole stack, and a server to run in your own process.
