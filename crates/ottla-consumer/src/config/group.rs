//! Settings of a consumer as a member of a group.

use std::time::Duration;

use ottla_client::{ConfigError, Property};

use super::{Config, GroupProtocol};
use crate::assignor::Assignor;

impl Config {
    /// Sets `group.id`: the group to join, and to commit offsets for.
    #[must_use]
    pub fn with_group_id(mut self, group_id: impl Into<String>) -> Self {
        self.group_id = Some(group_id.into());
        self
    }

    /// Sets `group.protocol`: who assigns partitions.
    #[must_use]
    pub fn with_group_protocol(mut self, protocol: GroupProtocol) -> Self {
        self.group_protocol = protocol;
        self
    }

    /// Sets `group.instance.id`: a name that this member keeps over restarts (KIP-345).
    #[must_use]
    pub fn with_group_instance_id(mut self, instance_id: impl Into<String>) -> Self {
        self.group_instance_id = Some(instance_id.into());
        self
    }

    /// Sets `session.timeout.ms` and `heartbeat.interval.ms`.
    #[must_use]
    pub fn with_session(mut self, timeout: Duration, heartbeat_interval: Duration) -> Self {
        (self.session_timeout, self.heartbeat_interval) = (timeout, heartbeat_interval);
        self
    }

    /// Sets `max.poll.interval.ms`.
    #[must_use]
    pub fn with_max_poll_interval(mut self, interval: Duration) -> Self {
        self.max_poll_interval = interval;
        self
    }

    /// Sets `partition.assignment.strategy`, the dearest first.
    #[must_use]
    pub fn with_assignors(mut self, assignors: impl IntoIterator<Item = Assignor>) -> Self {
        self.partition_assignment_strategy = assignors.into_iter().collect();
        self
    }

    /// Sets `enable.auto.commit` to true, and `auto.commit.interval.ms`.
    #[must_use]
    pub fn with_auto_commit(mut self, interval: Duration) -> Self {
        (self.enable_auto_commit, self.auto_commit_interval) = (true, interval);
        self
    }

    /// Sets `enable.auto.commit` to false: only what is committed by hand is committed.
    #[must_use]
    pub fn without_auto_commit(mut self) -> Self {
        self.enable_auto_commit = false;
        self
    }

    /// Checks the settings of a group member.
    pub(super) fn check_group(&self) -> Result<(), ConfigError> {
        if self.group_id.as_deref() == Some("") {
            return Err(ConfigError::invalid("group.id", "", "must not be empty"));
        }
        if self.group_instance_id.as_deref() == Some("") {
            return Err(ConfigError::invalid("group.instance.id", "", "must not be empty"));
        }
        let longest = Duration::from_millis(i32::MAX.unsigned_abs().into());
        let times = [
            ("session.timeout.ms", self.session_timeout),
            ("heartbeat.interval.ms", self.heartbeat_interval),
            ("max.poll.interval.ms", self.max_poll_interval),
            ("auto.commit.interval.ms", self.auto_commit_interval),
        ];
        for (key, time) in times {
            if time.is_zero() || time > longest {
                return Err(ConfigError::invalid(key, time.as_millis(), "must be from 1 to 2147483647"));
            }
        }
        if self.heartbeat_interval >= self.session_timeout {
            let problem = "must be less than session.timeout.ms";
            let value = self.heartbeat_interval.as_millis();
            return Err(ConfigError::invalid("heartbeat.interval.ms", value, problem));
        }
        let assignors = &self.partition_assignment_strategy;
        let is_twice = |at: usize| assignors[..at].contains(&assignors[at]);
        if assignors.is_empty() || (0..assignors.len()).any(is_twice) {
            let names: Vec<_> = assignors.iter().map(|assignor| assignor.name()).collect();
            let problem = "must name assignors, each once";
            return Err(ConfigError::invalid("partition.assignment.strategy", names.join(","), problem));
        }
        Ok(())
    }

