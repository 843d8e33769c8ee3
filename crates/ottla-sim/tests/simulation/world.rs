//! One world: a broker that comes and goes, its clients, and the weather of a plan.
//!
//! The order of things: topics are made, clients begin, troubles happen, then calm; all must drain; the broker ends
//! once more, and what is left is read. Then the history of all of it is checked.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ottla::broker::BrokerConfig;
use ottla::client::TopicPartition;
use ottla::env::Rng;
use ottla_sim::{Node, Ran, Sim};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::clients::{self, Positions, Seams};
use crate::groups::audit::{self, Group};
use crate::groups::member::{self, Seat};
use crate::groups::{raw, raw_assigned};
use crate::history::History;
use crate::plan::Plan;
use crate::shares::{self, audit::Shares, member::Quiet};
use crate::transactions::plan::{Task, TransactionsPlan};
use crate::transactions::{self, worker};

/// Where the broker is, in every life.
pub(crate) const ADDRESS: &str = "broker:9092";

/// How long anything may take once nothing fails any more.
const CALM: Duration = Duration::from_secs(150);

/// What became of a seed.
#[derive(Clone, Debug)]
pub(crate) struct Tally {
    pub(crate) plan: Plan,
    pub(crate) sends: u64,
    pub(crate) acknowledged: u64,
    pub(crate) reads: u64,
    pub(crate) crashes: u64,
    /// The history as text, if something is wrong with it.
    pub(crate) history: Option<String>,
}

/// Runs one seed from beginning to end.
pub(crate) fn run(seed: u64, with_lines: bool) -> Ran<Tally> {
    if with_lines { ottla_sim::replay(seed, scenario) } else { ottla_sim::run(seed, scenario) }
}

async fn scenario(sim: Sim) -> Tally {
    let plan = Plan::draw(&mut sim.rng());
    let history = History::new(&sim);
    let mut world = World::new(&plan, &sim, &history);
    world.live(&plan).await;
    for (path, bytes) in world.node.disk().image() {
        history.note(&format!("left: {path} {bytes:?}"));
    }
    let events = history.events();
    let report = ottla_check::check(&events);
    for finding in &report.findings {
        history.problem(finding.to_string());
    }
    Tally {
        plan,
        sends: report.sends,
        acknowledged: report.acknowledged,
        reads: report.reads,
        crashes: history.crashes(),
        history: (!report.is_clean()).then(|| events.write()),
    }
}

struct World {
    rng: Rng,
    history: History,
    node: Node,
    /// What clients need.
    seams: Seams,
}

impl World {
    fn new(plan: &Plan, sim: &Sim, history: &History) -> Self {
        let config = BrokerConfig::from_pairs(plan.broker.iter().map(|(key, value)| (*key, value.as_str())));
        let mut node = sim.node(ADDRESS, config.unwrap());
        node.observe({
            let history = history.clone();
            move |happened| history.suffered(happened)
        });
        let seams = Seams {
            sim: sim.clone(),
            env: sim.env(),
            history: history.clone(),
            places: Arc::new(partitions_of(&plan.topics)),
            outputs: Arc::new(partitions_of(&plan.transactions.topics)),
            is_calm: Arc::default(),
        };
        Self { rng: sim.rng(), history: history.clone(), node, seams }
    }

    async fn live(&mut self, plan: &Plan) {
        self.node.start_anyhow().await;
        let seams = self.seams.clone();
        clients::create_topics(&seams, &plan.topics).await;
        clients::create_topics(&seams, &plan.transactions.topics).await;
        if let Some(version) = plan.transactions.version {
            transactions::audit::agree_on(&seams, version).await;
        }
        if plan.groups.iter().any(|group| group.raw.is_some()) {
            raw::create_topic(&seams).await;
        }
        for group in &plan.shares.groups {
            shares::member::configure(&seams, group).await;
        }
        for (topic, _) in &plan.topics {
            self.history.is_dense(topic);
        }
        self.node.begin(&plan.weather);
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
        let workers = self.begin_transactions(&plan.transactions);
        let shares = self.begin_shares(plan);

        for trouble in &plan.weather.troubles {
            self.node.suffer(trouble).await;
        }
        self.node.calm().await;
        seams.is_calm.store(true, Ordering::Relaxed);
        self.drains(producers, workers, &positions).await;
        self.settles(&groups, &shares, plan).await;
        self.node.end(plan.last).await;
        self.node.calm().await;
        self.settles(&groups, &shares, plan).await;
        let audit = async {
            let read = clients::read_all(&seams, CALM).await;
            transactions::audit::is_there_once(&seams, &plan.transactions, &read).await;
        };
        if timeout(CALM * 2, audit).await.is_err() {
            self.history.problem("stuck: where partitions end, or groups are, is not told".to_owned());
        }
    }

