//! Those who use the broker: producers, readers, and one who asks again and again where partitions end.
//!
//! They are users as any others: they know the public API, tell the history what they did and saw, and carry on.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use ottla::client::{self, Client, IsolationLevel, NewTopic, OffsetSpec, TopicPartition};
use ottla::consumer::{self, Consumer, OffsetReset, Start};
use ottla::env::{Env, Rng};
use ottla::producer::{self, Acks, Producer, Record};
use ottla_check::{Isolation, What};
use ottla_sim::{Sim, millis as ms, number};
use tokio::time::{sleep, timeout};

use crate::history::{History, Promise};
use crate::plan::{ProducerPlan, ReaderPlan};
use crate::world::ADDRESS;

/// How long a client that does not get through waits before it is made anew.
pub(crate) const AGAIN: Duration = Duration::from_millis(200);

/// How often a reader looks where it is that is given nothing.
const LOOKS: Duration = Duration::from_millis(300);

/// Who reads everything in the end.
const AUDITOR: &str = "auditor";

/// What every client needs.
#[derive(Clone)]
pub(crate) struct Seams {
    pub(crate) sim: Sim,
    pub(crate) env: Env,
    pub(crate) history: History,
    pub(crate) places: Arc<Vec<TopicPartition>>,
    /// What is written to in transactions alone.
    pub(crate) outputs: Arc<Vec<TopicPartition>>,
    /// Whether nothing fails any more: then nobody goes wrong on purpose, either.
    pub(crate) is_calm: Arc<AtomicBool>,
}

impl Seams {
    /// Whether somebody goes wrong on purpose, which happens so many times out of a hundred until all is calm.
    pub(crate) fn goes_wrong(&self, rng: &mut Rng, percent: u64) -> bool {
        rng.below(100) < percent && !self.is_calm.load(Ordering::Relaxed)
    }

    /// All partitions that records are sent to.
    pub(crate) fn all_places(&self) -> impl Iterator<Item = &TopicPartition> {
        self.places.iter().chain(self.outputs.iter())
    }

    pub(crate) fn config(&self, name: &str, request_timeout: Duration) -> client::Config {
        client::Config::new(ADDRESS)
            .with_connector(self.sim.connector())
            .with_env(self.env.clone())
            .with_client_id(name)
            .with_request_timeout(request_timeout)
            .with_connection_setup_timeout(Duration::from_secs(3))
    }

    pub(crate) async fn client(&self, name: &str) -> Client {
        loop {
            match Client::connect(self.config(name, Duration::from_secs(2))).await {
                Ok(client) => return client,
                Err(error) => self.history.note(&format!("{name}: {error}")),
            }
            sleep(AGAIN).await;
        }
    }
}

/// Makes the topics, however often it takes.
pub(crate) async fn create_topics(seams: &Seams, topics: &[(String, i32)]) {
    let client = seams.client("creator").await;
    for (name, partitions) in topics {
        loop {
            let topic = NewTopic::new(name.as_str()).with_partitions(*partitions);
            match client.admin().create_topic(topic).await {
                Ok(_) => break,
                Err(client::Error::Refused { code, .. })
                    if code == ottla::protocol::api::ErrorCode::TOPIC_ALREADY_EXISTS =>
                {
                    break;
                }
                Err(error) => seams.history.note(&format!("topic {name}: {error}")),
            }
            sleep(AGAIN).await;
        }
        seams.history.note(&format!("topic {name} is there"));
    }
}

/// Sends its records, and ends when all of them are told.
pub(crate) async fn produce(seams: Seams, index: usize, plan: ProducerPlan) {
    let (history, mut rng) = (seams.history.clone(), seams.env.rng());
    let name = format!("producer {index}");
    let config = producer::Config::with_client(seams.config(&name, plan.request_timeout))
        .with_acks(plan.acks)
        .with_idempotence(plan.is_idempotent)
        .with_linger(plan.linger)
        .with_batch_size(plan.batch_size)
        .with_max_in_flight(plan.max_in_flight)
        .with_compression(plan.compression)
        .with_delivery_timeout(plan.delivery_timeout);
    let producer = loop {
        match Producer::new(config.clone()).await {
            Ok(producer) => break producer,
            Err(error) => history.note(&format!("{name}: {error}")),
        }
        sleep(AGAIN).await;
    };
    let acks = match plan.acks {
        Acks::All => ottla_check::Acks::All,
        Acks::Leader => ottla_check::Acks::Leader,
        Acks::None => ottla_check::Acks::None,
    };
    let promise = Promise { is_idempotent: plan.is_idempotent, acks };
    let mut deliveries = Vec::new();
    for sequence in 0..plan.records {
        let place = seams.places[number(&mut rng, 0, seams.places.len() - 1)].clone();
        let (key, value) = content(&mut rng, index, sequence);
        let mut record = Record::new(&place.topic).with_partition(place.partition).with_value(&value);
        record.key = key.as_deref();
        let enqueued = loop {
            let tried = producer.enqueue(record).await;
            match tried {
                Ok(delivery) => break delivery,
                Err(error) => history.note(&format!("{name}: {error}")),
            }
            sleep(AGAIN).await;
        };
        let sent = history.sent(&name, promise, &place, key.as_deref(), &value);
        deliveries.push(tokio::spawn(async move {
            match enqueued.await {
                Ok(written) => sent.acknowledged(written.offset.map(|offset| offset.0)),
                Err(error) if error.is_possibly_written() => sent.doubted(&error.to_string()),
                Err(error) => sent.refused(&error.to_string()),
            }
        }));
        if rng.chance(0.7) {
            sleep(ms(&mut rng, 0, u64::try_from(plan.gap_max.as_millis()).unwrap())).await;
        }
    }
    producer.flush().await;
    for delivery in deliveries {
        delivery.await.unwrap();
    }
    producer.close().await;
    history.note(&format!("{name} is done"));
}

