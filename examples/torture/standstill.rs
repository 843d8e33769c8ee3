//! What a broker owes while its disk stands still: answers to everybody who needs nothing written, and to who does, that
//! his time is over.
//!
//! Each question comes on a connection of its own, as from a client that has just been started.

use std::time::{Duration, Instant};

use ottla::client::{Client, NodeId, TopicPartition};
use ottla::consumer::{Config as ConsumerConfig, Consumer, OffsetReset, Start};
use ottla::protocol::messages::heartbeat::HeartbeatRequest;
use ottla::protocol::messages::join_group::{JoinGroupRequest, JoinGroupRequestProtocol, JoinGroupResponse};
use ottla::protocol::messages::metadata::MetadataRequest;
use ottla::protocol::messages::produce::{PartitionProduceData, ProduceRequest, TopicProduceData};
use ottla::protocol::messages::sync_group::SyncGroupRequest;
use ottla::protocol::records::{BatchBuilder, BatchOptions};
use ottla::protocol::wire::{Records, Str, Uuid};
use ottla::protocol::{ErrorCode, Request};
use tokio::time::timeout;

use crate::Failure;
use crate::load::{self, KEPT};
use crate::payload::Payload;
use crate::world::World;

/// How long an answer may take that waits for nothing; most of it is for a machine that is busy.
const BOUND: Duration = Duration::from_secs(5);
/// How long a record may wait for the disk.
const PRODUCE_TIMEOUT: Duration = Duration::from_millis(300);
/// After how long without a heartbeat a member is dead: the least that a broker allows.
const SESSION_MS: i32 = 6_000;
/// The only member of a group, which asks for things.
pub(crate) struct Witness {
    address: String,
    group: Str,
    coordinator: NodeId,
    member_id: Str,
    generation_id: i32,
    kept: Uuid,
}

impl Witness {
    /// Joins a group that there was not, while the disk is well.
    pub(crate) async fn join(world: &World, number: u32) -> Result<Self, Failure> {
        let group = Str::from(format!("witnesses {number}"));
        let (client, coordinator) = (&world.client, world.client.coordinator(group.clone()).await?);
        let named = joined(client, coordinator, &group, Str::EMPTY).await?;
        let joined = joined(client, coordinator, &group, named.member_id).await?;
        fails(joined.error_code)?;
        let mut sync = SyncGroupRequest::default();
        sync.group_id = group.clone();
        (sync.member_id, sync.generation_id) = (joined.member_id.clone(), joined.generation_id);
        (sync.protocol_type, sync.protocol_name) = (joined.protocol_type, joined.protocol_name);
        fails(client.call(coordinator, &sync).await?.error_code)?;
        let topics = client.call_any(&MetadataRequest::default().with_topics(None)).await?.topics;
        let kept = topics.iter().find(|topic| topic.name.as_deref() == Some(KEPT));
        Ok(Self {
            address: world.broker.address(),
            group,
            coordinator,
            member_id: joined.member_id,
            generation_id: joined.generation_id,
            kept: kept.ok_or("the topic has gone")?.topic_id,
        })
    }

    /// Says that it lives, on a disk in whatever state.
    pub(crate) async fn lives(&self) -> Result<(), Failure> {
        let mut beat = HeartbeatRequest::default();
        beat.group_id = self.group.clone();
        (beat.member_id, beat.generation_id) = (self.member_id.clone(), self.generation_id);
        fails(self.ask("a heartbeat", &beat).await?.error_code)
    }

    /// Asks for all that a disk that stands still must not keep back. Answers how long the longest took.
    pub(crate) async fn looks(&self, world: &World) -> Result<Duration, Failure> {
        let began = Instant::now();
        let topics = self.ask("metadata", &MetadataRequest::default().with_topics(None)).await?.topics;
        if !topics.iter().any(|topic| topic.topic_id == self.kept) {
            return Err("a topic is not there while the disk stands still".into());
        }
        let mut longest = began.elapsed();
        let began = Instant::now();
        self.lives().await?;
        longest = longest.max(began.elapsed());
        let began = Instant::now();
        timeout(BOUND, self.reads())
            .await
            .map_err(|_| "nothing is to be read while the disk stands still")??;
        longest = longest.max(began.elapsed());
        self.is_told(world).await?;
        Ok(longest)
    }

    /// Reads the first records of a topic.
    async fn reads(&self) -> Result<(), Failure> {
        let config = ConsumerConfig::with_client(load::client_config(&self.address))
            .with_auto_offset_reset(OffsetReset::Earliest);
        let consumer = Consumer::new(config).await?;
        consumer.assign((0..4).map(|partition| TopicPartition::new(KEPT, partition)), Start::Earliest);
        let batch = consumer.next_batch().await?;
        if batch.iter().any(|record| record.is_err()) {
            return Err("records cannot be read while the disk stands still".into());
        }
        consumer.close().await;
        Ok(())
    }

    /// Sends a record, which must be refused when its time is over, and not before.
    async fn is_told(&self, world: &World) -> Result<(), Failure> {
        let place = TopicPartition::new(KEPT, 0);
        let stamp = world.ledger.sending(world.ledger.add_writer(&place));
        let payload = Payload::of(stamp, false);
        let headers = payload.headers();
        let record = payload.record(KEPT, 0, &headers);
        let mut batch = BatchBuilder::new(BatchOptions::default());
        batch.try_append(world.client.env().now_ms(), record.key, record.value, &headers)?;
        let mut partition = PartitionProduceData::default();
        partition.records = Some(Records::Bytes(batch.build()?));
        let mut topic = TopicProduceData::default();
        topic.topic_id = self.kept;
        topic.partition_data = vec![partition];
        let mut request = ProduceRequest::default();
        request.acks = -1;
        request.timeout_ms = i32::try_from(PRODUCE_TIMEOUT.as_millis())?;
        request.topic_data = vec![topic];
        let began = Instant::now();
        let answer = self.ask("a record", &request).await?;
        let (code, took) = (answer.responses[0].partition_responses[0].error_code, began.elapsed());
        if code != ErrorCode::REQUEST_TIMED_OUT || took < PRODUCE_TIMEOUT {
            return Err(
                format!("a record is answered {code} after {took:?} while the disk stands still").into()
            );
        }
        Ok(())
    }

    async fn ask<R: Request>(&self, what: &str, request: &R) -> Result<R::Response, Failure> {
        let asked = async {
            let client = Client::connect(load::client_config(&self.address)).await?;
            let answer = client.call(self.coordinator, request).await;
            client.close().await;
            answer
        };
        let answer = timeout(BOUND, asked).await;
        Ok(answer
            .map_err(|_| format!("{what} is not answered within {BOUND:?} while the disk stands still"))??)
    }
}

async fn joined(
    client: &Client,
    coordinator: NodeId,
    group: &Str,
    member_id: Str,
) -> Result<JoinGroupResponse, Failure> {
    let mut join = JoinGroupRequest::default();
    (join.group_id, join.member_id) = (group.clone(), member_id);
    (join.session_timeout_ms, join.rebalance_timeout_ms) = (SESSION_MS, SESSION_MS);
    join.protocol_type = Str::from_static("witness");
    join.protocols = vec![JoinGroupRequestProtocol::default().with_name("any")];
    Ok(client.call(coordinator, &join).await?)
}

fn fails(code: ErrorCode) -> Result<(), Failure> {
    if code.is_none() { Ok(()) } else { Err(format!("a member of a group is answered {code}").into()) }
}
