//! `consume` and `group`: what is read is said, from chosen partitions or from those that a group gives.

use super::{Failure, Order, say};
use ottla::consumer::{Batch, Config, Consumer, Property, Start, TopicPartition};
use serde_json::json;

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
