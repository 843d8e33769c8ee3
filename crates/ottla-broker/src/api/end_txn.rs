//! `EndTxn` (key 26): a producer commits or aborts its transaction.
//!
//! It is answered when every partition knows of it, or when it is known that one will only later: Kafka answers
//! before any does. From version 5 on the producer is told its next epoch (KIP-890).

use std::sync::Arc;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::end_txn::{EndTxnRequest, EndTxnResponse};
use ottla_storage::FileRange;

use super::Handling;
use crate::broker::Core;
use crate::transactions::TransactionCoordinator;
use crate::transactions::machine::End;
use crate::transactions::transaction::{EPOCH_PER_TRANSACTION, Producer};

/// The first version whose clients know `PRODUCER_FENCED`.
const FENCED_FROM: i16 = 2;
/// The first version of transaction version 2.
const EPOCH_FROM: i16 = 5;

/// Ends a transaction.
pub(crate) fn handle(core: &Arc<Core>, version: i16, request: EndTxnRequest) -> Handling {
    if request.transactional_id.is_empty() {
        return Handling::respond(response(version, Err(ErrorCode::INVALID_REQUEST)));
    }
    let end = End {
        id: request.transactional_id,
        producer: (request.producer_id, request.producer_epoch),
        commits: request.committed,
        version: if version >= EPOCH_FROM { EPOCH_PER_TRANSACTION } else { 0 },
    };
    let core = Arc::clone(core);
    Handling::later(async move {
        let ended = TransactionCoordinator::step(&core, &end.id, |transactions, token, fresh| {
            transactions.end(core.env.now_ms(), token, &end, fresh)
        });
        response(version, ended.await)
    })
}

fn response(version: i16, ended: Result<Producer, ErrorCode>) -> ResponseBody<FileRange> {
    let mut response = EndTxnResponse::default();
    match ended {
        Ok((id, epoch)) if version >= EPOCH_FROM => {
            response.producer_id = id;
            response.producer_epoch = epoch;
        }
        Ok(_) => {}
        Err(ErrorCode::PRODUCER_FENCED) if version < FENCED_FROM => {
            response.error_code = ErrorCode::INVALID_PRODUCER_EPOCH;
        }
        Err(code) => response.error_code = code,
    }
    ResponseBody::EndTxn(response)
}
