//! rskafka, by the contract of `../README.md`. It has no groups, and each record names its partition.

use chrono::Utc;
use rskafka::BackoffConfig;
use rskafka::client::partition::{Compression, PartitionClient, UnknownTopicHandling};
use rskafka::client::{Client, ClientBuilder};
use rskafka::record::{Record, RecordAndOffset};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::sync::mpsc;

/// How many bytes one fetch may bring.
const FETCH_BYTES_MAX: i32 = 10_000_000;

/// How long one fetch waits, in milliseconds.
const FETCH_WAIT_MS: i32 = 100;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["about"] => {
            println!("{}", json!({"name": "rskafka", "version": version()}));
            Ok(())
        }
        ["produce", order] => produce(&serde_json::from_str(order)?).await,
        ["consume", order] => consume(&serde_json::from_str(order)?).await,
        _ => Err("about, produce ORDER or consume ORDER".into()),
    }
}

/// The version that the lock file holds.
fn version() -> &'static str {
    let lock = include_str!("../Cargo.lock");
    let after = lock.split_once("name = \"rskafka\"\nversion = \"").map_or("", |(_, after)| after);
    after.split('"').next().unwrap_or_default()
}

async fn connect(order: &Value) -> Result<Client, Box<dyn Error>> {
    let bootstrap = order["bootstrap"].as_str().ok_or("no bootstrap")?.to_owned();
    let backoff = BackoffConfig {
        max_backoff: Duration::from_secs(1),
        deadline: Some(Duration::from_secs(60)),
        ..BackoffConfig::default()
    };
    Ok(ClientBuilder::new(vec![bootstrap]).backoff_config(backoff).build().await?)
}

async fn partition_of(
    client: &Client,
    order: &Value,
    partition: i32,
) -> Result<PartitionClient, Box<dyn Error>> {
    let topic = order["topic"].as_str().ok_or("no topic")?;
    Ok(client.partition_client(topic, partition, UnknownTopicHandling::Retry).await?)
}

async fn produce(order: &Value) -> Result<(), Box<dyn Error>> {
    let codec = match order["codec"].as_str() {
        Some("none") => Compression::NoCompression,
        Some("gzip") => Compression::Gzip,
        Some("snappy") => Compression::Snappy,
        Some("lz4") => Compression::Lz4,
        Some("zstd") => Compression::Zstd,
        other => return Err(format!("codec {other:?}").into()),
    };
    let client = connect(order).await?;
    let mut partitions = BTreeMap::new();
    let mut written = 0;
    let mut heard = hear();
    let mut lines = Vec::new();
    // What has come by now is sent together: a batch is the caller's here.
    while heard.recv_many(&mut lines, 1_000).await > 0 {
        let mut batches: BTreeMap<i32, Vec<Record>> = BTreeMap::new();
        for line in lines.drain(..) {
            let heard: Value = serde_json::from_str(&line)?;
            let partition = heard["partition"].as_i64().ok_or("a record without a partition")?;
            batches.entry(i32::try_from(partition)?).or_default().push(record(&heard)?);
        }
        for (partition, batch) in batches {
            let client = match partitions.entry(partition) {
                std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
                std::collections::btree_map::Entry::Vacant(entry) => {
                    entry.insert(partition_of(&client, order, partition).await?)
                }
            };
            written += client.produce(batch, codec).await?.len();
            println!("{}", json!({"written": written}));
        }
    }
    Ok(())
}

/// Lines of standard input, as they come.
fn hear() -> mpsc::UnboundedReceiver<String> {
    let (said, heard) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut lines = BufReader::new(tokio::io::stdin()).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            if said.send(line).is_err() {
                break;
            }
        }
    });
    heard
}

fn record(heard: &Value) -> Result<Record, Box<dyn Error>> {
    let data = |text: &Value| text.as_str().map(|text| text.as_bytes().to_vec());
    let mut headers = BTreeMap::new();
    for header in heard["headers"].as_array().ok_or("no headers")? {
        let name = header[0].as_str().ok_or("a header without a name")?;
        headers.insert(name.to_owned(), data(&header[1]).ok_or("a header whose value is null")?);
    }
    Ok(Record { key: data(&heard["key"]), value: data(&heard["value"]), headers, timestamp: Utc::now() })
}

async fn consume(order: &Value) -> Result<(), Box<dyn Error>> {
    let client = connect(order).await?;
    let count = order["count"].as_u64().ok_or("no count")?;
    let (read, mut records) = mpsc::unbounded_channel();
    for partition in order["partitions"].as_array().ok_or("no partitions")? {
        let partition = i32::try_from(partition.as_i64().ok_or("an odd partition")?)?;
        let reader = partition_of(&client, order, partition).await?;
        let read = read.clone();
        tokio::spawn(async move {
            let mut next = 0;
            loop {
                match reader.fetch_records(next, 1..FETCH_BYTES_MAX, FETCH_WAIT_MS).await {
                    Ok((fetched, _)) => {
                        for record in fetched {
                            next = record.offset + 1;
                            if read.send((partition, record)).is_err() {
                                return;
                            }
                        }
                    }
                    Err(error) => eprintln!("{error}"),
                }
            }
        });
    }
    for _ in 0..count {
        let (partition, record) = records.recv().await.ok_or("no reader is left")?;
        println!("{}", said(partition, &record));
    }
    Ok(())
}

fn said(partition: i32, consumed: &RecordAndOffset) -> Value {
    let text = |data: &[u8]| String::from_utf8_lossy(data).into_owned();
    let record = &consumed.record;
    let headers: Vec<Value> =
        record.headers.iter().map(|(name, value)| json!([name, text(value)])).collect();
    json!({
        "partition": partition,
        "offset": consumed.offset,
        "key": record.key.as_deref().map(text),
        "value": record.value.as_deref().map(text),
        "headers": headers,
    })
}
