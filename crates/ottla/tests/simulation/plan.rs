//! What a seed is about: who takes part, which faults are on, and when what crashes.
//!
//! Each seed turns on a random subset of the faults, so that rare ones meet. Nothing happens here.

use std::time::Duration;

use ottla::env::Rng;
use ottla::producer::Acks;
use ottla::protocol::records::Compression;
use ottla::storage::disk::{Call, Delays};
use ottla::transport::NetworkFaults;

use crate::groups::plan::GroupPlan;

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
    pub(crate) network: NetworkFaults,
    pub(crate) delays: Option<Delays>,
    pub(crate) troubles: Vec<Trouble>,
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
    pub(crate) fetch_max_bytes: i32,
    pub(crate) prefetch_max_bytes: usize,
    pub(crate) fetch_max_wait: Duration,
}

/// Something that happens to the world.
#[derive(Clone, Debug)]
pub(crate) struct Trouble {
    /// How long after the one before.
    pub(crate) after: Duration,
    pub(crate) kind: Kind,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// The broker ends, is away for a while, and starts again.
    Crash { end: End, away: Duration },
    /// Every connection is cut.
    Cut,
    /// Calls of this kind fail in the folder of a partition, which may be one that groups are kept in.
    Fails { call: Call, partition: usize, skip: u64, times: u64 },
    /// The disk has room for so many bytes more, for a while.
    Full { room: u64, lasts: Duration },
}

/// How a broker ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// In order.
    Clean,
    /// `kill -9`.
    Kill,
    /// The power fails now.
    PowerLoss(u64),
    /// The power fails in the middle of the n-th change on the disk from now.
    PowerLossAt(u64, u64),
    /// As above, and the one after it is ended while it recovers, after so many changes.
    Twice(u64, u64),
}

impl End {
    fn draw(rng: &mut Rng, is_os: bool) -> Self {
        if is_os {
            return if rng.chance(0.8) { Self::Kill } else { Self::Clean };
        }
        match rng.below(10) {
            0 => Self::Clean,
            1..=3 => Self::Kill,
            4..=5 => Self::PowerLoss(rng.next_u64()),
            6..=8 => Self::PowerLossAt(rng.next_u64(), 1 + rng.below(40)),
            _ => Self::Twice(rng.next_u64(), 1 + rng.below(12)),
        }
    }
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
        let network = network(rng);
        let delays = rng.chance(0.5).then(|| delays(rng));
        let troubles = troubles(rng, is_os);
        let last = End::draw(rng, is_os);
        let groups = GroupPlan::draw_all(rng);
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
        Self { topics, broker, producers, readers, groups, network, delays, troubles, last }
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
            fetch_max_bytes: if rng.chance(0.5) { number(rng, 1, 3_000) } else { 1 << 20 },
            prefetch_max_bytes: if rng.chance(0.5) { number(rng, 1, 3_000) } else { 1 << 20 },
            fetch_max_wait: ms(rng, 50, 500),
        }
    }
}

fn network(rng: &mut Rng) -> NetworkFaults {
    let mut faults = NetworkFaults::default();
    if rng.chance(0.6) {
        faults.delay_max = ms(rng, 1, 60);
    }
    if rng.chance(0.4) {
        faults.split_chance = 0.3;
    }
    if rng.chance(0.3) {
        faults.cut_chance = 0.01;
    }
    if rng.chance(0.3) {
        faults.refuse_chance = 0.2;
    }
    faults
}

fn delays(rng: &mut Rng) -> Delays {
    let mut delays = Delays::default();
    if rng.chance(0.8) {
        delays = delays.with_sync(Duration::ZERO..=ms(rng, 1, 60));
    }
    if rng.chance(0.5) {
        delays = delays.with_write(Duration::ZERO..=ms(rng, 1, 20));
    }
    if rng.chance(0.3) {
        delays = delays.with_read(Duration::ZERO..=ms(rng, 1, 20));
    }
    delays
}

fn troubles(rng: &mut Rng, is_os: bool) -> Vec<Trouble> {
    let (cuts, fails, full) = (rng.chance(0.4), rng.chance(0.4), rng.chance(0.25));
    let mut troubles = Vec::new();
    for _ in 0..number::<u32>(rng, 1, 6) {
        let away = ms(rng, 0, 1_500);
        troubles.push(Trouble {
            after: ms(rng, 50, 1_500),
            kind: Kind::Crash { end: End::draw(rng, is_os), away },
        });
    }
    if rng.chance(0.5) {
        // What is shown right after a start is not to be lost right after that.
        let at = number(rng, 1, troubles.len());
        let kind = Kind::Crash { end: End::draw(rng, is_os), away: Duration::ZERO };
        troubles.insert(at, Trouble { after: ms(rng, 0, 120), kind });
    }
    let mut more = Vec::new();
    if cuts {
        more.extend((0..number::<u32>(rng, 1, 4)).map(|_| Kind::Cut));
    }
    if fails {
        for _ in 0..number::<u32>(rng, 1, 3) {
            let calls = [
                Call::Write,
                Call::Sync,
                Call::Sync,
                Call::Sync,
                Call::Write,
                Call::SyncDir,
                Call::Create,
                Call::Read,
            ];
            let call = calls[number::<usize>(rng, 0, 7)];
            more.push(Kind::Fails {
                call,
                partition: number(rng, 0, 8),
                skip: rng.below(6),
                times: 1 + rng.below(3),
            });
        }
    }
    if full {
        more.push(Kind::Full { room: rng.below(40_000), lasts: ms(rng, 100, 2_000) });
    }
    for kind in more {
        let at = number(rng, 0, troubles.len());
        troubles.insert(at, Trouble { after: ms(rng, 10, 800), kind });
    }
    troubles
}

/// A number from `least` to `most`.
pub(crate) fn number<T: TryFrom<u64> + TryInto<u64>>(rng: &mut Rng, least: T, most: T) -> T {
    let (least, most) = (least.try_into().unwrap_or(0), most.try_into().unwrap_or(0));
    let drawn = least + rng.below(most - least + 1);
    T::try_from(drawn).unwrap_or_else(|_| unreachable!("between two numbers of its type"))
}

/// So many milliseconds, from `least` to `most`.
pub(crate) fn ms(rng: &mut Rng, least: u64, most: u64) -> Duration {
    Duration::from_micros(least * 1_000 + rng.below((most - least) * 1_000 + 1))
}
