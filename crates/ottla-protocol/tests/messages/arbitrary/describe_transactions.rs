// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `DescribeTransactions` out of random bytes.

use ottla_protocol::messages::describe_transactions;

use crate::source::Source;

pub(crate) fn describe_transactions_request(
    s: &mut Source<'_>,
    _version: i16,
) -> describe_transactions::DescribeTransactionsRequest {
    let mut value = describe_transactions::DescribeTransactionsRequest::default();
    value.transactional_ids = s.array(|s| s.string("transactional_ids"));
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn describe_transactions_response(
    s: &mut Source<'_>,
    version: i16,
) -> describe_transactions::DescribeTransactionsResponse {
    let mut value = describe_transactions::DescribeTransactionsResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.transaction_states = s.array(|s| transaction_state(s, version));
    value.unknown_tags = s.tags();
    value
}

fn transaction_state(s: &mut Source<'_>, version: i16) -> describe_transactions::TransactionState {
    let mut value = describe_transactions::TransactionState::default();
    value.error_code = s.error_code("error_code");
    value.transactional_id = s.string("transactional_id");
    value.transaction_state = s.string("transaction_state");
    value.transaction_timeout_ms = s.int32("transaction_timeout_ms");
    value.transaction_start_time_ms = s.int64("transaction_start_time_ms");
    value.producer_id = s.int64("producer_id");
    value.producer_epoch = s.int16("producer_epoch");
    value.topics = s.array(|s| topic_data(s, version));
    value.unknown_tags = s.tags();
    value
}

fn topic_data(s: &mut Source<'_>, _version: i16) -> describe_transactions::TopicData {
    let mut value = describe_transactions::TopicData::default();
    value.topic = s.string("topic");
    value.partitions = s.array(|s| s.int32("partitions")).into();
    value.unknown_tags = s.tags();
    value
}
