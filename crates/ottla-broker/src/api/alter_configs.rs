//! `AlterConfigs` (key 33): all that is set for a resource is replaced.
//!
//! Kept for old clients; [`super::incremental_alter_configs`] came in its place. What both have in common is in
//! [`super::configs`].

use std::sync::Arc;

use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::alter_configs::{
    AlterConfigsRequest, AlterConfigsResourceResponse, AlterConfigsResponse,
};
use ottla_storage::FileRange;

use super::Handling;
use super::configs::{Answer, Asked, Wish, carry_out};
use crate::broker::Core;

/// Replaces what is set for resources, or only says whether it would.
pub(crate) fn handle(core: &Arc<Core>, request: AlterConfigsRequest) -> Handling {
    let asked = request.resources.into_iter().map(|resource| Asked {
        kind: resource.resource_type,
        name: resource.resource_name,
        wish: Wish::Replace(resource.configs.into_iter().map(|key| (key.name, key.value)).collect()),
    });
    carry_out(core, &asked.collect::<Vec<_>>(), request.validate_only, respond)
}

fn respond(answers: Vec<Answer>) -> ResponseBody<FileRange> {
    let mut response = AlterConfigsResponse::default();
    response.responses = answers
        .into_iter()
        .map(|answer| {
            let mut result = AlterConfigsResourceResponse::default();
            result.error_code = answer.error_code;
            result.error_message = answer.error_message;
            result.resource_type = answer.kind;
            result.resource_name = answer.name;
            result
        })
        .collect();
    ResponseBody::AlterConfigs(response)
}
