//! Settings of a producer, under Kafka's names and with Kafka 4.3's defaults.

use std::time::Duration;

use ottla_client::{ConfigError, Property};
use ottla_protocol::records::Compression;

/// Which copies must have a batch before it is acknowledged (`acks`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Acks {
    /// `0`: nobody acknowledges; the producer does not even learn of failures.
    None,
    /// `1`: the leader.
    Leader,
    /// `all` (`-1`): every copy that is in sync.
    #[default]
    All,
}

impl Acks {
    pub(crate) fn to_wire(self) -> i16 {
        match self {
            Self::None => 0,
            Self::Leader => 1,
            Self::All => -1,
        }
    }
}

/// How to produce.
///
/// A value: made with [`new`](Self::new), changed with `with_..`, checked by
/// [`build`](Self::build), printable and comparable. What it shares with other clients is in
/// [`client`](Self::client).
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use ottla_producer::{Compression, Config};
/// # #[cfg(feature = "lz4")] {
/// let config = Config::new("localhost:9092")
///     .with_linger(Duration::from_millis(20))
///     .with_compression(Compression::Lz4)
///     .build()?;
/// # }
/// # Ok::<(), ottla_client::ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Config {
    /// How to reach the cluster.
    pub client: ottla_client::Config,
    /// `acks`. Default: all.
    pub acks: Acks,
    /// `enable.idempotence`: whether retries are kept from making duplicates and from changing the
    /// order. `None`, the default, means yes wherever the other settings allow it.
    pub enable_idempotence: Option<bool>,
    /// `compression.type`. Default: none.
    pub compression: Compression,
    /// `batch.size`: a batch is full at so many bytes; a larger record gets a batch of its own.
    /// Default: 16 KiB.
    pub batch_size: usize,
    /// `linger.ms`: how long a batch waits to fill up. Default: 5 ms.
    pub linger: Duration,
    /// `buffer.memory`: bytes of all batches that are not acknowledged yet. Default: 32 MiB.
    pub buffer_memory: usize,
    /// `max.block.ms`: how long to wait for buffer memory, or to learn of a topic. Default: 60 s.
    pub max_block: Duration,
    /// `max.request.size`: bytes of records in one request. Default: 1 MiB.
    pub max_request_size: usize,
    /// `max.in.flight.requests.per.connection`. Default: 5, which is also the most that
    /// idempotence allows.
    pub max_in_flight: usize,
    /// `connections.per.broker`, a setting of ottla: connections over which the partitions of a broker are written
    /// side by side. One moves what one core can copy. Default: 1.
    pub connections_per_broker: u16,
    /// `retries`: how often a batch is sent again. Default: without limit but for
    /// `delivery.timeout.ms`.
    pub retries: u32,
    /// `delivery.timeout.ms`: how old a batch may get before it fails. Default: 2 min.
    pub delivery_timeout: Duration,
    /// `transactional.id`: the name under which this producer writes in transactions. Of several with the same one,
    /// the last one to begin is the only one that can go on. `None`, the default: no transactions.
    pub transactional_id: Option<String>,
    /// `transaction.timeout.ms`: after how long the coordinator aborts a transaction that has not ended; brokers
    /// take up to `transaction.max.timeout.ms`. Default: 60 s.
    pub transaction_timeout: Duration,
    /// `partitioner.ignore.keys`: whether keys do not decide the partition. Default: false.
    pub partitioner_ignore_keys: bool,
}

impl Config {
    ottla_client::internal::pass_on_client_settings!();

    /// Kafka's defaults, for a cluster reached like this.
    pub fn with_client(client: ottla_client::Config) -> Self {
        Self {
            client,
            acks: Acks::All,
            enable_idempotence: None,
            compression: Compression::None,
            batch_size: 16 * 1024,
            linger: Duration::from_millis(5),
            buffer_memory: 32 * 1024 * 1024,
            max_block: Duration::from_secs(60),
            max_request_size: 1024 * 1024,
            max_in_flight: 5,
            connections_per_broker: 1,
            retries: u32::MAX,
            delivery_timeout: Duration::from_secs(120),
            transactional_id: None,
            transaction_timeout: Duration::from_secs(60),
            partitioner_ignore_keys: false,
        }
    }

    /// Sets `acks`.
    #[must_use]
    pub fn with_acks(mut self, acks: Acks) -> Self {
        self.acks = acks;
        self
    }

    /// Sets `enable.idempotence`.
    #[must_use]
    pub fn with_idempotence(mut self, enable: bool) -> Self {
        self.enable_idempotence = Some(enable);
        self
    }

