//! Which listener a connection came in by: what a client is told depends on it.

use ottla_transport::{Address, Peer};

/// The listeners of a server, by where they listen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listeners {
    names: Vec<(Address, String)>,
}

impl Listeners {
    /// Adds a listener, with its port as it was bound.
    pub(crate) fn add(&mut self, bound: Address, name: String) {
        self.names.push((bound, name));
    }

    /// The name of the listener that accepted this peer.
    ///
    /// A peer of none of them cannot be; it would be told what the first listener tells.
    pub(crate) fn of(&self, peer: &Peer) -> &str {
        let exact = self.names.iter().find(|(bound, _)| listens_for(bound, peer, false));
        let found = exact.or_else(|| self.names.iter().find(|(bound, _)| listens_for(bound, peer, true)));
        found.or(self.names.first()).map_or("", |(_, name)| name)
    }
}

/// Whether a listener at `bound` takes this peer: at its very address, or at every one.
fn listens_for(bound: &Address, peer: &Peer, everywhere: bool) -> bool {
    match (peer, bound) {
        (Peer::Tcp { local, .. }, Address::Tcp(host, port)) if *port == local.port() => match everywhere {
            true => matches!(host.as_str(), "0.0.0.0" | "::"),
            false => *host == local.ip().to_string() || *host == local.ip().to_canonical().to_string(),
        },
        (Peer::Unix, Address::Unix(_)) => true,
        (Peer::Memory { listener, .. }, bound) => **listener == *bound.to_string(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listeners(names: &[(&str, &str)]) -> Listeners {
        let mut listeners = Listeners::default();
        for (bound, name) in names {
            listeners.add(bound.parse().unwrap(), (*name).to_owned());
        }
        listeners
    }

    fn tcp(local: &str) -> Peer {
        let remote = "10.0.0.9:50000".parse().unwrap();
        Peer::Tcp { remote, local: local.parse().unwrap() }
    }

    #[test]
    fn the_address_that_was_accepted_on_tells_the_listener() {
        let all =
            listeners(&[("127.0.0.1:1", "IN"), ("0.0.0.0:2", "OUT"), ("[::]:3", "SIX"), ("unix:/s", "FILE")]);
        for (local, name) in
            [("127.0.0.1:1", "IN"), ("10.0.0.1:2", "OUT"), ("[::ffff:10.0.0.1]:3", "SIX"), ("[::1]:3", "SIX")]
        {
            assert_eq!(all.of(&tcp(local)), name, "{local}");
        }
        assert_eq!(all.of(&Peer::Unix), "FILE");
    }

    #[test]
    fn a_listener_of_one_interface_comes_before_one_of_all() {
        let all = listeners(&[("0.0.0.0:1", "ALL"), ("127.0.0.1:1", "ONE")]);
        assert_eq!((all.of(&tcp("127.0.0.1:1")), all.of(&tcp("10.0.0.1:1"))), ("ONE", "ALL"));
    }
}
