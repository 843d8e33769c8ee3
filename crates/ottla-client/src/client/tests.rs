//! A client against a scripted cluster: what it does when brokers are away, old, slow or elsewhere.

use std::sync::Arc;
use std::time::Duration;

use ottla_protocol::api::{ApiKey, ErrorCode};
use ottla_protocol::messages::RequestBody;
use ottla_protocol::messages::api_versions::{ApiVersion, ApiVersionsResponse};
use ottla_transport::{MemoryNetwork, NetworkFaults};
use tokio::time::Instant;

use super::*;
use crate::scripted::{Reply, ScriptedCluster};
use crate::{IsolationLevel, OffsetSpec};

const LIMIT: Duration = Duration::from_secs(10);

fn at(partition: i32) -> TopicPartition {
    TopicPartition::new("t", partition)
}

fn asked(cluster: &ScriptedCluster, api: ApiKey) -> usize {
    cluster.requests().iter().filter(|(_, asked)| *asked == api).count()
}

#[tokio::test(start_paused = true)]
async fn one_dead_bootstrap_server_delays_nobody() {
    let cluster = ScriptedCluster::start(1);
    let mut config = cluster.config();
    config.bootstrap_servers = vec!["nobody:1".to_owned(), "broker-1:9092".to_owned()];
    let start = Instant::now();
    let client = Client::connect(config).await.unwrap();
    assert!(start.elapsed() < Duration::from_secs(1));
    assert_eq!(client.cluster().id(), Some("scripted"));
}

#[tokio::test(start_paused = true)]
async fn without_any_server_the_error_names_them_and_what_happened() {
    let cluster = ScriptedCluster::start(1);
    let config = cluster.config().with_connector(Arc::new(MemoryNetwork::perfect()));
    let start = Instant::now();
    let error = Client::connect(config).await.unwrap_err();
    assert_eq!(start.elapsed().as_secs(), 10);
    let message = error.to_string();
    assert!(matches!(error, Error::Bootstrap { .. }) && message.contains("broker-1:9092"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn an_old_broker_is_asked_for_its_versions_in_the_oldest_form() {
    let cluster = ScriptedCluster::start(1);
    cluster.script(|_, request| match request {
        // Only version 0 has no name of the software.
        RequestBody::ApiVersions(request) if !request.client_software_name.is_empty() => {
            let mut answer = ApiVersionsResponse::default();
            answer.error_code = ErrorCode::UNSUPPORTED_VERSION;
            Some(Reply::Answer(answer.into()))
        }
        RequestBody::ApiVersions(_) => {
            let mut metadata = ApiVersion::default();
            (metadata.api_key, metadata.min_version, metadata.max_version) = (ApiKey::Metadata.into(), 0, 5);
            let mut answer = ApiVersionsResponse::default();
            answer.api_keys = vec![metadata];
            Some(Reply::Answer(answer.into()))
        }
        _ => None,
    });
    let client = Client::connect(cluster.config()).await.unwrap();
    let node = client.cluster().nodes().next().unwrap().id;
    let connection = client.connection(node, Lane::Calls).await.unwrap();
    assert_eq!(connection.version::<ottla_protocol::messages::metadata::MetadataRequest>().unwrap(), 5);
    let unsupported = connection.version::<ottla_protocol::messages::produce::ProduceRequest>().unwrap_err();
    assert!(matches!(unsupported, Error::Unsupported { api: ApiKey::Produce, .. }), "{unsupported}");
}

#[tokio::test(start_paused = true)]
async fn many_who_need_the_same_topic_ask_once() {
    let cluster = ScriptedCluster::start(1);
    cluster.add_topic("t", 3);
    let client = Client::connect(cluster.config()).await.unwrap();
    let before = asked(&cluster, ApiKey::Metadata);
    let waiters: Vec<_> = (0..20)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.topic("t", LIMIT).await })
        })
        .collect();
    for waiter in waiters {
        assert_eq!(waiter.await.unwrap().unwrap().partitions.len(), 3);
    }
    assert!(asked(&cluster, ApiKey::Metadata) - before <= 2);
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_comes_late_is_found_and_one_that_never_comes_is_an_error() {
    let cluster = ScriptedCluster::start(1);
    let client = Client::connect(cluster.config()).await.unwrap();
    let waiter = tokio::spawn({
        let client = client.clone();
        async move { client.topic("t", LIMIT).await }
    });
    let error = client.topic("never", Duration::from_secs(5)).await.unwrap_err();
    assert!(matches!(error, Error::UnknownTopic { .. }), "{error}");
    cluster.add_topic("t", 1);
    assert_eq!(waiter.await.unwrap().unwrap().name, "t");
}

