//! Settings that the producer, the consumer and the admin calls share.
//!
//! Names, meanings and defaults are those of Kafka 4.3; a field drops the unit of its Kafka key
//! (`request.timeout.ms` is `request_timeout`). Settings of one client alone live in its crate.

mod property;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ottla_env::{Env, OsSeeds, SystemClock};
use ottla_transport::{Address, Connector, TcpConnector, TokioSpawn};

use crate::backoff::Backoff;

pub use property::{ConfigError, Property};

/// How to reach a cluster, and how patient to be with it.
///
/// A value: made with [`new`](Self::new), changed with `with_..`, checked by
/// [`build`](Self::build), and printable. Two are equal when they say the same and share their
/// connector.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// let config = ottla_client::Config::new("broker-1:9092,broker-2:9092")
///     .with_client_id("billing")
///     .with_request_timeout(Duration::from_secs(10))
///     .build()?;
/// assert_eq!(config.bootstrap_servers.len(), 2);
/// # Ok::<(), ottla_client::ConfigError>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Config {
    /// `bootstrap.servers`: where to ask first. Any broker will do; several, in case one is down.
    pub bootstrap_servers: Vec<String>,
    /// `client.id`: the name that brokers log and meter this client under. Default: empty.
    pub client_id: String,
    /// `request.timeout.ms`: how long one request may wait for its answer. Default: 30 s.
    pub request_timeout: Duration,
    /// `default.api.timeout.ms`: how long a call may take with all its retries, where the call has
    /// no limit of its own. Default: 60 s.
    pub default_api_timeout: Duration,
    /// `retry.backoff.ms`: the wait after a first failure. Default: 100 ms.
    pub retry_backoff: Duration,
    /// `retry.backoff.max.ms`: the longest wait between retries. Default: 1 s.
    pub retry_backoff_max: Duration,
    /// `reconnect.backoff.ms`: the wait after a first failed connection. Default: 50 ms.
    pub reconnect_backoff: Duration,
    /// `reconnect.backoff.max.ms`: the longest wait between connection attempts. Default: 1 s.
    pub reconnect_backoff_max: Duration,
    /// `socket.connection.setup.timeout.ms`: how long one attempt to connect, with its handshake,
    /// may take. Default: 10 s.
    pub connection_setup_timeout: Duration,
    /// `connections.max.idle.ms`: how long an unused connection is kept. Default: 9 min.
    pub connections_max_idle: Duration,
    /// `metadata.max.age.ms`: how old the picture of the cluster may get. Default: 5 min.
    pub metadata_max_age: Duration,
    /// `allow.auto.create.topics`: whether asking for a topic may create it, where the broker is
    /// configured so. Default: true.
    pub allow_auto_create_topics: bool,
    /// Largest response taken from a broker, in bytes. Default: 100 MiB.
    pub response_bytes_max: usize,
    connector: Arc<dyn Connector>,
    env: Env,
}

impl Config {
    /// Kafka's defaults, over TCP, on the operating system's clock and the current tokio runtime.
    ///
    /// `bootstrap_servers` are addresses (`host:port`, `[v6]:port`, `unix:/path`), separated by
    /// commas.
    pub fn new(bootstrap_servers: impl AsRef<str>) -> Self {
        let env = Env::new(Arc::new(SystemClock), Arc::new(OsSeeds), Arc::new(TokioSpawn::new()));
        Self {
            bootstrap_servers: property::list(bootstrap_servers.as_ref()),
            client_id: String::new(),
            request_timeout: Duration::from_secs(30),
            default_api_timeout: Duration::from_secs(60),
            retry_backoff: Duration::from_millis(100),
            retry_backoff_max: Duration::from_secs(1),
            reconnect_backoff: Duration::from_millis(50),
            reconnect_backoff_max: Duration::from_secs(1),
            connection_setup_timeout: Duration::from_secs(10),
            connections_max_idle: Duration::from_secs(9 * 60),
            metadata_max_age: Duration::from_secs(5 * 60),
            allow_auto_create_topics: true,
            response_bytes_max: 100 * 1024 * 1024,
            connector: Arc::new(TcpConnector),
            env,
        }
    }

