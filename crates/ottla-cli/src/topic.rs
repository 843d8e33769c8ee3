//! `ottla topic`: create, list, describe and delete topics.

use std::fmt::Write as _;

use ottla::client::{
    Admin, Client, Config, ConfigEntry, ConfigResource, ConfigSource, NewTopic, TopicDescription,
};

use crate::arguments::{self, Cluster, Create, Named};
use crate::failure::Failure;

pub(crate) async fn run(words: arguments::Topic) -> Result<(), Failure> {
    match words {
        arguments::Topic::Create(words) => create(words).await,
        arguments::Topic::List(cluster) => list(&cluster).await,
        arguments::Topic::Describe(words) => describe(words).await,
        arguments::Topic::Delete(words) => delete(words).await,
    }
}

async fn admin(cluster: &Cluster) -> Result<Admin, Failure> {
    Ok(Client::connect(Config::new(&cluster.bootstrap).with_client_id("ottla-cli")).await?.admin())
}

async fn create(words: Create) -> Result<(), Failure> {
    let mut topic = NewTopic::new(words.topic);
    if let Some(partitions) = words.partitions {
        topic = topic.with_partitions(partitions);
    }
    if let Some(copies) = words.replication_factor {
        topic = topic.with_replication_factor(copies);
    }
    for (key, value) in words.config {
        topic = topic.with_config(key, value);
    }
    let created = admin(&words.cluster).await?.create_topic(topic).await?;
    println!("created {} with {} partitions, id {}", created.name, created.partitions, created.id);
    Ok(())
}

async fn list(cluster: &Cluster) -> Result<(), Failure> {
    for topic in admin(cluster).await?.list_topics().await?.iter().filter(|topic| !topic.is_internal) {
        println!("{}\t{} partitions", topic.name, topic.partitions.len());
    }
    Ok(())
}

async fn describe(words: Named) -> Result<(), Failure> {
    let admin = admin(&words.cluster).await?;
    let described = admin.describe_topics(words.topics.iter().cloned()).await;
    let mut failed = 0;
    for outcome in described.values() {
        match outcome {
            Ok(topic) => {
                let settings = admin.describe_configs(&ConfigResource::Topic(topic.name.clone())).await?;
                print!("{}", shown(topic, &settings));
            }
            Err(error) => {
                eprintln!("ottla: {error}");
                failed += 1;
            }
        }
    }
    all_well(failed, words.topics.len())
}

async fn delete(words: Named) -> Result<(), Failure> {
    let deleted = admin(&words.cluster).await?.delete_topics(words.topics.iter().cloned()).await;
    let mut failed = 0;
    for (name, outcome) in &deleted {
        match outcome {
            Ok(()) => println!("deleted {name}"),
            Err(error) => {
                eprintln!("ottla: {error}");
                failed += 1;
            }
        }
    }
    all_well(failed, words.topics.len())
}

fn all_well(failed: usize, asked: usize) -> Result<(), Failure> {
    if failed == 0 { Ok(()) } else { Err(Failure::Topics { failed, asked }) }
}

/// A topic, its partitions and the settings that are its own.
fn shown(topic: &TopicDescription, settings: &[ConfigEntry]) -> String {
    let mut text = String::new();
    // Writing to a text does not fail.
    let _ = writeln!(text, "{}\tid {}\t{} partitions", topic.name, topic.id, topic.partitions.len());
    for setting in settings.iter().filter(|setting| setting.source != ConfigSource::Default) {
        let _ = writeln!(text, "  {}={}", setting.name, setting.value.as_deref().unwrap_or("(hidden)"));
    }
    for partition in topic.partitions.iter().map(|described| &described.partition) {
        let leader = partition.leader.map_or_else(|| "none".to_owned(), |leader| leader.to_string());
        let copies = |nodes: &[ottla::client::NodeId]| {
            nodes.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
        };
        let (replicas, in_sync) = (copies(&partition.replicas), copies(&partition.in_sync_replicas));
        let _ = writeln!(
            text,
            "  partition {}\tleader {leader}\treplicas {replicas}\tin sync {in_sync}",
            partition.index
        );
    }
    text
}
