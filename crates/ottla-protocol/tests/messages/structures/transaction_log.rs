// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Structures of `TransactionLog` out of random bytes.

use ottla_protocol::internal::transaction_log;

use crate::source::Source;

pub(crate) fn transaction_log_key(s: &mut Source<'_>, _version: i16) -> transaction_log::TransactionLogKey {
    let mut value = transaction_log::TransactionLogKey::default();
    value.transactional_id = s.string("transactional_id");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn transaction_log_value(
    s: &mut Source<'_>,
    version: i16,
) -> transaction_log::TransactionLogValue {
    let mut value = transaction_log::TransactionLogValue::default();
    value.producer_id = s.int64("producer_id");
    if version >= 1 {
        value.previous_producer_id = s.int64("previous_producer_id");
    }
    if version >= 1 {
        value.next_producer_id = s.int64("next_producer_id");
    }
    value.producer_epoch = s.int16("producer_epoch");
    if version >= 1 {
        value.next_producer_epoch = s.int16("next_producer_epoch");
    }
    value.transaction_timeout_ms = s.int32("transaction_timeout_ms");
    value.transaction_status = s.int8("transaction_status");
    value.transaction_partitions = s.nullable(true, |s| s.array(|s| partitions_schema(s, version)));
    value.transaction_last_update_timestamp_ms = s.int64("transaction_last_update_timestamp_ms");
    value.transaction_start_timestamp_ms = s.int64("transaction_start_timestamp_ms");
    if version >= 1 {
        value.client_transaction_version = s.int16("client_transaction_version");
    }
    value.unknown_tags = s.tags();
    value
}

fn partitions_schema(s: &mut Source<'_>, _version: i16) -> transaction_log::PartitionsSchema {
    let mut value = transaction_log::PartitionsSchema::default();
    value.topic = s.string("topic");
    value.partition_ids = s.array(|s| s.int32("partition_ids")).into();
    value.unknown_tags = s.tags();
    value
}
