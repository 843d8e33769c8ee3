//! One world: a disk, a network, a broker that comes and goes, its clients, and the troubles of a plan.
//!
//! The order of things: topics are made, clients begin, troubles happen, then calm; all must drain; the broker ends
//! once more, and what is left is read and checked.

use std::sync::Arc;
use std::time::Duration;

use ottla::Server;
use ottla::broker::BrokerConfig;
use ottla::client::TopicPartition;
use ottla::env::Rng;
use ottla::storage::disk::{Call, Fault, FaultError, MemDisk};
use ottla::transport::{Address, MemoryNetwork, NetworkFaults, TokioSpawn};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::checks;
use crate::clients::{self, Positions, Seams};
use crate::groups::audit::{self, Group};
use crate::groups::member::{self, Seat};
use crate::groups::raw;
use crate::history::{History, Outcome, Sent};
use crate::log::Log;
use crate::plan::{End, Kind, OFFSETS_PARTITIONS, Plan, Trouble};
use crate::process::{Process, VirtualSleeper};

/// Where the broker is, in every life.
pub(crate) const ADDRESS: &str = "broker:9092";

/// How long anything may take once nothing fails any more.
const CALM: Duration = Duration::from_secs(150);

/// How long the power may hold that is to fail at a certain change.
const POWER_HOLDS: Duration = Duration::from_millis(400);

/// What became of a seed.
pub(crate) struct Ran {
    pub(crate) seed: u64,
    pub(crate) plan: Plan,
    pub(crate) trace: u64,
    pub(crate) lines: Vec<String>,
    pub(crate) problems: Vec<String>,
    pub(crate) sends: u64,
    pub(crate) acknowledged: u64,
    pub(crate) reads: u64,
    pub(crate) crashes: u64,
    pub(crate) virtual_ms: u64,
}

/// Runs one seed from beginning to end.
pub(crate) fn run(seed: u64, with_lines: bool) -> Ran {
    let mut rng = Rng::new(seed);
    let plan = Plan::draw(&mut rng);
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let (history, virtual_ms) = runtime.block_on(async {
        let history = History::new(with_lines);
        let _logged = with_lines.then(|| tracing::subscriber::set_default(Log(history.clone())));
        let mut world = World::new(&plan, rng, &history);
        world.live(&plan).await;
        for (path, bytes) in world.disk.image() {
            history.note(&format!("left: {path} {bytes:?}"));
        }
        world.server = None;
        world.process.kill();
        world.seams.1.kill();
        (history.clone(), history.now_ms())
    });
    drop(runtime);
    let (trace, lines) = (history.trace(), history.lines());
    history.look(|history| Ran {
        seed,
        trace,
        lines,
        problems: history.problems.clone(),
        sends: history.sends.len() as u64,
        acknowledged: history.sends.iter().filter(|sent| matches!(sent.outcome, Outcome::Ok(_))).count()
            as u64,
        reads: history.reads,
        crashes: history.crashes,
        virtual_ms,
        plan,
    })
}

struct World {
    rng: Rng,
    history: History,
    disk: MemDisk,
    network: MemoryNetwork,
    config: BrokerConfig,
    /// The broker of now, and the process it lives in.
    server: Option<Server>,
    process: Process,
    /// What clients need, and the process they live in.
    seams: (Seams, Process),
    /// Whether a log may have been closed for writing, so that only a restart helps.
    needs_restart: bool,
}

impl World {
    fn new(plan: &Plan, mut rng: Rng, history: &History) -> Self {
        let disk = MemDisk::new(rng.next_u64());
        let network = MemoryNetwork::new(NetworkFaults::default(), Rng::new(rng.next_u64()));
        let clients = Process::new(history);
        let places = plan.topics.iter().flat_map(|(topic, partitions)| {
            (0..*partitions).map(|partition| TopicPartition::new(topic.as_str(), partition))
        });
        let seams = Seams {
            env: clients.env(rng.next_u64()),
            network: network.clone(),
            history: history.clone(),
            places: Arc::new(places.collect()),
        };
        Self {
            rng,
            history: history.clone(),
            disk,
            network,
            config: BrokerConfig::from_pairs(plan.broker.iter().map(|(key, value)| (*key, value.as_str())))
                .unwrap(),
            server: None,
            process: Process::new(history),
            seams: (seams, clients),
            needs_restart: false,
        }
    }

