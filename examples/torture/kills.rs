//! The broker is killed again and again, at any moment of its life.

use std::time::Duration;

use ottla::env::Rng;
use tokio::time::sleep;

use crate::broker::Broker;
use crate::load::Plan;
use crate::world::World;
use crate::{Failure, Order};

/// Lives of a broker after which everything is read.
const LIVES_BETWEEN_READINGS: u32 = 25;

/// Calls of the kernel at which it is killed, and up to how many of them on one thread it may live to see.
const CALLS: &[(&str, u64)] = &[
    ("pwrite64,pwritev,pwritev2,write", 300),
    ("fdatasync,fsync", 60),
    ("rename,renameat,renameat2", 20),
    ("unlink,unlinkat", 20),
    ("ftruncate", 3),
    ("openat", 200),
];

/// How a life ends.
enum End {
    /// So soon after the start, whether it serves by then or not.
    AfterStart(Duration),
    /// So long after it has acknowledged something.
    Serving(Duration),
    /// At the n-th of these calls, on any thread.
    AtCall(&'static str, u64),
}

impl End {
    fn draw(rng: &mut Rng, started_in: Duration) -> Result<Self, Failure> {
        let upto = |rng: &mut Rng, longest: Duration| -> Result<Duration, Failure> {
            Ok(Duration::from_micros(rng.below(1 + u64::try_from(longest.as_micros())?)))
        };
        Ok(match rng.below(10) {
            0..3 => Self::AfterStart(upto(rng, started_in * 2)?),
            3..6 => {
                let (calls, most) = CALLS[usize::try_from(rng.below(CALLS.len() as u64))?];
                Self::AtCall(calls, 1 + rng.below(most))
            }
            _ => Self::Serving(upto(rng, Duration::from_millis(900))?),
        })
    }
}

/// Kills it at random moments, also while it starts, and at random calls of the kernel.
pub(crate) async fn run(order: &Order, seed: u64) -> Result<String, Failure> {
    let folder = tempfile::tempdir()?;
    let broker = Broker::new(order, &folder.path().join("data"), &folder.path().join("serve.log"))?;
    let mut world = World::start(broker, Plan::new(seed, Duration::from_millis(6))).await?;
    let mut rng = Rng::new(seed);
    let (mut while_starting, mut at_calls) = (0, 0);
    let mut slowest = Duration::ZERO;
    world.goes_on(100).await?;
    world.broker.kill().await?;
    for life in 1..order.kills {
        match End::draw(&mut rng, slowest.max(Duration::from_millis(15)))? {
            End::AfterStart(moment) => {
                world.broker.spawn(&[])?;
                sleep(moment).await;
                while_starting += 1;
            }
            End::Serving(moment) => {
                let began = std::time::Instant::now();
                world.broker.start().await?;
                slowest = slowest.max(began.elapsed());
                world.check().await?;
                world.goes_on(20).await?;
                if life % LIVES_BETWEEN_READINGS < 2 {
                    world.read_all(false).await?;
                }
                sleep(moment).await;
            }
            End::AtCall(calls, nth) => {
                world.broker.spawn(&killing(calls, nth))?;
                if world.broker.is_killed_within(Duration::from_millis(2_500)).await? {
                    at_calls += 1;
                    continue;
                }
            }
        }
        world.is_well()?;
        world.broker.kill().await?;
    }
    world.broker.start().await?;
    let figures = world.finish().await?;
    Ok(format!(
        "{} kills, {while_starting} of them while it started and {at_calls} at a call of the kernel; the slowest start \
         took {slowest:.0?}; {}",
        order.kills, figures
    ))
}

/// The words that start a program which is killed when it calls the kernel so.
fn killing(calls: &str, nth: u64) -> Vec<String> {
    let inject = format!("inject={calls}:signal=KILL:when={nth}");
    let words =
        ["strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={calls}"), "-e", &inject];
    words.map(str::to_owned).into()
}
