// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `EndTxn` out of random bytes.

use ottla_protocol::messages::end_txn;

use crate::source::Source;

pub(crate) fn end_txn_request(s: &mut Source<'_>, _version: i16) -> end_txn::EndTxnRequest {
    let mut value = end_txn::EndTxnRequest::default();
    value.transactional_id = s.string("transactional_id");
    value.producer_id = s.int64("producer_id");
    value.producer_epoch = s.int16("producer_epoch");
    value.committed = s.bool("committed");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn end_txn_response(s: &mut Source<'_>, version: i16) -> end_txn::EndTxnResponse {
    let mut value = end_txn::EndTxnResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.error_code = s.error_code("error_code");
    if version >= 5 {
        value.producer_id = s.int64("producer_id");
    }
    if version >= 5 {
        value.producer_epoch = s.int16("producer_epoch");
    }
    value.unknown_tags = s.tags();
    value
}
