//! The workers as processes: they are killed, stand still, are replaced while they do, and come back.

use std::fs::File;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::process::{Child, Command};
use tokio::time::{Duration, timeout};

use super::FENCED;
use crate::{Failure, PATIENCE};

/// What is the same for all workers.
pub(crate) struct Orders {
    pub(crate) bootstrap: String,
    pub(crate) journal: PathBuf,
    pub(crate) log: PathBuf,
    pub(crate) seed: u64,
    /// How they are a group.
    pub(crate) groups: String,
    pub(crate) spoil: bool,
}

/// The workers, each under a name of its own that it keeps over its lives.
pub(crate) struct Crew {
    orders: Orders,
    lives: u64,
    places: Vec<Option<Child>>,
    /// Those whose place others have taken while they stood still.
    replaced: Vec<Child>,
    pub(crate) figures: Figures,
}

/// What became of workers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figures {
    pub(crate) killed: u32,
    pub(crate) frozen: u32,
    pub(crate) replaced: u32,
    pub(crate) fenced: u32,
}

impl Crew {
    pub(crate) fn hire(orders: Orders, count: usize) -> Result<Self, Failure> {
        let places = (0..count).map(|_| None).collect();
        let mut crew = Self { orders, lives: 0, places, replaced: Vec::new(), figures: Figures::default() };
        (0..count).try_for_each(|place| crew.start(place))?;
        Ok(crew)
    }

    fn start(&mut self, place: usize) -> Result<(), Failure> {
        self.lives += 1;
        let Orders { bootstrap, journal, log, seed, groups, spoil } = &self.orders;
        let order: Value = json!({
            "name": format!("worker-{place}"), "life": self.lives, "bootstrap": bootstrap, "journal": journal,
            "seed": seed, "static": place % 2 == 1, "groups": groups, "spoil": spoil,
        });
        let log = File::options().create(true).append(true).open(log)?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args([super::WORKER, &order.to_string()]);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log).kill_on_drop(true);
        self.places[place] = Some(command.spawn()?);
        Ok(())
    }

    /// Starts those that are not there, and hears of those that have ended.
    pub(crate) fn is_complete(&mut self) -> Result<(), Failure> {
        for place in 0..self.places.len() {
            if let Some(worker) = &mut self.places[place]
                && let Some(status) = worker.try_wait()?
            {
                self.has_ended(status)?;
                self.places[place] = None;
            }
            if self.places[place].is_none() {
                self.start(place)?;
            }
        }
        self.hear_of_replaced()
    }

    /// Kills one with signal 9; it comes back when the crew is completed.
    pub(crate) async fn kill(&mut self, place: usize) -> Result<(), Failure> {
        let Some(mut worker) = self.places[place].take() else { return Ok(()) };
        worker.start_kill()?;
        let status = worker.wait().await?;
        if status.signal() == Some(9) {
            self.figures.killed += 1;
            return Ok(());
        }
        self.has_ended(status)
    }

    /// Lets one stand still.
    pub(crate) async fn freeze(&mut self, place: usize) -> Result<(), Failure> {
        self.figures.frozen += 1;
        signal(self.places[place].as_ref(), "-STOP").await
    }

    /// Lets it go on.
    pub(crate) async fn thaw(&mut self, place: usize) -> Result<(), Failure> {
        signal(self.places[place].as_ref(), "-CONT").await
    }

    /// Gives the place of one that stands still to another of the same name.
    pub(crate) fn replace(&mut self, place: usize) -> Result<(), Failure> {
        self.replaced.extend(self.places[place].take());
        self.figures.replaced += 1;
        self.start(place)
    }

    /// Lets those go on whose place was taken.
    pub(crate) async fn thaw_replaced(&mut self) -> Result<(), Failure> {
        for zombie in &self.replaced {
            signal(Some(zombie), "-CONT").await?;
        }
        Ok(())
    }

    /// Tells all to end, and waits until they have.
    pub(crate) async fn dismiss(&mut self) -> Result<(), Failure> {
        let there = self.places.iter_mut().filter_map(Option::take);
        for mut worker in self.replaced.drain(..).chain(there).collect::<Vec<_>>() {
            drop(worker.stdin.take());
            let status = ended(worker).await?;
            // One that was replaced has found out, unless nothing was left for it to do. One that has just come may find
            // its place taken still by who was killed under its name.
            if !status.success() {
                self.has_ended(status)?;
            }
        }
        Ok(())
    }

    fn hear_of_replaced(&mut self) -> Result<(), Failure> {
        let mut there = Vec::new();
        for mut zombie in std::mem::take(&mut self.replaced) {
            match zombie.try_wait()? {
                Some(status) => self.has_ended(status)?,
                None => there.push(zombie),
            }
        }
        self.replaced = there;
        Ok(())
    }

    fn has_ended(&mut self, status: std::process::ExitStatus) -> Result<(), Failure> {
        if status.code() == Some(i32::from(FENCED)) {
            self.figures.fenced += 1;
            return Ok(());
        }
        Err(format!("a worker has ended: {status}\n{}", self.words()).into())
    }

    /// The last of what workers complained of.
    pub(crate) fn words(&self) -> String {
        let text = std::fs::read_to_string(&self.orders.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

async fn ended(mut worker: Child) -> Result<std::process::ExitStatus, Failure> {
    Ok(timeout(PATIENCE, worker.wait()).await.map_err(|_| "a worker does not end")??)
}

async fn signal(worker: Option<&Child>, signal: &str) -> Result<(), Failure> {
    // One that has ended is heard of elsewhere.
    let Some(pid) = worker.and_then(Child::id) else { return Ok(()) };
    let status = Command::new("kill").args([signal, &pid.to_string()]).status();
    timeout(Duration::from_secs(5), status).await??;
    Ok(())
}
