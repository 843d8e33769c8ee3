//! `DescribeTransactions` (key 65): where the transactions of some ids stand.

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::describe_transactions::{
    DescribeTransactionsRequest, DescribeTransactionsResponse, TopicData, TransactionState,
};
use ottla_protocol::wire::{I32Array, Str};

use super::Handling;
use crate::broker::Core;

/// Describes transactions.
pub(crate) fn handle(core: &Core, request: DescribeTransactionsRequest) -> Handling {
    let mut response = DescribeTransactionsResponse::default();
    response.transaction_states =
        request.transactional_ids.into_iter().map(|id| describe(core, id)).collect();
    Handling::respond(ResponseBody::DescribeTransactions(response))
}

fn describe(core: &Core, id: Str) -> TransactionState {
    let mut state = TransactionState::default();
    state.error_code = fill(core, &id, &mut state).err().unwrap_or_default();
    state.transactional_id = id;
    state
}

fn fill(core: &Core, id: &str, state: &mut TransactionState) -> Result<(), ErrorCode> {
    if id.is_empty() {
        return Err(ErrorCode::INVALID_REQUEST);
    }
    let locked = core.transactions.shard(id)?.enter()?;
    let known = locked.machine().get(id).ok_or(ErrorCode::TRANSACTIONAL_ID_NOT_FOUND)?;
    state.transaction_state = Str::from_static(known.state.name());
    state.transaction_timeout_ms = known.timeout_ms;
    state.transaction_start_time_ms = known.started_ms;
    state.producer_id = known.producer_id;
    state.producer_epoch = known.producer_epoch;
    let topics = known.by_topic().map(|(topic, partitions)| {
        let mut data = TopicData::default();
        data.topic = topic;
        data.partitions = I32Array::from(partitions);
        data
    });
    state.topics = topics.collect();
    Ok(())
}
