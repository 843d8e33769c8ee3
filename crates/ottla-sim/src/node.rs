//! A broker that comes and goes on a disk that stays, and the troubles it suffers.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use ottla::broker::BrokerConfig;
use ottla::storage::disk::{Call, Fault, FaultError, MemDisk, Sleeper};
use ottla::transport::{Address, NetworkFaults, TokioSpawn};
use ottla::{Error, Faults, Server};
use tokio::time::{sleep, timeout};

use crate::process::Process;
use crate::run::Sim;
use crate::trouble::{End, Kind, Trouble, Weather};

/// How long the power may hold that is to fail at a certain change.
const POWER_HOLDS: Duration = Duration::from_millis(400);

/// How long a clean stop may take.
const STOPS_WITHIN: Duration = Duration::from_secs(60);

/// How often [`Node::start_anyhow`] tries before it makes the disk whole.
const TRIES_ON_A_BAD_DISK: u32 = 4;

/// What a broker suffered, for who judges by it what may be lost or sent twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Happened {
    /// Connections were cut: what was under way may be sent again.
    Cut,
    /// From here on they are cut at any time.
    Flaky,
    /// Nothing is answered from here on: what is asked may be sent again.
    Stalled,
    /// Answers come again.
    Resumed,
    /// The broker ended.
    Ended,
    /// The power was lost.
    PowerLost,
    /// Calls to the disk fail from here on.
    DiskFails,
    /// A broker serves.
    Serves,
}

/// A broker that comes and goes. Its disk is a [`MemDisk`] that tells what is written from what is safe.
pub struct Node {
    sim: Sim,
    address: Address,
    config: BrokerConfig,
    disk: MemDisk,
    server: Option<Server>,
    process: Process,
    /// Whether a log may have been closed for writing, so that only a restart helps.
    needs_restart: bool,
    observer: Option<Box<dyn FnMut(Happened) + Send>>,
}

impl Node {
    pub(crate) fn new(sim: &Sim, address: Address, config: BrokerConfig) -> Self {
        let disk = MemDisk::new(sim.draw());
        Self {
            sim: sim.clone(),
            address,
            config,
            disk,
            server: None,
            process: sim.process(),
            needs_restart: false,
            observer: None,
        }
    }

    /// Tells `observer` what it suffers, as it happens.
    pub fn observe(&mut self, observer: impl FnMut(Happened) + Send + 'static) {
        self.observer = Some(Box::new(observer));
    }

    /// Where it is, in every life: the `bootstrap.servers` of clients.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Its disk, in the life of now.
    pub fn disk(&self) -> &MemDisk {
        &self.disk
    }

    /// The broker of now.
    pub fn server(&self) -> Option<&Server> {
        self.server.as_ref()
    }

    /// The faults of the broker of now, by hand.
    pub fn faults(&self) -> Option<Faults> {
        self.server.as_ref().map(Server::faults)
    }

    /// Starts a broker over what the disk holds.
    ///
    /// # Errors
    /// As [`ottla::Builder::start`].
    pub async fn start(&mut self) -> Result<(), Error> {
        self.process = self.sim.process();
        let server = Server::builder()
            .config(self.config.clone())
            .mem_disk(self.disk.clone())
            .network(self.sim.network().clone(), self.address.clone())
            .env(self.process.env(self.sim.draw()))
            .start()
            .await?;
        self.happened(Happened::Serves, "the broker serves");
        self.server = Some(server);
        Ok(())
    }

    /// Starts a broker, however often it takes. A disk that fails on purpose is made whole after a few tries; that
    /// it does not start then is a [`problem`](Sim::problem).
    pub async fn start_anyhow(&mut self) {
        for attempt in 1.. {
            match self.start().await {
                Ok(()) => return,
                Err(error) if attempt <= TRIES_ON_A_BAD_DISK => {
                    self.sim.note(&format!("the broker does not start: {error}"));
                }
                Err(error) => {
                    self.sim.problem(format!("the broker does not start on a disk without fault: {error}"));
                    return;
                }
            }
            self.stop_now(None);
            sleep(Duration::from_millis(100)).await;
            if attempt == TRIES_ON_A_BAD_DISK {
                self.heal_disk();
            }
        }
    }