    /// All producers are told of all their records, those who write in transactions are done, and all readers come to
    /// the end.
    async fn drains(
        &self,
        producers: Vec<JoinHandle<()>>,
        workers: Vec<JoinHandle<()>>,
        positions: &[Positions],
    ) {
        let written = timeout(CALM, async {
            for worker in workers {
                worker.await.unwrap();
            }
        });
        if written.await.is_err() {
            self.history.problem("stuck: who writes in transactions is not done".to_owned());
        }
        let drained = timeout(CALM, async {
            for producer in producers {
                producer.await.unwrap();
            }
        });
        if drained.await.is_err() {
            let open = self.history.open();
            self.history.problem(format!("stuck: producers are not done, {open} questions have no answer"));
        }
        let Ok(ends) = timeout(CALM, clients::all_ends(&self.seams, &self.seams.places)).await else {
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
        let seams = &self.seams;
        let names = plan.groups.iter().map(|group| group.name.clone());
        let names = names.chain(transactions::audit::groups(&plan.transactions)).collect();
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
                let (seams, raw) = (seams.clone(), raw.clone());
                drop(match plan.is_assigned {
                    true => tokio::spawn(raw_assigned::meddle(seams, plan.clone(), raw, rng)),
                    false => tokio::spawn(raw::meddle(seams, plan.clone(), raw, rng)),
                });
            }
            groups.push(Group { plan: plan.clone(), seats });
        }
        groups
    }

    /// Sends the members of all share groups on their way.
    fn begin_shares(&mut self, plan: &Plan) -> Vec<Shares> {
        let groups = &plan.shares.groups;
        if !groups.is_empty() {
            drop(tokio::spawn(shares::audit::watch(self.seams.clone(), groups.clone())));
        }
        let mut all = Vec::new();
        for group in groups {
            let plan = Arc::new(group.clone());
            let mut stay = Vec::new();
            for (index, member) in group.members.iter().enumerate() {
                let (rng, quiet) = (Rng::new(self.rng.next_u64()), Quiet::default());
                if member.stays {
                    stay.push(quiet.clone());
                }
                let lives = shares::member::live(self.seams.clone(), Arc::clone(&plan), index, rng, quiet);
                drop(tokio::spawn(lives));
            }
            all.push(Shares { plan: group.clone(), quiet: stay });
        }
        all
    }

    /// Sends those who write in transactions on their way; gives those who will be done.
    fn begin_transactions(&mut self, plan: &TransactionsPlan) -> Vec<JoinHandle<()>> {
        let shared = Arc::new(plan.clone());
        let mut done = Vec::new();
        for (index, worker) in plan.workers.iter().enumerate() {
            let rng = Rng::new(self.rng.next_u64());
            let lives = worker::live(self.seams.clone(), Arc::clone(&shared), index, rng);
            let lives = tokio::spawn(lives);
            if worker.task != Task::Transforms {
                done.push(lives);
            }
        }
        if let Some((after, version)) = plan.next_version {
            let seams = self.seams.clone();
            drop(tokio::spawn(async move {
                sleep(after).await;
                transactions::audit::agree_on(&seams, version).await;
            }));
        }
        done
    }

    /// All groups come to the ends, and each partition has one owner; no transaction stays open, and share groups are
    /// done with everything.
    async fn settles(&self, groups: &[Group], shares: &[Shares], plan: &Plan) {
        let seams = &self.seams;
        let Ok(ends) = timeout(CALM, clients::all_ends(seams, &seams.places)).await else {
            return self.history.problem("stuck: where partitions end is not told to groups".to_owned());
        };
        let mut unsettled = String::new();
        if timeout(CALM, audit::settle(seams, groups, &ends, &mut unsettled)).await.is_err() {
            self.history.problem(format!("stuck: {unsettled}"));
        }
        if !plan.transactions.workers.is_empty() {
            let settled = transactions::audit::settle(seams, &plan.transactions, &ends, &mut unsettled);
            if timeout(CALM, settled).await.is_err() {
                self.history.problem(format!("stuck: {unsettled}"));
            }
        }
        let settled = shares::audit::settle(seams, shares, &mut unsettled);
        if !shares.is_empty() && timeout(CALM, settled).await.is_err() {
            self.history.problem(format!("stuck: {unsettled}"));
        }
    }
}

fn partitions_of(topics: &[(String, i32)]) -> Vec<TopicPartition> {
    let of = |(topic, partitions): &(String, i32)| {
        let topic = topic.clone();
        (0..*partitions).map(move |partition| TopicPartition::new(topic.as_str(), partition))
    };
    topics.iter().flat_map(of).collect()
}
