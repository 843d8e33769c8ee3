//! What a group that is never in order does to those who produce to other topics.
//!
//! A group of 300 members that subscribe to a hundred topics each is at rest and in a storm by turns, in which one
//! member after the other leaves and joins anew. In each turn as many records are produced at the same
//! pace elsewhere. So the two figures are of one broker in one run, and a machine that drifts drifts under both.

use super::groups::NO_DELAY;
use super::held::Held;
use super::measured::{Measured, Mode};
use super::rows::{Bench, Line, Round};
use super::{Plan, Tools, median};
use crate::brokers::Kind;
use crate::outcome::Outcome;

/// Turns of rest, and as many of storm.
const TURNS: usize = 5;

/// Measures the rows of the storm on one broker.
pub(super) fn measure(kind: Kind, plan: &Plan, tools: &Tools, round: &mut Round) -> Outcome {
    let mut broker = Measured::new(kind, Mode::Os, &[NO_DELAY], plan, tools)?;
    broker.serve()?;
    let bench = Bench { broker: &broker, tools };
    bench.create("elsewhere")?;
    let mut group = Held::start(tools, &broker, "storm", &["--topic", "storm", "--members", "300"])?;
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
    let (at_rest, in_storm) = (of(&quiet, "p99_us")?, of(&stormy, "p99_us")?);
    round.insert("p50 of produce, a group at rest beside it", of(&quiet, "p50_us")?);
    round.insert("p50 of produce, a storm beside it", of(&stormy, "p50_us")?);
    round.insert("p99 of produce, a group at rest beside it", at_rest);
    round.insert("p99 of produce, a storm beside it", in_storm);
    round.insert("the storm moves the p99 by a factor of", in_storm / at_rest);
    round.insert("generations in the storm", median(generations).ok_or("no turn")?);
    Ok(())
}
