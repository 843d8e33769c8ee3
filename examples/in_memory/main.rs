//! How to test a program that uses Kafka: with a real broker, in the same process, in milliseconds.
//!
//! `cargo test -p ottla-examples --example in_memory` runs the tests at the end, as your own would run;
//! `cargo run --release --example in_memory` runs the same and says how long each took. There is no port, no
//! container and no sleep: broker and clients share one thread, time is virtual, and the disk loses power on demand.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ottla::Server;
use ottla::client::{IsolationLevel, OffsetSpec, TopicPartition};
use ottla::consumer::{self, Consumer, Start};
use ottla::producer::{self, Producer};
use ottla::storage::disk::MemDisk;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// What is tested: takes orders from one topic and puts bills into another.
async fn bill(consumer: &Consumer, producer: &Producer, orders: usize) -> Outcome {
    let mut left = orders;
    while left > 0 {
        let batch = consumer.next_batch().await?;
        for record in &batch {
            let record = record?;
            let amount: u64 = std::str::from_utf8(record.value.unwrap_or_default())?.parse()?;
            producer
                .send("bills", record.key.unwrap_or_default(), format!("{} with tax", amount * 119 / 100))
                .await?;
            left -= 1;
        }
    }
    Ok(())
}

/// Clients of a broker in this process: they differ from others in their connector alone.
async fn clients(server: &Server) -> Outcome<(Producer, Consumer)> {
    let mut config = producer::Config::new(server.bootstrap());
    config.client = config.client.with_connector(server.connector());
    let producer = Producer::new(config).await?;
    let mut config = consumer::Config::new(server.bootstrap());
    config.client = config.client.with_connector(server.connector());
    Ok((producer, Consumer::new(config).await?))
}

async fn every_order_is_billed() -> Outcome {
    let server = Server::builder().in_memory().start().await?;
    let (producer, consumer) = clients(&server).await?;
    for (order, amount) in [("o-1", "100"), ("o-2", "50"), ("o-3", "10")] {
        producer.send("orders", order, amount).await?;
    }
    consumer.assign([TopicPartition::new("orders", 0)], Start::Earliest);
    bill(&consumer, &producer, 3).await?;

    consumer.assign([TopicPartition::new("bills", 0)], Start::Earliest);
    let mut bills = Vec::new();
    while bills.len() < 3 {
        for record in &consumer.next_batch().await? {
            let record = record?;
            bills.push(String::from_utf8_lossy(record.value.unwrap_or_default()).into_owned());
        }
    }
    assert_eq!(bills, ["119 with tax", "59 with tax", "11 with tax"]);
    server.shutdown().await?;
    Ok(())
}

async fn what_was_acknowledged_survives_a_loss_of_power() -> Outcome {
    let disk = MemDisk::new(7); // tells written from synced, as a real one does
    let server = Server::builder().disk(Arc::new(disk.clone())).start().await?;
    let (producer, _consumer) = clients(&server).await?;
    for order in 0..100 {
        producer.send("orders", format!("o-{order}"), "1").await?;
    }
    disk.crash(7);
    drop(server);

    let server = Server::builder().disk(Arc::new(disk.restarted())).start().await?;
    let (_producer, consumer) = clients(&server).await?;
    let end = [(TopicPartition::new("orders", 0), OffsetSpec::Latest)];
    let found = consumer.client().admin().list_offsets(end, IsolationLevel::ReadCommitted).await;
    let offset = found.into_values().next().ok_or("asked and not answered")??.offset;
    assert_eq!(offset.map(|offset| offset.0), Some(100));
    server.shutdown().await?;
    Ok(())
}

async fn a_disk_without_room_fails_the_order_and_nothing_else() -> Outcome {
    let disk = MemDisk::new(7);
    let server = Server::builder().disk(Arc::new(disk.clone())).start().await?;
    let mut config = producer::Config::new(server.bootstrap());
    config = config.with_delivery_timeout(Duration::from_secs(40)); // virtual seconds: nobody waits for them
    config.client = config.client.with_connector(server.connector());
    let producer = Producer::new(config).await?;
    producer.send("orders", "o-1", "1").await?;
    disk.set_capacity(Some(0));
    let refused = producer.send("orders", "o-2", "x".repeat(100_000)).await.expect_err("there is no room");
    println!("  without room: {refused}");
    disk.set_capacity(None);
    producer.send("orders", "o-3", "1").await?;
    server.shutdown().await?;
    Ok(())
}

/// Runs a test as `#[tokio::test(start_paused = true)]` does: one thread, virtual time.
fn run(name: &str, test: impl Future<Output = Outcome>) -> Outcome {
    let began = Instant::now();
    tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?.block_on(test)?;
    println!("{name}: {:.1} ms", began.elapsed().as_secs_f64() * 1e3);
    Ok(())
}

fn main() -> Outcome {
    run("every order is billed", every_order_is_billed())?;
    run("what was acknowledged survives a loss of power", what_was_acknowledged_survives_a_loss_of_power())?;
    run(
        "a disk without room fails the order and nothing else",
        a_disk_without_room_fails_the_order_and_nothing_else(),
    )
}

#[cfg(test)]
mod tests {
    #[tokio::test(start_paused = true)]
    async fn every_order_is_billed() {
        super::every_order_is_billed().await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_acknowledged_survives_a_loss_of_power() {
        super::what_was_acknowledged_survives_a_loss_of_power().await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_disk_without_room_fails_the_order_and_nothing_else() {
        super::a_disk_without_room_fails_the_order_and_nothing_else().await.unwrap();
    }
}