    /// Ends the broker, if one runs.
    pub async fn end(&mut self, end: End) {
        match end {
            End::Clean => {
                let Some(server) = self.server.take() else { return };
                match timeout(STOPS_WITHIN, server.shutdown()).await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => self.sim.note(&format!("no clean stop: {error}")),
                    Err(_) => self.sim.problem(format!("stuck: no clean stop within {STOPS_WITHIN:?}")),
                }
                self.stop_now(None);
            }
            End::Kill => self.stop_now(None),
            End::PowerLoss(seed) => self.stop_now(Some(seed)),
            End::PowerLossAt(seed, nth) => {
                self.disk.power_off_at(nth.max(1));
                self.until_the_power_fails().await;
                self.stop_now(Some(seed));
            }
            End::Twice(seed, nth) => {
                self.stop_now(Some(seed));
                self.disk.power_off_at(nth.max(1));
                if let Err(error) = self.start().await {
                    self.sim.note(&format!("the power failed while it started: {error}"));
                }
                self.until_the_power_fails().await;
                self.stop_now(Some(seed.rotate_left(32)));
            }
        }
    }

    /// Suffers all of it, the network and the disk from the first on; [`calm`](Self::calm) ends it.
    pub async fn weather(&mut self, weather: &Weather) {
        self.begin(weather);
        for trouble in &weather.troubles {
            self.suffer(trouble).await;
        }
    }

    /// Begins what a weather has all the time.
    pub fn begin(&mut self, weather: &Weather) {
        self.sim.network().set_faults(weather.network);
        if weather.network.cut_chance > 0.0 {
            self.happened(Happened::Flaky, "connections are cut at any time");
        }
        if let Some(delays) = &weather.delays {
            self.disk.slow_down(delays.clone(), Arc::new(VirtualSleeper), Arc::new(TokioSpawn::new()));
        }
    }

    /// Waits for a trouble, and suffers it to its end.
    pub async fn suffer(&mut self, trouble: &Trouble) {
        sleep(trouble.after).await;
        self.sim.note(&format!("trouble: {:?}", trouble.kind));
        match &trouble.kind {
            Kind::Crash { end, away } => {
                self.end(*end).await;
                sleep(*away).await;
                self.start_anyhow().await;
            }
            Kind::Cut => {
                self.happened(Happened::Cut, "connections are cut");
                self.sim.network().cut(&self.address);
            }
            Kind::Partition { way, lasts } => {
                self.happened(Happened::Stalled, "nothing arrives");
                self.sim.network().hold(&self.address, *way);
                sleep(*lasts).await;
                self.sim.network().release(&self.address);
                self.happened(Happened::Resumed, "it arrives again");
            }
            Kind::LostAnswers { api, times } => {
                self.happened(Happened::Flaky, "answers are lost");
                if let Some(faults) = self.faults() {
                    faults.lose_answers(*api, *times);
                }
            }
            Kind::Fails { call, path, skip, times } => {
                let fault = Fault::new(*call, FaultError::Io).with_path(path);
                self.needs_restart |= *call != Call::Read;
                self.happened(Happened::DiskFails, "calls to the disk fail");
                self.disk.inject(fault.with_skip(*skip).with_times(*times));
            }
            Kind::Full { room_bytes, lasts } => {
                self.happened(Happened::DiskFails, "the disk fills up");
                self.disk.set_capacity(Some(self.disk.used_bytes() + room_bytes));
                sleep(*lasts).await;
                self.disk.set_capacity(None);
                self.sim.note("there is room again");
            }
            Kind::Stall { lasts } => {
                self.happened(Happened::Stalled, "the disk stands still");
                let calls = [Call::Read, Call::Write, Call::Sync];
                calls.into_iter().for_each(|call| self.disk.hold(call));
                sleep(*lasts).await;
                self.disk.release();
                self.happened(Happened::Resumed, "the disk moves again");
            }
            Kind::ClockJump(milliseconds) => self.sim.clock().jump(*milliseconds),
        }
    }

    /// Ends all faults: the network is perfect, the disk whole, and a broker serves that has met no fault.
    pub async fn calm(&mut self) {
        self.sim.network().set_faults(NetworkFaults::default());
        self.sim.network().release(&self.address);
        self.heal_disk();
        if self.needs_restart && self.server.is_some() {
            self.end(End::Kill).await;
        }
        if self.server.is_none() {
            self.start_anyhow().await;
        }
        self.needs_restart = false;
        self.sim.note("calm");
    }

    fn heal_disk(&self) {
        self.disk.heal();
        self.disk.set_capacity(None);
        self.disk.release();
        self.sim.note("the disk is whole");
    }

    /// Until the power fails, or long enough.
    async fn until_the_power_fails(&self) {
        let fails = async {
            while !self.disk.is_dead() {
                sleep(Duration::from_millis(1)).await;
            }
        };
        drop(timeout(POWER_HOLDS, fails).await);
    }

    /// Ends the broker where it stands: its process alone, or with a seed the power of the machine.
    fn stop_now(&mut self, power: Option<u64>) {
        match power {
            Some(seed) => {
                self.disk.crash(seed);
                self.happened(Happened::PowerLost, "the power is lost");
            }
            None => {
                self.disk.kill();
                self.happened(Happened::Ended, "the broker is no more");
            }
        }
        self.process.kill();
        self.server = None;
        self.sim.network().cut(&self.address);
        self.disk = self.disk.restarted();
    }

    fn happened(&mut self, what: Happened, words: &str) {
        self.sim.note(words);
        if let Some(observer) = &mut self.observer {
            observer(what);
        }
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node")
            .field("address", &self.address)
            .field("serves", &self.server.is_some())
            .finish_non_exhaustive()
    }
}

/// Lets virtual time pass for a slow disk.
struct VirtualSleeper;

impl Sleeper for VirtualSleeper {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(sleep(duration))
    }
}
