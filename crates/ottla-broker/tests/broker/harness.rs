//! A broker over a disk in memory, and calls to it that go through the bytes of the protocol.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use ottla_broker::telemetry::Receiver;
use ottla_broker::{Broker, BrokerConfig, Handling, Reply, Session};
use ottla_env::{Env, FixedSeeds, ManualClock, Spawn};
use ottla_protocol::messages::create_topics::{CreatableTopic, CreatableTopicConfig, CreateTopicsRequest};
use ottla_protocol::messages::metadata::MetadataRequest;
use ottla_protocol::messages::produce::{
    PartitionProduceData, PartitionProduceResponse, ProduceRequest, TopicProduceData,
};
use ottla_protocol::messages::{self, RequestBody};
use ottla_protocol::records::{BatchBuilder, BatchOptions};
use ottla_protocol::wire::{Chunk, DecodeLimits, Records, Str, Uuid};
use ottla_protocol::{ErrorCode, Request, frame, header};
use ottla_storage::disk::{Disk, MemDisk, OpenMode};
use ottla_storage::{Storage, StorageConfig};

/// The time at which every test starts, in Unix milliseconds.
pub(crate) const NOW_MS: i64 = 1_800_000_000_000;

struct TokioSpawn;

impl Spawn for TokioSpawn {
    fn spawn(&self, future: ottla_env::Task) {
        tokio::spawn(future);
    }
}

/// How a broker ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    Close,
    Kill,
    /// Of what was not synced, the seed decides what stays.
    PowerLoss(u64),
}

/// A broker, and one connection to it.
pub(crate) struct Kit {
    pub(crate) broker: Broker,
    pub(crate) session: Session,
    pub(crate) disk: MemDisk,
    pub(crate) clock: Arc<ManualClock>,
    config: BrokerConfig,
    seed: u64,
}

impl Kit {
    pub(crate) async fn new() -> Self {
        Self::with(&[]).await
    }

    pub(crate) async fn with(config: &[(&str, &str)]) -> Self {
        let config = BrokerConfig::from_pairs(config.iter().copied()).unwrap();
        Self::open(MemDisk::new(7), config, 1).await
    }

    /// A broker that hands the metrics of its clients to this receiver.
    pub(crate) async fn with_telemetry(config: &[(&str, &str)], receiver: Arc<dyn Receiver>) -> Self {
        let config = BrokerConfig::from_pairs(config.iter().copied()).unwrap();
        let (disk, clock) = (MemDisk::new(7), Arc::new(ManualClock::new(NOW_MS)));
        let env = Env::new(clock.clone(), Arc::new(FixedSeeds::new(1)), Arc::new(TokioSpawn));
        let builder = Broker::builder(env).disk(Arc::new(disk.clone())).config(config.clone());
        let broker = builder.telemetry(receiver).open().await.unwrap();
        let session = broker.session("PLAINTEXT");
        Self { broker, session, disk, clock, config, seed: 1 }
    }

    /// The broker that starts after this one ended.
    pub(crate) async fn reopened(self, end: End) -> Self {
        match end {
            End::Close => self.broker.close().await.unwrap(),
            End::Kill => self.disk.kill(),
            End::PowerLoss(seed) => self.disk.crash(seed),
        }
        Self::open(self.disk.restarted(), self.config, self.seed + 1).await
    }

    /// The broker that starts after this one was closed and somebody else had been at its logs.
    pub(crate) async fn reopened_after(self, work: impl FnOnce(&Storage)) -> Self {
        self.broker.close().await.unwrap();
        let disk = self.disk.restarted();
        let env = Env::new(self.clock.clone(), Arc::new(FixedSeeds::new(9)), Arc::new(TokioSpawn));
        let config = StorageConfig::default();
        let storage = Storage::open(Arc::new(disk.clone()), env, config).await.unwrap();
        work(&storage);
        storage.close().await.unwrap();
        Self::open(disk.restarted(), self.config, self.seed + 1).await
    }

    /// The broker that starts from what this one's disk holds right now; this one goes on.
    pub(crate) async fn shadow(&self) -> Self {
        Self::open(disk_of(&self.disk.image()), self.config.clone(), self.seed + 1).await
    }

    /// A broker that starts from these files, if it does.
    pub(crate) async fn try_from_image(
        image: &std::collections::BTreeMap<String, Vec<u8>>,
        config: &[(&str, &str)],
    ) -> Result<Self, ottla_broker::Error> {
        let config = BrokerConfig::from_pairs(config.iter().copied()).unwrap();
        Self::try_open(disk_of(image), config, 2).await
    }

