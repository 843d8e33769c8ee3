//! `AddOffsetsToTxn` (key 25): the offsets of a group take part in a transaction.
//!
//! What takes part is the partition of `__consumer_offsets` that keeps the group.

use std::collections::BTreeSet;
use std::sync::Arc;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::add_offsets_to_txn::{AddOffsetsToTxnRequest, AddOffsetsToTxnResponse};
use ottla_protocol::wire::Str;
use ottla_storage::FileRange;

use super::Handling;
use crate::broker::Core;
use crate::topic_name::OFFSETS_TOPIC;

/// The first version whose clients know `PRODUCER_FENCED`.
const FENCED_FROM: i16 = 2;

/// Lets the offsets of a group take part.
pub(crate) fn handle(core: &Arc<Core>, version: i16, request: &AddOffsetsToTxnRequest) -> Handling {
    if request.transactional_id.is_empty() {
        return Handling::respond(response(version, Err(ErrorCode::INVALID_REQUEST)));
    }
    let partition = core.groups.partition_of_group(&request.group_id);
    let participants = BTreeSet::from([(Str::from_static(OFFSETS_TOPIC), partition)]);
    let producer = (request.producer_id, request.producer_epoch);
    let added = core.transactions.add(&request.transactional_id, producer, participants, 0);
    Handling::later(async move { response(version, added.await) })
}

fn response(version: i16, added: Result<(), ErrorCode>) -> ResponseBody<FileRange> {
    let mut response = AddOffsetsToTxnResponse::default();
    response.error_code = match added.err().unwrap_or_default() {
        ErrorCode::PRODUCER_FENCED if version < FENCED_FROM => ErrorCode::INVALID_PRODUCER_EPOCH,
        code => code,
    };
    ResponseBody::AddOffsetsToTxn(response)
}