    /// Sets `client.id`.
    #[must_use]
    pub fn with_client_id(mut self, client_id: impl Into<String>) -> Self {
        self.client_id = client_id.into();
        self
    }

    /// Sets `request.timeout.ms`.
    #[must_use]
    pub fn with_request_timeout(mut self, timeout: Duration) -> Self {
        self.request_timeout = timeout;
        self
    }

    /// Sets `default.api.timeout.ms`.
    #[must_use]
    pub fn with_default_api_timeout(mut self, timeout: Duration) -> Self {
        self.default_api_timeout = timeout;
        self
    }

    /// Sets `retry.backoff.ms` and `retry.backoff.max.ms`.
    #[must_use]
    pub fn with_retry_backoff(mut self, first: Duration, longest: Duration) -> Self {
        (self.retry_backoff, self.retry_backoff_max) = (first, longest);
        self
    }

    /// Sets `reconnect.backoff.ms` and `reconnect.backoff.max.ms`.
    #[must_use]
    pub fn with_reconnect_backoff(mut self, first: Duration, longest: Duration) -> Self {
        (self.reconnect_backoff, self.reconnect_backoff_max) = (first, longest);
        self
    }

    /// Sets `socket.connection.setup.timeout.ms`.
    #[must_use]
    pub fn with_connection_setup_timeout(mut self, timeout: Duration) -> Self {
        self.connection_setup_timeout = timeout;
        self
    }

    /// Sets `connections.max.idle.ms`.
    #[must_use]
    pub fn with_connections_max_idle(mut self, idle: Duration) -> Self {
        self.connections_max_idle = idle;
        self
    }

    /// Sets `metadata.max.age.ms`.
    #[must_use]
    pub fn with_metadata_max_age(mut self, age: Duration) -> Self {
        self.metadata_max_age = age;
        self
    }

    /// Sets what makes the streams: TCP by default, an in-memory network in tests.
    #[must_use]
    pub fn with_connector(mut self, connector: Arc<dyn Connector>) -> Self {
        self.connector = connector;
        self
    }

    /// Sets clock, seeds and spawning.
    #[must_use]
    pub fn with_env(mut self, env: Env) -> Self {
        self.env = env;
        self
    }

    /// Checks every setting.
    ///
    /// # Errors
    /// The first setting that cannot be, by its Kafka key.
    pub fn build(self) -> Result<Self, ConfigError> {
        self.addresses()?;
        let not_zero = [
            ("request.timeout.ms", self.request_timeout),
            ("default.api.timeout.ms", self.default_api_timeout),
            ("socket.connection.setup.timeout.ms", self.connection_setup_timeout),
        ];
        for (key, value) in not_zero {
            if value.is_zero() {
                return Err(ConfigError::invalid(key, "0", "must be more than 0"));
            }
        }
        if self.client_id.len() > usize::from(i16::MAX.cast_unsigned()) {
            return Err(ConfigError::invalid("client.id", "(too long)", "holds at most 32767 bytes"));
        }
        Ok(self)
    }

    /// What makes the streams.
    pub fn connector(&self) -> &Arc<dyn Connector> {
        &self.connector
    }

    /// Waits for retries: from `retry.backoff.ms` to `retry.backoff.max.ms`.
    pub fn backoff_of_retries(&self) -> Backoff {
        Backoff::new(self.retry_backoff, self.retry_backoff_max)
    }

    /// Clock, seeds and spawning.
    pub fn env(&self) -> &Env {
        &self.env
    }

