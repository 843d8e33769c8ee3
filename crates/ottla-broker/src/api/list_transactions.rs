//! `ListTransactions` (key 66): the transactional ids that this node coordinates.
//!
//! They can be filtered by state, producer, age (KIP-994) and a regular expression that the whole id has to match
//! (KIP-1152).

use std::collections::BTreeSet;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::list_transactions::{
    ListTransactionsRequest, ListTransactionsResponse, TransactionState,
};
use ottla_protocol::wire::Str;
use regex::Regex;

use super::Handling;
use crate::broker::Core;
use crate::transactions::transaction::{State, Transaction};

/// Lists transactional ids.
pub(crate) fn handle(core: &Core, request: &ListTransactionsRequest) -> Handling {
    let mut response = ListTransactionsResponse::default();
    match list(core, request, &mut response) {
        Ok(()) => {}
        Err(code) => {
            response.transaction_states.clear();
            response.error_code = code;
        }
    }
    Handling::respond(ResponseBody::ListTransactions(response))
}

fn list(
    core: &Core,
    request: &ListTransactionsRequest,
    response: &mut ListTransactionsResponse,
) -> Result<(), ErrorCode> {
    let filter = Filter::new(core.env.now_ms(), request)?;
    response.unknown_state_filters = filter.unknown_states.iter().cloned().collect();
    for shard in core.transactions.shards() {
        // One that is being loaded is asked for again; one that failed has nothing to show.
        let locked = match shard.enter() {
            Ok(locked) => locked,
            Err(ErrorCode::NOT_COORDINATOR) => continue,
            Err(code) => return Err(code),
        };
        let matching = locked.machine().all().filter(|(id, known)| filter.matches(id, known));
        response.transaction_states.extend(matching.map(|(id, known)| {
            let mut state = TransactionState::default();
            state.transactional_id = id.clone();
            state.producer_id = known.producer_id;
            state.transaction_state = Str::from_static(known.state.name());
            state
        }));
    }
    Ok(())
}

struct Filter {
    now_ms: i64,
    states: BTreeSet<&'static str>,
    unknown_states: BTreeSet<Str>,
    by_state: bool,
    producers: BTreeSet<i64>,
    duration_ms: i64,
    pattern: Option<Regex>,
}

impl Filter {
    fn new(now_ms: i64, request: &ListTransactionsRequest) -> Result<Self, ErrorCode> {
        let (mut states, mut unknown_states) = (BTreeSet::new(), BTreeSet::new());
        for name in &request.state_filters {
            match State::ALL.into_iter().find(|state| state.name() == name.as_str()) {
                Some(state) => _ = states.insert(state.name()),
                None => _ = unknown_states.insert(name.clone()),
            }
        }
        let pattern = request.transactional_id_pattern.as_deref().filter(|pattern| !pattern.is_empty());
        let pattern = pattern.map(|pattern| {
            Regex::new(&format!("^(?:{pattern})$")).map_err(|_| ErrorCode::INVALID_REGULAR_EXPRESSION)
        });
        Ok(Self {
            now_ms,
            states,
            unknown_states,
            by_state: !request.state_filters.is_empty(),
            producers: request.producer_id_filters.iter().copied().collect(),
            duration_ms: request.duration_filter,
            pattern: pattern.transpose()?,
        })
    }

    fn matches(&self, id: &str, known: &Transaction) -> bool {
        let by_state = !self.by_state || self.states.contains(known.state.name());
        let by_producer = self.producers.is_empty() || self.producers.contains(&known.producer_id);
        // One that never began is as old as can be, as in Kafka.
        let age_ms = self.now_ms.saturating_sub(known.started_ms);
        let by_duration = self.duration_ms < 0 || age_ms > self.duration_ms;
        by_state
            && by_producer
            && by_duration
            && self.pattern.as_ref().is_none_or(|pattern| pattern.is_match(id))
    }
}
