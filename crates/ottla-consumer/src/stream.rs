//! All records of a consumer as a stream.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use crate::consumer::Consumer;
use crate::error::Error;
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
    batch: VecDeque<Record>,
    error: Option<Error>,
}

impl RecordStream {
    pub(crate) fn new(consumer: Consumer) -> Self {
        Self { consumer, batch: VecDeque::new(), error: None }
    }

    /// The next record; waits for one. `None` once the consumer is closed.
    ///
    /// # Cancel safety
    /// Cancel safe: dropped, no record is lost.
    pub async fn next(&mut self) -> Option<Result<Record, Error>> {
        std::future::poll_fn(|cx| self.poll_record(cx)).await
    }

    fn poll_record(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Record, Error>>> {
        loop {
            if let Some(record) = self.batch.pop_front() {
                return Poll::Ready(Some(Ok(record)));
            }
            if let Some(error) = self.error.take() {
                return Poll::Ready(Some(Err(error)));
            }
            match ready!(self.consumer.poll_next_batch(cx)) {
                // What could be read before the damage is handed out before the error.
                Ok(batch) => self.error = batch.append_to(&mut self.batch).err(),
                Err(Error::Closed) => return Poll::Ready(None),
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
    }
}

impl Stream for RecordStream {
    type Item = Result<Record, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_record(cx)
    }
}
