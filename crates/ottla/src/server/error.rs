//! Why a server did not start, or did not stop cleanly.

use ottla_transport::Address;

use super::endpoint::{Endpoint, EndpointParseError};

/// Why a server did not start, or did not stop cleanly.
///
/// What goes wrong with one connection while it serves is no error of the server; it is logged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An element of `listeners` or `advertised.listeners` cannot be read.
    #[error("{key}: {source}")]
    Endpoint {
        /// The key.
        key: &'static str,
        /// What is wrong with it.
        source: EndpointParseError,
    },
    /// Faults of a disk were asked for that cannot have any.
    #[error("the disk has no faults to switch on: it has to be in memory (in_memory, or mem_disk)")]
    NoFaults,
    /// Two listeners have the same name, by which their advertised addresses are told apart.
    #[error("listener {name} is listed twice; name them, as in INTERNAL://127.0.0.1:9092")]
    ListenerTwice {
        /// The name.
        name: String,
    },
    /// A second Unix socket is asked for: clients of one could not be told from those of the other.
    #[error("{listener} is a second Unix socket; one is supported")]
    UnixTwice {
        /// The second one.
        listener: Endpoint,
    },
    /// An endpoint names every interface, and clients cannot be told to connect to that.
    #[error(
        "{listener} is every interface: say with --advertise, or advertised.listeners, what clients connect to"
    )]
    NotAdvertised {
        /// The endpoint.
        listener: Endpoint,
    },
    /// An advertised address belongs to no listener.
    #[error("an address is advertised for {name}, but no listener is named {name}")]
    AdvertisedUnknown {
        /// The name.
        name: String,
    },
    /// An element of `listener.security.protocol.map` cannot be read.
    #[error("listener.security.protocol.map: {part:?} is not NAME:PROTOCOL")]
    ProtocolMap {
        /// The element.
        part: String,
    },
    /// `listener.security.protocol.map` was given and leaves a listener out.
    #[error("listener.security.protocol.map has no security protocol for listener {name}")]
    NoProtocol {
        /// The listener.
        name: String,
    },
    /// A listener asks for encryption or authentication, which this release does not have.
    #[error("listener {name} asks for {protocol}, which is not served by this release; PLAINTEXT is")]
    ProtocolNotServed {
        /// The listener.
        name: String,
        /// The protocol that it asks for.
        protocol: String,
    },
    /// `max.connections.per.ip.overrides` names a host that has no address.
    #[error("max.connections.per.ip.overrides: {host}: {source}")]
    OverrideHost {
        /// The host.
        host: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// `max.connections.per.ip` is 0, and nothing is said of single addresses.
    #[error(
        "max.connections.per.ip=0 lets nobody connect: max.connections.per.ip.overrides has to name who may"
    )]
    NobodyConnects,
    /// `log.dirs` names more than one folder.
    #[error("log.dirs names {count} folders; one is supported")]
    DataFolders {
        /// How many.
        count: usize,
    },
    /// The data folder cannot be used.
    #[error("data folder {folder}: {source}")]
    DataFolder {
        /// Its path.
        folder: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// An address that clients cannot be told, because the protocol carries a host and a port.
    #[error("{0} cannot be told to clients: advertise a host and a port")]
    NotAHost(Address),
    /// A listener could not be bound.
    #[error(transparent)]
    Transport(#[from] ottla_transport::Error),
    /// The broker could not be opened, or not be closed.
    #[error(transparent)]
    Broker(#[from] ottla_broker::Error),
}