#[tokio::test(start_paused = true)]
async fn metadata_is_asked_for_again_when_it_is_old_and_not_before() {
    let cluster = ScriptedCluster::start(1);
    let config = cluster.config().with_metadata_max_age(Duration::from_secs(60));
    let client = Client::connect(config).await.unwrap();
    let before = asked(&cluster, ApiKey::Metadata);
    let watch = client.watch();
    let start = Instant::now();
    watch.changed().await;
    assert!((59..=61).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
    assert_eq!(asked(&cluster, ApiKey::Metadata), before + 1);
}

#[tokio::test(start_paused = true)]
async fn offsets_are_found_with_whoever_leads() {
    let cluster = ScriptedCluster::start(2);
    cluster.add_topic("t", 2);
    let client = Client::connect(cluster.config()).await.unwrap();
    let places = [(at(0), OffsetSpec::Earliest), (at(1), OffsetSpec::Latest)];
    let found = client.admin().list_offsets(places, IsolationLevel::default()).await;
    assert!(found.values().all(|outcome| outcome.as_ref().unwrap().offset == Some(crate::Offset(0))));
    cluster.move_leader("t", 0, NodeId(2));
    let found = client.admin().list_offsets(places_of(0), IsolationLevel::default()).await;
    assert!(found[&at(0)].is_ok(), "{found:?}");
}

fn places_of(partition: i32) -> [(TopicPartition, OffsetSpec); 1] {
    [(at(partition), OffsetSpec::Latest)]
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_nobody_uses_is_closed_and_made_again_when_needed() {
    let cluster = ScriptedCluster::start(1);
    let config = cluster.config().with_connections_max_idle(Duration::from_secs(30));
    let client = Client::connect(config).await.unwrap();
    let node = client.cluster().nodes().next().unwrap().id;
    drop(client.connection(node, Lane::Calls).await.unwrap());
    let gone = async {
        while client.inner.pool.is_open(node, Lane::Calls) {
            client.inner.wanted.notify_one();
            let _ = tokio::time::timeout(Duration::from_secs(1), std::future::pending::<()>()).await;
        }
    };
    let start = Instant::now();
    gone.await;
    assert!((29..=32).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
    client.connection(node, Lane::Calls).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn attempts_to_reach_a_dead_broker_are_spaced_out() {
    let cluster = ScriptedCluster::start(1);
    let client = Client::connect(cluster.config()).await.unwrap();
    let node = client.cluster().nodes().next().unwrap().id;
    cluster.set_faults(NetworkFaults { refuse_chance: 1.0, ..NetworkFaults::default() });
    cluster.cut(node);
    let start = Instant::now();
    for _ in 0..10 {
        let error = client.connection(node, Lane::LongPolls).await.unwrap_err();
        assert!(matches!(error, Error::Connect { .. }) && error.is_retriable(), "{error}");
        assert!(error.surely_had_no_effect());
    }
    assert!(start.elapsed() > Duration::from_secs(3), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_closed_client_fails_all_who_wait() {
    let cluster = ScriptedCluster::start(1);
    let client = Client::connect(cluster.config()).await.unwrap();
    let waiter = tokio::spawn({
        let client = client.clone();
        async move { client.topic("never", Duration::from_secs(1_000)).await }
    });
    tokio::task::yield_now().await;
    client.close().await;
    assert!(matches!(waiter.await.unwrap(), Err(Error::Closed)));
}

#[tokio::test(start_paused = true)]
async fn coordinators_of_many_groups_are_asked_for_at_once_and_remembered() {
    let cluster = ScriptedCluster::start(3);
    let client = Client::connect(cluster.config()).await.unwrap();
    let groups: Vec<_> = (0..20).map(|group| Str::from(format!("g{group}"))).collect();
    let found = client.coordinators(Coordinated::Group, groups.clone()).await;
    assert_eq!((found.len(), asked(&cluster, ApiKey::FindCoordinator)), (20, 1));
    assert!(found.values().all(Result::is_ok), "{found:?}");
    assert_eq!(client.coordinators(Coordinated::Group, groups).await.len(), 20);
    assert_eq!(asked(&cluster, ApiKey::FindCoordinator), 1);
}

#[tokio::test(start_paused = true)]
async fn a_coordinator_that_moved_is_found_again_once_it_is_forgotten() {
    let cluster = ScriptedCluster::start(2);
    let client = Client::connect(cluster.config()).await.unwrap();
    cluster.move_coordinator("g", NodeId(1));
    assert_eq!(client.coordinator("g").await.unwrap(), NodeId(1));
    cluster.move_coordinator("g", NodeId(2));
    assert_eq!(client.coordinator("g").await.unwrap(), NodeId(1));
    client.forget_coordinator("g", NodeId(1));
    assert_eq!(client.coordinator("g").await.unwrap(), NodeId(2));
}

#[tokio::test(start_paused = true)]
async fn an_old_broker_is_asked_for_one_coordinator_at_a_time() {
    let cluster = ScriptedCluster::start(1);
    cluster.script(|_, request| match request {
        RequestBody::ApiVersions(_) => {
            let served = |key: ApiKey, max_version| {
                let mut api = ApiVersion::default();
                (api.api_key, api.min_version, api.max_version) = (key.into(), 0, max_version);
                api
            };
            let mut answer = ApiVersionsResponse::default();
            answer.api_keys = vec![served(ApiKey::Metadata, 5), served(ApiKey::FindCoordinator, 3)];
            Some(Reply::Answer(answer.into()))
        }
        _ => None,
    });
    let client = Client::connect(cluster.config()).await.unwrap();
    let found = client.coordinators(Coordinated::Group, vec![Str::from("a"), Str::from("b")]).await;
    assert!(found.values().all(|found| matches!(found, Ok(NodeId(1)))), "{found:?}");
    assert_eq!(asked(&cluster, ApiKey::FindCoordinator), 2);
}

#[tokio::test(start_paused = true)]
async fn a_broker_over_whose_quota_the_client_is_gets_nothing_until_it_wants_more() {
    let cluster = ScriptedCluster::start(2);
    cluster.add_topic("t", 2);
    let client = Client::connect(cluster.config()).await.unwrap();
    let start = Instant::now();
    let mut throttles = [3, 0, 0].map(Duration::from_secs).into_iter();
    cluster.script(move |node, request| match request {
        RequestBody::ListOffsets(_) if node == NodeId(1) => throttles.next().map(Reply::Throttle),
        _ => None,
    });
    let list = async |partition| {
        let place = [(at(partition), OffsetSpec::Latest)];
        client.admin().list_offsets(place, IsolationLevel::ReadUncommitted).await[&at(partition)]
            .clone()
            .unwrap();
        start.elapsed().as_secs()
    };
    assert_eq!(list(0).await, 0, "what was over the quota is answered at once");
    assert_eq!(list(1).await, 0, "the other broker is not held back");
    assert_eq!(list(0).await, 3);
    assert_eq!(list(0).await, 3);
}
