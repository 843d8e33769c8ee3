//! Readers of what is committed, who wrote none of it: ottla's consumer, and librdkafka by way of kcat.

use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};

use ottla::client::{Client, IsolationLevel, OffsetSpec, TopicPartition};
use ottla::consumer::{Config, Consumer, Start};
use ottla_check::{Isolation, Read, What};
use tokio::process::Command;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::journal::Journal;
use super::tally::Seen;
use super::{FROM, PARTITIONS, SOON, TO};
use crate::{Failure, PATIENCE, load};

/// Reads both topics as they grow, through all that happens to the broker.
pub(crate) struct Follower {
    counts: Arc<Mutex<(usize, usize)>>,
    reading: JoinHandle<Result<(), Failure>>,
}

impl Follower {
    pub(crate) async fn start(address: &str) -> Result<Self, Failure> {
        let counts = Arc::new(Mutex::default());
        let consumer = reader(address).await?;
        consumer.assign(places(), Start::Earliest);
        let reading = tokio::spawn(follow(consumer, Arc::clone(&counts)));
        Ok(Self { counts, reading })
    }

    /// How many inputs and outputs are committed so far; fails if it can read no more.
    pub(crate) fn counts(&self) -> Result<(usize, usize), Failure> {
        if self.reading.is_finished() {
            return Err("the reader who follows has given up".into());
        }
        Ok(*self.counts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

async fn follow(consumer: Consumer, counts: Arc<Mutex<(usize, usize)>>) -> Result<(), Failure> {
    loop {
        match consumer.next_batch().await {
            Ok(batch) => {
                let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
                let of_inputs = batch.topic_partition().topic.as_str() == FROM;
                *(if of_inputs { &mut counts.0 } else { &mut counts.1 }) += batch.len();
            }
            Err(error) if error.is_retriable() => sleep(SOON).await,
            Err(error) => return Err(error.into()),
        }
    }
}

async fn reader(address: &str) -> Result<Consumer, Failure> {
    let config =
        Config::with_client(load::client_config(address)).with_isolation_level(IsolationLevel::ReadCommitted);
    Ok(Consumer::new(config).await?)
}

fn places() -> impl Iterator<Item = TopicPartition> {
    [FROM, TO]
        .into_iter()
        .flat_map(|topic| (0..PARTITIONS).map(move |index| TopicPartition::new(topic, index)))
}

/// Reads both topics from their beginning to their end, and tells it: inputs and outputs. Nothing may be open.
pub(crate) async fn all(
    address: &str,
    client: &Client,
    journal: &Journal,
    who: &str,
) -> Result<[Vec<Seen>; 2], Failure> {
    journal.say(What::Audit { who: who.to_owned() })?;
    let mut read = [Vec::new(), Vec::new()];
    for place in places() {
        let mut ends = [None, None];
        for (end, isolation) in
            ends.iter_mut().zip([IsolationLevel::ReadUncommitted, IsolationLevel::ReadCommitted])
        {
            let asked = [(place.clone(), OffsetSpec::Latest)];
            let listed = client.admin().list_offsets(asked, isolation).await.remove(&place);
            *end = listed.ok_or("a partition without an end")??.offset.map(|offset| offset.0);
        }
        let [end, stable] = ends;
        if end != stable {
            return Err(format!("{place} ends at {end:?}, and is stable up to {stable:?} only").into());
        }
        let records = timeout(PATIENCE, one(address, &place, end.unwrap_or(0))).await;
        let records = records.map_err(|_| format!("{place} cannot be read to its end, {end:?}"))??;
        let told = records.iter().map(|seen| Read { offset: seen.offset, value: seen.value.clone() });
        journal.say(What::Poll {
            who: who.to_owned(),
            topic: place.topic.to_string(),
            partition: place.partition,
            records: told.collect(),
            isolation: Isolation::ReadCommitted,
            group: None,
            transaction: None,
        })?;
        read[usize::from(place.topic.as_str() == TO)].extend(records);
    }
    Ok(read)
}

async fn one(address: &str, place: &TopicPartition, end: i64) -> Result<Vec<Seen>, Failure> {
    let consumer = reader(address).await?;
    consumer.assign([place.clone()], Start::Earliest);
    let mut read = Vec::new();
    // Markers stand in the log too, and nothing is handed out for them: the position tells the end.
    while consumer.position(place).is_none_or(|position| position.0 < end) {
        let Ok(batch) = timeout(10 * SOON, consumer.next_batch()).await else { continue };
        let batch = batch?;
        for record in &batch {
            let record = record?;
            let value = String::from_utf8(record.value.unwrap_or_default().to_vec())?;
            read.push(Seen { partition: place.partition, offset: record.offset, value });
        }
    }
    consumer.close().await;
    Ok(read)
}

/// What librdkafka reads of a topic, if kcat is on this machine.
pub(crate) async fn by_kcat(address: &str, topic: &str) -> Result<Option<Vec<Seen>>, Failure> {
    let mut command = Command::new("kcat");
    command.args(["-b", address, "-C", "-t", topic, "-e", "-q", "-o", "beginning", "-f", "%p %o %s\n"]);
    command.args(["-X", "isolation.level=read_committed"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let child = match command.spawn() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        child => child?,
    };
    let said = timeout(PATIENCE, child.wait_with_output()).await.map_err(|_| "kcat does not end")??;
    if !said.status.success() {
        return Err(format!("kcat: {}: {}", said.status, String::from_utf8_lossy(&said.stderr)).into());
    }
    let text = String::from_utf8(said.stdout)?;
    let seen = |line: &str| -> Option<Seen> {
        let mut words = line.splitn(3, ' ');
        let (partition, offset) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        Some(Seen { partition, offset, value: words.next()?.to_owned() })
    };
    let mut read: Vec<Seen> = text.lines().map(seen).collect::<Option<_>>().ok_or("an odd line of kcat")?;
    read.sort();
    Ok(Some(read))
}
