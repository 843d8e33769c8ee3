//! How the fate of a batch reaches those who wait for its records.
//!
//! All records of a batch share one allocation, and a [`Delivery`] is a place in it. Who decides the
//! fate is the sender; here it is only told, once.

use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll, Waker};

use ottla_client::Offset;
use ottla_client::internal::lock;
use ottla_protocol::wire::Str;

use crate::error::Error;
use crate::record::RecordMetadata;

/// Where a batch was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Acknowledged {
    /// Offset of its first record; `None` when the broker did not tell.
    pub(crate) base_offset: Option<i64>,
    /// The broker's time, where it stamps records.
    pub(crate) log_append_time: Option<i64>,
}

/// What became of a batch.
#[derive(Debug)]
enum Fate {
    /// It was written, or failed for good.
    Told(Result<Acknowledged, Error>),
    /// It was divided; each part begins with this record.
    Divided([(u32, Arc<BatchDelivery>); 2]),
}

/// The fate of one batch: unknown at first, then told once.
#[derive(Debug)]
pub(crate) struct BatchDelivery {
    topic: Str,
    partition: i32,
    fate: OnceLock<Fate>,
    waiting: Mutex<Vec<Option<Waker>>>,
}

impl BatchDelivery {
    pub(crate) fn new(topic: Str, partition: i32) -> Arc<Self> {
        Arc::new(Self { topic, partition, fate: OnceLock::new(), waiting: Mutex::default() })
    }

    /// Tells the fate and wakes who waits; only the first telling counts.
    pub(crate) fn tell(&self, fate: Result<Acknowledged, Error>) {
        self.end(Fate::Told(fate));
    }

    fn end(&self, fate: Fate) {
        if self.fate.set(fate).is_err() {
            return;
        }
        let waiting = std::mem::take(&mut *lock(&self.waiting));
        waiting.into_iter().flatten().for_each(Waker::wake);
    }

    pub(crate) fn is_told(&self) -> bool {
        self.fate.get().is_some()
    }

    /// The first record behind the part that the record at `index` is in, if the batch was divided there.
    pub(crate) fn part_behind(&self, index: u32) -> Option<u32> {
        let Fate::Divided([(_, first), (behind, second)]) = self.fate.get()? else { return None };
        match index.checked_sub(*behind) {
            None => Some(first.part_behind(index).unwrap_or(*behind)),
            Some(index) => second.part_behind(index).map(|of_second| behind + of_second),
        }
    }
}

/// The duty to tell a batch's fate. Dropped without having told, it tells that the producer is closed.
#[derive(Debug)]
pub(crate) struct Duty {
    delivery: Arc<BatchDelivery>,
    /// Whether the batch was ever sent.
    pub(crate) sent: bool,
}

impl Duty {
    pub(crate) fn new(topic: Str, partition: i32) -> Self {
        Self { delivery: BatchDelivery::new(topic, partition), sent: false }
    }

    /// What those who wait for the batch hold.
    pub(crate) fn of_batch(&self) -> &Arc<BatchDelivery> {
        &self.delivery
    }

    /// Tells the fate; only the first telling counts.
    pub(crate) fn tell(&self, fate: Result<Acknowledged, Error>) {
        self.delivery.tell(fate);
    }

    pub(crate) fn is_told(&self) -> bool {
        self.delivery.is_told()
    }

    /// The duty to tell the fate of a part.
    pub(crate) fn of_part(&self) -> Self {
        Self::new(self.delivery.topic.clone(), self.delivery.partition)
    }

    /// Tells that the batch was divided, and with which record each part begins: the fates of its
    /// records are those of the parts from here on.
    pub(crate) fn split(&self, parts: [(u32, &Self); 2]) {
        self.delivery.end(Fate::Divided(parts.map(|(first, part)| (first, Arc::clone(&part.delivery)))));
    }
}

impl Drop for Duty {
    fn drop(&mut self) {
        if !self.is_told() {
            self.tell(Err(Error::Closed { possibly_written: self.sent }));
        }
    }
}

/// The answer to one record, to be awaited: where it was written, or why it was not.
///
/// Dropping it changes nothing: the record is produced all the same.
///
/// # Cancel safety
/// Cancel safe: await it by reference, and await it again.
#[derive(Debug)]
#[must_use = "the answer says whether the record was written"]
pub struct Delivery {
    batch: Arc<BatchDelivery>,
    index: u32,
    timestamp: i64,
    /// Where this one waits in the batch's list.
    place: Option<usize>,
}

impl Delivery {
    pub(crate) fn new(batch: Arc<BatchDelivery>, index: u32, timestamp: i64) -> Self {
        Self { batch, index, timestamp, place: None }
    }

    /// The partition that the record goes to.
    pub fn partition(&self) -> i32 {
        self.batch.partition
    }

