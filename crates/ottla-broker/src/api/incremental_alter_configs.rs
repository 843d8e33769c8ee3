//! `IncrementalAlterConfigs` (key 44): single keys are set, deleted, or changed as lists (KIP-339).
//!
//! What it has in common with its predecessor is in [`super::configs`].

use std::sync::Arc;

use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::incremental_alter_configs::{
    AlterConfigsResourceResponse, IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse,
};
use ottla_storage::FileRange;

use super::Handling;
use super::configs::{Answer, Asked, Wish, carry_out};
use crate::broker::Core;

/// Changes keys of resources, or only says whether it would.
pub(crate) fn handle(core: &Arc<Core>, request: IncrementalAlterConfigsRequest) -> Handling {
    let asked = request.resources.into_iter().map(|resource| Asked {
        kind: resource.resource_type,
        name: resource.resource_name,
        wish: Wish::Alter(
            resource.configs.into_iter().map(|key| (key.name, key.config_operation, key.value)).collect(),
        ),
    });
    carry_out(core, &asked.collect::<Vec<_>>(), request.validate_only, respond)
}

fn respond(answers: Vec<Answer>) -> ResponseBody<FileRange> {
    let mut response = IncrementalAlterConfigsResponse::default();
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
    ResponseBody::IncrementalAlterConfigs(response)
}
