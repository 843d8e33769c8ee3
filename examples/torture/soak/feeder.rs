//! Feeds the inputs, for as long as it is told to: records of their own, and transactions, some of which are aborted,
//! so that what they hold is no input.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ottla::env::Rng;
use ottla::producer::{Config, Delivery, Error, Producer, Record, Transaction};
use ottla_check::{Acks, End, What};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::journal::Journal;
use super::{FROM, PARTITIONS, SOON};
use crate::{Failure, PATIENCE, load};

/// Records of one burst, at most.
const BURST: u64 = 10;
/// The longest pause between two bursts.
const PAUSE: Duration = Duration::from_millis(150);

pub(crate) struct Feeder {
    stop: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<Result<(), Failure>>>,
}

impl Feeder {
    pub(crate) fn start(address: &str, journal: &Arc<Journal>, seed: u64) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let feed = |name: &'static str| {
            let part = Part {
                name,
                address: address.to_owned(),
                journal: Arc::clone(journal),
                stop: Arc::clone(&stop),
                rng: Rng::new(seed ^ u64::from(name.as_bytes()[0])),
                count: 0,
            };
            tokio::spawn(part.feed())
        };
        let tasks = vec![feed("plain"), feed("transactional")];
        Self { stop, tasks }
    }

    /// Fails if it has ended by itself.
    pub(crate) fn must_run(&self) -> Result<(), Failure> {
        if self.tasks.iter().any(JoinHandle::is_finished) { Err("a feeder has ended".into()) } else { Ok(()) }
    }

    /// Ends it: whatever was sent is answered.
    pub(crate) async fn end(mut self) -> Result<(), Failure> {
        self.stop.store(true, Ordering::Relaxed);
        for task in self.tasks.drain(..) {
            timeout(PATIENCE, task).await.map_err(|_| "a feeder does not come to its end")???;
        }
        Ok(())
    }
}

impl Drop for Feeder {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

struct Part {
    name: &'static str,
    address: String,
    journal: Arc<Journal>,
    stop: Arc<AtomicBool>,
    rng: Rng,
    count: u64,
}

impl Part {
    async fn feed(mut self) -> Result<(), Failure> {
        let mut config = Config::with_client(load::client_config(&self.address))
            .with_linger(Duration::from_millis(1))
            .with_max_block(2 * PATIENCE);
        if self.name == "transactional" {
            config = config.with_transactional_id(self.name);
        }
        let producer = Producer::new(config).await?;
        while !self.stop.load(Ordering::Relaxed) {
            if self.name == "transactional" {
                self.burst_in_transaction(&producer).await?;
            } else {
                let sends = self.sends(None)?;
                let mut deliveries = Vec::new();
                for (op, partition, value) in &sends {
                    let record = Record::new(FROM).with_partition(*partition).with_value(value);
                    deliveries.push((*op, producer.enqueue(record).await?));
                }
                self.are_written(deliveries).await?;
            }
            sleep(Duration::from_millis(self.rng.below(u64::try_from(PAUSE.as_millis())?))).await;
        }
        producer.close().await;
        Ok(())
    }

    /// Draws records and tells of them.
    fn sends(&mut self, transaction: Option<&str>) -> Result<Vec<(u64, i32, String)>, Failure> {
        let mut sends = Vec::new();
        for _ in 0..=self.rng.below(BURST) {
            self.count += 1;
            let partition = i32::try_from(self.rng.below(u64::try_from(PARTITIONS)?))?;
            sends.push((self.journal.op(), partition, format!("{} {}", self.name, self.count)));
        }
        self.journal.tell(sends.iter().map(|(op, partition, value)| What::Send {
            op: *op,
            who: self.name.to_owned(),
            topic: FROM.to_owned(),
            partition: *partition,
            value: value.clone(),
            acks: Acks::All,
            idempotent: true,
            transaction: transaction.map(str::to_owned),
        }))?;
        Ok(sends)
    }

    /// Every record must be written: the broker always comes back.
    async fn are_written(&self, deliveries: Vec<(u64, Delivery)>) -> Result<(), Failure> {
        let mut told = Vec::new();
        for (op, delivery) in deliveries {
            told.push(What::sent(op, delivery.await?.offset.map(|offset| offset.0)));
        }
        self.journal.tell(told)
    }

    async fn burst_in_transaction(&mut self, producer: &Producer) -> Result<(), Failure> {
        let transaction = producer.begin_transaction().await?;
        let name = format!("{} from {}", self.name, self.count);
        self.journal.say(What::Begin { who: self.name.to_owned(), transaction: name.clone() })?;
        let sends = self.sends(Some(&name))?;
        let mut deliveries = Vec::new();
        for (op, partition, value) in &sends {
            let record = Record::new(FROM).with_partition(*partition).with_value(value);
            deliveries.push((*op, transaction.enqueue(record).await?));
        }
        self.are_written(deliveries).await?;
        let how = if self.rng.below(5) == 0 { End::Abort } else { End::Commit };
        let op = self.journal.op();
        self.journal.say(What::End { op, who: self.name.to_owned(), transaction: name, how })?;
        while let Err(error) = end(&transaction, how).await {
            if error.is_fatal() || error.is_abortable() {
                return Err(error.into());
            }
            sleep(SOON).await;
        }
        self.journal.say(What::ok(op))
    }
}

async fn end(transaction: &Transaction, how: End) -> Result<(), Error> {
    match how {
        End::Commit => transaction.commit().await,
        End::Abort => transaction.abort().await,
    }
}
