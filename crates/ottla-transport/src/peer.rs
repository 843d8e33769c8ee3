//! Who is on the other end of an accepted connection, as far as the transport can tell.
//!
//! Identity that is proved (a certificate, a SASL login) is not here; this is an address only.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// The other end of an accepted connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Peer {
    /// A TCP connection.
    Tcp {
        /// The address it comes from.
        remote: SocketAddr,
        /// The address it was accepted on.
        local: SocketAddr,
    },
    /// A Unix socket, whose clients have no address.
    Unix,
    /// A connection over a [`MemoryNetwork`](crate::MemoryNetwork).
    Memory {
        /// The address it was accepted on.
        listener: Arc<str>,
        /// Counts the connections of that network, from 1.
        connection: u64,
    },
}

impl Peer {
    /// The address and port of a peer on TCP.
    pub fn socket(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp { remote, .. } => Some(SocketAddr::new(remote.ip().to_canonical(), remote.port())),
            Self::Unix | Self::Memory { .. } => None,
        }
    }

    /// The address that limits per address count by; `None` for a local peer, which they spare.
    pub fn ip(&self) -> Option<IpAddr> {
        match self {
            Self::Tcp { remote, .. } => Some(remote.ip().to_canonical()),
            Self::Unix | Self::Memory { .. } => None,
        }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { remote, .. } => remote.fmt(f),
            Self::Unix => f.write_str("unix"),
            Self::Memory { listener, connection } => write!(f, "{listener}#{connection}"),
        }
    }
}
