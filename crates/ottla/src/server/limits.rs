//! Kafka's keys that the server around the core acts on: limits of connections, sockets, and the data folder.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use ottla_broker::BrokerConfig;
use ottla_transport::{ServerConfig, SocketOptions};

use super::error::Error;

/// The limits that a configuration asks for; those that it does not name are the server's own.
pub(crate) fn of(config: &BrokerConfig) -> ServerConfig {
    let mut limits = ServerConfig::default();
    if let Some(bytes) = given(config, "socket.request.max.bytes") {
        limits.frame_bytes_max = bytes;
    }
    // -1 leaves it to the server, and so does Kafka's default.
    if let Some(bytes) = given(config, "queued.max.request.bytes") {
        limits.queued_max_request_bytes = bytes;
    }
    if let Some(connections) = given(config, "max.connections") {
        limits.max_connections = connections;
    }
    if let Some(connections) = given(config, "max.connections.per.ip") {
        limits.max_connections_per_ip = connections;
    }
    if let Some(rate) = given(config, "max.connection.creation.rate") {
        limits.max_connection_creation_rate = rate;
    }
    if let Some(millis) = given::<u64>(config, "connections.max.idle.ms") {
        limits.connections_max_idle = Duration::from_millis(millis);
    }
    limits
}

/// The folder that `log.dirs`, or else `log.dir`, names.
pub(crate) fn data_folder(config: &BrokerConfig) -> Result<Option<PathBuf>, Error> {
    let Some(list) = config.given("log.dirs").or_else(|| config.given("log.dir")) else { return Ok(None) };
    let folders: Vec<&str> = list.split(',').map(str::trim).filter(|folder| !folder.is_empty()).collect();
    match folders[..] {
        [] => Ok(None),
        [folder] => Ok(Some(folder.into())),
        _ => Err(Error::DataFolders { count: folders.len() }),
    }
}

/// The connections that single addresses may have, in place of what every other may.
///
/// # Errors
/// A host has no address; or no address but these may connect, and there are none.
pub(crate) async fn per_ip_overrides(config: &BrokerConfig) -> Result<BTreeMap<IpAddr, usize>, Error> {
    let mut overrides = BTreeMap::new();
    for (host, connections) in config.max_connections_per_ip_overrides() {
        let connections = usize::try_from(connections).unwrap_or(usize::MAX);
        let unknown = |source| Error::OverrideHost { host: host.to_owned(), source };
        for address in tokio::net::lookup_host((host, 0)).await.map_err(unknown)? {
            overrides.insert(address.ip().to_canonical(), connections);
        }
    }
    match (given(config, "max.connections.per.ip"), overrides.is_empty()) {
        (Some(0), true) => Err(Error::NobodyConnects),
        _ => Ok(overrides),
    }
}

/// What is asked of the system for sockets; what is not given, and -1, leave it to the system.
pub(crate) fn sockets(config: &BrokerConfig) -> SocketOptions {
    let mut options = SocketOptions::default();
    options.send_buffer_bytes = given(config, "socket.send.buffer.bytes");
    options.receive_buffer_bytes = given(config, "socket.receive.buffer.bytes");
    options.backlog = given(config, "socket.listen.backlog.size");
    options
}

/// A number that was given, and is one that counts something.
fn given<N: FromStr>(config: &BrokerConfig, key: &str) -> Option<N> {
    config.given(key)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_that_are_not_given_are_the_servers_own() {
        assert_eq!(of(&BrokerConfig::new()), ServerConfig::default());
        let config = BrokerConfig::from_pairs([
            ("max.connections", "7"),
            ("queued.max.request.bytes", "-1"),
            ("connections.max.idle.ms", "1500"),
        ]);
        let limits = of(&config.unwrap());
        assert_eq!((limits.max_connections, limits.connections_max_idle), (7, Duration::from_millis(1500)));
        assert_eq!(limits.queued_max_request_bytes, ServerConfig::default().queued_max_request_bytes);
    }

    #[test]
    fn sockets_are_as_asked_for_and_else_left_to_the_system() {
        assert_eq!(sockets(&BrokerConfig::new()), SocketOptions::default());
        let config = BrokerConfig::from_pairs([
            ("socket.send.buffer.bytes", "70000"),
            ("socket.receive.buffer.bytes", "-1"),
            ("socket.listen.backlog.size", "3"),
        ]);
        let options = sockets(&config.unwrap());
        assert_eq!((options.send_buffer_bytes, options.receive_buffer_bytes), (Some(70_000), None));
        assert_eq!(options.backlog, Some(3));
    }

    #[test]
    fn one_data_folder_is_taken() {
        let config = |key, value| BrokerConfig::from_pairs([(key, value)]).unwrap();
        assert_eq!(data_folder(&BrokerConfig::new()).unwrap(), None);
        assert_eq!(data_folder(&config("log.dirs", "/a")).unwrap(), Some("/a".into()));
        assert_eq!(data_folder(&config("log.dir", "/b")).unwrap(), Some("/b".into()));
    }
}
