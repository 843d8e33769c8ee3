//! A broker on listeners: the core that knows no sockets, joined to the loop that knows nothing else.
//!
//! [`Builder`] says what is to be served and where; here is what serves, and how it stops. What a request
//! means is in `ottla_broker`, how bytes come and go in `ottla_transport`.

mod builder;
mod endpoint;
mod error;
mod faults;
mod file_range;
mod limits;
mod listeners;
mod plan;
mod service;

use std::fmt;
use std::sync::Arc;

use ottla_broker::Broker;
use ottla_transport::{Address, Connector, MemoryNetwork};
use tokio::sync::{mpsc, watch};

pub use builder::{Builder, IN_PROCESS_ADDRESS};
pub use endpoint::{DEFAULT_LISTENER, Endpoint, EndpointParseError};
pub use error::Error;
pub use faults::{DiskFaults, Faults};

/// A broker that serves.
///
/// It serves from [`Builder::start`] until [`shutdown`](Self::shutdown). Dropped instead, it stops listening and
/// ends its connections; what was acknowledged is kept, but no clean marker is written, so that the next start
/// on its folder reads the end of each log again.
///
/// # Examples
/// ```
/// # use std::time::Duration;
/// use ottla::Server;
/// use ottla::producer::{Config, Producer};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = Server::builder().in_memory().start().await?; // no socket, no file
///
/// let mut config = Config::new(server.bootstrap());
/// config.client = config.client.with_connector(server.connector());
/// let producer = Producer::new(config).await?;
/// let written = producer.send("orders", "o-17", "paid").await?;
/// assert_eq!(written.topic.as_str(), "orders");
///
/// producer.close().await;
/// server.shutdown().await?;
/// # Ok(()) }
/// ```
pub struct Server {
    broker: Broker,
    listening: Vec<Listening>,
    network: MemoryNetwork,
    in_process: Address,
    faults: Faults,
    stop: watch::Sender<bool>,
    /// Ends when the last listener's task has.
    serving: mpsc::Receiver<()>,
}

/// A listener of a server that serves.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listening {
    /// Its name.
    pub name: String,
    /// Where it listens, with the port that the system picked where 0 was asked for.
    pub bound: Address,
    /// Where clients are told to connect to.
    pub advertised: Address,
}

impl Server {
    /// A server to be: it keeps its data in memory and listens nowhere but in this process, until told otherwise.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// The listeners that were asked for, in that order.
    pub fn listening(&self) -> &[Listening] {
        &self.listening
    }

    /// What a client is to be given as `bootstrap.servers`: the first listener's advertised address, or, without
    /// any, the address in this process, which needs [`connector`](Self::connector).
    pub fn bootstrap(&self) -> String {
        self.listening.first().map_or(&self.in_process, |first| &first.advertised).to_string()
    }

    /// The address in this process, for clients that use [`connector`](Self::connector).
    pub fn in_process_address(&self) -> &Address {
        &self.in_process
    }

    /// Connects clients in this process to this server, without a socket, at
    /// [`in_process_address`](Self::in_process_address).
    pub fn connector(&self) -> Arc<dyn Connector> {
        Arc::new(self.network.clone())
    }

    /// The broker that is served, to be asked directly.
    pub fn broker(&self) -> &Broker {
        &self.broker
    }

    /// What a test may let go wrong.
    pub fn faults(&self) -> Faults {
        self.faults.clone()
    }

    /// Stops: no new connections, answers for the requests in flight, then everything to stable storage and the
    /// clean marker.
    ///
    /// # Errors
    /// [`Error::Broker`] when the data could not be closed cleanly; what was acknowledged is kept all the same.
    ///
    /// # Cancel safety
    /// Not cancel safe: dropped, it stops as a dropped server does.
    pub async fn shutdown(mut self) -> Result<(), Error> {
        self.stop.send_replace(true);
        self.broker.end_waits(); // members may wait for each other far longer than a stop should take
        while self.serving.recv().await.is_some() {}
        self.broker.close().await?;
        Ok(())
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("listening", &self.listening).finish_non_exhaustive()
    }
}
