//! Listening: connected streams out, one after the other.
//!
//! How many are taken, and from whom, is decided in `server`.

use std::fmt;
use std::io;
use std::net::SocketAddr;
#[cfg(unix)]
use std::path::PathBuf;

use tokio::net::TcpSocket;

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

/// What a listener on TCP asks of the system for its sockets; a Unix socket has nothing of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SocketOptions {
    /// Bytes of each connection's send buffer (`socket.send.buffer.bytes`). By default the system chooses, and
    /// grows it with the connection.
    pub send_buffer_bytes: Option<u32>,
    /// Bytes of each connection's receive buffer (`socket.receive.buffer.bytes`). By default as above.
    pub receive_buffer_bytes: Option<u32>,
    /// Connections that may wait to be accepted (`socket.listen.backlog.size`); the system may allow fewer. By
    /// default as many as it allows.
    pub backlog: Option<u32>,
}

impl SocketOptions {
    /// A listening socket, at the first of these addresses where one can be had.
    async fn listen(&self, host: &str, port: u16) -> io::Result<tokio::net::TcpListener> {
        let mut failed = None;
        for address in tokio::net::lookup_host((host, port)).await? {
            match self.listen_at(address) {
                Ok(listener) => return Ok(listener),
                Err(error) => failed = Some(error),
            }
        }
        let nowhere = || io::Error::new(io::ErrorKind::InvalidInput, "the name has no address");
        Err(failed.unwrap_or_else(nowhere))
    }

    fn listen_at(&self, address: SocketAddr) -> io::Result<tokio::net::TcpListener> {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        // Else a server that was just stopped could not come back; elsewhere it means something else.
        #[cfg(unix)]
        socket.set_reuseaddr(true)?;
        // Accepted connections inherit both; the window that TCP offers is settled before they are accepted.
        if let Some(bytes) = self.send_buffer_bytes {
            socket.set_send_buffer_size(bytes)?;
        }
        if let Some(bytes) = self.receive_buffer_bytes {
            socket.set_recv_buffer_size(bytes)?;
        }
        socket.bind(address)?;
        // A number that no system allows is cut to the largest that it does.
        let most = i32::MAX.unsigned_abs();
        socket.listen(self.backlog.unwrap_or(most).min(most))
    }
}

/// Listens on an address of the system: TCP or, on Unix, a Unix socket.
///
/// # Errors
/// [`Error::Listen`] with what the system said; [`Error::UnsupportedAddress`] for a memory address,
/// which needs its [`MemoryNetwork`](crate::MemoryNetwork).
pub async fn listen(address: &Address) -> Result<Box<dyn Listener>, Error> {
    listen_with(address, &SocketOptions::default()).await
}

/// Listens as [`listen`] does, with sockets as these options ask for.
///
/// # Errors
/// As [`listen`].
pub async fn listen_with(address: &Address, options: &SocketOptions) -> Result<Box<dyn Listener>, Error> {
    match address {
        Address::Tcp(..) => Ok(Box::new(TcpListener::bind_with(address, options).await?)),
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
        Self::bind_with(address, &SocketOptions::default()).await
    }

    /// Listens as [`bind`](Self::bind) does, with sockets as these options ask for.
    ///
    /// # Errors
    /// As [`bind`](Self::bind).
    pub async fn bind_with(address: &Address, options: &SocketOptions) -> Result<Self, Error> {
        let Address::Tcp(host, port) = address else {
            return Err(Error::UnsupportedAddress { address: address.clone(), connector: "tcp" });
        };
        let bound = async {
            let inner = options.listen(host, *port).await?;
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