/// The key and the value of a record: a value says whose it is, and no two are alike.
fn content(rng: &mut Rng, producer: usize, sequence: u32) -> (Option<Bytes>, Bytes) {
    let key = rng.chance(0.5).then(|| Bytes::from(format!("key {}", rng.below(5))));
    let mut value = format!("{producer}-{sequence}-").into_bytes();
    let mut filling = vec![0; number(rng, 0, 200)];
    rng.fill(&mut filling);
    value.extend(filling);
    (key, value.into())
}

/// Reads everything from the beginning for ever, and says where it is.
pub(crate) async fn read_on(seams: Seams, index: usize, plan: ReaderPlan, positions: Positions) {
    for life in 0.. {
        let name = format!("reader {index}.{life}");
        positions.look(|of| of.clear());
        let mut reader = Reader::new(&seams, &name, &plan).await;
        let mut left = plan.batches.filter(|_| life < 3);
        while left != Some(0) {
            if timeout(LOOKS, reader.step()).await.is_ok() {
                left = left.map(|left| left - 1);
            }
            positions.look(|of| of.clone_from(&reader.positions()));
        }
        seams.history.note(&format!("{name} ends"));
    }
}

/// Where a reader is in each partition.
#[derive(Clone, Debug, Default)]
pub(crate) struct Positions(Arc<std::sync::Mutex<BTreeMap<TopicPartition, i64>>>);

impl Positions {
    fn look<T>(&self, look: impl FnOnce(&mut BTreeMap<TopicPartition, i64>) -> T) -> T {
        look(&mut self.0.lock().unwrap())
    }

    /// Whether it has read up to these ends.
    pub(crate) fn reached(&self, ends: &BTreeMap<TopicPartition, i64>) -> bool {
        self.look(|of| ends.iter().all(|(place, end)| of.get(place).copied().unwrap_or(0) >= *end))
    }
}

/// One consumer and what it must see next.
struct Reader {
    seams: Seams,
    name: String,
    consumer: Consumer,
    isolation: Isolation,
    next: BTreeMap<TopicPartition, i64>,
    high_watermarks: BTreeMap<TopicPartition, i64>,
    /// All that it was given, if somebody wants to know.
    all: Option<All>,
}

/// Records that were read: where, and their values.
#[derive(Default)]
pub(crate) struct All(pub(crate) Vec<(TopicPartition, i64, Bytes)>);

impl Reader {
    async fn new(seams: &Seams, name: &str, plan: &ReaderPlan) -> Self {
        let config = consumer::Config::with_client(seams.config(name, Duration::from_secs(3)))
            .with_auto_offset_reset(OffsetReset::None)
            .with_isolation_level(plan.isolation)
            .with_fetch_min(1, plan.fetch_max_wait)
            .with_max_partition_fetch_bytes(plan.fetch_max_bytes)
            .with_prefetch_max_bytes(plan.prefetch_max_bytes);
        let consumer = loop {
            match Consumer::new(config.clone()).await {
                Ok(consumer) => break consumer,
                Err(error) => seams.history.note(&format!("{name}: {error}")),
            }
            sleep(AGAIN).await;
        };
        consumer.assign(seams.all_places().cloned(), Start::Earliest);
        seams.all_places().for_each(|place| seams.history.begins(name, place));
        Self {
            seams: seams.clone(),
            name: name.to_owned(),
            consumer,
            isolation: match plan.isolation {
                IsolationLevel::ReadCommitted => Isolation::ReadCommitted,
                IsolationLevel::ReadUncommitted => Isolation::ReadUncommitted,
            },
            next: BTreeMap::new(),
            high_watermarks: BTreeMap::new(),
            all: None,
        }
    }

    /// Behind what it was given; and behind what it was not to be given, too, where there are transactions.
    fn positions(&self) -> BTreeMap<TopicPartition, i64> {
        let mut positions = self.next.clone();
        for place in self.seams.outputs.iter() {
            if let Some(position) = self.consumer.position(place) {
                positions.insert(place.clone(), position.0);
            }
        }
        positions
    }