    /// The answer, if it is there already.
    pub fn peek(&self) -> Option<Result<RecordMetadata, Error>> {
        let (batch, index) = self.part();
        match batch.fate.get()? {
            Fate::Told(fate) => Some(match fate {
                Ok(acknowledged) => Ok(self.metadata(acknowledged, index)),
                Err(error) => Err(error.clone()),
            }),
            Fate::Divided(_) => None, // since a moment ago
        }
    }

    /// The batch that the record is in by now, and its place there.
    fn part(&self) -> (&Arc<BatchDelivery>, u32) {
        let (mut batch, mut index) = (&self.batch, self.index);
        while let Some(Fate::Divided([(_, first), (behind, second)])) = batch.fate.get() {
            (batch, index) = if index < *behind { (first, index) } else { (second, index - behind) };
        }
        (batch, index)
    }

    fn metadata(&self, acknowledged: &Acknowledged, index: u32) -> RecordMetadata {
        let offset = |base: i64| Offset(base + i64::from(index));
        RecordMetadata {
            topic: self.batch.topic.clone(),
            partition: self.batch.partition,
            offset: acknowledged.base_offset.map(offset),
            timestamp: acknowledged.log_append_time.unwrap_or(self.timestamp),
        }
    }
}

impl Future for Delivery {
    type Output = Result<RecordMetadata, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let mut waiting = loop {
            let (batch, index) = this.part();
            if !Arc::ptr_eq(batch, &this.batch) {
                let batch = Arc::clone(batch);
                (this.batch, this.index, this.place) = (batch, index, None);
            }
            if let Some(answer) = this.peek() {
                return Poll::Ready(answer);
            }
            let waiting = lock(&this.batch.waiting);
            // The fate is set before the list is taken, so it is either seen here or wakes this one.
            if !this.batch.is_told() {
                break waiting;
            }
        };
        match this.place.and_then(|place| waiting.get_mut(place)) {
            Some(Some(waker)) => waker.clone_from(cx.waker()),
            Some(empty) => *empty = Some(cx.waker().clone()),
            None => {
                this.place = Some(waiting.len());
                waiting.push(Some(cx.waker().clone()));
            }
        }
        Poll::Pending
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        let Some(place) = self.place else { return };
        if let Some(waker) = lock(&self.batch.waiting).get_mut(place) {
            *waker = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITTEN: Acknowledged = Acknowledged { base_offset: Some(100), log_append_time: None };

    #[tokio::test]
    async fn each_record_learns_its_own_offset() {
        let batch = BatchDelivery::new(Str::from("t"), 3);
        let first = Delivery::new(Arc::clone(&batch), 0, 7);
        let third = Delivery::new(Arc::clone(&batch), 2, 9);
        assert!(third.peek().is_none());
        batch.tell(Ok(WRITTEN));
        let (first, third) = (first.await.unwrap(), third.await.unwrap());
        assert_eq!((first.offset, first.timestamp), (Some(Offset(100)), 7));
        assert_eq!((third.offset, third.timestamp, third.partition), (Some(Offset(102)), 9, 3));
    }

    #[tokio::test]
    async fn the_brokers_time_counts_where_it_stamps_records() {
        let batch = BatchDelivery::new(Str::from("t"), 0);
        batch.tell(Ok(Acknowledged { log_append_time: Some(55), base_offset: None }));
        let metadata = Delivery::new(batch, 4, 7).await.unwrap();
        assert_eq!((metadata.offset, metadata.timestamp), (None, 55));
    }

    #[tokio::test]
    async fn all_who_wait_are_woken_and_the_first_word_counts() {
        let batch = BatchDelivery::new(Str::from("t"), 0);
        let waiters: Vec<_> =
            (0..3).map(|index| tokio::spawn(Delivery::new(Arc::clone(&batch), index, 0))).collect();
        tokio::task::yield_now().await;
        batch.tell(Err(Error::Closed { possibly_written: true }));
        batch.tell(Ok(WRITTEN));
        for waiter in waiters {
            assert!(waiter.await.unwrap().unwrap_err().is_possibly_written());
        }
    }

    #[tokio::test]
    async fn a_batch_that_is_lost_does_not_leave_anybody_waiting() {
        let mut duty = Duty::new(Str::from("t"), 0);
        let delivery = Delivery::new(Arc::clone(duty.of_batch()), 0, 0);
        duty.sent = true;
        drop(duty);
        assert!(delivery.await.unwrap_err().is_possibly_written());
    }

    #[tokio::test]
    async fn a_delivery_polled_often_waits_once() {
        let batch = BatchDelivery::new(Str::from("t"), 0);
        let mut delivery = Delivery::new(Arc::clone(&batch), 0, 0);
        for _ in 0..10 {
            let poll = std::future::poll_fn(|cx| Poll::Ready(Pin::new(&mut delivery).poll(cx))).await;
            assert!(poll.is_pending());
        }
        assert_eq!(lock(&batch.waiting).len(), 1);
        drop(delivery);
        assert_eq!(lock(&batch.waiting).iter().flatten().count(), 0);
    }
}
