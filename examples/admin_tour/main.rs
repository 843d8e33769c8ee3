//! A walk through the admin client: topics, settings, offsets, groups, the cluster.
//!
//! `cargo run --release --example admin_tour` starts a broker in memory for it; with `-- --bootstrap HOST:PORT`
//! the same goes to any Kafka cluster, where it leaves nothing behind. Each step checks what came of it.

use std::collections::BTreeMap;
use std::error::Error;

use clap::Parser;
use ottla::Server;
use ottla::client::{
    Admin, Client, CommittedOffset, Config, ConfigQuery, ConfigResource, GroupFilter, GroupState,
    IsolationLevel, NewPartitions, NewTopic, Offset, OffsetSpec, TopicPartition,
};
use ottla::producer::{self, Producer, Record};
use ottla::protocol::ErrorCode;

/// What every walk is made on, and removed from.
const TOPIC: &str = "admin-tour-orders";
const GROUP: &str = "admin-tour-billing";

/// A walk through the admin client.
#[derive(Debug, Parser)]
struct Arguments {
    /// Brokers of a cluster to use, instead of a broker in this process
    #[arg(long, value_name = "HOST:PORT")]
    bootstrap: Option<String>,
}

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    if let Some(bootstrap) = Arguments::parse().bootstrap {
        return tour(Config::new(bootstrap)).await;
    }
    // No port is needed: this client and this broker meet within the process.
    let server = Server::builder().in_memory().start().await?;
    let walked = tour(Config::new(server.bootstrap()).with_connector(server.connector())).await;
    server.shutdown().await?;
    walked
}

async fn tour(config: Config) -> Outcome {
    let client = Client::connect(config.clone()).await?;
    let admin = client.admin();
    cluster(&admin).await?;
    topics(&admin).await?;
    settings(&admin).await?;
    write(config).await?;
    offsets(&admin).await?;
    groups(&admin).await?;
    folders(&admin).await?;
    clean_up(&admin).await?;
    client.close().await;
    println!("all as it should be");
    Ok(())
}

/// Fails the walk with what was found instead.
fn check(what: &str, is_so: bool) -> Outcome {
    if is_so { Ok(()) } else { Err(format!("{what}: not so").into()) }
}

async fn cluster(admin: &Admin) -> Outcome {
    let cluster = admin.describe_cluster().await?;
    println!("cluster {} has {} brokers", cluster.id.as_deref().unwrap_or("?"), cluster.nodes.len());
    check("a cluster has a broker", !cluster.nodes.is_empty())
}

async fn topics(admin: &Admin) -> Outcome {
    let topic = || NewTopic::new(TOPIC).with_partitions(2);
    let created = admin.create_topic(topic()).await?;
    println!("created {} with {} partitions, id {}", created.name, created.partitions, created.id);

    // What is refused is an error with Kafka's code, and often with the broker's words.
    let refused = admin.create_topic(topic()).await.expect_err("there is one of that name");
    println!("again: {refused}");
    check("a name is taken once", refused.code() == Some(ErrorCode::TOPIC_ALREADY_EXISTS))?;

    // Calls about many things have an outcome for each of them.
    let grown = admin
        .create_partitions([
            NewPartitions::increase_to(TOPIC, 4),
            NewPartitions::increase_to("admin-tour-none", 4),
        ])
        .await;
    for (name, outcome) in &grown {
        println!(
            "4 partitions for {name}: {}",
            outcome.as_ref().err().map_or("done".to_owned(), |e| e.to_string())
        );
    }
    check(
        "the one is grown and the other is not",
        grown[TOPIC].is_ok() && grown["admin-tour-none"].is_err(),
    )?;

    let described = admin.describe_topics([TOPIC]).await.remove(TOPIC).expect("it was asked for")?;
    for of in &described.partitions {
        println!("  partition {} is led by {:?}", of.partition.index, of.partition.leader.map(|node| node.0));
    }
    check("there are four", described.partitions.len() == 4)
}

