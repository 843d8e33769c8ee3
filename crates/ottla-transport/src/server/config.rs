//! The limits of a [`Server`](crate::Server), under Kafka's names where it has one.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

/// What a server allows its clients. A timeout of [`Duration::MAX`] is none.
///
/// ```
/// let config = ottla_transport::ServerConfig::default().with_frame_bytes_max(1 << 20);
/// assert_eq!(config.in_flight_max, 64);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerConfig {
    /// Bytes that a request may have (`socket.request.max.bytes`). Default 100 MiB.
    pub frame_bytes_max: usize,
    /// Requests of one connection that wait for their answer at once; further ones are not
    /// started. Default 64.
    pub in_flight_max: usize,
    /// Bytes of requests that all connections together hold in memory (`queued.max.request.bytes`);
    /// past it, reading stops. They count as they arrive, not as they are announced. Each connection
    /// may hold another 64 KiB, so that small requests are always served, and one request at a time may
    /// go past the limit, so that those that are there in part cannot wait for each other.
    /// Default 256 MiB; raised to `frame_bytes_max` if that is more.
    pub queued_max_request_bytes: usize,
    /// Connections in all (`max.connections`); further ones are left waiting. Default 10,000.
    pub max_connections: usize,
    /// Connections from one IP address (`max.connections.per.ip`); further ones are closed.
    /// Default 1,000.
    pub max_connections_per_ip: usize,
    /// The same for single addresses, in place of it (`max.connections.per.ip.overrides`). Default none.
    pub max_connections_per_ip_overrides: BTreeMap<IpAddr, usize>,
    /// Connections that are taken in a second (`max.connection.creation.rate`), on all listeners together; further
    /// ones wait for their turn. `u32::MAX` is without limit, the default; 0 is taken for 1.
    pub max_connection_creation_rate: u32,
    /// How long a connection may be without any request (`connections.max.idle.ms`).
    /// Default 10 minutes.
    pub connections_max_idle: Duration,
    /// How long a new connection may take until its first request is there in full.
    /// Default 10 seconds.
    pub first_request_timeout: Duration,
    /// How long a client may take, within one request, for each further MiB or for the rest of
    /// it. Default 30 seconds.
    pub frame_stall_timeout: Duration,
    /// How long a client may take no byte of what is written to it. Default 60 seconds.
    pub write_stall_timeout: Duration,
    /// How long a shutdown waits for requests in flight to be answered. Default 10 seconds.
    pub drain_timeout: Duration,
    /// Threads of its own that serve connections over sockets, each those that it was given; the tasks of all others, and all
    /// timers, stay the runtime's. One that stands still for 20 to 40 ms, with a disk say, is replaced by another. Default 0:
    /// connections are tasks of the runtime. Only on Linux; elsewhere they are that in any case.
    pub network_threads: usize,
    /// How long a network thread stays awake for the next request, at most, after one that came as soon; zero for not at all.
    /// One at a time does. Default 50 microseconds.
    pub busy_poll: Duration,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            frame_bytes_max: 100 << 20,
            in_flight_max: 64,
            queued_max_request_bytes: 256 << 20,
            max_connections: 10_000,
            max_connections_per_ip: 1_000,
            max_connections_per_ip_overrides: BTreeMap::new(),
            max_connection_creation_rate: u32::MAX,
            connections_max_idle: Duration::from_secs(600),
            first_request_timeout: Duration::from_secs(10),
            frame_stall_timeout: Duration::from_secs(30),
            write_stall_timeout: Duration::from_secs(60),
            drain_timeout: Duration::from_secs(10),
            network_threads: 0,
            busy_poll: Duration::from_micros(50),
        }
    }
}

/// One `with_` method per field.
macro_rules! setters {
    ($($name:ident, $field:ident: $type:ty;)*) => {
        impl ServerConfig {
            $(
                #[doc = concat!("Sets [`", stringify!($field), "`](Self::", stringify!($field), ").")]
                #[must_use]
                pub fn $name(mut self, $field: $type) -> Self {
                    self.$field = $field;
                    self
                }
            )*
        }
    };
}

setters! {
    with_frame_bytes_max, frame_bytes_max: usize;
    with_in_flight_max, in_flight_max: usize;
    with_queued_max_request_bytes, queued_max_request_bytes: usize;
    with_max_connections, max_connections: usize;
    with_max_connections_per_ip, max_connections_per_ip: usize;
    with_max_connections_per_ip_overrides, max_connections_per_ip_overrides: BTreeMap<IpAddr, usize>;
    with_max_connection_creation_rate, max_connection_creation_rate: u32;
    with_connections_max_idle, connections_max_idle: Duration;
    with_first_request_timeout, first_request_timeout: Duration;
    with_frame_stall_timeout, frame_stall_timeout: Duration;
    with_write_stall_timeout, write_stall_timeout: Duration;
    with_drain_timeout, drain_timeout: Duration;
    with_network_threads, network_threads: usize;
    with_busy_poll, busy_poll: Duration;
}
