//! Dialling: an address in, a connected stream out.
//!
//! How long that may take is the caller's to say, with `tokio::time::timeout` around it. Retries
//! and the choice among several addresses are in `ottla-client`.

use std::fmt;
use std::pin::Pin;

use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;

use crate::{Address, Error, Stream};

/// A future on the heap, as the object-safe traits of this crate return it.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Opens connections.
pub trait Connector: fmt::Debug + Send + Sync + 'static {
    /// Connects to `address`.
    ///
    /// Cancel safe: dropped, it leaves nothing behind.
    fn connect<'a>(&'a self, address: &'a Address) -> BoxFuture<'a, Result<Stream, Error>>;
}

/// Connects over TCP, without Nagle's delay and with keepalive, as Kafka's clients do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TcpConnector;

impl Connector for TcpConnector {
    fn connect<'a>(&'a self, address: &'a Address) -> BoxFuture<'a, Result<Stream, Error>> {
        Box::pin(async move {
            let Address::Tcp(host, port) = address else {
                return Err(Error::UnsupportedAddress { address: address.clone(), connector: "tcp" });
            };
            let connected = async {
                let stream = TcpStream::connect((host.as_str(), *port)).await?;
                prepare_tcp(&stream)?;
                Ok(stream)
            };
            let connected: std::io::Result<_> = connected.await;
            connected.map(Stream::Tcp).map_err(|source| Error::Connect { address: address.clone(), source })
        })
    }
}

/// Sets what every TCP connection has, on either side.
pub(crate) fn prepare_tcp(stream: &TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    // Kafka sets it too: it ends connections whose other side is gone without a word.
    #[cfg(unix)]
    rustix::net::sockopt::set_socket_keepalive(stream, true)?;
    Ok(())
}

/// Connects over Unix sockets.
#[cfg(unix)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnixConnector;

#[cfg(unix)]
impl Connector for UnixConnector {
    fn connect<'a>(&'a self, address: &'a Address) -> BoxFuture<'a, Result<Stream, Error>> {
        Box::pin(async move {
            let Address::Unix(path) = address else {
                return Err(Error::UnsupportedAddress { address: address.clone(), connector: "unix" });
            };
            let connected = UnixStream::connect(path).await;
            connected.map(Stream::Unix).map_err(|source| Error::Connect { address: address.clone(), source })
        })
    }
}
