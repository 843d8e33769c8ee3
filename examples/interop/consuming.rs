//! `consume` and `group`: what is read is said, from chosen partitions or from those that a group gives.

use super::{Failure, Order, say};
use ottla::consumer::{Batch, Config, Consumer, Event, Property, Start, TopicPartition};
use serde_json::json;
use std::collections::BTreeSet;
use tokio::io::AsyncReadExt;

pub(super) async fn consume(order: &Order) -> Result<(), Failure> {
    let consumer = Consumer::new(config(order)?).await?;
    let topic = order.text("topic")?;
    let partitions = order.partitions()?.into_iter().map(|partition| TopicPartition::new(topic, partition));
    consumer.assign(partitions, Start::Earliest);
    let mut left = order.number("count")?;
    while left > 0 {
        left = left.saturating_sub(say_records(&consumer.next_batch().await?)?);
    }
    consumer.close().await;
    Ok(())
}

fn config(order: &Order) -> Result<Config, Failure> {
    let mut config = Config::new(order.text("bootstrap")?);
    set(&mut config, "fetch.max.wait.ms", "100")?;
    set(&mut config, "reconnect.backoff.max.ms", "1000")?;
    Ok(config)
}

fn set(config: &mut Config, key: &str, value: &str) -> Result<(), Failure> {
    match config.set(key, value)? {
        Property::Known => Ok(()),
        Property::Unknown => Err(format!("no setting is called {key}").into()),
    }
}

/// Says the records of a batch, and how many these were.
fn say_records(batch: &Batch) -> Result<u64, Failure> {
    let text = |bytes: Option<&[u8]>| bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let mut count = 0;
    for record in batch {
        let record = record?;
        let mut headers = Vec::new();
        for header in record.headers() {
            let header = header?;
            headers.push(json!([text(Some(header.key)), text(header.value)]));
        }
        say(&json!({
            "partition": batch.partition(),
            "offset": record.offset,
            "key": text(record.key),
            "value": text(record.value),
            "headers": headers,
        }));
        count += 1;
    }
    Ok(count)
}

pub(super) async fn group(order: &Order) -> Result<(), Failure> {
    let mut config = config(order)?;
    let session = order.number("session_ms")?.to_string();
    set(&mut config, "group.id", order.text("group")?)?;
    set(&mut config, "session.timeout.ms", &session)?;
    set(&mut config, "heartbeat.interval.ms", "500")?;
    set(&mut config, "enable.auto.commit", "false")?;
    set(&mut config, "auto.offset.reset", "earliest")?;
    let protocol = order.text("protocol").unwrap_or("classic");
    set(&mut config, "group.protocol", protocol)?;
    if let Ok(instance) = order.text("instance") {
        set(&mut config, "group.instance.id", instance)?;
    }
    if order.text("assignor")? != "default" {
        let key =
            if protocol == "consumer" { "group.remote.assignor" } else { "partition.assignment.strategy" };
        set(&mut config, key, order.text("assignor")?)?;
    }
    let consumer = Consumer::new(config).await?;
    consumer.subscribe([order.text("topic")?.to_owned()]).await?;
    let mut leaving = std::pin::pin!(leaving());
    let mut owned = BTreeSet::new();
    loop {
        let event = tokio::select! {
            biased;
            () = &mut leaving => break,
            event = consumer.next_event() => event,
        };
        match event {
            Ok(Event::Batch(batch)) => {
                say_records(&batch)?;
                if let Err(error) = consumer.commit().await {
                    eprintln!("{error}");
                }
            }
            Ok(Event::Assigned(partitions)) => {
                owned.extend(partitions.iter().map(|partition| partition.partition));
                say(&json!({"owned": owned}));
            }
            Ok(Event::Revoking(revocation)) => {
                give_up(&mut owned, revocation.partitions());
                revocation.done().await;
            }
            Ok(Event::Lost(partitions)) => give_up(&mut owned, &partitions),
            Ok(_) => {}
            Err(error) => eprintln!("{error}"),
        }
    }
    consumer.close().await;
    Ok(())
}

fn give_up(owned: &mut BTreeSet<i32>, partitions: &[TopicPartition]) {
    for partition in partitions {
        owned.remove(&partition.partition);
    }
    say(&json!({"owned": owned}));
}

/// Done once anything, or the end, comes on standard input.
async fn leaving() {
    let mut byte = [0];
    if let Err(error) = tokio::io::stdin().read(&mut byte).await {
        eprintln!("{error}");
    }
}