    async fn live(&mut self, plan: &Plan) {
        self.start().await;
        let seams = self.seams.0.clone();
        clients::create_topics(&seams, &plan.topics).await;
        if plan.groups.iter().any(|group| group.raw.is_some()) {
            raw::create_topic(&seams).await;
        }
        self.network.set_faults(plan.network);
        self.history.look(|history| history.has_random_cuts = plan.network.cut_chance > 0.0);
        if let Some(delays) = &plan.delays {
            self.disk.slow_down(delays.clone(), Arc::new(VirtualSleeper), Arc::new(TokioSpawn::new()));
        }
        let producers: Vec<JoinHandle<()>> = plan
            .producers
            .iter()
            .enumerate()
            .map(|(index, plan)| tokio::spawn(clients::produce(seams.clone(), index, plan.clone())))
            .collect();
        let positions: Vec<Positions> = plan.readers.iter().map(|_| Positions::default()).collect();
        for (index, plan) in plan.readers.iter().enumerate() {
            let reads = clients::read_on(seams.clone(), index, plan.clone(), positions[index].clone());
            drop(tokio::spawn(reads));
        }
        drop(tokio::spawn(clients::watch_ends(seams.clone())));
        let groups = self.begin_groups(plan);

        for trouble in &plan.troubles {
            self.trouble(trouble).await;
        }
        self.calm().await;
        self.drains(producers, &positions).await;
        self.settles(&groups).await;
        self.end(plan.last).await;
        self.calm().await;
        self.settles(&groups).await;
        let finally = timeout(CALM * 2, clients::read_all(&seams, CALM)).await;
        match finally {
            Ok(finally) => self.history.look(|history| checks::check(history, &finally)),
            Err(_) => self.history.problem("stuck: where partitions end is not told".to_owned()),
        }
    }

    /// Nothing fails from here on, and a broker serves.
    async fn calm(&mut self) {
        self.network.set_faults(NetworkFaults::default());
        self.disk.heal();
        self.disk.set_capacity(None);
        if self.needs_restart && self.server.is_some() {
            self.end(End::Kill).await;
        }
        if self.server.is_none() {
            self.start().await;
        }
        self.needs_restart = false;
        self.history.note("calm");
    }

    /// All producers are told of all their records, and all readers come to the end.
    async fn drains(&self, producers: Vec<JoinHandle<()>>, positions: &[Positions]) {
        let drained = timeout(CALM, async {
            for producer in producers {
                producer.await.unwrap();
            }
        });
        if drained.await.is_err() {
            let open = self.history.look(|history| {
                let open = |sent: &&Sent| sent.outcome == Outcome::Open;
                history.sends.iter().filter(open).count()
            });
            self.history.problem(format!("stuck: producers are not done, {open} records are not told of"));
        }
        let Ok(ends) = timeout(CALM, clients::all_ends(&self.seams.0)).await else {
            return self.history.problem("stuck: where partitions end is not told in the calm".to_owned());
        };
        let read = timeout(CALM, async {
            while !positions.iter().all(|positions| positions.reached(&ends)) {
                sleep(Duration::from_millis(50)).await;
            }
        });
        if read.await.is_err() {
            self.history.problem(format!("stuck: readers are at {positions:?} and the ends are {ends:?}"));
        }
    }

    /// Sends the members of all groups on their way.
    fn begin_groups(&mut self, plan: &Plan) -> Vec<Group> {
        let seams = &self.seams.0;
        let names = plan.groups.iter().map(|group| group.name.clone()).collect();
        drop(tokio::spawn(audit::watch_commits(seams.clone(), names)));
        let mut groups = Vec::new();
        for plan in &plan.groups {
            let seats: Vec<Seat> = plan.members.iter().map(|_| Seat::new()).collect();
            for index in 0..seats.len() {
                let rng = Rng::new(self.rng.next_u64());
                let seats = seats.clone();
                drop(tokio::spawn(member::live(seams.clone(), plan.clone(), index, rng, seats)));
            }
            if let Some(raw) = &plan.raw {
                let rng = Rng::new(self.rng.next_u64());
                drop(tokio::spawn(raw::meddle(seams.clone(), plan.clone(), raw.clone(), rng)));
            }
            groups.push(Group { plan: plan.clone(), seats });
        }
        groups
    }

    /// All groups come to the ends, and each partition has one owner.
    async fn settles(&self, groups: &[Group]) {
        let seams = &self.seams.0;
        let Ok(ends) = timeout(CALM, clients::all_ends(seams)).await else {
            return self.history.problem("stuck: where partitions end is not told to groups".to_owned());
        };
        let mut unsettled = String::new();
        if timeout(CALM, audit::settle(seams, groups, &ends, &mut unsettled)).await.is_err() {
            self.history.problem(format!("stuck: {unsettled}"));
        }
    }

