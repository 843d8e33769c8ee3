//! All records of a consumer as a stream.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use ottla_client::internal::lock;

use crate::batch::Batch;
use crate::consumer::Consumer;
use crate::error::Error;
use crate::progress::Progress;
use crate::record::Record;

/// A stream of owned records, made by [`Consumer::records`]. It ends when the consumer is closed.
///
/// # Examples
/// ```no_run
/// # async fn demo(consumer: ottla_consumer::Consumer) -> Result<(), ottla_consumer::Error> {
/// let mut records = consumer.records();
/// while let Some(record) = records.next().await {
///     let record = record?;
///     println!("{}-{}@{}: {:?}", record.topic(), record.partition(), record.offset, record.value);
/// }
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct RecordStream {
    consumer: Consumer,
    /// The batch that is being handed out.
    batch: Option<Batch>,
    /// What is left of it.
    records: VecDeque<Record>,
    /// The offset behind the last record that was handed out of it.
    next_offset: Option<i64>,
    error: Option<Error>,
}

impl RecordStream {
    pub(crate) fn new(consumer: Consumer) -> Self {
        Self { consumer, batch: None, records: VecDeque::new(), next_offset: None, error: None }
    }

    /// The next record; waits for one. `None` once the consumer is closed.
    ///
    /// # Cancel safety
    /// Cancel safe: dropped, no record is lost.
    pub async fn next(&mut self) -> Option<Result<Record, Error>> {
        std::future::poll_fn(|cx| self.poll_record(cx)).await
    }

    fn poll_record(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Record, Error>>> {
        self.finish_last();
        loop {
            if let Some(error) = self.look_at_group() {
                return Poll::Ready(Some(Err(error)));
            }
            if let Some(record) = self.records.pop_front() {
                self.hand_out(&record);
                return Poll::Ready(Some(Ok(record)));
            }
            self.batch = None;
            self.next_offset = None;
            if let Some(error) = self.error.take() {
                return Poll::Ready(Some(Err(error)));
            }
            match ready!(self.consumer.poll_batch_for_records(cx)) {
                Ok(batch) => {
                    // What could be read before the damage is handed out before the error.
                    self.error = batch.append_to(&mut self.records).err();
                    self.batch = Some(batch);
                }
                Err(Error::Closed) => return Poll::Ready(None),
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
    }

    /// Whoever asks for a record is done with the one before.
    fn finish_last(&self) {
        if let (Some(batch), Some(next_offset)) = (&self.batch, self.next_offset)
            && let Some(progress) = batch.progress()
        {
            progress.finish(next_offset);
        }
    }

    fn hand_out(&mut self, record: &Record) {
        let next_offset = record.offset.0 + 1;
        self.next_offset = Some(next_offset);
        if let Some(progress) = self.batch.as_ref().and_then(Batch::progress) {
            progress.hand_out(next_offset);
        }
        self.consumer.set_active();
    }

    /// In the middle of a batch the group may want its partition back.
    fn look_at_group(&mut self) -> Option<Error> {
        if self.records.is_empty() || !self.consumer.has_notices() {
            return None;
        }
        let error = self.consumer.settle();
        if let Some(batch) = self.batch.take_if(|batch| !self.consumer.is_current(batch)) {
            batch.progress().into_iter().for_each(Progress::abandon);
            self.records.clear();
            self.error = None;
        }
        error
    }
}

impl Drop for RecordStream {
    fn drop(&mut self) {
        let Some(first) = self.records.front() else { return };
        if let Some(batch) = self.batch.take() {
            self.consumer.put_back(batch.from(first.offset.0));
        }
    }
}

impl Stream for RecordStream {
    type Item = Result<Record, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_record(cx)
    }
}

impl Consumer {
    /// Hands out what is left of a batch to whoever asks next.
    fn put_back(&self, batch: Batch) {
        if lock(&self.shared.fetcher).put_back(batch) {
            self.shared.wake_waiting();
        }
    }

    fn is_current(&self, batch: &Batch) -> bool {
        lock(&self.shared.fetcher).is_current(batch)
    }
}
