//! The configuration of one group of the newer protocols: what was set for it, else what the broker has for all.
//!
//! A group's values lie within the bounds that the broker sets (`group.consumer.min.session.timeout.ms` and its
//! like). They are held against these when they are set; a start with narrower bounds moves them inside.

use std::sync::Arc;
use std::time::Duration;

use super::ConfigError;
use super::alter::Values;
use super::definition::{broker_definitions, find, group_definitions};
use super::duration::iso_duration;
use super::live::LiveConfig;

/// What holds for a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GroupConfig {
    /// As a group of the consumer protocol (KIP-848).
    pub(crate) consumer: MemberConfig,
    /// As a share group (KIP-932).
    pub(crate) share: ShareConfig,
}

/// What a coordinator tells the members of a group, and expects of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MemberConfig {
    /// Without a heartbeat for so long, a member is taken for dead.
    pub(crate) session_timeout: Duration,
    /// Time between two heartbeats.
    pub(crate) heartbeat_interval: Duration,
    /// Time between two assignments at least.
    pub(crate) assignment_interval: Duration,
}

impl MemberConfig {
    /// Whether partitions may be given out again by now, after the last time.
    pub(crate) fn is_assignment_due(&self, now_ms: i64, last_ms: i64) -> bool {
        let since_ms = now_ms.saturating_sub(last_ms);
        let interval_ms = i64::try_from(self.assignment_interval.as_millis()).unwrap_or(i64::MAX);
        // A clock that went back does not stop it.
        since_ms < 0 || since_ms >= interval_ms
    }
}

/// The same, and what a share group has besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ShareConfig {
    pub(crate) member: MemberConfig,
    /// For so long a record is locked for the member it was handed to.
    pub(crate) record_lock_duration: Duration,
    /// Deliveries after which a record is given up.
    pub(crate) delivery_count_limit: i32,
    /// Records in flight per partition.
    pub(crate) partition_max_record_locks: i32,
    /// Where a partition begins that the group has never read.
    pub(crate) auto_offset_reset: ShareReset,
    /// Whether records of transactions are delivered only once these are committed.
    pub(crate) reads_committed: bool,
    /// Whether a member may renew the lock of a record.
    pub(crate) renew_acknowledge: bool,
}

/// Where a partition begins that a share group has never read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ShareReset {
    Latest,
    Earliest,
    /// At the first record that is no older than this.
    ByDuration(Duration),
}

impl ShareReset {
    /// Reads `latest`, `earliest` or `by_duration:PnDTnHnMn.nS`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "latest" => Some(Self::Latest),
            "earliest" => Some(Self::Earliest),
            _ => text.strip_prefix("by_duration:").and_then(iso_duration).map(Self::ByDuration),
        }
    }
}

impl GroupConfig {
    /// What these values of a group come to on that broker.
    pub(crate) fn new(values: &Values, broker: &LiveConfig) -> Self {
        let number = |key: &str| bounded(values, broker, key);
        let millis = |key: String| Duration::from_millis(u64::try_from(number(&key)).unwrap_or_default());
        let count = |key: &str| i32::try_from(number(key)).unwrap_or(i32::MAX);
        let member = |kind: &str| MemberConfig {
            session_timeout: millis(format!("{kind}.session.timeout.ms")),
            heartbeat_interval: millis(format!("{kind}.heartbeat.interval.ms")),
            assignment_interval: millis(format!("{kind}.assignment.interval.ms")),
        };
        let text = |key: &str| {
            let default = || find(group_definitions(), key)?.default_value();
            values.get(key).map(String::as_str).or_else(default).unwrap_or_default()
        };
        let share = ShareConfig {
            member: member("share"),
            record_lock_duration: millis("share.record.lock.duration.ms".to_owned()),
            delivery_count_limit: count("share.delivery.count.limit"),
            partition_max_record_locks: count("share.partition.max.record.locks"),
            auto_offset_reset: ShareReset::parse(text("share.auto.offset.reset"))
                .unwrap_or(ShareReset::Latest),
            reads_committed: text("share.isolation.level") == "read_committed",
            renew_acknowledge: text("share.renew.acknowledge.enable") == "true",
        };
        Self { consumer: member("consumer"), share }
    }

    /// Of a group that nothing was set for.
    pub(crate) fn of_broker(broker: &LiveConfig) -> Arc<Self> {
        Arc::new(Self::new(&Values::new(), broker))
    }
}

