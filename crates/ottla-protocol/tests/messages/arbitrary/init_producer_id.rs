// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `InitProducerId` out of random bytes.

use ottla_protocol::messages::init_producer_id;

use crate::source::Source;

pub(crate) fn init_producer_id_request(
    s: &mut Source<'_>,
    version: i16,
) -> init_producer_id::InitProducerIdRequest {
    let mut value = init_producer_id::InitProducerIdRequest::default();
    value.transactional_id = s.nullable(true, |s| s.string());
    value.transaction_timeout_ms = s.int32();
    if version >= 3 {
        value.producer_id = s.int64();
    }
    if version >= 3 {
        value.producer_epoch = s.int16();
    }
    if version >= 6 {
        value.enable2_pc = s.bool();
    }
    if version >= 6 {
        value.keep_prepared_txn = s.bool();
    }
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn init_producer_id_response(
    s: &mut Source<'_>,
    version: i16,
) -> init_producer_id::InitProducerIdResponse {
    let mut value = init_producer_id::InitProducerIdResponse::default();
    value.throttle_time_ms = s.int32();
    value.error_code = s.error_code();
    value.producer_id = s.int64();
    value.producer_epoch = s.int16();
    if version >= 6 {
        value.ongoing_txn_producer_id = s.int64();
    }
    if version >= 6 {
        value.ongoing_txn_producer_epoch = s.int16();
    }
    value.unknown_tags = s.tags();
    value
}
