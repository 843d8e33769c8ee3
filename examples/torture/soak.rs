//! Exactly once, for as long as it is told to: four workers consume, transform, produce and commit in transactions,
//! while the broker and they are killed every few seconds; in the end each input has one output.
//!
//! Workers are processes of their own. Who judges wrote nothing: readers of committed records hold outputs against
//! inputs, and `ottla-check` holds the journal of all against what must be true of it.

mod crew;
mod feeder;
mod journal;
mod reading;
mod tally;
pub(crate) mod worker;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ottla::client::{Client, NewTopic, TopicPartition};
use ottla::env::Rng;
use ottla::protocol::ErrorCode;
use ottla::protocol::messages::update_features::{FeatureUpdateKey, UpdateFeaturesRequest};
use ottla_check::{Committed, Fault, What};
use tokio::time::sleep;

use crate::broker::Broker;
use crate::{Failure, Order, PATIENCE, load};
use crew::{Crew, Orders};
use feeder::Feeder;
use journal::Journal;
use reading::Follower;
use tally::Seen;

/// The word that makes this program a worker.
pub(crate) const WORKER: &str = "worker";
/// How a worker ends whose place another has taken.
const FENCED: u8 = 7;
const WORKERS: usize = 4;
const FROM: &str = "inputs";
const TO: &str = "outputs";
const GROUP: &str = "workers";
const PARTITIONS: i32 = 4;
/// How soon who was refused, or finds nobody, tries again.
const SOON: Duration = Duration::from_millis(10);

/// What makes members that die, and transactions that were left behind, known in little time.
const SETTINGS: [&str; 8] = [
    "group.consumer.min.session.timeout.ms=1000",
    "group.consumer.session.timeout.ms=2000",
    "group.consumer.min.heartbeat.interval.ms=100",
    "group.consumer.heartbeat.interval.ms=200",
    "group.min.session.timeout.ms=1000",
    "transaction.abort.timed.out.transaction.cleanup.interval.ms=500",
    "transaction.state.log.num.partitions=4",
    "transaction.state.log.segment.bytes=65536",
];

/// How workers are a group: those of the classic protocol that give up everything in a rebalance, those that keep what
/// they can, and those to whom the coordinator assigns.
const GROUPS: [&str; 3] = ["eager", "cooperative", "consumer"];

/// The shortest and the longest time between two troubles.
const BETWEEN: (u64, u64) = (500, 4_000);

/// What goes wrong next.
#[derive(Clone, Copy, Debug)]
enum Trouble {
    Broker,
    Worker,
    /// Both at the same time, the worker first.
    Both,
    /// A worker stands still, for longer than its session at times; others may take its place.
    Frozen,
    /// The same, and one of the same name comes meanwhile.
    Replaced,
}

impl Trouble {
    fn draw(rng: &mut Rng) -> Self {
        match rng.below(10) {
            0..3 => Self::Broker,
            3..6 => Self::Worker,
            6 => Self::Both,
            7..9 => Self::Frozen,
            _ => Self::Replaced,
        }
    }
}

/// For so long, in this version of the protocol of transactions.
pub(crate) async fn run(order: &Order, seed: u64, version: i16) -> Result<String, Failure> {
    let folder = tempfile::tempdir()?;
    let ran = soak(order, seed, version, folder.path()).await;
    if ran.is_err() {
        let kept = folder.keep();
        println!("the journal, the log and the data are in {}", kept.display());
    }
    ran
}

