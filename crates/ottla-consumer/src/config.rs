//! Settings of a consumer, under Kafka's names and with Kafka 4.3's defaults.

mod group;
mod group_protocol;
mod offset_reset;

use std::time::Duration;

use ottla_client::{ConfigError, IsolationLevel, Property};

use crate::assignor::Assignor;

pub use group_protocol::GroupProtocol;
pub use offset_reset::OffsetReset;

/// How to consume.
///
/// A value: made with [`new`](Self::new), changed with `with_..`, checked by
/// [`build`](Self::build), printable and comparable. What it shares with other clients is in
/// [`client`](Self::client).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Config {
    /// How to reach the cluster.
    pub client: ottla_client::Config,
    /// `auto.offset.reset`. Default: latest.
    pub auto_offset_reset: OffsetReset,
    /// `fetch.min.bytes`: a broker answers once it has so much. Default: 1.
    pub fetch_min_bytes: i32,
    /// `fetch.max.wait.ms`: or after so long. Default: 500 ms.
    pub fetch_max_wait: Duration,
    /// `fetch.max.bytes`: bytes in one answer; a single batch may exceed it. Default: 50 MiB.
    pub fetch_max_bytes: i32,
    /// `max.partition.fetch.bytes`: bytes of one partition in one answer; a single batch may exceed
    /// it. Default: 1 MiB.
    pub max_partition_fetch_bytes: i32,
    /// `check.crcs`: whether batches are held against their checksum. Default: true.
    pub check_crcs: bool,
    /// `isolation.level`. Default: `read_uncommitted`.
    pub isolation_level: IsolationLevel,
    /// `client.rack`: the rack or zone of this consumer. Default: empty.
    pub client_rack: String,
    /// `prefetch.max.bytes`, a setting of ottla: nothing is fetched while so many bytes wait to be
    /// handed out. Default: 64 MiB.
    pub prefetch_max_bytes: usize,
    /// `connections.per.broker`, a setting of ottla: connections over which the partitions of a broker are fetched side
    /// by side, which share `fetch.max.bytes`. One moves what one core can copy. Default: 1.
    pub connections_per_broker: u16,
    /// `decompressed.max.bytes`, a setting of ottla: bytes that one batch may unpack to.
    /// Default: 100 MiB.
    pub decompressed_max_bytes: usize,
    /// `group.id`: the group to join, and to commit offsets for. Default: none.
    pub group_id: Option<String>,
    /// `group.protocol`: who assigns partitions, a member or the coordinator. Default: classic.
    pub group_protocol: GroupProtocol,
    /// `group.remote.assignor`: how a coordinator that assigns does it, `uniform` or `range`; its own choice if not set.
    /// Default: none.
    pub group_remote_assignor: Option<String>,
    /// `group.instance.id`: a name that the member keeps over restarts (KIP-345). Default: none.
    pub group_instance_id: Option<String>,
    /// `session.timeout.ms`: how long the coordinator waits for a sign of life. Default: 45 s.
    pub session_timeout: Duration,
    /// `heartbeat.interval.ms`: how often one is sent. Default: 3 s.
    pub heartbeat_interval: Duration,
    /// `max.poll.interval.ms`: how long the user may be busy with what was handed out before the member leaves,
    /// and how long a rebalance waits for it. Default: 5 min.
    pub max_poll_interval: Duration,
    /// `partition.assignment.strategy`: how partitions may be assigned, the dearest first. Members keep theirs
    /// during a rebalance if all of these are cooperative. Default: range, cooperative-sticky.
    pub partition_assignment_strategy: Vec<Assignor>,
    /// `enable.auto.commit`: whether offsets are committed without being asked, in a group. Default: true.
    pub enable_auto_commit: bool,
    /// `auto.commit.interval.ms`: how often that is. Default: 5 s.
    pub auto_commit_interval: Duration,
    /// `exclude.internal.topics`: whether patterns leave out the topics of Kafka itself. Default: true.
    pub exclude_internal_topics: bool,
}

impl Config {
    ottla_client::internal::pass_on_client_settings!();

