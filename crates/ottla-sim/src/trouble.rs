//! What can go wrong with a broker, its disk and its network, and how it is drawn from a seed.
//!
//! Nothing happens here: a [`Node`](crate::Node) suffers it.

use std::time::Duration;

use ottla::env::Rng;
use ottla::protocol::api::ApiKey;
use ottla::storage::disk::{Call, Delays};
use ottla::transport::{NetworkFaults, Way};

use crate::draw::{millis, number};

/// Requests whose answers are lost by [`Kind::LostAnswers`], as [`Weather::draw`] chooses among them.
const LOSABLE: &[ApiKey] = &[
    ApiKey::Produce,
    ApiKey::Produce,
    ApiKey::Produce,
    ApiKey::Fetch,
    ApiKey::Metadata,
    ApiKey::InitProducerId,
    ApiKey::FindCoordinator,
    ApiKey::JoinGroup,
    ApiKey::SyncGroup,
    ApiKey::Heartbeat,
    ApiKey::OffsetCommit,
    ApiKey::OffsetFetch,
    ApiKey::AddPartitionsToTxn,
    ApiKey::AddOffsetsToTxn,
    ApiKey::TxnOffsetCommit,
    ApiKey::EndTxn,
    ApiKey::EndTxn,
];

/// How a broker ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum End {
    /// In order.
    Clean,
    /// `kill -9`.
    Kill,
    /// The power fails now; the seed says what is left of what was not synced.
    PowerLoss(u64),
    /// The power fails in the middle of the n-th change on the disk from now (1 is the next).
    PowerLossAt(u64, u64),
    /// The power fails now, and again while the next broker recovers, after so many changes.
    Twice(u64, u64),
}

/// Whether the power may fail. Where `durability` is `os`, that loses what was acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Power {
    /// Yes.
    MayFail,
    /// No: only processes end.
    Stays,
}

impl End {
    /// Draws one.
    pub fn draw(rng: &mut Rng, power: Power) -> Self {
        if power == Power::Stays {
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

/// Something that goes wrong.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Trouble {
    /// How long after the one before.
    pub after: Duration,
    /// What.
    pub kind: Kind,
}

impl Trouble {
    /// This, so long after the trouble before.
    pub fn new(after: Duration, kind: Kind) -> Self {
        Self { after, kind }
    }
}

/// What goes wrong.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Kind {
    /// The broker ends, is away for a while, and starts again.
    Crash {
        /// How it ends.
        end: End,
        /// For how long it is away.
        away: Duration,
    },
    /// Every connection is cut, in mid frame where one is on its way.
    Cut,
    /// Nothing arrives that goes this way, and nobody is told.
    Partition {
        /// Which way.
        way: Way,
        /// For how long.
        lasts: Duration,
    },
    /// The next answers of a kind are lost after their requests took effect.
    LostAnswers {
        /// The kind of request.
        api: ApiKey,
        /// How many.
        times: usize,
    },
    /// Calls to the disk fail.
    Fails {
        /// The kind of call.
        call: Call,
        /// A part of the path of the files that it hits, such as `orders-0/`.
        path: String,
        /// How many of them go well before.
        skip: u64,
        /// How many fail.
        times: u64,
    },
    /// The disk has room for so many bytes more.
    Full {
        /// The room.
        room_bytes: u64,
        /// For how long.
        lasts: Duration,
    },
    /// The disk stands still.
    Stall {
        /// For how long.
        lasts: Duration,
    },
    /// The date jumps by so many milliseconds.
    ClockJump(i64),
}

/// All that goes wrong with a broker in one seed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Weather {
    /// The network, all the time.
    pub network: NetworkFaults,
    /// How long the disk takes, all the time.
    pub delays: Option<Delays>,
    /// What happens, one after the other.
    pub troubles: Vec<Trouble>,
}

