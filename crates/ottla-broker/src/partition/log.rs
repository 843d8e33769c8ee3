//! A partition that is a log of `ottla-storage`.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use ottla_protocol::api::ErrorCode;
use ottla_protocol::records::{EndTxnMarker, RecordError};
use ottla_storage::{self as storage, ActiveProducer, Isolation, Origin, TransactionGuard};

use super::{
    Ack, Append, Appended, BoxFuture, Marker, Offsets, Partition, Read, Reading, Refused, Terms, TimedOffset,
};

/// A partition in a log of its own.
#[derive(Debug)]
pub(crate) struct LogPartition {
    log: Arc<storage::Log>,
    /// The epoch in which this broker leads: 0, or the last of a log that was led by another before.
    leader_epoch: i32,
}

impl LogPartition {
    pub(crate) fn new(log: Arc<storage::Log>) -> Self {
        let leader_epoch = log.offsets().leader_epoch.max(0);
        Self { log, leader_epoch }
    }

    fn append_as(
        &self,
        records: Bytes,
        options: storage::AppendOptions,
        ack: Option<Ack>,
    ) -> Result<Append, Refused> {
        let options = options.with_leader_epoch(self.leader_epoch);
        let appended = self.log.append(records, options).map_err(|error| refused(self.log.name(), &error))?;
        let acknowledged = match ack {
            None => None,
            Some(Ack::Written) => unless_done(self.log.written(&appended)),
            Some(Ack::Durable) => unless_done(self.log.durable(&appended)),
        };
        let appended = Appended {
            base_offset: appended.base_offset.0,
            end: appended.end().0,
            log_append_time_ms: appended.log_append_time_ms,
            log_start_offset: appended.log_start_offset.0,
        };
        Ok(Append { appended, acknowledged })
    }
}

impl Partition for LogPartition {
    fn append(&self, records: Bytes, now_ms: i64, ack: Option<Ack>) -> Result<Append, Refused> {
        self.append_as(records, storage::AppendOptions::new(now_ms), ack)
    }

    fn append_guarded(
        &self,
        records: Bytes,
        now_ms: i64,
        ack: Option<Ack>,
        terms: Terms,
    ) -> Result<Append, Refused> {
        let mut options = storage::AppendOptions::new(now_ms);
        options.guard = terms.guard;
        options.begins_at_zero = terms.begins_at_zero;
        self.append_as(records, options, ack)
    }

    fn append_of_coordinator(&self, records: Bytes, now_ms: i64, terms: Terms) -> Result<Append, Refused> {
        let mut options = storage::AppendOptions::new(now_ms).with_origin(Origin::Coordinator);
        options.guard = terms.guard;
        self.append_as(records, options, Some(Ack::Durable))
    }

    fn append_marker(&self, marker: Marker, now_ms: i64) -> Result<Append, Refused> {
        let Marker { committed, producer_id, producer_epoch, coordinator_epoch, transaction_version } =
            marker;
        let batch = EndTxnMarker { committed, coordinator_epoch }
            .to_batch(now_ms, producer_id, producer_epoch)
            .map_err(|_| Refused::with_code(ErrorCode::UNKNOWN_SERVER_ERROR))?;
        let options = storage::AppendOptions::new(now_ms)
            .with_origin(Origin::Coordinator)
            .with_transaction_version(transaction_version);
        self.append_as(batch, options, Some(Ack::Durable))
    }

    fn transaction_guard(&self, producer_id: i64, epoch: i16) -> TransactionGuard {
        self.log.transaction_guard(producer_id, epoch)
    }

    fn active_producers(&self) -> Vec<ActiveProducer> {
        self.log.active_producers()
    }

    fn leader_epoch(&self) -> i32 {
        self.leader_epoch
    }

    fn offsets(&self) -> Offsets {
        offsets(self.log.offsets())
    }

    fn size_bytes(&self) -> u64 {
        self.log.size()
    }

    fn read(&self, from: i64, bytes_max: usize, at_least_one: bool, isolation: Isolation) -> Reading {
        let options = storage::ReadOptions { max_bytes: bytes_max, at_least_one, isolation };
        match self.log.read(storage::Offset(from), options) {
            storage::Reading::Now(read) => Reading::Now(result(read)),
            storage::Reading::Later(read) => Reading::Later(Box::pin(async move { result(read.await) })),
        }
    }