    /// A broker that starts from what this one's disk holds right now, after something was done to that; if it does.
    pub(crate) async fn try_shadow(
        &self,
        prepare: impl FnOnce(&MemDisk),
    ) -> Result<Self, ottla_broker::Error> {
        let disk = disk_of(&self.disk.image());
        prepare(&disk);
        Self::try_open(disk, self.config.clone(), self.seed + 1).await
    }

    async fn open(disk: MemDisk, config: BrokerConfig, seed: u64) -> Self {
        Self::try_open(disk, config, seed).await.unwrap()
    }

    async fn try_open(disk: MemDisk, config: BrokerConfig, seed: u64) -> Result<Self, ottla_broker::Error> {
        let through = Arc::new(disk.clone());
        Self::open_through(through, disk, config, Arc::new(TokioSpawn), seed).await
    }

    /// A broker that reaches the disk by way of another.
    pub(crate) async fn open_through(
        through: Arc<dyn Disk>,
        disk: MemDisk,
        config: BrokerConfig,
        spawn: Arc<dyn Spawn>,
        seed: u64,
    ) -> Result<Self, ottla_broker::Error> {
        let clock = Arc::new(ManualClock::new(NOW_MS));
        let env = Env::new(clock.clone(), Arc::new(FixedSeeds::new(seed)), spawn);
        let builder = Broker::builder(env).disk(through).config(config.clone());
        let broker = builder.open().await?;
        broker.set_advertised("PLAINTEXT", "broker.test", 9092);
        let session = broker.session("PLAINTEXT");
        Ok(Self { broker, session, disk, clock, config, seed })
    }

    /// Hands a request in, encoded and decoded on the way.
    pub(crate) fn handle<R: Request>(&mut self, version: i16, request: &R) -> Handling {
        handle(&self.broker, &mut self.session, version, request)
    }

    /// The response to a request; what it wants to wait for is waited for.
    pub(crate) async fn call<R: Request>(&mut self, version: i16, request: &R) -> R::Response {
        let handling = self.handle(version, request);
        response::<R>(version, handling.reply().await)
    }

    /// The response to a request that must not wait.
    pub(crate) fn call_now<R: Request>(&mut self, version: i16, request: &R) -> R::Response {
        match self.handle(version, request) {
            Handling::Now(reply) => response::<R>(version, reply),
            other => panic!("an answer was there to give: {other:?}"),
        }
    }

    /// Whether somebody still holds the frame of a request, a second after it was answered.
    pub(crate) async fn keeps_its_frame<R: Request>(&mut self, version: i16, request: &R) -> bool {
        let limits = DecodeLimits::default();
        let chunks = frame::encode_request(version, 1, Some("test"), request).unwrap();
        let bytes = in_memory(chunks, |nothing| match nothing {});
        let held = Arc::new(());
        let mut frame = Bytes::from_owner(Tracked(bytes, Arc::clone(&held)));
        let (header, bytes) = header::decode_request(frame.split_off(4), &limits).unwrap();
        let body: RequestBody = messages::decode_request_body(&header, &bytes, &limits).unwrap();
        drop((frame, bytes));
        let reply = self.broker.handle(&mut self.session, &header, body).reply().await;
        drop((header, reply));
        tokio::time::advance(Duration::from_secs(1)).await;
        Arc::strong_count(&held) > 1
    }

    pub(crate) async fn create(&mut self, name: &str, partitions: i32, configs: &[(&str, &str)]) -> Uuid {
        let response = self.call(7, &create_request(&[topic(name, partitions, configs)])).await;
        assert_eq!(response.topics[0].error_code, ErrorCode::NONE, "{:?}", response.topics[0].error_message);
        response.topics[0].topic_id
    }

    /// Produces to one partition with `acks=all`, by name.
    pub(crate) async fn produce(
        &mut self,
        name: &str,
        index: i32,
        records: Bytes,
    ) -> PartitionProduceResponse {
        let mut response = self.call(12, &produce_request(name, index, Some(records), -1)).await;
        response.responses.remove(0).partition_responses.remove(0)
    }

    /// All topics, by name.
    pub(crate) async fn topics(&mut self) -> Vec<(String, Uuid, usize)> {
        let response = self.call(13, &MetadataRequest::default().with_topics(None)).await;
        let topics = response.topics.into_iter();
        topics.map(|t| (t.name.unwrap().to_string(), t.topic_id, t.partitions.len())).collect()
    }
}

