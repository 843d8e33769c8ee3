//! `UnregisterBroker` (key 64): has the cluster forget a broker that is gone (KIP-185), and the only one is here.
//!
//! Kafka does what is asked, and then has no broker though it runs; here the one that answers is not forgotten.

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::unregister_broker::{UnregisterBrokerRequest, UnregisterBrokerResponse};

use super::{Handling, told};
use crate::broker::Core;

/// Refuses.
pub(crate) fn handle(core: &Core, request: &UnregisterBrokerRequest) -> Handling {
    let id = request.broker_id;
    let (code, words) = match id == core.node_id {
        true => (
            ErrorCode::INVALID_REQUEST,
            format!("Broker ID {id} is the one that answers: it cannot be unregistered while it runs"),
        ),
        false => (ErrorCode::BROKER_ID_NOT_REGISTERED, format!("Broker ID {id} is not currently registered")),
    };
    let mut response = UnregisterBrokerResponse::default();
    response.error_code = code;
    response.error_message = Some(told(words));
    Handling::respond(ResponseBody::UnregisterBroker(response))
}
