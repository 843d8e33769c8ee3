//! Kafka connections: framing, pipelining, correlation and limits over TCP, Unix sockets and memory.
