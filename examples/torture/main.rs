//! Tortures `ottla serve`, and holds everything that it does then against a ledger of what it has acknowledged.
//!
//! `cargo xtask torture` builds the command and this, and runs both. The broker is killed at random moments, and loses
//! its power; its disk fails, fills up, turns read-only and stalls; it is killed, and its clients are, in the midst of
//! transactions. A seed drives the run and is printed first.

mod broker;
mod cuts;
mod disks;
mod faults;
mod image;
mod kills;
mod ledger;
mod load;
mod payload;
mod probe;
mod soak;
mod standstill;
mod strace;
mod verify;
mod world;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use ottla::env::{OsSeeds, Seeds};
use tokio::signal::ctrl_c;
use tokio::signal::unix::{SignalKind, signal};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// How long anything may take that should not take long.
const PATIENCE: Duration = Duration::from_secs(60);

/// What was ordered.
#[derive(Parser, Clone, Debug)]
struct Order {
    /// The command `ottla`.
    #[arg(long)]
    ottla: PathBuf,
    /// Drives the run; drawn if it is not given.
    #[arg(long)]
    seed: Option<u64>,
    /// How often it is killed.
    #[arg(long, default_value_t = 200)]
    kills: u32,
    /// How often its power is cut.
    #[arg(long, default_value_t = 20)]
    cuts: u32,
    /// For how many minutes each version of transactions is soaked.
    #[arg(long, default_value_t = 5)]
    minutes: u64,
    /// Takes three minutes at most.
    #[arg(long)]
    short: bool,
    /// How the workers of a soak are a group: eager, cooperative or consumer; drawn if it is not given.
    #[arg(long)]
    groups: Option<String>,
    /// Workers commit what they have read outside of their transactions: has to be found.
    #[arg(long)]
    spoil: bool,
    /// A setting of the broker; `durability=os` shows that a cut of the power is one.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// The tortures that are wanted; all, if none is named.
    tortures: Vec<String>,
}

impl Order {
    /// How long troubles go on in a soak.
    fn soaking(&self) -> Duration {
        if self.short { Duration::from_secs(15) } else { Duration::from_secs(60 * self.minutes) }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [soak::WORKER, order] = words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        return soak::worker::run(order).await;
    }
    let mut order = Order::parse();
    if order.short {
        (order.kills, order.cuts) = (order.kills.min(25), order.cuts.min(4));
    }
    let seed = *order.seed.get_or_insert_with(|| OsSeeds.next_seed() >> 32);
    println!("torture --seed {seed} --kills {} --cuts {}", order.kills, order.cuts);
    let unknown = order.tortures.iter().find(|wanted| TORTURES.iter().all(|(name, _)| name != wanted));
    if let Some(unknown) = unknown {
        println!("there is no torture {unknown}; there are {:?}", TORTURES.map(|(name, _)| name));
        return ExitCode::FAILURE;
    }
    let (mut failed, mut skipped) = (false, false);
    for (name, programs) in TORTURES {
        if !order.tortures.is_empty() && !order.tortures.iter().any(|wanted| wanted == name) {
            continue;
        }
        if let Some(missing) = missing(programs) {
            println!("{name:<12} SKIPPED: {missing}");
            skipped = true;
            continue;
        }
        let began = Instant::now();
        let outcome = tokio::select! {
            biased;
            () = interrupted() => Err("interrupted".into()), // what was mounted is unmounted all the same
            outcome = run(name, &order, seed) => outcome,
        };
        let took = began.elapsed().as_secs_f64();
        match outcome {
            Ok(said) => println!("{name:<12} {took:>6.1} s  {said}"),
            Err(failure) => {
                failed = true;
                println!("{name:<12} {took:>6.1} s  FAILED with --seed {seed}: {failure}");
            }
        }
    }
    match (failed, skipped) {
        (true, _) => ExitCode::FAILURE,
        (false, true) => ExitCode::from(SKIPPED),
        (false, false) => ExitCode::SUCCESS,
    }
}

/// How this ends when nothing was wrong, and something was not looked at.
const SKIPPED: u8 = 3;

/// What there is, in order, and the programs that it takes; who mounts has to be root.
const TORTURES: [(&str, &[&str]); 10] = [
    ("kills", &["strace"]),
    ("cuts", MOUNTING),
    ("syncs", &["strace"]),
    ("writes", &["strace"]),
    ("short-writes", &["prlimit"]),
    ("full", MOUNTING),
    ("read-only", MOUNTING),
    ("frozen", MOUNTING),
    ("exactly-once", &["kill"]),
    ("exactly-once-1", &["kill"]),
];

/// What a file system in a file takes, and who cuts its power.
const MOUNTING: &[&str] = &["mkfs.ext4", "losetup", "mount", "umount", "python3", "fsfreeze"];

async fn run(name: &str, order: &Order, seed: u64) -> Result<String, Failure> {
    match name {
        "kills" => kills::run(order, seed).await,
        "cuts" => cuts::run(order, seed).await,
        "syncs" => faults::syncs(order, seed).await,
        "writes" => faults::writes(order, seed).await,
        "short-writes" => faults::short_writes(order, seed).await,
        "full" => disks::full(order, seed).await,
        "read-only" => disks::read_only(order, seed).await,
        "frozen" => disks::frozen(order, seed).await,
        "exactly-once" => soak::run(order, seed, 2).await,
        "exactly-once-1" => soak::run(order, seed, 1).await,
        _ => Err("there is no such torture".into()),
    }
}

/// What is not here of what a torture takes.
fn missing(programs: &[&str]) -> Option<String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_there =
        |program: &&&str| std::env::split_paths(&path).any(|folder| folder.join(program).is_file());
    if let Some(program) = programs.iter().find(|program| !is_there(program)) {
        return Some(format!("no {program} on this machine"));
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let is_root =
        status.lines().any(|line| line.starts_with("Uid:") && line.split_whitespace().nth(2) == Some("0"));
    (programs.contains(&"mount") && !is_root).then(|| "only root mounts file systems".to_owned())
}

/// Waits until somebody wants this to end.
async fn interrupted() {
    let Ok(mut term) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        biased;
        _ = ctrl_c() => {}
        _ = term.recv() => {}
    }
}
