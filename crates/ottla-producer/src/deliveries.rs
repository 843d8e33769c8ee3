//! The answers to many records that were handed over together.
//!
//! What becomes of a batch is in `delivery`; here only runs of places in batches are kept, so that a thousand records of
//! one batch cost one entry.

use std::sync::Arc;

use crate::delivery::{BatchDelivery, Delivery};
use crate::error::Error;

/// The answers to the records that [`Producer::enqueue_all`](crate::Producer::enqueue_all) took, in their order.
///
/// Dropping it changes nothing: the records are produced all the same.
///
/// # Examples
/// ```no_run
/// # use ottla_producer::{Deliveries, Error, Producer, Record};
/// # async fn demo(producer: Producer) -> Result<(), Error> {
/// let lines = ["one", "two", "three"];
/// let mut deliveries = Deliveries::new();
/// let records = lines.iter().map(|line| Record::new("lines").with_value(line));
/// producer.enqueue_all(records, &mut deliveries).await?;
/// if deliveries.all().await.is_err() {
///     for (line, delivery) in lines.iter().zip(deliveries.each()) {
///         println!("{line}: {:?}", delivery.await);
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Default)]
#[must_use = "the answers say whether the records were written"]
pub struct Deliveries {
    runs: Vec<Run>,
    len: usize,
}

/// Records that follow each other in one batch.
#[derive(Debug)]
struct Run {
    batch: Arc<BatchDelivery>,
    /// Place of the first in the batch.
    first: u32,
    count: u32,
    /// The timestamp of each of them.
    timestamp: i64,
}

impl Deliveries {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of records that were enqueued.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether no record was enqueued.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Waits until all records are written, or one has failed.
    ///
    /// # Errors
    /// Why the first one of those that failed did. Others may be written; [`each`](Self::each) tells of which ones.
    ///
    /// # Cancel safety
    /// Cancel safe: call it again.
    pub async fn all(&self) -> Result<(), Error> {
        for run in &self.runs {
            let end = run.first + run.count;
            let mut next = Some(run.first).filter(|first| *first < end);
            while let Some(index) = next {
                run.delivery(index).await?;
                // What divided the batch meanwhile has given the rest a fate of its own.
                next = run.batch.part_behind(index).filter(|behind| *behind < end);
            }
        }
        Ok(())
    }

    /// The answer to each record.
    pub fn each(&self) -> impl Iterator<Item = Delivery> + '_ {
        self.runs.iter().flat_map(|run| (run.first..run.first + run.count).map(|index| run.delivery(index)))
    }

    /// Takes in the place of one more record.
    pub(crate) fn push(&mut self, batch: &Arc<BatchDelivery>, index: u32, timestamp: i64) {
        self.len += 1;
        match self.runs.last_mut() {
            Some(run) if run.is_followed_by(batch, index, timestamp) => run.count += 1,
            _ => self.runs.push(Run { batch: Arc::clone(batch), first: index, count: 1, timestamp }),
        }
    }
}

impl Run {
    fn is_followed_by(&self, batch: &Arc<BatchDelivery>, index: u32, timestamp: i64) -> bool {
        Arc::ptr_eq(&self.batch, batch) && self.first + self.count == index && self.timestamp == timestamp
    }

    fn delivery(&self, index: u32) -> Delivery {
        Delivery::new(Arc::clone(&self.batch), index, self.timestamp)
    }
}
