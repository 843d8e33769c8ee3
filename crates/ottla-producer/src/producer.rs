//! The producer as its users hold it.
//!
//! It waits, for room and for topics; appending is in `topic`, sending in `worker`.

use std::fmt;
use std::sync::Arc;

use ottla_client::internal::CloseOnDrop;
use ottla_client::{Client, TopicPartition};

use crate::batch::Baggage;
use crate::config::Config;
use crate::deliveries::Deliveries;
use crate::delivery::Delivery;
use crate::error::Error;
use crate::record::{Record, RecordMetadata};
use crate::topic::{Offered, Shared};
use crate::worker;

/// Records of a caller's many that are taken at a time: few enough that a partition's other callers and the sender do
/// not wait for long, and that they are still in the cache when they are encoded.
const SOME_RECORDS: usize = 64;

/// Writes records to a cluster.
///
/// Clones share everything and may be used from many tasks at once. The last clone dropped closes
/// the producer without waiting, and records that were not acknowledged fail with
/// [`Error::Closed`]; to wait for them, [`close`](Self::close) or [`flush`](Self::flush) first.
#[derive(Clone)]
pub struct Producer {
    pub(crate) shared: Arc<Shared>,
    // The worker holds `shared` alone, so that this is dropped with the last handle.
    _open: Arc<CloseOnDrop>,
}

impl Producer {
    /// Connects to a cluster.
    ///
    /// # Errors
    /// [`Error::Config`] names a setting that cannot be; [`Error::Client`] says that no bootstrap
    /// server answered.
    ///
    /// # Cancel safety
    /// Cancel safe: dropped, it leaves nothing behind.
    pub async fn new(config: Config) -> Result<Self, Error> {
        let config = config.build()?;
        let client = Client::connect(config.client.clone()).await?;
        let shared = Arc::new(Shared::new(config, client));
        shared.client.env().spawn(worker::run(Arc::clone(&shared)));
        Ok(Self { _open: Arc::new(shared.closing.on_drop()), shared })
    }

    /// The settings of this producer.
    pub fn config(&self) -> &Config {
        &self.shared.config
    }

    /// The client underneath, for metadata and admin calls. It lives as long as this producer.
    pub fn client(&self) -> &Client {
        &self.shared.client
    }

    /// Puts a record into its partition's batch, and returns what its answer can be awaited with.
    ///
    /// Waits for room while `buffer.memory` is full, and for metadata the first time a topic is
    /// written to; each for at most `max.block.ms`. Records that one task enqueues one after the
    /// other to one partition are written in that order. A transactional producer puts it into the
    /// transaction that is open.
    ///
    /// # Errors
    /// Those after which the record is surely not in a batch: [`Error::RecordTooLarge`],
    /// [`Error::BufferFull`], [`Error::Client`], [`Error::Closed`]. Of a transactional producer also
    /// [`Error::NoTransaction`], as nothing is written outside of transactions, and [`Error::MustAbort`].
    ///
    /// # Cancel safety
    /// Cancel safe: dropped before it returns, the record is not produced.
    ///
    /// # Examples
    /// ```no_run
    /// # use ottla_producer::{Error, Producer, Record};
    /// # async fn demo(producer: Producer) -> Result<(), Error> {
    /// let mut deliveries = Vec::new();
    /// for line in ["one", "two", "three"] {
    ///     deliveries.push(producer.enqueue(Record::new("lines").with_value(line)).await?);
    /// }
    /// for delivery in deliveries {
    ///     println!("{:?}", delivery.await?.offset);
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn enqueue(&self, record: Record<'_>) -> Result<Delivery, Error> {
        self.enqueue_in(record, None).await
    }

