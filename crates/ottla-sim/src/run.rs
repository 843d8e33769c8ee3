//! One seed from beginning to end: a thread, a paused clock, a network, and whoever takes part.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ottla::broker::BrokerConfig;
use ottla::env::{Env, Rng};
use ottla::transport::{Address, Connector, MemoryNetwork, NetworkFaults};

use crate::clock::SimClock;
use crate::log::{self, Log};
use crate::node::Node;
use crate::process::Process;
use crate::trace::Trace;

/// What became of a seed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Ran<T> {
    /// The seed.
    pub seed: u64,
    /// What the scenario returned.
    pub value: T,
    /// A hash of every event: two runs of one seed have the same.
    pub trace: u64,
    /// Every event and what the stack logged, of a [`replay`].
    pub lines: Vec<String>,
    /// What was told to be wrong: panics of tasks, brokers that do not start, and what the scenario told.
    pub problems: Vec<String>,
    /// Virtual time that it took.
    pub took: Duration,
}

/// Runs a scenario with a seed: in this thread, in virtual time, to its end.
///
/// The future may be any tokio code that waits for nothing outside: timers, channels and tasks are tokio's own, and
/// `tokio::spawn` is as good as [`Process::run`] for what is never killed.
///
/// # Panics
/// When the scenario panics, or when it is called within a runtime.
pub fn run<T>(seed: u64, scenario: impl AsyncFnOnce(Sim) -> T) -> Ran<T> {
    run_with(seed, false, scenario)
}

/// [`run`] that also keeps every event, and what the stack logs, as text.
///
/// # Panics
/// As [`run`].
pub fn replay<T>(seed: u64, scenario: impl AsyncFnOnce(Sim) -> T) -> Ran<T> {
    run_with(seed, true, scenario)
}

fn run_with<T>(seed: u64, with_lines: bool, scenario: impl AsyncFnOnce(Sim) -> T) -> Ran<T> {
    log::listen();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.expect("a runtime of one thread without IO asks nothing of the system");
    let (value, told, took) = runtime.block_on(async {
        let sim = Sim::new(seed, with_lines);
        let _logged = with_lines.then(|| tracing::subscriber::set_default(Log(sim.trace.clone())));
        let value = scenario(sim.clone()).await;
        sim.kill_all();
        (value, sim.trace.told(), sim.now())
    });
    drop(runtime);
    let (trace, lines, problems) = told;
    Ran { seed, value, trace, lines, problems, took }
}

/// A simulated world, as a scenario sees it. Clones are the same one.
#[derive(Clone)]
pub struct Sim {
    seed: u64,
    pub(crate) trace: Trace,
    clock: SimClock,
    network: MemoryNetwork,
    rng: Arc<Mutex<Rng>>,
    processes: Arc<Mutex<Vec<Process>>>,
}

impl Sim {
    fn new(seed: u64, with_lines: bool) -> Self {
        let mut rng = Rng::new(seed);
        let trace = Trace::new(with_lines);
        let network = MemoryNetwork::new(NetworkFaults::default(), Rng::new(rng.next_u64()));
        let clock = SimClock::new(trace.began());
        Self { seed, trace, clock, network, rng: Arc::new(Mutex::new(rng)), processes: Arc::default() }
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// A generator of its own for whoever needs one: each is another, and the same for the same seed.
    pub fn rng(&self) -> Rng {
        Rng::new(self.draw())
    }

    /// A number for whoever needs a seed.
    pub fn draw(&self) -> u64 {
        lock(&self.rng).next_u64()
    }

    /// Virtual time since the beginning.
    pub fn now(&self) -> Duration {
        self.trace.began().elapsed()
    }

    /// The date, which all processes share.
    pub fn clock(&self) -> &SimClock {
        &self.clock
    }

    /// The network, which all share; it is perfect unless told otherwise.
    pub fn network(&self) -> &MemoryNetwork {
        &self.network
    }

    /// What clients of this stack connect by (`with_connector` of their configurations).
    pub fn connector(&self) -> Arc<dyn Connector> {
        Arc::new(self.network.clone())
    }

    /// A new process, for clients and tasks that are to be killed together.
    pub fn process(&self) -> Process {
        let process = Process::new(&self.clock, &self.trace);
        let mut processes = lock(&self.processes);
        processes.retain(|process| !process.is_dead());
        processes.push(process.clone());
        process
    }

    /// Seams for clients that live as long as the simulation (`with_env` of their configurations).
    pub fn env(&self) -> Env {
        self.process().env(self.draw())
    }

    /// A broker to be, at a host and port, on a disk of its own. Nothing runs before [`Node::start`].
    ///
    /// # Panics
    /// When `address` is none.
    pub fn node(&self, address: &str, config: BrokerConfig) -> Node {
        let parsed: Result<Address, _> = address.parse();
        let parsed = parsed.unwrap_or_else(|error| panic!("{error}"));
        Node::new(self, parsed, config)
    }

    /// Adds an event to the trace: what the scenario did or saw.
    pub fn note(&self, event: &str) {
        self.trace.note(event);
    }

    /// Tells that something is wrong; the scenario goes on.
    pub fn problem(&self, problem: impl Into<String>) {
        self.trace.problem(problem.into());
    }

    fn kill_all(&self) {
        let processes = std::mem::take(&mut *lock(&self.processes));
        processes.iter().for_each(Process::kill);
    }
}

impl fmt::Debug for Sim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sim").field("seed", &self.seed).field("now", &self.now()).finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing in here is left half changed by a panic.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
