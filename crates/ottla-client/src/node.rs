//! A broker as its clients see it: an id and where to reach it.

use std::fmt;

use ottla_protocol::wire::Str;
use ottla_transport::Address;

/// Id of a broker within its cluster.
///
/// Negative ids never come from a cluster: they name the bootstrap servers, whose real ids are not
/// known before they answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub i32);

impl NodeId {
    /// The id that stands for the bootstrap server at `index` of the configured list.
    pub(crate) fn bootstrap(index: usize) -> Self {
        Self(i32::try_from(index).map_or(i32::MIN, |index| -1 - index))
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One broker of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its id.
    pub id: NodeId,
    /// Host name or address that it advertises.
    pub host: Str,
    /// Port that it advertises.
    pub port: u16,
    /// Rack or zone that it says it is in.
    pub rack: Option<Str>,
}

impl Node {
    /// Where to connect to.
    ///
    /// The protocol carries a host and a port; a broker of ottla on a Unix socket advertises `unix:/path` as its
    /// host, which no host name can be.
    pub fn address(&self) -> Address {
        match self.host.parse() {
            Ok(socket @ Address::Unix(_)) => socket,
            _ => Address::Tcp(self.host.to_string(), self.port),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_may_be_a_unix_socket() {
        let address =
            |host: &str| Node { id: NodeId(1), host: host.to_owned().into(), port: 9, rack: None }.address();
        assert_eq!(address("unix:/run/ottla.sock"), Address::Unix("/run/ottla.sock".into()));
        assert_eq!(address("::1"), Address::Tcp("::1".to_owned(), 9));
    }
}
