//! `InitProducerId` (key 22): an id for an idempotent producer, or the next epoch of a transactional one.
//!
//! Ids are given out in [`crate::producer_ids`]; what becomes of a transactional id is decided in
//! [`crate::transactions`].

use std::sync::Arc;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::init_producer_id::{InitProducerIdRequest, InitProducerIdResponse};
use ottla_protocol::wire::Str;
use ottla_storage::FileRange;

use super::Handling;
use crate::aside;
use crate::broker::Core;
use crate::transactions::TransactionCoordinator;
use crate::transactions::machine::Init;
use crate::transactions::transaction::Producer;

/// The first version whose clients know `PRODUCER_FENCED`.
const FENCED_FROM: i16 = 4;

/// Gives out a producer id.
pub(crate) fn handle(core: &Arc<Core>, version: i16, request: InitProducerIdRequest) -> Handling {
    // An id and an epoch come together or not at all (KIP-360).
    if (request.producer_id == -1) != (request.producer_epoch == -1) {
        return respond(Err(ErrorCode::INVALID_REQUEST));
    }
    if let Some(id) = request.transactional_id.clone() {
        return transactional(core, version, id, &request);
    }
    if let Some(id) = core.producer_ids.next_reserved() {
        return respond(Ok((id, 0)));
    }
    aside::handle(core, |core| {
        let core = Arc::clone(core);
        Handling::later(async move { response(core.producer_ids.next(&core).await.map(|id| (id, 0))) })
    })
}

fn transactional(core: &Arc<Core>, version: i16, id: Str, request: &InitProducerIdRequest) -> Handling {
    if id.is_empty() {
        return respond(Err(ErrorCode::INVALID_REQUEST));
    }
    let timeout_ms = request.transaction_timeout_ms;
    if timeout_ms <= 0 || timeout_ms > core.transactions.context().settings.timeout_max_ms {
        return respond(Err(ErrorCode::INVALID_TRANSACTION_TIMEOUT));
    }
    let expected = (request.producer_id != -1).then_some((request.producer_id, request.producer_epoch));
    let init = Init { id, timeout_ms, expected };
    let core = Arc::clone(core);
    Handling::later(async move {
        let initialized = TransactionCoordinator::step(&core, &init.id, |transactions, token, fresh| {
            transactions.init(core.env.now_ms(), token, &init, fresh)
        });
        response(initialized.await.map_err(|code| match code {
            ErrorCode::PRODUCER_FENCED if version < FENCED_FROM => ErrorCode::INVALID_PRODUCER_EPOCH,
            code => code,
        }))
    })
}

fn respond(producer: Result<Producer, ErrorCode>) -> Handling {
    Handling::respond(response(producer))
}

fn response(producer: Result<Producer, ErrorCode>) -> ResponseBody<FileRange> {
    let mut response = InitProducerIdResponse::default();
    match producer {
        Ok((id, epoch)) => {
            response.producer_id = id;
            response.producer_epoch = epoch;
        }
        Err(code) => {
            response.error_code = code;
            response.producer_id = -1;
            response.producer_epoch = -1;
        }
    }
    ResponseBody::InitProducerId(response)
}
