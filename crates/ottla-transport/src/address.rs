//! Where a connection leads: an address, as configured or as a broker advertises it.
//!
//! Nothing is resolved here; names are looked up by the connector that dials them.

use std::fmt;
use std::net::{Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

/// The address of a listener: TCP, a Unix socket, or a name on a
/// [`MemoryNetwork`](crate::MemoryNetwork).
///
/// Parsed from and shown as `host:port`, `[v6]:port`, `unix:/path` and `memory:name`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Address {
    /// A host, which is a name or an IP address without brackets, and a port.
    Tcp(String, u16),
    /// The path of a Unix socket.
    Unix(PathBuf),
    /// A name on an in-process network.
    Memory(String),
}

/// Why a text is no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{address:?} is no address: {problem}")]
pub struct AddressParseError {
    address: String,
    problem: &'static str,
}

impl FromStr for Address {
    type Err = AddressParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).map_err(|problem| AddressParseError { address: text.to_owned(), problem })
    }
}

fn parse(text: &str) -> Result<Address, &'static str> {
    if let Some(path) = text.strip_prefix("unix:") {
        return match path {
            "" => Err("a path must follow `unix:`"),
            path => Ok(Address::Unix(path.into())),
        };
    }
    if let Some(name) = text.strip_prefix("memory:") {
        return match name {
            "" => Err("a name must follow `memory:`"),
            name => Ok(Address::Memory(name.to_owned())),
        };
    }
    let (host, port) = text.rsplit_once(':').ok_or("expected `host:port`, the port is missing")?;
    let port = port.parse().map_err(|_| "the port must be a number from 0 to 65535")?;
    let host = if let Some(inner) = host.strip_prefix('[') {
        let inner = inner.strip_suffix(']').ok_or("the bracket before the port is missing")?;
        // A zone (`fe80::1%eth0`) is resolved with the name, so only what precedes it is checked.
        let (ip, _zone) = inner.split_once('%').unwrap_or((inner, ""));
        ip.parse::<Ipv6Addr>().map_err(|_| "only an IPv6 address stands in brackets")?;
        inner
    } else if host.contains(':') {
        return Err("an IPv6 address needs brackets, as in `[::1]:9092`");
    } else {
        host
    };
    if host.is_empty() {
        return Err("the host is missing");
    }
    if host.chars().any(|c| c.is_whitespace() || c.is_control() || c == '/') {
        return Err("a host holds no spaces and no slashes");
    }
    Ok(Address::Tcp(host.to_owned(), port))
}

impl From<SocketAddr> for Address {
    fn from(address: SocketAddr) -> Self {
        Self::Tcp(address.ip().to_string(), address.port())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(host, port) if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Tcp(host, port) => write!(f, "{host}:{port}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::Memory(name) => write!(f, "memory:{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_as_it_was_written() {
        for text in [
            "localhost:9092",
            "127.0.0.1:0",
            "[::1]:9092",
            "[fe80::1%eth0]:1",
            "unix:/run/ottla.sock",
            "memory:broker-1",
        ] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
        assert_eq!("[::1]:7".parse(), Ok(Address::Tcp("::1".to_owned(), 7)));
    }

    #[test]
    fn a_bad_address_is_refused_with_a_reason() {
        for (text, reason) in [
            ("localhost", "the port is missing"),
            (":9092", "the host is missing"),
            ("host:", "the port must be a number"),
            ("host:70000", "the port must be a number"),
            ("::1:9092", "needs brackets"),
            ("[::1:9092", "the bracket before the port"),
            ("[host]:1", "only an IPv6 address"),
            ("http://host:1", "needs brackets"),
            ("a b:1", "no spaces"),
            ("unix:", "a path must follow"),
            ("memory:", "a name must follow"),
        ] {
            let error = text.parse::<Address>().unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
    }
}
