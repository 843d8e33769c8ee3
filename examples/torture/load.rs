//! What goes on while the broker is tortured: idempotent producers, a consuming group, commits, DeleteRecords, and
//! topics that come and go. Each of them tells the ledger what it asked for and what it was answered.

mod brief;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ottla::client::{
    Client, CommittedOffset, Config as ClientConfig, IsolationLevel, NewTopic, Offset, OffsetSpec,
    RecordsToDelete, TopicPartition,
};
use ottla::consumer::{Config as ConsumerConfig, Consumer, Event, OffsetReset};
use ottla::env::Rng;
use ottla::producer::{Compression, Config as ProducerConfig, Delivery, Producer};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::ledger::{Keeps, Ledger};
use crate::payload::{Payload, Stamp};
use crate::{Failure, PATIENCE};

/// How soon who was refused, or finds nobody, tries again.
const SOON: Duration = Duration::from_millis(5);
/// Records of one producer whose fate is not known, at most.
const UNKNOWN_MAX: usize = 400;
/// Bytes that a topic keeps that is bounded by its size.
const KEPT_BYTES: u64 = 2 << 20;
/// Name of the topic that keeps everything.
pub(crate) const KEPT: &str = "kept";
/// Name of the group that consumes it.
pub(crate) const GROUP: &str = "consuming";
/// Name of the group of numbers that are committed one after the other.
pub(crate) const NUMBERS: &str = "numbers";

/// A topic that is there all the time.
type Steady = (&'static str, i32, Keeps, &'static [(&'static str, &'static str)]);

const STEADY: &[Steady] = &[
    (KEPT, 4, Keeps::Everything, &[]),
    ("keyed", 2, Keeps::LastOfKey, &[("cleanup.policy", "compact"), ("min.cleanable.dirty.ratio", "0.01")]),
    ("sized", 2, Keeps::AtLeast(KEPT_BYTES), &[("retention.bytes", "2097152")]),
    ("trimmed", 2, Keeps::NotDeleted, &[("segment.ms", "700")]),
];

/// How hard.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    /// The longest pause of a producer between two bursts.
    pub(crate) pause: Duration,
    /// How long a record may wait for its acknowledgement.
    pub(crate) delivery_timeout: Duration,
    /// Whether the broker may answer with errors.
    pub(crate) may_refuse: bool,
    /// Whether topics come and go.
    pub(crate) with_brief_topics: bool,
}

impl Plan {
    /// For a broker that always comes back: it answers everything in the end.
    pub(crate) fn new(seed: u64, pause: Duration) -> Self {
        let delivery_timeout = Duration::from_secs(120);
        Self { seed, pause, delivery_timeout, may_refuse: false, with_brief_topics: true }
    }
}

/// The load, until it is told to end.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<Result<(), Failure>>>,
}

/// What each part of the load has.
#[derive(Clone)]
struct Part {
    address: String,
    client: Client,
    ledger: Arc<Ledger>,
    stop: Arc<AtomicBool>,
    plan: Plan,
}

/// How clients find a broker that comes and goes.
pub(crate) fn client_config(address: &str) -> ClientConfig {
    ClientConfig::new(address)
        .with_retry_backoff(SOON, 4 * SOON)
        .with_reconnect_backoff(SOON, 4 * SOON)
        .with_request_timeout(Duration::from_secs(10))
}

/// Makes the topics that are there all the time.
pub(crate) async fn make_topics(client: &Client, ledger: &Ledger) -> Result<(), Failure> {
    for (name, partitions, keeps, settings) in STEADY {
        let mut topic =
            NewTopic::new(*name).with_partitions(*partitions).with_config("segment.bytes", "1048576");
        topic = topic.with_config("file.delete.delay.ms", "50");
        for (key, value) in *settings {
            topic = topic.with_config(*key, *value);
        }
        client.admin().create_topic(topic).await?;
        ledger.add_topic(name, *partitions, *keeps);
    }
    Ok(())
}

