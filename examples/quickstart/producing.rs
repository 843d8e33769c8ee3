//! Several tasks that produce at once, each its own records, and the times until they were acknowledged.

use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use indicatif::ProgressBar;
use ottla::producer::{self, Config, Delivery, Producer, Record};
use tokio::sync::mpsc;

use crate::Arguments;
use crate::payload::{self, Id};
use crate::report::{self, Times};

/// Deliveries of one task that are waited for at once.
const DELIVERIES_MAX: usize = 5_000;

/// Records between two moves of the bar.
const BAR_EVERY: u64 = 1_000;

/// Produces all records; how many each task sent, and how long they took.
pub(crate) async fn produce(
    arguments: &Arc<Arguments>,
    bootstrap: &str,
) -> Result<(Vec<u64>, Times), Box<dyn Error>> {
    let config = Config::new(bootstrap).with_client_id("quickstart").with_compression(arguments.compression);
    let producer = Producer::new(config).await?;
    let bar = report::bar("produce", arguments.records);

    let tasks = u64::from(arguments.tasks);
    let share = |task: u64| arguments.records / tasks + u64::from(task < arguments.records % tasks);
    let sent: Vec<u64> = (0..tasks).map(share).collect();
    let mut running = Vec::new();
    for (task, records) in (0..).zip(&sent) {
        let (deliveries, told) = mpsc::channel(DELIVERIES_MAX);
        let sending = send(Arc::clone(arguments), producer.clone(), task, *records, deliveries);
        running.push((tokio::spawn(sending), tokio::spawn(wait(told, bar.clone()))));
    }
    let mut times = Times::new();
    for (sending, waiting) in running {
        sending.await??;
        times.add(&waiting.await??);
    }
    producer.close().await;
    bar.finish();
    Ok((sent, times))
}

/// Enqueues the records of one task, and passes on what will tell of them.
async fn send(
    arguments: Arc<Arguments>,
    producer: Producer,
    task: u32,
    records: u64,
    deliveries: mpsc::Sender<(Instant, Delivery)>,
) -> Result<(), producer::Error> {
    let mut value = vec![0; arguments.size];
    for number in 0..records {
        payload::write(Id { task, number }, &mut value);
        let began = Instant::now();
        let delivery = producer.enqueue(Record::new(&arguments.topic).with_value(&value)).await?;
        if deliveries.send((began, delivery)).await.is_err() {
            break; // the one that waits has failed, and says why
        }
    }
    Ok(())
}

/// Waits until every record of one task is acknowledged.
async fn wait(
    mut told: mpsc::Receiver<(Instant, Delivery)>,
    bar: ProgressBar,
) -> Result<Times, producer::Error> {
    let mut times = Times::new();
    let mut since = 0;
    while let Some((began, delivery)) = told.recv().await {
        delivery.await?;
        times.note(began);
        since += 1;
        if since == BAR_EVERY {
            bar.inc(since);
            since = 0;
        }
    }
    bar.inc(since);
    Ok(times)
}
