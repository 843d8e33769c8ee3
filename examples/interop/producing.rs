//! `produce`: what comes on standard input is written as it comes.

use super::{DELIVERY_TIMEOUT, Failure, Order, say};
use ottla::producer::{Compression, Config, Delivery, Producer, Record};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::sync::mpsc;

/// How long a record waits for company in its batch.
const LINGER: Duration = Duration::from_millis(5);

pub(super) async fn produce(order: &Order) -> Result<(), Failure> {
    let codec = Compression::from_name(order.text("codec")?).ok_or("no codec is called so")?;
    let config = Config::new(order.text("bootstrap")?)
        .with_linger(LINGER)
        .with_delivery_timeout(DELIVERY_TIMEOUT)
        .with_compression(codec);
    let producer = Producer::new(config).await?;
    let (sent, deliveries) = mpsc::unbounded_channel();
    let told = tokio::spawn(tell(deliveries));
    let topic = order.text("topic")?;
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        let delivery = enqueue(&producer, topic, &serde_json::from_str(&line)?).await?;
        sent.send(delivery).map_err(|_| "a record was not written")?;
    }
    drop(sent);
    told.await??;
    producer.close().await;
    Ok(())
}

async fn enqueue(producer: &Producer, topic: &str, heard: &Value) -> Result<Delivery, Failure> {
    let pairs = heard["headers"].as_array().ok_or("a record without headers")?;
    let pair = |pair: &'_ Value| Some((pair[0].as_str()?.to_owned(), pair[1].as_str().map(str::to_owned)));
    let owned: Vec<(String, Option<String>)> =
        pairs.iter().map(pair).collect::<Option<_>>().ok_or("an odd header")?;
    let headers: Vec<(&str, Option<&[u8]>)> =
        owned.iter().map(|(name, value)| (name.as_str(), value.as_deref().map(str::as_bytes))).collect();
    let mut record = Record::new(topic).with_headers(&headers);
    if let Some(partition) = heard["partition"].as_i64() {
        record = record.with_partition(i32::try_from(partition)?);
    }
    if let Some(key) = heard["key"].as_str() {
        record = record.with_key(key);
    }
    if let Some(value) = heard["value"].as_str() {
        record = record.with_value(value);
    }
    Ok(producer.enqueue(record).await?)
}

/// Says how many records were acknowledged, one after the other.
async fn tell(mut deliveries: mpsc::UnboundedReceiver<Delivery>) -> Result<(), Failure> {
    let mut written = 0;
    while let Some(delivery) = deliveries.recv().await {
        delivery.await?;
        written += 1;
        say(&json!({"written": written}));
    }
    Ok(())
}