impl Weather {
    /// Draws some. Each seed turns on a random subset of all faults, so that rare ones meet.
    ///
    /// `paths` are parts of paths of files that calls may fail for: `orders-0/` is the log of a partition.
    pub fn draw(rng: &mut Rng, paths: &[String], power: Power) -> Self {
        let network = network(rng);
        let delays = rng.chance(0.5).then(|| delays(rng));
        Self { network, delays, troubles: troubles(rng, paths, power) }
    }
}

fn network(rng: &mut Rng) -> NetworkFaults {
    let mut faults = NetworkFaults::default();
    if rng.chance(0.6) {
        faults.delay_max = millis(rng, 1, 60);
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
    if rng.chance(0.15) {
        faults.bytes_per_second = Some(number(rng, 20_000, 2_000_000));
    }
    faults
}

fn delays(rng: &mut Rng) -> Delays {
    let mut delays = Delays::default();
    if rng.chance(0.8) {
        delays = delays.with_sync(Duration::ZERO..=millis(rng, 1, 60));
    }
    if rng.chance(0.5) {
        delays = delays.with_write(Duration::ZERO..=millis(rng, 1, 20));
    }
    if rng.chance(0.3) {
        delays = delays.with_read(Duration::ZERO..=millis(rng, 1, 20));
    }
    delays
}

fn troubles(rng: &mut Rng, paths: &[String], power: Power) -> Vec<Trouble> {
    let mut troubles = Vec::new();
    for _ in 0..number::<u32>(rng, 1, 6) {
        let away = millis(rng, 0, 1_500);
        let kind = Kind::Crash { end: End::draw(rng, power), away };
        troubles.push(Trouble::new(millis(rng, 50, 1_500), kind));
    }
    if rng.chance(0.5) {
        // What is shown right after a start is not to be lost right after that.
        let at = number(rng, 1, troubles.len());
        let kind = Kind::Crash { end: End::draw(rng, power), away: Duration::ZERO };
        troubles.insert(at, Trouble::new(millis(rng, 0, 120), kind));
    }
    for kind in more(rng, paths) {
        let at = number(rng, 0, troubles.len());
        troubles.insert(at, Trouble::new(millis(rng, 10, 800), kind));
    }
    troubles
}

/// Troubles other than crashes.
fn more(rng: &mut Rng, paths: &[String]) -> Vec<Kind> {
    let mut more = Vec::new();
    if rng.chance(0.4) {
        more.extend((0..number::<u32>(rng, 1, 4)).map(|_| Kind::Cut));
    }
    if rng.chance(0.3) {
        for _ in 0..number::<u32>(rng, 1, 3) {
            let way = [Way::ToListener, Way::FromListener, Way::Both][number::<usize>(rng, 0, 2)];
            more.push(Kind::Partition { way, lasts: millis(rng, 10, 3_000) });
        }
    }
    if rng.chance(0.4) {
        for _ in 0..number::<u32>(rng, 1, 4) {
            let api = LOSABLE[number(rng, 0, LOSABLE.len() - 1)];
            more.push(Kind::LostAnswers { api, times: number(rng, 1, 3) });
        }
    }
    if rng.chance(0.4) && !paths.is_empty() {
        for _ in 0..number::<u32>(rng, 1, 3) {
            let calls = [
                Call::Write,
                Call::Write,
                Call::Sync,
                Call::Sync,
                Call::Sync,
                Call::SyncDir,
                Call::Create,
                Call::Read,
            ];
            more.push(Kind::Fails {
                call: calls[number::<usize>(rng, 0, 7)],
                path: paths[number(rng, 0, paths.len() - 1)].clone(),
                skip: rng.below(6),
                times: 1 + rng.below(3),
            });
        }
    }
    if rng.chance(0.25) {
        more.push(Kind::Full { room_bytes: rng.below(40_000), lasts: millis(rng, 100, 2_000) });
    }
    if rng.chance(0.15) {
        more.push(Kind::Stall { lasts: millis(rng, 10, 3_000) });
    }
    if rng.chance(0.2) {
        let jump = i64::try_from(rng.below(40 * 60_000)).unwrap_or(0);
        more.push(Kind::ClockJump(if rng.chance(0.5) { jump } else { -jump }));
    }
    more
}
