//! Calls of the kernel fail under a broker that runs: what it answers then, what it still does, and what heals.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ottla::env::Rng;

use crate::broker::Broker;
use crate::load::{KEPT, Plan};
use crate::probe::{self, CLOSED};
use crate::strace::{Fault, SYNCS, WRITES};
use crate::world::World;
use crate::{Failure, Order};

/// Partitions whose disk fails, by turns; while one of them does, the others serve.
const PLACES: [(&str, i32); 4] = [(KEPT, 0), ("keyed", 1), ("sized", 0), ("trimmed", 1)];

/// A sync fails: nothing is acknowledged by it, it is never tried again, and that partition takes no more records until
/// the broker starts again; it can be read, and the others serve.
pub(crate) async fn syncs(order: &Order, seed: u64) -> Result<String, Failure> {
    let folder = tempfile::tempdir()?;
    let mut world = start(order, folder.path(), seed).await?;
    let places = any_of(order, seed);
    for (topic, partition) in &places {
        world.goes_on(50).await?;
        probe::all_serve(&world, &PLACES).await?; // so that it has a file
        let fault = close(&world, folder.path(), (topic, *partition), (SYNCS, "EIO")).await?;
        probe::all_serve(&world, &but(&(*topic, *partition))).await?;
        world.read_all(false).await?;
        let tried = fault.end().await?;
        probe::until(&world, topic, *partition, CLOSED).await?;
        if tried.len() != 1 {
            return Err(format!("a sync that failed was tried again: {tried:#?}").into());
        }
        world.check().await?;
        restart(&mut world).await?;
        probe::all_serve(&world, &PLACES).await?;
    }
    // And all of them at once.
    world.goes_on(50).await?;
    let fault = Fault::begin(world.broker.pid()?, SYNCS, "EIO", None, &folder.path().join("calls")).await?;
    for (topic, partition) in PLACES {
        probe::until(&world, topic, partition, CLOSED).await?;
    }
    world.read_all(false).await?;
    fault.end().await?;
    world.broker.must_run()?;
    restart(&mut world).await?;
    probe::all_serve(&world, &PLACES).await?;
    world.goes_on(50).await?;
    Ok(format!("{} partitions by themselves, and all; {}", places.len(), world.finish().await?))
}

/// A write fails: it is taken back, and the partition goes on as soon as writes are possible again.
pub(crate) async fn writes(order: &Order, seed: u64) -> Result<String, Failure> {
    let folder = tempfile::tempdir()?;
    let mut world = start(order, folder.path(), seed).await?;
    let places = any_of(order, seed);
    for (topic, partition) in &places {
        for error in ["ENOSPC", "EIO"] {
            world.goes_on(50).await?;
            probe::all_serve(&world, &PLACES).await?;
            let fault = close(&world, folder.path(), (topic, *partition), (WRITES, error)).await?;
            probe::all_serve(&world, &but(&(*topic, *partition))).await?;
            world.read_all(false).await?;
            fault.end().await?;
            probe::all_serve(&world, &PLACES).await?;
            world.broker.must_run()?;
        }
        world.goes_on(50).await?;
        restart(&mut world).await?;
    }
    world.goes_on(50).await?;
    Ok(format!("{} partitions, each full and broken; {}", places.len(), world.finish().await?))
}

/// Files may not grow beyond a size: the write that meets it is short, and those after it fail, until it is lifted.
pub(crate) async fn short_writes(order: &Order, seed: u64) -> Result<String, Failure> {
    let folder = tempfile::tempdir()?;
    let mut world = start(order, folder.path(), seed).await?;
    world.goes_on(50).await?;
    world.broker.kill().await?;
    // The signal that comes with it would end the process.
    let ignoring = ["sh", "-c", "trap '' XFSZ; exec \"$0\" \"$@\""];
    world.broker.spawn(&ignoring.map(str::to_owned))?;
    world.broker.listens().await?;
    world.check().await?;
    let mut rng = Rng::new(seed);
    for _ in 0..if order.short { 2 } else { 6 } {
        world.goes_on(50).await?;
        probe::all_serve(&world, &PLACES).await?; // so that it has a file
        // A little above what the file has, so that it is met soon, by whatever is written.
        let folder = folder.path().join(format!("data/{KEPT}-0"));
        let mut bytes = active_log(&folder)?.metadata()?.len();
        while bytes > 900_000 {
            world.goes_on(50).await?;
            bytes = active_log(&folder)?.metadata()?.len();
        }
        bytes += 1 + rng.below(10_000);
        world.broker.limit_file_size(&format!("{bytes}:"))?;
        probe::until(&world, KEPT, 0, CLOSED).await?;
        world.check().await?;
        world.read_all(false).await?;
        world.broker.limit_file_size("unlimited:")?;
        probe::all_serve(&world, &PLACES).await?;
        world.broker.must_run()?;
    }
    world.goes_on(50).await?;
    restart(&mut world).await?;
    world.goes_on(50).await?;
    Ok(world.finish().await?.to_string())
}

async fn start(order: &Order, folder: &Path, seed: u64) -> Result<World, Failure> {
    let broker = Broker::new(order, &folder.join("data"), &folder.join("serve.log"))?;
    let mut plan = Plan::new(seed, Duration::from_millis(15));
    // Who makes topics on a disk that takes none is not answered, and nobody asks for all topics meanwhile.
    plan.with_brief_topics = false;
    World::start(broker, plan).await
}

/// Lets these calls fail on the file that a partition is written to, until that answers that it is closed.
async fn close(
    world: &World,
    folder: &Path,
    (topic, partition): (&str, i32),
    (calls, error): (&str, &str),
) -> Result<Fault, Failure> {
    for _ in 0..20 {
        let log = active_log(&folder.join(format!("data/{topic}-{partition}")))?;
        let fault =
            Fault::begin(world.broker.pid()?, calls, error, Some(&log), &folder.join("calls")).await?;
        for _ in 0..5 {
            if probe::send(world, topic, partition).await? == CLOSED {
                return Ok(fault);
            }
        }
        fault.end().await?; // it was closed for being old, and the next one is written to
    }
    Err(format!("{topic}-{partition} goes on\n{}", world.broker.words()).into())
}

async fn restart(world: &mut World) -> Result<(), Failure> {
    world.broker.kill().await?;
    world.broker.start().await?;
    world.check().await
}

/// The partitions that are tortured: one, if it is to be short.
fn any_of(order: &Order, seed: u64) -> Vec<(&'static str, i32)> {
    let mut places = PLACES.to_vec();
    Rng::new(seed).shuffle(&mut places);
    places.truncate(if order.short { 1 } else { PLACES.len() });
    places
}

fn but(place: &(&str, i32)) -> Vec<(&'static str, i32)> {
    PLACES.into_iter().filter(|other| other != place).collect()
}

/// The file that a partition is written to.
fn active_log(folder: &Path) -> Result<PathBuf, Failure> {
    let mut logs: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_, Failure>>()?;
    logs.retain(|path| path.extension().is_some_and(|extension| extension == "log"));
    logs.sort();
    Ok(logs.pop().ok_or_else(|| format!("no log in {}", folder.display()))?)
}
