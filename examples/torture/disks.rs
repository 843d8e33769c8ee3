//! The whole disk of the broker is full, read-only or stands still; what it keeps can be read all the time.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::broker::Broker;
use crate::image::Image;
use crate::load::{KEPT, Plan};
use crate::probe::{self, Answer, CLOSED};
use crate::standstill::Witness;
use crate::world::World;
use crate::{Failure, Order, PATIENCE};

/// Size of the disks.
const DISK_MIB: u64 = 192;
/// Commits that must be possible on a full disk.
const COMMITS: u64 = 20;
/// Memory that may be taken while the disk stands still: the requests of some clients, and nothing that piles up.
const GROWTH_MAX: u64 = 64 << 20;
/// Partitions that are asked.
const PLACES: [(&str, i32); 4] = [(KEPT, 0), ("keyed", 1), ("sized", 0), ("trimmed", 1)];

/// The disk is full, also while the broker starts: records are refused, offsets are committed all the same, and there is
/// room again without a start.
pub(crate) async fn full(order: &Order, seed: u64) -> Result<String, Failure> {
    let folder = tempfile::tempdir()?;
    let image = Image::make(folder.path(), DISK_MIB)?;
    let mut world = start(order, folder.path(), &image, seed).await?;
    let rounds = if order.short { 1 } else { 3 };
    for round in 0..rounds {
        world.goes_on(100).await?;
        let filler = image.path().join("filler");
        fill(&filler)?;
        probe::until(&world, KEPT, 0, CLOSED).await?;
        commits(&world).await?;
        world.check().await?;
        world.read_all(false).await?;
        if round % 2 == 1 {
            world.broker.kill().await?;
            world.broker.start().await?;
            world.check().await?;
            fill(&filler)?;
            probe::until(&world, KEPT, 0, CLOSED).await?;
            commits(&world).await?;
            world.read_all(false).await?;
        }
        world.broker.must_run()?;
        fs::remove_file(&filler)?;
        for (topic, partition) in PLACES {
            probe::until(&world, topic, partition, Answer::Acknowledged).await?;
        }
        world.goes_on(100).await?;
    }
    Ok(format!("{rounds} times full; {}", world.finish().await?))
}

/// The file system turns read-only under the broker, as it does by itself when it finds that it is broken.
pub(crate) async fn read_only(order: &Order, seed: u64) -> Result<String, Failure> {
    let folder = tempfile::tempdir()?;
    let mut image = Image::make(folder.path(), DISK_MIB)?;
    let mut world = start(order, folder.path(), &image, seed).await?;
    world.goes_on(200).await?;
    // As with a cut, a sync that runs into this can answer well and be lost all the same.
    world.broker.come_to_rest().await?;
    image.turn_read_only()?;
    world.broker.go_on()?;
    for (topic, partition) in PLACES {
        probe::until(&world, topic, partition, CLOSED).await?;
    }
    world.check().await?;
    world.read_all(false).await?;
    world.broker.must_run()?;
    world.broker.kill().await?;
    image.come_back()?;
    world.broker.start().await?;
    world.check().await?;
    probe::all_serve(&world, &PLACES).await?;
    world.goes_on(200).await?;
    Ok(world.finish().await?.to_string())
}

/// The disk stands still: who writes waits in vain and nothing piles up, who needs nothing written is served, and what was
/// written goes on when it does.
pub(crate) async fn frozen(order: &Order, seed: u64) -> Result<String, Failure> {
    let folder = tempfile::tempdir()?;
    let mut image = Image::make(folder.path(), DISK_MIB)?;
    let mut world = start(order, folder.path(), &image, seed).await?;
    let (mut most, mut longest, rounds) = (0, Duration::ZERO, if order.short { 1 } else { 3 });
    for round in 0..rounds {
        world.goes_on(200).await?;
        let witness = Witness::join(&world, round).await?;
        let before = world.broker.memory()?;
        image.freeze()?;
        sleep(Duration::from_millis(500)).await; // what was synced before is answered by then
        let (then, began) = (world.ledger.figures(), Instant::now());
        while began.elapsed() < Duration::from_secs(if order.short { 1 } else { 8 }) {
            longest = longest.max(witness.looks(&world).await?);
            most = most.max(world.broker.memory()?.saturating_sub(before));
        }
        world.broker.must_run()?;
        if world.ledger.figures().acknowledged > then.acknowledged {
            return Err("a record was acknowledged that could not be synced".into());
        }
        image.thaw()?;
        witness.lives().await?;
        if most > GROWTH_MAX {
            return Err(format!("{most} bytes of memory were taken while the disk stood still").into());
        }
        world.goes_on(200).await?;
        probe::all_serve(&world, &PLACES).await?;
    }
    let (kib, figures) = (most >> 10, world.finish().await?);
    Ok(format!("{rounds} times, {kib} KiB of memory more and {longest:.0?} for an answer at most; {figures}"))
}

async fn start(order: &Order, folder: &Path, image: &Image, seed: u64) -> Result<World, Failure> {
    let broker = Broker::new(order, &image.path().join("data"), &folder.join("serve.log"))?;
    let mut plan = Plan::new(seed, Duration::from_millis(25));
    // Who makes topics on a disk that takes none is not answered, and nobody asks for all topics meanwhile.
    plan.with_brief_topics = false;
    World::start(broker, plan).await
}

/// Takes all the room that there is.
fn fill(path: &Path) -> Result<(), Failure> {
    let mut file = File::options().create(true).append(true).open(path)?;
    for size in [1 << 20, 4096, 1] {
        let zeros = vec![0; size];
        while file.write_all(&zeros).is_ok() {}
    }
    Ok(())
}

/// Waits for commits.
async fn commits(world: &World) -> Result<(), Failure> {
    let (before, began) = (world.ledger.figures().commits, Instant::now());
    while world.ledger.figures().commits < before + COMMITS {
        if began.elapsed() > PATIENCE {
            return Err(format!("no offsets are committed on a full disk\n{}", world.broker.words()).into());
        }
        sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}
