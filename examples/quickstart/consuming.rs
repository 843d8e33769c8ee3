//! Several consumers in one group, which share the partitions and hold each record against what was sent.

use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ottla::client::{Client, IsolationLevel, OffsetSpec, TopicPartition};
use ottla::consumer::{self, Batch, Config, Consumer, OffsetReset};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::Arguments;
use crate::report;
use crate::tally::Tally;

/// How long nothing may come before what is missing counts as lost.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the group read.
pub(crate) struct Consumed {
    /// How many records each consumer had.
    pub(crate) shares: Vec<u64>,
    /// Until the group had shared the partitions out, and the first batch came.
    pub(crate) joining: Duration,
    /// From the first batch to the last.
    pub(crate) took: Duration,
    pub(crate) tally: Tally,
}

/// Consumes until every record came, or none comes any more. Then the group is left, and has to stand where it read to.
pub(crate) async fn consume(
    arguments: &Arguments,
    bootstrap: &str,
    client: &Client,
    sent: &[u64],
) -> Result<Consumed, Box<dyn Error>> {
    let group = format!("{}-readers", arguments.topic);
    let seen = Seen::new(Tally::new(arguments.size, sent, usize::try_from(arguments.partitions)?));
    let (came, mut coming) = mpsc::unbounded_channel();
    let stop = watch::Sender::new(false);
    let started = Instant::now();
    let mut members = JoinSet::new();
    for _ in 0..arguments.consumers {
        let config = Config::new(bootstrap)
            .with_client_id("quickstart")
            .with_group_id(&group)
            .with_auto_offset_reset(OffsetReset::Earliest);
        let consumer = Consumer::new(config).await?;
        consumer.subscribe([arguments.topic.clone()]).await?;
        members.spawn(read(consumer, seen.clone(), came.clone(), stop.subscribe()));
    }
    drop(came);

    let bar = report::bar("consume", arguments.records);
    let mut began = None;
    let mut ended = started;
    let mut shares = Vec::new();
    while seen.tally().missing() > 0 {
        tokio::select! {
            biased;
            Some(count) = coming.recv() => {
                ended = Instant::now();
                began.get_or_insert(ended);
                bar.inc(count);
            }
            // Nobody is to leave by now: if one does, it says why.
            Some(left) = members.join_next() => shares.push(left??),
            () = tokio::time::sleep(PATIENCE) => break,
        }
    }
    stop.send_replace(true);
    while let Some(left) = members.join_next().await {
        shares.push(left??);
    }
    bar.finish();

    hold_against_the_cluster(arguments, client, &group, &seen).await?;
    let began = began.unwrap_or(ended);
    Ok(Consumed { shares, joining: began - started, took: ended - began, tally: seen.into_tally() })
}

/// What came twice may come after everything came once: so each partition has to end where it was read to, and the
/// group has to stand there.
async fn hold_against_the_cluster(
    arguments: &Arguments,
    client: &Client,
    group: &str,
    seen: &Seen,
) -> Result<(), Box<dyn Error>> {
    let partition = |index| TopicPartition::new(arguments.topic.clone(), index);
    let places = (0..arguments.partitions).map(|index| (partition(index), OffsetSpec::Latest));
    let ends = client.admin().list_offsets(places, IsolationLevel::ReadUncommitted).await;
    let committed = client.admin().group_offsets(group).await?;
    for (partition, end) in ends {
        let end = end?.offset.map_or(0, |offset| offset.0);
        let stands = committed.get(&partition).map_or(0, |committed| committed.offset.0);
        seen.tally().end(partition.partition, end, stands);
    }
    Ok(())
}

/// What was seen by all consumers.
#[derive(Clone)]
struct Seen {
    tally: Arc<Mutex<Tally>>,
}

impl Seen {
    fn new(tally: Tally) -> Self {
        Self { tally: Arc::new(Mutex::new(tally)) }
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn into_tally(self) -> Tally {
        std::mem::take(&mut *self.tally())
    }
}

/// One member: reads what the group gives it, tells how much that is, and leaves when told to.
async fn read(
    consumer: Consumer,
    seen: Seen,
    came: mpsc::UnboundedSender<u64>,
    mut stop: watch::Receiver<bool>,
) -> Result<u64, consumer::Error> {
    let mut share = 0;
    loop {
        let batch = tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => break,
            batch = consumer.next_batch() => batch?,
        };
        let count = take(&batch, &mut seen.tally())?;
        share += count;
        // Dropped, the batch is finished: its offset is committed now and then, when partitions move, and at the end.
        drop(batch);
        if came.send(count).is_err() {
            break;
        }
    }
    consumer.close().await;
    Ok(share)
}

fn take(batch: &Batch, tally: &mut Tally) -> Result<u64, consumer::Error> {
    let mut count = 0;
    for record in batch {
        let record = record?;
        tally.take(batch.partition(), record.offset, record.value);
        count += 1;
    }
    Ok(count)
}
