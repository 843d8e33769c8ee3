//! The power of the broker is cut again and again, at any moment of its life: what was not synced is gone.

use std::time::{Duration, Instant};

use ottla::env::Rng;
use tokio::time::sleep;

use crate::broker::Broker;
use crate::image::Image;
use crate::load::Plan;
use crate::world::World;
use crate::{Failure, Order};

/// Size of its disk; all that is kept has room in it.
const DISK_MIB: u64 = 256;
/// Lives of a broker after which everything is read.
const LIVES_BETWEEN_READINGS: u32 = 5;

/// Cuts its power at random moments, also while it starts.
pub(crate) async fn run(order: &Order, seed: u64) -> Result<String, Failure> {
    let folder = tempfile::tempdir()?;
    let mut image = Image::make(folder.path(), DISK_MIB)?;
    let broker = Broker::new(order, &image.path().join("data"), &folder.path().join("serve.log"))?;
    let mut world = World::start(broker, Plan::new(seed, Duration::from_millis(25))).await?;
    let mut rng = Rng::new(seed);
    let (mut while_starting, mut slowest) = (0, Duration::ZERO);
    for cut in 1..=order.cuts {
        world.goes_on(50).await?;
        if cut % LIVES_BETWEEN_READINGS == 0 {
            world.read_all(false).await?;
        }
        sleep(Duration::from_millis(rng.below(600))).await;
        cut_power(&mut world, &mut image).await?;
        if cut < order.cuts && rng.chance(0.25) {
            world.broker.spawn(&[])?;
            sleep(Duration::from_micros(rng.below(40_000))).await;
            cut_power(&mut world, &mut image).await?;
            while_starting += 1;
        }
        let began = Instant::now();
        world.broker.start().await?;
        slowest = slowest.max(began.elapsed());
        world.check().await?;
    }
    world.goes_on(50).await?;
    let figures = world.finish().await?;
    Ok(format!(
        "{} cuts of its power, and {while_starting} while it started; the slowest start took {slowest:.0?}; {figures}",
        order.cuts
    ))
}

/// Cuts the power of the machine: the broker stands still and hears and says nothing more, what it had not synced is
/// gone, and then the machine comes back.
async fn cut_power(world: &mut World, image: &mut Image) -> Result<(), Failure> {
    let knife = image.knife().await?;
    world.broker.freeze()?;
    knife.cut().await?;
    world.is_well()?;
    world.broker.end().await?;
    image.come_back()
}
