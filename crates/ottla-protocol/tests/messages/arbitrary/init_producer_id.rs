// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `InitProducerId` out of random bytes.

use ottla_protocol::messages::init_producer_id;

use crate::source::Source;

pub(crate) fn init_producer_id_request(
    s: &mut Source<'_>,
    version: i16,
) -> init_producer_id::InitProducerIdRequest {
    let mut value = init_producer_id::InitProducerIdRequest::default();
    value.transactional_id = s.nullable(true, |s| s.string("transactional_id"));
    value.transaction_timeout_ms = s.int32("transaction_timeout_ms");
    if version >= 3 {
        value.producer_id = s.int64("producer_id");
    }
    if version >= 3 {
        value.producer_epoch = s.int16("producer_epoch");
    }
    if version >= 6 {
        value.enable2_pc = s.bool("enable2_pc");
    }
    if version >= 6 {
        value.keep_prepared_txn = s.bool("keep_prepared_txn");
    }
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn init_producer_id_response(
    s: &mut Source<'_>,
    version: i16,
) -> init_producer_id::InitProducerIdResponse {
    let mut value = init_producer_id::InitProducerIdResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.error_code = s.error_code("error_code");
    value.producer_id = s.int64("producer_id");
    value.producer_epoch = s.int16("producer_epoch");
    if version >= 6 {
        value.ongoing_txn_producer_id = s.int64("ongoing_txn_producer_id");
    }
    if version >= 6 {
        value.ongoing_txn_producer_epoch = s.int16("ongoing_txn_producer_epoch");
    }
    value.unknown_tags = s.tags();
    value
}
