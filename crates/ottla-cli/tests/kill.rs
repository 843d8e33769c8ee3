//! The broker is killed with signal 9, again and again, under idempotent `acks=all` producers.
//!
//! Nothing that was acknowledged may be lost, nothing may stand twice, and the records of one
//! producer keep their order in each partition.

#![expect(clippy::unwrap_used, reason = "what the test is made of fails as the test does")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ottla::client::{Client, NewTopic};
use ottla::consumer::{Consumer, Start};
use ottla::producer::{Producer, Record};
use tokio::sync::{Notify, mpsc};

const KILLS: u64 = 20;
const PRODUCERS: usize = 4;
const PARTITIONS: i32 = 4;
/// Records that are acknowledged between two kills, at least.
const ACKNOWLEDGED_PER_LIFE: u64 = 300;
/// Records of one producer whose fate is not known yet, at most.
const UNKNOWN_MAX: usize = 500;

/// What was acknowledged to one producer: partition, offset, its own number of the record.
type Acknowledged = Vec<(i32, i64, u64)>;

struct Broker {
    child: Child,
    address: String,
    opened_in: Duration,
}

impl Broker {
    fn serve(address: &str, folder: &Path) -> Self {
        let start = Instant::now();
        let mut command = Command::new(env!("CARGO_BIN_EXE_ottla"));
        command.args(["serve", "--listen", address, "--data"]).arg(folder);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.strip_prefix("ottla listening on ").unwrap_or_else(|| panic!("said {line:?}"));
        Self { child, address: address.trim_end().to_owned(), opened_in: start.elapsed() }
    }
}

impl Drop for Broker {
    /// `Child::kill` sends signal 9.
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// What the producers and the one who kills tell each other.
#[derive(Default)]
struct Progress {
    acknowledged: AtomicU64,
    more: Notify,
    stop: AtomicBool,
}

/// Produces numbered records until told to stop, and returns what was acknowledged and how many were sent.
async fn produce(bootstrap: String, number: usize, progress: Arc<Progress>) -> (u64, Acknowledged) {
    let config = ottla::producer::Config::new(&bootstrap).with_linger(Duration::from_millis(1));
    let producer = Producer::new(config).await.unwrap();
    let (pending, mut deliveries) = mpsc::channel(UNKNOWN_MAX);
    let counted = Arc::clone(&progress);
    let collector = tokio::spawn(async move {
        let mut acknowledged = Vec::new();
        while let Some((sequence, delivery)) = deliveries.recv().await {
            let delivery: ottla::producer::Delivery = delivery;
            let written = delivery.await.unwrap();
            acknowledged.push((written.partition, written.offset.unwrap().0, sequence));
            counted.acknowledged.fetch_add(1, Ordering::Relaxed);
            counted.more.notify_one();
        }
        acknowledged
    });
    let mut sequence = 0;
    while !progress.stop.load(Ordering::Relaxed) {
        let value = format!("{number} {sequence}");
        let partition = i32::try_from(sequence % u64::from(PARTITIONS.unsigned_abs())).unwrap();
        let record = Record::new("kill").with_partition(partition).with_value(&value);
        let delivery = producer.enqueue(record).await.unwrap();
        pending.send((sequence, delivery)).await.unwrap();
        sequence += 1;
    }
    drop(pending);
    producer.close().await;
    (sequence, collector.await.unwrap())
}

/// Every record of every partition: partition and offset, with producer and number.
async fn consume(bootstrap: &str, count: u64) -> BTreeMap<(i32, i64), (usize, u64)> {
    let consumer = Consumer::new(ottla::consumer::Config::new(bootstrap)).await.unwrap();
    consumer.assign(consumer.partitions_of("kill").await.unwrap(), Start::Earliest);
    let mut records = BTreeMap::new();
    let mut at_end = [false; PARTITIONS as usize];
    while !at_end.iter().all(|end| *end) || (records.len() as u64) < count {
        let next = tokio::time::timeout(Duration::from_secs(30), consumer.next_batch()).await;
        let batch = next.unwrap_or_else(|_| panic!("{} of {count} records", records.len())).unwrap();
        for record in &batch {
            let record = record.unwrap();
            let text = std::str::from_utf8(record.value.unwrap()).unwrap();
            let (producer, sequence) = text.split_once(' ').unwrap();
            let place = (batch.partition(), record.offset);
            let known = records.insert(place, (producer.parse().unwrap(), sequence.parse().unwrap()));
            assert_eq!(known, None, "{place:?} was handed out twice");
        }
        at_end[usize::try_from(batch.partition()).unwrap()] = batch.next_offset() >= batch.high_watermark();
    }
    records
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_or_doubled_over_twenty_kills() {
    let folder = tempfile::tempdir().unwrap();
    let mut broker = Broker::serve("127.0.0.1:0", folder.path());
    let address = broker.address.clone();
    let client = Client::connect(ottla::client::Config::new(&address)).await.unwrap();
    client.admin().create_topic(NewTopic::new("kill").with_partitions(PARTITIONS)).await.unwrap();

    let progress = Arc::new(Progress::default());
    let producers: Vec<_> = (0..PRODUCERS)
        .map(|number| tokio::spawn(produce(address.clone(), number, Arc::clone(&progress))))
        .collect();
    let mut slowest = Duration::ZERO;
    for _ in 0..KILLS {
        let goal = progress.acknowledged.load(Ordering::Relaxed) + ACKNOWLEDGED_PER_LIFE;
        while progress.acknowledged.load(Ordering::Relaxed) < goal {
            progress.more.notified().await;
        }
        drop(broker);
        broker = Broker::serve(&address, folder.path());
        slowest = slowest.max(broker.opened_in);
    }
    progress.stop.store(true, Ordering::Relaxed);

    let mut sent = 0;
    let mut acknowledged = Vec::new();
    for (number, producer) in producers.into_iter().enumerate() {
        let (count, theirs) = producer.await.unwrap();
        sent += count;
        acknowledged.extend(
            theirs.into_iter().map(|(partition, offset, sequence)| ((partition, offset), (number, sequence))),
        );
    }
    println!("{sent} records over {KILLS} kills; the slowest start took {slowest:?}");
    assert_eq!(acknowledged.len() as u64, sent, "a broker that comes back answers every record");

    let found = consume(&address, sent).await;
    for (place, record) in &acknowledged {
        assert_eq!(found.get(place), Some(record), "what was acknowledged at {place:?}");
    }
    assert_eq!(found.len() as u64, sent, "nothing stands twice and nothing was invented");
    let mut newest = BTreeMap::new();
    for ((partition, offset), (producer, sequence)) in found {
        let before = newest.insert((partition, producer), sequence);
        assert!(before < Some(sequence), "producer {producer} out of order at {partition}, {offset}");
    }
}
