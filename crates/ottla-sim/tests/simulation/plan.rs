//! What a seed is about: who takes part, and in which weather. Nothing happens here.

use std::time::Duration;

use ottla::client::IsolationLevel;
use ottla::env::Rng;
use ottla::producer::Acks;
use ottla::protocol::records::Compression;
use ottla_sim::{End, Power, Weather, millis as ms, number};

use crate::groups::plan::GroupPlan;
use crate::shares::plan::{self as shares, SharesPlan};
use crate::transactions::plan::{STATE_PARTITIONS, TransactionsPlan};

/// Partitions of the topic that groups keep their state in.
pub(crate) const OFFSETS_PARTITIONS: usize = 3;

/// What one seed does.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Name and number of partitions of each topic.
    pub(crate) topics: Vec<(String, i32)>,
    /// Configuration of the broker.
    pub(crate) broker: Vec<(&'static str, String)>,
    pub(crate) producers: Vec<ProducerPlan>,
    pub(crate) readers: Vec<ReaderPlan>,
    pub(crate) groups: Vec<GroupPlan>,
    pub(crate) shares: SharesPlan,
    pub(crate) transactions: TransactionsPlan,
    pub(crate) weather: Weather,
    /// How the broker ends after all is drained, before the last read.
    pub(crate) last: End,
}

#[derive(Clone, Debug)]
pub(crate) struct ProducerPlan {
    pub(crate) acks: Acks,
    pub(crate) is_idempotent: bool,
    pub(crate) records: u32,
    pub(crate) gap_max: Duration,
    pub(crate) linger: Duration,
    pub(crate) batch_size: usize,
    pub(crate) max_in_flight: usize,
    pub(crate) compression: Compression,
    pub(crate) request_timeout: Duration,
    pub(crate) delivery_timeout: Duration,
}

#[derive(Clone, Debug)]
pub(crate) struct ReaderPlan {
    /// After so many batches it begins anew.
    pub(crate) batches: Option<u32>,
    pub(crate) isolation: IsolationLevel,
    pub(crate) fetch_max_bytes: i32,
    pub(crate) prefetch_max_bytes: usize,
    pub(crate) fetch_max_wait: Duration,
}

impl Plan {
    pub(crate) fn draw(rng: &mut Rng) -> Self {
        let is_os = rng.chance(0.2);
        let mut topics = Vec::new();
        for topic in 0..=rng.below(3) {
            topics.push((format!("t{topic}"), number(rng, 1, 3)));
        }
        let mut broker = vec![("auto.create.topics.enable", "false".to_owned())];
        if is_os {
            broker.push(("durability", "os".to_owned()));
        }
        if rng.chance(0.5) {
            // A full index ends a segment, whatever its size.
            broker.push(("log.index.size.max.bytes", number::<u32>(rng, 24, 160).to_string()));
            broker.push(("log.index.interval.bytes", number::<u32>(rng, 0, 300).to_string()));
        } else if rng.chance(0.5) {
            broker.push(("log.index.interval.bytes", number::<u32>(rng, 0, 3_000).to_string()));
        }
        if rng.chance(0.3) {
            let interval = number::<u32>(rng, 20, 1_000).to_string();
            broker.push(("log.flush.offset.checkpoint.interval.ms", interval));
        }
        let producers = (0..number(rng, 2, 4)).map(|index| ProducerPlan::draw(rng, index)).collect();
        let readers = (0..number(rng, 1, 2)).map(|_| ReaderPlan::draw(rng)).collect();
        let power = if is_os { Power::Stays } else { Power::MayFail };
        let mut transactions = TransactionsPlan::draw(rng);
        let shares = SharesPlan::draw(rng, &topics, &transactions);
        broker.extend(shares.broker.iter().cloned());
        let weather = Weather::draw(rng, &folders(&topics, &transactions, &shares), power);
        let last = End::draw(rng, power);
        let mut groups = GroupPlan::draw_all(rng);
        let searches = "transaction.abort.timed.out.transaction.cleanup.interval.ms";
        broker.push((searches, number::<u32>(rng, 100, 2_000).to_string()));
        broker.push(("transaction.state.log.num.partitions", STATE_PARTITIONS.to_string()));
        broker.push(("group.min.session.timeout.ms", "100".to_owned()));
        broker.push(("group.initial.rebalance.delay.ms", (rng.below(3) * rng.below(1_500)).to_string()));
        broker.push(("offsets.topic.num.partitions", OFFSETS_PARTITIONS.to_string()));
        if rng.chance(0.4) {
            // Offsets and metadata are compacted all the time.
            broker.push(("log.roll.ms", number::<u32>(rng, 200, 2_000).to_string()));
            broker.push(("log.initial.task.delay.ms", "0".to_owned()));
            broker.push(("log.retention.check.interval.ms", number::<u32>(rng, 50, 500).to_string()));
            broker.push(("log.cleaner.backoff.ms", number::<u32>(rng, 10, 300).to_string()));
            broker.push(("log.cleaner.min.cleanable.ratio", "0".to_owned()));
            broker.push(("log.cleaner.delete.retention.ms", number::<u32>(rng, 0, 2_000).to_string()));
        }
        let session = ms(rng, 600, 5_000);
        let heartbeat = session / number(rng, 3, 8);
        GroupPlan::assign(rng, &mut groups, (session, heartbeat));
        transactions.assign(rng, session);
        for key in ["group.consumer.session.timeout.ms", "group.consumer.min.session.timeout.ms"] {
            broker.push((key, session.as_millis().to_string()));
        }
        for key in ["group.consumer.heartbeat.interval.ms", "group.consumer.min.heartbeat.interval.ms"] {
            broker.push((key, heartbeat.as_millis().to_string()));
        }
        Self { topics, broker, producers, readers, groups, shares, transactions, weather, last }
    }
}

