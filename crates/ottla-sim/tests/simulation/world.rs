//! One world: a broker that comes and goes, its clients, and the weather of a plan.
//!
//! The order of things: topics are made, clients begin, troubles happen, then calm; all must drain; the broker ends
//! once more, and what is left is read. Then the history of all of it is checked.

use std::sync::Arc;
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
use crate::groups::raw;
use crate::history::History;
use crate::plan::Plan;

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
        let places = plan.topics.iter().flat_map(|(topic, partitions)| {
            (0..*partitions).map(|partition| TopicPartition::new(topic.as_str(), partition))
        });
        let seams = Seams {
            sim: sim.clone(),
            env: sim.env(),
            history: history.clone(),
            places: Arc::new(places.collect()),
        };
        Self { rng: sim.rng(), history: history.clone(), node, seams }
    }

    async fn live(&mut self, plan: &Plan) {
        self.node.start_anyhow().await;
        let seams = self.seams.clone();
        clients::create_topics(&seams, &plan.topics).await;
        if plan.groups.iter().any(|group| group.raw.is_some()) {
            raw::create_topic(&seams).await;
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

        for trouble in &plan.weather.troubles {
            self.node.suffer(trouble).await;
        }
        self.node.calm().await;
        self.drains(producers, &positions).await;
        self.settles(&groups).await;
        self.node.end(plan.last).await;
        self.node.calm().await;
        self.settles(&groups).await;
        if timeout(CALM * 2, clients::read_all(&seams, CALM)).await.is_err() {
            self.history.problem("stuck: where partitions end is not told".to_owned());
        }
    }

    /// All producers are told of all their records, and all readers come to the end.
    async fn drains(&self, producers: Vec<JoinHandle<()>>, positions: &[Positions]) {
        let drained = timeout(CALM, async {
            for producer in producers {
                producer.await.unwrap();
            }
        });
        if drained.await.is_err() {
            let open = self.history.open();
            self.history.problem(format!("stuck: producers are not done, {open} questions have no answer"));
        }
        let Ok(ends) = timeout(CALM, clients::all_ends(&self.seams)).await else {
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
        let seams = &self.seams;
        let Ok(ends) = timeout(CALM, clients::all_ends(seams)).await else {
            return self.history.problem("stuck: where partitions end is not told to groups".to_owned());
        };
        let mut unsettled = String::new();
        if timeout(CALM, audit::settle(seams, groups, &ends, &mut unsettled)).await.is_err() {
            self.history.problem(format!("stuck: {unsettled}"));
        }
    }
}
