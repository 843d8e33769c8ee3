//! Who writes in transactions, how they go wrong, and which version of transactions the cluster agrees on.

use std::time::Duration;

use ottla::env::Rng;
use ottla_sim::{millis as ms, number};

/// Partitions of the topic that transactions are kept in.
pub(crate) const STATE_PARTITIONS: usize = 2;

/// The transactions of a seed.
#[derive(Clone, Debug, Default)]
pub(crate) struct TransactionsPlan {
    /// Topics that are written to in transactions alone, and the partitions of each.
    pub(crate) topics: Vec<(String, i32)>,
    pub(crate) workers: Vec<WorkerPlan>,
    /// The transaction version that the cluster begins with; its own unless said.
    pub(crate) version: Option<i16>,
    /// The one that it goes on with after a while.
    pub(crate) next_version: Option<(Duration, i16)>,
    /// How those read together that transform.
    pub(crate) session_timeout: Duration,
    pub(crate) max_poll_interval: Duration,
    /// Whether they leave it to the coordinator to assign.
    pub(crate) is_assigned: bool,
}

/// One transactional id, which may have several producers, one after the other or at once.
#[derive(Clone, Debug)]
pub(crate) struct WorkerPlan {
    pub(crate) id: String,
    pub(crate) task: Task,
    pub(crate) lives: Vec<Life>,
    /// Chances in a hundred that a transaction is aborted on purpose, and that it is left alone for too long.
    pub(crate) aborts: u64,
    pub(crate) stalls: u64,
    pub(crate) records_max: u32,
    pub(crate) gap_max: Duration,
    pub(crate) timeout: Duration,
    pub(crate) request_timeout: Duration,
    pub(crate) max_block: Duration,
    pub(crate) linger: Duration,
    pub(crate) batch_size: usize,
    pub(crate) max_in_flight: usize,
}

/// What a worker does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// It writes so many transactions, and commits offsets of a group of its own in them.
    Writes(u32),
    /// It writes a record for each that it reads, in a group with all others that do.
    Transforms,
}

/// A life that ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Life {
    pub(crate) lasts: Duration,
    pub(crate) end: LifeEnd,
}

/// How a life ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LifeEnd {
    /// Its process is killed, in the middle of whatever it does.
    Dies,
    /// It goes on, while the next one begins: from then on it is a zombie.
    Lingers,
}

impl TransactionsPlan {
    pub(crate) fn draw(rng: &mut Rng) -> Self {
        if rng.chance(0.35) {
            return Self::default();
        }
        let topics = (0..number::<u32>(rng, 1, 2)).map(|topic| (format!("x{topic}"), number(rng, 1, 3)));
        let topics = topics.collect();
        let transforming = if rng.chance(0.6) { number::<usize>(rng, 1, 3) } else { 0 };
        let writing = number::<usize>(rng, usize::from(transforming == 0), 2);
        let workers =
            (0..transforming + writing).map(|index| WorkerPlan::draw(rng, index, index < transforming));
        let workers = workers.collect();
        let session_timeout = ms(rng, 600, 5_000);
        let levels = [1, 1, 0];
        let version = rng.chance(0.4).then(|| levels[number::<usize>(rng, 0, 2)]);
        let next_version = rng.chance(0.2).then(|| (ms(rng, 0, 5_000), number::<i16>(rng, 0, 2)));
        Self {
            topics,
            workers,
            version,
            next_version,
            session_timeout,
            max_poll_interval: ms(rng, 3_000, 12_000),
            is_assigned: false,
        }
    }

    /// Lets the coordinator assign to those who transform, or not; how long their sessions last is its choice then.
    pub(crate) fn assign(&mut self, rng: &mut Rng, session_timeout: Duration) {
        self.is_assigned = rng.chance(0.5);
        if self.is_assigned {
            self.session_timeout = session_timeout;
        }
    }

    /// Whether somebody reads, writes and commits what is read.
    pub(crate) fn transforms(&self) -> bool {
        self.workers.iter().any(|worker| worker.task == Task::Transforms)
    }
}

impl WorkerPlan {
    fn draw(rng: &mut Rng, index: usize, transforms: bool) -> Self {
        let lives = (0..number::<usize>(rng, 0, 3)).map(|_| Life {
            lasts: ms(rng, 100, 5_000),
            end: if rng.chance(0.6) { LifeEnd::Dies } else { LifeEnd::Lingers },
        });
        let lives = lives.collect();
        let request_timeout = ms(rng, 300, 4_000);
        Self {
            id: format!("w{index}"),
            task: if transforms { Task::Transforms } else { Task::Writes(number(rng, 3, 20)) },
            lives,
            aborts: if rng.chance(0.5) { rng.below(40) } else { 0 },
            stalls: if rng.chance(0.3) { rng.below(15) } else { 0 },
            records_max: number(rng, 1, 12),
            gap_max: ms(rng, 1, 60),
            timeout: ms(rng, 800, 10_000),
            request_timeout,
            max_block: if rng.chance(0.5) { ms(rng, 500, 5_000) } else { Duration::from_secs(60) },
            linger: if rng.chance(0.5) { Duration::ZERO } else { ms(rng, 1, 40) },
            batch_size: number(rng, 100, 2_000),
            max_in_flight: number(rng, 1, 5),
        }
    }
}