    /// Enqueues a record in a transaction: in `number`, or in whichever is open. Cancel safe.
    pub(crate) async fn enqueue_in(
        &self,
        record: Record<'_>,
        number: Option<u64>,
    ) -> Result<Delivery, Error> {
        let shared = &*self.shared;
        shared.check_size(&record)?;
        let timestamp = record.timestamp.unwrap_or_else(|| shared.client.env().now_ms());
        let mut baggage = None;
        loop {
            let offered = shared.offer(&record, timestamp, number, &mut baggage);
            if offered.is_err() && shared.transactions.is_some() {
                // The end of a transaction waits for all baggage.
                drop(baggage.take());
                shared.wake.notify_one();
            }
            match offered? {
                Offered::Queued(delivery) => return Ok(delivery),
                Offered::NeedsBatch(bytes) => baggage = Some(self.pack(bytes).await?),
                Offered::NoTopic => self.learn(record.topic).await?,
                Offered::NoPartition(partition) => self.learn_partition(record.topic, partition).await?,
            }
        }
    }

    /// Puts records into the batches of their partitions, as [`enqueue`](Self::enqueue) does with each of them, and
    /// adds what their answers can be awaited with to `deliveries`.
    ///
    /// For a caller that has many records at hand, of whatever topics, it costs less than to enqueue them one by one:
    /// those that follow each other to one partition are taken together. Which of them share a batch is still decided
    /// by `batch.size` and `linger.ms`. Those without a timestamp get that of the call, or of the last time that it
    /// had to wait.
    ///
    /// # Errors
    /// Those of [`enqueue`](Self::enqueue), about the first record that is not in a batch. The records before it are
    /// in theirs: their number is how many [`deliveries`](Deliveries::len) there are more than before the call.
    ///
    /// # Cancel safety
    /// Cancel safe, with the same meaning: dropped while it waits, the records that `deliveries` counts are produced
    /// and the others are not.
    ///
    /// # Examples
    /// ```no_run
    /// # use ottla_producer::{Deliveries, Error, Producer, Record};
    /// # async fn demo(producer: Producer, orders: &[(String, String)]) -> Result<(), Error> {
    /// let mut deliveries = Deliveries::new();
    /// let records = orders.iter().map(|(id, order)| Record::new("orders").with_key(id).with_value(order));
    /// producer.enqueue_all(records, &mut deliveries).await?;
    /// deliveries.all().await
    /// # }
    /// ```
    pub async fn enqueue_all<'r>(
        &self,
        records: impl IntoIterator<Item = Record<'r>>,
        deliveries: &mut Deliveries,
    ) -> Result<(), Error> {
        self.enqueue_all_in(records, None, deliveries).await
    }

    /// Enqueues records in a transaction: in `number`, or in whichever is open. Cancel safe, as
    /// [`enqueue_all`](Self::enqueue_all).
    pub(crate) async fn enqueue_all_in<'r>(
        &self,
        records: impl IntoIterator<Item = Record<'r>>,
        number: Option<u64>,
        deliveries: &mut Deliveries,
    ) -> Result<(), Error> {
        let mut records = records.into_iter();
        let mut some = Vec::with_capacity(records.size_hint().0.min(SOME_RECORDS));
        loop {
            // The caller's iterator may take its time, or panic: it is asked while no lock is held.
            some.clear();
            some.extend(records.by_ref().take(SOME_RECORDS));
            if some.is_empty() {
                return Ok(());
            }
            self.enqueue_some(&some, number, deliveries).await?;
        }
    }

    async fn enqueue_some(
        &self,
        mut records: &[Record<'_>],
        number: Option<u64>,
        deliveries: &mut Deliveries,
    ) -> Result<(), Error> {
        let shared = &*self.shared;
        let mut now = shared.client.env().now_ms();
        let mut baggage = None;
        while !records.is_empty() {
            let before = deliveries.len();
            let offered = shared.offer_all(records, now, number, &mut baggage, deliveries);
            if offered.is_err() && shared.transactions.is_some() {
                // As in `enqueue_in`.
                drop(baggage.take());
                shared.wake.notify_one();
            }
            let offered = offered?;
            records = &records[deliveries.len() - before..];
            let topic = records.first().map_or("", |record| record.topic);
            match offered {
                Offered::Queued(()) => continue,
                Offered::NeedsBatch(bytes) => baggage = Some(self.pack(bytes).await?),
                Offered::NoTopic => self.learn(topic).await?,
                Offered::NoPartition(partition) => self.learn_partition(topic, partition).await?,
            }
            now = shared.client.env().now_ms();
        }
        Ok(())
    }

    /// Waits for what a new batch of so many bytes takes along. Cancel safe.
    async fn pack(&self, bytes: usize) -> Result<Baggage, Error> {
        let shared = &*self.shared;
        let share = match shared.memory.try_share(bytes) {
            Some(share) => share,
            None => shared.memory.share(bytes, shared.config.max_block).await?,
        };
        Ok(shared.baggage(share))
    }

    /// Produces a record and waits until it is acknowledged.
    ///
    /// Waits at most [`Config::linger`] for company in its batch, and at most
    /// [`Config::delivery_timeout`] in all once it is in a batch.
    ///
    /// # Errors
    /// Any [`Error`]; [`Error::is_possibly_written`] says whether the record may be written.
    ///
    /// # Cancel safety
    /// Not cancel safe: a dropped future may leave the record in its batch, and it may still be
    /// written. To stop waiting and keep the answer, hold the [`Delivery`] that
    /// [`enqueue`](Self::enqueue) returns.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn demo(producer: ottla_producer::Producer) -> Result<(), ottla_producer::Error> {
    /// let written = producer.send("orders", "o-17", "paid").await?;
    /// println!("partition {}, offset {:?}", written.partition, written.offset);
    /// # Ok(()) }
    /// ```
    pub async fn send(
        &self,
        topic: &str,
        key: impl AsRef<[u8]>,
        value: impl AsRef<[u8]>,
    ) -> Result<RecordMetadata, Error> {
        let (key, value) = (key.as_ref(), value.as_ref());
        self.enqueue(Record::new(topic).with_key(key).with_value(value)).await?.await
    }

    /// Sends everything that was enqueued before without lingering, and waits until all of it is
    /// acknowledged or has failed.
    ///
    /// Each record's own outcome is told by its [`Delivery`]. Ends within `delivery.timeout.ms`.
    ///
    /// # Cancel safety
    /// Cancel safe: dropped, batches linger again.
    pub async fn flush(&self) {
        let flush = self.shared.tickets.flush();
        self.shared.wake.notify_one();
        flush.done().await;
    }

    /// Flushes, then closes all connections. Other clones fail from here on.
    ///
    /// # Cancel safety
    /// Cancel safe: dropped, the producer is closed without waiting for the rest.
    pub async fn close(self) {
        self.flush().await;
        self.shared.closing.close();
    }

    /// Learns of a topic that was not written to before.
    async fn learn(&self, name: &str) -> Result<(), Error> {
        let shared = &self.shared;
        if shared.closing.is_closed() {
            return Err(Error::Closed { possibly_written: false });
        }
        let interest = shared.client.keep_topic(name);
        let known = shared.client.topic(name, shared.config.max_block).await?;
        shared.learn(&known, interest);
        Ok(())
    }

    /// Learns of a partition that a known topic did not have before.
    async fn learn_partition(&self, name: &str, partition: i32) -> Result<(), Error> {
        let shared = &self.shared;
        let cluster = shared.client.refresh().await?;
        let Some(known) = cluster.topic(name).filter(|known| known.partition(partition).is_some()) else {
            let partition = TopicPartition::new(name, partition);
            return Err(ottla_client::Error::UnknownPartition(partition).into());
        };
        shared.learn(known, shared.client.keep_topic(name));
        Ok(())
    }
}

impl fmt::Debug for Producer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Producer").field("config", &self.shared.config).finish_non_exhaustive()
    }
}
