//! `InitProducerId` (key 22): an id for an idempotent producer.
//!
//! Transactions are not served by this release: a transactional id is refused with `INVALID_REQUEST`. The
//! response has no room for a message, so the log says why. Ids are given out in [`crate::producer_ids`].

use std::sync::Arc;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::init_producer_id::{InitProducerIdRequest, InitProducerIdResponse};

use super::Handling;
use crate::aside;
use crate::broker::Core;

/// Gives out a producer id.
pub(crate) fn handle(core: &Arc<Core>, request: &InitProducerIdRequest) -> Handling {
    if let Some(id) = &request.transactional_id {
        tracing::warn!(transactional_id = %id.as_str(), "refused a transactional producer: transactions are not served by this release");
        return respond(Err(ErrorCode::INVALID_REQUEST));
    }
    // An id and an epoch come together or not at all (KIP-360).
    if (request.producer_id == -1) != (request.producer_epoch == -1) {
        return respond(Err(ErrorCode::INVALID_REQUEST));
    }
    if let Some(id) = core.producer_ids.next_reserved() {
        return respond(Ok(id));
    }
    aside::handle(core, |core| {
        let core = Arc::clone(core);
        Handling::later(async move { response(core.producer_ids.next(&core).await) })
    })
}

fn respond(id: Result<i64, ErrorCode>) -> Handling {
    Handling::respond(response(id))
}

fn response(id: Result<i64, ErrorCode>) -> ResponseBody<ottla_storage::FileRange> {
    let mut response = InitProducerIdResponse::default();
    match id {
        Ok(id) => {
            response.producer_id = id;
            response.producer_epoch = 0;
        }
        Err(code) => {
            response.error_code = code;
            response.producer_id = -1;
            response.producer_epoch = -1;
        }
    }
    ResponseBody::InitProducerId(response)
}