impl Load {
    pub(crate) fn start(address: &str, client: &Client, ledger: &Arc<Ledger>, plan: Plan) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let part = Part {
            address: address.to_owned(),
            client: client.clone(),
            ledger: Arc::clone(ledger),
            stop: Arc::clone(&stop),
            plan,
        };
        let codecs = [Compression::None, Compression::Lz4, Compression::Zstd];
        let mut tasks: Vec<_> =
            (0..).zip(codecs).map(|(n, codec)| tokio::spawn(part.clone().produce(n, codec))).collect();
        tasks.push(tokio::spawn(part.clone().consume()));
        tasks.push(tokio::spawn(part.clone().commit_numbers()));
        tasks.push(tokio::spawn(part.clone().trim()));
        if plan.with_brief_topics {
            tasks.extend((0..2).map(|number| tokio::spawn(brief::come_and_go(part.clone(), number))));
        }
        Self { stop, tasks }
    }

    /// Ends it: whatever was sent is answered.
    pub(crate) async fn end(mut self) -> Result<(), Failure> {
        self.stop.store(true, Ordering::Relaxed);
        for task in self.tasks.drain(..) {
            timeout(PATIENCE, task).await.map_err(|_| "a part of the load does not come to its end")???;
        }
        Ok(())
    }
}

