//! Listening: connected streams out, one after the other.
//!
//! How many are taken, and from whom, is decided in `server`.

use std::fmt;
use std::io;

#[cfg(unix)]
use std::path::PathBuf;

use crate::connector::prepare_tcp;
use crate::{Address, BoxFuture, Error, Peer, Stream};

/// Accepts connections.
pub trait Listener: fmt::Debug + Send + 'static {
    /// The next connection, and who it is from.
    ///
    /// Cancel safe: dropped, it loses no connection.
    fn accept(&mut self) -> BoxFuture<'_, io::Result<(Stream, Peer)>>;

    /// The address that clients reach, with the port that the system picked where 0 was asked.
    fn local_address(&self) -> Address;
}

impl Listener for Box<dyn Listener> {
    fn accept(&mut self) -> BoxFuture<'_, io::Result<(Stream, Peer)>> {
        (**self).accept()
    }

    fn local_address(&self) -> Address {
        (**self).local_address()
    }
}

/// Listens on an address of the system: TCP or, on Unix, a Unix socket.
///
/// # Errors
/// [`Error::Listen`] with what the system said; [`Error::UnsupportedAddress`] for a memory address,
/// which needs its [`MemoryNetwork`](crate::MemoryNetwork).
pub async fn listen(address: &Address) -> Result<Box<dyn Listener>, Error> {
    match address {
        Address::Tcp(..) => Ok(Box::new(TcpListener::bind(address).await?)),
        #[cfg(unix)]
        Address::Unix(path) => Ok(Box::new(UnixListener::bind(path)?)),
        _ => Err(Error::UnsupportedAddress { address: address.clone(), connector: "system" }),
    }
}

/// Listens on TCP.
#[derive(Debug)]
pub struct TcpListener {
    inner: tokio::net::TcpListener,
    local_address: Address,
}

impl TcpListener {
    /// Listens on a TCP address; port 0 has the system pick one.
    ///
    /// # Errors
    /// [`Error::Listen`] with what the system said; [`Error::UnsupportedAddress`] for other kinds.
    pub async fn bind(address: &Address) -> Result<Self, Error> {
        let Address::Tcp(host, port) = address else {
            return Err(Error::UnsupportedAddress { address: address.clone(), connector: "tcp" });
        };
        let bound = async {
            let inner = tokio::net::TcpListener::bind((host.as_str(), *port)).await?;
            let local_address = inner.local_addr()?.into();
            Ok(Self { inner, local_address })
        };
        bound.await.map_err(|source| Error::Listen { address: address.clone(), source })
    }
}

impl Listener for TcpListener {
    fn accept(&mut self) -> BoxFuture<'_, io::Result<(Stream, Peer)>> {
        Box::pin(async {
            loop {
                let (stream, remote) = self.inner.accept().await?;
                // A client that is gone again makes these fail; the next one is served.
                if let (Ok(()), Ok(local)) = (prepare_tcp(&stream), stream.local_addr()) {
                    return Ok((Stream::Tcp(stream), Peer::Tcp { remote, local }));
                }
            }
        })
    }

    fn local_address(&self) -> Address {
        self.local_address.clone()
    }
}

/// Listens on a Unix socket, whose file it removes when dropped.
#[cfg(unix)]
#[derive(Debug)]
pub struct UnixListener {
    inner: tokio::net::UnixListener,
    path: PathBuf,
}

#[cfg(unix)]
impl UnixListener {
    /// Creates the socket file `path` and listens on it.
    ///
    /// A file that is there already is an error, because it may belong to a running process.
    ///
    /// # Errors
    /// [`Error::Listen`] with what the system said.
    pub fn bind(path: impl Into<PathBuf>) -> Result<Self, Error> {
        let path = path.into();
        match tokio::net::UnixListener::bind(&path) {
            Ok(inner) => Ok(Self { inner, path }),
            Err(source) => Err(Error::Listen { address: Address::Unix(path), source }),
        }
    }
}

#[cfg(unix)]
impl Listener for UnixListener {
    fn accept(&mut self) -> BoxFuture<'_, io::Result<(Stream, Peer)>> {
        Box::pin(async {
            let (stream, _) = self.inner.accept().await?;
            Ok((Stream::Unix(stream), Peer::Unix))
        })
    }

    fn local_address(&self) -> Address {
        Address::Unix(self.path.clone())
    }
}

#[cfg(unix)]
impl Drop for UnixListener {
    fn drop(&mut self) {
        // Whoever removed it before has done this work; nobody is left to tell.
        let _ = std::fs::remove_file(&self.path);
    }
}
