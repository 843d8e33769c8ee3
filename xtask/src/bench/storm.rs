//! What a group that is never in order does to those who produce to other topics, in either protocol.
//!
//! A group of 300 members that subscribe to a hundred topics each is at rest and in a storm by turns, in which one
//! member after the other leaves and joins anew. In each turn as many records are produced at the same
//! pace elsewhere. So the two figures are of one broker in one run, and a machine that drifts drifts under both.

use super::groups::NO_DELAY;
use super::held::Held;
use super::measured::{Measured, Mode};
use super::rows::{Bench, Line, Round};
use super::table::median;
use super::{Plan, Tools};
use crate::brokers::Kind;
use crate::outcome::Outcome;

/// Turns of rest, and as many of storm.
const TURNS: usize = 5;

/// A storm and its rows.
struct Storm {
    /// What tells the load of the protocol.
    protocol: &'static [&'static str],
    /// How many topics there are that the members' pattern matches; in the classic protocol they only name them.
    topics: u32,
    /// The median where a row wants it: at rest, and in the storm.
    p50: Option<[&'static str; 2]>,
    p99: [&'static str; 2],
    factor: &'static str,
    generations: &'static str,
}

const STORMS: [Storm; 2] = [
    Storm {
        protocol: &[],
        topics: 0,
        p50: Some(["p50 of produce, a group at rest beside it", "p50 of produce, a storm beside it"]),
        p99: ["p99 of produce, a group at rest beside it", "p99 of produce, a storm beside it"],
        factor: "the storm moves the p99 by a factor of",
        generations: "generations in the storm",
    },
    Storm {
        protocol: &["--consumer-protocol"],
        topics: 100,
        p50: None,
        p99: [
            "p99 of produce, a KIP-848 group at rest beside it",
            "p99 of produce, a KIP-848 storm beside it",
        ],
        factor: "the KIP-848 storm moves the p99 by a factor of",
        generations: "epochs in the KIP-848 storm",
    },
];

/// Measures the rows of the storms on one broker, started anew for each.
pub(super) fn measure(kind: Kind, plan: &Plan, tools: &Tools, round: &mut Round) -> Outcome {
    STORMS.iter().try_for_each(|storm| storm.measure(kind, plan, tools, round))
}

impl Storm {
    fn measure(&self, kind: Kind, plan: &Plan, tools: &Tools, round: &mut Round) -> Outcome {
        let mut broker = Measured::new(kind, Mode::Os, &[NO_DELAY], plan, tools)?;
        broker.serve()?;
        let bench = Bench { broker: &broker, tools };
        bench.create("elsewhere")?;
        for topic in 0..self.topics {
            bench.create(&format!("orders-of-region-{topic:03}"))?;
        }
        let arguments = [&["--topic", "storm", "--members", "300"], self.protocol].concat();
        let mut group = Held::start(tools, &broker, "storm", &arguments)?;
        let (mut quiet, mut stormy, mut generations) = (Vec::new(), Vec::new(), Vec::new());
        bench.paced("elsewhere")?; // warms it up
        for _ in 0..TURNS {
            quiet.push(bench.paced("elsewhere")?);
            group.order()?;
            group.next("storming")?;
            stormy.push(bench.paced("elsewhere")?);
            group.order()?;
            generations.push(group.next("generations_per_s")?);
        }
        group.end()?;
        let of = |turns: &[Line], key: &str| -> Outcome<f64> {
            let figures = turns.iter().map(|turn| turn.field(key)).collect::<Outcome<Vec<f64>>>()?;
            median(figures).ok_or_else(|| "no turn".into())
        };
        if let Some([at_rest, in_storm]) = self.p50 {
            round.insert(at_rest, of(&quiet, "p50_us")?);
            round.insert(in_storm, of(&stormy, "p50_us")?);
        }
        let (at_rest, in_storm) = (of(&quiet, "p99_us")?, of(&stormy, "p99_us")?);
        round.insert(self.p99[0], at_rest);
        round.insert(self.p99[1], in_storm);
        round.insert(self.factor, in_storm / at_rest);
        round.insert(self.generations, median(generations).ok_or("no turn")?);
        Ok(())
    }
}