/// The value of a numeric key, within the bounds of the broker.
fn bounded(values: &Values, broker: &LiveConfig, key: &str) -> i64 {
    let own = values.get(key).and_then(|value| value.parse().ok());
    let value: i64 = own.unwrap_or_else(|| broker.number(&format!("group.{key}")));
    let (min, max) = bounds(broker, key);
    value.min(max.map_or(i64::MAX, |(_, max)| max)).max(min.map_or(i64::MIN, |(_, min)| min))
}

type Bound = Option<(&'static str, i64)>;

/// The broker keys that bound one of a group, with their values: `consumer.session.timeout.ms` goes from
/// `group.consumer.min.session.timeout.ms` to `group.consumer.max.session.timeout.ms`.
fn bounds(broker: &LiveConfig, key: &str) -> (Bound, Bound) {
    let bound = |word: &str| {
        let (kind, rest) = key.split_once('.')?;
        let rest = if rest == "num.standby.replicas" { "standby.replicas" } else { rest };
        let definition = find(broker_definitions(), &format!("group.{kind}.{word}.{rest}"))?;
        Some((definition.name(), broker.number(definition.name())))
    };
    (bound("min"), bound("max"))
}

/// Checks what is set for a group against the bounds of the broker, and its values against each other. The words
/// are Kafka's.
///
/// # Errors
/// [`ConfigError::OutOfBounds`].
pub(crate) fn check(values: &Values, broker: &LiveConfig) -> Result<(), ConfigError> {
    let refuse = |name: &str, relation, other: &str| {
        let (name, other) = (name.to_owned(), other.to_owned());
        Err(ConfigError::OutOfBounds { name, relation, other })
    };
    for (key, value) in values {
        let Ok(value) = value.parse::<i64>() else { continue };
        match bounds(broker, key) {
            (Some((min, bound)), _) if value < bound => {
                return refuse(key, "greater than or equal to", min);
            }
            (_, Some((max, bound))) if value > bound => return refuse(key, "less than or equal to", max),
            _ => {}
        }
    }
    for kind in ["consumer", "share", "streams"] {
        let (session, heartbeat) =
            (format!("{kind}.session.timeout.ms"), format!("{kind}.heartbeat.interval.ms"));
        if bounded(values, broker, &session) <= bounded(values, broker, &heartbeat) {
            return refuse(&session, "greater than", &heartbeat);
        }
    }
    Ok(())
}

/// Checks that the broker's own values for groups lie within its bounds.
///
/// # Errors
/// [`ConfigError::OutOfBounds`].
pub(crate) fn check_broker(broker: &LiveConfig) -> Result<(), ConfigError> {
    for key in group_definitions() {
        let name = format!("group.{}", key.name());
        if find(broker_definitions(), &name).is_none() {
            continue;
        }
        let value: i64 = broker.number(&name);
        let (min, max) = bounds(broker, key.name());
        let out = |name: &str, relation, other: &str| {
            let (name, other) = (name.to_owned(), other.to_owned());
            Err(ConfigError::OutOfBounds { name, relation, other })
        };
        match (min, max) {
            (Some((min_name, min)), Some((max_name, max))) if max < min => {
                return out(max_name, "greater than or equal to", min_name);
            }
            (Some((min_name, min)), _) if value < min => {
                return out(&name, "greater than or equal to", min_name);
            }
            (_, Some((max_name, max))) if value > max => {
                return out(&name, "less than or equal to", max_name);
            }
            _ => {}
        }
    }
    for kind in ["consumer", "share", "streams"] {
        let (session, heartbeat) =
            (format!("group.{kind}.session.timeout.ms"), format!("group.{kind}.heartbeat.interval.ms"));
        if broker.number::<i64>(&session) <= broker.number::<i64>(&heartbeat) {
            return Err(ConfigError::OutOfBounds {
                name: session,
                relation: "greater than",
                other: heartbeat,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::BrokerConfig;

    fn values(pairs: &[(&str, &str)]) -> Values {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn broker(pairs: &[(&str, &str)]) -> LiveConfig {
        LiveConfig::new(BrokerConfig::from_pairs(pairs.iter().copied()).unwrap())
    }

    #[test]
    fn a_group_has_its_own_values_and_else_those_of_the_broker() {
        let config = GroupConfig::new(&Values::new(), &broker(&[]));
        let of = |session: u64, heartbeat, assignment| MemberConfig {
            session_timeout: Duration::from_millis(session),
            heartbeat_interval: Duration::from_millis(heartbeat),
            assignment_interval: Duration::from_millis(assignment),
        };
        assert_eq!(config.consumer, of(45_000, 5_000, 1_000));
        let share = ShareConfig {
            member: of(45_000, 5_000, 1_000),
            record_lock_duration: Duration::from_secs(30),
            delivery_count_limit: 5,
            partition_max_record_locks: 2_000,
            auto_offset_reset: ShareReset::Latest,
            reads_committed: false,
            renew_acknowledge: true,
        };
        assert_eq!(config.share, share);

        let set = values(&[
            ("consumer.session.timeout.ms", "50000"),
            ("share.delivery.count.limit", "7"),
            ("share.auto.offset.reset", "by_duration:PT1H"),
            ("share.isolation.level", "read_committed"),
            ("share.renew.acknowledge.enable", "false"),
        ]);
        let config = GroupConfig::new(&set, &broker(&[("group.consumer.assignment.interval.ms", "7")]));
        assert_eq!(config.consumer, of(50_000, 5_000, 7));
        let hour = ShareReset::ByDuration(Duration::from_secs(3_600));
        let changed = ShareConfig {
            delivery_count_limit: 7,
            auto_offset_reset: hour,
            reads_committed: true,
            renew_acknowledge: false,
            ..share
        };
        assert_eq!(config.share, changed);
    }

    #[test]
    fn narrower_bounds_after_a_restart_move_values_inside() {
        let set = values(&[("consumer.session.timeout.ms", "60000")]);
        let narrow = broker(&[("group.consumer.max.session.timeout.ms", "50000")]);
        assert_eq!(GroupConfig::new(&set, &narrow).consumer.session_timeout, Duration::from_secs(50));
    }

    /// As Kafka 4.3.1 says it.
    #[test]
    fn what_lies_out_of_bounds_is_refused_with_the_bound() {
        let refusal = |key: &str, value: &str| {
            check(&values(&[(key, value)]), &broker(&[])).map_err(|error| error.to_string())
        };
        let refused = [
            (
                "consumer.session.timeout.ms",
                "44999",
                "greater than or equal to group.consumer.min.session.timeout.ms",
            ),
            (
                "consumer.heartbeat.interval.ms",
                "15001",
                "less than or equal to group.consumer.max.heartbeat.interval.ms",
            ),
            (
                "consumer.assignment.interval.ms",
                "15001",
                "less than or equal to group.consumer.max.assignment.interval.ms",
            ),
            (
                "share.record.lock.duration.ms",
                "14999",
                "greater than or equal to group.share.min.record.lock.duration.ms",
            ),
            (
                "share.delivery.count.limit",
                "11",
                "less than or equal to group.share.max.delivery.count.limit",
            ),
            (
                "share.partition.max.record.locks",
                "4001",
                "less than or equal to group.share.max.partition.max.record.locks",
            ),
            ("streams.num.standby.replicas", "3", "less than or equal to group.streams.max.standby.replicas"),
        ];
        for (key, value, words) in refused {
            assert_eq!(refusal(key, value), Err(format!("{key} must be {words}")));
        }
        assert_eq!(refusal("consumer.session.timeout.ms", "45000"), Ok(()));
        assert_eq!(refusal("share.auto.offset.reset", "earliest"), Ok(()));
    }

    #[test]
    fn a_session_is_longer_than_the_time_between_heartbeats() {
        let broker = broker(&[
            ("group.share.min.session.timeout.ms", "100"),
            ("group.share.max.heartbeat.interval.ms", "45000"),
        ]);
        let set = values(&[("share.session.timeout.ms", "6000"), ("share.heartbeat.interval.ms", "6000")]);
        assert_eq!(
            check(&set, &broker).unwrap_err().to_string(),
            "share.session.timeout.ms must be greater than share.heartbeat.interval.ms"
        );
    }

    #[test]
    fn a_broker_whose_own_values_are_out_of_its_bounds_does_not_start() {
        let refusal = |pairs| check_broker(&broker(pairs)).map_err(|error| error.to_string());
        assert_eq!(refusal(&[]), Ok(()));
        assert_eq!(
            refusal(&[("group.consumer.session.timeout.ms", "61000")]),
            Err("group.consumer.session.timeout.ms must be less than or equal to \
                 group.consumer.max.session.timeout.ms"
                .to_owned())
        );
        assert!(refusal(&[("group.share.max.session.timeout.ms", "1000")]).is_err());
        assert!(
            refusal(&[
                ("group.consumer.max.heartbeat.interval.ms", "45000"),
                ("group.consumer.heartbeat.interval.ms", "45000")
            ])
            .is_err()
        );
    }
}