async fn soak(order: &Order, seed: u64, version: i16, folder: &Path) -> Result<String, Failure> {
    let mut order = order.clone();
    order.set.splice(0..0, SETTINGS.map(str::to_owned));
    let mut broker = Broker::new(&order, &folder.join("data"), &folder.join("serve.log"))?;
    broker.start().await?;
    let address = broker.address();
    let client = Client::connect(load::client_config(&address)).await?;
    for topic in [FROM, TO] {
        let topic = NewTopic::new(topic).with_partitions(PARTITIONS).with_config("segment.bytes", "1048576");
        client.admin().create_topic(topic).await?;
    }
    if version < 2 {
        bring_down(&client, version).await?;
    }
    let mut rng = Rng::new(seed ^ u64::from(version.unsigned_abs()));
    let drawn = GROUPS[usize::try_from(rng.below(GROUPS.len() as u64))?];
    let groups = order.groups.as_deref().unwrap_or(drawn);
    if !GROUPS.contains(&groups) {
        return Err(format!("groups are one of {GROUPS:?}").into());
    }
    let path = folder.join("history");
    let journal = Arc::new(Journal::open(&path, 1 << 20)?);
    let feeder = Feeder::start(&address, &journal, seed);
    let follower = Follower::start(&address).await?;
    let orders = Orders {
        bootstrap: address.clone(),
        journal: path.clone(),
        log: folder.join("workers.log"),
        seed,
        groups: groups.to_owned(),
        spoil: order.spoil,
    };
    let mut soak = Soak { broker, journal, crew: Crew::hire(orders, WORKERS)?, follower, killed: 0 };
    let until = Instant::now() + order.soaking();
    while Instant::now() < until {
        let (shortest, longest) = BETWEEN;
        sleep(Duration::from_millis(shortest + rng.below(longest - shortest))).await;
        soak.trouble(Trouble::draw(&mut rng), &mut rng).await?;
        soak.crew.is_complete()?;
        feeder.must_run()?;
    }
    soak.crew.thaw_replaced().await?;
    feeder.end().await?;
    soak.comes_to_its_end().await?;
    soak.crew.dismiss().await?;
    Ok(format!("{groups} groups; {}", soak.judge(&client, &path).await?))
}

/// Brings the version of the protocol of transactions down.
async fn bring_down(client: &Client, version: i16) -> Result<(), Failure> {
    let mut update = FeatureUpdateKey::default();
    (update.feature, update.max_version_level, update.upgrade_type) =
        ("transaction.version".into(), version, 2);
    let mut request = UpdateFeaturesRequest::default();
    request.feature_updates = vec![update];
    match client.call_any(&request).await?.error_code {
        ErrorCode::NONE => Ok(()),
        code => Err(format!("transaction.version cannot be {version}: {code}").into()),
    }
}

/// Whether this is what a coordinator calls a transaction that has not ended.
fn is_open(state: &str) -> bool {
    !matches!(state, "Empty" | "CompleteCommit" | "CompleteAbort")
}

struct Soak {
    broker: Broker,
    journal: Arc<Journal>,
    crew: Crew,
    follower: Follower,
    killed: u32,
}

impl Soak {
    async fn trouble(&mut self, trouble: Trouble, rng: &mut Rng) -> Result<(), Failure> {
        let place = usize::try_from(rng.below(WORKERS as u64))?;
        let moment = Duration::from_millis(rng.below(4_000));
        match trouble {
            Trouble::Broker => self.kill_broker(rng).await,
            Trouble::Worker => {
                self.crew.kill(place).await?;
                sleep(moment / 2).await;
                Ok(())
            }
            Trouble::Both => {
                self.crew.kill(place).await?;
                self.kill_broker(rng).await
            }
            Trouble::Frozen => {
                self.crew.freeze(place).await?;
                sleep(moment).await;
                self.crew.thaw(place).await
            }
            Trouble::Replaced => {
                self.crew.freeze(place).await?;
                sleep(moment / 4).await;
                self.crew.replace(place)?;
                sleep(moment / 2).await;
                self.crew.thaw_replaced().await
            }
        }
    }

    async fn kill_broker(&mut self, rng: &mut Rng) -> Result<(), Failure> {
        self.journal.say(What::Fault { kind: Fault::Restart })?;
        self.broker.kill().await?;
        self.killed += 1;
        sleep(Duration::from_millis(rng.below(800))).await;
        self.broker.start().await
    }