async fn settings(admin: &Admin) -> Outcome {
    let topic = ConfigResource::Topic(TOPIC.into());
    let query = ConfigQuery::all().with_keys(["max.message.bytes", "cleanup.policy"]);
    let found =
        admin.query_configs([topic.clone()], &query).await.remove(&topic).expect("it was asked for")?;
    for entry in &found {
        println!("  {} = {}  ({:?})", entry.name, entry.value.as_deref().unwrap_or("-"), entry.source);
    }
    check("both keys are told", found.len() == 2)
}

async fn write(config: Config) -> Outcome {
    let producer = Producer::new(producer::Config::with_client(config)).await?;
    for number in 0..10_i64 {
        let value = format!("order {number}");
        let record = Record::new(TOPIC).with_partition(0).with_timestamp(1_000 * number).with_value(&value);
        producer.enqueue(record).await?.await?;
    }
    producer.close().await;
    Ok(())
}

async fn offsets(admin: &Admin) -> Outcome {
    let partition = TopicPartition::new(TOPIC, 0);
    let mut found = BTreeMap::new();
    for place in [OffsetSpec::Earliest, OffsetSpec::Timestamp(4_500), OffsetSpec::Latest] {
        let listed = admin.list_offsets([(partition.clone(), place)], IsolationLevel::default()).await;
        let listed = listed.into_values().next().expect("it was asked for")?;
        println!("  {place:?} of {partition}: {:?}", listed.offset.map(|offset| offset.0));
        found.insert(place, listed.offset);
    }
    check(
        "the first of 4.5 s or later is the sixth",
        found[&OffsetSpec::Timestamp(4_500)] == Some(Offset(5)),
    )?;
    check("there are ten", found[&OffsetSpec::Latest] == Some(Offset(10)))?;

    let ends = admin.offsets_for_epochs([(partition.clone(), 0)]).await;
    let end = ends.into_values().next().expect("it was asked for")?;
    println!("  epoch 0 of {partition} ends at {:?}", end.map(|end| end.end_offset.0));
    Ok(())
}

async fn groups(admin: &Admin) -> Outcome {
    let partition = TopicPartition::new(TOPIC, 0);
    let committed = CommittedOffset::new(Offset(4)).with_metadata("set by the tour");
    let set = admin.alter_group_offsets(GROUP, &[(partition.clone(), committed.clone())].into()).await?;
    set.into_values().collect::<Result<Vec<_>, _>>()?;
    let read = admin.group_offsets(GROUP).await?;
    println!("group {GROUP} goes on at {}", read[&partition].offset);
    check("it goes on where it was told to", read[&partition] == committed)?;

    let listed = admin.list_groups(&GroupFilter::all().with_states([GroupState::Empty])).await?;
    check("it is listed", listed.groups.iter().any(|group| group.id == GROUP))?;
    let described = admin.describe_groups([GROUP]).await.remove(GROUP).expect("it was asked for")?;
    println!("group {GROUP} is {} and has {} members", described.state, described.members.len());
    check("it has no members", described.members.is_empty())
}

async fn folders(admin: &Admin) -> Outcome {
    let nodes = admin.describe_cluster().await?.nodes.into_iter().map(|node| node.id);
    for (node, folders) in admin.describe_log_dirs(nodes).await {
        for folder in folders? {
            let bytes: u64 = folder.replicas.values().map(|replica| replica.size_bytes).sum();
            println!("broker {node} keeps {bytes} bytes in {}", folder.path);
        }
    }
    Ok(())
}

async fn clean_up(admin: &Admin) -> Outcome {
    admin.delete_groups([GROUP]).await.into_values().collect::<Result<Vec<_>, _>>()?;
    admin.delete_topics([TOPIC]).await.into_values().collect::<Result<Vec<_>, _>>()?;
    // Brokers may take a moment to have all heard of it; asking by name does not make a new one.
    let gone = admin.describe_groups([GROUP]).await.remove(GROUP).expect("it was asked for");
    check("the group is gone", gone.is_err_and(|error| error.code() == Some(ErrorCode::GROUP_ID_NOT_FOUND)))
}
