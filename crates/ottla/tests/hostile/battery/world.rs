//! What a broker holds before the cases are played: some topics, some records, producers, a fetch
//! session, a group with a member.
//!
//! Preparing twice does no harm, so that a broker can be played against again.

use ottla::protocol::api::ErrorCode;
use ottla::protocol::messages::create_topics::{CreatableTopic, CreatableTopicConfig, CreateTopicsRequest};
use ottla::protocol::messages::init_producer_id::InitProducerIdRequest;
use ottla::protocol::messages::list_offsets::{ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic};
use ottla::protocol::messages::metadata::{MetadataRequest, MetadataRequestTopic};
use ottla::protocol::wire::{Str, Uuid};

use super::making::batch;
use super::{Player, deleting, fetching, groups, producing};

/// Where most cases produce to: three partitions.
pub(super) const TARGET: &str = "hostile";
/// Three records in one partition, which no case changes.
pub(super) const STILL: &str = "hostile-still";
/// Had three records, all of which are deleted.
pub(super) const FRONT: &str = "hostile-front";
/// Is compacted, and nothing else.
pub(super) const COMPACT: &str = "hostile-compact";
/// Takes batches of up to 1,000 bytes.
pub(super) const SMALL: &str = "hostile.small";

/// A topic to be: its name, how many partitions it has, its settings.
type Plan = (&'static str, i32, &'static [(&'static str, &'static str)]);

const TOPICS: [Plan; 5] = [
    (TARGET, 3, &[]),
    (STILL, 1, &[("retention.ms", "-1")]),
    (FRONT, 1, &[("retention.ms", "-1")]),
    (COMPACT, 1, &[("cleanup.policy", "compact")]),
    (SMALL, 1, &[("max.message.bytes", "1000")]),
];

/// How often a broker that has just started is asked again.
const TRIES: usize = 2_000;

/// What the cases need to know of the broker.
#[derive(Clone, Debug)]
pub(crate) struct World {
    /// Id of the topic that most cases produce to.
    pub(super) target_id: Uuid,
    /// Id of the topic that no case changes.
    pub(super) still_id: Uuid,
    /// Producers that have not produced yet.
    pub(super) producers: Vec<(i64, i16)>,
    /// A fetch session that was answered once.
    pub(super) session_id: i32,
    /// The one member of a group.
    pub(super) member: groups::Member,
}

impl Player {
    /// Makes the world of the cases.
    pub(crate) async fn prepare(&self) -> Result<World, String> {
        let topics = TOPICS.iter().map(|(name, partitions, configs)| {
            let configs = configs.iter().map(|(key, value)| {
                CreatableTopicConfig::default().with_name(Str::from(*key)).with_value(Some(Str::from(*value)))
            });
            CreatableTopic::default()
                .with_name(Str::from(*name))
                .with_num_partitions(*partitions)
                .with_replication_factor(1)
                .with_configs(configs.collect())
        });
        let request = CreateTopicsRequest::default().with_topics(topics.collect()).with_timeout_ms(30_000);
        let created = self.call(7, &request).await?;
        for topic in created.topics {
            if !matches!(topic.error_code, ErrorCode::NONE | ErrorCode::TOPIC_ALREADY_EXISTS) {
                return Err(format!("{} was not created: {}", topic.name, topic.error_code));
            }
        }
        let ids = self.topic_ids().await?;
        if self.end_of(STILL).await? == 0 {
            let written = self.call(12, &producing::produce(STILL, 0, Some(batch()), -1)).await?;
            let code = written.responses[0].partition_responses[0].error_code;
            if code != ErrorCode::NONE {
                return Err(format!("{STILL} takes no records: {code}"));
            }
        }
        self.empty_front().await?;
        let mut producers = Vec::new();
        for _ in 0..16 {
            producers.push(self.producer().await?);
        }
        let opened = self.call(12, &fetching::opening(STILL)).await?;
        let member = self.join().await?;
        Ok(World { target_id: ids[0], still_id: ids[1], producers, session_id: opened.session_id, member })
    }

    async fn topic_ids(&self) -> Result<Vec<Uuid>, String> {
        let topics =
            TOPICS.iter().map(|(name, ..)| MetadataRequestTopic::default().with_name(Some(Str::from(*name))));
        let request = MetadataRequest::default().with_topics(Some(topics.collect()));
        for _ in 0..TRIES {
            let response = self.call(12, &request).await?;
            let led = |topic: &ottla::protocol::messages::metadata::MetadataResponseTopic| {
                topic.error_code == ErrorCode::NONE && topic.partitions.iter().all(|one| one.leader_id >= 0)
            };
            if response.topics.iter().all(led) {
                let id_of = |name: &str| {
                    let named = |topic: &&ottla::protocol::messages::metadata::MetadataResponseTopic| {
                        topic.name.as_deref() == Some(name)
                    };
                    response.topics.iter().find(named).map(|topic| topic.topic_id)
                };
                return TOPICS
                    .iter()
                    .map(|(name, ..)| id_of(name).ok_or("no such topic".to_owned()))
                    .collect();
            }
        }
        Err("the topics have no leaders".to_owned())
    }

    /// Three records in, and deleted, if that was not done before.
    async fn empty_front(&self) -> Result<(), String> {
        if self.end_of(FRONT).await? == 0 {
            self.call(12, &producing::produce(FRONT, 0, Some(batch()), -1)).await?;
        }
        let deleted = self.call(2, &deleting::below(FRONT, &[(0, -1)])).await?;
        match &deleted.topics[0].partitions[0] {
            one if one.low_watermark == 3 => Ok(()),
            one => Err(format!("{FRONT} starts at {}: {}", one.low_watermark, one.error_code)),
        }
    }

    async fn end_of(&self, name: &'static str) -> Result<i64, String> {
        let latest = ListOffsetsPartition::default().with_timestamp(-1).with_current_leader_epoch(-1);
        let topic = ListOffsetsTopic::default().with_name(Str::from(name)).with_partitions(vec![latest]);
        let request = ListOffsetsRequest::default().with_replica_id(-1).with_topics(vec![topic]);
        for _ in 0..TRIES {
            let one = self.call(7, &request).await?.topics.remove(0).partitions.remove(0);
            if one.error_code == ErrorCode::NONE {
                return Ok(one.offset);
            }
        }
        Err(format!("{name} has no end"))
    }

    async fn producer(&self) -> Result<(i64, i16), String> {
        let request = InitProducerIdRequest::default()
            .with_transactional_id(None)
            .with_producer_id(-1)
            .with_producer_epoch(-1);
        let mut code = ErrorCode::NONE;
        for _ in 0..TRIES {
            let response = self.call(4, &request).await?;
            code = response.error_code;
            if code == ErrorCode::NONE {
                return Ok((response.producer_id, response.producer_epoch));
            }
        }
        Err(format!("no producer id is given out: {code}"))
    }
}
