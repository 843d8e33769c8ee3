// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `AddOffsetsToTxn` out of random bytes.

use ottla_protocol::messages::add_offsets_to_txn;

use crate::source::Source;

pub(crate) fn add_offsets_to_txn_request(
    s: &mut Source<'_>,
    _version: i16,
) -> add_offsets_to_txn::AddOffsetsToTxnRequest {
    let mut value = add_offsets_to_txn::AddOffsetsToTxnRequest::default();
    value.transactional_id = s.string("transactional_id");
    value.producer_id = s.int64("producer_id");
    value.producer_epoch = s.int16("producer_epoch");
    value.group_id = s.string("group_id");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn add_offsets_to_txn_response(
    s: &mut Source<'_>,
    _version: i16,
) -> add_offsets_to_txn::AddOffsetsToTxnResponse {
    let mut value = add_offsets_to_txn::AddOffsetsToTxnResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.error_code = s.error_code("error_code");
    value.unknown_tags = s.tags();
    value
}
