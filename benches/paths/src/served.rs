//! The log and the broker: from the bytes of a request to those of its response, with no socket.

use std::hint::black_box;
use std::sync::Arc;

use bytes::Bytes;
use ottla_broker::{Broker, BrokerConfig, Reply};
use ottla_env::{Env, FixedSeeds, ManualClock, Spawn, Task};
use ottla_protocol::header::{self, RequestHeader};
use ottla_protocol::messages::create_topics::{CreatableTopic, CreateTopicsRequest};
use ottla_protocol::messages::fetch::{FetchPartition, FetchRequest, FetchTopic};
use ottla_protocol::messages::{RequestBody, ResponseBody, decode_request_body};
use ottla_protocol::wire::{DecodeLimits, Str, Uuid};
use ottla_protocol::{ApiKey, frame};
use ottla_storage::blocking::block_on;
use ottla_storage::disk::MemDisk;
use ottla_storage::{AppendOptions, Log, LogConfig, LogName, Offset, ReadOptions, Storage, StorageConfig};

use crate::{messages, records};

const NOW_MS: i64 = 1_800_000_000_000;
const TOPIC: &str = "orders";

struct OnTokio;

impl Spawn for OnTokio {
    fn spawn(&self, task: Task) {
        tokio::spawn(task);
    }
}

fn env() -> Env {
    Env::new(Arc::new(ManualClock::new(NOW_MS)), Arc::new(FixedSeeds::new(1)), Arc::new(OnTokio))
}

fn on_a_log(run: impl FnOnce(&Log)) {
    let disk = Arc::new(MemDisk::volatile());
    let storage =
        block_on(Storage::open(disk, env(), StorageConfig::default())).expect("an empty disk opens");
    let log = storage.create_log(LogName::new(TOPIC, 0), Uuid::from_u128(1), LogConfig::default());
    run(&log.expect("the name is free"));
}

pub(crate) fn append(times: u32) {
    let batch = records::batch(1, Vec::new());
    on_a_log(|log| {
        for _ in 0..times {
            let appended = log.append(black_box(&batch).clone(), AppendOptions::new(NOW_MS));
            black_box(appended.expect("it is written"));
        }
    });
}

/// Reads the last record of two, over and over.
pub(crate) fn read(times: u32) {
    let batch = records::batch(1, Vec::new());
    on_a_log(|log| {
        for _ in 0..2 {
            let appended = log.append(batch.clone(), AppendOptions::new(NOW_MS)).expect("it is written");
            block_on(log.durable(&appended)).expect("it is written");
        }
        for _ in 0..times {
            let read = block_on(async { log.read(black_box(Offset(1)), ReadOptions::default()).await });
            assert_eq!(black_box(read.expect("it is there")).records.len(), batch.len());
        }
    });
}

/// A broker with one topic of one partition, and a connection to it.
struct Served {
    broker: Broker,
    session: ottla_broker::Session,
}

impl Served {
    async fn start() -> Self {
        let builder = Broker::builder(env()).disk(Arc::new(MemDisk::volatile()));
        let broker = builder.config(BrokerConfig::new()).open().await.expect("an empty disk opens");
        broker.set_advertised("PLAINTEXT", "broker.test", 9092);
        let session = broker.session("PLAINTEXT");
        Self { broker, session }
    }

    async fn create_topic(&mut self) -> Uuid {
        let mut topic = CreatableTopic::default();
        (topic.name, topic.num_partitions, topic.replication_factor) = (Str::from_static(TOPIC), 1, -1);
        let mut request = CreateTopicsRequest::default();
        (request.topics, request.timeout_ms) = (vec![topic], 5_000);
        let frame = messages::request(7, &request);
        match self.reply(&frame).await {
            (_, ResponseBody::CreateTopics(response)) => response.topics[0].topic_id,
            (_, other) => panic!("{other:?}"),
        }
    }

    /// What comes of a request as it came in.
    async fn reply(&mut self, frame: &Bytes) -> (RequestHeader, ResponseBody<ottla_storage::FileRange>) {
        let (header, body) =
            header::decode_request(black_box(frame).clone(), &DecodeLimits::DEFAULT).expect("a header");
        let body: RequestBody =
            decode_request_body(&header, &body, &DecodeLimits::DEFAULT).expect("a request");
        match self.broker.handle(&mut self.session, &header, body).reply().await {
            Reply::Respond(response) => (header, response),
            other => panic!("no response: {other:?}"),
        }
    }

    /// The same, and the response made ready to be sent; how many bytes it has.
    async fn serve(&mut self, api: ApiKey, frame: &Bytes) -> usize {
        let (header, response) = self.reply(frame).await;
        let chunks = frame::encode_response(api, header.api_version, header.correlation_id, &response);
        black_box(chunks.expect("a response of this version")).iter().map(|chunk| chunk.len()).sum()
    }
}

fn on_a_broker(run: impl AsyncFnOnce(Served)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(async { run(Served::start().await).await });
}

pub(crate) fn produce(times: u32) {
    on_a_broker(async |mut served| {
        served.create_topic().await;
        let frame = messages::request(12, &messages::produce_request(TOPIC));
        for _ in 0..times {
            black_box(served.serve(ApiKey::Produce, &frame).await);
        }
    });
}

/// Fetches the last record of two, over and over, with no fetch session.
pub(crate) fn fetch(times: u32) {
    on_a_broker(async |mut served| {
        let topic_id = served.create_topic().await;
        let frame = messages::request(12, &messages::produce_request(TOPIC));
        for _ in 0..2 {
            served.serve(ApiKey::Produce, &frame).await;
        }
        let partition = FetchPartition::default().with_fetch_offset(1).with_partition_max_bytes(1 << 20);
        let topic = FetchTopic::default().with_topic_id(topic_id).with_partitions(vec![partition]);
        let request =
            FetchRequest::default().with_min_bytes(1).with_max_bytes(1 << 20).with_topics(vec![topic]);
        let frame = messages::request(17, &request);
        for _ in 0..times {
            let len = served.serve(ApiKey::Fetch, &frame).await;
            assert!(len > records::batch(1, Vec::new()).len(), "a response of {len} bytes has no record");
        }
    });
}
