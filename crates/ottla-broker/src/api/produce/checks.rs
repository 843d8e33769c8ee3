//! Whether a partition's records may be appended, as far as they alone can tell.
//!
//! The rules are Kafka's and are kept in `ottla_protocol::records`; here is what a topic and this release ask.

use bytes::Bytes;
use ottla_protocol::api::ErrorCode;
use ottla_protocol::records::{
    Batch, Compression, InvalidBatch, RecordError, TimestampType, ValidateRules, produced_batch, validate,
};

use super::Refusal;
use crate::config::TopicSettings;
use crate::partition::Refused;

/// The one batch that a partition's records must be.
pub(super) fn one_batch(records: Option<Bytes>, version: i16, transactional: bool) -> Result<Batch, Refusal> {
    let records = records.ok_or_else(|| Refusal::saying(ErrorCode::INVALID_RECORD, "records are null"))?;
    let batch =
        produced_batch(records).map_err(|error| Refusal::saying(error.error_code(), error.to_string()))?;
    let attributes = batch.header().attributes;
    if version < 7 && attributes.compression() == Ok(Compression::Zstd) {
        return Err(Refusal::from(ErrorCode::UNSUPPORTED_COMPRESSION_TYPE));
    }
    if transactional || attributes.is_transactional() {
        let message = "transactions are not served by this release of ottla";
        return Err(Refusal::saying(ErrorCode::INVALID_REQUEST, message));
    }
    Ok(batch)
}

/// Checks a batch by the rules of its topic.
pub(super) fn check(batch: &Batch, settings: &TopicSettings, now_ms: i64) -> Result<(), Refused> {
    let mut rules = ValidateRules::default();
    rules.message_bytes_max = usize::try_from(settings.max_message_bytes).unwrap_or(0);
    rules.timestamp_type = match settings.log_append_time {
        true => TimestampType::LogAppendTime,
        false => TimestampType::CreateTime,
    };
    rules.now = now_ms;
    rules.timestamp_before_max = settings.timestamp_before_max_ms;
    rules.timestamp_after_max = settings.timestamp_after_max_ms;
    match validate(batch, &rules) {
        Ok(_) => Ok(()),
        Err(error) => Err(refused(&error)),
    }
}

/// A refusal with the records that are to blame, if single ones are.
fn refused(error: &InvalidBatch) -> Refused {
    let code = error.error_code();
    let record_errors = error.record_errors().iter().map(|error| (error.index(), words(error))).collect();
    let message = match code {
        ErrorCode::INVALID_TIMESTAMP => {
            "One or more records have been rejected due to invalid timestamp".to_owned()
        }
        _ => error.to_string(),
    };
    Refused { code, message: Some(message), record_errors }
}

/// What is wrong with a record; of timestamps in Kafka's words.
fn words(error: &RecordError) -> String {
    match error {
        RecordError::Timestamp { index, timestamp, oldest, newest } => format!(
            "Timestamp {timestamp} of message with offset {index} is out of range. \
             The timestamp should be within [{oldest}, {newest}]"
        ),
        other => other.to_string(),
    }
}