    async fn trouble(&mut self, trouble: &Trouble) {
        sleep(trouble.after).await;
        self.history.note(&format!("trouble: {:?}", trouble.kind));
        match &trouble.kind {
            Kind::Crash { end, away } => {
                self.end(*end).await;
                sleep(*away).await;
                self.start().await;
            }
            Kind::Cut => {
                self.disrupted();
                self.network.cut(&address());
            }
            Kind::Fails { call, partition, skip, times } => {
                let places = &self.seams.0.places;
                let folder = match places.get(partition % (places.len() + OFFSETS_PARTITIONS)) {
                    Some(place) => format!("{}-{}/", place.topic, place.partition),
                    None => format!("__consumer_offsets-{}/", partition % OFFSETS_PARTITIONS),
                };
                let fault =
                    Fault::new(*call, FaultError::Io).with_path(&folder).with_skip(*skip).with_times(*times);
                self.needs_restart |= *call != Call::Read;
                self.disrupted();
                self.history.look(|history| history.has_failed_calls = true);
                self.disk.inject(fault);
            }
            Kind::Full { room, lasts } => {
                self.disrupted();
                self.history.look(|history| history.has_failed_calls = true);
                self.disk.set_capacity(Some(self.disk.used_bytes() + room));
                sleep(*lasts).await;
                self.disk.set_capacity(None);
                self.history.note("there is room again");
            }
        }
    }

    fn disrupted(&self) {
        let now_ms = self.history.now_ms();
        self.history.look(|history| history.disruptions_ms.push(now_ms));
    }

    /// Starts a broker over what the disk holds; a disk that fails on purpose is healed after a few tries.
    async fn start(&mut self) {
        for attempt in 0.. {
            match self.try_start().await {
                Ok(()) => return,
                Err(error) if attempt < 20 => {
                    self.history.note(&format!("the broker does not start: {error}"))
                }
                Err(error) => return self.history.problem(format!("the broker does not start: {error}")),
            }
            self.stop_now(None);
            sleep(Duration::from_millis(100)).await;
            if attempt == 3 {
                self.disk.heal();
                self.disk.set_capacity(None);
                self.history.note("the disk is healed, for the broker to start");
            } else if attempt > 3 {
                self.history.problem("the broker does not start on a healthy disk".to_owned());
            }
        }
    }

    async fn try_start(&mut self) -> Result<(), ottla::Error> {
        self.process = Process::new(&self.history);
        let env = self.process.env(self.rng.next_u64());
        let server = Server::builder()
            .config(self.config.clone())
            .disk(Arc::new(self.disk.clone()))
            .network(self.network.clone(), address())
            .env(env)
            .start()
            .await?;
        self.history.note("the broker serves");
        self.server = Some(server);
        Ok(())
    }

    /// Ends the broker in this way.
    async fn end(&mut self, end: End) {
        match end {
            End::Clean => {
                let Some(server) = self.server.take() else { return };
                match timeout(Duration::from_secs(60), server.shutdown()).await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => self.history.note(&format!("no clean stop: {error}")),
                    Err(_) => self.history.problem("stuck: no clean stop within a minute".to_owned()),
                }
                self.stop_now(None);
            }
            End::Kill => self.stop_now(None),
            End::PowerLoss(seed) => self.stop_now(Some(seed)),
            End::PowerLossAt(seed, nth) => {
                self.disk.power_off_at(nth);
                self.until_the_power_fails().await;
                self.stop_now(Some(seed));
            }
            End::Twice(seed, nth) => {
                self.stop_now(Some(seed));
                self.disk.power_off_at(nth);
                if let Err(error) = self.try_start().await {
                    self.history.note(&format!("the power failed while it started: {error}"));
                }
                self.until_the_power_fails().await;
                self.stop_now(Some(seed.rotate_left(32)));
            }
        }
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
        self.history.note(if power.is_some() { "the power is lost" } else { "the broker is no more" });
        match power {
            Some(seed) => {
                self.disk.crash(seed);
                let now_ms = self.history.now_ms();
                self.history.look(|history| history.power_losses_ms.push(now_ms));
            }
            None => self.disk.kill(),
        }
        self.disrupted();
        self.history.look(|history| history.crashes += 1);
        self.process.kill();
        self.server = None;
        self.network.cut(&address());
        self.disk = self.disk.restarted();
    }
}

fn address() -> Address {
    ADDRESS.parse().unwrap()
}