/// Memory of a frame, which says when nobody needs it any more.
struct Tracked(Bytes, #[expect(dead_code, reason = "its end is what counts")] Arc<()>);

impl AsRef<[u8]> for Tracked {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Hands a request in, encoded and decoded on the way.
pub(crate) fn handle<R: Request>(
    broker: &Broker,
    session: &mut Session,
    version: i16,
    request: &R,
) -> Handling {
    let limits = DecodeLimits::default();
    let chunks = frame::encode_request(version, 1, Some("test"), request).unwrap();
    let mut frame = in_memory(chunks, |nothing| match nothing {});
    let (header, body) = header::decode_request(frame.split_off(4), &limits).unwrap();
    let body: RequestBody = messages::decode_request_body(&header, &body, &limits).unwrap();
    broker.handle(session, &header, body)
}

/// A disk that holds these files.
fn disk_of(image: &std::collections::BTreeMap<String, Vec<u8>>) -> MemDisk {
    let disk = MemDisk::new(7);
    for (path, bytes) in image {
        let path = std::path::Path::new(path);
        if let Some(folder) = path.parent().filter(|folder| disk.metadata(folder).is_err()) {
            disk.create_dir(folder).unwrap();
        }
        let file = disk.open(path, OpenMode::Create).unwrap();
        file.write_blocking(&[std::io::IoSlice::new(bytes)], 0).unwrap();
    }
    disk
}

/// The message of a reply, encoded and decoded on the way.
pub(crate) fn response<R: Request>(version: i16, reply: Reply) -> R::Response {
    let Reply::Respond(body) = reply else { panic!("no response: {reply:?}") };
    let chunks = frame::encode_response(R::API_KEY, version, 1, &body).unwrap();
    let mut frame =
        in_memory(chunks, |range: ottla_storage::FileRange| range.read_at(0, range.len()).unwrap());
    frame::decode_response::<R::Response>(frame.split_off(4), version, &DecodeLimits::default()).unwrap().1
}

pub(crate) fn in_memory<F>(chunks: Vec<Chunk<F>>, read: impl Fn(F) -> Bytes) -> Bytes {
    let mut all = BytesMut::new();
    for chunk in chunks {
        match chunk {
            Chunk::Bytes(bytes) => all.extend_from_slice(&bytes),
            Chunk::External { source, .. } => all.extend_from_slice(&read(source)),
        }
    }
    all.freeze()
}

pub(crate) fn text(text: &str) -> Str {
    Str::from(text.to_owned())
}

pub(crate) fn topic(name: &str, partitions: i32, configs: &[(&str, &str)]) -> CreatableTopic {
    let mut topic = CreatableTopic::default();
    topic.name = text(name);
    topic.num_partitions = partitions;
    topic.replication_factor = -1;
    topic.configs = configs
        .iter()
        .map(|(key, value)| {
            let mut config = CreatableTopicConfig::default();
            config.name = text(key);
            config.value = Some(text(value));
            config
        })
        .collect();
    topic
}

pub(crate) fn create_request(topics: &[CreatableTopic]) -> CreateTopicsRequest {
    let mut request = CreateTopicsRequest::default();
    request.topics = topics.to_vec();
    request.timeout_ms = 5000;
    request
}

pub(crate) fn produce_request(name: &str, index: i32, records: Option<Bytes>, acks: i16) -> ProduceRequest {
    let mut partition = PartitionProduceData::default();
    partition.index = index;
    partition.records = records.map(Records::Bytes);
    let mut topic = TopicProduceData::default();
    topic.name = text(name);
    topic.partition_data = vec![partition];
    let mut request = ProduceRequest::default();
    request.acks = acks;
    request.timeout_ms = 3000;
    request.topic_data = vec![topic];
    request
}

/// A batch of records with these values and the test's time.
pub(crate) fn batch(values: &[&str]) -> Bytes {
    batch_at(NOW_MS, values, BatchOptions::default())
}

pub(crate) fn batch_at(timestamp: i64, values: &[&str], options: BatchOptions) -> Bytes {
    let mut batch = BatchBuilder::new(options);
    for value in values {
        batch.try_append(timestamp, None, Some(value.as_bytes()), &[]).unwrap();
    }
    batch.build().unwrap()
}