    /// Kafka's defaults, for a cluster reached like this.
    pub fn with_client(client: ottla_client::Config) -> Self {
        Self {
            client,
            auto_offset_reset: OffsetReset::Latest,
            fetch_min_bytes: 1,
            fetch_max_wait: Duration::from_millis(500),
            fetch_max_bytes: 50 * 1024 * 1024,
            max_partition_fetch_bytes: 1024 * 1024,
            check_crcs: true,
            isolation_level: IsolationLevel::ReadUncommitted,
            client_rack: String::new(),
            prefetch_max_bytes: 64 * 1024 * 1024,
            connections_per_broker: 1,
            decompressed_max_bytes: 100 * 1024 * 1024,
            group_id: None,
            group_protocol: GroupProtocol::Classic,
            group_remote_assignor: None,
            group_instance_id: None,
            session_timeout: Duration::from_secs(45),
            heartbeat_interval: Duration::from_secs(3),
            max_poll_interval: Duration::from_secs(5 * 60),
            partition_assignment_strategy: vec![Assignor::Range, Assignor::CooperativeSticky],
            enable_auto_commit: true,
            auto_commit_interval: Duration::from_secs(5),
            exclude_internal_topics: true,
        }
    }

    /// Sets `auto.offset.reset`.
    #[must_use]
    pub fn with_auto_offset_reset(mut self, reset: OffsetReset) -> Self {
        self.auto_offset_reset = reset;
        self
    }

    /// Sets `fetch.min.bytes` and `fetch.max.wait.ms`.
    #[must_use]
    pub fn with_fetch_min(mut self, bytes: i32, wait: Duration) -> Self {
        (self.fetch_min_bytes, self.fetch_max_wait) = (bytes, wait);
        self
    }

    /// Sets `fetch.max.bytes`.
    #[must_use]
    pub fn with_fetch_max_bytes(mut self, bytes: i32) -> Self {
        self.fetch_max_bytes = bytes;
        self
    }

    /// Sets `max.partition.fetch.bytes`.
    #[must_use]
    pub fn with_max_partition_fetch_bytes(mut self, bytes: i32) -> Self {
        self.max_partition_fetch_bytes = bytes;
        self
    }

    /// Sets `check.crcs` to false: batches are taken on trust.
    #[must_use]
    pub fn without_crc_check(mut self) -> Self {
        self.check_crcs = false;
        self
    }

    /// Sets `isolation.level`.
    #[must_use]
    pub fn with_isolation_level(mut self, level: IsolationLevel) -> Self {
        self.isolation_level = level;
        self
    }

    /// Sets `prefetch.max.bytes`.
    #[must_use]
    pub fn with_prefetch_max_bytes(mut self, bytes: usize) -> Self {
        self.prefetch_max_bytes = bytes;
        self
    }

    /// Sets `connections.per.broker`.
    #[must_use]
    pub fn with_connections_per_broker(mut self, connections: u16) -> Self {
        self.connections_per_broker = connections;
        self
    }

    /// Checks every setting.
    ///
    /// # Errors
    /// The first setting that cannot be, by its Kafka key.
    pub fn build(self) -> Result<Self, ConfigError> {
        let client = self.client.clone().build()?;
        let not_zero = [
            ("fetch.max.bytes", i64::from(self.fetch_max_bytes)),
            ("max.partition.fetch.bytes", i64::from(self.max_partition_fetch_bytes)),
            ("connections.per.broker", i64::from(self.connections_per_broker)),
            ("prefetch.max.bytes", i64::try_from(self.prefetch_max_bytes).unwrap_or(i64::MAX)),
        ];
        for (key, value) in not_zero {
            if value <= 0 {
                return Err(ConfigError::invalid(key, value, "must be more than 0"));
            }
        }
        if self.fetch_min_bytes < 0 {
            return Err(ConfigError::invalid(
                "fetch.min.bytes",
                self.fetch_min_bytes,
                "must not be negative",
            ));
        }
        if self.fetch_max_wait >= client.request_timeout {
            let problem = "must be less than request.timeout.ms";
            return Err(ConfigError::invalid("fetch.max.wait.ms", self.fetch_max_wait.as_millis(), problem));
        }
        self.check_group()?;
        Ok(self)
    }