    /// Sets `compression.type`.
    #[must_use]
    pub fn with_compression(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// Sets `batch.size`, in bytes.
    #[must_use]
    pub fn with_batch_size(mut self, bytes: usize) -> Self {
        self.batch_size = bytes;
        self
    }

    /// Sets `linger.ms`.
    #[must_use]
    pub fn with_linger(mut self, linger: Duration) -> Self {
        self.linger = linger;
        self
    }

    /// Sets `buffer.memory`, in bytes.
    #[must_use]
    pub fn with_buffer_memory(mut self, bytes: usize) -> Self {
        self.buffer_memory = bytes;
        self
    }

    /// Sets `max.block.ms`.
    #[must_use]
    pub fn with_max_block(mut self, patience: Duration) -> Self {
        self.max_block = patience;
        self
    }

    /// Sets `max.request.size`, in bytes.
    #[must_use]
    pub fn with_max_request_size(mut self, bytes: usize) -> Self {
        self.max_request_size = bytes;
        self
    }

    /// Sets `max.in.flight.requests.per.connection`.
    #[must_use]
    pub fn with_max_in_flight(mut self, requests: usize) -> Self {
        self.max_in_flight = requests;
        self
    }

    /// Sets `connections.per.broker`.
    #[must_use]
    pub fn with_connections_per_broker(mut self, connections: u16) -> Self {
        self.connections_per_broker = connections;
        self
    }

    /// Sets `retries`.
    #[must_use]
    pub fn with_retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// Sets `delivery.timeout.ms`.
    #[must_use]
    pub fn with_delivery_timeout(mut self, timeout: Duration) -> Self {
        self.delivery_timeout = timeout;
        self
    }

    /// Sets `transactional.id`.
    #[must_use]
    pub fn with_transactional_id(mut self, id: impl Into<String>) -> Self {
        self.transactional_id = Some(id.into());
        self
    }

    /// Sets `transaction.timeout.ms`.
    #[must_use]
    pub fn with_transaction_timeout(mut self, timeout: Duration) -> Self {
        self.transaction_timeout = timeout;
        self
    }

    /// Whether this producer is idempotent.
    pub fn is_idempotent(&self) -> bool {
        self.enable_idempotence.unwrap_or_else(|| self.idempotence_conflict().is_none())
    }

    /// The setting that idempotence cannot live with, and why.
    fn idempotence_conflict(&self) -> Option<ConfigError> {
        let conflict =
            |key, value: &dyn ToString, problem| Some(ConfigError::invalid(key, value.to_string(), problem));
        if self.acks != Acks::All {
            return conflict("acks", &self.acks.to_wire(), "enable.idempotence needs acks=all");
        }
        if self.max_in_flight > 5 {
            let key = "max.in.flight.requests.per.connection";
            return conflict(key, &self.max_in_flight, "enable.idempotence allows at most 5");
        }
        if self.retries == 0 {
            return conflict("retries", &0, "enable.idempotence needs more than 0");
        }
        None
    }

    /// Checks every setting.
    ///
    /// # Errors
    /// The first setting that cannot be, by its Kafka key.
    pub fn build(self) -> Result<Self, ConfigError> {
        let client = self.client.clone().build()?;
        if self.enable_idempotence == Some(true) {
            self.idempotence_conflict().map_or(Ok(()), Err)?;
        }
        if let Some(id) = &self.transactional_id {
            self.idempotence_conflict().map_or(Ok(()), Err)?;
            if id.is_empty() {
                return Err(ConfigError::invalid("transactional.id", "", "must not be empty"));
            }
            if self.enable_idempotence == Some(false) {
                let problem = "transactional.id needs idempotence";
                return Err(ConfigError::invalid("enable.idempotence", "false", problem));
            }
            if self.transaction_timeout.is_zero()
                || i32::try_from(self.transaction_timeout.as_millis()).is_err()
            {
                let value = self.transaction_timeout.as_millis();
                let problem = "must be more than 0, and fit 32 bits";
                return Err(ConfigError::invalid("transaction.timeout.ms", value, problem));
            }
        }
        let sizes = [
            ("batch.size", self.batch_size),
            ("buffer.memory", self.buffer_memory),
            ("max.request.size", self.max_request_size),
            ("max.in.flight.requests.per.connection", self.max_in_flight),
            ("connections.per.broker", usize::from(self.connections_per_broker)),
        ];
        for (key, value) in sizes {
            if value == 0 {
                return Err(ConfigError::invalid(key, 0, "must be more than 0"));
            }
            if i32::try_from(value).is_err() && key != "buffer.memory" {
                return Err(ConfigError::invalid(key, value, "must be less than 2 GiB"));
            }
        }
        if self.buffer_memory < self.batch_size {
            return Err(ConfigError::invalid(
                "buffer.memory",
                self.buffer_memory,
                "must hold at least one batch.size",
            ));
        }
        let least = self.linger + client.request_timeout;
        if self.delivery_timeout < least {
            let value = self.delivery_timeout.as_millis();
            let problem = "must be at least linger.ms + request.timeout.ms";
            return Err(ConfigError::invalid("delivery.timeout.ms", value, problem));
        }
        if !self.compression.is_enabled() {
            let problem = "was left out when this program was built";
            return Err(ConfigError::invalid("compression.type", self.compression.name(), problem));
        }
        Ok(self)
    }

    /// Sets one setting by its Kafka key, from text.
    ///
    /// # Errors
    /// The value cannot be read. Whether it makes sense is checked by [`build`](Self::build).
    pub fn set(&mut self, key: &str, value: &str) -> Result<Property, ConfigError> {
        const NUMBER: &str = "must be a whole number";
        let (ms, value) = (ConfigError::parse_ms, value.trim());
        match key {
            "acks" => {
                self.acks = match value {
                    "0" => Acks::None,
                    "1" => Acks::Leader,
                    "all" | "-1" => Acks::All,
                    _ => return Err(ConfigError::invalid("acks", value, "must be 0, 1 or all")),
                }
            }
            "enable.idempotence" => {
                let enable = ConfigError::parse("enable.idempotence", value, "must be true or false")?;
                self.enable_idempotence = Some(enable);
            }
            "compression.type" => {
                let unknown = || {
                    ConfigError::invalid("compression.type", value, "must be none, gzip, snappy, lz4 or zstd")
                };
                self.compression = Compression::from_name(value).ok_or_else(unknown)?;
            }
            "batch.size" => self.batch_size = ConfigError::parse("batch.size", value, NUMBER)?,
            "linger.ms" => self.linger = ms("linger.ms", value)?,
            "buffer.memory" => self.buffer_memory = ConfigError::parse("buffer.memory", value, NUMBER)?,
            "max.block.ms" => self.max_block = ms("max.block.ms", value)?,
            "max.request.size" => {
                self.max_request_size = ConfigError::parse("max.request.size", value, NUMBER)?
            }
            "max.in.flight.requests.per.connection" => {
                self.max_in_flight =
                    ConfigError::parse("max.in.flight.requests.per.connection", value, NUMBER)?;
            }
            "connections.per.broker" => {
                let read = ConfigError::parse("connections.per.broker", value, NUMBER)?;
                self.connections_per_broker = read;
            }
            "retries" => self.retries = ConfigError::parse("retries", value, NUMBER)?,
            "delivery.timeout.ms" => self.delivery_timeout = ms("delivery.timeout.ms", value)?,
            "transactional.id" => self.transactional_id = Some(value.to_owned()),
            "transaction.timeout.ms" => self.transaction_timeout = ms("transaction.timeout.ms", value)?,
            "partitioner.ignore.keys" => {
                self.partitioner_ignore_keys =
                    ConfigError::parse("partitioner.ignore.keys", value, "must be true or false")?;
            }
            _ => return self.client.set(key, value),
        }
        Ok(Property::Known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(config: Config) -> String {
        config.build().unwrap_err().to_string()
    }

    #[test]
    fn idempotence_is_on_wherever_the_other_settings_allow_it() {
        let config = Config::new("a:1");
        assert!(config.is_idempotent());
        assert!(!config.clone().with_acks(Acks::Leader).is_idempotent());
        assert!(!config.clone().with_max_in_flight(6).is_idempotent());
        assert!(!config.clone().with_idempotence(false).is_idempotent());
        config.build().unwrap();
    }

    #[test]
    fn idempotence_that_was_asked_for_is_not_dropped_silently() {
        let config = Config::new("a:1").with_idempotence(true);
        assert!(refused(config.clone().with_acks(Acks::None)).contains("acks"));
        assert!(refused(config.clone().with_max_in_flight(6)).contains("max.in.flight"));
        assert!(refused(config.with_retries(0)).contains("retries"));
    }

    #[test]
    fn what_cannot_be_is_named_by_its_kafka_key() {
        let config = Config::new("a:1");
        assert!(refused(config.clone().with_batch_size(0)).contains("batch.size"));
        assert!(refused(config.clone().with_buffer_memory(10)).contains("buffer.memory"));
        let timeout = Duration::from_secs(1);
        assert!(refused(config.with_delivery_timeout(timeout)).contains("delivery.timeout.ms"));
        assert!(refused(Config::new("nowhere")).contains("bootstrap.servers"));
    }

    #[test]
    fn settings_are_taken_by_their_kafka_keys() {
        let mut config = Config::new("a:1");
        for (key, value) in [
            ("acks", "1"),
            ("compression.type", "zstd"),
            ("linger.ms", "0"),
            ("batch.size", "1000"),
            ("client.id", "me"),
        ] {
            assert_eq!(config.set(key, value), Ok(Property::Known));
        }
        assert_eq!((config.acks, config.compression), (Acks::Leader, Compression::Zstd));
        assert_eq!((config.linger, config.batch_size), (Duration::ZERO, 1000));
        assert_eq!(config.client.client_id, "me");
        assert_eq!(config.set("group.id", "x"), Ok(Property::Unknown));
        assert!(config.set("acks", "2").unwrap_err().to_string().contains("acks"));
    }
}