    /// Takes one batch, which must follow the one before.
    async fn step(&mut self) {
        match self.consumer.next_batch().await {
            Ok(batch) => self.take(&batch),
            Err(error) => self.is_refused(&error),
        }
        if self.seams.history.reads().is_multiple_of(7) {
            sleep(Duration::from_millis(3)).await; // slower than the broker, now and then
        }
    }

    fn take(&mut self, batch: &consumer::Batch) {
        let (history, name, place) = (&self.seams.history, &self.name, batch.topic_partition());
        let next = self.next.entry(place.clone()).or_insert(0);
        let mut records = Vec::new();
        for record in batch {
            match record {
                Ok(record) => {
                    *next = record.offset + 1;
                    let key = record.key.map(Bytes::copy_from_slice);
                    let value = Bytes::copy_from_slice(record.value.unwrap_or_default());
                    records.push((record.offset, key, value));
                }
                Err(error) => history.problem(format!("damage: {name}: {error}")),
            }
        }
        history.read(name, None, place, self.isolation, &records);
        if let Some(All(all)) = &mut self.all {
            all.extend(records.into_iter().map(|(offset, _, value)| (place.clone(), offset, value)));
        }
        let end = batch.high_watermark().0;
        let before = self.high_watermarks.insert(place.clone(), end).unwrap_or(0);
        if end < before || end < *next {
            history.problem(format!(
                "offsets: {name} saw {place} end at {end}, before at {before}, read {next}"
            ));
        }
    }

    fn is_refused(&self, error: &consumer::Error) {
        let (history, name) = (&self.seams.history, &self.name);
        match error.partition() {
            Some(place) if error.is_retriable() => {
                history.note(&format!("{name}: {error}"));
                let next = self.next.get(place).copied().unwrap_or(0);
                self.consumer.seek(place, Start::Offset(client::Offset(next))).unwrap();
            }
            _ => history.problem(format!("refused: {name}: {error}")),
        }
    }
}

/// Asks for ever where partitions end, which is never further back than anybody was told before.
pub(crate) async fn watch_ends(seams: Seams) {
    let (client, mut rng) = (seams.client("watcher").await, seams.env.rng());
    let places: Vec<_> = seams.all_places().cloned().collect();
    loop {
        ends(&seams, &client, "watcher", &places, IsolationLevel::ReadUncommitted).await;
        if !seams.outputs.is_empty() && rng.chance(0.5) {
            ends(&seams, &client, "watcher", &seams.outputs, IsolationLevel::ReadCommitted).await;
        }
        sleep(ms(&mut rng, 10, 400)).await;
    }
}

/// Asks where partitions end for who reads so.
pub(crate) async fn ends(
    seams: &Seams,
    client: &Client,
    who: &str,
    places: &[TopicPartition],
    isolation: IsolationLevel,
) -> BTreeMap<TopicPartition, i64> {
    let asked = seams.history.asks_for_ends(who);
    let latest = places.iter().map(|place| (place.clone(), OffsetSpec::Latest));
    let told = client.admin().list_offsets(latest, isolation).await;
    let mut ends = BTreeMap::new();
    for place in places {
        match &told[place] {
            Ok(listed) => {
                ends.insert(place.clone(), listed.offset.map_or(0, |offset| offset.0));
            }
            Err(error) => seams.history.note(&format!("{who}: {place}: {error}")),
        }
    }
    asked.ends_at(&ends, isolation);
    ends
}

/// Where partitions end, once all of them tell.
pub(crate) async fn all_ends(seams: &Seams, places: &[TopicPartition]) -> BTreeMap<TopicPartition, i64> {
    let client = seams.client("auditor").await;
    loop {
        let ends = ends(seams, &client, "auditor", places, IsolationLevel::ReadUncommitted).await;
        if ends.len() == places.len() {
            return ends;
        }
        sleep(AGAIN).await;
    }
}

/// Reads all of it once more, as a client that has seen nothing yet.
pub(crate) async fn read_all(seams: &Seams, patience: Duration) -> All {
    let places: Vec<_> = seams.all_places().cloned().collect();
    let ends = all_ends(seams, &places).await;
    let plan = ReaderPlan {
        batches: None,
        isolation: IsolationLevel::ReadCommitted,
        fetch_max_bytes: 1 << 20,
        prefetch_max_bytes: 1 << 20,
        fetch_max_wait: Duration::from_millis(100),
    };
    seams.history.push(What::Audit { who: AUDITOR.to_owned() });
    let mut reader = Reader::new(seams, AUDITOR, &plan).await;
    reader.all = Some(All::default());
    let all = async {
        let is_behind = |at: &BTreeMap<TopicPartition, i64>| {
            ends.iter().any(|(place, end)| at.get(place).copied().unwrap_or(0) < *end)
        };
        while is_behind(&reader.positions()) {
            drop(timeout(LOOKS, reader.step()).await);
        }
    };
    if timeout(patience, all).await.is_err() {
        let at = reader.positions();
        seams.history.problem(format!("stuck: the auditor is at {at:?} and the ends are {ends:?}"));
    }
    reader.all.unwrap_or_default()
}