    /// The bootstrap servers, parsed.
    pub(crate) fn addresses(&self) -> Result<Vec<Address>, ConfigError> {
        const KEY: &str = "bootstrap.servers";
        if self.bootstrap_servers.is_empty() {
            return Err(ConfigError::invalid(KEY, "", "names no server"));
        }
        let parse = |server: &String| {
            server.parse::<Address>().map_err(|error| ConfigError::InvalidValue {
                key: KEY,
                value: server.clone(),
                problem: error.to_string(),
            })
        };
        self.bootstrap_servers.iter().map(parse).collect()
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("bootstrap_servers", &self.bootstrap_servers)
            .field("client_id", &self.client_id)
            .field("request_timeout", &self.request_timeout)
            .field("default_api_timeout", &self.default_api_timeout)
            .field("retry_backoff", &self.retry_backoff)
            .field("retry_backoff_max", &self.retry_backoff_max)
            .field("reconnect_backoff", &self.reconnect_backoff)
            .field("reconnect_backoff_max", &self.reconnect_backoff_max)
            .field("connection_setup_timeout", &self.connection_setup_timeout)
            .field("connections_max_idle", &self.connections_max_idle)
            .field("metadata_max_age", &self.metadata_max_age)
            .field("allow_auto_create_topics", &self.allow_auto_create_topics)
            .field("response_bytes_max", &self.response_bytes_max)
            .finish_non_exhaustive()
    }
}

impl PartialEq for Config {
    fn eq(&self, other: &Self) -> bool {
        let settings = |config: &Self| {
            (
                config.client_id.clone(),
                [
                    config.request_timeout,
                    config.default_api_timeout,
                    config.retry_backoff,
                    config.retry_backoff_max,
                    config.reconnect_backoff,
                    config.reconnect_backoff_max,
                    config.connection_setup_timeout,
                    config.connections_max_idle,
                    config.metadata_max_age,
                ],
                config.allow_auto_create_topics,
                config.response_bytes_max,
            )
        };
        self.bootstrap_servers == other.bootstrap_servers
            && settings(self) == settings(other)
            && Arc::ptr_eq(&self.connector, &other.connector)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_is_named_by_its_kafka_key() {
        let message = |config: Config| config.build().unwrap_err().to_string();
        assert!(message(Config::new("")).contains("bootstrap.servers"));
        assert!(message(Config::new("localhost")).contains("bootstrap.servers"));
        let config = Config::new("a:1").with_request_timeout(Duration::ZERO);
        assert!(message(config).contains("request.timeout.ms"));
    }

    #[test]
    fn several_servers_are_separated_by_commas_and_spaces_do_not_count() {
        let config = Config::new(" a:1, b:2 ,[::1]:3,").build().unwrap();
        assert_eq!(config.bootstrap_servers, ["a:1", "b:2", "[::1]:3"]);
    }

    #[test]
    fn a_config_is_a_value_that_prints_and_compares() {
        let one = Config::new("a:1").with_client_id("x");
        assert_eq!(one, one.clone());
        assert_ne!(one, one.clone().with_client_id("y"));
        assert!(format!("{one:?}").contains("\"x\""));
    }

    #[test]
    fn settings_are_taken_by_their_kafka_keys() {
        let mut config = Config::new("a:1");
        for (key, value) in [
            ("bootstrap.servers", "b:1,c:2"),
            ("client.id", "me"),
            ("retry.backoff.max.ms", "7"),
            ("allow.auto.create.topics", "false"),
        ] {
            assert_eq!(config.set(key, value), Ok(Property::Known));
        }
        assert_eq!(config.bootstrap_servers, ["b:1", "c:2"]);
        assert_eq!(config.client_id, "me");
        assert_eq!(config.retry_backoff_max, Duration::from_millis(7));
        assert!(!config.allow_auto_create_topics);
        assert_eq!(config.set("linger.ms", "5"), Ok(Property::Unknown));
        let error = config.set("request.timeout.ms", "soon").unwrap_err().to_string();
        assert!(error.contains("request.timeout.ms") && error.contains("soon"), "{error}");
    }
}