impl Drop for Load {
    /// What is given up must not go on against the next broker.
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Part {
    fn goes_on(&self) -> bool {
        !self.stop.load(Ordering::Relaxed)
    }

    /// Bursts of records to any of the partitions, whose acknowledgements are awaited by another task.
    async fn produce(self, number: u64, codec: Compression) -> Result<(), Failure> {
        let producer = Producer::new(self.producer_config().with_compression(codec)).await?;
        let mut rng = Rng::new(self.plan.seed ^ number);
        let mut writers = Vec::new();
        for (topic, partitions, keeps, _) in STEADY {
            for partition in 0..*partitions {
                let place = TopicPartition::new(*topic, partition);
                writers.push((self.ledger.add_writer(&place), place, *keeps == Keeps::LastOfKey));
            }
        }
        let (pending, deliveries) = mpsc::channel(UNKNOWN_MAX);
        let collector = tokio::spawn(self.clone().collect(deliveries));
        while self.goes_on() {
            let any = usize::try_from(rng.below(writers.len() as u64))?;
            let (writer, place, has_key) = &writers[any];
            for _ in 0..=rng.below(20) {
                let stamp = self.ledger.sending(*writer);
                let payload = Payload::of(stamp, *has_key);
                let headers = payload.headers();
                match producer.enqueue(payload.record(&place.topic, place.partition, &headers)).await {
                    Ok(delivery) => pending.send((place.clone(), stamp, delivery)).await?,
                    Err(error) => self.was_refused(place, stamp, &error),
                }
            }
            sleep(Duration::from_micros(rng.below(1 + u64::try_from(self.plan.pause.as_micros())?))).await;
        }
        drop(pending);
        producer.close().await;
        collector.await?;
        Ok(())
    }

    fn producer_config(&self) -> ProducerConfig {
        ProducerConfig::with_client(client_config(&self.address))
            .with_linger(Duration::from_millis(1))
            .with_delivery_timeout(self.plan.delivery_timeout)
    }

    async fn collect(self, mut deliveries: mpsc::Receiver<(TopicPartition, Stamp, Delivery)>) {
        while let Some((place, stamp, delivery)) = deliveries.recv().await {
            match delivery.await {
                Ok(written) => match written.offset {
                    Some(offset) => self.ledger.acknowledged(&place, stamp, offset.0),
                    None => self.ledger.problem(format!("{stamp:?} was acknowledged without an offset")),
                },
                Err(error) => self.was_refused(&place, stamp, &error),
            }
        }
    }

    fn was_refused(&self, place: &TopicPartition, stamp: Stamp, error: &ottla::producer::Error) {
        if self.plan.may_refuse {
            self.ledger.refused();
        } else {
            self.ledger.problem(format!("{stamp:?} for {place} was refused: {error}"));
        }
    }

    /// A group that commits after each batch.
    async fn consume(self) -> Result<(), Failure> {
        let config = ConsumerConfig::with_client(client_config(&self.address))
            .with_group_id(GROUP)
            .with_auto_offset_reset(OffsetReset::Earliest)
            .with_session(Duration::from_secs(10), Duration::from_millis(200))
            .without_auto_commit();
        let consumer = Consumer::new(config).await?;
        consumer.subscribe([KEPT]).await?;
        let mut next: BTreeMap<TopicPartition, i64> = BTreeMap::new();
        while self.goes_on() {
            match timeout(20 * SOON, consumer.next_event()).await {
                Err(_) => {} // nothing came, so see whether to go on
                Ok(Ok(Event::Batch(batch))) => {
                    let place = batch.topic_partition().clone();
                    for record in &batch {
                        let record = record?;
                        let next = next.entry(place.clone()).or_insert(0);
                        if record.offset > *next {
                            self.ledger.problem(format!(
                                "{} of {place} is handed out, and not {next}",
                                record.offset
                            ));
                        }
                        *next = (record.offset + 1).max(*next);
                        self.ledger.saw(
                            &place,
                            record.offset,
                            Payload::read(&record).map(|(stamp, _)| stamp),
                        );
                    }
                    drop(batch);
                    // A commit that fails is not committed, or not known to be.
                    for (place, committed) in consumer.commit().await.unwrap_or_default() {
                        self.ledger.committed(GROUP, &place, committed.offset.0);
                    }
                }
                Ok(Ok(Event::Revoking(revocation))) => revocation.done().await,
                Ok(Ok(_)) => {}
                Ok(Err(error)) if error.is_retriable() || self.plan.may_refuse => sleep(SOON).await,
                Ok(Err(error)) => self.ledger.problem(format!("the group was refused: {error}")),
            }
        }
        consumer.close().await;
        Ok(())
    }

    /// Commits rising numbers, one after the other.
    async fn commit_numbers(self) -> Result<(), Failure> {
        for number in 1.. {
            if !self.goes_on() {
                break;
            }
            let place = TopicPartition::new(KEPT, i32::try_from(number % 4)?);
            let offsets = BTreeMap::from([(place.clone(), CommittedOffset::new(Offset(number)))]);
            let answered = self.client.admin().alter_group_offsets(NUMBERS, &offsets).await;
            if answered.is_ok_and(|answered| answered.get(&place).is_some_and(Result::is_ok)) {
                self.ledger.committed(NUMBERS, &place, number);
            }
            sleep(SOON).await;
        }
        Ok(())
    }

    /// Deletes the oldest records of the topic that is there for it.
    async fn trim(self) -> Result<(), Failure> {
        let mut rng = Rng::new(self.plan.seed ^ 0x7219);
        while self.goes_on() {
            sleep(Duration::from_millis(rng.below(150))).await;
            let place = TopicPartition::new("trimmed", i32::try_from(rng.below(2))?);
            let admin = self.client.admin();
            let asked = [(place.clone(), OffsetSpec::Latest)];
            let mut ends = admin.list_offsets(asked, IsolationLevel::ReadUncommitted).await;
            let Some(Ok(listed)) = ends.remove(&place) else { continue };
            let end = listed.offset.map_or(0, |offset| offset.0);
            let before = end - i64::try_from(rng.below(1 + u64::try_from(end.min(400))?))?;
            self.ledger.deleting(&place, before);
            let mut answered =
                admin.delete_records([(place.clone(), RecordsToDelete::Before(Offset(before)))]).await;
            if let Some(Ok(start)) = answered.remove(&place) {
                self.ledger.deleted(&place, start.0);
            }
        }
        Ok(())
    }
}