    /// Sets one setting by its Kafka key, from text.
    ///
    /// # Errors
    /// The value cannot be read. Whether it makes sense is checked by [`build`](Self::build).
    pub fn set(&mut self, key: &str, value: &str) -> Result<Property, ConfigError> {
        const NUMBER: &str = "must be a whole number";
        let value = value.trim();
        match key {
            "auto.offset.reset" => {
                let refused = |problem| ConfigError::invalid("auto.offset.reset", value, problem);
                self.auto_offset_reset = value.parse().map_err(refused)?;
            }
            "isolation.level" => {
                self.isolation_level = match value {
                    "read_uncommitted" => IsolationLevel::ReadUncommitted,
                    "read_committed" => IsolationLevel::ReadCommitted,
                    _ => {
                        let problem = "must be read_uncommitted or read_committed";
                        return Err(ConfigError::invalid("isolation.level", value, problem));
                    }
                }
            }
            "fetch.min.bytes" => self.fetch_min_bytes = ConfigError::parse("fetch.min.bytes", value, NUMBER)?,
            "fetch.max.wait.ms" => self.fetch_max_wait = ConfigError::parse_ms("fetch.max.wait.ms", value)?,
            "fetch.max.bytes" => self.fetch_max_bytes = ConfigError::parse("fetch.max.bytes", value, NUMBER)?,
            "max.partition.fetch.bytes" => {
                self.max_partition_fetch_bytes =
                    ConfigError::parse("max.partition.fetch.bytes", value, NUMBER)?;
            }
            "check.crcs" => {
                self.check_crcs = ConfigError::parse("check.crcs", value, "must be true or false")?
            }
            "client.rack" => value.clone_into(&mut self.client_rack),
            "prefetch.max.bytes" => {
                self.prefetch_max_bytes = ConfigError::parse("prefetch.max.bytes", value, NUMBER)?
            }
            "connections.per.broker" => {
                let read = ConfigError::parse("connections.per.broker", value, NUMBER)?;
                self.connections_per_broker = read;
            }
            "decompressed.max.bytes" => {
                self.decompressed_max_bytes = ConfigError::parse("decompressed.max.bytes", value, NUMBER)?;
            }
            _ => match self.set_group(key, value)? {
                Property::Known => {}
                Property::Unknown => return self.client.set(key, value),
            },
        }
        Ok(Property::Known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_is_named_by_its_kafka_key() {
        let refused = |config: Config| config.build().unwrap_err().to_string();
        assert!(refused(Config::new("a:1").with_fetch_max_bytes(0)).contains("fetch.max.bytes"));
        let none = Config::new("a:1").with_connections_per_broker(0);
        assert!(refused(none).contains("connections.per.broker"));
        assert!(refused(Config::new("a:1").with_fetch_min(-1, Duration::ZERO)).contains("fetch.min.bytes"));
        let too_long = Duration::from_secs(60);
        assert!(refused(Config::new("a:1").with_fetch_min(1, too_long)).contains("fetch.max.wait.ms"));
        Config::new("a:1").build().unwrap();
    }

    #[test]
    fn settings_are_taken_by_their_kafka_keys() {
        let mut config = Config::new("a:1");
        for (key, value) in [
            ("auto.offset.reset", "earliest"),
            ("isolation.level", "read_committed"),
            ("fetch.max.wait.ms", "7"),
            ("check.crcs", "false"),
            ("client.id", "me"),
        ] {
            assert_eq!(config.set(key, value), Ok(Property::Known));
        }
        assert_eq!(config.auto_offset_reset, OffsetReset::Earliest);
        assert_eq!(config.isolation_level, IsolationLevel::ReadCommitted);
        assert_eq!(config.fetch_max_wait, Duration::from_millis(7));
        assert!(!config.check_crcs);
        assert_eq!(config.client.client_id, "me");
        assert_eq!(config.set("linger.ms", "1"), Ok(Property::Unknown));
    }
}
