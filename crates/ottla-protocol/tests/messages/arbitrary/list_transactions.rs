// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `ListTransactions` out of random bytes.

use ottla_protocol::messages::list_transactions;

use crate::source::Source;

pub(crate) fn list_transactions_request(
    s: &mut Source<'_>,
    version: i16,
) -> list_transactions::ListTransactionsRequest {
    let mut value = list_transactions::ListTransactionsRequest::default();
    value.state_filters = s.array(|s| s.string("state_filters"));
    value.producer_id_filters = s.array(|s| s.int64("producer_id_filters"));
    if version >= 1 {
        value.duration_filter = s.int64("duration_filter");
    }
    if version >= 2 {
        value.transactional_id_pattern = s.nullable(true, |s| s.string("transactional_id_pattern"));
    }
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn list_transactions_response(
    s: &mut Source<'_>,
    version: i16,
) -> list_transactions::ListTransactionsResponse {
    let mut value = list_transactions::ListTransactionsResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.error_code = s.error_code("error_code");
    value.unknown_state_filters = s.array(|s| s.string("unknown_state_filters"));
    value.transaction_states = s.array(|s| transaction_state(s, version));
    value.unknown_tags = s.tags();
    value
}

fn transaction_state(s: &mut Source<'_>, _version: i16) -> list_transactions::TransactionState {
    let mut value = list_transactions::TransactionState::default();
    value.transactional_id = s.string("transactional_id");
    value.producer_id = s.int64("producer_id");
    value.transaction_state = s.string("transaction_state");
    value.unknown_tags = s.tags();
    value
}
