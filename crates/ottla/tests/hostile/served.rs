//! A client that does nothing wrong, while others do.

use bytes::Bytes;
use ottla::protocol::api::ErrorCode;
use ottla::protocol::messages::create_topics::{CreatableTopic, CreateTopicsRequest};
use ottla::protocol::messages::metadata::MetadataRequest;
use ottla::protocol::messages::produce::{PartitionProduceData, ProduceRequest, TopicProduceData};
use ottla::protocol::records::{BatchBuilder, BatchOptions};
use ottla::protocol::wire::Records;
use ottla::transport::Stream;

use crate::battery::Player;

const TOPIC: &str = "bystander";

/// A producer on a connection of its own, which stays open.
pub(crate) struct Bystander {
    stream: Stream,
    sent: i64,
}

impl Bystander {
    pub(crate) async fn new(player: &Player) -> Self {
        let topic =
            CreatableTopic::default().with_name(TOPIC).with_num_partitions(1).with_replication_factor(1);
        let request = CreateTopicsRequest::default().with_topics(vec![topic]).with_timeout_ms(30_000);
        player.call(7, &request).await.expect("a topic");
        Self { stream: player.connect().await.expect("a connection"), sent: 0 }
    }

    /// Produces on its old connection, and asks on a new one.
    pub(crate) async fn is_served(&mut self, player: &Player, after: &str) {
        self.produces(player, after).await;
        let told = player.call(12, &MetadataRequest::default().with_topics(None)).await;
        let topics = told.unwrap_or_else(|error| panic!("after {after} a new client: {error}")).topics;
        assert!(topics.iter().any(|topic| topic.name.as_deref() == Some(TOPIC)), "after {after}");
    }

    /// Produces one record, and finds it appended behind the last.
    async fn produces(&mut self, player: &Player, after: &str) {
        let request = produce(batch());
        let answer = player.call_on(&mut self.stream, 12, &request).await;
        let answer = answer.unwrap_or_else(|error| panic!("after {after} an old client: {error}"));
        let partition = &answer.responses[0].partition_responses[0];
        assert_eq!(
            (partition.error_code, partition.base_offset),
            (ErrorCode::NONE, self.sent),
            "after {after}"
        );
        self.sent += 1;
    }
}

fn produce(records: Bytes) -> ProduceRequest {
    let data = PartitionProduceData::default().with_records(Some(Records::from(records)));
    let topic = TopicProduceData::default().with_name(TOPIC).with_partition_data(vec![data]);
    ProduceRequest::default().with_acks(-1).with_timeout_ms(30_000).with_topic_data(vec![topic])
}

fn batch() -> Bytes {
    let mut builder = BatchBuilder::new(BatchOptions::default());
    builder.try_append(1, None, Some(b"as ever"), &[]).expect("there is room");
    builder.build().expect("a batch")
}
