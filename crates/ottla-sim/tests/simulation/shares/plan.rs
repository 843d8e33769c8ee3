//! Which share groups there are, what they promise, and how the lives of their members end.

use std::time::Duration;

use ottla::env::Rng;
use ottla_sim::{millis as ms, number};

use crate::transactions::plan::TransactionsPlan;

/// Partitions of the topic that share groups are kept in.
pub(crate) const STATE_PARTITIONS: usize = 2;
/// The shortest lock that Kafka's configuration allows.
const LOCK_MIN_MS: u64 = 1_000;

/// The share groups of a seed, and what the broker is told of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct SharesPlan {
    pub(crate) groups: Vec<SharePlan>,
    pub(crate) broker: Vec<(&'static str, String)>,
}

/// A share group.
#[derive(Clone, Debug)]
pub(crate) struct SharePlan {
    pub(crate) name: String,
    /// The topics that it reads, and the partitions of each.
    pub(crate) topics: Vec<(String, i32)>,
    pub(crate) reads_committed: bool,
    pub(crate) lock: Duration,
    pub(crate) delivery_limit: u16,
    pub(crate) heartbeat_interval: Duration,
    pub(crate) members: Vec<MemberPlan>,
}

/// One member, which may live several times.
#[derive(Clone, Debug)]
pub(crate) struct MemberPlan {
    pub(crate) records_max: i32,
    pub(crate) batch_size: i32,
    /// Whether it is given no more than it asks for, though that end in the middle of a batch.
    pub(crate) is_strict: bool,
    /// Whether it speaks the first version, which knows neither that nor renewals.
    pub(crate) is_old: bool,
    pub(crate) request_timeout: Duration,
    pub(crate) lives: Vec<Life>,
    /// Whether it comes back to stay after these lives.
    pub(crate) stays: bool,
}

/// A life that ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Life {
    pub(crate) away: Duration,
    pub(crate) lasts: Duration,
    pub(crate) end: LifeEnd,
}

/// How a life ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LifeEnd {
    /// It ends its session and leaves the group.
    Leaves,
    /// Its process is killed.
    Dies,
    /// It asks for nothing for so long, and then its process is killed.
    Stalls(Duration),
}

impl SharesPlan {
    pub(crate) fn draw(rng: &mut Rng, topics: &[(String, i32)], transactions: &TransactionsPlan) -> Self {
        let count = [0, 0, 1, 1, 1, 2][number::<usize>(rng, 0, 5)];
        if count == 0 {
            return Self::default();
        }
        let session = ms(rng, 600, 5_000);
        let heartbeat_interval = session / number(rng, 3, 8);
        let groups = (0..count).map(|index| {
            let mut topics = topics.to_vec();
            if !transactions.workers.is_empty() && rng.chance(0.6) {
                topics.extend(transactions.topics.iter().cloned());
            }
            SharePlan::draw(rng, index, topics, heartbeat_interval)
        });
        let groups = groups.collect();
        let number = |rng: &mut Rng, least: u32, most: u32| number::<u32>(rng, least, most).to_string();
        let mut broker = vec![
            ("group.share.min.record.lock.duration.ms", LOCK_MIN_MS.to_string()),
            ("share.coordinator.state.topic.num.partitions", STATE_PARTITIONS.to_string()),
            ("group.share.initialize.retry.interval.ms", number(rng, 100, 1_000)),
            ("group.share.assignment.interval.ms", number(rng, 0, 500)),
            ("share.coordinator.write.timeout.ms", number(rng, 300, 5_000)),
            ("share.coordinator.snapshot.update.records.per.snapshot", number(rng, 0, 20)),
        ];
        if rng.chance(0.5) {
            broker.push(("share.coordinator.state.topic.prune.interval.ms", number(rng, 50, 1_000)));
            broker.push(("share.coordinator.cold.partition.snapshot.interval.ms", number(rng, 50, 1_000)));
        }
        for key in ["group.share.session.timeout.ms", "group.share.min.session.timeout.ms"] {
            broker.push((key, session.as_millis().to_string()));
        }
        for key in ["group.share.heartbeat.interval.ms", "group.share.min.heartbeat.interval.ms"] {
            broker.push((key, heartbeat_interval.as_millis().to_string()));
        }
        Self { groups, broker }
    }
}

impl SharePlan {
    fn draw(rng: &mut Rng, index: usize, topics: Vec<(String, i32)>, heartbeat_interval: Duration) -> Self {
        let lock = Duration::from_millis(number(rng, LOCK_MIN_MS, 3 * LOCK_MIN_MS));
        let count = number::<usize>(rng, 1, 3);
        let staying = number(rng, 0, count - 1);
        let members = (0..count).map(|member| {
            let mut plan = MemberPlan::draw(rng, lock);
            plan.stays |= member == staying;
            plan
        });
        Self {
            name: format!("share-{index}"),
            topics,
            members: members.collect(),
            reads_committed: rng.chance(0.6),
            lock,
            delivery_limit: number(rng, 2, 8),
            heartbeat_interval,
        }
    }

    /// What the group is configured with.
    pub(crate) fn config(&self) -> Vec<(&'static str, String)> {
        let isolation = if self.reads_committed { "read_committed" } else { "read_uncommitted" };
        vec![
            ("share.auto.offset.reset", "earliest".to_owned()),
            ("share.isolation.level", isolation.to_owned()),
            ("share.record.lock.duration.ms", self.lock.as_millis().to_string()),
            ("share.delivery.count.limit", self.delivery_limit.to_string()),
        ]
    }
}

impl MemberPlan {
    fn draw(rng: &mut Rng, lock: Duration) -> Self {
        let lives = (0..number::<usize>(rng, 0, 2)).map(|_| Life {
            away: ms(rng, 0, 2_500),
            lasts: ms(rng, 100, 6_000),
            end: match rng.below(5) {
                0..=1 => LifeEnd::Leaves,
                2..=3 => LifeEnd::Dies,
                _ => LifeEnd::Stalls(lock * number(rng, 50, 200) / 100),
            },
        });
        let lives = lives.collect();
        Self {
            records_max: number(rng, 1, 60),
            batch_size: number(rng, 1, 60),
            is_strict: rng.chance(0.5),
            is_old: rng.chance(0.2),
            request_timeout: ms(rng, 400, 3_000),
            lives,
            stays: rng.chance(0.6),
        }
    }
}