    fn delete_records(&self, before: Option<i64>) -> BoxFuture<Result<i64, ErrorCode>> {
        let before = before.map_or_else(|| self.log.offsets().high_watermark, storage::Offset);
        let deleting = self.log.delete_records(before);
        Box::pin(async move {
            let start = deleting.await;
            start.map(|start| start.0).map_err(|error| error.error_code())
        })
    }

    fn readable(&self, after: i64) -> BoxFuture<bool> {
        let readable = self.log.readable(storage::Offset(after));
        Box::pin(async move { readable.await.is_ok() })
    }

    fn offset_for_timestamp(&self, timestamp: i64) -> BoxFuture<Result<Option<TimedOffset>, ErrorCode>> {
        let log = Arc::clone(&self.log);
        Box::pin(async move { timed(log.offset_for_timestamp(timestamp).await) })
    }

    fn max_timestamp(&self) -> BoxFuture<Result<Option<TimedOffset>, ErrorCode>> {
        let log = Arc::clone(&self.log);
        Box::pin(async move { timed(log.max_timestamp().await) })
    }

    fn epoch_end_offset(&self, epoch: i32) -> Option<(i32, i64)> {
        if epoch > self.leader_epoch {
            return None;
        }
        let known = self.log.epoch_end_offset(epoch).map(|(epoch, end)| (epoch, end.0));
        // The epoch in which this broker leads ends where the log does, though nothing be appended in it yet; and
        // where it is the first, epochs before it end where it begins.
        known.or_else(|| Some((epoch, self.log.offsets().log_end.0)))
    }
}

/// A refusal with the records that are to blame, if single ones are.
fn refused(log: &storage::LogName, error: &storage::AppendError) -> Refused {
    let code = error.error_code();
    let record_errors = match error {
        storage::AppendError::Invalid(invalid) => invalid.record_errors(),
        _ => &[],
    };
    let message = match code {
        ErrorCode::INVALID_TIMESTAMP => {
            "One or more records have been rejected due to invalid timestamp".to_owned()
        }
        _ => error.to_string(),
    };
    let record_errors = record_errors.iter().map(|error| (error.index(), words(log, error))).collect();
    Refused { code, message: Some(message), record_errors }
}

/// What is wrong with a record; of timestamps and keys in Kafka's words.
fn words(log: &storage::LogName, error: &RecordError) -> String {
    match error {
        RecordError::NoKey { .. } => {
            format!("Compacted topic cannot accept message without key in topic partition {log}.")
        }
        RecordError::Timestamp { index, timestamp, oldest, newest } => format!(
            "Timestamp {timestamp} of message with offset {index} is out of range. \
             The timestamp should be within [{oldest}, {newest}]"
        ),
        other => other.to_string(),
    }
}

fn offsets(offsets: storage::LogOffsets) -> Offsets {
    Offsets {
        log_start: offsets.log_start.0,
        high_watermark: offsets.high_watermark.0,
        last_stable: offsets.last_stable.0,
        log_end: offsets.log_end.0,
    }
}

fn result(read: Result<storage::ReadResult, storage::ReadError>) -> Result<Read, ErrorCode> {
    let read = read.map_err(|error| error.error_code())?;
    Ok(Read { records: read.records, offsets: offsets(read.offsets), aborted: read.aborted })
}

fn timed(
    found: Result<Option<storage::TimestampOffset>, storage::ReadError>,
) -> Result<Option<TimedOffset>, ErrorCode> {
    let found = found.map_err(|error| error.error_code())?;
    Ok(found.map(|found| TimedOffset {
        offset: found.offset.0,
        timestamp: found.timestamp,
        leader_epoch: found.leader_epoch,
    }))
}

/// The wait of an acknowledgement, unless it is over: in `os` mode it mostly is.
fn unless_done<W>(mut wait: W) -> Option<BoxFuture<Result<(), ErrorCode>>>
where
    W: Future<Output = Result<(), storage::Error>> + Unpin + Send + 'static,
{
    match Pin::new(&mut wait).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(())) => None,
        Poll::Ready(Err(error)) => Some(Box::pin(std::future::ready(Err(error.error_code())))),
        Poll::Pending => Some(Box::pin(async move { wait.await.map_err(|error| error.error_code()) })),
    }
}