    /// Waits until there is an output for each input; fails when nothing comes any more.
    async fn comes_to_its_end(&mut self) -> Result<(), Failure> {
        let (mut last, mut since) = (self.follower.counts()?, Instant::now());
        loop {
            let counts = self.follower.counts()?;
            if counts != last {
                (last, since) = (counts, Instant::now());
            }
            let has_settled = since.elapsed() > 50 * SOON;
            if has_settled && counts.0 == counts.1 {
                return Ok(());
            }
            if since.elapsed() > PATIENCE / 2 {
                // What is missing, or too much, is told by name.
                return Ok(());
            }
            self.crew.is_complete()?;
            self.broker.must_run()?;
            sleep(SOON).await;
        }
    }

    /// Reads everything, before and after a start of the broker, and holds it against all that is known.
    async fn judge(mut self, client: &Client, path: &Path) -> Result<String, Failure> {
        let address = self.broker.address();
        let [inputs, outputs] = reading::all(&address, client, &self.journal, "first").await?;
        tally::exactly_once(&inputs, &outputs)?;
        self.broker.stop().await?;
        self.broker.start().await?;
        let again = reading::all(&address, client, &self.journal, "last").await?;
        if again != [inputs.clone(), outputs.clone()] {
            return Err("after a start of the broker it reads differently".into());
        }
        self.committed(client, &inputs).await?;
        let judged_by = self.others(&[inputs, outputs.clone()]).await?;
        let listed = client.admin().list_transactions().await?;
        if let Some(open) = listed.transactions.iter().find(|one| is_open(&one.state)) {
            return Err(format!("{} is {}", open.id, open.state).into());
        }
        self.broker.stop().await?;
        let (history, torn) = journal::read(path)?;
        let crew = self.crew.figures;
        if torn > usize::try_from(crew.killed)? {
            return Err(format!("{torn} lines of the journal are torn").into());
        }
        let report = ottla_check::check(&history);
        if !report.is_clean() {
            let told: Vec<String> = report.findings.iter().take(10).map(ToString::to_string).collect();
            let count = report.findings.len();
            return Err(format!("{count} findings in the history:\n{}", told.join("\n")).into());
        }
        Ok(format!(
            "{} inputs, each with one output, as {judged_by}; {} transactions; the broker was killed {} times, \
             workers {} times; {} stood still, of whom {} were replaced; {} were fenced",
            outputs.len(),
            report.transactions,
            self.killed,
            crew.killed,
            crew.frozen + crew.replaced,
            crew.replaced,
            crew.fenced
        ))
    }

    /// The group must stand behind the last input of each partition.
    async fn committed(&self, client: &Client, inputs: &[Seen]) -> Result<(), Failure> {
        let (op, who) = (self.journal.op(), "last".to_owned());
        self.journal.say(What::Committed { op, who, group: GROUP.to_owned() })?;
        let told = client.admin().group_offsets(GROUP).await?;
        let offset = |(place, committed): (&TopicPartition, &ottla::client::CommittedOffset)| Committed {
            topic: place.topic.to_string(),
            partition: place.partition,
            offset: committed.offset.0,
        };
        let offsets = told.iter().map(offset).collect();
        let answer = What::Ok { op, offset: None, producer_id: None, epoch: None, offsets, ends: Vec::new() };
        self.journal.say(answer)?;
        for input in inputs {
            let place = TopicPartition::new(FROM, input.partition);
            let at = told.get(&place).map(|committed| committed.offset.0);
            if at.is_none_or(|at| at <= input.offset) {
                return Err(format!("the group stands at {at:?} in {place}, before {input:?}").into());
            }
        }
        Ok(())
    }

    /// Readers of other descent find the same; says who reads.
    async fn others(&self, ours: &[Vec<Seen>; 2]) -> Result<&'static str, Failure> {
        for (topic, ours) in [FROM, TO].iter().zip(ours) {
            let Some(theirs) = reading::by_kcat(&self.broker.address(), topic).await? else {
                return Ok("ottla's consumer reads it (there is no kcat here)");
            };
            if theirs != *ours {
                let (count, of) = (theirs.len(), ours.len());
                return Err(format!("kcat reads {topic} differently: {count} records, and not {of}").into());
            }
        }
        Ok("ottla's consumer and kcat read it")
    }
}
