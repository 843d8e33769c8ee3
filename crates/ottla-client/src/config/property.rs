//! Settings as text: a Kafka key and a value, as they stand in a file or on a command line.

use std::time::Duration;

use crate::config::Config;

/// Why a setting was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The value cannot be.
    #[error("{key} = {value:?}: {problem}")]
    InvalidValue {
        /// Kafka key of the setting.
        key: &'static str,
        /// The value as given.
        value: String,
        /// What is wrong with it.
        problem: String,
    },
    /// No setting has this key.
    #[error("{0:?} is no setting of this client")]
    UnknownKey(String),
}

impl ConfigError {
    /// `key` cannot be `value`, because of `problem`.
    pub fn invalid(key: &'static str, value: impl ToString, problem: &str) -> Self {
        Self::InvalidValue { key, value: value.to_string(), problem: problem.to_owned() }
    }

    /// Reads a number of milliseconds.
    ///
    /// # Errors
    /// It is not one.
    pub fn parse_ms(key: &'static str, value: &str) -> Result<Duration, Self> {
        Ok(Duration::from_millis(Self::parse(key, value, "must be a whole number of milliseconds")?))
    }

    /// Reads a value of any kind that can be read.
    ///
    /// # Errors
    /// It cannot be read; `problem` says what was expected.
    pub fn parse<T: std::str::FromStr>(key: &'static str, value: &str, problem: &str) -> Result<T, Self> {
        value.trim().parse().map_err(|_| Self::invalid(key, value, problem))
    }
}

/// Whether a key belongs to a config.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Property {
    /// It does, and the value is set.
    Known,
    /// It does not; nothing was changed.
    Unknown,
}

impl Config {
    /// Sets one setting by its Kafka key, from text.
    ///
    /// # Errors
    /// The value cannot be read. Whether it makes sense is checked by [`build`](Self::build).
    pub fn set(&mut self, key: &str, value: &str) -> Result<Property, ConfigError> {
        let ms = ConfigError::parse_ms;
        match key {
            "bootstrap.servers" => self.bootstrap_servers = list(value),
            "client.id" => value.clone_into(&mut self.client_id),
            "request.timeout.ms" => self.request_timeout = ms("request.timeout.ms", value)?,
            "default.api.timeout.ms" => self.default_api_timeout = ms("default.api.timeout.ms", value)?,
            "retry.backoff.ms" => self.retry_backoff = ms("retry.backoff.ms", value)?,
            "retry.backoff.max.ms" => self.retry_backoff_max = ms("retry.backoff.max.ms", value)?,
            "reconnect.backoff.ms" => self.reconnect_backoff = ms("reconnect.backoff.ms", value)?,
            "reconnect.backoff.max.ms" => self.reconnect_backoff_max = ms("reconnect.backoff.max.ms", value)?,
            "socket.connection.setup.timeout.ms" => {
                self.connection_setup_timeout = ms("socket.connection.setup.timeout.ms", value)?;
            }
            "connections.max.idle.ms" => self.connections_max_idle = ms("connections.max.idle.ms", value)?,
            "metadata.max.age.ms" => self.metadata_max_age = ms("metadata.max.age.ms", value)?,
            "allow.auto.create.topics" => {
                self.allow_auto_create_topics =
                    ConfigError::parse("allow.auto.create.topics", value, "must be true or false")?;
            }
            _ => return Ok(Property::Unknown),
        }
        Ok(Property::Known)
    }
}

/// The entries of a list separated by commas; empty ones do not count.
pub(super) fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).map(str::to_owned).collect()
}