impl ProducerPlan {
    fn draw(rng: &mut Rng, index: u32) -> Self {
        let acks = match rng.below(4) {
            _ if index < 2 => Acks::All,
            0 => Acks::None,
            1 => Acks::Leader,
            _ => Acks::All,
        };
        let is_idempotent = acks == Acks::All && (index < 2 || rng.chance(0.7));
        let request_timeout = ms(rng, 300, 5_000);
        let linger = if rng.chance(0.5) { Duration::ZERO } else { ms(rng, 1, 50) };
        let patience = if rng.chance(0.8) { ms(rng, 100_000, 120_000) } else { ms(rng, 0, 4_000) };
        let codecs = [Compression::None, Compression::Lz4, Compression::Snappy, Compression::Zstd];
        let compression = codecs[number::<usize>(rng, 0, 3)];
        Self {
            acks,
            is_idempotent,
            records: number(rng, 20, 100),
            gap_max: ms(rng, 1, 80),
            linger,
            batch_size: number(rng, 100, 2_000),
            max_in_flight: number(rng, 1, 5),
            compression: if compression.is_enabled() { compression } else { Compression::None },
            request_timeout,
            delivery_timeout: request_timeout + linger + patience,
        }
    }
}

impl ReaderPlan {
    fn draw(rng: &mut Rng) -> Self {
        Self {
            batches: rng.chance(0.5).then(|| number(rng, 5, 60)),
            isolation: match rng.below(3) {
                0 => IsolationLevel::ReadUncommitted,
                _ => IsolationLevel::ReadCommitted,
            },
            fetch_max_bytes: if rng.chance(0.5) { number(rng, 1, 3_000) } else { 1 << 20 },
            prefetch_max_bytes: if rng.chance(0.5) { number(rng, 1, 3_000) } else { 1 << 20 },
            fetch_max_wait: ms(rng, 50, 500),
        }
    }
}

/// Parts of paths of files that calls may fail for: the logs of partitions, and of those that groups and transactions
/// are kept in.
fn folders(topics: &[(String, i32)], transactions: &TransactionsPlan, shares: &SharesPlan) -> Vec<String> {
    let of = |(topic, partitions): &(String, i32)| {
        let topic = topic.clone();
        (0..*partitions).map(move |partition| format!("{topic}-{partition}/"))
    };
    let offsets = (0..OFFSETS_PARTITIONS).map(|partition| format!("__consumer_offsets-{partition}/"));
    let mut folders: Vec<String> = topics.iter().flat_map(of).chain(offsets).collect();
    if !transactions.workers.is_empty() {
        folders.extend(transactions.topics.iter().flat_map(of));
        folders.extend((0..STATE_PARTITIONS).map(|partition| format!("__transaction_state-{partition}/")));
    }
    if !shares.groups.is_empty() {
        let partitions = 0..shares::STATE_PARTITIONS;
        folders.extend(partitions.map(|partition| format!("__share_group_state-{partition}/")));
    }
    folders
}
