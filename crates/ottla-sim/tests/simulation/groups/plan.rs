//! Who is in which group, how its members commit, and how their lives end.

use std::time::Duration;

use ottla::consumer::assignor::Assignor;
use ottla::env::Rng;

use ottla_sim::{millis as ms, number};

/// Assignors that a group may be configured with; what stands behind the first is for members that lack it.
const ASSIGNORS: [&[Assignor]; 5] = [
    &[Assignor::Range, Assignor::CooperativeSticky],
    &[Assignor::CooperativeSticky],
    &[Assignor::Range],
    &[Assignor::RoundRobin],
    &[Assignor::Sticky, Assignor::RoundRobin],
];

/// A group.
#[derive(Clone, Debug)]
pub(crate) struct GroupPlan {
    pub(crate) name: String,
    pub(crate) assignors: &'static [Assignor],
    pub(crate) session_timeout: Duration,
    pub(crate) heartbeat_interval: Duration,
    pub(crate) max_poll_interval: Duration,
    pub(crate) members: Vec<MemberPlan>,
    /// Whether some of them leave it to the coordinator to assign.
    pub(crate) is_assigned: bool,
    /// Who meddles with it.
    pub(crate) raw: Option<RawPlan>,
}

/// A member whose requests are repeated, lost and reordered.
#[derive(Clone, Debug)]
pub(crate) struct RawPlan {
    pub(crate) away: Duration,
    pub(crate) lasts: Duration,
    pub(crate) turn_max_ms: u64,
}

/// One member, which may live several times.
#[derive(Clone, Debug)]
pub(crate) struct MemberPlan {
    /// Whether it leaves it to the coordinator to assign (KIP-848).
    pub(crate) is_assigned: bool,
    /// Static members come back under the same name.
    pub(crate) instance_id: Option<String>,
    /// Another member with the same name: whoever of them joins later goes on, and the other is fenced.
    pub(crate) twin: Option<usize>,
    /// How long it waits before its first life.
    pub(crate) away: Duration,
    pub(crate) commits: Commits,
    /// Whether it commits what it gives up.
    pub(crate) commits_revoked: bool,
    /// How long it works on a batch, at most.
    pub(crate) work_max: Duration,
    pub(crate) lives: Vec<Life>,
    /// Whether it comes back to stay after these lives.
    pub(crate) stays: bool,
}

/// When a member commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Commits {
    /// By itself, so often.
    Auto(Duration),
    /// After each batch.
    EachBatch,
    /// After about one batch of so many.
    OneOf(u64),
}

/// A life that ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Life {
    /// How long it waits before it joins.
    pub(crate) away: Duration,
    pub(crate) lasts: Duration,
    pub(crate) end: LifeEnd,
}

/// How a life ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LifeEnd {
    /// It closes its consumer.
    Leaves,
    /// Its process is killed.
    Dies,
    /// It asks for nothing for so long, and then its process is killed.
    Stalls(Duration),
}

impl GroupPlan {
    /// The groups of a seed.
    pub(crate) fn draw_all(rng: &mut Rng) -> Vec<Self> {
        (0..number::<usize>(rng, 0, 2)).map(|index| Self::draw(rng, index)).collect()
    }

    fn draw(rng: &mut Rng, index: usize) -> Self {
        let session_timeout = ms(rng, 600, 5_000);
        let heartbeat_interval = session_timeout / number(rng, 3, 8);
        // A member hears of a rebalance with a heartbeat, and must have the time to come.
        let max_poll_interval = heartbeat_interval * 3 + ms(rng, 500, 6_000);
        let count = number::<usize>(rng, 1, 4);
        let staying = number(rng, 0, count - 1);
        let members = (0..count).map(|member| {
            let mut plan = MemberPlan::draw(rng, max_poll_interval);
            plan.stays |= member == staying;
            plan.instance_id = rng.chance(0.25).then(|| format!("instance-{member}"));
            plan
        });
        let mut members: Vec<MemberPlan> = members.collect();
        if rng.chance(0.3) && count > 1 {
            MemberPlan::pair(rng, &mut members);
        }
        let raw = rng.chance(0.4).then(|| RawPlan {
            away: ms(rng, 0, 2_000),
            lasts: ms(rng, 1_000, 7_000),
            turn_max_ms: number(rng, 50, 300),
        });
        Self {
            name: format!("group-{index}"),
            members,
            is_assigned: false,
            raw,
            assignors: ASSIGNORS[number::<usize>(rng, 0, ASSIGNORS.len() - 1)],
            session_timeout,
            heartbeat_interval,
            max_poll_interval,
        }
    }

    /// Lets the coordinator assign to some of the groups, in part or as a whole. How long sessions last in them is its
    /// choice.
    pub(crate) fn assign(rng: &mut Rng, groups: &mut [Self], (session, heartbeat): (Duration, Duration)) {
        for group in groups {
            let share = [0.0, 0.0, 0.5, 1.0][number::<usize>(rng, 0, 3)];
            for (index, member) in group.members.iter_mut().enumerate() {
                member.is_assigned = rng.chance(share);
                if share > 0.0 && member.twin.take().is_some() {
                    // In these groups a name is taken as long as its bearer lives.
                    member.instance_id = Some(format!("instance-{index}"));
                }
            }
            group.is_assigned = group.members.iter().any(|member| member.is_assigned);
            if group.is_assigned {
                (group.session_timeout, group.heartbeat_interval) = (session, heartbeat);
                group.max_poll_interval = group.max_poll_interval.max(heartbeat * 4);
            }
        }
    }
}

impl MemberPlan {
    fn draw(rng: &mut Rng, max_poll_interval: Duration) -> Self {
        let commits = match rng.below(3) {
            0 => Commits::Auto(ms(rng, 20, 1_000)),
            1 => Commits::EachBatch,
            _ => Commits::OneOf(1 + rng.below(6)),
        };
        let lives = (0..number::<usize>(rng, 0, 3)).map(|_| Life {
            away: ms(rng, 0, 2_500),
            lasts: ms(rng, 100, 6_000),
            end: match rng.below(5) {
                0..=1 => LifeEnd::Leaves,
                2..=3 => LifeEnd::Dies,
                _ => LifeEnd::Stalls(max_poll_interval * number(rng, 50, 200) / 100),
            },
        });
        let lives = lives.collect();
        Self {
            is_assigned: false,
            instance_id: None,
            twin: None,
            away: Duration::ZERO,
            commits,
            commits_revoked: rng.chance(0.7),
            work_max: if rng.chance(0.5) { Duration::ZERO } else { ms(rng, 1, 120) },
            lives,
            stays: rng.chance(0.7),
        }
    }

    /// Gives two members, who both come to stay, one name.
    fn pair(rng: &mut Rng, members: &mut [Self]) {
        let one = number::<usize>(rng, 1, members.len() - 1);
        for (index, twin) in [(0, one), (one, 0)] {
            let member = &mut members[index];
            member.instance_id = Some("twin".to_owned());
            member.twin = Some(twin);
            member.away = ms(rng, 0, 5_000);
            member.lives.clear();
            member.stays = true;
        }
    }
}
