// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `AddPartitionsToTxn` out of random bytes.

use ottla_protocol::messages::add_partitions_to_txn;

use crate::source::Source;

pub(crate) fn add_partitions_to_txn_request(
    s: &mut Source<'_>,
    version: i16,
) -> add_partitions_to_txn::AddPartitionsToTxnRequest {
    let mut value = add_partitions_to_txn::AddPartitionsToTxnRequest::default();
    if version >= 4 {
        value.transactions = s.array(|s| add_partitions_to_txn_transaction(s, version));
    }
    if version <= 3 {
        value.v3_and_below_transactional_id = s.string("v3_and_below_transactional_id");
    }
    if version <= 3 {
        value.v3_and_below_producer_id = s.int64("v3_and_below_producer_id");
    }
    if version <= 3 {
        value.v3_and_below_producer_epoch = s.int16("v3_and_below_producer_epoch");
    }
    if version <= 3 {
        value.v3_and_below_topics = s.array(|s| add_partitions_to_txn_topic(s, version));
    }
    value.unknown_tags = s.tags();
    value
}

fn add_partitions_to_txn_transaction(
    s: &mut Source<'_>,
    version: i16,
) -> add_partitions_to_txn::AddPartitionsToTxnTransaction {
    let mut value = add_partitions_to_txn::AddPartitionsToTxnTransaction::default();
    value.transactional_id = s.string("transactional_id");
    value.producer_id = s.int64("producer_id");
    value.producer_epoch = s.int16("producer_epoch");
    value.verify_only = s.bool("verify_only");
    value.topics = s.array(|s| add_partitions_to_txn_topic(s, version));
    value.unknown_tags = s.tags();
    value
}

fn add_partitions_to_txn_topic(
    s: &mut Source<'_>,
    _version: i16,
) -> add_partitions_to_txn::AddPartitionsToTxnTopic {
    let mut value = add_partitions_to_txn::AddPartitionsToTxnTopic::default();
    value.name = s.string("name");
    value.partitions = s.array(|s| s.int32("partitions")).into();
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn add_partitions_to_txn_response(
    s: &mut Source<'_>,
    version: i16,
) -> add_partitions_to_txn::AddPartitionsToTxnResponse {
    let mut value = add_partitions_to_txn::AddPartitionsToTxnResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    if version >= 4 {
        value.error_code = s.error_code("error_code");
    }
    if version >= 4 {
        value.results_by_transaction = s.array(|s| add_partitions_to_txn_result(s, version));
    }
    if version <= 3 {
        value.results_by_topic_v3_and_below = s.array(|s| add_partitions_to_txn_topic_result(s, version));
    }
    value.unknown_tags = s.tags();
    value
}

fn add_partitions_to_txn_result(
    s: &mut Source<'_>,
    version: i16,
) -> add_partitions_to_txn::AddPartitionsToTxnResult {
    let mut value = add_partitions_to_txn::AddPartitionsToTxnResult::default();
    value.transactional_id = s.string("transactional_id");
    value.topic_results = s.array(|s| add_partitions_to_txn_topic_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn add_partitions_to_txn_topic_result(
    s: &mut Source<'_>,
    version: i16,
) -> add_partitions_to_txn::AddPartitionsToTxnTopicResult {
    let mut value = add_partitions_to_txn::AddPartitionsToTxnTopicResult::default();
    value.name = s.string("name");
    value.results_by_partition = s.array(|s| add_partitions_to_txn_partition_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn add_partitions_to_txn_partition_result(
    s: &mut Source<'_>,
    _version: i16,
) -> add_partitions_to_txn::AddPartitionsToTxnPartitionResult {
    let mut value = add_partitions_to_txn::AddPartitionsToTxnPartitionResult::default();
    value.partition_index = s.int32("partition_index");
    value.partition_error_code = s.error_code("partition_error_code");
    value.unknown_tags = s.tags();
    value
}