    /// Sets one of these settings by its Kafka key.
    pub(super) fn set_group(&mut self, key: &str, value: &str) -> Result<Property, ConfigError> {
        let text = || Some(value.to_owned()).filter(|value| !value.is_empty());
        let flag = |key| ConfigError::parse(key, value, "must be true or false");
        let ms = ConfigError::parse_ms;
        match key {
            "group.id" => self.group_id = text(),
            "group.instance.id" => self.group_instance_id = text(),
            "group.protocol" => {
                let invalid = |problem| ConfigError::invalid("group.protocol", value, problem);
                self.group_protocol = value.parse().map_err(invalid)?;
            }
            "group.remote.assignor" => self.group_remote_assignor = text(),
            "session.timeout.ms" => self.session_timeout = ms("session.timeout.ms", value)?,
            "heartbeat.interval.ms" => self.heartbeat_interval = ms("heartbeat.interval.ms", value)?,
            "max.poll.interval.ms" => self.max_poll_interval = ms("max.poll.interval.ms", value)?,
            "auto.commit.interval.ms" => self.auto_commit_interval = ms("auto.commit.interval.ms", value)?,
            "enable.auto.commit" => self.enable_auto_commit = flag("enable.auto.commit")?,
            "exclude.internal.topics" => self.exclude_internal_topics = flag("exclude.internal.topics")?,
            "partition.assignment.strategy" => {
                let names = value.split(',').map(str::trim).filter(|name| !name.is_empty());
                let assignors: Result<Vec<Assignor>, _> = names.map(str::parse).collect();
                let problem = |error: crate::assignor::UnknownAssignor| {
                    ConfigError::invalid("partition.assignment.strategy", value, &error.to_string())
                };
                self.partition_assignment_strategy = assignors.map_err(problem)?;
            }
            _ => return Ok(Property::Unknown),
        }
        Ok(Property::Known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(pairs: &[(&str, &str)]) -> Config {
        let mut config = Config::new("a:1");
        for (key, value) in pairs {
            assert_eq!(config.set(key, value), Ok(Property::Known), "{key}");
        }
        config
    }

    #[test]
    fn groups_are_set_by_kafkas_keys() {
        let config = set(&[
            ("group.id", "g"),
            ("group.instance.id", "i"),
            ("group.protocol", "CLASSIC"),
            ("session.timeout.ms", "6000"),
            ("heartbeat.interval.ms", "2000"),
            ("max.poll.interval.ms", "7000"),
            ("enable.auto.commit", "false"),
            ("auto.commit.interval.ms", "1000"),
            ("exclude.internal.topics", "false"),
            ("partition.assignment.strategy", "sticky, org.apache.kafka.clients.consumer.RangeAssignor"),
        ]);
        let same = Config::new("a:1")
            .with_group_id("g")
            .with_group_instance_id("i")
            .with_session(Duration::from_secs(6), Duration::from_secs(2))
            .with_max_poll_interval(Duration::from_secs(7))
            .with_auto_commit(Duration::from_secs(1))
            .without_auto_commit()
            .with_assignors([Assignor::Sticky, Assignor::Range]);
        // There is no setter for what hardly anybody sets.
        let same = Config { exclude_internal_topics: false, client: config.client.clone(), ..same };
        assert_eq!(config, same);
        config.build().unwrap();
    }

    #[test]
    fn what_cannot_be_is_named_by_its_kafka_key() {
        let refused = |config: Config| config.build().unwrap_err().to_string();
        let second = Duration::from_secs(1);
        let config = || Config::new("a:1");
        assert!(refused(config().with_group_id("")).contains("group.id"));
        assert!(refused(config().with_session(second, second)).contains("heartbeat.interval.ms"));
        assert!(refused(config().with_max_poll_interval(Duration::ZERO)).contains("max.poll.interval.ms"));
        assert!(refused(config().with_assignors([])).contains("partition.assignment.strategy"));
        assert!(refused(config().with_assignors([Assignor::Range; 2])).contains("range,range"));
        let error = config().set("group.protocol", "streams").unwrap_err().to_string();
        assert!(error.contains("classic or consumer"), "{error}");
        let mut config = config();
        assert_eq!(config.set("group.protocol", "Consumer"), Ok(Property::Known));
        assert_eq!(config.set("group.remote.assignor", "range"), Ok(Property::Known));
        assert_eq!(config.group_protocol, GroupProtocol::Consumer);
        let config = || Config::new("a:1");
        let error = config().set("partition.assignment.strategy", "mine").unwrap_err().to_string();
        assert!(error.contains("cooperative-sticky"), "{error}");
    }
}
