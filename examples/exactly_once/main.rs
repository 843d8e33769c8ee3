//! Exactly once: reads orders, makes invoices of them, and commits both in one transaction.
//!
//! With `--bootstrap HOST:PORT` it runs on a cluster of yours, and otherwise on a broker in this process. Now and then
//! a transaction is aborted on purpose, and the orders are read again; at the end each order has one invoice, as a
//! reader of committed records sees.
//!
//! `cargo run -p ottla-examples --example exactly_once`

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use clap::Parser;
use ottla::Server;
use ottla::broker::BrokerConfig;
use ottla::client::{Client, CommittedOffset, Config, IsolationLevel, NewTopic, TopicPartition};
use ottla::consumer::{self, Consumer, OffsetReset, Start};
use ottla::producer::{self, Producer, Record};

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

const ORDERS: &str = "orders";
const INVOICES: &str = "invoices";
const GROUP: &str = "billing";
const WRITER: &str = "billing-1";
const PARTITIONS: i32 = 3;
const COUNT: usize = 300;

/// How long nothing may come before what is missing counts as lost.
const PATIENCE: Duration = Duration::from_secs(30);

/// Makes one invoice of each order, exactly once.
#[derive(Debug, Parser)]
struct Arguments {
    /// Brokers of a cluster to use, instead of a broker in this process
    #[arg(long, value_name = "HOST:PORT")]
    bootstrap: Option<String>,
}

#[tokio::main]
async fn main() -> Outcome {
    if let Some(bootstrap) = Arguments::parse().bootstrap {
        return bill(Config::new(bootstrap)).await;
    }
    // Kafka waits three seconds for more members before a new group begins; a demonstration need not.
    let config = BrokerConfig::from_pairs([("group.initial.rebalance.delay.ms", "0")])?;
    let server = Server::builder().config(config).in_memory().start().await?;
    let billed = bill(Config::new(server.bootstrap()).with_connector(server.connector())).await;
    server.shutdown().await?;
    billed
}

async fn bill(config: Config) -> Outcome {
    let client = Client::connect(config.clone()).await?;
    for topic in [ORDERS, INVOICES] {
        client.admin().create_topic(NewTopic::new(topic).with_partitions(PARTITIONS)).await?;
    }
    order(config.clone()).await?;

    let reading = consumer::Config::with_client(config.clone())
        .with_group_id(GROUP)
        .with_auto_offset_reset(OffsetReset::Earliest)
        .with_isolation_level(IsolationLevel::ReadCommitted)
        .without_auto_commit();
    let consumer = Consumer::new(reading).await?;
    consumer.subscribe([ORDERS]).await?;
    // One name for each worker, which keeps it through restarts: who comes later with the same name fences who was
    // there, and what that one left open is aborted.
    let writing = producer::Config::with_client(config.clone()).with_transactional_id(WRITER);
    let producer = Producer::new(writing).await?;

    let (mut billed, mut rounds) = (0, 0);
    while billed < COUNT {
        let batch = tokio::time::timeout(PATIENCE, consumer.next_batch()).await??;
        rounds += 1;
        let transaction = producer.begin_transaction().await?;
        for order in &batch {
            let order = order?;
            let invoice = format!("invoice of {}", String::from_utf8_lossy(order.value.unwrap_or_default()));
            let record = Record::new(INVOICES).with_key(order.key.unwrap_or_default()).with_value(&invoice);
            // Whether it was written is told by the commit too.
            drop(transaction.enqueue(record).await?);
        }
        if rounds % 3 == 1 {
            // Something went wrong: none of these invoices is to be seen, and the orders are read again.
            transaction.abort().await?;
            consumer.seek(batch.topic_partition(), Start::Offset(batch.first_offset()))?;
            println!("aborted {} invoices", batch.len());
            continue;
        }
        let read_up_to = (batch.topic_partition().clone(), CommittedOffset::new(batch.next_offset()));
        transaction.send_offsets([read_up_to], &consumer.group_metadata()?).await?;
        transaction.commit().await?;
        billed += batch.len();
        println!("committed {} invoices", batch.len());
    }
    consumer.close().await;
    producer.close().await;
    check(&client, config).await
}

async fn order(config: Config) -> Outcome {
    // Small batches, so that there is more than one for each partition.
    let config = producer::Config::with_client(config).with_batch_size(600);
    let producer = Producer::new(config).await?;
    let mut deliveries = Vec::new();
    for number in 0..COUNT {
        let (key, value) = (format!("customer-{}", number % 17), format!("order {number}"));
        deliveries.push(producer.enqueue(Record::new(ORDERS).with_key(&key).with_value(&value)).await?);
    }
    for delivery in deliveries {
        delivery.await?;
    }
    producer.close().await;
    Ok(())
}

/// Somebody else reads all invoices that are committed: each order has one.
async fn check(client: &Client, config: Config) -> Outcome {
    let reading = consumer::Config::with_client(config).with_isolation_level(IsolationLevel::ReadCommitted);
    let reader = Consumer::new(reading).await?;
    reader.assign(reader.partitions_of(INVOICES).await?, Start::Earliest);
    let mut seen = BTreeMap::<String, usize>::new();
    // As many as there must be, and then nothing for a while.
    loop {
        let patience = if seen.len() < COUNT { PATIENCE } else { Duration::from_millis(500) };
        let Ok(batch) = tokio::time::timeout(patience, reader.next_batch()).await else { break };
        for invoice in &batch? {
            let value = invoice?.value.unwrap_or_default().to_vec();
            *seen.entry(String::from_utf8(value)?).or_default() += 1;
        }
    }
    let again = seen.values().filter(|times| **times > 1).count();
    let committed = client.admin().group_offsets(GROUP).await?;
    let all: i64 = committed.values().map(|committed| committed.offset.0).sum();
    println!(
        "{} orders have an invoice, {again} of them more than one; the group stands at {all}",
        seen.len()
    );
    nothing_is_open(client).await?;
    if seen.len() == COUNT && again == 0 && usize::try_from(all) == Ok(COUNT) {
        return Ok(());
    }
    Err("not exactly once".into())
}

/// What the cluster itself says of the transactions, and of who wrote in them.
async fn nothing_is_open(client: &Client) -> Outcome {
    let admin = client.admin();
    for listed in admin.list_transactions().await?.transactions {
        println!("{} is at {}", listed.id, listed.state);
    }
    for (id, told) in admin.describe_transactions([WRITER]).await {
        let told = told?;
        println!("{id}: {}, producer {}, epoch {}", told.state, told.producer_id, told.producer_epoch);
        if !told.partitions.is_empty() {
            return Err("a transaction is open still".into());
        }
    }
    let partitions = (0..PARTITIONS).map(|index| TopicPartition::new(INVOICES, index));
    for (partition, told) in admin.describe_producers(partitions).await {
        if let Some(open) = told?.iter().find_map(|producer| producer.transaction_start) {
            return Err(format!("a transaction is open in {partition} from {open:?} on").into());
        }
    }
    // Nobody else is to write under this name from here on.
    for (id, fenced) in admin.fence_producers([WRITER]).await {
        println!("{id} is fenced: epoch {}", fenced?.1);
    }
    Ok(())
}
