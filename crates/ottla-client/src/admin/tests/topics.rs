//! Topics, their configuration, where they are kept.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use ottla_protocol::messages::create_topics::{CreatableTopicResult, CreateTopicsResponse};
use ottla_protocol::records::{BatchBuilder, BatchOptions};
use ottla_protocol::wire::{Str, Uuid};

use super::*;
use crate::{
    ConfigChange, ConfigQuery, ConfigResource, ConfigSource, IsolationLevel, NewPartitions, NewTopic, Offset,
    OffsetSpec, RecordsToDelete,
};

#[tokio::test(start_paused = true)]
async fn topics_are_created_each_on_its_own_and_deleted_by_name_or_id() {
    let cluster = ScriptedCluster::start(2);
    cluster.add_topic("old", 1);
    let admin = admin(&cluster).await;
    let created = admin.create_topics([NewTopic::new("old"), NewTopic::new("new").with_partitions(3)]).await;
    assert_eq!(code(&created["old"]), ErrorCode::TOPIC_ALREADY_EXISTS);
    let new = created["new"].as_ref().unwrap();
    assert_eq!(new.partitions, 3);

    let deleted = admin.delete_topics_by_id([new.id, Uuid([9; 16])]).await;
    assert!(deleted[&new.id].is_ok());
    assert_eq!(code(&deleted[&Uuid([9; 16])]), ErrorCode::UNKNOWN_TOPIC_ID);
    let deleted = admin.delete_topics(["old", "new"]).await;
    assert!(deleted["old"].is_ok());
    assert_eq!(code(&deleted["new"]), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
    assert!(admin.list_topics().await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn brokers_that_know_topics_by_name_only_are_given_names() {
    let cluster = ScriptedCluster::start(1);
    cluster.add_topic("t", 1);
    serve_only(&cluster, &[(ApiKey::Metadata, 5), (ApiKey::DeleteTopics, 3)]);
    let admin = admin(&cluster).await;
    let id = Uuid([1; 16]);
    let refused = admin.delete_topics_by_id([id]).await.remove(&id).unwrap().unwrap_err();
    assert!(matches!(refused, Error::Unsupported { .. }), "{refused}");
    assert!(admin.delete_topics(["t"]).await["t"].is_ok());
}

#[tokio::test(start_paused = true)]
async fn only_what_may_pass_is_asked_for_again() {
    let cluster = ScriptedCluster::start(2);
    let mut first = true;
    cluster.script(move |_, request| match request {
        RequestBody::CreateTopics(request) if std::mem::take(&mut first) => {
            let refuse = |name: &Str| {
                let mut result = CreatableTopicResult::default();
                result.name = name.clone();
                result.error_code =
                    if name == "later" { ErrorCode::NOT_CONTROLLER } else { ErrorCode::POLICY_VIOLATION };
                result
            };
            let mut answer = CreateTopicsResponse::default();
            answer.topics = request.topics.iter().map(|topic| refuse(&topic.name)).collect();
            Some(Reply::Answer(answer.into()))
        }
        RequestBody::CreateTopics(request) => {
            assert_eq!(request.topics.len(), 1, "{request:?}");
            None
        }
        _ => None,
    });
    let admin = admin(&cluster).await;
    let created = admin.create_topics([NewTopic::new("later"), NewTopic::new("never")]).await;
    assert!(created["later"].is_ok(), "{created:?}");
    assert_eq!(code(&created["never"]), ErrorCode::POLICY_VIOLATION);
}

#[tokio::test(start_paused = true)]
async fn what_is_only_validated_changes_nothing() {
    let cluster = ScriptedCluster::start(1);
    cluster.add_topic("t", 1);
    let admin = admin(&cluster).await;
    assert!(admin.validate_topics([NewTopic::new("u")]).await["u"].is_ok());
    assert!(admin.validate_partitions([NewPartitions::increase_to("t", 5)]).await["t"].is_ok());
    let topic = ConfigResource::Topic(Str::from("t"));
    let change = || [(topic.clone(), vec![ConfigChange::set("retention.ms", "1")])];
    assert!(admin.validate_configs(change()).await[&topic].is_ok());
    let topics = admin.list_topics().await.unwrap();
    assert_eq!((topics.len(), topics[0].partitions.len()), (1, 1));
    assert!(admin.describe_configs(&topic).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn partitions_are_added_and_never_taken_away() {
    let cluster = ScriptedCluster::start(2);
    cluster.add_topic("t", 2);
    let admin = admin(&cluster).await;
    let wanted = [NewPartitions::increase_to("t", 4), NewPartitions::increase_to("none", 4)];
    let outcomes = admin.create_partitions(wanted).await;
    assert!(outcomes["t"].is_ok());
    assert_eq!(code(&outcomes["none"]), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
    let fewer = admin.create_partitions([NewPartitions::increase_to("t", 3)]).await;
    assert_eq!(code(&fewer["t"]), ErrorCode::INVALID_PARTITIONS);
    let described = admin.describe_topics(["t"]).await.remove("t").unwrap().unwrap();
    let leaders: Vec<_> = described.partitions.iter().map(|of| of.partition.leader.unwrap().0).collect();
    assert_eq!(leaders, [1, 2, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn large_topics_are_described_page_by_page() {
    let cluster = ScriptedCluster::start(1);
    for (topic, partitions) in [("a", 3), ("b", 1), ("c", 7)] {
        cluster.add_topic(topic, partitions);
    }
    cluster.set_page_partitions(2);
    let admin = admin(&cluster).await;
    let described = admin.describe_topics(["c", "a", "b", "none"]).await;
    for (topic, partitions) in [("a", 3), ("b", 1), ("c", 7)] {
        let topic = described[topic].as_ref().unwrap();
        let indexes: Vec<_> = topic.partitions.iter().map(|of| of.partition.index).collect();
        assert_eq!(indexes, (0..partitions).collect::<Vec<_>>());
        assert_eq!(topic.partitions[0].eligible_leaders, Some(Vec::new()));
    }
    assert_eq!(code(&described["none"]), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
    assert_eq!(asked(&cluster, ApiKey::DescribeTopicPartitions), 6);
}

#[tokio::test(start_paused = true)]
async fn brokers_without_pages_describe_topics_by_metadata() {
    let cluster = ScriptedCluster::start(1);
    cluster.add_topic("t", 3);
    serve_only(&cluster, &[(ApiKey::Metadata, 8)]);
    let described = admin(&cluster).await.describe_topics(["t", "none"]).await;
    let topic = described["t"].as_ref().unwrap();
    assert_eq!((topic.partitions.len(), &topic.partitions[0].eligible_leaders), (3, &None));
    assert_eq!(code(&described["none"]), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
}

#[tokio::test(start_paused = true)]
async fn topics_are_described_by_their_ids() {
    let cluster = ScriptedCluster::start(1);
    cluster.add_topic("t", 3);
    let described = admin(&cluster).await.describe_topics_by_id([Uuid([1; 16])]).await;
    assert_eq!(described[&Uuid([1; 16])].as_ref().unwrap().name, "t");
}

#[tokio::test(start_paused = true)]
async fn settings_are_changed_one_by_one() {
    let cluster = ScriptedCluster::start(2);
    cluster.add_topic("t", 1);
    let admin = admin(&cluster).await;
    let topic = ConfigResource::Topic(Str::from("t"));
    let changes = vec![
        ConfigChange::set("retention.ms", "1000"),
        ConfigChange::set("cleanup.policy", "delete"),
        ConfigChange::append("cleanup.policy", "compact"),
        ConfigChange::subtract("cleanup.policy", "delete"),
        ConfigChange::set("segment.ms", "5"),
        ConfigChange::delete("segment.ms"),
    ];
    let none = ConfigResource::Topic(Str::from("none"));
    let outcomes = admin.alter_configs([(topic.clone(), changes), (none.clone(), Vec::new())]).await;
    assert!(outcomes[&topic].is_ok());
    assert_eq!(code(&outcomes[&none]), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
    let settings = admin.describe_configs(&topic).await.unwrap();
    let pairs: Vec<_> = settings.iter().map(|entry| (entry.name.as_str(), entry.value.as_deref())).collect();
    assert_eq!(pairs, [("cleanup.policy", Some("compact")), ("retention.ms", Some("1000"))]);
    assert_eq!(settings[0].source, ConfigSource::Topic);
}

#[tokio::test(start_paused = true)]
async fn a_broker_is_asked_for_its_own_settings_and_nobody_else() {
    let cluster = ScriptedCluster::start(3);
    let admin = admin(&cluster).await;
    let brokers = [1, 2, 3].map(|id| ConfigResource::Broker(NodeId(id)));
    let change =
        |resource: &ConfigResource| (resource.clone(), vec![ConfigChange::set("log.cleaner.threads", "2")]);
    assert!(admin.alter_configs(brokers.iter().map(change)).await.values().all(Result::is_ok));
    let query = ConfigQuery::all().with_synonyms().with_documentation();
    let described = admin.query_configs(brokers, &query).await;
    assert!(described.values().all(|entries| entries.as_ref().unwrap().len() == 1));
    for api in [ApiKey::IncrementalAlterConfigs, ApiKey::DescribeConfigs] {
        let mut nodes: Vec<_> =
            cluster.requests().iter().filter(|(_, asked)| *asked == api).map(|(node, _)| node.0).collect();
        nodes.sort_unstable();
        assert_eq!(nodes, [1, 2, 3]);
    }
}

#[tokio::test(start_paused = true)]
async fn every_broker_tells_of_its_own_folders() {
    let cluster = ScriptedCluster::start(2);
    cluster.add_topic("t", 2);
    let told = admin(&cluster).await.describe_log_dirs([NodeId(1), NodeId(2)]).await;
    let folder = &told[&NodeId(2)].as_ref().unwrap()[0];
    assert_eq!((folder.path.as_str(), folder.total_bytes), ("/data", Some(1_000)));
    assert_eq!(folder.replicas.keys().collect::<Vec<_>>(), [&at("t", 1)]);
}

#[tokio::test(start_paused = true)]
async fn the_end_of_an_epoch_is_known_to_its_leader() {
    let cluster = ScriptedCluster::start(2);
    cluster.add_topic("t", 2);
    let admin = admin(&cluster).await;
    let epochs = [(at("t", 0), 1), (at("t", 1), 9)];
    let ends = admin.offsets_for_epochs(epochs.clone()).await;
    assert_eq!(ends[&at("t", 0)].as_ref().unwrap().unwrap().end_offset, Offset(0));
    assert_eq!(ends[&at("t", 1)].as_ref().unwrap(), &None);
    cluster.move_leader("t", 0, NodeId(2));
    assert!(admin.offsets_for_epochs(epochs).await[&at("t", 0)].is_ok());
}

#[tokio::test(start_paused = true)]
async fn records_are_deleted_by_the_leaders_of_their_partitions() {
    let cluster = ScriptedCluster::start(2);
    cluster.add_topic("t", 2);
    for partition in [0, 1] {
        let mut batch = BatchBuilder::new(BatchOptions::default());
        for value in ["a", "b", "c"] {
            batch.try_append(1, None, Some(value.as_bytes()), &[]).unwrap();
        }
        cluster.append("t", partition, batch.build().unwrap());
    }
    let admin = admin(&cluster).await;
    let before = RecordsToDelete::Before;
    let asked = [
        (at("t", 0), before(Offset(2))),
        (at("t", 1), RecordsToDelete::All),
        (at("t", 7), RecordsToDelete::All),
    ];
    let deleted = admin.delete_records(asked).await;
    assert_eq!(*deleted[&at("t", 0)].as_ref().unwrap(), Offset(2));
    assert_eq!(*deleted[&at("t", 1)].as_ref().unwrap(), Offset(3));
    assert!(deleted[&at("t", 7)].is_err());
    let starts = [(at("t", 0), OffsetSpec::Earliest)];
    let starts = admin.list_offsets(starts, IsolationLevel::ReadUncommitted).await;
    assert_eq!(starts[&at("t", 0)].as_ref().unwrap().offset, Some(Offset(2)));
    // Less than what is gone is well, and more than there is not; a leader that moved is found.
    cluster.move_leader("t", 0, NodeId(2));
    let again =
        admin.delete_records([(at("t", 0), before(Offset(1))), (at("t", 1), before(Offset(4)))]).await;
    assert_eq!(*again[&at("t", 0)].as_ref().unwrap(), Offset(2));
    assert_eq!(code(&again[&at("t", 1)]), ErrorCode::OFFSET_OUT_OF_RANGE);
}

#[tokio::test(start_paused = true)]
async fn what_is_asked_of_partitions_creates_no_topic_but_who_works_with_one_may() {
    let cluster = ScriptedCluster::start(1);
    let seen = Arc::new(Mutex::new(BTreeSet::new()));
    cluster.script({
        let seen = Arc::clone(&seen);
        move |_, request| {
            if let RequestBody::Metadata(asked) = request {
                let names = asked.topics.iter().flatten().filter_map(|topic| topic.name.clone());
                seen.lock().unwrap().extend(names.map(|name| (name, asked.allow_auto_topic_creation)));
            }
            None
        }
    });
    let client = Client::connect(cluster.config()).await.unwrap();
    let _used = client.keep_topic("used");
    let admin = client.admin();
    let listed = admin.list_offsets([(at("listed", 0), OffsetSpec::Latest)], IsolationLevel::default()).await;
    assert!(listed[&at("listed", 0)].is_err(), "{listed:?}");
    let described = admin.describe_producers([at("described", 0)]).await;
    assert!(described[&at("described", 0)].is_err(), "{described:?}");
    let expected = [("described", false), ("listed", false), ("used", true)];
    assert_eq!(*seen.lock().unwrap(), expected.map(|(name, may)| (Str::from(name), may)).into());
}
