//! Kafka's keys that the server around the core acts on: limits of connections, and the data folder.

use std::path::PathBuf;
use std::time::Duration;

use ottla_broker::BrokerConfig;
use ottla_transport::ServerConfig;

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
    if let Some(millis) = given(config, "connections.max.idle.ms") {
        limits.connections_max_idle = Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX));
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

/// A number that was given, and is one that counts something.
fn given(config: &BrokerConfig, key: &str) -> Option<usize> {
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
    fn one_data_folder_is_taken() {
        let config = |key, value| BrokerConfig::from_pairs([(key, value)]).unwrap();
        assert_eq!(data_folder(&BrokerConfig::new()).unwrap(), None);
        assert_eq!(data_folder(&config("log.dirs", "/a")).unwrap(), Some("/a".into()));
        assert_eq!(data_folder(&config("log.dir", "/b")).unwrap(), Some("/b".into()));
    }
}
